"""A program's outputs assembled: numbers and arrays in the shapes of f's value and of its arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd.compiler.codegen.builtin import OF_LANES, OF_NUMBERS, OF_ROWS, ONE_NUMBER
from autograd.compiler.runtime.builtin import Made
from autograd.compiler.runtime.kernel import Array
from autograd.compiler.signature import Leaf
from autograd.interop.coerce import has_axes
from autograd.interop.forks import lock_of, once
from autograd.transforms.trees import array_of, opened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Tree: TypeAlias = "Item | Stack | Sequence[Tree] | Mapping[Any, Tree] | NDArray[np.object_] | None"  # a result to be made


class Item(NamedTuple):
    """Some outputs in a row that make one number or array of the result; ``leaf`` is the argument a gradient is by."""

    start: int
    size: int
    leaf: Leaf | None


class Stack(NamedTuple):
    """Results for each number of an array."""

    parts: list[Tree]
    shape: tuple[int, ...]


class Results(NamedTuple):
    """What a builtin makes: of its first ``means`` numbers means over lanes; alone or in a tuple, of which ``finish`` makes
    the result. None where it is the result already.
    """

    made: Sequence[Made]
    single: bool
    means: int
    finish: Callable[[Any], Any] | None


class Assembly:
    """The outputs of a program, which of them are summed over lanes, and the result they make."""

    def __init__(self, result: Tree, summed: Sequence[bool], mean: bool):
        self.result, self.summed, self.mean = result, list(summed), mean
        self._lock = lock_of(self)
        counts = [0, 0]
        self.position: list[int] = []  # of every output, among the rows or among the totals
        for total in self.summed:
            self.position.append(counts[total])
            counts[total] += 1
        self.row_count, self.sum_count = counts

    @once
    def of_point(self) -> Callable[[Sequence[float]], Any]:
        """The result for a single point, of the outputs' numbers."""
        return self._maker("numbers", _at_point)

    @once
    def of_lanes(self) -> Callable[[Array, Array, int], Any]:
        """The result for n lanes, of the outputs' rows and totals."""
        make = self._maker("rows, totals, n", self._in_lanes)
        return make if not self.mean else lambda rows, totals, n: make(rows, _divided(totals, n or math.nan), n)

    def by_builtin(self, lanes: bool) -> Results:
        """What a builtin makes, and what makes the result of that."""
        items = list(_items(self.result))
        if lanes and not all(item.size and self.summed[item.start] for item in items):
            everything = [Made(OF_ROWS), Made(OF_NUMBERS, 0, (self.sum_count,)), Made(OF_LANES)]
            return Results(everything, False, 0, lambda made: self.of_lanes(*made))
        made = [_made(item, self.position[item.start] if lanes else item.start) for item in items]
        means, single = self.sum_count if lanes and self.mean else 0, isinstance(self.result, Item)
        if single or (self.result.__class__ is tuple and all(isinstance(part, Item) for part in self.result)):
            return Results(made, single, means, None)
        number = iter(range(len(items)))
        return Results(made, False, means, self._maker("made", lambda _: f"made[{next(number)}]"))

    def _maker(self, names: str, item: Callable[[Item], str]) -> Callable[..., Any]:
        """The result as an expression, made a function: 1 µs less than walking its shape at every call."""
        constants: list[object] = []
        source = _source(self.result, item, constants)
        tools = {"constants": constants, "array_of": array_of, "array": _array, "divided": _divided}
        function: Callable[..., Any] = eval(f"lambda {names}: {source}", tools)
        return function

    def _in_lanes(self, item: Item) -> str:
        leaf, first = item.leaf, self.position[item.start] if item.size else 0
        shape, axis, some = leaf.shape if leaf else None, leaf.axis if leaf else None, f"[{first}:{first + item.size}]"
        if item.size and self.summed[item.start]:
            if shape is None:
                return f"float(totals[{first}])"
            return f"totals{some}" if len(shape) == 1 else f"totals{some}.reshape({shape})"
        shape = shape or ()
        block = f"rows{some}" if shape else f"rows[{first}]"
        if len(shape) > 1:
            block += f".reshape(({', '.join(map(str, shape))}, n))"
        if self.mean and axis is not None:
            block = f"divided({block}, n)"
        if axis in (None, len(shape)):
            return block
        return f"{block}.transpose({[*range(axis), len(shape), *range(axis, len(shape))]})"


def _items(tree: Tree) -> Iterator[Item]:
    """All numbers and arrays of a result, in the order in which ``_source`` has them."""
    if isinstance(tree, Item):
        yield tree
    elif isinstance(tree, Stack):
        yield from chain.from_iterable(map(_items, tree.parts))
    elif has_axes(tree):
        yield from chain.from_iterable(map(_items, tree.ravel()))
    elif (container := opened(tree)) is not None:
        yield from chain.from_iterable(map(_items, container.children))


def _made(item: Item, first: int) -> Made:
    shape = item.leaf.shape if item.leaf else None
    return Made(ONE_NUMBER, first) if shape is None else Made(OF_NUMBERS, first, shape)


def _at_point(item: Item) -> str:
    if item.leaf is None or item.leaf.shape is None:
        return f"numbers[{item.start}]"
    return f"array(numbers[{item.start}:{item.start + item.size}]).reshape({item.leaf.shape})"


DISPLAYS: dict[type, str] = {list: "[{}]", tuple: "({})"}  # a tenth of a microsecond faster than a call of their class


def _source(tree: Tree, item: Callable[[Item], str], constants: list[object]) -> str:
    """A result as an expression; what can't be written in it goes to ``constants``."""

    def all_of(trees: Iterable[Tree]) -> str:
        return "".join(f"{_source(tree, item, constants)}, " for tree in trees)

    if isinstance(tree, Item):
        return item(tree)
    if isinstance(tree, Stack):
        return f"array_of([{all_of(tree.parts)}], {tree.shape})"
    if has_axes(tree):
        return f"array_of([{all_of(tree.ravel())}], {tree.shape})"
    container = opened(tree)
    if container is None:
        return _constant(tree, constants)
    children, display = all_of(container.children), DISPLAYS.get(container.kind)
    return display.format(children) if display else f"{_constant(container.make, constants)}([{children}])"


def _constant(thing: object, constants: list[object]) -> str:
    """An expression for something that can't be written in one."""
    constants.append(thing)
    return f"constants[{len(constants) - 1}]"


def _divided(block: Array, n: float) -> Array:
    """In place, as no one else has the numbers of a call: a new array of 80 MB takes longer than the division."""
    block /= n
    return block


def _array(numbers: Sequence[float]) -> Array:
    import numpy as np

    return np.array(numbers)
