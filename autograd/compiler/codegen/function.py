"""One function of LLVM text: a bounded number of operations, what they need loaded and what others need stored."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from autograd.compiler.codegen.abi import BOOLEAN, INFIX, INTRINSICS, PREDICATES
from autograd.compiler.codegen.partition import Partition
from autograd.program.lowering import LIBRARY, MACHINE, callback
from autograd.program.operations import LOGIC

PREFETCH = 4  # vectors ahead


def _double(x: float) -> str:
    return f"0x{struct.unpack('>Q', struct.pack('>d', x))[0]:016X}"


class Function:
    """One function: loads what it needs, computes, stores what others need."""

    def __init__(self, part: Partition, number: int, declared: dict[str, str]):
        self.part, self.number, self.indices = part, number, part.functions[number]
        self.declared = declared  # of the module: what its functions call
        self.body: list[str] = []
        self.names: dict[int, str] = {}  # of the values that are computed or loaded by now
        self.bases: dict[int, str] = {}  # of the table's entries, the addresses that are loaded by now
        self.has_length = False
        self.temporaries = 0

    def text(self) -> str:
        """The text of the function."""
        part = self.part
        if self.number == 0:  # outputs that are inputs or constants
            for i in sorted(part.stored_outputs.keys() - part.function_of.keys()):
                self._finish(i, self._value(i))
        for i in self.indices:
            self._operation(i)
        # stackrealign: vectors spilled to a stack that isn't aligned straddle cache lines, and code is a third slower
        head = f'define void @{part.name}_{self.number}(ptr %ctx, i64 %lane) noinline nounwind "stackrealign" {{'
        return "\n".join([head, *self.body, "  ret void", "}"])

    def _new(self) -> str:
        self.temporaries += 1
        return f"%t{self.temporaries}"

    def _line(self, text: str) -> None:
        self.body.append(text)

    # -- addresses -----------------------------------------------------------------------------------

    def _base(self, entry: int) -> str:
        """The address in an entry of the table."""
        if entry not in self.bases:
            name = f"%base{entry}"
            self._line(f"  {name}.at = getelementptr ptr, ptr %ctx, i64 {entry}")
            self._line(f"  {name} = load ptr, ptr {name}.at, !invariant.load !0")
            self.bases[entry] = name
        return self.bases[entry]

    def _address(self, entry: int, kind: str, index: str | int) -> str:
        name = self._new()
        self._line(f"  {name} = getelementptr {kind}, ptr {self._base(entry)}, i64 {index}")
        return name

    # -- values --------------------------------------------------------------------------------------

    def _value(self, i: int) -> str:
        """The name of a value in this function, loaded or computed again where it isn't there yet."""
        name = self.names.get(i)
        if name is None:
            name = self.names[i] = self._fetch(i)
        return name

    def _fetch(self, i: int) -> str:
        part, layout = self.part, self.part.layout
        number = part.program.constants.get(i)
        if number is not None:
            return f"splat (double {_double(number)})" if part.target.width > 1 else _double(number)
        op = part.program.nodes[i].op
        if op in BOOLEAN:
            return self._compute(i)
        if not part.varies[i]:
            return self._shared(i, op)
        if op == "input":
            return self._lane_input(i)
        name = f"%v{i}"
        address = self._address(layout.LANE_FRAME, part.type, part.slot_of[i])
        self._line(f"  {name} = load {part.type}, ptr {address}, !invariant.load !0")  # no function stores where it loads
        return name

    def _shared(self, i: int, op: str) -> str:
        """A shared input or uniform value, the same in all lanes."""
        layout, w = self.part.layout, self.part.target.width
        if op == "input":
            block, number = layout.input_at[i]
            address = self._address(layout.FIRST + block, "double", number)
        else:
            address = self._address(layout.UNIFORM_FRAME, "double", layout.uniform_slots[i])
        name = f"%v{i}"
        if w == 1:
            self._line(f"  {name} = load double, ptr {address}")
            return name
        self._line(f"  {name}.s = load double, ptr {address}, !invariant.load !0")
        self._line(f"  {name}.one = insertelement {self.part.type} poison, double {name}.s, i64 0")
        zero = f"<{w} x i32> zeroinitializer"
        self._line(f"  {name} = shufflevector {self.part.type} {name}.one, {self.part.type} poison, {zero}")
        return name

    def _in_row(self, entry: int, row: int) -> str:
        """The address of this vector of lanes in one of the rows that begin where an entry of the table says."""
        if not row:
            return self._address(entry, "double", "%lane")
        start, index = self._new(), self._new()
        self._line(f"  {start} = mul i64 {self._length()}, {row}")
        self._line(f"  {index} = add i64 {start}, %lane")
        return self._address(entry, "double", index)

    def _length(self) -> str:
        """The length of a row."""
        if not self.has_length:
            self.has_length = True
            self._line(f"  %length.at = getelementptr i64, ptr %ctx, i64 {self.part.layout.LENGTH}")
            self._line("  %length = load i64, ptr %length.at, !invariant.load !0")
        return "%length"

    def _lane_input(self, i: int) -> str:
        part, name = self.part, self._new()
        block, row = part.layout.input_at[i]
        address = self._in_row(part.layout.FIRST + block, row)
        if part.target.width > 1:  # hardware prefetches a few rows only: a sixth less time for 100 rows outside the cache
            self.declared["prefetch"] = "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)"
            self._line(f"  {name}.ahead = getelementptr {part.type}, ptr {address}, i64 {PREFETCH}")
            self._line(f"  call void @llvm.prefetch.p0(ptr {name}.ahead, i32 0, i32 3, i32 1)")
        self._line(f"  {name} = load {part.type}, ptr {address}, align 8, !invariant.load !0")
        return name

    # -- operations ----------------------------------------------------------------------------------

    def _operation(self, i: int) -> None:
        name = "" if i in self.part.only_summed else self._compute(i)
        self.names[i] = name
        self._finish(i, name)

    def _finish(self, i: int, name: str) -> None:
        """Store a value if another function or an output needs it."""
        part = self.part
        if i in part.slot_of:
            entry = part.layout.LANE_FRAME if part.lanes else part.layout.UNIFORM_FRAME
            self._line(f"  store {part.type} {name}, ptr {self._address(entry, part.type, part.slot_of[i])}")
        for kind, k in part.stored_outputs.get(i, ()):
            if kind == "sum":
                self._sum(i, name, k)
            else:
                {"row": self._row, "uniform": self._uniform}[kind](name, k)

    def _uniform(self, name: str, k: int) -> None:
        self._line(f"  store double {name}, ptr {self._address(self.part.layout.UNIFORM_OUT, 'double', k)}")

    def _sum(self, i: int, name: str, k: int) -> None:
        part = self.part
        address, old, new = self._address(part.layout.SUMS, part.type, k), self._new(), self._new()
        self._line(f"  {old} = load {part.type}, ptr {address}")
        if part.target.contract and part.program.nodes[i].op == "mul":
            a, b = map(self._value, part.program.nodes[i].args)
            self._fma(new, a, b, old)
        else:
            self._line(f"  {new} = fadd {part.type} {old}, {name}")
        self._line(f"  store {part.type} {new}, ptr {address}")

    def _row(self, name: str, k: int) -> None:
        self._line(f"  store {self.part.type} {name}, ptr {self._in_row(self.part.layout.ROWS, k)}, align 8")

    def _compute(self, i: int) -> str:
        part = self.part
        op, args = part.program.nodes[i]
        operands = [self._value(a) for a in args]
        name = f"%v{i}"
        if op in INFIX:
            self._line(f"  {name} = {INFIX[op]} {part.type} {operands[0]}, {operands[1]}")
        elif op == "where":
            condition, a, b = operands
            self._line(f"  {name} = select {part.mask_type} {condition}, {part.type} {a}, {part.type} {b}")
        elif op in PREDICATES:
            self._line(f"  {name} = fcmp {PREDICATES[op]} {part.type} {operands[0]}, {operands[1]}")
        elif op == "not":
            true = "splat (i1 true)" if part.target.width > 1 else "true"
            self._line(f"  {name} = xor {part.mask_type} {operands[0]}, {true}")
        elif op in LOGIC:
            self._line(f"  {name} = {op} {part.mask_type} {operands[0]}, {operands[1]}")
        elif op in ("fma", "fms", "fnma"):
            a, b, c = operands
            self._fma(name, self._negative(a) if op == "fnma" else a, b, self._negative(c) if op == "fms" else c)
        elif op == "neg":
            self._line(f"  {name} = fneg {part.type} {operands[0]}")
        elif op in INTRINSICS:
            self._call(name, self._intrinsic(op, len(args)), operands)
        else:
            callee, vector = self._callee(op, len(args))
            self._call(name, callee, operands) if vector or part.target.width == 1 else self._by_lane(name, callee, operands)
        return name

    def _fma(self, name: str, a: str, b: str, c: str) -> None:
        self._call(name, self._intrinsic("fma", 3), (a, b, c))

    def _negative(self, x: str) -> str:
        name = self._new()
        self._line(f"  {name} = fneg {self.part.type} {x}")
        return name

    def _call(self, name: str, callee: str, operands: Sequence[str]) -> None:
        kind = self.part.type
        self._line(f"  {name} = call {kind} {callee}({', '.join(f'{kind} {x}' for x in operands)})")

    def _by_lane(self, name: str, callee: str, operands: Sequence[str]) -> None:
        """A function of single numbers, called for each lane."""
        kind, result = self.part.type, "poison"
        for lane in range(self.part.target.width):
            singles = []
            for x in operands:
                single = self._new()
                self._line(f"  {single} = extractelement {kind} {x}, i64 {lane}")
                singles.append(f"double {single}")
            answer = self._new()
            self._line(f"  {answer} = call double {callee}({', '.join(singles)})")
            joined = name if lane == self.part.target.width - 1 else self._new()
            self._line(f"  {joined} = insertelement {kind} {result}, double {answer}, i64 {lane}")
            result = joined

    def _callee(self, op: str, arity: int) -> tuple[str, bool]:
        """The function for an operation, and whether it takes vectors."""
        name = self.part.target.vector.get(op) if self.part.target.width > 1 else None
        vector = name is not None
        name = name or LIBRARY.get(op, callback(op, arity))
        kind = self.part.type if vector else "double"
        if op in LIBRARY or op not in MACHINE:
            pure = " memory(none) nounwind willreturn" if op in LIBRARY else " nounwind"
            self.declared[name] = f'declare {kind} @"{name}"({", ".join([kind] * arity)}){pure}'
        return f'@"{name}"', vector

    def _intrinsic(self, op: str, arity: int) -> str:
        suffix = f"v{self.part.target.width}f64" if self.part.target.width > 1 else "f64"
        name = f"llvm.{INTRINSICS[op]}.{suffix}"
        self.declared[name] = f"declare {self.part.type} @{name}({', '.join([self.part.type] * arity)})"
        return f"@{name}"
