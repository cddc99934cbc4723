"""One function of LLVM text: steps and loops, what they need loaded and what others need stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from autograd.compiler.codegen.abi import BOOLEAN, PARAMETERS
from autograd.compiler.codegen.addresses import ModuleTables
from autograd.compiler.codegen.dots import DOTS
from autograd.compiler.codegen.lane_sums import AT_ONCE, LaneSums
from autograd.compiler.codegen.operands import Copy
from autograd.compiler.codegen.partition import Partition, before
from autograd.compiler.codegen.places import Address, Nest
from autograd.compiler.codegen.resting import may_rest
from autograd.compiler.codegen.sequence import kind_of, offsets_of
from autograd.compiler.codegen.summed import NUMBER, elements
from autograd.program.loops import Item, Loop, Operation, Place, operations_in
from autograd.program.scanned import MASK, VALUE

ACCUMULATORS = 16  # registers for sums that grow side by side: with 32 there is room for what is added
MOST = 4  # iterations side by side
SMALL = 16  # operations that are written several times


class Function(LaneSums):
    """The text of one of a half's functions. Loops are blocks of it, with their counters and what they carry as phis."""

    def __init__(self, part: Partition, number: int, declared: dict[str, str], tables: ModuleTables):
        super().__init__(part, number, declared, tables)
        self.items, self.copies = part.functions[number], [self.copy]
        self.conditions: dict[tuple[str, ...], str] = {}  # equal conditions are computed once in a block

    def text(self) -> str:
        """The text of the function."""
        part = self.part
        if self.number == 0:
            for kind, k, place in part.direct:
                self.output(kind, Address(k, ()), self.value(place))
        self._items(self.items)
        # stackrealign: vectors spilled to a stack that isn't aligned straddle cache lines, and code is a third slower
        start = f'define void @{part.name}_{self.number}({PARAMETERS}) noinline nounwind "stackrealign" {{\nentry:'
        return "\n".join([start, *self.head, *self.body, "  ret void", "}"])

    def _each(self) -> Iterator[Copy]:
        """Every copy, being the one that is written."""
        for copy in self.copies:
            self.copy = copy
            yield copy

    # -- steps ---------------------------------------------------------------------------------------

    def _items(self, items: Sequence[Item]) -> None:
        for item in items:
            if isinstance(item, Loop):
                self._loop(item)
            elif item.op in DOTS:
                self._dot(item)
            elif not self.nest:
                self._step(item)
            elif self._in_numbers(item):
                self.sum_over_lanes(item, self.copies)
            else:
                for _ in self._each():
                    self._step(item)

    def _step(self, step: Operation) -> None:
        op, places, number = step
        names = {} if self.nest else self.copy.names  # in no loop the number says which it is
        operands = [(names.get(x[1]) if x[0] == VALUE or x[0] == MASK else None) or self.value(x) for x in places]
        name = f"%v{number}{self.copy.suffix}"
        if op in BOOLEAN:
            key = (op, *operands)
            if key not in self.conditions:
                self.conditions[key] = self.compute(name, op, operands)
            self.copy.names[number] = self.conditions[key]
            return
        if not (number in self.part.outputs and self.part.only_summed(step)):
            name = self.compute(name, op, operands)
        self._finish(step, name, operands if op == "mul" and self.target.contract else None)

    def _in_numbers(self, item: Item) -> bool:
        """Whether it is a product whose sum over lanes is a number."""
        outputs = self.part.outputs.get(item.number, ()) if isinstance(item, Operation) else ()
        return any(output.kind == NUMBER for output in outputs)

    def _name(self, step: Operation) -> str:
        return f"%v{step.number}{self.copy.suffix}"

    def _finish(self, step: Operation, name: str, factors: Sequence[str] | None) -> None:
        """Store a value that is needed elsewhere, and in outputs; a sum is fused with the product of the factors."""
        self.copy.names[step.number] = name
        if step.number in self.part.slots.first:
            self.store(step.number, name)
        if step.number in self.part.outputs:
            for output in self.part.outputs[step.number]:
                self.output(output.kind, output.at, name, factors)

    # -- loops ---------------------------------------------------------------------------------------

    def _loop(self, loop: Loop) -> None:
        """A loop; where that is faster several iterations side by side, after those that are left over."""
        many = self._side_by_side(loop)
        left = loop.times % many
        if left:
            self._blocks(loop, 0, left, 1)
        self._blocks(loop, left, loop.times, many)
        if not self.nest and not self.part.summed_products.alone(loop):
            for kind, k, number in self.part.after.get(loop.number, ()):
                self.output(kind, Address(k, ()), self.value(Place(VALUE, number)))

    def _side_by_side(self, loop: Loop) -> int:
        """How many iterations to compute side by side.

        Iterations that hang on nothing but what is the same in all share what they load: a row of inputs for four neurons.
        """
        if all(map(self._in_numbers, loop.body)):
            return min(AT_ONCE, loop.times)
        simple = (
            len(self.copies) == 1
            and loop.number not in self.part.folded
            and self._sums_products(loop)
            and self._independent(loop)
        )
        if not simple:
            return 1
        most = max(1, min(MOST, ACCUMULATORS // self.target.registers, loop.times))
        # Where a fifth or more would be left over, and nothing is by threes: a seventh less time for LLVM for the moons net.
        threes = most == MOST and 5 * (loop.times % most) >= loop.times and loop.times % (MOST - 1) == 0
        return MOST - 1 if threes else most

    def _sums_products(self, loop: Loop) -> bool:
        """Whether there are dot products in its body, or loops of products that are summed over lanes."""
        inner = [item for item in loop.body if isinstance(item, Loop)]
        steps = [item for item in loop.body if isinstance(item, Operation)]
        flat = all(isinstance(step, Operation) and self.part.adds_up(step) for each in inner for step in each.body)
        return flat and len(steps) <= SMALL and bool(inner or any(step.op in DOTS for step in steps))

    def _independent(self, loop: Loop) -> bool:
        """Whether no iteration needs a value of another."""
        for step, inner in operations_in((loop,)):
            nest = (*self.nest, *inner)
            for operand in step.operands:
                for place, around in elements(operand, nest):
                    firsts: Place | None = place
                    while firsts is not None:
                        if firsts.kind in (VALUE, MASK) and not self._of_same_iteration(loop, firsts, around):
                            return False
                        firsts = firsts.first
        return True

    def _of_same_iteration(self, loop: Loop, place: Place, nest: Nest) -> bool:
        """Whether an operand is of the iteration of a loop that reads it, or from outside of the loop.

        It may be of this iteration at first, and of an earlier one as inner loops go on: a dot with what came before.
        """
        level, body = len(self.nest), range(loop.number, loop.number + loop.size)
        ways = [stride * (each.times - 1) for stride, each in zip(place.strides, nest, strict=True)][level + 1 :]
        ends = [place.start + sum(min(way, 0) for way in ways), place.start + sum(max(way, 0) for way in ways)]
        if place.strides[level] == loop.size and all(end in body for end in ends):
            return True
        return not any(each.number in body for each in self.part.places.touched(place, nest))

    def _blocks(self, loop: Loop, start: int, stop: int, many: int) -> None:
        """A loop's blocks: its counter and what it carries, the body, and after it the values of the last iteration."""
        level, rests = len(self.nest), many == 1 and may_rest(self.part, self.number, loop, self.nest)
        outer = self.copies, self.conditions, self.loaded, self.known, self.elementary.known
        carried = list(dict.fromkeys(self.part.carried(loop, self.nest, self.number)))
        initial = [[self.value(before(place.first or place, level)) for place in carried] for _ in self._each()]
        label, entered = self.new_block("loop"), self.block
        counter = f"%{label}.i"
        self.line(f"  br label %{label}\n{label}:")
        top = len(self.body)
        self.nest, self.block, self.conditions, self.loaded = (*self.nest, loop), label, {}, dict(self.loaded)
        self.known, self.elementary.known = dict(self.known), dict(self.elementary.known)
        self.copies = self._copies(label, counter, many, stop - start < loop.times)
        phis = [[f"%{label}.c{k}{copy.suffix}" for k in range(len(carried))] for copy in self.copies]
        for copy, names in zip(self.copies, phis, strict=True):
            copy.carried.update({(level, place): name for place, name in zip(carried, names, strict=True)})
        self._items(loop.body)
        heads = [f"  {counter} = phi i64 [ {start}, %{entered} ], [ {counter}.next, %{self.block} ]"]
        changes = []
        for copy, names, firsts in zip(self.copies, phis, initial, strict=False):
            for place, phi, first in zip(carried, names, firsts, strict=True):
                kind = self.mask_type if place.kind == MASK else self.type
                last = copy.names[place.start + place.strides[level]]
                heads.append(f"  {phi} = phi {kind} [ {first}, %{entered} ], [ {last}, %{self.block} ]")
                changes.append((phi, last))
        self.body[top:top] = heads
        moving = self._moving(changes) if rests else ""
        self._repeat(counter, many, stop, label, moving)
        inside = self.copies[many - 1 :: many]
        self.copies, self.conditions, self.loaded, self.known, self.elementary.known = outer
        self.nest = self.nest[:-1]
        shift, body = loop.size * (loop.times - 1), range(loop.number, loop.number + loop.size)
        for copy, within in zip(self.copies, inside, strict=True):
            copy.names.update({k + shift: name for k, name in within.names.items() if k in body})
        self.copy = self.copies[0]

    def _repeat(self, counter: str, many: int, stop: int, label: str, moving: str = "") -> None:
        more = f"{counter}.more"
        self.line(f"  {counter}.next = add nuw nsw i64 {counter}, {many}")
        self.line(f"  {more} = icmp ult i64 {counter}.next, {stop}")
        if moving:
            self.line(f"  {more}.moving = and i1 {more}, {moving}")
            more += ".moving"
        self.line(f"  br i1 {more}, label %{label}, label %{label}.end\n{label}.end:")
        self.block = f"{label}.end"

    def _moving(self, changes: Sequence[tuple[str, str]]) -> str:
        """Whether a bit of what is carried has changed in any lane."""
        bits, flags = self.type.replace("double", "i64"), self.type.replace("double", "i1")
        differences = []
        for pair in changes:
            old, new = (self.written(f"bitcast {self.type} {name} to {bits}") for name in pair)
            differences.append(self.written(f"xor {bits} {old}, {new}"))
        total = reduce(lambda a, b: self.written(f"or {bits} {a}, {b}"), differences)
        changed = self.written(f"icmp ne {bits} {total}, zeroinitializer")
        if self.target.width == 1:
            return changed
        lanes = self.written(f"bitcast {flags} {changed} to i{self.target.width}")
        return self.written(f"icmp ne i{self.target.width} {lanes}, 0")

    def _copies(self, label: str, counter: str, many: int, again: bool) -> list[Copy]:
        """The copies inside of a loop: those around it, or for one of them its iterations side by side."""
        counters = [counter, *[f"{counter}{k}" for k in range(1, many)]]
        for k in range(1, many):
            self.line(f"  {counters[k]} = add nuw nsw i64 {counter}, {k}")
        copies = []
        for around in self.copies:
            for k, at in enumerate(counters):
                suffix = f".{label}.{k}" if many > 1 or again else around.suffix
                suffix = f"{around.suffix}{suffix}" if len(self.copies) > 1 and suffix != around.suffix else suffix
                copies.append(Copy(dict(around.names), [*around.counters, at], dict(around.carried), suffix))
        return copies

    # -- dot products --------------------------------------------------------------------------------

    def _dot(self, step: Operation) -> None:
        """A sum of products as a loop; without a start the first product is fused with the second, as ``fuse`` does."""
        left, right, *start = step.operands
        sides, count, fuses = (left, right), len(offsets_of(left)), self.target.contract
        begun = 0 if start else 1 + fuses
        totals = [self.value(start[0]) if start else self._first_products(sides) for _ in self._each()]
        names = [self._name(step) for _ in self._each()]
        if not all(self._walks(side) for side in sides):
            for _, total, name in zip(self._each(), totals, names, strict=True):
                self._written_out(sides, begun, total, name)
        else:
            self._summed_up(sides, begun, count, totals, names)
        for _, name in zip(self._each(), names, strict=True):
            self._finish(step, name, None)

    def _first_products(self, sides: Sequence[Place]) -> str:
        total = self.new()
        self.compute(total, "mul", [self._single(side, int(self.target.contract)) for side in sides])
        if not self.target.contract:
            return total
        return self._add_product(total, [self._single(side, 0) for side in sides], self.new())

    def _written_out(self, sides: Sequence[Place], begun: int, total: str, name: str) -> None:
        count = len(offsets_of(sides[0]))
        for k in range(begun, count):
            factors = [self._single(side, k) for side in sides]
            total = self._add_product(total, factors, name if k == count - 1 else self.new())

    def _summed_up(
        self, sides: Sequence[Place], begun: int, count: int, totals: Sequence[str], names: Sequence[str]
    ) -> None:
        """The loop over the products, of all copies at once."""
        label, entered, outer = self.new_block("dot"), self.block, (self.loaded, self.known)
        counter = f"%{label}.i"
        self.line(f"  br label %{label}\n{label}:")
        self.line(f"  {counter} = phi i64 [ {begun}, %{entered} ], [ {counter}.next, %{label} ]")
        sums = [f"%{label}.sum{k}" for k in range(len(totals))]
        for sum_, total, name in zip(sums, totals, names, strict=True):
            self.line(f"  {sum_} = phi {self.type} [ {total}, %{entered} ], [ {name}, %{label} ]")
        self.block, self.loaded, self.known = label, {}, dict(self.known)
        for _, sum_, name in zip(self._each(), sums, names, strict=True):
            self._add_product(sum_, [self._element(side, counter) for side in sides], name)
        self._repeat(counter, 1, count, label)
        self.loaded, self.known = outer

    def _add_product(self, total: str, factors: Sequence[str], name: str) -> str:
        if self.target.contract:
            self.fma(name, factors[0], factors[1], total)
            return name
        product = self.new()
        self.compute(product, "mul", factors)
        self.compute(name, "add", (total, product))
        return name

    def _single(self, several: Place, k: int) -> str:
        """The k-th of several operands."""
        return self.load(several._replace(kind=kind_of(several), start=several.start + offsets_of(several)[k]))

    def _walks(self, several: Place) -> bool:
        """Whether there is a formula, or a table, for where the operand is that a counter says."""
        addresses = [self.address(place, nest) for place, nest in elements(several, self.nest)]
        if len(addresses) == 1:
            return True
        return len({address.strides for address in addresses}) == 1 and not any(address.table for address in addresses)

    def _element(self, several: Place, counter: str) -> str:
        """The one of several operands that a counter says, loaded."""
        key = self.key(several)
        if key not in self.loaded:
            addresses = [self.address(place, nest) for place, nest in elements(several, self.nest)]
            address, counters = addresses[0], [*self.copy.counters, counter]
            if len(addresses) > 1:
                around = [0] * len(self.nest)
                address = Address(0, (*around, 1), tuple([each.start for each in addresses]), (*address.strides, 0))
            self.loaded[key] = self.load_at(kind_of(several), address, counters)
        return self.loaded[key]
