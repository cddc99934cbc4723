"""Predictions, accuracy and loss of a model, and what is refused."""

import math

import numpy as np
import pytest

import nn
from autograd import Value
from nn.inference import assert_value

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
        step(model, lambda y, t: (float(y) - t) ** 2, nn.SGD(model.parameters()), nn.Data(X, XOR))
    assert model.state_dict() == before


def test_a_loss_with_a_graph_is_that_value() -> None:
    loss = Value(1.0)
    assert assert_value(loss) is loss
