"""Copies and pickles of graphs: deep ones, shared ones, named ones, stale ones."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

import autograd as ag
from autograd import StaleGraphError, Value
from autograd.graph import topological_order
from autograd.rules.table import RULES
from autograd.value import apply
from tests.references import REFERENCES
from tests.support import bits, number

through_pickle: Callable[[Any], Any] = lambda x: pickle.loads(pickle.dumps(x))  # noqa: E731
BOTH = pytest.mark.parametrize("duplicate", [copy.deepcopy, through_pickle], ids=["deepcopy", "pickle"])


@BOTH
def test_a_duplicate_has_the_same_numbers_names_gradients_and_operations(duplicate: Any) -> None:
    """Pitfall 27: pickling impossible, or silently without the history."""
    x, y = Value(2.0, "x"), Value(-0.0, "y")
    z = ag.dot([x, y * 3.0], [y, x.tanh()]) - x
    z.name = "z"
    z.backward()
    twin = duplicate(z)
    pairs = list(zip(topological_order(z), topological_order(twin), strict=True))
    for old, new in pairs:
        assert old is not new
        assert (bits(old.data), old.name, old.grad, old.op) == (bits(new.data), new.name, new.grad, new.op)
        assert [type(o) for o in old.operands] == [type(o) for o in new.operands]
    assert len(pairs) == 6


# A leaf without gradient, a leaf with a gradient of 0, tanh of their product, and a root, of when ``.grad`` was a slot.
EARLIER = (
    b"\x80\x04\x953\x01\x00\x00\x00\x00\x00\x00(\x8c\x0eautograd.value\x94\x8c\x05Value\x94\x93\x94G@\x00\x00\x00\x00\x00\x00\x00"
    b"\x8c\x01x\x94\x86\x94R\x94NN\x86\x94bh\x02G@\x00\x00\x00\x00\x00\x00\x00N\x86\x94R\x94G\x00\x00\x00\x00\x00\x00\x00\x00N"
    b"\x86\x94b\x8c\x14autograd.persistence\x94\x8c\x07restore\x94\x93\x94]\x94(h\x05h\x08(\x8c\x0eautograd.rules\x94\x8c\x07"
    b"rule_of\x94\x93\x94\x8c\x03mul\x94\x85\x94R\x94G@\x10\x00\x00\x00\x00\x00\x00]\x94(K\x00K\x01eNNNt\x94(h\x10\x8c\x04tanh\x94"
    b"\x85\x94R\x94G?\xef\xfa\x81p\x8a\x0bB]\x94K\x02aNNNt\x94eK\x03\x86\x94R\x94h\x0c]\x94(h\x02G?\xf0\x00\x00\x00\x00\x00\x00N"
    b"\x86\x94R\x94G?\xe1J(\x0f\xb5\x06\x8cN\x86\x94b(h\x10\x8c\x03sin\x94\x85\x94R\x94G?\xea\xedT\x8f\t\x0c\xee]\x94K\x00aNG?"
    b"\xf0\x00\x00\x00\x00\x00\x00Nt\x94eK\x01\x86\x94R\x94t\x94."
)


def test_a_pickle_made_when_no_gradient_was_none_is_read() -> None:
    x, z, y, root = pickle.loads(EARLIER)
    assert (x.name, x.grad_or_none, z.grad_or_none, y.grad_or_none, root.grad_or_none) == ("x", None, 0.0, None, 1.0)
    y.backward()
    assert (x.grad, z.grad) == pytest.approx((2.0 / math.cosh(4.0) ** 2,) * 2, rel=1e-14)


@BOTH
@pytest.mark.parametrize("gradient", [None, 0.0, 2.5], ids=repr)
def test_a_duplicate_knows_whether_a_gradient_came(duplicate: Any, gradient: float | None) -> None:
    x = Value(2.0)
    if gradient is not None:
        (x * gradient).backward()
    y = x * 3.0
    y2 = duplicate(y)
    (x2,) = y2.parents
    assert (x2.grad_or_none, copy.copy(x).grad_or_none, y2.grad_or_none) == (gradient, gradient, None)


@BOTH
def test_a_duplicate_is_differentiated_by_itself_alone(duplicate: Any) -> None:
    """Pitfall 26: the copy's closures wrote into the original's leaves."""
    x = Value(3.0)
    x2, y2 = duplicate((x, x * x * x))
    y2.backward()
    assert (x2.grad, x.grad_or_none) == (27.0, None)
    x2.data = 5.0
    assert x.data == 3.0


@BOTH
@pytest.mark.parametrize("number", [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 0.1])
def test_every_float_comes_back_to_the_bit(duplicate: Any, number: float) -> None:
    assert bits(duplicate(Value(number)).data) == bits(number)


@BOTH
@pytest.mark.parametrize("name", sorted(set(RULES) - {"where"}))
def test_a_node_of_every_operation_comes_back(duplicate: Any, name: str) -> None:
    """And its derivatives with it: rules are found by their names."""
    x = REFERENCES[name].sampler(Random(7))
    node: Any = apply(RULES[name], *(n if i in REFERENCES[name].constants else Value(n) for i, n in enumerate(x)))
    twin = duplicate(node)
    assert twin.op == node.op
    assert list(map(bits, twin.local_derivatives)) == list(map(bits, node.local_derivatives))


@BOTH
def test_leaves_shared_by_several_roots_stay_shared(duplicate: Any) -> None:
    w = Value(2.0, "w")
    model = {"w": w, "losses": [w * w, w + 1.0]}
    twin = duplicate(model)
    assert twin["losses"][0].parents[0] is twin["losses"][1].parents[0] is twin["w"]


@BOTH
def test_a_graph_of_depth_100000_comes_back_and_has_the_same_gradient(duplicate: Any) -> None:
    """Pitfall 2: pickle and deepcopy recurse even where backward doesn't."""
    x = y = Value(1.0)
    for _ in range(100_000):
        y = y * 1.00001
    y.backward()
    expected, x.grad = x.grad, None
    x2, y2 = duplicate((x, y))
    y2.backward()
    assert (x2.grad, y2.data, x.grad_or_none) == (expected, y.data, None)


@BOTH
def test_a_stale_graph_stays_stale(duplicate: Any) -> None:
    x = Value(2.0)
    y = x * x
    x.data = 3.0
    with pytest.raises(StaleGraphError):
        duplicate(y).backward()


@BOTH
def test_a_gradient_that_is_a_value_keeps_its_number(duplicate: Any) -> None:
    x = Value(2.0)
    (x**3).backward(create_graph=True)
    assert number(duplicate(x).grad) == 12.0


def test_a_gradient_that_is_a_value_is_copied_with_the_graph_it_depends_on() -> None:
    x = Value(2.0)
    (x**3).backward(create_graph=True)
    twin = copy.deepcopy(x)
    assert twin.grad is not x.grad
    dydx, twin.grad = twin.grad, None
    dydx.backward()  # type: ignore[attr-defined]
    assert (twin.grad, number(x.grad)) == (12.0, 12.0)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol_works(protocol: int) -> None:
    x = Value(2.0, "x")
    y = pickle.loads(pickle.dumps(x * x + 1.0, protocol))
    y.backward()
    assert (y.data, topological_order(y)[0].grad) == (5.0, 4.0)


def test_a_pickle_holds_names_of_rules_and_no_code() -> None:
    text = pickle.dumps(Value(2.0).tanh() * 3.0)
    for word in (b"lambda", b"partials", b"builtins", b"marshal"):
        assert word not in text


def test_a_shallow_copy_is_a_node_with_the_same_parents() -> None:
    x = Value(2.0, "x")
    y = x * x
    twin = copy.copy(y)
    assert twin is not y
    assert (twin.data, twin.parents[0] is x) == (4.0, True)
    twin.backward()
    assert x.grad == 4.0
    assert copy.copy(x).name == "x"


def test_a_copy_made_by_deepcopy_is_newer_than_what_it_was_copied_from() -> None:
    """Copies can be computed on: their place in the order of creation is their own."""
    x = Value(2.0)
    x2, y2 = copy.deepcopy((x, x * x))
    (y2 * x2).backward()
    assert x2.grad == 12.0
