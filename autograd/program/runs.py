"""The runs of equal blocks in a line of operations: where each starts and stops, and that it is one."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np

from autograd.program.periods import LEAST, Bools, Ints, Rows, Stretch, edges, hashed, stretches

SHORT = 12  # operations
PHASES = 8  # of a loop, tried until masks are only read where they may be


def worth(operations: int, times: int) -> bool:
    """Whether a loop of so many operations isn't written out: a loop's own instructions are as many as ten of a body's.

    >>> worth(1, 12), worth(1, 13), worth(6, 3)
    (False, True, True)
    """
    return operations * (times - 1) >= SHORT


class Line(NamedTuple):
    """Operations in a row. Each operand has its place, and next to it that of the first iteration, and so on."""

    number: int  # of the first operation in the straight line
    code: Ints  # (n,)
    feature: Ints  # (n, operands)
    place: Ints  # (n, operands, depth)

    def part(self, start: int, stop: int) -> Line:
        return Line(self.number + start, *(a[start:stop] for a in self[1:]))


class Run(NamedTuple):
    """Equal blocks: where the first starts, operations of a block, how many blocks."""

    start: int
    size: int
    times: int

    @property
    def saved(self) -> int:
        return self.size * (self.times - 1)

    @property
    def stop(self) -> int:
        return self.start + self.size * self.times


class Traits(NamedTuple):
    """Of every feature of operands whether it is …"""

    computed: Bools  # a value of the line
    carried: Bools  # one for which another may stand in the first block
    initial: Bools  # one that may stand for it there
    local: Bools  # only to be read in the block that it is of, in the next, or in a whole run that it is outside of


class Search:
    """The search for runs in a line.

    ``traits`` are those of all features of operands, and ``last_reader`` is for each operation of the straight line the last
    that reads it as a local one.
    """

    def __init__(self, line: Line, traits: Traits, last_reader: Ints):
        self.line, self.traits, self.last_reader = line, traits, last_reader
        self.local = traits.local[line.feature]

    def runs(self) -> list[Run]:
        """The runs that save most, none over another, in order."""
        heap = [(-stretch.saved, stretch) for stretch in stretches(self.rows(), SHORT)]
        heapq.heapify(heap)
        taken, chosen = np.zeros(len(self.line.code), bool), list[Run]()
        while heap:
            bound, stretch = heapq.heappop(heap)
            low, high = _longest_free(taken, max(stretch.start - stretch.size, 0), stretch.stop + 2 * stretch.size)
            run = self.best(stretch, low, high)
            if run is None:
                continue
            if heap and bound < -run.saved and heap[0][0] < -run.saved:  # others may save more than what is free of this one
                heapq.heappush(heap, (-run.saved, stretch))
            else:
                taken[run.start : run.stop] = True
                chosen.append(run)
        return sorted(chosen)

    def rows(self) -> Rows:
        line, columns = self.line, self.local.any(0)
        equal = hashed(np.column_stack([line.code, line.feature]))
        return Rows(equal, hashed(line.place), line.place[:, columns, 0], self.local[:, columns])

    def best(self, stretch: Stretch, low: int, high: int) -> Run | None:
        """The longest run between two rows that is worth it.

        Of the places where it may start that in which the fewest operands are of the iteration before: it is where the loop
        of the source starts, most often.
        """
        size, end = stretch.size, min(high, stretch.stop + 2 * stretch.size)
        if (end - low) // size < LEAST:
            return None
        starts = self.starts(stretch, low)
        times = (end - int(starts[0])) // size
        if times < LEAST or not worth(size, times):
            return None
        latest = end - times * size
        starts = np.concatenate([starts[starts <= latest], np.arange(max(starts[-1], low) + 1, latest + 1)])
        costs = self.carried(size, int(starts[0]), int(latest))
        order = np.argsort(costs[starts - starts[0]], kind="stable")[:PHASES]
        runs = [Run(start, size, times) for start in starts[order].tolist()]
        return next((run for run in runs if self.holds(run)), None)

    def starts(self, stretch: Stretch, low: int) -> Ints:
        """Where the first block may start, up to the start of the stretch, or at ``low`` if that is later.

        Before the stretch an operand may be any other from before the run if the next blocks' are carried from the block
        before theirs.
        """
        size, stop = stretch.size, stretch.start
        start = max(low, stop - size)
        if start >= stop:
            return np.array([low])
        zero, one, two = [self.line.part(start + k * size, stop + k * size) for k in range(3)]
        alike = one.feature == two.feature
        step = two.place - one.place
        regular = alike & (zero.feature == one.feature) & (one.place - zero.place == step).all(2)
        carried = alike & self.traits.carried[one.feature] & self.traits.initial[zero.feature] & (step[:, :, 0] == size)
        possible = (zero.code == one.code) & (regular | carried).all(1)
        producer = one.place[:, :, 0] - self.line.number  # in the first block, so it starts at most a block before it
        latest = np.where(regular, len(self.line.code), producer).min(1)
        initial = np.where(self.traits.computed[zero.feature], zero.place[:, :, 0] - self.line.number, -1)
        earliest = np.where(regular, 0, np.maximum(producer - size, initial) + 1).max(1)
        rows = np.arange(start, stop)
        holds = np.logical_and.accumulate(possible[::-1])[::-1]
        holds &= rows <= np.minimum.accumulate(latest[::-1])[::-1]
        holds &= rows >= np.maximum.accumulate(earliest[::-1])[::-1]
        return np.append(rows[holds], stop)

    def carried(self, size: int, start: int, latest: int) -> Ints:
        """How many operands are of the block before, for blocks that start at ``start``, a row later, … at ``latest``."""
        block = self.line.part(start + size, start + 2 * size)
        step = block.place[:, :, 0] - self.line.part(start, start + size).place[:, :, 0]
        rows, columns = np.nonzero(self.traits.computed[block.feature] & (step == size))
        distance = rows + block.number - block.place[rows, columns, 0]
        change = np.zeros(size + 2, np.int64)
        # One that is computed in row r is of the block before if a block starts after r, up to the row that reads it.
        for first, last in ((rows - distance, rows), (np.maximum(rows, rows + size - distance), size)):
            change += np.bincount(np.clip(first + 1, 0, size + 1), minlength=size + 2)
            change -= np.bincount(last + np.ones_like(rows), minlength=size + 2)
        counts: Ints = np.cumsum(change)[: latest - start + 1]
        return counts

    def holds(self, run: Run) -> bool:
        """Whether the run is one: hashes may collide, and masks mustn't leave their loop."""
        return self.is_regular(run) and (not self.local.any() or self.is_local(run))

    def is_regular(self, run: Run) -> bool:
        line = self.line.part(run.start + run.size, run.stop)
        n = len(line.code) - run.size
        alike = (line.code[:n] == line.code[run.size :]).all() and (line.feature[:n] == line.feature[run.size :]).all()
        step = line.place[run.size :] - line.place[:n]
        return bool(alike and (step[run.size :] == step[: -run.size]).all())

    def is_local(self, run: Run) -> bool:
        zero, one = [self.line.part(run.start + k * run.size, run.start + (k + 1) * run.size) for k in range(2)]
        rows, columns = np.nonzero(self.local[run.start + run.size : run.start + 2 * run.size])
        place, step = one.place[rows, columns, 0], (one.place - zero.place)[rows, columns, 0]
        inside = np.where(step == 0, place < zero.number, place >= zero.number)
        last = self.last_reader[zero.number : zero.number + run.size * run.times]
        return bool(inside.all() and (last < self.line.number + run.stop).all())


def _longest_free(taken: Bools, start: int, stop: int) -> tuple[int, int]:
    """The longest part from ``start`` to ``stop`` that isn't taken."""
    part = taken[start:stop]
    if not part.any():
        return start, stop
    starts, stops = edges(~part)
    if not len(starts):
        return start, start
    k = int(np.argmax(stops - starts))
    return start + int(starts[k]), start + int(stops[k])
