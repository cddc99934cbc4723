"""How rounding errors travel: each operation's own reaches the result times the gradient of its node.

One backward pass adds them up, which is what the backward pass was first written down for (Linnainmaa 1976).
"""

from __future__ import annotations

import math

from autograd.backward import pull_back
from autograd.graph import number_of, topological_order
from autograd.testing.numerical import EPS, ULPS
from autograd.value import Value

TINY = 5e-324
# Operations that add up terms which may cancel, or scale an operand by an exponential: their error is relative
# to operand × derivative. A user's primitive may do so too.
SENSITIVE = frozenset(
    {
        *("sum", "mean", "dot", "logaddexp", "logsumexp", "softmax", "log_softmax", "celu"),
        *("lgamma", "digamma", "polygamma", "sinc_derivative", "gamma", "erfcx"),
    }
)


def magnitudes(root: Value) -> dict[Value, float]:
    """For each node behind ``root`` the sum over all paths of |product of local derivatives|.

    >>> x = Value(3.0)
    >>> magnitudes(x * 2.0 - x)[x]
    3.0

    The terms of the gradient before they cancel: rounding errors are relative to this.
    """
    return pull_back(root, 1.0, lambda node: [abs(local) for local in node.local_derivatives])


def rounding(root: Value) -> float:
    """A bound of the rounding error of a graph's value, from all its operations (Linnainmaa 1976)."""
    error = sum(weight * _own_error(node) for node, weight in magnitudes(root).items())
    return error if math.isfinite(error) else ULPS * (EPS * abs(root.data) + TINY)


def _own_error(node: Value) -> float:
    """What an operation may err by: some units in the last place of its result, or of the terms it is made of."""
    if node._rule is None:
        return 0.0
    size = EPS * abs(node.data) + TINY
    if node._rule.name in SENSITIVE or node._rule.source is not None:
        terms = (abs(EPS * number_of(x) * local) for local, x in zip(node.local_derivatives, node.operands, strict=True))
        size += sum(term for term in terms if term == term)
    return ULPS * size


def out_of_range(weights: dict[Value, float]) -> bool:
    """Whether a parent's local derivative, or its product with the weight of the node, leaves the range of floats."""
    return any(
        local and (weight or local == math.inf) and weight != 1.0 and not 1e-290 < weight * local < 1e290
        for node, weight in weights.items()
        for operand, local in zip(node.operands, map(abs, node.local_derivatives), strict=True)
        if isinstance(operand, Value)
    )


def extreme(root: Value) -> bool:
    """Whether numbers of the graph are so large or small that already their squares leave the range of floats."""
    numbers = (abs(number_of(x)) for node in topological_order(root) for x in (node, *node.operands))
    return any(0.0 < x < 1e-150 or x > 1e150 for x in numbers)


def finite(x: float) -> float:
    """|x|, 0 where that isn't finite."""
    return abs(x) if math.isfinite(x) else 0.0
