"""What came of the workloads, as tables: who agrees, how long a lane takes, how that compares, what compiling costs."""

import math
from dataclasses import dataclass, field

from benchmarks.rivals import by_hand, casadi, jax, micrograd, torch
from benchmarks.rivals.chainrule import AVX2, OURS, PRIMAL, ROWS, SCAN
from benchmarks.rivals.rival import Cost, Ready
from benchmarks.rivals.scalar_c import SCALAR_C
from benchmarks.table import Section, duration, ratio
from benchmarks.targets import Target, target
from benchmarks.workloads import Workload

TOLERANCE = 1e-9
PEERS = [casadi.VM, casadi.GENERATED, jax.NAME, by_hand.NUMBA, by_hand.NUMPY, torch.TORCH, torch.COMPILED]
COLUMNS = [SCALAR_C, PRIMAL, OURS, ROWS, SCAN, AVX2, *PEERS]
COMPILERS = [casadi.VM, casadi.GENERATED, jax.NAME, by_hand.NUMBA, torch.COMPILED]


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

    @property
    def target(self) -> Target:
        """What it should reach."""
        return target(self.workload.name)

    def of(self, name: str) -> str | None:
        """The form of that name, of several the fastest: ``JAX, scan`` and ``JAX, unrolled`` are both JAX's."""
        mine = [form for form in self.times if form == name or form.startswith(f"{name}, ")]
        mine = mine if name != OURS else [OURS]
        return min(mine, key=lambda form: self.times[form], default=None)

    def time(self, name: str) -> float | None:
        """Seconds a lane."""
        form = self.of(name)
        return None if form is None else self.times[form]

    def cost(self, name: str) -> Cost | None:
        """What compiling it took."""
        form = self.of(name)
        return None if form is None else self.forms[form].cost

    def best_peer(self) -> str | None:
        """The fastest who also has the gradient."""
        peers = [name for name in self.times if name not in (OURS, ROWS, SCAN, AVX2, PRIMAL, SCALAR_C)]
        return min(peers, key=lambda name: self.times[name], default=None)


def agreement(outcomes: list[Outcome]) -> Section:
    """The worst difference from ours."""
    section = Section("Value and gradient", ["lanes", "forms compared", "worst difference", "of", f"≤ {TOLERANCE:g}"])
    for outcome in outcomes:
        name, worst = max(outcome.differences.items(), key=lambda item: nan_last(item[1]))
        mark = "✓" if outcome.agrees else "✗"
        figures = [f"{outcome.workload.lanes}", f"{len(outcome.forms)}", f"{worst:.1e}", name, mark]
        section.rows.append([outcome.workload.title, *figures])
    return section


def nan_last(x: float) -> float:
    """What to sort by so that nan is the worst."""
    return math.inf if math.isnan(x) else x


def times(outcomes: list[Outcome]) -> Section:
    """Everyone's time of a lane."""
    section = Section("Time of a lane", COLUMNS)
    for outcome in outcomes:
        section.rows.append([outcome.workload.title, *(duration(outcome.time(name)) for name in COLUMNS)])
    return section


def ratios(outcomes: list[Outcome]) -> Section:
    """The gradient against one evaluation of f, against the fastest peer, against what its operations cost at least."""
    columns = ["÷ f in C", "÷ our f", "÷ roofline", "fastest peer", "× fastest peer", "× JAX", "× PyTorch"]
    section = Section("Value and gradient", columns)
    for outcome in outcomes:
        wanted, ours = outcome.target, outcome.times[outcome.target.form if outcome.target.form in outcome.times else OURS]
        peer, in_c, alone = outcome.best_peer(), outcome.time(SCALAR_C), outcome.time(PRIMAL)
        theirs = outcome.times[peer] if peer else None
        cells = [at_most(ours, in_c, wanted.in_c), f"{ours / alone:.1f}" if alone else "—"]
        cells += [at_most(ours, outcome.floor, floor_target(outcome), 1), peer or "—", ratio(theirs, ours, wanted.peer)]
        cells += [ratio(outcome.time(jax.NAME), ours, wanted.jax), ratio(any_torch(outcome), ours, wanted.torch)]
        section.rows.append([outcome.workload.title, *cells])
    return section


def floor_target(outcome: Outcome) -> float | None:
    """1.2 rooflines, asked for where the fastest peer is itself nearer than three."""
    peer = outcome.best_peer()
    near = peer and outcome.floor and outcome.times[peer] < 3.0 * outcome.floor
    return 1.2 if near and outcome.target.peer else None


def any_torch(outcome: Outcome) -> float | None:
    """PyTorch's time, eager or compiled."""
    found = [time for time in (outcome.time(torch.TORCH), outcome.time(torch.COMPILED)) if time]
    return min(found, default=None)


def at_most(ours: float, theirs: float | None, limit: float | None, digits: int = 2) -> str:
    """Our part of theirs, and whether that is as little as it should be.

    >>> at_most(1.0, 2.0, 1.0), at_most(3.0, 2.0, 1.2, 1), at_most(1.0, None, 1.0), at_most(1.0, 2.0, None)
    ('0.50 ✓ ≤ 1', '1.5 ✗ ≤ 1.2', '—', '0.50')
    """
    if theirs is None:
        return "—"
    part = ours / theirs
    verdict = "" if limit is None else f" {'✓' if part <= limit else '✗'} ≤ {limit:g}"
    return f"{part:.{digits}f}{verdict}"


def compiling(outcomes: list[Outcome]) -> Section:
    """From the function to the first result, in a process that has compiled something else before."""
    columns = ["nodes of f", "ours", "a node", *COMPILERS, "÷ CasADi VM", "÷ JAX", "by scan", "÷ JAX, by scan"]
    section = Section("Trace and compile", columns)
    for outcome in outcomes:
        ours = seconds(outcome, OURS) or math.nan
        cells = [f"{outcome.nodes}", duration(ours), duration(ours / outcome.nodes)]
        cells += [duration(seconds(outcome, name)) for name in COMPILERS]
        wanted = outcome.target
        cells += [at_most(ours, seconds(outcome, casadi.VM), wanted.compile_vm, 1)]
        cells += [at_most(ours, seconds(outcome, jax.NAME), wanted.compile_jax, 1)]
        scan, theirs = seconds(outcome, SCAN), seconds(outcome, jax.NAME)
        cells += [duration(scan), at_most(scan, theirs, wanted.scan_jax, 1) if scan else "—"]
        section.rows.append([outcome.workload.title, *cells])
    return section


def seconds(outcome: Outcome, name: str) -> float | None:
    """To compile."""
    cost = outcome.cost(name)
    return cost and cost.seconds


def paying(outcomes: list[Outcome]) -> Section:
    """Memory while compiling, and from how many lanes on ours is ahead with compiling counted."""
    peers, measured = COMPILERS[:3], [OURS, casadi.VM, jax.NAME]  # gcc's memory isn't counted
    columns = [*measured, *[f"ahead of {peer} from" for peer in peers]]
    section = Section("Memory while compiling", columns)
    for outcome in outcomes:
        costs = [outcome.cost(name) for name in measured]
        limit = outcome.target.megabytes
        cells = [f"{cost.megabytes:.0f} MB" if cost else "—" for cost in costs]
        if limit and costs[0]:
            cells[0] += f" {'✓' if costs[0].megabytes <= limit else '✗'} ≤ {limit:g}"
        section.rows.append([outcome.workload.title, *cells, *[pays(outcome, outcome.of(peer)) for peer in peers]])
    return section


def pays(outcome: Outcome, peer: str | None) -> str:
    """From how many lanes on we are ahead, compilation included."""
    ours, theirs = outcome.forms[OURS].cost, outcome.forms[peer].cost if peer else None
    if peer is None or ours is None or theirs is None:
        return "—"
    later, faster = ours.seconds - theirs.seconds, outcome.times[peer] - outcome.times[OURS]
    if later <= 0.0 and faster >= 0.0:
        return "1 lane"
    return f"{math.ceil(later / faster):,} lanes".replace(",", " ") if faster > 0.0 else "never"


def training(outcomes: list[Outcome]) -> Section:
    """A step of the nets."""
    who = [OURS, ROWS, jax.NAME, by_hand.NUMPY, torch.TORCH, torch.COMPILED, casadi.GENERATED, micrograd.MICROGRAD]
    section = Section("Time of a step", ["points", *who])
    for outcome in outcomes:
        lanes = outcome.workload.lanes
        steps = [duration(time * lanes if (time := outcome.time(name)) else None) for name in who]
        section.rows.append([outcome.workload.title, f"{lanes}", *steps])
    return section


def sections(outcomes: list[Outcome]) -> list[Section]:
    """All of them."""
    found = [agreement(outcomes), times(outcomes), ratios(outcomes), compiling(outcomes), paying(outcomes)]
    nets = [outcome for outcome in outcomes if outcome.workload.rows]
    return [*found, training(nets)] if nets else found
