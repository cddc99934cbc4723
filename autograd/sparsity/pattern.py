"""Patterns: for every row of a derivative the columns that can be other than 0, exactly as far as the operations tell.

Index sets go along the operations, from the inputs on: a number depends on what its operands depend on. A second derivative
by two inputs can be other than 0 where an operation is curved in two operands, one that depends on the first input and one
that depends on the second.

>>> steps = [Applied("y", ("a", "b"), ((0, 1),)), Applied("z", ("y", "c"), ())]  # a·b + c
>>> jacobian_pattern(steps, ["a", "b", "c"], ["z", "y"])
[{0, 1, 2}, {0, 1}]
>>> hessian_pattern(steps, ["a", "b", "c"])
[{1}, {0}, set()]

Source: Walther, *Computing sparse Hessians with automatic differentiation* (2008); Griewank & Walther, *Evaluating
Derivatives* (2008), chapter 7.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from autograd.sparsity.curvature import Pairs


class Applied(NamedTuple):
    """An operation: the names of its result and of its operands, and the pairs of them that it is curved in."""

    result: Hashable
    operands: Sequence[Hashable]
    curved: Pairs


class IndexSets:
    """Of every number the inputs that it depends on. ``uses`` counts how often each is asked for.

    After its last use a set is handed on to the result: a sum of n terms, one after another, takes n steps and not n².
    """

    def __init__(self, inputs: Sequence[Hashable], uses: Counter[Hashable]):
        self.sets = {name: {k} for k, name in enumerate(inputs)}
        self.uses = uses

    def enter(self, step: Applied) -> None:
        """The union of its operands' sets."""
        owned, others = set[int](), list[set[int]]()
        for name in step.operands:
            found = self.sets.get(name)
            if found is None:
                continue
            self.uses[name] -= 1
            if self.uses[name]:
                others.append(found)
            else:
                del self.sets[name]
                small, owned = (found, owned) if len(found) <= len(owned) else (owned, found)
                others.append(small)
        for other in others:
            if other is not owned:
                owned |= other
        if owned and self.uses[step.result]:
            self.sets[step.result] = owned

    def of(self, name: Hashable) -> set[int]:
        """That of a number."""
        return self.sets.get(name, set())


def jacobian_pattern(steps: Sequence[Applied], inputs: Sequence[Hashable], outputs: Sequence[Hashable]) -> list[set[int]]:
    """For every output the inputs that it depends on; steps come in the order of computation."""
    uses = Counter(chain(chain.from_iterable(step.operands for step in steps), outputs))
    found = IndexSets(inputs, uses)
    for step in steps:
        found.enter(step)
    return [set(found.of(name)) for name in outputs]


def hessian_pattern(steps: Sequence[Applied], inputs: Sequence[Hashable]) -> list[set[int]]:
    """For every input those that interact with it in one of the steps, all of which the function's value depends on."""
    some = steps_below(steps)
    found = IndexSets(inputs, Counter(chain.from_iterable(step.operands for step in some)))
    rows: list[set[int]] = [set() for _ in inputs]
    for step in some:
        for j, k in step.curved:
            one, other = found.of(step.operands[j]), found.of(step.operands[k])
            _interact(rows, one, other)
            if j != k:
                _interact(rows, other, one)
        found.enter(step)
    return rows


def steps_below(steps: Sequence[Applied]) -> list[Applied]:
    """The curved steps, and those that the operands in which they are curved depend on."""
    needed, some = set[Hashable](), list[Applied]()
    for step in reversed(steps):
        if step.result in needed:
            needed.update(step.operands)
        elif step.curved:
            needed.update(step.operands[k] for k in chain.from_iterable(step.curved))
        else:
            continue
        some.append(step)
    return some[::-1]


def steps_behind(steps: Sequence[Applied], outputs: Iterable[Hashable]) -> list[Applied]:
    """The steps that one of these depends on."""
    needed, some = set(outputs), list[Applied]()
    for step in reversed(steps):
        if step.result in needed:
            needed.update(step.operands)
            some.append(step)
    return some[::-1]


def _interact(rows: list[set[int]], one: Iterable[int], other: set[int]) -> None:
    for i in one:
        rows[i] |= other
