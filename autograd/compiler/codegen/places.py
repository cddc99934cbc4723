"""Where values are: which step computes a place, whether it is at hand in a register, and its slot in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple, TypeAlias

from autograd.program.loops import Item, Loop, Operation, Place

Nest: TypeAlias = tuple[Loop, ...]  # the loops around a step, the outermost first
NO_LOOPS: Nest = ()
NO_ITERATIONS: tuple[int, ...] = ()


class Found(NamedTuple):
    """A step and the iterations of the loops around it in which it computes a certain number."""

    step: Operation
    nest: Nest
    iterations: tuple[int, ...]


class Address(NamedTuple):
    """A slot: ``start + Σ strides[k] · (iteration of loop k)``; or, where it isn't so regular, an entry of a table.

    The table has an entry for all iterations of the loops with a stride that isn't 0, the last loop's side by side. To what
    it says ``Σ beyond[k] · (iteration of loop k)`` is added.
    """

    start: int
    strides: tuple[int, ...]
    table: tuple[int, ...] = ()
    beyond: tuple[int, ...] = ()


@dataclass
class Slots:
    """The slots of values that are kept in memory: of a step in loops a slot for every iteration."""

    first: dict[int, int] = field(default_factory=dict)  # the slot in iteration 0 of all loops, by the step's number
    steps: dict[int, tuple[int, ...]] = field(default_factory=dict)  # from iteration to iteration of each loop around
    count: int = 0

    def at(self, found: Found) -> int:
        steps = self.steps.get(found.step.number, ())
        return self.first[found.step.number] + sum(s * i for s, i in zip(steps, found.iterations, strict=True))

    def moved(self, found: Found, moves: list[list[int]] | None) -> int:
        """By how many slots a step's value moves on if its iterations move so; 0 where they don't."""
        steps = self.steps.get(found.step.number, ())
        return sum(d * s for move in moves or () for d, s in zip(move, steps, strict=True))


class Places:
    """The items of a half by the numbers of the straight line."""

    def __init__(self, items: Sequence[Item]):
        self.items = items
        self._starts: dict[int, list[int]] = {}  # of the items of a body, by the body's id
        self._origins: dict[tuple[Place, int], tuple[Found, int | None]] = {}
        self._addresses: dict[tuple[Place, tuple[int, ...]], Address] = {}
        self._touched: dict[tuple[Place, tuple[int, ...]], list[Operation]] = {}

    def find(self, number: int) -> Found:
        """The step that computes this number, and in which iterations."""
        items, nest, iterations, within = self.items, NO_LOOPS, NO_ITERATIONS, number
        while True:
            starts = self._starts.get(id(items))
            if starts is None:
                starts = self._starts[id(items)] = [item.number for item in items]
            item = items[bisect_right(starts, within) - 1]
            if isinstance(item, Operation):
                return Found(item, nest, iterations)
            iteration, offset = divmod(within - item.number, item.size)
            items, nest, iterations, within = item.body, (*nest, item), (*iterations, iteration), item.number + offset

    def origin(self, place: Place, nest: Nest) -> tuple[Found, int | None]:
        """The step that computes an operand of a step in this nest, and how it is at hand.

        −1 if it was computed in the same iteration; k if in the previous iteration of the loop number k; None where it
        has to be read from memory.
        """
        key = place, id(nest[-1]) if nest else 0  # the loop itself, which is in ``items``, has a hash that takes long
        if key not in self._origins:
            self._origins[key] = self._origin(place, nest)
        return self._origins[key]

    def _origin(self, place: Place, nest: Nest) -> tuple[Found, int | None]:
        found = self.find(place.start + sum(place.strides))  # in iteration 1 of all loops, where nothing is special
        common = len(in_common(found.nest, nest))
        alike = all(s == loop.size for s, loop in zip(place.strides[:common], nest, strict=False))
        last = all(i == loop.times - 1 for i, loop in zip(found.iterations[common:], found.nest[common:], strict=True))
        if not (alike and last) or any(place.strides[common:]):
            return found, None
        behind = [1 - i for i in found.iterations[:common]]
        if not any(behind):
            return found, -1
        return found, common - 1 if behind[-1] == 1 and not any(behind[:-1]) else None

    def address(self, place: Place, nest: Nest, slots: Slots) -> Address:
        """Where in memory an operand is, of a step in this nest; asked for once slots are given."""
        if not nest and place.start in slots.first and place.start not in slots.steps:
            return Address(slots.first[place.start], ())
        key = place, tuple([loop.times for loop in nest])
        if key not in self._addresses:
            self._addresses[key] = self._address(place, nest, slots)
        return self._addresses[key]

    def _address(self, place: Place, nest: Nest, slots: Slots) -> Address:
        found = self.find(place.start)
        moves = moves_of(place, nest, found)
        if moves is None:
            return self._table(place, nest, slots)
        steps = slots.steps.get(found.step.number, ())
        strides = [sum(d * s for d, s in zip(move, steps, strict=True)) for move in moves]
        return Address(slots.at(found), tuple(strides))

    def touched(self, place: Place, nest: Nest) -> list[Operation]:
        """All steps that compute an operand of a step in this nest."""
        key = place, tuple([loop.times for loop in nest])
        if key not in self._touched:
            self._touched[key] = self._all_touched(place, nest)
        return self._touched[key]

    def _all_touched(self, place: Place, nest: Nest) -> list[Operation]:
        return list({each.step.number: each.step for each, _ in self.all_found(place, nest)}.values())

    def all_found(self, place: Place, nest: Nest) -> list[tuple[Found, list[list[int]]]]:
        """What computes an operand in some iterations, and by how many of its iterations it moves on in the other ones."""
        found = self.find(place.start)
        moves = moves_of(place, nest, found)
        if moves is not None:
            return [(found, moves)]
        regular = self._regular(place, nest)
        return [(each, _moves_along(place, nest, regular, each) or []) for each in self._sample(place, nest, regular)]

    def _sample(self, place: Place, nest: Nest, regular: int) -> list[Found]:
        """What computes an operand in iteration 0 of the loop at the regular level and all iterations of the others."""
        pairs = enumerate(zip(place.strides, nest, strict=True))
        runs = [range(0, step * loop.times, step) for level, (step, loop) in pairs if step and level != regular]
        return [self.find(place.start + sum(moved)) for moved in product(*runs)]

    def _regular(self, place: Place, nest: Nest) -> int:
        """The level of the longest loop, if all that computes the operand moves on regularly in it, else −1.

        A table needs no entries for its iterations: one for every step of a scan took longer than all else.
        """
        level = max(range(len(nest)), key=lambda k: nest[k].times if place.strides[k] else 0)
        regular = all(_moves_along(place, nest, level, found) for found in self._sample(place, nest, level))
        return level if regular else -1

    def _table(self, place: Place, nest: Nest, slots: Slots) -> Address:
        regular = self._regular(place, nest)
        ways = {
            slots.moved(found, _moves_along(place, nest, regular, found)) for found in self._sample(place, nest, regular)
        }
        if len(ways) > 1:
            regular = -1
        strides, many = [], 1
        for level in reversed(range(len(nest))):
            inside = place.strides[level] and level != regular
            strides.append(many if inside else 0)
            many *= nest[level].times if inside else 1
        entries = tuple([slots.at(found) for found in self._sample(place, nest, regular)])
        beyond = [ways.pop() if level == regular else 0 for level in range(len(nest))]
        return Address(0, tuple(reversed(strides)), entries, tuple(beyond))


def _moves_along(place: Place, nest: Nest, level: int, found: Found) -> list[list[int]] | None:
    """``moves_of`` for the loop at a level alone."""
    return (
        moves_of(Place(place.kind, 0, place.strides[level : level + 1]), nest[level : level + 1], found)
        if level >= 0
        else None
    )


def in_common(a: Nest, b: Nest) -> list[Loop]:
    """The loops that two steps have in common."""
    shared = []
    for one, other in zip(a, b, strict=False):
        if one is not other:
            break
        shared.append(one)
    return shared


def moves_of(place: Place, nest: Nest, found: Found) -> list[list[int]] | None:
    """For every loop around the reader by how many iterations of the loops around the found step a place moves on.

    None where the place leaves the step on its way: then other steps compute it in other iterations.
    """
    moves = []
    lowest, highest = list(found.iterations), list(found.iterations)
    for stride, loop in zip(place.strides, nest, strict=True):
        move = [0] * len(found.nest)
        if stride:
            k = next((k for k, walked in enumerate(found.nest) if stride % walked.size == 0), None)
            if k is None:
                return None
            move[k] = stride // found.nest[k].size
            way = move[k] * (loop.times - 1)
            lowest[k], highest[k] = lowest[k] + min(way, 0), highest[k] + max(way, 0)
        moves.append(move)
    inside = all(a >= 0 and b < loop.times for a, b, loop in zip(lowest, highest, found.nest, strict=True))
    return moves if inside else None


def output_address(nest: Nest, number: int, outputs: Sequence[tuple[int, int]]) -> Address | None:
    """Which output a step gives in every iteration of its loops; None where that isn't regular.

    ``outputs`` has numbers of values and of outputs, ``number`` is the step's in the first iteration of all loops.
    """
    output_of = dict(outputs)
    start = output_of.get(number)
    if start is None or len(output_of) < len(outputs):
        return None
    strides = [output_of.get(number + loop.size, start) - start for loop in nest]
    numbers = [(number, start)]
    for loop, stride in zip(nest, strides, strict=True):
        numbers = [(n + i * loop.size, k + i * stride) for n, k in numbers for i in range(loop.times)]
    return Address(start, tuple(strides)) if dict(numbers) == output_of else None
