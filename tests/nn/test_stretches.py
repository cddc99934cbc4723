"""Many steps in one call of machine code: the bits of steps one by one, and the same end where they can't go on."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from contextlib import nullcontext
from itertools import cycle, product
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, primitive
from nn.examples import check_examples
from nn.stretches import FEWEST, NUMBERS, Stretch, Stretches
from tests.nn.test_optimisers import MAKERS, Make
from tests.nn.test_resuming import EVERY_SCHEDULE
from tests.support import digest

pytest.importorskip("llvmlite")

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(23, 3))
Y = X[:, 0] * X[:, 1] + 0.5
LABELS = (Y > 0.5).astype(int)
WEIGHTS = DRAW.uniform(0.5, 2.0, 23).tolist()
EPOCHS = 9

Result = dict[str, Any]


class Counted:
    """How long the stretches were that were taken; of so many rows at most, however long steps take."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, allowed: bool, rows: int):
        self.lengths: list[int] = []
        take = Stretches.take

        def counted(stretches: Stretches, *arguments: Any) -> Stretch | None:
            found = take(stretches, *arguments) if allowed else None
            self.lengths += [] if found is None else [len(found.losses)]
            return found

        monkeypatch.setattr(Stretches, "take", counted)
        monkeypatch.setattr(Stretches, "rows", lambda *_: rows)


@pytest.fixture
def both_ways(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Counted]:
    """Train in stretches and step by step, and compare; gives the stretches."""

    def compare(train: Callable[[], Result], rows: int = 1000) -> Counted:
        with monkeypatch.context() as patch:
            one_by_one = Counted(patch, False, rows)
            expected = train()
            assert one_by_one.lengths == []
        with monkeypatch.context() as patch:
            counted = Counted(patch, True, rows)
            assert train() == expected
        return counted

    return compare


def state_of(model: nn.Module, optimiser: nn.Optimiser) -> Result:
    """Everything that a training changes, bit by bit."""
    gradients = [p.grad for p in model.parameters()]
    return {
        "numbers": digest(list(model.state_dict().values())),
        "gradients": digest(gradients),
        "optimiser": repr(optimiser.state_dict()),
    }


def trained(make: Make, schedule: Callable[[], Any], size: int | None, loss: str, **options: Any) -> Result:
    model = nn.MLP(3, [4, 2 if loss == "cross_entropy" else 1], "tanh", seed=1)
    optimiser, rng = make(model.parameters()), random.Random(3)
    y = LABELS if loss == "cross_entropy" else Y
    options = {"seed": rng, "compiled": True, "progress": False, **options}
    history = nn.fit(model, X, y, loss, optimiser, EPOCHS, size, schedule=schedule(), **options)
    numbers = digest([*history.loss, *history.accuracy, *history.val_loss])
    return {**state_of(model, optimiser), "history": numbers, "passes": history.passes, "rng": rng.getstate()}


SIZES = (7, None, 1, 23, 40)
CASES = list(zip(MAKERS, cycle(EVERY_SCHEDULE), cycle(SIZES), cycle((False, True, True)), strict=False))
CASES += list(zip(cycle(MAKERS), EVERY_SCHEDULE, cycle(SIZES[::-1]), cycle((True, False)), strict=False))


@pytest.mark.parametrize(("optimiser", "schedule", "size", "weighted"), CASES)
def test_stretches_give_the_bits_of_steps_one_by_one(
    both_ways: Any, optimiser: str, schedule: str, size: int | None, weighted: bool
) -> None:
    weights, loss = WEIGHTS if weighted else None, "cross_entropy" if size == 7 else "mse"
    counted = both_ways(lambda: trained(MAKERS[optimiser], EVERY_SCHEDULE[schedule], size, loss, weights=weights))
    in_an_epoch = -(-len(X) // (size or len(X)))
    alone = hasattr(EVERY_SCHEDULE[schedule](), "observe") and in_an_epoch < FEWEST
    assert alone or sum(counted.lengths) > EPOCHS * in_an_epoch - 4 - FEWEST  # the first ones compile


def of_groups(parameters: list[Value]) -> nn.Optimiser:
    groups: list[dict[str, Any]] = [
        {"params": parameters[:5], "weight_decay": 0.1},
        {"params": parameters[5:17], "lr": 0.1, "momentum": 0.5},
        {"params": parameters[17:]},
    ]
    return nn.SGD(groups, lr=0.05)


def nothing() -> None:
    return None


def test_groups_have_their_own_rules_in_a_stretch(both_ways: Any) -> None:
    counted = both_ways(lambda: trained(of_groups, nothing, 5, "mse"))
    assert max(counted.lengths) > 5


@pytest.mark.parametrize("places", [range(6, 17), [16, 3, 4, 5, 9, 0, 1], range(20, -1, -1)])
def test_an_optimiser_may_have_some_parameters_in_an_order_of_its_own(both_ways: Any, places: Any) -> None:
    def of_some(parameters: list[Value]) -> nn.Optimiser:
        return nn.Adam([parameters[k] for k in places], lr=0.05, amsgrad=True)

    counted = both_ways(lambda: trained(of_some, nothing, 5, "mse"))
    assert max(counted.lengths) > 5


def test_what_is_frozen_stays_in_a_stretch(both_ways: Any) -> None:
    def train() -> Result:
        model = nn.MLP(3, [4, 4, 1], "tanh", seed=1)
        optimiser = nn.Adam(model.parameters(), lr=0.05)
        parts = []
        choices: list[list[nn.Module]] = [[], [model.layers[1]], [model.layers[0], model.layers[2].neurons[0]], []]
        for frozen in choices:
            for part in frozen:
                part.freeze()
            nn.fit(model, X, Y, "mse", optimiser, 6, 5, True, seed=1, progress=False)
            parts.append(state_of(model, optimiser))
            for part in frozen:
                part.unfreeze()
        return {"parts": parts}

    assert max(both_ways(train).lengths) > 5


def test_validation_and_callbacks_see_every_epoch(both_ways: Any) -> None:
    def train() -> Result:
        seen: list[Any] = []
        model = nn.MLP(3, [4, 1], "tanh", seed=1)
        optimiser = nn.Adam(model.parameters(), lr=0.05)

        def look(epoch: int, history: nn.History) -> None:
            seen.append((epoch, history.last(), optimiser.steps, optimiser.epochs, digest(model.state_dict().values())))

        options: dict[str, Any] = {"validation": 0.3, "metrics": "mae", "callbacks": [look], "progress": False}
        history = nn.fit(model, X, Y, "mse", optimiser, 8, 4, True, seed=1, **options)
        return {**state_of(model, optimiser), "seen": seen, "history": history.series()}

    assert max(both_ways(train).lengths) > 1


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("end", [None, 25])
def test_noise_is_that_of_steps_one_by_one(both_ways: Any, weights: Any, end: int | None) -> None:
    def train() -> Result:
        model = nn.Sequential(nn.Noise(0.1), nn.Dropout(0.2), nn.MLP(3, [4, 1], "tanh", seed=1))
        trainer = nn.Trainer(model, "mse", "sgd", schedule=lambda step: 1e200 if step == end else 0.01, compiled=True)
        options: dict[str, Any] = {"batch_size": 4, "weights": weights, "seed": 3, "progress": False, "trainer": trainer}
        with nullcontext() if end is None else pytest.raises(FloatingPointError):
            nn.fit(model, X, Y, epochs=8, **options)
        assert trainer._noise is not None
        following: Any = trainer._noise.draw(2)
        return {**state_of(model, trainer.optimiser), "next": digest(following.ravel())}

    assert max(both_ways(train).lengths) >= 3


# -- where steps can't go on ---------------------------------------------------------------------------------


def ended(rate: Callable[[int], float], size: int, epochs: int = 30) -> Result:
    """How a training ends that can't go on."""
    model = nn.MLP(3, [4, 1], "relu", seed=1)
    optimiser, rng = nn.SGD(model.parameters(), lr=0.01), random.Random(5)
    with pytest.raises(Exception, match=".") as error:
        nn.fit(model, X, Y, "mse", optimiser, epochs, size, True, schedule=rate, seed=rng, progress=False)
    history = vars(error.value)["history"]
    said = type(error.value).__name__, str(error.value), error.value.__notes__, digest(history.loss), history.passes
    return {**state_of(model, optimiser), "said": said, "rng": rng.getstate()}


@pytest.mark.parametrize("size", [4, 23])
def test_a_number_that_is_not_finite_ends_a_stretch_before_it(both_ways: Any, size: int) -> None:
    def exploding(step: int) -> float:
        return 1e200 if step == 25 else 0.01

    counted = both_ways(lambda: ended(exploding, size))
    assert 24 >= sum(counted.lengths) > 15
    assert "inf" in ended(exploding, size)["said"][1]


def test_a_schedule_that_raises_does_so_at_its_own_step(both_ways: Any) -> None:
    def raising(step: int) -> float:
        if step == 20:
            raise LookupError("no rate for this step")
        return 0.01

    counted = both_ways(lambda: ended(raising, 4))
    assert sum(counted.lengths) > 10
    assert ended(raising, 4)["said"][:2] == ("LookupError", "no rate for this step")


class Interrupting:
    """Raises as Ctrl-C does where the machine code of a stretch has just run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        from autograd.compiler import descent

        self.calls, self.descend = 0, descent.descend
        monkeypatch.setattr(descent, "descend", self)

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        found = self.descend(*arguments)
        if self.calls == 12:
            raise KeyboardInterrupt
        return found


def test_an_interrupted_stretch_leaves_all_as_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def train(epochs: int) -> tuple[nn.History, Result, int]:
        model = nn.MLP(3, [4, 1], "tanh", seed=1)
        optimiser, rng = nn.Adam(model.parameters()), random.Random(2)
        monkeypatch.setattr(Stretches, "rows", lambda *_: 2 * len(X))  # two epochs
        history = nn.fit(model, X, Y, "mse", optimiser, epochs, 5, True, seed=rng, progress=False)
        return history, {**state_of(model, optimiser), "loss": history.loss, "rng": rng.getstate()}, optimiser.epochs

    with monkeypatch.context() as patch:
        Interrupting(patch)
        history, state, epochs = train(100)
    assert history.interrupted
    assert 10 < epochs == len(history.loss) < 30
    _, expected, _ = train(epochs)
    assert state.pop("rng") != expected.pop("rng")  # the order of the epoch that was begun has been drawn
    assert state == expected


# -- what isn't plain goes step by step ------------------------------------------------------------------------


def through_python() -> nn.Module:
    cube = primitive(lambda _, x: 3.0 * x * x)(lambda x: x**3)

    class Cubic(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.MLP(3, [1], seed=1)

        def __call__(self, x: Any) -> Any:
            return cube(self.inner(x))

    return Cubic()


def branching() -> nn.Module:
    class Branching(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.MLP(3, [1], seed=1)

        def __call__(self, x: Any) -> Any:
            return self.inner(x) if x[0] > 0.0 else 2.0 * self.inner(x)

    return Branching()


def cut(model: nn.Module) -> nn.Optimiser:
    return nn.SGD(model.parameters(), lr=0.01, clip_norm=0.1)


def plain(model: nn.Module) -> nn.Optimiser:
    return nn.SGD(model.parameters(), lr=0.01)


def whole() -> nn.Module:
    return nn.MLP(3, [1], seed=1)


OTHERS = [(through_python, plain), (branching, plain), (whole, cut)]


@pytest.mark.parametrize(("model_of", "optimiser_of"), OTHERS)
def test_what_is_not_plain_goes_step_by_step(both_ways: Any, model_of: Any, optimiser_of: Any) -> None:
    def train() -> Result:
        model = model_of()
        optimiser = optimiser_of(model)
        history = nn.fit(model, X, Y, "mse", optimiser, 5, 7, True, seed=1, progress=False)
        return {**state_of(model, optimiser), "loss": history.loss, "compiled": history.compiled}

    assert both_ways(train).lengths == []
    assert train()["compiled"]


@pytest.mark.parametrize("threads", [1, 2])
def test_large_batches_go_one_by_one_where_threads_share_them(
    threads: int, both_ways: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograd.compiler.runtime.kernel.TASK", 500)
    monkeypatch.setattr("autograd.compiler.runtime.kernel.FEWEST", 8)
    monkeypatch.setattr("autograd.compiler.specialisation.default_threads", lambda: threads)
    counted = both_ways(lambda: trained(MAKERS["adam"], nothing, 23, "mse"))
    assert bool(counted.lengths) == (threads == 1)


def test_epochs_are_checked_against_the_graph_as_often_as_before(both_ways: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.MLP(3, [2, 1], seed=1)

        def __call__(self, x: Any) -> Any:
            return self.inner(x)

    def train() -> Result:
        checked: list[int] = []
        trainer = nn.Trainer(Own(), "mse", "sgd", lr=0.01, compiled=True)
        recheck = nn.Trainer.recheck

        def counted(self: nn.Trainer) -> None:
            checked.append(self.optimiser.epochs)
            recheck(self)

        with monkeypatch.context() as patch:
            patch.setattr(nn.Trainer, "recheck", counted)
            nn.fit(trainer.model, X, Y, epochs=40, batch_size=8, seed=1, progress=False, trainer=trainer)
        return {**state_of(trainer.model, trainer.optimiser), "checked": checked}

    assert max(both_ways(train).lengths) > 8
    assert train()["checked"] == [0, 1, 2, 4, 8, 16, 32]


def test_a_stretch_has_the_rows_of_30_ms_by_the_last_time() -> None:
    trainer = nn.Trainer(nn.MLP(3, [2, 1], seed=1), "mse", "sgd", compiled=True)
    assert trainer.epochs_at_once(check_examples(X, Y)) == 1
    trainer.step(X, Y)
    stretches = trainer._stretches
    assert stretches is not None
    assert stretches.rows(3) == 1  # nobody knows
    rows = []
    for seconds in (1e-3, 1.0, 1e-9, 3e-3):
        stretches.took(seconds, 100)
        rows.append(stretches.rows(3))
    assert rows == pytest.approx([3000, 3, NUMBERS // 3, 1000], abs=1)
    assert trainer.epochs_at_once(check_examples(X, Y)) == rows[-1] // 23


def test_an_epoch_may_be_several_stretches(both_ways: Any) -> None:
    counted = both_ways(lambda: trained(MAKERS["adam"], EVERY_SCHEDULE["Cosine"], 1, "mse"), rows=7)
    assert max(counted.lengths) == 7
    assert sum(counted.lengths) > EPOCHS * (len(X) - FEWEST) - 4


def test_nothing_is_left_to_the_collector() -> None:
    model = nn.MLP(3, [4, 1], seed=1)
    trainer = nn.Trainer(model, "mse", "adam", compiled=True)
    options: dict[str, Any] = {"batch_size": 4, "seed": 1, "progress": False, "trainer": trainer}
    left: list[int] = []
    gc.disable()
    try:
        for _ in range(4):
            nn.fit(model, X, Y, epochs=5, **options)
            left.append(gc.collect())
        assert left[-1] == 0  # at first also what compiling and other tests have left
    finally:
        gc.enable()


def test_optimisers_and_schedules_are_all_tried() -> None:
    assert {case[0] for case in CASES} == set(MAKERS)
    assert {case[1] for case in CASES} == set(EVERY_SCHEDULE)
    assert set(product(SIZES)) == {(case[2],) for case in CASES}
