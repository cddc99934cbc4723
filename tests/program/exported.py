"""Functions whose programs other packages run: every operation, scans, loops, choices and the benchmarks' workloads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

import numpy as np

import autograd
from autograd import compile
from autograd.program.program import Program
from autograd.rules.table import RULES
from autograd.testing.domains import DOMAINS
from autograd.value import VALUES
from benchmarks.workloads import EIGHT
from benchmarks.workloads.workload import Workload
from tests.compiler.test_scan import POINTS, WORKLOADS, arity, branch_after, invariant_inside

Arguments = tuple[Any, ...]
DRAWS = 6


@dataclass(frozen=True)
class Exported:
    """A function and points at which its value and gradient are known."""

    name: str
    f: Callable[..., Any]
    points: Sequence[Arguments]

    @cached_property
    def compiled(self) -> Any:
        """f, compiled."""
        return compile(self.f, strict=True)

    def program(self) -> Program:
        """Value and gradient by all arguments."""
        self.value_and_gradient(self.points[0])
        program: Program = self.compiled.program
        return program

    def value_and_gradient(self, point: Arguments) -> list[float]:
        """What the compiled function says."""
        value, gradient = self.compiled.value_and_grad(*point, argnums=tuple(range(len(point))))
        return flat((value, *gradient))


def flat(outputs: Sequence[Any]) -> list[float]:
    """Numbers and arrays as one list."""
    return [float(x) for output in outputs for x in np.ravel(np.asarray(output))]


def digest(text: str) -> str:
    """A hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def near(found: float, expected: float) -> bool:
    """Equal to 1e-12."""
    return found == expected or found != found != expected != expected or abs(found - expected) <= 1e-12 * abs(expected)


# -- the functions -------------------------------------------------------------------------------------------


def operation(name: str) -> Exported:
    """An operation of the table, where it is smooth; of its settings, the first that are drawn."""
    domain, random = DOMAINS[name], Random(name)
    draws = [[operand.draw(random) for operand in domain.interior] for _ in range(DRAWS)]
    function, places, given = getattr(VALUES, name), domain.places, draws[0]

    def f(*xs: Any) -> Any:
        return function(*[xs[places.index(i)] if i in places else x for i, x in enumerate(given)])

    return Exported(name, f, [tuple([draw[i] for i in places]) for draw in draws])


def workload(one: Workload) -> Exported:
    """A benchmark's formula in two of its lanes; the sum of its values, where it has several."""
    w, d = one.data(2)
    f, several = one.whole(autograd, 2), one.outputs > 1
    lanes = [(w if one.shared else w[..., k], *([] if d is None else [d[..., k]])) for k in range(2)]
    return Exported(f"benchmark {one.name}", lambda w, d=(): autograd.sum(f(w, d)) if several else f(w, d), lanes)


def branches(x: Any, z: Sequence[Any]) -> Any:
    """Comparisons, logic and choices, and lists that are read backwards, in a loop of Python's."""
    total = x
    for k in range(20):
        down = z[19 - k]
        chosen = autograd.where((down > 0.0) & ~(down > total), down * total, total - down * 0.5)
        total = autograd.maximum(chosen, autograd.clip(total, -2.0, 2.0)) * 0.9 + 0.1 * k
    return total


def everything() -> Iterator[Exported]:
    """All of them."""
    yield from map(operation, sorted(RULES.keys() - {"where"}))
    for f in WORKLOADS:
        points = POINTS[:1] if f in (branch_after, invariant_inside) else POINTS  # a program is one branch
        yield Exported(f"scan {f.__name__}", f, [tuple(point[: arity(f)]) for point in points])
    yield from map(workload, EIGHT)
    waves = [np.sin(np.arange(20.0) + shift) for shift in (0.1, 0.7)]
    yield Exported("branches", branches, [(0.3, wave) for wave in waves])


NAMED = {one.name: one for one in everything()}
