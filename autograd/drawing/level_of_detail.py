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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from operator import attrgetter

from autograd.drawing.layout.ranks import ranks
from autograd.drawing.scene.blocks import NodeBlock
from autograd.drawing.scene.composer import Composer
from autograd.drawing.scene.dots import Parts, spelled_out
from autograd.drawing.scene.folding import foldings, last_nodes, unfolded, without_the_earliest
from autograd.drawing.scene.model import Scene
from autograd.graph import reverse_topological_order, stale
from autograd.value import Value

DENSE = 3  # edges per box: with more, as between wide layers of neurons, a folded graph is unreadable
FAR = 10_000  # waypoints of all edges: 20 000, as of 140 uses of one variable, take Graphviz 10 s
INK, SPARE = 2.4, 20  # the ink allowed is INK * max_nodes + SPARE: the SVG of 10⁶ tangled nodes stays below 200 KB


def compose(
    roots: Value | Sequence[Value],
    max_nodes: int = 300,
    rankdir: str = "LR",
    wrt: Sequence[Value] = (),
    magnitude: bool = False,
) -> Scene:
    """The scene for one root or several: a box for each node, or with more than ``max_nodes`` nodes folded boxes.

    >>> from autograd import Value
    >>> x = Value(3.0, name="x")
    >>> [(edge.value, edge.gradient) for edge in compose(x * x).edges]  # two edges, no gradients yet
    [('3', '–'), ('3', '–'), ('9', '–')]
    """
    roots = (roots,) if isinstance(roots, Value) else roots
    order = _order(roots)
    _check_fresh(order)
    on_paths = _paths(order, wrt)

    def scene_of(blocks: list[NodeBlock], dots: Parts) -> Scene:
        highlights = None if on_paths is None else on_paths.union(*(_highlighted(dot, dots[dot], on_paths) for dot in dots))
        return Composer(roots, blocks, rankdir, highlights, magnitude, dots).scene

    return next(_scenes(order, max_nodes, scene_of, on_paths or set()))


def _order(roots: Sequence[Value]) -> list[Value]:
    """Every node that the roots depend on, each before its parents."""
    if len(roots) == 1:
        return reverse_topological_order(roots[0])
    nodes = {node for root in roots for node in reverse_topological_order(root)}
    return sorted(nodes, key=attrgetter("_order"), reverse=True)


def _highlighted(dot: Value, parts: tuple[Value, ...], on_paths: Set[Value]) -> Iterator[Value]:
    """Those of a dot's parts that are on a path: its sum if the dot is, the products of what is."""
    for part in parts:
        if dot in on_paths and (part is parts[-1] or not on_paths.isdisjoint(part.parents)):
            yield part


def _scenes(
    order: list[Value], most: int, scene_of: Callable[[list[NodeBlock], Parts], Scene], highlighted: Set[Value]
) -> Iterator[Scene]:
    """Scenes that are readable and fast to lay out, the most detailed first."""

    def drawn(blocks: list[NodeBlock]) -> Scene:
        spelled, dots = spelled_out(blocks, highlighted)
        return scene_of(spelled, dots) if len(spelled) <= most else scene_of(blocks, {})

    if len(order) <= most:
        spelled, dots = spelled_out(unfolded(order))
        if len(spelled) <= most and _waypoints(scene := scene_of(spelled, dots)) <= FAR:
            yield scene
    blocks: list[NodeBlock] = []
    for blocks in foldings(order, most, highlighted):
        if len(blocks) <= most:
            scene = drawn(blocks)
            if _excess(scene, most) <= 1.0 and len(scene.edges) <= DENSE * len(scene.boxes):
                yield scene
    latest = most
    while latest:
        blocks = without_the_earliest(blocks, latest) if blocks else last_nodes(order, latest, highlighted)
        scene = drawn(blocks)
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


def roots_of(root: Value | Iterable[Value]) -> tuple[Value, ...]:
    """``root`` as a tuple, checked, each once.

    >>> from autograd import Value
    >>> a = Value(1.0, name="a")
    >>> roots_of(a), roots_of([a, a])
    ((Value(1.0, name='a'),), (Value(1.0, name='a'),))
    """
    if isinstance(root, Value):
        return (root,)
    if not isinstance(root, Iterable) or isinstance(root, str | bytes | Mapping | Set):
        raise TypeError(f"draw: root must be a Value, got a {type(root).__name__}; of several write a list, draw([a, b])")
    roots = tuple(root)
    for i, node in enumerate(roots):
        if not isinstance(node, Value):
            raise TypeError(f"draw: root must be a Value or a list of them, got a {type(node).__name__} at place {i}")
    if not roots:
        raise ValueError("draw: root must be a Value or a list of at least one, got none: draw([a, b])")
    return tuple(dict.fromkeys(roots))


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
