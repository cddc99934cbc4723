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

from autograd import no_grad
from nn.arguments import as_float
from nn.compiled_step import CompiledStep
from nn.data import Data, Labels, Rows, check_data, check_rows
from nn.graphs import plain, without_array
from nn.losses import Loss, LossFunction, Prediction, as_loss, check_labels, loss_of
from nn.module import Module


def predict(model: Module, X: Rows) -> list[float | Any]:  # noqa: N803
    """The model's output for every row of X, as plain numbers (or lists of them) and without a graph.

    >>> import nn
    >>> predict(nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0), [[1.0], [3.0]])
    [2.0, 6.0]
    """
    with no_grad():
        return [plain(model(x)) for x in check_rows(X)]


def accuracy(model: Module, X: Rows, y: Labels, threshold: float = 0.0) -> float:  # noqa: N803
    """The share of rows that the model gets right.

    >>> import nn
    >>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
    >>> accuracy(model, [[1.0], [-3.0]], [1, 1])
    0.5

    Of a model with one output the labels are 0 and 1, or −1 and 1, or bools; a score above ``threshold`` means 1. Use a
    threshold of 0.5 for a model that gives probabilities. Of several outputs the largest tells the class, and the
    labels are 0, 1, 2 …; an output of nan is never right. Raises ValueError for any other label.
    """
    data, threshold = check_data(X, y), as_float("threshold", threshold)
    if isinstance(data.y[0], list):
        raise ValueError(f"accuracy needs one label for each row, got y[0] = {data.y[0]}: a sign, a bit or a class index")
    predictions = predict(model, data.X)
    check_labels("accuracy", predictions[0], data.y)
    return sum(_hit(p, t, threshold) for p, t in zip(predictions, data.y, strict=True)) / len(data.y)


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
    """The loss and the prediction of every row; the loss is given what it is given in training, without a graph."""
    with no_grad():
        outputs = [model(x) for x in data.X]
        losses = [plain(loss_of(loss.function, output, t)) for output, t in zip(outputs, data.y, strict=True)]
    return losses, [plain(output) for output in outputs]


def hits(loss: Loss, predictions: Sequence[Prediction], targets: Sequence[float]) -> int:
    """How many predictions are right; 0 for a loss without labels."""
    pairs = zip(predictions, targets, strict=True)
    return sum(_hit(p, t, loss.threshold) for p, t in pairs) if loss.has_accuracy else 0


def _hit(prediction: Prediction, target: float, threshold: float) -> bool:
    prediction = without_array(prediction)
    if isinstance(prediction, list | tuple) and len(prediction) > 1:
        largest = max(prediction)
        return not any(x != x for x in prediction) and list(prediction).index(largest) == target
    score = prediction[0] if isinstance(prediction, list | tuple) else prediction
    return score == score and bool(score > threshold) == (target > 0)


def assert_fits(model: Module, loss: Loss, data: Data, name: str = "") -> None:
    """Raise where data, model and loss don't go together: try them on the first row."""
    with no_grad():
        try:
            prediction = model(data.X[0])
        except ValueError as error:
            raise ValueError(f"{name}X: {error}") from error
        try:
            loss.check(prediction, data.y, f"{name}y")
        except (TypeError, AttributeError) as error:  # a whole batch's loss takes zip(predictions, targets), or a mean()
            if isinstance(data.y[0], float) and all(isinstance(t, float) and t.is_integer() for t in data.y):
                error.add_note(
                    f"{name}y holds floats: a loss that takes the target as an index needs ints, y.astype(int) say"
                )
            error.add_note(f"the loss gets the prediction and target of one row at a time, here {prediction}, {data.y[0]}")
            raise
