"""Turns blocks of nodes into the boxes and edges of a scene.

>>> from autograd import Value
>>> from autograd.drawing.scene.folding import unfolded
>>> from autograd.graph import reverse_topological_order
>>> y = Value(3.0, name="x") ** 2
>>> [box.label for box in Composer([y], unfolded(reverse_topological_order(y)), "LR", None).scene.boxes]
['x', 'x²', 'output']
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from itertools import islice
from math import inf
from operator import attrgetter, itemgetter
from types import MappingProxyType

from autograd.drawing.scene import tooltips
from autograd.drawing.scene.blocks import NodeBlock, largest_gradients
from autograd.drawing.scene.bundles import Bundle
from autograd.drawing.scene.folding import MANY
from autograd.drawing.scene.groups import Path, home_of_leaf, name_within
from autograd.drawing.scene.labels import operation_label
from autograd.drawing.scene.model import Box, Edge, Scene
from autograd.drawing.scene.parameters import guess_parameters
from autograd.interop.text import count, number, shortened
from autograd.value import Value

TITLED = 3  # roots that are named in a title; the others are counted


class Composer:
    """Adds boxes and edges to a scene, block by block, operands first.

    ``highlighted`` are the nodes on the paths asked for; all others are dimmed, none where it is None. With
    ``magnitude`` folded edges carry the largest gradient of all they stand for.
    """

    def __init__(
        self,
        roots: Sequence[Value],
        blocks: list[NodeBlock],
        rankdir: str,
        highlighted: Set[Value] | None,
        magnitude: bool = False,
        dots: Mapping[Value, tuple[Value, ...]] = MappingProxyType({}),
    ):
        self.highlighted = highlighted
        nodes = sum(len(block.nodes) for block in blocks) - sum(len(parts) - 1 for parts in dots.values())
        self.scene = Scene(_title(roots), rankdir, nodes=nodes, highlights=highlighted is not None, dots=dict(dots))
        self.roots = {dots[root][-1] if root in dots else root for root in roots}
        self.box_of: dict[NodeBlock, int] = {}
        self.from_earlier = 0  # edges that start in the block of the earliest nodes
        self.parameters = guess_parameters(b.nodes[0] for b in blocks if b.single and b.leaf)
        self.home = _homes(blocks, dots) if magnitude else None
        for block in blocks:
            self.box_of[block] = head = self._node(block) if block.single else self._folded(block)
            self._edges(block, head)
        self._outputs(roots, blocks)
        _settle_leaves(self.scene)

    # -- boxes ----------------------------------------------------------------------------------------

    def _box(self, kind: str, label: str, hover: str, node: Value | None, scope: Path = (), caption: str = "") -> int:
        dimmed = self._dim(() if node is None else [node])
        parameter = kind == "leaf" and node in self.parameters
        return self.scene.add(Box(kind, shortened(label), caption, hover, dimmed, node, scope, parameter))

    def _dim(self, nodes: Iterable[Value]) -> bool:
        return self.highlighted is not None and self.highlighted.isdisjoint(nodes)

    def _node(self, block: NodeBlock) -> int:
        (node,) = block.nodes
        hover = tooltips.of_node(node)
        if node.op is None:
            return self._box("leaf", node.name or number(node.data), hover, node, block.scope)
        label, written = operation_label(node.op, node.operands)
        caption = "" if node in self.roots else shortened(node.name or "", 12)  # a root's name is on the output box
        head = self._box("operation", label, hover, node, block.scope, caption)
        if not written:
            self._constants(node, head)
        return head

    def _constants(self, node: Value, head: int) -> None:
        """A box for every operand that is a plain number, one for all where they are many."""
        constants = {i: operand for i, operand in enumerate(node.operands) if isinstance(operand, float)}
        shown = [(i, number(c), number(c), [c]) for i, c in constants.items()]
        if len(constants) > MANY:
            every = list(constants.values())
            shown = [(min(constants), count(len(every), "constant"), count(len(every), "value"), every)]
        for index, label, value, numbers in shown:
            hover = tooltips.of_constants(numbers)
            box = self._box("constant", label, hover, None, self.scene.boxes[head].scope)
            self.scene.edges.append(Edge(box, head, value, "", hover, self.highlighted is not None, index))

    def _folded(self, block: NodeBlock) -> int:
        head = self._box("folded", "", tooltips.of_block(block), None, block.scope)
        self.scene.boxes[head] = replace(self.scene.boxes[head], label=_label(block), dimmed=self._dim(block.nodes))
        return head

    # -- edges ----------------------------------------------------------------------------------------

    def _edges(self, block: NodeBlock, head: int) -> None:
        """The edges into a block: single operands in their order, then one edge for each bundle.

        Those from constants have been added already, and take their places among the operands.
        """
        largest = largest_gradients(block, self.home) if self.home else {}
        bundled, alone = [], []
        for tail, bundle in block.uses.items():
            if bundle.count == 1 or (block.single and tail.single and bundle.count == len(bundle.some)):
                alone += [(index, operand, user, tail) for operand, user, index in bundle.some]
            else:
                bundled.append((tail, bundle))
        for index, operand, user, tail in sorted(alone, key=itemgetter(0)) if block.single else alone:
            self._edge(self._tail(tail, operand), head, operand, user, index)
        for tail, bundle in bundled:
            self.scene.edges.append(self._bundle(self._tail(tail, None), head, bundle, largest.get(tail)))
        if block.single:
            _in_order(self.scene.edges, head)

    def _outputs(self, roots: Sequence[Value], blocks: list[NodeBlock]) -> None:
        """A box for each root, and the edge to it, along which the first signal of its backward pass comes.

        Where that root is an operand on the way to another one its gradient came from there: no signal is drawn.
        """
        home = {node: block for block in blocks for node in self.roots.intersection(block.nodes)}
        reached = _with_gradients_from_users(blocks) if len(roots) > 1 else frozenset()
        for root, label in zip(roots, _output_names(roots), strict=True):
            output = self._box("output", label, tooltips.of_node(root), root)
            drawn = self.scene.dots[root][-1] if root in self.scene.dots else root
            self._edge(self.box_of[home[drawn]], output, root, None, None)
            if root in reached:
                edge = self.scene.edges[-1]
                self.scene.edges[-1] = replace(edge, gradient="", contribution=None, hover=tooltips.of_value(root.data))

    def _edge(self, tail: int, head: int, operand: Value, user: Value | None, index: int | None) -> None:
        """The edge to operand number ``index`` of ``user``; without a user, the edge from the root to the output box."""
        upstream = (operand if user is None else user).grad_or_none  # not ``user or operand``: a Value of 0 is false
        local = None if user is None or index is None else user.local_derivatives[index]
        gradient = upstream if upstream is None or local is None else upstream * local
        hover = tooltips.of_edge(operand.data, local, upstream, gradient)
        dimmed = self._dim([operand])
        edge = Edge(tail, head, number(operand.data), number(gradient), hover, dimmed, index, gradient, user=user)
        self.scene.edges.append(edge)

    def _bundle(self, tail: int, head: int, bundle: Bundle, largest: float | None) -> Edge:
        """One edge for all of a bundle."""
        gradients = bundle.gradients()
        hover = tooltips.of_many(bundle.count, bundle.values(), gradients)
        shown = count(bundle.count, "gradient") if gradients else "–"
        dimmed = self.highlighted is not None and not bundle.highlighted
        return Edge(tail, head, count(bundle.count, "value"), shown, hover, dimmed, None, largest)

    def _tail(self, block: NodeBlock, operand: Value | None) -> int:
        """The box where an edge starts. Beyond the first few each edge out of the earliest nodes gets a box of its own."""
        if block.kind == "earlier":
            self.from_earlier += 1
            if self.from_earlier > MANY:
                if operand is None:
                    return self._box("folded", "…", "among the earlier nodes", None)
                return self._box("folded", operand.name or "…", tooltips.of_node(operand), operand)
        return self.box_of[block]


def _settle_leaves(scene: Scene) -> None:
    """Move each leaf into the group it belongs to, which its users decide, and shorten its name there."""
    users = defaultdict(list)
    for edge in scene.edges:
        users[edge.tail].append(scene.boxes[edge.head].scope)
    for i, box in enumerate(scene.boxes):
        if box.kind == "leaf" and box.node is not None and box.scope:
            scope = home_of_leaf(box.node.scope, users[i])
            label = name_within(box.node.name, scope) if box.node.name else box.label
            scene.boxes[i] = replace(box, scope=scope, label=shortened(label))


def _label(block: NodeBlock) -> str:
    """The label of a box for several nodes."""
    n, title = len(block.nodes), shortened(block.title, 20)
    if block.kind == "sum":
        terms = sum(map(len, map(attrgetter("operands"), block.nodes))) - n + 1
        return f"Σ {count(terms, 'term')}"
    if block.kind == "earlier":
        return f"… {count(n, 'earlier node')} folded"
    what = "leaf" if block.kind == "leaves" else "node"
    return f"{title} · {count(n, what)}" if title else f"… {count(n, what)}"


def _output_names(roots: Sequence[Value]) -> list[str]:
    """Their names; without one "output", with its number if there are others."""
    return [root.name or (f"output {i}" if len(roots) > 1 else "output") for i, root in enumerate(roots)]


def _title(roots: Sequence[Value]) -> str:
    named = zip(map(shortened, _output_names(roots)), roots, strict=True)
    first = ", ".join(f"{name} = {number(root.data)}" for name, root in islice(named, TITLED))
    return f"Computation graph of {first}{f' and {len(roots) - TITLED} more' if len(roots) > TITLED else ''}"


def _in_order(edges: list[Edge], head: int) -> None:
    """Bring the last edges, those into ``head``, into the order of the operands, bundles last."""
    start = len(edges)
    while start and edges[start - 1].head == head:
        start -= 1
    edges[start:] = sorted(edges[start:], key=lambda edge: inf if edge.index is None else edge.index)


def _homes(blocks: list[NodeBlock], dots: Mapping[Value, tuple[Value, ...]]) -> dict[Value, NodeBlock]:
    """The block of each node; a dot that is spelled out is at home with the sum that stands for it."""
    home = {node: block for block in blocks for node in block.nodes}
    return home | {dot: home[parts[-1]] for dot, parts in dots.items()}


def _with_gradients_from_users(blocks: list[NodeBlock]) -> set[Value]:
    return {x for block in blocks for node in block.nodes if node._grad is not None for x in node.parents}
