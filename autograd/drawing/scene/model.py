"""The scene that is drawn: boxes and the edges between them, all numbers formatted, without positions."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograd.drawing.scene.groups import Path
from autograd.drawing.scene.scale import Scale
from autograd.value import Value


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the drawing; ``kind`` is leaf, operation, constant, folded or output; ``node`` is the one it shows.

    A leaf is a ``parameter`` or else an input. ``scope`` is the group it stands in; ``flag`` marks a gradient that
    is 0, vanishes, explodes or isn't finite.
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
    """From box ``tail`` to box ``head``, with the value it carries and the gradient that flows back along it.

    ``gradient`` is empty for a constant: nothing flows back to it. What flows is operand number ``index`` of ``user``,
    the node at the head; both are None for a bundle. ``contribution`` is the gradient as a number, a bundle's largest;
    ``band`` is its band on the scale of magnitudes, from 1. ``partial`` names it where that is asked for: "∂L/∂w = ".
    """

    tail: int
    head: int
    value: str
    gradient: str
    hover: str
    dimmed: bool = False
    index: int | None = None
    contribution: float | None = None
    band: int = 0
    flag: str = ""
    user: Value | None = None
    partial: str = ""

    @property
    def gradient_text(self) -> str:
        """What stands below the edge."""
        return self.partial + self.gradient


@dataclass(slots=True)
class Scene:
    """All boxes, operands first, and all edges, in the order of the operands.

    ``nodes`` is the number of nodes in the graph; with ``highlights`` all boxes off the chosen paths are dimmed.
    ``dots`` has for each dot that is spelled out the nodes drawn in its place, their sum last.
    """

    title: str
    rankdir: str
    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    nodes: int = 0
    highlights: bool = False
    scale: Scale | None = None
    dots: dict[Value, tuple[Value, ...]] = field(default_factory=dict)

    def add(self, box: Box) -> int:
        """Add a box; its number."""
        self.boxes.append(box)
        return len(self.boxes) - 1

    @property
    def outputs(self) -> int:
        """How many boxes are outputs."""
        return sum(box.kind == "output" for box in self.boxes)

    @property
    def folded(self) -> int:
        """How many boxes stand for several nodes each."""
        return sum(box.kind == "folded" for box in self.boxes)
