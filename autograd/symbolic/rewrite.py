"""Simplification: numbers are multiplied out, powers of one base and like summands are combined.

>>> from autograd.symbolic.printers import text
>>> from autograd.symbolic.terms import named
>>> x, y = named("x"), named("y")
>>> [text(simplified(term)) for term in (0.5 * (2.0 * (y - 0.8)), x * x + (x + x) * x, 2.0 * (0.0 - y) * -1.0)]
['y − 0.8', '3·x²', '2·y']

By the algebra of real numbers: the value is the same but for rounding. Nothing is cancelled, so no pole is lost.
"""

from __future__ import annotations

import math
from functools import lru_cache, reduce

from autograd.symbolic.terms import Term, add, as_term, divide, is_number, multiply, negative, number, power

Powers = dict[Term, float]
Factors = tuple[float, Powers, Powers]  # a coefficient, and the powers above and below the fraction bar


@lru_cache(maxsize=1000)  # without it every part is simplified twice a level, 2ⁿ times at depth n
def simplified(term: Term) -> Term:
    """The term in simplified form."""
    if term.kind in ("name", "number", "more"):
        return term
    if term.kind == "sum":
        return _sum([simplified(part) for part in term.parts])
    if term.kind in _OF_FACTORS:
        return _from_factors(*_factors(term))
    return Term(term.kind, tuple(simplified(part) if isinstance(part, Term) else part for part in term.parts), term.size)


def _factors(term: Term) -> Factors:
    """A term as a product."""
    if term.kind == "number":
        return (term.parts[0], {}, {}) if math.isfinite(term.parts[0]) else (1.0, {term: 1.0}, {})
    if term.kind in _OF_FACTORS:
        return _OF_FACTORS[term.kind](term)
    simple = simplified(term)
    return (1.0, {simple: 1.0}, {}) if simple.kind == term.kind else _factors(simple)


def _of_negative(term: Term) -> Factors:
    coefficient, above, below = _factors(term.parts[0])
    return -coefficient, above, below


def _of_product(term: Term) -> Factors:
    return reduce(_times, map(_factors, term.parts))


def _of_quotient(term: Term) -> Factors:
    divisor, above, below = _factors(term.parts[1])
    if math.frexp(abs(divisor))[0] != 0.5:  # its reciprocal is exact only for a power of two
        divisor, above = 1.0, _merged({number(divisor): 1.0}, above)
    return _times(_factors(term.parts[0]), (1.0 / divisor, below, above))


def _of_power(term: Term) -> Factors:
    base, exponent = simplified(term.parts[0]), simplified(term.parts[1])
    if exponent.kind != "number" or not math.isfinite(exponent.parts[0]) or base.kind == "number":
        return 1.0, {power(base, exponent): 1.0}, {}
    n = exponent.parts[0]
    if base.kind == "power" and base.parts[1].kind == "number" and n.is_integer():
        base, n = base.parts[0], n * base.parts[1].parts[0]
    return (1.0, {}, {base: -n}) if n < 0.0 else (1.0, {base: n}, {})


_OF_FACTORS = {"negative": _of_negative, "product": _of_product, "quotient": _of_quotient, "power": _of_power}


def _times(a: Factors, b: Factors) -> Factors:
    return a[0] * b[0], _merged(a[1], b[1]), _merged(a[2], b[2])


def _merged(a: Powers, b: Powers) -> Powers:
    return {term: a.get(term, 0.0) + b.get(term, 0.0) for term in {**a, **b}}


def _from_factors(coefficient: float, above: Powers, below: Powers) -> Term:
    if coefficient == 0.0:
        return number(0.0)
    size = abs(coefficient)
    if below and size < 1.0 and (1.0 / size).is_integer():  # 1/(2·y) rather than 0.5/y
        size, below = 1.0, {number(1.0 / size): 1.0, **below}
    top = multiply(number(size), *_powers(above))
    quotient = divide(top, multiply(*_powers(below))) if below else top
    return negative(quotient) if coefficient < 0.0 else quotient


def _powers(powers: Powers) -> list[Term]:
    return [power(base, as_term(n)) for base, n in powers.items() if n]


def _sum(terms: list[Term]) -> Term:
    """The sum with like summands combined, each at the position of the first of them."""
    coefficients: dict[Term, float] = {}
    for part in (part for term in terms for part in (term.parts if term.kind == "sum" else (term,))):
        coefficient, above, below = _factors(part)
        kind = _from_factors(1.0, above, below)
        coefficients[kind] = coefficients.get(kind, 0.0) + coefficient
    parts = [_scaled(kind, coefficient) for kind, coefficient in coefficients.items()]
    return add(*(part for part in parts if not is_number(part, 0.0)))


def _scaled(kind: Term, coefficient: float) -> Term:
    return _from_factors(*_times((coefficient, {}, {}), _factors(kind)))
