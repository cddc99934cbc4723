"""Small linear systems: against exact ones, with pivots, in lanes."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, compile, jacobian
from autograd.transforms.linear import solve as solve_scalars


def solve(matrix: Any, right: Any) -> Any:
    return solve_scalars(matrix, right)


ENTRIES = st.integers(-9, 9).map(float)


@given(
    st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(ENTRIES, min_size=n + 1, max_size=n + 1), min_size=n, max_size=n))
)
def test_a_solution_is_that_of_lapack(system: list[list[float]]) -> None:
    matrix, right = [row[:-1] for row in system], [row[-1:] for row in system]
    if np.linalg.cond(np.array(matrix)) < 1e6:
        np.testing.assert_allclose(solve(matrix, right), np.linalg.solve(matrix, right), rtol=1e-9, atol=1e-9)


def test_a_zero_on_the_diagonal_is_no_obstacle() -> None:
    assert solve([[0.0, 2.0], [4.0, 0.0]], [[6.0], [8.0]]) == [[2.0], [3.0]]


def test_a_small_pivot_costs_no_digits() -> None:
    ((x,), (y,)) = solve([[1e-20, 1.0], [1.0, 1.0]], [[1.0], [2.0]])
    assert (x, y) == (1.0, 1.0)


def test_a_singular_matrix_gives_numbers_that_are_not_finite() -> None:
    assert not np.isfinite(solve([[1.0, 2.0], [2.0, 4.0]], [[1.0], [1.0]])).any()


def inverse_times(a: Any) -> Any:
    return [x for (x,) in solve([[a[0], a[1]], [a[2], a[3]]], [[1.0], [2.0]])]


def test_lanes_choose_pivots_of_their_own() -> None:
    lanes = np.array([[0.0, 2.0, 4.0, 0.0], [5.0, 1.0, 0.0, 3.0], [1.0, 7.0, -2.0, 0.0]]).T
    found = np.array(compile(inverse_times, in_axes=-1)(lanes))
    assert found.T.tolist() == [np.linalg.solve(a.reshape(2, 2), [1.0, 2.0]).tolist() for a in lanes.T]


def test_a_derivative_is_minus_the_inverse_times_the_solution() -> None:
    a = [3.0, 1.0, 2.0, 5.0]
    matrix = np.array(a).reshape(2, 2)
    x, inverse = np.linalg.solve(matrix, [1.0, 2.0]), np.linalg.inv(matrix)
    expected = np.array([[-inverse[i, j] * x[k] for j in range(2) for k in range(2)] for i in range(2)])
    np.testing.assert_allclose(jacobian(inverse_times)(a), expected, rtol=1e-14)


def test_zeros_that_always_are_take_no_part() -> None:
    infinite = Value(float("inf"))
    ((x,), (y,)) = solve([[2.0, 0.0], [0.0, infinite]], [[4.0], [1.0]])
    assert (x, y) == (2.0, 0.0)
