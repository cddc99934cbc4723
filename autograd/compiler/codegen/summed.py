"""Products that are only summed over lanes, as a weight's derivative: loops of them, apart from what else is in a loop.

Nothing needs such a product, so it can wait until all lanes of a tile have its factors, see ``sweep``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from autograd.compiler.codegen.places import Address, Nest, Places
from autograd.compiler.codegen.sequence import kind_of, offsets_of
from autograd.program.loops import Item, Loop, Operation, Place, Several, operations_in
from autograd.program.scanned import MASK, VALUE

NUMBER = "number"  # the kind of an output that is summed in one number, see ``sums``


class Output(NamedTuple):
    """Where a step's value goes: added to a ``sum``, stored in a ``row`` or a ``uniform`` output, whose number this is."""

    kind: str
    at: Address


class SummedProducts:
    """Which steps and loops of a half are such products, by the steps' outputs."""

    def __init__(self, outputs: Mapping[int, Sequence[Output]], contract: bool):
        self.outputs, self.contract = outputs, contract

    def has(self, step: Operation) -> bool:
        """Whether a step is a product, or one with something added, that is summed over lanes in every iteration."""
        outputs = self.outputs.get(step.number, ()) if step.op in ("mul", "fma") and self.contract else ()
        return bool(outputs) and all(output.kind in ("sum", NUMBER) for output in outputs)

    def fill(self, loop: Item) -> bool:
        """Whether there is nothing else in a loop."""
        return isinstance(loop, Loop) and all(
            isinstance(step, Operation) and self.has(step) and all(place.first is None for place in step.operands)
            for step in loop.body
        )

    def alone(self, item: Item) -> bool:
        """Whether there is nothing in a loop but loops of them."""
        return isinstance(item, Loop) and all(map(self.fill, item.body))

    def _mixed(self, item: Item) -> bool:
        return isinstance(item, Loop) and not self.alone(item) and any(map(self.fill, item.body))

    def apart(self, items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
        """The items, each loop with loops of products in it as two, the second with those; and without the second."""
        mixed = {id(item) for item in items if self._mixed(item)}
        needed = set(_read(items)) if mixed else set()
        all_items: list[Item] = []
        others: list[Item] = []
        for item in items:
            if isinstance(item, Loop) and id(item) in mixed:
                products = [each for each in item.body if self.fill(each) and not needed.intersection(_numbers(each))]
                item = item._replace(body=tuple([each for each in item.body if each not in products]))
                all_items += [item, item._replace(body=tuple(products))] if products else [item]
            else:
                all_items.append(item)
            others.append(item)
        return all_items, others


def _numbers(item: Item) -> set[int]:
    return {step.number for step, _ in operations_in((item,))}


def _read(items: Sequence[Item]) -> Iterator[int]:
    """The numbers of all steps whose values are operands."""
    places = Places(items)
    for step, nest in operations_in(items):
        for operand in step.operands:
            for place, around in elements(operand, nest):
                which: Place | None = place
                while which is not None:
                    if which.kind in (VALUE, MASK):
                        yield from [found.number for found in places.touched(*later(which, around))]
                    which = which.first


def elements(place: Place, nest: Nest) -> list[tuple[Place, Nest]]:
    """What several operands in one are read as: one in a loop over them, or, where they don't run arithmetically, many."""
    if not isinstance(place.kind, Several):
        return [(place, nest)]
    kind, offsets = kind_of(place), offsets_of(place)
    step = offsets[1]
    if offsets == tuple([step * k for k in range(len(offsets))]):  # all of them one number where the step is 0
        loop = Loop(len(offsets), 0, place.start, ())
        return [(Place(kind, place.start, (*place.strides, step)), (*nest, loop))]
    return [(Place(kind, place.start + offset, place.strides), nest) for offset in offsets]


def later(place: Place, nest: Nest) -> tuple[Place, Nest]:
    """An operand as it is in all but the first iteration, if it is another there."""
    if place.first is None:
        return place, nest
    k = place.level
    nest = (*nest[:k], nest[k]._replace(times=nest[k].times - 1), *nest[k + 1 :])
    return Place(place.kind, place.start + place.strides[k], place.strides), nest
