"""What makes a ``Value`` a number among numbers: conversions and comparisons. Neither records anything."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Self

from autograd.modes import context
from autograd.modes.recording import note_float


def _comparison(op: str, compare: Callable[[Any, Any], Any], flipped: bool = False) -> Callable[[Number, object], Any]:
    """A comparison of numbers; while a function is traced, a condition."""

    def method(self: Number, other: object) -> Any:
        if context.active and (tracer := context.tracer()):
            return tracer.compare(op, other, self) if flipped else tracer.compare(op, self, other)
        return compare(self._data, other)

    return method


class Number:
    """A float under another name: compares, converts and hashes; ``_data`` is the float.

    Comparisons compare numbers; ``hash`` is identity, as PyTorch's, so nodes can be keys.
    """

    __slots__ = ()

    _data: float

    def __float__(self) -> float:
        if context.active:
            if tracer := context.tracer():
                raise tracer.refuse("float(v)", "keep the Value, or write autograd.sin(v) for math.sin(v)")
            note_float(self)
        return self._data

    def __int__(self) -> int:
        if context.active and (tracer := context.tracer()):
            raise tracer.refuse("int(v)", "write autograd.trunc(v), which stays a Value")
        return int(self._data)

    def __bool__(self) -> bool:
        return bool(self != 0.0)

    __eq__ = _comparison("eq", operator.eq)
    __ne__ = _comparison("ne", operator.ne)
    __lt__ = _comparison("lt", operator.lt)
    __le__ = _comparison("le", operator.le)
    __gt__ = _comparison("lt", operator.gt, flipped=True)
    __ge__ = _comparison("le", operator.ge, flipped=True)

    __hash__ = object.__hash__

    def _repr_html_(self) -> str:
        """What Jupyter shows: name, value, gradient and operation, – for what there isn't."""
        from autograd.interop.html import table  # 1 ms of the import, and only notebooks need it

        node: Any = self
        gradient = None if node.grad is None else node.grad if node.grad.__class__ is float else node.grad._data
        return table(["name", "value", "gradient", "operation"], [[node.name, node._data, gradient, node.op]])

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __pos__(self) -> Self:
        return self

    def conjugate(self) -> Self:
        """The number itself, as it is real; ``np.std`` and ``np.var`` ask for it.

        >>> from autograd import Value
        >>> Value(2.0).conjugate()
        Value(2.0)
        """
        return self
