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
NO_MODE: Any = "fan"


SPREADS = [
    ("he", 2 / 8),
    ("kaiming_normal", 2 / 8),
    ("kaiming_uniform", 2 / 8),
    ("glorot", 2 / (8 + 4)),
    ("xavier_uniform", 2 / (8 + 4)),
    ("xavier_normal", 2 / (8 + 4)),
    ("lecun", 1 / 8),
    ("unit", 1 / 3),
    ("zeros", 0.0),
]


@pytest.mark.parametrize(("name", "variance"), SPREADS)
def test_weights_have_the_promised_spread(name: str, variance: float) -> None:
    rng = random.Random(0)
    weights = [nn.INITIALISERS[name](rng, 8, 4) for _ in range(DRAWS)]
    assert abs(statistics.fmean(weights)) <= 5 * math.sqrt(variance / DRAWS)
    assert statistics.pvariance(weights) == pytest.approx(variance, rel=0.05)


def test_every_initialiser_is_tried() -> None:
    assert {name for name, _ in SPREADS} == set(nn.INITIALISERS)


@pytest.mark.parametrize("bounded", [nn.kaiming_uniform, nn.xavier_uniform])
def test_a_gain_and_the_other_fan_widen_the_range(bounded: Any) -> None:
    fan = 8 if bounded is nn.kaiming_uniform else (8 + 4) / 2
    rng = random.Random(0)
    largest = max(abs(bounded(rng, 8, 4, gain=3.0)) for _ in range(DRAWS))
    assert largest == pytest.approx(3.0 * math.sqrt(3.0 / fan), rel=1e-2)
    if bounded is nn.kaiming_uniform:
        largest = max(abs(bounded(rng, 8, 4, gain=1.0, mode="fan_out")) for _ in range(DRAWS))
        assert largest == pytest.approx(math.sqrt(3.0 / 4), rel=1e-2)


@pytest.mark.parametrize("normal", [nn.kaiming_normal, nn.xavier_normal])
def test_a_gain_widens_a_normal_distribution(normal: Any) -> None:
    assert normal(random.Random(0), 8, 4, gain=3.0) == pytest.approx(3.0 * normal(random.Random(0), 8, 4, gain=1.0))


def test_the_names_of_one_distribution_draw_the_same() -> None:
    for one, other in ((nn.he, nn.kaiming_normal), (nn.glorot, nn.xavier_uniform)):
        assert one(random.Random(0), 8, 4) == pytest.approx(other(random.Random(0), 8, 4), rel=1e-15)


def test_an_initialiser_with_settings_is_given_as_a_function() -> None:
    wide = partial(nn.xavier_normal, gain=nn.gain_of("tanh"))
    ratio = (
        nn.Neuron(3, "tanh", initialiser=wide, seed=0).w[0].data
        / nn.Neuron(3, initialiser="xavier_normal", seed=0).w[0].data
    )
    assert ratio == pytest.approx(5 / 3)
    assert {w.data for w in nn.Neuron(3, initialiser=nn.constant(0.25)).w} == {0.25}
    assert {w.data for w in nn.Neuron(3, initialiser="zeros").w} == {0.0}


# torch.nn.init.calculate_gain of PyTorch 2.13
@pytest.mark.parametrize(
    ("activation", "gain"),
    [
        ("linear", 1.0),
        ("sigmoid", 1.0),
        ("tanh", 1.6666666666666667),
        ("relu", 1.4142135623730951),
        ("leaky_relu", 1.4141428569978354),
        (partial(autograd.leaky_relu, parameter=0.2), 1.3867504905630728),
        (autograd.tanh, 1.6666666666666667),
        (autograd.Value.relu, 1.4142135623730951),
        ("selu", 0.75),
    ],
)
def test_gains_are_pytorchs(activation: Any, gain: float) -> None:
    assert nn.gain_of(activation) == pytest.approx(gain, rel=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: nn.gain_of("mish"),
            ValueError,
            "unknown activation with a gain 'mish'; known are leaky_relu, linear",
        ),
        (lambda: nn.gain_of(lambda z: z), ValueError, "unknown activation with a gain '<lambda>'"),
        (lambda: nn.gain_of(3), TypeError, "activation with a gain must be a name or a function, got 3"),  # type: ignore[arg-type]
        (
            lambda: nn.kaiming_normal(random.Random(0), 2, 2, mode=NO_MODE),
            ValueError,
            "mode must be 'fan_in' or 'fan_out', got 'fan'",
        ),
        (lambda: nn.constant("a"), TypeError, "constant: x must be a real number, got str 'a'"),  # type: ignore[arg-type]
        (lambda: nn.constant(math.nan), ValueError, "constant: x must be finite, got nan"),
    ],
)
def test_what_makes_no_initialiser_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


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
