"""A training in parts, saved and loaded between them, is the training in one go to the last bit."""

import random
from collections.abc import Callable, Sequence
from itertools import cycle, product
from pathlib import Path
from typing import Any

import pytest

import nn
from nn.schedules import SCHEDULES, Constant, Cosine, Exponential, Linear, MultiStep, OneCycle, Plateau, StepDecay, Warmup
from tests.support import digest

PARTS = ([100], [50, 50], [37, 60, 3])
RNG = random.Random(0)
X = [[RNG.uniform(-1.0, 1.0), RNG.uniform(-1.0, 1.0)] for _ in range(5)]
Y = [x * y for x, y in X]

Make = Callable[[], Any]
EVERY_SCHEDULE: dict[str, Make] = {
    "none": lambda: None,
    "function": lambda: lambda step: 0.1 / (1.0 + 0.01 * step),
    "Constant": lambda: Constant(0.02),
    "StepDecay": lambda: StepDecay(0.05, step_size=40),
    "MultiStep": lambda: MultiStep(0.05, [30, 111]),
    "Exponential": lambda: Exponential(0.05, gamma=0.99),
    "Linear": lambda: Linear(0.05, total_iters=120),
    "Cosine": lambda: Cosine(0.05, T_max=150),
    "OneCycle": lambda: OneCycle(0.1, total_steps=200),
    "Warmup": lambda: Warmup(Plateau(0.1, factor=0.5, patience=2), steps=60),
    "Plateau": lambda: Plateau(0.1, factor=0.7, patience=1, cooldown=1),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "sgd": {"momentum": 0.9, "nesterov": True, "lr": 0.01},
    "adam": {"amsgrad": True, "clip_norm": 0.5},
    "rmsprop": {"centered": True, "momentum": 0.5},
    "adagrad": {"lr_decay": 0.01},
}


def trained(
    parts: Sequence[int], make: Callable[[nn.Module], nn.Optimiser], schedule: Make, folder: Path, **options: Any
) -> list[str]:
    """Bits of the losses, the parameters and the optimiser's state after a training in parts; before each it is loaded."""
    model, losses, ways = nn.MLP(2, [3, 1], "tanh", seed=1), list[float](), set[bool]()
    mine = schedule()
    state = nn.Checkpoint(model, optimiser=make(model), schedule=mine)
    for epochs in parts:
        given = mine if getattr(mine, "__name__", "") == "<lambda>" else None  # what a file can't build
        state = nn.load(nn.save(folder / "state", state), schedule=given)
        history = nn.fit(
            state.model, X, Y, "mse", state.optimiser, epochs, 3, schedule=state.schedule, seed=7, progress=False, **options
        )
        losses += history.loss
        ways.add(history.compiled)
    assert ways == {bool(options["compiled"])}
    numbers = [losses, list(state.state_dict().values())]
    return [*map(digest, numbers), repr(state.optimiser.state_dict()), repr(state.schedule)[:20]]


def of_kind(name: str) -> Callable[[nn.Module], nn.Optimiser]:
    """What makes an optimiser of that name, with options of its own."""
    return lambda model: nn.OPTIMISERS[name](model.parameters(), **OPTIONS.get(name, {}))


def assert_same(make: Callable[[nn.Module], nn.Optimiser], schedule: Make, folder: Path, **options: Any) -> None:
    one, *others = [trained(parts, make, schedule, folder, **options) for parts in PARTS]
    assert others == [one, one]


@pytest.mark.parametrize(("optimiser", "schedule"), list(product(nn.OPTIMISERS, EVERY_SCHEDULE)))
def test_number_by_number_parts_make_the_whole(optimiser: str, schedule: str, tmp_path: Path) -> None:
    assert_same(of_kind(optimiser), EVERY_SCHEDULE[schedule], tmp_path, compiled=False)


@pytest.mark.parametrize(("optimiser", "schedule"), list(zip(cycle(nn.OPTIMISERS), EVERY_SCHEDULE, strict=False)))
def test_compiled_parts_make_the_whole(optimiser: str, schedule: str, tmp_path: Path) -> None:
    pytest.importorskip("llvmlite")
    assert_same(of_kind(optimiser), EVERY_SCHEDULE[schedule], tmp_path, compiled=True)


def test_all_schedules_are_tried() -> None:
    assert set(SCHEDULES) <= set(EVERY_SCHEDULE)


def of_groups(model: Any) -> nn.Optimiser:
    groups: list[dict[str, Any]] = [
        {"params": model.layers[1].parameters(), "lr": 0.5, "weight_decay": 0.1},
        {"params": model.layers[0].parameters()},
    ]
    return nn.SGD(groups, lr=0.05, momentum=0.5)


@pytest.mark.parametrize("compiled", [False, True])
def test_groups_validation_and_weights_are_resumed(compiled: bool, tmp_path: Path) -> None:
    if compiled:
        pytest.importorskip("llvmlite")
    options = {"validation": 0.4, "compiled": compiled}
    assert_same(of_groups, EVERY_SCHEDULE["Plateau"], tmp_path, **options)
    assert_same(of_groups, EVERY_SCHEDULE["none"], tmp_path, weights=[1.0, 2.0, 0.5, 1.0, 3.0], compiled=compiled)


class Noisy(nn.Module):
    """A model of the user's own, with noise."""

    def __init__(self) -> None:
        self.noise, self.drop, self.inner = nn.Noise(0.1), nn.Dropout(0.3), nn.MLP(2, [4, 1], "tanh", seed=1)

    def __call__(self, x: Any) -> Any:
        return self.inner(self.drop(self.noise(x)))


@pytest.mark.parametrize("compiled", [False, True])
def test_noise_goes_on_where_it_was(compiled: bool, tmp_path: Path) -> None:
    if compiled:
        pytest.importorskip("llvmlite")
    ends = []
    for parts in PARTS:
        model = Noisy()
        optimiser: nn.Optimiser = nn.Adam(model.parameters(), lr=0.01)
        for epochs in parts:
            path = nn.save(tmp_path / "state", model, optimiser=optimiser)
            model = Noisy()
            optimiser = nn.load(path, model=model).optimiser
            nn.fit(model, X, Y, "mse", optimiser, epochs, 3, compiled, seed=7, progress=False)
        ends.append(digest(model.state_dict().values()))
    assert ends == [ends[0]] * 3


@pytest.mark.parametrize("compiled", [False, True])
def test_a_training_goes_on_from_what_a_callback_has_saved(compiled: bool, tmp_path: Path) -> None:
    if compiled:
        pytest.importorskip("llvmlite")
    model = nn.MLP(2, [3, 1], "tanh", seed=1)
    optimiser, schedule = nn.Adam(model.parameters()), Plateau(0.05, patience=2)
    options: dict[str, Any] = {"compiled": compiled, "seed": 7, "progress": False}

    def save(epoch: int, history: nn.History) -> None:
        nn.save(tmp_path / f"{epoch}", model, optimiser, schedule, history)

    whole = nn.fit(model, X, Y, "mse", optimiser, 20, 3, schedule=schedule, callbacks=[save], **options)
    for epoch in (1, 7, 19):
        state = nn.load(tmp_path / f"{epoch}")
        rest = nn.fit(state.model, X, Y, "mse", state.optimiser, 20 - epoch, 3, schedule=state.schedule, **options)
        assert state.history.loss + rest.loss == whole.loss
        assert digest(state.state_dict().values()) == digest(model.state_dict().values())
