"""Losses: tables of values and derivatives, far tails, and targets that are none."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
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
    known = "binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, half_squared_error, hinge, mse"
    with pytest.raises(ValueError, match=f"unknown loss 'msee'; known are {known}$"):
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
