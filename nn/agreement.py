"""Whether two ways to compute the same numbers agree, and the error where nobody can say which of them is right.

>>> one = Numbers(0.5, [1.0, 2.0], [3.0])
>>> agree(one, Numbers(0.5, [1.0, 2.0 + 1e-12], [3.0])), agree(one, Numbers(0.5, [1.0, 2.1], [3.0]))
(True, False)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd import Value, dot, gradient, mean
from autograd.transforms.trees import leaves_of
from autograd.transforms.types import Scalar
from nn.data import Data
from nn.graphs import leaves_behind, plain
from nn.losses import Loss
from nn.module import Module
from nn.noise import Source, drawing

# The tolerances: of each number, and of the largest. Sums of a few thousand terms differ by 1e-12 of their largest term.
CLOSE, ROUNDING = 1e-7, 1e-12
NUDGE = 1e-10  # parameters moved by so much of themselves show what a rounding error can do to the numbers
SAFETY = 4.0  # times what the nudges did


class DisagreementError(ArithmeticError):
    """Compiled, a loss has another value or gradient than node by node, and one of the two must be wrong."""


def noisy_losses(model: Module, loss: Loss, batch: Data, sources: Sequence[Source | None]) -> tuple[list[Scalar], list[Any]]:
    """Loss and prediction of every row, with noise from a source for each."""
    found: list[tuple[Scalar, Any]] = []
    for x, target, source in zip(*batch, sources, strict=True):
        with drawing(source):
            found.append(loss.of(model, x, target))
    return [value for value, _ in found], [prediction for _, prediction in found]


def batch_loss(losses: Sequence[Scalar], weights: Sequence[float] | None) -> Scalar:
    """The mean of losses, or Σ w·l / Σ w."""
    return mean(losses) if weights is None else dot(weights, losses) / sum(weights)


class Numbers(NamedTuple):
    """What is compared: the mean loss of some rows, its gradient, and what the model gives for them."""

    loss: float
    gradient: list[float]
    outputs: list[float]


def graph_numbers(
    model: Module,
    loss: Loss,
    parameters: Sequence[Value],
    batch: Data,
    weights: Sequence[float] | None,
    sources: Sequence[Source | None],
) -> Numbers:
    """The numbers of a batch, node by node, with noise from a source for each row; predictions have none.

    No ``grad`` is written.
    """
    value = batch_loss(noisy_losses(model, loss, batch, sources)[0], weights)
    predictions = [] if loss.of_model else [model(x) for x in batch.X]
    behind = leaves_behind(value)
    reached = [p for p in parameters if p in behind]
    partials = dict(zip(reached, gradient(value, reached), strict=True)) if isinstance(value, Value) else {}
    return Numbers(plain(value), [partials.get(p, 0.0) for p in parameters], leaves_of(plain(predictions)))


def agree(actual: Numbers, expected: Numbers, nudged: Sequence[Numbers] = ()) -> bool:
    """Whether all numbers agree up to rounding: nan with nan, an infinity with itself.

    A small number may be the difference of large ones: it may differ by a rounding error of the largest, and by some
    times what it moves in ``nudged``, where the parameters are another 1e-10 of themselves. The latter
    matters where all numbers are small, at the end of a training, and beside a kink.
    """
    parts = [([each.loss, *each.gradient], each.outputs) for each in (actual, expected, *nudged)]
    return all(agree_on(*part) for part in zip(*parts, strict=True))


def agree_on(actual: Sequence[float], expected: Sequence[float], *nudged: Sequence[float]) -> bool:
    """Whether numbers agree up to rounding, and what they move in ``nudged``."""
    if len(actual) != len(expected):
        return False
    slack = ROUNDING * max((abs(x) for x in expected if math.isfinite(x)), default=0.0)
    moved = zip(expected, *nudged, strict=True)
    return all(_close(a, each[0], slack + SAFETY * _range_of(each)) for a, each in zip(actual, moved, strict=True))


def _close(a: float, b: float, slack: float) -> bool:
    if math.isfinite(a) and math.isfinite(b):
        return math.isclose(a, b, rel_tol=CLOSE, abs_tol=slack)
    return a == b or (math.isnan(a) and math.isnan(b))


def _range_of(numbers: Sequence[float]) -> float:
    """How far the numbers lie apart; beside a pole, where some are infinite, as far as you like."""
    return max(numbers) - min(numbers) if all(map(math.isfinite, numbers)) else math.inf


def disagreement(
    model: Module, loss: str, parameters: Sequence[Value], compiled: Numbers, graph: Numbers, rows: int
) -> DisagreementError:
    """The error that says what differs."""
    names = [parameter.name or f"parameters()[{i}]" for i, parameter in enumerate(parameters)]
    pairs = zip(names, compiled.gradient, graph.gradient, strict=True)
    partials = next((f"; ∂loss/∂{name} is {a!r} and {b!r}" for name, a, b in pairs if not _close(a, b, 0.0)), "")
    values = f"{compiled.loss!r} compiled and {graph.loss!r} node by node, the mean of {rows} row{'s' * (rows != 1)}"
    return DisagreementError(
        f"fit: the loss {loss} of {type(model).__name__} is {values}{partials}. One of the two is wrong, and nothing was "
        "trained on them. Likely something computes with Values otherwise than with numbers: the partials of a primitive, a "
        "test for a type, a number kept from an earlier call. compiled=False trains node by node; let "
        "autograd.testing.check_gradients try that gradient first"
    )
