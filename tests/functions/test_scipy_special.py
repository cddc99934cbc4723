"""Functions whose values are SciPy's: against mpmath, derivatives of ours, edges, lanes, and what is refused."""

from __future__ import annotations

import math
import pickle
import sys
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import Value, compile, derivative, grad
from autograd.functions import scipy_special
from tests.references import Sampler, between, one_of, positive, signed, ulps
from tests.support import close

INF, NAN = math.inf, math.nan
POINTS = 40


def _wave(x: Any) -> Any:
    """The size of a Bessel function's waves, which pass through 0; of its terms close to 0."""
    return min(mpf(1), mp.sqrt(2 / (mp.pi * abs(x)))) if x else mpf(1)


class Case(NamedTuple):
    """A function, it and its derivative in mpmath, points, what each may err by, and the size of terms that cancel."""

    function: Callable[[Any], Any]
    value: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    sampler: Sampler
    ulps: tuple[float, float] = (4.0, 8.0)
    terms: Callable[[Any], Any] = lambda x: 0


WAVES = one_of(between(-20.0, 20.0), signed(1e-3, 100.0))
HALF_WAVES = one_of(between(0.1, 20.0), positive(1e-3, 100.0))
CASES = {
    "j0": Case(ag.j0, lambda x: mp.besselj(0, x), lambda x: -mp.besselj(1, x), WAVES, (14.0, 16.0), _wave),
    "j1": Case(ag.j1, lambda x: mp.besselj(1, x), lambda x: mp.besselj(1, x, 1), WAVES, (14.0, 16.0), _wave),
    "y0": Case(ag.y0, lambda x: mp.bessely(0, x), lambda x: -mp.bessely(1, x), HALF_WAVES, (4.0, 8.0), _wave),
    "y1": Case(ag.y1, lambda x: mp.bessely(1, x), lambda x: mp.bessely(1, x, 1), HALF_WAVES, (4.0, 8.0), _wave),
    "i0": Case(ag.i0, lambda x: mp.besseli(0, x), lambda x: mp.besseli(1, x), signed(1e-3, 700.0)),
    "i1": Case(ag.i1, lambda x: mp.besseli(1, x), lambda x: mp.besseli(1, x, 1), signed(1e-3, 700.0), (6.0, 8.0)),
    "exp1": Case(ag.exp1, mp.e1, lambda x: -mp.exp(-x) / x, positive(1e-100, 700.0)),
    "dawsn": Case(
        ag.dawsn,
        lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x),
        lambda x: 1 - x * mp.sqrt(mp.pi) * mp.exp(-x * x) * mp.erfi(x),
        one_of(between(-12.0, 12.0), signed(1e-5, 25.0)),
        (8.0, 12.0),
        lambda x: mp.exp(-x * x) if abs(x) < 1.3 else 0,
    ),
    "gammainc(2.5, x)": Case(
        lambda x: ag.gammainc(2.5, x),
        lambda x: mp.gammainc(2.5, 0, x, regularized=True),
        lambda x: x ** mpf(1.5) * mp.exp(-x) / mp.gamma(mpf(2.5)),
        positive(1e-50, 300.0),
        (200.0, 8.0),
    ),
    "betainc(2.5, 0.5, x)": Case(
        lambda x: ag.betainc(2.5, 0.5, x),
        lambda x: mp.betainc(2.5, 0.5, 0, x, regularized=True),
        lambda x: x ** mpf(1.5) * (1 - x) ** mpf(-0.5) / mp.beta(2.5, 0.5),
        between(1e-3, 0.999),
        (10.0, 8.0),
    ),
    "lbeta(x, 2.5)": Case(
        lambda x: ag.lbeta(x, 2.5),
        lambda x: mp.log(mp.beta(x, 2.5)),
        lambda x: mp.digamma(x) - mp.digamma(x + 2.5),
        positive(1e-3, 100.0),
    ),
    "beta(x, 2.5)": Case(
        lambda x: ag.beta(x, 2.5),
        lambda x: mp.beta(x, 2.5),
        lambda x: mp.beta(x, 2.5) * (mp.digamma(x) - mp.digamma(x + 2.5)),
        positive(1e-3, 20.0),
    ),
    "zeta(2.5, q)": Case(
        lambda q: ag.zeta(2.5, q),
        lambda q: mp.zeta(2.5, q),
        lambda q: mpf(-2.5) * mp.zeta(3.5, q),
        positive(1e-3, 1e3),
    ),
}


def points(name: str) -> list[float]:
    random = Random(name)
    return [CASES[name].sampler(random)[0] for _ in range(POINTS)]


def worst(name: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """The largest errors of the value and of the derivative in ulp, each with its point."""
    case, errors = CASES[name], []
    for x in points(name):
        y = Value(x)
        z = case.function(y)
        z.backward()
        with mp.workdps(40):
            size = case.terms(mpf(x))
            errors.append((x, ulps(z.data, case.value(mpf(x)), size), ulps(y.grad, case.slope(mpf(x)), size)))
    of_value, of_slope = max(errors, key=lambda e: e[1]), max(errors, key=lambda e: e[2])
    return (of_value[1], of_value[0]), (of_slope[2], of_slope[0])


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives_are_as_close_to_mpmath_as_the_page_says(name: str) -> None:
    (of_value, x), (of_slope, at) = worst(name)
    assert of_value <= CASES[name].ulps[0], x
    assert of_slope <= CASES[name].ulps[1], at


@pytest.mark.parametrize("name", CASES)
def test_lanes_have_the_numbers_of_points(name: str) -> None:
    case, xs = CASES[name], points(name)[:6]
    value, slope = compile(case.function, in_axes=0).value_and_grad(np.array(xs))
    assert list(value) == [case.function(x) for x in xs]
    assert list(slope) == pytest.approx([grad(case.function)(x) for x in xs], rel=1e-14)


@pytest.mark.parametrize(
    ("name", "x", "second"),
    [
        ("j0", 2.0, lambda x: mp.besselj(0, x, 2)),
        ("j1", 2.0, lambda x: mp.besselj(1, x, 2)),
        ("y0", 2.0, lambda x: mp.bessely(0, x, 2)),
        ("y1", 2.0, lambda x: mp.bessely(1, x, 2)),
        ("i0", 2.0, lambda x: mp.besseli(0, x, 2)),
        ("i1", 2.0, lambda x: mp.besseli(1, x, 2)),
        ("exp1", 2.0, lambda x: mp.diff(mp.e1, x, 2)),
        ("dawsn", 2.0, lambda x: mp.diff(CASES["dawsn"].value, x, 2)),
        ("gammainc(2.5, x)", 2.0, lambda x: mp.diff(CASES["gammainc(2.5, x)"].slope, x)),
        ("betainc(2.5, 0.5, x)", 0.5, lambda x: mp.diff(CASES["betainc(2.5, 0.5, x)"].slope, x)),
        ("lbeta(x, 2.5)", 2.0, lambda x: mp.polygamma(1, x) - mp.polygamma(1, x + 2.5)),
        ("beta(x, 2.5)", 2.0, lambda x: mp.diff(CASES["beta(x, 2.5)"].value, x, 2)),
        ("zeta(2.5, q)", 2.0, lambda q: mpf(8.75) * mp.zeta(4.5, q)),
    ],
)
def test_second_derivatives_go_on(name: str, x: float, second: Callable[[Any], Any]) -> None:
    with mp.workdps(30):
        assert close(derivative(CASES[name].function, x, 2), float(second(mpf(x))), 1e-13)


@pytest.mark.parametrize(
    ("function", "x", "value", "slope"),
    [
        (ag.j0, 0.0, 1.0, -0.0),
        (ag.j1, 0.0, 0.0, 0.5),
        (ag.i0, 0.0, 1.0, 0.0),
        (ag.i1, 0.0, 0.0, 0.5),
        (ag.y0, 0.0, -INF, INF),
        (ag.y0, -1.0, NAN, NAN),
        (ag.exp1, 0.0, INF, -INF),
        (ag.exp1, INF, 0.0, -0.0),
        (ag.dawsn, 0.0, 0.0, 1.0),
        (ag.dawsn, INF, 0.0, 0.0),
        (ag.dawsn, NAN, NAN, NAN),
        (lambda x: ag.gammainc(2.0, x), 0.0, 0.0, 0.0),
        (lambda x: ag.gammainc(1.0, x), 0.0, 0.0, 1.0),
        (lambda x: ag.gammainc(2.0, x), -1.0, NAN, NAN),
        (lambda x: ag.gammainc(30.0, x), 30.0, 0.52428301389368, 0.07263452647159149),
        (lambda x: ag.betainc(1.0, 1.0, x), 0.5, 0.5, 1.0),
        (lambda x: ag.betainc(2.0, 2.0, x), 2.0, NAN, NAN),
        (ag.j0, NAN, NAN, NAN),
        (lambda x: ag.beta(x, 2.0), -0.5, NAN, NAN),
        (lambda x: ag.lbeta(x, x), 1.0, 0.0, -2.0),
    ],
)
def test_edges_are_pinned(function: Callable[[Any], Any], x: float, value: float, slope: float) -> None:
    leaf = Value(x)
    y = function(leaf)
    y.backward()
    assert close(y.data, value, 1e-14)
    assert close(leaf.grad, slope, 1e-13)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda v: ag.gammainc(v, 1.0), "gammainc: a"),
        (lambda v: ag.betainc(v, 1.0, 0.5), "betainc: a"),
        (lambda v: ag.betainc(1.0, v, 0.5), "betainc: b"),
        (lambda v: ag.zeta(v), "zeta: s"),
    ],
)
def test_an_operand_without_a_derivative_is_refused_by_name(call: Callable[[Any], Any], argument: str) -> None:
    with pytest.raises(TypeError, match=f"{argument} must be a plain number, for there is no derivative by it; got a Value"):
        call(Value(2.0))


@pytest.mark.parametrize("name", ["j0", "dawsn", "exp1"])
def test_a_graph_with_one_is_pickled_by_name(name: str) -> None:
    x = Value(0.5)
    y = pickle.loads(pickle.dumps(getattr(ag, name)(x)))
    y.backward()
    assert y.parents[0].grad == grad(getattr(ag, name))(0.5)


def test_without_scipy_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    scipy_special.scipy.cache_clear()
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match=r"autograd.j0 needs the package scipy: pip install '.\[special\]'"):
        ag.j0(1.0)
