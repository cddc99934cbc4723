"""From blocks of nodes to boxes and edges.

>>> from autograd import Value
>>> from autograd.drawing.scene.folding import unfolded
>>> from autograd.graph import reverse_topological_order
>>> y = Value(3.0, name="x") ** 2
>>> [box.label for box in Composer(y, unfolded(reverse_topological_order(y)), "LR", None).scene.boxes]
['x', 'x²', 'output']
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import replace
from operator import attrgetter, itemgetter
from typing import Any

from autograd.drawing.scene import tooltips as hover
from autograd.drawing.scene.blocks import Block, largest_gradients
from autograd.drawing.scene.bundles import Bundle
from autograd.drawing.scene.folding import MANY
from autograd.drawing.scene.groups import home_of_leaf, name_within
from autograd.drawing.scene.model import Box, Edge, Scene
from autograd.drawing.scene.parameters import parameters
from autograd.interop.text import count, number, operation, shortened
from autograd.value import Value


class Composer:
    """Adds boxes and edges to a scene, block by block; ``weigh`` says whether the size of every gradient matters."""

    def __init__(self, root: Value, blocks: list[Block], rankdir: str, lit: Set[Value] | None, weigh: bool = False):
        self.root, self.lit = root, lit
        self.scene = Scene(_title(root), rankdir, nodes=sum(len(b.nodes) for b in blocks), highlights=lit is not None)
        self.box_of: dict[Block, int] = {}
        self.from_earlier = 0  # edges that start among the earliest nodes
        self.parameters = parameters(b.nodes[0] for b in blocks if b.single and b.leaf)
        self.home = {node: block for block in blocks for node in block.nodes} if weigh else None
        for block in blocks:
            self.box_of[block] = head = self._node(block) if block.single else self._folded(block)
            self._edges(block, head)
        output = self._box("output", shortened(root.name or "output"), hover.of_node(root), root)
        self._edge(self.box_of[blocks[-1]], output, root, None, None)
        _settle_leaves(self.scene)

    # -- boxes ----------------------------------------------------------------------------------------

    def _box(self, kind: str, label: str, told: str, node: Value | None, **more: Any) -> int:
        dimmed = self._dim(() if node is None else [node])
        return self.scene.add(Box(kind, shortened(label), hover=told, dimmed=dimmed, node=node, **more))

    def _dim(self, nodes: Iterable[Value]) -> bool:
        return self.lit is not None and self.lit.isdisjoint(nodes)

    def _node(self, block: Block) -> int:
        (node,) = block.nodes
        more: dict[str, Any] = {"scope": block.scope, "parameter": node in self.parameters}
        if node.op is None:
            return self._box("leaf", node.name or number(node.data), hover.of_node(node), node, **more)
        label, written = operation(node.op, node.operands)
        if node is not self.root:  # the output box has its name
            more["caption"] = shortened(node.name or "", 12)
        head = self._box("operation", label, hover.of_node(node), node, **more)
        if not written:
            self._constants(node, head)
        return head

    def _constants(self, node: Value, head: int) -> None:
        """A box for every operand that is a plain number, one for all where they are many."""
        constants = [operand for operand in node.operands if operand.__class__ is float]
        shown = [(number(c), number(c), [c]) for c in constants]
        if len(constants) > MANY:
            shown = [(count(len(constants), "constant"), count(len(constants), "value"), constants)]
        for label, value, those in shown:
            told = hover.of_constants(those)
            box = self._box("constant", label, told, None, scope=self.scene.boxes[head].scope)
            self.scene.edges.append(Edge(box, head, value, "", told, self.lit is not None))

    def _folded(self, block: Block) -> int:
        head = self._box("folded", "", hover.of_block(block), None, scope=block.scope)
        self.scene.boxes[head] = replace(self.scene.boxes[head], label=_label(block), dimmed=self._dim(block.nodes))
        return head

    # -- edges ----------------------------------------------------------------------------------------

    def _edges(self, block: Block, head: int) -> None:
        """What flows into a block: single operands in their order, then all that comes from one box as one edge."""
        largest = self._largest(block)
        together, alone = [], []
        for tail, bundle in block.uses.items():
            if bundle.count == 1 or (block.single and tail.single and bundle.count == len(bundle.some)):
                alone += [(place, operand, user, tail) for operand, user, place in bundle.some]
            else:
                together.append((tail, bundle))
        for place, operand, user, tail in sorted(alone, key=itemgetter(0)) if block.single else alone:
            self._edge(self._tail(tail, operand), head, operand, user, place)
        for tail, bundle in together:
            self.scene.edges.append(self._bundle(self._tail(tail, None), head, bundle, largest.get(tail)))

    def _edge(self, tail: int, head: int, operand: Value, user: Value | None, place: int | None) -> None:
        """The edge to an operand's ``place`` in ``user``; without one to the output, which nothing comes back from."""
        upstream = _gradient(operand if user is None else user)  # a Value of 0 is false
        local = None if user is None or place is None else user.local_derivatives[place]
        gradient = upstream if upstream is None or local is None else upstream * local
        told = hover.of_edge(operand.data, local, upstream, gradient)
        dimmed = self._dim([operand])
        edge = Edge(tail, head, number(operand.data), number(gradient), told, dimmed, place, gradient, user=user)
        self.scene.edges.append(edge)

    def _bundle(self, tail: int, head: int, bundle: Bundle, largest: float | None) -> Edge:
        """Many edges as one."""
        gradients = bundle.gradients()
        told = hover.of_many(bundle.count, bundle.values(), gradients)
        shown = count(bundle.count, "gradient") if gradients else "–"
        dimmed = self.lit is not None and not bundle.lit
        return Edge(tail, head, count(bundle.count, "value"), shown, told, dimmed, None, largest)

    def _largest(self, block: Block) -> dict[Block, float]:
        """The largest gradient of all that flows to each operand's block, where somebody wants to know."""
        return largest_gradients(block, self.home) if self.home else {}

    def _tail(self, block: Block, operand: Value | None) -> int:
        """Where an edge starts: among the earliest nodes at their box for the first few, then at boxes of their own."""
        if block.kind == "earlier":
            self.from_earlier += 1
            if self.from_earlier > MANY:
                if operand is None:
                    return self._box("folded", "…", "among the earlier nodes", None)
                return self._box("folded", operand.name or "…", hover.of_node(operand), operand)
        return self.box_of[block]


def _settle_leaves(scene: Scene) -> None:
    """Give each leaf its group, which depends on who uses it, and its name as it is called there."""
    users = defaultdict(list)
    for edge in scene.edges:
        users[edge.tail].append(scene.boxes[edge.head].scope)
    for i, box in enumerate(scene.boxes):
        if box.kind == "leaf" and box.node is not None and box.scope:
            scope = home_of_leaf(box.node.scope, users[i])
            label = name_within(box.node.name, scope) if box.node.name else box.label
            scene.boxes[i] = replace(box, scope=scope, label=shortened(label))


def _gradient(node: Value) -> float | None:
    return None if node.grad is None else float(node.grad)


def _label(block: Block) -> str:
    """What is written on a box for several nodes."""
    n, title = len(block.nodes), shortened(block.title, 20)
    if block.kind == "sum":
        terms = sum(map(len, map(attrgetter("operands"), block.nodes))) - n + 1
        return f"Σ {count(terms, 'term')}"
    if block.kind == "earlier":
        return f"… {count(n, 'earlier node')} folded"
    what = "leaf" if block.kind == "leaves" else "node"
    return f"{title} · {count(n, what)}" if title else f"… {count(n, what)}"


def _title(root: Value) -> str:
    return f"Computation graph of {shortened(root.name or 'output')} = {number(root.data)}"
