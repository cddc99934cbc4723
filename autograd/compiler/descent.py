"""Many steps of gradient descent in one call of machine code: a compiled loss's gradient, and compiled rules that use it.

Python's own share of a step of the moons net was 43 µs of 56. The kernels are those that calls of the compiled functions
use, so the numbers are the same to the last bit.

>>> import numpy as np
>>> from autograd.compiler.compiled import compile
>>> loss = compile(lambda w, x: ((w[0] * x - 1.0) ** 2, 0.0), in_axes=(None, 0), reduce="mean")
>>> rule = compile(lambda settings, w, gradient: [w - settings[0] * gradient], in_axes=(None, 0, 0), strict=True)
>>> x, w, rates = np.array([2.0, 4.0, 2.0, 4.0]), np.array([0.0]), np.full((2, 1), 0.05)
>>> for _ in range(3):  # calls find out how the arrays lie
...     _, gradient = loss.value_and_grad(w, x, has_aux=True)
...     moved = rule(rates[0], w, gradient)
>>> batches = Batches(loss, (x,), np.array([2, 2]), np.array([2.0, 2.0]))
>>> found = descend(batches, [Update(rule, rates, 0, 1)], w.reshape(1, 1))
>>> found.steps, found.losses.round(3).tolist(), found.state.round(3).tolist()
(2, [1.0, 0.1], [[0.3]])
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.compiler.codegen import descent
from autograd.compiler.codegen.abi import Layout
from autograd.compiler.compiled import Compiled
from autograd.compiler.fastpath import ArraysFastpath, Bound, Direct, Staged
from autograd.compiler.runtime.jit import SharedCode
from autograd.compiler.runtime.kernel import Array, address_of
from autograd.compiler.runtime.tasks import aside
from autograd.compiler.transforms import WITH_AUX
from autograd.modes.graph_cut import differentiating
from autograd.transforms.types import Argnums

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Table = ctypes.c_int64 * descent.FIELDS
BEFORE_GRADIENT = 2  # totals: the loss, and a number of hits


class Batches(NamedTuple):
    """A loss of (numbers, …) with a number of hits beside it, summed over lanes; its arrays over the lanes of all batches.

    ``lanes`` says how many are in each batch, ``divisors`` what its loss and gradient are divided by.
    """

    objective: Compiled[..., Any]
    arrays: Sequence[Array]
    lanes: NDArray[np.int64]
    divisors: Array


class Update(NamedTuple):
    """A rule of (settings, numbers, gradient, …) that gives the next numbers, …; settings for each step; for which it is."""

    rule: Compiled[..., Any]
    settings: Array
    start: int
    stop: int


class Descended(NamedTuple):
    """How many steps were taken; loss and share of hits of each; the last one's gradient, and the state after it."""

    steps: int
    losses: Array
    hits: Array
    gradient: Array
    state: Array


def descend(batches: Batches, updates: Sequence[Update], state: Array) -> Descended | None:
    """Steps on the batches, until numbers aren't finite: rows of ``state`` are the numbers and what rules remember of each.

    None where the functions aren't called by machine code alone, or weren't with arrays like these before.
    """
    run = _Run(batches, updates, state)
    try:
        return run.steps() if run.binds() else None
    finally:
        for kernel in run.kernels:
            kernel.put_back()


ALONE = 1.5  # of the lanes of a task: 0.1 ms more is what it takes to share them with another thread, and to call twice
IN_ORDER = 3  # tasks whose totals a call adds as they come, as ``descend`` does
GRADIENT, RULE = (WITH_AUX, 0), ("value", ())  # how ``descend`` calls a loss and a rule


def most_lanes(compiled: Compiled[..., Any], arguments: int, call: tuple[str, Argnums] = GRADIENT) -> int:
    """How many lanes ``descend`` takes at once of a loss with so many arguments, or of a rule.

    0 where it has branches or calls Python, or wasn't called three times yet. More may be shared by threads instead.
    """
    way = _way(compiled, call, arguments)
    if way is None or (isinstance(way, Direct) and not way.lanes_last):
        return 0
    return int((IN_ORDER if way.threads == 1 else ALONE) * way.kernel.step)


def _way(compiled: Compiled[..., Any], call: tuple[str, Argnums], arguments: int) -> Direct | Staged | None:
    """How such calls with so many arguments run now, if they are one kernel that needs no Python."""
    fastpath = compiled.fastpaths.get((*call, arguments, ()))
    if not isinstance(fastpath, ArraysFastpath) or differentiating() or fastpath.way.kernel.code.calls_python:
        return None
    return fastpath.way


class _Run:
    """The table for machine code, and what it has the addresses of."""

    def __init__(self, batches: Batches, updates: Sequence[Update], state: Array):
        import numpy as np

        self.batches, self.updates = batches, updates
        self.states = np.empty((2, *state.shape))  # a step reads the one and writes the other
        self.states[:] = state
        self.totals = np.empty((3, BEFORE_GRADIENT + state.shape[1]))  # of this step, of the last one, and of some lanes
        self.results = np.empty((2, len(batches.lanes)))
        self.kernels: list[Bound] = []
        self.table = Table()
        self.moves: list[tuple[int, int, int, int]] = []

    def binds(self) -> bool:
        """Whether all are kernels that take these arrays; then they have the addresses of the first step's."""
        batches, (now, _), totals = self.batches, self.states, self.totals[0]
        lanes = int(batches.lanes.max())
        if not self._bind(batches.objective, GRADIENT, (now[0], *batches.arrays), lanes, (0, len(totals))):
            return False
        for rule, settings, start, stop in self.updates:
            arguments = settings[0], now[0], totals[BEFORE_GRADIENT:], *now[1:]
            if not self._bind(rule, RULE, arguments, stop - start, (len(now), 0)):
                return False
        return True

    def _bind(
        self,
        compiled: Compiled[..., Any],
        call: tuple[str, Argnums],
        arguments: Sequence[Array],
        lanes: int,
        results: tuple[int, int],
    ) -> bool:
        """Whether such a call is one kernel on this thread alone, with so many rows and totals, that takes these arrays."""
        way = _way(compiled, call, len(arguments))
        if way is None or lanes > most_lanes(compiled, len(arguments), call):
            return False
        if results != (way.kernel.row_count, way.kernel.sum_count):
            return False
        bound = way.bound(arguments)
        self.kernels += [bound] if bound else []
        return bound is not None

    def steps(self) -> Descended:
        """Take them."""
        gradient, *rules = self.kernels
        self._move_gradient(gradient)
        calls: list[int] = []
        for update, rule in zip(self.updates, rules, strict=True):
            self._move_rule(update, rule)
            calls += [rule.kernel.run_address, rule.memory.address, update.start, update.stop]
        held = self._fill(gradient, calls)
        taken: int = _code()(ctypes.addressof(self.table), len(self.batches.lanes))
        del held
        losses, hits = self.results[:, :taken]
        return Descended(taken, losses, hits, self.totals[(taken - 1) % 2, BEFORE_GRADIENT:], self.states[taken % 2])

    def _move_gradient(self, gradient: Bound) -> None:
        """Its numbers are in turn those of both states, its lanes those of the next batch, its totals the others."""
        (numbers, _), *lanes = gradient.words
        self._swap(numbers, self.states.strides[0])
        self.moves += [(word, of_lane, 0, 1) for word, of_lane in lanes]
        for table, entry in ((gradient.memory.table, Layout.TOTALS), (self.table, descent.TOTALS)):
            self._swap_entry(table, entry, self.totals[0], self.totals.strides[0])
        self._swap_entry(self.table, descent.NEXT, self.states[1], -self.states.strides[0])

    def _move_rule(self, update: Update, rule: Bound) -> None:
        """It reads the one state and writes the other, by the settings of the next step."""
        (settings, _), (numbers, _), (gradient, _), *columns = rule.words
        self.moves.append((settings, 0, update.settings.strides[0], 1))
        self._swap(gradient, self.totals.strides[0])
        for word in (numbers, *[word for word, _ in columns]):
            self._swap(word, self.states.strides[0])
        self._swap_entry(rule.memory.table, rule.kernel.ROWS, self.states[1], -self.states.strides[0])

    def _swap_entry(self, table: ctypes.Array[ctypes.c_int64], entry: int, array: Array, distance: int) -> None:
        """An entry of a table has the address of the one array and the other in turn."""
        table[entry] = address_of(array)
        self._swap(ctypes.addressof(table) + 8 * entry, distance)

    def _swap(self, word: int, distance: int) -> None:
        """The address that stands there goes back and forth."""
        self.moves.append((word, 0, distance, -1))

    def _fill(self, gradient: Bound, calls: Sequence[int]) -> object:
        """Fill the table; gives what must live as long as it is used."""
        import numpy as np

        # No arrays by ctypes, whose type for each length would be left to the collector.
        moves, called, table = np.array(self.moves, np.int64), np.array(calls, np.int64), self.table
        table[descent.GRADIENT], table[descent.CONTEXT] = gradient.kernel.run_address, gradient.memory.address
        table[descent.UNIFORM], table[descent.PARTLY] = gradient.kernel.part_addresses
        table[descent.PART], table[descent.MORE] = gradient.kernel.step, address_of(self.totals[2])
        table[descent.COUNT], table[descent.SIZE] = self.totals.shape[1], self.states[0].size
        table[descent.LANES], table[descent.DIVISORS] = address_of(self.batches.lanes), address_of(self.batches.divisors)
        table[descent.LOSSES], table[descent.HITS] = address_of(self.results[0]), address_of(self.results[1])
        table[descent.CALLS], table[descent.CALL] = len(calls) // descent.OF_A_CALL, address_of(called)
        table[descent.MOVES], table[descent.MOVE] = len(self.moves), address_of(moves)
        return moves, called


@cache
def _code() -> Callable[[int, int], int]:
    """The machine code, the same for every program; made when it is first used: 5 ms."""
    code = aside(partial(SharedCode.of, descent.descent(), 1, ["descend"]))
    function = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)(code.addresses["descend"])
    return function
