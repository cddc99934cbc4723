"""Conditions of a traced function combined by & | ^ ~, as bools are; and what they refuse, with what to write instead."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial, reduce
from math import cos, sin
from operator import and_, or_, xor
from typing import Any

import numpy as np
import pytest

from autograd import Value, compile, exp, hessian, sqrt, value_and_grad, where
from autograd.compiler import TraceError

POINTS = list(itertools.product([-1.0, 0.0, 1.0, 1.5, 2.0, 3.0], repeat=2))
BOTH = (0, 1)


def chosen(condition: Any, x: Any, y: Any) -> Any:
    """A choice whose other side would poison a gradient: √ of a negative number."""
    return where(condition, sqrt(x + 0.5) * y, x * x + y)


COMBINED: dict[str, tuple[Callable[..., Any], Callable[..., bool]]] = {
    "and": (lambda x, y: (x > 1) & (y < 2), lambda x, y: x > 1 and y < 2),
    "or": (lambda x, y: (x > 1) | (y < 2), lambda x, y: x > 1 or y < 2),
    "not": (lambda x, y: ~(x * y > 1), lambda x, y: not x * y > 1),
    "xor": (lambda x, y: (x > 1) ^ (y < 2), lambda x, y: (x > 1) is not (y < 2)),
    "equal": (lambda x, y: (x > 1) == (y < 2), lambda x, y: (x > 1) is (y < 2)),
    "unequal": (lambda x, y: (x > 1) != (y < 2), lambda x, y: (x > 1) is not (y < 2)),
    "nested": (
        lambda x, y: ~((x > 1) & (y < 2) | (x * y > 3)) ^ (x == y),
        lambda x, y: (not ((x > 1 and y < 2) or x * y > 3)) is not (x == y),
    ),
    "twice": (lambda x, _: ~~(x > 1), lambda x, _: x > 1),
    "a bool": (lambda x, _: True & (x > 1) | False, lambda x, _: x > 1),
    "a bool decides": (lambda x, _: False & (x > 1), lambda *_: False),
    "exclusive with a bool": (lambda x, _: True ^ (x > 1), lambda x, _: not x > 1),
    "NumPy's bool": (lambda x, _: np.True_ & (x > 1) | np.False_, lambda x, _: x > 1),
    "NumPy's bool decides": (lambda x, _: (x > 1) | np.True_, lambda *_: True),
    "NumPy's functions": (lambda x, y: np.logical_and(x > 1, np.logical_not(y < 2)), lambda x, y: x > 1 and not y < 2),
    "many": (
        lambda x, y: reduce(and_, [x * k < 9 for k in range(99)]) | reduce(xor, [y > k for k in range(9)]),
        lambda x, y: all(x * k < 9 for k in range(99)) or bool(sum(y > k for k in range(9)) % 2),
    ),
}


@pytest.mark.parametrize("name", COMBINED)
def test_combined_conditions_choose_as_bools_do_without_branches(name: str) -> None:
    condition, truth = COMBINED[name]
    point = compile(lambda x, y: chosen(condition(x, y), x, y))
    lanes = compile(lambda x, y: chosen(condition(x, y), x, y), in_axes=0, max_branches=1)
    value, (dx, dy) = lanes.value_and_grad(*np.array(POINTS).T, argnums=BOTH)
    second = lanes.hessian(*np.array(POINTS).T)
    for k, (x, y) in enumerate(POINTS):
        plain = partial(chosen, truth(x, y))
        expected, partials = value_and_grad(plain, BOTH)(x, y)
        at_point = point.value_and_grad(x, y, argnums=BOTH)
        assert [at_point[0], *at_point[1]] == pytest.approx([expected, *partials], nan_ok=True)
        assert [value[k], dx[k], dy[k]] == pytest.approx([expected, *partials], nan_ok=True)
        assert second[k] == pytest.approx(hessian(plain)(x, y), nan_ok=True)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (lambda x, y: (x > 1) & (y < 2), "and v"),
        (lambda x, y: (x > 1) | (y < 2), "or v"),
        (lambda x, y: ~(x < y), "not v"),
    ],
)
def test_a_combined_condition_is_one_operation_of_the_program(condition: Callable[..., Any], text: str) -> None:
    program = str(compile(lambda x, y: where(condition(x, y), x, y)).program.only([0]))
    assert text in program
    assert program.count("where") == 1


@pytest.mark.parametrize("lanes", [False, True])
def test_a_branch_on_a_combined_condition_is_one_guard(lanes: bool) -> None:
    def f(x: Any, y: Any) -> Any:
        return x * y if (x > 1) & ~(y >= 2) | (x == y) else x + y

    compiled = compile(f, in_axes=0 if lanes else None, max_branches=2)
    values = compiled(*np.array(POINTS).T) if lanes else [compiled(*point) for point in POINTS]
    assert list(values) == [x * y if (x > 1 and y < 2) or x == y else x + y for x, y in POINTS]


def test_on_the_edges_of_combined_guards_there_are_no_more_branches_than_ways() -> None:
    def inside(x: Any, y: Any) -> Any:
        return x if (x * x + y * y <= 1.0) & (x * x - 0.25 != y) else y * 2.0

    t = np.linspace(0.0, 7.0, 2_000)
    x, y = np.cos(t), np.sin(t)
    assert compile(inside, in_axes=0, max_branches=2)(x, y) == pytest.approx(
        compile(lambda x, y: where((x * x + y * y <= 1.0) & (x * x - 0.25 != y), x, y * 2.0), in_axes=0)(x, y)
    )
    points = compile(inside, max_branches=2)
    assert {points(cos(a), sin(a)) in (cos(a), 2.0 * sin(a)) for a in t[:300].tolist()} == {True}


def test_and_or_any_all_and_sum_go_by_bools() -> None:
    def count(x: Any, y: Any) -> Any:
        conditions = [x > 1, y > 1]
        return sum(conditions) * x + (10.0 if any(conditions) else 0.0) + (100.0 if all(conditions) and not x < 0 else 0.0)

    compiled = compile(count)
    assert [compiled(x, y) for x, y in POINTS] == [count(Value(x), Value(y)).data for x, y in POINTS]


@pytest.mark.parametrize(
    "misuse",
    [
        lambda c, x: c * x,
        lambda c, x: x * c,
        lambda c, x: c + x,
        lambda c, x: x - c,
        lambda c, _: c + c,
        lambda c, _: 1.0 + c,
        lambda c, _: 2 - c,
        lambda c, _: c / 2,
        lambda c, _: 2 // c,
        lambda c, _: c % 2,
        lambda c, _: 2**c,
        lambda c, _: -c,
        lambda c, _: abs(c),
        lambda c, _: round(c),
        lambda c, _: divmod(c, 2),
        lambda c, _: c > 0,
        lambda c, _: c <= 0.5,
        lambda c, _: c == 1,
        lambda c, x: c != x,
        lambda c, _: float(c),
        lambda c, _: int(c),
        lambda c, _: complex(c),
        lambda c, _: [1.0, 2.0][c],
        lambda c, _: range(c),
        lambda c, _: exp(c),
        lambda c, _: np.exp(c),
        lambda c, _: np.float64(2.0) * c,
        lambda c, x: where(x > 0, c, x),
    ],
)
def test_a_condition_is_no_number_and_says_where(misuse: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"Condition\(1.0 < x\).*where\(condition, a, b\) chooses"):
        compile(lambda x: misuse(x > 1, x))(2.0)


@pytest.mark.parametrize("other", [1, 1.0, "x", None, [True]])
def test_a_condition_combines_with_conditions_and_bools_alone(other: Any) -> None:
    for combine in (and_, or_, xor):
        with pytest.raises(TypeError, match=r"of Condition\(1.0 < x\): the other side must be (a|one) bool"):
            compile(lambda x: combine(x > 1, other))(2.0)  # noqa: B023


def test_a_condition_equals_nothing_but_conditions_and_bools() -> None:
    assert compile(lambda x: 2.0 if (x > 1) == "x" else x)(3.0) == 3.0
    assert compile(lambda x: 2.0 if (x > 1) != None else x)(3.0) == 2.0  # noqa: E711
    assert compile(lambda x: x if (x > 1) in {x > 1} else 2.0)(3.0) == 2.0


def test_a_bool_as_a_number_says_where_in_eager_mode_too() -> None:
    x = Value(2.0)
    for misuse in (lambda: (x > 1) * x, lambda: x * (x > 1)):
        with pytest.raises(TypeError, match=r"got bool True; .*where\(condition, a, b\) chooses"):
            misuse()


def test_refusals_are_trace_errors() -> None:
    with pytest.raises(TraceError):
        compile(lambda x: (x > 1) * x)(2.0)
