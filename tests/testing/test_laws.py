"""Laws that hold for any graph: reverse mode is forward mode, derivatives are linear, products and chains behave."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value
from autograd.backward import gradients
from autograd.graph import topological_order
from autograd.testing import GradientError, check_gradients
from autograd.testing.expressions import Expression, Step
from autograd.testing.rounding import extreme, magnitudes, out_of_range
from autograd.testing.strategies import expressions, points_of
from autograd.transforms.forward import push_forward
from nn.testing import mlps
from tests.support import bits

EPS = sys.float_info.epsilon


def same_order(root: Value, leaf: Value) -> bool:
    """Whether both modes multiply the same numbers in the same order: two operations at most, on a single path."""
    order = topological_order(root)
    uses = Counter(parent for node in order for parent in node.parents)
    return leaf in uses and max(uses.values()) == 1 and sum(bool(node.parents) for node in order) <= 2


def agree(f: Any, point: tuple[float, ...]) -> int:
    """Compare both modes by every variable; how many were equal because their order of operations is the same."""
    leaves = [Value(x) for x in point]
    root = f(*leaves)
    reverse, weights = gradients(root, 1.0), magnitudes(root)
    if out_of_range(weights) or extreme(root):
        return 0
    exact, tolerance = 0, max(1e-13, EPS * len(weights))
    for leaf in leaves:
        forward, terms = push_forward(root, {leaf: 1.0}), weights.get(leaf, 0.0)
        if terms < float("inf"):
            assert abs(reverse.get(leaf, 0.0) - forward) <= tolerance * terms
        if same_order(root, leaf):
            assert bits(reverse[leaf]) == bits(forward)
            exact += 1
    return exact


def reverse_is_forward(examples: int) -> int:
    """On random graphs at random points; how many derivatives were compared to the last bit."""
    exact = 0

    @settings(
        max_examples=examples,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        nonlocal exact
        f = data.draw(expressions())
        exact += agree(f, data.draw(points_of(f)))

    compare()
    return exact


def test_reverse_is_forward_on_500_graphs() -> None:
    assert reverse_is_forward(500) > 20


@pytest.mark.long
def test_reverse_is_forward_on_ten_thousand_graphs() -> None:
    assert reverse_is_forward(10_000) > 400


@pytest.mark.parametrize("depth", [1, 10, 3000])
def test_reverse_is_forward_on_deep_graphs(depth: int) -> None:
    agree(Expression(("x", "y"), (Step("a", "sin", ("x",), depth), Step("b", "add", ("a", "y"), depth))), (0.3, 1e-5))


@settings(max_examples=15)
@given(mlps())
def test_reverse_is_forward_on_networks(problem: Any) -> None:
    root = problem.loss()
    reverse, weights = gradients(root, 1.0), magnitudes(root)
    for parameter in problem.model.parameters():
        assert abs(reverse[parameter] - push_forward(root, {parameter: 1.0})) <= 1e-13 * weights[parameter]


@settings(max_examples=10)
@given(mlps(max_layers=2, max_width=2, max_rows=2))
def test_gradients_of_networks_are_right(problem: Any) -> None:
    parameters = problem.model.parameters()

    def loss(numbers: list[Value]) -> Any:
        hidden = problem.model.layers
        values = dict(zip(parameters, numbers, strict=True))
        total: Any = 0.0
        for x, y in zip(problem.inputs, problem.targets, strict=True):
            row: Any = x
            for layer in hidden:
                row = [neuron_of(values, neuron, row) for neuron in layer.neurons]
            total = total + ag.sum([(a - b) ** 2 for a, b in zip(row, y, strict=True)])
        return total

    check_gradients(loss, [p.data for p in parameters])


def neuron_of(values: dict[Value, Value], neuron: Any, row: list[Any]) -> Any:
    return ag.tanh(ag.dot([values[w] for w in neuron.w], row) + values[neuron.b])


def no_false_alarm(examples: int, order: int) -> None:
    @settings(max_examples=examples, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def check(data: st.DataObject) -> None:
        f = data.draw(expressions(max_steps=8, max_times=3))
        check_gradients(f, *data.draw(points_of(f)), order=order)

    check()


def test_no_false_alarm_on_compositions() -> None:
    no_false_alarm(250, order=1)


EXTREME: list[tuple[Any, float]] = [
    (lambda x: 8.6e-153 / (0.7 / x), 8.6e-153),
    (lambda x: ag.cbrt(ag.hypot(x, x)) * x, -2.7e-197),
    (lambda x: ag.sinc(x / 4.45e-232), 4.45e-232),
    (lambda x: ag.log(ag.square(ag.log(ag.norm([x, x, x])))), 2.2250738585072014e-308),
]


@pytest.mark.parametrize(("f", "x"), EXTREME)
def test_no_false_alarm_where_products_leave_the_range_of_floats(f: Any, x: float) -> None:
    check_gradients(f, x, order=2)


@pytest.mark.long
def test_no_false_alarm_on_many_compositions() -> None:
    no_false_alarm(10_000, order=1)


# -- rules of the calculus -----------------------------------------------------------------------------------

NUMBER = st.floats(-2.0, 2.0)
FUNCTIONS = st.sampled_from([ag.sin, ag.exp, ag.tanh, ag.atan, ag.softplus, ag.gelu, ag.erf, ag.square, ag.sigmoid])


def close(a: float, b: float, size: float) -> bool:
    return abs(a - b) <= 1e-14 * (size + abs(a) + abs(b))


@given(FUNCTIONS, FUNCTIONS, NUMBER, NUMBER, NUMBER)
def test_derivatives_are_linear(f: Any, g: Any, a: float, b: float, x: float) -> None:
    df, dg = ag.grad(f)(x), ag.grad(g)(x)
    assert close(ag.grad(lambda x: a * f(x) + b * g(x))(x), a * df + b * dg, abs(a * df) + abs(b * dg))


@given(FUNCTIONS, FUNCTIONS, NUMBER)
@example(ag.sin, ag.sin, 0.0)
def test_the_product_rule(f: Any, g: Any, x: float) -> None:
    left, right = ag.grad(f)(x) * g(x), f(x) * ag.grad(g)(x)
    assert close(ag.grad(lambda x: f(x) * g(x))(x), left + right, abs(left) + abs(right))


@given(FUNCTIONS, FUNCTIONS, NUMBER)
def test_the_chain_rule(f: Any, g: Any, x: float) -> None:
    assert close(ag.grad(lambda x: f(g(x)))(x), ag.grad(f)(g(x)) * ag.grad(g)(x), 0.0)


INVERSES = [
    (ag.exp, ag.log),
    (ag.sinh, ag.asinh),
    (ag.tan, ag.atan),
    (ag.tanh, ag.atanh),
    (ag.square, ag.sqrt),
    (ag.expm1, ag.log1p),
]


@pytest.mark.parametrize(("f", "inverse"), INVERSES)
@given(st.floats(0.1, 1.5))
def test_the_derivative_of_the_inverse_is_the_inverse_of_the_derivative(f: Any, inverse: Any, x: float) -> None:
    assert ag.grad(f)(x) * ag.grad(inverse)(f(x)) == pytest.approx(1.0, rel=1e-13)


def test_one_broken_rule_in_a_random_graph_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd.rules.table import RULES

    monkeypatch.setattr(RULES["tanh"], "partials", lambda m, y, x: (m.square(m.sech(x)) * 1.0000001,))

    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def found(data: st.DataObject) -> None:
        f = data.draw(expressions(1, 4, 1).filter(lambda f: any(step.operation == "tanh" for step in f.steps)))
        point = data.draw(points_of(f))
        inputs = [node.parents[0].data for node in topological_order(f(*map(Value, point))) if node.op == "tanh"]
        assume(any(0.01 < abs(x) < 5.0 for x in inputs))
        with pytest.raises(GradientError, match="the rule to blame, at tanh"):
            check_gradients(f, *point)

    found()
