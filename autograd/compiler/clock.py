"""How long compiling takes, and what for.

>>> clock = Clock()
>>> with clock.compiling(), clock.making_code():
...     pass
>>> clock.seconds >= clock.code > 0.0
True
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Clock:
    """The seconds that compiling has taken, ``code`` of them for machine code, and what was called; no code is held by it.

    ``calls`` and their ``lanes`` don't count those of the fast path, which say that there was one: ``reused``.
    """

    def __init__(self) -> None:
        self.seconds = self.code = 0.0
        self.calls = self.lanes = self.branches = 0
        self.reused = False

    @property
    def uncompiled(self) -> float:
        """About how many seconds the calls take without ``compile``: a trace runs f and its derivatives once."""
        return (self.seconds - self.code) / max(1, self.branches) * self.lanes

    @contextmanager
    def compiling(self) -> Iterator[None]:
        """Count what runs in this context, and what code is made in it no second time."""
        before, start = self.seconds, perf_counter()
        try:
            yield
        finally:
            self.seconds = before + perf_counter() - start

    @contextmanager
    def making_code(self) -> Iterator[None]:
        """Count what runs in this context as time for machine code too."""
        start = perf_counter()
        try:
            yield
        finally:
            taken = perf_counter() - start
            self.seconds += taken
            self.code += taken
