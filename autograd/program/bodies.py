"""Loops found inside of loops that are there already: in the bodies of a program's scans, and between scans.

An operand may run with the loops around and be another in their first iterations. All of that must be alike in the blocks of
an inner loop, as the kind is; and the places, that of the first iteration too, run arithmetically.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from autograd.program.loops import Item, Loop, Operation, Place, chooses
from autograd.program.rolling import CARRIED, LOCAL, SEARCHED, Feature, Roller
from autograd.program.runs import Line

CONSTANT = "constant"
STRAIGHT = 2000  # operations of a step
WIDEST = 256  # operands: operations of more, one by one, would be a table too large


class Elsewhere(NamedTuple):
    """The kind of a value from before a part that is searched, of a mask, or of a constant that isn't one of many."""

    kind: Hashable


def searched(items: Sequence[Item], constants: list[float], nest: tuple[Loop, ...] = ()) -> tuple[Item, ...]:
    """Items within these loops, with the loops that are found in them; tables are appended to the constants."""
    found: list[Item] = []
    whole = not _masks_leave(items)
    for straight, part in groupby(items, lambda item: isinstance(item, Operation)):
        if straight:
            operations = [item for item in part if isinstance(item, Operation)]
            found += PartRoller(operations, constants, nest).found() if whole and _is_long(operations) else operations
        else:
            found += [_inside(item, constants, nest) for item in part if isinstance(item, Loop)]
    return tuple(found)


def _inside(loop: Loop, constants: list[float], nest: tuple[Loop, ...]) -> Loop:
    """A loop, with others in its body; one that may come to rest, see ``codegen.resting``, carries all in registers."""
    if loop.size <= STRAIGHT and chooses(loop, len(nest)):
        return loop
    return loop._replace(body=searched(loop.body, constants, (*nest, loop)))


def _is_long(operations: Sequence[Operation]) -> bool:
    return len(operations) >= SEARCHED and max(len(each.operands) for each in operations) <= WIDEST


def _masks_leave(items: Sequence[Item]) -> bool:
    """Whether a mask is read in another part or loop than that of its comparison: then no loop may take it in."""
    start = -1  # of the part
    for item in items:
        first = item.number if isinstance(item, Loop) else start
        if any(place.kind == LOCAL and place.start < first for place in _read_in([item])):
            return True
        start = item.number + item.times * item.size if isinstance(item, Loop) else start
    return False


def _read_in(items: Sequence[Item]) -> Iterator[Place]:
    for item in items:
        if isinstance(item, Loop):
            yield from _read_in(item.body)
        else:
            yield from item.operands


class PartRoller(Roller):
    """The search for loops in operations in a row, whose operands are places in the loops around."""

    def __init__(self, operations: Sequence[Operation], constants: list[float], nest: tuple[Loop, ...]):
        self.start, self.shared = operations[0].number, constants
        super().__init__(operations, constants, tuple([(loop.times, loop.size) for loop in nest]))

    def found(self) -> list[Item]:
        """The items."""
        items = self.items(self.line, self.around)
        self.shared[:] = self.tables.constants
        return [self.shifted(item) if isinstance(item, Loop) else item for item in items]

    def read(self) -> Line:
        """All operations as arrays: a column for each operand, and in depth the place, that of the first iteration …"""
        rows = [[self.columns(place) for place in each.operands] for each in self.operations]
        width = max(map(len, rows), default=0)
        depth = max((len(starts) for row in rows for _, starts in row), default=1)
        feature = np.full((len(rows), width), self.feature(Feature(None)))
        place = np.zeros((len(rows), width, depth), np.int64)
        for k, row in enumerate(rows):
            for column, (number, starts) in enumerate(row):
                feature[k, column] = number
                place[k, column, : len(starts)] = starts
        code = [self.codes.setdefault((op, len(operands)), len(self.codes)) for op, operands, _ in self.operations]
        return Line(0, np.array(code, np.int64), feature, place)

    def columns(self, place: Place) -> tuple[int, list[int]]:
        """An operand's feature, and its places."""
        kind, start, strides, first, _ = place
        if (
            first is None
            and strides == self.own
            and kind in (CARRIED, LOCAL)
            and 0 <= start - self.start < len(self.operations)
        ):
            return self.feature(Feature(kind, self.own)), [start - self.start]
        if first is None and kind == CONSTANT and not any(strides):
            return self.feature(Feature(kind, strides)), [start]
        return self.elsewhere(place)

    def elsewhere(self, place: Place) -> tuple[int, list[int]]:
        kind, start, strides, first, level = place
        number, starts = self.elsewhere(first) if first else (-1, [])
        kind = Elsewhere(kind) if kind in (CARRIED, LOCAL, CONSTANT) else kind
        return self.feature(Feature(kind, strides, number, level)), [start, *starts]

    def shifted(self, item: Item) -> Item:
        """An item with numbers as they are in the program."""
        if isinstance(item, Loop):
            return item._replace(number=item.number + self.start, body=tuple(map(self.shifted, item.body)))
        return item._replace(number=item.number + self.start, operands=tuple(map(self.moved, item.operands)))

    def moved(self, place: Place) -> Place:
        kind, first = place.kind, place.first and self.moved(place.first)
        if isinstance(kind, Elsewhere):
            return place._replace(kind=kind.kind, first=first)
        return place._replace(start=place.start + self.start if kind in (CARRIED, LOCAL) else place.start, first=first)
