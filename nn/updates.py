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
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import autograd
from nn.memories import Arrays
from nn.optimiser import Optimiser, not_finite
from nn.settings import Group

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from autograd.compiler import Compiled

    Numbers: TypeAlias = NDArray[np.float64]
    Chosen: TypeAlias = slice | NDArray[np.intp]

Rule: TypeAlias = "Compiled[..., Any]"
Settings: TypeAlias = tuple[float | bool, ...]
Formula: TypeAlias = tuple[tuple[bool | None, ...], float | None, bool]  # flags, clip_value, whether no norm is clipped


class Ahead(NamedTuple):
    """A rule for these parameters in the steps to come, and its settings in each."""

    rule: Rule
    settings: Numbers
    start: int
    stop: int


class Updates:
    """Steps of an optimiser whose rule has ``MEMORIES``. They change nothing: what is new comes back."""

    def __init__(self, optimiser: Optimiser):
        self.optimiser = optimiser
        self._rules: dict[Formula, Rule] = {}

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

    def ahead(
        self, counts: NDArray[np.int64] | int, moving: NDArray[np.bool_] | None, steps: int, begin: Callable[[int], None]
    ) -> list[Ahead]:
        """What so many steps to come do, or those of them that have the same formula; nothing where nobody can say.

        ``begin(k)`` is called before the settings of the k-th are asked for.
        """
        parts = list(self._parts(counts, moving))
        if self.optimiser.clip_norm is not None or not self._knows(parts):  # the scale depends on the gradient
            return []
        settings: list[list[Settings]] = []
        for k in range(steps):
            try:
                begin(k)
                settings.append([self._settings(group, count + k) for group, _, count in parts])
            except Exception:  # a schedule's: it comes again, and is raised, when it is that step's turn
                break
        rules = [self._rule_ahead(each) for each in zip(*settings, strict=True)]
        alike = min([len(numbers) for _, numbers in rules], default=0)
        return [
            Ahead(rule, numbers[:alike], *span)
            for (rule, numbers), (_, some, _) in zip(rules, parts, strict=False)
            for span in ([(some.start, some.stop)] if isinstance(some, slice) else spans(some))
        ]

    def _knows(self, parts: Iterable[tuple[Group, Chosen, int]]) -> bool:
        """Whether their rules were called as often as it takes."""
        from autograd.compiler.descent import RULE, most_lanes  # late, as it loads the compiler

        try:
            rules = [self._rule(self._settings(group, count)) for group, _, count in parts]
        except Exception:  # it is raised when the step is taken
            return False
        return all(most_lanes(rule, 3 + len(self.optimiser.remembered.names or ()), RULE) for rule in rules)

    def _rule_ahead(self, settings: Sequence[Settings]) -> tuple[Rule, Numbers]:
        """The rule for the first of these settings, and as an array all that come before another formula."""
        import numpy as np

        table, flags = np.array(settings, float), [k for k, x in enumerate(settings[0]) if x.__class__ is bool]
        another = (table[:, flags] != table[0, flags]).any(axis=1) if len(table) > 1 else table[0, :0]
        return self._rule(settings[0]), table[: int(another.argmax()) if another.any() else None]

    def _parts(
        self, counts: NDArray[np.int64] | int, moving: NDArray[np.bool_] | None
    ) -> Iterator[tuple[Group, Chosen, int]]:
        """Parameters of a group that have made the same number of steps, and the number of the next."""
        import numpy as np

        start, same = 0, moving is None and isinstance(counts, int)
        each = np.broadcast_to(counts, len(self.optimiser.parameters))
        for group in self.optimiser.groups:
            end = start + len(group.parameters)
            mine = each[start:end]
            if same or (moving is None and (mine == mine[0]).all()):
                yield group, slice(start, end), int(mine[0]) + 1
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

        settings = self._settings(group, count, scale)
        # One array takes 2 µs less than ten numbers.
        moved: list[Numbers] = self._rule(settings)(np.array(settings, float), data, gradient, *columns)
        return moved

    def _settings(self, group: Group, count: int, scale: float = 1.0) -> Settings:
        """What the rule needs besides: weight decay, the gradient's scale, and settings of its own."""
        return group.settings["weight_decay"], scale, *self.optimiser.settings(group, count)

    def _rule(self, settings: Settings) -> Rule:
        """``move`` with parameters as lanes, in the optimiser's own formula for these flags."""
        flags = tuple([x if x.__class__ is bool else None for x in settings])
        key = flags, self.optimiser.clip_value, self.optimiser.clip_norm is None
        return self._rules.get(key) or self._compiled(key)

    def _compiled(self, key: Formula) -> Rule:
        optimiser, size, flags = self.optimiser, len(self.optimiser.remembered.names or ()), key[0]

        def rule(numbers: Any, data: Any, gradient: Any, *memory: Any) -> list[Any]:
            settings = [x if flag is None else flag for x, flag in zip(numbers, flags, strict=True)]
            moved, after = optimiser.move(data, gradient, memory, *settings)
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


def spans(places: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """First and end of the runs of numbers that follow each other.

    >>> import numpy as np
    >>> list(spans(np.array([3, 4, 5, 7, 0, 1])))
    [(3, 6), (7, 8), (0, 2)]
    """
    import numpy as np

    for run in np.split(places, (np.diff(places) != 1).nonzero()[0] + 1):
        yield int(run[0]), int(run[-1]) + 1


def is_compilable(optimiser: Optimiser) -> bool:
    """Whether the rule is a formula, and a step is the base class's."""
    own = type(optimiser).step is not Optimiser.step or "step" in vars(optimiser)
    return optimiser.remembered.names is not None and not own
