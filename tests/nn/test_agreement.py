"""When two ways to compute the same numbers agree: up to rounding, and no further."""

import math

import pytest

import nn
from autograd import Value
from nn.agreement import Numbers, agree, graph_numbers
from nn.losses import as_loss
from nn.noise import Drawn

NAN, INF = math.nan, math.inf
SAME = [
    (1.0, 1.0 + 1e-9),
    (1e-20, 0.0),  # beside a partial of 1
    (NAN, NAN),
    (INF, INF),
    (-INF, -INF),
]
DIFFERENT = [(1.0, 1.001), (1e-3, 0.0), (0.0, 1e-9), (NAN, 1.0), (1.0, NAN), (INF, 1.0), (1.0, INF), (INF, -INF), (INF, NAN)]


def beside_one(x: float) -> Numbers:
    return Numbers(1.0, [1.0, x], [2.0])


@pytest.mark.parametrize(("one", "other"), SAME)
def test_numbers_agree_up_to_rounding(one: float, other: float) -> None:
    assert agree(beside_one(one), beside_one(other))
    assert agree(Numbers(one, [1.0], []), Numbers(other, [1.0], []))
    assert agree(Numbers(1.0, [1.0], [1.0, one]), Numbers(1.0, [1.0], [1.0, other]))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_numbers_that_differ_do_not_agree(one: float, other: float) -> None:
    assert not agree(beside_one(one), beside_one(other))
    assert not agree(Numbers(one, [1.0], []), Numbers(other, [1.0], []))
    assert not agree(Numbers(1.0, [1.0], [1.0, one]), Numbers(1.0, [1.0], [1.0, other]))


def test_an_infinite_number_excuses_no_other() -> None:
    assert not agree(Numbers(INF, [1.0], []), Numbers(INF, [2.0], []))
    assert not agree(Numbers(1e-6, [1e-6], [1e9]), Numbers(1e-6, [2e-6], [1e9]))


def test_lengths_must_be_the_same() -> None:
    assert not agree(Numbers(1.0, [1.0], []), Numbers(1.0, [], []))
    assert not agree(Numbers(1.0, [1.0], [1.0]), Numbers(1.0, [1.0], [1.0, 2.0]))


def test_what_nudges_move_may_differ_as_much() -> None:
    """At the end of a training all numbers are rounding errors; beside a kink a partial jumps."""
    one, other = Numbers(1e-30, [1e-16], [1.0]), Numbers(0.0, [3e-16], [1.0])
    assert not agree(one, other)
    assert agree(one, other, [Numbers(1e-24, [1e-10], [1.0])])
    assert not agree(Numbers(1.0, [1.1], [1.0]), Numbers(1.0, [1.0], [1.0]), [Numbers(1.0, [1.0 + 1e-9], [1.0])])


def test_numbers_of_the_graph_write_no_gradient() -> None:
    model, unused = nn.MLP(2, [1], "tanh", seed=0), Value(1.0)
    batch = nn.Data([[1.0, 2.0], [3.0, 4.0]], [1, -1])
    sources = [Drawn([])] * 2
    numbers = graph_numbers(model, as_loss("mse"), [*model.parameters(), unused], batch, None, sources)
    value, predictions = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.0), batch)
    assert numbers == Numbers(value, [*(p.grad for p in model.parameters()), 0.0], [p.data for p in predictions])
    assert unused.grad_or_none is None
    constant = graph_numbers(model, as_loss(lambda _s, _t: 2), model.parameters(), batch, None, sources)
    assert (constant.loss, constant.gradient) == (2.0, [0.0] * 3)
