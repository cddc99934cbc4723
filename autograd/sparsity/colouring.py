"""Colourings: which columns of a sparse matrix one pass can compute together. A colour is a number from 0.

Greedy, in the order given and by the most entries first, whichever takes fewer: linear in the entries times the colours.
Colours are bits of an int, so that "taken by a neighbour" is an ``or``.

>>> tridiagonal = [[0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4]]
>>> apart(tridiagonal, 5), star(tridiagonal)
([0, 1, 2, 0, 1], [0, 1, 0, 2, 0])

Source: Curtis, Powell & Reid, *On the estimation of sparse Jacobian matrices* (1974); Gebremedhin, Manne & Pothen, *What
color is your Jacobian?* (2005), whose algorithms 3.1 and 4.1 these are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

Rows: TypeAlias = Sequence[Sequence[int]]  # of a matrix: for each row the columns that have an entry, in order


def apart(rows: Rows, columns: int) -> list[int]:
    """A colour for each column, so that no row has entries in two columns of one colour: they can be told apart."""
    return _fewest(lambda order: _apart(rows, below, order), below := transposed(rows, columns))


def star(rows: Rows) -> list[int]:
    """A colour for each column of a symmetric matrix, so that every entry, or its mirror image, can be told apart.

    That is a star colouring of its graph: neighbours differ, and a path over four vertices has at least three colours.
    """
    neighbours = [[j for j in row if j != i] for i, row in enumerate(rows)]
    return _fewest(lambda order: _Star(neighbours).coloured(order), neighbours)


def transposed(rows: Rows, columns: int) -> list[list[int]]:
    """For each column the rows that have an entry in it."""
    below: list[list[int]] = [[] for _ in range(columns)]
    for i, row in enumerate(rows):
        for j in row:
            below[j].append(i)
    return below


def _fewest(coloured: Callable[[Iterable[int]], list[int]], neighbours: Rows) -> list[int]:
    count = len(neighbours)
    largest_first = sorted(range(count), key=lambda v: -len(neighbours[v]))
    return min(coloured(range(count)), coloured(largest_first), key=lambda colours: max(colours, default=0))


def _apart(rows: Rows, below: Rows, order: Iterable[int]) -> list[int]:
    taken, colours = [0] * len(rows), [0] * len(below)
    for j in order:
        forbidden = 0
        for i in below[j]:
            forbidden |= taken[i]
        free = ~forbidden & (forbidden + 1)
        for i in below[j]:
            taken[i] |= free
        colours[j] = free.bit_length() - 1
    return colours


class _Star:
    """A star colouring in the making; every set of colours is an int.

    ``once`` has the colours of a vertex' neighbours, ``twice`` those that two of them have. ``blocked`` has the colours of
    the neighbours that have another one of its own colour: a vertex beside it of their colour would make a path over four
    vertices in two colours.
    """

    def __init__(self, neighbours: Rows):
        self.neighbours = neighbours
        count = len(neighbours)
        self.once, self.twice, self.blocked, self.colour = [0] * count, [0] * count, [0] * count, [0] * count
        self.first: dict[tuple[int, int], int] = {}  # the neighbour of a vertex that had a colour first

    def coloured(self, order: Iterable[int]) -> list[int]:
        for v in order:
            if self.neighbours[v]:
                self._give(v, self._free(v))
        return [max(colour.bit_length() - 1, 0) for colour in self.colour]

    def _free(self, v: int) -> int:
        """The first colour that v may have, as a bit."""
        forbidden, twice = self.once[v], self.twice[v]
        for w in self.neighbours[v]:
            colour = self.colour[w]
            if colour:
                forbidden |= self.once[w] if twice & colour else self.blocked[w]
        return ~forbidden & (forbidden + 1)

    def _give(self, v: int, colour: int) -> None:
        self.colour[v] = colour
        for w in self.neighbours[v]:
            if not self.once[w] & colour:
                self.once[w] |= colour
                self.first[w, colour] = v
            else:
                self.twice[w] |= colour
                self.blocked[v] |= self.colour[w]
                self.blocked[self.first[w, colour]] |= self.colour[w]
            if self.twice[v] & self.colour[w]:
                self.blocked[w] |= colour
