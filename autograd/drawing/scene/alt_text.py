"""A drawing in sentences, for those who can't see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from autograd.drawing.scene.groups import groups
from autograd.drawing.scene.model import Box, Scene
from autograd.drawing.scene.scale import MARKS, MEANINGS
from autograd.interop.text import count, number, shortened

KINDS = ("operation", "input", "parameter", "constant", "folded box", "output")
NAMED = 12  # at most so many of a kind are named; the others are counted


def description(scene: Scene) -> str:
    """The kinds of boxes, the groups, what was folded, what is highlighted, and which gradients are flagged.

    >>> from autograd import Value
    >>> from autograd.drawing.level_of_detail import compose
    >>> description(compose(Value(2.0, name="x").exp()))[:57]
    'It shows 1 operation, 1 input and 1 output. The input is '
    """
    return " ".join(_sentences(scene))


def _sentences(scene: Scene) -> Iterator[str]:
    counts = Counter(map(_kind, scene.boxes))
    yield f"It shows {enumerated([count(counts[kind], kind) for kind in KINDS if counts[kind]])}."
    inputs = [box.label for box in scene.boxes if _kind(box) == "input"]
    if inputs:
        yield f"The {'inputs are' if len(inputs) > 1 else 'input is'} {enumerated(inputs)}."
    yield "Each edge carries its value above a solid arrow, and its gradient below a dashed arrow that points back."
    if scene.scale:
        yield f"The larger a gradient, the wider its arrow; the largest is {number(scene.scale.largest)} in size."
    titles = [" in ".join(reversed(path)) for path in groups(box.scope for box in scene.boxes)]
    if titles:
        yield f"{'Groups are' if len(titles) > 1 else 'A group is'} {enumerated(titles)}."
    folded = [box.label for box in scene.boxes if box.kind == "folded"]
    if folded:
        yield f"{count(scene.nodes, 'node')} were too many for a box each; folded into one box each: {enumerated(folded)}."
    if scene.highlights:
        yield f"Highlighted is {enumerated([box.label for box in scene.boxes if not box.dimmed])}; all else is grey."
    yield from _flags(scene)


def _kind(box: Box) -> str:
    if box.kind == "leaf":
        return "parameter" if box.parameter else "input"
    return "folded box" if box.kind == "folded" else box.kind


def _flags(scene: Scene) -> Iterator[str]:
    """One sentence for each flag: on how many edges it is, and at which leaves."""
    for flag in MARKS:
        edges = sum(edge.flag == flag for edge in scene.edges)
        leaves = [box.label for box in scene.boxes if box.flag.endswith(f" {flag}")]
        if edges or leaves:
            at = f", and at {enumerated(leaves)}" if leaves else ""
            yield f"On {count(edges, 'edge')}{at} {MEANINGS[flag]}."


def enumerated(things: list[str]) -> str:
    """``things`` joined by commas and "and".

    >>> enumerated(["a"]), enumerated(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    shown = [shortened(thing) for thing in things[:NAMED]]
    if len(things) > NAMED:
        return f"{', '.join(shown)} and {len(things) - NAMED} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
