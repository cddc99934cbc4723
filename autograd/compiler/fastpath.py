"""The short way for a call with arrays in order: their addresses into a table, one call of machine code, results out.

Python's own share of a step of the moons net falls from 40 µs to 3; what doesn't fit goes the long way, see ``plan``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from autograd.compiler.outputs import Assembly
from autograd.compiler.runtime.kernel import FIRST, START, CompiledLanes, Lanes
from autograd.compiler.signature import Leaf

ADDRESS = ctypes.addressof
MISS = object()  # the call isn't of the kind that the short way is for


def direct(
    kernel: Lanes, leaves: Sequence[Leaf], captured: Sequence[Any], assembly: Assembly, threads: int
) -> Direct | None:
    """A function of the arguments that gives the result or MISS; None where there can't be one."""
    in_order = all(leaf.argument == k and leaf.axis in (None, len(leaf.shape or ())) for k, leaf in enumerate(leaves))
    return Direct(kernel, leaves, captured, assembly, threads) if isinstance(kernel, CompiledLanes) and in_order else None


class Direct:
    """A call of a kernel without guards on floats and on arrays of float64 in C order, the lanes last."""

    def __init__(
        self, kernel: CompiledLanes, leaves: Sequence[Leaf], captured: Sequence[Any], assembly: Assembly, threads: int
    ):
        import numpy as np

        self.kernel, self.captured, self.threads = kernel, captured, threads
        self.double, self.array = np.dtype(float), np.ndarray
        self.result = assembly.of_lanes
        places = list(enumerate(leaves))
        self.floats = [k for k, leaf in places if leaf.shape is None]
        self.arrays = [(k, leaf.shape, leaf.axis is not None) for k, leaf in places if leaf.shape is not None]
        self.last: tuple[int, list[tuple[int, Any]]] = 0, [(k, None) for k, _, _ in self.arrays]
        self.count = len(leaves)

    def __call__(self, args: Sequence[Any]) -> Any:
        """The result, or MISS."""
        memory: Any = self.kernel.memory()
        table, double, array, at, start, first, keep = memory.table, self.double, self.array, ADDRESS, START, FIRST, None
        try:
            n, shapes = self.last
            for k, shape in shapes:
                if args[k].shape != shape:
                    self.last = n, shapes = self._shapes(args)
                    break
            for k, _ in shapes:
                x = args[k]
                if x.__class__ is not array or x.dtype is not double:
                    return MISS
                table[first + k] = at(start(x))
        except (AttributeError, TypeError, ValueError):  # a number; other shapes; read-only, not in order, empty
            return MISS
        if self.floats or self.captured:
            keep = self._numbers(args, table)
            if keep is None:
                return MISS
        return self.result(*self.kernel.run(memory, n, self.threads), n)

    def _shapes(self, args: Sequence[Any]) -> tuple[int, list[tuple[int, Any]]]:
        """How many lanes there are, and the arrays' shapes; ValueError if they aren't those that the kernel is for."""
        counts = {args[k].shape[-1] for k, _, lanes in self.arrays if lanes and args[k].shape}
        shapes = [(k, args[k].shape) for k, _, _ in self.arrays]
        expected = [(k, (*shape, *counts) if lanes else shape) for k, shape, lanes in self.arrays]
        if len(counts) != 1 or shapes != expected:
            raise ValueError
        return counts.pop(), shapes

    def _numbers(self, args: Sequence[Any], table: Any) -> Any:
        """Memory with the arguments that are floats and the captured leaves; None where one isn't a float."""
        floats = [args[k] for k in self.floats]
        for x in floats:
            if x.__class__ is not float:
                return None
        numbers = (ctypes.c_double * (len(floats) + len(self.captured)))(*floats, *[leaf._data for leaf in self.captured])
        start = ctypes.addressof(numbers)
        for j, k in enumerate((*self.floats, self.count) if self.captured else self.floats):
            table[FIRST + k] = start + 8 * j
        return numbers
