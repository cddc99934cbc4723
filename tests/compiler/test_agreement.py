"""Compiled, interpreted and eager: the same numbers on random functions and at every pinned point.

All ten thousand random programs: ``pytest tests/compiler -m long``; every run does three hundred.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import Value, compile
from autograd.backward import gradients
from autograd.program.interpreter import run
from autograd.program.rolled import roll
from autograd.testing import strategies
from autograd.testing.rounding import rounding
from tests.edge_functions import FUNCTIONS
from tests.rules.test_edge_cases import ELSEWHERE, ROWS, evaluated


def same(a: float, b: float) -> bool:
    """The same bits, any nan like any other."""
    return (a != a and b != b) or (a == b and math.copysign(1.0, a) == math.copysign(1.0, b))


def assert_agreement(data: st.DataObject) -> None:
    f = data.draw(strategies.expressions(max_times=20))
    point = data.draw(strategies.points_of(f))
    xs = [Value(x) for x in point]
    y = f(*xs)
    derivatives, recorded = gradients(y, 1.0), gradients(y, Value(1.0))
    eager = [y.data, *[derivatives.get(x, 0.0) for x in xs]]
    outputs = [y, *[recorded.get(x, 0.0) for x in xs]]
    compiled = compile(f, strict=True)
    value, gradient = compiled.value_and_grad(*point, argnums=tuple(range(len(point))))
    assert all(map(same, run(compiled.program, point), eager))
    assert all(map(same, run(roll(compiled.program), point), eager))
    lanes, rows = compile(f, in_axes=0, strict=True).value_and_grad(
        *[np.full(3, x) for x in point], argnums=tuple(range(len(point)))
    )
    noise = [4.0 * rounding(output) + 1e-300 if isinstance(output, Value) else 0.0 for output in outputs]
    for found in ([value, *gradient], [lanes[2], *[row[2] for row in rows]]):
        for a, b, most in zip(found, eager, noise, strict=True):
            assert same(a, b) or abs(a - b) <= max(most, 1e-10 * abs(b)) or not math.isfinite(b)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_programs_agree(data: st.DataObject) -> None:
    assert_agreement(data)


@pytest.mark.long
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.data())
def test_ten_thousand_random_programs_agree(data: st.DataObject) -> None:
    assert_agreement(data)


def near(found: float, expected: float) -> bool:
    return same(found, expected) or abs(found - expected) <= 4.0 * math.ulp(expected)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["fn"] not in ELSEWHERE], ids=lambda row: f"{row['fn']} at {row['x']}"
)
def test_every_pinned_point_has_its_value_and_gradient_compiled(row: dict[str, Any]) -> None:
    point = tuple(map(float, row["x"]))
    f = FUNCTIONS[row["fn"]]
    value, derivatives = evaluated(f, point)
    everywhere = tuple(range(len(point)))
    at_point = compile(lambda *xs: f(*xs), strict=True).value_and_grad(*point, argnums=everywhere)
    in_lanes = compile(lambda *xs: f(*xs), in_axes=0, strict=True).value_and_grad(
        *[np.full(9, x) for x in point], argnums=everywhere
    )
    for found, gradient in (at_point, (float(in_lanes[0][8]), [float(row[8]) for row in in_lanes[1]])):
        assert near(found, value)
        assert all(map(near, gradient, derivatives))
