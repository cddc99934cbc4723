"""A scene in Graphviz's language, for ``.dot`` files: groups are clusters, an edge's labels a node without outline.

>>> from autograd import Value, scope
>>> from autograd.drawing.level_of_detail import compose
>>> with scope("g"):
...     y = Value(2.0, name="a").exp()
>>> source = dot_source(compose(y))
>>> "subgraph cluster_0" in source, source.count("->")
(True, 4)
"""

from __future__ import annotations

from typing import Any

from autograd.drawing.layout.graphviz import LayoutError
from autograd.drawing.layout.sizes import LABEL, SMALL, label_extent, label_size, sizes
from autograd.drawing.render.themes import Palette, palette
from autograd.drawing.scene.groups import Path, groups, shared
from autograd.drawing.scene.model import Box, Edge, Scene
from autograd.interop.text import shortened

Attributes = dict[str, str]


def dot_source(scene: Scene, theme: str = "light") -> str:
    """The scene in the DOT language.

    >>> from autograd import Value
    >>> from autograd.drawing.level_of_detail import compose
    >>> 'label="a\\\\\\\\N"' in dot_source(compose(Value(2.0, name="a\\\\N").exp()))
    True
    """
    try:
        from graphviz import Digraph
    except ImportError:
        raise LayoutError("a drawing is written with the package graphviz: pip install graphviz") from None
    colours = palette(theme)
    graph = Digraph(
        _plain(scene.title),
        graph_attr={"rankdir": scene.rankdir, "nodesep": "0.14", "ranksep": "0.4", "newrank": "true"}
        | {"bgcolor": colours.page},
        node_attr={"fixedsize": "true", "style": "filled", "fontname": "sans-serif", "label": ""},
        edge_attr={"color": colours.line},
    )
    _members(graph, scene, colours)
    for i, edge in enumerate(scene.edges):
        _edge(graph, i, edge, scene)
    return str(graph.source)


def _members(graph: Any, scene: Scene, colours: Palette) -> None:
    """All boxes and the labels of edges, each in the cluster of its group."""
    from graphviz import Digraph

    homes = [shared(scene.boxes[edge.tail].scope, scene.boxes[edge.head].scope) for edge in scene.edges]
    paths = groups([*(box.scope for box in scene.boxes), *homes])
    clusters: dict[Path, Any] = {(): graph}
    for i, path in enumerate(paths):
        clusters[path] = Digraph(f"cluster_{i}", graph_attr=_group(path, colours))
    for i, (box, extent) in enumerate(zip(scene.boxes, sizes(scene), strict=True)):
        clusters[box.scope].node(f"n{i}", **_node(box, extent, colours))
    for i, (edge, home) in enumerate(zip(scene.edges, homes, strict=True)):
        clusters[home].node(f"e{i}", **_labels(edge, scene.rankdir, colours))
    for path in sorted(paths, key=len, reverse=True):
        clusters[path[:-1]].subgraph(clusters[path])


def _group(path: Path, colours: Palette) -> Attributes:
    return {
        "label": text(shortened(path[-1])), "style": "rounded,dashed,filled", "color": colours.border,
        "fillcolor": colours.inner_group if len(path) % 2 == 0 else colours.group,
        "fontname": "sans-serif", "fontsize": f"{SMALL:g}", "fontcolor": colours.title,
    }  # fmt: skip


def _node(box: Box, extent: tuple[float, float], colours: Palette) -> Attributes:
    label = {"label": text(box.label, box.flag or box.caption), "fontsize": f"{label_size(box):g}"}
    grey = {"color": colours.grey_line, "fontcolor": colours.grey_text, "fillcolor": colours.grey_fill} if box.dimmed else {}
    ink = {"color": colours.line, "fontcolor": colours.ink}
    return ink | _style(box, colours) | _inches(extent) | label | grey


def _style(box: Box, colours: Palette) -> Attributes:
    """Shape and colour of a kind of box."""
    if box.kind == "leaf":
        if box.parameter:
            return {"shape": "octagon", "fillcolor": colours.parameter}
        return {"shape": "box", "style": "rounded,filled", "fillcolor": colours.input}
    return {
        "operation": {"shape": "circle", "fillcolor": colours.operation},
        "constant": {"shape": "box", "fillcolor": colours.constant},
        "folded": {"shape": "box3d", "fillcolor": colours.folded},
        "output": {"shape": "box", "style": "rounded,filled", "fillcolor": colours.output, "penwidth": "2"},
    }[box.kind]


def _labels(edge: Edge, rankdir: str, colours: Palette) -> Attributes:
    """The labels of an edge as a node without an outline."""
    shown = {"label": text(edge.value, edge.gradient_text), "fontsize": f"{LABEL:g}"}
    colour = {"fontcolor": colours.grey_text if edge.dimmed else colours.value}
    return {"shape": "box", "style": "solid", "penwidth": "0", **_inches(label_extent(edge, rankdir)), **shown, **colour}


def _edge(graph: Any, i: int, edge: Edge, scene: Scene) -> None:
    """An edge in two halves: from its tail to its labels, and on to its head."""
    enter, leave = (":w", ":e") if scene.rankdir == "LR" else (":n", ":s")
    tail = f"n{edge.tail}" + leave * (scene.boxes[edge.tail].kind != "operation")
    head = f"n{edge.head}" + enter * (scene.boxes[edge.head].kind != "operation")
    graph.edge(tail, f"e{i}{enter}", weight="2", dir="none")
    graph.edge(f"e{i}{leave}", head)


def _inches(extent: tuple[float, float]) -> Attributes:
    return {"width": f"{extent[0] / 72.0:.4f}", "height": f"{extent[1] / 72.0:.4f}"}


def text(*lines: str) -> str:
    r"""A DOT label that shows ``lines`` as they are: no escapes such as \N, no entities such as &lt;, no markup.

    >>> print(text("\\N", "<b>&amp;"))
    \\N\n<b>&amp;amp;
    """
    from graphviz import nohtml

    label: str = nohtml("\\n".join(_plain(line) for line in lines if line))
    return label


def _plain(line: str) -> str:
    from graphviz import escape

    escaped: str = escape(line.replace("&", "&amp;"))
    return escaped
