"""What a drawing is made of: boxes and the edges between them, every number already in words. No positions yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograd.drawing.scene.groups import Path
from autograd.drawing.scene.scale import Scale
from autograd.value import Value


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the drawing; ``kind`` is leaf, operation, constant, folded or output; ``node`` is what it shows.

    A leaf is a ``parameter`` or else an input. ``scope`` is the group it stands in, ``flag`` what is wrong with
    its gradient where that is asked for.
    """

    kind: str
    label: str
    caption: str = ""
    hover: str = ""
    dimmed: bool = False
    node: Value | None = None
    scope: Path = ()
    parameter: bool = False
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """From box ``tail`` to box ``head``, with the value it carries and the gradient that comes back along it.

    ``gradient`` is empty for a constant: nothing flows back to it. ``place`` is the operand's among those of the
    ``user``, the node at the head; both are None where an edge stands for no single one. ``contribution`` is the
    gradient as a number, the largest of several; ``band`` its place on the scale of magnitudes, from 1.
    """

    tail: int
    head: int
    value: str
    gradient: str
    hover: str
    dimmed: bool = False
    place: int | None = None
    contribution: float | None = None
    band: int = 0
    flag: str = ""
    user: Value | None = None


@dataclass(slots=True)
class Scene:
    """All boxes, parents first, and all edges, in the order of the operands.

    ``nodes`` is how many nodes the graph has; it ``highlights`` something where all else is dimmed.
    """

    title: str
    rankdir: str
    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    nodes: int = 0
    highlights: bool = False
    scale: Scale | None = None

    def add(self, box: Box) -> int:
        """Add a box; its number."""
        self.boxes.append(box)
        return len(self.boxes) - 1

    @property
    def folded(self) -> int:
        """How many boxes stand for several nodes each."""
        return sum(box.kind == "folded" for box in self.boxes)
