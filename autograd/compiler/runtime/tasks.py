"""The tasks of one call, shared by threads; an interrupt ends them soon, and the call after them."""

from __future__ import annotations

import os
from _thread import start_new_thread
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

CHECK = 0.05  # seconds after which a wait looks again, should an interrupt have taken the signal that a thread is done

T = TypeVar("T")


class Stopped(BaseException):
    """In a helper whose caller has been interrupted: its work isn't wanted any more."""


class Tasks:
    """Numbers of tasks that threads draw, the caller's among them, until none is left or the call is to end.

    An interrupt can come between any two steps of the caller's thread, so nothing here rests on a lock or on a step being
    reached. Helpers hold what they work on themselves: ``arrays`` lives as long as one of them. A helper announces itself
    before it draws and once it is done; one that only starts when the call is over finds nothing to draw.
    The threads are made for the call (30 µs each; the first task takes 250 or more) and end with it: there is none to be
    lost in a fork, or to wait for when Python ends.
    """

    def __init__(self, work: Callable[[Iterable[int]], None], count: int, arrays: object):
        self.work, self.count, self.arrays = work, count, arrays
        self.numbers = iter(range(count))  # ``next`` of it is one step for all threads
        self.begun: list[bool] = []
        self.ended: list[bool] = []
        self.errors: list[BaseException] = []
        self.bell: SimpleQueue[bool] = SimpleQueue()
        self.stopped, self.process = False, os.getpid()

    def run(self, threads: int, aside: bool = False) -> None:
        """Return when all tasks are done; or raise, once no thread is at work, what came in between.

        Where they run ``aside`` the caller draws none, for what an interrupt must not tear.
        """
        try:
            started = self._start(min(threads, self.count) - (not aside))
            if not aside or not started:
                self.work(self._drawn())
            while aside and started and not self.ended and os.getpid() == self.process:
                self._listen()
        except BaseException:
            self.stopped = True
            self._wait()
            raise
        self._wait()
        if self.errors:
            raise self.errors[0]
        if os.getpid() != self.process:
            raise RuntimeError(
                "compile: forked in the middle of this call, whose other threads are the parent's; call again"
            )

    def _start(self, helpers: int) -> int:
        """How many have started."""
        started = 0
        try:
            while started < helpers:
                start_new_thread(self._help, ())
                started += 1
        except RuntimeError as error:
            if "new thread" not in str(error):  # the system has none left, or Python is ending: then there are fewer
                raise
        return started

    def check(self) -> None:
        """Raise where the call is to end."""
        if self.stopped:
            raise Stopped

    def _drawn(self) -> Iterator[int]:
        for k in self.numbers:
            if self.stopped:
                return
            yield k

    def _help(self) -> None:
        self.begun.append(True)
        try:
            self.work(self._drawn())
        except BaseException as error:
            self.errors.append(error)
            self.stopped = True
        finally:
            self.ended.append(True)
            self.bell.put(True)

    def _wait(self) -> None:
        """Until no helper is at work; what comes meanwhile stops them and the last of it is raised afterwards."""
        came: BaseException | None = None
        try:
            while len(self.ended) < len(self.begun) and os.getpid() == self.process:
                try:
                    self._listen()
                except BaseException as error:  # a loop: a thousand interrupts would be deeper than the stack
                    self.stopped, came = True, error
        except BaseException:  # one between two steps of the loop
            self.stopped = True
            self._wait()
            raise
        if came is not None:
            raise came

    def _listen(self) -> None:
        with suppress(Empty):
            self.bell.get(timeout=CHECK)


def aside(work: Callable[..., T]) -> T:
    """``work(check=…)`` in a thread of its own, where no signal's handler runs; the caller waits until it has ended.

    An interrupt between two steps of llvmlite can leave its lock taken, or an object of LLVM with two owners, who both free
    it. ``check`` raises after an interrupt of the caller. A thread takes 0.1 ms, code for the smallest program 3.
    """
    results: list[T] = []

    def run(numbers: Iterable[int]) -> None:
        for _ in numbers:
            results.append(work(check=tasks.check))

    tasks = Tasks(run, 1, None)
    try:
        tasks.run(1, aside=True)
    finally:
        tasks.work = lambda _: None  # without a circle nothing is left to the collector
    return results[0]
