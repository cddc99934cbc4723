"""The operations of one half of a program, what is uniform or what varies, as a sequence in which loops are found.

Every operand is of a kind that says how machine code gets it. Conditions aren't kept in memory: a copy of each comparison
stands before every operation that needs it, so that in a loop it belongs to the same iteration. One that takes many
comparisons is kept as a number, 1 where it holds and 0 elsewhere.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, TypeAlias

from autograd.compiler.codegen.abi import BOOLEAN, Layout
from autograd.program.instructions import Instructions
from autograd.program.loops import Item
from autograd.program.rolling import rolled


class Shared(NamedTuple):
    """The kind of an input that all lanes share, a number in this block."""

    block: int


class Row(NamedTuple):
    """The kind of an input with a number a lane, a row in this block."""

    block: int


VALUE, MASK, CONSTANT = "value", "mask", "constant"
UNIFORM = "uniform"  # a value of the other half, by its number there
COPIED = 3  # comparisons and logic that are copied together; more are kept

Operand: TypeAlias = "tuple[Hashable, int]"  # kind and place


class Sequence:
    """Steps and loops of one half, in ``items``; places of constants count ``constants``.

    ``number_of`` has the number of every value that it computes, by the value's place in the program; ``uniform`` is the
    half before, None in the first.
    """

    def __init__(self, program: Instructions, layout: Layout, varies: bytearray, lanes: bool, uniform: Sequence | None):
        self.program, self.layout, self.uniform = program, layout, uniform
        self.number_of: dict[int, int] = {}
        self._operations: list[tuple[str, list[Operand]]] = []
        self._constant_of = {place: k for k, place in enumerate(program.constants)}
        self._zero = len(program.constants)
        self._copied: dict[int, int] = {}  # of every condition how many operations a copy has
        for i, (op, args) in program.operations():
            if op not in BOOLEAN:
                if varies[i] == lanes:
                    self.number_of[i] = self._write(i)
                continue
            self._copied[i] = 1 + sum(self._copied.get(a, 0) for a in args)
            if self._copied[i] > COPIED:
                self._copied[i] = 1
                if varies[i] == lanes:
                    self.number_of[i] = self._keep(i)
        self.items: tuple[Item, ...]
        self.items, self.constants = rolled(self._operations, [*program.constants.values(), 0.0, 1.0])

    def _write(self, i: int) -> int:
        """Write an operation after the conditions it needs; its number."""
        op, args = self.program.nodes[i]
        return self._written(op, [self.operand(a) for a in args])

    def _written(self, op: str, operands: list[Operand]) -> int:
        self._operations.append((op, operands))
        return len(self._operations) - 1

    def _keep(self, i: int) -> int:
        """Write a condition as a number."""
        return self._written("where", [(MASK, self._write(i)), (CONSTANT, self._zero + 1), (CONSTANT, self._zero)])

    def operand(self, a: int) -> Operand:
        """How this half gets the value at a place of the program."""
        if a in self._constant_of:
            return CONSTANT, self._constant_of[a]
        op = self.program.nodes[a].op
        if op == "input":
            block, number = self.layout.input_at[a]
            return (Row if self.layout.blocks[block].lanes else Shared)(block), number
        known = self._known(a)
        if op not in BOOLEAN:
            assert known is not None
            return known
        return MASK, self._write(a) if known is None else self._written("ne", [known, (CONSTANT, self._zero)])

    def _known(self, a: int) -> Operand | None:
        """A value of this half or the one before."""
        if a in self.number_of:
            return VALUE, self.number_of[a]
        return (UNIFORM, self.uniform.number_of[a]) if self.uniform and a in self.uniform.number_of else None
