"""Dawson's integral, and its derivatives of every order without their cancellation.

Each is a ``primitive``, as those of ``scipy_special`` are; it needs no SciPy, whose values are 50 ulp off close to 0.
Source: NIST Digital Library of Mathematical Functions, 7.10.

>>> dawsn(0.0), dawsn_derivative(0.0)
(0.0, 1.0)
"""

from __future__ import annotations

import math
from typing import Any

from autograd.functions.primitive import primitive
from autograd.rules.ieee import NAN

__all__ = ["dawsn"]

FAR = 42.0  # x² from which on the asymptotic series are as good as the power series


def d_dawsn(_y: Any, x: Any) -> Any:
    return dawsn_derivative(x)


@primitive(d_dawsn)
def dawsn(x: float) -> float:
    """Dawson's integral, that of exp(t² − x²) from 0 to x; its derivative is 1 − 2x·dawsn(x), without the cancellation.

    >>> dawsn(0.0)
    0.0

    The value is x·exp(−x²)·Σ x²ᵏ/((2k + 1)·k!), far out by the asymptotic series of the derivative.
    """
    return _dawsn_near(x) if x * x <= FAR else (1.0 - _dawsn_derivative(x)) / (2.0 * x)


def _dawsn_near(x: float) -> float:
    square, total = x * x, 0.0
    for k in range(160, -1, -1):
        total = total * square / (k + 1) + 1.0 / (2 * k + 1)
    return x * math.exp(-square) * total


def _dawsn_derivative(x: float) -> float:
    """exp(−x²)·(1 − Σ x²ᵏ/((2k − 1)·k!)), far out −Σ (2k − 1)!!/(2x²)ᵏ."""
    square, total, term = x * x, 0.0, 1.0
    if square > FAR:
        for k in range(1, 30):
            term *= (2 * k - 1) / (2.0 * square)
            total -= term
        return total
    for k in range(160, 0, -1):
        total = total * square / (k + 1) + 1.0 / (2 * k - 1)
    return math.exp(-square) * (1.0 - square * total)


def d_dawsn_derivative(_y: Any, x: Any) -> Any:
    return dawsn_derivatives(2.0, x)


@primitive(d_dawsn_derivative)
def dawsn_derivative(x: float) -> float:
    """1 − 2x·dawsn(x), and its derivative."""
    return _dawsn_derivative(x) if x == x else NAN


def d_dawsn_derivatives(_y: Any, n: Any, x: Any) -> Any:
    return NAN, dawsn_derivatives(n + 1.0, x)


@primitive(d_dawsn_derivatives)
def dawsn_derivatives(n: float, x: float) -> float:
    """D⁽ⁿ⁾(x) of order 2 and above, −2(x·D⁽ⁿ⁻¹⁾ + (n − 1)·D⁽ⁿ⁻²⁾); far out, where that cancels, its asymptotic series."""
    if x * x > FAR:
        return _dawsn_far(int(n), x)
    lower, value = _dawsn_near(x), _dawsn_derivative(x)
    for order in range(1, int(n)):
        lower, value = value, -2.0 * (x * value + order * lower)
    return value


def _dawsn_far(n: int, x: float) -> float:
    """(−1)ⁿ·Σ (2k − 1)!!·(2k + 1)…(2k + n) / (2ᵏ⁺¹·x²ᵏ⁺¹⁺ⁿ), as far as its terms get smaller."""
    term = 0.5 / x
    for k in range(1, n + 1):
        term *= -k / x
    total = term
    for k in range(1, 30):
        ratio = (2 * k + n) * (2 * k + n - 1) / (4.0 * k * x * x)
        if k > n and ratio > 1.0:
            break
        term *= ratio
        total += term
    return total
