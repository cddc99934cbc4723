"""Sparse derivatives of compiled functions: the colours are lanes.

f is traced with seeds, one number for each input that is varied, or for each output. They have a lane a colour and all
else is shared, so that f and its local derivatives are computed once and one call makes all passes. The pattern belongs to
the branch that was traced: a call takes that of its branch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autograd.compiler.branch import Batch, Branch
from autograd.compiler.runtime.kernel import Array
from autograd.compiler.specialisation import Specialisation
from autograd.interop.coerce import has_axes
from autograd.sparsity.groups import Groups, blocks
from autograd.transforms.trees import leaves_of

COLOURED = {"sparse jacobian": "jvp in colours", "sparse hessian": "hvp in colours"}  # first; rows by the next
BY_ROWS = "vjp in colours"
Specialised: TypeAlias = Callable[[str, Array], tuple[Specialisation, tuple[object, ...]]]


class Passes:
    """One transform with seeds: its branch for these arguments, and all passes by one call."""

    def __init__(self, name: str, count: int, specialised: Specialised):
        import numpy as np

        self.name, self.specialised = name, specialised
        specialisation, args = specialised(name, np.zeros((1, count)))
        self.branch: Branch = specialisation.first_branch(specialisation.spec.parts(args))
        assert self.branch.groups is not None
        self.groups: Groups = self.branch.groups

    def numbers(self) -> Array:
        """A column for each colour."""
        specialisation, args = self.specialised(self.name, self.groups.seeds())
        spec = specialisation.spec
        batch = Batch.of(spec, spec.parts(args), self.groups.count)
        return self.branch.over(batch, specialisation.threads)[0]


def sparse_derivative(transform: str, inputs: Sequence[object], alone: bool, specialised: Specialised) -> Any:
    """The matrix by these arguments, of several one for each unless ``alone``; None where an entry isn't finite."""
    import numpy as np

    sizes = [sum(math.prod(x.shape) if has_axes(x) else 1 for x in leaves_of(arg)) for arg in inputs]
    passes = Passes(COLOURED[transform], sum(sizes), specialised)
    if not passes.groups.forward:
        passes = Passes(BY_ROWS, passes.groups.shape[0], specialised)
    matrix = passes.groups.matrix(passes.numbers() if passes.groups.count else None)
    if not np.isfinite(matrix.data).all():
        return None
    return matrix if alone else blocks(matrix, sizes, both=transform == "sparse hessian")
