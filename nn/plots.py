"""Pictures of a training, as matplotlib Figures that a notebook shows. No global state: no pyplot, no backend to choose.

>>> from nn.history import History
>>> figure = loss_curve(History(loss=[0.7, 0.4, 0.2]))
>>> [axes.get_ylabel() for axes in figure.axes]
['loss']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from autograd.interop.packages import needed
from nn.arguments import integer
from nn.data import Labels, Rows, check_data
from nn.inference import predict
from nn.losses import check_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nn.module import Module

__all__ = ["decision_boundary", "loss_curve"]
Number = TypeVar("Number", int, float)

BLUE, ORANGE, INK, GREY = "#2f6db3", "#e07b39", "#333333", "#8a8a8a"
COLOURS = (ORANGE, BLUE, "#4f9d69", "#8d5fa8", "#c94f5d", "#b59f3b", "#4aa3b5", "#7a7a7a", "#a8764f", "#d283b5")


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
    figure = _figure(4.6 * len(names), 3.4)
    for axes, name, colour in zip(_row_of_axes(figure, len(names)), names, (ORANGE, BLUE), strict=False):
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


def decision_boundary(model: Module, X: Rows, y: Labels, title: str = "", steps: int = 60) -> Figure:  # noqa: N803
    """How a model of two inputs divides the plane, and the data.

    >>> import nn
    >>> figure = decision_boundary(nn.MLP(2, [1], seed=0), [[0, 0], [1, 1]], [-1, 1], steps=5)
    >>> figure.savefig("boundary.png")  # doctest: +SKIP

    One output is a score, shaded by its size, with the line where it is 0; of several, the largest decides the
    colour. The model is evaluated at ``steps`` × ``steps`` points. Raises ValueError where X hasn't two columns or
    y holds anything but labels (see ``nn.accuracy``), ImportError, saying what to install, without matplotlib.
    """
    data, steps = check_data(X, y), integer("steps", steps, 2)
    if len(data.X[0]) != 2:
        raise ValueError(f"a decision boundary needs data of two columns, got {len(data.X[0])}")
    across, up = (_grid([row[i] for row in data.X], steps) for i in (0, 1))
    check_labels("a decision boundary", predict(model, data.X[:1])[0], data.y)
    figure = _figure(5.2, 4.4)
    outputs = predict(model, [[a, b] for b in up for a in across])
    (axes,) = _row_of_axes(figure, 1)
    scores = [output for output in outputs if isinstance(output, list)]
    if scores:
        _shade_classes(axes, across, up, [row.index(max(row)) for row in scores], len(scores[0]))
        colours = [COLOURS[int(t) % len(COLOURS)] for t in data.y]
    else:
        _shade_scores(axes, across, up, outputs)
        colours = [BLUE if t > 0 else ORANGE for t in data.y]
    first, second = zip(*data.X, strict=True)
    axes.scatter(first, second, c=colours, s=26, edgecolors="white", linewidths=0.7, zorder=3)
    axes.grid(visible=False)
    axes.set_xlabel("x₁")
    axes.set_ylabel("x₂")
    axes.set_title(title, color=INK, fontsize=11)
    return figure


def _shade_scores(axes: Axes, across: list[float], up: list[float], scores: list[float]) -> None:
    """Orange where the score is negative, blue where positive, paler towards the line at 0."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("no … yes", [ORANGE, "#ffffff", BLUE])
    typical = sorted(map(abs, scores))[len(scores) // 2] or 1.0
    shades = _table([score / (abs(score) + typical) for score in scores], len(across))
    edges = (across[0], across[-1], up[0], up[-1])
    axes.imshow(shades, extent=edges, origin="lower", aspect="auto", interpolation="bilinear", cmap=colours, alpha=0.6,
                vmin=-1.0, vmax=1.0)  # fmt: skip
    if min(scores) < 0.0 < max(scores):
        axes.contour(across, up, _table(scores, len(across)), levels=[0.0], colors=INK, linewidths=1.4)


def _shade_classes(axes: Axes, across: list[float], up: list[float], classes: list[int], count: int) -> None:
    colours = [COLOURS[k % len(COLOURS)] for k in range(count)]
    edges = [k - 0.5 for k in range(count + 1)]
    axes.contourf(across, up, _table(classes, len(across)), levels=edges, colors=colours, alpha=0.3)


def _table(numbers: list[Number], width: int) -> list[list[Number]]:
    return [numbers[start : start + width] for start in range(0, len(numbers), width)]


def _grid(column: list[float], steps: int) -> list[float]:
    """``steps`` numbers that cover the column and a margin about it."""
    low, high = min(column), max(column)
    margin = 0.15 * (high - low) or 1.0
    return [low - margin + (high - low + 2.0 * margin) * i / (steps - 1) for i in range(steps)]


def _figure(width: float, height: float) -> Figure:
    with needed("a figure of nn.plots", "matplotlib", "plot"):
        from nn.figures import Picture  # loads matplotlib

    return Picture(figsize=(width, height), dpi=150, layout="constrained", facecolor="white")


def _row_of_axes(figure: Figure, count: int) -> list[Axes]:
    row = [figure.add_subplot(1, count, i + 1) for i in range(count)]
    for axes in row:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=GREY, labelsize=9)
        axes.grid(color="#e8e8e8", linewidth=0.6)
        axes.set_axisbelow(True)
    return row


def __dir__() -> list[str]:
    return sorted(__all__)
