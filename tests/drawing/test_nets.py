"""Networks say which neuron and layer each node belongs to, and their drawings show it."""

from collections.abc import Callable

import pytest

import nn
from autograd import Value, no_grad, scope
from autograd.graph import topological_order
from autograd.picture import draw
from tests.drawing.picture import Picture


def scopes(root: Value) -> set[tuple[str, ...] | None]:
    return {node.scope for node in topological_order(root)}


@pytest.mark.parametrize("spelled_out", [False, True])
@pytest.mark.parametrize("activation", ["tanh", lambda z: z * z.sigmoid()])
def test_every_node_and_parameter_of_a_net_knows_its_neuron(
    spelled_out: bool, activation: str | Callable[[Value], Value]
) -> None:
    net = nn.MLP(1, [2, 1], activation, spelled_out=spelled_out, seed=0)
    x = Value(0.5, name="x")
    y = net([x])
    assert x.scope is None
    assert scopes(y) == {None, *((f"layer {i}", f"neuron {j}") for i, j in ((0, 0), (0, 1), (1, 0)))}
    for name, parameter in net.named_parameters():
        i, j = (int("".join(filter(str.isdigit, part))) for part in name.split(".")[:2])
        assert parameter.scope == (f"layer {i}", f"neuron {j}")


def test_layerwise_says_so_too() -> None:
    net = nn.MLP(2, [2, 1], "tanh", seed=0)
    passes = net.layerwise([0.5, 1.0])
    assert (
        [a.scope for a in passes[0].a]
        == [z.scope for z in passes[0].z]
        == [("layer 0", "neuron 0"), ("layer 0", "neuron 1")]
    )


def test_a_layer_or_a_neuron_alone_has_a_name_too() -> None:
    assert scopes(nn.Neuron(2, "tanh", seed=0)([1.0, 2.0])) == {("neuron",)}
    assert scopes(nn.Layer(2, 2, "tanh", seed=0)([1.0, 2.0])[1]) == {("neuron 1",)}


def test_names_of_attributes_are_names_of_groups() -> None:
    class Pair(nn.Module):
        def __init__(self) -> None:
            self.left, self.right = nn.Neuron(1, seed=0), nn.Layer(1, 1, seed=0)
            self.scale = Value(2.0)
            self.name_parameters()

        def __call__(self, x: Value) -> Value:
            return self.scale * self.left([x]) + self.right([x])[0]

    pair = Pair()
    y = pair(Value(1.0, name="x"))
    assert scopes(y) == {None, (), ("left",), ("right", "neuron 0")}
    shapes = {box.label: box.parameter for box in draw(y)._scene.boxes if box.kind == "leaf"}
    assert shapes["scale"]
    assert not shapes["x"]


@pytest.mark.parametrize("spelled_out", [False, True])
@pytest.mark.parametrize("activation", ["tanh", lambda z: z * z.sigmoid()])
def test_an_outer_scope_comes_first(spelled_out: bool, activation: str | Callable[[Value], Value]) -> None:
    net = nn.MLP(1, [1], activation, spelled_out=spelled_out, seed=0)
    with scope("pass 1"):
        y = net([2.0])
    assert y.scope == ("pass 1", "layer 0", "neuron 0")


def test_a_pass_has_the_parameters_it_alone_uses_in_it() -> None:
    net = nn.MLP(1, [1], seed=0)
    with scope("pass 1"):
        y = net([Value(2.0, name="x")])
    assert {box.scope for box in draw(y)._scene.boxes if box.parameter} == {("pass 1", "layer 0", "neuron 0")}


def test_without_a_graph_nodes_know_it_as_well() -> None:
    with no_grad():
        assert nn.MLP(1, [1], seed=0)([2.0]).scope == ("layer 0", "neuron 0")


def test_parameters_are_called_in_their_frame_as_in_their_neuron(read: type[Picture]) -> None:
    picture = read(draw(nn.MLP(2, [2, 1], "tanh", seed=0, spelled_out=True)([1.0, 2.0])).svg)
    assert {node.label for node in picture.nodes if node.shape == "cut"} == {"w0", "w1", "b"}
    assert [group.title.content for group in picture.groups] == [
        *("layer 0", "neuron 0", "neuron 1"),
        *("layer 1", "neuron 0"),
    ]


def test_the_net_of_the_text_with_the_path_of_one_weight(read: type[Picture], engine: str) -> None:
    """S3: everything that doesn't lead to w11 is grey."""
    net = nn.MLP(2, [3, 1], "sigmoid", bias=False, spelled_out=True, seed=0)
    for (_, w), number in zip(net.named_parameters(), [0.8, 0.2, 0.4, 0.9, 0.3, 0.5, 0.3, 0.5, 0.9], strict=True):
        w.data = number
    cost = (Value(0.0, name="y_true") - net([Value(1.0, name="x1"), Value(1.0, name="x2")])) ** 2
    cost.name = "C"
    cost.backward()
    picture = read(draw(cost, wrt=net.layers[0].neurons[0].w[0], engine=engine).svg)
    assert [node.label for node in picture.nodes if not node.dimmed] == [
        *("w0", "×", "+", "σ"),
        *("×", "+", "+"),
        *("−", "x²", "C"),
    ]
    assert [(group.title.content, group.dimmed) for group in picture.groups] == [
        *(("layer 0", False), ("neuron 0", False), ("neuron 1", True), ("neuron 2", True)),
        *(("layer 1", False), ("neuron 0", False)),
    ]
    assert picture.numbers[-1] == ("1.5208", "1")
