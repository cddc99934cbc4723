"""log and its kin: x = 2ᵏ·(1 + f) with ¾ ≤ 1 + f < 1½, and log(1 + f) by s = f/(2 + f).

log(1 + f) = 2s + s³·p(s²) is written as f − (f²/2 − s·(f²/2 + s²·p)): f is exact and the larger part (as in FreeBSD's msun).
"""

from __future__ import annotations

from autograd.elementary.arithmetic import Lines, Operand, Vector
from autograd.elementary.coefficients import LN2, LOG, LOG2_E, LOG10_2, LOG10_E


def log_of(m: Lines, k: Vector, f: Vector) -> Vector:
    """k·ln 2 + log(1 + f)."""
    half, product = log_parts(m, f)
    return m.fma(k, LN2[0], f - (half - m.fma(k, LN2[1], product)))


def log_parts(m: Lines, f: Vector) -> tuple[Vector, Vector]:
    """f²/2 and the rest of log(1 + f) = f − f²/2 + rest."""
    s = f / (f + 2.0)
    half, z = (0.5 * f) * f, s * s
    return half, s * m.fma(z, m.polynomial(z, LOG), half)


def log(m: Lines, x: Vector) -> Vector:
    k, mantissa = m.exponent_and_mantissa(x)
    return log_of(m, k, mantissa - 1.0)


def log1p(m: Lines, x: Vector) -> Vector:
    return m.copysign(log1p_of(m, x), x)


def log1p_of(m: Lines, high: Vector, low: Operand = 0.0, far: Vector | None = None, x: Operand = 0.0) -> Vector:
    """log(1 + high + low) by the logarithm of the float next to 1 + high, with the rest added to f; far out log 2x."""
    u = high + 1.0
    t = u - 1.0
    rest = (1.0 - (u - t)) + (high - t)
    if isinstance(low, Vector):
        rest = rest + low
    k, mantissa = m.exponent_and_mantissa(u if far is None else m.where(far, x, u))
    f = (mantissa - 1.0) + m.where(m.abs(k) < 60.0, rest * m.power_of_two(-k), 0.0)
    return log_of(m, k if far is None else m.where(far, k + 1.0, k), f)


def log2(m: Lines, x: Vector) -> Vector:
    k, mantissa = m.exponent_and_mantissa(x)
    high, low = _split(m, mantissa - 1.0)
    return m.fma(high, LOG2_E[0], k) + m.fma(high, LOG2_E[1], low * LOG2_E[0])


def log10(m: Lines, x: Vector) -> Vector:
    """With every rounding error, so that powers of ten come out whole."""
    k, mantissa = m.exponent_and_mantissa(x)
    high, low = _split(m, mantissa - 1.0)
    whole = k * LOG10_2[0]
    total = m.fma(high, LOG10_E[0], whole)
    error = m.fma(high, LOG10_E[0], whole - total)
    rest = m.fma(high, LOG10_E[1], m.fma(k, LOG10_2[1], low * LOG10_E[0]))
    return total + (rest + m.where(error.equals(error), error, 0.0))


def _split(m: Lines, f: Vector) -> tuple[Vector, Vector]:
    """log(1 + f) as the sum of two floats."""
    half, product = log_parts(m, f)
    high = f - half
    return high, ((f - high) - half) + (product - m.fma(0.5 * f, f, -half))
