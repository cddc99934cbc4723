"""``autograd demo``: a net to look at, two to train on real input, their gradients checked, pictures of it all."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from autograd import Value, mean, no_grad
from autograd.interop.packages import found
from autograd.interop.plain import on_screen
from nn.data import Data, split
from nn.history import History
from nn.inference import accuracy
from nn.layers import MLP
from nn.losses import binary_cross_entropy_with_logits, hinge, mse
from nn.module import Module
from nn.optimisers import Adam
from nn.plots import decision_boundary, loss_curve
from nn.scaler import standardise
from nn.training import fit

PACKAGES = {"matplotlib": "matplotlib", "numpy": "numpy", "sklearn": "scikit-learn"}
FILES = {
    "graph.svg": "a small net: its values, and its gradients in red",
    "graph.png": "the same as an image",
    "moons_loss.png": "loss and accuracy of the two moons, epoch by epoch",
    "moons_boundary.png": "how the net divides the plane",
    "cancer_loss.png": "loss and accuracy of the breast cancer data",
}


def run(out: str = "out", seed: int = 1, quick: bool = False) -> int:
    """The whole demo; 0 if the gradients agreed. Writes its pictures to the folder ``out``.

    Raises ModuleNotFoundError where a package is missing, OSError where a picture can't be written: both
    before any training.
    """
    check_packages(PACKAGES)
    folder = writable_folder(Path(out), list(FILES))
    start = perf_counter()
    say(f"chainrule demo, seed {seed}\n")
    draw_small_net(folder, seed)
    train_moons(folder, seed, epochs=25 if quick else 100, steps=40 if quick else 80)
    agreed = train_cancer(folder, seed, epochs=4 if quick else 15)
    say("written")
    width = max(len(str(folder / name)) for name in FILES)
    for name, about in FILES.items():
        say(f"  {folder / name!s:<{width}}  {about}")
    say(f"\ndone in {perf_counter() - start:.1f} s")
    return 0 if agreed else 1


def say(line: str) -> None:
    """One line for the person at the terminal, at once."""
    print(on_screen(line), flush=True)  # noqa: T201


# -- before any work -----------------------------------------------------------------------------


def check_packages(packages: dict[str, str]) -> None:
    """Raise ModuleNotFoundError naming the packages that aren't installed, and the command that mends it."""
    missing = [package for module, package in packages.items() if found(module) is None]
    if missing:
        names = " ".join(missing)
        raise ModuleNotFoundError(f"missing {names}; install with: python -m pip install {names}")


def writable_folder(folder: Path, names: list[str]) -> Path:
    """The folder, made if need be; raises OSError where one of the files couldn't be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for path in (folder / name for name in names):
            if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
                raise PermissionError(0, "it exists and can't be replaced", str(path))
    except OSError as error:
        raise OSError(
            f"can't write to {error.filename or folder}: {error.strerror}; name another folder with --out"
        ) from None
    return folder


# -- the three parts -----------------------------------------------------------------------------


def draw_small_net(folder: Path, seed: int) -> None:
    """A 2-2-1 net in × and +, with its gradients. First of all, so that a missing program shows before training."""
    from autograd import draw

    net = MLP(2, [2, 1], "tanh", seed=seed, spelled_out=True)
    score = net([Value(1.5, name="x1"), Value(-0.5, name="x2")])
    score.name = "score"
    loss = mse(score, 1.0)
    loss.name = "loss"
    loss.backward()
    for name in ("graph.svg", "graph.png"):
        draw(loss).save(folder / name)


def train_moons(folder: Path, seed: int, epochs: int, steps: int) -> None:
    """micrograd's own demo: 100 points of two moons, a 2-16-16-1 net, hinge loss."""
    from sklearn.datasets import make_moons

    X, bits = make_moons(n_samples=100, noise=0.1, random_state=seed)  # noqa: N806
    points = Data(X.tolist(), [2.0 * bit - 1.0 for bit in bits.tolist()])
    train, test = split(*points, fraction=0.25, seed=seed)
    model = MLP(2, [16, 16, 1], seed=seed)
    say(f"two moons: {model}, hinge loss, Adam")
    optimiser = Adam(model.parameters(), lr=0.03)
    history = _finished(fit(model, *train, hinge, optimiser, epochs, batch_size=10, validation=test, seed=seed))
    say(f"  {_accuracies(model, train, test)}, all 100 {accuracy(model, *points):.3f}\n")
    loss_curve(history, "two moons").savefig(folder / "moons_loss.png")
    decision_boundary(model, *points, "two moons", steps).savefig(folder / "moons_boundary.png")


def train_cancer(folder: Path, seed: int, epochs: int) -> bool:
    """569 tumours of 30 measurements each, benign or malignant (Wolberg et al. 1995): a 30-8-1 net."""
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)  # noqa: N806
    train, test = split(X, y, fraction=0.25, seed=seed)
    train_rows, test_rows = standardise(train.X, test.X)
    train, test = Data(train_rows, train.y), Data(test_rows, test.y)
    model = MLP(30, [8, 1], "tanh", seed=seed)
    say(f"breast cancer: {model}, binary cross-entropy, Adam")
    optimiser = Adam(model.parameters(), lr=0.005, weight_decay=0.001)
    loss = binary_cross_entropy_with_logits
    history = _finished(fit(model, *train, loss, optimiser, epochs, validation=test, seed=seed))
    say(f"  {_accuracies(model, train, test)}\n")
    loss_curve(history, "breast cancer").savefig(folder / "cancer_loss.png")
    some = list(zip(*test, strict=True))[:50]
    return report_gradients(model, lambda: mean(loss(model(x), t) for x, t in some), seed)


def _finished(history: History) -> History:
    """The history of a training that came to its end; after a Ctrl-C the demo ends too."""
    if history.interrupted:
        raise KeyboardInterrupt
    return history


def _accuracies(model: Module, train: Data, test: Data) -> str:
    shares = [("train", train), ("test", test)]
    return "accuracy: " + ", ".join(f"{name} {accuracy(model, *part):.3f} ({len(part.y)})" for name, part in shares)


# -- gradients, twice ----------------------------------------------------------------------------


def report_gradients(model: Module, loss: Callable[[], Value], seed: int, count: int = 10) -> bool:
    """Compare some of the model's gradients with finite differences and say how both fared; whether they agree."""
    parameters = model.parameters()
    model.zero_grad()
    start = perf_counter()
    loss().backward()
    by_chain_rule = perf_counter() - start
    sample = random.Random(seed).sample(parameters, count)
    differences = [central_difference(loss, parameter) for parameter in sample]
    by_nudging = (perf_counter() - start - by_chain_rule) / count * len(parameters)
    size = max(abs(p.grad) for p in parameters)
    worst = max(abs(p.grad - s) for p, s in zip(sample, differences, strict=True)) / size
    agreed = bool(worst < 1e-6)
    say(f"gradients: backward() against finite differences, {count} of {len(parameters)} parameters")
    say(f"  they {'agree' if agreed else 'DISAGREE'}: largest difference {worst:.0e} of the largest gradient")
    say(f"  all {len(parameters)} of them: {by_chain_rule:.2f} s by the chain rule, {by_nudging:.1f} s by nudging\n")
    return agreed


def central_difference(loss: Callable[[], Value], parameter: Value, step: float = 1e-5) -> float:
    """∂loss/∂parameter by nudging it to both sides; the error is of the order step²."""
    middle = parameter.data

    def loss_at(x: float) -> float:
        parameter.data = x
        return loss().data

    with no_grad():
        rise = loss_at(middle + step) - loss_at(middle - step)
    parameter.data = middle
    return rise / (2.0 * step)
