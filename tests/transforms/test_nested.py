"""Derivatives inside derivatives, eager and compiled: Siskind & Pearlmutter's saddle and particle, and loops of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import (
    Value,
    compile,
    derivative,
    exp,
    grad,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    log,
    no_grad,
    sin,
    sqrt,
    value_and_grad,
    vjp,
    where,
)
from tests.support import number

Vector = list[Any]


def forward(f: Callable[[Vector], Any], x: Vector) -> Vector:
    """The gradient by forward mode, a direction at a time."""
    return [jvp(f, (x,), ([float(i == k) for i in range(len(x))],))[1] for k in range(len(x))]


def reverse(f: Callable[[Vector], Any], x: Vector) -> Vector:
    return grad(f)(x)


MODES = {"forward": forward, "reverse": reverse}
nestings = pytest.mark.parametrize("inner", MODES.values(), ids=MODES)
nestings_too = pytest.mark.parametrize("outer", MODES.values(), ids=MODES)


def magnitude(x: Vector) -> Any:
    return sqrt(sum(a * a for a in x))


def minus(x: Vector, y: Vector) -> Vector:
    return [a - b for a, b in zip(x, y, strict=True)]


def times(k: Any, x: Vector) -> Vector:
    return [k * a for a in x]


def descend(cost: Callable[[Vector], Any], start: Vector, gradient_of: Callable[..., Vector]) -> Vector:
    """The minimum of Siskind & Pearlmutter (2008): steps double after ten that help, and halve after one that doesn't."""
    x, fx, gx = start, cost(start), gradient_of(cost, start)
    step, grown = 1e-5, 0
    while True:
        if magnitude(gx) <= 1e-5:
            return x
        if grown == 10:
            step, grown = 2.0 * step, 0
            continue
        moved = minus(x, times(step, gx))
        if magnitude(minus(x, moved)) <= 1e-5:
            return x
        f_moved = cost(moved)
        if f_moved < fx:
            x, fx, gx, grown = moved, f_moved, gradient_of(cost, moved), grown + 1
        else:
            step, grown = 0.5 * step, 0


def saddle(inner: Callable[..., Vector], outer: Callable[..., Vector]) -> tuple[Vector, Vector]:
    """The minimum over (x1, y1) of the maximum over (x2, y2) of x1² + y1² − x2² − y2², both started at 1."""
    start = [1.0, 1.0]

    def f(x1: Any, y1: Any, x2: Any, y2: Any) -> Any:
        return (x1 * x1 + y1 * y1) - (x2 * x2 + y2 * y2)

    def worst(p: Vector) -> Vector:
        return descend(lambda q: -f(*p, *q), start, inner)

    best = descend(lambda p: f(*p, *worst(p)), start, outer)
    return best, worst(best)


def particle(inner: Callable[..., Vector], outer: Callable[..., Vector]) -> Any:
    """The strength w of a charge that makes a particle on rails hit the x-axis at 0, found by Newton-like descent."""

    def path(w: Any) -> Any:
        charges = [[10.0, 10.0 - w], [10.0, 0.0]]
        position, velocity, dt = [0.0, 8.0], [0.75, 0.0], 1e-1

        def potential(x: Vector) -> Any:
            return sum(1.0 / magnitude(minus(x, charge)) for charge in charges)

        while True:
            acceleration = times(-1.0, inner(potential, position))
            moved = [a + dt * b for a, b in zip(position, velocity, strict=True)]
            if moved[1] > 0.0:
                position = moved
                velocity = [a + dt * b for a, b in zip(velocity, acceleration, strict=True)]
                continue
            dtf = (0.0 - position[1]) / velocity[1]
            landed = position[0] + dtf * velocity[0]
            return landed * landed

    (w,) = descend(lambda w: path(w[0]), [0.0], outer)
    return w


def assert_saddle(inner: Any, outer: Any) -> None:
    best, worst = saddle(inner, outer)
    assert list(map(number, best)) == pytest.approx([8.246324826140356e-06] * 2, rel=1e-12)
    assert list(map(number, worst)) == pytest.approx([8.246324826140356e-06] * 2, rel=1e-12)


def assert_particle(inner: Any, outer: Any) -> None:
    assert number(particle(inner, outer)) == pytest.approx(0.20719187464861194, rel=1e-12)


def test_saddle_and_particle_in_reverse_mode_over_reverse_mode() -> None:
    assert_saddle(reverse, reverse)
    assert_particle(reverse, reverse)


@pytest.mark.long
@nestings
@nestings_too
def test_saddle_and_particle_in_every_nesting(inner: Any, outer: Any) -> None:
    assert_saddle(inner, outer)
    assert_particle(inner, outer)


class Compiled:
    """A gradient by compiled functions: one for each function, compiled when it is first asked for."""

    def __init__(self, derivative: Callable[..., Vector]):
        self.derivative, self.made = derivative, dict[Any, Any]()

    def __call__(self, f: Callable[[Vector], Any], x: Vector) -> Vector:
        if any(isinstance(each, Value) for each in x):
            return self.derivative(f, x)
        if f.__code__ not in self.made:
            self.made[f.__code__] = compile(lambda x: self.derivative(f, x))
        found: Vector = self.made[f.__code__](x)
        return found


@pytest.mark.long
@nestings
@nestings_too
def test_the_path_of_the_particle_compiled_with_its_derivative(inner: Any, outer: Any) -> None:
    """The inner derivative is traced as part of the path, the outer one of the path as a whole."""
    assert_particle(inner, Compiled(outer))


@nestings
@nestings_too
def test_the_saddle_compiled(inner: Any, outer: Any) -> None:
    """The inner minimum is found by a loop of as many steps as it takes, which is traced with its derivatives."""
    step = compile(lambda p: outer(lambda q: inner_gain(inner, q), p))
    point = [0.7, -0.4]
    eager = outer(lambda q: inner_gain(inner, q), point)
    assert step(point) == pytest.approx(list(map(number, eager)), rel=1e-13)
    other = [-1.3, 0.2]
    assert step(other) == pytest.approx(list(map(number, outer(lambda q: inner_gain(inner, q), other))), rel=1e-13)


def inner_gain(inner: Callable[..., Vector], p: Vector) -> Any:
    """What five steps uphill from p gain on the saddle: derivatives inside, captured variables of the outer one."""
    q = list(p)
    for _ in range(5):
        uphill = inner(lambda q: sum(b * b * (1.0 + a * a) for a, b in zip(p, q, strict=True)), q)
        q = [a - 0.1 * d for a, d in zip(q, uphill, strict=True)]
    return sum(a * a for a in p) - sum(b * b for b in q)


# -- an inner derivative while a function is traced ----------------------------------------------------------

INNER: dict[str, tuple[Callable[[Any], Any], Callable[[float], float]]] = {
    "grad": (lambda x: x * grad(lambda y: x * y)(2.0), lambda x: x * x),
    "value_and_grad": (lambda x: sum(value_and_grad(lambda y: x * y * y)(2.0)), lambda x: 8.0 * x),
    "jvp": (lambda x: x * jvp(lambda y: x * y, (2.0,), (1.0,))[1], lambda x: x * x),
    "vjp": (lambda x: x * vjp(lambda y: x * y, 2.0)[1](1.0)[0], lambda x: x * x),
    "jacobian": (lambda x: sum(jacobian(lambda y: [x * y, x * x * y])(2.0)), lambda x: x + x * x),
    "hessian": (lambda x: hessian(lambda y: x * y * y)(2.0), lambda x: 2.0 * x),
    "hvp": (lambda x: hvp(lambda y: x * y * y)(2.0, x), lambda x: 2.0 * x * x),
    "derivative": (lambda x: derivative(lambda y: x * y**3, 2.0, 2), lambda x: 12.0 * x),
    "gradient": (lambda x: gradient(x * x * x, x), lambda x: 3.0 * x * x),
    "of its own variable": (lambda x: grad(lambda y: y * y * y)(x), lambda x: 3.0 * x * x),
    "of a constant": (lambda x: x * grad(lambda y: y * y)(3.0), lambda x: 6.0 * x),
    "thrice": (lambda x: grad(lambda y: grad(lambda z: x * y * z * z)(y))(x), lambda x: 4.0 * x * x),
    "by a choice": (lambda x: grad(lambda y: where(y > 0.0, x * log(y), x * y))(x), lambda x: 1.0 if x > 0.0 else x),
    "by a branch": (lambda x: grad(lambda y: x * y if y > 0.0 else y * y)(x), lambda x: x if x > 0.0 else 2.0 * x),
}


@pytest.mark.parametrize("strict", [False, True], ids=["fused", "strict"])
@pytest.mark.parametrize("name", INNER)
def test_an_inner_derivative_is_traced(name: str, strict: bool) -> None:
    f, right = INNER[name]
    compiled = compile(f, strict=strict)
    lanes = compile(f, in_axes=0, strict=strict)
    points = [1.0, 3.0, 0.5, -2.0]
    assert [compiled(x) for x in points] == pytest.approx([right(x) for x in points], rel=1e-14)
    assert [compiled.grad(x) for x in points] == pytest.approx([grad(f)(x) for x in points], rel=1e-14)
    assert [compiled.hessian(x) for x in points] == pytest.approx([hessian(f)(x) for x in points], rel=1e-14)
    assert compiled.value_and_grad(3.0)[1] == pytest.approx(grad(f)(3.0), rel=1e-14)
    assert compiled.hvp(3.0, 2.0) == pytest.approx(2.0 * hessian(f)(3.0), rel=1e-14)
    assert lanes(np.array(points)).tolist() == pytest.approx([right(x) for x in points], rel=1e-14)
    assert lanes.grad(np.array(points)).tolist() == pytest.approx([grad(f)(x) for x in points], rel=1e-14)


@pytest.mark.parametrize("x", [-1.0, 0.0, 2.0])
@pytest.mark.parametrize("take", [reverse, forward], ids=["reverse", "forward"])
def test_the_side_that_is_not_chosen_poisons_no_inner_derivative(take: Any, x: float) -> None:
    f = lambda x: take(lambda y: where(y[0] > 0.0, log(y[0]) * sqrt(y[0]), y[0] * x), [x])[0]  # noqa: E731
    compiled = compile(f)
    assert compiled(x) == number(f(x))
    assert compiled.grad(x) == grad(f)(x)
    assert compile(f, in_axes=0)(np.array([x, x])).tolist() == [number(f(x))] * 2


# -- Values that are captured --------------------------------------------------------------------------------


def test_a_residual_of_derivatives_has_a_gradient_by_the_weights() -> None:
    """A physics-informed net: u″ + u at a plain x, of a net that holds its weights."""
    w = [Value(k) for k in (0.3, -0.5, 0.8, 0.2)]

    def u(x: Any, w: Any = w) -> Any:
        return w[2] * (w[0] * x + w[1]).tanh() + w[3] * x

    residual = derivative(u, 0.7, 2) + u(0.7)
    h = 1e-5
    found = gradient(residual, w)
    for k, d in enumerate(found):
        up, down = [residual_of(u, [x.data + step * (i == k) for i, x in enumerate(w)]) for step in (h, -h)]
        assert d == pytest.approx((up - down) / (2 * h), rel=1e-7, abs=1e-9)


def residual_of(u: Callable[..., Any], w: list[float]) -> float:
    return derivative(lambda x: u(x, w), 0.7, 2) + number(u(0.7, list(map(Value, w))))


CAPTURED: dict[str, Callable[[Any], Any]] = {
    "grad": lambda w: grad(lambda x: w * x * x)(3.0),
    "value_and_grad": lambda w: value_and_grad(lambda x: w * x * x)(3.0)[1],
    "jvp": lambda w: jvp(lambda x: w * x * x, (3.0,), (1.0,))[1],
    "vjp": lambda w: vjp(lambda x: w * x * x, 3.0)[1](1.0)[0],
    "jacobian": lambda w: jacobian(lambda x: [w * x * x])(3.0)[0],
    "hvp": lambda w: hvp(lambda x: w * x**3)(1.0, 1.0),
    "derivative": lambda w: derivative(lambda x: w * x * x, 3.0),
    "hessian": lambda w: hessian(lambda x: w * x**3)(1.0),
}


@pytest.mark.parametrize("who", CAPTURED)
@pytest.mark.parametrize("captured", ["leaf", "node"])
def test_a_derivative_depends_on_what_the_function_has_captured(who: str, captured: str) -> None:
    w = Value(5.0)
    found = CAPTURED[who](w if captured == "leaf" else w * 1.0)
    assert (type(found), found.data, gradient(found, w)) == (Value, 30.0, 6.0)


@pytest.mark.parametrize("who", CAPTURED)
def test_a_derivative_of_constants_made_inside_is_a_number(who: str) -> None:
    assert grad(lambda x: Value(5.0) * x * x)(3.0) == 30.0
    assert type(grad(lambda x: Value(5.0) * x * x)(3.0)) is float
    assert type(CAPTURED[who](5.0)) is float


def test_under_no_grad_a_derivative_by_captured_values_has_no_graph() -> None:
    w = Value(5.0)
    with no_grad():
        found: Any = grad(lambda x: w * x * x)(3.0)
    assert (type(found), found.data, found.parents) == (Value, 30.0, ())


UNRECORDED: dict[str, Callable[[Callable[..., Any], Any], Any]] = {
    "grad": lambda f, x: grad(f)(x),
    "value_and_grad": lambda f, x: value_and_grad(f)(x)[1],
    "derivative": lambda f, x: derivative(f, x),
    "the second": lambda f, x: derivative(f, x, 2),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f, x: vjp(f, x)[1](1.0)[0],
    "jacobian": lambda f, x: jacobian(f)(x),
    "hessian": lambda f, x: hessian(f)(x),
    "hvp": lambda f, x: hvp(f)(x, 1.0),
}


@pytest.mark.parametrize("way", UNRECORDED)
def test_under_no_grad_a_derivative_by_a_value_that_is_passed_has_no_graph(way: str) -> None:
    def f(x: Any) -> Any:
        with no_grad():
            inner = UNRECORDED[way](lambda y: y**3, x)
        assert inner.parents == ()
        return inner * x

    assert grad(f)(2.0) == pytest.approx(12.0, rel=1e-12)  # 6·2 or 3·2²: the inner derivative is a constant
    assert f(Value(2.0)).data == pytest.approx(24.0, rel=1e-12)


# -- loops of derivatives ------------------------------------------------------------------------------------


def steps_of_descent(take: Callable[..., Any], n: int) -> Callable[[Any], Any]:
    def f(w: Any) -> Any:
        x = 1.0
        for _ in range(n):
            x = x - 0.1 * take(lambda p: sin(p) * w, x)
        return x

    return f


@pytest.mark.parametrize("take", [lambda f, x: grad(f)(x), lambda f, x: jvp(f, (x,), (1.0,))[1]], ids=["reverse", "forward"])
def test_a_loop_of_derivatives_is_linear_in_its_steps(take: Any) -> None:
    def seconds(n: int) -> float:
        f, best = grad(steps_of_descent(take, n)), float("inf")
        for _ in range(3):
            start = time.perf_counter()
            f(2.0)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(400) < 4.0 * seconds(200)  # 2 if linear, where walks of all that came before made it 5.7
    assert grad(steps_of_descent(take, 3))(2.0) == pytest.approx(compile(steps_of_descent(take, 3)).grad(2.0), rel=1e-14)


def test_the_derivative_of_an_exponential_is_itself_however_deep() -> None:
    f: Callable[[Any], Any] = exp
    for _ in range(4):
        f = grad(f)
    assert f(0.5) == exp(0.5)
    assert compile(f)(0.5) == exp(0.5)
