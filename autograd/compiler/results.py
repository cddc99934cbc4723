"""What a program's outputs are put together to: numbers and arrays in the shapes of f's value and of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from autograd.compiler.arguments import Leaf
from autograd.convert import has_axes

Tree = Any


class Found(NamedTuple):
    """What a run over lanes gave: a row for some outputs, a total for the others; n lanes; the factor of a mean."""

    rows: Any
    totals: Any
    n: int
    factor: float


class Item(NamedTuple):
    """Some outputs in a row that make one number or array of the result; ``leaf`` is the argument a gradient is by."""

    start: int
    size: int
    leaf: Leaf | None


class Stack(NamedTuple):
    """Results for each number of an array."""

    parts: list[Tree]
    shape: tuple[int, ...]


def _built(tree: Tree, make: Callable[[Item], Any]) -> Any:
    """The result with every item made."""
    if tree.__class__ is Item:
        return make(tree)
    if tree.__class__ is Stack:
        return _stacked([_built(part, make) for part in tree.parts], tree.shape)
    if isinstance(tree, dict):
        return {key: _built(child, make) for key, child in tree.items()}
    if isinstance(tree, list):
        return [_built(child, make) for child in tree]
    if isinstance(tree, tuple):
        made = [_built(child, make) for child in tree]
        return tree._make(made) if hasattr(tree, "_make") else tuple(made)
    if has_axes(tree):
        return _stacked([_built(child, make) for child in tree.ravel()], tree.shape)
    return tree


def _stacked(parts: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of numbers or arrays, one for each place of ``shape``."""
    import numpy as np

    if all(isinstance(part, float) or has_axes(part) for part in parts):
        array = np.array(parts, dtype=float)
        return array.reshape(shape + array.shape[1:])
    array = np.empty(len(parts), dtype=object)
    array[:] = parts
    return array.reshape(shape)


def _of_point(item: Item, found: Sequence[float]) -> Any:
    if item.leaf is None or item.leaf.shape is None:
        return found[item.start]
    import numpy as np

    return np.array(found[item.start : item.start + item.size]).reshape(item.leaf.shape)


class Assembly:
    """The outputs of a program, which of them are summed over lanes, and the result they make."""

    def __init__(self, result: Tree, summed: Sequence[bool], mean: bool):
        self.result, self.summed, self.mean = result, list(summed), mean
        counts = [0, 0]
        self.position: list[int] = []  # of every output, among the rows or among the totals
        for total in self.summed:
            self.position.append(counts[total])
            counts[total] += 1
        self.row_count, self.sum_count = counts

    def of_point(self, found: Sequence[float]) -> Any:
        """The result for a single point, of the outputs' numbers."""
        return _built(self.result, lambda item: _of_point(item, found))

    def of_lanes(self, rows: Any, totals: Any, n: int) -> Any:
        """The result for n lanes, of the outputs' rows and totals."""
        return self.builder()(rows, totals, n)

    def builder(self) -> Callable[[Any, Any, int], Any]:
        """``of_lanes`` as one function that has looked at the shape of the result already."""
        make = self._maker(self.result)
        if not self.mean:
            return lambda rows, totals, n: make(Found(rows, totals, n, 1.0))
        return lambda rows, totals, n: make(
            Found(rows, totals * (1.0 / n), n, 1.0 / n) if n else Found(rows, totals, n, 1.0)
        )

    def _maker(self, tree: Tree) -> Callable[[Found], Any]:
        if tree.__class__ is Item:
            return self._total(tree) if tree.size and self.summed[tree.start] else partial(self._row, tree)
        if tree.__class__ is tuple and len(tree) == 2:
            first, second = map(self._maker, tree)
            return lambda found: (first(found), second(found))
        return lambda found: _built(tree, lambda item: self._maker(item)(found))

    def _total(self, item: Item) -> Callable[[Found], Any]:
        first, shape = self.position[item.start], item.leaf.shape if item.leaf else None
        if shape is None:
            return lambda found: float(found.totals[first])
        last = first + item.size
        if len(shape) == 1:
            return lambda found: found.totals[first:last]
        return lambda found: found.totals[first:last].reshape(shape)

    def _row(self, item: Item, found: Found) -> Any:
        rows, n, factor = found.rows, found.n, found.factor
        leaf = item.leaf
        first = self.position[item.start] if item.size else 0
        if leaf is None or not leaf.shape:
            row = rows[first]
            return row * factor if leaf and leaf.axis is not None and factor != 1.0 else row
        block = rows[first : first + item.size].reshape((*leaf.shape, n))
        if leaf.axis is None:
            return block
        block = block * factor if factor != 1.0 else block
        return block if leaf.axis == len(leaf.shape) else _moved(block, leaf.axis)


def _moved(block: Any, axis: int) -> Any:
    import numpy as np

    return np.moveaxis(block, -1, axis)
