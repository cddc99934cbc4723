"""The rule table: one line an operation, its value and its local derivatives.

A rule reads as the formula in a table of derivatives. ``y`` is the result, ``x`` or ``a, b`` are the
operands, and ``m`` is the kind of number it is evaluated on: a namespace with a function for every
operation. ``FLOATS`` gives numbers; ``autograd.value.VALUES`` gives ``Value``s, and with them derivatives of
every order. So one line serves all modes, and no rule may branch with ``if``: it says ``m.where``.

*Elementary* operations take their value from a float function; *composite* ones are a formula
in ``m`` themselves.

At a kink the derivative is the smallest in magnitude between the two slopes; ties share equally;
outside its domain an operation is nan with nan derivatives.

>>> RULES["tanh"].value(1.0), RULES["tanh"].partials(FLOATS, math.tanh(1.0), 1.0)
(0.7615941559557649, (0.419974341614026,))
"""

import math
import operator
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from autograd.rules import composites as f
from autograd.rules import ieee as floats
from autograd.rules import partials as d
from autograd.rules import special

INF, NAN = math.inf, math.nan
LN2, LN10 = math.log(2.0), math.log(10.0)

Partials = Callable[..., Any]  # (m, y, *operands) -> one local derivative per operand


class Rule:
    """An operation: its ``name``, the ``symbol`` drawn for it, its float ``value``, its ``partials``.

    ``form`` is the value as a formula in ``m`` for a composite operation, None for an elementary one;
    ``source`` is the user's primitive that the rule belongs to, None for those of the table.
    """

    __slots__ = ("form", "name", "partials", "source", "symbol", "value")

    def __init__(
        self,
        name: str,
        value: Callable[..., float],
        partials: Partials,
        symbol: str,
        form: Callable[..., Any] | None = None,
        source: Any = None,
    ):
        self.name, self.value, self.partials = name, value, partials
        self.symbol, self.form, self.source = symbol, form, source

    def __repr__(self) -> str:
        return f"<rule {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return rule_of, (self.source or self.name,)


RULES: dict[str, Rule] = {}
FLOATS = SimpleNamespace(where=floats.where, directions=floats.directions, softmaxes=floats.softmaxes)


def _enter(rule: Rule) -> Rule:
    RULES[rule.name] = rule
    vars(FLOATS).setdefault(rule.name, rule.value)  # not where: its node records the chosen side only
    return rule


def rule_of(source: Any) -> Rule:
    """The rule that a pickle names: one of the table, or that of a primitive."""
    rule: Rule = RULES[source] if isinstance(source, str) else source.rule
    return rule


def elementary(name: str, value: Callable[..., float], partials: Partials, symbol: str = "") -> Rule:
    """Enter an operation whose value is a function of floats."""
    return _enter(Rule(name, value, partials, symbol or name))


def composite(name: str, form: Callable[..., Any], partials: Partials, symbol: str = "") -> Rule:
    """Enter an operation whose value is itself a formula ``form(m, *operands)``."""
    return _enter(Rule(name, partial(form, FLOATS), partials, symbol or name, form))


# -- arithmetic ----------------------------------------------------------------------------------

ADD = elementary("add", operator.add, lambda m, y, a, b: (1.0, 1.0), "+")
SUB = elementary("sub", operator.sub, lambda m, y, a, b: (1.0, -1.0), "−")
MUL = elementary("mul", operator.mul, lambda m, y, a, b: (b, a), "×")
DIV = elementary("div", floats.div, lambda m, y, a, b: d.quotient_slopes(m, y, a, b), "÷")
FLOORDIV = elementary("floordiv", floats.floordiv, lambda m, y, a, b: (f.flat(m, y), f.flat(m, y)), "//")
MOD = elementary("mod", floats.mod, lambda m, y, a, b: (1.0, -m.floor_quotient(a, b)), "%")
POW = elementary("pow", floats.pow, lambda m, y, x, p: (d.base_slope(m, y, x, p), d.exponent_slope(m, y, x, p)), "**")
POWER = elementary("power", floats.pow, lambda m, y, x, n: (d.fixed_power_slope(m, y, x, n), NAN), "**")
NEG = elementary("neg", operator.neg, lambda m, y, x: (-1.0,), "−")
ABS = elementary("abs", abs, lambda m, y, x: (f.by_sign(m, x, -1.0, 0.0, 1.0),), "|·|")
RECIPROCAL = composite("reciprocal", lambda m, x: m.div(1.0, x), lambda m, y, x: (-m.square(y),), "1/x")
SQUARE = composite("square", lambda m, x: x * x, lambda m, y, x: (2.0 * x,), "x²")

# -- roots, exponentials, logarithms -----------------------------------------------------------

SQRT = elementary("sqrt", floats.sqrt, lambda m, y, x: (m.div(0.5, y + 0.0),), "√")  # −0 + 0 is +0
RSQRT = composite("rsqrt", lambda m, x: m.div(1.0, m.sqrt(x)), lambda m, y, x: (m.div(-0.5 * y, x),), "1/√")
CBRT = elementary("cbrt", floats.cbrt, lambda m, y, x: (m.div(1.0, 3.0 * m.square(y)),), "∛")
EXP = elementary("exp", floats.exp, lambda m, y, x: (y,))
EXP2 = elementary("exp2", floats.exp2, lambda m, y, x: (d.exp2_slope(m, y, x),))
EXPM1 = elementary("expm1", floats.expm1, lambda m, y, x: (m.exp(x),))
LOG = elementary("log", floats.log, lambda m, y, x: (f.inside(m, x >= 0.0, m.div(1.0, x + 0.0)),))
LOG2 = elementary("log2", floats.log2, lambda m, y, x: (f.inside(m, x >= 0.0, m.div(1.0 / LN2, x + 0.0)),))
LOG10 = elementary("log10", floats.log10, lambda m, y, x: (f.inside(m, x >= 0.0, m.div(1.0 / LN10, x + 0.0)),))
LOG1P = elementary("log1p", floats.log1p, lambda m, y, x: (f.inside(m, x >= -1.0, m.div(1.0, 1.0 + x)),))
LOGADDEXP = composite("logaddexp", f.logaddexp, lambda m, y, a, b: (d.logaddexp_slope(m, a, b), d.logaddexp_slope(m, b, a)))
XLOGY = composite("xlogy", f.xlogy, lambda m, z, x, y: (m.log(y), d.xlogy_slope(m, x, y)), "x·log y")

# -- circular and hyperbolic functions -----------------------------------------------------------

SIN = elementary("sin", floats.sin, lambda m, y, x: (m.cos(x),))
COS = elementary("cos", floats.cos, lambda m, y, x: (0.0 - m.sin(x),))  # 0 − keeps cos′(0) at +0
TAN = elementary("tan", floats.tan, lambda m, y, x: (1.0 + m.square(y),))
ASIN = elementary("asin", floats.asin, lambda m, y, x: (m.rsqrt(m.one_minus_square(x)),))
ACOS = elementary("acos", floats.acos, lambda m, y, x: (-m.rsqrt(m.one_minus_square(x)),))
ATAN = elementary("atan", floats.atan, lambda m, y, x: (m.square(m.div(1.0, m.hypot(1.0, x))),))
ATAN2 = elementary("atan2", floats.atan2, lambda m, z, y, x: d.atan2_slopes(m, y, x))
SINC = elementary("sinc", special.sinc, lambda m, y, x: (m.sinc_derivative(1.0, x),))
SINH = elementary("sinh", floats.sinh, lambda m, y, x: (m.cosh(x),))
COSH = elementary("cosh", floats.cosh, lambda m, y, x: (m.sinh(x),))
TANH = elementary("tanh", floats.tanh, lambda m, y, x: (m.square(m.sech(x)),))
SECH = composite("sech", f.sech, lambda m, y, x: (-y * m.tanh(x),))
ASINH = elementary("asinh", floats.asinh, lambda m, y, x: (m.div(1.0, m.hypot(1.0, x)),))
ACOSH = elementary("acosh", floats.acosh, lambda m, y, x: (m.rsqrt(x - 1.0) * m.rsqrt(x + 1.0),))
ATANH = elementary("atanh", floats.atanh, lambda m, y, x: (f.inside(m, m.abs(x) <= 1.0, m.div(1.0, m.one_minus_square(x))),))
HYPOT = elementary("hypot", floats.hypot, lambda m, y, *xs: m.directions(*xs))

# -- choice and steps ----------------------------------------------------------------------------

MAXIMUM = elementary("maximum", floats.maximum, lambda m, y, a, b: d.maximum_shares(m, a, b), "max")
MINIMUM = elementary("minimum", floats.minimum, lambda m, y, a, b: d.maximum_shares(m, b, a), "min")
CLIP = composite("clip", f.clip, lambda m, y, x, low, high: d.clip_slopes(m, y, x, low, high))
IDENTITY = elementary("identity", lambda x: x, lambda m, y, x: (1.0,), "=")
WHERE = elementary("where", lambda chosen: chosen, lambda m, y, chosen: (1.0,))
SIGN = composite("sign", lambda m, x: f.by_sign(m, x, -1.0, x, 1.0), lambda m, y, x: (f.flat(m, x),))
FLOOR = elementary("floor", floats.floor, lambda m, y, x: (f.flat(m, x),), "⌊·⌋")
CEIL = elementary("ceil", floats.ceil, lambda m, y, x: (f.flat(m, x),), "⌈·⌉")
ROUND = elementary("round", floats.round_half_even, lambda m, y, x: (f.flat(m, x),))
TRUNC = elementary("trunc", floats.trunc, lambda m, y, x: (f.flat(m, x),))
FMOD = elementary("fmod", floats.fmod, lambda m, y, a, b: (1.0, -m.trunc_quotient(a, b)))
COPYSIGN = elementary("copysign", floats.copysign, lambda m, y, a, b: (d.copysign_slope(m, a, b), f.flat(m, b)))

# -- activations -----------------------------------------------------------------------------------

RELU = elementary("relu", floats.relu, lambda m, y, x: (m.step(x),))
LEAKY_RELU = composite("leaky_relu", f.leaky_relu, lambda m, y, x, a: d.leaky_relu_slopes(m, x, a))
ELU = composite("elu", f.elu, lambda m, y, x, a: d.elu_slopes(m, x, a))
SELU = composite("selu", f.selu, lambda m, y, x: (d.selu_slope(m, x),))
CELU = composite("celu", f.celu, lambda m, y, x, a: d.celu_slopes(m, x, a))
SIGMOID = composite("sigmoid", f.sigmoid, lambda m, y, x: (m.square(0.5 * m.sech(0.5 * x)),), "σ")
LOG_SIGMOID = composite("log_sigmoid", lambda m, x: -m.softplus(-x), lambda m, y, x: (m.sigmoid(-x),), "log σ")
SOFTPLUS = composite("softplus", f.softplus, lambda m, y, x: (m.sigmoid(x),))
SOFTSIGN = composite("softsign", f.softsign, lambda m, y, x: (m.square(m.div(1.0, 1.0 + m.abs(x))),))
SILU = composite("silu", f.silu, lambda m, y, x: (d.silu_slope(m, x),))
GELU = composite("gelu", f.gelu, lambda m, y, x: (d.gelu_slope(m, x),))
MISH = composite("mish", f.mish, lambda m, y, x: (d.mish_slope(m, x),))
HARD_TANH = composite("hard_tanh", f.hard_tanh, lambda m, y, x: (m.where(m.abs(x) < 1.0, 1.0, f.flat(m, x)),))
HARD_SIGMOID = composite("hard_sigmoid", f.hard_sigmoid, lambda m, y, x: (d.hard_sigmoid_slope(m, x),))

# -- special functions -----------------------------------------------------------------------------

ERF = elementary("erf", special.erf, lambda m, y, x: (f.TWO_OVER_SQRT_PI * m.gaussian(1.0, x),))
ERFC = elementary("erfc", special.erfc, lambda m, y, x: (-f.TWO_OVER_SQRT_PI * m.gaussian(1.0, x),))
NORM_CDF = composite("norm_cdf", f.norm_cdf, lambda m, y, x: (m.norm_pdf(x),), "Φ")
NORM_PDF = composite("norm_pdf", f.norm_pdf, lambda m, y, x: (f.ONE_OVER_SQRT_2PI * d.gaussian_slope(m, 0.5, x),), "φ")
LGAMMA = elementary("lgamma", special.lgamma, lambda m, y, x: (m.digamma(x),), "log Γ")
DIGAMMA = elementary("digamma", special.digamma, lambda m, y, x: (m.polygamma(1.0, x),), "ψ")

# -- of many -----------------------------------------------------------------------------------

SUM = elementary("sum", floats.sum, lambda m, y, *xs: [1.0] * len(xs), "Σ")
MEAN = elementary("mean", floats.mean, lambda m, y, *xs: [1.0 / len(xs)] * len(xs))
PROD = elementary("prod", floats.prod, lambda m, y, *xs: d.products_of_others(m, xs), "Π")
DOT = elementary("dot", floats.dot, lambda m, y, *ab: ab[len(ab) // 2 :] + ab[: len(ab) // 2], "·")
NORM = elementary("norm", floats.hypot, lambda m, y, *xs: m.directions(*xs), "‖·‖")
MAX = elementary("max", floats.maximum, lambda m, y, *xs: d.equal_shares(m, y, xs))
MIN = elementary("min", floats.minimum, lambda m, y, *xs: d.equal_shares(m, y, xs))
LOGSUMEXP = elementary("logsumexp", floats.logsumexp, lambda m, y, *xs: d.logsumexp_slopes(m, y, xs))
SOFTMAX = elementary("softmax", floats.softmax, lambda m, y, *xs: d.softmax_slopes(m, y, xs))
LOG_SOFTMAX = elementary("log_softmax", floats.log_softmax, lambda m, y, *xs: d.log_softmax_slopes(m, xs))

# -- helpers: operations the rules above are written in ---------------------------------------------

STEP = elementary("step", floats.step, lambda m, y, x: (f.flat(m, x),))
ONE_MINUS_SQUARE = composite("one_minus_square", lambda m, x: (1.0 - x) * (1.0 + x), lambda m, y, x: (-2.0 * x,), "1−x²")
GAUSSIAN = composite("gaussian", f.gaussian, lambda m, y, k, x: (NAN, d.gaussian_slope(m, k, x)), "exp(−k·x²)")
DIRECTION = elementary("direction", floats.direction, lambda m, y, x, *others: d.direction_slopes(m, y, x, others))
SINC_DERIVATIVE = elementary(
    "sinc_derivative", special.sinc_derivative, lambda m, y, n, x: (NAN, m.sinc_derivative(n + 1.0, x)), "sinc⁽ⁿ⁾"
)
EXPM1_REST = elementary(
    "expm1_rest", special.expm1_rest, lambda m, y, x: (-m.exp(0.5 * x) * f.finite(m, x) * m.exp(0.5 * x),)
)
POLYGAMMA = elementary("polygamma", special.polygamma, lambda m, y, n, x: (NAN, m.polygamma(n + 1.0, x)), "ψ⁽ⁿ⁾")
FLOOR_QUOTIENT = elementary("floor_quotient", floats.floor_quotient, lambda m, y, a, b: (f.flat(m, y), f.flat(m, y)))
TRUNC_QUOTIENT = elementary("trunc_quotient", floats.trunc_quotient, lambda m, y, a, b: (f.flat(m, y), f.flat(m, y)))
