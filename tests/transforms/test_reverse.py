"""``grad`` and its kin: shapes, arguments, higher orders, nesting, against sympy and mpmath, and what they say no to."""

from __future__ import annotations

import functools
import gc
import itertools
import math
import re
import threading
import weakref
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest
import sympy

import autograd as ag
from autograd import (
    GraphCutError,
    Value,
    derivative,
    detect_anomaly,
    grad,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)
from autograd.graph import topological_order
from autograd.modes import context
from autograd.transforms.trees import flatten
from tests.support import bits, number


class Pair(NamedTuple):
    a: Any
    b: Any


def leaves(tree: Any) -> list[Any]:
    return flatten(tree)[0]


def numbers(tree: Any) -> list[float]:
    return list(map(number, leaves(tree)))


def mapped(f: Callable[[Any], Any], tree: Any) -> Any:
    found, rebuild = flatten(tree)
    return rebuild(list(map(f, found)))


def same(a: Any, b: Any) -> bool:
    """Equal numbers in structures of the same types."""
    if isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and a.shape == b.shape and a.dtype == b.dtype and bool((a == b).all())
    if isinstance(b, dict):
        return type(a) is dict and list(a) == list(b) and all(same(a[key], b[key]) for key in b)
    if isinstance(b, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def weighted_squares(tree: Any) -> Any:
    """1·x₀² + 2·x₁² + …: gradient 2(k+1)·xₖ, Hessian 2(k+1) on the diagonal."""
    return sum([k * x * x for k, x in enumerate(leaves(tree), 1)], Value(0.0))


POINTS = {
    "number": 3.0,
    "list": [1.0, -2.0],
    "tuple": (1.0, -2.0, 0.5),
    "namedtuple": Pair(1.0, 2.0),
    "dict": {"w": 1.5, "b": -2.0},
    "nested": {"layers": [{"w": [[1.0, 2.0], [3.0, 4.0]], "b": (5.0,)}], "scale": Pair(6.0, [])},
    "array": np.array([1.0, -2.0, 3.0]),
    "matrix": np.array([[1.0, -2.0, 3.0], [4.0, 5.0, 6.0]]),
    "array in dict": {"w": np.array([[1.0], [2.0]]), "b": [np.array([3.0]), 4.0]},
    "empty list": [],
    "empty dict": {},
    "empty array": np.zeros((2, 0)),
}
each_shape = pytest.mark.parametrize("x", POINTS.values(), ids=POINTS)
SQUARE = lambda x: x * x  # noqa: E731


def doubled(tree: Any) -> Any:
    """The gradient of ``weighted_squares`` in the argument's shape."""
    k = itertools.count(1)
    return mapped(lambda x: 2.0 * next(k) * x, tree)


# -- shapes: what goes in comes out --------------------------------------------------------------------


@each_shape
def test_a_gradient_has_the_shape_of_its_argument(x: Any) -> None:
    assert same(grad(weighted_squares)(x), doubled(x))
    assert same(value_and_grad(weighted_squares)(x), (number(weighted_squares(x)), doubled(x)))
    assert same(vjp(weighted_squares, x)[1](1.0), (doubled(x),))


@each_shape
def test_a_gradient_of_nodes_has_the_shape_of_their_structure(x: Any) -> None:
    nodes = mapped(Value, x)
    assert same(gradient(weighted_squares(nodes), nodes), doubled(x))


@each_shape
def test_a_hessian_has_the_shape_of_its_argument_twice(x: Any) -> None:
    rows = hessian(weighted_squares)(x)
    count = len(leaves(x))
    flat = [entry for row in leaves(rows) for entry in numbers(row)]  # an array among other things holds rows
    assert flat == [2.0 * (i + 1) * (i == j) for i in range(count) for j in range(count)]
    assert type(rows) is type(x) or count == 1
    if isinstance(x, np.ndarray) and count:
        assert (rows.shape, rows.dtype) == (x.shape * 2, float)


def test_a_nested_hessian_is_a_row_of_the_arguments_shape_in_each_place() -> None:
    rows = hessian(lambda p: p["w"][0] ** 2 * p["b"])({"w": (3.0,), "b": 5.0})
    assert same(rows, {"w": ({"w": (10.0,), "b": 6.0},), "b": {"w": (6.0,), "b": 0.0}})


@each_shape
def test_a_hessian_times_a_vector_has_the_shape_of_both(x: Any) -> None:
    k = itertools.count(1)
    ones = mapped(lambda _: 1.0, x)
    assert same(hvp(weighted_squares)(x, ones), mapped(lambda _: 2.0 * next(k), x))


@each_shape
def test_a_jacobian_has_the_outputs_shape_then_the_arguments(x: Any) -> None:
    rows = jacobian(lambda x: (weighted_squares(x), {"twice": 2.0 * weighted_squares(x), "constant": 7.0}))(x)
    zeros, twice = mapped(lambda _: 0.0, x), mapped(lambda d: 2.0 * d, doubled(x))
    assert same(rows, (doubled(x), {"twice": twice, "constant": zeros}))


@each_shape
def test_forward_mode_takes_every_shape(x: Any) -> None:
    ones = mapped(lambda _: 1.0, x)
    assert jvp(weighted_squares, (x,), (ones,)) == (number(weighted_squares(x)), sum(numbers(doubled(x))))


def test_the_jacobian_of_an_array_to_an_array_has_the_axes_of_both() -> None:
    a = np.arange(6.0).reshape(2, 3)
    assert same(jacobian(lambda x: a @ x)(np.ones(3)), a)
    assert same(jacobian(lambda x: a * x)(a)[1, 2], np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 5.0]]))
    assert same(jacobian(lambda x: a * x)(2.0), a)
    assert same(jacobian(lambda x: [x[0], x[1]])(np.ones(2)), [np.array([1.0, 0.0]), np.array([0.0, 1.0])])
    assert jacobian(lambda x: x[:, :0])(a).shape[:2] == (2, 0)


def test_third_derivatives_by_an_array_have_its_axes_three_times() -> None:
    x = np.array([1.0, 2.0])
    third = jacobian(hessian(lambda x: (x * x * x).sum() + x[0] * x[0] * x[1]))(x)
    assert same(third, np.array([[[6.0, 2.0], [2.0, 0.0]], [[2.0, 0.0], [0.0, 6.0]]]))


def test_a_jacobian_by_a_number_and_an_array_holds_both() -> None:
    rows = jacobian(lambda s, x: s * x, (0, 1))(2.0, np.array([3.0, 4.0, 5.0]))
    assert [rows[i][0] for i in range(3)] == [3.0, 4.0, 5.0]
    assert np.array([rows[i][1] for i in range(3)]).tolist() == [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]]


@pytest.mark.parametrize("x", [3, np.float32(3), np.int64(3), np.array(3.0), np.array(3)], ids=lambda x: type(x).__name__)
def test_numbers_of_every_type_give_floats(x: Any) -> None:
    for result in (
        grad(SQUARE)(x),
        hessian(SQUARE)(x) * 3.0,
        derivative(SQUARE, x),
        hvp(SQUARE)(x, x),
        vjp(SQUARE, x)[1](1)[0],
    ):
        assert same(result, 6.0)


def test_arrays_of_ints_and_of_single_precision_give_doubles() -> None:
    for dtype in (int, np.float32):
        assert same(grad(weighted_squares)(np.array([1, 2], dtype=dtype)), np.array([2.0, 8.0]))


def test_the_function_is_called_with_the_structure_it_expects() -> None:
    seen: list[Any] = []
    grad(lambda p: seen.append(p) or p["a"][0] * p["b"].sum())({"a": (2.0,), "b": np.ones((2, 1))})  # type: ignore[func-returns-value]
    (p,) = seen
    assert (type(p), type(p["a"]), type(p["a"][0]), p["b"].shape) == (dict, tuple, Value, (2, 1))


def test_the_arguments_given_are_left_alone() -> None:
    x, array = {"a": [1.0, 2.0]}, np.array([1.0, 2.0])
    grad(lambda p, q: p["a"][0] * q.sum(), (0, 1))(x, array)
    assert x == {"a": [1.0, 2.0]}
    assert same(array, np.array([1.0, 2.0]))


# -- which arguments -----------------------------------------------------------------------------------


def quadratic(x: Any, y: Any, z: Any = 10.0) -> Any:
    return x * x * y + z * y


def plus_0(x: Any, y: Any, z: Any = 10.0) -> Any:
    """With a node of its own, to be a Value whichever argument is one."""
    return quadratic(x, y, z) + Value(0.0)


@pytest.mark.parametrize(
    ("argnums", "partials"),
    [
        (0, 12.0),
        (1, 14.0),
        (-1, 3.0),
        (-3, 12.0),
        ("y", 14.0),
        ("z", 3.0),
        ((0,), (12.0,)),
        ([0, 2], (12.0, 3.0)),
        ((2, 0, 1), (3.0, 12.0, 14.0)),
        (("z", -3, 1), (3.0, 12.0, 14.0)),
        (range(3), (12.0, 14.0, 3.0)),
        (np.int64(1), 14.0),
        ((), ()),
    ],
    ids=repr,
)
def test_argnums_are_places_from_either_end_and_names(argnums: Any, partials: Any) -> None:
    assert same(grad(plus_0, argnums)(2.0, 3.0, 10.0), partials)
    assert same(value_and_grad(plus_0, argnums)(2.0, 3.0, 10.0), (42.0, partials))
    assert same(jacobian(plus_0, argnums)(2.0, 3.0, 10.0), partials)


def test_arguments_by_keyword_are_differentiated_by_name() -> None:
    assert grad(quadratic, "y")(2.0, y=3.0) == 14.0
    assert grad(quadratic, ("x", "z"))(x=2.0, y=3.0, z=1.0) == (12.0, 3.0)
    assert grad(quadratic, (0, "z"))(2.0, 3.0, z=1.0) == (12.0, 3.0)
    assert jacobian(lambda a, **rest: [a * rest["k"]], "k")(2.0, k=3.0) == [2.0]
    assert hessian(quadratic, "x")(x=2.0, y=3.0) == 6.0
    assert grad(lambda *xs, scale: xs[0] * scale, "scale")(3.0, scale=2.0) == 3.0


def test_a_keyword_that_is_not_differentiated_is_passed_on() -> None:
    assert grad(quadratic)(2.0, y=3.0, z=1.0) == 12.0
    assert grad(lambda x, option: x * x if option == "square" else x)(3.0, option="square") == 6.0


def test_a_hessian_by_several_arguments_is_a_tuple_of_tuples() -> None:
    assert same(hessian(lambda x, y: x * x * y, (0, 1))(2.0, 3.0), ((6.0, 4.0), (4.0, 0.0)))
    assert same(hessian(lambda x, y: x * x * y, (1, 0))(2.0, 3.0), ((0.0, 4.0), (4.0, 6.0)))


def test_derivatives_of_derivatives_keep_the_names_of_arguments() -> None:
    assert grad(grad(quadratic, "x"), "y")(2.0, 3.0) == 4.0
    assert grad(functools.partial(quadratic, y=3.0), "x")(2.0) == 12.0


def test_an_argument_that_is_not_used_has_derivative_0() -> None:
    assert same(grad(lambda x, y: x * x, (0, 1))(3.0, [1.0, {"a": np.ones(2)}]), (6.0, [0.0, {"a": np.zeros(2)}]))
    assert same(hessian(lambda x: x[0] * x[0])([3.0, 4.0]), [[2.0, 0.0], [0.0, 0.0]])
    assert same(vjp(lambda x, y: x * x, 3.0, 4.0)[1](1.0), (6.0, 0.0))


def test_a_constant_value_has_derivative_0() -> None:
    constant = lambda x: Value(5.0)  # noqa: E731
    assert same(value_and_grad(constant)([1.0, 2.0]), (5.0, [0.0, 0.0]))
    assert same(hessian(constant)(np.ones(2)), np.zeros((2, 2)))
    assert same(hvp(constant)(3.0, 1.0), 0.0)
    assert same(jvp(constant, (3.0,), (1.0,)), (5.0, 0.0))
    assert same(vjp(constant, 3.0)[1](1.0), (0.0,))
    assert same(derivative(constant, 3.0, 2), 0.0)


def test_derivatives_of_a_linear_function_end_in_0() -> None:
    linear = lambda x: 3.0 * x + 1.0  # noqa: E731
    assert [derivative(linear, 2.0, n) for n in range(4)] == [7.0, 3.0, 0.0, 0.0]
    assert same((hessian(linear)(2.0), hvp(linear)(2.0, 5.0), grad(grad(grad(linear)))(2.0)), (0.0, 0.0, 0.0))


def test_the_value_may_bring_something_along() -> None:
    f = lambda x, y: (x * y, {"epoch": 3, "text": "kept"})  # noqa: E731
    assert value_and_grad(f, has_aux=True)(2.0, 3.0) == ((6.0, {"epoch": 3, "text": "kept"}), 3.0)
    marker = object()
    (value, aux), partials = value_and_grad(lambda x: (x * x, marker), (0,), has_aux=True)(3.0)
    assert (value, partials) == (9.0, (6.0,))
    assert aux is marker


def test_they_work_as_decorators_and_keep_name_and_docstring() -> None:
    @grad
    def dydx(x: Any) -> Any:
        """Three x squared."""
        return x**3

    assert (dydx(2.0), dydx.__name__, dydx.__doc__) == (12.0, "dydx", "Three x squared.")
    for make in (grad, value_and_grad, jacobian, hessian, hvp):
        assert make(quadratic).__name__ == "quadratic"


def test_callables_of_every_kind_are_functions() -> None:
    class Cube:
        def __call__(self, x: Any) -> Any:
            return x**3

        def method(self, x: Any) -> Any:
            return x**3

    for f in (Cube(), Cube().method, functools.partial(pow, exp=3), ag.primitive(lambda y, x: 3.0 * x * x)(lambda x: x**3)):
        assert (grad(f)(2.0), hessian(f)(2.0), derivative(f, 2.0), hvp(f)(2.0, 1.0)) == (12.0, 12.0, 12.0, 12.0)


def test_vjp_gives_the_value_and_pulls_as_often_as_one_likes() -> None:
    value, pull = vjp(lambda p, y: {"a": p["x"] * y, "b": [p["x"] ** 2]}, {"x": 2.0}, 3.0)
    assert same(value, {"a": 6.0, "b": [4.0]})
    assert same(pull({"a": 1.0, "b": [10.0]}), ({"x": 43.0}, 2.0))
    assert same(pull({"b": [0.0], "a": 1}), ({"x": 3.0}, 2.0))
    assert vjp(lambda: [Value(1.0)])[1]([1.0]) == ()
    assert vjp(lambda x: [], 1.0)[1]([]) == (0.0,)


def test_the_order_of_keys_in_a_vector_does_not_matter() -> None:
    """A vector's numbers go to the keys they are given for, in whatever order a dict was filled."""
    f = lambda p: p["w"] ** 2 * p["b"]  # noqa: E731
    assert hvp(f)({"w": 1.0, "b": 2.0}, {"b": 0.0, "w": 1.0}) == {"w": 4.0, "b": 2.0}
    assert vjp(lambda x: {"a": x, "b": x * x}, 3.0)[1]({"b": 1.0, "a": 0.0}) == (6.0,)


@pytest.mark.parametrize("n", range(5))
def test_derivative_of_order_n(n: int) -> None:
    assert derivative(lambda x: x**4, 2.0, n) == [16.0, 32.0, 48.0, 48.0, 24.0][n]


# -- Values in, Values out -------------------------------------------------------------------------------


def test_values_in_are_values_out_that_lead_back_to_them() -> None:
    x, y = Value(2.0), Value(3.0)
    f = lambda x, y: x**3 * y  # noqa: E731
    results = {
        "grad": (grad(f)(x, y), 36.0),
        "value_and_grad": (value_and_grad(f)(x, y)[0], 24.0),
        "jacobian": (jacobian(lambda x, y: [f(x, y)])(x, y)[0], 36.0),
        "hessian": (hessian(lambda x: f(x, y))(x), 36.0),
        "hvp": (hvp(lambda x: f(x, y))(x, 1.0), 36.0),
        "vjp": (vjp(f, x, y)[1](1.0)[0], 36.0),
        "jvp": (jvp(f, (x, y), (1.0, 0.0))[1], 36.0),
        "derivative": (derivative(lambda x: f(x, y), x), 36.0),
        "derivative 0": (derivative(lambda x: f(x, y), x, 0), 24.0),
        "gradient": (gradient(f(x, y), x, create_graph=True), 36.0),
    }
    for name, (result, expected) in results.items():
        assert (type(result), result.data) == (Value, expected), name
        assert gradient(result, y) == expected / 3.0, name
        assert x in topological_order(result), name


def test_values_in_are_values_out_where_the_derivative_is_0_too() -> None:
    x = Value(3.0)
    unused, constant = lambda x, y: x * x, lambda x: Value(5.0)
    results = [
        *grad(unused, (0, 1))(x, Value(4.0)),
        *jacobian(lambda x: [2.0, x])(x),
        *vjp(unused, x, 4.0)[1](1.0),
        *leaves(hessian(constant)([x, 4.0])),
        derivative(constant, x),
        derivative(lambda x: 2.0 * x, x, 3),
        hvp(constant)(x, 1.0),
    ]
    assert {type(result) for result in results} == {Value}


def test_numbers_and_values_give_the_same_bits() -> None:
    f = lambda p: ag.tanh(p[0] * p[1]) / ag.exp(p[1]) + ag.sin(p[0])  # noqa: E731
    point = [0.7, -1.3]
    for take in (grad, hessian, jacobian, lambda f: jacobian(hessian(f)), lambda f: lambda p: hvp(f)(p, [1.0, 2.0])):
        assert list(map(bits, numbers(take(f)(point)))) == list(map(bits, numbers(take(f)(list(map(Value, point))))))


def test_an_array_of_values_gives_arrays_of_values() -> None:
    x = np.frompyfunc(Value, 1, 1)(np.array([[1.0, 2.0, 3.0]]))
    partials, rows = grad(weighted_squares)(x), hessian(weighted_squares)(x)
    assert (partials.shape, partials.dtype, mapped(number, partials).tolist()) == ((1, 3), object, [[2.0, 8.0, 18.0]])
    assert rows.shape == (1, 3, 1, 3)
    assert np.diag(mapped(number, rows.reshape(3, 3))).tolist() == [2.0, 4.0, 6.0]
    assert gradient(partials[0, 1], x[0, 1]) == 4.0


def test_an_argument_may_hold_values_and_numbers() -> None:
    x = Value(2.0)
    partials = grad(lambda p: p[0] ** 2 * p[1])([x, 3.0])
    assert [dydx.data for dydx in partials] == [12.0, 4.0]
    assert gradient(partials[1], x) == 4.0


def test_the_argument_is_not_what_the_function_has_captured() -> None:
    """Given x itself as argument, its captured twin stays a constant."""
    x = Value(3.0)
    assert grad(lambda y: x * y)(x).data == 3.0
    assert derivative(lambda y: x * x, x).data == 0.0
    assert hessian(lambda y: x * x * y * y)(x).data == 18.0


def test_vjps_weights_may_be_values() -> None:
    w = Value(2.0)
    _, pull = vjp(lambda x: [x * x, 3.0 * x], 5.0)
    (dydx,) = pull([w, 1.0])
    assert (dydx.data, gradient(dydx, w)) == (23.0, 10.0)


def test_create_graph_gives_values_and_without_it_floats() -> None:
    x, y = Value(2.0), Value(3.0)
    z = x**3 * y
    assert same(gradient(z, (x, {"y": y})), (36.0, {"y": 8.0}))
    dydx = gradient(z, x, create_graph=True)
    assert [gradient(dydx, node) for node in (x, y)] == [36.0, 12.0]
    again = gradient(gradient(dydx, x, create_graph=True), x, create_graph=True)
    assert gradient(again, y) == 6.0


def test_a_gradient_by_the_root_and_by_inner_nodes() -> None:
    x = Value(2.0)
    inner = x * x
    root = inner * x
    assert gradient(root, [root, inner, x, x]) == [1.0, 2.0, 12.0, 12.0]


def test_nothing_is_written_to_grad() -> None:
    x, w = Value(2.0), Value(3.0)
    seen: list[Value] = []

    def f(x: Any) -> Any:
        seen.append(x)
        seen.append(x**3 * w)
        return seen[-1]

    grad(f)(x), hessian(f)(x), jacobian(f)(x), hvp(f)(x, 1.0), vjp(f, x)[1](1.0), derivative(f, x, 2), jvp(f, (x,), (1.0,))
    y = f(x)
    gradient(y, [x, w]), gradient(y, x, create_graph=True), value_and_grad(f)(2.0)
    assert len(seen) == 18
    assert all(node.grad_or_none is None for root in seen for node in topological_order(root))


def test_a_gradient_already_written_stays() -> None:
    x = Value(2.0)
    (x * x).backward()
    assert (gradient(x**3, x), grad(SQUARE)(x).data, x.grad) == (12.0, 4.0, 4.0)


# -- inside the modes ------------------------------------------------------------------------------------

F = lambda p: ag.exp(p[0] * p[1]) + p[0] ** 3  # noqa: E731
POINT, VECTOR = [0.5, 1.5], [1.0, -2.0]
TAKEN: dict[str, Callable[[], Any]] = {
    "grad": lambda: grad(F)(POINT),
    "value_and_grad": lambda: value_and_grad(F)(POINT),
    "jacobian": lambda: jacobian(lambda p: [F(p), p[0]])(POINT),
    "hessian": lambda: hessian(F)(POINT),
    "third": lambda: jacobian(hessian(F))(POINT),
    "hvp": lambda: hvp(F)(POINT, VECTOR),
    "vjp": lambda: vjp(lambda p: [F(p), p[0]], POINT)[1](VECTOR),
    "jvp": lambda: jvp(F, (POINT,), (VECTOR,)),
    "jvp of grad": lambda: jvp(grad(F), (POINT,), (VECTOR,)),
    "derivative": lambda: derivative(lambda x: F([x, x * x]), 0.5, 4),
}
each_way = pytest.mark.parametrize("take", TAKEN.values(), ids=TAKEN)


@each_way
def test_inside_no_grad_a_derivative_is_the_same(take: Callable[[], Any]) -> None:
    expected = take()
    with no_grad():
        assert take() == expected
        assert not context.recording()


@each_way
def test_inside_detect_anomaly_a_derivative_is_the_same(take: Callable[[], Any]) -> None:
    expected = take()
    with detect_anomaly():
        assert take() == expected


def test_a_vjp_made_outside_pulls_inside_no_grad() -> None:
    _, pull = vjp(lambda x: x * x, 3.0)
    with no_grad():
        assert pull(1.0) == (6.0,)


def test_no_grad_inside_a_function_makes_a_constant() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            c = x * x
        return c * x

    assert grad(f)(3.0) == 9.0


def test_detect_anomaly_stops_at_a_gradient_that_is_not_finite() -> None:
    with detect_anomaly():
        for take in (
            lambda: grad(ag.sqrt)(0.0),
            lambda: jacobian(lambda x: [ag.sqrt(x)])(0.0),
            lambda: vjp(ag.sqrt, 0.0)[1](1.0),
        ):
            with pytest.raises(ag.AnomalyError, match=r"sqrt\(0\.0\)"):
                take()


def test_detect_anomaly_raises_nothing_for_a_sum_nobody_asked_for() -> None:
    """Weights times outputs overflow; weights times derivatives don't."""
    with detect_anomaly():
        assert vjp(lambda x: x * 1e300, 1e8)[1](1e5) == (pytest.approx(1e305),)
        assert hvp(lambda x: 1e300 * x * x)(1e3, 1e5) == pytest.approx(2e305)


def test_an_exception_in_the_function_leaves_everything_as_it_was() -> None:
    def broken(x: Any) -> Any:
        raise KeyError(x)

    for take in (grad, hessian, jacobian, lambda f: lambda x: hvp(f)(x, 1.0), lambda f: lambda x: derivative(f, x)):
        with pytest.raises(KeyError), no_grad():
            take(broken)(1.0)
        assert type(take(SQUARE)(1.0)) is float  # not taken for the inside of another derivative
    assert not context.active


# -- nested: no perturbation confusion -------------------------------------------------------------------

OPERATORS: dict[str, Callable[[Callable[[Any], Any], Any], Any]] = {
    "derivative": derivative,
    "grad": lambda f, x: grad(f)(x),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f, x: vjp(f, x)[1](1.0)[0],
    "jacobian": lambda f, x: jacobian(lambda y: [f(y)])(x)[0],
}
each_operator = pytest.mark.parametrize("d", OPERATORS.values(), ids=OPERATORS)
pairs = pytest.mark.parametrize(
    ("d", "e"),
    list(itertools.product(OPERATORS.values(), repeat=2)),
    ids=["-".join(p) for p in itertools.product(OPERATORS, repeat=2)],
)
triples = pytest.mark.parametrize("modes", list(itertools.product(["grad", "jvp", "derivative"], repeat=3)), ids="-".join)


@pairs
def test_x_times_the_derivative_of_x_plus_y_is_not_confused(d: Any, e: Any) -> None:
    """Pitfall 41: the inner derivative by y is 1, so the outer one is 1 and not 2."""
    for x in (1.0, 5.0):
        assert d(lambda x: x * e(lambda y: x + y, 1.0), x) == 1.0
        assert d(lambda x: x * e(lambda y: x * y, 2.0), x) == 2.0 * x
        assert d(lambda x: x * e(lambda y: x * y * y, x), x) == 6.0 * x * x


@pairs
def test_what_an_inner_function_does_not_use_has_derivative_0(d: Any, e: Any) -> None:
    """Pitfall 41: derivative(x ↦ derivative(y ↦ x))."""
    assert d(lambda x: e(lambda y: x, 1.0), 2.0) == 0.0
    assert d(lambda x: e(lambda y: x * x, x), 2.0) == 0.0
    assert d(lambda x: x * e(lambda y: x, 1.0), 2.0) == 0.0
    assert d(lambda x: e(lambda y: Value(3.0), x), 2.0) == 0.0


@pairs
def test_an_inner_derivative_may_be_constant(d: Any, e: Any) -> None:
    assert d(lambda x: e(lambda y: x + y, 1.0), 2.0) == 0.0
    assert d(lambda x: e(lambda y: y, x), 2.0) == 0.0
    assert d(lambda x: e(lambda y: 3.0 * y, x), 2.0) == 0.0


@pairs
def test_an_inner_derivative_at_the_outer_variable_is_the_second(d: Any, e: Any) -> None:
    assert d(lambda x: e(lambda y: y**3, x), 2.0) == 12.0
    assert d(lambda x: e(lambda y: y**3 * x, x), 2.0) == 3.0 * 12.0  # d/dx 3x³ = 9x²
    assert d(lambda x: e(lambda y: ag.sin(x * y), x), 0.5) == pytest.approx(
        math.cos(0.25) - 2 * 0.25 * math.sin(0.25), rel=1e-15
    )


@triples
def test_three_levels_are_told_apart(modes: tuple[str, str, str]) -> None:
    d, e, g = (OPERATORS[mode] for mode in modes)
    # The innermost is x·y², the next by y 2xy, times x is 2x²y; at y = x that is 2x³.
    inner = lambda x, y: g(lambda z: x * y * y * z, 7.0)  # noqa: E731
    assert d(lambda x: x * e(lambda y: inner(x, y), x), 3.0) == 6.0 * 9.0
    assert d(lambda x: e(lambda y: g(lambda z: x + y + z, 1.0) * y * x, 1.0), 3.0) == 1.0
    assert d(lambda x: e(lambda y: g(lambda z: z**4, y), x), 2.0) == 48.0
    assert d(lambda x: x * e(lambda y: y * g(lambda z: x, y), x), 2.0) == 0.0
    exact = lambda x, y, z: ag.exp(x * y * z)  # noqa: E731
    mixed = d(lambda x: e(lambda y: g(lambda z: exact(x, y, z), 0.3), 0.2), 0.1)
    p = 0.1 * 0.2 * 0.3
    assert mixed == pytest.approx(math.exp(p) * (1.0 + 3.0 * p + p * p), rel=1e-14)


@each_operator
def test_variables_captured_by_name_belong_to_their_own_level(d: Any) -> None:
    def outer(x: Any) -> Any:
        a = x * x

        def inner(y: Any) -> Any:
            b = a * y
            return b * b + x

        return d(inner, x) + a  # 2x⁴·x + x²

    assert d(outer, 2.0) == 10.0 * 16.0 + 4.0


def test_hessians_inside_derivatives() -> None:
    f = lambda x: x[0] ** 3 * x[1]  # noqa: E731
    trace = lambda x: sum(hessian(f)(x)[i][i] for i in range(2))  # type: ignore[index]  # noqa: E731
    assert grad(trace)([2.0, 3.0]) == [18.0, 12.0]
    assert grad(lambda x: hvp(f)(x, x)[0])([2.0, 3.0]) == [6.0 * 2 * 2 * 3.0 + 6.0 * 2 * 3.0, 9.0 * 4.0]  # type: ignore[index]
    array = np.array([2.0, 3.0])
    assert same(grad(lambda x: hessian(f)(x).trace())(array), np.array([18.0, 12.0]))  # type: ignore[attr-defined]


def test_a_derivative_as_a_step_of_the_function_it_is_inside_of() -> None:
    """A gradient step, differentiated by its step size and by where it began."""
    loss = lambda w: (w - 3.0) ** 2 * w  # noqa: E731
    step = lambda rate, w: loss(w - rate * grad(loss)(w))  # noqa: E731
    rate, w, h = 0.1, 1.0, 1e-6
    for dydx, (i, j) in zip(grad(step, (0, 1))(rate, w), ((h, 0.0), (0.0, h)), strict=True):
        difference = (number(step(rate + i, Value(w + j))) - number(step(rate - i, Value(w - j)))) / (2 * h)
        assert dydx == pytest.approx(difference, rel=1e-7)


# -- against sympy, at 50 digits ---------------------------------------------------------------------------


def rosenbrock(x: Any) -> Any:
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def beale(x: Any) -> Any:
    return sum((c - 8 * x[0] + 8 * x[0] * x[1] ** k) ** 2 for k, c in ((1, 12), (2, 18), (3, 21))) / 64


def net(activation: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A 2-3-1 net of its 13 parameters, at one input, linear at the end, and its squared error."""

    def loss(p: Any) -> Any:
        hidden = [activation(p[3 * i] / 2 - 5 * p[3 * i + 1] / 4 + p[3 * i + 2]) for i in range(3)]
        return (activation(sum(p[9 + i] * hidden[i] for i in range(3)) + p[12]) * 4 - 3) ** 2

    return loss


def wave(m: Any) -> Callable[[Any], Any]:
    return lambda x: m.exp(m.sin(x[0] * x[1])) / (x[0] + 2)


class Case(NamedTuple):
    ours: Callable[[Any], Any]
    exact: Callable[[Any], Any]
    point: list[float]


def point(count: int) -> list[float]:
    random = Random(count)
    return [round(random.uniform(-1.5, 1.5), 3) for _ in range(count)]


def logistic(x: Any) -> Any:
    return 1 / (1 + sympy.exp(-x))


CASES = {
    "rosenbrock": Case(rosenbrock, rosenbrock, point(10)),
    "beale": Case(beale, beale, [1.25, -0.75]),
    "net of tanh": Case(net(ag.tanh), net(sympy.tanh), point(13)),
    "net of sigmoid": Case(net(ag.sigmoid), net(logistic), point(13)),
    "exp(sin(x·y))/(x+2)": Case(wave(ag), wave(sympy), [0.7, 1.3]),
}
each_case = pytest.mark.parametrize("name", CASES)


@cache
def symbols(name: str) -> list[Any]:
    return list(sympy.symbols(f"x:{len(CASES[name].point)}"))


@cache
def partial(name: str, order: tuple[int, ...]) -> Any:
    """∂ by the variables of ``order``, a symbolic expression."""
    if order == ():
        return CASES[name].exact(symbols(name))
    return sympy.diff(partial(name, order[:-1]), symbols(name)[order[-1]])


def exact(name: str, expressions: list[Any]) -> list[Any]:
    """Their numbers at the point, whose floats are taken as they are, with 50 digits."""
    with mpmath.workdps(50):
        evaluate = sympy.lambdify(symbols(name), expressions, modules="mpmath", cse=True)
        return list(evaluate(*map(mpmath.mpf, CASES[name].point)))


def assert_equal(actual: list[float], expected: list[Any]) -> None:
    for ours, sympys in zip(actual, expected, strict=True):
        assert abs(ours - sympys) <= 1e-12 * abs(sympys), (ours, sympys)


@cache
def exact_hessian(name: str) -> list[list[Any]]:
    count = len(symbols(name))
    upper = [(i, j) for i in range(count) for j in range(i, count)]
    found = dict(zip(upper, exact(name, [partial(name, order) for order in upper]), strict=True))
    return [[found[min(i, j), max(i, j)] for j in range(count)] for i in range(count)]


@each_case
def test_gradients_equal_sympys(name: str) -> None:
    f, _, x = CASES[name]
    assert_equal(grad(f)(x), exact(name, [partial(name, (i,)) for i in range(len(x))]))


@each_case
def test_hessians_equal_sympys(name: str) -> None:
    f, _, x = CASES[name]
    assert_equal(numbers(hessian(f)(x)), [entry for row in exact_hessian(name) for entry in row])
    rows = [jvp(grad(f), (x,), ([float(i == j) for j in range(len(x))],))[1] for i in range(len(x))]
    assert_equal(numbers(rows), [entry for row in exact_hessian(name) for entry in row])


@each_case
def test_hessians_times_a_vector_equal_sympys(name: str) -> None:
    f, _, x = CASES[name]
    v = [1.0 + 0.25 * i for i in range(len(x))]
    products = [[entry * w for entry, w in zip(row, v, strict=True)] for row in exact_hessian(name)]
    for ours, terms in zip(hvp(f)(x, v), products, strict=True):
        assert abs(ours - mpmath.fsum(terms)) <= 1e-12 * mpmath.fsum(map(abs, terms))


@each_case
def test_third_derivatives_equal_sympys(name: str) -> None:
    """All of them; of a net's, those by one of its weights."""
    f, _, x = CASES[name]
    count = len(x)
    chosen = range(count) if count <= 10 else (4,)
    third = {i: hessian(lambda y, i=i: grad(f)(y)[i])(x) for i in chosen}  # type: ignore[index]
    orders = [(i, *sorted((j, k))) for i in chosen for j in range(count) for k in range(j, count)]
    expected = exact(name, [partial(name, tuple(sorted(order))) for order in orders])
    assert_equal([third[i][j][k] for i, j, k in orders], expected)
    assert all(third[i][j][k] == pytest.approx(third[i][k][j], rel=1e-12) for i, j, k in orders)


@each_case
def test_third_derivatives_along_a_line_equal_sympys(name: str) -> None:
    f, function, x = CASES[name]
    v = [0.5 - 0.125 * i for i in range(len(x))]
    t = sympy.Symbol("t")
    rational = lambda number: sympy.Rational(*number.as_integer_ratio())  # noqa: E731
    line = function([rational(a) + rational(w) * t for a, w in zip(x, v, strict=True)])
    with mpmath.workdps(50):
        third = sympy.lambdify(t, sympy.diff(line, t, 3), modules="mpmath", cse=True)
        expected = third(mpmath.mpf(0))
    assert_equal([derivative(lambda t: f([a + w * t for a, w in zip(x, v, strict=True)]), 0.0, 3)], [expected])


# -- higher orders, against mpmath -------------------------------------------------------------------------

HIGHER: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], list[float]]] = {
    "sin": (ag.sin, mpmath.sin, [0.7, -2.5, 10.0]),
    "exp": (ag.exp, mpmath.exp, [0.7, -2.5, 10.0]),
    "1/x": (lambda x: 1 / x, lambda x: 1 / x, [0.7, -2.5, 10.0]),
    "x**5": (lambda x: x**5, lambda x: x**5, [0.7, -2.5, 10.0]),
    "tanh": (ag.tanh, mpmath.tanh, [0.7, -1.5, 3.0]),
}


@pytest.mark.parametrize("n", range(1, 7))
@pytest.mark.parametrize("name", HIGHER)
def test_derivatives_up_to_the_sixth_equal_mpmaths(name: str, n: int) -> None:
    f, function, at = HIGHER[name]
    for x in at:
        with mpmath.workdps(60):
            expected = mpmath.diff(function, mpmath.mpf(x), n)
        for actual in (derivative(f, x, n), forwards(f, n)(x)):
            assert abs(actual - expected) <= 1e-12 * abs(expected) + 1e-15


def forwards(f: Callable[[Any], Any], n: int) -> Callable[[Any], Any]:
    """The n-th derivative by tangents of tangents."""
    for _ in range(n):
        f = lambda x, f=f: jvp(f, (x,), (1.0,))[1]  # type: ignore[misc] # noqa: E731
    return f


@pytest.mark.parametrize("n", range(1, 7))
def test_derivatives_of_polynomials_are_exact(n: int) -> None:
    assert (
        derivative(lambda x: x**5, 2.0, n)
        == forwards(lambda x: x**5, n)(2.0)
        == [80.0, 160.0, 240.0, 240.0, 120.0, 0.0][n - 1]
    )


# -- memory ----------------------------------------------------------------------------------------------


@pytest.fixture
def _collected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_collected")
@each_way
def test_nothing_is_left_to_the_garbage_collector(take: Callable[[], Any]) -> None:
    """Pitfall 42."""
    for _ in range(3):
        take()
    assert gc.collect() == 0


@pytest.mark.usefixtures("_collected")
def test_hessians_in_a_loop_keep_nothing() -> None:
    x = list(map(Value, CASES["rosenbrock"].point))
    counts = []
    for _ in range(4):
        hessian(rosenbrock)(x)
        counts.append(len(gc.get_objects()))
    assert counts[1] == counts[-1]
    assert gc.collect() == 0


@pytest.mark.usefixtures("_collected")
@pytest.mark.parametrize(
    "take", [grad, hessian, jacobian, lambda f: lambda x: derivative(f, x, 3), lambda f: lambda x: hvp(f)(x, 1.0)]
)
def test_inner_nodes_die_with_the_call(take: Callable[..., Any]) -> None:
    inner: list[weakref.ref[Value]] = []

    def f(x: Any) -> Any:
        node = ag.exp(x)
        inner.append(weakref.ref(node))
        return node * x

    kept = take(f)(2.0)
    assert [ref() for ref in inner] == [None] * len(inner)
    assert type(kept) is float


@pytest.mark.usefixtures("_collected")
def test_a_recorded_gradient_dies_with_the_last_who_holds_it() -> None:
    x = Value(2.0)
    dydx = gradient(ag.exp(x) * x, x, create_graph=True)
    nodes = [weakref.ref(node) for node in topological_order(dydx) if node is not x]
    del dydx
    assert [ref() for ref in nodes] == [None] * len(nodes)
    assert gc.collect() == 0


# -- threads -----------------------------------------------------------------------------------------------


def test_eight_threads_at_once_give_the_bits_of_one() -> None:
    functions = [CASES[name].ours for name in CASES]
    tasks = [(functions[i % len(functions)], [*CASES.values()][i % len(functions)].point) for i in range(8)]
    work = lambda f, x: (hessian(f)(x), hvp(f)(x, x), jvp(grad(f), (x,), (x,)), type(grad(f)(x)[0]))  # type: ignore[index]  # noqa: E731
    serial = [work(f, x) for f, x in tasks]
    barrier, results = threading.Barrier(8), [None] * 8

    def run(i: int) -> None:
        barrier.wait()
        for _ in range(3):
            with no_grad() if i % 2 else detect_anomaly():
                results[i] = work(*tasks[i])  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == serial
    assert not context.active


def test_a_thread_started_inside_a_derivative_is_outside_of_it() -> None:
    found: list[Any] = []

    def f(x: Any) -> Any:
        thread = threading.Thread(target=lambda: found.append(grad(SQUARE)(3.0)))
        thread.start()
        thread.join()
        return x * x

    assert (grad(f)(2.0), found, type(found[0])) == (4.0, [6.0], float)


# -- bad input -------------------------------------------------------------------------------------------

OF_ONE: dict[str, Callable[[Callable[..., Any], Any], Any]] = {
    "grad": lambda f, x: grad(f)(x),
    "value_and_grad": lambda f, x: value_and_grad(f)(x),
    "hessian": lambda f, x: hessian(f)(x),
    "hvp": lambda f, x: hvp(f)(x, x),
    "derivative": derivative,
}
OF_ANY = OF_ONE | {
    "jacobian": lambda f, x: jacobian(f)(x),
    "vjp": lambda f, x: vjp(f, x),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,)),
}
CUT = {
    "float": float,
    "math.sin": math.sin,
    "math.sin(v) + 1": lambda v: math.sin(v) + 1.0,
    "int": int,
    "NumPy": lambda v: np.float64(v) * 2.0,
}


@pytest.mark.parametrize("take", OF_ANY.values(), ids=OF_ANY)
@pytest.mark.parametrize("f", CUT.values(), ids=CUT)
def test_a_graph_that_was_cut_is_an_error_with_the_cure(take: Any, f: Any) -> None:
    with pytest.raises(GraphCutError, match=r"leaves the graph at .*: the derivative would lack what is computed from"):
        take(f, 1.0)


@pytest.mark.parametrize("take", OF_ONE.values(), ids=OF_ONE)
@pytest.mark.parametrize(
    "shape",
    [lambda x: [x], lambda x: (x, x), lambda x: {"loss": x}, lambda x: np.array([x, x])],
    ids=["list", "tuple", "dict", "array"],
)
def test_several_outputs_are_an_error_that_names_jacobian(take: Any, shape: Any) -> None:
    with pytest.raises(TypeError, match="must return a single Value, got .* use jacobian for several outputs"):
        take(shape, 1.0)


def test_the_message_names_the_function() -> None:
    def loss(x: Any) -> Any:
        return "3.0"

    with pytest.raises(TypeError, match="grad: loss must return a Value, got str '3.0'"):
        grad(loss)(1.0)


PLAIN: dict[str, Callable[[Any], Any]] = {
    "a number": lambda x: 3.0,
    "an int": lambda x: 3,
    "of NumPy": lambda x: np.float64(3.0),
    "an array without axes": lambda x: np.array(3.0),
    "what max chooses": lambda x: max(x - 100.0, 0.0),
    "a branch": lambda x: x * x if x > 50.0 else 0.0,
    "a number said to be one": lambda x: x.data * 2.0,
    "an item": lambda x: x.item() * 2.0,
}


@pytest.mark.parametrize("take", OF_ANY.values(), ids=OF_ANY)
@pytest.mark.parametrize("f", PLAIN.values(), ids=PLAIN)
def test_a_plain_result_has_derivative_0(take: Any, f: Any) -> None:
    result = take(f, 1.0)
    if isinstance(result, tuple):  # the value and its derivative, or what pulls one back
        result = result[1](1.0) if callable(result[1]) else result[1]
    assert result in (0.0, (0.0,))


@pytest.mark.parametrize("take", OF_ANY.values(), ids=OF_ANY)
@pytest.mark.parametrize("thing", ["x", None, True, 1j, {1.0}], ids=repr)
def test_an_argument_that_is_no_number_is_an_error(take: Any, thing: Any) -> None:
    described = "None" if thing is None else type(thing).__name__
    with pytest.raises(TypeError, match=f"must be a real number, got {described}"):
        take(lambda x: Value(1.0), thing)


@pytest.mark.parametrize("thing", ["x", None, True], ids=repr)
def test_an_argument_that_is_no_number_is_named(thing: Any) -> None:
    with pytest.raises(TypeError, match="grad: argument 1 must be a real number"):
        grad(lambda x, y: x, 1)(1.0, {"a": [1.0, thing]})
    with pytest.raises(TypeError, match="grad: argument 'y' must be a real number"):
        grad(lambda x, y: x, "y")(1.0, y=np.array([thing], dtype=object))


@pytest.mark.parametrize("x", [[1.0, 2.0], [], {"a": 1.0}, np.ones(2)], ids=["list", "empty", "dict", "array"])
def test_the_derivative_of_one_number_takes_no_structure(x: Any) -> None:
    with pytest.raises(TypeError, match="derivative: .*must be a real number, got"):
        derivative(lambda x: x[0], x)


@pytest.mark.parametrize("n", [-1, 1.0, True, "2", None], ids=repr)
def test_the_order_of_a_derivative_is_a_natural_number(n: Any) -> None:
    with pytest.raises(ValueError, match="derivative: n must be an int ≥ 0"):
        derivative(SQUARE, 1.0, n)


@pytest.mark.parametrize("make", [grad, value_and_grad, jacobian, hessian])
@pytest.mark.parametrize("argnum", [2, -3, "w", (0, 2), ("x", "w"), 10**30], ids=repr)
def test_argnums_out_of_range_are_an_error_that_names_what_there_is(make: Any, argnum: Any) -> None:
    worst = argnum[1] if isinstance(argnum, tuple) else argnum
    with pytest.raises(ValueError, match=re.escape(f"argnums names argument {worst!r}, but the call has 0, 'y'")):
        make(lambda x, y: x * y, argnum)(2.0, y=3.0)


@pytest.mark.parametrize("argnum", [True, False, 1.0, None, (0, True), (0, None), {"x": True}.values()], ids=repr)
def test_argnums_are_places_or_names(argnum: Any) -> None:
    worst = argnum if argnum in (True, False, None) or isinstance(argnum, float) else [*argnum][-1]
    with pytest.raises(TypeError, match=f"grad: argnums must be .*got .*{worst}"):
        grad(lambda x, y: x * y, argnum)(2.0, 3.0)


@pytest.mark.parametrize("argnums", [(0, 0), (0, -2), ("x", 0), ("x", "x"), (1, "y")], ids=repr)
def test_an_argument_named_twice_is_an_error(argnums: Any) -> None:
    """Only one of the two could get the gradient; the other would be 0, silently."""
    with pytest.raises(ValueError, match="argnums .* twice"):
        grad(lambda x, y: x * y, argnums)(2.0, 3.0)


def test_the_name_of_an_argument_left_to_its_default_is_an_error() -> None:
    with pytest.raises(ValueError, match="argnums names argument 'z', but the call has 0, 1"):
        grad(quadratic, "z")(2.0, 3.0)


@pytest.mark.parametrize("name", ["rest", "scale", "options"])
def test_a_name_that_stands_for_no_single_place_is_an_error(name: str) -> None:
    """Counted among the parameters, ``scale`` would be the third argument: the gradient of another."""

    def f(first: Any, *rest: Any, scale: float = 1.0, **options: Any) -> Any:
        return first * rest[0] * rest[1] * rest[2] * scale

    with pytest.raises(ValueError, match=f"argnums names argument '{name}', but the call has 0, 1, 2, 3"):
        grad(f, name)(1.0, 2.0, 3.0, 4.0)


@pytest.mark.parametrize("argnum", [1, -2])
def test_a_place_beyond_the_only_argument_is_no_count_of_none(argnum: int) -> None:
    with pytest.raises(ValueError, match=f"argnums names argument {argnum}, but the call has only 0"):
        grad(lambda x: x * x, argnum)(2.0)


def test_a_place_passed_by_name_is_an_error_that_tells_the_names() -> None:
    with pytest.raises(ValueError, match="argnums names argument 0, but the call has 'x', 'y'"):
        grad(quadratic)(x=2.0, y=3.0)
    with pytest.raises(ValueError, match="argnums names argument 0, but the call has none"):
        grad(lambda: Value(1.0))()


def test_the_gradient_of_a_number_is_an_error_with_the_cure() -> None:
    x = Value(2.0)
    for y in ((x * x).data, math.sin(x.data), np.float64(x.data)):
        with pytest.raises(
            TypeError, match="gradient: y must be a Value, got .*Write autograd.sin.v. or v.sin.. instead of math.sin.v."
        ):
            gradient(y, [x])  # type: ignore[call-overload]


def test_a_gradient_by_a_node_that_is_not_in_the_graph_is_an_error() -> None:
    x, stranger = Value(2.0), Value(3.0, "stranger")
    y = x * x
    with pytest.raises(ValueError, match=r"y doesn't depend on x\[1\] = Value\(3.0, name='stranger'\); .*use grad\(f\)"):
        gradient(y, [x, stranger])
    with pytest.raises(ValueError, match="compute y from that very node"):
        gradient(y, Value(2.0))
    with pytest.raises(ValueError, match="y doesn't depend on"):
        gradient(x, y)  # the wrong way round


@pytest.mark.parametrize("thing", [2.0, "x", None], ids=repr)
def test_a_gradient_by_something_else_than_a_node_is_an_error(thing: Any) -> None:
    x = Value(2.0)
    with pytest.raises(TypeError, match=r"gradient: x\[1\] must be a Value of y's graph, got"):
        gradient(x * x, [x, thing])


@pytest.mark.parametrize(
    ("x", "v"),
    [
        ([1.0, 2.0], [1.0]),
        ([1.0, 2.0], 1.0),
        (1.0, [1.0, 2.0]),
        ([1.0, 2.0], [[1.0], [2.0]]),
        ({"a": 1.0}, {"b": 1.0}),
        ({"a": 1.0}, [1.0]),
        ([[1.0, 2.0], [3.0]], [[1.0], [2.0, 3.0]]),
        (np.ones((2, 3)), np.ones((3, 2))),
        (np.ones((2, 2)), np.ones(4)),
    ],
    ids=repr,
)
def test_a_vector_of_another_shape_is_an_error(x: Any, v: Any) -> None:
    with pytest.raises(ValueError, match="hvp: .*give v the shape of x"):
        hvp(weighted_squares)(x, v)
    _, pull = vjp(lambda x: mapped(lambda leaf: leaf * 2.0, x), x)
    with pytest.raises(ValueError, match="vjp: .*weights.*give one for each"):
        pull(v)


@pytest.mark.parametrize("thing", ["x", None, True], ids=repr)
def test_a_vector_of_something_else_than_numbers_is_an_error_that_names_it(thing: Any) -> None:
    with pytest.raises(TypeError, match="hvp: v must be a real number"):
        hvp(SQUARE)(2.0, thing)
    with pytest.raises(TypeError, match="vjp: weight must be a real number"):
        vjp(SQUARE, 2.0)[1](thing)


@pytest.mark.parametrize("result", [Value(1.0), [Value(1.0), 2.0], (Value(1.0),), (Value(1.0), 2.0, 3.0)], ids=repr)
def test_a_function_that_brings_nothing_along_is_an_error(result: Any) -> None:
    with pytest.raises(TypeError, match=r"with has_aux .* must return \(value, aux\), got"):
        value_and_grad(lambda x: result, has_aux=True)(1.0)


@pytest.mark.parametrize("thing", ["x", None, object()], ids=["str", "None", "object"])
def test_an_output_that_is_no_number_is_an_error(thing: Any) -> None:
    for take in (lambda f: jacobian(f)(1.0), lambda f: vjp(f, 1.0)):
        with pytest.raises(TypeError, match="must be a real number, got"):
            take(lambda x: [x, thing])


def test_gradient_inside_a_derivative_keeps_its_graph() -> None:
    """d/dx x·(x³)′ = d/dx 3x³ = 9x²."""
    assert grad(lambda x: x * gradient(x**3, x))(2.0) == 36.0
