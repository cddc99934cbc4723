"""The chain rule as a person writes it: the texts' own examples, every path, and what it is held against."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd import StaleGraphError, Value, exp, gradient, maximum, primitive, sigmoid, sin
from autograd.graph import topological_order
from autograd.symbolic.explain import explain
from tests.support import bits, python


def neuron() -> tuple[Value, Value]:
    """One neuron by hand, S2."""
    w, x, b = Value(0.4, name="w"), Value(0.5, name="x"), Value(0.1, name="b")
    z = w * x + b
    z.name = "z"
    y = sigmoid(z)
    y.name = "y"
    loss = 0.5 * (y - 0.8) ** 2
    loss.name = "L"
    return loss, w


def network() -> tuple[Value, Value, Value]:
    """2-3-1 with sigmoid, S3: the cost, its weight w11 and its input x1."""
    x = [Value(1.0, name="x1"), Value(1.0, name="x2")]
    into = [[0.8, 0.2], [0.4, 0.9], [0.3, 0.5]]
    w = [[Value(v, name=f"w{i}{j}") for i, v in enumerate(row, 1)] for j, row in enumerate(into, 1)]
    h = [x[0] * row[0] + x[1] * row[1] for row in w]
    a = [sigmoid(z) for z in h]
    out = [Value(v, name=f"w3{i}") for i, v in enumerate([0.3, 0.5, 0.9], 1)]
    predicted = a[0] * out[0] + a[1] * out[1] + a[2] * out[2]
    cost = (Value(0.0, name="y") - predicted) ** 2
    for i in range(3):
        h[i].name, a[i].name = f"h1{i + 1}", f"a1{i + 1}"
    predicted.name, cost.name = "ŷ", "C"
    return cost, w[0][0], x[0]


def squarings(count: int) -> tuple[Value, Value]:
    """x multiplied by itself, and that again: 2 to the power ``count`` paths."""
    x = y = Value(1.0, name="x")
    for _ in range(count):
        y = y * y
    return y, x


def diamond() -> tuple[Value, Value]:
    """f = u·x with u = x·x: two ways from f to x."""
    x = Value(3.0, name="x")
    u = x * x
    u.name = "u"
    return u * x, x


# -- the texts' examples ---------------------------------------------------------------------------------


def test_one_neuron_has_the_three_factors_of_the_text() -> None:
    explanation = explain(*neuron())
    assert [(factor.name, factor.formula) for factor in explanation.factors] == [
        ("dL/dy", "y − 0.8"),
        ("dy/dz", "y·(1 − y)"),
        ("dz/dw", "x"),
    ]
    assert [round(factor, 4) for factor in explanation.factors] == [-0.2256, 0.2445, 0.5]


def test_one_neuron_reads_like_this() -> None:
    loss, w = neuron()
    loss.backward()
    assert str(explain(loss, w)) == (
        "dL/dw = dL/dy · dy/dz · dz/dw = (−0.2256) · 0.2445 · 0.5 = −0.02757\n"
        "  dL/dy = y − 0.8 = −0.2256\n"
        "  dy/dz = y·(1 − y) = 0.2445\n"
        "  dz/dw = x = 0.5\n"
        "where\n"
        "  L = 0.5·(y − 0.8)² = 0.02544\n"
        "  y = σ(z) = 0.5744\n"
        "  z = w·x + b = 0.3\n"
        "check\n"
        "  w.grad = −0.02757 is the same number\n"
        "  differences of L give −0.02757 ± 6e−14"
    )


def test_the_network_has_the_four_factors_of_the_text() -> None:
    cost, w11, _ = network()
    explanation = explain(cost, w11)
    assert explanation.path_count == 1
    assert [(factor.name, factor.formula) for factor in explanation.factors] == [
        ("dC/dŷ", "−2·(y − ŷ)"),
        ("dŷ/da11", "w31"),
        ("da11/dh11", "a11·(1 − a11)"),
        ("dh11/dw11", "x1"),
    ]


def test_the_product_of_the_factors_is_the_gradient_to_the_last_bit() -> None:
    """In the order of the backward pass, from the root on; the sums between have the derivative 1."""
    cost, w11, _ = network()
    cost.backward()
    explanation = explain(cost, w11)
    assert bits(math.prod(explanation.factors)) == bits(explanation.value) == bits(w11.grad)


def test_the_sum_inside_a_square_is_a_step_of_its_own() -> None:
    """S1: z = t², t = x + y."""
    x, y = Value(1.0, name="x"), Value(2.0, name="y")
    z = (x + y) ** 2
    z.name = "z"
    assert str(explain(z, x)).splitlines()[:3] == [
        "dz/dx = dz/dt1 · dt1/dx = 6 · 1 = 6",
        "  dz/dt1 = 2·t1 = 6",
        "  dt1/dx = 1",
    ]


# -- names -----------------------------------------------------------------------------------------------


def test_nodes_without_a_name_are_eliminated_between_those_with_one() -> None:
    x = Value(2.0, name="x")
    u = (3.0 * x + 1.0) ** 2
    u.name = "u"
    y = 5.0 * sin(u) + 1.0
    y.name = "y"
    assert [(f.name, f.formula) for f in explain(y, x).factors] == [("dy/du", "5·cos(u)"), ("du/dx", "6·(3·x + 1)")]


def test_paths_between_two_names_are_one_factor() -> None:
    x = Value(3.0, name="x")
    y = x * x * x + sin(x) * x
    y.name = "y"
    u = y * 1.0
    u.name = "u"
    (first, second) = explain(u, x).factors
    assert (first.name, first.formula) == ("du/dy", "1")
    assert (second.name, second.formula) == ("dy/dx", "sin(x) + x·cos(x) + 3·x²")
    assert second == gradient(y, x)


def test_where_hardly_any_node_is_named_all_but_terms_of_a_sum_get_names() -> None:
    w, x, b = Value(0.5, name="w"), Value(2.0, name="x"), Value(1.0, name="b")
    y = (w * x + b).tanh()
    assert [factor.name for factor in explain(y, w).factors] == ["df/dt1", "dt1/dw"]


def test_names_given_by_themselves_avoid_the_users() -> None:
    t1, f = Value(1.0, name="t1"), Value(2.0, name="f")
    y = (t1 * f).sin().exp()
    assert [factor.name for factor in explain(y, t1).factors] == ["df_2/dt3", "dt3/dt2", "dt2/dt1"]


def test_two_nodes_of_the_same_name_are_distinguished() -> None:
    a, b = Value(2.0, name="w"), Value(3.0, name="w")
    (factor,) = explain(a * b, b).factors
    assert (factor.name, factor.formula) == ("df/dw_2", "w")


def test_steps_show_every_edge() -> None:
    loss, w = neuron()
    factors = explain(loss, w, steps=True).factors
    assert [factor.formula for factor in factors] == ["0.5", "2·t2", "1", "y·(1 − y)", "1", "x"]
    assert all(factor.parent in factor.node.parents for factor in factors)


def test_steps_keep_the_two_edges_of_a_node_used_twice() -> None:
    x = Value(3.0, name="x")
    explanation = explain(x * x, x, steps=True)
    assert [[factor.name for factor in path] for path in explanation.paths] == [["∂f/∂x₍1₎"], ["∂f/∂x₍2₎"]]


# -- several paths ---------------------------------------------------------------------------------------


def test_every_path_has_a_line_and_then_their_sum() -> None:
    assert str(explain(*diamond())).splitlines()[:6] == [
        "df/dx = ∂f/∂u · du/dx + ∂f/∂x = 18 + 9 = 27",
        "  path 1: ∂f/∂u · du/dx = 3 · 6 = 18",
        "  path 2: ∂f/∂x = 9",
        "  ∂f/∂u = x = 3",
        "  du/dx = 2·x = 6",
        "  ∂f/∂x = u = 9",
    ]


def test_the_factors_are_those_of_the_largest_path() -> None:
    explanation = explain(*diamond())
    assert explanation.factors == explanation.paths[0] == (3.0, 6.0)
    assert [math.prod(path) for path in explanation.paths] == [18.0, 9.0]


def test_a_factor_is_partial_only_where_its_node_depends_on_wrt_in_several_ways() -> None:
    cost, _, x1 = network()
    names = {factor.name for path in explain(cost, x1).paths for factor in path}
    assert {"dC/dŷ", "∂ŷ/∂a11", "da11/dh11", "dh11/dx1"} < names


def test_of_many_paths_the_largest_are_written_and_the_sum_of_the_others() -> None:
    x = Value(0.5, name="x")
    y = sum((x**k for k in range(1, 9)), Value(0.0))
    for k, node in enumerate(n for n in topological_order(y) if n.op == "**"):
        node.name = f"p{k + 1}"
    explanation = explain(y, x, max_paths=3)
    exact = sorted((k * 0.5 ** (k - 1) for k in range(1, 9)), reverse=True)
    assert explanation.path_count == 8
    assert [math.prod(path) for path in explanation.paths] == exact[:3]
    assert explanation.rest == pytest.approx(sum(exact[3:]), rel=1e-15)
    assert f"the other 5 together: {sum(exact[3:]):.4g}" in str(explanation)


def test_sixty_squarings_have_two_to_the_sixty_paths() -> None:
    y, x = squarings(60)
    explanation = explain(y, x)
    assert (explanation.value, explanation.path_count, explanation.edge_path_count) == (2.0**60, 1, 2**60)
    assert list(explanation.factors) == [2.0] * 60
    assert "along 1 152 921 504 606 846 976 paths of single edges" in str(explanation)
    assert len(str(explanation)) < 2000


def test_sixty_squarings_edge_by_edge_are_counted_and_not_walked() -> None:
    y, x = squarings(60)
    explanation = explain(y, x, steps=True)
    assert explanation.path_count == 2**60
    assert explanation.rest == pytest.approx(2.0**60 - 5.0, rel=1e-14)
    assert "the other 1 152 921 504 606 846 971 together: 1.153e+18" in str(explanation)


def test_a_count_beyond_all_digits_is_written_in_powers_of_ten() -> None:
    y, x = squarings(16_000)
    explanation = explain(y, x, steps=True)
    assert explanation.path_count == 2**16_000
    assert "the sum over about 10^4816 paths" in str(explanation)


def test_a_long_chain_is_written_by_its_ends_without_recursion() -> None:
    code = """
from autograd import Value
from autograd.symbolic.explain import explain
x = y = Value(1.0, name="x")
for i in range(20_000):
    y = (y + 1e-5).sin()
text = str(explain(y, x))
print(len(text) < 2500, "… 19 994 more …" in text)
"""
    assert python(code) == "True True"


# -- what it is held against -----------------------------------------------------------------------------


def test_a_gradient_of_another_root_is_not_taken_for_this_one() -> None:
    x = Value(2.0, name="x")
    exp(x).backward()
    assert (
        explain(x**2, x).check[0]
        == "x.grad = 7.389 is another number: it comes from another root or seed, or has accumulated over several"
    )


def test_a_gradient_that_has_accumulated_is_written_as_a_multiple() -> None:
    x = Value(2.0, name="x")
    y = x**2
    y.backward()
    y.backward()
    assert explain(y, x).check[0].startswith("x.grad = 8 is 2 times as much: gradients accumulate")


def test_without_a_backward_pass_only_differences_are_compared() -> None:
    x = Value(2.0, name="x")
    (line,) = explain(x**2, x).check
    assert line.startswith("differences of f give 4 ± ")


def test_a_gradient_that_is_a_value_itself_is_compared() -> None:
    x = Value(2.0, name="x")
    y = x**3
    y.backward(create_graph=True)
    assert explain(y, x).check[0] == "x.grad = 12 is the same number"


def test_a_wrong_rule_is_seen_by_the_differences() -> None:
    double = primitive(lambda _y, _x: 3.0)(lambda x: 2.0 * x)
    x = Value(1.0, name="x")
    (line,) = explain(double(x), x).check
    assert line.startswith("differences of f give 2 ± ")
    assert line.endswith(", which is another number")


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda x: abs(x), "f has a kink here, with the derivative −1 from the left and 1 from the right"),
        (lambda x: x.floor(), "differences can't tell: f jumps here"),
        (lambda x: x.sqrt(), "differences can't tell: f has no finite values on one side"),
    ],
)
def test_where_there_is_no_derivative_differences_say_why(make: Callable[[Value], Value], text: str) -> None:
    x = Value(0.0, name="x")
    assert explain(make(x), x).check == (text,)


def test_at_a_kink_the_number_stands_alone_where_the_formula_does_not_hold() -> None:
    x, y = Value(1.0, name="x"), Value(1.0, name="y")
    (factor,) = explain(maximum(x, y), x).factors
    assert (factor.value, factor.formula) == (0.5, "0.5")
    (factor,) = explain(maximum(x, y - 1.0), x).factors
    assert (factor.value, factor.formula) == (1.0, "[x > y − 1]")


def test_an_explanation_keeps_what_it_said_when_the_graph_changes() -> None:
    loss, w = neuron()
    loss.backward()
    explanation, before = explain(loss, w), str(explain(loss, w))
    w.data, w.grad = 7.0, None
    after = str(explanation)
    assert after.splitlines()[:-1] == before.splitlines()[:-1]
    assert after.splitlines()[-1] == "  no differences taken: a leaf has been set since"


# -- users' operations -----------------------------------------------------------------------------------


def test_a_primitive_is_written_by_the_derivatives_it_was_given() -> None:
    cube = primitive(lambda y, x: 3.0 * y / x, name="cube")(lambda x: x**3)
    x = Value(2.0, name="x")
    y = cube(x)
    y.name = "y"
    (factor,) = explain(y, x).factors
    assert (factor.formula, factor.value) == ("3·y/x", 12.0)


def test_a_primitive_whose_derivative_takes_floats_only_is_written_as_a_number() -> None:
    def partial(_: Any, x: Any) -> Any:
        if not isinstance(x, float):
            raise TypeError("floats only")
        return 2.0

    twice = primitive(partial)(lambda x: 2.0 * x)
    x = Value(2.0, name="x")
    (factor,) = explain(twice(x), x).factors
    assert (factor.formula, factor.value) == ("2", 2.0)


# -- shape and arguments ---------------------------------------------------------------------------------


def test_a_factor_is_a_float_that_knows_where_it_belongs() -> None:
    loss, w = neuron()
    first = explain(loss, w).factors[0]
    assert isinstance(first, float)
    assert (first.node, first.value, first.parent.name, first.latex) == (loss, float(first), "y", "y - 0.8")


def test_the_root_by_itself_is_1() -> None:
    x = Value(3.0, name="x")
    explanation = explain(x, x)
    assert (str(explanation), explanation.factors, explanation.value) == ("dx/dx = 1", (), 1.0)


def test_a_node_in_the_middle_may_be_what_it_is_derived_by() -> None:
    loss, _ = neuron()
    z = next(node for node in topological_order(loss) if node.name == "z")
    assert [factor.name for factor in explain(loss, z).factors] == ["dL/dy", "dy/dz"]


def test_infinite_and_undefined_derivatives_are_written() -> None:
    x = Value(0.0, name="x")
    assert str(explain(x.log(), x)).startswith("df/dx = 1/x = inf\n")
    assert str(explain((x - 1.0).log(), x)).startswith("df/dx = df/dt1 · dt1/dx = nan · 1 = nan\n")


@pytest.mark.parametrize(
    ("root", "wrt", "error", "message"),
    [
        (3.0, Value(1.0), TypeError, "root must be a Value, got float 3.0"),
        (Value(1.0), "w", TypeError, "wrt must be a Value, got str 'w'"),
        (Value(1.0) + 1, Value(2.0, name="w"), ValueError, r"root doesn't depend on wrt = Value\(2.0, name='w'\)"),
    ],
)
def test_arguments_without_sense_are_refused(root: Any, wrt: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"explain: {message}"):
        explain(root, wrt)


@pytest.mark.parametrize("most", [0, True, 1.5, "2"])
def test_max_paths_is_a_whole_number(most: Any) -> None:
    with pytest.raises(ValueError, match="max_paths must be an int of at least 1"):
        explain(*diamond(), max_paths=most)


def test_a_graph_whose_leaf_was_set_is_refused() -> None:
    x = Value(2.0, name="x")
    y = x * x
    x.data = 3.0
    with pytest.raises(StaleGraphError, match="'x' was set"):
        explain(y, x)


def test_a_drawing_room_knows_the_tools_for_tests_only_when_it_needs_them() -> None:
    code = "import sys, autograd.symbolic.explain; print('autograd.testing' in sys.modules)"
    assert python(code) == "False"
