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
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from autograd.compiler import interpreter
from autograd.compiler.layout import Block, Layout
from autograd.compiler.lowering import lowered
from autograd.compiler.program import Program

TASK = 2_000_000  # operations that one task of a thread does: the same partition for any number of threads
ROWS, LANES, TOTALS = Layout.ROWS, Layout.LANES, Layout.TOTALS
LINE = 8  # numbers in a line of the cache
_START = ctypes.c_char


class Point:
    """A program for single points: all inputs shared. Called with the inputs, it gives a tuple of the outputs."""

    def __init__(self, program: Program, strict: bool = False):
        self.program = program
        blocks = [Block(len(program.inputs), False)]
        self._native = _native(lowered(program), blocks, [False] * len(program.outputs), strict)
        self.run = self._runner() if self._native else self._interpreted

    def __call__(self, inputs: Sequence[float]) -> tuple[float, ...]:
        """The outputs at these inputs."""
        return self.run(*inputs)

    def _interpreted(self, *inputs: float) -> tuple[float, ...]:
        return tuple(interpreter.run(self.program, inputs))

    def _runner(self) -> Callable[..., tuple[float, ...]]:
        """A function with all it needs at hand: each thread has memory of its own."""
        pack = struct.Struct(f"{len(self.program.inputs)}d").pack_into
        unpack = struct.Struct(f"{len(self.program.outputs)}d").unpack_from
        uniform, local, memory_of = self._native.uniform, threading.local(), self._memory

        def run(*inputs: float) -> tuple[float, ...]:
            try:
                shared, out, address, _ = local.memory
            except AttributeError:
                shared, out, address, _ = local.memory = memory_of()
            pack(shared, 0, *inputs)
            uniform(address)
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
    """What a thread runs a kernel in: the table; frames, sums and uniform outputs, each on a line of the cache."""

    def __init__(self, layout: Layout, width: int):
        import numpy as np

        table = self.table = (ctypes.c_int64 * layout.table_size)()
        self.at = ctypes.addressof(table)
        sizes = {
            layout.UNIFORM_FRAME: len(layout.uniform_slots),
            layout.UNIFORM_OUT: len(layout.constants),
            layout.LANE_FRAME: width * layout.lane_slots,
            layout.SUMS: width * len(layout.sums),  # the kernel leaves them at 0
        }
        self.numbers = np.zeros(sum(sizes.values()) + len(sizes) * LINE)
        start = -(address(self.numbers) // -8 // LINE) * 8 * LINE
        for entry, size in sizes.items():
            table[entry] = start
            start += 8 * LINE * -(size // -LINE)
        first = (table[layout.UNIFORM_OUT] - address(self.numbers)) // 8
        self.constants = self.numbers[first : first + len(layout.constants)]

    def sharing(self, other: Memory, layout: Layout) -> None:
        """Take over all that isn't a thread's own."""
        for entry in range(layout.table_size):
            if entry not in (layout.LANE_FRAME, layout.SUMS):
                self.table[entry] = other.table[entry]


class Lanes:
    """A program for many lanes: its inputs lie in blocks, which all lanes share or which have a row for each number.

    Called with arrays for the blocks, or with their addresses in the memory's table, it gives rows of results and
    totals over lanes.
    """

    def __init__(self, program: Program, blocks: Sequence[Block], summed: Sequence[bool], strict: bool = False):
        import numpy as np

        self.np, self.program, self.blocks, self.summed = np, program, list(blocks), list(summed)
        self.lowered = lowered(program)
        self._native = _native(self.lowered, self.blocks, self.summed, strict)
        self.compiled = self._native is not None
        self.row_outputs = [k for k, total in enumerate(self.summed) if not total]
        self.sum_outputs = [k for k, total in enumerate(self.summed) if total]
        self.row_count, self.sum_count = len(self.row_outputs), len(self._native.layout.sums) if self._native else 0
        self._local = threading.local()
        width = self._native.width if self._native else 1
        self.step = max(1, TASK // max(1, self.lowered.size) // width) * width

    def memory(self) -> Memory:
        """This thread's memory."""
        try:
            return self._local.memory  # type: ignore[no-any-return]
        except AttributeError:
            self._local.memory = Memory(self._native.layout, self._native.width)
            return self._local.memory  # type: ignore[no-any-return]

    def compute(self, blocks: Sequence[Any], n: int, threads: int) -> tuple[Any, Any]:
        """Rows and totals of n lanes: an array for every block, in C order."""
        if self._native is None:
            return self._interpreted(blocks, n)
        memory = self.memory()
        for entry, block in enumerate(blocks, self._native.layout.FIRST):
            memory.table[entry] = address(block)
        return self.run(memory, n, threads)

    def run(self, memory: Memory, n: int, threads: int) -> tuple[Any, Any]:
        """The same with the blocks' addresses in the table."""
        table, empty, native = memory.table, self.np.empty, self._native
        rows, totals = empty((self.row_count, n)), empty(self.sum_count)
        table[ROWS], table[LANES] = address(rows) if self.row_count else 0, n
        if 0 < n <= self.step:
            table[TOTALS] = address(totals) if self.sum_count else 0
            native.whole(memory.at, 0, n)
        else:
            native.uniform(memory.at)
            totals = self._tasks(memory, n, threads)
        return (rows, totals) if not native.layout.constants else (rows, self._with_constants(totals, memory.constants, n))

    def _with_constants(self, totals: Any, constants: Any, n: int) -> Any:
        """The totals, and those of outputs that are the same in all lanes."""
        layout, whole = self._native.layout, self.np.empty(len(self.sum_outputs))
        whole[[self.sum_outputs.index(k) for k in layout.sums]] = totals
        whole[[self.sum_outputs.index(k) for k in layout.constants]] = constants * n
        return whole

    def _tasks(self, memory: Memory, n: int, threads: int) -> Any:
        """Compute the lanes in tasks, whose totals are added in order, however many threads there are."""
        starts = range(0, n, self.step)
        totals = self.np.empty((len(starts), len(self._native.layout.sums)))

        def task(k: int) -> None:
            mine, layout = self.memory(), self._native.layout
            if mine is not memory:
                mine.sharing(memory, layout)
            mine.table[layout.TOTALS] = address(totals) + 8 * k * len(layout.sums)
            self._native.lanes(mine.at, starts[k], min(starts[k] + self.step, n))

        if threads == 1 or len(starts) < 2:
            for k in range(len(starts)):
                task(k)
        else:
            list(_pool(threads).map(task, range(len(starts))))
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
        return ctypes.addressof(_START.from_buffer(array))  # 0.2 µs instead of 1
    except (TypeError, ValueError):  # read-only, or empty
        start: int = array.__array_interface__["data"][0]
        return start


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="chainrule")


def default_threads() -> int:
    """As many as this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _native(program: Program, blocks: list[Block], summed: list[bool], strict: bool) -> Any:
    """Machine code, or None where llvmlite isn't installed."""
    from autograd.compiler.native import Native

    try:
        return Native(program, blocks, summed, strict)
    except ImportError as error:
        _warn(str(error))
        return None


@cache
def _warn(reason: str) -> None:
    warnings.warn(f"{reason}. Until then programs are interpreted, a hundred times slower", RuntimeWarning, stacklevel=4)
