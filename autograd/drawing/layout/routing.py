"""The way of each edge: straight through its stops, bent only between the columns, where nothing stands.

A picture is columns (rows, top to bottom) with free strips between. An edge goes from one column to the next, bends
inside the strip and can't touch another node or label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.drawing.layout.bezier import ARROW_LENGTH, Point, split

APART = 14.0  # between two edges that meet at a node: both have two arrows
INSET = 12.0  # how deep inside a box its edges start; those of a circle start in its middle
WAY_OUT = 24.0  # how far out of a circle an edge may lead straight away from its middle


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that takes room: a node, or a stop of an edge, such as its labels."""

    x: float
    y: float
    width: float
    height: float
    round: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """The free space between two columns, from the near one's edge to the far one's."""

    near: float
    far: float


class Columns:
    """The columns that ``things`` stand in.

    >>> columns = Columns([Thing(0, 0, 20, 10), Thing(0, 50, 30, 10), Thing(100, 0, 40, 10)])
    >>> columns.strip(0, 100), columns.strip(100, 0)
    (Strip(near=15.0, far=80.0), Strip(near=80.0, far=15.0))
    """

    def __init__(self, things: Iterable[Thing]):
        self._half: dict[float, float] = defaultdict(float)
        for thing in things:
            self._half[thing.x] = max(self._half[thing.x], thing.width / 2.0)

    def strip(self, x: float, to: float) -> Strip:
        """The strip between the neighbouring columns at ``x`` and ``to``."""
        step = 1.0 if to > x else -1.0
        return Strip(x + step * self._half[x], to - step * self._half[to])


def fan(node: Thing, rooms: Sequence[Thing], columns: Columns) -> list[list[Point]]:
    """From ``node`` to each of ``rooms``, all in the column at one side of it: a curve to the room's middle."""
    limit = node.height / 2.0 + (2.0 if node.round else -APART / 2.0)
    order = sorted(range(len(rooms)), key=lambda i: rooms[i].y)
    heights = spread([max(-limit, min(limit, (rooms[i].y - node.y) / 2.0)) for i in order], limit)
    curves: list[list[Point]] = [[] for _ in rooms]
    for i, height in zip(order, heights, strict=True):
        curves[i] = _bent(node, height, columns.strip(node.x, rooms[i].x), rooms[i])
    return curves


def through(first: list[Point], stops: Sequence[Thing], last: list[Point], columns: Columns) -> list[Point]:
    """The curve ``first`` to the first stop, on from stop to stop, and ``last`` from the last one's middle."""
    curve = list(first)
    for a, b in pairwise(stops):
        strip = columns.strip(a.x, b.x)
        start, end = (strip.near, a.y), (strip.far, b.y)
        curve += straight(curve[-1], start)[1:] + _eased(start, 0.0, end, 0.0)[1:] + straight(end, (b.x, b.y))[1:]
    return curve + last[1:]


def spread(heights: list[float], limit: float) -> list[float]:
    """``heights``, ascending, moved as little as needed to be ``APART`` (or as far as ``limit`` allows).

    >>> spread([-2.0, 0.0, 0.0], 30.0), spread([9.0, 9.0], 10.0)
    ([-2.0, 12.0, 26.0], [-4.0, 10.0])
    """
    gap = min(APART, 2.0 * limit / max(len(heights) - 1, 1))
    spaced: list[float] = []
    for height in heights:
        spaced.append(max(height, spaced[-1] + gap) if spaced else height)
    ceiling = limit
    for i in range(len(spaced) - 1, -1, -1):
        spaced[i] = min(spaced[i], ceiling)
        ceiling = spaced[i] - gap
    return spaced


def _bent(node: Thing, height: float, strip: Strip, room: Thing) -> list[Point]:
    """Out of the node, to the edge of its column, bent in the strip, level into the room."""
    right = 1.0 if strip.far > strip.near else -1.0
    inside, out, slope = _way_out(node, height, right, abs(strip.near - node.x))
    curve = straight(inside, out)
    if right * (strip.near - out[0]) > 1.0:  # something wider stands in the same column
        curve += _bend(out, slope, (strip.near, node.y + height), 0.0)[1:]
        out, slope = curve[-1], 0.0
    bend = _eased(out, slope, (strip.far, room.y), 0.0)
    return [*curve, *bend[1:], *straight(bend[-1], (room.x, room.y))[1:]]


def _eased(a: Point, slope_a: float, b: Point, slope_b: float) -> list[Point]:
    """A bend with a joint in its middle, which keeps the two arrows apart where it is steep."""
    first, second = split(_bend(a, slope_a, b, slope_b), 0.5)
    return [*first, *second[1:]]


def _way_out(node: Thing, height: float, right: float, edge: float) -> tuple[Point, Point, float]:
    """A point inside the node, one outside, ``height`` below the middle, and the slope there.

    Almost level out of a box, as far as an arrowhead is long; out of a circle's middle as far as the column's ``edge``.
    """
    if not node.round:
        rim, y, stub = node.x + right * node.width / 2.0, node.y + height, ARROW_LENGTH + 1.0
        alone = edge < node.width / 2.0 + stub  # else it stays level beside what is wider
        slope = max(-0.5, min(0.5, height / 14.0)) if alone else 0.0
        return (rim - right * INSET, y - INSET * slope), (rim + right * stub, y + stub * slope), right * slope
    reach = min(edge, node.width / 2.0 + WAY_OUT)
    climb = height if reach == edge else 0.7 * height  # the rest while it turns level beside what is wider
    return (node.x, node.y), (node.x + right * reach, node.y + climb), right * climb / reach


def _bend(a: Point, slope_a: float, b: Point, slope_b: float) -> list[Point]:
    """The cubic from ``a`` to ``b`` with the given slopes."""
    half = (b[0] - a[0]) / 2.0
    return [a, (a[0] + 0.6 * half, a[1] + 0.6 * half * slope_a), (b[0] - half, b[1] - half * slope_b), b]


def straight(a: Point, b: Point) -> list[Point]:
    """The line from ``a`` to ``b`` as a cubic."""
    (x, y), (dx, dy) = a, (b[0] - a[0], b[1] - a[1])
    return [a, (x + dx / 3.0, y + dy / 3.0), (x + dx * 2.0 / 3.0, y + dy * 2.0 / 3.0), b]
