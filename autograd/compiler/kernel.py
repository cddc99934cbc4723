"""A compiled program and the memory it runs in: single points, and any number of lanes in blocks and threads.

Without the package llvmlite the interpreter takes its place: the same numbers, a hundred times slower.
"""

from __future__ import annotations

import os
import struct
import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from autograd.compiler import interpreter
from autograd.compiler.layout import Layout
from autograd.compiler.lowering import lowered
from autograd.compiler.program import Program

TASK = 2_000_000  # operations that one task of a thread does: the same partition for any number of threads
ALIGNED = 64


class Point:
    """A program for single points: all inputs shared. Called with the inputs, it gives a tuple of the outputs."""

    def __init__(self, program: Program, strict: bool = False):
        self.program = program
        self._native = _native(lowered(program), [], [False] * len(program.outputs), strict)
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
        import ctypes

        layout = self._native.layout
        sizes = len(self.program.inputs), len(self.program.outputs), len(layout.uniform_slots)
        shared, out, frame = ((ctypes.c_double * max(1, size))() for size in sizes)
        table = (ctypes.c_void_p * layout.table_size)()
        for entry, array in ((layout.UNIFORM_FRAME, frame), (layout.SHARED, shared), (layout.UNIFORM_OUT, out)):
            table[entry] = ctypes.addressof(array)
        return memoryview(shared).cast("B"), memoryview(out).cast("B"), ctypes.addressof(table), (shared, out, frame, table)


class Lanes:
    """A program for many lanes: some inputs have a row with one number a lane, the others are shared.

    Called with an array of the shared inputs and one of addresses of rows, it fills rows of results, and returns the
    uniform outputs and the totals over lanes.
    """

    def __init__(self, program: Program, lane_inputs: Sequence[int], summed: Sequence[bool], strict: bool = False):
        import numpy as np

        self.np = np
        self.program, self.lane_inputs, self.summed = program, list(lane_inputs), list(summed)
        self.lowered = lowered(program)
        self._native = _native(self.lowered, self.lane_inputs, self.summed, strict)
        self.layout: Layout | None = self._native.layout if self._native else None
        self._in_lanes = set(self.lane_inputs)
        self.row_outputs = [k for k, total in enumerate(self.summed) if not total]
        self.sum_outputs = [k for k, total in enumerate(self.summed) if total]
        if self.layout:
            self.arange = np.arange(len(self.lane_inputs))
            self.row_places = np.array([self.row_outputs.index(k) for k in self.layout.rows], dtype=np.int64)
        self._local = threading.local()
        width = self._native.width if self._native else 1
        self.step = max(1, TASK // max(1, self.lowered.size) // width) * width

    def entry_points(self) -> tuple[Any, Any]:
        """The machine code for the shared half and for the lanes."""
        return self._native.uniform, self._native.lanes

    def scratch(self) -> Any:
        """This thread's memory, and where in it frame and sums are, aligned to whole vectors; the sums start at 0."""
        if not hasattr(self._local, "memory"):
            layout, native, np = self.layout, self._native, self.np
            assert layout is not None
            size = native.width * (layout.lane_slots + len(layout.sums)) + ALIGNED // 8
            memory = np.zeros(size)
            start = -(memory.ctypes.data // -ALIGNED) * ALIGNED
            self._local.memory = memory, start, start + 8 * native.width * layout.lane_slots
        return self._local.memory

    def compute(self, shared: Sequence[float], blocks: Sequence[Any], n: int, threads: int) -> tuple[Any, Any]:
        """Rows and totals of all outputs, for a block of rows of n lanes for every argument that has lanes."""
        np = self.np
        if self._native is None:
            return self._interpreted(shared, blocks, n)
        layout = self._native.layout
        rows = np.empty((len(self.row_outputs), n))
        uniform, frame = np.empty(len(layout.constants)), np.empty(len(layout.uniform_slots))
        inputs = np.array(shared)
        table = np.empty(layout.table_size, dtype=np.int64)
        for entry, array in ((layout.UNIFORM_FRAME, frame), (layout.SHARED, inputs), (layout.UNIFORM_OUT, uniform)):
            table[entry] = address(array)
        start = layout.FIRST
        for block in blocks:
            count = len(block)
            table[start : start + count] = self.arange[:count] * (8 * n) + address(block)
            start += count
        table[start:] = self.row_places * (8 * n) + address(rows)
        totals = self._run(table, n, threads)
        return (rows, totals) if not layout.constants else self._with_uniform(rows, totals, uniform, n)

    def _with_uniform(self, rows: Any, totals: Any, uniform: Any, n: int) -> tuple[Any, Any]:
        """Fill in the outputs that are the same in all lanes."""
        layout, np = self._native.layout, self.np
        whole = np.empty(len(self.sum_outputs))
        whole[[self.sum_outputs.index(k) for k in layout.sums]] = totals
        for k, number in zip(layout.constants, uniform, strict=True):
            if self.summed[k]:
                whole[self.sum_outputs.index(k)] = number * n
            else:
                rows[self.row_outputs.index(k)] = number
        return rows, whole

    def _interpreted(self, shared: Sequence[float], blocks: Sequence[Any], n: int) -> tuple[Any, Any]:
        np = self.np
        results = np.empty((len(self.summed), n))
        data = np.concatenate(blocks) if blocks else np.empty((0, n))
        for lane in range(n):
            varying, fixed = iter(data[:, lane].tolist()), iter(shared)
            inputs = [next(varying if i in self._in_lanes else fixed) for i in range(len(self.program.inputs))]
            results[:, lane] = interpreter.run(self.program, inputs)
        return results[self.row_outputs], np.add.reduce(results[self.sum_outputs], axis=1)

    def _run(self, table: Any, n: int, threads: int) -> Any:
        """Compute all lanes; ``table`` lacks scratch and totals. The totals."""
        native, layout, np = self._native, self._native.layout, self.np
        tasks = range(0, n, self.step)
        totals = np.empty((len(tasks), len(layout.sums)))
        native.uniform(address(table))
        if len(tasks) == 1:
            self._task(table, totals, 0, 0, n)
            return totals[0]
        jobs = [(table.copy(), totals, k, start, min(start + self.step, n)) for k, start in enumerate(tasks)]
        if threads == 1:
            for job in jobs:
                self._task(*job)
        else:
            list(_pool(threads).map(lambda job: self._task(*job), jobs))
        return np.add.reduce(totals, axis=0) if len(tasks) else np.zeros(len(layout.sums))

    def _task(self, table: Any, totals: Any, k: int, start: int, stop: int) -> None:
        layout = self.layout
        assert layout is not None
        _, frame, sums = self.scratch()
        table[layout.LANE_FRAME], table[layout.SUMS] = frame, sums
        table[layout.TOTALS] = address(totals) + 8 * k * len(layout.sums)
        self._native.lanes(address(table), start, stop)


def address(array: Any) -> int:
    """Where an array's numbers are."""
    start: int = array.__array_interface__["data"][0]
    return start


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="chainrule")


def default_threads() -> int:
    """As many as this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _native(program: Program, lane_inputs: list[int], summed: list[bool], strict: bool) -> Any:
    """Machine code, or None where llvmlite isn't installed."""
    from autograd.compiler.native import Native

    try:
        return Native(program, lane_inputs, summed, strict)
    except ImportError as error:
        _warn(str(error))
        return None


@cache
def _warn(reason: str) -> None:
    warnings.warn(f"{reason}. Until then programs are interpreted, a hundred times slower", RuntimeWarning, stacklevel=4)
