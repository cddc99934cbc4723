"""The nodes of a graph, and the orders in which all that one depends on is visited.

Walks are loops, not recursion: a chain of a million nodes can't overflow the stack.

>>> from autograd import Value
>>> x = Value(3.0); y = x * x
>>> [node.op for node in topological_order(y)]
[None, '×']
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from operator import attrgetter
from typing import Any, ClassVar, Self, SupportsFloat, TypeVar

from autograd.errors import StaleGraphError
from autograd.interop.coerce import as_number, out_of_array
from autograd.rules.operations import Operations
from autograd.rules.table import FLOATS, Rule

AnyNode = TypeVar("AnyNode", bound="Node")

next_order = count().__next__
_creation = attrgetter("_order")


class Node:
    """What a graph is made of: a number, the rule that computed it, and what that was applied to.

    Modules below ``autograd.value`` see nodes alone; ``Value`` is the subclass with arithmetic.
    """

    # Up to two operands are attributes of the node, more are a tuple in _a: 156 bytes a node, against 204 with a
    # tuple for all, and half as many objects for the garbage collector to walk.
    __slots__ = ("__weakref__", "_a", "_b", "_choice", "_grad", "_number", "_order", "_rule", "name", "scope")

    name: str | None  # for drawing and for messages
    scope: tuple[str, ...] | None  # the groups it was made in, outermost first
    _a: Any  # no union: the backward pass asks ``.__class__``, which is faster than isinstance, and no checker follows
    _b: Any
    _choice: Any  # what a ``where`` chose by, see interop.comparisons; which of its numbers a softmax is of; else unset
    _number: float
    _grad: Any  # None: no backward pass has reached the node. Then a float, or a node after a pass with create_graph
    _rule: Rule | None
    _order: int

    # The operations on nodes of this class, with which a rule makes nodes of its partials; value.py sets it.
    _operations: ClassVar[Operations[Any]]

    @property
    def operands(self) -> tuple[Self | float, ...]:
        """What the operation was applied to, in order: nodes and plain floats."""
        if self._b is not None:
            return (self._a, self._b)
        if self._a is None:
            return ()
        return self._a if self._a.__class__ is tuple else (self._a,)

    @property
    def parents(self) -> tuple[Self, ...]:
        """The operands that are nodes, in order; ``a * a`` has two."""
        return tuple(operand for operand in self.operands if not isinstance(operand, float))

    @property
    def op(self) -> str | None:
        """The operation's symbol, None for a leaf."""
        return self._rule.symbol if self._rule else None

    @property
    def grad(self) -> float:
        """d root / d self by the last backward pass, 0.0 before any; assign 0 or None to forget it.

        A node after a pass with ``create_graph``. ``grad_or_none`` tells a gradient of 0 from none.
        """
        return 0.0 if self._grad is None else self._grad

    @grad.setter
    def grad(self, number: SupportsFloat | None) -> None:
        given = out_of_array(number)
        gradient = given if given is None or isinstance(given, Node) else as_number(given, "Value.grad")
        self._grad = None if gradient.__class__ is float and gradient == 0.0 else gradient

    @property
    def grad_or_none(self) -> float | None:
        """``grad`` as a plain number, also where it is a node; None where no backward pass has reached this one.

        >>> from autograd import Value
        >>> x = Value(3.0); y = x * x
        >>> x.grad_or_none, x.grad
        (None, 0.0)
        >>> y.backward(); x.grad_or_none, x.grad
        (6.0, 6.0)
        """
        return self._grad._number if isinstance(self._grad, Node) else self._grad

    @property
    def local_derivatives(self) -> tuple[float, ...]:
        """∂self/∂operand for every operand, at the values the graph holds.

        >>> from autograd import Value
        >>> (Value(2.0) * Value(5.0)).local_derivatives
        (5.0, 2.0)

        Raises StaleGraphError where a parent was set after this node was computed.
        """
        if self._rule is None:
            return ()
        for parent in self.parents:
            if parent._order > self._order:
                raise stale(self, parent)
        operands = [x if isinstance(x, float) else x._number for x in self.operands]
        return tuple(self._rule.partials(FLOATS, self._number, *operands))

    @property
    def local_derivative_values(self) -> Sequence[Self | float]:
        """``local_derivatives`` as nodes: functions of the operands, that can be differentiated again.

        >>> from autograd import Value
        >>> x = Value(3.0)
        >>> (partial,) = x.square().local_derivative_values
        >>> partial, partial.parents == (x,)
        (Value(6.0), True)
        """
        rule = self._rule
        return rule.partials(self._operations, self, *self.operands) if rule else ()

    def _connect(self, rule: Rule, operands: Sequence[Self | float]) -> None:
        """Make this the node of an operation."""
        self._rule = rule
        self._a, self._b = operands if len(operands) == 2 else (packed(operands), None)

    def _age(self) -> None:
        self._order = next_order()  # younger now than what was computed from it: see ``stale``


def number_of(x: Node | float) -> float:
    """The number of a node; a number as it is."""
    return x if isinstance(x, float) else x._number


def set_leaves(leaves: Sequence[AnyNode], numbers: Iterable[float], partials: Iterable[float]) -> None:
    """Give leaves their numbers and gradients, all floats: a third of the time of setting each one's ``data``."""
    for leaf, number, partial in zip(leaves, numbers, partials, strict=True):
        leaf._number, leaf._order, leaf._grad = number, next_order(), partial


def packed(operands: Sequence[AnyNode | float]) -> AnyNode | tuple[AnyNode | float, ...]:
    """What ``Node._a`` holds for any number of operands but two: a single node as it is, else a tuple."""
    return operands[0] if len(operands) == 1 and not isinstance(operands[0], float) else tuple(operands)


def reverse_topological_order(*roots: AnyNode, since: int = -1) -> list[AnyNode]:
    """Every node that the roots depend on, themselves included, each before its parents.

    Nodes are numbered as they are created, after their parents: sorting by that number is a topological
    order, and the same on every run (0.35 s for 10⁶ nodes, against 3 s for a depth-first search). A leaf
    that was set afterwards is younger than its children and comes before them: see ``stale``.

    Of the nodes created before number ``since`` there are only those that younger ones depend on directly, at the end.
    """
    seen = set(roots)
    nodes = list(roots) if len(seen) == len(roots) else list(dict.fromkeys(roots))
    see, append = seen.add, nodes.append
    for node in nodes if since < 0 else _created_since(since, nodes):  # asking each node takes a tenth of a complete walk
        a, b = node._a, node._b
        if b is not None:
            if b.__class__ is not float and b not in seen:
                see(b)
                append(b)
            if a.__class__ is not float and a not in seen:
                see(a)
                append(a)
        elif a.__class__ is tuple:
            for parent in a:
                if parent.__class__ is not float and parent not in seen:
                    see(parent)
                    append(parent)
        elif a is not None and a not in seen:
            see(a)
            append(a)
    nodes.sort(key=_creation, reverse=True)
    return nodes


def _created_since(since: int, nodes: Iterable[AnyNode]) -> Iterator[AnyNode]:
    for node in nodes:
        if node._order >= since:
            yield node


def topological_order(*roots: AnyNode) -> list[AnyNode]:
    """Every node that the roots depend on, parents first."""
    return reverse_topological_order(*roots)[::-1]


def created_since(since: int, *roots: AnyNode) -> tuple[list[AnyNode], bool]:
    """The nodes created since that number, in reverse topological order, and whether they depend on older ones.

    An inner derivative walks its own nodes alone, so that a loop of n of them takes n steps and not n².
    """
    nodes = reverse_topological_order(*roots, since=since)
    if not nodes or nodes[-1]._order >= since:
        return nodes, False
    count = bisect_right(nodes, -since, key=lambda node: -node._order)
    return nodes[:count], True


def stale(root: AnyNode, leaf: AnyNode) -> StaleGraphError:
    """The error for a leaf that was set after a node behind ``root`` had been computed from it."""
    child = next(node for node in topological_order(root) if leaf in node.parents and node._order < leaf._order)
    name = f" {leaf.name!r}" if leaf.name else ""
    return StaleGraphError(
        f"leaf{name} was set to {leaf._number!r} after a {child.op!r} node had been computed from its old value; "
        "run the forward pass again before backward(), or set the leaf after it"
    )
