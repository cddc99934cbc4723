"""Functions that tests send to workers, which find them by this module's name; and what workers are asked there."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import autograd
from autograd import Value, compile, scan, tanh
from autograd.compiler import worker
from autograd.compiler.compiled import RECALLED

LONG = 2_000  # steps, so that a task has few lanes


def long(h: Any, w: Any, x: Any, rounds: int = LONG) -> Any:
    return scan(lambda h, _: (h * w + x, None), h, length=rounds)[0]


def loss(w: Any, x: Any, y: Any) -> Any:
    h = x[0] * w[0] + x[1] * w[1] + w[2]
    return (long(h, w[0], x[1]) - y) ** 2


def branching(w: Any, x: Any, y: Any) -> Any:
    h = x[0] * w[0] + x[1] * w[1] + w[2]
    if h > 0.3:
        h = tanh(3 * h)
    elif h > 0:
        h = h * h
    return (long(h, w[0], x[1]) - y) ** 2


def nested(net: Any, row: Any, scale: Any = 1.0, *, rounds: int = LONG) -> Any:
    h = net["b"] + row["x"][0] * net["w"][0][0] + row["x"][1] * net["w"][1][0]
    return scale * (long(h, net["w"][0][0], row["x"][1], rounds) - row["y"]) ** 2


def gain(w: Any, x: Any) -> Any:
    x = long(x, w, x)
    return [x, x * x]


def mixed(w: Any, x: Any) -> Any:
    """Its result has another structure where x is negative."""
    if x > 0:
        return [gain(w, x)[0], x]
    return gain(w, x)[0], x


def failing(w: Any, x: Any) -> Any:
    """An error at a branch."""
    if x > 5:
        raise ZeroDivisionError("no such x")
    return gain(w, x)[0]


def dying(w: Any, x: Any, y: Any, flag: str) -> Any:
    """The first process that traces it dies, and takes the file along, but for the one whose number is in the file."""
    if Path(flag).exists() and Path(flag).read_text() != str(os.getpid()):
        Path(flag).unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return loss(w, x, y)


weight = Value(2.0)


def capturing(w: Any, x: Any) -> Any:
    return gain(w, x)[0] * weight


@compile(in_axes=(None, 0))
def decorated(w: Any, x: Any) -> Any:
    return gain(w, x)


def compilations(seconds: float = 0.0) -> tuple[int, int]:
    """This process, and how many branches it has traced of functions that came from another."""
    time.sleep(seconds)  # so that another worker has the next call
    came = [compiled for compiled, _ in worker.FUNCTIONS.found.values()] + list(RECALLED.found.values())
    return os.getpid(), sum(compiled.explain().branches for compiled in {id(c): c for c in came}.values())  # type: ignore[attr-defined]


def with_version(version: str, function: Any, *args: Any) -> Any:
    """What a worker does that has this version."""
    ours = autograd.__version__
    autograd.__version__ = version
    try:
        return function(*args)
    finally:
        autograd.__version__ = ours
