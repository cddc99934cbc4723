"""``Probe``: what goes through every layer of a model, forwards and backwards, for each row of some data.

>>> import nn
>>> from nn.examples import check_examples
>>> from nn.losses import as_loss
>>> model = nn.MLP(2, [3, 1], "tanh", seed=0)
>>> probe = Probe(model, as_loss("mse"), check_examples([[0.5, -1.0]], [1.0]))
>>> [(layer.name, layer.units) for layer in probe.passages()]
[('layer0', 3), ('layer1', 1)]

The numbers of one row are a function of the parameters, the row and its target, written once: it runs row by row, or
compiled with rows as lanes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import autograd
from autograd import Value, grad, gradient, norm
from autograd.graph import topological_order
from autograd.modes.context import enable_grad, tracer
from autograd.transforms.types import Scalar
from nn.compiled_step import installed, pays
from nn.examples import Examples
from nn.flatness import FLAT, Flatness, flatness
from nn.graphs import plain
from nn.layers import Layer, LayerPass
from nn.losses import Loss
from nn.module import Module
from nn.neuron import Neuron
from nn.rebinding import with_parameters

AT_ONCE = 1024  # rows that are computed together: so much is held of each unit
TRIED = 2  # rows that are computed both ways

Through: TypeAlias = Callable[[Sequence[Scalar]], LayerPass]
Sizes: TypeAlias = tuple[list[Scalar], list[list[Scalar]]]
Columns: TypeAlias = tuple[Sequence[Any], Sequence[Sequence[Any]]]  # a number a row: for every norm, every passage's units


@dataclass
class Passage:
    """What went through a layer in all rows; a layer that is called twice has two passages."""

    name: str
    activation: str
    units: int
    parameters: list[Value]
    flatness: Flatness
    gradient: float = 0.0  # the sum over rows of ‖δ‖, δ the derivatives of the loss by the pre-activations
    activations: float = 0.0  # the sum over rows of ‖activation(z)‖
    flat: int = 0  # in how many rows and units the activation is flat
    steepest: list[float] = field(default_factory=list)  # of each unit over the rows, as a share of the greatest derivative

    def add(self, gradients: Any, activations: Any, partials: Sequence[Any]) -> None:
        """Some rows more."""
        self.gradient += _sum(gradients)
        self.activations += _sum(activations)
        for i, unit in enumerate(partials):
            most, flat = _extent(unit)
            self.steepest[i] = max(self.steepest[i], most)
            self.flat += flat


class Watched:
    """A copy of a model and its loss whose layers note what goes through them; the model itself pays nothing."""

    def __init__(self, model: Module, loss: Loss, layers: Mapping[str, Layer | Neuron]):
        self.model, self.loss = model, loss
        self._passed: list[tuple[str, LayerPass]] = []
        for name, layer in layers.items():
            if isinstance(layer, Layer):
                vars(layer)["through"] = self._noting(name, layer.through)
            else:
                vars(layer)["forward"] = self._noting_neuron(name, layer)

    def passed(self, row: Any, target: Any) -> tuple[list[tuple[str, LayerPass]], Scalar]:
        """The layers as they were called, with what went through them, and the loss."""
        self._passed.clear()
        loss, _ = self.loss.of(self.model, list(row), target if isinstance(target, Value | int | float) else list(target))
        return list(self._passed), loss

    def _noting(
        self, name: str, through: Callable[[Sequence[Scalar]], LayerPass]
    ) -> Callable[[Sequence[Scalar]], LayerPass]:
        def noted(x: Sequence[Scalar]) -> LayerPass:
            self._passed.append((name, through(x)))
            return self._passed[-1][1]

        return noted

    def _noting_neuron(self, name: str, neuron: Neuron) -> Callable[[Sequence[Scalar]], Value]:
        def forward(x: Sequence[Scalar]) -> Value:
            z = neuron.preactivation(x)
            self._passed.append((name, LayerPass([z], [neuron.postactivation(z)])))
            return self._passed[-1][1].a[0]

        return forward


class Probe:
    """Looks into a model whose layers are ``nn.Layer`` or ``nn.Neuron``, wherever they are called in it."""

    def __init__(self, model: Module, loss: Loss, examples: Examples):
        self.model, self.loss, self.examples, self.parameters = model, loss, examples, model.parameters()
        self.layers = {name: each for name, each in model.named_modules() if isinstance(each, Layer | Neuron)}
        inside = {id(neuron) for each in self.layers.values() if isinstance(each, Layer) for neuron in each.neurons}
        self.layers = {name: each for name, each in self.layers.items() if id(each) not in inside}
        known = {activate: flatness(activate) for activate in {_first(each).activate for each in self.layers.values()}}
        self._flatness = {name: known[_first(each).activate] for name, each in self.layers.items()}
        self._compiled: Callable[..., Columns] | None = None
        self.compiled = False

    def passages(self, times: int = 1) -> list[Passage]:
        """What goes through every layer, in the order of the calls. ``times``: how often that will be asked for."""
        with enable_grad():  # also where it is asked within no_grad()
            return self._passages(times)

    def _passages(self, times: int) -> list[Passage]:
        count, (row,), (target,) = len(self.examples), *self.examples.part([0]).lists
        self.compiled = pays(times * count, len(self.parameters)) and installed() and self._agrees()
        passages = [self._passage(name, pass_) for name, pass_ in self._twin(self.parameters).passed(row, target)[0]]
        for part in self.examples.batches(AT_ONCE, range(count)):
            norms, partials = self._by_lanes(part) if self.compiled else self._by_rows(part)
            for k, passage in enumerate(passages):
                passage.add(norms[2 * k], norms[2 * k + 1], partials[k])
        return passages

    def _passage(self, name: str, pass_: LayerPass) -> Passage:
        layer, units = self.layers[name], len(pass_.z)
        activation = _first(layer).activation
        return Passage(name, activation, units, layer.parameters(), self._flatness[name], steepest=[0.0] * units)

    # -- one row -----------------------------------------------------------------------------------

    def _row(self, numbers: Sequence[Value], row: Any, target: Any) -> Sizes:
        return self._sizes(self._twin(numbers), row, target)

    def _twin(self, values: Sequence[Value]) -> Watched:
        """A copy of model and loss with these parameters, that notes what goes through its layers."""
        model, function, layers = with_parameters((self.model, self.loss.function, self.layers), self.parameters, values)
        return Watched(model, self.loss._replace(function=function), layers)

    def _sizes(self, twin: Watched, row: Any, target: Any) -> Sizes:
        """For every passage the norms of δ and of the activations; then its units' derivatives of the activation."""
        passed, loss = twin.passed(row, target)
        deltas = _gradients(loss, [z for _, pass_ in passed for z in pass_.z])
        norms: list[Scalar] = []
        for _, (z, a) in passed:
            norms += [norm([next(deltas) for _ in z]), norm(a)]
        return norms, [self._partials(name, z) for name, (z, _) in passed]

    def _partials(self, name: str, zs: list[Value]) -> list[Scalar]:
        """The derivatives of the activation at every z, as shares of its greatest; none where it is flat nowhere."""
        greatest, *flat = self._flatness[name]
        activate = _first(self.layers[name]).activate
        return [grad(activate)(z if tracer() else z.data) / greatest for z in zs] if any(flat) else []

    # -- all rows ------------------------------------------------------------------------------------

    def _by_rows(self, examples: Examples) -> Columns:
        """The sizes of all rows, node by node."""
        twin = self._twin(self.parameters)  # one for all rows: copying a hundred layers takes five times as long as a row
        norms, partials = zip(*(plain(self._sizes(twin, x, t)) for x, t in zip(*examples.lists, strict=True)), strict=True)
        return list(zip(*norms, strict=True)), [list(zip(*units, strict=True)) for units in zip(*partials, strict=True)]

    def _by_lanes(self, examples: Examples) -> Columns:
        """The same as arrays, by machine code."""
        import numpy as np

        if self._compiled is None:
            self._compiled = autograd.compile(self._row, (None, 0, 0))
        rows, targets, _ = examples.arrays
        return self._compiled(np.array([parameter.data for parameter in self.parameters]), rows, targets)

    def _agrees(self) -> bool:
        """Whether there is machine code, and a few rows give the same node by node."""
        examples = self.examples.part(range(min(TRIED, len(self.examples))))
        expected = [x for column in self._by_rows(examples)[0] for x in column]
        try:
            found = [float(x) for column in self._by_lanes(examples)[0] for x in column]
        except Exception:  # whatever a function may raise that meets Values where it expects numbers
            return False
        return all(math.isclose(a, b, rel_tol=1e-6) or (a != a and b != b) for a, b in zip(found, expected, strict=True))


def _first(layer: Layer | Neuron) -> Neuron:
    return layer.neurons[0] if isinstance(layer, Layer) else layer


def _sum(column: Any) -> float:
    return float(column.sum() if hasattr(column, "sum") else sum(column))


def _extent(column: Any) -> tuple[float, int]:
    """The largest size in a column, inf where one is nan, and how many are flat."""
    if hasattr(column, "shape"):
        sizes = abs(column)
        most, flat = float(sizes.max()), int((sizes <= FLAT).sum())
    else:
        most, flat = max(map(abs, column)) if all(x == x for x in column) else math.nan, sum(abs(x) <= FLAT for x in column)
    return most if most == most else math.inf, flat


def _gradients(loss: Scalar, zs: list[Value]) -> Iterator[Scalar]:
    """The derivatives of the loss by each z; 0 by those that it doesn't depend on."""
    reached = set(topological_order(loss)) if isinstance(loss, Value) else set()
    depends = [z for z in zs if z in reached]
    partials = dict(zip(depends, gradient(loss, depends), strict=True)) if isinstance(loss, Value) else {}
    return (partials.get(z, 0.0) for z in zs)
