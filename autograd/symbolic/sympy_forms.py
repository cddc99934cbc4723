"""A graph as an expression of SymPy: each operation by the function that SymPy has for it.

>>> from autograd import Value, exp
>>> x, y = Value(1.0, name="x"), Value(2.0, name="y")
>>> sympy_expression(exp(x) * y / 2.0 + x ** 3, {x: "x", y: "y"})
x**3 + y*exp(x)/2
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from autograd.graph import topological_order
from autograd.interop.packages import needed
from autograd.program.spelling import identifier
from autograd.rules.composites import SELU_ALPHA, SELU_SCALE
from autograd.rules.table import Digits, Rule
from autograd.value import Value

Expression = Any  # sympy.Expr, of a package that may be missing
FRACTION = 64.0  # numbers with this denominator are written as fractions, others as floats


def sympy_expression(root: Value, names: Mapping[Value, str]) -> Expression:
    """The expression of a node in symbols of these names; leaves without one are numbers.

    An operation that SymPy has no function for is an undefined one under its name, and so are the user's own.
    """
    s = _sympy()
    made: dict[Value, Expression] = {}
    for node in topological_order(root):
        if node._rule is None:
            made[node] = s.Symbol(names[node]) if node in names else _number(node.data)
        else:
            operands = [_number(x) if isinstance(x, float) else made[x] for x in node.operands]
            made[node] = _applied(node._rule, operands)
    return made[root]


def _sympy() -> Any:
    with needed("formula(y).sympy", "sympy", "sympy"):
        import sympy
    return sympy


def _number(x: float) -> Expression:
    """A float, exactly: as a whole number or a fraction where it is a simple one."""
    s = _sympy()
    if math.isnan(x):
        return s.nan
    if math.isinf(x):
        return s.oo if x > 0.0 else -s.oo
    return s.Rational(*x.as_integer_ratio()) if (x * FRACTION).is_integer() and abs(x) < 1e15 else s.Float(x)


def _applied(rule: Rule, operands: list[Expression]) -> Expression:
    form = None if rule.source else _forms().get(rule.name)
    if form:
        return form(*operands)
    digits = [rule.source.digits] if isinstance(rule.source, Digits) else []
    return _sympy().Function(identifier(rule.name))(*operands, *digits)


# -- what SymPy has for each operation of the table -----------------------------------------------------------

Forms = dict[str, Callable[..., Expression]]
SAME = (
    *("exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "sech"),
    *("asinh", "acosh", "atanh", "sign", "floor", "erf", "erfc", "erfinv", "gamma", "digamma", "polygamma"),
)
RENAMED = {
    "add": "Add",
    "mul": "Mul",
    "mod": "Mod",
    "pow": "Pow",
    "power": "Pow",
    "abs": "Abs",
    "maximum": "Max",
    "minimum": "Min",
    "max": "Max",
    "min": "Min",
    "ceil": "ceiling",
    "lgamma": "loggamma",
    "sum": "Add",
    "prod": "Mul",
}


@cache
def _forms() -> Forms:
    """A function from expressions to an expression for each operation."""
    s = _sympy()
    named = {name: getattr(s, name) for name in SAME} | {name: getattr(s, word) for name, word in RENAMED.items()}
    return {**named, **_arithmetic(s), **_choices(s), **_activations(s), **_special(s), **_of_many(s)}


def _arithmetic(s: Any) -> Forms:
    return {
        "sub": lambda a, b: a - b,
        "div": lambda a, b: a / b,
        "neg": lambda x: -x,
        "reciprocal": lambda x: 1 / x,
        "square": lambda x: x**2,
        "rsqrt": lambda x: 1 / s.sqrt(x),
        "cbrt": lambda x: s.sign(x) * s.cbrt(s.Abs(x)),  # SymPy's own is complex left of 0
        "exp2": lambda x: 2**x,
        "expm1": lambda x: s.exp(x) - 1,
        "log2": lambda x: s.log(x, 2),
        "log10": lambda x: s.log(x, 10),
        "log1p": lambda x: s.log(1 + x),
        "logaddexp": lambda a, b: s.log(s.exp(a) + s.exp(b)),
        "xlogy": lambda a, b: a * s.log(b),
        "logaddexp2": lambda a, b: s.log(2**a + 2**b, 2),
        "log1mexp": lambda x: s.log(1 - s.exp(-x)),
        "logit": lambda x: s.log(x / (1 - x)),
        "entr": lambda x: -x * s.log(x),
        "xlog1py": lambda a, b: a * s.log(1 + b),
        "one_minus_square": lambda x: 1 - x**2,
        "gaussian": lambda k, x: s.exp(-k * x**2),
        "expm1_rest": lambda x: s.exp(x) - 1 - x * s.exp(x),
    }


def _choices(s: Any) -> Forms:
    def trunc(x: Expression) -> Expression:
        return s.sign(x) * s.floor(s.Abs(x))

    return {
        "identity": lambda x: x,
        "where": lambda chosen: chosen,
        "clip": lambda x, low, high: s.Min(s.Max(x, low), high),
        "floordiv": lambda a, b: s.floor(a / b),
        "trunc": trunc,
        "fmod": lambda a, b: s.sign(a) * s.Mod(s.Abs(a), s.Abs(b)),
        "floor_quotient": lambda a, b: s.floor(a / b),
        "trunc_quotient": lambda a, b: trunc(a / b),
        "copysign": lambda a, b: s.Piecewise((s.Abs(a), b >= 0), (-s.Abs(a), True)),
        "step": lambda x: s.Piecewise((1, x > 0), (0, True)),
    }


def _activations(s: Any) -> Forms:
    def elu(x: Expression, a: Expression) -> Expression:
        return s.Piecewise((x, x > 0), (a * (s.exp(x) - 1), True))

    return {
        "relu": lambda x: s.Max(x, 0),
        "leaky_relu": lambda x, a: s.Piecewise((x, x > 0), (a * x, True)),
        "elu": elu,
        "celu": lambda x, a: s.Piecewise((x, x > 0), (a * (s.exp(x / a) - 1), True)),
        "selu": lambda x: SELU_SCALE * elu(x, SELU_ALPHA),
        "sigmoid": lambda x: 1 / (1 + s.exp(-x)),
        "log_sigmoid": lambda x: -s.log(1 + s.exp(-x)),
        "softplus": lambda x: s.log(1 + s.exp(x)),
        "scaled_softplus": lambda x, b: s.log(1 + s.exp(b * x)) / b,
        "softsign": lambda x: x / (1 + s.Abs(x)),
        "silu": lambda x: x / (1 + s.exp(-x)),
        "gelu_tanh": lambda x: x * (1 + s.tanh(s.sqrt(2 / s.pi) * (x + s.Rational(44715, 10**6) * x**3))) / 2,
        "hard_swish": lambda x: x * s.Min(s.Max(x / 6 + s.Rational(1, 2), 0), 1),
        "gelu": lambda x: x * (1 + s.erf(x / s.sqrt(2))) / 2,
        "mish": lambda x: x * s.tanh(s.log(1 + s.exp(x))),
        "hard_tanh": lambda x: s.Min(s.Max(x, -1), 1),
        "hard_sigmoid": lambda x: s.Min(s.Max(x / 6 + s.Rational(1, 2), 0), 1),
    }


def _special(s: Any) -> Forms:
    def erfc_integral(n: Expression, x: Expression) -> Expression:
        before, now = 2 / s.sqrt(s.pi), s.exp(x**2) * s.erfc(x)
        for k in range(1, int(n) + 1):
            before, now = now, (before - 2 * x * now) / (2 * k)
        return now

    def sinc_derivative(n: Expression, x: Expression) -> Expression:
        t = s.Dummy("t")
        return s.diff(s.sin(s.pi * t) / (s.pi * t), t, int(n)).subs(t, x)

    return {
        "sinc": lambda x: s.sinc(s.pi * x),
        "sinc_derivative": sinc_derivative,
        "sinpi": lambda x: s.sin(s.pi * x),
        "cospi": lambda x: s.cos(s.pi * x),
        "erfcx": lambda x: s.exp(x**2) * s.erfc(x),
        "erfc_integral": erfc_integral,
        "erfcinv": lambda x: s.erfinv(1 - x),  # SymPy's own is complex beyond 1
        "ndtri": lambda p: s.sqrt(2) * s.erfinv(2 * p - 1),
        "log_ndtr": lambda x: s.log(s.erfc(-x / s.sqrt(2)) / 2),
        "norm_cdf": lambda x: (1 + s.erf(x / s.sqrt(2))) / 2,
        "norm_pdf": lambda x: s.exp(-(x**2) / 2) / s.sqrt(2 * s.pi),
    }


def _of_many(s: Any) -> Forms:
    def norm(*xs: Expression) -> Expression:
        return s.sqrt(s.Add(*[x**2 for x in xs]))

    def total(*xs: Expression) -> Expression:
        return s.Add(*map(s.exp, xs))

    return {
        "mean": lambda *xs: s.Add(*xs) / len(xs),
        "dot": lambda *ab: s.Add(*[a * b for a, b in zip(ab[: len(ab) // 2], ab[len(ab) // 2 :], strict=True)]),
        "hypot": norm,
        "norm": norm,
        "direction": lambda x, *others: x / norm(x, *others),
        "logsumexp": lambda *xs: s.log(total(*xs)),
        "softmax": lambda x, *others: s.exp(x) / total(x, *others),
        "log_softmax": lambda x, *others: x - s.log(total(x, *others)),
    }
