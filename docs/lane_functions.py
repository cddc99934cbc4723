"""Renew the part of docs/accuracy.md on functions over lanes: the worst error of each, beside that of glibc's libmvec.

    python -m docs.lane_functions

Each function is computed at some hundred thousand points of the suite's domains (tests/references.py). What is furthest from
the machine's 80-bit functions is measured against mpmath; erf and erfc, which have no such function, at fewer points.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import compile
from autograd.elementary.functions import BINARY, FUNCTIONS
from autograd.interop.files import write_atomically
from autograd.rules.table import FLOATS
from benchmarks.functions import libmvec
from tests.references import REFERENCES, derivative, ulps

PAGE = Path(__file__).parent / "accuracy.md"
TITLE = "## Functions over lanes"
POINTS, WITHOUT_REFERENCE = 200_000, 4_000
MEASURED = 60  # of the points, those with the largest errors
NUMPY = {"pow": "power", "atan2": "arctan2", **{name: f"arc{name[1:]}" for name in FUNCTIONS if name.startswith("a")}}
POSITIVE = ("acosh", "log", "log2", "log10")  # of no negative numbers
FURTHEST = {  # the worst points that other samples have met
    "asin": (-0.5241807926887955,),
    "asinh": (0.1200639308654257,),
    "atan": (1.0000620301240115,),
    "atanh": (-0.24069547646661768,),
    "erf": (-0.05495391542668514,),
    "exp2": (-245.4824358399071,),
}
Rows = Any  # an array with a row for each argument
HEAD = """
Over lanes compiled code has functions of its own (`autograd/elementary`), which are held to 2 ulp. Their worst errors in ulp
at {count} points of their domains, from the last subnormal number to the largest, and of those of one argument at as many
close to 0, 1 and −1; beside them those of libmvec, glibc's vector library, at the same points. Made by
`python -m docs.lane_functions`. What the polynomials alone contribute is proved by `scripts/make_vector_math.py`.

| function | worst error | at | libmvec |
|---|---|---|---|
"""


class Found(NamedTuple):
    """The largest error in ulp, and where it is."""

    error: float
    at: tuple[float, ...]


def points(name: str, count: int) -> Rows:
    """Points of the suite's domains, in rows."""
    random, reference, arity = Random(name), REFERENCES[name], 1 + (name in BINARY)
    samplers = [sampler for sampler in (reference.whole, reference.sampler, reference.hard) if sampler]
    drawn = [samplers[i % len(samplers)](random)[:arity] for i in range(count)]
    if arity == 1 and name not in POSITIVE:
        drawn += [(subnormal, near_one, around_zero)[i % 3](random) for i in range(count)]
    drawn += [(x,) for x in FURTHEST.get(name, ())] * 64  # as many as are left out below at most
    return np.array(drawn).T[:, : len(drawn) // 64 * 64].copy()


def subnormal(random: Random) -> tuple[float, ...]:
    """A subnormal number of any size."""
    return (random.choice((-1, 1)) * 5e-324 * random.randint(1, 2 ** random.randint(1, 52)),)


def near_one(random: Random) -> tuple[float, ...]:
    """A number close to 1 or −1, where formulas change."""
    return (random.choice((-1, 1)) * (1.0 + random.uniform(-1.0, 1.0) * 10.0 ** random.uniform(-16.0, 0.0)),)


def around_zero(random: Random) -> tuple[float, ...]:
    """A number of a size that angles and exponents have."""
    return (random.choice((-1, 1)) * 10.0 ** random.uniform(-2.0, 1.0),)


def ours(name: str) -> Callable[..., Any]:
    """The function in lanes."""
    return compile(getattr(autograd, name), in_axes=0)


def worst(name: str, function: Callable[..., Any], at: Rows) -> Found:
    """The largest error among the points that look worst."""
    results, fine = function(*at), getattr(np, NUMPY.get(name, name), None)
    chosen = np.arange(len(results))
    if fine is not None:
        with np.errstate(all="ignore"):
            exact = fine(*at.astype(np.longdouble))
            rounded = exact.astype(float)
            errors = np.where(np.isfinite(rounded), np.abs((results - exact) / np.spacing(np.abs(rounded))), 0.0)
        chosen = np.argsort(errors.astype(float))[-MEASURED:]
    return max(_error(name, tuple(at[:, k].tolist()), float(results[k])) for k in chosen)


def _error(name: str, x: tuple[float, ...], result: float) -> Found:
    if FLOATS.__dict__[name](*x) == result:
        return Found(0.0, x)
    return Found(ulps(result, derivative(REFERENCES[name].function, x, (0,) * len(x))), x)


def section() -> str:
    """The part of the page."""
    rows = []
    for name in sorted(FUNCTIONS):
        at = points(name, POINTS if hasattr(np, NUMPY.get(name, name)) else WITHOUT_REFERENCE)
        mine = worst(name, ours(name), at)
        try:
            theirs = f"{worst(name, libmvec(name), at).error:.2f}"
        except (AttributeError, OSError):
            theirs = "–"
        rows.append(f"| `{name}` | {mine.error:.2f} | {', '.join(map(repr, mine.at))} | {theirs} |\n")
    return TITLE + "\n" + HEAD.format(count=f"{POINTS:,}".replace(",", " ")) + "".join(rows) + "\n"


def on_page() -> str:
    """The part as it stands on the page."""
    page = PAGE.read_text(encoding="utf-8")
    return page[page.index(TITLE) : page.index("## Where accuracy ends")]


def main() -> None:
    """The command."""
    if np.finfo(np.longdouble).nmant < 63:
        raise SystemExit("python -m docs.lane_functions needs 80-bit floats, as x86 has them, for what it measures against")
    write_atomically(PAGE, PAGE.read_text(encoding="utf-8").replace(on_page(), section()))


if __name__ == "__main__":
    main()
