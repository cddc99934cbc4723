"""Tracing: f runs once on ``Value``s, and the graph it leaves becomes a program.

While it runs, a comparison gives a ``Condition`` in place of a bool, and ``float(v)`` and all else that would leave the
graph raises. The gradient is traced from the backward pass itself: ``autograd.backward.pull_back`` with symbols for
numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from autograd.backward import pull_back
from autograd.compiler.conditions import COMPARISON_OF, SELECTIONS, STOP, TraceError
from autograd.compiler.masks import Adjoint, Local, Side, totals_of
from autograd.compiler.recorded import on_values, partial_rule, recorded_gradients
from autograd.compiler.scans import ITEM, STACK, ScanRule
from autograd.compiler.tracer import Tracer, tracing
from autograd.graph import reverse_topological_order, topological_order
from autograd.program.instructions import Instructions, Scan
from autograd.program.tape import Number, Symbol, Tape
from autograd.rules.table import SUM, Rule
from autograd.transforms.forward import pushed
from autograd.transforms.implicit import ImpliedRule
from autograd.transforms.types import Scalar
from autograd.value import Value, record


class GraphWriter:
    """Recorded nodes written on a tape, each once; ``symbols`` has what stands for those that are written.

    The number of a node in ``known`` is that of another, where that one is written: it isn't computed again.
    """

    def __init__(self, tape: Tape, symbols: dict[Value, Number], known: dict[Value, Value]):
        self.tape, self.symbols, self.known = tape, symbols, known

    def write(self, nodes: Iterable[Value]) -> None:
        """Record the nodes that aren't on the tape yet."""
        for node in nodes:
            if node._rule is not None and node not in self.symbols:
                symbol = self._known(node) if node in self.known else None
                self.symbols[node] = self._written(node._rule, self.operands(node)) if symbol is None else symbol

    def _known(self, node: Value) -> Symbol | None:
        """What has the node's number; other nodes may be the same operation, as cos x is in the derivative of sin x."""
        symbol = self.symbols.get(self.known[node])
        if not isinstance(symbol, Symbol):
            return None
        assert node._rule is not None
        self.tape.declare(node._rule, self.operands(node), symbol)
        return symbol

    def _written(self, rule: Rule, operands: Sequence[Number]) -> Number:
        if isinstance(rule, ScanRule):
            return self._scan(rule, operands)
        if rule is STACK:
            return self.tape.stack(operands)
        if rule is ITEM:
            numbers, k = operands
            assert isinstance(k, float)
            return self.tape.item(numbers, int(k))
        return self.tape.rule(rule, *operands)

    def operands(self, node: Value) -> list[Number]:
        """What stands for a node's operands."""
        symbols, a, b = self.symbols, node._a, node._b
        if b is not None:
            return [a if a.__class__ is float else symbols[a], b if b.__class__ is float else symbols[b]]
        return [x if isinstance(x, float) else symbols[x] for x in node.operands]

    def symbol(self, output: Scalar) -> Number:
        """An output as a symbol, or as a float where it depends on nothing."""
        if not isinstance(output, Value):
            return float(output)
        return self.symbols.get(output, output._number)  # a leaf made while tracing is a number

    def _scan(self, rule: ScanRule, operands: Sequence[Number]) -> Symbol:
        """A loop, with its step on a tape of its own. Constants that are numbers are in the step itself."""
        body, first = rule.body, len(rule.body.states)
        end = first + len(body.constants)
        known = dict(zip(body.constants, operands[first:end], strict=True))
        constants = [x for x in body.constants if isinstance(known[x], Symbol)]
        leaves = [*body.states, *constants, *body.xs]
        words = ["s"] * first + ["c"] * len(constants) + ["x"] * len(body.xs)
        names = _distinct([str(leaf.name or f"{word}{i}") for i, (leaf, word) in enumerate(zip(leaves, words, strict=True))])
        tape = Tape(names, self.tape.rules)
        step = GraphWriter(tape, known | dict(zip(leaves, tape.inputs, strict=True)), self.known)
        step.write(body.order)
        outputs = [f"{name}'" for name in names[:first]] + [f"y{j}" for j in range(len(body.outputs) - first)]
        code = tape.program([step.symbol(y) for y in body.outputs], outputs)
        tape.forget()
        passed = [*operands[:first], *[known[x] for x in constants], *operands[end:]]
        return self.tape.scan(Scan(code, rule.times, first, tuple(rule.strides)), passed)


class Trace(GraphWriter):
    """What one run of a function left: its outputs, and the guards under which it holds.

    ``inputs`` are the leaves that stand for the arguments; other leaves are ``captured``: inputs too, read anew at
    every call.
    """

    def __init__(self, inputs: Sequence[Value], outputs: Sequence[Scalar], tracer: Tracer):
        self.inputs, self.outputs, self.guards = list(inputs), list(outputs), tracer.guards
        sides = [x for guard in self.guards for x in (guard.left, guard.right)]
        self.order = _order_of([*self.outputs, *sides])
        arguments = set(self.inputs)
        leaves = [node for node in self.order if node._rule is None and node not in arguments]
        self.captured = [leaf for leaf in leaves if leaf._order < tracer.start]
        for leaf in leaves:
            if leaf in tracer.step_leaves:
                raise TraceError(
                    f"scan: {leaf.name} of a step, or what was computed from it, is used outside of that step; there it "
                    "stands for all steps and has no number: return it as a part of y, or carry it in the state"
                )
        _check_solved(self.order, tracer.start)
        names = [str(leaf.name or f"x{i}") for i, leaf in enumerate(self.inputs)]
        names += [f"captured.{leaf.name or i}" for i, leaf in enumerate(self.captured)]
        tape = Tape(_distinct(names))
        super().__init__(tape, dict(zip([*self.inputs, *self.captured], tape.inputs, strict=True)), tracer.known)
        self.symbols.update({leaf: leaf._number for leaf in leaves if leaf._order >= tracer.start})
        self.chooses = any(node._rule in SELECTIONS for node in self.order)  # else a gradient needs no mask
        self.on_values = any(map(on_values, self.order))
        self.write(self.order)

    def guards_held(self) -> Number:
        """How many guards, from the first, have the outcome that they had when traced."""
        held: Number = float(len(self.guards))
        for k, guard in reversed(list(enumerate(self.guards))):
            condition = self.tape.apply(guard.op, self.symbol(guard.left), self.symbol(guard.right))
            if condition.__class__ is Symbol:
                sides = (held, float(k)) if guard.outcome else (float(k), held)
                held = self.tape.apply("where", condition, *sides)
        return held

    def gradients(self, output: Scalar, wrt: Sequence[Value]) -> list[Number]:
        """d output / d leaf for every leaf, as symbols; 0 where it doesn't depend on one."""
        if not isinstance(output, Value):
            return [0.0] * len(wrt)
        if self.on_values:
            return self._recorded_gradients(output, wrt)
        if not self.chooses:
            seed: Number = 1.0
            totals = pull_back(output, seed, self._partials)
            return [totals.get(leaf, 0.0) for leaf in wrt]
        adjoint: Adjoint[Number] = Adjoint(self.tape, 1.0, None)
        found = totals_of(pull_back(output, adjoint, self._local_derivatives))
        return [found.get(leaf, 0.0) for leaf in wrt]

    def tangents(self, outputs: Sequence[Scalar], moving: Mapping[Value, Scalar]) -> list[Number]:
        """How fast each output changes where the leaves move so fast: forward mode, one pass for all outputs.

        The same products in the same order as ``transforms.forward``, so the same bits. Where there are choices tangents
        have masks as adjoints have: 0 × inf of what doesn't move, where a side is chosen, is no nan.
        """
        if self.on_values:
            return self._recorded_tangents(outputs, moving)
        start = {leaf: self.symbols[by] if isinstance(by, Value) else by for leaf, by in moving.items()}
        if not self.chooses:
            found = self._pushed(outputs, start, self._partials)
        else:
            masked = {leaf: Adjoint(self.tape, tangent, None) for leaf, tangent in start.items()}
            found = totals_of(self._pushed(outputs, masked, self._local_derivatives))
        return [found.get(y, 0.0) if isinstance(y, Value) else 0.0 for y in outputs]

    def _pushed(
        self, outputs: Sequence[Scalar], start: Mapping[Value, Any], locals_of: Callable[[Value], Sequence[Any]]
    ) -> dict[Value, Any]:
        flow = dict(start)
        for node in _order_of(outputs):
            if node not in flow and any(parent in flow for parent in node.parents):
                pairs = zip(node.operands, locals_of(node), strict=True)
                moved = [flow[x] * local for x, local in pairs if isinstance(x, Value) and x in flow]
                flow[node] = reduce(operator.add, moved)
        return flow

    @property
    def forward_masks(self) -> bool:
        """Whether ``tangents`` are as safe as gradients: there is no choice in a loop, through which they have no masks."""
        return not self.on_values or not any(node._rule in SELECTIONS for node in nodes_within(self.order))

    def _recorded_gradients(self, output: Value, wrt: Sequence[Value]) -> list[Number]:
        """The same by Values, on which scans have derivatives."""
        leads = set(wrt)
        for node in self.order:
            if node._rule is not None and not leads.isdisjoint(node.parents):
                leads.add(node)
        order = [node for node in reverse_topological_order(output) if node in leads]  # lists of data are left alone
        with tracing(self._late_tracer()):
            totals = recorded_gradients(output, Value(1.0), order)
        return self._written_late([totals.get(leaf, 0.0) for leaf in wrt])

    def _late_tracer(self) -> Tracer:
        tracer = Tracer(complete=True)
        tracer.known = self.known
        return tracer

    def _recorded_tangents(self, outputs: Sequence[Scalar], moving: Mapping[Value, Scalar]) -> list[Number]:
        order = _order_of(outputs)
        with tracing(self._late_tracer()):
            found = pushed(order, moving, True)
        return self._written_late([found.get(y, 0.0) if isinstance(y, Value) else 0.0 for y in outputs])

    def _written_late(self, found: Sequence[Scalar]) -> list[Number]:
        """What was recorded once the function had run."""
        nodes = topological_order(*[x for x in found if isinstance(x, Value)])
        self.symbols.update({node: node._number for node in nodes if node._rule is None and node not in self.symbols})
        self.write(nodes)
        return [self.symbol(x) for x in found]

    def _local_derivatives(self, node: Value) -> Sequence[Local[Number]]:
        rule = node._rule
        if rule is STOP:
            return (None,)
        if rule not in COMPARISON_OF:
            return self._partials(node)
        left, right, _, _ = self.operands(node)
        condition = self.tape.apply(COMPARISON_OF[rule], left, right)
        return None, None, Side(condition, True), Side(condition, False)

    def _partials(self, node: Value) -> Sequence[Number]:
        rule = node._rule
        assert rule is not None
        if rule.source is not None:
            return self._partials_of_primitive(node)
        return rule.partials(self.tape.m, self.symbols[node], *self.operands(node))

    def _partials_of_primitive(self, node: Value) -> list[Number]:
        """A user's derivatives take Values, not symbols; where they can't be traced, Python is called back for them."""
        try:
            with tracing() as tracer:
                partials = node.local_derivative_values
            if not tracer.guards and self._traceable(partials, tracer.start):
                return [self.symbol(each) for each in partials]
        except TraceError:
            pass
        rule, operands = node._rule, self.operands(node)
        assert rule is not None
        return [self.tape.rule(partial_rule(rule, k), self.symbols[node], *operands) for k in range(len(operands))]

    def _traceable(self, partials: Sequence[Scalar], start: int) -> bool:
        """Whether the partials depend on recorded nodes alone, and capture no other leaf; if so, record them."""
        nodes = [node for each in partials if isinstance(each, Value) for node in topological_order(each)]
        leaves = [node for node in nodes if node._rule is None and node not in self.symbols]
        if any(leaf._order < start for leaf in leaves):
            return False
        self.symbols.update({leaf: leaf._number for leaf in leaves})
        self.write(nodes)
        return True

    def program(self, outputs: Sequence[Number], names: Sequence[str]) -> Instructions:
        """The program for these symbols."""
        return self.tape.program(outputs, names)


def _check_solved(order: Iterable[Value], start: int) -> None:
    """Raise TraceError for an unknown that was solved for before: the program would hold its number."""
    for node in order:
        if isinstance(rule := node._rule, ImpliedRule) and node._order < start:
            raise TraceError(
                f"{rule.name}: {node!r} was solved before the compiled function was called, which would hold that number "
                f"for ever; call {rule.name} inside of it, or pass the result as an argument"
            )


def nodes_within(order: Iterable[Value]) -> Iterator[Value]:
    """The nodes, and those of the steps of scans among them."""
    for node in order:
        yield node
        if isinstance(node._rule, ScanRule):
            yield from nodes_within(node._rule.body.order)


def _order_of(outputs: Sequence[Scalar]) -> list[Value]:
    """The nodes behind these, in topological order."""
    nodes = [y for y in outputs if isinstance(y, Value)]
    return topological_order(record(SUM, 0.0, (*nodes, 0.0)))[:-1] if nodes else []


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, made different where two are alike."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        count = seen[name] = seen.get(name, 0) + 1
        result.append(name if count == 1 else f"{name}'{count}")
    return result
