"""micrograd's names for what a node has, and operations whose derivative is a closure."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import pytest

import autograd as ag
from autograd import Value, draw, explain

# -- label -------------------------------------------------------------------------------------------


def test_label_is_another_word_for_name() -> None:
    a = Value(2.0, label="a")
    assert (a.name, a.label, repr(a)) == ("a", "a", "Value(2.0, name='a')")
    a.label = "b"
    assert (a.name, a.label) == ("b", "b")
    a.name = "c"
    assert a.label == "c"
    assert Value(2.0, name="a", label="a").name == "a"


def test_a_node_without_a_name_has_an_empty_label() -> None:
    a = Value(2.0)
    assert (a.name, a.label, (a * a).label) == (None, "", "")
    a.label = ""
    assert a.name is None
    assert Value(2.0, label="").label == ""


def test_an_interior_node_can_be_labelled_and_is_drawn_so() -> None:
    a = Value(2.0, label="a")
    y = a * 3.0
    y.label = "three_a"
    assert "three_a" in draw(y * 2.0).dot


def test_name_and_label_that_differ_are_an_error() -> None:
    with pytest.raises(TypeError, match="name and label are two words for one thing, got 'a' and 'b'; give one"):
        Value(2.0, name="a", label="b")


@pytest.mark.parametrize("wrong", [3, ["a"], b"a", True], ids=repr)
def test_a_label_is_text(wrong: Any) -> None:
    with pytest.raises(TypeError, match="label must be a str or None, got "):
        Value(2.0, label=wrong)
    a = Value(2.0, "a")
    with pytest.raises(TypeError, match="label must be a str or None, got "):
        a.label = wrong
    assert a.name == "a"


# -- parents, operation, one step of the pass ----------------------------------------------------------


def test_parents_are_a_set_in_order_that_compares_nodes_and_not_numbers() -> None:
    a, b = Value(1.0), Value(1.0)
    y = (b * a) * b
    assert y._prev == {y.parents[0], b}
    assert [list((b * a)._prev), list((a * b)._prev), len((a * a)._prev), len(a._prev)] == [[b, a], [a, b], 1, 0]
    assert b in (b * 2.0)._prev
    assert a not in (b * 2.0)._prev
    assert y._prev | {a} == {y.parents[0], a, b}


def test_the_operation_is_text_and_that_of_a_leaf_is_empty() -> None:
    a = Value(1.0)
    assert (a._op, (a * a)._op, a.tanh()._op, a.op) == ("", "×", "tanh", None)


def test_one_step_of_the_pass_adds_to_the_parents() -> None:
    a, b = Value(2.0), Value(5.0)
    y = a * b + a
    product = y.parents[0]
    y.grad = 1.0
    for node in (y, product, a):
        node._backward()
    assert (a.grad, b.grad, product.grad) == (6.0, 2.0, 1.0)
    product._backward()  # by hand everything adds up
    assert (a.grad, b.grad) == (11.0, 4.0)


# -- operations by closure ------------------------------------------------------------------------------


def cube(x: Value) -> Value:
    out = Value(x.data**3, (x,), "cube")

    def _backward() -> None:
        x.grad += 3 * x.data**2 * out.grad

    out._backward = _backward
    return out


def test_a_node_with_a_closure_is_part_of_the_graph() -> None:
    x = Value(2.0, label="x")
    y = cube(x) * x
    y.backward()
    assert (y.data, y.parents[0].op, y.parents[0]._op, x.grad) == (16.0, "cube", "cube", 32.0)
    y.backward()
    assert (x.grad, y.parents[0].grad) == (64.0, 2.0)
    assert y.parents[0].local_derivatives == (12.0,)
    assert ag.gradient(y, x) == 32.0
    assert ag.grad(lambda v: cube(v) * v)(2.0) == ag.jvp(lambda v: cube(v) * v, (2.0,), (1.0,))[1] == 32.0


def test_it_is_drawn_and_explained_with_numbers() -> None:
    x = Value(2.0, label="x")
    y = cube(x) * 10.0
    y.backward()
    assert "cube" in draw(y).dot
    assert explain(y, x).value == 120.0
    assert x.grad == 120.0


def test_a_number_among_the_operands_and_a_repeated_one() -> None:
    x = Value(3.0)
    out = Value(18.0, [x, x, 2.0], "area")
    out._backward = lambda: setattr(x, "grad", x.grad + 4.0 * x.data * out.grad)
    assert (out.operands, out.parents) == ((x, x, 2.0), (x, x))
    (out * 10.0).backward()
    assert x.grad == 120.0


def test_gradients_that_were_there_are_there_after_a_failure() -> None:
    x, z = Value(2.0), Value(3.0)
    x.grad, z.grad = 5.0, 7.0
    out = Value(6.0, (x, z), "product")

    def _backward() -> None:
        x.grad += z.data * out.grad
        raise ZeroDivisionError

    out._backward = _backward
    with pytest.raises(ZeroDivisionError):
        out.backward()
    assert (x.grad, z.grad, out.grad_or_none) == (5.0, 7.0, None)


def test_without_a_closure_the_pass_says_what_is_missing() -> None:
    x = Value(2.0)
    y = Value(math.sin(2.0), (x,), "sin")
    assert (y.data, y._op, list(y._prev)) == (math.sin(2.0), "sin", [x])
    with pytest.raises(
        TypeError, match="sin: its derivative isn't known: set _backward of the node, or use autograd.primitive"
    ):
        y.backward()
    assert x.grad_or_none is None


def test_what_needs_more_than_one_pass_says_to_write_a_primitive() -> None:
    x = Value(2.0)
    y = cube(x)
    for ask in (lambda: y.backward(create_graph=True), lambda: ag.hessian(cube)(2.0)):
        with pytest.raises(
            TypeError, match="cube: a derivative by _backward is for backward.. alone.* by autograd.primitive"
        ):
            ask()
    assert (x.grad_or_none, y.grad_or_none) == (None, None)
    with pytest.raises(pickle.PicklingError, match="cube: _backward is a closure.*use autograd.primitive"):
        pickle.dumps(y)


def test_a_deep_copy_is_differentiated_by_itself_alone() -> None:
    x = Value(2.0)
    x2, y2 = copy.deepcopy((x, cube(x)))
    y2.backward()
    assert (x2.grad, x.grad_or_none) == (12.0, None)


def test_nothing_is_recorded_inside_no_grad() -> None:
    x = Value(2.0)
    with ag.no_grad():
        y = cube(x)
    assert (y.data, y.parents, y.op) == (8.0, (), None)


def test_a_closure_is_set_where_operands_were_given_alone() -> None:
    x = Value(2.0)
    for node, what in ((x, "a leaf"), (x * x, "a '×' node")):
        with pytest.raises(
            AttributeError, match=f"_backward can be set where a Value was made with operands.*{what} has its own"
        ):
            node._backward = lambda: None


def test_bad_operands_are_named() -> None:
    x = Value(2.0)
    with pytest.raises(TypeError, match="Value: an operand must be a real number, got str 'x'"):
        Value(1.0, (x, "x"), "f")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"the operation 'input' needs operands: Value\(data, \(a, b\), 'input'\)"):
        Value(1.0, (), "input")
    with pytest.raises(TypeError, match="_op must be a str, got int 3"):
        Value(1.0, (x,), 3)  # type: ignore[arg-type]
    assert Value(1.0, (), "").op is None
    assert Value(1.0, (x,)).op == "f"
