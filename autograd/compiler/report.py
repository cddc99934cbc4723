"""What a compiled function is made of: a table for the terminal, and its numbers as fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from autograd.compiler.signature import Leaf
from autograd.compiler.specialisation import Specialisation
from autograd.interop.text import count, grouped_digits, shortened

HEAD = ("transform", "arguments", "branches", "loops", "operations", "lanes", "threads", "seconds")
LEFT = 2  # columns of text
WIDEST = 48  # letters in the column of arguments


@dataclass(frozen=True)
class SpecialisationReport:
    """One transform for one shape of arguments."""

    transform: str
    by: tuple[str, ...]  # the arguments it is differentiated by
    arguments: tuple[str, ...]  # each number or array, its shape in a lane, and whether it has lanes
    branches: int  # ways through f
    loops: int  # in the programs of all branches
    operations: int  # of those programs, as ``print(f.program)`` counts them
    lanes: int  # of a vector, that are computed at once: 1 at a point
    threads: int  # that share the lanes, at most
    python: bool  # whether it calls back into Python, for a primitive say
    seconds: float  # to trace and compile

    @classmethod
    def of(cls, each: Specialisation) -> SpecialisationReport:
        """That of a specialisation as it is now."""
        options, spec, codes = each.options, each.spec, each.codes
        by = options.argnums if isinstance(options.argnums, tuple) else (options.argnums,)
        differentiates = options.transform not in ("value", "hvp", "jvp")
        python = any(code.calls_python for code in codes)
        return cls(
            options.transform,
            tuple(spec.name_of(k) for k in by) if differentiates else (),
            (*map(_text_of, spec.leaves), *(f"{entry.name}={shortened(repr(entry.value))}" for entry in spec.static)),
            len(each.branches),
            sum(code.layout.loops for code in codes),
            sum(branch.program.size for branch in each.branches),
            max((code.width for code in codes), default=1) if spec.lane_leaves else 1,
            each.threads if spec.lane_leaves and not python else 1,
            python,
            options.clock.seconds,
        )

    def cells(self) -> tuple[str, ...]:
        """Its row in the table."""
        transform = " ".join([self.transform, *(["by", ", ".join(self.by)] if self.by else [])])
        numbers = (self.branches, self.loops, self.operations, self.lanes, self.threads)
        arguments = ", ".join(self.arguments) or "none"
        if len(arguments) > WIDEST:
            arguments = shortened(", ".join(_structures(self.arguments)), WIDEST)
        return (shortened(transform, 40), arguments, *map(grouped_digits, numbers), f"{self.seconds:.3f}")


def _structures(arguments: Iterable[str]) -> Iterator[str]:
    """Arguments, of one that is made of several how many, so that lists of other lengths can be told apart.

    >>> list(_structures(["xs[0] by lane", "xs[1] by lane", "a"]))
    ['xs (2 by lane)', 'a']
    """
    for name, group in groupby(arguments, key=lambda text: re.split(r"[\[. =]", text, maxsplit=1)[0]):
        texts = list(group)
        lanes = " by lane" * all(text.endswith(" by lane") for text in texts)
        yield texts[0] if len(texts) == 1 else f"{name} ({len(texts)}{lanes})"


def _text_of(leaf: Leaf) -> str:
    shape = f" {leaf.shape}" if leaf.shape else ""
    return f"{leaf.name}{shape}{' by lane' if leaf.axis is not None else ''}"


@dataclass(frozen=True, repr=False)
class CompileReport:
    """What ``f.explain()`` gives: a row for every transform and shape of arguments that was called so far."""

    name: str
    specialisations: tuple[SpecialisationReport, ...]

    @property
    def branches(self) -> int:
        """Ways through f that were traced, of all specialisations."""
        return sum(each.branches for each in self.specialisations)

    @property
    def operations(self) -> int:
        """Operations of all programs."""
        return sum(each.operations for each in self.specialisations)

    @property
    def loops(self) -> int:
        """Loops of all programs."""
        return sum(each.loops for each in self.specialisations)

    @property
    def seconds(self) -> float:
        """What tracing and compiling have taken, in all."""
        return sum(each.seconds for each in self.specialisations)

    def __str__(self) -> str:
        if not self.specialisations:
            return f"{self.name}: nothing is compiled yet, the first call does it"
        ways = count(len(self.specialisations), "specialisation")
        head = f"{self.name}: {ways}, {count(self.operations, 'operation')}, compiled in {self.seconds:.3f} s"
        python = ["  * calls Python back, on one thread"] if any(each.python for each in self.specialisations) else []
        rows = [(*each.cells()[:-1], each.cells()[-1] + " *" * each.python) for each in self.specialisations]
        return "\n".join([head, *_table([HEAD, *rows]), *python])

    __repr__ = __str__


def _table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Text to the left, numbers to the right, a column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [x.ljust(w) if k < LEFT else x.rjust(w) for k, (x, w) in enumerate(zip(row, widths, strict=True))]
        yield f"  {'  '.join(cells)}".rstrip()
