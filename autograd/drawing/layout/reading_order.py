"""The order in which a picture reads: first operands, inputs, neurons and outputs on top, or on the left.

>>> from autograd import Value
>>> from autograd.drawing.level_of_detail import compose
>>> scene = compose(Value(1.0, name="a") - Value(2.0, name="b"))
>>> [scene.boxes[i].label for i in visits(scene).boxes]
['output', '−', 'a', 'b']
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from autograd.drawing.layout.waypoints import Layering
from autograd.drawing.scene.groups import Path
from autograd.drawing.scene.model import Scene

Pair = tuple[str, str]  # names of two vertices, of which the first belongs before the second


@dataclass(frozen=True, slots=True)
class Visits:
    """The turn at which a walk from the outputs, operands in order, first comes to each box and each edge."""

    boxes: dict[int, int]
    edges: dict[int, int]


def visits(scene: Scene) -> Visits:
    """The walk, depth first: a loop, as deep graphs would exhaust Python's stack."""
    into: dict[int, list[int]] = defaultdict(list)
    for i, arrow in enumerate(scene.edges):
        into[arrow.head].append(i)
    boxes: dict[int, int] = {}
    edges: dict[int, int] = {}
    for start in (i for i, box in enumerate(scene.boxes) if box.kind == "output"):
        todo: list[tuple[int, int | None]] = [(start, None)]
        while todo:
            box, edge = todo.pop()
            if edge is not None:
                edges[edge] = len(boxes) + len(edges)
            if box not in boxes:
                boxes[box] = len(boxes) + len(edges)
                todo += [(scene.edges[i].tail, i) for i in reversed(into[box])]
    return Visits(boxes, edges)


def columns(scene: Scene, layering: Layering) -> list[list[tuple[str, Path]]]:
    """The vertices of every column in order, each with its group; those of a group are neighbours."""
    turn = visits(scene)
    turns = _amid_their_uses(scene, layering, turn)
    vertices = [
        *((f"n{i}", column, scene.boxes[i].scope, turns[i]) for i, column in enumerate(layering.columns)),
        *((p.name, p.column, p.scope, turn.edges[i]) for i, points in enumerate(layering.waypoints) for p in points),
    ]
    first = _firsts((scope, at) for _, _, scope, at in vertices)
    keyed: dict[int, list[tuple[tuple[int, ...], str, Path]]] = defaultdict(list)
    for name, column, scope, at in vertices:
        keyed[column].append(((*(first[scope[:depth]] for depth in range(1, len(scope) + 1)), at), name, scope))
    return [[(name, scope) for _, name, scope in sorted(keyed[column])] for column in sorted(keyed)]


def _amid_their_uses(scene: Scene, layering: Layering, turn: Visits) -> dict[int, int]:
    """The turns of all boxes; a leaf that is used often moves to the middle of its uses, past no other of its kind."""
    uses: dict[int, list[int]] = defaultdict(list)
    for i, edge in enumerate(scene.edges):
        uses[edge.tail].append(turn.edges[i])
    turns = dict(turn.boxes)
    for boxes in _alike(scene, layering, turn):
        latest = 0
        for i in boxes:
            if uses[i]:
                latest = turns[i] = max(latest, sorted(uses[i])[(len(uses[i]) - 1) // 2])
    return turns


def _firsts(vertices: Iterable[tuple[Path, int]]) -> dict[Path, int]:
    """The first turn of each group."""
    first: dict[Path, int] = {}
    for scope, at in vertices:
        for depth in range(1, len(scope) + 1):
            first[scope[:depth]] = min(at, first.get(scope[:depth], at))
    return first


def misplaced(scene: Scene, layering: Layering, middles: Mapping[str, float], groups: Mapping[Path, float]) -> int:
    """How many neighbours in reading order stand the wrong way round, by the ``middles`` of vertices and of groups."""
    turn = visits(scene)
    wrong = sum(middles[a] > middles[b] for a, b in (*_operands(scene), *_leaves(scene, layering, turn)))
    first = _firsts((box.scope, turn.boxes[i]) for i, box in enumerate(scene.boxes))
    ordered = sorted(first, key=first.__getitem__)
    beside = ((a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :] if _beside(a, b, layering))
    return wrong + sum(groups[a] > groups[b] for a, b in beside)


def _operands(scene: Scene) -> Iterator[Pair]:
    """The labels of neighbouring operands, and neighbouring outputs."""
    into: dict[int, list[str]] = defaultdict(list)
    for i, edge in enumerate(scene.edges):
        into[edge.head].append(f"e{i}")
    for names in into.values():
        yield from pairwise(names)


def _leaves(scene: Scene, layering: Layering, turn: Visits) -> Iterator[Pair]:
    """Neighbouring leaves of one kind in a column of a group, and neighbouring outputs in a column."""
    for boxes in _alike(scene, layering, turn):
        yield from ((f"n{a}", f"n{b}") for a, b in pairwise(boxes))


def _alike(scene: Scene, layering: Layering, turn: Visits) -> list[list[int]]:
    """The leaves of each kind in each column of each group, and the outputs of a column, in order."""
    alike: dict[object, list[int]] = defaultdict(list)
    for i in sorted(turn.boxes, key=turn.boxes.__getitem__):
        box = scene.boxes[i]
        if box.kind in ("leaf", "constant", "output"):
            alike[layering.columns[i], box.scope, box.kind, box.parameter].append(i)
    return list(alike.values())


def _beside(a: Path, b: Path, layering: Layering) -> bool:
    """Whether two groups are in the same group and share columns."""
    (from_a, to_a), (from_b, to_b) = layering.spans[a], layering.spans[b]
    return a[:-1] == b[:-1] and from_a <= to_b and from_b <= to_a
