"""Arrays cut along their lanes: where, and where the workers of an executor find the pieces.

The pools of ``concurrent.futures`` and their kin don't say which worker gets what, but theirs share this machine: an array
is written once to a file that all of them map into memory. A cluster of Dask holds pieces in its workers' memories.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd.compiler.recent import Recent
from autograd.compiler.runtime.kernel import FEWEST
from autograd.compiler.signature import Leaf
from autograd.compiler.worker import InPlace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Cuts: TypeAlias = Sequence[tuple[int, int]]  # lanes: the first of a shard, and the one after its last

EVEN = 8  # units in a shard at least, so that none has more than an eighth more than another
MAPPED = 64  # files that a process holds open


def cuts(lanes: int, workers: int, step: int = FEWEST) -> list[tuple[int, int]]:
    """Where so many lanes are cut for so many workers: where one process begins a task of ``step`` lanes.

    >>> cuts(1000, 3), cuts(1000, 3, 512), cuts(1, 3)
    ([(0, 320), (320, 672), (672, 1000)], [(0, 512), (512, 1000)], [(0, 1)])

    Where there are enough lanes, shards begin at multiples of a larger power of two, so that each adds up to few subtotals.
    """
    unit = max(step, 1 << (lanes // (EVEN * workers)).bit_length() >> 1)
    units = -(lanes // -unit)
    ends = [min(lanes, unit * (k * units // workers)) for k in range(workers + 1)]
    return [(start, stop) for start, stop in pairwise(ends) if start < stop]


class Sharded(ABC):
    """An array whose lanes are where the workers find them. It is given in the place of the array."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], axis: int, first: NDArray[Any]):
        self.shape, self.dtype, self.axis = shape, dtype, axis
        self.first = first  # lane, as an array with that one
        self.local: NDArray[Any] | None = None  # all of it, where it is in this process

    def __repr__(self) -> str:
        return f"<array of shape {self.shape} and {self.dtype}, shared along axis {self.axis}>"

    @abstractmethod
    def pieces(self, where: Cuts) -> list[Any]:
        """What to send of the array for each of these shards."""


def lanes_of(array: NDArray[Any], axis: int, start: int, stop: int) -> NDArray[Any]:
    """Some of an array's lanes, in place."""
    some: NDArray[Any] = array[(slice(None),) * axis + (slice(start, stop),)]
    return some


def as_array(x: Any, axis: int, name: str) -> NDArray[Any]:
    """An array of numbers; TypeError and ValueError for what is none, or hasn't this axis."""
    import numpy as np

    shape = tuple(getattr(x, "shape", ()))
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"over: {name} must be an array with axis {axis}, got {type(x).__name__} of shape {shape}")
    if x.__class__ is np.ndarray and x.dtype.kind in "fiu":
        array: NDArray[Any] = x
        return array
    return Leaf(name, 0, shape, None).floats(x)


class InMemory(Sharded):
    """An array of this process: workers in it use it as it is, others by a file, written when it is first sent."""

    def __init__(self, array: NDArray[Any], axis: int):
        super().__init__(array.shape, array.dtype, axis, lanes_of(array, axis, 0, 1))
        self.file, self.local = ArrayFile(array), array

    def pieces(self, where: Cuts) -> list[Any]:
        """The file, and which lanes of it."""
        return [LanesOfFile(self.file, self.axis, start, stop) for start, stop in where]


class ArrayFile:
    """An array that is written to a file when another process first needs it; the file goes with this object."""

    def __init__(self, array: NDArray[Any]):
        self.array = array

    @cached_property
    def path(self) -> str:
        """Where it is: in memory where the system has a folder for that, else among the temporary files."""
        import numpy as np

        descriptor, path = tempfile.mkstemp(".npy", "chainrule-", _folder(self.array.nbytes))
        weakref.finalize(self, _removed, path, os.getpid())
        with open(descriptor, "wb") as file:
            np.save(file, self.array)
        return path


def _folder(size: int) -> str | None:
    """Linux's folder in memory where it has room for twice as much; None for the one that ``tempfile`` chooses."""
    shared = "/dev/shm"
    try:
        status = os.statvfs(shared)
    except (AttributeError, OSError):
        return None
    return shared if os.access(shared, os.W_OK) and status.f_bavail * status.f_frsize > 2 * size else None


def _removed(path: str, process: int) -> None:
    """Remove a file that this process made, and not the one it was forked from."""
    if os.getpid() == process:
        with suppress(OSError):  # it may be gone; where files in use can't go, the system's cleaning has it
            Path(path).unlink()


class LanesOfFile(InPlace):
    """Some lanes of an array; in another process they are read from its file."""

    def __init__(self, file: ArrayFile | MappedFile, axis: int, start: int, stop: int):
        self.file, self.axis, self.start, self.stop = file, axis, start, stop

    def array(self) -> NDArray[Any]:
        """Those lanes, in place."""
        return lanes_of(self.file.array, self.axis, self.start, self.stop)

    def __reduce__(self) -> tuple[object, ...]:
        return LanesOfFile, (MappedFile(self.file.path), self.axis, self.start, self.stop)


class MappedFile(NamedTuple):
    """A file that another process wrote."""

    path: str

    @property
    def array(self) -> NDArray[Any]:
        """What it holds, mapped into memory once."""
        return _mapped.get(self.path, self._opened)

    def _opened(self) -> NDArray[Any]:
        import numpy as np

        try:
            array: NDArray[Any] = np.asarray(np.load(self.path, mmap_mode="r"))
        except FileNotFoundError:
            raise FileNotFoundError(
                f"over: a worker can't find {self.path}: what scatter gave is gone, or it runs on another machine; keep "
                "what scatter gave, and for other machines use a dask.distributed.Client"
            ) from None
        return array


_mapped: Recent[NDArray[Any]] = Recent(MAPPED)
