"""Sparse derivatives: ``jacobian(f, sparse=True)`` and ``hessian(f, sparse=True)`` by a few passes over one graph.

The pattern follows from the graph, groups of columns from the pattern, see ``autograd.sparsity``. Local derivatives are
computed once; then a pass is one multiplication and one addition an edge. For a Hessian H = Jᵀ·W·J: J leads from the inputs
to the operands in which operations are curved, W has each operation's second derivatives times its adjoint.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, compress, repeat
from typing import Any, NamedTuple, TypeAlias

from autograd.backward import gradients
from autograd.modes.anomaly import suspend_anomaly, watching
from autograd.sparsity.curvature import Pairs, curved
from autograd.sparsity.groups import Groups, blocks, hessian_groups, jacobian_groups
from autograd.sparsity.pattern import Applied, hessian_pattern, jacobian_pattern
from autograd.transforms.call import Call, calling
from autograd.transforms.replay import recorded_anew
from autograd.transforms.types import Argnums, Function, Scalar
from autograd.value import Value

Numbers: TypeAlias = list[float | None]  # one a place, None where nothing comes
Linear: TypeAlias = Callable[[Mapping[int, float]], Numbers]
NOWHERE = -1


class Edges(NamedTuple):
    """Edges of a graph in topological order, from places to places, each with a factor."""

    sources: list[int]
    targets: list[int]
    factors: list[float]

    def reversed(self) -> Edges:
        """The way back."""
        return Edges(self.targets[::-1], self.sources[::-1], self.factors[::-1])

    def some(self, chosen: Sequence[int]) -> Edges:
        """Those that are chosen."""
        sources, targets = list(compress(self.sources, chosen)), list(compress(self.targets, chosen))
        return Edges(sources, targets, list(compress(self.factors, chosen)))

    def flow(self, start: Mapping[int, float], places: int) -> Numbers:
        """What comes to every place: numbers go along the edges and add up; 0 · ∞ of what doesn't come takes no part."""
        numbers: Numbers = [None] * places
        for place, number in start.items():
            numbers[place] = number
        for source, target, factor in zip(*self, strict=True):
            x = numbers[source]
            if x is not None:
                before = numbers[target]
                numbers[target] = factor * x if before is None else before + factor * x
        return numbers


class Linearised:
    """The graph of a call, its nodes numbered, leaves first, and its edges with their local derivatives."""

    def __init__(self, call: Call):
        self.nodes = [node for node in reversed(call.order) if node._rule is not None]
        self.place = {node: k for k, node in enumerate([*call.leaves, *self.nodes])}
        self.inputs = range(len(call.leaves))
        self.operands = [[self.at(x) for x in node.operands] for node in self.nodes]
        self.edges = Edges([], [], [])
        for here, places, node in zip(range(len(call.leaves), len(self.place)), self.operands, self.nodes, strict=True):
            self._enter(here, places, node.local_derivatives)

    def at(self, x: Scalar) -> int:
        """Where a number is; −1 for what depends on no leaf."""
        return self.place.get(x, NOWHERE) if isinstance(x, Value) else NOWHERE

    def _enter(self, here: int, places: Sequence[int], local_derivatives: Sequence[float]) -> None:
        sources, targets, factors = self.edges
        for place, local in zip(places, local_derivatives, strict=True):
            if place >= 0:
                sources.append(place)
                targets.append(here)
                factors.append(local)

    def steps(self, curves: Iterable[Pairs]) -> list[Applied]:
        """The operations, for the pattern, with the pairs of operands that each is curved in."""
        here = range(len(self.inputs), len(self.place))
        return [Applied(*each) for each in zip(here, self.operands, curves, strict=False)]

    def curves(self) -> list[Pairs]:
        """The pairs of operands that each node is curved in."""
        pairs = zip(self.nodes, self.operands, strict=True)
        return [curved(node._rule, tuple([k >= 0 for k in places])) for node, places in pairs if node._rule]

    def flow(self, edges: Edges, start: Mapping[int, float]) -> Numbers:
        """What comes to each of its places."""
        return edges.flow(start, len(self.place))


# -- Jacobians -------------------------------------------------------------------------------------------------


def sparse_rows(
    f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums, who: str, has_aux: bool
) -> Any:
    """``jacobian`` as a sparse array: a row for each output, a column for each number of the argument."""
    with calling(f, argnums, args, kwargs, who, has_aux=has_aux) as call:
        _, outputs, _ = call.outputs()
        _check_numbers(call)
        graph = Linearised(call)
        places = [graph.at(y) for y in outputs]
        groups = jacobian_groups(jacobian_pattern(graph.steps(repeat(())), graph.inputs, places), len(call.leaves))
        edges, ends = (graph.edges, places) if groups.forward else (graph.edges.reversed(), graph.inputs)
        starts = graph.inputs if groups.forward else places
        columns = [
            _ended(graph.flow(edges, dict.fromkeys([starts[k] for k in group], 1.0)), ends) for group in groups.members()
        ]
        _name_anomaly(call, outputs, columns)
        return call.with_aux(_split(call, _matrix(groups, columns), both=False))


def _ended(numbers: Numbers, ends: Iterable[int]) -> list[float]:
    """What came to these places; an output that depends on nothing has none."""
    found = [None if place < 0 else numbers[place] for place in ends]
    return [0.0 if x is None else x for x in found]


def _matrix(groups: Groups, columns: Sequence[Sequence[float]]) -> Any:
    return groups.matrix(list(zip(*columns, strict=True)))


def _split(call: Call, matrix: Any, both: bool) -> Any:
    """The matrix of each argument, or the one that there is."""
    return matrix if call.alone else blocks(matrix, [len(leaves) for leaves, _ in call.parts], both)


def _check_numbers(call: Call) -> None:
    if call.values:
        raise TypeError(
            f"{call.who}: a sparse array holds numbers, and this derivative is made of Values, for an argument is one or f "
            f"depends on one; give floats, stop_gradient(v) for what f captures, or leave out sparse"
        )


def _name_anomaly(call: Call, outputs: Sequence[Scalar], columns: Iterable[Sequence[float]]) -> None:
    """Inside ``detect_anomaly`` passes of the usual kind name what isn't finite."""
    if watching() and not all(map(math.isfinite, chain.from_iterable(columns))):
        for y in outputs:
            call.gradients(y)


# -- Hessians --------------------------------------------------------------------------------------------------


def sparse_hessian(
    f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums, who: str, has_aux: bool
) -> Any:
    """``hessian`` as a sparse array: a row and a column for each number of the argument."""
    with calling(f, argnums, args, kwargs, who, has_aux=has_aux) as call:
        y = call.single(call.run())
        _check_numbers(call)
        graph = Linearised(call)
        curves = graph.curves()
        groups = hessian_groups(hessian_pattern(graph.steps(curves), graph.inputs))
        product = _product(graph, y, curves)
        columns = [_ended(product(dict.fromkeys(group, 1.0)), graph.inputs) for group in groups.members()]
        _name_anomaly(call, [y], columns)
        return call.with_aux(_split(call, _matrix(groups, columns), both=True))


def _product(graph: Linearised, y: Scalar, curves: Sequence[Pairs]) -> Linear:
    """The Hessian as a function of directions at the inputs."""
    backwards = graph.edges.reversed()
    adjoints = graph.flow(backwards, {graph.at(y): 1.0} if graph.at(y) >= 0 else {})
    weights = _weights(graph, curves, adjoints)
    below = _behind(backwards, weights.sources, len(graph.place))
    forwards = graph.edges.some([below[target] for target in graph.edges.targets])
    backwards = forwards.reversed()

    def product(direction: Mapping[int, float]) -> Numbers:
        moved = graph.flow(forwards, direction)
        start: dict[int, float] = {}
        for source, target, weight in zip(*weights, strict=True):
            x = moved[source]
            if x is not None:
                start[target] = start.get(target, -0.0) + weight * x
        return graph.flow(backwards, start)

    return product


def _behind(backwards: Edges, places: Iterable[int], count: int) -> bytearray:
    """For every place 1 where one of these depends on it."""
    found = bytearray(count)
    for place in places:
        found[place] = 1
    for source, target in zip(backwards.sources, backwards.targets, strict=True):
        found[target] |= found[source]
    return found


def _weights(graph: Linearised, curves: Sequence[Pairs], adjoints: Numbers) -> Edges:
    """Of every curved operation its second derivatives times its adjoint, from operand to operand."""
    weights = Edges([], [], [])
    of_nodes = adjoints[len(graph.inputs) :]
    for node, places, pairs, adjoint in zip(graph.nodes, graph.operands, curves, of_nodes, strict=True):
        if pairs and adjoint is not None:
            for (j, k), second in zip(pairs, _second_derivatives(node, pairs), strict=True):
                for one, other in [(j, k), (k, j)] if j != k else [(j, j)]:
                    weights.sources.append(places[one])
                    weights.targets.append(places[other])
                    weights.factors.append(adjoint * second)
    return weights


def _second_derivatives(node: Value, pairs: Pairs) -> list[float]:
    """∂²node/∂operand∂operand for these pairs, at the numbers of the graph."""
    operands = [Value(x._number) if isinstance(x, Value) else x for x in node.operands]
    copy = recorded_anew(node, operands)
    with suspend_anomaly():
        partials = copy.local_derivative_values
        by = {k: gradients(p, 1.0) for k in {k for _, k in pairs} if isinstance(p := partials[k], Value)}
    pairs_of = [(operands[j], by.get(k, {})) for j, k in pairs]
    return [found.get(x, 0.0) if isinstance(x, Value) else 0.0 for x, found in pairs_of]
