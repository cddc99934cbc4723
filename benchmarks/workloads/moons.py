"""A net on two moons: 2-16-16-1, relu, hinge loss and L2 penalty as in micrograd's demo; a lane is a point."""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks import programs
from benchmarks.workloads.workload import Workload, random

SIZES = [2, *programs.SIZES]
PENALTY = programs.PENALTY


def hinge(m: Any, w: Any, point: Any) -> Any:
    """relu(1 − label·score); of each neuron w has the weights, then the bias."""
    x, y, label = point[0], point[1], point[2]
    layer, place = [x, y], 0
    for nin, nout in pairwise(SIZES):
        sums = []
        for _ in range(nout):
            total = w[place + nin]
            for i in range(nin):
                total = total + w[place + i] * layer[i]
            sums.append(total)
            place += nin + 1
        layer = sums if nout == 1 else [m.relu(x) for x in sums]
    return m.relu(1.0 - label * layer[0])


def penalty(m: Any, w: Any, lanes: int) -> Any:
    """PENALTY·Σw²."""
    return PENALTY * m.dot(w, w)


def data(lanes: int) -> tuple[Any, Any]:
    """Weights as micrograd draws them, and points with their labels."""
    X, y = programs.moons(lanes)
    w = random().uniform(-1.0, 1.0, sum((nin + 1) * nout for nin, nout in pairwise(SIZES)))
    return w, np.ascontiguousarray(np.column_stack([X, y]).T)


C = """
enum { W = 337, D = 3, OUT = 1, H = 16 };
static void layer(const double *w, int nin, int nout, const double *x, double *y) {
    for (int j = 0; j < nout; j++, w += nin + 1) {
        y[j] = w[nin];
        for (int i = 0; i < nin; i++) y[j] += w[i] * x[i];
    }
}
static void relu(double *x) { for (int i = 0; i < H; i++) x[i] = x[i] > 0.0 ? x[i] : 0.0; }
static void f(const double *w, const double *point, double *out) {
    double one[H], two[H], score;
    layer(w, 2, H, point, one), relu(one);
    layer(w + 3 * H, H, H, one, two), relu(two);
    layer(w + 3 * H + 17 * H, H, 1, two, &score);
    double loss = 1.0 - point[2] * score;
    out[0] = loss > 0.0 ? loss : 0.0;
}
"""


def layers(w: Any) -> list[Any]:
    """The matrices of the layers, a neuron a row, its bias last."""
    matrices, place = [], 0
    for nin, nout in pairwise(SIZES):
        matrices.append(w[place : place + nout * (nin + 1)].reshape(nout, nin + 1))
        place += nout * (nin + 1)
    return matrices


def matrices(jax: Any, w: Any, point: Any) -> Any:
    """Whole layers over all points."""
    jnp = jax.numpy
    one, two, three = layers(w)
    h = jnp.maximum(one[:, :-1] @ point[:2] + one[:, -1:], 0.0)
    h = jnp.maximum(two[:, :-1] @ h + two[:, -1:], 0.0)
    return jnp.maximum(1.0 - point[2] * (three[:, :-1] @ h + three[:, -1:])[0], 0.0) + PENALTY * (w @ w)


def by_torch(torch: Any, w: Any, point: Any) -> Any:
    """The same on tensors."""
    one, two, three = layers(w)
    h = torch.relu(torch.addmm(one[:, -1:], one[:, :-1], point[:2]))
    h = torch.relu(torch.addmm(two[:, -1:], two[:, :-1], h))
    losses = torch.relu(1.0 - point[2] * torch.addmm(three[:, -1:], three[:, :-1], h)[0])
    return losses.mean() + PENALTY * w.dot(w)


def by_numpy(w: Any, point: Any) -> Any:
    """Forward and backward by hand."""
    one, two, three = layers(w)
    X, label = point[:2], point[2]
    h1 = np.maximum(one[:, :-1] @ X + one[:, -1:], 0.0)
    h2 = np.maximum(two[:, :-1] @ h1 + two[:, -1:], 0.0)
    losses = np.maximum(1.0 - label * (three[0, :-1] @ h2 + three[0, -1]), 0.0)
    gradient = np.empty_like(w)
    d1, d2, d3 = layers(gradient)
    g3 = np.where(losses > 0.0, label, 0.0) * (-1.0 / len(label))
    d3[0, :-1], d3[0, -1] = h2 @ g3, g3.sum()
    g2 = np.where(h2 > 0.0, three[0, :-1, None] * g3, 0.0)
    d2[:, :-1], d2[:, -1] = g2 @ h1.T, g2.sum(1)
    g1 = np.where(h1 > 0.0, two[:, :-1].T @ g2, 0.0)
    d1[:, :-1], d1[:, -1] = g1 @ X.T, g1.sum(1)
    gradient += 2.0 * PENALTY * w
    return losses.mean() + PENALTY * (w @ w), gradient


@cache
def micrograd_net() -> Any:
    """micrograd's MLP."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    return Value, MLP(2, programs.SIZES)


def by_micrograd(w: Any, point: Any) -> Any:
    """One step of micrograd's demo, without the update."""
    Value, model = micrograd_net()
    parameters = model.parameters()
    for parameter, number in zip(parameters, w.tolist(), strict=True):
        parameter.data, parameter.grad = number, 0
    rows = [list(map(Value, row)) for row in point[:2].T.tolist()]
    loss = programs.micrograd_loss(model, rows, point[2].tolist())
    loss.backward()
    return np.array(loss.data), np.array([parameter.grad for parameter in parameters])


MOONS = Workload(
    "moons", "Two moons, net 2-16-16-1, 337 weights", hinge, data, 100, C,
    shared=True, mean=True, rows=True, rest=penalty, jax={"matrices": matrices}, unrolled=False,
    numpy=by_numpy, torch={"matrices": by_torch}, micrograd=by_micrograd,
)  # fmt: skip
