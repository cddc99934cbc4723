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

WRITTEN = 2  # steps at the beginning that are written out


class Tangents(NamedTuple):
    """The tangents of a list: single ones, and runs that are read one a step; None where nothing moves.

    ``heads`` has those of each run for the first steps, where these were written out.
    """

    singles: list[Scalar | None]
    runs: list[Read | None]
    times: int
    heads: list[list[Scalar | None]]

    def at(self, k: int) -> Scalar:
        """That of the k-th number."""
        if k < len(self.singles):
            return _or_zero(self.singles[k])
        which, i = divmod(k - len(self.singles), self.times)
        if i < len(self.heads):
            return _or_zero(self.heads[i][which])
        run = self.runs[which]
        return run.at(i - len(self.heads)) if run else 0.0

    def along(self, read: Read) -> Read | None:
        """Those of what is read, in the same steps."""
        which, i = divmod(read.first - len(self.singles), self.times)
        run = self.runs[which]
        if self.heads:
            first = read.first - i
            run = stack_of([self.at(first + t) for t in range(self.times)])
        return run and Read(run.source, run.first + i, read.stride)


def _or_zero(x: Scalar | None) -> Scalar:
    return 0.0 if x is None else x


def tangent_of_list(node: Value, tangents: Mapping[Value, Any], within: Callable[[Run], Run]) -> Any:
    """The tangent of an item, and those of a stack's or a scan's numbers; None for any other node."""
    rule = node._rule
    if rule is ITEM:
        numbers, k = node.operands
        return tangents[numbers].at(int(number_of(k))) if isinstance(numbers, Value) else 0.0
    if rule is STACK:
        moving = [tangents.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in node.operands]
        return Tangents([], [stack_of(moving)], len(moving), [])
    return Moving(node, rule, tangents, within).tangents() if isinstance(rule, ScanRule) else None


class Moving:
    """A scan whose operands move. States move that do so at first, or once a step was taken.

    While others move after a step than before it, that step is written out: 0 × ∞ must not make nan of what doesn't move.
    """

    def __init__(self, hub: Value, rule: ScanRule, tangents: Mapping[Value, Any], within: Callable[[Run], Run]):
        self.body, self.times, self.left = rule.body, rule.times, rule.times
        count = len(rule.body.states)
        self.initial = list(hub.operands[:count])
        self.reads = reads_of(hub, rule)
        self.constants = constants_of(hub, rule)
        self.known = [tangents.get(x) if isinstance(x, Value) else None for x in self.constants]
        self.start = [tangents.get(x) if isinstance(x, Value) else None for x in self.initial]
        self.of_xs = [tangents[read.source].along(read) if read.source in tangents else None for read in self.reads]
        self.stacks: list[bool] = []
        self.heads: list[list[Scalar | None]] = []
        self.moves = [tangent is not None for tangent in self.start]
        while not self._traced(within):
            if len(self.heads) < WRITTEN and self.left > 2:
                self._write_out()

    def _traced(self, within: Callable[[Run], Run]) -> bool:
        """Trace the step; whether after it the states move that moved before."""
        before = self.moves
        self.from_start = [_or_zero(x) for x, moves in zip(self.start, before, strict=True) if moves]
        self.all_reads = [*self.reads, *[read for read in self.of_xs if read]]
        states = list(map(number_of, [*self.initial, *self.from_start]))
        self.moving_body: Body = body_of(within(self._step), states, [number_of(read.at(0)) for read in self.all_reads])
        return before == self.moves

    def _write_out(self) -> None:
        """The first step that is left, as nodes of its own."""
        of_xs = [read.at(0) if read else None for read in self.of_xs]
        outputs, tangents = self._moved([*self.initial, *[read.at(0) for read in self.reads]], [*self.start, *of_xs])
        count = len(self.initial)
        self.initial, self.start, self.left = outputs[:count], tangents[:count], self.left - 1
        self.heads.append(tangents[count:])
        self.reads = [read._replace(first=read.first + read.stride) for read in self.reads]
        self.of_xs = [read and read._replace(first=read.first + read.stride) for read in self.of_xs]
        self.moves = [tangent is not None for tangent in self.start]

    def _moved(
        self, numbers: Sequence[Scalar], tangents: Sequence[Scalar | None]
    ) -> tuple[list[Scalar], list[Scalar | None]]:
        """A step's outputs and their tangents, of its states' and xs'."""
        step = replayed(self.body, numbers, self.constants)
        pairs = zip([*step.leaves, *step.constants], [*tangents, *self.known], strict=True)
        moving: dict[Value, Scalar] = {x: tangent for x, tangent in pairs if tangent is not None}
        found = pushed(step.order, moving, True)
        return step.outputs, [found.get(y) if isinstance(y, Value) else None for y in step.outputs]

    def _step(self, states: list[Value], xs: list[Value]) -> list[Scalar]:
        """New states and their tangents, the tangents of what is stacked, and the old ones of both."""
        count, reads = len(self.initial), len(self.reads)
        of_states, of_xs = iter(states[count:]), iter(xs[reads:])
        given: list[Scalar | None] = [next(of_states) if moves else None for moves in self.moves]
        given += [next(of_xs) if read else None for read in self.of_xs]
        outputs, tangents = self._moved([*states[:count], *xs[:reads]], given)
        self.moves = [moves or x is not None for moves, x in zip(self.moves, tangents[:count], strict=True)]
        self.stacks = [x is not None for x in tangents[count:]]
        new = [_or_zero(x) for x, moves in zip(tangents[:count], self.moves, strict=True) if moves]
        return [*outputs[:count], *new, *[x for x in tangents[count:] if x is not None], *states]

    def tangents(self) -> Tangents:
        """Those of the scan's results."""
        hub = hub_of(self.moving_body, self.left, [*self.initial, *self.from_start], self.all_reads)
        rule, count = hub._rule, len(self.initial)
        assert isinstance(rule, ScanRule)
        last, runs = iter(range(count, len(rule.body.states))), iter(range(len(self.stacks)))
        singles = [component(hub, next(last)) if moves else None for moves in self.moves]
        stacks = _runs(hub, rule, [next(runs) if some else None for some in self.stacks])
        return Tangents(singles, stacks, self.times, self.heads)


def _runs(hub: Value, rule: ScanRule, stacks: Sequence[int | None]) -> list[Read | None]:
    return [None if j is None else Read(hub, rule.first_of(j), 1) for j in stacks]
