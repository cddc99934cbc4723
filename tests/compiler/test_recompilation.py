"""The warning where compiling is in vain: at nearly every call anew. Never on usual use."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import RecompilationWarning, compile, sin
from autograd.compiler import recompilation
from autograd.compiler.clock import Clock
from autograd.compiler.recompilation import FEWEST
from tests.support import ROOT

pytest.importorskip("llvmlite")

MANY = range(1, FEWEST + 5)


def powers(x: Any, n: Any) -> Any:
    return sum([x**k for k in range(n)])


def halved(x: Any) -> Any:
    rounds = 0
    while x > 1:
        x, rounds = x / 2, rounds + 1
    return x * rounds


def said(work: Callable[[], object]) -> list[str]:
    """The warnings that come."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        work()
    assert all(warning.category is RecompilationWarning for warning in caught)
    assert all(warning.filename == __file__ for warning in caught)
    return [str(warning.message) for warning in caught]


def each(call: Callable[[int], Any]) -> Callable[[], None]:
    """What calls it with each of the numbers."""

    def calls() -> None:
        for n in MANY:
            call(n)

    return calls


def in_vain() -> dict[str, tuple[Callable[[int], Any], str]]:
    static, shapes, lists = compile(powers, static_argnames="n"), compile(lambda x: (x * x).sum()), compile(sum)
    functions, branches, gradients = compile(lambda x, how: how(x)), compile(halved), compile(powers, static_argnames="n")
    modes, lanes = compile(lambda x, mode: x * len(mode)), compile(powers, (0, None), static_argnames="n")
    return {
        "another static number": (
            lambda n: static(2.0, n),
            r"Argument n was another each time \(int 1; int 2; int 3; …\); give it as a number that is traced where",
        ),
        "another shape": (
            lambda n: shapes.grad(np.ones(n)),
            r"calls of grad, .*Argument x was another each time \(shape \(1,\); .*; give arrays of one shape, or",
        ),
        "a longer list": (lambda n: lists([1.0] * n), r"was another each time \(a number; 2 numbers or arrays; 3 numbers"),
        "a lambda written in the call": (
            lambda n: functions(2.0, lambda x: x * n),
            "Argument how was another each time; give the same function each time, no lambda written in the call",
        ),
        "another text": (lambda n: modes(2.0, "a" * n), r"Argument mode .* \(str 'a'; str 'aa'; .*; give the same object"),
        "another branch": (
            lambda n: branches(1.5 * 2.0**n),
            r"Its comparisons took another way in each; choose with where",
        ),
        "a derivative": (lambda n: gradients.value_and_grad(2.0, n), "10 times in 10 calls of value_and_grad, "),
        "a lane": (lambda n: lanes(np.ones(1), n), "Argument n was another each time"),
    }


@pytest.mark.parametrize(("call", "message"), in_vain().values(), ids=in_vain())
def test_what_is_compiled_anew_at_every_call_is_said_once(call: Callable[[int], Any], message: str) -> None:
    (warning,) = said(each(call))
    assert re.search(message, warning)
    assert re.match(r"compile: \S+ was traced and compiled 10 times in 10 calls.* s for what takes about", warning)
    assert "or leave compile out" in warning
    assert "warnings.simplefilter('ignore', autograd.RecompilationWarning)" in warning
    assert said(each(lambda n: call(n + 100))) == []


def test_the_way_out_that_it_names_hides_it() -> None:
    f = compile(powers, static_argnames="n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", RecompilationWarning)
        each(lambda n: f(2.0, n))()
    assert caught == []


def test_as_an_error_it_comes_with_the_tenth_call() -> None:
    f = compile(powers, static_argnames="n")
    for n in range(FEWEST - 1):
        f(2.0, n)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RecompilationWarning)
        with pytest.raises(RecompilationWarning):
            f(2.0, 100)
    assert f(2.0, 100) == 2.0**100 - 1.0


many_functions: list[Any] = []


def one_of(functions: list[Any], n: int) -> Any:
    """Another function, which is kept."""
    functions.append(compile(lambda x: x - n))
    return functions[-1]


def usual() -> dict[str, Callable[[int], Any]]:
    once, lanes, static = compile(sin), compile(sin, 0), compile(powers, static_argnames="n")
    numbers, both, many = (
        compile(powers, (0, None), static_argnames="n"),
        compile(powers, static_argnames="n"),
        compile(halved),
    )
    return {
        "compiled once": lambda n: once(float(n)),
        "another number of lanes": lambda n: lanes(np.ones(n)),
        "each of them twice": lambda n: [static(2.0, n), static(3.0, n)],
        "a thousand lanes for each": lambda n: numbers(np.ones(1000), n),
        "one of them often": lambda n: [both(2.0, 3), both(2.0, n + 5), both(2.0, 3)],
        "a branch for each, taken again": lambda n: [many(1.5 * 2.0**n), many(1.25 * 2.0**n)],
        "a function for each, used": lambda n: list(map(compile(lambda x: x * n), (2.0, 3.0))),
        "a function for each, kept": lambda n: one_of(many_functions, n)(2.0),
        "a thousand lanes and dropped": lambda n: compile(lambda x: x + n, 0)(np.ones(1000)),
    }


@pytest.mark.parametrize("call", usual().values(), ids=usual())
def test_usual_use_is_never_warned_of(call: Callable[[int], Any]) -> None:
    assert said(each(call)) == []


def test_transforms_are_told_apart() -> None:
    """What one wastes isn't hidden by the use of another, and isn't laid on it."""
    f = compile(powers, static_argnames="n")
    for _ in range(100):
        f(2.0, 3)
    (warning,) = said(each(lambda n: f.grad(2.0, n)))
    assert "calls of grad" in warning


def test_where_the_calls_would_take_as_long_without_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trace runs f once: a few thousand operations over a lane take longer to trace than to run."""
    f = compile(powers, static_argnames="n")
    monkeypatch.setattr(Clock, "uncompiled", property(lambda self: self.seconds / 1.9))
    assert said(each(lambda n: f(2.0, n))) == []
    monkeypatch.setattr(Clock, "uncompiled", property(lambda self: self.seconds / 2.1))
    assert len(said(lambda: f(2.0, 1000))) == 1


def test_below_ten_compilations_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    f = compile(powers, static_argnames="n")
    assert said(lambda: [f(2.0, n) for n in range(FEWEST - 1)]) == []
    monkeypatch.setattr(recompilation, "FEWEST", FEWEST - 1)
    assert len(said(lambda: f(2.0, 50))) == 1


# -- functions that are dropped -----------------------------------------------------------------------------


def test_a_function_that_is_compiled_in_a_loop_is_said_once() -> None:
    def in_a_loop() -> None:
        for n in MANY:
            compile(lambda x, n=n: x * n).grad(2.0)

    (warning,) = said(in_a_loop)
    assert re.match(r"compile: <lambda> was compiled 10 times, called once and dropped, .* s for what takes about", warning)
    assert "It is compiled where the line runs again and again; compile it once, before a loop, and" in warning
    assert said(in_a_loop) == []


def test_one_that_paid_speaks_for_all_of_its_code() -> None:
    def in_a_loop() -> None:
        for n in MANY:
            f = compile(lambda x, n=n: x * n)
            for _ in range(3 if n == 4 else 1):
                f(2.0)

    assert said(in_a_loop) == []


def test_what_is_dropped_is_freed_at_once() -> None:
    f = compile(lambda x: x * 2.0)
    assert [f(x) for x in (1.0, 2.0, 3.0)] == [2.0, 4.0, 6.0]
    gone = weakref.ref(f)
    enabled = gc.isenabled()
    gc.disable()
    try:
        del f
        assert gone() is None
    finally:
        if enabled:
            gc.enable()


class Scaled:
    def __init__(self, w: float):
        self.w = w

    @compile
    def at(self, x: Any) -> Any:
        return self.w * x


def test_methods_of_objects_that_come_anew_are_told() -> None:
    (warning,) = said(each(lambda n: Scaled(float(n)).at(2.0)))
    assert "at was traced and compiled 10 times in 10 calls" in warning
    assert "Its object was another each time; give what differs as an argument" in warning


def test_nothing_is_said_when_python_ends() -> None:
    code = """
from autograd import compile, sin
f = compile(lambda x: sin(x) * 2.0)
print(f(1.0) == f(1.0))
g = [compile(lambda x, k=k: x * k) for k in range(12)]
print(all(each(2.0) == 2.0 * k for k, each in enumerate(g)))
"""
    assert run_child(code) == "True True"


def run_child(code: str) -> str:
    """What a process prints that says nothing else."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return " ".join(done.stdout.split())
