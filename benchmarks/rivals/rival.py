"""What every rival gives: forms, each a call to time, its result to check, and what it cost to get there."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np


class Cost(NamedTuple):
    """Of a compilation: seconds from the function to the first result, and the memory this took meanwhile."""

    seconds: float
    megabytes: float


@dataclass
class Ready:
    """Compiled and warm. ``result`` gives the value and the gradient (None: it has none)."""

    run: Callable[[], Any]
    result: Callable[[], tuple[Any, Any]]
    cost: Cost | None = None
    kept: Any = None  # what memory the call uses


class Setting(NamedTuple):
    """What all rivals are told."""

    threads: int = 1
    quick: bool = False
    patience: float = 60.0  # seconds that a compilation may take


class Form(NamedTuple):
    """One way to compute value and gradient; what ``make`` does is timed in a process of its own if it ``compiles``."""

    name: str
    make: Callable[[Any, Any, Setting], Ready]
    compiles: bool = True
    late: bool = False  # so slow to compile that a quick run leaves it out


class MissingError(Exception):
    """A rival isn't installed."""


def needs(*modules: str) -> None:
    """MissingError, with what to install, unless the modules are there."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise MissingError(f"pip install {' '.join(missing)}")


# -- what compiling costs ------------------------------------------------------------------------------


class Stopwatch:
    """Seconds, and by how much the most memory in use exceeds that of now.

    >>> watch = Stopwatch()
    >>> watch.cost().megabytes < 100.0
    True
    """

    def __init__(self) -> None:
        with suppress(OSError):  # Linux forgets the peak so far
            Path("/proc/self/clear_refs").write_text("5")
        self._before = peak()
        self._start = perf_counter()

    def cost(self) -> Cost:
        """Since the watch was made. The memory of a C compiler isn't counted."""
        return Cost(perf_counter() - self._start, peak() - self._before)


_UNIT = (1 if sys.platform == "darwin" else 1024) / 1e6


def peak() -> float:
    """The most memory this process has had, in MB."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


def fresh(workload: str, form: str, setting: Setting) -> Cost | None:
    """What the form costs in a process of its own; None, and a line that says so, if it lasts longer than our patience."""
    command = [sys.executable, "-m", "benchmarks.fresh", workload, form, str(setting.threads)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=setting.patience + 10.0, check=False)
    except subprocess.TimeoutExpired:
        print(f"{workload}: {form} isn't compiled after {setting.patience:.0f} s, so left out", file=sys.stderr)
        return None
    if done.returncode:
        print(f"{workload}: {form} failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return Cost(*json.loads(done.stdout.splitlines()[-1]))


# -- one processor, one C compiler ---------------------------------------------------------------------

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
