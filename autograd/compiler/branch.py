"""Branches: one way through f each, traced at a point, and the one that the machine takes there.

A trace follows Python's arithmetic, guards the machine's, whose fused multiply-adds and vector functions round otherwise.
On a guard's very edge they can part; then f is traced again and told how its comparisons come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from autograd.compiler.auxiliary import ALL_TRANSFORMS
from autograd.compiler.codegen.abi import Block
from autograd.compiler.fastpath import BranchCode, Fastpath, Quicker, arrays_fastpath
from autograd.compiler.outputs import Assembly
from autograd.compiler.runtime.gc_pause import gc_paused
from autograd.compiler.runtime.jit import MachineCode
from autograd.compiler.runtime.kernel import Array, Lanes, Point, Spans, lanes_in_task, over_lanes
from autograd.compiler.runtime.sums import Subtotal
from autograd.compiler.signature import Input, Leaf, Spec
from autograd.compiler.trace import Trace
from autograd.compiler.tracer import Tracer, tracing
from autograd.compiler.transforms import Options, Outputs, Returned
from autograd.interop.forks import lock_of, once
from autograd.modes.anomaly import without_anomaly
from autograd.modes.context import enable_grad
from autograd.program.instructions import Instructions
from autograd.program.program import Program
from autograd.program.tape import Number
from autograd.value import Value, leaf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Batch(NamedTuple):
    """The numbers of a call: for every leaf what all lanes share, or its rows."""

    blocks: list[Array]
    leaves: Sequence[Leaf]
    n: int

    @classmethod
    def of(cls, spec: Spec, parts: Sequence[Input], n: int) -> Batch:
        pairs = zip(spec.leaves, parts, strict=True)
        return cls([leaf.block(part, n) for leaf, part in pairs], spec.leaves, n)

    @classmethod
    def of_lane(cls, spec: Spec, numbers: Sequence[float]) -> Batch:
        """One lane with these numbers."""
        import numpy as np

        ends = np.cumsum([leaf.size for leaf in spec.leaves])
        return cls(np.split(np.array(numbers), ends[:-1]), spec.leaves, 1)

    def of_lanes(self, lanes: NDArray[np.intp]) -> Batch:
        """The same for some of the lanes."""
        if len(lanes) == self.n:
            return self
        pairs = zip(self.leaves, self.blocks, strict=True)
        blocks = [block if leaf.axis is None else block.take(lanes, axis=1) for leaf, block in pairs]
        return Batch(blocks, self.leaves, len(lanes))


class Inputs:
    """What kernels read: the numbers of the arguments, and those of the captured leaves as they are now."""

    def __init__(self, spec: Spec, captured: list[Value]):
        self.spec, self.captured = spec, captured
        self.blocks = spec.blocks() + [Block(len(captured), False)] * bool(captured)

    def at(self, numbers: Sequence[float]) -> list[float]:
        """For a point."""
        return [*numbers, *[leaf._number for leaf in self.captured]] if self.captured else list(numbers)

    def compute(self, kernel: Lanes, batch: Batch, threads: int) -> tuple[Array, Array]:
        """Rows and totals of a kernel that reads them."""
        return kernel.compute(self.blocks_of(batch), batch.n, threads)

    def blocks_of(self, batch: Batch) -> list[Array]:
        """The numbers of these lanes, and the captured ones."""
        if not self.captured:
            return batch.blocks
        import numpy as np

        return [*batch.blocks, np.array([leaf._number for leaf in self.captured])]


class Guards:
    """The comparisons that one run of f branched on, as a program: how many hold before the first that does not."""

    def __init__(self, trace: Trace, held: Number, inputs: Inputs, options: Options):
        self._lock = lock_of(self)
        self.outcomes = [guard.outcome for guard in trace.guards]
        self.count, self.inputs, self.strict, self.clock = len(self.outcomes), inputs, options.strict, options.clock
        self.any = held.__class__ is not float  # else they depend on no input
        self.program: Instructions = trace.program([held], ["held"])

    @once
    def point(self) -> Point:
        """The kernel for single points."""
        with self.clock.making_code():
            return Point(self.program, self.strict)

    @once
    def lanes(self) -> Lanes:
        """The kernel for lanes."""
        with self.clock.making_code():
            return over_lanes(self.program, self.inputs.blocks, [False], self.strict)

    def holding(self, numbers: Sequence[float]) -> int:
        """How many hold at a point; computed as a lane where f runs over lanes, for those round as lanes do."""
        if not self.any:
            return self.count
        if not self.inputs.spec.lane_leaves:
            return int(self.point(self.inputs.at(numbers))[0])
        (row,), _ = self.inputs.compute(self.lanes, Batch.of_lane(self.inputs.spec, numbers), 1)
        return int(row[0])


class Branch:
    """One way through f: its trace at the numbers of a point, and the kernels that run it; ``line`` is where it branches."""

    def __init__(self, spec: Spec, options: Options, leaves: list[Value], returned: Returned, tracer: Tracer):
        ys, rebuild = returned
        trace = Trace(leaves, ys, tracer)
        outputs = Outputs(trace, spec, options)
        result = ALL_TRANSFORMS[options.transform].result(outputs, ys, rebuild)
        self.options, self.summed, self.line = options, outputs.summed, tracer.branching
        self.groups = outputs.groups
        self._lock = lock_of(self)
        self.assembly = Assembly(result, outputs.summed, options.reduce == "mean")
        self.inputs = Inputs(spec, trace.captured)
        held = trace.guards_held()
        self.guards = Guards(trace, held, self.inputs, options)
        self._guarded_program = trace.program([*outputs.symbols, held], [*outputs.names, "held"])
        trace.tape.forget()

    @once
    def program(self) -> Program:
        return Program.of(self._guarded_program.only(range(len(self.summed))))

    @once
    def point(self) -> Point:
        """The kernel for single points; its last output is how many guards hold."""
        with self.options.clock.making_code():
            return Point(self._guarded_program, self.options.strict)

    @once
    def lanes(self) -> Lanes:
        """The kernel for lanes."""
        with self.options.clock.making_code():
            return over_lanes(self.program, self.inputs.blocks, self.summed, self.options.strict)

    def codes(self) -> list[MachineCode]:
        """The machine code that was made for it so far, but that of guards alone."""
        kernels = [self.__dict__[name] for name in ("point", "lanes") if name in self.__dict__]
        return [kernel.code for kernel in kernels if kernel.code is not None]

    def holding(self, numbers: Sequence[float]) -> int:
        """How many guards hold at a point."""
        if self.guards.any and not self.inputs.spec.lane_leaves and not self._guarded_program.rules:
            return int(self.point(self.inputs.at(numbers))[-1])  # a kernel that is needed anyway
        return self.guards.holding(numbers)

    def fits(self, numbers: Sequence[float]) -> bool:
        """Whether the branch is the right one at a point."""
        return self.holding(numbers) == self.guards.count

    def outputs(self, numbers: Sequence[float]) -> Sequence[float] | None:
        """The outputs at a point; None if a guard fails, and then none of the branch's primitives is called."""
        if self._guarded_program.rules and not self.fits(numbers):
            return None
        outputs = self.point(self.inputs.at(numbers))
        return outputs if outputs[-1] == self.guards.count else None

    def over(self, batch: Batch, threads: int) -> tuple[Array, Array]:
        """Rows and totals of these lanes."""
        return self.inputs.compute(self.lanes, batch, threads)

    @once
    def step(self) -> int:
        """How many lanes are in a task."""
        return lanes_in_task(self.program)

    def totals_of(self, batch: Batch, spans: Spans, threads: int) -> tuple[Array, Array]:
        """Rows of these lanes, and totals of each of these spans of them."""
        return self.lanes.totals_of(self.inputs.blocks_of(batch), batch.n, spans, threads)

    def range_of_tasks(self, batch: Batch, threads: int, first: int) -> tuple[Array, list[Subtotal]]:
        """Rows and subtotals of these lanes, a range of tasks whose first has this number."""
        return self.lanes.range_of_tasks(self.inputs.blocks_of(batch), batch.n, threads, first)

    def fitting(self, batch: Batch) -> NDArray[np.bool_]:
        """For every lane whether the branch is the right one."""
        (held,), _ = self.inputs.compute(self.guards.lanes, batch, 1)
        fits: NDArray[np.bool_] = held == self.guards.count
        return fits

    def code_at_points(self) -> BranchCode | None:
        """For calls of a fast path. None where a call of a primitive has to wait for the guards."""
        if self.guards.any and self._guarded_program.rules:
            return None
        return BranchCode(self.point.run, self.inputs.captured, self.guards.count, self.assembly.of_point)

    def arrays_fastpath(self, threads: int, quicker: Quicker) -> Fastpath | None:
        """For calls with arrays, where the branch has no guards."""
        return arrays_fastpath(self.lanes, self.inputs.spec, self.inputs.captured, self.assembly, threads, quicker)


def branch_at(spec: Spec, options: Options, numbers: Sequence[float]) -> Branch:
    """The branch that the machine takes at these numbers.

    At first f's comparisons come out as Python's arithmetic has them. While one comes out otherwise in the machine's, f
    runs again and is told so. An error of f counts only where the machine comes that way too.
    """
    names, returned = [name for leaf in spec.leaves for name in leaf.names()], spec.returned
    with options.clock.compiling(), gc_paused(), enable_grad(), without_anomaly():
        tracer = Tracer()
        while True:
            leaves = list(map(leaf, numbers, names))
            try:
                with tracing(tracer):
                    ys, rebuild = ALL_TRANSFORMS[options.transform].run(options, spec, leaves)
            except Exception:
                guards = _guards_alone(spec, options, leaves, tracer)
                held = guards.holding(numbers)
                if held == guards.count:
                    raise
            else:
                branch = Branch(spec, options, leaves, (ys, rebuild), tracer)
                del leaves, ys, rebuild  # the graph, before machine code takes memory
                guards, held = branch.guards, branch.holding(numbers)
                if held == guards.count:
                    return branch
            spec.returned = returned
            tracer = tracer.corrected(held)


def _guards_alone(spec: Spec, options: Options, leaves: list[Value], tracer: Tracer) -> Guards:
    """Those of a run that ended with an error."""
    trace = Trace(leaves, [], tracer)
    return Guards(trace, trace.guards_held(), Inputs(spec, trace.captured), options)
