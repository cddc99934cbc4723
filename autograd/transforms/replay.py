"""Nodes recorded anew: the same operation on other operands."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.graph import number_of
from autograd.rules.table import IDENTITY, Rule
from autograd.transforms.types import Scalar
from autograd.value import Value, record


def recorded(rule: Rule, number: float, operands: Sequence[Scalar]) -> Value:
    """The node of an operation on any number of operands."""
    pair = operands if len(operands) == 2 else [tuple(operands)]
    return record(rule, number, *pair)


def recorded_anew(node: Value, operands: Sequence[Scalar]) -> Value:
    """The same operation on other operands, with the number that it has."""
    assert node._rule is not None
    return recorded(node._rule, node._number, operands)


def computed_anew(node: Value, operands: Sequence[Scalar]) -> Value:
    """The same operation on other operands, with the number that it has there."""
    assert node._rule is not None
    return recorded(node._rule, node._rule.value(*map(number_of, operands)), operands)


def renewed(x: Scalar) -> Value:
    """A node of its own with the same number and name."""
    if not isinstance(x, Value):
        return Value(x)
    node = record(IDENTITY, x._number, x)
    node.name = x.name
    return node
