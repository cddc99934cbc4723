"""The local derivatives of the rule table that are longer than a line, written like ``autograd.rules.composites``.

Each is given the result ``y`` and the operands, and gives one number, or one for each operand.

>>> from autograd.rules.table import FLOATS
>>> maximum_shares(FLOATS, 2.0, 2.0), exp2_slope(FLOATS, 1.0, 0.0)
((0.5, 0.5), 0.6931471805599453)
"""

from typing import Any

from autograd.rules.composites import (
    INF,
    LN2,
    NAN,
    ONE_OVER_SQRT_2PI,
    SELU_ALPHA,
    SELU_SCALE,
    by_sign,
    difference,
    dying_left,
    finite,
    flat,
    inside,
    kink,
    quotient,
    scaled_length,
)

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


def fixed_power_slope(m: Any, y: Any, x: Any, n: Any) -> Any:
    """n·xⁿ⁻¹ for an exponent that is a number once and for all, so that Python may choose."""
    match n if n.__class__ is float else None:
        case -1.0:
            return -(y * y)
        case 0.0:
            return 0.0
        case 0.5:
            return m.div(0.5, y)
        case 2.0:
            return 2.0 * x
        case 3.0:
            return 3.0 * m.square(x)
    return m.where(n == 0.0, 0.0, power_slope(m, y, x, n))


def exponent_slope(m: Any, y: Any, x: Any, p: Any) -> Any:
    """xᵖ·log x, 0 at 0ᵖ and at inf⁻ᵖ; where the power over- or underflows, as two halves, which don't."""
    half = m.pow(x, 0.5 * p)
    halves = m.where(half == 0.0, inside(m, x > 0.0, m.copysign(half, x - 1.0)), m.xlogy(half, x) * half)
    slope = m.where(y < TINY, halves, m.where(y == INF, halves, m.xlogy(y, x)))
    return m.where(x == 0.0, m.where(p >= 0.0, 0.0, NAN), slope)


def exp2_slope(m: Any, y: Any, x: Any) -> Any:
    """2ˣ·log 2, which is finite a little longer than 2ˣ."""
    return m.where(y == INF, 4.0 * LN2 * m.exp2(x - 2.0), y * LN2)


def quotient_slopes(m: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """1/b and −y/b by one division, scaled where 1/b² is out of range; −a/b² where y has underflowed and will grow."""
    size = m.abs(b)
    s = m.where(size < 1e-150, 2.0**600, m.where(size > 1e150, 2.0**-600, 1.0))
    tiny = m.where(size < 1.0, m.where(size < 1e-150, 0.0, TINY), 0.0)
    r = m.div(1.0, s * b)
    growing = (2.0**100 * a * r) * (2.0**-100 * r)
    return s * r, -m.where(m.abs(y) < tiny, growing, s * (y * r))


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
    by_y, by_x = (s * quotient_slopes(m, u, s * z, h)[1] for u, z in zip(m.directions(x, y), (x, y), strict=True))
    return m.where(h == 0.0, 0.0, -by_y), m.where(h == 0.0, 0.0, by_x)


def direction_slopes(m: Any, u: Any, x: Any, others: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of u = x/h: (1 − u²)/h without its cancellation, and −u·v/h for each other component v."""
    t, s, h = scaled_length(m, x, *others)
    vs, first = m.directions(*others, x)[:-1], t * quotient_slopes(m, u, s * x, h)[1]
    rest = [t * quotient_slopes(m, v, s * z, h)[1] for v, z in zip(vs, others, strict=True)]  # −v/h
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
