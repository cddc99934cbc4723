"""``Updates``: an optimiser's step on arrays, by its rule compiled with parameters as lanes.

It gives the bits of the steps number by number.

>>> import numpy as np
>>> import nn
>>> model = nn.MLP(1, [2, 1], seed=0)
>>> optimiser = nn.Adam(model.parameters(), lr=0.5)
>>> gradient = np.array([3.0, -2.0, 0.0, 1.0, 0.0, 0.0, 0.5])
>>> numbers, memories = Updates(optimiser).step(np.zeros(7), gradient, optimiser.remembered.arrays)
>>> [round(x, 6) for x in numbers.tolist()]
[-0.5, 0.5, 0.0, -0.5, 0.0, 0.0, -0.5]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import autograd
from nn.memories import Arrays
from nn.optimiser import Optimiser, not_finite
from nn.settings import Group

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.float64]
    Chosen: TypeAlias = slice | NDArray[np.intp]

Rule: TypeAlias = Callable[..., Any]


class Updates:
    """Steps of an optimiser whose rule has ``MEMORIES``. They change nothing: what is new comes back."""

    def __init__(self, optimiser: Optimiser):
        self.optimiser = optimiser
        self._rules: dict[object, Rule] = {}  # by what chooses the formula

    def step(
        self, data: Numbers, gradient: Numbers, state: Arrays, moving: NDArray[np.bool_] | None = None
    ) -> tuple[Numbers, Arrays]:
        """The next numbers of the optimiser's parameters, and what is remembered then.

        ``moving`` says which parameters move, None: all. Raises FloatingPointError where a gradient or a new number isn't
        finite.
        """
        optimiser, counts = self.optimiser, state.counts
        chosen = gradient if moving is None else gradient[moving]
        scale = 1.0 if optimiser.clip_norm is None else optimiser.scale(chosen.tolist())
        if moving is None and isinstance(counts, int) and len(optimiser.groups) == 1:  # most often all are moved at once
            moved, *columns = self._moved(optimiser.groups[0], counts + 1, scale, data, gradient, state.columns)
        else:
            moved, columns = data.copy(), [column.copy() for column in state.columns]
            for group, some, count in self._parts(counts, moving):
                before = [column[some] for column in state.columns]
                moved[some], *after = self._moved(group, count, scale, data[some], gradient[some], before)
                for column, new in zip(columns, after, strict=True):
                    column[some] = new
        self._check(gradient, moved, columns, moving)
        return moved, Arrays(counts + (1 if moving is None else moving), columns)  # an array where only some are moved

    def _parts(
        self, counts: NDArray[np.int64] | int, moving: NDArray[np.bool_] | None
    ) -> Iterator[tuple[Group, Chosen, int]]:
        """Parameters of a group that have made the same number of steps, and the number of the next."""
        import numpy as np

        start, counts = 0, np.broadcast_to(counts, len(self.optimiser.parameters))
        for group in self.optimiser.groups:
            end = start + len(group.parameters)
            mine, first = counts[start:end], int(counts[start])
            if moving is None and (mine == first).all():
                yield group, slice(start, end), first + 1
            else:
                here = range(end - start) if moving is None else moving[start:end].nonzero()[0]
                for count in dict.fromkeys(mine[here].tolist()):
                    some = (mine == count) if moving is None else (mine == count) & moving[start:end]
                    yield group, some.nonzero()[0] + start, count + 1
            start = end

    def _moved(
        self, group: Group, count: int, scale: float, data: Numbers, gradient: Numbers, columns: list[Numbers]
    ) -> list[Numbers]:
        """The rule on these parameters: their next numbers, then what is remembered."""
        import numpy as np

        settings = self.optimiser.settings(group, count)
        flags = tuple([x if x.__class__ is bool else None for x in settings])
        numbers = [group.settings["weight_decay"], scale, *[x for x in settings if x.__class__ is not bool]]
        key = flags, self.optimiser.clip_value, self.optimiser.clip_norm is None
        rule = self._rules.get(key) or self._compiled(key)
        # One array takes 2 µs less than ten numbers.
        moved: list[Numbers] = rule(np.array(numbers, float), data, gradient, *columns)
        return moved

    def _compiled(self, key: tuple[tuple[bool | None, ...], float | None, bool]) -> Rule:
        """``move`` with parameters as lanes, in the optimiser's own formula."""
        optimiser, size, flags = self.optimiser, len(self.optimiser.remembered.names or ()), key[0]

        def rule(numbers: Any, data: Any, gradient: Any, *memory: Any) -> list[Any]:
            decay, scale, *others = numbers
            more = iter(others)
            settings = [next(more) if flag is None else flag for flag in flags]
            moved, after = optimiser.move(data, gradient, memory, decay, scale, *settings)
            return [moved, *after]

        axes = (None,) + (0,) * (2 + size)
        compiled: Rule = autograd.compile(rule, axes, strict=True, threads=1)
        self._rules[key] = compiled
        return compiled

    def _check(self, gradient: Numbers, moved: Numbers, columns: list[Numbers], moving: NDArray[np.bool_] | None) -> None:
        """Raise FloatingPointError for the first parameter whose numbers aren't all finite."""
        import numpy as np

        # A sum is finite where all its terms are, but for one that overflows: a third of the time of isfinite(…).all().
        with np.errstate(invalid="ignore", over="ignore"):
            if all(math.isfinite(np.add.reduce(each)) for each in (gradient, moved, *columns)):
                return
        finite = np.isfinite(gradient) if moving is None else np.isfinite(gradient) | ~moving
        for each in (moved, *columns):
            finite &= np.isfinite(each)
        if not finite.all():
            k = int((~finite).argmax())
            raise not_finite(self.optimiser.parameters[k], float(gradient[k]), float(moved[k]))
