"""The worked examples of three textbook chapters, to full precision: apples, one neuron, a 2-3-1 network.

The exact numbers are computed beside each example by mpmath, from the formulas and not by the engine.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import Value


def exact(x: float) -> Any:
    return mpf(repr(x))  # 0.1 is meant as a tenth


def sigma(z: Any) -> Any:
    return 1 / (1 + mp.exp(-z))


# -- two apples ----------------------------------------------------------------------------------------


def test_two_apples_with_the_numbers_as_variables() -> None:
    """Bare × nodes: 100 → 200 → 220; back 1, 1.1, 2.2, 110, 200."""
    price, count, tax = Value(100.0, "apple"), Value(2.0, "number"), Value(1.1, "tax")
    apples = price * count
    total = apples * tax
    total.backward()
    assert (apples.data, total.data) == (200.0, 100.0 * 2.0 * 1.1)
    assert total.data == pytest.approx(220.0, rel=1e-15)
    assert (total.grad, apples.grad, price.grad, count.grad) == (1.0, 1.1, 2.2, 110.00000000000001)
    assert tax.grad == 200.0
    assert (total.op, total.parents, apples.parents) == ("×", (apples, tax), (price, count))


def test_two_apples_with_times_2_and_times_1_1_as_whole_nodes() -> None:
    price = Value(100.0, "apple")
    apples = price * 2
    total = apples * 1.1
    total.backward()
    assert (apples.data, total.grad, apples.grad, price.grad) == (200.0, 1.0, 1.1, 2.2)
    assert (total.parents, total.operands) == ((apples,), (apples, 1.1))


def test_a_node_needs_only_what_stands_at_its_own_inputs() -> None:
    """Local calculation: the derivatives at a node are the same wherever its inputs came from."""
    simple = Value(4000.0) + Value(200.0)
    roundabout = Value(10.0) * Value(400.0) + ag.exp(Value(200.0).log())
    assert simple.local_derivatives == roundabout.local_derivatives == (1.0, 1.0)


def test_the_chain_rule_on_a_square_of_a_sum() -> None:
    """z = (x + y)²: ∂z/∂t = 2t, ∂z/∂x = 2t·1."""
    x, y = Value(3.0), Value(4.0)
    t = x + y
    z = t**2
    z.backward()
    assert (z.data, z.grad, t.grad, x.grad, y.grad) == (49.0, 1.0, 14.0, 14.0, 14.0)
    assert (z.local_derivatives[0], t.local_derivatives) == (14.0, (1.0, 1.0))


def test_nudging_costs_a_forward_pass_a_parameter_and_backpropagation_one_backward_pass() -> None:
    """The motive for backpropagation, counted in evaluations of f."""
    calls = 0

    def f(xs: list[Any]) -> Any:
        nonlocal calls
        calls += 1
        return ag.sum([x * x for x in xs])

    point = [float(i) for i in range(20)]
    h = 2.0**-20
    start = f(point)
    nudged = [(f([*point[:i], x + h, *point[i + 1 :]]) - start) / h for i, x in enumerate(point)]
    assert calls == 21
    leaves = list(map(Value, point))
    f(leaves).backward()
    assert calls == 22
    assert [leaf.grad for leaf in leaves] == [2.0 * x for x in point]
    assert nudged == pytest.approx([leaf.grad for leaf in leaves], abs=1e-5)


# -- one neuron by hand ----------------------------------------------------------------------------------


def test_one_neuron_by_hand() -> None:
    """z = 0.3, y ≈ 0.574, L ≈ 0.025, dL/dy ≈ −0.226, dy/dz ≈ 0.244, dz/dw = 0.5, dL/dw ≈ −0.027, w → 0.40027."""
    x, w, b, target, rate = 0.5, Value(0.4, "w"), Value(0.1, "b"), 0.8, 0.01
    z = w * x + b
    y = z.sigmoid()
    loss = (y - target) ** 2 / 2
    loss.backward()

    with mp.workdps(50):
        exact_z = exact(0.4) * exact(0.5) + exact(0.1)
        exact_y = sigma(exact_z)
        error = exact_y - exact(0.8)
        dydx = exact_y * (1 - exact_y)
        numbers = [exact_z, exact_y, error**2 / 2, error, dydx, error * dydx * exact(0.5), error * dydx]
        updated = exact(0.4) - exact(0.01) * error * dydx * exact(0.5)
    ours = [z.data, y.data, loss.data, y.grad, y.local_derivatives[0], w.grad, b.grad]
    assert ours == pytest.approx(list(map(float, numbers)), rel=1e-15)
    assert z.local_derivatives == (1.0, 1.0)
    assert z.parents[0].local_derivatives[0] == 0.5
    assert w.data - rate * w.grad == pytest.approx(float(updated), rel=1e-15)

    rounded = (0.3, 0.574, 0.025, -0.226, 0.244, -0.027)
    assert [z.data, y.data, loss.data, y.grad, y.local_derivatives[0], w.grad] == pytest.approx(rounded, abs=7e-4)
    assert round(w.data - rate * w.grad, 4) == 0.4003
    assert f"{y.data:.15f} {w.grad:.15f}" == "0.574442516811659 -0.027569700764718"


def layers(activation: Any, factor: float, depth: int = 100) -> list[float]:
    """The gradients of a chain of layers, one number each, from the first to the last."""
    nodes = [Value(0.5)]
    for _ in range(depth):
        nodes.append(activation(nodes[-1] * factor))
    nodes[-1].backward()
    return [node.grad for node in nodes]


def test_over_100_layers_factors_above_1_explode_and_sigmoids_vanish() -> None:
    exploding = layers(lambda x: x, 1.5)
    assert exploding[0] == pytest.approx(1.5**100, rel=1e-13)
    vanishing = layers(Value.sigmoid, 1.0)
    assert 0.0 < vanishing[0] < 0.25**99
    assert all(0.0 < low <= high / 4 for low, high in pairwise(vanishing))


# -- the 2-3-1 network -------------------------------------------------------------------------------------

HIDDEN = {"w11": 0.8, "w21": 0.2, "w12": 0.4, "w22": 0.9, "w13": 0.3, "w23": 0.5}
OUTPUT = {"w31": 0.3, "w32": 0.5, "w33": 0.9}


def network(weights: dict[str, Any], x1: float = 1.0, x2: float = 1.0) -> tuple[Any, Any, list[Any], list[Any]]:
    """Squared error, prediction, activations and pre-activations at y_true = 0, without biases."""
    h = [x1 * weights[f"w1{j}"] + x2 * weights[f"w2{j}"] for j in (1, 2, 3)]
    a = [ag.sigmoid(x) for x in h]
    prediction = ag.sum([weights[f"w3{j}"] * a[j - 1] for j in (1, 2, 3)])
    return (0.0 - prediction) ** 2, prediction, a, h


def test_the_hidden_layer_and_the_prediction() -> None:
    cost, prediction, a, h = network({**HIDDEN, **OUTPUT})
    with mp.workdps(50):
        activations = [sigma(exact(z)) for z in (1.0, 1.3, 0.8)]
        expected = mp.fsum(exact(w) * s for w, s in zip(OUTPUT.values(), activations, strict=True))
    assert h == pytest.approx([1.0, 1.3, 0.8], rel=1e-15)
    assert a == pytest.approx(list(map(float, activations)), rel=1e-15)
    assert prediction == pytest.approx(float(expected), rel=1e-15)
    assert f"{prediction:.4f}" == "1.2332"
    assert [round(s, 2) for s in a] == [0.73, 0.79, 0.69]
    assert pytest.approx(1.235, rel=1e-15) == 0.3 * 0.73 + 0.5 * 0.79 + 0.9 * 0.69
    assert cost == prediction**2


def test_the_gradient_of_w11_is_four_factors_along_one_path() -> None:
    """dC/dw11 = −2(y − ŷ) · w31 · a11(1 − a11) · x1."""
    weights = {name: Value(w, name) for name, w in {**HIDDEN, **OUTPUT}.items()}
    cost, prediction, a, h = network(weights)
    cost.backward()
    with mp.workdps(50):
        s = [sigma(exact(z)) for z in (1.0, 1.3, 0.8)]
        outer = -2 * (0 - mp.fsum(exact(w) * x for w, x in zip(OUTPUT.values(), s, strict=True)))
        factors = [outer, exact(0.3), s[0] * (1 - s[0]), mpf(1)]
        w11 = mp.fprod(factors)
    assert prediction.grad == pytest.approx(float(factors[0]), rel=1e-15)
    term = prediction.parents[0]
    assert term.local_derivatives[1] == 0.3
    assert a[0].local_derivatives[0] == pytest.approx(float(factors[2]), rel=1e-15)
    assert h[0].parents[0].local_derivatives[1] == 1.0
    assert weights["w11"].grad == pytest.approx(float(w11), rel=2e-15)


def test_every_weight_of_the_network_has_the_gradient_of_the_formula() -> None:
    weights = {name: Value(w, name) for name, w in {**HIDDEN, **OUTPUT}.items()}
    network(weights)[0].backward()
    with mp.workdps(50):
        s = dict(zip("123", (sigma(exact(z)) for z in (1.0, 1.3, 0.8)), strict=True))
        outer = 2 * mp.fsum(exact(OUTPUT[f"w3{j}"]) * s[j] for j in "123")
        expected = {f"w3{j}": float(outer * s[j]) for j in "123"}
        for name in HIDDEN:
            j = name[2]
            expected[name] = float(outer * exact(OUTPUT[f"w3{j}"]) * s[j] * (1 - s[j]))
    assert {name: w.grad for name, w in weights.items()} == pytest.approx(expected, rel=2e-15)


def test_nudging_every_weight_by_0_0001_gives_the_same_new_weights() -> None:
    """Gradient = (new cost − old cost) / 0.0001, one whole forward pass a weight."""
    start = {**HIDDEN, **OUTPUT}
    rate, nudge = 0.1, 0.0001
    cost = network(start)[0]
    nudged = {name: w - rate * (network({**start, name: w + nudge})[0] - cost) / nudge for name, w in start.items()}
    leaves = {name: Value(w, name) for name, w in start.items()}
    network(leaves)[0].backward()
    by_the_chain_rule = {name: w.data - rate * w.grad for name, w in leaves.items()}
    assert nudged == pytest.approx(by_the_chain_rule, abs=1e-4)
    assert nudged != by_the_chain_rule
    new_cost = network(by_the_chain_rule)[0]
    assert new_cost < cost
