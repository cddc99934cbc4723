"""Small systems of linear equations, on floats and on Values: Gaussian elimination that chooses its pivots by selection.

>>> solve([[2.0, 1.0], [1.0, 3.0]], [[3.0], [4.0]])
[[1.0], [1.0]]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.transforms.types import Scalar
from autograd.value import VALUES, where

Row = list[Scalar]


def solve(matrix: Sequence[Sequence[Scalar]], right: Sequence[Sequence[Scalar]]) -> list[Row]:
    """X with matrix·X = right, which has a column for each system; inf and nan where the matrix is singular.

    Rows are swapped by ``where``, so that while a function is compiled each lane has pivots of its own. In n³/3 steps for n
    equations: for a few of them. Source: Golub & Van Loan, *Matrix Computations* (2013), 3.4.
    """
    rows: list[Row] = [[*a, *b] for a, b in zip(matrix, right, strict=True)]
    n = len(rows)
    for k in range(n):
        for i in range(k + 1, n):
            _larger_first(rows, k, i)
        for i in range(k + 1, n):
            factor = VALUES.div(rows[i][k], rows[k][k])
            rows[i] = [_minus(a, factor, b) for a, b in zip(rows[i], rows[k], strict=True)]
    for k in reversed(range(n)):
        rows[k] = [VALUES.div(x, rows[k][k]) for x in rows[k][n:]]
        for i in range(k):
            factor = rows[i][k]
            rows[i] = [*rows[i][:n], *[_minus(a, factor, b) for a, b in zip(rows[i][n:], rows[k], strict=True)]]
    return rows


def _larger_first(rows: list[Row], k: int, i: int) -> None:
    """Swap two rows where the lower has the larger number in column k."""
    swapped = VALUES.abs(rows[i][k]) > VALUES.abs(rows[k][k])
    pairs = list(zip(rows[k], rows[i], strict=True))
    rows[k] = [chosen(swapped, b, a) for a, b in pairs]
    rows[i] = [chosen(swapped, a, b) for a, b in pairs]


def chosen(condition: Any, a: Any, b: Any) -> Any:
    """``where`` that records nothing where the condition is known."""
    if isinstance(condition, bool):
        return a if condition else b
    return where(condition, a, b)


def _minus(a: Scalar, factor: Scalar, b: Scalar) -> Scalar:
    """a − factor·b; a zero that always is one takes no part."""
    return a if is_zero(b) or is_zero(factor) else a - factor * b


def is_zero(x: Scalar) -> bool:
    """Whether it is 0 as a plain number, which no leaf can change."""
    return x.__class__ is float and x == 0.0
