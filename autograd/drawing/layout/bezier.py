"""Cubic Bézier curves of 3n + 1 control points: offset curves, clipping at shapes, arrowheads, SVG path data.

>>> straight = [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0)]
>>> beside(straight, 2.0)
[(0.0, -2.0), (10.0, -2.0), (20.0, -2.0), (30.0, -2.0)]
>>> leaving(straight, lambda x, y: x < 15.0)[0]
(15.0, 0.0)
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import hypot

Point = tuple[float, float]
Region = Callable[[float, float], bool]  # whether a point is inside

ARROW_LENGTH, ARROW_WIDTH = 8.0, 6.0
STRAIGHT = 0.05  # pixels by which control points may be off a line that is drawn straight


def beside(curve: list[Point], distance: float) -> list[Point]:
    """The curve offset by ``distance`` to the left, in the direction of travel; y points down."""
    joints = [_normal(curve, i) for i in range(0, len(curve), 3)]
    normals = [joints[(i + 1) // 3] for i in range(len(curve))]
    return [(x + distance * nx, y + distance * ny) for (x, y), (nx, ny) in zip(curve, normals, strict=True)]


def _normal(curve: list[Point], joint: int) -> Point:
    """The unit normal to the left at a joint, from the nearest control points that differ from it."""
    x, y = curve[joint]
    before = next(((a, b) for a, b in reversed(curve[:joint]) if hypot(a - x, b - y) > 1e-6), (x, y))
    after = next(((a, b) for a, b in curve[joint + 1 :] if hypot(a - x, b - y) > 1e-6), (x, y))
    ux, uy = _unit(x - before[0], y - before[1])
    vx, vy = _unit(after[0] - x, after[1] - y)
    dx, dy = _unit(ux + vx, uy + vy)
    return dy, -dx


def _unit(x: float, y: float) -> Point:
    length = hypot(x, y)
    return (x / length, y / length) if length else (0.0, 0.0)


def split(curve: list[Point], t: float) -> tuple[list[Point], list[Point]]:
    """One cubic as two that meet at parameter ``t`` (de Casteljau)."""
    first, last = [curve[0]], [curve[-1]]
    while len(curve) > 1:
        curve = [((1 - t) * a + t * c, (1 - t) * b + t * d) for (a, b), (c, d) in pairwise(curve)]
        first.append(curve[0])
        last.append(curve[-1])
    return first, last[::-1]


def leaving(curve: list[Point], inside: Region) -> list[Point]:
    """The part of the curve after it leaves the region it starts in."""
    while len(curve) > 4 and inside(*curve[3]):
        curve = curve[3:]
    low, high = 0.0, 1.0
    for _ in range(20):  # bisection to a millionth of the curve
        middle = (low + high) / 2.0
        low, high = (middle, high) if inside(*split(curve[:4], middle)[1][0]) else (low, middle)
    return split(curve[:4], high)[1] + curve[4:]


def entering(curve: list[Point], inside: Region) -> list[Point]:
    """The part of the curve before it enters the region it ends in."""
    return leaving(curve[::-1], inside)[::-1]


def arrow(curve: list[Point], size: float = 1.0) -> tuple[list[Point], list[Point]]:
    """The curve, cut where its arrowhead starts, and the arrowhead's three corners."""
    x, y = curve[-1]
    line = entering(curve, lambda a, b: hypot(a - x, b - y) < ARROW_LENGTH * size)
    bx, by = line[-1]
    dx, dy = _unit(x - bx, y - by)
    half = ARROW_WIDTH / 2.0 * size
    return line, [(x, y), (bx - half * dy, by + half * dx), (bx + half * dy, by - half * dx)]


def circle(centre: Point, radius: float) -> Region:
    """The region of a circle."""
    return lambda x, y: hypot(x - centre[0], y - centre[1]) < radius


def rounded(centre: Point, width: float, height: float, radius: float) -> Region:
    """The region of a rectangle with round corners."""

    def inside(x: float, y: float) -> bool:
        dx = max(abs(x - centre[0]) - width / 2.0 + radius, 0.0)
        dy = max(abs(y - centre[1]) - height / 2.0 + radius, 0.0)
        return hypot(dx, dy) < radius

    return inside


def cut(centre: Point, width: float, height: float, corner: float) -> Region:
    """The region of a rectangle whose corners are cut off."""

    def inside(x: float, y: float) -> bool:
        dx, dy = abs(x - centre[0]), abs(y - centre[1])
        return dx < width / 2.0 and dy < height / 2.0 and dx + dy < (width + height) / 2.0 - corner

    return inside


def path(curve: list[Point]) -> str:
    """SVG path data, straight pieces as straight lines.

    >>> path([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (3.0, 1.0), (3.0, 2.0), (3.0, 3.0)])
    'M0,0H3L3,3'
    """
    data, here, start = [f"M{pair(curve[0])}"], curve[0], None
    for i in range(0, len(curve) - 1, 3):
        piece = curve[i : i + 4]
        if not _straight(piece):
            data.append("C" + " ".join(map(pair, piece[1:])))
            start = None
        elif start and _straight([start, here, piece[-1]]):  # continues the last line
            data[-1] = _line(start, piece[-1])
        else:
            data.append(_line(here, piece[-1]))
            start = here
        here = piece[-1]
    return "".join(data)


def _straight(points: list[Point]) -> bool:
    (x0, y0), (x1, y1) = points[0], points[-1]
    dx, dy = _unit(x1 - x0, y1 - y0)
    return all(abs((x - x0) * dy - (y - y0) * dx) < STRAIGHT for x, y in points[1:-1])


def _line(start: Point, end: Point) -> str:
    return f"H{tenths(end[0])}" if tenths(start[1]) == tenths(end[1]) else f"L{pair(end)}"


def polygon(corners: list[Point]) -> str:
    """SVG path data of a filled shape, its corners relative to the first.

    >>> polygon([(100.0, 28.0), (92.0, 31.0), (92.0, 25.0)])
    'M100,28l-8,3 0,-6z'
    """
    steps = " ".join(pair((b[0] - a[0], b[1] - a[1])) for a, b in pairwise(corners))
    return f"M{pair(corners[0])}l{steps}z"


def pair(point: Point) -> str:
    """A point in SVG, to a tenth of a pixel."""
    return f"{tenths(point[0])},{tenths(point[1])}"


def tenths(x: float) -> str:
    """``x`` to one decimal, to none where that is 0.

    >>> tenths(3.14159), tenths(-0.01)
    ('3.1', '0')
    """
    return f"{round(x, 1) + 0.0:g}" if abs(x) < 1e5 else f"{x:.1f}"
