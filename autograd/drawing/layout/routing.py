"""Routes each edge as a curve: straight through the columns, bent only in the strips between them.

Strips are free of nodes and labels, so no edge touches any but its own. From top to bottom columns are rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.drawing.layout.bezier import ARROW_LENGTH, Point, split

APART = 14.0  # between two edges that meet at a node: both have two arrows
INSET = 12.0  # how deep inside a box its edges start; those of a circle start in its middle
WAY_OUT = 24.0  # how far out of a circle an edge may run straight, on the line from its middle


@dataclass(frozen=True, slots=True)
class Vertex:
    """A vertex of the layered graph, centred at x, y: a box, or a waypoint such as the labels of an edge."""

    x: float
    y: float
    width: float
    height: float
    round: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """The free space between two columns, from the side of the near one to that of the far one."""

    near: float
    far: float


class Columns:
    """The columns of ``vertices``, each as wide as its widest one.

    >>> columns = Columns([Vertex(0, 0, 20, 10), Vertex(0, 50, 30, 10), Vertex(100, 0, 40, 10)])
    >>> columns.strip(0, 100), columns.strip(100, 0)
    (Strip(near=15.0, far=80.0), Strip(near=80.0, far=15.0))
    """

    def __init__(self, vertices: Iterable[Vertex]):
        self._half: dict[float, float] = defaultdict(float)
        for vertex in vertices:
            self._half[vertex.x] = max(self._half[vertex.x], vertex.width / 2.0)

    def strip(self, x: float, to: float) -> Strip:
        """The strip between the neighbouring columns at ``x`` and ``to``."""
        step = 1.0 if to > x else -1.0
        return Strip(x + step * self._half[x], to - step * self._half[to])


def fan(node: Vertex, waypoints: Sequence[Vertex], columns: Columns) -> list[list[Point]]:
    """The curves from ``node`` to the middles of ``waypoints``, all in the next column on one side."""
    limit = node.height / 2.0 + (2.0 if node.round else -APART / 2.0)
    order = sorted(range(len(waypoints)), key=lambda i: waypoints[i].y)
    heights = separated([max(-limit, min(limit, (waypoints[i].y - node.y) / 2.0)) for i in order], limit)
    curves: list[list[Point]] = [[] for _ in waypoints]
    for i, height in zip(order, heights, strict=True):
        curves[i] = _bent(node, height, columns.strip(node.x, waypoints[i].x), waypoints[i])
    return curves


def through(first: list[Point], waypoints: Sequence[Vertex], last: list[Point], columns: Columns) -> list[Point]:
    """The curve ``first`` to the first waypoint, continued through all others, then ``last`` from the last one."""
    curve = list(first)
    for a, b in pairwise(waypoints):
        strip = columns.strip(a.x, b.x)
        start, end = (strip.near, a.y), (strip.far, b.y)
        curve += straight(curve[-1], start)[1:] + _eased(start, 0.0, end, 0.0)[1:] + straight(end, (b.x, b.y))[1:]
    return curve + last[1:]


def separated(heights: list[float], limit: float) -> list[float]:
    """The ascending ``heights``, pushed at least ``APART`` apart, or as far as fits within ±``limit``.

    >>> separated([-2.0, 0.0, 0.0], 30.0), separated([9.0, 9.0], 10.0)
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


def _bent(node: Vertex, height: float, strip: Strip, waypoint: Vertex) -> list[Point]:
    """The curve out of the node to the side of its column, bent in the strip, level into the waypoint."""
    right = 1.0 if strip.far > strip.near else -1.0
    inside, out, rise = _way_out(node, height, right, abs(strip.near - node.x))
    curve = straight(inside, out)
    if right * (strip.near - out[0]) > 1.0:  # the column is wider than the node
        curve += _bend(out, rise, (strip.near, node.y + height), 0.0)[1:]
        out, rise = curve[-1], 0.0
    bend = _eased(out, rise, (strip.far, waypoint.y), 0.0)
    return [*curve, *bend[1:], *straight(bend[-1], (waypoint.x, waypoint.y))[1:]]


def _eased(a: Point, rise_a: float, b: Point, rise_b: float) -> list[Point]:
    """A bend with a joint in its middle, so that the two arrows offset from it stay apart where it is steep."""
    first, second = split(_bend(a, rise_a, b, rise_b), 0.5)
    return [*first, *second[1:]]


def _way_out(node: Vertex, height: float, right: float, half: float) -> tuple[Point, Point, float]:
    """The first, straight part of an edge: a point in the node, one outside, ``height`` below the middle, and its rise.

    Out of a box it is almost level, as long as an arrowhead; out of a circle it starts in the middle and reaches to the
    side of the column, which is ``half`` a column away.
    """
    if not node.round:
        rim, y, stub = node.x + right * node.width / 2.0, node.y + height, ARROW_LENGTH + 1.0
        alone = half < node.width / 2.0 + stub  # else it must stay level beside wider vertices of the column
        rise = max(-0.5, min(0.5, height / 14.0)) if alone else 0.0
        return (rim - right * INSET, y - INSET * rise), (rim + right * stub, y + stub * rise), right * rise
    reach = min(half, node.width / 2.0 + WAY_OUT)
    climb = height if reach == half else 0.7 * height  # the other 30 % while it turns level beside wider vertices
    return (node.x, node.y), (node.x + right * reach, node.y + climb), right * climb / reach


def _bend(a: Point, rise_a: float, b: Point, rise_b: float) -> list[Point]:
    """The cubic from ``a`` to ``b`` that rises ``rise_a`` and ``rise_b`` (dy/dx) at its ends."""
    half = (b[0] - a[0]) / 2.0
    return [a, (a[0] + 0.6 * half, a[1] + 0.6 * half * rise_a), (b[0] - half, b[1] - half * rise_b), b]


def straight(a: Point, b: Point) -> list[Point]:
    """The line from ``a`` to ``b`` as a cubic."""
    (x, y), (dx, dy) = a, (b[0] - a[0], b[1] - a[1])
    return [a, (x + dx / 3.0, y + dy / 3.0), (x + dx * 2.0 / 3.0, y + dy * 2.0 / 3.0), b]
