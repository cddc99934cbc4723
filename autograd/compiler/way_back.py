"""The derivative of a scan: another one, in reverse.

Its step computes the step again from the state that it got, which the scan has stacked, and pulls the adjoints of the new
state and of y back to the state and x. As it is a scan itself, it is differentiated again in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from autograd.backward import pull_back
from autograd.compiler.adjoints import (
    NONE,
    Activity,
    AdjointStretch,
    Into,
    ListAdjoint,
    OneOf,
    RecordedAdjoint,
    activity_of,
    joined,
    packed_as,
    unpacked,
)
from autograd.compiler.masks import Local
from autograd.compiler.scans import (
    ALL,
    Body,
    Read,
    Run,
    ScanRule,
    body_of,
    component,
    constants_of,
    hub_of,
    known_numbers,
    reads_of,
    replayed,
    stack_of,
)
from autograd.graph import number_of
from autograd.modes import context
from autograd.modes.anomaly import derivative_of
from autograd.transforms.types import Scalar
from autograd.value import Value, record

LocalDerivatives: TypeAlias = Callable[[Value], Sequence[Local[Scalar]]]
PEELED = 2  # steps at the end that are written out, where adjoints come together from several sides


class PulledBack(OneOf):
    """From a scan's results to one of its operands."""

    __slots__ = ("way_back",)

    def __init__(self, way_back: WayBack, k: int):
        super().__init__(k)
        self.way_back = way_back

    def applied(self, upstream: ListAdjoint) -> Any:
        return self.way_back.adjoints(upstream)[self.k]


class Pulled(NamedTuple):
    """What one step pulls back: the adjoints of the state that it got, of constants so far, of x."""

    states: list[RecordedAdjoint]
    constants: list[RecordedAdjoint]
    xs: list[RecordedAdjoint]


def pulled_through(
    body: Body,
    states: Sequence[Scalar],
    xs: Sequence[Scalar],
    constants: Sequence[Scalar],
    seeds: Sequence[RecordedAdjoint],
    local_derivatives: LocalDerivatives,
    residuals: Sequence[Value] = (),
) -> Pulled:
    """The adjoints of a step's leaves, its outputs' and its constants' being ``seeds``.

    The step is recorded anew, but the numbers of its residuals are there.
    """
    step = replayed(body, [*states, *xs], constants)
    known_numbers().update(zip(step.residuals, residuals, strict=False))
    root = record(ALL, 0.0, (*step.outputs, *step.constants))
    order = [root, *reversed(step.order)]
    seed = ListAdjoint(dict(enumerate(seeds)))
    found: Mapping[Value, Any] = pull_back(root, seed, local_derivatives, None, derivative_of, order)
    first = len(body.states)
    parts = step.leaves[:first], step.constants, step.leaves[first:]
    return Pulled(*[[found.get(leaf, NONE) for leaf in part] for part in parts])


class WayBack:
    """The adjoints of a scan's operands: the last steps one by one while what comes to them differs, then all in one."""

    def __init__(self, hub: Value, rule: ScanRule, local_derivatives: LocalDerivatives):
        self.hub, self.rule, self.body = hub, rule, rule.body
        self.local_derivatives = local_derivatives
        self.reads, self.constants = reads_of(hub, rule), constants_of(hub, rule)
        count = len(self.body.states)
        self.stacks = range(len(self.body.outputs) - count)
        stacks = [Read(hub, rule.first_of(j), 1) for j in self.stacks]
        stored = stacks[len(stacks) - count - len(self.body.residuals) :]  # the residuals, then the states that steps got
        self.residuals, self.states = stored[: len(self.body.residuals)], stored[len(self.body.residuals) :]
        self.known: tuple[ListAdjoint | None, list[Any]] = (None, [])

    def adjoints(self, upstream: ListAdjoint) -> list[Any]:
        """One for each operand: that of a number, or the bundle of a list."""
        if self.known[0] is not upstream:
            self.known = upstream, Descent(self, upstream).run()
        return self.known[1]


class Descent:
    """One way back through a scan: the adjoints where it is, before step ``left``."""

    def __init__(self, scan: WayBack, upstream: ListAdjoint):
        self.scan, self.upstream, self.left = scan, upstream, scan.rule.times
        self.carried = [upstream.at(k) for k in range(len(scan.body.states))]
        self.totals = [NONE] * len(scan.body.constants)
        self.found = [ListAdjoint({}) for _ in scan.reads]  # for what was read

    def run(self) -> list[Any]:
        """The adjoints of the operands in order."""
        peeled = 0
        while self.left and self._anything():
            sweep = Sweep(self) if self.left > 1 else None
            if sweep and (peeled == PEELED or sweep.even):
                sweep.finish()
            else:
                self._peel()
                peeled += 1
        return [*self.carried, *self.totals, *self.found]

    def _anything(self) -> bool:
        some = [adjoint for adjoint in self.carried if adjoint.x is not None]
        return bool(some or self.upstream.stretches or any(k >= len(self.carried) for k in self.upstream.parts))

    def _peel(self) -> None:
        """The last step that is left, as nodes of its own."""
        scan, i = self.scan, self.left - 1
        stacked = [self.upstream.at(scan.rule.first_of(j) + i) for j in scan.stacks]
        states, xs = [read.at(i) for read in scan.states], [read.at(i) for read in scan.reads]
        pulled = pulled_through(
            scan.body, states, xs, scan.constants, [*self.carried, *stacked, *self.totals], scan.local_derivatives
        )
        self.carried, self.totals, self.left = pulled.states, pulled.constants, i
        for k, (read, adjoint) in enumerate(zip(scan.reads, pulled.xs, strict=True)):
            self.found[k] += Into(read.first + read.stride * i).applied(adjoint)


class Arriving(NamedTuple):
    """Adjoints of one thing that was stacked, one for each step that is left, and their masks."""

    x: Read
    mask: Read | None

    @property
    def activity(self) -> Activity:
        return "x" if self.mask is None else "xm"

    def reads(self, times: int) -> list[Read]:
        """Both, from the last step to the first."""
        return [read.backwards(times) for read in self if read]


class Sweep:
    """All steps that are left, in one scan that runs in reverse: its step pulls adjoints through the step.

    Its states are the adjoints that are carried from step to step, each of a activity that holds for all steps.
    """

    def __init__(self, way: Descent):
        self.way, self.body, self.times = way, way.scan.body, way.left
        self.even = True
        self.sources = [self._sources(j) for j in way.scan.stacks]
        self.carried = [activity_of(adjoint) for adjoint in way.carried]
        self.totals = [activity_of(adjoint) for adjoint in way.totals]
        self.xs: list[Activity] = []
        self.reverse = self._traced()

    def _sources(self, j: int) -> list[Arriving]:
        """What came to the j-th stack."""
        first = self.way.scan.rule.first_of(j)
        parts = {k - first: x for k, x in self.way.upstream.parts.items() if first <= k < first + self.times}
        sources = []
        for each in self.way.upstream.stretches:
            seen = each.seen_from(first, self.times)
            if seen and seen.length == self.times:
                sources.append(Arriving(seen.x, seen.mask))
            elif seen:  # of some of the steps that are left
                some = {i: each.at(first + i) for i in range(self.times)}
                parts = {i: parts.get(i, NONE) + some[i] for i in some if i in parts or some[i].x is not None}
        if parts:
            self.even = self.even and (
                len(parts) == self.times or len(parts.keys() - {self.times - 1}) not in (0, self.times - 1)
            )
            sources.append(self._of_parts([parts.get(i, NONE) for i in range(self.times)]))
        return sources

    def _of_parts(self, adjoints: Sequence[RecordedAdjoint]) -> Arriving:
        activity = "x" if all(activity_of(adjoint) == "x" for adjoint in adjoints) else "xm"
        x, *mask = [
            stack_of(numbers) for numbers in zip(*[packed_as(activity, adjoint) for adjoint in adjoints], strict=True)
        ]
        return Arriving(x, mask[0] if mask else None)

    def _traced(self) -> Body:
        """The step, with activities that hold in all steps."""
        tracer: Any = context.tracer()
        run: Run = tracer.within_a_step(self._step)
        while True:
            before = self.carried, self.totals
            body = body_of(run, [0.0] * len("".join(before[0] + before[1])), self._numbers())
            if before == (self.carried, self.totals):
                return body
            self.even = self.even and before[0] == self.carried

    def _reads(self) -> list[Read]:
        scan, sources = self.way.scan, [source for each in self.sources for source in each]
        return [read.backwards(self.times) for read in (*scan.states, *scan.reads, *scan.residuals)] + [
            read for source in sources for read in source.reads(self.times)
        ]

    def _numbers(self) -> list[float]:
        return [number_of(read.at(0)) for read in self._reads()]

    def _step(self, states: list[Value], xs: list[Value]) -> list[Scalar]:
        """New adjoints of the state and of constants, those of x, and the old ones."""
        count, reads, residuals = len(self.body.states), len(self.body.xs), len(self.body.residuals)
        activities = [*self.carried, *self.totals]
        seeds = unpacked(activities, states)
        stacked = self._stacked(xs[count + reads + residuals :])
        carried, totals = seeds[:count], seeds[count:]
        scan, seeds = self.way.scan, [*carried, *stacked, *totals]
        others, known = xs[count : count + reads], xs[count + reads :][:residuals]
        pulled = pulled_through(self.body, xs[:count], others, scan.constants, seeds, scan.local_derivatives, known)
        self.carried = [
            joined(activity, activity_of(new)) for activity, new in zip(self.carried, pulled.states, strict=True)
        ]
        self.totals = [activity_of(new) for new in pulled.constants]
        self.xs = list(map(activity_of, pulled.xs))
        news = zip([*self.carried, *self.totals, *self.xs], [*pulled.states, *pulled.constants, *pulled.xs], strict=True)
        return [x for activity, new in news for x in packed_as(activity, new)] + states

    def _stacked(self, numbers: Sequence[Value]) -> list[RecordedAdjoint]:
        """The adjoint of each stack in this step, all that came to it added up."""
        left = iter(unpacked([source.activity for each in self.sources for source in each], numbers))
        return [sum((next(left) for _ in each), NONE) for each in self.sources]

    def finish(self) -> None:
        """Record the scan; what it has found goes to ``way``."""
        way, times = self.way, self.times
        activities = [*self.carried, *self.totals]
        pairs = list(zip(activities, [*way.carried, *way.totals], strict=True))
        count = len(way.carried)
        initial = [packed_as(activity, adjoint, 0.0 if k < count else -0.0) for k, (activity, adjoint) in enumerate(pairs)]
        hub = hub_of(self.reverse, times, [x for each in initial for x in each], self._reads())
        rule = hub._rule
        assert isinstance(rule, ScanRule)
        last = unpacked(activities, [component(hub, k) for k in range(len("".join(activities)))])
        way.carried, way.totals, way.left = last[:count], last[count:], 0
        j = 0
        for k, (activity, read) in enumerate(zip(self.xs, way.scan.reads, strict=True)):
            reads = [Read(hub, rule.first_of(j + n) + times - 1, -1) for n in range(len(activity))]
            j += len(activity)
            if reads:
                way.found[k] += ListAdjoint(
                    {}, [AdjointStretch(read.first, read.stride, times, reads[0], reads[1] if reads[1:] else None)]
                )
