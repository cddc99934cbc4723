"""What each edge passes on its way: a stop in every column between its boxes, the last one the room of its labels.

A stop inside a group's columns belongs to the group, so Graphviz leads edges through groups and never over them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from autograd.drawing.layout.sizes import WAYPOINT, room
from autograd.drawing.scene.groups import Path, groups, shared
from autograd.drawing.scene.model import Edge, Scene


@dataclass(frozen=True, slots=True)
class Stop:
    """A place that an edge goes through; ``name`` is what Graphviz calls it, ``extent`` its width and height."""

    name: str
    column: int
    scope: Path
    extent: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """The column of every box, the stops of every edge, and each group's first and last column."""

    columns: list[int]
    stops: list[list[Stop]]
    spans: dict[Path, tuple[int, int]]


def plan(scene: Scene, ranks: Sequence[int]) -> Plan:
    """The columns that are used, numbered without gaps, and what stands in them.

    >>> from autograd import Value
    >>> from autograd.drawing.level_of_detail import compose
    >>> x = Value(2.0, name="x")
    >>> planned = plan(compose(x * x.exp()), [0, 2, 4, 6])
    >>> planned.columns, [[stop.name for stop in stops] for stops in planned.stops]
    ([0, 2, 4, 6], [['e0'], ['w1_1', 'w1_2', 'e1'], ['e2'], ['e3']])
    """
    used = sorted({*ranks, *(ranks[edge.head] - 1 for edge in scene.edges)})
    number = {rank: column for column, rank in enumerate(used)}
    columns = [number[rank] for rank in ranks]
    spans = _spans([box.scope for box in scene.boxes], columns)
    stops = []
    for i, edge in enumerate(scene.edges):
        first, last = bisect_right(used, ranks[edge.tail]), number[ranks[edge.head] - 1]
        stops.append([_stop(i, edge, column, last, scene, spans) for column in range(first, last + 1)])
    return Plan(columns, stops, spans)


def _spans(paths: list[Path], columns: list[int]) -> dict[Path, tuple[int, int]]:
    spans: dict[Path, tuple[int, int]] = {}
    for path, column in zip(paths, columns, strict=True):
        for group in groups([path]):
            low, high = spans.get(group, (column, column))
            spans[group] = min(low, column), max(high, column)
    return spans


def _stop(i: int, edge: Edge, column: int, last: int, scene: Scene, spans: dict[Path, tuple[int, int]]) -> Stop:
    tail, head = scene.boxes[edge.tail].scope, scene.boxes[edge.head].scope
    scope = _inside(column, tail, head, spans)
    if column == last:
        return Stop(f"e{i}", column, scope, room(edge, scene.rankdir))
    return Stop(f"w{i}_{column}", column, scope, WAYPOINT if scene.rankdir == "LR" else WAYPOINT[::-1])


def _inside(column: int, tail: Path, head: Path, spans: dict[Path, tuple[int, int]]) -> Path:
    """The innermost group of either end that reaches to ``column``."""
    common = shared(tail, head)
    for end in (head, tail):
        depth = len(common)
        while depth < len(end) and spans[end[: depth + 1]][0] <= column <= spans[end[: depth + 1]][1]:
            depth += 1
        if depth > len(common):
            return end[:depth]
    return common
