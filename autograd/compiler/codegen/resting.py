"""Loops that may end early: once an iteration has changed nothing that is carried, none after it will.

That is so where an iteration depends on what is carried alone: it reads nothing that moves with the loop, and stores nothing
in places that do. Such a loop is worth asking where all that it carries is chosen between what was and something else, as
what solves an equation is until it is found.
"""

from __future__ import annotations

from autograd.compiler.codegen.partition import Partition
from autograd.compiler.codegen.places import Nest
from autograd.compiler.codegen.summed import elements
from autograd.program.loops import Loop, Place, chooses, operations_in
from autograd.program.scanned import MASK, VALUE

LEAST = 8  # iterations


def may_rest(part: Partition, function: int, loop: Loop, outer: Nest) -> bool:
    """Whether a loop in these others, in a function of its half, may end early and is worth asking."""
    if loop.times < LEAST or not chooses(loop, len(outer)):
        return False
    return _stores_in_place(part, loop, len(outer)) and _reads_in_place(part, function, loop, outer)


def _stores_in_place(part: Partition, loop: Loop, level: int) -> bool:
    """Whether no value of the body is an output, and every slot the same in all iterations."""
    numbers = [step.number for step, _ in operations_in((loop,))]
    strides = [part.slots.steps[number][level] for number in numbers if number in part.slots.steps]
    return not any(strides) and not any(number in part.outputs for number in numbers)


def _reads_in_place(part: Partition, function: int, loop: Loop, outer: Nest) -> bool:
    """Whether every operand is carried, of the same iteration, or the same in all."""
    level = len(outer)
    todo = [(x, (*outer, *inner)) for step, inner in operations_in((loop,)) for x in step.operands]
    while todo:
        operand, nest = todo.pop()
        for place, around in elements(operand, nest):
            carried = part.register_loop(place, around, function) == level
            if not carried and not _same_in_all(part, place, around, loop, level):
                return False
            if place.first is not None and not carried:
                todo.append((place.first, around))
    return True


def _same_in_all(part: Partition, place: Place, nest: Nest, loop: Loop, level: int) -> bool:
    """Whether it is of the same iteration, or moves with none."""
    if place.kind not in (VALUE, MASK):
        return place.strides[level] == 0
    body = range(loop.number, loop.number + loop.size)
    if place.strides[level] == loop.size:
        ways = [stride * (each.times - 1) for stride, each in zip(place.strides, nest, strict=True)][level + 1 :]
        ends = [place.start + sum(pick(way, 0) for way in ways) for pick in (min, max)]
        return all(end in body for end in ends)
    return place.strides[level] == 0 and not any(step.number in body for step in part.places.touched(place, nest))
