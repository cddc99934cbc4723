"""Optimisers and schedules over 200 steps, and losses at many points, against PyTorch: to 1e-13."""

from __future__ import annotations

import json
from functools import cache, partial
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from nn.optimiser import Optimiser
from nn.updates import Updates
from tests.nn.descents import EPOCH, OPTIONS, SCHEDULES, SEEN, STARTS, STEPS, Options, gradient, loss, schedules_of
from tests.nn.loss_points import points
from tests.nn.make_torch_values import FILE, values

CLOSE = 1e-13
EACH = [(options, schedule) for options in OPTIONS for schedule in schedules_of(OPTIONS[options])]
each_descent = pytest.mark.parametrize(("options", "schedule"), EACH)


@cache
def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def schedule_of(name: str, arguments: dict[str, Any], lr: float) -> nn.schedules.Schedule:
    kind, own = arguments.get("then", ("Constant", {}))
    rate = {"then": schedule_of(kind, own, lr)} if name == "Warmup" else {"max_lr" if name == "OneCycle" else "lr": lr}
    made: nn.schedules.Schedule = nn.SCHEDULES[name](**{**arguments, **rate})
    return made


def optimiser_of(options: Options, parameters: list[Value]) -> Optimiser:
    kind: Any = getattr(nn, options.kind)
    groups = [{"params": parameters[:3]}, {"params": parameters[3:], **(options.second or {})}]
    given = groups if options.second else parameters
    made: Optimiser = kind(given, **options.settings, clip_value=options.clip_value, clip_norm=options.clip_norm)
    return made


def descent(options: Options, schedule: nn.schedules.Schedule, arrays: bool = False) -> list[list[float]]:
    """The parameters after some steps, made number by number or in arrays."""
    optimiser = optimiser_of(options, [Value(x) for x in STARTS])
    updates, seen = Updates(optimiser), []
    for step in range(STEPS):
        optimiser.lr = schedule(optimiser.steps)
        numbers = [p.data for p in optimiser.parameters]
        for parameter, number in zip(optimiser.parameters, gradient(step, numbers), strict=True):
            parameter.grad = number
        if arrays:
            partials = np.array([p.grad for p in optimiser.parameters])
            moved, memories = updates.step(np.array(numbers), partials, optimiser.remembered.arrays)
            optimiser.remembered.set(memories)
            optimiser.steps += 1
            for parameter, x in zip(optimiser.parameters, moved.tolist(), strict=True):
                parameter.data = x
        else:
            optimiser.step()
        if isinstance(schedule, nn.schedules.Plateau) and (step + 1) % EPOCH == 0:
            schedule.observe(loss(step // EPOCH))
        if step in SEEN:
            seen.append([p.data for p in optimiser.parameters])
    return seen


def worst(actual: list[list[float]], expected: list[list[float]]) -> float:
    """The largest relative difference."""
    pairs = [pair for one, other in zip(actual, expected, strict=True) for pair in zip(one, other, strict=True)]
    return max(abs(a - e) / abs(e) for a, e in pairs)


@each_descent
def test_two_hundred_steps_are_pytorchs(options: str, schedule: str) -> None:
    chosen = OPTIONS[options]
    made = schedule_of(*SCHEDULES[schedule], chosen.settings["lr"])
    assert worst(descent(chosen, made), stored()["descents"][options][schedule]) <= CLOSE


@pytest.mark.parametrize("options", OPTIONS)
def test_in_arrays_they_are_pytorchs_too(options: str) -> None:
    chosen = OPTIONS[options]
    made = schedule_of(*SCHEDULES["constant"], chosen.settings["lr"])
    assert worst(descent(chosen, made, arrays=True), stored()["descents"][options]["constant"]) <= CLOSE


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_learning_rate_of_every_step_is_pytorchs(schedule: str) -> None:
    made, rates = schedule_of(*SCHEDULES[schedule], 0.05), []
    for step in range(STEPS):
        rates.append(made(step))
        if isinstance(made, nn.schedules.Plateau) and (step + 1) % EPOCH == 0:
            made.observe(loss(step // EPOCH))
    assert rates == pytest.approx(stored()["rates"][schedule], rel=CLOSE, abs=0.0)


# -- losses --------------------------------------------------------------------------------------

POINTS = list(points())
each_point = pytest.mark.parametrize("k", range(len(POINTS)), ids=lambda k: f"{k}-{POINTS[k].loss}")
# PyTorch's own softmax rounds to 1e-16 where ours keeps its digits: so small a difference is its, not ours.
near = partial(pytest.approx, rel=CLOSE, abs=1e-15)


def leaves(prediction: Any) -> list[Value]:
    return [Value(x) for x in prediction] if isinstance(prediction, list) else [Value(prediction)]


def arranged(numbers: Any, prediction: Any) -> Any:
    """A list as the prediction is one, or a single number."""
    return list(numbers) if isinstance(prediction, list) else numbers[0]


@each_point
def test_a_loss_and_its_gradient_are_pytorchs(k: int) -> None:
    point, (value, gradient) = POINTS[k], stored()["losses"][k]
    function = partial(nn.LOSSES[point.loss].function, **point.settings)
    xs = leaves(point.prediction)
    loss = function(arranged(xs, point.prediction), point.target)
    assert isinstance(loss, Value)
    loss.backward()
    assert loss.data == near(value)
    assert [x.grad for x in xs] == near(gradient)
    assert function(point.prediction, point.target) == loss.data


def kind(k: int) -> tuple[str, str, int]:
    """Points of one kind go through one program."""
    return POINTS[k].loss, str(POINTS[k].settings), len(leaves(POINTS[k].prediction))


KINDS = sorted(set(map(kind, range(len(POINTS)))))


@pytest.mark.parametrize(("loss", "settings", "size"), KINDS)
def test_compiled_over_rows_it_is_the_same_with_targets_that_are_values(loss: str, settings: str, size: int) -> None:
    chosen = [k for k in range(len(POINTS)) if kind(k) == (loss, settings, size)]
    rows = np.array([[x.data for x in leaves(POINTS[k].prediction)] for k in chosen])
    targets = np.array([POINTS[k].target for k in chosen], dtype=float)
    first = POINTS[chosen[0]]
    function = partial(nn.LOSSES[loss].function, **first.settings)
    compiled: Any = autograd.compile(lambda row, t: function(arranged(row, first.prediction), t), (0, 0))
    value, gradient = compiled.value_and_grad(rows, targets)
    expected = [stored()["losses"][k] for k in chosen]
    assert value.tolist() == near([value for value, _ in expected])
    assert gradient == near(np.array([partials for _, partials in expected]))


def test_every_loss_is_compared() -> None:
    assert {point.loss for point in POINTS} == nn.LOSSES.keys() - {"softmax_cross_entropy"}


@pytest.mark.peers
def test_the_file_is_what_pytorch_computes_here() -> None:
    pytest.importorskip("torch")
    fresh, kept = values(), stored()
    for options, schedule in EACH:
        assert worst(fresh["descents"][options][schedule], kept["descents"][options][schedule]) <= CLOSE
    assert fresh["rates"] == kept["rates"]
    for one, other in zip(fresh["losses"], kept["losses"], strict=True):
        assert [one[0], *one[1]] == near([other[0], *other[1]])
