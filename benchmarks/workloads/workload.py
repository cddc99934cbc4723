"""What a workload is: one formula, its data, and the same by hand in the languages that can't share it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

Formula = Callable[..., Any]


@dataclass(frozen=True)
class Workload:
    """f(m, w, d): a lane's value from the numbers ``w`` that it is differentiated by and the lane's data ``d``.

    ``m`` has the functions (exp, log, …) of whoever computes. Where ``shared``, all lanes have the same w; where
    ``mean``, the objective is the mean over lanes plus ``rest(m, w, lanes)``, else every lane has its own. What all
    lanes need of w alone is ``prepare(m, w)``, and then f is given that.
    """

    name: str
    title: str
    f: Formula
    data: Callable[[int], tuple[Any, Any]]
    lanes: int
    c: str
    shared: bool = False
    mean: bool = False
    outputs: int = 1
    scanned: Formula | None = None  # f once more, by ``scan``
    prepare: Formula = lambda m, w: w
    rest: Formula | None = None
    rows: bool = False  # whether data usually lies as rows: a lane's numbers together
    jax: dict[str, Formula] = field(default_factory=dict)  # form → per-lane values of (jax, w, d), rest included
    unrolled: bool = True  # whether JAX may also have f itself, on arrays
    numba: Formula | None = None  # njit → kernel(w, d) → value, gradient
    numpy: Formula | None = None  # w, d → value, gradient
    torch: dict[str, Formula] = field(default_factory=dict)  # form → the objective of (torch, w, d)
    casadi: Formula | None = None  # ca, w, d of all lanes → the objective, or lanes' values
    mapped: bool = True  # whether CasADi also maps f itself over lanes
    micrograd: Formula | None = None  # w, d → program, its result

    @property
    def in_axes(self) -> tuple[int | None, int]:
        """As ``compile`` and ``jax.vmap`` want it."""
        return (None if self.shared else 1), 1

    def lane(self, m: Any, w: Any, d: Any) -> Any:
        """A lane's value (or values), from w itself."""
        return self.f(m, self.prepare(m, w), d)

    def whole(self, m: Any, lanes: int) -> Formula:
        """The function of (w, d) whose mean over lanes is the objective."""
        rest = self.rest
        return lambda w, d=None: self.lane(m, w, d) + rest(m, w, lanes) if rest else self.lane(m, w, d)


def random(seed: int = 1) -> np.random.Generator:
    """Where all data comes from."""
    return np.random.default_rng(seed)


def numpy_functions() -> SimpleNamespace:
    """m on arrays."""
    erf = np.vectorize(math.erf, otypes=[float])
    return SimpleNamespace(
        exp=np.exp, log=np.log, sqrt=np.sqrt, sin=np.sin, cos=np.cos, tanh=np.tanh, erf=erf, maximum=np.maximum,
        relu=lambda x: np.maximum(x, 0.0), logsumexp=log_sum_exp(np), dot=np.dot,
    )  # fmt: skip


def log_sum_exp(module: Any) -> Callable[[Sequence[Any]], Any]:
    """log Σ exp of a list, in NumPy or what is like it."""

    def logsumexp(xs: Sequence[Any]) -> Any:
        stacked = module.stack(xs)
        top = stacked.max(0)
        return top + module.log(module.exp(stacked - top).sum(0))

    return logsumexp
