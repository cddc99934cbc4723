"""Where a row of things repeats with a regular difference: the runs of equal blocks that ``rolling`` makes loops of.

Rows are compared by two hashes: one of what must be equal in all blocks, one, linear, of the numbers that must run
arithmetically. So a period is tried in a few passes over the rows, whatever they hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]
Bools: TypeAlias = NDArray[np.bool_]

LEAST = 3  # blocks: two can't show that a number runs arithmetically
CANDIDATES = 24  # periods that are tried first
ROUNDS = 4  # of further ones: loops around loops around loops
MULTIPLES = (2, 3, 4)
GRAMS = (1, 2, 4, 16, 64)  # lengths of the strings whose distances suggest a period
GOLDEN = 0x9E3779B97F4A7C15


class Rows(NamedTuple):
    """Rows as hashes: of what must be equal in all blocks, and, linear, of the numbers that must run arithmetically.

    ``near`` are places, a column for each, that must run with the block or not at all, where ``is_near``.
    """

    equal: Hashes
    linear: Hashes
    near: Ints
    is_near: Bools


class Stretch(NamedTuple):
    """Rows i from ``start`` up to ``stop`` for which i, i + size and i + 2·size are regular."""

    saved: int  # at most so many rows needn't be written out
    size: int
    start: int
    stop: int


def hashed(columns: Ints) -> Hashes:
    """A hash of every row, linear in the row's numbers."""
    flat = columns.reshape(len(columns), math.prod(columns.shape[1:])).view(np.uint64)
    total = np.zeros(len(columns), np.uint64)
    for k in range(flat.shape[1]):
        total += flat[:, k] * np.uint64(pow(GOLDEN, k + 1, 1 << 64))
    return total


def stretches(rows: Rows, least: int) -> list[Stretch]:
    """All stretches that may save ``least`` rows, of the periods that the rows themselves suggest.

    Longer periods, of loops around loops, show in the distances between stretches of one period and length.
    """
    tried, found = set[int](), list[Stretch]()
    # Blocks that save so many rows repeat a string as long: where none does, and in most code that is no loop, that is all.
    periods = _candidates(rows.equal) if _repeats(rows.equal, least) else []
    for _ in range(ROUNDS):
        new = list(dict.fromkeys([s for size in periods if size not in tried for s in _of_period(rows, size, least)]))
        tried.update(periods)
        found += new
        periods = [size for size in _distances(new, len(rows.equal)) if size not in tried]
        if not periods:
            break
    return found


def _repeats(rows: Hashes, length: int) -> bool:
    """Whether a string of rows occurs twice, of as many as the largest power of two below the length."""
    grams = rows
    for k in range(length.bit_length() - 1):
        grams = grams[: -(1 << k)] * np.uint64(pow(GOLDEN, 1 << k, 1 << 64)) + grams[1 << k :]
    grams = np.sort(grams)
    return bool((grams[1:] == grams[:-1]).any())


def _candidates(rows: Hashes) -> list[int]:
    """Distances between equal strings of rows, the most frequent first."""
    n = len(rows)
    counts = np.zeros(n + 1, np.int64)
    grams, length = rows, 1
    for wanted in GRAMS:
        while length < min(wanted, len(grams)):
            grams = grams[:-length] * np.uint64(pow(GOLDEN, length, 1 << 64)) + grams[length:]
            length *= 2
        if length < wanted:
            break
        order = np.argsort(grams, kind="stable")
        ranked = grams[order]
        again = np.flatnonzero(ranked[1:] == ranked[:-1])
        counts += np.bincount(order[again + 1] - order[again], minlength=n + 1)
    return _most_frequent(counts[: n // LEAST + 1], CANDIDATES)


def _most_frequent(counts: Ints, most: int) -> list[int]:
    numbers = np.flatnonzero(counts)
    best: list[int] = numbers[np.argsort(-counts[numbers], kind="stable")][:most].tolist()
    return best


def _of_period(rows: Rows, size: int, least: int) -> list[Stretch]:
    """The stretches of one period; if it has none, though most of its rows repeat, of a multiple.

    An iteration may do the same a few times, with two tokens or coordinates: then no string suggests its own length.
    """
    found = list(_stretches(rows, size, least))
    if not found and 2 * np.count_nonzero(rows.equal[size:] == rows.equal[:-size]) > len(rows.equal):
        found = [s for k in MULTIPLES if k * size <= len(rows.equal) // LEAST for s in _stretches(rows, k * size, least)]
    return found


def _stretches(rows: Rows, size: int, least: int) -> Iterator[Stretch]:
    """The stretches of one period."""
    equal, linear, near, is_near = rows
    n = len(equal) - 2 * size
    alike = equal[size:] == equal[:-size]
    if n <= 0 or np.count_nonzero(alike) < least // 2:
        return
    steady = alike[:n] & alike[size:]
    steady &= linear[:n] + linear[2 * size :] == linear[size:-size] << np.uint64(1)
    for k in range(near.shape[1]):
        step = near[size : n + size, k] - near[:n, k]
        steady &= ~is_near[:n, k] | (step == 0) | (step == size)
    start, stop = edges(steady)
    saved = size * ((stop - start) // size + 2)  # a block more at the start, where the first iteration may read elsewhere
    for k in np.flatnonzero((saved >= least) & (stop - start >= size // 2)).tolist():
        yield Stretch(int(saved[k]), size, int(start[k]), int(stop[k]))


def edges(flags: Bools) -> tuple[Ints, Ints]:
    """Where runs of true flags start and stop."""
    change = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    ends = np.concatenate([[0], change, [len(flags)]]) if len(flags) else np.zeros(1, np.int64)
    first = 0 if len(flags) and flags[0] else 1
    return ends[first:-1:2], ends[first + 1 :: 2]


def _distances(found: list[Stretch], n: int) -> list[int]:
    """Distances between stretches of one period and length that follow each other."""
    if len(found) < LEAST:
        return []
    size, start, length = np.array([(s.size, s.start, s.stop - s.start) for s in found]).T
    order = np.lexsort([start, length, size])
    like = (np.diff(size[order]) == 0) & (np.diff(length[order]) == 0)
    distances = np.diff(start[order])[like]
    return _most_frequent(np.bincount(distances[distances <= n // LEAST]), CANDIDATES // 4)
