"""The values of the rule table that are formulas longer than a line, and the exact arithmetic they are made good by.

Each is written once against ``m``, a namespace with a function for every operation (see
``autograd.rules.operations``), so that it holds for floats, for ``Value``s and for whole vectors of lanes. None of
them branches with ``if``; they choose with ``m.where``.

>>> from autograd.rules.table import FLOATS
>>> sigmoid(FLOATS, -710.0), sech(FLOATS, 20.0)
(4.47628622567513e-309, 4.122307244877116e-09)
"""

import math

from autograd.rules.ieee import INF
from autograd.rules.kinks import by_sign, limit_at_minus_inf, zero_unless_nan
from autograd.rules.operations import N, Operand, Operations

LN2, LN2_LOW = 0.6931471805599453, 2.3190468138462996e-17  # log 2 as the sum of two floats
TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
ONE_OVER_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)
SQRT_HALF, SQRT_HALF_LOW = 0.7071067811865476, -4.833646656726457e-17  # 1/√2 as the sum of two floats
GELU_TANH, GELU_TANH_LOW = 1.5957691216057308, -9.96930880911092e-17  # 2·√(2/π) as the sum of two floats
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


class Splitter(float):
    """A constant whose products are to be rounded: a compiler must not fuse them with a sum."""

    __slots__ = ()


GELU_TANH_CUBE, GELU_TANH_CUBE_LOW = Splitter(0.07135481627260025), -6.175149918155315e-19  # 0.044715 of it, likewise
SPLIT = Splitter(2.0**27 + 1.0)  # cuts a float into two halves of 26 bits (Dekker 1971)

# -- exact arithmetic --------------------------------------------------------------------------------


def two_product(a: Operand[N], b: N) -> tuple[N, N]:
    """a·b as a float and its rounding error, exactly (Dekker 1971); for |a|, |b| below 1e140."""
    a_high, b_high = SPLIT * a - (SPLIT * a - a), SPLIT * b - (SPLIT * b - b)
    a_low, b_low, product = a - a_high, b - b_high, a * b
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def two_diff(a: N, b: Operand[N]) -> tuple[N, N]:
    """a − b as a float and its rounding error, exactly (Knuth 1969); the error is nan where a − b is infinite."""
    d = a - b
    back = a - d
    return d, (a - (d + back)) + (back - b)


def quotient(m: Operations[N], a: N, b: N) -> tuple[N, N]:
    """a/b as a float and its rounding error, by an exact remainder.

    The error is rounded to 110 bits so that its derivative is 0: it is a correction, not a variable.
    """
    s = m.where(m.abs(b) < 1e-300, 2.0**64, 1.0)  # where 1/b may be infinite
    a, b, q = s * a, s * b, m.div(s * a, s * b)
    error = (m.trunc_quotient(a, b) - q) + m.div(m.fmod(a, b), b)
    return q, m.where(m.abs(error) < 1e-9, 2.0**-110 * m.round(2.0**110 * error), 0.0)


def scaled_length(m: Operations[N], *xs: N) -> tuple[N, N, N]:
    """A power of two t, s = t², and hypot(s·xs), which is far from the ends of the range: one may divide by it twice."""
    h = m.hypot(*xs)
    t = m.where(h > 1e100, 2.0**-200, m.where(h < 1e-100, 2.0**200, 1.0))
    s = t * t
    return t, s, m.hypot(*(s * x for x in xs))


# -- values ------------------------------------------------------------------------------------------


def gaussian(m: Operations[N], k: Operand[N], x: N) -> N:
    """exp(−k·x²), k a power of two, corrected to first order for the rounding error of x²."""
    near = m.minimum(m.abs(x), 1e3)
    square, error = two_product(near, near)
    return m.exp(-k * square) * (1.0 - k * error)


def norm_cdf(m: Operations[N], x: N) -> N:
    """½ erfc(−x/√2), corrected to first order for the rounding error of x/√2."""
    near = m.maximum(m.minimum(x, 60.0), -60.0)
    z, error = two_product(-SQRT_HALF, near)
    return 0.5 * (m.erfc(z) - TWO_OVER_SQRT_PI * m.gaussian(1.0, z) * (error - SQRT_HALF_LOW * near))


def logaddexp(m: Operations[N], a: N, b: N) -> N:
    """log(eᵃ + eᵇ) from the larger one, corrected for the rounding error of a − b; of equal infinities that infinity."""
    top = m.maximum(a, b)
    d, error = two_diff(m.minimum(a, b), top)
    return m.where(a == b, a + LN2, top + m.log1p(m.exp(d) * (1.0 + m.where(error == error, error, 0.0))))


def xlogy(m: Operations[N], x: N, y: N) -> N:
    """x·log y, 0 where x is 0."""
    return m.where(x == 0.0, zero_unless_nan(m, y), x * m.log(y))


def xlog1py(m: Operations[N], x: N, y: N) -> N:
    """x·log(1 + y), 0 where x is 0."""
    return m.where(x == 0.0, zero_unless_nan(m, y), x * m.log1p(y))


def logaddexp2(m: Operations[N], a: N, b: N) -> N:
    """log₂(2ᵃ + 2ᵇ) from the larger one, as ``logaddexp``."""
    top = m.maximum(a, b)
    d, error = two_diff(m.minimum(a, b), top)
    power = m.exp2(d) * (1.0 + LN2 * m.where(error == error, error, 0.0))
    return m.where(a == b, a + 1.0, top + m.div(m.log1p(power), LN2))


def logit(m: Operations[N], p: N) -> N:
    """log(p/(1 − p)), about ½, where that is 0, from 2p − 1."""
    rest = 1.0 - p
    return m.where(m.abs(p - 0.5) < 0.25, m.log1p(m.div(2.0 * p - 1.0, rest)), m.log(m.div(p, rest)))


def log1mexp(m: Operations[N], x: N) -> N:
    """log(1 − e⁻ˣ), by expm1 up to log 2 and by log1p beyond (Mächler 2012)."""
    return m.where(x < LN2, m.log(-m.expm1(-x)), m.log1p(-m.exp(-x)))


def entr(m: Operations[N], x: N) -> N:
    """−x·log x, 0 at 0 and −∞ below: as a concave function on all numbers."""
    return by_sign(m, x, -INF, 0.0, -x * m.log(x))


def sech(m: Operations[N], x: N) -> N:
    """1/cosh x from exp(−|x|): its square keeps the digits of 1 − tanh²."""
    e = m.exp(-m.abs(x))
    return m.div(2.0 * e, 1.0 + e * e)


def sigmoid(m: Operations[N], x: N) -> N:
    """1/(1 + e⁻ˣ) from exp(−|x|)."""
    e = m.exp(-m.abs(x))
    return m.div(m.where(x > 0.0, 1.0, e), 1.0 + e)


def softplus(m: Operations[N], x: N) -> N:
    """log(1 + eˣ) from exp(−|x|)."""
    return m.maximum(x, 0.0) + m.log1p(m.exp(-m.abs(x)))


def scaled_softplus(m: Operations[N], x: N, b: N) -> N:
    """log(1 + exp(b·x))/b, corrected to first order for the rounding error of b·x; far left exp(b·x)/b as two factors."""
    p, error = scaled(m, x, b)
    h = m.exp(0.5 * p)
    return m.where(p < -40.0, m.div(h, b) * h * (1.0 + error), m.div(m.softplus(p) + m.sigmoid(p) * error, b))


def scaled(m: Operations[N], x: N, b: N) -> tuple[N, N]:
    """b·x and its rounding error, 0 where that isn't known."""
    p, error = two_product(b, x)
    return p, m.where(error == error, error, 0.0)


def softsign(m: Operations[N], x: N) -> N:
    """x/(1 + |x|), by 1/|x| where that is below 1."""
    size = m.abs(x)
    return m.where(size > 1.0, m.div(m.sign(x), 1.0 + m.div(1.0, size)), m.div(x, 1.0 + size))


def clip(m: Operations[N], x: N, low: Operand[N], high: Operand[N]) -> N:
    return m.minimum(m.maximum(x, low), high)


def leaky_relu(m: Operations[N], x: N, a: N) -> N:
    return m.where(x > 0.0, x, a * x)


def elu(m: Operations[N], x: N, a: Operand[N]) -> N:
    return m.where(x > 0.0, x, a * m.expm1(x))


def selu(m: Operations[N], x: N) -> N:
    return SELU_SCALE * elu(m, x, SELU_ALPHA)


def celu(m: Operations[N], x: N, a: N) -> N:
    """x, or left of 0 a·expm1(r) with r = x/a, as a·h·(h + 2) with h = expm1(r/2); for tiny r that is x again."""
    r, error = quotient(m, x, a)
    half = m.expm1(0.5 * r)
    left = a * half * (half + 2.0) * (1.0 + m.where(r > 0.0, error, 0.0))
    return m.where(x >= 0.0, x, m.where(m.abs(r) < 1e-20, x, left))


def silu(m: Operations[N], x: N) -> N:
    """x·σ(x); left of 0 as (x·h)·h/(1 + h²) with h = exp(x/2), for σ underflows before x·σ does."""
    h = m.exp(0.5 * x)
    return limit_at_minus_inf(m, x, -0.0, m.where(x > 0.0, x * m.sigmoid(x), m.div(x * h * h, 1.0 + h * h)))


def gelu(m: Operations[N], x: N) -> N:
    """x·Φ(x); far left of 0 as −φ(x)·(1 − 1/x² + 3/x⁴ − …), for Φ underflows before φ does."""
    r = m.square(m.div(1.0, x))
    series = 1.0 - r * (1.0 - r * (3.0 - r * (15.0 - r * (105.0 - r * (945.0 - r * 10395.0)))))
    return m.where(x < -37.0, -m.norm_pdf(x) * series, x * m.norm_cdf(x))


def gelu_tanh(m: Operations[N], x: N) -> N:
    """½x·(1 + tanh u) = x·σ(2u), u = √(2/π)·(x + 0.044715·x³); left of 0 with exp(u), as in ``silu``."""
    v, error = gelu_tanh_exponent(m, x)
    h = m.exp(0.5 * v)
    y = m.where(x > 0.0, x * m.sigmoid(v), m.div(x * h * h, 1.0 + h * h))
    return limit_at_minus_inf(m, x, -0.0, y * (1.0 + error * m.sigmoid(-v)))


def gelu_tanh_exponent(m: Operations[N], x: N) -> tuple[N, N]:
    """2u as a float and what it lacks."""
    near = m.maximum(m.minimum(x, 40.0), -40.0)
    square, square_low = two_product(near, near)
    cube, cube_low = two_product(GELU_TANH_CUBE, square)
    total, total_low = two_diff(cube, -GELU_TANH)
    low = (total_low + cube_low) + (GELU_TANH_CUBE * square_low + (GELU_TANH_LOW + GELU_TANH_CUBE_LOW * square))
    v, v_low = two_product(near, total)
    return v, v_low + near * low


def mish(m: Operations[N], x: N) -> N:
    """x·tanh(softplus(x)) = x·n/(n + 2) with n = eˣ(eˣ + 2); left of 0 with eˣ = h·h as in ``silu``."""
    h, e = m.exp(0.5 * x), m.exp(m.where(x > 0.0, 0.0, x))
    left = m.div(x * h * (e + 2.0) * h, e * (e + 2.0) + 2.0)
    return limit_at_minus_inf(m, x, -0.0, m.where(x > 0.0, x * m.tanh(m.softplus(x)), left))


def hard_tanh(m: Operations[N], x: N) -> N:
    return clip(m, x, -1.0, 1.0)


def hard_sigmoid(m: Operations[N], x: N) -> N:
    return clip(m, m.div(x + 3.0, 6.0), 0.0, 1.0)


def hard_swish(m: Operations[N], x: N) -> N:
    return limit_at_minus_inf(m, x, -0.0, x * hard_sigmoid(m, x))


def norm_pdf(m: Operations[N], x: N) -> N:
    return ONE_OVER_SQRT_2PI * m.gaussian(0.5, x)
