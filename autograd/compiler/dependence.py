"""What depends on what in a traced graph, for patterns: its operations in order, those of a scan's steps for each step.

A choice depends on both of its sides and not on what it is made by, so a pattern holds for all numbers that take the same
Python branches. What ``stop_gradient`` gives depends on nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias

from autograd.compiler.conditions import COMPARISON_OF, STOP
from autograd.compiler.scans import ALL, ITEM, STACK, ScanRule, constants_of, reads_of
from autograd.graph import number_of, topological_order
from autograd.sparsity.curvature import curved
from autograd.sparsity.groups import Groups, hessian_groups, jacobian_groups
from autograd.sparsity.pattern import Applied, hessian_pattern, jacobian_pattern, steps_behind
from autograd.transforms.types import Scalar
from autograd.value import Value

Name: TypeAlias = "int | list[Name] | None"  # of a number, or of each of a list; None for what depends on no input


class Dependence:
    """The operations on the inputs, which are numbered first."""

    def __init__(self, inputs: Sequence[Value], order: Iterable[Value]):
        self.inputs = range(len(inputs))
        self.steps: list[Applied] = []
        self._numbers = count(len(inputs))
        self._names: dict[Value, Name] = dict(zip(inputs, self.inputs, strict=True))
        self._enter(order, self._names)

    def names(self, outputs: Iterable[Scalar]) -> list[Any]:
        """What the outputs are called."""
        return _named(outputs, self._names)

    def _enter(self, order: Iterable[Value], names: dict[Value, Name]) -> None:
        for node in order:
            if node._rule is not None:
                names[node] = self._name(node, names)

    def _name(self, node: Value, names: Mapping[Value, Name]) -> Name:
        rule, operands = node._rule, _named(node.operands, names)
        assert rule is not None
        if rule is STOP:
            return None
        if rule is ITEM:
            return operands[0][int(number_of(node.operands[1]))] if operands[0] is not None else None
        if rule is STACK or rule is ALL:
            return operands
        if isinstance(rule, ScanRule):
            return self._scan(node, rule, names)
        sides = operands[2:] if rule in COMPARISON_OF else operands
        variable = tuple([x is not None for x in sides])
        if not any(variable):
            return None
        self.steps.append(Applied(next(self._numbers), sides, () if rule in COMPARISON_OF else curved(rule, variable)))
        return self.steps[-1].result  # type: ignore[return-value]

    def _scan(self, hub: Value, rule: ScanRule, names: Mapping[Value, Name]) -> list[Name]:
        """The names of a scan's results: of the last states, and of what each step has stacked."""
        body, first = rule.body, len(rule.body.states)
        states = _named(hub.operands[:first], names)
        constants = dict(zip(body.constants, _named(constants_of(hub, rule), names), strict=True))
        read = [(names[source], start, stride) for source, start, stride in reads_of(hub, rule)]
        stacked: list[list[Name]] = [[] for _ in body.outputs[first:]]
        for i in range(rule.times):
            xs = [numbers[start + stride * i] if isinstance(numbers, list) else None for numbers, start, stride in read]
            of_step: dict[Value, Name] = constants | dict(zip([*body.states, *body.xs], [*states, *xs], strict=True))
            self._enter(body.order, of_step)
            outputs = _named(body.outputs, of_step)
            states = outputs[:first]
            for column, name in zip(stacked, outputs[first:], strict=True):
                column.append(name)
        return [*states, *[name for column in stacked for name in column]]


def _named(numbers: Iterable[Scalar], names: Mapping[Value, Name]) -> list[Any]:
    return [names.get(x) if isinstance(x, Value) else None for x in numbers]


# -- which columns or rows of a derivative are computed together ---------------------------------------------------


def jacobian_groups_of(inputs: Sequence[Value], outputs: Sequence[Scalar]) -> Groups:
    """Those of the outputs' Jacobian."""
    graph = _behind(inputs, outputs)
    return jacobian_groups(jacobian_pattern(graph.steps, graph.inputs, graph.names(outputs)), len(inputs))


def hessian_groups_of(inputs: Sequence[Value], output: Scalar) -> Groups:
    """Those of an output's Hessian."""
    graph = _behind(inputs, [output])
    return hessian_groups(hessian_pattern(steps_behind(graph.steps, graph.names([output])), graph.inputs))


def _behind(inputs: Sequence[Value], outputs: Sequence[Scalar]) -> Dependence:
    return Dependence(inputs, topological_order(*[y for y in outputs if isinstance(y, Value)]))
