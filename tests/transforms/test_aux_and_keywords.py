"""``has_aux``, keywords and several arguments in every transform; ``linearize`` and ``jacfwd`` against their kin."""

from __future__ import annotations

import math
import pickle
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import (
    GraphCutError,
    Value,
    detect_anomaly,
    grad,
    gradient,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    linearize,
    value_and_grad,
    vjp,
)
from tests.support import bits

AUX = {"text": "left alone"}


def product(x: Any, y: Any, scale: float = 1.0) -> Any:
    return scale * x**2 * y


def with_aux(x: Any, y: Any, scale: float = 1.0) -> Any:
    return product(x, y, scale), AUX


EACH: dict[str, Callable[..., Any]] = {
    "grad": lambda f, **aux: grad(f, (0, 1), **aux)(3.0, 2.0, scale=10.0),
    "value_and_grad": lambda f, **aux: value_and_grad(f, **aux)(3.0, 2.0, scale=10.0),
    "jacobian": lambda f, **aux: jacobian(f, "y", **aux)(3.0, y=2.0, scale=10.0),
    "jacfwd": lambda f, **aux: jacfwd(f, (0, 1), **aux)(3.0, 2.0, scale=10.0),
    "hessian": lambda f, **aux: hessian(f, (0, 1), **aux)(3.0, 2.0, scale=10.0),
    "hvp": lambda f, **aux: hvp(f, (0, 1), **aux)(3.0, 2.0, (1.0, 10.0), scale=10.0),
    "jvp": lambda f, **aux: jvp(f, (3.0, 2.0), (1.0, 10.0), scale=10.0, **aux),
    "vjp": lambda f, **aux: vjp(f, 3.0, 2.0, scale=10.0, **aux)[0],
    "linearize": lambda f, **aux: linearize(f, 3.0, 2.0, scale=10.0, **aux)[0],
}
EXPECTED: dict[str, Any] = {
    "grad": (120.0, 90.0),
    "value_and_grad": (180.0, 120.0),
    "jacobian": 90.0,
    "jacfwd": (120.0, 90.0),
    "hessian": ((40.0, 60.0), (60.0, 0.0)),
    "hvp": (640.0, 60.0),
    "jvp": (180.0, 1020.0),
    "vjp": 180.0,
    "linearize": 180.0,
}


@pytest.mark.parametrize("name", EACH)
def test_what_f_takes_by_keyword_comes_by_keyword(name: str) -> None:
    assert EACH[name](product) == EXPECTED[name]


@pytest.mark.parametrize("name", ["grad", "jacobian", "jacfwd", "hessian", "hvp"])
def test_what_f_returns_beside_its_value_is_returned_beside_the_derivative(name: str) -> None:
    found, aux = EACH[name](with_aux, has_aux=True)
    assert found == EXPECTED[name]
    assert aux is AUX


def test_functions_that_return_a_pair_return_aux_behind_it() -> None:
    assert value_and_grad(with_aux, has_aux=True)(3.0, 2.0) == ((18.0, AUX), 12.0)
    assert jvp(with_aux, (3.0, 2.0), (1.0, 10.0), has_aux=True) == (18.0, 102.0, AUX)
    value, pull, aux = vjp(with_aux, 3.0, 2.0, has_aux=True)
    assert (value, pull(2.0), aux) == (18.0, (24.0, 18.0), AUX)
    value, moved, aux = linearize(with_aux, 3.0, 2.0, has_aux=True)
    assert (value, moved(1.0, 10.0), aux) == (18.0, 102.0, AUX)


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("result", [lambda x: x, lambda x: (x, x, x), lambda x: [x, x]], ids=["number", "three", "list"])
def test_with_has_aux_a_result_that_is_no_pair_is_refused(name: str, result: Any) -> None:
    def f(x: Any, y: Any, scale: float) -> Any:
        return result(product(x, y, scale))

    with pytest.raises(TypeError, match=rf"^{name}: with has_aux f must return \(value, aux\), got "):
        EACH[name](f, has_aux=True)


def untyped(f: Any) -> Any:
    return f


# -- hvp of several arguments ----------------------------------------------------------------------------


def test_the_product_by_several_arguments_is_their_hessian_times_v() -> None:
    f = lambda p, q: ag.sin(p["a"] * q[0]) * q[1]  # noqa: E731
    p, q, v = {"a": 0.5}, [1.5, 2.0], ({"a": 1.0}, [-1.0, 0.25])
    by_p, by_q = hvp(f, (0, 1))(p, q, v)
    of_p, of_q = hessian(f, (0, 1))(p, q)
    for found, (row_p, row_q) in zip([by_p["a"], *by_q], [of_p["a"], *of_q], strict=True):
        assert found == pytest.approx(row_p["a"] * 1.0 + row_q[0] * -1.0 + row_q[1] * 0.25, rel=1e-14)


def test_the_product_by_another_argument_than_the_first_has_its_shape() -> None:
    assert hvp(product, 1)(3.0, 2.0, 5.0) == 0.0
    assert hvp(product, "y")(3.0, 1.0, y=2.0) == 0.0
    assert hvp(lambda x, y: x * ag.dot(y, y), argnums=1)(3.0, [1.0, 2.0], [1.0, 0.0]) == [6.0, 0.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: untyped(hvp(product))(), TypeError, "hvp: v is missing; give f's arguments and then v"),
        (
            lambda: hvp(product, (0, 1))(3.0, 2.0, 1.0),
            ValueError,
            "hvp: give v the shape of x; got float 1.0 in the place of tuple",
        ),
        (lambda: untyped(hvp(product))(3.0, 2.0, "1"), TypeError, "hvp: v"),
        (lambda: hvp(product, 2)(3.0, 2.0, 1.0), ValueError, "hvp: argnums names argument 2, but the call has 0, 1"),
        (lambda: linearize(product, 3.0, 2.0)[1](1.0), ValueError, "linearize: the tangents need the primals' shapes"),
        (lambda: linearize(product, 3.0, 2.0)[1](1.0, "a"), TypeError, "linearize: tangent"),
        (lambda: untyped(linearize)(3.0, 2.0), TypeError, "linearize: f must be a function, got float 3.0"),
        (lambda: jacfwd(lambda x: "a")(1.0), TypeError, "jacfwd: "),
    ],
)
def test_bad_input_is_named(call: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert message in str(raised.value)


# -- linearize and jacfwd ------------------------------------------------------------------------------------


def smooth(x: Any, y: Any) -> Any:
    z = ag.tanh(x[0] * y) + ag.exp(x[1])
    return {"a": z * z, "b": [ag.atan2(z, x[0]), 5.0, x[1]]}


numbers = st.floats(-3.0, 3.0)


@settings(max_examples=50, deadline=None)
@given(st.tuples(numbers, numbers, numbers), st.tuples(numbers, numbers, numbers))
def test_the_linear_approximation_has_the_bits_of_jvp(
    point: tuple[float, float, float], direction: tuple[float, float, float]
) -> None:
    (a, b, y), (da, db, dy) = point, direction
    value, moved = linearize(smooth, [a, b], y)
    for tangents in ([da, db], dy), ([0.0, 1.0], 0.0):
        expected_value, expected = jvp(smooth, ([a, b], y), tangents)
        found = moved(*tangents)
        assert bits(found["a"]) == bits(expected["a"])
        assert list(map(bits, found["b"])) == list(map(bits, expected["b"]))
        assert value == expected_value


@settings(max_examples=50, deadline=None)
@given(numbers, numbers, numbers)
def test_forward_and_reverse_mode_give_the_same_jacobian(a: float, b: float, y: float) -> None:
    forward, reverse = [jac(smooth, (0, 1))([a, b], y) for jac in (jacfwd, jacobian)]
    assert list(forward) == list(reverse) == ["a", "b"]
    for one, other in zip([forward["a"], *forward["b"]], [reverse["a"], *reverse["b"]], strict=True):
        assert one[0] == pytest.approx(other[0], rel=1e-12, abs=1e-12)
        assert one[1] == pytest.approx(other[1], rel=1e-12, abs=1e-12)


def test_jacfwd_has_the_shapes_of_jacobian() -> None:
    w = np.array([[1.0, 2.0], [3.0, 4.0]])
    f = lambda w, b: (w @ np.array([1.0, b]), [b])  # noqa: E731
    (rows, other), (expected, another) = jacfwd(f)(w, 2.0), jacobian(f)(w, 2.0)
    assert (rows.tolist(), rows.shape) == (expected.tolist(), (2, 2, 2))
    assert np.array_equal(other[0], another[0])
    assert jacfwd(lambda x: [])(1.0) == jacobian(lambda x: [])(1.0) == []
    assert jacfwd(lambda x: [1.0, 2.0])([]) == jacobian(lambda x: [1.0, 2.0])([]) == [[], []]


def test_derivatives_of_values_are_values_that_can_be_differentiated_again() -> None:
    x = Value(2.0)
    (second,) = jacfwd(lambda x: [x**3])(x)
    assert (second, gradient(second, x)) == (12.0, 12.0)
    value, moved = linearize(lambda x: x**3, x)
    assert (value, moved(2.0), gradient(moved(2.0), x)) == (8.0, 24.0, 24.0)
    assert hessian(jacfwd(lambda x: x**3))(2.0) == 6.0
    assert grad(lambda x: linearize(lambda z: z**3, x)[1](1.0))(2.0) == 12.0


def test_a_tangent_may_be_a_value() -> None:
    _, moved = linearize(lambda x, y: [x * x, 3.0 * y], 2.0, 1.0)
    dx = Value(5.0)
    first, second = moved(dx, 0.0)
    assert (first, gradient(first, dx)) == (20.0, 4.0)
    assert isinstance(second, Value)
    assert second.data == 0.0


def counted_square(counts: Counter[str]) -> Callable[[Any], Any]:
    def derivatives(y: Any, x: Any) -> tuple[Any]:
        counts["derivative"] += 1
        return (2.0 * x,)

    @ag.primitive(derivatives)
    def square(x: float) -> float:
        counts["value"] += 1
        return x * x

    return square


def test_f_runs_once_and_its_local_derivatives_are_computed_once() -> None:
    counts: Counter[str] = Counter()
    square = counted_square(counts)
    _, moved = linearize(square, 3.0)
    assert [moved(dx) for dx in (1.0, 2.0, 3.0)] == [6.0, 12.0, 18.0]
    assert counts == {"value": 1, "derivative": 1}


def test_jvp_walks_the_graph_once_for_all_outputs() -> None:
    counts: Counter[str] = Counter()
    square = counted_square(counts)

    def f(x: Value) -> list[Value]:
        y = square(x)
        return [y * k for k in range(20)]

    jvp(f, (3.0,), (1.0,))
    assert counts["derivative"] == 1


def test_a_number_that_leaves_the_graph_is_an_error_here_too() -> None:
    with pytest.raises(GraphCutError):
        jacfwd(lambda x: [math.sin(x)])(1.0)
    with pytest.raises(GraphCutError):
        linearize(lambda x: math.sin(x), 1.0)


def test_an_anomaly_is_found() -> None:
    with detect_anomaly(), pytest.raises(ag.AnomalyError):
        jacfwd(lambda x: [x.sqrt()])(0.0)


def test_jacfwd_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(jacfwd(ag.sin)))(0.0) == 1.0
    assert pickle.loads(pickle.dumps(hvp(ag.square, argnums=0)))(1.0, 3.0) == 6.0
