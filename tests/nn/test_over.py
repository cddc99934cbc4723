"""Training over an executor: the same numbers to the last bit, and errors that don't hide."""

import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value
from nn.compiled_step import CompiledStep

pytest.importorskip("llvmlite")

RNG = np.random.default_rng(3)
ROWS = 9_000
X = RNG.normal(size=(ROWS, 20))
Y = (X @ RNG.normal(size=20) > 0).astype(int)


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def by_branches(prediction: Value, target: Value) -> Value:
    """Huber's loss, by Python's if; here, so that workers find it."""
    error = prediction - target
    if error > 1.0:
        return 2.0 * error - 1.0
    return error * error


def trained(loss: Any = "binary_cross_entropy_with_logits", batch_size: int | None = 8_000, **options: Any) -> Any:
    model = nn.MLP(20, [64, 1], seed=0)
    history = nn.fit(
        model, X, Y, loss, "adam", 2, batch_size, True, lr=0.01, seed=0, progress=False, validation=0.01, **options
    )
    return [p.data for p in model.parameters()], history.loss, history.val_loss


@pytest.mark.parametrize(
    "options",
    [{}, {"weights": RNG.uniform(0.1, 1.0, ROWS)}, {"batch_size": None}, {"batch_size": 3_000}, {"loss": by_branches}],
    ids=["batches", "weights", "all rows", "one task", "branches"],
)
def test_fit_gives_the_same_bits_over_threads(options: dict[str, Any], threads: ThreadPoolExecutor) -> None:
    assert trained(**options, over=threads) == trained(**options)


def test_fit_gives_the_same_bits_over_processes_and_branches_of_workers_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked: list[int] = []
    check = CompiledStep._check

    def counted(self: CompiledStep, numbers: Any, examples: Any, some: Any, noise: Any) -> None:
        checked.extend(some)
        check(self, numbers, examples, some, noise)

    expected = trained(by_branches)
    monkeypatch.setattr(CompiledStep, "_check", counted)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert trained(by_branches, over=pool) == expected
    assert any(row >= 4_000 for row in checked)  # of the second worker's shard


def test_a_trainer_takes_steps_over_an_executor(threads: ThreadPoolExecutor) -> None:
    losses = []
    for over in (None, threads):
        model = nn.MLP(20, [64, 1], seed=0)
        trainer = nn.Trainer(model, "mse", "sgd", lr=0.1, over=over)
        losses.append([trainer.step(X, Y) for _ in range(3)])
        assert trainer.compiled
    assert losses[0] == losses[1]
    assert pickle.loads(pickle.dumps(trainer)).over is None


def test_an_executor_that_is_shut_down_is_an_error_and_no_reason_to_go_row_by_row() -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(RuntimeError, match="takes no calls any more"):
        trained(over=pool)


def test_a_loss_that_cannot_be_sent_is_an_error() -> None:
    generator = (k for k in range(2))
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    with pytest.raises(TypeError, match="can't be sent to other processes"):
        trained(lambda p, t: (p - t) ** 2 * len([generator]), over=pool)
    pool.shutdown()


@pytest.mark.parametrize("options", [{"over": 4}, {"compiled": False}, {"gradient": "nudging"}])
def test_over_needs_an_executor_compiled_steps_and_the_chain_rule(
    options: dict[str, Any], threads: ThreadPoolExecutor
) -> None:
    with pytest.raises(ValueError, match="over must be an executor, and needs compiled steps and the chain rule"):
        nn.Trainer(nn.MLP(2, [1], seed=0), **{"over": threads, **options})


def test_a_trainer_that_is_given_has_its_own_executor(threads: ThreadPoolExecutor) -> None:
    model = nn.MLP(20, [2, 1], seed=0)
    with pytest.raises(ValueError, match=r"over goes to nn.Trainer\(…\)"):
        nn.fit(model, X, Y, trainer=nn.Trainer(model), over=threads)
