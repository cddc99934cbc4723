"""``Value``: a number among numbers, exact to the bit, and a node that knows its parents."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd as ag
from autograd import GraphCutWarning, Value
from autograd.graph import topological_order
from tests.support import bits, operations

INF, NAN = math.inf, math.nan
BINARY = [operator.add, operator.sub, operator.mul, operator.truediv]
floats = st.floats()  # nan, infinities, both zeros, subnormals

# -- arithmetic is Python's, to the bit ------------------------------------------------------------


def python_quotient(a: float, b: float) -> float:
    """a / b, and C's answer for a zero divisor."""
    if b == 0.0:
        return NAN if a == 0.0 or a != a else math.copysign(INF, a) * math.copysign(1.0, b)
    return a / b


@given(floats, floats)
@example(1e-310, 1e-310)
@example(1.0, -0.0)
@example(-0.0, 0.0)
@example(5e-324, 2.0)
@example(1.7976931348623157e308, 2.0)
def test_the_four_operations_have_pythons_bits(a: float, b: float) -> None:
    """Pitfalls 12 and 13: a·b⁻¹ is another number than a/b for one quotient in four."""
    expected = [a + b, a - b, a * b, python_quotient(a, b)]
    for operation, number in zip(BINARY, expected, strict=True):
        results = [operation(Value(a), Value(b)), operation(Value(a), b), operation(a, Value(b))]
        assert [bits(result.data) for result in results] == [bits(number)] * 3


@given(floats)
def test_sign_changes_have_pythons_bits(a: float) -> None:
    assert bits((-Value(a)).data) == bits(-a)
    assert bits(abs(Value(a)).data) == bits(abs(a))
    assert bits((+Value(a)).data) == bits(+a)


@given(floats, floats)
def test_quotient_and_remainder_have_pythons_bits(a: float, b: float) -> None:
    if b == 0.0:
        assert bits((Value(a) % b).data) == "nan"
        assert bits((Value(a) // b).data) == bits(python_quotient(a, b))
    else:
        assert bits((Value(a) % Value(b)).data) == bits((a % Value(b)).data) == bits(a % b)
        assert bits((Value(a) // Value(b)).data) == bits((a // Value(b)).data) == bits(a // b)


@given(floats, floats)
def test_powers_have_the_bits_of_math_pow_where_that_answers(a: float, b: float) -> None:
    """Pitfall 15: never complex, never an error."""
    result = (Value(a) ** b).data
    assert type(result) is float
    assert bits(result) == bits((Value(a) ** Value(b)).data) == bits((a ** Value(b)).data)
    try:
        assert bits(result) == bits(math.pow(a, b))
    except (OverflowError, ValueError):
        assert not math.isfinite(result)


@pytest.mark.parametrize("exponent", [2, 2.0, np.int64(2), np.float32(2), Fraction(2), Value(2.0)])
def test_every_kind_of_real_exponent_works(exponent: Any) -> None:
    """Pitfalls 15 and 36."""
    x = Value(3.0)
    y = x**exponent
    y.backward()
    assert (y.data, x.grad) == (9.0, 6.0)


def test_true_is_an_exponent_as_for_python_numbers() -> None:
    assert (Value(3.0) ** True).data == 3.0


def test_a_constant_to_a_variable_power_is_differentiated_by_the_power() -> None:
    """Pitfall 16: the derivative of 2ˣ is 2ˣ·log 2, not x·2ˣ⁻¹."""
    x = Value(3.0)
    (2.0**x).backward()
    assert x.grad == 8.0 * math.log(2.0)


@pytest.mark.parametrize(
    ("operation", "partials"),
    [
        (operator.add, (1.0, 1.0)),
        (operator.sub, (1.0, -1.0)),
        (operator.mul, (4.0, 3.0)),
        (operator.truediv, (0.25, -0.1875)),
        (operator.pow, (108.0, 81.0 * math.log(3.0))),
        (operator.mod, (1.0, -0.0)),
        (operator.floordiv, (0.0, 0.0)),
    ],
)
def test_each_operand_gets_its_own_derivative_from_either_side(operation: Callable[..., Any], partials: Any) -> None:
    """Pitfall 17: a sign error in the second operand of a difference, or in its reflected form."""
    a, b = Value(3.0), Value(4.0)
    operation(a, b).backward()
    left, right = Value(3.0), Value(4.0)
    operation(left, 4.0).backward()
    operation(3.0, right).backward()
    assert [bits(a.grad), bits(b.grad)] == [bits(left.grad), bits(right.grad)] == list(map(bits, partials))


@pytest.mark.parametrize(("operation", "dydx"), [(operator.add, 2.0), (operator.sub, 0.0), (operator.mul, 6.0)])
def test_a_node_used_twice_has_two_places_among_the_parents(operation: Callable[..., Any], dydx: float) -> None:
    """Pitfall 6: a + a, a − a, a·a."""
    a = Value(3.0)
    y = operation(a, a)
    y.backward()
    assert (y.parents, a.grad) == ((a, a), dydx)


def test_a_number_over_itself_has_derivative_zero() -> None:
    a = Value(3.0)
    (a / a).backward()
    assert abs(a.grad) < 1e-16


# -- the graph holds what was written, and no more -----------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "symbol"),
    [(operator.add, "+"), (operator.sub, "−"), (operator.mul, "×"), (operator.truediv, "÷"), (operator.pow, "**")],
)
def test_an_operation_on_two_nodes_is_three_nodes(operation: Callable[..., Any], symbol: str) -> None:
    """Pitfall 13: a − b spelled a + (b·−1) is five nodes, which a teacher must explain away."""
    y = operation(Value(3.0), Value(4.0))
    assert len(topological_order(y)) == 3
    assert y.op == symbol


def test_a_negated_node_is_two_nodes() -> None:
    assert len(topological_order(-Value(3.0))) == 2


def test_constants_are_operands_and_not_nodes() -> None:
    """Pitfall 14: literals pollute the graph."""
    x = Value(3.0)
    y = 2.0 * x + 1
    assert len(topological_order(y)) == 3
    assert y.operands[1] == 1.0
    assert y.parents == (y.operands[0],)


def test_a_builtin_sum_of_n_values_has_n_minus_1_additions() -> None:
    """Pitfall 14: sum() starts at the int 0."""
    values = [Value(float(i)) for i in range(10)]
    total: Any = sum(values)
    assert (total.data, operations(total)) == (45.0, ["+"] * 9)


def test_autograds_sum_of_n_values_is_one_node() -> None:
    values = [Value(float(i)) for i in range(10)]
    assert ag.sum(values).parents == tuple(values)


def test_parents_keep_their_order() -> None:
    """Pitfall 10: parents in a set."""
    a, b = Value(1.0), Value(2.0)
    assert ((a - b).parents, (b - a).parents) == ((a, b), (b, a))
    assert [id(p) for p in (a - b).parents] == [id(a), id(b)]


def test_local_derivatives_belong_to_each_node_alone() -> None:
    """Pitfall 40: closures made in a loop that all see its last round."""
    x = Value(1.0)
    nodes = [x * float(i) for i in range(5)] + [x ** float(i) for i in range(1, 4)]
    assert [node.local_derivatives[0] for node in nodes] == [0.0, 1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0]


def test_adding_in_place_binds_a_new_node() -> None:
    """Pitfall 39: b += 1 must leave a alone, in loops too."""
    a = Value(2.0)
    b = a
    b += 1
    for _ in range(3):
        b *= a
    b.backward()
    assert (a.data, b.data, a.grad) == (2.0, 24.0, 8.0 + 3 * 12.0)


# -- what may be a number ----------------------------------------------------------------------------

NUMBERS = [
    (2, 2.0),
    (2.5, 2.5),
    (-0.0, -0.0),
    (10**400, INF),
    (-(10**400), -INF),
    (Fraction(1, 3), 1 / 3),
    (Fraction(10**400), INF),
    (Decimal("0.1"), 0.1),
    (np.float64(0.1), 0.1),
    (np.float32(0.5), 0.5),
    (np.int64(7), 7.0),
    (np.array(3.0), 3.0),
    (np.array(3), 3.0),
]
READ, ONE_OF_TRUE, ONE = (
    "; float(text) reads it",
    "; float(x) makes 1.0 of True, where(condition, a, b) chooses",
    "; give one number at a time",
)
NOT_NUMBERS = [
    ("x", "str 'x'"),
    ("1.0", f"str '1.0'{READ}"),
    (True, f"bool True{ONE_OF_TRUE}"),
    (np.bool_(True), f"bool True{ONE_OF_TRUE}"),
    (1j, "complex 1j"),
    (np.complex128(1j), "complex 1j"),
    (None, "None"),
    ([1.0], f"list [1.0]{ONE}"),
    ((1.0,), f"tuple (1.0,){ONE}"),
    (object, "type <class 'object'>"),
]


@pytest.mark.parametrize(("given_as", "number"), NUMBERS, ids=lambda x: f"{type(x).__name__}-{str(x)[:8]}")
def test_real_numbers_of_every_type_become_floats(given_as: Any, number: float) -> None:
    """Pitfalls 36 and 37."""
    leaf = Value(given_as)
    assert type(leaf.data) is float
    assert bits(leaf.data) == bits(number)
    assert bits((Value(1.0) * given_as).data) == bits((given_as * Value(1.0)).data) == bits(number)
    assert bits(ag.relu(given_as)) == bits(ag.relu(number))
    leaf.data = given_as
    assert type(leaf.data) is float


@pytest.mark.parametrize(("thing", "described"), NOT_NUMBERS, ids=lambda x: str(x)[:12])
@pytest.mark.parametrize(
    ("operation", "where"),
    [
        (Value, "Value: data"),
        (lambda x: Value(1.0) + x, "+: the right operand"),
        (lambda x: x - Value(1.0), "−: the left operand"),
        (lambda x: ag.exp(x), "exp: argument 1"),
        (lambda x: ag.atan2(1.0, x), "atan2: argument 2"),
        (lambda x: ag.dot([Value(1.0)], [x]), "dot: argument 2"),
        (lambda x: ag.softmax([1.0, x]), "softmax: argument 2"),
        (lambda x: Value(1.0).leaky_relu(x), "leaky_relu: argument 2"),
        (lambda x: ag.where(True, x, 1.0), "where: the chosen side"),
        (lambda x: Value(1.0).backward(x), "backward: seed"),
        (lambda x: setattr(Value(1.0), "data", x), "Value.data"),
    ],
)
def test_anything_else_is_a_type_error_that_names_operation_argument_what_came_and_the_way_out(
    operation: Callable[[Any], Any], where: str, thing: Any, described: str
) -> None:
    """Pitfall 37."""
    with pytest.raises(TypeError) as caught:
        operation(thing)
    assert str(caught.value) == f"{where} must be a real number, got {described}"


@pytest.mark.parametrize("thing", [np.array([1.0]), np.zeros((2, 3))])
def test_an_array_is_a_type_error_that_names_its_shape(thing: Any) -> None:
    for operation in (Value, ag.exp, lambda x: ag.maximum(1.0, x)):
        with pytest.raises(TypeError, match=f"of shape \\({thing.shape[0]},.*; give one number at a time"):
            operation(thing)


def test_a_value_in_an_array_without_axes_is_that_value() -> None:
    v = Value(2.0)
    inside: Any = np.asarray(v)
    assert [y.parents for y in (ag.exp(inside), ag.mul(inside, 3.0), v * inside, inside * v)] == [(v,), (v,), (v, v), (v, v)]


@pytest.mark.parametrize("condition", [[True], (False,), np.array([True, False])], ids=repr)
def test_a_condition_is_one_bool(condition: Any) -> None:
    """A list is true because it isn't empty, whatever it holds."""
    with pytest.raises(TypeError, match="where: the condition must be one bool, got .*; choose element by element"):
        ag.where(condition, Value(1.0), 2.0)


@pytest.mark.parametrize("condition", [True, False, np.bool_(True), np.array(False), Value(2.0) > 1.0], ids=repr)
def test_a_condition_is_a_bool(condition: Any) -> None:
    assert ag.where(condition, 1.0, 2.0) == (1.0 if condition else 2.0)


@pytest.mark.parametrize(
    ("condition", "instead"),
    [
        (-2, "not c for ~c, which is -2 of a bool"),  # ~True
        (-1, "not c for ~c, which is -1 of a bool"),  # ~False, and as true
        *[(x, "a comparison, such as x != 0") for x in (1, 0.0, None, Value(0.0), "True", np.float64(1.0))],
    ],
    ids=repr,
)
def test_a_condition_that_is_no_bool_is_an_error_that_says_what_to_write(condition: Any, instead: str) -> None:
    with pytest.raises(TypeError, match=re.escape("where: the condition must be a bool, got ") + f".*; write {instead}"):
        ag.where(condition, Value(1.0), 2.0)


def test_a_value_of_a_value_is_a_type_error() -> None:
    """Pitfall 38."""
    with pytest.raises(TypeError, match="data is a Value already"):
        Value(Value(1.0))


def test_a_name_is_text() -> None:
    assert Value(1.0, "w").name == Value(1.0, name="w").name == "w"
    with pytest.raises(TypeError, match="name must be a str or None, got int 3"):
        Value(1.0, 3)  # type: ignore[arg-type]


def test_a_value_in_the_place_of_its_number_is_an_error_that_says_so() -> None:
    """As in p.data -= lr * p.grad, where the gradient has a graph."""
    p = Value(2.0)
    (p * p).backward(create_graph=True)
    with pytest.raises(TypeError, match=r"Value.data must be a real number, got Value\(1.6\); take its .data"):
        p.data -= 0.1 * p.grad


def test_gradients_are_floats_and_never_ints() -> None:
    """Pitfall 37: int data gives int gradients, which overflow nothing and round nothing."""
    x = Value(3)
    y = x * 2 + 1
    y.backward(1)
    assert {type(n) for n in (x.data, y.data, x.grad, y.grad)} == {float}


def test_a_leaf_may_be_set_and_an_interior_node_may_not() -> None:
    x = Value(2.0)
    y = x * x
    x.data = 5
    assert x.data == 5.0
    with pytest.raises(AttributeError, match="the data of a '×' node can't be set"):
        y.data = 1.0


def test_an_unknown_attribute_is_an_error() -> None:
    x = Value(1.0)
    with pytest.raises(AttributeError):
        x.gard = 0.0  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        _ = x.tnah  # type: ignore[attr-defined]


# -- a number among numbers --------------------------------------------------------------------------


@given(floats, floats)
def test_comparisons_compare_numbers(a: float, b: float) -> None:
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        assert compare(Value(a), Value(b)) is compare(Value(a), b) is compare(a, Value(b)) is compare(a, b)


def test_a_value_equals_nothing_that_is_no_number() -> None:
    assert Value(1.0) != "1.0"
    assert Value(1.0) != None  # noqa: E711
    assert not Value(1.0) == [1.0]  # noqa: SIM201


def test_hash_is_identity() -> None:
    """Pitfall 33: equality that kills hash, sets and dicts."""
    a, b = Value(1.0), Value(1.0)
    assert a == b
    assert hash(a) != hash(b)
    assert len({a, b}) == 2
    assert {a: "a", b: "b"}[a] == "a"
    assert a in [b]  # lists compare by ==


@pytest.mark.parametrize(("x", "truth"), [(0.0, False), (-0.0, False), (2.0, True), (NAN, True)])
def test_truth_follows_the_number(x: float, truth: bool) -> None:
    """Pitfall 34: bool(Value(0.0)) was True."""
    assert bool(Value(x)) is truth


def test_pythons_builtins_work() -> None:
    """Pitfall 35."""
    values = [Value(2.5), Value(-1.5), Value(3.0)]
    assert max(values) is values[2]
    assert min(values) is values[1]
    assert sorted(values) == [-1.5, 2.5, 3.0]
    total: Any = sum(values)
    assert total.data == 4.0
    assert (abs(values[1]).data, abs(values[1]).op) == (1.5, "|·|")
    assert (math.isclose(values[0], 2.5), math.isnan(Value(NAN))) == (True, True)
    with pytest.warns(GraphCutWarning):
        assert (float(values[0]), int(values[0]), int(values[1]), math.sqrt(Value(4.0))) == (2.5, 2, -1, 2.0)
    assert divmod(Value(7.0), 2.0) == divmod(7.0, Value(2.0)) == (3.0, 1.0)
    assert (math.floor(values[1]), math.ceil(values[1]), math.trunc(values[1])) == (-2.0, -1.0, -1.0)


@pytest.mark.parametrize(
    ("x", "digits", "rounded"), [(2.5, None, 2.0), (3.5, None, 4.0), (2.345, 2, 2.35), (1234.0, -2, 1200.0)]
)
def test_round_works_with_and_without_digits(x: float, digits: int | None, rounded: float) -> None:
    assert round(Value(x), digits).data == pytest.approx(rounded, rel=1e-15)


def test_repr_is_short_and_shows_number_name_and_gradient() -> None:
    x = Value(2.0, name="x")
    y = x * x
    assert (repr(x), repr(y)) == ("Value(2.0, name='x')", "Value(4.0)")
    y.backward()
    assert repr(x) == "Value(2.0, name='x', grad=4.0)"
    x.grad = 0
    assert repr(x) == "Value(2.0, name='x')"
    (x * 0.0).backward()
    assert repr(x) == "Value(2.0, name='x', grad=0.0)"


def test_format_takes_the_specifications_of_floats() -> None:
    assert f"{Value(3.14159):.2f} {Value(1e-5):g} {Value(2.0)}" == "3.14 1e-05 Value(2.0)"


def test_every_operation_on_one_number_is_a_method() -> None:
    for name in ("relu", "tanh", "exp", "log", "sigmoid", "gelu", "lgamma", "sqrt", "sin", "floor", "norm_cdf"):
        assert bits(getattr(Value(1.5), name)().data) == bits(getattr(ag, name)(1.5))


def test_methods_with_parameters_take_them() -> None:
    x = Value(-2.0)
    assert x.leaky_relu(0.5).data == -1.0
    assert x.elu(2.0).data == 2.0 * math.expm1(-2.0)
    assert x.celu(4.0).data == 4.0 * math.expm1(-0.5)
    assert x.clip(-1.0, 1.0).data == x.clip(low=-1.0, high=1.0).data == -1.0
    assert x.leaky_relu(parameter=0.5).data == x.leaky_relu(Value(0.5)).data == -1.0
