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

from autograd.drawing.layout import bezier as geometry
from autograd.drawing.layout.bezier import Inside, Point, short
from autograd.drawing.layout.clusters import Frame
from autograd.drawing.layout.place import MARGIN, Placed
from autograd.drawing.layout.sizes import FONT, GAP, LABEL, label_size
from autograd.drawing.render import legend, shapes
from autograd.drawing.render.themes import band_width, style
from autograd.drawing.scene.alt_text import description
from autograd.drawing.scene.model import Box, Edge, Scene


def to_svg(scene: Scene, placed: Placed, theme: str = "auto") -> str:
    """The drawing as one SVG element, with nothing outside it: no scripts, no links, no fonts to load."""
    told, described = escaped(scene.title), escaped(description(scene))
    name = f"{crc32(f'{told}{described}'.encode()):08x}"  # several drawings may stand in one page
    width, height = map(short, size(scene, placed))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chainrule" role="img" '
        f'aria-labelledby="title-{name} desc-{name}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f'<title id="title-{name}">{told}</title>',
        f'<desc id="desc-{name}">{described}</desc>',
        f"<style>{style(theme)}</style>",
        *(_frame(frame, scene) for frame in placed.frames),
        *(_edge(i, scene, placed) for i in _greyed_first(scene)),
        *(_box(i, box, placed.centres[i], placed.sizes[i]) for i, box in enumerate(scene.boxes)),
        *(_title(frame, scene) for frame in placed.frames),
        *_legend(legend.legend(scene), placed.height),
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def size(scene: Scene, placed: Placed) -> tuple[float, float]:
    """Width and height of the picture with its legend."""
    wide, high = legend.extent(legend.legend(scene))
    return max(placed.width, wide + 2 * MARGIN), placed.height + high


def _greyed_first(scene: Scene) -> list[int]:
    """The edges in the order they are painted: a highlighted one is never crossed by a grey one."""
    return sorted(range(len(scene.edges)), key=lambda i: not scene.edges[i].dimmed)


def escaped(text: str) -> str:
    """``text`` as XML character data.

    >>> escaped("]]> & <script>")
    ']]&gt; &amp; &lt;script&gt;'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# -- groups --------------------------------------------------------------------------------------


def _frame(frame: Frame, scene: Scene) -> str:
    at = f'x="{short(frame.left)}" y="{short(frame.top)}" width="{short(frame.width)}" height="{short(frame.height)}"'
    return f'<g class="group{_look(frame, scene)}"><rect {at} rx="{short(shapes.ROUND)}"/></g>'


def _title(frame: Frame, scene: Scene) -> str:
    at = f'x="{short(frame.title)}" y="{short(frame.baseline)}"'
    return f'<g class="heading{_look(frame, scene)}"><text class="title" {at}>{escaped(frame.words)}</text></g>'


def _look(frame: Frame, scene: Scene) -> str:
    """A group in a group has another shade; it is grey where all in it is."""
    depth = len(frame.path)
    grey = all(box.dimmed for box in scene.boxes if box.scope[:depth] == frame.path)
    return " inner" * (depth % 2 == 0) + " dimmed" * grey


# -- boxes ---------------------------------------------------------------------------------------


def _box(i: int, box: Box, centre: Point, extent: Point) -> str:
    x, y = shapes.middle(box, centre)
    second = box.flag or box.caption
    drop = y + label_size(box) * 0.35 - (5.0 if second else 0.0)
    size = label_size(box)
    sized = "" if size == FONT else ' class="small"' if size < FONT else ' class="large"'
    below = f'<text class="caption{" flag" * bool(box.flag)}" x="{short(x)}" y="{short(y + 11.0)}">{escaped(second)}</text>'
    return (
        f'<g id="n{i}" class="{_classes(box)}"><title>{escaped(box.hover)}</title>'
        f'{shapes.outline(box, centre, extent)}<text{sized} x="{short(x)}" y="{short(drop)}">{escaped(box.label)}</text>'
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
    tail, head = (shapes.inside(scene.boxes[n], placed.centres[n], placed.sizes[n]) for n in (edge.tail, edge.head))
    band = f" weighed band{edge.band}" if scene.scale else ""
    lit = " dimmed" if edge.dimmed else " lit" if scene.highlights else ""
    return "".join(
        [
            f'<g id="e{i}" class="edge{band}{lit}"><title>{escaped(edge.hover)}</title>',
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
        size = 1.0 + max(0.0, band_width(edge.band) - 2.0) / 6.0
        yield _arrow("backward", "tail", geometry.entering(geometry.leaving(back, tail), head)[::-1], size)


def _arrow(line_class: str, tip_class: str, curve: list[Point], size: float = 1.0) -> str:
    line, tip = geometry.arrow(curve, size)
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
                sample = f'<path class="backward" d="M{short(x)},{short(y)}H{short(x + legend.SAMPLE)}"/>'
                yield f'<g class="edge band{entry.band}">{sample}</g>'
                x += legend.SAMPLE + 6.0
            yield f'<text x="{short(x)}" y="{short(y + 4.0)}">{escaped(entry.text)}</text>'
    yield "</g>"
