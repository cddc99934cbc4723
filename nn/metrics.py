"""Metrics: how good predictions are, as numbers to report. Functions of all predictions and all targets.

``fit(…, metrics=["r2", nn.metrics.mae])`` computes them after every epoch; by themselves they take what ``nn.predict``
gives, or lists and arrays from elsewhere. Scores are floats, labels are whole numbers by their type: 0.7 says how sure a
model is of yes, 1 says yes, and of a list of scores the largest tells the class.

>>> accuracy([0.7, -0.2], [1, 0]), accuracy([[0.1, 0.9], [2.0, 1.0]], [1, 1]), accuracy([2, 0, 1], [2, 0, 0])
(1.0, 0.5, 0.6666666666666666)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, TypeAlias

from autograd import Value
from autograd.interop.coerce import describe, out_of_array
from nn.arguments import as_float, integer
from nn.data import HasArray, HasList
from nn.graphs import without_array
from nn.loss_arguments import BITS, SIGNS

Numbers: TypeAlias = Sequence[Any] | HasList | HasArray
Metric: TypeAlias = Callable[[Numbers, Numbers], Any]


# -- of numbers ----------------------------------------------------------------------------------


def mse(predictions: Numbers, targets: Numbers) -> float:
    """The mean of (y − t)² over all numbers.

    >>> mse([3.0, 1.0], [1.0, 1.0])
    2.0

    Raises ValueError where there is nothing, or predictions and targets differ in number or length.
    """
    differences = [y - t for column in _columns("mse", predictions, targets) for y, t in column]
    return _sum_of_squares(differences) / len(differences)


def mae(predictions: Numbers, targets: Numbers) -> float:
    """The mean of |y − t| over all numbers.

    >>> mae([3.0, 1.0], [1.0, 1.0])
    1.0

    Raises ValueError where there is nothing, or predictions and targets differ in number or length.
    """
    differences = [y - t for column in _columns("mae", predictions, targets) for y, t in column]
    return math.fsum(map(abs, differences)) / len(differences)


def r2(predictions: Numbers, targets: Numbers) -> float:
    """R², the share of the targets' variance that is predicted: 1 for all, 0 for no better than their mean, less for worse.

    >>> r2([1.0, 2.0, 3.5], [1.0, 2.0, 3.0]), r2([2.0, 2.0, 2.0], [1.0, 2.0, 3.0])
    (0.875, 0.0)

    Of several outputs the mean. Where all targets are equal it is 1 for predictions without error, else 0. scikit-learn's
    ``r2_score`` takes the targets first. Raises ValueError where there is nothing, or predictions and targets differ in
    number or length.
    """
    shares = [_share(column) for column in _columns("r2", predictions, targets)]
    return math.fsum(shares) / len(shares)


def _share(column: list[tuple[float, float]]) -> float:
    mean = math.fsum(t for _, t in column) / len(column)
    constant = min(t for _, t in column) == max(t for _, t in column)  # the mean of equal numbers may be rounded
    error, total = _sum_of_squares([y - t for y, t in column]), _sum_of_squares([t - mean for _, t in column])
    return float(error == 0.0) if constant or not total else 1.0 - error / total


def _sum_of_squares(numbers: list[float]) -> float:
    return math.fsum(x * x for x in numbers)


def _columns(metric: str, predictions: Numbers, targets: Numbers) -> list[list[tuple[float, float]]]:
    """For each output the pairs of prediction and target."""
    rows = [(_as_row(y), _as_row(t)) for y, t in zip(*_both(metric, predictions, targets), strict=True)]
    for i, (y, t) in enumerate(rows):
        if not len(y) == len(t) == len(rows[0][0]):
            raise ValueError(
                f"{metric}: predictions[{i}] has {len(y)} numbers, targets[{i}] {len(t)}, row 0 {len(rows[0][0])}"
            )
    return [[(y[k], t[k]) for y, t in rows] for k in range(len(rows[0][0]))]


def _as_row(x: Any) -> list[float]:
    return x if isinstance(x, list) else [x]


# -- of labels -----------------------------------------------------------------------------------


def accuracy(predictions: Numbers, targets: Numbers, threshold: float = 0.0) -> float:
    """The share of right predictions.

    >>> accuracy([1.5, -0.5, 0.5], [1, -1, -1]), accuracy([0.9, 0.4], [1, 0], threshold=0.5)
    (0.6666666666666666, 1.0)

    A score above ``threshold`` means 1. A score of nan is never right. ``nn.accuracy`` takes a model and its inputs. Raises
    ValueError where there is nothing, or predictions and targets differ in number.
    """
    pairs = _labels("accuracy", *_both("accuracy", predictions, targets), threshold)
    return sum(bool(y == t) for y, t in pairs) / len(pairs)


def confusion_matrix(predictions: Numbers, targets: Numbers, threshold: float = 0.0) -> list[list[int]]:
    """How often each class is taken for each: a row for every class as it is, a column as it is predicted.

    >>> confusion_matrix([[2.0, 1.0], [0.0, 1.0], [3.0, 0.0]], [0, 1, 1])
    [[1, 0], [1, 1]]
    >>> confusion_matrix([0.5, -0.5, 0.25], [1, -1, -1])  # of −1 one is right, one is taken for 1
    [[1, 1], [0, 1]]

    Classes are in the order of their labels: 0, 1, 2 … of scores; 0 and 1, or −1 and 1; else those that occur. A score above
    ``threshold`` means 1. Raises ValueError for a score of nan, and as ``accuracy``.
    """
    scores, labels = _both("confusion_matrix", predictions, targets)
    pairs = _labels("confusion_matrix", scores, labels, threshold)
    for i, (y, _) in enumerate(pairs):
        if y is None:
            raise ValueError(f"confusion_matrix: predictions[{i}] is nan, or has one: it is of no class")
    classes = _classes(scores[0], pairs)
    counts = {(t, y): 0 for t in classes for y in classes}
    for y, t in pairs:
        counts[t, y] += 1
    return [[counts[t, y] for y in classes] for t in classes]


def _classes(scores: Any, pairs: list[tuple[Any, Any]]) -> list[Any]:
    """The labels, in order; ``scores`` are those of a row."""
    if isinstance(scores, list) and len(scores) > 1:
        return list(range(len(scores)))
    found = {label for pair in pairs for label in pair}
    return next((list(labels) for labels in (BITS, SIGNS) if found <= set(labels)), sorted(found))


def top_k(predictions: Numbers, targets: Numbers, k: int = 5) -> float:
    """The share of rows whose class is among the ``k`` largest scores.

    >>> top_k([[3.0, 2.0, 1.0], [1.0, 3.0, 2.0]], [1, 0], k=2)
    0.5

    Of equal scores the first counts as larger; a row with nan is never right. Raises ValueError for a k below 1, targets
    that are no numbers of outputs, and as ``accuracy``.
    """
    k, rows = integer("top_k: k", k, 1), list(zip(*_both("top_k", predictions, targets), strict=True))
    for i, (scores, target) in enumerate(rows):
        if not isinstance(scores, list) or target not in range(len(scores)):
            raise ValueError(
                f"top_k takes a list of scores and the number of one of them, got {scores!r:.60} and {target!r} in row {i}"
            )
    return sum(_rank(scores, int(target)) < k for scores, target in rows) / len(rows)


def _rank(scores: list[float], target: int) -> float:
    """How many scores come before the target's."""
    if any(x != x for x in scores):
        return math.inf
    mine = scores[target]
    return sum(x > mine or (x == mine and j < target) for j, x in enumerate(scores))


def _labels(metric: str, scores: list[Any], labels: list[Any], threshold: float) -> list[tuple[Any, Any]]:
    """Pairs of a predicted label and the right one; None for a score of nan."""
    threshold = as_float(f"{metric}: threshold", threshold)
    for i, label in enumerate(labels):
        if isinstance(label, list):
            raise ValueError(f"{metric} takes one label for each row, but targets[{i}] is {label!r:.60}")
    yes_and_no = SIGNS if -1 in labels else BITS
    scores = [x[0] if isinstance(x, list) and len(x) == 1 else x for x in scores]
    for i, (score, label) in enumerate(zip(scores, labels, strict=True)):
        if isinstance(score, list) and label not in range(len(score)):
            raise ValueError(
                f"{metric} takes 0 … {len(score) - 1} as targets of {len(score)} scores, but targets[{i}] is {label!r}"
            )
        if isinstance(score, float) and label not in yes_and_no:
            raise ValueError(
                f"{metric}: predictions[{i}] is a score, {score!r}, whose target is 0 or 1, or -1 or 1, and targets[{i}] is "
                f"{label!r}; labels are whole numbers: int(x)"
            )
    return [(_label(score, threshold, yes_and_no), label) for score, label in zip(scores, labels, strict=True)]


def _label(score: Any, threshold: float, labels: tuple[float, float]) -> Any:
    """The label that a score, a list of them or a label means."""
    if isinstance(score, int):
        return score
    if isinstance(score, float):
        return None if score != score else labels[score > threshold]
    return None if any(x != x for x in score) else score.index(max(score))


# -- what comes in -------------------------------------------------------------------------------


def _both(metric: str, predictions: Numbers, targets: Numbers) -> tuple[list[Any], list[Any]]:
    """Predictions and targets as lists of as many numbers or lists of numbers."""
    one, other = _entries(predictions, f"{metric}: predictions"), _entries(targets, f"{metric}: targets")
    if len(one) != len(other):
        raise ValueError(f"{metric}: {len(one)} predictions and {len(other)} targets")
    if not one:
        raise ValueError(f"{metric}: there are no predictions")
    return one, other


def _entries(data: Any, name: str) -> list[Any]:
    data = without_array(getattr(data, "to_numpy", lambda: data)())
    if not isinstance(data, list | tuple):
        raise TypeError(f"{name} must be a list or an array, got {describe(data)}")
    return [_entry(x, f"{name}[{i}]") for i, x in enumerate(data)]


def _entry(x: Any, name: str) -> Any:
    x = without_array(x)
    return [_entry(each, f"{name}[{j}]") for j, each in enumerate(x)] if isinstance(x, list | tuple) else _number(x, name)


def _number(x: Any, name: str) -> float:
    """A float, or an int for what is a whole number by its type."""
    x = out_of_array(x)
    if isinstance(x, Value):
        return x.data
    return int(x) if isinstance(x, Integral) else as_float(name, x)


# What ``fit`` knows by name: one number each.
METRICS: dict[str, Metric] = {"accuracy": accuracy, "mae": mae, "mse": mse, "r2": r2, "top_k": top_k}
ERRORS = {"mae", "mse"}  # of these a smaller number is better
