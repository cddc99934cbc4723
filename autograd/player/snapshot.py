"""The numbers of a graph as it is drawn, which the page plays: later changes of the graph don't touch them.

>>> from autograd import Value
>>> from autograd.drawing.level_of_detail import compose
>>> w = Value(-3.0, name="w")
>>> y = w * 2.0
>>> for node in take(y, compose(y)).nodes:
...     print(node.rule, node.operands, node.value, node.slopes, node.gradient)
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

MOST = 5000  # nodes of a graph that a page holds all of


@dataclass(frozen=True, slots=True)
class Node:
    """A node's operation (None for a leaf), its operands (the numbers of nodes, or constants as floats), its numbers.

    ``slopes`` are the local derivatives; ``gradient`` is d root / d node, None where it isn't known.
    """

    rule: Rule | None
    operands: tuple[int | float, ...]
    value: float
    slopes: tuple[float, ...]
    name: str | None
    gradient: float | None


End = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Nodes, parents first and the root last; whether they are all of the graph's.

    ``boxes`` has the number of the node that each box of the scene shows, ``edges`` for each edge the number of
    the node it comes from, of the one that uses it, and at which place; the root's own edge is (root, None, None).
    An edge that stands for many is (None, None, None).
    """

    nodes: tuple[Node, ...]
    boxes: tuple[int | None, ...]
    edges: tuple[End, ...]
    whole: bool


def take(root: Value, scene: Scene, most: int = MOST) -> Snapshot:
    """All nodes behind ``root``, or those that are drawn where there are more than ``most``.

    Of a larger graph the gradients are those of the last backward pass.
    """
    values = _all(root, most)
    whole = values is not None
    gradients = dict(pull_back_floats(root, 1.0)) if whole else {}
    drawn = [box.node for box in scene.boxes if box.node is not None]
    if values is None:
        values = sorted({*drawn, *(parent for node in drawn for parent in node.parents)}, key=attrgetter("_order"))
        gradients = {node: float(node.grad) for node in values if node.grad is not None}
    inside = set(values if whole else drawn)
    numbers = {node: i for i, node in enumerate(values)}
    nodes = tuple(_node(node, numbers, gradients.get(node), node in inside) for node in values)
    boxes = tuple(None if box.node is None else numbers[box.node] for box in scene.boxes)
    return Snapshot(nodes, boxes, tuple(_ends(edge, scene, numbers) for edge in scene.edges), whole)


def _ends(edge: Edge, scene: Scene, numbers: dict[Value, int]) -> End:
    """What an edge stands for, as far as that is one node's operand and of the snapshot."""
    if scene.boxes[edge.head].kind == "output":
        return len(numbers) - 1, None, None
    if edge.user is None or edge.index is None:
        return None, None, None
    operand, user = edge.user.operands[edge.index], numbers.get(edge.user)
    source = None if isinstance(operand, float) else numbers.get(operand)
    return source, user, None if user is None else edge.index


def _all(root: Value, most: int) -> list[Value] | None:
    """Every node behind ``root``, parents first; None if they are more than ``most``."""
    found, reached = [root], {root}
    for node in found:
        for parent in node.parents:
            if parent not in reached:
                if len(found) == most:
                    return None
                reached.add(parent)
                found.append(parent)
    return sorted(found, key=attrgetter("_order"))


def _node(node: Value, numbers: dict[Value, int], gradient: float | None, inside: bool) -> Node:
    """A node, as a leaf where its operands are not of the snapshot."""
    if not inside:
        return Node(None, (), node.data, (), node.name, gradient)
    operands = tuple(x if isinstance(x, float) else numbers[x] for x in node.operands)
    return Node(node._rule, operands, node.data, node.local_derivatives, node.name, gradient)


def values_of(node: Node, nodes: Sequence[Node]) -> list[float]:
    """The numbers of a node's operands."""
    return [x if isinstance(x, float) else nodes[x].value for x in node.operands]
