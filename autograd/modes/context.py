"""The switch of all modes, and what is on in this thread or task.

While no mode is on anywhere, recording a node looks at ``active`` and nothing else. A mode belongs to the thread or task
that entered it, and is left as it was found, also by an exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from threading import Lock
from typing import Any

active = 0  # how many modes are on, in any thread
_lock = Lock()
_recording: ContextVar[bool] = ContextVar("recording", default=True)
_tracer: ContextVar[Any] = ContextVar("tracer", default=None)
AS_IT_IS = nullcontext()


@contextmanager
def switched(variable: ContextVar[Any], value: Any) -> Iterator[None]:
    """A context in which ``variable`` has this value, and the modes count as active."""
    global active
    before, counted = variable.get(), 0
    try:  # around all of it: a Ctrl-C may come after any call
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
    """A context in which operations give values without parents: no graph, no memory kept.

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


def traced_by(tracer: Any) -> AbstractContextManager[None]:
    """A context in which comparisons and conversions of Values ask the tracer."""
    return switched(_tracer, tracer)


def tracer() -> Any:
    """Who traces this thread's Values, None if nobody does."""
    return _tracer.get()
