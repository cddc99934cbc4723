"""``primitive``: an operation of the user's own is a citizen like those of the rule table."""

from __future__ import annotations

import copy
import functools
import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import autograd as ag
from autograd import AnomalyError, Value, detect_anomaly, no_grad, primitive
from autograd.rules.table import FLOATS, RULES
from tests.support import bits, number, operations


@primitive(lambda y, x: ag.exp(x) * (x + 1.0))
def lambert(x: float) -> float:
    """x·eˣ."""
    return x * math.exp(x)


@primitive(lambda y, a, b: (2.0 * a * b, a * a))
def area(a: float, b: float) -> float:
    return a * a * b


@primitive(lambda y, a, b, c: (b * c, a * c, a * b))
def volume(a: float, b: float, c: float) -> float:
    return a * b * c


@primitive(lambda y, *xs: [4.0 * x**3 for x in xs])
def quartic(*xs: float) -> float:
    return math.fsum(x**4 for x in xs)


@primitive(lambda y, x: y, name='eˣ "quoted" <b>')
def exponential(x: float) -> float:
    return math.exp(x)


HANDMADE: list[tuple[Any, Callable[..., Any], list[float]]] = [
    (lambert, lambda x: x * ag.exp(x), [0.75]),
    (area, lambda a, b: a * a * b, [1.5, -2.0]),
    (volume, lambda a, b, c: a * b * c, [1.5, -2.0, 0.3]),
    (quartic, lambda *xs: ag.sum([x**4 for x in xs]), [1.5, -2.0, 0.3, 0.7, 1.0]),
    (quartic, lambda x: x**4, [1.5]),
    (exponential, ag.exp, [0.75]),
]
each = pytest.mark.parametrize(("operation", "built_in", "point"), HANDMADE)


def close(actual: Any, expected: Any) -> bool:
    return bool(actual == pytest.approx(expected, rel=1e-14, abs=1e-15))


# -- a citizen ---------------------------------------------------------------------------------------


@each
def test_numbers_in_are_a_number_out(operation: Any, built_in: Any, point: list[float]) -> None:
    assert type(operation(*point)) is float
    assert close(operation(*point), built_in(*point))


@each
def test_one_node_is_recorded_with_all_its_parents(operation: Any, built_in: Any, point: list[float]) -> None:
    leaves = list(map(Value, point))
    y = operation(*leaves)
    assert (y.parents, operations(y)) == (tuple(leaves), [operation.rule.name])
    assert bits(y.data) == bits(operation(*point))


@each
def test_the_gradient_is_the_built_in_one(operation: Any, built_in: Any, point: list[float]) -> None:
    by_all = tuple(range(len(point)))
    assert close(ag.grad(operation, by_all)(*point), ag.grad(built_in, by_all)(*point))
    leaves = list(map(Value, point))
    operation(*leaves).backward()
    assert tuple(leaf.grad for leaf in leaves) == ag.grad(operation, by_all)(*point)


@each
def test_forward_mode_knows_it(operation: Any, built_in: Any, point: list[float]) -> None:
    tangents = [0.5 + i for i in range(len(point))]
    actual, expected = (ag.jvp(f, point, tangents) for f in (operation, built_in))
    assert close(list(actual), list(expected))


@each
def test_the_hessian_is_the_built_in_one(operation: Any, built_in: Any, point: list[float]) -> None:
    actual, expected = (ag.hessian(lambda xs, f=f: f(*xs) * f(*xs))(point) for f in (operation, built_in))
    assert all(map(close, actual, expected))
    v = [1.0, -1.0, 0.5, 2.0, 0.0][: len(point)]
    assert close(*(ag.hvp(lambda xs, f=f: f(*xs))(point, v) for f in (operation, built_in)))


@each
def test_third_derivatives_are_the_built_in_ones(operation: Any, built_in: Any, point: list[float]) -> None:
    actual, expected = (ag.derivative(lambda t, f=f: f(*[t + x for x in point]), 0.0, 3) for f in (operation, built_in))
    assert close(actual, expected)


def test_operands_may_be_numbers_and_values_in_any_place() -> None:
    x = Value(3.0)
    y = area(x, 2.0) + area(2, x) + volume(1, x, 2.5)
    y.backward()
    assert (y.data, x.grad) == (18.0 + 12.0 + 7.5, 12.0 + 4.0 + 2.5)


def test_the_same_operand_in_every_place_gets_the_sum() -> None:
    assert ag.grad(lambda x: volume(x, x, x))(2.0) == 12.0
    assert ag.grad(lambda x: quartic(x, x))(2.0) == 64.0


def test_any_number_of_operands_may_be_none() -> None:
    assert quartic() == 0.0


def test_primitives_call_each_other_through_graphs() -> None:
    nested = lambda x: area(lambert(x), quartic(x, 1.0))  # noqa: E731
    plain = lambda x: (x * ag.exp(x)) ** 2 * (x**4 + 1.0)  # noqa: E731
    for n in (1, 2, 3):
        assert ag.derivative(nested, 0.5, n) == pytest.approx(ag.derivative(plain, 0.5, n), rel=1e-13)


def test_without_grad_nothing_is_recorded() -> None:
    with no_grad():
        assert area(Value(2.0), 3.0).parents == ()


def test_an_anomaly_is_told_by_its_name() -> None:
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"area\(q = 1e\+200, 1\.0\) is inf"):
        area(Value(1e200, "q"), Value(1.0))


def test_a_function_of_another_kind_can_be_the_value() -> None:
    """Builtins without a signature, partial functions, functions with defaults and keywords of their own."""
    length = primitive(lambda y, *xs: tuple(x / y for x in xs))(math.hypot)
    assert ag.grad(length, (0, 1))(3.0, 4.0) == (0.6, 0.8)
    square = primitive(lambda y, x: 2.0 * x, name="square of")(functools.partial(lambda p, x: x**p, 2))
    assert (ag.grad(square)(3.0), square(Value(3.0)).op) == (6.0, "square of")

    def scaled(x: float, *, by: float = 2.0) -> float:
        return by * x

    assert ag.grad(primitive(lambda y, x: 2.0)(scaled))(3.0) == 2.0


def test_a_primitive_of_a_primitive_has_the_derivatives_given_last() -> None:
    """Straight through: the value of one, another's derivative."""
    straight = primitive(lambda y, x: 1.0, name="straight")(primitive(lambda y, x: 0.0, name="steps")(math.floor))
    assert (straight(2.5), ag.grad(straight)(2.5), straight(Value(2.5)).op) == (2.0, 1.0, "straight")


def test_a_primitive_in_a_class_is_no_method() -> None:
    class Shapes:
        area = area

    assert Shapes.area(Value(2.0), 3.0) == Shapes().area(2.0, Value(3.0)) == 12.0


def test_the_engine_stays_as_it_was() -> None:
    before = set(dir(Value)), set(RULES), set(vars(FLOATS))
    primitive(lambda y, x: 1.0, name="tanh")(lambda x: x)
    assert (set(dir(Value)), set(RULES), set(vars(FLOATS))) == before
    assert not hasattr(Value, "area")
    assert ag.tanh(1.0) == Value(1.0).tanh().data == math.tanh(1.0)


# -- its name ------------------------------------------------------------------------------------------


def test_the_function_lends_its_name_and_docstring() -> None:
    assert (lambert.__name__, lambert.__doc__, repr(lambert)) == ("lambert", "x·eˣ.", "<primitive lambert>")


def test_a_name_given_is_the_one_that_is_shown() -> None:
    named = primitive(lambda y, x: 2.0 * x, name="my square")(lambda x: x * x)
    assert (named(Value(3.0)).op, named.rule.name, repr(named)) == ("my square", "my square", "<primitive my square>")


def test_a_drawing_shows_the_name() -> None:
    assert "area" in ag.draw(area(Value(2.0, "a"), Value(3.0, "b"))).dot
    text = ag.draw(exponential(Value(0.0))).dot
    assert "eˣ" in text
    assert '"quoted" <b>' not in text  # escaped: a name is text


# -- copies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_a_copied_graph_is_differentiated_by_itself_alone(duplicate: Any) -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    root = area(a, quartic(b, a, exponential(b))) + volume(a, b, 2.0)
    a2, b2, twin = duplicate((a, b, root))
    twin.backward()
    assert operations(twin) == operations(root)
    assert a.grad_or_none is None
    root.backward()
    assert [bits(a2.grad), bits(b2.grad)] == [bits(a.grad), bits(b.grad)]
    dydx = ag.gradient(twin, a2, create_graph=True)
    assert ag.gradient(dydx, a2) == ag.gradient(ag.gradient(root, a, create_graph=True), a)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_primitive_itself_is_not_copied(duplicate: Any) -> None:
    assert duplicate(area) is area
    assert duplicate(exponential) is exponential


def test_one_made_inside_a_function_is_copied_with_its_graph() -> None:
    local = primitive(lambda y, x: 2.0 * x, name="local")(lambda x: x * x)
    assert copy.deepcopy({"activation": local})["activation"] is local
    x, twin = copy.deepcopy((lambda leaf: (leaf, local(leaf)))(Value(3.0)))
    twin.backward()
    assert x.grad == 6.0


@pytest.mark.parametrize("make", [lambda: primitive(lambda y, x: ag.cos(x))(math.sin), lambda: primitive(max)(lambda x: x)])
def test_what_could_not_be_loaded_is_not_stored(make: Callable[[], Any]) -> None:
    """A pickle names the primitive by its module; one that isn't there would be lost only on loading."""
    operation = make()
    for thing in (operation, operation(Value(1.0))):
        with pytest.raises(pickle.PicklingError, match="module"):
            pickle.dumps(thing)


# -- bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("derivatives", [3.0, (1.0, 2.0), None, "x", Value(1.0)], ids=repr)
def test_derivatives_that_are_no_function_are_an_error_with_an_example(derivatives: Any) -> None:
    with pytest.raises(TypeError, match=r"derivatives must be a function \(y, \*operands\).* write @primitive\(lambda y, x"):
        primitive(derivatives)


def test_the_decorator_without_derivatives_is_an_error_with_an_example() -> None:
    @primitive
    def square(x: float) -> float:
        return x * x

    with pytest.raises(TypeError, match=r"primitive: .*write @primitive\(lambda y, x"):
        square(2.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("partials", [(), 1.0, (1.0,), [1.0, 2.0, 3.0]], ids=repr)
@pytest.mark.parametrize("take", [ag.grad, ag.hessian, ag.jacobian, lambda f: lambda x: ag.jvp(f, (x,), (1.0,))])
def test_a_wrong_count_of_derivatives_is_an_error_that_names_both_counts(take: Any, partials: Any) -> None:
    product = primitive(lambda y, a, b: partials, name="product")(lambda a, b: a * b)
    count = len(partials) if isinstance(partials, tuple | list) else 1
    with pytest.raises(
        ValueError, match=f"product: .* gave {count} for 2 operands; return a tuple with one local derivative"
    ):
        take(lambda x: product(x, x))(2.0)


def test_a_wrong_count_writes_no_gradient() -> None:
    x = Value(2.0)
    wrong = primitive(lambda y, x: (1.0, 1.0))(lambda x: x)
    y = wrong(x * x) * 2.0
    with pytest.raises(ValueError, match="gave 2 for 1"):
        y.backward()
    assert (x.grad_or_none, y.grad_or_none) == (None, None)


@pytest.mark.parametrize(
    ("result", "described"), [(None, "None"), (1j, "complex 1j"), (True, "bool True"), ("1", "str '1'"), ([1.0], "list")]
)
@pytest.mark.parametrize("operand", [2.0, Value(2.0)], ids=["number", "Value"])
def test_a_value_that_is_no_number_is_an_error(result: Any, described: str, operand: Any) -> None:
    with pytest.raises(TypeError, match=f"odd: the value it computes must be a real number, got {described}"):
        primitive(lambda y, x: 1.0, name="odd")(lambda x: result)(operand)


@pytest.mark.parametrize(("dydx", "described"), [(None, "None"), (1j, "complex 1j"), ("1", "str '1'")])
def test_a_derivative_that_is_no_number_is_an_error(dydx: Any, described: str) -> None:
    odd = primitive(lambda y, x: dydx, name="odd")(lambda x: x)
    for take in (ag.grad(odd), ag.hessian(odd), lambda x: ag.jvp(odd, (x,), (1.0,))):
        with pytest.raises(TypeError, match=f"odd: local derivative must be a real number, got {described}"):
            take(2.0)


@pytest.mark.parametrize("operands", [(), (1.0,), (1.0, 2.0, 3.0), (Value(1.0),)], ids=len)
def test_a_wrong_number_of_operands_is_an_error(operands: Any) -> None:
    with pytest.raises(TypeError, match=f"area: takes 2 arguments, got {len(operands)}"):
        area(*operands)


def test_keywords_are_an_error() -> None:
    with pytest.raises(TypeError, match="keyword argument"):
        area(a=1.0, b=2.0)  # type: ignore[call-overload]


@pytest.mark.parametrize("thing", ["x", None, True, [1.0]], ids=repr)
def test_operands_that_are_no_numbers_are_an_error(thing: Any) -> None:
    with pytest.raises(TypeError, match="area: argument 2 must be a real number"):
        area(1.0, thing)


def test_an_error_in_the_users_functions_comes_through() -> None:
    broken = primitive(lambda y, x: 1 // 0)(lambda x: x)
    with pytest.raises(ZeroDivisionError):
        ag.grad(broken)(1.0)
    assert ag.grad(lambda x: x * x)(3.0) == 6.0


@pytest.mark.parametrize(
    ("derivatives", "takes"),
    [
        (lambda y: 1.0, "1"),
        (lambda y, x: 1.0, "2"),
        (lambda y, a, b, c: (a, b), "4"),
        (lambda y, a, b, c, d=1.0: a, "4 to 5"),
    ],
)
def test_derivatives_that_cant_take_all_operands_are_an_error_where_they_are_given(derivatives: Any, takes: str) -> None:
    message = (
        f"^product: derivatives must take the value and each operand, 3 arguments, but takes {takes}; write lambda y, x"
    )
    with pytest.raises(TypeError, match=message):
        primitive(derivatives, name="product")(lambda a, b: a * b)


@pytest.mark.parametrize(
    "derivatives", [lambda *xs: xs[1:], lambda y, *xs: xs, lambda y, a, b, c=0.0: (b, a), lambda y, a, b=1.0: (b, a)]
)
def test_derivatives_may_take_more_than_they_must(derivatives: Any) -> None:
    primitive(derivatives)(lambda a, b: a * b)
    primitive(derivatives)(lambda a, b=1.0: a * b)
    primitive(derivatives)(lambda *xs: math.fsum(xs))


# -- derivatives by way of a float: they have none themselves ------------------------------------------------

sine = primitive(lambda y, x: math.cos(x), name="sine")(math.sin)
mixed = primitive(lambda y, x: 2.0 * x * math.exp(x * x), name="mixed")(lambda x: math.exp(x * x))
of_two = primitive(lambda y, a, b: (b, float(a)), name="of two")(lambda a, b: a * b)
CUT = r"its derivatives can't be differentiated again: .* float\(v\) .*; write .*autograd\.cos\(x\) instead of math\.cos"
TWICE: dict[str, Callable[[Any], Any]] = {
    "hessian": lambda f: ag.hessian(f)(0.5),
    "derivative": lambda f: ag.derivative(f, 0.5, 2),
    "grad of grad": lambda f: ag.grad(ag.grad(f))(0.5),
    "hvp": lambda f: ag.hvp(f)(0.5, 1.0),
    "jvp of grad": lambda f: ag.jvp(ag.grad(f), (0.5,), (1.0,)),
    "grad of jvp": lambda f: ag.grad(lambda x: ag.jvp(f, (x,), (1.0,))[1])(0.5),
    "gradient of a recorded one": lambda f: (lambda x: ag.gradient(ag.grad(f)(x), x))(Value(0.5)),
}


@pytest.mark.parametrize("operation", [sine, mixed, lambda x: of_two(x, x)], ids=["sine", "mixed", "of two"])
@pytest.mark.parametrize("take", TWICE.values(), ids=TWICE)
def test_a_second_derivative_by_way_of_a_float_is_an_error_and_not_0(take: Any, operation: Any) -> None:
    """math.cos takes a Value for its number: a constant, as far as the next derivative can see."""
    with pytest.raises(TypeError, match=CUT):
        take(operation)


def test_a_first_derivative_by_way_of_a_float_is_right_recorded_or_not() -> None:
    x = Value(0.5)
    for dydx in (
        ag.grad(sine)(0.5),
        ag.grad(sine)(x),
        ag.jvp(sine, (x,), (1.0,))[1],
        ag.gradient(sine(x), x, create_graph=True),
    ):
        assert number(dydx) == math.cos(0.5)
    sine(x).backward(create_graph=True)
    assert x.grad.data == math.cos(0.5)  # type: ignore[attr-defined]


def test_a_second_derivative_by_another_argument_needs_none_of_it() -> None:
    assert ag.hessian(lambda w: w * w * sine(Value(0.5)))(3.0) == 2.0 * math.sin(0.5)
    assert ag.hessian(lambda w: w * w * sine(0.5))(3.0) == 2.0 * math.sin(0.5)


@pytest.mark.parametrize(
    ("derivatives", "second"),
    [
        (lambda y, x: 3.0, 0.0),  # of a linear operation
        (lambda y, x: 1.0 if x > 0.0 else -1.0, 0.0),
        (lambda y, x: 2.0 * x if x == x and bool(x) else 0.0, 2.0),
        (lambda y, x: x * int(x + 2.0), 2.0),  # a step is flat
        (lambda y, x: x * math.floor(x + 2.0), 2.0),
    ],
)
def test_constants_comparisons_and_steps_have_second_derivatives(derivatives: Any, second: float) -> None:
    assert ag.hessian(primitive(derivatives)(lambda x: x))(0.5) == second


def test_a_float_taken_elsewhere_is_nobodys_business() -> None:
    """Within the derivative of one primitive another is called, with derivatives of its own."""
    outer = primitive(lambda y, x: ag.exp(x) + 0.0 * ag.grad(lambda t: t * t)(2.0))(math.exp)
    assert ag.hessian(outer)(0.5) == math.exp(0.5)
    with pytest.raises(ag.GraphCutError):
        ag.hessian(lambda x: ag.exp(x) * float(x) * outer(x))(0.5)
