"""What makes a ``Value`` a number among numbers: conversions and comparisons. Neither records anything."""

from __future__ import annotations

from typing import Any, Self

from autograd import modes


class Number:
    """A float under another name: compares, converts and hashes; ``_data`` is the float.

    Comparisons compare numbers; ``hash`` is identity, as PyTorch's, so nodes can be keys.
    """

    __slots__ = ()

    _data: float

    def __float__(self) -> float:
        if modes.active:
            modes.note_float(self)
        return self._data

    def __int__(self) -> int:
        return int(self._data)

    def __bool__(self) -> bool:
        return self._data != 0.0

    def __eq__(self, other: object) -> bool:
        result: bool = self._data == other
        return result

    def __lt__(self, other: Any) -> bool:
        result: bool = self._data < other
        return result

    def __le__(self, other: Any) -> bool:
        result: bool = self._data <= other
        return result

    def __gt__(self, other: Any) -> bool:
        result: bool = self._data > other
        return result

    def __ge__(self, other: Any) -> bool:
        result: bool = self._data >= other
        return result

    __hash__ = object.__hash__

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
