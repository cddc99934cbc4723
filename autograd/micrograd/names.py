"""micrograd's names for what a node has, and one step of the backward pass by hand.

>>> from autograd import Value
>>> a = Value(2.0, label="a"); b = a * 3; b.grad = 1; b._backward()
>>> a.label, a.grad, b._prev == {a}
('a', 3.0, True)
"""

from __future__ import annotations

from collections.abc import KeysView
from functools import partial
from typing import cast

from autograd.graph import Node
from autograd.interop.coerce import describe
from autograd.micrograd.closures import Closure, ClosureRule
from autograd.modes import context


class MicrogradNames:
    """Micrograd's names of what a node has."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """Another word for ``name``; '' where there is none.

        >>> from autograd import Value
        >>> a = Value(2.0, label="a")
        >>> a.name, Value(3.0).label
        ('a', '')
        """
        return cast("Node", self).name or ""

    @label.setter
    def label(self, text: str | None) -> None:
        cast("Node", self).name = one_name(None, text) or None

    @property
    def _prev(self) -> KeysView[Node]:
        return dict.fromkeys(cast("Node", self).parents).keys()  # a set, as micrograd's, but in order

    @property
    def _op(self) -> str:
        return cast("Node", self).op or ""

    @property
    def _backward(self) -> Closure:
        """Adds upstream × local derivative to ``grad`` of each parent: the backward pass by hand, node by node."""
        node = cast("Node", self)
        return node._rule.closure if isinstance(node._rule, ClosureRule) and node._rule.closure else partial(_step, node)

    @_backward.setter
    def _backward(self, closure: Closure) -> None:
        rule = cast("Node", self)._rule
        if rule is None and not context.recording():
            return  # inside no_grad() the node has no operands
        if not isinstance(rule, ClosureRule):
            raise AttributeError(
                "_backward can be set where a Value was made with operands, Value(data, (a, b), 'name'): "
                f"{'a leaf' if rule is None else f'a {rule.symbol!r} node'} has its own"
            )
        rule.closure = closure


def _step(node: Node) -> None:
    upstream = 0.0 if node._grad is None else node._grad
    for parent, local in zip(node.operands, node.local_derivatives, strict=True):
        if not isinstance(parent, float):
            parent._grad = upstream * local if parent._grad is None else parent._grad + upstream * local


def one_name(name: str | None, label: str | None) -> str | None:
    """What a node is called by ``name``, ``label``, or both."""
    for word, text in (("name", name), ("label", label)):
        if text is not None and not isinstance(text, str):
            raise TypeError(f"Value: {word} must be a str or None, got {describe(text)}")
    if name is not None and label is not None and name != label:
        raise TypeError(f"Value: name and label are two words for one thing, got {name!r} and {label!r}; give one")
    return label if name is None else name
