"""An Asian call: the mean of a path of Black and Scholes at every one of its steps, by ``scan``; a lane is a path, 4
sensitivities."""

import math
from functools import partial
from typing import Any

import numpy as np

from benchmarks.workloads.workload import Workload, random

PARAMETERS = (100.0, 100.0, 0.03, 0.2)  # S₀ K r σ


def payoff(m: Any, w: Any, z: Any) -> Any:
    """e^(−r)·max(mean S − K, 0) of a path with the normals z, a year long."""
    S0, K, r, sigma = w
    steps = len(z)
    drift, root = (r - 0.5 * sigma * sigma) / steps, sigma * math.sqrt(1.0 / steps)

    def step(state: Any, normal: Any) -> Any:
        S, total = state
        S = S * m.exp(drift + root * normal)
        return (S, total + S), None

    (_, total), _ = m.scan(step, (S0, 0.0), z)
    return m.exp(-r) * m.maximum(total / steps - K, 0.0)


def data(steps: int, lanes: int) -> tuple[Any, Any]:
    """The parameters, and a normal a step and path."""
    return np.array(PARAMETERS), random().standard_normal((steps, lanes))


C = """
enum { W = 4, D = %d, OUT = 1 };
static void f(const double *w, const double *z, double *out) {
    double S = w[0], r = w[2], sigma = w[3], total = 0.0;
    double drift = (r - 0.5 * sigma * sigma) / D, root = sigma * sqrt(1.0 / D);
    for (int i = 0; i < D; i++) S *= exp(drift + root * z[i]), total += S;
    double gain = total / D - w[1];
    out[0] = exp(-r) * (gain > 0.0 ? gain : 0.0);
}
"""


def scan(jax: Any, w: Any, z: Any) -> Any:
    """The steps as jax.lax.scan over arrays of lanes."""
    jnp, steps = jax.numpy, len(z)
    S0, K, r, sigma = w
    drift, root = (r - 0.5 * sigma * sigma) / steps, sigma * math.sqrt(1.0 / steps)

    def step(state: Any, normal: Any) -> Any:
        S, total = state
        S = S * jnp.exp(drift + root * normal)
        return (S, total + S), None

    lanes = jnp.zeros(z.shape[1])
    (_, total), _ = jax.lax.scan(step, (S0 + lanes, lanes), z)
    return jnp.exp(-r) * jnp.maximum(total / steps - K, 0.0)


def at_once(jax: Any, w: Any, z: Any) -> Any:
    """All steps at once, by a cumulative sum; a recurrence that isn't a sum of normals has no such form."""
    jnp, steps = jax.numpy, len(z)
    S0, K, r, sigma = w
    times = jnp.arange(1, steps + 1)[:, None] / steps
    brownian = jnp.cumsum(z, 0) * math.sqrt(1.0 / steps)
    mean = (S0 * jnp.exp((r - 0.5 * sigma * sigma) * times + sigma * brownian)).mean(0)
    return jnp.exp(-r) * jnp.maximum(mean - K, 0.0)


def by_torch(torch: Any, w: Any, z: Any) -> Any:
    """The same on tensors."""
    steps = len(z)
    S0, K, r, sigma = w
    times = torch.arange(1, steps + 1, dtype=z.dtype)[:, None] / steps
    brownian = torch.cumsum(z, 0) * math.sqrt(1.0 / steps)
    mean = (S0 * torch.exp((r - 0.5 * sigma * sigma) * times + sigma * brownian)).mean(0)
    return (torch.exp(-r) * torch.relu(mean - K)).mean()


def by_numpy(w: Any, z: Any) -> Any:
    """The formulas of the sensitivities: S depends on r by time, on σ by the Brownian motion less σ by time."""
    S0, _, r, sigma = w
    steps = len(z)
    times = np.arange(1, steps + 1)[:, None] / steps
    brownian = np.cumsum(z, 0) * math.sqrt(1.0 / steps)
    S = S0 * np.exp((r - 0.5 * sigma * sigma) * times + sigma * brownian)
    by_r, by_brownian = np.einsum("tl,t->l", S, times[:, 0]) / steps, np.einsum("tl,tl->l", S, brownian) / steps
    return _assembled(w, S.mean(0), by_r, by_brownian)


def _assembled(w: Any, mean: Any, by_r: Any, by_brownian: Any) -> Any:
    S0, K, r, sigma = w
    inside, discount = mean > K, math.exp(-r) / len(mean)
    value = discount * (mean - K)[inside].sum()
    by = [mean[inside].sum() / S0, -inside.sum(), by_r[inside].sum(), (by_brownian - sigma * by_r)[inside].sum()]
    gradient = discount * np.array(by)
    gradient[2] -= value
    return value, gradient


def by_numba(njit: Any) -> Any:
    """The same sums without arrays, all paths of a step innermost."""

    @njit
    def sums(w: Any, z: Any) -> Any:
        steps, lanes = z.shape
        S0, r, sigma = w[0], w[2], w[3]
        total, by_r, by_brownian, brownian = np.zeros(lanes), np.zeros(lanes), np.zeros(lanes), np.zeros(lanes)
        root = math.sqrt(1.0 / steps)
        for i in range(steps):
            time = (i + 1) / steps
            for j in range(lanes):
                brownian[j] += z[i, j] * root
                S = S0 * math.exp((r - 0.5 * sigma * sigma) * time + sigma * brownian[j])
                total[j] += S
                by_r[j] += S * time
                by_brownian[j] += S * brownian[j]
        return total / steps, by_r / steps, by_brownian / steps

    return lambda w, z: _assembled(w, *sums(w, z))


def folded(ca: Any, w: Any, z: Any) -> Any:
    """CasADi's loop over the steps of all lanes. Drift and root go along unchanged."""
    steps, lanes = z.shape
    S0, K, r, sigma = ca.vertsplit(w)
    state, normal = ca.MX.sym("state", 4, lanes), ca.MX.sym("normal", 1, lanes)
    S, total, drift, root = ca.vertsplit(state)
    moved = S * ca.exp(drift + root * normal)
    loop = ca.Function("step", [state, normal], [ca.vertcat(moved, total + moved, drift, root)]).fold(steps)
    start = ca.vertcat(S0, 0.0, (r - 0.5 * sigma * sigma) / steps, sigma * math.sqrt(1.0 / steps))
    end = loop(ca.repmat(start, 1, lanes), ca.reshape(z.T, 1, steps * lanes))
    return ca.exp(-r) * ca.sum2(ca.fmax(end[1, :] / steps - K, 0.0)) / lanes


def asian(steps: int, lanes: int) -> Workload:
    """The workload of a length and so many paths."""
    return Workload(
        f"asian{steps}", f"Asian call, {steps} steps by scan, {lanes} paths", payoff, partial(data, steps), lanes, C % steps,
        shared=True, mean=True, jax={"scan": scan, "cumulative sum": at_once}, unrolled=False,
        numpy=by_numpy, numba=by_numba, torch={"cumulative sum": by_torch}, casadi=folded, mapped=False,
    )  # fmt: skip


ASIAN = asian(100_000, 16)
