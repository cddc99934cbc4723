"""Gradient magnitudes on a scene: a width for each edge, and marks where a gradient is 0, vanishes or explodes."""

from __future__ import annotations

from dataclasses import replace

from autograd.drawing.scene.model import Box, Edge, Scene
from autograd.drawing.scene.scale import MARKS, Scale
from autograd.drawing.scene.tooltips import meaning


def with_magnitudes(scene: Scene) -> Scene:
    """The scene with its scale, the band of every edge, and flags.

    >>> from autograd import Value
    >>> from autograd.drawing.level_of_detail import compose
    >>> x = Value(0.0, name="x"); y = x * x + 3 * Value(1.0)
    >>> y.backward()
    >>> [(edge.band, edge.gradient) for edge in with_magnitudes(compose(y)).edges]
    [(0, '0 ∅ zero'), (0, '0 ∅ zero'), (6, '3'), (5, '1'), (5, '1'), (5, '1')]
    """
    scale = Scale.of(edge.contribution for edge in scene.edges if edge.contribution is not None)
    edges = [_edge(edge, scale) for edge in scene.edges]
    boxes = [_box(box, scale) for box in scene.boxes]
    return replace(scene, scale=scale, edges=edges, boxes=boxes)


def _edge(edge: Edge, scale: Scale) -> Edge:
    if edge.contribution is None:
        return edge
    flag = scale.flag(edge.contribution)
    shown = f"{edge.gradient} {_marked(flag)}" if flag else edge.gradient
    hover = f"{edge.hover}\n{meaning(flag)}" if flag else edge.hover
    return replace(edge, band=scale.band(edge.contribution), flag=flag, gradient=shown, hover=hover)


def _box(box: Box, scale: Scale) -> Box:
    """A box with the flag of its node's gradient: a circle has room for the mark alone."""
    if box.node is None or box.node.grad_or_none is None or box.kind == "output":
        return box
    flag = scale.flag(box.node.grad_or_none)
    if not flag:
        return box
    shown = MARKS[flag] if box.kind == "operation" else _marked(flag)
    return replace(box, flag=shown, hover=f"{box.hover}\n{meaning(flag)}")


def _marked(flag: str) -> str:
    return f"{MARKS[flag]} {flag}"
