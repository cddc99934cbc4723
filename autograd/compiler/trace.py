"""Tracing: f runs once on ``Value``s, and the graph it leaves becomes a program.

While it runs, a comparison gives a ``Condition`` in place of a bool, and ``float(v)`` and all else that would leave the
graph raises. The gradient is traced from the backward pass itself: ``autograd.backward.pull_back`` with symbols for
numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from functools import partial, reduce

from autograd.backward import pull_back
from autograd.compiler.conditions import COMPARISON_OF, SELECTIONS, STOP, TraceError
from autograd.compiler.masks import Adjoint, Local, Side, totals_of
from autograd.compiler.tracer import Tracer, tracing
from autograd.graph import number_of, topological_order
from autograd.program.instructions import Instructions
from autograd.program.tape import Number, Symbol, Tape
from autograd.rules.table import FLOATS, SUM, Rule
from autograd.transforms.types import Scalar
from autograd.value import Value, record


class Trace:
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
        names = [str(leaf.name or f"x{i}") for i, leaf in enumerate(self.inputs)]
        names += [f"captured.{leaf.name or i}" for i, leaf in enumerate(self.captured)]
        self.tape = Tape(_distinct(names))
        self.symbols: dict[Value, Number] = dict(zip([*self.inputs, *self.captured], self.tape.inputs, strict=True))
        self.symbols.update({leaf: leaf._number for leaf in leaves if leaf._order >= tracer.start})
        self.chooses = any(node._rule in SELECTIONS for node in self.order)  # else a gradient needs no mask
        self._partial_rules: dict[tuple[Rule, int], Rule] = {}
        self._write(self.order)

    def _write(self, nodes: Iterable[Value]) -> None:
        """Record the nodes that aren't on the tape yet."""
        for node in nodes:
            if node._rule is not None and node not in self.symbols:
                self.symbols[node] = self.tape.rule(node._rule, *self._operands(node))

    def _operands(self, node: Value) -> list[Number]:
        return [x if isinstance(x, float) else self.symbols[x] for x in node.operands]

    def symbol(self, output: Scalar) -> Number:
        """An output as a symbol, or as a float where it depends on nothing."""
        if not isinstance(output, Value):
            return float(output)
        return self.symbols.get(output, output._number)  # a leaf made while tracing is a number

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
        if not self.chooses:
            seed: Number = 1.0
            totals = pull_back(output, seed, self._partials)
            return [totals.get(leaf, 0.0) for leaf in wrt]
        adjoint: Adjoint[Number] = Adjoint(self.tape, 1.0, None)
        found = totals_of(pull_back(output, adjoint, self._local_derivatives))
        return [found.get(leaf, 0.0) for leaf in wrt]

    def tangents(self, outputs: Sequence[Scalar], moving: Mapping[Value, Number]) -> list[Number]:
        """How fast each output changes where the leaves move so fast: forward mode, one pass for all outputs.

        The same products in the same order as ``transforms.forward``, so the same bits; 0 × inf of the side that a choice
        didn't take is left behind with it, and no mask is needed.
        """
        tangent_of = dict(moving)
        for node in _order_of(outputs):
            if node not in tangent_of and any(parent in tangent_of for parent in node.parents):
                tangent_of[node] = self._tangent(node, tangent_of)
        return [tangent_of.get(y, 0.0) if isinstance(y, Value) else 0.0 for y in outputs]

    def _tangent(self, node: Value, tangent_of: Mapping[Value, Number]) -> Number:
        rule = node._rule
        if rule is STOP:
            return 0.0
        if rule in COMPARISON_OF:
            left, right, _, _ = self._operands(node)
            condition = self.tape.apply(COMPARISON_OF[rule], left, right)
            sides = [tangent_of.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in node.operands[2:]]
            return sides[not condition] if isinstance(condition, bool) else self.tape.apply("where", condition, *sides)
        pairs = zip(node.operands, self._partials(node), strict=True)
        moved = [local * tangent_of[x] for x, local in pairs if isinstance(x, Value) and x in tangent_of]
        return reduce(operator.add, moved)

    def _local_derivatives(self, node: Value) -> Sequence[Local[Number]]:
        rule = node._rule
        if rule is STOP:
            return (None,)
        if rule not in COMPARISON_OF:
            return self._partials(node)
        left, right, _, _ = self._operands(node)
        condition = self.tape.apply(COMPARISON_OF[rule], left, right)
        return None, None, Side(condition, True), Side(condition, False)

    def _partials(self, node: Value) -> Sequence[Number]:
        rule = node._rule
        assert rule is not None
        if rule.source is not None:
            return self._partials_of_primitive(node)
        return rule.partials(self.tape.m, self.symbols[node], *self._operands(node))

    def _partials_of_primitive(self, node: Value) -> list[Number]:
        """A user's derivatives take Values, not symbols; where they can't be traced, Python is called back for them."""
        try:
            with tracing() as tracer:
                partials = node.local_derivative_values
            if not tracer.guards and self._traceable(partials, tracer.start):
                return [self.symbol(each) for each in partials]
        except TraceError:
            pass
        rule, operands = node._rule, self._operands(node)
        assert rule is not None
        return [self.tape.rule(self._partial_rule(rule, k), self.symbols[node], *operands) for k in range(len(operands))]

    def _traceable(self, partials: Sequence[Scalar], start: int) -> bool:
        """Whether the partials depend on recorded nodes alone, and capture no other leaf; if so, record them."""
        nodes = [node for each in partials if isinstance(each, Value) for node in topological_order(each)]
        leaves = [node for node in nodes if node._rule is None and node not in self.symbols]
        if any(leaf._order < start for leaf in leaves):
            return False
        self.symbols.update({leaf: leaf._number for leaf in leaves})
        self._write(nodes)
        return True

    def _partial_rule(self, rule: Rule, k: int) -> Rule:
        """An operation for the local derivative of a primitive by its k-th operand."""
        if (rule, k) not in self._partial_rules:
            value = partial(_partial_of, rule, k)
            self._partial_rules[rule, k] = Rule(f"{rule.name}′{k}", value, rule.partials, rule.symbol, source=rule.source)
        return self._partial_rules[rule, k]

    def program(self, outputs: Sequence[Number], names: Sequence[str]) -> Instructions:
        """The program for these symbols."""
        return self.tape.program(outputs, names)


def _order_of(outputs: Sequence[Scalar]) -> list[Value]:
    """The nodes behind these, in topological order."""
    nodes = [y for y in outputs if isinstance(y, Value)]
    return topological_order(record(SUM, 0.0, (*nodes, 0.0)))[:-1] if nodes else []


def _partial_of(rule: Rule, k: int, y: float, *operands: float) -> float:
    """The local derivative of a primitive, of floats."""
    return number_of(rule.partials(FLOATS, y, *operands)[k])


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, made different where two are alike."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        count = seen[name] = seen.get(name, 0) + 1
        result.append(name if count == 1 else f"{name}'{count}")
    return result
