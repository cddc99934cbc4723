"""Fast paths at points: which calls take them, and that these give what the ordinary way gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Value, compile, exp, primitive, sin
from autograd.compiler.runtime.builtin import MISS


def is_fast(compiled: Any, *arguments: Any) -> bool:
    """Whether a call with these arguments takes the fast path."""
    (fastpath,) = compiled.fastpaths.values()
    return fastpath(arguments) is not MISS


def warm(f: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Compiled, and called once."""
    compiled = compile(f, **options)
    compiled(*arguments)
    return compiled


def rosenbrock(x: Any) -> Any:
    return (1.0 - x[0]) ** 2 + 100.0 * (x[1] - x[0] ** 2) ** 2


STRIDED = np.arange(8.0).reshape(4, 2)[::2]


@pytest.mark.parametrize("x", [STRIDED[0], STRIDED[:, 1], np.array([2.0, 0.5])], ids=["row", "column", "whole"])
def test_gradients_by_an_array_take_the_fast_path(x: Any) -> None:
    x.flags.writeable = False
    f = compile(rosenbrock)
    value, gradient = f.value_and_grad(x)
    assert is_fast(f, x)
    again, same = f.value_and_grad(x)
    assert (again, type(again)) == (value, float)
    np.testing.assert_array_equal(same, gradient)
    np.testing.assert_array_equal(gradient, compile(rosenbrock).grad(x.tolist()))


@pytest.mark.parametrize("x", [2, np.float64(2.0), 2.0], ids=["int", "float64", "float"])
def test_numbers_of_other_types_take_it_and_give_floats(x: Any) -> None:
    f = warm(lambda x, y: x * sin(y), 0.5, 1.0)
    assert is_fast(f, x, 3)
    assert (f(x, 3), type(f(x, 3))) == (f(2.0, 3.0), float)


@pytest.mark.parametrize("x", [np.float32(2.0), 2**2000, True, Value(2.0), "2"], ids=lambda x: type(x).__name__)
def test_other_arguments_miss_it(x: Any) -> None:
    assert not is_fast(warm(lambda x, y: x * sin(y), 0.5, 1.0), x, 3.0)


def test_an_int_that_no_float_can_hold_is_infinite() -> None:
    assert warm(lambda x: x * 2.0, 1.0)(-(2**2000)) == -np.inf


@pytest.mark.parametrize(
    "x",
    [np.zeros(3), np.zeros((1, 2)), np.zeros(2, "f4"), np.zeros(2, int), np.ma.masked_array(np.zeros(2)), [0.0, 0.0], 0.0],
    ids=["longer", "two axes", "float32", "int", "masked", "list", "number"],
)
def test_other_arrays_miss_it(x: Any) -> None:
    assert not is_fast(warm(rosenbrock, np.zeros(2)), x)


def test_nested_arguments_with_arrays_take_it() -> None:
    def f(p: Any, x: Any) -> Any:
        return {"y": [p["w"][0, 1] * x, p["w"][1, 0] + p["b"][0]]}

    arguments = {"w": np.arange(4.0).reshape(2, 2), "b": [3.0]}, 2.0
    compiled = compile(f)
    expected = compiled.jacobian(*arguments)
    assert is_fast(compiled, *arguments)
    found = compiled.jacobian(*arguments)
    np.testing.assert_equal(found, expected)


def test_every_branch_that_was_taken_is_fast() -> None:
    def f(x: Any) -> Any:
        return x * x if x > 1.0 else exp(x) if x > 0.0 else 3.0 * x

    compiled = compile(f)
    xs = [2.0, 0.5, -1.0]
    expected = [compiled(x) for x in xs]
    assert [is_fast(compiled, x) for x in [*xs, 3, -7.0, 0.0]] == [True] * 6
    assert [compiled(x) for x in xs] == expected
    assert compiled.explain().branches == 3


def test_a_branch_that_is_new_misses_the_fast_path() -> None:
    compiled = warm(lambda x: x if x > 0.0 else -x, 1.0)
    assert not is_fast(compiled, -1.0)
    assert (compiled(-1.0), compiled.explain().branches) == (1.0, 2)


def test_captured_leaves_are_read_anew() -> None:
    w = Value(3.0)
    f = warm(lambda x: w * x, 1.0)
    assert is_fast(f, 2.0)
    w.data = 5.0
    assert f(2.0) == 10.0


def test_primitives_wait_for_the_guards() -> None:
    calls: list[float] = []

    @primitive(lambda _, x: x * 0.0 + 1.0)
    def noted(x: float) -> float:
        calls.append(x)
        return x

    f = warm(lambda x: noted(x) if x > 0.0 else x, 1.0)
    calls.clear()
    assert (f(-1.0), calls) == (-1.0, [])
