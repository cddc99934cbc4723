"""Modules: which parameters there are, how they are named, saved and loaded."""

import math
import pickle
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, compile, grad, hessian


class Shared(nn.Module):
    def __init__(self) -> None:
        layer = nn.Layer(2, 2, seed=0)
        self.first, self.rest = layer, [layer, {"again": layer}]
        self.scale = self.same_scale = Value(2.0)


class Untidy(nn.Module):
    def __init__(self) -> None:
        self.rows = [[Value(1.0)], [Value(2.0), Value(3.0)]]
        self.table = {"left": Value(4.0), "right": (Value(5.0),)}
        self.note, self.size, self.nothing = "no parameter", 3, None
        self.output = self.rows[0][0] * 2.0
        self.me = self


def test_shared_modules_and_values_count_once() -> None:
    names = [name for name, _ in Shared().named_parameters()]
    assert names == [*(f"first.neuron{i}.{p}" for i in (0, 1) for p in ("w0", "w1", "b")), "scale"]


def test_parameters_are_the_leaves_at_any_depth_and_nothing_else() -> None:
    assert [p.data for p in Untidy().parameters()] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert [n for n, _ in Untidy().named_parameters()] == ["row0.0", "row1.0", "row1.1", "table.left", "table.right0"]


def test_parameters_bear_the_names_that_named_parameters_gives() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    assert [p.name for p in model.parameters()] == [name for name, _ in model.named_parameters()]
    assert model.layers[1].neurons[0].w[2].name == "layer1.neuron0.w2"


def test_names_that_collide_are_refused() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            self.weights, self.weight0 = [Value(1.0)], Value(2.0)

    with pytest.raises(ValueError, match="several parameters would be named weight0"):
        Twice().state_dict()


def test_attribute_typos_raise() -> None:
    with pytest.raises(AttributeError, match="layres"):
        _ = nn.MLP(2, [1]).layres  # type: ignore[attr-defined]


def test_a_module_without_call_says_so() -> None:
    with pytest.raises(NotImplementedError, match=r"Shared has no __call__\(self, x\): give it one"):
        Shared()(1.0)

    class OfTorch(nn.Module):
        def forward(self, x: float) -> float:
            return x

    with pytest.raises(NotImplementedError, match=r"OfTorch has no __call__\(self, x\): call its forward so"):
        OfTorch()(1.0)


def test_zero_grad_sets_none() -> None:
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    model([1.0, 2.0]).backward()
    assert all(isinstance(p.grad, float) for p in model.parameters())
    model.zero_grad()
    assert all(p.grad_or_none is None for p in model.parameters())


def test_a_state_goes_round_bitwise() -> None:
    old, new = (nn.MLP(3, [4, 2], "tanh", seed=seed) for seed in (1, 2))
    assert old.state_dict() != new.state_dict()
    new.load_state_dict(old.state_dict())
    assert old.state_dict() == new.state_dict()
    assert [y.data for y in old([1, 2, 3])] == [y.data for y in new([1, 2, 3])]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda s: s.pop("layer0.neuron0.b"), ValueError, "missing layer0.neuron0.b, unexpected nothing"),
        (lambda s: s.update(bias=1.0), ValueError, "missing nothing, unexpected bias"),
        (lambda s: s.update({"layer0.neuron0.w1": math.nan}), ValueError, "layer0.neuron0.w1 must be finite, got nan"),
        (lambda s: s.update({"layer0.neuron0.w1": -math.inf}), ValueError, "layer0.neuron0.w1 must be finite, got -inf"),
        (lambda s: s.update({"layer0.neuron0.w1": "x"}), TypeError, "layer0.neuron0.w1 must be a real number, got str 'x'"),
        (lambda s: s.update({"layer0.neuron0.w1": True}), TypeError, "got bool True"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change: Any, error: type[Exception], message: str) -> None:
    model = nn.MLP(2, [1], seed=0)
    before = model.state_dict()
    state = {name: number + 1.0 for name, number in before.items()}
    change(state)
    with pytest.raises(error, match=message):
        model.load_state_dict(state)
    assert model.state_dict() == before


@pytest.mark.parametrize("state", [None, [1.0, 2.0], "state.json", 3.0], ids=repr)
def test_what_is_no_state_at_all_says_what_one_is(state: Any) -> None:
    message = r"load_state_dict: state must be a dict such as state_dict\(\) gives, got"
    for thing in (nn.MLP(2, [1]), nn.SGD([Value(1.0)])):
        with pytest.raises(TypeError, match=message):
            thing.load_state_dict(state)


def test_names_of_a_state_may_be_anything_and_are_told() -> None:
    with pytest.raises(ValueError, match=r"missing b, w0, unexpected 1"):
        nn.Neuron(1).load_state_dict({1: 2.0})  # type: ignore[dict-item]


def test_a_model_survives_pickle() -> None:
    model = nn.MLP(2, [3, 2], "gelu", seed=0)
    copy = pickle.loads(pickle.dumps(model))
    assert copy.state_dict() == model.state_dict()
    assert [y.data for y in copy([1, 2])] == [y.data for y in model([1, 2])]  # type: ignore[union-attr]


def test_a_module_of_ones_own_trains() -> None:
    class Line(nn.Module):
        def __init__(self) -> None:
            self.slope, self.offset = Value(0.0), Value(0.0)

        def __call__(self, x: Iterable[Any]) -> Value:
            (only,) = x
            return self.slope * only + self.offset  # type: ignore[no-any-return]

    line = Line()
    X = [[x / 4] for x in range(-4, 5)]  # noqa: N806
    nn.fit(line, X, [3 * x + 1 for (x,) in X], "mse", "sgd", epochs=200, lr=0.2, seed=0, progress=False)
    assert line.slope.data == pytest.approx(3.0)
    assert line.offset.data == pytest.approx(1.0)


def test_the_global_generator_is_left_alone() -> None:
    before = random.getstate()
    nn.MLP(2, [16, 16, 1])
    model = nn.MLP(2, [4, 1], seed=3)
    nn.fit(model, [[0.0, 1.0], [1.0, 0.0]], [-1, 1], "hinge", epochs=2, validation=0.5, progress=False)
    assert random.getstate() == before


# -- with other numbers ----------------------------------------------------------------------------------


def test_at_is_the_model_with_other_numbers_and_the_model_stays() -> None:
    one, other = nn.MLP(2, [3, 1], "tanh", seed=1), nn.MLP(2, [3, 1], "tanh", seed=2)
    numbers = [p.data for p in other.parameters()]
    before = one.state_dict()
    for given in (numbers, tuple(numbers), np.array(numbers), other.parameters(), iter(numbers)):
        assert one.at(given)([0.5, -1.0]).data == other([0.5, -1.0]).data
    assert one.state_dict() == before
    assert [p.name for p in one.at(numbers).parameters()] == [p.name for p in one.parameters()]


def test_at_of_values_is_a_function_of_them() -> None:
    """A step of gradient descent, differentiated: what meta-learning asks for."""
    model = nn.MLP(1, [1], initialiser=lambda *_: 2.0)

    def after_a_step(numbers: Any) -> Any:
        gradient = grad(lambda w: (model.at(w)([1.0]) - 1.0) ** 2)(numbers)
        return (model.at([p - 0.1 * g for p, g in zip(numbers, gradient, strict=True)])([2.0]) - 3.0) ** 2

    # y = w + b; each moves by −0.2·(w + b − 1); then (2w′ + b′ − 3)²
    assert after_a_step([2.0, 0.0]) == pytest.approx((2 * 1.8 - 0.2 - 3.0) ** 2, rel=1e-14)
    assert grad(after_a_step)([2.0, 0.0]) == pytest.approx([2 * 0.4 * (2 - 0.6), 2 * 0.4 * (1 - 0.6)], rel=1e-12)
    assert hessian(lambda w: (model.at(w)([2.0]) - 3.0) ** 2)([2.0, 0.0]) == [[8.0, 4.0], [4.0, 2.0]]


def test_at_compiles_over_many_sets_of_numbers() -> None:
    """An ensemble: a lane for each member."""
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    members = [[p.data for p in nn.MLP(2, [3, 1], "tanh", seed=s).parameters()] for s in range(5)]
    outputs = compile(lambda numbers: model.at(numbers)([0.5, -1.0]), (-1,))(np.array(members).T)
    assert outputs == pytest.approx([model.at(numbers)([0.5, -1.0]).data for numbers in members], rel=1e-14)


@pytest.mark.parametrize(
    ("numbers", "error", "message"),
    [
        ([1.0], ValueError, r"at: MLP\(1 → 1 linear; 2 parameters\) has 2 parameters, got 1 numbers"),
        ({"w": 1.0}, TypeError, "at: numbers must be a list of one for each parameter, got dict"),
        (3.0, TypeError, "at: numbers must be a list of one for each parameter, got float 3.0"),
        (["a", 1.0], TypeError, "at: number 0 must be a real number, got str 'a'"),
    ],
)
def test_what_at_cannot_take_is_named(numbers: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nn.MLP(1, [1]).at(numbers)


# -- what it is made of --------------------------------------------------------------------------------


def test_a_summary_is_a_table_of_parts() -> None:
    body = nn.MLP(6, [8, 3], ["tanh", "sigmoid"], seed=1)
    model = nn.Sequential(nn.Embedding(5, 3, seed=0), nn.flatten, body)
    model.freeze("part0", "part2.layer0.neuron0.b")
    assert str(model.summary()).splitlines() == [
        "part      what it is                                  parameters  frozen",
        "part0     Embedding(5 × 3)                                    15     all",
        "part2     MLP(6 → 8 tanh → 3 sigmoid; 83 parameters)          83       1",
        "  layer0  Layer(6 → 8 tanh)                                   56       1",
        "  layer1  Layer(8 → 3 sigmoid)                                27       –",
        "model     Sequential                                          98      16",
    ]
    html = model.summary()._repr_html_()
    assert html.count("<tr>") == 6
    assert "Embedding(5 × 3)" in html


def test_a_summary_of_ones_own_module_shows_its_attributes() -> None:
    assert [(part.name, part.kind, part.parameters) for part in Untidy().summary().parts] == [
        ("rows", "numbers", 3),
        ("table", "numbers", 2),
        ("me", "Untidy", 5),
        ("model", "Untidy", 5),
    ]
    shared = Shared().summary().parts
    assert [part.name for part in shared] == ["first", "rest0", "rest1.again", "scale", "same_scale", "model"]
    assert shared[-1].parameters == 7


class Plane(nn.Module):
    """A model that keeps its parameters in arrays of NumPy."""

    def __init__(self) -> None:
        self.w = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
        self.b, self.words = np.array([Value(0.5)]), np.array(["a", "b"], dtype=object)

    def __call__(self, x: Any) -> Any:
        return list(self.w @ np.array(x) + self.b)


def test_parameters_in_arrays_are_found_named_copied_and_trained(tmp_path: Path) -> None:
    plane = Plane()
    assert list(plane.state_dict().items()) == [("w0", 1.0), ("w1", 2.0), ("w2", 3.0), ("w3", 4.0), ("b0", 0.5)]
    assert plane.parameters() == [*plane.w.ravel(), *plane.b]
    assert [y.data for y in plane.at([0.0, 0.0, 0.0, 0.0, 7.0])([1.0, 1.0])] == [7.0, 7.0]
    assert "5" in str(plane.summary())
    X = [[x / 5, math.sin(x)] for x in range(30)]  # noqa: N806
    y = [[a - b, a + b] for a, b in X]

    def penalised(output: Any, t: Any) -> Any:
        return nn.mse(output, t) + 1e-9 * plane.w[0, 0] ** 2

    history = nn.fit(plane, X, y, penalised, epochs=300, lr=0.05, seed=0, compiled=True, progress=False)
    assert history.loss[-1] < 1e-3
    loaded = nn.load(nn.save(tmp_path / "plane", plane), model=Plane())
    assert loaded.state_dict() == plane.state_dict()
