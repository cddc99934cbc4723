"""What runs on the workers of an executor: a range of tasks of a compiled function, which is found again by its content.

A function travels once to each process: from then on a call has its key alone, the digest of its pickle, and finds it with
its machine code in a table here. A process that doesn't know the key says so, and is sent the function.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import Any, Protocol

from autograd.compiler.lane_tasks import RangeResult
from autograd.compiler.recent import Recent
from autograd.transforms.trees import flatten
from autograd.value import Value

MOST = 32  # functions that a process knows: those used last


class Computing(Protocol):
    """A compiled function, as a worker needs it."""

    def range_of_tasks(self, call: TaskCall, args: tuple[object, ...], first: int) -> RangeResult:
        """What a range of tasks gives at these arguments."""

    def captured(self) -> Iterator[Value]:
        """The Values that it reads and that aren't arguments."""


class InPlace(ABC):
    """Lanes that a worker looks up where they lie."""

    @abstractmethod
    def array(self) -> Any:
        """They."""


FUNCTIONS = Recent[tuple[Computing, Sequence[Any]]](MOST)  # with their static arguments


class Unknown:
    """What a worker says that was sent the key of a function it doesn't know."""


def version() -> str:
    """This package's."""
    return str(vars(sys.modules["autograd"])["__version__"])


class Code:
    """A compiled function and the static arguments of a call, which in other processes are found by their key."""

    def __init__(self, compiled: Computing, static: Sequence[Any]):
        self.compiled, self.static = compiled, static
        self.sent = False  # to workers, so that its key will do

    @cached_property
    def pickled(self) -> bytes:
        """Both, as other processes get them."""
        return dumped((self.compiled, self.static), self.compiled)

    @cached_property
    def key(self) -> str:
        """The digest of that."""
        return hashlib.sha256(self.pickled).hexdigest()[:32]


class Sent:
    """A function on its way: in this process itself, in another one ``Arrived``."""

    def __init__(self, code: Code, whole: bool):
        self.code, self.whole = code, whole

    def found(self) -> tuple[Computing, Sequence[Any]] | None:
        """The function and its static arguments."""
        return self.code.compiled, self.code.static

    def __reduce__(self) -> tuple[object, ...]:
        return Arrived, (self.code.key, self.code.pickled if self.whole else None, version())


class Arrived:
    """The same in another process."""

    def __init__(self, key: str, pickled: bytes | None, sent_by: str):
        self.key, self.pickled, self.sent_by = key, pickled, sent_by

    def found(self) -> tuple[Computing, Sequence[Any]] | None:
        """Both; None where they aren't known here. RuntimeError where the sender has another version of this package."""
        if self.sent_by != version():
            raise RuntimeError(
                f"over: a worker has chainrule {version()}, and this process {self.sent_by}; install the same on both"
            )
        if self.pickled is None:
            return FUNCTIONS.known(self.key)
        return FUNCTIONS.get(self.key, partial(pickle.loads, self.pickled))


def dumped(thing: object, compiled: object) -> bytes:
    """A pickle, by cloudpickle where the plain one can't be or would look for a script's functions in another's."""
    try:
        plain = pickle.dumps(thing)
    except Exception as error:  # whatever a class of the user's may raise
        reason: Exception | None = error
    else:
        reason = None
        if b"__main__" not in plain:
            return plain
    try:
        import cloudpickle
    except ImportError:
        if reason is None:
            return plain
        raise TypeError(
            f"over: {compiled!r} can't be sent to other processes ({reason}): define the function at the top level of a "
            "module, or pip install cloudpickle"
        ) from reason
    try:
        dump: bytes = cloudpickle.dumps(thing)
    except Exception as error:
        raise TypeError(
            f"over: {compiled!r} can't be sent to other processes, not by cloudpickle either: {error}; pass as an argument "
            "what it has captured, or define it at the top level of a module"
        ) from error
    return dump


class Marked:
    """In the place of an argument that is sent apart: the k-th of those over lanes, or of those that are static."""

    __slots__ = ("k", "static")

    def __init__(self, static: bool, k: int):
        self.static, self.k = static, k

    def __reduce__(self) -> tuple[object, ...]:
        return Marked, (self.static, self.k)


class TaskCall:
    """A call of a compiled function but for its lanes: which transform, of what, in tasks of how many lanes."""

    def __init__(
        self,
        code: Sent | Arrived,
        transform: str,
        argnums: int | tuple[int, ...],
        args: tuple[object, ...],
        keywords: tuple[str, ...],
        step: int,
    ):
        self.code, self.transform, self.argnums = code, transform, argnums
        self.args, self.keywords, self.step = args, keywords, step

    def __reduce__(self) -> tuple[object, ...]:
        return TaskCall, (self.code, self.transform, self.argnums, self.args, self.keywords, self.step)


def range_of_tasks(call: TaskCall, lanes: Sequence[Any], first: int) -> RangeResult | Unknown:
    """What a range of tasks gives; ``lanes`` are the arguments with an axis over them, ``first`` the first task's number."""
    found = call.code.found()
    if found is None:
        return Unknown()
    compiled, static = found
    arrays = [_usual(x.array() if isinstance(x, InPlace) else x) for x in lanes]
    leaves, rebuild = flatten(call.args, arrays=False)
    args = rebuild([(static if x.static else arrays)[x.k] if isinstance(x, Marked) else _usual(x) for x in leaves])
    result = compiled.range_of_tasks(call, args, first)
    captured = next(compiled.captured(), None) if isinstance(call.code, Arrived) else None
    if captured is not None:
        raise TypeError(
            f"over: {compiled!r} has captured {captured!r}, whose number is another process's; pass it as an argument"
        )
    return result


def _usual(x: Any) -> Any:
    """An array with NumPy's one object for its dtype, by which fast paths know it: pickles bring another that is equal."""
    import numpy as np

    return x.view(np.dtype(x.dtype.str)) if x.__class__ is np.ndarray and x.dtype.kind in "fiu" else x
