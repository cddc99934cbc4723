"""``Summary``: the parts of a model as a table, and a table in plain text.

>>> print(aligned(["part", "parameters"], [["layer0", "48"], ["layer1", "17"]], left=1))
part    parameters
layer0          48
layer1          17
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd.interop.html import table
from autograd.interop.plain import on_screen

HEAD = ["part", "what it is", "parameters", "frozen"]


@dataclass(frozen=True)
class Part:
    """A row: a part's name and how deep it lies, what it is, how many parameters it has and how many of them are frozen."""

    name: str
    depth: int
    kind: str
    parameters: int
    frozen: int

    @property
    def share(self) -> str:
        """How many are frozen, as a word where that says more."""
        return "–" if not self.frozen else "all" if self.frozen == self.parameters else f"{self.frozen}"


@dataclass(frozen=True)
class Summary:
    """What ``model.summary()`` gives: it prints as a table, and Jupyter shows one. The last row is the model."""

    parts: list[Part]

    def __str__(self) -> str:
        rows = [["  " * p.depth + p.name, p.kind, f"{p.parameters:,}".replace(",", " "), p.share] for p in self.parts]
        return on_screen(aligned(HEAD, rows, left=2))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """What Jupyter shows."""
        rows = [["\u2003" * p.depth + p.name, p.kind, p.parameters, p.share] for p in self.parts]
        return table(HEAD, rows)


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> str:
    """A table in plain text: the first ``left`` columns begin, the others end below one another."""
    lines = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(_padded(line, widths, left)).rstrip() for line in lines)


def _padded(line: Sequence[str], widths: Sequence[int], left: int) -> list[str]:
    padded = enumerate(zip(line, widths, strict=True))
    return [cell.ljust(width) if k < left else cell.rjust(width) for k, (cell, width) in padded]
