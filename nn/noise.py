"""Random numbers of a model, drawn anew for every row of a batch while it is trained, and off otherwise.

Training draws them before it computes, as further inputs of a row. So a compiled step gets new ones every time, and the
same as one that goes number by number.

>>> layer = Dropout(0.5)
>>> layer([1.0, 2.0])  # nothing is trained
[1.0, 2.0]
>>> with drawing(Drawn([("uniform", 0.25), ("uniform", 0.75)])):
...     layer([1.0, 2.0])
[0.0, 4.0]
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, overload

from autograd import Value, where
from autograd.interop.packages import found
from autograd.transforms.types import Scalar
from nn.arguments import real
from nn.module import Module

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind: TypeAlias = Literal["normal", "uniform"]  # mean 0 and variance 1; from 0 up to 1


class Source(Protocol):
    """Where a row's random numbers come from."""

    def draw(self, kind: Kind) -> Scalar:
        """The next of them."""


_source: ContextVar[Source | None] = ContextVar("source of noise", default=None)


@contextmanager
def drawing(source: Source | None) -> Iterator[None]:
    """Within it models draw from this source; None, as elsewhere: there is no noise."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


class Noise(Module):
    """Normal random numbers of this deviation while a model is trained, none otherwise.

    >>> noise = Noise(0.1)
    >>> noise([1.0, 2.0]), noise()  # nothing is trained
    ([1.0, 2.0], 0.0)
    >>> with drawing(Drawn([("normal", 2.0), ("normal", -1.0), ("normal", 0.5)])):
    ...     noise([1.0, 2.0]), noise()
    ([1.2, 1.9], 0.05)

    Called with a list it adds one to each; called without, it is one: ``mean + deviation * self.noise()``.
    """

    def __init__(self, deviation: float = 1.0):
        self.deviation = real("deviation", deviation)

    @overload
    def __call__(self, x: None = None) -> Scalar: ...
    @overload
    def __call__(self, x: Sequence[Scalar]) -> list[Scalar]: ...
    def __call__(self, x: Sequence[Scalar] | None = None) -> Scalar | list[Scalar]:
        """x with noise, or one number of it."""
        source = _source.get()
        if x is None:
            return 0.0 if source is None else self.deviation * source.draw("normal")
        return list(x) if source is None else [each + self.deviation * source.draw("normal") for each in x]

    def __repr__(self) -> str:
        return f"Noise({self.deviation:g})"


class Dropout(Module):
    """Each input is 0 with probability p while a model is trained, and the others 1/(1 − p) times as large.

    Otherwise it gives its input as it is, which has the same mean (Srivastava et al. 2014). Raises ValueError for a p
    outside of [0, 1).
    """

    def __init__(self, p: float = 0.5):
        self.p = real("p", p, below=1.0)

    def __call__(self, x: Sequence[Scalar]) -> list[Scalar]:
        """The inputs, some of them 0."""
        source = _source.get()
        if source is None:
            return list(x)
        grown = 1.0 / (1.0 - self.p)
        return [where(source.draw("uniform") < self.p, 0.0, each * grown) for each in x]

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"


# -- sources -------------------------------------------------------------------------------------


class Drawn:
    """Numbers that were drawn before, each with its kind; afterwards, or where the kinds differ, those of ``more``."""

    def __init__(self, numbers: Sequence[tuple[Kind, Scalar]], more: Source | None = None):
        self._numbers, self._more = iter(numbers), more

    def draw(self, kind: Kind) -> Scalar:
        """The next of them."""
        of, number = next(self._numbers, (None, 0.0))
        if of == kind:
            return number
        if self._more is None:
            raise RuntimeError("a row needs other random numbers than the first: how many must not depend on the row")
        return self._more.draw(kind)


class Generator:
    """Numbers of Python's generator."""

    def __init__(self, rng: random.Random):
        self.rng = rng

    def draw(self, kind: Kind) -> float:
        """The next of them."""
        return self.rng.gauss(0.0, 1.0) if kind == "normal" else self.rng.random()


class Counting:
    """Notes which numbers are drawn; each is 0.5."""

    def __init__(self) -> None:
        self.kinds: list[Kind] = []

    def draw(self, kind: Kind) -> float:
        """The next of them."""
        self.kinds.append(kind)
        return 0.5


def kinds_of(run: Callable[[], object]) -> list[Kind]:
    """The random numbers that a call draws, in order."""
    counting = Counting()
    with drawing(counting):
        run()
    return counting.kinds


class Batches:
    """Draws the noise of batches: a row for each example, with a number for each of these kinds."""

    def __init__(self, kinds: Sequence[Kind], rng: random.Random):
        self.kinds, self.rng = kinds, rng
        self._numpy: np.random.Generator | None = None
        self._before: Any = None  # its state when noise was drawn ahead
        if kinds and found("numpy"):
            import numpy as np

            self._numpy = np.random.default_rng(rng.getrandbits(64))

    def draw(self, rows: int) -> list[list[float]] | NDArray[np.float64] | None:
        """The noise of so many rows; None where there is none. An array, in lists where NumPy is missing."""
        if not self.kinds:
            return None
        if self._numpy is None:
            source = Generator(self.rng)
            return [[source.draw(kind) for kind in self.kinds] for _ in range(rows)]
        import numpy as np

        normal = np.array([kind == "normal" for kind in self.kinds])
        noise = np.empty((rows, len(normal)))
        noise[:, normal] = self._numpy.standard_normal((rows, int(normal.sum())))
        noise[:, ~normal] = self._numpy.random((rows, int((~normal).sum())))
        return noise

    def draw_ahead(self, sizes: Sequence[int]) -> NDArray[np.float64] | None:
        """The noise of batches of these sizes, one after the other. ``take_back`` follows where not all are used."""
        if self._numpy is None:
            return None
        import numpy as np

        self._before = self._numpy.bit_generator.state
        return np.concatenate([self.draw(rows) for rows in sizes])

    def take_back(self, sizes: Sequence[int]) -> None:
        """As if after ``draw_ahead`` only batches of these sizes had been drawn for."""
        if self._numpy is not None:
            self._numpy.bit_generator.state = self._before
            for rows in sizes:
                self.draw(rows)

    def sources(self, noise: Any, rows: int) -> list[Source]:
        """A source for each row, of noise that was drawn."""
        more = Generator(self.rng)
        if noise is None:
            return [more] * rows
        lists = getattr(noise, "tolist", lambda: noise)()
        return [Drawn(list(zip(self.kinds, row, strict=True)), more) for row in lists]


def source_of(kinds: Sequence[Kind] | None, numbers: Sequence[Value]) -> Source | None:
    """A source that gives these Values: a lane's noise, while a step is traced. None for no noise at all."""
    return None if kinds is None else Drawn(list(zip(kinds, numbers, strict=True)))
