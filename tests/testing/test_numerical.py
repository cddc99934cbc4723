"""Differences: the textbook's, and those that know their own error."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value
from autograd.testing import difference, numerical_gradient
from autograd.testing.numerical import Shape, steps

DERIVATIVES: dict[str, tuple[Callable[[float], float], Callable[[float], float], tuple[float, float]]] = {
    "sin": (math.sin, math.cos, (-100.0, 100.0)),
    "exp": (math.exp, math.exp, (-30.0, 30.0)),
    "log": (lambda x: math.log(x) if x > 0 else math.nan, lambda x: 1 / x, (1e-3, 1e3)),
    "atan": (math.atan, lambda x: 1 / (1 + x * x), (-50.0, 50.0)),
    "1/x": (lambda x: 1 / x if x else math.inf, lambda x: -1 / (x * x), (0.01, 10.0)),
    "x⁵": (lambda x: x**5, lambda x: 5 * x**4, (-20.0, 20.0)),
    "steep": (lambda x: math.tanh(1e4 * x), lambda x: 1e4 / math.cosh(1e4 * x) ** 2, (-2e-4, 2e-4)),
    "wavy": (lambda x: math.sin(200 * x), lambda x: 200 * math.cos(200 * x), (-3.0, 3.0)),
}
INNER = {"steep": 1e4, "wavy": 200.0}  # what the rounding of the inner product is multiplied by


@pytest.mark.parametrize("name", DERIVATIVES)
def test_the_error_bound_holds_and_is_small(name: str) -> None:
    f, derivative, (low, high) = DERIVATIVES[name]
    random, errors = Random(name), []
    noise = INNER.get(name, 0.0)
    for _ in range(200):
        x = random.uniform(low, high)
        found = difference(f, x, rounding=lambda t: 4e-16 * (abs(f(t)) + abs(t) * noise))
        assert abs(found.value - derivative(x)) <= found.error + 1e-15 * abs(derivative(x)), x
        assert found.shape is Shape.SMOOTH
        errors.append(found.error / abs(derivative(x)))
    assert sorted(errors)[180] < 1e-9


SHAPES: list[tuple[Callable[[float], float], float, Shape]] = [
    (abs, 0.0, Shape.KINK),
    (lambda x: max(x, 0.0), 0.0, Shape.KINK),
    (math.floor, 2.0, Shape.JUMP),
    (lambda x: float(x > 1), 1.0, Shape.JUMP),
    (lambda x: math.sqrt(x) if x >= 0 else math.nan, 0.0, Shape.END),
    (lambda x: x**1.5 if x >= 0 else math.nan, 0.0, Shape.END),
    (math.sin, 1e60, Shape.ROUGH),
    (lambda x: x * abs(x), 0.0, Shape.SMOOTH),
    (math.floor, 2.5, Shape.SMOOTH),
    (lambda _: math.nan, 1.0, Shape.END),
    (lambda x: x, math.inf, Shape.END),
    (lambda _: 3.0, 0.0, Shape.SMOOTH),
]


@pytest.mark.parametrize(("f", "x", "shape"), SHAPES)
def test_shapes(f: Callable[[float], float], x: float, shape: Shape) -> None:
    assert difference(f, x).shape is shape


def test_the_one_sided_derivatives_of_a_kink() -> None:
    found = difference(lambda x: 3 * x if x > 1 else 1 + 2 * x, 1.0)
    assert found.left == pytest.approx(2.0, rel=1e-9)
    assert found.right == pytest.approx(3.0, rel=1e-9)
    assert (found.value, found.error) == pytest.approx((2.5, 0.5), rel=1e-6)


@given(st.floats(-1e299, 1e299), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_line_has_its_derivative_everywhere(x: float, a: float, b: float) -> None:
    found = difference(lambda t: a * t + b, x, rounding=lambda t: 1e-15 * (abs(a * t) + abs(b)) + 1e-320)
    assert abs(found.value - a) <= found.error


@given(st.floats(-1e300, 1e300))
def test_steps_shrink_and_move_x(x: float) -> None:
    taken = list(steps(x))
    assert len(taken) >= 50
    assert all(a > b for a, b in pairwise(taken))
    assert all(x - h < x < x + h for h in taken)


# -- the textbook's ------------------------------------------------------------------------------------


def test_the_numerical_gradient_has_the_shape_of_x_and_half_the_digits() -> None:
    def f(p: Any) -> Any:
        return ag.sin(p["w"][0]) * p["w"][1] + p["b"] ** 2

    at = {"w": [0.5, 2.0], "b": 3.0}
    gradient, exact = numerical_gradient(f, at), ag.grad(f)(at)
    assert gradient["w"] == pytest.approx(exact["w"], rel=1e-4)
    assert gradient["b"] == pytest.approx(exact["b"], rel=1e-4)
    assert numerical_gradient(ag.exp, 0.0, eps=1e-8) == pytest.approx(1.0, abs=1e-7)
    assert numerical_gradient(ag.exp, Value(0.0)) == pytest.approx(1.0, abs=1e-4)


def test_it_takes_arrays() -> None:
    np = pytest.importorskip("numpy")
    gradient = numerical_gradient(lambda x: (x * x).sum(), np.array([[1.0, 2.0]]))
    assert gradient.shape == (1, 2)
    assert gradient == pytest.approx(np.array([[2.0, 4.0]]), abs=1e-3)


def test_it_costs_one_forward_pass_for_each_number_and_one_more() -> None:
    calls = []
    numerical_gradient(lambda x: calls.append(1) or ag.sum(x), [0.0] * 7)  # type: ignore[func-returns-value]
    assert len(calls) == 8


@pytest.mark.parametrize("eps", [0.0, -1e-4, math.nan])
def test_a_step_that_is_none_is_refused(eps: float) -> None:
    with pytest.raises(ValueError, match="eps must be positive"):
        numerical_gradient(ag.sin, 1.0, eps=eps)


def test_only_numbers_can_be_moved() -> None:
    with pytest.raises(TypeError, match="x must be a real number, got str 'a'"):
        numerical_gradient(ag.sin, ["a"])
    with pytest.raises(TypeError, match="f's value must be a real number, got None"):
        numerical_gradient(lambda _: None, 1.0)  # type: ignore[arg-type, return-value]
