"""Frozen parameters: those that training leaves as they are.

>>> from autograd import Value
>>> w, b = Value(2.0), Value(1.0)
>>> freeze([w])
>>> is_frozen(w), is_frozen(b)
(True, False)

The flag isn't an attribute of ``Value``, as every node of every graph would carry it; it stands in a table that holds no
parameter alive. Copies and pickles of a ``Module`` take it along.
"""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakValueDictionary

from autograd import Value

_FROZEN: WeakValueDictionary[int, Value] = WeakValueDictionary()  # by id: Values compare as numbers


def freeze(parameters: Iterable[Value]) -> None:
    """Let no optimiser move them."""
    _FROZEN.update({id(parameter): parameter for parameter in parameters})


def unfreeze(parameters: Iterable[Value]) -> None:
    """Let optimisers move them again."""
    for parameter in parameters if _FROZEN else ():
        _FROZEN.pop(id(parameter), None)


def is_frozen(parameter: Value) -> bool:
    """Whether optimisers leave the parameter as it is."""
    return id(parameter) in _FROZEN


def frozen_among(parameters: Iterable[Value]) -> list[Value]:
    """Those that are frozen."""
    return [parameter for parameter in parameters if id(parameter) in _FROZEN] if _FROZEN else []
