"""What the instructions of a program compute, on floats: the elementary operations of the rule table, comparisons, logic."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from autograd.rules.ieee import directions, softmaxes, where
from autograd.rules.table import RULES

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt, "le": operator.le, "eq": operator.eq, "ne": operator.ne
}  # fmt: skip
LOGIC: dict[str, Callable[..., bool]] = {"and": lambda a, b: a and b, "or": lambda a, b: a or b, "not": operator.not_}

# Operations with one result for each operand. An instruction has one result: the first operand says which.
VECTOR_VALUED: dict[str, Callable[..., list[float]]] = {"directions": directions, "softmaxes": softmaxes}


def _component(function: Callable[..., list[float]]) -> Callable[..., float]:
    return lambda i, *xs: function(*xs)[int(i)]


OPERATIONS: dict[str, Callable[..., float]] = {
    **{name: rule.value for name, rule in RULES.items() if rule.form is None and name != "where"},
    **COMPARISONS,
    **LOGIC,
    "where": where,
    **{name: _component(function) for name, function in VECTOR_VALUED.items()},
}

# ``stack`` makes a list, which scans read and ``item`` takes a number of.
OF_LISTS: dict[str, Callable[..., Any]] = {"stack": lambda *xs: list(xs), "item": lambda xs, k: xs[int(k)]}
