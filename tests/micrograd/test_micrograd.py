"""micrograd's programs on our ``Value``: only the import line changes."""

from __future__ import annotations

import importlib.util
import math
import random
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import autograd
from autograd import Value


def networks(line: str) -> ModuleType:
    """The installed micrograd's ``nn`` with its import line replaced."""
    spec = importlib.util.find_spec("micrograd")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("micrograd isn't installed")
    source = (Path(spec.submodule_search_locations[0]) / "nn.py").read_text()
    theirs = "from micrograd.engine import Value"
    assert theirs in source
    module = ModuleType("networks")
    exec(source.replace(theirs, line), vars(module))
    return module


OURS, THEIRS = "from autograd import Value", "from micrograd.engine import Value"


def moons(count: int = 40) -> tuple[list[list[float]], list[int]]:
    """Two interleaved half circles with a little noise."""
    dice = random.Random(1)
    X, y = [], []  # noqa: N806
    for i in range(count):
        angle, label = math.pi * i / count, 1 if i % 2 else -1
        x = [math.cos(angle), math.sin(angle)] if label > 0 else [1 - math.cos(angle), 0.5 - math.sin(angle)]
        X.append([c + dice.gauss(0.0, 0.1) for c in x])
        y.append(label)
    return X, y


def trained(line: str, steps: int) -> tuple[list[float], list[float], list[float]]:
    """Losses, gradients and parameters of a 2-16-16-1 network after steps with hinge loss and L2."""
    random.seed(1337)
    model = networks(line).MLP(2, [16, 16, 1])
    X, y = moons()  # noqa: N806
    losses = []
    for k in range(steps):
        scores = [model(x) for x in X]
        data_loss = sum((1 + -label * score).relu() for label, score in zip(y, scores, strict=True)) * (1.0 / len(X))
        total = data_loss + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        total.backward()
        losses.append(total.data)
        for p in model.parameters():
            p.data -= 0.1 * (1.0 - 0.9 * k / 100) * p.grad
    return losses, [p.grad for p in model.parameters()], [p.data for p in model.parameters()]


def test_its_network_trains_on_our_value_as_on_its_own() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)  # theirs recurses
    try:
        theirs = trained(THEIRS, 3)
    finally:
        sys.setrecursionlimit(limit)
    ours = trained(OURS, 3)
    for actual, expected in zip(ours, theirs, strict=True):
        assert actual == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert ours[0][-1] < ours[0][0]


def test_its_repr_and_parameter_count_work() -> None:
    model: Any = networks(OURS).MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337
    assert all(isinstance(p, Value) for p in model.parameters())
    assert "Layer of" in repr(model)


def test_arithmetic_mixed_with_ints_and_relu() -> None:
    """A negative number through 2x + 2 + x, relu and squares; the derivative worked out by hand."""
    x = Value(-4.0)
    z = 2 * x + 2 + x  # −10
    q = z.relu() + z * x  # 40
    h = (z * z).relu()  # 100
    y = h + q + q * x  # 100 + 40 − 160
    y.backward()
    # dz = 3, dq = z + 3x = −22, dh = 2·z·3 = −60, dy = −60 − 22 + (−22·−4 + 40) = 46
    assert (y.data, x.grad) == (-20.0, 46.0)


def test_every_operator_micrograd_has_in_one_expression() -> None:
    """Sums in place, powers, negation, relu, differences, quotients both ways round; numbers by exact fractions."""
    a, b = Value(-4.0), Value(2.0)
    c = a + b  # −2
    d = a * b + b**3  # 0
    c += c + 1  # −3
    c += 1 + c + (-a)  # −1
    d += d * 2 + (b + a).relu()  # 0
    d += 3 * d + (b - a).relu()  # 6
    e = c - d  # −7
    f = e**2  # 49
    g = f / 2.0  # 24.5
    g += 10.0 / f  # 24.5 + 10/49
    g.backward()
    assert g.data == pytest.approx(24.5 + 10 / 49, rel=1e-15)
    # dg/df = 1/2 − 10/f² and df/de = 2e; dc/da = 4 − 1 = 3, dd/da = 12b − 1; dc/db = 4, dd/db = 12(a + 3b²) + 1
    dydx = (0.5 - 10 / 49**2) * -14.0
    assert a.grad == pytest.approx(dydx * (3.0 - 23.0), rel=1e-14)
    assert b.grad == pytest.approx(dydx * (4.0 - 97.0), rel=1e-14)
    assert (round(a.grad, 4), round(b.grad, 4)) == (138.8338, 645.5773)


def test_what_its_notebooks_look_at_is_there() -> None:
    x = Value(2.0)
    y = x * x + 1
    assert (list(y._prev), y._op, x._op, {type(v) for v in y._prev}) == (list(y.parents), y.op, "", {Value})
    assert not hasattr(autograd, "engine")
