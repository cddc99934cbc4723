"""What one does with a trained model: its predictions, its accuracy, its loss on other data.

>>> import nn
>>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
>>> predict(model, [[1.0], [-3.0]]), accuracy(model, [[1.0], [-3.0]], [1, 1])
([2.0, -6.0], 0.5)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import Value, no_grad
from autograd.transforms.types import Scalar
from nn.arguments import as_float
from nn.compiled_step import CompiledStep
from nn.data import Data, Labels, Row, Rows, check_data, check_rows
from nn.losses import Loss, LossFunction, Prediction, as_loss
from nn.module import Module


def predict(model: Module, X: Rows) -> list[float | Any]:  # noqa: N803
    """The model's output for every row of X, as plain numbers (or lists of them) and without a graph.

    >>> import nn
    >>> predict(nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0), [[1.0], [3.0]])
    [2.0, 6.0]
    """
    with no_grad():
        return [_plain(model(x)) for x in check_rows(X)]


def accuracy(model: Module, X: Rows, y: Labels, threshold: float = 0.0) -> float:  # noqa: N803
    """The share of rows that the model gets right.

    >>> import nn
    >>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
    >>> accuracy(model, [[1.0], [-3.0]], [1, 1])
    0.5

    A single score above ``threshold`` means yes, and so does a target above 0; of several scores the
    largest tells the class. Use a threshold of 0.5 for a model that gives probabilities. Raises ValueError where a
    target isn't one number.
    """
    data, threshold = check_data(X, y), as_float("threshold", threshold)
    if isinstance(data.y[0], list):
        raise ValueError(f"accuracy needs one label for each row, got y[0] = {data.y[0]}: a sign, a bit or a class index")
    pairs = zip(predict(model, data.X), data.y, strict=True)
    return sum(_hit(p, t, threshold) for p, t in pairs) / len(data.y)


def evaluate(model: Module, X: Rows, y: Labels, loss: str | LossFunction) -> tuple[float, float | None]:  # noqa: N803
    """Mean loss and accuracy on X and y, without a graph; the accuracy is None for a loss without labels.

    >>> import nn
    >>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
    >>> evaluate(model, [[1.0], [-3.0]], [1, 1], "hinge")
    (3.5, 0.5)
    """
    data, criterion = check_data(X, y), as_loss(loss)
    assert_fits(model, criterion, data)
    return judge(model, criterion, data)


def judge(model: Module, loss: Loss, data: Data, fast: CompiledStep | None = None) -> tuple[float, float | None]:
    """``evaluate`` on data that are checked already, by machine code where there is some."""
    losses, predictions = (fast and fast.rows(data)) or _rows(model, loss, data)
    return math.fsum(losses) / len(losses), hits(loss, predictions, data.y) / len(losses) if loss.has_accuracy else None


def _rows(model: Module, loss: Loss, data: Data) -> tuple[list[float], list[float | Any]]:
    """The loss and the prediction of every row."""
    predictions = predict(model, data.X)
    return [float(loss.function(p, t)) for p, t in zip(predictions, data.y, strict=True)], predictions


def hits(loss: Loss, predictions: Sequence[Prediction], targets: Sequence[float]) -> int:
    """How many predictions are right; 0 for a loss without labels."""
    pairs = zip(predictions, targets, strict=True)
    return sum(_hit(p, t, loss.threshold) for p, t in pairs) if loss.has_accuracy else 0


def _hit(prediction: Prediction, target: float, threshold: float) -> bool:
    if isinstance(prediction, list | tuple):
        return list(prediction).index(max(prediction)) == target
    return bool(prediction > threshold) == (target > 0)


def _plain(output: Prediction) -> float | Row:
    return [float(x) for x in output] if isinstance(output, list | tuple) else float(output)


def assert_fits(model: Module, loss: Loss, data: Data, name: str = "") -> None:
    """Raise where data, model and loss don't go together: try them on the first row."""
    with no_grad():
        try:
            prediction = model(data.X[0])
        except ValueError as error:
            raise ValueError(f"{name}X: {error}") from error
        outcome = loss.check(prediction, data.y, f"{name}y")
    assert_value(outcome)


def assert_value(loss: Scalar) -> Value:
    """The loss of a model's output, if it has a graph."""
    if not isinstance(loss, Value):
        raise TypeError(
            f"the loss of the model's output must be a Value, got {type(loss).__name__} {loss!r:.40}: "
            "compute model and loss with autograd's functions, not float(), .data or math"
        )
    return loss
