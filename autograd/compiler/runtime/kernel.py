"""A compiled program and the memory it runs in: single points, and any number of lanes in blocks and threads.

Without the package llvmlite the interpreter takes its place: the same numbers, a hundred times slower.
"""

from __future__ import annotations

import ctypes
import os
import struct
import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import Any

from autograd.compiler.codegen.abi import Block, Layout
from autograd.compiler.runtime.gc_pause import paused
from autograd.program import interpreter
from autograd.program.instructions import Instructions
from autograd.program.lowering import lowered

TASK = 2_000_000  # operations that one task of a thread does: the same partition for any number of threads
ROWS, LENGTH, TOTALS, FIRST = Layout.ROWS, Layout.LENGTH, Layout.TOTALS, Layout.FIRST
POOL = "chainrule"  # how its threads are named
START: Any = ctypes.c_char.from_buffer  # an array's address in 0.2 µs instead of 1


class Point:
    """A program for single points: all inputs shared. Called with the inputs, it gives a tuple of the outputs."""

    def __init__(self, program: Instructions, strict: bool = False):
        self.program = program
        blocks = [Block(len(program.inputs), False)]
        self._native = _native(program, blocks, [False] * len(program.outputs), strict)
        self.run = self._runner() if self._native else self._interpreted

    def __call__(self, inputs: Sequence[float]) -> tuple[float, ...]:
        """The outputs at these inputs."""
        return self.run(*inputs)

    def _interpreted(self, *inputs: float) -> tuple[float, ...]:
        return tuple(interpreter.run(self.program, inputs))

    def _runner(self) -> Callable[..., tuple[float, ...]]:
        """A function with all it needs at hand: each thread has memory of its own, and each call within a call."""
        pack = struct.Struct(f"{len(self.program.inputs)}d").pack_into
        unpack = struct.Struct(f"{len(self.program.outputs)}d").unpack_from
        uniform, local, memory_of = self._native.uniform, threading.local(), self._memory

        def run(*inputs: float) -> tuple[float, ...]:
            try:
                memory = local.free.pop()
            except (AttributeError, IndexError):  # the thread's first call, or one from within another
                local.free, memory = [], memory_of()
            shared, out, address, _ = memory
            pack(shared, 0, *inputs)
            uniform(address)
            local.free.append(memory)
            return unpack(out)

        return run

    def _memory(self) -> Any:
        layout = self._native.layout
        sizes = len(self.program.inputs), len(self.program.outputs), len(layout.uniform_slots)
        shared, out, frame = ((ctypes.c_double * max(1, size))() for size in sizes)
        table = (ctypes.c_int64 * layout.table_size)()
        for entry, array in ((layout.UNIFORM_FRAME, frame), (layout.FIRST, shared), (layout.UNIFORM_OUT, out)):
            table[entry] = ctypes.addressof(array)
        return memoryview(shared).cast("B"), memoryview(out).cast("B"), ctypes.addressof(table), (shared, out, frame, table)


class Memory:
    """What a thread runs a kernel in: two tables, and behind them frames, sums, and copies of the last lanes."""

    def __init__(self, layout: Layout, width: int):
        import numpy as np

        rows = {layout.FIRST + k: block.size for k, block in enumerate(layout.blocks) if block.lanes}
        own = {layout.LANE_FRAME: layout.lane_slots, layout.SUMS: len(layout.sums)}  # the kernel leaves sums at 0
        uniform = {layout.UNIFORM_FRAME: len(layout.uniform_slots), layout.UNIFORM_OUT: len(layout.uniform)}
        sizes = [
            {entry: -(size // -width) for entry, size in uniform.items()} | own,
            own | {layout.ROWS: len(layout.rows)} | rows,
        ]
        self.table, self.tail = ((ctypes.c_int64 * layout.table_size)() for _ in sizes)
        self.numbers = np.zeros(width * (1 + sum(sum(group.values()) for group in sizes)))
        start = -(address(self.numbers) // (-8 * width)) * 8 * width  # on a line of the cache
        for table, group in zip((self.table, self.tail), sizes, strict=True):
            for entry, size in group.items():
                table[entry] = start
                start += 8 * width * size
        self.table[layout.TAIL], self.tail[layout.LENGTH] = ctypes.addressof(self.tail), width
        self.at, self.own = ctypes.addressof(self.table), {layout.TAIL, *own}

    def sharing(self, other: Memory) -> None:
        """Take over all that isn't a thread's own."""
        for entry, x in enumerate(other.table):
            if entry not in self.own:
                self.table[entry] = x


class Lanes:
    """A program for many lanes: its inputs lie in blocks, which all lanes share or which have a row for each number.

    Called with arrays for the blocks, or with their addresses in the memory's table, it gives rows of results and
    totals over lanes.
    """

    def __init__(self, program: Instructions, blocks: Sequence[Block], summed: Sequence[bool], strict: bool = False):
        import numpy as np

        self.np, self.program, self.blocks, self.summed = np, program, list(blocks), list(summed)
        self._native = _native(program, self.blocks, self.summed, strict)
        self.compiled = self._native is not None
        self.row_outputs = [k for k, total in enumerate(self.summed) if not total]
        self.sum_outputs = [k for k, total in enumerate(self.summed) if total]
        self.row_count, self.sum_count = len(self.row_outputs), len(self.sum_outputs)
        self.no_totals = np.empty(0)
        self._local = threading.local()
        width = self._native.width if self._native else 1
        self.step = max(1, TASK // max(1, self._native.size if self._native else program.size) // width) * width

    def memory(self) -> Memory:
        """Memory of this thread that isn't in use: a primitive may call the function that called it."""
        try:
            return self._local.free[-1]  # type: ignore[no-any-return]
        except (AttributeError, IndexError):
            self._local.free = [Memory(self._native.layout, self._native.width)]
            return self._local.free[-1]  # type: ignore[no-any-return]

    def _call(self, code: Callable[[int, int, int], None], memory: Memory, start: int, stop: int) -> None:
        """Machine code on some lanes. The memory is in use meanwhile; after an error it is let go of."""
        free = self._local.free
        free.pop()
        code(memory.at, start, stop)
        free.append(memory)

    def compute(self, blocks: Sequence[Any], n: int, threads: int) -> tuple[Any, Any]:
        """Rows and totals of n lanes: an array for every block, in C order."""
        if n == 0:
            return self.np.empty((self.row_count, 0)), self.np.zeros(self.sum_count)
        if self._native is None:
            return self._interpreted(blocks, n)
        memory = self.memory()
        for entry, block in enumerate(blocks, FIRST):
            memory.table[entry] = address(block)
        return self.run(memory, n, threads)

    def run(self, memory: Memory, n: int, threads: int) -> tuple[Any, Any]:
        """The same with the blocks' addresses in the table, for at least one lane."""
        table = memory.table
        table[LENGTH] = n
        rows, totals = self.np.empty((self.row_count, n)), self.no_totals
        if self.row_count:
            table[ROWS] = ctypes.addressof(START(rows))
        if n > self.step:
            return rows, self._tasks(memory, n, threads)
        if self.sum_count:
            totals = self.np.empty(self.sum_count)
            table[TOTALS] = ctypes.addressof(START(totals))
        self._call(self._native.whole, memory, 0, n)
        return rows, totals

    def _tasks(self, memory: Memory, n: int, threads: int) -> Any:
        """Compute the lanes in tasks, whose totals are added in order, however many threads there are."""
        self._native.uniform(memory.at)
        starts = range(0, n, self.step)
        totals = self.np.empty((len(starts), self.sum_count))

        def task(k: int) -> None:
            mine = self.memory()
            if mine is not memory:
                mine.sharing(memory)
            mine.table[TOTALS] = address(totals) + 8 * k * self.sum_count
            self._call(self._native.lanes, mine, starts[k], min(starts[k] + self.step, n))

        if threads == 1 or threading.current_thread().name.startswith(POOL):  # a pool's threads would wait for themselves
            for k in range(len(starts)):
                task(k)
        else:
            futures = [_pool(threads).submit(task, k) for k in range(len(starts))]
            try:
                for future in futures:
                    future.result()
            finally:  # after an error or Ctrl-C too: they write to arrays of this call
                wait(futures)
        return self.np.add.reduce(totals, axis=0)

    def _interpreted(self, blocks: Sequence[Any], n: int) -> tuple[Any, Any]:
        np = self.np
        results = np.empty((len(self.summed), n))
        columns = [block if layout.lanes else block[:, None] for layout, block in zip(self.blocks, blocks, strict=True)]
        data = np.concatenate([np.broadcast_to(c, (len(c), n)) for c in columns]) if columns else np.empty((0, n))
        for lane in range(n):
            results[:, lane] = interpreter.run(self.program, data[:, lane].tolist())
        return results[self.row_outputs], np.add.reduce(results[self.sum_outputs], axis=1)


def address(array: Any) -> int:
    """Where an array's numbers are."""
    try:
        return ctypes.addressof(START(array))
    except (TypeError, ValueError):  # read-only, or empty
        start: int = array.__array_interface__["data"][0]
        return start


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix=POOL)


def default_threads() -> int:
    """As many as this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _native(program: Instructions, blocks: list[Block], summed: list[bool], strict: bool) -> Any:
    """Machine code, or None where llvmlite isn't installed."""
    from autograd.compiler.runtime.jit import Native

    try:
        with paused():
            return Native(lowered(program), blocks, summed, strict)
    except ImportError as error:
        _warn(str(error))
        return None


@cache
def _warn(reason: str) -> None:
    warnings.warn(f"{reason}. Until then programs are interpreted, a hundred times slower", RuntimeWarning, stacklevel=4)
