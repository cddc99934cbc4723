"""A GRU (Cho et al. 2014, with PyTorch's biases) of 8 units that reads a number a step; the squared error of what it says
at the end; a lane is a sequence, the 257 weights are shared."""

import math
from typing import Any

import numpy as np

from benchmarks.workloads.rnn import BLOCK, ROW, UNITS, sequences, squared_error
from benchmarks.workloads.workload import Workload

GATES = 3  # reset, update, new: of each the units' rows of weights of the units before, of the input, and biases
INNER = GATES * UNITS * ROW  # where the new states' second biases begin, which the reset gates scale
OUTER = INNER + UNITS
WEIGHTS = OUTER + UNITS + 1


def loss(m: Any, w: Any, d: Any) -> Any:
    """(what is read out of the last state − target)²; d has the inputs, last the target."""
    rows = [w[j * ROW : (j + 1) * ROW] for j in range(GATES * UNITS)]
    h = [0.0] * UNITS
    for t in range(len(d) - 1):
        fed = [row[UNITS] * d[t] + row[UNITS + 1] for row in rows]
        kept = [m.dot(row[:UNITS], h) for row in rows]
        reset = [m.sigmoid(a + b) for a, b in zip(fed[:UNITS], kept[:UNITS], strict=True)]
        update = [m.sigmoid(a + b) for a, b in zip(fed[UNITS : 2 * UNITS], kept[UNITS : 2 * UNITS], strict=True)]
        new = [
            m.tanh(a + r * (b + c))
            for a, r, b, c in zip(fed[2 * UNITS :], reset, kept[2 * UNITS :], w[INNER:OUTER], strict=True)
        ]
        h = [(1.0 - z) * n + z * old for z, n, old in zip(update, new, h, strict=True)]
    return squared_error(m, w[OUTER:], h, d[len(d) - 1])


C = """
enum { W = 257, D = %d, OUT = 1, H = 8 };
static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }
static void f(const double *w, const double *d, double *out) {
    double h[H] = {0}, fed[3 * H], kept[3 * H];
    const double *inner = w + 3 * H * (H + 2), *last = inner + H;
    for (int t = 0; t < D - 1; t++) {
        for (int j = 0; j < 3 * H; j++) {
            const double *row = w + j * (H + 2);
            fed[j] = row[H] * d[t] + row[H + 1], kept[j] = 0.0;
            for (int i = 0; i < H; i++) kept[j] += row[i] * h[i];
        }
        for (int j = 0; j < H; j++) {
            double reset = sigmoid(fed[j] + kept[j]), update = sigmoid(fed[H + j] + kept[H + j]);
            double fresh = tanh(fed[2 * H + j] + reset * (kept[2 * H + j] + inner[j]));
            h[j] = (1.0 - update) * fresh + update * h[j];
        }
    }
    double error = last[H] - d[D - 1];
    for (int i = 0; i < H; i++) error += last[i] * h[i];
    out[0] = error * error;
}
"""


def parts(w: Any) -> tuple[Any, Any, Any, Any, Any, Any]:
    """Matrix of the recurrence, columns of the input's weights and of biases, of the second biases; the read-out's."""
    rows = w[:INNER].reshape(GATES * UNITS, ROW)
    inner = w[INNER:OUTER].reshape(UNITS, 1)
    return rows[:, :UNITS], rows[:, UNITS : UNITS + 1], rows[:, UNITS + 1 :], inner, w[OUTER:-1], w[-1]


def step(tanh: Any, sigmoid: Any, kept: Any, fed: Any, inner: Any, h: Any) -> Any:
    """The next state, from what the state before and the input give each gate."""
    gates = sigmoid(fed[: 2 * UNITS] + kept[: 2 * UNITS])
    reset, update = gates[:UNITS], gates[UNITS:]
    new = tanh(fed[2 * UNITS :] + reset * (kept[2 * UNITS :] + inner))
    return new + update * (h - new)


def scan(jax: Any, w: Any, d: Any) -> Any:
    """jax.lax.scan with the states of all lanes as a matrix."""
    jnp = jax.numpy
    W, u, b, inner, out, bias = parts(w)

    def advance(h: Any, x: Any) -> Any:
        return step(jnp.tanh, jax.nn.sigmoid, W @ h, u * x + b, inner, h), None

    h, _ = jax.lax.scan(advance, jnp.zeros((UNITS, d.shape[1])), d[:-1])
    return (out @ h + bias - d[-1]) ** 2


def looped(torch: Any, w: Any, d: Any) -> Any:
    """A step after the other on tensors."""
    W, u, b, inner, out, bias = parts(w)
    h = torch.zeros((UNITS, d.shape[1]), dtype=d.dtype)
    for x in d[:-1]:
        h = step(torch.tanh, torch.sigmoid, W @ h, u * x + b, inner, h)
    return ((out @ h + bias - d[-1]) ** 2).mean()


def built_in(torch: Any, w: Any, d: Any) -> Any:
    """torch.nn.GRU's own loop."""
    W, u, b, inner, out, bias = parts(w)
    second = torch.cat([torch.zeros(2 * UNITS, dtype=d.dtype), inner[:, 0]])
    h = torch.zeros((1, d.shape[1], UNITS), dtype=d.dtype)
    weights = [u.contiguous(), W.contiguous(), b[:, 0].contiguous(), second]
    _, h = torch.gru(d[:-1, :, None], h, weights, True, 1, 0.0, True, False, False)
    return ((h[0] @ out + bias - d[-1]) ** 2).mean()


def by_numpy(w: Any, d: Any) -> Any:
    """Forward, then backward through time."""
    W, u, b, inner, out, bias = parts(w)
    lanes, steps = d.shape[1], len(d) - 1
    h, gates = np.zeros((steps + 1, UNITS, lanes)), np.empty((steps, 2 * UNITS, lanes))
    held, new = np.empty((steps, UNITS, lanes)), np.empty((steps, UNITS, lanes))
    drive = u * d[:-1, None] + b
    for t in range(steps):
        kept = W @ h[t]
        gates[t] = 1.0 / (1.0 + np.exp(-(drive[t, : 2 * UNITS] + kept[: 2 * UNITS])))
        held[t] = kept[2 * UNITS :] + inner
        new[t] = np.tanh(drive[t, 2 * UNITS :] + gates[t, :UNITS] * held[t])
        h[t + 1] = new[t] + gates[t, UNITS:] * (h[t] - new[t])
    error = out @ h[-1] + bias - d[-1]
    gradient, scale = np.zeros_like(w), error * (2.0 / lanes)
    gradient[OUTER:-1], gradient[-1] = h[-1] @ scale, scale.sum()
    by_kept, by_fed = _backward(W, out[:, None] * scale, h, gates, held, new)
    dW, du, db, dinner, _, _ = parts(gradient)
    dW += np.einsum("tjl,til->ji", by_kept, h[:-1], optimize=True)
    du[:, 0], db[:, 0] = np.einsum("tjl,tl->j", by_fed, d[:-1], optimize=True), by_fed.sum((0, 2))
    dinner[:, 0] = by_kept[:, 2 * UNITS :].sum((0, 2))
    return (error * error).mean(), gradient


def _backward(W: Any, back: Any, h: Any, gates: Any, held: Any, new: Any) -> Any:
    """Adjoints of what the states before and the inputs gave each gate; they differ in the new states' alone."""
    steps = len(new)
    by_kept, by_fed = np.empty((2, steps, GATES * UNITS, back.shape[1]))
    slopes = gates * (1.0 - gates)
    for t in range(steps - 1, -1, -1):
        reset, update = gates[t, :UNITS], gates[t, UNITS:]
        by_fed[t, 2 * UNITS :] = back * (1.0 - update) * (1.0 - new[t] * new[t])
        by_fed[t, :UNITS] = by_fed[t, 2 * UNITS :] * held[t] * slopes[t, :UNITS]
        by_fed[t, UNITS : 2 * UNITS] = back * (h[t] - new[t]) * slopes[t, UNITS:]
        by_kept[t, : 2 * UNITS], by_kept[t, 2 * UNITS :] = by_fed[t, : 2 * UNITS], by_fed[t, 2 * UNITS :] * reset
        back = back * update + W.T @ by_kept[t]
    return by_kept, by_fed


def by_numba(njit: Any) -> Any:
    """Forward, keeping states, gates and new states, then backward through time; the lanes of a block are innermost."""
    forward, backward = njit(_forward), njit(_back)

    @njit
    def gradient(w: Any, d: Any) -> Any:
        steps, lanes = len(d) - 1, d.shape[1]
        x, h = np.zeros((steps + 1, BLOCK)), np.zeros((steps + 1, UNITS, BLOCK))
        kept = np.empty((steps, 4, UNITS, BLOCK))  # reset, update, what the reset scales, new
        value, sums = 0.0, np.zeros((len(w), BLOCK))
        for start in range(0, lanes, BLOCK):
            stop = min(start + BLOCK, lanes)
            x[:, : stop - start] = d[:, start:stop]
            forward(w, x, h, kept)
            value += backward(w, x, h, kept, stop - start, 2.0 / lanes, sums)
        return value / lanes, sums.sum(1)

    return gradient


def _forward(w: Any, x: Any, h: Any, kept: Any) -> None:
    for t in range(len(kept)):
        for j in range(UNITS):
            r, z, n = j * ROW, (UNITS + j) * ROW, (2 * UNITS + j) * ROW
            for k in range(BLOCK):
                a, b, c = w[r + UNITS + 1], w[z + UNITS + 1], w[INNER + j]
                for i in range(UNITS):
                    a += w[r + i] * h[t, i, k]
                    b += w[z + i] * h[t, i, k]
                    c += w[n + i] * h[t, i, k]
                reset = 1.0 / (1.0 + math.exp(-a - w[r + UNITS] * x[t, k]))
                update = 1.0 / (1.0 + math.exp(-b - w[z + UNITS] * x[t, k]))
                inside = w[n + UNITS] * x[t, k] + w[n + UNITS + 1] + reset * c
                new = 1.0 - 2.0 / (math.exp(2.0 * inside) + 1.0)
                kept[t, 0, j, k], kept[t, 1, j, k], kept[t, 2, j, k], kept[t, 3, j, k] = reset, update, c, new
                h[t + 1, j, k] = new + update * (h[t, j, k] - new)


def _back(w: Any, x: Any, h: Any, kept: Any, lanes: int, scale: float, sums: Any) -> float:
    """The block's sum of squared errors; ``sums`` has each weight's adjoint in each lane of a block."""
    steps, value = len(kept), 0.0
    back, after, fed = np.zeros((UNITS, BLOCK)), np.zeros((UNITS, BLOCK)), np.zeros((2 * GATES, UNITS, BLOCK))
    for k in range(lanes):
        error = w[OUTER + UNITS] - x[steps, k]
        for i in range(UNITS):
            error += w[OUTER + i] * h[steps, i, k]
        value += error * error
        sums[OUTER + UNITS, k] += error * scale
        for i in range(UNITS):
            sums[OUTER + i, k] += error * scale * h[steps, i, k]
            back[i, k] = error * scale * w[OUTER + i]
    for s in range(steps):
        t = steps - 1 - s
        for j in range(UNITS):
            for k in range(BLOCK):
                reset, update, c, new = kept[t, 0, j, k], kept[t, 1, j, k], kept[t, 2, j, k], kept[t, 3, j, k]
                n = back[j, k] * (1.0 - update) * (1.0 - new * new)
                fed[0, j, k] = fed[3, j, k] = n * c * reset * (1.0 - reset)
                fed[1, j, k] = fed[4, j, k] = back[j, k] * (h[t, j, k] - new) * update * (1.0 - update)
                fed[2, j, k], fed[5, j, k] = n, n * reset
                sums[INNER + j, k] += n * reset
                after[j, k] = back[j, k] * update
        for g in range(GATES):
            for j in range(UNITS):
                row = (g * UNITS + j) * ROW
                for k in range(BLOCK):
                    sums[row + UNITS, k] += fed[g, j, k] * x[t, k]
                    sums[row + UNITS + 1, k] += fed[g, j, k]
                for i in range(UNITS):
                    for k in range(BLOCK):
                        sums[row + i, k] += fed[3 + g, j, k] * h[t, i, k]
                        after[i, k] += fed[3 + g, j, k] * w[row + i]
        back, after = after, back
    return value


def folded(ca: Any, w: Any, d: Any) -> Any:
    """CasADi's loop over the steps, with the states of all lanes as a matrix. The weights go along unchanged."""
    lanes, steps, size = d.shape[1], d.shape[0] - 1, GATES * UNITS
    state, x = ca.MX.sym("state", size, lanes + ROW + 1), ca.MX.sym("x", 1, lanes)
    h, rows, inner = state[:UNITS, :lanes], state[:, lanes : lanes + ROW], state[:UNITS, lanes + ROW]
    fed = rows[:, UNITS:] @ ca.vertcat(x, ca.MX.ones(1, lanes))
    sigmoid = lambda x: 1.0 / (1.0 + ca.exp(-x))  # noqa: E731
    kept = rows[:, :UNITS] @ h
    gates = sigmoid(fed[: 2 * UNITS, :] + kept[: 2 * UNITS, :])
    new = ca.tanh(fed[2 * UNITS :, :] + gates[:UNITS, :] * (kept[2 * UNITS :, :] + ca.repmat(inner, 1, lanes)))
    after = ca.vertcat(new + gates[UNITS:, :] * (h - new), ca.MX.zeros(2 * UNITS, lanes))
    loop = ca.Function("step", [state, x], [ca.horzcat(after, state[:, lanes:])]).fold(steps)
    weights = ca.reshape(w[:INNER], ROW, size).T
    start = ca.horzcat(ca.MX.zeros(size, lanes), weights, ca.vertcat(w[INNER:OUTER], ca.MX.zeros(2 * UNITS)))
    h = loop(start, ca.horzcat(*ca.vertsplit(d[:steps, :])))[:UNITS, :lanes]
    return ca.sumsqr(w[OUTER:-1].T @ h + w[-1] - d[steps, :]) / lanes


def gru(steps: int, lanes: int) -> Workload:
    """The workload of a length and a batch."""
    return Workload(
        f"gru{steps}x{lanes}", f"GRU of 8 units, {steps} steps, batch {lanes}", loss, sequences(steps, WEIGHTS), lanes,
        C % (steps + 1), shared=True, mean=True, jax={"scan": scan}, unrolled=False,
        numpy=by_numpy, numba=by_numba, torch={"loop": looped, "built in": built_in}, casadi=folded,
    )  # fmt: skip


GRUS = [gru(50, lanes) for lanes in (16, 128)]
