"""Where the values of a program with loops are kept: in variables or in arrays, and with which indices.

Written operations whose values one operand reads in turn are a family: a loop's operation and the same in iterations that
stand before or behind the loop. A family that is read in the iteration it is computed in is a local variable. One of which
only the latest value is read may be a variable that later values replace. All others are arrays, with an index for every
loop that is needed to tell values apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from autograd.program.loops import Loop, Place, operations_in
from autograd.program.operations import COMPARISONS, LOGIC
from autograd.program.periods import Ints
from autograd.program.rolled import Rolled


class Index(NamedTuple):
    """``start + Σ strides[k] · (iteration of loop k)``."""

    start: int
    strides: tuple[int, ...] = ()


class Access(NamedTuple):
    """An operand in the iterations in which it is read there: ``within`` has a range for each loop around."""

    reader: int  # written operation, −1 for an output
    place: Place
    within: tuple[range, ...]

    @property
    def numbers(self) -> Ints:
        """The numbers of the values that it reads, an axis for each loop."""
        return grid(self.place.start, self.place.strides, self.within)


class Family:
    """Values that are kept in one variable or array; ``members`` are written operations."""

    def __init__(self, members: list[int], number: int, loops: tuple[Loop, ...]):
        self.members, self.number, self.loops = members, number, loops  # the loops around all members
        self.accesses: list[Access] = []
        self.depth = len(loops)  # so many of the loops, from the outermost, need no index
        self.lattice: tuple[int, int] | None = None  # where members' numbers begin, and their common distance
        self.is_condition = False

    @property
    def is_local(self) -> bool:
        return len(self.members) == 1 and self.depth == len(self.loops)


class Storage:
    """The families of a program's values."""

    def __init__(self, program: Rolled):
        self.program = program
        written = list(operations_in(program.items))
        self.operations = [operation for operation, _ in written]
        self.around = [loops for _, loops in written]
        self.owner = np.zeros(program.size, np.int32)
        for k in range(len(written)):
            self.owner[self.numbers_of(k)] = k
        accesses = [access for access in self._accesses() if access.place.kind == "value"]
        self.families = self._families(accesses)
        for access in accesses:
            self.family_of(access).accesses.append(access)
        for family in dict.fromkeys(self.families):
            self._find_depth(family)
        for family in dict.fromkeys(self.families):
            self._find_lattice(family)

    def family_of(self, access: Access) -> Family:
        first = sum(
            stride * iterations.start for stride, iterations in zip(access.place.strides, access.within, strict=True)
        )
        return self.families[int(self.owner[access.place.start + first])]

    def numbers_of(self, k: int, depth: int = 0) -> Ints:
        """The numbers of a written operation's values, in the first iterations of so many of the loops around."""
        loops = self.around[k][depth:]
        return grid(self.operations[k].number, [loop.size for loop in loops], [range(loop.times) for loop in loops])

    def times_of(self, access: Access) -> Ints:
        """When it reads, as numbers of the straight line."""
        if access.reader < 0:
            return np.array(self.program.size)
        sizes = [loop.size for loop in self.around[access.reader]]
        return grid(self.operations[access.reader].number, sizes, access.within)

    def indices(self, access: Access, family: Family) -> tuple[Index, ...]:
        """Where in the family's array it reads: an index for each loop that needs one, or one along the straight line."""
        found = self._iterations(access, family) if family.lattice is None else None
        return found if found is not None else (self._along(access, family),)

    def target(self, k: int) -> tuple[Index, ...]:
        """Where in the family's array a written operation's values are stored."""
        place = Place("value", self.operations[k].number, tuple([loop.size for loop in self.around[k]]))
        within = tuple([range(loop.times) for loop in self.around[k]])
        return self.indices(Access(k, place, within), self.families[k])

    def extents(self, family: Family) -> list[int]:
        """The lengths of the family's array."""
        if family.lattice is None:
            return [loop.times for loop in family.loops[family.depth :]]
        start, step = family.lattice
        return [(max(int(self.numbers_of(k, family.depth).max()) for k in family.members) - start) // step + 1]

    # -- how it is found ---------------------------------------------------------------------------

    def _accesses(self) -> Iterator[Access]:
        for k, operation in enumerate(self.operations):
            within = tuple([range(loop.times) for loop in self.around[k]])
            for place in operation.operands:
                for each in place.apart():
                    yield from accesses_of(k, each, within)
        for place in self.program.outputs:
            yield Access(-1, place, ())

    def _families(self, accesses: Sequence[Access]) -> list[Family]:
        """The family of each written operation."""
        parent = list(range(len(self.operations)))

        def root(k: int) -> int:
            while parent[k] != k:
                parent[k] = k = parent[parent[k]]
            return k

        for access in accesses:
            owners = self.owner[access.numbers]
            first = int(owners.flat[0])
            for k in np.unique(owners).tolist() if (owners != first).any() else ():
                parent[root(k)] = root(first)
        members: dict[int, list[int]] = {}
        for k in range(len(parent)):
            members.setdefault(root(k), []).append(k)
        made = {key: self._family(ks) for key, ks in members.items()}
        return [made[root(k)] for k in range(len(parent))]

    def _family(self, members: list[int]) -> Family:
        loops = _common([self.around[k] for k in members])
        family = Family(members, min(self.operations[k].number for k in members), loops)
        family.is_condition = self.operations[members[0]].op in {*COMPARISONS, *LOGIC}
        return family

    def _find_depth(self, family: Family) -> None:
        """An outer loop needs no index where no value is read after the iteration that computes it."""
        for access in family.accesses:
            numbers, times = access.numbers, self.times_of(access)
            shift: Ints | int = 0
            for level, loop in enumerate(family.loops[: family.depth]):
                shift = shift + (numbers - shift - loop.number) // loop.size * loop.size
                if (times >= loop.number + shift + loop.size).any():
                    family.depth = level
                    break

    def is_replaced(self, family: Family) -> bool:
        """Whether only the latest value is ever read."""
        numbers = np.sort(np.concatenate([self.numbers_of(k).ravel() for k in family.members]))
        for access in family.accesses:
            latest = numbers[np.searchsorted(numbers, self.times_of(access)) - 1]
            if (latest != access.numbers).any():
                return False
        return True

    def _find_lattice(self, family: Family) -> None:
        """Several members, or iterations that don't run arithmetically, are numbered along the straight line."""
        if len(family.members) > 1 or any(self._iterations(access, family) is None for access in family.accesses):
            numbers = np.concatenate([self.numbers_of(k, family.depth).ravel() for k in family.members])
            start = int(numbers.min())
            family.lattice = start, math.gcd(*(numbers - start).tolist()) or 1

    def _iterations(self, access: Access, family: Family) -> tuple[Index, ...] | None:
        """The iterations of the loops around the value that is read; None where they don't run arithmetically."""
        numbers, found = access.numbers, []
        for loop in family.loops:
            iteration = (numbers - loop.number) // loop.size
            numbers = numbers - iteration * loop.size
            found.append(affine(iteration, access.within))
        needed = found[family.depth :]
        return None if None in needed else tuple([index for index in needed if index is not None])

    def _along(self, access: Access, family: Family) -> Index:
        """The index along the straight line, within the iteration of the loops that need none."""
        assert family.lattice is not None
        start, step = family.lattice
        numbers = access.numbers
        for loop in family.loops[: family.depth]:
            numbers = numbers - (numbers - loop.number) // loop.size * loop.size
        index = affine((numbers - start) // step, access.within)
        assert index is not None
        return index


def accesses_of(reader: int, place: Place, within: tuple[range, ...]) -> Iterator[Access]:
    """A place in the iterations in which it holds, then that of the first iteration, and so on."""
    level = place.level
    if place.first is None:
        yield Access(reader, place, within)
        return
    if len(within[level]) > 1:
        yield Access(reader, place, (*within[:level], within[level][1:], *within[level + 1 :]))
    yield from accesses_of(reader, place.first, (*within[:level], within[level][:1], *within[level + 1 :]))


def grid(start: int, strides: Sequence[int], within: Sequence[range]) -> Ints:
    """``start + Σ strides[k] · i[k]``, an axis for each loop."""
    total = np.array(start)
    for axis, (stride, iterations) in enumerate(zip(strides, within, strict=True)):
        steps = np.arange(iterations.start, iterations.stop) * stride
        total = total + steps.reshape(-1, *[1] * (len(within) - 1 - axis))
    return total


def affine(numbers: Ints, within: Sequence[range]) -> Index | None:
    """The index that gives these numbers in these iterations, if there is one."""
    start, strides = int(numbers.flat[0]), []
    for axis, iterations in enumerate(within):
        two = numbers.take([0, min(1, len(iterations) - 1)], axis).swapaxes(0, axis).reshape(2, -1)[:, 0]
        strides.append(int(two[1] - two[0]))
        start -= strides[-1] * iterations[0]
    return Index(start, tuple(strides)) if (grid(start, strides, within) == numbers).all() else None


def _common(lists: Sequence[tuple[Loop, ...]]) -> tuple[Loop, ...]:
    """The loops that all have around them, from the outermost."""
    first = lists[0]
    return next((first[:n] for n in range(len(first), 0, -1) if all(loops[:n] == first[:n] for loops in lists)), ())
