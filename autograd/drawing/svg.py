"""A placed scene as SVG text: value above a solid black arrow, gradient below a dashed red one that points back.

>>> from autograd import Value
>>> from autograd.drawing.layout import place
>>> from autograd.drawing.scene import compose
>>> scene = compose(Value(2.0, name="a <b>").exp())
>>> 'a &lt;b&gt;' in to_svg(scene, place(scene))
True
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd.drawing import geometry
from autograd.drawing.geometry import Inside, Point, short
from autograd.drawing.labels import count
from autograd.drawing.layout import Placed
from autograd.drawing.measures import FONT, GAP, LABEL, SMALL, label_size
from autograd.drawing.scene import Box, Edge, Scene

CORNER = 6.0  # radius of a box's corners

# Every rule starts at .chainrule: inside a page a style sheet reaches all of the page.
STYLE = f"""
.chainrule {{ font-family: sans-serif; background: #fff }}
.chainrule text {{ text-anchor: middle; font-size: {LABEL:g}px }}
.chainrule .edge path {{ fill: none; stroke: #222; stroke-width: 1.4 }}
.chainrule .edge .backward {{ stroke: #c0392b; stroke-dasharray: 5 3 }}
.chainrule .edge .head {{ fill: #222; stroke: none }}
.chainrule .edge .tail {{ fill: #c0392b; stroke: none }}
.chainrule .value {{ fill: #1a3c6e }}
.chainrule .gradient {{ fill: #c0392b }}
.chainrule .node text {{ fill: #111; font-size: {FONT:g}px }}
.chainrule .node .small {{ font-size: {FONT - 3:g}px }}
.chainrule .node .caption {{ fill: #667; font-size: {SMALL:g}px }}
.chainrule circle {{ fill: #efedff; stroke: #333; stroke-width: 1.4 }}
.chainrule rect {{ fill: #fff4d6; stroke: #333; stroke-width: 1.4 }}
.chainrule .output rect {{ fill: #e6ffe6; stroke-width: 2 }}
.chainrule .constant rect {{ fill: #f2f2f2; stroke: #999 }}
.chainrule .folded rect {{ fill: #fafafa; stroke-dasharray: 5 4 }}
.chainrule .dimmed circle, .chainrule .dimmed rect {{ fill: #f7f7f7; stroke: #ccc }}
.chainrule .edge.dimmed path {{ stroke: #ccc }}
.chainrule .edge.dimmed .head, .chainrule .edge.dimmed .tail {{ fill: #ccc; stroke: none }}
.chainrule .dimmed.dimmed text {{ fill: #bbb }}
"""


def to_svg(scene: Scene, placed: Placed) -> str:
    """The drawing as one SVG element, with nothing outside it: no scripts, no links, no fonts to load."""
    width, height = short(placed.width), short(placed.height)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chainrule" role="img" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{escaped(scene.title)}</title>",
        f"<desc>{escaped(description(scene))}</desc>",
        f"<style>{STYLE}</style>",
        *(_edge(i, scene, placed) for i in _greyed_first(scene)),
        *(_box(i, box, placed.centres[i], placed.sizes[i]) for i, box in enumerate(scene.boxes)),
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def _greyed_first(scene: Scene) -> list[int]:
    """The edges in the order they are painted: a highlighted one is never crossed by a grey one."""
    return sorted(range(len(scene.edges)), key=lambda i: not scene.edges[i].dimmed)


def description(scene: Scene) -> str:
    """The drawing in words, for those who can't see it."""
    kinds = [box.kind for box in scene.boxes]
    folded = f" {count(scene.folded, 'earlier node')} folded into one box." if scene.folded else ""
    return (
        f"{count(kinds.count('operation'), 'operation')} and {count(kinds.count('leaf'), 'leaf')}. "
        f"Each edge carries its value above a solid arrow, and its gradient below a dashed arrow that points back.{folded}"
    )


def escaped(text: str) -> str:
    """``text`` as XML character data.

    >>> escaped("]]> & <script>")
    ']]&gt; &amp; &lt;script&gt;'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# -- boxes ---------------------------------------------------------------------------------------


def _box(i: int, box: Box, centre: Point, extent: Point) -> str:
    x, y = centre
    drop = y + label_size(box) * 0.35 - (5.0 if box.caption else 0.0)
    small = "" if label_size(box) == FONT else ' class="small"'
    caption = f'<text class="caption" x="{short(x)}" y="{short(y + 11.0)}">{escaped(box.caption)}</text>'
    return (
        f'<g id="n{i}" class="node {box.kind}{" dimmed" * box.dimmed}"><title>{escaped(box.hover)}</title>'
        f'{_outline(box, centre, extent)}<text{small} x="{short(x)}" y="{short(drop)}">{escaped(box.label)}</text>'
        f"{caption if box.caption else ''}</g>"
    )


def _outline(box: Box, centre: Point, extent: Point) -> str:
    (x, y), (w, h) = centre, extent
    if box.kind == "operation":
        return f'<circle cx="{short(x)}" cy="{short(y)}" r="{short(w / 2)}"/>'
    at = f'x="{short(x - w / 2)}" y="{short(y - h / 2)}" width="{short(w)}" height="{short(h)}"'
    return f'<rect {at} rx="{short(CORNER)}"/>'


def shape(box: Box, centre: Point, extent: Point) -> Inside:
    """Whether a point is in the box."""
    w, h = extent
    return geometry.circle(centre, w / 2) if box.kind == "operation" else geometry.rounded(centre, w, h, CORNER)


# -- edges ---------------------------------------------------------------------------------------


def _edge(i: int, scene: Scene, placed: Placed) -> str:
    edge = scene.edges[i]
    tail, head = (shape(scene.boxes[n], placed.centres[n], placed.sizes[n]) for n in (edge.tail, edge.head))
    return "".join(
        [
            f'<g id="e{i}" class="edge{" dimmed" * edge.dimmed}"><title>{escaped(edge.hover)}</title>',
            *_arrows(edge, placed.routes[i], scene.rankdir, tail, head),
            *_labels(edge, placed.rooms[i], scene.rankdir),
            "</g>",
        ]
    )


def _arrows(edge: Edge, route: list[Point], rankdir: str, tail: Inside, head: Inside) -> Iterator[str]:
    """The solid arrow on the side of the value; the dashed one back, unless the tail is a constant."""
    gap = GAP if rankdir == "LR" else -GAP  # left of an arrow to the right is up, left of one down is right
    there = geometry.beside(route, gap if edge.gradient else 0.0)
    yield _arrow("forward", "head", geometry.entering(geometry.leaving(there, tail), head))
    if edge.gradient:
        back = geometry.beside(route, -gap)
        yield _arrow("backward", "tail", geometry.entering(geometry.leaving(back, tail), head)[::-1])


def _arrow(line_class: str, tip_class: str, curve: list[Point]) -> str:
    line, tip = geometry.arrow(curve)
    return f'<path class="{line_class}" d="{geometry.path(line)}"/><path class="{tip_class}" d="{geometry.polygon(tip)}"/>'


def _labels(edge: Edge, room: Point, rankdir: str) -> Iterator[str]:
    x, y = room
    if rankdir == "LR":
        places = [(x, y - GAP - 4.5, ""), (x, y + GAP + 4.0 + LABEL * 0.75, "")]
    else:
        places = [(x - GAP - 5.0, y + LABEL * 0.35, "end"), (x + GAP + 5.0, y + LABEL * 0.35, "start")]
    for kind, text, (tx, ty, anchor) in zip(("value", "gradient"), (edge.value, edge.gradient), places, strict=True):
        if text:
            style = f' style="text-anchor:{anchor}"' if anchor else ""
            yield f'<text class="{kind}" x="{short(tx)}" y="{short(ty)}"{style}>{escaped(text)}</text>'
