"""Metrics: scikit-learn's numbers, what is a score and what a label, and what can't be compared."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

import nn
from autograd import Value
from nn.metrics import accuracy, confusion_matrix, mae, mse, r2, top_k

RNG = random.Random(0)
TARGETS = [RNG.gauss(0.0, 2.0) for _ in range(50)]
PREDICTIONS = [t + RNG.gauss(0.0, 1.0) for t in TARGETS]
CLASSES = [RNG.randrange(4) for _ in range(60)]
SCORES = [[RNG.gauss(0.0, 1.0) + 1.5 * (j == k) for j in range(4)] for k in CLASSES]
GUESSES = [scores.index(max(scores)) for scores in SCORES]


@pytest.mark.parametrize("shape", [(-1,), (-1, 1), (-1, 2), (-1, 5)])
@pytest.mark.parametrize("kind", [list, np.asarray])
def test_numbers_are_judged_as_scikit_learn_does(shape: tuple[int, ...], kind: Any) -> None:
    y, t = (np.array(numbers).reshape(shape) for numbers in (PREDICTIONS, TARGETS))
    given = (y, t) if kind is np.asarray else (y.tolist(), t.tolist())
    assert r2(*given) == pytest.approx(sklearn_metrics.r2_score(t, y), rel=1e-12)
    assert mse(*given) == pytest.approx(sklearn_metrics.mean_squared_error(t, y), rel=1e-12)
    assert mae(*given) == pytest.approx(sklearn_metrics.mean_absolute_error(t, y), rel=1e-12)


@pytest.mark.parametrize("kind", [list, np.asarray])
def test_classes_are_judged_as_scikit_learn_does(kind: Any) -> None:
    scores, labels, guesses = kind(SCORES), kind(CLASSES), kind(GUESSES)
    assert accuracy(scores, labels) == accuracy(guesses, labels) == sklearn_metrics.accuracy_score(CLASSES, GUESSES)
    expected = sklearn_metrics.confusion_matrix(CLASSES, GUESSES).tolist()
    assert confusion_matrix(scores, labels) == confusion_matrix(guesses, labels) == expected
    for k in (1, 2, 3):
        assert top_k(scores, labels, k) == sklearn_metrics.top_k_accuracy_score(CLASSES, np.array(SCORES), k=k)


@pytest.mark.parametrize(("yes", "no"), [(1, 0), (1, -1), (True, False), (1.0, 0.0), (1.0, -1.0)])
def test_a_score_above_the_threshold_means_yes(yes: Any, no: Any) -> None:
    scores, labels = [0.75, 0.25, -0.5, 0.5, 0.0], [yes, no, no, no, yes]
    assert accuracy(scores, labels) == 0.4
    assert accuracy(scores, labels, threshold=0.5) == 0.8
    assert confusion_matrix(scores, labels) == [[1, 2], [1, 1]]
    assert confusion_matrix([[x] for x in scores], labels, threshold=0.5) == [[3, 0], [1, 1]]


def test_a_class_that_does_not_occur_has_its_row() -> None:
    assert confusion_matrix([[1.0, 0.0, 0.0]], [0]) == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert confusion_matrix([1.0], [1]) == [[0, 0], [0, 1]]
    assert confusion_matrix([7, 3], [7, 7]) == [[0, 0], [1, 1]]


def test_targets_without_spread_have_an_r2_of_0_or_1() -> None:
    assert r2([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]) == 1.0
    assert r2([0.1, 0.1, 0.2], [0.1, 0.1, 0.1]) == 0.0


def test_nan_is_never_right_and_of_no_class() -> None:
    assert accuracy([math.nan, 1.0], [1, 1]) == accuracy([[math.nan, 1.0], [0.0, 1.0]], [1, 1]) == 0.5
    assert top_k([[math.nan, 1.0]], [1], k=2) == 0.0
    assert math.isnan(r2([math.nan, 1.0], [0.0, 1.0]))
    with pytest.raises(ValueError, match=r"confusion_matrix: predictions\[1\] is nan"):
        confusion_matrix([1.0, math.nan], [1, 1])


def test_of_equal_scores_the_first_is_the_larger() -> None:
    assert [top_k([[1.0, 1.0, 0.0]], [k], k=1) for k in range(3)] == [1.0, 0.0, 0.0]
    assert accuracy([[1.0, 1.0]], [0]) == 1.0


def test_values_are_numbers() -> None:
    assert mse([Value(3.0)], [Value(1.0)]) == 4.0
    assert accuracy([Value(3.0), [Value(-1.0)]], [1, 0]) == 1.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: mse([1.0], [1.0, 2.0]), ValueError, "mse: 1 predictions and 2 targets"),
        (lambda: r2([], []), ValueError, "r2: there are no predictions"),
        (lambda: mae([[1.0, 2.0]], [[1.0]]), ValueError, r"mae: predictions\[0\] has 2 numbers, targets\[0\] 1"),
        (lambda: mae([[1.0], [1.0, 2.0]], [[1.0], [1.0, 2.0]]), ValueError, r"mae: predictions\[1\] has 2 numbers.*row 0 1"),
        (lambda: mse(3.0, [1.0]), TypeError, "mse: predictions must be a list or an array, got float 3.0"),  # type: ignore[arg-type]
        (lambda: mse(["a"], [1.0]), TypeError, r"mse: predictions\[0\] must be a real number, got str 'a'"),
        (lambda: mse([1.0], [[None]]), TypeError, r"mse: targets\[0\]\[0\] must be a real number, got None"),
        (lambda: accuracy([0.5], [2]), ValueError, r"predictions\[0\] is a score, 0.5, whose target is 0 or 1, or -1 or 1"),
        (lambda: accuracy([0.5, 0.5], [0, -1]), ValueError, r"predictions\[0\] is a score, 0.5, .* targets\[0\] is 0;"),
        (
            lambda: accuracy([[0.5, 1.0]], [2]),
            ValueError,
            r"takes 0 … 1 as targets of 2 scores, but targets\[0\] is 2",
        ),
        (lambda: accuracy([[0.5, 1.0]], [[0, 1]]), ValueError, r"one label for each row, but targets\[0\] is \[0, 1\]"),
        (lambda: top_k([[0.5, 1.0]], [2]), ValueError, r"top_k takes a list of scores .*, got \[0.5, 1.0\] and 2 in row 0"),
        (lambda: top_k([0.5], [0]), ValueError, "top_k takes a list of scores"),
        (lambda: top_k([[0.5, 1.0]], [1], k=0), ValueError, "top_k: k must be at least 1, got 0"),
    ],
)
def test_what_cannot_be_compared_is_told(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("compiled", [True, False])
def test_fit_takes_metrics_by_name_or_as_functions(compiled: bool) -> None:
    X, y = [[k / 10.0] for k in range(20)], [k / 5.0 for k in range(20)]  # noqa: N806
    model = nn.MLP(1, [1], seed=0)
    history = nn.fit(
        model, X, y, epochs=30, lr=0.1, seed=0, metrics=["r2", nn.metrics.mae], compiled=compiled, progress=False
    )
    predictions = nn.predict(model, X)
    assert history.metrics["r2"][-1] == pytest.approx(r2(predictions, y), rel=1e-12)
    assert history.metrics["mae"][-1] == pytest.approx(mae(predictions, y), rel=1e-12)
    assert len(history.metrics["r2"]) == 30


@pytest.mark.parametrize(
    ("metrics", "error", "message"),
    [
        ("r3", ValueError, "unknown metric 'r3'; known are accuracy, mae, mse, r2, top_k"),
        ([3], TypeError, "metric must be a name or a function, got 3; known names are accuracy"),
        (3, TypeError, "metrics must be names or functions of predictions and targets, got int 3"),
    ],
)
def test_what_is_no_metric_is_refused_before_training(metrics: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nn.fit(nn.MLP(1, [1]), [[1.0]], [1.0], metrics=metrics)


def test_a_metric_that_gives_no_number_is_named() -> None:
    def best(predictions: Any, targets: Any) -> None:
        max(predictions, key=targets.count)

    with pytest.raises(TypeError, match="the metric best must give a number, got None"):
        nn.fit(nn.MLP(1, [1], seed=0), [[1.0]], [1.0], epochs=1, metrics=best, progress=False)
