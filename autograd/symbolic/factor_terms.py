"""The formulas of a derivation: nodes and local derivatives as terms, in the names of a graph.

>>> from autograd import Value
>>> from autograd.symbolic.printers import text
>>> x = Value(0.5, name="x"); z = x * 3.0; z.name = "z"
>>> y = z.sigmoid(); y.name = "y"
>>> writer = Writer(Names([x, z, y]))
>>> text(writer.term(y)), text(writer.definition(y)), [text(partial) for partial in writer.partials(y)]
('y', 'σ(z)', ['y·(1 − y)'])
"""

from __future__ import annotations

import math

from autograd.graph import number_of
from autograd.modes.anomaly import without_anomaly
from autograd.modes.context import enable_grad
from autograd.rules.table import FLOATS
from autograd.symbolic.names import Names
from autograd.symbolic.notation import place_of, term_of
from autograd.symbolic.paths import Link, eliminate
from autograd.symbolic.rewrite import simplified
from autograd.symbolic.terms import Term, is_long, named, number
from autograd.symbolic.textbook import partial_terms, partials
from autograd.value import Value

MOST_NODES = 24  # unnamed nodes that one formula expands
TOO_LONG = 120  # characters: longer formulas of factors are left out


class TooLongError(Exception):
    """A formula is too long to be written."""


class Writer:
    """Nodes as terms: a name where there is one, else the operation on its operands; too long a term gets a new name."""

    def __init__(self, names: Names):
        self.names = names
        self.terms: dict[Value, Term] = {}

    def term(self, x: Value | float) -> Term:
        """The term of a node or constant as a part of a formula."""
        if isinstance(x, float):
            return number(x)
        if x not in self.terms:
            for node in self._region(x):
                self.terms[node] = self._new_term(node)
        return self.terms[x]

    def definition(self, node: Value) -> Term:
        """The operation that computed a node, as a term."""
        assert node._rule is not None
        return term_of(node._rule, *map(self.term, node.operands), place=place_of(node))

    def _region(self, node: Value) -> list[Value]:
        """The node and the unnamed nodes behind it that have no term yet, parents first.

        Where these are more than ``MOST_NODES`` the node gets a name, and stands alone.
        """
        region, seen = [node], {node}
        for each in region:
            parents = () if each in self.names else each.parents
            region += (new := [p for p in dict.fromkeys(parents) if p not in seen and p not in self.terms])
            seen.update(new)
            if len(region) > MOST_NODES:
                self.names.automatic(node)
                return [node]
        return sorted(region, key=lambda each: each._order)

    def _new_term(self, node: Value) -> Term:
        if node in self.names:
            return named(self.names[node])
        if node._rule is None:
            return number(node.data)
        term = self.definition(node)
        return named(self.names.automatic(node)) if is_long(term) else term

    # -- derivatives ---------------------------------------------------------------------------------------

    def factor(self, link: Link, shown: set[Value], on_path: set[Value]) -> Term | None:
        """The formula of a factor; None where it is too long, or just a number."""
        try:
            term = self._through(link, shown, on_path) if link.operand is None else self.partials(link.node)[link.operand]
        except TooLongError:
            return None
        term = simplified(term)
        return None if term.size > TOO_LONG or _is_constant(term) else term

    def _through(self, link: Link, shown: set[Value], on_path: set[Value]) -> Term:
        passed = 0

        def local_derivatives(node: Value) -> list[_BoundedTerm]:
            nonlocal passed
            passed += 1
            if passed > MOST_NODES:
                raise TooLongError
            return [_BoundedTerm(partial) for partial in self.partials(node)]

        terms = eliminate(link.node, shown, on_path, _BoundedTerm(number(1.0)), local_derivatives)
        return terms[link.parent].term

    def partials(self, node: Value) -> list[Term]:
        """The local derivatives in the textbook's form; as a number where that doesn't give the rule's, as at a kink."""
        rule = node._rule
        assert rule is not None
        operands, place = map(self.term, node.operands), place_of(node)
        terms = () if rule.source else partial_terms(rule, self.term(node), *operands, place=place)
        if not terms:
            return self._own_partials(node)
        values = partials(rule, FLOATS, node.data, *map(number_of, node.operands))
        exact = node.local_derivatives
        return [
            term if isinstance(term, Term) and _holds(a, b) else number(b)
            for term, a, b in zip(terms, values, exact, strict=True)
        ]

    def _own_partials(self, node: Value) -> list[Term]:
        """The local derivatives that the rule or primitive gives on Values; numbers where it only takes floats."""
        try:
            with enable_grad(), without_anomaly():
                return [self.term(partial) for partial in node.local_derivative_values]
        except (ArithmeticError, TypeError, ValueError):
            return [number(partial) for partial in node.local_derivatives]


class _BoundedTerm:
    """A term under × and +, which raises TooLongError when it grows too long."""

    def __init__(self, term: Term):
        self.term = term
        if term.size > 3 * TOO_LONG:
            raise TooLongError

    def __mul__(self, other: _BoundedTerm) -> _BoundedTerm:
        return _BoundedTerm(simplified(self.term * other.term))

    def __add__(self, other: _BoundedTerm) -> _BoundedTerm:
        return _BoundedTerm(simplified(self.term + other.term))


def _holds(x: float, exact: float) -> bool:
    """Whether the textbook's number ``x`` is the rule's but for rounding."""
    alike = x == exact or (x != x and exact != exact)
    return alike or (math.isfinite(exact) and abs(x - exact) <= 1e-6 * max(1.0, abs(exact)))


def _is_constant(term: Term) -> bool:
    return term.kind == "number" or (term.kind == "negative" and term.parts[0].kind == "number")
