"""``sparse=True``: the entries and numbers of the dense derivatives, in few passes; what it says no to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import AnomalyError, GraphCutError, Value, compile, detect_anomaly, hessian, jacfwd, jacobian, where
from autograd.transforms.trees import flatten
from benchmarks.sparse import Bundle, difference

# -- random functions ------------------------------------------------------------------------------------------

UNARY: list[Callable[[Any], Any]] = [
    *(ag.sin, ag.exp, ag.relu, ag.floor, abs, ag.square),
    *(lambda x: 3.0 * x, lambda x: 2.0, lambda x: x if x > 0.0 else x * x, lambda x: where(x > 0.5, x, x * x)),
]
BINARY: list[Callable[[Any, Any], Any]] = [
    *(lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, ag.maximum, ag.atan2),
    lambda a, b: ag.dot([a, b], [b, 2.0]),
]
steps = st.one_of(
    st.tuples(st.sampled_from(UNARY), st.integers(0, 20)),
    st.tuples(st.sampled_from(BINARY), st.integers(0, 20), st.integers(0, 20)),
)
functions = st.lists(steps, min_size=1, max_size=15)
points = st.lists(st.floats(-1.0, 1.0).map(lambda x: round(x, 3)), min_size=1, max_size=6)


def run(function: list[Any], x: Any) -> list[Any]:
    """Every number of a random program."""
    numbers = list(x)
    for operation, *places in function:
        numbers.append(operation(*[numbers[k % len(numbers)] for k in places]))
    return numbers


@settings(max_examples=80, deadline=None)
@given(functions, points)
def test_a_jacobian_has_the_numbers_of_the_dense_one_and_an_entry_for_each_path(function: list[Any], x: list[float]) -> None:
    f = lambda x: run(function, x)[-6:]  # noqa: E731
    found, dense = jacobian(f, sparse=True)(x), np.array(jacfwd(f)(x))
    assert found.shape == dense.shape
    np.testing.assert_allclose(found.toarray(), dense, rtol=1e-13, atol=0.0)
    assert_by_paths(found, f, x)


def assert_by_paths(found: Any, f: Callable[[Any], Any], x: list[float]) -> None:
    """An entry for each path from an input to an output."""
    xs = [Value(v) for v in x]
    for i, y in enumerate(f(xs)):
        seen, left = set(), [y] if isinstance(y, Value) else []
        while left:
            seen.add(node := left.pop())
            left += [parent for parent in node.parents if parent not in seen]
        assert sorted(found[[i]].indices) == [j for j, leaf in enumerate(xs) if leaf in seen]


@settings(max_examples=80, deadline=None)
@given(functions, points)
def test_a_hessian_has_the_numbers_of_the_dense_one_and_is_symmetric(function: list[Any], x: list[float]) -> None:
    f = lambda x: ag.sum(run(function, x)[-6:])  # noqa: E731
    found, dense = hessian(f, sparse=True)(x), np.array(hessian(f)(x))
    assert found.shape == dense.shape
    np.testing.assert_allclose(found.toarray(), dense, rtol=1e-12, atol=1e-12 * np.abs(dense).max())
    assert (found.toarray() == found.toarray().T).all()


# -- functions whose pattern is known ------------------------------------------------------------------------


def rosenbrock(x: Any) -> Any:
    total = 0.0
    for i in range(len(x) - 1):
        total = total + 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def test_the_hessian_of_rosenbrock_is_tridiagonal() -> None:
    x = np.linspace(-1.0, 1.0, 60)
    found = hessian(rosenbrock, sparse=True)(x)
    assert isinstance(found, scipy.sparse.csr_array)
    assert found.nnz == 3 * 60 - 2
    np.testing.assert_allclose(found.toarray(), hessian(rosenbrock)(x), rtol=1e-14)


def test_bundle_adjustment_is_one_matrix_with_the_numbers_of_the_dense_blocks() -> None:
    bundle = Bundle(cameras=3, points=5, observations=12)
    expected = bundle.from_blocks()
    for found in jacobian(bundle.errors, sparse=True)(bundle.x), compile(bundle.errors).jacobian(bundle.x, sparse=True):
        assert found.nnz == 12 * (2 * 14 + 1)
        assert difference(found, expected) <= 1e-12


def test_what_is_linear_has_no_entry() -> None:
    f = lambda x: x[0] * x[1] + ag.relu(x[2]) + 5.0 * x[3] + ag.max(x[4], x[5]) + x[0] / 2.0  # noqa: E731
    found = hessian(f, sparse=True)([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert (found.nnz, found[0, 1], found[1, 0]) == (2, 1.0, 1.0)


def test_each_local_derivative_is_computed_once() -> None:
    n, calls = 40, []

    def derivatives(y: Any, x: Any) -> tuple[Any]:
        calls.append(x)
        return (2.0 * x,)

    @ag.primitive(derivatives)
    def square(x: float) -> float:
        return x * x

    found = jacobian(lambda x: [square(v) for v in x], sparse=True)([1.0] * n)
    assert found.diagonal().tolist() == [2.0] * n
    assert len(calls) == n


@pytest.mark.parametrize(
    ("f", "there", "elsewhere"),
    [
        (lambda x: x[0] * x[1] if x[0] > 0.0 else x[1] ** 2, [(0, 1), (1, 0)], [(1, 1)]),
        (lambda x: where(x[0] > 0.0, x[0] * x[1], x[1] ** 2), [(0, 1), (1, 0)], [(1, 1)]),
    ],
    ids=["if", "where"],
)
def test_the_pattern_is_that_of_the_branch_taken(f: Any, there: object, elsewhere: object) -> None:
    for x, expected in ([1.0, 2.0], there), ([-1.0, 2.0], elsewhere):
        found = hessian(f, sparse=True)(x).tocoo()
        assert list(zip(found.row, found.col, strict=True)) == expected


def test_an_infinite_derivative_stays_where_it_is() -> None:
    f = lambda x: [ag.sqrt(x[0]) * x[1], x[2] + x[1]]  # noqa: E731
    found = jacobian(f, sparse=True)([0.0, 2.0, 3.0])
    assert found.toarray().tolist() == [[np.inf, 0.0, 0.0], [0.0, 1.0, 1.0]]


def test_both_patterns_of_a_number_used_twice() -> None:
    assert hessian(lambda x: x[0] * x[0], sparse=True)([3.0]).toarray().tolist() == [[2.0]]
    assert hessian(lambda x: ag.prod([x[0], x[0], x[0]]), sparse=True)([3.0]).toarray().tolist() == [[18.0]]
    assert hessian(lambda x: ag.dot(x, x), sparse=True)([3.0, 4.0]).toarray().tolist() == [[2.0, 0.0], [0.0, 2.0]]


# -- arguments and results ---------------------------------------------------------------------------------------


def mixed(p: Any, q: Any, scale: float = 1.0) -> Any:
    return {"a": scale * p["w"][0] * q, "b": [p["w"][1] ** 2, q + p["c"]]}


def test_rows_are_the_outputs_and_columns_the_numbers_in_order() -> None:
    p = {"w": np.array([2.0, 3.0]), "c": 5.0}
    found = jacobian(mixed, sparse=True)(p, 7.0, scale=10.0)
    assert found.toarray().tolist() == [[70.0, 0.0, 0.0], [0.0, 6.0, 0.0], [0.0, 0.0, 1.0]]
    by_p, by_q = jacobian(mixed, argnums=(0, 1), sparse=True)(p, 7.0)
    assert (by_p.shape, by_q.toarray().tolist()) == ((3, 3), [[2.0], [0.0], [1.0]])
    assert jacobian(mixed, "q", sparse=True)(p, q=7.0).toarray().tolist() == [[2.0], [0.0], [1.0]]


def test_of_several_arguments_a_hessian_has_a_block_for_each_pair() -> None:
    f = lambda x, y, scale=1.0: scale * x[0] * y * y + x[1] ** 3  # noqa: E731
    blocks = hessian(f, argnums=(0, 1), sparse=True)([1.0, 2.0], 3.0, scale=2.0)
    assert [[block.toarray().tolist() for block in row] for row in blocks] == [
        [[[0.0, 0.0], [0.0, 12.0]], [[12.0], [0.0]]],
        [[[12.0, 0.0]], [[4.0]]],
    ]
    assert all(isinstance(block, scipy.sparse.csr_array) for row in blocks for block in row)


def test_aux_comes_beside_the_matrix() -> None:
    aux = object()
    matrix, found = jacobian(lambda x: ([x[0] ** 2], aux), sparse=True, has_aux=True)([3.0])
    assert (matrix.toarray().tolist(), found) == ([[6.0]], aux)
    matrix, found = hessian(lambda x: (x[0] ** 3, aux), has_aux=True, sparse=True)([3.0])
    assert (matrix.toarray().tolist(), found) == ([[18.0]], aux)


@pytest.mark.parametrize(
    ("f", "x", "shape"),
    [
        (lambda x: [], [1.0, 2.0], (0, 2)),
        (lambda x: [1.0, 2.0], [], (2, 0)),
        (lambda x: [1.0, x[0]], [3.0], (2, 1)),
        (lambda x: 5.0, 3.0, (1, 1)),
    ],
)
def test_of_nothing_there_is_an_empty_matrix(f: Any, x: Any, shape: tuple[int, int]) -> None:
    found = jacobian(f, sparse=True)(x)
    assert (found.shape, found.sum()) == (shape, float(len(flatten(x)[0]) == 1 and shape[0] == 2))


def test_of_a_constant_or_linear_function_the_hessian_is_empty() -> None:
    for f in (lambda x: 5.0, lambda x: x[0] + x[1], lambda x: ag.sum(x)):
        found = hessian(f, sparse=True)([1.0, 2.0])
        assert (found.shape, found.nnz) == ((2, 2), 0)


# -- what it says no to --------------------------------------------------------------------------------------------


def test_values_are_refused_for_a_sparse_array_holds_numbers() -> None:
    w = Value(2.0)
    for call in (
        lambda: jacobian(lambda x: [x[0] * 2.0], sparse=True)([w]),
        lambda: jacobian(lambda x: [x[0] * w], sparse=True)([1.0]),
        lambda: hessian(lambda x: x[0] * w, sparse=True)([1.0]),
        lambda: ag.grad(lambda z: hessian(lambda x: x[0] ** 2 * z, sparse=True)([1.0])[0, 0])(1.0),
    ):
        with pytest.raises(TypeError, match=r"a sparse array holds numbers, .* give floats, stop_gradient\(v\)"):
            call()
    assert jacobian(lambda x: [x[0] * ag.stop_gradient(w)], sparse=True)([1.0]).toarray().tolist() == [[2.0]]


def test_scipy_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(ImportError, match=r"a sparse derivative needs the package scipy: pip install '\.\[scipy\]'"):
        jacobian(lambda x: [x], sparse=True)(1.0)


def test_errors_are_those_of_the_dense_derivatives() -> None:
    with pytest.raises(TypeError, match="hessian: .* must return a single Value, got list"):
        hessian(lambda x: [x], sparse=True)(1.0)
    with pytest.raises(TypeError, match="jacobian: .* must return a Value, got"):
        jacobian(lambda x: "a", sparse=True)(1.0)
    with pytest.raises(GraphCutError):
        jacobian(lambda x: [float(x)], sparse=True)(1.0)
    with detect_anomaly(), pytest.raises(AnomalyError, match="sqrt"):
        jacobian(lambda x: [ag.sqrt(x)], sparse=True)(0.0)
