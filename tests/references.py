"""What every rule of the table should give, in mpmath: one line an operation, its function and its domain.

Derivatives are central differences at 120 digits and more, of the function alone: no second formula that could
share a mistake with the rule.

>>> float(derivative(REFERENCES["tanh"].function, (300.0,), (1,)))
1.0601586212017243e-260
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from random import Random
from typing import Any, NamedTuple

from mpmath import mp, mpf

Sampler = Callable[[Random], tuple[float, ...]]


class Reference(NamedTuple):
    """``function`` of mpmath numbers, ``sampler`` of interior points, ``constants``: operands not differentiated by.

    ``hard`` samples where a rule changes its formula or an intermediate result overflows, underflows or cancels,
    ``whole`` the whole domain, and closely by its ends and special points.
    """

    function: Callable[..., Any]
    sampler: Sampler
    constants: tuple[int, ...] = ()
    hard: Sampler | None = None
    whole: Sampler | None = None


# -- derivatives ---------------------------------------------------------------------------------


@cache
def derivative(function: Callable[..., Any], x: tuple[float, ...], orders: tuple[int, ...]) -> Any:
    """∂ function at x, of the given order (0, 1 or 2) in each operand, to 20 digits.

    The step is 10⁻ᵈ of the operand and the arithmetic 4d digits; d doubles until two results agree. What is
    still falling at the end is a zero, or below the smallest float.
    """
    before = None
    for digits in (30, 60, 120, 240, 480, 960):
        with mp.workdps(4 * digits):
            now = _differences(function, [mpf(number) for number in x], orders, mpf(10) ** -digits)
            if before is not None and now != 0 and abs(now - before) <= abs(now) * mpf(10) ** -20:
                return now
        before = now
    if abs(now) < mpf(10) ** -330:
        return mpf(0)
    raise ArithmeticError(f"the difference quotients at {x} don't converge")


def _differences(function: Callable[..., Any], x: list[Any], orders: tuple[int, ...], step: Any) -> Any:
    for i, order in enumerate(orders):
        if order:
            h = (abs(x[i]) or 1) * step
            fewer = (*orders[:i], 0, *orders[i + 1 :])
            at = partial(_shifted, function, x, i, fewer, step)
            return (at(h) - at(-h)) / (2 * h) if order == 1 else (at(h) - 2 * at(mpf(0)) + at(-h)) / (h * h)
    return function(*x)


def _shifted(function: Callable[..., Any], x: list[Any], i: int, orders: tuple[int, ...], step: Any, by: Any) -> Any:
    return _differences(function, [*x[:i], x[i] + by, *x[i + 1 :]], orders, step)


def ulps(actual: float, exact: Any, terms: Any = 0) -> float:
    """The distance of a float from the exact number, in units of its last place or of the larger terms that cancel to it."""
    rounded = float(exact)  # ±inf beyond the largest float
    if actual == rounded or not math.isfinite(actual) or math.isinf(rounded):
        return 0.0 if actual == rounded else math.inf
    with mp.workdps(60):
        return float(abs(mpf(actual) - exact) / mpf(math.ulp(float(max(abs(exact), terms)))))


@cache
def terms(name: str, x: tuple[float, ...], orders: tuple[int, ...]) -> Any:
    """The size of the terms that cancel in a value or a derivative of a rule, of the orders given; 0 where none do."""
    with mp.workdps(60):
        return TERMS[name](orders, *map(mpf, x)) if name in TERMS else 0


def beyond(name: str, x: tuple[float, ...]) -> bool:
    """Whether a second derivative is out of reach there, for the reason in ``BEYOND``."""
    return name in BEYOND and BEYOND[name].where(*x)


# -- domains: every operand log-uniform over its range -------------------------------------------------


def positive(low: float, high: float) -> Sampler:
    return lambda random: (math.exp(random.uniform(math.log(low), math.log(high))),)


def signed(low: float, high: float) -> Sampler:
    return lambda random: (random.choice((-1.0, 1.0)) * positive(low, high)(random)[0],)


def between(low: float, high: float) -> Sampler:
    return lambda random: (random.uniform(low, high),)


def order(low: int, high: int) -> Sampler:
    return lambda random: (float(random.randint(low, high)),)


def power_of_two(low: int, high: int) -> Sampler:
    return lambda random: (2.0 ** random.randint(low, high),)


def each(*samplers: Sampler) -> Sampler:
    """One operand from each."""
    return lambda random: tuple(x for sampler in samplers for x in sampler(random))


def one_of(*samplers: Sampler) -> Sampler:
    return lambda random: random.choice(samplers)(random)


def similar(low: float, high: float, count: int) -> Sampler:
    """Operands of one scale between low and high."""

    def sample(random: Random) -> tuple[float, ...]:
        (scale,) = positive(low, high)(random)
        return tuple(scale * x for x in each(*[signed(0.1, 1.0)] * count)(random))

    return sample


def tiny_power(random: Random) -> tuple[float, ...]:
    """x and p > 1 of which xᵖ⁻¹ or xᵖ lies among the last floats above 0; x < 0 where p is whole."""
    p = random.choice((random.uniform(2.0, 30.0), random.uniform(30.0, 300.0), float(random.randint(2, 9))))
    x = math.exp(-random.uniform(668.0, 740.0) / (p - random.choice((0.0, 1.0))))
    return (random.choice((-1.0, 1.0)) * x if p.is_integer() else x, p)


def positive_base(sampler: Sampler) -> Sampler:
    return lambda random: tuple(map(abs, sampler(random)))


def near(*centres: float) -> Sampler:
    """Close to one of some numbers on either side, down to the next floats."""

    def sample(random: Random) -> tuple[float, ...]:
        centre = random.choice(centres)
        return (centre + random.choice((-1.0, 1.0)) * abs(centre) * math.exp(random.uniform(-37.0, -1.0)),)

    return sample


def inside(low: float, high: float, sampler: Sampler) -> Sampler:
    """Of a sampler of one number what lies between low and high."""
    return lambda random: next(x for x in iter(partial(sampler, random), None) if low < x[0] < high)


def in_exponent(low: float, high: float, sampler: Sampler) -> Sampler:
    """x from a sampler and p with p·log x between low and high."""

    def sample(random: Random) -> tuple[float, ...]:
        (x,) = sampler(random)
        return x, random.uniform(low, high) / (math.log(x) or 1.0)

    return sample


def one_over(sampler: Sampler) -> Sampler:
    """Numbers whose product is about that of ``sampler``, though products of some of them over- or underflow."""

    def sample(random: Random) -> tuple[float, ...]:
        (a, b), (c,) = each(ANY, ANY)(random), sampler(random)
        return (a, b, c / a / b) if 1e-300 < abs(c / a) < 1e300 and 1e-300 < abs(c / a / b) < 1e300 else sample(random)

    return sample


def around_one(random: Random) -> tuple[float, ...]:
    """a and b with eᵃ + eᵇ close to 1, whose logarithm is then close to 0."""
    a = -positive(1e-17, 30.0)(random)[0]
    return a, math.log(-math.expm1(a)) + signed(1e-17, 1e-2)(random)[0]


def ratio(sampler: Sampler, scale: Sampler, inverse: bool = False) -> Sampler:
    """A number and a scale whose ratio is from ``sampler``; or whose product is, for a scale that multiplies."""

    def sample(random: Random) -> tuple[float, ...]:
        (r,), (a,) = sampler(random), scale(random)
        x = r / a if inverse else r * a
        return (x, a) if x and math.isfinite(x) else sample(random)

    return sample


WIDE = signed(1e-150, 1e150)
HALF_WIDE = signed(1e-75, 1e75)
ANY, ANY_POSITIVE = signed(5e-324, 1.7e308), positive(5e-324, 1.7e308)
NOT_TINY = signed(1e-100, 1.7e308)  # of even functions the quotients below don't settle closer to 0
TO_ONE = one_of(signed(1e-9, 1.0), lambda random: (random.choice((-1.0, 1.0)) * (1.0 - positive(1e-7, 1.0)(random)[0]),))
WITHIN_ONE = inside(-1.0, 1.0, one_of(signed(1e-100, 1.0), near(-1.0, 1.0)))
WITHIN_UNIT = inside(0.0, 1.0, one_of(near(0.25, 0.5, 0.75), near(1.0)))
ABOVE_ONE = one_of(lambda random: (1.0 + positive(1e-7, 1.0)(random)[0],), positive(1.0, 1e150))
GAMMA = one_of(positive(1e-5, 1e5), between(-9.99, -0.01))
POLES = one_of(between(-60.0, 0.0), near(-0.5, -0.504083, -1.0, -1.573498, -2.457025, -2.747683, -3.0, -3.5, -19.0))
GAMMA_HARD = one_of(between(0.0, 12.0), near(1.0, 1.4616321449683622, 2.0, 2.5, 10.0), positive(1e-300, 1e300), POLES)
QUOTIENT = each(signed(1e-3, 1e6), signed(1e-3, 1e6))
QUOTIENT_HARD = ratio(signed(1e-3, 1e9), signed(1e-295, 1e295))
POWERS = in_exponent(-744.0, 709.0, one_of(ANY_POSITIVE, near(1.0), positive(1e-3, 1e3)))
FAR_LEFT = one_of(between(-38.6, -36.5), between(-5.0, 5.0), signed(1e-100, 40.0))
TAILS = one_of(between(-746.0, 746.0), between(-40.0, 40.0), signed(1e-100, 746.0))
SCALES = one_of(similar(1e-304, 1e304, 2), similar(1e250, 1e299, 2), each(*[signed(1e308, 1.7e308)] * 2), each(ANY, ANY))
TILTED = one_of(signed(1e-300, 745.0), between(-745.0, 745.0), between(-3.0, 3.0))

# -- functions that mpmath lacks -------------------------------------------------------------------


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x))


def _norm(*xs: Any) -> Any:
    return mp.sqrt(mp.fsum(x * x for x in xs))


def _softmax(*xs: Any) -> Any:
    return 1 / mp.fsum(mp.exp(x - xs[0]) for x in xs)


def _logsumexp(*xs: Any) -> Any:
    return mp.log(mp.fsum(map(mp.exp, xs)))


def _log1p(x: Any) -> Any:
    return mp.log(1 + x)


def _elu(x: Any, a: Any) -> Any:
    return x if x > 0 else a * mp.expm1(x)


def _trunc(x: Any) -> Any:
    return mp.sign(x) * mp.floor(abs(x))


def _gaussian_cdf(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _erfcinv(q: Any) -> Any:
    """By Newton's method on log erfc."""
    if q > 1:
        return -_erfcinv(2 - q)
    x, full = mp.sqrt(max(-mp.log(q), mpf(0))), mp.dps
    for digits in (*[20] * 10, *[d for d in (40, 80, 160, 320, 640, 1280, 2560, 5120) if d < 2 * full]):
        with mp.workdps(min(digits, full)):
            tail = mp.erfc(x)
            step = mp.log(tail / q) * tail * mp.exp(x * x) * mp.sqrt(mp.pi) / 2
        x += step
    return x


def _erfinv(y: Any) -> Any:
    return mp.erfinv(y) if abs(y) < 0.5 else mp.sign(y) * _erfcinv(1 - abs(y))


def _erfcx_integral(n: Any, x: Any) -> Any:
    """By the recurrence upwards: at twice the digits what it cancels is no matter."""
    with mp.workdps(2 * mp.dps):
        before, now = 2 / mp.sqrt(mp.pi), mp.exp(x * x) * mp.erfc(x)
        for k in range(1, int(n) + 1):
            before, now = now, (before - 2 * x * now) / (2 * k)
        return now


def _log_ndtr(x: Any) -> Any:
    return mp.log1p(-_gaussian_cdf(-x)) if x > 0 else mp.log(_gaussian_cdf(x))


def _sinc_derivative(n: Any, x: Any) -> Any:
    """The real part of the integral of (iπt)ⁿ exp(iπtx) / 2 over −1 … 1, in closed form by repeated parts."""
    a = 1j * mp.pi * x
    total = mp.mpc(0)
    for k in range(int(n) + 1):
        factor = (-1) ** k * mp.factorial(n) / mp.factorial(n - k) / a ** (k + 1)
        total += factor * (mp.exp(a) - (-1) ** (int(n) - k) * mp.exp(-a))
    return mp.re((1j * mp.pi) ** int(n) * total / 2)


SELU_ALPHA, SELU_SCALE = "1.6732632423543772848170429916717", "1.0507009873554804934193349852946"

# -- the table -------------------------------------------------------------------------------------

REFERENCES: dict[str, Reference] = {
    "add": Reference(lambda a, b: a + b, each(WIDE, WIDE), whole=each(ANY, ANY)),
    "sub": Reference(lambda a, b: a - b, each(WIDE, WIDE), whole=each(ANY, ANY)),
    "mul": Reference(lambda a, b: a * b, each(WIDE, WIDE), whole=each(ANY, ANY)),
    "div": Reference(
        lambda a, b: a / b,
        each(HALF_WIDE, HALF_WIDE),
        hard=each(signed(1e-318, 1e-300), signed(1e-10, 1.0)),
        whole=each(ANY, ANY),
    ),
    "floordiv": Reference(lambda a, b: mp.floor(a / b), QUOTIENT, whole=QUOTIENT_HARD),
    "mod": Reference(lambda a, b: a - b * mp.floor(a / b), QUOTIENT, whole=QUOTIENT_HARD),
    "pow": Reference(
        lambda x, p: x**p,
        each(positive(1e-3, 1e3), signed(1e-2, 30.0)),
        hard=positive_base(tiny_power),
        whole=one_of(POWERS, each(ANY_POSITIVE, signed(1e-100, 3.0))),
    ),
    "power": Reference(
        lambda x, n: x ** (int(n) if n == int(n) else n),
        each(positive(1e-3, 1e3), one_of(signed(1e-2, 30.0), order(-5, 9))),
        (1,),
        hard=tiny_power,
        whole=one_of(POWERS, each(ANY, order(-5, 9))),
    ),
    "neg": Reference(lambda x: -x, WIDE, whole=ANY),
    "abs": Reference(abs, WIDE, whole=ANY),
    "reciprocal": Reference(lambda x: 1 / x, signed(1e-90, 1e90), whole=ANY),
    "square": Reference(lambda x: x * x, WIDE, whole=ANY),
    "sqrt": Reference(mp.sqrt, positive(1e-200, 1e200), whole=ANY_POSITIVE),
    "rsqrt": Reference(lambda x: 1 / mp.sqrt(x), positive(1e-120, 1e120), whole=ANY_POSITIVE),
    "cbrt": Reference(lambda x: mp.sign(x) * mp.cbrt(abs(x)), signed(1e-180, 1e180), whole=ANY),
    "exp": Reference(mp.exp, signed(1e-5, 709.0), whole=TAILS),
    "exp2": Reference(
        lambda x: mpf(2) ** x,
        signed(1e-5, 1000.0),
        hard=between(-1074.0, -960.0),
        whole=one_of(between(-1076.0, 1026.0), signed(1e-100, 1.0)),
    ),
    "expm1": Reference(mp.expm1, signed(1e-5, 700.0), whole=TAILS),
    "log": Reference(mp.log, positive(1e-150, 1e150), whole=one_of(ANY_POSITIVE, near(1.0))),
    "log2": Reference(lambda x: mp.log(x, 2), positive(1e-150, 1e150), whole=one_of(ANY_POSITIVE, near(1.0))),
    "log10": Reference(mp.log10, positive(1e-150, 1e150), whole=one_of(ANY_POSITIVE, near(1.0))),
    "log1p": Reference(_log1p, one_of(TO_ONE, positive(1e-9, 1e150)), whole=one_of(WITHIN_ONE, positive(1e-100, 1.7e308))),
    "logaddexp": Reference(
        lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
        each(signed(1e-3, 300.0), signed(1e-3, 300.0)),
        whole=one_of(each(TILTED, TILTED), around_one),
    ),
    "xlogy": Reference(
        lambda x, y: x * mp.log(y),
        each(signed(1e-5, 1e5), positive(1e-100, 1e100)),
        whole=each(ANY, one_of(ANY_POSITIVE, near(1.0))),
    ),
    "xlog1py": Reference(
        lambda x, y: x * mp.log1p(y),
        each(signed(1e-5, 1e5), one_of(TO_ONE, positive(1e-9, 1e100))),
        whole=each(ANY, one_of(WITHIN_ONE, positive(1e-100, 1.7e308))),
    ),
    "logaddexp2": Reference(
        lambda a, b: mp.log(mpf(2) ** a + mpf(2) ** b, 2),
        each(signed(1e-3, 300.0), signed(1e-3, 300.0)),
        whole=one_of(each(TILTED, TILTED), around_one),
    ),
    "logit": Reference(
        lambda p: mp.log(p / (1 - p)), between(1e-3, 1.0 - 1e-3), whole=one_of(positive(5e-324, 0.999), WITHIN_UNIT)
    ),
    "log1mexp": Reference(
        lambda x: mp.log(-mp.expm1(-x)), positive(1e-5, 700.0), whole=one_of(positive(1e-300, 746.0), near(math.log(2.0)))
    ),
    "entr": Reference(
        lambda x: -x * mp.log(x),
        positive(1e-100, 1e100),
        whole=one_of(ANY_POSITIVE, near(1.0, math.exp(-1.0), 0.168, 0.568)),
    ),
    "sinpi": Reference(
        mp.sinpi, signed(1e-5, 30.0), whole=one_of(signed(1e-100, 1e9), between(-3.0, 3.0), near(0.5, 1.0, 2.0))
    ),
    "cospi": Reference(
        mp.cospi, signed(1e-5, 30.0), whole=one_of(signed(1e-100, 1e9), between(-3.0, 3.0), near(0.5, 1.0, 2.0))
    ),
    "sin": Reference(mp.sin, signed(1e-5, 1e5), whole=signed(1e-100, 1e100)),
    "cos": Reference(mp.cos, signed(1e-5, 1e5), whole=signed(1e-100, 1e100)),
    "tan": Reference(mp.tan, signed(1e-5, 1e5), whole=signed(1e-100, 1e100)),
    "asin": Reference(mp.asin, TO_ONE, whole=WITHIN_ONE),
    "acos": Reference(mp.acos, TO_ONE, whole=WITHIN_ONE),
    "atan": Reference(mp.atan, signed(1e-90, 1e90), whole=NOT_TINY),
    "atan2": Reference(
        mp.atan2,
        one_of(each(HALF_WIDE, HALF_WIDE), similar(1e-90, 1e90, 2)),
        hard=one_of(similar(1e-304, 1e304, 2), similar(1e250, 1e299, 2), each(*[signed(1e308, 1.7e308)] * 2)),
        whole=SCALES,
    ),
    "sinc": Reference(
        lambda x: mp.sin(mp.pi * x) / (mp.pi * x),
        signed(1e-8, 30.0),
        whole=one_of(signed(1e-100, 1e9), between(-3.0, 3.0), near(0.5, 1.4302966531242027)),
    ),
    "sinh": Reference(mp.sinh, signed(1e-5, 700.0), whole=one_of(signed(1e-100, 711.0), between(-711.0, 711.0))),
    "cosh": Reference(mp.cosh, signed(1e-5, 700.0), whole=one_of(signed(1e-100, 711.0), between(-711.0, 711.0))),
    "tanh": Reference(mp.tanh, signed(1e-5, 370.0), whole=TAILS),
    "sech": Reference(mp.sech, signed(1e-5, 740.0), whole=TAILS),
    "asinh": Reference(lambda x: mp.sign(x) * mp.asinh(abs(x)), signed(1e-90, 1e90), whole=NOT_TINY),
    "acosh": Reference(mp.acosh, ABOVE_ONE, whole=one_of(inside(1.0, 2.0, near(1.0)), positive(1.0, 1.7e308))),
    "atanh": Reference(mp.atanh, TO_ONE, whole=WITHIN_ONE),
    "hypot": Reference(
        _norm,
        one_of(each(HALF_WIDE, HALF_WIDE), similar(1e-90, 1e90, 2), similar(1e-90, 1e90, 3)),
        whole=one_of(SCALES, similar(1e-304, 1e304, 3)),
    ),
    "maximum": Reference(max, each(WIDE, WIDE), whole=each(ANY, ANY)),
    "minimum": Reference(min, each(WIDE, WIDE), whole=each(ANY, ANY)),
    "clip": Reference(
        lambda x, a, b: min(max(x, a), b),
        each(signed(0.1, 10.0), between(-2.0, -0.5), between(0.5, 2.0)),
        whole=each(ANY, between(-2.0, -0.5), between(0.5, 2.0)),
    ),
    "identity": Reference(lambda x: x, WIDE, whole=ANY),
    "where": Reference(lambda x: x, WIDE, whole=ANY),
    "sign": Reference(mp.sign, WIDE, whole=ANY),
    "floor": Reference(mp.floor, signed(1e-3, 1e6), whole=signed(1e-300, 1e15)),
    "ceil": Reference(mp.ceil, signed(1e-3, 1e6), whole=signed(1e-300, 1e15)),
    "round": Reference(mp.nint, signed(1e-3, 1e6), whole=signed(1e-300, 1e15)),
    "trunc": Reference(_trunc, signed(1e-3, 1e6), whole=signed(1e-300, 1e15)),
    "fmod": Reference(lambda a, b: a - b * _trunc(a / b), QUOTIENT, whole=QUOTIENT_HARD),
    "copysign": Reference(lambda a, b: abs(a) * mp.sign(b), each(WIDE, WIDE), whole=each(ANY, ANY)),
    "relu": Reference(lambda x: max(x, mpf(0)), WIDE, whole=ANY),
    "leaky_relu": Reference(
        lambda x, a: x if x > 0 else a * x, each(HALF_WIDE, signed(1e-3, 3.0)), whole=each(ANY, signed(1e-300, 3.0))
    ),
    "elu": Reference(_elu, each(signed(1e-5, 700.0), signed(1e-3, 3.0)), whole=each(TAILS, ANY)),
    "selu": Reference(lambda x: mpf(SELU_SCALE) * _elu(x, mpf(SELU_ALPHA)), signed(1e-5, 700.0), whole=TAILS),
    "celu": Reference(
        lambda x, a: x if x > 0 else a * mp.expm1(x / a),
        each(signed(1e-5, 300.0), positive(0.5, 3.0)),
        hard=each(between(-340.0, -9.0), between(0.5, 3.0)),
        whole=ratio(one_of(TAILS, signed(1e-300, 1.0)), ANY_POSITIVE),
    ),
    "sigmoid": Reference(_sigmoid, signed(1e-5, 740.0), whole=TAILS),
    "log_sigmoid": Reference(lambda x: -_softplus(-x), signed(1e-5, 740.0), whole=TAILS),
    "softplus": Reference(_softplus, signed(1e-5, 740.0), whole=TAILS),
    "scaled_softplus": Reference(
        lambda x, b: mp.log1p(mp.exp(b * x)) / b,
        each(signed(1e-5, 300.0), positive(0.1, 2.0)),
        whole=one_of(each(TAILS, positive(0.1, 1.0)), ratio(TAILS, positive(1e-100, 1e100), inverse=True)),
    ),
    "softsign": Reference(lambda x: x / (1 + abs(x)), signed(1e-90, 1e90), whole=NOT_TINY),
    "silu": Reference(lambda x: x * _sigmoid(x), signed(1e-5, 740.0), whole=one_of(TAILS, near(-1.2784645427610738))),
    "gelu": Reference(
        lambda x: x * _gaussian_cdf(x),
        signed(1e-5, 38.4),
        hard=between(-37.5, -36.9),
        whole=one_of(FAR_LEFT, near(-0.7517915246935645)),
    ),
    "gelu_tanh": Reference(
        lambda x: x * _sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mpf("0.044715") * x**3)),
        signed(1e-5, 21.6),
        whole=one_of(between(-21.7, 25.0), signed(1e-100, 25.0), near(-0.752461422071016)),
    ),
    "mish": Reference(
        lambda x: x * mp.tanh(_softplus(x)), signed(1e-5, 740.0), whole=one_of(TAILS, near(-1.1924312145154952))
    ),
    "hard_tanh": Reference(lambda x: min(max(x, mpf(-1)), mpf(1)), signed(1e-2, 1e2), whole=ANY),
    "hard_sigmoid": Reference(lambda x: min(max((x + 3) / 6, mpf(0)), mpf(1)), signed(1e-2, 1e2), whole=ANY),
    "hard_swish": Reference(
        lambda x: x * min(max((x + 3) / 6, mpf(0)), mpf(1)),
        signed(1e-2, 1e2),
        whole=one_of(signed(1e-100, 1e300), near(-1.5, 3.0, -3.0)),
    ),
    "erf": Reference(mp.erf, signed(1e-5, 27.1), whole=one_of(between(-27.3, 27.3), signed(1e-100, 27.3))),
    "erfc": Reference(mp.erfc, signed(1e-5, 27.1), whole=one_of(between(-27.3, 27.3), signed(1e-100, 27.3))),
    "norm_cdf": Reference(_gaussian_cdf, signed(1e-5, 38.4), whole=FAR_LEFT),
    "norm_pdf": Reference(lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi), signed(1e-5, 38.4), whole=FAR_LEFT),
    "erfcx": Reference(
        lambda x: mp.exp(x * x) * mp.erfc(x),
        signed(1e-5, 25.0),
        whole=one_of(between(-26.6, 30.0), positive(1e-100, 1e150), near(0.5, 25.0)),
    ),
    "erfinv": Reference(
        _erfinv, between(-0.99, 0.99), whole=one_of(signed(1e-300, 0.9), near(0.5, -0.5), inside(-1.0, 1.0, near(1.0, -1.0)))
    ),
    "erfcinv": Reference(
        _erfcinv, between(0.01, 1.99), whole=one_of(positive(5e-324, 1.0), near(0.5, 1.5, 1.0), inside(0.0, 2.0, near(2.0)))
    ),
    "ndtri": Reference(
        lambda p: -mp.sqrt(2) * _erfcinv(2 * p),
        between(0.01, 0.99),
        whole=one_of(positive(5e-324, 0.5), near(0.25, 0.5, 0.75), inside(0.0, 1.0, near(1.0))),
    ),
    "log_ndtr": Reference(
        _log_ndtr,
        signed(1e-5, 37.0),
        whole=one_of(between(-50.0, 37.5), signed(1e-100, 1.0), lambda random: (-positive(1e-2, 1e100)(random)[0],)),
    ),
    "gamma": Reference(
        mp.gamma,
        one_of(positive(1e-5, 170.0), between(-9.99, -0.01)),
        whole=one_of(
            between(0.0, 171.6),
            between(-184.0, 0.0),
            positive(1e-300, 170.0),
            near(1.0, 2.0, 7.0, -1.0, -7.0, -20.0, -170.0, -180.0),
        ),
    ),
    "lgamma": Reference(lambda x: mp.re(mp.loggamma(x)), GAMMA, hard=between(0.3, 3.0), whole=GAMMA_HARD),
    "digamma": Reference(mp.digamma, GAMMA, whole=GAMMA_HARD),
    "sum": Reference(
        lambda *xs: mp.fsum(xs),
        each(*[positive(1e-3, 1e3)] * 3),
        whole=one_of(each(ANY, ANY, ANY), each(*[signed(1e307, 1.7e308)] * 3)),
    ),
    "mean": Reference(
        lambda *xs: mp.fsum(xs) / len(xs),
        each(*[positive(1e-3, 1e3)] * 3),
        whole=one_of(each(ANY, ANY, ANY), each(*[signed(1e307, 1.7e308)] * 3)),
    ),
    "prod": Reference(
        lambda *xs: mp.fprod(xs),
        each(*[signed(1e-50, 1e50)] * 3),
        whole=one_of(each(ANY, ANY, ANY), one_over(positive(1e-300, 1e300))),
    ),
    "dot": Reference(lambda a, b, c, d: a * c + b * d, each(*[positive(1e-3, 1e3)] * 4), whole=each(ANY, ANY, ANY, ANY)),
    "norm": Reference(
        _norm,
        one_of(each(HALF_WIDE, HALF_WIDE), similar(1e-90, 1e90, 3)),
        whole=one_of(similar(1e-304, 1e304, 3), each(ANY, ANY, ANY)),
    ),
    "max": Reference(max, each(WIDE, WIDE, WIDE), whole=each(ANY, ANY, ANY)),
    "min": Reference(min, each(WIDE, WIDE, WIDE), whole=each(ANY, ANY, ANY)),
    "logsumexp": Reference(_logsumexp, each(*[signed(1e-3, 300.0)] * 3), whole=each(TILTED, TILTED, TILTED)),
    "softmax": Reference(_softmax, each(*[signed(1e-3, 300.0)] * 3), whole=each(TILTED, TILTED, TILTED)),
    "log_softmax": Reference(
        lambda *xs: mp.log(_softmax(*xs)), each(*[signed(1e-3, 300.0)] * 3), whole=each(TILTED, TILTED, TILTED)
    ),
    "one_minus_square": Reference(
        lambda x: 1 - x * x, one_of(TO_ONE, signed(1.0, 1e90)), whole=one_of(near(-1.0, 1.0), ANY)
    ),
    "gaussian": Reference(
        lambda k, x: mp.exp(-k * x * x),
        each(power_of_two(-2, 0), signed(1e-5, 27.1)),
        (0,),
        whole=each(power_of_two(-2, 0), FAR_LEFT),
    ),
    "direction": Reference(
        lambda *xs: xs[0] / _norm(*xs),
        one_of(each(HALF_WIDE, HALF_WIDE), similar(1e-90, 1e90, 3)),
        whole=one_of(SCALES, similar(1e-304, 1e304, 3)),
    ),
    "sinc_derivative": Reference(
        _sinc_derivative,
        each(order(1, 3), signed(1e-3, 10.0)),
        (0,),
        hard=each(order(1, 6), signed(0.3, 1.5)),
        whole=each(order(1, 4), one_of(signed(1e-100, 1e9), between(-3.0, 3.0))),
    ),
    "erfc_integral": Reference(
        _erfcx_integral,
        each(order(1, 3), positive(0.5, 20.0)),
        (0,),
        whole=each(order(1, 5), one_of(near(1.0), positive(0.5, 1e9))),
    ),
    "polygamma": Reference(
        lambda n, x: mp.polygamma(int(n), x), each(order(1, 3), GAMMA), (0,), whole=each(order(1, 8), GAMMA_HARD)
    ),
    "step": Reference(lambda x: mpf(x > 0), WIDE, whole=ANY),
    "expm1_rest": Reference(
        lambda x: mp.expm1(x) - x * mp.exp(x),
        one_of(signed(1e-5, 700.0), signed(1e-9, 2.0)),
        whole=one_of(TAILS, between(-2.0, 2.0)),
    ),
    "floor_quotient": Reference(lambda a, b: mp.floor(a / b), QUOTIENT, whole=QUOTIENT_HARD),
    "trunc_quotient": Reference(lambda a, b: _trunc(a / b), QUOTIENT, whole=QUOTIENT_HARD),
}

# -- the terms that cancel where a result passes through 0 -------------------------------------------


def _pole_terms(n: Any, x: Any) -> Any:
    """Of ψ⁽ⁿ⁾ left of 0: the terms of the reflection, that is ±ψ⁽ⁿ⁾(1 − x) and what it leaves of the number itself."""
    mirrored = (-1) ** int(n) * mp.polygamma(n, 1 - x) if x < 0 else 0
    return max(abs(mirrored), abs(mp.polygamma(n, x) - mirrored)) if x < 0 else 0


def _lgamma_terms(orders: Sequence[int], x: Any) -> Any:
    """log |Γ(1 − x)| and log |π/sin πx| of the reflection."""
    if x > 0 or orders[0]:
        return _digamma_terms([orders[0] - 1], x) if orders[0] else 0
    return abs(mp.loggamma(1 - x)) + abs(mp.log(mp.pi / abs(mp.sinpi(x))))


def _gamma_terms(orders: Sequence[int], x: Any) -> Any:
    """Of Γ·ψ and Γ·(ψ² + ψ′), where ψ is what cancels."""
    psi = _pole_terms(0, x)
    return abs(mp.gamma(x)) * (0, psi, psi**2 + _pole_terms(1, x))[orders[0]]


def _digamma_terms(orders: Sequence[int], x: Any) -> Any:
    return _pole_terms(orders[0], x)


def _wave_terms(n: int, x: Any) -> Any:
    """Of the derivatives of sinc: waves over x, or the first of the series."""
    first = mp.pi ** (n + 1) * abs(x) / (n + 2) if n % 2 else mp.pi**n / (n + 1)
    return min(mp.pi ** (n - 1) / abs(x), first) if n else 0


def _softmax_terms(orders: Sequence[int], *x: Any) -> Any:
    """Of ∂²s₀: s₀ times the shares of what it is differentiated by, and of all but s₀ for s₀ itself."""
    shares = [_softmax(x[i], *x[:i], *x[i + 1 :]) for i in range(len(x))]
    others = 1 - shares[0] if orders[0] == 2 else 1
    return shares[0] * others * mp.fprod(s for s, order in zip(shares[1:], orders[1:], strict=True) if order)


def _top(orders: Sequence[int], *x: Any) -> Any:
    """log Σ exp is the largest operand and a logarithm."""
    return 0 if any(orders) else abs(max(x))


def _gelu_tanh_terms(orders: Sequence[int], x: Any) -> Any:
    """Of x·σ(v): σ(v) by the zero of the first derivative, and all terms of the second."""
    a, b = 2 * mp.sqrt(2 / mp.pi), 2 * mp.sqrt(2 / mp.pi) * mpf("0.044715")
    v, v1, v2 = x * (a + b * x * x), a + 3 * b * x * x, 6 * b * x
    first = _sigmoid(v) if -1.5 < x < 0 else 0
    return (0, first, (2 * v1 + abs(x) * (v1**2 + abs(v2))) * mp.sech(v / 2) ** 2 / 4)[orders[0]]


def second(function: Callable[..., Any]) -> Callable[..., Any]:
    """Terms of a second derivative only."""
    return lambda orders, *x: function(*x) if sum(orders) == 2 else 0


def _bell(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


TERMS: dict[str, Callable[..., Any]] = {
    "atan2": lambda orders, y, x: 1 / (x * x + y * y) if orders == (1, 1) else 0,
    "digamma": _digamma_terms,
    "direction": second(lambda *x: 1 / _norm(*x) ** 2),
    "dot": lambda orders, a, b, c, d: 0 if any(orders) else abs(a * c) + abs(b * d),
    "expm1_rest": second(lambda x: (1 + abs(x)) * mp.exp(x)),
    "gamma": _gamma_terms,
    "gaussian": second(lambda k, x: 2 * k * (1 + 2 * k * x * x) * mp.exp(-k * x * x)),
    "gelu_tanh": _gelu_tanh_terms,
    "gelu": second(lambda x: (2 + x * x) * _bell(x)),
    "lgamma": _lgamma_terms,
    "logaddexp": _top,
    "logaddexp2": _top,
    "logit": second(lambda p: 1 / p**2 + 1 / (1 - p) ** 2),
    "logsumexp": _top,
    "mean": lambda orders, *x: 0 if any(orders) else mp.fsum(map(abs, x)) / len(x),
    "mish": second(lambda x: int(-4 < x < 4)),
    "norm_pdf": second(lambda x: (1 + x * x) * _bell(x)),
    "polygamma": lambda orders, n, x: _pole_terms(n + orders[1], x),
    "pow": lambda orders, x, p: x ** (p - 1) * (1 + abs(p * mp.log(x))) if orders == (1, 1) else 0,
    "sech": second(mp.sech),
    "silu": second(lambda x: (2 + abs(x)) * mp.sech(x / 2) ** 2 / 4),
    "sinc": lambda orders, x: _wave_terms(orders[0], x),
    "sinc_derivative": lambda orders, n, x: _wave_terms(int(n) + orders[1], x),
    "softmax": lambda orders, *x: _softmax_terms(orders, *x) if sum(orders) == 2 else 0,
    "sum": lambda orders, *x: 0 if any(orders) else mp.fsum(map(abs, x)),
}

# -- where a second derivative is out of reach ----------------------------------------------------------


class Beyond(NamedTuple):
    """Where, and why."""

    where: Callable[..., bool]
    reason: str


def _thin(*xs: float) -> bool:
    h = math.hypot(*xs)
    return h < 1e-150 or any(0.0 < abs(x / h) < 1e-290 for x in xs)


def _steep(x: float, p: float) -> bool:
    exponent = (p - 2.0) * math.log(abs(x) or 1.0)
    return not all(-650.0 < term < 650.0 for term in (exponent, exponent + math.log(abs(p) or 1.0)))


BEYOND = {
    "div": Beyond(lambda a, b: 0.0 < abs(a) < 1e-295 * abs(b) < 1e-295, "a/b has underflowed, and a small b brings it back"),
    "celu": Beyond(
        lambda x, a: x < 0.0 and abs(x / a) > 700.0, "exp(x/scale) has over- or underflowed, and the scale brings it back"
    ),
    "scaled_softplus": Beyond(lambda x, b: abs(b * x) > 700.0, "exp(−|beta·x|) has underflowed, and 1/beta² brings it back"),
    "erfcinv": Beyond(lambda q: q < 1e-150, "1/x² overflows"),
    "ndtri": Beyond(lambda p: p < 1e-150, "1/x² overflows"),
    "gamma": Beyond(lambda x: x < -160.0, "Γ, or a term of its derivative, has underflowed"),
    "atan2": Beyond(_thin, "1/h² overflows, or y/h or x/h has underflowed"),
    "direction": Beyond(_thin, "1/h² overflows, or a component has underflowed"),
    "pow": Beyond(_steep, "xᵖ⁻² or a term of the derivative is out of range"),
    "power": Beyond(_steep, "xᵖ⁻² or a term of the derivative is out of range"),
}
