"""The decision boundary of a model of two inputs, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from nn.arguments import integer
from nn.canvas import BLUE, COLOURS, INK, ORANGE, new_figure, row_of_axes
from nn.data import Data, Labels, Rows, check_data
from nn.inference import predict
from nn.losses import check_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nn.module import Module

Number = TypeVar("Number", int, float)
SIZE = 5.2, 4.4  # inches
BANDS = [k / 10.0 for k in range(-10, 11)]  # of shades, where a picture must be small: a GIF of them takes less than half


class Plane(NamedTuple):
    """The data, and the points about them at which the model is evaluated: ``up`` by ``across``."""

    data: Data
    across: list[float]
    up: list[float]

    def points(self) -> list[list[float]]:
        """All points, a line after the other from below."""
        return [[a, b] for b in self.up for a in self.across]


class Shades(NamedTuple):
    """What a model gives at each point: a score, or of several outputs the number of the largest of ``classes``."""

    numbers: Sequence[float]
    classes: int = 0

    def typical(self) -> float:
        """The median size of a score: one of that size is half shaded."""
        return sorted(map(abs, self.numbers))[len(self.numbers) // 2] or 1.0


def decision_boundary(model: Module, X: Rows, y: Labels, title: str = "", steps: int = 60) -> Figure:  # noqa: N803
    """How a model of two inputs divides the plane, and the data.

    >>> import nn
    >>> figure = decision_boundary(nn.MLP(2, [1], seed=0), [[0, 0], [1, 1]], [-1, 1], steps=5)
    >>> figure.savefig("boundary.png")  # doctest: +SKIP

    One output is a score, shaded by its size, with the line where it is 0; of several, the largest decides the
    colour. The model is evaluated at ``steps`` × ``steps`` points. Raises ValueError where X hasn't two columns or
    y holds anything but labels (see ``nn.accuracy``), ImportError, saying what to install, without matplotlib.
    """
    plane = plane_about(model, X, y, steps, "a decision boundary")
    figure = new_figure(*SIZE)
    (axes,) = row_of_axes(figure, 1)
    draw_boundary(axes, plane, shades(predict(model, plane.points())), title)
    return figure


def plane_about(model: Module, X: Rows, y: Labels, steps: int, what: str) -> Plane:  # noqa: N803
    """The data and the points about them, if they can be drawn."""
    data, steps = check_data(X, y), integer("steps", steps, 2)
    if len(data.X[0]) != 2:
        raise ValueError(f"{what} needs data of two columns, got {len(data.X[0])}")
    check_labels(what, predict(model, data.X[:1])[0], data.y)
    across, up = (_grid([row[i] for row in data.X], steps) for i in (0, 1))
    return Plane(data, across, up)


def shades(outputs: Sequence[Any]) -> Shades:
    """Scores as they are, or the numbers of the largest.

    >>> shades([0.5, -2.0]), shades([[1.0, 3.0], [5.0, 2.0]])
    (Shades(numbers=[0.5, -2.0], classes=0), Shades(numbers=[1, 0], classes=2))
    """
    rows = [output for output in outputs if isinstance(output, list)]
    return Shades([row.index(max(row)) for row in rows], len(rows[0])) if rows else Shades(list(outputs))


def draw_boundary(axes: Axes, plane: Plane, shades: Shades, title: str, typical: float | None = None) -> None:
    """Shade the plane and draw the data; with ``typical``, see ``Shades``, in bands, None: without steps."""
    if shades.classes:
        _shade_classes(axes, plane, [int(k) for k in shades.numbers], shades.classes)
        colours = [COLOURS[int(t) % len(COLOURS)] for t in plane.data.y]
    else:
        _shade_scores(axes, plane, list(shades.numbers), typical)
        colours = [BLUE if t > 0 else ORANGE for t in plane.data.y]
    first, second = zip(*plane.data.X, strict=True)
    axes.scatter(first, second, c=colours, s=26, edgecolors="white", linewidths=0.7, zorder=3)
    axes.grid(visible=False)
    axes.set_xlabel("x₁")
    axes.set_ylabel("x₂")
    axes.set_title(title, color=INK, fontsize=11)


def _shade_scores(axes: Axes, plane: Plane, scores: list[float], typical: float | None) -> None:
    """Orange where the score is negative, blue where positive, paler towards the line at 0."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("no … yes", [ORANGE, "#ffffff", BLUE])
    across, up = plane.across, plane.up
    half = typical or Shades(scores).typical()
    shades = _table([score / (abs(score) + half) for score in scores], len(across))
    if typical:
        axes.contourf(across, up, shades, levels=BANDS, cmap=colours, alpha=0.6, vmin=-1.0, vmax=1.0)
    else:
        edges = (across[0], across[-1], up[0], up[-1])
        axes.imshow(shades, extent=edges, origin="lower", aspect="auto", interpolation="bilinear", cmap=colours, alpha=0.6,
                    vmin=-1.0, vmax=1.0)  # fmt: skip
    if min(scores) < 0.0 < max(scores):
        axes.contour(across, up, _table(scores, len(across)), levels=[0.0], colors=INK, linewidths=1.4)


def _shade_classes(axes: Axes, plane: Plane, classes: list[int], count: int) -> None:
    colours = [COLOURS[k % len(COLOURS)] for k in range(count)]
    edges = [k - 0.5 for k in range(count + 1)]
    axes.contourf(plane.across, plane.up, _table(classes, len(plane.across)), levels=edges, colors=colours, alpha=0.3)


def _table(numbers: list[Number], width: int) -> list[list[Number]]:
    return [numbers[start : start + width] for start in range(0, len(numbers), width)]


def _grid(column: list[float], steps: int) -> list[float]:
    """``steps`` numbers that cover the column and a margin about it."""
    low, high = min(column), max(column)
    margin = 0.15 * (high - low) or 1.0
    return [low - margin + (high - low + 2.0 * margin) * i / (steps - 1) for i in range(steps)]
