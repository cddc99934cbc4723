"""The layout of a scene: columns and their spacing computed here, positions within a column by Graphviz, then curves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
from operator import itemgetter

from autograd.drawing.layout.bezier import Point
from autograd.drawing.layout.clusters import AIR, Cluster, titled
from autograd.drawing.layout.cross_axis import CrossAxis, read_cross_axis
from autograd.drawing.layout.dot_request import Arrangement, dot_request
from autograd.drawing.layout.graphviz import lay_out
from autograd.drawing.layout.ranks import ranks
from autograd.drawing.layout.reading_order import misplaced
from autograd.drawing.layout.routing import Columns, Vertex, fan, through
from autograd.drawing.layout.sizes import SMALL, TITLE, sizes, text_width
from autograd.drawing.layout.spacing import Spacing, Span, spacing
from autograd.drawing.layout.waypoints import Layering, proper_layering
from autograd.drawing.scene.groups import Path
from autograd.drawing.scene.model import Scene
from autograd.interop.text import shortened

ARRANGEMENTS = (  # the freer first
    Arrangement(),
    Arrangement(operands=True),
    Arrangement(operands=True, step=-1),
    Arrangement(chained=True),
    Arrangement(chained=True, step=-1),
)
FREER = 2  # arrangements that are tried where there are more than PATIENCE waypoints: chains of so many take over 1 s
PATIENCE = 2500
MARGIN = 14.0  # pixels around the picture


@dataclass(slots=True)
class Placed:
    """The positions of a scene's boxes, edges and groups in a picture ``width`` × ``height``, y downwards.

    Each edge's curve (3n + 1 control points of cubics) leads from its tail through the centre of its labels to its head.
    """

    width: float
    height: float
    centres: list[Point]
    sizes: list[tuple[float, float]]
    label_centres: list[Point]
    curves: list[list[Point]]
    clusters: list[Cluster]


def place(scene: Scene, engine: str | None = None) -> Placed:
    """Lay ``scene`` out with Graphviz.

    >>> from autograd import Value
    >>> from autograd.drawing.level_of_detail import compose
    >>> placed = place(compose(Value(2.0).exp()))
    >>> len(placed.centres), len(placed.label_centres), len(placed.curves)
    (3, 2, 2)
    """
    layering = proper_layering(scene, ranks(scene))
    return _arrange(scene, layering, _in_reading_order(scene, layering, engine))


def _in_reading_order(scene: Scene, layering: Layering, engine: str | None) -> CrossAxis:
    """The cross axis of the first arrangement that reads as it should, or of the one with the least misplaced.

    Graphviz has the fewest crossings where it is free, but may put the second operand first, or the last neuron.
    """
    many = sum(map(len, layering.waypoints)) > PATIENCE
    tried: list[tuple[int, CrossAxis]] = []
    for arrangement in ARRANGEMENTS[: FREER if many else None]:
        read = partial(read_cross_axis, scene=scene, layering=layering, mirror=not arrangement.chained)
        cross_axis = lay_out(dot_request(scene, layering, arrangement), engine, read)
        starts = {path: span.start for path, span in cross_axis.groups.items()}
        tried.append((misplaced(scene, layering, cross_axis.middles, starts), cross_axis))
        if not tried[-1][0]:
            break
    return min(tried, key=itemgetter(0))[1]


def _arrange(scene: Scene, layering: Layering, cross_axis: CrossAxis) -> Placed:
    """The layout, computed as columns from left to right; from top to bottom x and y are swapped."""
    turn = _same if scene.rankdir == "LR" else _swapped
    extents = sizes(scene)
    spaced = _spaced(scene, layering, cross_axis, turn)
    along = [MARGIN + middle for middle in spaced.middles]

    def vertex(name: str, column: int, extent: Point, circle: bool = False) -> Vertex:
        return Vertex(along[column], MARGIN + cross_axis.middles[name], *turn(extent), circle)

    nodes = [
        vertex(f"n{i}", column, extent, box.kind == "operation")
        for i, (box, extent, column) in enumerate(zip(scene.boxes, extents, layering.columns, strict=True))
    ]
    waypoints = [[vertex(point.name, point.column, point.extent) for point in points] for points in layering.waypoints]
    curves = [[turn(point) for point in curve] for curve in _curves(scene, nodes, waypoints)]
    clusters = [_cluster(path, spaced.groups[path], cross_axis.groups[path], turn, curves) for path in layering.spans]
    size = turn((spaced.end + 2.0 * MARGIN, cross_axis.end + 2.0 * MARGIN))
    label_centres = [turn((points[-1].x, points[-1].y)) for points in waypoints]
    return Placed(*size, [turn((node.x, node.y)) for node in nodes], extents, label_centres, curves, clusters)


def _cluster(path: Path, along: Span, cross: Span, turn: Callable[[Point], Point], curves: list[list[Point]]) -> Cluster:
    left, top = turn((along.start + MARGIN, cross.start + MARGIN))
    width, height = turn((along.end - along.start, cross.end - cross.start))
    return titled(path, left, top, width, height, curves)


def _spaced(scene: Scene, layering: Layering, cross_axis: CrossAxis, turn: Callable[[Point], Point]) -> Spacing:
    """The spacing of columns that are as wide as their widest vertex in them."""
    last = max(layering.columns)
    widths, climbs = [0.0] * (last + 1), [0.0] * last
    for column, extent in zip(layering.columns, sizes(scene), strict=True):
        widths[column] = max(widths[column], turn(extent)[0])
    for edge, waypoints in zip(scene.edges, layering.waypoints, strict=True):
        names = [f"n{edge.tail}", *(waypoint.name for waypoint in waypoints), f"n{edge.head}"]
        for i, (a, b) in enumerate(pairwise(names), waypoints[0].column - 1):
            climbs[i] = max(climbs[i], abs(cross_axis.middles[a] - cross_axis.middles[b]))
        for waypoint in waypoints:
            widths[waypoint.column] = max(widths[waypoint.column], turn(waypoint.extent)[0])
    if scene.rankdir == "TB":
        return spacing(widths, climbs, layering.spans, head=TITLE)
    titles = {path: text_width(shortened(path[-1]), SMALL) + 2.0 * AIR for path in layering.spans}
    return spacing(widths, climbs, layering.spans, titles)


def _curves(scene: Scene, nodes: list[Vertex], waypoints: list[list[Vertex]]) -> list[list[Point]]:
    """The curve of every edge: out of its tail, through its waypoints, into its head."""
    columns = Columns([*nodes, *chain.from_iterable(waypoints)])
    out = _fans([edge.tail for edge in scene.edges], nodes, [points[0] for points in waypoints], columns)
    back = _fans([edge.head for edge in scene.edges], nodes, [points[-1] for points in waypoints], columns)
    return [through(start, points, end[::-1], columns) for start, points, end in zip(out, waypoints, back, strict=True)]


def _fans(ends: list[int], nodes: list[Vertex], waypoints: list[Vertex], columns: Columns) -> list[list[Point]]:
    """For every edge the curve from its node at one end to the nearest waypoint."""
    incident: dict[int, list[int]] = defaultdict(list)
    for edge, node in enumerate(ends):
        incident[node].append(edge)
    curves: list[list[Point]] = [[] for _ in ends]
    for node, edges in incident.items():
        for edge, curve in zip(edges, fan(nodes[node], [waypoints[e] for e in edges], columns), strict=True):
            curves[edge] = curve
    return curves


def _same(pair: Point) -> Point:
    return pair


def _swapped(pair: Point) -> Point:
    return pair[1], pair[0]
