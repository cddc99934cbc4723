"""The outline of each kind of box: kinds differ in shape as well as in colour.

An operation is a circle; an input has round corners, a parameter cut ones, a constant sharp ones; the output has round
ends, and a folded box is a pile of cards.
"""

from __future__ import annotations

from autograd.drawing.layout import bezier
from autograd.drawing.layout.bezier import Point, Region, tenths
from autograd.drawing.layout.sizes import CARD
from autograd.drawing.scene.model import Box

ROUND, CUT = 6.0, 7.0  # pixels of a corner


def middle(box: Box, centre: Point) -> Point:
    """The middle of the label: that of the front card, the lower part of a pile."""
    return (centre[0], centre[1] + CARD / 2.0) if box.kind == "folded" else centre


def outline(box: Box, centre: Point, extent: Point) -> str:
    """The shape as SVG.

    >>> outline(Box("constant", "2", "", ""), (17.0, 14.0), (34.0, 28.0))
    '<rect x="0" y="0" width="34" height="28"/>'
    """
    (x, y), (w, h) = centre, extent
    if box.kind == "operation":
        return f'<circle cx="{tenths(x)}" cy="{tenths(y)}" r="{tenths(w / 2)}"/>'
    if box.parameter:
        return f'<path class="shape" d="{_cut(centre, extent)}"/>'
    if box.kind == "folded":
        card = _rectangle((x, y - h / 2 + 14.0), (w - 2 * CARD, 28.0), ROUND)
        return card + _rectangle((x, y + CARD / 2), (w, h - CARD), ROUND)
    return _rectangle(centre, extent, _corner(box, extent))


def region(box: Box, centre: Point, extent: Point) -> Region:
    """The region of the shape, at whose rim edges are cut off."""
    w, h = extent
    if box.kind == "operation":
        return bezier.circle(centre, w / 2)
    if box.parameter:
        return bezier.cut(centre, w, h, CUT)
    if box.kind == "folded":
        return bezier.rounded(middle(box, centre), w, h - CARD, ROUND)
    return bezier.rounded(centre, w, h, _corner(box, extent))


def _corner(box: Box, extent: Point) -> float:
    return {"output": min(extent) / 2.0, "constant": 0.0}.get(box.kind, ROUND)


def _rectangle(centre: Point, extent: Point, corner: float) -> str:
    (x, y), (w, h) = centre, extent
    at = f'x="{tenths(x - w / 2)}" y="{tenths(y - h / 2)}" width="{tenths(w)}" height="{tenths(h)}"'
    return f'<rect {at} rx="{tenths(corner)}"/>' if corner else f"<rect {at}/>"


def _cut(centre: Point, extent: Point) -> str:
    (x, y), (w, h) = centre, (extent[0] / 2.0, extent[1] / 2.0)
    a, b = w - CUT, h - CUT
    corners = [(-w, b), (-w, -b), (-a, -h), (a, -h), (w, -b), (w, b), (a, h), (-a, h)]
    return "M" + "L".join(bezier.pair((x + dx, y + dy)) for dx, dy in corners) + "Z"
