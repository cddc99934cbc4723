"""A compiled function called in the middle of a call of itself: by a signal's handler, at every step of Python."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import compile, exp, primitive, sin
from tests.steps import AtEveryStep, Interrupt
from tests.support import python

many = np.linspace(0.5, 3.0, 20_000)  # two tasks
few = np.linspace(-1.0, 2.0, 9)
pairs = np.linspace(-1.0, 2.0, 18).reshape(9, 2)


def long(w: Any, x: Any) -> Any:
    for _ in range(60):
        x = x * w + sin(x)
    return x


point = compile(lambda x, y: x * sin(y) + exp(x))
lanes = compile(lambda w, x: exp(w * x) + x, in_axes=(None, 0), reduce="sum")
rows = compile(lambda w, x: exp(w * x[0]) + x[1], in_axes=(None, 0))
branches = compile(lambda w, x: w * x if x > 0.7 else w - x, in_axes=(None, 0), max_branches=2)
one_branch = compile(lambda x, y: x * y if x > 0.7 else x - y)
tasks = compile(long, in_axes=(None, 0), reduce="sum", threads=2)
calling = compile(lambda x: primitive(lambda *_: 1.0)(lambda x: x * 3.0)(x) + x)
CALLS: dict[str, Callable[[float], Any]] = {
    "point": lambda w: point.value_and_grad(w, 2.0, argnums=(0, 1)),
    "branch": lambda w: one_branch.value_and_grad(w, 2.0),
    "primitive": lambda w: calling(w),
    "lanes": lambda w: lanes.value_and_grad(w, few, argnums=(0, 1)),
    "rows": lambda w: rows.value_and_grad(w, pairs, argnums=(0, 1)),
    "branches": lambda w: branches.value_and_grad(w, few, argnums=(0, 1)),
    "tasks": lambda w: tasks(w, many),
}


def numbers(result: Any) -> list[Any]:
    """A result's numbers, that can be compared."""
    return [numbers(each) for each in result] if isinstance(result, tuple) else np.asarray(result).tolist()


@pytest.mark.parametrize("kind", CALLS)
def test_a_call_within_a_call_at_any_step_changes_neither(kind: str) -> None:
    call = CALLS[kind]
    expected = {w: numbers(call(w)) for w in (0.25, 0.75)}
    inner: list[Any] = []
    with AtEveryStep(lambda: inner.append(numbers(call(0.75))), 11 if kind == "tasks" else 1) as steps:
        outer = numbers(call(0.25))
    assert outer == expected[0.25]
    assert steps.count > 3
    assert all(each == expected[0.75] for each in inner)


@pytest.mark.parametrize("kind", CALLS)
def test_after_an_interrupt_at_any_step_the_next_calls_are_right(kind: str) -> None:
    call = CALLS[kind]
    expected = numbers(call(0.25))

    left = 0

    def interrupt() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Interrupt

    k, interrupted = 0, True
    while interrupted:
        k = left = k + (11 if kind == "tasks" else 1)
        try:
            with AtEveryStep(interrupt):
                call(0.75)
            interrupted = False
        except Interrupt:
            pass
        assert numbers(call(0.25)) == expected, k
    assert k > 3


@pytest.mark.parametrize("kind", ["point", "lanes", "rows", "branches"])
def test_a_call_at_any_step_of_anothers_first_changes_neither(kind: str) -> None:
    expected = numbers(CALLS[kind](0.75))
    inner: list[Any] = []
    first = compile(lambda w, x: w * x if x > 0.7 else exp(w) - x, in_axes=(None, 0), max_branches=2)
    with AtEveryStep(lambda: inner.append(numbers(CALLS[kind](0.75))), 7) as steps:
        outer = first(0.25, few)
    assert steps.count > 100
    assert inner == [expected] * len(inner)
    np.testing.assert_allclose(outer, np.where(few > 0.7, 0.25 * few, np.exp(0.25) - few), rtol=1e-14)


def test_lanes_of_numbers_alone_are_a_constant_where_another_function_is_traced() -> None:
    outer = compile(lambda x: x * lanes(0.5, x=few))
    assert outer.value_and_grad(3.0) == (3.0 * lanes(0.5, few), lanes(0.5, few))


def test_lanes_that_capture_what_is_traced_are_refused() -> None:
    def outer(x: Any) -> Any:
        return compile(lambda t: t * x, in_axes=0, reduce="sum")(few)

    with pytest.raises(TypeError, match="runs over lanes, so it can't record what it does with Values"):
        compile(outer)(3.0)


# A timer's signals interrupt calls at random moments; its handler makes the same call with another number. Those count that
# come while code of the package runs.
SIGNALLED = """
import signal, time
from tests.compiler.test_reentry import CALLS, numbers

call = CALLS[KIND]
expected = {w: numbers(call(w)) for w in (0.25, 0.75)}
count = wrong = depth = 0

def handler(_, frame):
    global count, wrong, depth
    count += "autograd" in frame.f_code.co_filename
    if depth < 3:
        depth += 1
        wrong += numbers(call(0.75)) != expected[0.75]
        depth -= 1

def duration():
    start = time.perf_counter()
    numbers(call(0.25))
    return time.perf_counter() - start

interval = 2e-5 + 3.1 * min(duration() for _ in range(9))
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, interval, interval)
while count < TIMES:
    result = call(0.25)
    wrong += numbers(result) != expected[0.25]
signal.setitimer(signal.ITIMER_REAL, 0.0)
print(wrong)
"""
MILLION = {
    "point": 300_000,
    "branch": 300_000,
    "primitive": 200_000,
    "lanes": 150_000,
    "rows": 20_000,
    "branches": 25_000,
    "tasks": 5_000,
}


@pytest.mark.skipif(os.name == "nt", reason="signals that a process sends itself are those of Unix")
@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("share", [0.003, pytest.param(1.0, marks=pytest.mark.long)])
def test_a_signals_handler_may_call_the_function_that_it_interrupts(kind: str, share: float) -> None:
    assert python(f"KIND, TIMES = {kind!r}, {int(MILLION[kind] * share)}\n{SIGNALLED}") == "0"
