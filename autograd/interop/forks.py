"""Locks that are free in the child of a fork: it has only the thread that forked, and whoever else held one is gone.

What they guard is whole there, for it changes in single steps: an entry in a dict, an item of a list.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, Protocol, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class Locked(Protocol):
    """An object with a lock, that ``lock_of`` made."""

    _lock: RLock


_owners: WeakSet[Locked] = WeakSet()


def lock_of(owner: Locked) -> RLock:
    """A lock for ``owner._lock``, replaced in the child of a fork.

    Replaced, not released: the thread that forks may hold it itself, from within a trace say, and will give it back.
    """
    _owners.add(owner)
    return RLock()


def _renew_locks() -> None:
    for owner in list(_owners):
        owner._lock = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


class once(Generic[T]):  # noqa: N801
    """An attribute that is made when it is first asked for, under the lock of its object.

    In Python 3.11 ``cached_property`` has one lock for all objects, which no child of a fork gets back.
    """

    def __init__(self, make: Callable[[Any], T]):
        self.make, self.name, self.__doc__ = make, make.__name__, make.__doc__

    def __get__(self, owner: Any, _: type | None = None) -> T:
        attributes: dict[str, T] = owner.__dict__  # where it is found from then on
        with owner._lock:
            if self.name not in attributes:
                attributes[self.name] = self.make(owner)
        return attributes[self.name]
