"""The compiled step: the numbers of the eager one, and the eager one itself wherever it can't be had."""

import math
import operator
import os
import random
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import (
    AnomalyError,
    Value,
    derivative,
    detect_anomaly,
    gradient,
    log,
    logsumexp,
    no_grad,
    primitive,
    relu,
    where,
)
from nn import compiled_step, trainer
from nn.compiled_step import CompiledStep
from nn.examples import check_examples
from nn.graph_step import graph_step

pytestmark = pytest.mark.filterwarnings("ignore::nn.UncompiledWarning")

RNG = random.Random(0)
ROWS = [[RNG.gauss(0.0, 1.0) for _ in range(3)] for _ in range(23)]
SIGNS = [1.0 if row[0] * row[1] > 0 else -1.0 for row in ROWS]
BITS = [float(sign > 0) for sign in SIGNS]
CLASSES = [float(RNG.randrange(3)) for _ in ROWS]
PAIRS = [[row[0] * row[1], row[2]] for row in ROWS]


class Probability(nn.Module):
    """A net whose output is a probability."""

    def __init__(self, *arguments: Any) -> None:
        self.net = nn.MLP(*arguments)

    def __call__(self, x: Any) -> Any:
        return self.net(x).sigmoid()


LOSSES: dict[str, tuple[Callable[..., nn.Module], int, list[Any]]] = {
    "binary_cross_entropy": (Probability, 1, BITS),
    "binary_cross_entropy_with_logits": (nn.MLP, 1, BITS),
    "cross_entropy": (nn.MLP, 3, CLASSES),
    "half_squared_error": (nn.MLP, 2, PAIRS),
    "hinge": (nn.MLP, 1, SIGNS),
    "mse": (nn.MLP, 1, SIGNS),
}
OPTIMISERS: list[Callable[..., nn.Optimiser]] = [
    partial(nn.SGD, lr=0.05),
    partial(nn.SGD, lr=0.02, momentum=0.9, nesterov=True, weight_decay=1e-3),
    partial(nn.Adam, lr=0.01),
]


@pytest.fixture
def forced(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little there is to do, it is compiled."""
    monkeypatch.setattr(compiled_step, "ROWS_TO_COMPILE", 0)
    monkeypatch.setattr(compiled_step, "LEAST_WORK", 0)


@pytest.fixture
def eager_steps(forced: None, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that an eager step has taken."""
    sizes: list[int] = []
    step = graph_step

    def counted(model: nn.Module, loss: Any, optimiser: nn.Optimiser, batch: nn.Data, *others: Any) -> Any:
        sizes.append(len(batch.X))
        return step(model, loss, optimiser, batch, *others)

    monkeypatch.setattr(trainer, "graph_step", counted)
    return sizes


def net(nout: int = 1, activation: str = "tanh") -> nn.MLP:
    return nn.MLP(3, [5, nout], activation, 0)


def quiet(model: nn.Module, *arguments: Any, **options: Any) -> nn.History:
    return nn.fit(model, *arguments, **{"progress": False, "seed": 0, "epochs": 10, "batch_size": 16, **options})


def numbers(model: nn.Module, history: nn.History) -> list[float]:
    return [*model.state_dict().values(), *(x for series in history.series().values() for x in series)]


def trained(make: Callable[[], nn.Module], *arguments: Any, **options: Any) -> list[list[float]]:
    """All numbers of a training, compiled and not."""
    found = []
    for compiled in (None, False):
        model = make()
        found.append(numbers(model, quiet(model, *arguments, compiled=compiled, **options)))
    return found


# -- the same numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "softplus"])
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=["sgd", "nesterov", "adam"])
def test_twenty_steps_are_those_of_the_eager_step(
    loss: str, activation: str, optimiser: Callable[..., nn.Optimiser], eager_steps: list[int]
) -> None:
    make, nout, targets = LOSSES[loss]
    found = []
    for compiled in (None, False):
        model = make(3, [5, nout], activation, 0)
        options = {"compiled": compiled, "validation": (ROWS[:5], targets[:5])}
        history = quiet(model, ROWS, targets, loss, optimiser(model.parameters()), **options)
        found.append(numbers(model, history) + [p.grad or 0.0 for p in model.parameters()])
    assert found[0] == pytest.approx(found[1], rel=1e-9, abs=1e-13)
    assert eager_steps == [16, 7] * 10  # of the second training; the first took none


@pytest.mark.parametrize("name", [name for name in nn.ACTIVATIONS if name not in ("relu", "tanh", "gelu", "softplus")])
def test_every_activation_compiles(name: str, eager_steps: list[int]) -> None:
    one, other = trained(lambda: net(1, name), ROWS, SIGNS, "hinge", epochs=3)
    assert one == pytest.approx(other, rel=1e-9, abs=1e-13)
    assert eager_steps == [16, 7] * 3


def test_a_net_spelled_out_a_branch_in_the_loss_and_a_where_compile(eager_steps: list[int]) -> None:
    def huber(y: Any, t: Any) -> Any:
        error = abs(y - t)
        return 0.5 * error * error if error < 1.0 else where(error < 2.0, error - 0.5, 2.0 * error - 2.5)

    one, other = trained(lambda: nn.MLP(3, [4, 1], seed=0, spelled_out=True), ROWS, SIGNS, huber)
    assert one == pytest.approx(other, rel=1e-9)
    assert eager_steps == [16, 7] * 10


def test_a_loss_with_parameters_of_the_model_in_a_method_compiles(eager_steps: list[int]) -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            self.net, self.scale = net(), {"log": Value(0.5)}

        def __call__(self, x: Any) -> Any:
            return self.net(x)

        def loss(self, y: Any, t: Any) -> Any:
            return nn.mse(y, t) * (-self.scale["log"]).exp() + self.scale["log"]

    found = []
    for compiled in (None, False):
        model = Scaled()
        found.append(numbers(model, quiet(model, ROWS, SIGNS, model.loss, compiled=compiled)))
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    assert eager_steps == [16, 7] * 10


def test_a_primitive_compiles(eager_steps: list[int]) -> None:
    @primitive(lambda _, x: 3.0 * x * x)
    def cube(x: float) -> float:
        return x**3

    one, other = trained(net, ROWS, SIGNS, lambda y, t: relu(cube(t - y)))
    assert one == pytest.approx(other, rel=1e-9)
    assert eager_steps == [16, 7] * 10


def test_cross_entropy_finds_a_class_that_is_a_value() -> None:
    logits = [Value(1.0), Value(3.0), Value(-2.0)]
    for k in range(3):
        by_number, by_value = nn.cross_entropy(logits, k), nn.cross_entropy(logits, Value(float(k)))
        assert by_value.data == by_number.data
        by_value.backward()
        gradients = [z.grad for z in logits]
        for z in logits:
            z.grad = None
        by_number.backward()
        assert [z.grad for z in logits] == pytest.approx(gradients, rel=1e-15)
        for z in logits:
            z.grad = None
    assert math.isnan(nn.cross_entropy(logits, Value(0.5)).data)


def test_parameters_that_are_not_trained_have_the_last_gradient(eager_steps: list[int]) -> None:
    found = []
    for compiled in (None, False):
        model = net()
        optimiser = nn.SGD(model.layers[1].parameters(), lr=0.1)
        quiet(model, ROWS, SIGNS, "mse", optimiser, compiled=compiled)
        found.append([p.grad for p in model.layers[0].parameters()])
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    assert eager_steps == [16, 7] * 10


@pytest.mark.usefixtures("forced")
def test_the_same_seed_gives_the_same_bits() -> None:
    runs = []
    for seed in (5, 5, 6):
        model = net()
        runs.append(numbers(model, quiet(model, ROWS, SIGNS, "hinge", seed=seed, validation=0.25)))
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the number of processors can't be set here")
def test_the_number_of_threads_changes_no_bit(eager_steps: list[int]) -> None:
    rng, ours = random.Random(1), os.sched_getaffinity(0)
    rows = [[rng.gauss(0.0, 1.0) for _ in range(3)] for _ in range(20_000)]
    found = []
    for processors in ({min(ours)}, ours):
        model = net()
        os.sched_setaffinity(0, processors)
        try:
            found.append(numbers(model, quiet(model, rows, [row[0] for row in rows], "mse", batch_size=None, epochs=3)))
        finally:
            os.sched_setaffinity(0, ours)
    assert found[0] == found[1]
    assert eager_steps == []


# -- stopping early ------------------------------------------------------------------------------


def test_a_diverging_training_stops_before_the_parameters_are_nan(eager_steps: list[int]) -> None:
    found = []
    for compiled in (None, False):
        model = net()
        optimiser = nn.SGD(model.parameters(), lr=1e200)
        with pytest.raises(nn.DivergedError, match=r"^epoch 2: the loss is inf.*A smaller learning rate") as caught:
            quiet(model, ROWS, SIGNS, "mse", optimiser, batch_size=None, compiled=compiled)
        found.append(numbers(model, caught.value.history))
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    assert eager_steps == [23] * 2


@pytest.mark.usefixtures("forced")
def test_ctrl_c_keeps_the_last_completed_step() -> None:
    found = []
    for compiled in (None, False):
        calls = iter(range(1000))

        class Interrupted(nn.SGD):
            def step(self) -> None:
                if next(calls) == 7:  # noqa: B023
                    raise KeyboardInterrupt
                super().step()

        model = net()
        history = quiet(model, ROWS, SIGNS, "hinge", Interrupted(model.parameters()), compiled=compiled)
        assert history.interrupted
        assert len(history.loss) == 3
        found.append(numbers(model, history))
    assert found[0] == pytest.approx(found[1], rel=1e-9)


# -- which way it goes ---------------------------------------------------------------------------


def test_it_warns_once_where_it_must_go_number_by_number(forced: None) -> None:
    with pytest.warns(nn.UncompiledWarning, match="training goes number by number: GraphCutError|TraceError") as found:
        history = quiet(net(), ROWS, SIGNS, indexing, epochs=3)
    assert [Path(each.filename).name for each in found if each.category is nn.UncompiledWarning] == ["test_compiled_step.py"]
    assert not history.compiled
    assert "leaves the graph" in history.why


def test_compiled_true_raises_with_the_reason_and_false_says_nothing() -> None:
    model = net()
    before = model.state_dict()
    with pytest.raises(nn.UncompilableError, match="must be compiled, and can't be: TraceError: .* leaves the graph"):
        quiet(model, ROWS, SIGNS, indexing, compiled=True)
    assert model.state_dict() == before
    assert quiet(model, ROWS, SIGNS, indexing, compiled=False).why == ""


def test_little_work_is_no_reason_to_warn() -> None:
    history = quiet(net(), ROWS, SIGNS, "mse", epochs=1)
    assert (history.compiled, history.why) == (False, "little work: compiling would take longer than it saves")
    assert quiet(net(), ROWS, SIGNS, "mse", epochs=1, compiled=True).compiled


# -- where there is none -------------------------------------------------------------------------


def dropping(y: Any, t: Any) -> Any:
    return nn.mse(y * RNG.choice([0.0, 2.0]), t)


def cutting(y: Any, t: Any) -> Any:
    return nn.mse(y, t) * (1.0 + abs(float(y)))


def indexing(y: Any, t: Any) -> Any:
    return nn.mse(y, [0.0, 1.0, -1.0][int(t)])


def looking_up(y: Any, t: Any) -> Any:
    return nn.mse(y, {1.0: 2.0, -1.0: 0.0}[t])


def many_branches(y: Any, t: Any) -> Any:
    return nn.mse(y, t) * sum(1.0 for k in range(40) if y > 0.05 * k)


def through_data(y: Any, t: Any) -> Any:
    size = y.data if isinstance(y, Value) else y
    return nn.mse(y, t) / (1.0 + size * size)


@pytest.mark.filterwarnings("ignore::autograd.GraphCutWarning")  # of float(v), once a line
@pytest.mark.parametrize("loss", [dropping, cutting, indexing, looking_up, many_branches, through_data])
def test_what_cannot_be_traced_goes_node_by_node(loss: Any, eager_steps: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_step, "MOST_BRANCHES", 4)
    model = net()
    history = quiet(model, ROWS, SIGNS, loss, epochs=3, validation=(ROWS, SIGNS))
    assert eager_steps == [16, 7] * 3
    assert len(history.val_loss) == 3


@pytest.mark.parametrize("kind", ["closure", "model", "method"])
def test_a_penalty_on_captured_parameters_compiles(kind: str, eager_steps: list[int]) -> None:
    found = []
    for compiled in (True, False):
        model = net()
        weights = model.parameters()
        penalties: dict[str, Callable[[], Any]] = {
            "closure": lambda: sum(w * w for w in weights),  # noqa: B023
            "model": lambda: sum(w * w for w in model.parameters()),  # noqa: B023
            "method": lambda: sum(map(operator.mul, weights, model.parameters())),  # noqa: B023
        }
        penalty = penalties[kind]
        loss = lambda y, t: nn.mse(y, t) + 0.01 * penalty()  # noqa: B023, E731
        found.append(numbers(model, quiet(model, ROWS, SIGNS, loss, compiled=compiled)))
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    assert eager_steps == [16, 7] * 10  # of the graph alone


def test_a_model_may_give_lists_in_a_tuple(eager_steps: list[int]) -> None:
    class Coder(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Layer(3, 3, "tanh", seed=0)

        def __call__(self, x: Any) -> Any:
            y = self.layer(x)
            return y, (y[0] * 2.0, [y[1]]), 3.0

    def loss(output: Any, t: float) -> Any:
        y, (doubled, _), three = output
        return (doubled + y[2] - t) ** 2 * three

    compiled, graph = trained(Coder, ROWS, SIGNS, loss, epochs=3, validation=(ROWS[:5], SIGNS[:5]))
    assert compiled == pytest.approx(graph, rel=1e-9)
    assert eager_steps == [16, 7] * 3  # of the second training alone
    model = Coder()
    found = nn.predict(model, ROWS * 1000)
    assert found[:2] == [[y := [v.data for v in model.layer(x)], [2.0 * y[0], [y[1]]], 3.0] for x in ROWS[:2]]


def test_a_loss_of_the_model_may_ask_for_gradients_by_its_parameters(eager_steps: list[int]) -> None:
    def after_a_step(model: Any, x: Any, t: float) -> Any:
        parameters = model.parameters()
        partials = gradient((model(x) - t) ** 2, parameters, create_graph=True)
        return (model.at([p - 0.1 * d for p, d in zip(parameters, partials, strict=True)])(x) - t) ** 2

    compiled, graph = trained(net, ROWS, SIGNS, after_a_step, epochs=3, validation=(ROWS[:5], SIGNS[:5]))
    assert compiled == pytest.approx(graph, rel=1e-9)
    assert eager_steps == [16, 7] * 3  # of the second training alone


def test_few_parameters_with_a_large_graph_are_worth_compiling() -> None:
    class Oscillator(nn.Module):
        def __init__(self) -> None:
            self.k = Value(0.5)

        def __call__(self, x: Any) -> Any:
            y, v = x[0], 0.0
            for _ in range(200):
                y, v = y + 0.05 * v, v - 0.05 * self.k * y
            return y

    rows = [[k / 10] for k in range(10)]
    assert quiet(Oscillator(), rows, [x[0] for x in rows], epochs=60, lr=1e-3).compiled
    assert "little work" in quiet(net(), ROWS[:10], SIGNS[:10], epochs=60).why


def test_a_loss_of_the_model_a_row_and_its_target_compiles(eager_steps: list[int]) -> None:
    def loss(model: Any, x: Any, t: Any) -> Any:
        return nn.mse(model(x), t) + 0.1 * nn.mse(model([-x_i for x_i in x]), -t)

    one, other = trained(net, ROWS, SIGNS, loss, validation=(ROWS, SIGNS))
    assert one == pytest.approx(other, rel=1e-9)
    assert eager_steps == [16, 7] * 10


def test_an_optimiser_with_parameters_outside_the_model_steps_eagerly(eager_steps: list[int]) -> None:
    model, slack = net(), Value(0.5)
    optimiser = nn.SGD([*model.parameters(), slack], lr=0.1)
    history = quiet(model, ROWS, SIGNS, lambda y, t: nn.mse(y + slack, t), optimiser, epochs=1)
    assert eager_steps == [16, 7]
    assert history.why == "the optimiser has parameters that the model hasn't"
    assert slack.data != 0.5


def test_a_gradient_of_0_is_one_in_the_compiled_step_too(eager_steps: list[int]) -> None:
    """Weight decay moves a parameter whose gradient is 0, by machine code as by the graph."""
    moved = []
    for compiled in (None, False):
        model = nn.MLP(2, [1])
        for parameter in model.parameters():
            parameter.data = -1.0
        optimiser = nn.SGD(model.parameters(), lr=0.5, weight_decay=0.5)
        quiet(model, [[1.0, 2.0]], [-4.0], "mse", optimiser, epochs=1, compiled=compiled)
        moved.append([p.data for p in model.parameters()])
    assert moved == [[-0.75] * 3] * 2
    assert eager_steps == [1]


def test_what_no_row_reaches_has_gradient_0(eager_steps: list[int]) -> None:
    class Idle(nn.Module):
        def __init__(self) -> None:
            self.net, self.idle = net(), Value(1.0)

        def __call__(self, x: Any) -> Any:
            return self.net(x)

    for compiled in (True, False):
        model = Idle()
        optimiser = nn.SGD(model.parameters(), lr=0.5, weight_decay=0.5)
        quiet(model, ROWS, SIGNS, "mse", optimiser, epochs=1, batch_size=None, compiled=compiled)
        assert (model.idle.data, model.idle.grad) == (0.75, 0.0)  # moved by its decay
    assert eager_steps == [23]


def test_a_number_that_changes_between_epochs_is_noticed(eager_steps: list[int]) -> None:
    found = []
    for compiled in (None, False):
        weight, model = [1.0], net()

        def loss(y: Any, t: Any) -> Any:
            return weight[0] * nn.mse(y, t)  # noqa: B023

        def anneal(epoch: int, _: nn.History) -> None:
            weight[0] = 1.0 if epoch < 4 else 0.5  # noqa: B023

        found.append(numbers(model, quiet(model, ROWS, SIGNS, loss, on_epoch=anneal, compiled=compiled)))
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    assert eager_steps == [16, 7] * 6 + [16, 7] * 10


def test_a_number_that_changes_by_itself_is_noticed_before_the_next_epoch(eager_steps: list[int]) -> None:
    class Annealed(nn.SGD):
        weight = 1.0

        def step(self) -> None:
            super().step()
            Annealed.weight *= 0.9

    model = net()
    history = quiet(model, ROWS, SIGNS, lambda y, t: Annealed.weight * nn.mse(y, t), Annealed(model.parameters()), epochs=4)
    assert eager_steps == [16, 7] * 3
    assert history.why == "a number that isn't a Value is another one at each row or between epochs"


def test_a_parameter_that_is_exchanged_between_epochs_is_noticed(eager_steps: list[int]) -> None:
    model = net()

    def prune(*_: object) -> None:
        model.layers[0].neurons[0].w[0] = Value(0.0)

    quiet(model, ROWS, SIGNS, "mse", nn.SGD(model.parameters()), on_epoch=prune, epochs=3)
    assert eager_steps == [16, 7] * 2


@pytest.mark.usefixtures("forced")
def test_detect_anomaly_names_the_operation() -> None:
    with detect_anomaly(), pytest.raises(AnomalyError, match="log"):
        quiet(net(), ROWS, SIGNS, lambda y, _: log(y * 0.0))


@pytest.mark.usefixtures("forced")
def test_in_no_grad_nothing_is_trained_compiled_or_not() -> None:
    model = net()
    before = model.state_dict()
    with no_grad():
        quiet(model, ROWS, SIGNS, "mse", epochs=1)
    assert model.state_dict() == before


@pytest.mark.parametrize("missing", ["llvmlite", "numpy"])
def test_without_the_packages_steps_are_eager(missing: str, eager_steps: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    history = quiet(net(), ROWS, SIGNS, "mse", epochs=1)
    assert eager_steps == [16, 7]
    assert history.why.startswith("compiling needs llvmlite and NumPy: pip install '.[compile]' in a clone")


def test_little_work_is_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("compiled")

    monkeypatch.setattr(trainer, "CompiledStep", refuse)
    quiet(net(), ROWS, SIGNS, "mse", epochs=40)  # 920 rows
    quiet(nn.MLP(3, [1], seed=0), ROWS, SIGNS, "mse", epochs=100)  # 4 parameters
    with pytest.raises(AssertionError, match="compiled"):
        quiet(nn.MLP(3, [40, 1], seed=0), ROWS, SIGNS, "mse", epochs=100)


@pytest.mark.usefixtures("forced")
def test_an_error_of_the_loss_is_the_users_to_see() -> None:
    model = nn.MLP(3, [5, 1], "relu", 0)  # gives no probabilities
    with pytest.raises(ValueError, match="takes probabilities, got"):
        quiet(model, ROWS, BITS, "binary_cross_entropy")


def test_a_step_is_none_where_it_fails_and_stays_so() -> None:
    model = net()
    step, examples = CompiledStep(model, cutting), check_examples(ROWS, SIGNS)
    at = np.array([p.data for p in model.parameters()])
    assert step.gradient(at, examples) is None
    assert step.rows(at, examples) is None
    step.recheck()
    assert step.gradient(at, examples) is None


def test_rows_are_losses_and_predictions() -> None:
    model = net(2)
    at = np.array([p.data for p in model.parameters()])
    losses, predictions = CompiledStep(model, nn.mse).rows(at, check_examples(ROWS, PAIRS)) or ([], [])
    assert np.array(predictions) == pytest.approx(np.array(nn.predict(model, ROWS)), rel=1e-12)
    assert losses == pytest.approx([nn.mse(model(x), t).data for x, t in zip(ROWS, PAIRS, strict=True)], rel=1e-12)


# -- a loss that is a plain number on some rows ----------------------------------------------------


def margin(s: Any, t: Any) -> Any:
    return max(0.0, 1 - t * s)


def branching(s: Any, t: Any) -> Any:
    return 0 if s * t > 1 else 1 - t * s


class Gated(nn.Module):
    """A model that gives a plain number for some rows."""

    def __init__(self) -> None:
        self.net = net()

    def __call__(self, x: Any) -> Any:
        return 0.0 if x[0] < 0 else self.net(x)


@pytest.mark.parametrize("loss", [margin, branching])
@pytest.mark.parametrize("batch_size", [1, 16])
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=["sgd", "nesterov", "adam"])
def test_a_loss_that_is_plain_on_some_rows_trains_as_hinge_does(
    loss: Any, batch_size: int, optimiser: Callable[..., nn.Optimiser], eager_steps: list[int]
) -> None:
    found = []
    for function, compiled in ((loss, True), (loss, False), ("hinge", False)):
        model = net()
        options = {"compiled": compiled, "batch_size": batch_size, "epochs": 60, "validation": (ROWS, SIGNS)}
        history = quiet(model, ROWS, SIGNS, function, optimiser(model.parameters()), **options)
        found.append([*model.state_dict().values(), *history.loss, *history.val_loss])
        assert len(history.loss) == 60
    assert found[1] == found[2]  # to the last bit
    assert found[0] == pytest.approx(found[2], rel=1e-9, abs=1e-13)
    assert len(eager_steps) == 2 * 60 * -(-23 // batch_size)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_model_that_gives_plain_numbers_trains_on_the_other_rows(batch_size: int, eager_steps: list[int]) -> None:
    found = []
    for compiled in (None, False):
        model = Gated()
        history = quiet(model, ROWS, SIGNS, "mse", batch_size=batch_size, compiled=compiled, validation=(ROWS, SIGNS))
        found.append(numbers(model, history))
        assert history.loss[-1] < history.loss[0]
        assert history.compiled == (compiled is not False)
    assert found[0] == pytest.approx(found[1], rel=1e-9)


# -- targets that are indices ----------------------------------------------------------------------


def of_class(scores: Any, k: int) -> Any:
    return logsumexp(scores) - scores[k]


@pytest.mark.parametrize(
    "y",
    [[int(k) for k in CLASSES], np.array(CLASSES, int), [np.int64(k) for k in CLASSES]],
    ids=["ints", "array", "scalars"],
)
def test_a_loss_that_takes_the_class_as_an_index_compiles(y: Any, eager_steps: list[int]) -> None:
    one, other = trained(lambda: net(3), ROWS, y, of_class, validation=(ROWS, y))
    assert one == pytest.approx(other, rel=1e-9)
    assert eager_steps == [16, 7] * 10
    model = net(3)
    history = quiet(model, ROWS, y, "cross_entropy", compiled=False, validation=(ROWS, y))
    assert one == pytest.approx([*model.state_dict().values(), *history.loss, *history.val_loss], rel=1e-9)


@pytest.mark.parametrize("y", [[t > 0 for t in SIGNS], np.array(SIGNS) > 0], ids=["bools", "array"])
def test_bools_are_indices_too(y: Any, eager_steps: list[int]) -> None:
    one, other = trained(lambda: net(2), ROWS, y, of_class)
    assert one == pytest.approx(other, rel=1e-9)
    assert eager_steps == [16, 7] * 10


def test_more_labels_than_can_be_compiled_go_node_by_node(eager_steps: list[int]) -> None:
    history = quiet(net(23), ROWS, list(range(23)), of_class, epochs=1)
    assert eager_steps == [16, 7]
    assert "target'), an index or a length at " in history.why


def test_indices_in_rows_of_targets_are_ints(eager_steps: list[int]) -> None:
    pairs = [[k, 0.5] for k in map(int, CLASSES)]
    quiet(net(3), ROWS, pairs, lambda scores, t: t[1] * of_class(scores, t[0]), epochs=1)
    assert eager_steps == [16, 7]


# -- where compiled and graph disagree ---------------------------------------------------------------


@primitive(lambda _, x: 2.0 * x if isinstance(x, float) else 3.0 * x)
def square_of_two_minds(x: float) -> float:
    return x * x


def twice_where_traced(y: Any, t: Any) -> Any:
    return nn.mse(y, t) * (2.0 if isinstance(t, Value) else 1.0)


def wrong_beyond_one(y: Any, t: Any) -> Any:
    return square_of_two_minds(y - t) if y > 0.3 else nn.mse(y, t)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (
            lambda y, t: square_of_two_minds(y - t),
            r"is (\d\.\d{9})\d* compiled and \1\d* node by node, the mean of 8 rows; ∂loss/∂layer0.neuron0.w0 is \S+ and ",
        ),
        (twice_where_traced, "the loss twice_where_traced of MLP is .* compiled and .* node by node"),
        (wrong_beyond_one, "∂loss/∂layer0.neuron0"),
    ],
)
@pytest.mark.usefixtures("forced")
def test_where_one_of_the_two_is_wrong_nothing_is_trained(loss: Any, message: str) -> None:
    model = net()
    before = model.state_dict()
    with pytest.raises(nn.DisagreementError, match=message) as caught:
        quiet(model, ROWS, SIGNS, loss)
    assert "compiled=False trains node by node" in str(caught.value)
    assert model.state_dict() == before


@pytest.mark.usefixtures("forced")
def test_a_branch_that_is_wrong_is_found_when_a_row_first_takes_it() -> None:
    """The first epochs' rows don't take it: all outputs are below 0.3 there."""
    model = net()
    for parameter in model.layers[-1].parameters():
        parameter.data = 0.0
    with pytest.raises(nn.DisagreementError) as caught:
        quiet(model, ROWS, [1.0] * len(ROWS), wrong_beyond_one, nn.SGD(model.parameters(), lr=0.02), epochs=100)
    assert len(vars(caught.value)["history"].loss) > 0


class Counting(nn.Module):
    """A model whose output depends on how often it was called."""

    def __init__(self) -> None:
        self.net, self.calls = net(), 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        return self.net(x) * (1.0 + 1.0 / self.calls)


class Dropout(nn.Module):
    """A model that draws random numbers from a generator of its own."""

    def __init__(self) -> None:
        self.net, self.rng = net(), random.Random(0)

    def __call__(self, x: Any) -> Any:
        return self.net([x_i * self.rng.choice((0.0, 2.0)) for x_i in x])


@pytest.mark.parametrize("make", [Counting, Dropout])
def test_what_differs_at_each_call_goes_node_by_node(make: Any, eager_steps: list[int]) -> None:
    history = quiet(make(), ROWS, SIGNS, "mse", epochs=2)
    assert eager_steps == [16, 7] * 2
    assert history.why == "model and loss draw random numbers, change something at each call or capture a parameter"
    assert "node by node: model and loss draw" in repr(history)


def test_rounding_at_the_end_of_a_training_is_no_disagreement(eager_steps: list[int]) -> None:
    """Where the loss is 1e-30, value and gradient are rounding errors, and other ones compiled."""
    targets = [0.5 * a - 0.25 * b + c for a, b, c in ROWS]
    model = nn.MLP(3, [1], seed=0)
    history = quiet(model, ROWS, targets, "mse", nn.SGD(model.parameters(), lr=0.2), epochs=200, batch_size=None,
                    on_epoch=lambda *_: None)  # fmt: skip
    assert history.loss[-1] < 1e-28
    assert history.why == ""
    assert eager_steps == []


@pytest.mark.usefixtures("forced")
def test_what_is_nan_or_infinite_both_ways_is_a_divergence_and_no_disagreement() -> None:
    for factor in (math.inf, math.nan):
        with pytest.raises(nn.DivergedError):
            quiet(net(), ROWS, SIGNS, lambda y, t: nn.mse(y, t) * factor)  # noqa: B023


# -- derivatives inside a model ----------------------------------------------------------------------


class Oscillator(nn.Module):
    """A physics-informed net: the residual of u″ + u = 0 at x, for a net u."""

    def __init__(self) -> None:
        self.u = nn.MLP(1, [6, 1], "tanh", 0)

    def __call__(self, x: Any) -> Any:
        return derivative(self.at, x[0], 2) + self.at(x[0])

    def at(self, x: Any) -> Any:
        return self.u([x])


def by_differences(model: nn.Module, loss: Callable[[], float], step: float = 1e-6) -> list[float]:
    partials = []
    for parameter in model.parameters():
        there = parameter.data
        values = []
        for parameter.data in (there - step, there + step):
            values.append(loss())
        parameter.data = there
        partials.append((values[1] - values[0]) / (2.0 * step))
    return partials


POINTS = [[x / 10.0] for x in range(20)]


@pytest.mark.parametrize("captured", [False, True])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.usefixtures("forced")
def test_a_derivative_by_the_input_is_trained_through(captured: bool, compiled: bool) -> None:
    model = Oscillator()
    u = model.u
    residual = (lambda _, t: (derivative(model.at, t, 2) + model.at(t)) ** 2) if captured else (lambda r, _: r * r)
    trained = u if captured else model
    targets = [x for (x,) in POINTS]
    data = nn.Data(POINTS, targets)

    def loss() -> float:
        return nn.evaluate(trained, *data, residual)[0]

    before, expected = list(trained.state_dict().values()), by_differences(trained, loss)
    history = quiet(
        trained, *data, residual, nn.SGD(trained.parameters(), lr=0.1), epochs=1, batch_size=None, compiled=compiled
    )
    moved = [(a - b) / 0.1 for a, b in zip(before, trained.state_dict().values(), strict=True)]
    assert moved == pytest.approx(expected, rel=1e-5, abs=1e-8)
    assert history.compiled == compiled  # one that is captured too
