"""The page's two passes, its numbers and its sentences, run in node, against Python."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import Value, gradient
from autograd.drawing.level_of_detail import compose
from autograd.graph import topological_order
from autograd.interop.text import number as label
from autograd.player.javascript import number
from autograd.player.page import page_data, script_source
from autograd.player.snapshot import Snapshot, take
from autograd.testing.strategies import expressions, points_of
from tests.edge_functions import FUNCTIONS
from tests.player.browser import NodeProcess
from tests.support import bits, close

ROWS = [
    row
    for row in json.loads((Path(__file__).parents[1] / "data" / "edge_cases.json").read_text())
    if row["fn"] in FUNCTIONS and not row["fn"].startswith(("where", "double-where", "heaviside"))  # Python branches
]

EVALUATE = """
const text = (x) => x === undefined ? null : Object.is(x, -0) ? "-0" : String(x);
const nodes = decoded(data.graph);
const { values, gradients } = evaluated(nodes, new Map(data.leaves.map(([i, x]) => [i, Number(x)])));
return [values.map(text), gradients.map(text)];
"""


def snapshot_of(root: Value) -> tuple[Snapshot, dict[str, Any]]:
    scene = compose(root)
    snapshot = take(root, scene)
    return snapshot, page_data(scene, snapshot)


def script(snapshot: Snapshot, ending: str) -> str:
    """The page's script without its start, and a return."""
    return script_source(snapshot.nodes).removesuffix("start();\n") + ending


def evaluated(node: NodeProcess, root: Value, leaves: dict[int, float]) -> list[list[float]]:
    """Values and gradients of all nodes as the page has them."""
    snapshot, data = snapshot_of(root)
    numbers = [[i, number(x)] for i, x in leaves.items()]
    result = node.call(script(snapshot, EVALUATE), {"graph": data, "leaves": numbers})
    return [[float(x.replace("Infinity", "inf")) for x in numbers] for numbers in result]


def places(root: Value, leaves: list[Value], numbers: list[float]) -> dict[int, float]:
    """The numbers of those leaves that ``root`` depends on, by the leaves' places among its nodes."""
    place = {leaf: i for i, leaf in enumerate(topological_order(root))}
    return {place[leaf]: x for leaf, x in zip(leaves, numbers, strict=True) if leaf in place}


def in_python(root: Value) -> list[list[float]]:
    nodes = topological_order(root)
    return [[value.data for value in nodes], gradient(root, nodes)]


def test_as_drawn_every_number_is_pythons_to_the_last_bit(node: NodeProcess, random_root: Any) -> None:
    for seed in range(20):
        root = random_root(seed, 40)
        assert [list(map(bits, xs)) for xs in evaluated(node, root, {})] == [list(map(bits, xs)) for xs in in_python(root)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_changed_leaves_give_what_python_computes_for_them(node: NodeProcess, data: st.DataObject) -> None:
    f = data.draw(expressions(max_times=1))
    drawn, changed = ([Value(x) for x in data.draw(points_of(f))] for _ in range(2))
    root, expected = f(*drawn), f(*changed)
    leaves = places(root, drawn, [leaf.data for leaf in changed])
    for actual, exact in zip(evaluated(node, root, leaves), in_python(expected), strict=True):
        size = max((abs(x) for x in exact if math.isfinite(x)), default=1.0)
        assert len(actual) == len(exact)
        for a, e in zip(actual, exact, strict=True):
            assert bits(a + 0.0) == bits(e + 0.0) or abs(a - e) <= 1e-12 * size


@pytest.mark.parametrize("fn", sorted({row["fn"] for row in ROWS}))
def test_every_pinned_point_has_its_value_and_gradient_in_the_page_too(fn: str, node: NodeProcess) -> None:
    for row in (row for row in ROWS if row["fn"] == fn):
        point = list(map(float, row["x"]))
        drawn = [Value(0.75 + i) for i in range(len(point))]
        root = FUNCTIONS[fn](*drawn)
        expected = in_python(FUNCTIONS[fn](*[Value(x) for x in point]))
        actual = evaluated(node, root, places(root, drawn, point))
        for numbers, exact in zip(actual, expected, strict=True):
            assert all(close(a, e) for a, e in zip(numbers, exact, strict=True)), (row, numbers, exact)


# -- numbers and sentences ---------------------------------------------------------------------------


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats() | st.floats(-1e6, 1e6) | st.integers(-(2**20), 2**20).map(lambda n: n / 64), min_size=20))
def test_numbers_are_written_as_in_the_drawing(node: NodeProcess, numbers: list[float]) -> None:
    body = script(Snapshot((), (), (), complete=True), "return data.map((text) => shortNumber(Number(text)));")
    assert node.call(body, list(map(number, numbers))) == list(map(label, numbers))


def sentences(node: NodeProcess, root: Value) -> list[str]:
    """Every step as lines of text: where it stands, the sentence, the formulas."""
    snapshot, data = snapshot_of(root)
    body = """
    const graph = {...data, nodes: decoded(data)};
    const steps = timelineOf(graph.nodes, graph.boxes.filter(isNode), graph.backward);
    const narrator = new Narrator(graph, steps), state = evaluated(graph.nodes, new Map());
    const line = (parts) => parts.map(([text]) => text).join("");
    const text = ({ where, words, lines }) => [where, line(words), ...lines.map(line)].join("\\n");
    return steps.map((_, at) => text(narrator.says(at, state)));
    """
    steps: list[str] = node.call(script(snapshot, body), data)
    return steps


def test_a_neuron_is_explained_step_by_step(node: NodeProcess) -> None:
    x, w, b = Value(2.0, name="x"), Value(-3.0, name="w"), Value(6.881373587019543, name="b")
    s = w * x + b
    s.name = "s"
    o = s.tanh()
    o.name = "o"
    assert sentences(node, o) == [
        "Start\nThe inputs and parameters are given.\nx = 2\nw = −3\nb = 6.8814",
        "Forward 1 of 3\nMultiply w by x.\nv₁ = w · x = −3 · 2 = −6",
        "Forward 2 of 3\nAdd v₁ and b.\ns = v₁ + b = −6 + 6.8814 = 0.88137",
        "Forward 3 of 3\nTake tanh of s.\no = tanh(s) = tanh(0.88137) = 0.70711",
        "Backward\nNow backward, from the output: its derivative by itself is 1.\n∂o/∂o = 1",
        "Backward 1 of 3\nBack through o = tanh(s): what arrives times the local derivative.\n"
        "∂o/∂s = ∂o/∂o · (1 − o²) = 1 · 0.5 = 0.5",
        "Backward 2 of 3\nBack through s = v₁ + b: what arrives times each local derivative.\n"
        "∂o/∂v₁ = ∂o/∂s · 1 = 0.5 · 1 = 0.5\n∂o/∂b = ∂o/∂s · 1 = 0.5 · 1 = 0.5",
        "Backward 3 of 3\nBack through v₁ = w · x: what arrives times each local derivative.\n"
        "∂o/∂w = ∂o/∂v₁ · x = 0.5 · 2 = 1\n∂o/∂x = ∂o/∂v₁ · w = 0.5 · (−3) = −1.5",
        "Done\nThe gradient is complete: how fast the output changes with each input and parameter.\n"
        "∂o/∂x = −1.5\n∂o/∂w = 1\n∂o/∂b = 0.5",
    ]


def test_where_gradients_meet_the_sum_grows(node: NodeProcess) -> None:
    b = Value(-0.5, name="b")
    steps = sentences(node, b * 3.0 + b * b)
    flow = "∂y/∂b gets ∂y/∂v₂ · b = 1 · (−0.5) = −0.5"
    assert steps[-3].endswith(f"{flow} (1 of 3)\n{flow} (2 of 3)\n∂y/∂b so far −0.5 + (−0.5) = −1")
    assert steps[-2].endswith("∂y/∂b gets ∂y/∂v₁ · 3 = 1 · 3 = 3 (3 of 3)\n∂y/∂b = −1 + 3 = 2")


def test_every_operation_is_explained_without_a_place_left_open(node: NodeProcess) -> None:
    for row in {row["fn"]: row for row in ROWS}.values():
        for step in sentences(node, FUNCTIONS[row["fn"]](*[Value(0.6 + i) for i in range(len(row["x"]))])):
            assert not re.search(r"[{}]|undefined|\bx\d", step), step
