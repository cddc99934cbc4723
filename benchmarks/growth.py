"""Compile time and memory of growing programs, the time of a lane among more and more: ``python -m benchmarks.growth``.

Draws docs/images/compile_time.png and docs/images/lanes.png. Every program is compiled in a process of its own.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from autograd.interop.files import write_figure
from benchmarks import rivals
from benchmarks.measure import best
from benchmarks.rivals import casadi, jax
from benchmarks.rivals.rival import Form, Setting, Stopwatch, pin
from benchmarks.table import Section, duration, terminal
from benchmarks.workloads import Workload, bs, heston

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZES, QUICK_SIZES = (1_000, 10_000, 100_000, 1_000_000), (1_000, 10_000)
JAX_SIZES, QUICK_JAX_SIZES = (100, 300, 1_000, 3_000), (100, 300)
LANES, QUICK_LANES = (1, 8, 64, 512, 4096, 32_768, 100_000), (1, 64, 4096)
WIDTH = 32
PATIENCE = 580.0  # seconds for a program
OURS, JAX, CASADI = "chainrule", "JAX jit", "CasADi C"
COLOURS = {OURS: "#1a5fb4", JAX: "#c64600", CASADI: "#5e5c64"}
Point = dict[str, float]


# -- programs that grow --------------------------------------------------------------------------------


def chain(_: Any, size: int, w: Any, x: Any) -> Any:
    """x ← x + w₀(w₁ − x²), again and again."""
    a, b = w[0], w[1]
    for _ in range(size // 4):
        x = x + a * (b - x * x)
    return x


def by_scan(m: Any, size: int, w: Any, x: Any) -> Any:
    """The chain as ``scan`` has it: its step is traced once."""
    a, b = w[0], w[1]
    return m.scan(lambda x, _: (x + a * (b - x * x), None), x, length=size // 4)[0]


def tangle(_: Any, size: int, w: Any, x: Any) -> Any:
    """x and a difference of what was computed shortly before, anything of it: no loop is in it."""
    draw, xs = random.Random(1), [x * 0.1 * i for i in range(WIDTH)]
    for _ in range(size // 3):
        moved = w[draw.randint(0, 1)] * (draw.choice(xs) - draw.choice(xs))
        x = x + moved if draw.random() < 0.5 else x - moved
        xs[draw.randrange(WIDTH)] = x
    return x


def net(m: Any, size: int, w: Any, x: Any) -> Any:
    """Layers of 32 tanh neurons, spelled out; all layers share their weights, as a recurrent net's do."""
    layer, w = [x * (0.1 * i) for i in range(WIDTH)], [w[i] for i in range(WIDTH * WIDTH)]
    for _ in range(max(1, round(size / (WIDTH * 2 * WIDTH)))):
        layer = [m.tanh(_product(w[i * WIDTH : (i + 1) * WIDTH], layer)) for i in range(WIDTH)]
    total = layer[0]
    for y in layer[1:]:
        total = total + y
    return total


def _product(weights: Any, xs: list[Any]) -> Any:
    total = weights[0] * xs[0]
    for a, b in zip(weights[1:], xs[1:], strict=True):
        total = total + a * b
    return total


PROGRAMS: dict[str, tuple[Callable[..., Any], int]] = {
    "chain": (chain, 2),
    "chain by scan": (by_scan, 2),
    "net": (net, WIDTH * WIDTH),
    "tangle": (tangle, 2),
}
STYLES = dict(zip(PROGRAMS, ("-", ":", "--", "-."), strict=True))


def compile_once(who: str, kind: str, size: int) -> Point:
    """Seconds to the first gradient of a program of about ``size`` operations, and the process's memory after it."""
    f, weights = PROGRAMS[kind]
    w, x = np.full(weights, 0.05), np.linspace(0.1, 0.9, 64)
    call = first_call(who, f)
    call(100, w, x)  # wakes whatever wakes once
    watch = Stopwatch()
    call(size, w, x)
    cost = watch.cost()
    return {"nodes": size, "seconds": cost.seconds, "megabytes": cost.megabytes}


def first_call(who: str, f: Callable[..., Any]) -> Callable[..., Any]:
    """What compiles the gradient and runs it."""
    if who == OURS:
        return lambda size, w, x: autograd.compile(
            lambda w, x: f(autograd, size, w, x), in_axes=(None, 0), reduce="mean", threads=1
        ).value_and_grad(w, x)
    library = jax.loaded()
    m = jax.functions(library)
    m.tanh = library.numpy.tanh
    # On one number, not 64 lanes: that compiles 25 times as fast.
    return lambda size, w, x: library.block_until_ready(
        library.jit(library.value_and_grad(lambda w, x: f(m, size, w, x)))(w, x[0])
    )


def measured(who: str, kind: str, size: int) -> Point | None:
    """The same in a fresh process; None if it takes too long."""
    command = [sys.executable, "-m", "benchmarks.growth", "--one", who, kind, str(size)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        print(f"{who}, {kind} of {size}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    point: Point = json.loads(done.stdout)
    return point


def growth(quick: bool) -> dict[str, list[Point]]:
    """A series for each of our programs, and JAX's chain where it is installed."""
    plans = {f"{OURS}, {kind}": (OURS, kind, QUICK_SIZES if quick else SIZES) for kind in PROGRAMS}
    plans[f"{JAX}, chain"] = JAX, "chain", QUICK_JAX_SIZES if quick else JAX_SIZES
    series: dict[str, list[Point]] = {}
    for name, (who, kind, sizes) in plans.items():
        for size in sizes:
            point = measured(who, kind, size)
            if point is None:
                break  # the next one takes longer still
            series.setdefault(name, []).append(point)
    return series


# -- lanes -----------------------------------------------------------------------------------------------


def lanes(quick: bool) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """Workload → who → (lanes, seconds a lane), value and gradient."""
    found: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for workload in (bs.BS, heston.HESTON):
        series = found.setdefault(workload.title, {OURS: [], JAX: [], CASADI: []})
        for count in QUICK_LANES if quick else LANES:
            w, d = workload.data(count)
            made = {name: form.make(w, d, Setting()) for name, form in contenders(workload).items()}
            for name, time in best({name: ready.run for name, ready in made.items()}, 3 if quick else 7).items():
                series[name].append((count, time / count))
    return found


def contenders(workload: Workload) -> dict[str, Form]:
    """Those who are drawn, as far as they are installed; JAX in its first form."""
    forms = {form.name: form for form in rivals.forms(workload)[0]}
    by_jax = next((name for name in forms if name.startswith(f"{jax.NAME}, ")), "")
    chosen = {OURS: OURS, JAX: by_jax, CASADI: casadi.GENERATED}
    return {who: forms[name] for who, name in chosen.items() if name in forms}


# -- pictures ----------------------------------------------------------------------------------------------


def axes(columns: int) -> tuple[Any, Any]:
    """A figure of log-log axes side by side, with a quiet grid."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, found = plt.subplots(1, columns, figsize=(9.0, 3.8), layout="constrained")
    for each in found:
        each.set(xscale="log", yscale="log")
        each.grid(color="#dddddd", linewidth=0.6)
        each.set_axisbelow(True)
        each.spines[["top", "right"]].set_visible(False)
    return figure, found


def draw_growth(series: dict[str, list[Point]]) -> None:
    """Compile time of an operation, and memory, against operations."""
    figure, (left, right) = axes(2)
    for name, points in series.items():
        who, kind = name.split(", ")
        style = {
            "color": COLOURS[who],
            "linestyle": STYLES[kind],
            "marker": "o",
            "markersize": 4,
            "label": name,
        }
        nodes = [point["nodes"] for point in points]
        left.plot(nodes, [point["seconds"] / point["nodes"] * 1e6 for point in points], **style)
        if who == OURS:
            right.plot(nodes, [max(point["megabytes"], 0.1) for point in points], **style)
    left.set(title="trace and compile, value and gradient", xlabel="operations of f", ylabel="µs an operation")
    right.set(title="memory meanwhile", xlabel="operations of f", ylabel="MB")
    for each in (left, right):
        each.legend(frameon=False, fontsize=8)
    write_figure(IMAGES / "compile_time.png", figure, dpi=110)


def draw_lanes(found: dict[str, dict[str, list[tuple[int, float]]]]) -> None:
    """Time of a lane against lanes."""
    figure, both = axes(len(found))
    for each, (title, series) in zip(both, found.items(), strict=True):
        for name, points in series.items():
            if points:
                counts, seconds = zip(*points, strict=True)
                each.plot(
                    counts, [time * 1e9 for time in seconds], color=COLOURS[name], marker="o", markersize=4, label=name
                )
        each.set(title=title, xlabel="lanes", ylabel="ns a lane, value and gradient")
        each.legend(frameon=False, fontsize=8)
    write_figure(IMAGES / "lanes.png", figure, dpi=110)


def table(series: dict[str, list[Point]]) -> Section:
    """The figures of the first picture."""
    section = Section("Trace and compile", ["operations", "time", "an operation", "memory"])
    for name, points in series.items():
        for point in points:
            nodes, seconds = point["nodes"], point["seconds"]
            cells = [f"{nodes:.0f}", duration(seconds), duration(seconds / nodes), f"{point['megabytes']:.0f} MB"]
            section.rows.append([name, *cells])
    return section


def draw(quick: bool) -> Section:
    """Measure, print and draw both pictures."""
    series = growth(quick)
    section = table(series)
    print(terminal([section]))
    draw_growth(series)
    draw_lanes(lanes(quick))
    return section


def main() -> None:
    """Both pictures; or, for a process of its own, one program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small programs, few lanes")
    parser.add_argument(
        "--one", nargs=3, metavar=("WHO", "PROGRAM", "SIZE"), help="compile one program and print its figures"
    )
    options = parser.parse_args()
    if options.one:
        who, kind, size = options.one
        print(json.dumps(compile_once(who, kind, int(size))))
        return
    pin(1, "benchmarks.growth")
    draw(options.quick)


if __name__ == "__main__":
    main()
