"""The formulas of the rule table that are longer than a line.

Each is written once against ``m``, a namespace with a function for every operation (see
``autograd.rules``), so that it holds for floats, for ``Value``s and for whole vectors of lanes. None of them
branches with ``if``; they choose with ``m.where``.

>>> from autograd.rules import FLOATS
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
TINY = 1e-290  # below it a float may have lost digits, or its half power hasn't
# The zeros of silu′, mish′ and gelu′, each as the nearest float and what that leaves out; e to the power of the first two.
SILU_ROOT, SILU_ROOT_REST, EXP_SILU_ROOT = -1.2784645427610737, -1.0946994183093437e-16, 0.2784645427610738
MISH_ROOT, MISH_ROOT_REST, EXP_MISH_ROOT = -1.1924312145154952, -4.8484829848031044e-17, 0.3034825352815289
GELU_ROOT, GELU_ROOT_REST = -0.7517915246935645, 1.4956759177009883e-17
# Taylor coefficients of gelu′ there, from that of x to that of x¹⁵.
GELU_SLOPE_AT_ROOT = (
    *(0.4314939923140469, 0.388284982990552, -0.018199676398671087, -0.1140082332972217, -0.014771522148244337),
    *(0.019421679838189067, 0.004539228379125415, -0.002239538068073497, -0.0007448268386746817, 0.00018633974623233514),
    *(8.615947861116571e-05, -1.121438018842664e-05, -7.74846130700372e-06, 4.3284506257392273e-07, 5.702764979242107e-07),
)
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


# -- local derivatives -------------------------------------------------------------------------------


def power_slope(m: Any, y: Any, x: Any, p: Any) -> Any:
    """p·xᵖ⁻¹, by half powers where the power is out of range; what rounding p − 1 leaves out comes back as a factor."""
    q, rest = difference(p, 1.0)
    size, power = m.abs(x), m.pow(x, q)
    half, strength, direct = m.pow(size, 0.5 * q), m.abs(power), p * power
    halves = p * half * m.where(m.copysign(1.0, power) < 0.0, -half, half)
    slope = m.where(strength < 1e-150, m.where(x == 0.0, direct, halves), m.where(strength == INF, halves, direct))
    shifted = slope * m.pow(size, rest)
    shifted = m.where(x < 0.0, inside(m, y == y, -shifted), shifted)  # p − 1 is odd then, or there is no power
    return m.where(rest * rest > 0.0, m.where(x + x == x, slope, shifted), slope)


def exponent_slope(m: Any, y: Any, x: Any, p: Any) -> Any:
    """xᵖ·log x, 0 at 0ᵖ and at inf⁻ᵖ; where the power over- or underflows, as two halves, which don't."""
    half = m.pow(x, 0.5 * p)
    halves = m.where(half == 0.0, inside(m, x > 0.0, m.copysign(half, x - 1.0)), m.xlogy(half, x) * half)
    slope = m.where(y < TINY, halves, m.where(y == INF, halves, m.xlogy(y, x)))
    return m.where(x == 0.0, m.where(p >= 0.0, 0.0, NAN), slope)


def exp2_slope(m: Any, y: Any, x: Any) -> Any:
    """2ˣ·log 2, which is finite a little longer than 2ˣ."""
    return m.where(y == INF, 4.0 * LN2 * m.exp2(x - 2.0), y * LN2)


def divisor_slope(m: Any, y: Any, a: Any, b: Any) -> Any:
    """−y/b; where the quotient y has underflowed and will grow again, −a/b²."""
    usual, square = m.div(y, b), b * b
    growing = m.where(square < 1.0, m.div(a, square + 5e-324), usual)  # if the square is 0, so is a
    return -m.where(m.abs(y) < TINY, growing, usual)


def logaddexp_slope(m: Any, a: Any, b: Any) -> Any:
    """σ(a − b), the rounding of a − b made good by σ's own slope."""
    d, rest = difference(a, b)
    return m.sigmoid(d) * (1.0 + m.where(rest == rest, rest, 0.0) * m.sigmoid(-d))


def base_slope(m: Any, y: Any, x: Any, p: Any) -> Any:
    """∂/∂x of xᵖ for a variable exponent: 0 at 0⁰."""
    slope = power_slope(m, y, x, p)
    return m.where(p == 0.0, m.where(x == 0.0, 0.0, slope), slope)


def atan2_slopes(m: Any, y: Any, x: Any) -> tuple[Any, Any]:
    """(x/h², −y/h²) by way of the unit vector, 0 at the origin."""
    _, s, h = scaled_length(m, y, x)
    by_y, by_x = (s * divisor_slope(m, u, s * z, h) for u, z in zip(m.directions(x, y), (x, y), strict=True))
    return m.where(h == 0.0, 0.0, -by_y), m.where(h == 0.0, 0.0, by_x)


def direction_slopes(m: Any, u: Any, x: Any, others: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of u = x/h: (1 − u²)/h without its cancellation, and −u·v/h for each other component v."""
    t, s, h = scaled_length(m, x, *others)
    vs, first = m.directions(*others, x)[:-1], t * divisor_slope(m, u, s * x, h)
    rest = [t * divisor_slope(m, v, s * z, h) for v, z in zip(vs, others, strict=True)]  # −v/h
    mixed = (m.where(m.abs(u) < m.abs(v), first * (t * v), (t * u) * r) for v, r in zip(vs, rest, strict=True))
    return -m.sum(*(t * v * r for v, r in zip(vs, rest, strict=True))), *mixed


def maximum_shares(m: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """Whose max(a, b) is: (1, 0), (0, 1), or halves of a tie; nan if either is."""
    left = m.where(a > b, 1.0, m.where(a < b, 0.0, m.where(a == b, 0.5, NAN)))
    return left, 1.0 - left


def copysign_slope(m: Any, a: Any, b: Any) -> Any:
    """±1, 0 at the kink a = 0."""
    return by_sign(m, a, -1.0, 0.0, 1.0) * m.copysign(1.0, b)


def leaky_relu_slopes(m: Any, x: Any, a: Any) -> tuple[Any, Any]:
    return by_sign(m, x, a, kink(m, a, 1.0), 1.0), m.where(x > 0.0, 0.0, x)


def elu_slopes(m: Any, x: Any, a: Any) -> tuple[Any, Any]:
    left = a * m.exp(0.5 * x) * m.exp(0.5 * x)  # for eˣ may underflow before a·eˣ does
    return by_sign(m, x, left, kink(m, a, 1.0), 1.0), m.where(x > 0.0, 0.0, m.expm1(x))


def selu_slope(m: Any, x: Any) -> Any:
    return by_sign(m, x, SELU_SCALE * SELU_ALPHA * m.exp(x), SELU_SCALE, SELU_SCALE)


def hard_sigmoid_slope(m: Any, x: Any) -> Any:
    return m.where(m.abs(x) < 3.0, 1.0 / 6.0, flat(m, x))


def clip_slopes(m: Any, y: Any, x: Any, low: Any, high: Any) -> tuple[Any, Any, Any]:
    """Each argument's slope; at a bound every one is at a kink, where 0 is least."""
    still = flat(m, y)
    through = m.where(x > low, m.where(x < high, 1.0, still), still)
    return through, m.where(x < low, m.where(low < high, 1.0, still), still), m.where(m.maximum(x, low) > high, 1.0, still)


def equal_shares(m: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
    """Of an extreme y of xs: all who reach it share alike; nan gives nan to all."""
    winners = [m.where(x == y, 1.0, 0.0) for x in xs]
    count = m.sum(*winners)
    return [m.div(winner, count) for winner in winners]


def products_of_others(m: Any, xs: tuple[Any, ...]) -> list[Any]:
    """For every x the product of all others; of very many from running products of both ends, which may overflow."""
    if len(xs) <= 32:
        return [m.prod(*(x for j, x in enumerate(xs) if j != i)) for i in range(len(xs))]
    before, after = [1.0], [1.0]
    for left, right in zip(xs, reversed(xs), strict=True):
        before.append(before[-1] * left)
        after.append(right * after[-1])
    return [b * a for b, a in zip(before[:-1], reversed(after[:-1]), strict=True)]


def logsumexp_slopes(m: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
    """The softmax; a single +inf takes all, several leave it undefined."""
    infinite = [m.where(x == INF, 1.0, 0.0) for x in xs]
    lone = m.sum(*infinite) == 1.0
    return [m.where(y == INF, m.where(lone, i, NAN), s) for i, s in zip(infinite, m.softmaxes(*xs), strict=True)]


def softmax_slopes(m: Any, y: Any, xs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of s₀: s₀·(1 − s₀) and −s₀·sⱼ."""
    _, *rest = m.softmaxes(*xs)
    return y * all_but(m, y, rest), *(s * (0.0 - y) for s in rest)


def log_softmax_slopes(m: Any, xs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of log s₀: 1 − s₀ and −sⱼ."""
    first, *rest = m.softmaxes(*xs)
    return all_but(m, first, rest), *(-s for s in rest)


def all_but(m: Any, first: Any, rest: list[Any]) -> Any:
    """1 − s₀ of numbers that sum to 1: the sum of the rest where the difference, or its derivative, would cancel."""
    return m.where(first > 0.5, m.sum(*rest), 1.0 - first)


def xlogy_slope(m: Any, x: Any, y: Any) -> Any:
    """x/y, 0 where x is 0."""
    elsewhere = m.where(x == 0.0, flat(m, y), inside(m, y >= 0.0, m.div(x, y + 0.0)))
    return m.where(y > 0.0, m.div(x, y), elsewhere)


def silu_slope(m: Any, x: Any) -> Any:
    """eˣ·(1 + x + eˣ)/(1 + eˣ)², eˣ = h·h, the sum from its zero r: d + eʳ·expm1(d) at d = x − r; f′(x) = 1 − f′(−x)."""
    left = finite(m, m.where(x > 0.0, -x, x))
    h, d = m.exp(0.5 * left), (left - SILU_ROOT) - SILU_ROOT_REST
    slope = m.div(h * (d + EXP_SILU_ROOT * m.expm1(d)) * h, m.square(1.0 + h * h))
    return dying_left(m, x, 0.0, m.where(x > 0.0, 1.0 - slope, slope))


def gaussian_slope(m: Any, k: Any, x: Any) -> Any:
    """−2k·x·exp(−k·x²), the exponential as two half powers, which underflow later."""
    g = m.gaussian(0.5 * k, x)
    return -2.0 * k * (g * finite(m, x)) * g


def gelu_slope(m: Any, x: Any) -> Any:
    """Φ(x) + x·φ(x), φ as two half powers; negated twice, for an underflow from below is −0. By its zero a series."""
    g, d, series = m.gaussian(0.25, x), (x - GELU_ROOT) - GELU_ROOT_REST, 0.0
    for coefficient in reversed(GELU_SLOPE_AT_ROOT):
        series = (series + coefficient) * d
    slope = -(-ONE_OVER_SQRT_2PI * g * finite(m, x) * g - m.norm_cdf(x))
    return dying_left(m, x, 0.0, m.where(m.abs(d) < 0.25, series, slope))


def mish_slope(m: Any, x: Any) -> Any:
    """eˣ·ω/δ², eˣ = h·h, ω = 4(x + 1) + 4e²ˣ + e³ˣ + eˣ(4x + 6) and δ = e²ˣ + 2eˣ + 2 (Misra 2019).

    To the left ω is summed from its zero r, with d = x − r, v = expm1(d), e = eʳ; to the right there is 1 in it, u = e⁻ˣ.
    """
    near, h, u = finite(m, x), m.exp(m.where(x > 0.0, 0.0, 0.5 * x)), m.exp(m.where(x > 0.0, -x, 0.0))
    e, d = EXP_MISH_ROOT, (near - MISH_ROOT) - MISH_ROOT_REST
    v = m.expm1(d)
    omega = 4.0 * (1.0 + e) * d + v * (e * (4.0 * near + 6.0) + e * e * (4.0 * (2.0 + v) + e * (3.0 + v * (3.0 + v))))
    left = m.div(h * omega * h, m.square(h * h * (h * h + 2.0) + 2.0))
    dying = m.div((4.0 * near - 2.0) + u * ((4.0 * near - 4.0) - 4.0 * u), m.square(1.0 + u * (2.0 + 2.0 * u)))
    return dying_left(m, x, 0.0, m.where(x > 0.0, 1.0 + u * dying * u, left))


def celu_slopes(m: Any, x: Any, a: Any) -> tuple[Any, Any]:
    """exp(r) at r = x/a, and expm1(r) − r·exp(r) for the scale; (1, 0) to the right."""
    r, rest = quotient(m, x, a)
    r = m.where(r < -1e3, -1e3, r)  # where nothing is left of the exponential, nor of its slopes
    e, scale = m.exp(r), m.expm1_rest(r)
    scale = m.where(r > 0.0, scale * (1.0 + rest), scale - rest * (r * e))
    return m.where(x > 0.0, 1.0, e * (1.0 + rest)), m.where(x > 0.0, 0.0, scale)
