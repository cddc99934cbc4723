"""``assert_derivative``: correct formulas pass over the whole domain, wrong ones fail at the simplest point."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

import autograd as ag
from autograd import primitive
from autograd.testing import DerivativeError, assert_derivative
from tests.support import python

CORRECT: list[tuple[Any, Any, Any]] = [
    (ag.tanh, lambda x: 1 - ag.tanh(x) ** 2, (-1e308, 1e308)),
    (ag.sin, math.cos, (-1e6, 1e6)),
    (ag.exp, math.exp, (-800.0, 800.0)),
    (ag.log, lambda x: 1 / x, (0.0, math.inf)),
    (ag.sqrt, lambda x: 0.5 / ag.sqrt(x), (0.0, 1e308)),
    (ag.abs, ag.sign, (-math.inf, math.inf)),
    (lambda x: x**3, lambda x: 3 * x * x, (-1e100, 1e100)),
    (ag.asin, lambda x: ((1 - x) * (1 + x)) ** -0.5, (-1, 1)),
    (lambda x, y: x * y, lambda x, y: (y, x), (-1e300, 1e300)),
    (lambda x, p: x**p, lambda x, p: (p * x ** (p - 1), x**p * ag.log(x)), [(0.1, 10.0), (-3, 3)]),
    (ag.sin, ag.cos, st.sampled_from([0.0, 1.0, 2.0])),
]


@pytest.mark.parametrize("case", CORRECT, ids=range(len(CORRECT)))
def test_a_correct_formula_passes(case: tuple[Any, Any, Any]) -> None:
    f, hand, domain = case
    assert_derivative(f, hand, domain=domain)


WRONG: list[tuple[Any, Any, Any, str]] = [
    (ag.sin, ag.sin, (-10, 10), r"of sin by x at x = 0\.0: by hand 0\.0, by the engine 1\.0"),
    (
        ag.cos,
        ag.sin,
        (-10, 10),
        r"at x = 1\.0: by hand 0\.84\d+, by the engine -0\.84\d+\n  they differ by 2\.0e\+00 of the larger, \d+ ulp\n",
    ),
    (ag.abs, lambda x: ag.where(x < 0, -1.0, 1.0), (-5, 5), r"at x = -?0\.0: by hand 1\.0, by the engine 0\.0"),
    (lambda x: x**2, lambda x: 2 * x + ag.where(x > 1e200, 1.0, 0.0) * x, (-1e308, 1e308), r"at x = 1\.\d+e\+200"),
    (
        lambda x: x**2,
        lambda x: 2 * x * ag.where(x == 4.0, 2.0, 1.0),
        (0, 4),
        r"at x = 4\.0: by hand 16\.0, by the engine 8\.0",
    ),
    (
        ag.log,
        lambda x: 1 / (x + 1e-6),
        (1, 2),
        r"at x = 1\.0: .*\n  they differ by 1\.0e-06 of the larger, \d+ ulp\n.*by hand is wrong$",
    ),
    (lambda x, y: x * y, lambda x, y: (y, y), (-9, 9), r"by y at x = 0\.0, y = 1\.0: by hand 1\.0, by the engine 0\.0"),
    (ag.exp, lambda x: math.exp(-x), (-800, 0), r"at x = -1\.0: .*by hand is wrong$"),
]


@pytest.mark.parametrize("case", WRONG, ids=range(len(WRONG)))
def test_a_wrong_formula_fails_at_the_simplest_point(case: tuple[Any, Any, Any, str]) -> None:
    f, hand, domain, message = case
    with pytest.raises(DerivativeError) as caught:
        assert_derivative(f, hand, domain=domain)
    assert re.search(message, str(caught.value), re.DOTALL), str(caught.value)
    assert isinstance(caught.value, AssertionError)


def test_the_third_opinion_finds_a_wrong_engine() -> None:
    wrong = primitive(lambda y, x: 1.001 * y, name="wrong")(math.exp)
    with pytest.raises(DerivativeError, match=r"they differ by 1\.0e-03 .*\n.*: the engine's is wrong; check_gradients"):
        assert_derivative(wrong, ag.exp, (-1, 1))


def test_the_third_opinion_may_have_none() -> None:
    with pytest.raises(DerivativeError, match=r"say nothing here: end of the domain"):
        assert_derivative(lambda x: x + 0.0, lambda x: 1 / x, st.just(math.inf))
    with pytest.raises(DerivativeError, match=r"neither fits|the derivative by hand is wrong"):
        assert_derivative(ag.tanh, lambda x: 5.0, (0, 1))
    tanh = primitive(lambda y, x: ag.sech(x) ** 2)(math.tanh)
    with pytest.raises(DerivativeError, match=r"differences of the values say .*: no telling which is right"):
        assert_derivative(tanh, lambda x: 1 - ag.tanh(x) ** 2, (19, 20), atol=0.0)


def test_where_differences_see_nothing_the_complex_step_is_asked() -> None:
    with pytest.raises(DerivativeError, match=r"the complex step says \S+e-1\d ± \S+e-3\d: the derivative by hand is wrong"):
        assert_derivative(ag.tanh, lambda x: 1 - ag.tanh(x) ** 2, (19, 20), atol=0.0)


def test_a_formula_that_raises_is_nan_there() -> None:
    assert_derivative(ag.sqrt, lambda x: 0.5 / math.sqrt(x), (-2.0, -1.0))
    with pytest.raises(DerivativeError, match=r"at x = 0\.0: by hand nan, by the engine inf"):
        assert_derivative(ag.log, lambda x: 1 / x.data, (0.0, 1.0))


def test_tolerances() -> None:
    nearly = lambda x: 1.00001 * ag.cos(x)  # noqa: E731
    assert_derivative(ag.sin, nearly, (0, 1), rtol=1e-4)
    with pytest.raises(DerivativeError):
        assert_derivative(ag.sin, nearly, (0, 1))
    with pytest.raises(DerivativeError):
        assert_derivative(ag.tanh, lambda x: 1 - ag.tanh(x) ** 2, atol=0.0)


def test_it_is_deterministic() -> None:
    seen: list[list[float]] = [[], []]
    for run in seen:
        assert_derivative(ag.sin, lambda x, run=run: run.append(x.data) or ag.cos(x), (0, 9))
    assert seen[0] == seen[1]
    assert {0.0, 9.0, 1.0, 5e-324, 2.2250738585072014e-308, math.nextafter(9.0, 0.0)} <= set(seen[0])
    assert_derivative(ag.sin, ag.cos, (0, 9), deterministic=False, examples=20)


def test_a_plain_call_outside_pytest_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = "import os, autograd as a; from autograd.testing import *; assert_derivative(a.sin, a.cos); print(os.listdir())"
    assert python(code) == "[]"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((ag.sin, ag.cos, (1, 0)), ValueError, "domain .* is empty"),
        ((ag.sin, ag.cos, (math.nan, 0)), ValueError, "is empty"),
        ((ag.sin, ag.cos, ("a", 0)), TypeError, "an end of the domain must be a real number, got str 'a'"),
        ((lambda x, y: x * y, lambda x, y: y, (0, 1)), ValueError, "hand gave 1 derivatives for 2 arguments"),
        ((lambda x, y: x * y, lambda x, y: (y, x), [(0, 1)]), ValueError, "f takes 2 arguments and domain has 1"),
        ((ag.sin, lambda x: "1", (0, 1)), TypeError, "the derivative by hand must be a real number, got str '1'"),
        ((lambda x: math.sin(x), ag.cos, (0, 1)), ag.GraphCutWarning, r"math.sin\(x\) leaves the graph"),
    ],
)
def test_bad_input(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        assert_derivative(*arguments)
