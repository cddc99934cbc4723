"""See inside a net: what goes through each layer, and what is wrong with it, as a table, a picture and words.

>>> import nn
>>> model = nn.MLP(2, [8] * 30 + [1], activation="sigmoid", seed=0)
>>> print(*inspect(model, [[0.5, -1.0], [1.0, 2.0]], [1.0, 0.0], "mse").words(), sep="\\n")
layers 1-24: gradients below 1e-3, 5e-19 in layer 1: vanishing
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from autograd.interop.coerce import describe
from autograd.interop.html import table
from autograd.interop.plain import on_screen
from autograd.interop.text import number
from nn.arguments import integer
from nn.data import Labels, Rows
from nn.diagnosis import LayerState, diagnosis
from nn.epoch_count import EpochCount
from nn.examples import check_examples
from nn.flatness import DEAD
from nn.freezing import frozen_among
from nn.history import History
from nn.inference import assert_fits
from nn.losses import LossFunction, as_loss
from nn.module import Module
from nn.probe import Passage, Probe
from nn.summary import aligned

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEAD = ["layer", "part", "units", "‖gradient‖", "‖activations‖", "update", "dead", "saturated"]
FINE = "nothing wrong"
OFTEN = 100  # how often a monitor is taken to be called


@dataclass(frozen=True)
class Inspection:
    """What ``inspect`` finds: it prints as a table and words, and Jupyter shows it so. ``layers`` has the numbers.

    ``epoch`` is that after which it was made, None for one of its own. ``compiled``: whether machine code computed it.
    """

    layers: list[LayerState]
    rows: int
    compiled: bool
    epoch: int | None = None

    def words(self) -> list[str]:
        """What is wrong, a line for each layer or range of layers; "nothing wrong" alone where nothing is."""
        return diagnosis(self.layers) or [FINE]

    def records(self) -> list[dict[str, Any]]:
        """A dict for each layer, as ``pandas.DataFrame`` takes them."""
        return [{"epoch": self.epoch, **asdict(layer)} for layer in self.layers]

    def plot(self) -> Figure:
        """Gradients, activations and shares of flat units over the layers. Raises ImportError without matplotlib."""
        from nn.layer_plots import layer_curves

        return layer_curves([self])

    def __str__(self) -> str:
        cells = [[number(x, 3) if isinstance(x, float | None) else str(x) for x in row] for row in self._rows()]
        return on_screen("\n".join([self._caption(), aligned(HEAD, cells, left=2), *self.words()]))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """What Jupyter shows: the words and the table."""
        return table(HEAD, self._rows(), caption=f"{self._caption()}: {'; '.join(self.words())}")

    def _rows(self) -> list[list[object]]:
        return [
            [
                *(layer.number, layer.name, f"{layer.units} {layer.activation}"),
                *(layer.gradient, layer.activations, layer.update),
                *(_share(layer.dead), _share(layer.saturated)),
            ]
            for layer in self.layers
        ]

    def _caption(self) -> str:
        after = "" if self.epoch is None else f"after epoch {self.epoch}, "
        return f"{after}{self.rows} row{'s' * (self.rows != 1)}"


def inspect(model: Module, X: Rows, y: Labels, loss: str | LossFunction) -> Inspection:  # noqa: N803
    """How large gradients and activations are in each layer for these rows, which units are flat, and what is wrong.

    >>> import nn
    >>> found = inspect(nn.MLP(2, [4, 1], "tanh", seed=0), [[0.5, -1.0]], [1.0], "mse")
    >>> [layer.name for layer in found.layers], found.words()
    (['layer0', 'layer1'], ['nothing wrong'])

    The layers are the ``nn.Layer``s and single ``nn.Neuron``s that the model calls, in the order in which it does. The
    model and its gradients stay as they are. Where that pays it is compiled. See ``nn.diagnosis`` for what each number is
    and from when on it is called wrong.

    Raises ValueError for a model that calls none, and what ``fit`` raises where model, data and loss don't go together.
    """
    probe = _probe(model, X, y, loss, "inspect")
    return _inspection(probe, probe.passages(), {}, None)


class Monitor:
    """A callback of ``nn.fit`` that inspects the model after every epoch, on some rows.

    >>> import nn
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1, 1, 1, -1]
    >>> model = nn.MLP(2, [4, 1], "tanh", seed=0)
    >>> monitor = Monitor(model, X, y, "hinge")
    >>> history = nn.fit(model, X, y, "hinge", epochs=3, seed=0, progress=False, callbacks=[monitor])
    >>> len(monitor.inspections), monitor.words()
    (3, ['nothing wrong'])

    ``inspections`` has what was found, epoch by epoch, with the changes of parameters since the one before; it prints as
    the last one, and ``records`` is all of it as a table. ``every`` so many epochs; a second training goes on where the
    first ended. A part of the training data will do as ``X`` and ``y``: a few hundred rows.
    """

    only_reads = True  # see nn.callbacks

    def __init__(self, model: Module, X: Rows, y: Labels, loss: str | LossFunction, every: int = 1):  # noqa: N803
        self.every = integer("every", every, 1)
        self.inspections: list[Inspection] = []
        self._count = EpochCount()
        self._probe = _probe(model, X, y, loss, "Monitor")
        self._before = self._numbers()

    def __call__(self, epoch: int, history: History) -> None:  # noqa: ARG002
        """Inspect the model as it is now."""
        epoch = self._count(epoch)
        if epoch % self.every == 0:
            found = _inspection(self._probe, self._probe.passages(OFTEN), self._before, epoch)
            self.inspections.append(found)
            self._before = self._numbers()

    def words(self) -> list[str]:
        """What is wrong after the last epoch."""
        return self.inspections[-1].words() if self.inspections else ["nothing inspected yet"]

    def records(self) -> list[dict[str, Any]]:
        """A dict for each layer and epoch: ``pandas.DataFrame(monitor.records())`` is the whole table."""
        return [record for found in self.inspections for record in found.records()]

    def plot(self) -> Figure:
        """Each layer's numbers over the epochs. Raises ValueError before the first, ImportError without matplotlib."""
        from nn.layer_plots import layer_curves

        return layer_curves(self.inspections)

    def __str__(self) -> str:
        return str(self.inspections[-1]) if self.inspections else "Monitor: nothing inspected yet"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """What Jupyter shows: the last inspection."""
        return self.inspections[-1]._repr_html_() if self.inspections else str(self)

    def _numbers(self) -> dict[int, float]:
        return {id(parameter): parameter.data for parameter in self._probe.parameters}


def _probe(model: Module, X: Rows, y: Labels, loss: str | LossFunction, name: str) -> Probe:  # noqa: N803
    if not isinstance(model, Module):
        raise TypeError(f"{name}: model must be an nn.Module such as nn.MLP(2, [8, 1]), got {describe(model)}")
    examples, criterion = check_examples(X, y), as_loss(loss)
    assert_fits(model, criterion, examples)
    probe = Probe(model, criterion, examples)
    if not probe.layers:
        raise ValueError(f"{name}: {type(model).__name__} has no nn.Layer and no nn.Neuron to look into")
    return probe


def _inspection(probe: Probe, passages: Sequence[Passage], before: dict[int, float], epoch: int | None) -> Inspection:
    rows = len(probe.examples)
    layers = [_state(k, passage, rows, _update(passage, before)) for k, passage in enumerate(passages, 1)]
    return Inspection(layers, rows, probe.compiled, epoch)


def _state(number: int, passage: Passage, rows: int, update: float | None) -> LayerState:
    dead = sum(steepest <= DEAD for steepest in passage.steepest) / passage.units
    return LayerState(
        number,
        passage.name,
        passage.units,
        passage.activation,
        passage.gradient / rows,
        passage.activations / rows,
        update,
        dead if passage.flatness.dies else None,
        passage.flat / (rows * passage.units) if passage.flatness.saturates else None,
    )


def _update(passage: Passage, before: dict[int, float]) -> float | None:
    """How much the layer's parameters changed, of their size before; None where there is no before, or they are frozen."""
    if not before or len(frozen_among(passage.parameters)) == len(passage.parameters):
        return None
    old = [before[id(parameter)] for parameter in passage.parameters]
    size = math.hypot(*old)
    return math.dist(old, [parameter.data for parameter in passage.parameters]) / size if size else None


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100.0 * share:.0f} %"
