"""``minimize``: SciPy's optimisers with our gradients, and the optimum as a function of what f depends on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.errors import ConvergenceError
from autograd.graph import number_of
from autograd.interop.coerce import describe
from autograd.interop.packages import needed
from autograd.modes import context
from autograd.modes.anomaly import suspend_anomaly
from autograd.modes.context import no_grad
from autograd.solvers.equations import UserEquations, shown
from autograd.transforms.call import calling
from autograd.transforms.implicit import implied
from autograd.transforms.reverse import grad
from autograd.transforms.types import Function, Scalar
from autograd.value import as_operand

WITHOUT_GRADIENT = {"nelder-mead", "powell", "cobyla", "cobyqa"}
WITH_HESSIAN = {"newton-cg", "dogleg", "trust-ncg", "trust-krylov", "trust-exact", "trust-constr"}
POLISHED = 10  # steps of Newton at the end, at most
CLOSE = 1e-8  # relative: the last of them for a minimum that SciPy isn't sure of; how near to a bound is at it
Bounds = Sequence[tuple[Any, Any]]


class Minimum(NamedTuple):
    """Where f is least, and what it is there; what SciPy says, its steps and how often it called f."""

    x: Any
    fun: Any
    message: str
    steps: int
    evaluations: int


def minimize(
    f: Callable[..., Any],
    x0: Any,
    *args: Any,
    method: str | None = None,
    bounds: Bounds | None = None,
    tol: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> Minimum:
    """The x where f(x, \\*args) is least, a function of args and of all else that f depends on.

    >>> from autograd import Value, grad
    >>> distance = lambda p, a: (p["x"] - a) ** 2 + (p["y"] - p["x"] ** 2) ** 2
    >>> a = Value(3.0)
    >>> best = minimize(distance, {"x": 0.0, "y": 0.0}, a)
    >>> best.x["y"].backward()  # y is a²
    >>> round(best.x["y"].data, 9), round(a.grad, 9)
    (9.0, 6.0)

    f:        a function of x and args that returns one number.
    x0:       where to begin: a number, or a list, tuple, dict or array of them, nested in any way. Data.
    args:     what else f takes.
    method, tol, options: those of ``scipy.optimize.minimize``, which gets our gradient, and the Hessian for some.
    bounds:   for each number of x, in order, the least and the largest it may be; None for none. They may be Values: an x
              that ends at its bound has the derivative of that bound.

    After SciPy Newton's method takes a few steps, of n backward passes each for n unknowns, so that ∇f is 0 to rounding. The
    derivative of x is that of ∇f(x, args) = 0 by the implicit function theorem, −(∇²f)⁻¹·∂∇f/∂args, of any order; that of
    ``fun`` follows.

    Returns a named tuple of ``x``, nested as x0, ``fun``, ``message``, ``steps`` and ``evaluations``. Raises
    ConvergenceError where there is no minimum or a saddle, with the last iterate as ``x`` and ∇f there as ``residual``;
    TypeError where f returns no single number; ValueError for bounds of another number; ImportError without SciPy;
    TraceError while a function is compiled: there ``root(grad(f), x0, *args)`` can be traced.
    Source: Virtanen et al. (2020) for SciPy; Fiacco, *Sensitivity and Stability Analysis in Nonlinear Programming* (1983).
    """
    if tracer := context.tracer():
        raise tracer.refuse(
            "minimize(f, x0), which calls SciPy", "write root(grad(f), x0, *args), whose steps can be traced"
        )
    with needed("minimize", "scipy", "scipy"):
        from scipy.optimize import minimize as by_scipy
    objective = Objective(f, x0, args, bounds)
    how = (method or "").lower()
    found = by_scipy(
        objective.value if how in WITHOUT_GRADIENT else objective.value_and_gradient,
        objective.start,
        jac=how not in WITHOUT_GRADIENT,
        hess=objective.hessian if how in WITH_HESSIAN else None,
        method=method,
        bounds=objective.numbers,
        tol=tol,
        options=dict(options or {}),
    )
    xs = objective.polished(found)
    unknowns = implied(objective.conditions(xs), xs, "minimize")
    x = objective.equations.rebuild(unknowns)
    return Minimum(x, f(x, *args), str(found.message), int(getattr(found, "nit", 0)), int(found.nfev))


class Objective:
    """A function to make small, as SciPy wants it: of arrays, to floats and arrays of floats."""

    def __init__(self, f: Function, x0: Any, args: Sequence[Any], bounds: Bounds | None):
        self.equations = UserEquations("minimize", f, x0, args)
        self.start, self.f, self.args = self.equations.start, f, args
        self.bounds = bounds and _checked(bounds, len(self.start))
        self.numbers = self.bounds and [tuple(b if b is None else number_of(b) for b in pair) for pair in self.bounds]
        self.gradient = UserEquations("minimize", grad(f), x0, args)
        self.gradient.name = f"∇{self.equations.name}"

    def value_and_gradient(self, xs: Any) -> tuple[float, list[float]]:
        """Both, of floats."""
        x = self.equations.rebuild(list(map(float, xs)))
        with suspend_anomaly(), no_grad(), calling(self.f, 0, (x, *self.args), {}, "minimize") as call:
            y = call.single(call.run())
            by_x = call.gradients(y)
        return number_of(y), list(map(number_of, by_x))

    def value(self, xs: Any) -> float:
        """For methods that take no gradient."""
        return self.value_and_gradient(xs)[0]

    def hessian(self, xs: Any) -> Any:
        """As an array."""
        import numpy as np

        return np.array(self.gradient.linearised(list(map(float, xs)))[1])

    def at_bounds(self, xs: Sequence[float]) -> list[Scalar | None]:
        """For each x the bound that keeps f from getting smaller; None where there is none."""
        if self.bounds is None:
            return [None] * len(xs)
        _, by_x = self.value_and_gradient(xs)
        return [
            next(
                (b for b, sign in zip(pair, (1.0, -1.0), strict=True) if b is not None and sign * d >= 0.0 and _near(x, b)),
                None,
            )
            for x, d, pair in zip(xs, by_x, self.bounds, strict=True)
        ]

    def conditions(self, xs: Sequence[float]) -> Callable[[Sequence[Scalar]], list[Scalar]]:
        """What is 0 at the minimum: each partial, or the distance from the bound."""
        active = self.at_bounds(xs)
        return lambda unknowns: [
            d if bound is None else x - bound for x, d, bound in zip(unknowns, self.gradient(unknowns), active, strict=True)
        ]

    def polished(self, found: Any) -> list[float]:
        """SciPy's x after steps of Newton's, checked for being a minimum."""
        import numpy as np

        xs = [float(x) for x in np.ravel(found.x)]
        active = self.at_bounds(xs)
        xs = [x if bound is None else number_of(bound) for x, bound in zip(xs, active, strict=True)]
        free = [i for i, bound in enumerate(active) if bound is None]
        settled = _settled(self.gradient, xs, free) if free else Settled(xs, 0.0, 0.0)
        if settled.least < -CLOSE or not (found.success or settled.last <= CLOSE):
            raise self._no_minimum(settled, found)
        return settled.x

    def _no_minimum(self, settled: Settled, found: Any) -> ConvergenceError:
        f, steps = self.equations.name, int(getattr(found, "nit", 0))
        x, by_x = (self.equations.rebuild(each) for each in (settled.x, self.value_and_gradient(settled.x)[1]))
        saddle = settled.least < -CLOSE
        why = "a saddle or a maximum, for the Hessian has a negative eigenvalue" if saddle else str(found.message)
        return ConvergenceError(
            f"minimize: no minimum of {f} found in {steps} step{'s' * (steps != 1)}: {why}; the last iterate is "
            f"x = {shown(x)}, where ∇{f} is {shown(by_x)}; another x0, method or options={{'maxiter': …}} may help",
            x,
            by_x,
            steps,
        )


class Settled(NamedTuple):
    """Where Newton's steps have led, how far the next would go to x, and the Hessian's least eigenvalue to its largest."""

    x: list[float]
    last: float
    least: float


def _settled(gradient: UserEquations, xs: list[float], free: Sequence[int]) -> Settled:
    """Steps of Newton's by the free unknowns, to the one where the gradient is least."""
    import numpy as np

    best, size, x = Settled(xs, math.inf, 0.0), math.inf, np.array(xs)
    for _ in range(POLISHED):
        residuals, rows = (np.array(each, dtype=float) for each in gradient.linearised(x.tolist()))
        by_x, second = residuals[free], rows[np.ix_(free, free)]
        largest = float(np.abs(by_x).max())
        if not np.isfinite(second).all() or largest != largest:
            break
        values, vectors = np.linalg.eigh((second + second.T) / 2.0)
        along, regular = vectors.T @ by_x, values != 0.0
        step = np.zeros(len(x))
        step[free] = vectors @ np.divide(along, values, out=np.zeros_like(along), where=regular)
        if largest < size:
            moved, scale = float(np.abs(step).max()), float(np.abs(x).max())
            last = moved / max(moved, scale, 5e-324) if regular.all() else math.inf if largest else 0.0
            least = float(values[0] / np.abs(values).max()) if regular.any() else 0.0
            best, size = Settled(x.tolist(), last, least), largest
        if largest == 0.0:
            break
        x = x - step
    return best


def _near(x: float, bound: Scalar) -> bool:
    return abs(x - number_of(bound)) <= CLOSE * max(1.0, abs(number_of(bound)))


def _checked(bounds: Any, count: int) -> list[tuple[Scalar | None, ...]]:
    wanted = f"minimize: bounds must be a list of a pair (least, largest) for each of the {count} numbers of x0"
    if not isinstance(bounds, Sequence) or not all(isinstance(pair, Sequence) and len(pair) == 2 for pair in bounds):
        raise TypeError(f"{wanted}, got {describe(bounds)}")
    if len(bounds) != count:
        raise ValueError(f"{wanted}, got {len(bounds)}")
    return [tuple(b if b is None else as_operand(b, "minimize: a bound") for b in pair) for pair in bounds]
