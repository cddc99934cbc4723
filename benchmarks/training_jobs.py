"""What is trained, and by whom: ``nn.fit``, PyTorch, JAX. All begin with the same parameters and get the same batches.

An epoch is: draw an order, take the batches, and of each the loss, the accuracy, the gradient and Adam's update.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

import nn
from benchmarks import programs
from benchmarks.rivals.rival import needs

RATE = 0.01
Histories = tuple[list[float], list[float]]  # loss and accuracy, epoch by epoch


class Job(NamedTuple):
    """A net, its data and its loss."""

    name: str
    X: Any
    y: Any
    sizes: list[int]
    loss: str
    batch: int

    def model(self) -> nn.MLP:
        """The net as everyone begins with it."""
        return nn.MLP(self.X.shape[1], self.sizes, "relu", seed=0)

    def flat(self) -> Any:
        """Its parameters, neuron by neuron: weights, then the bias."""
        return np.array([p.data for p in self.model().parameters()])

    def orders(self, epochs: int) -> list[Any]:
        """The order of the rows in each epoch: that of ``nn.fit`` with seed 0."""
        rng = random.Random(0)
        return [np.asarray(nn.data.permutation(len(self.y), rng)) for _ in range(epochs)]

    def shapes(self) -> list[tuple[int, int]]:
        """A table for each layer: a row is a neuron, its last column the bias."""
        return [(n, inputs + 1) for inputs, n in zip([self.X.shape[1], *self.sizes], self.sizes, strict=False)]


def moons(points: int = 100) -> Job:
    """Two moons, one batch of all.

    So noisy that the loss stays above 0, however long they are trained on; and not as many of one as of the other: else the
    first partial by the last bias is 0 or a rounding error, and Adam makes steps of any such number.
    """
    X, y = programs.moons(2 * points, noise=0.5)
    some = np.random.default_rng(0).permutation(2 * points)[:points]
    return Job("moons", np.array(X)[some], np.array(y)[some], [16, 16, 1], "hinge", points)


def digits(rows: int = 1797) -> tuple[Job, tuple[Any, Any]]:
    """Three quarters of scikit-learn's digits to train on, the others to test; numbers at random without scikit-learn."""
    try:
        from sklearn.datasets import load_digits

        X, y = load_digits(return_X_y=True)
    except ImportError:
        draw = np.random.default_rng(0)
        y = draw.integers(0, 10, 1797)
        X = np.clip(np.round(draw.integers(0, 17, (10, 64))[y] + draw.normal(0.0, 3.0, (1797, 64))), 0, 16)
    order = np.random.default_rng(0).permutation(len(y))[:rows]
    X, y, test = X[order] / 16.0, y[order], round(rows / 4) + 1
    return Job("digits", X[test:], y[test:].astype(np.int64), [32, 10], "cross_entropy", 32), (X[:test], y[:test])


class Learner(Protocol):
    """Someone who trains. ``epochs`` goes on where the last call ended; with ``orders`` in these, else in its own."""

    def epochs(self, n: int, orders: Sequence[Any] | None = None) -> Histories: ...
    def numbers(self) -> list[float]:
        """The parameters, in the order of ``Job.flat``."""


class Ours:
    """``nn.fit``, compiled; the trainer keeps its code between calls."""

    def __init__(self, job: Job, compiled: bool | None = True):
        self.job, self.model, self.rng = job, job.model(), random.Random(0)
        optimiser = nn.Adam(self.model.parameters(), lr=RATE)
        self.trainer = nn.Trainer(self.model, job.loss, optimiser, compiled=compiled)

    def epochs(self, n: int, orders: Sequence[Any] | None = None) -> Histories:  # noqa: ARG002
        """Its own orders are those of ``Job.orders`` at first."""
        job = self.job
        history = nn.fit(
            self.model, job.X, job.y, epochs=n, batch_size=job.batch, seed=self.rng, progress=False, trainer=self.trainer
        )
        return history.loss, history.accuracy

    def numbers(self) -> list[float]:
        return [p.data for p in self.model.parameters()]


class Torch:
    """PyTorch eager: linear layers and its own Adam, in its form for a GPU's or a CPU's single pass where ``fused``."""

    def __init__(self, job: Job, fused: bool = False):
        needs("torch")
        import torch

        torch.set_num_threads(1)
        self.torch, self.job = torch, job
        self.X, self.y = torch.tensor(job.X), torch.tensor(job.y)
        self.net = torch.nn.Sequential()
        for k, (layer, inputs) in enumerate(job.shapes()):
            self.net.append(torch.nn.Linear(inputs - 1, layer, dtype=torch.float64))
            if k + 1 < len(job.sizes):
                self.net.append(torch.nn.ReLU())
        self._set(job.flat())
        self.optimiser = torch.optim.Adam(self.net.parameters(), lr=RATE, fused=fused)

    def _set(self, flat: Any) -> None:
        start = 0
        linear = [layer for layer in self.net if hasattr(layer, "weight")]
        for layer, (rows, columns) in zip(linear, self.job.shapes(), strict=True):
            table = self.torch.tensor(flat[start : start + rows * columns].reshape(rows, columns))
            layer.weight.data, layer.bias.data = table[:, :-1].contiguous(), table[:, -1].contiguous()
            start += rows * columns

    def _loss(self, scores: Any, y: Any) -> tuple[Any, Any]:
        if self.job.loss == "cross_entropy":
            return self.torch.nn.functional.cross_entropy(scores, y), (scores.argmax(1) == y).sum()
        return (1.0 - y * scores[:, 0]).relu().mean(), ((scores[:, 0] > 0) == (y > 0)).sum()

    def epochs(self, n: int, orders: Sequence[Any] | None = None) -> Histories:
        torch, job, size = self.torch, self.job, len(self.y)
        losses, shares = [], []
        for k in range(n):
            order = torch.tensor(orders[k]) if orders else torch.randperm(size)
            loss_sum = hits = 0.0
            for some in order.split(job.batch):
                value, right = self._loss(self.net(self.X[some]), self.y[some])
                self.optimiser.zero_grad()
                value.backward()
                self.optimiser.step()
                loss_sum, hits = loss_sum + value.detach() * len(some), hits + right
            losses.append(float(loss_sum) / size)
            shares.append(float(hits) / size)
        return losses, shares

    def numbers(self) -> list[float]:
        linear = [layer for layer in self.net if hasattr(layer, "weight")]
        tables = [self.torch.cat([each.weight, each.bias[:, None]], 1).flatten() for each in linear]
        return self.torch.cat(tables).tolist()


class Jax:
    """JAX in float64 with flat parameters; Adam is optax's where that is installed. The batches are taken in its own code.

    A step is one call of jitted code; with ``scan`` an epoch is.
    """

    def __init__(self, job: Job, scan: bool = False):
        needs("jax")
        from benchmarks.rivals.jax import loaded

        self.jax, self.job, self.scan = loaded(), job, scan
        jnp = self.jax.numpy
        self.X, self.y = jnp.asarray(job.X), jnp.asarray(job.y)
        begin, update = _adam(jnp)
        self.state = jnp.asarray(job.flat()), begin(jnp.asarray(job.flat()))
        gradient = self.jax.value_and_grad(self._loss, has_aux=True)
        self.rng = np.random.default_rng(0)

        def step(state: Any, some: Any, X: Any, y: Any) -> Any:
            numbers, memory = state
            (value, right), partials = gradient(numbers, X[some], y[some])
            return update(numbers, partials, memory), (value * len(some), right)

        def epoch(state: Any, order: Any, rest: Any, X: Any, y: Any) -> Any:
            state, found = self.jax.lax.scan(lambda state, some: step(state, some, X, y), state, order)
            sums = [each.sum() for each in found]
            if len(rest):
                state, last = step(state, rest, X, y)
                sums = [a + b for a, b in zip(sums, last, strict=True)]
            return state, sums

        self.step, self.epoch = self.jax.jit(step, donate_argnums=0), self.jax.jit(epoch, donate_argnums=0)

    def _loss(self, numbers: Any, X: Any, y: Any) -> Any:
        jnp, start, last = self.jax.numpy, 0, len(self.job.sizes) - 1
        for k, (rows, columns) in enumerate(self.job.shapes()):
            table = numbers[start : start + rows * columns].reshape(rows, columns)
            X = X @ table[:, :-1].T + table[:, -1]
            X = X if k == last else jnp.maximum(X, 0.0)
            start += rows * columns
        if self.job.loss == "cross_entropy":
            chosen = jnp.take_along_axis(X, y[:, None], 1)[:, 0]
            return (self.jax.nn.logsumexp(X, axis=1) - chosen).mean(), (X.argmax(1) == y).sum()
        return jnp.maximum(1.0 - y * X[:, 0], 0.0).mean(), ((X[:, 0] > 0) == (y > 0)).sum()

    def epochs(self, n: int, orders: Sequence[Any] | None = None) -> Histories:
        size, batch, found = len(self.y), self.job.batch, []
        whole = size // batch * batch
        for k in range(n):
            order = orders[k] if orders else self.rng.permutation(size)
            if self.scan:
                self.state, sums = self.epoch(self.state, order[:whole].reshape(-1, batch), order[whole:], self.X, self.y)
                found.append([sums])
                continue
            found.append([])
            for start in range(0, size, batch):
                self.state, sums = self.step(self.state, order[start : start + batch], self.X, self.y)
                found[-1].append(sums)
        means = [[sum(float(each[i]) for each in epoch) / size for epoch in found] for i in (0, 1)]
        return means[0], means[1]

    def numbers(self) -> list[float]:
        return np.asarray(self.state[0]).tolist()


def _adam(jnp: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """What Adam remembers at first, and its step: optax's, or the same by hand."""
    try:
        import optax
    except ImportError:
        return _adam_by_hand(jnp)
    adam = optax.adam(RATE)

    def update(numbers: Any, partials: Any, memory: Any) -> Any:
        change, memory = adam.update(partials, memory)
        return numbers + change, memory

    return adam.init, update


def _adam_by_hand(jnp: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def begin(numbers: Any) -> Any:
        return jnp.zeros_like(numbers), jnp.zeros_like(numbers), jnp.zeros(())

    def update(numbers: Any, partials: Any, memory: Any) -> Any:
        m, v, count = memory
        m, v, count = 0.9 * m + 0.1 * partials, 0.999 * v + 0.001 * partials**2, count + 1.0
        change = m / (1.0 - 0.9**count) / (jnp.sqrt(v / (1.0 - 0.999**count)) + 1e-8)
        return numbers - RATE * change, (m, v, count)

    return begin, update


LEARNERS: dict[str, Callable[[Job], Learner]] = {
    "chainrule": Ours,
    "PyTorch": Torch,
    "PyTorch, fused": lambda job: Torch(job, fused=True),
    "JAX, steps": Jax,
    "JAX, scan": lambda job: Jax(job, scan=True),
}
