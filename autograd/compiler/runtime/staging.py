"""Lanes in arrays that lie otherwise than as rows of doubles: machine code copies a tile of them at a time to rows.

A tile is small enough for the processor's nearest cache, so that the copy costs less than to read the array once more.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from autograd.compiler.codegen.abi import Layout
from autograd.compiler.codegen.staging import FIELDS, SQUARES, TRANSPOSED, staging
from autograd.compiler.runtime.jit import MachineCode, SharedCode
from autograd.compiler.runtime.kernel import CompiledLanes, Memory
from autograd.compiler.runtime.tasks import aside

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TILE = 1024  # numbers: 8 KB


@cache
def staging_code(kind: str) -> SharedCode:
    """Machine code that copies lanes of one type to rows; made when such an array first comes: 3 ms, 8 if transposed."""
    names = ["stage", "load", *(f"transpose{rows}" for rows in SQUARES if kind in TRANSPOSED)]
    return aside(partial(SharedCode.of, staging(kind), 0, names))


class Source(NamedTuple):
    """How rows of a block's array lie: NumPy's name of its type, bytes from lane to lane, and from its start to each row."""

    block: int
    first: int  # row
    kind: str
    stride: int
    offsets: NDArray[np.int64]
    loader: str = "load"

    def split(self) -> Iterator[Source]:
        """Where all numbers of a lane are side by side, the rows that are transposed in squares, and the others."""
        import numpy as np

        first, count = 0, len(self.offsets)
        if self.kind in TRANSPOSED and (np.diff(self.offsets) == np.dtype(self.kind).itemsize).all():
            for rows in SQUARES:
                end = first + (count - first) // rows * rows
                if first < end:
                    yield self._replace(first=first, offsets=self.offsets[first:end], loader=f"transpose{rows}")
                first = end
        if first < count:
            yield self._replace(first=first, offsets=self.offsets[first:])


class StagedLanes(CompiledLanes):
    """The kernel for lanes in arrays that lie as ``sources`` say."""

    LENGTH, ROWS = Layout.COUNT, Layout.OUT

    def __init__(self, kernel: CompiledLanes, sources: Sequence[Source]):
        super().__init__(kernel.program, kernel.blocks, kernel.summed, kernel.code)
        self.run_code, self.lanes_code = kernel.code.run_staged, kernel.code.staged
        self.parts = [(k, part) for k, source in enumerate(sources) for part in source.split()]
        # Where the address of each source goes in a memory's ``sources``.
        self.address_at = range(1 + FIELDS * len(self.parts), 1 + FIELDS * len(self.parts) + len(sources))

    if TYPE_CHECKING:

        def memory(self) -> StagedMemory: ...

    def new_memory(self) -> StagedMemory:
        """Memory with tiles."""
        return StagedMemory(self.code, self.parts, self.address_at)


class StagedMemory(Memory):
    """Memory with a tile for each block of lanes and for the rows of results."""

    def __init__(self, code: MachineCode, parts: Sequence[tuple[int, Source]], address_at: range):
        import numpy as np

        super().__init__(code)
        layout, width = code.layout, code.width
        sizes = {layout.FIRST + k: block.size for k, block in enumerate(layout.blocks) if block.lanes}
        sizes |= {layout.ROWS: len(layout.rows)}
        tile = width * layout.tile
        lanes = max(1, min(TILE // max(1, sum(sizes.values())), 32 * width) // tile) * tile
        length = (lanes // width | 1) * width  # an odd number of values: or rows would lie on a few sets of a cache
        self.tiles = np.zeros(width + length * sum(sizes.values()))
        start = -(self.tiles.ctypes.data // (-8 * width)) * 8 * width  # aligned to a vector
        for entry, size in sizes.items():
            self.table[entry] = start
            start += 8 * length * size
        self.codes = {part.kind: staging_code(part.kind) for _, part in parts}
        self.sources = (ctypes.c_int64 * address_at.stop)(len(parts))
        words = ctypes.addressof(self.sources)
        for j, (k, part) in enumerate(parts):
            loader = self.codes[part.kind].addresses[part.loader]
            place, offsets = layout.FIRST + part.block, part.offsets
            fields = (place, words + 8 * address_at[k], part.stride, offsets.ctypes.data, len(offsets), loader, part.first)
            for field, number in enumerate(fields, 1 + FIELDS * j):
                self.sources[field] = number
        self.parts = parts  # whose offsets are in use
        self.table[layout.SOURCES] = ctypes.addressof(self.sources)
        self.table[layout.STAGE] = self.codes[parts[0][1].kind].addresses["stage"]
        self.table[layout.LENGTH], self.table[layout.STAGED] = length, lanes
        self.own |= sizes.keys()
