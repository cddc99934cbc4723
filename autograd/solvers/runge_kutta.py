"""Explicit steps of Runge and Kutta: a table of weights, and what they make of a state.

Sources: Kutta (1901); Dormand & Prince (1980).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import NamedTuple, TypeAlias

from autograd.transforms.types import Scalar
from autograd.value import VALUES

State: TypeAlias = "list[Scalar]"
Derivative: TypeAlias = "Callable[[State, Scalar], State]"  # of a state at a time


class Tableau(NamedTuple):
    """When each stage is and how it weights those before it; then the result's weights, and those of its error."""

    times: Sequence[float]
    stages: Sequence[Sequence[float]]
    result: Sequence[float]
    error: Sequence[float] = ()


RK4 = Tableau((0.5, 0.5, 1.0), ((0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6))
DOPRI5 = Tableau(
    (1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0),
    (
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),  # the result: its derivative begins the next step
    ),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0.0),
    (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40),
)


def stages(f: Derivative, tableau: Tableau, y: State, time: Scalar, h: Scalar, first: State) -> list[State]:
    """The derivatives that a step is made of; ``first`` is that at its beginning."""
    found = [first]
    for when, weights in zip(tableau.times, tableau.stages, strict=True):
        found.append(f(moved(y, h, weights, found), time + when * h))
    return found


def moved(y: State, h: Scalar, weights: Sequence[float], derivatives: Sequence[State]) -> State:
    """y + h·Σ weight·derivative."""
    return [a + h * change for a, change in zip(y, combined(weights, derivatives), strict=True)]


def combined(weights: Sequence[float], derivatives: Sequence[State]) -> State:
    """Σ weight·derivative."""
    used = [(w, d) for w, d in zip(weights, derivatives, strict=True) if w]
    return [_total(w * d[i] for w, d in used) for i in range(len(derivatives[0]))]


def _total(terms: Iterable[Scalar]) -> Scalar:
    return reduce(VALUES.add, terms)
