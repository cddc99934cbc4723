"""Mean and standard deviation of columns: the same bits of lists and of arrays, whatever their layout.

>>> statistics([[1.0, 5.0], [3.0, 5.0]])
[(2.0, 1.0), (5.0, 1.0)]

Numbers are added in pairs, the first half to the second until one is left: an order that NumPy can follow for all columns
at once, and whose error grows with the logarithm of the count. 60 000 rows of 784 floats take 0.35 s, in NumPy's own
``mean`` and ``std`` 0.22, and 2.5 with ``math.fsum``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import add
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.interop.packages import found

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table: TypeAlias = NDArray[Any]

CELLS = 1 << 22  # of a table that are copied at once: 32 MB, more take longer
LARGEST = 1000  # exponent of a scale: 2 to its power is far from overflow, as is the square of what it leaves


def statistics(table: list[list[float]] | Table) -> list[tuple[float, float]]:
    """Mean and deviation of every column; 1 is the deviation of a constant one. Not finite where numbers are too large."""
    if isinstance(table, list) and not found("numpy"):
        return [_of_column(column) for column in zip(*table, strict=True)]
    import numpy as np

    array, pairs = np.asarray(table), list[tuple[float, float]]()
    width = max(1, CELLS // len(array))
    for start in range(0, array.shape[1], width):
        means, deviations = _of_columns(array[:, start : start + width].astype(float))
        pairs += zip(means.tolist(), deviations.tolist(), strict=True)
    return pairs


def _of_column(column: Sequence[float]) -> tuple[float, float]:
    """What ``_of_columns`` does, without NumPy."""
    low, high = min(column), max(column)
    if low == high:  # whose mean, 0.1 three times say, may be a rounding error away
        return column[0], 1.0
    mean = _sum(column) / len(column)
    exponent = max(-LARGEST, min(math.frexp(max(high - mean, mean - low))[1], LARGEST))
    scale = math.ldexp(1.0, -exponent)  # so that no square is 0 or inf
    distances = [(x - mean) * scale for x in column]
    deviation = math.sqrt(_sum([x * x for x in distances]) / len(column)) * math.ldexp(1.0, exponent)
    return mean, deviation or 1.0


def _sum(numbers: Sequence[float]) -> float:
    while len(numbers) > 1:
        half = len(numbers) // 2
        sums = list(map(add, numbers[:half], numbers[half : 2 * half]))
        if len(numbers) % 2:
            sums[0] += numbers[-1]
        numbers = sums
    return numbers[0]


def _of_columns(table: Table) -> tuple[Table, Table]:
    """The same of a table of floats, which is overwritten."""
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        first, low, high = table[0].copy(), table.min(0), table.max(0)
        constant = low == high
        mean = np.where(constant, first, _sums(table) / len(table))
        exponent = np.frexp(np.maximum(high - mean, mean - low))[1].clip(-LARGEST, LARGEST)
        table -= mean
        table *= np.ldexp(1.0, -exponent)
        table *= table
        deviation = np.sqrt(_sums(table) / len(table)) * np.ldexp(1.0, exponent)
    return mean, np.where(constant | (deviation == 0.0), 1.0, deviation)


def _sums(table: Table) -> Table:
    while len(table) > 1:
        half = len(table) // 2
        sums = table[:half] + table[half : 2 * half]
        if len(table) % 2:
            sums[0] += table[-1]
        table = sums
    row: Table = table[0]
    return row
