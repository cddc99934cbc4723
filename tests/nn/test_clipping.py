"""Clipping gradients in a loop of one's own: the optimiser's numbers, and PyTorch's by test_torch_values."""

import math
from typing import Any

import pytest

import nn
from autograd import Value

GRADIENTS = [3.0, -4.0, None, 0.25]


def parameters(gradients: Any = GRADIENTS) -> list[Value]:
    values = [Value(1.0) for _ in gradients]
    for value, gradient in zip(values, gradients, strict=True):
        value.grad = gradient
    return values


def test_each_gradient_is_cut_and_what_no_pass_reached_stays_without() -> None:
    values = parameters()
    nn.clip_value(values, 1.0)
    assert [p.grad_or_none for p in values] == [1.0, -1.0, None, 0.25]


def test_the_norm_of_all_is_cut_and_told() -> None:
    values = parameters()
    norm = math.hypot(3.0, 4.0, 0.25)
    assert nn.clip_norm(values, 1.0) == norm
    assert [p.grad_or_none for p in values] == [g and g * (1.0 / (norm + 1e-6)) for g in GRADIENTS]
    assert nn.clip_norm(values, 2.0) == pytest.approx(1.0)
    assert values[2].grad_or_none is None


def test_a_norm_below_the_limit_changes_nothing() -> None:
    values = parameters()
    assert nn.clip_norm(values, 100.0) < 100.0
    assert [p.grad_or_none for p in values] == GRADIENTS


@pytest.mark.parametrize("poison", [math.inf, math.nan])
def test_a_norm_that_is_not_finite_leaves_the_gradients_to_the_optimiser(poison: float) -> None:
    values = parameters([1.0, poison])
    assert not math.isfinite(nn.clip_norm(values, 1.0))
    assert values[0].grad == 1.0
    with pytest.raises(FloatingPointError, match="its gradient is"):
        nn.SGD(values).step()


@pytest.mark.parametrize(
    ("by_hand", "settings"),
    [(lambda p: nn.clip_value(p, 0.5), {"clip_value": 0.5}), (lambda p: nn.clip_norm(p, 0.5), {"clip_norm": 0.5})],
)
def test_by_hand_it_is_what_the_optimiser_does(by_hand: Any, settings: dict[str, Any]) -> None:
    one, other = parameters(), parameters()
    by_hand(one)
    nn.SGD(one, lr=0.1).step()
    nn.SGD(other, lr=0.1, **settings).step()
    assert [p.data for p in one] == [p.data for p in other]


@pytest.mark.parametrize("clip", [nn.clip_value, nn.clip_norm])
def test_what_is_no_limit_or_no_parameter_is_refused(clip: Any) -> None:
    with pytest.raises(ValueError, match=f"{clip.__name__}: limit must be at least .*, got -1.0"):
        clip(parameters(), -1.0)
    with pytest.raises(TypeError, match=f"{clip.__name__}: limit must be a real number, got str 'a'"):
        clip(parameters(), "a")
    with pytest.raises(TypeError, match="parameters must be Values, got 1.0"):
        clip([1.0], 1.0)
