"""L-BFGS: what it minimises, what it keeps and where it ends. Estimators that train by it: test_estimators.py."""

from typing import Any

import numpy as np
import pytest

import nn

pytest.importorskip("scipy")

from nn.lbfgs import minimised

ROWS = [[x / 10] for x in range(-10, 11)]
TARGETS = [3.0 * x - 1.0 for (x,) in ROWS]


def line(**options: Any) -> Any:
    return nn.objective(nn.MLP(1, [1], seed=0), ROWS, TARGETS, **options)


def test_without_decay_it_is_least_squares_and_the_model_has_the_numbers() -> None:
    f = line()
    losses = minimised(f, [0.0, 0.0], iterations=100, calls=100, tol=1e-9)
    assert list(f.model.state_dict().values()) == pytest.approx([3.0, -1.0], abs=1e-7)
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] == f(f.x0)


def test_decay_pulls_its_parameter_alone() -> None:
    f = line()
    minimised(f, [0.5, 0.0], iterations=100, calls=100, tol=1e-9)
    square = np.mean(np.square(ROWS))
    assert list(f.model.state_dict().values()) == pytest.approx([3.0 * square / (square + 0.25), -1.0], abs=1e-7)


def test_a_loss_that_is_not_finite_is_an_error_and_the_model_stays() -> None:
    f = line(loss=lambda y, t: (y - t).log())
    before = f.model.state_dict()
    with pytest.raises(FloatingPointError, match="L-BFGS: the loss is nan; .* scaled ones"):
        minimised(f, [0.0, 0.0], iterations=100, calls=100, tol=1e-9)
    assert f.model.state_dict() == before
