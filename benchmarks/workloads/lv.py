"""Lotka-Volterra: 50 steps of Runge-Kutta, the squared error at every fifth, its gradient by 6 parameters a lane."""

import math
from typing import Any

import numpy as np

from benchmarks.workloads.workload import Workload, random

STEPS, EVERY, H = 50, 5, 0.1
CENTRE = (1.1, 0.4, 0.1, 0.4, 4.0, 2.0)  # a b d g y₀ z₀


def seen(i: int) -> tuple[float, float]:
    """The i-th observation."""
    return 2.0 * math.sin(0.3 * i) + 4.0, math.cos(0.3 * i) + 2.0


def error(m: Any, w: Any, _: Any) -> Any:
    """Σ of squared errors against what was seen."""
    a, b, d, g, y, z = w
    total = 0.0
    for i in range(1, STEPS + 1):
        y, z = step(a, b, d, g, y, z)
        if i % EVERY == 0:
            y_seen, z_seen = seen(i // EVERY)
            total = total + (y - y_seen) * (y - y_seen) + (z - z_seen) * (z - z_seen)
    return total


def step(a: Any, b: Any, d: Any, g: Any, y: Any, z: Any) -> tuple[Any, Any]:
    """Runge and Kutta's fourth order for y′ = y(a − bz), z′ = z(dy − g)."""
    y1, z1 = rates(a, b, d, g, y, z)
    y2, z2 = rates(a, b, d, g, y + 0.5 * H * y1, z + 0.5 * H * z1)
    y3, z3 = rates(a, b, d, g, y + 0.5 * H * y2, z + 0.5 * H * z2)
    y4, z4 = rates(a, b, d, g, y + H * y3, z + H * z3)
    return y + H / 6.0 * (y1 + 2.0 * (y2 + y3) + y4), z + H / 6.0 * (z1 + 2.0 * (z2 + z3) + z4)


def rates(a: Any, b: Any, d: Any, g: Any, y: Any, z: Any) -> tuple[Any, Any]:
    """Prey and predators."""
    return y * (a - b * z), z * (d * y - g)


def data(lanes: int) -> tuple[Any, None]:
    """Parameters within a tenth of the centre."""
    return np.array(CENTRE)[:, None] * random().uniform(0.9, 1.1, (6, lanes)), None


C = """
enum { W = 6, D = 0, OUT = 1, STEPS = 50, EVERY = 5 };
static double y_seen[10], z_seen[10];
static void __attribute__((constructor)) look(void) {
    for (int i = 0; i < 10; i++) { y_seen[i] = 2.0 * sin(0.3 * (i + 1)) + 4.0; z_seen[i] = cos(0.3 * (i + 1)) + 2.0; }
}
static void f(const double *w, const double *data, double *out) {
    double a = w[0], b = w[1], d = w[2], g = w[3], y = w[4], z = w[5], h = 0.1, total = 0.0;
    for (int i = 1; i <= STEPS; i++) {
        double y1 = y * (a - b * z), z1 = z * (d * y - g);
        double yy = y + 0.5 * h * y1, zz = z + 0.5 * h * z1;
        double y2 = yy * (a - b * zz), z2 = zz * (d * yy - g);
        yy = y + 0.5 * h * y2, zz = z + 0.5 * h * z2;
        double y3 = yy * (a - b * zz), z3 = zz * (d * yy - g);
        yy = y + h * y3, zz = z + h * z3;
        double y4 = yy * (a - b * zz), z4 = zz * (d * yy - g);
        y += h / 6.0 * (y1 + 2.0 * (y2 + y3) + y4), z += h / 6.0 * (z1 + 2.0 * (z2 + z3) + z4);
        if (i % EVERY == 0) {
            double ey = y - y_seen[i / EVERY - 1], ez = z - z_seen[i / EVERY - 1];
            total += ey * ey + ez * ez;
        }
    }
    out[0] = total;
}
"""


def scan(jax: Any, w: Any, _: Any) -> Any:
    """Ten scans of five steps, as one scan in a scan."""
    a, b, d, g, y, z = w

    def five(state: Any, target: Any) -> Any:
        y, z = jax.lax.fori_loop(0, EVERY, lambda _, s: step(a, b, d, g, *s), state)
        return (y, z), (y - target[0]) ** 2 + (z - target[1]) ** 2

    targets = jax.numpy.array([seen(i) for i in range(1, STEPS // EVERY + 1)])
    return jax.lax.scan(five, (y, z), targets)[1].sum(0)


BLOCK = 32  # lanes whose states fit the first cache
SEEN = np.array([seen(i) for i in range(STEPS // EVERY + 1)])


def by_numba(njit: Any) -> Any:
    """Forward, keeping the states, then backward, every step's stages once more. Innermost are the lanes of a block in
    flat arrays, so that LLVM makes vectors of them: four times as fast as lane after lane."""
    forward, backward = _forward(njit), _backward(njit)

    @njit
    def gradient(w: Any, _: Any) -> Any:
        lanes = w.shape[1]
        value, gradient = np.empty(lanes), np.empty((6, lanes))
        states, block = np.empty((STEPS + 1) * 2 * BLOCK), np.ones((6, BLOCK))
        for start in range(0, lanes, BLOCK):
            stop = min(start + BLOCK, lanes)
            block[:, : stop - start] = w[:, start:stop]
            totals, gradients = np.zeros(BLOCK), np.zeros(6 * BLOCK)
            forward(block.ravel(), states, totals)
            backward(block.ravel(), states, gradients)
            value[start:stop] = totals[: stop - start]
            gradient[:, start:stop] = gradients.reshape(6, BLOCK)[:, : stop - start]
        return value, gradient

    return gradient


def _forward(njit: Any) -> Any:
    advance = njit(_step_for(njit))

    @njit
    def forward(w: Any, states: Any, value: Any) -> None:
        for j in range(BLOCK):
            states[j], states[BLOCK + j] = w[4 * BLOCK + j], w[5 * BLOCK + j]
        for i in range(STEPS):
            for j in range(BLOCK):
                a, b, d, g = w[j], w[BLOCK + j], w[2 * BLOCK + j], w[3 * BLOCK + j]
                y, z = advance(a, b, d, g, states[2 * i * BLOCK + j], states[(2 * i + 1) * BLOCK + j])
                states[(2 * i + 2) * BLOCK + j], states[(2 * i + 3) * BLOCK + j] = y, z
        for i in range(EVERY, STEPS + 1, EVERY):
            for j in range(BLOCK):
                ey = states[2 * i * BLOCK + j] - SEEN[i // EVERY, 0]
                ez = states[(2 * i + 1) * BLOCK + j] - SEEN[i // EVERY, 1]
                value[j] += ey * ey + ez * ez

    return forward


def _step_for(njit: Any) -> Any:
    f = njit(rates)

    def advance(a: float, b: float, d: float, g: float, y: float, z: float) -> Any:
        y1, z1 = f(a, b, d, g, y, z)
        y2, z2 = f(a, b, d, g, y + 0.5 * H * y1, z + 0.5 * H * z1)
        y3, z3 = f(a, b, d, g, y + 0.5 * H * y2, z + 0.5 * H * z2)
        y4, z4 = f(a, b, d, g, y + H * y3, z + H * z3)
        return y + H / 6.0 * (y1 + 2.0 * (y2 + y3) + y4), z + H / 6.0 * (z1 + 2.0 * (z2 + z3) + z4)

    return advance


def _backward(njit: Any) -> Any:
    step_back = njit(_step_back)

    @njit
    def backward(w: Any, states: Any, gradient: Any) -> None:
        for k in range(STEPS):
            i = STEPS - k
            if i % EVERY == 0:
                for j in range(BLOCK):
                    gradient[4 * BLOCK + j] += 2.0 * (states[2 * i * BLOCK + j] - SEEN[i // EVERY, 0])
                    gradient[5 * BLOCK + j] += 2.0 * (states[(2 * i + 1) * BLOCK + j] - SEEN[i // EVERY, 1])
            step_back(w, states, gradient, i)

    return backward


def _step_back(w: Any, states: Any, gradient: Any, i: int) -> None:
    """The stages of step i, then their adjoints (k, l) from the last to the first. Written out: calls, even inlined
    ones, keep LLVM from making vectors of this loop."""
    sixth = H / 6.0
    for j in range(BLOCK):
        a, b, d, g = w[j], w[BLOCK + j], w[2 * BLOCK + j], w[3 * BLOCK + j]
        y, z = states[(2 * i - 2) * BLOCK + j], states[(2 * i - 1) * BLOCK + j]
        by, bz = gradient[4 * BLOCK + j], gradient[5 * BLOCK + j]
        y1, z1 = y * (a - b * z), z * (d * y - g)
        ya, za = y + 0.5 * H * y1, z + 0.5 * H * z1
        y2, z2 = ya * (a - b * za), za * (d * ya - g)
        yb, zb = y + 0.5 * H * y2, z + 0.5 * H * z2
        y3, z3 = yb * (a - b * zb), zb * (d * yb - g)
        yc, zc = y + H * y3, z + H * z3
        k4, l4 = sixth * by, sixth * bz
        y4, z4 = k4 * (a - b * zc) + l4 * zc * d, l4 * (d * yc - g) - k4 * yc * b
        k3, l3 = 2.0 * k4 + H * y4, 2.0 * l4 + H * z4
        y3, z3 = k3 * (a - b * zb) + l3 * zb * d, l3 * (d * yb - g) - k3 * yb * b
        k2, l2 = 2.0 * k4 + 0.5 * H * y3, 2.0 * l4 + 0.5 * H * z3
        y2, z2 = k2 * (a - b * za) + l2 * za * d, l2 * (d * ya - g) - k2 * ya * b
        k1, l1 = k4 + 0.5 * H * y2, l4 + 0.5 * H * z2
        y1, z1 = k1 * (a - b * z) + l1 * z * d, l1 * (d * y - g) - k1 * y * b
        gradient[j] += k1 * y + k2 * ya + k3 * yb + k4 * yc
        gradient[BLOCK + j] -= k1 * y * z + k2 * ya * za + k3 * yb * zb + k4 * yc * zc
        gradient[2 * BLOCK + j] += l1 * z * y + l2 * za * ya + l3 * zb * yb + l4 * zc * yc
        gradient[3 * BLOCK + j] -= l1 * z + l2 * za + l3 * zb + l4 * zc
        gradient[4 * BLOCK + j] = by + y1 + y2 + y3 + y4
        gradient[5 * BLOCK + j] = bz + z1 + z2 + z3 + z4


LV = Workload("lv", "Lotka-Volterra, RK4 × 50, 6 parameters", error, data, 1024, C, jax={"scan": scan}, numba=by_numba)
