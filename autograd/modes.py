"""Ways of recording: ``no_grad()`` records nothing, ``detect_anomaly()`` stops at the first non-finite number,
``scope("neuron 0")`` puts what is recorded into a group.

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
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from autograd.errors import AnomalyError
from autograd.interop.coerce import described

if TYPE_CHECKING:
    from autograd.rules.table import Rule
    from autograd.value import Value

# The folders of autograd and nn: frames in them aren't the user's.
_PACKAGES = tuple(str(Path(__file__).parents[1] / name) + os.sep for name in ("autograd", "nn"))

active = 0  # how many modes are on, in any thread
_lock = Lock()
_recording: ContextVar[bool] = ContextVar("recording", default=True)
_tracer: ContextVar[Any] = ContextVar("tracer", default=None)
_scope: ContextVar[tuple[str, ...] | None] = ContextVar("scope", default=None)
_sources: ContextVar[WeakKeyDictionary[Value, str] | None] = ContextVar("sources", default=None)
_origin: ContextVar[str | None] = ContextVar("origin", default=None)
_unwatched: ContextVar[bool] = ContextVar("unwatched", default=False)
_floats: ContextVar[list[Any] | None] = ContextVar("floats", default=None)
_AS_IT_IS = nullcontext()


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
    return _AS_IT_IS if recording() else _switched(_recording, True)


def scope(*names: str) -> Any:
    """A context whose nodes are drawn as a group with this name. Groups nest; several names are a group in a group.

    >>> from autograd import Value, scope
    >>> with scope("neuron 0"):
    ...     y = Value(2.0) * 3.0
    ...     with scope("activation"):
    ...         z = y.tanh()
    >>> y.scope, z.scope
    (('neuron 0',), ('neuron 0', 'activation'))

    A group belongs to its name: entered twice it is still one. Raises TypeError where a name isn't a str,
    ValueError where it is empty.
    """
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"scope: a name must be a str, got {described(name)}")
    if not names or not all(names):
        raise ValueError("scope: needs a name that isn't empty, such as scope('neuron 0')")
    return _switched(_scope, (*(current_scope() or ()), *names))


def current_scope() -> tuple[str, ...] | None:
    """The names of the groups that this thread is in, outermost first; None outside of all."""
    return _scope.get()


def recorded(node: Value) -> None:
    """What the modes that are on make of a new node."""
    node.scope = _scope.get()
    if _recording.get():
        watch_value(node)
    elif _tracer.get():
        raise _tracer.get().refuse("no_grad()", "leave it out of the function that is compiled")
    else:
        node._a = node._b = node._rule = None


def traced_by(tracer: Any) -> Any:
    """A context in which comparisons and conversions of Values ask the tracer."""
    return _switched(_tracer, tracer)


def tracer() -> Any:
    """Who traces this thread's Values, None if nobody does."""
    return _tracer.get()


def detect_anomaly() -> Any:
    """A context in which the first non-finite value or gradient raises AnomalyError.

    >>> from autograd import Value, detect_anomaly, log
    >>> with detect_anomaly():  # doctest: +ELLIPSIS
    ...     log(Value(0.0, name="x"))
    Traceback (most recent call last):
    autograd.errors.AnomalyError: log(x = 0.0) is -inf, at <doctest ...>:2

    The error names the operation, its inputs and the line of your program: for a gradient or a tangent the
    line of the forward pass, which is known where that ran inside the context too.
    """
    sources = _sources.get()
    return _switched(_sources, WeakKeyDictionary() if sources is None else sources)


def unwatched() -> Any:
    """A context for those who judge derivatives themselves: nothing in it is watched, and nothing refused."""
    return _switched(_unwatched, True)


def tolerant(origin: str = "") -> Any:
    """A context in which new nodes get the line ``origin``, by default the caller's, and may pass through inf."""
    return _switched(_origin, origin or f"at {_user_line()}") if _noting() else _AS_IT_IS


def derivative_of(node: Value) -> Any:
    """A context to compute the derivative of ``node`` in: what is recorded there gets the line of ``node``."""
    return tolerant(_derived(_source(node))) if _noting() else _AS_IT_IS


def anywhere(_: Value) -> Any:
    """A context that changes nothing."""
    return _AS_IT_IS


def noting_floats(values: list[Any]) -> Any:
    """A context that adds to ``values`` those of which ``float(v)`` is taken: what becomes of it has no graph."""
    return _AS_IT_IS if _unwatched.get() else _switched(_floats, values)


def note_float(value: Any) -> None:
    """Tell of a ``float(v)``."""
    values = _floats.get()
    if values is not None:
        values.append(value)


def recording() -> bool:
    """Whether operations of this thread record their parents."""
    return _recording.get()


def watching() -> bool:
    """Whether this thread is inside ``detect_anomaly()``, at numbers that must be finite."""
    return _noting() and _origin.get() is None


def _noting() -> bool:
    return bool(active) and _sources.get() is not None and not _unwatched.get()


def watch_value(node: Value) -> None:
    """Note where ``node`` was made; raise if it isn't finite."""
    sources = _sources.get()
    if sources is None or _unwatched.get():
        return
    origin = _origin.get()
    sources[node] = source = origin or f"at {_user_line()}"
    if origin is None and not math.isfinite(node._data):
        raise AnomalyError(f"{_called(node)} is {node.data!r}, {source}")


def watch_gradient(node: Value, parent: Value, local: Any, flow: Any, total: Any) -> None:
    """Raise if what flows from ``node`` to ``parent`` isn't finite, or what has come there in total."""
    if not math.isfinite(_number(total)) and _counts(node, flow):
        raise _anomaly(f"gradient through {_called(node)} to {_shown(parent)}", node, local, flow, total)


def watch_tangent(node: Value, parent: Value, local: Any, flow: Any, total: Any) -> None:
    """Raise if what flows from ``parent`` to ``node`` isn't finite, or what has come there in total."""
    if not math.isfinite(_number(total)) and _counts(node, flow):
        raise _anomaly(f"tangent through {_called(node)} from {_shown(parent)}", node, local, flow, total)


def _counts(node: Value, flow: Any) -> bool:
    """Totals count where they are of the user's own nodes; to the seed of a derivative anything may add up."""
    return not math.isfinite(_number(flow)) or not _source(node).startswith("in ")


def _anomaly(what: str, node: Value, local: Any, flow: Any, total: Any) -> AnomalyError:
    local, flow, total = map(_number, (local, flow, total))
    summed = f" and brings the sum to {total!r}" if math.isfinite(flow) else ""
    return AnomalyError(f"the {what} is {flow!r} (local derivative {local!r}){summed}; computed {_source(node)}")


def _source(node: Value) -> str:
    """Where ``node`` was made, as far as this thread has noted it."""
    sources = _sources.get()
    return (sources and sources.get(node)) or "at a line outside detect_anomaly()"


def _derived(source: str) -> str:
    return source if source.startswith("in ") else f"in a derivative of {source.removeprefix('at ')}"


def _number(x: Any) -> float:
    number: float = x if x.__class__ is float else x._data
    return number


def _called(node: Value) -> str:
    assert node._rule is not None
    return call(node._rule, node.operands)


def call(rule: Rule, operands: tuple[Any, ...]) -> str:
    """``log(x = 0.0)``: the operation and what it was applied to."""
    shown = [_shown(operand) for operand in operands[:6]] + ["…"] * (len(operands) > 6)
    return f"{rule.name}({', '.join(shown)})"


def _shown(operand: Any) -> str:
    if operand.__class__ is float:
        return repr(operand)
    return f"{operand.name} = {operand.data!r}" if operand.name else repr(operand.data)


@cache
def _is_ours(filename: str) -> bool:
    return filename.startswith(_PACKAGES)


def _user_line() -> str:
    """File and line of the nearest caller outside this package."""
    frame: Any = sys._getframe(1)
    while frame is not None and _is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "an unknown line"
