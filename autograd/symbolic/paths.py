"""The paths of a derivative: from a node back to another, through the nodes that are shown.

Nodes that aren't shown are eliminated: the factor between two that are shown is the partial derivative along all paths
through no third (vertex elimination: Griewank & Walther, Evaluating Derivatives, 2nd ed., chapter 9). What is left
is counted, and the largest paths are selected, by dynamic programming: nothing is enumerated.

>>> from autograd import Value
>>> x = Value(3.0); y = x * x
>>> between = nodes_between(topological_order(y), x)
>>> paths = largest_paths(between, edges(between))
>>> paths.total, [path.product for path in paths.largest], paths.rest
(2, [3.0, 3.0], 0.0)
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol, Self, TypeVar

from autograd.graph import topological_order as topological_order
from autograd.value import Value


class Partial(Protocol):
    """A partial derivative, as a number or a formula: what the chain rule multiplies and adds."""

    def __mul__(self, other: Self, /) -> Self: ...
    def __add__(self, other: Self, /) -> Self: ...


P = TypeVar("P", bound=Partial)


class Link(NamedTuple):
    """A factor of the chain rule: the partial derivative of ``node`` by ``parent``.

    By the one operand whose number is ``operand``; None where it is along all paths between the two.
    """

    node: Value
    parent: Value
    value: float
    operand: int | None = None


Links = dict[Value, list[Link]]  # by node the factors that differentiate it, the root first


class Path(NamedTuple):
    """A product of factors as a linked list: the first one and the path ``behind`` it; ``size`` is log |product|."""

    size: float
    product: float
    link: Link | None = None
    behind: Path | None = None

    def links(self) -> Iterator[Link]:
        """The factors, from the root on."""
        path: Path | None = self
        while path is not None and path.link is not None:
            yield path.link
            path = path.behind


class Paths(NamedTuple):
    """The largest paths from a node, how many there are in all, and the sum of the products of the others."""

    largest: list[Path]
    total: int
    rest: float


def nodes_between(order: list[Value], wrt: Value) -> list[Value]:
    """Every node on a path from the last one back to ``wrt``, of nodes in topological order.

    >>> x, y = Value(1.0), Value(2.0)
    >>> [node.op for node in nodes_between(topological_order((x * y).sin()), x)]
    [None, '×', 'sin']
    """
    reached = {wrt}
    for node in order:
        if any(parent in reached for parent in node.parents):
            reached.add(node)
    return [node for node in order if node in reached]


def links(between: list[Value], shown: set[Value]) -> Links:
    """The factors between nodes ``shown``, which include both ends; all other nodes are eliminated."""
    on_path, reached = set(between), {between[-1]}
    factors: Links = {}
    for node in between[:0:-1]:
        if node in reached:
            partials = eliminate(node, shown, on_path, 1.0, lambda each: each.local_derivatives)
            factors[node] = [Link(node, parent, value) for parent, value in partials.items()]
            reached.update(partials)
    return factors


def edges(between: list[Value]) -> Links:
    """The local derivatives themselves: a factor for every operand, so ``x * x`` has two."""
    on_path = set(between)
    return {node: list(_edges(node, on_path)) for node in between[:0:-1]}


def _edges(node: Value, on_path: set[Value]) -> Iterator[Link]:
    for i, (parent, partial) in enumerate(zip(node.operands, node.local_derivatives, strict=True)):
        if not isinstance(parent, float) and parent in on_path:
            yield Link(node, parent, partial, i)


def eliminate(
    node: Value, shown: set[Value], on_path: set[Value], one: P, local_derivatives: Callable[[Value], Iterable[P]]
) -> dict[Value, P]:
    """The partial derivatives of ``node`` by the nearest shown nodes behind it, along all paths between them.

    This is a backward pass from ``node`` that ends at shown nodes and ignores nodes outside ``on_path``.
    """
    adjoints, waiting = {node: one}, [(-node._order, node)]
    while waiting:
        _, each = heapq.heappop(waiting)
        upstream = adjoints.pop(each)
        for parent, local in zip(each.operands, local_derivatives(each), strict=True):
            if not isinstance(parent, float) and parent in on_path:
                contribution = upstream * local
                if parent in adjoints:
                    contribution = adjoints[parent] + contribution
                elif parent not in shown:
                    heapq.heappush(waiting, (-parent._order, parent))
                adjoints[parent] = contribution
    return adjoints


def largest_paths(between: list[Value], links: Links, most: int = 5) -> Paths:
    """The ``most`` paths of greatest |product|; of two of one size the one through earlier operands."""
    known = {between[0]: Paths([Path(0.0, 1.0)], 1, 0.0)}
    for node in reversed(links):  # parents before their users, so the paths of all parents are known
        known[node] = _joined(links[node], known, most)
    return known[between[-1]]


def _joined(own: list[Link], known: dict[Value, Paths], most: int) -> Paths:
    longer = [_longer(link, path) for link in own for path in known[link.parent].largest]
    longer.sort(key=lambda path: path.size, reverse=True)
    rest = [link.value * known[link.parent].rest for link in own] + [path.product for path in longer[most:]]
    return Paths(longer[:most], sum(known[link.parent].total for link in own), sum(rest))


def _longer(link: Link, path: Path) -> Path:
    size = _log(link.value) + path.size
    return Path(size if size == size else math.inf, link.value * path.product, link, path)


def _log(x: float) -> float:
    """The logarithm of |x|; nan counts as the largest, so that it is seen."""
    return math.log(abs(x)) if 0.0 < abs(x) < math.inf else -math.inf if x == 0.0 else math.inf


def count_paths(between: list[Value]) -> int:
    """The number of paths of single edges from the last node to the first, by dynamic programming.

    >>> x = y = Value(1.0)
    >>> for _ in range(60):
    ...     y = y * y
    >>> count_paths(nodes_between(topological_order(y), x)) == 2**60
    True
    """
    counts = {between[0]: 1}
    for node in between[1:]:
        counts[node] = sum(counts.get(parent, 0) for parent in node.parents)
    return counts[between[-1]]
