"""Totals over tasks, added up as a binary tree that only the tasks' numbers decide, not who computed which of them.

Two neighbours of one level are added where the left one's number is even. What a range of tasks can add up by itself are a
few subtotals, and those of ranges side by side are put together to the very bits of one range:

>>> import numpy as np
>>> numbers = np.array([[0.1], [0.2], [0.3], [0.4], [0.5]])
>>> apart = [*subtotals(numbers[:3], 0), *subtotals(numbers[3:], 3)]
>>> [(each.level, each.number) for each in joined(apart)]
[(2, 0), (0, 4)]
>>> total(apart) == total(subtotals(numbers, 0)) == (numbers[0] + numbers[1]) + (numbers[2] + numbers[3]) + numbers[4]
array([ True])
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Totals: TypeAlias = "NDArray[np.float64]"


class Subtotal(NamedTuple):
    """The totals of the tasks from ``number · 2ˡᵉᵛᵉˡ`` on, 2ˡᵉᵛᵉˡ of them."""

    level: int
    number: int
    numbers: Totals


def subtotals(numbers: Totals, first: int) -> list[Subtotal]:
    """The fewest subtotals of a range of tasks, in order; there is a row for each task, the first is number ``first``."""
    left: list[Subtotal] = []
    right: list[Subtotal] = []
    level = 0
    while len(numbers):
        if first % 2:
            left.append(Subtotal(level, first, numbers[0]))
            numbers, first = numbers[1:], first + 1
        if len(numbers) % 2:
            right.append(Subtotal(level, first + len(numbers) - 1, numbers[-1]))
            numbers = numbers[:-1]
        numbers = numbers[0::2] + numbers[1::2]
        level, first = level + 1, first // 2
    return left + right[::-1]


def joined(apart: Iterable[Subtotal]) -> list[Subtotal]:
    """The fewest subtotals of ranges that follow one another, given all of theirs in order."""
    found: list[Subtotal] = []
    for each in apart:
        level, number, numbers = each
        while found and number % 2 and found[-1][:2] == (level, number - 1):
            level, number, numbers = level + 1, number // 2, found.pop().numbers + numbers
        found.append(Subtotal(level, number, numbers))
    return found


def total(apart: Iterable[Subtotal]) -> Totals:
    """The totals of all tasks, from the first one on."""
    *others, last = joined(apart)
    numbers = last.numbers
    for each in reversed(others):
        numbers = each.numbers + numbers
    return numbers
