"""Data: checked once before training starts, split, and dealt out in batches.

Data are given as lists, tuples, NumPy arrays or pandas' tables, and kept as lists of floats, which the engine takes
fastest. Targets that are whole numbers stay ints, so that a loss can use a class as an index: ``scores[k]``.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterator, Sequence
from numbers import Integral
from typing import Any, NamedTuple, Protocol, TypeAlias

from autograd.interop.coerce import describe, out_of_array
from autograd.interop.packages import found
from nn.arguments import Seed, as_float, generator, integer, real
from nn.graphs import without_array

Row: TypeAlias = list[float]
Label: TypeAlias = float | Row


class HasList(Protocol):
    """A NumPy array or a tensor."""

    def tolist(self) -> object: ...


class HasArray(Protocol):
    """A frame or a column of pandas."""

    def to_numpy(self) -> object: ...


Rows: TypeAlias = Sequence[Sequence[float] | HasList] | HasList | HasArray
Labels: TypeAlias = Sequence[float | Sequence[float] | HasList] | HasList | HasArray


class Data(NamedTuple):
    """Examples: a row of inputs in ``X`` for every target in ``y``."""

    X: Sequence[Row]
    y: Sequence[float | Any]  # or rows: which, only the model and its loss know


def check_data(X: Rows, y: Labels, name: str = "") -> Data:  # noqa: N803
    """X and y as lists of numbers, if they are fit to train on.

    >>> check_data([[1, 2], [3, 4]], (0, 1))
    Data(X=[[1.0, 2.0], [3.0, 4.0]], y=[0, 1])

    X has a row of numbers for each example, all of one length; y as many numbers, or rows of numbers. A column of bools
    is one of 0 and 1; a column of y that holds whole numbers and bools alone is one of ints, everything else becomes floats.
    Raises TypeError for anything but real numbers, ValueError for empty or ragged data, for nan and inf, and
    for lengths that differ: the message says where. ``name`` is put before X and y there.
    """
    rows, targets = check_rows(X, f"{name}X"), check_targets(y, f"{name}y")
    if len(rows) != len(targets):
        raise ValueError(f"{name}X and {name}y differ in length: {len(rows)} rows and {len(targets)} targets")
    return Data(rows, targets)


def check_rows(X: Rows, name: str = "X") -> list[Row]:  # noqa: N803
    """X as rows of floats, all of one length; see ``check_data``.

    >>> check_rows([[1.0, 2.0], [3.0, float("nan")]])
    Traceback (most recent call last):
    ValueError: X[1][1] is nan; training needs finite numbers: drop the row or fill the gap
    """
    return _numbers(_bools_as_bits(_table(X, name), bool), name)


def check_targets(y: Labels, name: str) -> Sequence[Label]:
    """y as numbers or rows of numbers, whole ones as ints."""
    targets = _as_list(y, name)
    if isinstance(without_array(targets[0]), list | tuple):
        cells = _bools_as_bits(_table(targets, name), Integral)
        return _with_ints(cells, _numbers(cells, name))
    word = next((i for i, t in enumerate(targets) if isinstance(t, str)), None)
    if word is not None:
        raise TypeError(
            f"{name}[{word}] must be a real number, got {describe(targets[word])}: number the classes, "
            "classes = sorted(set(y)) and y = [classes.index(t) for t in y], or take nn.Classifier, which does"
        )
    cells = _bools_as_bits([[out_of_array(t)] for t in targets], Integral)
    numbers = [[_number(t, f"{name}[{i}]")] for i, (t,) in enumerate(cells)]
    return [t for (t,) in _with_ints(cells, numbers)]


def _table(data: object, name: str) -> list[list[Any]]:
    """Rows of what may be numbers, all of one length."""
    rows = [_row(row, f"{name}[{i}]") for i, row in enumerate(_as_list(data, name))]
    if not rows[0]:
        raise ValueError(f"{name} has no columns: its first row is empty")
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"{name} is ragged: row {i} has {len(row)} numbers, row 0 has {len(rows[0])}; rows of several lengths go to "
                "nn.Trainer, a batch for each length"
            )
    return rows


def _numbers(rows: list[list[Any]], name: str) -> list[Row]:
    return [
        list(row) if _are_finite_floats(row) else [_number(x, f"{name}[{i}][{j}]") for j, x in enumerate(row)]
        for i, row in enumerate(rows)
    ]


def _are_finite_floats(row: list[Any]) -> bool:
    """Whether a row is one already: halves the time for large arrays."""
    return set(map(type, row)) == {float} and all(map(math.isfinite, row))


def _bools_as_bits(rows: list[list[Any]], kind: type) -> list[list[Any]]:
    """Bools as 0 and 1, in columns of that kind alone. Among other numbers a bool stays one, to be refused as a mistake."""
    if not any(bool in map(type, row) for row in rows):  # sets took five times as long, by the collector
        return rows
    flags = {j for j in range(len(rows[0])) if all(isinstance(row[j], kind) for row in rows)}
    return [[int(x) if j in flags and isinstance(x, bool) else x for j, x in enumerate(row)] for row in rows]


def _with_ints(cells: list[list[Any]], rows: list[Row]) -> list[Row]:
    """The rows, with ints in the columns where all cells are whole numbers by their type."""
    columns = [
        [int(x) for x in column if isinstance(x, Integral)] if all(isinstance(x, Integral) for x in column) else numbers
        for column, numbers in zip(zip(*cells, strict=True), zip(*rows, strict=True), strict=True)
    ]
    return list(map(list, zip(*columns, strict=True)))


def _as_list(data: object, name: str) -> list[Any]:
    data = without_array(getattr(data, "to_numpy", lambda: data)())
    if not isinstance(data, list | tuple | range):
        advice = (
            "; nn.Trainer(model, loss).epoch(batches) takes a generator of batches" if isinstance(data, Iterator) else ""
        )
        raise TypeError(f"{name} must be a list, tuple or array, got {describe(data)}{advice}")
    if not data:
        raise ValueError(f"{name} is empty")
    return list(data)


def _row(row: object, name: str) -> list[Any]:
    row = without_array(row)
    if not isinstance(row, list | tuple):
        raise TypeError(
            f"{name} must be a row of numbers, got {row!r:.40}; a single column is [[x] for x in X], a single row [X]"
        )
    return row if row.__class__ is list and set(map(type, row)) == {float} else [out_of_array(x) for x in row]


def _number(x: object, name: str) -> float:
    number = as_float(name, x)
    if not math.isfinite(number):
        raise ValueError(f"{name} is {number!r}; training needs finite numbers: drop the row or fill the gap")
    return number


# -- parts of the data -------------------------------------------------------------------------


def split(X: Rows, y: Labels, fraction: float = 0.25, seed: Seed = None) -> tuple[Data, Data]:  # noqa: N803
    """Two parts of the data at random: the larger to train on, ``fraction`` of it to test on.

    >>> train, test = split([[0.0], [1.0], [2.0], [3.0]], [0, 1, 2, 3], fraction=0.25, seed=0)
    >>> len(train.X), len(test.X)
    (3, 1)

    Raises ValueError where ``fraction`` isn't between 0 and 1, or leaves a part empty.
    """
    return split_data(check_data(X, y), fraction, generator(seed))


def split_data(data: Data, fraction: float, rng: random.Random, name: str = "fraction") -> tuple[Data, Data]:
    """``split`` of data that are checked already; messages call the fraction by ``name``."""
    n = len(data.X)
    held_out = held_out_of(n, fraction, name)
    order = permutation(n, rng)
    return take(data, order[held_out:]), take(data, order[:held_out])


def held_out_of(n: int, fraction: float, name: str) -> int:
    """How many of n rows a fraction is; raises ValueError where it leaves a part empty."""
    held_out = round(n * real(name, fraction, below=1.0))
    if not 0 < held_out < n:
        raise ValueError(f"a fraction of {fraction} leaves one part of {n} rows empty")
    return held_out


def take(data: Data, rows: Sequence[int]) -> Data:
    """The examples with these numbers, in their order."""
    return Data([data.X[i] for i in rows], [data.y[i] for i in rows])


def as_data(data: object, name: str) -> Data:
    """A pair (X, y) as Data; raises TypeError for anything else."""
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise TypeError(f"{name} must be nn.Data(X, y), got {describe(data)}")
    return Data(*data)


def permutation(n: int, rng: random.Random) -> Sequence[int]:
    """0 … n − 1 in random order: an array where there is NumPy, the same numbers as without.

    Each number gets 64 random bits, and they are sorted by those: 5 µs for 100 numbers, of which ``rng.shuffle`` takes 16.
    """
    keys = rng.randbytes(8 * n)
    if found("numpy"):
        import numpy as np

        order: Sequence[int] = np.frombuffer(keys, "<u8").argsort(kind="stable")  # type: ignore[assignment]
        return order
    numbers = array("Q", keys)
    return sorted(range(n), key=numbers.__getitem__)


def skip_permutation(n: int, rng: random.Random) -> None:
    """Leave the generator as ``permutation`` would, without sorting."""
    rng.randbytes(8 * n)


def permutations(count: int, n: int, rng: random.Random) -> Sequence[Sequence[int]]:
    """The orders of so many epochs, as ``permutation`` would draw one after the other, in half the time.

    >>> [[int(k) for k in order] for order in permutations(2, 3, random.Random(0))]
    [[2, 0, 1], [1, 2, 0]]
    """
    if not found("numpy") or count == 1:
        return [permutation(n, rng) for _ in range(count)]
    import numpy as np

    keys: Any = np.frombuffer(rng.randbytes(8 * n * count), "<u8")
    orders: Sequence[Sequence[int]] = keys.reshape(count, n).argsort(kind="stable")
    return orders


def batches(data: Data, size: int | None, rng: Seed = None) -> Iterator[Data]:
    """The examples in random order, ``size`` at a time; the last batch may be short.

    >>> data = Data([[0.0], [1.0], [2.0]], [0, 1, 2])
    >>> [len(batch.X) for batch in batches(data, 2, 0)]
    [2, 1]

    A size of None makes one batch of all. ``rng`` is a ``random.Random``, which is drawn from, or a seed.
    """
    data = as_data(data, "batches: data")
    order = permutation(len(data.X), generator(rng))
    step = check_batch_size(size) or len(order)
    for start in range(0, len(order), step):
        yield take(data, order[start : start + step])


def check_batch_size(size: int | None) -> int | None:
    """``size`` if it can be one; raises ValueError below 1, TypeError for no whole number."""
    return None if size is None else integer("batch_size", size, 1)
