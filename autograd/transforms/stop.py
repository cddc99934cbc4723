"""``stop_gradient``: a number that derivatives take for a constant."""

from __future__ import annotations

from typing import SupportsFloat, overload

from autograd.modes import context
from autograd.value import Value, as_operand


@overload
def stop_gradient(v: Value) -> Value: ...
@overload
def stop_gradient(v: float) -> float: ...
def stop_gradient(v: SupportsFloat) -> Value | float:
    """``v`` as a constant: the same number, through which no derivative goes.

    >>> x = Value(3.0)
    >>> y = x * stop_gradient(x); y.backward(); x.grad
    3.0

    A number for a number. In a compiled function it is the number of each call, while ``v.data`` would be that of the
    first. Raises TypeError for what isn't a real number.
    """
    x = as_operand(v, "stop_gradient: v")
    if not isinstance(x, Value):
        return x
    if context.active and (tracer := context.tracer()):
        traced: Value = tracer.stop(x)
        return traced
    return Value(x._number)
