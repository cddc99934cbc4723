"""sin, cos and tan: |x| = n·π/2 + r with |r| ≤ π/4, a polynomial in r for each, and the quadrant says which and what sign.

π/2 is a sum of three floats, the second of 30 bits, so that with n below 2²² the first two products are subtracted without
an error but the rounding of r, which is kept. Angles beyond that, of which there are few, go to C's library.
"""

from __future__ import annotations

from autograd.elementary.arithmetic import Lines, Vector
from autograd.elementary.coefficients import COS, HALF_PI, SIN, TWO_OVER_PI

LARGEST = 2.0**22


def reduced(m: Lines, x: Vector) -> tuple[Vector, Vector, Vector]:
    """The quadrant's number in the last bits of an integer, r, and what r lacks."""
    a = m.abs(x)
    n = m.nearest(a, TWO_OVER_PI)
    first = m.fma(n, -HALF_PI[0], a)
    r = m.fma(n, -HALF_PI[1], first)
    return m.whole(n), r, m.fma(n, -HALF_PI[2], m.fma(n, -HALF_PI[1], first - r))


def sine_rest(m: Lines, r: Vector, low: Vector) -> Vector:
    """sin(r + low) − r."""
    z = r * r
    return m.fma(r * z, m.polynomial(z, SIN), low)


def cosine_rest(m: Lines, r: Vector, low: Vector) -> Vector:
    """cos(r + low) − 1."""
    z = r * r
    return m.fma(z, m.fma(z, m.polynomial(z, COS), -0.5), -(r * low))


def sin(m: Lines, x: Vector) -> Vector:
    quadrant, r, low = reduced(m, x)
    y = m.where(m.is_odd(quadrant), 1.0 + cosine_rest(m, r, low), r + sine_rest(m, r, low))
    y = m.signed(y, (quadrant << 62) ^ x.bits)
    return m.rarely(m.abs(x) > LARGEST, "sin", x, y)


def cos(m: Lines, x: Vector) -> Vector:
    quadrant, r, low = reduced(m, x)
    y = m.where(m.is_odd(quadrant), r + sine_rest(m, r, low), 1.0 + cosine_rest(m, r, low))
    y = m.signed(y, (quadrant + 1) << 62)
    return m.rarely(m.abs(x) > LARGEST, "cos", x, y)


def tan(m: Lines, x: Vector) -> Vector:
    """sin over cos, or −cos over sin, with the rounding errors of both and of the quotient."""
    quadrant, r, low = reduced(m, x)
    odd, sine, cosine = m.is_odd(quadrant), sine_rest(m, r, low), cosine_rest(m, r, low)
    s, c = r + sine, 1.0 + cosine
    s_low, c_low = sine - (s - r), cosine - (c - 1.0)
    above, below = m.where(odd, c, s), m.where(odd, s, c)
    y = m.quotient(above, m.where(odd, c_low, s_low), below, m.where(odd, s_low, c_low))
    return m.rarely(m.abs(x) > LARGEST, "tan", x, m.signed(y, (quadrant << 63) ^ x.bits))
