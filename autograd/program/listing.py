"""A program with loops as statements: what each language prints, in its own words.

>>> from autograd.program.rolled import roll
>>> from autograd.program.tape import Tape
>>> tape = Tape([f"x[{k}]" for k in range(100)])
>>> total = tape.inputs[0]
>>> for x in tape.inputs[1:]:
...     total = total + x
>>> listing = Listing(roll(tape.program([total], ["total"])), variables=True)
>>> for statement in listing.statements:
...     print(type(statement).__name__, statement[0])
Initial Cell(name='v100', indices=())
For 0
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from autograd.program.loops import Item, Loop, Operation, Place
from autograd.program.rolled import Rolled
from autograd.program.storage import Access, Family, Index, Storage


class Cell(NamedTuple):
    """A variable, or with indices an item of an array."""

    name: str
    indices: tuple[Index, ...]


class FromInput(NamedTuple):
    place: Index
    within: tuple[range, ...]


class FromTable(NamedTuple):
    """A number of the table that starts at this constant."""

    start: int
    place: Index


class AtFirst(NamedTuple):
    """``first`` in the first iteration of the loop at a level, else ``then``."""

    level: int
    first: Reading
    then: Reading


Reading: TypeAlias = "Cell | FromInput | FromTable | AtFirst | float"


class Assign(NamedTuple):
    """``target = op(operands)``; an operand that is a list is several in a row."""

    target: Cell
    op: str
    operands: list[Reading | list[Reading]]


class Initial(NamedTuple):
    """``target = source``: what is carried, before the first iteration."""

    target: Cell
    source: Reading


class For(NamedTuple):
    level: int
    times: int
    body: list[Statement]


Statement: TypeAlias = "Assign | Initial | For"
Statements: TypeAlias = list[Statement]


class Listing:
    """The statements of a program, its arrays and tables.

    With ``variables`` what is carried from one iteration to the next is in a variable where its latest value is all that is
    needed. Without, it is in an array, so that every name stands for one number in each iteration.
    """

    def __init__(self, program: Rolled, variables: bool):
        self.program, self.variables, self.storage = program, variables, Storage(program)
        self._are_variables: dict[Family, bool] = {}
        self.shift = len(program.inputs)  # names count on from the inputs
        self.slots = set[tuple[Family, int]]()  # levels at which an array begins with an initial value
        self.hoisted = set[tuple[int, int, int]]()  # family, level, loop: what is initialised before the loop
        self.initial: dict[int, list[tuple[Family, tuple[Index, ...], Access]]] = {}  # by the loop that they come before
        self.tables: dict[int, int] = {}  # lengths by starts
        self._hoist()
        self.statements: Statements = []
        self.statements = self._statements(program.items, iter(range(len(self.storage.operations))), 0)
        self.outputs = [self._reading(-1, place, ()) for place in program.outputs]

    # -- names -------------------------------------------------------------------------------------

    def is_variable(self, family: Family) -> bool:
        if family not in self._are_variables:
            self._are_variables[family] = family.is_local or (self.variables and self.storage.is_replaced(family))
        return self._are_variables[family]

    def name(self, family: Family) -> str:
        return f"v{family.number + self.shift}"

    def families(self) -> list[Family]:
        """All that aren't local, in the order of their numbers."""
        found = {family for family in self.storage.families if not family.is_local}
        return sorted(found, key=lambda family: family.number)

    def extents(self, family: Family) -> list[int]:
        """The lengths of a family's array, none where it is a variable."""
        if self.is_variable(family):
            return []
        shifts = self._shifts(family)
        return [n + shift for n, shift in zip(self.storage.extents(family), shifts, strict=True)]

    def _shifts(self, family: Family) -> list[int]:
        if family.lattice is not None:
            return [0]
        return [int((family, level) in self.slots) for level in range(family.depth, len(family.loops))]

    def _cell(self, family: Family, indices: Iterable[Index]) -> Cell:
        if self.is_variable(family):
            return Cell(self.name(family), ())
        shifted = zip(indices, self._shifts(family), strict=True)
        return Cell(self.name(family), tuple([index._replace(start=index.start + shift) for index, shift in shifted]))

    # -- initial values ----------------------------------------------------------------------------

    def _hoist(self) -> None:
        """Find what can be initialised before its loop, outer loops first."""
        groups: dict[tuple[int, int, int], list[tuple[Family, Access]]] = {}
        for family in dict.fromkeys(self.storage.families):
            for access in family.accesses:
                if access.place.first is not None and access.reader >= 0:
                    level = access.place.level
                    groups.setdefault((level, id(family), self._loop(access, level)), []).append((family, access))
        for (level, _, _), group in sorted(groups.items(), key=lambda item: item[0][0]):
            self._hoist_one(level, group[0][0], [access for _, access in group])

    def _loop(self, access: Access, level: int) -> int:
        return id(self.storage.around[access.reader][level])

    def _hoist_one(self, level: int, family: Family, accesses: Sequence[Access]) -> None:
        access = accesses[0]
        first, loop = access.place.first, self.storage.around[access.reader][level]
        assert first is not None
        if any(first.strides[level:]) or len({_before(other.place.first, level) for other in accesses}) > 1:
            return
        source = self._reading(access.reader, first, _at_first(access.within, level))
        slot: tuple[Index, ...] = ()
        is_itself = source == Cell(self.name(family), ())  # outside of this loop its initial value was given already
        if self.is_variable(family):
            if not is_itself and self._is_disturbed(family, level, access):
                return
        else:
            slots = {self._slot(family, level, other) for other in accesses}
            found = slots.pop()
            if slots or found is None:
                return
            slot = found
            self.slots.add((family, level))
        self.hoisted.add((id(family), level, id(loop)))
        if not is_itself:
            at_first = Access(access.reader, first, _at_first(access.within, level))
            self.initial.setdefault(id(loop), []).append((family, slot, at_first))

    def _copies(self, loop: Loop) -> Iterator[Initial]:
        """What is assigned before a loop."""
        for family, slot, access in self.initial.get(id(loop), ()):
            yield Initial(self._cell(family, slot), self._reading(*access))

    def _slot(self, family: Family, level: int, access: Access) -> tuple[Index, ...] | None:
        """Where in the array the initial value would be: before the first iteration's, with no index of an inner loop."""
        loop = self.storage.around[access.reader][level]
        if family.lattice is not None or level < family.depth or family.loops[level : level + 1] != (loop,):
            return None
        indices = self.storage.indices(access, family)
        if any(any(index.strides[level + 1 :]) for index in indices):
            return None
        before = level - family.depth  # which index is that of the loop
        runs = [index.strides[level] == int(k == before) for k, index in enumerate(indices)]
        slot = tuple([Index(index.start, index.strides[:level]) for index in indices])
        return slot if all(runs) and slot[before].start == -1 else None

    def _is_disturbed(self, family: Family, level: int, carried: Access) -> bool:
        """Whether a value from before the loop is read after its variable would have been given the initial one."""
        loops = self.storage.around[carried.reader][: level + 1]
        place = Place("value", loops[-1].number, tuple([loop.size for loop in loops[:-1]]))
        starts = np.sort(Access(-1, place, tuple([range(loop.times) for loop in loops[:-1]])).numbers.ravel())
        for access in family.accesses:
            numbers, times = access.numbers, self.storage.times_of(access)
            last = np.searchsorted(starts, times, "right") - 1
            if ((last >= 0) & (starts[last] > numbers)).any():
                return True
        return False

    # -- statements --------------------------------------------------------------------------------

    def _statements(self, items: Iterable[Item], numbers: Iterator[int], level: int) -> Statements:
        made: Statements = []
        for item in items:
            if isinstance(item, Loop):
                made += self._copies(item)
                made.append(For(level, item.times, self._statements(item.body, numbers, level + 1)))
            else:
                made.append(self._assign(item, next(numbers)))
        return made

    def _assign(self, operation: Operation, k: int) -> Assign:
        within = tuple([range(loop.times) for loop in self.storage.around[k]])
        operands: list[Reading | list[Reading]] = []
        for place in operation.operands:
            apart = [self._reading(k, each, within) for each in place.apart()]
            operands.append(apart if len(apart) > 1 else apart[0])
        return Assign(self._cell(self.storage.families[k], self.storage.target(k)), operation.op, operands)

    def _reading(self, reader: int, place: Place, within: tuple[range, ...]) -> Reading:
        if place.first is None:
            return self._simple(Access(reader, place, within))
        level = place.level
        if len(within[level]) == 1:
            return self._reading(reader, place.first, within)
        later = (*within[:level], within[level][1:], *within[level + 1 :])
        access = Access(reader, place, later)
        family, then = self.storage.family_of(access), self._simple(access)
        if (id(family), level, self._loop(access, level)) in self.hoisted:
            return then
        first = self._reading(reader, place.first, _at_first(within, level))
        return then if first == then else AtFirst(level, first, then)

    def _simple(self, access: Access) -> Reading:
        kind, start = access.place.kind, access.place.start
        if kind == "value":
            family = self.storage.family_of(access)
            return self._cell(family, () if self.is_variable(family) else self.storage.indices(access, family))
        strides = [s if len(r) > 1 else 0 for s, r in zip(access.place.strides, access.within, strict=True)]
        if kind == "input":
            return FromInput(Index(start, tuple(strides)), access.within)
        if not any(strides):
            return self.program.constants[start]
        low, high = int(access.numbers.min()), int(access.numbers.max())
        self.tables[low] = max(self.tables.get(low, 0), high - low + 1)
        return FromTable(low, Index(start - low, tuple(strides)))


def _before(place: Place | None, level: int) -> Place | None:
    """The place as it is read before a loop, whatever loops the reader is in."""
    if place is None:
        return None
    return place._replace(strides=place.strides[:level], first=_before(place.first, level))


def _at_first(within: tuple[range, ...], level: int) -> tuple[range, ...]:
    return (*within[:level], within[level][:1], *within[level + 1 :])


def flat(indices: Sequence[Index], extents: Sequence[int]) -> Index:
    """An item's index in an array that is stored row by row.

    >>> flat([Index(1, (1, 0)), Index(0, (0, 1))], [4, 10])
    Index(start=10, strides=(10, 1))
    """
    factors = [math.prod(extents[k + 1 :]) for k in range(len(extents))]
    columns = zip(*[index.strides for index in indices], strict=True)
    start = sum(index.start * factor for index, factor in zip(indices, factors, strict=True))
    return Index(start, tuple([sum(s * f for s, f in zip(column, factors, strict=True)) for column in columns]))
