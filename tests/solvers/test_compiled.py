"""Solvers in compiled functions: at points, in lanes, within other derivatives, and lanes without a solution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, derivative, fixed_point, grad, hessian, norm_cdf, root, scan, where

pytest.importorskip("llvmlite")


def kepler(mean: Any, e: Any) -> Any:
    return root(lambda x: x - e * ag.sin(x) - mean, mean)


def price(volatility: Any, strike: Any, years: Any) -> Any:
    """A call by Black and Scholes, spot 100, rate 2 %."""
    d = (ag.log(100.0 / strike) + (0.02 + 0.5 * volatility * volatility) * years) / (volatility * ag.sqrt(years))
    return 100.0 * norm_cdf(d) - strike * ag.exp(-0.02 * years) * norm_cdf(d - volatility * ag.sqrt(years))


def implied_by_bracket(paid: Any, strike: Any, years: Any) -> Any:
    return root(lambda v: price(v, strike, years) - paid, 0.3, bracket=(1e-3, 4.0))


def implied_by_newton(paid: Any, strike: Any, years: Any) -> Any:
    return root(lambda v: price(v, strike, years) - paid, 0.5)


def book(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Options far in and out of the money, whose price without its least value is a number that a float can tell."""
    draw = np.random.default_rng(7)
    strike, years, volatility = draw.uniform(40.0, 250.0, n), draw.uniform(0.1, 3.0, n), draw.uniform(0.05, 1.2, n)
    paid = compile(price, in_axes=0)(volatility, strike, years)
    time_value = paid - np.maximum(100.0 - strike * np.exp(-0.02 * years), 0.0)
    sane = time_value > 1e-6
    return paid[sane], strike[sane], years[sane], volatility[sane]


@pytest.mark.parametrize("implied", [implied_by_bracket, implied_by_newton])
def test_implied_volatility_has_one_over_vega_and_its_derivative(implied: Callable[..., Any]) -> None:
    paid, strike, years, volatility = book(3000)
    assert len(paid) > 2000
    f = compile(implied, in_axes=0)
    found = f(paid, strike, years)
    np.testing.assert_allclose(found, volatility, rtol=1e-7)
    vega = compile(lambda v, k, t: derivative(lambda v: price(v, k, t), v), in_axes=0)
    volga = compile(lambda v, k, t: derivative(lambda v: price(v, k, t), v, 2), in_axes=0)
    first, second = f.grad(paid, strike, years), f.hessian(paid, strike, years)
    by_vega = vega(found, strike, years)
    np.testing.assert_allclose(first, 1.0 / by_vega, rtol=1e-12)
    np.testing.assert_allclose(second, -volga(found, strike, years) / by_vega**3, rtol=1e-10, atol=1e-12)


def test_lanes_are_points() -> None:
    means = np.linspace(-3.0, 3.0, 21)
    f = compile(kepler, in_axes=(0, None))
    np.testing.assert_allclose(f(means, 0.7), [kepler(m, 0.7) for m in means.tolist()], rtol=1e-14)
    np.testing.assert_allclose(f.grad(means, 0.7), [grad(kepler)(m, 0.7) for m in means.tolist()], rtol=1e-13)
    np.testing.assert_allclose(
        f.hessian(means, 0.7), [hessian(kepler)(m, 0.7) for m in means.tolist()], rtol=1e-12, atol=1e-14
    )


def test_a_point_is_compiled_like_lanes() -> None:
    f = compile(kepler)
    assert f(1.25, 0.6) == pytest.approx(kepler(1.25, 0.6), rel=1e-15)
    assert f.jvp((1.25, 0.6), (1.0, 2.0))[1] == pytest.approx(ag.jvp(kepler, (1.25, 0.6), (1.0, 2.0))[1], rel=1e-14)


@pytest.mark.parametrize("bracket", [None, (-1.0, 5.0)])
def test_a_lane_without_a_root_is_nan_and_changes_no_other(bracket: tuple[float, float] | None) -> None:
    f = compile(lambda a: root(lambda x: ag.exp(x) - a, 1.0, bracket=bracket), in_axes=0)
    a = np.array([2.0, -1.0, 5.0, np.nan, 7.0])
    expected = np.array([np.log(2.0), np.nan, np.log(5.0), np.nan, np.log(7.0)])
    np.testing.assert_allclose(f(a), expected, rtol=1e-14)
    np.testing.assert_allclose(f.grad(a), np.where(np.isnan(expected), np.nan, 1.0 / a), rtol=1e-14)


def test_where_keeps_a_lane_without_a_root_out_of_a_gradient() -> None:
    def safe(a: Any) -> Any:
        return where(a > 0.0, root(lambda x: ag.exp(x) - a, 1.0), -a)

    f = compile(safe, in_axes=0, reduce="sum")
    _, gradient = f.value_and_grad(np.array([2.0, -1.0]))
    assert gradient.tolist() == [0.5, -1.0]


def coupled(a: Any, b: Any) -> Any:
    x = root(lambda x: {"p": x["p"] + x["q"] - a, "q": x["p"] * x["q"] - b}, {"p": 3.0, "q": 0.1})
    return 2.0 * x["p"] + x["q"]


def test_a_system_in_lanes_has_the_derivatives_of_points() -> None:
    a = np.array([5.0, 6.0, 8.0])
    f = compile(coupled, in_axes=(0, None))
    np.testing.assert_allclose(f.grad(a, 2.0), [grad(coupled)(x, 2.0) for x in a.tolist()], rtol=1e-13)
    np.testing.assert_allclose(f.hessian(a, 2.0), [hessian(coupled)(x, 2.0) for x in a.tolist()], rtol=1e-12)


def backward_euler(rate: Any) -> Any:
    """y′ = −rate·y³, whose every step is an equation."""

    def step(y: Any, _: Any) -> Any:
        y = root(lambda new: new + 0.1 * rate * new**3 - y, y)
        return y, y

    return scan(step, 1.5, length=6)[0]


def test_a_root_may_be_in_the_step_of_a_scan() -> None:
    f = compile(backward_euler)
    assert f(1.2) == pytest.approx(backward_euler(1.2), rel=1e-14)
    assert f.grad(1.2) == pytest.approx(grad(backward_euler)(1.2), rel=1e-13)
    assert f.hessian(1.2) == pytest.approx(derivative(backward_euler, 1.2, 2), rel=1e-12)


def test_a_loop_of_roots_is_compiled() -> None:
    def loop(rate: Any) -> Any:
        y = 1.5
        for _ in range(3):
            y = root(lambda new, y=y: new + 0.1 * rate * new**3 - y, y)
        return y

    assert compile(loop).grad(1.2) == pytest.approx(grad(loop)(1.2), rel=1e-13)


def test_f_may_branch_on_what_it_captures() -> None:
    f = compile(lambda a: root(lambda x: x * x - a if a > 0.0 else x - a, 1.0), in_axes=0)
    assert f.grad(np.array([4.0, -3.0])).tolist() == [0.25, 1.0]


def test_f_may_not_branch_on_x() -> None:
    f = compile(lambda a: root(lambda x: (x if x > 0.0 else -x) - a, 1.0))
    with pytest.raises(TypeError, match="choose by where") as e:
        f(2.0)
    assert any("in root(<lambda>, …), whose steps are a scan" in note for note in e.value.__notes__)


def test_a_captured_leaf_is_read_at_each_call() -> None:
    w = Value(3.0)
    f = compile(lambda a: root(lambda x: w * x - a, 1.0))
    assert (f(6.0), f.grad(6.0)) == pytest.approx((2.0, 1.0 / 3.0))
    w.data = 2.0
    assert (f(6.0), f.grad(6.0)) == pytest.approx((3.0, 0.5))


def test_start_and_bracket_may_differ_from_lane_to_lane() -> None:
    f = compile(lambda a, x0: root(lambda x: x * x - a, x0), in_axes=0)
    assert f(np.array([4.0, 4.0]), np.array([1.0, -1.0])).tolist() == pytest.approx([2.0, -2.0])
    g = compile(lambda low, high: root(ag.sin, None, bracket=(low, high)), in_axes=0)
    np.testing.assert_allclose(
        g(np.array([2.0, 5.0, 4.0]), np.array([4.0, 8.0, 5.0])), [np.pi, 2 * np.pi, np.nan], rtol=1e-14
    )


def test_fixed_points_in_lanes() -> None:
    f = compile(lambda a: fixed_point(lambda x: (x + a / x) / 2.0, 1.0), in_axes=0)
    a = np.array([2.0, 9.0, 100.0])
    np.testing.assert_allclose(f(a), np.sqrt(a), rtol=1e-14)
    np.testing.assert_allclose(f.grad(a), 0.5 / np.sqrt(a), rtol=1e-13)
