"""``taylor`` against mpmath's series, against derivatives one by one, in lanes, and on what isn't smooth."""

from __future__ import annotations

import gc
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, derivative, grad, primitive, taylor, where

WEIGHTS = [(0.7, -0.2), (-1.1, 0.4), (0.3, 0.9)]


def net(x: Any) -> Any:
    return ag.tanh(ag.dot([0.5, -0.6, 1.2], [ag.sigmoid(a * x + b) for a, b in WEIGHTS]) + 0.1)


# Every smooth operation, and where; those of mpmath are in make_taylor.py, which has made taylor.json.
SMOOTH: dict[str, tuple[Callable[[Any], Any], float]] = {
    "reciprocal": (ag.reciprocal, 1.4),
    "division": (lambda x: (x + 1.0) / (x * x + 3.0), 0.4),
    "square": (ag.square, 0.4),
    "whole power": (lambda x: x**7, 1.4),
    "whole power at 0": (lambda x: x**5, 0.0),
    "negative power": (lambda x: x**-3, 1.4),
    "fractional power": (lambda x: x**0.3, 1.4),
    "exponential": (lambda x: 2.0**x, 1.4),
    "x to the x": (lambda x: x**x, 1.4),
    "sqrt": (ag.sqrt, 2.1),
    "rsqrt": (ag.rsqrt, 1.4),
    "cbrt": (ag.cbrt, 1.4),
    "exp": (ag.exp, 0.4),
    "exp2": (ag.exp2, 0.4),
    "expm1": (ag.expm1, 0.4),
    "log": (ag.log, 1.3),
    "log2": (ag.log2, 1.4),
    "log10": (ag.log10, 1.4),
    "log1p": (ag.log1p, 0.4),
    "logaddexp": (lambda x: ag.logaddexp(x, 0.3), 0.4),
    "xlogy": (lambda x: ag.xlogy(x, x), 0.4),
    "sin": (ag.sin, 0.4),
    "cos": (ag.cos, 0.4),
    "tan": (ag.tan, 0.4),
    "asin": (ag.asin, 0.3),
    "acos": (ag.acos, 0.3),
    "atan": (ag.atan, 0.4),
    "atan2": (lambda x: ag.atan2(x, 2.0), 0.4),
    "sinc": (ag.sinc, 0.4),
    "sinh": (ag.sinh, 0.4),
    "cosh": (ag.cosh, 0.4),
    "tanh": (ag.tanh, 0.3),
    "asinh": (ag.asinh, 0.4),
    "acosh": (ag.acosh, 1.9),
    "atanh": (ag.atanh, 0.4),
    "hypot": (lambda x: ag.hypot(x, 2.0), 0.4),
    "sigmoid": (ag.sigmoid, 0.7),
    "log_sigmoid": (ag.log_sigmoid, 0.4),
    "softplus": (ag.softplus, 0.4),
    "softsign": (ag.softsign, 0.4),
    "silu": (ag.silu, 0.4),
    "gelu": (ag.gelu, 0.4),
    "mish": (ag.mish, 0.4),
    "elu": (ag.elu, -0.4),
    "celu": (ag.celu, -0.4),
    "erf": (ag.erf, 0.4),
    "erfc": (ag.erfc, 0.4),
    "norm_cdf": (ag.norm_cdf, 0.4),
    "norm_pdf": (ag.norm_pdf, 0.4),
    "lgamma": (ag.lgamma, 2.4),
    "digamma": (ag.digamma, 2.4),
    "xlog1py": (lambda x: ag.xlog1py(x, x), 0.4),
    "log1mexp": (ag.log1mexp, 0.7),
    "logaddexp2": (lambda x: ag.logaddexp2(x, 0.3), 0.4),
    "entr": (ag.entr, 0.4),
    "logit": (ag.logit, 0.3),
    "exp10": (ag.exp10, 0.4),
    "sinpi": (ag.sinpi, 0.4),
    "cospi": (ag.cospi, 0.4),
    "sec": (ag.sec, 0.4),
    "csc": (ag.csc, 0.6),
    "cot": (ag.cot, 0.6),
    "sech": (ag.sech, 0.4),
    "softplus of beta 2": (lambda x: ag.softplus(x, 2.0), 0.4),
    "hard_swish": (ag.hard_swish, 0.4),
    "gelu by tanh": (lambda x: ag.gelu(x, "tanh"), 0.4),
    "erfcx": (ag.erfcx, 0.4),
    "erfinv": (ag.erfinv, 0.4),
    "erfcinv": (ag.erfcinv, 0.6),
    "ndtri": (ag.ndtri, 0.4),
    "log_ndtr": (ag.log_ndtr, 0.4),
    "gamma": (ag.gamma, 2.4),
    "polygamma": (lambda x: ag.polygamma(2, x), 2.4),
    "sum": (lambda x: ag.sum([x, x * x, 2.0, ag.sin(x)]), 0.4),
    "mean": (lambda x: ag.mean([x, x * x, 2.0]), 0.4),
    "prod": (lambda x: ag.prod([x, ag.sin(x), x]), 0.4),
    "dot": (lambda x: ag.dot([x, 2.0], [x, ag.exp(x)]), 0.4),
    "norm": (lambda x: ag.norm([x, 2 * x * x, 1.0]), 0.4),
    "logsumexp": (lambda x: ag.logsumexp([x, 2 * x, 0.3]), 0.4),
    "softmax": (lambda x: ag.softmax([x, 2 * x, 0.3])[1], 0.4),
    "log_softmax": (lambda x: ag.log_softmax([x, 2 * x])[0], 0.4),
    "exp of sin": (lambda x: ag.exp(ag.sin(x)), 0.5),
    "net 2-3-1": (net, 0.8),
}
EXPECTED: dict[str, list[str]] = json.loads(Path(__file__).with_name("taylor.json").read_text(encoding="utf-8"))


def test_there_is_a_reference_for_each() -> None:
    assert list(SMOOTH) == list(EXPECTED)


@pytest.mark.parametrize("name", SMOOTH)
def test_thirty_coefficients_are_those_of_mpmath_to_ten_digits(name: str) -> None:
    f, x = SMOOTH[name]
    expected = list(map(float, EXPECTED[name]))
    assert taylor(f, x, len(expected) - 1) == pytest.approx(expected, rel=1e-10, abs=1e-25)


def test_derivatives_are_factorials_times_coefficients() -> None:
    f = lambda x: ag.exp(ag.sin(x)) * x  # noqa: E731 - a function of one line
    coefficients = taylor(f, 0.4, 8)
    for n, coefficient in enumerate(coefficients):
        assert derivative(f, 0.4, n) == pytest.approx(math.factorial(n) * coefficient, rel=1e-14)


def test_the_hundredth_derivative_and_those_beyond_the_range_of_floats() -> None:
    assert derivative(ag.exp, 0.0, 100) == pytest.approx(1.0, rel=1e-12)
    assert derivative(lambda x: 1.0 / (1.0 - x), 0.0, 200) == math.inf


def test_a_coefficient_of_a_value_can_be_differentiated_again() -> None:
    f = lambda x: ag.tanh(x) * ag.log(x)  # noqa: E731 - a function of one line
    third = grad(lambda x: taylor(f, x, 3)[3])(1.3)
    assert third == pytest.approx(4 * taylor(f, 1.3, 4)[4], rel=1e-12)


def test_captured_values_make_the_coefficients_functions_of_them() -> None:
    w = Value(2.0)
    coefficients: list[Any] = list(taylor(lambda x: w * x * x, 1.0, 2))
    coefficients[1].backward()
    assert [c.data for c in coefficients] == [2.0, 4.0, 2.0]
    assert w.grad == 2.0


def test_series_in_lanes() -> None:
    x = np.linspace(-1.0, 1.0, 9)

    def f(x: Any) -> Any:
        return where(x > 0.5, ag.sin(x) * x, ag.exp(-x * x))

    compiled = compile(lambda x: taylor(f, x, 8), in_axes=0)
    for lane, each in zip(np.array(compiled(x)).T, x.tolist(), strict=True):
        np.testing.assert_allclose(lane, taylor(f, each, 8), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (ag.softplus, [math.log(2.0), 0.5, 0.125, 0.0, -1 / 192]),
        (ag.log_sigmoid, [-math.log(2.0), 0.5, -0.125, 0.0, 1 / 192]),
        (ag.sigmoid, [0.5, 0.25, 0.0, -1 / 48, 0.0]),
        (ag.sech, [1.0, 0.0, -0.5, 0.0, 5 / 24]),
        (lambda x: ag.logaddexp(x, 0.0), [math.log(2.0), 0.5, 0.125, 0.0, -1 / 192]),
        (ag.silu, [0.0, 0.5, 0.25, 0.0, -1 / 48]),
        (ag.mish, [0.0, 0.6, 0.32, -0.016, -0.04586666666666667]),
    ],
)
def test_a_formula_with_a_kink_within_has_none_at_that_point(f: Callable[[Any], Any], expected: list[float]) -> None:
    """|x| in exp(−|x|), say: at 0 the second derivative of softplus was 0."""
    assert taylor(f, 0.0, 4) == pytest.approx(expected, rel=1e-14, abs=1e-16)
    assert derivative(f, 0.0, 2) == pytest.approx(2.0 * expected[2], rel=1e-14, abs=1e-16)
    lanes: Any = compile(lambda x: taylor(f, x, 4)[2], in_axes=0)(np.zeros(1))
    assert lanes[0] == pytest.approx(expected[2], rel=1e-14, abs=1e-16)


@pytest.mark.parametrize("f", [ag.relu, abs, ag.leaky_relu, ag.elu, ag.hard_tanh, lambda x: ag.maximum(x, 0.0)])
@pytest.mark.parametrize("x", [-2.0, 0.0, 0.25, 2.0])
def test_the_first_coefficient_is_the_chain_rules_at_kinks_too(f: Callable[[Any], Any], x: float) -> None:
    value, slope = taylor(f, x, 1)
    assert (value, slope) == (float(f(x)), grad(f)(x))


def test_a_constant_has_no_higher_coefficients() -> None:
    assert taylor(lambda x: 3.0, 1.0, 3) == [3.0, 0.0, 0.0, 0.0]
    assert taylor(lambda x: x, 1.5, 3) == [1.5, 1.0, 0.0, 0.0]
    assert taylor(ag.exp, 1.0, 0) == [math.e]


def test_an_infinite_derivative_stays_infinite() -> None:
    assert taylor(ag.sqrt, 0.0, 1) == [0.0, math.inf]


@pytest.mark.parametrize("n", [-1, 1.0, True, "2", None])
def test_an_order_must_be_a_whole_number(n: Any) -> None:
    with pytest.raises(ValueError, match="taylor: n must be an int ≥ 0, got"):
        taylor(ag.exp, 0.0, n)


def test_several_outputs_are_refused() -> None:
    with pytest.raises(TypeError, match="taylor: .* must return a single"):
        taylor(lambda x: [x, x], 1.0, 2)  # type: ignore[arg-type,return-value]


def test_a_primitive_is_differentiated_one_order_after_the_other() -> None:
    @primitive(lambda y, x: (ag.cos(x),))
    def sine(x: float) -> float:
        return math.sin(x)

    assert taylor(lambda x: sine(x) * x, 0.5, 5) == pytest.approx(taylor(lambda x: ag.sin(x) * x, 0.5, 5), rel=1e-13)
    assert derivative(sine, 0.5, 3) == pytest.approx(-math.cos(0.5), rel=1e-14)


def test_a_scan_that_is_traced_is_differentiated_so_too() -> None:
    def f(x: Any) -> Any:
        return ag.scan(lambda s, _: (ag.sin(s) * 0.5 + x * s, None), x, length=4)[0]

    assert compile(lambda x: taylor(f, x, 4))(0.3) == pytest.approx(taylor(f, 0.3, 4), rel=1e-12)


def test_nothing_is_left_to_the_collector() -> None:
    taylor(lambda x: ag.sin(x) * ag.tanh(x), 0.3, 6)
    gc.collect()
    taylor(lambda x: ag.sin(x) * ag.tanh(x), 0.3, 6)
    assert gc.collect() == 0


def test_a_deep_graph_needs_no_deep_stack() -> None:
    def chain(x: Any) -> Any:
        for _ in range(3000):
            x = x + 0.001 * ag.sin(x)
        return x

    first, second = taylor(chain, 0.5, 2)[1:]
    assert (first, 2 * second) == pytest.approx((grad(chain)(0.5), grad(grad(chain))(0.5)), rel=1e-12)
