"""An optimiser's steps on arrays: the bits of the steps number by number."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Value
from nn.optimiser import Optimiser
from nn.updates import Updates
from tests.nn.test_optimisers import MAKERS, Make
from tests.support import bits

LIMITED: dict[str, Make] = {
    "cut": lambda p: nn.Adam(p, lr=0.05, clip_value=0.5),
    "scaled": lambda p: nn.SGD(p, lr=0.05, momentum=0.9, clip_norm=1.0),
    "both": lambda p: nn.SGD(p, lr=0.05, clip_norm=1.0, clip_value=0.5, weight_decay=0.1),
    "groups": lambda p: nn.Adam([{"params": p[:2], "lr": 0.5}, {"params": p[2:], "weight_decay": 0.1}], lr=0.05),
}
Steps = list[list[float | None]]
every_optimiser = pytest.mark.parametrize("make", [*MAKERS.values(), *LIMITED.values()], ids=[*MAKERS, *LIMITED])
gradients = st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=5)


def number_by_number(optimiser: Optimiser, steps: Steps) -> list[str]:
    for step in steps:
        for parameter, gradient in zip(optimiser.parameters, step, strict=True):
            parameter._grad = gradient  # 0 counts, as a pass gives it
        optimiser.step()
    return [bits(p.data) for p in optimiser.parameters]


def in_arrays(optimiser: Optimiser, steps: Steps) -> list[str]:
    updates, data = Updates(optimiser), np.array([p.data for p in optimiser.parameters])
    for step in steps:
        moving = None if None not in step else np.array([g is not None for g in step])
        data, memories = updates.step(data, np.array([g or 0.0 for g in step]), optimiser.remembered.arrays, moving)
        optimiser.remembered.set(memories)
        optimiser.steps += 1
    return [bits(x) for x in data.tolist()]


def parameters() -> list[Value]:
    return [Value(x) for x in (0.5, -1.25, 3.0, 1e-3, 0.0)]


@every_optimiser
@settings(max_examples=25, deadline=None)
@given(steps=st.lists(gradients, min_size=1, max_size=4))
def test_both_ways_give_the_same_bits(make: Make, steps: list[Any]) -> None:
    one, other = make(parameters()), make(parameters())
    assert number_by_number(one, steps) == in_arrays(other, steps)
    assert json.dumps(one.state_dict()) == json.dumps(other.state_dict())


@every_optimiser
def test_parameters_without_gradient_stay_and_go_on_where_they_were(make: Make) -> None:
    steps: Steps = [
        [1.0, None, 2.0, None, 0.5],
        [0.5, 0.25, None, None, 0.0],
        [0.5, 0.25, -1.0, 2.0, -0.0],
        [None, None, None, None, 1.0],
    ]
    one, other = make(parameters()), make(parameters())
    assert number_by_number(one, steps) == in_arrays(other, steps)
    assert json.dumps(one.state_dict()) == json.dumps(other.state_dict())


@every_optimiser
def test_one_can_go_on_after_the_other(make: Make) -> None:
    one, other = make(parameters()), make(parameters())
    first: Steps = [[1.0, -2.0, 0.5, 0.25, 3.0]] * 3
    second: Steps = [[-0.5, 1.0, 0.5, 2.0, 0.0]] * 2
    number_by_number(one, first)
    in_arrays(other, first)
    for parameter, source in zip(other.parameters, one.parameters, strict=True):
        parameter.data = source.data
    assert in_arrays(one, second) == number_by_number(other, second)


@every_optimiser
@pytest.mark.parametrize("poison", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_changes_nothing(make: Make, poison: float) -> None:
    optimiser = make(parameters())
    in_arrays(optimiser, [[0.5] * 5])
    before = json.dumps(optimiser.state_dict())
    with pytest.raises(FloatingPointError, match="can't be updated: its gradient is"):
        in_arrays(optimiser, [[0.5, 0.5, 0.5, poison, 0.5]])
    assert json.dumps(optimiser.state_dict()) == before


def test_a_sum_that_overflows_of_finite_numbers_is_no_error() -> None:
    numbers = [Value(1e308), Value(1e308)]
    optimiser = nn.SGD(numbers, lr=0.0)
    moved, _ = Updates(optimiser).step(np.array([1e308, 1e308]), np.array([1.0, 1.0]), optimiser.remembered.arrays)
    assert moved.tolist() == [1e308, 1e308]


def test_a_memory_that_overflows_is_an_error() -> None:
    with pytest.raises(FloatingPointError, match="can't be updated"):
        in_arrays(nn.Adam([Value(1.0)]), [[1e200]])
