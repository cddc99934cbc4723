"""Adjoints as Values, and those of lists: of what a scan gives and of what it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from autograd.compiler.masks import Adjoint, Transfer, ValueMasks
from autograd.compiler.scans import Read
from autograd.transforms.types import Scalar

MASKS = ValueMasks()
RecordedAdjoint: TypeAlias = Adjoint[Scalar]
NONE: RecordedAdjoint = Adjoint(MASKS, None, None)


class AdjointStretch(NamedTuple):
    """The adjoints of the numbers at ``first + stride · i``, i < length: what another scan has stacked, and its mask."""

    first: int
    stride: int
    length: int
    x: Read
    mask: Read | None

    def at(self, k: int) -> RecordedAdjoint:
        """That of the k-th number."""
        i, rest = divmod(k - self.first, self.stride)
        if rest or not 0 <= i < self.length:
            return NONE
        return Adjoint(MASKS, self.x.at(i), self.mask and self.mask.at(i))

    def seen_from(self, first: int, times: int) -> AdjointStretch | None:
        """The same along the numbers first, first + 1, …, if it has an adjoint for each; None if for none of them."""
        start = (first - self.first) * self.stride  # strides are 1 or −1
        ends = sorted((start, start + self.stride * (times - 1)))
        if ends[1] < 0 or ends[0] >= self.length:
            return None
        x, mask = [
            read and Read(read.source, read.first + read.stride * start, read.stride * self.stride) for read in self[3:]
        ]
        assert isinstance(x, Read)
        return AdjointStretch(first, 1, times if ends[0] >= 0 and ends[1] < self.length else -1, x, mask)


class ListAdjoint:
    """The adjoint of a list: those of some of its numbers, and stretches of them."""

    __slots__ = ("parts", "stretches")

    x = None  # no number of its own, see ``totals_of``

    def __init__(self, parts: Mapping[int, RecordedAdjoint], stretches: Sequence[AdjointStretch] = ()):
        self.parts, self.stretches = dict(parts), list(stretches)

    def __add__(self, other: ListAdjoint) -> ListAdjoint:
        parts = dict(self.parts)
        for k, adjoint in other.parts.items():
            parts[k] = parts[k] + adjoint if k in parts else adjoint
        return ListAdjoint(parts, [*self.stretches, *other.stretches])

    def __mul__(self, local: Transfer) -> Any:
        return local.applied(self)

    def at(self, k: int) -> RecordedAdjoint:
        """The adjoint of its k-th number."""
        return sum((each.at(k) for each in self.stretches), self.parts.get(k, NONE))


class OneOf(Transfer):
    """To or from the k-th number of a list, or operand of a scan."""

    __slots__ = ("k",)

    def __init__(self, k: int):
        self.k = k


class Into(OneOf):
    """From an item to its list."""

    __slots__ = ()

    def applied(self, upstream: RecordedAdjoint) -> ListAdjoint:
        return ListAdjoint({self.k: upstream} if upstream.x is not None else {})


class Picked(OneOf):
    """From a list to one of its numbers."""

    __slots__ = ()

    def applied(self, upstream: Any) -> Any:
        return upstream.at(self.k)


# -- activities -------------------------------------------------------------------------------------------------

Activity: TypeAlias = str  # of an adjoint: "" for none, "x" for one, "xm" for one with a mask


def activity_of(adjoint: RecordedAdjoint) -> Activity:
    return "" if adjoint.x is None else "x" if adjoint.mask is None else "xm"


def joined(a: Activity, b: Activity) -> Activity:
    """That of an adjoint which is one of these activities in some steps and the other in others."""
    return a if a == b else "xm"


def packed_as(activity: Activity, adjoint: RecordedAdjoint, nothing: float = 0.0) -> list[Scalar]:
    """The numbers of an adjoint that is taken for one of this activity."""
    x, mask = (nothing, 0.0) if adjoint.x is None else (adjoint.x, 1.0 if adjoint.mask is None else adjoint.mask)
    return [x, mask][: len(activity)]


def unpacked(activities: Sequence[Activity], numbers: Sequence[Scalar]) -> list[RecordedAdjoint]:
    """The adjoints of these numbers."""
    left = iter(numbers)
    pairs = [[next(left) for _ in activity] + [None] * (2 - len(activity)) for activity in activities]
    return [Adjoint(MASKS, x, mask) for x, mask in pairs]
