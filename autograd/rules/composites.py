"""The formulas of the rule table that are longer than a line.

Each is written once against ``m``, a namespace with a function for every operation (see
``autograd.rules.table``), so that it holds for floats, for ``Value``s and for whole vectors of lanes. None of them
branches with ``if``; they choose with ``m.where``.

>>> from autograd.rules.table import FLOATS
>>> sigmoid(FLOATS, -710.0), sech(FLOATS, 20.0)
(4.47628622567513e-309, 4.122307244877116e-09)
"""

import math
from typing import Any

INF, NAN = math.inf, math.nan
LN2 = math.log(2.0)
TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
ONE_OVER_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)
# 1/√2 as the nearest float, and what that leaves out.
SQRT_HALF, SQRT_HALF_REST = 0.7071067811865476, -4.833646656726457e-17
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
SPLIT = 134217729.0  # 2²⁷ + 1: cuts a float into two halves of 26 bits (Dekker 1971)

# -- words -----------------------------------------------------------------------------------------


def by_sign(m: Any, x: Any, negative: Any, zero: Any, positive: Any) -> Any:
    """One of three by the sign of x, nan where x is nan."""
    return m.where(x > 0, positive, m.where(x < 0, negative, m.where(x == 0, zero, NAN)))


def kink(m: Any, left: Any, right: Any) -> Any:
    """The number of least magnitude between two slopes: the minimum-norm sub- or supergradient."""
    return m.maximum(m.minimum(left, right), m.minimum(0.0, m.maximum(left, right)))


def inside(m: Any, domain: Any, slope: Any) -> Any:
    """The slope within the domain, nan outside, and so its own slope there."""
    return m.where(domain, slope, NAN * slope)


def flat(m: Any, x: Any) -> Any:
    """The derivative of a step: 0, and nan where x is nan."""
    return m.where(x == x, 0.0, NAN)


def finite(m: Any, x: Any) -> Any:
    """x, with ±inf drawn in to ±1e300, where a factor that has underflowed makes the product 0."""
    return m.where(x > 1e300, 1e300, m.where(x < -1e300, -1e300, x))


def dying_left(m: Any, x: Any, end: float, y: Any) -> Any:
    """y, the given zero at −inf."""
    return m.where(x == -INF, end, y)


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """a·b as a float and exactly what rounding left out (Dekker 1971); for |a|, |b| below 1e140."""
    a_high, b_high = SPLIT * a - (SPLIT * a - a), SPLIT * b - (SPLIT * b - b)
    a_low, b_low, product = a - a_high, b - b_high, a * b
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def difference(a: Any, b: Any) -> tuple[Any, Any]:
    """a − b as a float and exactly what rounding left out (Knuth 1969); that is nan where a − b is infinite."""
    d = a - b
    back = a - d
    return d, (a - (d + back)) + (back - b)


def quotient(m: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """a/b as a float and what rounding left out, by an exact remainder; rounded to 110 bits, for it has no slope."""
    s = m.where(m.abs(b) < 1e-300, 2.0**64, 1.0)  # where 1/b may be infinite
    a, b, q = s * a, s * b, m.div(s * a, s * b)
    rest = (m.trunc_quotient(a, b) - q) + m.div(m.fmod(a, b), b)
    return q, m.where(m.abs(rest) < 1e-9, 2.0**-110 * m.round(2.0**110 * rest), 0.0)


def scaled_length(m: Any, *xs: Any) -> tuple[Any, Any, Any]:
    """A power of two t, s = t², and hypot(s·xs), which has all its digits and room to be divided by."""
    h = m.hypot(*xs)
    t = m.where(h > 1e100, 2.0**-200, m.where(h < 1e-100, 2.0**200, 1.0))
    s = t * t
    return t, s, m.hypot(*(s * x for x in xs))


# -- values ------------------------------------------------------------------------------------------


def gaussian(m: Any, k: Any, x: Any) -> Any:
    """exp(−k·x²), k a power of two; the rounding of x² is made good to first order."""
    near = m.minimum(m.abs(x), 1e3)
    square, rest = two_product(near, near)
    return m.exp(-k * square) * (1.0 - k * rest)


def norm_cdf(m: Any, x: Any) -> Any:
    """½ erfc(−x/√2); the rounding of x/√2 is made good by erfc's own slope."""
    near = m.maximum(m.minimum(x, 60.0), -60.0)
    z, rest = two_product(-SQRT_HALF, near)
    return 0.5 * (m.erfc(z) - TWO_OVER_SQRT_PI * m.gaussian(1.0, z) * (rest - SQRT_HALF_REST * near))


def logaddexp(m: Any, a: Any, b: Any) -> Any:
    """log(eᵃ + eᵇ) from the larger one, the rounding of a − b made good; equal infinities are themselves."""
    top = m.maximum(a, b)
    d, rest = difference(m.minimum(a, b), top)
    return m.where(a == b, a + LN2, top + m.log1p(m.exp(d) * (1.0 + m.where(rest == rest, rest, 0.0))))


def xlogy(m: Any, x: Any, y: Any) -> Any:
    """x·log y, 0 where x is 0."""
    return m.where(x == 0.0, flat(m, y), x * m.log(y))


def sech(m: Any, x: Any) -> Any:
    """1/cosh x from exp(−|x|): its square keeps the digits of 1 − tanh²."""
    e = m.exp(-m.abs(x))
    return m.div(2.0 * e, 1.0 + e * e)


def sigmoid(m: Any, x: Any) -> Any:
    """1/(1 + e⁻ˣ) from exp(−|x|)."""
    e = m.exp(-m.abs(x))
    return m.div(m.where(x > 0.0, 1.0, e), 1.0 + e)


def softplus(m: Any, x: Any) -> Any:
    """log(1 + eˣ) from exp(−|x|)."""
    return m.maximum(x, 0.0) + m.log1p(m.exp(-m.abs(x)))


def softsign(m: Any, x: Any) -> Any:
    """x/(1 + |x|), by 1/|x| where that is below 1."""
    size = m.abs(x)
    return m.where(size > 1.0, m.div(m.sign(x), 1.0 + m.div(1.0, size)), m.div(x, 1.0 + size))


def clip(m: Any, x: Any, low: Any, high: Any) -> Any:
    return m.minimum(m.maximum(x, low), high)


def leaky_relu(m: Any, x: Any, a: Any) -> Any:
    return m.where(x > 0.0, x, a * x)


def elu(m: Any, x: Any, a: Any) -> Any:
    return m.where(x > 0.0, x, a * m.expm1(x))


def selu(m: Any, x: Any) -> Any:
    return SELU_SCALE * elu(m, x, SELU_ALPHA)


def celu(m: Any, x: Any, a: Any) -> Any:
    """x, or to the left a·expm1(r) = a·h·(h + 2), r = x/a and h = expm1(r/2), which is x again for the smallest r."""
    r, rest = quotient(m, x, a)
    half = m.expm1(0.5 * r)
    left = a * half * (half + 2.0) * (1.0 + m.where(r > 0.0, rest, 0.0))
    return m.where(x >= 0.0, x, m.where(m.abs(r) < 1e-20, x, left))


def silu(m: Any, x: Any) -> Any:
    """x·σ(x); to the left as (x·h)·h/(1 + h²), h = exp(x/2), for σ underflows before x·σ does."""
    h = m.exp(0.5 * x)
    return dying_left(m, x, -0.0, m.where(x > 0.0, x * m.sigmoid(x), m.div(x * h * h, 1.0 + h * h)))


def gelu(m: Any, x: Any) -> Any:
    """x·Φ(x); far to the left −φ(x)·(1 − 1/x² + 3/x⁴ − …), for Φ underflows before φ does."""
    r = m.square(m.div(1.0, x))
    series = 1.0 - r * (1.0 - r * (3.0 - r * (15.0 - r * (105.0 - r * (945.0 - r * 10395.0)))))
    return m.where(x < -37.0, -m.norm_pdf(x) * series, x * m.norm_cdf(x))


def mish(m: Any, x: Any) -> Any:
    """x·tanh(softplus(x)) = x·n/(n + 2), n = eˣ(eˣ + 2); to the left with eˣ = h·h as in ``silu``."""
    h, e = m.exp(0.5 * x), m.exp(m.minimum(x, 0.0))
    left = m.div(x * h * (e + 2.0) * h, e * (e + 2.0) + 2.0)
    return dying_left(m, x, -0.0, m.where(x > 0.0, x * m.tanh(m.softplus(x)), left))


def hard_tanh(m: Any, x: Any) -> Any:
    return clip(m, x, -1.0, 1.0)


def hard_sigmoid(m: Any, x: Any) -> Any:
    return clip(m, m.div(x + 3.0, 6.0), 0.0, 1.0)


def norm_pdf(m: Any, x: Any) -> Any:
    return ONE_OVER_SQRT_2PI * m.gaussian(0.5, x)
