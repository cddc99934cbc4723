"""Losses: tables of values and derivatives, far tails, and targets that are none."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp, mpf

import nn
from autograd import Value
from tests.support import bits, close

INF = math.inf
logits = st.floats(-700.0, 700.0)

# loss, prediction, target, value, derivative
TABLE: list[tuple[str, float, float, float, float]] = [
    ("hinge", 0.25, 1, 0.75, -1.0),
    ("hinge", 0.25, -1, 1.25, 1.0),
    ("hinge", 2.0, 1, 0.0, -0.0),
    ("hinge", 1.0, 1, 0.0, -0.0),  # the kink: the subgradient of least magnitude
    ("mse", 3.0, 1.0, 4.0, 4.0),
    ("half_squared_error", 3.0, 1.0, 2.0, 2.0),
    ("binary_cross_entropy", 0.0, 1, INF, -INF),
    ("binary_cross_entropy", 1.0, 1, 0.0, -1.0),
    ("binary_cross_entropy", 0.0, 0, 0.0, 1.0),
    ("binary_cross_entropy", 1.0, 0, INF, INF),
    ("binary_cross_entropy", 0.25, 1, math.log(4.0), -4.0),
    ("binary_cross_entropy", 1e-20, 0, 1e-20, 1.0),
    ("binary_cross_entropy_with_logits", 0.0, 1, math.log(2.0), -0.5),
    ("binary_cross_entropy_with_logits", 800.0, 1, 0.0, -0.0),
    ("binary_cross_entropy_with_logits", INF, 1, 0.0, -0.0),
    ("binary_cross_entropy_with_logits", -INF, 1, INF, -1.0),
    ("binary_cross_entropy_with_logits", INF, 0, INF, 1.0),
    ("binary_cross_entropy_with_logits", -INF, 0, 0.0, 0.0),
    ("binary_cross_entropy_with_logits", -1e308, 1, 1e308, -1.0),
]


@pytest.mark.parametrize(("loss", "prediction", "target", "value", "derivative"), TABLE)
def test_value_and_derivative(loss: str, prediction: float, target: float, value: float, derivative: float) -> None:
    function, x = nn.LOSSES[loss].function, Value(prediction)
    y = function(x, target)
    y.backward()  # type: ignore[union-attr]
    assert close(y.data, value), (y.data, value)  # type: ignore[union-attr]
    assert close(x.grad, derivative), (x.grad, derivative)
    assert bits(function(prediction, target)) == bits(y.data)  # type: ignore[union-attr]


@given(logits, st.sampled_from([0, 1]))
def test_bce_of_a_logit_is_exact_to_the_last_digits(z: float, t: int) -> None:
    with mp.workdps(700):
        p = 1 / (1 + mp.exp(-mpf(z)))
        exact, gradient = float(-mp.log(p if t else 1 - p)), float(p - t)
    x = Value(z)
    loss = nn.binary_cross_entropy_with_logits(x, t)
    loss.backward()
    assert loss.data == pytest.approx(exact, rel=1e-14, abs=1e-320)
    assert x.grad == pytest.approx(gradient, rel=1e-14, abs=1e-320)


@given(st.lists(st.floats(-300.0, 300.0), min_size=2, max_size=5), st.data())
def test_cross_entropy_keeps_its_digits(numbers: list[float], data: Any) -> None:
    k = data.draw(st.integers(0, len(numbers) - 1))
    with mp.workdps(700):
        powers = [mp.exp(mpf(x)) for x in numbers]
        shares = [power / mp.fsum(powers) for power in powers]
        exact = float(-mp.log(shares[k]))
        gradients = [float(share - (j == k)) for j, share in enumerate(shares)]
    xs = [Value(x) for x in numbers]
    loss = nn.cross_entropy(xs, k)
    loss.backward()
    assert loss.data == pytest.approx(exact, rel=1e-13, abs=1e-300)
    assert [x.grad for x in xs] == pytest.approx(gradients, rel=1e-12, abs=1e-300)


def test_a_confident_softmax_still_has_a_loss() -> None:
    xs = [Value(40.0), Value(0.0)]
    loss = nn.cross_entropy(xs, 0)
    loss.backward()
    assert loss.data == pytest.approx(math.exp(-40.0), rel=1e-14)
    assert xs[0].grad == pytest.approx(-math.exp(-40.0), rel=1e-14)


def test_lists_are_averaged_or_summed() -> None:
    assert nn.mse([3.0, 1.0], [1.0, 0.0]) == 2.5
    assert nn.half_squared_error([3.0, 1.0], (1.0, 0.0)) == 2.5
    assert nn.mse([3.0], [1.0]) == nn.mse(3.0, 1.0) == 4.0


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_the_derivative_of_half_the_square_is_the_difference(y: float, t: float) -> None:
    x = Value(y)
    nn.half_squared_error(x, t).backward()
    assert x.grad == y - t


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "message"),
    [
        ("hinge", 0.5, 0, "hinge takes -1 or 1 as target, but the target is 0"),
        ("binary_cross_entropy", 0.5, -1, "binary_cross_entropy takes 0 or 1 as target"),
        ("binary_cross_entropy_with_logits", 0.5, 0.5, "takes 0 or 1 as target, but the target is 0.5"),
        ("binary_cross_entropy", 1.5, 1, "takes probabilities, got 1.5; use binary_cross_entropy_with_logits"),
        ("binary_cross_entropy", math.nan, 1, "takes probabilities, got nan"),
        ("cross_entropy", [0.0, 1.0], 2, "cross_entropy takes 0 … 1 as target, but the target is 2"),
        ("cross_entropy", [0.0, 1.0], -1, "cross_entropy takes 0 … 1 as target, but the target is -1"),
        ("cross_entropy", [0.0, 1.0], 0.5, "the target is 0.5"),
        ("cross_entropy", [0.0], 0, "at least two logits"),
        ("cross_entropy", 0.0, 0, "at least two logits"),
        ("mse", [0.0, 1.0], [0.0], "mse: the prediction is a list of 2, the target a list of 1"),
        ("mse", 0.0, [0.0], "mse: the prediction is one number, the target a list of 1"),
        ("half_squared_error", [0.0, 1.0], 0.0, "the prediction is a list of 2, the target one number"),
        ("mae", 0.0, [0.0, 1.0], "mae: the prediction is one number, the target a list of 2"),
        ("huber", [0.0, 1.0], 0.0, "huber: the prediction is a list of 2, the target one number"),
        ("quantile", [0.0, 1.0], [0.0], "quantile: the prediction is a list of 2, the target a list of 1"),
        ("gaussian_nll", 0.0, 1.0, "gaussian_nll: the prediction is one number, the target one number.* with 2 outputs"),
        ("gaussian_nll", [0.0, 0.0, 0.0], [1.0, 2.0], "is a list of 3, the target a list of 2: .* with 4 outputs"),
        ("poisson_nll", 0.0, -1, "poisson_nll takes counts as targets, 0 or more, but the target is -1"),
        ("poisson_nll", [0.0, 1.0], [2, -0.5], "0 or more, but the target is -0.5"),
        ("softmax_cross_entropy", [0.0, 1.0], 2, "cross_entropy takes 0 … 1 as target, but the target is 2"),
        ("mse", [0.0], 0.0, r"target one number; a Layer's prediction is a list, .* nn.MLP\(inputs, \[1\]\)"),
    ],
)
def test_a_target_that_is_none_is_refused(loss: str, prediction: Any, target: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nn.LOSSES[loss].function(prediction, target)


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "message"),
    [
        ("hinge", [0.5], 1, r"hinge: the score must be a real number, got list \[0.5\]; give one number at a time"),
        ("hinge", "a", 1, "hinge: the score must be a real number, got str 'a'"),
        ("binary_cross_entropy", [0.5], 1, "binary_cross_entropy: the probability must be a real number, got list"),
        ("binary_cross_entropy_with_logits", None, 1, "with_logits: the logit must be a real number, got None"),
        ("mse", "a", 1.0, "mse: the prediction must be a real number, got str 'a'"),
        ("mse", 1.0, None, "mse: the target must be a real number, got None"),
        ("mse", ["a"], [1.0], "mse: the prediction must be a real number, got str 'a'"),
        ("mae", "a", 1.0, "mae: the prediction must be a real number, got str 'a'"),
        ("huber", 1.0, "b", "huber: the target must be a real number, got str 'b'"),
        ("gaussian_nll", [1.0, "a"], 1.0, "gaussian_nll: the logarithm of the variance must be a real number, got str 'a'"),
        ("gaussian_nll", ["a", 1.0], 1.0, "gaussian_nll: the prediction must be a real number, got str 'a'"),
        ("poisson_nll", None, 1.0, "poisson_nll: the prediction must be a real number, got None"),
        ("quantile", 1.0, None, "quantile: the target must be a real number, got None"),
        ("half_squared_error", Value(1.0), "b", "half_squared_error: the target must be a real number, got str 'b'"),
    ],
)
def test_what_is_no_number_is_refused_by_name(loss: str, prediction: Any, target: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        nn.LOSSES[loss].function(prediction, target)


def test_a_row_of_labels_is_refused_with_advice() -> None:
    with pytest.raises(ValueError, match=r"the target is \[0, 1\]; give each row one label"):
        nn.cross_entropy([0.0, 1.0], [0, 1])  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="needs a list of at least two logits, one for each class, got None"):
        nn.cross_entropy(None, 0)  # type: ignore[call-overload]


@pytest.mark.parametrize(("name", "judged"), [("hinge", True), ("cross_entropy", True), ("mse", False)])
def test_a_loss_with_labels_has_an_accuracy(name: str, judged: bool) -> None:
    assert nn.LOSSES[name].has_accuracy is judged


def test_an_unknown_loss_lists_the_known_ones() -> None:
    known = "binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, gaussian_nll, half_squared_error"
    with pytest.raises(ValueError, match=f"unknown loss 'msee'; known are {known}, hinge, huber, mae, mse, poisson_nll"):
        nn.fit(nn.MLP(1, [1]), [[1.0]], [1.0], "msee")
    with pytest.raises(TypeError, match="loss must be a name or a function, got 3; known names are binary"):
        nn.fit(nn.MLP(1, [1]), [[1.0]], [1.0], 3)  # type: ignore[arg-type]


def test_numpy_labels_are_labels() -> None:
    assert nn.hinge(0.25, np.int64(1)) == 0.75  # type: ignore[arg-type]
    assert nn.cross_entropy([1.0, 1.0], np.int64(0)) == pytest.approx(math.log(2.0))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("loss", "target", "advice"),
    [
        (nn.hinge, 0, "hinge takes -1 or 1 as target, but the target is 0; 2 * t - 1 makes them of 0 and 1"),
        (nn.binary_cross_entropy, -1.0, "takes 0 or 1 as target, but the target is -1.0; t > 0 makes them of -1 and 1"),
        (nn.binary_cross_entropy_with_logits, -1, "takes 0 or 1 as target, but the target is -1; t > 0 makes them of"),
        (nn.hinge, 2, "takes -1 or 1 as target, but the target is 2$"),
        (nn.hinge, "yes", "takes -1 or 1 as target, but the target is 'yes'$"),
    ],
)
def test_a_wrong_label_is_answered_by_what_makes_right_ones(loss: Any, target: Any, advice: str) -> None:
    with pytest.raises(ValueError, match=advice.replace("*", r"\*")):
        loss(0.5, target)


@pytest.mark.parametrize("target", [True, np.True_])
def test_losses_take_bools_as_targets(target: Any) -> None:
    assert nn.mse(0.5, target) == nn.mse(0.5, 1)
    assert nn.half_squared_error(0.5, target) == nn.half_squared_error(0.5, 1)
    assert nn.hinge(0.5, target) == nn.hinge(0.5, 1)
    assert nn.binary_cross_entropy(0.5, target) == nn.binary_cross_entropy(0.5, 1)
    assert nn.binary_cross_entropy_with_logits(0.5, target) == nn.binary_cross_entropy_with_logits(0.5, 1)
    assert nn.cross_entropy([0.5, 1.5], target) == nn.cross_entropy([0.5, 1.5], 1)


def test_losses_take_arrays_as_they_take_lists() -> None:
    values = [Value(1.0), Value(3.0)]
    array: Any = np.array(values)
    target: Any = np.array([0.0, 1.0])
    assert nn.mse(array, target).data == nn.mse(values, [0.0, 1.0]).data
    assert nn.half_squared_error(array, target).data == 2.5
    assert nn.cross_entropy(array, 1).data == nn.cross_entropy(values, 1).data


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.huber(1.0, 1.0, delta=0.0), ValueError, "huber: delta must be at least"),
        (lambda: nn.huber(1.0, 1.0, delta="a"), TypeError, "huber: delta must be a real number, got str 'a'"),  # type: ignore[arg-type]
        (lambda: nn.quantile(1.0, 1.0, q=1.0), ValueError, "quantile: q must be at least .* and below 1, got 1.0"),
        (lambda: nn.quantile(1.0, 1.0, q=0.0), ValueError, "quantile: q must be at least"),
        (
            lambda: nn.quantile(1.0, 1.0, q=(0.1, 0.9)),
            ValueError,
            "quantile: 2 levels q take a list of 2, .* got one number",
        ),
        (lambda: nn.quantile([1.0, 2.0], [1.0, 2.0], q=(0.1, 0.9)), ValueError, "and one target, got .* and a list of 2"),
        (lambda: nn.gaussian_nll([1.0, 1.0], 1.0, eps=0.0), ValueError, "gaussian_nll: eps must be at least"),
        (
            lambda: nn.cross_entropy([1.0, 2.0], 1, label_smoothing=1.0),
            ValueError,
            "label_smoothing must be .* below 1",
        ),
    ],
)
def test_a_setting_that_is_none_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


@given(st.floats(-1000.0, 1000.0), st.floats(-13.8, 1000.0), st.floats(-1000.0, 1000.0))
@example(1000.0, 1000.0, -1000.0)
@example(-1000.0, -13.8, 1000.0)
def test_gaussian_nll_keeps_its_digits(y: float, s: float, t: float) -> None:
    with mp.workdps(60):
        scaled = (mpf(y) - t) ** 2 * mp.exp(-mpf(s))
        exact = [float(x) for x in ((s + scaled) / 2, (mpf(y) - t) * mp.exp(-mpf(s)), (1 - scaled) / 2)]
    mean, logarithm = Value(y), Value(s)
    loss = nn.gaussian_nll([mean, logarithm], t)
    loss.backward()
    assert loss.data == pytest.approx(exact[0], rel=1e-13, abs=1e-13 * abs(s))
    assert [mean.grad, logarithm.grad] == pytest.approx(exact[1:], rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("s", [-13.9, -20.0, -1000.0])
def test_a_variance_below_eps_is_one_of_eps_and_comes_back(s: float) -> None:
    floor, mean, logarithm = math.log(1e-6), Value(3.0), Value(s)
    loss = nn.gaussian_nll([mean, logarithm], 1.0)
    loss.backward()
    assert loss.data == pytest.approx(0.5 * (floor + 4e6), rel=1e-13)
    assert (mean.grad, logarithm.grad) == pytest.approx((2e6, 0.5 - 2e6), rel=1e-13)


@given(st.floats(-1000.0, 1000.0), st.integers(0, 1000))
@example(1000.0, 1000)
@example(-1000.0, 0)
def test_poisson_nll_keeps_its_digits(z: float, count: int) -> None:
    with mp.workdps(700):
        exact, gradient = float(mp.exp(mpf(z)) - count * mpf(z)), float(mp.exp(mpf(z)) - count)
    x = Value(z)
    loss = nn.poisson_nll(x, count)
    loss.backward()
    size = min(math.exp(min(z, 709.0)), 1e300) + count * (1.0 + abs(z))
    assert loss.data == pytest.approx(exact, rel=1e-13, abs=1e-15 * size)
    assert x.grad == pytest.approx(gradient, rel=1e-13, abs=1e-15 * size)


KINKS: list[tuple[str, float, float]] = [("mae", 1.0, 1.0), ("quantile", 1.0, 1.0), ("huber", 1.0, 1.0)]


@pytest.mark.parametrize(("loss", "prediction", "target"), KINKS)
def test_a_right_prediction_has_no_loss_and_no_gradient(loss: str, prediction: float, target: float) -> None:
    x = Value(prediction)
    y = nn.LOSSES[loss].function(x, target)
    y.backward()  # type: ignore[union-attr]
    assert (bits(y), bits(x.grad)) in [(bits(0.0), bits(0.0)), (bits(0.0), bits(-0.0))]


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_hubers_derivative_has_no_jump_at_delta(side: float) -> None:
    x = Value(0.5 * side)
    nn.huber(x, 0.0, delta=0.5).backward()
    assert (nn.huber(0.5 * side, 0.0, delta=0.5), x.grad) == (0.125, 0.5 * side)


@given(st.lists(st.floats(-10.0, 10.0), min_size=3, max_size=9, unique=True), st.sampled_from([0.1, 0.5, 0.8]))
def test_the_best_constant_of_a_quantile_loss_is_the_quantile(numbers: list[float], q: float) -> None:
    total = {c: sum(nn.quantile(c, t, q=q) for t in numbers) for c in numbers}
    best = sorted(numbers)[math.ceil(q * len(numbers)) - 1]
    assert total[best] == pytest.approx(min(total.values()), abs=1e-12)


def test_settings_are_fixed_for_fit_and_what_it_knows_of_the_loss_stays() -> None:
    smooth = partial(nn.cross_entropy, label_smoothing=0.1)
    with pytest.raises(ValueError, match="cross_entropy needs a model with at least two outputs"):
        nn.fit(nn.MLP(1, [1]), [[1.0], [2.0]], [0, 1], smooth)
    history = nn.fit(nn.MLP(1, [2], seed=0), [[-1.0], [1.0]], [0, 1], smooth, epochs=50, lr=0.1, seed=0, progress=False)
    assert history.accuracy[-1] == 1.0


def test_a_loss_that_is_an_object_without_a_hash_is_one() -> None:
    @dataclass
    class Scaled:
        by: float

        def __call__(self, prediction: Value, target: float) -> Value:
            return self.by * (prediction - target) ** 2

    history = nn.fit(nn.MLP(1, [1], seed=0), [[1.0], [2.0]], [1.0, 2.0], Scaled(2.0), epochs=2, seed=0, progress=False)
    assert history.loss[1] < history.loss[0]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    ("loss", "outputs"),
    [
        ("mae", 1),
        ("huber", 1),
        ("poisson_nll", 1),
        ("gaussian_nll", 2),
        (partial(nn.quantile, q=(0.1, 0.5, 0.9)), 3),
        (partial(nn.cross_entropy, label_smoothing=0.1), 3),
    ],
)
def test_fit_makes_a_loss_smaller_compiled_or_not(loss: Any, outputs: int, compiled: bool) -> None:
    X, y = [[k / 10.0] for k in range(20)], [k // 8 for k in range(20)]  # noqa: N806
    model = nn.MLP(1, [4, outputs], "tanh", seed=0)
    history = nn.fit(model, X * 8, y * 8, loss, "adam", epochs=20, lr=0.02, seed=0, compiled=compiled, progress=False)
    assert history.loss[-1] < history.loss[0]


def test_a_loss_that_does_not_fit_the_models_outputs_says_so_before_training() -> None:
    with pytest.raises(ValueError, match="gaussian_nll: the prediction is one number, .* a layer with 2 outputs"):
        nn.fit(nn.MLP(1, [1]), [[1.0]], [1.0], "gaussian_nll")
    with pytest.raises(ValueError, match="poisson_nll takes targets from 0 on, but y.1. is -1.0"):
        nn.fit(nn.MLP(1, [1]), [[1.0], [2.0]], [1.0, -1.0], "poisson_nll")
    with pytest.raises(ValueError, match="huber: the prediction is a list of 2, the target one number"):
        nn.fit(nn.MLP(1, [2]), [[1.0]], [1.0], "huber")


@pytest.mark.parametrize("loss", [nn.cross_entropy, nn.binary_cross_entropy_with_logits, nn.hinge])
def test_an_array_of_labels_is_refused_as_a_list_of_them_is(loss: Any) -> None:
    for labels in ([1, 0], np.array([1, 0])):
        with pytest.raises(ValueError, match=r"as target, but the target is \[1, 0\]; give each row one label"):
            loss([Value(1.0), Value(2.0)], labels)
