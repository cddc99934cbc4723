"""The backward pass: what reaches ``.grad``, how often, and what happens when it can't."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import StaleGraphError, Value
from autograd.graph import topological_order
from autograd.rules.table import RULES
from tests.support import bits, number


def a_graph() -> tuple[list[Value], Value]:
    """Three leaves and a root with a diamond, a repeated leaf, and a node of many."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(0.5, "c")
    inner = a * b + c
    return [a, b, c], ag.dot([inner, inner.tanh(), c], [a, b, inner]) / (a * a + 1.0)


def grads(leaves: list[Value]) -> list[Any]:
    return [leaf.grad for leaf in leaves]


# -- accumulation ------------------------------------------------------------------------------------


def test_grad_is_0_until_a_pass_reaches_the_node() -> None:
    x, unused = Value(1.0), Value(1.0)
    y = x * 2.0
    assert [bits(x.grad), bits(y.grad)] == [bits(0.0)] * 2
    y.backward()
    assert (x.grad, y.grad, unused.grad) == (2.0, 1.0, 0.0)
    assert unused.data - 0.1 * unused.grad == 1.0
    assert f"grad {unused.grad:.4f}" == "grad %.4f" % unused.grad == "grad 0.0000"  # noqa: UP031 - as micrograd's lecture


def test_no_gradient_is_told_from_a_gradient_of_0() -> None:
    x, unused = Value(1.0), Value(1.0)
    y = x * 0.0
    assert (x.grad_or_none, y.grad_or_none) == (None, None)
    y.backward()
    assert (x.grad, x.grad_or_none, y.grad_or_none, unused.grad_or_none) == (0.0, 0.0, 1.0, None)


@pytest.mark.parametrize("nothing", [None, 0, 0.0, -0.0, np.float64(0.0), np.int64(0)], ids=repr)
def test_none_and_every_zero_forget_the_gradient(nothing: Any) -> None:
    x = Value(3.0)
    y = x * x
    y.backward()
    x.grad = nothing
    assert (bits(x.grad), x.grad_or_none) == (bits(0.0), None)
    y.backward()
    assert x.grad == 6.0


def test_a_gradient_can_be_added_to_by_hand_before_any_pass() -> None:
    x = Value(3.0)
    x.grad += 1
    x.grad -= 0.5
    assert (x.grad, x.grad_or_none, type(x.grad)) == (0.5, 0.5, float)
    (x * x).backward()
    assert x.grad == 6.5


@pytest.mark.parametrize("number", [2, 2.0, np.float32(2.0), np.int64(2), np.array(2.0), Fraction(2)], ids=repr)
def test_a_gradient_that_is_set_becomes_a_float(number: Any) -> None:
    x = Value(3.0)
    x.grad = number
    assert (x.grad, type(x.grad)) == (2.0, float)


def test_a_gradient_may_be_set_to_a_value_and_keeps_its_graph() -> None:
    x = Value(3.0)
    y = x * x
    x.grad = y
    assert x.grad is y
    assert (x.grad_or_none, type(x.grad_or_none)) == (9.0, float)


@pytest.mark.parametrize("thing", ["0", True, False, [0.0], np.zeros(1), 1j], ids=repr)
def test_a_gradient_is_a_number(thing: Any) -> None:
    x = Value(3.0)
    x.grad = 2.0
    with pytest.raises(TypeError, match=r"Value\.grad must be a real number, got "):
        x.grad = thing
    assert x.grad == 2.0


def test_loops_that_ask_whether_a_gradient_is_none_run() -> None:
    """PyTorch's habit."""
    x, unused = Value(3.0), Value(1.0)
    (x * x).backward()
    for p in (x, unused):
        if p.grad is not None:
            p.data -= 0.5 * p.grad
            p.grad = None
    assert (x.data, unused.data, x.grad) == (0.0, 1.0, 0.0)


def test_a_leaf_alone_has_gradient_1() -> None:
    """Pitfall 30: backward on a leaf crashed."""
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0


def test_a_second_pass_gives_exactly_twice_the_gradient_in_leaves_and_the_same_inside() -> None:
    """Pitfalls 4 and 32: stale interior gradients went round again (27 → 45)."""
    leaves, root = a_graph()
    root.backward()
    once = grads(leaves)
    inside = [node.grad for node in topological_order(root) if node.parents]
    root.backward()
    assert grads(leaves) == [2.0 * g for g in once]
    assert [node.grad for node in topological_order(root) if node.parents] == inside


def test_a_second_pass_after_zeroing_the_leaves_gives_the_gradient_again() -> None:
    leaves, root = a_graph()
    root.backward()
    once = grads(leaves)
    for leaf in leaves:
        leaf.grad = None
    root.backward()
    assert grads(leaves) == once


def test_a_leaf_whose_grad_was_set_to_0_accumulates_from_0() -> None:
    """micrograd's loops write ``p.grad = 0``."""
    x = Value(3.0)
    x.grad = 0
    (x * x).backward()
    assert x.grad == 6.0


def test_two_roots_that_share_their_interior_accumulate() -> None:
    """Pitfall 5: 18 where 3 + 12 = 15 is right."""
    a = Value(2.0)
    b = 3.0 * a
    c = a * b
    b.backward()
    c.backward()
    assert a.grad == 15.0


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_the_gradients_of_two_roots_add_up_to_that_of_their_sum(x: float, y: float) -> None:
    def roots() -> tuple[list[Value], Value, Value]:
        a, b = Value(x), Value(y)
        shared = a * b + a
        return [a, b], shared.tanh() * a, shared.square() + b

    leaves, first, second = roots()
    first.backward()
    second.backward()
    together, left, right = roots()
    (left + right).backward()
    assert grads(leaves) == pytest.approx(grads(together), rel=1e-13, abs=1e-300)


def test_a_diamond_of_diamonds_has_4_paths() -> None:
    """Pitfall 7: a depth-first walk without an order sends half a gradient on."""
    a = Value(1.0)
    b = a + a
    c = b + b
    c.backward()
    assert (b.grad, a.grad) == (2.0, 4.0)


def test_60_squarings_call_60_rules_and_not_one_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pitfall 8: 2⁶⁰ paths."""
    calls = []
    partials = RULES["mul"].partials
    monkeypatch.setattr(RULES["mul"], "partials", lambda *xs: calls.append(1) or partials(*xs))  # type: ignore[func-returns-value]
    x = y = Value(1.0)
    for _ in range(60):
        y = y * y
    y.backward()
    assert (len(calls), x.grad) == (60, 2.0**60)
    assert repr(y) == "Value(1.0, grad=1.0)"


# -- the seed ----------------------------------------------------------------------------------------


@given(st.integers(-1000, 1000))
def test_the_gradient_is_linear_in_the_seed(exponent: int) -> None:
    """Pitfall 31: a seed that is overwritten. A power of two scales without rounding."""
    leaves, root = a_graph()
    root.backward()
    once = grads(leaves)
    scaled, root = a_graph()
    root.backward(2.0**exponent)
    assert [bits(g) for g in grads(scaled)] == [bits(math.ldexp(g, exponent)) for g in once] or exponent < -900
    assert root.grad == 2.0**exponent


def test_a_seed_may_be_any_real_number_or_a_value() -> None:
    for seed in (3, 3.0, Value(3.0)):
        x = Value(2.0)
        (x * x).backward(seed)
        assert x.grad == 12.0


def test_a_gradient_keeps_the_sign_of_zero() -> None:
    x = Value(5.0)
    (x * -0.0).backward()
    assert bits(x.grad) == bits(-0.0)


# -- higher orders -----------------------------------------------------------------------------------


def nth_derivative(f: Callable[[Value], Value], x: float, n: int) -> float:
    leaf = Value(x)
    y: Any = f(leaf)
    for _ in range(n):
        leaf.grad = None
        y.backward(create_graph=True)
        y = leaf.grad
    return number(y)


@pytest.mark.parametrize(("n", "expected"), [(1, 80.0), (2, 160.0), (3, 240.0), (4, 240.0), (5, 120.0)])
def test_derivatives_of_every_order(n: int, expected: float) -> None:
    assert nth_derivative(lambda x: x**5, 2.0, n) == expected


def test_derivatives_of_tanh_up_to_the_fourth() -> None:
    t = math.tanh(0.7)
    s = 1 - t * t
    expected = [s, -2 * t * s, -2 * s * (s - 2 * t * t), 8 * t * s * (2 * s - t * t)]
    assert [nth_derivative(Value.tanh, 0.7, n) for n in (1, 2, 3, 4)] == pytest.approx(expected, rel=1e-12)


def dydx(f: Callable[[Value], Value], x: Value) -> Any:
    """df/dx as a Value, of a function that may hold Values of its own."""
    leaf = Value(x.data)
    f(leaf).backward(create_graph=True)
    return leaf.grad


def test_a_derivative_inside_a_derivative_doesnt_confuse_its_variable_with_the_outer() -> None:
    """Pitfall 41: d/dx x·(d/dy (x + y)) at 5 is 1, and d/dx (d/dy x) is 0."""
    x = Value(5.0)
    y = Value(1.0)
    inner = x + y
    inner.backward(create_graph=True)
    inner_derivative = y.grad
    x.grad = y.grad = None
    (x * inner_derivative).backward()
    assert x.grad == 1.0
    assert ag.derivative(lambda x: x * ag.derivative(lambda y: x + y, 1.0), 1.0) == 1.0
    assert ag.derivative(lambda x: ag.derivative(lambda y: x + 0.0 * y, 1.0), 1.0) == 0.0


def test_create_graph_gives_gradients_that_are_values_and_without_it_floats() -> None:
    x = Value(3.0)
    (x**2).backward(create_graph=True)
    assert isinstance(x.grad, Value)
    assert (x.grad.data, repr(x)) == (6.0, "Value(3.0, grad=6.0)")
    y = Value(3.0)
    (y**2).backward()
    assert type(y.grad) is float


def test_where_a_product_of_many_is_differentiated_twice_at_zeros() -> None:
    xs = [Value(x) for x in (0.0, 0.0, 3.0)]
    ag.prod(xs).backward(create_graph=True)
    first = [x.grad for x in xs]
    for x in xs:
        x.grad = None
    first[0].backward()  # type: ignore[attr-defined]
    assert [x.grad for x in xs[1:]] == [3.0, 0.0]


# -- nothing half done -------------------------------------------------------------------------------


class FailingError(Exception):
    """Raised by the rules of these tests."""


def test_an_error_in_any_rule_leaves_every_gradient_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pitfall 46: a backward pass that stops half-way has written nothing, whichever node it stops at."""
    leaves, root = a_graph()
    root.backward()
    nodes = topological_order(root)
    before = [node.grad for node in nodes]
    interior = [node for node in nodes if node.parents]
    for k in range(len(interior)):
        calls = 0

        def failing(original: Any, k: int = k) -> Callable[..., Any]:
            def partials(*operands: Any) -> Any:
                nonlocal calls
                calls += 1
                if calls > k:
                    raise FailingError
                return original(*operands)

            return partials

        with monkeypatch.context() as patch:
            for rule in {node._rule for node in interior if node._rule}:
                patch.setattr(rule, "partials", failing(rule.partials))
            for create_graph in (False, True):
                calls = 0
                with pytest.raises(FailingError):
                    root.backward(create_graph=create_graph)
                assert [node.grad for node in nodes] == before
    root.backward()
    assert grads(leaves) == [2.0 * g for g in before[:3]]


def test_a_seed_that_is_no_number_leaves_every_gradient_as_it_was() -> None:
    leaves, root = a_graph()
    with pytest.raises(TypeError):
        root.backward("1")  # type: ignore[arg-type]
    assert [leaf.grad_or_none for leaf in leaves] == [None] * 3


# -- leaves set after the graph was built --------------------------------------------------------------


@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_leaf_set_after_the_forward_pass_is_an_error_that_names_it(k: int, create_graph: bool) -> None:
    """Pitfall 25: the gradient of the old values, or an error; never a third number."""
    leaves, root = a_graph()
    leaves[k].data = 7.0
    with pytest.raises(StaleGraphError, match=f"leaf '{leaves[k].name}' was set to 7.0"):
        root.backward(create_graph=create_graph)
    assert [leaf.grad_or_none for leaf in leaves] == [None] * 3


@pytest.mark.parametrize(
    "use",
    [
        lambda x, _: x.tanh(),
        lambda x, other: x * other,
        lambda x, other: other * x,
        lambda x, _: 2.0 - x,
        lambda x, other: ag.dot([other, other], [other, x]),
        lambda x, other: ag.clip(other, x, 5.0),
        lambda x, other: ag.where(True, x, other),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_stale_leaf_is_found_in_every_place(use: Callable[[Value, Value], Value], create_graph: bool) -> None:
    x, other = Value(1.0), Value(0.5)
    y = use(x, other) + 1.0
    x.data = 2.0
    with pytest.raises(StaleGraphError):
        y.backward(create_graph=create_graph)
    assert (x.grad_or_none, other.grad_or_none) == (None, None)


def test_a_leaf_set_to_the_same_number_is_stale_too_and_a_fresh_graph_is_not() -> None:
    x = Value(2.0)
    old = x * x
    x.data = 2.0
    with pytest.raises(StaleGraphError):
        old.backward()
    (x * x).backward()
    assert x.grad == 4.0


def test_a_leaf_of_another_graph_may_be_set() -> None:
    x, other = Value(2.0), Value(3.0)
    y = x * x
    _ = other * x
    other.data = 5.0
    y.backward()
    assert x.grad == 4.0


def test_a_leaf_may_be_set_after_the_backward_pass_as_training_does() -> None:
    w = Value(1.0)
    for _ in range(50):
        w.grad = None
        ((w - 3.0) ** 2).backward()
        w.data -= 0.1 * w.grad
    assert w.data == pytest.approx(3.0, abs=1e-4)


# -- the same bits, always -----------------------------------------------------------------------------


def test_junk_in_memory_doesnt_change_a_bit() -> None:
    """Pitfall 10: gradients added up in the order of addresses."""
    shuffler = random.Random(1)
    seen = set()
    for _ in range(200):
        junk = [object() for _ in range(shuffler.randrange(100))]
        leaves, root = a_graph()
        root.backward()
        seen.add(tuple(map(bits, grads(leaves))))
        del junk
    assert len(seen) == 1


def test_several_results_of_one_call_stand_alone() -> None:
    """Pitfall 29: dropping one output of an operation broke the others."""
    xs = [Value(x) for x in (1.0, 2.0, 3.0)]
    first, *_ = ag.softmax(xs)
    del _
    first.backward()
    p = first.data
    assert xs[0].grad == pytest.approx(p * (1 - p), rel=1e-15)
    quotient, remainder = divmod(xs[2], xs[1])
    del quotient
    xs[2].grad = None
    remainder.backward()
    assert xs[2].grad == 1.0
