"""What one does with a trained model: its predictions, its accuracy, its loss on other data.

>>> import nn
>>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
>>> predict(model, [[1.0], [-3.0]]), accuracy(model, [[1.0], [-3.0]], [1, 1])
([2.0, -6.0], 0.5)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from autograd import no_grad
from nn.arguments import as_float
from nn.data import Labels, Rows, check_rows
from nn.examples import Examples, check_examples, rows_of
from nn.graphs import plain
from nn.hits import is_right
from nn.losses import Loss, LossFunction, Prediction, as_loss, check_labels, loss_of
from nn.module import Module
from nn.noise import Counting, Kind, drawing
from nn.predictor import outputs
from nn.trainer import Trainer


def predict(model: Module, X: Rows) -> list[float | Any]:  # noqa: N803
    """The model's output for every row of X, as plain numbers (or lists of them), without a graph and without noise.

    >>> import nn
    >>> predict(nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0), [[1.0], [3.0]])
    [2.0, 6.0]

    Many rows are computed by machine code, which the next call finds again.
    """
    array = rows_of(X)
    return _predicted(model, check_rows(X) if array is None else array)


def _predicted(model: Module, rows: Any) -> list[float | Any]:
    """The same of rows that are checked, in lists or in an array."""
    found = outputs(model, rows)
    if found is not None:
        return found
    with no_grad():
        return [plain(model(x)) for x in getattr(rows, "tolist", lambda: rows)()]


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
    examples, threshold = check_examples(X, y), as_float("threshold", threshold)
    targets = examples.targets
    if isinstance(targets[0], list):
        raise ValueError(f"accuracy needs one label for each row, got y[0] = {targets[0]}: a sign, a bit or a class index")
    predictions = _predicted(model, examples.rows)
    check_labels("accuracy", predictions[0], targets)
    return sum(is_right(p, t, threshold) for p, t in zip(predictions, targets, strict=True)) / len(targets)


def evaluate(model: Module, X: Rows, y: Labels, loss: str | LossFunction) -> tuple[float, float | None]:  # noqa: N803
    """Mean loss and accuracy on X and y, without a graph; the accuracy is None for a loss without labels.

    >>> import nn
    >>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
    >>> evaluate(model, [[1.0], [-3.0]], [1, 1], "hinge")
    (3.5, 0.5)
    """
    examples, criterion = check_examples(X, y), as_loss(loss)
    assert_fits(model, criterion, examples)
    return _judged(criterion, *_rows(model, criterion, examples), examples)


def judge(trainer: Trainer, examples: Examples) -> tuple[float, float | None]:
    """``evaluate`` of what is being trained, by the trainer's machine code where there is some."""
    losses, predictions = _trained_rows(trainer, examples)
    return _judged(trainer.loss, losses, predictions, examples)


def predicted(trainer: Trainer, examples: Examples) -> list[float | Any]:
    """The predictions of what is being trained."""
    return _trained_rows(trainer, examples)[1]


def _trained_rows(trainer: Trainer, examples: Examples) -> tuple[list[float], list[float | Any]]:
    found = trainer.rows(examples)
    if found is None:
        trainer.write()
        return _rows(trainer.model, trainer.loss, examples)
    return found


def _judged(
    loss: Loss, losses: Sequence[float], predictions: Sequence[Any], examples: Examples
) -> tuple[float, float | None]:
    value = math.fsum(losses) / len(losses)
    return value, hits(loss, predictions, examples.lists.y) / len(losses) if loss.has_accuracy else None


def _rows(model: Module, loss: Loss, examples: Examples) -> tuple[list[float], list[float | Any]]:
    """The loss and the prediction of every row; the loss is given what it is given in training, without a graph."""
    rows, targets = examples.lists
    with _without_graph(loss):
        if loss.of_model:
            return [plain(loss.of(model, x, t)[0]) for x, t in zip(rows, targets, strict=True)], []
        found = outputs(model, examples.rows)
        predictions: list[Any] = [model(x) for x in rows] if found is None else found
        losses = [plain(loss_of(loss.function, p, t)) for p, t in zip(predictions, targets, strict=True)]
    return losses, [plain(p) for p in predictions]


def _without_graph(loss: Loss) -> AbstractContextManager[None]:
    """``no_grad``, but for a loss that makes its own prediction: it may ask for ``gradient(y, parameters)`` on the way."""
    return nullcontext() if loss.of_model else no_grad()


def hits(loss: Loss, predictions: Sequence[Prediction], targets: Sequence[float]) -> int:
    """How many predictions are right; 0 for a loss without labels."""
    pairs = zip(predictions, targets, strict=True)
    return sum(is_right(p, t, loss.threshold) for p, t in pairs) if loss.has_accuracy else 0


def assert_fits(model: Module, loss: Loss, examples: Examples, name: str = "") -> list[Kind]:
    """Raise where data, model and loss don't go together: try them on the first row. The noise that it draws."""
    counting = Counting()
    with drawing(counting):
        _try(model, loss, examples, name)
    return counting.kinds


def _try(model: Module, loss: Loss, examples: Examples, name: str) -> None:
    first, targets = examples.part([0]).lists.X[0], examples.targets
    with _without_graph(loss):
        try:
            prediction: Any = None if loss.of_model else model(first)
        except ValueError as error:
            raise ValueError(f"{name}X: {error}") from error
        try:
            if loss.of_model:
                loss.of(model, first, targets[0])
            else:
                loss.check(prediction, targets, f"{name}y")
        except (TypeError, AttributeError) as error:  # a whole batch's loss takes zip(predictions, targets), or a mean()
            if isinstance(targets[0], float) and all(isinstance(t, float) and t.is_integer() for t in targets):
                error.add_note(
                    f"{name}y holds floats: a loss that takes the target as an index needs ints, y.astype(int) say"
                )
            error.add_note(f"the loss gets the prediction and target of one row at a time, here {prediction}, {targets[0]}")
            raise
