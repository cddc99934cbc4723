"""A step by nudging: no chain rule, one whole forward pass of the batch for every parameter.

The derivative by a parameter is taken as (new loss − old loss) / 0.0001 where it is 0.0001 larger. It is what one would do
first, and shows what the chain rule saves: a net of 1 000 parameters runs 1 001 times where that runs it a few times.

>>> import nn
>>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
>>> history = nn.fit(model, [[1.0], [3.0]], [0.0, 0.0], "mse", "sgd", 1, None, lr=0.01, gradient="nudging", progress=False)
>>> history.passes  # of a row: two rows, two parameters and one pass more to compare with
6
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd import no_grad
from nn.agreement import batch_loss, noisy_losses
from nn.data import Data
from nn.freezing import is_frozen
from nn.graph_step import check_losses
from nn.graphs import plain
from nn.losses import Loss
from nn.module import Module
from nn.noise import Source
from nn.optimiser import Optimiser

NUDGE = 1e-4


def nudged_step(
    model: Module,
    loss: Loss,
    optimiser: Optimiser,
    batch: Data,
    weights: Sequence[float] | None,
    sources: Callable[[], Sequence[Source]],
) -> tuple[float, list[Any], int]:
    """The mean loss before the update, the predictions, and how often a row went through the net.

    ``sources`` gives the same noise at every call. Raises FloatingPointError where loss or gradient isn't finite.
    """

    def forward() -> tuple[float, list[float], list[Any]]:
        losses, predictions = noisy_losses(model, loss, batch, sources())
        return plain(batch_loss(losses, weights)), plain(losses), predictions

    moving = [parameter for parameter in optimiser.parameters if not is_frozen(parameter)]
    gradient = []
    with no_grad():
        value, losses, predictions = forward()
        if not math.isfinite(value):
            check_losses(losses, optimiser)
        for parameter in moving:
            before = parameter.data
            try:
                parameter.data = before + NUDGE
                gradient.append((forward()[0] - value) / (parameter.data - before))
            finally:
                parameter.data = before
    optimiser.zero_grad()
    for parameter, derivative in zip(moving, gradient, strict=True):
        parameter._grad = derivative
    optimiser.step()
    return value, predictions, (1 + len(moving)) * len(batch.X)
