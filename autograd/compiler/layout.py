"""What machine code is made for, and where it finds its numbers: vectors, the table of addresses, what varies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autograd.compiler.program import COMPARISONS, LOGIC, Program

BOOLEAN = frozenset(COMPARISONS) | frozenset(LOGIC)
INFIX = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
INTRINSICS = {
    "abs": "fabs",
    "sqrt": "sqrt",
    "floor": "floor",
    "ceil": "ceil",
    "trunc": "trunc",
    "round": "roundeven",
    "copysign": "copysign",
    "maximum": "maximum",
    "minimum": "minimum",
}
PREDICATES = {"lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}


@dataclass(frozen=True)
class Target:
    """What code is made for: lanes in a vector, and the vector library's name of a function, None where it has none."""

    width: int
    vector: dict[str, str] = field(default_factory=dict)
    contract: bool = True


@dataclass
class Layout:
    """Where everything is: the table ``ctx`` has the addresses of the uniform frame, the lanes' frame, the vectors that
    sum over lanes, the shared inputs, the uniform outputs and the totals, then one for each lane input's row and
    one for each lane output's."""

    shared_inputs: list[int]  # places of inputs, in the order they have in memory
    lane_inputs: list[int]
    sums: list[int]  # numbers of outputs that are summed over lanes
    rows: list[int]  # numbers of outputs with one number a lane
    constants: list[int]  # numbers of outputs that depend on shared inputs alone
    uniform_slots: dict[int, int] = field(default_factory=dict)  # by place
    lane_slots: int = 0

    UNIFORM_FRAME, LANE_FRAME, SUMS, SHARED, UNIFORM_OUT, TOTALS, FIRST = range(7)

    @property
    def table_size(self) -> int:
        return self.FIRST + len(self.lane_inputs) + len(self.rows)


def varying(program: Program, lane_inputs: Iterable[int]) -> bytearray:
    """For every place whether it differs from lane to lane."""
    varies = bytearray(len(program.nodes))
    for i in lane_inputs:
        varies[i] = 1
    for i, (_, args) in program.operations():
        for a in args:
            if varies[a]:
                varies[i] = 1
                break
    return varies
