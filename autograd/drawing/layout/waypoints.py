"""Waypoints: the dummy nodes of Sugiyama's method, one in every column between the boxes of an edge.

The last one makes room for the edge's labels. A waypoint within the columns of its tail's or head's group belongs to
that group, so that Graphviz leads the edge through the group and not around it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from autograd.drawing.layout.sizes import WAYPOINT, label_extent
from autograd.drawing.scene.groups import Path, groups, shared
from autograd.drawing.scene.model import Edge, Scene


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A point that an edge goes through; ``name`` is Graphviz's, ``extent`` its width and height."""

    name: str
    column: int
    scope: Path
    extent: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layering:
    """A proper layering: the column of every box, the waypoints of every edge, each group's first and last column."""

    columns: list[int]
    waypoints: list[list[Waypoint]]
    spans: dict[Path, tuple[int, int]]


def proper_layering(scene: Scene, ranks: Sequence[int]) -> Layering:
    """The layering by ``ranks``, columns numbered without gaps.

    >>> from autograd import Value
    >>> from autograd.drawing.level_of_detail import compose
    >>> x = Value(2.0, name="x")
    >>> layering = proper_layering(compose(x * x.exp()), [0, 2, 4, 6])
    >>> layering.columns, [[point.name for point in points] for points in layering.waypoints]
    ([0, 2, 4, 6], [['e0'], ['w1_1', 'w1_2', 'e1'], ['e2'], ['e3']])
    """
    used = sorted({*ranks, *(ranks[edge.head] - 1 for edge in scene.edges)})
    number = {rank: column for column, rank in enumerate(used)}
    columns = [number[rank] for rank in ranks]
    spans = _spans([box.scope for box in scene.boxes], columns)
    waypoints = []
    for i, edge in enumerate(scene.edges):
        first, last = bisect_right(used, ranks[edge.tail]), number[ranks[edge.head] - 1]
        waypoints.append([_waypoint(i, edge, column, last, scene, spans) for column in range(first, last + 1)])
    return Layering(columns, waypoints, spans)


def _spans(paths: list[Path], columns: list[int]) -> dict[Path, tuple[int, int]]:
    spans: dict[Path, tuple[int, int]] = {}
    for path, column in zip(paths, columns, strict=True):
        for group in groups([path]):
            low, high = spans.get(group, (column, column))
            spans[group] = min(low, column), max(high, column)
    return spans


def _waypoint(i: int, edge: Edge, column: int, last: int, scene: Scene, spans: dict[Path, tuple[int, int]]) -> Waypoint:
    tail, head = scene.boxes[edge.tail].scope, scene.boxes[edge.head].scope
    scope = _innermost(column, tail, head, spans)
    if column == last:
        return Waypoint(f"e{i}", column, scope, label_extent(edge, scene.rankdir))
    return Waypoint(f"w{i}_{column}", column, scope, WAYPOINT if scene.rankdir == "LR" else WAYPOINT[::-1])


def _innermost(column: int, tail: Path, head: Path, spans: dict[Path, tuple[int, int]]) -> Path:
    """The innermost group around either end whose columns include ``column``; the head's goes first."""
    common = shared(tail, head)
    for end in (head, tail):
        depth = len(common)
        while depth < len(end) and spans[end[: depth + 1]][0] <= column <= spans[end[: depth + 1]][1]:
            depth += 1
        if depth > len(common):
            return end[:depth]
    return common
