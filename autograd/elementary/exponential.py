"""exp and its kin: x = n·ln 2 + r with |r| ≤ ½ ln 2, and 2ⁿ times a polynomial in r.

1 + r + r²·p(r) is rounded three times: r, what is added to 1, and the sum. That is 1.1 ulp at most. Where 1 is subtracted
again, r's own rounding error is taken along.
"""

from __future__ import annotations

from autograd.elementary.arithmetic import Lines, Vector
from autograd.elementary.coefficients import COSH, EXP, EXP2, LN2, LOG2_E, SINH


def reduced(m: Lines, x: Vector) -> tuple[Vector, Vector, Vector]:
    """n, r and the rounding error of r, with x = n·ln 2 + r."""
    n = m.nearest(x, LOG2_E[0])
    first = m.fma(n, -LN2[0], x)
    r = m.fma(n, -LN2[1], first)
    return n, r, m.fma(n, -LN2[1], first - r)


def exp(m: Lines, x: Vector) -> Vector:
    x = m.inside(x, -746.0, 710.0)
    n = m.nearest(x, LOG2_E[0])
    r = m.remainder(m.fma(n, -LN2[1], m.fma(n, -LN2[0], x)))
    return m.scaled(1.0 + m.fma(r * r, m.polynomial(r, EXP), r), n)


def exp2(m: Lines, x: Vector) -> Vector:
    x = m.inside(x, -1080.0, 1030.0)
    n = m.nearest(x)
    r = m.remainder(x - n)
    return m.scaled(1.0 + m.fma(r, LN2[0], (r * r) * m.polynomial(r, EXP2)), n)


def half_expm1(m: Lines, x: Vector) -> tuple[Vector, Vector]:
    """½·(eˣ − 1) as a sum; x is at most 1024·ln 2, and half of the power of two a float there."""
    n, r, error = reduced(m, x)
    half = m.power_of_two(n - 1.0)
    return m.fma(half, r, half - 0.5), half * m.fma(r * r, m.polynomial(r, EXP), error)


def expm1(m: Lines, x: Vector) -> Vector:
    high, low = half_expm1(m, m.at_most(m.at_least(x, -40.0), 710.0))
    half = high + low
    return m.where(m.abs(x) < 2.0**-54, x, half + half)


def tanh(m: Lines, x: Vector) -> Vector:
    """h/(h + 1) with h = ½·(e²ˣ − 1), with the rounding errors of both and of the quotient."""
    a = m.at_most(m.abs(x), 20.0)
    high, low = half_expm1(m, a + a)
    h = high + low
    h_low, below = (high - h) + low, h + 1.0
    return m.copysign(m.quotient(h, h_low, below, (h - (below - 1.0)) + h_low), x)


def sinh_parts(m: Lines, a: Vector) -> tuple[Vector, Vector, Vector, Vector, Vector]:
    """What sinh and cosh of n·ln 2 + r are made of: r, sinh r − r, cosh r − 1, and the quarters of 2ⁿ + 2⁻ⁿ and 2ⁿ − 2⁻ⁿ."""
    n, r, error = reduced(m, m.at_most(a, 710.5))
    z = r * r
    up = m.power_of_two(n - 2.0)
    down = m.reciprocal_of_power(up) * 0.0625
    return r, m.fma(r * z, m.polynomial(z, SINH), error), z * m.polynomial(z, COSH), up + down, up - down


def sinh(m: Lines, x: Vector) -> Vector:
    """sinh r·cosh(n·ln 2) + cosh r·sinh(n·ln 2)."""
    a = m.abs(x)
    r, s, c, plus, minus = sinh_parts(m, a)
    half = m.fma(plus, r, minus) + m.fma(plus, s, minus * c)
    return m.where(a < 2.0**-28, x, m.copysign(half + half, x))


def cosh(m: Lines, x: Vector) -> Vector:
    """cosh r·cosh(n·ln 2) + sinh r·sinh(n·ln 2)."""
    r, s, c, plus, minus = sinh_parts(m, m.abs(x))
    half = m.fma(minus, r, plus) + m.fma(minus, s, plus * c)
    return half + half
