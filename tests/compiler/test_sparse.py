"""``compile(f).jacobian(…, sparse=True)`` and ``.hessian(…, sparse=True)``, and the direction of the dense Jacobian."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, compile, hessian, jacobian, scan, stop_gradient, where

OPERATIONS: list[Callable[[Any, Any], Any]] = [
    *(lambda a, b: a + b, lambda a, b: a * b, lambda a, b: ag.sin(a), lambda a, b: 3.0 * a, ag.maximum),
    *(lambda a, b: where(a > b, a * a, b), lambda a, b: ag.dot([a, b], [b, 2.0]), lambda a, b: stop_gradient(a) * b),
    lambda a, b: a if a > 0.1 else a * b,
]
functions = st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=10)


def run(function: list[Any], x: Any) -> list[Any]:
    numbers = list(x)
    for operation, a, b in function:
        numbers.append(operation(numbers[a % len(numbers)], numbers[b % len(numbers)]))
    return numbers


@settings(max_examples=25, deadline=None)
@given(functions)
def test_entries_and_numbers_are_those_of_the_dense_derivatives(function: list[Any]) -> None:
    x = [0.7, -0.4, 0.2]
    f = lambda x: run(function, x)[-4:]  # noqa: E731
    g = lambda x: ag.sum(f(x))  # noqa: E731
    rows, curvature = compile(f).jacobian(x, sparse=True), compile(g).hessian(x, sparse=True)
    np.testing.assert_allclose(rows.toarray(), jacobian(f)(x), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(curvature.toarray(), hessian(g)(x), rtol=1e-12, atol=1e-14)
    # where has both sides in a program and one in a graph
    assert (rows.nnz, curvature.nnz) >= (jacobian(f, sparse=True)(x).nnz, hessian(g, sparse=True)(x).nnz)


def rosenbrock(x: Any) -> Any:
    total = 0.0
    for i in range(len(x) - 1):
        total = total + 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def test_the_hessian_of_rosenbrock_is_one_call_of_three_lanes() -> None:
    x, f = np.linspace(-1.0, 1.0, 50), compile(rosenbrock)
    found = f.hessian(x, sparse=True)
    assert isinstance(found, scipy.sparse.csr_array)
    assert found.nnz == 3 * 50 - 2
    np.testing.assert_allclose(found.toarray(), hessian(rosenbrock)(x), rtol=1e-13)
    again = f.hessian(x + 0.5, sparse=True)  # the same code
    np.testing.assert_allclose(again.toarray(), hessian(rosenbrock)(x + 0.5), rtol=1e-13)
    assert [each.transform for each in f.explain().specialisations] == ["hvp in colours"]


def test_rows_are_grouped_where_that_takes_fewer_passes() -> None:
    f = lambda x: [ag.dot(x[:10], x[:10]), ag.sum(x[10:] * x[10:])]  # noqa: E731
    x = np.arange(20.0)
    compiled = compile(f)
    assert compiled.jacobian(x, sparse=True).toarray().tolist() == np.array(jacobian(f)(x)).tolist()
    names = [each.transform for each in compiled.explain().specialisations]
    assert names == ["jvp in colours", "vjp in colours"]


def test_arguments_are_as_in_every_transform() -> None:
    f = compile(lambda p, q, *, scale=1.0: {"a": scale * p["w"][0] * q, "b": [p["w"][1] ** 2, q + p["c"]]})
    p = {"w": np.array([2.0, 3.0]), "c": 5.0}
    found = f.jacobian(p, 7.0, scale=10.0, sparse=True)
    assert found.toarray().tolist() == [[70.0, 0.0, 0.0], [0.0, 6.0, 0.0], [0.0, 0.0, 1.0]]
    by_p, by_q = f.jacobian(p, 7.0, argnums=("p", "q"), sparse=True)
    assert (by_p.shape, by_q.toarray().tolist()) == ((3, 3), [[2.0], [0.0], [1.0]])
    g = compile(lambda x, y: x[0] * y * y + x[1] ** 3)
    blocks = g.hessian([1.0, 2.0], 3.0, argnums=(0, 1), sparse=True)
    assert [[block.toarray().tolist() for block in row] for row in blocks] == [
        [[[0.0, 0.0], [0.0, 12.0]], [[6.0], [0.0]]],
        [[[6.0, 0.0]], [[2.0]]],
    ]
    named = compile(lambda x, n: [x[0] ** n, x[1]], static_argnames="n")
    assert named.jacobian([3.0, 1.0], 3, sparse=True).toarray().tolist() == [[27.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("f", [lambda x: [], lambda x: [1.0, 2.0]])
def test_of_what_depends_on_nothing_there_is_an_empty_matrix(f: Any) -> None:
    found = compile(f).jacobian([1.0, 2.0, 3.0], sparse=True)
    assert (found.shape, found.nnz) == ((len(f(0)), 3), 0)
    assert compile(lambda x: x[0] + 3.0 * x[1]).hessian([1.0, 2.0], sparse=True).nnz == 0


def test_the_pattern_belongs_to_the_branch_that_a_call_takes() -> None:
    f = compile(lambda x: x[0] * x[1] if x[0] > 0.0 else x[1] ** 2)
    for _ in range(2):  # traced, and known
        for x, expected in ([1.0, 2.0], [(0, 1), (1, 0)]), ([-1.0, 2.0], [(1, 1)]):
            found = f.hessian(x, sparse=True).tocoo()
            assert list(zip(found.row, found.col, strict=True)) == expected
            assert found.toarray().tolist() == np.array(f.hessian(x)).tolist()


def test_a_pattern_has_both_sides_of_a_where() -> None:
    f = compile(lambda x: where(x[0] > 0.0, x[0] * x[1], x[1] ** 2))
    for x in [1.0, 2.0], [-1.0, 2.0]:
        found = f.hessian(x, sparse=True)
        assert found.nnz == 3  # of which some are 0 at each point
        assert found.toarray().tolist() == np.array(f.hessian(x)).tolist()


def test_loops_that_became_scans_have_the_pattern_of_each_step() -> None:
    def running(x: Any) -> Any:
        state, every = x[0], []
        for i in range(80):
            state = ag.sin(state) * 0.5 + x[i]
            every.append(state if i % 20 == 0 else x[i] * 2.0)
        return every

    x = np.linspace(0.0, 1.0, 80)
    found, expected = compile(running).jacobian(x, sparse=True), jacobian(running, sparse=True)(x)
    assert found.nnz == expected.nnz
    np.testing.assert_allclose(found.toarray(), expected.toarray(), rtol=1e-12)


@pytest.mark.parametrize("length", [1, 2, 12])
def test_a_scan_has_the_pattern_of_its_steps(length: int) -> None:
    def walk(x: Any) -> Any:
        last, every = scan(lambda s, u: (ag.tanh(s) + u * u, u * 3.0), x[0], [x[i + 1] for i in range(length)])
        return [last, *every]

    def energy(x: Any) -> Any:
        last, every = scan(lambda s, u: (s + (u - 1.0) ** 2, u * x[0]), 0.0, [x[i + 1] for i in range(length)])
        return last + every[0]

    x = np.linspace(0.1, 1.0, length + 1)
    found, expected = compile(walk).jacobian(x, sparse=True), jacobian(walk, sparse=True)(x)
    assert (found.nnz, expected.nnz) == (2 * length + 1, 2 * length + 1)
    np.testing.assert_allclose(found.toarray(), expected.toarray(), rtol=1e-13)
    found, expected = compile(energy).hessian(x, sparse=True), hessian(energy, sparse=True)(x)
    assert found.nnz == expected.nnz == length + 2
    np.testing.assert_allclose(found.toarray(), expected.toarray(), rtol=1e-13)


def test_an_infinite_derivative_stays_where_it_is() -> None:
    f = lambda x: [ag.sqrt(x[0]) * x[1], x[2] + x[1]]  # noqa: E731
    found = compile(f).jacobian([0.0, 2.0, 3.0], sparse=True)
    assert found.toarray().tolist() == [[np.inf, 0.0, 0.0], [0.0, 1.0, 1.0]]


def test_captured_values_are_read_at_each_call() -> None:
    w = Value(2.0)
    f = compile(lambda x: [w * x[0], x[1] ** 2])
    assert f.jacobian([1.0, 3.0], sparse=True).toarray().tolist() == [[2.0, 0.0], [0.0, 6.0]]
    w.data = 5.0
    assert f.jacobian([1.0, 3.0], sparse=True).toarray().tolist() == [[5.0, 0.0], [0.0, 6.0]]


def test_what_has_no_sparse_array_is_refused() -> None:
    over_lanes = compile(lambda x: [x, x], in_axes=0)
    with pytest.raises(TypeError, match="runs over lanes, and a sparse array is of one point; compile it without in_axes"):
        over_lanes.jacobian(np.ones(3), sparse=True)
    with pytest.raises(TypeError, match="a sparse array holds numbers"):
        compile(lambda x: [x[0] ** 2]).jacobian([Value(1.0)], sparse=True)
    with pytest.raises(TypeError, match="must return a single Value"):
        compile(lambda x: [x]).hessian(1.0, sparse=True)
    with pytest.raises(TypeError, match="n is static"):
        compile(lambda x, n: [x * n], static_argnames="n").jacobian(1.0, 2, argnums="n", sparse=True)


# -- the direction of the dense Jacobian -----------------------------------------------------------------------------


def curve(t: Any) -> Any:
    return [ag.sin(k * t) for k in range(1, 40)]


def test_a_jacobian_goes_forwards_where_there_are_fewer_inputs_than_outputs() -> None:
    f = compile(curve)
    assert f.jacobian(0.3) == pytest.approx(jacobian(curve)(0.3), rel=1e-14)
    assert np.stack(compile(curve, in_axes=0).jacobian(np.array([0.3, 0.4])))[:, 0] == pytest.approx(jacobian(curve)(0.3))

    def chain(t: Any) -> list[Any]:
        every = [t]
        for _ in range(60):
            every.append(ag.sin(every[-1]))
        return every

    g = compile(chain)
    assert g.jacobian(0.3) == pytest.approx(jacobian(chain)(0.3), rel=1e-13)
    assert g.explain().operations <= 60 * 5  # one pass: backwards it would be 60 · 61 / 2 steps


def test_what_a_choice_left_out_spoils_no_derivative_in_either_direction() -> None:
    def f(x: Any) -> Any:
        y = ag.sqrt(where(x > 0.0, x, 0.0))
        return [y, x, y * x]

    for x in -1.0, 4.0:
        expected = jacobian(f)(x)
        assert compile(f).jacobian(x) == pytest.approx(expected)
        assert compile(f).jvp((x,), (1.0,))[1] == pytest.approx(expected)
        moved = compile(f, in_axes=0).jvp((np.array([x]),), (np.ones(1),))[1]
        assert np.stack(moved)[:, 0] == pytest.approx(expected)
