"""The local derivatives of the rule table that are longer than a line, written like ``autograd.rules.composites``.

Each is given the result ``y`` and the operands, and gives one number, or one for each operand.

>>> from autograd.rules.table import FLOATS
>>> maximum_shares(FLOATS, 2.0, 2.0), exp2_partial(FLOATS, 1.0, 0.0)
((0.5, 0.5), 0.6931471805599453)
"""

from collections.abc import Sequence

from autograd.rules.composites import (
    GELU_TANH,
    GELU_TANH_CUBE,
    LN2,
    LN2_LOW,
    ONE_OVER_SQRT_2PI,
    SELU_ALPHA,
    SELU_SCALE,
    gelu_tanh_exponent,
    quotient,
    scaled,
    scaled_length,
    two_diff,
    two_product,
)
from autograd.rules.ieee import INF, NAN
from autograd.rules.kinks import by_sign, clamp_inf, in_domain, limit_at_minus_inf, min_norm_subgradient, zero_unless_nan
from autograd.rules.operations import N, Operand, Operations

ENTR_ROOT, ENTR_ROOT_LOW = 0.36787944117144233, -1.2428753672788363e-17  # 1/e as the sum of two floats
TINY = 1e-290  # below it a power may be subnormal, with digits lost; its square root, the half power, has them all
# The zeros of silu′, mish′ and gelu′, each as the sum of two floats; and e to the power of the first two.
SILU_ROOT, SILU_ROOT_LOW, EXP_SILU_ROOT = -1.2784645427610737, -1.0946994183093437e-16, 0.2784645427610738
MISH_ROOT, MISH_ROOT_LOW, EXP_MISH_ROOT = -1.1924312145154952, -4.8484829848031044e-17, 0.3034825352815289
GELU_ROOT, GELU_ROOT_LOW = -0.7517915246935645, 1.4956759177009883e-17
# Taylor coefficients of gelu′ there, from that of x to that of x¹⁵.
GELU_PARTIAL_AT_ROOT = (
    *(0.4314939923140469, 0.388284982990552, -0.018199676398671087, -0.1140082332972217, -0.014771522148244337),
    *(0.019421679838189067, 0.004539228379125415, -0.002239538068073497, -0.0007448268386746817, 0.00018633974623233514),
    *(8.615947861116571e-05, -1.121438018842664e-05, -7.74846130700372e-06, 4.3284506257392273e-07, 5.702764979242107e-07),
)


def power_partial(m: Operations[N], y: N, x: N, p: N) -> N:
    """p·xᵖ⁻¹, by half powers where the power is out of range, times the power of x that rounding p − 1 leaves out."""
    q, error = two_diff(p, 1.0)
    size, power = m.abs(x), m.pow(x, q)
    half, strength, product = m.pow(size, 0.5 * q), m.abs(power), p * power
    halves = p * half * m.where(m.copysign(1.0, power) < 0.0, -half, half)
    partial = m.where(strength < 1e-150, m.where(x == 0.0, product, halves), m.where(strength == INF, halves, product))
    shifted = partial * m.pow(size, error)
    shifted = m.where(x < 0.0, in_domain(m, y == y, -shifted), shifted)  # p − 1 is odd then, or there is no power
    return m.where(error * error > 0.0, m.where(x + x == x, partial, shifted), partial)


def fixed_power_partial(m: Operations[N], y: N, x: N, n: N) -> Operand[N]:
    """n·xⁿ⁻¹ for a constant exponent: Python may choose by its value, which is the same in all lanes."""
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
    return m.where(n == 0.0, 0.0, power_partial(m, y, x, n))


def exponent_partial(m: Operations[N], y: N, x: N, p: N) -> N:
    """xᵖ·log x, 0 at 0ᵖ and at inf⁻ᵖ; where the power over- or underflows, by two half powers, which don't."""
    half = m.pow(x, 0.5 * p)
    halves = m.where(half == 0.0, in_domain(m, x > 0.0, m.copysign(half, x - 1.0)), m.xlogy(half, x) * half)
    partial = m.where(y < TINY, halves, m.where(y == INF, halves, m.xlogy(y, x)))
    return m.where(x == 0.0, m.where(p >= 0.0, 0.0, NAN), partial)


def exp2_partial(m: Operations[N], y: N, x: N) -> N:
    """2ˣ·log 2, which overflows at a slightly larger x than 2ˣ does."""
    return m.where(y == INF, 4.0 * LN2 * m.exp2(x - 2.0), y * LN2)


def quotient_partials(m: Operations[N], y: N, a: N, b: N) -> tuple[N, N]:
    """1/b and −y/b by one division, scaled where 1/b² is out of range; −a/b² where y has underflowed and b is small."""
    size = m.abs(b)
    s = m.where(size < 1e-150, 2.0**600, m.where(size > 1e150, 2.0**-600, 1.0))
    tiny = m.where(size < 1.0, m.where(size < 1e-150, 0.0, TINY), 0.0)
    r = m.div(1.0, s * b)
    growing = (2.0**100 * a * r) * (2.0**-100 * r)
    return s * r, -m.where(m.abs(y) < tiny, growing, s * (y * r))


def logaddexp_partial(m: Operations[N], a: N, b: N) -> N:
    """σ(a − b), corrected to first order for the rounding error of a − b."""
    d, error = two_diff(a, b)
    return m.sigmoid(d) * (1.0 + m.where(error == error, error, 0.0) * m.sigmoid(-d))


def logaddexp_partials(m: Operations[N], a: N, b: N) -> tuple[N, N]:
    return logaddexp_partial(m, a, b), logaddexp_partial(m, b, a)


def logaddexp2_partial(m: Operations[N], a: N, b: N) -> N:
    """σ(log 2·(a − b)), corrected to first order for the rounding errors of the difference and of the product."""
    d, error = two_diff(a, b)
    near = m.maximum(m.minimum(d, 2e3), -2e3)
    product, low = two_product(LN2, near)
    low = low + LN2_LOW * near + LN2 * m.where(error == error, error, 0.0)
    return m.sigmoid(product) * (1.0 + low * m.sigmoid(-product))


def logaddexp2_partials(m: Operations[N], a: N, b: N) -> tuple[N, N]:
    return logaddexp2_partial(m, a, b), logaddexp2_partial(m, b, a)


def base_partial(m: Operations[N], y: N, x: N, p: N) -> N:
    """∂/∂x of xᵖ for a variable exponent: 0 at 0⁰."""
    partial = power_partial(m, y, x, p)
    return m.where(p == 0.0, m.where(x == 0.0, 0.0, partial), partial)


def atan2_partials(m: Operations[N], y: N, x: N) -> tuple[N, N]:
    """(x/h², −y/h²) by way of the unit vector, 0 at the origin."""
    _, s, h = scaled_length(m, y, x)
    by_y, by_x = (s * quotient_partials(m, u, s * z, h)[1] for u, z in zip(m.directions(x, y), (x, y), strict=True))
    return m.where(h == 0.0, 0.0, -by_y), m.where(h == 0.0, 0.0, by_x)


def direction_partials(m: Operations[N], u: N, x: N, others: tuple[N, ...]) -> tuple[N, ...]:
    """Of u = x/h: (1 − u²)/h without its cancellation, and −u·v/h for each other component v."""
    t, s, h = scaled_length(m, x, *others)
    vs, first = m.directions(*others, x)[:-1], t * quotient_partials(m, u, s * x, h)[1]
    ratios = [t * quotient_partials(m, v, s * z, h)[1] for v, z in zip(vs, others, strict=True)]  # −v/h
    mixed = (m.where(m.abs(u) < m.abs(v), first * (t * v), (t * u) * r) for v, r in zip(vs, ratios, strict=True))
    return -m.sum(*(t * v * r for v, r in zip(vs, ratios, strict=True))), *mixed


def maximum_shares(m: Operations[N], a: N, b: N) -> tuple[N, N]:
    """Of max(a, b): (1, 0), (0, 1), or halves for a tie; nan if either is nan."""
    left = m.where(a > b, 1.0, m.where(a < b, 0.0, m.where(a == b, 0.5, NAN)))
    return left, 1.0 - left


def copysign_partial(m: Operations[N], a: N, b: N) -> N:
    """±1, 0 at the kink a = 0."""
    return by_sign(m, a, -1.0, 0.0, 1.0) * m.copysign(1.0, b)


def leaky_relu_partials(m: Operations[N], x: N, a: N) -> tuple[N, N]:
    return by_sign(m, x, a, min_norm_subgradient(m, a, 1.0), 1.0), m.where(x > 0.0, 0.0, x)


def elu_partials(m: Operations[N], x: N, a: N) -> tuple[N, N]:
    left = a * m.exp(0.5 * x) * m.exp(0.5 * x)  # for eˣ may underflow before a·eˣ does
    return by_sign(m, x, left, min_norm_subgradient(m, a, 1.0), 1.0), m.where(x > 0.0, 0.0, m.expm1(x))


def selu_partial(m: Operations[N], x: N) -> N:
    return by_sign(m, x, SELU_SCALE * SELU_ALPHA * m.exp(x), SELU_SCALE, SELU_SCALE)


def hard_tanh_partial(m: Operations[N], x: N) -> N:
    return m.where(m.abs(x) < 1.0, 1.0, zero_unless_nan(m, x))


def hard_sigmoid_partial(m: Operations[N], x: N) -> N:
    return m.where(m.abs(x) < 3.0, 1.0 / 6.0, zero_unless_nan(m, x))


def clip_partials(m: Operations[N], y: N, x: N, low: Operand[N], high: Operand[N]) -> tuple[N, N, N]:
    """1 for the argument that is the result, 0 for the others; at a bound all are at a kink, where 0 is least."""
    zero = zero_unless_nan(m, y)
    through = m.where(x > low, m.where(x < high, 1.0, zero), zero)
    return through, m.where(x < low, m.where(low < high, 1.0, zero), zero), m.where(m.maximum(x, low) > high, 1.0, zero)


def equal_shares(m: Operations[N], y: N, xs: tuple[N, ...]) -> list[N]:
    """Of the maximum or minimum y of xs: equal shares for all that attain it; nan for all where one is nan."""
    winners = [m.where(x == y, 1.0, 0.0) for x in xs]
    count = m.sum(*winners)
    return [m.div(winner, count) for winner in winners]


def products_of_others(m: Operations[N], xs: tuple[N, ...]) -> Sequence[Operand[N]]:
    """For every x the product of all others; of very many by running products from both ends, which may overflow."""
    if len(xs) <= 32:
        return [m.prod(*(x for j, x in enumerate(xs) if j != i)) for i in range(len(xs))]
    before: list[Operand[N]] = [1.0]
    after: list[Operand[N]] = [1.0]
    for left, right in zip(xs, reversed(xs), strict=True):
        before.append(before[-1] * left)
        after.append(right * after[-1])
    return [b * a for b, a in zip(before[:-1], reversed(after[:-1]), strict=True)]


def logsumexp_partials(m: Operations[N], y: N, xs: tuple[N, ...]) -> list[N]:
    """The softmax; a single +inf takes all, several leave it undefined."""
    infinite = [m.where(x == INF, 1.0, 0.0) for x in xs]
    lone = m.sum(*infinite) == 1.0
    return [m.where(y == INF, m.where(lone, i, NAN), s) for i, s in zip(infinite, m.softmaxes(*xs), strict=True)]


def softmax_partials(m: Operations[N], y: N, xs: tuple[N, ...]) -> tuple[N, ...]:
    """Of s₀: s₀·(1 − s₀) and −s₀·sⱼ."""
    _, *others = m.softmaxes(*xs)
    return y * one_minus(m, y, others), *(s * (0.0 - y) for s in others)


def log_softmax_partials(m: Operations[N], xs: tuple[N, ...]) -> tuple[N, ...]:
    """Of log s₀: 1 − s₀ and −sⱼ."""
    first, *others = m.softmaxes(*xs)
    return one_minus(m, first, others), *(-s for s in others)


def one_minus(m: Operations[N], first: N, others: list[N]) -> N:
    """1 − s₀ of numbers that sum to 1: the sum of the others where the difference, or its derivative, would cancel."""
    return m.where(first > 0.5, m.sum(*others), 1.0 - first)


def xlogy_partial(m: Operations[N], x: N, y: N) -> N:
    """x/y, 0 where x is 0."""
    elsewhere = m.where(x == 0.0, zero_unless_nan(m, y), in_domain(m, y >= 0.0, m.div(x, y + 0.0)))
    return m.where(y > 0.0, m.div(x, y), elsewhere)


def xlog1py_partial(m: Operations[N], x: N, y: N) -> N:
    """x/(1 + y), 0 where x is 0."""
    elsewhere = m.where(x == 0.0, zero_unless_nan(m, y), in_domain(m, y >= -1.0, m.div(x, 1.0 + y)))
    return m.where(y > -1.0, m.div(x, 1.0 + y), elsewhere)


def log1mexp_partial(m: Operations[N], x: N) -> N:
    """1/(eˣ − 1) as e⁻ˣ/(1 − e⁻ˣ), which underflows later."""
    return in_domain(m, x >= 0.0, m.div(m.exp(-x), 0.0 - m.expm1(-x)))


def entr_partial(m: Operations[N], x: N) -> N:
    """−log x − 1, near its zero 1/e by log1p(e·x − 1)."""
    d = (x - ENTR_ROOT) - ENTR_ROOT_LOW
    return m.where(m.abs(d) < 0.2, -m.log1p(m.div(d, ENTR_ROOT)), -(m.log(x) + 1.0))


def scaled_softplus_partials(m: Operations[N], x: N, b: N) -> tuple[N, N]:
    """σ(p) for p = b·x, and (p·σ(p) − softplus p)/b², a function of |p| in which nothing cancels."""
    p, error = scaled(m, x, b)
    size, low = m.abs(p), m.where(p < 0.0, -error, error)
    tail = size * m.sigmoid(-size)
    entropy = tail * (1.0 - low) + m.softplus(-size)
    h = m.exp(-0.5 * size)  # far out entropy is (|p| + 1)·exp(−|p|), which 1/b² may bring back
    far = m.div(h * (size + 1.0) * (1.0 - low), b) * m.div(h, b)
    return m.sigmoid(p) * (1.0 + error * m.sigmoid(-p)), -m.where(size > 40.0, far, m.div(m.div(entropy, b), b))


def silu_partial(m: Operations[N], x: N) -> N:
    """eˣ·(1 + x + eˣ)/(1 + eˣ)² for x ≤ 0 with eˣ = h·h, and 1 − f′(−x) to the right.

    The sum 1 + x + eˣ is taken from its zero r, as d + eʳ·expm1(d) with d = x − r, so that it doesn't cancel there.
    """
    left = clamp_inf(m, m.where(x > 0.0, -x, x))
    h, d = m.exp(0.5 * left), (left - SILU_ROOT) - SILU_ROOT_LOW
    partial = m.div(h * (d + EXP_SILU_ROOT * m.expm1(d)) * h, m.square(1.0 + h * h))
    return limit_at_minus_inf(m, x, 0.0, m.where(x > 0.0, 1.0 - partial, partial))


def gaussian_partial(m: Operations[N], k: Operand[N], x: N) -> N:
    """−2k·x·exp(−k·x²), the exponential as the product of two square roots, which underflow later."""
    g = m.gaussian(0.5 * k, x)
    return -2.0 * k * (g * clamp_inf(m, x)) * g


def norm_pdf_partial(m: Operations[N], x: N) -> N:
    return ONE_OVER_SQRT_2PI * gaussian_partial(m, 0.5, x)


def gelu_partial(m: Operations[N], x: N) -> N:
    """Φ(x) + x·φ(x), φ as the product of two square roots; near its zero a Taylor series.

    The sum is negated twice so that where it underflows from below it is −0.
    """
    g, d = m.gaussian(0.25, x), (x - GELU_ROOT) - GELU_ROOT_LOW
    series: Operand[N] = 0.0
    for coefficient in reversed(GELU_PARTIAL_AT_ROOT):
        series = (series + coefficient) * d
    partial = -(-ONE_OVER_SQRT_2PI * g * clamp_inf(m, x) * g - m.norm_cdf(x))
    return limit_at_minus_inf(m, x, 0.0, m.where(m.abs(d) < 0.25, series, partial))


def gelu_tanh_partial(m: Operations[N], x: N) -> N:
    """σ(v)·(1 + x·v₁·σ(−v)) for v = 2u and v₁ = v′, σ(v) as the product of two square roots left of 0."""
    v, error = gelu_tanh_exponent(m, x)
    near, h = clamp_inf(m, x), m.exp(0.5 * m.minimum(v, 0.0))
    away = m.sigmoid(-v)
    v1 = GELU_TANH + 3.0 * GELU_TANH_CUBE * m.square(m.maximum(m.minimum(x, 40.0), -40.0))
    bracket = 1.0 + near * v1 * away * (1.0 - error * m.sigmoid(v))
    partial = m.where(x > 0.0, m.sigmoid(v) * bracket, m.div(h * bracket * h, 1.0 + h * h))
    return limit_at_minus_inf(m, x, 0.0, partial * (1.0 + error * away))


def hard_swish_partial(m: Operations[N], x: N) -> N:
    """(2x + 3)/6 between the kinks at ±3, where it is 0 and 1."""
    return m.where(m.abs(x) < 3.0, m.div(x + 1.5, 3.0), m.where(x > 0.0, 1.0, zero_unless_nan(m, x)))


def mish_partial(m: Operations[N], x: N) -> N:
    """eˣ·ω/δ², eˣ = h·h, ω = 4(x + 1) + 4e²ˣ + e³ˣ + eˣ(4x + 6) and δ = e²ˣ + 2eˣ + 2 (Misra 2019).

    Left of 0 ω is summed from its zero r, with d = x − r, v = expm1(d) and e = eʳ; right of 0 it is 1 + a term in u = e⁻ˣ.
    """
    near, h, u = clamp_inf(m, x), m.exp(m.where(x > 0.0, 0.0, 0.5 * x)), m.exp(m.where(x > 0.0, -x, 0.0))
    e, d = EXP_MISH_ROOT, (near - MISH_ROOT) - MISH_ROOT_LOW
    v = m.expm1(d)
    omega = 4.0 * (1.0 + e) * d + v * (e * (4.0 * near + 6.0) + e * e * (4.0 * (2.0 + v) + e * (3.0 + v * (3.0 + v))))
    left = m.div(h * omega * h, m.square(h * h * (h * h + 2.0) + 2.0))
    tail = m.div((4.0 * near - 2.0) + u * ((4.0 * near - 4.0) - 4.0 * u), m.square(1.0 + u * (2.0 + 2.0 * u)))
    return limit_at_minus_inf(m, x, 0.0, m.where(x > 0.0, 1.0 + u * tail * u, left))


def gamma_partial(m: Operations[N], y: N, x: N) -> N:
    """Γ·ψ; where Γ has underflowed, beside a pole of ψ, that of x + 20 over the factors between."""
    product = x
    for k in range(1, 20):
        product = product * (x + float(k))
    shifted = m.div(m.gamma(x + 20.0) * m.digamma(x), product)
    return m.where(m.abs(y) < TINY, shifted, y * m.digamma(x))


def expm1_rest_partial(m: Operations[N], x: N) -> N:
    """−x·eˣ, the exponential as the product of two square roots, which underflow later."""
    return -m.exp(0.5 * x) * clamp_inf(m, x) * m.exp(0.5 * x)


def celu_partials(m: Operations[N], x: N, a: N) -> tuple[N, N]:
    """exp(r) at r = x/a, and expm1(r) − r·exp(r) for the scale; (1, 0) to the right."""
    r, error = quotient(m, x, a)
    r = m.where(r < -1e3, -1e3, r)  # the exponential and its derivatives have underflowed long before
    e, scale = m.exp(r), m.expm1_rest(r)
    scale = m.where(r > 0.0, scale * (1.0 + error), scale - error * (r * e))
    return m.where(x > 0.0, 1.0, e * (1.0 + error)), m.where(x > 0.0, 0.0, scale)
