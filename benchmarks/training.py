"""``nn.fit`` against PyTorch and JAX, whole steps and epochs: ``python -m benchmarks.training``.

First everyone trains from the same parameters on the same batches, and the losses of every epoch must agree; only then are
they timed, in turns, on one thread. Ratios hold, times depend on the machine.
"""

import argparse
import gc
import math
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter

import nn
from autograd import no_grad
from benchmarks.measure import best, largest_difference, machine, versions
from benchmarks.rivals.rival import MissingError, pin
from benchmarks.table import Section, between, duration, markdown, ratio, terminal
from benchmarks.training_jobs import LEARNERS, Job, Learner, Ours, digits, moons

README = Path(__file__).with_name("README.md")
MARKS = "<!-- training: begin -->", "<!-- training: end -->"
TOLERANCE = 1e-12
OURS, TORCH, JAX, SCAN = "chainrule", "PyTorch", "JAX, steps", "JAX, scan"
WITH_COMPILING = 20  # epochs
EPOCHS = 500  # of the moons in a call: what a call takes besides is a hundredth then


def learners(job: Job) -> dict[str, Learner]:
    """Everyone who is installed, ready to begin."""
    found = {}
    for name, make in LEARNERS.items():
        try:
            found[name] = make(job)
        except MissingError as error:
            print(f"{name} isn't compared: {error}", file=sys.stderr)
    return found


def agreement(jobs: list[tuple[Job, int]]) -> tuple[Section, bool]:
    """The largest difference of everyone's losses from ours, relative to the largest, and of the parameters."""
    section, all_agree = Section("Losses", ["epochs", "largest difference", "of parameters", f"≤ {TOLERANCE:g}"]), True
    for job, epochs in jobs:
        found, orders = learners(job), job.orders(epochs)
        ours, _ = found[OURS].epochs(epochs)
        for name in (name for name in found if name != OURS):
            theirs, _ = found[name].epochs(epochs, orders)
            apart = largest_difference(ours, theirs)
            parameters = largest_difference(found[OURS].numbers(), found[name].numbers())
            agrees = apart <= TOLERANCE
            all_agree = all_agree and agrees
            cells = [str(epochs), f"{apart:.1e}", f"{parameters:.1e}", "✓" if agrees else "✗"]
            section.rows.append([f"{job.name}, {name}", *cells])
    return section, all_agree


def epochs(title: str, job: Job, n: int, turns: int, targets: dict[str, float]) -> Section:
    """The time of an epoch, everything included."""
    found = learners(job)
    times = best({name: (lambda learner=learner: learner.epochs(n)) for name, learner in found.items()}, turns, 0.05)
    section = Section(title, ["an epoch", "÷ ours"])
    for name in found:
        against = "—" if name == OURS else ratio(times[name], times[OURS], targets.get(name))
        section.rows.append([name, duration(times[name] / n), against])
    return section


# -- with compiling, each in a process of its own ---------------------------------------------------


def alone(name: str) -> float:
    """Seconds from the net to the end of 20 epochs, in this process, in which x + 1 was compiled before."""
    import autograd

    autograd.compile(lambda x: x + 1.0)(1.0)
    job, _ = digits()
    if name.startswith("JAX"):
        from benchmarks.rivals.jax import loaded

        loaded()
    start = perf_counter()
    LEARNERS[name](job).epochs(WITH_COMPILING)
    return perf_counter() - start


def with_compiling(turns: int) -> Section:
    """The best of some processes, in turns."""
    names = [name for name in learners(digits()[0]) if name in (OURS, JAX, SCAN)]
    times = dict.fromkeys(names, math.inf)
    for _ in range(turns):
        for name in names:
            command = [sys.executable, "-m", "benchmarks.training", "--alone", name]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            times[name] = min(times[name], float(done.stdout))
    section = Section(f"digits, {WITH_COMPILING} epochs with compiling", ["seconds", "ours ÷ theirs"])
    for name, seconds in times.items():
        share = times[OURS] / seconds
        verdict = f" {'✓' if share <= 1.5 else '✗'} ≤ 1.5" if name == JAX else ""
        section.rows.append([name, f"{seconds:.2f}", "—" if name == OURS else f"{share:.2f}{verdict}"])
    return section


# -- predictions and memory --------------------------------------------------------------------------


def predictions(turns: int) -> Section:
    """``nn.accuracy`` of the rows that weren't trained on, against a loop over the model."""
    job, (X, y) = digits()
    model, rows, labels = job.model(), X.tolist(), y.tolist()

    def by_the_graph() -> float:
        with no_grad():
            outputs = [[score.data for score in model(row)] for row in rows]
        hits = [output.index(max(output)) == t for output, t in zip(outputs, labels, strict=True)]
        return sum(hits) / len(hits)

    programs: dict[str, Callable[[], float]] = {
        "a loop over model(x)": by_the_graph,
        "nn.accuracy": lambda: nn.accuracy(model, X, y),
        "nn.accuracy, data in lists": lambda: nn.accuracy(model, rows, labels),
    }
    if len({program() for program in programs.values()}) > 1:
        raise RuntimeError("the accuracies differ")
    times = best(programs, turns)
    section = Section(f"digits, {len(rows)} rows predicted", ["all rows", "× as fast"])
    for name, time in times.items():
        target = 100.0 if name == "nn.accuracy" else None
        cell = "—" if name == "a loop over model(x)" else ratio(times["a loop over model(x)"], time, target)
        section.rows.append([name, duration(time), cell])
    return section


def memory(epochs: int = 1000) -> Section:
    """What the process has in memory, from the hundredth epoch on, and what is left to Python's collector."""
    learner = Ours(moons())
    learner.epochs(1)
    sizes: list[int] = []
    gc.collect()
    gc.disable()
    for _ in range(10):
        learner.epochs(epochs // 10)
        sizes.append(resident())
    left = gc.collect()
    gc.enable()
    grown = max(sizes[1:]) / sizes[0] - 1.0
    verdict = f"{100 * grown:+.2f} % {'✓' if abs(grown) <= 0.01 else '✗'} ≤ 1 %"
    section = Section(f"moons, memory over {epochs} epochs", ["at first", "at the end", "grown", "left to the collector"])
    section.rows.append([OURS, f"{sizes[0] / 1e6:.1f} MB", f"{sizes[-1] / 1e6:.1f} MB", verdict, str(left)])
    return section


def resident() -> int:
    """The memory of this process, in bytes."""
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


# -- the command -------------------------------------------------------------------------------------


def sections(turns: int) -> list[Section]:
    """Everything that is timed."""
    return [
        epochs("moons 2-16-16-1, a step on a batch of 100", moons(), EPOCHS, turns, {TORCH: 10.0, JAX: 3.0}),
        epochs("digits 64-32-10, batches of 32", digits()[0], WITH_COMPILING, turns, {TORCH: 8.0, JAX: 1.5}),
        with_compiling(3),
        predictions(turns),
        memory(),
    ]


def caption() -> str:
    """When, where, with what."""
    about = versions("chainrule", "llvmlite", "numpy", "torch", "jax", "optax", "scikit-learn")
    return f"{date.today()} · {machine()} · 1 thread · {about}"


def arguments() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns")
    parser.add_argument("--markdown", action="store_true", help="also write the table in benchmarks/README.md")
    parser.add_argument("--alone", choices=LEARNERS, help="print the seconds of 20 epochs with compiling, and end")
    return parser.parse_args()


def main() -> int:
    """Compare, print, and with --markdown write the table. 1 if losses differ."""
    options = arguments()
    pin(1, "benchmarks.training")
    if options.alone:
        print(alone(options.alone))
        return 0
    agreed, all_agree = agreement([(moons(), 50), (digits()[0], 3)])
    print(caption(), terminal([agreed]), sep="\n\n")
    if not all_agree:
        print("The losses differ, so the times would mean nothing.", file=sys.stderr)
        return 1
    timed = sections(5 if options.quick else 25)
    print("", terminal(timed), sep="\n")
    if options.markdown:
        between(README, MARKS, f"{caption()}\n\n{markdown([agreed, *timed])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
