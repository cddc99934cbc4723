"""``Course``: the batches of some epochs over the same examples, and how far training has come with them.

>>> from nn.examples import check_examples
>>> course = Course(check_examples([[1.0], [2.0], [3.0]], [0.0, 1.0, 2.0]), [[2, 0, 1], [0, 1, 2]], 2)
>>> course.sizes, course.ahead(2).lists.X
([2, 1, 2, 1], [[3.0], [1.0], [2.0]])
>>> course.progress = course.after([0.5, 0.25], [1.0, 0.0], [2.0, 1.0])
>>> course.batch, course.progress.completed
(1, [EpochResult(loss=0.4166666666666667, accuracy=0.6666666666666666)])
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from nn.examples import Examples


class StepResult(NamedTuple):
    """The mean loss of a batch, the share of rows that are right, and how much the batch counts."""

    loss: float
    right: float
    weight: float


class EpochResult(NamedTuple):
    """The mean loss of an epoch's rows, each before the update by its batch, and the share of right ones, or None."""

    loss: float
    accuracy: float | None


class Sums(NamedTuple):
    """Of the batches of an epoch: losses times weights, weights, right rows, rows."""

    losses: float = 0.0
    weights: float = 0.0
    right: float = 0.0
    rows: int = 0

    def plus(self, loss: float, right: float, weight: float, rows: int) -> Sums:
        """With one batch more."""
        return Sums(self.losses + loss * weight, self.weights + weight, self.right + right * rows, self.rows + rows)

    def result(self, has_accuracy: bool) -> EpochResult:
        """The means."""
        return EpochResult(self.losses / self.weights, self.right / self.rows if has_accuracy else None)


class Progress(NamedTuple):
    """How many batches are done, the sums of the epoch that is under way, and the results of those before."""

    done: int = 0
    sums: Sums = Sums()
    completed: Sequence[EpochResult] = ()


class Course:
    """Batches of ``size`` rows, None for all, the last maybe short; ``orders`` are those of the rows in each epoch."""

    def __init__(self, examples: Examples, orders: Sequence[Sequence[int]], size: int | None, has_accuracy: bool = True):
        self.examples, self.has_accuracy, self.progress = examples, has_accuracy, Progress()
        self.order, rows = _joined(orders), len(orders[0])
        step = size or rows
        epoch = [step] * (rows // step) + [rows % step] * (rows % step > 0)
        self.sizes, self.in_an_epoch = epoch * len(orders), len(epoch)
        self._starts = [0, *accumulate(self.sizes)]

    @property
    def left(self) -> int:
        """How many batches are still to come."""
        return len(self.sizes) - self.progress.done

    @property
    def batch(self) -> int:
        """The number of the next one in its epoch, from 1."""
        return self.progress.done % self.in_an_epoch + 1

    def sizes_in(self, rows: int) -> list[int]:
        """Those of the next batches that have so many rows together; at least one."""
        first = self.progress.done
        last = bisect_right(self._starts, self._starts[first] + rows) - 1
        return self.sizes[first : max(first + 1, last)]

    def ahead(self, batches: int) -> Examples:
        """The examples of the next batches, in their order."""
        first = self.progress.done
        return self.examples.part(self.order[self._starts[first] : self._starts[first + batches]])

    def after(self, losses: Sequence[float], rights: Sequence[float], weights: Sequence[float]) -> Progress:
        """The progress when steps have given these numbers."""
        done, sums, completed = self.progress.done, self.progress.sums, list(self.progress.completed)
        for each in zip(losses, rights, weights, self.sizes[done:], strict=False):
            sums, done = sums.plus(*each), done + 1
            if done % self.in_an_epoch == 0:
                completed.append(sums.result(self.has_accuracy))
                sums = Sums()
        return Progress(done, sums, completed)


def _joined(orders: Sequence[Sequence[int]]) -> Sequence[int]:
    """One order after the other."""
    if len(orders) == 1:
        return orders[0]
    if hasattr(orders, "ravel"):
        joined: Sequence[int] = orders.ravel()
        return joined
    return [k for order in orders for k in order]
