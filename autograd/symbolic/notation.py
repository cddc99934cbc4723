"""How each operation of the rule table is written: the table evaluated on terms.

``TERMS`` is a kind of number like ``autograd.rules.table.FLOATS``: a function for every operation, here from terms to
a term. A rule written against ``m`` prints itself when ``m`` is TERMS.

>>> from autograd.symbolic.printers import latex, text
>>> from autograd.symbolic.terms import named
>>> z = TERMS.sigmoid(named("w") * named("x"))
>>> text(z), latex(z)
('σ(w·x)', '\\\\sigma(w \\\\cdot x)')
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from autograd.rules.table import Rule
from autograd.symbolic.rewrite import folded
from autograd.symbolic.terms import Term, add, as_term, call, cases, divide, multiply, negative, power

_EXPONENTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

# Operations written as a function of their operands: those that keep their name, and those that don't.
_NAMED = """
abs floor ceil round trunc fmod sign copysign max min clip mod norm exp log sin cos tan asin acos atan atan2 sinh cosh
tanh sech asinh acosh atanh sinc logsumexp erf erfc relu leaky_relu elu selu celu gelu silu mish softplus softsign
hard_tanh hard_sigmoid
"""
_RENAMED = {
    "maximum": "max",
    "minimum": "min",
    "sqrt": "√",
    "cbrt": "∛",
    "log2": "log₂",
    "log10": "log₁₀",
    "sigmoid": "σ",
    "log_sigmoid": "log σ",
    "norm_cdf": "Φ",
    "norm_pdf": "φ",
    "lgamma": "log Γ",
    "digamma": "ψ",
    "softmax": "softmax₁",
    "log_softmax": "log_softmax₁",
}


def _derivative_of(function: str, order: Term, x: Term) -> Term:
    """``ψ′(x)``, or with a greater order in parentheses; an order that isn't a number is an argument."""
    n = folded(order).parts[0]
    if not isinstance(n, float):
        return call(f"{function}⁽ⁿ⁾", order, x)
    primes = {1.0: "′", 2.0: "″"}.get(n) or f"⁽{f'{n:g}'.translate(_EXPONENTS)}⁾"
    return call(function + primes, x)


def _halves(operands: tuple[Term, ...]) -> list[tuple[Term, Term]]:
    half = len(operands) // 2
    return list(zip(operands[:half], operands[half:], strict=True))


def _each(function: Callable[..., Term], *xs: Term) -> list[Term]:
    return [function(x, *xs[:i], *xs[i + 1 :]) for i, x in enumerate(xs)]


def _square(x: Term) -> Term:
    return power(x, as_term(2.0))


_FORMS: dict[str, Callable[..., Term]] = {
    **{name: partial(call, name) for name in _NAMED.split()},
    **{name: partial(call, function) for name, function in _RENAMED.items()},
    "add": add,
    "sub": lambda a, b: a - b,
    "mul": multiply,
    "div": divide,
    "floordiv": lambda a, b: call("floor", a / b),
    "floor_quotient": lambda a, b: call("floor", a / b),
    "trunc_quotient": lambda a, b: call("trunc", a / b),
    "pow": power,
    "power": power,
    "neg": negative,
    "reciprocal": lambda x: 1.0 / x,
    "square": _square,
    "rsqrt": lambda x: 1.0 / call("√", x),
    "exp2": lambda x: 2.0**x,
    "expm1": lambda x: call("exp", x) - 1.0,
    "log1p": lambda x: call("log", 1.0 + x),
    "logaddexp": lambda a, b: call("log", call("exp", a) + call("exp", b)),
    "xlogy": lambda a, b: a * call("log", b),
    "hypot": lambda *xs: call("√", add(*map(_square, xs))),
    "identity": lambda x: x,
    "where": lambda chosen: chosen,
    "sum": add,
    "mean": lambda *xs: add(*xs) / float(len(xs)),
    "prod": multiply,
    "dot": lambda *operands: add(*(a * b for a, b in _halves(operands))),
    "step": lambda x: cases(x > 0.0, as_term(1.0), as_term(0.0)),
    "one_minus_square": lambda x: 1.0 - _square(x),
    "gaussian": lambda k, x: call("exp", -folded(k * _square(x))),
    "direction": lambda x, *others: x / call("norm", x, *others),
    "sinc_derivative": partial(_derivative_of, "sinc"),
    "expm1_rest": lambda x: call("exp", x) - 1.0 - x * call("exp", x),
    "polygamma": partial(_derivative_of, "ψ"),
}


def _on_anything(form: Callable[..., Term]) -> Callable[..., Term]:
    return lambda *operands: form(*map(as_term, operands))


def _where(condition: Any, a: Any, b: Any) -> Term:
    return cases(condition, as_term(a), as_term(b))


TERMS = SimpleNamespace(**{name: _on_anything(form) for name, form in _FORMS.items()})
TERMS.where = _where
TERMS.softmaxes = partial(_each, TERMS.softmax)
TERMS.directions = partial(_each, TERMS.direction)


def written(rule: Rule, *operands: Term) -> Term:
    """The operation on these operands; a user's own as ``name(a, b)``.

    >>> from autograd.symbolic.printers import text
    >>> from autograd.symbolic.terms import named
    >>> from autograd.rules.table import RULES
    >>> text(written(RULES["hypot"], named("x"), named("y")))
    '√(x² + y²)'
    """
    return call(rule.name, *operands) if rule.source or rule.name not in _FORMS else _FORMS[rule.name](*operands)
