"""A dot is drawn as its products and their sum: which weight meets which input, and what is a bias."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest

import autograd as ag
import nn
from autograd import Value, dot, draw, explain
from autograd.drawing.level_of_detail import compose
from autograd.drawing.scene.model import Scene
from tests.drawing.picture import Picture


def named(letter: str, numbers: list[float]) -> list[Value]:
    return [Value(x, name=f"{letter}{i}") for i, x in enumerate(numbers)]


def loss_of(model: nn.MLP, inputs: list[float]) -> Value:
    loss: Value = (model(named("x", inputs)) - Value(1.0, name="y_true")) ** 2
    loss.name = "loss"
    loss.backward()
    return loss


def meetings(scene: Scene) -> list[tuple[str, ...]]:
    """For each product the labels of what it multiplies."""
    return [
        tuple(scene.boxes[edge.tail].label for edge in scene.edges if edge.head == i)
        for i, box in enumerate(scene.boxes)
        if box.label == "×"
    ]


def test_a_dot_is_drawn_as_products_of_pairs_and_their_sum(read: type[Picture], engine: str) -> None:
    y = dot(named("w", [2.0, 3.0, -1.0]), named("x", [0.5, 4.0, 8.0]))
    y.backward()
    picture = read(draw(y, engine=engine).svg)
    assert picture.labels("operation") == ["×", "×", "×", "Σ"]
    assert meetings(compose(y)) == [("w0", "x0"), ("w1", "x1"), ("w2", "x2")]
    assert picture.numbers == [
        *(("2", "0.5"), ("0.5", "2")),
        *(("3", "4"), ("4", "3")),
        *(("-1", "8"), ("8", "-1")),
        *(("1", "1"), ("12", "1"), ("-8", "1")),
        ("5", "1"),
    ]


def test_the_sum_of_two_products_is_a_plus_and_one_pair_a_product(read: type[Picture]) -> None:
    w, x = named("w", [2.0, 3.0]), named("x", [0.5, 4.0])
    assert read(draw(dot(w, x)).svg).labels("operation") == ["×", "×", "+"]
    assert read(draw(dot(w[:1], x[:1])).svg).labels("operation") == ["×"]


def test_a_number_stands_in_its_product(read: type[Picture]) -> None:
    y: Any = dot([*named("w", [2.0, 3.0]), 5.0], [0.5, 4.0, 6.0])
    picture = read(draw(y).svg)
    assert picture.labels("operation") == ["×0.5", "×4", "Σ(·, ·, 30)"]


def test_the_bias_of_a_default_net_is_a_term_of_the_sum() -> None:
    scene = compose(loss_of(nn.MLP(2, [2, 1], "tanh", seed=1), [1.5, -0.5]))
    terms = [
        [scene.boxes[edge.tail].label for edge in scene.edges if edge.head == i]
        for i, box in enumerate(scene.boxes)
        if box.label == "Σ"
    ]
    assert terms == [["×", "×", "b"]] * 3
    assert meetings(scene) == [*[("w0", "x0"), ("w1", "x1")] * 2, *[("w0", "tanh"), ("w1", "tanh")]]
    assert not any(box.kind == "constant" or box.label in ("1", "·") for box in scene.boxes)


def test_a_weight_whose_input_is_the_number_1_is_no_bias(read: type[Picture]) -> None:
    y = dot(named("w", [0.8, 0.2]), [1.0, 1.0])
    assert read(draw(y).svg).labels("operation") == ["×1", "×1", "+"]


@pytest.mark.parametrize("seed", range(8))
def test_every_number_of_a_spelled_out_dot_is_right(seed: int) -> None:
    rng = random.Random(seed)
    leaves = named("a", [rng.uniform(-2, 2) for _ in range(rng.randint(2, 5))])
    pool: list[Any] = [*leaves, 1.0, 0.5]
    y = dot([rng.choice(leaves), *rng.choices(pool, k=4)], rng.choices(pool, k=5)).tanh() * leaves[0]
    y.backward()
    scene = compose(y)
    sums: dict[int, float] = defaultdict(float)
    for edge in scene.edges:
        if edge.contribution is not None:
            sums[edge.tail] += edge.contribution
    for i, box in enumerate(scene.boxes):
        if box.node is not None and box.kind != "output":
            assert sums[i] == pytest.approx(box.node.grad, rel=1e-12, abs=1e-15)
            flowing = [edge for edge in scene.edges if edge.tail == i and edge.user is not None]
            assert all(edge.value == flowing[0].value for edge in flowing)


def test_hover_tells_the_local_derivative_in_the_product(read: type[Picture]) -> None:
    w, x = named("w", [2.0, 3.0]), named("x", [0.5, 4.0])
    y = dot(w, x).square()
    y.backward()
    assert read(draw(y).svg).edges[0].hover.splitlines() == [
        *("value 2.0", "gradient 13.0", "local derivative 0.5", "upstream 26.0"),
        "contribution: upstream × local derivative",
    ]


def test_wrt_highlights_the_product_of_that_weight_alone(read: type[Picture]) -> None:
    model = nn.MLP(2, [2, 1], "tanh", seed=1)
    loss = loss_of(model, [1.5, -0.5])
    picture = read(draw(loss, wrt=model.layers[0].neurons[0].w[1]).svg)
    assert [n.label for n in picture.nodes if not n.dimmed] == [
        *("w1", "×", "Σ", "tanh"),
        *("×", "Σ", "−", "x²", "loss"),
    ]


def test_the_drawing_leaves_the_graph_as_it_was() -> None:
    loss = loss_of(nn.MLP(2, [2, 1], "tanh", seed=1), [1.5, -0.5])
    before = str(explain(loss, loss.parents[0]))
    dots = [node for node in ag.graph.topological_order(loss) if node.op == "·"]
    drawing = draw(loss)
    assert drawing.svg == draw(loss).svg
    assert [node for node in ag.graph.topological_order(loss) if node.op == "·"] == dots
    assert str(explain(loss, loss.parents[0])) == before


def test_a_dots_name_stands_at_its_sum_or_at_the_output(read: type[Picture]) -> None:
    z = dot(named("w", [2.0, 3.0]), named("x", [0.5, 4.0]))
    z.name = "z"
    assert [(n.label, n.caption) for n in read(draw(z.exp()).svg).nodes if n.label == "+"] == [("+", "z")]
    assert [(n.label, n.caption) for n in read(draw(z).svg).nodes if n.kind != "leaf"] == [
        *(("×", ""), ("×", ""), ("+", ""), ("z", "")),
    ]


def test_what_is_too_much_in_parts_is_folded() -> None:
    y = dot(named("w", [1.0] * 100), named("x", [2.0] * 100))
    folded = compose(y, max_nodes=250)
    assert [box.kind for box in folded.boxes] == ["folded", "folded", "operation", "output"]
    assert folded.nodes == 201
    assert compose(y, max_nodes=301).nodes == 201
    assert len(compose(y, max_nodes=301).boxes) == 302


def test_a_folded_drawing_spells_out_the_dots_it_shows() -> None:
    w, inner = named("w", [2.0, 3.0]), Value(0.1, name="x")
    with ag.scope("long"):
        for _ in range(30):
            inner = inner.sin()
    scene = compose(dot(w, [inner, Value(4.0, name="x1")]), max_nodes=20)
    assert [box.label for box in scene.boxes if box.kind == "operation"] == ["×", "×", "+"]
    assert scene.nodes == 35


def test_the_player_steps_through_products_and_sum(read: type[Picture]) -> None:
    html = draw(loss_of(nn.MLP(2, [2, 1], "tanh", seed=1), [1.5, -0.5])).html
    assert '"live":true' in html
    assert "multiply {0} by {1}" in html
    assert "multiply pair by pair" not in html


def test_a_default_net_shows_the_numbers_of_a_spelled_out_one() -> None:
    shown = []
    for spelled_out in (False, True):
        scene = compose(loss_of(nn.MLP(3, [2, 1], "tanh", seed=3, spelled_out=spelled_out), [1.5, -0.5, 0.25]))
        nodes = [box.node for box in scene.boxes if box.kind == "leaf" and box.node is not None]
        shown.append(Counter((node.name, node.data, round(node.grad, 12)) for node in nodes))
    assert shown[0] == shown[1]


def test_products_are_listed_in_the_order_of_the_pairs() -> None:
    tails = [int(a[1:]) for a, _ in meetings(compose(dot(named("w", [1.0] * 12), named("x", [2.0] * 12))))]
    assert all(a < b for a, b in pairwise(tails))
