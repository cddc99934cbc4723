"""``Embedding``: a row of parameters for each of n things, looked up by number.

>>> embedding = Embedding(27, 2, seed=0)
>>> embedding
Embedding(27 × 2)
>>> [len(row) for row in embedding([3, 14])]
[2, 2]
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, ClassVar, SupportsFloat, overload

from autograd import Value, take
from nn.arguments import Seed, as_float, choose_function, generator, integer
from nn.graphs import without_array
from nn.initialisers import INITIALISERS, Initialiser
from nn.module import Module


def standard_normal(rng: random.Random, fan_in: int, fan_out: int) -> float:  # noqa: ARG001
    """Normal with variance 1, as PyTorch's embeddings begin.

    >>> round(standard_normal(random.Random(0), 27, 2), 4)
    0.9417
    """
    return rng.gauss(0.0, 1.0)


class Embedding(Module):
    """``n`` rows of ``dim`` parameters; called with the number of one, it gives that row.

    >>> embedding = Embedding(3, 2, initialiser=lambda rng, fan_in, fan_out: rng.uniform(0.0, 1.0), seed=0)
    >>> row = embedding(1)
    >>> (row[0] + row[1]).backward()
    >>> [[x.grad for x in row] for row in embedding.rows]
    [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]

    The number may be an int, a float or a Value that holds a whole number, a lane's in a compiled function; a list of
    numbers gives a list of rows, which ``nn.flatten`` makes one. See ``autograd.take``. Rows that nobody looked up have
    no gradient. ``initialiser`` and ``seed`` are as for ``nn.MLP``; the default is the standard normal distribution.

    Raises IndexError for a number outside 0 … n − 1; compiled, the row is nan there.
    """

    opened: ClassVar[bool] = False

    def __init__(self, n: int, dim: int, *, initialiser: str | Initialiser = standard_normal, seed: Seed = None):
        n, dim, rng = integer("n", n, 1), integer("dim", dim, 1), generator(seed)
        draw = choose_function("initialiser", initialiser, INITIALISERS)
        self.rows = [
            [Value(as_float("what the initialiser gives", draw(rng, n, dim))) for _ in range(dim)] for _ in range(n)
        ]
        self.name_parameters()

    @overload
    def __call__(self, index: SupportsFloat) -> list[Value]: ...
    @overload
    def __call__(self, index: Sequence[SupportsFloat]) -> list[list[Value]]: ...
    def __call__(self, index: Any) -> Any:
        """The row with this number, or the rows with these."""
        index = index if isinstance(index, Value) else without_array(index)
        if isinstance(index, list | tuple | range):
            return [self(i) for i in index]
        try:
            return take(self.rows, index)
        except (IndexError, TypeError) as error:
            raise type(error)(f"{self}: {str(error).removeprefix('take: ')}") from None

    def __repr__(self) -> str:
        return f"Embedding({len(self.rows)} × {len(self.rows[0])})"
