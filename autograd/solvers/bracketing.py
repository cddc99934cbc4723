"""One equation within a bracket: Newton's steps where they stay inside and shrink, bisection where they don't.

Source: Press et al., *Numerical Recipes* (2007), 9.4, ``rtsafe``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd.solvers.equations import UserEquations
from autograd.solvers.iterate import Iterated, iterate
from autograd.solvers.newton import FAILED, FOUND, RUNNING
from autograd.transforms.linear import chosen
from autograd.transforms.types import Scalar
from autograd.value import VALUES


class Bracketed(NamedTuple):
    """Where it is: x, the ends where f is below and above 0, the last step, the residual at x."""

    x: Scalar
    below: Scalar
    above: Scalar
    moved: Scalar
    size: Scalar
    status: Scalar


def bracketed(
    equations: UserEquations, start: Scalar | None, ends: tuple[Scalar, Scalar], tol: float, most: int
) -> Iterated:
    """Iterates from ``start``, or else from the middle, until a step is below ``tol`` relative to x."""
    a, b = ends
    (at_a, _), (at_b, _) = (_at(equations, x) for x in ends)
    bound, width = VALUES.maximum(VALUES.abs(at_a), VALUES.abs(at_b)), VALUES.abs(b - a)

    def step(now: Bracketed) -> Bracketed:
        x = now.x
        r, derivative = _at(equations, x)
        below, above = chosen(r < 0.0, x, now.below), chosen(r < 0.0, now.above, x)
        newton = VALUES.div(r, derivative)
        there = x - newton
        inside = (VALUES.minimum(below, above) < there) & (there < VALUES.maximum(below, above))
        shrinks = VALUES.abs(newton) <= 0.5 * VALUES.abs(now.moved)
        tiny = VALUES.abs(newton) <= tol * VALUES.abs(there)  # then ``there`` may be x, which is an end by now
        new = chosen((inside & shrinks) | tiny, there, 0.5 * below + 0.5 * above)
        close = VALUES.abs(new - x) <= tol * VALUES.abs(new)
        a_root = (VALUES.abs(r) <= bound) & (VALUES.abs(newton) <= width)  # and no pole, no jump
        status = chosen(close, chosen(a_root, FOUND, FAILED), chosen(r == r, RUNNING, FAILED))  # r is nan
        exact = r == 0.0
        return Bracketed(chosen(exact, x, new), below, above, new - x, VALUES.abs(r), chosen(exact, FOUND, status))

    opposite = ((at_a < 0.0) & (at_b > 0.0)) | ((at_a > 0.0) & (at_b < 0.0))
    x = 0.5 * a + 0.5 * b if start is None else VALUES.minimum(VALUES.maximum(start, a), b)
    x = chosen(at_a == 0.0, a, chosen(at_b == 0.0, b, x))
    status = chosen((at_a == 0.0) | (at_b == 0.0), FOUND, chosen(opposite, RUNNING, FAILED))
    first = Bracketed(x, chosen(at_a < 0.0, a, b), chosen(at_a < 0.0, b, a), width, 0.0, status)
    return iterate(step, first, lambda now: now.status == RUNNING, most)


def _at(equations: UserEquations, x: Scalar) -> Any:
    (residual,), ((derivative,),) = equations.linearised([x])
    return residual, derivative
