"""erf and erfc.

erf x = 1 − e⁻ᵍ with g = −log erfc |x|, for g/|x| is smooth and 1 − e⁻ᵍ is expm1's: no digit is lost at either end.

erfc x is e^(−x²) times a polynomial in t = (a − 3)/(a + 3) over 2a + 1, with a = |x|; x² is taken with its rounding error.
Below 0.8 it is
1 − x − (erf x − x).
"""

from __future__ import annotations

from autograd.elementary.arithmetic import Lines, Vector
from autograd.elementary.coefficients import ERF, ERF_NEAR, ERFC, EXP, LN2, LOG2_E
from autograd.elementary.exponential import half_expm1


def erf(m: Lines, x: Vector) -> Vector:
    a = m.at_most(m.abs(x), 6.0)
    g = m.fma(a, m.polynomial(a, ERF), a)
    high, low = half_expm1(m, -g)
    half = high + low
    return m.copysign(half + half, x)


def erfc(m: Lines, x: Vector) -> Vector:
    a = m.at_most(m.abs(x), 28.0)
    z = a * a
    near = m.fma(-x, m.polynomial(z, ERF_NEAR), 1.0 - x)
    tail = _tail(m, a, z)
    far = m.where(x < 0.0, 2.0 - tail, tail)
    return m.where(a < 0.8, near, far)


def _tail(m: Lines, a: Vector, z: Vector) -> Vector:
    """erfc a, where a is at least 0.8: y + y·r + y·r²·p(r) + what y lacks, times 2ⁿ."""
    n = m.nearest(z, -LOG2_E[0])
    first, small = m.fma(n, -LN2[0], -z), m.fma(n, LN2[1], m.fma(a, a, -z))
    r = first - small
    bent = m.fma(r * r, m.polynomial(r, EXP), (first - r) - small)
    three, below = a + 3.0, a + a + 1.0
    inverse = 1.0 / (three * below)
    t = (a - 3.0) * (below * inverse)
    steepness = m.polynomial(t, ERFC[1:])
    p = m.fma(t, steepness, ERFC[0])  # by far the largest: with its rounding error
    one_over = three * inverse
    y = p * one_over
    low = m.fma(-y, (a + a) - (below - 1.0), m.fma(t, steepness, ERFC[0] - p))
    rest = (m.fma(-y, below, p) + low) * one_over
    return m.scaled(y + m.fma(y, r, m.fma(y, bent, m.fma(rest, r + bent, rest))), n)
