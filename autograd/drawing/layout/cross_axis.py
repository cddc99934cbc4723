"""What Graphviz answers: where everything stands across the columns. How far apart the columns are is ours (``spacing``)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from autograd.drawing.layout.dot_request import cluster, ordered
from autograd.drawing.layout.spacing import Span
from autograd.drawing.layout.waypoints import Plan
from autograd.drawing.scene.groups import Path
from autograd.drawing.scene.model import Scene


@dataclass(frozen=True, slots=True)
class Across:
    """The middle of every box and stop, from where to where each group reaches, and how far all does, from 0."""

    things: dict[str, float]
    groups: dict[Path, Span]
    end: float

    def mirrored(self) -> Across:
        """The same seen in a mirror."""
        things = {name: self.end - middle for name, middle in self.things.items()}
        return Across(
            things, {path: Span(self.end - s.end, self.end - s.start) for path, s in self.groups.items()}, self.end
        )


def read(layout: Any, scene: Scene, planned: Plan) -> Across:
    """Graphviz's JSON, from left to right y turned to point down."""
    _, _, right, top = map(float, layout["bb"].split(","))
    things: dict[str, float] = {}
    groups: dict[str, Span] = {}
    for thing in layout["objects"]:
        place = thing["pos"] if "pos" in thing else thing["bb"]
        x, y, *corner = map(float, place.split(","))
        if not corner:
            things[thing["name"]] = top - y if scene.rankdir == "LR" else x
        else:
            groups[thing["name"]] = Span(top - corner[1], top - y) if scene.rankdir == "LR" else Span(x, corner[0])
    named = {path: groups[cluster(i)] for i, path in enumerate(planned.spans)}
    across = Across(things, named, top if scene.rankdir == "LR" else right)
    mirror = scene.rankdir == "TB" and _backwards(scene, across)  # left to right it would put titles below
    return across.mirrored() if mirror else across


def _backwards(scene: Scene, across: Across) -> bool:
    """Whether more operands stand behind the next one than before it, first of all where their order matters."""
    places: dict[int, list[float]] = defaultdict(list)
    for i, edge in enumerate(scene.edges):
        places[edge.head].append(across.things[f"e{i}"])
    steps = [(ordered(scene.boxes[head]), b - a) for head, operands in places.items() for a, b in pairwise(operands)]
    deciding = [step for matters, step in steps if matters] or [step for _, step in steps]
    return sum(step < 0 for step in deciding) > sum(step > 0 for step in deciding)
