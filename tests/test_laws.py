"""Laws of differentiation on random graphs with sharing, drawn by hypothesis."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, find, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value
from autograd.backward import gradients
from autograd.graph import topological_order
from tests.support import bits

# Smooth, and of numbers near 1 to numbers near 1, so that differences have digits to spare.
UNARY = ("tanh", "sin", "cos", "sigmoid", "softplus", "atan", "asinh", "erf", "silu", "gelu", "square", "softsign")
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: 0.5 * (a + b),
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / (1.0 + b * b),
    "hypot": lambda a, b: ag.hypot(a, b, 1.0),
    "logaddexp": ag.logaddexp,
    "dot": lambda a, b: ag.dot([a, b, a], [b, 0.25, b]),
    "softmax": lambda a, b: ag.softmax([a, b, 0.0])[0],
}

Program = list[tuple[str, int, int]]  # operation, and the places of its operands among the nodes before it


@st.composite
def programs(draw: st.DrawFn) -> tuple[int, Program]:
    """The number of leaves, and operations on any nodes before: sharing, repeated operands, unused leaves."""
    count = draw(st.integers(1, 4))
    program: Program = []
    for size in range(count, count + draw(st.integers(1, 12))):
        operation = draw(st.sampled_from((*UNARY, *BINARY)))
        program.append((operation, draw(st.integers(0, size - 1)), draw(st.integers(0, size - 1))))
    return count, program


def run(program: Program, leaves: list[Any]) -> Any:
    nodes = list(leaves)
    for operation, a, b in program:
        nodes.append(BINARY[operation](nodes[a], nodes[b]) if operation in BINARY else getattr(ag, operation)(nodes[a]))
    return nodes[-1]


def gradient(program: Program, point: list[float], seed: float = 1.0) -> list[float]:
    leaves = list(map(Value, point))
    run(program, leaves).backward(seed)
    return [leaf.grad for leaf in leaves]


numbers = st.floats(-2.0, 2.0).map(lambda x: round(x, 6))
graphs = programs()


def points(count: int) -> st.SearchStrategy[list[float]]:
    return st.lists(numbers, min_size=count, max_size=count)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda g: any(a == b and op in BINARY for op, a, b in g[1]), id="repeated operand"),
        pytest.param(lambda g: len({a for _, a, _ in g[1]}) < len(g[1]) - 1, id="shared node"),
        pytest.param(lambda g: len(g[1]) >= 10, id="many nodes"),
        pytest.param(lambda g: {op for op, *_ in g[1]} >= {"dot", "/"}, id="several kinds"),
    ],
)
def test_the_graphs_drawn_reach(shape: Callable[[Any], bool]) -> None:
    assert shape(find(graphs, shape, settings=settings(max_examples=5000, database=None)))


@given(st.data())
def test_reverse_mode_agrees_with_central_differences(data: st.DataObject) -> None:
    count, program = data.draw(graphs)
    point = data.draw(points(count))
    partials = gradient(program, point)
    assume(all(abs(g) < 1e3 for g in partials))
    h = 1e-5
    for i, dydx in enumerate(partials):
        ahead, behind = ([*point[:i], point[i] + side * h, *point[i + 1 :]] for side in (1.0, -1.0))
        high, low = run(program, ahead), run(program, behind)
        middle = run(program, point)
        assume(abs(high - 2 * middle + low) < 1e-6)  # tame: no cancellation and no pole nearby
        assert (high - low) / (2 * h) == pytest.approx(dydx, rel=1e-4, abs=1e-4)


@given(st.data())
def test_numbers_and_values_give_the_same_bits(data: st.DataObject) -> None:
    count, program = data.draw(graphs)
    point = data.draw(st.lists(st.floats(), min_size=count, max_size=count))
    assert bits(run(program, list(map(Value, point)))) == bits(run(program, point))


@given(st.data(), st.integers(-60, 60))
def test_gradients_are_linear_in_the_seed(data: st.DataObject, exponent: int) -> None:
    """Pitfall 31."""
    count, program = data.draw(graphs)
    point = data.draw(points(count))
    once, scaled = gradient(program, point), gradient(program, point, 2.0**exponent)
    assert scaled == pytest.approx([math.ldexp(g, exponent) for g in once], rel=1e-12, abs=1e-200)


@given(st.data())
def test_the_gradient_of_a_sum_is_the_sum_of_gradients_and_the_product_rule_holds(data: st.DataObject) -> None:
    count, first = data.draw(graphs)
    _, second = data.draw(graphs.filter(lambda g: g[0] <= count))
    point = data.draw(points(count))
    other = [(op, a % count, b % count) for op, a, b in second[:1]]  # on the leaves alone, any number of them
    u, v = run(first, point), run(other, point)
    du, dv = gradient(first, point), gradient(other, point)
    leaves = list(map(Value, point))
    (run(first, leaves) + run(other, leaves)).backward()
    assert [leaf.grad or 0.0 for leaf in leaves] == pytest.approx([a + b for a, b in zip(du, dv, strict=True)], abs=1e-9)
    leaves = list(map(Value, point))
    (run(first, leaves) * run(other, leaves)).backward()
    expected = [a * v + u * b for a, b in zip(du, dv, strict=True)]
    assert [leaf.grad or 0.0 for leaf in leaves] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.data())
def test_twice_backward_is_twice_the_gradient(data: st.DataObject) -> None:
    """Pitfall 32."""
    count, program = data.draw(graphs)
    leaves = list(map(Value, data.draw(points(count))))
    root = run(program, leaves)
    root.backward()
    once = [leaf.grad for leaf in leaves]
    root.backward()
    assert [leaf.grad for leaf in leaves] == [g if g is None else 2.0 * g for g in once]


@given(st.data())
def test_a_number_in_place_of_a_leaf_changes_no_other_gradient(data: st.DataObject) -> None:
    """Pitfall 14: constants get no gradient and no node."""
    count, program = data.draw(graphs)
    point = data.draw(points(count))
    whole = gradient(program, point)
    leaves: list[Any] = [Value(x) if i % 2 == 0 else x for i, x in enumerate(point)]
    root = run(program, leaves)
    if isinstance(root, Value):
        root.backward()
        assert all(isinstance(node, Value) for node in topological_order(root))
        assert [bits(v.grad or 0.0) for v in leaves[::2]] == [bits(g or 0.0) for g in whole[::2]]
    else:
        assert whole[::2] == [0.0] * len(whole[::2])


@given(st.data())
def test_gradients_that_are_values_have_the_numbers_of_those_that_are_floats(data: st.DataObject) -> None:
    count, program = data.draw(graphs)
    leaves = list(map(Value, data.draw(points(count))))
    root = run(program, leaves)
    as_floats, as_values = gradients(root, 1.0), gradients(root, Value(1.0))
    assert list(as_floats) == list(as_values)
    assert [g.data for g in as_values.values()] == pytest.approx(list(as_floats.values()), rel=1e-12, abs=1e-300)


# -- paths: gradients by their definition ------------------------------------------------------------------


def sum_over_paths(root: Value, leaf: Value) -> float:
    """Σ over all paths from root to leaf of the product of local derivatives. Exponential, for small graphs."""
    if root is leaf:
        return 1.0
    partials = [s for s, p in zip(root.local_derivatives, root.operands, strict=True) if isinstance(p, Value)]
    return math.fsum(dydx * sum_over_paths(parent, leaf) for dydx, parent in zip(partials, root.parents, strict=True))


@given(st.data())
def test_the_gradient_is_the_sum_over_all_paths(data: st.DataObject) -> None:
    """Pitfall 7: sending a gradient on before all of it has come."""
    count, program = data.draw(graphs)
    leaves = list(map(Value, data.draw(points(count))))
    root = run(program[:7], leaves)
    root.backward()
    expected = [sum_over_paths(root, leaf) for leaf in leaves]
    assume(all(abs(g) < 1e6 for g in expected))
    assert [leaf.grad or 0.0 for leaf in leaves] == pytest.approx(expected, rel=1e-9, abs=1e-9)


# -- inverse functions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "inverse"),
    [
        (ag.exp, ag.log),
        (ag.expm1, ag.log1p),
        (ag.sinh, ag.asinh),
        (ag.tanh, ag.atanh),
        (ag.sin, ag.asin),
        (ag.tan, ag.atan),
        (ag.square, ag.sqrt),
        (ag.cbrt, lambda y: y**3),
        (ag.exp2, ag.log2),
        (ag.reciprocal, ag.reciprocal),
    ],
)
@given(x=st.floats(0.01, 1.25))
def test_the_derivatives_of_a_function_and_its_inverse_multiply_to_1(f: Any, inverse: Any, x: float) -> None:
    leaf = Value(x)
    y = inverse(f(leaf))
    y.backward()
    assert y.data == pytest.approx(x, rel=1e-13)
    assert leaf.grad == pytest.approx(1.0, rel=1e-12)
