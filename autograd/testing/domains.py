"""Where each operation of the rule table is defined, and where its derivative can be seen in float64 values.

>>> DOMAINS["log"].whole, DOMAINS["atan2"].interior
((Interval(low=-0.0, high=inf),), (Interval(low=-5.0, high=5.0), Interval(low=-5.0, high=5.0)))
"""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple, TypeAlias

INF = math.inf
TINY, NORMAL, HUGE = 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308


def _order(x: float) -> tuple[float, float]:
    """−0 before +0."""
    return x, math.copysign(1.0, x)


class Interval(NamedTuple):
    """The floats from low to high, both included."""

    low: float
    high: float

    def edges(self) -> list[float]:
        """The points where things go wrong, the simplest first: the ends, 0, ±1, tiny, huge and subnormal ones."""
        usual = (0.0, -0.0, 1.0, -1.0, 1e-8, -1e-8, NORMAL, -NORMAL, TINY, -TINY, 1e8, -1e8, HUGE, -HUGE)
        near = (math.nextafter(self.low, INF), math.nextafter(self.high, -INF))
        contained = [x for x in (*usual, *near) if _order(self.low) <= _order(x) <= _order(self.high)]
        return list({_order(x): x for x in (*contained, self.low, self.high)}.values())

    def draw(self, random: Random) -> float:
        """Uniform, in the logarithm where the interval spans more than a decade above 0."""
        if self.low > 0.0 and self.high > 10.0 * self.low:
            return math.exp(random.uniform(math.log(self.low), math.log(self.high)))
        return random.uniform(self.low, self.high)

    def draw_anywhere(self, random: Random) -> float:
        """An edge, or a number of any size."""
        size = math.exp(random.uniform(-700.0, 700.0) * random.choice((1.0, 0.02)))
        return min(max(random.choice((-size, size, random.choice(self.edges()))), self.low), self.high)


class Choice(NamedTuple):
    """A few floats: an operand that the operation isn't differentiated by."""

    values: tuple[float, ...]

    def edges(self) -> list[float]:
        return list(self.values)

    def draw(self, random: Random) -> float:
        return random.choice(self.values)

    def draw_anywhere(self, random: Random) -> float:
        return self.draw(random)


OperandDomain: TypeAlias = Interval | Choice


class Domain(NamedTuple):
    """For each operand the numbers the operation takes, and an interior where differences of values are good derivatives."""

    whole: tuple[OperandDomain, ...]
    interior: tuple[OperandDomain, ...]

    @property
    def places(self) -> list[int]:
        """The operands that the operation is differentiated by."""
        return [i for i, operand in enumerate(self.whole) if isinstance(operand, Interval)]


REAL, NOT_NEGATIVE, UNIT = Interval(-INF, INF), Interval(-0.0, INF), Interval(-1.0, 1.0)
SMALL, MIDDLE, LARGE = Interval(-3.0, 3.0), Interval(-5.0, 5.0), Interval(-30.0, 30.0)
POSITIVE, SCALE = Interval(1e-6, 1e6), Interval(0.5, 3.0)
ORDER, FACTOR, EXPONENT = Choice((1.0, 2.0, 3.0)), Choice((1.0, 0.5)), Choice((2.0, 3.0, 0.5, 1.5, -1.0, -2.0))


def _one(interior: OperandDomain, whole: OperandDomain = REAL, *names: str) -> dict[str, Domain]:
    return {name: Domain((whole,), (interior,)) for name in names}


def _many(count: int, interior: OperandDomain, *names: str) -> dict[str, Domain]:
    return {name: Domain((REAL,) * count, (interior,) * count) for name in names}


DOMAINS: dict[str, Domain] = {
    **_many(2, LARGE, "add", "sub", "mul"),
    **{name: Domain((REAL, REAL), (LARGE, Interval(0.2, 30.0))) for name in ("div", "floordiv", "fmod", "floor_quotient")},
    **{name: Domain((REAL, REAL), (LARGE, Interval(-30.0, -0.2))) for name in ("mod", "trunc_quotient")},
    **_many(2, MIDDLE, "logaddexp", "logaddexp2", "atan2", "maximum", "minimum", "copysign"),
    **_many(3, MIDDLE, "hypot", "norm", "sum", "mean", "prod", "max", "min"),
    **_many(3, SCALE, "direction", "logsumexp", "softmax", "log_softmax"),
    **_many(4, MIDDLE, "dot"),
    **_one(LARGE, REAL, "neg", "abs", "square", "cbrt", "identity", "where", "one_minus_square"),
    **_one(LARGE, REAL, "sin", "cos", "atan", "asinh", "sign", "floor", "ceil", "round", "trunc", "softsign", "relu"),
    **_one(POSITIVE, NOT_NEGATIVE, "sqrt", "rsqrt", "log", "log2", "log10"),
    **_one(MIDDLE, REAL, "exp", "exp2", "expm1", "sinh", "cosh", "tanh", "sech", "sinc", "selu", "silu", "gelu", "mish"),
    **_one(MIDDLE, REAL, "sigmoid", "log_sigmoid", "softplus", "hard_tanh", "hard_sigmoid", "norm_pdf", "step"),
    **_one(MIDDLE, REAL, "hard_swish", "gelu_tanh"),
    **_one(SMALL, REAL, "sinpi", "cospi", "erfcx", "log_ndtr"),
    **_one(Interval(-0.99, 0.99), UNIT, "erfinv"),
    **_one(Interval(0.01, 1.99), Interval(-0.0, 2.0), "erfcinv"),
    **_one(Interval(0.01, 0.99), Interval(-0.0, 1.0), "ndtri"),
    **_one(Interval(0.1, 20.0), REAL, "gamma"),
    **_one(Interval(0.01, 0.99), Interval(0.0, 1.0), "logit"),
    **_one(Interval(1e-2, 30.0), NOT_NEGATIVE, "log1mexp"),
    **_one(Interval(1e-3, 1e3), NOT_NEGATIVE, "entr"),
    **_one(SMALL, REAL, "erf", "erfc", "norm_cdf", "expm1_rest"),
    **_one(Interval(-1.4, 1.4), REAL, "tan"),
    **_one(Interval(0.1, 30.0), REAL, "reciprocal"),
    **_one(Interval(-0.99, 0.99), UNIT, "asin", "acos", "atanh"),
    **_one(Interval(1.01, 1e6), Interval(1.0, INF), "acosh"),
    **_one(Interval(-0.99, 1e3), Interval(-1.0, INF), "log1p"),
    **_one(Interval(1e-3, 1e3), REAL, "lgamma", "digamma"),
    "gaussian": Domain((FACTOR, REAL), (FACTOR, SMALL)),
    "pow": Domain((NOT_NEGATIVE, REAL), (Interval(0.1, 10.0), SMALL)),
    "power": Domain((NOT_NEGATIVE, EXPONENT), (Interval(0.1, 10.0), EXPONENT)),
    "xlogy": Domain((REAL, NOT_NEGATIVE), (MIDDLE, Interval(1e-3, 1e3))),
    "xlog1py": Domain((REAL, Interval(-1.0, INF)), (MIDDLE, Interval(-0.9, 1e3))),
    "scaled_softplus": Domain((REAL, REAL), (MIDDLE, SCALE)),
    "clip": Domain((REAL, REAL, REAL), (MIDDLE, Interval(-2.0, -0.5), Interval(0.5, 2.0))),
    "leaky_relu": Domain((REAL, REAL), (MIDDLE, SCALE)),
    "elu": Domain((REAL, REAL), (MIDDLE, SCALE)),
    "celu": Domain((REAL, REAL), (MIDDLE, SCALE)),
    "sinc_derivative": Domain((ORDER, REAL), (ORDER, MIDDLE)),
    "erfc_integral": Domain((ORDER, Interval(0.5, INF)), (ORDER, Interval(0.6, 5.0))),
    "polygamma": Domain((ORDER, REAL), (ORDER, Interval(1e-2, 1e2))),
}
