"""A placed scene as SVG text: value above a solid black arrow, gradient below a dashed red one that points back.

>>> from autograd import Value
>>> from autograd.drawing.layout.place import place
>>> from autograd.drawing.level_of_detail import compose
>>> scene = compose(Value(2.0, name="a <b>").exp())
>>> 'a &lt;b&gt;' in to_svg(scene, place(scene))
True
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from autograd.drawing.layout import bezier
from autograd.drawing.layout.bezier import Point, Region, tenths
from autograd.drawing.layout.clusters import Cluster
from autograd.drawing.layout.place import MARGIN, Placed
from autograd.drawing.layout.sizes import FONT, GAP, LABEL, label_size
from autograd.drawing.render import legend, shapes
from autograd.drawing.render.themes import band_width, style
from autograd.drawing.scene.alt_text import description
from autograd.drawing.scene.model import Box, Edge, Scene


def to_svg(scene: Scene, placed: Placed, theme: str = "auto") -> str:
    """The drawing as one SVG element, with nothing outside it: no scripts, no links, no fonts to load."""
    title, alt_text = escaped(scene.title), escaped(description(scene))
    name = f"{crc32(f'{title}{alt_text}'.encode()):08x}"  # makes ids unique where a page has several drawings
    width, height = map(tenths, size(scene, placed))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chainrule" role="img" '
        f'aria-labelledby="title-{name} desc-{name}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f'<title id="title-{name}">{title}</title>',
        f'<desc id="desc-{name}">{alt_text}</desc>',
        f"<style>{style(theme)}</style>",
        *(_cluster(cluster, scene) for cluster in placed.clusters),
        *(_edge(i, scene, placed) for i in _greyed_first(scene)),
        *(_box(i, box, placed.centres[i], placed.sizes[i]) for i, box in enumerate(scene.boxes)),
        *(_title(cluster, scene) for cluster in placed.clusters),
        *_legend(legend.legend(scene), placed.height),
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def size(scene: Scene, placed: Placed) -> tuple[float, float]:
    """Width and height of the picture with its legend."""
    width, height = legend.extent(legend.legend(scene))
    return max(placed.width, width + 2 * MARGIN), placed.height + height


def _greyed_first(scene: Scene) -> list[int]:
    """The edges in the order they are painted: no grey one is painted over a highlighted one."""
    return sorted(range(len(scene.edges)), key=lambda i: not scene.edges[i].dimmed)


def escaped(text: str) -> str:
    """``text`` as XML character data.

    >>> escaped("]]> & <script>")
    ']]&gt; &amp; &lt;script&gt;'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# -- groups --------------------------------------------------------------------------------------


def _cluster(cluster: Cluster, scene: Scene) -> str:
    x, y, width, height = map(tenths, (cluster.left, cluster.top, cluster.width, cluster.height))
    rectangle = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{tenths(shapes.ROUND)}"/>'
    return f'<g class="group{_look(cluster, scene)}">{rectangle}</g>'


def _title(cluster: Cluster, scene: Scene) -> str:
    at = f'x="{tenths(cluster.title)}" y="{tenths(cluster.baseline)}"'
    return f'<g class="heading{_look(cluster, scene)}"><text class="title" {at}>{escaped(cluster.words)}</text></g>'


def _look(cluster: Cluster, scene: Scene) -> str:
    """The CSS classes of a group: groups alternate in shade, and are grey where all their nodes are."""
    depth = len(cluster.path)
    grey = all(box.dimmed for box in scene.boxes if box.scope[:depth] == cluster.path)
    return " inner" * (depth % 2 == 0) + " dimmed" * grey


# -- boxes ---------------------------------------------------------------------------------------


def _box(i: int, box: Box, centre: Point, extent: Point) -> str:
    x, y = shapes.middle(box, centre)
    second = box.flag or box.caption
    drop = y + label_size(box) * 0.35 - (5.0 if second else 0.0)
    size = label_size(box)
    sized = "" if size == FONT else ' class="small"' if size < FONT else ' class="large"'
    below = (
        f'<text class="caption{" flag" * bool(box.flag)}" x="{tenths(x)}" y="{tenths(y + 11.0)}">{escaped(second)}</text>'
    )
    return (
        f'<g id="n{i}" class="{_classes(box)}"><title>{escaped(box.hover)}</title>'
        f'{shapes.outline(box, centre, extent)}<text{sized} x="{tenths(x)}" y="{tenths(drop)}">{escaped(box.label)}</text>'
        f"{below if second else ''}</g>"
    )


def _classes(box: Box) -> str:
    classes = f"node {box.kind}"
    if box.kind == "leaf":
        classes += " parameter" if box.parameter else " input"
    return classes + " dimmed" * box.dimmed


# -- edges ---------------------------------------------------------------------------------------


def _edge(i: int, scene: Scene, placed: Placed) -> str:
    edge = scene.edges[i]
    tail, head = (shapes.region(scene.boxes[n], placed.centres[n], placed.sizes[n]) for n in (edge.tail, edge.head))
    band = f" weighed band{edge.band}" if scene.scale else ""
    emphasis = " dimmed" if edge.dimmed else " lit" if scene.highlights else ""
    return "".join(
        [
            f'<g id="e{i}" class="edge{band}{emphasis}"><title>{escaped(edge.hover)}</title>',
            *_arrows(edge, placed.curves[i], scene.rankdir, tail, head),
            *_labels(edge, placed.label_centres[i], scene.rankdir),
            "</g>",
        ]
    )


def _arrows(edge: Edge, curve: list[Point], rankdir: str, tail: Region, head: Region) -> Iterator[str]:
    """The solid arrow beside the value and the dashed one back, which an edge from a constant hasn't."""
    gap = GAP if rankdir == "LR" else -GAP  # left of an arrow to the right is up, left of one down is right
    there = bezier.beside(curve, gap if edge.gradient else 0.0)
    yield _arrow("forward", "head", bezier.entering(bezier.leaving(there, tail), head))
    if edge.gradient:
        back = bezier.beside(curve, -gap)
        size = 1.0 + max(0.0, band_width(edge.band) - 2.0) / 6.0
        yield _arrow("backward", "tail", bezier.entering(bezier.leaving(back, tail), head)[::-1], size)


def _arrow(line_class: str, tip_class: str, curve: list[Point], size: float = 1.0) -> str:
    line, tip = bezier.arrow(curve, size)
    return f'<path class="{line_class}" d="{bezier.path(line)}"/><path class="{tip_class}" d="{bezier.polygon(tip)}"/>'


def _labels(edge: Edge, centre: Point, rankdir: str) -> Iterator[str]:
    x, y = centre
    if rankdir == "LR":
        anchors = [(x, y - GAP - 4.5, ""), (x, y + GAP + 4.0 + LABEL * 0.75, "")]
    else:
        anchors = [(x - GAP - 5.0, y + LABEL * 0.35, "end"), (x + GAP + 5.0, y + LABEL * 0.35, "start")]
    for kind, text, (tx, ty, anchor) in zip(("value", "gradient"), (edge.value, edge.gradient), anchors, strict=True):
        if text:
            style = f' style="text-anchor:{anchor}"' if anchor else ""
            shown = escaped(text)
            if kind == "gradient" and edge.partial:
                shown = f'{escaped(edge.partial)}<tspan class="number">{shown}</tspan>'
            yield f'<text class="{kind}" x="{tenths(tx)}" y="{tenths(ty)}"{style}>{shown}</text>'


# -- legend --------------------------------------------------------------------------------------


def _legend(lines: list[list[legend.Entry]], top: float) -> Iterator[str]:
    """Samples of the bands with their sizes, and the marks."""
    if not lines:
        return
    yield '<g class="legend">'
    for row, line in enumerate(lines):
        y = top + legend.LINE * (row + 0.3)
        for entry in line:
            x = MARGIN + entry.x
            if entry.band:
                sample = f'<path class="backward" d="M{tenths(x)},{tenths(y)}H{tenths(x + legend.SAMPLE)}"/>'
                yield f'<g class="edge band{entry.band}">{sample}</g>'
                x += legend.SAMPLE + 6.0
            yield f'<text x="{tenths(x)}" y="{tenths(y + 4.0)}">{escaped(entry.text)}</text>'
    yield "</g>"
