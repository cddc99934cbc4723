"""Heston: a call under stochastic volatility, 50 Euler steps, full truncation; a lane is a path, 8 sensitivities."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.workloads.workload import Workload, random

STEPS = 50
DT, ROOT_DT = 1.0 / STEPS, math.sqrt(1.0 / STEPS)
PARAMETERS = (100.0, 100.0, 0.03, 0.04, 2.0, 0.05, 0.4, -0.6)  # S₀ K r v₀ κ θ ξ ρ


def payoff(m: Any, w: Any, z: Any) -> Any:
    """e^(−r)·max(S − K, 0) at the end of a path with the normals z."""
    S0, K, r, v, kappa, theta, xi, rho = w
    s, other = m.log(S0), m.sqrt(1.0 - rho * rho)
    for i in range(STEPS):
        up = m.maximum(v, 1e-12)
        root = m.sqrt(up) * ROOT_DT
        s = s + (r - 0.5 * up) * DT + root * z[i]
        v = v + kappa * (theta - up) * DT + xi * root * (rho * z[i] + other * z[STEPS + i])
    return m.exp(-r) * m.maximum(m.exp(s) - K, 0.0)


def data(lanes: int) -> tuple[Any, Any]:
    """The parameters, and two normals a step and path."""
    return np.array(PARAMETERS), random().standard_normal((2 * STEPS, lanes))


C = """
enum { W = 8, D = 100, OUT = 1, STEPS = 50 };
static void f(const double *w, const double *z, double *out) {
    double S0 = w[0], K = w[1], r = w[2], v = w[3], kappa = w[4], theta = w[5], xi = w[6], rho = w[7];
    double dt = 1.0 / STEPS, root_dt = sqrt(dt), s = log(S0), other = sqrt(1.0 - rho * rho);
    for (int i = 0; i < STEPS; i++) {
        double up = v > 1e-12 ? v : 1e-12, root = sqrt(up) * root_dt;
        s += (r - 0.5 * up) * dt + root * z[i];
        v += kappa * (theta - up) * dt + xi * root * (rho * z[i] + other * z[STEPS + i]);
    }
    double gain = exp(s) - K;
    out[0] = exp(-r) * (gain > 0.0 ? gain : 0.0);
}
"""


def scan(jax: Any, w: Any, z: Any) -> Any:
    """The steps as jax.lax.scan over arrays of lanes."""
    jnp = jax.numpy
    S0, K, r, v0, kappa, theta, xi, rho = w
    other = jnp.sqrt(1.0 - rho * rho)

    def step(state: Any, normals: Any) -> Any:
        (s, v), (z1, z2) = state, normals
        up = jnp.maximum(v, 1e-12)
        root = jnp.sqrt(up) * ROOT_DT
        s = s + (r - 0.5 * up) * DT + root * z1
        return (s, v + kappa * (theta - up) * DT + xi * root * (rho * z1 + other * z2)), None

    lanes = jnp.zeros(z.shape[1])
    (s, _), _ = jax.lax.scan(step, (jnp.log(S0) + lanes, v0 + lanes), (z[:STEPS], z[STEPS:]))
    return jnp.exp(-r) * jnp.maximum(jnp.exp(s) - K, 0.0)


BLOCK = 64  # paths whose variances fit the first cache


def by_numba(njit: Any) -> Any:
    """The mean over paths."""
    paths = _paths(njit)

    @njit
    def total(w: Any, z: Any) -> Any:
        lanes = z.shape[1]
        value, gradient, kept = np.empty(lanes), np.empty((8, lanes)), np.empty((STEPS, BLOCK))
        sums = np.empty(8)
        for start in range(0, lanes, BLOCK):
            stop = min(start + BLOCK, lanes)
            paths(w, z, value, gradient, kept, start, stop)
        for i in range(8):
            sums[i] = gradient[i].sum() / lanes
        return value.sum() / lanes, sums

    return total


def each_by_numba(njit: Any) -> Any:
    """The same, path by path."""
    paths = _paths(njit)

    @njit
    def each(w: Any, z: Any) -> Any:
        lanes = z.shape[1]
        value, gradient, kept = np.empty(lanes), np.empty((8, lanes)), np.empty((STEPS, BLOCK))
        for start in range(0, lanes, BLOCK):
            stop = min(start + BLOCK, lanes)
            paths(w, z, value, gradient, kept, start, stop)
        return value, gradient

    return each


def _paths(njit: Any) -> Any:
    """Forward, keeping the variances, then backward. Innermost are the paths of a block, so that LLVM makes vectors of
    them: more than twice as fast as path after path."""
    from math import exp, log, sqrt

    @njit
    def paths(w: Any, z: Any, value: Any, gradient: Any, kept: Any, start: int, stop: int) -> None:
        S0, K, r, v0, kappa, theta, xi, rho = w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]
        lanes, other, discount = stop - start, sqrt(1.0 - rho * rho), exp(-r)
        s, v, s_bar = np.full(BLOCK, log(S0)), np.full(BLOCK, v0), np.empty(BLOCK)
        for i in range(STEPS):
            for j in range(lanes):
                kept[i, j] = v[j]
                up = max(v[j], 1e-12)
                root = sqrt(up) * ROOT_DT
                s[j] += (r - 0.5 * up) * DT + root * z[i, start + j]
                v[j] += kappa * (theta - up) * DT + xi * root * (rho * z[i, start + j] + other * z[STEPS + i, start + j])
        gradient[:, start:stop] = 0.0
        for j in range(lanes):
            S = exp(s[j])
            inside = S > K
            value[start + j] = discount * (S - K) if inside else 0.0
            s_bar[j] = discount * S if inside else 0.0
            gradient[0, start + j], gradient[1, start + j] = s_bar[j] / S0, -discount if inside else 0.0
            gradient[2, start + j] = s_bar[j] * DT * STEPS - value[start + j]
        for i in range(STEPS - 1, -1, -1):
            for j in range(lanes):
                z1, z2, v_bar, up = z[i, start + j], z[STEPS + i, start + j], gradient[3, start + j], max(kept[i, j], 1e-12)
                root = sqrt(up) * ROOT_DT
                mixed = rho * z1 + other * z2
                gradient[4, start + j] += v_bar * (theta - up) * DT
                gradient[5, start + j] += v_bar * kappa * DT
                gradient[6, start + j] += v_bar * root * mixed
                gradient[7, start + j] += v_bar * xi * root * (z1 - z2 * rho / other)
                up_bar = (s_bar[j] * z1 + v_bar * xi * mixed) * root / (2.0 * up) - 0.5 * DT * s_bar[j] - v_bar * kappa * DT
                gradient[3, start + j] = v_bar + (up_bar if kept[i, j] > 1e-12 else 0.0)

    return paths


HESTON = Workload(
    "heston", "Heston, 50 steps, 8 sensitivities", payoff, data, 1024, C,
    shared=True, mean=True, jax={"scan": scan}, numba=by_numba,
)  # fmt: skip
EACH_PATH = replace(
    HESTON, name="heston-paths", title="Heston, 8 sensitivities of each path", mean=False, numba=each_by_numba
)
