"""Sizes in pixels: of text, of boxes by their labels, of the labels of edges.

>>> from autograd.drawing.scene.model import Edge
>>> label_extent(Edge(0, 1, value="100", gradient="2.2", hover=""), "LR")
(30.0, 35.0)
"""

from __future__ import annotations

from collections import Counter
from unicodedata import combining, east_asian_width

from autograd.drawing.layout.routing import APART
from autograd.drawing.scene.model import Box, Edge, Scene

FONT, SMALL, LABEL = 14.0, 10.0, 11.0  # font sizes: in boxes, of captions and titles, at edges
TITLE = 16.0  # height of a group's title
GAP = 3.5  # from the middle of an edge to each of its arrows
LINE = 14.0  # height of a line of text at an edge, with its distance from the arrow
CARD = 4.0  # how far the second card of a pile shows
WAYPOINT = (1.0, 8.0)  # width and height of a waypoint without labels, left to right


def label_size(box: Box) -> float:
    """The font size of a box's label: smaller for a long one in a circle, larger for a lone dot."""
    if box.kind != "operation":
        return FONT
    return 2.0 * FONT if box.label == "·" else FONT if len(box.label) < 5 else FONT - 3.0


def sizes(scene: Scene) -> list[tuple[float, float]]:
    """Width and height of every box, equal for a circle; larger where many edges meet on one side."""
    fans = [0] * len(scene.boxes)
    for edges in (Counter(edge.tail for edge in scene.edges), Counter(edge.head for edge in scene.edges)):
        fans = [max(fan, edges[i]) for i, fan in enumerate(fans)]
    return [_size(box, min(fan, 10), scene.rankdir) for box, fan in zip(scene.boxes, fans, strict=True)]


def _size(box: Box, edges: int, rankdir: str) -> tuple[float, float]:
    text, second = text_width(box.label, label_size(box)), text_width(box.flag or box.caption, SMALL)
    if box.kind == "operation":
        diameter = 2.0 * round(max(16.0, text / 2.0 + 5.0, second / 2.0 + 5.0, 3.0 * edges))
        return diameter, diameter
    width, height = max(34.0, round(max(text, second)) + 18.0), 28.0 + 8.0 * bool(second) + CARD * (box.kind == "folded")
    side = APART * edges
    return (max(width, side), height) if rankdir == "TB" else (width, max(height, side))


def label_extent(edge: Edge, rankdir: str) -> tuple[float, float]:
    """Width and height of an edge's labels with the arrows between them."""
    widths = text_width(edge.value, LABEL), text_width(edge.gradient_text, LABEL)
    if rankdir == "TB":
        return 2.0 * round(max(widths)) + 4.0 * GAP + 4.0, LINE + 6.0
    return max(30.0, round(max(widths)) + 8.0), 2.0 * (GAP + LINE)


def text_width(text: str, size: float) -> float:
    """An upper bound of the width of ``text`` in pixels, measured on DejaVu Sans, the widest of the usual fonts.

    >>> text_width("111", 10.0) > text_width("1", 10.0)
    True
    """
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if combining(character):
        return 0.0
    if character in "ijl.,:;|!' ·":
        return 0.34
    if character < "\u0590" and not character.isupper() and character not in "mw%@&+=<>~#×÷±¬":
        return 0.65
    return 1.02 if character in "mwMW%@" or east_asian_width(character) in "WF" or character > "\uffff" else 0.86
