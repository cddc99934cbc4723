"""Functions that are formulas of ours: values within 4 ulp of mpmath, gradients within 8, their edges, in lanes."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import Value, compile, grad
from tests.references import NOT_TINY, Sampler, between, derivative, each, near, one_of, signed, similar, ulps
from tests.support import bits, close

INF, NAN = math.inf, math.nan
POINTS = 60
WAVES = one_of(signed(1e-5, 1e5), signed(1e-100, 1e100), near(math.pi / 2, math.pi, 1.0))
TOGETHER = one_of(similar(1e-90, 1e90, 4), each(*[between(1e8, 1e8 + 4.0)] * 4))


def _var(*xs: Any) -> Any:
    middle = mp.fsum(xs) / len(xs)
    return mp.fsum((x - middle) ** 2 for x in xs) / (len(xs) - 1)


def _lerp_terms(orders: tuple[int, ...], a: Any, b: Any, t: Any) -> Any:
    """Those that cancel where a number comes out small."""
    first = (abs(a) + abs(t) * (abs(a) + abs(b)), 1 + abs(t), abs(t), abs(a) + abs(b))
    return first[orders.index(1) + 1 if any(orders) else 0]


class Case(NamedTuple):
    """A function, the same in mpmath, points, and the terms that cancel in a value or a derivative."""

    function: Callable[..., Any]
    reference: Callable[..., Any]
    sampler: Sampler
    terms: Callable[..., Any] = lambda orders, *x: 0


CASES = {
    "exp10": Case(ag.exp10, lambda x: mpf(10) ** x, one_of(signed(1e-100, 1.0), between(-323.0, 308.0))),
    "sec": Case(ag.sec, mp.sec, WAVES),
    "csc": Case(ag.csc, mp.csc, WAVES),
    "cot": Case(ag.cot, mp.cot, WAVES),
    "deg2rad": Case(ag.deg2rad, lambda x: x * mp.pi / 180, NOT_TINY),
    "rad2deg": Case(ag.rad2deg, lambda x: x * 180 / mp.pi, signed(1e-100, 1e306)),
    "fmax": Case(ag.fmax, max, each(NOT_TINY, NOT_TINY)),
    "fmin": Case(ag.fmin, min, each(NOT_TINY, NOT_TINY)),
    "relu6": Case(ag.relu6, lambda x: min(max(x, mpf(0)), mpf(6)), one_of(signed(1e-2, 1e2), NOT_TINY)),
    "nan_to_num": Case(ag.nan_to_num, lambda x: x, NOT_TINY),
    "lerp": Case(
        ag.lerp,
        lambda a, b, t: a + t * (b - a),
        each(signed(1e-3, 1e3), signed(1e-3, 1e3), one_of(signed(1e-5, 3.0), near(1.0, 0.5))),
        _lerp_terms,
    ),
    "cumsum": Case(
        lambda *xs: ag.cumsum(xs)[-1],
        lambda *xs: mp.fsum(xs),
        similar(1e-90, 1e90, 4),
        lambda orders, *xs: 0 if any(orders) else mp.fsum(map(abs, xs)),
    ),
    "cumprod": Case(lambda *xs: ag.cumprod(xs)[-1], lambda *xs: mp.fprod(xs), each(*[signed(1e-50, 1e50)] * 4)),
    "var": Case(
        lambda *xs: ag.var(xs, ddof=1),
        _var,
        TOGETHER,
        lambda orders, *xs: max(abs(x - y) for x in xs for y in xs) if any(orders) else 0,
    ),
    "std": Case(
        lambda *xs: ag.std(xs, ddof=1), lambda *xs: mp.sqrt(_var(*xs)), TOGETHER, lambda orders, *xs: int(any(orders))
    ),
}
each_case = pytest.mark.parametrize("name", CASES)


def points(name: str) -> list[tuple[float, ...]]:
    random = Random(name)
    return [CASES[name].sampler(random) for _ in range(POINTS)]


@each_case
def test_values_are_within_4_ulp_and_gradients_within_8_of_mpmath(name: str) -> None:
    """Where larger terms cancel to a number near 0, in ulp of the terms."""
    case = CASES[name]
    for x in points(name):
        leaves = [Value(number) for number in x]
        y = case.function(*leaves)
        y.backward()
        assert y.data == case.function(*x)
        for i, actual in enumerate([y.data, *(leaf.grad for leaf in leaves)]):
            orders = tuple(int(j + 1 == i) for j in range(len(x)))
            with mp.workdps(60):
                terms = case.terms(orders, *map(mpf, x))
            assert ulps(actual, derivative(case.reference, x, orders), terms) <= (8.0 if i else 4.0), f"{x} by {orders}"


@each_case
def test_lanes_give_the_gradient_of_each_point(name: str) -> None:
    case, at = CASES[name], points(name)[:20]
    rows = np.array(at).T
    value, gradient = compile(case.function, in_axes=(0,) * len(rows)).value_and_grad(*rows, argnums=0)
    for x, y, slope in zip(at, value, gradient, strict=True):
        assert y == pytest.approx(case.function(*x), rel=1e-14, abs=1e-14 * max(map(abs, x)))
        assert slope == pytest.approx(grad(case.function)(*x), rel=1e-13, abs=1e-14)


@pytest.mark.parametrize(
    ("function", "x", "value", "gradient"),
    [
        (ag.sec, (INF,), NAN, (NAN,)),
        (ag.csc, (0.0,), INF, (-INF,)),
        (ag.csc, (-0.0,), -INF, (-INF,)),
        (ag.cot, (0.0,), INF, (-INF,)),
        (ag.cot, (-0.0,), -INF, (-INF,)),
        (ag.cot, (NAN,), NAN, (NAN,)),
        (ag.exp10, (309.0,), INF, (INF,)),
        (ag.exp10, (-INF,), 0.0, (0.0,)),
        (ag.fmax, (NAN, 2.0), 2.0, (0.0, 1.0)),
        (ag.fmax, (2.0, NAN), 2.0, (1.0, 0.0)),
        (ag.fmax, (NAN, NAN), NAN, (0.0, 1.0)),
        (ag.fmax, (2.0, 2.0), 2.0, (0.5, 0.5)),
        (ag.fmax, (-0.0, 0.0), 0.0, (0.5, 0.5)),
        (ag.fmin, (NAN, 2.0), 2.0, (0.0, 1.0)),
        (ag.fmin, (2.0, NAN), 2.0, (1.0, 0.0)),
        (ag.fmin, (2.0, 2.0), 2.0, (0.5, 0.5)),
        (ag.relu6, (6.0,), 6.0, (0.0,)),
        (ag.relu6, (0.0,), 0.0, (0.0,)),
        (ag.relu6, (NAN,), NAN, (NAN,)),
        (ag.nan_to_num, (NAN,), 0.0, (0.0,)),
        (ag.nan_to_num, (INF,), 1.7976931348623157e308, (0.0,)),
        (ag.nan_to_num, (-INF,), -1.7976931348623157e308, (0.0,)),
        (lambda x: ag.nan_to_num(x, nan=1.0, posinf=2.0, neginf=3.0), (NAN,), 1.0, (0.0,)),
        (lambda x: ag.nan_to_num(x, nan=1.0, posinf=2.0, neginf=3.0), (INF,), 2.0, (0.0,)),
        (lambda x: ag.nan_to_num(x, nan=1.0, posinf=2.0, neginf=3.0), (-INF,), 3.0, (0.0,)),
        (ag.lerp, (0.1, 0.3, 1.0), 0.3, (0.0, 1.0, 0.3 - 0.1)),
        (ag.lerp, (0.1, 0.3, 0.0), 0.1, (1.0, 0.0, 0.3 - 0.1)),
        (lambda *xs: ag.std(xs), (1.0, 1.0, 1.0), 0.0, (0.0, 0.0, 0.0)),
        (lambda *xs: ag.var(xs), (1.0, 1.0, 1.0), 0.0, (0.0, 0.0, 0.0)),
        (lambda *xs: ag.std(xs), (1e200, -1e200), 1e200, (0.5, -0.5)),
        (lambda *xs: ag.cumprod(xs)[2], (0.0, 2.0, 3.0), 0.0, (6.0, 0.0, 0.0)),
    ],
)
def test_edges_are_pinned(
    function: Callable[..., Any], x: tuple[float, ...], value: float, gradient: tuple[float, ...]
) -> None:
    leaves = [Value(number) for number in x]
    y = function(*leaves)
    y.backward()
    assert bits(y.data) == bits(value)
    assert all(close(leaf.grad, slope, 1e-15) for leaf, slope in zip(leaves, gradient, strict=True))
    (compiled,) = compile(function, in_axes=0)(*np.array(x)[:, None])
    assert bits(compiled + 0.0) == bits(value + 0.0)


def test_lists_give_a_list_of_the_same_length_and_one_kind() -> None:
    assert ag.cumsum([1, 2, 3]) == [1.0, 3.0, 6.0]
    assert ag.cumprod(iter([1.0, 2.0, 3.0])) == [1.0, 2.0, 6.0]
    x = Value(2.0)
    sums: list[Any] = [*ag.cumsum([1.0, x, 3.0])]
    assert [s.data for s in sums] == [1.0, 3.0, 6.0]
    sums[2].backward()
    assert x.grad == 1.0
    assert (ag.cumsum([]), ag.cumprod([])) == ([], [])


@pytest.mark.parametrize("ddof", [0, 1])
def test_variances_are_those_of_numpy(ddof: int) -> None:
    xs = [0.3, -1.7, 2.2, 5.0]
    assert ag.var(xs, ddof=ddof) == pytest.approx(np.var(xs, ddof=ddof), rel=1e-15)
    assert ag.std(xs, ddof=ddof) == pytest.approx(np.std(xs, ddof=ddof), rel=1e-15)


def test_a_variance_needs_more_values_than_ddof() -> None:
    with pytest.raises(ValueError, match=r"var: needs more values than ddof, got 1 and ddof 1"):
        ag.var([Value(1.0)], ddof=1)
    with pytest.raises(ValueError, match=r"std: needs more values than ddof, got 0 and ddof 0"):
        ag.std([])


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_polygamma_is_the_next_derivative_of_the_one_before(n: int) -> None:
    with mp.workdps(40):
        assert ulps(ag.polygamma(n, 2.3), mp.polygamma(n, mpf(2.3))) <= 4.0
    x = Value(2.3)
    ag.polygamma(n, x).backward()
    assert x.grad == ag.polygamma(n + 1, 2.3)
    lanes: Any = compile(lambda x: ag.polygamma(n, x), in_axes=0)(np.array([2.3, -0.5]))
    assert list(lanes) == [ag.polygamma(n, 2.3), ag.polygamma(float(n), -0.5)]


@pytest.mark.parametrize("n", [-1, 1.5, math.nan, math.inf, True, Value(1.0), None, "1"])
def test_the_order_of_polygamma_is_a_whole_number(n: Any) -> None:
    with pytest.raises(ValueError, match="polygamma: n must be a whole number from 0 on, got"):
        ag.polygamma(n, 1.0)


def test_second_derivatives_go_through_the_formulas() -> None:
    assert ag.derivative(lambda x: ag.var([x, 1.0, 3.0]), 2.0, 2) == pytest.approx(2 / 3 - 2 / 9, rel=1e-15)
    assert ag.derivative(ag.sec, 0.0, 2) == 1.0


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("cumsum", "cumprod", "var", "std")])
def test_what_is_no_number_is_refused_by_the_name_of_the_function(name: str) -> None:
    arguments: list[Any] = ["one", *[1.0] * (len(points(name)[0]) - 1)]
    with pytest.raises(TypeError, match=name):
        getattr(ag, name)(*arguments)


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "var", "std"])
def test_an_entry_that_is_no_number_is_named(name: str) -> None:
    with pytest.raises(TypeError, match=rf"{name}: values\[1\]"):
        getattr(ag, name)([1.0, None])
