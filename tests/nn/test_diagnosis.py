"""A diagnosis in words: what vanishes, explodes, is saturated or dead, and from where to where."""

import math
from dataclasses import replace

import pytest

from nn.diagnosis import LayerState, diagnosis


def net(gradients: list[float], activation: str = "tanh") -> list[LayerState]:
    layers = [LayerState(k, f"layer{k - 1}", 8, activation, g, 1.0) for k, g in enumerate(gradients, 1)]
    return [*layers[:-1], replace(layers[-1], activation="linear")]


def test_of_a_net_that_is_well_there_is_nothing_to_say() -> None:
    assert diagnosis(net([0.3, 0.5, 1.0, 0.7])) == []


def test_what_vanishes_is_told_with_its_layers_and_bounds() -> None:
    (line,) = diagnosis(net([3e-62, 1e-40, 2e-13, 1e-3, 1.0]))
    assert line == "layers 1-3: gradients below 1e-12, 3e-62 in layer 1: vanishing"
    assert diagnosis(net([2e-13, 1.0])) == ["layer 1: gradients below 1e-12: vanishing"]
    assert diagnosis(net([0.0, 0.0, 1.0])) == ["layers 1-2: gradients are 0: vanishing"]


def test_what_vanishes_is_measured_by_the_last_layer() -> None:
    """At the end of a training all gradients are small, and none of them has vanished on its way."""
    assert diagnosis(net([1e-20, 2e-20, 1e-20])) == []
    assert diagnosis(net([1.0, 2.0, 1e6])) == ["layers 1-2: gradients below 1e1: vanishing"]


def test_what_explodes_is_told_with_its_layers_and_bounds() -> None:
    assert diagnosis(net([3e12, 2e9, 1.0, 1.0])) == ["layers 1-2: gradients above 1e9: exploding"]


def test_ranges_end_where_it_ends() -> None:
    assert diagnosis(net([1e-9, 1.0, 1e-9, 1e-9, 1.0])) == [
        "layer 1: gradients below 1e-8: vanishing",
        "layers 3-4: gradients below 1e-8: vanishing",
    ]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite_is_told(bad: float) -> None:
    layers = net([bad, 1.0, 1.0])
    assert diagnosis(layers) == ["layer 1: gradients aren't finite: exploded"]
    layers[1] = replace(layers[1], activations=bad)
    assert diagnosis(layers) == ["layers 1-2: gradients and activations aren't finite: exploded"]


def test_a_loss_that_is_flat_for_every_row_teaches_nothing() -> None:
    assert diagnosis(net([0.0, 0.0])) == ["layer 2: the gradient is 0 for every row: nothing is learned from them"]


def test_activations_that_grow_or_fade_are_told() -> None:
    layers = [replace(layer, activations=size) for layer, size in zip(net([1.0] * 4), (1.0, 10.0, 3e5, 1e6), strict=True)]
    assert diagnosis(layers) == ["layers 3-4: activations above 1e5: they grow from layer to layer"]
    layers = [replace(layer, activations=size) for layer, size in zip(net([1.0] * 4), (1.0, 0.1, 2e-5, 0.0), strict=True)]
    assert diagnosis(layers) == ["layers 3-4: activations below 1e-4, 0 in layer 4: what comes in is lost on the way"]


def test_dead_and_saturated_units_are_counted_by_activation() -> None:
    layers = net([1.0] * 5, "relu")
    layers[0] = replace(layers[0], dead=0.5)
    layers[1] = replace(layers[1], dead=0.25)
    layers[2] = replace(layers[2], activation="sigmoid", saturated=0.9)
    layers[3] = replace(layers[3], activation="sigmoid", saturated=0.76)
    assert diagnosis(layers) == [
        "layers 1-2: 6 of 16 relu units are dead, flat for every row",
        "layers 3-4: sigmoid saturated in 83 %",
    ]


def test_some_dead_or_saturated_units_are_nothing_wrong() -> None:
    layers = [replace(layer, dead=0.2, saturated=0.4) for layer in net([1.0] * 3)]
    assert diagnosis(layers) == []


def test_numbers_that_waver_about_a_bound_make_one_range() -> None:
    shares = (0.6, 0.4, 0.3, 0.9, 0.1, 0.3)
    layers = [replace(layer, saturated=share) for layer, share in zip(net([1.0] * 6), shares, strict=True)]
    assert diagnosis(layers) == ["layers 1-4: tanh saturated in 55 %"]
    layers = [replace(layer, saturated=share) for layer, share in zip(net([1.0] * 6), (0.6, 0, 0, 0, 0.7, 0), strict=True)]
    assert diagnosis(layers) == ["layer 1: tanh saturated in 60 %", "layer 5: tanh saturated in 70 %"]
    (line,) = diagnosis(net([1e-9, 5e-4, 1e-5, 5e-4, 1.0]))
    assert line == "layers 1-3: gradients below 1e-3, 1e-09 in layer 1: vanishing"


def test_findings_of_the_same_layers_stand_in_one_line() -> None:
    layers = [replace(x, saturated=0.83) if x.number < 3 else x for x in net([1e-13, 2e-13, 1.0], "sigmoid")]
    assert diagnosis(layers) == ["layers 1-2: gradients below 1e-12: vanishing; sigmoid saturated in 83 %"]


def test_updates_that_are_large_or_next_to_nothing_are_told() -> None:
    layers = [replace(layer, update=update) for layer, update in zip(net([1.0] * 3), (2.5, 0.01, 1e-8), strict=True)]
    assert diagnosis(layers) == [
        "layer 1: parameters changed by 2.5 times their size: the learning rate is large",
        "layer 3: parameters changed by 1e-08 of their size: they hardly learn",
    ]
    layers = [replace(layer, update=0.0) for layer in net([1.0] * 3)]
    assert diagnosis(layers) == ["layers 1-3: parameters didn't change: nothing is learned"]
