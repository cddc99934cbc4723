"""The judge is right where the answer is known, and tells apart who is wrong and why."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import pytest

import autograd as ag
from autograd.rules.table import RULES
from autograd.testing.expressions import Expression, Step
from autograd.testing.strategies import ONE, THREE, TWO
from tests.peers.graphs import AT_HARD_POINTS, Graph, all_graphs, depends_on_a_variable, random_graphs
from tests.peers.libraries import Library
from tests.peers.referee import NoDerivativeError, exact_gradient, kinks, sensitivity
from tests.peers.verdicts import Kind, Ours, differ, judge, ours


def graph(*steps: tuple[Any, ...], at: tuple[float, ...]) -> Graph:
    """Steps as (operation, operands …), called a, b, c …"""
    made = (Step("abc"[k], name, tuple(operands)) for k, (name, *operands) in enumerate(steps))
    return Graph(Expression(tuple("xyz"[: len(at)]), tuple(made)), at)


def naive_tanh(x: Any) -> Any:
    """By its definition, whose derivative is 1 − tanh² and cancels."""
    return (ag.exp(x) - ag.exp(-x)) / (ag.exp(x) + ag.exp(-x))


def naive(name: str) -> Library:
    """A library like ours but for tanh."""
    return Library(name, "0", {**vars(ag), "tanh": naive_tanh}, float, lambda f, at: list(ag.grad(f, range(len(at)))(*at)))


SQUARE_OF_WAVE = graph(("sin", "x"), ("mul", "a", "a"), at=(0.5,))
FAR_TAIL = graph(("tanh", "x"), at=(20.0,))
FAST_WAVE = graph(("exp", "x"), ("sin", "a"), at=(12.0,))


# -- the exact gradient ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at_hand", "partials"),
    [
        (SQUARE_OF_WAVE, [0.8414709848078965]),
        (FAR_TAIL, [1.6993417021166355e-17]),
        (graph(("sin", "x"), at=(0.0,)), [1.0]),
        (graph(("sinc", 0.0), ("mul", "a", "x"), at=(3.0,)), [1.0]),
        (graph(("mul", "x", "y"), at=(2.0, 3.0)), [3.0, 2.0]),
        (graph(("floor", "x"), at=(0.5,)), [0.0]),
    ],
)
def test_the_exact_gradient_is_the_one_known(at_hand: Graph, partials: list[float]) -> None:
    assert [float(dydx) for dydx in exact_gradient(at_hand)] == partials


@pytest.mark.parametrize("name", ["log", "sqrt", "asin", "exp"])
def test_out_of_the_domain_and_of_all_range_there_is_no_exact_gradient(name: str) -> None:
    with pytest.raises(NoDerivativeError, match=name):
        exact_gradient(graph((name, "x"), at=(1e9 if name == "exp" else -2.0,)))


def test_a_step_on_the_way_moves_the_gradient_and_the_last_one_does_not() -> None:
    assert sensitivity(FAR_TAIL, exact_gradient(FAR_TAIL)) == [0]
    (exact,) = exact_gradient(FAST_WAVE)
    assert 1e-11 < float(sensitivity(FAST_WAVE, [exact])[0] / abs(exact)) < 1e-8


@pytest.mark.parametrize(
    ("name", "on", "beside"),
    [
        ("abs", (0.0,), (1e-200,)),
        ("relu", (0.0,), (-1e-200,)),
        ("floor", (2.0,), (2.5,)),
        ("maximum", (1.5, 1.5), (1.5, 1.25)),
        ("clip", (-1.0, -1.0, 1.0), (0.0, -1.0, 1.0)),
        ("hypot", (0.0, 0.0), (0.0, 1.0)),
        ("atan2", (0.0, -1.0), (0.0, 1.0)),
    ],
)
def test_kinks_are_found_where_they_are(name: str, on: tuple[float, ...], beside: tuple[float, ...]) -> None:
    step = (name, *"xyz"[: len(on)])
    assert [set(kinks(graph(step, at=at))) for at in (on, beside)] == [{name}, set()]


# -- verdicts --------------------------------------------------------------------------------------------------


def kind(at_hand: Graph, theirs: list[float], name: str = "torch") -> Kind:
    return judge(at_hand, ours(at_hand), theirs, naive(name)).kind


def test_a_peer_that_lost_digits_is_told_with_the_operation() -> None:
    at_hand = graph(("square", "x"), ("tanh", "a"), ("sin", "b"), at=(4.0,))
    verdict = judge(at_hand, ours(at_hand), naive("torch").gradient(at_hand), naive("torch"))
    assert (verdict.kind, verdict.operations) == (Kind.LOST, ("tanh",))
    assert not differ([float(x) for x in verdict.exact], *ours(at_hand)[:2])


def test_a_wrong_rule_of_ours_is_told_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ours(SQUARE_OF_WAVE).gradient
    monkeypatch.setattr(RULES["sin"], "partials", lambda m, y, x: (m.cos(x) * (1.0 + 1e-11),))
    assert kind(SQUARE_OF_WAVE, right) is Kind.WRONG


def test_what_rounding_explains_is_ill_conditioned_and_what_it_does_not_is_lost() -> None:
    (dydx,) = ours(FAST_WAVE).gradient
    assert kind(FAST_WAVE, [dydx * (1.0 + 1e-13)]) is Kind.EQUAL
    assert kind(FAST_WAVE, [dydx * (1.0 + 5e-12)]) is Kind.ILL
    assert kind(FAST_WAVE, [dydx * (1.0 + 1e-6)]) is Kind.LOST


def test_on_a_kink_only_conventions_that_are_told_excuse() -> None:
    at_hand = graph(("abs", "x"), at=(0.0,))
    assert (kind(at_hand, [1.0], "jax"), kind(at_hand, [1.0], "torch")) == (Kind.KINK, Kind.LOST)


def test_without_a_finite_gradient_nothing_is_compared() -> None:
    assert kind(graph(("log", "x"), at=(-1.0,)), [-1.0]) is Kind.UNDEFINED
    assert kind(graph(("sqrt", "x"), at=(0.0,)), [0.0]) is Kind.SINGULAR
    assert kind(graph(("tanh", "x"), at=(1.0,)), [math.nan]) is Kind.LOST


def test_a_peer_with_the_derivative_that_ours_has_not_is_told_ahead() -> None:
    at_hand, own = graph(("relu", "x"), ("sqrt", "a"), at=(-1.0,)), Ours([math.nan], [math.nan], Kind.SINGULAR)
    assert judge(at_hand, own, [0.0], naive("torch")).kind is Kind.BEHIND
    assert judge(at_hand, own, [0.5], naive("torch")).kind is Kind.SINGULAR


def test_a_product_below_the_floats_is_out_of_range() -> None:
    assert ours(graph(("exp", "x"), ("square", "a"), at=(-400.0,))).kind is Kind.RANGE


# -- graphs ----------------------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_graphs() -> None:
    first, again, other = (list(islice(random_graphs(seed), 50)) for seed in (1, 1, 2))
    assert first == again != other


def test_random_graphs_take_every_operation_and_depend_on_a_variable() -> None:
    graphs = list(islice(random_graphs(seed=1), 500))
    assert {step.operation for g in graphs for step in g.expression.steps} == {*ONE, *TWO, *THREE, "power", "Value"}
    assert all(depends_on_a_variable(g.expression) and len(g.expression.steps) >= 3 for g in graphs)


def test_hard_graphs_follow_the_random_ones() -> None:
    graphs = list(all_graphs(seed=1, count=3))
    assert len(graphs) == 3 + 8 * len(AT_HARD_POINTS) + 400
    assert {g.expression.steps[0].operation for g in graphs[3:-400]} == set(AT_HARD_POINTS)
