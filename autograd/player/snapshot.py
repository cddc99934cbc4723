"""A copy of a graph's numbers when it is drawn, for the page: later changes of the graph don't touch them.

>>> from autograd import Value
>>> from autograd.drawing.level_of_detail import compose
>>> w = Value(-3.0, name="w")
>>> y = w * 2.0
>>> for node in take(y, compose(y)).nodes:
...     print(node.rule, node.operands, node.value, node.partials, node.gradient)
None () -3.0 () 2.0
<rule mul> (0, 2.0) -6.0 (2.0, -3.0) 1.0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from autograd.backward import pull_back_floats
from autograd.drawing.scene.model import Edge, Scene
from autograd.rules.table import Rule
from autograd.value import Value

MOST = 5000  # nodes of a graph that is stored completely


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A node: its operation, None for a leaf; its operands, nodes by their index and constants as floats; its value.

    ``partials`` are the local derivatives; ``gradient`` is d root / d node, None where it isn't known.
    """

    rule: Rule | None
    operands: tuple[int | float, ...]
    value: float
    partials: tuple[float, ...]
    name: str | None
    gradient: float | None


End = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Nodes, parents first and the root last; ``complete`` where they are all of the graph's.

    ``boxes`` has for each box of the scene the index of its node. ``edges`` has for each edge the index of the node it
    comes from, of the node that uses it, and of the operand it is there. The root's own edge is (root, None, None), an
    edge that stands for many (None, None, None).
    """

    nodes: tuple[NodeRecord, ...]
    boxes: tuple[int | None, ...]
    edges: tuple[End, ...]
    complete: bool


def take(root: Value, scene: Scene, most: int = MOST) -> Snapshot:
    """A snapshot of all nodes behind ``root``, or of those that are drawn where there are more than ``most``.

    All nodes have the gradients of a backward pass of their own; of a larger graph those of the last one are taken.
    """
    values = _all(root, most)
    complete = values is not None
    gradients = dict(pull_back_floats(root, 1.0)) if complete else {}
    drawn = [box.node for box in scene.boxes if box.node is not None]
    if values is None:
        values = sorted({*drawn, *(parent for node in drawn for parent in node.parents)}, key=attrgetter("_order"))
        gradients = {node: node.grad_or_none for node in values if node.grad_or_none is not None}
    inside = set(values if complete else drawn)
    index = {node: i for i, node in enumerate(values)}
    nodes = tuple(_node(node, index, gradients.get(node), node in inside) for node in values)
    boxes = tuple(None if box.node is None else index[box.node] for box in scene.boxes)
    return Snapshot(nodes, boxes, tuple(_ends(edge, scene, index) for edge in scene.edges), complete)


def _ends(edge: Edge, scene: Scene, index: dict[Value, int]) -> End:
    """The ends of an edge, as far as it is one operand of one node and these are in the snapshot."""
    if scene.boxes[edge.head].kind == "output":
        return len(index) - 1, None, None
    if edge.user is None or edge.index is None:
        return None, None, None
    operand, user = edge.user.operands[edge.index], index.get(edge.user)
    source = None if isinstance(operand, float) else index.get(operand)
    return source, user, None if user is None else edge.index


def _all(root: Value, most: int) -> list[Value] | None:
    """Every node behind ``root``, parents first; None if they are more than ``most``."""
    nodes, reached = [root], {root}
    for node in nodes:
        for parent in node.parents:
            if parent not in reached:
                if len(nodes) == most:
                    return None
                reached.add(parent)
                nodes.append(parent)
    return sorted(nodes, key=attrgetter("_order"))


def _node(node: Value, index: dict[Value, int], gradient: float | None, inside: bool) -> NodeRecord:
    """A node; a leaf where its operands are not in the snapshot."""
    if not inside:
        return NodeRecord(None, (), node.data, (), node.name, gradient)
    operands = tuple(x if isinstance(x, float) else index[x] for x in node.operands)
    return NodeRecord(node._rule, operands, node.data, node.local_derivatives, node.name, gradient)


def values_of(node: NodeRecord, nodes: Sequence[NodeRecord]) -> list[float]:
    """The numbers of a node's operands."""
    return [x if isinstance(x, float) else nodes[x].value for x in node.operands]
