"""The positions of the columns: as close as their widths, the bends between them and the borders of groups allow.

From top to bottom columns are rows; the code speaks of left to right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from autograd.drawing.scene.groups import Path

NARROW, BEND = 24.0, 90.0  # pixels between two columns: the least, and the most that is added for steep edges
STEEP = 0.28  # pixels added for a pixel that an edge climbs
BORDER = 9.0  # pixels from the contents of a group to its border


@dataclass(frozen=True, slots=True)
class Span:
    """An interval on one axis."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Spacing:
    """From 0 to ``end``: the middle of each column, and the span of each group with its borders."""

    middles: list[float]
    groups: dict[Path, Span]
    end: float


def spacing(
    widths: list[float],
    climbs: list[float],
    spans: dict[Path, tuple[int, int]],
    titles: Mapping[Path, float] = MappingProxyType({}),
    head: float = 0.0,
) -> Spacing:
    """Space columns of ``widths``, after each of which edges climb up to ``climbs`` pixels.

    ``spans`` has the first and last column of each group, which is at least as wide as its title; ``head`` is the
    height of a title above a group's first row, from top to bottom.

    >>> spacing([10.0, 10.0], [0.0], {("a",): (1, 1)}, {("a",): 5.0})
    Spacing(middles=[5.0, 48.0], groups={('a',): Span(start=34.0, end=62.0)}, end=62.0)
    """
    starts, ends = _nesting(spans, 0), _nesting(spans, 1)
    before, after = _most(starts, spans, 0), _most(ends, spans, 1)
    wider = _room_for_titles(widths, spans, titles)
    middles, at = [], 0.0
    for column, width in enumerate(widths):
        if column:
            at += NARROW + min(BEND, STEEP * climbs[column - 1])
        at += before[column] * (BORDER + head) + wider[column] / 2.0
        middles.append(at + width / 2.0)
        at += width + wider[column] / 2.0 + after[column] * BORDER
    placed = {
        path: Span(
            middles[first] - (widths[first] + wider[first]) / 2.0 - starts[path] * (BORDER + head),
            middles[last] + (widths[last] + wider[last]) / 2.0 + ends[path] * BORDER,
        )
        for path, (first, last) in spans.items()
    }
    return Spacing(middles, placed, at)


def _nesting(spans: dict[Path, tuple[int, int]], side: int) -> dict[Path, int]:
    """For each group the number of borders at its first (``side`` 0) or last (1) column, its own and those inside it."""
    depth: dict[Path, int] = {}
    for path in sorted(spans, key=len, reverse=True):
        inner = [depth[child] for child in depth if child[:-1] == path and spans[child][side] == spans[path][side]]
        depth[path] = 1 + max(inner, default=0)
    return depth


def _most(depth: dict[Path, int], spans: dict[Path, tuple[int, int]], side: int) -> dict[int, int]:
    """The largest number of borders at each column."""
    most: dict[int, int] = defaultdict(int)
    for path, nested in depth.items():
        column = spans[path][side]
        most[column] = max(most[column], nested)
    return most


def _room_for_titles(
    widths: list[float], spans: dict[Path, tuple[int, int]], titles: Mapping[Path, float]
) -> dict[int, float]:
    """The width that groups lack for their titles, added to the column in the middle of each."""
    wider: dict[int, float] = defaultdict(float)
    for path, (first, last) in spans.items():
        columns = range(first, last + 1)
        has = sum(widths[c] + wider[c] for c in columns) + NARROW * (last - first)
        wider[(first + last) // 2] += max(0.0, titles.get(path, 0.0) - has)
    return wider
