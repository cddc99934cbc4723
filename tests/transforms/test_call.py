"""How functions are called to be differentiated: Values that are passed in, and what nobody can differentiate."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import GraphCutError, Value, derivative, grad, gradient, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.graph import topological_order
from autograd.testing import assert_derivative, check_gradients
from autograd.transforms.call import holds_value

# -- Values that are passed in, whether differentiated by or not -------------------------------------------


def f(x: Any, w: Any) -> Any:
    return w * w * x**3


TAKEN: dict[str, tuple[Callable[[Any, Any], Any], Callable[[float, float], float]]] = {
    "grad": (lambda x, w: grad(f)(x, w), lambda x, w: 3 * w * w * x * x),
    "value_and_grad": (lambda x, w: value_and_grad(f)(x, w)[1], lambda x, w: 3 * w * w * x * x),
    "its value": (lambda x, w: value_and_grad(f)(x, w)[0], lambda x, w: w * w * x**3),
    "jacobian": (lambda x, w: jacobian(lambda x, w: [f(x, w)])(x, w)[0], lambda x, w: 3 * w * w * x * x),
    "hessian": (lambda x, w: hessian(f)(x, w), lambda x, w: 6 * w * w * x),
    "by keyword": (lambda x, w: grad(f, "x")(x, w=w), lambda x, w: 3 * w * w * x * x),
    "in a list": (lambda x, p: grad(lambda x, p: f(x, p[0]["w"]))(x, [{"w": p}]), lambda x, w: 3 * w * w * x * x),
    "in an array": (lambda x, w: grad(lambda x, a: f(x, a[0]))(x, np.array([w, 1.0])), lambda x, w: 3 * w * w * x * x),
    "hvp's vector": (lambda x, w: hvp(lambda x: x**3)(x, w), lambda x, w: 6 * x * w),
    "vjp's weight": (lambda x, w: vjp(lambda x: x**3, x)[1](w)[0], lambda x, w: 3 * x * x * w),
    "jvp's tangent": (lambda x, w: jvp(lambda x: x**3, (x,), (w,))[1], lambda x, w: 3 * x * x * w),
}
each_way = pytest.mark.parametrize(("take", "expected"), TAKEN.values(), ids=TAKEN)
H = 1e-6


@each_way
def test_a_result_is_a_function_of_every_value_that_was_passed_in(take: Any, expected: Any) -> None:
    """Whether f is differentiated by it or not, and whether it is alone or beside plain numbers."""
    x, w = Value(2.0), Value(5.0)
    for args in ((x, w), (x, 5.0), (2.0, w)):
        result = take(*args)
        assert (type(result), result.data) == (Value, expected(2.0, 5.0))
        by_x = (expected(2.0 + H, 5.0) - expected(2.0 - H, 5.0)) / (2.0 * H)
        by_w = (expected(2.0, 5.0 + H) - expected(2.0, 5.0 - H)) / (2.0 * H)
        for argument, dydx in zip(args, (by_x, by_w), strict=True):
            if isinstance(argument, Value):
                assert gradient(result, argument) == pytest.approx(dydx, rel=1e-6)
                assert argument in topological_order(result)
                assert argument.grad_or_none is None


@each_way
def test_numbers_in_are_a_float_out(take: Any, expected: Any) -> None:
    assert (type(take(2.0, 5.0)), take(2.0, 5.0)) == (float, expected(2.0, 5.0))


@pytest.mark.parametrize(
    ("outer", "inner"), list(itertools.product(["grad", "derivative", "jvp", "vjp", "jacobian"], ["x", "w", "both"]))
)
def test_derivatives_of_derivatives_by_what_is_passed_in_are_not_confused(outer: str, inner: str) -> None:
    """d/dw of f′ₓ = 3x²w² at (w, 2), (2, w) and (w, w); then of d/dw of that times w."""
    take: Any = {
        "grad": lambda g, w: grad(g)(w),
        "derivative": derivative,
        "jvp": lambda g, w: jvp(g, (w,), (1.0,))[1],
        "vjp": lambda g, w: vjp(g, w)[1](1.0)[0],
        "jacobian": lambda g, w: jacobian(lambda w: [g(w)])(w)[0],
    }[outer]
    g, first, second = {
        "x": (lambda w: grad(f)(w, 2.0), 24.0 * 5.0, 72.0 * 5.0),
        "w": (lambda w: grad(f)(2.0, w), 24.0 * 5.0, 72.0 * 5.0),
        "both": (lambda w: grad(f)(w, w), 12.0 * 125.0, 60.0 * 125.0),
    }[inner]
    assert take(g, 5.0) == first
    w = Value(5.0)
    assert gradient(take(lambda w: g(w) * w, w), w) == second


def test_the_same_value_in_two_places_is_two_arguments() -> None:
    w = Value(5.0)
    dydx = grad(f)(w, w)  # 3·w⁴ as a function of w, though f was differentiated by its first place alone
    assert (dydx.data, gradient(dydx, w)) == (3.0 * 5.0**4, 12.0 * 5.0**3)


@pytest.mark.parametrize("x", [2.0, Value(2.0)], ids=["number", "Value"])
def test_a_derivative_is_a_function_of_the_values_that_are_captured(x: Any) -> None:
    w = Value(5.0)
    dydx = grad(lambda x: f(x, w))(x)
    assert gradient(dydx, w) == 2.0 * 5.0 * 12.0


def test_what_is_captured_of_an_outer_derivative_is_its_variable() -> None:
    assert grad(lambda w: grad(lambda x: f(x, w))(2.0))(5.0) == 24.0 * 5.0


@pytest.mark.parametrize(
    ("tree", "held"),
    [
        (Value(1.0), True),
        ([1.0, {"a": (2.0, Value(1.0))}], True),
        (np.array([[Value(1.0), 2.0]]), True),
        ([1.0, {"a": (2.0, np.ones(3))}, "text", None], False),
        (np.ones((1000, 1000)), False),
        (object(), False),
        ([], False),
    ],
    ids=lambda x: str(x)[:20],
)
def test_values_are_found_in_structures(tree: Any, held: bool) -> None:
    assert holds_value(tree) is held


def test_an_argument_of_another_kind_is_passed_on() -> None:
    class Options:
        power = 3

    assert grad(lambda x, options, how, text: x**options.power)(2.0, Options(), how=None, text="…") == 12.0


# -- bad input: each in every way of taking a derivative -----------------------------------------------------

OF_ONE: dict[str, Callable[[Any, Any], Any]] = {
    "grad": lambda f, x: grad(f)(x),
    "value_and_grad": lambda f, x: value_and_grad(f)(x),
    "hessian": lambda f, x: hessian(f)(x),
    "hvp": lambda f, x: hvp(f)(x, 1.0),
    "derivative": derivative,
}
OF_ANY = OF_ONE | {
    "jacobian": lambda f, x: jacobian(f)(x),
    "vjp": lambda f, x: vjp(f, x),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,)),
}
CHECKS: dict[str, Callable[[Any, Any], Any]] = {
    "check_gradients": lambda f, x: check_gradients(f, x),
    "assert_derivative": lambda f, x: assert_derivative(f, lambda x: 1.0, (0.5, 1.0), examples=2),
}
every_name = pytest.mark.parametrize("name", OF_ANY)


def said(name: str, text: str) -> str:
    """A pattern for a message that begins with who speaks."""
    return f"^{name}: .*{re.escape(text)}"


def no_return(x: Any) -> None:
    x * x


CUT: dict[str, Callable[[Any], Any]] = {
    "float(v)": lambda x: float(x) * 2.0,
    "math.sin(v)": math.sin,
    "int(v)": int,
    "np.float64(v)": np.float64,
    "in a structure": lambda x: {"loss": [math.sin(x)]},
    "an array of floats": lambda x: np.array([float(x), 1.0]),
}


@every_name
@pytest.mark.parametrize("cut", CUT)
def test_a_graph_that_was_cut_is_an_error_of_the_one_who_was_called(name: str, cut: str) -> None:
    with pytest.raises(GraphCutError, match=said(name, "leaves the graph at ")):
        OF_ANY[name](CUT[cut], 1.0)


@every_name
@pytest.mark.parametrize(
    ("result", "cure"),
    [
        (no_return, "no_return must return a Value, got None; a return is missing, or it is empty"),
        (lambda x: x > 0.0, "got bool True; True and False have no derivative; where(condition, a, b) chooses"),
        (str, "got str 'Value(1.0)'; compute it from the arguments with operators and autograd's functions"),
        (lambda x: {x}, "got set {Value(1.0)}; compute it from the arguments"),
        (lambda x: (x for _ in range(2)), "; compute it from the arguments"),
    ],
)
def test_a_result_that_is_no_number_is_an_error_with_a_cure_of_its_own(name: str, result: Any, cure: str) -> None:
    with pytest.raises(TypeError, match=said(name, cure)):
        OF_ANY[name](result, 1.0)


@pytest.mark.parametrize("name", OF_ONE)
@pytest.mark.parametrize("shape", [lambda x: [x], lambda x: (x, x), lambda x: {"a": x}, lambda x: np.array([x, x])])
def test_several_outputs_are_an_error_of_the_one_who_was_called(name: str, shape: Any) -> None:
    with pytest.raises(TypeError, match=said(name, "; use jacobian for several outputs")):
        OF_ONE[name](shape, 1.0)


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        (no_return, "must return a Value, got None; a return is missing"),
        (lambda x: [x, x], "must return a single Value, got list"),
    ],
)
def test_checks_of_derivatives_say_the_same_and_dont_speak_for_grad(name: str, wrong: Any, cure: str) -> None:
    with pytest.raises(TypeError, match=cure) as caught:
        CHECKS[name](wrong, 1.0)
    assert "grad:" not in str(caught.value)


@every_name
@pytest.mark.parametrize("thing", ["1", None, True, 1j, {1.0}], ids=repr)
def test_an_argument_that_is_no_number_is_an_error_of_the_one_who_was_called(name: str, thing: Any) -> None:
    described = "None" if thing is None else type(thing).__name__
    with pytest.raises(TypeError, match=said(name, f" must be a real number, got {described}")):
        OF_ANY[name](lambda x: x * x, thing)


@every_name
@pytest.mark.parametrize("thing", [3.0, Value(4.0), "sin", None, [math.sin]], ids=repr)
def test_something_that_is_no_function_is_an_error_at_once(name: str, thing: Any) -> None:
    """As in grad(f(x)): the result, where the function was meant."""
    cure = "for nodes that exist already take gradient(y, xs)" if isinstance(thing, Value) else "not its result"
    with pytest.raises(TypeError, match=said(name, f"give the function itself, {cure}")):
        OF_ANY[name](thing, 1.0)


@pytest.mark.parametrize("make", [grad, value_and_grad, jacobian, hessian])
@pytest.mark.parametrize("argnums", [2.0, Value(2.0), [1.0, 2.0], None, np.ones(2), [[0]]], ids=repr)
def test_an_argument_in_the_place_of_argnums_is_an_error_at_once(make: Any, argnums: Any) -> None:
    """grad(f, x) makes a function: x goes to that."""
    name = make.__name__
    with pytest.raises(TypeError, match=said(name, f"go to what {name} returns: {name}(f)(x)")):
        make(lambda x: x * x, argnums)


def test_argnums_may_be_given_by_a_generator() -> None:
    """Which is read once, and the function called twice."""
    partials = grad(lambda x, y: x * y, (i for i in (0, 1)))  # type: ignore[call-overload]
    assert (partials(2.0, 3.0), partials(4.0, 5.0)) == ((3.0, 2.0), (5.0, 4.0))


def test_a_builtin_that_doesnt_tell_its_names_has_none() -> None:
    with pytest.raises(ValueError, match="argnums names argument 'x', but the call has 0, 1"):
        grad(max, "x")(Value(1.0), 2.0)


@pytest.mark.parametrize("y", [[Value(1.0)], (Value(1.0), Value(2.0)), {"a": Value(1.0)}], ids=repr)
def test_a_gradient_of_several_is_an_error(y: Any) -> None:
    with pytest.raises(TypeError, match="gradient: y must be a single Value, got .*; take the gradient of each in turn"):
        gradient(y, Value(1.0))


def test_a_gradient_of_a_derivative_at_plain_numbers_says_how_to_keep_its_graph() -> None:
    with pytest.raises(TypeError, match="a derivative is a Value where it depends on one"):
        gradient(grad(lambda x: x * x)(2.0), Value(3.0))  # type: ignore[call-overload]


def test_aux_is_missed_by_the_one_who_asks_for_it() -> None:
    with pytest.raises(
        TypeError, match=said("value_and_grad", "with has_aux <lambda> must return (value, aux), got Value(")
    ):
        value_and_grad(lambda x: x, has_aux=True)(1.0)


@every_name
def test_a_primitive_with_a_wrong_count_of_derivatives_is_an_error_everywhere(name: str) -> None:
    product = ag.primitive(lambda y, a, b: (b,), name="product")(lambda a, b: a * b)
    take = OF_ANY[name] if name != "vjp" else lambda f, x: vjp(f, x)[1](1.0)  # which differentiates when it pulls
    with pytest.raises(ValueError, match="product: .* gave 1 for 2 operands; return a tuple with one local derivative"):
        take(lambda x: product(x, x), 1.0)
