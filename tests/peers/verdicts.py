"""Our gradient beside a peer's: equal to 1e-12, or why not. What decides never looks at who is right.

A gradient is compared relative to its terms: the sum over all paths of |product of local derivatives|, which is what
rounding errors are relative to. Where two differ by more than 1e-12 of that, the first of these that holds is the verdict:

- *undefined*, *singular*: a step's value is nan, or a derivative isn't finite (a pole, a vertical tangent, an overflow).
  There is no gradient to agree on; these are sorted out before anything is compared.
- *behind*: ours isn't finite, but mpmath's and the peer's are, and equal. Ours is the chain rule of what was written, where
  inf × 0 is nan; the peer dropped a factor that is 0 whatever it is multiplied by, as of relu or floor.
- *kink*: a step stands exactly on a kink or a jump (in mpmath the derivatives from either side differ), and the
  library has another convention there than docs/semantics.md: ``OTHER_CONVENTIONS``.
- *wrong*: ours is further from mpmath's derivative than 1e-12 of the terms, and than errors in the last place of the
  steps' values, made in mpmath, move the exact derivative. There must be none. Where a product of local derivatives
  leaves the range of floats it is called *range*.
- *lost*: the peer's is. It lost digits.
- *ill-conditioned*: neither is. Rounding explains the difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from mpmath import mp, mpf

from autograd import Value
from autograd.backward import pull_back_floats
from autograd.graph import number_of, topological_order
from autograd.testing.expressions import Expression, Step
from autograd.testing.numerical import EPS, ULPS
from autograd.testing.rounding import magnitudes, out_of_range
from autograd.testing.strategies import NAMES
from tests.peers.graphs import Graph
from tests.peers.libraries import Library
from tests.peers.referee import NoDerivativeError, exact_gradient, kinks, sensitivity

TOLERANCE = 1e-12
LAST_FLOATS = ULPS * 5e-324  # below the normal floats a last place is a larger part of a number

# Operations for which a library's derivative on the kink isn't ours.
OTHER_CONVENTIONS: dict[str, dict[str, str]] = {
    "jax": {
        "abs": "1 at 0",
        "atan2": "nan at the origin",
        "clip": "½ and ½ at a bound",
        "copysign": "1 at 0",
        "elu": "the left derivative at 0",
        "hard_sigmoid": "half the derivative at ±3",
        "hard_tanh": "1 at ±1",
        "hypot": "½ and ½ at the origin",
        "leaky_relu": "1 at 0",
        "norm": "nan at the origin",
        "pow": "nan at 0⁰",
        "selu": "the left derivative at 0",
    },
    "torch": {
        "clip": "1 at a bound, and 0 for the bound",
        "elu": "the left derivative at 0",
        "hypot": "nan at the origin",
        "leaky_relu": "the left derivative at 0",
        "selu": "the left derivative at 0",
    },
}


class Kind(StrEnum):
    """How a peer's gradient stands to ours."""

    EQUAL = "equal"
    UNDEFINED = "undefined"
    SINGULAR = "singular"
    BEHIND = "behind"
    KINK = "kink"
    RANGE = "range"
    ILL = "ill-conditioned"
    LOST = "lost"
    WRONG = "wrong"


class Verdict(NamedTuple):
    """The kind, the operations that are the reason, and mpmath's gradient where it was asked."""

    kind: Kind
    operations: tuple[str, ...] = ()
    exact: tuple[Any, ...] = ()


class Ours(NamedTuple):
    """Our gradient at a graph's point, and the size of its terms."""

    gradient: list[float]
    terms: list[float]
    kind: Kind = Kind.EQUAL
    infinite: bool = False  # whether a step's value is


def our_gradient(graph: Graph) -> list[float]:
    """Our gradient alone."""
    leaves = [Value(x) for x in graph.point]
    gradients = pull_back_floats(graph.expression(*leaves), 1.0)
    return [gradients.get(leaf, 0.0) for leaf in leaves]


def ours(graph: Graph) -> Ours:
    """Our gradient of a graph, undefined or singular where a step or a derivative isn't a number or not finite."""
    leaves = [Value(x) for x in graph.point]
    root = graph.expression(*leaves)
    gradients, weights = pull_back_floats(root, 1.0), magnitudes(root)
    gradient, terms = ([found.get(leaf, 0.0) for leaf in leaves] for found in (gradients, weights))
    found = Ours(gradient, terms, infinite=any(math.isinf(node.data) for node in weights))
    if any(node.data != node.data for node in weights):
        return found._replace(kind=Kind.UNDEFINED)
    if not all(map(math.isfinite, found.gradient + found.terms)):
        return found._replace(kind=Kind.SINGULAR)
    return found._replace(kind=Kind.RANGE) if out_of_range(weights) else found


def differ(a: Sequence[float], b: Sequence[float], terms: Iterable[float], tolerance: float = TOLERANCE) -> bool:
    """Whether any of the derivatives differ by more than 1e-12 of their terms; nan differs from all numbers."""
    return not all(abs(x - y) <= tolerance * t + LAST_FLOATS for x, y, t in zip(a, b, terms, strict=True))


def judge(graph: Graph, own: Ours, theirs: Sequence[float], library: Library) -> Verdict:
    """The verdict on a peer's gradient."""
    if own.kind is Kind.UNDEFINED:
        return Verdict(own.kind)
    if own.kind is not Kind.SINGULAR and not differ(own.gradient, theirs, own.terms):
        return Verdict(Kind.EQUAL)
    try:
        return _singular(graph, own, theirs) if own.kind is Kind.SINGULAR else _different(graph, own, theirs, library)
    except NoDerivativeError as error:
        return Verdict(Kind.SINGULAR if own.infinite or own.kind is Kind.SINGULAR else Kind.WRONG, (str(error),))


def _singular(graph: Graph, own: Ours, theirs: Sequence[float]) -> Verdict:
    if all(map(math.isfinite, own.gradient)) or not all(map(math.isfinite, theirs)):
        return Verdict(Kind.SINGULAR)
    exact = _exact(graph)
    there = not off(theirs, exact, [TOLERANCE * float(abs(e)) + LAST_FLOATS for e in exact])
    return Verdict(Kind.BEHIND, (), exact) if there else Verdict(Kind.SINGULAR)


def _different(graph: Graph, own: Ours, theirs: Sequence[float], library: Library) -> Verdict:
    on_a_kink = kinks(graph) & set(OTHER_CONVENTIONS[library.name])
    if on_a_kink:
        return Verdict(Kind.KINK, tuple(sorted(on_a_kink)))
    return _refereed(graph, own, theirs, library)


def _refereed(graph: Graph, own: Ours, theirs: Sequence[float], library: Library) -> Verdict:
    exact = _exact(graph)
    limits = [TOLERANCE * t + LAST_FLOATS for t in own.terms]
    lost = Verdict(Kind.LOST, (), exact)
    if off(own.gradient, exact, limits) or all(map(math.isfinite, theirs)):
        limits = [max(pair) for pair in zip(limits, _explained(graph, own), strict=True)]
    if off(own.gradient, exact, limits):
        return lost._replace(kind=Kind.RANGE if own.kind is Kind.RANGE else Kind.WRONG)
    if not off(theirs, exact, limits):
        return lost._replace(kind=Kind.ILL)
    return lost._replace(operations=to_blame(graph, library))


def off(gradient: Sequence[float], exact: Sequence[Any], limits: Sequence[float]) -> bool:
    """Whether any derivative is further from the exact one than its limit; nan and inf are."""
    with mp.workdps(50):
        distances = [abs(mpf(g) - e) if math.isfinite(g) else mpf("inf") for g, e in zip(gradient, exact, strict=True)]
    return any(distance > limit for distance, limit in zip(distances, limits, strict=True))


@cache
def _exact(graph: Graph) -> tuple[Any, ...]:
    return tuple(exact_gradient(graph))


@cache
def _moves(graph: Graph) -> list[float]:
    return [float(move) for move in sensitivity(graph, list(_exact(graph)))]


def _explained(graph: Graph, own: Ours) -> list[float]:
    """What errors in the last place explain: of the steps' values, and of a product and a sum for every step."""
    steps = sum(step.times for step in graph.expression.steps)
    return [move + ULPS * EPS * steps * t for move, t in zip(_moves(graph), own.terms, strict=True)]


def to_blame(graph: Graph, library: Library) -> tuple[str, ...]:
    """The operations of the graph which, alone and at the same numbers, the peer differentiates otherwise.

    To 1e-12; to 1e-14 where no one of them loses so much. Of several that lose little, none may be found.
    """
    root = graph.expression(*map(Value, graph.point))
    alone = {_alone(node) for node in topological_order(root) if node.operands}
    found = (_operations(single for single in alone if _differs(single, library, t)) for t in (TOLERANCE, 1e-14))
    return next(filter(None, found), ())


def _operations(singles: Iterable[Graph]) -> tuple[str, ...]:
    return tuple(sorted({single.expression.steps[0].operation for single in singles}))


def _alone(node: Value) -> Graph:
    """The operation of a node at the values of its operands."""
    assert node._rule is not None
    operands, name = [number_of(x) for x in node.operands], node._rule.name
    variables = tuple(NAMES[: 1 if name == "power" else len(operands)])
    step = Step("a", name, (*variables, *operands[len(variables) :]))
    return Graph(Expression(variables, (step,)), tuple(operands[: len(variables)]))


def _differs(single: Graph, library: Library, tolerance: float) -> bool:
    """Whether the peer has another gradient, or another value."""
    own, value = ours(single), single.expression(*single.point)
    another_value = differ([value], [library.value(single)], [abs(value)], tolerance)
    return another_value or differ(own.gradient, library.gradient(single), own.terms, tolerance)
