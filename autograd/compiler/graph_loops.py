"""Long loops of a graph as scans: what a Python loop has left, its step as often as it ran, becomes a step and a number.

So the derivative is that of a loop, and what follows takes as long for a thousand iterations as for ten. A run of equal
blocks that ``program.runs`` finds is turned into the hub of ``compiler.scans``: what an iteration reads of those before is
its state, what it reads elsewhere in each iteration are its xs, and what is read of it later are last states and ys.

>>> from autograd import Value, exp
>>> from autograd.graph import topological_order
>>> x = y = Value(0.5, name="x")
>>> for k in range(1000):
...     y = exp(y * x) * 0.25 + y * 0.125 + x * k
>>> len(topological_order(y)), len(topological_order(as_scans([y])[y]))
(7001, 4)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from autograd.compiler.graph_line import GraphLine
from autograd.compiler.scans import ITEM, Read, ScanRule, body_of, component, hub_of, stack_of
from autograd.graph import number_of, topological_order
from autograd.program.periods import Ints
from autograd.program.runs import Run
from autograd.rules.table import ADD
from autograd.transforms.replay import recorded_anew
from autograd.transforms.types import Scalar
from autograd.value import Value

RECURRENCE = 150  # nodes that a loop saves, if iterations need those before: 8 Runge-Kutta steps compile in 0.85 of the time
FEWEST = 8  # iterations
FEWEST_READING = 64  # … if a third of a step is read anew in each: nets of 8 layers with their own weights, 0.8 s for 0.6
INDEPENDENT = 1_000  # … if little of one does: ``program.rolling`` keeps sums, and neurons side by side
TERM = 20  # nodes of such an iteration
MANY_STATES = 64  # more are carried in memory, as a grid's cells are by the straight line, 1.1 to 1.4 times as fast
WORK = 32  # operands a state, from which on that doesn't count: units of a net as wide
MOST_DISTANT = 4  # iterations back that one may read another's values: each is a state more


def as_scans(roots: Sequence[Scalar]) -> dict[Value, Scalar]:
    """What stands for the roots that depend on a long loop."""
    order = [node for node in topological_order(*_values(roots)) if node._rule is not None and node._rule is not ITEM]
    if len(order) < RECURRENCE:
        return {}
    line = GraphLine(order)
    loops = list(_loops(line))
    return Renewal(line, loops, _values(roots)).of_roots() if loops else {}


def _values(xs: Iterable[Scalar]) -> list[Value]:
    return [x for x in xs if isinstance(x, Value)]


def _loops(line: GraphLine) -> Iterator[FoundLoop]:
    for run in line.runs(RECURRENCE, FEWEST):
        with suppress(IrregularError):
            yield FoundLoop(line, run)


class IrregularError(Exception):
    """A run of equal blocks isn't the loop of a scan."""


class Origin(NamedTuple):
    """Where a step has an operand from: one of its own nodes, a state, an entry of xs, or what is the same in all steps."""

    kind: str
    k: int = 0
    same: Scalar = 0.0


OWN, STATE, ENTRY, SAME = "own", "state", "entry", "same"


class State(NamedTuple):
    """The value of a row so many iterations ago; ``initial`` tells apart what stands for it in the first iteration."""

    row: int
    distance: int
    initial: tuple[object, ...] = ()

    def nearer(self) -> State:
        """The state that becomes this one in the next iteration."""
        return State(self.row, self.distance - 1, self.initial[1:])


class FoundLoop:
    """A run of equal blocks of nodes as a step: the source of every operand, the states, what is read an entry a step.

    Raises IrregularError where an iteration reads what no scan can give it, where iterations are independent, but for sums,
    and too short or few, where many states are carried for little, and where few iterations read much of their own.
    """

    def __init__(self, line: GraphLine, run: Run):
        self.line, self.run = line, run
        self.states: dict[State, Scalar] = {}  # with their initial values
        self._number: dict[State, int] = {}
        self._last: dict[int, int] = {}  # of a row that a state has the value of: that state's number
        self.columns: list[list[Scalar]] = []  # what is read twice in a step is one: its derivative is summed in the step
        self._entry: dict[tuple[object, ...], int] = {}  # of a column, by what it is
        self.sources = [list(self._sources_of(row)) for row in range(run.size)]
        if not self.states or (not self._is_recurrence() and (run.size < TERM or run.saved < INDEPENDENT)):
            raise IrregularError
        if run.times < FEWEST_READING and 3 * len(self.columns) >= run.size:
            raise IrregularError
        if len(self.states) > MANY_STATES and sum(map(len, self.sources)) < WORK * len(self.states):
            raise IrregularError

    def block(self, i: int) -> Sequence[Value]:
        """The nodes of iteration i."""
        start = self.run.start + i * self.run.size
        return self.line.nodes[start : start + self.run.size]

    def position(self, number: int) -> tuple[int, int]:
        """Iteration and row of a node."""
        return divmod(number - self.run.start, self.run.size)

    def positions(self, numbers: Ints) -> tuple[Ints, Ints]:
        """Those of several."""
        iteration, row = np.divmod(numbers - self.run.start, self.run.size)
        return iteration, row

    def last_of(self, row: int) -> int:
        """The state that ends as the last value of a row."""
        return self._last[row] if row in self._last else self._state(State(row, 1), 0.0)

    def _state(self, state: State, initial: Scalar) -> int:
        self.states.setdefault(state, initial)
        number = self._number.setdefault(state, len(self._number))
        if state.distance == 1:
            self._last.setdefault(state.row, number)
        return number

    def _is_recurrence(self) -> bool:
        """Whether a third of an iteration depends on those before, by more than sums so far to which it adds a term."""
        depends = list[bool]()
        beyond = False
        for node, sources in zip(self.block(1), self.sources, strict=True):
            own = any(source.kind == OWN and depends[source.k] for source in sources)
            carried = any(source.kind == STATE for source in sources)
            depends.append(own or carried)
            beyond = beyond or own or (carried and node._rule is not ADD)
        return beyond and 3 * sum(depends) > self.run.size

    def _sources_of(self, row: int) -> Iterator[Origin]:
        first, second, third = [self.line.nodes[self.run.start + i * self.run.size + row].operands for i in range(3)]
        for j in range(len(first)):
            earlier, number, later = map(self.line.at, (first[j], second[j], third[j]))
            iteration, of = self.position(number)
            if later - number != self.run.size or iteration + self.run.times <= 2:  # or all of it is from before the loop
                yield self._from_outside(row, j)
            elif iteration < 1:
                yield Origin(STATE, self._carried(row, j, of, 1 - iteration))
            elif earlier == number - self.run.size:
                yield Origin(OWN, of)
            else:
                raise IrregularError

    def _operand(self, i: int, row: int, j: int) -> Scalar:
        return self.line.nodes[self.run.start + i * self.run.size + row].operands[j]

    def _carried(self, row: int, j: int, of: int, distance: int) -> int:
        """The state that an operand is: a row's value of so many iterations ago, and of each nearer one a state too."""
        if distance > MOST_DISTANT:
            raise IrregularError
        initial = [self._operand(i, row, j) for i in range(distance)]
        if any(self._is_inside(x) for x in initial):
            raise IrregularError
        # Before the value of the iteration ``near`` ago there is one, that in iteration 0 was initial[distance − near].
        states = [
            self._state(State(of, near, _identity(initial[distance - near :])), initial[distance - near])
            for near in range(1, distance + 1)
        ]
        return states[-1]

    def _is_inside(self, x: Scalar) -> bool:
        return self.run.start <= self.line.at(x) < self.run.stop

    def _from_outside(self, row: int, j: int) -> Origin:
        """What isn't computed in the loop: the same number in all iterations, or an entry in each."""
        column = [self._operand(i, row, j) for i in range(self.run.times)]
        if any(map(self._is_inside, column)):
            raise IrregularError
        identity = _identity(column)
        if identity.count(identity[0]) == len(identity):
            return Origin(SAME, 0, column[0])
        entry = self._entry.setdefault(identity, len(self.columns))
        if entry == len(self.columns):
            self.columns.append(column)
        return Origin(ENTRY, entry)


def _identity(xs: Sequence[Scalar]) -> tuple[object, ...]:
    """What tells numbers apart: 0.0 from −0.0, and two nodes of the same number."""
    return tuple([id(x) if isinstance(x, Value) else x.hex() for x in xs])


class Scanned(NamedTuple):
    """A loop that has become a scan: its hub, and of the rows that are read one by one which stack has them."""

    loop: FoundLoop
    hub: Value
    last: dict[int, int]
    stacks: dict[int, int]

    def result(self, number: int) -> int:
        """Which of the hub's results a node of the loop has become."""
        rule, (iteration, row) = self.hub._rule, self.loop.position(number)
        assert isinstance(rule, ScanRule)
        return self.last[row] if row in self.last else rule.first_of(self.stacks[row]) + iteration


class Renewal:
    """A graph recorded anew with loops as scans; what no loop leads to stays as it is."""

    def __init__(self, line: GraphLine, loops: Sequence[FoundLoop], roots: Sequence[Value]):
        self.line, self.roots = line, roots
        self.renewed: dict[Value, Scalar] = {}
        self.scans: list[Scanned] = []
        ends = np.array([line.number[root] for root in roots if root in line.number], np.int64)
        self.reader, self.read = np.append(line.reader, np.full_like(ends, len(line.nodes))), np.append(line.read, ends)
        at = 0
        for loop in loops:
            self._copy(at, loop.run.start)
            self.scans.append(self._scanned(loop))
            at = loop.run.stop
        self._copy(at, len(line.nodes))

    def of_roots(self) -> dict[Value, Scalar]:
        """What stands for the roots that aren't as they were."""
        return {root: new for root in self.roots if (new := self._new(root)) is not root}

    def _new(self, x: Scalar) -> Scalar:
        """What stands for a node or a number."""
        if not isinstance(x, Value):
            return x
        if x not in self.renewed and (scanned := self._scan_with(x)):
            self.renewed[x] = component(scanned.hub, scanned.result(self.line.at(x)))
        if x._rule is ITEM and (hub := x.operands[0]) in self.renewed:
            self.renewed[x] = recorded_anew(x, [self._new(hub), x.operands[1]])
        return self.renewed.get(x, x)

    def _scan_with(self, x: Scalar) -> Scanned | None:
        """The scan whose loop a node is in."""
        number = self.line.at(x)
        k = bisect_right(self.scans, number, key=lambda each: each.loop.run.start) - 1
        return self.scans[k] if k >= 0 and number < self.scans[k].loop.run.stop else None

    def _copy(self, start: int, stop: int) -> None:
        for node in self.line.nodes[start:stop]:
            operands = list(map(self._new, node.operands))
            if any(new is not old for new, old in zip(operands, node.operands, strict=True)):
                self.renewed[node] = recorded_anew(node, operands)

    def _scanned(self, loop: FoundLoop) -> Scanned:
        last, every = self._read_later(loop)
        ends = {row: loop.last_of(row) for row in last}
        reads, initial = list(map(self._read, loop.columns)), list(map(self._new, loop.states.values()))
        sources = [[each._replace(same=self._new(each.same)) for each in row] for row in loop.sources]

        def step(states: list[Value], xs: list[Value]) -> list[Scalar]:
            own: list[Scalar] = []
            among: dict[str, Sequence[Scalar]] = {OWN: own, STATE: states, ENTRY: xs}
            for node, operands in zip(loop.block(1), sources, strict=True):
                own.append(recorded_anew(node, [among[s.kind][s.k] if s.kind in among else s.same for s in operands]))
            before = dict(zip(loop.states, states, strict=True))
            new = [own[state.row] if state.distance == 1 else before[state.nearer()] for state in loop.states]
            return [*new, *[own[row] for row in every], *states]

        body = body_of(
            step, list(map(number_of, initial)), [number_of(column[0]) for column in loop.columns], store_all=True
        )
        hub = hub_of(body, loop.run.times, initial, reads)
        return Scanned(loop, hub, ends, {row: k for k, row in enumerate(every)})

    def _read_later(self, loop: FoundLoop) -> tuple[list[int], list[int]]:
        """Rows whose value of the last iteration is read after the loop, and those of which others are too."""
        start, _, times = loop.run
        read = self.read[(self.read >= start) & (self.read < loop.run.stop) & (self.reader >= loop.run.stop)]
        iteration, row = loop.positions(read)
        every = np.unique(row[iteration < times - 1])
        return np.setdiff1d(row, every).tolist(), every.tolist()

    def _read(self, column: list[Scalar]) -> Read:
        """What is read an entry a step: where it lies in a row, of what another scan has stacked."""
        results = list(map(self._result, column))
        hub = results[0][0]
        rule = hub._rule if hub is not None else None
        if hub is not None and isinstance(rule, ScanRule) and all(each is hub for each, _ in results):
            k = np.array([k for _, k in results])
            stack, step = (k - len(rule.body.states)) // rule.times, np.diff(k)
            if (stack == stack[0]).all() and stack[0] >= 0 and (step == step[0]).all():
                return Read(hub, int(k[0]), int(step[0]))
        return stack_of(list(map(self._new, column)))

    def _result(self, x: Scalar) -> tuple[Value | None, int]:
        """The scan that a number is a result of, and which it is."""
        if isinstance(x, Value) and x._rule is ITEM:
            hub, k = x.operands
            new = self._new(hub)
            assert isinstance(new, Value)
            return new, int(number_of(k))
        scanned = self._scan_with(x)
        return (scanned.hub, scanned.result(self.line.at(x))) if scanned else (None, 0)
