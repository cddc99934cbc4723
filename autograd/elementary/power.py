"""pow, hypot and cbrt.

xʸ is exp(y·log |x|): an exponent near 745 has ten bits before the point, so the logarithm is computed as the sum of two
floats, to 66 bits. What C99 says of zeros, infinities and negative bases is chosen at the end.
"""

from __future__ import annotations

from autograd.elementary.arithmetic import Lines, Vector
from autograd.elementary.coefficients import CBRT, CBRT_2, EXP, LN2, LN2_SHORT, LOG2_E, LOG_FAR, TWO_THIRDS

INF = float("inf")


def pow(m: Lines, x: Vector, y: Vector) -> Vector:
    a = m.abs(x)
    high, low = _logarithm(m, a)
    p = y * high
    p_low = m.where(m.abs(p) < 800.0, m.fma(y, low, m.fma(y, high, -p)), 0.0)
    p = m.at_most(m.at_least(p, -800.0), 800.0)
    n = m.nearest(p, LOG2_E[0])
    r = m.fma(n, -LN2[0], p) + m.fma(n, -LN2[1], p_low)
    size = m.scaled(1.0 + m.fma(r * r, m.polynomial(r, EXP), r), n)
    return _of_any_base(m, x, a, y, size)


def _logarithm(m: Lines, x: Vector) -> tuple[Vector, Vector]:
    """log x as a sum: k·ln 2 + 2s + s·w with s = f/(2 + f), w = s²·⅔ + s⁴·q(s²)."""
    k, mantissa = m.exponent_and_mantissa(x)
    f = mantissa - 1.0
    below = f + 2.0
    inverse = 1.0 / below
    s = f * inverse
    s_low = m.fma(-s, f - (below - 2.0), m.fma(-s, below, f)) * inverse
    z = s * s
    z_low = m.fma(s + s, s_low, m.fma(s, s, -z))
    first, later = z * TWO_THIRDS[0], (z * z) * m.polynomial(z, LOG_FAR)
    w = first + later
    w_low = ((first - w) + later) + m.fma(z, TWO_THIRDS[1], m.fma(z_low, TWO_THIRDS[0], m.fma(z, TWO_THIRDS[0], -first)))
    b = s * w
    b_low = m.fma(s, w, -b) + m.fma(s, w_low, s_low * w)
    whole, twice = k * LN2_SHORT[0], s + s
    ab = whole + twice
    total = ab + b
    low = (((whole - ab) + twice) + ((ab - total) + b)) + (m.fma(k, LN2_SHORT[1], s_low + s_low) + b_low)
    return total, low


def _of_any_base(m: Lines, x: Vector, a: Vector, y: Vector, size: Vector) -> Vector:
    """|x|ʸ with its sign, nan for a negative base to a fraction, 1 for 1ʸ, x⁰ and (−1)^±inf."""
    half = 0.5 * y
    whole, even = m.rounded(y).equals(y), m.rounded(half).equals(half)
    negative = m.is_negative(x)
    result = m.where(negative & whole & ~even, -size, size)
    result = m.where((x < 0.0) & (x > -INF) & ~whole, float("nan"), result)
    one = x.equals(1.0) | y.equals(0.0) | (a.equals(1.0) & m.abs(y).equals(INF))
    return m.where(one, 1.0, result)


def hypot(m: Lines, x: Vector, y: Vector) -> Vector:
    """√(x² + y²), scaled by a power of two where the larger square would over- or underflow; inf wins over nan."""
    a, b = m.abs(x), m.abs(y)
    largest = m.where(a < b, b, a)
    huge, tiny = largest > 2.0**500, largest < 2.0**-450
    scale = m.where(huge, 2.0**-600, m.where(tiny, 2.0**600, 1.0))
    back = m.where(huge, 2.0**600, m.where(tiny, 2.0**-600, 1.0))
    a_scaled, b_scaled = a * scale, b * scale
    length = m.sqrt(m.fma(a_scaled, a_scaled, b_scaled * b_scaled)) * back
    return m.where(a.equals(INF) | b.equals(INF), INF, length)


def cbrt(m: Lines, x: Vector) -> Vector:
    """∛(2ʳ·m)·2^q with k = 3q + r: a polynomial to 20 bits, then Halley's step, which has three times as many."""
    a = m.abs(x)
    k, mantissa = m.exponent_and_mantissa(a)
    q = m.nearest(k, 1.0 / 3.0)
    r = m.fma(q, -3.0, k)
    up, down = r > 0.5, r < -0.5
    v = mantissa * m.where(up, 2.0, m.where(down, 0.5, 1.0))
    t = m.polynomial(mantissa, CBRT) * m.where(up, CBRT_2, m.where(down, 1.0 / CBRT_2, 1.0))
    square = t * t
    root = t + (t * m.fma(-square, t, v)) / m.fma(square + square, t, v)
    ordinary = (a > 0.0) & (a < INF)
    return m.where(ordinary, m.copysign(root * m.power_of_two(q), x), x)
