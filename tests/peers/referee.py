"""The judge where libraries differ: the derivative of the whole graph in mpmath, and what one rounding can do to it.

mpmath knows no chain rule here. A graph is a function like any other, its derivative the limit of difference quotients at
120 digits and more, from ``tests.references``, which takes them until two agree to 20 digits.

>>> from tests.peers.graphs import Graph, Step, Expression
>>> graph = Graph(Expression(("x",), (Step("a", "tanh", ("x",)),)), (20.0,))
>>> [float(derivative) for derivative in exact_gradient(graph)]
[1.6993417021166355e-17]
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from mpmath import mp, mpf

from autograd.testing.expressions import Expression
from autograd.testing.numerical import EPS, ULPS
from tests.peers.graphs import Graph
from tests.references import REFERENCES, derivative

BEYOND = mpf(10) ** 2000  # no float comes near; e to the power of it would fill the memory
SUMS = ("sum", "mean", "logaddexp", "logsumexp")
LAST_PLACES = mpf(ULPS * EPS)  # what any library's value of an operation may be wrong by, relative to it

Wobble = Callable[[int, str, Any, list[Any]], Any]  # (which operation, its name, its value, its operands) -> its value


class NoDerivativeError(ArithmeticError):
    """The graph has no derivative there, or one that difference quotients don't settle on."""


def still(_which: int, _name: str, value: Any, _operands: list[Any]) -> Any:
    return value


def wobbling(which: int, by: Any) -> Wobble:
    """The value of one operation changed by a constant."""
    return lambda now, _name, value, _operands: value + by if now == which else value


def sinc(x: Any) -> Any:
    return REFERENCES["sinc"].function(x) if x else mpf(1)


def xlogy(x: Any, y: Any) -> Any:
    return REFERENCES["xlogy"].function(x, y) if x else mpf(0)


FUNCTIONS = {name: reference.function for name, reference in REFERENCES.items()}
FUNCTIONS |= {"Value": mpf, "sinc": sinc, "xlogy": xlogy}


def run(expression: Expression, numbers: list[Any], wobble: Wobble = still) -> Any:
    """The expression's value in mpmath; NoDerivativeError where it leaves the real numbers."""
    known: dict[str, Any] = dict(zip(expression.variables, numbers, strict=True))
    done = 0
    for step in expression.steps:
        first, *rest = (known[x] if isinstance(x, str) else mpf(x) for x in step.operands)
        for _ in range(step.times):
            first = wobble(done, step.operation, _real(step.operation, first, *rest), [first, *rest])
            done += 1
        known[step.target] = first
    return known[expression.steps[-1].target]


def _real(operation: str, *operands: Any) -> Any:
    try:
        value = mpf(FUNCTIONS[operation](*operands))
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise NoDerivativeError(f"{operation} isn't defined at {operands}") from error
    if not abs(value) < BEYOND:
        raise NoDerivativeError(f"{operation} is beyond 10²⁰⁰⁰")
    return value


def exact_gradient(graph: Graph, wobble: Wobble = still) -> list[Any]:
    """The derivatives by the variables, to 20 digits."""
    return [_derivative(graph, i, wobble) for i in range(len(graph.point))]


def _derivative(graph: Graph, i: int, wobble: Wobble) -> Any:
    """Differentiated along x·t at t = 1, which reaches every scale; along t − 1 where x is 0."""
    x = graph.point[i]
    try:
        with mp.workdps(50):
            return derivative.__wrapped__(partial(_along, graph, i, wobble), (1.0,), (1,)) / (mpf(x) if x else 1)
    except ArithmeticError as error:
        raise NoDerivativeError(str(error)) from error


def _along(graph: Graph, i: int, wobble: Wobble, t: Any) -> Any:
    numbers = [mpf(x) for x in graph.point]
    numbers[i] = numbers[i] * t if numbers[i] else t - 1
    return run(graph.expression, numbers, wobble)


def sensitivity(graph: Graph, exact: list[Any]) -> list[Any]:
    """How far the derivatives move if every operation's value is wrong by four units in its last place, at worst.

    Each operation is moved alone, up and down, and what that does is added up. Infinite where a derivative is lost.
    """
    total = [mpf(0)] * len(exact)
    for which, error in enumerate(_own_errors(graph)):
        up, down = (_moved(graph, exact, wobbling(which, by)) for by in (error, -error))
        total = [t + max(a, b) for t, a, b in zip(total, up, down, strict=True)]
    return total


def _own_errors(graph: Graph) -> list[Any]:
    """Of each operation's value: in proportion to it, or to the largest term of a sum; constants have none."""
    errors: list[Any] = []

    def note(_which: int, name: str, value: Any, operands: list[Any]) -> Any:
        size = max(map(abs, [value, *operands] if name in SUMS else [value]))
        errors.append(LAST_PLACES * size * (name != "Value"))
        return value

    with mp.workdps(50):
        run(graph.expression, [mpf(x) for x in graph.point], note)
    return errors


def _moved(graph: Graph, exact: list[Any], wobble: Wobble) -> list[Any]:
    try:
        return [abs(a - b) for a, b in zip(exact_gradient(graph, wobble), exact, strict=True)]
    except NoDerivativeError:
        return [mpf("inf")] * len(exact)


# -- kinks -------------------------------------------------------------------------------------------------


@cache
def kinks(graph: Graph) -> frozenset[str]:
    """The operations of the graph that stand exactly on a kink, on a jump or at the end of their domain."""
    found: set[str] = set()

    def watch(_which: int, name: str, value: Any, operands: list[Any]) -> Any:
        if name not in found and any(_bent(name, value, operands, i) for i in _moving(name, operands)):
            found.add(name)
        return value

    with mp.workdps(1000):
        run(graph.expression, [mpf(x) for x in graph.point], watch)
    return frozenset(found)


def _moving(name: str, operands: list[Any]) -> list[int]:
    """The places of the operands that an operation is differentiated by."""
    constants = REFERENCES[name].constants if name in REFERENCES else ()
    return [i for i in range(len(operands)) if i not in constants]


def _bent(name: str, value: Any, operands: list[Any], i: int) -> bool:
    """Whether the derivatives by an operand from its left and from its right differ."""
    h = abs(operands[i]) * mpf(10) ** -100 or mpf(10) ** -400
    try:
        right, left = ((_real(name, *_shifted(operands, i, by)) - value) / by for by in (h, -h))
    except NoDerivativeError:
        return True
    return bool(abs(right - left) > mpf(10) ** -40 * max(abs(right), abs(left), 1))


def _shifted(operands: list[Any], i: int, by: Any) -> list[Any]:
    return [*operands[:i], operands[i] + by, *operands[i + 1 :]]
