"""The LLVM text of single operations, on vectors of lanes or on single numbers."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.compiler.codegen.abi import INFIX, INTRINSICS, PREDICATES, Target
from autograd.elementary.arithmetic import DOUBLE, Lines, double_literal
from autograd.elementary.functions import FUNCTIONS, Called
from autograd.program.lowering import LIBRARY, MACHINE, callback
from autograd.program.operations import LOGIC

FUSED = ("fma", "fms", "fnma")


class LlvmText:
    """Lines of text, and names for what they compute; ``declared`` has what the module's functions call."""

    def __init__(self, target: Target, declared: dict[str, str]):
        w = target.width
        self.target, self.declared = target, declared
        self.type = f"<{w} x double>" if w > 1 else "double"
        self.mask_type = f"<{w} x i1>" if w > 1 else "i1"
        self.body: list[str] = []
        self.block = "entry"  # the label of the block that is written
        self.blocks = 0
        self.elementary = Lines(w, self.body, declared, target.exponents)
        self._temporaries = 0
        self._infix = {op: f"{word} {self.type}" for op, word in INFIX.items()}
        self._intrinsics: dict[str, str] = {}  # names that were declared

    def new(self) -> str:
        """A name that isn't in use."""
        self._temporaries += 1
        return f"%t{self._temporaries}"

    def new_block(self, what: str) -> str:
        """A label that isn't in use."""
        self.blocks += 1
        return f"{what}{self.blocks}"

    def line(self, text: str) -> None:
        """Write a line."""
        self.body.append(text)

    def constant(self, x: float) -> str:
        """A number in all lanes."""
        return f"splat (double {double_literal(x)})" if self.target.width > 1 else double_literal(x)

    def compute(self, name: str, op: str, operands: Sequence[str]) -> str:
        """Write an operation; its name is the one given, or that of the same lines written before."""
        if op in self._infix:
            self.line(f"  {name} = {self._infix[op]} {operands[0]}, {operands[1]}")
        elif op in FUSED:
            a, b, c = operands
            self.fma(name, self._negative(a) if op == "fnma" else a, b, self._negative(c) if op == "fms" else c)
        elif op in self.target.inlined and self.target.width > 1:
            return self._in_line(op, operands)
        elif op == "where":
            condition, a, b = operands
            self.line(f"  {name} = select {self.mask_type} {condition}, {self.type} {a}, {self.type} {b}")
        elif op in PREDICATES:
            self.line(f"  {name} = fcmp {PREDICATES[op]} {self.type} {operands[0]}, {operands[1]}")
        elif op == "not":
            true = "splat (i1 true)" if self.target.width > 1 else "true"
            self.line(f"  {name} = xor {self.mask_type} {operands[0]}, {true}")
        elif op in LOGIC:
            self.line(f"  {name} = {op} {self.mask_type} {operands[0]}, {operands[1]}")
        elif op == "neg":
            self.line(f"  {name} = fneg {self.type} {operands[0]}")
        elif op in INTRINSICS:
            self._call(name, self._intrinsic(op, len(operands)), operands)
        elif op in FUNCTIONS and self.target.fuses and self.target.width > 1:
            return self._called(op, operands)
        else:
            callee = self._callee(op, len(operands))
            self._call(name, callee, operands) if self.target.width == 1 else self._by_lane(name, callee, operands)
        return name

    def _in_line(self, op: str, operands: Sequence[str]) -> str:
        """A function of our own."""
        lines = self.elementary
        lines.block = self.block
        name = FUNCTIONS[op](lines, *map(lines.named, operands)).name
        self.block = lines.block
        return name

    def _called(self, op: str, operands: Sequence[str]) -> str:
        """A call of a function of our own. One that has two results is called once for both."""
        function, lines = Called(op, self.target.width), self.elementary
        self.declared[function.name] = function.declaration
        arguments = ", ".join(f"{kind} {x}" for kind, x in zip(function.arguments, operands, strict=True))
        results = lines.line(f'call {function.type} @"{function.name}"({arguments})', DOUBLE)
        if len(function.ops) == 1:
            return results.name
        return lines.line(f"extractvalue {function.type} {results.name}, {function.ops.index(op)}", DOUBLE).name

    def fma(self, name: str, a: str, b: str, c: str) -> None:
        kind = self.type
        self.line(f"  {name} = call {kind} {self._intrinsic('fma', 3)}({kind} {a}, {kind} {b}, {kind} {c})")

    def _negative(self, x: str) -> str:
        name = self.new()
        self.line(f"  {name} = fneg {self.type} {x}")
        return name

    def _call(self, name: str, callee: str, operands: Sequence[str]) -> None:
        kind = self.type
        self.line(f"  {name} = call {kind} {callee}({', '.join([f'{kind} {x}' for x in operands])})")

    def reduced(self, four: Sequence[str]) -> str:
        """The sums of four vectors' lanes as one vector: half the work of four sums, one after the other.

        Neighbours are added first, then halves, whatever stands beside them.
        """
        w = self.target.sum_width
        vectors = [self._neighbours(four[k : k + 2], w, 1) for k in (0, 2)]
        while w > 4:
            vectors, w = [self._halves(x, w) for x in vectors], w // 2
        return self._neighbours(vectors, w, 2) if w == 4 else self._shuffled(vectors, w, range(4))

    def _neighbours(self, pair: Sequence[str], w: int, unit: int) -> str:
        """Of two vectors of w lanes, units of so many lanes added to the next: one of the first, one of the second."""
        first = [k + j for k in range(0, w, 2 * unit) for j in (*range(unit), *range(w, w + unit))]
        return self._plus(pair, w, first, [k + unit for k in first])

    def _halves(self, x: str, w: int) -> str:
        return self._plus((x, x), w, range(w // 2), range(w // 2, w))

    def _plus(self, pair: Sequence[str], w: int, first: Sequence[int], second: Sequence[int]) -> str:
        """The sum of two choices of lanes."""
        a, b, name = self._shuffled(pair, w, first), self._shuffled(pair, w, second), self.new()
        self.line(f"  {name} = fadd <{len(first)} x double> {a}, {b}")
        return name

    def _shuffled(self, pair: Sequence[str], w: int, lanes: Sequence[int]) -> str:
        name, kind = self.new(), f"<{w} x double>"
        mask = ", ".join(f"i32 {k}" for k in lanes)
        self.line(f"  {name} = shufflevector {kind} {pair[0]}, {kind} {pair[1]}, <{len(lanes)} x i32> <{mask}>")
        return name

    def _by_lane(self, name: str, callee: str, operands: Sequence[str]) -> None:
        """A function of single numbers, called for each lane."""
        kind, result = self.type, "poison"
        for lane in range(self.target.width):
            singles = []
            for x in operands:
                single = self.new()
                self.line(f"  {single} = extractelement {kind} {x}, i64 {lane}")
                singles.append(f"double {single}")
            answer = self.new()
            self.line(f"  {answer} = call double {callee}({', '.join(singles)})")
            joined = name if lane == self.target.width - 1 else self.new()
            self.line(f"  {joined} = insertelement {kind} {result}, double {answer}, i64 {lane}")
            result = joined

    def _callee(self, op: str, arity: int) -> str:
        """C's function for an operation, or what calls Python."""
        name = LIBRARY.get(op, callback(op, arity))
        if op in LIBRARY or op not in MACHINE:
            pure = " memory(none) nounwind willreturn" if op in LIBRARY else " nounwind"
            self.declared[name] = f'declare double @"{name}"({", ".join(["double"] * arity)}){pure}'
        return f'@"{name}"'

    def _intrinsic(self, op: str, arity: int) -> str:
        if op not in self._intrinsics:
            suffix = f"v{self.target.width}f64" if self.target.width > 1 else "f64"
            name = f"llvm.{INTRINSICS[op]}.{suffix}"
            self.declared[name] = f"declare {self.type} @{name}({', '.join([self.type] * arity)})"
            self._intrinsics[op] = f"@{name}"
        return self._intrinsics[op]
