"""The beta function and its logarithm against mpmath: where terms cancel, for any sizes of a and b, and at the edges."""

from __future__ import annotations

import math
from decimal import Context, localcontext
from random import Random
from typing import Any

import pytest
from mpmath import mp, mpf

from autograd import Value, beta, derivative, lbeta
from autograd.functions.beta import digamma_drop
from tests.references import Sampler, between, each, positive, ulps
from tests.support import close

INF, NAN = math.inf, math.nan
SIZES: dict[str, Sampler] = {
    "any": each(positive(1e-30, 1e15), positive(1e-30, 1e15)),
    "moderate": each(positive(1e-3, 100.0), positive(1e-3, 100.0)),
    "by the zero of lbeta": each(between(0.3, 4.0), between(0.3, 4.0)),
    "a is far larger": each(positive(1e3, 1e15), positive(1e-20, 30.0)),
    "both are large": each(positive(20.0, 500.0), positive(20.0, 500.0)),
}


def exact(a: float, b: float) -> tuple[Any, Any]:
    """log B(a, b) and its derivative by a."""
    with mp.workdps(40 + 2 * int(abs(math.log10(a)) + abs(math.log10(b)))):
        x, y = mpf(a), mpf(b)
        logarithm = mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y)
        return logarithm, mp.digamma(x) - mp.digamma(x + y)


def normal(x: Any) -> bool:
    return bool(mpf("1e-300") < abs(x) < mpf("1e300"))


@pytest.mark.parametrize("sizes", SIZES)
def test_values_are_rounded_right_and_derivatives_are_within_4_ulp(sizes: str) -> None:
    random = Random(sizes)
    for _ in range(30):
        a, b = SIZES[sizes](random)
        logarithm, slope = exact(a, b)
        with mp.workdps(60):
            value = mp.exp(logarithm)
        for function, expected, partial in [(lbeta, logarithm, slope), (beta, value, value * slope)]:
            x = Value(a)
            y = function(x, b)
            y.backward()
            assert not normal(expected) or ulps(y.data, expected) <= 0.5, (a, b)
            assert not normal(partial) or not normal(slope) or ulps(x.grad, partial) <= 4.0, (a, b)


def test_a_and_b_can_be_exchanged_to_the_bit() -> None:
    random = Random(1)
    for sizes in SIZES.values():
        for _ in range(10):
            a, b = sizes(random)
            x, y = Value(a), Value(b)
            lbeta(x, y).backward()
            p, q = Value(b), Value(a)
            lbeta(p, q).backward()
            assert (lbeta(a, b), beta(a, b), x.grad, y.grad) == (lbeta(b, a), beta(b, a), q.grad, p.grad)


@pytest.mark.parametrize(
    ("a", "b", "logarithm", "value"),
    [
        (1.0, 1.0, 0.0, 1.0),
        (1.0 + 2.0**-52, 1.0, -(2.0**-52), 1.0 - 2.0**-52),
        (1e15, 1.0, -15.0 * math.log(10.0), 1e-15),
        (1e308, 2.0, -616.0 * math.log(10.0), 0.0),
        (1e308, 1e308, -1e308 * math.log(4.0), 0.0),
        (1e-300, 1e-300, math.log(2e300), 2e300),
        (1e-300, 1e15, 300.0 * math.log(10.0), 1e300),
        (5e-324, 1.0, -math.log(5e-324), INF),
        (INF, 1e-3, -INF, 0.0),
        (INF, INF, -INF, 0.0),
        (0.0, 1.0, NAN, NAN),
        (1.0, -0.5, NAN, NAN),
        (NAN, 1.0, NAN, NAN),
        (1.0, NAN, NAN, NAN),
    ],
)
def test_edges_are_pinned(a: float, b: float, logarithm: float, value: float) -> None:
    assert close(lbeta(a, b), logarithm, 1e-14)
    assert close(beta(a, b), value, 1e-15)


def test_the_derivative_by_a_far_from_b_is_that_of_the_nearest_term() -> None:
    assert digamma_drop(1e-300, 1e-300) == pytest.approx(-5e299, rel=1e-15)
    assert digamma_drop(1e-300, 1e15) == pytest.approx(-1e300, rel=1e-15)
    assert digamma_drop(1.0, 1e-200) == pytest.approx(-1e-200 * math.pi**2 / 6.0, rel=1e-15)
    assert digamma_drop(1e15, 1e-200) == pytest.approx(-1e-215, rel=2e-15)


def test_second_derivatives_are_differences_of_trigamma() -> None:
    trigamma = [float(mp.polygamma(1, x)) for x in (1.3, 3.8)]
    assert derivative(lambda x: lbeta(x, 2.5), 1.3, 2) == pytest.approx(trigamma[0] - trigamma[1], rel=1e-14)
    x, y = Value(1.3), Value(2.5)
    derivative_by_x = derivative(lambda x: lbeta(x, y), x)
    derivative_by_x.backward()
    assert y.grad == pytest.approx(-trigamma[1], rel=1e-14)


def test_the_decimal_context_of_the_caller_is_neither_used_nor_changed() -> None:
    with localcontext(Context(prec=3, Emax=5, Emin=-5)) as context:
        assert beta(2.5, 1e-9) == 999999998.7196276
        assert not any(context.flags.values())
