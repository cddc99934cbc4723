"""The higher derivatives of Dawson's integral; its value and its slope are in test_scipy_special, with the others'."""

from __future__ import annotations

import math

import pytest
from mpmath import mp, mpf

from autograd import compile, dawsn, derivative
from tests.support import close


@pytest.mark.parametrize("x", [-6.6, 6.4, 20.0, 1e4])
@pytest.mark.parametrize(("n", "tolerance"), [(2, 1e-13), (3, 1e-12), (5, 1e-10)])
def test_far_out_dawsn_has_its_higher_derivatives_too(x: float, n: int, tolerance: float) -> None:
    with mp.workdps(60):
        lower, wanted = mpf(0), mp.sqrt(mp.pi) / 2 * mp.exp(-(mpf(x) ** 2)) * mp.erfi(mpf(x))
        for order in range(n):
            lower, wanted = wanted, (1 if order == 0 else 0) - 2 * (x * wanted + order * lower)
    assert close(derivative(dawsn, x, n), float(wanted), tolerance)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_at_100_million_dawsn_is_half_of_1_over_x_in_every_derivative(n: int) -> None:
    slope = compile(lambda x: derivative(dawsn, x, n))
    wanted = (-1) ** n * math.factorial(n) / 2.0 * 1e8 ** -(n + 1.0)
    assert close(derivative(dawsn, 1e8, n), wanted, 1e-13)
    assert close(slope(1e8), wanted, 1e-13)
