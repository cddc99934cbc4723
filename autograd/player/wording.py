"""An operation in the player: a phrase, its formula, and its local derivatives as a textbook has them.

>>> from autograd.rules.table import RULES
>>> wording(RULES["tanh"], (0,))
Wording(words='take {f} of {0}', value='tanh({0})', partials=('1 − {y}²',))
>>> wording(RULES["mul"], (7, 2.5)).value
'{0} · 2.5'

``{0}``, ``{1}``, … stand for the operands that are nodes, ``{y}`` for the result, ``{f}`` for the operation's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from autograd.rules.table import Rule
from autograd.symbolic.notation import term_of
from autograd.symbolic.printers import text
from autograd.symbolic.rewrite import simplified
from autograd.symbolic.terms import Term, as_term, call, named
from autograd.symbolic.textbook import partial_terms

MANY = 100  # operands of which no local derivative is written as a formula
SHARED = ("max", "maximum", "min", "minimum")  # a tie is shared: no short formula says that

_WORDS = {
    "add": "add {0} and {1}",
    "sub": "subtract {1} from {0}",
    "mul": "multiply {0} by {1}",
    "div": "divide {0} by {1}",
    "mod": "take the remainder of {0} divided by {1}",
    "pow": "raise {0} to the power {1}",
    "power": "raise {0} to the power {1}",
    "neg": "negate {0}",
    "abs": "take the size of {0}",
    "reciprocal": "divide 1 by {0}",
    "square": "square {0}",
    "sqrt": "take the square root of {0}",
    "cbrt": "take the cube root of {0}",
    "relu": "keep {0} if it is positive, else 0",
    "identity": "keep {0}",
    "where": "keep {0}, the side that was chosen",
    "maximum": "take the larger of {0} and {1}",
    "minimum": "take the smaller of {0} and {1}",
    "sum": "add up {n} numbers",
    "mean": "take the mean of {n} numbers",
    "prod": "multiply {n} numbers",
    "max": "take the largest of {n} numbers",
    "min": "take the smallest of {n} numbers",
    "dot": "multiply pair by pair and add up",
}


class Wording(NamedTuple):
    """An operation in words, its formula, and that of each local derivative, empty where there is none."""

    words: str
    value: str
    partials: tuple[str, ...]


def wording(rule: Rule, operands: Sequence[int | float], place: int | None = None) -> Wording:
    """The wording of an operation on nodes, given as ints, and constants, as floats; ``place``: see notation.place_of."""
    if rule.name == "where" and len(operands) == 2:  # its condition is known
        sides = [_template(as_term(x)) if isinstance(x, float) else f"{{{i}}}" for i, x in enumerate(operands)]
        words = f"take {sides[0]} where {{if}} holds, else {sides[1]}"
        return Wording(words, f"where({{if}}, {sides[0]}, {sides[1]})", ("[{if}]", "[not {if}]"))
    terms = [as_term(x) if isinstance(x, float) else named(f"x{i}") for i, x in enumerate(operands)]
    if rule.source:  # a user's own, called anything
        return Wording(_words("", terms), _template(call("f", *terms)).replace("f(", "{f}(", 1), ("",) * len(terms))
    written_out = len(terms) <= MANY and rule.name not in SHARED
    derivatives = partial_terms(rule, named("y"), *terms, place=place) if written_out else ()
    formulas = [_template(simplified(as_term(partial))) for partial in derivatives] or [""] * len(terms)
    return Wording(_words(rule.name, terms), _template(term_of(rule, *terms, place=place)), tuple(formulas))


def _words(name: str, terms: Sequence[Term]) -> str:
    """The phrase, with constants in it as numbers."""
    default = "take {f} of {0}" if len(terms) == 1 else "apply {f} to {n} numbers"
    phrase = _WORDS.get(name, default).replace("{n}", str(len(terms)))
    return re.sub(r"\{(\d+)\}", lambda match: _template(terms[int(match[1])]), phrase)


def _template(term: Term) -> str:
    """The term as text, with a place to fill in for each of its names."""
    line = re.sub(r"\bx(\d+)\b|\by\b", lambda match: f"{{{match[1] or 'y'}}}", text(term), flags=re.ASCII)
    return line.replace("·", " · ")
