"""The texts for JAX and Numba run, by those that are installed here, at points and on random programs: ``-m peers``."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autograd import compile, sin
from autograd.compiler import ProgramError
from autograd.interop.packages import found
from autograd.program.instructions import Instructions
from autograd.program.interpreter import run
from autograd.program.program import Program
from autograd.testing import strategies
from tests.edge_functions import FUNCTIONS
from tests.program.exported import NAMED, flat, near
from tests.program.make_jax_values import FILE, function
from tests.program.test_loops_written import RECURRENCE, START
from tests.program.written_loops import points, programs
from tests.rules.test_edge_cases import ELSEWHERE, ROWS, evaluated

pytestmark = pytest.mark.peers
NOISE = np.array(START[4:])
few = settings(max_examples=20, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
with_jax = pytest.mark.skipif(found("jax") is None, reason="there is no JAX")
with_numba = pytest.mark.skipif(found("numba") is None, reason="there is no Numba")


@with_jax
@pytest.mark.parametrize("name", json.loads(FILE.read_text(encoding="utf-8")))
def test_live_jax_has_the_stored_numbers(name: str) -> None:
    import jax

    one, made = NAMED[name], json.loads(FILE.read_text(encoding="utf-8"))[name]
    f = jax.jit(function(one.program().to_jax()))
    assert all(all(map(near, flat(f(*point)), values)) for point, values in zip(one.points, made["values"], strict=True))


@with_jax
def test_live_jax_maps_over_lanes_and_differentiates_what_it_is_given() -> None:
    import jax

    f = function(RECURRENCE.to_jax())
    lanes = jax.jit(jax.vmap(f, in_axes=(None,) * 4 + (0,)))(*START[:4], np.array([NOISE, -NOISE]))
    for lane, z in enumerate((NOISE, -NOISE)):
        expected = run(RECURRENCE, [*START[:4], *z])
        assert all(map(near, flat([np.broadcast_to(y, (2, *np.shape(y)[1:]))[lane] for y in lanes]), expected))
    slope = compile(lambda x: sin(x) * x)
    slope(0.5)
    assert float(jax.grad(lambda x: function(slope.program.to_jax())(x)[0])(0.5)) == pytest.approx(
        slope.grad(0.5), rel=1e-12
    )


@with_jax
def test_live_jax_refuses_arrays_of_another_size() -> None:
    with pytest.raises(TypeError, match=r"reshape .*29"):
        function(RECURRENCE.to_jax())(*START[:4], np.zeros(29))


def close(x: float, expected: float) -> bool:
    return near(x, expected) or math.isclose(x, expected, rel_tol=1e-9, abs_tol=1e-300)


def assert_random(source: str, code: Instructions, point: list[float]) -> None:
    """Random programs lose digits by themselves: 1e-9, as the other languages'."""
    expected = run(code, point)
    found = flat(function(source)(np.array(point)))
    assert all(map(close, found, expected))


@with_jax
@few
@given(programs(), points)
def test_live_jax_runs_random_loops(code: Instructions, point: list[float]) -> None:
    assert_random(Program.of(code).to_jax(), code, point)


@with_numba
@few
@given(programs(), points)
def test_live_numba_runs_random_loops(code: Instructions, point: list[float]) -> None:
    assert_random(Program.of(code).to_numba(), code, point)


def assert_expression(data: st.DataObject, way: str) -> None:
    f = data.draw(strategies.expressions(max_times=20))
    point = data.draw(strategies.points_of(f))
    compiled = compile(f, strict=True)
    value, gradient = compiled.value_and_grad(*point, argnums=tuple(range(len(point))))
    try:
        text = getattr(compiled.program, way)()
    except ProgramError:
        return
    assert all(map(close, flat(function(text)(*point)), [value, *gradient]))


@with_jax
@few
@given(st.data())
def test_live_jax_runs_random_expressions(data: st.DataObject) -> None:
    assert_expression(data, "to_jax")


@with_numba
@few
@given(st.data())
def test_live_numba_runs_random_expressions(data: st.DataObject) -> None:
    assert_expression(data, "to_numba")


@with_numba
@pytest.mark.parametrize("name", [name for name in NAMED if not name.startswith("benchmark")])
def test_live_numba_has_the_numbers_of_the_compiled_function(name: str) -> None:
    one = NAMED[name]
    try:
        text = one.program().to_numba()
    except ProgramError:
        return
    f = function(text)
    for point in one.points:
        assert all(map(near, flat(f(*point)), one.value_and_gradient(point)))


@with_numba
@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["fn"] not in ELSEWHERE], ids=lambda row: f"{row['fn']} at {row['x']}"
)
def test_live_numba_has_every_pinned_point(row: dict[str, Any]) -> None:
    point, f = tuple(map(float, row["x"])), FUNCTIONS[row["fn"]]
    compiled = compile(lambda *xs: f(*xs), strict=True)
    compiled.value_and_grad(*point, argnums=tuple(range(len(point))))
    try:
        text = compiled.program.to_numba()
    except ProgramError:
        return
    value, derivatives = evaluated(f, point)
    assert all(map(near, flat(function(text)(*point)), [value, *derivatives]))
