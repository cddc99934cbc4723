"""Forks at any moment: the child compiles and calls, whatever its parent's other threads were at."""

from __future__ import annotations

import os

import pytest

from tests.support import python

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")

# ``children`` forks and counts the children that compute the right numbers: by a function compiled before, and by new ones.
# One that hangs is ended by an alarm.
START = """
import os, signal, threading, time, warnings
import numpy as np
from autograd import Value, compile, exp, grad, no_grad, sin
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of every fork beside threads

def rounds(count):
    def f(x):
        for _ in range(count):
            x = x * 0.9 + sin(x)
        return x
    return f

def halve(x):
    while x > 1.0:
        x = x / 2.0
    return x

xs = np.linspace(0.0, 1.0, 100_000)
halved = compile(halve, max_branches=1000)
lanes = compile(rounds(30), in_axes=0, threads=2)
point = compile(rounds(3))
expected = lanes(xs), point.value_and_grad(0.5)

def right():
    assert np.array_equal(lanes(xs), expected[0]) and point.value_and_grad(0.5) == expected[1]
    assert [halved(3.0 * 2.0**k) for k in (0, 2, 60)] == [0.75] * 3
    for n in (1, 5):
        assert np.array_equal(compile(rounds(30), in_axes=0, threads=2)(xs), expected[0])
        assert compile(rounds(3)).value_and_grad(0.5) == expected[1]
    x = Value(2.0)
    (x * x).backward()
    assert x.grad == 4.0

def forked(work=right):
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        try:
            work()
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0

def while_others(work, times):
    running = True
    def go_on():
        while running:
            work()
    threads = [threading.Thread(target=go_on) for _ in range(2)]
    for each in threads:
        each.start()
    well = 0
    for i in range(times):
        time.sleep(0.001 * (7 * i % 31))
        well += forked()
    running = False
    for each in threads:
        each.join()
    return well
"""


@pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.long)])
def test_after_a_call_in_tasks_children_compute(times: int) -> None:
    assert python(f"{START}\nprint(sum([lanes(xs) is not None and forked() for _ in range({times})]))") == str(times)


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "work",
    [
        pytest.param("compile(rounds(300)).grad(0.5)", id="compile a point"),
        pytest.param("compile(rounds(300), in_axes=0)(xs[:9])", id="compile lanes", marks=pytest.mark.long),
        pytest.param("halved(2.0 ** (time.perf_counter_ns() % 200))", id="trace branches"),
        pytest.param("lanes(xs)", id="run tasks", marks=pytest.mark.long),
        pytest.param("with_modes()", id="enter modes"),
        pytest.param("grad(rounds(100))(0.5)", id="backward", marks=pytest.mark.long),
    ],
)
def test_while_other_threads_work_children_compute(work: str, times: int) -> None:
    code = f"""{START}
def with_modes():
    for _ in range(1000):
        with no_grad():
            pass
print(while_others(lambda: {work}, {times}))"""
    assert python(code) == str(times)


def test_a_child_of_a_fork_within_a_trace_goes_on_with_it() -> None:
    code = f"""{START}
def f(x):
    global pid
    pid = os.fork()
    return x * x
result = compile(f).value_and_grad(3.0), compile(rounds(3)).value_and_grad(0.5) == expected[1]
if pid == 0:
    signal.alarm(20)
    os._exit(result != ((9.0, 6.0), True))
print(result, os.waitpid(pid, 0)[1])"""
    assert python(code) == "((9.0, 6.0), True) 0"


def test_a_childs_collector_is_on_where_another_thread_had_paused_it() -> None:
    code = f"""{START}
import gc
from autograd.compiler.runtime.gc_pause import gc_paused
inside, done = threading.Event(), threading.Event()
def pause():
    with gc_paused():
        inside.set()
        done.wait()
thread = threading.Thread(target=pause)
thread.start()
inside.wait()
def on():
    assert gc.isenabled()
print(gc.isenabled(), forked(on))
done.set()"""
    assert python(code) == "False True"


def test_a_childs_call_that_a_handler_forked_in_the_middle_of_doesnt_wait_for_the_parents_threads() -> None:
    """It computes, or says that it can't; it never hangs."""
    code = f"""{START}
pids = []
def handler(*_):
    pids.append(os.fork())
signal.signal(signal.SIGALRM, handler)
many = np.linspace(0.0, 1.0, 1_000_000)
whole = lanes(many)
for i in range(5):
    signal.setitimer(signal.ITIMER_REAL, 0.001 + 0.001 * i)
    try:
        same = np.array_equal(lanes(many), whole)
    except RuntimeError as error:
        same = "forked in the middle of this call" in str(error)
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    if 0 in pids:
        os._exit(not same)
    assert same
print(len(pids) > 2, [os.waitpid(pid, 0)[1] for pid in pids] == [0] * len(pids))"""
    assert python(code) == "True True"


def test_a_pool_of_forked_processes_computes() -> None:
    code = f"""{START}
import multiprocessing
def result(x):
    return point(x), compile(rounds(4))(x)
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(result, [0.5] * 4) == [result(0.5)] * 4)"""
    assert python(code) == "True"
