"""Chooses how much of a graph is drawn: the scene with the most detail that is readable and fast to lay out.

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

from autograd.drawing.layout.ranks import ranks
from autograd.drawing.scene.blocks import NodeBlock
from autograd.drawing.scene.composer import Composer
from autograd.drawing.scene.folding import foldings, last_nodes, unfolded, without_the_earliest
from autograd.drawing.scene.model import Scene
from autograd.graph import reverse_topological_order, stale
from autograd.value import Value

DENSE = 3  # edges per box: with more, as between wide layers of neurons, a folded graph is unreadable
FAR = 10_000  # waypoints of all edges: 20 000, as of 140 uses of one variable, take Graphviz 10 s
INK, SPARE = 2.4, 20  # the ink allowed is INK * max_nodes + SPARE: the SVG of 10⁶ tangled nodes stays below 200 KB


def compose(
    root: Value, max_nodes: int = 300, rankdir: str = "LR", wrt: Sequence[Value] = (), magnitude: bool = False
) -> Scene:
    """The scene for ``root``: a box for each node, or with more than ``max_nodes`` nodes folded boxes.

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
    """Scenes that are readable and fast to lay out, the most detailed first."""
    if len(order) <= most:
        scene = scene_of(unfolded(order))
        if _waypoints(scene) <= FAR:
            yield scene
    blocks: list[NodeBlock] = []
    for blocks in foldings(order, most, highlighted):
        if len(blocks) <= most:
            scene = scene_of(blocks)
            if _excess(scene, most) <= 1.0 and len(scene.edges) <= DENSE * len(scene.boxes):
                yield scene
    latest = most
    while latest:
        blocks = without_the_earliest(blocks, latest) if blocks else last_nodes(order, latest, highlighted)
        scene = scene_of(blocks)
        excess = _excess(scene, most)
        if excess <= 1.0 or latest == 1:
            yield scene
        latest = min(latest - 1, max(int(latest / excess), 1))


def _excess(scene: Scene, most: int) -> float:
    """By which factor the scene exceeds the limit on ink for ``most`` nodes, or that on waypoints; at most 1 is fine."""
    return max(_ink(scene) / (INK * most + SPARE), _waypoints(scene) / FAR)


def _ink(scene: Scene) -> int:
    """An estimate of the SVG's size: 1 for a box, 2 for the only edge into a box, 3 for each of several."""
    heads = Counter(edge.head for edge in scene.edges)
    return len(scene.boxes) + sum(2 if edges == 1 else 3 * edges for edges in heads.values())


def _waypoints(scene: Scene) -> int:
    """The number of columns that edges pass between their boxes, which is what Graphviz's time depends on."""
    rank = ranks(scene)
    return sum(rank[edge.head] - rank[edge.tail] - 2 for edge in scene.edges)


def _check_fresh(order: list[Value]) -> None:
    """Refuse a graph with leaves that were set after it was built: its values are not those of the new leaves."""
    for node in order:
        for parent in node.operands:
            if not isinstance(parent, float) and parent._order > node._order:
                raise stale(node, parent)


def _paths(order: list[Value], wrt: Sequence[Value]) -> set[Value] | None:
    """The nodes on paths from ``wrt`` to the root; None without ``wrt``, when nothing is highlighted."""
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
    nodes = () if wrt is None else (wrt,) if isinstance(wrt, Value) else tuple(wrt)
    for node in nodes:
        if not isinstance(node, Value):
            raise TypeError(f"draw: wrt must be a Value or several, got a {type(node).__name__}")
    return nodes
