"""First on top, or on the left: operands, inputs, weights, neurons and outputs, asserted from where they stand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

import autograd as ag
import nn
from autograd import Value, dot, draw, scope
from autograd.drawing.layout.place import Placed
from autograd.drawing.scene.model import Scene
from tests.drawing.test_numbers import net_of_the_text

RANKDIRS = pytest.mark.parametrize("rankdir", ["LR", "TB"])


class Positions:
    """Where things stand in a drawing, along the direction that columns run in."""

    def __init__(self, root: Value | list[Value], rankdir: str, engine: str):
        drawing = draw(root, rankdir=rankdir, engine=engine)
        self.scene: Scene = drawing._scene
        placed: Placed = drawing._placed
        axis = 1 if rankdir == "LR" else 0
        self.boxes = [centre[axis] for centre in placed.centres]
        self.labels = [centre[axis] for centre in placed.label_centres]
        self.groups = {c.path: (c.left, c.top)[axis] for c in placed.clusters}

    def named(self, *names: str) -> list[float]:
        """The positions of the leaves called so."""
        place = {box.node.name: i for i, box in enumerate(self.scene.boxes) if box.kind == "leaf" and box.node is not None}
        return [self.boxes[place[name]] for name in names]

    def operands_in_order(self) -> bool:
        """Whether at every operation the edges of its operands arrive in order."""
        into: dict[int, list[float]] = {}
        for edge, at in zip(self.scene.edges, self.labels, strict=True):
            into.setdefault(edge.head, []).append(at)
        return all(ascending(places) for places in into.values())


def ascending(places: list[float]) -> bool:
    return all(a < b for a, b in pairwise(places))


def a_to_f() -> list[Value]:
    return [Value(i + 1.5, name=name) for i, name in enumerate("abcdef")]


@RANKDIRS
@pytest.mark.parametrize(
    "make",
    [
        lambda a, b, c, d, e, f: a + b,
        lambda a, b, c, d, e, f: a * b - c * d,
        lambda a, b, c, d, e, f: (a + b) * (c + d),
        lambda a, b, c, d, e, f: a * (b + c * (d + e * f)),
        lambda a, b, c, d, e, f: ((a * b + c) * d + e) * f,
        lambda a, b, c, d, e, f: (a * b).tanh() + (c * d).tanh() + (e * f).tanh(),
        lambda a, b, c, d, e, f: a / (b + c) - d ** (e * f),
        lambda a, b, c, d, e, f: dot([a, b, c], [d, e, f]),
    ],
)
def test_operands_of_an_expression_stand_in_order(make: Callable[..., Value], rankdir: str, engine: str) -> None:
    leaves = a_to_f()
    positions = Positions(make(*leaves), rankdir, engine)
    assert positions.operands_in_order()


@RANKDIRS
def test_leaves_of_a_tree_read_like_the_formula(rankdir: str, engine: str) -> None:
    a, b, c, d, e, f = a_to_f()
    positions = Positions((a * b + c * d) * (e + f), rankdir, engine)
    assert ascending(positions.named("a", "b", "c", "d"))


@RANKDIRS
def test_the_neurons_of_the_text_stand_in_order(rankdir: str, engine: str) -> None:
    cost, _ = net_of_the_text()
    positions = Positions(cost, rankdir, engine)
    assert ascending(positions.named("x1", "x2"))
    assert ascending(positions.named("w11", "w21", "w12", "w22", "w13", "w23"))
    assert ascending(positions.named("w31", "w32", "w33"))
    assert positions.operands_in_order()


@RANKDIRS
@pytest.mark.parametrize("spelled_out", [False, True])
@pytest.mark.parametrize(("inputs", "widths"), [(2, [2, 1]), (2, [3, 1]), (3, [3, 2]), (4, [2, 3, 1]), (1, [4, 1])])
def test_inputs_weights_and_neurons_of_a_net_stand_in_order(
    inputs: int, widths: list[int], spelled_out: bool, rankdir: str, engine: str
) -> None:
    model = nn.MLP(inputs, widths, "tanh", seed=1, spelled_out=spelled_out)
    scores = model([Value(0.5 * i, name=f"x{i}") for i in range(inputs)])
    positions = Positions(scores, rankdir, engine)
    assert ascending(positions.named(*(f"x{i}" for i in range(inputs))))
    for layer, (fan_in, fan_out) in enumerate(pairwise([inputs, *widths])):
        assert ascending([positions.groups[f"layer {layer}", f"neuron {i}"] for i in range(fan_out)])
        for neuron in range(fan_out):
            assert ascending(positions.named(*(f"layer{layer}.neuron{neuron}.w{i}" for i in range(fan_in))))
    assert positions.operands_in_order()
    outputs = [at for at, box in zip(positions.boxes, positions.scene.boxes, strict=True) if box.kind == "output"]
    assert ascending(outputs)


@RANKDIRS
def test_several_rows_through_one_net_stand_in_order(rankdir: str, engine: str) -> None:
    model = nn.MLP(2, [2, 1], "tanh", seed=1)
    rows = [[Value(0.5 * i - r, name=f"x{r}{i}") for i in range(2)] for r in range(2)]
    loss = nn.mse([model(row) for row in rows], [0.0, 1.0])
    positions = Positions(loss, rankdir, engine)
    assert ascending(positions.named("x00", "x01", "x10", "x11"))
    assert ascending([positions.groups["layer 0", f"neuron {i}"] for i in range(2)])
    assert positions.operands_in_order()


@RANKDIRS
def test_groups_of_ones_own_stand_in_order(rankdir: str, engine: str) -> None:
    x, units = Value(0.5, name="x"), []
    for i in range(4):
        with scope(f"unit {i}"):
            units.append((Value(0.1 * i, name=f"w{i}") * x + Value(0.0, name=f"b{i}")).sigmoid())
    positions = Positions(units[0] - units[1] + units[2] - units[3], rankdir, engine)
    assert ascending([positions.groups[(f"unit {i}",)] for i in range(4)])
    assert positions.operands_in_order()


@RANKDIRS
def test_constants_stand_among_the_operands_in_order(rankdir: str, engine: str) -> None:
    a, b, *_ = a_to_f()
    positions = Positions(ag.sum(a, 7.0, b, 8.0), rankdir, engine)
    assert [box.label for box in positions.scene.boxes if box.kind == "constant"] == ["7", "8"]
    assert positions.operands_in_order()
