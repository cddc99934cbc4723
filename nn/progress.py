"""The progress bar of a training, where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from autograd.interop.packages import found
from nn.history import History


def bar(epochs: int, progress: bool | None) -> AbstractContextManager[Callable[[History, int], None]]:
    """A progress bar that shows the last epoch's numbers when some more are done, or nothing.

    Raises ImportError where one is asked for and tqdm isn't installed.
    """
    if progress and not found("tqdm"):
        raise ImportError("fit: progress=True needs the package tqdm: pip install tqdm")
    shown = _is_watched() and found("tqdm") is not None if progress is None else progress
    return _tqdm_bar(epochs) if shown else nullcontext(lambda _, __: None)


def _is_watched() -> bool:
    """Whether a person sees what is written to stderr: in a terminal or in Jupyter, and not in a file or a pipe."""
    return getattr(sys.stderr, "isatty", bool)() or type(sys.stderr).__module__.startswith("ipykernel")


@contextmanager
def _tqdm_bar(epochs: int) -> Iterator[Callable[[History, int], None]]:
    from tqdm import tqdm

    with tqdm(total=epochs, unit=" epochs", dynamic_ncols=True) as shown:

        def show(history: History, more: int) -> None:
            shown.set_postfix({name: f"{number:.3g}" for name, number in history.last().items()}, refresh=False)
            shown.update(more)

        yield show
