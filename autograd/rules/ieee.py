"""Real functions on floats that follow IEEE 754 and never raise.

Python's ``math`` raises where C and NumPy answer ``inf`` or ``nan``: ``math.exp(710)`` is an
``OverflowError``, ``1.0 / 0.0`` a ``ZeroDivisionError``, ``(-8.0) ** (1/3)`` a complex number. Training
must survive all three, so every elementary operation of the rule table takes its value from here.

>>> exp(710.0), div(1.0, -0.0), pow(-8.0, 1 / 3)
(inf, -inf, nan)
"""

import builtins
import math
import operator
from collections.abc import Callable, Sequence
from functools import reduce

INF = math.inf
NAN = math.nan


def never_raising(
    function: Callable[..., float],
    overflow: Callable[..., float] = lambda *_: INF,
    domain: Callable[..., float] = lambda *_: NAN,
) -> Callable[..., float]:
    """``function``, answering ``overflow(x)`` or ``domain(x)`` where ``math`` would raise."""

    def safe(*x: float) -> float:
        try:
            return function(*x)
        except OverflowError:
            return overflow(*x)
        except ValueError:
            return domain(*x)

    safe.__name__ = safe.__qualname__ = function.__name__
    return safe


def _signed_infinity(x: float) -> float:
    return math.copysign(INF, x)


def _log_pole(x: float) -> float:
    return -INF if x == 0 else NAN


# -- arithmetic --------------------------------------------------------------------------------


def div(a: float, b: float) -> float:
    """a / b; a zero divisor gives ±inf or nan, as in C."""
    try:
        return a / b
    except ZeroDivisionError:
        return NAN if a == 0 or a != a else math.copysign(INF, a) * math.copysign(1.0, b)


def mod(a: float, b: float) -> float:
    """a % b with the sign of b, as Python's own."""
    try:
        return a % b
    except ZeroDivisionError:
        return NAN


def floordiv(a: float, b: float) -> float:
    """a // b; a zero divisor gives ±inf or nan, as in NumPy."""
    try:
        return a // b
    except ZeroDivisionError:
        return div(a, b)


def floor_quotient(a: float, b: float) -> float:
    """The floor of the exact quotient; where a or 1/b is infinite, the quotient itself."""
    return a // b if math.isfinite(a) and b else div(a, b)


def trunc_quotient(a: float, b: float) -> float:
    """The exact quotient rounded towards zero; where a or 1/b is infinite, the quotient itself."""
    if not math.isfinite(a) or not b:
        return div(a, b)
    return math.copysign(round_half_even((a - math.fmod(a, b)) / b), math.copysign(1.0, a) * math.copysign(1.0, b))


def pow(a: float, b: float) -> float:
    """a ** b as C's pow: nan for a negative base with a fractional exponent, never complex."""
    try:
        return math.pow(a, b)
    except OverflowError:
        return -INF if a < 0 and b % 2 == 1 else INF
    except ValueError:  # 0 ** negative is a pole, everything else is out of the domain
        return NAN if a != 0 else math.copysign(INF, a) if b % 2 == 1 else INF


def where(condition: object, a: float, b: float) -> float:
    """``a`` where the condition holds, else ``b``."""
    return a if condition else b


def relu(x: float) -> float:
    """x where positive, 0 where not, nan where nan."""
    return x if x > 0.0 else 0.0 if x == x else NAN


def step(x: float) -> float:
    """1 where x is positive, 0 where not, nan where nan."""
    return 1.0 if x > 0.0 else 0.0 if x == x else NAN


# -- roots, exponentials, logarithms -----------------------------------------------------------

sqrt = never_raising(math.sqrt)
exp = never_raising(math.exp)
exp2 = never_raising(math.exp2)
expm1 = never_raising(math.expm1)
log = never_raising(math.log, domain=_log_pole)
log2 = never_raising(math.log2, domain=_log_pole)
log10 = never_raising(math.log10, domain=_log_pole)
log1p = never_raising(math.log1p, domain=lambda x: _log_pole(1.0 + x))


def cbrt(x: float) -> float:
    """The cube root with a Newton step after C's, which leaves 2.5 ulp: 0.7."""
    y = math.cbrt(x)
    if 1e-280 < abs(x) < 1e300:
        return y - (y * y * y - x) / (3.0 * y * y)
    scale = 2.0**-200 if abs(x) > 1.0 else 2.0**200
    return cbrt(scale * scale * scale * x) / scale if x and math.isfinite(x) else y


# -- circular and hyperbolic functions -----------------------------------------------------------

sin = never_raising(math.sin)
cos = never_raising(math.cos)
tan = never_raising(math.tan)
asin = never_raising(math.asin)
acos = never_raising(math.acos)
atan = math.atan
atan2 = math.atan2
sinh = never_raising(math.sinh, overflow=_signed_infinity)
cosh = never_raising(math.cosh)
tanh = math.tanh
asinh = math.asinh
acosh = never_raising(math.acosh)
atanh = never_raising(math.atanh, domain=lambda x: _signed_infinity(x) if abs(x) == 1 else NAN)

# -- rounding ----------------------------------------------------------------------------------


def _rounded(to_integer: Callable[[float], float]) -> Callable[[float], float]:
    """An integer-valued function that keeps inf, nan and the sign of zero, as C's do."""

    def rounded(x: float) -> float:
        return math.copysign(to_integer(x), x) if math.isfinite(x) else x

    rounded.__name__ = rounded.__qualname__ = to_integer.__name__
    return rounded


floor = _rounded(math.floor)
ceil = _rounded(math.ceil)
trunc = _rounded(math.trunc)
round_half_even = _rounded(round)
fmod = never_raising(math.fmod)
copysign = math.copysign

ldexp = never_raising(math.ldexp, overflow=lambda x, _: math.copysign(INF, x))

# -- of many -----------------------------------------------------------------------------------

hypot = math.hypot


def directions(*xs: float) -> list[float]:
    """The unit vector xs / hypot(xs), 0 at the origin, to the last digits at every scale.

    A single infinite component is the whole direction; several leave it undefined.
    """
    length = hypot(*xs)
    if any(map(math.isinf, xs)):
        lone = builtins.sum(map(math.isinf, xs)) == 1 and not any(map(math.isnan, xs))
        return [math.copysign(1.0 if math.isinf(x) else 0.0, x) if lone else NAN for x in xs]
    if length == 0:
        return [0.0 for _ in xs]
    if not 1e-290 < length < INF:  # scale by a power of two before the division over- or underflows
        scale = 2.0**-60 if length > 1 else 2.0**600
        xs = tuple(x * scale for x in xs)
        length = hypot(*xs)
    return [x / length for x in xs]


def direction(x: float, *others: float) -> float:
    """The first of ``directions``."""
    return directions(x, *others)[0]


def sum(*xs: float) -> float:
    """Added from left to right; rescaled where only a partial sum overflows.

    The builtin compensates for rounding from Python 3.12 on, and so gives other bits.
    """
    total = reduce(operator.add, xs) if xs else 0.0
    return 2.0**64 * sum(*(2.0**-64 * x for x in xs)) if _overflown(total, xs) else total


def mean(*xs: float) -> float:
    """The sum from left to right over the count."""
    total = reduce(operator.add, xs)
    return sum(*(x / len(xs) for x in xs)) if _overflown(total, xs) else total / len(xs)


def dot(*xs: float) -> float:
    """a1·b1 + … + an·bn of the operands a1 … an, b1 … bn, from left to right; rescaled like ``sum``."""
    half = len(xs) // 2
    total = reduce(operator.add, map(operator.mul, xs[:half], xs[half:])) if xs else 0.0
    return 2.0**550 * (2.0**550 * dot(*(2.0**-550 * x for x in xs))) if _overflown(total, xs) else total


def _overflown(total: float, xs: Sequence[float]) -> bool:
    """Whether a sum has left the range of floats on the way, though no operand has."""
    return not math.isfinite(total) and all(map(math.isfinite, xs))


def prod(*xs: float) -> float:
    """The product from left to right, the exponents apart: nothing over- or underflows on the way."""
    mantissa, exponent = 1.0, 0
    for x in xs:
        fraction, power = math.frexp(x)
        mantissa, shift = math.frexp(mantissa * fraction)
        exponent += power + shift
    return ldexp(mantissa, exponent)


def exp_difference(x: float, top: float) -> float:
    """exp(x − top), corrected to first order for the rounding error of x − top."""
    d = x - top
    back = x - d
    error = (x - (d + back)) + (back - top)
    return exp(d) * (1.0 + error) if error == error else exp(d)


def logsumexp(*xs: float) -> float:
    """log Σ exp x, shifted by the largest, which enters as the 1 of log1p: tiny results keep digits."""
    top = maximum(*xs) if xs else -INF
    return top + log1p(_sum_without_top(xs, top)) if math.isfinite(top) else top


def softmaxes(*xs: float) -> list[float]:
    """exp(x) / Σ exp for every x."""
    top = maximum(*xs)
    weights = [exp_difference(x, top) for x in xs]
    total_weight = sum(*weights)
    return [weight / total_weight for weight in weights]


def softmax(x: float, *others: float) -> float:
    """The first of ``softmaxes``."""
    return softmaxes(x, *others)[0]


def log_softmax(x: float, *others: float) -> float:
    """log of ``softmax``, exact where the softmax underflows or rounds to 1."""
    top = maximum(x, *others)
    return -(log1p(_sum_without_top((x, *others), top)) + (top - x))


def _sum_without_top(xs: Sequence[float], top: float) -> float:
    """Σ exp(x − top) over all but the first of the largest."""
    first = xs.index(top) if top == top else 0
    return sum(*(exp_difference(x, top) for i, x in enumerate(xs) if i != first))


def maximum(*xs: float) -> float:
    """The largest; nan if any is nan; of two zeros the positive one."""
    return _extreme(xs, max(xs), 1.0)


def minimum(*xs: float) -> float:
    """The smallest; nan if any is nan; of two zeros the negative one."""
    return _extreme(xs, min(xs), -1.0)


def _extreme(xs: tuple[float, ...], best: float, zero_sign: float) -> float:
    if any(x != x for x in xs):
        return NAN
    if best == 0 and any(math.copysign(1.0, x) == zero_sign for x in xs if x == 0):
        return math.copysign(0.0, zero_sign)
    return best
