"""fit: what it does, what it leaves when it stops early, and what it refuses before it starts."""

import io
import math
import pickle
import random
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import AnomalyError, Value, detect_anomaly, log
from nn.compiled_step import CompiledStep

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
XOR = [-1.0, 1.0, 1.0, -1.0]


def net(*widths: int, seed: int = 0) -> nn.MLP:
    return nn.MLP(2, list(widths or (4, 1)), "tanh", seed)


def quiet(model: nn.Module, *arguments: Any, **options: Any) -> nn.History:
    return nn.fit(model, *arguments, **{"progress": False, "seed": 0, "epochs": 3, **options})


# -- what it does ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("widths", "y", "loss"),
    [
        ((8, 1), XOR, "hinge"),
        ((8, 1), [0, 1, 1, 0], "binary_cross_entropy_with_logits"),
        ((8, 2), [0, 1, 1, 0], "cross_entropy"),
        ((8, 3), np.array([0, 1, 2, 0]), nn.cross_entropy),
    ],
)
def test_a_classifier_learns(widths: tuple[int, ...], y: Any, loss: Any) -> None:
    model = net(*widths)
    history = quiet(model, X, y, loss, "adam", epochs=150, lr=0.1, batch_size=None)
    assert nn.accuracy(model, X, y) == history.accuracy[-1] == 1.0
    assert history.loss[-1] < 0.1 < history.loss[0]


@pytest.mark.parametrize("y", [[0.0, 1.0, 1.0, 2.0], [[0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [2.0, 0.0]]])
@pytest.mark.parametrize("loss", ["mse", "half_squared_error"])
def test_a_regression_learns_and_has_no_accuracy(y: Any, loss: str) -> None:
    model = net(8, 2 if isinstance(y[0], list) else 1)
    history = quiet(model, X, y, loss, epochs=200, lr=0.05, batch_size=None)
    assert history.loss[-1] < 0.02
    assert history.accuracy == history.val_accuracy == []


def test_probabilities_are_judged_at_one_half() -> None:
    class Probability(nn.Module):
        def __init__(self) -> None:
            self.net = net(8, 1)

        def __call__(self, x: Any) -> Any:
            return self.net(x).sigmoid()

    model = Probability()
    history = quiet(model, X, [0, 1, 1, 0], "binary_cross_entropy", epochs=150, lr=0.1)
    assert history.accuracy[-1] == nn.accuracy(model, X, [0, 1, 1, 0], threshold=0.5) == 1.0


def test_a_loss_of_ones_own_is_taken() -> None:
    def absolute(y: Value, t: float) -> Any:
        return abs(y - t)

    history = quiet(net(), X, [1.0] * 4, absolute, epochs=50, lr=0.05)
    assert history.loss[-1] < history.loss[0]
    assert history.accuracy == []


def test_full_batch_sgd_is_gradient_descent() -> None:
    ours, by_hand = net(), net()
    nn.fit(ours, X, XOR, "mse", nn.SGD(ours.parameters(), lr=0.1), epochs=3, batch_size=None, seed=1, progress=False)
    for _ in range(3):
        by_hand.zero_grad()
        total = sum((by_hand(x) - t) ** 2 for x, t in zip(X, XOR, strict=True))
        assert isinstance(total, Value)
        (total / 4.0).backward()
        for p in by_hand.parameters():
            p.data -= 0.1 * p.grad
    assert list(ours.state_dict().values()) == pytest.approx(list(by_hand.state_dict().values()), rel=1e-13)


def test_the_last_batch_may_be_short() -> None:
    sizes: list[int] = []

    def counted(y: Any, t: float) -> Any:
        sizes[-1] += 1
        return nn.mse(y, t)

    class Counting(nn.SGD):
        def step(self) -> None:
            super().step()
            sizes.append(0)

    model = net()
    optimiser = Counting(model.parameters())
    sizes.append(0)
    history = quiet(model, [*X, [2.0, 2.0]], [*XOR, 1.0], counted, optimiser, epochs=2, batch_size=2)
    assert sizes[1:-1] == [2, 1, 2, 2, 1]  # the first also counts the trial before training
    assert len(history.loss) == 2


def test_a_batch_larger_than_the_data_is_all_of_it() -> None:
    one, other = net(), net()
    quiet(one, X, XOR, "mse", batch_size=1000)
    quiet(other, X, XOR, "mse", batch_size=None)
    assert one.state_dict() == other.state_dict()


def test_no_epochs_leave_the_model_as_it_is() -> None:
    model = net()
    before = model.state_dict()
    assert quiet(model, X, XOR, "mse", epochs=0).loss == []
    assert model.state_dict() == before


def test_the_same_seed_gives_the_same_bits() -> None:
    runs = []
    for seed in (5, 5, 6):
        model = net()
        history = quiet(model, X, XOR, "hinge", batch_size=1, seed=seed, validation=0.25)
        runs.append((model.state_dict(), history.series()))
    assert runs[0] == runs[1] != runs[2]


def test_fifty_and_fifty_epochs_are_a_hundred_to_the_last_bit() -> None:
    through, halves = net(), net()
    optimisers = [nn.Adam(model.parameters(), lr=0.01) for model in (through, halves)]
    whole = quiet(through, X, XOR, "mse", optimisers[0], epochs=100, batch_size=3, seed=random.Random(1))
    rng = random.Random(1)
    parts = [quiet(halves, X, XOR, "mse", optimisers[1], epochs=50, batch_size=3, seed=rng) for _ in range(2)]
    assert halves.state_dict() == through.state_dict()
    assert parts[0].loss + parts[1].loss == whole.loss


def test_compiled_or_not_is_the_same() -> None:
    one, other = net(), net()
    quiet(one, X, XOR, "mse", compiled=True)
    quiet(other, X, XOR, "mse", compiled=False)
    assert list(one.state_dict().values()) == pytest.approx(list(other.state_dict().values()), rel=1e-12)


def test_a_pair_is_validated_and_not_trained_on() -> None:
    with_pair, without = net(), net()
    history = quiet(with_pair, X, XOR, "hinge", validation=([[0.5, 0.5]], [1]))
    quiet(without, X, XOR, "hinge")
    assert with_pair.state_dict() == without.state_dict()
    assert len(history.val_loss) == len(history.val_accuracy) == 3
    assert (history.val_loss[-1], history.val_accuracy[-1]) == nn.evaluate(with_pair, [[0.5, 0.5]], [1], "hinge")


def test_a_fraction_is_held_out() -> None:
    seen = set()

    class Watching(nn.MLP):
        def __call__(self, x: Any) -> Any:
            output = super().__call__(x)
            if output.parents:
                seen.add(tuple(x))
            return output

    history = quiet(Watching(2, [1], seed=0), X, XOR, "hinge", validation=0.25, epochs=4)
    assert len(seen) == 3
    assert len(history.val_loss) == 4


def test_on_epoch_hears_of_every_epoch() -> None:
    heard: list[tuple[int, int]] = []
    quiet(net(), X, XOR, "hinge", on_epoch=lambda epoch, history: heard.append((epoch, len(history.loss))))
    assert heard == [(1, 1), (2, 2), (3, 3)]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class OutStream(io.StringIO):
    """What stderr is in a Jupyter kernel: no terminal."""

    __module__ = "ipykernel.iostream"


def shown_on(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, **options: Any) -> str:
    """What a training of two epochs writes to that stderr."""
    monkeypatch.setattr(sys, "stderr", stream)
    nn.fit(net(), X, XOR, "hinge", epochs=2, seed=0, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("stream", "options"),
    [(Terminal, {}), (OutStream, {}), (Terminal, {"progress": None}), (Terminal, {"progress": True}),
     (io.StringIO, {"progress": True})],
)  # fmt: skip
def test_the_bar_shows_loss_and_accuracy(stream: Any, options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = shown_on(stream(), monkeypatch, **options)
    assert "2/2" in shown
    assert "loss=" in shown
    assert "accuracy=" in shown


@pytest.mark.parametrize(
    ("stream", "options"), [(io.StringIO, {}), (io.StringIO, {"progress": None}), (Terminal, {"progress": False})]
)
def test_no_bar_is_written_where_nobody_watches(stream: Any, options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_on(stream(), monkeypatch, **options) == ""


def test_without_a_stderr_there_is_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)  # as in a program with windows instead of a console
    assert len(nn.fit(net(), X, XOR, "hinge", epochs=2, seed=0).loss) == 2


def test_without_tqdm_there_is_no_bar_but_where_one_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert shown_on(Terminal(), monkeypatch) == ""
    with pytest.raises(ImportError, match="progress=True needs the package tqdm: pip install tqdm"):
        shown_on(Terminal(), monkeypatch, progress=True)


# -- stopping early ------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [0, 1, 5, 8])
def test_ctrl_c_keeps_the_last_completed_step_and_the_history(steps: int) -> None:
    """The interrupt comes in a forward pass, after ``steps`` whole steps of one example each."""
    calls = iter(range(1000))

    def interrupted(y: Any, t: float) -> Any:
        if next(calls) == steps + 1:  # the first call is the trial before training
            raise KeyboardInterrupt
        return nn.mse(y, t)

    model, reference = net(), net()
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    history = quiet(model, X, XOR, interrupted, optimiser, epochs=10, batch_size=1)
    assert history.interrupted
    assert len(history.loss) == steps // 4
    assert "interrupted" in repr(history)
    data, rng, other = nn.Data(X, XOR), random.Random(0), nn.SGD(reference.parameters(), lr=0.1)
    examples = [batch for _ in range(10) for batch in nn.batches(data, 1, rng)]
    for batch in examples[:steps]:
        nn.train_step(reference, nn.mse, other, batch)
    assert model.state_dict() == reference.state_dict()


def test_ctrl_c_in_a_callback_keeps_the_epoch() -> None:
    def stop(epoch: int, _: nn.History) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    history = quiet(net(), X, XOR, "hinge", epochs=100, on_epoch=stop)
    assert (len(history.loss), history.interrupted) == (2, True)


def test_training_can_go_on_after_ctrl_c() -> None:
    model = net()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    quiet(model, X, XOR, "hinge", on_epoch=stop)
    assert len(quiet(model, X, XOR, "hinge").loss) == 3


def test_a_diverging_training_stops_before_the_parameters_are_nan() -> None:
    model = net()
    optimiser = nn.SGD(model.parameters(), lr=1e200)
    with pytest.raises(nn.DivergedError, match=r"^epoch 1: .*A smaller learning rate.*detect_anomaly") as caught:
        quiet(model, X, XOR, "mse", optimiser, epochs=20, batch_size=1)
    assert all(math.isfinite(number) for number in model.state_dict().values())
    assert isinstance(caught.value.history, nn.History)


def test_a_gradient_of_nan_stops_training_too() -> None:
    def bad(y: Any, t: float) -> Any:  # finite value, infinite derivative
        return nn.mse(y, t) + (y * 0.0).sqrt()

    model = net()
    before = model.state_dict()
    with pytest.raises(nn.DivergedError, match=r"epoch 1: layer0.neuron0.w0 can't be updated: its gradient is"):
        quiet(model, X, XOR, bad)
    assert model.state_dict() == before


def test_detect_anomaly_names_the_operation() -> None:
    def bad(y: Any, _: float) -> Any:
        return log(y * 0.0)

    with detect_anomaly(), pytest.raises(AnomalyError, match="log"):
        quiet(net(), X, XOR, bad)


class Forbidden(Exception):  # noqa: N818
    """What a user's code may raise."""


def test_an_error_in_mid_training_keeps_the_history_and_a_whole_step() -> None:
    calls = iter(range(1000))

    def failing(y: Any, t: float) -> Any:
        if next(calls) == 10:  # the first call is the trial before training: here two epochs and one step are done
            raise Forbidden
        return nn.mse(y, t)

    model, reference = net(), net()
    with pytest.raises(Forbidden) as caught:
        quiet(model, X, XOR, failing, nn.SGD(model.parameters(), lr=0.1), epochs=10, batch_size=1)
    history = vars(caught.value)["history"]
    assert len(history.loss) == 2
    assert history.seconds > 0.0
    assert caught.value.__notes__ == ["nn.fit: 2 epochs were completed; this exception's .history has them"]
    data, rng, other = nn.Data(X, XOR), random.Random(0), nn.SGD(reference.parameters(), lr=0.1)
    for batch in [batch for _ in range(3) for batch in nn.batches(data, 1, rng)][:9]:
        nn.train_step(reference, nn.mse, other, batch)
    assert model.state_dict() == reference.state_dict()


def test_an_error_in_a_callback_keeps_the_history() -> None:
    def stop(epoch: int, _: nn.History) -> None:
        if epoch == 2:
            raise Forbidden

    with pytest.raises(Forbidden) as caught:
        quiet(net(), X, XOR, "hinge", epochs=100, on_epoch=stop)
    assert len(vars(caught.value)["history"].loss) == 2


# -- a loss that is a plain number -----------------------------------------------------------------


def margin(s: Any, t: float) -> Any:
    return max(0.0, 1 - t * s)


def test_a_batch_of_plain_numbers_is_a_step_with_gradient_0() -> None:
    model = net()
    for parameter, number in zip(model.parameters(), net(seed=1).state_dict().values(), strict=True):
        parameter.data = 100.0 * number + 1.0
    before = model.state_dict()
    sure = [math.copysign(1.0, score) for score in nn.predict(model, X)]
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    value, predictions = nn.train_step(model, margin, optimiser, nn.Data(X, sure))
    assert value == 0.0
    assert len(predictions) == 4
    assert model.state_dict() == before
    assert {p.grad_or_none for p in model.parameters()} == {0.0}
    assert quiet(model, X, sure, margin, optimiser).loss == [0.0] * 3
    assert model.state_dict() == before


def test_a_model_that_cannot_be_copied_trains() -> None:
    class Locked(nn.Module):
        def __init__(self) -> None:
            self.net, self.lock = net(), threading.Lock()

        def __call__(self, x: Any) -> Any:
            return self.net(x)

    model = Locked()
    assert len(quiet(model, X, XOR, lambda s, t: 1.0 if s * t < 0 else 0.0).loss) == 3
    assert len(quiet(model, X, XOR, "hinge").loss) == 3


def test_a_loss_that_is_zero_or_one_trains_nothing_and_is_no_error() -> None:
    model = net()
    before = model.state_dict()
    history = quiet(model, X, XOR, lambda s, t: 1.0 if s * t < 0 else 0.0)
    assert history.loss == [sum(s * t < 0 for s, t in zip(nn.predict(model, X), XOR, strict=True)) / 4] * 3
    assert model.state_dict() == before


class Cut(nn.Module):
    """A model that makes a new leaf of its result."""

    def __init__(self) -> None:
        self.net = net()

    def __call__(self, x: Any) -> Any:
        return Value(self.net(x).data)


@pytest.mark.parametrize(
    ("make", "loss"),
    [
        (net, lambda y, t: (y.data - t) ** 2),
        (net, lambda y, t: nn.mse(Value(y.data), t)),
        (Cut, nn.mse),
        (Cut, lambda y, t: (y.data - t) ** 2),
    ],
)
def test_a_loss_that_was_cut_from_the_parameters_is_refused(make: Any, loss: Any) -> None:
    model = make()
    before = model.state_dict()
    with pytest.raises(
        TypeError, match="the loss of the model's output must be a Value, got .*changes with them: compute model"
    ):
        quiet(model, X, XOR, loss)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("outcome", "got"), [(None, "None"), ("1", "str '1'"), ([0.5], r"list \[0.5\]"), (True, "bool True")]
)
def test_what_a_loss_returns_must_be_a_number(outcome: Any, got: str) -> None:
    def forgetful(_y: Any, _t: float) -> Any:
        return outcome

    for call in (quiet, nn.evaluate, lambda m, X, y, loss: nn.train_step(m, loss, nn.SGD(m.parameters()), nn.Data(X, y))):  # noqa: N803
        with pytest.raises(TypeError, match=f"what the loss forgetful returns must be a real number, got {got}"):
            call(net(), X, XOR, forgetful)


# -- targets that are indices ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "y", [[0, 1, 1, 0], np.array([0, 1, 1, 0]), np.array([False, True, True, False]), [np.int64(k) for k in (0, 1, 1, 0)]]
)
@pytest.mark.parametrize("loss", [lambda s, k: -s[k].sigmoid().log(), lambda s, k: nn.mse(s, [[1.0, 0.0], [0.0, 1.0]][k])])
def test_a_loss_of_ones_own_takes_the_class_as_an_index(y: Any, loss: Any) -> None:
    model = net(4, 2)
    history = quiet(model, X, y, loss, epochs=60, lr=0.1, validation=(X, y))
    assert history.val_loss[-1] == nn.evaluate(model, X, y, loss)[0] < history.val_loss[0]


def test_where_indices_came_as_floats_the_error_says_so() -> None:
    with pytest.raises(TypeError, match="indices must be integers") as caught:
        quiet(net(2), X, [0.0, 1.0, 1.0, 0.0], lambda s, k: -s[k])
    assert caught.value.__notes__[0].startswith("y holds floats: a loss that takes the target as an index needs ints")


# -- refused before training starts ----------------------------------------------------------------

NAN, INF = math.nan, math.inf
Call = Callable[[nn.MLP], object]

REFUSED: list[tuple[Call, type[Exception], str]] = [
    (lambda m: quiet(m, [], []), ValueError, "X is empty"),
    (lambda m: quiet(m, X, XOR[:3]), ValueError, "X and y differ in length: 4 rows and 3 targets"),
    (lambda m: quiet(m, [[0.0, NAN]], [1.0]), ValueError, r"X\[0\]\[1\] is nan"),
    (lambda m: quiet(m, np.array([[0.0, INF]]), [1.0]), ValueError, r"X\[0\]\[1\] is inf"),
    (lambda m: quiet(m, X, [0.0, 1.0, NAN, 0.0]), ValueError, r"y\[2\] is nan"),
    (lambda m: quiet(m, [[0.0, 1.0], [1.0]], [1.0, 1.0]), ValueError, "X is ragged: row 1"),
    (lambda m: quiet(m, [[1.0, 2.0, 3.0]], [1.0]), ValueError, r"MLP\(2 .* takes 2 inputs, got 3"),
    (lambda m: quiet(m, X, XOR, batch_size=0), ValueError, "batch_size must be at least 1, got 0"),
    (lambda m: quiet(m, X, XOR, batch_size=1.5), TypeError, "batch_size must be a whole number, got 1.5"),
    (lambda m: quiet(m, X, XOR, epochs=-1), ValueError, "epochs must be at least 0, got -1"),
    (lambda m: quiet(m, X, XOR, epochs=2.0), TypeError, "epochs must be a whole number"),
    (lambda m: quiet(m, X, XOR, lr=-0.1), ValueError, "lr must be at least 0, got -0.1"),
    (lambda m: quiet(m, X, XOR, "msee"), ValueError, "unknown loss 'msee'; known are .*hinge, "),
    (lambda m: quiet(m, X, XOR, "mse", "adm"), ValueError, "unknown optimiser 'adm'; known are adagrad, .*, sgd"),
    (
        lambda m: quiet(m, X, XOR, "mse", nn.Adam),
        TypeError,
        r"optimiser must be a name \(adagrad, .*, sgd\) or an Optimiser",
    ),
    (lambda m: quiet(m, X, XOR, "mse", nn.SGD(m.parameters()), lr=1.0), ValueError, "set optimiser.lr"),
    (lambda m: quiet(m, X, XOR, "mse", nn.SGD(net().parameters())), ValueError, "none of the model's parameters"),
    (lambda m: quiet(m, X, [0, 1, 1, 0], "hinge"), ValueError, r"hinge takes -1 or 1 as target, but y\[0\] is 0"),
    (
        lambda m: quiet(m, X, XOR, nn.binary_cross_entropy_with_logits),
        ValueError,
        r"takes 0 or 1 as target, but y\[0\] is -1",
    ),
    (lambda m: quiet(m, X, XOR, "binary_cross_entropy"), ValueError, r"takes 0 or 1 as target, but y\[0\] is -1"),
    (lambda m: quiet(m, X, [0, 1, 1, 0], "cross_entropy"), ValueError, "cross_entropy needs a model with at least two"),
    (lambda _: quiet(net(2), X, [0, 1, 2, 0], "cross_entropy"), ValueError, r"takes 0 … 1 as target, but y\[2\] is 2"),
    (lambda _: quiet(net(2), X, [0, 1, 0.5, 0], "cross_entropy"), ValueError, r"y\[2\] is 0.5"),
    (lambda _: quiet(net(2), X, XOR, "hinge"), ValueError, "hinge needs a model with one output; this one has 2"),
    (lambda _: quiet(net(2), X, XOR, "mse"), ValueError, "the prediction is a list of 2, the target one number"),
    (
        lambda m: quiet(m, X, [[t] for t in XOR], "mse"),
        ValueError,
        r"one number, the target a list of 1; write \[t for \(t,\) in y\] .*, and table\['name'\] for one of a table",
    ),
    (lambda m: quiet(m, X, XOR, validation=1.5), ValueError, "fraction must be at least 0 and below 1, got 1.5"),
    (lambda m: quiet(m, X, XOR, validation=0.01), ValueError, "leaves one part of 4 rows empty"),
    (lambda m: quiet(m, X, XOR, validation=(X,)), ValueError, r"a fraction or a pair \(X, y\), got 1 things"),
    (lambda m: quiet(m, X, XOR, validation=(X, [1.0])), ValueError, "validation X and validation y differ in length"),
    (lambda m: quiet(m, X, XOR, validation=([[NAN, 1.0]], [1.0])), ValueError, r"validation X\[0\]\[0\] is nan"),
    (lambda m: quiet(m, X, XOR, validation=([[1.0]], [1.0])), ValueError, "takes 2 inputs, got 1"),
    (lambda m: quiet(m, X, XOR, "hinge", validation=(X, [0, 1, 1, 0])), ValueError, r"but validation y\[0\] is 0"),
    (lambda m: quiet(m, X, XOR, seed="x"), TypeError, "seed must be a whole number, got 'x'"),
    (lambda m: nn.predict(m, [[1.0]]), ValueError, "takes 2 inputs, got 1"),
    (lambda m: nn.accuracy(m, X, XOR[:2]), ValueError, "differ in length"),
    (lambda m: nn.evaluate(m, X, [0, 1, 1, 0], "hinge"), ValueError, "hinge takes -1 or 1"),
    (lambda m: nn.accuracy(m, X, [[t] for t in XOR]), ValueError, r"one label for each row, got y\[0\] = \[-1.0\]"),
    (lambda m: nn.accuracy(m, X, XOR, "0.5"), TypeError, "threshold must be a real number, got str '0.5'"),  # type: ignore[arg-type]
    (lambda m: quiet(m, X, XOR, validation="a fifth"), TypeError, "validation: fraction must be a real number, got str"),
    (lambda m: nn.train_step(m, "mse", nn.SGD(m.parameters()), nn.Data(X, XOR)), TypeError, "loss must be a function such"),  # type: ignore[arg-type]
    (lambda m: nn.train_step(m, nn.mse, "adam", nn.Data(X, XOR)), TypeError, "optimiser must be one such as nn.SGD"),  # type: ignore[arg-type]
    (lambda m: nn.train_step(m, nn.mse, nn.SGD(m.parameters()), X), TypeError, r"train_step: batch must be nn.Data\(X, y\)"),  # type: ignore[arg-type]
    (lambda m: nn.train_step(m, nn.mse, nn.SGD(m.parameters()), nn.Data([], [])), ValueError, "the batch is empty"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_what_cannot_be_trained_on_is_refused_before_training(call: Call, error: type[Exception], message: str) -> None:
    model = net()
    before = model.state_dict()
    with pytest.raises(error, match=message):
        call(model)
    assert model.state_dict() == before


def _of_the_batch(predictions: Any, targets: Any) -> Any:
    return sum((p - t) ** 2 for p, t in zip(predictions, targets, strict=True))


@pytest.mark.parametrize("loss", [_of_the_batch, lambda p, t: ((p - t) ** 2).mean()])
def test_a_loss_written_for_a_whole_batch_is_told_what_it_gets(loss: Any) -> None:
    with pytest.raises((TypeError, AttributeError)) as caught:
        quiet(net(), X, XOR, loss)
    assert "the loss gets the prediction and target of one row at a time, here Value(" in caught.value.__notes__[-1]


# -- History ---------------------------------------------------------------------------------------


def test_a_history_survives_pickle() -> None:
    history = quiet(net(), X, XOR, "hinge", validation=0.25)
    assert pickle.loads(pickle.dumps(history)) == history


@pytest.mark.parametrize(
    ("history", "text"),
    [
        (nn.History(), "History(0 epochs in 0.0 s)"),
        (nn.History(loss=[0.5], seconds=2.0), "History(1 epoch in 2.0 s; loss 0.5 → 0.5)"),
        (nn.History([2.0, 1.0], interrupted=True), "History(2 epochs in 0.0 s; loss 2 → 1; interrupted)"),
    ],
)
def test_repr_tells_how_it_went(history: nn.History, text: str) -> None:
    assert repr(history) == text


# -- a trainer that is kept --------------------------------------------------------------------


def rows_to_compile(seed: int = 0) -> tuple[Any, Any]:
    X = np.random.default_rng(seed).normal(size=(64, 2))  # noqa: N806
    return X, X[:, 0] * X[:, 1]


def test_a_trainer_that_is_kept_gives_the_same_bits_and_compiles_once(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = rows_to_compile()  # noqa: N806
    alone = net(8, 1)
    expected = nn.fit(alone, X, y, epochs=5, compiled=True, lr=0.01, seed=0, progress=False)
    made: list[CompiledStep] = []

    class Counted(CompiledStep):
        def __init__(self, *arguments: Any):
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr("nn.trainer.CompiledStep", Counted)
    model = net(8, 1)
    trainer = nn.Trainer(model, "mse", "adam", lr=0.01, compiled=True)
    start, fresh = model.state_dict(), trainer.optimiser.state_dict()
    for _ in range(2):
        model.load_state_dict(start)
        trainer.optimiser.load_state_dict(fresh)
        history = nn.fit(model, X, y, epochs=5, seed=0, progress=False, trainer=trainer)
        assert (history.loss, history.compiled, model.state_dict()) == (expected.loss, True, alone.state_dict())
    assert len(made) == 1


def test_a_loss_of_ones_own_is_compared_with_the_graph_again_where_a_trainer_is_kept() -> None:
    X, y = rows_to_compile()  # noqa: N806
    factor = [1.0]
    model = net(4, 1)
    trainer = nn.Trainer(model, lambda p, t: factor[0] * (p - t) ** 2, "sgd", lr=0.0)
    (first,) = nn.fit(model, X, y, epochs=1, seed=0, progress=False, trainer=trainer).loss
    factor[0] = 2.0
    with pytest.warns(nn.UncompiledWarning):
        (second,) = nn.fit(model, X, y, epochs=1, seed=0, progress=False, trainer=trainer).loss
    assert second == pytest.approx(2.0 * first)


@pytest.mark.parametrize("options", [{"loss": "hinge"}, {"optimiser": "sgd"}, {"lr": 0.1}, {"compiled": True}])
def test_what_a_kept_trainer_has_decided_is_refused_besides(options: dict[str, Any]) -> None:
    model = net()
    with pytest.raises(ValueError, match=f"fit: {next(iter(options))} goes to nn.Trainer"):
        nn.fit(model, X, XOR, **options, trainer=nn.Trainer(model))


def test_a_trainer_of_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match="the trainer's model is another one"):
        nn.fit(net(), X, XOR, trainer=nn.Trainer(net()))
    with pytest.raises(TypeError, match="trainer must be an nn.Trainer, got"):
        quiet(net(), X, XOR, trainer=net())
