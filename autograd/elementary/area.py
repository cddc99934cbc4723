"""asinh, acosh and atanh, by the parts of the logarithm."""

from __future__ import annotations

from autograd.elementary.arithmetic import Lines, Vector
from autograd.elementary.coefficients import LN2, LOG
from autograd.elementary.logarithm import log1p_of

FAR = 2.0**28  # beyond, √(x² ± 1) is x


def asinh(m: Lines, x: Vector) -> Vector:
    """log(1 + a + a²/(1 + √(1 + a²))), beyond 2²⁸ log 2a."""
    a = m.abs(x)
    near = m.at_most(a, FAR)
    bent = near * near / (m.sqrt(m.fma(near, near, 1.0)) + 1.0)
    w = near + bent
    return m.copysign(log1p_of(m, w, bent - (w - near), a > FAR, a), x)


def acosh(m: Lines, x: Vector) -> Vector:
    """log(1 + t + √(2t + t²)) with t = x − 1, beyond 2²⁸ log 2x."""
    t = m.at_most(x, FAR) - 1.0
    square = m.fma(t, t, t + t)
    root = m.sqrt(square)
    w, root_low = root + t, m.fma(-root, root, square) / (root + root + 2.0**-1000)
    return m.where(x >= 1.0, log1p_of(m, w, (t - (w - root)) + root_low, x > FAR, x), float("nan"))


def atanh(m: Lines, x: Vector) -> Vector:
    """½·log((1 + a)/(1 − a)): half of k·ln 2 and of log((1 + s)/(1 − s)).

    s is ((1 + a) − 2ᵏ(1 − a))/((1 + a) + 2ᵏ(1 − a)): a itself for k = 0.
    """
    a = m.abs(x)
    k, mantissa = m.exponent_and_mantissa((a + 1.0) / (1.0 - a))
    power, far = m.power_of_two(k), k > 30.0
    above = m.where(far, mantissa - 1.0, m.fma(a, power + 1.0, 1.0 - power))
    s = above / m.where(far, mantissa + 1.0, m.fma(a, 1.0 - power, power + 1.0))
    z = s * s
    y = m.fma(k, 0.5 * LN2[0], s) + m.fma(k, 0.5 * LN2[1], (0.5 * s * z) * m.polynomial(z, LOG))
    end = m.where(a.equals(1.0), float("inf"), float("nan"))
    return m.copysign(m.where(a < 1.0, y, end), x)
