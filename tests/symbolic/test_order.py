"""Operands stand in formulas in the order in which the program gave them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import autograd as ag
from autograd import Value, draw, explain, formula
from autograd.drawing.level_of_detail import compose
from autograd.player.page import page_data
from autograd.player.snapshot import take
from autograd.rules.table import RULES
from autograd.value import apply
from tests.support import close

Operation = Callable[[list[Value]], Any]


def item(operation: Operation, i: int) -> Operation:
    return lambda xs: operation(xs)[i]


OF_MANY: list[Operation] = [
    *(item(ag.softmax, i) for i in range(3)),
    *(item(ag.log_softmax, i) for i in range(3)),
    *(ag.logsumexp, ag.max, ag.min, ag.norm, ag.prod, ag.sum, ag.mean),
    lambda xs: ag.hypot(*xs),
    lambda xs: ag.dot(xs, [2.0, 3.0, 4.0]),
]


def names_in(text: str) -> list[str]:
    return re.findall(r"(?<![a-z])[bca](?![a-z])", text)


def leaves() -> list[Value]:
    return [Value(3.0, name="b"), Value(1.0, name="c"), Value(2.0, name="a")]


@pytest.mark.parametrize("f", OF_MANY)
def test_operands_stand_in_the_order_they_were_given_in(f: Operation) -> None:
    xs = leaves()
    y = f(xs)
    assert names_in(str(formula(y))) == ["b", "c", "a"]
    for x in xs:
        definition = re.search(r"^  f = (.*) = ", str(explain(y, x)), re.MULTILINE)
        assert definition
        assert names_in(definition[1]) == ["b", "c", "a"]


@pytest.mark.parametrize("i", range(3))
def test_a_softmax_and_its_derivatives_name_all_numbers_alike(i: int) -> None:
    xs = leaves()
    y = ag.softmax(xs)[i]
    assert str(formula(y)) == f"softmax{'₁₂₃'[i]}(b, c, a)"
    assert formula(y).latex == rf"\operatorname{{softmax}}_{{{i + 1}}}(b, c, a)"
    for j, x in enumerate(xs):
        text = str(explain(y, x))
        formula_of = "f·(1 − f)" if j == i else f"−f·softmax{'₁₂₃'[j]}(b, c, a)"
        assert text.startswith(f"df/d{x.name} = {formula_of} = ")
        assert close(explain(y, x).value, ag.gradient(y, [x])[0], 1e-15)


def test_indices_of_two_digits_are_set_as_one() -> None:
    xs = [Value(float(i), name=f"x{i}") for i in range(12)]
    y = ag.log_softmax(xs)[11]
    assert str(formula(y)).startswith("log_softmax₁₂(")
    assert r"_{12}(" in formula(y).latex


def test_the_player_says_it_in_the_same_order() -> None:
    y = ag.softmax(leaves())[1]
    scene = compose(y)
    (said,) = page_data(scene, take(y, scene))["wordings"]
    assert said["value"] == "softmax₂({1}, {0}, {2})"
    assert list(said["partials"]) == ["{y} · (1 − {y})", "−{y} · softmax₁({1}, {0}, {2})", "−{y} · softmax₃({1}, {0}, {2})"]
    assert draw(y).html


def test_a_softmax_without_a_known_place_is_the_first_of_its_numbers() -> None:
    b, c = Value(3.0, name="b"), Value(1.0, name="c")
    assert str(formula(apply(RULES["softmax"], c, b))) == "softmax₁(c, b)"
