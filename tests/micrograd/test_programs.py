"""Programs in the manner of micrograd's lecture run with their import line changed alone, and have the right numbers."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value
from tests.micrograd import programs

THEIRS, OURS = "from tests.micrograd.engine import Value\n", "from autograd import Value\n"


@pytest.fixture
def no_collector() -> Iterator[None]:
    """The other engine makes a cycle a node: with the collector it takes three times as long."""
    gc.disable()
    yield
    gc.enable()


def run(program: str, line: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    assert program.count(programs.IMPORT) == 1
    exec(program.replace(programs.IMPORT, line), names)
    return names


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("name", ["DEMO", "LECTURE", "SQUARES", "CLOSURES", "GPT"])
def test_a_program_gives_the_numbers_of_the_engine_it_was_written_for(name: str) -> None:
    program = getattr(programs, name)
    theirs, ours = run(program, THEIRS), run(program, OURS)
    assert all(type(number) in (float, int, bool) for number in ours["result"])
    assert ours["result"] == pytest.approx(theirs["result"], rel=1e-11, abs=1e-13)
    assert ours.get("drawn") == theirs.get("drawn")


def test_the_gpt_learns_and_the_lectures_gradients_are_those_worked_out_by_hand() -> None:
    losses = run(programs.GPT, OURS)["result"][:20]
    assert losses[0] == pytest.approx(1.4, abs=0.1)  # five signs: log 5 is 1.61
    assert sum(losses[-6:]) < sum(losses[:6]) - 1.0
    by_hand = run(programs.LECTURE, OURS)["result"]
    # tanh′(0.8814) = 1/2: x1, x2, w1, w2, b, first node by node and then by backward()
    assert by_hand[:10] == pytest.approx([-1.5, 0.5, 1.0, 0.0, 0.5] * 2, rel=1e-12)
    # b = a + a; one parent as a set has it, itself among them and no other of equal number
    assert by_hand[10:16] == [2.0, 1.0, 1, True, False, False]
    # f = ab(a + b) at −2, 3: f is d·e, its derivatives by a, b, d, e, f
    assert by_hand[16:21] == [-3.0, -8.0, 1.0, -6.0, 1.0]


MOONS = """
from nn import Neuron, Layer, MLP
import numpy as np
rng = np.random.default_rng(1)
angles = rng.uniform(0, np.pi, 24)
y = np.arange(24) % 2 * 2 - 1
X = np.stack([np.cos(angles) * y + (y < 0), np.sin(angles) * y + 0.5 * (y < 0)], 1) + rng.normal(0, 0.05, (24, 2))
model = MLP(2, [16, 16, 1])
first = [p.data for p in model.parameters()]

def loss(batch_size=None):
    if batch_size is None:
        Xb, yb = X, y
    else:
        ri = np.random.permutation(X.shape[0])[:batch_size]
        Xb, yb = X[ri], y[ri]
    inputs = [list(map(Value, xrow)) for xrow in Xb]
    scores = list(map(model, inputs))
    losses = [(1 + -yi*scorei).relu() for yi, scorei in zip(yb, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    alpha = 1e-4
    reg_loss = alpha * sum((p*p for p in model.parameters()))
    total_loss = data_loss + reg_loss
    accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(yb, scores)]
    return total_loss, sum(accuracy) / len(accuracy)

result = []
for k in range(4):
    total_loss, acc = loss()
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9*k/100
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    result.append((total_loss.data, acc))
last = [p.data for p in model.parameters()]
xrow = X[0]
score = model(list(map(Value, xrow)))
"""


def steps(first: list[float], X: Any, y: Any, count: int) -> tuple[list[tuple[float, float]], Any]:  # noqa: N803
    """The same training with the gradients written out for matrices."""
    sizes, parameters, at = [2, 16, 16, 1], np.array(first), 0
    parts = []
    for nin, nout in pairwise(sizes):
        parts.append(slice(at, at := at + nout * (nin + 1)))
    assert at == len(parameters)
    history = []
    for k in range(count):
        layers = [parameters[part].reshape(-1, nin + 1) for part, nin in zip(parts, sizes, strict=False)]
        inputs, outputs = [], [X]
        for i, layer in enumerate(layers):
            inputs.append(np.column_stack([outputs[-1], np.ones(len(X))]))
            z = inputs[-1] @ layer.T
            outputs.append(np.maximum(z, 0.0) if i < 2 else z)
        margins = 1 - y * outputs[-1][:, 0]
        history.append(
            (np.maximum(margins, 0).mean() + 1e-4 * (parameters**2).sum(), ((outputs[-1][:, 0] > 0) == (y > 0)).mean())
        )
        upstream = (-y * (margins > 0) / len(y))[:, None]
        gradient = 2e-4 * parameters
        for i in (2, 1, 0):
            gradient[parts[i]] += (upstream.T @ inputs[i]).ravel()
            upstream = (upstream @ layers[i])[:, :-1] * (outputs[i] > 0)
        parameters = parameters - (1.0 - 0.9 * k / 100) * gradient
    return history, parameters


def test_the_demo_trains_our_own_net_to_the_numbers_of_matrices() -> None:
    names = run(programs.IMPORT + MOONS, OURS)
    assert isinstance(names["model"], nn.MLP)
    assert len(names["first"]) == 337
    history, last = steps(names["first"], names["X"], names["y"], 4)
    assert [pair for step in names["result"] for pair in step] == pytest.approx(
        [n for step in history for n in step], rel=1e-12
    )
    assert names["last"] == pytest.approx(last, rel=1e-10, abs=1e-13)
    assert isinstance(names["score"], Value)
