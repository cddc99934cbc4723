"""``jvp`` of compiled functions: the value and how fast it moves, as eager ``jvp`` has it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import (
    Value,
    compile,
    dot,
    exp,
    grad,
    hvp,
    jvp,
    log,
    maximum,
    primitive,
    sin,
    sqrt,
    stop_gradient,
    where,
)
from autograd.compiler import TraceError
from autograd.program.interpreter import run
from autograd.program.lowering import lowered
from autograd.testing import strategies
from autograd.testing.rounding import rounding
from autograd.transforms.trees import flatten


def same(a: float, b: float) -> bool:
    """The same bits, any nan like any other."""
    return (a != a and b != b) or (a == b and math.copysign(1.0, a) == math.copysign(1.0, b))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_programs_move_as_eager_ones_do(data: st.DataObject) -> None:
    """To the last bit in the interpreter; compiled, within what its rounding may do."""
    f = data.draw(strategies.expressions(max_times=20))
    point = tuple(data.draw(strategies.points_of(f)))
    direction = tuple(data.draw(st.lists(st.floats(-2.0, 2.0), min_size=len(point), max_size=len(point))))
    value, moved = jvp(f, point, direction)
    y, dy = jvp(f, [Value(x) for x in point], direction)
    compiled = compile(f, strict=True)
    found = compiled.jvp(point, direction)
    (specialisation,) = compiled._specialisations.values()
    program = specialisation.branches[0].program
    assert all(map(same, run(program, [*point, *direction]), (value, moved)))
    # prod and its kin don't scale in the machine's operations where a partial result leaves the range of floats
    overflows = not all(map(math.isfinite, run(lowered(program), [*point, *direction])))
    lanes = compile(f, in_axes=0, strict=True).jvp([np.full(3, x) for x in point], [np.full(3, dx) for dx in direction])
    for a, b, expected, node in (
        (found[0], lanes[0][2], value, y),
        (found[1], lanes[1][2], moved, dy),
    ):
        most = 4.0 * rounding(node) + 1e-300 if isinstance(node, Value) else 0.0
        for each in (a, b):
            near = same(each, expected) or abs(each - expected) <= max(most, 1e-10 * abs(expected))
            assert near or not math.isfinite(expected) or overflows


FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "numbers": (lambda x, y: x * sin(y), (2.0, 3.0), (1.0, 10.0)),
    "several outputs": (lambda x, y: [x * y, exp(x) - y, 3.0], (2.0, 3.0), (1.0, 10.0)),
    "a dict, a list": (
        lambda p, xs: {"sum": p["w"] * xs[0] + xs[1], "b": (p["b"],)},
        ({"w": 2.0, "b": 1.5}, [1.0, 2.0]),
        ({"b": 1.0, "w": 0.5}, [0.5, 1.0]),
    ),
    "an output that is an input": (lambda x, y: (y, x), (2.0, 3.0), (0.5, -1.0)),
    "one argument that has no part": (lambda x, y: sin(x), (2.0, 3.0), (0.5, -1.0)),
    "a constant": (lambda x: 4.0, (2.0,), (0.5,)),
    "many operands": (lambda xs: dot(xs, xs), ([1.0, 2.0, 3.0],), ([0.5, 0.25, 4.0],)),
    "a side that is taken": (lambda x: where(x > 0, log(x), -x), (2.0,), (3.0,)),
    "a side whose derivative is infinite": (lambda x: where(x > 0, sqrt(x), 1.0), (0.0,), (3.0,)),
    "the other side": (lambda x: where(x > 0, log(x), -x), (-2.0,), (3.0,)),
    "a branch": (lambda x: log(x) if x > 0 else -x, (-2.0,), (3.0,)),
    "a tie": (lambda x: maximum(x, 2.0), (2.0,), (3.0,)),
    "what is stopped": (lambda x: x * stop_gradient(x), (2.0,), (3.0,)),
    "a derivative": (lambda x: grad(lambda y: y**3 * x)(x), (2.0,), (3.0,)),
    "ints": (lambda x, y: x * y, (2, 3), (1, 10)),
}


@pytest.mark.parametrize(("f", "primals", "tangents"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_values_and_tangents_are_those_of_eager_mode(f: Any, primals: Any, tangents: Any) -> None:
    expected = jvp(f, primals, tangents)
    for _ in range(2):  # traced; by the fast path
        found = compile(f).jvp(primals, tangents)
        assert flatten(found)[0] == pytest.approx(flatten(expected)[0], rel=1e-14, abs=1e-300)
        assert type(found[0]) is type(expected[0])
        assert type(found[1]) is type(expected[1])


def test_an_array_moves_along_an_array() -> None:
    x, dx = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.5, 0.0], [-1.0, 2.0]])
    y, dy = compile(lambda x: x * x).jvp((x,), (dx,))
    np.testing.assert_array_equal([y, dy], [x * x, 2.0 * x * dx])


@pytest.mark.parametrize("order", ["C", "F"])
def test_lanes_each_move_along_their_own(order: Any) -> None:
    rng = np.random.default_rng(3)
    x, dx = (np.asarray(rng.uniform(0.5, 2.0, (37, 2)), order=order) for _ in range(2))
    f = compile(lambda w, x: [w * x[0] * sin(x[1]), w], in_axes=(None, 0))
    for _ in range(3):  # traced; remembered; by the fast path
        (y, w), (dy, dw) = f.jvp((3.0, x), (0.5, dx))
        one, two = x.T
        np.testing.assert_allclose(y, 3.0 * one * np.sin(two), rtol=1e-14)
        expected = 0.5 * one * np.sin(two) + 3.0 * (dx[:, 0] * np.sin(two) + one * np.cos(two) * dx[:, 1])
        np.testing.assert_allclose(dy, expected, rtol=1e-13)
        assert (w.tolist(), dw.tolist()) == ([3.0] * 37, [0.5] * 37)


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_what_is_reduced_moves_as_a_whole(reduce: Any) -> None:
    x = np.linspace(0.0, 1.0, 21)
    f = compile(lambda w, x: (w * x - 1.0) ** 2, (None, 0), reduce)
    total, moved = f.jvp((2.0, x), (0.5, np.ones(21)))
    combine = getattr(np, reduce)
    assert total == pytest.approx(combine((2.0 * x - 1.0) ** 2))
    assert moved == pytest.approx(combine(2.0 * (2.0 * x - 1.0) * (0.5 * x + 2.0)))
    value, (dw, dx) = f.value_and_grad(2.0, x, argnums=(0, 1))
    assert (total, moved) == (pytest.approx(value), pytest.approx(0.5 * dw + dx.sum()))


def test_lanes_that_branch_move_along_their_branches() -> None:
    x = np.array([-2.0, 3.0, -1.0, 4.0])
    _, moved = compile(lambda x: x * x if x > 0 else -x, in_axes=0).jvp((x,), (np.array([1.0, 2.0, 3.0, 4.0]),))
    assert moved.tolist() == [-1.0, 12.0, -3.0, 32.0]


def test_another_number_of_lanes_or_another_branch_traces_nothing_new() -> None:
    runs = []

    def f(x: Any) -> Any:
        runs.append(1)
        return x * x

    compiled = compile(f, in_axes=0)
    for n in (3, 50, 7):
        compiled.jvp((np.ones(n),), (np.ones(n),))
    assert len(runs) == 1


def test_static_arguments_dont_move() -> None:
    powers = compile(lambda x, n, mode="": sum([x**k for k in range(n)]), static_argnames="n")
    expected = 15.0, 17.0
    assert powers.jvp((2.0, 4), (1.0, None)) == expected
    assert powers.jvp((2.0, 4, "a"), (1.0, None, None)) == expected
    assert powers.jvp((2.0,), (1.0,), n=4, mode="b") == expected
    by_place = compile(lambda n, x: x**n, static_argnums=0)
    assert by_place.jvp((3, 2.0), (None, 1.0)) == (8.0, 12.0)
    nested = compile(lambda p: p["x"] * (2.0 if p["how"] == "twice" else 1.0))
    assert nested.jvp(({"x": 3.0, "how": "twice"},), ({"x": 1.0, "how": None},)) == (6.0, 2.0)


def test_values_are_recorded_and_traces_take_it_as_part_of_themselves() -> None:
    compiled = compile(lambda x, n: x**n, static_argnames="n")
    x = Value(2.0)
    y, dy = compiled.jvp((x, 3), (1.0, None))
    assert (y.data, dy.data) == (8.0, 12.0)
    dy.backward()
    assert x.grad == 12.0
    outer = compile(lambda x: compiled.jvp((x, 3), (1.0, None))[1])
    assert (outer(2.0), outer.grad(2.0)) == (12.0, 12.0)


def test_captured_leaves_are_read_anew_and_dont_move() -> None:
    w = Value(2.0)
    f = compile(lambda x: w * x)
    assert f.jvp((3.0,), (1.0,)) == (6.0, 2.0)
    w.data = 5.0
    assert f.jvp((3.0,), (1.0,)) == (15.0, 5.0)


def test_a_primitive_moves_by_its_derivative() -> None:
    @primitive(lambda y, v: 2.0 * v)
    def squared(v: float) -> float:
        return v * v

    assert compile(lambda x: squared(x) + x).jvp((3.0,), (0.5,)) == (12.0, 3.5)


BAD: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "no tuples": (
        lambda f: f.jvp(2.0, 1.0),
        TypeError,
        "primals must be a tuple with one entry for each",
    ),
    "no tangents": (lambda f: f.jvp((2.0,), 1.0), TypeError, "tangents must be a tuple"),
    "too many": (lambda f: f.jvp((2.0,), (1.0, 2.0)), ValueError, "jvp needs a tangent for each primal, got 2 for 1"),
    "another shape": (lambda f: f.jvp((2.0,), ([1.0],)), ValueError, r"got list \[1.0\] in the place of float 2.0"),
    "another array": (
        lambda f: f.jvp((np.ones(3),), (np.ones(2),)),
        ValueError,
        r"got ndarray of shape \(2,\) in the place of ndarray of shape \(3,\)",
    ),
    "text": (lambda f: f.jvp((2.0,), ("1",)), TypeError, "the direction for float 2.0 must be a real number, got str"),
    "None": (lambda f: f.jvp((2.0,), (None,)), TypeError, "the direction for float 2.0 must be a real number, got None"),
    "a bool": (lambda f: f.jvp((2.0,), (True,)), TypeError, "must be a real number, got bool True"),
    "a static one that moves": (
        lambda f: f.jvp((2.0, "a"), (1.0, 1.0)),
        TypeError,
        "'a' is static and doesn't move",
    ),
    "what f can't compute with": (lambda f: f.jvp(("a",), (None,)), TypeError, "unsupported operand"),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_says_what_came_and_what_was_expected(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(compile(lambda x, how="": x / 2.0))


def test_what_leaves_the_graph_is_refused() -> None:
    with pytest.raises(TraceError, match="leaves the graph"):
        compile(lambda x: math.sin(x)).jvp((2.0,), (1.0,))


def size(compiled: Any) -> int:
    """The number of operations of the only program so far."""
    (specialisation,) = compiled._specialisations.values()
    return len(list(specialisation.branches[0].program.operations()))


def test_one_pass_serves_all_outputs() -> None:
    def f(xs: Any) -> Any:
        for _ in range(4):
            xs = [sin(x) * xs[k - 1] + x for k, x in enumerate(xs)]
        return xs

    x = [0.5 + 0.1 * k for k in range(8)]
    value, forward, reverse = compile(f), compile(f), compile(f)
    value(x)
    forward.jvp((x,), ([1.0] * 8,))
    reverse.jacobian(x)
    assert size(value) < size(forward) < 4 * size(value) < size(reverse)


# -- and hvp, whose vector has the shape of x ---------------------------------------------------------------


def test_the_hessian_of_an_array_times_an_array() -> None:
    x, v = np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0])
    f = lambda x: (x**3).sum() + x[0] * x[2]  # noqa: E731
    np.testing.assert_allclose(compile(f).hvp(x, v), hvp(f)(x, v), rtol=1e-15)
    lanes = np.arange(6.0).reshape(3, 2)
    np.testing.assert_allclose(
        compile(f, in_axes=1).hvp(lanes, np.ones((3, 2))).T, [hvp(f)(column, np.ones(3)) for column in lanes.T]
    )
    tree = {"a": x, "b": 2.0}
    g = lambda p: (p["a"] ** 2).sum() * p["b"]  # noqa: E731
    found: Any
    expected: Any
    found, expected = compile(g).hvp(tree, {"b": 0.5, "a": v}), hvp(g)(tree, {"a": v, "b": 0.5})
    np.testing.assert_allclose(found["a"], expected["a"])
    assert found["b"] == pytest.approx(expected["b"])
