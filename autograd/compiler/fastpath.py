"""Fast paths for calls like one before: at points, and for arrays over lanes however they lie.

Python's own share of a call falls from 5 µs to 1 for a number, from 12 µs to 2 for an array at a point, and from 40 µs to 3
for a step of the moons net. Whatever doesn't fit gives ``MISS``, and the call takes the way of every other, see
``specialisation``.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd.compiler.layouts import ArrayLayout, key_of, layouts_of
from autograd.compiler.outputs import Assembly
from autograd.compiler.runtime.builtin import MISS, pays
from autograd.compiler.runtime.kernel import FIRST, LENGTH, START, CompiledLanes, Lanes, Memory
from autograd.compiler.runtime.staging import StagedLanes
from autograd.compiler.signature import Leaf, Spec
from autograd.interop.coerce import as_number
from autograd.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Fastpath: TypeAlias = Callable[[Sequence[Any]], Any]  # gives the result for these arguments, or MISS
Shapes: TypeAlias = list[tuple[int, tuple[int, ...] | None]]  # of the leaves that are arrays, by their index
Numbers: TypeAlias = ctypes.Array[ctypes.c_double]

ADDRESS = ctypes.addressof
KNOWN = 8  # layouts remembered: a training loop alternates between two or three


Reader: TypeAlias = Callable[
    [Sequence[Any]], Sequence[Any] | None
]  # the leaves of a call, None where it is shaped otherwise


class BranchCode(NamedTuple):
    """A branch at points: what runs it, the leaves it has captured, how many guards hold in it, its result of outputs."""

    run: Callable[..., Sequence[float]]
    captured: Sequence[Value]
    guards: int
    result: Callable[[Sequence[float]], Any]


def point_fastpath(spec: Spec, branches: Sequence[BranchCode]) -> Fastpath:
    """For calls at points, also with nested arguments, and what is static."""
    read, first = spec.reader(), branches[0]
    fastpath: Fastpath = PointFastpath(spec, branches)
    if len(branches) == 1 and not first.captured and all(leaf.shape is None for leaf in spec.leaves):
        fastpath = floats_fastpath(*first, fastpath)

    def of_leaves(args: Sequence[Any]) -> Any:
        leaves = read(args) if read else args
        return MISS if leaves is None else fastpath(leaves)

    return of_leaves if read else fastpath


def floats_fastpath(
    run: Callable[..., Sequence[float]],
    _: Sequence[Value],
    guards: int,
    result: Callable[[Sequence[float]], Any],
    otherwise: Fastpath,
) -> Fastpath:
    """For floats alone, which the machine code takes as they are: half the time of ``otherwise``, for all other numbers."""

    def fastpath(args: Sequence[Any]) -> Any:
        for x in args:
            if x.__class__ is not float:
                return otherwise(args)
        return result(run(*args))

    def guarded(args: Sequence[Any]) -> Any:
        for x in args:
            if x.__class__ is not float:
                return otherwise(args)
        outputs = run(*args)
        return result(outputs) if outputs[-1] == guards else MISS

    return guarded if guards else fastpath


class PointFastpath:
    """For leaves that are numbers and arrays of float64: 2 µs for a gradient by an array of two, not 12."""

    def __init__(self, spec: Spec, branches: Sequence[BranchCode]):
        self.branches, self.shapes = branches, [leaf.shape for leaf in spec.leaves]
        numpy = sys.modules.get("numpy")  # not loaded for numbers alone
        self.array: Any = numpy.ndarray if numpy else None
        self.double: Any = numpy.dtype(float) if numpy else None
        self.kinds: set[Any] = {float, int, numpy.float64} if numpy else {float, int}

    def __call__(self, leaves: Sequence[Any]) -> Any:
        """The result, by the first branch whose guards hold, or MISS."""
        try:
            numbers = self._numbers(leaves)
        except OverflowError:  # an int that no float can hold
            return MISS
        if numbers is None:
            return MISS
        for run, captured, guards, result in self.branches:
            outputs = run(*numbers, *[leaf._number for leaf in captured])
            if outputs[-1] == guards:
                return result(outputs)
        return MISS

    def _numbers(self, leaves: Sequence[Any]) -> list[float] | None:
        numbers: list[float] = []
        for x, shape in zip(leaves, self.shapes, strict=True):
            if shape is None and x.__class__ in self.kinds:
                numbers.append(float(x))
            elif shape and x.__class__ is self.array and x.dtype is self.double and x.shape == shape:
                numbers += x.ravel().tolist()
            else:
                return None
        return numbers


Quicker: TypeAlias = "Callable[[Direct | Staged], Fastpath | None]"  # a builtin for arrays that lie so


def arrays_fastpath(
    kernel: Lanes, spec: Spec, captured: Sequence[Value], assembly: Assembly, threads: int, quicker: Quicker
) -> Fastpath | None:
    """For arrays and floats, nested or not; None where there is no machine code."""
    if not isinstance(kernel, CompiledLanes):
        return None
    return ArraysFastpath(KernelCall(kernel, spec, captured, assembly, threads), quicker)


class KernelCall:
    """What every call of a kernel without guards has in common."""

    def __init__(self, kernel: CompiledLanes, spec: Spec, captured: Sequence[Value], assembly: Assembly, threads: int):
        self.kernel, self.captured, self.threads, self.assembly = kernel, captured, threads, assembly
        self.result = assembly.of_lanes
        numbered = list(enumerate(spec.leaves))
        self.read = spec.reader()
        self.floats = [k for k, leaf in numbered if leaf.shape is None]
        self.arrays: list[tuple[int, Leaf]] = [(k, leaf) for k, leaf in numbered if leaf.shape is not None]
        self.count = len(spec.leaves)
        self.has_numbers = bool(self.floats or captured)

    def run(self, kernel: CompiledLanes, memory: Memory, n: int, inputs: object) -> Any:
        """The result over n lanes, the addresses of the inputs in the memory's table."""
        return self.result(*kernel.run(memory, n, self.threads, inputs), n)

    def numbers(self, leaves: Sequence[Any], table: ctypes.Array[ctypes.c_int64]) -> Numbers:
        """Memory with the leaves that are numbers and the captured ones; TypeError where one is a Value or no number."""
        floats = [leaves[k] for k in self.floats]
        for x in floats:
            if x.__class__ is not float:
                floats = list(map(_number, floats))
                break
        numbers = (ctypes.c_double * (len(floats) + len(self.captured)))(*floats, *[leaf._number for leaf in self.captured])
        start = ctypes.addressof(numbers)
        for j, k in enumerate((*self.floats, self.count) if self.captured else self.floats):
            table[FIRST + k] = start + 8 * j
        return numbers


def _number(x: object) -> float:
    if isinstance(x, Value):
        raise TypeError("a Value is to be recorded")
    return as_number(x, "a number")


class ArraysFastpath:
    """The arrays as they lie in the calls before: ``Direct`` or ``Staged``. Ways that are taken often get builtins."""

    def __init__(self, call: KernelCall, quicker: Quicker):
        self.call, self.read, self.direct, self.quicker = call, call.read, Direct(call), quicker
        self.uses, self.builtins, self.tried = 0, list[tuple[Direct | Staged, Fastpath]](), set[Direct | Staged]()
        self.way: Direct | Staged = self.direct
        self.known: dict[object, Staged | None] = {}  # None for what has come once

    def __call__(self, args: Sequence[Any]) -> Any:
        """The result, or MISS."""
        leaves = args if self.read is None else self.read(args)
        if leaves is None:
            return MISS
        for way, builtin in self.builtins:
            result = builtin(leaves)
            if result is not MISS:
                self.way = way
                return result
        result = self.way(leaves)
        if result is MISS:
            result = self._otherwise(leaves)
        self.uses += 1
        if pays(self.uses) and self.way not in self.tried and len(self.tried) < KNOWN:
            self._add_builtin(self.way)
        return result

    def _add_builtin(self, way: Direct | Staged) -> None:
        self.tried.add(way)
        builtin, self.uses = self.quicker(way), 0
        self.builtins = [(way, builtin), *self.builtins] if builtin else self.builtins

    def _otherwise(self, leaves: Sequence[Any]) -> Any:
        """The arrays don't lie as in the last call."""
        result = MISS if self.way is self.direct else self.direct(leaves)
        if result is not MISS:
            self.way = self.direct
            return result
        try:
            way = self._known_way(leaves)
        except (AttributeError, TypeError, ValueError):  # a number; not numbers; other shapes; disagreeing lanes
            return MISS
        result = MISS if way is None else way(leaves)
        if way is not None and result is not MISS:
            self.way = way
        return result

    def _known_way(self, leaves: Sequence[Any]) -> Staged | None:
        """For arrays that lie as these. None when such come first: it takes 0.1 ms to make, and may be in vain."""
        key = tuple([key_of(leaves[k]) for k, _ in self.call.arrays])
        way = self.known.get(key)
        if way is None:
            way = Staged(self.call, layouts_of(self.call.arrays, leaves)) if key in self.known else None
            self.known = {**dict(list(self.known.items())[1 - KNOWN :]), key: way}
        return way


class Bound(NamedTuple):
    """A kernel with arrays, for calls of its code from machine code.

    ``words`` has for every array where its address stands, and the bytes from lane to lane, 0 where all lanes share it.
    """

    kernel: CompiledLanes
    memory: Memory
    words: list[tuple[int, int]]
    held: object  # what the addresses are of

    def put_back(self) -> None:
        """The memory is free again."""
        self.kernel.put_back(self.memory)


class Direct:
    """Arrays of float64 in C order, the lanes last: their addresses into the kernel's table, one call of machine code."""

    def __init__(self, call: KernelCall):
        import numpy as np

        self.call, self.kernel, self.threads, self.run = call, call.kernel, call.threads, call.run
        self.double, self.array, self.has_numbers = np.dtype(float), np.ndarray, call.has_numbers
        self.arrays = [(k, leaf.shape or (), leaf.axis) for k, leaf in call.arrays]
        self.lanes_last = all(axis in (None, len(shape)) for _, shape, axis in self.arrays)
        self.last: tuple[int, Shapes] = 0, [(k, None) for k, _, _ in self.arrays]

    def __call__(self, leaves: Sequence[Any]) -> Any:
        """The result, or MISS."""
        kernel = self.kernel
        memory = kernel.memory()
        table, double, array, at, start, first = memory.table, self.double, self.array, ADDRESS, START, FIRST
        numbers = None  # keeps the memory whose address is in the table until the kernel has run
        try:
            n, shapes = self.last
            for k, shape in shapes:
                if leaves[k].shape != shape:
                    self.last = n, shapes = self._shapes(leaves)
                    break
            for k, _ in shapes:
                x = leaves[k]
                if x.__class__ is not array or x.dtype is not double:
                    kernel.put_back(memory)
                    return MISS
                table[first + k] = at(start(x))
            if self.has_numbers:
                numbers = self.call.numbers(leaves, table)
        except (AttributeError, TypeError, ValueError):  # a number; other shapes; read-only, not in order, empty
            kernel.put_back(memory)
            return MISS
        return self.run(kernel, memory, n, (leaves, numbers))

    def bound(self, leaves: Sequence[Any]) -> Bound | None:
        """The kernel with these arrays, None where they lie otherwise."""
        memory = self.kernel.memory()
        table, start = memory.table, ctypes.addressof(memory.table)
        try:
            n, shapes = self.last
            table[LENGTH] = n if all(leaves[k].shape == shape for k, shape in shapes) else self._shapes(leaves)[0]
            for k, _ in shapes:
                if leaves[k].dtype is not self.double:
                    raise TypeError
                table[FIRST + k] = ctypes.addressof(START(leaves[k]))
            numbers = self.call.numbers(leaves, table) if self.has_numbers else None
        except (AttributeError, TypeError, ValueError):
            self.kernel.put_back(memory)
            return None
        words = [(start + 8 * (FIRST + k), 0 if axis is None else 8) for k, _, axis in self.arrays]
        return Bound(self.kernel, memory, words, (leaves, numbers))

    def _shapes(self, leaves: Sequence[NDArray[np.float64]]) -> tuple[int, Shapes]:
        """How many lanes there are, and the arrays' shapes; ValueError if the kernel isn't for them, or faster on copies."""
        counts = {leaves[k].shape[-1] for k, _, axis in self.arrays if axis is not None and leaves[k].shape}
        shapes: Shapes = [(k, leaves[k].shape) for k, _, _ in self.arrays]
        expected = [(k, shape if axis is None else (*shape, *counts)) for k, shape, axis in self.arrays]
        if len(counts) != 1 or shapes != expected or not self.lanes_last or self.kernel.crowd(*counts):
            raise ValueError
        return counts.pop(), shapes


class Staged:
    """Arrays that lie otherwise: rows, slices, other types, tables. Machine code copies tiles of them to rows of lanes."""

    def __init__(self, call: KernelCall, layouts: Sequence[ArrayLayout]):
        self.call, self.threads, self.run, self.has_numbers = call, call.threads, call.run, call.has_numbers
        lanes = [layout for layout in layouts if layout.axis is not None]
        self.kernel = StagedLanes(call.kernel, [layout.source() for layout in lanes])
        self.lanes = [(*_fields(layout), place) for layout, place in zip(lanes, self.kernel.address_at, strict=True)]
        self.shared = [(*_fields(layout), FIRST + layout.k) for layout in layouts if layout.axis is None]
        self.shapes = [(layout.shape, layout.axis or 0) for layout in lanes]
        self.last = self._shapes(lanes[0].shape[lanes[0].axis or 0])
        self.shared_shapes = [layout.shape for layout in layouts if layout.axis is None]

    def __call__(self, leaves: Sequence[Any]) -> Any:
        """The result, or MISS."""
        memory = self.kernel.memory()
        held: list[object] = [leaves]  # keeps what addresses are of until the kernel has run
        n, shapes = self.last
        try:
            fits = self._read(leaves, self.lanes, shapes, memory.sources, held)
            if not fits:  # another number of lanes perhaps
                n, shapes = self._shapes(self._lanes(leaves))
                self.last = (n, shapes) if n else self.last  # none at all: not for machine code
                fits = n > 0 and self._read(leaves, self.lanes, shapes, memory.sources, held)
            fits = fits and self._read(leaves, self.shared, self.shared_shapes, memory.table, held)
            if fits and self.has_numbers:
                held.append(self.call.numbers(leaves, memory.table))
        except (AttributeError, TypeError, ValueError, IndexError):  # not numbers, or no array
            fits = False
        if not fits:
            self.kernel.put_back(memory)
            return MISS
        return self.run(self.kernel, memory, n, held)

    def bound(self, leaves: Sequence[Any]) -> Bound | None:
        """The kernel with these arrays, None where they lie otherwise."""
        memory = self.kernel.memory()
        held: list[object] = [leaves]
        try:
            fits = self._read(leaves, self.lanes, self._shapes(self._lanes(leaves))[1], memory.sources, held)
            fits = fits and self._read(leaves, self.shared, self.shared_shapes, memory.table, held)
            if fits and self.has_numbers:
                held.append(self.call.numbers(leaves, memory.table))
        except (AttributeError, TypeError, ValueError, IndexError):
            fits = False
        if not fits:
            self.kernel.put_back(memory)
            return None
        shared, lanes = ctypes.addressof(memory.table), ctypes.addressof(memory.sources)
        words = {k: (shared + 8 * place, 0) for k, *_, place in self.shared}
        for (k, _, _, strides, *_, place), (_, axis) in zip(self.lanes, self.shapes, strict=True):
            words[k] = lanes + 8 * place, strides[axis]
        return Bound(self.kernel, memory, [words[k] for k in sorted(words)], held)

    def _lanes(self, leaves: Sequence[Any]) -> int:
        """How many there are in the first array."""
        n: int = leaves[self.lanes[0][0]].shape[self.shapes[0][1]]
        return n

    def _shapes(self, n: int) -> tuple[int, list[tuple[int, ...]]]:
        """The shapes of the arrays for that many lanes."""
        return n, [(*shape[:axis], n, *shape[axis + 1 :]) for shape, axis in self.shapes]

    @staticmethod
    def _read(
        leaves: Sequence[Any],
        arrays: Sequence[tuple[Any, ...]],
        shapes: Sequence[tuple[int, ...]],
        places: ctypes.Array[ctypes.c_int64],
        held: list[object],
    ) -> bool:
        """Put the addresses of the arrays where they belong; False where they lie otherwise."""
        for (k, kind, prepare, strides, dtype, address, place), shape in zip(arrays, shapes, strict=True):
            x = leaves[k]
            if x.__class__ is not kind:
                return False
            if prepare is not None:
                x = prepare(x)
                held.append(x)
            if x.shape != shape or x.strides != strides or x.dtype is not dtype:
                return False
            places[place] = address(x)
        return True


def _fields(layout: ArrayLayout) -> tuple[Any, ...]:
    return layout.k, layout.kind, layout.prepare, layout.strides, layout.dtype, layout.address
