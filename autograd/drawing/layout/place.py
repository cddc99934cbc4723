"""Where everything goes: Graphviz says what stands above what, and each edge is led through its stops."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from autograd.drawing.layout.bezier import Point
from autograd.drawing.layout.clusters import AIR, Frame, framed
from autograd.drawing.layout.cross_axis import Across, read
from autograd.drawing.layout.dot_request import skeleton
from autograd.drawing.layout.graphviz import lay_out
from autograd.drawing.layout.ranks import ranks
from autograd.drawing.layout.routing import Columns, Thing, fan, through
from autograd.drawing.layout.sizes import SMALL, TITLE, sizes
from autograd.drawing.layout.spacing import Spacing, Span, spacing
from autograd.drawing.layout.waypoints import Plan, plan
from autograd.drawing.scene.groups import Path
from autograd.drawing.scene.model import Scene
from autograd.interop.text import shortened, width

MARGIN = 14.0  # pixels around the picture


@dataclass(slots=True)
class Placed:
    """A scene's boxes, edges and groups in a picture ``width`` × ``height``, y downwards.

    ``routes`` leads from the middle of each edge's tail through the room of its labels to the middle of its
    head: control points of cubic curves, 3n + 1 of them.
    """

    width: float
    height: float
    centres: list[Point]
    sizes: list[tuple[float, float]]
    rooms: list[Point]
    routes: list[list[Point]]
    frames: list[Frame]


def place(scene: Scene, engine: str | None = None) -> Placed:
    """Lay a scene out with Graphviz.

    >>> from autograd import Value
    >>> from autograd.drawing.level_of_detail import compose
    >>> placed = place(compose(Value(2.0).exp()))
    >>> len(placed.centres), len(placed.rooms), len(placed.routes)
    (3, 2, 2)
    """
    planned = plan(scene, ranks(scene))
    source = skeleton(scene, planned)
    placed = lay_out(source, engine, lambda text: _arrange(scene, planned, read(json.loads(text), scene, planned)))
    assert isinstance(placed, Placed)
    return placed


def _arrange(scene: Scene, planned: Plan, across: Across) -> Placed:
    """The picture, thought of as columns from left to right; from top to bottom x and y are exchanged."""
    turn = _same if scene.rankdir == "LR" else _exchanged
    extents = sizes(scene)
    spaced = _spaced(scene, planned, across, turn)
    along = [MARGIN + middle for middle in spaced.middles]

    def thing(name: str, column: int, extent: Point, circle: bool = False) -> Thing:
        return Thing(along[column], MARGIN + across.things[name], *turn(extent), circle)

    nodes = [
        thing(f"n{i}", column, extent, box.kind == "operation")
        for i, (box, extent, column) in enumerate(zip(scene.boxes, extents, planned.columns, strict=True))
    ]
    ways = [[thing(stop.name, stop.column, stop.extent) for stop in stops] for stops in planned.stops]
    routes = [[turn(point) for point in route] for route in _routes(scene, nodes, ways)]
    frames = [_frame(path, spaced.groups[path], across.groups[path], turn, routes) for path in planned.spans]
    size = turn((spaced.end + 2.0 * MARGIN, across.end + 2.0 * MARGIN))
    rooms = [turn((way[-1].x, way[-1].y)) for way in ways]
    return Placed(*size, [turn((node.x, node.y)) for node in nodes], extents, rooms, routes, frames)


def _frame(path: Path, along: Span, across: Span, turn: Callable[[Point], Point], routes: list[list[Point]]) -> Frame:
    left, top = turn((along.start + MARGIN, across.start + MARGIN))
    wide, high = turn((along.end - along.start, across.end - across.start))
    return framed(path, left, top, wide, high, routes)


def _spaced(scene: Scene, planned: Plan, across: Across, turn: Callable[[Point], Point]) -> Spacing:
    """The columns, each as wide as the widest thing in it."""
    last = max(planned.columns)
    widths, climbs = [0.0] * (last + 1), [0.0] * last
    for column, extent in zip(planned.columns, sizes(scene), strict=True):
        widths[column] = max(widths[column], turn(extent)[0])
    for edge, stops in zip(scene.edges, planned.stops, strict=True):
        names = [f"n{edge.tail}", *(stop.name for stop in stops), f"n{edge.head}"]
        for i, (a, b) in enumerate(pairwise(names), stops[0].column - 1):
            climbs[i] = max(climbs[i], abs(across.things[a] - across.things[b]))
        for stop in stops:
            widths[stop.column] = max(widths[stop.column], turn(stop.extent)[0])
    if scene.rankdir == "TB":
        return spacing(widths, climbs, planned.spans, head=TITLE)
    titles = {path: width(shortened(path[-1]), SMALL) + 2.0 * AIR for path in planned.spans}
    return spacing(widths, climbs, planned.spans, titles)


def _routes(scene: Scene, nodes: list[Thing], ways: list[list[Thing]]) -> list[list[Point]]:
    """The way of every edge: out of its tail, through its stops, into its head."""
    columns = Columns([*nodes, *(stop for way in ways for stop in way)])
    out = _fans([edge.tail for edge in scene.edges], nodes, [way[0] for way in ways], columns)
    back = _fans([edge.head for edge in scene.edges], nodes, [way[-1] for way in ways], columns)
    return [through(first, way, last[::-1], columns) for first, way, last in zip(out, ways, back, strict=True)]


def _fans(ends: list[int], nodes: list[Thing], stops: list[Thing], columns: Columns) -> list[list[Point]]:
    """For every edge the curve from its node at this end to the next stop."""
    meeting: dict[int, list[int]] = defaultdict(list)
    for edge, node in enumerate(ends):
        meeting[node].append(edge)
    curves: list[list[Point]] = [[] for _ in ends]
    for node, edges in meeting.items():
        for edge, curve in zip(edges, fan(nodes[node], [stops[e] for e in edges], columns), strict=True):
            curves[edge] = curve
    return curves


def _same(pair: Point) -> Point:
    return pair


def _exchanged(pair: Point) -> Point:
    return pair[1], pair[0]
