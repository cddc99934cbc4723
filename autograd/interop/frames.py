"""Columns and tables of pandas and polars as arrays of NumPy, by the methods that both have; neither is imported.

A missing value is refused: it would quietly become nan, and in a sum over lanes the whole sum. A nan in a column of floats
is a number like any other. Floats are read in place where the library gives its memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.interop.coerce import describe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Reader: TypeAlias = "Callable[..., NDArray[np.generic]]"  # of a table or column, and what a message calls it


def is_table(x: Any) -> bool:
    """Whether it is a column or a table, or the class of one."""
    return hasattr(x if isinstance(x, type) else type(x), "to_numpy")


def as_array(x: Any, where: str) -> NDArray[np.generic]:
    """A column or table as an array; ``where`` is what a message calls it."""
    return reader_of(x.__class__)(x, where)


def note_tables(error: Exception, args: Iterable[object], names: Iterable[str]) -> None:
    """Say with an error in f, which may have asked for a column by its name, what f gets of a table."""
    for x, name in zip(args, names, strict=False):
        if is_table(x) and hasattr(type(x), "columns"):
            columns = f"{name}.to_dict()" if hasattr(type(x), "null_count") else f"dict({name})"
            error.add_note(f"{name} is a table, an array of rows in f; for columns by name, {name}['x'], give {columns}")


@cache
def reader_of(kind: type) -> Reader:
    """What makes an array of such a column or table, row by row; a question to its class, as one to itself may take 10 µs.

    It raises TypeError, with the column's name, for missing values, categories and text.
    """
    polars = hasattr(kind, "null_count")
    if hasattr(kind, "columns"):
        return _of_polars_table if polars else _of_pandas_table
    return _of_polars_column if polars else _of_pandas_column


def _of_pandas_column(x: Any, where: str = "a column") -> NDArray[np.generic]:
    import numpy as np

    array: NDArray[np.generic] = x.to_numpy()
    return array if isinstance(x.dtype, np.dtype) and array.dtype.kind in "fiu" else _checked(x, where)


def _of_polars_column(x: Any, where: str = "a column") -> NDArray[np.generic]:
    array: NDArray[np.generic] = x.to_numpy()
    return array if array.dtype.kind in "fiu" and not x.null_count() else _checked(x, where)


def _of_pandas_table(x: Any, where: str = "a table") -> NDArray[np.generic]:
    import numpy as np

    array: NDArray[np.generic] = x.to_numpy()
    if array.dtype.kind not in "fiu" or not all(isinstance(dtype, np.dtype) for dtype in x.dtypes):  # 20 µs
        for k, name in enumerate(x.columns):
            _of_pandas_column(x.iloc[:, k], f"{where}[{name!r}]")
    return array


def _of_polars_table(x: Any, where: str = "a table") -> NDArray[np.generic]:
    array: NDArray[np.generic] = x.to_numpy()
    if array.dtype.kind not in "fiu" or any(x.null_count().row(0)):
        for k, name in enumerate(x.columns):
            _of_polars_column(x.to_series(k), f"{where}[{name!r}]")
    return array


def _checked(x: Any, where: str) -> NDArray[np.generic]:
    """An unusual column as an array."""
    missing, kind = _missing(x), str(x.dtype)
    if missing:
        fill, drop = ("fill_null", "drop_nulls") if hasattr(x, "fill_null") else ("fillna", "dropna")
        raise TypeError(
            f"{where} must not have missing values, which would be nan, got {describe(x)} with {missing}; "
            f"give x.{fill}(value), or the rows without any, x.{drop}()"
        )
    if kind.partition("(")[0] in ("category", "Categorical", "Enum"):
        raise TypeError(
            f"{where} must be a column of numbers, got categories (dtype {kind}); give x.astype(float) where they are "
            "numbers, or their codes: x.cat.codes, or x.to_physical() in polars"
        )
    array: NDArray[np.generic] = x.to_numpy()
    if array.dtype.kind in "SUT" or (array.dtype.kind == "O" and any(isinstance(each, str) for each in array)):
        way = "cast" if hasattr(x, "cast") else "astype"
        read = f"give x.{way}(float) where it reads as numbers"
        raise TypeError(f"{where} must be a column of numbers, got text (dtype {kind}); {read}")
    return array


def _missing(x: Any) -> int:
    """How many values are missing; nan is one only in a type of pandas' own, where it stands for that."""
    if hasattr(x, "null_count"):
        return int(x.null_count())
    return int(x.isna().sum()) if hasattr(x.dtype, "na_value") else 0
