"""A scene in Graphviz's language. An empty box of fixed size for every edge reserves the room for its two labels.

>>> from autograd import Value
>>> from autograd.drawing.scene import compose
>>> for line in dot_source(compose(Value(2.0, name="a").exp()), labelled=False).splitlines()[-4:]:
...     print(line.strip())
e1 [height=0.4861 penwidth=0 shape=box style=solid width=0.6528]
n1 -> e1:w [weight=2]
e1:e -> n2:w
}
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from autograd.drawing.engines import LayoutError
from autograd.drawing.measures import LABEL, label_size, room, sizes
from autograd.drawing.scene import Box, Scene

Attributes = dict[str, Any]

_STYLES: dict[str, Attributes] = {
    "operation": {"shape": "circle", "fillcolor": "#efedff"},
    "leaf": {"shape": "box", "style": "rounded,filled", "fillcolor": "#fff4d6"},
    "constant": {"shape": "box", "style": "rounded,filled", "fillcolor": "#f2f2f2"},
    "folded": {"shape": "box", "style": "rounded,dashed"},
    "output": {"shape": "box", "style": "rounded,filled", "fillcolor": "#e6ffe6"},
}
_DIMMED = {"color": "grey", "fontcolor": "grey"}


def dot_source(scene: Scene, labelled: bool = True) -> str:
    """The scene in the DOT language: to be drawn by any Graphviz if ``labelled``, else bare, for positions alone.

    >>> from autograd import Value
    >>> from autograd.drawing.scene import compose
    >>> 'label="a\\\\\\\\N"' in dot_source(compose(Value(2.0, name="a\\\\N").exp()))
    True
    """
    try:
        from graphviz import Digraph
    except ImportError:
        raise LayoutError("a drawing is written with the package graphviz: pip install graphviz") from None
    degrees = [0, *Counter(edge.tail for edge in scene.edges).values(), *Counter(edge.head for edge in scene.edges).values()]
    fanned = 0.30 + 0.06 * min(max(degrees), 10)  # inches: a wide fan needs length to bend in
    graph = Digraph(
        _plain(scene.title),
        graph_attr={
            "rankdir": scene.rankdir,
            "nodesep": "0.14",
            "ranksep": f"{fanned:.2f}",
            "nslimit": f"{_patience(scene):.2f}",
        },
        node_attr={"fixedsize": "true", "style": "filled", "fontname": "sans-serif", "label": ""},
        edge_attr={"color": "black"} if labelled else {"dir": "none", "headclip": "false", "tailclip": "false"},
    )
    for i, (box, extent) in enumerate(zip(scene.boxes, sizes(scene), strict=True)):
        graph.node(f"n{i}", **_node(box, extent, labelled))
    for i in range(len(scene.edges)):
        _edge(graph, i, scene, labelled)
    return str(graph.source)


def _patience(scene: Scene) -> float:
    """How often a node may be moved (Graphviz's nslimit), less where edges pass many ranks.

    Without it 100 uses of one variable along a chain take Graphviz a minute, and 150 four.
    """
    ranks = [0] * len(scene.boxes)
    for edge in scene.edges:  # boxes stand in topological order
        ranks[edge.head] = max(ranks[edge.head], ranks[edge.tail] + 1)
    passed = sum(2 * (ranks[edge.head] - ranks[edge.tail]) for edge in scene.edges)
    return max(0.05, min(100.0, 4e6 / (1 + passed) / (len(scene.boxes) + len(scene.edges))))


def _node(box: Box, extent: tuple[float, float], labelled: bool) -> Attributes:
    if not labelled:
        return {"shape": "circle" if box.kind == "operation" else "box", **_inches(extent)}
    label = {"label": text(box.label, box.caption), "fontsize": f"{label_size(box):g}"}
    return _STYLES[box.kind] | _inches(extent) | label | (_DIMMED if box.dimmed else {})


def _edge(graph: Any, i: int, scene: Scene, labelled: bool) -> None:
    """The room for the labels, and the two halves of the edge that lead through it."""
    edge = scene.edges[i]
    empty = {"shape": "box", "style": "solid", "penwidth": "0", **_inches(room(edge, scene.rankdir))}
    label = {"label": text(edge.value, edge.gradient), "fontsize": f"{LABEL:g}"} if labelled else {}
    enter, leave = (":w", ":e") if scene.rankdir == "LR" else (":n", ":s")
    tail = f"n{edge.tail}" + leave * (scene.boxes[edge.tail].kind != "operation")
    head = f"n{edge.head}" + enter * (scene.boxes[edge.head].kind != "operation")
    graph.node(f"e{i}", **empty, **label, **(_DIMMED if labelled and edge.dimmed else {}))
    half = {"dir": "none"} if labelled else {}  # the labels stand beside the tail
    graph.edge(tail, f"e{i}{enter}", weight="2", **half)
    graph.edge(f"e{i}{leave}", head)


def _inches(extent: tuple[float, float]) -> Attributes:
    return {"width": f"{extent[0] / 72.0:.4f}", "height": f"{extent[1] / 72.0:.4f}"}


def text(*lines: str) -> Any:
    r"""A DOT label that shows ``lines`` as they are: no escapes such as \N, no entities such as &lt;, no markup.

    >>> print(text("\\N", "<b>&amp;"))
    \\N\n<b>&amp;amp;
    """
    from graphviz import nohtml

    return nohtml("\\n".join(_plain(line) for line in lines if line))


def _plain(line: str) -> Any:
    from graphviz import escape

    return escape(line.replace("&", "&amp;"))
