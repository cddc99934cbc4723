"""A step of training by the graph: forward, backward, update, number by number.

>>> import nn
>>> model = nn.MLP(1, [1], seed=0)
>>> value, predictions = train_step(model, nn.mse, nn.SGD(model.parameters()), nn.Data([[1.0]], [2.0]))
>>> value == (predictions[0].data - 2.0) ** 2
True
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from autograd import Value, no_grad
from autograd.interop.coerce import describe
from autograd.modes.context import recording
from autograd.transforms.types import Scalar
from nn.agreement import batch_loss, noisy_losses
from nn.data import Data, as_data
from nn.graphs import leaves_behind, plain
from nn.losses import Loss, LossFunction, as_loss
from nn.module import Module
from nn.noise import Generator, Source
from nn.optimiser import Optimiser
from nn.rebinding import with_parameters

NUDGE = 1e-6  # parameters moved by so much change a loss that depends on them


def train_step(model: Module, loss: LossFunction, optimiser: Optimiser, batch: Data) -> tuple[float, list[Value | Any]]:
    """Forward, backward, update: the mean loss of the batch before the update, and the predictions.

    >>> import nn
    >>> model = nn.MLP(1, [1], seed=0)
    >>> value, predictions = train_step(model, nn.mse, nn.SGD(model.parameters()), nn.Data([[1.0]], [2.0]))
    >>> value == (predictions[0].data - 2.0) ** 2
    True

    Always by the graph, so that the predictions are Values; ``nn.Trainer`` takes many steps, compiled. Raises
    FloatingPointError where loss or gradient isn't finite; the parameters stay as they were then. Raises
    TypeError where ``loss`` isn't a function or ``optimiser`` no Optimiser, ValueError for an empty batch.
    """
    if not callable(loss):
        raise TypeError(f"train_step: loss must be a function such as nn.mse, got {describe(loss)}")
    if not isinstance(optimiser, Optimiser):
        raise TypeError(f"train_step: optimiser must be one such as nn.SGD(model.parameters()), got {describe(optimiser)}")
    batch = as_data(batch, "train_step: batch")
    if not len(batch.X):
        raise ValueError("train_step: the batch is empty")
    source = Generator(random.Random())
    return graph_step(model, as_loss(loss), optimiser, batch, None, [source] * len(batch.X))


def graph_step(
    model: Module,
    loss: Loss,
    optimiser: Optimiser,
    batch: Data,
    weights: Sequence[float] | None,
    sources: Sequence[Source],
) -> tuple[float, list[Any]]:
    """``train_step`` of what is checked already, with weights and with noise from a source for each row."""
    losses, predictions = noisy_losses(model, loss, batch, sources)
    value = batch_loss(losses, weights)
    if not math.isfinite(plain(value)):
        check_losses(plain(losses), optimiser)
    optimiser.zero_grad()
    model.zero_grad()  # those of parameters that aren't trained too
    if isinstance(value, Value):
        value.backward()
    if recording():
        _complete_gradient(model, loss, optimiser, batch, losses)
    optimiser.step()
    return plain(value), predictions


def _complete_gradient(model: Module, loss: Loss, optimiser: Optimiser, batch: Data, losses: list[Scalar]) -> None:
    """What no row reaches has gradient 0, of all parameters of the model."""
    missing = {p for p in optimiser.parameters if p._grad is None}
    if len(missing) == len(optimiser.parameters):
        _assert_not_cut(model, loss, batch, losses)
    if missing:
        for parameter in missing.intersection(model.parameters()):
            parameter._grad = 0.0


def _assert_not_cut(model: Module, loss: Loss, batch: Data, losses: list[Scalar]) -> None:
    """Raise TypeError where losses depend on no parameter by their graph, and change with the parameters' numbers."""
    reached = {leaf for value in losses for leaf in leaves_behind(value)}
    if reached.intersection(model.parameters()):
        return
    # A loss of steps, 1 for a wrong answer and 0 for a right one, may jump at the very parameters: so not at these.
    try:
        one, other = (_losses_beside(model, loss, batch, nudge) for nudge in (NUDGE, 2.0 * NUDGE))
    except TypeError:  # a model that holds a lock or an open file can't be copied: then nothing is known
        return
    changed = [value for value, a, b in zip(losses, one, other, strict=True) if a != b]
    if changed:
        raise TypeError(
            f"the loss of the model's output must be a Value, got {describe(changed[0])} that depends on no parameter by "
            "its graph and changes with them: compute model and loss with autograd's functions, not float(), .data or math"
        )


def _losses_beside(model: Module, loss: Loss, batch: Data, nudge: float) -> list[float]:
    """The losses with all parameters a little larger."""
    parameters = model.parameters()
    moved = [Value(p.data + nudge * (1.0 + abs(p.data))) for p in parameters]
    model, loss = with_parameters((model, loss), parameters, moved)
    with no_grad():
        return plain([loss.of(model, x, t)[0] for x, t in zip(*batch, strict=True)])


def check_losses(losses: Sequence[float], optimiser: Optimiser) -> None:
    """Raise FloatingPointError for the losses of a batch whose mean isn't finite; it names the first row that isn't."""
    row, loss = next(((k, x) for k, x in enumerate(losses) if not math.isfinite(x)), (-1, math.inf))
    where = f" in row {row} of the batch" if row >= 0 else ", as the sum of the rows overflows"
    parameters = optimiser.parameters
    k = next((k for k, parameter in enumerate(parameters) if not math.isfinite(parameter.data)), None)
    if k is not None:  # no step of an optimiser leaves one so
        name = parameters[k].name or f"optimiser.parameters[{k}]"
        raise FloatingPointError(
            f"the loss is {loss!r}{where}, as the parameter {name} was set to {parameters[k].data!r} before; nothing was "
            "trained on it: give it a finite number, model.load_state_dict(state) those that were kept"
        )
    raise FloatingPointError(
        f"the loss is {loss!r}{where}; the parameters are those before this step. A smaller learning rate "
        f"than {optimiser.lr:g} often helps, and autograd.detect_anomaly() finds the operation where it began"
    )
