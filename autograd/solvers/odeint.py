"""``odeint``: solutions of ordinary differential equations, and their derivatives through the steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd.errors import ConvergenceError
from autograd.graph import number_of
from autograd.interop.coerce import describe, has_axes, is_number
from autograd.modes import context
from autograd.solvers.equations import shown
from autograd.solvers.iterate import iterate, merged
from autograd.solvers.runge_kutta import DOPRI5, RK4, State, combined, moved, stages
from autograd.transforms.call import name_of
from autograd.transforms.linear import chosen
from autograd.transforms.scan import difference, scan
from autograd.transforms.stop import stop_gradient
from autograd.transforms.trees import flatten, flatten_like
from autograd.transforms.types import Function, Scalar
from autograd.value import VALUES, as_operand

RUNNING, DONE, FAILED = 0.0, 1.0, -1.0
LEAST, MOST, SAFETY = 0.2, 5.0, 0.9  # by what a step's length may change, and how far below the best guess it stays
NAN = math.nan


def odeint(
    f: Callable[..., Any],
    y0: Any,
    t: Any,
    *args: Any,
    method: str = "dopri5",
    rtol: float = 1e-8,
    atol: float = 1e-8,
    max_steps: int = 1000,
    steps: int = 10,
) -> Any:
    """The solution of y′ = f(y, t, \\*args) from y0 at t[0], at every time of t.

    >>> from autograd import exp, grad
    >>> decay = lambda y, t, rate: -rate * y
    >>> [round(y, 6) for y in odeint(decay, 1.0, [0.0, 1.0, 2.0], 0.5)]  # exp(−t/2)
    [1.0, 0.606531, 0.367879]
    >>> round(grad(lambda rate: odeint(decay, 1.0, [0.0, 2.0], rate)[-1])(0.5), 6)  # −2·exp(−1)
    -0.735759

    f:      a function of a state, a time and args that returns the state's derivative, with its structure.
    y0:     a number, or a list, tuple, dict or array of them, nested in any way.
    t:      a list or array of times, the first that of y0; rising or falling.
    args:   what else f takes.
    method: "dopri5", Dormand and Prince's of order 5, which chooses its steps; "rk4", of order 4 and of equal steps.
    rtol, atol: of dopri5: the error of a step, at most rtol·|y| + atol.
    max_steps:  of dopri5: between two times, at most.
    steps:  of rk4: between two times.

    Returns the states as ``scan`` returns its ys: in a list, ys[i] at t[i]; of a dict or tuple one of lists; of an array one
    with an axis more. The derivative is that of the steps that were made, by y0, args, times and what f captures, to any
    order; the lengths that dopri5 chooses are data.

    In a compiled function both are loops of a ``scan``: rk4 of its steps, dopri5 of max_steps, in which each lane has
    lengths of its own and stops alone; a lane that needs more is nan from there on. f then chooses by ``where``.

    Raises ConvergenceError where dopri5 needs more than max_steps, with the last state as ``x`` and the time that was left
    as ``residual``; TypeError where f returns another structure than y0's; ValueError for another method or no times.
    Source: Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I* (1993), II.4; the function of the same name
    in JAX, Bradbury et al. (2018).
    """
    system = DifferentialEquation(f, y0, args)
    times = _times(t)
    if method == "rk4":
        return _equal_steps(system, times, _count(steps, "steps"))
    if method != "dopri5":
        raise ValueError(f"odeint: method must be 'dopri5' or 'rk4', got {method!r}")
    for tolerance, name in ((rtol, "rtol"), (atol, "atol")):
        if not is_number(tolerance) or not tolerance >= 0.0 or rtol + atol == 0.0:
            raise ValueError(f"odeint: {name} must be a number ≥ 0, and one of rtol and atol more, got {tolerance!r}")
    return Adaptive(system, float(rtol), float(atol), _count(max_steps, "max_steps")).states(times)


class DifferentialEquation:
    """y′ = f(y, t, *args) on lists of numbers."""

    def __init__(self, f: Function, y0: Any, args: Sequence[Any]):
        if not callable(f):
            raise TypeError(f"odeint: f must be a function of y, t and args, got {describe(f)}; give the function itself")
        self.f, self.y0, self.args, self.name = f, y0, args, name_of(f)
        leaves, self.rebuild = flatten(y0)
        self.start = [as_operand(y, "odeint: y0") for y in leaves]
        if not leaves:
            raise ValueError(f"odeint: y0 must hold a number, got {describe(y0)}")

    def __call__(self, y: State, time: Scalar) -> State:
        result = self.f(self.rebuild(y), time, *self.args)
        if problem := difference(result, self.y0, f"{self.name}(y, t)"):
            raise TypeError(f"odeint: {problem}; {self.name} returns the derivative of each number of y, with its structure")
        return [as_operand(d, f"odeint: {self.name}(y, t)") for d in flatten_like(result, self.y0, "")]


def _equal_steps(system: DifferentialEquation, times: Sequence[Scalar], count: int) -> Any:
    def interval(y: State, ends: tuple[Scalar, Scalar]) -> tuple[State, Any]:
        start, end = ends
        h = (end - start) / count

        def step(y: State, k: float) -> tuple[State, None]:
            time = start + k * h
            return moved(y, h, RK4.result, stages(system, RK4, y, time, h, system(y, time))), None

        y, _ = scan(step, y, [float(k) for k in range(count)])
        return y, system.rebuild(y)

    return scan(interval, system.start, _intervals(times))[1]


def _intervals(times: Sequence[Scalar]) -> tuple[list[Scalar], list[Scalar]]:
    """Where each begins and ends; the first has no length, so that there is a state for each time."""
    return [times[0], *times[:-1]], list(times)


class Progress(NamedTuple):
    """Where the solution is: the state, its derivative, the time, how long the next step is."""

    y: State
    derivative: State
    time: Scalar
    length: Scalar
    status: Scalar


class Adaptive:
    """Dormand and Prince's method, with steps as long as their error allows."""

    def __init__(self, system: DifferentialEquation, rtol: float, atol: float, most: int):
        self.system, self.rtol, self.atol, self.most = system, rtol, atol, most

    def states(self, times: Sequence[Scalar]) -> Any:
        """The state at every time."""
        derivative = self.system(self.system.start, times[0])
        length = self._first_length(times, derivative)
        begin = Progress(self.system.start, derivative, times[0], length, DONE)
        return scan(self._interval, begin, _intervals(times))[1]

    def _interval(self, now: Progress, ends: tuple[Scalar, Scalar]) -> tuple[Progress, Any]:
        start, end = ends
        status = chosen(now.status == FAILED, FAILED, chosen(start == end, DONE, RUNNING))
        begin = now._replace(time=start, status=status)
        now, steps = iterate(lambda now: self._step(now, end), begin, lambda now: now.status == RUNNING, self.most)
        if not context.tracer() and now.status != DONE:
            raise self._no_end(now, end, steps)
        reached = now.status == DONE
        y = [chosen(reached, y, NAN) for y in now.y] if context.tracer() else now.y
        return now._replace(status=chosen(reached, DONE, FAILED)), self.system.rebuild(y)

    def _step(self, now: Progress, end: Scalar) -> Progress:
        left = end - now.time
        last = now.length >= _data(VALUES.abs(left))
        h = chosen(last, left, VALUES.copysign(now.length, _data(left)))
        found = stages(self.system, DOPRI5, now.y, now.time, h, now.derivative)
        y = moved(now.y, h, DOPRI5.result, found)
        error = self._size([_data(h * e) for e in combined(DOPRI5.error, found)], now.y, y)
        factor = VALUES.minimum(MOST, VALUES.maximum(LEAST, SAFETY * VALUES.pow(error, -0.2)))
        tried = VALUES.abs(_data(h))
        length = tried * chosen(error == error, factor, LEAST)  # nan where f is
        long = chosen(last, VALUES.maximum(now.length, length), length)
        arrived = Progress(y, found[-1], chosen(last, end, now.time + h), long, chosen(last, DONE, RUNNING))
        return merged(error <= 1.0, arrived, now._replace(length=length))

    def _size(self, errors: Sequence[Scalar], *states: State) -> Scalar:
        """The mean error, relative to what it may be."""
        allowed = [
            self.atol + self.rtol * VALUES.maximum(*[VALUES.abs(_data(y)) for y in ys]) for ys in zip(*states, strict=True)
        ]
        squares = [VALUES.square(VALUES.div(e, most)) for e, most in zip(errors, allowed, strict=True)]
        return VALUES.sqrt(VALUES.mean(*squares))

    def _first_length(self, times: Sequence[Scalar], derivative: State) -> Scalar:
        """A guess by the first two derivatives: Hairer, Nørsett & Wanner, page 169."""
        y, d = list(map(_data, self.system.start)), list(map(_data, derivative))
        towards = VALUES.sign(_data(times[-1] - times[0]))
        size, speed = self._size(y, y, y), self._size(d, y, y)
        tiny = (size < 1e-5) | (speed < 1e-5)
        first = chosen(tiny, 1e-6, 0.01 * VALUES.div(size, speed))
        there = [a + towards * first * b for a, b in zip(y, d, strict=True)]
        bends = [_data(b) - a for a, b in zip(d, self.system(there, _data(times[0]) + towards * first), strict=True)]
        largest = VALUES.maximum(speed, VALUES.div(self._size(bends, y, y), first))
        second = chosen(largest <= 1e-15, VALUES.maximum(1e-6, first * 1e-3), VALUES.pow(VALUES.div(0.01, largest), 0.2))
        length = VALUES.minimum(100.0 * first, second)
        return _data(chosen(length > 0.0, length, 1e-6))

    def _no_end(self, now: Progress, end: Scalar, steps: int) -> ConvergenceError:
        y, time = self.system.rebuild(list(map(number_of, now.y))), number_of(now.time)
        return ConvergenceError(
            f"odeint: {self.system.name} was followed to t = {time!r} in {steps} steps, not to {number_of(end)!r}; the last "
            f"state is y = {shown(y)}, and the next step would be {number_of(now.length)!r} long: more max_steps, larger "
            "tolerances or times that lie closer may help; a solution that grows without bounds ends before",
            y,
            number_of(end) - time,
            steps,
        )


def _data(x: Scalar) -> Scalar:
    """Without its derivatives: what steps are chosen by."""
    return stop_gradient(x) if context.tracer() else number_of(x)


def _times(t: Any) -> list[Scalar]:
    if not has_axes(t) and (not isinstance(t, Sequence) or isinstance(t, str)):
        raise TypeError(f"odeint: t must be a list or array of times, got {describe(t)}")
    times = [as_operand(each, "odeint: a time") for each in (t.tolist() if hasattr(t, "tolist") else t)]
    if not times:
        raise ValueError("odeint: t must hold a time, that of y0")
    return times


def _count(count: object, name: str) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"odeint: {name} must be an int ≥ 1, got {count!r}")
    return count
