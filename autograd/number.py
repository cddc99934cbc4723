"""What a ``Value`` has of a Python number: conversions and comparisons. They record nothing."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, Self, SupportsFloat, TypeVar, overload

from autograd.graph import next_order
from autograd.interop.coerce import Array
from autograd.interop.comparisons import OPPOSITE, note, note_number
from autograd.modes import context
from autograd.modes.graph_cut import leave_graph, no_index

Result = TypeVar("Result", covariant=True)


class Operator(Protocol[Result]):
    """``v + other`` or ``v < other``, as bound methods: of an array what NumPy makes of it, element by element."""

    @overload
    def __call__(self, other: Array, /) -> Any: ...
    @overload
    def __call__(self, other: SupportsFloat, /) -> Result: ...


class Equality(Protocol):
    """``v == other``."""

    def __call__(self, other: object, /) -> bool: ...


def _comparison(op: str, compare: Callable[[float, Any], bool], flipped: bool = False) -> Any:
    """A comparison of numbers, which is noted; while a function is traced, a condition that stands for the bool."""
    own = OPPOSITE[op] if flipped else op

    def method(self: Number, other: object) -> object:
        if context.active and (tracer := context.tracer()):
            return tracer.compare(op, other, self) if flipped else tracer.compare(op, self, other)
        if isinstance(other, Number):
            return note(own, self, other, compare(self._number, other._number), next_order())
        answer = compare(self._number, other)
        noting = note if other.__class__ is float else note_number
        return noting(own, self, other, answer, next_order())

    return method


class Number:
    """Compares and converts like the float ``_number``; ``hash`` is identity, as PyTorch's, so that nodes can be keys."""

    __slots__ = ()

    _number: float  # not _data, which NumPy's masked arrays take for an array, and cut the graph

    def __float__(self: Any) -> float:
        leave_graph(self, "float(v)")
        number: float = self._number
        return number

    def __int__(self: Any) -> int:
        leave_graph(self, "int(v)")
        return int(self._number)

    if not TYPE_CHECKING:  # for checkers it has none, so that they find it used as an index

        def __index__(self):
            raise no_index(self)

    def item(self: Any) -> float:
        """The number, as ``data``: PyTorch's and NumPy's word for it.

        >>> from autograd import Value
        >>> Value(2.0).item()
        2.0
        """
        number: float = self.data
        return number

    def __bool__(self) -> bool:
        return bool(self != 0.0)

    __eq__: Equality = _comparison("eq", operator.eq)
    __ne__: Equality = _comparison("ne", operator.ne)
    __lt__: Operator[bool] = _comparison("lt", operator.lt)
    __le__: Operator[bool] = _comparison("le", operator.le)
    __gt__: Operator[bool] = _comparison("lt", operator.gt, flipped=True)
    __ge__: Operator[bool] = _comparison("le", operator.ge, flipped=True)

    __hash__ = object.__hash__

    def __format__(self, spec: str) -> str:
        return format(self._number, spec) if spec else repr(self)

    def __pos__(self) -> Self:
        return self

    def conjugate(self) -> Self:
        """The number itself, as it is real; ``np.std`` and ``np.var`` ask for it.

        >>> from autograd import Value
        >>> Value(2.0).conjugate()
        Value(2.0)
        """
        return self
