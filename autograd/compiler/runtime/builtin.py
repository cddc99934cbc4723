"""Kernels as builtin functions: Python calls them with no line of Python in between, see ``codegen.builtin``."""

from __future__ import annotations

import ctypes
import math
import struct
import sys
import sysconfig
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd.compiler.codegen.builtin import ADDRESS, API, DESCRIPTION, HEAD, ONE_NUMBER, builtin
from autograd.compiler.runtime.jit import SharedCode, machine
from autograd.compiler.runtime.tasks import aside

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Builtin: TypeAlias = Callable[[Sequence[Any]], Any]
MASK = 0xFFFFFFFF  # an int of C
MISS = object()  # given for a call that a fast path isn't for
MANY, FEW = 1000, 20  # uses before the first builtin of a process is made, and before any other
ONE_ARGUMENT = 8  # METH_O in Python's header


class Argument(NamedTuple):
    """Of a call: where its number goes, or the array's numbers or their address, and how such an array lies."""

    place: int
    dtype: object = None  # None: a number
    shape: tuple[int, ...] = ()
    strides: tuple[int, ...] | None = None  # None: in C order
    bytes: int = ADDRESS


class Made(NamedTuple):
    """Of a result: the output that a number is or an array begins with; or all rows."""

    what: int = ONE_NUMBER
    first: int = 0
    shape: tuple[int, ...] = ()


class MethodDefinition(ctypes.Structure):
    """Python's PyMethodDef."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("code", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("text", ctypes.c_char_p),
    ]


def pays(uses: int) -> bool:
    """Whether so many uses make up for a builtin: the first of a process takes 6 ms, any other 0.1."""
    return uses > FEW and (uses > MANY or bool(_method.cache_info().currsize))


def as_builtin(
    arguments: Sequence[Argument], results: Sequence[Made], single: bool, fields: dict[str, int], owners: object
) -> Builtin | None:
    """A function of a tuple of arguments that runs a kernel: it gives a tuple, or a ``single`` result, or MISS.

    ``fields`` say what the kernel is, ``owners`` hold what they are the addresses of. While it runs, a call from another
    thread or by the collector is a miss; also in the child of a fork that came then. None where Python isn't CPython with
    a global lock.
    """
    if not _is_supported():
        return None
    held: list[object] = [owners]
    numpy, one = sys.modules.get("numpy"), ctypes.c_double(1.0)
    types = {"float": float, "int": int, "scalar": numpy.float64 if numpy else float}
    types |= {"array": numpy.ndarray, "empty": numpy.empty} if numpy else {}
    unused = {"length": _address([0], held), "rows.at": _address([0], held)}
    description = dict.fromkeys(DESCRIPTION, 0) | unused | {name: id(kind) for name, kind in types.items()} | {
        "miss": id(MISS),
        "count": len(arguments),
        "arguments": _address([word for x in arguments for word in _argument(x, held)], held),
        "results": len(results),
        "steps": _address([word for x in results for word in _step(x, held)], held),
        "single": int(single),
        "held": ctypes.addressof(one),
        "expected": ctypes.addressof(one),
    }  # fmt: skip
    words = bytearray(struct.pack(f"{len(DESCRIPTION)}q", *(description | fields).values()))
    method = _method()  # which the function holds: threads that begin at once make one each
    return _new()(ctypes.addressof(method), words, (*held, one, types, method))


def _argument(x: Argument, held: list[object]) -> Sequence[int]:
    if x.dtype is None:
        return x.place, 0, 0, 0, 0, 0
    held.append(x.dtype)
    strides = 0 if x.strides is None else _address(x.strides, held)
    return x.place, id(x.dtype), len(x.shape), x.bytes, _address(x.shape, held), strides


def _step(x: Made, held: list[object]) -> Sequence[int]:
    held.append(x.shape)
    return x.what, x.first, 8 * math.prod(x.shape), id(x.shape)


def _address(words: Sequence[int], held: list[object]) -> int:
    """Of memory with these words."""
    held.append(memory := (ctypes.c_int64 * len(words))(*words))
    return ctypes.addressof(memory)


@cache
def _new() -> Callable[[int, object, object], Builtin]:
    """Python's own way to make a builtin function: of its method, what is ``self`` in it, and what it keeps alive."""
    parameters = ctypes.c_void_p, ctypes.py_object, ctypes.py_object
    new: Callable[[int, object, object], Builtin] = ctypes.PYFUNCTYPE(ctypes.py_object, *parameters)(
        ("PyCFunction_NewEx", ctypes.pythonapi)
    )
    return new


@cache
def _method() -> MethodDefinition:
    return MethodDefinition(b"kernel", aside(_code).addresses["builtin"], ONE_ARGUMENT, None)


def _code(check: Callable[[], None]) -> SharedCode:
    """The machine code; without LLVM's optimisations it takes 5 ms, not 16, and a call 0.01 µs more."""
    llvm = machine().llvm
    for name in API:
        function = ctypes.memmove if name == "memmove" else getattr(ctypes.pythonapi, name)
        llvm.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
    return SharedCode.of(builtin(), 0, ["builtin"], check)


@cache
def _is_supported() -> bool:
    """Whether this is CPython with a global lock, and a processor with addresses of 64 bits."""
    locked = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
    return locked and ctypes.sizeof(ctypes.c_void_p) == 8 and hasattr(ctypes, "pythonapi")


@cache
def reads_arrays() -> bool:
    """Whether NumPy's arrays have their fields where the code reads them."""
    import numpy as np

    def fields(x: NDArray[np.float64]) -> list[int]:
        data, axes, shape, strides, _, dtype, flags = (ctypes.c_int64 * 7).from_address(id(x) + 8 * HEAD)
        return [data, axes & MASK, *_words_at(shape, x.ndim), *_words_at(strides, x.ndim), dtype, flags & 1]

    def expected(x: NDArray[np.float64]) -> list[int]:
        return [x.ctypes.data, x.ndim, *x.shape, *x.strides, id(x.dtype), int(x.flags.c_contiguous)]

    samples = np.zeros((2, 3)), np.zeros((2, 3)).T, np.zeros(4)[::2], np.array(1.0)
    return _is_supported() and all(fields(x) == expected(x) for x in samples)


def _words_at(address: int, count: int) -> list[int]:
    return list((ctypes.c_int64 * count).from_address(address)) if count else []
