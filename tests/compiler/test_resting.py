"""Loops that end once nothing changes any more: which those are, and that no bit of a result shows it."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import compile, root, scan, where
from autograd.compiler.codegen import resting

pytest.importorskip("llvmlite")

NUMBERS = [0.0, -0.0, 0.5, 3.0, 20.0, -7.0, 1e15, math.inf, -math.inf, math.nan]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What each loop was found to be."""
    found: list[bool] = []
    ask = resting.may_rest

    def noted(*args: Any) -> bool:
        found.append(ask(*args))
        return found[-1]

    monkeypatch.setattr("autograd.compiler.codegen.function.may_rest", noted)
    return found


def halved(x: Any) -> Any:
    return scan(lambda x, _: (where(x >= 1.0, x / 2.0, x), None), x, length=60)[0]


def squares(x: Any) -> Any:
    """Two states, of which one begins when the other is done."""

    def step(s: Any, _: Any) -> Any:
        a, b = s
        return (where(a > 1.0, a * 0.5, a), where(a > 1.0, b, where(b < 100.0, b * b + 2.0, b))), None

    return scan(step, (x, x), length=80)[0][1]


def turning(x: Any) -> Any:
    """0 and −0 in turn: equal, but other bits."""
    return scan(lambda x, _: (where(x < 1.0, -x, x), None), x, length=31)[0]


def nested(x: Any) -> Any:
    def outer(s: Any, _: Any) -> Any:
        return where(s < 1e6, halved(s) * 3.0 + 1.0, s), None

    return scan(outer, x, length=12)[0]


def calling(x: Any) -> Any:
    return scan(
        lambda x, _: (where(ag.abs(ag.sin(x) - 0.3) > 1e-12, x - (ag.sin(x) - 0.3) / ag.cos(x), x), None), x, length=90
    )[0]


@pytest.mark.parametrize("f", [halved, squares, turning, nested, calling])
def test_a_loop_that_may_rest_has_the_bits_of_pythons(f: Callable[[Any], Any], asked: list[bool]) -> None:
    expected = np.array([f(x) for x in NUMBERS])
    lanes = compile(f, in_axes=0, strict=True)(np.array(NUMBERS))
    assert any(asked)
    assert np.isnan(lanes).tolist() == np.isnan(expected).tolist()
    finite = ~np.isnan(expected)
    assert lanes[finite].tobytes() == expected[finite].tobytes()
    points = np.array([compile(f, strict=True)(x) for x in NUMBERS])
    assert points[finite].tobytes() == expected[finite].tobytes()


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40), st.integers(8, 70))
@settings(max_examples=15)
def test_lanes_rest_alone(xs: list[float], length: int) -> None:
    def f(x: Any) -> Any:
        return scan(lambda x, _: (where(ag.abs(x) > 1.0, x * 0.5 - 0.1, x), None), x, length=length)[0]

    assert compile(f, in_axes=0, strict=True)(np.array(xs)).tolist() == [f(x) for x in xs]


def test_a_loop_that_reads_an_entry_a_step_goes_on(asked: list[bool]) -> None:
    def late(x: Any) -> Any:
        return scan(lambda s, k: (where(k > 15.0, s + 1.0, s), None), x, [float(k) for k in range(20)])[0]

    assert compile(late, in_axes=0)(np.zeros(3)).tolist() == [4.0] * 3
    assert asked
    assert not any(asked)


def test_a_loop_that_counts_goes_on(asked: list[bool]) -> None:
    def counted(x: Any) -> Any:
        return scan(lambda s, _: ((where(s[1] > 15.0, s[0] + 1.0, s[0]), s[1] + 1.0), None), (x, 0.0), length=20)[0][0]

    assert compile(counted, in_axes=0)(np.zeros(3)).tolist() == [4.0] * 3
    assert not any(asked)


def test_a_loop_whose_every_state_is_asked_for_goes_on(asked: list[bool]) -> None:
    f = compile(lambda x: scan(lambda x, _: (where(x >= 1.0, x / 2.0, x), x), x, length=20)[1], in_axes=0)
    found = np.array(f(np.array([8.0, 1.0])))
    assert found[:, 0].tolist() == [8.0, 4.0, 2.0, 1.0, *[0.5] * 16]
    assert not any(asked)


def test_a_gradient_goes_through_all_steps() -> None:
    assert compile(halved, in_axes=0).grad(np.array([0.5, 3.0, 20.0, 1e15])).tolist() == [2.0**-k for k in (0, 2, 5, 50)]


def test_a_sum_over_lanes_is_that_of_each() -> None:
    xs = np.linspace(0.0, 50.0, 37)
    assert compile(halved, in_axes=0, reduce="sum")(xs) == pytest.approx(sum(halved(x) for x in xs.tolist()))


def test_a_long_body_is_written_so_that_it_may_rest(asked: list[bool]) -> None:
    """Loops in it would put into memory what it carries: four unknowns took 24 times as long as three."""

    def solved(*p: Any) -> Any:
        return root(lambda x: [x[i] + 0.2 * ag.sin(x[(i + 1) % 4]) * x[(i + 2) % 4] - p[i] for i in range(4)], [0.0] * 4)

    p = np.random.default_rng(3).uniform(-1.0, 1.0, (4, 5))
    found = np.array(compile(solved, in_axes=0)(*p))
    assert any(asked)
    np.testing.assert_allclose(found.T, [solved(*lane) for lane in p.T.tolist()], rtol=1e-14)


def best_time(f: Callable[[float], object]) -> float:
    times = []
    for _ in range(5):
        start = process_time()
        f(5.0)
        times.append(process_time() - start)
    return min(times)


def test_time_follows_the_steps_that_are_made() -> None:
    """Ten million steps that rest after three take less than twenty thousand that don't."""
    resting = compile(lambda x: scan(lambda x, _: (where(x >= 1.0, x / 2.0, x), None), x, length=10_000_000)[0])
    moving = compile(lambda x: scan(lambda x, _: (ag.sin(x), None), x, length=20_000)[0])
    resting(5.0), moving(5.0)
    assert best_time(resting) < best_time(moving)
