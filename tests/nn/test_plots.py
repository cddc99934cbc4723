"""Plots: figures without global state, that can be saved."""

import sys
from pathlib import Path
from typing import Any

import pytest

import nn
from nn.plots import decision_boundary, loss_curve
from tests.support import python

FULL = nn.History([0.7, 0.2], [0.5, 1.0], [0.8, 0.3], [0.5, 0.75])


@pytest.mark.parametrize(
    ("history", "curves"),
    [
        (nn.History([0.7]), [("loss", 1)]),
        (nn.History([0.7, 0.2], [0.5, 1.0]), [("loss", 1), ("accuracy", 1)]),
        (FULL, [("loss", 2), ("accuracy", 2)]),
        (nn.History([0.7], val_loss=[0.5]), [("loss", 2)]),
    ],
)
def test_the_loss_curve_shows_what_there_is(history: nn.History, curves: list[tuple[str, int]]) -> None:
    assert [(axes.get_ylabel(), len(axes.lines)) for axes in loss_curve(history).axes] == curves


def test_a_history_plots_itself(tmp_path: Path) -> None:
    FULL.plot().savefig(tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_to_plot_is_an_error() -> None:
    with pytest.raises(ValueError, match="no completed epoch"):
        nn.History().plot()


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_boundary_of_scores_and_of_classes(outputs: int, tmp_path: Path) -> None:
    y = [-1.0, 1.0] if outputs == 1 else [0, 2]
    figure = decision_boundary(nn.MLP(2, [4, outputs], seed=0), [[0.0, 0.0], [1.0, 2.0]], y, "title", steps=8)
    figure.savefig(tmp_path / "boundary.png")
    assert figure.axes[0].get_title() == "title"


class Constant(nn.Module):
    def __call__(self, _: Any) -> float:
        return 0.0


def test_a_model_without_a_boundary_can_be_drawn() -> None:
    decision_boundary(Constant(), [[0.0, 0.0]], [1.0], steps=5)


def test_a_boundary_needs_two_columns() -> None:
    with pytest.raises(ValueError, match="two columns, got 3"):
        decision_boundary(nn.MLP(3, [1]), [[1.0, 2.0, 3.0]], [1.0])


@pytest.mark.parametrize(("outputs", "labels"), [(1, [1.0, 2.0]), (1, [0.5, 1.0]), (3, [0, 3])])
def test_a_boundary_needs_labels_that_its_colours_tell_apart(outputs: int, labels: list[float]) -> None:
    with pytest.raises(ValueError, match="a decision boundary takes 0 "):
        decision_boundary(nn.MLP(2, [outputs], seed=0), [[0.0, 1.0], [2.0, 3.0]], labels)


def test_a_boundary_takes_bools_and_needs_two_steps() -> None:
    decision_boundary(nn.MLP(2, [1], seed=0), [[0.0, 1.0], [2.0, 3.0]], [True, False], steps=2)
    with pytest.raises(ValueError, match="steps must be at least 2, got 1"):
        decision_boundary(nn.MLP(2, [1], seed=0), [[0.0, 1.0], [2.0, 3.0]], [1, 0], steps=1)


def test_pyplot_is_left_alone() -> None:
    loss_curve(FULL)
    assert "matplotlib.pyplot" not in sys.modules


def test_importing_nn_loads_the_standard_library_and_autograd_only() -> None:
    code = "import nn, sys; print(*sorted({m.split('.')[0] for m in sys.modules} - sys.stdlib_module_names))"
    assert set(python(f"import sys; old = set(sys.modules)\n{code}").split()) - {"__main__"} <= {
        "autograd",
        "nn",
        "__mp_main__",
        *python("import sys; print(*{m.split('.')[0] for m in sys.modules})").split(),
    }
