"""Fast paths for calls like one before: for floats alone, and for arrays that lie as the machine code reads them.

Python's own share of a call falls from 5 µs to 1 for a number, and from 40 µs to 3 for a step of the moons net. Whatever
doesn't fit gives ``MISS``, and the call takes the way of every other, see ``specialisation``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.compiler.outputs import Assembly
from autograd.compiler.runtime.kernel import FIRST, START, CompiledLanes, Lanes
from autograd.compiler.signature import Leaf
from autograd.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Fastpath: TypeAlias = Callable[[Sequence[Any]], Any]  # gives the result for these arguments, or MISS
Shapes: TypeAlias = list[tuple[int, tuple[int, ...] | None]]  # of the arguments that are arrays, by their index
Numbers: TypeAlias = ctypes.Array[ctypes.c_double]

ADDRESS = ctypes.addressof
MISS = object()  # a call that the fast path isn't for


def floats_fastpath(run: Callable[..., Sequence[float]], result: Callable[[Sequence[float]], Any]) -> Fastpath:
    """For calls with floats alone: the machine code runs on the arguments as they are."""

    def fastpath(args: Sequence[Any]) -> Any:
        for x in args:
            if x.__class__ is not float:
                return MISS
        return result(run(*args))

    return fastpath


def arrays_fastpath(
    kernel: Lanes, leaves: Sequence[Leaf], captured: Sequence[Value], assembly: Assembly, threads: int
) -> Fastpath | None:
    """For arrays of float64 in C order, the lanes last, and floats; None where arguments are nested or lie otherwise."""
    in_order = all(leaf.argument == k and leaf.axis in (None, len(leaf.shape or ())) for k, leaf in enumerate(leaves))
    if not isinstance(kernel, CompiledLanes) or not in_order:
        return None
    return ArraysFastpath(kernel, leaves, captured, assembly, threads)


class ArraysFastpath:
    """A call of a kernel without guards: the arguments' addresses into its table, one call of machine code, results out."""

    def __init__(
        self, kernel: CompiledLanes, leaves: Sequence[Leaf], captured: Sequence[Value], assembly: Assembly, threads: int
    ):
        import numpy as np

        self.kernel, self.captured, self.threads = kernel, captured, threads
        self.double, self.array = np.dtype(float), np.ndarray
        self.result = assembly.of_lanes
        numbered = list(enumerate(leaves))
        self.floats = [k for k, leaf in numbered if leaf.shape is None]
        self.arrays = [(k, leaf.shape, leaf.axis is not None) for k, leaf in numbered if leaf.shape is not None]
        self.last: tuple[int, Shapes] = 0, [(k, None) for k, _, _ in self.arrays]
        self.count = len(leaves)

    def __call__(self, args: Sequence[Any]) -> Any:
        """The result, or MISS."""
        kernel = self.kernel
        memory = kernel.memory()
        table, double, array, at, start, first = memory.table, self.double, self.array, ADDRESS, START, FIRST
        try:
            n, shapes = self.last
            for k, shape in shapes:
                if args[k].shape != shape:
                    self.last = n, shapes = self._shapes(args)
                    break
            for k, _ in shapes:
                x = args[k]
                if x.__class__ is not array or x.dtype is not double:
                    kernel.put_back(memory)
                    return MISS
                table[first + k] = at(start(x))
        except (AttributeError, TypeError, ValueError):  # a number; other shapes; read-only, not in order, empty
            kernel.put_back(memory)
            return MISS
        numbers = None  # keeps the memory whose address is in the table until the kernel has run
        if self.floats or self.captured:
            numbers = self._numbers(args, table)
            if numbers is None:
                kernel.put_back(memory)
                return MISS
        return self.result(*kernel.run(memory, n, self.threads, (args, numbers)), n)

    def _shapes(self, args: Sequence[NDArray[np.float64]]) -> tuple[int, Shapes]:
        """How many lanes there are, and the arrays' shapes; ValueError if they aren't those that the kernel is for."""
        counts = {args[k].shape[-1] for k, _, lanes in self.arrays if lanes and args[k].shape}
        shapes: Shapes = [(k, args[k].shape) for k, _, _ in self.arrays]
        expected = [(k, (*shape, *counts) if lanes else shape) for k, shape, lanes in self.arrays]
        if len(counts) != 1 or shapes != expected:
            raise ValueError
        return counts.pop(), shapes

    def _numbers(self, args: Sequence[Any], table: ctypes.Array[ctypes.c_int64]) -> Numbers | None:
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
