"""Curved pairs of operands: read from the rule table, against second derivatives at many points and a literal table."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from autograd import Value, gradient, primitive
from autograd.rules.table import RULES, Digits
from autograd.sparsity.curvature import curved
from autograd.testing.domains import DOMAINS
from autograd.value import apply

# Pairs that a derivative goes through though it is 0 everywhere: in formulas that are written with what cancels.
CANCELS: dict[str, set[tuple[int, int]]] = {}
POINTS = 40


def second_derivatives(name: str, random: Random) -> set[tuple[int, int]]:
    """The pairs in which the second derivative was other than 0 at one of many points."""
    domain, found = DOMAINS[name], set()
    for _ in range(POINTS):
        numbers = [each.draw(random) for each in domain.interior]
        xs = [Value(x) if k in domain.places else x for k, x in enumerate(numbers)]
        y: Any = apply(RULES[name], *xs)
        leaves = [x for x in xs if isinstance(x, Value)]
        first = gradient(y, leaves, create_graph=True)
        for i, row in zip(domain.places, first, strict=True):
            for j, leaf in zip(domain.places, leaves, strict=True):
                if j <= i and row.parents and depends(row, leaf) and gradient(row, leaf) != 0.0:
                    found.add((j, i))
    return found


def depends(y: Value, x: Value) -> bool:
    try:
        gradient(y, x)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", DOMAINS)
def test_a_pair_is_curved_where_a_second_derivative_is_not_0_and_nowhere_else(name: str) -> None:
    domain = DOMAINS[name]
    variable = tuple([k in domain.places for k in range(len(domain.whole))])
    assert set(curved(RULES[name], variable)) - CANCELS.get(name, set()) == second_derivatives(name, Random(name))


@pytest.mark.parametrize(
    ("name", "variable", "pairs"),
    [
        ("mul", (True, True), ((0, 1),)),
        ("mul", (True, False), ()),
        ("div", (True, True), ((0, 1), (1, 1))),
        ("div", (True, False), ()),
        ("div", (False, True), ((1, 1),)),
        ("xlogy", (True, True), ((0, 1), (1, 1))),
        ("dot", (True, True, False, True), ((1, 3),)),
        ("prod", (True, True, True), ((0, 1), (0, 2), (1, 2))),
        ("sum", (True,) * 5, ()),
        ("max", (True, True), ()),
        ("clip", (True, True, True), ()),
        ("leaky_relu", (True, False), ()),
        ("floor", (True,), ()),
        ("exp", (True,), ((0, 0),)),
    ],
)
def test_the_pairs_of_some_operations(name: str, variable: tuple[bool, ...], pairs: object) -> None:
    assert curved(RULES[name], variable) == pairs


def test_a_primitive_is_curved_in_all_pairs_of_its_operands() -> None:
    @primitive(lambda y, a, b, c: (1.0, 1.0, 1.0))
    def total(a: float, b: float, c: float) -> float:
        return a + b + c

    rule = total(Value(1.0), 2.0, 3.0)._rule
    assert rule is not None
    assert curved(rule, (True, False, True)) == ((0, 0), (0, 2), (2, 2))


def test_rounding_to_digits_is_a_step() -> None:
    assert curved(Digits(2).rule, (True,)) == ()
