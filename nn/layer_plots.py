"""What ``nn.inspect`` and ``nn.Monitor`` find, as curves over the layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from nn.canvas import BLUE, INK, ORANGE, new_figure, row_of_axes
from nn.diagnosis import LayerState

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 8  # curves in one picture


class Inspected(Protocol):
    """An inspection of ``nn.inspect`` or ``nn.Monitor``."""

    @property
    def layers(self) -> list[LayerState]: ...
    @property
    def epoch(self) -> int | None: ...
    def words(self) -> list[str]:
        """What is wrong."""
        ...


def layer_curves(inspections: Sequence[Inspected]) -> Figure:
    """Gradients and activations of each layer, shares of dead and saturated units, changes of parameters.

    >>> import nn
    >>> found = nn.inspect(nn.MLP(2, [4, 4, 1], "tanh", seed=0), [[0.5, -1.0]], [1.0], "mse")
    >>> [axes.get_ylabel() for axes in layer_curves([found]).axes]
    ['‖gradient‖', '‖activations‖', 'flat units, %']

    A curve for each inspection, the later the darker; of many, some evenly apart. What is exactly 0 has no place on a scale
    of powers: a triangle at the bottom stands for it. Raises ValueError for none, ImportError without matplotlib.
    """
    if not inspections:
        raise ValueError("there is nothing to plot: no epoch was inspected yet")
    some = [inspections[k] for k in _evenly(len(inspections))]
    panels = _panels(inspections[-1].layers)
    figure = new_figure(3.6 * len(panels) + 0.4, 3.4)
    for axes, (name, number) in zip(row_of_axes(figure, len(panels)), panels, strict=True):
        _panel(axes, name, [[number(layer) for layer in each.layers] for each in some], [each.epoch for each in some])
    figure.suptitle("\n".join(inspections[-1].words()[:3]), color=INK, fontsize=10)
    return figure


Number = Callable[[LayerState], float | None]


def _panels(layers: Sequence[LayerState]) -> list[tuple[str, Number]]:
    panels: list[tuple[str, Number]] = [("‖gradient‖", lambda x: x.gradient), ("‖activations‖", lambda x: x.activations)]
    if any(_flat(layer) is not None for layer in layers):
        panels.append(("flat units, %", _flat))
    if any(layer.update is not None for layer in layers):
        panels.append(("change of parameters", lambda x: x.update))
    return panels


def _flat(layer: LayerState) -> float | None:
    """Per cent that are dead, or saturated."""
    share = layer.dead if layer.saturated is None else layer.saturated
    return None if share is None else 100.0 * share


def _panel(axes: Axes, name: str, curves: list[list[float | None]], epochs: list[int | None]) -> None:
    from matplotlib.ticker import MaxNLocator

    finite = [x for curve in curves for x in curve if x is not None and math.isfinite(x)]
    positive = [x for x in finite if x]
    powers, floor = "%" not in name, 0.3 * min(positive, default=1.0)
    for k, (curve, epoch) in enumerate(zip(curves, epochs, strict=True)):
        shade = 0.25 + 0.75 * (k + 1.0) / len(curves)
        places = [(i, x) for i, x in enumerate(curve, 1) if x is not None and math.isfinite(x)]
        label = f"epoch {epoch}" if epoch is not None and k in (0, len(curves) - 1) else None
        shown = [(i, x) for i, x in places if x or not powers]
        axes.plot(*_columns(shown), color=BLUE, alpha=shade, linewidth=1.6, marker=".", markersize=4, label=label)
        zeros = [(i, floor) for i, x in places if powers and not x]
        axes.plot(*_columns(zeros), color=ORANGE, linestyle="", marker="v", markersize=4)
    if powers:
        axes.set_yscale("log")
        axes.set_ylim(*_decades([*positive, *[floor] * (len(positive) < len(finite) or not finite)]))
        axes.minorticks_off()
    else:
        axes.set_ylim(-3.0, 103.0)
    axes.set_xlabel("layer")
    axes.set_ylabel(name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(curves) > 1:
        axes.legend(frameon=False, fontsize=8)


def _decades(sizes: list[float]) -> tuple[float, float]:
    """A range of whole powers of ten, one at least, for that is what the scale names."""
    low, high = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes)))
    return 10.0**low, 10.0 ** max(high, low + 1)


def _columns(points: list[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [i for i, _ in points], [x for _, x in points]


def _evenly(count: int) -> list[int]:
    return sorted({round(i * (count - 1) / (MOST - 1)) for i in range(MOST)})
