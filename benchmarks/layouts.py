"""Arrays that lie otherwise against the fast layout, rows of lanes in float64: ``python -m benchmarks.layouts``.

A training step on two moons, and models over a million rows of ten columns, where memory counts. All ways must give the same
bits before they are timed, in turns; the calls' own results are in the time.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import compile, exp, log1p, tanh
from benchmarks import programs
from benchmarks.measure import best, machine, versions
from benchmarks.table import Section, duration, terminal
from benchmarks.workloads import moons

TARGET = 1.3
# A call, and what puts its gradient in the shape that the fast layout's has.
Ways = dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]]


def hinge(w: Any, x: Any, label: Any) -> Any:
    """The loss of the moons net at a point."""
    return moons.hinge(autograd, w, [x[0], x[1], label])


def nested_hinge(parameters: Any, x: Any, label: Any) -> Any:
    """The same of a list of arrays."""
    return hinge(np.concatenate(parameters), x, label)


def logistic(w: Any, x: Any, y: Any) -> Any:
    """Logistic regression."""
    return log1p(exp(-y * (w @ x)))


def small_net(w: Any, x: Any, y: Any) -> Any:
    """Ten inputs, four units."""
    return (sum(w[40 + k] * tanh(w[10 * k : 10 * k + 10] @ x) for k in range(4)) - y) ** 2


def step() -> Ways:
    """Value and gradient of the moons net's loss, 104 points, on one thread."""
    rng = np.random.default_rng(0)
    X, y = programs.moons(104)
    rows, y, w = np.array(X, dtype=float), np.array(y, dtype=float), rng.uniform(-1.0, 1.0, 337)
    rows = rows.astype(np.float32).astype(float)  # so that float32 has the same numbers
    parts = np.split(w, [48, 320])
    ways = ways_of(hinge, w, rows, y)
    nested = compile(nested_hinge, (None, 0, 0), "mean", threads=1)
    ways["a list of arrays, rows"] = lambda: nested.value_and_grad(parts, rows, y), np.concatenate
    return ways


def million(f: Any, size: int) -> Ways:
    """Value and gradient of a model over a million rows."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1_000_000, 10)).astype(np.float32).astype(float)
    return ways_of(f, rng.normal(size=size), x, rng.normal(size=len(x)))


def ways_of(f: Any, w: Any, rows: Any, y: Any) -> Ways:
    """The fast layout first."""
    lanes, over_rows = compile(f, (None, 1, 0), "mean", threads=1), compile(f, (None, 0, 0), "mean", threads=1)
    tables = {
        "rows": rows,
        "columns (Fortran order)": np.asfortranarray(rows),
        "rows of float32": rows.astype(np.float32),
        "every other column": np.repeat(rows, 2, axis=1)[:, ::2],
    }
    last = np.ascontiguousarray(rows.T)
    ways: Ways = {"fast layout": (lambda: lanes.value_and_grad(w, last, y), np.asarray)}
    for name, table in tables.items():
        ways[name] = (lambda table=table: over_rows.value_and_grad(w, table, y)), np.asarray
    return ways


def section(title: str, ways: Ways, turns: int) -> Section:
    """Times, and how many times that of the fast layout; ValueError where the bits differ."""
    (call, _), *others = ways.values()
    expected = call()
    for other, same_shape in others:
        value, gradient = other()
        if value != expected[0] or not np.array_equal(same_shape(gradient), expected[1]):
            raise ValueError(f"{title}: the results differ")
    times = best({name: call for name, (call, _) in ways.items()}, turns)
    table = Section(title, ["time", f"× fast layout, at most {TARGET}"])
    fastest = times["fast layout"]
    for name, time in times.items():
        verdict = "" if name == "fast layout" else f"{'✓' if time <= TARGET * fastest else '✗'} {time / fastest:.2f}"
        table.rows.append([name, duration(time), verdict])
    return table


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.layouts", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns: ten seconds")
    turns = 7 if parser.parse_args().quick else 40
    print(f"{machine()} · 1 thread · {versions('chainrule', 'llvmlite', 'numpy')}", file=sys.stderr)
    tables = [section("A step on two moons, 104 points", step(), turns)]
    tables += [
        section(f"A million rows of 10, {title}", million(f, size), turns)
        for title, f, size in (("logistic", logistic, 10), ("a net of 4 units", small_net, 44))
    ]
    print(terminal(tables))
    return 0


if __name__ == "__main__":
    sys.exit(main())
