"""Where activations are flat: on both sides, on one, or nowhere."""

import pytest

import autograd
from autograd import Value
from nn.activations import ACTIVATIONS
from nn.flatness import flatness

SATURATE = {"sigmoid", "tanh", "softsign", "hard_sigmoid", "hard_tanh"}
DIE = {"relu", "elu", "celu", "selu", "gelu", "silu", "mish", "softplus"}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_of_ours_is_of_its_kind(name: str) -> None:
    assert flatness(ACTIVATIONS[name])[1:] == (name in SATURATE, name in DIE)


def test_the_greatest_derivative_is_found() -> None:
    assert flatness(autograd.sigmoid).greatest == 0.25
    assert flatness(autograd.tanh).greatest == 1.0
    assert flatness(lambda z: 3.0 * z).greatest == 3.0


def test_one_of_ones_own_is_tried() -> None:
    assert flatness(lambda z: autograd.exp(-z * z)).saturates
    assert not any(flatness(autograd.sin)[1:])


def test_one_that_is_nan_somewhere_or_constant_is_flat_nowhere() -> None:
    assert not any(flatness(autograd.log)[1:])
    assert not any(flatness(lambda _: Value(1.0))[1:])
