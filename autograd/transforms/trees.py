"""Nested arguments: lists, tuples, dicts and NumPy arrays of numbers, taken apart and put together again.

>>> leaves, rebuild = flatten({"w": [1.0, 2.0], "b": 3.0})
>>> leaves
[1.0, 2.0, 3.0]
>>> rebuild([10.0, 20.0, 30.0])
{'w': [10.0, 20.0], 'b': 30.0}

``opened`` alone knows containers; everything else that walks along nested arguments asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar

from autograd.interop.coerce import check_unmasked, describe, has_axes
from autograd.interop.frames import as_array, is_table
from autograd.interop.stacked import Stacked

Rebuild: TypeAlias = Callable[[Sequence[object]], Any]
Flat: TypeAlias = tuple[list[Any], Rebuild]  # the numbers, and what makes the structure of as many others

Beside = TypeVar("Beside")

DEEPEST = 100  # lists in lists: what is nested deeper contains itself, or is a chain, and Python's recursion would end


class NestingError(ValueError):
    """A structure that is nested too deep, or that contains itself."""

    def __init__(self, what: str = "a list, tuple or dict"):
        super().__init__(f"{what} is nested more than {DEEPEST} deep, or contains itself; give a flat list, or an array")


class Container(NamedTuple):
    """A list, tuple or dict, taken apart: its keys or indices, and as many children."""

    kind: type  # dict, list, tuple, or the class of a named tuple
    keys: Collection[Any]
    children: Collection[Any]

    @property
    def make(self) -> Callable[[Iterable[object]], Any]:
        """What makes such a container of other children; it doesn't keep these in memory."""
        keys = self.keys
        if self.kind is dict:
            return lambda parts: dict(zip(keys, parts, strict=True))
        return getattr(self.kind, "_make", self.kind)


def opened(tree: object, arrays: bool = False, lists: bool = True) -> Container | None:
    """A container taken apart; None for anything else. With ``arrays`` an array counts as the list of its rows.

    Without ``lists`` a list isn't taken apart.
    """
    if lists and isinstance(tree, list | Stacked):
        return Container(list, range(len(tree)), tree)
    if isinstance(tree, tuple):
        return Container(type(tree) if hasattr(tree, "_make") else tuple, range(len(tree)), tree)
    if isinstance(tree, Mapping):
        return Container(dict, tuple(tree), tuple(tree.values()))
    if arrays and has_axes(tree):
        rows = list(_as_array(tree))
        return Container(list, range(len(rows)), rows)
    return None


def flatten(tree: object, arrays: bool = True, depth: int = DEEPEST, lists: bool = True) -> Flat:
    """The numbers of a nested structure in order, and the function that puts others in their places.

    Dicts keep their keys' order, arrays their shape; a named tuple stays one; a column or table of pandas or polars is an
    array. Anything else counts as a number. Without ``arrays`` an array counts as one too, without ``lists`` a list. Raises
    NestingError for a structure that is nested more than ``depth`` deep, and TypeError for an array with masked elements.
    """
    container = opened(tree, lists=lists)
    if container is not None:
        if depth <= 0:
            raise NestingError
        return _joined([flatten(child, arrays, depth - 1, lists) for child in container.children], container.make)
    if arrays and has_axes(tree):
        array = _as_array(tree)
        if hasattr(array, "ravel"):
            check_unmasked(array, "an array")
            shape = array.shape
            return list(array.ravel().tolist()), lambda leaves: array_of(leaves, shape)
    return [tree], _first


def _as_array(x: Any) -> Any:
    """An array, of a column or table that of its numbers."""
    return as_array(x, "a column or table") if is_table(x) else x


def _first(leaves: Sequence[object]) -> object:
    return leaves[0]


def _joined(children: list[Flat], make: Callable[[list[object]], Any]) -> Flat:
    counted = [(len(leaves), rebuild) for leaves, rebuild in children]

    def rebuild(leaves: Sequence[object]) -> Any:
        parts, start = [], 0
        for count, rebuild_child in counted:
            parts.append(rebuild_child(leaves[start : start + count]))
            start += count
        return make(parts)

    return [leaf for leaves, _ in children for leaf in leaves], rebuild


def array_of(leaves: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """An array of floats where all leaves are floats or arrays, of objects otherwise; leaves may be structures."""
    import numpy as np

    if all(isinstance(leaf, float) for leaf in leaves):
        return np.array(leaves, dtype=float).reshape(shape)
    if all(map(has_axes, leaves)):
        return np.array(leaves).reshape(shape + leaves[0].shape)
    array = np.empty(len(leaves), dtype=object)
    array[:] = leaves
    return array.reshape(shape)


def leaves_of(tree: object) -> list[Any]:
    """The numbers and arrays of a nested structure in order.

    >>> leaves_of({"w": [1.0, 2.0], "b": 3.0})
    [1.0, 2.0, 3.0]
    """
    container = opened(tree)
    return [tree] if container is None else [leaf for child in container.children for leaf in leaves_of(child)]


def named_leaves(
    tree: object, name: str, beside: Beside, split: Callable[[Beside, Container, str], Iterable[Beside]]
) -> Iterator[tuple[str, Any, Beside]]:
    """The name of every number or array, itself, and what stands beside it.

    ``split(beside, container, name)`` gives what stands beside each child of the container of that name.

    >>> list(named_leaves({"w": [1.0, 2.0]}, "p", 0, lambda depth, container, _: [depth + 1] * len(container.keys)))
    [("p['w'][0]", 1.0, 2), ("p['w'][1]", 2.0, 2)]
    """
    container = opened(tree)
    if container is None:
        yield name, tree, beside
        return
    for key, child, other in zip(container.keys, container.children, split(beside, container, name), strict=True):
        yield from named_leaves(child, f"{name}[{key!r}]", other, split)


def flatten_like(tree: object, model: object, message: str, arrays: bool = True, depth: int = DEEPEST) -> list[Any]:
    """The numbers of a structure in the order of ``model``'s: dicts by their keys, lists, tuples and arrays by index.

    >>> flatten_like({"b": 1.0, "a": [2.0]}, {"a": [0.0], "b": 0.0}, "give b the shape of a")
    [2.0, 1.0]

    Raises ValueError where the shapes differ, with the message: {tree} in it is what came, {model} what was expected.
    Without ``arrays`` an array counts as a number, and needs the shape of the model's.
    """
    given, expected = opened(tree, arrays), opened(model, arrays)
    if given is None or expected is None or set(given.keys) != set(expected.keys):
        if given is expected is None and _shape(tree) == _shape(model):
            return [tree]
        raise ValueError(message.format(tree=describe(tree), model=describe(model)))
    if depth <= 0:
        raise NestingError
    children = dict(zip(given.keys, given.children, strict=True))
    pairs = zip(expected.keys, expected.children, strict=True)
    return [leaf for key, like in pairs for leaf in flatten_like(children[key], like, message, arrays, depth - 1)]


def _shape(x: object) -> tuple[int, ...]:
    return tuple(x.shape) if has_axes(x) else ()
