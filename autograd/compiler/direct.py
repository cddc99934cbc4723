"""The short way for a call with arrays in order: addresses into a table, two calls of machine code, results out.

Python's own share of a step of the moons net falls from 40 µs to 8; what doesn't fit goes the long way, see ``plan``.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from typing import Any

from autograd.compiler.arguments import Leaf
from autograd.compiler.kernel import Lanes, address
from autograd.compiler.layout import Layout
from autograd.compiler.results import Assembly

MISS = object()  # the call isn't of the kind that the short way is for


def direct(kernel: Lanes, leaves: Sequence[Leaf], captured: Sequence[Any], assembly: Assembly) -> Direct | None:
    """A function of the arguments that gives the result or MISS; None where there can't be one."""
    in_order = all(leaf.argument == k and leaf.axis in (None, len(leaf.shape or ())) for k, leaf in enumerate(leaves))
    if kernel.layout is None or kernel.layout.constants or not in_order:
        return None
    return Direct(kernel, kernel.layout, leaves, captured, assembly)


class Direct:
    """A call of a kernel without guards and uniform outputs, on arrays of float64 in C order with the lanes last."""

    def __init__(self, kernel: Lanes, layout: Layout, leaves: Sequence[Leaf], captured: Sequence[Any], assembly: Assembly):
        import numpy as np

        self.np, self.kernel, self.layout, self.captured, self.assembly = np, kernel, layout, captured, assembly
        self.double, self.array_class = np.dtype(float), np.ndarray
        self.lanes = [(k, leaf.shape, leaf.size) for k, leaf in enumerate(leaves) if leaf.axis is not None]
        self.shared = [(k, leaf.shape, leaf.size) for k, leaf in enumerate(leaves) if leaf.axis is None]
        self.uniform, self.run = kernel.entry_points()
        self.shape_result, self.local = assembly.builder(), threading.local()

    def _memory(self) -> Any:
        """This thread's table, its shared numbers, and what must stay alive."""
        np, layout = self.np, self.layout
        table = (ctypes.c_int64 * layout.table_size)()
        numbers, frame = np.empty(max(1, len(layout.shared_inputs))), np.empty(max(1, len(layout.uniform_slots)))
        scratch, table[layout.LANE_FRAME], table[layout.SUMS] = self.kernel.scratch()
        table[layout.UNIFORM_FRAME], table[layout.SHARED] = address(frame), address(numbers)
        self.local.memory = table, numbers, ctypes.addressof(table), (frame, scratch)
        return self.local.memory

    def _rows(self, args: Sequence[Any], table: Any) -> int:
        """Note where the rows of all arguments with lanes are; how many lanes there are, −1 for a call to miss."""
        n, entry, array_class, double = -1, self.layout.FIRST, self.array_class, self.double
        for k, shape, count in self.lanes:
            x = args[k]
            if x.__class__ is not array_class or x.dtype is not double or not x.flags.c_contiguous:
                return -1
            length = x.shape[-1] if x.shape else -1
            if x.shape[:-1] != shape or (n >= 0 and length != n):
                return -1
            n, start = length, x.__array_interface__["data"][0]
            for row in range(count):
                table[entry + row] = start + 8 * n * row
            entry += count
        return n

    def _numbers(self, args: Sequence[Any], numbers: Any) -> bool:
        """Gather what all lanes share; whether that worked."""
        place, array_class, double = 0, self.array_class, self.double
        for k, shape, count in self.shared:
            x = args[k]
            if x.__class__ is float and shape is None:
                numbers[place] = x
            elif x.__class__ is array_class and x.shape == shape and x.dtype is double:
                numbers[place : place + count] = x.ravel()
            else:
                return False
            place += count
        for leaf in self.captured:
            numbers[place] = leaf._data
            place += 1
        return True

    def __call__(self, args: Sequence[Any]) -> Any:
        """The result, or MISS."""
        try:
            table, numbers, at, _ = self.local.memory
        except AttributeError:
            table, numbers, at, _ = self._memory()
        n, layout = self._rows(args, table), self.layout
        if not 0 < n <= self.kernel.step or not self._numbers(args, numbers):
            return MISS
        count = self.assembly.row_count
        rows, totals = self.np.empty((count, n)), self.np.empty(self.assembly.sum_count)
        if count:
            first, start = layout.FIRST + len(layout.lane_inputs), address(rows)
            for row in range(count):
                table[first + row] = start + 8 * n * row
        table[layout.TOTALS] = address(totals)
        if layout.uniform_slots:
            self.uniform(at)
        self.run(at, 0, n)
        return self.shape_result(rows, totals, n)
