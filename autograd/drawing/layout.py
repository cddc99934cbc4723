"""Where everything goes: Graphviz places boxes and labels, and each edge is led through the room of its labels."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from autograd.drawing.dot import dot_source
from autograd.drawing.engines import lay_out
from autograd.drawing.geometry import Point
from autograd.drawing.measures import room, sizes
from autograd.drawing.routes import Columns, Thing, fan, straight
from autograd.drawing.scene import Scene

MARGIN = 14.0  # pixels around the picture


@dataclass(slots=True)
class Placed:
    """A scene's boxes and edges in a picture ``width`` × ``height``, y downwards.

    ``routes`` leads from the middle of each edge's tail through the room of its labels to the middle of its
    head: control points of cubic curves, 3n + 1 of them.
    """

    width: float
    height: float
    centres: list[Point]
    sizes: list[tuple[float, float]]
    rooms: list[Point]
    routes: list[list[Point]]


def place(scene: Scene, engine: str | None = None) -> Placed:
    """Lay a scene out with Graphviz.

    >>> from autograd import Value
    >>> from autograd.drawing.scene import compose
    >>> placed = place(compose(Value(2.0).exp()))
    >>> len(placed.centres), len(placed.rooms), len(placed.routes)
    (3, 2, 2)
    """
    placed = lay_out(dot_source(scene, labelled=False), engine, lambda text: _read(json.loads(text), scene))
    assert isinstance(placed, Placed)
    return placed


def _read(layout: Any, scene: Scene) -> Placed:
    """Positions out of Graphviz's JSON, turned so that y points down."""
    _, _, right, top = map(float, layout["bb"].split(","))

    def point(text: str) -> Point:
        x, y = map(float, text.split(","))
        return x + MARGIN, top - y + MARGIN

    names = {thing["_gvid"]: thing["name"] for thing in layout["objects"]}
    at = {thing["name"]: point(thing["pos"]) for thing in layout["objects"]}
    curves = {(names[e["tail"]], names[e["head"]]): [point(p) for p in e["pos"].split()] for e in layout["edges"]}
    centres = [at[f"n{i}"] for i in range(len(scene.boxes))]
    rooms = [at[f"e{i}"] for i in range(len(scene.edges))]
    routes = _routes(scene, centres, rooms, curves)
    return Placed(right + 2 * MARGIN, top + 2 * MARGIN, centres, sizes(scene), rooms, routes)


def _routes(
    scene: Scene, centres: list[Point], rooms: list[Point], curves: dict[tuple[str, str], list[Point]]
) -> list[list[Point]]:
    """The way of every edge; top to bottom is left to right with x and y exchanged."""
    turn = _same if scene.rankdir == "LR" else _exchanged
    nodes = [
        Thing(*turn(at), *turn(extent), box.kind == "operation")
        for box, at, extent in zip(scene.boxes, centres, sizes(scene), strict=True)
    ]
    labels = [Thing(*turn(at), *turn(room(e, scene.rankdir))) for e, at in zip(scene.edges, rooms, strict=True)]
    columns = Columns([*nodes, *labels])
    out = _fans([edge.tail for edge in scene.edges], nodes, labels, columns)
    back = _fans([edge.head for edge in scene.edges], nodes, labels, columns)
    routes = []
    for i, edge in enumerate(scene.edges):
        first = [turn(p) for p in out[i]] or _from(centres[edge.tail], curves[f"n{edge.tail}", f"e{i}"])
        last = [turn(p) for p in back[i]] or _from(centres[edge.head], curves[f"e{i}", f"n{edge.head}"][::-1])
        routes.append([*first, *straight(first[-1], last[-1])[1:-1], *last[::-1]])
    return routes


def _fans(ends: list[int], nodes: list[Thing], labels: list[Thing], columns: Columns) -> list[list[Point]]:
    """For every edge the curve from its node at this end to its labels; empty where Graphviz is to lead it."""
    meeting: dict[int, list[int]] = defaultdict(list)
    for edge, node in enumerate(ends):
        meeting[node].append(edge)
    curves: list[list[Point]] = [[] for _ in ends]
    for node, edges in meeting.items():
        for edge, curve in zip(edges, fan(nodes[node], [labels[e] for e in edges], columns), strict=True):
            curves[edge] = curve
    return curves


def _from(centre: Point, curve: list[Point]) -> list[Point]:
    """Graphviz's curve, which starts at the rim of a box, from the centre on."""
    return [*straight(centre, curve[0])[:-1], *curve]


def _same(pair: Point) -> Point:
    return pair


def _exchanged(pair: Point) -> Point:
    return pair[1], pair[0]
