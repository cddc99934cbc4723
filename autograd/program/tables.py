"""Constants that differ from iteration to iteration, as tables.

>>> tables = Tables([0.5, 0.25, 0.5])
>>> tables.place(np.array([1, 0, 2])), tables.constants
(Place(kind='constant', start=3, strides=(1,), first=None, level=-1), [0.5, 0.25, 0.5, 0.25, 0.5, 0.5])
>>> tables.place(np.array([0, 2, 2]))
Place(kind='constant', start=0, strides=(0,), first=None, level=-1)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from autograd.program.loops import Place
from autograd.program.periods import Ints


class Tables:
    """Constants, and after them the tables of those that differ from iteration to iteration; equal tables are one."""

    def __init__(self, constants: Sequence[float]):
        self.constants = list(constants)
        self.starts: dict[bytes, int] = {}
        bits = np.array(self.constants, np.float64).view(np.int64)
        _, first, which = np.unique(bits, return_index=True, return_inverse=True)
        self.equal = first[which]  # for each constant the first of the same bits

    def place(self, which: Ints) -> Place:
        """The place of the constants with these indices, which has an axis for every loop."""
        table = self.equal[which]
        for axis in range(table.ndim):
            start = table.take([0], axis)
            if (table == start).all():
                table = start
        return Place("constant", self.start(table), _strides(table.shape))

    def start(self, table: Ints) -> int:
        """Where the table starts among the constants."""
        if table.size == 1:
            return int(table.item())
        key = table.tobytes()
        if key not in self.starts:
            self.starts[key] = len(self.constants)
            self.constants += [self.constants[k] for k in table.ravel().tolist()]
        return self.starts[key]


def _strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """How far an index in a table goes with each axis; not at all where there is but one place along it."""
    strides = [math.prod(shape[k + 1 :]) for k in range(len(shape))]
    return tuple([stride if length > 1 else 0 for stride, length in zip(strides, shape, strict=True)])
