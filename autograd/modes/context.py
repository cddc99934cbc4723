"""Which modes are on, in this thread or task and in any.

While no mode is on anywhere, recording a node costs one test of ``active``. A mode belongs to the thread or task
that entered it; leaving it restores what was on before, also after an exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from threading import Lock
from typing import Any, Protocol, TypeVar

Setting = TypeVar("Setting")


class TraceHooks(Protocol):
    """Who is asked while a function is compiled: about comparisons, ``where``, and what can't be traced."""

    def compare(self, op: str, left: object, right: object, /) -> object:
        """What stands for the outcome, a bool."""

    def owns(self, condition: object, /) -> bool:
        """Whether ``compare`` made it."""

    def choose(self, condition: object, a: object, b: object, /) -> Any:
        """The node for ``where(condition, a, b)``."""

    def refuse(self, what: str, instead: str, /) -> Exception:
        """The error for what can't be traced, and what to write instead."""


active = 0  # how many modes are on, in any thread
_lock = Lock()
_recording: ContextVar[bool] = ContextVar("recording", default=True)
_tracer: ContextVar[TraceHooks | None] = ContextVar("tracer", default=None)
AS_IT_IS = nullcontext()


@contextmanager
def switched(variable: ContextVar[Setting], value: Setting) -> Iterator[None]:
    """A context in which ``variable`` has this value, and the modes count as active."""
    global active
    before, counted = variable.get(), 0
    try:  # around every call, for a Ctrl-C may come in between
        with _lock:
            active += 1
            counted = 1
        variable.set(value)
        yield
    finally:
        variable.set(before)
        with _lock:
            active -= counted


def recording() -> bool:
    """Whether operations of this thread record their parents."""
    return _recording.get()


def no_grad() -> AbstractContextManager[None]:
    """A context in which operations give values without parents: no graph, and no memory held by one.

    >>> from autograd import Value, no_grad
    >>> x = Value(2.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.parents
    (4.0, ())
    """
    return switched(_recording, False)


def enable_grad() -> AbstractContextManager[None]:
    """A context in which operations record, also inside ``no_grad()``."""
    return AS_IT_IS if recording() else switched(_recording, True)


def traced_by(tracer: TraceHooks) -> AbstractContextManager[None]:
    """A context in which comparisons and conversions of Values ask the tracer."""
    return switched(_tracer, tracer)


def tracer() -> TraceHooks | None:
    """What traces this thread's Values, None outside of ``traced_by``."""
    return _tracer.get()
