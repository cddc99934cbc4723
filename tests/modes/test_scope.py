"""``scope``: what is recorded inside it knows the group it belongs to."""

import copy
import pickle
import threading
from typing import Any

import pytest

from autograd import Value, no_grad, scope, sin


def test_nodes_and_leaves_made_inside_belong_to_the_group_and_others_to_none() -> None:
    x = Value(2.0)
    with scope("neuron 0"):
        w = Value(3.0)
        y = w * x
    z = y + 1
    assert [node.scope for node in (x, w, y, z)] == [None, ("neuron 0",), ("neuron 0",), None]


def test_groups_nest_and_several_names_are_a_group_in_a_group() -> None:
    with scope("layer 0"), scope("neuron 1", "activation"):
        y = sin(Value(1.0))
    assert y.scope == ("layer 0", "neuron 1", "activation")


def test_a_scope_ends_with_an_exception_too() -> None:
    with pytest.raises(RuntimeError), scope("a"):
        raise RuntimeError
    assert Value(1.0).scope is None


def test_a_scope_belongs_to_its_thread() -> None:
    seen = []
    with scope("a"):
        thread = threading.Thread(target=lambda: seen.append((Value(1.0) * 2.0).scope))
        thread.start()
        thread.join()
    assert seen == [None]


def test_copies_and_pickles_keep_the_group() -> None:
    with scope("a"):
        x = Value(1.0)
        y = x * 2.0
    for twin in (copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert twin.scope == ("a",)
        assert twin.parents[0].scope == ("a",)


def test_a_scope_goes_with_no_grad() -> None:
    with no_grad(), scope("a"):
        y = Value(1.0) * 2.0
    assert (y.scope, y.parents) == (("a",), ())


def test_gradients_are_the_same_in_a_scope() -> None:
    x = Value(0.5)
    with scope("a"):
        y = (x * x).tanh()
    y.backward()
    plain = Value(0.5)
    (plain * plain).tanh().backward()
    assert x.grad == plain.grad


@pytest.mark.parametrize(
    ("names", "error"), [((1,), TypeError), ((None,), TypeError), ((), ValueError), (("",), ValueError)]
)
def test_a_name_must_be_a_string_with_something_in_it(names: tuple[Any, ...], error: type[Exception]) -> None:
    with pytest.raises(error, match="scope: "):
        scope(*names)
