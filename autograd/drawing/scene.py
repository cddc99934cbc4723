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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.drawing.labels import LONGEST_HOVER, count, number, operation, shortened
from autograd.graph import reverse_topological_order, stale
from autograd.value import Value

SPARE = 20  # ink allowed beyond that of a chain of max_nodes, before a folded graph is folded further
MANY = 6  # operands of one node that stand alone; more are drawn as one box, or one edge


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the drawing; ``kind`` is leaf, operation, constant, folded or output."""

    kind: str
    label: str
    caption: str
    hover: str
    dimmed: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """From box ``tail`` to box ``head``, with the value it carries and the gradient that comes back along it.

    ``gradient`` is empty for a constant: nothing flows back to it.
    """

    tail: int
    head: int
    value: str
    gradient: str
    hover: str
    dimmed: bool = False


@dataclass(slots=True)
class Scene:
    """All boxes, parents first, and all edges, in the order of the operands."""

    title: str
    rankdir: str
    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    folded: int = 0

    def add(self, box: Box) -> int:
        """Add a box; its number."""
        self.boxes.append(box)
        return len(self.boxes) - 1


def compose(root: Value, max_nodes: int = 300, rankdir: str = "LR", wrt: Sequence[Value] = ()) -> Scene:
    """The scene for ``root`` and the ``max_nodes`` nodes computed last before it, fewer if they have many edges.

    >>> from autograd import Value
    >>> x = Value(3.0, name="x")
    >>> [(edge.value, edge.gradient) for edge in compose(x * x).edges]  # two edges, no gradients yet
    [('3', '–'), ('3', '–'), ('9', '–')]
    """
    order = reverse_topological_order(root)
    _check_fresh(order)
    lit = _paths(order, wrt)
    kept, most = min(max_nodes, len(order)), 3 * max_nodes + SPARE
    while True:
        scene = _Composer(root, order[:kept][::-1], len(order) - kept, rankdir, lit).scene
        ink = _ink(scene)
        if not scene.folded or ink <= most or kept == 1:
            return scene
        kept = max(kept * most // ink, 1)


def _ink(scene: Scene) -> int:
    """How much there is to draw: a box is 1, a straight edge 2, one of several that bend into a node 3."""
    heads = Counter(edge.head for edge in scene.edges)
    return len(scene.boxes) + sum(2 if edges == 1 else 3 * edges for edges in heads.values())


def _check_fresh(order: list[Value]) -> None:
    """Refuse a graph whose leaves were set since: it would show numbers that never were together."""
    for node in order:
        for parent in node.operands:
            if parent.__class__ is not float and parent._order > node._order:
                raise stale(node, parent)


def _paths(order: list[Value], wrt: Sequence[Value]) -> set[Value] | None:
    """The nodes on a path from one of ``wrt`` to the root; None where nothing is to be highlighted."""
    if not wrt:
        return None
    missing = set(wrt).difference(order)
    if missing:
        names = ", ".join(sorted(repr(node) for node in missing))
        raise ValueError(f"draw: wrt has {names}, which the root doesn't depend on; expected nodes of its graph")
    lit = set(wrt)
    for node in reversed(order):
        if any(parent in lit for parent in node.parents):
            lit.add(node)
    return lit


class _Composer:
    """Adds boxes and edges to a scene, node by node."""

    def __init__(self, root: Value, nodes: list[Value], folded: int, rankdir: str, lit: set[Value] | None):
        self.scene = Scene(_title(root), rankdir, folded=folded)
        self.root, self.lit = root, lit
        self.box_of: dict[Value, int] = {}
        self.fold = self._folded_box() if folded else -1
        self.from_fold = 0  # edges that start there
        for node in nodes:
            self._node(node)
        output = self._box("output", shortened(root.name or "output"), "", _hover_node(root), root)
        self._edge(self.box_of[root], output, root, _gradient(root), "")

    def _box(self, kind: str, label: str, caption: str, hover: str, node: Value | None) -> int:
        dimmed = self.lit is not None and (node is None or node not in self.lit)
        return self.scene.add(Box(kind, label, caption, hover, dimmed))

    def _folded_box(self) -> int:
        label = f"… {count(self.scene.folded, 'earlier node')} folded"
        return self._box("folded", label, "", "max_nodes says how many nodes are drawn", None)

    def _edge(self, tail: int, head: int, operand: Value, gradient: float | None, local: str) -> None:
        dimmed = self.lit is not None and operand not in self.lit
        shown = f"value {operand.data!r}\ngradient {_exact(gradient)}{local}"
        self.scene.edges.append(Edge(tail, head, number(operand.data), number(gradient), shown, dimmed))

    def _node(self, node: Value) -> None:
        if node.op is None:
            label, kind, caption, written = node.name or number(node.data), "leaf", "", True
        else:
            (label, written), kind, caption = operation(node.op, node.operands), "operation", node.name or ""
        if node is self.root:
            caption = ""  # the output box has it
        head = self._box(kind, shortened(label), shortened(caption, 12), _hover_node(node), node)
        self.box_of[node] = head
        if not written:
            self._constants(node, head)
        self._parents(node, head)

    def _parents(self, node: Value, head: int) -> None:
        """An edge from every operand that is a node; many folded ones are drawn as one."""
        edges = [
            (operand, local)
            for operand, local in zip(node.operands, node.local_derivatives, strict=True)
            if operand.__class__ is not float
        ]
        folded = sum(operand not in self.box_of for operand, _ in edges)
        if folded > MANY:
            self._plain_edge(self._folded(None), head, count(folded, "value"), count(folded, "gradient"))
        for operand, local in edges:
            tail = self.box_of.get(operand)
            if tail is None and folded <= MANY:
                tail = self._folded(operand)
            if tail is not None:
                upstream = _gradient(node)
                gradient = None if upstream is None else upstream * local
                self._edge(tail, head, operand, gradient, f"\nlocal derivative {local!r}")

    def _folded(self, operand: Value | None) -> int:
        """Where an edge out of the folded part starts: the one big box for the first ones, then boxes of their own."""
        self.from_fold += 1
        if self.from_fold <= MANY:
            return self.fold
        if operand is None:
            return self._box("folded", "…", "", "among the folded nodes", None)
        return self._box("folded", shortened(operand.name or "…"), "", _hover_node(operand), operand)

    def _constants(self, node: Value, head: int) -> None:
        """A box for every operand that is a plain number, one for all where they are many."""
        constants = [operand for operand in node.operands if operand.__class__ is float]
        shown = [(number(c), number(c), repr(c)) for c in constants]
        if len(constants) > MANY:
            shown = [(count(len(constants), "constant"), count(len(constants), "value"), "plain numbers")]
        for label, value, hover in shown:
            box = self._box("constant", label, "", f"constant {hover}", None)
            self._plain_edge(box, head, value, "")

    def _plain_edge(self, tail: int, head: int, value: str, gradient: str) -> None:
        """An edge that stands for no single node."""
        self.scene.edges.append(Edge(tail, head, value, gradient, value, self.lit is not None))


def _gradient(node: Value) -> float | None:
    return None if node.grad is None else float(node.grad)


def _exact(x: float | None) -> str:
    return "– (no backward pass yet)" if x is None else repr(x)


def _hover_node(node: Value) -> str:
    name = shortened(node.name, LONGEST_HOVER) if node.name else ""
    what = " ".join(filter(None, (name, f"({node.op})" if name and node.op else node.op)))
    return f"{what or 'leaf'}\nvalue {node.data!r}\ngradient {_exact(_gradient(node))}"


def _title(root: Value) -> str:
    return f"Computation graph of {shortened(root.name or 'output')} = {number(root.data)}"


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
