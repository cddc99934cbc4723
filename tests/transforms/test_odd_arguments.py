"""Arguments that can't be taken apart: nested too deep, containing themselves, masked, sparse, of dates, text or bools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Value, compile, grad, gradient, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.compiler.signature import Spec


def nested(depth: int, bottom: Any = 2.0, key: Any = 0) -> Any:
    tree = bottom
    for _ in range(depth):
        tree = {key: tree} if isinstance(key, str) else (tree,) if key == 1 else [tree]
    return tree


def bottom_of(tree: Any) -> Any:
    while isinstance(tree, list | tuple | dict):
        tree = next(iter(tree.values())) if isinstance(tree, dict) else tree[0]
    return tree


def ring() -> list[Any]:
    inner: list[Any] = [1.0]
    inner.append({"again": inner})
    return inner


def square(tree: Any, *others: Any) -> Any:
    del others
    return bottom_of(tree) ** 2


EAGER: list[Callable[..., Any]] = [grad(square), value_and_grad(square), jacobian(square), hessian(square)]
COMPILED = compile(square)
WAYS = [*EAGER, COMPILED, COMPILED.grad, COMPILED.value_and_grad, COMPILED.jacobian, COMPILED.hessian]
DEEP = [nested(500), nested(500, key="k"), nested(500, key=1), nested(3000), ring(), [1.0, ring()]]


@pytest.mark.parametrize("tree", DEEP, ids=["lists", "dicts", "tuples", "3000", "itself", "itself within"])
@pytest.mark.parametrize("way", WAYS)
def test_an_argument_nested_too_deep_is_named(way: Callable[..., Any], tree: Any) -> None:
    with pytest.raises(ValueError, match=r"(argument 0|tree) is nested more than 100 deep, or contains itself; give a flat"):
        way(tree)
    with pytest.raises(ValueError, match=r"(argument 1|arg1) is nested more than 100 deep, or contains itself; give a flat"):
        way(2.0, tree)


@pytest.mark.parametrize("tree", DEEP, ids=["lists", "dicts", "tuples", "3000", "itself", "itself within"])
def test_whatever_else_takes_structures_refuses_those_too(tree: Any) -> None:
    uses: list[Callable[[], Any]] = [
        lambda: vjp(square, tree),
        lambda: jvp(square, (tree,), (tree,)),
        lambda: hvp(square)(tree, tree),
        lambda: COMPILED.hvp(tree, tree),
        lambda: gradient(Value(1.0), tree),
        lambda: grad(square, "x")(x=tree),
        lambda: compile(lambda x: nested(500, x))(2.0),
        lambda: jacobian(lambda x: nested(500, x))(2.0),
    ]
    for use in uses:
        with pytest.raises(ValueError, match="nested more than 100 deep, or contains itself"):
            use()


@pytest.mark.parametrize("key", ["k", 0, 1])
def test_a_hundred_levels_are_taken(key: Any) -> None:
    tree = nested(99, key=key)
    assert bottom_of(grad(square)(tree)) == bottom_of(COMPILED.grad(tree)) == 4.0
    assert COMPILED(tree) == COMPILED(tree) == 4.0
    assert bottom_of(compile(lambda x: nested(99, x * x, key))(2.0)) == 4.0
    lanes = compile(square, in_axes=0)
    assert bottom_of(lanes.grad(nested(99, np.array([2.0, 3.0]), key))).tolist() == [4.0, 6.0]


MASKED = np.ma.MaskedArray([1.0, 2.0, 3.0], mask=[False, True, False])


@pytest.mark.parametrize("tree", [MASKED, {"x": MASKED}, [MASKED, 1.0]])
@pytest.mark.parametrize("called_before", [False, True])
def test_a_mask_is_never_lost(tree: Any, called_before: bool) -> None:
    def total(x: Any) -> Any:
        return sum((x["x"] if isinstance(x, dict) else x[0] if isinstance(x, list) else x) * 1.0)

    plain = {"x": np.ones(3)} if isinstance(tree, dict) else [np.ones(3), 1.0] if isinstance(tree, list) else np.ones(3)
    for f in (compile(total), compile(total).grad, grad(total)):
        if called_before:
            f(plain)
        with pytest.raises(TypeError, match=r"must not have masked elements, got MaskedArray.*x\.filled\(value\)"):
            f(tree)


def test_a_mask_over_lanes_is_never_lost_and_names_its_argument() -> None:
    f = compile(lambda w, x: w * x, in_axes=(None, 0), reduce="sum")
    assert f(1.0, np.ma.MaskedArray([1.0, 2.0])) == f(1.0, np.array([1.0, 2.0])) == 3.0
    for _ in range(2):
        with pytest.raises(TypeError, match="compile: x must not have masked elements"):
            f(1.0, MASKED[:2])
        with pytest.raises(TypeError, match=r"x\['a'\] must not have masked elements"):
            compile(lambda w, x: w * x["a"], in_axes=(None, 0))(1.0, {"a": MASKED})


def test_a_masked_number_is_no_number() -> None:
    for use in (
        lambda: Value(np.ma.masked),
        lambda: grad(lambda x: x * x)(np.ma.masked),
        lambda: compile(lambda x: x * 2.0)(MASKED[1]),
        lambda: Value(2.0) + MASKED[1].sum(),
    ):
        with pytest.raises(TypeError):
            use()


def test_arrays_without_a_masked_element_are_arrays() -> None:
    assert grad(lambda x: x[0] * x[1])(np.ma.MaskedArray([2.0, 3.0])).tolist() == [3.0, 2.0]
    assert compile(lambda x: x[0] * x[1])(np.ma.MaskedArray([2.0, 3.0])) == 6.0


class Sparse:
    """As SciPy's: a shape, a dtype, and no way to an array but ``toarray``."""

    shape, dtype, ndim = (2, 3), np.dtype(float), 2

    def toarray(self) -> Any:
        return np.ones(self.shape)

    def __len__(self) -> int:
        raise TypeError("sparse array length is ambiguous")


@pytest.mark.parametrize(
    ("x", "instead"),
    [
        (np.array([True, False]), "x.astype"),
        (np.array([1j, 2.0]), "x.real and x.imag"),
        (np.array(["2020-01-01", "2020-01-02"], "M8[D]"), r"\(x - x\[0\]\) / np.timedelta64\(1, 's'\)"),
        (np.array([1, 2], "m8[s]"), r"x / np.timedelta64\(1, 's'\)"),
        (np.array(["1.5", "2.5"]), "x.astype"),
        (np.array([b"1.5", b"2.5"]), "x.astype"),
        (np.array([(1.0, 2.0)], [("a", float), ("b", float)]), r"\{name: x\[name\] for name in x.dtype.names\}"),
        (Sparse(), r"x.toarray\(\)"),
    ],
)
def test_arrays_of_what_is_no_number_say_what_to_give(x: Any, instead: str) -> None:
    for argument, name in ((x, "x"), ({"a": [x]}, r"x\['a'\]\[0\]")):
        for axes in (None, 0):
            f = compile(lambda w, x: w, in_axes=(None, axes))
            for way in (f, f.grad):
                with pytest.raises(TypeError, match=f"compile: {name} must be an array of numbers, got .*give .*{instead}"):
                    way(1.0, argument)


def test_an_array_of_dates_becomes_numbers_as_the_message_says() -> None:
    x = np.array(["2020-01-01", "2020-01-02"], "M8[D]")
    assert compile(lambda x: x, in_axes=0)((x - x[0]) / np.timedelta64(1, "s")).tolist() == [0.0, 86400.0]
    record = np.array([(1.0, 2.0)], [("a", float), ("b", float)])
    fields = {name: record[name] for name in record.dtype.names or ()}
    assert compile(lambda p: p["a"] * p["b"], in_axes=0)(fields).tolist() == [2.0]


def test_a_spec_names_what_is_nested() -> None:
    assert [str(leaf) for leaf in Spec.of(([[1.0]],), (None,), ("x",)).leaves] == ["x[0][0]"]
