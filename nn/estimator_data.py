"""Rows, targets and weights as estimators of scikit-learn take them: arrays and sparse rows, split and scaled.

>>> examples = Sample(np.array([[1.0], [2.0], [4.0]]), np.array([0, 1, 0]), checked_weights([1, 0, 2], 3))
>>> examples.counted().y
array([0, 0])
"""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd.interop.packages import needed
from nn.arguments import integer
from nn.scaler import Scaler

with needed("nn.Classifier and nn.Regressor", "sklearn", "sklearn"):
    import numpy as np
    from scipy.sparse import issparse
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler
    from sklearn.utils import check_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

AUTO_ROWS = 200  # in a batch of size "auto"
WRITTEN_OUT = 4096  # rows of a sparse matrix at a time


class Sample(NamedTuple):
    """Rows, in an array or in scipy's sparse form, their targets, and how much each counts."""

    X: Any
    y: NDArray[Any]
    weights: Floats | None

    def part(self, rows: Any) -> Sample:
        """Some of them."""
        return Sample(self.X[rows], self.y[rows], None if self.weights is None else self.weights[rows])

    def counted(self) -> Sample:
        """Those that count at all. What weighs nothing is as if it weren't there, so that its label is none either."""
        return self if self.weights is None or self.weights.all() else self.part(self.weights.nonzero()[0])

    def times(self, factors: Floats) -> Sample:
        """The same rows, which count by so much more."""
        return self._replace(weights=factors if self.weights is None else self.weights * factors)

    def batches(self, size: int) -> Iterator[tuple[Any, ...]]:
        """Rows, targets and weights of so many at a time, in their order."""
        for start in range(0, len(self.y), size):
            X, y, weights = self.part(slice(start, start + size))  # noqa: N806
            yield (X, y) if weights is None else (X, y, weights)


def checked_weights(weights: Any, rows: int) -> Floats | None:
    """Weights as an array. Raises ValueError where they are too few, too many, negative, or all zero."""
    if weights is None:
        return None
    if isinstance(weights, Real):
        weights = [float(weights)] * rows
    numbers: Floats = check_array(weights, ensure_2d=False, dtype=np.float64, input_name="sample_weight")
    if numbers.shape != (rows,):
        raise ValueError(f"sample_weight must have one number for each of {rows} rows, got the shape {numbers.shape}")
    if (numbers < 0.0).any():
        k = int((numbers < 0.0).argmax())
        raise ValueError(f"sample_weight must not be negative, got sample_weight[{k}] = {numbers[k]}")
    if not numbers.any():
        raise ValueError("sample_weight: all weights are zero, so that no row counts")
    return numbers


def batch_rows(size: int | str | None, rows: int) -> int:
    """How many rows a step looks at: "auto" for all of them, but 200 at most; None for all.

    >>> batch_rows("auto", 30), batch_rows("auto", 1000), batch_rows(None, 1000), batch_rows(32, 10)
    (30, 200, 1000, 10)
    """
    if size is None or size == "auto":
        return min(rows, AUTO_ROWS) if size else rows
    return min(rows, integer("batch_size", size, 1))


def held_out(examples: Sample, fraction: float, seed: int, labels: Any) -> tuple[Sample, Sample]:
    """What is trained on and what is held out, with the same share of every label where there are labels."""
    parts = train_test_split(np.arange(len(examples.y)), test_size=fraction, random_state=seed, stratify=labels)
    first, second = map(examples.part, parts)
    return first, second


def scaler_of(table: Any, weights: Floats | None) -> Scaler:
    """The weighted mean and deviation of columns; a mean of 0 for sparse rows, which would be dense without their zeros."""
    if not issparse(table) and table.ndim == 1:
        table = table[:, None]
    found = StandardScaler(with_mean=not issparse(table)).fit(table, sample_weight=weights)
    means = [0.0] * table.shape[1] if found.mean_ is None or issparse(table) else found.mean_.tolist()
    return Scaler.from_dict({"mean": means, "deviation": found.scale_.tolist()})


def scaled(scaler: Scaler | None, rows: Any) -> Any:
    """Rows as the scaler has them; sparse ones stay so."""
    if scaler is None:
        return rows
    return rows.multiply(1.0 / np.array(scaler.deviation)).tocsr() if issparse(rows) else scaler.apply(rows)


def written_out(rows: Any) -> Iterator[Floats]:
    """Arrays of rows: one of all, or a few thousand sparse ones at a time."""
    if issparse(rows):
        yield from (rows[start : start + WRITTEN_OUT].toarray() for start in range(0, rows.shape[0], WRITTEN_OUT))
    else:
        yield rows
