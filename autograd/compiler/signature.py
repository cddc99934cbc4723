"""Arguments of a compiled function: nested numbers and arrays, some with an axis that runs over lanes.

>>> spec = Spec.of(({"w": [1.0, 2.0]}, 3.0), (None, None))
>>> [str(leaf) for leaf in spec.leaves]
["arg0['w'][0]", "arg0['w'][1]", 'arg1']
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import compress, product
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd.compiler.codegen.abi import Block
from autograd.compiler.runtime.kernel import Array
from autograd.interop.coerce import as_number, check_unmasked, describe, has_axes, is_number, out_of_array
from autograd.interop.frames import as_array, is_table
from autograd.transforms.trees import (
    DEEPEST,
    Container,
    NestingError,
    Rebuild,
    array_of,
    flatten,
    leaves_of,
    named_leaves,
    opened,
)
from autograd.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Input: TypeAlias = "Value | float | NDArray[np.generic]"  # a leaf of the arguments: a number or an array
Axes: TypeAlias = "int | Sequence[Axes] | Mapping[Any, Axes] | None"  # of the lanes: one, or shaped like the argument


# What to give for an array of a kind of dtype that isn't a number's.
INSTEAD = {
    "b": "x.astype(float), or choose with where(condition, a, b)",
    "c": "x.real and x.imag",
    "M": "the time since one of them, (x - x[0]) / np.timedelta64(1, 's')",
    "m": "x / np.timedelta64(1, 's')",
    "S": "x.astype(float) where it reads as numbers",
    "U": "x.astype(float) where it reads as numbers",
    "V": "a dict of its fields, {name: x[name] for name in x.dtype.names}",
}


class Static:
    """An argument, or a part of one, that isn't traced: f gets it as it is, and has a specialisation for each."""

    __slots__ = ("name", "value")

    def __init__(self, value: Any, name: str = ""):
        self.value, self.name = value, name

    def checked(self, name: str, declared: bool) -> Static:
        """With this name; TypeError for what can't tell one specialisation from another."""
        x = self.value
        if isinstance(x, Iterator):
            raise TypeError(f"compile: {name} would be used up while f is traced, got {describe(x)}; give a list")
        try:
            hash(static_key(x))
        except TypeError:
            given = f"got {describe(x)}; {_instead_of(x)}"
            if declared:
                raise TypeError(f"compile: {name} is static and must have a hash, {given}") from None
            raise TypeError(
                f"compile: {name} must be a number, an array, a list, tuple or dict of them, or else it is static and must "
                f"have a hash, {given}"
            ) from None
        return Static(x, name)

    def __str__(self) -> str:
        return f"{self.name} static, {describe(self.value)}"


def _instead_of(x: object) -> str:
    """What to give for something that is no array and has no hash."""
    ways = [name for name in ("to_numpy", "collect") if hasattr(x, name)]  # of pyarrow; of a lazy table
    return f"give x.{ways[0]}()" if ways else "give a tuple, or something else that has a hash"


def static_key(x: Any) -> Hashable:
    """What a static argument is told apart by: 1, 1.0 and True are three, 0.0 and −0.0 two, nan is one."""
    if isinstance(x, tuple):
        return x.__class__, tuple(map(static_key, x))
    return (float, x.hex()) if x.__class__ is float else (x.__class__, x)


def is_static(x: object) -> bool:
    """Whether a leaf is static: marked as such, or no number and no array."""
    if x.__class__ is float or x.__class__ is int or isinstance(x, Value):
        return False
    if isinstance(x, Static | bool):
        return True
    return not has_axes(x) and not is_number(out_of_array(x)) and not isinstance(x, numbers.Complex)


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
        return [f"{self.name}[{', '.join(map(str, index))}]" for index in product(*map(range, self.shape))]

    def __str__(self) -> str:
        return self.name

    def numbers(self, part: Input, lane: int) -> list[float]:
        """Its numbers in one lane; 1 where there is no lane at all."""
        if self.shape is None:
            return [part._number if isinstance(part, Value) else as_number(part, f"compile: {self.name}")]
        array = self.floats(part)
        if self.axis is not None:
            if array.shape[self.axis] == 0:
                return [1.0] * self.size
            array = array.take([lane], axis=self.axis)
        numbers: list[float] = array.ravel().tolist()
        return numbers

    def block(self, part: Input, n: int) -> Array:
        """Its numbers, or rows of n lanes each; no copy where the array is in C order and the lanes' axis the last."""
        import numpy as np

        if self.shape is None:
            return np.array(self.numbers(part, 0))
        if self.axis is None:
            return np.ascontiguousarray(self.floats(part)).reshape(self.size)
        order = [k for k in range(len(self.shape) + 1) if k != self.axis]
        return np.ascontiguousarray(self.floats(part).transpose(*order, self.axis)).reshape(self.size, n)

    def floats(self, part: Input) -> Array:
        """An array in float64."""
        import numpy as np

        check_unmasked(part, f"compile: {self.name}")
        array = as_array(part, f"compile: {self.name}") if is_table(part) else np.asarray(part)
        if array.shape != getattr(part, "shape", array.shape):  # NumPy takes a sparse one for an object
            raise TypeError(f"compile: {self.name} must be an array of numbers, got {describe(part)}; give x.toarray()")
        if array.dtype.kind not in "fiuO":
            instead = f"; give {INSTEAD[array.dtype.kind]}" if array.dtype.kind in INSTEAD else ""
            raise TypeError(f"compile: {self.name} must be an array of numbers, got dtype {array.dtype}{instead}")
        if array.dtype.kind == "O":  # NumPy would make nan of None and 1 of True
            where = f"compile: a number of {self.name}"
            numbers = [x._number if isinstance(x, Value) else as_number(x, where) for x in array.ravel().tolist()]
            return np.array(numbers, dtype=float).reshape(array.shape)
        return np.asarray(array, dtype=float)


class Spec:
    """The shape of a call: its leaves, and how each argument is put together from what stands for them."""

    def __init__(self, entries: list[Leaf | Static], rebuilds: list[tuple[int, Rebuild]], names: Sequence[str]):
        self._entries, self._rebuilds, self._names = entries, rebuilds, names
        self.leaves = [entry for entry in entries if isinstance(entry, Leaf)]
        self.static = [entry for entry in entries if isinstance(entry, Static)]
        self.returned: Hashable = None  # the structure of what f returned when it was first traced
        self.lane_leaves = [leaf for leaf in self.leaves if leaf.axis is not None]

    @classmethod
    def of(cls, args: Sequence[object], axes: Sequence[Axes], names: Sequence[str] = ()) -> Spec:
        """The shape of these arguments."""
        entries: list[Leaf | Static] = []
        rebuilds = []
        for k, (arg, axis) in enumerate(zip(args, axes, strict=True)):
            name = names[k] if k < len(names) else f"arg{k}"
            parts, rebuild = flatten(arg, arrays=False)
            entries += [_entry(x, each, path, k) for path, x, each in named_leaves(arg, name, axis, _split_axes)]
            rebuilds.append((len(parts), rebuild))
        return cls(entries, rebuilds, names)

    def arguments(self, numbers: Sequence[Value]) -> list[object]:
        """The arguments for one lane, numbers and arrays made of ``numbers`` in order."""
        parts: list[object] = []
        start = 0
        for leaf in self.leaves:
            part = numbers[start : start + leaf.size]
            start += leaf.size
            parts.append(array_of(part, leaf.shape) if leaf.shape else part[0])
        return self.rebuilt(parts, [entry.value for entry in self.static])

    def rebuilt(self, parts: Sequence[object], static: Sequence[object]) -> list[object]:
        """The arguments, rebuilt with one part for each leaf, and one for each that is static."""
        if static:
            ours, theirs = iter(parts), iter(static)
            parts = [next(ours if isinstance(entry, Leaf) else theirs) for entry in self._entries]
        arguments, start = [], 0
        for count, rebuild in self._rebuilds:
            arguments.append(rebuild(parts[start : start + count]))
            start += count
        return arguments

    def parts(self, args: Sequence[object]) -> list[Input]:
        """The numbers and arrays of a call, one for each leaf."""
        parts = leaves_of(args if isinstance(args, tuple) else tuple(args))
        return list(compress(parts, [isinstance(entry, Leaf) for entry in self._entries])) if self.static else parts

    def reader(self) -> Callable[[Sequence[Any]], Sequence[Any] | None] | None:
        """What gives the leaves of a call's arguments, None where they are shaped otherwise; None if each is a leaf itself.

        It is made as an expression: a fifth of the time of walking along the arguments.
        """
        tree = tuple(self.rebuilt(list(range(len(self.leaves))), self.static))
        if not self.static and not any(map(opened, tree)):
            return None
        constants: list[object] = []
        checks, leaves = _reading(tree, "args", constants)
        function: Callable[[Sequence[Any]], Sequence[Any] | None]
        source = f"lambda args: ({''.join(f'{leaf}, ' for leaf in leaves)}) if {' and '.join(checks)} else None"
        function = eval(source, {"constants": constants, "static_key": static_key})
        return function

    def point(self, parts: Sequence[Input], lane: int) -> list[float]:
        """All numbers of one lane."""
        return [x for leaf, part in zip(self.leaves, parts, strict=True) for x in leaf.numbers(part, lane)]

    def lanes(self, parts: Sequence[Input]) -> int:
        """How many lanes there are; ValueError where arguments disagree."""
        pairs = zip(self.leaves, parts, strict=True)
        counts = [part.shape[leaf.axis] for leaf, part in pairs if leaf.axis is not None and has_axes(part)]
        for leaf, count in zip(self.lane_leaves, counts, strict=True):
            if count != counts[0]:
                raise ValueError(
                    f"compile: {self.lane_leaves[0]} has {counts[0]} lanes along axis {self.lane_leaves[0].axis}, but "
                    f"{leaf} has {count} along axis {leaf.axis}; give all of them the same number"
                )
        return int(counts[0])

    def check_returned(self, y: object, name: str) -> None:
        """Raise TypeError where lanes would get results of different structures, from one branch and another."""
        structure = signature((y,), (None,))
        if self.lane_leaves and self.returned not in (None, structure):
            raise TypeError(
                f"compile: {name} returned {describe(y)} for some lanes and something of another structure for others; "
                "give the same list, tuple, dict or shape in all branches"
            )
        self.returned = structure

    def __str__(self) -> str:
        traced = [f"{leaf} of shape {leaf.shape}" if leaf.shape else f"{leaf} a number" for leaf in self.leaves]
        return ", ".join([*traced, *map(str, self.static)])

    def blocks(self) -> list[Block]:
        """How the leaves lie in memory."""
        return [Block(leaf.size, leaf.axis is not None) for leaf in self.leaves]

    def of_argument(self, k: int) -> tuple[int, int, Rebuild]:
        """The first leaf of an argument, the one after its last, and how it is put together."""
        first = sum(count for count, _ in self._rebuilds[:k])
        count, rebuild = self._rebuilds[k]
        start = sum(isinstance(entry, Leaf) for entry in self._entries[:first])
        return start, start + count, rebuild

    @property
    def count(self) -> int:
        """How many arguments there are."""
        return len(self._rebuilds)

    def entries_of(self, k: int) -> list[Leaf | Static]:
        """The leaves and static parts of an argument."""
        first = sum(count for count, _ in self._rebuilds[:k])
        return self._entries[first : first + self._rebuilds[k][0]]

    def name_of(self, k: int) -> str:
        """What an argument is called."""
        return self._names[k] if k < len(self._names) else f"arg{k}"

    def arguments_of_numbers(self) -> list[int]:
        """For each number which argument it is of."""
        return [leaf.argument for leaf in self.leaves for _ in range(leaf.size)]

    def numbers_at(self, k: int) -> slice:
        """Where the numbers of an argument stand among those of all."""
        start = sum(leaf.size for leaf in self.leaves if leaf.argument < k)
        return slice(start, start + sum(leaf.size for leaf in self.leaves if leaf.argument == k))

    def check_differentiable(self, k: int) -> None:
        """Raise TypeError where an argument is static, or a part of it."""
        for entry in self.entries_of(k):
            if isinstance(entry, Static):
                raise TypeError(
                    f"compile: {entry.name} is static, got {describe(entry.value)}, so there is no derivative by it; "
                    "choose others with argnums, or pass it as an argument of its own"
                )


def _reading(tree: object, path: str, constants: list[object]) -> tuple[list[str], list[str]]:
    """Expressions for whether what stands at ``path`` has the shape of the tree, and for its leaves."""
    if isinstance(tree, Static):
        constants.append(static_key(tree.value))
        return [f"static_key({path}) == constants[{len(constants) - 1}]"], []
    container = opened(tree)
    if container is None:
        return [], [path]
    constants.append(container.kind)
    leaves: list[str] = []
    checks = [f"{path}.__class__ is constants[{len(constants) - 1}]", f"len({path}) == {len(container.keys)}"]
    if container.kind is dict:
        constants.append(container.keys)
        checks[1:] = [f"(*{path},) == constants[{len(constants) - 1}]"]
    elif not any(opened(child) or isinstance(child, Static) for child in container.children):
        return checks, [f"*{path}"]
    for key, child in zip(container.keys, container.children, strict=True):
        more, some = _reading(child, f"{path}[{key!r}]", constants)
        checks, leaves = checks + more, leaves + some
    return checks, leaves


def _split_axes(axes: Axes, container: Container, name: str) -> Sequence[Axes]:
    """The axis for each child: one for all, or a container like the argument's."""
    if axes is None or isinstance(axes, int):
        return [axes] * len(container.keys)
    given = opened(axes)
    if given is None or (given.kind is dict) != (container.kind is dict) or set(given.keys) != set(container.keys):
        raise ValueError(f"compile: in_axes for {name} must be an int, None or shaped like it, got {axes!r}")
    axis_of = dict(zip(given.keys, given.children, strict=True))
    return [axis_of[key] for key in container.keys]


def _entry(x: object, axis: Axes, name: str, k: int) -> Leaf | Static:
    if is_static(x):
        return x.checked(name, declared=True) if isinstance(x, Static) else Static(x).checked(name, declared=False)
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
    lanes = axis % len(shape)
    return Leaf(name, k, shape[:lanes] + shape[lanes + 1 :], lanes)


def signature(args: Sequence[object], axes: Sequence[Axes]) -> Hashable:
    """What must be the same for a program to serve again: containers, their keys, shapes without the lanes."""
    return tuple([_key(arg, axis) for arg, axis in zip(args, axes, strict=False)])


def _key(x: object, axis: Axes, depth: int = DEEPEST + 1) -> Hashable:
    if x.__class__ is float or x.__class__ is int:
        return float
    container = opened(x)
    if container is not None:
        if depth <= 0:
            raise NestingError("compile: what the function returned")
        pairs = zip(container.keys, container.children, strict=True)
        children = tuple([_key(child, child_axis(axis, key), depth - 1) for key, child in pairs])
        return container.kind, container.keys, children
    if not has_axes(x):
        return float if not is_static(x) else static_key(x.value if isinstance(x, Static) else x)
    shape = tuple(x.shape)
    if not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        return shape
    lanes = axis % len(shape)
    return shape[:lanes], shape[lanes + 1 :]


def child_axis(axis: Axes, key: Any) -> Axes:
    """The axis of a container's child: the container's, or the one under its key."""
    if axis is None or isinstance(axis, int):
        return axis
    try:
        return axis[key]
    except (IndexError, KeyError, TypeError):
        return axis
