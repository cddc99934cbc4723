"""One function of LLVM text: steps and loops, what they need loaded and what others need stored."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.compiler.codegen.abi import BOOLEAN
from autograd.compiler.codegen.partition import Partition, before, later, seen_from
from autograd.compiler.codegen.places import Address, Nest
from autograd.compiler.codegen.scanned import CONSTANT, MASK, VALUE
from autograd.compiler.codegen.sequence import Row, Shared
from autograd.compiler.codegen.text import LlvmText
from autograd.elementary.arithmetic import double_literal
from autograd.program.loops import Item, Loop, Operation, Place

PREFETCH = 4  # vectors ahead
INVARIANT = ", !invariant.load !0"  # LLVM may load it once and for all


class Function(LlvmText):
    """The text of one of a half's functions. Loops are blocks of it, with their counters and what they carry as phis."""

    def __init__(self, part: Partition, number: int, declared: dict[str, str], constants: list[str]):
        super().__init__(part.target, declared)
        self.part, self.number, self.items = part, number, part.functions[number]
        self.constants = constants  # of the module: tables of numbers and of slots
        self.names: dict[int, str] = {}  # of the values in registers, by their number
        self.loaded: dict[Place, str] = {}  # of other operands outside of loops
        self.conditions: dict[tuple[str, ...], str] = {}  # equal conditions are computed once in a block
        self.carried: dict[tuple[int, Place], str] = {}  # by the loop's level
        self.nest: Nest = ()
        self.counters: list[str] = []  # of the loops around
        self.blocks = 0
        self.bases: dict[int, str] = {}  # of the table's entries, the addresses that they hold
        self.head: list[str] = []  # lines at the function's beginning, where all blocks see what they name

    def text(self) -> str:
        """The text of the function."""
        part = self.part
        if self.number == 0:
            for kind, k, place in part.direct:
                self._output(kind, str(k), self.value(place), None)
        self._items(self.items)
        # stackrealign: vectors spilled to a stack that isn't aligned straddle cache lines, and code is a third slower
        start = f'define void @{part.name}_{self.number}(ptr %ctx, i64 %lane) noinline nounwind "stackrealign" {{\nentry:'
        return "\n".join([start, *self.head, *self.body, "  ret void", "}"])

    # -- steps and loops -----------------------------------------------------------------------------

    def _items(self, items: Sequence[Item]) -> None:
        for item in items:
            if isinstance(item, Loop):
                self._loop(item)
            else:
                self._step(item)

    def _step(self, step: Operation) -> None:
        part = self.part
        operands = [self.value(place) for place in step.operands]
        name = f"%v{step.number}"
        if step.op in BOOLEAN:
            key = (step.op, *operands)
            if key not in self.conditions:
                self.conditions[key] = name
                self.compute(name, step.op, operands)
            self.names[step.number] = self.conditions[key]
            return
        if not part.only_summed(step):
            name = self.compute(name, step.op, operands)
            self.names[step.number] = name
        if step.number in part.slots.first:
            entry = part.layout.LANE_FRAME if part.lanes else part.layout.UNIFORM_FRAME
            slots = part.slots
            address = Address(slots.first[step.number], slots.steps.get(step.number, ()))
            self.line(f"  store {self.type} {name}, ptr {self._slot(entry, self.type, address)}")
        for output in part.outputs.get(step.number, ()):
            factors = operands if step.op == "mul" and self.target.contract else None
            self._output(output.kind, self._index(output.at), name, factors)

    def _loop(self, loop: Loop) -> None:
        """A loop's blocks: its counter and what it carries, the body, and the values of the last iteration after it."""
        level, outer = len(self.nest), (self.names, self.conditions)
        carried = list(dict.fromkeys(self.part.carried(loop, self.nest, self.number)))
        initial = [self.value(before(place.first or place, level)) for place in carried]
        self.blocks += 1
        label, entered = f"loop{self.blocks}", self.block
        counter = f"%{label}.i"
        self.line(f"  br label %{label}\n{label}:")
        top = len(self.body)
        self.nest, self.block, self.conditions = (*self.nest, loop), label, {}
        self.counters.append(counter)
        self.names = dict(self.names)
        phis = [f"%{label}.c{k}" for k in range(len(carried))]
        for place, phi in zip(carried, phis, strict=True):
            self.carried[level, place] = phi
        self._items(loop.body)
        following = [self.names[place.start + place.strides[level]] for place in carried]
        types = [self.mask_type if place.kind == MASK else self.type for place in carried]
        self.body[top:top] = [
            f"  {counter} = phi i64 [ 0, %{entered} ], [ {counter}.next, %{self.block} ]",
            *[
                f"  {phi} = phi {type_} [ {first}, %{entered} ], [ {last}, %{self.block} ]"
                for phi, type_, first, last in zip(phis, types, initial, following, strict=True)
            ],
        ]
        self.line(f"  {counter}.next = add nuw nsw i64 {counter}, 1")
        self.line(f"  {counter}.more = icmp ult i64 {counter}.next, {loop.times}")
        self.line(f"  br i1 {counter}.more, label %{label}, label %{label}.end\n{label}.end:")
        for place in carried:
            del self.carried[level, place]
        self.counters.pop()
        inside, end = self.names, loop.number + loop.size
        self.nest, self.block = self.nest[:-1], f"{label}.end"
        self.names, self.conditions = outer
        shift = loop.size * (loop.times - 1)
        self.names.update({k + shift: name for k, name in inside.items() if loop.number <= k < end})
        if not self.nest:
            for kind, k, number in self.part.after.get(loop.number, ()):
                self._output(kind, str(k), self.value(Place(VALUE, number)), None)

    # -- operands ------------------------------------------------------------------------------------

    def value(self, place: Place) -> str:
        """The name of an operand, which is loaded where it isn't in a register."""
        kind, start, strides, first, _ = place
        if kind == VALUE and not self.nest:
            name = self.names.get(start)
            return self._load(place) if name is None else name
        if kind == CONSTANT and not any(strides) and first is None:
            return self.constant(self.part.constants[start])
        if kind in (VALUE, MASK):
            level = self.part.register_loop(place, self.nest, self.number)
            if level is not None:
                return self.names[start] if level < 0 else self.carried[level, seen_from(place, level)]
        return self._load(place) if first is None else self._chosen(place, first)

    def _chosen(self, place: Place, first: Place) -> str:
        """An operand that is another in the first iteration, where it can't be carried in a register."""
        level, name, again = place.level, self.new(), self.new()
        counter, nest = self.counters[level], self.nest
        initial = self.value(first)
        place, self.nest = later(place, nest)
        # In the first iteration what is loaded is not looked at: that of the second, which is there.
        self.line(f"  {again}.n = sub i64 {counter}, 1")
        self.line(f"  {again} = call i64 @llvm.smax.i64(i64 {again}.n, i64 0)")
        self.declared["smax"] = "declare i64 @llvm.smax.i64(i64, i64)"
        self.counters[level] = again
        usual = self._load(place)
        self.nest, self.counters[level] = nest, counter
        self.line(f"  {name}.first = icmp eq i64 {counter}, 0")
        self.line(f"  {name} = select i1 {name}.first, {self.type} {initial}, {self.type} {usual}")
        return name

    def _load(self, place: Place) -> str:
        """An operand from memory; outside of loops it is loaded once."""
        if not self.nest and place in self.loaded:
            return self.loaded[place]
        kind = place.kind
        if isinstance(kind, Row):
            name = self._row_input(kind.block, self._index(Address(place.start, place.strides)))
        elif kind == VALUE:
            name = self._from_frame(place)
        else:
            name = self._broadcast(*self._shared(place))
        if not self.nest:
            self.loaded[place] = name
        return name

    def _from_frame(self, place: Place) -> str:
        """A value of this half from the frame. No function stores where it loads what an earlier one has stored."""
        part, name = self.part, self.new()
        entry = part.layout.LANE_FRAME if part.lanes else part.layout.UNIFORM_FRAME
        address = self._slot(entry, self.type, part.places.address(place, self.nest, part.slots))
        steps = part.places.touched(place, self.nest)
        mark = INVARIANT if all(part.function_of[step.number] != self.number for step in steps) else ""
        self.line(f"  {name} = load {self.type}, ptr {address}{mark}")
        return name

    def _shared(self, place: Place) -> tuple[str, bool]:
        """The address of a number that is the same in all lanes, and whether it never changes."""
        part, kind = self.part, place.kind
        if kind == CONSTANT:
            return self._constant_table(place), True
        if isinstance(kind, Shared):
            address = Address(place.start, place.strides)
            return self._slot(part.layout.FIRST + kind.block, "double", address), True
        assert part.uniform is not None
        address = part.uniform.places.address(Place(VALUE, *place[1:]), self.nest, part.uniform.slots)
        return self._slot(part.layout.UNIFORM_FRAME, "double", address), True

    def _broadcast(self, address: str, invariant: bool) -> str:
        """A number at an address, in all lanes."""
        w, name = self.target.width, self.new()
        mark = INVARIANT if invariant else ""
        if w == 1:
            self.line(f"  {name} = load double, ptr {address}{mark}")
            return name
        self.line(f"  {name}.s = load double, ptr {address}{mark}")
        self.line(f"  {name}.one = insertelement {self.type} poison, double {name}.s, i64 0")
        zero = f"<{w} x i32> zeroinitializer"
        self.line(f"  {name} = shufflevector {self.type} {name}.one, {self.type} poison, {zero}")
        return name

    def _row_input(self, block: int, index: str) -> str:
        """A vector of a lane input."""
        address, name = self._in_row(self.part.layout.FIRST + block, index), self.new()
        if self.number == 0 and not self.nest:
            ahead = self.new()
            distance = PREFETCH * self.target.width
            self.line(f"  {ahead} = getelementptr double, ptr {address}, i64 {distance}")
            self.line(f"  call void @llvm.prefetch.p0(ptr {ahead}, i32 0, i32 3, i32 1)")
            self.declared["prefetch"] = "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)"
        self.line(f"  {name} = load {self.type}, ptr {address}, align 8{INVARIANT}")
        return name

    # -- outputs -------------------------------------------------------------------------------------

    def _output(self, kind: str, k: str, name: str, factors: Sequence[str] | None) -> None:
        """Store a value in an output, or add it: a product's factors are fused with the sum."""
        layout = self.part.layout
        if kind == "sum":
            self._sum(k, name, factors)
        elif kind == "row":
            self.line(f"  store {self.type} {name}, ptr {self._in_row(layout.ROWS, k)}, align 8")
        else:
            self.line(f"  store double {name}, ptr {self._at(layout.UNIFORM_OUT, 'double', k)}")

    def _sum(self, k: str, name: str, factors: Sequence[str] | None) -> None:
        address, old, new = self._at(self.part.layout.SUMS, self.type, k), self.new(), self.new()
        self.line(f"  {old} = load {self.type}, ptr {address}")
        if factors is not None:
            self.fma(new, factors[0], factors[1], old)
        else:
            self.line(f"  {new} = fadd {self.type} {old}, {name}")
        self.line(f"  store {self.type} {new}, ptr {address}")

    # -- addresses -----------------------------------------------------------------------------------

    def _base(self, entry: int) -> str:
        """The address in an entry of the table."""
        if entry not in self.bases:
            name = f"%base{entry}"
            self.head.append(f"  {name}.at = getelementptr ptr, ptr %ctx, i64 {entry}")
            self.head.append(f"  {name} = load ptr, ptr {name}.at{INVARIANT}")
            self.bases[entry] = name
        return self.bases[entry]

    def _length(self) -> str:
        """The length of a row."""
        if "%length" not in self.bases.values():
            self.head.append(f"  %length.at = getelementptr ptr, ptr %ctx, i64 {self.part.layout.LENGTH}")
            self.head.append(f"  %length = load i64, ptr %length.at{INVARIANT}")
            self.bases[-1] = "%length"
        return "%length"

    def _at(self, entry: int, kind: str, index: str) -> str:
        """The address of a number or vector behind an entry of the table."""
        name = self.new()
        self.line(f"  {name} = getelementptr {kind}, ptr {self._base(entry)}, i64 {index}")
        return name

    def _in_row(self, entry: int, row: str) -> str:
        """The address of a vector in a row."""
        offset, index = self.new(), self.new()
        self.line(f"  {offset} = mul i64 {self._length()}, {row}")
        self.line(f"  {index} = add i64 {offset}, %lane")
        return self._at(entry, "double", index)

    def _slot(self, entry: int, kind: str, address: Address) -> str:
        """The address of a slot."""
        return self._at(entry, kind, self._index(address))

    def _index(self, address: Address) -> str:
        """An index that runs with the loops' counters."""
        index = str(address.start)
        for stride, counter in zip(address.strides, self.counters, strict=True):
            if stride:
                moved, summed = self.new(), self.new()
                self.line(f"  {moved} = mul nsw i64 {counter}, {stride}")
                self.line(f"  {summed} = add nsw i64 {moved}, {index}")
                index = summed
        return self._looked_up(address.table, index) if address.table else index

    def _looked_up(self, table: Sequence[int], index: str) -> str:
        at, entry, wide = self.new(), self.new(), self.new()
        name = self._constant("i32", [f"i32 {k}" for k in table])
        self.line(f"  {at} = getelementptr i32, ptr {name}, i64 {index}")
        self.line(f"  {entry} = load i32, ptr {at}{INVARIANT}")
        self.line(f"  {wide} = zext i32 {entry} to i64")
        return wide

    def _constant_table(self, place: Place) -> str:
        """The address of a constant that differs from iteration to iteration."""
        first, last = _extent(place, self.nest)
        numbers = [f"double {double_literal(x)}" for x in self.part.constants[first : last + 1]]
        name, at = self._constant("double", numbers), self.new()
        index = self._index(Address(place.start - first, place.strides))
        self.line(f"  {at} = getelementptr double, ptr {name}, i64 {index}")
        return at

    def _constant(self, kind: str, numbers: Sequence[str]) -> str:
        name = f"@{self.part.name}.{self.number}.{len(self.constants)}"
        self.constants.append(f"{name} = internal constant [{len(numbers)} x {kind}] [{', '.join(numbers)}]")
        return name


def _extent(place: Place, nest: Nest) -> tuple[int, int]:
    """The lowest and the highest of an operand's places."""
    ways = [stride * (loop.times - 1) for stride, loop in zip(place.strides, nest, strict=True)]
    return place.start + sum(min(way, 0) for way in ways), place.start + sum(max(way, 0) for way in ways)
