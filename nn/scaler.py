"""``Scaler``: columns with mean 0 and standard deviation 1, and the way back.

>>> scaler = Scaler().fit([[1.0, 5.0], [3.0, 5.0]])
>>> scaler.apply([[5.0, 6.0]]), scaler.undo([[3.0, 1.0]])
([[3.0, 1.0]], [[5.0, 6.0]])

Lists and arrays of the same numbers are scaled to the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.interop.coerce import describe, has_axes
from nn.arguments import real
from nn.column_statistics import statistics
from nn.data import Labels, Row, Rows, check_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table: TypeAlias = NDArray[Any]

KEYS = ("mean", "deviation")


def scaled(x: Any, mean: Any, deviation: Any) -> Any:
    """(x − mean) / deviation of numbers, Values or arrays."""
    return (x - mean) / deviation


def unscaled(x: Any, mean: Any, deviation: Any) -> Any:
    """x · deviation + mean of numbers, Values or arrays."""
    return x * deviation + mean


class Scaler:
    """Shifts and scales every column to mean 0 and standard deviation 1, as ``fit`` has found them.

    >>> scaler = Scaler().fit([10.0, 30.0])  # a single column, targets say
    >>> scaler, scaler.apply([40.0]), scaler.undo([2.0])
    (Scaler(1 column), [2.0], [40.0])

    Fit it to the training part alone: what the test part is like must not be known before the test. A constant column is
    shifted only. Numbers go in as ``fit`` takes them: rows, or single numbers for one column, in lists, tuples, arrays or
    tables. What comes out is an array for an array or a table, else lists. ``nn.save(path, model, scaler=scaler)`` keeps
    it with the model, ``nn.to_c(model, scaler=scaler)`` builds it in; give them a pair where the targets have one too.
    """

    def __init__(self) -> None:
        self.mean: list[float] = []
        self.deviation: list[float] = []

    def fit(self, X: Rows | Labels) -> Scaler:  # noqa: N803
        """Take mean and standard deviation of every column of X; gives the scaler itself.

        Raises TypeError for anything but numbers, ValueError for empty or ragged data, nan and inf, and where a column's
        numbers are too large to be added.
        """
        found = statistics(_as_table(X)[0])
        for j, numbers in enumerate(found):
            if not all(map(math.isfinite, numbers)):
                raise ValueError(f"column {j} has numbers that are too large to be added: divide it by its largest first")
        self.mean, self.deviation = map(list, zip(*found, strict=True))
        return self

    def apply(self, X: Rows | Labels) -> Any:  # noqa: N803
        """(x − mean) / deviation of every number of X. Raises ValueError before ``fit`` and for other columns."""
        return self._mapped("apply", X, scaled)

    def undo(self, X: Rows | Labels) -> Any:  # noqa: N803
        """x · deviation + mean of every number of X: the way back. Raises ValueError as ``apply`` does."""
        return self._mapped("undo", X, unscaled)

    def to_dict(self) -> dict[str, list[float]]:
        """Mean and deviation as lists, for JSON say.

        >>> Scaler().fit([[1.0], [3.0]]).to_dict()
        {'mean': [2.0], 'deviation': [1.0]}
        """
        return {"mean": list(self.mean), "deviation": list(self.deviation)}

    @classmethod
    def from_dict(cls, state: Mapping[str, Sequence[float]]) -> Scaler:
        """The scaler of a ``to_dict``.

        >>> Scaler.from_dict({"mean": [2.0], "deviation": [1.0]})
        Scaler(1 column)

        Raises TypeError for anything but lists of numbers, ValueError where their lengths differ or a number can't be one.
        """
        if not isinstance(state, Mapping) or set(state) != {*KEYS}:
            raise ValueError(f"a scaler's state has {' and '.join(KEYS)}, got {describe(state)}")
        mean, deviation = (_as_floats(key, state[key]) for key in KEYS)
        if len(mean) != len(deviation):
            raise ValueError(
                f"a scaler has a deviation for each mean, got {len(mean)} means and {len(deviation)} deviations"
            )
        scaler = cls()
        scaler.mean, scaler.deviation = mean, [real("deviation", x, least=math.ulp(0.0)) for x in deviation]
        return scaler

    def _mapped(self, method: str, X: Rows | Labels, formula: Callable[[Any, Any, Any], Any]) -> Any:  # noqa: N803
        self.check_columns(method)
        table, is_flat = _as_table(X)
        self.check_columns(method, len(table[0]))
        if isinstance(table, list):
            rows = [list(map(formula, row, self.mean, self.deviation)) for row in table]
            return [x for (x,) in rows] if is_flat else rows
        import numpy as np

        with np.errstate(over="ignore"):  # inf, as of lists
            mapped = formula(table, np.array(self.mean), np.array(self.deviation))
        return mapped[:, 0] if is_flat else mapped

    def check_columns(self, what: str, columns: int | None = None) -> None:
        """Raise ValueError where the scaler isn't fitted, or to another number of columns."""
        if not self.mean:
            raise ValueError(f"{what}: this scaler knows no mean yet; call scaler.fit(X) first, with the training part")
        if columns not in (None, len(self.mean)):
            raise ValueError(f"{what}: this scaler was fitted to {_columns(len(self.mean))}, got {_columns(columns or 0)}")

    def __repr__(self) -> str:
        return f"Scaler({_columns(len(self.mean)) if self.mean else 'not fitted'})"


def _columns(n: int) -> str:
    return f"{n} column{'s' * (n != 1)}"


def _as_floats(name: str, numbers: object) -> list[float]:
    if not isinstance(numbers, list | tuple):
        raise TypeError(f"a scaler's {name} must be a list of numbers, got {describe(numbers)}")
    return [real(f"{name}[{i}]", x, least=-math.inf) for i, x in enumerate(numbers)]


def standardise(X: Rows, *others: Rows) -> tuple[list[Row], ...]:  # noqa: N803
    """Every column of X with mean 0 and standard deviation 1; the others shifted and scaled alike.

    >>> standardise([[1.0], [3.0]], [[5.0]])
    ([[-1.0], [1.0]], [[3.0]])

    Give the training part first: what the test part is like must not be known before the test. A constant
    column is shifted only. ``Scaler`` does the same, and keeps mean and deviation.
    """
    tables = [check_rows(table, "X") for table in (X, *others)]
    widths = {len(table[0]) for table in tables}
    if len(widths) > 1:
        raise ValueError(f"standardise: all tables need the same columns, got {sorted(widths)} of them")
    return tuple(map(Scaler().fit(tables[0]).apply, tables))


# -- tables ------------------------------------------------------------------------------------


def _as_table(data: Any) -> tuple[list[list[float]] | Table, bool]:
    """Rows of finite floats, for an array one of finite numbers, and whether single numbers came."""
    for method in ("toarray", "to_numpy"):  # sparse rows, frames
        data = getattr(data, method, lambda data=data: data)()
    is_flat = _is_flat(data)
    if hasattr(data, "__array_interface__"):
        import numpy as np

        array = np.asarray(data)
        if array.dtype.kind in "fiub" and array.ndim in (1, 2) and array.size:
            array = array.astype(float) if array.dtype.itemsize > 8 else array  # others become floats where they are used
            if array.dtype.kind != "f" or np.isfinite(array).all():
                return array[:, None] if is_flat else array, is_flat
    return check_rows([[x] for x in data] if is_flat else data), is_flat  # what is wrong, it says


def _is_flat(data: Any) -> bool:
    """Whether data is a list of numbers, not of rows."""
    if has_axes(data):
        return len(data.shape) == 1
    return (
        isinstance(data, list | tuple | range)
        and bool(data)
        and not (isinstance(data[0], list | tuple) or has_axes(data[0]))
    )
