"""NumPy's arrays and scalars on either side of the operators (pitfall 36)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import autograd.testing
from autograd import Value
from tests.support import number

ARRAY = np.array([[1.0, 2.0], [3.0, 0.5]])
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv]


def numbers(values: Any) -> list[float]:
    assert all(type(v) is Value for v in values.flat)
    return [v.data for v in values.flat]


@pytest.mark.parametrize("operation", OPERATORS)
def test_an_array_and_a_value_work_both_ways_round_element_by_element(operation: Callable[..., Any]) -> None:
    v = Value(2.5)
    left, right = operation(ARRAY, v), operation(v, ARRAY)
    assert left.shape == right.shape == ARRAY.shape
    np.testing.assert_array_equal(numbers(left), [operation(Value(x), v).data for x in ARRAY.flat])
    np.testing.assert_array_equal(numbers(right), [operation(v, x).data for x in ARRAY.flat])


@pytest.mark.parametrize("operation", OPERATORS)
@pytest.mark.parametrize("scalar", [np.float64(3.0), np.float32(3.0), np.int64(3), np.array(3.0), np.uint8(3)])
def test_a_numpy_scalar_is_a_number_both_ways_round(operation: Callable[..., Any], scalar: Any) -> None:
    v = Value(2.5)
    left, right = operation(scalar, v), operation(v, scalar)
    assert (type(left), type(right)) == (Value, Value)
    assert (left.data, right.data) == (operation(3.0, 2.5), operation(2.5, 3.0))
    assert left.parents == right.parents == (v,)


def test_the_gradient_flows_through_an_array() -> None:
    v = Value(2.0)
    (ARRAY * v).sum().backward()
    assert v.grad == ARRAY.sum()


def objects(*xs: float) -> Any:
    return np.array([Value(x) for x in xs], dtype=object)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (np.exp, ag.exp),
        (np.log, ag.log),
        (np.sin, ag.sin),
        (np.tanh, ag.tanh),
        (np.sqrt, ag.sqrt),
        (np.absolute, ag.abs),
        (np.negative, ag.neg),
        (np.arctan, ag.atan),
        (np.arcsinh, ag.asinh),
        (np.cbrt, ag.cbrt),
        (np.expm1, ag.expm1),
        (np.log1p, ag.log1p),
        (np.exp2, ag.exp2),
        (np.floor, ag.floor),
        (np.sign, ag.sign),
        (np.reciprocal, ag.reciprocal),
        (np.rint, ag.round),
    ],
)
def test_numpys_functions_apply_ours_to_values_and_arrays_of_them(function: Any, expected: Callable[..., Any]) -> None:
    v = Value(0.75)
    result = function(v)
    assert (type(result), result.data, result.parents) == (Value, expected(0.75), (v,))
    if function is not np.sign:  # of an array of objects NumPy takes the sign by comparing, and asks no element
        assert numbers(function(objects(0.75, 0.5))) == [expected(0.75), expected(0.5)]


@pytest.mark.parametrize(
    ("function", "expected"),
    [(np.maximum, ag.maximum), (np.minimum, ag.minimum), (np.hypot, ag.hypot), (np.arctan2, ag.atan2), (np.fmod, ag.fmod)],
)
def test_numpys_functions_of_two_record_both_operands(function: Any, expected: Callable[..., Any]) -> None:
    a, b = Value(3.0), Value(4.0)
    y = function(a, b)
    assert (type(y), y.data, y.parents) == (Value, expected(3.0, 4.0), (a, b))
    assert numbers(function(objects(3.0, 1.0), b)) == [expected(3.0, 4.0), expected(1.0, 4.0)]


def test_dot_sum_and_prod_work_on_arrays_of_values() -> None:
    w, x = objects(1.0, 2.0, 3.0), np.array([4.0, 5.0, 6.0])
    y = np.dot(w, x)
    y.backward()
    assert (y.data, [v.grad for v in w]) == (32.0, [4.0, 5.0, 6.0])
    assert np.dot(x, w).data == (w @ x).data == 32.0
    assert (w.sum().data, w.prod().data, np.add.reduce(w).data) == (6.0, 6.0, 6.0)
    matrix = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    assert [v.data for v in matrix @ np.array([1.0, 1.0])] == [3.0, 7.0]


def test_squares_and_powers_are_recorded() -> None:
    v: Any = Value(3.0)
    for y in (np.square(v), np.power(v, 2)):
        v.grad = None
        y.backward()
        assert (y.data, v.grad) == (9.0, 6.0)


def test_a_result_out_of_the_domain_is_nan_without_a_warning() -> None:
    """NumPy looks at the processor's flags after a loop over objects; ours may raise them."""
    assert str((np.array([-8.0]) ** Value(0.5))[0].data) == "nan"
    assert np.log(Value(0.0)).data == (-np.array([1.0]) / Value(0.0))[0].data == -np.inf


def test_an_array_is_compared_element_by_element() -> None:
    assert (Value(0.75) < ARRAY).tolist() == [[True, True], [True, False]]
    assert (Value(3.0) == ARRAY).tolist() == [[False, False], [True, False]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("function", "expected"),
    [(np.hypot, ag.hypot), (np.arctan2, ag.atan2), (np.fmod, ag.fmod), (np.power, ag.pow), (np.divide, ag.div)],
)
def test_functions_of_two_arrays_of_values_record_both(function: Any, expected: Callable[..., Any]) -> None:
    """NumPy asks the elements for methods of that name."""
    a, b = objects(3.0, -1.0), objects(4.0, 2.0)
    y = function(a, b)
    assert numbers(y) == [expected(3.0, 4.0), expected(-1.0, 2.0)]
    assert [v.parents for v in y] == [(a[0], b[0]), (a[1], b[1])]
    assert numbers(function(a, np.array([4.0, 2.0]))) == numbers(function(a, 4.0)[:1]) + numbers(function(a, 2.0)[1:])


@pytest.mark.parametrize("name", ["std", "var", "mean", "median", "ptp", "sum", "prod", "cumsum", "diff", "average"])
def test_statistics_of_an_array_of_values_have_gradients(name: str) -> None:
    function, at = getattr(np, name), np.array([1.0, 4.0, 2.5, 7.0])
    f = lambda x: np.sum(function(x))  # noqa: E731
    assert number(f(np.frompyfunc(Value, 1, 1)(at))) == pytest.approx(f(at), rel=1e-15)
    assert ag.testing.check_gradients(f, at)


def test_quotient_and_remainder_of_arrays_and_values() -> None:
    v: Any = Value(3.0)
    array = np.array([5.0, -7.0])
    for quotients, remainders in (divmod(array, v), np.divmod(array, v), divmod(objects(5.0, -7.0), v)):
        assert (numbers(quotients), numbers(remainders)) == ([1.0, -3.0], [2.0, 2.0])
        assert v in remainders[0].parents
    quotients, remainders = divmod(v, array)
    assert (numbers(quotients), numbers(remainders)) == ([0.0, -1.0], [3.0, -4.0])
    assert divmod(np.float64(5.0), v) == np.divmod(5.0, v) == (1.0, 2.0)


def test_clipping_a_value_or_by_a_value_is_our_clip() -> None:
    v: Any = Value(3.0)
    for y in (np.clip(v, 0.0, 2.0), np.clip(v, a_min=0.0, a_max=2.0), np.clip(5.0, 0.0, v)):
        assert (y.op, v in y.parents) == ("clip", True)
    assert np.clip(v, 0.0, 3.0).local_derivatives[0] == 0.0  # at the bound
    assert [y.op for y in np.clip(objects(1.0, 5.0), 0.0, v)] == ["clip", "clip"]


def test_clipping_an_array_of_values_by_numbers_has_the_right_gradient() -> None:
    """NumPy compares, and answers with the bound itself: a constant, whose derivative is 0."""
    x = objects(-1.0, 0.5, 4.0)
    np.clip(x, 0.0, 2.0).sum().backward()
    assert [v.grad_or_none for v in x] == [None, 1.0, None]
    assert np.sign(x).tolist() == [-1, 1, 1]


def test_questions_about_a_value_are_answered_as_about_its_number() -> None:
    v: Any = Value(3.0)
    assert (np.isnan(v), np.isfinite(v), np.isinf(v), np.signbit(-v)) == (False, True, False, True)
    assert np.allclose(v, 3.0)
    assert (np.conjugate(v), np.real(objects(1.0))[0].data) == (3.0, 1.0)


def test_a_value_in_an_array_without_axes_is_an_operand() -> None:
    """np.polyval makes one of its argument."""
    v: Any = Value(3.0)
    y = np.polyval([2.0, 1.0, 5.0], v)
    y.backward()  # type: ignore[attr-defined]
    assert (type(y), y.data, v.grad) == (Value, 26.0, 13.0)


@pytest.mark.parametrize("take", [ag.jacobian, lambda f: lambda x: ag.vjp(f, x)], ids=["jacobian", "vjp"])
def test_a_message_about_the_shape_of_an_array_gives_no_advice_that_makes_no_sense(take: Any) -> None:
    for call in (lambda: take(lambda x: np.array(["1", "2"]))(ARRAY), lambda: ag.hvp(lambda x: x.sum())(ARRAY, [1.0])):
        with pytest.raises((TypeError, ValueError)) as caught:
            call()
        assert "shape (" in str(caught.value)
        assert "element" not in str(caught.value)


IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "*=": operator.imul,
    "+=": operator.iadd,
    "/=": operator.itruediv,
    "**=": operator.ipow,
    "out": lambda array, v: np.add(array, v, out=array),
}


@pytest.mark.parametrize("way", IN_PLACE)
def test_a_value_into_an_array_of_floats_is_an_error_that_says_what_to_write(way: str) -> None:
    with pytest.raises(TypeError, match=r"^np.\w+: an array of float64 can't hold Values; write a = a \* v .*dtype=object"):
        IN_PLACE[way](np.ones(3), Value(2.0))
    array = np.ones(3, dtype=object)
    assert [type(x) for x in IN_PLACE[way](array, Value(2.0))] == [Value] * 3


@pytest.mark.parametrize("name", ["erf", "erfc", "expit", "gammaln", "log_expit", "ndtr", "psi"])
def test_functions_of_scipy_are_ours(name: str) -> None:
    function = getattr(pytest.importorskip("scipy.special"), name)
    value = function(Value(0.7))
    assert value.data == pytest.approx(function(0.7), rel=1e-15)
    slope = (function(0.7 + 1e-6) - function(0.7 - 1e-6)) / 2e-6
    assert ag.grad(function)(0.7) == pytest.approx(slope, rel=1e-8)


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul])
def test_a_masked_array_and_a_value_work_both_ways_round(operation: Callable[..., Any]) -> None:
    def total(v: Any) -> Any:
        array = np.ma.array([1.5, 2.5, 99.0], mask=[False, False, True])
        return operation(array, v).sum() + operation(v, array).sum()

    def by_hand(v: Any) -> Any:
        return sum(operation(x, v) + operation(v, x) for x in (1.5, 2.5))

    assert ag.value_and_grad(total)(0.7) == ag.value_and_grad(by_hand)(0.7)
    compiled = ag.compile(total)
    assert [compiled(1.1), compiled(0.7)] == pytest.approx([by_hand(1.1), by_hand(0.7)], rel=1e-14)


@pytest.mark.parametrize("operation", [operator.truediv, operator.pow])
def test_what_masked_arrays_compute_of_floats_alone_is_an_error(operation: Callable[..., Any]) -> None:
    with pytest.raises(TypeError):
        operation(np.ma.array([1.5, 2.5], mask=[False, True]), Value(0.7))
