"""What every rival gives: a call to time, its result to check, and how long it took to get there."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


@dataclass
class Ready:
    """Compiled and warm. ``result`` gives the value and the gradient (None: it has none)."""

    run: Callable[[], Any]
    result: Callable[[], tuple[Any, Any]]
    compiling: float | None = None  # seconds
    kept: Any = None  # what memory the call uses


class Setting(NamedTuple):
    """What all rivals are told."""

    threads: int = 1
    quick: bool = False
    patience: float = 30.0  # seconds that a compilation may take


class MissingError(Exception):
    """A rival isn't installed."""


def needs(*modules: str) -> None:
    """MissingError, with what to install, unless the modules are there."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise MissingError(f"pip install {' '.join(missing)}")


XLA_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def pin(threads: int, module: str) -> None:
    """As many processors as threads, for everyone. The command starts anew: libraries look when they are loaded."""
    settings = {f"{name}_NUM_THREADS": str(threads) for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    if threads == 1:
        settings["XLA_FLAGS"] = XLA_ONE_THREAD
    if all(os.environ.get(name) == value for name, value in settings.items()):
        return
    os.environ.update(settings)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    os.execv(sys.executable, [sys.executable, "-m", module, *sys.argv[1:]])


@cache
def folder() -> Path:
    """Where C is compiled, removed at the end."""
    kept = tempfile.TemporaryDirectory(prefix="chainrule-")
    _KEPT.append(kept)
    return Path(kept.name)


_KEPT: list[Any] = []
_COUNT = count()


def gcc(name: str, source: str, flags: tuple[str, ...] = ("-O3",)) -> Path:
    """A shared library of the source, for this processor."""
    unique = f"{name}-{next(_COUNT)}"  # a library that is loaded must not be written over
    file, library = folder() / f"{unique}.c", folder() / f"{unique}.so"
    file.write_text(source)
    command = ["gcc", *flags, "-march=native", "-shared", "-fPIC", "-w", str(file), "-o", str(library), "-lm"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise MissingError("apt install gcc") from None
    return library


def objective(workload: Any, values: Any, w: Any, lanes: int) -> Any:
    """The mean of lanes' values and what comes once a call, in NumPy."""
    from benchmarks.workloads.workload import numpy_functions

    total = np.mean(values)
    return total + workload.rest(numpy_functions(), w, lanes) if workload.rest else total
