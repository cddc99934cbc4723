"""The programs that are timed: one training step of a small net on two moons, chains, single operations.

The net and the loss are those of micrograd's demo: 2-16-16-1, relu, hinge loss, L2 penalty, 100 points.
"""

import importlib.util
import math
import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

SIZES = [16, 16, 1]
PENALTY = 1e-4


def moons(points: int, noise: float = 0.1) -> tuple[list[list[float]], list[float]]:
    """Two interleaving half circles with noise, labels −1 and 1: scikit-learn's ``make_moons`` in plain Python."""
    draw = random.Random(1337)
    X, y = [], []
    for i in range(points):
        angle = math.pi * (i // 2) / max(points // 2 - 1, 1)
        upper = i % 2 == 0
        row = (math.cos(angle), math.sin(angle)) if upper else (1 - math.cos(angle), 0.5 - math.sin(angle))
        X.append([x + draw.gauss(0.0, noise) for x in row])
        y.append(-1.0 if upper else 1.0)
    return X, y


def micrograd_nn(value: Callable[[float], Any]) -> ModuleType:
    """micrograd's own nn.py, read where it is installed, with the line that imports its Value replaced by ``value``."""
    spec = importlib.util.find_spec("micrograd.nn")
    assert spec is not None
    assert spec.origin is not None
    theirs = "from micrograd.engine import Value\n"
    source = Path(spec.origin).read_text()
    if theirs not in source:
        raise RuntimeError(f"{spec.origin} doesn't import its Value as micrograd 0.1.0 does: pip install micrograd==0.1.0")
    module = ModuleType("nn_on_another_value")
    vars(module)["Value"] = value
    exec(compile(source.replace(theirs, ""), spec.origin, "exec"), vars(module))
    return module


def micrograd_loss(model: Any, X: list[list[Any]], y: list[float]) -> Any:
    """The loss of micrograd's demo, on whatever kind of number the net computes with."""
    scores = [model(row) for row in X]
    losses = [(1 + -label * score).relu() for label, score in zip(y, scores, strict=True)]
    return sum(losses) * (1.0 / len(losses)) + PENALTY * sum(p * p for p in model.parameters())


def our_loss(model: Any, X: list[list[float]], y: list[float]) -> Any:
    """The same loss as one writes it with chainrule: a sum or a product of lists is one node."""
    from autograd import dot, mean, relu

    losses = [relu(1 - label * model(row)) for label, row in zip(y, X, strict=True)]
    parameters = model.parameters()
    return mean(losses) + PENALTY * dot(parameters, parameters)


def chain(x: Any, y: Any, operation: Callable[[Any, Any], Any], length: int) -> Any:
    """``operation`` applied ``length`` times, each to the result of the last and to y."""
    for _ in range(length):
        x = operation(x, y)
    return x


# Every one stays in the range of normal numbers however long the chain. micrograd knows those before the gap.
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "x + y": lambda x, y: x + y,
    "x * y": lambda x, y: x * y,
    "x - y": lambda x, y: x - y,
    "x / y": lambda x, y: x / y,
    "-x": lambda x, y: -x,
    "x * 1.001": lambda x, y: x * 1.001,
    "x ** 0.99": lambda x, y: x**0.99,
    "relu(x)": lambda x, y: x.relu(),
    "sqrt(x)": lambda x, y: x.sqrt(),
    "tanh(x)": lambda x, y: x.tanh(),
    "sigmoid(x)": lambda x, y: x.sigmoid(),
    "log1p(x)": lambda x, y: x.log1p(),
    "sin(x)": lambda x, y: x.sin(),
}
