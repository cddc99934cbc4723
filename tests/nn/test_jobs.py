"""Jobs that people do with a small net, written as one would write them: they are compiled, right and short."""

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, exp, grad, gradient, log_softmax, logsumexp, maximum, sigmoid, softmax, softplus, tanh

datasets = pytest.importorskip("sklearn.datasets")
pytest.importorskip("llvmlite", reason="number by number they take minutes")
selection = pytest.importorskip("sklearn.model_selection")


def parts(load: str, test: float, seed: int = 0, stratify: bool = True) -> Any:
    """A data set's rows and targets to train on and to test on, as arrays."""
    X, y = getattr(datasets, f"load_{load}")(return_X_y=True)  # noqa: N806
    some = selection.train_test_split(X, y, test_size=test, random_state=seed, stratify=y if stratify else None)
    return some[0], some[2], some[1], some[3]


def scaled(load: str, test: float) -> Any:
    train, y, other, t = parts(load, test)
    scaler = nn.Scaler().fit(train)
    return scaler.apply(train), y, scaler.apply(other), t


def assert_compiled(*trained: nn.History | nn.Trainer | nn.Objective) -> None:
    assert [(each.compiled, each.why) for each in trained] == [(True, "")] * len(trained)


def probabilities_of(model: nn.Module, rows: Any) -> list[Any]:
    logits: list[Any] = nn.predict(model, rows)
    return [softmax(z) for z in logits]


# -- tables ------------------------------------------------------------------------------------------------


def test_digits(tmp_path: Path) -> None:
    rows, y, other, t = parts("digits", 0.25)
    model = nn.MLP(64, [32, 10], seed=0)
    optimiser = nn.Adam(model.parameters(), lr=0.01)
    assert_compiled(nn.fit(model, rows / 16, y, "cross_entropy", optimiser, epochs=10, seed=0))
    nn.save(tmp_path / "half", model, optimiser=optimiser)
    assert_compiled(nn.fit(model, rows / 16, y, "cross_entropy", optimiser, epochs=5, seed=0))
    assert nn.accuracy(model, other / 16, t) >= 0.96
    resumed = nn.load(tmp_path / "half")
    nn.fit(resumed.model, rows / 16, y, "cross_entropy", resumed.optimiser, epochs=5, seed=0)
    assert resumed.model.state_dict() == model.state_dict()
    assert "static const double" in nn.to_c(model)


def test_diabetes() -> None:
    rows, y, other, t = parts("diabetes", 0.25, 42, stratify=False)
    xs, ys = nn.Scaler().fit(rows), nn.Scaler().fit(y)
    model = nn.MLP(10, [8, 1], "tanh", seed=0)
    decay = nn.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    assert_compiled(nn.fit(model, xs.apply(rows), ys.apply(y), "mse", decay, epochs=20, seed=0))
    residuals = t - np.array(ys.undo(nn.predict(model, xs.apply(other))))
    assert 1.0 - residuals.var() / t.var() >= 0.4


def test_cancer_with_early_stopping() -> None:
    rows, y, other, t = scaled("breast_cancer", 0.25)
    model, stopping = nn.MLP(30, [16, 1], seed=0), nn.EarlyStopping(patience=10)
    loss = "binary_cross_entropy_with_logits"
    history = nn.fit(model, rows, y, loss, epochs=200, lr=0.01, validation=0.2, seed=0, callbacks=[stopping])
    assert_compiled(history)
    assert len(history.loss) == stopping.best_epoch + 10 < 200
    assert nn.accuracy(model, other, t) >= 0.95


def test_iris_and_a_grid_of_nets_for_it() -> None:
    rows, y, other, t = scaled("iris", 0.3)
    judged = {}
    for width in (4, 8):
        for lr in (0.01, 0.05):
            model = nn.MLP(4, [width, 3], "tanh", seed=0)
            history = nn.fit(model, rows, y, "cross_entropy", epochs=80, lr=lr, validation=0.2, seed=0)
            assert_compiled(history)
            judged[history.val_loss[-1]] = model
    assert nn.accuracy(judged[min(judged)], other, t) >= 0.95


def test_an_ensemble() -> None:
    rows, y, other, t = scaled("iris", 0.3)
    nets = [nn.MLP(4, [6, 3], "tanh", seed=k) for k in range(3)]
    for k, net in enumerate(nets):
        assert_compiled(nn.fit(net, rows, y, "cross_entropy", epochs=60, lr=0.03, seed=k))
    probabilities = np.array([probabilities_of(net, other) for net in nets]).sum(axis=0)
    assert (probabilities.argmax(axis=1) == t).mean() >= 0.95


# -- sequences and pictures ----------------------------------------------------------------------------------


def test_a_character_model_with_an_embedding() -> None:
    names = [
        "emma",
        "olivia",
        "ava",
        "isabella",
        "sophia",
        "charlotte",
        "mia",
        "amelia",
        "harper",
        "evelyn",
        "abigail",
        "emily",
    ]
    letters = "." + "".join(sorted(set("".join(names))))
    contexts, following = [], []
    for name in names:
        context = [0] * 3
        for letter in [letters.index(c) for c in f"{name}."]:
            contexts.append(context)
            following.append(letter)
            context = [*context[1:], letter]

    class Characters(nn.Module):
        def __init__(self) -> None:
            self.embedding = nn.Embedding(len(letters), 4, seed=0)
            self.net = nn.MLP(12, [24, len(letters)], "tanh", seed=0)

        def __call__(self, context: Any) -> Any:
            return self.net(nn.flatten(self.embedding(context)))

    history = nn.fit(Characters(), contexts, following, "cross_entropy", epochs=60, lr=0.02, seed=0)
    assert_compiled(history)
    assert history.loss[-1] < 0.7 < 2.0 < history.loss[0]


class Recurrent(nn.Module):
    def __init__(self, kind: str, n: int = 6):
        rng, self.kind, self.n = random.Random(0), kind, n
        width = {"rnn": n, "gru": 2 * n, "lstm": 4 * n}[kind]
        self.gates = nn.Layer(1 + n, width, "linear", seed=rng)
        self.candidate = nn.Layer(1 + n, n, "tanh", seed=rng) if kind == "gru" else None
        self.head = nn.Neuron(n, "linear", seed=rng)

    def __call__(self, xs: Any) -> Any:
        n = self.n
        h: Sequence[Any] = [0.0] * n
        c: Sequence[Any] = [0.0] * n
        for x in xs:
            z = self.gates([x, *h])
            if self.candidate is not None:
                keep, reset = [sigmoid(v) for v in z[:n]], [sigmoid(v) for v in z[n:]]
                new = self.candidate([x, *(r * a for r, a in zip(reset, h, strict=True))])
                h = [k * a + (1.0 - k) * b for k, a, b in zip(keep, h, new, strict=True)]
            elif self.kind == "lstm":
                i, f, o = ([sigmoid(v) for v in z[k * n : (k + 1) * n]] for k in range(3))
                c = [a * b + d * tanh(u) for a, b, d, u in zip(f, c, i, z[3 * n :], strict=True)]
                h = [a * tanh(b) for a, b in zip(o, c, strict=True)]
            else:
                h = [tanh(v) for v in z]
        return self.head(h)


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_recurrence(kind: str) -> None:
    rng = random.Random(0)
    sequences = [[rng.uniform(-1.0, 1.0) for _ in range(5)] for _ in range(200)]
    history = nn.fit(Recurrent(kind), sequences, [sum(xs) / 2 for xs in sequences], epochs=30, lr=0.02, seed=0)
    assert_compiled(history)
    assert history.loss[-1] < 0.01


def largest(a: Any, b: Any, c: Any, d: Any) -> Any:
    return maximum(maximum(a, b), maximum(c, d))


class Convolution(nn.Module):
    def __init__(self, pool: Any):
        rng, self.pool = random.Random(0), pool
        self.filters = [nn.Neuron(9, "relu", seed=rng) for _ in range(2)]
        self.head = nn.Layer(18, 10, "linear", seed=rng)

    def __call__(self, pixels: Any) -> Any:
        pooled, patches = (
            [],
            [[[8 * i + j + k for k in (0, 1, 2, 8, 9, 10, 16, 17, 18)] for j in range(6)] for i in range(6)],
        )
        for each in self.filters:
            found = [[each([pixels[k] for k in patch]) for patch in row] for row in patches]
            for i in range(0, 6, 2):
                for j in range(0, 6, 2):
                    pooled.append(self.pool(found[i][j], found[i][j + 1], found[i + 1][j], found[i + 1][j + 1]))
        return self.head(pooled)


def test_convolution() -> None:
    pictures, labels = datasets.load_digits(return_X_y=True)
    history = nn.fit(Convolution(largest), pictures[:400] / 16, labels[:400], "cross_entropy", epochs=15, lr=0.02, seed=0)
    assert_compiled(history)
    assert history.accuracy[-1] > 0.9


@pytest.mark.filterwarnings("ignore::nn.UncompiledWarning")
def test_convolution_with_the_max_of_python_says_what_to_write_instead() -> None:
    pictures, labels = datasets.load_digits(return_X_y=True)
    history = nn.fit(Convolution(max), pictures[:100] / 16, labels[:100], "cross_entropy", epochs=1, seed=0)
    assert not history.compiled
    with pytest.raises(nn.UncompilableError, match=r"ways .* first at .*test_jobs.py:\d+; write autograd.maximum\("):
        nn.fit(Convolution(max), pictures[:100] / 16, labels[:100], "cross_entropy", epochs=1, seed=0, compiled=True)


def test_an_autoencoder() -> None:
    pictures = datasets.load_digits().data[:300] / 16
    history = nn.fit(nn.MLP(64, [8, 64], "tanh", seed=0), pictures, pictures, epochs=20, lr=0.01, seed=0)
    assert_compiled(history)
    assert history.loss[-1] < 0.5 * pictures.var()


# -- equations -------------------------------------------------------------------------------------------------


def test_a_physics_informed_net() -> None:
    """u'' + u = 0, u(0) = 0, u'(0) = 1."""
    net = nn.MLP(1, [12, 12, 1], "tanh", seed=0)

    def residual(model: Any, x: Any, _: float) -> Any:
        def u(t: Any) -> Any:
            return model([t])

        du = grad(u)
        return (grad(du)(x[0]) + u(x[0])) ** 2 + u(0.0) ** 2 + (du(0.0) - 1.0) ** 2

    times = [[math.pi * k / 20] for k in range(21)]
    assert_compiled(nn.fit(net, times, [0.0] * 21, residual, epochs=1000, lr=0.01, batch_size=None, seed=0))
    assert max(abs(y - math.sin(t)) for y, (t,) in zip(nn.predict(net, times), times, strict=True)) <= 0.02


def lotka_volterra(a: Any, b: Any, c: Any, d: Any) -> list[Any]:
    def slopes(x: Any, y: Any) -> tuple[Any, Any]:
        return a * x - b * x * y, d * x * y - c * y

    x, y, path = 10.0, 5.0, []
    for k in range(80):
        dx, dy = slopes(x, y)
        dx, dy = slopes(x + 0.025 * dx, y + 0.025 * dy)
        x, y = x + 0.05 * dx, y + 0.05 * dy
        path += [x, y] if k % 10 == 9 else []
    return path


def test_a_fit_of_lotka_and_volterra() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            self.rates = [Value(1.0), Value(0.35), Value(0.5), Value(0.12)]

        def __call__(self, _: Any) -> Any:
            return lotka_volterra(*self.rates)

    model, true = Model(), (1.1, 0.4, 0.4, 0.1)
    assert_compiled(nn.fit(model, [[0.0]], [lotka_volterra(*true)], epochs=1500, lr=0.01, seed=0))
    assert list(model.state_dict().values()) == pytest.approx(true, abs=0.01)


def test_a_neural_ode() -> None:
    class Flow(nn.Module):
        def __init__(self) -> None:
            self.slopes: Any = nn.MLP(2, [10, 2], "tanh", seed=0)

        def __call__(self, z: Any) -> Any:
            for _ in range(10):
                z = [a + 0.1 * b for a, b in zip(z, self.slopes(z), strict=True)]
            return z

    rng = random.Random(0)
    points = [[rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)] for _ in range(100)]
    turned = [[0.54 * a - 0.84 * b, 0.84 * a + 0.54 * b] for a, b in points]
    history = nn.fit(Flow(), points, turned, epochs=60, lr=0.02, seed=0)
    assert_compiled(history)
    assert history.loss[-1] < 0.005


def test_newtons_method_and_lbfgs() -> None:
    rows = np.linspace(-1.0, 1.0, 20)[:, None]
    model = nn.MLP(1, [4, 1], "tanh", seed=0)
    f = nn.objective(model, rows, np.sin(3.0 * rows[:, 0]))
    w, damping = f.x0, 0.1
    for _ in range(40):
        value, slope = f.value_and_grad(w)
        curvature = f.hessian(w)
        lift = damping - min(0.0, np.linalg.eigvalsh(curvature)[0])
        step = np.linalg.solve(curvature + lift * np.eye(len(w)), slope)
        w, damping = (w - step, damping / 3.0) if f(w - step) < value else (w, damping * 4.0)
    optimize = pytest.importorskip("scipy.optimize")
    found = optimize.minimize(f.value_and_grad, f.x0, jac=True, method="L-BFGS-B")
    assert max(f(w), found.fun) < 1e-3
    assert_compiled(f)


# -- chance ----------------------------------------------------------------------------------------------------


def test_reinforce_on_a_bandit() -> None:
    policy, rng = nn.MLP(1, [3], seed=0), random.Random(0)

    def surrogate(logits: Any, action_and_advantage: Any) -> Any:
        action, advantage = action_and_advantage
        return advantage * nn.cross_entropy(logits, action)

    trainer = nn.Trainer(policy, surrogate, "adam", lr=0.05)
    for _ in range(80):
        actions = rng.choices(range(3), probabilities_of(policy, [[1.0]])[0], k=10)
        rewards = [rng.gauss((0.1, 0.5, 0.9)[a], 0.3) for a in actions]
        mean = sum(rewards) / 10
        trainer.step([[1.0]] * 10, [[a, r - mean] for a, r in zip(actions, rewards, strict=True)])
    assert probabilities_of(policy, [[1.0]])[0][2] > 0.9
    assert_compiled(trainer)


def test_a_variational_autoencoder() -> None:
    class Coder(nn.Module):
        def __init__(self) -> None:
            self.encoder: Any = nn.MLP(64, [12, 4], "tanh", seed=0)
            self.decoder: Any = nn.MLP(2, [12, 64], "tanh", seed=1)
            self.noise = nn.Noise()

        def __call__(self, x: Any) -> Any:
            code = self.encoder(x)
            mean, log_variance = code[:2], code[2:]
            z = [m + exp(0.5 * v) * self.noise() for m, v in zip(mean, log_variance, strict=True)]
            return self.decoder(z), mean, log_variance

    def evidence(output: Any, x: Any) -> Any:
        logits, mean, log_variance = output
        fit = sum(softplus(z) - t * z for z, t in zip(logits, x, strict=True))
        return fit - 0.5 * sum(1.0 + v - m * m - exp(v) for m, v in zip(mean, log_variance, strict=True))

    pictures = datasets.load_digits().data[:200] / 16
    history = nn.fit(Coder(), pictures, pictures, evidence, epochs=20, lr=0.01, seed=0)
    assert_compiled(history)
    assert history.loss[-1] < 30.0 < history.loss[0]


def test_two_nets_against_each_other() -> None:
    rng, bce = random.Random(0), nn.binary_cross_entropy_with_logits
    forger, judge = nn.MLP(1, [8, 1], "tanh", seed=1), nn.MLP(1, [16, 1], "tanh", seed=2)

    def of_judge(judge: Any, x: Any, _: int) -> Any:
        real, z = x
        return bce(judge([real]), 1) + bce(judge([forger([z])]), 0)

    def of_forger(forger: Any, z: Any, _: int) -> Any:
        return bce(judge([forger(z)]), 1)

    judging = nn.Trainer(judge, of_judge, nn.Adam(judge.parameters(), lr=0.01, betas=(0.0, 0.9)))
    forging = nn.Trainer(forger, of_forger, nn.Adam(forger.parameters(), lr=0.003, betas=(0.0, 0.9)))
    for _ in range(1000):
        judging.step([[rng.gauss(3.0, 0.5), rng.gauss(0.0, 1.0)] for _ in range(64)], [0] * 64)
        forging.step([[rng.gauss(0.0, 1.0)] for _ in range(64)], [0] * 64)
    forged = nn.predict(forger, [[rng.gauss(0.0, 1.0)] for _ in range(1000)])
    assert_compiled(judging, forging)
    assert np.mean(forged) == pytest.approx(3.0, abs=0.3)
    assert np.std(forged) == pytest.approx(0.5, abs=0.15)


def test_a_mixture_density_net() -> None:
    rng = random.Random(0)
    targets = [rng.uniform(0.0, 1.0) for _ in range(300)]
    rows = [[t + 0.3 * math.sin(2.0 * math.pi * t) + rng.uniform(-0.1, 0.1)] for t in targets]

    def likelihood(output: Any, t: Any) -> Any:
        parts = zip(log_softmax(output[:3]), output[3:6], output[6:], strict=True)
        return -logsumexp([a - 0.5 * ((t - m) * exp(-s)) ** 2 - s - 0.92 for a, m, s in parts])

    history = nn.fit(nn.MLP(1, [12, 9], "tanh", seed=0), rows, targets, likelihood, epochs=80, lr=0.02, seed=0)
    assert_compiled(history)
    assert history.loss[-1] < -0.7


def test_quantiles_by_the_max_of_python() -> None:
    def pinball(quantiles: Any, t: Any) -> Any:
        return sum(max(a * (t - q), (a - 1.0) * (t - q)) for a, q in zip((0.1, 0.5, 0.9), quantiles, strict=True))

    rng = random.Random(0)
    rows = [[rng.uniform(0.0, 1.0)] for _ in range(300)]
    y = [x + rng.gauss(0.0, 0.2) for (x,) in rows]
    model = nn.MLP(1, [6, 3], "tanh", seed=0)
    assert_compiled(nn.fit(model, rows, y, pinball, epochs=60, lr=0.02, seed=0))
    below = [
        sum(t < q for t, q in zip(y, column, strict=True)) / 300 for column in zip(*nn.predict(model, rows), strict=True)
    ]
    assert below == pytest.approx([0.1, 0.5, 0.9], abs=0.08)


def test_online_a_row_at_a_time() -> None:
    rng, model, right = random.Random(0), nn.MLP(2, [8, 1], "tanh", seed=0), 0
    trainer = nn.Trainer(model, "binary_cross_entropy_with_logits", nn.SGD(model.parameters(), lr=0.1))
    for k in range(2500):
        x = [rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)]
        t = int(x[0] * x[1] > 0)
        right += k >= 2000 and (model(x).data > 0) == t
        trainer.step([x], [t])
    assert_compiled(trainer)
    assert right >= 450


def test_a_meta_gradient() -> None:
    """A net that one step of gradient descent makes fit a task: the loss is that after the step."""
    rng, net = random.Random(0), nn.MLP(1, [8, 1], "tanh", seed=0)

    def task() -> list[float]:
        phase, xs = rng.uniform(0.0, math.pi), [rng.uniform(-3.0, 3.0) for _ in range(10)]
        return [*xs, *(math.sin(x + phase) for x in xs)]

    def error(model: Any, xs: Any, ys: Any) -> Any:
        return sum((model([x]) - y) ** 2 for x, y in zip(xs, ys, strict=True)) / len(xs)

    def after_a_step(model: Any, row: Any, _: int) -> Any:
        xs, ys = row[:10], row[10:]
        w = model.parameters()
        partials = gradient(error(model, xs[:5], ys[:5]), w, create_graph=True)
        return error(model.at([p - 0.05 * d for p, d in zip(w, partials, strict=True)]), xs[5:], ys[5:])

    history = nn.fit(net, [task() for _ in range(64)], [0] * 64, after_a_step, epochs=30, lr=0.02, batch_size=16, seed=0)
    assert_compiled(history)
    assert history.loss[-1] < 0.6 * history.loss[0]
