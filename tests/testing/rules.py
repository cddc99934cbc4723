"""The rule table, point by point: what the tests of the tester walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from autograd import Value
from autograd.rules.table import RULES
from autograd.testing import Report, check_gradients
from autograd.testing.domains import DOMAINS, INF
from autograd.value import apply

Point = tuple[float, ...]


def interior(name: str, count: int, seed: int = 0) -> Iterator[Point]:
    """Points where values show the derivative well."""
    random = Random(f"{name} {seed}")
    for _ in range(count):
        yield tuple(operand.draw(random) for operand in DOMAINS[name].interior)


def anywhere(name: str, count: int, seed: int = 0) -> Iterator[Point]:
    """Points of the whole domain, many of them at its edges.

    Operands below 1e-290 beside others above 1, and several beyond 1e300, are left out: there an operation's own
    value loses digits to underflow or overflow on the way.
    """
    random = Random(f"{name} {seed}")
    while count:
        point = tuple(operand.draw_anywhere(random) for operand in DOMAINS[name].whole)
        tiny, large = any(0.0 < abs(x) < 1e-290 for x in point), any(abs(x) > 1.0 for x in point)
        if not (tiny and large) and sum(1e300 < abs(x) < INF for x in point) < 2:
            yield point
            count -= 1


def operation(name: str, point: Point) -> Callable[..., Any]:
    """The operation as a function of the operands it is differentiated by, the others being constants."""

    def of_operands(*values: Value) -> Any:
        operands: list[Any] = list(point)
        for place, value in zip(DOMAINS[name].places, values, strict=True):
            operands[place] = value
        return apply(RULES[name], *operands)

    return of_operands


def check(name: str, point: Point) -> Report:
    """``check_gradients`` of one operation at one point."""
    return check_gradients(operation(name, point), *(point[place] for place in DOMAINS[name].places))
