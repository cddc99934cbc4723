"""Ways of recording: ``no_grad()`` records nothing, ``detect_anomaly()`` stops at the first non-finite number.

While neither is on anywhere, recording looks at one module variable and nothing else. A mode belongs to the
thread or task that entered it, and is left as it was found, also by an exception.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from autograd.errors import AnomalyError

if TYPE_CHECKING:
    from autograd.rules import Rule
    from autograd.value import Value

# The folders of autograd and nn: frames in them aren't the user's.
_PACKAGES = tuple(str(Path(__file__).parents[1] / name) + os.sep for name in ("autograd", "nn"))

active = 0  # how many modes are on, in any thread
_lock = Lock()
_recording: ContextVar[bool] = ContextVar("recording", default=True)
_sources: ContextVar[WeakKeyDictionary[Value, str] | None] = ContextVar("sources", default=None)


@contextmanager
def _switched(variable: ContextVar[Any], value: Any) -> Iterator[None]:
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


def no_grad() -> Any:
    """A context in which operations give values without parents: no graph, no memory kept.

    >>> from autograd import Value, no_grad
    >>> x = Value(2.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.parents
    (4.0, ())
    """
    return _switched(_recording, False)


def enable_grad() -> Any:
    """A context in which operations record, also inside ``no_grad()``."""
    return nullcontext() if recording() else _switched(_recording, True)


def detect_anomaly() -> Any:
    """A context in which the first non-finite value or gradient raises AnomalyError.

    >>> from autograd import Value, detect_anomaly, log
    >>> with detect_anomaly():  # doctest: +ELLIPSIS
    ...     log(Value(0.0, name="x"))
    Traceback (most recent call last):
    autograd.errors.AnomalyError: log(x = 0.0) is -inf, at <doctest ...>:2

    The error names the operation, its inputs and the line of your program. For a gradient that line is
    known where the forward pass ran inside the context too.
    """
    return _switched(_sources, WeakKeyDictionary())


def unwatched() -> Any:
    """A context in which this thread's ``detect_anomaly`` looks away: a rule may pass through inf on its way."""
    return _switched(_sources, None) if watching() else nullcontext()


def recording() -> bool:
    """Whether operations of this thread record their parents."""
    return _recording.get()


def watching() -> bool:
    """Whether this thread is inside ``detect_anomaly()``."""
    return bool(active) and _sources.get() is not None


def watch_value(rule: Rule, node: Value, operands: tuple[Any, ...]) -> None:
    """Note where ``node`` was made; raise if it isn't finite."""
    sources = _sources.get()
    if sources is None:
        return
    sources[node] = source = _user_line()
    if not math.isfinite(node.data):
        raise AnomalyError(f"{call(rule, operands)} is {node.data!r}, at {source}")


def watch_gradient(node: Value, parent: Value, local: Any, contribution: Any) -> None:
    """Raise if what flows from ``node`` to ``parent`` isn't finite."""
    if node._rule and not math.isfinite(contribution):
        sources = _sources.get()
        source = (sources and sources.get(node)) or "a line outside detect_anomaly()"
        raise AnomalyError(
            f"the gradient through {call(node._rule, node.operands)} to {_shown(parent)} is {float(contribution)!r} "
            f"(local derivative {float(local)!r}); computed at {source}"
        )


def call(rule: Rule, operands: tuple[Any, ...]) -> str:
    """``log(x = 0.0)``: the operation and what it was applied to."""
    shown = [_shown(operand) for operand in operands[:6]] + ["…"] * (len(operands) > 6)
    return f"{rule.name}({', '.join(shown)})"


def _shown(operand: Any) -> str:
    if operand.__class__ is float:
        return repr(operand)
    return f"{operand.name} = {operand.data!r}" if operand.name else repr(operand.data)


def _user_line() -> str:
    """File and line of the nearest caller outside this package."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGES):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "an unknown line"
