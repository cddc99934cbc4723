"""What an optimiser remembers of every parameter: how many steps it made, and some numbers. In lists, or in arrays.

>>> memories = Memories(2, ("velocity",))
>>> memories.set(Lists([1, 0], [(0.5,), ()]))
>>> memories.arrays.columns
[array([0.5, 0. ])]
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd.interop.coerce import describe
from nn.arguments import integer, real

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Memory: TypeAlias = tuple[float, ...]  # of one parameter; () before its first step


class Lists(NamedTuple):
    """Steps and memory of each parameter."""

    counts: list[int]
    memories: list[Memory]


class Arrays(NamedTuple):
    """The same, an array for each number that is remembered. They aren't written to: a step makes new ones.

    ``counts`` is one number where all parameters have made as many steps.
    """

    counts: NDArray[np.int64] | int
    columns: list[NDArray[np.float64]]


class Memories:
    """Keeps what was set last, and makes the other form of it when it is asked for."""

    def __init__(self, size: int, names: tuple[str, ...] | None):
        self.size, self.names = size, names
        self._lists: Lists | None = Lists([0] * size, [()] * size)
        self._arrays: Arrays | None = None

    def set(self, state: Lists | Arrays) -> None:
        """Take a new state."""
        self._lists, self._arrays = (state, None) if isinstance(state, Lists) else (None, state)

    @property
    def lists(self) -> Lists:
        """For steps number by number."""
        if self._lists is None:
            assert self._arrays is not None
            known, columns = self._arrays.counts, [column.tolist() for column in self._arrays.columns]
            counts: list[int] = [known] * self.size if isinstance(known, int) else known.tolist()
            memories = list(zip(*columns, strict=True)) if columns else [()] * len(counts)
            self._lists = Lists(counts, [memory if n else () for n, memory in zip(counts, memories, strict=True)])
        return self._lists

    @property
    def arrays(self) -> Arrays:
        """For steps of all parameters at once."""
        if self._arrays is None:
            import numpy as np

            assert self._lists is not None
            counts, memories = self._lists
            zeros = (0.0,) * len(self.names or ())
            columns = np.array([memory or zeros for memory in memories]).reshape(len(memories), len(zeros))
            steps = counts[0] if len(set(counts)) == 1 else np.array(counts, np.int64)
            self._arrays = Arrays(steps, list(np.ascontiguousarray(columns.T)))
        return self._arrays

    def checked(self, memories: object, counts: object, kind: str) -> Lists:
        """A state that was saved; raises ValueError where it doesn't fit, TypeError where it is none."""
        if not isinstance(memories, list | tuple) or not all(isinstance(memory, list | tuple) for memory in memories):
            raise TypeError(f"load_state_dict: memories must be a list of lists of numbers, got {describe(memories)}")
        size = len(self.lists.counts)
        if len(memories) != size:
            raise ValueError(f"the state is of {len(memories)} parameters, the optimiser has {size}")
        numbers = [tuple([real("memory", x, least=-math.inf) for x in memory]) for memory in memories]
        if self.names is not None and any(len(memory) not in (0, len(self.names)) for memory in numbers):
            raise ValueError(f"the state isn't one of {kind}: each memory needs {len(self.names)} numbers")
        return Lists(self._counts(counts, numbers), numbers)

    @staticmethod
    def _counts(counts: Any, memories: list[Memory]) -> list[int]:
        if counts is None:
            return [int(bool(memory)) for memory in memories]
        if not isinstance(counts, list | tuple) or len(counts) != len(memories):
            raise ValueError(f"load_state_dict: counts must be {len(memories)} whole numbers, got {describe(counts)}")
        return [integer("a count of steps", n, 0) for n in counts]
