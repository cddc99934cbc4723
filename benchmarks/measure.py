"""Times and bytes, taken so that they can be compared: alternating, medians, one collector for all."""

import gc
import math
import os
import platform
import sys
import tracemalloc
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

Program = Callable[[], Any]


def seconds(programs: Mapping[str, Program], repetitions: int, collector: bool = True) -> dict[str, float]:
    """The median time of each program. They take turns, so a busy moment of the machine hits them all.

    Every run starts with a clean heap. What is loaded already, PyTorch's modules say, is frozen: the collector
    walks the objects of the program alone, as if no other were there.
    """
    times: dict[str, list[float]] = {name: [] for name in programs}
    gc.collect()
    gc.freeze()
    try:
        for _ in range(repetitions):
            for name, program in programs.items():
                times[name].append(_timed(program, collector))
    finally:
        gc.unfreeze()
    return {name: median(taken) for name, taken in times.items()}


def best(programs: Mapping[str, Program], turns: int, span: float = 0.01) -> dict[str, float]:
    """The best time of a call, of programs that may be too short to be timed alone. In each turn a program runs for
    ``span`` seconds, with its caches warm, and the turn's mean counts; they take turns, so all have quiet moments.
    """
    calls = {name: _calls(program, span) for name, program in programs.items()}
    times = dict.fromkeys(programs, math.inf)
    gc.collect()
    gc.freeze()
    try:
        for _ in range(turns):
            for name, program in programs.items():
                start = perf_counter()
                for _ in range(calls[name]):
                    program()
                times[name] = min(times[name], (perf_counter() - start) / calls[name])
    finally:
        gc.unfreeze()
    return times


def _calls(program: Program, span: float) -> int:
    """How many calls take about ``span`` seconds, after the first, which warm up: a compiled function learns from two."""
    for _ in range(3):
        program()
    calls = 1
    while True:
        start = perf_counter()
        for _ in range(calls):
            program()
        taken = perf_counter() - start
        if taken >= span / 4:
            return max(1, round(calls * span / taken))
        calls *= 4


def _timed(program: Program, collector: bool) -> float:
    gc.collect()
    if not collector:
        gc.disable()
    try:
        start = perf_counter()
        program()
        return perf_counter() - start
    finally:
        gc.enable()


def bytes_held(program: Program) -> int:
    """What the result of ``program`` occupies, in bytes that Python allocated."""
    program()  # whatever is filled once, a cache say, is filled now
    gc.collect()
    tracemalloc.start()
    try:
        result = program()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        del result
        gc.collect()
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return held - left


def largest_difference(ours: list[float], theirs: list[float]) -> float:
    """The largest difference of two gradients, relative to the largest entry; nan if either has a nan."""
    scale = max(map(abs, theirs)) or 1.0
    return worst([abs(a - b) / scale for a, b in zip(ours, theirs, strict=True)])


def worst(differences: list[float]) -> float:
    """The largest, nan if any is nan.

    >>> worst([0.0, 1e-16, math.nan])
    nan
    """
    return math.nan if any(map(math.isnan, differences)) else max(differences)


def machine() -> str:
    """Processor, cores and operating system in a line."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions(*distributions: str) -> str:
    """Python's version and those of the distributions that are installed."""
    found = [f"Python {sys.version.split()[0]}"]
    for name in distributions:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
