"""Tasks of lanes that take different branches: cut by the lanes' own numbers, whichever branch was traced first.

So the bits of a sum are those of the lanes alone: neither calls before this one nor who computes which tasks decide them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd.compiler.branch import Batch, Branch
from autograd.compiler.fastpath import ArraysFastpath, Fastpath, KernelCall
from autograd.compiler.runtime.kernel import Array, CompiledLanes, Memory, Spans
from autograd.compiler.runtime.sums import Subtotal, subtotals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LanesOfBranch: TypeAlias = "tuple[Branch, NDArray[np.intp]]"  # a branch, and which lanes take it, in order


class RangeResult(NamedTuple):
    """What a range of tasks gives: rows of results, subtotals of what is summed, and what the results are put together to.

    ``traced`` are lanes at which a branch was traced for this call.
    """

    rows: Array
    subtotals: list[Subtotal]
    structure: object
    traced: list[int]


class RangeCall(KernelCall):
    """A call of a kernel for a range of tasks: its result takes ``threads`` and ``first``, as ``range_of_tasks`` does."""

    def run(self, kernel: CompiledLanes, memory: Memory, n: int, inputs: object) -> Any:
        """What is left to call."""
        return partial(kernel.tasks, memory, n, inputs=inputs)


def range_fastpath(branch: Branch, threads: int) -> Fastpath | None:
    """For arrays that lie as before; None where there is no machine code."""
    kernel, inputs = branch.lanes, branch.inputs
    if not isinstance(kernel, CompiledLanes):
        return None
    return ArraysFastpath(RangeCall(kernel, inputs.spec, inputs.captured, branch.assembly, threads), lambda _: None)


def in_branches(
    batch: Batch, found: Sequence[LanesOfBranch], step: int, first: int, threads: int
) -> tuple[Array, list[Subtotal]]:
    """Rows and subtotals of tasks of ``step`` lanes, each lane by its branch; ``first`` is the number of the first task.

    In a task the lanes of each branch are added up, then the branches', in the order of their first lanes.
    """
    import numpy as np

    assembly = found[0][0].assembly
    rows, totals = np.empty((assembly.row_count, batch.n)), np.zeros((-(batch.n // -step), assembly.sum_count))
    starts, apart = [np.empty(0, np.intp)], [totals[:0]]
    for branch, here in found:
        spans = _spans(here, step)
        some, more = branch.totals_of(batch.of_lanes(here), spans, threads)
        rows[:, here] = some
        starts.append(here[[start for start, _ in spans]])
        apart.append(more)
    begins = np.concatenate(starts)
    order = np.argsort(begins)
    np.add.at(totals, begins[order] // step, np.concatenate(apart)[order])  # one after the other
    return rows, subtotals(totals, first)


def _spans(here: NDArray[np.intp], step: int) -> Spans:
    """Which of these lanes are in one task."""
    import numpy as np

    ends = [*(np.flatnonzero(np.diff(here // step)) + 1).tolist(), len(here)]
    return list(zip([0, *ends], ends, strict=False))
