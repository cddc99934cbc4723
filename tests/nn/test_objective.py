"""nn.objective: a model's mean loss as a function of one flat array, compiled and by the graph."""

import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import grad

RNG = random.Random(0)
ROWS = [[RNG.gauss(0.0, 1.0) for _ in range(2)] for _ in range(11)]
TARGETS = [row[0] * row[1] for row in ROWS]
CLASSES = [int(row[0] > row[1]) for row in ROWS]
WEIGHTS = [0.5 + i % 3 for i in range(11)]


def net() -> nn.MLP:
    return nn.MLP(2, [3, 1], "tanh", seed=0)


def of_model(model: Any, x: Any, t: float) -> Any:
    return (grad(lambda a: model([a, x[1]]))(x[0]) - t) ** 2


def picking(logits: Any, k: Any) -> Any:
    return nn.cross_entropy(logits, 1) if k == 1 else -logits[k]


CASES: dict[str, tuple[nn.MLP, list[Any], Any, Any]] = {
    "mse": (net(), TARGETS, "mse", None),
    "weighted": (net(), TARGETS, "huber", WEIGHTS),
    "classes": (nn.MLP(2, [2], seed=1), CLASSES, "cross_entropy", None),
    "of the model": (net(), TARGETS, of_model, WEIGHTS),
    "by index": (nn.MLP(2, [2], seed=1), CLASSES, picking, None),
}


@pytest.mark.parametrize(("model", "y", "loss", "weights"), CASES.values(), ids=list(CASES))
def test_compiled_and_by_the_graph_it_is_the_same_function(model: nn.MLP, y: list[Any], loss: Any, weights: Any) -> None:
    fast, slow = (nn.objective(model, ROWS, y, loss, weights=weights, compiled=each) for each in (True, False))
    w, v = fast.x0 + 0.1, np.linspace(-1.0, 1.0, len(fast.x0))
    assert fast(w) == pytest.approx(slow(w), rel=1e-12)
    np.testing.assert_allclose(fast.grad(w), slow.grad(w), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(fast.hvp(w, v), slow.hvp(w, v), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(fast.hessian(w) @ v, fast.hvp(w, v), rtol=1e-9, atol=1e-12)
    assert (fast.compiled, fast.why, slow.compiled, slow.why) == (True, "", False, "")


def test_it_is_the_loss_that_evaluate_gives_and_the_model_stays_as_it_is() -> None:
    model = net()
    before, f = model.state_dict(), nn.objective(model, ROWS, TARGETS)
    assert f(f.x0) == pytest.approx(nn.evaluate(model, ROWS, TARGETS, "mse")[0], rel=1e-12)
    f.hessian(f.x0 + 1.0)
    assert model.state_dict() == before
    f.assign(f.x0 + 1.0)
    assert model.state_dict() == pytest.approx({name: x + 1.0 for name, x in before.items()})


@pytest.mark.parametrize("compiled", [True, False])
def test_frozen_parameters_are_no_arguments_and_are_read_anew(compiled: bool) -> None:
    model = net()
    model.freeze("layer0")
    f = nn.objective(model, ROWS, TARGETS, compiled=compiled)
    assert (len(f.x0), len(f.grad(f.x0)), f.hessian(f.x0).shape) == (4, 4, (4, 4))
    model.parameters()[0].data = 2.0
    assert f(f.x0) == pytest.approx(nn.evaluate(model, ROWS, TARGETS, "mse")[0], rel=1e-12)
    model.freeze()
    with pytest.raises(ValueError, match="all parameters are frozen"):
        nn.objective(model, ROWS, TARGETS)


@pytest.mark.parametrize("compiled", [True, False])
def test_noise_is_off(compiled: bool) -> None:
    plain = net()
    noisy = nn.Sequential(nn.Dropout(0.5), plain)
    f = nn.objective(noisy, ROWS, TARGETS, compiled=compiled)
    assert f(f.x0) == pytest.approx(nn.evaluate(plain, ROWS, TARGETS, "mse")[0], rel=1e-12)


def test_scipy_minimises_it() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    model = nn.MLP(1, [4, 1], "tanh", seed=0)
    X = [[x / 10] for x in range(-10, 11)]  # noqa: N806
    f = nn.objective(model, X, [x * x for (x,) in X])
    found = optimize.minimize(f.value_and_grad, f.x0, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    newton = optimize.minimize(f, f.x0, jac=f.grad, hess=f.hessian, method="trust-exact")
    krylov = optimize.minimize(f, f.x0, jac=f.grad, hessp=f.hvp, method="trust-ncg")
    assert max(found.fun, newton.fun, krylov.fun) < 1e-4


def test_without_numpy_or_llvmlite_it_gives_lists_number_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = nn.objective(net(), ROWS, TARGETS).grad(nn.objective(net(), ROWS, TARGETS).x0)
    for package in ("numpy", "llvmlite"):
        monkeypatch.setitem(sys.modules, package, None)
    f = nn.objective(net(), ROWS, TARGETS)
    gradient = f.grad(f.x0)
    assert isinstance(gradient, list)
    assert gradient == pytest.approx(expected.tolist(), rel=1e-12)
    assert not f.compiled
    assert "llvmlite" in f.why


def test_what_cannot_be_compiled_is_told() -> None:
    def through_data(y: Any, t: float) -> Any:
        return nn.mse(y, t) / (1.0 + getattr(y, "data", y) ** 2)

    f = nn.objective(net(), ROWS, TARGETS, through_data)
    assert f(f.x0) > 0.0
    assert not f.compiled
    assert f.why
    with pytest.raises(nn.UncompilableError, match="the objective must be compiled, and can't be"):
        nn.objective(net(), ROWS, TARGETS, through_data, compiled=True)(f.x0)


@pytest.mark.parametrize(("model", "y", "loss", "weights"), CASES.values(), ids=list(CASES))
def test_it_goes_on_with_other_data_as_if_it_were_made_of_them(model: nn.MLP, y: list[Any], loss: Any, weights: Any) -> None:
    f, others = nn.objective(model, ROWS[:4], y[:4], loss, compiled=True), (ROWS[2:], y[2:], weights and weights[2:])
    f(f.x0)
    f.use(*others)
    assert f(f.x0) == nn.objective(model, *others[:2], loss, weights=others[2], compiled=True)(f.x0)
    f.use(ROWS[:4], y[:4])
    assert f(f.x0) == nn.objective(model, ROWS[:4], y[:4], loss, compiled=True)(f.x0)
    with pytest.raises(ValueError, match="differ in length"):
        f.use(ROWS, y[1:])
    assert len(f.examples) == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: nn.objective(3, ROWS, TARGETS), "objective: model must be an nn.Module"),  # type: ignore[arg-type]
        (lambda f: f([1.0]), r"has 13 trainable parameters, but numbers has 1 numbers"),
        (lambda f: f(3.0), "numbers must be a list or array with a number for each parameter, got 3.0"),
        (lambda f: f([None] * 13), r"numbers\[0\]"),
        (lambda f: f.hvp(f.x0, [1.0]), "but v has 1 numbers"),
        (lambda f: nn.objective(net(), ROWS, TARGETS[1:]), "differ in length"),
        (lambda f: nn.objective(net(), ROWS, TARGETS, weights=[1.0]), "weights and X differ in length"),
    ],
)
def test_bad_input_is_named(call: Callable[[Any], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call(nn.objective(net(), ROWS, TARGETS))


def test_a_model_is_given_finite_numbers_only() -> None:
    f = nn.objective(net(), ROWS, TARGETS)
    before = f.model.state_dict()
    with pytest.raises(ValueError, match=r"objective: numbers\[12\] must be finite, got nan"):
        f.assign([0.0] * 12 + [float("nan")])
    assert f.model.state_dict() == before
