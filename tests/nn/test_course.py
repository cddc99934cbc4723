"""A course: which batches come, how many at a time, and what their numbers make of an epoch."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.course import Course, EpochResult
from nn.data import permutation, permutations
from nn.examples import check_examples


def course_of(n: int, epochs: int, size: int | None, has_accuracy: bool = True) -> Course:
    rows = [[float(k)] for k in range(n)]
    orders = permutations(epochs, n, random.Random(0))
    return Course(check_examples(rows, list(range(n))), orders, size, has_accuracy)


def rows_of(course: Course, batches: int) -> list[float]:
    return [x for (x,) in course.ahead(batches).lists.X]


@given(n=st.integers(1, 30), epochs=st.integers(1, 4), size=st.none() | st.integers(1, 40), rows=st.integers(1, 70))
def test_every_epoch_has_every_row_once_in_batches_of_that_size(n: int, epochs: int, size: Any, rows: int) -> None:
    course, seen, lengths = course_of(n, epochs, size), list[float](), list[int]()
    while course.left:
        sizes = course.sizes_in(rows)
        assert sum(sizes) <= rows or len(sizes) == 1
        part = rows_of(course, len(sizes))
        assert len(part) == sum(sizes)
        seen, lengths = seen + part, lengths + sizes
        course.progress = course.after(*[[1.0] * len(sizes)] * 3)
    step = size or n
    assert lengths == ([step] * (n // step) + [n % step] * (n % step > 0)) * epochs
    assert [sorted(seen[k * n : (k + 1) * n]) for k in range(epochs)] == [list(map(float, range(n)))] * epochs
    assert len(course.progress.completed) == epochs


def test_an_epoch_is_the_weighted_mean_of_its_batches() -> None:
    course = course_of(5, 2, 3)
    course.progress = course.after([1.0, 4.0, 7.0], [1.0, 0.5, 0.0], [3.0, 1.0, 3.0])
    assert course.progress.completed == [EpochResult(7.0 / 4.0, 4.0 / 5.0)]
    assert (course.batch, course.left) == (2, 1)
    course.progress = course.after([1.0], [1.0], [2.0])
    assert course.progress.completed[1] == EpochResult(23.0 / 5.0, 2.0 / 5.0)


def test_a_loss_without_labels_has_no_accuracy() -> None:
    course = course_of(2, 1, None, has_accuracy=False)
    assert course.after([0.5], [0.0], [2.0]).completed == [EpochResult(0.5, None)]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_orders_drawn_together_are_those_drawn_one_after_the_other(count: int) -> None:
    one, other = random.Random(4), random.Random(4)
    together = [list(order) for order in permutations(count, 11, one)]
    assert together == [list(permutation(11, other)) for _ in range(count)]
    assert one.getstate() == other.getstate()


def test_orders_are_the_same_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy")
    expected = [list(order) for order in permutations(3, 5, random.Random(1))]
    monkeypatch.setattr("nn.data.found", lambda _: None)
    assert [list(order) for order in permutations(3, 5, random.Random(1))] == expected
