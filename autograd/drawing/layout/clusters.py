"""Groups on paper: a rectangle each, with the title at its top where no edge passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograd.drawing.layout.bezier import Point, split
from autograd.drawing.layout.sizes import GAP, SMALL, TITLE
from autograd.drawing.scene.groups import Path
from autograd.interop.text import shortened, width

AIR = 6.0  # pixels between a title and the corners of its group
STEPS = 12  # places that are tried on each side of the middle
FINE = 6  # points of each piece of an edge that are looked at


@dataclass(frozen=True, slots=True)
class Frame:
    """A group's rectangle, and the middle of its title."""

    path: Path
    left: float
    top: float
    width: float
    height: float
    title: float

    @property
    def words(self) -> str:
        """What is written at its top."""
        return shortened(self.path[-1])

    @property
    def baseline(self) -> float:
        """How low the title's letters stand."""
        return self.top + TITLE - 3.0


def framed(path: Path, left: float, top: float, wide: float, high: float, routes: Iterable[list[Point]]) -> Frame:
    """The frame, its title as near the middle as ``routes`` allow.

    >>> framed(("a",), 0.0, 0.0, 100.0, 50.0, []).title
    50.0
    >>> framed(("a",), 0.0, 0.0, 100.0, 50.0, [[(50.0, -9.0), (50.0, 0.0), (50.0, 9.0), (50.0, 20.0)]]).title < 45.0
    True
    """
    half = width(shortened(path[-1]), SMALL) / 2.0
    passing = _passing(routes, top, top + TITLE + 2.0)
    middle, reach = left + wide / 2.0, max(0.0, wide / 2.0 - half - AIR)
    places = [middle + side * reach * i / STEPS for i in range(STEPS + 1) for side in (-1.0, 1.0)]
    free = (x for x in places if not any(abs(x - p) < half + GAP + 2.0 for p in passing))
    return Frame(path, left, top, wide, high, next(free, middle))


def _passing(routes: Iterable[list[Point]], top: float, bottom: float) -> list[float]:
    """Where edges pass between two heights."""
    found = []
    for route in routes:
        for i in range(0, len(route) - 1, 3):
            piece = route[i : i + 4]
            if min(y for _, y in piece) < bottom and max(y for _, y in piece) > top:
                found += [x for x, y in _points(piece) if top - 2.0 < y < bottom + 2.0]
    return found


def _points(piece: list[Point]) -> list[Point]:
    """Points along a cubic, closer than the letters of a title."""
    (ax, ay), (bx, by) = piece[0], piece[-1]
    steps = FINE + round(max(abs(bx - ax), abs(by - ay)) / 6.0)
    return [split(piece, i / steps)[0][-1] for i in range(steps + 1)]
