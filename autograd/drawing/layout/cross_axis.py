"""Reads Graphviz's answer: the position of everything along the cross axis, the direction in which a column runs.

Positions along the other axis, from column to column, are computed by ``spacing``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from autograd.drawing.layout.dot_request import cluster_name, ordered
from autograd.drawing.layout.spacing import Span
from autograd.drawing.layout.waypoints import Layering
from autograd.drawing.scene.groups import Path
from autograd.drawing.scene.model import Scene


@dataclass(frozen=True, slots=True)
class CrossAxis:
    """On the cross axis, from 0 to ``end``: the middle of every box and waypoint by its name, the span of every group."""

    middles: dict[str, float]
    groups: dict[Path, Span]
    end: float

    def mirrored(self) -> CrossAxis:
        """The same with its direction reversed."""
        middles = {name: self.end - middle for name, middle in self.middles.items()}
        groups = {path: Span(self.end - span.end, self.end - span.start) for path, span in self.groups.items()}
        return CrossAxis(middles, groups, self.end)


def read_cross_axis(answer: str, scene: Scene, layering: Layering, mirror: bool = True) -> CrossAxis:
    """The cross axis in Graphviz's JSON, whose y points up; ours points down.

    From top to bottom it is mirrored with ``mirror``, where it is the wrong way round.
    """
    layout = json.loads(answer)
    _, _, right, top = map(float, layout["bb"].split(","))
    middles: dict[str, float] = {}
    groups: dict[str, Span] = {}
    for item in layout["objects"]:
        x, y, *corner = map(float, (item["pos"] if "pos" in item else item["bb"]).split(","))
        if not corner:
            middles[item["name"]] = top - y if scene.rankdir == "LR" else x
        else:
            groups[item["name"]] = Span(top - corner[1], top - y) if scene.rankdir == "LR" else Span(x, corner[0])
    named = {path: groups[cluster_name(i)] for i, path in enumerate(layering.spans)}
    cross_axis = CrossAxis(middles, named, top if scene.rankdir == "LR" else right)
    if mirror and scene.rankdir == "TB" and _backwards(scene, cross_axis):
        return cross_axis.mirrored()  # never left to right: titles would be at the bottom
    return cross_axis


def _backwards(scene: Scene, cross_axis: CrossAxis) -> bool:
    """Whether most operands stand in reverse order; operations whose order matters decide where there are any."""
    positions: dict[int, list[float]] = defaultdict(list)
    for i, edge in enumerate(scene.edges):
        positions[edge.head].append(cross_axis.middles[f"e{i}"])
    steps = [(ordered(scene.boxes[head]), b - a) for head, operands in positions.items() for a, b in pairwise(operands)]
    deciding = [step for matters, step in steps if matters] or [step for _, step in steps]
    return sum(step < 0 for step in deciding) > sum(step > 0 for step in deciding)
