"""Training by L-BFGS: all rows at once and by curvature, as scipy does it. For small nets on few rows.

>>> import nn
>>> X = [[x / 10] for x in range(-10, 11)]
>>> f = nn.objective(nn.MLP(1, [4, 1], "tanh", seed=0), X, [x * x for (x,) in X])
>>> losses = minimised(f, [0.0] * 13, iterations=200, calls=1000, tol=1e-6)
>>> losses[-1] == f(f.x0) < 1e-4
True
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nn.objective import Objective

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def minimised(f: Objective, decays: Sequence[float], *, iterations: int, calls: int, tol: float) -> list[float]:
    """Give f's model the numbers of a minimum of f + Σ ½·decay·w²; the loss, without that sum, after every iteration.

    ``decays`` has a number for each parameter. It ends where no part of the gradient is above ``tol``, after so many
    iterations or calls of f. Raises FloatingPointError where the loss isn't finite; the model is as before then.
    """
    import numpy as np
    from scipy.optimize import minimize

    decay, losses, latest = np.array(decays), list[float](), [math.nan]

    def penalised(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        latest[0], gradient = f.value_and_grad(numbers)
        return latest[0] + 0.5 * float(decay @ (numbers * numbers)), gradient + decay * numbers

    def note(_: object) -> None:
        losses.append(latest[0])  # of the point that the line search has taken

    least = 64 * np.finfo(float).eps  # that a loss may become less, as in scikit-learn's LogisticRegression: tol decides
    options = {"maxiter": iterations, "maxfun": calls, "gtol": tol, "ftol": least}
    found = minimize(penalised, f.x0, jac=True, method="L-BFGS-B", callback=note, options=options)
    if not math.isfinite(found.fun):
        raise FloatingPointError(f"L-BFGS: the loss is {found.fun!r}; smaller inputs and targets help, scaled ones say")
    f.assign(found.x)
    return losses
