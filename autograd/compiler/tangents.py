"""Forward mode through scans: another one, whose step computes the step and its tangents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.compiler.scans import (
    ITEM,
    STACK,
    Body,
    Read,
    Run,
    ScanRule,
    body_of,
    component,
    constants_of,
    hub_of,
    reads_of,
    replayed,
    stack_of,
)
from autograd.graph import number_of
from autograd.transforms.forward import pushed
from autograd.transforms.types import Scalar
from autograd.value import Value


class Tangents(NamedTuple):
    """The tangents of a list: single ones, and runs that are read one a step; None where nothing moves."""

    singles: list[Scalar | None]
    runs: list[Read | None]
    times: int

    def run(self, first: int) -> tuple[Read | None, int]:
        """The run that the ``first``-th number is in, and which of that it is."""
        which, i = divmod(first - len(self.singles), self.times)
        return self.runs[which], i

    def at(self, k: int) -> Scalar:
        """That of the k-th number."""
        if k < len(self.singles):
            single = self.singles[k]
            return 0.0 if single is None else single
        run, i = self.run(k)
        return run.at(i) if run else 0.0

    def along(self, read: Read) -> Read | None:
        """Those of what is read, in the same steps."""
        run, i = self.run(read.first)
        return run and Read(run.source, run.first + i, read.stride)


def tangent_of_list(node: Value, tangents: Mapping[Value, Any], within: Callable[[Run], Run]) -> Any:
    """The tangent of an item, and those of a stack's or a scan's numbers; None for any other node."""
    rule = node._rule
    if rule is ITEM:
        numbers, k = node.operands
        return tangents[numbers].at(int(number_of(k))) if isinstance(numbers, Value) else 0.0
    if rule is STACK:
        moving = [tangents.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in node.operands]
        return Tangents([], [stack_of(moving)], len(moving))
    return Moving(node, rule, tangents, within).tangents() if isinstance(rule, ScanRule) else None


class Moving:
    """A scan whose operands move. States move that do so at first, or once a step was taken."""

    def __init__(self, hub: Value, rule: ScanRule, tangents: Mapping[Value, Any], within: Callable[[Run], Run]):
        self.body, self.times = rule.body, rule.times
        count = len(rule.body.states)
        self.initial = list(hub.operands[:count])
        self.reads = reads_of(hub, rule)
        self.constants = constants_of(hub, rule)
        self.known = [tangents.get(x) if isinstance(x, Value) else None for x in self.constants]
        start = [tangents.get(x) if isinstance(x, Value) else None for x in self.initial]
        self.of_xs = [tangents[read.source].along(read) if read.source in tangents else None for read in self.reads]
        self.moves = [tangent is not None for tangent in start]
        self.stacks: list[bool] = []
        while True:  # until no other state moves
            before = self.moves
            self.start = [(0.0 if x is None else x) for x, moves in zip(start, before, strict=True) if moves]
            self.all_reads = [*self.reads, *[read for read in self.of_xs if read]]
            states = list(map(number_of, [*self.initial, *self.start]))
            self.moving_body: Body = body_of(within(self._step), states, [number_of(read.at(0)) for read in self.all_reads])
            if before == self.moves:
                break

    def _step(self, states: list[Value], xs: list[Value]) -> list[Scalar]:
        """New states and their tangents, the tangents of what is stacked, and the old ones of both."""
        count, reads = len(self.initial), len(self.reads)
        step = replayed(self.body, [*states[:count], *xs[:reads]], self.constants)
        of_states, of_xs = iter(states[count:]), iter(xs[reads:])
        moving = {x: tangent for x, tangent in zip(step.constants, self.known, strict=True) if tangent is not None}
        flags = [*self.moves, *[read is not None for read in self.of_xs]]
        for k, (leaf, moves) in enumerate(zip(step.leaves, flags, strict=True)):
            if moves:
                moving[leaf] = next(of_states if k < count else of_xs)
        found = pushed(step.order, moving, True, step.order[-1]) if step.order else moving
        tangents = [found.get(y) if isinstance(y, Value) else None for y in step.outputs]
        self.moves = [moves or x is not None for moves, x in zip(self.moves, tangents[:count], strict=True)]
        self.stacks = [x is not None for x in tangents[count:]]
        new = [0.0 if x is None else x for x, moves in zip(tangents[:count], self.moves, strict=True) if moves]
        return [*step.outputs[:count], *new, *[x for x in tangents[count:] if x is not None], *states]

    def tangents(self) -> Tangents:
        """Those of the scan's results."""
        hub = hub_of(self.moving_body, self.times, [*self.initial, *self.start], self.all_reads)
        rule, count = hub._rule, len(self.initial)
        assert isinstance(rule, ScanRule)
        last, runs = iter(range(count, len(rule.body.states))), iter(range(len(self.stacks)))
        singles = [component(hub, next(last)) if moves else None for moves in self.moves]
        return Tangents(singles, _runs(hub, rule, [next(runs) if some else None for some in self.stacks]), self.times)


def _runs(hub: Value, rule: ScanRule, stacks: Sequence[int | None]) -> list[Read | None]:
    return [None if j is None else Read(hub, rule.first_of(j), 1) for j in stacks]
