"""Derivatives as a textbook has them, where it writes them otherwise than the rule table: a formula for each operand.

The rule table is written for accuracy: σ′ by way of sech, kinks and far tails by ``m.where``. A reader expects
σ(z)·(1 − σ(z)). Each line here is that formula, against ``m`` like a rule, so it can be printed and be computed; at
a kink, a tie or the end of a domain the rule's number is the right one. Of an operation without a line the rule's own
partials are printed.

>>> from autograd.symbolic.printers import text
>>> from autograd.symbolic.terms import named
>>> [text(term) for term in TEXTBOOK["sigmoid"](TERMS, named("y"), named("x"))]
['y·(1 − y)']
>>> TEXTBOOK["sigmoid"](FLOATS, 0.5, 0.0)
(0.25,)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from autograd.rules.composites import GELU_TANH, SELU_ALPHA, SELU_SCALE, TWO_OVER_SQRT_PI
from autograd.rules.ieee import NAN
from autograd.rules.operations import N, Operand, Operations, Partials
from autograd.rules.table import FLOATS as FLOATS
from autograd.rules.table import LN2, LN10, Rule
from autograd.symbolic.notation import TERMS, ChoiceError, as_given, placed, without_choices
from autograd.symbolic.terms import Term


def zeros(_m: Operations[N], _y: N, *operands: N) -> tuple[float, ...]:
    return (0.0,) * len(operands)


def directions(m: Operations[N], y: N, *xs: N) -> tuple[N, ...]:
    return tuple(m.div(x, y) for x in xs)


def direction(m: Operations[N], y: N, *xs: N) -> tuple[N, ...]:
    h = m.norm(*xs)
    return m.div(1.0 - m.square(y), h), *(-m.div(y * x, m.square(h)) for x in xs[1:])


def silu(m: Operations[N], _: N, x: N) -> tuple[N]:
    return (m.sigmoid(x) * (1.0 + x * (1.0 - m.sigmoid(x))),)


def mish(m: Operations[N], _: N, x: N) -> tuple[N]:
    s = m.softplus(x)
    return (m.tanh(s) + x * m.sigmoid(x) * m.square(m.sech(s)),)


def gelu_tanh(m: Operations[N], y: N, x: N) -> tuple[N]:
    s = m.div(y, x)
    return (s + x * s * (1.0 - s) * GELU_TANH * (1.0 + 0.134145 * m.square(x)),)


def scaled_softplus(m: Operations[N], y: N, x: N, b: N) -> tuple[N, N]:
    return m.sigmoid(b * x), m.div(x * m.sigmoid(b * x) - y, b)


def celu(m: Operations[N], _: N, x: N, a: N) -> tuple[N, N]:
    r = m.div(x, a)
    return m.where(x > 0.0, 1.0, m.exp(r)), m.where(x > 0.0, 0.0, m.exp(r) - 1.0 - r * m.exp(r))


def clip(m: Operations[N], _: N, x: N, low: N, high: N) -> tuple[N, N, N]:
    inside = m.where(x > low, 1.0, 0.0) * m.where(x < high, 1.0, 0.0)
    return inside, m.where(x < low, 1.0, 0.0), m.where(x > high, 1.0, 0.0)


TEXTBOOK: dict[str, Partials] = {
    # arithmetic
    "div": lambda m, _, a, b: (m.div(1.0, b), -m.div(a, m.square(b))),
    "floordiv": zeros,
    "pow": lambda m, y, x, p: (p * m.pow(x, p - 1.0), y * m.log(x)),
    "power": lambda m, _, x, n: (n * m.power(x, n - 1.0), NAN),
    "abs": lambda m, _, x: (m.sign(x),),
    "reciprocal": lambda m, _, x: (-m.div(1.0, m.square(x)),),
    # roots, exponentials, logarithms
    "sqrt": lambda m, y, _: (m.div(1.0, 2.0 * y),),
    "rsqrt": lambda m, y, x: (-m.div(y, 2.0 * x),),
    "exp2": lambda _m, y, _x: (y * LN2,),
    "log": lambda m, _, x: (m.div(1.0, x),),
    "log2": lambda m, _, x: (m.div(1.0, x * LN2),),
    "log10": lambda m, _, x: (m.div(1.0, x * LN10),),
    "log1p": lambda m, _, x: (m.div(1.0, 1.0 + x),),
    "logaddexp": lambda m, _, a, b: (m.sigmoid(a - b), m.sigmoid(b - a)),
    "logaddexp2": lambda m, y, a, b: (m.exp2(a - y), m.exp2(b - y)),
    "log1mexp": lambda m, _, x: (m.div(1.0, m.exp(x) - 1.0),),
    "logit": lambda m, _, x: (m.div(1.0, x * (1.0 - x)),),
    "entr": lambda m, _, x: (-m.log(x) - 1.0,),
    "xlog1py": lambda m, _, x, y: (m.log1p(y), m.div(x, 1.0 + y)),
    "xlogy": lambda m, _, x, y: (m.log(y), m.div(x, y)),
    # circular and hyperbolic functions
    "atan": lambda m, _, x: (m.div(1.0, 1.0 + m.square(x)),),
    "atan2": lambda m, _, y, x: (m.div(x, m.square(x) + m.square(y)), -m.div(y, m.square(x) + m.square(y))),
    "tanh": lambda m, y, _: (1.0 - m.square(y),),
    "asinh": lambda m, _, x: (m.div(1.0, m.sqrt(1.0 + m.square(x))),),
    "acosh": lambda m, _, x: (m.div(1.0, m.sqrt(m.square(x) - 1.0)),),
    "atanh": lambda m, _, x: (m.div(1.0, 1.0 - m.square(x)),),
    "hypot": directions,
    # choice and steps
    "maximum": lambda m, _, a, b: (m.where(a > b, 1.0, 0.0), m.where(b > a, 1.0, 0.0)),
    "minimum": lambda m, _, a, b: (m.where(a < b, 1.0, 0.0), m.where(b < a, 1.0, 0.0)),
    "clip": clip,
    **dict.fromkeys(("sign", "floor", "ceil", "round", "trunc", "step"), zeros),
    "copysign": lambda m, _, a, b: (m.sign(a) * m.copysign(1.0, b), 0.0),
    # activations
    "leaky_relu": lambda m, _, x, a: (m.where(x > 0.0, 1.0, a), m.where(x > 0.0, 0.0, x)),
    "elu": lambda m, _, x, a: (m.where(x > 0.0, 1.0, a * m.exp(x)), m.where(x > 0.0, 0.0, m.exp(x) - 1.0)),
    "selu": lambda m, _, x: (m.where(x > 0.0, SELU_SCALE, SELU_SCALE * SELU_ALPHA * m.exp(x)),),
    "celu": celu,
    "sigmoid": lambda _m, y, _x: (y * (1.0 - y),),
    "softsign": lambda m, _, x: (m.div(1.0, m.square(1.0 + m.abs(x))),),
    "silu": silu,
    "gelu": lambda m, _, x: (m.norm_cdf(x) + x * m.norm_pdf(x),),
    "gelu_tanh": gelu_tanh,
    "mish": mish,
    "hard_swish": lambda m, _, x: (m.where(m.abs(x) < 3.0, m.div(2.0 * x + 3.0, 6.0), m.where(x > 0.0, 1.0, 0.0)),),
    "scaled_softplus": scaled_softplus,
    "hard_tanh": lambda m, _, x: (m.where(m.abs(x) < 1.0, 1.0, 0.0),),
    "hard_sigmoid": lambda m, _, x: (m.where(m.abs(x) < 3.0, 1.0 / 6.0, 0.0),),
    # special functions
    "erfcx": lambda _m, y, x: (2.0 * x * y - TWO_OVER_SQRT_PI,),
    "erfinv": lambda m, y, _: (m.div(m.exp(m.square(y)), TWO_OVER_SQRT_PI),),
    "erfcinv": lambda m, y, _: (-m.div(m.exp(m.square(y)), TWO_OVER_SQRT_PI),),
    "ndtri": lambda m, y, _: (m.div(1.0, m.norm_pdf(y)),),
    "log_ndtr": lambda m, _, x: (m.div(m.norm_pdf(x), m.norm_cdf(x)),),
    "gamma": lambda m, y, x: (y * m.digamma(x),),
    "norm_pdf": lambda _m, y, x: (-x * y,),
    # of many
    "norm": directions,
    "max": lambda m, y, *xs: [m.where(x >= y, 1.0, 0.0) for x in xs],
    "min": lambda m, y, *xs: [m.where(x <= y, 1.0, 0.0) for x in xs],
    "logsumexp": lambda m, y, *xs: [m.exp(x - y) for x in xs],
    "softmax": lambda m, y, *xs: (y * (1.0 - y), *(-y * s for s in m.softmaxes(*xs)[1:])),
    "log_softmax": lambda m, y, *xs: (1.0 - m.exp(y), *(-s for s in m.softmaxes(*xs)[1:])),
    # helpers of the rule table
    "gaussian": lambda _m, y, k, x: (NAN, -2.0 * k * x * y),
    "direction": direction,
    "expm1_rest": lambda m, _, x: (-x * m.exp(x),),
    "floor_quotient": zeros,
    "trunc_quotient": zeros,
}


def partials(rule: Rule, m: Operations[N], y: Operand[N], *operands: Operand[N]) -> Sequence[Operand[N]]:
    """One local derivative for each operand, in the textbook's form, else in the rule's own; not for a user's operation.

    >>> from autograd.rules.table import RULES
    >>> partials(RULES["mul"], FLOATS, 6.0, 2.0, 3.0)
    (3.0, 2.0)
    """
    return TEXTBOOK.get(rule.name, rule.partials)(m, y, *operands)


def _softmaxes(place: int, *operands: Term) -> list[Term]:
    """The softmax of each operand, with all of them in the order they were given in."""
    given = as_given(place, operands)
    return [placed("softmax", i, given) for i in (place, *range(place), *range(place + 1, len(given)))]


def partial_terms(rule: Rule, y: Term, *operands: Term, place: int | None = None) -> Sequence[Term | float]:
    """The local derivatives as terms; none if the table has no entry and the rule uses ``where``. ``place``: see place_of.

    Such a rule is accurate rather than short, and what it chooses depends on the numbers.
    """
    if place is not None:
        return partials(rule, Operations(**vars(TERMS) | {"softmaxes": partial(_softmaxes, place)}), y, *operands)
    try:
        return partials(rule, TERMS if rule.name in TEXTBOOK else without_choices(TERMS), y, *operands)
    except ChoiceError:
        return ()
