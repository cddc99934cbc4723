"""``CompiledStep``: a batch's loss, gradient and predictions by machine code, a lane for every row.

>>> import nn
>>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
>>> step = CompiledStep(model, nn.mse)
>>> step.gradient(nn.Data([[1.0], [3.0]], [0.0, 6.0]))  # of w and b; None where it can't be compiled
(2.0, [2.0, 2.0])

What isn't a Value is traced once and frozen then: a random number, say, or a weight of the loss that changes between
epochs. So some rows are also computed node by node: at the beginning, whenever something was traced, and after everything
that could have changed something. Where tracing fails, or what differs is known to be frozen, there is no compiled step
from then on; where nobody can tell which of the two is right, that is an error.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import autograd
from autograd import Value
from autograd.modes.anomaly import watching
from autograd.modes.context import recording
from autograd.transforms.trees import leaves_of
from autograd.transforms.types import Scalar
from nn.agreement import NUDGE, DisagreementError, Numbers, agree, disagreement, graph_numbers
from nn.arguments import function_name
from nn.data import Data, Row, take
from nn.graphs import leaves_behind, with_parameters
from nn.losses import LossFunction, Prediction, loss_of
from nn.module import Module

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

TRIED = 8  # rows that are computed both ways
MOST_BRANCHES = 4  # of Python's ``if``s, in model and loss; each is compiled into a program of its own
MOST_LABELS = 16  # for which a loss that takes them as an index is compiled

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


class NotTraceableError(RuntimeError):
    """Why a step can't be compiled, though nothing is wrong with it."""


class CompiledStep:
    """Model and loss as programs of the parameters, a row and its target. All methods give None where that fails.

    ``labels`` are the targets where those are a few whole numbers: a loss that takes them as an index is traced for each.
    ``reason`` says why there is no compiled step. Raises DisagreementError where one can't be trusted, nor the graph.
    """

    def __init__(self, model: Module, loss: LossFunction, labels: Sequence[int] = ()):
        self.model, self.loss, self.parameters = model, loss, model.parameters()
        self.labels = labels if len(labels) <= MOST_LABELS else ()
        self.works, self.checked, self.reason = True, False, ""
        self._compile(())

    def _compile(self, labels: Sequence[int]) -> None:
        """Begin anew, with targets that are compared with each of ``labels``, or that are Values."""
        self._labels = labels
        self._traced: list[tuple[Row, float | Row]] = []  # the rows that tracing took its numbers from
        axes, branches = (None, -1, -1), MOST_BRANCHES + len(labels)
        # autograd.compile and not a name imported above: the compiler loads only now
        self._objective = autograd.compile(self._loss_of_a_row, axes, "mean", max_branches=branches)
        self._rows = autograd.compile(self._loss_and_prediction, axes, max_branches=branches)

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
            return self._checked(compute, data)
        except Exception as error:  # whatever a function may raise that meets Values where it expects numbers
            if self.labels and not self._labels:
                self._compile(self.labels)
                self.checked = False
                return self._attempt(compute, data)
            if isinstance(error, DisagreementError):
                raise
            self.works = False
            self.reason = str(error) if isinstance(error, NotTraceableError) else f"{type(error).__name__}: {error}"
            return None

    def _checked(self, compute: Callable[[], Computed], data: Data) -> Computed:
        """What ``compute`` gives, once all that was traced for it agrees with the graph."""
        sample = Data(data.X[:TRIED], data.y[:TRIED])
        if not self.checked:
            self._check(sample)
            self.checked = True
        result = compute()
        while self._traced:  # a branch that no row had taken before: check it on the row that did
            rows = [i for i, example in enumerate(zip(*data, strict=True)) if example in self._traced]
            self._check(take(data, [*rows[:TRIED], *range(len(sample.X))]))
            result = compute()
        return result

    # -- the functions that are traced -------------------------------------------------------------

    def _loss_and_prediction(
        self, numbers: Sequence[Value], row: Sequence[Value], target: Value | Sequence[Value]
    ) -> tuple[Scalar, Prediction]:
        """Loss and prediction of one row, by a twin of the model that has ``numbers`` as its parameters."""
        self._traced.append(
            ([x._number for x in row], target._number if isinstance(target, Value) else [t._number for t in target])
        )
        model, loss = with_parameters((self.model, self.loss), self.parameters, numbers)
        prediction = model(list(row))
        value = loss_of(loss, prediction, self._as_label(target))
        if not leaves_behind([value, prediction]).issuperset(numbers):
            raise NotTraceableError("some rows don't depend on all parameters")  # no gradient, which isn't 0
        return value, prediction

    def _as_label(self, target: Value | Sequence[Value]) -> Value | int | list[Value]:
        """The target; as an int where it is to be one of the labels: each comparison makes a branch of its own."""
        if isinstance(target, Value):
            return next((label for label in self._labels if target == label), target)
        return list(target)

    def _loss_of_a_row(self, numbers: Sequence[Value], row: Sequence[Value], target: Value | Sequence[Value]) -> Scalar:
        return self._loss_and_prediction(numbers, row, target)[0]

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

        rows, targets = (np.ascontiguousarray(np.array(part, dtype=float).T) for part in data)
        return np.array([parameter.data for parameter in self.parameters]), rows, targets

    # -- agreement with the graph ------------------------------------------------------------------

    def _check(self, batch: Data) -> None:
        """Raise unless loss, gradient and predictions are those of the graph, and the parameters still the model's."""
        if [id(p) for p in self.parameters] != [id(p) for p in self.model.parameters()]:
            raise NotTraceableError("the model has other parameters than at the beginning")
        compiled, graph = self._numbers(batch), graph_numbers(self.model, self.loss, self.parameters, batch)
        self._traced = []
        if not agree(compiled, graph):
            self._explain(batch, compiled, graph)

    def _numbers(self, batch: Data) -> Numbers:
        return Numbers(*self._gradient(batch), leaves_of(self._losses_and_predictions(batch)[1]))

    def _nudged(self, batch: Data) -> list[Numbers]:
        """The graph's numbers where every parameter is a little larger or smaller, six times."""
        rng, data = random.Random(0), [p.data for p in self.parameters]
        typical = math.hypot(*data) / math.sqrt(len(data))
        ways = [[rng.choice((-NUDGE, NUDGE)) * max(abs(x), typical) for x in data] for _ in range(3)]
        ways += [[-step for step in way] for way in ways]  # a kink lies between the one and the other
        return [self._twin(list(map(operator.add, data, way)), batch) for way in ways]

    def _twin(self, numbers: Sequence[float], batch: Data) -> Numbers:
        """What the graph of a twin of the model gives, with other numbers as its parameters."""
        parameters = list(map(Value, numbers))
        model, loss = with_parameters((self.model, self.loss), self.parameters, parameters)
        return graph_numbers(model, loss, parameters, batch)

    def _explain(self, batch: Data, compiled: Numbers, graph: Numbers) -> None:
        """Raise unless it is rounding: NotTraceableError where the graph is right, DisagreementError where nobody knows."""
        twins = [self._twin([p.data for p in self.parameters], batch) for _ in range(3)]  # chance may hide in one
        if not all(agree(twin, graph) for twin in twins):
            raise NotTraceableError(
                "model and loss draw random numbers, change something at each call or capture a parameter"
            )
        if agree(compiled, graph, self._nudged(batch)):
            return
        for row in (Data([x], [t]) for x, t in zip(*batch, strict=True)):
            expected = graph_numbers(self.model, self.loss, self.parameters, row)
            if not agree(self._numbers(row), expected):
                anew = CompiledStep(self.model, self.loss)
                anew._compile(self._labels)
                if agree(anew._numbers(row), expected):
                    raise NotTraceableError("a number that isn't a Value is another one at each row or between epochs")
                break
        raise disagreement(self.model, function_name(self.loss), self.parameters, compiled, graph, len(batch.y))
