"""The worked examples of the source texts: one neuron by hand, and gradient descent twice."""

import math

import pytest

import nn
from autograd import Value
from tests.support import number


def sigma(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z))


def test_one_neuron_by_hand() -> None:
    neuron = nn.Neuron(1, "sigmoid", initialiser=lambda *_: 0.4)
    assert neuron.b is not None
    neuron.b.data = 0.1
    y = neuron([0.5])
    loss = nn.half_squared_error(y, 0.8)
    loss.backward()
    assert y.data == pytest.approx(0.574442516811659, rel=1e-15)
    assert loss.data == pytest.approx(0.02543808911112937, rel=1e-14)
    assert y.grad == pytest.approx(-0.22555748318834096, rel=1e-14)
    assert neuron.w[0].grad == pytest.approx((sigma(0.3) - 0.8) * sigma(0.3) * sigma(-0.3) * 0.5, rel=1e-14)
    nn.SGD(neuron.parameters(), lr=0.01).step()
    assert neuron.w[0].data == pytest.approx(0.4002756970076472, rel=1e-12)
    assert (round(y.data, 3), round(loss.data, 3), round(neuron.w[0].data, 4)) == (0.574, 0.025, 0.4003)


def two_three_one() -> nn.MLP:
    """The 2-3-1 net: sigmoid hidden layer, linear output, no biases."""
    net = nn.MLP(2, [3, 1], "sigmoid", bias=False)
    weights = [0.8, 0.2, 0.4, 0.9, 0.3, 0.5, 0.3, 0.5, 0.9]  # w11 w21, w12 w22, w13 w23, then to the output
    net.load_state_dict(dict(zip(net.state_dict(), weights, strict=True)))
    return net


def test_the_two_three_one_net_forward() -> None:
    hidden, output = two_three_one().layerwise([1.0, 1.0])
    assert [z.data for z in hidden.z] == pytest.approx([1.0, 1.3, 0.8], rel=1e-15)
    assert [round(a.data, 2) for a in hidden.a] == [0.73, 0.79, 0.69]
    assert output.a[0].data == pytest.approx(0.3 * sigma(1.0) + 0.5 * sigma(1.3) + 0.9 * sigma(0.8), rel=1e-15)
    assert output.a[0].data == pytest.approx(1.233212098125132, rel=1e-15)


def test_the_gradient_of_w11_has_four_factors() -> None:
    net = two_three_one()
    prediction = net([1.0, 1.0])
    nn.mse(prediction, 0.0).backward()
    a11 = sigma(1.0)
    four = -2.0 * (0.0 - prediction.data) * 0.3 * (a11 * (1.0 - a11)) * 1.0
    assert net.layers[0].neurons[0].w[0].grad == pytest.approx(four, rel=1e-14)


def updated_by_nudging(weights: list[float], lr: float, nudge: float) -> list[float]:
    """One full forward pass for every weight: gradient = (new loss − old loss) / nudge."""
    net = two_three_one()

    def loss(numbers: list[float]) -> float:
        net.load_state_dict(dict(zip(net.state_dict(), numbers, strict=True)))
        return number(nn.mse(net([1.0, 1.0]), 0.0))

    old = loss(weights)
    nudged = [[w + nudge * (i == j) for j, w in enumerate(weights)] for i in range(len(weights))]
    return [w - lr * (loss(numbers) - old) / nudge for w, numbers in zip(weights, nudged, strict=True)]


@pytest.mark.parametrize("nudge", [1e-4, 1e-6])
def test_nudging_and_the_chain_rule_give_the_same_weights(nudge: float) -> None:
    net = two_three_one()
    optimiser = nn.SGD(net.parameters(), lr=0.05)
    weights = list(net.state_dict().values())
    for _ in range(20):
        optimiser.zero_grad()
        nn.mse(net([1.0, 1.0]), 0.0).backward()
        optimiser.step()
        weights = updated_by_nudging(weights, 0.05, nudge)
    assert weights == pytest.approx(list(net.state_dict().values()), abs=2.0 * nudge)
    assert abs(net([1.0, 1.0]).data) < 0.1


def test_the_first_factor_of_all_is_one() -> None:
    loss = nn.mse(Value(3.0), 1.0)
    loss.backward()
    assert loss.grad == 1.0
