"""Implicit functions: numbers that solve equations, and their derivatives of every order.

Where f(x, θ) = 0 and the numbers x are known, x is a function of θ by the implicit function theorem, with

    dx/dθ = −(∂f/∂x)⁻¹ · ∂f/∂θ    at x and θ.

The right side is a formula in x itself and in θ, as the partials of exp are one in its result: so differentiating it again
gives the second derivative, and so on. How x was found takes no part.

>>> a = Value(9.0)
>>> (x,) = implied(lambda x: [x[0] * x[0] - a], [3.0])  # √a
>>> x.backward(); x.data, a.grad
(3.0, 0.16666666666666666)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn

from autograd.backward import gradients
from autograd.graph import created_since, next_order, number_of, reverse_topological_order
from autograd.modes.context import enable_grad
from autograd.rules.ieee import NAN
from autograd.rules.operations import N, Operand, Operations
from autograd.rules.table import FLOATS, Rule
from autograd.transforms.linear import Row, solve
from autograd.transforms.replay import computed_anew, recorded, recorded_anew, renewed
from autograd.transforms.types import Scalar
from autograd.value import Value

MOST, CLOSE = 50, 1e-13  # Newton's steps from the solution for other numbers; the last one relative to x


def implied(
    equations: Callable[[list[Value]], Sequence[Scalar]], solution: Sequence[Scalar], name: str = "root"
) -> list[Scalar]:
    """``solution``, which solves the equations, as functions of all Values that these depend on.

    ``equations`` gives for the unknowns as many numbers, which are 0 at the solution. It is called once.
    """
    unknowns = [Value(number_of(x)) for x in solution]
    start = next_order()
    with enable_grad():
        residuals = equations(unknowns)
    system = System(name, unknowns, residuals, start)
    return system.nodes((*solution, *system.others)) if system.others else list(solution)


class System:
    """Equations as a graph: the unknowns, the ``residuals`` that are 0, and the ``others`` on which these depend.

    What it has found of derivatives is kept, for all unknowns have the same; that of Values refers to a system of its own,
    so that nothing refers to itself.
    """

    __slots__ = ("_known", "inner", "name", "others", "residuals", "start", "unknowns")

    def __init__(self, name: str, unknowns: Sequence[Value], residuals: Sequence[Scalar], start: int):
        self.name, self.unknowns, self.residuals, self.start = name, list(unknowns), list(residuals), start
        nodes = reverse_topological_order(*[r for r in residuals if isinstance(r, Value)], since=start)
        self.inner = [node for node in reversed(nodes) if node._order >= start and node._rule is not None]
        older = {node for node in nodes if node._order < start}.difference(unknowns)
        self.others = sorted(older, key=lambda node: node._order)
        self._known: dict[type, tuple[Sequence[Scalar], list[Row]]] = {}

    def again(self) -> System:
        """The same equations, of which nothing is known yet."""
        twin: System = object.__new__(System)
        twin.name, twin.unknowns, twin.residuals, twin.start = self.name, self.unknowns, self.residuals, self.start
        twin.inner, twin.others, twin._known = self.inner, self.others, {}
        return twin

    @property
    def rule(self) -> Rule:
        """That of the first unknown."""
        return ImpliedRule(self, 0)

    def nodes(self, operands: Sequence[Scalar]) -> list[Scalar]:
        """The unknowns as functions of these: their numbers, and then the others."""
        return [recorded(ImpliedRule(self, k), number_of(operands[k]), operands) for k in range(len(self.unknowns))]

    def derivatives(self, kind: type, operands: Sequence[Scalar]) -> list[Row]:
        """d unknown / d other, of floats or of Values."""
        given, found = self._known.get(kind, ((), []))
        if not given or (kind is Value and not all(map(operator.is_, given, operands))):
            found = self._of_floats() if kind is float else self._of_values(operands)
            self._known[kind] = operands, found
        return found

    def _of_floats(self) -> list[Row]:
        return _theorem(self.unknowns, self.others, self.residuals, self.start, 1.0)

    def _of_values(self, operands: Sequence[Scalar]) -> list[Row]:
        """By the equations recorded anew, on the unknowns as functions of the others."""
        count = len(self.unknowns)
        leaves = [renewed(x) for x in (*self.again().nodes(operands), *operands[count:])]
        start = next_order()
        residuals = self._replayed(leaves, recorded_anew)
        return _theorem(leaves[:count], leaves[count:], residuals, start, Value(1.0))

    def _replayed(self, leaves: Sequence[Value], node: Callable[[Value, Sequence[Scalar]], Value]) -> list[Scalar]:
        """The residuals on other leaves, for the unknowns and then for the others."""
        new: dict[Value, Value] = dict(zip([*self.unknowns, *self.others], leaves, strict=True))
        for each in self.inner:
            new[each] = node(each, [new.get(x, x) if isinstance(x, Value) else x for x in each.operands])
        return [new.get(r, r) if isinstance(r, Value) else r for r in self.residuals]

    def solution(self, numbers: Sequence[float]) -> Sequence[float]:
        """The unknowns, which begin as the first of these numbers, where the others are the rest."""
        count = len(self.unknowns)
        xs, others = numbers[:count], numbers[count:]
        if all(x == number_of(other) for x, other in zip(others, self.others, strict=True)):
            return xs
        for _ in range(MOST):
            leaves, start = [Value(x) for x in (*xs, *others)], next_order()
            residuals = self._replayed(leaves, computed_anew)
            found = _gradients(residuals, start, 1.0)
            rows = [[each.get(x, 0.0) for x in leaves[:count]] for each in found]
            moves = [number_of(move) for (move,) in solve(rows, [[number_of(r)] for r in residuals])]
            xs = [x - move for x, move in zip(xs, moves, strict=True)]
            if all(abs(move) <= CLOSE * abs(x) for x, move in zip(xs, moves, strict=True)):
                return xs
        return [NAN] * count


def _gradients(residuals: Sequence[Scalar], start: int, seed: Any) -> list[Mapping[Value, Any]]:
    return [gradients(r, seed, created_since(start, r)[0]) if isinstance(r, Value) else {} for r in residuals]


def _theorem(
    unknowns: Sequence[Value], others: Sequence[Value], residuals: Sequence[Scalar], start: int, seed: Any
) -> list[Row]:
    """−(∂residuals/∂unknowns)⁻¹ · ∂residuals/∂others."""
    found = _gradients(residuals, start, seed)
    by_unknowns = [[each.get(x, 0.0) for x in unknowns] for each in found]
    by_others = [[-each[x] if x in each else 0.0 for x in others] for each in found]
    return solve(by_unknowns, by_others)


def _partials(system: System, k: int, m: Operations[N], _: Operand[N], *operands: Any) -> Sequence[Any]:
    rows = system.derivatives(float if m is FLOATS else Value, operands)
    return [*[0.0] * len(rows), *rows[k]]


def _value(system: System, k: int, *numbers: float) -> float:
    return system.solution(numbers)[k]


class ImpliedRule(Rule):
    """The rule of one unknown, applied to the numbers of all and to what the equations depend on besides.

    Its ``form``: in a program the numbers have been computed before.
    """

    __slots__ = ()

    def __init__(self, system: System, k: int):
        name = system.name
        super().__init__(name, partial(_value, system, k), partial(_partials, system, k), name, lambda _, *xs: xs[k], system)

    def __reduce__(self) -> NoReturn:
        from pickle import PicklingError

        raise PicklingError(
            f"{self.name}: what solves an equation isn't pickled, for its derivative is made of a function; pickle its "
            "number, v.data, and solve again where it is loaded"
        )
