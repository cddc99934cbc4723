"""Arguments of a compiled function: nested numbers and arrays, some with an axis that runs over lanes.

>>> spec = Spec.of(({"w": [1.0, 2.0]}, 3.0), (None, None))
>>> [str(leaf) for leaf in spec.leaves]
["arg0['w'][0]", "arg0['w'][1]", 'arg1']
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.compiler.codegen.abi import Block
from autograd.interop.coerce import as_number, describe, has_axes
from autograd.value import Value

Rebuild = Callable[[list[Any]], Any]


class Leaf(NamedTuple):
    """A number or array among the arguments: where it is, its shape without the lanes, the axis of the lanes."""

    name: str
    argument: int
    shape: tuple[int, ...] | None  # None for a number
    axis: int | None

    @property
    def size(self) -> int:
        """How many numbers it has in each lane."""
        return math.prod(self.shape or ())

    def names(self) -> list[str]:
        """A name for each of its numbers."""
        if not self.shape:
            return [self.name]
        return [f"{self.name}[{', '.join(map(str, index))}]" for index in _indices(self.shape)]

    def __str__(self) -> str:
        return self.name

    def numbers(self, part: Any, lane: int) -> list[float]:
        """Its numbers in one lane; 1 where there is no lane at all."""
        if self.shape is None:
            return [part._data if isinstance(part, Value) else as_number(part, f"compile: {self.name}")]
        array = self.floats(part)
        if self.axis is not None:
            if array.shape[self.axis] == 0:
                return [1.0] * self.size
            array = array.take(lane, axis=self.axis)
        return array.ravel().tolist()  # type: ignore[no-any-return]

    def block(self, part: Any, n: int) -> Any:
        """Its numbers, or rows of n lanes each, without a copy where the lanes' axis is the last and all is in order."""
        import numpy as np

        if self.shape is None:
            return np.array(self.numbers(part, 0))
        if self.axis is None:
            return np.ascontiguousarray(self.floats(part)).reshape(self.size)
        return np.ascontiguousarray(np.moveaxis(self.floats(part), self.axis, -1)).reshape(self.size, n)

    def floats(self, part: Any) -> Any:
        """The array in float64."""
        import numpy as np

        if part.dtype.kind not in "fiuO":
            raise TypeError(f"compile: {self.name} must be an array of numbers, got dtype {part.dtype}")
        if part.dtype.kind == "O":  # NumPy would make nan of None and 1 of True
            where = f"compile: a number of {self.name}"
            numbers = [x._data if isinstance(x, Value) else as_number(x, where) for x in part.ravel().tolist()]
            return np.array(numbers, dtype=float).reshape(part.shape)
        return np.asarray(part, dtype=float)


def _indices(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    indices: list[tuple[int, ...]] = [()]
    for length in shape:
        indices = [(*index, i) for index in indices for i in range(length)]
    return indices


class Spec:
    """The shape of a call: its leaves, and how each argument is put together from what stands for them."""

    def __init__(self, leaves: list[Leaf], rebuilds: list[tuple[int, Rebuild]]):
        self.leaves, self._rebuilds = leaves, rebuilds
        self._returned: Any = None  # the structure of what f returned when it was first traced
        self.lane_leaves = [leaf for leaf in leaves if leaf.axis is not None]

    @classmethod
    def of(cls, args: Sequence[Any], axes: Sequence[Any], names: Sequence[str] = ()) -> Spec:
        """The shape of these arguments."""
        leaves: list[Leaf] = []
        rebuilds = []
        for k, (arg, axis) in enumerate(zip(args, axes, strict=True)):
            name = names[k] if k < len(names) else f"arg{k}"
            found, rebuild = _spread(arg, axis, name, k)
            leaves += found
            rebuilds.append((len(found), rebuild))
        return cls(leaves, rebuilds)

    def arguments(self, numbers: Sequence[Any]) -> list[Any]:
        """The arguments for one lane, numbers and arrays made of ``numbers`` in order."""
        parts, start = [], 0
        for leaf in self.leaves:
            part = list(numbers[start : start + leaf.size])
            start += leaf.size
            parts.append(part[0] if leaf.shape is None or leaf.shape == () else _array(part, leaf.shape))
        return self.rebuilt(parts)

    def rebuilt(self, parts: Sequence[Any]) -> list[Any]:
        """The arguments with a part for each leaf."""
        result, start = [], 0
        for count, rebuild in self._rebuilds:
            result.append(rebuild(list(parts[start : start + count])))
            start += count
        return result

    def parts(self, args: Sequence[Any]) -> list[Any]:
        """The numbers and arrays of a call, one for each leaf."""
        if len(self.leaves) == len(args):
            return list(args) if not any(isinstance(a, Mapping | list | tuple) for a in args) else _parts(args)
        return _parts(args)

    def point(self, parts: Sequence[Any], lane: int) -> list[float]:
        """All numbers of one lane."""
        return [x for leaf, part in zip(self.leaves, parts, strict=True) for x in leaf.numbers(part, lane)]

    def lanes(self, parts: Sequence[Any]) -> int:
        """How many lanes there are; ValueError where arguments disagree."""
        counts = [part.shape[leaf.axis] for leaf, part in zip(self.leaves, parts, strict=True) if leaf.axis is not None]
        for leaf, count in zip(self.lane_leaves, counts, strict=True):
            if count != counts[0]:
                raise ValueError(
                    f"compile: {self.lane_leaves[0]} has {counts[0]} lanes along axis {self.lane_leaves[0].axis}, but "
                    f"{leaf} has {count} along axis {leaf.axis}; give all of them the same number"
                )
        return int(counts[0])

    def check_returned(self, y: Any, name: str) -> None:
        """Raise TypeError where lanes would get results of different structures, from one branch and another."""
        structure = signature((y,), (None,))
        if self.lane_leaves and self._returned not in (None, (structure,)):
            raise TypeError(
                f"compile: {name} returned {describe(y)} for some lanes and something of another structure for others; "
                "give the same list, tuple, dict or shape in all branches"
            )
        self._returned = (structure,)

    def __str__(self) -> str:
        return ", ".join(f"{leaf} of shape {leaf.shape}" if leaf.shape else f"{leaf} a number" for leaf in self.leaves)

    def blocks(self) -> list[Block]:
        """How the leaves lie in memory."""
        return [Block(leaf.size, leaf.axis is not None) for leaf in self.leaves]

    def of_argument(self, k: int) -> tuple[int, int, Rebuild]:
        """First and last leaf of an argument, and how it is put together."""
        start = sum(count for count, _ in self._rebuilds[:k])
        return start, start + self._rebuilds[k][0], self._rebuilds[k][1]


def shaped_like(tree: Any, model: Any, name: str) -> Any:
    """The tree with its dicts in the order of ``model``'s; ValueError where it has another shape.

    >>> shaped_like({"b": 1.0, "a": [2.0]}, {"a": [0.0], "b": 0.0}, "v")
    {'a': [2.0], 'b': 1.0}
    """
    if isinstance(model, Mapping) and isinstance(tree, Mapping) and set(tree) == set(model):
        return {key: shaped_like(tree[key], model[key], name) for key in model}
    if isinstance(model, list | tuple) and isinstance(tree, list | tuple) and len(tree) == len(model):
        return [shaped_like(child, like, name) for child, like in zip(tree, model, strict=True)]
    containers = isinstance(model, Mapping | list | tuple) or isinstance(tree, Mapping | list | tuple)
    if containers or getattr(tree, "shape", ()) != getattr(model, "shape", ()):
        raise ValueError(f"compile: {name} must have the shape of {describe(model)}, got {describe(tree)}")
    return tree


def _parts(tree: Any) -> list[Any]:
    if isinstance(tree, Mapping):
        return [part for child in tree.values() for part in _parts(child)]
    if isinstance(tree, list | tuple):
        return [part for child in tree for part in _parts(child)]
    return [tree]


def _array(numbers: list[Any], shape: tuple[int, ...]) -> Any:
    import numpy as np

    array = np.empty(len(numbers), dtype=object)
    array[:] = numbers
    return array.reshape(shape)


def _spread(tree: Any, axis: Any, name: str, k: int) -> tuple[list[Leaf], Rebuild]:
    children = _children(tree, name)
    if children is None:
        return [_leaf(tree, axis, name, k)], lambda parts: parts[0]
    keys, items, make = children
    axes = _axes(axis, keys, tree, name)
    found = [_spread(item, a, child, k) for (child, item), a in zip(items, axes, strict=True)]

    def rebuild(parts: list[Any]) -> Any:
        made, start = [], 0
        for leaves, inner in found:
            made.append(inner(parts[start : start + len(leaves)]))
            start += len(leaves)
        return make(made)

    return [leaf for leaves, _ in found for leaf in leaves], rebuild


def _children(tree: Any, name: str) -> Any:
    """Keys, named children and constructor of a container; None for a leaf."""
    if isinstance(tree, Mapping):
        keys = list(tree)
        return keys, [(f"{name}[{key!r}]", tree[key]) for key in keys], lambda made: dict(zip(keys, made, strict=True))
    if isinstance(tree, list | tuple):
        make = tree._make if hasattr(tree, "_make") else type(tree) if type(tree) in (list, tuple) else tuple
        return list(range(len(tree))), [(f"{name}[{i}]", item) for i, item in enumerate(tree)], make
    return None


def _axes(axis: Any, keys: list[Any], tree: Any, name: str) -> list[Any]:
    """The axis for each child: one for all, or a container like the argument's."""
    if axis is None or isinstance(axis, int):
        return [axis] * len(keys)
    same = isinstance(axis, Mapping) == isinstance(tree, Mapping) and isinstance(axis, Mapping | list | tuple)
    if not same or len(axis) != len(keys) or (isinstance(axis, Mapping) and set(axis) != set(keys)):
        raise ValueError(f"compile: in_axes for {name} must be an int, None or shaped like it, got {axis!r}")
    return [axis[key] for key in keys]


def _leaf(x: Any, axis: Any, name: str, k: int) -> Leaf:
    if isinstance(axis, bool) or not (axis is None or isinstance(axis, int)):
        raise TypeError(f"compile: in_axes for {name} must be an int or None, got {describe(axis)}")
    if not has_axes(x):
        if axis is not None:
            raise ValueError(f"compile: {name} has in_axes {axis}, so it needs an array with that axis, got {describe(x)}")
        if not isinstance(x, Value):
            as_number(x, f"compile: {name}")
        return Leaf(name, k, None, None)
    shape = tuple(x.shape)
    if axis is None:
        return Leaf(name, k, shape, None)
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"compile: {name} has in_axes {axis}, which an array of shape {shape} hasn't")
    place = axis % len(shape)
    return Leaf(name, k, shape[:place] + shape[place + 1 :], place)


def signature(args: Sequence[Any], axes: Sequence[Any]) -> tuple[Any, ...]:
    """What must be the same for a program to serve again: containers, their keys, shapes without the lanes."""
    return tuple([_key(arg, axis) for arg, axis in zip(args, axes, strict=False)])


def _key(x: Any, axis: Any) -> Any:
    if x.__class__ is float:
        return float
    if isinstance(x, Mapping):
        return "dict", tuple((key, _key(child, _child_axis(axis, key))) for key, child in x.items())
    if isinstance(x, list | tuple):
        return x.__class__, tuple([_key(child, _child_axis(axis, i)) for i, child in enumerate(x)])
    if not has_axes(x):
        return float
    shape = x.shape
    if axis.__class__ is not int or not -len(shape) <= axis < len(shape):
        return shape
    place = axis % len(shape)
    return shape[:place], shape[place + 1 :]


def _child_axis(axis: Any, key: Any) -> Any:
    try:
        return axis[key]
    except (IndexError, KeyError, TypeError):
        return axis


def has_values(tree: Any) -> bool:
    """Whether there are Values among the arguments, in whatever containers."""
    if isinstance(tree, Mapping):
        return any(has_values(child) for child in tree.values())
    if isinstance(tree, list | tuple):
        return any(has_values(child) for child in tree)
    if has_axes(tree):
        return bool(tree.dtype == object) and any(isinstance(x, Value) for x in tree.ravel())
    return isinstance(tree, Value)
