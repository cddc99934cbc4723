"""Neurons, layers, perceptrons: shapes, construction, errors, and the matrix equations of backpropagation."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value
from autograd.graph import topological_order
from tests.support import operations, python

Matrix = Any


# -- construction ----------------------------------------------------------------------------------


def test_a_neuron_is_one_dot_node_and_its_activation() -> None:
    assert operations(nn.Neuron(3, "tanh", seed=0)([1.0, 2.0, 3.0])) == ["·", "tanh"]
    assert operations(nn.Neuron(3, "linear", seed=0)([1.0, 2.0, 3.0])) == ["·"]


def test_a_neuron_spelled_out_is_made_of_products_and_sums() -> None:
    neuron = nn.Neuron(2, "tanh", spelled_out=True, seed=0)
    assert sorted(operations(neuron([1.0, 2.0]))) == ["+", "+", "tanh", "×", "×"]


def test_without_bias_there_is_no_b() -> None:
    assert len(nn.MLP(2, [3, 1], bias=False).parameters()) == 2 * 3 + 3
    assert nn.Neuron(2, bias=False, seed=0).b is None
    assert operations(nn.Neuron(1, "linear", bias=False, spelled_out=True)([1.0])) == ["×"]


@given(st.integers(0, 100), st.booleans(), st.sampled_from(["tanh", "sigmoid", "softplus"]))
def test_spelled_out_and_dot_give_the_same_values_and_gradients(seed: int, bias: bool, activation: str) -> None:
    x = [0.5, -1.5, 2.0]
    nets = [nn.MLP(3, [4, 1], activation, seed, bias=bias, spelled_out=spelled) for spelled in (False, True)]
    for net in nets:
        net(x).backward()
    assert nets[0](x).data == pytest.approx(nets[1](x).data, rel=1e-13)
    gradients = [[p.grad for p in net.parameters()] for net in nets]
    assert gradients[0] == pytest.approx(gradients[1], rel=1e-12, abs=1e-15)


def test_one_output_is_a_value_and_several_are_a_list() -> None:
    assert isinstance(nn.MLP(2, [3, 1], seed=0)([1, 2]), Value)
    outputs = nn.MLP(2, [3, 2], seed=0)([1, 2])
    assert isinstance(outputs, list)
    assert len(outputs) == 2
    assert isinstance(nn.Layer(2, 1, seed=0)([1, 2]), list)


def test_the_last_layer_is_linear_and_the_others_are_not() -> None:
    net = nn.MLP(2, [3, 4, 1], "sigmoid")
    assert [layer.neurons[0].activation for layer in net.layers] == ["sigmoid", "sigmoid", "linear"]


def test_a_list_of_activations_has_one_for_each_layer() -> None:
    net = nn.MLP(2, [3, 4, 2], ["tanh", lambda z: z * z, "sigmoid"], seed=0)
    assert [layer.neurons[0].activation for layer in net.layers] == ["tanh", "<lambda>", "sigmoid"]
    outputs: Any = net([0.5, 1.0])
    assert all(0.0 < y.data < 1.0 for y in outputs)
    weights = [p.data for p in nn.MLP(2, [3, 2], ["relu", "linear"], seed=0).parameters()]
    assert weights == [p.data for p in nn.MLP(2, [3, 2], "relu", seed=0).parameters()]


def test_inputs_may_be_lists_tuples_arrays_and_values() -> None:
    net = nn.MLP(2, [3, 1], seed=0)
    outputs = [net(x).data for x in ([1.0, 2.0], (1, 2), np.array([1.0, 2.0]), [Value(1.0), 2.0], iter([1.0, 2.0]))]  # type: ignore[arg-type]
    assert len(set(outputs)) == 1


def test_gradients_reach_inputs_that_are_values() -> None:
    x = Value(0.5)
    nn.MLP(1, [3, 1], "tanh", seed=0)([x]).backward()
    assert x.grad_or_none is not None


def test_any_function_of_a_value_is_an_activation() -> None:
    def cubed(z: Value) -> Value:
        return z**3

    neuron = nn.Neuron(1, cubed, initialiser=lambda *_: 2.0)
    assert neuron([3.0]).data == 216.0
    assert repr(neuron) == "Neuron(1 → 1 cubed)"


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (nn.Neuron(3), "Neuron(3 → 1 relu)"),
        (nn.Neuron(3, "tanh", bias=False), "Neuron(3 → 1 tanh, no bias)"),
        (nn.Layer(3, 2, "gelu"), "Layer(3 → 2 gelu)"),
        (nn.MLP(2, [16, 16, 1]), "MLP(2 → 16 relu → 16 relu → 1 linear; 337 parameters)"),
        (nn.MLP(2, [3, 1], "sigmoid", bias=False), "MLP(2 → 3 sigmoid → 1 linear, no bias; 9 parameters)"),
    ],
)
def test_repr_tells_the_shape(thing: object, text: str) -> None:
    assert repr(thing) == text


# -- bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("net", [nn.MLP(2, [3, 1]), nn.Layer(2, 3), nn.Neuron(2), nn.MLP(2, [1], spelled_out=True)])
@pytest.mark.parametrize("x", [[], [1.0], [1.0, 2.0, 3.0]])
def test_another_number_of_inputs_is_an_error_that_names_both(net: nn.Neuron, x: list[float]) -> None:
    with pytest.raises(ValueError, match=rf"takes 2 inputs, got {len(x)}$"):
        net(x)


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: nn.MLP(2, []), ValueError, "at least one layer"),
        (lambda: nn.MLP(2, 1), TypeError, "nouts must be a list of layer widths"),  # type: ignore[arg-type]
        (lambda: nn.MLP(2, "16"), TypeError, "nouts must be a list of layer widths"),  # type: ignore[arg-type]
        (lambda: nn.MLP(0, [1]), ValueError, "nin must be at least 1, got 0"),
        (lambda: nn.MLP(2, [3, 0]), ValueError, "nout must be at least 1, got 0"),
        (lambda: nn.MLP(2.0, [1]), TypeError, "nin must be a whole number, got 2.0"),  # type: ignore[arg-type]
        (lambda: nn.MLP(True, [1]), TypeError, "nin must be a whole number, got True"),
        (lambda: nn.MLP(2, [1], "rleu"), ValueError, "unknown activation 'rleu'; known are celu, .*relu.*tanh"),
        (
            lambda: nn.MLP(2, [3, 1], ["relu"]),
            ValueError,
            "one for each of the 2 layers, .* got 1: .'relu'.; ",
        ),
        (lambda: nn.MLP(2, [3, 1], ["relu", "rleu"]), ValueError, "unknown activation 'rleu'"),
        (lambda: nn.MLP(2, [1], 3), TypeError, "activation must be a name or a function, got 3"),  # type: ignore[arg-type]
        (lambda: nn.MLP(2, [1], initialiser="xavier"), ValueError, "unknown initialiser 'xavier'; known are glorot, he"),
        (lambda: nn.MLP(2, [1], seed="a"), TypeError, "seed must be a whole number, got 'a'"),  # type: ignore[arg-type]
        (lambda: nn.MLP(2, [1], seed=-1), ValueError, "seed must be at least 0"),
        (lambda: nn.MLP(1, [1])(0.5), TypeError, r"takes a list of 1 input, got 0.5: write \[x\]"),  # type: ignore[arg-type]
        (lambda: nn.MLP(1, [1])(["x"]), TypeError, r"MLP\(1 → 1 linear; .*\): input 0 must be a real number, got str 'x'"),  # type: ignore[list-item]
        (lambda: nn.MLP(2, [1])([1.0, None]), TypeError, r"MLP\(2 .*\): input 1 must be a real number, got None"),  # type: ignore[list-item]
        (lambda: nn.Neuron(2)([1.0, True]), TypeError, r"Neuron\(2 .*\): input 1 must be a real number, got bool True"),
        (
            lambda: nn.MLP(2, [1])([[1.0, 2.0], [3.0, 4.0]]),  # type: ignore[list-item]
            TypeError,
            r"one row of 2 inputs, .*\[model\(row\) for row",
        ),
        (lambda: nn.Layer(2, 1)(np.ones((3, 2))), TypeError, r"one row of 2 inputs, got several"),
        (lambda: nn.MLP(2, [1])("ab"), TypeError, "takes a list of 2 inputs, got 'ab'"),  # type: ignore[arg-type]
        (lambda: nn.MLP(2, [1])({"a": 1.0, "b": 2.0}), TypeError, "takes a list of 2 inputs, got {'a'"),  # type: ignore[dict-item]
        (lambda: nn.MLP(2, [1])(None), TypeError, "takes a list of 2 inputs, got None"),  # type: ignore[arg-type]
        (lambda: nn.MLP(2, [1], bais=False), TypeError, "unknown option 'bais'; known are activation, bias, initialiser"),  # type: ignore[call-arg]
        (
            lambda: nn.Layer(2, 1, initializer="he"),  # type: ignore[call-arg]
            TypeError,
            "unknown option 'initializer'; known are activation, bias",
        ),
        (lambda: nn.MLP(2, [1], activation=math.tanh), TypeError, "math.tanh makes plain numbers, .*; use autograd.tanh"),  # type: ignore[arg-type]
        (lambda: nn.Neuron(2, initialiser=lambda *_: "x"), TypeError, "what the initialiser gives must be a real number"),  # type: ignore[arg-type]
    ],
)
def test_what_makes_no_net_is_refused(build: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        build()


# -- seeds -------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_net() -> None:
    assert nn.MLP(2, [3, 1], seed=7).state_dict() == nn.MLP(2, [3, 1], seed=7).state_dict()
    assert nn.MLP(2, [3, 1], seed=7).state_dict() != nn.MLP(2, [3, 1], seed=8).state_dict()


def test_without_a_seed_every_net_is_another() -> None:
    assert nn.MLP(2, [3, 1]).state_dict() != nn.MLP(2, [3, 1]).state_dict()


def test_training_gives_the_same_bits_whatever_the_hash_seed() -> None:
    code = """
import nn
from tests.support import digest
model = nn.MLP(2, [4, 1], seed=1)
nn.fit(model, [[0, 1], [1, 0], [1, 1]], [1, 1, -1], "hinge", epochs=3, batch_size=2, seed=1, progress=False)
print(digest(model.state_dict().values()), digest(p.grad for p in model.parameters()))
"""
    assert len({python(code, hash_seed) for hash_seed in ("0", "1", "2", "3")}) == 1


# -- the matrix equations (backpropagation by layers) ------------------------------------------------

DERIVATIVES: dict[str, tuple[Callable[[Matrix], Matrix], Callable[[Matrix], Matrix]]] = {
    "linear": (lambda z: z, np.ones_like),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0) * 1.0),
    "tanh": (np.tanh, lambda z: 1.0 / np.cosh(z) ** 2),
    "sigmoid": (lambda z: 1.0 / (1.0 + np.exp(-z)), lambda z: 1.0 / (2.0 + np.exp(z) + np.exp(-z))),
    "softplus": (lambda z: np.log1p(np.exp(z)), lambda z: 1.0 / (1.0 + np.exp(-z))),
}


def softmax_minus_one_hot(a: Matrix, t: float) -> Matrix:
    e = np.exp(a - a.max())
    return e / e.sum() - np.eye(len(a))[int(t)]


# ∂L/∂a of the last layer
OUTPUT_SLOPES: dict[str, Callable[[Matrix, Any], Matrix]] = {
    "half_squared_error": lambda a, t: a - np.asarray(t),
    "mse": lambda a, t: 2.0 * (a - np.asarray(t)) / len(a),
    "hinge": lambda a, t: -t * (t * a < 1.0),
    "binary_cross_entropy_with_logits": lambda a, t: 1.0 / (1.0 + np.exp(-a)) - t,
    "cross_entropy": softmax_minus_one_hot,
}
TARGETS: dict[str, Callable[[Matrix, int], list[Any]]] = {
    "half_squared_error": lambda rng, n: rng.normal(size=(5, n)).tolist(),
    "mse": lambda rng, n: rng.normal(size=(5, n)).tolist(),
    "hinge": lambda rng, _: rng.choice([-1.0, 1.0], 5).tolist(),
    "binary_cross_entropy_with_logits": lambda rng, _: rng.choice([0.0, 1.0], 5).tolist(),
    "cross_entropy": lambda rng, n: rng.integers(0, n, 5).tolist(),
}


def matrix_backward(net: nn.MLP, activation: str, loss: str, x: Matrix, t: Any) -> list[tuple[Matrix, Matrix]]:
    """(δ, ∂L/∂W with ∂L/∂b as its last column) of every layer, for one example."""
    weights = [np.array([[w.data for w in n.w] for n in layer.neurons]) for layer in net.layers]
    biases = [np.array([n.b.data for n in layer.neurons if n.b is not None]) for layer in net.layers]
    g, derivative = DERIVATIVES[activation]
    a, z = [x], []
    for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z.append(w @ a[-1] + b)
        a.append(g(z[-1]) if i < len(weights) - 1 else z[-1])
    delta = OUTPUT_SLOPES[loss](a[-1], t)
    result = []
    for i in reversed(range(len(weights))):
        result.append((delta, np.outer(delta, [*a[i], 1.0])))
        if i:
            delta = (weights[i].T @ delta) * derivative(z[i - 1])
    return result[::-1]


def randomised(nin: int, widths: list[int], activation: str) -> nn.MLP:
    """A net whose biases aren't 0."""
    net = nn.MLP(nin, widths, activation, seed=len(widths))
    rng = np.random.default_rng(1)
    for layer in net.layers:
        for neuron in layer.neurons:
            assert neuron.b is not None
            neuron.b.data = rng.normal()
    return net


NETS = [(1, [2]), (2, [3, 2]), (3, [5, 4, 2]), (2, [3, 1, 4, 3])]


@pytest.mark.parametrize("loss", OUTPUT_SLOPES)
@pytest.mark.parametrize("activation", DERIVATIVES)
@pytest.mark.parametrize(("nin", "widths"), NETS)
def test_gradients_equal_the_matrix_equations(nin: int, widths: list[int], activation: str, loss: str) -> None:
    one_output = loss in ("hinge", "binary_cross_entropy_with_logits")
    net = randomised(nin, [*widths[:-1], 1] if one_output else widths, activation)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5, nin))  # noqa: N806
    targets = TARGETS[loss](rng, widths[-1])
    total = sum(nn.LOSSES[loss].function(net(x), t) for x, t in zip(X, targets, strict=True))
    assert isinstance(total, Value)
    total.backward()
    by_matrices = [matrix_backward(net, activation, loss, x, t) for x, t in zip(X, targets, strict=True)]
    for i, layer in enumerate(net.layers):
        expected = sum(example[i][1] for example in by_matrices)
        actual = np.array([[p.grad for p in neuron.parameters()] for neuron in layer.neurons])
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", DERIVATIVES)
def test_the_error_of_every_layer_can_be_read_off(activation: str) -> None:
    net = randomised(2, [3, 4, 2], activation)
    x, t = np.array([0.5, -1.0]), [0.25, 2.0]
    passes = net.layerwise(x)
    nn.half_squared_error(passes[-1].a, t).backward()
    for layer, (delta, _) in zip(passes, matrix_backward(net, activation, "half_squared_error", x, t), strict=True):
        np.testing.assert_allclose([z.grad for z in layer.z], delta, rtol=1e-12, atol=1e-14)


def test_whole_numbers_become_floats_once() -> None:
    y = nn.MLP(2, [3, 1], "tanh", seed=0)([1, np.float32(2.0)])  # type: ignore[list-item]
    first = next(node for node in topological_order(y) if node.op == "·")
    assert [x for x in first.operands if not isinstance(x, Value)] == [1.0, 2.0, 1.0]


def test_layerwise_ends_in_what_the_net_returns() -> None:
    net = nn.MLP(2, [3, 2], "tanh", seed=0)
    assert [a.data for a in net.layerwise([1, 2])[-1].a] == [y.data for y in net([1, 2])]  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="takes 2 inputs, got 3"):
        net.layerwise([1, 2, 3])


def test_an_array_for_a_count_is_an_error_that_names_the_argument() -> None:
    with pytest.raises(TypeError, match=r"must be a whole number, got ndarray of shape \(2,\)$"):
        nn.MLP(np.array([1, 2]), [1])  # type: ignore[arg-type]
