"""The legend of the scale of magnitudes: the width and colour of each band, and the meaning of each mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from autograd.drawing.layout.sizes import LABEL, text_width
from autograd.drawing.scene.model import Scene
from autograd.drawing.scene.scale import BANDS, MARKS, MEANINGS, Scale
from autograd.interop.text import number

LINE = 17.0  # pixels from a line of the legend to the next
SAMPLE, AIR = 26.0, 18.0  # length of a sample, space between entries


@dataclass(frozen=True, slots=True)
class Entry:
    """A sample of a ``band`` (none for 0) with its ``text``, ``x`` pixels from the left."""

    band: int
    text: str
    x: float
    width: float


def legend(scene: Scene) -> list[list[Entry]]:
    """The legend's lines: the bands, and each mark that occurs."""
    if scene.scale is None:
        return []
    flags = Counter(filter(None, [edge.flag for edge in scene.edges]))
    marks = [(0, f"{MARKS[flag]} {flag}: {MEANINGS[flag]}") for flag in MARKS if flags[flag]]
    first = [(0, "|gradient|" if scene.scale.floors else "no gradient to measure"), *_bands(scene.scale)]
    return [_line(first), *(_line([mark]) for mark in marks)]


def _bands(scale: Scale) -> Iterator[tuple[int, str]]:
    """The bands that are used, the largest gradients first."""
    for i, start in enumerate(reversed(scale.floors)):
        yield BANDS - i, f"≥ {number(start)}"


def _line(entries: list[tuple[int, str]]) -> list[Entry]:
    placed, x = [], 0.0
    for band, text in entries:
        width = text_width(text, LABEL) + (SAMPLE + 6.0 if band else 0.0)
        placed.append(Entry(band, text, x, width))
        x += width + AIR
    return placed


def extent(lines: list[list[Entry]]) -> tuple[float, float]:
    """Width and height of the legend."""
    if not lines:
        return 0.0, 0.0
    return max(line[-1].x + line[-1].width for line in lines), LINE * len(lines) + AIR / 2.0
