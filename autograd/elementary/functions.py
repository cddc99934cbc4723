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
BUDGET = 320  # lines in a program. A line takes LLVM 30 µs, as much as a call does, which runs a fifth slower

# Both are measured with value and gradient on AVX-512: exp(−xy)·sin x + log(1 + x²) takes 3.5 ns a lane in line, by calls
# 4.6; ten steps of a pendulum, 900 lines, take 24 and 34 ns and compile in 38 and 9 ms.


def inlined(operations: Iterable[str]) -> frozenset[str]:
    """Of a program's operations those whose lines are written where they are needed: short ones, in a short program."""
    lengths = {op: length(op) for op in FUNCTIONS if length(op) <= LONGEST}
    total = sum(lengths.get(op, 0) for op in operations)
    return frozenset(lengths) if total <= BUDGET else frozenset()


@cache
def length(op: str) -> int:
    """How many lines a function has."""
    lines = Lines(4)
    FUNCTIONS[op](lines, *operands(lines, op))
    return len(lines.body)


def operands(lines: Lines, op: str) -> list[Vector]:
    """A function's arguments: x, or x and y."""
    return [lines.named(name) for name in ("%x", "%y")[: 1 + (op in BINARY)]]


def name_of(op: str, width: int) -> str:
    """What the function for an operation on vectors of so many lanes is called."""
    return f"elementary.{op}.{width}"


def declaration(op: str, width: int) -> str:
    """The line that declares it."""
    kind = Lines(width).type(DOUBLE)
    arguments = ", ".join([kind] * (1 + (op in BINARY)))
    return f'declare {kind} @"{name_of(op, width)}"({arguments}) memory(none) nounwind willreturn'


def module(ops: Iterable[str], width: int, exponents: bool) -> str:
    """The text of functions for operations on vectors of so many lanes."""
    declared: dict[str, str] = {}
    texts = [_definition(op, Lines(width, declared=declared, exponents=exponents)) for op in ops]
    return "\n".join([*texts, *declared.values()])


def _definition(op: str, lines: Lines) -> str:
    arguments = operands(lines, op)
    kind, result = lines.type(DOUBLE), FUNCTIONS[op](lines, *arguments)
    head = f'define {kind} @"{name_of(op, lines.width)}"({", ".join(f"{kind} {x.name}" for x in arguments)}) nounwind {{'
    return "\n".join([head, *lines.body, f"  ret {kind} {result.name}", "}"])
