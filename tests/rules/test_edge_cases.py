"""Kinks, poles, signed zeros, infinities, far tails: one literal row a point, compared by equality.

The policy: differentiable → the derivative; convex → the subgradient of least magnitude; concave → the
supergradient of least magnitude; else by continuity; else nan. Out of the domain and for nan: nan.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

import autograd as ag
from autograd import Value
from autograd.rules import special
from tests.edge_functions import FUNCTIONS
from tests.references import REFERENCES, ulps
from tests.support import bits, close

INF, NAN = math.inf, math.nan
PI, LN2 = math.pi, 0.6931471805599453
Row = tuple[str, tuple[float, ...], float, tuple[float, ...]]  # function, point, value, partials

ROWS = json.loads((Path(__file__).parents[1] / "data" / "edge_cases.json").read_text())

ELSEWHERE = {
    "bce(p,y=1)": "a loss, tested with nn.losses",
    "bce_logits(z,y=1)": "a loss, tested with nn.losses",
}

# The file asks for +0.0 in the third partial, where the exact number lies below 0: test_deviations_… proves it.
DEVIATIONS: dict[tuple[str, tuple[float, ...]], list[float]] = {
    ("softmax3[0]", (1000.0, 0.0, -1000.0)): [0.0, -0.0, -0.0],
    ("log_softmax3[0]", (1000.0, 0.0, -1000.0)): [0.0, -0.0, -0.0],
}


def evaluated(function: Callable[..., Any], point: Any) -> tuple[float, list[float]]:
    """The value and the partials that a backward pass gives; 0 for an argument that isn't reached."""
    leaves = [Value(x) for x in point]
    y = function(*leaves)
    y.backward()
    return y.data, [leaf.grad for leaf in leaves]


def identified(row: dict[str, Any]) -> str:
    return f"{row['fn']} at {row['x']}"


@pytest.mark.parametrize("row", [row for row in ROWS if row["fn"] not in ELSEWHERE], ids=identified)
def test_every_pinned_point_has_its_value_and_gradient(row: dict[str, Any]) -> None:
    point = tuple(map(float, row["x"]))
    partials = DEVIATIONS.get((row["fn"], point), [float(g) for g in row["grad"]])
    value, gradient = evaluated(FUNCTIONS[row["fn"]], point)
    assert close(value, float(row["value"])), value
    assert all(map(close, gradient, partials)), gradient


def test_every_pinned_point_is_run_or_tested_elsewhere() -> None:
    assert len(ROWS) == 269
    assert {row["fn"] for row in ROWS} == set(FUNCTIONS) | set(ELSEWHERE)
    assert not set(FUNCTIONS) & set(ELSEWHERE)


@pytest.mark.parametrize(("name", "point"), list(DEVIATIONS))
def test_deviations_have_the_sign_of_the_exact_number(name: str, point: tuple[float, ...]) -> None:
    with mp.workdps(2000):
        weights = [mp.exp(x) for x in point]
        shares = [w / mp.fsum(weights) for w in weights]
        upstream = shares[0] if name.startswith("softmax") else mp.mpf(1)
        exact = [upstream * (shares[1] + shares[2]), -upstream * shares[1], -upstream * shares[2]]
        assert -(mp.mpf(10) ** -800) < exact[2] < 0
        assert [float(abs(x)) for x in exact] == [0.0, 0.0, 0.0]
        assert [bits(math.copysign(0.0, x)) for x in exact] == [bits(x) for x in DEVIATIONS[name, point]]


# -- our own points ----------------------------------------------------------------------------------

POWERS: dict[str, Callable[..., Any]] = {f"x**{p}": lambda x, p=p: x**p for p in (-0.5, 1 / 3, NAN)}
OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(ag, name) for name in ag.__all__ if callable(getattr(ag, name))},
    "gelu_tanh": lambda x: ag.gelu(x, approximate="tanh"),
    "scaled_softplus": ag.softplus,
    **FUNCTIONS,
    **POWERS,
    **{name: getattr(ag, name) for name in ("abs", "max", "min", "pow", "round", "sum")},
    "x//y": lambda x, y: x // y,
    "softmax[0]": lambda *xs: ag.softmax(xs)[0],
    "log_softmax[0]": lambda *xs: ag.log_softmax(xs)[0],
    "dot": lambda a, b, c, d: ag.dot([a, b], [c, d]),
}

# By operation: points, values, partials.
PINNED: dict[str, list[tuple[tuple[float, ...], float, tuple[float, ...]]]] = {
    "logit": [
        *[((0.0,), -INF, (INF,)), ((-0.0,), -INF, (INF,)), ((1.0,), INF, (INF,)), ((0.5,), 0.0, (4.0,))],
        *[((-0.1,), NAN, (NAN,)), ((1.1,), NAN, (NAN,)), ((NAN,), NAN, (NAN,)), ((5e-324,), -744.4400719213812, (INF,))],
    ],
    "log1mexp": [
        *[((0.0,), -INF, (INF,)), ((-0.0,), -INF, (INF,)), ((INF,), -0.0, (0.0,)), ((-1.0,), NAN, (NAN,))],
        *[((NAN,), NAN, (NAN,)), ((745.0,), -5e-324, (5e-324,))],
    ],
    "entr": [
        *[((0.0,), 0.0, (INF,)), ((-0.0,), 0.0, (INF,)), ((-1.0,), -INF, (NAN,)), ((1.0,), -0.0, (-1.0,))],
        *[((INF,), -INF, (-INF,)), ((NAN,), NAN, (NAN,))],
    ],
    "xlog1py": [
        *[((0.0, -1.0), 0.0, (-INF, 0.0)), ((0.0, -2.0), 0.0, (NAN, 0.0)), ((0.0, NAN), NAN, (NAN, NAN))],
        *[((1.0, -1.0), -INF, (-INF, INF)), ((2.0, 0.0), 0.0, (0.0, 2.0)), ((1.0, -2.0), NAN, (NAN, NAN))],
    ],
    "logaddexp2": [
        *[((1.0, 1.0), 2.0, (0.5, 0.5)), ((-INF, 0.0), 0.0, (0.0, 1.0)), ((INF, 0.0), INF, (1.0, 0.0))],
        *[((2000.0, 0.0), 2000.0, (1.0, 0.0)), ((NAN, 0.0), NAN, (NAN, NAN)), ((-INF, -INF), -INF, (NAN, NAN))],
    ],
    "sinpi": [
        *[((0.0,), 0.0, (PI,)), ((-0.0,), -0.0, (PI,)), ((1.0,), 0.0, (-PI,)), ((0.5,), 1.0, (0.0,))],
        *[((1e17,), 0.0, (PI,)), ((INF,), NAN, (NAN,)), ((NAN,), NAN, (NAN,))],
    ],
    "cospi": [((0.0,), 1.0, (0.0,)), ((0.5,), 0.0, (-PI,)), ((1.0,), -1.0, (0.0,)), ((-INF,), NAN, (NAN,))],
    "erfinv": [
        *[((0.0,), 0.0, (0.886226925452758,)), ((-0.0,), -0.0, (0.886226925452758,)), ((1.0,), INF, (INF,))],
        *[((-1.0,), -INF, (INF,)), ((1.5,), NAN, (NAN,)), ((-1.5,), NAN, (NAN,)), ((NAN,), NAN, (NAN,))],
    ],
    "erfcinv": [
        *[((0.0,), INF, (-INF,)), ((2.0,), -INF, (-INF,)), ((1.0,), 0.0, (-0.886226925452758,))],
        *[((-0.5,), NAN, (NAN,)), ((2.5,), NAN, (NAN,)), ((NAN,), NAN, (NAN,))],
    ],
    "ndtri": [
        *[((0.0,), -INF, (INF,)), ((1.0,), INF, (INF,)), ((0.5,), -0.0, (2.5066282746310002,))],
        *[((-0.5,), NAN, (NAN,)), ((1.5,), NAN, (NAN,)), ((NAN,), NAN, (NAN,))],
    ],
    "log_ndtr": [
        ((-INF,), -INF, (INF,)),
        ((INF,), -0.0, (0.0,)),
        ((0.0,), -LN2, (0.7978845608028654,)),
        ((NAN,), NAN, (NAN,)),
    ],
    "erfcx": [
        *[((0.0,), 1.0, (-1.1283791670955126,)), ((INF,), 0.0, (-0.0,)), ((-INF,), INF, (-INF,)), ((-27.0,), INF, (-INF,))],
        ((NAN,), NAN, (NAN,)),
    ],
    "gamma": [
        *[((0.0,), INF, (NAN,)), ((-0.0,), -INF, (NAN,)), ((-1.0,), NAN, (NAN,)), ((-INF,), NAN, (NAN,))],
        *[((INF,), INF, (INF,)), ((172.0,), INF, (INF,)), ((5.0,), 24.0, (36.14682404236321,)), ((-200.5,), -0.0, (-0.0,))],
        ((NAN,), NAN, (NAN,)),
    ],
    "hard_swish": [
        *[((-3.0,), -0.0, (0.0,)), ((3.0,), 3.0, (1.0,)), ((-1.5,), -0.375, (0.0,)), ((0.0,), 0.0, (0.5,))],
        *[((-INF,), -0.0, (0.0,)), ((INF,), INF, (1.0,)), ((NAN,), NAN, (NAN,))],
    ],
    "gelu_tanh": [((-INF,), -0.0, (0.0,)), ((INF,), INF, (1.0,)), ((NAN,), NAN, (NAN,)), ((0.0,), 0.0, (0.5,))],
    "scaled_softplus": [
        *[((800.0, 2.0), 800.0, (1.0, -0.0)), ((-800.0, 2.0), 0.0, (0.0, -0.0)), ((0.0, 1.0), LN2, (0.5, -LN2))],
        *[((NAN, 1.0), NAN, (NAN, NAN)), ((1.0, -1.0), -0.31326168751822286, (0.2689414213699951, -0.582203108888218))],
    ],
}

# Numbers of more than a few digits are mpmath's, at 600 digits, rounded once.
EDGES: list[Row] = [
    # arithmetic
    ("x/y", (0.0, 0.0), NAN, (INF, NAN)),
    ("x/y", (1.0, INF), 0.0, (0.0, -0.0)),
    ("x/y", (-0.0, 1.0), -0.0, (1.0, 0.0)),
    ("x/y", (1e-310, 1e-310), 1.0, (INF, -INF)),
    ("x*y", (INF, 2.0), INF, (2.0, INF)),
    ("x*y", (-0.0, 5.0), -0.0, (5.0, -0.0)),
    ("x//y", (7.0, 2.0), 3.0, (0.0, 0.0)),
    ("x//y", (-7.0, 2.0), -4.0, (0.0, 0.0)),
    ("x//y", (7.0, 0.0), INF, (0.0, 0.0)),
    ("x//y", (0.0, 0.0), NAN, (NAN, NAN)),
    ("x%y (floor mod)", (6.0, 2.0), 0.0, (1.0, -3.0)),
    ("x%y (floor mod)", (-6.0, 2.0), 0.0, (1.0, 3.0)),
    ("x%y (floor mod)", (6.0, -2.0), -0.0, (1.0, 3.0)),
    ("x%y (floor mod)", (5.5, INF), 5.5, (1.0, -0.0)),
    ("x%y (floor mod)", (5.5, -INF), -INF, (1.0, 1.0)),
    ("x%y (floor mod)", (-5.5, -2.0), -1.5, (1.0, -2.0)),
    ("fmod", (-5.5, -2.0), -1.5, (1.0, -2.0)),
    ("fmod", (5.5, -2.0), 1.5, (1.0, 2.0)),
    ("fmod", (6.0, 2.0), 0.0, (1.0, -3.0)),
    ("fmod", (-6.0, 2.0), -0.0, (1.0, 3.0)),
    ("fmod", (-0.0, 2.0), -0.0, (1.0, 0.0)),
    ("fmod", (INF, 2.0), NAN, (1.0, -INF)),
    ("abs", (INF,), INF, (1.0,)),
    ("abs", (-5e-324,), 5e-324, (-1.0,)),
    ("sign", (NAN,), NAN, (NAN,)),
    ("sign", (INF,), 1.0, (0.0,)),
    ("sign", (-INF,), -1.0, (0.0,)),
    ("copysign", (0.0, 1.0), 0.0, (0.0, 0.0)),
    ("copysign", (3.0, -0.0), -3.0, (-1.0, 0.0)),
    ("copysign", (-3.0, -2.0), -3.0, (1.0, 0.0)),
    ("copysign", (NAN, 1.0), NAN, (NAN, 0.0)),
    # powers and roots
    ("reciprocal", (-0.0,), -INF, (-INF,)),
    ("reciprocal", (1e-200,), 1e200, (-INF,)),
    ("reciprocal", (-INF,), -0.0, (-0.0,)),
    ("reciprocal", (NAN,), NAN, (NAN,)),
    ("square", (1e200,), INF, (2e200,)),
    ("square", (-INF,), INF, (-INF,)),
    ("square", (-0.0,), 0.0, (-0.0,)),
    ("sqrt", (-0.0,), -0.0, (INF,)),
    ("sqrt", (-INF,), NAN, (NAN,)),
    ("rsqrt", (0.0,), INF, (-INF,)),
    ("rsqrt", (-1.0,), NAN, (NAN,)),
    ("rsqrt", (INF,), 0.0, (-0.0,)),
    ("cbrt", (0.0,), 0.0, (INF,)),
    ("cbrt", (-0.0,), -0.0, (INF,)),
    ("cbrt", (-INF,), -INF, (0.0,)),
    ("cbrt", (NAN,), NAN, (NAN,)),
    ("pow(x,y)", (-8.0, 1 / 3), NAN, (NAN, NAN)),
    ("pow(x,y)", (-2.0, -1.0), -0.5, (-0.25, NAN)),
    ("pow(x,y)", (0.0, 2.0), 0.0, (0.0, 0.0)),
    ("pow(x,y)", (0.0, -2.0), INF, (-INF, NAN)),
    ("pow(x,y)", (-0.0, -1.0), -INF, (-INF, NAN)),
    ("pow(x,y)", (NAN, 2.0), NAN, (NAN, NAN)),
    ("pow", (1.0, 5.0), 1.0, (5.0, 0.0)),
    ("x**0.3333333333333333", (-8.0,), NAN, (NAN,)),
    ("x**-0.5", (0.0,), INF, (-INF,)),
    ("x**-0.5", (INF,), 0.0, (-0.0,)),
    ("x**nan", (2.0,), NAN, (NAN,)),
    ("x**0.5", (-0.0,), 0.0, (INF,)),
    ("x**0.5", (INF,), INF, (0.0,)),
    ("x**0.5", (-1.0,), NAN, (NAN,)),
    ("x**0", (INF,), 1.0, (0.0,)),
    ("x**1", (0.0,), 0.0, (1.0,)),
    ("x**1", (-0.0,), -0.0, (1.0,)),
    ("x**2", (-0.0,), 0.0, (-0.0,)),
    ("x**2", (-INF,), INF, (-INF,)),
    ("x**3", (-INF,), -INF, (INF,)),
    ("x**-1", (1e-200,), 1e200, (-INF,)),
    # exponentials and logarithms
    ("exp", (-746.0,), 0.0, (0.0,)),
    ("exp2", (1024.0,), INF, (1.2460659279417838e308,)),
    ("exp2", (-INF,), 0.0, (0.0,)),
    ("exp2", (INF,), INF, (INF,)),
    ("exp2", (NAN,), NAN, (NAN,)),
    ("expm1", (-42.0,), -1.0, (5.74952226429356e-19,)),
    ("expm1", (-0.0,), -0.0, (1.0,)),
    ("expm1", (NAN,), NAN, (NAN,)),
    ("log", (-INF,), NAN, (NAN,)),
    ("log", (NAN,), NAN, (NAN,)),
    ("log2", (-0.0,), -INF, (INF,)),
    ("log2", (-1.0,), NAN, (NAN,)),
    ("log2", (INF,), INF, (0.0,)),
    ("log10", (0.0,), -INF, (INF,)),
    ("log10", (-0.0,), -INF, (INF,)),
    ("log10", (-1.0,), NAN, (NAN,)),
    ("log10", (1000.0,), 3.0, (0.00043429448190325184,)),
    ("log10", (NAN,), NAN, (NAN,)),
    ("log1p", (-2.0,), NAN, (NAN,)),
    ("log1p", (-INF,), NAN, (NAN,)),
    ("log1p", (-0.0,), -0.0, (1.0,)),
    ("log1p", (NAN,), NAN, (NAN,)),
    ("logaddexp", (INF, 0.0), INF, (1.0, 0.0)),
    ("logaddexp", (0.0, INF), INF, (0.0, 1.0)),
    ("logaddexp", (INF, -INF), INF, (1.0, 0.0)),
    ("logaddexp", (-INF, -800.0), -800.0, (0.0, 1.0)),
    ("logaddexp", (0.0, NAN), NAN, (NAN, NAN)),
    ("xlogy", (2.0, 1.0), 0.0, (0.0, 2.0)),
    ("xlogy", (0.0, INF), 0.0, (INF, 0.0)),
    ("xlogy", (NAN, 2.0), NAN, (LN2, NAN)),
    ("xlogy", (2.0, -1.0), NAN, (NAN, NAN)),
    ("xlogy", (2.0, -0.0), -INF, (-INF, INF)),
    # circular and hyperbolic functions
    ("sin", (-0.0,), -0.0, (1.0,)),
    ("sin", (-INF,), NAN, (NAN,)),
    ("cos", (-0.0,), 1.0, (0.0,)),
    ("cos", (NAN,), NAN, (NAN,)),
    ("tan", (-0.0,), -0.0, (1.0,)),
    ("tan", (NAN,), NAN, (NAN,)),
    ("asin", (-1.0,), -PI / 2, (INF,)),
    ("asin", (NAN,), NAN, (NAN,)),
    ("asin", (-2.0,), NAN, (NAN,)),
    ("acos", (-1.0,), PI, (-INF,)),
    ("acos", (NAN,), NAN, (NAN,)),
    ("atan", (INF,), PI / 2, (0.0,)),
    ("atan", (NAN,), NAN, (NAN,)),
    ("atan2(y,x)", (-0.0, 0.0), -0.0, (0.0, 0.0)),
    ("atan2(y,x)", (-0.0, -0.0), -PI, (0.0, 0.0)),
    ("atan2(y,x)", (0.0, 1.0), 0.0, (1.0, -0.0)),
    ("atan2(y,x)", (-1.0, 0.0), -PI / 2, (0.0, 1.0)),
    ("atan2(y,x)", (1e200, 1e200), PI / 4, (5e-201, -5e-201)),
    ("atan2(y,x)", (1.0, NAN), NAN, (NAN, NAN)),
    ("atan2(y,x)", (1.0, INF), 0.0, (0.0, -0.0)),
    ("sinc", (INF,), 0.0, (0.0,)),
    ("sinc", (-INF,), 0.0, (0.0,)),
    ("sinc", (NAN,), NAN, (NAN,)),
    ("sinc", (1.0,), 0.0, (-1.0,)),
    ("sinc", (0.5,), 0.6366197723675814, (-1.2732395447351628,)),
    ("sinc", (-1e-8,), 1.0, (3.2898681336964526e-08,)),
    ("sinh", (INF,), INF, (INF,)),
    ("sinh", (-INF,), -INF, (INF,)),
    ("sinh", (711.0,), INF, (INF,)),
    ("cosh", (INF,), INF, (INF,)),
    ("cosh", (-INF,), INF, (-INF,)),
    ("cosh", (711.0,), INF, (INF,)),
    ("cosh", (NAN,), NAN, (NAN,)),
    ("tanh", (273.0,), 1.0, (3.001047518961926e-237,)),
    ("tanh", (-20.0,), -1.0, (1.6993417021166355e-17,)),
    ("tanh", (-INF,), -1.0, (0.0,)),
    ("tanh", (-0.0,), -0.0, (1.0,)),
    ("sech", (INF,), 0.0, (-0.0,)),
    ("sech", (-INF,), 0.0, (0.0,)),
    ("sech", (NAN,), NAN, (NAN,)),
    ("asinh", (INF,), INF, (0.0,)),
    ("asinh", (-INF,), -INF, (0.0,)),
    ("asinh", (-0.0,), -0.0, (1.0,)),
    ("acosh", (0.5,), NAN, (NAN,)),
    ("acosh", (-2.0,), NAN, (NAN,)),
    ("acosh", (INF,), INF, (0.0,)),
    ("acosh", (NAN,), NAN, (NAN,)),
    ("atanh", (-2.0,), NAN, (NAN,)),
    ("atanh", (INF,), NAN, (NAN,)),
    ("atanh", (NAN,), NAN, (NAN,)),
    # lengths
    ("hypot", (0.0, 0.0), 0.0, (0.0, 0.0)),
    ("hypot", (-0.0, -0.0), 0.0, (0.0, 0.0)),
    ("hypot", (0.0, -5.0), 5.0, (0.0, -1.0)),
    ("hypot", (-INF, 1.0), INF, (-1.0, 0.0)),
    ("hypot", (NAN, 1.0), NAN, (NAN, NAN)),
    ("hypot", (INF, INF), INF, (NAN, NAN)),
    ("hypot", (1e308, 1e308), 1.4142135623730951e308, (0.7071067811865476, 0.7071067811865476)),
    ("hypot", (1.5e308, 1.5e308), INF, (0.7071067811865476, 0.7071067811865476)),
    ("hypot", (5e-324, 0.0), 5e-324, (1.0, 0.0)),
    ("hypot", (5e-324, 5e-324), 5e-324, (0.7071067811865476, 0.7071067811865476)),
    ("norm", (0.0, 0.0, 0.0), 0.0, (0.0, 0.0, 0.0)),
    ("norm", (-2.0,), 2.0, (-1.0,)),
    ("norm", (1e200, 0.0, -1e200), 1.414213562373095e200, (0.7071067811865476, 0.0, -0.7071067811865476)),
    # the larger, the smaller, the nearest
    ("maximum", (2.0, 1.0), 2.0, (1.0, 0.0)),
    ("maximum", (1.0, 2.0), 2.0, (0.0, 1.0)),
    ("maximum", (1.0, 1.0), 1.0, (0.5, 0.5)),
    ("maximum", (0.0, -0.0), 0.0, (0.5, 0.5)),
    ("maximum", (-INF, -INF), -INF, (0.5, 0.5)),
    ("maximum", (NAN, 1.0), NAN, (NAN, NAN)),
    ("maximum", (1.0, NAN), NAN, (NAN, NAN)),
    ("minimum", (2.0, 1.0), 1.0, (0.0, 1.0)),
    ("minimum", (1.0, 2.0), 1.0, (1.0, 0.0)),
    ("minimum", (1.0, 1.0), 1.0, (0.5, 0.5)),
    ("minimum", (0.0, -0.0), -0.0, (0.5, 0.5)),
    ("minimum", (INF, INF), INF, (0.5, 0.5)),
    ("minimum", (NAN, 1.0), NAN, (NAN, NAN)),
    ("minimum", (1.0, NAN), NAN, (NAN, NAN)),
    ("max", (5.0, 5.0, 5.0), 5.0, (1 / 3, 1 / 3, 1 / 3)),
    ("max", (1.0, 3.0, 3.0), 3.0, (0.0, 0.5, 0.5)),
    ("max", (-INF, 1.0), 1.0, (0.0, 1.0)),
    ("min", (NAN, 1.0, 2.0), NAN, (NAN, NAN, NAN)),
    ("min", (2.0, 1.0, 3.0), 1.0, (0.0, 1.0, 0.0)),
    ("clip", (0.0, -1.0, 1.0), 0.0, (1.0, 0.0, 0.0)),
    ("clip", (2.0, -1.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    ("clip", (-2.0, -1.0, 1.0), -1.0, (0.0, 1.0, 0.0)),
    ("clip", (1.0, -1.0, 1.0), 1.0, (0.0, 0.0, 0.0)),
    ("clip", (-1.0, -1.0, 1.0), -1.0, (0.0, 0.0, 0.0)),
    ("clip", (0.5, 2.0, 1.0), 1.0, (0.0, 0.0, 1.0)),  # crossed bounds: min(max(x, low), high)
    ("clip", (5.0, 2.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    ("clip", (1.0, 1.0, 1.0), 1.0, (0.0, 0.0, 0.0)),
    ("clip", (0.0, 1.0, 1.0), 1.0, (0.0, 0.0, 0.0)),
    ("clip", (INF, -INF, INF), INF, (0.0, 0.0, 0.0)),
    ("clip", (NAN, -1.0, 1.0), NAN, (NAN, NAN, NAN)),
    ("clip", (0.0, NAN, 1.0), NAN, (NAN, NAN, NAN)),
    ("clip", (0.0, -1.0, NAN), NAN, (NAN, NAN, NAN)),
    # steps
    ("floor", (-0.0,), -0.0, (0.0,)),
    ("floor", (-0.5,), -1.0, (0.0,)),
    ("floor", (1e300,), 1e300, (0.0,)),
    ("ceil", (-0.5,), -0.0, (0.0,)),
    ("ceil", (-INF,), -INF, (0.0,)),
    ("ceil", (NAN,), NAN, (NAN,)),
    ("round", (-0.5,), -0.0, (0.0,)),
    ("round", (0.5,), 0.0, (0.0,)),
    ("round", (-2.5,), -2.0, (0.0,)),
    ("round", (INF,), INF, (0.0,)),
    ("round", (NAN,), NAN, (NAN,)),
    ("trunc", (-0.5,), -0.0, (0.0,)),
    ("trunc", (-INF,), -INF, (0.0,)),
    ("trunc", (NAN,), NAN, (NAN,)),
    # activations
    ("relu", (5e-324,), 5e-324, (1.0,)),
    ("leaky_relu", (0.0, 2.0), 0.0, (1.0, 0.0)),  # concave: 1 is the least of 1 … 2
    ("leaky_relu", (0.0, -1.0), -0.0, (0.0, 0.0)),  # convex: 0 lies between −1 and 1
    ("leaky_relu", (0.0, 0.25), 0.0, (0.25, 0.0)),
    ("leaky_relu", (-0.0, 0.25), -0.0, (0.25, -0.0)),
    ("leaky_relu", (-4.0, 0.25), -1.0, (0.25, -4.0)),
    ("leaky_relu", (NAN, 0.25), NAN, (NAN, NAN)),
    ("elu", (0.0, 2.0), 0.0, (1.0, 0.0)),
    ("elu", (0.0, 0.5), 0.0, (0.5, 0.0)),
    ("elu", (0.0, -1.0), -0.0, (0.0, 0.0)),
    ("elu", (-0.0, 1.0), -0.0, (1.0, -0.0)),
    ("elu", (-INF, 2.0), -2.0, (0.0, -1.0)),
    ("elu", (INF, 2.0), INF, (1.0, 0.0)),
    ("elu", (-37.5, 1.0), -1.0, (5.175555005801869e-17, -1.0)),
    ("selu", (0.0,), 0.0, (1.0507009873554805,)),
    ("selu", (-0.0,), -0.0, (1.0507009873554805,)),
    ("selu", (-INF,), -1.7580993408473768, (0.0,)),
    ("selu", (INF,), INF, (1.0507009873554805,)),
    ("selu", (NAN,), NAN, (NAN,)),
    ("celu", (0.0, 2.0), 0.0, (1.0, 0.0)),
    ("celu", (-INF, 2.0), -2.0, (0.0, -1.0)),
    ("celu", (INF, 2.0), INF, (1.0, 0.0)),
    ("celu", (NAN, 2.0), NAN, (NAN, NAN)),
    ("sigmoid", (INF,), 1.0, (0.0,)),
    ("log_sigmoid", (INF,), -0.0, (0.0,)),
    ("log_sigmoid", (NAN,), NAN, (NAN,)),
    ("softplus", (INF,), INF, (1.0,)),
    ("softplus", (800.0,), 800.0, (1.0,)),
    *[(name, x, y, d) for name, rows in PINNED.items() for x, y, d in rows],
    ("softsign", (INF,), 1.0, (0.0,)),
    ("softsign", (-INF,), -1.0, (0.0,)),
    ("softsign", (-0.0,), -0.0, (1.0,)),
    ("softsign", (NAN,), NAN, (NAN,)),
    ("silu", (-800.0,), -0.0, (-0.0,)),
    ("silu", (NAN,), NAN, (NAN,)),
    ("gelu", (0.0,), 0.0, (0.5,)),
    ("gelu", (-8.8,), -6.019910763623281e-18, (-5.295859077155571e-17,)),
    ("gelu", (NAN,), NAN, (NAN,)),
    ("mish", (INF,), INF, (1.0,)),
    ("mish", (-INF,), -0.0, (0.0,)),
    ("mish", (0.0,), 0.0, (0.6,)),
    ("mish", (NAN,), NAN, (NAN,)),
    ("hard_tanh", (1.0,), 1.0, (0.0,)),
    ("hard_tanh", (-1.0,), -1.0, (0.0,)),
    ("hard_tanh", (0.5,), 0.5, (1.0,)),
    ("hard_tanh", (INF,), 1.0, (0.0,)),
    ("hard_tanh", (NAN,), NAN, (NAN,)),
    ("hard_sigmoid", (3.0,), 1.0, (0.0,)),
    ("hard_sigmoid", (-3.0,), 0.0, (0.0,)),
    ("hard_sigmoid", (0.0,), 0.5, (1 / 6,)),
    ("hard_sigmoid", (-INF,), 0.0, (0.0,)),
    ("hard_sigmoid", (NAN,), NAN, (NAN,)),
    # special functions
    ("erf", (-INF,), -1.0, (0.0,)),
    ("erf", (-0.0,), -0.0, (1.1283791670955126,)),
    ("erf", (NAN,), NAN, (NAN,)),
    ("erfc", (-INF,), 2.0, (-0.0,)),
    ("erfc", (INF,), 0.0, (-0.0,)),
    ("erfc", (NAN,), NAN, (NAN,)),
    ("norm_cdf", (INF,), 1.0, (0.0,)),
    ("norm_cdf", (-INF,), 0.0, (0.0,)),
    ("norm_cdf", (NAN,), NAN, (NAN,)),
    ("norm_pdf", (INF,), 0.0, (-0.0,)),
    ("norm_pdf", (-INF,), 0.0, (0.0,)),
    ("norm_pdf", (NAN,), NAN, (NAN,)),
    ("lgamma", (-2.0,), INF, (NAN,)),
    ("lgamma", (-INF,), INF, (NAN,)),
    ("lgamma", (1.0,), 0.0, (-0.5772156649015329,)),
    ("lgamma", (NAN,), NAN, (NAN,)),
    ("digamma", (0.0,), NAN, (NAN,)),
    ("digamma", (INF,), INF, (0.0,)),
    ("digamma", (-INF,), NAN, (NAN,)),
    ("digamma", (NAN,), NAN, (NAN,)),
    ("digamma", (-0.5,), 0.03648997397857652, (8.934802200544679,)),
    # of many
    ("sum", (INF, -INF), NAN, (1.0, 1.0)),
    ("sum", (-0.0, -0.0), -0.0, (1.0, 1.0)),
    ("mean", (INF, 1.0), INF, (0.5, 0.5)),
    ("dot", (INF, 1.0, 0.0, 1.0), NAN, (0.0, 1.0, INF, 1.0)),
    ("prod", (INF, 0.0, 1.0), NAN, (0.0, INF, NAN)),
    ("prod", (-0.0, 2.0), -0.0, (2.0, -0.0)),
    ("logsumexp", (INF, INF, 0.0), INF, (NAN, NAN, NAN)),
    ("logsumexp", (INF, -INF, 0.0), INF, (1.0, 0.0, 0.0)),
    ("logsumexp", (-INF, 0.0, 0.0), LN2, (0.0, 0.5, 0.5)),
    ("logsumexp", (5.0,), 5.0, (1.0,)),
    ("softmax[0]", (NAN, 0.0), NAN, (NAN, NAN)),
    ("softmax[0]", (800.0, 800.0), 0.5, (0.25, -0.25)),
    ("log_softmax[0]", (800.0, 800.0), -LN2, (0.5, -0.5)),
    ("log_softmax[0]", (NAN, 0.0), NAN, (NAN, NAN)),
    ("where(x>0,sqrt(x),0)", (NAN,), 0.0, (0.0,)),
]


@pytest.mark.parametrize(("name", "point", "value", "partials"), EDGES, ids=lambda x: str(x))
def test_our_own_points_have_their_value_and_gradient(
    name: str, point: tuple[float, ...], value: float, partials: tuple[float, ...]
) -> None:
    actual, gradient = evaluated(OPERATIONS[name], point)
    assert close(actual, value), actual
    assert len(gradient) == len(partials)
    assert all(map(close, gradient, partials)), gradient


SECOND_DERIVATIVES = [
    ("x**2", 0.0, 2.0),
    ("x**3", 0.0, 0.0),
    ("sinc", 0.0, -3.289868133696453),
    ("lgamma", 1.0, 1.6449340668482264),
    ("digamma", 1.0, -2.4041138063191885),
    ("tanh", 20.0, -3.398683404233271e-17),
    ("sigmoid", 40.0, -4.248354255291589e-18),
    ("cbrt", 8.0, -0.006944444444444444),
    ("softplus", 40.0, 4.248354255291589e-18),
    ("log_softmax[0]", 0.0, 0.0),
    ("abs", -2.0, 0.0),
    ("relu", 1.0, 0.0),
    ("exp", -INF, 0.0),
    ("log", -1.0, NAN),
    ("atanh", 2.0, NAN),
    ("log1p", -1.0, -INF),
    ("acosh", 1.0, -INF),
]


@pytest.mark.parametrize(("name", "x", "second"), SECOND_DERIVATIVES)
def test_second_derivatives_at_edges(name: str, x: float, second: float) -> None:
    leaf = Value(x)
    OPERATIONS[name](leaf).backward(create_graph=True)
    gradient, leaf.grad = leaf.grad, None
    gradient.backward()  # type: ignore[attr-defined]
    assert close(leaf.grad, second), leaf.grad


@pytest.mark.parametrize(
    ("name", "point", "hessian"),
    [
        ("xlog1py", (0.0, 0.0), [[0.0, 1.0], [1.0, 0.0]]),
        ("xlogy", (0.0, 1.0), [[0.0, 1.0], [1.0, 0.0]]),
        ("xlogy", (2.0, 0.0), [[0.0, INF], [INF, -INF]]),
        ("xlogy", (2.0, 1.0), [[0.0, 1.0], [1.0, -2.0]]),
        ("pow(x,y)", (0.0, 2.0), [[2.0, 0.0], [0.0, 0.0]]),
        ("pow(x,y)", (2.0, 0.0), [[0.0, 0.5], [0.5, 0.4804530139182014]]),
        ("hypot", (0.0, 1.0), [[1.0, 0.0], [0.0, 0.0]]),
        ("atan2(y,x)", (0.0, 1.0), [[0.0, -1.0], [-1.0, 0.0]]),
        ("prod", (0.0, 0.0, 2.0), [[0.0, 2.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]),
        ("maximum", (1.0, 1.0), [[0.0, 0.0], [0.0, 0.0]]),
        ("logaddexp", (800.0, 800.0), [[0.25, -0.25], [-0.25, 0.25]]),
        ("celu", (-1e-6, 1.0), [[0.9999990000005, 9.99999000000500e-07], [9.99999000000500e-07, 9.99999000000500e-13]]),
    ],
)
def test_hessians_at_edges(name: str, point: tuple[float, ...], hessian: list[list[float]]) -> None:
    """Of zeros no sign is asked."""
    actual = ag.hessian(lambda xs: OPERATIONS[name](*xs))(list(point))
    assert all(
        close(a + 0.0, e) for row, exact in zip(actual, hessian, strict=True) for a, e in zip(row, exact, strict=True)
    )


# -- laws at kinks -----------------------------------------------------------------------------------

KINKS = [
    *[("abs", 0.0), ("relu", 0.0), ("selu", 0.0), ("hard_tanh", 1.0), ("hard_tanh", -1.0)],
    *[("hard_sigmoid", 3.0), ("hard_sigmoid", -3.0), ("leaky_relu(0.01)", 0.0), ("clip(x,-1,1)", 1.0), ("elu", 0.0)],
]


@pytest.mark.parametrize(("name", "x"), KINKS)
def test_a_derivative_at_a_kink_lies_between_both_sides_and_no_number_there_is_smaller(name: str, x: float) -> None:
    """Pitfall 20: the gradient returned is a subgradient, and of those the one of least magnitude."""
    function = OPERATIONS[name]
    h = 2.0**-30
    left, right = (evaluated(function, [x + side * h / 2])[1][0] for side in (-1.0, 1.0))
    low, high = min(left, right), max(left, right)
    gradient = evaluated(function, [x])[1][0]
    assert low - 1e-9 <= gradient <= high + 1e-9
    assert abs(gradient) <= max(low, -high, 0.0) + 1e-9


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_elu_and_leaky_relu_at_0_take_the_smaller_derivative_for_every_parameter(a: float, x: float) -> None:
    expected = 0.0 if a <= 0 else min(a, 1.0)
    for operation in (ag.elu, ag.leaky_relu):
        assert evaluated(lambda x, f=operation: f(x, a), [0.0])[1] == [expected]
        if x > 0:
            assert evaluated(lambda x, f=operation: f(x, a), [x]) == (x, [1.0])


COUNTS = {name: len(REFERENCES[name].sampler(Random(0))) for name in REFERENCES if hasattr(ag, name) and name != "where"}
UNARY = sorted(name for name, count in COUNTS.items() if count == 1 and name != "neg")


@pytest.mark.parametrize("name", UNARY)
def test_nan_in_gives_nan_out_and_a_nan_derivative(name: str) -> None:
    """Pitfall 19: relu hides a nan behind the derivative 0. (neg is linear: its derivative doesn't depend on x.)"""
    value, gradient = evaluated(OPERATIONS[name], [NAN])
    assert [bits(value), *map(bits, gradient)] == ["nan", "nan"]


FEW = sorted(name for name, count in COUNTS.items() if count <= 2 and name != "polygamma")  # whose order is no Value


@settings(max_examples=500)
@given(st.sampled_from(FEW), st.floats(), st.floats())
def test_no_number_makes_an_operation_raise_or_give_anything_but_a_float(name: str, a: float, b: float) -> None:
    """Pitfalls 15 and 19: overflow, poles, domains; complex numbers and ints leaking out."""
    leaves = list(map(Value, (a, b)[: COUNTS[name]]))
    y = OPERATIONS[name](*leaves)
    y.backward()
    assert type(y.data) is float
    assert all(type(leaf.grad) is float for leaf in leaves)


@pytest.mark.parametrize("x", [math.nextafter(0.5, 0.0), math.nextafter(0.5, 1.0), 0.3, 0.7])
def test_the_cosine_behind_digamma_keeps_its_digits_beside_its_zero(x: float) -> None:
    with mp.workdps(60):
        assert ulps(special.cospi(x), mp.cospi(x)) <= 2.0


@pytest.mark.parametrize("x", [0.01, 15.5, 19.4, 62.79, 255.92, 1e5])
def test_polygamma_of_high_order_keeps_its_digits_on_either_side_of_its_recurrence(x: float) -> None:
    with mp.workdps(60):
        assert ulps(special.polygamma(40, x), mp.polygamma(40, x)) <= 16.0


@pytest.mark.parametrize("condition", [True, False])
def test_where_sends_nothing_to_the_side_not_chosen(condition: bool) -> None:
    """Pitfall 22: 0 × inf from the branch not taken."""
    good, bad = Value(2.0), Value(0.0)
    sides = (good * 3.0, ag.log(bad) / bad)
    y = ag.where(condition, *(sides if condition else sides[::-1]))
    y.backward()
    assert (y.data, good.grad, bad.grad_or_none) == (6.0, 3.0, None)


def test_a_composition_follows_ieee_where_one_operation_would_not() -> None:
    """Pitfall 21: √(x²) at 0 is 0·inf; abs and hypot are the operations to use."""
    assert bits(evaluated(lambda x: ag.sqrt(x * x), [0.0])[1][0]) == "nan"
    assert evaluated(ag.abs, [0.0])[1] == evaluated(ag.hypot, [0.0])[1] == evaluated(ag.norm, [0.0])[1] == [0.0]
