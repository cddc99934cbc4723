"""``Examples``: what is trained on, as lists for graphs or as arrays for machine code, whichever is asked for.

>>> examples = check_examples([[1, 2], [3, 4], [5, 6]], [0, 1, 0])
>>> examples.part([2, 0]).lists
Data(X=[[5.0, 6.0], [1.0, 2.0]], y=[0, 0])
>>> examples.part([2, 0]).arrays.X.tolist()
[[5.0, 6.0], [1.0, 2.0]]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from autograd.interop.coerce import describe
from autograd.interop.packages import found
from nn.arguments import real
from nn.data import Data, Labels, Rows, check_data, check_targets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Arrays(NamedTuple):
    """A row for each example, its target or targets, and its weight if it has one."""

    X: NDArray[np.float64]
    y: NDArray[np.float64]
    weights: NDArray[np.float64] | None


class Store(Protocol):
    """Where examples are kept."""

    columns: int  # of a row

    def __len__(self) -> int: ...
    def lists(self, order: Sequence[int] | None) -> tuple[list[list[float]], list[Any]]:
        """Rows and targets of these examples, None: of all."""

    def arrays(self, order: Sequence[int] | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same as arrays."""


class InLists:
    """Examples given as lists."""

    def __init__(self, data: Data):
        self.data, self.columns = data, len(data.X[0])

    def __len__(self) -> int:
        return len(self.data.y)

    def lists(self, order: Sequence[int] | None) -> tuple[list[list[float]], list[Any]]:
        """Rows and targets of these examples."""
        rows, targets = self.data
        if order is None:
            return list(rows), list(targets)
        return [rows[i] for i in order], [targets[i] for i in order]

    @cached_property
    def _arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        import numpy as np

        return np.array(self.data.X, dtype=float), np.array(self.data.y, dtype=float)

    def arrays(self, order: Sequence[int] | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same as arrays."""
        rows, targets = self._arrays
        return (rows, targets) if order is None else (rows.take(order, 0), targets.take(order, 0))


class InArrays:
    """Examples given as arrays, or as scipy's sparse rows: then a batch at a time is written out."""

    def __init__(self, rows: Any, targets: NDArray[Any]):
        self.rows, self.targets, self.floats = rows, targets, targets.astype(float)
        self.columns: int = rows.shape[1]

    def __len__(self) -> int:
        return len(self.targets)

    def lists(self, order: Sequence[int] | None) -> tuple[list[list[float]], list[Any]]:
        """Rows and targets of these examples."""
        return self._rows(order).tolist(), self.targets_of(order)

    def targets_of(self, order: Sequence[int] | None) -> list[Any]:
        """The targets of these examples."""
        some: list[Any] = (self.targets if order is None else self.targets.take(order, 0)).tolist()
        return some

    def arrays(self, order: Sequence[int] | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same as arrays."""
        return self._rows(order), self.floats if order is None else self.floats.take(order, 0)

    def _rows(self, order: Sequence[int] | None) -> NDArray[np.float64]:
        if hasattr(self.rows, "toarray"):
            written: NDArray[np.float64] = (self.rows if order is None else self.rows[order]).toarray()
            return written
        rows: NDArray[np.float64] = self.rows if order is None else self.rows.take(order, 0)
        return rows


class Examples:
    """Examples, or a part of them in an order of its own; ``weights`` say how much each counts."""

    def __init__(self, store: Store, order: Sequence[int] | None = None, weights: Sequence[float] | None = None):
        self.store, self.order, self.weights = store, order, weights

    def __len__(self) -> int:
        return len(self.store) if self.order is None else len(self.order)

    def part(self, order: Sequence[int]) -> Examples:
        """The examples with these numbers."""
        if self.order is not None:
            order = self.order.take(order) if hasattr(self.order, "take") else [self.order[i] for i in order]
        return Examples(self.store, order, self.weights)

    @cached_property
    def lists(self) -> Data:
        """The examples as lists."""
        return Data(*self.store.lists(self.order))

    @property
    def rows(self) -> Any:
        """The rows in an array, or in lists where NumPy is missing."""
        return self.arrays.X if found("numpy") else self.lists.X

    @property
    def targets(self) -> Sequence[Any]:
        """The targets alone, whole ones as ints."""
        order = self.order
        return self.store.targets_of(order) if isinstance(self.store, InArrays) else self.lists.y

    @cached_property
    def weights_listed(self) -> list[float] | None:
        """The weights of these examples."""
        if self.weights is None:
            return None
        return [float(self.weights[i]) for i in (range(len(self)) if self.order is None else self.order)]

    @cached_property
    def arrays(self) -> Arrays:
        """The examples as arrays."""
        import numpy as np

        weights = None if self.weights is None else np.array(self.weights_listed)
        return Arrays(*self.store.arrays(self.order), weights)

    def labels(self) -> set[int]:
        """The targets that are whole numbers."""
        if isinstance(self.store, InLists):
            return {t for t in self.store.data.y if isinstance(t, int)}
        targets = cast(InArrays, self.store).targets
        return set(map(int, set(targets.tolist()))) if targets.ndim == 1 and targets.dtype.kind in "iu" else set()

    def batches(self, size: int | None, order: Sequence[int]) -> Iterator[Examples]:
        """In this order, ``size`` at a time, None: all at once; the last may be short."""
        step = size or len(order)
        for start in range(0, len(order), step):
            yield self.part(order[start : start + step])


# -- what comes from the user ----------------------------------------------------------------------


def check_examples(X: Rows, y: Labels, name: str = "", weights: Sequence[float] | None = None) -> Examples:  # noqa: N803
    """X and y, if they are fit to train on: what is an array already stays one, without a list being made of it.

    Raises what ``check_data`` raises, and ValueError for weights that are no positive numbers, one for each row.
    """
    store = _in_arrays(X, y, name) or InLists(check_data(X, y, name))
    return Examples(store, None, None if weights is None else check_weights(weights, len(store), name))


def check_batches(batches: Iterable[Any]) -> Iterator[Examples]:
    """Pairs (X, y), or (X, y, weights), each checked when its turn comes."""
    if isinstance(batches, Data) or not isinstance(batches, Iterable):
        raise TypeError(
            f"batches must be an iterable of pairs (X, y), got {describe(batches)}: write [(X, y)] for one batch"
        )
    for k, batch in enumerate(batches):
        if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
            raise TypeError(f"batch {k} must be a pair (X, y) or (X, y, weights), got {describe(batch)}")
        yield check_examples(batch[0], batch[1], f"batch {k}: ", batch[2] if len(batch) == 3 else None)


def check_weights(weights: Sequence[float], n: int, name: str = "") -> list[float]:
    """Weights of so many examples: finite, none negative, not all 0."""
    numbers = getattr(weights, "tolist", lambda: weights)()
    if not isinstance(numbers, list | tuple):
        raise TypeError(f"{name}weights must be a list of numbers, one for each row, got {describe(weights)}")
    if len(numbers) != n:
        raise ValueError(f"{name}weights and {name}X differ in length: {len(numbers)} weights and {n} rows")
    checked = [real(f"{name}weights[{i}]", x) for i, x in enumerate(numbers)]
    if not any(checked):
        raise ValueError(f"{name}weights are all 0: nothing would be trained on")
    return checked


def rows_of(X: object) -> NDArray[np.float64] | None:  # noqa: N803
    """Rows given as an array of finite numbers; None for anything else."""
    rows = getattr(X, "to_numpy", lambda: X)()
    if not found("numpy"):
        return None
    import numpy as np

    if hasattr(rows, "toarray"):
        rows = rows.toarray()
    fits = isinstance(rows, np.ndarray) and rows.ndim == 2 and rows.dtype.kind in "fiub" and rows.size
    numbers = np.ascontiguousarray(rows, dtype=float) if fits else None
    return numbers if numbers is not None and np.isfinite(numbers).all() else None


def _in_arrays(X: object, y: object, name: str) -> InArrays | None:  # noqa: N803
    """Examples in arrays of numbers; None where they are something else, or not fit: then ``check_data`` says what."""
    rows = getattr(X, "to_numpy", lambda: X)()
    if not found("numpy") or not (hasattr(rows, "dtype") or hasattr(rows, "toarray")):
        return None
    import numpy as np

    if hasattr(rows, "tocsr"):
        rows = rows.tocsr().astype(float)
        numbers: Any = rows.data
    elif isinstance(rows, np.ndarray) and rows.ndim == 2 and rows.dtype.kind in "fiub" and rows.size:
        rows = numbers = np.ascontiguousarray(rows, dtype=float)
    else:
        return None
    targets = getattr(y, "to_numpy", lambda: y)()
    if not isinstance(targets, np.ndarray):
        targets = np.array(check_targets(y, f"{name}y"))  # type: ignore[arg-type]
    if targets.dtype.kind not in "fiub" or targets.ndim not in (1, 2) or not targets.size:
        return None
    if len(targets) != rows.shape[0]:
        raise ValueError(f"{name}X and {name}y differ in length: {rows.shape[0]} rows and {len(targets)} targets")
    if not np.isfinite(numbers).all() or not np.isfinite(targets).all():
        return None
    return InArrays(rows, targets.astype(float if targets.dtype.kind == "f" else np.int64))
