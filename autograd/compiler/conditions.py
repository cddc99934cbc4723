"""Conditions: what comparisons of Values give while a function is traced, and the operations that choose by them.

A ``Condition`` stands for the bool. ``where`` takes it as it is and records both sides; ``bool()`` of it, as ``if`` and
``while`` ask for, notes a *guard*: the program holds only where the comparison comes out the same way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd.interop.coerce import as_number
from autograd.modes.anomaly import without_anomaly
from autograd.modes.context import enable_grad, traced_by
from autograd.program.operations import COMPARISONS
from autograd.rules.operations import N, Operand, Operations
from autograd.rules.table import Rule
from autograd.transforms.types import Scalar
from autograd.value import Value, record


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


ENDLESS = 10_000  # comparisons more than Python's arithmetic needs

CHOOSERS = {op: _chooser(op) for op in COMPARISONS}
COMPARISON_OF = {rule: op for op, rule in CHOOSERS.items()}


class Condition:
    """A comparison of Values in a trace: ``where`` takes it for all lanes; ``bool()`` follows the traced numbers."""

    __slots__ = ("left", "op", "outcome", "right", "tracer")

    def __init__(self, tracer: Tracer, op: str, left: Scalar, right: Scalar):
        self.tracer, self.op, self.left, self.right = tracer, op, left, right
        self.outcome = bool(COMPARISONS[op](number_of(left), number_of(right)))

    def __bool__(self) -> bool:
        self.tracer.note(self)
        return self.outcome


def number_of(x: Scalar) -> float:
    """The number of a Value; a number as it is."""
    return x._data if isinstance(x, Value) else x


class Tracer:
    """What ``Value`` asks while a function is traced; ``guards`` are the conditions that branches asked for.

    ``outcomes`` says how the first of them come out where that is known; the others as in Python's arithmetic. With
    outcomes from elsewhere a loop might not end, so then there are at most ``limit`` guards.
    """

    def __init__(self, outcomes: Sequence[bool] = (), limit: float = math.inf) -> None:
        self.guards: list[Condition] = []
        self.outcomes, self.limit = outcomes, limit
        self.start = Value(0.0)._order  # a leaf made before is one that the function has captured

    def note(self, guard: Condition) -> None:
        """A branch has asked for the outcome."""
        k = len(self.guards)
        if k < len(self.outcomes):
            guard.outcome = self.outcomes[k]
        if k >= self.limit:
            raise BranchError(
                f"compile: still branching after {k} comparisons, where Python's arithmetic came to an end: fused "
                "multiply-adds round differently; compare with a tolerance, or compile with strict=True, which fuses nothing"
            )
        self.guards.append(guard)

    def corrected(self, held: int) -> Tracer:
        """One for the same function whose first guards come out as here, and the next the other way."""
        outcomes = [guard.outcome for guard in self.guards[: held + 1]]
        outcomes[held] = not outcomes[held]
        return Tracer(outcomes, min(self.limit, 2 * len(self.guards) + ENDLESS))

    def compare(self, op: str, left: object, right: object) -> object:
        """The condition, where both sides are numbers."""
        try:
            sides = [x if isinstance(x, Value) else as_number(x, op) for x in (left, right)]
        except TypeError:
            return NotImplemented
        return Condition(self, op, *sides)

    def choose(self, condition: object, a: object, b: object) -> Value:
        """``where`` of a condition: a node that holds both sides."""
        assert isinstance(condition, Condition)
        sides = [x if isinstance(x, Value) else as_number(x, "where: a side") for x in (a, b)]
        chosen = sides[not condition.outcome]
        return record(CHOOSERS[condition.op], number_of(chosen), (condition.left, condition.right, *sides))

    @staticmethod
    def owns(condition: object) -> bool:
        """Whether it is a condition of a trace."""
        return condition.__class__ is Condition

    @staticmethod
    def refuse(what: str, instead: str) -> TraceError:
        """The error for what would cut the graph."""
        return TraceError(
            f"{what} leaves the graph, and the compiled function would hold today's number for ever; {instead}"
        )


@contextmanager
def tracing(tracer: Tracer | None = None) -> Iterator[Tracer]:
    """A context in which this thread's Values are traced."""
    tracer = tracer or Tracer()
    with traced_by(tracer), enable_grad(), without_anomaly():
        yield tracer
