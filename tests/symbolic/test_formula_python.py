"""A formula as Python evaluates to the graph's own number, to the last bit."""

import keyword
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, primitive, softmax, where
from autograd.backward import gradients
from autograd.program.spelling import identifier
from autograd.rules.table import RULES
from autograd.symbolic.formula import formula
from autograd.testing.domains import DOMAINS
from autograd.testing.strategies import expressions, points_of
from autograd.value import VALUES, apply
from tests.support import bits, number

NAMES = {**vars(VALUES), **vars(autograd)}


def evaluated(node: Value) -> float:
    shown = formula(node)
    return number(eval(shown.python, NAMES | shown.variables))


@given(st.data())
def test_random_expressions_give_the_same_bits(data: st.DataObject) -> None:
    f = data.draw(expressions())
    at = data.draw(points_of(f, edges=True))
    y = f(*(Value(x, name) for name, x in zip(f.variables, at, strict=True)))
    assert bits(evaluated(y)) == bits(y.data)


@given(st.data())
def test_their_gradients_give_the_same_bits(data: st.DataObject) -> None:
    f = data.draw(expressions(max_times=1))
    at = data.draw(points_of(f))
    leaves = [Value(x, name) for name, x in zip(f.variables, at, strict=True)]
    y = f(*leaves)
    for gradient in gradients(y, Value(1.0)).values():
        assert bits(evaluated(gradient)) == bits(gradient.data)


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_operation_gives_the_same_bits(name: str) -> None:
    draw = Random(name)
    for constant in (False, True):
        numbers = [operand.draw(draw) for operand in DOMAINS[name].interior]
        leaves = [Value(x, None if constant else f"x{i}") for i, x in enumerate(numbers)]
        order = numbers[:1] if name == "polygamma" else []  # which is no Value
        y = apply(RULES[name], *order, *leaves[len(order) :])
        assert isinstance(y, Value)
        assert bits(evaluated(y)) == bits(y.data)


@pytest.mark.parametrize(
    ("make", "python"),
    [
        (lambda x: (x + 1.0) ** 2, "(x + 1.0) ** 2.0"),
        (lambda x: x + (x + 1.0), "x + (x + 1.0)"),
        (lambda x: -(x**2) / -3.0, "-x ** 2.0 / -3.0"),
        (lambda x: (-x) ** 2, "(-x) ** 2.0"),
        (lambda x: (x**2) ** x, "(x ** 2.0) ** x"),
        (lambda x: x ** (2.0**x), "x ** 2.0 ** x"),
        (lambda x: x % 2.0 // 3.0, "x % 2.0 // 3.0"),
        (lambda x: softmax([x, 2.0])[0], "softmax([x, 2.0])[0]"),
        (lambda x: autograd.dot([x], [x]), "dot([x], [x])"),
        (lambda x: where(x > 0, x * 1.0, x), "x * 1.0"),
        (lambda x: x * float("inf"), 'x * float("inf")'),
        (lambda x: x * 0.1, "x * 0.1"),
    ],
)
def test_the_source_is_what_one_would_type(make: Callable[[Value], Value], python: str) -> None:
    assert formula(make(Value(0.5, name="x"))).python == python


def test_shared_parts_are_named_on_lines_of_their_own() -> None:
    x = Value(0.5, name="x")
    y = (x + 1.0).sin()
    assert formula(y * y).python == "(\n    t1 := sin(x + 1.0),\n    t1 * t1,\n)[-1]"


def test_numbers_alone_are_computed_as_the_graph_does_and_never_raise() -> None:
    y = Value(1.0) / 0.0 + Value(-8.0) ** (1 / 3) + Value(0.0) ** -1.0
    assert formula(y).python == "div(1.0, 0.0) + pow(-8.0, 0.3333333333333333) + pow(0.0, -1.0)"
    assert bits(evaluated(y)) == bits(y.data)


def test_a_name_that_python_does_not_allow_is_spelled_so_that_it_does() -> None:
    leaves = [Value(float(i + 1), name) for i, name in enumerate(["layer0.w[1]", "class", "sin", "a b", "a_b", "ŷ", "2"])]
    total = autograd.prod(leaves)
    shown = formula(total)
    assert shown.python == "prod(layer0_w_1_, class_2, sin_2, a_b, a_b_2, ŷ, _2)"
    assert list(shown.variables.values()) == leaves
    assert evaluated(total) == 5040.0


@given(st.text())
def test_every_name_has_a_spelling(name: str) -> None:
    spelled = identifier(name)
    assert spelled.isidentifier()
    assert eval(f"{spelled}_", {f"{spelled}_": 7}) == 7
    shown = formula(Value(1.5, name=name or None) * 2.0)
    assert eval(shown.python, dict(shown.variables)) == 3.0
    assert not set(shown.variables) & set(keyword.kwlist)


def test_a_chain_of_ten_thousand_steps_evaluates() -> None:
    y = Value(0.5, name="x")
    for _ in range(10_000):
        y = (y * 1.01).sin()
    assert bits(evaluated(y)) == bits(y.data)


def test_an_operation_of_ones_own_is_called_by_its_name() -> None:
    area = primitive(lambda _y, a, b: (b, a), name="area")(lambda a, b: a * b)
    shown = formula(area(Value(2.0, name="a"), 3.0))
    assert shown.python == "area(a, 3.0)"
    assert eval(shown.python, {"area": area, **shown.variables}) == 6.0


@pytest.mark.parametrize("name", ["sub", "neg", "where", "softmax", "dot", "a b"])
def test_an_operation_of_ones_own_is_called_whatever_its_name(name: str) -> None:
    own = primitive(lambda _y, a, b: (b, a), name=name)(lambda a, b: a * b + 1.0)
    shown = formula(own(Value(2.0, name=name), Value(3.0, name="b")))
    called = identifier(name)
    assert shown.python == f"{called}({called}_2, b)"
    assert eval(shown.python, {called: own, **shown.variables}) == 7.0


@pytest.mark.parametrize("digits", [1, 2, -1])
@pytest.mark.parametrize("number", [2.345, -17.25, 1e5])
def test_a_rounding_to_digits_says_how_many(digits: int, number: float) -> None:
    for x in (Value(number, "x"), Value(number)):
        for y in (round(x, digits) * x, round(x + 1.0, digits), round(round(x, digits), digits + 1)):
            assert bits(evaluated(y)) == bits(y.data)
    x = Value(number, "x")
    y = round(x * 3.0, digits) * x
    sign = f"−{-digits}" if digits < 0 else str(digits)
    assert str(formula(y)) == f"round(x·3, {sign})·x"
    assert formula(y).latex == rf"\operatorname{{round}}(x \cdot 3, {digits}) \cdot x"
    assert f"= round(t1, {sign}) = " in str(autograd.explain(y, x))
