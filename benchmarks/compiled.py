"""The compiler against CasADi, JAX, numba, NumPy, PyTorch and C by hand: ``python -m benchmarks.compiled``.

First all sides compute value and gradient on the same data and must agree; only then are they timed, in turns, on the
same number of threads. Ratios hold, times depend on the machine.
"""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from autograd.compiler.runtime.jit import machine as processor
from benchmarks import overhead, rivals, roofline
from benchmarks.measure import best, machine, versions
from benchmarks.report import Outcome, agreement, nan_last, sections
from benchmarks.rivals.chainrule import OURS, PRIMAL
from benchmarks.rivals.rival import Setting, pin
from benchmarks.table import between, markdown, merged, read_between, terminal
from benchmarks.workloads import ALL, Workload, named

README = Path(__file__).with_name("README.md")
MARKS = "<!-- compiled: begin -->", "<!-- compiled: end -->"


def compared(workload: Workload, setting: Setting, peers: list[str]) -> tuple[Outcome | None, dict[str, str]]:
    """Everyone made ready and checked, None where we aren't; and who is missing."""
    w, d = workload.data(workload.lanes)
    forms, missing = rivals.ready(workload, w, d, setting, peers)
    if OURS not in forms:
        return None, missing
    results = {name: ready.result() for name, ready in forms.items()}
    _, gradient = results[OURS]
    value, _ = results[PRIMAL]
    differences = {}
    for name, (their_value, their_derivative) in results.items():
        pairs = [(value, their_value), (gradient, their_derivative)]
        differences[name] = max((apart(a, b) for a, b in pairs if b is not None), key=nan_last)
    floor = roofline.seconds(workload, workload.lanes) if setting.threads == 1 else None
    return Outcome(workload, forms, differences, roofline.nodes(workload), floor), missing


def apart(ours: Any, theirs: Any) -> float:
    """The largest difference relative to the largest entry."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape:
        raise ValueError(f"results of shapes {ours.shape} and {theirs.shape}")
    return float(np.abs(ours - theirs).max() / (np.abs(theirs).max() or 1.0))


def timed(outcome: Outcome, turns: int) -> None:
    """Fill in the times."""
    times = best({name: ready.run for name, ready in outcome.forms.items()}, turns)
    outcome.times = {name: time / outcome.workload.lanes for name, time in times.items()}


# -- the command -----------------------------------------------------------------------------------------


def caption(threads: int, missing: dict[str, str]) -> str:
    """When, where, with what."""
    about = versions("chainrule", "llvmlite", "numpy", "casadi", "jax", "numba", "torch", "micrograd")
    advice = "".join(f"\n{name} not installed, so not compared: {how}" for name, how in missing.items())
    vectors = {8: "AVX-512", 4: "AVX2", 2: "vectors of two"}.get(processor().widest, "no vectors")
    return f"{date.today()} · {machine()} · {vectors} · {threads} thread{'s' * (threads > 1)} · {about}{advice}"


def arguments() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiled", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns, compile times once and in this process")
    parser.add_argument("--markdown", action="store_true", help="also write the rows to the table in benchmarks/README.md")
    parser.add_argument("--threads", type=int, default=1, help="threads for those who can share lanes (default 1)")
    names = ", ".join(workload.name for workload in ALL)
    parser.add_argument("--only", default="", help=f"workloads, or how their names begin, with commas between: {names}")
    parser.add_argument("--peers", help=f"against whom, with commas between: {', '.join(rivals.PEERS)}")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds that a compilation may take (default 60)")
    parser.add_argument("--pictures", action="store_true", help="also draw docs/images/compile_time.png and lanes.png")
    options = parser.parse_args()
    options.peers = rivals.PEERS if options.peers is None else [name for name in options.peers.split(",") if name]
    for option, unknown, known in (
        ("--only", [name for name in options.only.split(",") if not named(name)], names),
        ("--peers", [name for name in options.peers if name not in rivals.PEERS], ", ".join(rivals.PEERS)),
    ):
        if unknown:
            parser.error(f"{option}: there is no {', '.join(unknown)}; there are {known}")
    if options.threads < 1:
        parser.error("--threads must be at least 1")
    return options


def run(options: argparse.Namespace) -> tuple[list[Outcome], dict[str, str]] | None:
    """Every workload; None, and why, if results differ."""
    setting = Setting(options.threads, options.quick, options.patience)
    outcomes, missing = [], {}
    chosen = {workload.name: workload for name in options.only.split(",") for workload in named(name)}
    for workload in chosen.values():
        print(f"{workload.name} …", file=sys.stderr, flush=True)
        outcome, absent = compared(workload, setting, options.peers)
        missing |= absent
        if outcome is None:
            continue
        if not outcome.agrees:
            print(terminal([agreement([outcome])]))
            print(f"{outcome.differences}\nThe results differ, so the times would mean nothing.", file=sys.stderr)
            return None
        timed(outcome, 5 if options.quick else 25)
        outcomes.append(outcome)
    return outcomes, missing


def main() -> int:
    """Compare, print, and with --markdown write the table to benchmarks/README.md. 1 if results differ."""
    options = arguments()
    pin(options.threads, "benchmarks.compiled")
    found = run(options)
    if found is None:
        return 1
    outcomes, missing = found
    tables, calls = sections(outcomes), overhead.section(5 if options.quick else 25)
    print(caption(options.threads, missing), *(terminal([table]) for table in [*tables, calls]), sep="\n\n")
    if options.markdown:
        tables = merged(read_between(README, MARKS), tables, [workload.title for workload in ALL])
        between(README, MARKS, f"{caption(options.threads, missing)}\n\n{markdown([*tables, calls])}")
    if options.pictures:
        from benchmarks import growth

        growth.draw(options.quick)
    return 0


if __name__ == "__main__":
    sys.exit(main())
