"""Copies and pickles of graphs, as lists of nodes and without recursion, however deep the graph is.

>>> import copy, pickle
>>> from autograd import Value
>>> x = Value(3.0, name="x")
>>> x2, y2 = pickle.loads(pickle.dumps((x, x * x)))
>>> y2.backward(); x2.grad, x.grad
(6.0, 0.0)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy as _deepcopy
from typing import Any, TypeAlias

from autograd.graph import AnyNode, Node, topological_order
from autograd.modes import context
from autograd.modes.graph_cut import differentiated_by, pickle_leaves_graph
from autograd.rules.table import IDENTITY, Rule

# Operands are numbers, or the indices of nodes in the list of entries; the last three are name, gradient and scope.
Entry: TypeAlias = tuple[Rule, float, list[float | int], str | None, float | None, tuple[str, ...] | None]
State: TypeAlias = tuple[float | None, tuple[str, ...] | None]
LeafReduction: TypeAlias = tuple[type[Node], tuple[float, str | None], State]
GraphReduction: TypeAlias = tuple[Callable[..., Node], tuple[list[Entry | Node], int, type[Node]]]


def deepcopy(root: AnyNode, memo: dict[int, Any]) -> AnyNode:
    """A graph of its own like the one behind ``root``, sharing what ``memo`` has copied already."""
    if _is_watched(root):
        return _connected(root)
    nodes = [node for node in topological_order(root) if id(node) not in memo]
    for node in nodes:
        memo[id(node)] = _shallow(node)
    for node in nodes:
        twin = memo[id(node)]
        twin._a = _twins(node._a, memo)
        twin._b = _twins(node._b, memo)
        twin._grad = _deepcopy(node._grad, memo)
    result: AnyNode = memo[id(root)]
    return result


def _twins(operand: object, memo: dict[int, Any]) -> Any:
    if isinstance(operand, tuple):
        return tuple(memo.get(id(p), p) for p in operand)
    return memo.get(id(operand), operand)


def shallow(node: AnyNode) -> AnyNode:
    """A new node with the same number, name, gradient, scope and parents."""
    return _connected(node) if _is_watched(node) else _shallow(node)


def _is_watched(node: Node) -> bool:
    """Whether a derivative of a function is being taken by it, or it may be traced: then a copy depends on it."""
    return context.recording() and (context.tracer() is not None or bool(differentiated_by(node)))


def _connected(node: AnyNode) -> AnyNode:
    twin = _blank(type(node), node._number, node.name)
    twin._connect(IDENTITY, [node])
    twin.scope = node.scope
    return twin


def _shallow(node: AnyNode) -> AnyNode:
    twin = _blank(type(node), node._number, node.name)
    twin._a, twin._b, twin._rule, twin._grad, twin.scope = node._a, node._b, node._rule, node._grad, node.scope
    twin._order = node._order  # as old as the original: the copy of a stale graph is stale too
    return twin


def _blank(kind: type[AnyNode], data: float, name: str | None) -> AnyNode:
    node = object.__new__(kind)
    node._number, node.name = data, name
    node._age()
    return node


def reduce(root: Node) -> LeafReduction | GraphReduction:
    """What pickle stores: a leaf by its number and name; any other node by the list of all behind it.

    A leaf is stored once in a pickle, so a model and its loss come back connected. Two roots pickled together have
    interior nodes of their own each. A gradient that is a node is stored as its number, without its graph.
    No code is stored, only the names of rules.
    """
    pickle_leaves_graph(root)
    if root._rule is None:
        return type(root), (root._number, root.name), (root.grad_or_none, root.scope)
    nodes = topological_order(root)
    index = {node: i for i, node in enumerate(nodes)}
    entries = [node if node._rule is None else _entry(node, node._rule, index) for node in nodes]
    return restore, (entries, index[root], type(root))


def _entry(node: Node, rule: Rule, index: dict[Node, int]) -> Entry:
    operands = [p if isinstance(p, float) else index[p] for p in node.operands]
    return rule, node._number, operands, node.name, node.grad_or_none, node.scope


def restore(entries: Sequence[Entry | Node], root: int, kind: type[Node] | None = None) -> Node:
    """The graph that ``reduce`` stored, by its root.

    ``kind`` is the class of its nodes. Pickles from before it was stored don't have it: then it is the class with operators.
    """
    kind = kind or Node.__subclasses__()[0]
    nodes = [entry if isinstance(entry, Node) else _blank(kind, entry[1], entry[3]) for entry in entries]
    used: set[int] = set()
    for i, (node, entry) in enumerate(zip(nodes, entries, strict=True)):
        if not isinstance(entry, Node):
            rule, _, operands, _, node._grad, node.scope = entry
            node._connect(rule, [nodes[p] if isinstance(p, int) else p for p in operands])
            used.update(p for p in operands if isinstance(p, int))
        elif i in used:  # a leaf set after the nodes before it were computed: it was stale and stays so
            node._age()
    return nodes[root]
