"""Which operation is computed by which formula, and where: in line, or by a function of its own that is called.

>>> "exp" in inlined(["exp", "add", "erfc"]), "erfc" in inlined(["exp", "add", "erfc"])
(True, False)
>>> "exp" in inlined(["exp"] * 100)
False
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from autograd.elementary import area, circular, error, exponential, inverse, logarithm, power
from autograd.elementary.arithmetic import DOUBLE, Lines, Vector

FUNCTIONS: dict[str, Callable[..., Vector]] = {
    function.__name__: function
    for function in (
        *(exponential.exp, exponential.exp2, exponential.expm1, exponential.sinh, exponential.cosh, exponential.tanh),
        *(logarithm.log, logarithm.log2, logarithm.log10, logarithm.log1p),
        *(circular.sin, circular.cos, circular.tan),
        *(inverse.asin, inverse.acos, inverse.atan, inverse.atan2),
        *(error.erf, error.erfc),
        *(area.asinh, area.acosh, area.atanh),
        *(power.pow, power.hypot, power.cbrt),
    )
}
BINARY = ("atan2", "hypot", "pow")
LONGEST = 64  # lines: what is longer is called
BUDGET = 320  # lines in a program. A line takes LLVM 30 µs, as much as a call does

# Both are measured with value and gradient on AVX-512: one vector at a time exp(−xy)·sin x + log(1 + x²) takes 3.5 ns a lane
# in line, by calls 4.6; a pendulum's ten steps, rolled and two vectors at a time, 25 and 27 ns, and they compile in 27 and
# 13 ms. Without the loop, 900 lines, they compiled in 38 ms.


def inlined(operations: Iterable[str], registers: int = 1) -> frozenset[str]:
    """Of a program's operations those whose lines are written where they are needed: short ones, in a short program.

    LLVM makes as many instructions of a line as there are ``registers`` for a vector.
    """
    lengths = {op: length(op) for op in FUNCTIONS if length(op) <= LONGEST}
    total = sum(lengths.get(op, 0) for op in operations)
    return frozenset(lengths) if total * registers <= BUDGET else frozenset()


@cache
def length(op: str) -> int:
    """How many lines a function has."""
    lines = Lines(4)
    FUNCTIONS[op](lines, *operands(lines, op))
    return len(lines.body)


def operands(lines: Lines, op: str) -> list[Vector]:
    """A function's arguments: x, or x and y."""
    return [lines.named(name) for name in ("%x", "%y")[: 1 + (op in BINARY)]]


# One call has both: they share most of their lines, and a gradient has the one where the function has the other.
PAIRS = {"sin": ("sin", "cos"), "cos": ("sin", "cos"), "sinh": ("sinh", "cosh"), "cosh": ("sinh", "cosh")}


def together(op: str) -> tuple[str, ...]:
    """The operations that one call computes, among them this one."""
    return PAIRS.get(op, (op,))


class Called:
    """The function, on vectors of so many lanes, that computes an operation where that isn't written in line.

    >>> print(Called("sin", 4).declaration)
    declare { <4 x double>, <4 x double> } @"elementary.sin.cos.4"(<4 x double>) memory(none) nounwind willreturn
    """

    def __init__(self, op: str, width: int):
        self.ops, self.width, kind = together(op), width, Lines(width).type(DOUBLE)
        self.name = ".".join(("elementary", *self.ops, str(width)))
        self.arguments = [kind] * (1 + (op in BINARY))
        self.type = kind if len(self.ops) == 1 else f"{{ {', '.join([kind] * len(self.ops))} }}"

    @property
    def declaration(self) -> str:
        """The line that declares it."""
        return f'declare {self.type} @"{self.name}"({", ".join(self.arguments)}) memory(none) nounwind willreturn'

    def definition(self, exponents: bool, declared: dict[str, str]) -> str:
        """Its text, and in ``declared`` that of what it calls."""
        lines = Lines(self.width, declared=declared, exponents=exponents)
        inputs = operands(lines, self.ops[0])
        results = [FUNCTIONS[op](lines, *inputs).name for op in self.ops]
        arguments = ", ".join(f"{kind} {x.name}" for kind, x in zip(self.arguments, inputs, strict=True))
        head = f'define {self.type} @"{self.name}"({arguments}) nounwind {{\nentry:'
        return "\n".join([head, *lines.body, *self._returned(results), "}"])

    def _returned(self, results: list[str]) -> list[str]:
        if len(results) == 1:
            return [f"  ret {self.type} {results[0]}"]
        kind = self.arguments[0]
        first = f"  %one = insertvalue {self.type} poison, {kind} {results[0]}, 0"
        return [first, f"  %both = insertvalue {self.type} %one, {kind} {results[1]}, 1", f"  ret {self.type} %both"]


def module(ops: Iterable[str], width: int, exponents: bool) -> str:
    """The text of the functions for operations on vectors of so many lanes."""
    declared: dict[str, str] = {}
    called = {(function := Called(op, width)).name: function for op in ops}
    return "\n".join([*[each.definition(exponents, declared) for each in called.values()], *declared.values()])
