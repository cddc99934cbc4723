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

from collections.abc import Callable, Sequence
from functools import partial

from autograd.graph import Node
from autograd.rules.operations import Operations
from autograd.rules.table import RULES, Digits, Rule
from autograd.symbolic.rewrite import simplified
from autograd.symbolic.terms import Term, add, as_term, call, cases, divide, multiply, negative, power

PLACED = ("softmax", "log_softmax")  # each is of one of its numbers, and holds that one first
_EXPONENTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_INDICES = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

# Operations written as a function of another name.
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
    n = simplified(order).parts[0]
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
    "logaddexp2": lambda a, b: call("log₂", 2.0**a + 2.0**b),
    "log1mexp": lambda x: call("log", 1.0 - call("exp", negative(x))),
    "xlog1py": lambda a, b: a * call("log", 1.0 + b),
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
    "gaussian": lambda k, x: call("exp", -simplified(k * _square(x))),
    "direction": lambda x, *others: x / call("norm", x, *others),
    "sinc_derivative": partial(_derivative_of, "sinc"),
    "expm1_rest": lambda x: call("exp", x) - 1.0 - x * call("exp", x),
    "polygamma": partial(_derivative_of, "ψ"),
}


def place_of(node: Node) -> int | None:
    """Which of the numbers that it was called with a softmax is of, from 0; None for other operations, or if not known."""
    return getattr(node, "_choice", None) if node._rule and node._rule.name in PLACED else None


def placed(name: str, place: int, operands: Sequence[Term]) -> Term:
    """``softmax₂(a, b, c)``."""
    return call(f"{name}{str(place + 1).translate(_INDICES)}", *operands)


def as_given(place: int, operands: Sequence[Term]) -> list[Term]:
    """The operands of a softmax in the order it was called with: the one it is of comes first among them."""
    first, *others = operands
    return [*others[:place], first, *others[place:]]


def term_of(rule: Rule, *operands: Term, place: int | None = None) -> Term:
    """The operation on these operands; without a form of its own, and a user's, as ``name(a, b)``.

    >>> from autograd.symbolic.printers import text
    >>> from autograd.symbolic.terms import named
    >>> from autograd.rules.table import RULES
    >>> text(term_of(RULES["hypot"], named("x"), named("y"))), text(term_of(RULES["erf"], named("x")))
    ('√(x² + y²)', 'erf(x)')
    """
    if place is not None:
        return placed(rule.name, place, as_given(place, operands))
    if isinstance(rule.source, Digits):
        return call(rule.name, *operands, as_term(float(rule.source.digits)))
    form = None if rule.source else _FORMS.get(rule.name)
    return form(*operands) if form else call(rule.name, *operands)


# -- the table on terms --------------------------------------------------------------------------------------


class ChoiceError(TypeError):
    """A choice between formulas has no place in a formula."""


def _on_anything(rule: Rule) -> Callable[..., Term]:
    return lambda *operands: term_of(rule, *map(as_term, operands))


def _where(condition: object, a: Term | float, b: Term | float) -> Term:
    if not isinstance(condition, Term):  # == compares two terms, not what they stand for
        raise ChoiceError("where: a term can't be compared with ==")
    return cases(condition, as_term(a), as_term(b))


def _no_choice(_condition: object, _a: Term | float, _b: Term | float) -> Term:
    raise ChoiceError("where: a choice in a formula that must have none")


TERMS: Operations[Term] = Operations(**{rule.name: _on_anything(rule) for rule in RULES.values()})
TERMS.where = _where
TERMS.softmaxes = partial(_each, TERMS.softmax)
TERMS.directions = partial(_each, TERMS.direction)


def without_choices(m: Operations[Term]) -> Operations[Term]:
    """The same operations, of which ``where`` raises ChoiceError."""
    return Operations(**vars(m) | {"where": _no_choice})
