"""Nested arguments: lists, tuples, dicts and NumPy arrays of numbers, taken apart and put together again.

>>> leaves, rebuild = flatten({"w": [1.0, 2.0], "b": 3.0})
>>> leaves
[1.0, 2.0, 3.0]
>>> rebuild([10.0, 20.0, 30.0])
{'w': [10.0, 20.0], 'b': 30.0}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from autograd.interop.coerce import describe, has_axes

Rebuild: TypeAlias = Callable[[Sequence[object]], Any]
Flat: TypeAlias = tuple[list[Any], Rebuild]  # the numbers, and what makes the structure of as many others


def flatten(tree: object) -> Flat:
    """The numbers of a nested structure in order, and the function that puts others in their places.

    Dicts keep their keys' order, arrays their shape; a named tuple stays one. Anything that isn't a list,
    tuple, dict or array counts as a number.
    """
    if isinstance(tree, Mapping):
        return _joined([flatten(child) for child in tree.values()], lambda parts: dict(zip(tree, parts, strict=True)))
    if isinstance(tree, list):
        return _joined([flatten(child) for child in tree], list)
    if isinstance(tree, tuple):
        make = tree._make if hasattr(tree, "_make") else tuple
        return _joined([flatten(child) for child in tree], make)
    if has_axes(tree) and hasattr(tree, "ravel"):
        return list(tree.ravel().tolist()), lambda leaves: _array(leaves, tree.shape)
    return [tree], lambda leaves: leaves[0]


def flatten_like(tree: object, model: object, advice: str) -> list[Any]:
    """The numbers of a structure in the order of ``model``'s: dicts by their keys, lists, tuples and arrays by place.

    >>> flatten_like({"b": 1.0, "a": [2.0]}, {"a": [0.0], "b": 0.0}, "give b the shape of a")
    [2.0, 1.0]

    Raises ValueError, with ``advice``, where the shapes differ.
    """
    children, expected = _children(tree), _children(model)
    if children is None or expected is None or set(children) != set(expected):
        if children is expected is None:
            return [tree]
        raise ValueError(f"{advice}; got {describe(tree)} in the place of {describe(model)}")
    return [leaf for key in expected for leaf in flatten_like(children[key], expected[key], advice)]


def _children(tree: object) -> Mapping[Any, Any] | None:
    """What is in a dict by its keys, in a list, tuple or array by index; None for a number."""
    if isinstance(tree, Mapping):
        return tree
    return dict(enumerate(tree)) if isinstance(tree, list | tuple) or has_axes(tree) else None


def _joined(children: list[Flat], make: Callable[[list[Any]], object]) -> Flat:
    def rebuild(leaves: Sequence[object]) -> object:
        parts, start = [], 0
        for child, rebuild_child in children:
            parts.append(rebuild_child(leaves[start : start + len(child)]))
            start += len(child)
        return make(parts)

    return [leaf for child, _ in children for leaf in child], rebuild


def _array(leaves: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """An array of floats where all leaves are, of objects otherwise; leaves may be structures themselves."""
    import numpy as np

    if all(leaf.__class__ is float for leaf in leaves):
        return np.array(leaves, dtype=float).reshape(shape)
    if all(map(has_axes, leaves)):
        return np.array(leaves).reshape(shape + leaves[0].shape)
    array = np.empty(len(leaves), dtype=object)
    array[:] = leaves
    return array.reshape(shape)
