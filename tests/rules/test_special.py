"""digamma, polygamma and the derivatives of sinc against mpmath, at their joints and far out."""

from __future__ import annotations

import math

import pytest
from mpmath import mp

from autograd.rules import special
from tests.references import REFERENCES, derivative, ulps
from tests.support import bits

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize("x", [1e-300, 1e-8, 0.5, 1.0, 2.0, 13.999, 14.0, 14.001, 1e6, 1e300, -0.5, -1e-8, -20.25])
def test_digamma_is_mpmaths(x: float) -> None:
    """To 1e-15, and absolutely so below 1: it passes through 0."""
    with mp.workdps(60):
        exact = mp.digamma(x)
        assert abs(special.digamma(x) - exact) <= 1e-15 * max(1, abs(exact))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("x", [1e-3, 0.5, 1.0, 15.9, 16.0, 30.0, 1e6, -0.5, -3.25])
def test_polygamma_is_mpmaths(n: int, x: float) -> None:
    with mp.workdps(60):
        assert ulps(special.polygamma(n, x), mp.polygamma(n, x)) <= 16.0


@pytest.mark.parametrize("x", [0.0, -1.0, -2.0, -100.0, -INF, NAN])
def test_there_is_nothing_at_a_pole(x: float) -> None:
    assert [bits(special.digamma(x)), bits(special.polygamma(1, x)), bits(special.polygamma(2, x))] == ["nan"] * 3


def test_far_left_of_0_nothing_is_counted_pole_by_pole() -> None:
    """ψ₁(x) = π²/sin²(πx) − ψ₁(1 − x)."""
    assert ulps(special.polygamma(1, -1e12 - 0.25), mp.mpf(2) * mp.pi**2 - mp.polygamma(1, 1e12 + 1.25)) <= 4.0
    assert ulps(special.digamma(-1e12 - 0.25), mp.digamma(1e12 + 1.25) + mp.pi) <= 4.0


def test_the_rest_of_expm1_has_its_limits() -> None:
    assert [special.expm1_rest(x) for x in (-INF, INF, 0.0)] == [-1.0, -INF, 0.0]


@pytest.mark.parametrize(("n", "sign"), [(1, 1.0), (2, -1.0), (3, 1.0)])
def test_polygamma_dies_far_out_from_its_own_side(n: int, sign: float) -> None:
    assert bits(special.polygamma(n, INF)) == bits(math.copysign(0.0, sign))


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("x", [1e-8, 0.3, 0.5 + 0.3, 1.1, 1.4, 1.7, 2.0, 7.5, 1e3])
def test_derivatives_of_sinc_hold_where_series_and_recurrence_meet(n: int, x: float) -> None:
    """Relative to the largest the derivative gets, πⁿ/(n+1): it passes through 0."""
    exact = derivative(REFERENCES["sinc_derivative"].function, (float(n), x), (0, 0))
    assert abs(special.sinc_derivative(n, x) - exact) <= 1e-13 * math.pi**n / (n + 1)


@pytest.mark.parametrize("x", [0.0, 1.0, -3.0, 1e15])
def test_sines_of_whole_turns_are_exact(x: float) -> None:
    assert special.sinpi(x) == 0.0
    assert special.cospi(x + 0.5) == 0.0 or x > 1e14
    assert abs(special.cospi(x)) == 1.0


def test_gamma_dies_far_left_with_the_sign_of_its_side() -> None:
    assert [bits(special.gamma(x)) for x in (-200.5, -201.5, -1e5 - 0.5)] == [bits(x) for x in (-0.0, 0.0, -0.0)]
    assert special.gamma(-176.5) != 0.0


@pytest.mark.parametrize("n", [1, 20, 100])
@pytest.mark.parametrize("x", [0.5, 3.0])
def test_integrals_of_erfc_are_those_of_the_recurrence_in_any_order(n: int, x: float) -> None:
    with mp.workdps(400):
        exact = REFERENCES["erfc_integral"].function(n, mp.mpf(x))
    assert ulps(special.erfc_integral(n, x), exact) <= n + 3.0
