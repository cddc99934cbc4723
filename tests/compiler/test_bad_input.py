"""What a compiled function makes of wrong shapes, odd results, no lanes at all, and of what changes behind its back."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from autograd import StaleGraphError, Value, compile, cos, dot, grad, hvp, primitive, sin, value_and_grad, where
from autograd.compiler import BranchError, TraceError


def ways(f: Any, *args: Any) -> list[Callable[[], Any]]:
    """Every way of calling a compiled function of one argument."""
    return [partial(way, *args) for way in (f, f.value_and_grad, f.grad, f.hessian)]


# -- arguments ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.array([["a", "b"]]), TypeError, "x must be an array of numbers, got dtype <U1"),
        (np.ones((2, 3), complex), TypeError, "x must be an array of numbers, got dtype complex128"),
        (np.ones((2, 3), bool), TypeError, "x must be an array of numbers, got dtype bool"),
        (np.array([[1.0, None], [2.0, 3.0]], object), TypeError, "a number of x must be a real number, got None"),
        (np.array([[1.0, "a"], [2.0, 3.0]], object), TypeError, "a number of x must be a real number, got str 'a'"),
        (np.array([[1.0, True], [2.0, 3.0]], object), TypeError, "a number of x must be a real number, got bool True"),
        (3.0, ValueError, "x has in_axes -1, so it needs an array with that axis, got float 3.0"),
        (np.array(3.0), ValueError, "x has in_axes -1, so it needs an array with that axis"),
        (
            [[1.0, 2.0], [3.0, 4.0]],
            ValueError,
            r"x\[0\]\[0\] has in_axes -1, so it needs an array with that axis, got float",
        ),
    ],
)
@pytest.mark.parametrize("called_before", [False, True])
def test_an_array_of_anything_else_is_named(x: Any, error: type[Exception], message: str, called_before: bool) -> None:
    f = compile(lambda w, x: w[0] * x[0] + w[1] * x[1], (None, -1))
    if called_before:
        f(np.ones(2), np.ones((2, 5)))
    with pytest.raises(error, match=message):
        f(np.ones(2), x)


def test_values_are_refused_where_lanes_would_leave_the_graph() -> None:
    with pytest.raises(TypeError, match="runs over lanes, so it can't record what it does with Values"):
        compile(lambda x: x * x, 0)(np.array([Value(2.0), 3.0], object))


def test_a_shape_that_the_function_cannot_take_is_told_with_its_error() -> None:
    f = compile(lambda w, x: dot(w, x), (None, -1))
    with pytest.raises(ValueError, match="need the same length, got 3 and 2") as caught:
        f(np.ones(3), np.ones((2, 5)))
    assert caught.value.__notes__ == ["while compile traced <lambda> with, for each lane, w of shape (3,), x of shape (2,)"]


def test_lane_counts_that_differ_deep_inside_are_named() -> None:
    with pytest.raises(ValueError, match=r"d\['a'\] has 2 lanes along axis 0, but d\['b'\] has 3 along axis 0"):
        compile(lambda d: d["a"] * d["b"], 0)({"a": np.ones(2), "b": np.ones(3)})


def test_the_number_of_arguments_is_checked_by_python_and_by_in_axes() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'y'"):
        compile(lambda x, y: x * y)(1.0)
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        compile(lambda x: x)(1.0, 2.0)
    with pytest.raises(ValueError, match="in_axes has 2 entries for 1 arguments"):
        compile(lambda x, y: x * y, (0, 0))(np.ones(2))


def test_arguments_that_have_a_default_may_be_left_out() -> None:
    assert compile(lambda x, y=2.0: x * y)(3.0) == 6.0
    assert compile(lambda *xs: xs[0] * xs[1])(3.0, 2.0) == 6.0


def test_a_function_of_nothing_has_a_value_and_no_gradient() -> None:
    f = compile(lambda: 3.0)
    assert f() == 3.0
    with pytest.raises(ValueError, match="has no arguments to differentiate by"):
        f.value_and_grad()


# -- options -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axes", ["0", 1.5, {0}])
def test_in_axes_are_checked_at_once(axes: Any) -> None:
    with pytest.raises(TypeError, match="in_axes must be None, an int or a tuple"):
        compile(lambda x: x, axes)


@pytest.mark.parametrize("axes", [True, (True,), (1.5,), ("0",), ((0,),)])
def test_an_axis_is_an_int_or_none(axes: Any) -> None:
    with pytest.raises(TypeError, match="in_axes for x must be an int or None"):
        compile(lambda x: x, axes)(np.ones(2))


@pytest.mark.parametrize("reduce", [1, True, "max", ["sum"]])
def test_reduce_is_one_of_three(reduce: Any) -> None:
    with pytest.raises(ValueError, match="reduce must be None, 'sum' or 'mean'"):
        compile(lambda x: x, reduce=reduce)


@pytest.mark.parametrize("name", ["threads", "max_branches"])
@pytest.mark.parametrize("number", [0, -1, 1.5, True, "2"])
def test_counts_are_ints_of_at_least_one(name: str, number: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must be an int of at least 1"):
        compile(lambda x: x, **{name: number})


@pytest.mark.parametrize("argnums", [1.5, "z", None, True, (0, "a"), {0}, [[0]], (0, 2), 2])
def test_argnums_are_places(argnums: Any) -> None:
    f = compile(lambda x, y: x * y)
    for way in (f.value_and_grad, f.grad, f.jacobian, f.hessian):
        with pytest.raises(ValueError, match="argnums must"):
            way(1.0, 2.0, argnums=argnums)


def test_argnums_may_be_a_list_and_numpys_ints_and_repeat() -> None:
    f = compile(lambda x, y: x * y)
    assert f.value_and_grad(2.0, 3.0, argnums=[0, 1]) == f.value_and_grad(2.0, 3.0, argnums=(0, np.int64(-1)))  # type: ignore[arg-type]
    assert f.grad(2.0, 3.0, argnums=(0, 0)) == (3.0, 3.0)
    assert f.value_and_grad(2.0, 3.0, argnums=()) == (6.0, ())


def test_no_argnums_have_an_empty_hessian() -> None:
    assert compile(lambda x, y: x * y).hessian(2.0, 3.0, argnums=()) == ()


# -- what f returns ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", ["a", None, True, 1j, {1.0}, object(), np.array(True)])
def test_what_is_no_number_is_refused_whatever_is_asked_for(result: Any) -> None:
    for f, x in ((compile(lambda _: result), 1.0), (compile(lambda _: result, 0), np.ones(2))):
        more: list[Callable[[], Any]] = [partial(f.jacobian, x), partial(f.hvp, x, x)]
        for way in ways(f, x) + more:
            with pytest.raises(TypeError, match=r"<lambda> must return (Values or numbers|a Value), got"):
                way()


@pytest.mark.parametrize("result", [[], (), [1.0], {"a": 1.0}, np.ones(2)])
def test_several_outputs_have_no_gradient(result: Any) -> None:
    f = compile(lambda _: result)
    for way in (f.value_and_grad, f.grad, f.hessian, lambda x: f.hvp(x, x)):
        with pytest.raises(TypeError, match="must return a single Value for a gradient"):
            way(1.0)


@pytest.mark.parametrize("result", [[], {}, ()])
def test_nothing_returned_is_nothing(result: Any) -> None:
    assert compile(lambda _: result)(1.0) == compile(lambda _: result).jacobian(1.0) == result


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x if x > 0 else [x, x],
        lambda x: (x, x) if x > 0 else [x, x],
        lambda x: [x, x] if x > 0 else [x, x, x],
        lambda x: {"a": x} if x > 0 else {"b": x},
        lambda x: {"a": x, "b": 2.0 * x} if x > 0 else {"b": 2.0 * x, "a": x},
        lambda x: np.array([[x, x]]) if x > 0 else np.array([x, x]),
    ],
)
@pytest.mark.parametrize("x", [[1.0, -1.0], [-1.0, 1.0]])
def test_lanes_cannot_get_results_of_different_structures(f: Any, x: list[float]) -> None:
    with pytest.raises(TypeError, match="for some lanes and something of another structure for others"):
        compile(f, 0)(np.array(x))


def test_a_point_gets_the_structure_of_its_branch() -> None:
    f = compile(lambda x: x if x > 0 else [x, x])
    assert [f(1.0), f(-1.0), f(2.0)] == [1.0, [-1.0, -1.0], 2.0]


def test_a_jacobian_has_the_structure_of_the_output() -> None:
    f = compile(lambda x, y: {"a": [x * y, x], "b": (y, 2.0)})
    assert f.jacobian(2.0, 3.0, argnums=(0, 1)) == {"a": [(3.0, 2.0), (1.0, 0.0)], "b": ((0.0, 1.0), (0.0, 0.0))}
    lanes = compile(lambda x: {"a": [x * x, x], "b": 2.0}, 0).jacobian(np.array([1.0, 3.0]))
    assert [row.tolist() for row in (*lanes["a"], lanes["b"])] == [[2.0, 6.0], [1.0, 1.0], [0.0, 0.0]]
    table = compile(lambda x: np.array([[x[0], x[1]], [x[0] * x[1], 1.0]])).jacobian(np.array([2.0, 3.0]))
    assert table.tolist() == [[[1.0, 0.0], [0.0, 1.0]], [[3.0, 2.0], [0.0, 0.0]]]


# -- the Hessian times v -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "v"),
    [
        ([1.0, 2.0], [1.0, 2.0, 3.0]),
        ([1.0, 2.0], [1.0]),
        ([1.0, 2.0], 1.0),
        (np.ones(2), np.ones(3)),
        (np.ones(2), 1.0),
        ({0: 1.0, 1: 2.0}, {0: 1.0, 2: 2.0}),
    ],
)
def test_v_has_the_shape_of_x(x: Any, v: Any) -> None:
    with pytest.raises(ValueError, match="v must have the shape of"):
        compile(lambda x: x[0] * x[1]).hvp(x, v)


def test_v_has_the_lanes_of_x() -> None:
    f = compile(lambda x: x[0] * x[1], 1)
    for v in (np.ones((2, 4)), np.ones(2), np.ones((3, 3))):
        with pytest.raises(ValueError, match=r"v must have the shape of ndarray of shape \(2, 3\), got"):
            f.hvp(np.ones((2, 3)), v)


def test_the_keys_of_v_may_come_in_any_order() -> None:
    bowl = lambda d: d["a"] ** 2 * d["b"]  # noqa: E731
    x, v = {"a": 1.0, "b": 2.0}, {"b": 1.0, "a": 0.0}
    assert compile(bowl).hvp(x, v) == hvp(bowl)(x, v) == {"a": 2.0, "b": 0.0}


# -- no lanes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [lambda p, x: p[0] * x[0] * x[1] ** 2 + p[1], lambda p, x: x[0] if x[1] > 0 else p[0]])
def test_no_lanes_give_empty_results_of_the_right_shape(f: Any) -> None:
    compiled, p, x = compile(f, (None, 1)), np.ones(2), np.ones((2, 0))
    shapes = [compiled(p, x).shape, *(derivative.shape for derivative in compiled.grad(p, x, argnums=(0, 1)))]
    assert shapes == [(0,), (2, 0), (2, 0)]
    assert compiled.jacobian(p, x, argnums=1).shape == (2, 0)
    assert compiled.hessian(p, x, argnums=1).shape == (2, 2, 0)
    assert compile(lambda x: x[0] * x[1], 0).grad(np.ones((0, 2))).shape == (0, 2)
    assert compile(lambda x: x[0] * x[1], 1).hvp(x, x).shape == (2, 0)


@pytest.mark.parametrize(("reduce", "total"), [("sum", 0.0), ("mean", math.nan)])
def test_no_lanes_add_up_to_0_and_have_no_mean(reduce: str, total: float) -> None:
    f, p, x = compile(lambda p, x: p[0] * x[0] * x[1] ** 2 + p[1], (None, 1), reduce), np.ones(2), np.ones((2, 0))  # type: ignore[call-overload]
    value, (dp, dx) = f.value_and_grad(p, x, argnums=(0, 1))
    assert [value, f(p, x), *dp] == pytest.approx([total] * 4, nan_ok=True)
    assert f.jacobian(p, x) == pytest.approx([total] * 2, nan_ok=True)
    assert f.hessian(p, x) == pytest.approx(np.full((2, 2), total), nan_ok=True)
    assert (dx.shape, f.hessian(p, x, argnums=1).shape) == ((2, 0), (2, 2, 0))


# -- leaving the graph, and too many branches --------------------------------------------------------------


@pytest.mark.parametrize(
    ("leave", "instead"),
    [
        (float, "leave.x., at .*test_bad_input.py:.*, leaves the graph, .*; compute with the Value itself"),
        (lambda v: math.sin(v), r"math.sin\(v\), at .* write autograd.sin for math.sin"),
        (complex, "compute with the Value itself"),
        (int, r"write autograd.trunc\(v\)"),
        (lambda v: v.data, r"v.data, at .* compute with the Value itself"),
        (lambda v: round(v, 1), r"round v·10ⁿ and divide"),
        (lambda v: np.float64(v), "compute with the Value itself"),
        (lambda v: np.array([v], float)[0], "compute with the Value itself"),
    ],
)
@pytest.mark.parametrize("lanes", [False, True])
def test_leaving_the_graph_says_what_to_write(leave: Any, instead: str, lanes: bool) -> None:
    f = compile(lambda x: leave(x) * x, 0 if lanes else None)
    for way in ways(f, np.ones(2) if lanes else 1.0):
        with pytest.raises(TraceError, match=instead):
            way()


def test_an_error_while_tracing_leaves_the_function_usable() -> None:
    f = compile(lambda x: x * 2.0 if x > 0 else float(x))
    with pytest.raises(TraceError):
        f(-1.0)
    assert f(2.0) == 4.0
    with pytest.raises(TraceError):
        f(-1.0)


def test_an_endless_loop_of_branches_ends_for_points_and_for_lanes() -> None:
    def steps(x: Any) -> Any:
        while x > 1.0:
            x = x - 1.0
        return x

    f = compile(steps, max_branches=3)
    assert [f(x) for x in (0.5, 1.5, 2.5, 1.25)] == [0.5, 0.5, 0.5, 0.25]
    with pytest.raises(BranchError, match=r"steps takes more than 3 different branches; raise .*where"):
        f(9.5)
    assert f(2.25) == 0.25
    with pytest.raises(BranchError, match="more than 3"):
        compile(steps, 0, max_branches=3)(np.array([0.5, 1.5, 2.5, 3.5]))


def test_branches_are_right_in_lanes_of_several_rows() -> None:
    x = np.array([[1.0, -2.0, 3.0], [10.0, 20.0, 30.0]])
    value, derivative = compile(lambda x: x[0] * x[1] if x[0] > 0 else x[1], 1).value_and_grad(x)
    assert value.tolist() == [10.0, 20.0, 90.0]
    assert derivative.tolist() == [[10.0, 0.0, 30.0], [1.0, 1.0, 3.0]]


# -- primitives --------------------------------------------------------------------------------------------


@primitive(lambda _, x: math.cos(x))
def untraceable(x: float) -> float:
    return math.sin(x)


@primitive(lambda _, x: cos(x))
def traceable(x: float) -> float:
    return math.sin(x)


@primitive(lambda _, x: 1.0 if x > 0 else -1.0)
def branching(x: float) -> float:
    return abs(x)


@primitive(lambda _, x: where(x > 0, 1.0, -1.0))
def choosing(x: float) -> float:
    return abs(x)


@primitive(lambda _, x: Value(3.0) * x * x)
def with_a_leaf(x: float) -> float:
    return x**3


@primitive(lambda _, a, b: (math.cos(a) * b, math.sin(a)))
def of_two(a: float, b: float) -> float:
    return math.sin(a) * b


@pytest.mark.parametrize("operation", [untraceable, traceable, branching, choosing, with_a_leaf])
def test_a_primitives_derivative_is_right_in_every_lane(operation: Any) -> None:
    f, x = lambda x: operation(2.0 * x) * x, np.array([0.5, -1.0, 2.0])
    value, derivative = compile(f, 0).value_and_grad(x)
    eager = [value_and_grad(f)(number) for number in x.tolist()]
    assert [*zip(value.tolist(), derivative.tolist(), strict=True)] == [pytest.approx(pair) for pair in eager]
    assert [compile(f).value_and_grad(number) for number in x.tolist()] == [pytest.approx(pair) for pair in eager]


def test_a_primitive_of_two_is_called_back_for_each_derivative() -> None:
    f = lambda a, b: of_two(a, b) * of_two(b, a)  # noqa: E731
    found = compile(f, (0, None)).grad(np.array([0.3, 0.4]), 0.5, argnums=(0, 1))
    assert pytest.approx(np.array([grad(f, (0, 1))(a, 0.5) for a in (0.3, 0.4)])) == np.array(found).T


def test_a_derivative_that_is_called_back_has_no_derivative_of_its_own() -> None:
    with pytest.raises(TraceError, match="leaves the graph"):
        compile(lambda x: untraceable(x) * x).hessian(0.5)
    assert compile(lambda x: traceable(x) * x).hessian(0.5) == pytest.approx(2.0 * math.cos(0.5) - 0.5 * math.sin(0.5))


def test_a_leaf_that_a_derivative_captures_is_live() -> None:
    k = Value(3.0)

    @primitive(lambda _, x: k * x)
    def halved(x: float) -> float:
        return 1.5 * x * x

    f = compile(lambda x: halved(x) * 1.0)
    assert f.grad(2.0) == 6.0
    k.data = 5.0
    assert f.grad(2.0) == 10.0


def test_a_wrong_count_of_derivatives_is_an_error() -> None:
    @primitive(lambda *_: (1.0, 2.0))
    def wrong(x: float) -> float:
        return x

    with pytest.raises(ValueError, match="gave 2 for 1 operand"):
        compile(lambda x: wrong(x) * 2.0).grad(1.0)


@pytest.mark.parametrize("lanes", [False, True])
def test_an_error_inside_a_primitive_comes_out_later_too(lanes: bool) -> None:
    @primitive(lambda *_: 1.0)
    def touchy(x: float) -> float:
        if x > 5.0:
            raise RuntimeError("too large")
        return x

    f = compile(lambda x: touchy(x) * 2.0, 0 if lanes else None)
    assert f(np.ones(1) if lanes else 1.0) == 2.0
    with pytest.raises(RuntimeError, match="too large"):
        f(np.array([1.0, 7.0]) if lanes else 7.0)


# -- what is captured --------------------------------------------------------------------------------------


def test_captured_leaves_are_live_and_plain_numbers_frozen() -> None:
    leaf, numbers = Value(2.0), [3.0]
    f = compile(lambda x: leaf * x * numbers[0])
    assert f(1.0) == 6.0
    leaf.data, numbers[0] = 10.0, 7.0
    assert f(1.0) == 30.0


def test_a_captured_result_follows_its_leaves() -> None:
    leaf = Value(2.0)
    square = leaf * leaf
    f = compile(lambda x: square * x)
    assert f.value_and_grad(3.0) == (12.0, 4.0)
    leaf.data = 5.0
    assert f.value_and_grad(3.0) == (75.0, 25.0)
    with pytest.raises(StaleGraphError):
        compile(lambda x: square * x).value_and_grad(3.0)


# -- threads, and a long way -------------------------------------------------------------------------------


@pytest.mark.parametrize("lanes", [False, True])
def test_threads_may_call_first_at_once(lanes: bool) -> None:
    calls = itertools.count()

    def wave(x: Any) -> Any:
        next(calls)
        time.sleep(0.02)
        y = x
        for _ in range(50):
            y = sin(y) * x
        return y

    f, x, barrier = compile(wave, 0 if lanes else None), np.linspace(0.0, 1.0, 9) if lanes else 0.5, threading.Barrier(6)
    found: list[float] = []

    def work() -> None:
        barrier.wait()
        found.extend(float(np.sum(f(x))) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 120
    assert len(set(found)) == 1
    assert next(calls) == 1


@pytest.mark.parametrize("steps", [3_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_a_long_chain_compiles(steps: int) -> None:
    def chain(x: Any, a: Any, b: Any) -> Any:
        for _ in range(steps):
            x = x * a + b
        return x

    rate = 0.5 / steps
    value, (dx, da, db) = compile(chain).value_and_grad(1.0, 1.0 - rate, rate, argnums=(0, 1, 2))
    assert value == pytest.approx(1.0, rel=1e-9)
    decay = (1.0 - rate) ** steps
    assert (dx, da, db) == pytest.approx((decay, (1.0 - decay) / rate, (1.0 - decay) / rate), rel=1e-9)


@pytest.mark.parametrize(
    ("result", "instead"), [(None, "a return is missing"), (True, "where"), (np.True_, "where"), ("x", "with operators")]
)
def test_a_result_that_is_no_number_says_what_to_write(result: Any, instead: str) -> None:
    f = compile(lambda _: result)
    for call in (f, f.grad, f.jacobian):
        with pytest.raises(TypeError, match=f"must return .*, got .*; .*{instead}"):
            call(2.0)
