"""A recurrent net of 8 tanh units that reads a number a step; the squared error of what it says at the end; a lane is
a sequence, the 89 weights are shared."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.workloads.workload import Workload, random

UNITS = 8
ROW = UNITS + 2  # of a unit: its weights of the units before, of the input, its bias
WEIGHTS = UNITS * ROW + UNITS + 1  # then the weights and the bias of what is read out


def loss(m: Any, w: Any, d: Any) -> Any:
    """(what is read out of the last state − target)²; d has the inputs, last the target."""
    rows = [w[j * ROW : (j + 1) * ROW] for j in range(UNITS)]
    h = [0.0] * UNITS
    for t in range(len(d) - 1):
        h = [m.tanh(m.dot(row[:UNITS], h) + row[UNITS] * d[t] + row[UNITS + 1]) for row in rows]
    return squared_error(m, w[UNITS * ROW :], h, d[len(d) - 1])


def scanned(m: Any, w: Any, d: Any) -> Any:
    """The same, its step traced once."""
    rows = [w[j * ROW : (j + 1) * ROW] for j in range(UNITS)]

    def step(h: Any, x: Any) -> Any:
        return [m.tanh(m.dot(row[:UNITS], h) + row[UNITS] * x + row[UNITS + 1]) for row in rows], None

    h, _ = m.scan(step, [0.0] * UNITS, [d[t] for t in range(len(d) - 1)])
    return squared_error(m, w[UNITS * ROW :], h, d[len(d) - 1])


def squared_error(m: Any, last: Any, h: Any, target: Any) -> Any:
    """Of a linear read-out."""
    error = m.dot(last[:UNITS], h) + last[UNITS] - target
    return error * error


def sequences(steps: int, weights: int) -> Any:
    """lanes → weights that keep the state alive, random inputs and a target that needs all of them."""

    def data(lanes: int) -> tuple[Any, Any]:
        draw = random()
        x = draw.standard_normal((steps, lanes))
        return draw.uniform(-0.4, 0.4, weights), np.concatenate([x, np.tanh(x[-10:].mean(0, keepdims=True))])

    return data


C = """
enum { W = 89, D = %d, OUT = 1, H = 8 };
static void f(const double *w, const double *d, double *out) {
    double h[H] = {0}, next[H];
    for (int t = 0; t < D - 1; t++) {
        for (int j = 0; j < H; j++) {
            const double *row = w + j * (H + 2);
            double total = row[H] * d[t] + row[H + 1];
            for (int i = 0; i < H; i++) total += row[i] * h[i];
            next[j] = tanh(total);
        }
        for (int j = 0; j < H; j++) h[j] = next[j];
    }
    const double *last = w + H * (H + 2);
    double error = last[H] - d[D - 1];
    for (int i = 0; i < H; i++) error += last[i] * h[i];
    out[0] = error * error;
}
"""


def parts(w: Any) -> Iterator[Any]:
    """Matrix of the recurrence, column of the input's weights, column of biases; weights and bias of the read-out."""
    rows = w[: UNITS * ROW].reshape(UNITS, ROW)
    yield from (rows[:, :UNITS], rows[:, UNITS : UNITS + 1], rows[:, UNITS + 1 :], w[UNITS * ROW : -1], w[-1])


def scan(jax: Any, w: Any, d: Any) -> Any:
    """jax.lax.scan with the states of all lanes as a matrix."""
    jnp = jax.numpy
    W, u, b, out, bias = parts(w)

    def step(h: Any, x: Any) -> Any:
        return jnp.tanh(W @ h + u * x + b), None

    h, _ = jax.lax.scan(step, jnp.zeros((UNITS, d.shape[1])), d[:-1])
    return (out @ h + bias - d[-1]) ** 2


def looped(torch: Any, w: Any, d: Any) -> Any:
    """A step after the other on tensors."""
    W, u, b, out, bias = parts(w)
    h = torch.zeros((UNITS, d.shape[1]), dtype=d.dtype)
    for x in d[:-1]:
        h = torch.tanh(torch.addmm(u * x + b, W, h))
    return ((out @ h + bias - d[-1]) ** 2).mean()


def built_in(torch: Any, w: Any, d: Any) -> Any:
    """torch.nn.RNN's own loop."""
    W, u, b, out, bias = parts(w)
    h = torch.zeros((1, d.shape[1], UNITS), dtype=d.dtype)
    weights = [u.contiguous(), W.contiguous(), b[:, 0].contiguous(), torch.zeros(UNITS, dtype=d.dtype)]
    _, h = torch.rnn_tanh(d[:-1, :, None], h, weights, True, 1, 0.0, True, False, False)
    return ((h[0] @ out + bias - d[-1]) ** 2).mean()


def by_numpy(w: Any, d: Any) -> Any:
    """Forward, then backward through time."""
    W, u, b, out, bias = parts(w)
    lanes, steps = d.shape[1], len(d) - 1
    h = np.zeros((steps + 1, UNITS, lanes))
    drive = u * d[:-1, None] + b
    for t in range(steps):
        np.tanh(W @ h[t] + drive[t], out=h[t + 1])
    error = out @ h[-1] + bias - d[-1]
    gradient = np.zeros_like(w)
    dW, du, db, dout, _ = parts(gradient)
    scale = error * (2.0 / lanes)
    dout[:], gradient[-1] = h[-1] @ scale, scale.sum()
    back, below = out[:, None] * scale, np.empty((steps, UNITS, lanes))
    for t in range(steps - 1, -1, -1):
        np.multiply(back, 1.0 - h[t + 1] * h[t + 1], out=below[t])
        back = W.T @ below[t]
    dW += np.einsum("tjl,til->ji", below, h[:-1], optimize=True)
    du[:, 0], db[:, 0] = np.einsum("tjl,tl->j", below, d[:-1], optimize=True), below.sum((0, 2))
    return (error * error).mean(), gradient


BLOCK = 16  # lanes whose vectors fit the registers


def by_numba(njit: Any) -> Any:
    """Forward, keeping the states, then backward through time. Innermost are the lanes of a block in flat arrays."""
    forward, backward = njit(_forward), njit(_backward)

    @njit
    def gradient(w: Any, d: Any) -> Any:
        steps, lanes = len(d) - 1, d.shape[1]
        h, x = np.zeros((steps + 1) * UNITS * BLOCK), np.zeros((steps + 1) * BLOCK)
        value, sums = 0.0, np.zeros((len(w), BLOCK))
        for start in range(0, lanes, BLOCK):
            stop = min(start + BLOCK, lanes)
            for t in range(steps + 1):
                for k in range(stop - start):
                    x[t * BLOCK + k] = d[t, start + k]
            forward(w, x, h, steps)
            value += backward(w, x, h, steps, stop - start, 2.0 / lanes, sums.ravel())
        return value / lanes, sums.sum(1)

    return gradient


def _forward(w: Any, x: Any, h: Any, steps: int) -> None:
    for t in range(steps):
        for j in range(UNITS):
            row = j * ROW
            for k in range(BLOCK):
                total = w[row + UNITS] * x[t * BLOCK + k] + w[row + UNITS + 1]
                for i in range(UNITS):
                    total += w[row + i] * h[(t * UNITS + i) * BLOCK + k]
                h[((t + 1) * UNITS + j) * BLOCK + k] = 1.0 - 2.0 / (math.exp(2.0 * total) + 1.0)


def _backward(w: Any, x: Any, h: Any, steps: int, lanes: int, scale: float, sums: Any) -> float:
    """The blocks' sum of squared errors; ``sums`` has each weight's adjoint in each lane of a block."""
    value, last, end = 0.0, UNITS * ROW, steps * UNITS * BLOCK
    back, below, after = np.zeros(UNITS * BLOCK), np.zeros(UNITS * BLOCK), np.zeros(UNITS * BLOCK)
    for k in range(lanes):
        error = w[last + UNITS] - x[steps * BLOCK + k]
        for i in range(UNITS):
            error += w[last + i] * h[end + i * BLOCK + k]
        value += error * error
        sums[(last + UNITS) * BLOCK + k] += error * scale
        for i in range(UNITS):
            sums[(last + i) * BLOCK + k] += error * scale * h[end + i * BLOCK + k]
            back[i * BLOCK + k] = error * scale * w[last + i]
    for s in range(steps):
        t = steps - 1 - s
        for j in range(UNITS):
            row = j * ROW
            for k in range(BLOCK):
                y = h[((t + 1) * UNITS + j) * BLOCK + k]
                below[j * BLOCK + k] = back[j * BLOCK + k] * (1.0 - y * y)
                sums[(row + UNITS) * BLOCK + k] += below[j * BLOCK + k] * x[t * BLOCK + k]
                sums[(row + UNITS + 1) * BLOCK + k] += below[j * BLOCK + k]
            for i in range(UNITS):
                for k in range(BLOCK):
                    sums[(row + i) * BLOCK + k] += below[j * BLOCK + k] * h[(t * UNITS + i) * BLOCK + k]
        for i in range(UNITS):
            for k in range(BLOCK):
                total = 0.0
                for j in range(UNITS):
                    total += w[j * ROW + i] * below[j * BLOCK + k]
                after[i * BLOCK + k] = total
        back, after = after, back
    return value


def folded(ca: Any, w: Any, d: Any) -> Any:
    """CasADi's loop over the steps, with the states of all lanes as a matrix. The weights go along unchanged."""
    lanes, steps = d.shape[1], d.shape[0] - 1
    state, x = ca.MX.sym("state", UNITS, lanes + ROW), ca.MX.sym("x", 1, lanes)
    h, rows = state[:, :lanes], state[:, lanes:]
    fed = ca.tanh(rows @ ca.vertcat(h, x, ca.MX.ones(1, lanes)))
    loop = ca.Function("step", [state, x], [ca.horzcat(fed, rows)]).fold(steps)
    weights = ca.reshape(w[: UNITS * ROW], ROW, UNITS).T
    h = loop(ca.horzcat(ca.MX.zeros(UNITS, lanes), weights), ca.horzcat(*ca.vertsplit(d[:steps, :])))[:, :lanes]
    error = w[UNITS * ROW : -1].T @ h + w[-1] - d[steps, :]
    return ca.sumsqr(error) / lanes


def rnn(steps: int, lanes: int) -> Workload:
    """The workload of a length and a batch. CasADi maps the loop spelled out only where it is short."""
    return Workload(
        f"rnn{steps}x{lanes}", f"RNN of 8 units, {steps} steps, batch {lanes}", loss, sequences(steps, WEIGHTS), lanes,
        C % (steps + 1), shared=True, mean=True, scanned=scanned, jax={"scan": scan}, unrolled=False,
        numpy=by_numpy, numba=by_numba, torch={"loop": looped, "built in": built_in}, casadi=folded, mapped=steps <= 50,
    )  # fmt: skip


RNNS = [rnn(steps, lanes) for steps in (50, 800) for lanes in (16, 128)]
