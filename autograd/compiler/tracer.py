"""The tracer: what Values ask while a function is traced, about comparisons, choices and numbers that leave the graph."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from autograd.compiler.conditions import COMPARISON_OF, STOP, BranchError, Condition, TraceError
from autograd.compiler.recorded import recorded_gradients
from autograd.compiler.scans import Run, depends, traced_scan
from autograd.compiler.tangents import tangent_of_list
from autograd.graph import number_of, topological_order
from autograd.interop.coerce import as_number
from autograd.interop.packages import found
from autograd.modes.anomaly import without_anomaly
from autograd.modes.context import enable_grad, traced_by
from autograd.modes.user_code import libraries, user_line
from autograd.program.operations import COMPARISONS
from autograd.transforms.scan import CheckedStep, Entries
from autograd.transforms.types import Scalar
from autograd.value import Value, record

ENDLESS = 10_000  # comparisons more than Python's arithmetic needs

libraries()  # they are asked for in a trace, and import something then: a fork meanwhile would take its lock along


class Tracer:
    """What ``Value`` asks while a function is traced; ``guards`` are the conditions that branches asked for.

    ``outcomes`` says how the first of them come out where that is known; the others as in Python's arithmetic. With
    outcomes from elsewhere a loop might not end, so then there are at most ``limit`` guards. ``complete``: the function
    has run, and what is recorded after it may add no guard and capture nothing.
    """

    def __init__(self, outcomes: Sequence[bool] = (), limit: float = math.inf, complete: bool = False) -> None:
        self.guards: list[Condition] = []
        self.known: dict[Value, Value] = {}  # of nodes that are recorded anew: what has their number already
        self.complete = complete
        self.steps: list[list[Value]] = []  # the leaves of the scans whose steps are being traced, outermost first
        self.step_leaves: dict[Value, None] = {}  # what has stood for the state and the x of any step
        self.outcomes, self.limit = outcomes, limit
        self.refused_index: TraceError | None = None
        self.branching = ""  # the user's line that asked for the first guard
        self.start = Value(0.0)._order  # a leaf made before is one that the function has captured

    def note(self, guard: Condition) -> None:
        """A branch has asked for the outcome."""
        k = len(self.guards)
        if self.complete:
            raise self.refuse("a branch", "choose by where(condition, a, b)")
        for leaves in self.steps:
            if depends((guard.left, guard.right), leaves, leaves[0]._order):
                raise TraceError(
                    f"scan: a branch on {guard!r}, at {user_line()}, differs from step to step, and a scan's step is traced "
                    "once for all of them; choose by where(condition, a, b), or write the loop in Python, which branches "
                    "anew in each step"
                )
        if k < len(self.outcomes):
            guard.outcome = self.outcomes[k]
        if k >= self.limit:
            raise BranchError(
                f"compile: still branching after {k} comparisons, where Python's arithmetic came to an end: fused "
                "multiply-adds round differently; compare with a tolerance, or compile with strict=True, which fuses nothing"
            )
        self.branching = self.branching or user_line()
        self.guards.append(guard)

    def corrected(self, held: int) -> Tracer:
        """One for the same function whose first guards come out as here, and the next the other way."""
        outcomes = [guard.outcome for guard in self.guards[: held + 1]]
        outcomes[held] = not outcomes[held]
        return Tracer(outcomes, min(self.limit, 2 * len(self.guards) + ENDLESS))

    def compare(self, op: str, left: object, right: object) -> object:
        """The condition, where both sides are numbers."""
        try:
            sides = [x if isinstance(x, Value) else as_number(x, op) for x in (left, right)]
        except TypeError:
            return NotImplemented
        return Condition(self.note, op, *sides)

    def choose(self, condition: object, a: object, b: object) -> Value:
        """``where`` of a condition: a node that holds both sides."""
        assert isinstance(condition, Condition)
        return condition.choose(a, b)

    @staticmethod
    def stop(v: Value) -> Value:
        """``v``, through which no derivative goes; its number is that of each call."""
        return record(STOP, v._number, v)

    @staticmethod
    def owns(condition: object) -> bool:
        """Whether it is a condition of a trace."""
        return condition.__class__ is Condition

    @staticmethod
    def refuse(what: str, instead: str, where: str = "") -> TraceError:
        """The error for what would cut the graph."""
        return TraceError(
            f"{what}, {where or f'at {user_line()}'}, leaves the graph, and the compiled function would hold today's number "
            f"for ever; {instead}"
        )

    def scan(self, step: CheckedStep, state: object, xs: Entries, times: int) -> tuple[object, object]:
        """What ``scan`` returns, recorded as a loop."""
        since = self.steps[-1][0]._order if self.steps else -1
        return traced_scan(step, state, xs, times, self.within_a_step, since)

    def with_scans(self, outputs: Sequence[Scalar]) -> list[Scalar]:
        """The outputs of the function, which has run: long Python loops behind them and behind its guards as scans."""
        if not found("numpy"):
            return list(outputs)
        from autograd.compiler.graph_loops import as_scans

        sides = [side for guard in self.guards for side in (guard.left, guard.right)]
        new = as_scans([*outputs, *sides])
        for guard in self.guards if new else ():
            guard.left, guard.right = _among(new, guard.left), _among(new, guard.right)
        return [_among(new, y) for y in outputs]

    def within_a_step(self, run: Run) -> Run:
        """``run``, watched for branches on what differs from step to step."""

        def watched(states: list[Value], xs: list[Value]) -> list[Scalar]:
            if not (leaves := [*states, *xs]):
                return run(states, xs)
            self.steps.append(leaves)
            self.step_leaves.update(dict.fromkeys(leaves))
            try:
                return run(states, xs)
            finally:
                self.steps.pop()

        return watched

    def as_constant(self, v: Value) -> str:
        """How the arguments behind a Value become plain numbers."""
        if any(depends((v,), leaves, leaves[0]._order) for leaves in self.steps):
            return "read a table an entry a step, as one of xs: scan(step, state, (xs, table))"
        names = [str(node.name) for node in topological_order(v) if node._rule is None and node.name]
        split = [re.split(r"[\[.]", name, maxsplit=1) for name in names]
        arguments = dict.fromkeys(name for name, *_ in split)
        if not arguments:
            return "take a plain int in place of a Value that f captures"
        tuple_of_names = "".join(f"{name!r}, " for name in arguments).removesuffix(" " if len(arguments) == 1 else ", ")
        option = f"compile(f, static_argnames=({tuple_of_names}))"
        how = "static, given as a tuple" if any(part for _, *part in split) else "static"
        return f"declare {' and '.join(arguments)} {how}: {option} traces f for each number it gets"

    def refuse_index(self, v: Value, line: str) -> TraceError:
        """The error for an index; kept, as NumPy drops it for one of its own."""
        self.refused_index = TraceError(
            f"{v!r}, an index or a length at {line}, varies from call to call, and a traced function is one for all; "
            f"{self.as_constant(v)}, and autograd.take(values, i) takes an entry by it"
        )
        return self.refused_index

    @staticmethod
    def gradients(root: Value, seed: Value, order: Sequence[Value] | None) -> Mapping[Value, Scalar]:
        """``backward.gradients`` as Values, which a side that wasn't chosen can't poison."""
        return recorded_gradients(root, seed, order)

    def tangent(self, node: Value, tangents: Mapping[Value, Any]) -> Any:
        """The tangent of a node that chooses, of a scan and of its results; None for any other node."""
        if node._rule is STOP:
            return 0.0
        if node._rule not in COMPARISON_OF:
            return tangent_of_list(node, tangents, self.within_a_step)
        left, right, *sides = node.operands
        moved = [tangents.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in sides]
        holds = COMPARISONS[COMPARISON_OF[node._rule]](number_of(left), number_of(right))
        return record(node._rule, number_of(moved[not holds]), (left, right, *moved))


def _among(new: Mapping[Value, Scalar], x: Scalar) -> Scalar:
    return new.get(x, x) if isinstance(x, Value) else x


@contextmanager
def tracing(tracer: Tracer | None = None) -> Iterator[Tracer]:
    """A context in which this thread's Values are traced."""
    tracer = tracer or Tracer()
    with traced_by(tracer), enable_grad(), without_anomaly():
        yield tracer
