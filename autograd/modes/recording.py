"""New nodes: which scope they belong to and whether they have parents."""

from __future__ import annotations

from contextlib import AbstractContextManager

from autograd.graph import Node
from autograd.interop.coerce import describe
from autograd.modes import context
from autograd.modes.anomaly import watch_value
from autograd.modes.context import Setting

_scope: Setting[tuple[str, ...] | None] = Setting("scope", default=None)


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
    """Apply the modes that are on to a new node: its scope, whether it has operands, whether it is finite."""
    node.scope = _scope.get()
    if context.recording():
        watch_value(node)
    elif tracer := context.tracer():
        raise tracer.refuse("no_grad()", "leave it out of the function that is compiled")
    else:
        node._a = node._b = node._rule = None
