"""``CompiledStep``: a batch's loss, gradient and predictions by machine code, a lane for every row.

>>> import nn
>>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
>>> step = CompiledStep(model, nn.mse)
>>> step.gradient(nn.Data([[1.0], [3.0]], [0.0, 6.0]))  # of w and b; None where it can't be compiled
(2.0, [2.0, 2.0])

What isn't a Value is traced once and frozen then: a random number, say, or a weight of the loss that changes between
epochs. So the first rows of a batch are also computed node by node, at the beginning and after everything that could
have changed something. Where the two differ, or tracing fails, there is no compiled step from then on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, TypeVar

import autograd
from autograd import Value, gradient, mean
from autograd.modes.anomaly import watching
from autograd.modes.context import recording
from autograd.transforms.trees import leaves_of
from autograd.transforms.types import Scalar
from nn.data import Data, Row
from nn.losses import LossFunction, Prediction
from nn.module import Module

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

TRIED = 8  # rows that are computed both ways
CLOSE, ROUNDING = 1e-7, 1e-12  # tolerances of that comparison: of each number, and of the largest
MOST_BRANCHES = 4  # of Python's ``if``s, in model and loss; each is compiled into a program of its own

# Compiling costs 0.2 s for llvmlite's import and about what some hundred rows cost; a row costs 1 µs a parameter.
ROWS_TO_COMPILE = 1_000
LEAST_WORK = 200_000

Computed = TypeVar("Computed")


def pays(rows: int, parameters: int) -> bool:
    """Whether compiling takes less time than it saves, for that many rows in all epochs together.

    >>> pays(100 * 100, 337), pays(4 * 100, 33)
    (True, False)
    """
    return (rows - ROWS_TO_COMPILE) * parameters >= LEAST_WORK


def installed() -> bool:
    """Whether the packages are there that compiling needs."""
    try:
        import llvmlite  # noqa: F401
        import numpy  # noqa: F401
    except ImportError:
        return False
    return True


class CompiledStep:
    """Model and loss as programs of the parameters, a row and its target. All methods give None where that fails."""

    def __init__(self, model: Module, loss: LossFunction):
        self.model, self.loss, self.parameters = model, loss, model.parameters()
        self.works, self.checked = True, False
        axes = (None, -1, -1)  # autograd.compile and not a name imported above: the compiler loads only now
        self._objective = autograd.compile(self._loss_of_a_row, axes, "mean", max_branches=MOST_BRANCHES)
        self._rows = autograd.compile(self._row, axes, max_branches=MOST_BRANCHES)

    def gradient(self, batch: Data) -> tuple[float, list[float]] | None:
        """The batch's mean loss, and its gradient by ``parameters``."""
        return self._attempt(lambda: self._gradient(batch), batch)

    def rows(self, data: Data) -> tuple[list[float], list[float | Row]] | None:
        """The loss and the prediction of every row."""
        return self._attempt(lambda: self._losses_and_predictions(data), data)

    def recheck(self) -> None:
        """Compare with the graph again before the next use: something may have changed."""
        self.checked = False

    def _attempt(self, compute: Callable[[], Computed], data: Data) -> Computed | None:
        if not self.works or watching() or not recording():
            return None
        try:
            self.works = self.checked = self.checked or self._agrees(Data(data.X[:TRIED], data.y[:TRIED]))
            return compute() if self.works else None
        except Exception:  # whatever a function may raise that meets Values where it expects numbers
            self.works = False
            return None

    # -- the functions that are traced -------------------------------------------------------------

    def _row(
        self, numbers: Sequence[Value], row: Sequence[Value], target: Value | Sequence[Value]
    ) -> tuple[Scalar, Prediction]:
        """Loss and prediction of one row, by a twin of the model that has ``numbers`` as its parameters."""
        twins = {id(parameter): x for parameter, x in zip(self.parameters, numbers, strict=True)}
        model, loss = deepcopy((self.model, self.loss), twins)
        prediction = model(list(row))
        return loss(prediction, target if isinstance(target, Value) else list(target)), prediction

    def _loss_of_a_row(self, numbers: Sequence[Value], row: Sequence[Value], target: Value | Sequence[Value]) -> Scalar:
        return self._row(numbers, row, target)[0]

    # -- batches -----------------------------------------------------------------------------------

    def _gradient(self, batch: Data) -> tuple[float, list[float]]:
        value, gradient = self._objective.value_and_grad(*self._arguments(batch))
        return float(value), gradient.tolist()

    def _losses_and_predictions(self, data: Data) -> tuple[list[float], list[float | Row]]:
        losses, predictions = self._rows(*self._arguments(data))
        if isinstance(predictions, list | tuple):
            return losses.tolist(), [list(row) for row in zip(*(column.tolist() for column in predictions), strict=True)]
        return losses.tolist(), predictions.tolist()

    def _arguments(self, data: Data) -> tuple[NDArray[float64], NDArray[float64], NDArray[float64]]:
        """The parameters' numbers, and the data with the rows along the last axis."""
        import numpy as np

        rows, targets = (np.ascontiguousarray(np.array(part).T) for part in data)
        return np.array([parameter.data for parameter in self.parameters]), rows, targets

    def _agrees(self, batch: Data) -> bool:
        """Whether loss, gradient and predictions are those of the graph, and the parameters still the model's."""
        if [id(p) for p in self.parameters] != [id(p) for p in self.model.parameters()]:
            return False
        predictions = [self.model(x) for x in batch.X]
        losses = [self.loss(prediction, t) for prediction, t in zip(predictions, batch.y, strict=True)]
        value = mean(losses)
        assert isinstance(value, Value)
        expected = [float(value), *gradient(value, self.parameters)]
        (loss, partials), (_, outputs) = self._gradient(batch), self._losses_and_predictions(batch)
        return _close([loss, *partials], expected) and _close(leaves_of(outputs), leaves_of(predictions))


def _close(actual: Sequence[float], expected: Sequence[Scalar]) -> bool:
    """Whether all numbers agree; small ones may differ by a rounding error of the largest."""
    numbers = list(map(float, expected))
    largest = max(map(abs, numbers))
    pairs = zip(actual, numbers, strict=True)
    return all(math.isclose(a, b, rel_tol=CLOSE, abs_tol=ROUNDING * largest) for a, b in pairs)
