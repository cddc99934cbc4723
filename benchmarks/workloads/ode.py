"""FitzHugh and Nagumo's nerve cell, fitted: 200 steps of Runge-Kutta, the squared error at every tenth against what was
seen, its gradient by 3 parameters and 2 initial values; a lane is a fit of its own, to data of its own."""

from typing import Any

import numpy as np

from benchmarks.workloads.workload import Workload, random

STEPS, EVERY, H = 200, 10, 0.1
SEEN = STEPS // EVERY
CENTRE = (0.2, 0.2, 3.0, -1.0, 1.0)  # a b c v₀ r₀


def error(m: Any, w: Any, d: Any) -> Any:
    """Σ of squared errors; d has what was seen of v, then of r."""
    a, b, c, v, r = w
    total = 0.0
    for i in range(SEEN):
        for _ in range(EVERY):
            v, r = step(a, b, c, v, r)
        total = total + (v - d[i]) ** 2 + (r - d[SEEN + i]) ** 2
    return total


def step(a: Any, b: Any, c: Any, v: Any, r: Any) -> tuple[Any, Any]:
    """Runge and Kutta's fourth order."""
    v1, r1 = rates(a, b, c, v, r)
    v2, r2 = rates(a, b, c, v + 0.5 * H * v1, r + 0.5 * H * r1)
    v3, r3 = rates(a, b, c, v + 0.5 * H * v2, r + 0.5 * H * r2)
    v4, r4 = rates(a, b, c, v + H * v3, r + H * r3)
    return v + H / 6.0 * (v1 + 2.0 * (v2 + v3) + v4), r + H / 6.0 * (r1 + 2.0 * (r2 + r3) + r4)


def rates(a: Any, b: Any, c: Any, v: Any, r: Any) -> tuple[Any, Any]:
    """v′ = c(v − v³/3 + r), r′ = −(v − a + br)/c: voltage and recovery."""
    return c * (v - v * v * v / 3.0 + r), (a - v - b * r) / c


def data(lanes: int) -> tuple[Any, Any]:
    """Parameters within a twentieth of the centre, and the centre's own course with noise."""
    draw = random()
    a, b, c, v, r = CENTRE
    course = []
    for i in range(1, STEPS + 1):
        v, r = step(a, b, c, v, r)
        if i % EVERY == 0:
            course.append((v, r))
    seen = np.array(course).T.reshape(2 * SEEN, 1)
    near = np.array(CENTRE)[:, None] * draw.uniform(0.95, 1.05, (5, lanes))
    return near, seen + draw.normal(0.0, 0.1, (2 * SEEN, lanes))


C = """
enum { W = 5, D = 40, OUT = 1, SEEN = 20, EVERY = 10 };
#define RATES(v, r, dv, dr) dv = c * ((v) - (v) * (v) * (v) / 3.0 + (r)), dr = (a - (v) - b * (r)) / c
static void f(const double *w, const double *d, double *out) {
    double a = w[0], b = w[1], c = w[2], v = w[3], r = w[4], h = 0.1, total = 0.0;
    for (int i = 0; i < SEEN; i++) {
        for (int j = 0; j < EVERY; j++) {
            double v1, r1, v2, r2, v3, r3, v4, r4, x, y;
            RATES(v, r, v1, r1);
            x = v + 0.5 * h * v1, y = r + 0.5 * h * r1;
            RATES(x, y, v2, r2);
            x = v + 0.5 * h * v2, y = r + 0.5 * h * r2;
            RATES(x, y, v3, r3);
            x = v + h * v3, y = r + h * r3;
            RATES(x, y, v4, r4);
            v += h / 6.0 * (v1 + 2.0 * (v2 + v3) + v4), r += h / 6.0 * (r1 + 2.0 * (r2 + r3) + r4);
        }
        total += (v - d[i]) * (v - d[i]) + (r - d[SEEN + i]) * (r - d[SEEN + i]);
    }
    out[0] = total;
}
"""


def scan(jax: Any, w: Any, d: Any) -> Any:
    """Twenty scans of ten steps, as one scan in a scan."""
    a, b, c, v, r = w

    def ten(state: Any, seen: Any) -> Any:
        v, r = jax.lax.fori_loop(0, EVERY, lambda _, s: step(a, b, c, *s), state)
        return (v, r), (v - seen[0]) ** 2 + (r - seen[1]) ** 2

    return jax.lax.scan(ten, (v, r), (d[:SEEN], d[SEEN:]))[1].sum(0)


def folded(ca: Any, w: Any, d: Any) -> Any:
    """CasADi's loop in a loop over all lanes. The parameters go along unchanged."""
    lanes = d.shape[1]
    state, seen = ca.MX.sym("state", 6, lanes), ca.MX.sym("seen", 2, lanes)
    a, b, c, v, r, total = ca.vertsplit(state)
    one = ca.Function("one", [state], [ca.vertcat(a, b, c, *step(a, b, c, v, r), total)])
    moved = one.fold(EVERY)(state)
    away = moved[3:5, :] - seen
    ten = ca.Function("ten", [state, seen], [ca.vertcat(moved[:5, :], moved[5, :] + ca.sum1(away * away))])
    rows = ca.horzcat(*[d[[i, SEEN + i], :] for i in range(SEEN)])
    return ten.fold(SEEN)(ca.vertcat(w, ca.MX.zeros(1, lanes)), rows)[5, :]


BLOCK = 32  # lanes whose states fit the first cache


def by_numba(njit: Any) -> Any:
    """Forward, keeping the states, then backward, every step's stages once more; as for Lotka and Volterra."""
    forward, backward = njit(_forward), _backward(njit)

    @njit
    def gradient(w: Any, d: Any) -> Any:
        lanes = w.shape[1]
        value, gradient = np.empty(lanes), np.empty((5, lanes))
        states, block, seen = np.empty((STEPS + 1) * 2 * BLOCK), np.ones((5, BLOCK)), np.zeros((2 * SEEN, BLOCK))
        for start in range(0, lanes, BLOCK):
            stop = min(start + BLOCK, lanes)
            block[:, : stop - start], seen[:, : stop - start] = w[:, start:stop], d[:, start:stop]
            totals, gradients = np.zeros(BLOCK), np.zeros(5 * BLOCK)
            forward(block.ravel(), seen.ravel(), states, totals)
            backward(block.ravel(), seen.ravel(), states, gradients)
            value[start:stop] = totals[: stop - start]
            gradient[:, start:stop] = gradients.reshape(5, BLOCK)[:, : stop - start]
        return value, gradient

    return gradient


def _forward(w: Any, seen: Any, states: Any, value: Any) -> None:
    for j in range(BLOCK):
        states[j], states[BLOCK + j] = w[3 * BLOCK + j], w[4 * BLOCK + j]
    for i in range(STEPS):
        for j in range(BLOCK):
            a, b, c, o = w[j], w[BLOCK + j], w[2 * BLOCK + j], 1.0 / w[2 * BLOCK + j]
            v, r = states[2 * i * BLOCK + j], states[(2 * i + 1) * BLOCK + j]
            v1, r1 = c * (v - v * v * v * (1.0 / 3.0) + r), (a - v - b * r) * o
            x, y = v + 0.5 * H * v1, r + 0.5 * H * r1
            v2, r2 = c * (x - x * x * x * (1.0 / 3.0) + y), (a - x - b * y) * o
            x, y = v + 0.5 * H * v2, r + 0.5 * H * r2
            v3, r3 = c * (x - x * x * x * (1.0 / 3.0) + y), (a - x - b * y) * o
            x, y = v + H * v3, r + H * r3
            v4, r4 = c * (x - x * x * x * (1.0 / 3.0) + y), (a - x - b * y) * o
            states[(2 * i + 2) * BLOCK + j] = v + H / 6.0 * (v1 + 2.0 * (v2 + v3) + v4)
            states[(2 * i + 3) * BLOCK + j] = r + H / 6.0 * (r1 + 2.0 * (r2 + r3) + r4)
    for i in range(SEEN):
        for j in range(BLOCK):
            away = states[2 * EVERY * (i + 1) * BLOCK + j] - seen[i * BLOCK + j]
            other = states[(2 * EVERY * (i + 1) + 1) * BLOCK + j] - seen[(SEEN + i) * BLOCK + j]
            value[j] += away * away + other * other


def _backward(njit: Any) -> Any:
    step_back = njit(_step_back)

    @njit
    def backward(w: Any, seen: Any, states: Any, gradient: Any) -> None:
        for k in range(STEPS):
            i = STEPS - k
            if i % EVERY == 0:
                n = i // EVERY - 1
                for j in range(BLOCK):
                    gradient[3 * BLOCK + j] += 2.0 * (states[2 * i * BLOCK + j] - seen[n * BLOCK + j])
                    gradient[4 * BLOCK + j] += 2.0 * (states[(2 * i + 1) * BLOCK + j] - seen[(SEEN + n) * BLOCK + j])
            step_back(w, states, gradient, i)

    return backward


def _step_back(w: Any, states: Any, gradient: Any, i: int) -> None:
    """The stages of step i, then their adjoints (k, l) from the last to the first, l divided by c at once. Written out:
    calls, even inlined ones, keep LLVM from making vectors of this loop."""
    sixth, third = H / 6.0, 1.0 / 3.0
    for j in range(BLOCK):
        a, b, c, o = w[j], w[BLOCK + j], w[2 * BLOCK + j], 1.0 / w[2 * BLOCK + j]
        v, r = states[(2 * i - 2) * BLOCK + j], states[(2 * i - 1) * BLOCK + j]
        bv, br = gradient[3 * BLOCK + j], gradient[4 * BLOCK + j]
        p1, q1 = v - v * v * v * third + r, (a - v - b * r) * o
        va, ra = v + 0.5 * H * c * p1, r + 0.5 * H * q1
        p2, q2 = va - va * va * va * third + ra, (a - va - b * ra) * o
        vb, rb = v + 0.5 * H * c * p2, r + 0.5 * H * q2
        p3, q3 = vb - vb * vb * vb * third + rb, (a - vb - b * rb) * o
        vc, rc = v + H * c * p3, r + H * q3
        p4, q4 = vc - vc * vc * vc * third + rc, (a - vc - b * rc) * o
        k4, l4 = sixth * bv, sixth * br * o
        v4, r4 = k4 * c * (1.0 - vc * vc) - l4, k4 * c - l4 * b
        k3, l3 = 2.0 * sixth * bv + H * v4, (2.0 * sixth * br + H * r4) * o
        v3, r3 = k3 * c * (1.0 - vb * vb) - l3, k3 * c - l3 * b
        k2, l2 = 2.0 * sixth * bv + 0.5 * H * v3, (2.0 * sixth * br + 0.5 * H * r3) * o
        v2, r2 = k2 * c * (1.0 - va * va) - l2, k2 * c - l2 * b
        k1, l1 = sixth * bv + 0.5 * H * v2, (sixth * br + 0.5 * H * r2) * o
        v1, r1 = k1 * c * (1.0 - v * v) - l1, k1 * c - l1 * b
        gradient[j] += l1 + l2 + l3 + l4
        gradient[BLOCK + j] -= l1 * r + l2 * ra + l3 * rb + l4 * rc
        gradient[2 * BLOCK + j] += k1 * p1 + k2 * p2 + k3 * p3 + k4 * p4 - (l1 * q1 + l2 * q2 + l3 * q3 + l4 * q4)
        gradient[3 * BLOCK + j] = bv + v1 + v2 + v3 + v4
        gradient[4 * BLOCK + j] = br + r1 + r2 + r3 + r4


ODE = Workload(
    "ode", "FitzHugh-Nagumo, RK4 × 200, 5 parameters", error, data, 1024, C,
    jax={"scan": scan}, numba=by_numba, casadi=folded, unrolled=False,
)  # fmt: skip
