"""``odeint``: against JAX's and closed forms, the order of each method, lanes, and what can't be followed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import ConvergenceError, Value, compile, derivative, grad, hessian, odeint
from tests.solvers.make_odeint import SYSTEMS, TIMES

REFERENCE = json.loads(Path(__file__).with_name("odeint.json").read_text(encoding="utf-8"))
METHODS: list[dict[str, Any]] = [{"method": "dopri5", "rtol": 1e-9, "atol": 1e-9}, {"method": "rk4", "steps": 120}]

each_method = pytest.mark.parametrize("how", METHODS, ids=lambda how: how["method"])


def decay(y: Any, _: Any, rate: Any) -> Any:
    return -rate * y


@each_method
@pytest.mark.parametrize("name", SYSTEMS)
def test_states_and_gradients_are_those_of_jax(name: str, how: dict[str, Any]) -> None:
    f, y0, p = SYSTEMS[name]
    expected = REFERENCE[name]
    np.testing.assert_allclose(odeint(f, y0, TIMES, p, **how), expected["states"], rtol=1e-6, atol=1e-6)
    by_y0, by_p = grad(lambda y0, p: odeint(f, y0, TIMES, p, **how)[-1][0], argnums=(0, 1))(y0, p)
    np.testing.assert_allclose(by_y0, expected["by_y0"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(by_p, expected["by_p"], rtol=1e-5, atol=1e-6)


@each_method
def test_derivatives_of_a_decay_are_those_of_the_exponential(how: dict[str, Any]) -> None:
    for n in range(4):
        found = derivative(lambda rate: odeint(decay, 1.0, [0.0, 0.5, 2.0], rate, **how)[-1], 0.5, n)
        assert found == pytest.approx((-2.0) ** n / math.e, rel=1e-6)


@each_method
def test_a_time_has_the_derivative_of_the_solution(how: dict[str, Any]) -> None:
    by_t = grad(lambda t: odeint(decay, 1.0, t, 0.5, **how)[-1])([0.0, 0.5, 2.0])
    assert by_t == pytest.approx([0.5 / math.e, 0.0, -0.5 / math.e], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("steps", "error"), [(4, 1e-3), (8, 1e-4), (16, 1e-5)])
def test_rk4_is_of_fourth_order(steps: int, error: float) -> None:
    def off(steps: int) -> float:
        last: float = odeint(lambda y, t: ag.cos(t) * y, 1.0, [0.0, 2.0], method="rk4", steps=steps)[-1]
        return abs(last - math.exp(math.sin(2.0)))

    assert off(steps) < error
    assert off(steps) / off(2 * steps) == pytest.approx(16.0, rel=0.35)


@pytest.mark.parametrize("tolerance", [1e-4, 1e-7, 1e-10])
def test_dopri5_is_as_right_as_asked(tolerance: float) -> None:
    y = odeint(lambda y, t: ag.cos(t) * y, 1.0, [0.0, 2.0, 20.0], rtol=tolerance, atol=tolerance)
    assert y == pytest.approx([1.0, math.exp(math.sin(2.0)), math.exp(math.sin(20.0))], rel=30 * tolerance)


@each_method
def test_time_may_fall(how: dict[str, Any]) -> None:
    assert odeint(decay, 1.0, [2.0, 1.0, 0.0], 1.0, **how) == pytest.approx([1.0, math.e, math.e**2], rel=1e-7)


@each_method
def test_structures_are_those_of_a_scan(how: dict[str, Any]) -> None:
    def turning(y: Any, _: Any) -> Any:
        return {"x": [y["v"]], "v": -y["x"][0]}

    t = np.linspace(0.0, 3.0, 4)
    y = odeint(turning, {"x": [0.0], "v": 1.0}, t, **how)
    assert y["v"] == pytest.approx(list(np.cos(t)), abs=1e-6)
    assert [x for (x,) in y["x"]] == pytest.approx(list(np.sin(t)), abs=1e-6)
    array = odeint(lambda y, _: np.array([y[1], -y[0]]), np.array([0.0, 1.0]), t, **how)
    np.testing.assert_allclose(array, np.stack([np.sin(t), np.cos(t)], axis=1), atol=1e-6)


@each_method
def test_one_time_is_that_of_y0(how: dict[str, Any]) -> None:
    assert odeint(decay, 2.0, [5.0], 1.0, **how) == [2.0]
    assert odeint(decay, 2.0, [5.0, 5.0], 1.0, **how) == [2.0, 2.0]


def test_what_f_captures_has_a_derivative() -> None:
    rate = Value(0.5)
    y = odeint(lambda y, _: -rate * y, 1.0, [0.0, 2.0])[-1]
    y.backward()
    assert (y.data, rate.grad) == pytest.approx((1.0 / math.e, -2.0 / math.e), rel=1e-6)


# -- compiled ----------------------------------------------------------------------------------------------


@each_method
def test_lanes_have_values_and_derivatives_of_points(how: dict[str, Any]) -> None:
    pytest.importorskip("llvmlite")
    few = {**how, "steps": 8} if how["method"] == "rk4" else {**how, "rtol": 1e-6, "atol": 1e-6, "max_steps": 60}

    def last(rate: Any) -> Any:
        return odeint(lambda y, t: -rate * y * y * (1.0 + t), 1.0, [0.0, 0.5, 2.0], **few)[-1]

    f, rates = compile(last, in_axes=0), np.array([0.1, 1.0, 9.0])
    np.testing.assert_allclose(f(rates), [last(r) for r in rates.tolist()], rtol=1e-10)
    np.testing.assert_allclose(f.grad(rates), [grad(last)(r) for r in rates.tolist()], rtol=1e-8)


def test_a_hessian_is_compiled() -> None:
    pytest.importorskip("llvmlite")

    def last(p: Any) -> Any:
        return odeint(lambda y, _: -p[0] * y + p[1], 1.0, [0.0, 1.0], method="rk4", steps=8)[-1]

    np.testing.assert_allclose(compile(last).hessian([0.5, 2.0]), hessian(last)([0.5, 2.0]), rtol=1e-11, atol=1e-14)


def test_a_lane_that_ends_early_is_nan_from_there_on() -> None:
    pytest.importorskip("llvmlite")
    f = compile(lambda a: odeint(lambda y, _: a * y * y, 1.0, [0.0, 0.5, 2.0, 3.0], rtol=1e-6, max_steps=50), in_axes=0)
    found = np.array(f(np.array([0.1, 1.0])))
    np.testing.assert_allclose(found[:, 0], [1.0, 1 / 0.95, 1 / 0.8, 1 / 0.7], rtol=1e-5)
    np.testing.assert_allclose(found[:, 1], [1.0, 2.0, np.nan, np.nan], rtol=1e-5)


# -- what can't be followed --------------------------------------------------------------------------------


def explodes(y: Any, _: Any) -> Any:
    return y * y


def test_a_solution_that_ends_tells_how_far_it_was_followed() -> None:
    said = r"odeint: explodes was followed to t = 0\.999.* in 300 steps, not to 2\.0; the last state is y = "
    with pytest.raises(ConvergenceError, match=said) as e:
        odeint(explodes, 1.0, [0.0, 2.0], max_steps=300)
    assert e.value.residual == pytest.approx(1.0, abs=1e-3)
    assert e.value.x > 1e3


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: odeint(lambda y, _: [y], 1.0, [0.0, 1.0]), TypeError, r"\(y, t\): expected a number, got a list of 1"),
        (lambda: odeint(lambda y, _: [y[0]], [1.0, 2.0], [0.0, 1.0]), TypeError, "expected a list of 2, got a list of 1"),
        (lambda: odeint(3.0, 1.0, [0.0, 1.0]), TypeError, "odeint: f must be a function"),  # type: ignore[arg-type]
        (lambda: odeint(explodes, [], [0.0, 1.0]), ValueError, "y0 must hold a number"),
        (lambda: odeint(explodes, 1.0, 2.0), TypeError, "t must be a list or array"),
        (lambda: odeint(explodes, 1.0, []), ValueError, "t must hold a time"),
        (lambda: odeint(explodes, 1.0, [0.0], method="euler"), ValueError, "method must be 'dopri5' or 'rk4', got 'euler'"),
        (lambda: odeint(explodes, 1.0, [0.0], rtol=-1.0), ValueError, "rtol must be a number ≥ 0"),
        (lambda: odeint(explodes, 1.0, [0.0], rtol=0.0, atol=0.0), ValueError, "one of rtol and atol more"),
        (lambda: odeint(explodes, 1.0, [0.0], max_steps=0), ValueError, "max_steps must be an int ≥ 1"),
        (lambda: odeint(explodes, 1.0, [0.0], method="rk4", steps=2.0), ValueError, "steps must be"),  # type: ignore[arg-type]
    ],
)
def test_bad_input_is_told(call: Callable[[], object], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call()
