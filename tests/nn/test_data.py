"""Data: what is taken, what is refused and where the message points, splits and batches."""

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.data import check_data, take

SQUARE = [[0.0, 1.0], [2.0, 3.0]]


@pytest.mark.parametrize(
    "X", [SQUARE, ((0, 1), (2, 3)), np.array(SQUARE), np.array(SQUARE, dtype=np.float32), [np.array([0, 1]), (2.0, 3)]]
)
@pytest.mark.parametrize("y", [[1, -1], (1.0, -1.0), np.array([1, -1]), [np.float64(1), np.int8(-1)]])
def test_lists_tuples_and_arrays_are_the_same_data(X: Any, y: Any) -> None:  # noqa: N803
    data = check_data(X, y)
    assert data == nn.Data(SQUARE, [1.0, -1.0])
    assert {type(x) for row in data.X for x in row} == {float}


@pytest.mark.parametrize(
    "y",
    [[1, -1], (1, -1), range(1, -2, -2), np.array([1, -1]), np.array([1, -1], np.int8), [np.int64(1), np.int16(-1)],
     [np.array(1), np.array(-1)]],
    ids=repr,
)  # fmt: skip
def test_whole_numbers_are_ints_as_targets(y: Any) -> None:
    targets = check_data(SQUARE, y).y
    assert targets == [1, -1]
    assert [type(t) for t in targets] == [int, int]


@pytest.mark.parametrize(
    "y", [[1.0, -1.0], [1, -1.0], np.array([1.0, -1.0]), np.array([1, -1], np.float32), [1, Fraction(-1)]]
)
def test_targets_with_a_float_among_them_are_floats(y: Any) -> None:
    targets = check_data(SQUARE, y).y
    assert targets == [1.0, -1.0]
    assert [type(t) for t in targets] == [float, float]


def test_an_int_that_no_float_can_be_stays_itself() -> None:
    assert check_data(SQUARE, [2**53 + 1, 0]).y == [2**53 + 1, 0]


@pytest.mark.parametrize(
    "y", [[True, False], np.array([True, False]), [np.True_, np.False_], np.array([True, False], object)]
)
def test_bools_are_the_labels_1_and_0(y: Any) -> None:
    targets = check_data(SQUARE, y).y
    assert targets == [1, 0]
    assert [type(t) for t in targets] == [int, int]


def test_each_column_of_targets_is_whole_or_not() -> None:
    targets = check_data(SQUARE, [[2, 1, True], (0, 0.5, False)]).y
    assert targets == [[2, 1.0, 1], [0, 0.5, 0]]
    assert [[type(t) for t in row] for row in targets] == [[int, float, int]] * 2


@pytest.mark.parametrize(
    "X", [[[True, 1.5], [False, 2]], [[np.True_, 1.5], [np.False_, 2]], np.array([[True, 1.5], [False, 2]], object)]
)
def test_a_column_of_bools_is_one_of_0_and_1(X: Any) -> None:  # noqa: N803
    assert check_data(X, [1, 1]).X == [[1.0, 1.5], [0.0, 2.0]]
    assert check_data(np.array([[True, False]]), [1]).X == [[1.0, 0.0]]


def test_targets_may_be_rows() -> None:
    assert check_data(SQUARE, np.array([[1, 2, 3], [4, 5, 6]])).y == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


class Frame:
    """What is needed of a pandas frame."""

    def to_numpy(self) -> Any:
        return np.array(SQUARE)


def test_a_frame_is_taken() -> None:
    assert check_data(Frame(), [1, 1]).X == SQUARE


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        ([], [], ValueError, "^X is empty"),
        (SQUARE, [], ValueError, "^y is empty"),
        (np.zeros((0, 2)), [], ValueError, "^X is empty"),
        ([[], []], [1, 1], ValueError, "X has no columns"),
        (SQUARE, [1], ValueError, "X and y differ in length: 2 rows and 1 targets"),
        ([[1, 2], [3]], [1, 1], ValueError, "X is ragged: row 1 has 1 numbers, row 0 has 2"),
        ([[1, 2], [3, math.nan]], [1, 1], ValueError, r"X\[1\]\[1\] is nan; training needs finite numbers"),
        ([[1, math.inf], [3, 4]], [1, 1], ValueError, r"X\[0\]\[1\] is inf"),
        (SQUARE, [1, math.nan], ValueError, r"y\[1\] is nan"),
        (SQUARE, [1, -math.inf], ValueError, r"y\[1\] is -inf"),
        (SQUARE, [[1, 2], [3, math.nan]], ValueError, r"y\[1\]\[1\] is nan"),
        (SQUARE, [[1, 2], [3]], ValueError, "y is ragged: row 1"),
        (SQUARE, [[1], 2], TypeError, r"y\[1\] must be a row of numbers, got 2"),
        ([1.0, 2.0], [1, 1], TypeError, r"X\[0\] must be a row of numbers, got 1.0; a single column is \[\[x\] for"),
        ([[1, "a"], [3, 4]], [1, 1], TypeError, r"X\[0\]\[1\] must be a real number, got str 'a'"),
        ([[1, None], [3, 4]], [1, 1], TypeError, r"X\[0\]\[1\] must be a real number, got None"),
        ([[1, True], [3, 4]], [1, 1], TypeError, "got bool True"),
        ([[True, 1], [0, 4]], [1, 1], TypeError, r"X\[0\]\[0\] must be a real number, got bool True"),
        (SQUARE, [0.5, np.True_], TypeError, r"y\[1\] must be a real number, got bool True"),
        (SQUARE, [True, 0.5], TypeError, r"y\[0\] must be a real number, got bool True"),
        (SQUARE, ["yes", "no"], TypeError, r"y\[0\] must be a real number, got str 'yes'"),
        (np.zeros((2, 2, 2)), [1, 1], TypeError, r"X\[0\]\[0\] must be a real number, got list"),
        ("data", [1], TypeError, "X must be a list, tuple or array, got str 'data'"),
        (None, [1], TypeError, "X must be a list, tuple or array, got None"),
        (SQUARE, 1.0, TypeError, "y must be a list, tuple or array, got float 1.0"),
        (10**400, [1], TypeError, "X must be a list"),
        ([[10**400]], [1], ValueError, r"X\[0\]\[0\] is inf"),
    ],
)
def test_bad_data_is_refused_and_the_message_says_where(X: Any, y: Any, error: type[Exception], message: str) -> None:  # noqa: N803
    with pytest.raises(error, match=message):
        check_data(X, y)


def numbered(n: int) -> nn.Data:
    return nn.Data([[float(i)] for i in range(n)], list(range(n)))


@given(st.integers(2, 50), st.floats(0.0, 0.999), st.integers(0, 5))
def test_a_split_loses_and_doubles_nothing(n: int, fraction: float, seed: int) -> None:
    data = numbered(n)
    if not 0 < round(n * fraction) < n:
        with pytest.raises(ValueError, match=f"leaves one part of {n} rows empty"):
            nn.split(*data, fraction, seed)
        return
    train, test = nn.split(*data, fraction, seed)
    assert sorted(train.y + test.y) == data.y  # type: ignore[operator]
    assert len(test.y) == round(n * fraction)
    assert all(row == [t] for part in (train, test) for row, t in zip(*part, strict=True))


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 1.5, math.nan])
def test_a_fraction_outside_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match="fraction must be at least 0 and below 1"):
        nn.split(*numbered(4), fraction)


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 5))
def test_batches_deal_out_everything_once(n: int, size: int, seed: int) -> None:
    parts = list(nn.batches(numbered(n), size, random.Random(seed)))
    assert sorted(t for part in parts for t in part.y) == list(range(n))
    assert [len(part.X) for part in parts] == [size] * (n // size) + [n % size] * (n % size > 0)


def test_one_batch_of_all() -> None:
    (part,) = nn.batches(numbered(5), None, random.Random(0))
    assert sorted(part.y) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("size", "error"), [(0, ValueError), (-1, ValueError), (2.0, TypeError), (True, TypeError)])
def test_a_batch_of_none_is_refused(size: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="batch_size must be"):
        list(nn.batches(numbered(3), size, random.Random(0)))


def test_take_keeps_rows_and_targets_together() -> None:
    assert take(numbered(4), [2, 0]) == nn.Data([[2.0], [0.0]], [2, 0])


def test_batches_are_dealt_from_a_pair_and_with_a_seed() -> None:
    data = numbered(5)
    expected = list(nn.batches(data, 2, random.Random(3)))
    assert list(nn.batches(data, 2, 3)) == list(nn.batches((data.X, data.y), 2, 3)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [[[1.0]], None, 3.0, ([[1.0]],), nn.MLP(1, [1])], ids=repr)
def test_batches_of_something_else_are_refused(data: Any) -> None:
    with pytest.raises(TypeError, match=r"batches: data must be nn.Data\(X, y\), got"):
        list(nn.batches(data, 1, 0))


def test_a_generator_and_words_are_told_what_takes_them() -> None:
    model = nn.MLP(1, [2], seed=0)
    with pytest.raises(
        TypeError, match=r"X must be a list, tuple or array, got generator .*; nn.Trainer\(model, loss\).epoch"
    ):
        nn.fit(model, (x for x in [[1.0]]), [0], "cross_entropy")  # type: ignore[arg-type]
    for y in (["cat", "dog"], np.array(["cat", "dog"]), np.array(["cat", "dog"], object)):
        with pytest.raises(
            TypeError, match=r"y\[0\] must be a real number, got str 'cat': number the classes, .* or take nn.Classifier"
        ):
            nn.fit(model, [[1.0], [2.0]], y, "cross_entropy")  # type: ignore[arg-type]
