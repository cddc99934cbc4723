"""How a function's text gets its operands and puts its results away: registers, memory, tables, outputs."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

from autograd.compiler.codegen.partition import Partition, later, seen_from
from autograd.compiler.codegen.places import NO_LOOPS, Address, Nest
from autograd.compiler.codegen.sequence import UNIFORM, Row, Shared
from autograd.compiler.codegen.text import LlvmText
from autograd.elementary.arithmetic import double_literal
from autograd.program.loops import Place
from autograd.program.scanned import CONSTANT, MASK, VALUE

PREFETCH = 4  # vectors ahead
INVARIANT = ", !invariant.load !0"  # LLVM may load it once and for all


class ModuleTables:
    """A module's tables of numbers and of slots, each written once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[object, str] = {}

    def add(self, kind: str, entries: Sequence[str]) -> str:
        """The address of a table of these entries."""
        key = (kind, *entries)
        if key not in self._names:
            name = self._names[key] = f"@table{len(self.lines)}"
            self.lines.append(f"{name} = internal constant [{len(entries)} x {kind}] [{', '.join(entries)}]")
        return self._names[key]

    def numbers(self, part: Partition) -> str:
        """The address of all constants of a half."""
        if part.name not in self._names:
            self._names[part.name] = self.add("double", [f"double {double_literal(x)}" for x in part.constants])
        return self._names[part.name]


@dataclass
class Copy:
    """An iteration whose text is being written. There are several where iterations of a loop are written side by side."""

    names: dict[int, str] = field(default_factory=dict)  # of the values in registers, by their number
    counters: list[str] = field(default_factory=list)  # of the loops around
    carried: dict[tuple[int, Place], str] = field(default_factory=dict)  # by the level of the loop that carries
    suffix: str = ""  # of names of values, which differ from copy to copy


class Operands(LlvmText):
    """Text that loads and stores, for the copy that is being written."""

    def __init__(self, part: Partition, number: int, declared: dict[str, str], tables: ModuleTables):
        super().__init__(part.target, declared)
        self.part, self.number, self.tables = part, number, tables
        self.narrow = LlvmText(replace(part.target, width=part.target.sum_width, registers=1), declared)
        self.narrow.body = self.body  # for sums, which are a register wide
        self.copy, self.nest = Copy(), NO_LOOPS
        self.side_by_side: int | None = None  # the level of the loop whose iterations the copies are
        self.constants: dict[int, str] = {}  # as text
        self.loaded: dict[tuple[Place, str], str] = {}  # what the block has loaded, and for which copy if they differ
        self.bases: dict[int, str] = {}  # of the table's entries, the addresses that they hold
        self.head: list[str] = []  # lines at the function's beginning, where all blocks see what they name

    # -- operands ------------------------------------------------------------------------------------

    def value(self, place: Place) -> str:
        """The name of an operand, which is loaded where it isn't in a register."""
        kind, start, strides, first, _ = place
        if kind == VALUE and not self.nest:
            name = self.copy.names.get(start)
            return self.load(place) if name is None else name
        if kind == CONSTANT and not any(strides) and first is None:
            if start not in self.constants:
                self.constants[start] = self.constant(self.part.constants[start])
            return self.constants[start]
        if kind in (VALUE, MASK):
            level = self.part.register_loop(place, self.nest, self.number)
            if level is not None:
                return self.copy.names[start] if level < 0 else self.copy.carried[level, seen_from(place, level)]
        return self.load(place) if first is None else self._chosen(place, first)

    def _chosen(self, place: Place, first: Place) -> str:
        """An operand that is another in the first iteration, where it can't be carried in a register."""
        level, name, again = place.level, self.new(), self.new()
        counters, nest = self.copy.counters, self.nest
        counter = counters[level]
        initial = self.value(first)
        place, self.nest = later(place, nest)
        # In the first iteration what is loaded is not looked at: that of the second, which is there.
        self.line(f"  {again}.n = sub i64 {counter}, 1")
        self.line(f"  {again} = call i64 @llvm.smax.i64(i64 {again}.n, i64 0)")
        self.declared["smax"] = "declare i64 @llvm.smax.i64(i64, i64)"
        counters[level] = again
        usual = self.load_at(place.kind, self.index(self.address(place, self.nest), counters))
        self.nest, counters[level] = nest, counter
        self.line(f"  {name}.first = icmp eq i64 {counter}, 0")
        self.line(f"  {name} = select i1 {name}.first, {self.type} {initial}, {self.type} {usual}")
        return name

    def load(self, place: Place) -> str:
        """An operand from memory, loaded once in a block."""
        key = self.key(place)
        if key in self.loaded:
            return self.loaded[key]
        index = self.index(self.address(place, self.nest), self.copy.counters)
        name = self.load_at(place.kind, index, self._mark(place))
        self.loaded[key] = name
        return name

    def key(self, place: Place) -> tuple[Place, str]:
        """An operand, and the copy it is of where it isn't the same in all."""
        side = self.side_by_side
        return place, self.copy.suffix if side is not None and place.strides[side] else ""

    def address(self, place: Place, nest: Nest) -> Address:
        """Which of the numbers of its kind an operand is."""
        part = self.part
        if place.kind == VALUE:
            return part.places.address(place, nest, part.slots)
        if place.kind == UNIFORM:
            assert part.uniform is not None
            return part.uniform.places.address(place, nest, part.uniform.slots)
        return Address(place.start, place.strides)

    def _mark(self, place: Place) -> str:
        """Whether LLVM may load an operand when it likes: not where this function stores it."""
        part = self.part
        if place.kind == VALUE and place.start in part.single and not self.nest:
            return "" if part.function_of[place.start] == self.number else INVARIANT
        own = place.kind == VALUE and any(
            part.function_of[step.number] == self.number for step in part.places.touched(place, self.nest)
        )
        return "" if own else INVARIANT

    def load_at(self, kind: Hashable, index: str, mark: str = "") -> str:
        """The vector of this kind with this index, or the number in all lanes."""
        layout = self.part.layout
        if isinstance(kind, Row):
            return self._row_input(kind.block, index, ahead=bool(mark) and self.number == 0 and not self.nest)
        if kind == VALUE:
            name = self.new()
            entry = layout.LANE_FRAME if self.part.lanes else layout.UNIFORM_FRAME
            self.line(f"  {name} = load {self.type}, ptr {self._at(entry, self.type, index)}{mark}")
            return name
        if isinstance(kind, Shared):
            return self._broadcast(self._at(layout.FIRST + kind.block, "double", index))
        if kind == UNIFORM:
            return self._broadcast(self._at(layout.UNIFORM_FRAME, "double", index))
        address = self.new()
        self.line(f"  {address} = getelementptr double, ptr {self.tables.numbers(self.part)}, i64 {index}")
        return self._broadcast(address)

    def _broadcast(self, address: str) -> str:
        """A number at an address that nobody writes to meanwhile, in all lanes."""
        w, name = self.target.width, self.new()
        if w == 1:
            self.line(f"  {name} = load double, ptr {address}{INVARIANT}")
            return name
        self.line(f"  {name}.s = load double, ptr {address}{INVARIANT}")
        self.line(f"  {name}.one = insertelement {self.type} poison, double {name}.s, i64 0")
        zero = f"<{w} x i32> zeroinitializer"
        self.line(f"  {name} = shufflevector {self.type} {name}.one, {self.type} poison, {zero}")
        return name

    def _row_input(self, block: int, index: str, ahead: bool) -> str:
        """A vector of a lane input."""
        address, name = self._in_row(self.part.layout.FIRST + block, index), self.new()
        if ahead:
            self._prefetch(address)
        self.line(f"  {name} = load {self.type}, ptr {address}, align 8{INVARIANT}")
        return name

    def _prefetch(self, address: str) -> None:
        """Fetch the vector that will be needed a few vectors later."""
        ahead, distance = self.new(), PREFETCH * self.target.width
        self.line(f"  {ahead} = getelementptr double, ptr {address}, i64 {distance}")
        self.line(f"  call void @llvm.prefetch.p0(ptr {ahead}, i32 0, i32 3, i32 1)")
        self.declared["prefetch"] = "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)"

    def store(self, number: int, name: str) -> None:
        """Store a step's value in its slot."""
        part = self.part
        entry = part.layout.LANE_FRAME if part.lanes else part.layout.UNIFORM_FRAME
        address = Address(part.slots.first[number], part.slots.steps.get(number, ()))
        index = self.index(address, self.copy.counters)
        self.line(f"  store {self.type} {name}, ptr {self._at(entry, self.type, index)}")

    # -- outputs -------------------------------------------------------------------------------------

    def output(self, kind: str, at: Address, name: str, factors: Sequence[str] | None = None) -> None:
        """Store a value in an output, or add it: a product's factors are fused with the sum."""
        layout, k = self.part.layout, self.index(at, self.copy.counters)
        if kind == "sum":
            self._sum(k, name, factors)
        elif kind == "row":
            self.line(f"  store {self.type} {name}, ptr {self._in_row(layout.ROWS, k)}, align 8")
        else:
            self.line(f"  store double {name}, ptr {self._at(layout.UNIFORM_OUT, 'double', k)}")

    def _sum(self, k: str, name: str, factors: Sequence[str] | None) -> None:
        """Add a value to the partial sums."""
        kind = self.narrow.type
        address, total = self._at(self.part.layout.SUMS, kind, k), self.new()
        self.line(f"  {total} = load {kind}, ptr {address}")
        total = self.added(name, total) if factors is None else self.products(factors, total)
        self.line(f"  store {kind} {total}, ptr {address}")

    def added(self, name: str, total: str = "") -> str:
        """A value's registers, one after the other, added to a sum if there is one yet; without lanes that don't count."""
        for part in range(self.target.registers):
            added = self.register(name, part)
            if total:
                added, register = self.new(), added
                self.line(f"  {added} = fadd {self.narrow.type} {total}, {register}")
            total = self._counted(part, added, total or "zeroinitializer")
        return total

    def products(self, factors: Sequence[str], total: str = "") -> str:
        """The same for products, which are fused with the sum, if there is one yet."""
        for part in range(self.target.registers):
            added = self.new()
            a, b = (self.register(x, part) for x in factors)
            if total:
                self.narrow.fma(added, a, b, total)
            else:
                self.line(f"  {added} = fmul {self.narrow.type} {a}, {b}")
            total = self._counted(part, added, total or "zeroinitializer")
        return total

    def add_number(self, at: Address, sums: str, k: int) -> None:
        """Add the k-th of some sums to a total."""
        address = self._at(self.part.layout.TOTALS, "double", self.index(at, self.copy.counters))
        total, one, added = self.new(), self.new(), self.new()
        self.line(f"  {total} = load double, ptr {address}")
        self.line(f"  {one} = extractelement <4 x double> {sums}, i64 {k}")
        self.line(f"  {added} = fadd double {total}, {one}")
        self.line(f"  store double {added}, ptr {address}")

    def _counted(self, part: int, added: str, total: str) -> str:
        """A sum, in lanes that don't count as it was before."""
        if self.target.registers == 1:
            return added
        w, name = self.target.sum_width, self.new()
        alive = f"%alive{part}"
        if alive not in self.bases.values():
            self.bases[-2 - part] = alive
            lanes = ", ".join(f"i64 {k}" for k in range(part * w, (part + 1) * w))
            self.head += [
                f"  {alive}.at = getelementptr ptr, ptr %ctx, i64 {self.part.layout.LIVE}",
                f"  {alive}.n = load i64, ptr {alive}.at{INVARIANT}",
                f"  {alive}.one = insertelement <{w} x i64> poison, i64 {alive}.n, i64 0",
                f"  {alive}.all = shufflevector <{w} x i64> {alive}.one, <{w} x i64> poison, <{w} x i32> zeroinitializer",
                f"  {alive} = icmp slt <{w} x i64> <{lanes}>, {alive}.all",
            ]
        kind = self.narrow.type
        self.line(f"  {name} = select <{w} x i1> {alive}, {kind} {added}, {kind} {total}")
        return name

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

    def index(self, address: Address, counters: Sequence[str]) -> str:
        """An index that runs with the loops' counters."""
        index = self.moved(str(address.start), address.strides, counters)
        return self.moved(self.looked_up(address.table, index), address.beyond, counters) if address.table else index

    def moved(self, index: str, strides: Sequence[int], counters: Sequence[str]) -> str:
        for stride, counter in zip(strides, counters, strict=True):
            if stride:
                moved, summed = self.new(), self.new()
                self.line(f"  {moved} = mul nsw i64 {counter}, {stride}")
                self.line(f"  {summed} = add nsw i64 {moved}, {index}")
                index = summed
        return index

    def looked_up(self, table: Sequence[int], index: str) -> str:
        at, entry, wide = self.new(), self.new(), self.new()
        name = self.tables.add("i32", [f"i32 {k}" for k in table])
        self.line(f"  {at} = getelementptr i32, ptr {name}, i64 {index}")
        self.line(f"  {entry} = load i32, ptr {at}{INVARIANT}")
        self.line(f"  {wide} = zext i32 {entry} to i64")
        return wide
