"""Specialisations: what one transform of a compiled function does for one shape of its arguments, branch by branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from autograd.compiler.branch import Batch, Branch, branch_at
from autograd.compiler.builtins import builtin_over_lanes, quicker_at_points, warming
from autograd.compiler.conditions import BranchError
from autograd.compiler.fastpath import ArraysFastpath, Fastpath, point_fastpath
from autograd.compiler.lane_tasks import LanesOfBranch, RangeResult, in_branches, range_fastpath
from autograd.compiler.runtime.builtin import MISS
from autograd.compiler.runtime.jit import MachineCode
from autograd.compiler.runtime.kernel import Array, default_threads
from autograd.compiler.runtime.sums import total
from autograd.compiler.signature import Input, Spec
from autograd.compiler.transforms import Options
from autograd.interop.forks import lock_of
from autograd.interop.frames import note_tables
from autograd.program.program import Program
from autograd.transforms.call import name_of
from autograd.value import Value


class Specialisation:
    """One transform for one shape of arguments; ``branches`` grow as calls take new ones."""

    def __init__(self, options: Options, spec: Spec):
        self.options, self.spec = options, spec
        self.branches: list[Branch] = []
        self.fastpath: Fastpath | None = None
        self._range_fastpath: Fastpath | None = None
        self._lock = lock_of(self)

    def __call__(self, args: Sequence[object]) -> Any:
        parts = self.spec.parts(args)
        clock = self.options.clock
        clock.calls += 1
        clock.lanes += self.spec.lanes(parts) if self.spec.lane_leaves else 1
        try:
            return self._over_lanes(parts) if self.spec.lane_leaves else self._at_point(parts)
        except (IndexError, TypeError) as error:
            note_tables(error, parts, [leaf.name for leaf in self.spec.leaves])
            raise

    def program(self, args: Sequence[object]) -> Program:
        """The program that serves these arguments, or the first lane of them."""
        return self._traced(self.spec.point(self.spec.parts(args), 0)).program

    @property
    def codes(self) -> list[MachineCode]:
        """The machine code of its branches so far."""
        return [code for branch in self.branches for code in branch.codes()]

    def captured(self) -> Iterator[Value]:
        """The leaves that f has captured, of every branch."""
        return (leaf for branch in self.branches for leaf in branch.inputs.captured)

    def _traced(self, numbers: Sequence[float], known: int = 0) -> Branch:
        """A branch for these numbers, which the first ``known`` branches don't fit."""
        with self._lock:
            for branch in self.branches[known:]:  # another thread may have traced it meanwhile
                if branch.fits(numbers):
                    return branch
            if len(self.branches) >= self.options.max_branches:
                line = self.branches[0].line
                raise BranchError(
                    f"compile: {name_of(self.options.f)} takes more than {self.options.max_branches} different branches; "
                    "raise max_branches, or choose with where(condition, a, b), maximum(a, b) or minimum(a, b), "
                    f"which need none. The first is at {line}",
                    line,
                )
            branch = branch_at(self.spec, self.options, numbers)
            self.branches.append(branch)
            self.options.clock.branches += 1
        return branch

    def warming(self, put: Callable[[Fastpath], None]) -> Fastpath:
        """Its fast path, which ``put``s what is quicker in its place."""
        fastpath = self.fastpath
        assert fastpath is not None
        over_lanes = isinstance(fastpath, ArraysFastpath)
        quicker = None if over_lanes else partial(quicker_at_points, fastpath, list(self.branches))
        return warming(fastpath, self.options.clock, quicker, put)

    # -- one point ---------------------------------------------------------------------------------

    def _at_point(self, parts: Sequence[Input]) -> Any:
        numbers = self.spec.point(parts, 0)
        known = len(self.branches)
        for branch in self.branches[:known]:
            outputs = branch.outputs(numbers)
            if outputs is not None:
                return branch.assembly.of_point(outputs)
        branch = self._traced(numbers, known)
        codes = [each.code_at_points() for each in self.branches]
        self.fastpath = None if None in codes else point_fastpath(self.spec, list(filter(None, codes)))
        return branch.assembly.of_point(branch.point(branch.inputs.at(numbers)))

    # -- many lanes --------------------------------------------------------------------------------

    def _over_lanes(self, parts: Sequence[Input]) -> Any:
        n = self.spec.lanes(parts)
        batch = Batch.of(self.spec, parts, n)
        if not self.branches:
            self._traced(self.spec.point(parts, 0))
        first = self.branches[0]
        if not first.guards.any or n == 0:
            self.fastpath = self.fastpath or first.arrays_fastpath(self.threads, builtin_over_lanes)
            return first.assembly.of_lanes(*first.over(batch, self.threads), n)
        return first.assembly.of_lanes(*self._by_branch(batch, parts), n)

    @property
    def threads(self) -> int:
        return self.options.threads or default_threads()

    def first_branch(self, parts: Sequence[Input]) -> Branch:
        """The branch of the first lane."""
        if self.branches and not self.branches[0].guards.any:
            return self.branches[0]
        return self._traced(self.spec.point(parts, 0))

    def partial(self, args: Sequence[object], step: int, first: int) -> RangeResult:
        """What a range of tasks of ``step`` lanes gives, ``first`` the number of the first: what ``over`` puts together."""
        parts, threads, known = self.spec.parts(args), self.options.threads or 1, len(self.branches)
        branch = self.branches[0] if known else self._traced(self.spec.point(parts, 0))
        if branch.guards.any:
            batch = Batch.of(self.spec, parts, self.spec.lanes(parts))
            found = self._lanes_by_branch(batch, parts)
            traced = [int(here[0]) for each, here in found if each in self.branches[known:]]
            rows, subtotals = in_branches(batch, found, step, first, threads)
            return RangeResult(rows, subtotals, self.spec.returned, traced)
        compute: Any = MISS if self._range_fastpath is None else self._range_fastpath(args)
        if compute is MISS:
            self._range_fastpath = self._range_fastpath or range_fastpath(branch, threads)
            compute = partial(branch.range_of_tasks, Batch.of(self.spec, parts, self.spec.lanes(parts)))
        rows, subtotals = compute(threads=threads, first=first)
        return RangeResult(rows, subtotals, self.spec.returned, [] if known else [0])

    def _by_branch(self, batch: Batch, parts: Sequence[Input]) -> tuple[Array, Array]:
        """Rows and totals, each lane by the branch it takes; the first lane's says how many are in a task."""
        found = self._lanes_by_branch(batch, parts)
        rows, subtotals = in_branches(batch, found, _first_lanes(found).step, 0, self.threads)
        return rows, total(subtotals)

    def _lanes_by_branch(self, batch: Batch, parts: Sequence[Input]) -> list[LanesOfBranch]:
        """Which lanes take which branch; a lane that fits none is traced.

        All of them before the first is computed: where there are too many, no machine code but that of guards was made in
        vain, a quarter of the time.
        """
        import numpy as np

        found: list[LanesOfBranch] = []
        left, k = np.arange(batch.n), 0
        while len(left):
            if k == len(self.branches):
                self._traced(self.spec.point(parts, int(left[0])), k)
            branch, k = self.branches[k], k + 1
            fits = branch.fitting(batch.of_lanes(left))
            here, left = left[fits], left[~fits]
            if len(here):
                found.append((branch, here))
        return found


def _first_lanes(found: Sequence[LanesOfBranch]) -> Branch:
    """The branch of the first lane."""
    return min(found, key=lambda each: int(each[1][0]))[0]
