"""Terms: what an expression looks like, before it is text or LaTeX. Made with ordinary operators.

>>> x = named("x")
>>> -(x * 1.0) + 2.0
Term(kind='sum', parts=(Term(kind='negative', parts=(Term(kind='name', parts=('x',)),)), Term(kind='number', parts=(2.0,))))

Only what leaves every value as it is gets simplified: ×1, +0, ÷1, power 1, double signs. Long sums and products
keep their ends, so a term of a million summands is as short as one of twelve.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.symbolic.identifiers import decimal

WIDTH, CHAIN_WIDTH = 60, 200  # characters of a term that may be a part of another; of a sum or product
MOST, FIRST, LAST = 12, 3, 2  # parts of a sum or product written in full; of a longer one the first and the last
MOST_WIDE, WIDE = 7, 100  # parts written in full where they have more than so many characters together


@dataclass(frozen=True, slots=True)
class Term:
    """A number, a name, or an operation on ``parts``; ``size`` is about its length as text."""

    kind: str
    parts: tuple[Any, ...]
    size: int = field(default=1, compare=False, repr=False)

    def __add__(self, other: Term | float) -> Term:
        return add(self, as_term(other))

    def __radd__(self, other: Term | float) -> Term:
        return add(as_term(other), self)

    def __sub__(self, other: Term | float) -> Term:
        return add(self, negative(as_term(other)))

    def __rsub__(self, other: Term | float) -> Term:
        return add(as_term(other), negative(self))

    def __mul__(self, other: Term | float) -> Term:
        return multiply(self, as_term(other))

    def __rmul__(self, other: Term | float) -> Term:
        return multiply(as_term(other), self)

    def __truediv__(self, other: Term | float) -> Term:
        return divide(self, as_term(other))

    def __rtruediv__(self, other: Term | float) -> Term:
        return divide(as_term(other), self)

    def __neg__(self) -> Term:
        return negative(self)

    def __pow__(self, other: Term | float) -> Term:
        return power(self, as_term(other))

    def __rpow__(self, other: Term | float) -> Term:
        return power(as_term(other), self)

    def __gt__(self, other: Term | float) -> Term:
        return _made("condition", self, ">", as_term(other))

    def __lt__(self, other: Term | float) -> Term:
        return _made("condition", self, "<", as_term(other))

    def __ge__(self, other: Term | float) -> Term:
        return _made("condition", self, "≥", as_term(other))

    def __le__(self, other: Term | float) -> Term:
        return _made("condition", self, "≤", as_term(other))


def named(name: str) -> Term:
    """A variable."""
    return Term("name", (name,), len(name))


def number(x: float) -> Term:
    """A constant: π and a few more under their names, 1/3 as a fraction.

    >>> number(-1 / 3).kind, number(0.2).kind
    ('negative', 'number')
    """
    if x < 0.0 and (abs(x) in KNOWN or _part_of_one(abs(x))):
        return negative(number(-x))
    if x in KNOWN:
        return KNOWN[x]()
    return divide(number(1.0), number(_part_of_one(x))) if _part_of_one(x) else Term("number", (x,), len(decimal(x)))


def _part_of_one(x: float) -> float:
    """The n of 1/n, 0 where x isn't such a number or is shorter as a decimal."""
    n = float(round(1.0 / x)) if 1e-3 <= x < 1.0 and len(repr(x)) > 8 else 0.0
    return n if n and 1.0 / n == x else 0.0


def as_term(x: Term | float) -> Term:
    return x if isinstance(x, Term) else number(float(x))


def call(function: str, *arguments: Term) -> Term:
    """``function(a, b)``; one that writes its argument in another way, such as √, |·| or ⌊·⌋, is a call too."""
    return _made("call", function, *_shortened(arguments))


def cases(condition: Term, a: Term, b: Term) -> Term:
    """``a`` where the condition holds, else ``b``; for 1 and 0 the condition in brackets (Iverson's)."""
    return _made("bracket", condition) if is_number(a, 1.0) and is_number(b, 0.0) else _made("cases", condition, a, b)


def is_number(term: Term, x: float) -> bool:
    """Whether a term is just this number."""
    return term.kind == "number" and term.parts[0] == x


def _made(kind: str, *parts: Any) -> Term:
    return Term(kind, parts, sum(_size(part) + 2 for part in parts))


def _size(part: Any) -> int:
    return part.size if isinstance(part, Term) else len(part) if isinstance(part, str) else 1


# -- arithmetic --------------------------------------------------------------------------------------------


def add(*terms: Term) -> Term:
    """The sum."""
    return _joined("sum", 0.0, terms)


def multiply(*terms: Term) -> Term:
    """The product, with the signs of its factors in front of all."""
    minus = sum(term.kind == "negative" for term in terms)
    product = _joined("product", 1.0, [term.parts[0] if term.kind == "negative" else term for term in terms])
    return negative(product) if minus % 2 else product


def negative(a: Term) -> Term:
    """−a."""
    if a.kind == "negative":
        inner: Term = a.parts[0]
        return inner
    return Term("number", (-a.parts[0],), a.size + 1) if a.kind == "number" else _made("negative", a)


def divide(a: Term, b: Term) -> Term:
    """a/b."""
    if a.kind == "negative":
        return negative(divide(a.parts[0], b))
    return a if is_number(b, 1.0) else _made("quotient", a, b)


def power(a: Term, n: Term) -> Term:
    """aⁿ."""
    return a if is_number(n, 1.0) else _made("power", a, n)


def _joined(kind: str, neutral: float, terms: Sequence[Term]) -> Term:
    """A flat sum or product: terms of the same kind are replaced by their parts, neutral numbers left out."""
    parts = [part for term in terms for part in (term.parts if term.kind == kind else (term,))]
    parts = [part for part in parts if not is_number(part, neutral)]
    if len(parts) < 2:
        return parts[0] if parts else number(neutral)
    return _made(kind, *_shortened(parts))


def _shortened(parts: Sequence[Any]) -> Sequence[Any]:
    """The parts; of many the first and the last, with a term between that has the number of those left out."""
    count = sum(map(_count, parts))
    if len(parts) == count <= (MOST_WIDE if sum(map(_size, parts)) > WIDE else MOST):
        return parts
    head, tail = list(parts[:FIRST]), list(parts[-LAST:])
    return [*head, more(count - sum(map(_count, head)) - LAST), *tail]


def _count(part: Any) -> int:
    left_out: int = part.parts[0] if isinstance(part, Term) and part.kind == "more" else 1
    return left_out


def more(n: int) -> Term:
    """Stands for ``n`` parts that are left out."""
    return Term("more", (n,), 12)


# -- queries -----------------------------------------------------------------------------------------------


def is_long(term: Term) -> bool:
    """Whether a term is too long to be a part of another."""
    chain = term.kind in ("sum", "product") and len(term.parts) > 3
    return term.size > (CHAIN_WIDTH if chain else WIDTH)


def names_in(term: Term) -> Iterator[str]:
    """The names that a term is written with."""
    if term.kind == "name":
        yield term.parts[0]
        return
    for part in term.parts:
        if isinstance(part, Term):
            yield from names_in(part)


# Constants in the rule table that are written as formulas.
KNOWN: dict[float, Callable[[], Term]] = {
    math.pi: lambda: named("π"),
    math.e: lambda: named("e"),
    math.log(2.0): lambda: call("log", as_term(2.0)),
    math.log(10.0): lambda: call("log", as_term(10.0)),
    2.0 / math.sqrt(math.pi): lambda: divide(as_term(2.0), call("√", named("π"))),
    1.0 / math.sqrt(2.0 * math.pi): lambda: divide(as_term(1.0), call("√", multiply(as_term(2.0), named("π")))),
}
