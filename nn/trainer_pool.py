"""Things with compiled code, kept for the next one who needs such a thing: a net of that shape, say, and its trainer.

A grid search fits one shape of net a hundred times, and its code is the same each time: only its numbers differ.

>>> with borrowed("key", lambda: ["new"]) as first:
...     first.append("used")
>>> with borrowed("key", lambda: ["new"]) as second:
...     second
['new', 'used']
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar

Thing = TypeVar("Thing")

MOST = 32  # are kept: the last ones used

_free: OrderedDict[int, tuple[Hashable, Any]] = OrderedDict()  # by identity: threads may use several of one key
_lock = Lock()


@contextmanager
def borrowed(key: Hashable, make: Callable[[], Thing]) -> Iterator[Thing]:
    """One that was given back under this key, or a new one, to be used by nobody else for the time of the context.

    It is kept afterwards, unless the context ends with an exception, which may have left it in any state.
    """
    with _lock:
        found = next((i for i, (known, _) in reversed(_free.items()) if known == key), None)
        thing: Thing | None = None if found is None else _free.pop(found)[1]
    if thing is None:
        thing = make()
    yield thing
    with _lock:
        _free[id(thing)] = key, thing
        while len(_free) > MOST:
            _free.popitem(last=False)
