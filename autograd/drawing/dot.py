"""A scene in Graphviz's language. An empty box of fixed size for every edge reserves the room for its two labels.

>>> from autograd import Value
>>> from autograd.drawing.scene import compose
>>> for line in dot_source(compose(Value(2.0, name="a").exp()), labelled=False).splitlines()[-4:]:
...     print(line)
  e1 [shape=box style=solid penwidth=0 width=0.6528 height=0.4861];
  n1 -> e1:w [weight=2];
  e1:e -> n2:w;
}
"""

from __future__ import annotations

from collections import Counter

from autograd.drawing.measures import LABEL, label_size, room, sizes
from autograd.drawing.scene import Box, Scene

_STYLES = {
    "operation": 'shape=circle fillcolor="#efedff"',
    "leaf": 'shape=box style="rounded,filled" fillcolor="#fff4d6"',
    "constant": 'shape=box style="rounded,filled" fillcolor="#f2f2f2"',
    "folded": 'shape=box style="rounded,dashed"',
    "output": 'shape=box style="rounded,filled" fillcolor="#e6ffe6"',
}


def dot_source(scene: Scene, labelled: bool = True) -> str:
    """The scene in the DOT language: to be drawn by any Graphviz if ``labelled``, else bare, for positions alone.

    >>> from autograd import Value
    >>> from autograd.drawing.scene import compose
    >>> 'label="a\\\\\\\\N"' in dot_source(compose(Value(2.0, name="a\\\\N").exp()))
    True
    """
    edges = "[color=black]" if labelled else "[dir=none headclip=false tailclip=false]"
    degrees = [0, *Counter(edge.tail for edge in scene.edges).values(), *Counter(edge.head for edge in scene.edges).values()]
    fanned = 0.30 + 0.06 * min(max(degrees), 10)  # inches: a wide fan needs length to bend in
    lines = [
        f"digraph {quoted(scene.title)} {{",
        f"  graph [rankdir={scene.rankdir} nodesep=0.14 ranksep={fanned:.2f} nslimit={_patience(scene):.2f}];",
        '  node [fixedsize=true style=filled fontname="sans-serif" label=""];',
        f"  edge {edges};",
        *(
            f"  n{i} [{_node(box, extent, labelled)}];"
            for i, (box, extent) in enumerate(zip(scene.boxes, sizes(scene), strict=True))
        ),
    ]
    for i in range(len(scene.edges)):
        lines += _edge(i, scene, labelled)
    return "\n".join([*lines, "}", ""])


def _patience(scene: Scene) -> float:
    """How often a node may be moved (Graphviz's nslimit), less where edges pass many ranks.

    Without it 100 uses of one variable along a chain take Graphviz a minute, and 150 four.
    """
    ranks = [0] * len(scene.boxes)
    for edge in scene.edges:  # boxes stand in topological order
        ranks[edge.head] = max(ranks[edge.head], ranks[edge.tail] + 1)
    passed = sum(2 * (ranks[edge.head] - ranks[edge.tail]) for edge in scene.edges)
    return max(0.05, min(100.0, 4e6 / (1 + passed) / (len(scene.boxes) + len(scene.edges))))


def _node(box: Box, extent: tuple[float, float], labelled: bool) -> str:
    shape = _STYLES[box.kind] if labelled else f"shape={'circle' if box.kind == 'operation' else 'box'}"
    label = f" label={quoted(box.label, box.caption)} fontsize={label_size(box):g}" if labelled else ""
    colour = " color=grey fontcolor=grey" if labelled and box.dimmed else ""
    return f"{shape} {_inches(extent)}{label}{colour}"


def _edge(i: int, scene: Scene, labelled: bool) -> list[str]:
    """The room for the labels, and the two halves of the edge that lead through it."""
    edge = scene.edges[i]
    label = f" label={quoted(edge.value, edge.gradient)} fontsize={LABEL:g}" if labelled else ""
    colour = " color=grey fontcolor=grey" if labelled and edge.dimmed else ""
    half = "[weight=2 dir=none]" if labelled else "[weight=2]"  # the labels stand beside the tail
    enter, leave = (":w", ":e") if scene.rankdir == "LR" else (":n", ":s")
    tail = f"n{edge.tail}" + leave * (scene.boxes[edge.tail].kind != "operation")
    head = f"n{edge.head}" + enter * (scene.boxes[edge.head].kind != "operation")
    return [
        f"  e{i} [shape=box style=solid penwidth=0 {_inches(room(edge, scene.rankdir))}{label}{colour}];",
        f"  {tail} -> e{i}{enter} {half};",
        f"  e{i}{leave} -> {head};",
    ]


def _inches(extent: tuple[float, float]) -> str:
    return f"width={extent[0] / 72.0:.4f} height={extent[1] / 72.0:.4f}"


def quoted(*lines: str) -> str:
    r"""A DOT string that shows ``lines`` as they are: no escapes such as \N, no entities such as &lt;.

    >>> print(quoted('say "\\N"', "<b>&amp;"))
    "say \"\\N\"\n<b>&amp;amp;"
    """
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines if line)
    return '"' + "\\n".join(escaped) + '"'
