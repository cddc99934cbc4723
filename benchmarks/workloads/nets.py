"""Nets that tell ten classes apart: dense layers, relu between them, softmax cross-entropy; a lane is a point."""

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.workloads.workload import Workload, random


def loss(sizes: tuple[int, ...], m: Any, w: Any, d: Any) -> Any:
    """logsumexp(scores) − the score of the point's class, which d has as zeros and a one behind the point. Of each
    neuron w has the weights, then the bias."""
    layer, place = [d[i] for i in range(sizes[0])], 0
    for nin, nout in pairwise(sizes):
        rows = [w[place + j * (nin + 1) : place + (j + 1) * (nin + 1)] for j in range(nout)]
        layer = [m.dot(row[:nin], layer) + row[nin] for row in rows]
        place += nout * (nin + 1)
        if place < len(w):
            layer = [m.relu(x) for x in layer]
    return m.logsumexp(layer) - m.dot([d[sizes[0] + i] for i in range(sizes[-1])], layer)


def data(sizes: tuple[int, ...], lanes: int) -> tuple[Any, Any]:
    """He's weights, points of a normal distribution, random classes."""
    draw = random()
    layers = [
        np.hstack([draw.normal(0.0, (2.0 / nin) ** 0.5, (nout, nin)), np.zeros((nout, 1))]) for nin, nout in pairwise(sizes)
    ]
    classes = np.eye(sizes[-1])[:, draw.integers(0, sizes[-1], lanes)]
    return np.concatenate([layer.ravel() for layer in layers]), np.vstack([draw.standard_normal((sizes[0], lanes)), classes])


C = """
enum { W = %d, D = %d, OUT = 1, LAYERS = %d };
static const int sizes[] = { %s };
static void f(const double *w, const double *d, double *out) {
    double one[1024], two[1024], *from = one, *to = two, top = -INFINITY, total = 0.0, score = 0.0;
    for (int i = 0; i < sizes[0]; i++) from[i] = d[i];
    for (int l = 1; l < LAYERS; l++) {
        int nin = sizes[l - 1];
        for (int j = 0; j < sizes[l]; j++, w += nin + 1) {
            double sum = w[nin];
            for (int i = 0; i < nin; i++) sum += w[i] * from[i];
            to[j] = l == LAYERS - 1 || sum > 0.0 ? sum : 0.0;
        }
        double *swap = from; from = to, to = swap;
    }
    for (int i = 0; i < sizes[LAYERS - 1]; i++) {
        if (from[i] > top) top = from[i];
        score += d[sizes[0] + i] * from[i];
    }
    for (int i = 0; i < sizes[LAYERS - 1]; i++) total += exp(from[i] - top);
    out[0] = top + log(total) - score;
}
"""


def layers(sizes: tuple[int, ...], w: Any) -> list[Any]:
    """The matrices of the layers, a neuron a row, its bias last."""
    found, place = [], 0
    for nin, nout in pairwise(sizes):
        found.append(w[place : place + nout * (nin + 1)].reshape(nout, nin + 1))
        place += nout * (nin + 1)
    return found


def matrices(sizes: tuple[int, ...], jax: Any, w: Any, d: Any) -> Any:
    """Whole layers over all points."""
    jnp = jax.numpy
    *hidden, last = layers(sizes, w)
    h = d[: sizes[0]]
    for layer in hidden:
        h = jnp.maximum(layer[:, :-1] @ h + layer[:, -1:], 0.0)
    scores = last[:, :-1] @ h + last[:, -1:]
    return jax.scipy.special.logsumexp(scores, axis=0) - (d[sizes[0] :] * scores).sum(0)


def by_torch(sizes: tuple[int, ...], torch: Any, w: Any, d: Any) -> Any:
    """The same on tensors."""
    *hidden, last = layers(sizes, w)
    h = d[: sizes[0]]
    for layer in hidden:
        h = torch.relu(torch.addmm(layer[:, -1:], layer[:, :-1], h))
    scores = torch.addmm(last[:, -1:], last[:, :-1], h)
    return (torch.logsumexp(scores, 0) - (d[sizes[0] :] * scores).sum(0)).mean()


def by_numpy(sizes: tuple[int, ...], w: Any, d: Any) -> Any:
    """Forward and backward by hand."""
    matrices, outputs = layers(sizes, w), [d[: sizes[0]]]
    for layer in matrices:
        outputs.append(layer[:, :-1] @ outputs[-1] + layer[:, -1:])
        if len(outputs) < len(sizes):
            np.maximum(outputs[-1], 0.0, out=outputs[-1])
    scores, classes = outputs.pop(), d[sizes[0] :]
    exponentials = np.exp(scores - scores.max(0))
    totals = exponentials.sum(0)
    value = (np.log(totals) + scores.max(0) - (classes * scores).sum(0)).mean()
    gradient = np.empty_like(w)
    back = (exponentials / totals - classes) / d.shape[1]
    for layer, into, h in zip(matrices[::-1], layers(sizes, gradient)[::-1], outputs[::-1], strict=True):
        into[:, :-1], into[:, -1] = back @ h.T, back.sum(1)
        if layer is not matrices[0]:
            back = np.where(h > 0.0, layer[:, :-1].T @ back, 0.0)
    return value, gradient


def by_casadi(sizes: tuple[int, ...], ca: Any, w: Any, d: Any) -> Any:
    """CasADi's matrices over all points."""
    h, place, ones = d[: sizes[0], :], 0, ca.MX.ones(1, d.shape[1])
    for nin, nout in pairwise(sizes):
        layer = ca.reshape(w[place : place + nout * (nin + 1)], nin + 1, nout).T
        h = layer @ ca.vertcat(h, ones)
        place += nout * (nin + 1)
        h = ca.fmax(h, 0.0) if place < w.numel() else h
    top = ca.MX(1, d.shape[1])
    for i in range(sizes[-1]):
        top = ca.fmax(top, h[i, :]) if i else h[i, :]
    away = h - ca.repmat(top, sizes[-1], 1)
    return (ca.sum2(top + ca.log(ca.sum1(ca.exp(away)))) - ca.sum2(ca.sum1(d[sizes[0] :, :] * h))) / d.shape[1]


def net(sizes: tuple[int, ...], lanes: int) -> Workload:
    """The workload of a net and a batch."""
    weights = sum((nin + 1) * nout for nin, nout in pairwise(sizes))
    spelled = "-".join(map(str, sizes))
    of = lambda f: partial(f, sizes)  # noqa: E731
    return Workload(
        f"net{spelled}x{lanes}", f"Net {spelled}, batch {lanes}", of(loss), of(data), lanes,
        C % (weights, sizes[0] + sizes[-1], len(sizes), ", ".join(map(str, sizes))),
        shared=True, mean=True, rows=True, jax={"matrices": of(matrices)}, unrolled=False,
        numpy=of(by_numpy), torch={"matrices": of(by_torch)}, casadi=of(by_casadi), mapped=False,
    )  # fmt: skip


BATCHES = (32, 128, 1024)
NETS = [net(sizes, lanes) for sizes in ((64, 64, 10), (784, 32, 10), (784, 128, 10)) for lanes in BATCHES]
