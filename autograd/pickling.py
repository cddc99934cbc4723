"""Copies and pickles of whole graphs, by loops: as deep as the graph is, as shallow as a list.

>>> import copy, pickle
>>> from autograd import Value
>>> x = Value(3.0, name="x")
>>> x2, y2 = pickle.loads(pickle.dumps((x, x * x)))
>>> y2.backward(); x2.grad, x.grad
(6.0, None)
"""

from __future__ import annotations

from copy import deepcopy as _deepcopy
from typing import Any

from autograd.graph import AnyNode, Node, topological_order


def deepcopy(root: AnyNode, memo: dict[int, Any]) -> AnyNode:
    """A graph of its own like the one behind ``root``, sharing what ``memo`` has copied already."""
    nodes = [node for node in topological_order(root) if id(node) not in memo]
    for node in nodes:
        memo[id(node)] = shallow(node)
    for node in nodes:
        twin = memo[id(node)]
        twin._a = _twins(node._a, memo)
        twin._b = _twins(node._b, memo)
        twin.grad = _deepcopy(node.grad, memo)
    result: AnyNode = memo[id(root)]
    return result


def _twins(operand: Any, memo: dict[int, Any]) -> Any:
    if operand.__class__ is tuple:
        return tuple(memo.get(id(p), p) for p in operand)
    return memo.get(id(operand), operand)


def shallow(node: AnyNode) -> AnyNode:
    """A new node with the same number, name, gradient, scope and parents."""
    twin = type(node)(node._data, node.name)
    twin._a, twin._b, twin._rule, twin.grad, twin.scope = node._a, node._b, node._rule, node.grad, node.scope
    twin._order = node._order  # as young as the original: the copy of a stale graph is stale too
    return twin


def reduce(root: Node) -> tuple[Any, ...]:
    """What pickle stores: a leaf by its number and name; any other node by the list of all behind it.

    Leaves keep their identity throughout a pickle, so a model and its loss come back connected. Two roots
    pickled side by side each bring their own interior nodes. No code is stored, only the names of rules.
    """
    if root._rule is None:
        return type(root), (root._data, root.name), (_plain(root.grad), root.scope)
    nodes = topological_order(root)
    place = {node: i for i, node in enumerate(nodes)}
    entries = [node if node._rule is None else _entry(node, place) for node in nodes]
    return restore, (entries, place[root], type(root))


def _entry(node: Node, place: dict[Node, int]) -> tuple[Any, ...]:
    operands = [p if p.__class__ is float else place[p] for p in node.operands]
    return node._rule, node._data, operands, node.name, _plain(node.grad), node.scope


def _plain(gradient: Any) -> float | None:
    """A gradient as a number: one that is a Value has a graph of its own, which is left behind."""
    return None if gradient is None else float(gradient)


def restore(entries: list[Any], root: int, kind: Any = None) -> Any:
    """The graph that ``reduce`` stored, by its root: leaves as they are, other nodes by rule and places.

    ``kind`` is the class of its nodes; the first pickles don't say it, from when there was one alone.
    """
    kind = kind or Node.__subclasses__()[0]
    nodes = [entry if isinstance(entry, Node) else kind(entry[1], entry[3]) for entry in entries]
    used: set[int] = set()
    for i, (node, entry) in enumerate(zip(nodes, entries, strict=True)):
        if entry is not node:
            rule, _, operands, _, node.grad, node.scope = entry
            node._connect(rule, [nodes[p] if p.__class__ is int else p for p in operands])
            used.update(p for p in operands if p.__class__ is int)
        elif i in used:  # a leaf set after the nodes before it were computed: it was stale and stays so
            node._age()
    return nodes[root]
