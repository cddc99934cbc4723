"""Early stopping: which numbers are better, and when it is enough."""

from __future__ import annotations

from typing import Any

import pytest

import nn
from nn.history import History


def stopped_at(stopping: nn.EarlyStopping, name: str, numbers: list[float]) -> int | None:
    """The epoch in which it stops a training with these numbers."""
    for epoch in range(1, len(numbers) + 1):
        seen: Any = numbers[:epoch]
        known = {name: seen} if name in vars(History()) else {"metrics": {name: seen}}
        if stopping(epoch, History(**known)):
            return epoch
    return None


FALLING, RISING = [4.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("name", "better", "worse"),
    [(name, FALLING, RISING) for name in ("loss", "val_loss", "mae", "mse")]
    + [(name, RISING, FALLING) for name in ("accuracy", "val_accuracy", "r2", "of my own")],
)
def test_losses_and_errors_are_better_the_smaller_other_metrics_the_larger(
    name: str, better: list[float], worse: list[float]
) -> None:
    stopping = nn.EarlyStopping(patience=2, monitor=name)
    assert stopped_at(stopping, name, better) is None
    assert (stopping.best, stopping.best_epoch) == (better[-1], 4)
    assert stopped_at(nn.EarlyStopping(patience=2, monitor=name), name, worse) == 3


@pytest.mark.parametrize(("mode", "falling", "rising"), [("min", None, 3), ("max", 3, None)])
def test_a_mode_says_which_is_better(mode: Any, falling: int | None, rising: int | None) -> None:
    for numbers, end in ((FALLING, falling), (RISING, rising)):
        assert stopped_at(nn.EarlyStopping(patience=2, monitor="of my own", mode=mode), "of my own", numbers) == end


def test_what_is_no_mode_is_refused() -> None:
    mode: Any = "least"
    with pytest.raises(ValueError, match="mode must be 'min' or 'max', got 'least'"):
        nn.EarlyStopping(mode=mode)


def test_a_small_gain_does_not_count() -> None:
    assert stopped_at(nn.EarlyStopping(patience=2, monitor="loss", min_delta=0.5), "loss", [2.0, 1.8, 1.6, 1.4]) == 3
    assert stopped_at(nn.EarlyStopping(patience=2, monitor="r2", min_delta=0.5), "r2", [0.1, 0.3, 0.5, 0.7]) == 3


def test_a_single_callback_needs_no_list() -> None:
    model = nn.MLP(1, [1], seed=0)
    history = nn.fit(model, [[1.0]], [1.0], epochs=9, callbacks=lambda epoch, history: epoch == 3, progress=False)
    assert len(history.loss) == 3
