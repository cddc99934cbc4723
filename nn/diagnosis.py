"""What is wrong inside a net, in words: gradients that vanish or explode, units that are saturated or dead.

>>> sizes = [2e-14, 1e-13, 1e-3, 1.0]
>>> layers = [LayerState(k, f"layer{k - 1}", 8, "sigmoid", g, 1.0, None, None, 0.83) for k, g in enumerate(sizes, 1)]
>>> diagnosis(layers)
['layers 1-2: gradients below 1e-12: vanishing', 'layers 1-4: sigmoid saturated in 83 %']
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

VANISHED, EXPLODED = 1e-4, 1e3  # of the last layer's gradient
GROWN, FADED = 1e4, 1e-4  # of the first layer's activations
MANY_DEAD, MANY_SATURATED = 0.25, 0.5
LARGE_UPDATE, SMALL_UPDATE = 1.0, 1e-6  # of the weights, in an epoch


@dataclass(frozen=True)
class LayerState:
    """A layer as an inspection finds it.

    number, name: its place in the order of the calls, from 1; its name in the model.
    gradient:     the mean over the rows of ‖δ‖, δ the derivatives of a row's loss by the pre-activations z.
    activations:  the mean over the rows of ‖activation(z)‖.
    update:       ‖change‖ / ‖parameters before‖ since the last inspection; None without one.
    dead:         the share of units that are flat for every row, of an activation that is flat on one side, as relu.
    saturated:    the share of units and rows where it is flat, of an activation that is flat on both, as sigmoid.
    """

    number: int
    name: str
    units: int
    activation: str
    gradient: float
    activations: float
    update: float | None = None
    dead: float | None = None
    saturated: float | None = None


class Finding(NamedTuple):
    """Something wrong, and the layers it holds for."""

    layers: list[LayerState]
    words: str


def diagnosis(layers: Sequence[LayerState]) -> list[str]:
    """A line for each range of layers with findings, first layers first; none where nothing is wrong."""
    lines: dict[str, list[str]] = {}
    for finding in sorted(_findings(layers), key=lambda finding: finding.layers[0].number):
        lines.setdefault(_range(finding.layers), []).append(finding.words)
    return [f"{where}: {'; '.join(words)}" for where, words in lines.items()]


def _findings(layers: Sequence[LayerState]) -> Iterator[Finding]:
    last, first = layers[-1].gradient, layers[0].activations
    bad = _runs(layers, lambda layer, _: not (math.isfinite(layer.gradient) and math.isfinite(layer.activations)))
    yield from (Finding(run, f"{_not_finite(run)}: exploded") for run in bad)
    if last == 0.0:
        yield Finding(list(layers[-1:]), "the gradient is 0 for every row: nothing is learned from them")
    elif math.isfinite(last):
        for run in _runs(layers, lambda layer, slack: layer.gradient < VANISHED * last * slack**3):
            yield Finding(run, f"gradients {_below(run)}: vanishing")
        for run in _runs(layers, lambda layer, slack: EXPLODED * last < layer.gradient * slack**3 < math.inf):
            yield Finding(run, f"gradients above {_power(min(layer.gradient for layer in run), math.floor)}: exploding")
    if 0.0 < first < math.inf:
        for run in _runs(layers, lambda layer, slack: GROWN * first < layer.activations * slack**3 < math.inf):
            least = min(layer.activations for layer in run)
            yield Finding(run, f"activations above {_power(least, math.floor)}: they grow from layer to layer")
        for run in _runs(layers, lambda layer, slack: layer.activations < FADED * first * slack**3):
            yield Finding(run, f"activations {_below(run, 'activations')}: what comes in is lost on the way")
    yield from _of_units(layers)
    yield from _of_updates(layers)


def _of_units(layers: Sequence[LayerState]) -> Iterator[Finding]:
    for activation, group in groupby(layers, lambda layer: layer.activation):
        alike = list(group)
        for run in _affected(alike, lambda layer: layer.dead or 0.0, MANY_DEAD):
            units = sum(layer.units for layer in run)
            dead = round(_mean(run, lambda layer: layer.dead or 0.0) * units)
            yield Finding(run, f"{dead} of {units} {activation} units are dead, flat for every row")
        for run in _affected(alike, lambda layer: layer.saturated or 0.0, MANY_SATURATED):
            share = _mean(run, lambda layer: layer.saturated or 0.0)
            yield Finding(run, f"{activation} saturated in {100.0 * share:.0f} %")


def _affected(layers: list[LayerState], share: Callable[[LayerState], float], many: float) -> list[list[LayerState]]:
    """The layers with so large a share: all from the first to the last of them, where it is nearly as large in the mean."""
    there = [k for k, layer in enumerate(layers) if share(layer) >= many]
    whole = layers[there[0] : there[-1] + 1] if there else []
    if whole and _mean(whole, share) >= 0.75 * many:
        return [whole]
    return _runs(layers, lambda layer, slack: share(layer) * slack >= many)


def _mean(layers: Sequence[LayerState], share: Callable[[LayerState], float]) -> float:
    """The mean over all units."""
    return sum(share(layer) * layer.units for layer in layers) / sum(layer.units for layer in layers)


def _of_updates(layers: Sequence[LayerState]) -> Iterator[Finding]:
    for run in _runs(layers, lambda layer, _: layer.update is not None and layer.update > LARGE_UPDATE):
        most = max(layer.update or 0.0 for layer in run)
        yield Finding(run, f"parameters changed by {most:.3g} times their size: the learning rate is large")
    for run in _runs(layers, lambda layer, _: layer.update is not None and layer.update < SMALL_UPDATE):
        most = max(layer.update or 0.0 for layer in run)
        changed = f"parameters changed by {most:.0e} of their size" if most else "parameters didn't change"
        yield Finding(run, f"{changed}: {'they hardly learn' if most else 'nothing is learned'}")


def _runs(layers: Sequence[LayerState], holds: Callable[[LayerState, float], bool]) -> list[list[LayerState]]:
    """Layers one after the other of which it holds; between them it may hold nearly, with a slack of 2.

    Numbers waver from layer to layer about a bound, and a range for each time they cross it would say less than one.
    """
    runs = []
    for nearly, group in groupby(layers, lambda layer: holds(layer, 2.0)):
        some = list(group)
        there = [k for k, layer in enumerate(some) if holds(layer, 1.0)]
        if nearly and there:
            runs.append(some[there[0] : there[-1] + 1])
    return runs


def _range(layers: Sequence[LayerState]) -> str:
    first, last = layers[0].number, layers[-1].number
    return f"layer {first}" if first == last else f"layers {first}-{last}"


def _not_finite(layers: Sequence[LayerState]) -> str:
    what = [name for name in ("gradient", "activations") if any(not math.isfinite(getattr(x, name)) for x in layers)]
    return f"{' and '.join('gradients' if name == 'gradient' else name for name in what)} aren't finite"


def _below(layers: Sequence[LayerState], name: str = "gradient") -> str:
    """How small they are at most, and at least where that is much less."""
    most, least = (choose((getattr(layer, name), layer.number) for layer in layers) for choose in (max, min))
    if not most[0]:
        return "are 0"
    down = f", {least[0]:.0e} in layer {least[1]}".replace("0e+00", "0") if least[0] < most[0] / 100.0 else ""
    return f"below {_power(most[0], lambda x: math.floor(x) + 1)}{down}"


def _power(size: float, rounded: Callable[[float], int]) -> str:
    return f"1e{rounded(math.log10(size)):+d}".replace("+", "")
