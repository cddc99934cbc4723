"""What pictures have in common: colours, figures without pyplot, axes in a row.

>>> figure = new_figure(6.0, 3.0)
>>> len(row_of_axes(figure, 2))
2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.interop.packages import needed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, INK, GREY = "#2f6db3", "#e07b39", "#333333", "#8a8a8a"
COLOURS = (ORANGE, BLUE, "#4f9d69", "#8d5fa8", "#c94f5d", "#b59f3b", "#4aa3b5", "#7a7a7a", "#a8764f", "#d283b5")


def new_figure(width: float, height: float) -> Figure:
    """A figure of that many inches, which shows itself in Jupyter. Raises ImportError without matplotlib."""
    with needed("a figure of nn.plots", "matplotlib", "plot"):
        from nn.figures import Picture  # loads matplotlib

    return Picture(figsize=(width, height), dpi=150, layout="constrained", facecolor="white")


def row_of_axes(figure: Figure, count: int) -> list[Axes]:
    """That many axes side by side."""
    row = [figure.add_subplot(1, count, i + 1) for i in range(count)]
    for axes in row:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=GREY, labelsize=9)
        axes.grid(color="#e8e8e8", linewidth=0.6)
        axes.set_axisbelow(True)
    return row
