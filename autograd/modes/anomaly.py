"""``detect_anomaly()``: the first value or gradient that isn't finite becomes an error that names its line."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from typing import TypeAlias
from weakref import WeakKeyDictionary

from autograd.errors import AnomalyError
from autograd.graph import Node, number_of
from autograd.modes import context
from autograd.modes.context import Setting
from autograd.modes.user_code import user_line
from autograd.rules.table import Rule

Scalar: TypeAlias = Node | float

_sources: Setting[WeakKeyDictionary[Node, str] | None] = Setting("sources", default=None)
_origin: Setting[str | None] = Setting("origin", default=None)
_judging: Setting[bool] = Setting("judging", default=False)


def detect_anomaly() -> AbstractContextManager[None]:
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
    return context.switched(_sources, WeakKeyDictionary() if sources is None else sources)


def without_anomaly() -> AbstractContextManager[None]:
    """A context without anomaly detection, for checks that deal with numbers that aren't finite themselves."""
    return context.switched(_judging, True)


def suspend_anomaly(origin: str = "") -> AbstractContextManager[None]:
    """A context in which new nodes get the line ``origin``, by default the caller's, and needn't be finite."""
    return context.switched(_origin, origin or f"at {user_line()}") if _noting() else context.AS_IT_IS


def derivative_of(node: Node) -> AbstractContextManager[None]:
    """A context to compute the derivative of ``node`` in: what is recorded there gets the line of ``node``."""
    return suspend_anomaly(_derived(_source(node))) if _noting() else context.AS_IT_IS


def no_context(_: Node) -> AbstractContextManager[None]:
    """A context that changes nothing."""
    return context.AS_IT_IS


def judging() -> bool:
    """Whether this thread is inside ``without_anomaly()``."""
    return _judging.get()


def watching() -> bool:
    """Whether this thread is inside ``detect_anomaly()``, at numbers that must be finite."""
    return _noting() and _origin.get() is None


def _noting() -> bool:
    return bool(context.active) and _sources.get() is not None and not _judging.get()


def watch_value(node: Node) -> None:
    """Note where ``node`` was made; raise if it isn't finite."""
    sources = _sources.get()
    if sources is None or _judging.get():
        return
    origin = _origin.get()
    sources[node] = source = origin or f"at {user_line()}"
    if origin is None and not math.isfinite(node._number):
        raise AnomalyError(f"{_called(node)} is {node._number!r}, {source}")


def watch_gradient(node: Node, parent: Node, local: Scalar, flow: Scalar, total: Scalar) -> None:
    """Raise if what flows from ``node`` to ``parent`` isn't finite, or what has come there in total."""
    if not math.isfinite(number_of(total)) and _counts(node, flow):
        raise _anomaly(f"gradient through {_called(node)} to {_shown(parent)}", node, local, flow, total)


def watch_tangent(node: Node, parent: Node, local: Scalar, flow: Scalar, total: Scalar) -> None:
    """Raise if what flows from ``parent`` to ``node`` isn't finite, or what has come there in total."""
    if not math.isfinite(number_of(total)) and _counts(node, flow):
        raise _anomaly(f"tangent through {_called(node)} from {_shown(parent)}", node, local, flow, total)


def _counts(node: Node, flow: Scalar) -> bool:
    """A sum is reported at nodes that the user made; inside the graph of a derivative sums may overflow."""
    return not math.isfinite(number_of(flow)) or not _source(node).startswith("in ")


def _anomaly(what: str, node: Node, local: Scalar, flow: Scalar, total: Scalar) -> AnomalyError:
    summed = f" and brings the sum to {number_of(total)!r}" if math.isfinite(number_of(flow)) else ""
    derivative = f"(local derivative {number_of(local)!r})"
    return AnomalyError(f"the {what} is {number_of(flow)!r} {derivative}{summed}; computed {_source(node)}")


def _source(node: Node) -> str:
    """Where ``node`` was made, as far as this thread has noted it."""
    sources = _sources.get()
    return (sources and sources.get(node)) or "at a line outside detect_anomaly()"


def _derived(source: str) -> str:
    return source if source.startswith("in ") else f"in a derivative of {source.removeprefix('at ')}"


def _called(node: Node) -> str:
    assert node._rule is not None
    return call(node._rule, node.operands)


def call(rule: Rule, operands: tuple[Scalar, ...]) -> str:
    """``log(x = 0.0)``: the operation and what it was applied to."""
    shown = [_shown(operand) for operand in operands[:6]] + ["…"] * (len(operands) > 6)
    return f"{rule.name}({', '.join(shown)})"


def _shown(operand: Scalar) -> str:
    if isinstance(operand, float):
        return repr(operand)
    return f"{operand.name} = {operand._number!r}" if operand.name else repr(operand._number)
