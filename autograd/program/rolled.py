"""``Rolled``: a program with its loops found again; it computes what the straight line does, in the same order.

>>> from autograd.program.tape import Tape
>>> tape = Tape([f"x[{k}]" for k in range(100)])
>>> total = tape.inputs[0]
>>> for x in tape.inputs[1:]:
...     total = total + x
>>> rolled = roll(tape.program([total], ["total"]))
>>> rolled.size, len(rolled.items), rolled.items[0].times, rolled.outputs
(99, 1, 99, [Place(kind='value', start=98, strides=(), first=None, level=-1)])
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from autograd.interop.packages import found
from autograd.program.instructions import Instructions
from autograd.program.loops import Item, Loop, Operation, Place, Several
from autograd.program.scanned import ProgramWriter, as_item, as_place
from autograd.rules.table import Rule

FEW = 3  # operands that are written one by one
PIECES = 6  # spans of an operation at most


class Rolled(NamedTuple):
    """A program with loops. A place is among the ``inputs``, the ``constants`` or the values of kind ``value``.

    The first constants are the program's; after them come the tables of those that differ between iterations. ``rules`` has
    the user's primitives among the operations.
    """

    inputs: list[str]
    constants: list[float]
    items: tuple[Item, ...]
    outputs: list[Place]
    names: list[str]
    rules: dict[str, Rule]
    size: int  # operations of the straight line

    @property
    def loops(self) -> int:
        """How many loops there are, inner ones counted once."""
        return len(loops_of(self.items))


def roll(program: Instructions) -> Rolled:
    """The program with its loops found again, or as a straight line where there are none; so without NumPy, always.

    Of a program that has scans those are the loops, and no others are looked for.
    """
    if program.scans:
        return _of_scans(program)
    operations, numbers, named = operations_of(program)
    items, constants = with_loops(operations, numbers)
    outputs = [named[place] for place in program.outputs]
    return Rolled(program.inputs, constants, items, outputs, program.names, program.rules, len(operations))


def with_loops(operations: Sequence[Operation], constants: Sequence[float]) -> tuple[tuple[Item, ...], list[float]]:
    """Operations as items, and the constants with tables appended, as ``rolling.rolled``; without NumPy as they are."""
    if found("numpy"):
        from autograd.program.rolling import rolled

        return rolled(operations, constants)
    return tuple(operations), list(constants)


def with_more_loops(items: Sequence[Item], constants: list[float]) -> tuple[Item, ...]:
    """Items with loops, some of them scans, and those found in between and inside; tables are appended to the constants."""
    if found("numpy"):
        from autograd.program.bodies import searched

        return searched(items, constants)
    return tuple(items)


def looped(program: Instructions) -> Rolled | None:
    """The program with its loops; None where it has none, or where NumPy is missing, which writing them needs."""
    rolled = roll(program) if found("numpy") else None
    return rolled if rolled is not None and rolled.loops else None


def _of_scans(program: Instructions) -> Rolled:
    """A program with scans, each of them a loop."""
    writer = ProgramWriter(program)
    items = with_more_loops([as_item(each, 0) for each in writer.items], writer.own)
    outputs = [as_place(output, 0, ()) for output in writer.outputs]
    rules = {name: rule for code in program.codes() for name, rule in code.rules.items()}
    return Rolled(program.inputs, writer.own, items, outputs, program.names, rules, writer.count)


def operations_of(program: Instructions) -> tuple[list[Operation], list[float], list[Place]]:
    """Operations on operands at places, constants, and the place of everything in the program.

    Constants in a span are listed again, in a row.
    """
    operations: list[Operation] = []
    constants, rows = list(program.constants.values()), dict[tuple[int, ...], int]()
    number_of = {place: number for number, place in enumerate(program.constants)}
    named: list[Place] = []
    for i, (op, args) in enumerate(program.nodes):
        if op == "input":
            named.append(Place("input", i))
        elif op == "constant":
            named.append(Place("constant", number_of[i]))
        else:
            number, operands = len(operations), [named[a] for a in args]
            named.append(Place("value", number))
            operands = operands if len(args) <= FEW else in_spans(op, operands, constants, rows)
            operations.append(Operation(op, tuple(operands), number))
    return operations, constants, named


def in_spans(op: str, operands: list[Place], constants: list[float], rows: dict[tuple[int, ...], int]) -> list[Place]:
    """Many operands as spans of one kind each, those of ``dot`` in two halves."""
    half = len(operands) // 2 if op == "dot" else 0
    pieces = [list(piece) for part in (operands[:half], operands[half:]) for _, piece in groupby(part, itemgetter(0))]
    if len(pieces) > PIECES:
        return [_span(tuple([place.kind for place in operands]), operands)]
    return [_span(piece[0].kind, _in_a_row(piece, constants, rows)) if len(piece) > 1 else piece[0] for piece in pieces]


def _span(kind: Hashable, operands: Sequence[Place]) -> Place:
    start = operands[0].start
    return Place(Several(kind, tuple([place.start - start for place in operands])), start)


def _in_a_row(operands: list[Place], constants: list[float], rows: dict[tuple[int, ...], int]) -> list[Place]:
    """The operands; if they are constants, the same in a row of their own behind the others, so that rows run on."""
    if operands[0].kind != "constant":
        return operands
    row = tuple([place.start for place in operands])
    if row not in rows:
        rows[row] = len(constants)
        constants.extend([constants[place] for place in row])
    return [Place("constant", rows[row] + k) for k in range(len(row))]


def loops_of(items: Sequence[Item]) -> list[Loop]:
    """The loops among the items and in each other, as they are written down."""
    return [each for item in items if isinstance(item, Loop) for each in (item, *loops_of(item.body))]
