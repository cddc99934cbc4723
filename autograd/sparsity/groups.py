"""Groups: the columns, or rows, of a sparse derivative that one pass computes together, and the matrix made of the passes.

>>> groups = jacobian_groups([{0}, {1}, {1, 2}], 3)
>>> groups.forward, groups.count
(True, 2)
>>> groups.matrix([[1.0, 0.0], [2.0, 0.0], [4.0, 3.0]]).toarray().tolist()
[[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 4.0, 3.0]]
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.interop.packages import needed
from autograd.sparsity.colouring import apart, star, transposed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

Pattern: TypeAlias = Sequence[set[int]]  # for each row the columns that can be other than 0


class Groups:
    """A pattern, and a colour for each of what is varied: the inputs in ``forward`` mode, else the outputs."""

    def __init__(self, pattern: Pattern, columns: int, colours: list[int], forward: bool):
        with needed("a sparse derivative", "scipy", "scipy"):
            import numpy as np
            from scipy.sparse import csr_array

        self.array = csr_array
        rows = [sorted(row) for row in pattern]
        self.shape, self.forward, self.colours = (len(rows), columns), forward, colours
        self.count = max(colours, default=-1) + 1 if any(rows) else 0
        self.ends = np.cumsum([0, *map(len, rows)])
        self.row = np.repeat(np.arange(len(rows)), np.diff(self.ends))
        self.column = np.array([j for row in rows for j in row], dtype=int)

    def members(self) -> list[list[int]]:
        """What each pass varies."""
        groups: list[list[int]] = [[] for _ in range(self.count)]
        for k, colour in enumerate(self.colours if self.count else ()):
            groups[colour].append(k)
        return groups

    def seeds(self) -> Array:
        """The same as an array with a row a pass, of 1 and 0."""
        import numpy as np

        seeds = np.zeros((self.count, len(self.colours)))
        if self.count:
            seeds[self.colours, np.arange(len(self.colours))] = 1.0
        return seeds

    def matrix(self, passes: Any) -> Any:
        """The matrix, of a column of numbers for each pass: of all outputs in forward mode, else of all inputs."""
        import numpy as np

        colours = np.array(self.colours, dtype=int)
        data = self._entries(np.asarray(passes, dtype=float), colours) if self.count else np.zeros(0)
        return self.array((data, self.column, self.ends), shape=self.shape)

    def _entries(self, passes: Any, colours: Any) -> Any:
        if self.forward:
            return passes[self.row, colours[self.column]]
        return passes[self.column, colours[self.row]]


class SymmetricGroups(Groups):
    """Those of a Hessian: an entry is read from its row or from its mirror image, and is as large as that."""

    def _entries(self, passes: Any, colours: Any) -> Any:
        import numpy as np

        alone = np.bincount(self.row * self.count + colours[self.column], minlength=passes.size) == 1
        low, high = np.minimum(self.row, self.column), np.maximum(self.row, self.column)
        one, other = high * self.count + colours[low], low * self.count + colours[high]
        return passes.ravel()[np.where(alone[one], one, other)]


def jacobian_groups(pattern: Pattern, columns: int) -> Groups:
    """Columns or rows, whichever takes fewer passes."""
    rows = [sorted(row) for row in pattern]
    by_column, by_row = apart(rows, columns), apart(transposed(rows, columns), len(rows))
    forward = max(by_column, default=0) <= max(by_row, default=0)
    return Groups(pattern, columns, by_column if forward else by_row, forward)


def hessian_groups(pattern: Pattern) -> Groups:
    """Columns, by the symmetry of the matrix."""
    return SymmetricGroups(pattern, len(pattern), star([sorted(row) for row in pattern]), True)


def blocks(matrix: Any, sizes: Sequence[int], both: bool) -> tuple[Any, ...]:
    """The columns of each argument, by how many numbers each has; with ``both`` the rows are split too."""
    ends = list(accumulate(sizes, initial=0))
    spans = [slice(*pair) for pair in pairwise(ends)]
    if both:
        return tuple([tuple([matrix[rows, columns] for columns in spans]) for rows in spans])
    return tuple([matrix[:, columns] for columns in spans])
