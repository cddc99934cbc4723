"""A compiled program and the memory it runs in: single points, and any number of lanes in blocks and threads.

Without the package llvmlite the interpreter takes its place: the same numbers, a hundred times slower.
"""

from __future__ import annotations

import ctypes
import os
import struct
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property, partial
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.compiler.codegen.abi import Block, Layout
from autograd.compiler.runtime.gc_pause import gc_paused
from autograd.compiler.runtime.jit import MachineCode
from autograd.compiler.runtime.sums import Subtotal, joined, subtotals, total
from autograd.compiler.runtime.tasks import Tasks, aside
from autograd.program import interpreter
from autograd.program.instructions import Instructions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.float64]"
Spans: TypeAlias = Sequence[tuple[int, int]]  # of lanes: the first, and the one after the last

MANY_ROWS = 8  # of results, from which on it matters where they begin
LINE = 8  # numbers in a line of the caches
TASK = 12_000_000  # operations in a task at most, and at least half of them; unless that is too few lanes
TASK_OUTPUTS = 25_000  # of more outputs a task has more operations: to add up its totals takes time, too
FEWEST = 32  # lanes in a task: no value has more, on any machine
AT_ONCE = 1024  # tasks whose totals are in memory at once
CROWDED, WAYS = 512, 12  # rows of so many numbers lie on the same sets of the nearest cache, with room for so many lines
ROWS, LENGTH, TOTALS, FIRST = Layout.ROWS, Layout.LENGTH, Layout.TOTALS, Layout.FIRST
START: Callable[[Any], ctypes.c_char] = ctypes.c_char.from_buffer  # an array's address in 0.2 µs, not in 1


def lanes_in_task(program: Instructions) -> int:
    """How many lanes a task has: a power of two that the program alone decides.

    So lanes are cut into the same tasks for any number of threads, processes and machines; and where a range begins with a
    task of one program, it does so for all that have smaller ones.
    """
    many = max(1, len(program.outputs) // TASK_OUTPUTS)
    return max(FEWEST, 1 << (many * TASK // max(1, program.size)).bit_length() >> 1)


class Point:
    """A program for single points: all inputs shared. Called with the inputs, it gives a tuple of the outputs."""

    def __init__(self, program: Instructions, strict: bool = False):
        self.program = program
        self.code = _machine_code(program, [Block(len(program.inputs), False)], [False] * len(program.outputs), strict)
        self.run = _interpreter(program) if self.code is None else _runner(program, self.code)

    def __call__(self, inputs: Sequence[float]) -> tuple[float, ...]:
        """The outputs at these inputs."""
        return self.run(*inputs)


def _interpreter(program: Instructions) -> Callable[..., tuple[float, ...]]:
    return lambda *inputs: tuple(interpreter.run(program, inputs))


def _runner(program: Instructions, code: MachineCode) -> Callable[..., tuple[float, ...]]:
    """A function of the inputs that runs the code: each call has memory of its own, until its results are read from it.

    So another thread may call it meanwhile, and so may a primitive or the handler of a signal in the middle of a call.
    """
    pack = struct.Struct(f"{len(program.inputs)}d").pack_into
    unpack = struct.Struct(f"{len(program.outputs)}d").unpack_from
    uniform = code.uniform
    free: list[PointMemory] = []

    def run(*inputs: float) -> tuple[float, ...]:
        try:
            memory = free.pop()
        except IndexError:  # all of it is in use
            memory = point_memory(program, code.layout)
        numbers, outputs, address, _ = memory
        pack(numbers, 0, *inputs)
        uniform(address)
        results = unpack(outputs)
        free.append(memory)
        return results

    return run


# Inputs, outputs, the table's address, the uniform frame and the table. A plain tuple: unpacking a named one costs 0.05 µs.
PointMemory: TypeAlias = tuple[memoryview, memoryview, int, tuple[object, ctypes.Array[ctypes.c_int64]]]


def point_memory(program: Instructions, layout: Layout) -> PointMemory:
    """What a call runs the code for a point in."""
    sizes = len(program.inputs), len(program.outputs), layout.uniform_slots
    inputs, outputs, frame = ((ctypes.c_double * max(1, size))() for size in sizes)
    table = (ctypes.c_int64 * layout.table_size)()
    for entry, array in ((layout.UNIFORM_FRAME, frame), (layout.FIRST, inputs), (layout.UNIFORM_OUT, outputs)):
        table[entry] = ctypes.addressof(array)
    return memoryview(inputs).cast("B"), memoryview(outputs).cast("B"), ctypes.addressof(table), (frame, table)


class Memory:
    """What a call or one of its threads runs a kernel in: two tables; frames, sums, and copies of the last lanes."""

    def __init__(self, code: MachineCode):
        import numpy as np

        layout, width = code.layout, code.width
        rows = {layout.FIRST + k: block.size for k, block in enumerate(layout.blocks) if block.lanes}
        sums = -(len(layout.vectors) * code.sum_width // -width)
        own = {layout.LANE_FRAME: layout.lane_slots * layout.slot_size, layout.SUMS: sums}  # the kernel leaves sums at 0
        uniform = {layout.UNIFORM_FRAME: layout.uniform_slots, layout.UNIFORM_OUT: len(layout.uniform)}
        sizes = [
            {entry: -(size // -width) for entry, size in uniform.items()} | own,
            own | {layout.ROWS: len(layout.rows)} | rows,
        ]
        self.table, self.tail = ((ctypes.c_int64 * layout.table_size)() for _ in sizes)
        self.numbers = np.zeros(width * (1 + sum(sum(group.values()) for group in sizes)))
        start = -(address_of(self.numbers) // (-8 * width)) * 8 * width  # aligned to a vector
        for table, group in zip((self.table, self.tail), sizes, strict=True):
            for entry, size in group.items():
                table[entry] = start
                start += 8 * width * size
        self.table[layout.TAIL], self.tail[layout.LENGTH] = ctypes.addressof(self.tail), width
        self.table[layout.CODE], self.table[layout.LIVE] = code.description, width
        self.address, self.own = ctypes.addressof(self.table), {layout.TAIL, *own}

    def sharing(self, other: Memory) -> None:
        """Copy the addresses of another thread's memory, except those of buffers that each thread has for itself."""
        for entry, x in enumerate(other.table):
            if entry not in self.own:
                self.table[entry] = x


class Lanes(ABC):
    """A program for many lanes: its inputs lie in blocks, which all lanes share or which have a row for each number."""

    code: MachineCode | None = None

    def __init__(self, program: Instructions, blocks: Sequence[Block], summed: Sequence[bool]):
        self.program, self.blocks, self.summed = program, list(blocks), list(summed)
        self.row_outputs = [k for k, total in enumerate(self.summed) if not total]
        self.sum_outputs = [k for k, total in enumerate(self.summed) if total]
        self.row_count, self.sum_count = len(self.row_outputs), len(self.sum_outputs)
        self.step = lanes_in_task(program)

    def compute(self, blocks: Sequence[Array], n: int, threads: int) -> tuple[Array, Array]:
        """Rows of results and totals over n lanes: an array for every block, in C order."""
        import numpy as np

        return self._compute(blocks, n, threads) if n else (np.empty((self.row_count, 0)), np.zeros(self.sum_count))

    @abstractmethod
    def _compute(self, blocks: Sequence[Array], n: int, threads: int) -> tuple[Array, Array]:
        """The same for at least one lane."""

    @abstractmethod
    def totals_of(self, blocks: Sequence[Array], n: int, spans: Spans, threads: int) -> tuple[Array, Array]:
        """Rows of results, and totals for each of these spans of the lanes, which cover them."""

    @abstractmethod
    def range_of_tasks(self, blocks: Sequence[Array], n: int, threads: int, first: int) -> tuple[Array, list[Subtotal]]:
        """Rows of results, and subtotals of the tasks that n lanes are cut into; ``first`` is the number of their first."""


def over_lanes(program: Instructions, blocks: list[Block], summed: list[bool], strict: bool) -> Lanes:
    """The program for many lanes, compiled where that can be."""
    code = _machine_code(program, blocks, summed, strict)
    return InterpretedLanes(program, blocks, summed) if code is None else CompiledLanes(program, blocks, summed, code)


class CompiledLanes(Lanes):
    """Lanes by machine code, in tasks that threads share."""

    code: MachineCode
    LENGTH, ROWS = LENGTH, ROWS  # the entries for the number of lanes and for the rows of results

    def __init__(self, program: Instructions, blocks: list[Block], summed: list[bool], code: MachineCode):
        import numpy as np

        super().__init__(program, blocks, summed)
        self.np, self.code, self.no_totals = np, code, np.empty(0)
        self.new_rows = aligned if self.row_count >= MANY_ROWS else np.empty
        self.run_code, self.lanes_code = code.run, code.lanes
        self._free: list[Memory] = []
        self._free_of_threads: list[Memory] = []  # apart: their tables hold addresses in the memory of a call

    @cached_property
    def run_address(self) -> int:
        """Where its code is."""
        return code_address(self.run_code)

    @cached_property
    def part_addresses(self) -> tuple[int, int]:
        """Where the code is for what is the same in all lanes, and for some lanes."""
        return code_address(self.code.uniform), code_address(self.lanes_code)

    def crowd(self, n: int) -> bool:
        """Whether rows of n lanes that are read again and again push each other out of the caches, as they lie on few sets.

        Then a copy pays: the gradient of a net 784-32-10 at 1024 lanes takes 2.4 ms in place of 5.6; at 1000 lanes it takes
        2.6 with a copy and without.
        """
        return self.code.rereads and n % CROWDED == 0 and sum(block.size for block in self.blocks if block.lanes) > WAYS

    def memory(self) -> Memory:
        """Memory for one call, that no other has until ``put_back``: one may come in the middle, from a signal's handler."""
        return self._taken(self._free)

    def put_back(self, memory: Memory) -> None:
        """The memory is free again. After an error it isn't: it may hold half a sum."""
        self._free.append(memory)

    def _taken(self, free: list[Memory]) -> Memory:
        try:
            return free.pop()
        except IndexError:  # all of it is in use
            return self.new_memory()

    def new_memory(self) -> Memory:
        """Memory that nobody has."""
        return Memory(self.code)

    def _compute(self, blocks: Sequence[Array], n: int, threads: int) -> tuple[Array, Array]:
        return self.run(self._reading(blocks), n, threads, blocks)

    def totals_of(self, blocks: Sequence[Array], n: int, spans: Spans, threads: int) -> tuple[Array, Array]:
        """Rows of results, and totals for each of these spans of the lanes, which cover them."""
        memory = self._reading(blocks)
        rows = self._begun(memory, n)
        self.code.uniform(memory.address)
        totals = self._totals_of(memory, spans, threads, (blocks, rows))
        self._free.append(memory)
        return rows, totals

    def range_of_tasks(self, blocks: Sequence[Array], n: int, threads: int, first: int) -> tuple[Array, list[Subtotal]]:
        """Rows of results, and subtotals of the tasks that n lanes are cut into; ``first`` is the number of their first."""
        return self.tasks(self._reading(blocks), n, threads, first, blocks)

    def _reading(self, blocks: Sequence[Array]) -> Memory:
        memory = self.memory()
        for entry, block in enumerate(blocks, FIRST):
            memory.table[entry] = address_of(block)
        return memory

    def _begun(self, memory: Memory, n: int) -> Array:
        """The rows of results for n lanes, their address in the memory's table."""
        rows = self.new_rows((self.row_count, n))
        memory.table[self.LENGTH] = n
        if self.row_count:
            memory.table[self.ROWS] = ctypes.addressof(START(rows))
        return rows

    def run(self, memory: Memory, n: int, threads: int, inputs: object) -> tuple[Array, Array]:
        """The same with the blocks' addresses in the memory's table; ``inputs`` holds the arrays that these are of."""
        if n > self.step:
            rows, subtotals = self.tasks(memory, n, threads, 0, inputs)
            return rows, total(subtotals)
        rows, totals = self._begun(memory, n), self.no_totals
        if self.sum_count:
            totals = self.np.empty(self.sum_count)
            memory.table[TOTALS] = ctypes.addressof(START(totals))
        self.run_code(memory.address, 0, n)
        self._free.append(memory)
        return rows, totals

    def tasks(self, memory: Memory, n: int, threads: int, first: int, inputs: object) -> tuple[Array, list[Subtotal]]:
        """``range_of_tasks`` with the blocks' addresses in the memory's table."""
        rows, found, step = self._begun(memory, n), list[Subtotal](), self.step
        self.code.uniform(memory.address)
        for start in range(0, n, step * AT_ONCE):
            spans = [(k, min(k + step, n)) for k in range(start, min(start + step * AT_ONCE, n), step)]
            numbers = self._totals_of(memory, spans, threads, (inputs, rows))
            found = joined([*found, *subtotals(numbers, first + start // step)])
        self._free.append(memory)
        return rows, found

    def _totals_of(self, memory: Memory, spans: Spans, threads: int, arrays: object) -> Array:
        """A task for each span, shared by threads: its totals."""
        totals = self.np.empty((len(spans), self.sum_count))
        first_total, lanes = address_of(totals), self.lanes_code

        def work(numbers: Iterable[int]) -> None:
            mine = self._taken(self._free_of_threads)
            mine.sharing(memory)
            for k in numbers:
                mine.table[TOTALS] = first_total + 8 * k * self.sum_count
                lanes(mine.address, *spans[k])
            self._free_of_threads.append(mine)

        # Code that calls Python back holds the interpreter's lock: a second thread would wait for the first.
        Tasks(work, len(spans), (memory, arrays, totals)).run(1 if self.code.calls_python else threads)
        return totals


class InterpretedLanes(Lanes):
    """Lanes one after the other by the interpreter."""

    def _compute(self, blocks: Sequence[Array], n: int, threads: int) -> tuple[Array, Array]:
        rows, found = self.range_of_tasks(blocks, n, threads, 0)
        return rows, total(found)

    def totals_of(self, blocks: Sequence[Array], n: int, spans: Spans, threads: int) -> tuple[Array, Array]:
        """Rows of results, and totals for each of these spans of the lanes, which cover them."""
        del threads  # Python runs one at a time
        import numpy as np

        results = np.empty((len(self.summed), n))
        columns = [block if layout.lanes else block[:, None] for layout, block in zip(self.blocks, blocks, strict=True)]
        data = np.concatenate([np.broadcast_to(c, (len(c), n)) for c in columns]) if columns else np.empty((0, n))
        for lane in range(n):
            results[:, lane] = interpreter.run(self.program, data[:, lane].tolist())
        summed = results[self.sum_outputs]
        return results[self.row_outputs], np.array([np.add.reduce(summed[:, start:stop], axis=1) for start, stop in spans])

    def range_of_tasks(self, blocks: Sequence[Array], n: int, threads: int, first: int) -> tuple[Array, list[Subtotal]]:
        """Rows of results, and subtotals of the tasks that n lanes are cut into; ``first`` is the number of their first."""
        spans = [(start, min(start + self.step, n)) for start in range(0, n, self.step)]
        rows, totals = self.totals_of(blocks, n, spans, threads)
        return rows, subtotals(totals, first)


def aligned(shape: tuple[int, int]) -> Array:
    """Memory for numbers that begins at a cache line: a vector that is stored across two takes twice as long.

    A Jacobian of 30 numbers at 4096 lanes takes 65 µs so, not 110: NumPy's memory begins 16 bytes behind a line.
    """
    import numpy as np

    size = prod(shape)
    room = np.empty(size + LINE)
    start = -address_of(room) // 8 % LINE
    return room[start : start + size].reshape(shape)


def address_of(array: NDArray[np.generic]) -> int:
    """Where an array's numbers are."""
    try:
        return ctypes.addressof(START(array))
    except (TypeError, ValueError):  # read-only, or empty
        start: int = array.__array_interface__["data"][0]
        return start


def code_address(function: Any) -> int:
    """Where the code of a function by ``ctypes`` is. ``ctypes.cast`` would make it part of a circle."""
    return ctypes.c_void_p.from_address(ctypes.addressof(function)).value or 0


def default_threads() -> int:
    """As many as this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _machine_code(program: Instructions, blocks: list[Block], summed: list[bool], strict: bool) -> MachineCode | None:
    """Machine code, or None where llvmlite isn't installed."""
    try:
        with gc_paused():
            return aside(partial(MachineCode, program, blocks, summed, strict))
    except ImportError as error:
        _warn(str(error))
        return None


@cache
def _warn(reason: str) -> None:
    warnings.warn(f"{reason}. Until then programs are interpreted, a hundred times slower", RuntimeWarning, stacklevel=4)
