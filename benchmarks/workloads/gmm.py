"""Gaussian mixture, ADBench's: the log-likelihood of data points (the lanes) by all parameters of the mixture."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.workloads.workload import Workload

FOLDER = Path(__file__).parents[1] / "data" / "adbench"


@dataclass(frozen=True)
class Mixture:
    """``k`` components in ``d`` dimensions with a Wishart prior (gamma, m). Parameters are in ADBench's order:
    alphas, means, then of each component d logarithms of the diagonal and the strict lower part column by column."""

    d: int
    k: int
    gamma: float
    m: float

    def parts(self, w: Any) -> tuple[Any, list[Any], list[Any], list[Any]]:
        """Alphas; and of each component the mean, the logarithms of the diagonal, the lower part."""
        d, k = self.d, self.k
        size = d * (d + 1) // 2
        means = [w[k + i * d : k + (i + 1) * d] for i in range(k)]
        start = k + k * d
        logs = [w[start + i * size : start + i * size + d] for i in range(k)]
        lowers = [w[start + i * size + d : start + (i + 1) * size] for i in range(k)]
        return w[:k], means, logs, lowers

    def prepare(self, m: Any, w: Any) -> list[Any]:
        """What a point needs: the components' constants, then means, diagonals and lower parts."""
        alphas, means, logs, lowers = self.parts(w)
        return [
            *(alphas[i] + added(logs[i]) for i in range(self.k)),
            *(x for row in means for x in list_of(row)),
            *(m.exp(q) for row in logs for q in list_of(row)),
            *(x for row in lowers for x in list_of(row)),
        ]

    def point(self, m: Any, w: Any, x: Any) -> Any:
        """log Σₖ exp(αₖ + Σqₖ − ½‖Qₖ(x − μₖ)‖²)."""
        d, k, below = self.d, self.k, self.d * (self.d - 1) // 2
        terms = []
        for c in range(k):
            at, diagonal, lower = k + c * d, k + k * d + c * d, k + 2 * k * d + c * below
            away = [x[i] - w[at + i] for i in range(d)]
            rows = [w[diagonal + i] * away[i] for i in range(d)]
            place = lower
            for column in range(d):
                for row in range(column + 1, d):
                    rows[row] = rows[row] + w[place] * away[column]
                    place += 1
            terms.append(w[c] - 0.5 * added([row * row for row in rows]))
        return m.logsumexp(terms)

    def rest(self, m: Any, w: Any, n: int) -> Any:
        """Everything else of the objective, divided by the number of points."""
        alphas, _, logs, lowers = self.parts(w)
        total = -n * m.logsumexp(list_of(alphas)) - n * self.d / 2 * math.log(2 * math.pi) - self.k * self.constant
        for q, lower in zip(logs, lowers, strict=True):
            squares = [m.exp(2.0 * x) for x in list_of(q)] + [x * x for x in list_of(lower)]
            total = total + 0.5 * self.gamma**2 * added(squares) - self.m * added(q)
        return total * (1.0 / n)

    @property
    def constant(self) -> float:
        """The logarithm of the Wishart distribution's constant, for each component."""
        d, n = self.d, self.d + self.m + 1
        gamma = d * (d - 1) / 4 * math.log(math.pi) + sum(math.lgamma(0.5 * n - 0.5 * j) for j in range(d))
        return n * d * (math.log(self.gamma) - 0.5 * math.log(2)) - gamma


def list_of(w: Any) -> list[Any]:
    """A slice of anything as a list."""
    return [w[i] for i in range(w.shape[0] if hasattr(w, "shape") else len(w))]


def added(w: Any) -> Any:
    """The sum of a slice."""
    first, *others = list_of(w)
    for x in others:
        first = first + x
    return first


def read(path: Path) -> tuple[Mixture, Any, Any]:
    """The mixture, its parameters and the points, a row each, from a file of ADBench."""
    words = iter(path.read_text().split())
    d, k, n = (int(next(words)) for _ in range(3))
    take = lambda count: [float(next(words)) for _ in range(count)]  # noqa: E731
    w, x = take(k + k * d + k * d * (d + 1) // 2), np.array(take(n * d)).reshape(n, d)
    gamma, m = take(2)
    return Mixture(d, k, gamma, m), np.array(w), x


def data(lanes: int) -> tuple[Any, Any]:
    """ADBench's points, as often as it takes."""
    _, w, x = read(FOLDER / "gmm_d10_K5.txt")
    return w, np.ascontiguousarray(np.resize(x, (lanes, 10)).T)


C = """
enum { W = 330, D = 10, OUT = 1, K = 5, SIZE = 55 };
static double e[K][D], l[K][D][D], constant[K];
static void prepare(const double *w) {
    for (int k = 0; k < K; k++) {
        const double *q = w + K + K * D + k * SIZE, *low = q + D;
        constant[k] = w[k];
        for (int i = 0; i < D; i++) constant[k] += q[i], e[k][i] = exp(q[i]);
        for (int j = 0; j < D; j++)
            for (int i = j + 1; i < D; i++) l[k][i][j] = *low++;
    }
}
static void f(const double *w, const double *x, double *out) {
    double term[K], top = -INFINITY, total = 0.0;
    for (int k = 0; k < K; k++) {
        double away[D], square = 0.0;
        for (int i = 0; i < D; i++) away[i] = x[i] - w[K + k * D + i];
        for (int i = 0; i < D; i++) {
            double row = e[k][i] * away[i];
            for (int j = 0; j < i; j++) row += l[k][i][j] * away[j];
            square += row * row;
        }
        term[k] = constant[k] - 0.5 * square;
        if (term[k] > top) top = term[k];
    }
    for (int k = 0; k < K; k++) total += exp(term[k] - top);
    out[0] = top + log(total);
}
#define PREPARE prepare(w);
"""


def matrices(jax: Any, w: Any, x: Any) -> Any:
    """The same with matrices, as ADBench has it for JAX."""
    jnp = jax.numpy
    alphas, means, icf = w[:5], w[5:55].reshape(5, 10), w[55:].reshape(5, 55)
    columns, rows = np.triu_indices(10, 1)
    Q = jax.vmap(jnp.diag)(jnp.exp(icf[:, :10])).at[:, rows, columns].set(icf[:, 10:])
    moved = jnp.einsum("kij,kjn->kin", Q, x[None] - means[:, :, None])
    terms = (alphas + icf[:, :10].sum(1))[:, None] - 0.5 * (moved**2).sum(1)
    logs, lowers = icf[:, :10], icf[:, 10:]
    n, lse = x.shape[1], jax.scipy.special.logsumexp
    prior = 0.5 * SHAPE.gamma**2 * ((jnp.exp(logs) ** 2).sum() + (lowers**2).sum()) - SHAPE.m * logs.sum()
    rest = -n * 5 * math.log(2 * math.pi) - n * lse(alphas) + prior - 5 * SHAPE.constant
    return lse(terms, 0) + rest / n


SHAPE = Mixture(10, 5, 1.0, 0.0)  # as in the file
GMM = Workload(
    "gmm", "Gaussian mixture, d 10, K 5, 330 parameters", SHAPE.point, data, 1000, C,
    shared=True, mean=True, prepare=SHAPE.prepare, rest=SHAPE.rest, jax={"matrices": matrices}, unrolled=False,
)  # fmt: skip
