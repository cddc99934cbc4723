"""Implicit functions: their derivatives, and what holds them in memory."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import weakref
from typing import Any

import pytest

from autograd import StaleGraphError, Value, compile, derivative, explain, gradient, hessian, sqrt, taylor
from autograd.testing import check_gradients
from autograd.transforms.implicit import implied


def square_root(a: Any) -> Any:
    number = a.data if isinstance(a, Value) else a
    return implied(lambda x: [x[0] * x[0] - a], [math.sqrt(number)])[0]


def sum_and_product(a: Any) -> Any:
    """The two numbers whose sum is a[0] and whose product is a[1]."""
    difference = math.sqrt(a[0].data ** 2 - 4 * a[1].data)
    start = [(a[0].data + difference) / 2, (a[0].data - difference) / 2]
    return implied(lambda x: [x[0] + x[1] - a[0], x[0] * x[1] - a[1]], start)


def test_what_depends_on_no_value_is_a_plain_number() -> None:
    assert implied(lambda x: [x[0] * x[0] - 4.0], [2.0]) == [2.0]


@pytest.mark.parametrize("n", range(8))
def test_every_order_is_that_of_the_formula(n: int) -> None:
    assert derivative(square_root, 9.0, n) == pytest.approx(derivative(sqrt, 9.0, n), rel=1e-13)


def test_taylor_goes_through_an_unknown() -> None:
    assert taylor(square_root, 4.0, 5) == pytest.approx(taylor(sqrt, 4.0, 5), rel=1e-13)


def test_a_system_has_the_hessian_of_its_formula() -> None:
    def formula(a: Any) -> Any:
        d = sqrt(a[0] * a[0] - 4.0 * a[1])
        return 2.0 * ((a[0] + d) / 2.0) + (a[0] - d) / 2.0

    def unknowns(a: Any) -> Any:
        x, y = sum_and_product(a)
        return 2.0 * x + y

    expected = hessian(formula)([5.0, 2.0])
    for row, like in zip(hessian(unknowns)([5.0, 2.0]), expected, strict=True):
        assert row == pytest.approx(like, rel=1e-13)


def test_orders_of_a_system_cost_no_more_than_each_others_sum() -> None:
    """The unknowns share what is found of their derivatives: else n of them would take nᵏ times as long."""
    calls = 0

    def counted(a: Any) -> Any:
        nonlocal calls
        x = implied(lambda x: [x[i] ** 3 + x[(i + 1) % 4] - a for i in range(4)], [1.0] * 4)
        calls += 1
        return sum(x)

    d4 = derivative(counted, 2.0, 4)
    assert calls == 1
    assert d4 == pytest.approx(
        4 * derivative(lambda a: implied(lambda x: [x[0] ** 3 + x[0] - a], [1.0])[0], 2.0, 4), rel=1e-12
    )


def test_unknowns_leave_nothing_to_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        a = Value(9.0)
        x = square_root(a)
        (first,) = gradient(x, [a], create_graph=True)
        (second,) = gradient(first, [a], create_graph=True)
        gone = weakref.ref(x)
        del x, first, second
        assert gone() is None
    finally:
        gc.enable()


def test_a_leaf_that_was_set_since_makes_it_stale() -> None:
    a = Value(9.0)
    x = square_root(a)
    a.data = 4.0
    with pytest.raises(StaleGraphError):
        x.backward()


def test_a_copy_has_the_derivative() -> None:
    twin = copy.deepcopy(square_root(Value(9.0)))
    twin.backward()
    assert [parent.grad for parent in twin.parents] == [1.0 / 6.0]


def test_it_is_not_pickled() -> None:
    with pytest.raises(
        pickle.PicklingError, match=r"root: what solves an equation isn't pickled, .* pickle its number, v\.data"
    ):
        pickle.dumps(square_root(Value(9.0)))


def test_a_trace_refuses_what_was_solved_before() -> None:
    x = square_root(Value(9.0))
    with pytest.raises(TypeError, match=r"root: Value\(3\.0\) was solved before .* call root inside"):
        compile(lambda t: x * t)(2.0)


def test_its_value_is_that_of_other_numbers_too() -> None:
    a = Value(9.0, name="a")
    rule = square_root(a)._rule
    assert rule.value(3.0, 16.0) == 4.0
    assert math.isnan(rule.value(3.0, -1.0))
    check_gradients(square_root, 9.0, order=2)
    assert "root(3, a)" in str(explain(square_root(a) * 2.0, a))
