"""Large graphs are folded, and the drawing says so."""

import subprocess
import sys
from collections.abc import Callable

import pytest

import nn
from autograd import Value, scope
from autograd import sum as total
from autograd.drawing.scene.folding import MANY
from autograd.picture import draw
from tests.drawing.picture import Picture

DESC = "{http://www.w3.org/2000/svg}desc"

MILLION = """
import sys
from autograd import Value
from autograd.picture import draw
x = Value(1.0, name="x"); y = Value(0.5)
for _ in range(10**6 - 2):
    y = y + x
y = y * 1.5
draw(Value(1.0) + 1, engine="wasi").svg  # imports done
sys.setrecursionlimit(200)
y.backward()
print(draw(y, engine="wasi").svg)
"""


def chain(operations: int) -> Value:
    y = Value(1.0, name="x")
    for _ in range(operations):
        y = y * 1.0001
    y.backward()
    return y


def tangle(nodes: int) -> Value:
    """A graph that no rule folds: every node has two users."""
    a, b = Value(1.0, name="a"), Value(0.5, name="b")
    for i in range(nodes // 2):
        a, b = (a * b, a - b) if i % 2 else (a - b, a * b)
    y = a * b
    y.backward()
    return y


def loss_of_a_net(rows: int = 100, widths: tuple[int, ...] = (16, 16, 1)) -> Value:
    model = nn.MLP(2, list(widths), "tanh", seed=0)
    loss = nn.mse([model([0.01 * i, 1.0]) for i in range(rows)], [0.0] * rows)
    loss.backward()
    return loss


# -- groups: neurons first, then layers -----------------------------------------------------------


def test_the_loss_of_a_net_over_100_rows_shows_its_layers(read: type[Picture], engine: str) -> None:
    picture = read(draw(loss_of_a_net(), engine=engine).svg)
    assert picture.labels("folded") == [
        "layer 0 · 3 248 nodes",
        "layer 1 · 3 472 nodes",
        "layer 2 · 117 nodes",
        "− · 100 nodes",
        "x² · 100 nodes",
    ]
    assert picture.labels("operation") == ["mean"]


def test_neurons_become_boxes_in_the_frames_of_their_layers_while_they_are_few(read: type[Picture]) -> None:
    picture = read(draw(loss_of_a_net(widths=(3, 1))).svg)
    assert [group.title.content for group in picture.groups] == ["layer 0", "layer 1"]
    assert [label.split(" · ")[0] for label in picture.labels("folded")][:4] == [
        "neuron 0",
        "neuron 1",
        "neuron 2",
        "neuron 0",
    ]


def test_outer_groups_are_folded_last(read: type[Picture]) -> None:
    y = Value(0.1, name="x")
    for i in range(40):
        with scope("net", f"layer {i}"):
            for j in range(10):
                with scope(f"neuron {j}"):
                    y = (y * 1.1 + y).tanh()
    assert len(read(draw(y, max_nodes=500).svg).labels("folded")) == 400
    assert len(read(draw(y, max_nodes=100).svg).labels("folded")) == 40
    assert read(draw(y, max_nodes=10).svg).labels("folded") == ["net · 1 200 nodes"]


def test_parallel_edges_of_folded_boxes_are_one_and_a_single_one_keeps_its_numbers(read: type[Picture]) -> None:
    picture = read(draw(loss_of_a_net(widths=(3, 1))).svg)
    assert ("100 values", "100 gradients") in picture.numbers
    x = Value(2.0, name="x")
    with scope("g"):
        y = x.exp()
        for _ in range(20):
            y = y.tanh() + y
    y.backward()
    assert read(draw(y, max_nodes=10).svg).numbers[0] == ("2", f"{x.grad:.5g}")


def test_before_a_backward_pass_folded_gradients_are_a_dash(read: type[Picture]) -> None:
    with scope("g"):
        y = total([Value(float(i), name="x") * 2.0 for i in range(100)])
    assert read(draw(y.exp() + y, max_nodes=10).svg).numbers[0][1] == "–"
    z = total([Value(float(i), name=f"x{i}").exp() for i in range(100)])
    assert ("100 values", "–") in read(draw(z, max_nodes=10).svg).numbers


def test_groups_that_lead_into_each_other_become_one_box(read: type[Picture]) -> None:
    y = Value(1.0, name="x")
    for i in range(200):
        with scope("ab"[i % 2]):
            y = y.tanh() + y
    assert read(draw(y, max_nodes=20).svg).labels("folded") == ["a … · 400 nodes"]


# -- sums, chains, and nodes that do the same --------------------------------------------------------


def test_a_long_sum_becomes_one_sigma_that_says_how_many_terms(read: type[Picture]) -> None:
    x, w = [[Value(0.1 * i, name=f"{name}{i}") for i in range(500)] for name in "xw"]
    y = x[0] * w[0]
    for a, b in zip(x[1:], w[1:], strict=True):
        y = y + a * b
    y.backward()
    picture = read(draw(y).svg)
    assert picture.labels("folded") == ["x… · 500 leaves", "w… · 500 leaves", "× · 500 nodes", "Σ 500 terms"]
    assert picture.numbers[:3] == [("500 values", "500 gradients")] * 3


def test_a_sum_stays_apart_from_what_is_made_of_it(read: type[Picture]) -> None:
    terms = [Value(0.1 * i, name=f"x{i}").exp() for i in range(400)]
    y = terms[0]
    for term in terms[1:]:
        y = y + term
    picture = read(draw((y * 0.01).sqrt()).svg)
    assert picture.labels("folded")[-1] == "Σ 400 terms"
    assert picture.labels("operation") == ["×0.01", "√"]


def test_sums_that_do_the_same_become_one_box(read: type[Picture]) -> None:
    xs = [Value(0.1 * i, name=f"x{i}") for i in range(20)]
    sums = []
    for _ in range(30):
        y = xs[0]
        for x in xs[1:]:
            y = y + x
        sums.append(y.tanh())
    assert read(draw(total(sums), max_nodes=100).svg).labels("folded") == [
        *("x… · 20 leaves", "Σ · 570 nodes"),
        "tanh · 30 nodes",
    ]


def test_a_long_chain_becomes_one_box(read: type[Picture], engine: str) -> None:
    picture = read(draw(chain(1000), engine=engine).svg)
    assert picture.labels("folded") == ["… 1 000 nodes"]
    assert picture.numbers == [("1", "1.1052"), ("1.1052", "1")]
    assert "1 000 ×" in picture.nodes[1].hover


def test_a_chain_may_use_a_variable_again_and_again(read: type[Picture]) -> None:
    x, y = Value(1.25, name="x"), Value(0.5, name="y")
    for _ in range(500):
        y = y * x + 1.0
    y.backward()
    picture = read(draw(y).svg)
    assert picture.labels("folded") == ["… 1 000 nodes"]
    assert ("500 values", "500 gradients") in picture.numbers


def test_a_few_nodes_stay_nodes(read: type[Picture]) -> None:
    """Sums, chains and like nodes of up to MANY."""
    y = Value(1.0, name="x")
    for _ in range(MANY):
        y = y.tanh()
    short = sum((Value(float(i), name=f"v{i}") for i in range(MANY - 1)), y)
    picture = read(draw(short + loss_of_a_net()).svg)
    assert picture.labels("operation").count("tanh") == MANY
    assert "v0" in picture.labels("leaf")


def test_a_graph_of_max_nodes_is_drawn_whole(read: type[Picture]) -> None:
    picture = read(draw(chain(29), max_nodes=30).svg)
    assert picture.labels("folded") == []
    assert len(picture.labels("operation")) == 29


# -- the earliest nodes ------------------------------------------------------------------------------


def test_what_nothing_else_folds_loses_its_earliest_nodes(read: type[Picture], engine: str) -> None:
    picture = read(draw(tangle(1000), max_nodes=50, engine=engine).svg)
    assert picture.labels("folded")[0].endswith(" earlier nodes folded")
    assert 10 <= len(picture.labels("operation")) <= 50


def test_a_leaf_used_late_stays_a_leaf(read: type[Picture]) -> None:
    x, y = Value(1.25, name="x"), tangle(200)
    labels = read(draw(y * x, max_nodes=20).svg).labels("leaf")
    assert labels == ["x"]


def test_a_drawing_of_one_node_has_its_operands_folded(read: type[Picture]) -> None:
    y = chain(10)
    assert read(draw(y, max_nodes=1).svg).labels("folded") == ["… 10 nodes"]


# -- said in words -----------------------------------------------------------------------------------


def test_the_description_and_the_repr_say_what_was_folded(read: type[Picture]) -> None:
    drawing = draw(loss_of_a_net())
    described = read(drawing.svg).root.findtext(DESC, "")
    assert "7 038 nodes were too many for a box each; folded into one box each: layer 0 · 3 248 nodes, " in described
    assert (
        repr(drawing) == f"<Drawing of output = {drawing._scene.edges[-1].value}: 7 038 nodes folded into 6 boxes, 6 edges>"
    )


def test_a_highlighted_parameter_lights_the_boxes_it_is_folded_into(read: type[Picture]) -> None:
    model = nn.MLP(2, [16, 16, 1], "tanh", seed=0)
    loss = nn.mse([model([0.01 * i, 1.0]) for i in range(100)], [0.0] * 100)
    picture = read(draw(loss, wrt=model.layers[1].neurons[0].w[0]).svg)
    assert [node.label.split(" ·")[0] for node in picture.nodes if node.dimmed] == ["layer 0"]
    assert [edge.dimmed for edge in picture.edges] == [True, False, False, False, False, False]


# -- limits --------------------------------------------------------------------------------------------


def test_a_million_nodes_are_drawn_without_recursion_in_at_most_200_kilobytes(read: type[Picture]) -> None:
    svg = subprocess.run([sys.executable, "-c", MILLION], capture_output=True, text=True, check=True).stdout
    assert len(svg.encode()) <= 200_000
    assert read(svg).labels("folded") == ["Σ 999 999 terms"]


@pytest.mark.parametrize("make", [chain, tangle])
def test_a_folded_drawing_grows_with_max_nodes_and_not_with_the_graph(make: Callable[[int], Value]) -> None:
    small, large = (len(draw(make(n), max_nodes=50).svg) for n in (500, 5000))
    assert large < 1.05 * small


def test_sixty_squarings_are_121_edges_and_not_2_to_the_60_paths(read: type[Picture]) -> None:
    y = Value(1.0001, name="y")
    for _ in range(60):
        y = y * y
    y.backward()
    assert len(read(draw(y).svg).edges) == 121


def test_a_variable_used_80_times_is_laid_out(read: type[Picture], engine: str) -> None:
    """Without a bound on its patience Graphviz takes minutes for this one."""
    x, y = Value(1.01, name="x"), Value(1.0)
    for _ in range(80):
        y = y * x
    assert len(read(draw(y, engine=engine).svg).edges) == 161
