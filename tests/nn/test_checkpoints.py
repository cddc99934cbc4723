"""Checkpoints: what was saved comes back to the last bit, whole or not at all, and nothing else passes for one."""

import hashlib
import io
import json
import math
import pickle
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, softmax
from autograd.interop.files import write_atomically
from nn.checkpoint_parts import among, model_tree, runs_of
from nn.optimiser import Optimiser
from nn.parameter_rows import from_tensors, to_tensors
from nn.recipes import MODULES as RECIPES
from nn.recipes import recipe_of
from nn.state_trees import decoded, encoded
from nn.tensor_file import Tensor, packed, unpacked
from tests.support import ROOT, bits

MODELS: dict[str, Callable[[], nn.Module]] = {
    "activations": lambda: nn.MLP(2, [3, 2, 3], ["tanh", "relu", "sigmoid"], seed=0),
    "embedding": lambda: nn.Sequential(nn.Embedding(5, 2, seed=0), nn.flatten, nn.MLP(4, [3, 1], seed=1), softmax),
    "mlp": lambda: nn.MLP(2, [3, 2], "tanh", seed=0),
    "one layer": lambda: nn.MLP(3, [1], seed=0),
    "no bias": lambda: nn.MLP(2, [3, 1], "silu", seed=0, bias=False),
    "spelled out": lambda: nn.MLP(2, [2, 1], seed=0, spelled_out=True),
    "layer": lambda: nn.Layer(2, 3, "gelu", seed=0),
    "neuron": lambda: nn.Neuron(2, "sigmoid", seed=0),
    "sequential": lambda: nn.Sequential(
        nn.Embedding(5, 2, seed=0),
        nn.flatten,
        nn.Noise(0.1),
        nn.Sequential(nn.Layer(4, 3, "tanh", seed=0), nn.Dropout(0.25)),
        nn.MLP(3, [2], seed=0),
        softmax,
    ),
}
every_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


class Line(nn.Module):
    """A model of the user's own."""

    def __init__(self, slope: float = 0.0) -> None:
        self.slope, self.offset = Value(slope), Value(1.0)

    def __call__(self, x: Any) -> Any:
        return self.slope * x[0] + self.offset


def stepped(model: nn.Module, optimiser: Optimiser, steps: int = 3) -> Optimiser:
    """The optimiser after some steps by made-up gradients."""
    rng = random.Random(0)
    for _ in range(steps):
        for parameter in model.parameters():
            parameter.grad = rng.uniform(-1.0, 1.0)
        optimiser.step()
    return optimiser


# -- what comes back ---------------------------------------------------------------------------------


@every_model
def test_a_model_of_nn_is_built_again_with_the_same_bits(make: Callable[[], nn.Module], tmp_path: Path) -> None:
    model = make()
    loaded = nn.load(nn.save(tmp_path / "model", model)).model
    assert type(loaded) is type(model)
    assert repr(loaded) == repr(model)
    assert [bits(p) for p in loaded.parameters()] == [bits(p) for p in model.parameters()]
    assert [(p.name, p.scope) for p in loaded.parameters()] == [(p.name, p.scope) for p in model.parameters()]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=13, max_size=13))
def test_every_finite_number_keeps_its_bits(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    model, path = nn.MLP(2, [3, 1], seed=0), tmp_path_factory.getbasetemp() / "numbers"
    for parameter, number in zip(model.parameters(), numbers, strict=True):
        parameter.data = number
    assert list(map(bits, nn.load(nn.save(path, model)).parameters())) == list(map(bits, numbers))


def test_path_and_model_may_come_in_either_order(tmp_path: Path) -> None:
    model, path = nn.MLP(2, [1], seed=0), tmp_path / "model"
    for first, second in ((path, model), (model, path), (str(path), model)):
        assert nn.load(nn.save(first, second)).state_dict() == model.state_dict()  # type: ignore[arg-type]


def test_a_checkpoint_stands_for_its_model(tmp_path: Path) -> None:
    X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0, 1, 1]  # noqa: N806
    model = nn.MLP(2, [3, 2], "tanh", seed=0)
    loaded = nn.load(nn.save(tmp_path / "model", model))
    assert isinstance(loaded, nn.Module)
    assert nn.predict(loaded.model, X) == nn.predict(model, X)
    assert len(loaded([1.0, 2.0])) == 2
    assert nn.predict(loaded, X) == nn.predict(model, X)
    assert loaded.named_parameters() == loaded.model.named_parameters()
    assert len(loaded.layers) == 2
    nn.fit(loaded, X, y, "cross_entropy", epochs=1, seed=0, progress=False)
    nn.fit(model, X, y, "cross_entropy", epochs=1, seed=0, progress=False)
    assert loaded.state_dict() == model.state_dict()
    assert nn.load(nn.save(tmp_path / "again", loaded)).state_dict() == model.state_dict()
    assert pickle.loads(pickle.dumps(loaded)).state_dict() == model.state_dict()
    with pytest.raises(AttributeError, match="colour"):
        _ = loaded.colour


def test_what_was_not_saved_is_none(tmp_path: Path) -> None:
    model = nn.MLP(1, [1], seed=0)
    for state in (nn.load(nn.save(tmp_path / "model", model)), nn.Checkpoint(model)):
        assert (state.optimiser, state.schedule, state.history, state.scaler) == (None, None, None, None)


@pytest.mark.parametrize("kind", nn.OPTIMISERS.values(), ids=nn.OPTIMISERS)
def test_an_optimiser_is_built_again_and_steps_as_before(kind: Any, tmp_path: Path) -> None:
    model = nn.MLP(2, [20, 1], "tanh", seed=0)
    optimiser = stepped(model, kind(model.parameters(), lr=0.05, weight_decay=0.01, clip_norm=2.0))
    loaded = nn.load(nn.save(tmp_path / "model", model, optimiser=optimiser))
    assert type(loaded.optimiser) is kind
    assert loaded.optimiser.state_dict() == optimiser.state_dict()
    stepped(model, optimiser)
    stepped(loaded.model, loaded.optimiser)
    assert list(map(bits, loaded.parameters())) == list(map(bits, model.parameters()))


def test_groups_keep_their_parameters_and_which_settings_are_their_own(tmp_path: Path) -> None:
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    last, first = model.layers[1].parameters(), model.layers[0].parameters()[::2]
    groups: list[dict[str, Any]] = [{"params": last, "lr": 0.5}, {"params": first}]
    optimiser = stepped(model, nn.SGD(groups, lr=0.1, momentum=0.9))
    loaded = nn.load(nn.save(tmp_path / "model", model, optimiser=optimiser))
    assert [p.name for p in loaded.optimiser.parameters] == [p.name for p in optimiser.parameters]
    for each in (optimiser, loaded.optimiser):
        each.lr = 0.01
    assert loaded.optimiser.state_dict() == optimiser.state_dict()
    assert [group.settings["lr"] for group in loaded.optimiser.groups] == [0.5, 0.01]


SCHEDULES: list[Any] = [
    nn.schedules.Constant(0.1),
    nn.schedules.StepDecay(0.1, step_size=3),
    nn.schedules.MultiStep(0.1, [2, 5]),
    nn.schedules.Exponential(0.1, gamma=0.9),
    nn.schedules.Linear(0.1),
    nn.schedules.Cosine(0.1, T_max=7),
    nn.schedules.OneCycle(0.1, total_steps=9),
    nn.schedules.Warmup(nn.schedules.Warmup(nn.schedules.Cosine(0.1, T_max=7), steps=2), steps=3),
    nn.schedules.Warmup(nn.schedules.Plateau(0.1, patience=1), steps=3),
    nn.schedules.Plateau(0.1, patience=0),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: repr(schedule)[:40])
def test_a_schedule_is_built_again_with_its_state(schedule: Any, tmp_path: Path) -> None:
    observe = getattr(schedule, "observe", lambda _: None)
    for loss in (1.0, 2.0, 3.0):
        observe(loss)
    loaded = nn.load(nn.save(tmp_path / "model", nn.MLP(1, [1], seed=0), schedule=schedule)).schedule
    assert loaded == schedule
    assert loaded is not schedule
    observe(4.0)
    getattr(loaded, "observe", lambda _: None)(4.0)
    assert [loaded(step) for step in range(12)] == [schedule(step) for step in range(12)]


def test_every_schedule_is_tried() -> None:
    assert {type(schedule).__name__ for schedule in SCHEDULES} == set(nn.SCHEDULES)


def test_a_schedule_around_a_function_of_the_users_own_is_given(tmp_path: Path) -> None:
    path = nn.save(tmp_path / "model", nn.MLP(1, [1], seed=0), schedule=nn.schedules.Warmup(lambda step: 0.1, steps=2))
    with pytest.raises(nn.CheckpointError, match="the file's schedule is a Warmup"):
        _ = nn.load(path).schedule
    mine = nn.schedules.Warmup(lambda step: 0.2, steps=2)
    assert nn.load(path, schedule=mine).schedule is mine


def test_what_was_frozen_is_frozen_again(tmp_path: Path) -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    model.freeze("layer0.neuron1", "layer1.neuron0.b")
    path = nn.save(tmp_path / "model", model, optimiser=nn.SGD(model.parameters()))
    names = [p.name for p in model.trainable_parameters()]
    assert [p.name for p in nn.load(path).trainable_parameters()] == names
    other = nn.MLP(2, [3, 1], seed=1)
    assert [p.name for p in nn.load(path, model=other).trainable_parameters()] == names


def test_every_module_of_nn_has_a_recipe() -> None:
    classes = [kind for kind in map(nn.__dict__.get, nn.__all__) if isinstance(kind, type) and issubclass(kind, nn.Module)]
    assert {kind.__name__ for kind in classes} == {*RECIPES, "Module", "Checkpoint"}


def test_history_and_scalers_come_back(tmp_path: Path) -> None:
    X, y = [[float(k)] for k in range(20)], [2.0 * k for k in range(20)]  # noqa: N806
    scalers = nn.Scaler().fit(X), nn.Scaler().fit(y)
    model = nn.MLP(1, [2, 1], "tanh", seed=0)
    history = nn.fit(model, scalers[0].apply(X), scalers[1].apply(y), epochs=30, validation=0.2, seed=0, progress=False)
    loaded = nn.load(nn.save(tmp_path / "model", model, history=history, scaler=scalers))
    assert loaded.history == history
    assert [each.to_dict() for each in loaded.scaler] == [each.to_dict() for each in scalers]
    loaded = nn.load(nn.save(tmp_path / "model", model, scaler=scalers[0]))
    assert loaded.scaler.to_dict() == scalers[0].to_dict()


def test_a_diverged_history_keeps_nan(tmp_path: Path) -> None:
    history = nn.History(loss=[1.0, math.inf, math.nan], seconds=1.5, interrupted=True)
    loaded = nn.load(nn.save(tmp_path / "model", nn.MLP(1, [1], seed=0), history=history)).history
    assert list(map(bits, loaded.loss)) == list(map(bits, history.loss))
    assert (loaded.seconds, loaded.interrupted) == (1.5, True)


# -- classes of the user's own -------------------------------------------------------------------------


def test_a_model_of_the_users_own_is_loaded_into_by_names(tmp_path: Path) -> None:
    path = nn.save(tmp_path / "line", Line(2.5))
    with pytest.raises(nn.CheckpointError, match=r"line: the file's model is a Line, .* nn.load\(path, model=…\)"):
        nn.load(path)
    line = Line()
    assert nn.load(path, model=line).model is line
    assert line.slope.data == 2.5


class Plain(nn.Optimiser):
    """An optimiser of the user's own."""

    def update(self, data: Any, gradient: Any, memory: Any, *settings: Any) -> tuple[Any, Any]:
        (before,) = memory or (0.0,)
        return data - settings[0] * (gradient + before), (gradient,)


def test_an_optimiser_of_the_users_own_is_asked_for_only_when_it_is_used(tmp_path: Path) -> None:
    model = nn.MLP(2, [1], seed=0)
    optimiser = stepped(model, Plain(model.parameters(), lr=0.25))
    path = nn.save(tmp_path / "model", model, optimiser=optimiser)
    assert nn.load(path).state_dict() == model.state_dict()
    with pytest.raises(nn.CheckpointError, match=r"the file's optimiser is a Plain, .* nn.load\(path, optimiser=…\)"):
        _ = nn.load(path).optimiser
    other = nn.MLP(2, [1], seed=1)
    mine = Plain(other.parameters(), lr=1.0)
    assert nn.load(path, model=other, optimiser=mine).optimiser is mine
    assert mine.state_dict() == optimiser.state_dict()
    assert other.state_dict() == model.state_dict()


class Decay:
    """A schedule of the user's own, with a state."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, step: int) -> float:
        return self.factor**step

    def state_dict(self) -> dict[str, float]:
        return {"factor": self.factor}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self.factor = state["factor"]


def test_a_schedule_of_the_users_own_gets_its_state(tmp_path: Path) -> None:
    path = nn.save(tmp_path / "model", nn.MLP(2, [1], seed=0), schedule=Decay(0.5))
    schedule = Decay(0.9)
    assert nn.load(path, schedule=schedule).schedule is schedule
    assert schedule.factor == 0.5
    with pytest.raises(nn.CheckpointError, match="the file's schedule is a Decay"):
        _ = nn.load(path).schedule


def test_a_model_that_was_changed_by_hand_is_one_of_the_users_own(tmp_path: Path) -> None:
    replaced, tied, extended = (nn.MLP(2, [3, 3, 1], "tanh", seed=0) for _ in range(3))
    replaced.layers[0].neurons[1] = nn.Neuron(2, "relu", seed=0)
    tied.layers[1].neurons[0].b = tied.layers[1].neurons[1].b
    vars(extended)["scale"] = Value(1.0)
    for k, model in enumerate((replaced, tied, extended, nn.MLP(2, [1, 1], lambda z: z * z, seed=0))):
        path = nn.save(tmp_path / f"{k}", model)
        assert recipe_of(model) is None
        with pytest.raises(nn.CheckpointError, match="model=…"):
            nn.load(path)
        numbers = model.state_dict()
        for parameter in model.parameters():
            parameter.data = 0.0
        assert nn.load(path, model=model).state_dict() == numbers


def test_a_checkpoint_after_every_epoch_builds_no_model_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, build, built = nn.MLP(2, [5, 4, 3], "tanh", seed=0), nn.MLP.__init__, list[nn.MLP]()

    def counted(self: nn.MLP, *arguments: Any, **options: Any) -> None:
        built.append(self)
        build(self, *arguments, **options)

    monkeypatch.setattr(nn.MLP, "__init__", counted)
    for step in range(5):
        model.parameters()[0].data = float(step)
        path = nn.save(tmp_path / "model", model)
    assert len(built) <= 1
    assert nn.load(path).state_dict() == model.state_dict()


def test_a_class_of_the_users_own_that_is_called_as_one_of_nn_is_not_taken_for_it(tmp_path: Path) -> None:
    MLP = type("MLP", (Line,), {})  # noqa: N806
    with pytest.raises(nn.CheckpointError, match="the file's model is a MLP, which nn can't build"):
        nn.load(nn.save(tmp_path / "model", MLP()))


# -- what doesn't fit ----------------------------------------------------------------------------------


def test_another_architecture_is_told_by_the_parameter_that_differs(tmp_path: Path) -> None:
    path = nn.save(tmp_path / "model", nn.MLP(2, [4, 1], seed=0))
    wider, narrower = nn.MLP(2, [5, 1], seed=1), nn.MLP(2, [3, 1], seed=1)
    before = wider.state_dict()
    with pytest.raises(
        nn.CheckpointError, match=r"this model has layer0.neuron4.w0 and 3 more, which the file hasn't.*MLP\(2 → 4"
    ):
        nn.load(path, model=wider)
    with pytest.raises(nn.CheckpointError, match="the file has layer0.neuron3.w0 and 3 more, which this model hasn't"):
        nn.load(path, model=narrower)
    assert wider.state_dict() == before


def test_another_activation_is_told_too_though_the_parameters_are_called_alike(tmp_path: Path) -> None:
    path = nn.save(tmp_path / "model", nn.MLP(2, [3, 1], "tanh", seed=0))
    other = nn.MLP(2, [3, 1], "relu", seed=1)
    with pytest.raises(nn.CheckpointError, match=r"MLP\(2 → 3 tanh .*, this one MLP\(2 → 3 relu .* model.load_state_dict\("):
        nn.load(path, model=other)
    other.load_state_dict(nn.load(path).state_dict())
    assert other.state_dict() == nn.load(path).state_dict()


def test_an_optimiser_that_does_not_fit_leaves_everything_as_it_was(tmp_path: Path) -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    path = nn.save(tmp_path / "model", model, optimiser=stepped(model, nn.Adam(model.parameters())))
    other = nn.MLP(2, [3, 1], seed=1)
    sgd = stepped(other, nn.SGD(other.parameters(), lr=0.5, momentum=0.5))
    numbers, state = other.state_dict(), sgd.state_dict()
    with pytest.raises(nn.CheckpointError, match="its optimiser, Adam, doesn't fit SGD"):
        nn.load(path, model=other, optimiser=sgd)
    assert (other.state_dict(), sgd.state_dict()) == (numbers, state)


def test_an_optimiser_of_another_model_is_told(tmp_path: Path) -> None:
    model, other = nn.MLP(2, [3, 1], seed=0), nn.MLP(2, [3, 1], seed=1)
    path = nn.save(tmp_path / "model", model, nn.SGD(model.parameters()))
    before = model.state_dict(), other.state_dict()
    for optimiser in (nn.SGD(other.parameters()), nn.SGD(model.parameters()[::-1])):
        with pytest.raises(nn.CheckpointError, match="doesn't have the same parameters of the model, in the same order"):
            nn.load(path, model, optimiser)
    assert (model.state_dict(), other.state_dict()) == before


def test_what_the_file_does_not_have_cannot_be_loaded_into(tmp_path: Path) -> None:
    model = nn.MLP(2, [1], seed=0)
    path = nn.save(tmp_path / "model", model)
    with pytest.raises(nn.CheckpointError, match="there is no optimiser in it"):
        nn.load(path, model=model, optimiser=nn.SGD(model.parameters()))
    with pytest.raises(nn.CheckpointError, match="there is no schedule in it"):
        nn.load(path, schedule=Decay(0.5))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("MODEL", "PATH"), {}, None),
        (("PATH", [1.0]), {}, "save: model must be an nn.Module"),
        ((1.0, "MODEL"), {}, "save: path must be a path, got float"),
        (("MODEL", "MODEL"), {}, "save: path must be a path"),
        (("PATH", "MODEL"), {"optimiser": "adam"}, "save: optimiser must be one such as nn.Adam"),
        (("PATH", "MODEL"), {"schedule": 0.1}, "save: schedule must be a function"),
        (("PATH", "MODEL"), {"history": [0.1]}, "save: history must be what nn.fit returns"),
        (("PATH", "MODEL"), {"scaler": {"mean": 1}}, "save: scaler must be an nn.Scaler"),
        (("PATH", "MODEL"), {"scaler": nn.Scaler()}, "this scaler knows no mean yet"),
    ],
    ids=repr,
)  # fmt: skip
def test_wrong_arguments_of_save_are_named(
    arguments: tuple[Any, ...], options: Any, message: str | None, tmp_path: Path
) -> None:
    known = {"MODEL": nn.MLP(1, [1], seed=0), "PATH": tmp_path / "model"}
    given: list[Any] = [known.get(x, x) if isinstance(x, str) else x for x in arguments]
    if message is None:
        nn.save(*given, **options)
        return
    with pytest.raises((TypeError, ValueError), match=message):
        nn.save(*given, **options)
    assert list(tmp_path.iterdir()) == []


def test_wrong_arguments_of_load_are_named(tmp_path: Path) -> None:
    model = nn.MLP(1, [1], seed=0)
    path = nn.save(tmp_path / "model", model)
    with pytest.raises(TypeError, match=r"load: path must be a path, got MLP.*write nn.load\(path, model=model\)"):
        nn.load(model)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="load: model must be an nn.Module"):
        nn.load(path, model="mlp")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="load: optimiser must be one"):
        nn.load(path, optimiser="adam")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "nothing")


def test_a_parameter_that_is_not_finite_is_not_saved(tmp_path: Path) -> None:
    model = nn.MLP(2, [1], seed=0)
    path = nn.save(tmp_path / "model", model)
    before = path.read_bytes()
    model.parameters()[1].data = math.nan
    with pytest.raises(ValueError, match="the parameter layer0.neuron0.w1 is nan"):
        nn.save(path, model)
    assert path.read_bytes() == before


def test_an_optimiser_of_other_parameters_is_not_saved(tmp_path: Path) -> None:
    other = nn.MLP(2, [1], seed=1)
    with pytest.raises(ValueError, match="the optimiser has parameters that the model hasn't"):
        nn.save(tmp_path / "model", nn.MLP(2, [1], seed=0), optimiser=nn.SGD(other.parameters()))


# -- whole or not at all -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small checkpoint with all parts."""
    model = nn.MLP(1, [2, 1], "tanh", seed=0)
    optimiser = stepped(model, nn.Adam(model.parameters()))
    path = tmp_path_factory.mktemp("whole") / "model"
    history, scaler = nn.History(loss=[0.5, 0.25]), nn.Scaler().fit([[1.0], [2.0]])
    return nn.save(path, model, optimiser=optimiser, schedule=Decay(0.5), history=history, scaler=scaler).read_bytes()


def test_no_bit_can_change_unnoticed(content: bytes) -> None:
    for i in range(len(content)):
        for bit in range(8):
            changed = content[:i] + bytes([content[i] ^ 1 << bit]) + content[i + 1 :]
            with pytest.raises(nn.CheckpointError):
                unpacked(io.BytesIO(changed))


def test_no_byte_can_be_missing_or_too_many(content: bytes) -> None:
    for changed in (*(content[:i] for i in range(len(content))), content + b"\0", content + b" ", content * 2):
        with pytest.raises(nn.CheckpointError):
            unpacked(io.BytesIO(changed))


def test_a_damaged_file_is_told_with_its_path(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model"
    for changed in (content[:-1], content[1:], content[:200] + b"?" + content[201:], b"\0" + content):
        path.write_bytes(changed)
        with pytest.raises(nn.CheckpointError, match="model: this (is no checkpoint|was a checkpoint, and was damaged)"):
            nn.load(path)


SAVE_FOR_EVER = """
import itertools, os, signal, sys, time, random
import nn
models = [nn.MLP(8, [30, 1], seed=k) for k in range(2)]
numbers = [model.state_dict() for model in models]
nn.save(sys.argv[1], models[0])
rng, seen = random.Random(0), set()
for _ in range(50):
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        for model in itertools.cycle(models):
            nn.save(sys.argv[1], model)
            os.write(writing, b"saved")
    os.read(reading, 5)
    time.sleep(rng.uniform(0.0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading), os.close(writing)
    seen.add(numbers.index(nn.load(sys.argv[1]).state_dict()))
print(sorted(seen))
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork")
def test_a_process_that_is_killed_while_it_saves_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SAVE_FOR_EVER, str(tmp_path / "model")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[0, 1]\n", "")


# -- files of others -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (b"", "it is empty"),
        (pickle.dumps({"w": [1.0]}), "it looks like a pickle"),
        (b"\x93NUMPY\x01\x00v\x00", "an array of NumPy"),
        (b"hello world, this is text", "this is no checkpoint"),
        (b"\xff" * 100, "this is no checkpoint"),
        ((2).to_bytes(8, "little") + b"{}", "this is no checkpoint"),
        ((10**9).to_bytes(8, "little") + b"{}", "this is no checkpoint"),
    ],
    ids=lambda x: repr(x)[:20],
)  # fmt: skip
def test_other_files_are_told_from_checkpoints(start: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(start)
    with pytest.raises(nn.CheckpointError, match=message):
        nn.load(tmp_path / "other")


def test_a_zip_file_is_told_from_a_checkpoint(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other", "w") as archive:
        archive.writestr("data.pkl", b"x" * 100)
    with pytest.raises(nn.CheckpointError, match="a zip file, as of torch.save"):
        nn.load(tmp_path / "other")


def test_a_later_version_says_so(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "later").write_bytes(content.replace(b'"version":"1"', b'"version":"2"'))
    with pytest.raises(nn.CheckpointError, match="a checkpoint of version 2, and version 1 can be read"):
        nn.load(tmp_path / "later")


def forged(path: Path, tensors: dict[str, Tensor] | None = None, **trees: Any) -> Path:
    """A file whose digest is right and whose header isn't what ``save`` writes."""
    metadata = {name: tree if isinstance(tree, str) else json.dumps(tree) for name, tree in trees.items()}
    return write_atomically(path, packed(metadata, tensors or {}))


MLP_TREE = {"kind": "MLP", "shown": "MLP", "frozen": [], "recipe": {"class": "MLP", "arguments": {"nin": 1, "nouts": [1]}}}
NUMBERS = {"model.layer0.neuron0.w": Tensor.of([1.0]), "model.layer0.neuron0.b": Tensor.of([0.0], ())}


def test_a_forged_file_that_is_well_made_is_a_model(tmp_path: Path) -> None:
    """What the others differ from."""
    assert nn.load(forged(tmp_path / "forged", NUMBERS, model=MLP_TREE))([3.0]).data == 3.0


def mlp_tree(**arguments: Any) -> dict[str, Any]:
    return {**MLP_TREE, "recipe": {"class": "MLP", "arguments": {"nin": 1, "nouts": [1], **arguments}}}


ADAM_TREE = {"kind": "Adam", "known": True, "groups": [{"parameters": [[0, 10**12]], "own": []}], "state": {}}


@pytest.mark.parametrize(
    "trees",
    [
        {},
        {"model": []},
        {"model": "["},
        {"model": "[" * 100_000},
        {"model": "9" * 5000},
        {"model": {**MLP_TREE, "recipe": {"class": "os.system", "arguments": {"command": "true"}}}},
        {"model": {**MLP_TREE, "recipe": {"class": "Checkpoint", "arguments": {}}}},
        {"model": {**MLP_TREE, "recipe": {"class": "Sequential", "arguments": {"parts": ["eval"]}}}},
        {"model": {**MLP_TREE, "recipe": {"class": "Embedding", "arguments": {"n": 10**9, "dim": 10**9}}}},
        {"model": {**MLP_TREE, "frozen": 1}},
        {"model": mlp_tree(nouts=[10**9])},
        {"model": mlp_tree(nin=10**12)},
        {"model": mlp_tree(nouts=[1] * 100_000)},
        {"model": mlp_tree(activation="__import__")},
        {"model": mlp_tree(surprise=1)},
        {"model": MLP_TREE, "optimiser": {}},
        {"model": MLP_TREE, "optimiser": ADAM_TREE},
        {"model": MLP_TREE, "optimiser": {**ADAM_TREE, "state": {"$array": "nothing"}}},
        {"model": MLP_TREE, "optimiser": {**ADAM_TREE, "state": {"groups": [{"size": 2}], "lr": 0.1, "memories": []}}},
        {"model": MLP_TREE, "schedule": {"kind": "Constant", "recipe": {"class": "eval", "arguments": {}}, "state": None}},
        {"model": MLP_TREE, "schedule": {"kind": "", "recipe": {"class": "Constant", "arguments": {"x": 1}}, "state": None}},
        {"model": MLP_TREE, "optimiser": {**ADAM_TREE, "groups": [{"parameters": [[0, 2]] * 100_000, "own": []}]}},
        {"model": MLP_TREE, "history": {"loss": [{"$array": "model.layer0.neuron0.w"}] * 2}},
        {"model": MLP_TREE, "history": {"loss": [], "surprise": 1}},
        {"model": MLP_TREE, "scaler": {"single": True, "states": []}},
        {"model": MLP_TREE, "scaler": {"single": True, "states": [{"mean": [1.0], "deviation": [0.0]}]}},
    ],
    ids=lambda trees: repr(trees)[:60],
)  # fmt: skip
def test_a_forged_header_is_a_checkpoint_error_and_takes_neither_time_nor_memory(
    trees: dict[str, Any], tmp_path: Path
) -> None:
    path, started = forged(tmp_path / "forged", NUMBERS, **trees), time.perf_counter()
    with pytest.raises(nn.CheckpointError, match="forged: "):
        nn.load(path)
    assert time.perf_counter() - started < 10.0


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.update(shape=[2]),
        lambda entry: entry.update(shape=[-1]),
        lambda entry: entry.update(shape=[1e0]),
        lambda entry: entry.update(shape=[10**15], data_offsets=[0, 8 * 10**15]),
        lambda entry: entry.update(data_offsets=[8, 16]),
        lambda entry: entry.update(data_offsets=[-8, 0]),
        lambda entry: entry.update(dtype="F32"),
        lambda entry: entry.clear(),
    ],
)  # fmt: skip
def test_arrays_that_are_not_where_the_header_says_are_a_checkpoint_error(change: Any, tmp_path: Path) -> None:
    raw = packed({"model": json.dumps(MLP_TREE)}, NUMBERS)
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    change(header["model.layer0.neuron0.w"])
    (tmp_path / "forged").write_bytes(resealed(header, raw[8 + length :]))
    with pytest.raises(nn.CheckpointError, match="forged: this is no checkpoint that nn.save has written"):
        nn.load(tmp_path / "forged")


def resealed(header: Any, numbers: bytes) -> bytes:
    """The file with this header and its right digest."""
    header["__metadata__"]["sha256"] = "0" * 64
    text = json.dumps(header, separators=(",", ":")).encode()
    content = len(text).to_bytes(8, "little") + text + numbers
    return content.replace(b"0" * 64, hashlib.sha256(content).hexdigest().encode(), 1)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_is_not_finite_in_a_file_is_named(number: float, tmp_path: Path) -> None:
    tensors = {**NUMBERS, "model.layer0.neuron0.b": Tensor.of([number], ())}
    with pytest.raises(nn.CheckpointError, match="the parameter layer0.neuron0.b is (nan|inf)"):
        nn.load(forged(tmp_path / "forged", tensors, model=MLP_TREE))


def test_safetensors_reads_the_file(tmp_path: Path) -> None:
    load_file = pytest.importorskip("safetensors.numpy").load_file
    model = nn.MLP(3, [2, 1], seed=0)
    path = nn.save(tmp_path / "model", model, optimiser=stepped(model, nn.Adam(model.parameters())))
    rows = load_file(path)
    assert rows["model.layer0.neuron1.w"].tolist() == [p.data for p in model.layers[0].neurons[1].w]
    assert rows["optimiser.memories"].shape == (11, 2)


def test_the_file_is_of_safetensors_format(content: bytes) -> None:
    """By its specification: a length, a JSON header that tells kinds, shapes and bytes, numbers that are aligned."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    metadata = header.pop("__metadata__")
    assert {type(text) for text in metadata.values()} == {str}
    assert length % 8 == 0
    end = 0
    for entry in header.values():
        start, stop = entry["data_offsets"]
        assert (start, stop - start) == (end, 8 * math.prod(entry["shape"]))
        assert entry["dtype"] in ("F64", "I64")
        end = stop
    assert len(content) == 8 + length + end


# -- the pieces ------------------------------------------------------------------------------------------

names = st.lists(st.text("ab01.", max_size=4), unique=True, max_size=12)


@given(names)
def test_parameters_of_any_names_come_back_from_rows(those: list[str]) -> None:
    state = {name: float(k) for k, name in enumerate(those)}
    assert from_tensors(to_tensors(state)) == state


def test_weights_of_a_neuron_are_one_row() -> None:
    shapes = {name: tensor.shape for name, tensor in to_tensors(nn.MLP(12, [2], seed=0).state_dict()).items()}
    assert shapes == {f"layer0.neuron{k}.{name}": shape for k in range(2) for name, shape in (("w", (12,)), ("b", ()))}


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
) | st.lists(st.floats(), min_size=16) | st.lists(st.integers(-(2**70), 2**70), min_size=16)  # fmt: skip


@given(trees)
def test_any_state_comes_back_through_json_and_arrays(state: Any) -> None:
    tensors: dict[str, Tensor] = {}
    tree = json.loads(json.dumps(encoded(state, "state", tensors), allow_nan=False))
    assert repr(decoded(tree, tensors)) == repr(state)


def test_long_rows_and_tables_of_numbers_are_kept_raw() -> None:
    tensors: dict[str, Tensor] = {}
    state = {"counts": list(range(20)), "memories": [[0.5, float(k)] for k in range(20)], "few": [1.0, 2.0]}
    tree = encoded(state, "adam", tensors)
    assert tree["few"] == [1.0, 2.0]
    assert {name: (tensor.kind, tensor.shape) for name, tensor in tensors.items()} == {
        "adam.counts": ("I64", (20,)),
        "adam.memories": ("F64", (20, 2)),
    }
    assert decoded(tree, tensors) == state
    assert tensors == {}


def test_keys_with_dots_are_told_apart() -> None:
    tensors: dict[str, Tensor] = {}
    state = {"a.b": [1.0] * 20, "a": {"b": [2.0] * 20}, "a.b'": [3.0] * 20}
    assert decoded(encoded(state, "state", tensors), tensors) == state


def test_a_state_that_holds_objects_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"state\.rng: a checkpoint keeps numbers, words and lists and dicts of them"):
        encoded({"rng": random.Random(0)}, "state", {})


def test_a_header_that_could_not_be_read_again_is_not_written() -> None:
    with pytest.raises(ValueError, match="the header would have"):
        packed({"model": "x" * (1 << 24)}, {})


def test_runs() -> None:
    assert runs_of([]) == []
    assert runs_of([3, 2, 1, 2, 3]) == [[3, 1], [2, 1], [1, 3]]


def test_runs_of_more_parameters_than_there_are_take_no_memory() -> None:
    parameters = [Value(float(k)) for k in range(3)]
    assert [p.data for p in among(parameters, [[2, 1], [0, 2]])] == [2.0, 0.0, 1.0]
    for runs in ([[0, 4]], [[0, 2]] * 2, [[0, 3], [0, -3]], [[0, 0]]):
        with pytest.raises(ValueError, match="3 parameters, and runs of more"):
            among(parameters, runs)


def test_a_trees_text_names_the_model() -> None:
    assert model_tree(nn.MLP(2, [1], seed=0), {})["shown"] == "MLP(2 → 1 linear; 3 parameters)"
