"""Signals in the middle of compiled calls: what was asked to end ends, soon and whole; what a handler computes is right."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest

from autograd import compile
from autograd.compiler.runtime.jit import DROPPED, machine
from autograd.compiler.runtime.tasks import Tasks
from tests.steps import AtEveryStep, Interrupt
from tests.support import python

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals that a process sends itself are those of Unix")

# A SIGINT comes at a random moment of a call, in every other round a second one up to 3 ms later. Arrays made afterwards get
# the memory that the call had: a thread that still worked for it would write its numbers into them.
INTERRUPTED = """
import _thread, os, random, signal, threading, time
import numpy as np
from autograd import compile, exp, primitive, sin

armed = False
def interrupt(*_):
    if armed:
        raise KeyboardInterrupt
signal.signal(signal.SIGINT, interrupt)

dice = random.Random(SEED)
x = np.linspace(-3.0, 3.0, LANES)
slow = primitive(lambda y, x: 2.0 * x)(lambda x: x * x)
function = (lambda w, x: slow(w * x) + w) if PRIMITIVE else (lambda w, x: (w * x - sin(x)) ** 2 + exp(-x * x))
f = compile(function, in_axes=(None, 0), threads=THREADS)
expected = f.value_and_grad(0.5, x, argnums=(0, 1))
sent = []

def send(again):
    time.sleep(dice.uniform(0.0, WITHIN))
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
    if again:
        time.sleep(dice.uniform(0.0, 0.003))
        os.kill(os.getpid(), signal.SIGINT)

longest = changed = 0
for i in range(TIMES):
    sender = threading.Thread(target=send, args=(i % 2,))
    try:
        armed = True
        sender.start()
        while True:
            f.value_and_grad(0.5, x, argnums=(0, 1))
    except KeyboardInterrupt:
        armed = False
    longest = max(longest, time.perf_counter() - sent[-1])
    arrays = [np.full(LANES, 7.0) for _ in range(4)]
    time.sleep(0.005)
    changed += sum(int((a != 7.0).sum()) for a in arrays)
    sender.join()
again = f.value_and_grad(0.5, x, argnums=(0, 1))
assert all(np.array_equal(a, b) for a, b in zip([again[0], *again[1]], [expected[0], *expected[1]]))
deadline = time.perf_counter() + 5.0
while _thread._count() and time.perf_counter() < deadline:
    time.sleep(0.001)
print(len(sent), changed, _thread._count(), longest < 0.3 or longest)
"""


def interrupted(times: int, lanes: int, threads: int, within: float, primitive: bool = False) -> str:
    """How many calls were interrupted, how many numbers of later arrays changed, how many threads are left, whether soon."""
    settings = f"TIMES, LANES, THREADS, WITHIN, PRIMITIVE, SEED = {times}, {lanes}, {threads}, {within}, {primitive}, 1\n"
    return python(settings + INTERRUPTED)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupted_call_has_ended_and_writes_nowhere_afterwards(threads: int) -> None:
    assert interrupted(10, 1_000_000, threads, 0.02) == "10 0 0 True"


def test_an_interrupt_in_a_primitive_is_raised_and_not_lost() -> None:
    assert interrupted(10, 100_000, 2, 0.05, primitive=True) == "10 0 0 True"


def test_an_interrupt_inside_llvmlite_leaves_no_lock_taken() -> None:
    """Else another thread that compiles would wait for ever."""

    def interrupt() -> None:
        raise Interrupt

    compile(lambda x: x + 1.0)(1.0)
    with AtEveryStep(interrupt, package="llvmlite"):  # none of its steps is one of this thread
        assert compile(lambda x: x + 1.0)(1.0) == 2.0
    for k in range(1, 400, 7):
        with suppress(Interrupt), AtEveryStep(interrupt, k):
            compile(lambda x: x + 1.0)(1.0)
        with ThreadPoolExecutor(1) as other:  # its lock is one that a thread can take again
            assert other.submit(machine().lock.acquire, timeout=5.0).result(), k
            other.submit(machine().lock.release).result()


def test_machine_code_is_freed_in_a_thread_that_no_interrupt_reaches() -> None:
    gc.collect()  # what earlier tests have left is no part of the count
    f = compile(lambda x: x * 7.0)
    assert f(1.0) == 7.0
    kept = len(DROPPED)
    with AtEveryStep(lambda: None, package="llvmlite") as steps:
        del f
        gc.collect()
    assert steps.count == 0
    assert len(DROPPED) == kept + 1
    other = compile(lambda x: x * 8.0)
    assert other(1.0) == 8.0
    assert len(DROPPED) == 0


class Impatient:
    """Raises at once in every wait for a helper that is at work, and lets it go after 3000 of them."""

    def __init__(self) -> None:
        self.waits, self.at_work, self.enough = 0, threading.Event(), threading.Event()

    def work(self, numbers: Iterable[int]) -> None:
        """The helper's."""
        for _ in numbers:
            self.at_work.set()
            self.enough.wait()

    def get(self, **_: float) -> bool:
        self.at_work.wait()
        self.waits += 1
        if self.waits >= 3000:
            self.enough.set()
        raise Interrupt

    def put(self, done: bool) -> None:
        """The helper is done."""


def test_more_interrupts_of_one_wait_than_the_stack_is_deep_do_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bell = Impatient()
    monkeypatch.setattr("autograd.compiler.runtime.tasks.SimpleQueue", lambda: bell)
    tasks = Tasks(bell.work, 1, None)
    with pytest.raises(Interrupt):
        tasks.run(1, aside=True)
    assert tasks.begun == tasks.ended == [True]


def test_where_the_system_has_no_threads_left_the_caller_does_all_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    def start_new_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    f = compile(lambda x: x * x, in_axes=0, reduce="sum", threads=4)
    expected = f(np.ones(5_000_000))
    monkeypatch.setattr("autograd.compiler.runtime.tasks.start_new_thread", start_new_thread)
    assert f(np.ones(5_000_000)) == expected == 5e6


@pytest.mark.parametrize("times", [20, pytest.param(300, marks=pytest.mark.long)])
def test_an_interrupted_compilation_ends_and_the_next_one_works(times: int) -> None:
    code = f"""
import random, signal, threading, time
from autograd import compile, sin
def f(x):
    for _ in range(400):
        x = x * 0.9 + sin(x)
    return x
expected = compile(f)(0.5)
start = time.perf_counter(); compile(f)(0.5); typical = time.perf_counter() - start
dice, results = random.Random(3), []
def handler(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGALRM, handler)
for _ in range({times}):
    try:
        signal.setitimer(signal.ITIMER_REAL, dice.uniform(1e-4, typical))
        compile(f)(0.5)
        time.sleep(10.0)
    except KeyboardInterrupt:
        pass
    if _ % 10 == 0:
        thread = threading.Thread(target=lambda: results.append(compile(f)(0.5)))
        thread.start()
        thread.join(20.0)
print(results == [expected] * ({times} // 10))"""
    assert python(code) == "True"


@pytest.mark.long
@pytest.mark.parametrize(
    ("threads", "primitive", "lanes"), [(2, False, 3_000_000), (1, False, 3_000_000), (2, True, 3_000_000)]
)
def test_200_interrupts_at_random_moments(threads: int, primitive: bool, lanes: int) -> None:
    assert interrupted(200, lanes, threads, 0.1, primitive) == "200 0 0 True"
