"""What makes a ``Value`` a number among numbers: conversions and comparisons. Neither records anything."""

from __future__ import annotations

from typing import Any


class Number:
    """A float under another name: compares, converts and hashes; ``_data`` is the float.

    Comparisons compare numbers; ``hash`` is identity, as PyTorch's, so nodes can be keys.
    """

    __slots__ = ()

    _data: float

    def __float__(self) -> float:
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
