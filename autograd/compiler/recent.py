"""What was used last, by a key: the most recent so many, whatever it took to make each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from autograd.interop.forks import lock_of

T = TypeVar("T")


class Recent(Generic[T]):
    """The last ``most`` that were asked for.

    >>> squares = Recent[int](2)
    >>> [squares.get(n, lambda n=n: n * n) for n in (1, 2, 1, 3)], list(squares.found)
    ([1, 4, 1, 9], [1, 3])
    """

    def __init__(self, most: int):
        self.most = most
        self.found: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = lock_of(self)

    def known(self, key: Hashable) -> T | None:
        """What has this key, if it is known."""
        with self._lock:
            if key in self.found:
                self.found.move_to_end(key)
            return self.found.get(key)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The same, made where it isn't known. Threads that ask at once get the same."""
        with self._lock:
            if key not in self.found:
                self.found[key] = make()
            self.found.move_to_end(key)
            while len(self.found) > self.most:
                self.found.popitem(last=False)
            return self.found[key]
