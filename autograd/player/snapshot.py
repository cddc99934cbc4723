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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from autograd.backward import pull_back_floats
from autograd.drawing.scene.model import Edge, Scene
from autograd.interop.coerce import as_number
from autograd.interop.comparisons import Decision
from autograd.player.branches import Branches
from autograd.rules.table import Rule
from autograd.symbolic.notation import place_of
from autograd.value import Value

MOST = 5000  # nodes of a graph that is stored completely


class Predicate(NamedTuple):
    """``left op right``: nodes by their index, constants as floats; and whether that held when the graph was made."""

    op: str
    left: int | float
    right: int | float
    answer: bool


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A node: its operation, None for a leaf; its operands, nodes by their index and constants as floats; its value.

    ``partials`` are the local derivatives; ``gradient`` is d root / d node, None where it isn't known. ``where`` with a
    known ``condition`` has both sides as operands. ``drawn`` is False where the graph itself doesn't have the node.
    ``place`` is that of a softmax, see ``symbolic.notation.place_of``.
    """

    rule: Rule | None
    operands: tuple[int | float, ...]
    value: float
    partials: tuple[float, ...]
    name: str | None
    gradient: float | None
    condition: Predicate | None = None
    drawn: bool = True
    place: int | None = None


End = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Nodes, parents first and the root last; ``complete`` where they are all of the graph's.

    ``boxes`` has for each box of the scene the index of its node. ``edges`` has for each edge the index of the node it
    comes from, of the node that uses it, and of the operand it is there. The root's own edge is (root, None, None), an
    edge that stands for many (None, None, None). ``questions`` are comparisons that Python made of the nodes; so many
    as ``unseen`` says were made of numbers that aren't there.
    """

    nodes: tuple[NodeRecord, ...]
    boxes: tuple[int | None, ...]
    edges: tuple[End, ...]
    complete: bool
    questions: tuple[Predicate, ...] = ()
    unseen: int = 0


def take(root: Value, scene: Scene, most: int = MOST) -> Snapshot:
    """A snapshot of all nodes behind ``root``, or of those that are drawn where there are more than ``most``.

    All nodes have the gradients of a backward pass of their own; of a larger graph those of the last one are taken.
    """
    graph = _all(root, most)
    drawn = [box.node for box in scene.boxes if box.node is not None]
    if graph is None:
        return _of_drawn(drawn, scene)
    branches = Branches(root, graph, most)
    gradients, inside = dict(pull_back_floats(root, 1.0)), set(_in_parts(graph, scene))
    for dot, parts in scene.dots.items():
        gradients |= dict.fromkeys(parts, gradients[dot])
    values = _in_parts(branches.nodes, scene)
    index = _index(values, scene)
    nodes = tuple(_node(x, index, gradients.get(x), branches.choices.get(x), x in inside) for x in values)
    asked = tuple(_predicate(question, index) for question in branches.questions)
    return Snapshot(nodes, *_places(scene, index, nodes), True, asked, branches.unseen)


def _of_drawn(drawn: Sequence[Value], scene: Scene) -> Snapshot:
    """The drawn nodes and their parents, which are leaves here."""
    dot_of = {part: dot for dot, parts in scene.dots.items() for part in parts}
    users = [dot_of.get(node, node) for node in drawn]
    nodes = _in_parts(sorted({*users, *(x for node in users for x in node.parents)}, key=attrgetter("_order")), scene)
    index, inside = _index(nodes, scene), set(drawn)
    records = tuple(_node(x, index, x.grad_or_none) if x in inside else _leaf(x, x.grad_or_none) for x in nodes)
    return Snapshot(records, *_places(scene, index, records), False)


def _in_parts(nodes: Iterable[Value], scene: Scene) -> list[Value]:
    """The nodes, products and their sum for a dot that is spelled out."""
    return [part for node in nodes for part in scene.dots.get(node, (node,))]


def _index(nodes: Sequence[Value], scene: Scene) -> dict[Value, int]:
    """The index of every node; that of a dot which is spelled out is the index of its sum."""
    index = {node: i for i, node in enumerate(nodes)}
    return index | {dot: index[parts[-1]] for dot, parts in scene.dots.items()}


def _places(
    scene: Scene, index: dict[Value, int], nodes: Sequence[NodeRecord]
) -> tuple[tuple[int | None, ...], tuple[End, ...]]:
    """``boxes`` and ``edges`` of the snapshot."""
    boxes = tuple(None if box.node is None else index[box.node] for box in scene.boxes)
    return boxes, tuple(_ends(edge, scene, index, nodes) for edge in scene.edges)


def _ends(edge: Edge, scene: Scene, index: dict[Value, int], nodes: Sequence[NodeRecord]) -> End:
    """The ends of an edge, as far as it is one operand of one node and these are in the snapshot."""
    head = scene.boxes[edge.head]
    if head.kind == "output" and head.node is not None:
        return index[head.node], None, None
    if edge.user is None or edge.index is None:
        return None, None, None
    operand, user = edge.user.operands[edge.index], index.get(edge.user)
    source = None if isinstance(operand, float) else index.get(operand)
    if user is None:
        return source, None, None
    chosen = nodes[user].condition  # of a ``where`` the side that was chosen is drawn alone
    return source, user, edge.index if chosen is None else int(not chosen.answer)


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


def _leaf(node: Value, gradient: float | None) -> NodeRecord:
    return NodeRecord(None, (), node._number, (), node.name, gradient)


def _node(
    node: Value, index: dict[Value, int], gradient: float | None, choice: Decision | None = None, drawn: bool = True
) -> NodeRecord:
    condition, operands, partials = None, node.operands, node.local_derivatives
    if choice:
        holds = choice.condition[4]
        other = choice.otherwise if isinstance(choice.otherwise, Value) else as_number(choice.otherwise, "where")
        condition = _predicate((choice.condition[1], choice.left, choice.right, holds), index)
        operands, partials = ((operands[0], other), (1.0, 0.0)) if holds else ((other, operands[0]), (0.0, 1.0))
    places = tuple(_indexed(x, index) for x in operands)
    return NodeRecord(node._rule, places, node._number, partials, node.name, gradient, condition, drawn, place_of(node))


def _indexed(operand: Value | float, index: dict[Value, int]) -> int | float:
    return operand if isinstance(operand, float) else index[operand]


def _predicate(question: tuple[str, Value, Value | float, bool], index: dict[Value, int]) -> Predicate:
    op, left, right, answer = question
    return Predicate(op, index[left], _indexed(right, index), answer)


def values_of(node: NodeRecord, nodes: Sequence[NodeRecord]) -> list[float]:
    """The numbers of a node's operands."""
    return [x if isinstance(x, float) else nodes[x].value for x in node.operands]
