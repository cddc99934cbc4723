"""What is called after every epoch of a training, and may stop it.

A callback is a function of the epoch's number, from 1, and the history; a result of True ends the training. One with
``begin(model)`` is told first what is trained, one with ``end(history)`` at last, whatever ended the training.

>>> import nn
>>> def stop_at_a_tenth(epoch, history):
...     return history.loss[-1] < 0.1
>>> model = nn.MLP(1, [1], seed=0)
>>> history = nn.fit(model, [[0.0], [1.0]], [0.0, 4.0], epochs=500, lr=0.05, progress=False, callbacks=[stop_at_a_tenth])
>>> history.loss[-1] < 0.1 <= history.loss[-2]
True
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

from nn.arguments import integer, real
from nn.history import History
from nn.metrics import ERRORS
from nn.module import Module

Callback: TypeAlias = Callable[[int, History], Any]


class EarlyStopping:
    """Ends a training that no longer gets better, and gives the model the parameters that were the best.

    >>> import nn
    >>> stopping = EarlyStopping(patience=5)
    >>> model = nn.MLP(1, [4, 1], "tanh", seed=0)
    >>> X = [[x / 10] for x in range(20)]
    >>> history = nn.fit(model, X, [x * x for (x,) in X], epochs=2000, lr=0.1, validation=0.3, seed=0, progress=False,
    ...                  callbacks=[stopping])
    >>> len(history.loss) == stopping.best_epoch + 5 < 2000
    True

    patience:     so many epochs without a better number end the training.
    restore_best: give the model the parameters of the best epoch; else it keeps those of the last.
    monitor:      "val_loss", "loss", "val_accuracy", "accuracy" or the name of a metric; by itself the validation's loss,
                  or the training's where nothing is held out.
    min_delta:    by so much a number must be better to count.
    mode:         "min" or "max": whether a smaller or a larger number is better. By itself smaller for losses and nn's
                  metrics ``mae`` and ``mse``, larger for accuracies and all other metrics.

    ``best`` and ``best_epoch`` say what was reached. Raises ValueError for a patience below 1 and another mode, and in
    training where there is no such number.
    """

    only_reads = True  # in training; so compiled steps needn't be compared with the graph again after each epoch

    def __init__(
        self,
        patience: int = 10,
        restore_best: bool = True,
        monitor: str | None = None,
        min_delta: float = 0.0,
        mode: Literal["min", "max"] | None = None,
    ):
        self.patience, self.restore_best, self.mode = integer("patience", patience, 1), restore_best, mode
        if mode not in (None, "min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', got {mode!r}")
        self.monitor, self.min_delta = monitor, real("min_delta", min_delta)
        self._model: Module | None = None
        self._forget()

    def _forget(self) -> None:
        self.best, self.best_epoch, self._first = math.nan, 0, 0
        self._numbers: list[float] = []

    def begin(self, model: Module) -> None:
        """A training of this model begins."""
        self._model = model
        self._forget()

    def __call__(self, epoch: int, history: History) -> bool:
        """Whether to stop."""
        self._first = self._first or epoch
        name = self.monitor or ("val_loss" if history.val_loss else "loss")
        numbers = history.series().get(name)
        if not numbers:
            known = ", ".join(history.series())
            raise ValueError(f"EarlyStopping: the history has no {name!r} to monitor; it has {known}")
        sign = 1.0 if (self.mode == "min" if self.mode else name.endswith("loss") or name in ERRORS) else -1.0
        if not self.best_epoch or sign * numbers[-1] < sign * self.best - self.min_delta:
            self.best, self.best_epoch = numbers[-1], epoch
            if self.restore_best and self._model is not None:
                self._numbers = [parameter.data for parameter in self._model.parameters()]
        return epoch - self.best_epoch >= self.patience

    def end(self, history: History) -> None:  # noqa: ARG002
        """The training has ended."""
        if self._model is not None and self._numbers:
            for parameter, number in zip(self._model.parameters(), self._numbers, strict=True):
                parameter.data = number
        self._model = None

    def __repr__(self) -> str:
        return f"EarlyStopping(patience={self.patience}, restore_best={self.restore_best})"


class Callbacks:
    """Several callbacks as one."""

    def __init__(self, callbacks: Sequence[Callback]):
        for each in callbacks:
            if not callable(each):
                raise TypeError(f"fit: a callback must be a function of the epoch and the history, got {each!r:.60}")
        self.callbacks = callbacks

    @property
    def may_change(self) -> bool:
        """Whether one of them may change what the loss reads; those with ``only_reads`` don't."""
        return not all(getattr(each, "only_reads", False) for each in self.callbacks)

    def begin(self, model: Module) -> None:
        """Tell those that want to know what is trained."""
        for each in self.callbacks:
            getattr(each, "begin", lambda _: None)(model)

    def __call__(self, epoch: int, history: History) -> bool:
        """Whether one of them wants to stop; all are called."""
        answers = [each(epoch, history) for each in self.callbacks]
        return any(answer is True for answer in answers)

    def end(self, history: History) -> None:
        """Tell those that want to know that it is over."""
        for each in self.callbacks:
            getattr(each, "end", lambda _: None)(history)
