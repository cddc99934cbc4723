"""Steps until a state is at rest: Python's loop, and while a function is compiled a ``scan`` in which lanes stop alone.

>>> halved = iterate(lambda x: x / 2, 20.0, lambda x: x >= 1, 60)
>>> halved.state, halved.steps
(0.625, 5)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from autograd.modes import context
from autograd.transforms.linear import chosen
from autograd.transforms.scan import scan
from autograd.transforms.trees import flatten

State = TypeVar("State")


class Iterated(NamedTuple):
    """The last state, and how many steps were made; of a compiled function's lanes the most there may be."""

    state: Any
    steps: int


def iterate(step: Callable[[State], State], state: State, running: Callable[[State], Any], most: int) -> Iterated:
    """``step`` as often as the state is ``running``, at most so often."""
    if context.tracer():
        return Iterated(scan(lambda old, _: (merged(running(old), step(old), old), None), state, length=most)[0], most)
    steps = 0
    while steps < most and running(state):
        state, steps = step(state), steps + 1
    return Iterated(state, steps)


def merged(condition: Any, a: State, b: State) -> State:
    """The one state or the other, number by number."""
    ours, rebuild = flatten(a)
    made: State = rebuild([chosen(condition, x, y) for x, y in zip(ours, flatten(b)[0], strict=True)])
    return made
