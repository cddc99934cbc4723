"""Random graphs for the comparison with other libraries: the same ones from the same seed, on every machine.

They are the graphs of ``autograd.testing.strategies.expressions``; chance comes from ``random.Random`` here, since
hypothesis draws other examples in every version and never the same one twice for a file.

>>> graph = next(random_graphs(seed=1))
>>> print(graph.expression, "at", graph.point)
def f(x, y):
    a = hypot(4.0, x)
    return (-0.55) / (clip(a, a, y) ** 1.0) at (-0.82, -1.5)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from random import Random
from typing import Any, NamedTuple

import autograd
from autograd.testing.expressions import INFIX, Expression, Step
from autograd.testing.strategies import NAMES, _expression, _target
from tests.references import REFERENCES, Reference

SEED, COUNT = 1, 12_500
MOST_STEPS, MOST_TIMES, LEAST_STEPS = 20, 60, 3
OF_LISTS = {"dot", "softmax", "log_softmax", "where"}  # called with lists or a condition: not a step of an expression
AT_HARD_POINTS = sorted({name for name in REFERENCES if name in INFIX or hasattr(autograd, name)} - OF_LISTS)


class Graph(NamedTuple):
    """A function and the point to differentiate it at."""

    expression: Expression
    point: tuple[float, ...]


class Chance:
    """Draws what the strategies of hypothesis of the same names describe; numbers have two decimals.

    So a graph's numbers are short to write; one in five is a multiple of ½, for kinks and ties to come.
    """

    def __init__(self, random: Random):
        self.random = random

    def integers(self, low: int, high: int) -> Callable[[], int]:
        return lambda: self.random.randint(low, high)

    def floats(self, low: float, high: float, allow_subnormal: bool = False) -> Callable[[], float]:  # noqa: ARG002
        return lambda: self._half(low, high) if self.random.random() < 0.2 else round(self.random.uniform(low, high), 2)

    def _half(self, low: float, high: float) -> float:
        return self.random.randint(math.ceil(2.0 * low), math.floor(2.0 * high)) / 2.0

    def sampled_from(self, choices: Sequence[Any]) -> Callable[[], Any]:
        return lambda: self.random.choice(choices)

    def one_of(self, *choices: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: self.random.choice(choices)()


def drawn(choice: Callable[[], Any]) -> Any:
    """What hypothesis calls ``draw``."""
    return choice()


def random_graphs(seed: int, wide: bool = False) -> Iterator[Graph]:
    """Graphs without end that depend on a variable and have three steps or more; points in −4 … 4 or of any size."""
    random = Random(seed)
    chance = Chance(random)
    number: Callable[[], float] = partial(_any_size, random) if wide else chance.floats(-4.0, 4.0)
    while True:
        expression = _expression(drawn, chance, 3, MOST_STEPS, MOST_TIMES)  # type: ignore[arg-type]
        if len(expression.steps) >= LEAST_STEPS and depends_on_a_variable(expression):
            yield Graph(renamed(expression), tuple(number() for _ in expression.variables))


def _any_size(random: Random) -> float:
    """±10⁻⁸ … ±10⁸, four digits of it."""
    return float(f"{random.choice((-1.0, 1.0)) * 10.0 ** random.uniform(-8.0, 8.0):.3e}")


def renamed(expression: Expression) -> Expression:
    """The same with its steps called a, b, c, …"""
    names: dict[Any, str] = {step.target: _target(k) for k, step in enumerate(expression.steps)}
    steps = (
        Step(names[step.target], step.operation, tuple(names.get(x, x) for x in step.operands), step.times)
        for step in expression.steps
    )
    return Expression(expression.variables, tuple(steps))


def depends_on_a_variable(expression: Expression) -> bool:
    moving = set(expression.variables)
    for step in expression.steps:
        if not moving.isdisjoint(step.operands):
            moving.add(step.target)
    return expression.steps[-1].target in moving


def hard_graphs(seed: int, each: int) -> Iterator[Graph]:
    """Every operation alone at points over its whole domain and, where it has such, at its hardest ones."""
    random = Random(seed)
    for name in AT_HARD_POINTS:
        reference = REFERENCES[name]
        samplers = [reference.sampler, reference.hard or reference.sampler]
        for sampler in samplers * (each // 2):
            yield _alone(name, reference, sampler(random))


def _alone(name: str, reference: Reference, operands: tuple[float, ...]) -> Graph:
    names = NAMES[: len(operands) - len(reference.constants)]
    point, constants = operands[: len(names)], operands[len(names) :]
    return Graph(Expression(tuple(names), (Step("a", name, (*names, *constants)),)), point)


def all_graphs(seed: int, count: int) -> Iterator[Graph]:
    """``count`` random graphs, then the hard ones: 8 of every operation and 400 random graphs at points of any size."""
    return chain(islice(random_graphs(seed), count), hard_graphs(seed, 8), islice(random_graphs(seed, wide=True), 400))
