"""``nn.Trainer``: steps and epochs of any batches, arrays inside and Values outside."""

import copy
import math
import pickle
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nn
from autograd import log
from nn.data import permutation
from nn.examples import check_examples
from nn.noise import Generator, drawing

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.sign(X[:, 0] * X[:, 1])


def net(nout: int = 1) -> nn.MLP:
    return nn.MLP(3, [6, nout], "tanh", 0)


def numbers(model: nn.Module) -> list[float]:
    return list(model.state_dict().values())


def batches(data: Any = X, targets: Any = Y, size: int = 16) -> list[tuple[Any, Any]]:
    return [(data[i : i + size], targets[i : i + size]) for i in range(0, len(targets), size)]


# -- steps and epochs ------------------------------------------------------------------------------


@pytest.mark.parametrize("compiled", [True, False])
def test_an_epoch_is_a_step_on_each_batch(compiled: bool) -> None:
    one, other = net(), net()
    by_step, by_epoch = (nn.Trainer(model, "hinge", "adam", compiled=compiled) for model in (one, other))
    losses = [by_step.step(*batch) for batch in batches()]
    result = by_epoch.epoch(batches())
    assert numbers(one) == numbers(other)
    assert result.loss == pytest.approx(np.average(losses, weights=[16, 16, 16, 12]), rel=1e-14)
    assert by_step.compiled == by_epoch.compiled == compiled


def test_both_ways_agree_in_everything() -> None:
    found = []
    for compiled in (True, False):
        model = net()
        optimiser = nn.Adam(model.parameters(), lr=0.05)
        trainer = nn.Trainer(model, "hinge", optimiser, compiled=compiled)
        results = [trainer.epoch(batches()) for _ in range(5)]
        found.append([*numbers(model), *(x for result in results for x in result), *(p.grad for p in model.parameters())])
        assert (optimiser.steps, optimiser.state_dict()["counts"]) == (20, [20] * len(model.parameters()))
    assert found[0] == pytest.approx(found[1], rel=1e-9)


def test_between_calls_the_model_is_as_the_last_step_left_it() -> None:
    model = net()
    trainer = nn.Trainer(model, "mse", nn.SGD(model.parameters(), lr=0.1))
    for _ in range(3):
        expected = nn.evaluate(model, X, Y, "mse")[0]
        assert trainer.step(X, Y) == pytest.approx(expected)
        assert nn.evaluate(model, X, Y, "mse")[0] < expected
    model.parameters()[0].data = 0.25  # what is written between calls counts
    expected = nn.evaluate(model, X, Y, "mse")[0]
    assert trainer.step(X, Y) == pytest.approx(expected)
    assert trainer.compiled


@pytest.mark.parametrize(
    "form",
    [
        lambda: batches(X.tolist(), Y.tolist()),
        lambda: iter(batches()),
        lambda: (nn.Data(x.tolist(), y.tolist()) for x, y in batches()),
        lambda: [(x.astype("f4").astype("f8"), y.astype(int)) for x, y in batches()],
    ],
    ids=["lists", "iterator", "data", "ints"],
)
def test_batches_come_from_any_iterable(form: Any) -> None:
    assert nn.Trainer(net(), "hinge", "adam").epoch(form()).loss == pytest.approx(
        nn.Trainer(net(), "hinge", "adam").epoch(batches()).loss, rel=1e-6
    )


def test_weights_count_rows() -> None:
    """Two of a row are the row with weight 2."""
    found = []
    for compiled in (True, False):
        weighted, doubled = net(), net()
        weights = [2.0] * 10 + [1.0] * 20
        one = nn.Trainer(weighted, "mse", "sgd", lr=0.1, compiled=compiled).step(X[:30], Y[:30], weights)
        twice = np.concatenate([X[:10], X[:30]]), np.concatenate([Y[:10], Y[:30]])
        other = nn.Trainer(doubled, "mse", "sgd", lr=0.1, compiled=compiled).step(*twice)
        assert one == pytest.approx(other, rel=1e-13)
        assert numbers(weighted) == pytest.approx(numbers(doubled), rel=1e-12)
        found.append(numbers(weighted))
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_rows_that_count_0_are_as_if_they_were_not_there() -> None:
    """Else a batch of them alone would divide by 0."""
    counting = [k for k in range(60) if k % 3 == 0]
    labels = [k % 3 for k in range(60)]
    for compiled in (True, False):
        found = []
        for rows, options in (
            (counting, {}),
            (range(60), {"weights": [float(k % 3 == 0) for k in range(60)]}),
            (range(60), {"class_weights": {1: 0.0, 2: 0.0}}),
        ):
            model = net(3)
            of_rows: Any = {"seed": 0, "progress": False, **options}
            y = [labels[k] for k in rows]
            history = nn.fit(model, X[list(rows)], y, "cross_entropy", "sgd", 4, 2, compiled, **of_rows)
            found.append([*numbers(model), *history.loss])
        assert found[1] == found[2] == pytest.approx(found[0], rel=1e-12)


def test_batches_with_and_without_weights_may_alternate() -> None:
    trainer = nn.Trainer(net(), "mse", "sgd", lr=0.0)
    losses = [trainer.epoch([(X, Y), (X, Y, [1.0] * 60)]).loss for _ in range(2)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-14)


def test_a_schedule_says_the_rate_of_every_step() -> None:
    model = net()
    rates: list[float] = []

    def halving(step: int) -> float:
        rates.append(0.1 * 0.5**step)
        return rates[-1]

    optimiser = nn.SGD(model.parameters())
    nn.Trainer(model, "mse", optimiser, schedule=halving).epoch(batches())
    assert rates == [0.1, 0.05, 0.025, 0.0125]
    assert optimiser.lr == 0.0125


class RootOfSquares(nn.Optimiser):
    """Adagrad as one may write it, with a function of math."""

    MEMORIES = ("squares",)

    def update(self, data: Any, gradient: Any, memory: Any, *settings: Any) -> tuple[Any, Any]:
        squares = memory[0] + gradient * gradient
        return data - settings[0] * gradient / (math.sqrt(squares) + 1e-10), (squares,)


def test_a_rule_that_cannot_be_compiled_is_called_number_by_number() -> None:
    found = []
    for compiled in (True, False):
        model = net()
        trainer = nn.Trainer(model, "hinge", RootOfSquares(model.parameters(), lr=0.05), compiled=compiled)
        results = [trainer.epoch(batches()) for _ in range(3)]
        assert trainer.compiled == compiled
        found.append([*numbers(model), *(result.loss for result in results)])
    assert found[0] == pytest.approx(found[1], rel=1e-10)


# -- rows in random order --------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_the_order_is_the_same_without_numpy(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with_numpy = list(map(int, permutation(n, random.Random(3))))
    monkeypatch.setattr("nn.data.found", lambda _: None)
    assert list(permutation(n, random.Random(3))) == with_numpy
    assert sorted(with_numpy) == list(range(n))


def test_parts_of_parts_are_the_examples_they_say() -> None:
    for data in (X, X.tolist()):
        examples = check_examples(data, Y.astype(int), "", [float(k) for k in range(1, 61)])
        part = examples.part([5, 3, 40, 7]).part([2, 0])
        assert part.lists == nn.Data([X[40].tolist(), X[5].tolist()], [int(Y[40]), int(Y[5])])
        assert part.arrays.X.tolist() == part.lists.X
        assert part.weights_listed == [41.0, 6.0]


# -- noise -----------------------------------------------------------------------------------------


class Noisy(nn.Module):
    """Inputs with noise, a hidden layer with dropout."""

    def __init__(self) -> None:
        self.noise, self.dropout = nn.Noise(0.1), nn.Dropout(0.4)
        self.hidden, self.out = nn.Layer(3, 8, "tanh", seed=0), nn.Neuron(8, "linear", seed=1)

    def __call__(self, x: Any) -> Any:
        return self.out(self.dropout(self.hidden(self.noise(x))))


def test_noise_is_the_same_both_ways_and_another_in_every_step() -> None:
    found = []
    for compiled in (True, False):
        model = Noisy()
        trainer = nn.Trainer(model, "mse", nn.SGD(model.parameters(), lr=0.0), compiled=compiled, seed=7)
        losses = [trainer.step(X, Y) for _ in range(6)]
        assert len(set(losses)) == 6
        assert trainer.compiled == compiled
        found.append(losses)
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_there_is_no_noise_but_in_training() -> None:
    model = Noisy()
    before = nn.predict(model, X)
    assert nn.predict(model, X) == before
    nn.fit(model, X, Y, epochs=1, lr=0.0, seed=0, progress=False)
    assert nn.predict(model, X) == before
    assert model(X[0]).data == pytest.approx(before[0])


@pytest.mark.parametrize("weights", [None, [1.0, 2.0] * 30])
def test_a_model_with_noise_is_compiled_where_what_is_held_out_is_judged_too(weights: Any) -> None:
    found = []
    for compiled in (True, False):
        model = Noisy()
        options: Any = {"validation": 0.3, "metrics": ["r2"], "weights": weights, "seed": 3, "progress": False}
        history = nn.fit(model, X, Y, "mse", "sgd", 5, 8, compiled, lr=0.05, **options)
        assert history.compiled == compiled
        found.append([*numbers(model), *history.loss, *history.val_loss, *history.metrics["r2"]])
    assert found[0] == pytest.approx(found[1], rel=1e-9)


def test_dropped_inputs_are_0_and_the_others_have_the_same_mean() -> None:
    dropout = nn.Dropout(0.25)
    with drawing(Generator(random.Random(0))):
        rows = np.array([dropout([1.0] * 40) for _ in range(500)])
    assert set(rows.ravel().tolist()) == {0.0, 1.0 / 0.75}
    assert rows.mean() == pytest.approx(1.0, abs=0.02)


# -- nudging ---------------------------------------------------------------------------------------


def test_nudging_and_the_chain_rule_end_at_the_same_parameters() -> None:
    found, passes = [], []
    for gradient in ("nudging", "chain rule"):
        model = net()
        optimiser = nn.SGD(model.parameters(), lr=0.05)
        history = nn.fit(model, X, Y, "mse", optimiser, 4, 16, seed=0, gradient=gradient, progress=False)
        found.append(numbers(model))
        passes.append(history.passes)
        assert history.loss[-1] < history.loss[0]
    assert found[0] == pytest.approx(found[1], abs=1e-3)
    assert found[0] != found[1]
    assert passes == [4 * 60 * (1 + 31), 4 * 60]  # one for each of 31 parameters, and one to compare with


def test_nudging_leaves_frozen_parameters_and_sees_the_same_noise_in_every_pass() -> None:
    model = Noisy()
    model.freeze("hidden")
    before = numbers(model)
    nn.Trainer(model, "mse", nn.SGD(model.parameters(), lr=0.01), gradient="nudging", seed=3).step(X, Y)
    nudged = numbers(model)
    for parameter, number in zip(model.parameters(), before, strict=True):
        parameter.data = number
    nn.Trainer(model, "mse", nn.SGD(model.parameters(), lr=0.01), compiled=False, seed=3).step(X, Y)
    assert nudged == pytest.approx(numbers(model), abs=1e-5)
    assert nudged[: len(model.hidden.parameters())] == before[: len(model.hidden.parameters())]
    assert nudged != before


# -- errors ----------------------------------------------------------------------------------------


def empty() -> Iterator[Any]:
    yield from ()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Trainer(net().parameters()), TypeError, "model must be an nn.Module"),  # type: ignore[arg-type]
        (lambda: nn.Trainer(net(), compiled="yes"), TypeError, "compiled must be None, True or False, got str 'yes'"),  # type: ignore[arg-type]
        (lambda: nn.Trainer(net(), gradient="guessing"), ValueError, "must be 'chain rule' or 'nudging', got 'guessing'"),  # type: ignore[arg-type]
        (lambda: nn.Trainer(net(), gradient="nudging", compiled=True), ValueError, "goes number by number"),
        (lambda: nn.Trainer(net(), schedule=0.1), TypeError, "schedule must be a function of the number of the step"),  # type: ignore[arg-type]
        (lambda: nn.Trainer(net(), "mse", nn.Adam(net().parameters())), ValueError, "none of the model's parameters"),
        (lambda: nn.Trainer(net()).epoch(empty()), ValueError, "empty, or a generator gone through once"),
        (lambda: nn.Trainer(net()).epoch(nn.Data([[1.0] * 3], [1.0])), TypeError, r"write \[\(X, y\)\] for one batch"),
        (lambda: nn.Trainer(net()).epoch([(X, Y), X]), TypeError, r"batch 1 must be a pair \(X, y\)"),
        (lambda: nn.Trainer(net()).epoch([(X, Y[:5])]), ValueError, "batch 0: X and batch 0: y differ in length"),
        (lambda: nn.Trainer(net()).step(X, Y, [1.0]), ValueError, "differ in length: 1 weights and 60 rows"),
        (lambda: nn.Trainer(net()).step(X, Y, [0.0] * 60), ValueError, "weights are all 0"),
        (lambda: nn.fit(net(), X, Y, class_weights={-1.0: -2.0}), ValueError, r"class_weights\[-1.0\] must be at least 0"),
        (lambda: nn.Trainer(net()).step(X, Y, [-1.0] * 60), ValueError, r"weights\[0\] must be at least 0, got -1.0"),
    ],
)
def test_what_makes_no_sense_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_number_that_is_not_finite_stops_before_anything_is_written() -> None:
    model = net()
    optimiser = nn.SGD(model.parameters(), lr=1e200)
    trainer = nn.Trainer(model, "mse", optimiser)
    trainer.step(X, Y)
    before, state = numbers(model), optimiser.state_dict()
    with pytest.raises(FloatingPointError):
        trainer.step(X, Y)
    assert (numbers(model), optimiser.state_dict()) == (before, state)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_loss_that_is_not_finite_names_its_row(compiled: bool) -> None:
    def log_of(y: Any, t: Any) -> Any:
        return log(t) * y

    trainer = nn.Trainer(net(), log_of, "sgd", compiled=compiled)
    with pytest.raises(FloatingPointError, match="^the loss is nan in row 17 of the batch; the parameters are those before"):
        trainer.step(X, [-1.0 if k == 17 else 1.0 for k in range(60)])


def test_an_index_outside_is_said_by_the_embedding_compiled_too() -> None:
    model = nn.Sequential(nn.Embedding(5, 3, seed=0), nn.flatten, nn.MLP(3, [1], seed=0))
    trainer = nn.Trainer(model, "mse", "sgd")
    trainer.step([[1], [2], [3]], [0.0, 1.0, 2.0])
    assert trainer.compiled
    with pytest.raises(IndexError, match="must be a whole number from 0 to 4; got 7"):
        trainer.step([[1], [7], [3]], [0.0, 1.0, 2.0])


def test_a_model_that_is_frozen_as_a_whole_is_an_error() -> None:
    model = net()
    model.freeze()
    with pytest.raises(ValueError, match=r"all parameters of the optimiser are frozen, .*: model.unfreeze\(\)"):
        nn.fit(model, X, Y, progress=False)


def test_a_trainer_says_what_it_trains_and_which_way_it_went() -> None:
    trainer = nn.Trainer(nn.MLP(1, [1], seed=0), "mse", "sgd", lr=0.5, compiled=False)
    trained = "MLP(1 → 1 linear; 2 parameters), mse, SGD(2 parameters, lr=0.5)"
    assert repr(trainer) == f"Trainer({trained}; not used yet)"
    fast = nn.Trainer(nn.MLP(1, [1], seed=0), "mse", "sgd", lr=0.5, compiled=True)
    fast.step([[1.0]], [1.0])
    assert repr(fast) == f"Trainer({trained}; compiled)"


def test_a_loss_whose_sum_overflows_is_a_divergence_though_its_mean_is_finite() -> None:
    model = nn.MLP(1, [1], initialiser=nn.zeros)
    trainer = nn.Trainer(model, "mse", nn.SGD(model.parameters(), lr=0.1), compiled=True)
    with pytest.raises(FloatingPointError, match="the loss is inf, as the sum of the rows overflows"):
        trainer.step([[0.0]] * 3, [1.2e154, 0.0, 1.2e154])  # a square is 1.44e308, two are more than a float holds
    assert numbers(model) == [0.0, 0.0]


@pytest.mark.parametrize("compiled", [True, False])
def test_a_parameter_that_was_set_to_nan_is_named(compiled: bool) -> None:
    model = net()

    def spoil(epoch: int, history: nn.History) -> None:
        model.parameters()[5].data = math.nan

    cause = "the loss is nan in row 0 of the batch, as the parameter layer0.neuron1.w1 was set to nan before"
    with pytest.raises(nn.DivergedError, match=cause) as caught:
        nn.fit(model, X, Y, epochs=5, compiled=compiled, callbacks=spoil, progress=False)
    assert len(caught.value.history.loss) == 1


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda trainer: pickle.loads(pickle.dumps(trainer))])
def test_a_copy_of_a_compiled_trainer_goes_on_as_the_trainer_does(copied: Any) -> None:
    model = net()
    trainer = nn.Trainer(model, "mse", nn.Adam(model.parameters(), lr=0.01), compiled=True)
    for _ in range(5):
        trainer.step(X, Y)
    other = copied(trainer)
    before = numbers(model)
    losses = [other.step(X, Y) for _ in range(5)]
    assert numbers(model) == before
    assert [trainer.step(X, Y) for _ in range(5)] == losses
    assert numbers(other.model) == numbers(model) != before
