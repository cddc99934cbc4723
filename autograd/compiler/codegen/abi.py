"""What machine code is made for, and where it finds its numbers: vectors, the table of addresses, what varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from autograd.program.instructions import Instructions
from autograd.program.operations import COMPARISONS, LOGIC

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
    "fma": "fma",
}
Outputs: TypeAlias = "list[tuple[str, Sequence[int | None]]]"
PARAMETERS = "ptr %ctx, i64 %lane, i64 %at, i64 %lanes"  # of a half's functions: the table, and which lanes of a tile
PREDICATES = {"lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}


@dataclass(frozen=True)
class Target:
    """What code is made for: the lanes of a value, which may take several ``registers``, and what the machine has."""

    width: int
    contract: bool = True  # fuse products with sums
    fuses: bool = True  # functions of our own, by fused multiply-adds, see ``elementary``; else C's
    exponents: bool = False  # AVX-512's instructions for exponents, on eight lanes
    inlined: frozenset[str] = frozenset()  # functions of our own whose lines are written where they are needed
    registers: int = 1

    @property
    def sum_width(self) -> int:
        """Lanes of a vector of partial sums: one register's."""
        return self.width // self.registers


class Block(NamedTuple):
    """Inputs that lie together in memory: ``size`` numbers that all lanes share, or as many rows of one number a lane."""

    size: int
    lanes: bool


@dataclass
class Layout:
    """What is where in memory.

    The table ``ctx`` has the addresses of the uniform frame, the lanes' frame, the vectors that sum over lanes, the uniform
    outputs, the totals, the rows of results and the table for the last lanes; the length of a row; then the address of
    every block of inputs. The last lanes, where they don't fill a vector, are copied to a block of their own.

    Where arrays lie otherwise, tiles of lanes are copied to rows first, see ``staging``. Then the blocks and the rows of
    results are a tile's and ``LENGTH`` is the length of its rows. Five entries more say what is copied, which function does
    that, where the results go, how many lanes there are and how many are in a tile. One says what the driver has to know of
    the program, see ``driver``, and one how many lanes of a value count: all but in the last.
    """

    blocks: list[Block]
    rows: list[int]  # indices of the outputs with one number a lane
    sums: list[int | None]  # indices of those summed over lanes; None where one is uniform
    uniform: list[int | None]  # of each sum what is the same in all lanes, or None; without lanes of all
    uniform_slots: int = 0  # how many numbers of the uniform half are kept
    lane_slots: int = 0  # how many vectors of the varying half
    tile: int = 1  # how many values' lanes the varying half's functions go through, each, before the next
    vectors: list[int] = field(default_factory=list)  # of each vector of partial sums, which of ``sums`` it is
    written: int = 0  # operations of the text, where loops are written once
    loops: int = 0  # of the text, those in others too
    called: frozenset[str] = frozenset()  # operations whose functions are our own, and aren't written in line

    UNIFORM_FRAME, LANE_FRAME, SUMS, UNIFORM_OUT, TOTALS, ROWS, TAIL, LENGTH = range(8)
    SOURCES, STAGE, OUT, COUNT, CODE, LIVE, STAGED, FIRST = range(8, 16)

    def __post_init__(self) -> None:
        """For every input the number of its block and its number in there."""
        self.input_at = [(k, j) for k, block in enumerate(self.blocks) for j in range(block.size)]

    @property
    def table_size(self) -> int:
        return self.FIRST + len(self.blocks)

    def outputs(self, lanes: bool) -> Outputs:
        """What a half puts out: kinds of outputs, and which indices; None where the other half does."""
        return [("sum", self.sums), ("row", self.rows)] if lanes else [("uniform", self.uniform)]

    @property
    def slot_size(self) -> int:
        """How many values a slot of the varying half takes: an odd number, or they would lie on a few sets of a cache."""
        return self.tile | 1


def varying(program: Instructions, blocks: Sequence[Block]) -> bytearray:
    """For every instruction whether it differs from lane to lane."""
    varies = bytearray(b"".join(bytes([block.lanes]) * block.size for block in blocks))
    varies.extend(bytes(len(program.nodes) - len(varies)))
    if 1 not in varies:
        return varies
    for i, (_, args) in program.operations():
        for a in args:
            if varies[a]:
                varies[i] = 1
                break
    return varies
