"""Predictions, accuracy and loss of a model, and what is refused."""

import math
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value
from nn.graphs import plain

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
XOR = [-1.0, 1.0, 1.0, -1.0]


def net(*widths: int, seed: int = 0) -> nn.MLP:
    return nn.MLP(2, list(widths or (4, 1)), "tanh", seed)


def test_predictions_are_plain_numbers_without_a_graph() -> None:
    assert nn.predict(net(), X) == [net()(x).data for x in X]
    (outputs,) = nn.predict(net(3, 2), [[1.0, 2.0]])
    assert {type(y) for y in outputs} == {float}  # type: ignore[union-attr]
    assert nn.predict(net(), np.array(X)) == nn.predict(net(), X)


def test_accuracy_is_the_share_of_rows_that_are_right() -> None:
    scores = nn.predict(net(), X)
    expected = sum((score > 0.0) == (label > 0.0) for score, label in zip(scores, XOR, strict=True)) / 4.0
    assert nn.accuracy(net(), X, XOR) == nn.accuracy(net(), np.array(X), np.array(XOR)) == expected
    assert nn.accuracy(net(), X, XOR, threshold=1e9) == 0.5  # no is the answer to all


def test_of_several_scores_the_largest_is_the_class() -> None:
    classes = [row.index(max(row)) for row in nn.predict(net(4, 3), X) if isinstance(row, list)]
    assert nn.accuracy(net(4, 3), X, classes) == 1.0


def test_an_evaluation_is_the_mean_loss_and_the_accuracy() -> None:
    losses = [float(nn.hinge(score, label)) for score, label in zip(nn.predict(net(), X), XOR, strict=True)]
    assert nn.evaluate(net(), X, XOR, "hinge") == (math.fsum(losses) / 4.0, nn.accuracy(net(), X, XOR))
    assert nn.evaluate(net(), X, XOR, "mse")[1] is None


@pytest.mark.parametrize(
    "step", [nn.train_step, lambda *arguments: nn.fit(arguments[0], X, XOR, arguments[1], progress=False)]
)
def test_a_loss_without_a_graph_is_refused(step: object) -> None:
    model = net()
    before = model.state_dict()
    assert callable(step)
    with pytest.raises(
        TypeError, match=r"the loss of the model's output must be a Value, got float .*: compute model and loss"
    ):
        step(model, lambda y, t: (y.data - t) ** 2, nn.SGD(model.parameters()), nn.Data(X, XOR))
    assert model.state_dict() == before


# -- models and losses as they come ------------------------------------------------------------------


class Gated(nn.Module):
    """A model that gives a plain number for some rows."""

    def __init__(self) -> None:
        self.net = net()

    def __call__(self, x: Any) -> Any:
        return 2 if x[0] < 0.5 else self.net(x)


class OfArrays(nn.Module):
    """A model that computes with arrays of Values."""

    def __init__(self) -> None:
        self.w = [[Value(1.0), Value(2.0)], [Value(3.0), Value(-1.0)]]

    def __call__(self, x: Any) -> Any:
        return np.array(self.w) @ np.array(x)


def test_a_model_may_give_plain_numbers() -> None:
    assert nn.predict(Gated(), X)[:2] == [2.0, 2.0]
    assert nn.accuracy(Gated(), X[:2], [1, 1]) == 1.0
    assert nn.evaluate(Gated(), X[:2], [1, 1], "mse") == (1.0, None)


def test_a_model_may_give_arrays_of_values() -> None:
    model = OfArrays()
    assert nn.predict(model, X) == [[0.0, 0.0], [2.0, -1.0], [1.0, 3.0], [3.0, 2.0]]
    assert nn.accuracy(model, X[1:], [0, 1, 0]) == 1.0
    targets = np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 3.0], [3.0, 2.0]])
    assert nn.evaluate(model, X, targets, "mse") == (0.125, None)
    assert nn.fit(model, X, targets, "mse", "sgd", epochs=60, lr=0.1, progress=False).loss[-1] < 0.05
    classes = nn.fit(OfArrays(), X, [0, 0, 1, 0], "cross_entropy", "sgd", epochs=2, progress=False)
    assert classes.accuracy == [1.0, 1.0]


@pytest.mark.parametrize(
    "loss", [lambda s, t: (1 - t * s).relu(), lambda s, t: max(0, 1 - t * s), lambda s, t: 0.0 * s.data + t * t]
)
def test_an_evaluation_gives_the_loss_what_training_gives_it(loss: Any) -> None:
    expected = [plain(loss(net()(x), t)) for x, t in zip(X, XOR, strict=True)]
    assert nn.evaluate(net(), X, XOR, loss) == (math.fsum(expected) / 4.0, None)


def test_validation_calls_a_loss_with_methods_of_values() -> None:
    history = nn.fit(net(), X, XOR, lambda s, t: (1 - t * s).relu(), epochs=2, validation=(X, XOR), progress=False)
    assert len(history.val_loss) == 2


# -- labels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("labels", [[0, 1, 1, 0], [-1, 1, 1, -1], [-1.0, 1.0, 1.0, -1.0], [False, True, True, False],
                                    np.array([False, True, True, False]), [np.False_, np.True_, np.True_, np.False_],
                                    np.array([0, 1, 1, 0], np.uint8)], ids=repr)  # fmt: skip
def test_labels_are_bits_signs_or_bools(labels: Any) -> None:
    assert nn.accuracy(net(), X, labels) == nn.accuracy(net(), X, XOR)


@pytest.mark.parametrize("labels", [[0, 0], [1, 1], [-1, -1]])
def test_labels_may_be_all_alike(labels: Any) -> None:
    assert nn.accuracy(net(), X[:2], labels) in (0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            [1, 2, 2, 1],
            r"accuracy takes 0 and 1, or -1 and 1, as labels of one output, but y has 1, 2; write \[t == 2 for t in y\]",
        ),
        ([0, 1, 2, 3], r"but y has 0, 1, 2, 3; write"),
        ([-1, 0, 1, 1], r"but y has -1, 0, 1; write \[t == 1 for t in y\]"),
        ([0.5, 0.1, 1.0, 0.0], r"but y has 0, 0.1, 0.5, 1; write"),
        (range(10, 14), r"but y has 10, 11, 12, 13; write"),
    ],
)
def test_other_labels_are_refused(labels: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nn.accuracy(net(), X, labels)


@pytest.mark.parametrize("labels", [[0, 1, 2, 3], [-1, 1, 1, -1], [0, 1, 0.5, 0]])
def test_of_several_outputs_a_label_is_one_of_their_numbers(labels: Any) -> None:
    with pytest.raises(ValueError, match=r"accuracy takes 0 … 2 as target, but y\[\d\] is "):
        nn.accuracy(net(3), X, labels)


def test_a_list_of_one_score_is_a_score() -> None:
    layer = nn.Layer(2, 1, "linear", seed=0)
    right = [(layer(x)[0].data > 0.0) == t for x, t in zip(X, [1, 0, 1, 0], strict=True)]
    assert nn.accuracy(layer, X, [1, 0, 1, 0]) == sum(right) / 4.0


@pytest.mark.parametrize("output", [math.nan, [math.nan, 1.0], [1.0, math.nan]])
def test_an_output_of_nan_is_never_right(output: Any) -> None:
    class Broken(nn.Module):
        def __call__(self, _: Any) -> Any:
            return output

    assert nn.accuracy(Broken(), X, [0, 0, 1, 1]) == 0.0
