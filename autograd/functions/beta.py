"""The beta function and its logarithm, whose terms cancel: values in decimal numbers of 36 digits and more.

Each is a ``primitive``, as those of ``scipy_special`` are; it needs no SciPy, whose values are 30 ulp off, and takes the
time of a hundred operations or so. Source: NIST Digital Library of Mathematical Functions, 5.5, 5.11 and 5.12.

>>> beta(1.0, 2.0), lbeta(1.0, 1.0)
(0.5, 0.0)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

from autograd.functions.composed import polygamma
from autograd.functions.primitive import primitive
from autograd.rules.ieee import INF, NAN
from autograd.rules.special import BERNOULLI

__all__ = ["beta", "lbeta"]

SHIFT = 32  # from here on the 12 terms of Stirling's series are good to 10⁻³²
HALF_LOG_2PI = Decimal("0.918938533204672741780329736405617639861")
STIRLING = [Fraction(b).limit_denominator(2730) / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1)]


def d_lbeta(_y: Any, a: Any, b: Any) -> Any:
    return digamma_drop(a, b), digamma_drop(b, a)


@primitive(d_lbeta)
def lbeta(a: float, b: float) -> float:
    """log B(a, b), of a and b above 0, else nan: log Γ(a) + log Γ(b) − log Γ(a + b), without the cancellation.

    >>> lbeta(1.0, 1.0)
    0.0
    """
    return _of_logarithm(a, b, Decimal, -INF)


def d_beta(y: Any, a: Any, b: Any) -> Any:
    return y * digamma_drop(a, b), y * digamma_drop(b, a)


@primitive(d_beta)
def beta(a: float, b: float) -> float:
    """B(a, b) = Γ(a)·Γ(b)/Γ(a + b), of a and b above 0, else nan; its derivatives are B times those of lbeta.

    >>> beta(1.0, 1.0)
    1.0
    """
    return _of_logarithm(a, b, Decimal.exp, 0.0)


def _of_logarithm(a: float, b: float, function: Callable[[Decimal], Decimal], at_infinity: float) -> float:
    """A function of log B(a, b), in 36 digits and as many more as the larger of a and b has before its point."""
    if not (a > 0.0 and b > 0.0):
        return NAN
    larger = max(a, b)
    if larger == INF:
        return at_infinity
    digits = 36 + max(0, math.frexp(larger)[1] * 3 // 10)
    with localcontext(Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])):
        logarithm = _logarithm(Decimal(a), Decimal(b))
        return float(function(logarithm if abs(logarithm) > Decimal("1e-31") else Decimal(0)))


def _logarithm(a: Decimal, b: Decimal) -> Decimal:
    """By Stirling's formula of a + n, b + n and their sum, and what Γ(x + 1) = x·Γ(x) makes of the rest."""
    both, quotient = a + b, Decimal(1)
    for k in range(SHIFT):
        quotient *= (both + k) * (both + (SHIFT + k)) / ((a + k) * (b + k))
    a, b, both = a + SHIFT, b + SHIFT, both + 2 * SHIFT
    powers = a * (a / both).ln() + b * (b / both).ln() + (quotient * (both / (a * b)).sqrt()).ln()
    return powers + HALF_LOG_2PI + (_stirling(a) + _stirling(b) - _stirling(both))


def _stirling(x: Decimal) -> Decimal:
    """1/12x − 1/360x³ + …"""
    total, square = Decimal(0), 1 / (x * x)
    for term in reversed(STIRLING):
        total = total * square + Decimal(term.numerator) / term.denominator
    return total / x


def d_digamma_drop(_y: Any, a: Any, b: Any) -> Any:
    after = polygamma(1, a + b)
    return polygamma(1, a) - after, -after


@primitive(d_digamma_drop)
def digamma_drop(a: float, b: float) -> float:
    """ψ(a) − ψ(a + b) of a and b above 0: −Σ b/((a + k)·(a + b + k)), from 10 on by the asymptotic series."""
    if not (a > 0.0 and b > 0.0):
        return NAN
    steps = math.ceil(max(0.0, 10.0 - a))
    total = sum(b / (a + b + k) / (a + k) for k in reversed(range(steps)))
    x, y = a + steps, a + b + steps
    u, v = 1.0 / x / x, 1.0 / y / y
    series = quotient = 0.0  # at v, and the quotient of its difference between u and v
    for k in range(len(BERNOULLI), 0, -1):
        quotient = quotient * u + series
        series = series * v + BERNOULLI[k - 1] / (2 * k)
    quotient = quotient * u + series
    difference = b / y / x  # 1/x − 1/y
    return -(total + math.log1p(b / x) + difference * (0.5 + (1.0 / x + 1.0 / y) * quotient))
