"""Operations with loops around them: what a straight line of operations becomes once its loops are found again.

An operand is at a place that runs with the iterations. The straight line that the items stand for is numbered as if it were
written out: the body of a loop, ``size`` operations, takes the next ``size`` numbers in every iteration. So one formula says
where an operand is in all iterations.

>>> step = Operation("add", (Place("value", 0, (1,), Place("input", 0, (0,)), 0), Place("input", 1, (1,))), 1)
>>> for op, operands in unrolled([Operation("neg", (Place("input", 0),), 0), Loop(3, 1, 1, (step,))]):
...     print(op, operands)
neg (('input', 0),)
add (('input', 0), ('input', 1))
add (('value', 1), ('input', 2))
add (('value', 2), ('input', 3))
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias


class Several(NamedTuple):
    """The kind of several operands in a row, of a ``sum`` say: they lie this far behind the place, which is the first's.

    ``kind`` is the kind of all of them, or a tuple with the kind of each.
    """

    kind: Hashable
    offsets: tuple[int, ...]


class Place(NamedTuple):
    """Where an operand is: ``start + Σ strides[k] · (iteration of loop k)`` among the inputs, constants or values.

    ``strides`` has a number for every loop around, the outermost first. In the first iteration of the loop number ``level``
    the operand is at ``first`` instead: the initial value of what is carried from one iteration to the next.
    """

    kind: Hashable
    start: int
    strides: tuple[int, ...] = ()
    first: Place | None = None
    level: int = -1

    def at(self, iterations: Sequence[int]) -> tuple[Hashable, int]:
        """The kind and place in these iterations of the loops around."""
        if self.first is not None and iterations[self.level] == 0:
            return self.first.at(iterations)
        return self.kind, self.start + sum(s * i for s, i in zip(self.strides, iterations, strict=True))

    def all_at(self, iterations: Sequence[int]) -> Iterator[tuple[Hashable, int]]:
        """The same, and of a span each operand's.

        >>> list(Place(Several("input", (0, 2)), 5, (10,)).all_at([3]))
        [('input', 35), ('input', 37)]
        """
        yield from (place.at(iterations) for place in self.apart())

    def apart(self) -> Iterator[Place]:
        """The place, and of a span that of each operand."""
        if not isinstance(self.kind, Several):
            yield self
            return
        kind, offsets = self.kind
        kinds = kind if isinstance(kind, tuple) else (kind,) * len(offsets)
        yield from (self._replace(kind=each, start=self.start + offset) for each, offset in zip(kinds, offsets, strict=True))


class Operation(NamedTuple):
    """An operation on the operands at these places; ``number`` is that of its value, in iteration 0 of the loops around."""

    op: str
    operands: tuple[Place, ...]
    number: int


class Loop(NamedTuple):
    """A body that runs so many times. Each iteration is ``size`` operations of the straight line, from ``number`` on."""

    times: int
    size: int
    number: int
    body: tuple[Item, ...]


Item: TypeAlias = "Operation | Loop"


def unrolled(
    items: Iterable[Item], iterations: tuple[int, ...] = ()
) -> Iterator[tuple[str, tuple[tuple[Hashable, int], ...]]]:
    """The straight line again: operations and, of each operand or span of them, kind and place."""
    for item in items:
        if isinstance(item, Loop):
            for i in range(item.times):
                yield from unrolled(item.body, (*iterations, i))
        else:
            yield item.op, tuple([place.at(iterations) for place in item.operands])


def loops_in(items: Iterable[Item]) -> int:
    """How many loops there are, those in others too."""
    return sum(1 + loops_in(item.body) for item in items if isinstance(item, Loop))


def operations_in(items: Iterable[Item]) -> Iterator[tuple[Operation, tuple[Loop, ...]]]:
    """Every operation as it is written down, and the loops around it, the outermost first."""
    for item in items:
        if isinstance(item, Loop):
            yield from ((operation, (item, *around)) for operation, around in operations_in(item.body))
        else:
            yield item, ()


def chooses(loop: Loop, level: int) -> bool:
    """Whether each value that a loop, at this level, carries to the next iteration becomes itself or something else."""
    steps = {item.number: item for item in loop.body if isinstance(item, Operation)}
    carried = {place for item in steps.values() for place in item.operands if _is_carried(place, loop, level)}
    new = [(place, steps.get(place.start + loop.size)) for place in carried]
    return bool(new) and all(step is not None and step.op == "where" and place in step.operands[1:] for place, step in new)


def _is_carried(place: Place, loop: Loop, level: int) -> bool:
    return place.kind == "value" and place.strides[level] == loop.size and place.start < loop.number
