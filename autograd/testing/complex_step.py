"""The complex step: a derivative to its last digits, from values of complex functions alone.

f(x + ih) = f(x) + ih·f′(x) + terms of h² and beyond, so f′(x) is Im f(x + ih)/h for a tiny h: nothing is subtracted,
nothing cancels (Lyness & Moler 1967; Squire & Trapp 1998). Here the recorded graph is replayed. The real part of each
node is the number it holds; only the imaginary part is computed, by ``complex_functions``, from those of its operands.

The step is chosen anew at each node: a power of 2 scales imaginary parts to 2⁻¹⁰⁰ of the least real part, or of 1
where that is less. So h² is below all rounding, even next to a pole: a difference of two floats of which one bit of
53 is left is still 2⁴⁷ steps wide. And between 10⁻⁵⁰ and 10⁵⁰, where alone a step is taken, no product underflows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from autograd.graph import number_of, topological_order
from autograd.testing.complex_functions import AMPLIFYING, FUNCTIONS, ComplexFunction
from autograd.testing.numerical import EPS, ULPS
from autograd.testing.rounding import magnitudes
from autograd.value import Value

SHRINK = 100  # the step in powers of 2 below the operands
MODERATE, UNDERFLOW = 1e50, 1e-250
NUDGE = 2.0**-20  # of the operands, to see how much an operation magnifies their rounding


class ComplexStep(NamedTuple):
    """A derivative by the complex step, and a bound of its error."""

    value: float
    error: float

    def plus(self, error: float) -> ComplexStep:
        return self._replace(error=self.error + error)


def complex_step(root: Value, leaf: Value, weights: dict[Value, float] | None = None) -> ComplexStep | None:
    """d root / d leaf by the complex step; None where the graph or the point doesn't allow it.

    >>> x = Value(20.0)
    >>> complex_step(x.tanh(), x)  # doctest: +ELLIPSIS
    ComplexStep(value=1.699341702116...e-17, error=3.0...e-32)
    >>> complex_step(abs(x - 20.0), x) is None  # a kink
    True

    It is allowed where each operation between ``leaf`` and ``root`` is in the table of ``complex_functions`` and not
    at a kink, its local derivatives are finite, and its operands are 0 or between 1e-50 and 1e50 in size. ``weights``
    are the ``magnitudes`` of the graph: rounding errors are relative to them (Linnainmaa 1976).
    """
    weights = magnitudes(root) if weights is None else weights
    try:
        value, error = _replay(root, leaf, weights)
    except (ArithmeticError, LookupError, ValueError):
        return None
    error += ULPS * EPS * len(weights) * weights.get(leaf, 0.0)
    return ComplexStep(value, error) if math.isfinite(value) and math.isfinite(error) else None


def _replay(root: Value, leaf: Value, weights: dict[Value, float]) -> ComplexStep:
    """The tangent of the root for a tangent 1 of the leaf; the errors of operations, each times its node's weight."""
    tangents, total_error = {leaf: 1.0}, 0.0
    for node in topological_order(root):
        if node is not leaf and any(parent in tangents for parent in node.parents):
            incoming = [tangents.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in node.operands]
            tangents[node], error = _pushed(node, incoming)
            total_error += weights[node] * error
    return ComplexStep(tangents.get(root, 0.0), total_error)


def _pushed(node: Value, tangents: Sequence[float]) -> ComplexStep:
    """The tangent of a node for those of its operands; the error is what exceeds some units in the last place."""
    function, xs = _function(node), [number_of(x) for x in node.operands]
    if not any(tangents):
        return ComplexStep(0.0, 0.0)
    h = _step(xs, tangents)
    tangent = _tangent(function, xs, tangents, h)
    error = UNDERFLOW / h + 2.0 * abs(tangent - _tangent(function, xs, tangents, h / 1024.0))  # terms of h²
    if node._rule and node._rule.name in AMPLIFYING:
        nudged = _tangent(function, [x * (1.0 + NUDGE * i) for i, x in enumerate(xs, 1)], tangents, h)
        error += 2.0 * ULPS * EPS * abs(nudged - tangent) / NUDGE
    return ComplexStep(tangent, error)


def _function(node: Value) -> ComplexFunction:
    """The operation on complex numbers; LookupError where it has none, OverflowError where it is out of range."""
    if node._rule is None or node._rule.source is not None:
        raise LookupError("a primitive has no complex function")
    if not all(map(_moderate, node.operands)) or not math.isfinite(node.data):
        raise OverflowError("too large or too small a number for products on the way")
    return FUNCTIONS[node._rule.name]


def _moderate(x: Value | float) -> bool:
    return x == 0.0 or 1.0 / MODERATE < abs(number_of(x)) < MODERATE


def _step(xs: Sequence[float], tangents: Sequence[float]) -> float:
    """The power of 2 that scales tangents to imaginary parts: at most 2⁻¹⁰⁰ of 1 and of every real part but 0."""
    least, largest = min([1.0, *(abs(x) for x in xs if x)]), max(map(abs, tangents))
    return math.ldexp(1.0, math.frexp(least / largest)[1] - 1 - SHRINK)


def _tangent(function: ComplexFunction, xs: Sequence[float], tangents: Sequence[float], h: float) -> float:
    return function(*(complex(x, h * tangent) for x, tangent in zip(xs, tangents, strict=True))).imag / h
