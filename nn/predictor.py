"""A model's output for many rows by machine code, which is kept for the model from call to call.

>>> import numpy as np
>>> import nn
>>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
>>> outputs(model, np.array([[1.0], [3.0]]), least=0)
[2.0, 6.0]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import autograd
from autograd import Value, no_grad
from autograd.modes.anomaly import watching
from autograd.transforms.trees import leaves_of
from nn.agreement import agree_on
from nn.compiled_step import installed, most_branches
from nn.graphs import by_row, plain
from nn.module import Module
from nn.rebinding import with_parameters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_WORK = 200_000  # rows times parameters: for less, number by number is faster than compiling

_programs: WeakKeyDictionary[Module, RowProgram] = WeakKeyDictionary()


class RowProgram:
    """A model as a compiled function of its parameters and a row."""

    def __init__(self, model: Module):
        parameters, copy = model.parameters(), with_parameters(model, [], [])

        def output(numbers: Sequence[Value], row: Sequence[Value]) -> Any:
            return with_parameters(copy, copied, numbers)(list(row))

        copied = copy.parameters()
        self.parameters = parameters  # of the model; the program itself holds a copy, or the model would never be freed
        self.run = autograd.compile(output, (None, 0), strict=True, max_branches=most_branches(len(parameters)))

    def __call__(self, X: NDArray[np.float64]) -> list[float | Any]:  # noqa: N803
        """The output for every row."""
        import numpy as np

        return by_row(self.run(np.array([parameter._number for parameter in self.parameters]), X), len(X))


def outputs(model: Module, X: NDArray[np.float64] | list[list[float]], least: int = LEAST_WORK) -> list[float | Any] | None:  # noqa: N803
    """The output for every row of X; None where it would not pay, or can't be, to compile.

    The first row is also computed number by number, at first the last too: so a model that was changed since it was
    compiled, or that draws random numbers, is noticed.
    """
    program = _programs.get(model)
    if program is None and len(X) * len(model.parameters()) < least:
        return None
    if not len(X) or watching() or not installed():
        return None
    import numpy as np

    rows = np.asarray(X, dtype=float)
    for known in (program, None):
        if known is not None and list(map(id, known.parameters)) != list(map(id, model.parameters())):
            continue
        some = (0,) if known else (0, -1)
        with no_grad():
            expected = [plain(model(rows[k].tolist())) for k in some]
        try:
            known = known or RowProgram(model)
            found = known(rows)
        except Exception:  # whatever a model may raise that meets Values where it expects numbers
            continue
        if agree_on(leaves_of([found[k] for k in some]), leaves_of(expected)):
            _programs[model] = known
            return found
        if program is None:
            break
    _programs.pop(model, None)
    return None
