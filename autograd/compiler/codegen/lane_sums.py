"""Products of a loop within a loop, summed over lanes: four by four of them side by side, over all vectors of a tile.

For each vector of lanes four factors of one kind and four of the other are loaded for sixteen multiply-adds. At the end
each of the sixteen sums, which have been in registers, is added up over its lanes, and that to its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autograd.compiler.codegen.addresses import INVARIANT
from autograd.compiler.codegen.operands import Copy, Operands
from autograd.compiler.codegen.sequence import Row
from autograd.compiler.codegen.summed import Output
from autograd.program.loops import Operation, Place
from autograd.program.scanned import VALUE

AT_ONCE = 4  # sums that are added up over their lanes together


class TileOperand(NamedTuple):
    """An operand of all lanes of a tile: where its first vector lies, or the one vector that is all of them."""

    text: str
    lies: bool
    mark: str = ""


class LaneSums(Operands):
    """Text that sums products over lanes, for copies of a step: iterations of its two loops side by side."""

    def sum_over_lanes(self, step: Operation, copies: Sequence[Copy]) -> None:
        """Add each copy's product, summed over the lanes, to its number.

        The last vector of lanes is the first to be computed: in it alone are lanes that don't count.
        """
        self._count_vectors()
        label, entered, w, kind = self.new_block("lanes"), self.block, self.target.sum_width, self.narrow.type
        factors = [self._operands_of(step, copy) for copy in copies]
        self.line(f"  br label %{label}\n{label}:")
        top, counter, alive = len(self.body), f"%{label}.i", f"%{label}.alive"
        sums = [f"%{label}.sum{k}" for k in range(len(copies))]
        self.line(f"  {counter}.next = sub nsw i64 {counter}, 1")
        found = self._terms(step, factors, counter, sums)
        totals = [
            self.written(f"select <{w} x i1> {alive}, {kind} {x}, {kind} {before}")
            for x, before in zip(found, sums, strict=True)
        ]
        self.body[top:top] = [
            f"  {counter} = phi i64 [ %last, %{entered} ], [ {counter}.next, %{label} ]",
            f"  {alive} = phi <{w} x i1> [ %alive, %{entered} ], [ splat (i1 true), %{label} ]",
            *[
                f"  {before} = phi {kind} [ zeroinitializer, %{entered} ], [ {total}, %{label} ]"
                for before, total in zip(sums, totals, strict=True)
            ],
        ]
        self.line(f"  {counter}.more = icmp sge i64 {counter}.next, 0")
        self.line(f"  br i1 {counter}.more, label %{label}, label %{label}.end\n{label}.end:")
        self.block = f"{label}.end"
        for some, numbers in _together(copies, totals):
            reduced = self.reduced([*numbers, *[numbers[-1]] * (AT_ONCE - len(numbers))])
            for output in self.part.outputs[step.number]:
                self._add_numbers(output, some, reduced)

    def _count_vectors(self) -> None:
        """How many vectors of lanes there are: ``%last`` is the last one's number, ``%alive`` which lanes of it count."""
        w = self.target.sum_width
        lanes = ", ".join(f"i64 {k}" for k in range(w))
        self.at_head(
            "%last",
            f"%live.at = getelementptr ptr, ptr %ctx, i64 {self.part.layout.LIVE}",
            f"%live = load i64, ptr %live.at{INVARIANT}",
            f"%others = sub i64 %lanes, {self.target.width}",
            "%counting = add i64 %others, %live",
            "%but.one = sub i64 %counting, 1",
            f"%last = udiv i64 %but.one, {w}",
            f"%full = mul i64 %last, {w}",
            "%left = sub i64 %counting, %full",
            f"%left.one = insertelement <{w} x i64> poison, i64 %left, i64 0",
            f"%left.all = shufflevector <{w} x i64> %left.one, <{w} x i64> poison, <{w} x i32> zeroinitializer",
            f"%alive = icmp slt <{w} x i64> <{lanes}>, %left.all",
        )

    def _operands_of(self, step: Operation, copy: Copy) -> list[TileOperand]:
        self.copy = copy
        return [self._operand(place) for place in step.operands]

    def _operand(self, place: Place) -> TileOperand:
        where = self.once_address(place)
        if place.kind == VALUE:
            return TileOperand(where, True, f", align 8{self._mark(place)}")
        if isinstance(place.kind, Row):
            return TileOperand(where, True, f", align 8{INVARIANT}")
        return TileOperand(self._broadcast(where, self.target.sum_width), False)

    def once_address(self, place: Place) -> str:
        """Where an operand's first vector is, or its number."""
        return self.address_of(place.kind, self.address(place, self.nest), self.copy.counters)

    def _terms(self, step: Operation, factors: Sequence[Sequence[TileOperand]], at: str, totals: Sequence[str]) -> list[str]:
        """For each copy the product in a vector of lanes, added to what there is already."""
        loaded = {each: self._vector(each, at) for copy in factors for each in copy}
        return [
            self._term(step, [loaded[each] for each in copy], total) for copy, total in zip(factors, totals, strict=True)
        ]

    def _vector(self, factor: TileOperand, at: str) -> str:
        if not factor.lies:
            return factor.text
        kind = self.narrow.type
        address = self.written(f"getelementptr {kind}, ptr {factor.text}, i64 {at}")
        return self.written(f"load {kind}, ptr {address}{factor.mark}")

    def _term(self, step: Operation, operands: Sequence[str], total: str) -> str:
        name = self.new()
        if step.op == "mul":
            self.narrow.fma(name, operands[0], operands[1], total)
            return name
        return self.written(f"fadd {self.narrow.type} {total}, {self.narrow.compute(name, step.op, operands)}")

    def _add_numbers(self, output: Output, copies: Sequence[Copy], found: str) -> None:
        """Add some sums to their numbers; where those lie side by side, at once."""
        addresses = [self.at(self.base(self.part.layout.TOTALS), "double", output.at, copy.counters) for copy in copies]
        if len(copies) == AT_ONCE and output.at.strides[-1] == 1 and copies[0].counters[:-1] == copies[1].counters[:-1]:
            self._add_to(addresses[0], f"<{AT_ONCE} x double>", found)
            return
        for k, address in enumerate(addresses):
            self._add_to(address, "double", self.written(f"extractelement <{AT_ONCE} x double> {found}, i64 {k}"))

    def _add_to(self, address: str, kind: str, x: str) -> None:
        total = self.written(f"load {kind}, ptr {address}, align 8")
        self.line(f"  store {kind} {self.written(f'fadd {kind} {total}, {x}')}, ptr {address}, align 8")


def _together(copies: Sequence[Copy], totals: Sequence[str]) -> Iterator[tuple[Sequence[Copy], Sequence[str]]]:
    """Copies whose sums are added up over lanes together: of one iteration of the outer loop, if there are several."""
    alike = [copy.counters[:-1] for copy in copies].count(copies[0].counters[:-1])
    size = alike if alike > 1 else AT_ONCE
    for start in range(0, len(copies), size):
        yield copies[start : start + size], totals[start : start + size]
