"""What becomes of a new node: its group, whether its parents are recorded, which float left the graph."""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any

from autograd.graph import Node
from autograd.interop.coerce import describe
from autograd.modes import context
from autograd.modes.anomaly import judging, watch_value

_scope: ContextVar[tuple[str, ...] | None] = ContextVar("scope", default=None)
_escapes: ContextVar[list[Any] | None] = ContextVar("escapes", default=None)


def scope(*names: str) -> AbstractContextManager[None]:
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
            raise TypeError(f"scope: a name must be a str, got {describe(name)}")
    if not names or not all(names):
        raise ValueError("scope: needs a name that isn't empty, such as scope('neuron 0')")
    return context.switched(_scope, (*(current_scope() or ()), *names))


def current_scope() -> tuple[str, ...] | None:
    """The names of the groups that this thread is in, outermost first; None outside of all."""
    return _scope.get()


def on_record(node: Node) -> None:
    """What the modes that are on make of a new node."""
    node.scope = _scope.get()
    if context.recording():
        watch_value(node)
    elif context.tracer():
        raise context.tracer().refuse("no_grad()", "leave it out of the function that is compiled")
    else:
        node._a = node._b = node._rule = None


def track_float_escapes(values: list[Any]) -> AbstractContextManager[None]:
    """A context that adds to ``values`` those of which ``float(v)`` is taken: what becomes of it has no graph."""
    return context.AS_IT_IS if judging() else context.switched(_escapes, values)


def note_float(value: Any) -> None:
    """Tell of a ``float(v)``."""
    values = _escapes.get()
    if values is not None:
        values.append(value)
