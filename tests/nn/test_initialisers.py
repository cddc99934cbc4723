"""Initialisers: the spread they promise, and which one an activation gets."""

import math
import random
import statistics

import pytest

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
