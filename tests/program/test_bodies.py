"""Loops in the bodies of a program's scans and between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import compile, cos, dot, scan, tanh, where
from autograd.program.loops import Loop, loops_in, unrolled
from autograd.program.rolled import roll


def loop_over_ys(a: Any, b: Any) -> Any:
    t, ys = scan(lambda s, _: (where(s > a, cos(s) + b, s * 1.1 + 0.01), s * s), a, length=50)
    for k in range(25):
        t = tanh(t * b + ys[2 * k])
    return t


def loop_between(a: Any, b: Any) -> Any:
    first, _ = scan(lambda s, _: (cos(s) * b, None), a, length=9)
    terms = [tanh(first * k + b) for k in range(40)]
    return scan(lambda s, x: (s * b + x, None), first, terms)[0]


def recurrent(a: Any, b: Any) -> Any:
    rows = [[a * i - b * j for j in range(9)] for i in range(9)]
    h, _ = scan(lambda h, x: ([tanh(dot(row, h) + x) for row in rows], None), [0.0] * 9, [0.5, 0.25, -0.5])
    return dot(h, h)


FUNCTIONS = [loop_over_ys, loop_between, recurrent]


@pytest.mark.parametrize("f", FUNCTIONS)
def test_what_is_written_as_python_with_inner_loops_computes_the_program(f: Callable[..., Any]) -> None:
    compiled = compile(f)
    right = compiled.value_and_grad(0.3, 0.4, argnums=(0, 1))
    scope: dict[str, Any] = {}
    exec(compiled.program.to_python(name="again"), scope)
    np.testing.assert_allclose(scope["again"](0.3, 0.4), [right[0], *right[1]], rtol=1e-12)
    assert math.isclose(right[0], f(0.3, 0.4), rel_tol=1e-13)


def test_a_loop_that_reads_ys_is_a_loop() -> None:
    compiled = compile(loop_over_ys)
    compiled(0.3, 0.4)
    rolled = roll(compiled.program.only([0]))
    assert [item.times for item in rolled.items if isinstance(item, Loop)] == [50, 25]
    assert "[2·i]" in str(compiled.program)


def test_the_body_of_a_scan_has_loops() -> None:
    compiled = compile(recurrent)
    compiled.value_and_grad(0.3, 0.4, argnums=(0, 1))
    rolled = roll(compiled.program)
    scans = [item for item in rolled.items if isinstance(item, Loop) and item.times == 3]
    assert len(scans) == 2
    assert loops_in(scans[-1].body)
    assert len(list(unrolled(rolled.items))) == rolled.size
