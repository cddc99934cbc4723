"""Executors as ``over`` uses them: how many workers, what is sent to them, where arrays lie, and what their errors mean."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from typing import Any, Protocol

from autograd.compiler.lane_tasks import RangeResult
from autograd.compiler.shards import Cuts, InMemory, Sharded, as_array
from autograd.compiler.worker import Code, Unknown, version

ANEW = "make a new one, and call f.over(executor) again"


class Future(Protocol):
    """What will be there, as ``concurrent.futures`` has it."""

    def result(self) -> Any:
        """It, or the exception that came instead."""

    def cancel(self) -> Any:
        """It isn't needed."""


class Executor(Protocol):
    """What has ``submit``."""

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        """A future of ``function(*args)``."""


class Pool:
    """Workers that nobody can address: of ``concurrent.futures``, loky, mpi4py.futures and their kin."""

    def __init__(self, executor: Executor):
        self.executor = executor
        self.in_process = isinstance(executor, ThreadPoolExecutor)

    @property
    def count(self) -> int:
        """How many workers there are, as the executor says; else as many as this machine has processors."""
        for name in ("_max_workers", "num_workers"):  # of concurrent.futures and loky; of mpi4py
            number = getattr(self.executor, name, None)
            if isinstance(number, int) and number > 0:
                return number
        return os.cpu_count() or 1

    def submit(self, function: Callable[..., Any], *args: Any) -> Future:
        """A future of a call. RuntimeError where the executor takes no more."""
        try:
            future: Future = self.executor.submit(function, *args)
        except RuntimeError as error:  # BrokenExecutor is one
            raise type(error)(f"over: the executor takes no calls any more: {error}; {ANEW}") from error
        return future

    def shared(self, x: Any, axis: int, name: str, workers: int) -> Sharded:
        """An array where all workers find it."""
        del workers  # they map what they need
        array = as_array(x, axis, name)
        return InMemory(array, axis % array.ndim)

    def as_shared(self, x: object, axis: int, workers: int) -> Sharded | None:
        """What is on the workers already, in the form of this package; None where it isn't."""
        del x, axis, workers
        return None


def gathered(submit: Callable[[int, bool], Future], where: Cuts, code: Code) -> list[RangeResult]:
    """What all shards give: ``submit(k, whole)`` has the k-th computed, and sends the function as a whole or its key alone.

    An error is that of the first shard that has one, and says which lanes it had.
    """
    futures: list[Future] = []
    try:
        futures += [submit(k, not code.sent) for k in range(len(where))]
        found = [_result(future, shard) for future, shard in zip(futures, where, strict=True)]
        again = {k: submit(k, True) for k, each in enumerate(found) if isinstance(each, Unknown)}
        futures += again.values()
        found = [_result(again[k], shard) if k in again else found[k] for k, shard in enumerate(where)]
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    code.sent = True
    return found


def _result(future: Future, shard: tuple[int, int]) -> Any:
    """What a shard gives; an error that it raised is told where."""
    lanes = f"lanes {shard[0]} to {shard[1] - 1}"
    try:
        return future.result()
    except BrokenExecutor as error:
        raise type(error)(
            f"over: a worker died while {lanes} were computed ({type(error).__name__}), most often as memory ran out or it "
            f"was killed, and the executor with it; {ANEW}. More workers, or scatter, take less memory each"
        ) from error
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "autograd":
            raise
        mend = f"install chainrule {version()} there, as in this process"
        raise ModuleNotFoundError(f"over: a worker can't import {error.name}: {mend}", name=error.name) from error
    except Exception as error:
        error.add_note(f"over: it was raised for {lanes}, by a worker")
        raise
