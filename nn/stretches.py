"""``Stretches``: steps of training on many batches in one call of machine code, where only numbers change between them.

Of a step of the moons net 43 µs of 56 were Python's: to call the gradient and the rule, to look up settings, to check.

A stretch gives the bits of its steps one by one, and ends before one that can't be taken: what isn't finite, or isn't
compiled yet, is left to ``Trainer``, which knows what to do then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from nn.compiled_step import CompiledStep
from nn.examples import Examples
from nn.memories import Arrays
from nn.updates import Ahead, Updates, spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SECONDS = 0.03  # of a stretch: a Ctrl-C waits for its end, and undoes it
FEWEST = 3  # steps: to begin a stretch takes 60 µs, as long as two steps of a small net take one by one
NUMBERS = 500_000  # of the rows that are copied for one: 4 MB


class State(NamedTuple):
    """What training changes: the model's parameters, the last gradient by them, what the optimiser remembers, its steps."""

    numbers: NDArray[np.float64]
    gradient: NDArray[np.float64] | None
    memories: Arrays
    steps: int


class Stretch(NamedTuple):
    """The state after some steps, and of each the loss before it, the share of right rows and how much its batch counts."""

    state: State
    losses: list[float]
    rights: list[float]
    weights: list[float]


class Stretches:
    """Takes stretches of a compiled step and a compiled rule.

    ``places`` are those of the optimiser's parameters among the model's, None where it has all of them in their order.
    """

    def __init__(self, step: CompiledStep, updates: Updates, places: Sequence[int] | None = None):
        self.step, self.updates, self.places = step, updates, places
        self._pace = math.inf  # seconds a row

    def rows(self, columns: int) -> int:
        """How many rows a stretch has, if rows have so many numbers: few until a step was timed."""
        return max(1, min(int(SECONDS / self._pace), NUMBERS // (columns + len(self.step.kinds or ()))))

    def took(self, seconds: float, rows: int) -> None:
        """Steps on so many rows took so long. The last time counts: a slow one makes the next stretch a short one."""
        self._pace = max(seconds, 1e-9) / rows

    def is_ready(self, examples: Examples, sizes: Sequence[int]) -> bool:
        """Whether steps on batches of these sizes can be taken at once."""
        if len(sizes) < FEWEST or not self.step.is_ready(examples):
            return False
        from autograd.compiler.descent import most_lanes  # late, as it loads the compiler

        return max(sizes) <= most_lanes(self.step.objective, 3 + self.step.weighted + bool(self.step.kinds))

    def take(
        self,
        state: State,
        examples: Examples,
        sizes: Sequence[int],
        moving: NDArray[np.bool_] | None,
        schedule: Callable[[int], float] | None,
        noise: NDArray[np.float64] | None,
    ) -> Stretch | None:
        """Steps on batches of these sizes, which follow each other in the examples; None where none can be taken."""
        rules = self.updates.ahead(state.memories.counts, moving, len(sizes), self._beginning(state.steps, schedule))
        return self._taken(state, examples, sizes, moving, noise, rules) if rules else None

    def _beginning(self, steps: int, schedule: Callable[[int], float] | None) -> Callable[[int], None]:
        """What comes before the settings of the k-th step are asked for."""

        def begin(k: int) -> None:
            if schedule is not None:
                self.updates.optimiser.lr = schedule(steps + k)

        return begin

    def _taken(
        self,
        state: State,
        examples: Examples,
        sizes: Sequence[int],
        moving: NDArray[np.bool_] | None,
        noise: NDArray[np.float64] | None,
        rules: Sequence[Ahead],
    ) -> Stretch | None:
        import numpy as np

        from autograd.compiler.descent import Batches, Update, descend

        weights, lanes = examples.arrays.weights, np.array(sizes[: len(rules[0].settings)], np.int64)
        divisors = lanes.astype(float) if weights is None else _sums(weights, lanes)
        start, arrays = perf_counter(), self.step.arguments(examples, noise)
        updates = [Update(rule, settings, *span) for rule, settings, *where in rules for span in self._spans(*where)]
        batches, before = Batches(self.step.objective, arrays, lanes, divisors), self._in_the_model(state)
        found = descend(batches, updates, before)
        if found is None or not found.steps:
            return None
        self.took(perf_counter() - start, int(lanes[: found.steps].sum()))
        (numbers, *columns), steps = found.state, found.steps
        columns = columns if self.places is None else [column[self.places] for column in columns]
        memories = Arrays(state.memories.counts + (steps if moving is None else steps * moving), columns)
        after = State(numbers, found.gradient, memories, state.steps + steps)
        return Stretch(after, found.losses.tolist(), found.hits.tolist(), divisors[:steps].tolist())

    def _in_the_model(self, state: State) -> NDArray[np.float64]:
        """Rows of what is remembered under the parameters' numbers, each in its place in the model."""
        import numpy as np

        if self.places is None:
            return np.array([state.numbers, *state.memories.columns])
        rows = np.zeros((1 + len(state.memories.columns), len(state.numbers)))
        rows[0] = state.numbers
        for row, column in zip(rows[1:], state.memories.columns, strict=True):
            row[self.places] = column
        return rows

    def _spans(self, start: int, stop: int) -> Iterable[tuple[int, int]]:
        """Where these parameters of the optimiser are in the model."""
        import numpy as np

        return [(start, stop)] if self.places is None else spans(np.array(self.places[start:stop]))


def _sums(weights: NDArray[np.float64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """The weights of each batch together; a batch at a time, as NumPy adds in another order where there are more."""
    import numpy as np

    ends = np.cumsum(sizes).tolist()
    return np.array([weights[start:end].sum() for start, end in zip([0, *ends], ends, strict=False)])
