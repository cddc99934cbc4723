"""Initialisers: the spread they promise, and which one an activation gets."""

import math
import random
import statistics
from functools import partial
from typing import Any

import pytest

import autograd
import nn
from nn.initialisers import suited_to

DRAWS = 20_000


@pytest.mark.parametrize(("name", "variance"), [("he", 2 / 8), ("glorot", 2 / (8 + 4)), ("lecun", 1 / 8), ("unit", 1 / 3)])
def test_weights_have_the_promised_spread(name: str, variance: float) -> None:
    rng = random.Random(0)
    weights = [nn.INITIALISERS[name](rng, 8, 4) for _ in range(DRAWS)]
    assert abs(statistics.fmean(weights)) < 5 * math.sqrt(variance / DRAWS)
    assert statistics.pvariance(weights) == pytest.approx(variance, rel=0.05)


@pytest.mark.parametrize(
    ("activation", "name"),
    [("relu", "he"), ("leaky_relu", "he"), ("gelu", "he"), ("selu", "lecun"), ("tanh", "glorot"), ("linear", "glorot")],
)
def test_the_activation_decides(activation: str, name: str) -> None:
    assert suited_to(activation) == name
    weight = nn.INITIALISERS[name](random.Random(5), 3, 1)
    assert nn.Neuron(3, activation, seed=5).w[0].data == weight


def test_a_function_is_glorots_case() -> None:
    assert suited_to(math.tanh) == "glorot"


def test_signals_keep_their_size_through_thirty_layers() -> None:
    net = nn.MLP(16, [16] * 30, "relu", seed=0)
    rng = random.Random(0)
    deep = [z.data for z in net.layerwise([rng.gauss(0, 1) for _ in range(16)])[-1].z]
    assert 0.01 < math.hypot(*deep) < 100.0


def test_biases_start_at_zero() -> None:
    assert {n.b.data for layer in nn.MLP(2, [3, 1]).layers for n in layer.neurons if n.b is not None} == {0.0}


@pytest.mark.parametrize("name", nn.ACTIVATIONS)
def test_an_activation_by_name_or_as_a_function_starts_with_the_same_weights(name: str) -> None:
    by_name = nn.MLP(3, [4, 4, 1], name, seed=0).state_dict()
    functions: list[Any] = [nn.ACTIVATIONS[name], partial(nn.ACTIVATIONS[name])]
    functions += [] if name == "linear" else [getattr(autograd.Value, name)]
    for function in functions:
        assert nn.MLP(3, [4, 4, 1], function, seed=0).state_dict() == by_name
        assert nn.Neuron(3, function, seed=0).state_dict() == nn.Neuron(3, name, seed=0).state_dict()
        assert nn.Layer(3, 2, function, seed=0).state_dict() == nn.Layer(3, 2, name, seed=0).state_dict()


def test_a_lambda_starts_with_glorot_and_an_initialiser_of_ones_own_wins() -> None:
    assert nn.Neuron(3, lambda z: z.relu(), seed=0).state_dict() == nn.Neuron(3, "tanh", seed=0).state_dict()
    assert (
        nn.Neuron(3, autograd.relu, initialiser="glorot", seed=0).state_dict() == nn.Neuron(3, "tanh", seed=0).state_dict()
    )


def test_a_function_with_a_parameter_counts_as_the_function() -> None:
    model = nn.MLP(2, [3, 1], partial(autograd.leaky_relu, parameter=0.2), seed=0)
    assert model.state_dict() == nn.MLP(2, [3, 1], "leaky_relu", seed=0).state_dict()
    assert repr(model) == "MLP(2 → 3 leaky_relu → 1 linear; 13 parameters)"
