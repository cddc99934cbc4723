"""Numbers that leave the graph: ``float(v)``, ``math.sin(v)``, an element of a float array, ``int(v)``.

What is computed from such a number has no derivative by ``v``. So inside a derivative of a function that is an error
where ``v`` depends on what is differentiated, and elsewhere a warning, once a line. Reading ``v.data`` or ``v.item()``
says that it is meant.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import NamedTuple, TypeVar

from autograd.errors import GraphCutError, GraphCutWarning
from autograd.graph import Node, reverse_topological_order
from autograd.modes import context
from autograd.modes.anomaly import judging
from autograd.modes.context import Setting
from autograd.modes.user_code import Doing, user_call, user_line, warn_at
from autograd.rules.table import RULES

T = TypeVar("T")

QUESTIONS = ("isfinite", "isinf", "isnan", "isclose")  # of math: what they answer is no number


class Differentiation(NamedTuple):
    """One that is being taken: by ``grad`` say, of a function that runs, by ``leaves`` created after number ``start``."""

    who: str
    start: int
    leaves: Iterable[Node]


_differentiated: ContextVar[tuple[Differentiation, ...]] = ContextVar("differentiated", default=())
_everywhere: dict[int, Differentiation] = {}  # by id, of all threads: the function may hand a part of its work to others
_escapes: Setting[list[object] | None] = Setting("escapes", default=None)


def call_differentiated(f: Callable[[], T], who: str, start: int, leaves: Iterable[Node]) -> T:
    """Call f, where no number that depends on these leaves may leave the graph.

    It is no mode: modes are asked about at every node that is recorded.
    """
    this = Differentiation(who, start, leaves)
    token = _differentiated.set((*_differentiated.get(), this))
    try:
        _everywhere[id(this)] = this
        return f()
    finally:
        _everywhere.pop(id(this), None)
        _differentiated.reset(token)


def differentiating() -> bool:
    """Whether this thread is inside a function that is differentiated."""
    return bool(_differentiated.get())


def differentiated_by(node: Node) -> str:
    """Who takes a derivative of a function, in any thread, by something that ``node`` depends on; empty for nobody."""
    around = list(_everywhere.values())
    if not around:
        return ""
    behind = set(reverse_topological_order(node, since=min(each.start for each in around)))
    return next((each.who for each in reversed(around) if not behind.isdisjoint(each.leaves)), "")


def track_float_escapes(values: list[object]) -> AbstractContextManager[None]:
    """A context that appends to ``values`` every Value of which ``float(v)`` is taken, without an error or a warning."""
    return context.AS_IT_IS if judging() else context.switched(_escapes, values)


def leave_graph(node: Node, how: str) -> None:
    """Judge that ``how``, such as ``float(v)``, is taken of a node: raise, warn, or let it be."""
    escapes = _escapes.get() if context.active else None
    if escapes is not None:
        escapes += [node] * (how != "int(v)")  # a step is flat
        return
    tracer = context.tracer()
    if not tracer and (judging() or not context.recording()):
        return
    frame, call = user_call(sys._getframe(2))  # the caller of float(v)
    if call.remainder:  # "%.4f" % v formats
        return
    what, instead = _what(call, how), _instead(call, how)
    if tracer:
        static = f"write autograd.trunc(v), which stays a Value, or {tracer.as_constant(node)}"
        raise tracer.refuse(what, static if how == "int(v)" else instead, call.where)
    if call.function.rpartition(".")[2] in QUESTIONS:
        return
    if who := differentiated_by(node):
        raise GraphCutError(
            f"{who}: {what} leaves the graph {call.where}: the derivative would lack what is "
            f"computed from that number; {instead}, or v.data or stop_gradient(v) where a constant is meant"
        )
    if frame is not None:
        message = (
            f"{what} leaves the graph: backward() won't go through what is computed from that number; "
            f"{instead}, or v.data where the number alone is wanted"
        )
        warn_at(frame, message, GraphCutWarning)


def no_index(node: Node) -> Exception:
    """The error for a Value as an index, or as a length: of ``range`` say."""
    if tracer := context.tracer():
        return tracer.refuse_index(node, user_line())
    return TypeError(
        f"{node!r} is no index and no length, which are ints; write autograd.take(values, v) for an entry, "
        "int(v.data) where the step is meant"
    )


def grads_leave_graph(root: Node) -> None:
    """Raise where ``root.backward()`` would write plain numbers to ``.grad`` that a derivative or a trace depends on."""
    if tracer := context.tracer():
        raise tracer.refuse("v.backward(), whose gradients are numbers", f"{_WITH_GRAPH} or grad(f)")
    if who := differentiated_by(root):
        raise GraphCutError(
            f"{who}: v.backward() leaves the graph at {user_line()}: the gradients that it writes "
            f"are numbers, and the derivative would lack what is computed from them; {_WITH_GRAPH} or grad(f)"
        )


_WITH_GRAPH = "write v.backward(create_graph=True), or take gradient(v, xs)"


def pickle_leaves_graph(root: Node) -> None:
    """Raise where a pickle is made of a node that a derivative or a trace depends on: what is loaded from it has neither."""
    instead = "pickle v.data, or once the function has returned"
    if tracer := context.tracer():
        raise tracer.refuse("pickling v", instead)
    if context.recording() and (who := differentiated_by(root)):
        raise GraphCutError(
            f"{who}: pickling v leaves the graph at {user_line()}: the derivative would lack what is computed from what "
            f"is loaded, in another process too; {instead}"
        )


def _what(call: Doing, how: str) -> str:
    return call.text if call.text and len(call.text) <= 60 else f"{call.function}(v)" if call.function else how


def _instead(call: Doing, how: str) -> str:
    """What to write instead."""
    name = call.function.rpartition(".")[2]
    if name in QUESTIONS:
        return "compare the Value itself: x != x where it is nan, abs(x) == inf"
    if name in RULES or name in _OURS:
        return f"write autograd.{_OURS.get(name, name)} for {call.function}" + _IMPORTED * ("." not in call.function)
    if call.stores:
        return "make the array with dtype=object, as one of floats can't hold Values, or take a list"
    if how == "int(v)":
        return "write autograd.trunc(v), which stays a Value, or int(v.data) for an index"
    return "compute with the Value itself, by operators and autograd's functions"


_IMPORTED = " (a star import has replaced autograd's)"
_OURS = {"fabs": "abs", "fsum": "sum", "sumprod": "dot"}
