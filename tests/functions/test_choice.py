"""``take``: one entry of a list, eagerly and compiled; the derivative goes to the entry alone."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, compile, grad, hessian, scan, take
from tests.support import operations

untyped: Any = take  # for what a checker refuses
ENTRIES = [2.0, 3.0, 5.0, 7.0]
INDICES: list[Any] = [2, 2.0, np.int64(2), np.float64(2.0), np.array(2), Value(2.0)]


@pytest.mark.parametrize("index", INDICES)
def test_any_whole_number_is_an_index(index: Any) -> None:
    values = list(map(Value, ENTRIES))
    entry = take(values, index)
    entry.backward()
    assert entry.data == 5.0
    assert [v.grad for v in values] == [0.0, 0.0, 1.0, 0.0]


def test_of_numbers_it_is_a_number_and_of_values_a_value() -> None:
    assert take(ENTRIES, 1) == 3.0
    assert isinstance(take(ENTRIES, 1), float)
    assert isinstance(take(ENTRIES, Value(1.0)), Value)
    assert isinstance(take([1.0, Value(2.0)], 0), Value)
    assert operations(take([Value(1.0), Value(2.0)], 0)) == []  # plain indexing: no node


def test_values_may_be_an_array_a_tuple_or_rows() -> None:
    assert take(np.array(ENTRIES), 3) == 7.0
    assert take(tuple(ENTRIES), 0) == 2.0
    assert take(np.arange(6.0).reshape(3, 2), 1) == [2.0, 3.0]
    assert [x.data for x in take([[1.0, 2.0], [3.0, 4.0]], Value(1.0))] == [3.0, 4.0]


@pytest.mark.parametrize("index", [4, -1, 0.5, math.nan, math.inf, Value(4.0)])
def test_outside_it_is_an_index_error_that_names_operation_and_bounds(index: Any) -> None:
    with pytest.raises(IndexError, match=r"^take: index must be a whole number from 0 to 3; got "):
        take(ENTRIES, index)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: untyped([], 0), IndexError, "values is empty; got 0"),
        (lambda: untyped(ENTRIES, [0, 1]), TypeError, r"got list \[0, 1\]; write \[take\(values, i\) for i in …\]"),
        (lambda: untyped(ENTRIES, np.array([0, 1])), TypeError, r"got ndarray of shape \(2,\); write \[take"),
        (lambda: untyped(ENTRIES, True), TypeError, "take: index must be a real number, got bool"),
        (lambda: untyped(3.0, 0), TypeError, "take: values must be a list"),
        (lambda: untyped({0: 1.0}, 0), TypeError, "take: values must be a list"),
        (lambda: untyped(["a"], 0), TypeError, "take: an entry must be a real number, got str"),
    ],
)
def test_bad_input_is_named(call: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


# -- compiled ----------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_every_lane_has_the_entry_and_the_derivative_of_plain_indexing(indices: list[int]) -> None:
    value, (entries, index) = SQUARED.value_and_grad(np.array(ENTRIES), np.array(indices, float), argnums=(0, 1))
    assert value.tolist() == [ENTRIES[i] ** 2 for i in indices]
    assert entries.T.tolist() == [[2.0 * x * (i == j) for j, x in enumerate(ENTRIES)] for i in indices]
    assert not index.any()


SQUARED = compile(lambda values, i: take(list(values), i) ** 2, (None, 0))


def test_it_is_compiled_with_one_branch() -> None:
    compiled = compile(lambda values, i: take(list(values), i), (None, 0))
    compiled(np.arange(40.0), np.arange(40.0))
    assert re.findall(r"by lane +(\d+)", str(compiled.explain())) == ["1"]


def test_outside_a_compiled_function_gives_nan() -> None:
    outside = SQUARED(np.array(ENTRIES), np.array([4.0, -1.0, 0.5, math.nan]))
    assert np.isnan(outside).all()


def test_an_infinite_entry_that_is_not_taken_poisons_nothing() -> None:
    value, gradient = compile(lambda v, i: take([v[0], 1.0 / v[0], v[1]], i)).value_and_grad([0.0, 3.0], 2.0)
    assert value == 3.0
    assert list(gradient) == [0.0, 1.0]


def test_rows_of_a_table_by_a_lane() -> None:
    table = np.arange(12.0).reshape(4, 3)
    compiled = compile(lambda table, i: autograd.sum(take(table, i)), (None, 0))
    assert compiled(table, np.array([3.0, 0.0])).tolist() == [30.0, 3.0]


def test_rows_of_several_lengths_are_an_error_that_names_them() -> None:
    with pytest.raises(ValueError, match=r"take: the rows of values must be of one length, got \[1, 2\]"):
        compile(lambda i: take([[1.0], [1.0, 2.0]], i)[0])(0.0)


def test_in_a_loop_the_index_may_be_an_entry_of_xs() -> None:
    def step(state: Any, i: Any) -> Any:
        return state + take([10.0, 20.0, 30.0], i), state

    assert scan(step, 0.0, [2, 0, 0])[0] == 50.0
    assert compile(lambda xs: scan(step, 0.0, xs)[0])(np.array([2.0, 0.0, 0.0])) == 50.0


def test_derivatives_of_every_order() -> None:
    assert grad(lambda x: take([x, x**3, 3.0], Value(1.0)))(2.0) == 12.0
    assert hessian(lambda x: take([x[0] ** 3, x[1]], 0))([2.0, 1.0]) == [[12.0, 0.0], [0.0, 0.0]]
    assert compile(lambda x, i: take([x, x**3], i)).hessian(2.0, 1.0) == 12.0
