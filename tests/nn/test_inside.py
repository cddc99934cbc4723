"""``nn.inspect`` and ``nn.Monitor``: the numbers of every layer are those of the graph, whatever the model is made of."""

import math
import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, no_grad
from nn.examples import check_examples
from nn.inside import HEAD
from nn.losses import as_loss
from nn.probe import Probe

RNG = random.Random(0)
X = [[RNG.gauss(0.0, 1.0) for _ in range(4)] for _ in range(12)]
Y = [RNG.gauss(0.0, 1.0) for _ in X]


def by_hand(model: nn.MLP, x: list[float], t: float) -> list[tuple[float, float]]:
    """‖δ‖ and ‖a‖ of every layer, as notebook 5 computes them."""
    passes = model.layerwise(x)
    nn.mse(passes[-1].a[0], t).backward()
    sizes = [(math.hypot(*(z.grad for z in pass_.z)), math.hypot(*(a.data for a in pass_.a))) for pass_ in passes]
    model.zero_grad()
    return sizes


@pytest.mark.parametrize("times", [0, 10_000], ids=["node by node", "compiled"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "elu"])
def test_the_numbers_are_means_over_the_rows_of_those_of_the_graph(times: int, activation: str) -> None:
    model = nn.MLP(4, [5, 3, 1], activation, seed=0)
    probe = Probe(model, as_loss("mse"), check_examples(X, Y))
    passages = probe.passages(times)
    assert probe.compiled == bool(times)
    rows = [by_hand(model, x, t) for x, t in zip(X, Y, strict=True)]
    for passage, sizes in zip(passages, zip(*rows, strict=True), strict=True):
        assert passage.gradient == pytest.approx(sum(g for g, _ in sizes), rel=1e-12)
        assert passage.activations == pytest.approx(sum(a for _, a in sizes), rel=1e-12)


def test_a_sigmoid_net_of_a_hundred_layers_vanishes() -> None:
    model = nn.MLP(4, [8] * 99 + [1], "sigmoid", seed=0)
    found = nn.inspect(model, X[:3], Y[:3], "mse")
    assert len(found.layers) == 100
    sizes = [by_hand(model, x, t)[0][0] for x, t in zip(X[:3], Y[:3], strict=True)]
    assert found.layers[0].gradient == pytest.approx(sum(sizes) / 3.0, rel=1e-9)
    assert 0.0 < found.layers[0].gradient < 1e-60
    (line,) = found.words()
    assert line.startswith("layers 1-9")
    assert line.endswith("in layer 1: vanishing")


def test_saturated_sigmoids_are_counted() -> None:
    model = nn.MLP(1, [2, 1], "sigmoid", initialiser=lambda *_: 1.0, seed=0)
    for neuron, weight in zip(model.layers[0].neurons, (100.0, 0.1), strict=True):
        neuron.w[0].data = weight
    found = nn.inspect(model, [[1.0], [-1.0], [2.0]], [0.0, 0.0, 0.0], "mse")
    assert [layer.saturated for layer in found.layers] == [0.5, None]
    assert found.words() == ["layer 1: sigmoid saturated in 50 %"]


def test_dead_relus_are_those_at_rest_in_every_row() -> None:
    model = nn.MLP(1, [4, 1], "relu", seed=0)
    state = {"w0": (1.0, 1.0, -1.0, -1.0), "b": (0.0, -9.0, -9.0, 0.0)}  # of four neurons
    hidden = {f"neuron{k}.{name}": numbers[k] for k in range(4) for name, numbers in state.items()}
    model.layers[0].load_state_dict(hidden)
    found = nn.inspect(model, [[1.0], [-1.0]], [0.0, 0.0], "mse")
    assert [layer.dead for layer in found.layers] == [0.5, None]
    assert found.words() == ["layer 1: 2 of 4 relu units are dead, flat for every row"]


def test_what_explodes_is_seen() -> None:
    model = nn.MLP(4, [8] * 12 + [1], "relu", seed=0)
    for parameter in model.parameters():
        parameter.data *= 4.0
    assert any("exploding" in line for line in nn.inspect(model, X, Y, "mse").words())


class Residual(nn.Module):
    """Layers that are called in another order than they are kept, one of them twice; and a neuron of its own."""

    def __init__(self) -> None:
        self.last = nn.Neuron(4, "linear", seed=0)
        self.body = nn.Layer(4, 4, "tanh", seed=1)
        self.unused = nn.Layer(4, 4, "tanh", seed=2)

    def __call__(self, x: Any) -> Any:
        for _ in range(2):
            x = [a + 0.1 * b for a, b in zip(x, self.body(x), strict=True)]
        return self.last(x)


@pytest.mark.parametrize("times", [0, 10_000], ids=["node by node", "compiled"])
def test_layers_are_found_wherever_they_are_called(times: int) -> None:
    model = Residual()
    passages = Probe(model, as_loss("mse"), check_examples(X, Y)).passages(times)
    assert [passage.name for passage in passages] == ["body", "body", "last"]
    assert all(passage.gradient > 0.0 for passage in passages)


def test_a_layer_that_the_loss_does_not_reach_has_gradient_0() -> None:
    class Unheard(nn.Module):
        def __init__(self) -> None:
            self.deaf, self.heard = nn.Layer(4, 2, seed=0), nn.Neuron(4, "linear", seed=1)

        def __call__(self, x: Any) -> Value:
            self.deaf(x)
            return self.heard(x)

    found = nn.inspect(Unheard(), X, Y, "mse")
    assert [layer.gradient > 0.0 for layer in found.layers] == [False, True]
    assert found.words() == ["layer 1: gradients are 0: vanishing"]


def test_a_loss_that_is_a_plain_number_has_gradient_0() -> None:
    model = nn.MLP(4, [1], seed=0)
    found = nn.inspect(model, X, [1] * len(X), lambda s, t: max(0.0, -1e9 - t * s))
    assert found.words() == ["layer 1: the gradient is 0 for every row: nothing is learned from them"]


@pytest.mark.parametrize("loss", ["cross_entropy", lambda scores, k: -scores[k]])
def test_several_outputs_and_a_loss_that_takes_an_index(loss: Any) -> None:
    found = nn.inspect(nn.MLP(4, [5, 3], "tanh", seed=0), X, [k % 3 for k in range(len(X))], loss)
    assert [layer.units for layer in found.layers] == [5, 3]
    assert found.words() == ["nothing wrong"]


def test_what_is_not_finite_is_not_called_dead() -> None:
    model = nn.MLP(4, [3, 1], "relu", seed=0)
    model.layers[0].neurons[0].w[0].data = math.nan
    for times in (0, 10_000):
        first = Probe(model, as_loss("mse"), check_examples(X, Y)).passages(times)[0]
        assert first.steepest[0] == math.inf
    assert nn.inspect(model, X, Y, "mse").words()[0].endswith("aren't finite: exploded")


def test_within_no_grad_it_sees_the_same() -> None:
    model = nn.MLP(4, [3, 1], "tanh", seed=0)
    outside = nn.inspect(model, X, Y, "mse")
    with no_grad():
        assert nn.inspect(model, X, Y, "mse").layers == outside.layers


def test_in_a_compiled_training_it_sees_the_parameters_of_each_epoch() -> None:
    model = nn.MLP(4, [5, 1], "tanh", seed=0)
    numbers: list[list[float]] = []

    def note(_epoch: int, _history: nn.History) -> None:
        numbers.append([p.data for p in model.layers[0].parameters()])

    monitor = nn.Monitor(model, X, Y, "mse")
    history = nn.fit(model, X, Y, "mse", "sgd", 3, 4, True, lr=0.01, seed=0, progress=False, callbacks=[monitor, note])
    assert history.compiled
    updates = [found.layers[0].update for found in monitor.inspections]
    expected = [math.dist(new, old) / math.hypot(*old) for old, new in pairwise(numbers)]
    assert updates[1:] == pytest.approx(expected, rel=1e-12)


def test_a_layer_that_is_called_again_and_again_has_a_row_for_each_call() -> None:
    class Recurrent(nn.Module):
        def __init__(self) -> None:
            self.cell, self.out = nn.Layer(4, 3, "tanh", seed=0), nn.Neuron(3, "linear", seed=1)

        def __call__(self, x: Any) -> Value:
            state: list[Any] = [0.0] * 3
            for number in x:
                state = self.cell([number, *state])
            return self.out(state)

    found = nn.inspect(Recurrent(), X, Y, "mse")
    assert [layer.name for layer in found.layers] == ["cell"] * 4 + ["out"]
    assert found.layers[0].gradient < found.layers[3].gradient


def test_a_loss_of_the_model_goes_through() -> None:
    model = nn.MLP(4, [3, 1], "tanh", seed=0)

    def penalised(model: Any, x: Any, t: float) -> Any:
        return (model(x) - t) ** 2 + 0.1 * sum(w * w for w in model.parameters())

    found, plainly = (nn.inspect(model, np.array(X), np.array(Y), loss) for loss in (penalised, "mse"))
    assert [layer.gradient for layer in found.layers] == [layer.gradient for layer in plainly.layers]


def test_embeddings_and_targets_in_rows_go_through() -> None:
    model = nn.Sequential(nn.Embedding(5, 3, seed=0), nn.flatten, nn.MLP(6, [4, 2], "tanh", seed=1))
    found = nn.inspect(model, [[0, 4], [1, 2]], [[0.5, 1.0], [0.0, 1.0]], "mse")
    assert [layer.name for layer in found.layers] == ["part2.layer0", "part2.layer1"]


def test_the_model_stays_as_it_is() -> None:
    model = nn.MLP(4, [3, 1], "tanh", seed=0)
    model(X[0]).backward()
    before = [(p.data, p.grad) for p in model.parameters()]
    nn.inspect(model, X, Y, "mse")
    assert [(p.data, p.grad) for p in model.parameters()] == before
    assert "through" not in vars(model.layers[0])


# -- what is shown -------------------------------------------------------------------------------------


def test_it_prints_as_a_table_and_words() -> None:
    lines = str(nn.inspect(nn.MLP(4, [3, 1], "tanh", seed=0), X, Y, "mse")).splitlines()
    assert lines[0] == "12 rows"
    assert lines[1].split() == HEAD
    assert [line.split()[1:4] for line in lines[2:4]] == [["layer0", "3", "tanh"], ["layer1", "1", "linear"]]
    assert lines[4:] == ["nothing wrong"]


def test_a_notebook_shows_a_table_with_the_words() -> None:
    html = nn.inspect(nn.MLP(4, [3, 1], "tanh", seed=0), X, Y, "mse")._repr_html_()
    assert html.count("<tr>") == 3
    assert "12 rows: nothing wrong" in html


# -- a monitor -------------------------------------------------------------------------------------------


def monitored(epochs: int = 4, every: int = 1, freeze: str = "") -> nn.Monitor:
    model = nn.MLP(4, [5, 1], "tanh", seed=0)
    if freeze:
        model.freeze(freeze)
    monitor = nn.Monitor(model, X, Y, "mse", every)
    nn.fit(model, X, Y, "mse", "sgd", epochs, None, False, lr=0.01, seed=0, progress=False, callbacks=[monitor])
    return monitor


def test_a_monitor_inspects_after_every_epoch() -> None:
    assert [found.epoch for found in monitored().inspections] == [1, 2, 3, 4]
    assert [found.epoch for found in monitored(6, every=3).inspections] == [3, 6]
    assert monitored().words() == ["nothing wrong"]
    assert str(monitored()).startswith("after epoch 4, 12 rows\n")
    assert "after epoch 4, 12 rows" in monitored()._repr_html_()


def test_all_that_a_monitor_found_is_a_table() -> None:
    records = monitored(3).records()
    assert [(each["epoch"], each["name"]) for each in records] == [(e, n) for e in (1, 2, 3) for n in ("layer0", "layer1")]
    assert list(records[0]) == [
        *("epoch", "number", "name", "units", "activation"),
        *("gradient", "activations", "update", "dead", "saturated"),
    ]


def test_a_second_training_goes_on_where_the_first_ended() -> None:
    model = nn.MLP(4, [1], seed=0)
    monitor = nn.Monitor(model, X, Y, "mse", every=2)
    for epochs in (3, 1, 2):
        nn.fit(model, X, Y, "mse", "sgd", epochs, None, False, lr=0.01, progress=False, callbacks=[monitor])
    assert [found.epoch for found in monitor.inspections] == [2, 4, 6]


def test_updates_are_measured_against_the_parameters_before() -> None:
    model = nn.MLP(4, [5, 1], "tanh", seed=0)
    before = [[p.data for p in layer.parameters()] for layer in model.layers]
    monitor = nn.Monitor(model, X, Y, "mse")
    nn.fit(model, X, Y, "mse", "sgd", 1, None, False, lr=0.01, seed=0, progress=False, callbacks=[monitor])
    for layer, old, state in zip(model.layers, before, monitor.inspections[0].layers, strict=True):
        now = [p.data for p in layer.parameters()]
        assert state.update == pytest.approx(math.dist(now, old) / math.hypot(*old), rel=1e-12)


def test_a_frozen_layer_has_no_update() -> None:
    first, second = monitored(freeze="layer0").inspections[-1].layers
    assert first.update is None
    assert second.update is not None


def test_before_the_first_epoch_a_monitor_says_so() -> None:
    monitor = nn.Monitor(nn.MLP(4, [1], seed=0), X, Y, "mse")
    assert monitor.words() == ["nothing inspected yet"]
    assert str(monitor) == monitor._repr_html_() == "Monitor: nothing inspected yet"


# -- bad input -------------------------------------------------------------------------------------------


def test_bad_input_is_named() -> None:
    class Slope(nn.Module):
        def __init__(self) -> None:
            self.slope = Value(1.0)

        def __call__(self, x: Any) -> Any:
            return self.slope * x[0]

    model = nn.MLP(4, [1], seed=0)
    wrong: Any = "model"
    with pytest.raises(ValueError, match="inspect: Slope has no nn.Layer and no nn.Neuron to look into"):
        nn.inspect(Slope(), X, Y, "mse")
    with pytest.raises(TypeError, match="Monitor: model must be an nn.Module such as"):
        nn.Monitor(wrong, X, Y, "mse")
    with pytest.raises(ValueError, match="differ in length"):
        nn.inspect(model, X, Y[1:], "mse")
    with pytest.raises(ValueError, match="takes 4 inputs, got 1"):
        nn.inspect(model, [[1.0]], [1.0], "mse")
    with pytest.raises(ValueError, match="every must be at least 1, got 0"):
        nn.Monitor(model, X, Y, "mse", every=0)
