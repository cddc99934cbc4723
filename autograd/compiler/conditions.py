"""Conditions: what comparisons of Values give while a function is traced, and the operations that choose by them.

A ``Condition`` stands for the bool. ``where`` takes it as it is and records both sides; ``bool()`` of it, as ``if`` and
``while`` ask for, notes a *guard*: the program holds only where the comparison comes out the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.graph import number_of
from autograd.program.operations import COMPARISONS
from autograd.rules.operations import N, Operand, Operations
from autograd.rules.table import Rule
from autograd.transforms.types import Scalar


class TraceError(TypeError):
    """Something that leaves the graph while a function is traced."""


class BranchError(RuntimeError):
    """A function that took more branches than ``max_branches``, or that branches without end."""


def _chooser(op: str) -> Rule:
    """``a`` where the comparison of left and right holds, else ``b``: what ``where`` records in a trace."""
    holds: Callable[[Any, Any], bool] = COMPARISONS[op]

    def value(left: float, right: float, a: float, b: float) -> float:
        return a if holds(left, right) else b

    def partials(m: Operations[N], _: Operand[N], left: N, right: N, *sides: N) -> Sequence[Operand[N]]:
        del sides
        condition = holds(left, right)
        return 0.0, 0.0, m.where(condition, 1.0, 0.0), m.where(condition, 0.0, 1.0)

    return Rule(f"where_{op}", value, partials, "where", lambda m, left, right, a, b: m.where(holds(left, right), a, b))


CHOOSERS = {op: _chooser(op) for op in COMPARISONS}
COMPARISON_OF = {rule: op for op, rule in CHOOSERS.items()}
# Nodes through which derivatives go by selection or not at all: a product with 0 is nan where the other factor is inf.
# What ``stop_gradient`` records in a trace: the number of each call.
STOP = Rule("stop_gradient", lambda x: x, lambda *_: (0.0,), "stop", lambda _, x: x)
SELECTIONS = frozenset({*COMPARISON_OF, STOP})


class Condition:
    """A comparison of Values in a trace: ``where`` takes it for all lanes; ``bool()`` follows the traced numbers."""

    __slots__ = ("left", "note", "op", "outcome", "right")

    def __init__(self, note: Callable[[Condition], None], op: str, left: Scalar, right: Scalar):
        self.note, self.op, self.left, self.right = note, op, left, right
        self.outcome = bool(COMPARISONS[op](number_of(left), number_of(right)))

    def __bool__(self) -> bool:
        self.note(self)
        return self.outcome
