"""``scan`` as plain Python runs it: the loop, what it takes and gives, and what it says to what it can't take."""

from __future__ import annotations

import re
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, no_grad, scan

Point = namedtuple("Point", "x v")


def add(total: Any, x: Any) -> tuple[Any, Any]:
    return total + x, total


@given(st.floats(-10, 10), st.lists(st.floats(-10, 10), min_size=1, max_size=20))
def test_it_is_the_loop(start: float, xs: list[float]) -> None:
    state, ys, expected = start, [], []
    for x in xs:
        state, y = add(state, x)
        ys.append(y)
        expected = ys
    assert scan(add, start, xs) == (state, expected)


def test_values_are_recorded_as_the_loop_records_them() -> None:
    w = Value(0.5)
    x: list[Any] = [Value(1.0), Value(2.0), 3.0]
    last, ys = scan(lambda s, each: (s * w + each, s), Value(1.0), x)
    s: Any = Value(1.0)
    for each in x:
        s = s * w + each
    assert last.data == s.data == 4.375
    assert len(ys) == 3
    assert isinstance(ys[1], Value)
    last.backward()
    assert [w.grad, x[0].grad, x[1].grad] == [3.75, 0.25, 0.5]


def test_it_is_differentiated_to_any_order() -> None:
    cube = lambda x: scan(lambda s, _: (s * x, None), 1.0, length=3)[0]  # noqa: E731
    assert [ag.derivative(cube, 2.0, n) for n in range(4)] == [8.0, 12.0, 12.0, 6.0]
    assert ag.jvp(cube, (2.0,), (1.0,)) == (8.0, 12.0)


def test_under_no_grad_no_graph_is_kept() -> None:
    with no_grad():
        state, _ = scan(add, Value(1.0), [1.0, 2.0])
    assert (state.data, state.parents) == (4.0, ())


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ([1.0, 2.0], lambda s, x: ([s[1], s[0] + x], None)),
        ({"a": 1.0, "b": (2.0, [3.0])}, lambda s, x: ({"b": (s["b"][0] + x, [s["a"]]), "a": s["b"][1][0]}, None)),
        (Point(1.0, 2.0), lambda s, x: (Point(s.x + s.v, s.v * x), None)),
        (np.array([1.0, 2.0]), lambda s, x: (s[::-1] * x, None)),
        (None, lambda s, x: (None, x)),
    ],
)
def test_a_state_may_be_any_structure(state: Any, step: Any) -> None:
    expected = state
    for x in (1.0, 2.0, 3.0):
        expected, _ = step(expected, x)
    found, _ = scan(step, state, [1.0, 2.0, 3.0])
    assert type(found) is type(state)
    assert np.array_equal(found, expected) if isinstance(state, np.ndarray) else found == expected


def test_a_tuple_of_xs_gives_a_tuple_for_each_step_and_a_dict_a_dict() -> None:
    assert scan(lambda s, x: (s, x), 0.0, ([1, 2], [3, 4]))[1] == ([1, 2], [3, 4])
    assert scan(lambda s, x: (s, x["a"] + x["b"]), 0.0, {"a": [1, 2], "b": [3, 4]})[1] == [4, 6]
    assert scan(lambda s, x: (s, x), 0.0, (Point([1, 2], [3, 4]), None))[1] == (Point([1, 2], [3, 4]), None)


def test_rows_of_an_array_are_entries_and_so_are_nested_lists() -> None:
    rows = np.arange(6.0).reshape(3, 2)
    assert scan(lambda s, x: (s + x[0] * x[1], None), 0.0, rows)[0] == 26.0
    assert scan(lambda s, x: (s + x[0] * x[1], None), 0.0, rows.tolist())[0] == 26.0
    assert scan(lambda s, x: (s + x, None), 0.0, np.arange(3))[0] == 3.0
    assert scan(add, 0, range(4))[0] == 6


def test_ys_are_stacked_as_xs_are_given() -> None:
    xs = [1.0, 2.0, 3.0]
    assert scan(lambda s, x: (s, (x, {"a": -x})), 0.0, xs)[1] == (xs, {"a": [-1.0, -2.0, -3.0]})
    assert scan(lambda s, x: (s, [x, -x]), 0.0, xs)[1] == [[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]]
    assert scan(lambda s, _: (s, None), 0.0, xs)[1] is None
    _, ys = scan(lambda s, x: (s, np.array([x, s])), Value(0.0), xs)
    assert (ys.shape, ys.dtype) == ((3, 2), object)
    assert scan(lambda s, y: (s, y[0]), 0.0, ys)[1] == xs


def test_no_steps_give_the_state_that_came() -> None:
    assert scan(add, 5.0, []) == (5.0, [])
    assert scan(add, 5.0, length=0) == (5.0, [])


def test_length_may_be_an_int_of_numpy_and_stand_beside_xs() -> None:
    assert scan(lambda s, _: (s + 1, None), 0, length=np.int64(3))[0] == 3
    assert scan(add, 0.0, [1.0, 2.0], length=2)[0] == 3.0


# -- bad input -------------------------------------------------------------------------------------------


def grows(s: Any, x: Any) -> Any:
    return {"a": s["a"], "v": [*s["v"], x]}, None


LINE = grows.__code__.co_firstlineno


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3.0, add), TypeError, "step must be a function (state, x) -> (state, y), got float 3.0"),
        ((add, 0.0), ValueError, "needs xs, a list with an entry for each step, or length, the number of steps; got nei"),
        ((add, 0.0, ()), ValueError, "needs xs"),
        ((add, 0.0, [1.0], 2), ValueError, "length is 2, but xs has 1 entries; leave length out, or give as many"),
        ((add, 0.0, {"a": [1.0, 2.0], "b": [1.0]}), ValueError, "xs['a'] has 2 entries, and xs['b'] has 1; give one"),
        ((add, 0.0, None, -1), ValueError, "length must be an int ≥ 0, the number of steps, got -1"),
        ((add, 0.0, None, 2.0), TypeError, "length must be an int, the number of steps, got float 2.0"),
        ((add, 0.0, None, True), TypeError, "length must be an int, the number of steps, got bool True"),
        ((add, 0.0, (1.0, 2.0)), TypeError, "an array with an entry for each step, got float 1.0; in a tuple"),
        ((add, 0.0, 3.0), TypeError, "xs must be a list or an array with an entry for each step, got float 3.0"),
        ((add, 0.0, "abc"), TypeError, "xs must be a list or an array with an entry for each step, got str 'abc'"),
        ((add, 0.0, iter([1.0])), TypeError, "; give a list of it"),
        ((add, 0.0, np.ma.array([1.0, 2.0], mask=[False, True])), TypeError, "xs must not have masked elements"),
        ((add, "a", [1.0]), TypeError, "state: expected a number, got str 'a'; a state is a number, or a list"),
        ((add, [True], [1.0]), TypeError, "state[0]: expected a number, got bool True"),
        ((add, np.array(["a"]), [1.0]), TypeError, "state: expected a number, got ndarray of shape (1,)"),
        ((lambda s, x: s + x, 0.0, [1.0]), TypeError, "must return a pair (state, y), got a number; write `return state"),
        ((lambda s, x: [s, x], 0.0, [1.0]), TypeError, "must return a pair (state, y), got a list of 2"),
        ((lambda s, _: (s, "a"), 0.0, [1.0]), TypeError, "can't be stacked: y: expected a number, got str 'a'; y is made"),
        ((grows, {"a": 0.0, "v": [1.0]}, [1.0]), TypeError, "state['v']: expected a list of 1, got a list of 2; return"),
        ((grows, {"a": 0.0, "v": [1.0]}, [1.0]), TypeError, f"step grows, at {__file__}:{LINE}, changes the structure"),
        ((lambda s, x: ((s[0], None), x), (0.0, 1.0), [1.0]), TypeError, "state[1]: expected a number, got None"),
        ((lambda s, x: ({"b": s["a"]}, x), {"a": 0.0}, [1.0]), TypeError, "state: expected a dict of 'a', got a dict of"),
        ((lambda s, x: (list(s), x), (0.0,), [1.0]), TypeError, "state: expected a tuple of 1, got a list of 1"),
        ((lambda s, x: (s[:1], x), np.ones(2), [1.0]), TypeError, "state: expected an array of shape (2,), got an array"),
        ((lambda s, x: (s, [s] * int(x)), 0.0, [1.0, 2.0]), TypeError, "y: expected a list of 1, got a list of 2; give y"),
    ],
)  # fmt: skip
def test_what_it_cannot_take_is_said(arguments: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)) as raised:
        scan(*arguments)
    assert str(raised.value).startswith("scan: ")


def test_an_error_of_a_step_tells_which_step_it_was() -> None:
    def step(s: Any, x: Any) -> Any:
        if x > 1:
            raise RuntimeError("mine")
        return s, x

    with pytest.raises(RuntimeError, match="mine") as raised:
        scan(step, 0.0, [1.0, 2.0, 3.0])
    assert raised.value.__notes__ == ["in step 1 of 3 of a scan"]
