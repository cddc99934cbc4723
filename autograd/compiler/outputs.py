"""What a program's outputs are put together to: numbers and arrays in the shapes of f's value and of its arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from autograd.compiler.signature import Leaf
from autograd.interop.coerce import has_axes

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


def _stacked(parts: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of numbers or arrays, one for each place of ``shape``."""
    import numpy as np

    if all(isinstance(part, float) or has_axes(part) for part in parts):
        array = np.array(parts, dtype=float)
        return array.reshape(shape + array.shape[1:])
    array = np.empty(len(parts), dtype=object)
    array[:] = parts
    return array.reshape(shape)


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

    @cached_property
    def of_point(self) -> Callable[[Sequence[float]], Any]:
        """The result for a single point, of the outputs' numbers."""
        return self._maker("found", _at_point)

    @cached_property
    def of_lanes(self) -> Callable[[Any, Any, int], Any]:
        """The result for n lanes, of the outputs' rows and totals."""
        make = self._maker("rows, totals, n", self._in_lanes)
        return make if not self.mean else lambda rows, totals, n: make(rows, totals / (n or math.nan), n)

    def _maker(self, names: str, item: Callable[[Item], str]) -> Callable[..., Any]:
        """The result as an expression, made a function: 1 µs less than walking its shape at every call."""
        kept: list[Any] = []
        source = _source(self.result, item, kept)
        tools = {"kept": kept, "stacked": _stacked, "moved": _moved, "numbers": _numbers}
        return eval(f"lambda {names}: {source}", tools)  # type: ignore[no-any-return]

    def _in_lanes(self, item: Item) -> str:
        leaf, first = item.leaf, self.position[item.start] if item.size else 0
        shape, places = leaf.shape if leaf else None, f"[{first}:{first + item.size}]"
        if item.size and self.summed[item.start]:
            if shape is None:
                return f"float(totals[{first}])"
            return f"totals{places}" if len(shape) == 1 else f"totals{places}.reshape({shape})"
        scaled = " / n" if self.mean and leaf and leaf.axis is not None else ""
        if leaf is None or not leaf.shape:
            return f"rows[{first}]{scaled}"
        dims = ", ".join(map(str, leaf.shape))
        block = f"rows{places}" if len(leaf.shape) == 1 else f"rows{places}.reshape(({dims}, n))"
        moved = leaf.axis is not None and leaf.axis != len(leaf.shape)
        return f"moved({block}{scaled}, {leaf.axis})" if moved else block + scaled


def _at_point(item: Item) -> str:
    if item.leaf is None or item.leaf.shape is None:
        return f"found[{item.start}]"
    return f"numbers(found[{item.start}:{item.start + item.size}]).reshape({item.leaf.shape})"


def _source(tree: Tree, item: Callable[[Item], str], kept: list[Any]) -> str:
    """A result as an expression; ``kept`` is what has no name in it."""

    def all_of(trees: Iterable[Tree]) -> str:
        return "".join(f"{_source(tree, item, kept)}, " for tree in trees)

    if tree.__class__ is Item:
        return item(tree)
    if tree.__class__ is Stack or has_axes(tree):
        return f"stacked([{all_of(tree.parts if isinstance(tree, Stack) else tree.ravel())}], {tree.shape})"
    if isinstance(tree, dict):
        return f"dict(zip({_keep(list(tree), kept)}, [{all_of(tree.values())}]))"
    if isinstance(tree, list):
        return f"[{all_of(tree)}]"
    if isinstance(tree, tuple):
        return f"{_keep(tree._make, kept) if hasattr(tree, '_make') else ''}(({all_of(tree)}))"
    return _keep(tree, kept)


def _keep(thing: Any, kept: list[Any]) -> str:
    """A name for something in an expression."""
    kept.append(thing)
    return f"kept[{len(kept) - 1}]"


def _moved(block: Any, axis: int) -> Any:
    import numpy as np

    return np.moveaxis(block, -1, axis)


def _numbers(found: Sequence[float]) -> Any:
    import numpy as np

    return np.array(found)
