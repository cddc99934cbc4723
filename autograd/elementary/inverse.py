"""asin, acos, atan and atan2: an odd polynomial near 0, and angles measured from where the function is steep."""

from __future__ import annotations

from autograd.elementary.arithmetic import Lines, Vector
from autograd.elementary.coefficients import ASIN, ATAN, HALF_PI, PI


def atan(m: Lines, x: Vector) -> Vector:
    """Beyond 1 as π/2 − atan(1/|x|)."""
    a = m.abs(x)
    far = a > 1.0
    t = m.where(far, 1.0 / a, a)
    rest = _rest(m, t)
    return m.copysign(m.where(far, HALF_PI[0] - (t + (rest - HALF_PI[1])), t + rest), x)


def _rest(m: Lines, t: Vector) -> Vector:
    """atan t − t for 0 ≤ t ≤ 1."""
    z = t * t
    return (t * z) * m.polynomial(z, ATAN)


def atan2(m: Lines, y: Vector, x: Vector) -> Vector:
    """atan of the smaller of |x| and |y| over the larger, turned into its octant: about ±π/2 where |y| is larger."""
    a, b = m.abs(y), m.abs(x)
    steep = a > b
    above, below = m.where(steep, b, a), m.where(steep, a, b)
    t = m.where(a.equals(b), m.where(a > 0.0, 1.0, 0.0), above / below)
    rest, back = _rest(m, t), m.is_negative(x)
    flat = t + rest
    flat = m.where(back, PI[0] - (flat - PI[1]), flat)
    side = m.where(back, -1.0, 1.0)
    angle = m.where(steep, HALF_PI[0] - (t * side + (rest * side - HALF_PI[1])), flat)
    return m.copysign(angle, y)


def asin(m: Lines, x: Vector) -> Vector:
    """Beyond ½ as π/2 − 2·asin √((1 − |x|)/2)."""
    a, far, s, rest = _arc(m, x)
    return m.copysign(m.where(far, HALF_PI[0] - (2.0 * s + (2.0 * rest - HALF_PI[1])), a + rest), x)


def acos(m: Lines, x: Vector) -> Vector:
    """π/2 − asin x; beyond ½ as 2·asin √((1 − x)/2), left of −½ as π less that."""
    _, far, s, rest = _arc(m, x)
    angle = 2.0 * (s + rest)
    beyond = m.where(x < 0.0, PI[0] - (angle - PI[1]), angle)
    return m.where(far, beyond, HALF_PI[0] - (x + (m.copysign(rest, x) - HALF_PI[1])))


def _arc(m: Lines, x: Vector) -> tuple[Vector, Vector, Vector, Vector]:
    """|x|, whether it is beyond ½, the s whose asin is computed, and asin s − s."""
    a = m.abs(x)
    far = a > 0.5
    z = m.where(far, 0.5 - 0.5 * a, a * a)
    s = m.where(far, m.sqrt(z), a)
    return a, far, s, (s * z) * m.polynomial(z, ASIN)
