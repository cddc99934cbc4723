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
        optimiser = self.optimiser
        chosen = gradient if moving is None else gradient[moving]
        scale = optimiser.scale(chosen.tolist()) if optimiser.clip_norm is not None else 1.0
        parts = list(self._parts(state.counts, moving))
        if len(parts) == 1 and isinstance(parts[0][1], slice):  # most often all are moved at once
            group, _, count = parts[0]
            moved, *columns = self._moved(group, count, scale, data, gradient, state.columns)
        else:
            moved, columns = data.copy(), [column.copy() for column in state.columns]
            for group, some, count in parts:
                before = [column[some] for column in state.columns]
                moved[some], *after = self._moved(group, count, scale, data[some], gradient[some], before)
                for column, new in zip(columns, after, strict=True):
                    column[some] = new
        self._check(gradient, moved, columns, moving)
        return moved, Arrays(state.counts + (1 if moving is None else moving), columns)

    def _parts(self, counts: NDArray[np.int64], moving: NDArray[np.bool_] | None) -> Iterator[tuple[Group, Chosen, int]]:
        """Parameters of a group that have made the same number of steps, and the number of the next."""
        start = 0
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
        settings = self.optimiser.settings(group, count)
        flags = tuple([x if isinstance(x, bool) else None for x in settings])
        numbers = [x for x in settings if not isinstance(x, bool)]
        key = flags, self.optimiser.clip_value, self.optimiser.clip_norm is None
        if key not in self._rules:
            self._rules[key] = self._compiled(flags)
        decay = group.settings["weight_decay"]
        moved: list[Numbers] = self._rules[key](data, gradient, *columns, decay, scale, *numbers)
        return moved

    def _compiled(self, flags: tuple[bool | None, ...]) -> Rule:
        """``move`` with parameters as lanes, in the optimiser's own formula."""
        optimiser, size = self.optimiser, len(self.optimiser.remembered.names or ())

        def rule(data: Any, gradient: Any, *others: Any) -> list[Any]:
            numbers = iter(others[size + 2 :])
            settings = [next(numbers) if flag is None else flag for flag in flags]
            moved, memory = optimiser.move(data, gradient, others[:size], *others[size : size + 2], *settings)
            return [moved, *memory]

        axes = (0,) * (2 + size) + (None,) * (2 + flags.count(None))
        compiled: Rule = autograd.compile(rule, axes, strict=True, threads=1)
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
