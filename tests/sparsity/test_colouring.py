"""Colourings against their definitions, on random patterns and on those whose fewest colours are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.sparsity.colouring import apart, star, transposed
from autograd.sparsity.groups import hessian_groups, jacobian_groups

Pattern = list[set[int]]


@st.composite
def patterns(draw: st.DrawFn, symmetric: bool = False) -> tuple[Pattern, int]:
    rows, columns = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    columns = rows if symmetric else columns
    places = st.sets(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)), max_size=25)
    entries = draw(places) if rows and columns else set()
    entries |= {(j, i) for i, j in entries} if symmetric else set()
    return [{j for k, j in entries if k == i} for i in range(rows)], columns


def listed(pattern: Pattern) -> list[list[int]]:
    return [sorted(row) for row in pattern]


@settings(max_examples=80, deadline=None)
@given(patterns())
def test_columns_of_one_colour_share_no_row(drawn: tuple[Pattern, int]) -> None:
    pattern, columns = drawn
    colours = apart(listed(pattern), columns)
    assert len(colours) == columns
    assert all(len({colours[j] for j in row}) == len(row) for row in pattern)


@settings(max_examples=80, deadline=None)
@given(patterns(symmetric=True))
def test_neighbours_differ_and_paths_over_four_vertices_have_three_colours(drawn: tuple[Pattern, int]) -> None:
    pattern, n = drawn
    colours = star(listed(pattern))
    assert len(colours) == n
    beside = [row - {i} for i, row in enumerate(pattern)]
    for a in range(n):
        for b in beside[a]:
            assert colours[a] != colours[b]
            for c in beside[b] - {a}:
                for d in beside[c] - {a, b}:
                    assert len({colours[k] for k in (a, b, c, d)}) >= 3


@settings(max_examples=80, deadline=None)
@given(patterns(), st.randoms(use_true_random=False))
def test_a_matrix_is_found_in_its_products_with_the_groups(drawn: tuple[Pattern, int], random: object) -> None:
    pattern, columns = drawn
    matrix = filled(pattern, columns, random)
    groups = jacobian_groups(pattern, columns)
    passes = matrix @ groups.seeds().T if groups.forward else (groups.seeds() @ matrix).T
    found = groups.matrix(passes)
    assert (found.shape, found.nnz) == (matrix.shape, sum(map(len, pattern)))
    assert found.toarray().tolist() == matrix.tolist()


@settings(max_examples=80, deadline=None)
@given(patterns(symmetric=True), st.randoms(use_true_random=False))
def test_a_symmetric_matrix_is_found_in_its_products_with_the_groups(drawn: tuple[Pattern, int], random: object) -> None:
    pattern, n = drawn
    matrix = filled(pattern, n, random)
    matrix = np.triu(matrix) + np.triu(matrix, 1).T
    groups = hessian_groups(pattern)
    assert groups.matrix(matrix @ groups.seeds().T).toarray().tolist() == matrix.tolist()


def filled(pattern: Pattern, columns: int, random: object) -> np.ndarray:
    matrix = np.zeros((len(pattern), columns))
    for i, row in enumerate(pattern):
        for j in row:
            matrix[i, j] = random.randint(1, 99)  # type: ignore[attr-defined]
    return matrix


def band(n: int, width: int) -> Pattern:
    return [{j for j in range(i - width, i + width + 1) if 0 <= j < n} for i in range(n)]


@pytest.mark.parametrize("n", [10, 1000])
def test_the_fewest_colours_where_they_are_known(n: int) -> None:
    diagonal, dense = [{i} for i in range(n)], [set(range(10))] * 10
    hub_first = [{0, i} if i else set(range(n)) for i in range(n)]
    hub_last = [{n - 1 - j for j in row} for row in reversed(hub_first)]
    assert [hessian_groups(p).count for p in (diagonal, dense, hub_first, hub_last)] == [1, 10, 2, 2]
    assert [hessian_groups(band(n, width)).count for width in (1, 2, 3)] == [3, 5, 7]
    assert [jacobian_groups(band(n, width), n).count for width in (1, 2, 3)] == [3, 5, 7]
    assert hessian_groups([set()] * n).count == jacobian_groups([set()] * n, 3).count == 0


def test_rows_are_grouped_where_that_takes_fewer_passes() -> None:
    tall, wide = [{0, 1} for _ in range(50)], [set(range(50))]
    assert [(g.forward, g.count) for g in (jacobian_groups(tall, 2), jacobian_groups(wide, 50))] == [(True, 2), (False, 1)]


def test_the_transpose_has_the_rows_of_each_column() -> None:
    assert transposed([[0, 2], [2]], 3) == [[0], [], [0, 1]]
