"""Where the operations of a half are written: rows of operations outside of loops, and the bodies of loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd.program.loops import Item, Loop, Operation, Place, Several
from autograd.program.scanned import CONSTANT, MASK, OWN, VALUE, Frame, Operands, Ref, as_loop

EARLIER = "earlier"  # a value from before a straight part, while loops are found in that


class Straight(NamedTuple):
    """Operations in a row, from this number on; they count from 0."""

    number: int
    operations: list[Operation]

    def write(self, op: str, operands: Sequence[Place]) -> Place:
        """Write an operation on operands as the part counts them."""
        number = len(self.operations)
        self.operations.append(Operation(op, tuple(operands), number))
        return Place(VALUE, number)

    def local(self, operands: list[Place]) -> list[Place]:
        """Operands as the part counts them."""
        return [self._local(place) for place in operands] if self.number else operands

    def _local(self, place: Place) -> Place:
        if place.kind not in (VALUE, MASK):
            return place
        number = place.start - self.number
        return Place(EARLIER, place.start) if number < 0 else Place(place.kind, number)


class InLoop(NamedTuple):
    """Where operations of a loop's body are written; the kind of an operand is all of it but the place, or a value's."""

    into: Callable[[str, Operands], Ref]
    value: Callable[[int], Ref]

    def write(self, op: str, operands: Sequence[Place]) -> Place:
        """Write an operation."""
        return Place(VALUE, self.into(op, list(map(self._ref, operands))).start)

    def _ref(self, place: Place) -> Ref:
        kind, start = place[:2]
        if isinstance(kind, Several) and isinstance(kind.kind, Ref):
            return kind.kind._replace(kind=kind._replace(kind=kind.kind.kind), start=start)
        return kind._replace(start=start) if isinstance(kind, Ref) else self.value(start)


class Move(NamedTuple):
    """From numbers of a part to those of a half, in which the loops' own constants come after ``constants`` others."""

    constants: int

    def items(self, part: tuple[tuple[Item, ...], int] | Frame) -> tuple[bool, tuple[Item, ...]]:
        """Whether a part is a scan, and its items."""
        if isinstance(part, Frame):
            return True, (as_loop(part, self.constants),)
        return False, tuple([self.item(item, part[1]) for item in part[0]])

    def item(self, item: Item, by: int) -> Item:
        """An item whose numbers count from ``by`` on."""
        if isinstance(item, Loop):
            return item._replace(number=item.number + by, body=tuple([self.item(each, by) for each in item.body]))
        return item._replace(number=item.number + by, operands=tuple([self.place(place, by) for place in item.operands]))

    def place(self, place: Place, by: int) -> Place:
        """A place in it."""
        first = place.first and self.place(place.first, by)
        if isinstance(place.kind, Several):
            own = self.place(Place(place.kind.kind, place.start), by)
            return place._replace(kind=place.kind._replace(kind=own.kind), start=own.start)
        if place.kind in (VALUE, MASK):
            return place._replace(start=place.start + by, first=first)
        if place.kind == OWN:
            return place._replace(kind=CONSTANT, start=place.start + self.constants, first=first)
        return place._replace(kind=VALUE if place.kind == EARLIER else place.kind, first=first)
