"""What a drawing shows: boxes and the edges between them, every number already in words. No positions yet.

>>> from autograd import Value
>>> price = Value(100.0, name="price")
>>> total = price * 2
>>> total.backward()
>>> scene = compose(total)
>>> [box.label for box in scene.boxes]
['price', '×2', 'output']
>>> [(edge.value, edge.gradient) for edge in scene.edges]
[('100', '2'), ('200', '1')]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import Any

from autograd.drawing.layout.ranks import ranks
from autograd.drawing.scene.blocks import NodeBlock
from autograd.drawing.scene.composer import Composer
from autograd.drawing.scene.folding import foldings, last_nodes, unfolded, without_the_earliest
from autograd.drawing.scene.model import Box as Box
from autograd.drawing.scene.model import Edge as Edge
from autograd.drawing.scene.model import Scene as Scene
from autograd.graph import reverse_topological_order, stale
from autograd.value import Value

DENSE = 3  # edges to a folded box: beyond that, as between wide layers of neurons, there is nothing to see
FAR = 10_000  # columns that edges pass; 20 000, as by 140 uses of one variable, take Graphviz 10 s
INK, SPARE = 2.4, 20  # what may be drawn for a node of max_nodes, and beyond: 10⁶ tangled nodes stay below 200 KB


def compose(
    root: Value, max_nodes: int = 300, rankdir: str = "LR", wrt: Sequence[Value] = (), magnitude: bool = False
) -> Scene:
    """The scene for ``root``: a box for each node, or where these are more than ``max_nodes`` for several.

    >>> from autograd import Value
    >>> x = Value(3.0, name="x")
    >>> [(edge.value, edge.gradient) for edge in compose(x * x).edges]  # two edges, no gradients yet
    [('3', '–'), ('3', '–'), ('9', '–')]
    """
    order = reverse_topological_order(root)
    _check_fresh(order)
    on_paths = _paths(order, wrt)

    def scene_of(blocks: list[NodeBlock]) -> Scene:
        return Composer(root, blocks, rankdir, on_paths, magnitude).scene

    return next(_scenes(order, max_nodes, scene_of, on_paths or set()))


def _scenes(
    order: list[Value], most: int, scene_of: Callable[[list[NodeBlock]], Scene], highlighted: Set[Value]
) -> Iterator[Scene]:
    """Scenes that can be looked at, the one that shows most first."""
    if len(order) <= most:
        scene = scene_of(unfolded(order))
        if _passed(scene) <= FAR:
            yield scene
    blocks: list[NodeBlock] = []
    for blocks in foldings(order, most, highlighted):
        if len(blocks) <= most:
            scene = scene_of(blocks)
            if _too_much(scene, most) <= 1.0 and len(scene.edges) <= DENSE * len(scene.boxes):
                yield scene
    keep = most
    while keep:
        blocks = without_the_earliest(blocks, keep) if blocks else last_nodes(order, keep, highlighted)
        scene = scene_of(blocks)
        excess = _too_much(scene, most)
        if excess <= 1.0 or keep == 1:
            yield scene
        keep = min(keep - 1, max(int(keep / excess), 1))


def _too_much(scene: Scene, most: int) -> float:
    """How much more there is to draw than in a chain of ``most`` nodes, or than Graphviz lays out in seconds."""
    return max(_ink(scene) / (INK * most + SPARE), _passed(scene) / FAR)


def _ink(scene: Scene) -> int:
    """How much there is to draw: a box is 1, a straight edge 2, one of several that bend into a node 3."""
    heads = Counter(edge.head for edge in scene.edges)
    return len(scene.boxes) + sum(2 if edges == 1 else 3 * edges for edges in heads.values())


def _passed(scene: Scene) -> int:
    """How many columns edges pass on their way."""
    rank = ranks(scene)
    return sum(rank[edge.head] - rank[edge.tail] - 2 for edge in scene.edges)


def _check_fresh(order: list[Value]) -> None:
    """Refuse a graph whose leaves were set since: it would show numbers that never were together."""
    for node in order:
        for parent in node.operands:
            if not isinstance(parent, float) and parent._order > node._order:
                raise stale(node, parent)


def _paths(order: list[Value], wrt: Sequence[Value]) -> set[Value] | None:
    """The nodes on a path from one of ``wrt`` to the root; None where nothing is to be highlighted."""
    if not wrt:
        return None
    missing = set(wrt).difference(order)
    if missing:
        names = ", ".join(sorted(repr(node) for node in missing))
        raise ValueError(f"draw: wrt has {names}, which the root doesn't depend on; expected nodes of its graph")
    highlighted = set(wrt)
    for node in reversed(order):
        if any(parent in highlighted for parent in node.parents):
            highlighted.add(node)
    return highlighted


def nodes_of(wrt: Value | Iterable[Value] | None) -> tuple[Value, ...]:
    """``wrt`` as a tuple, checked.

    >>> from autograd import Value
    >>> w = Value(1.0, name="w")
    >>> nodes_of(w), nodes_of(None)
    ((Value(1.0, name='w'),), ())
    """
    nodes: Any = () if wrt is None else (wrt,) if isinstance(wrt, Value) else tuple(wrt)
    for node in nodes:
        if not isinstance(node, Value):
            raise TypeError(f"draw: wrt must be a Value or several, got a {type(node).__name__}")
    return tuple(nodes)
