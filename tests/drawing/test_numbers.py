"""The numbers in a drawing are the graph's own."""

from collections.abc import Callable
from typing import Any

import pytest

import autograd as ag
from autograd import Value
from autograd.errors import StaleGraphError
from autograd.interop.text import number
from autograd.picture import draw
from tests.drawing.picture import Picture


def net_of_the_text() -> tuple[Value, Value]:
    """2-3-1 with sigmoid, S3: the cost and its weight w11."""
    x = [Value(1.0, name="x1"), Value(1.0, name="x2")]
    into = [[0.8, 0.2], [0.4, 0.9], [0.3, 0.5]]
    w = [[Value(v, name=f"w{i}{j}") for i, v in enumerate(row, 1)] for j, row in enumerate(into, 1)]
    hidden = [(x[0] * row[0] + x[1] * row[1]).sigmoid() for row in w]
    out = [Value(v, name=f"w3{i}") for i, v in enumerate([0.3, 0.5, 0.9], 1)]
    predicted = hidden[0] * out[0] + hidden[1] * out[1] + hidden[2] * out[2]
    cost = (0.0 - predicted) ** 2
    cost.backward()
    return cost, w[0][0]


# -- the two apple drawings ------------------------------------------------------------------------


def test_apples_with_whole_nodes(read: type[Picture], engine: str) -> None:
    total = Value(100.0, name="price") * 2 * 1.1
    total.backward()
    picture = read(draw(total, engine=engine).svg)
    assert picture.labels("operation") == ["×2", "×1.1"]
    assert picture.labels("leaf") == ["price"]
    assert picture.numbers == [("100", "2.2"), ("200", "1.1"), ("220", "1")]


def test_apples_with_bare_operations_and_variables_outside(read: type[Picture], engine: str) -> None:
    price, count, tax = Value(100.0, name="price"), Value(2.0, name="count"), Value(1.1, name="tax")
    total = price * count * tax
    total.backward()
    picture = read(draw(total, engine=engine).svg)
    assert picture.labels("operation") == ["×", "×"]
    assert sorted(picture.labels("leaf")) == ["count", "price", "tax"]
    assert picture.numbers == [("100", "2.2"), ("2", "110"), ("200", "1.1"), ("1.1", "200"), ("220", "1")]


# -- values and gradients ----------------------------------------------------------------------------


def test_before_backward_gradients_are_a_dash_and_not_0(read: type[Picture]) -> None:
    picture = read(draw(Value(2.0) * Value(3.0)).svg)
    assert [gradient for _, gradient in picture.numbers] == ["–", "–", "–"]


def test_the_first_signal_is_drawn_on_an_edge_to_the_output(read: type[Picture]) -> None:
    y = Value(0.5, name="x").tanh()
    y.name = "L"
    y.backward()
    picture = read(draw(y).svg)
    assert picture.labels("output") == ["L"]
    assert picture.numbers[-1] == ("0.46212", "1")


def test_an_edge_shows_its_contribution_and_the_node_their_sum(read: type[Picture]) -> None:
    x = Value(3.0, name="x")
    y = x * x + x * 5
    y.backward()
    picture = read(draw(y).svg)
    (leaf,) = (node for node in picture.nodes if node.kind == "leaf")
    contributions = [gradient for value, gradient in picture.numbers if value == "3"]
    assert contributions == ["3", "3", "5"]
    assert "gradient 11.0" in leaf.hover


def test_hover_on_an_edge_tells_value_local_derivative_upstream_and_contribution(read: type[Picture]) -> None:
    x = Value(3.0, name="x")
    y = (x * 5) ** 2
    y.backward()
    edge = read(draw(y).svg).edges[0]
    assert edge.hover.splitlines() == [
        *("value 3.0", "gradient 150.0", "local derivative 5.0", "upstream 30.0"),
        "contribution: upstream × local derivative",
    ]


def test_hover_on_a_node_tells_its_name_operation_value_and_gradient(read: type[Picture]) -> None:
    z = Value(3.0, name="x") * 5
    z.name = "z"
    z.exp().backward()
    node = read(draw(z.exp()).svg).nodes[1]
    assert node.hover.splitlines() == ["z (×)", "value 15.0", f"gradient {z.grad!r}"]


def test_hover_on_the_edge_to_the_output_and_before_a_backward_pass(read: type[Picture]) -> None:
    edges = read(draw(Value(3.0, name="x") * 5).svg).edges
    assert edges[-1].hover.splitlines() == ["value 15.0", "gradient – (no backward pass yet)"]
    assert edges[0].hover.splitlines()[3] == "upstream – (no backward pass yet)"


def test_contributions_to_a_node_sum_to_its_gradient_in_random_graphs(random_root: Callable[[int, int], Value]) -> None:
    from autograd.drawing.level_of_detail import compose

    for seed in range(30):
        root = random_root(seed, 20)
        scene = compose(root)
        sums: dict[int, float] = {}
        for edge in scene.edges:
            gradient = edge.hover.split("\ngradient ")[1].split("\n")[0]
            sums[edge.tail] = sums.get(edge.tail, 0.0) + float(gradient)
        for i, box in enumerate(scene.boxes[:-1]):
            total = float(box.hover.split("\ngradient ")[1])
            assert sums[i] == pytest.approx(total, rel=1e-12, abs=1e-300)


def test_small_numbers_keep_their_digits_and_no_number_hides() -> None:
    assert [number(x) for x in (1e-5, -1.25e-12, float("nan"), float("inf"), -0.0)] == [
        "1e-05",
        "-1.25e-12",
        "nan",
        "inf",
        "0",
    ]


def test_nan_and_infinity_are_drawn(read: type[Picture]) -> None:
    y = Value(0.0, name="x").log() * Value(-1.0).sqrt()
    y.backward()
    shown = {text for pair in read(draw(y).svg).numbers for text in pair}
    assert {"nan", "-inf"} <= shown


def test_gradients_that_are_values_themselves_are_drawn(read: type[Picture]) -> None:
    x = Value(2.0, name="x")
    y = x**3
    y.backward(create_graph=True)
    assert read(draw(y).svg).numbers == [("2", "12"), ("8", "1")]


def test_a_drawing_keeps_what_it_showed_when_the_graph_changes(read: type[Picture]) -> None:
    y = Value(2.0) ** 2
    drawing = draw(y)
    y.backward()
    assert read(drawing.svg).numbers == [("2", "–"), ("4", "–")]


def test_a_graph_whose_leaf_was_set_is_refused() -> None:
    x = Value(2.0, name="x")
    y = x * x
    x.data = 3.0
    with pytest.raises(StaleGraphError, match="'x' was set"):
        draw(y)


# -- constants ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "label"),
    [
        (lambda x: x + 1, "+1"),
        (lambda x: 1 + x, "+1"),
        (lambda x: x - 1, "−1"),
        (lambda x: 1 - x, "1−"),
        (lambda x: x * -2, "×(-2)"),
        (lambda x: x / 4, "÷4"),
        (lambda x: 4 / x, "4÷"),
        (lambda x: x**2, "x²"),
        (lambda x: x**-1, "x⁻¹"),
        (lambda x: x**0.5, "**0.5"),
        (lambda x: 2**x, "2**"),
        (lambda x: x.clip(0, 1), "clip(·, 0, 1)"),
    ],
)
def test_a_plain_number_is_written_in_its_operation(read: type[Picture], make: Callable[[Value], Value], label: str) -> None:
    picture = read(draw(make(Value(0.5, name="x"))).svg)
    assert picture.labels("operation") == [label]
    assert len(picture.edges) == 2


def test_plain_numbers_among_many_operands_get_boxes_without_a_gradient(read: type[Picture]) -> None:
    y = ag.sum(Value(1.0, name="v"), 0.5, Value(2.0, name="w"), 3.0)
    y.backward()
    picture = read(draw(y).svg)
    assert picture.labels("constant") == ["0.5", "3"]
    assert picture.numbers == [("1", "1"), ("0.5", ""), ("2", "1"), ("3", ""), ("6.5", "1")]


def test_many_plain_numbers_get_one_box(read: type[Picture]) -> None:
    y = ag.sum(Value(1.0), *[0.5] * 20)
    assert read(draw(y).svg).labels("constant") == ["20 constants"]


def test_a_lone_leaf_is_a_drawing(read: type[Picture]) -> None:
    assert read(draw(Value(3.0, name="x")).svg).numbers == [("3", "–")]


# -- one parameter's paths ---------------------------------------------------------------------------


def test_wrt_lights_the_path_of_one_weight_and_greys_the_rest(read: type[Picture], engine: str) -> None:
    cost, w11 = net_of_the_text()
    picture = read(draw(cost, wrt=w11, engine=engine).svg)
    highlighted = [node.label for node in picture.nodes if not node.dimmed]
    assert highlighted == ["w11", "×", "+", "σ", "×", "+", "+", "0−", "x²", "output"]
    assert sum(not edge.dimmed for edge in picture.edges) == len(highlighted) - 1


def test_wrt_takes_several_nodes(read: type[Picture]) -> None:
    a, b, c = Value(1.0, name="a"), Value(2.0, name="b"), Value(3.0, name="c")
    picture = read(draw(a * b + c, wrt=[a, c]).svg)
    assert [node.label for node in picture.nodes if node.dimmed] == ["b"]


def test_wrt_outside_the_graph_is_refused() -> None:
    with pytest.raises(ValueError, match=r"wrt has Value.*name='w'.*doesn't depend on"):
        draw(Value(1.0) + 1, wrt=Value(2.0, name="w"))


# -- arguments ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"root": 3.0}, TypeError, "root must be a Value, got a float"),
        ({"max_nodes": 0}, ValueError, "max_nodes must be an int of at least 1, got 0"),
        ({"max_nodes": True}, ValueError, "max_nodes must be an int"),
        ({"rankdir": "up"}, ValueError, "rankdir must be one of 'LR', 'TB', got 'up'"),
        ({"engine": "neato"}, ValueError, "engine must be one of None, 'dot', 'wasi', got 'neato'"),
        ({"wrt": "w"}, TypeError, "wrt must be a Value or several, got a str"),
    ],
)
def test_arguments_without_sense_are_refused(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw(**{"root": Value(1.0)} | arguments)
