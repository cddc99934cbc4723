"""How arrays lie in memory: their types and strides, and what reads those that aren't rows of float64 in C order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.compiler.codegen.staging import TYPES
from autograd.compiler.runtime.kernel import Array, address_of
from autograd.compiler.runtime.staging import Source
from autograd.compiler.signature import Leaf
from autograd.interop.coerce import has_axes
from autograd.interop.frames import is_table, reader_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ArrayLayout(NamedTuple):
    """How the array of a leaf lies: its class, how it is made an array to be read, and how that lies."""

    k: int  # of the leaf
    kind: type
    prepare: Callable[[Any], NDArray[np.generic]] | None
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]
    address: Callable[[Any], int]
    axis: int | None

    @classmethod
    def of(cls, k: int, leaf: Leaf, x: Any) -> ArrayLayout:
        """That of the array x; TypeError or ValueError where it isn't one of numbers, or has another shape than the leaf."""
        given = _array(x)
        prepare = _preparing(x, given, shared=leaf.axis is None)
        array = prepare(x) if prepare else x
        shape, axis = array.shape, leaf.axis
        if leaf.shape != (shape if axis is None else shape[:axis] + shape[axis + 1 :]):
            raise ValueError("another shape")
        return cls(k, x.__class__, prepare, shape, array.strides, array.dtype, _address(array), axis)

    def source(self) -> Source:
        """For the machine code that copies lanes to rows."""
        import numpy as np

        assert self.axis is not None
        rows = [range(0, size * stride, stride) if stride else [0] * size for size, stride in self._rows()]
        offsets = np.zeros(1, dtype=np.int64)
        for row in rows:
            offsets = np.add.outer(offsets, np.array(row, dtype=np.int64)).ravel()
        return Source(self.k, 0, self.dtype.name, self.strides[self.axis], offsets)

    def _rows(self) -> list[tuple[int, int]]:
        """Size and stride of every axis but the lanes'."""
        return [pair for k, pair in enumerate(zip(self.shape, self.strides, strict=True)) if k != self.axis]


def _array(x: Any) -> NDArray[np.generic]:
    """What is given as an array; TypeError where it isn't one of numbers."""
    import numpy as np

    if not has_axes(x) or isinstance(x, np.ma.MaskedArray):
        raise TypeError("no array, or one whose mask would be lost")
    array: NDArray[np.generic] = _way_to_array(x.__class__)(x)
    if array.dtype.kind not in "fiu":
        raise TypeError("not numbers")
    return array


def _way_to_array(kind: type) -> Callable[[Any], Any]:
    """A table's own method takes a twentieth of the time of ``np.asarray``."""
    import numpy as np

    return reader_of(kind) if is_table(kind) else np.asarray


def _preparing(x: Any, given: NDArray[np.generic], shared: bool) -> Callable[[Any], NDArray[np.generic]] | None:
    """What makes an array of x that machine code reads; None where x is one."""
    import numpy as np

    to_array = None if x.__class__ is np.ndarray else _way_to_array(x.__class__)
    if shared and not (given.dtype == float and given.flags.c_contiguous):
        return partial(_converted, to_array, np.ascontiguousarray)
    if given.dtype.name not in TYPES or not given.dtype.isnative:
        return partial(_converted, to_array, np.asarray)
    return to_array


def _converted(prepare: Callable[[Any], Any] | None, convert: Callable[..., Array], x: Any) -> Array:
    return convert(prepare(x) if prepare else x, dtype=float)


def _address(array: NDArray[np.generic]) -> Callable[[Any], int]:
    """How the address of such an array is found: only what is contiguous gives it in 0.2 µs."""
    if array.flags.c_contiguous:
        return address_of
    return _address_of_columns if array.flags.f_contiguous else _address_of_any


def _address_of_columns(array: NDArray[np.generic]) -> int:
    return address_of(array.T)


def _address_of_any(array: NDArray[np.generic]) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def key_of(x: Any) -> object:
    """The same for arrays that lie alike."""
    import numpy as np

    array = x if x.__class__ is np.ndarray else _array(x)
    return x.__class__, array.strides, array.dtype


def layouts_of(leaves: Sequence[tuple[int, Leaf]], parts: Sequence[Any]) -> list[ArrayLayout]:
    """How these arrays lie; ValueError where they disagree about the number of lanes, or have none."""
    layouts = [ArrayLayout.of(k, leaf, parts[k]) for k, leaf in leaves]
    counts = {layout.shape[layout.axis] for layout in layouts if layout.axis is not None}
    if len(counts) != 1 or counts == {0}:
        raise ValueError("lanes that disagree")
    return layouts
