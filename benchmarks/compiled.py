"""The compiler against CasADi, JAX, numba, NumPy, PyTorch and C by hand: ``python -m benchmarks.compiled``.

First all sides compute value and gradient on the same data and must agree; only then are they timed, in turns, on the
same number of threads. Ratios hold, times depend on the machine.
"""

import argparse
import math
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import overhead, rivals, roofline
from benchmarks.measure import best, machine, versions
from benchmarks.rivals import by_hand, casadi, jax, micrograd, torch
from benchmarks.rivals.chainrule import AVX2, OURS, PRIMAL
from benchmarks.rivals.rival import Ready, Setting, pin
from benchmarks.rivals.scalar_c import SCALAR_C
from benchmarks.table import Section, between, duration, markdown, ratio, terminal
from benchmarks.workloads import ALL, NAMES, Workload

README = Path(__file__).with_name("README.md")
MARKS = "<!-- compiled: begin -->", "<!-- compiled: end -->"
TOLERANCE = 1e-9
COLUMNS = [SCALAR_C, PRIMAL, OURS, AVX2, casadi.VM, casadi.GENERATED, jax.NAME, by_hand.NUMBA, by_hand.NUMPY, torch.TORCH]


@dataclass
class Outcome:
    """What came of a workload: times of a lane in seconds, worst differences of value and gradient from ours."""

    workload: Workload
    forms: dict[str, Ready]
    differences: dict[str, float]
    nodes: int
    floor: float | None = None  # seconds a lane, by the costs of its operations
    times: dict[str, float] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Nan doesn't."""
        return all(difference <= TOLERANCE for difference in self.differences.values())

    def of(self, name: str) -> str | None:
        """The form of that name, JAX's fastest."""
        mine = [form for form in self.times if form == name or (name == jax.NAME and form.startswith(name))]
        return min(mine, key=lambda form: self.times[form], default=None)

    def time(self, name: str) -> float | None:
        """Seconds a lane."""
        form = self.of(name)
        return None if form is None else self.times[form]

    def best_peer(self) -> str | None:
        """The fastest who also has the gradient."""
        peers = [name for name in self.times if name not in (OURS, AVX2, PRIMAL, SCALAR_C)]
        return min(peers, key=lambda name: self.times[name], default=None)


# -- run ---------------------------------------------------------------------------------------------


def compared(workload: Workload, setting: Setting) -> tuple[Outcome, dict[str, str]]:
    """Everyone made ready and checked; and who is missing."""
    w, d = workload.data(workload.lanes)
    forms, missing = rivals.ready(workload, w, d, setting)
    results = {name: ready.result() for name, ready in forms.items()}
    _, gradient = results[OURS]
    value, _ = results[PRIMAL]
    differences = {}
    for name, (their_value, their_derivative) in results.items():
        pairs = [(value, their_value), (gradient, their_derivative)]
        differences[name] = max((apart(a, b) for a, b in pairs if b is not None), key=_nan_last)
    floor = roofline.seconds(workload, workload.lanes) if setting.threads == 1 else None
    return Outcome(workload, forms, differences, roofline.nodes(workload), floor), missing


def apart(ours: Any, theirs: Any) -> float:
    """The largest difference relative to the largest entry."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape:
        raise ValueError(f"results of shapes {ours.shape} and {theirs.shape}")
    return float(np.abs(ours - theirs).max() / (np.abs(theirs).max() or 1.0))


def _nan_last(x: float) -> float:
    return math.inf if math.isnan(x) else x


def timed(outcome: Outcome, turns: int) -> None:
    """Fill in the times."""
    times = best({name: ready.run for name, ready in outcome.forms.items()}, turns)
    outcome.times = {name: time / outcome.workload.lanes for name, time in times.items()}


# -- the sections of the table -------------------------------------------------------------------------


def agreement(outcomes: list[Outcome]) -> Section:
    """The worst difference from ours."""
    section = Section("Value and gradient", ["lanes", "forms compared", "worst difference", "of", f"≤ {TOLERANCE:g}"])
    for outcome in outcomes:
        name, worst = max(outcome.differences.items(), key=lambda item: _nan_last(item[1]))
        figures = [
            f"{outcome.workload.lanes}",
            f"{len(outcome.forms)}",
            f"{worst:.1e}",
            name,
            "✓" if outcome.agrees else "✗",
        ]
        section.rows.append([outcome.workload.title, *figures])
    return section


def times(outcomes: list[Outcome]) -> Section:
    """Everyone's time of a lane."""
    columns = [name for name in COLUMNS if any(outcome.time(name) for outcome in outcomes)]
    section = Section("Time of a lane", columns)
    for outcome in outcomes:
        section.rows.append([outcome.workload.title, *(duration(outcome.time(name)) for name in columns)])
    return section


def ratios(outcomes: list[Outcome]) -> Section:
    """The gradient against one evaluation of f, against the fastest peer, against what its operations cost at least."""
    section = Section("Value and gradient", ["÷ f in C", "÷ our f", "÷ roofline", "fastest peer", "× fastest peer"])
    for outcome in outcomes:
        ours, peer = outcome.times[OURS], outcome.best_peer()
        in_c, alone = outcome.time(SCALAR_C), outcome.times[PRIMAL]
        theirs = outcome.times[peer] if peer else None
        cells = [f"{ours / in_c:.2f}" if in_c else "—", f"{ours / alone:.1f}"]
        cells += [f"{ours / outcome.floor:.1f}" if outcome.floor else "—", peer or "—", ratio(theirs, ours, 3.0)]
        section.rows.append([outcome.workload.title, *cells])
    return section


def compiling(outcomes: list[Outcome]) -> Section:
    """From the function to the first result, and the lanes from which that has paid."""
    peers = [casadi.VM, casadi.GENERATED, jax.NAME, by_hand.NUMBA]
    peers = [name for name in peers if any(outcome.of(name) for outcome in outcomes)]
    section = Section(
        "Trace and compile", ["nodes of f", "ours", "a node", *peers, *[f"ahead of {p} from" for p in peers[:3]]]
    )
    for outcome in outcomes:
        ours = outcome.forms[OURS].compiling or 0.0
        node = ours / outcome.nodes
        theirs = [outcome.of(name) for name in peers]
        cells = [f"{outcome.nodes}", duration(ours), f"{duration(node)} {'✓' if node <= 80e-6 else '✗'} ≤ 80 µs"]
        cells += [duration(outcome.forms[name].compiling if name else None) for name in theirs]
        section.rows.append([outcome.workload.title, *cells, *[pays(outcome, name) for name in theirs[:3]]])
    return section


def pays(outcome: Outcome, peer: str | None) -> str:
    """From how many lanes on we are ahead, compilation included."""
    if peer is None:
        return "—"
    later = (outcome.forms[OURS].compiling or 0.0) - (outcome.forms[peer].compiling or 0.0)
    faster = outcome.times[peer] - outcome.times[OURS]
    if later <= 0.0 and faster >= 0.0:
        return "1 lane"
    return f"{math.ceil(later / faster):,} lanes".replace(",", " ") if faster > 0.0 else "never"


def training(outcome: Outcome) -> Section:
    """A step of the net on two moons, with targets of its own."""
    section = Section("One step on two moons, 100 points", ["time", "ours is faster by"])
    targets = {jax.NAME: 4.0, by_hand.NUMPY: 3.0, micrograd.MICROGRAD: 10_000.0}
    lanes, ours = outcome.workload.lanes, outcome.times[OURS]
    for name in (OURS, jax.NAME, by_hand.NUMPY, torch.TORCH, casadi.GENERATED, micrograd.MICROGRAD):
        time = outcome.time(name)
        if time is not None:
            cell = "" if name == OURS else ratio(time, ours, targets.get(name))
            section.rows.append([outcome.of(name) or name, duration(time * lanes), cell])
    return section


def sections(outcomes: list[Outcome]) -> list[Section]:
    """All of them."""
    found = [agreement(outcomes), times(outcomes), ratios(outcomes), compiling(outcomes)]
    found += [training(outcome) for outcome in outcomes if outcome.workload.name == "moons"]
    return found


# -- the command -----------------------------------------------------------------------------------------


def caption(threads: int, missing: dict[str, str]) -> str:
    """When, where, with what."""
    about = versions("chainrule", "llvmlite", "numpy", "casadi", "jax", "numba", "torch", "micrograd")
    advice = "".join(f"\n{name} not installed, so not compared: {how}" for name, how in missing.items())
    return f"{date.today()} · {machine()} · {threads} thread{'s' * (threads > 1)} · {about}{advice}"


def arguments() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiled", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns, no unrolled JAX: about a minute")
    parser.add_argument("--markdown", action="store_true", help="also write the table to benchmarks/README.md")
    parser.add_argument("--threads", type=int, default=1, help="threads for those who can share lanes (default 1)")
    parser.add_argument("--only", default=",".join(NAMES), help=f"workloads, with commas between: {','.join(NAMES)}")
    parser.add_argument("--pictures", action="store_true", help="also draw docs/images/compile_time.png and lanes.png")
    options = parser.parse_args()
    unknown = [name for name in options.only.split(",") if name not in NAMES]
    if unknown:
        parser.error(f"--only: no workload {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if options.threads < 1:
        parser.error("--threads must be at least 1")
    return options


def main() -> int:
    """Compare, print, and with --markdown write the table to benchmarks/README.md. 1 if results differ."""
    options = arguments()
    pin(options.threads, "benchmarks.compiled")
    setting = Setting(options.threads, options.quick)
    outcomes, missing = [], {}
    for workload in (workload for workload in ALL if workload.name in options.only.split(",")):
        print(f"{workload.name} …", file=sys.stderr)
        outcome, absent = compared(workload, setting)
        missing |= absent
        if not outcome.agrees:
            print(terminal([agreement([outcome])]))
            print(f"{outcome.differences}\nThe results differ, so the times would mean nothing.", file=sys.stderr)
            return 1
        timed(outcome, 5 if options.quick else 25)
        outcomes.append(outcome)
    tables = [*sections(outcomes), overhead.section(5 if options.quick else 25)]
    print(caption(options.threads, missing), *(terminal([table]) for table in tables), sep="\n\n")
    if options.markdown:
        between(README, MARKS, f"{caption(options.threads, missing)}\n\n{markdown(tables)}")
    if options.pictures:
        from benchmarks import growth

        growth.draw(options.quick)
    return 0


if __name__ == "__main__":
    sys.exit(main())
