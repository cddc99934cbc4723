"""A scale for the magnitude of gradients: a few bands on a logarithmic scale, ascending.

>>> scale = Scale.of([1.5, 0.02, 1e-5, 0.0])
>>> scale.floors, [scale.band(g) for g in (1.5, -0.02, 1e-5, 0.0)]
((1e-05, 0.0001, 0.001, 0.01, 0.1, 1.0), [6, 4, 1, 0])
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, isfinite, log2, log10

BANDS = 6
VANISHING = 1e-8  # relative to the largest gradient
TINY, HUGE = 1e-12, 1e4  # absolute

ZERO, SMALL, LARGE, INFINITE, NAN = "zero", "vanishing", "exploding", "infinite", "nan"
MARKS = {ZERO: "∅", SMALL: "▼", LARGE: "▲", INFINITE: "∞", NAN: "✕"}
MEANINGS = {
    ZERO: "the gradient is exactly 0",
    SMALL: f"the gradient is below {VANISHING:g} of the largest one, or below {TINY:g}",
    LARGE: f"the gradient is above {HUGE:g}",
    INFINITE: "the gradient is infinite",
    NAN: "the gradient is not a number",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """The lower bound of each band, ascending, and the ``largest`` finite gradient."""

    floors: tuple[float, ...]
    largest: float

    @classmethod
    def of(cls, gradients: Iterable[float]) -> Scale:
        """A scale that covers ``gradients``, in steps of 1-2-4, 1-3-10 or decades."""
        sizes = [abs(g) for g in gradients if g and isfinite(g)]
        if not sizes:
            return cls((), 0.0)
        return cls(_floors(min(sizes), max(sizes)), max(sizes))

    def band(self, gradient: float) -> int:
        """The band of a gradient, from 1; 0 for one that is 0 or not finite."""
        size = abs(gradient)
        if not size or not isfinite(size):
            return 0
        return max(1, BANDS - len(self.floors) + sum(size >= floor for floor in self.floors))

    def flag(self, gradient: float) -> str:
        """What is wrong with a gradient; empty where nothing is.

        >>> [Scale.of([1.0]).flag(g) for g in (0.5, 0.0, 1e-9, 2e4, float("-inf"), float("nan"))]
        ['', 'zero', 'vanishing', 'exploding', 'infinite', 'nan']
        """
        if gradient != gradient:
            return NAN
        size = abs(gradient)
        if size > HUGE:
            return LARGE if isfinite(size) else INFINITE
        return ZERO if not size else SMALL if size < max(TINY, VANISHING * self.largest) else ""


def _floors(least: float, most: float) -> tuple[float, ...]:
    """The lower bounds of at most ``BANDS`` bands, ascending, in the finest steps that cover ``least`` to ``most``."""
    if most < least * 2.0**BANDS / 2.0:
        top = floor(log2(most))
        return _down_to(least, [2.0 ** (top - i) for i in range(BANDS)])
    top = floor(log10(most))
    thirds = [f * 10.0**k for k in range(top, top - BANDS, -1) for f in (3.0, 1.0) if f * 10.0**k <= most][:BANDS]
    if thirds[-1] <= least:
        return _down_to(least, [float(f"{x:.0e}") for x in thirds])
    step = max(1, ceil((top - floor(log10(least))) / (BANDS - 1)))
    return _down_to(least, [float(f"1e{max(top - step * i, -323)}") for i in range(BANDS)])


def _down_to(least: float, floors: list[float]) -> tuple[float, ...]:
    """The descending ``floors`` up to the first that is at most ``least``, ascending."""
    last = next((i for i, start in enumerate(floors) if start <= least), len(floors) - 1)
    return tuple(sorted(set(floors[: last + 1])))
