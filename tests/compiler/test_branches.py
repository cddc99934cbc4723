"""Branches of Python: traced when they are first taken, and right in every lane."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import compile, exp, hessian, log, sqrt, value_and_grad, where
from autograd.compiler import BranchError


def root(x: Any, a: Any) -> Any:
    """√a by Newton's method from x."""
    while abs(x * x - a) > 1e-13 * a:
        x = x - (x * x - a) / (2.0 * x)
    return x


def size(x: Any) -> Any:
    if x < 0:
        return -x
    return x


def test_newtons_method_over_ten_thousand_lanes_of_different_trip_counts() -> None:
    rng = np.random.default_rng(0)
    x, a = rng.uniform(0.5, 20.0, 10_000), rng.uniform(0.1, 100.0, 10_000)
    value, (dx, da) = compile(root, in_axes=(0, 0)).value_and_grad(x, a, argnums=(0, 1))
    for lane in range(0, 10_000, 97):
        eager, derivatives = value_and_grad(root, (0, 1))(float(x[lane]), float(a[lane]))
        assert value[lane] == pytest.approx(eager, rel=1e-14)
        assert da[lane] == pytest.approx(derivatives[1], rel=1e-12)
        assert dx[lane] == pytest.approx(derivatives[0], abs=1e-12)


def test_an_abs_by_if_is_right_in_every_lane() -> None:
    x = np.array([-2.0, 3.0, -0.5, 0.0, 7.0])
    value, derivative = compile(size, in_axes=0).value_and_grad(x)
    assert value.tolist() == np.abs(x).tolist()
    assert derivative.tolist() == [-1.0, 1.0, -1.0, 1.0, 1.0]


def test_sums_over_lanes_of_different_branches_are_complete() -> None:
    x = np.array([-2.0, 3.0, -0.5])
    assert compile(size, in_axes=0, reduce="sum")(x) == 5.5
    value, derivative = compile(lambda w, x: size(w * x), (None, 0), "mean").value_and_grad(2.0, x)
    assert (value, derivative) == pytest.approx((11.0 / 3.0, 5.5 / 3.0))


def test_single_points_take_the_branch_they_ask_for() -> None:
    f = compile(size)
    assert [f.value_and_grad(x) for x in (3.0, -2.0, 5.0, -7.0)] == [(3.0, 1.0), (2.0, -1.0), (5.0, 1.0), (7.0, -1.0)]


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: max(x, y) * 2.0,
        lambda x, y: sorted([x, y, x * y])[1],
        lambda x, y: x * y if x else y + 1.0,
        lambda x, y: x if x == y else x - y,
        lambda x, y: y if x != y else x + 1.0,
        lambda x, y: exp(x) if 0.0 < x <= y else log(y * y + 1.0),
    ],
)
def test_pythons_own_choices_are_guards(f: Any) -> None:
    numbers = [(1.0, 2.0), (2.0, 1.0), (-1.0, 0.5), (0.0, 0.0), (3.0, 3.0)]
    compiled, lanes = compile(f), compile(f, in_axes=(0, 0))
    x, y = (np.array(column) for column in zip(*numbers, strict=True))
    value, (dx, dy) = lanes.value_and_grad(x, y, argnums=(0, 1))
    for lane, point in enumerate(numbers):
        eager, derivatives = value_and_grad(f, (0, 1))(*point)
        found, gradient = compiled.value_and_grad(*point, argnums=(0, 1))
        assert (found, *gradient) == pytest.approx((eager, *derivatives))
        assert (value[lane], dx[lane], dy[lane]) == pytest.approx((eager, *derivatives))


def test_nan_takes_the_branch_that_python_would() -> None:
    f = compile(lambda x: 1.0 * x if x < 0 else x * 2.0, in_axes=0)
    assert f(np.array([1.0, np.nan, -1.0])).tolist()[::2] == [2.0, -1.0]
    assert np.isnan(f(np.array([np.nan]))[0])


def test_too_many_branches_are_an_error_that_says_what_to_do() -> None:
    def steps(x: Any) -> Any:
        while x > 1.0:
            x = x - 1.0
        return x

    with pytest.raises(BranchError, match=r"more than 5 different .* at .*test_branches.py:\d+") as caught:
        compile(steps, in_axes=0, max_branches=5)(np.arange(20.0) + 0.5)
    assert caught.value.line.endswith(f"test_branches.py:{steps.__code__.co_firstlineno + 1}")


def test_too_many_branches_are_found_before_machine_code_is_made_for_one() -> None:
    f = compile(lambda x: 2.0 * x if x < 1 else (3.0 * x if x < 2 else x), in_axes=0, max_branches=2)
    with pytest.raises(BranchError, match="more than 2 different branches"):
        f(np.array([0.5, 1.5, 2.5]))
    (specialisation,) = f._specialisations.values()
    assert (len(specialisation.branches), specialisation.codes) == (2, [])
    assert f(np.array([0.5, 1.5])).tolist() == [1.0, 4.5]
    assert len(specialisation.codes) == 2


CHOICES: list[tuple[Any, list[float]]] = [
    (lambda x: where(x > 0, log(x), x * x), [-1.0, 2.0]),
    (lambda x: where(x == 0, x * x, 1 / x), [0.0, 2.0]),
    (lambda x: where(x > 0, x**0.5, x**2) + where(x < 0, (-x) ** 1.5, x), [-1.0, 0.5]),
    (lambda x: where(x > 0, log(where(x > 1, log(x), 2.0 - x)), x**3), [-1.0, 0.5, 3.0]),
    (lambda x: (lambda h: where(h > 0, sqrt(h), h * h))(x - 1.0) * x, [0.5, 3.0]),
    (lambda x: where(x < 0, sqrt(-x), sqrt(x)) * where(x > 1, log(x - 1.0), exp(x)), [-2.0, 0.5, 3.0]),
]


@pytest.mark.parametrize(("f", "points"), CHOICES)
def test_second_derivatives_are_not_poisoned_by_the_other_side(f: Any, points: list[float]) -> None:
    expected = [hessian(f)(x) for x in points]
    assert [compile(f).hessian(x) for x in points] == pytest.approx(expected, rel=1e-13)
    assert compile(f, in_axes=0).hessian(np.array(points)).tolist() == pytest.approx(expected, rel=1e-13)
    assert [compile(f).hvp(x, 2.0) for x in points] == pytest.approx(
        [2.0 * derivative for derivative in expected], rel=1e-13
    )
