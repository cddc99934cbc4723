"""Pictures of what an inspection finds: a panel for each kind of number, a curve for each epoch."""

from typing import Any

import pytest

import nn
from nn.diagnosis import LayerState
from nn.inside import Inspection
from nn.plots import layer_curves
from tests.nn.test_inside import X, Y, monitored


def xs(line: Any) -> list[float]:
    return list(map(float, line.get_xdata()))


def test_an_inspection_has_a_curve_in_each_panel() -> None:
    figure = nn.inspect(nn.MLP(4, [3, 1], "tanh", seed=0), X, Y, "mse").plot()
    assert [axes.get_ylabel() for axes in figure.axes] == ["‖gradient‖", "‖activations‖", "flat units, %"]
    assert [len(xs(axes.lines[0])) for axes in figure.axes] == [2, 2, 1]  # linear units aren't flat
    assert figure.get_suptitle() == "nothing wrong"


def test_a_monitor_has_a_curve_for_each_epoch_and_the_updates() -> None:
    figure = monitored(3).plot()
    assert figure.axes[-1].get_ylabel() == "change of parameters"
    assert [len(axes.lines) for axes in figure.axes] == [6, 6, 6, 6]  # and one of zeros for each
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["epoch 1", "epoch 3"]


def test_of_many_epochs_some_are_drawn() -> None:
    assert len(monitored(30).plot().axes[0].lines) == 2 * 8


def test_zeros_stand_at_the_bottom() -> None:
    layers = [LayerState(k, f"layer{k - 1}", 1, "linear", g, 1.0) for k, g in enumerate((0.0, 0.0, 1.0), 1)]
    axes = Inspection(layers, 1, False).plot().axes[0]
    curve, zeros = axes.lines
    at: Any = zeros.get_ydata()
    assert xs(curve) == [3]
    assert xs(zeros) == [1, 2]
    bottom, top = axes.get_ylim()
    assert bottom < float(at[0]) < 1.0 <= top


def test_numbers_that_are_not_finite_are_left_out() -> None:
    layers = [LayerState(k, f"layer{k - 1}", 1, "linear", g, 1.0) for k, g in enumerate((float("nan"), 1.0), 1)]
    assert xs(Inspection(layers, 1, False).plot().axes[0].lines[0]) == [2]


def test_nothing_to_plot_is_an_error() -> None:
    with pytest.raises(ValueError, match="no epoch was inspected yet"):
        layer_curves([])
