"""What every rule of the table should give, in mpmath: one line an operation, its function and its domain.

Derivatives are central differences at 120 digits and more, of the function alone: no second formula that could
share a mistake with the rule.

>>> float(derivative(REFERENCES["tanh"].function, (300.0,), (1,)))
1.0601586212017243e-260
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from random import Random
from typing import Any, NamedTuple

from mpmath import mp, mpf

Sampler = Callable[[Random], tuple[float, ...]]


class Reference(NamedTuple):
    """``function`` of mpmath numbers, ``sampler`` of interior points, ``constants``: operands not differentiated by.

    ``hard`` samples where a rule changes its formula or an intermediate result overflows, underflows or cancels.
    """

    function: Callable[..., Any]
    sampler: Sampler
    constants: tuple[int, ...] = ()
    hard: Sampler | None = None


# -- derivatives ---------------------------------------------------------------------------------


@cache
def derivative(function: Callable[..., Any], x: tuple[float, ...], orders: tuple[int, ...]) -> Any:
    """∂ function at x, of the given order (0, 1 or 2) in each operand, to 20 digits.

    The step is 10⁻ᵈ of the operand and the arithmetic 4d digits; d doubles until two results agree. What is
    still falling at the end is a zero, or below the smallest float.
    """
    before = None
    for digits in (30, 60, 120, 240, 480):
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
            h = abs(x[i]) * step
            fewer = (*orders[:i], 0, *orders[i + 1 :])
            at = partial(_shifted, function, x, i, fewer, step)
            return (at(h) - at(-h)) / (2 * h) if order == 1 else (at(h) - 2 * at(mpf(0)) + at(-h)) / (h * h)
    return function(*x)


def _shifted(function: Callable[..., Any], x: list[Any], i: int, orders: tuple[int, ...], step: Any, by: Any) -> Any:
    return _differences(function, [*x[:i], x[i] + by, *x[i + 1 :]], orders, step)


def ulps(actual: float, exact: Any, terms: Any = 0) -> float:
    """The distance of a float from the exact number, in units of its last place or of the larger terms that cancel to it."""
    if not math.isfinite(actual):
        return math.inf
    with mp.workdps(60):
        return float(abs(mpf(actual) - exact) / mpf(math.ulp(float(max(abs(exact), terms)))))


@cache
def terms(name: str, x: tuple[float, ...], order: int) -> Any:
    """The size of the terms that cancel in a value (order 0) or a derivative of a rule, 0 where none do."""
    with mp.workdps(60):
        return TERMS[name](order, *map(mpf, x)) if name in TERMS else 0


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


WIDE = signed(1e-150, 1e150)
HALF_WIDE = signed(1e-75, 1e75)
TO_ONE = one_of(signed(1e-9, 1.0), lambda random: (random.choice((-1.0, 1.0)) * (1.0 - positive(1e-7, 1.0)(random)[0]),))
ABOVE_ONE = one_of(lambda random: (1.0 + positive(1e-7, 1.0)(random)[0],), positive(1.0, 1e150))
GAMMA = one_of(positive(1e-5, 1e5), between(-9.99, -0.01))
QUOTIENT = each(signed(1e-3, 1e6), signed(1e-3, 1e6))

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
    "add": Reference(lambda a, b: a + b, each(WIDE, WIDE)),
    "sub": Reference(lambda a, b: a - b, each(WIDE, WIDE)),
    "mul": Reference(lambda a, b: a * b, each(WIDE, WIDE)),
    "div": Reference(lambda a, b: a / b, each(HALF_WIDE, HALF_WIDE), hard=each(signed(1e-318, 1e-300), signed(1e-10, 1.0))),
    "floordiv": Reference(lambda a, b: mp.floor(a / b), QUOTIENT),
    "mod": Reference(lambda a, b: a - b * mp.floor(a / b), QUOTIENT),
    "pow": Reference(lambda x, p: x**p, each(positive(1e-3, 1e3), signed(1e-2, 30.0)), hard=positive_base(tiny_power)),
    "power": Reference(
        lambda x, n: x ** (int(n) if n == int(n) else n),
        each(positive(1e-3, 1e3), one_of(signed(1e-2, 30.0), order(-5, 9))),
        (1,),
        tiny_power,
    ),
    "neg": Reference(lambda x: -x, WIDE),
    "abs": Reference(abs, WIDE),
    "reciprocal": Reference(lambda x: 1 / x, signed(1e-90, 1e90)),
    "square": Reference(lambda x: x * x, WIDE),
    "sqrt": Reference(mp.sqrt, positive(1e-200, 1e200)),
    "rsqrt": Reference(lambda x: 1 / mp.sqrt(x), positive(1e-120, 1e120)),
    "cbrt": Reference(lambda x: mp.sign(x) * mp.cbrt(abs(x)), signed(1e-180, 1e180)),
    "exp": Reference(mp.exp, signed(1e-5, 709.0)),
    "exp2": Reference(lambda x: mpf(2) ** x, signed(1e-5, 1000.0), hard=between(-1074.0, -960.0)),
    "expm1": Reference(mp.expm1, signed(1e-5, 700.0)),
    "log": Reference(mp.log, positive(1e-150, 1e150)),
    "log2": Reference(lambda x: mp.log(x, 2), positive(1e-150, 1e150)),
    "log10": Reference(mp.log10, positive(1e-150, 1e150)),
    "log1p": Reference(_log1p, one_of(TO_ONE, positive(1e-9, 1e150))),
    "logaddexp": Reference(lambda a, b: mp.log(mp.exp(a) + mp.exp(b)), each(signed(1e-3, 300.0), signed(1e-3, 300.0))),
    "xlogy": Reference(lambda x, y: x * mp.log(y), each(signed(1e-5, 1e5), positive(1e-100, 1e100))),
    "sin": Reference(mp.sin, signed(1e-5, 1e5)),
    "cos": Reference(mp.cos, signed(1e-5, 1e5)),
    "tan": Reference(mp.tan, signed(1e-5, 1e5)),
    "asin": Reference(mp.asin, TO_ONE),
    "acos": Reference(mp.acos, TO_ONE),
    "atan": Reference(mp.atan, signed(1e-90, 1e90)),
    "atan2": Reference(
        mp.atan2,
        one_of(each(HALF_WIDE, HALF_WIDE), similar(1e-90, 1e90, 2)),
        hard=one_of(similar(1e-304, 1e304, 2), similar(1e250, 1e299, 2), each(*[signed(1e308, 1.7e308)] * 2)),
    ),
    "sinc": Reference(lambda x: mp.sin(mp.pi * x) / (mp.pi * x), signed(1e-8, 30.0)),
    "sinh": Reference(mp.sinh, signed(1e-5, 700.0)),
    "cosh": Reference(mp.cosh, signed(1e-5, 700.0)),
    "tanh": Reference(mp.tanh, signed(1e-5, 370.0)),
    "sech": Reference(mp.sech, signed(1e-5, 740.0)),
    "asinh": Reference(lambda x: mp.sign(x) * mp.asinh(abs(x)), signed(1e-90, 1e90)),
    "acosh": Reference(mp.acosh, ABOVE_ONE),
    "atanh": Reference(mp.atanh, TO_ONE),
    "hypot": Reference(_norm, one_of(each(HALF_WIDE, HALF_WIDE), similar(1e-90, 1e90, 2), similar(1e-90, 1e90, 3))),
    "maximum": Reference(max, each(WIDE, WIDE)),
    "minimum": Reference(min, each(WIDE, WIDE)),
    "clip": Reference(lambda x, a, b: min(max(x, a), b), each(signed(0.1, 10.0), between(-2.0, -0.5), between(0.5, 2.0))),
    "identity": Reference(lambda x: x, WIDE),
    "where": Reference(lambda x: x, WIDE),
    "sign": Reference(mp.sign, WIDE),
    "floor": Reference(mp.floor, signed(1e-3, 1e6)),
    "ceil": Reference(mp.ceil, signed(1e-3, 1e6)),
    "round": Reference(mp.nint, signed(1e-3, 1e6)),
    "trunc": Reference(_trunc, signed(1e-3, 1e6)),
    "fmod": Reference(lambda a, b: a - b * _trunc(a / b), QUOTIENT),
    "copysign": Reference(lambda a, b: abs(a) * mp.sign(b), each(WIDE, WIDE)),
    "relu": Reference(lambda x: max(x, mpf(0)), WIDE),
    "leaky_relu": Reference(lambda x, a: x if x > 0 else a * x, each(HALF_WIDE, signed(1e-3, 3.0))),
    "elu": Reference(_elu, each(signed(1e-5, 700.0), signed(1e-3, 3.0))),
    "selu": Reference(lambda x: mpf(SELU_SCALE) * _elu(x, mpf(SELU_ALPHA)), signed(1e-5, 700.0)),
    "celu": Reference(
        lambda x, a: x if x > 0 else a * mp.expm1(x / a),
        each(signed(1e-5, 300.0), positive(0.5, 3.0)),
        hard=each(between(-340.0, -9.0), between(0.5, 3.0)),
    ),
    "sigmoid": Reference(_sigmoid, signed(1e-5, 740.0)),
    "log_sigmoid": Reference(lambda x: -_softplus(-x), signed(1e-5, 740.0)),
    "softplus": Reference(_softplus, signed(1e-5, 740.0)),
    "softsign": Reference(lambda x: x / (1 + abs(x)), signed(1e-90, 1e90)),
    "silu": Reference(lambda x: x * _sigmoid(x), signed(1e-5, 740.0)),
    "gelu": Reference(lambda x: x * _gaussian_cdf(x), signed(1e-5, 38.4), hard=between(-37.5, -36.9)),
    "mish": Reference(lambda x: x * mp.tanh(_softplus(x)), signed(1e-5, 740.0)),
    "hard_tanh": Reference(lambda x: min(max(x, mpf(-1)), mpf(1)), signed(1e-2, 1e2)),
    "hard_sigmoid": Reference(lambda x: min(max((x + 3) / 6, mpf(0)), mpf(1)), signed(1e-2, 1e2)),
    "erf": Reference(mp.erf, signed(1e-5, 27.1)),
    "erfc": Reference(mp.erfc, signed(1e-5, 27.1)),
    "norm_cdf": Reference(_gaussian_cdf, signed(1e-5, 38.4)),
    "norm_pdf": Reference(lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi), signed(1e-5, 38.4)),
    "lgamma": Reference(lambda x: mp.log(abs(mp.gamma(x))), GAMMA, hard=between(0.3, 3.0)),
    "digamma": Reference(mp.digamma, GAMMA),
    "sum": Reference(lambda *xs: mp.fsum(xs), each(*[positive(1e-3, 1e3)] * 3)),
    "mean": Reference(lambda *xs: mp.fsum(xs) / len(xs), each(*[positive(1e-3, 1e3)] * 3)),
    "prod": Reference(lambda *xs: mp.fprod(xs), each(*[signed(1e-50, 1e50)] * 3)),
    "dot": Reference(lambda a, b, c, d: a * c + b * d, each(*[positive(1e-3, 1e3)] * 4)),
    "norm": Reference(_norm, one_of(each(HALF_WIDE, HALF_WIDE), similar(1e-90, 1e90, 3))),
    "max": Reference(max, each(WIDE, WIDE, WIDE)),
    "min": Reference(min, each(WIDE, WIDE, WIDE)),
    "logsumexp": Reference(_logsumexp, each(*[signed(1e-3, 300.0)] * 3)),
    "softmax": Reference(_softmax, each(*[signed(1e-3, 300.0)] * 3)),
    "log_softmax": Reference(lambda *xs: mp.log(_softmax(*xs)), each(*[signed(1e-3, 300.0)] * 3)),
    "one_minus_square": Reference(lambda x: 1 - x * x, one_of(TO_ONE, signed(1.0, 1e90))),
    "gaussian": Reference(lambda k, x: mp.exp(-k * x * x), each(power_of_two(-2, 0), signed(1e-5, 27.1)), (0,)),
    "direction": Reference(lambda *xs: xs[0] / _norm(*xs), one_of(each(HALF_WIDE, HALF_WIDE), similar(1e-90, 1e90, 3))),
    "sinc_derivative": Reference(
        _sinc_derivative, each(order(1, 3), signed(1e-3, 10.0)), (0,), hard=each(order(1, 6), signed(0.3, 1.5))
    ),
    "polygamma": Reference(lambda n, x: mp.polygamma(int(n), x), each(order(1, 3), GAMMA), (0,)),
    "step": Reference(lambda x: mpf(x > 0), WIDE),
    "expm1_rest": Reference(lambda x: mp.expm1(x) - x * mp.exp(x), one_of(signed(1e-5, 700.0), signed(1e-9, 2.0))),
    "floor_quotient": Reference(lambda a, b: mp.floor(a / b), QUOTIENT),
    "trunc_quotient": Reference(lambda a, b: _trunc(a / b), QUOTIENT),
}

# -- the terms that cancel where a result passes through 0 -------------------------------------------


def _gamma_terms(order: int, x: Any) -> Any:
    """log Γ and ψ are a logarithm and a series, and a reflection below 0."""
    reflected = mp.log(abs(mp.sinpi(x))) if order == 0 else mp.pi * mp.cot(mp.pi * x)
    return mp.log(abs(x) + 14) + (abs(reflected) if x < 0 else 0)


def _polygamma_terms(order: int, n: Any, x: Any) -> Any:
    """Both terms of the reflection: the one at 1 − x, and what it leaves of the exact number."""
    k = int(n) + order
    return abs(mp.polygamma(k, x)) + 2 * abs(mp.polygamma(k, 1 - x)) if x < 0 else 0


def _largest_operand(order: int, *x: Any) -> Any:
    return max(map(abs, x)) if order == 0 else 0


TERMS: dict[str, Callable[..., Any]] = {
    "digamma": lambda order, x: _gamma_terms(1, x) if order == 0 else _polygamma_terms(order, mpf(0), x),
    "gelu": lambda order, x: int(order > 0 and abs(x) < 3),  # the slope's zero at −0.7518
    "lgamma": _gamma_terms,
    "logaddexp": _largest_operand,
    "logsumexp": _largest_operand,
    "mish": lambda order, x: int(order > 0 and -3 < x < 3),  # −1.1925
    "polygamma": _polygamma_terms,
    "silu": lambda order, x: int(order > 0 and -3 < x < 3),  # −1.2785
    "sinc": lambda order, x: mp.pi ** (order - 1) / abs(x) if abs(x) > 1 and order else 0,
    "sinc_derivative": lambda order, n, x: mp.pi ** (n + order - 1) / abs(x) if abs(x) > 0.5 else 0,
}
