"""The table of derivatives as a textbook has it: one line an operation, a formula for each operand.

The rule table is written for accuracy: σ′ by way of sech, kinks and far tails by ``m.where``. A reader expects
σ(z)·(1 − σ(z)). Each line here is that formula, against ``m`` like a rule, so it can be printed and be computed; at
a kink, a tie or the end of a domain the rule's number is the right one.

>>> from autograd.symbolic.notation import TERMS
>>> from autograd.symbolic.printers import text
>>> from autograd.symbolic.terms import named
>>> [text(term) for term in TEXTBOOK["sigmoid"](TERMS, named("y"), named("x"))]
['y·(1 − y)']
>>> TEXTBOOK["sigmoid"](FLOATS, 0.5, 0.0)
(0.25,)
"""

from __future__ import annotations

from typing import Any

from autograd.rules.composites import SELU_ALPHA, SELU_SCALE, TWO_OVER_SQRT_PI
from autograd.rules.ieee import NAN
from autograd.rules.operations import Partials
from autograd.rules.table import FLOATS as FLOATS
from autograd.rules.table import LN2, LN10, Rule


def flat(_m: Any, _y: Any, *operands: Any) -> tuple[float, ...]:
    return (0.0,) * len(operands)


def ones(_m: Any, _y: Any, *operands: Any) -> tuple[float, ...]:
    return (1.0,) * len(operands)


def directions(m: Any, y: Any, *xs: Any) -> tuple[Any, ...]:
    return tuple(m.div(x, y) for x in xs)


def direction(m: Any, y: Any, *xs: Any) -> tuple[Any, ...]:
    h = m.norm(*xs)
    return m.div(1.0 - m.square(y), h), *(-m.div(y * x, m.square(h)) for x in xs[1:])


def others(m: Any, _: Any, *xs: Any) -> tuple[Any, ...]:
    return tuple(m.prod(*xs[:i], *xs[i + 1 :]) for i in range(len(xs)))


def silu(m: Any, _: Any, x: Any) -> tuple[Any]:
    return (m.sigmoid(x) * (1.0 + x * (1.0 - m.sigmoid(x))),)


def mish(m: Any, _: Any, x: Any) -> tuple[Any]:
    s = m.softplus(x)
    return (m.tanh(s) + x * m.sigmoid(x) * m.square(m.sech(s)),)


def celu(m: Any, _: Any, x: Any, a: Any) -> tuple[Any, Any]:
    r = m.div(x, a)
    return m.where(x > 0.0, 1.0, m.exp(r)), m.where(x > 0.0, 0.0, m.exp(r) - 1.0 - r * m.exp(r))


def clip(m: Any, _: Any, x: Any, low: Any, high: Any) -> tuple[Any, Any, Any]:
    inside = m.where(x > low, 1.0, 0.0) * m.where(x < high, 1.0, 0.0)
    return inside, m.where(x < low, 1.0, 0.0), m.where(x > high, 1.0, 0.0)


TEXTBOOK: dict[str, Partials] = {
    # arithmetic
    "add": ones,
    "sub": lambda _m, _y, _a, _b: (1.0, -1.0),
    "mul": lambda _m, _y, a, b: (b, a),
    "div": lambda m, _, a, b: (m.div(1.0, b), -m.div(a, m.square(b))),
    "floordiv": flat,
    "mod": lambda m, _, a, b: (1.0, -m.floor_quotient(a, b)),
    "pow": lambda m, y, x, p: (p * m.pow(x, p - 1.0), y * m.log(x)),
    "power": lambda m, _, x, n: (n * m.power(x, n - 1.0), NAN),
    "neg": lambda _m, _y, _x: (-1.0,),
    "abs": lambda m, _, x: (m.sign(x),),
    "reciprocal": lambda m, _, x: (-m.div(1.0, m.square(x)),),
    "square": lambda _m, _y, x: (2.0 * x,),
    # roots, exponentials, logarithms
    "sqrt": lambda m, y, _: (m.div(1.0, 2.0 * y),),
    "rsqrt": lambda m, y, x: (-m.div(y, 2.0 * x),),
    "cbrt": lambda m, y, _: (m.div(1.0, 3.0 * m.square(y)),),
    "exp": lambda _m, y, _x: (y,),
    "exp2": lambda _m, y, _x: (y * LN2,),
    "expm1": lambda m, _, x: (m.exp(x),),
    "log": lambda m, _, x: (m.div(1.0, x),),
    "log2": lambda m, _, x: (m.div(1.0, x * LN2),),
    "log10": lambda m, _, x: (m.div(1.0, x * LN10),),
    "log1p": lambda m, _, x: (m.div(1.0, 1.0 + x),),
    "logaddexp": lambda m, _, a, b: (m.sigmoid(a - b), m.sigmoid(b - a)),
    "xlogy": lambda m, _, x, y: (m.log(y), m.div(x, y)),
    # circular and hyperbolic functions
    "sin": lambda m, _, x: (m.cos(x),),
    "cos": lambda m, _, x: (-m.sin(x),),
    "tan": lambda m, y, _: (1.0 + m.square(y),),
    "asin": lambda m, _, x: (m.div(1.0, m.sqrt(1.0 - m.square(x))),),
    "acos": lambda m, _, x: (-m.div(1.0, m.sqrt(1.0 - m.square(x))),),
    "atan": lambda m, _, x: (m.div(1.0, 1.0 + m.square(x)),),
    "atan2": lambda m, _, y, x: (m.div(x, m.square(x) + m.square(y)), -m.div(y, m.square(x) + m.square(y))),
    "sinc": lambda m, _, x: (m.sinc_derivative(1.0, x),),
    "sinh": lambda m, _, x: (m.cosh(x),),
    "cosh": lambda m, _, x: (m.sinh(x),),
    "tanh": lambda m, y, _: (1.0 - m.square(y),),
    "sech": lambda m, y, x: (-y * m.tanh(x),),
    "asinh": lambda m, _, x: (m.div(1.0, m.sqrt(1.0 + m.square(x))),),
    "acosh": lambda m, _, x: (m.div(1.0, m.sqrt(m.square(x) - 1.0)),),
    "atanh": lambda m, _, x: (m.div(1.0, 1.0 - m.square(x)),),
    "hypot": directions,
    # choice and steps
    "maximum": lambda m, _, a, b: (m.where(a > b, 1.0, 0.0), m.where(b > a, 1.0, 0.0)),
    "minimum": lambda m, _, a, b: (m.where(a < b, 1.0, 0.0), m.where(b < a, 1.0, 0.0)),
    "clip": clip,
    "identity": ones,
    "where": ones,
    **dict.fromkeys(("sign", "floor", "ceil", "round", "trunc", "step"), flat),
    "fmod": lambda m, _, a, b: (1.0, -m.trunc_quotient(a, b)),
    "copysign": lambda m, _, a, b: (m.sign(a) * m.copysign(1.0, b), 0.0),
    # activations
    "relu": lambda m, _, x: (m.step(x),),
    "leaky_relu": lambda m, _, x, a: (m.where(x > 0.0, 1.0, a), m.where(x > 0.0, 0.0, x)),
    "elu": lambda m, _, x, a: (m.where(x > 0.0, 1.0, a * m.exp(x)), m.where(x > 0.0, 0.0, m.exp(x) - 1.0)),
    "selu": lambda m, _, x: (m.where(x > 0.0, SELU_SCALE, SELU_SCALE * SELU_ALPHA * m.exp(x)),),
    "celu": celu,
    "sigmoid": lambda _m, y, _x: (y * (1.0 - y),),
    "log_sigmoid": lambda m, _, x: (m.sigmoid(-x),),
    "softplus": lambda m, _, x: (m.sigmoid(x),),
    "softsign": lambda m, _, x: (m.div(1.0, m.square(1.0 + m.abs(x))),),
    "silu": silu,
    "gelu": lambda m, _, x: (m.norm_cdf(x) + x * m.norm_pdf(x),),
    "mish": mish,
    "hard_tanh": lambda m, _, x: (m.where(m.abs(x) < 1.0, 1.0, 0.0),),
    "hard_sigmoid": lambda m, _, x: (m.where(m.abs(x) < 3.0, 1.0 / 6.0, 0.0),),
    # special functions
    "erf": lambda m, _, x: (TWO_OVER_SQRT_PI * m.exp(-m.square(x)),),
    "erfc": lambda m, _, x: (-TWO_OVER_SQRT_PI * m.exp(-m.square(x)),),
    "norm_cdf": lambda m, _, x: (m.norm_pdf(x),),
    "norm_pdf": lambda _m, y, x: (-x * y,),
    "lgamma": lambda m, _, x: (m.digamma(x),),
    "digamma": lambda m, _, x: (m.polygamma(1.0, x),),
    # of many
    "sum": ones,
    "mean": lambda _m, _y, *xs: [1.0 / len(xs)] * len(xs),
    "prod": others,
    "dot": lambda _m, _y, *ab: ab[len(ab) // 2 :] + ab[: len(ab) // 2],
    "norm": directions,
    "max": lambda m, y, *xs: [m.where(x >= y, 1.0, 0.0) for x in xs],
    "min": lambda m, y, *xs: [m.where(x <= y, 1.0, 0.0) for x in xs],
    "logsumexp": lambda m, y, *xs: [m.exp(x - y) for x in xs],
    "softmax": lambda m, y, *xs: (y * (1.0 - y), *(-y * s for s in m.softmaxes(*xs)[1:])),
    "log_softmax": lambda m, y, *xs: (1.0 - m.exp(y), *(-s for s in m.softmaxes(*xs)[1:])),
    # helpers of the rule table
    "one_minus_square": lambda _m, _y, x: (-2.0 * x,),
    "gaussian": lambda _m, y, k, x: (NAN, -2.0 * k * x * y),
    "direction": direction,
    "sinc_derivative": lambda m, _, n, x: (NAN, m.sinc_derivative(n + 1.0, x)),
    "expm1_rest": lambda m, _, x: (-x * m.exp(x),),
    "polygamma": lambda m, _, n, x: (NAN, m.polygamma(n + 1.0, x)),
    "floor_quotient": flat,
    "trunc_quotient": flat,
}


def slopes(rule: Rule, m: Any, y: Any, *operands: Any) -> list[Any]:
    """One local derivative for each operand, in the textbook's form; not for a user's own operation.

    >>> from autograd.rules.table import RULES
    >>> slopes(RULES["mul"], FLOATS, 6.0, 2.0, 3.0)
    [3.0, 2.0]
    """
    return list(TEXTBOOK.get(rule.name, rule.partials)(m, y, *operands))
