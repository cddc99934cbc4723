"""Operations of one node, whose number the program computes and whose derivative is a closure, as in micrograd.

>>> from autograd import Value
>>> def cube(x):
...     out = Value(x.data**3, (x,), "cube")
...     def _backward():
...         x.grad += 3 * x.data**2 * out.grad
...     out._backward = _backward
...     return out
>>> x = Value(2.0, label="x"); y = cube(x) * 10; y.backward()
>>> x.label, x.grad
('x', 120.0)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pickle import PicklingError
from typing import Any, NoReturn, TypeAlias

from autograd.backward import writing
from autograd.graph import Node
from autograd.interop.coerce import describe
from autograd.rules.ieee import NAN
from autograd.rules.table import FLOATS, Rule

Closure: TypeAlias = Callable[[], object]


class ClosureRule(Rule):
    """The operation of one node, whose number the program computed and whose derivative is a closure it has set."""

    __slots__ = ("closure", "node", "rule")

    closure: Closure | None

    def __init__(self, node: Node, name: str):
        self.node, self.closure = node, None
        super().__init__(name, self._value, self._local_derivatives, name, source=self)
        self.rule: Rule = self  # as a primitive has it

    def _value(self, *operands: float) -> float:
        """The number is known for the operands it was computed from, and no others."""
        return self.node._number if operands == _numbers(self.node) else NAN

    def _local_derivatives(self, m: Any, *_: object) -> tuple[float, ...]:
        """What the closure adds to the operands' gradients for an upstream gradient of 1."""
        if m is not FLOATS:
            raise TypeError(
                f"{self.name}: a derivative by _backward is for backward() alone; an operation that can be differentiated "
                "again and compiled is made by autograd.primitive"
            )
        if self.closure is None:
            raise TypeError(f"{self.name}: its derivative isn't known: set _backward of the node, or use autograd.primitive")
        node, parents = self.node, dict.fromkeys(self.node.parents)
        with writing():
            before = {n: n._grad for n in (node, *parents)}
            try:
                for parent in parents:
                    parent._grad = None
                node._grad = 1.0
                self.closure()
                found = {parent: parent.grad_or_none or 0.0 for parent in parents}
            finally:
                for n, gradient in before.items():
                    n._grad = gradient
        return tuple(0.0 if isinstance(x, float) else found.pop(x, 0.0) for x in node.operands)  # a repeated one has the sum

    def __reduce__(self) -> NoReturn:
        raise PicklingError(f"{self.name}: _backward is a closure, which pickle can't store; use autograd.primitive")


def _numbers(node: Node) -> tuple[float, ...]:
    return tuple(x if isinstance(x, float) else x._number for x in node.operands)


def made_by_hand(node: Node, op: str, operands: Iterable[Node | float]) -> None:
    """Make a leaf the node of an operation called ``op``: its number stands, its derivative will be a closure."""
    if not isinstance(op, str):
        raise TypeError(f"Value: _op must be a str, got {describe(op)}")
    given = list(operands)
    if not given:
        raise TypeError(
            f"Value: the operation {op!r} needs operands: Value(data, (a, b), {op!r}), or name={op!r} for a leaf"
        )
    node._connect(ClosureRule(node, op or "f"), given)
