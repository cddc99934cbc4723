"""The rule table: one line an operation, its value and its local derivatives.

A rule reads as the formula in a table of derivatives. ``y`` is the result, ``x`` or ``a, b`` are the
operands, and ``m`` is the namespace of operations on the kind of number it is evaluated on (see
``autograd.rules.operations``). ``FLOATS`` gives numbers; ``autograd.value.VALUES`` gives ``Value``s, and with them
derivatives of every order. So one line serves all modes, and no rule may branch with ``if``: it says ``m.where``.

*Elementary* operations take their value from a float function; *composite* ones are a formula
in ``m`` themselves. ``d`` has the partials that are longer than a line.

At a kink the derivative is the one of least magnitude between the two one-sided derivatives; ties share equally;
outside its domain an operation is nan with nan derivatives.

>>> RULES["tanh"].value(1.0), RULES["tanh"].partials(FLOATS, math.tanh(1.0), 1.0)
(0.7615941559557649, (0.419974341614026,))
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol

from autograd.rules import composites, ieee, quantiles, special
from autograd.rules import partials as d
from autograd.rules.composites import TWO_OVER_SQRT_PI
from autograd.rules.ieee import NAN
from autograd.rules.kinks import by_sign, in_domain, zero_unless_nan
from autograd.rules.operations import Composite, Operations, Partials

LN2, LN10 = math.log(2.0), math.log(10.0)


class HasRule(Protocol):
    """An operation outside the table, with its rule: a user's primitive, or ``Digits``."""

    @property
    def rule(self) -> Rule: ...


class Rule:
    """An operation: its ``name``, the ``symbol`` drawn for it, its float ``value``, its ``partials``.

    ``form`` is the value as a formula in ``m`` for a composite operation, None for an elementary one;
    ``source`` is the user's primitive, or the like, that the rule belongs to; None for those of the table.
    """

    __slots__ = ("form", "name", "partials", "source", "symbol", "value")

    def __init__(
        self,
        name: str,
        value: Callable[..., float],
        partials: Partials,
        symbol: str,
        form: Composite | None = None,
        source: HasRule | None = None,
    ):
        self.name, self.value, self.partials = name, value, partials
        self.symbol, self.form, self.source = symbol, form, source

    def __repr__(self) -> str:
        return f"<rule {self.name}>"

    def __reduce__(self) -> tuple[Callable[[str | HasRule], Rule], tuple[str | HasRule]]:
        return rule_of, (self.source or self.name,)


RULES: dict[str, Rule] = {}
FLOATS: Operations[float] = Operations(where=ieee.where, directions=ieee.directions, softmaxes=ieee.softmaxes)


def _enter(rule: Rule) -> Rule:
    RULES[rule.name] = rule
    vars(FLOATS).setdefault(rule.name, rule.value)  # not where: its node records the chosen side only
    return rule


def rule_of(source: str | HasRule) -> Rule:
    """The rule that a pickle names: one of the table, or that of a primitive."""
    return RULES[source] if isinstance(source, str) else source.rule


def elementary(name: str, value: Callable[..., float], partials: Partials, symbol: str = "") -> Rule:
    """Enter an operation whose value is a function of floats."""
    return _enter(Rule(name, value, partials, symbol or name))


def composite(name: str, form: Composite, partials: Partials, symbol: str = "") -> Rule:
    """Enter an operation whose value is itself a formula ``form(m, *operands)``."""
    return _enter(Rule(name, partial(form, FLOATS), partials, symbol or name, form))


# -- arithmetic ----------------------------------------------------------------------------------

ADD = elementary("add", operator.add, lambda m, y, a, b: (1.0, 1.0), "+")
SUB = elementary("sub", operator.sub, lambda m, y, a, b: (1.0, -1.0), "−")
MUL = elementary("mul", operator.mul, lambda m, y, a, b: (b, a), "×")
DIV = elementary("div", ieee.div, lambda m, y, a, b: d.quotient_partials(m, y, a, b), "÷")
FLOORDIV = elementary("floordiv", ieee.floordiv, lambda m, y, a, b: (zero_unless_nan(m, y),) * 2, "//")
MOD = elementary("mod", ieee.mod, lambda m, y, a, b: (1.0, -m.floor_quotient(a, b)), "%")
POW = elementary("pow", ieee.pow, lambda m, y, x, p: (d.base_partial(m, y, x, p), d.exponent_partial(m, y, x, p)), "**")
POWER = elementary("power", ieee.pow, lambda m, y, x, n: (d.fixed_power_partial(m, y, x, n), NAN), "**")
NEG = elementary("neg", operator.neg, lambda m, y, x: (-1.0,), "−")
ABS = elementary("abs", abs, lambda m, y, x: (by_sign(m, x, -1.0, 0.0, 1.0),), "|·|")
RECIPROCAL = composite("reciprocal", lambda m, x: m.div(1.0, x), lambda m, y, x: (-m.square(y),), "1/x")
SQUARE = composite("square", lambda m, x: x * x, lambda m, y, x: (2.0 * x,), "x²")

# -- roots, exponentials, logarithms -----------------------------------------------------------

SQRT = elementary("sqrt", ieee.sqrt, lambda m, y, x: (m.div(0.5, y + 0.0),), "√")  # −0 + 0 is +0
RSQRT = composite("rsqrt", lambda m, x: m.div(1.0, m.sqrt(x)), lambda m, y, x: (m.div(-0.5 * y, x),), "1/√")
CBRT = elementary("cbrt", ieee.cbrt, lambda m, y, x: (m.div(1.0, 3.0 * m.square(y)),), "∛")
EXP = elementary("exp", ieee.exp, lambda m, y, x: (y,))
EXP2 = elementary("exp2", ieee.exp2, lambda m, y, x: (d.exp2_partial(m, y, x),))
EXPM1 = elementary("expm1", ieee.expm1, lambda m, y, x: (m.exp(x),))
LOG = elementary("log", ieee.log, lambda m, y, x: (in_domain(m, x >= 0.0, m.div(1.0, x + 0.0)),))
LOG2 = elementary("log2", ieee.log2, lambda m, y, x: (in_domain(m, x >= 0.0, m.div(1.0 / LN2, x + 0.0)),))
LOG10 = elementary("log10", ieee.log10, lambda m, y, x: (in_domain(m, x >= 0.0, m.div(1.0 / LN10, x + 0.0)),))
LOG1P = elementary("log1p", ieee.log1p, lambda m, y, x: (in_domain(m, x >= -1.0, m.div(1.0, 1.0 + x)),))
LOGADDEXP = composite("logaddexp", composites.logaddexp, lambda m, y, a, b: d.logaddexp_partials(m, a, b))
LOGADDEXP2 = composite("logaddexp2", composites.logaddexp2, lambda m, y, a, b: d.logaddexp2_partials(m, a, b))
LOG1MEXP = composite("log1mexp", composites.log1mexp, lambda m, y, x: (d.log1mexp_partial(m, x),), "log(1−e⁻ˣ)")
LOGIT = composite(
    "logit", composites.logit, lambda m, y, p: (in_domain(m, y == y, m.div(1.0, p + 0.0) + m.div(1.0, 1.0 - p)),)
)
ENTR = composite("entr", composites.entr, lambda m, y, x: (d.entr_partial(m, x),), "−x·log x")
XLOGY = composite("xlogy", composites.xlogy, lambda m, z, x, y: (m.log(y), d.xlogy_partial(m, x, y)), "x·log y")
XLOG1PY = composite("xlog1py", composites.xlog1py, lambda m, z, x, y: (m.log1p(y), d.xlog1py_partial(m, x, y)), "x·log(1+y)")

# -- circular and hyperbolic functions -----------------------------------------------------------

SIN = elementary("sin", ieee.sin, lambda m, y, x: (m.cos(x),))
COS = elementary("cos", ieee.cos, lambda m, y, x: (0.0 - m.sin(x),))  # 0 − keeps cos′(0) at +0
TAN = elementary("tan", ieee.tan, lambda m, y, x: (1.0 + m.square(y),))
SINPI = elementary("sinpi", special.sinpi, lambda m, y, x: (math.pi * m.cospi(x),), "sin π")
COSPI = elementary("cospi", special.cospi, lambda m, y, x: (0.0 - math.pi * m.sinpi(x),), "cos π")  # 0 − as for cos
ASIN = elementary("asin", ieee.asin, lambda m, y, x: (m.rsqrt(m.one_minus_square(x)),))
ACOS = elementary("acos", ieee.acos, lambda m, y, x: (-m.rsqrt(m.one_minus_square(x)),))
ATAN = elementary("atan", ieee.atan, lambda m, y, x: (m.square(m.div(1.0, m.hypot(1.0, x))),))
ATAN2 = elementary("atan2", ieee.atan2, lambda m, z, y, x: d.atan2_partials(m, y, x))
SINC = elementary("sinc", special.sinc, lambda m, y, x: (m.sinc_derivative(1.0, x),))
SINH = elementary("sinh", ieee.sinh, lambda m, y, x: (m.cosh(x),))
COSH = elementary("cosh", ieee.cosh, lambda m, y, x: (m.sinh(x),))
TANH = elementary("tanh", ieee.tanh, lambda m, y, x: (m.square(m.sech(x)),))
SECH = composite("sech", composites.sech, lambda m, y, x: (-y * m.tanh(x),))
ASINH = elementary("asinh", ieee.asinh, lambda m, y, x: (m.div(1.0, m.hypot(1.0, x)),))
ACOSH = elementary("acosh", ieee.acosh, lambda m, y, x: (m.rsqrt(x - 1.0) * m.rsqrt(x + 1.0),))
ATANH = elementary("atanh", ieee.atanh, lambda m, y, x: (in_domain(m, m.abs(x) <= 1.0, m.div(1.0, m.one_minus_square(x))),))
HYPOT = elementary("hypot", ieee.hypot, lambda m, y, *xs: m.directions(*xs))

# -- choice and steps ----------------------------------------------------------------------------

MAXIMUM = elementary("maximum", ieee.maximum, lambda m, y, a, b: d.maximum_shares(m, a, b), "max")
MINIMUM = elementary("minimum", ieee.minimum, lambda m, y, a, b: d.maximum_shares(m, b, a), "min")
CLIP = composite("clip", composites.clip, lambda m, y, x, low, high: d.clip_partials(m, y, x, low, high))
IDENTITY = elementary("identity", lambda x: x, lambda m, y, x: (1.0,), "=")
WHERE = elementary("where", lambda chosen: chosen, lambda m, y, chosen: (1.0,))
SIGN = composite("sign", lambda m, x: by_sign(m, x, -1.0, x, 1.0), lambda m, y, x: (zero_unless_nan(m, x),))
FLOOR = elementary("floor", ieee.floor, lambda m, y, x: (zero_unless_nan(m, x),), "⌊·⌋")
CEIL = elementary("ceil", ieee.ceil, lambda m, y, x: (zero_unless_nan(m, x),), "⌈·⌉")
ROUND = elementary("round", ieee.round_half_even, lambda m, y, x: (zero_unless_nan(m, x),))
TRUNC = elementary("trunc", ieee.trunc, lambda m, y, x: (zero_unless_nan(m, x),))
FMOD = elementary("fmod", ieee.fmod, lambda m, y, a, b: (1.0, -m.trunc_quotient(a, b)))
COPYSIGN = elementary("copysign", ieee.copysign, lambda m, y, a, b: (d.copysign_partial(m, a, b), zero_unless_nan(m, b)))

# -- activations -----------------------------------------------------------------------------------

RELU = elementary("relu", ieee.relu, lambda m, y, x: (m.step(x),))
LEAKY_RELU = composite("leaky_relu", composites.leaky_relu, lambda m, y, x, a: d.leaky_relu_partials(m, x, a))
ELU = composite("elu", composites.elu, lambda m, y, x, a: d.elu_partials(m, x, a))
SELU = composite("selu", composites.selu, lambda m, y, x: (d.selu_partial(m, x),))
CELU = composite("celu", composites.celu, lambda m, y, x, a: d.celu_partials(m, x, a))
SIGMOID = composite("sigmoid", composites.sigmoid, lambda m, y, x: (m.square(0.5 * m.sech(0.5 * x)),), "σ")
LOG_SIGMOID = composite("log_sigmoid", lambda m, x: -m.softplus(-x), lambda m, y, x: (m.sigmoid(-x),), "log σ")
SOFTPLUS = composite("softplus", composites.softplus, lambda m, y, x: (m.sigmoid(x),))
SCALED_SOFTPLUS = composite(
    "scaled_softplus", composites.scaled_softplus, lambda m, y, x, b: d.scaled_softplus_partials(m, x, b), "softplus"
)
SOFTSIGN = composite("softsign", composites.softsign, lambda m, y, x: (m.square(m.div(1.0, 1.0 + m.abs(x))),))
SILU = composite("silu", composites.silu, lambda m, y, x: (d.silu_partial(m, x),))
GELU = composite("gelu", composites.gelu, lambda m, y, x: (d.gelu_partial(m, x),))
GELU_TANH = composite("gelu_tanh", composites.gelu_tanh, lambda m, y, x: (d.gelu_tanh_partial(m, x),))
MISH = composite("mish", composites.mish, lambda m, y, x: (d.mish_partial(m, x),))
HARD_TANH = composite("hard_tanh", composites.hard_tanh, lambda m, y, x: (d.hard_tanh_partial(m, x),))
HARD_SIGMOID = composite("hard_sigmoid", composites.hard_sigmoid, lambda m, y, x: (d.hard_sigmoid_partial(m, x),))
HARD_SWISH = composite("hard_swish", composites.hard_swish, lambda m, y, x: (d.hard_swish_partial(m, x),))

# -- special functions -----------------------------------------------------------------------------

ERF = elementary("erf", special.erf, lambda m, y, x: (TWO_OVER_SQRT_PI * m.gaussian(1.0, x),))
ERFC = elementary("erfc", special.erfc, lambda m, y, x: (-TWO_OVER_SQRT_PI * m.gaussian(1.0, x),))
NORM_CDF = composite("norm_cdf", composites.norm_cdf, lambda m, y, x: (m.norm_pdf(x),), "Φ")
NORM_PDF = composite("norm_pdf", composites.norm_pdf, lambda m, y, x: (d.norm_pdf_partial(m, x),), "φ")
LOG_NDTR = composite("log_ndtr", quantiles.log_ndtr, lambda m, y, x: (quantiles.log_ndtr_partial(m, x),), "log Φ")
NDTRI = composite("ndtri", quantiles.ndtri, lambda m, y, p: (quantiles.ndtri_partial(m, y, p),), "Φ⁻¹")
ERFCX = composite("erfcx", quantiles.erfcx, lambda m, y, x: (quantiles.erfcx_partial(m, y, x),))
ERFINV = composite("erfinv", quantiles.erfinv, lambda m, y, x: (quantiles.erfinv_partial(m, y, x),), "erf⁻¹")
ERFCINV = composite("erfcinv", quantiles.erfcinv, lambda m, y, x: (quantiles.erfcinv_partial(m, y, x),), "erfc⁻¹")
GAMMA = elementary("gamma", special.gamma, lambda m, y, x: (d.gamma_partial(m, y, x),), "Γ")
LGAMMA = elementary("lgamma", special.lgamma, lambda m, y, x: (m.digamma(x),), "log Γ")
DIGAMMA = elementary("digamma", special.digamma, lambda m, y, x: (m.polygamma(1.0, x),), "ψ")

# -- of many -----------------------------------------------------------------------------------

SUM = elementary("sum", ieee.sum, lambda m, y, *xs: [1.0] * len(xs), "Σ")
MEAN = elementary("mean", ieee.mean, lambda m, y, *xs: [1.0 / len(xs)] * len(xs))
PROD = elementary("prod", ieee.prod, lambda m, y, *xs: d.products_of_others(m, xs), "Π")
DOT = elementary("dot", ieee.dot, lambda m, y, *ab: ab[len(ab) // 2 :] + ab[: len(ab) // 2], "·")
NORM = elementary("norm", ieee.hypot, lambda m, y, *xs: m.directions(*xs), "‖·‖")
MAX = elementary("max", ieee.maximum, lambda m, y, *xs: d.equal_shares(m, y, xs))
MIN = elementary("min", ieee.minimum, lambda m, y, *xs: d.equal_shares(m, y, xs))
LOGSUMEXP = elementary("logsumexp", ieee.logsumexp, lambda m, y, *xs: d.logsumexp_partials(m, y, xs))
SOFTMAX = elementary("softmax", ieee.softmax, lambda m, y, *xs: d.softmax_partials(m, y, xs))
LOG_SOFTMAX = elementary("log_softmax", ieee.log_softmax, lambda m, y, *xs: d.log_softmax_partials(m, xs))

# -- helpers: operations the rules above are written in ---------------------------------------------

STEP = elementary("step", ieee.step, lambda m, y, x: (zero_unless_nan(m, x),))
ONE_MINUS_SQUARE = composite("one_minus_square", lambda m, x: (1.0 - x) * (1.0 + x), lambda m, y, x: (-2.0 * x,), "1−x²")
GAUSSIAN = composite("gaussian", composites.gaussian, lambda m, y, k, x: (NAN, d.gaussian_partial(m, k, x)), "exp(−k·x²)")
DIRECTION = elementary("direction", ieee.direction, lambda m, y, x, *others: d.direction_partials(m, y, x, others))
SINC_DERIVATIVE = elementary(
    "sinc_derivative", special.sinc_derivative, lambda m, y, n, x: (NAN, m.sinc_derivative(n + 1.0, x)), "sinc⁽ⁿ⁾"
)
EXPM1_REST = elementary("expm1_rest", special.expm1_rest, lambda m, y, x: (d.expm1_rest_partial(m, x),))
POLYGAMMA = elementary("polygamma", special.polygamma, lambda m, y, n, x: (NAN, m.polygamma(n + 1.0, x)), "ψ⁽ⁿ⁾")
ERFC_INTEGRAL = elementary(
    "erfc_integral", special.erfc_integral, lambda m, y, n, x: (NAN, -2.0 * (n + 1.0) * m.erfc_integral(n + 1.0, x)), "∫erfc"
)
FLOOR_QUOTIENT = elementary("floor_quotient", ieee.floor_quotient, lambda m, y, a, b: (zero_unless_nan(m, y),) * 2)
TRUNC_QUOTIENT = elementary("trunc_quotient", ieee.trunc_quotient, lambda m, y, a, b: (zero_unless_nan(m, y),) * 2)


class Digits(NamedTuple):
    """``round(x, digits)``, which isn't in the table: an operation for every number of digits."""

    digits: int

    @property
    def rule(self) -> Rule:
        """Its rule; the derivative of a step is 0, whatever the digits."""
        return Rule("round", lambda x: round(x, self.digits), ROUND.partials, "round", source=self)
