"""``Stacked``: a list whose entries are made when they are asked for, such as a traced scan's results, one for each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload


class Stacked(Sequence[Any]):
    """``length`` entries, the i-th of which is ``entry(i)``; ``source`` says to its maker where they come from.

    ``total``, where the maker has given it, adds them up without making them one by one.

    >>> squares = Stacked(4, lambda i: i * i)
    >>> squares[-1], squares[:2], squares, 4 in squares
    (9, [0, 1], [0, 1, 4, 9], True)
    """

    __slots__ = ("_length", "entry", "source", "total")

    def __init__(self, length: int, entry: Callable[[int], Any], source: Any = None, total: Callable[[], Any] | None = None):
        self._length, self.entry, self.source, self.total = length, entry, source, total

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, i: int) -> Any: ...
    @overload
    def __getitem__(self, i: slice) -> list[Any]: ...
    def __getitem__(self, i: int | slice) -> Any:
        where = range(self._length)[i]  # an index that there isn't is an IndexError, as in a list
        return list(map(self.entry, where)) if isinstance(where, range) else self.entry(where)

    def __iter__(self) -> Iterator[Any]:
        return map(self.entry, range(self._length))

    def __add__(self, other: list[Any]) -> list[Any]:
        return [*self, *other]

    def __radd__(self, other: list[Any]) -> list[Any]:
        return [*other, *self]

    def __repr__(self) -> str:
        return repr(list(self))
