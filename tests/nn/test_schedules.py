"""Schedules: what they do at their ends, with one another and with what can't be right. PyTorch's: test_torch_values."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest

import nn
from autograd import Value
from nn.schedules import Constant, Cosine, Exponential, Linear, MultiStep, OneCycle, Plateau, StepDecay, Warmup

NO_NAME: Any = "most"


def test_one_cycle_stays_where_it_ends() -> None:
    one_cycle = OneCycle(1.0, total_steps=10)
    assert one_cycle(9) == one_cycle(10) == one_cycle(1000) == pytest.approx(1.0 / 25.0 / 1e4, rel=1e-12)


@pytest.mark.parametrize("total", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("three", [False, True])
def test_a_cycle_of_few_steps_has_a_learning_rate_for_each(total: int, share: float, three: bool) -> None:
    rates = [OneCycle(1.0, total, share, three_phase=three)(step) for step in range(total)]
    assert all(0.0 < rate <= 1.0 for rate in rates)


def test_warm_up_rises_to_a_number_or_to_another_schedule() -> None:
    assert [Warmup(1.0, 2, 0.0)(step) for step in range(4)] == [0.0, 0.5, 1.0, 1.0]
    assert [Warmup(lambda step: 1.0 - step, 2, 0.5)(step) for step in range(4)] == [0.5, 0.75, 1.0, 0.0]
    twice = Warmup(Warmup(1.0, 1, 0.5), 2, 0.5)
    assert [twice(step) for step in range(5)] == [0.25, 0.375, 0.5, 1.0, 1.0]


def test_warm_up_tells_a_plateau_of_the_loss() -> None:
    warmup = Warmup(Plateau(1.0, factor=0.5, patience=0), steps=2)
    for loss in (1.0, 1.0):
        warmup.observe(loss)
    assert warmup(5) == 0.5
    other = Warmup(Plateau(1.0, factor=0.5, patience=0), steps=2)
    other.load_state_dict(json.loads(json.dumps(warmup.state_dict())))
    assert other == warmup


def test_warm_up_to_what_has_no_state_has_none() -> None:
    warmup = Warmup(Cosine(1.0, 10), steps=2)
    warmup.observe(1.0)
    warmup.load_state_dict({})
    assert warmup.state_dict() == {}


@pytest.mark.parametrize(
    ("settings", "losses", "rate"),
    [
        ({"patience": 1}, [1.0, 1.0, 1.0], 0.5),
        ({"patience": 1}, [1.0, 0.5, 0.5], 1.0),
        ({"patience": 0}, [math.nan, math.nan], 0.25),
        ({"patience": 0, "mode": "max"}, [0.5, 0.6, 0.6, 0.7], 0.5),
        ({"patience": 0, "threshold": 0.1}, [1.0, 0.95], 0.5),
        ({"patience": 0, "threshold": 0.1}, [1.0, 0.85], 1.0),
        ({"patience": 0, "threshold": 0.1, "threshold_mode": "abs"}, [10.0, 9.95], 0.5),
        ({"patience": 0, "threshold": 0.1, "threshold_mode": "abs"}, [10.0, 9.85], 1.0),
        ({"patience": 0, "threshold": 0.1, "threshold_mode": "abs", "mode": "max"}, [1.0, 1.05], 0.5),
        ({"patience": 0, "cooldown": 2}, [1.0, 1.0, 1.0, 1.0], 0.5),
        ({"patience": 0, "cooldown": 2}, [1.0, 1.0, 1.0, 1.0, 1.0], 0.25),
        ({"patience": 0, "min_lr": 0.75}, [1.0, 1.0, 1.0], 0.75),
        ({"patience": 0, "eps": 0.6}, [1.0, 1.0], 1.0),
    ],
)
def test_a_plateau_is_seen(settings: dict[str, Any], losses: list[float], rate: float) -> None:
    plateau = Plateau(1.0, factor=0.5, **settings)
    for loss in losses:
        plateau.observe(loss)
    assert plateau(0) == rate


@pytest.mark.parametrize("seen", range(6))
def test_a_plateau_goes_on_where_it_was(seen: int) -> None:
    losses = [3.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0]
    through, first, second = (Plateau(1.0, factor=0.5, patience=1, cooldown=1) for _ in range(3))
    for loss in losses:
        through.observe(loss)
    for loss in losses[:seen]:
        first.observe(loss)
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    for loss in losses[seen:]:
        second.observe(loss)
    assert second == through


@pytest.mark.parametrize(
    "state", [None, {}, {"lr": 1.0}, {"lr": 1.0, "best": 1.0, "bad_epochs": 0, "cooling": 0, "more": 0}]
)
def test_what_is_no_state_of_a_plateau_is_refused(state: Any) -> None:
    with pytest.raises(ValueError, match="the state of a Plateau has lr, best, bad_epochs, cooling, got"):
        Plateau(1.0).load_state_dict(state)


def test_a_state_with_a_wrong_number_changes_nothing() -> None:
    plateau = Plateau(1.0)
    with pytest.raises(TypeError, match="cooling must be a whole number, got 0.5"):
        plateau.load_state_dict({"lr": 0.5, "best": 1.0, "bad_epochs": 0, "cooling": 0.5})
    assert plateau == Plateau(1.0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Constant(-1.0), ValueError, "lr must be at least 0, got -1.0"),
        (lambda: Cosine("a", 3), TypeError, "lr must be a real number, got str 'a'"),  # type: ignore[arg-type]
        (lambda: Cosine(0.1, 0), ValueError, "T_max must be at least 1, got 0"),
        (lambda: Cosine(0.1, 10, eta_min=-0.1), ValueError, "eta_min must be at least 0"),
        (lambda: StepDecay(0.1, 2.5), TypeError, "step_size must be a whole number, got 2.5"),  # type: ignore[arg-type]
        (lambda: Exponential(0.1, -0.5), ValueError, "gamma must be at least 0, got -0.5"),
        (lambda: MultiStep(0.1, 5), TypeError, "milestones must be a list of numbers of steps, got int 5"),  # type: ignore[arg-type]
        (lambda: MultiStep(0.1, [5, "a"]), TypeError, "a milestone must be a whole number, got 'a'"),  # type: ignore[list-item]
        (lambda: Linear(0.1, 0), ValueError, "total_iters must be at least 1"),
        (lambda: OneCycle(0.1, 10, pct_start=1.5), ValueError, "pct_start must be at least 0 and at most 1, got 1.5"),
        (lambda: OneCycle(0.1, 10, div_factor=0.0), ValueError, "div_factor must be at least"),
        (lambda: OneCycle(0.1, 10, 0.3, NO_NAME), ValueError, "anneal_strategy must be 'cos' or 'linear', got 'most'"),
        (lambda: Plateau(0.1, factor=1.0), ValueError, "factor must be at least 0 and below 1, got 1.0"),
        (lambda: Plateau(0.1, patience=-1), ValueError, "patience must be at least 0, got -1"),
        (lambda: Plateau(0.1, mode=NO_NAME), ValueError, "mode must be 'min' or 'max', got 'most'"),
        (lambda: Plateau(0.1).observe("a"), TypeError, "the observed loss must be a real number, got str 'a'"),  # type: ignore[arg-type]
    ],
)
def test_what_makes_no_schedule_is_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


EXAMPLES = [
    Constant(0.1),
    StepDecay(0.1, 5),
    MultiStep(0.1, [5, 2]),
    Exponential(0.1, 0.5),
    Linear(0.1),
    Cosine(0.1, 10),
    OneCycle(0.1, 10),
    Warmup(Cosine(0.1, 10), 5),
    Plateau(0.1),
]


@pytest.mark.parametrize("schedule", EXAMPLES, ids=lambda schedule: type(schedule).__name__)
def test_a_schedule_is_built_again_from_its_repr_and_its_attributes(schedule: Any) -> None:
    assert eval(repr(schedule), dict(nn.SCHEDULES)) == schedule
    given = {each.name: getattr(schedule, each.name) for each in dataclasses.fields(schedule) if each.init}
    assert nn.SCHEDULES[type(schedule).__name__](**given) == schedule


def test_every_schedule_is_in_the_table() -> None:
    assert set(nn.SCHEDULES) == {type(schedule).__name__ for schedule in EXAMPLES}


def test_a_rate_of_a_schedule_is_one_of_an_optimiser() -> None:
    x = Value(1.0)
    optimiser, schedule = nn.SGD([x], lr=1.0), Exponential(1.0, gamma=0.5)
    for _ in range(3):
        optimiser.lr, x.grad = schedule(optimiser.steps), 1.0
        optimiser.step()
    assert x.data == 1.0 - 1.0 - 0.5 - 0.25
