"""Gradients as Values while a function is traced: through choices with masks, through scans by another scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

from autograd.backward import pull_back
from autograd.compiler.adjoints import MASKS, Into, Picked, RecordedAdjoint
from autograd.compiler.conditions import COMPARISON_OF, SELECTIONS, STOP, TraceError
from autograd.compiler.masks import Adjoint, Local, Side, totals_of
from autograd.compiler.scans import ALL, ITEM, STACK, ScanRule
from autograd.compiler.way_back import PulledBack, WayBack
from autograd.graph import next_order, number_of, reverse_topological_order
from autograd.modes import context
from autograd.modes.anomaly import derivative_of
from autograd.program.operations import COMPARISONS
from autograd.rules.table import FLOATS, Rule
from autograd.transforms.implicit import ImpliedRule
from autograd.transforms.types import Scalar
from autograd.value import Value, record


def recorded_gradients(output: Value, seed: Value, order: Sequence[Value] | None = None) -> Mapping[Value, Scalar]:
    """``backward.gradients`` as Values, 0 outside their masks."""
    order = reverse_topological_order(output) if order is None else order
    if not any(node._rule in SELECTIONS or is_scan(node) for node in order):
        return pull_back(output, seed, lambda node: node.local_derivative_values, None, derivative_of, order)
    adjoint: RecordedAdjoint = Adjoint(MASKS, seed, None)
    return totals_of(pull_back(output, adjoint, recorded_derivatives, None, derivative_of, order))


def is_scan(node: Value) -> bool:
    """Whether a node is a scan's hub."""
    return isinstance(node._rule, ScanRule)


def on_values(node: Value) -> bool:
    """Whether a node has derivatives on Values alone, and none on symbols."""
    return isinstance(node._rule, ScanRule | ImpliedRule)


def recorded_derivatives(node: Value) -> Sequence[Local[Scalar]]:
    """What an adjoint is multiplied by on its way to each operand."""
    rule = node._rule
    assert rule is not None
    if rule is STOP:
        return (None,)
    if rule in COMPARISON_OF:
        left, right, _, _ = node.operands
        outcome = COMPARISONS[COMPARISON_OF[rule]](number_of(left), number_of(right))
        mask = record(rule, float(outcome), (left, right, 1.0, 0.0))
        return None, None, Side(mask, True), Side(mask, False)
    if rule is ITEM:
        return Into(int(number_of(node.operands[1]))), None
    if rule is STACK or rule is ALL:
        return [Picked(k) for k in range(len(node.operands))]
    if isinstance(rule, ScanRule):
        way_back = WayBack(node, rule, recorded_derivatives)
        return [PulledBack(way_back, k) for k in range(len(node.operands))]
    if rule.source is None or isinstance(rule, ImpliedRule):
        return node.local_derivative_values
    return partials_of_primitive(node)


# -- a user's primitives -----------------------------------------------------------------------------------


class PartialRule(Rule):
    """An operation for the local derivative of a primitive by its k-th operand, which calls Python back."""

    __slots__ = ()

    def __init__(self, rule: Rule, k: int):
        value = partial(_partial_of, rule, k)
        super().__init__(f"{rule.name}′{k}", value, rule.partials, rule.symbol, source=rule.source)


partial_rule = lru_cache(256)(PartialRule)


def _partial_of(rule: Rule, k: int, y: float, *operands: float) -> float:
    """The local derivative of a primitive, of floats."""
    return number_of(rule.partials(FLOATS, y, *operands)[k])


def partials_of_primitive(node: Value) -> Sequence[Scalar]:
    """A user's derivatives take Values; where they can't be traced, Python is called back for them."""
    rule, start = node._rule, next_order()
    assert rule is not None
    if isinstance(rule, PartialRule):
        raise TraceError(
            f"{rule.name.partition('′')[0]}: its derivatives can't be traced, and so not be differentiated again in a "
            "compiled function; write derivatives(y, *operands) with operators, where and autograd's functions"
        )
    try:
        partials: Sequence[Scalar] = node.local_derivative_values
        if not getattr(context.tracer(), "complete", False) or _of_known(node, partials, start):
            return partials
    except TraceError:
        pass
    numbers = [number_of(x) for x in node.operands]
    rules = [partial_rule(rule, k) for k in range(len(numbers))]
    return [record(each, each.value(node._number, *numbers), (node, *node.operands)) for each in rules]


def _of_known(node: Value, partials: Sequence[Scalar], start: int) -> bool:
    """Whether what was recorded since ``start`` depends on this node and its operands alone."""
    roots = [each for each in partials if isinstance(each, Value)]
    older = {each for each in reverse_topological_order(*roots, since=start) if each._order < start}
    return older <= {node, *node.parents}
