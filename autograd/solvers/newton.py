"""Newton's method for small systems, damped: a step is halved until the one after it, by the same Jacobian, is shorter.

Of a single equation this is a smaller residual. Of several it is a measure that doesn't change if equations are combined or
scaled, so that curved valleys are no obstacle. Source: Deuflhard, *Newton Methods for Nonlinear Problems* (2011), 3.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

from autograd.rules.ieee import INF
from autograd.solvers.equations import UserEquations
from autograd.solvers.iterate import Iterated, iterate, merged
from autograd.transforms.linear import chosen, solve
from autograd.transforms.types import Scalar
from autograd.value import VALUES

RUNNING, FOUND, FAILED = 0.0, 1.0, -1.0
SMALL = 1e-8  # a step by which rounding may keep the residual from getting smaller, relative to x
SHORTEST = 2.0**-30  # of a step that must make it smaller


class Iterate(NamedTuple):
    """Where Newton is: x, the step from there and its size, what part is tried, the Jacobian, the largest number so far."""

    x: list[Scalar]
    step: list[Scalar]
    size: Scalar
    damping: Scalar
    rows: list[list[Scalar]]
    scale: Scalar
    status: Scalar


def newton(equations: UserEquations, tol: float, most: int) -> Iterated:
    """Iterates from x0, until a step is below ``tol`` relative to x."""

    def step(now: Iterate) -> Iterate:
        x = [a + now.damping * b for a, b in zip(now.x, now.step, strict=True)]
        residuals, rows = equations.linearised(x)
        better = largest(_step(now.rows, residuals)) < now.size
        return merged(better, _accepted(now, x, residuals, rows, tol), _refused(now))

    count = len(equations.start)
    identity: list[list[Scalar]] = [[float(i == j) for j in range(count)] for i in range(count)]
    start = Iterate(equations.start, [0.0] * count, INF, 1.0, identity, largest(equations.start), RUNNING)
    return iterate(step, start, lambda now: now.status == RUNNING, most)


def _step(rows: Sequence[Sequence[Scalar]], residuals: Sequence[Scalar]) -> list[Scalar]:
    return [-move for (move,) in solve(rows, [[r] for r in residuals])]


def _accepted(now: Iterate, x: list[Scalar], residuals: list[Scalar], rows: list[list[Scalar]], tol: float) -> Iterate:
    """It came nearer. Where the next step is tiny it is made, and x is found."""
    moves = _step(rows, residuals)
    exact, size = largest(residuals) == 0.0, largest(moves)
    close = all_of([VALUES.abs(m) <= tol * VALUES.abs(a) for m, a in zip(moves, x, strict=True)])
    moved = [chosen(close, a + move, a) for a, move in zip(x, moves, strict=True)]
    status = chosen(exact, FOUND, chosen(close, FOUND, chosen(size < INF, RUNNING, FAILED)))
    damping = VALUES.minimum(1.0, 2.0 * now.damping)
    scale = VALUES.maximum(now.scale, largest(x))
    return Iterate([chosen(exact, a, b) for a, b in zip(x, moved, strict=True)], moves, size, damping, rows, scale, status)


def _refused(now: Iterate) -> Iterate:
    """It didn't: by rounding, if the step is small; else half of the step is tried."""
    rounding = all_of([VALUES.abs(move) <= SMALL * now.scale for move in now.step]) & (now.size < INF)
    status = chosen(rounding, FOUND, chosen(now.damping > SHORTEST, RUNNING, FAILED))
    return now._replace(damping=0.5 * now.damping, status=status)


def all_of(conditions: Sequence[Any]) -> Any:
    """Whether all of them hold."""
    return reduce(lambda a, b: a & b, conditions)


def largest(numbers: Sequence[Scalar]) -> Scalar:
    """The largest magnitude; nan where one is."""
    return reduce(VALUES.maximum, map(VALUES.abs, numbers))
