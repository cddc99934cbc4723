"""How a function's text gets its operands and puts its results away: registers, memory, tables, outputs."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from autograd.compiler.codegen.addresses import INVARIANT, Addresses, ModuleTables
from autograd.compiler.codegen.partition import Partition, seen_from
from autograd.compiler.codegen.places import NO_LOOPS, Address, Nest
from autograd.compiler.codegen.sequence import UNIFORM, Row, Shared
from autograd.compiler.codegen.summed import later
from autograd.program.loops import Place
from autograd.program.scanned import CONSTANT, MASK, VALUE

PREFETCH = 4  # vectors ahead


@dataclass
class Copy:
    """An iteration whose text is being written. There are several where iterations of a loop are written side by side."""

    names: dict[int, str] = field(default_factory=dict)  # of the values in registers, by their number
    counters: list[str] = field(default_factory=list)  # of the loops around
    carried: dict[tuple[int, Place], str] = field(default_factory=dict)  # by the level of the loop that carries
    suffix: str = ""  # of names of values, which differ from copy to copy


class Operands(Addresses):
    """Text that loads and stores, for the copy that is being written."""

    def __init__(self, part: Partition, number: int, declared: dict[str, str], tables: ModuleTables):
        super().__init__(part, number, declared, tables)
        self.slot_type = self.type if part.layout.tile == 1 or not part.lanes else f"[{part.layout.slot_size} x {self.type}]"
        self.copy, self.nest = Copy(), NO_LOOPS
        self.constants: dict[int, str] = {}  # as text
        self.loaded: dict[tuple[Place, tuple[str, ...]], str] = {}  # what the block has loaded

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
        level, counters, nest = place.level, self.copy.counters, self.nest
        counter = counters[level]
        initial = self.value(first)
        place, self.nest = later(place, nest)
        # In the first iteration what is loaded is not looked at: that of the second, which is there.
        before = self.once(f"sub i64 {counter}, 1")
        counters[level] = self.once(f"call i64 @llvm.smax.i64(i64 {before}, i64 0)")
        self.declared["smax"] = "declare i64 @llvm.smax.i64(i64, i64)"
        usual = self.load_at(place.kind, self.address(place, self.nest), counters)
        self.nest, counters[level] = nest, counter
        is_first = self.once(f"icmp eq i64 {counter}, 0")
        return self.written(f"select i1 {is_first}, {self.type} {initial}, {self.type} {usual}")

    def load(self, place: Place) -> str:
        """An operand from memory, loaded once in a block."""
        key = self.key(place)
        if key not in self.loaded:
            if place.kind == VALUE and not self.nest and place.start in self.part.single:
                name = self.written(f"load {self.type}, ptr {self._slot(place.start)}{self._mark(place)}")
            else:
                name = self.load_at(place.kind, self.address(place, self.nest), self.copy.counters, self._mark(place))
            self.loaded[key] = name
        return self.loaded[key]

    def _slot(self, number: int) -> str:
        """The address of a single step's value."""
        base, slot = self._frame(), self.part.slots.first[number]
        return self.once(f"getelementptr {self.slot_type}, ptr {base}, i64 {slot}") if slot else base

    def _frame(self) -> str:
        """Where the slots begin, for these lanes of a tile."""
        layout = self.part.layout
        if not self.part.lanes:
            return self.base(layout.UNIFORM_FRAME)
        base = self.base(layout.LANE_FRAME)
        if layout.tile == 1:
            return base
        return self.at_head("%frame", f"%frame = getelementptr double, ptr {base}, i64 %at")

    def key(self, place: Place) -> tuple[Place, tuple[str, ...]]:
        """An operand, and the counters of the loops in which it isn't the same: copies share what is."""
        counters = zip(place.strides, self.copy.counters, strict=False)
        return place, tuple([counter for stride, counter in counters if stride])

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

    def load_at(self, kind: Hashable, address: Address, counters: Sequence[str], mark: str = "") -> str:
        """The vector of this kind at an address, or the number in all lanes."""
        found = self.address_of(kind, address, counters)
        if kind == VALUE:
            return self.written(f"load {self.type}, ptr {found}{mark}")
        if not isinstance(kind, Row):
            return self._broadcast(found, self.target.width)
        if mark and self.number == 0 and not self.nest:
            self._prefetch(found)
        return self.written(f"load {self.type}, ptr {found}, align 8{INVARIANT}")

    def address_of(self, kind: Hashable, address: Address, counters: Sequence[str]) -> str:
        """Where the vector of this kind is, or the number."""
        layout = self.part.layout
        if kind == VALUE:
            return self.at(self._frame(), self.slot_type, address, counters)
        if isinstance(kind, Row):
            return self.in_row(layout.FIRST + kind.block, address, counters)
        if isinstance(kind, Shared):
            base = self.base(layout.FIRST + kind.block)
        else:
            base = self.base(layout.UNIFORM_FRAME) if kind == UNIFORM else self.tables.numbers(self.part)
        return self.at(base, "double", address, counters)

    def _broadcast(self, address: str, width: int) -> str:
        """A number at an address that nobody writes to meanwhile, in all lanes."""
        number = self.written(f"load double, ptr {address}{INVARIANT}")
        if width == 1:
            return number
        one = self.written(f"insertelement <{width} x double> poison, double {number}, i64 0")
        return self.written(
            f"shufflevector <{width} x double> {one}, <{width} x double> poison, <{width} x i32> zeroinitializer"
        )

    def _prefetch(self, address: str) -> None:
        """Fetch the vector that will be needed a few vectors later."""
        ahead = self.written(f"getelementptr double, ptr {address}, i64 {PREFETCH * self.target.width}")
        self.line(f"  call void @llvm.prefetch.p0(ptr {ahead}, i32 0, i32 3, i32 1)")
        self.declared["prefetch"] = "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)"

    def store(self, number: int, name: str) -> None:
        """Store a step's value in its slot."""
        slots = self.part.slots
        if number not in slots.steps:
            address = self._slot(number)
        else:
            place = Address(slots.first[number], slots.steps[number])
            address = self.at(self._frame(), self.slot_type, place, self.copy.counters)
        self.line(f"  store {self.type} {name}, ptr {address}")

    # -- outputs -------------------------------------------------------------------------------------

    def output(self, kind: str, at: Address, name: str, factors: Sequence[str] | None = None) -> None:
        """Store a value in an output, or add it: a product's factors are fused with the sum."""
        layout, counters = self.part.layout, self.copy.counters
        if kind == "sum":
            self._sum(self.at(self.base(layout.SUMS), self.narrow.type, at, counters), name, factors)
        elif kind == "row":
            self.line(f"  store {self.type} {name}, ptr {self.in_row(layout.ROWS, at, counters)}, align 8")
        else:
            self.line(f"  store double {name}, ptr {self.at(self.base(layout.UNIFORM_OUT), 'double', at, counters)}")

    def _sum(self, address: str, name: str, factors: Sequence[str] | None) -> None:
        """Add a value to the partial sums."""
        kind = self.narrow.type
        total = self.written(f"load {kind}, ptr {address}")
        total = self._added(name, total) if factors is None else self._products(factors, total)
        self.line(f"  store {kind} {total}, ptr {address}")

    def _added(self, name: str, total: str) -> str:
        """A value's registers, one after the other, added to a sum; without lanes that don't count."""
        for part in range(self.target.registers):
            added, register = self.new(), self.register(name, part)
            self.line(f"  {added} = fadd {self.narrow.type} {total}, {register}")
            total = self._counted(part, added, total)
        return total

    def _products(self, factors: Sequence[str], total: str) -> str:
        """The same for products, which are fused with the sum."""
        for part in range(self.target.registers):
            added = self.new()
            a, b = (self.register(x, part) for x in factors)
            self.narrow.fma(added, a, b, total)
            total = self._counted(part, added, total)
        return total

    def _counted(self, part: int, added: str, total: str) -> str:
        """A sum, in lanes that don't count as it was before."""
        if self.target.registers == 1:
            return added
        w, alive, kind = self.target.sum_width, f"%alive{part}", self.narrow.type
        if alive not in self.everywhere:
            lanes = ", ".join(f"i64 {k}" for k in range(part * w, (part + 1) * w))
            self.at_head(
                alive,
                f"{alive}.at = getelementptr ptr, ptr %ctx, i64 {self.part.layout.LIVE}",
                f"{alive}.n = load i64, ptr {alive}.at{INVARIANT}",
                f"{alive}.one = insertelement <{w} x i64> poison, i64 {alive}.n, i64 0",
                f"{alive}.all = shufflevector <{w} x i64> {alive}.one, <{w} x i64> poison, <{w} x i32> zeroinitializer",
                f"{alive} = icmp slt <{w} x i64> <{lanes}>, {alive}.all",
            )
        return self.written(f"select <{w} x i1> {alive}, {kind} {added}, {kind} {total}")
