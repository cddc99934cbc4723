"""``Rolled``: a program with loops. Its items are steps and loops of items; operands are places that run with iterations.

The straight line that it stands for is numbered as if it were written out: the loop's body of ``size`` operations takes
the next ``size`` numbers in every iteration. So one formula says where an operand is in all iterations.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple, TypeAlias


class Place(NamedTuple):
    """Where an operand is: ``start + Σ strides[k] · (iteration of loop k)`` among the inputs, constants or values.

    ``strides`` has a number for every loop around, the outermost first. In the first iteration of the loop number ``level``
    the operand is at ``first`` instead: the initial value of what is carried from one iteration to the next.
    """

    kind: Hashable
    start: int
    strides: tuple[int, ...] = ()
    first: Place | None = None
    level: int = -1

    def at(self, iterations: Sequence[int]) -> tuple[Hashable, int]:
        """The kind and place in these iterations of the loops around."""
        if self.first is not None and iterations[self.level] == 0:
            return self.first.at(iterations)
        return self.kind, self.start + sum(s * i for s, i in zip(self.strides, iterations, strict=True))


class Operation(NamedTuple):
    """An operation on the operands at these places; ``number`` is that of its value, in iteration 0 of the loops around."""

    op: str
    operands: tuple[Place, ...]
    number: int


class Loop(NamedTuple):
    """A body that runs so many times. Each iteration is ``size`` operations of the straight line, from ``number`` on."""

    times: int
    size: int
    number: int
    body: tuple[Item, ...]


Item: TypeAlias = "Operation | Loop"
