"""Gradients that several write at once: threads, signal handlers, an interrupt in the midst of it, a process that forks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from autograd.backward import accumulate_grads

ROOT = Path(__file__).parent.parent
timed = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no interval timers")


@pytest.fixture
def eager_switches() -> Iterator[None]:
    """Threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@contextmanager
def alarms(handler: Callable[..., Any], first: float, then: float) -> Iterator[None]:
    """Signals to this thread, the first after so many seconds and others in intervals of ``then``, 0 for none."""
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, first, then)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("eager_switches")
def test_passes_of_threads_that_share_leaves_are_all_counted() -> None:
    shared = [Value(1.0) for _ in range(20)]

    def passes() -> None:
        root: Any = sum(shared)
        for _ in range(1000):
            root.backward()

    threads = [threading.Thread(target=passes) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [leaf.grad for leaf in shared] == [8000.0] * 20


class Interrupted(dict[Value, Any]):
    """Gradients in whose reading another pass writes its own, as a signal handler does between two instructions."""

    def __init__(self, gradients: dict[Value, Any], by: dict[Value, Any]):
        super().__init__(gradients)
        self.by = by

    def __iter__(self) -> Any:
        yield from super().__iter__()
        by, self.by = self.by, {}
        if by:
            accumulate_grads(by)


@pytest.mark.parametrize("kind", [float, Value])
def test_a_pass_within_the_writing_of_another_is_counted(kind: Any) -> None:
    x, y = Value(1.0), Value(1.0)
    accumulate_grads({x: kind(1.0), y: kind(1.0)})
    accumulate_grads(Interrupted({x: kind(10.0), y: kind(10.0)}, by={x: kind(100.0)}))
    assert (x.grad, y.grad) == (111.0, 11.0)
    assert type(x.grad) is kind


@timed
def test_passes_of_a_signal_handler_are_counted_and_never_wait_for_ever() -> None:
    shared, handled = [Value(1.0) for _ in range(300)], 0
    gradients = dict.fromkeys(shared, 1.0)

    def handler(*_: object) -> None:
        nonlocal handled
        accumulate_grads(gradients)
        handled += 1

    with alarms(handler, 2e-4, 2e-4):
        for _ in range(5000):
            accumulate_grads(gradients)
    assert handled > 50
    assert {leaf.grad for leaf in shared} == {5000.0 + handled}


@timed
def test_an_interrupt_leaves_all_gradients_as_they_were_or_all_written() -> None:
    class StopError(Exception):
        pass

    def handler(*_: object) -> None:
        raise StopError

    leaves = [Value(1.0) for _ in range(2000)]
    gradients, stopped = dict.fromkeys(leaves, 1.0), 0
    while stopped < 200:
        try:
            with alarms(handler, 3e-4, 0.0):
                while True:
                    accumulate_grads(gradients)
        except StopError:
            stopped += 1
            assert len({leaf.grad for leaf in leaves}) == 1


IN_A_CHILD = """
import os, threading
from autograd import Value, backward
locked, done = threading.Event(), threading.Event()
def hold():
    with backward._writing:
        locked.set()
        done.wait()
threading.Thread(target=hold).start()
locked.wait()
child = os.fork()
if child == 0:
    x = Value(3.0)
    (x * x).backward()
    os._exit(int(x.grad))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done.set()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_process_forked_while_another_thread_writes_can_write() -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", IN_A_CHILD]
    assert subprocess.run(command, capture_output=True, check=True, text=True, timeout=20, cwd=ROOT).stdout == "6\n"
