"""A compiled function over an executor: lanes are cut where one process begins its tasks, and added up as one process does.

So the results have the bits of one process, for any number of workers, whatever they are: threads, processes, a cluster.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NoReturn, ParamSpec, TypeVar

from autograd.compiler.binding import CallSignature, Names, as_argnums, positional_and_named
from autograd.compiler.branch import Branch
from autograd.compiler.cluster import DaskCluster, is_client
from autograd.compiler.executors import Executor, Future, Pool, gathered
from autograd.compiler.lane_tasks import RangeResult
from autograd.compiler.methods import Methods
from autograd.compiler.recent import Recent
from autograd.compiler.runtime.kernel import Array
from autograd.compiler.runtime.sums import total
from autograd.compiler.shards import Cuts, Sharded, as_array, cuts, lanes_of
from autograd.compiler.signature import Axes, Leaf, Spec, child_axis, static_key
from autograd.compiler.specialisation import Specialisation
from autograd.compiler.worker import MOST, Code, Marked, Sent, TaskCall, range_of_tasks
from autograd.interop.coerce import describe
from autograd.modes import context
from autograd.modes.graph_cut import differentiated_by, differentiating
from autograd.transforms.call import name_of
from autograd.transforms.trees import flatten, opened
from autograd.transforms.types import Argnums
from autograd.value import Value

P = ParamSpec("P")
R = TypeVar("R")

LEAVES = (float, int)


class Shareable(Methods[P, R]):
    """A compiled function, as it is shared."""

    @abstractmethod
    def specialisation(
        self, transform: str, argnums: int | tuple[int, ...], args: tuple[object, ...], form: CallSignature
    ) -> Specialisation:
        """That of a transform for arguments of this shape."""

    @abstractmethod
    def range_of_tasks(self, call: TaskCall, args: tuple[object, ...], first: int) -> RangeResult:
        """What a range of tasks of a call gives, ``first`` the number of their first; the arguments have its lanes alone."""

    @abstractmethod
    def captured(self) -> Iterator[Value]:
        """The Values that it reads and that aren't arguments, as far as it was traced."""


class Over(Methods[P, R]):
    """A compiled function whose lanes are shared among the workers of an executor; see ``Compiled.over``.

    >>> import numpy as np
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from autograd import compile
    >>> loss = compile(lambda w, x, y: (w * x - y) ** 2, in_axes=(None, 0, 0), reduce="sum")
    >>> with ThreadPoolExecutor(2) as pool:
    ...     shared = loss.over(pool)
    ...     data = shared.scatter(np.arange(4.0), np.ones(4))  # once; from then on a call sends w alone
    ...     shared(2.0, *data), shared.grad(2.0, *data)
    (36.0, 44.0)
    """

    def __init__(self, compiled: Shareable[P, R], executor: Executor, workers: int | None = None):
        if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
            raise ValueError(f"over: workers must be None or an int of at least 1, got {workers!r}")
        if compiled.in_axes is None:
            raise ValueError(
                f"over: {compiled!r} has no lanes to share; give in_axes to compile, which says what differs from lane to "
                "lane"
            )
        self.compiled, self.in_axes, self._parameters = compiled, compiled.in_axes, compiled._parameters
        self._workers, self._most = _workers_of(executor), workers
        self._codes = Recent[Code](MOST)  # by the static arguments
        self.traced: list[int] = []  # lanes of the last call at which a worker traced a branch

    def __repr__(self) -> str:
        return f"<{self.compiled!r:.60} over {self._workers.executor!r:.60}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} has an executor, which is this process's: pickle the compiled function, and call over there"
        )

    @property
    def workers(self) -> int:
        """Into how many shares the lanes are cut at most."""
        return self._most or self._workers.count

    def scatter(self, *arrays: Any, axis: int = 0) -> Any:
        """Put arrays where the workers find them; what comes back is given in their places, for as many calls as you like.

        axis: along which the lanes are cut, as ``in_axes`` has it.

        One array gives one, several a tuple; lists, tuples and dicts of arrays give the same of what stands for them. In a
        pool of threads arrays are used as they are, in a pool of processes they are files that all of them map into memory,
        removed when what comes back isn't used any more. A ``dask.distributed.Client`` holds the pieces in its workers'
        memories, and takes Dask's arrays and lists of futures too, in order, each of some lanes.

        Don't change an array that was scattered. Raises TypeError for what isn't an array of numbers, ValueError where it
        hasn't the axis, or where pieces differ in dtype or shape.
        """
        shared = [self._scattered(each, axis, f"array {k}") for k, each in enumerate(arrays)]
        return shared[0] if len(shared) == 1 else tuple(shared)

    def _scattered(self, tree: Any, axis: int, name: str) -> Any:
        there = self._workers.as_shared(tree, axis, self.workers)
        if there is not None:
            return there
        leaves, rebuild = flatten(tree, arrays=False)
        if len(leaves) == 1 and leaves[0] is tree:
            return self._workers.shared(tree, axis, name, self.workers)
        return rebuild([self._scattered(leaf, axis, f"a part of {name}") for leaf in leaves])

    def _run(self, transform: str, argnums: Argnums, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Any:
        keywords: Names = ()
        if kwargs:
            args, keywords = self._parameters.bind(args, kwargs, transform)
        form = self._parameters.form(len(args), keywords, transform, as_argnums(argnums))
        args = tuple([self._there(x, axis) for x, axis in zip(args, form.axes, strict=True)])
        if form.holds_value(args):
            raise self.compiled.unrecordable()
        with context.traced_by(None):
            marked, chosen = form.marked(args), form.chosen(as_argnums(argnums))
            call = _Call(self.compiled.specialisation(transform, chosen, marked, form), marked)
            if call.is_one_task:  # to send it takes longer
                self.traced = []
                return self.compiled._run(transform, argnums, *positional_and_named(call.here(), keywords))
            result = self._shared(call, chosen, keywords)
        if differentiating() and any(map(differentiated_by, self.compiled.captured())):
            raise self.compiled.unrecordable()
        return result

    def _there(self, x: Any, axis: Axes) -> Any:
        """An argument, with what is on the workers already in the form of this package."""
        if axis is None or x.__class__ in LEAVES:
            return x
        found = self._workers.as_shared(x, axis, self.workers) if isinstance(axis, int) else None
        container = opened(x) if found is None else None
        if container is None:
            return x if found is None else found
        pairs = zip(container.keys, container.children, strict=True)
        return container.make([self._there(child, child_axis(axis, key)) for key, child in pairs])

    def _shared(self, call: _Call, argnums: int | tuple[int, ...], keywords: Names) -> Any:
        """The result of a call, computed by the workers."""
        branch = call.first_branch
        where = cuts(call.lanes, self.workers, branch.step)
        code, pieces = self._code(call.specialisation.spec), call.pieces(where)
        transform = call.specialisation.options.transform

        def submit(k: int, whole: bool) -> Future:
            task = TaskCall(Sent(code, whole), transform, argnums, call.args, keywords, branch.step)
            return self._workers.submit(range_of_tasks, task, pieces[k], where[k][0] // branch.step)

        found = gathered(submit, where, code)
        self.traced = [start + lane for each, (start, _) in zip(found, where, strict=True) for lane in each.traced]
        call.check(found, branch)
        return branch.assembly.of_lanes(*_joined(found), call.lanes)

    def _code(self, spec: Spec) -> Code:
        static = [entry.value for entry in spec.static]
        return self._codes.get(tuple(map(static_key, static)), partial(self._new_code, static))

    def _new_code(self, static: Sequence[Any]) -> Code:
        code = Code(self.compiled, static)
        if not self._workers.in_process:
            code.key  # noqa: B018 : what can't be pickled is an error here, not in a thread of the executor
        return code


def _workers_of(executor: Executor) -> Pool:
    """An executor's workers. TypeError where it is none."""
    if isinstance(executor, type) or not callable(getattr(executor, "submit", None)):
        raise TypeError(
            "over: the executor must have submit, as concurrent.futures.ProcessPoolExecutor(4) and "
            f"dask.distributed.Client() have, got {describe(executor)}"
        )
    return DaskCluster(executor) if is_client(executor) else Pool(executor)


class _Call:
    """A call: its arguments' leaves, those over lanes apart."""

    def __init__(self, specialisation: Specialisation, marked: tuple[object, ...]):
        self.specialisation, spec = specialisation, specialisation.spec
        self.parts: list[Any] = [*spec.parts(marked)]
        for k, leaf in enumerate(spec.leaves):
            self.parts[k] = _part(leaf, self.parts[k])
        self.lanes = spec.lanes(self.parts) if spec.lane_leaves else 0
        self.places = [k for k, leaf in enumerate(spec.leaves) if leaf.axis is not None]

    @property
    def args(self) -> tuple[object, ...]:
        """The arguments, with a mark in the place of each that has lanes or is static."""
        spec, parts = self.specialisation.spec, list(self.parts)
        for k, place in enumerate(self.places):
            parts[place] = Marked(False, k)
        return tuple(spec.rebuilt(parts, [Marked(True, k) for k in range(len(spec.static))]))

    def first_lane(self) -> list[Any]:
        """The leaves with the first lane alone, where there is one."""
        parts = list(self.parts)
        for place in self.places:
            part, axis = parts[place], self.specialisation.spec.leaves[place].axis
            parts[place] = part.first if isinstance(part, Sharded) else lanes_of(part, axis or 0, 0, 1)
        return parts

    @property
    def is_here(self) -> bool:
        """Whether all lanes are in this process."""
        return not any(isinstance(part, Sharded) and part.local is None for part in self.parts)

    @cached_property
    def first_branch(self) -> Branch:
        """The branch of the first lane, which says how many are in a task."""
        return self.specialisation.first_branch(self.first_lane())

    @property
    def is_one_task(self) -> bool:
        """Whether it is in this process and one task, or none."""
        return not self.lanes or (self.is_here and self.lanes <= self.first_branch.step)

    def here(self) -> tuple[object, ...]:
        """The arguments, in this process; where they are elsewhere the first lane of them, if there is any."""
        spec = self.specialisation.spec
        parts = (
            [part.local if isinstance(part, Sharded) else part for part in self.parts] if self.is_here else self.first_lane()
        )
        return tuple(spec.rebuilt(parts, [entry.value for entry in spec.static]))

    def pieces(self, where: Cuts) -> list[list[Any]]:
        """For every shard what has lanes."""
        columns = []
        for place in self.places:
            part, axis = self.parts[place], self.specialisation.spec.leaves[place].axis or 0
            shared = isinstance(part, Sharded)
            columns.append(part.pieces(where) if shared else [lanes_of(part, axis, *each) for each in where])
        return list(map(list, zip(*columns, strict=True)))

    def check(self, found: Sequence[RangeResult], branch: Branch) -> None:
        """Raise TypeError where lanes give results of different structures."""
        spec = self.specialisation.spec
        if branch.guards.any and any(each.structure != spec.returned for each in found):
            name = name_of(self.specialisation.options.f)
            raise TypeError(
                f"over: {name} returned something of another structure for some lanes; give the same list, tuple, dict or "
                "shape in all branches"
            )


def _part(leaf: Leaf, part: Any) -> Any:
    """A leaf of a call; ValueError where what is shared has its lanes elsewhere."""
    if isinstance(part, Sharded):
        if part.axis != leaf.axis:
            raise ValueError(
                f"over: {leaf} has in_axes {leaf.axis}, and what scatter gave for it is cut along axis {part.axis}"
            )
        return part
    return part if leaf.axis is None else as_array(part, leaf.axis, leaf.name)


def _joined(found: Sequence[RangeResult]) -> tuple[Array, Array]:
    """Rows and totals of all shards."""
    import numpy as np

    rows = [each.rows for each in found]
    return np.concatenate(rows, axis=1) if len(rows) > 1 else rows[0], total([s for each in found for s in each.subtotals])
