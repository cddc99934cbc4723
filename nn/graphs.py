"""What training asks of graphs: the leaves behind some outputs, and plain numbers for Values.

>>> plain([Value(1.0), 2]), [leaf.data for leaf in leaves_behind([Value(1.0) + 2.0, 3.0])]
([1.0, 2.0], [1.0])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from autograd import Value
from autograd.graph import topological_order
from autograd.interop.coerce import as_number
from autograd.transforms.trees import flatten


@overload
def plain(output: Sequence[object]) -> list[Any]: ...
@overload
def plain(output: object) -> float | Any: ...
def plain(output: object) -> object:
    """Numbers in the place of Values, alone or in lists, tuples and arrays.

    Raises TypeError for anything else.
    """
    output = without_array(output)
    if isinstance(output, list | tuple):
        return [plain(x) for x in output]
    if isinstance(output, Value):
        return output.data
    return float(output) if isinstance(output, bool) else as_number(output, "the model's output")


def without_array(data: object) -> Any:
    """The list that an array holds; anything else as it is."""
    return getattr(data, "tolist", lambda: data)()


def values_in(output: object) -> Iterator[Value]:
    """The Values in lists, tuples and arrays."""
    output = without_array(output)
    if isinstance(output, Value):
        yield output
    elif isinstance(output, list | tuple):
        for each in output:
            yield from values_in(each)


def leaves_behind(outputs: object) -> set[Value]:
    """The leaves that the Values among the outputs depend on."""
    return {node for value in values_in(outputs) for node in topological_order(value) if node.op is None}


def by_row(columns: Any, n: int) -> list[Any]:
    """The output of each of n rows, of what has a column in the place of every number.

    >>> by_row([(1.0, 2.0), 3.0], 2)
    [[[1.0, 2.0], 3.0], [[1.0, 2.0], 3.0]]

    A column is an array, or a number that is the same for every row. Tuples become lists.
    """
    leaves, rebuild = flatten(columns, arrays=False)
    rows = zip(*(_column(leaf, n) for leaf in leaves), strict=True)
    if isinstance(columns, list | tuple):
        nested = len(leaves) != len(columns) or any(isinstance(each, list | tuple) for each in columns)
        return [plain(rebuild(row)) for row in rows] if nested else list(map(list, rows))
    return _column(leaves[0], n)


def _column(numbers: Any, n: int) -> list[float]:
    column: list[float] = numbers.tolist() if getattr(numbers, "ndim", 0) else [float(numbers)] * n
    return column
