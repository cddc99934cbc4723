"""Walks of the graph behind a node. All of them are loops: a chain of a million nodes is as safe as one.

>>> from autograd import Value
>>> x = Value(3.0); y = x * x
>>> [node.op for node in topological_order(y)]
[None, '×']
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from autograd.errors import StaleGraphError

if TYPE_CHECKING:
    from autograd.value import Value

_creation = attrgetter("_order")


def reverse_topological_order(root: Value) -> list[Value]:
    """Every node that ``root`` depends on, itself first, each before its parents.

    Nodes are numbered as they are created, after their parents: sorting by that number is a topological
    order, and the same on every run (0.35 s for 10⁶ nodes, against 3 s for a depth-first search). A leaf
    that was set afterwards is younger than its children and comes before them: see ``stale``.
    """
    reached = {root}
    found = [root]
    reach, find = reached.add, found.append
    for node in found:
        a, b = node._a, node._b
        if b is not None:
            if b.__class__ is not float and b not in reached:
                reach(b)
                find(b)
            if a.__class__ is not float and a not in reached:
                reach(a)
                find(a)
        elif a.__class__ is tuple:
            for parent in a:
                if parent.__class__ is not float and parent not in reached:
                    reach(parent)
                    find(parent)
        elif a is not None and a not in reached:
            reach(a)
            find(a)
    found.sort(key=_creation, reverse=True)
    return found


def topological_order(root: Value) -> list[Value]:
    """Every node that ``root`` depends on, parents first."""
    return reverse_topological_order(root)[::-1]


def stale(root: Value, leaf: Value) -> StaleGraphError:
    """The error for a leaf that was set after a node behind ``root`` had been computed from it."""
    child = next(node for node in topological_order(root) if leaf in node.parents and node._order < leaf._order)
    name = f" {leaf.name!r}" if leaf.name else ""
    return StaleGraphError(
        f"leaf{name} was set to {leaf.data!r} after a {child.op!r} node had been computed from its old value; "
        "run the forward pass again before backward(), or set the leaf after it"
    )
