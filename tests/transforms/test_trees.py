"""Nested arguments: taken apart in order, put together in the same shape."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, NamedTuple
from weakref import ref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from autograd.transforms.trees import flatten, flatten_like, leaves_of, named_leaves


class Line(NamedTuple):
    dydx: Any
    offset: Any


def same(a: Any, b: Any) -> bool:
    """Equal in structure, in the types of containers, and in the numbers or identity of Values."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.shape == b.shape and a.dtype == b.dtype and (a == b).all()
    if isinstance(a, dict):
        return type(a) is type(b) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return a is b or (type(a) is type(b) and a == b)


numbers = st.floats(allow_nan=False)
trees = st.recursive(
    numbers | st.lists(numbers, max_size=4).map(np.array) | st.just(np.arange(6.0).reshape(2, 3)),
    lambda children: st.one_of(
        st.lists(children, max_size=3),
        st.lists(children, max_size=3).map(tuple),
        st.tuples(children, children).map(Line._make),
        st.dictionaries(st.text(max_size=2), children, max_size=3),
    ),
    max_leaves=12,
)


@given(trees)
def test_what_is_taken_apart_is_put_together_again(tree: Any) -> None:
    leaves, rebuild = flatten(tree)
    assert same(rebuild(leaves), tree)


@given(trees)
def test_other_numbers_take_the_places_of_the_first(tree: Any) -> None:
    leaves, rebuild = flatten(tree)
    others = [float(i) for i in range(len(leaves))]
    again, _ = flatten(rebuild(others))
    assert again == others


@pytest.mark.parametrize(
    ("tree", "leaves"),
    [
        (3.0, [3.0]),
        ([1.0, (2.0, [3.0])], [1.0, 2.0, 3.0]),
        ({"b": 1.0, "a": {"d": 2.0, "c": 3.0}}, [1.0, 2.0, 3.0]),
        (Line(1.0, [2.0]), [1.0, 2.0]),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), [1.0, 2.0, 3.0, 4.0]),
        (np.array([[1.0, 2.0], [3.0, 4.0]]).T, [1.0, 3.0, 2.0, 4.0]),
        ([np.array([1.0]), {"x": (2.0,)}], [1.0, 2.0]),
    ],
    ids=["number", "list", "dict", "namedtuple", "array", "transposed", "mixed"],
)
def test_leaves_come_in_order(tree: Any, leaves: list[float]) -> None:
    assert flatten(tree)[0] == leaves


@pytest.mark.parametrize("tree", [[], (), {}, [[], ({},)], np.zeros(0), np.zeros((2, 0))], ids=repr)
def test_an_empty_structure_has_no_leaves_and_keeps_its_shape(tree: Any) -> None:
    leaves, rebuild = flatten(tree)
    assert leaves == []
    assert same(rebuild([]), tree)


@pytest.mark.parametrize("thing", [3.0, 3, "text", None, {1.0, 2.0}, np.float64(3.0), np.array(3.0), Value(3.0)], ids=repr)
def test_anything_that_is_no_container_is_one_leaf(thing: Any) -> None:
    leaves, rebuild = flatten(thing)
    assert leaves[0] is thing
    assert rebuild([5.0]) == 5.0


@pytest.mark.parametrize("make", [OrderedDict, MappingProxyType])
def test_every_mapping_is_taken_apart_and_comes_back_as_a_dict(make: Callable[[Any], Any]) -> None:
    leaves, rebuild = flatten(make({"b": 1.0, "a": [2.0]}))
    assert leaves == [1.0, 2.0]
    assert rebuild([3.0, 4.0]) == {"b": 3.0, "a": [4.0]}


def test_values_are_leaves_and_keep_their_identity() -> None:
    a, b = Value(1.0), Value(2.0)
    leaves, rebuild = flatten({"list": [a], "array": np.array([b, a], dtype=object)})
    assert list(map(id, leaves)) == [id(a), id(b), id(a)]
    assert rebuild(leaves)["array"][0] is b


def test_numbers_make_an_array_of_floats_and_values_one_of_objects() -> None:
    _, rebuild = flatten(np.array([[1, 2]]))
    assert (rebuild([1.5, 2.5]).dtype, rebuild([Value(1.5), 2.5]).dtype) == (float, object)
    assert rebuild([Value(1.5), 2.5]).shape == (1, 2)


def test_a_structure_put_together_is_a_new_one() -> None:
    tree = [np.array([1.0]), {"x": 2.0}]
    leaves, rebuild = flatten(tree)
    first, second = rebuild(leaves), rebuild(leaves)
    first[0][0], first[1]["x"] = 7.0, 8.0
    assert same(second, tree)
    assert same(tree, [np.array([1.0]), {"x": 2.0}])


@pytest.mark.parametrize("shape", [(2,), (2, 3), (1,), (0,)])
def test_arrays_in_an_array_add_their_axes_to_it(shape: tuple[int, ...]) -> None:
    _, rebuild = flatten(np.zeros((2, 1)))
    parts = [np.full(shape, 1.0), np.full(shape, 2.0)]
    stacked = rebuild(parts)
    assert (stacked.shape, stacked.dtype) == ((2, 1, *shape), float)
    assert all(same(stacked[i, 0], parts[i]) for i in (0, 1))


@pytest.mark.parametrize("shape", [(1,), (2,), (3,), (2, 2)])
def test_arrays_of_values_in_an_array_add_their_axes_to_it(shape: tuple[int, ...]) -> None:
    """They are what a third derivative by an array is made of."""
    _, rebuild = flatten(np.zeros(2))
    parts = [np.frompyfunc(Value, 1, 1)(np.full(shape, float(i))) for i in (0, 1)]
    stacked = rebuild(parts)
    assert stacked.shape == (2, *shape)
    assert all(x is y for i in (0, 1) for x, y in zip(stacked[i].ravel(), parts[i].ravel(), strict=True))


def test_structures_of_unequal_length_may_lie_in_an_array() -> None:
    _, rebuild = flatten(np.zeros(2))
    pairs = [(1.0, np.array([2.0, 3.0])), (4.0, np.array([5.0, 6.0]))]
    packed = rebuild(pairs)
    assert packed.shape == (2,)
    assert [packed[i][0] for i in (0, 1)] == [1.0, 4.0]
    assert packed[1][1].tolist() == [5.0, 6.0]


@given(trees)
def test_arrays_may_count_as_leaves(tree: Any) -> None:
    leaves, rebuild = flatten(tree, arrays=False)
    assert list(map(id, leaves)) == list(map(id, leaves_of(tree)))
    assert not any(isinstance(leaf, list | tuple | dict) for leaf in leaves)
    again = rebuild(leaves)
    assert same(again, tree)
    assert list(map(id, leaves_of(again))) == list(map(id, leaves))


@given(trees)
def test_the_name_of_a_leaf_is_the_expression_that_finds_it(tree: Any) -> None:
    triples = list(named_leaves(tree, "tree", 0, lambda depth, container, _: [depth + 1] * len(container.keys)))
    assert list(map(id, leaves_of(tree))) == [id(leaf) for _, leaf, _ in triples]
    assert all(eval(name, {"tree": tree}) is leaf for name, leaf, _ in triples)
    assert all(name.count("[") == depth for name, _, depth in triples if "'" not in name)


def test_what_puts_together_does_not_hold_what_was_taken_apart() -> None:
    tree = {"w": [np.zeros(3)], "b": (np.zeros(2), 1.0)}
    array = ref(tree["w"][0])
    for arrays in (True, False):
        rebuild = flatten(tree, arrays=arrays)[1]
    del tree
    assert array() is None
    assert rebuild([1.0, 2.0, 3.0]) == {"w": [1.0], "b": (2.0, 3.0)}


@pytest.mark.parametrize("other", [np.zeros(2), np.zeros((3, 1)), [0.0] * 3, 0.0], ids=["shorter", "axes", "list", "number"])
def test_an_array_that_counts_as_a_leaf_needs_the_shape_of_the_other(other: Any) -> None:
    model = {"w": np.zeros(3)}
    assert flatten_like({"w": np.ones(3)}, model, "", arrays=False)[0].tolist() == [1.0] * 3
    with pytest.raises(ValueError, match=r"^.* for ndarray of shape \(3,\)$"):
        flatten_like({"w": other}, model, "{tree} for {model}", arrays=False)
