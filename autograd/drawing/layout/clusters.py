"""The rectangle of each group, its title at the top where no edge crosses it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograd.drawing.layout.bezier import Point, split
from autograd.drawing.layout.sizes import GAP, SMALL, TITLE, text_width
from autograd.drawing.scene.groups import Path
from autograd.interop.text import shortened

AIR = 6.0  # pixels between a title and the corners of its group
STEPS = 12  # positions tried for a title on each side of the middle
FINE = 6  # sample points on each cubic, and more on long ones


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group's rectangle; ``title`` is the x of its title's middle."""

    path: Path
    left: float
    top: float
    width: float
    height: float
    title: float

    @property
    def words(self) -> str:
        """The text of its title."""
        return shortened(self.path[-1])

    @property
    def baseline(self) -> float:
        """The y of its title's baseline."""
        return self.top + TITLE - 3.0


def titled(path: Path, left: float, top: float, width: float, height: float, curves: Iterable[list[Point]]) -> Cluster:
    """The cluster, its title as near the middle as the ``curves`` that cross the top allow.

    >>> titled(("a",), 0.0, 0.0, 100.0, 50.0, []).title
    50.0
    >>> titled(("a",), 0.0, 0.0, 100.0, 50.0, [[(50.0, -9.0), (50.0, 0.0), (50.0, 9.0), (50.0, 20.0)]]).title < 45.0
    True
    """
    half = text_width(shortened(path[-1]), SMALL) / 2.0
    crossings = _crossings(curves, top, top + TITLE + 2.0)
    middle, reach = left + width / 2.0, max(0.0, width / 2.0 - half - AIR)
    positions = [middle + side * reach * i / STEPS for i in range(STEPS + 1) for side in (-1.0, 1.0)]
    free = (x for x in positions if not any(abs(x - c) < half + GAP + 2.0 for c in crossings))
    return Cluster(path, left, top, width, height, next(free, middle))


def _crossings(curves: Iterable[list[Point]], top: float, bottom: float) -> list[float]:
    """The x of sample points of ``curves`` between ``top`` and ``bottom``."""
    crossings = []
    for curve in curves:
        for i in range(0, len(curve) - 1, 3):
            piece = curve[i : i + 4]
            if min(y for _, y in piece) < bottom and max(y for _, y in piece) > top:
                crossings += [x for x, y in _points(piece) if top - 2.0 < y < bottom + 2.0]
    return crossings


def _points(piece: list[Point]) -> list[Point]:
    """Sample points along a cubic, closer to each other than the letters of a title."""
    (ax, ay), (bx, by) = piece[0], piece[-1]
    steps = FINE + round(max(abs(bx - ax), abs(by - ay)) / 6.0)
    return [split(piece, i / steps)[0][-1] for i in range(steps + 1)]
