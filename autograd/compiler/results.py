"""What a program's outputs are put together to: numbers and arrays in the shapes of f's value and of its arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from autograd.compiler.arguments import Leaf
from autograd.convert import has_axes

Tree = Any


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
        return self.builder(rows, totals, n)

    @cached_property
    def builder(self) -> Callable[[Any, Any, int], Any]:
        """``of_lanes`` as one function that knows the shape of the result: 1 µs less than walking it at every call."""
        kept: list[Any] = [_moved, _stacked]
        source = self._source(self.result, kept)
        make = eval(f"lambda rows, totals, n, factor: {source}", {"kept": kept})
        if not self.mean:
            return lambda rows, totals, n: make(rows, totals, n, 1.0)
        return lambda rows, totals, n: make(rows, totals * (1.0 / n if n else math.nan), n, 1.0 / n if n else 1.0)

    def _source(self, tree: Tree, kept: list[Any]) -> str:
        """The result as an expression in rows, totals, the number of lanes and the factor of a mean."""
        if tree.__class__ is Item:
            return self._item(tree)
        if tree.__class__ is Stack:
            return f"kept[1]([{self._sources(tree.parts, kept)}], {tree.shape})"
        if has_axes(tree):
            return f"kept[1]([{self._sources(tree.ravel(), kept)}], {tree.shape})"
        if isinstance(tree, dict):
            return f"dict(zip({_keep(list(tree), kept)}, [{self._sources(tree.values(), kept)}]))"
        if isinstance(tree, list):
            return f"[{self._sources(tree, kept)}]"
        if isinstance(tree, tuple):
            make = f"{_keep(tree._make, kept)}" if hasattr(tree, "_make") else ""
            return f"{make}(({self._sources(tree, kept)}))"
        return _keep(tree, kept)

    def _sources(self, trees: Iterable[Tree], kept: list[Any]) -> str:
        return "".join(f"{self._source(tree, kept)}, " for tree in trees)

    def _item(self, item: Item) -> str:
        leaf, first = item.leaf, self.position[item.start] if item.size else 0
        shape, places = leaf.shape if leaf else None, f"[{first}:{first + item.size}]"
        if item.size and self.summed[item.start]:
            if shape is None:
                return f"float(totals[{first}])"
            return f"totals{places}" if len(shape) == 1 else f"totals{places}.reshape({shape})"
        scaled = " * factor" if self.mean and leaf and leaf.axis is not None else ""
        if leaf is None or not leaf.shape:
            return f"rows[{first}]{scaled}"
        block = f"rows{places}" if len(leaf.shape) == 1 else f"rows{places}.reshape(({', '.join(map(str, leaf.shape))}, n))"
        moved = leaf.axis is not None and leaf.axis != len(leaf.shape)
        return f"kept[0]({block}{scaled}, {leaf.axis})" if moved else block + scaled


def _keep(thing: Any, kept: list[Any]) -> str:
    """A name for something in an expression."""
    kept.append(thing)
    return f"kept[{len(kept) - 1}]"


def _moved(block: Any, axis: int) -> Any:
    import numpy as np

    return np.moveaxis(block, -1, axis)
