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
TINY, BIG = 1e-290, 2.0**200  # below TINY a float may have lost digits, or its half power hasn't
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


def quotient(m: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """a/b as a float and what rounding left out, 0 where that can't be told."""
    q = m.div(a, b)
    product, low = two_product(q, b)
    rest = m.div((a - product) - low, b)
    return q, m.where(m.abs(rest) < m.abs(q), rest, 0.0)


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
    """log(eᵃ + eᵇ) from the larger one; equal infinities are themselves."""
    return m.where(a == b, a + LN2, m.maximum(a, b) + m.log1p(m.exp(-m.abs(a - b))))


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
    return m.where(x >= 0.0, x, a * m.expm1(m.div(x, a)))


def silu(m: Any, x: Any) -> Any:
    """x·σ(x); to the left as (x·h)·h/(1 + h²), h = exp(x/2), for σ underflows before x·σ does."""
    h = m.exp(0.5 * x)
    return dying_left(m, x, -0.0, m.where(x > 0.0, x * m.sigmoid(x), m.div(x * h * h, 1.0 + h * h)))


def gelu(m: Any, x: Any) -> Any:
    """x·Φ(x); far to the left −φ(x)·(1 − 1/x² + 3/x⁴ − …), for Φ underflows before x·Φ does."""
    r = m.square(m.div(1.0, x))
    series = 1.0 - r * (1.0 - r * (3.0 - r * (15.0 - r * (105.0 - r * (945.0 - r * 10395.0)))))
    g = m.gaussian(0.25, x)
    return m.where(x < -37.0, -ONE_OVER_SQRT_2PI * g * series * g, x * m.norm_cdf(x))


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
    """p·xᵖ⁻¹; by way of y/x where p − 1 would be rounded, unless x is zero or infinite (x + x == x)."""
    power = m.pow(x, p - 1.0)
    half = m.pow(m.abs(x), 0.5 * (p - 1.0))
    signed = p * half * m.copysign(half, power)
    above = m.where(m.abs(power) < TINY, m.where(x == 0.0, p * power, signed), p * power)
    return m.where(p >= 1.0, above, m.where(x + x == x, p * power, m.div(p * y, x)))


def exponent_slope(m: Any, y: Any, x: Any, p: Any) -> Any:
    """xᵖ·log x, 0 at 0ᵖ."""
    slope = stretched(m, y, m.pow(x, 0.5 * p), m.log(x))
    return m.where(x == 0.0, m.where(p >= 0.0, 0.0, NAN), slope)


def stretched(m: Any, y: Any, half: Any, factor: Any) -> Any:
    """y·factor; where y has over- or underflowed, half·factor·half, which has not (y = half²)."""
    return m.where(y < TINY, half * factor * half, m.where(y == INF, half * factor * half, y * factor))


def exp2_slope(m: Any, y: Any, x: Any) -> Any:
    """2ˣ·log 2."""
    return stretched(m, y, m.exp2(0.5 * x), LN2)


def divisor_slope(m: Any, y: Any, a: Any, b: Any) -> Any:
    """−y/b; where the quotient y has underflowed, from a scaled up."""
    return -m.where(m.abs(y) < TINY, m.div(m.div(a * BIG, b), b) / BIG, m.div(y, b))


def logaddexp_slope(m: Any, a: Any, b: Any) -> Any:
    """σ(a − b), the rounding of a − b made good by σ's own slope."""
    d = a - b
    back = a - d
    rest = (a - (d + back)) + (back - b)
    return m.sigmoid(d) * (1.0 + m.where(rest == rest, rest, 0.0) * m.sigmoid(-d))


def base_slope(m: Any, y: Any, x: Any, p: Any) -> Any:
    """∂/∂x of xᵖ for a variable exponent: 0 at 0⁰."""
    slope = power_slope(m, y, x, p)
    return m.where(p == 0.0, m.where(x == 0.0, 0.0, slope), slope)


def atan2_slopes(m: Any, y: Any, x: Any) -> tuple[Any, Any]:
    """(x/h², −y/h²), 0 at the origin."""
    h = m.hypot(y, x)
    return m.where(h == 0.0, 0.0, over_square(m, x, y, h)), m.where(h == 0.0, 0.0, -over_square(m, y, x, h))


def over_square(m: Any, x: Any, y: Any, h: Any) -> Any:
    """x/h² at h = hypot(x, y); by way of the unit vector where h² would over- or underflow."""
    s = m.where(h > 1e300, 2.0**-60, m.where(h < TINY, BIG, 1.0))
    by_direction = m.direction(x, y) * m.div(s, m.hypot(s * x, s * y))
    return m.where(h > 1e-150, m.where(h < 1e150, m.div(x, h * h), by_direction), by_direction)


def direction_slopes(m: Any, u: Any, x: Any, others: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of u = x/h: (1 − u²)/h without its cancellation, and −u·v/h for each other component v."""
    h, rest = m.norm(x, *others), m.directions(*others, x)[:-1]
    return m.div(m.sum(*(m.square(v) for v in rest)), h), *(-m.div(u * v, h) for v in rest)


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
    return by_sign(m, x, a * m.exp(x), kink(m, a, 1.0), 1.0), m.where(x > 0.0, 0.0, m.expm1(x))


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


def products_of_others(xs: tuple[Any, ...]) -> list[Any]:
    """For every x the product of all others, from running products of both ends: no division."""
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
    """Of s₀: s₀·(s₁ + s₂ + …), which is s₀(1 − s₀) without its cancellation, and −s₀·sⱼ."""
    _, *rest = m.softmaxes(*xs)
    return y * m.sum(*rest), *(s * (0.0 - y) for s in rest)


def log_softmax_slopes(m: Any, xs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of log s₀: s₁ + s₂ + …, which is 1 − s₀, and −sⱼ."""
    _, *rest = m.softmaxes(*xs)
    return m.sum(*rest), *(-s for s in rest)


def xlogy_slope(m: Any, x: Any, y: Any) -> Any:
    """x/y, 0 where x is 0."""
    elsewhere = m.where(x == 0.0, flat(m, y), inside(m, y >= 0.0, m.div(x, y + 0.0)))
    return m.where(y > 0.0, m.div(x, y), elsewhere)


def silu_slope(m: Any, x: Any) -> Any:
    """σ(x)·(1 + x·σ(−x)), to the left with σ(x) = h·h/(1 + h²) as in ``silu``; f′(x) = 1 − f′(−x)."""
    left = m.where(x > 0.0, -x, x)
    h = m.exp(0.5 * left)
    slope = m.div(h * (1.0 + finite(m, left) * m.sigmoid(-left)) * h, 1.0 + h * h)
    return dying_left(m, x, 0.0, m.where(x > 0.0, 1.0 - slope, slope))


def gaussian_slope(m: Any, k: Any, x: Any) -> Any:
    """−2k·x·exp(−k·x²), the exponential as two half powers, which underflow later."""
    g = m.gaussian(0.5 * k, x)
    return -2.0 * k * (g * finite(m, x)) * g


def gelu_slope(m: Any, x: Any) -> Any:
    """Φ(x) + x·φ(x), φ as two half powers; negated twice, for an underflow from below is −0."""
    g = m.gaussian(0.25, x)
    return dying_left(m, x, 0.0, -(-ONE_OVER_SQRT_2PI * g * finite(m, x) * g - m.norm_cdf(x)))


def mish_slope(m: Any, x: Any) -> Any:
    """tanh(s) + x·σ(x)·sech²(s) at s = softplus(x); to the left eˣ·ω/δ² (Misra 2019), eˣ = h·h."""
    s, h, e = m.softplus(x), m.exp(0.5 * x), m.exp(m.minimum(x, 0.0))
    omega = 4.0 * (x + 1.0) + e * ((4.0 * x + 6.0) + e * (4.0 + e))
    left = m.div(h * omega * h, m.square(e * (e + 2.0) + 2.0))
    right = m.tanh(s) + finite(m, x) * m.sigmoid(x) * m.square(m.sech(s))
    return dying_left(m, x, 0.0, m.where(x > 0.0, right, left))


def celu_slopes(m: Any, x: Any, a: Any) -> tuple[Any, Any]:
    """exp(x/a), and expm1(x/a) − (x/a)·exp(x/a) for the scale; (1, 0) to the right."""
    r, rest = quotient(m, x, a)
    e = m.exp(r) * (1.0 + rest)
    return m.where(x > 0.0, 1.0, e), m.where(x > 0.0, 0.0, m.expm1_rest(r))
