"""Pictures of a training, as matplotlib Figures that a notebook shows. No global state: no pyplot, no backend to choose.

>>> from nn.history import History
>>> figure = loss_curve(History(loss=[0.7, 0.4, 0.2]))
>>> [axes.get_ylabel() for axes in figure.axes]
['loss']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nn.boundary import decision_boundary
from nn.canvas import BLUE, INK, ORANGE, new_figure, row_of_axes
from nn.film import Film, film
from nn.layer_plots import layer_curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Film", "decision_boundary", "film", "layer_curves", "loss_curve"]


class LossHistory(Protocol):
    """What a loss curve shows of a training: lists with a number an epoch, or empty ones."""

    loss: list[float]
    accuracy: list[float]
    val_loss: list[float]
    val_accuracy: list[float]


def loss_curve(history: LossHistory, title: str = "") -> Figure:
    """Loss, and accuracy where there is one, over the epochs; the validation part dashed.

    >>> from nn.history import History
    >>> figure = loss_curve(History(loss=[0.7, 0.2], accuracy=[0.5, 1.0]), "moons")
    >>> figure.savefig("loss.png")  # doctest: +SKIP

    Raises ValueError for a history without a completed epoch.
    """
    if not history.loss:
        raise ValueError("there is no loss to plot: the history has no completed epoch")
    names = ["loss", "accuracy"] if history.accuracy else ["loss"]
    figure = new_figure(4.6 * len(names), 3.4)
    for axes, name, colour in zip(row_of_axes(figure, len(names)), names, (ORANGE, BLUE), strict=False):
        _curve(axes, name, colour, getattr(history, name), getattr(history, f"val_{name}"))
    if title:
        figure.suptitle(title, color=INK, fontsize=11)
    return figure


def _curve(axes: Axes, name: str, colour: str, training: list[float], validation: list[float]) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = range(1, len(training) + 1)
    axes.plot(epochs, training, color=colour, linewidth=1.8, label="training", marker="" if len(training) > 1 else "o")
    if validation:
        axes.plot(range(1, len(validation) + 1), validation, color=INK, linewidth=1.4, linestyle="--", label="validation")
        axes.legend(frameon=False, fontsize=9, loc="lower right" if name == "accuracy" else "upper right")
    axes.set_xlabel("epoch")
    axes.set_ylabel(name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if name == "accuracy":
        axes.set_ylim(top=1.01)
    else:
        axes.set_ylim(bottom=0.0)


def __dir__() -> list[str]:
    return sorted(__all__)
