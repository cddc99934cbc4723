"""Tracing: f runs once on ``Value``s, and the graph it leaves becomes a program.

While it runs, a comparison gives a ``Condition`` in place of a bool. ``where`` takes it as it is and records
both sides; ``bool()`` of it, as ``if`` and ``while`` ask for, notes a *guard*: the program holds only where the
comparison comes out the same way. ``float(v)`` and all else that would leave the graph raises.

The gradient is traced from the backward pass itself: ``autograd.backward.pull_back`` with symbols for numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from autograd.backward import gradients, pull_back
from autograd.functions import maximum
from autograd.graph import topological_order
from autograd.interop.coerce import as_number
from autograd.modes.anomaly import derivative_of, without_anomaly
from autograd.modes.context import enable_grad, traced_by
from autograd.program.instructions import Instructions
from autograd.program.operations import COMPARISONS
from autograd.program.tape import Symbol, Tape
from autograd.rules.table import FLOATS, SUM, Rule
from autograd.value import Value, record


class TraceError(TypeError):
    """Something that leaves the graph while a function is traced."""


# -- conditions ------------------------------------------------------------------------------------------


def _chooser(op: str) -> Rule:
    """``a`` where the comparison of l and r holds, else ``b``: the operation that ``where`` records in a trace."""
    holds = COMPARISONS[op]

    def partials(m: Any, _: Any, left: Any, right: Any, *sides: Any) -> Any:
        del sides
        condition = holds(left, right)
        return 0.0, 0.0, m.where(condition, 1.0, 0.0), m.where(condition, 0.0, 1.0)

    return Rule(
        f"where_{op}",
        lambda left, right, a, b: a if holds(left, right) else b,
        partials,
        "where",
        lambda m, left, right, a, b: m.where(holds(left, right), a, b),
    )


CHOOSERS = {op: _chooser(op) for op in COMPARISONS}
OP_OF = {rule: op for op, rule in CHOOSERS.items()}


class Condition:
    """A comparison of Values in a trace: ``where`` takes it for all lanes; ``bool()`` follows the traced numbers."""

    __slots__ = ("left", "op", "outcome", "right", "tracer")

    def __init__(self, tracer: Tracer, op: str, left: Any, right: Any):
        self.tracer, self.op, self.left, self.right = tracer, op, left, right
        self.outcome = bool(COMPARISONS[op](_number(left), _number(right)))

    def __bool__(self) -> bool:
        self.tracer.guards.append(self)
        return self.outcome


def _number(x: Any) -> float:
    return x._data if isinstance(x, Value) else x


class Tracer:
    """What ``Value`` asks while a function is traced; ``guards`` are the conditions that branches asked for."""

    def __init__(self) -> None:
        self.guards: list[Condition] = []
        self.start = Value(0.0)._order  # leaves that are older have been captured

    def compare(self, op: str, left: Any, right: Any) -> Any:
        """The condition, where both sides are numbers."""
        try:
            sides = [x if isinstance(x, Value) else as_number(x, op) for x in (left, right)]
        except TypeError:
            return NotImplemented
        return Condition(self, op, *sides)

    def choose(self, condition: Any, a: Any, b: Any) -> Any:
        """``where`` of a condition: a node that holds both sides."""
        left, right = condition.left, condition.right
        sides = [x if isinstance(x, Value) else as_number(x, "where: a side") for x in (a, b)]
        return record(CHOOSERS[condition.op], _number(sides[not condition.outcome]), (left, right, *sides))

    @staticmethod
    def owns(condition: object) -> bool:
        return condition.__class__ is Condition

    @staticmethod
    def refuse(what: str, instead: str) -> TraceError:
        """The error for what would cut the graph."""
        return TraceError(
            f"{what} leaves the graph, and the compiled function would hold today's number for ever; {instead}"
        )


@contextmanager
def tracing() -> Iterator[Tracer]:
    """A context in which this thread's Values are traced."""
    tracer = Tracer()
    with traced_by(tracer), enable_grad(), without_anomaly():
        yield tracer


# -- from nodes to symbols ---------------------------------------------------------------------------------


class Trace:
    """What one run of a function left: its outputs, and the guards under which it holds.

    ``inputs`` are the leaves that stand for the arguments; other leaves are ``captured``: inputs too, read anew at
    every call.
    """

    def __init__(self, inputs: Sequence[Value], outputs: Sequence[Any], tracer: Tracer):
        self.inputs, self.outputs, self.guards = list(inputs), list(outputs), tracer.guards
        sides = [x for guard in self.guards for x in (guard.left, guard.right)]
        wanted = [x for x in [*self.outputs, *sides] if isinstance(x, Value)]
        self.order = topological_order(record(SUM, 0.0, (*wanted, 0.0)))[:-1] if wanted else []
        arguments = set(self.inputs)
        leaves = [node for node in self.order if node._rule is None and node not in arguments]
        self.captured = [leaf for leaf in leaves if leaf._order < tracer.start]
        names = [str(leaf.name or f"x{i}") for i, leaf in enumerate(self.inputs)]
        names += [f"captured.{leaf.name or i}" for i, leaf in enumerate(self.captured)]
        self.tape = Tape(_distinct(names))
        self.symbols: dict[Value, Any] = dict(zip([*self.inputs, *self.captured], self.tape.inputs, strict=True))
        self.symbols.update({leaf: leaf._data for leaf in leaves if leaf._order >= tracer.start})
        self.chooses = any(node._rule in OP_OF for node in self.order)  # else no lane passes a side it didn't choose
        self._slope_rules: dict[tuple[Rule, int], Rule] = {}
        self._write(self.order)

    def _write(self, nodes: Iterable[Value]) -> None:
        """Write down what isn't yet."""
        for node in nodes:
            if node._rule is not None and node not in self.symbols:
                self.symbols[node] = self.tape.rule(node._rule, *self._operands(node))

    def _operands(self, node: Value) -> list[Any]:
        return [x if isinstance(x, float) else self.symbols[x] for x in node.operands]

    def symbol(self, output: Any) -> Any:
        """An output as a symbol, or as a float where it depends on nothing."""
        if not isinstance(output, Value):
            return float(output)
        return self.symbols.get(output, output._data)  # a leaf made while tracing is a number

    def ok(self) -> Any:
        """1 where all guards come out as they did, else 0."""
        kept: Any = 1.0
        for guard in self.guards:
            holds = self.tape.apply(guard.op, self.symbol(guard.left), self.symbol(guard.right))
            if holds.__class__ is Symbol:
                sides = (kept, 0.0) if guard.outcome else (0.0, kept)
                kept = self.tape.apply("where", holds, *sides)
        return kept

    def gradients(self, output: Any, wrt: Sequence[Value]) -> list[Any]:
        """d output / d leaf for every leaf, as symbols; 0 where it doesn't depend on one."""
        if not isinstance(output, Value):
            return [0.0] * len(wrt)
        if not self.chooses:
            found = pull_back(output, 1.0, self._local_derivatives)
            return [found.get(leaf, 0.0) for leaf in wrt]
        adjoints = pull_back(output, Adjoint(self.tape, 1.0, None), self._local_derivatives)
        slopes = [adjoints[leaf].x if leaf in adjoints else 0.0 for leaf in wrt]
        return [0.0 if slope is None else slope for slope in slopes]  # None: all that came was from comparisons

    def _local_derivatives(self, node: Value) -> Sequence[Any]:
        rule, operands = node._rule, self._operands(node)
        assert rule is not None
        if rule in OP_OF:
            condition = self.tape.apply(OP_OF[rule], operands[0], operands[1])
            return NOTHING, NOTHING, Side(condition, True), Side(condition, False)
        if rule.source is not None:
            return self._slopes_of_primitive(node)
        slopes: Sequence[Any] = rule.partials(self.tape.m, self.symbols[node], *operands)
        return slopes

    def _slopes_of_primitive(self, node: Value) -> list[Any]:
        """A user's derivatives know Values, not symbols; where they can't be traced, Python is called back for them."""
        try:
            with tracing() as tracer:
                slopes = node.local_derivative_values
            if not tracer.guards and self._follows(slopes, tracer.start):
                return [self.symbol(slope) for slope in slopes]
        except TraceError:
            pass
        rule, operands = node._rule, self._operands(node)
        assert rule is not None
        return [self.tape.rule(self._slope(rule, k), self.symbols[node], *operands) for k in range(len(operands))]

    def _follows(self, slopes: Sequence[Any], start: int) -> bool:
        """Write the slopes down; whether they follow from what is known, and not from a leaf captured only now."""
        nodes = [node for slope in slopes if isinstance(slope, Value) for node in topological_order(slope)]
        leaves = [node for node in nodes if node._rule is None and node not in self.symbols]
        if any(leaf._order < start for leaf in leaves):
            return False
        self.symbols.update({leaf: leaf._data for leaf in leaves})
        self._write(nodes)
        return True

    def _slope(self, rule: Rule, k: int) -> Rule:
        """An operation for the local derivative of a primitive by its k-th operand."""
        if (rule, k) not in self._slope_rules:
            value = partial(_slope_of, rule, k)
            self._slope_rules[rule, k] = Rule(f"{rule.name}′{k}", value, rule.partials, rule.symbol, source=rule.source)
        return self._slope_rules[rule, k]

    def program(self, outputs: Sequence[Any], names: Sequence[str]) -> Instructions:
        """The program for these symbols."""
        return self.tape.program(outputs, names)


def _slope_of(rule: Rule, k: int, y: float, *operands: float) -> float:
    """The local derivative of a primitive, of floats."""
    slope = rule.partials(FLOATS, y, *operands)[k]
    return float(slope)


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, made different where two are alike."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        count = seen[name] = seen.get(name, 0) + 1
        result.append(name if count == 1 else f"{name}'{count}")
    return result


# -- adjoints ----------------------------------------------------------------------------------------------


class Side:
    """The local derivative of ``where`` by one of its sides: 1 or nothing, lane by lane."""

    __slots__ = ("condition", "holds")

    def __init__(self, condition: Any, holds: bool):
        self.condition, self.holds = condition, holds


NOTHING = object()  # the local derivative of a comparison


class Adjoint:
    """A gradient on its way back, and the ``mask`` of the lanes it concerns, None for all.

    Eager mode never visits the side that ``where`` didn't choose. Here every lane passes both sides, and outside
    the mask a product is 0, whatever its factors: so the side not chosen can't poison a gradient.
    """

    __slots__ = ("mask", "tape", "x")

    def __init__(self, tape: Tape | Recorded, x: Any, mask: Any):
        self.tape, self.x, self.mask = tape, x, mask

    def __mul__(self, local: Any) -> Adjoint:
        tape = self.tape
        if local is NOTHING or self.x is None:
            return Adjoint(tape, None, None)
        if local.__class__ is Side:
            return self._through(local)
        product = self.x * local
        return Adjoint(tape, product if self.mask is None else tape.apply("where", self.mask, product, 0.0), self.mask)

    def _through(self, side: Side) -> Adjoint:
        tape, condition = self.tape, side.condition
        if condition.__class__ is bool:
            return self if condition == side.holds else Adjoint(tape, None, None)
        chosen = condition if side.holds else tape.apply("not", condition)
        mask = chosen if self.mask is None else tape.apply("and", self.mask, chosen)
        sides = (self.x, 0.0) if side.holds else (0.0, self.x)
        return Adjoint(tape, tape.apply("where", condition, *sides), mask)

    def __add__(self, other: Adjoint) -> Adjoint:
        if self.x is None or other.x is None:
            return other if self.x is None else self
        mask = None
        if self.mask is not None and other.mask is not None:
            mask = self.tape.apply("or", self.mask, other.mask)
        return Adjoint(self.tape, self.x + other.x, mask)


class Recorded:
    """What ``Adjoint`` asks of a tape, done on Values: a mask is a number, 1 or 0."""

    def apply(self, op: str, *operands: Any) -> Any:
        """The operation, recorded."""
        if op == "where":
            mask, a, b = operands
            return record(CHOOSERS["lt"], _number(a if mask._data > 0.0 else b), (0.0, *operands))
        functions: dict[str, Any] = {"not": lambda x: 1.0 - x, "and": operator.mul, "or": maximum}
        return functions[op](*operands)


def recorded_gradients(output: Value, wrt: Sequence[Value]) -> list[Any]:
    """The gradient as Values that can be differentiated again, and 0 outside its masks."""
    if not any(node._rule in OP_OF for node in topological_order(output)):
        found = gradients(output, Value(1.0))
        return [found.get(leaf, 0.0) for leaf in wrt]
    adjoints = pull_back(output, Adjoint(Recorded(), Value(1.0), None), _recorded_derivatives, None, derivative_of)
    slopes = [adjoints[leaf].x if leaf in adjoints else 0.0 for leaf in wrt]
    return [0.0 if slope is None else slope for slope in slopes]


def _recorded_derivatives(node: Value) -> Sequence[Any]:
    rule = node._rule
    if rule not in OP_OF:
        return node.local_derivative_values
    left, right, _, _ = node.operands
    outcome = COMPARISONS[OP_OF[rule]](_number(left), _number(right))
    mask = record(rule, float(outcome), (left, right, 1.0, 0.0))
    return NOTHING, NOTHING, Side(mask, True), Side(mask, False)
