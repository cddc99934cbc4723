"""Specialisations: what one transform of a compiled function does for one shape of its arguments, branch by branch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.compiler.codegen.abi import Block
from autograd.compiler.conditions import tracing
from autograd.compiler.fastpath import Fastpath, arrays_fastpath, floats_fastpath
from autograd.compiler.outputs import Assembly
from autograd.compiler.runtime.gc_pause import gc_paused
from autograd.compiler.runtime.kernel import Array, Lanes, Point, default_threads, over_lanes
from autograd.compiler.signature import Input, Leaf, Spec
from autograd.compiler.trace import Trace
from autograd.compiler.transforms import TRANSFORMS, Options, Outputs
from autograd.modes.anomaly import without_anomaly
from autograd.modes.context import enable_grad
from autograd.program.program import Program
from autograd.transforms.call import name_of
from autograd.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class BranchError(RuntimeError):
    """A function that took more branches than ``max_branches``."""


class Branch:
    """One way through f: its trace at the numbers of a point, and the kernels that run it."""

    def __init__(self, spec: Spec, options: Options, numbers: Sequence[float]):
        self.spec, self.options = spec, options
        transform = TRANSFORMS[options.transform]
        names = [name for leaf in spec.leaves for name in leaf.names()]
        with gc_paused(), enable_grad(), without_anomaly():
            with tracing() as tracer:
                leaves = [Value(x, name) for x, name in zip(numbers, names, strict=True)]
                ys, rebuild = transform.run(options, spec, leaves)
            trace = Trace(leaves, ys, tracer)
            outputs = Outputs(trace, spec, options)
            result = transform.result(outputs, ys, rebuild)
            hold = trace.guards_hold()
            self._guarded_program = trace.program([*outputs.symbols, hold], [*outputs.names, "ok"])
        self.assembly = Assembly(result, outputs.summed, options.reduce == "mean")
        self.summed, self.captured, self.guarded = outputs.summed, trace.captured, hold.__class__ is not float
        self.blocks = spec.blocks() + [Block(len(self.captured), False)] * bool(self.captured)

    @cached_property
    def program(self) -> Program:
        return Program.of(self._guarded_program.only(range(len(self.summed))))

    @cached_property
    def point(self) -> Point:
        """The kernel for single points; its last output is 1 if all guards hold."""
        return Point(self._guarded_program, self.options.strict)

    @cached_property
    def _guards(self) -> Point:
        return Point(self._guarded_program.only([len(self.summed)]), self.options.strict)

    def fits(self, numbers: Sequence[float]) -> bool:
        """Whether the branch is the right one at a point."""
        return not self.guarded or self._guards(self.with_captured(numbers))[-1] == 1.0

    def outputs(self, numbers: Sequence[float]) -> Sequence[float] | None:
        """The outputs at a point; None if a guard fails, and then none of the branch's primitives is called."""
        if self._guarded_program.rules and not self.fits(numbers):
            return None
        outputs = self.point(self.with_captured(numbers))
        return outputs if outputs[-1] == 1.0 else None

    @cached_property
    def lanes(self) -> Lanes:
        return over_lanes(self.program, self.blocks, self.summed, self.options.strict)

    @cached_property
    def guard(self) -> Lanes:
        """The kernel that says for every lane whether the branch is the right one."""
        return over_lanes(self._guarded_program.only([len(self.summed)]), self.blocks, [False], self.options.strict)

    def floats_fastpath(self) -> Fastpath | None:
        """For calls with floats alone, where they are all the program needs."""
        in_order = all(leaf.shape is None and leaf.argument == k for k, leaf in enumerate(self.spec.leaves))
        if self.guarded or self.captured or not in_order:
            return None
        return floats_fastpath(self.point.run, self.assembly.of_point)

    def arrays_fastpath(self, threads: int) -> Fastpath | None:
        """For calls with arrays, where the branch has no guards."""
        return arrays_fastpath(self.lanes, self.spec.leaves, self.captured, self.assembly, threads)

    def compute(self, kernel: Lanes, batch: Batch, threads: int) -> tuple[Array, Array]:
        """Rows and totals of a kernel of this branch."""
        blocks = batch.blocks
        if self.captured:
            import numpy as np

            blocks = [*blocks, np.array([leaf._data for leaf in self.captured])]
        return kernel.compute(blocks, batch.n, threads)

    def with_captured(self, numbers: Sequence[float]) -> list[float]:
        """The numbers, and those of the captured leaves as they are now."""
        return [*numbers, *[leaf._data for leaf in self.captured]] if self.captured else list(numbers)


class Specialisation:
    """One transform for one shape of arguments; ``branches`` grow as calls take new ones."""

    def __init__(self, options: Options, spec: Spec):
        self.options, self.spec = options, spec
        self.branches: list[Branch] = []
        self.fastpath: Fastpath | None = None
        self._lock = RLock()

    def __call__(self, args: Sequence[object]) -> Any:
        parts = self.spec.parts(args)
        return self._over_lanes(parts) if self.spec.lane_leaves else self._at_point(parts)

    def program(self, args: Sequence[object]) -> Program:
        """The program that serves these arguments, or the first lane of them."""
        return self._traced(self.spec.point(self.spec.parts(args), 0)).program

    def _traced(self, numbers: Sequence[float], known: int = 0) -> Branch:
        """A branch for these numbers, which the first ``known`` branches don't fit."""
        with self._lock:
            for branch in self.branches[known:]:  # another thread may have traced it meanwhile
                if branch.fits(numbers):
                    return branch
            if len(self.branches) >= self.options.max_branches:
                raise BranchError(
                    f"compile: {name_of(self.options.f)} takes more than {self.options.max_branches} different branches; "
                    "raise max_branches, or choose with where(condition, a, b), which needs none"
                )
            branch = Branch(self.spec, self.options, numbers)
            self.branches.append(branch)
        return branch

    # -- one point ---------------------------------------------------------------------------------

    def _at_point(self, parts: Sequence[Input]) -> Any:
        numbers = self.spec.point(parts, 0)
        known = len(self.branches)
        for branch in self.branches[:known]:
            outputs = branch.outputs(numbers)
            if outputs is not None:
                return branch.assembly.of_point(outputs)
        branch = self._traced(numbers, known)
        self.fastpath = branch.floats_fastpath()
        return branch.assembly.of_point(branch.point(branch.with_captured(numbers)))

    # -- many lanes --------------------------------------------------------------------------------

    def _over_lanes(self, parts: Sequence[Input]) -> Any:
        n = self.spec.lanes(parts)
        batch = Batch.of(self.spec, parts, n)
        if not self.branches:
            self._traced(self.spec.point(parts, 0))
        first = self.branches[0]
        if not first.guarded or n == 0:
            self.fastpath = self.fastpath or first.arrays_fastpath(self.threads)
            return first.assembly.of_lanes(*first.compute(first.lanes, batch, self.threads), n)
        return first.assembly.of_lanes(*self._by_branch(batch, parts), n)

    @property
    def threads(self) -> int:
        return self.options.threads or default_threads()

    def _by_branch(self, batch: Batch, parts: Sequence[Input]) -> tuple[Array, Array]:
        """Rows and totals, each lane by the branch it takes; a lane that fits none is traced."""
        import numpy as np

        first = self.branches[0]
        rows = np.empty((first.assembly.row_count, batch.n))
        totals = np.zeros(first.assembly.sum_count)
        left, k = np.arange(batch.n), 0
        while len(left):
            if k == len(self.branches):
                self._traced(self.spec.point(parts, int(left[0])), k)
            branch, k = self.branches[k], k + 1
            sub = batch.of_lanes(left)
            (hold,), _ = branch.compute(branch.guard, sub, 1)
            here = left[hold == 1.0]
            if len(here):
                some, more = branch.compute(branch.lanes, batch.of_lanes(here), self.threads)
                rows[:, here] = some
                totals += more
            left = left[hold != 1.0]
        return rows, totals


class Batch(NamedTuple):
    """The numbers of a call: for every leaf what all lanes share, or its rows."""

    blocks: list[Array]
    leaves: Sequence[Leaf]
    n: int

    @classmethod
    def of(cls, spec: Spec, parts: Sequence[Input], n: int) -> Batch:
        pairs = zip(spec.leaves, parts, strict=True)
        return cls([leaf.block(part, n) for leaf, part in pairs], spec.leaves, n)

    def of_lanes(self, lanes: NDArray[np.intp]) -> Batch:
        """The same for some of the lanes."""
        if len(lanes) == self.n:
            return self
        pairs = zip(self.leaves, self.blocks, strict=True)
        blocks = [block if leaf.axis is None else block.take(lanes, axis=1) for leaf, block in pairs]
        return Batch(blocks, self.leaves, len(lanes))
