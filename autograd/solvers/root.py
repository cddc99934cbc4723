"""``root`` and ``fixed_point``: solutions of equations, as functions of what the equations depend on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import ConvergenceError
from autograd.graph import number_of
from autograd.interop.coerce import describe, is_number
from autograd.modes import context
from autograd.solvers.bracketing import bracketed
from autograd.solvers.equations import UserEquations, data_of, shown
from autograd.solvers.iterate import Iterated
from autograd.solvers.newton import FOUND, newton
from autograd.transforms.call import is_scalar, name_of
from autograd.transforms.implicit import implied
from autograd.transforms.stop import stop_gradient
from autograd.transforms.trees import flatten, flatten_like
from autograd.transforms.types import Scalar
from autograd.value import where

NAN = math.nan


def root(
    f: Callable[..., Any],
    x0: Any,
    *args: Any,
    bracket: Sequence[Any] | None = None,
    tol: float = 1e-12,
    max_steps: int = 100,
) -> Any:
    """x with f(x, \\*args) = 0, a function of args and of all else that f depends on.

    >>> from autograd import Value, compile, derivative, grad
    >>> square_root = lambda a: root(lambda x: x * x - a, 1.0)
    >>> square_root(9.0), grad(square_root)(9.0), derivative(square_root, 9.0, 2) == -1 / 4 / 9.0**1.5
    (3.0, 0.16666666666666666, True)
    >>> circle = lambda p, r: [p[0] - p[1], p[0] ** 2 + p[1] ** 2 - r * r]  # two equations for two unknowns
    >>> r = Value(5.0)
    >>> x, y = root(circle, [1.0, 1.0], r)
    >>> x.backward(); round(x.data, 6), round(r.grad, 6)
    (3.535534, 0.707107)

    f:         a function of x and args that returns what has the structure of x0: a residual for each unknown.
    x0:        where to begin: a number, or a list, tuple, dict or array of them, nested in any way. Data: there is no
               derivative by it. With a bracket None, for its middle.
    args:      what else f takes. What it captures counts as well.
    bracket:   for a single unknown two numbers (a, b), a ≤ b, where f has opposite signs. They are data too.
    tol:       how small the last step is, relative to x; it is made, so the error is about its square.
    max_steps: how many steps there may be.

    Newton's method with the Jacobian of f, damped; in a bracket bisection where Newton would leave it or is slow. The
    derivative is −(∂f/∂x)⁻¹·∂f/∂args, of any order, and doesn't depend on how x was found. Where ∂f/∂x is singular at
    the root, as of x² at 0, it is inf or nan. A small system is one of which n³/3 steps are few.

    In a compiled function the steps are a ``scan`` in which each lane stops alone; f then chooses by ``where`` and can't
    branch on x. A lane without a root is nan there, and changes no other.

    Raises ConvergenceError, with the last iterate as ``x``, ``residual`` and ``steps``, where no root was found; ValueError
    where f has one sign at both ends of the bracket; TypeError where f returns another structure than that of x0.
    Source: Krantz & Parks, *The Implicit Function Theorem* (2003); Deuflhard, *Newton Methods* (2011).
    """
    if bracket is None:
        return _solved(UserEquations("root", f, x0, args), newton, tol, max_steps)
    ends = _ends(bracket)
    if x0 is not None and not is_scalar(x0):
        raise TypeError(f"root: a bracket is for one unknown, but x0 is {describe(x0)}; leave the bracket out")
    start = None if x0 is None else data_of(x0, "root: x0")

    def within(equations: UserEquations, tol: float, most: int) -> Iterated:
        _check_signs(equations, ends)
        return bracketed(equations, start, ends, tol, most)

    return _solved(UserEquations("root", f, ends[0] if x0 is None else x0, args), within, tol, max_steps)


def fixed_point(g: Callable[..., Any], x0: Any, *args: Any, tol: float = 1e-12, max_steps: int = 100) -> Any:
    """x with x = g(x, \\*args), a function of args and of all else that g depends on.

    >>> from autograd import cos, grad
    >>> fixed_point(cos, 1.0)
    0.7390851332151607
    >>> settled = lambda a: fixed_point(lambda x: (x + a / x) / 2, 1.0)  # Heron's √a
    >>> grad(settled)(9.0)
    0.16666666666666666

    The ``root`` of g(x) − x, by Newton's method: a fixed point needn't attract g's iterates, and where there are several it
    may be another than theirs. Parameters, derivatives and errors as ``root``.
    """
    if not callable(g):
        raise TypeError(f"fixed_point: g must be a function of x and args, got {describe(g)}; give the function itself")

    def moved(x: Any, *args: Any) -> Any:
        xs, rebuild = flatten(x)
        new = g(x, *args)
        try:
            return rebuild([b - a for a, b in zip(xs, flatten_like(new, x, ""), strict=True)])
        except (TypeError, ValueError):
            return new  # whose structure is named

    moved.__name__ = name_of(g)
    return _solved(UserEquations("fixed_point", moved, x0, args), newton, tol, max_steps)


def _solved(equations: UserEquations, method: Callable[[UserEquations, float, int], Iterated], tol: float, most: int) -> Any:
    _check_limits(equations.who, tol, most)
    found = method(equations, tol, most)
    if context.tracer():
        solved = found.state.status == FOUND
        xs = [stop_gradient(where(solved, x, NAN)) for x in _unknowns(found.state.x)]
    elif found.state.status == FOUND:
        xs = _unknowns(found.state.x)
    else:
        raise _no_solution(equations, found, most)
    return equations.rebuild(implied(equations, xs, equations.who))


def _unknowns(x: Any) -> list[Scalar]:
    return x if isinstance(x, list) else [x]


# -- what can be wrong ---------------------------------------------------------------------------------------


def _check_limits(who: str, tol: object, most: object) -> None:
    if not is_number(tol) or not 0.0 <= tol < 1.0:
        raise ValueError(f"{who}: tol must be a number from 0 to 1, how small the last step is relative to x, got {tol!r}")
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise ValueError(f"{who}: max_steps must be an int ≥ 1, got {most!r}")


def _ends(bracket: Any) -> tuple[Scalar, Scalar]:
    if not isinstance(bracket, Sequence) or isinstance(bracket, str) or len(bracket) != 2:
        raise TypeError(f"root: bracket must be two numbers (a, b), got {describe(bracket)}")
    a, b = (data_of(x, "root: an end of the bracket") for x in bracket)
    if not context.tracer() and not number_of(a) <= number_of(b):
        raise ValueError(f"root: bracket must be (a, b) with a ≤ b, got ({a!r}, {b!r})")
    return a, b


def _check_signs(equations: UserEquations, ends: tuple[Scalar, Scalar]) -> None:
    """Raise where f has one sign at both ends; while a function is compiled lanes show that."""
    if context.tracer():
        return
    a, b = (equations.linearised([x])[0][0] for x in ends)
    if not a * b <= 0.0 and not (a < 0.0 < b or b < 0.0 < a):
        raise ValueError(
            f"root: {equations.name} needs opposite signs at the ends of the bracket ({ends[0]!r}, {ends[1]!r}), got "
            f"{a!r} and {b!r}; take another bracket, or leave it out for Newton's method from x0"
        )


def _no_solution(equations: UserEquations, found: Iterated, most: int) -> ConvergenceError:
    f, x = equations.name, _unknowns(found.state.x)
    residuals, rows = equations.linearised(x)
    last, left = equations.rebuild(x), equations.rebuild(residuals)
    if not all(map(math.isfinite, map(number_of, residuals))):
        why = f"{f} isn't finite there; start where it is"
    elif not any(map(any, rows)):
        why = f"{f} doesn't depend on x there; start elsewhere"
    elif found.steps >= most:
        why = "more max_steps, another x0 or a bracket may help"
    else:
        why = f"no step makes {f} smaller: there may be no root, or ∂{f}/∂x is singular; start elsewhere"
    word = "fixed point" if equations.who == "fixed_point" else "root"
    return ConvergenceError(
        f"{equations.who}: no {word} of {f} found in {found.steps} step{'s' * (found.steps != 1)}; the last iterate is "
        f"x = {shown(last)}, where it is off by {shown(left)}; {why}",
        last,
        left,
        found.steps,
    )
