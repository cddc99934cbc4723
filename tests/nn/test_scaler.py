"""Scaler: every column to mean 0 and deviation 1 and back, of whatever holds numbers, and what it refuses."""

import json
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.column_statistics import statistics
from tests.support import bits

ROWS = [[1.0, 5.0, 0.1], [3.0, 7.0, 0.1], [8.0, -2.0, 0.1]]
columns = st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=2, max_size=20)


@given(columns)
def test_scaled_columns_have_mean_0_and_deviation_1_or_are_constant(rows: list[list[float]]) -> None:
    for before, after in zip(zip(*rows, strict=True), zip(*nn.Scaler().fit(rows).apply(rows), strict=True), strict=True):
        spread = (max(before) - min(before)) / (1.0 + max(map(abs, before)))
        if spread > 1e-6:
            assert math.fsum(after) / len(after) == pytest.approx(0.0, abs=1e-9)
            assert math.sqrt(math.fsum(x * x for x in after) / len(after)) == pytest.approx(1.0)
        elif spread == 0.0:
            assert set(after) == {0.0}


@given(columns)
def test_undo_is_the_way_back(rows: list[list[float]]) -> None:
    scaler = nn.Scaler().fit(rows)
    for before, after in zip(rows, scaler.undo(scaler.apply(rows)), strict=True):
        assert after == pytest.approx(before, rel=1e-12, abs=1e-9)


@given(columns)
def test_lists_and_arrays_are_scaled_to_the_same_bits(rows: list[list[float]]) -> None:
    of_lists, of_arrays = nn.Scaler().fit(rows), nn.Scaler().fit(np.array(rows))
    assert of_lists.to_dict() == of_arrays.to_dict()
    for method in ("apply", "undo"):
        expected, actual = getattr(of_lists, method)(rows), getattr(of_arrays, method)(np.array(rows))
        assert isinstance(expected, list)
        assert isinstance(actual, np.ndarray)
        assert [bits(x) for row in actual for x in row] == [bits(x) for row in expected for x in row]


@pytest.mark.parametrize("n", [3, 6, 12, 43])
def test_a_constant_column_is_shifted_only_though_its_mean_is_a_rounding_error_away(n: int) -> None:
    assert math.fsum([0.1] * n) / n != 0.1
    scaler = nn.Scaler().fit([0.1] * n)
    assert scaler.to_dict() == {"mean": [0.1], "deviation": [1.0]}
    assert scaler.apply([0.1, 1.1]) == [0.0, 1.0]


@pytest.mark.parametrize(
    "targets", [[10.0, 30.0], (10, 30), np.array([10, 30]), range(10, 31, 20), np.array([10.0, 30.0], np.float32)]
)
def test_single_numbers_are_one_column(targets: Any) -> None:
    scaler = nn.Scaler().fit(targets)
    assert scaler.to_dict() == {"mean": [20.0], "deviation": [10.0]}
    back = scaler.undo(scaler.apply(targets))
    assert list(back) == [10.0, 30.0]
    assert isinstance(back, np.ndarray) == isinstance(targets, np.ndarray)


@pytest.mark.parametrize(
    "kind", [tuple, np.array, lambda rows: np.array(rows, order="F"), lambda rows: np.array(rows)[::-1]]
)
def test_any_kind_of_table_has_the_same_mean(kind: Any) -> None:
    assert nn.Scaler().fit(kind(ROWS)).deviation == pytest.approx(nn.Scaler().fit(ROWS).deviation, rel=1e-15)


@given(columns)
def test_without_numpy_columns_have_the_same_bits(rows: list[list[float]]) -> None:
    expected = statistics(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nn.column_statistics.found", lambda package: package != "numpy")
        assert statistics(rows) == expected


@pytest.mark.parametrize("kind", ["u1", "i4", "i8", "f2", "f4", "f8", "longdouble", bool])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_any_kind_are_scaled_as_the_floats_that_they_are(kind: Any, order: Any) -> None:
    table = np.array(np.random.default_rng(0).integers(0, 200, (31, 5)), kind, order=order)
    expected = nn.Scaler().fit(table.astype(float).tolist())
    assert nn.Scaler().fit(table).to_dict() == expected.to_dict()
    assert nn.Scaler().fit(table[::-2]).to_dict() == nn.Scaler().fit(table[::-2].astype(float).tolist()).to_dict()
    for method in ("apply", "undo"):
        scaled = getattr(expected, method)(table)
        assert scaled.dtype == float
        assert scaled.tolist() == getattr(expected, method)(table.astype(float).tolist())


def test_a_table_wider_than_what_is_copied_at_once_is_scaled_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.random.default_rng(0).normal(size=(20, 7))
    expected = nn.Scaler().fit(table).to_dict()
    monkeypatch.setattr("nn.column_statistics.CELLS", 40)
    assert nn.Scaler().fit(table).to_dict() == expected
    monkeypatch.setattr("nn.column_statistics.CELLS", 1)
    assert nn.Scaler().fit(table).to_dict() == expected
    assert expected["deviation"] == pytest.approx(table.std(0), rel=1e-14)


def test_a_table_is_scaled_in_the_time_that_numpy_takes_and_stays_as_it_was() -> None:
    table = np.random.default_rng(0).normal(size=(20_000, 100))
    before = table.copy()

    def seconds(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    times = [(seconds(lambda: nn.Scaler().fit(table)), seconds(lambda: (table.mean(0), table.std(0)))) for _ in range(7)]
    ours, numpys = map(min, zip(*times, strict=True))
    assert ours < 5 * numpys
    assert np.array_equal(table, before)


def test_tables_become_arrays() -> None:
    frame = pytest.importorskip("pandas").DataFrame(ROWS, columns=["a", "b", "c"])
    expected = nn.Scaler().fit(ROWS).apply(ROWS)
    assert nn.Scaler().fit(frame).apply(frame).tolist() == expected
    assert nn.Scaler().fit(frame["a"]).apply(frame["a"]).tolist() == [row[0] for row in expected]


def test_sparse_rows_become_arrays() -> None:
    rows = pytest.importorskip("scipy.sparse").csr_matrix(ROWS)
    assert nn.Scaler().fit(rows).apply(rows).tolist() == nn.Scaler().fit(ROWS).apply(ROWS)


def test_what_is_applied_needs_no_spread_of_its_own() -> None:
    scaler = nn.Scaler().fit(ROWS)
    assert scaler.apply([ROWS[1]]) == [scaler.apply(ROWS)[1]]


def test_huge_and_tiny_columns_keep_their_deviation() -> None:
    assert nn.Scaler().fit([[1e300, 2.0**-1000], [3e300, 3 * 2.0**-1000]]).deviation == [1e300, 2.0**-1000]
    assert nn.Scaler().fit([[1e-300], [3e-300]]).deviation == [math.nextafter(1e-300, 1.0)]  # the nearest to (b − a) / 2
    assert nn.Scaler().fit([[0.0], [math.ulp(0.0)]]).deviation == [math.ulp(0.0)]


def test_a_scaler_goes_through_json() -> None:
    scaler = nn.Scaler().fit([[0.1, 1e-300], [0.3, 1e300]])
    assert nn.Scaler.from_dict(json.loads(json.dumps(scaler.to_dict()))).to_dict() == scaler.to_dict()


def test_standardised_columns_have_mean_0_and_deviation_1() -> None:
    table = np.random.default_rng(0).normal(5.0, 3.0, size=(50, 3))
    ours, others = nn.standardise(table, table + 1.0)
    np.testing.assert_allclose(ours, (table - table.mean(0)) / table.std(0), rtol=1e-12)
    np.testing.assert_allclose(others, np.array(ours) + 1.0 / table.std(0), rtol=1e-12)


def test_a_constant_column_of_a_table_is_shifted_only() -> None:
    assert nn.standardise([[7.0, 1.0], [7.0, 3.0]]) == ([[0.0, -1.0], [0.0, 1.0]],)
    assert nn.standardise([[0.1]] * 3) == ([[0.0]] * 3,)


# -- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "X is empty"),
        ([[1.0], [1.0, 2.0]], "X is ragged"),
        ([[1.0, math.nan]], r"X\[0\]\[1\] is nan"),
        (np.array([[1.0], [math.inf]]), r"X\[1\]\[0\] is inf"),
        (np.zeros((0, 2)), "X is empty"),
        ([[1e308], [1.7e308], [1e308]], "column 0 has numbers that are too large"),
        (np.array([[0.0, 1.7e308], [0.0, -1e308], [0.0, -1.7e308]]), "column 1 has numbers that are too large"),
    ],
    ids=repr,
)  # fmt: skip
def test_data_without_a_mean_are_value_errors(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nn.Scaler().fit(data)


@pytest.mark.parametrize(
    "data", ["abc", 3, None, {"a": 1}, [None], [["a"]], np.array([["a"]]), np.zeros((2, 2, 2))], ids=repr
)
def test_what_holds_no_numbers_is_a_type_error(data: Any) -> None:
    with pytest.raises(TypeError, match="X"):
        nn.Scaler().fit(data)


def test_a_failed_fit_leaves_the_scaler_as_it_was() -> None:
    scaler = nn.Scaler().fit(ROWS)
    before = scaler.to_dict()
    with pytest.raises(ValueError, match="nan"):
        scaler.fit([[math.nan]])
    assert scaler.to_dict() == before


@pytest.mark.parametrize("method", ["apply", "undo"])
def test_before_fit_and_for_other_columns_it_says_what_to_do(method: str) -> None:
    with pytest.raises(ValueError, match=rf"{method}: .* call scaler.fit\(X\) first"):
        getattr(nn.Scaler(), method)(ROWS)
    with pytest.raises(ValueError, match=f"{method}: this scaler was fitted to 3 columns, got 1 column$"):
        getattr(nn.Scaler().fit(ROWS), method)([1.0, 2.0])


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, "mean and deviation"),
        ([], "mean and deviation"),
        ({"mean": [1.0], "deviation": [1.0, 2.0]}, "1 means and 2 deviations"),
        ({"mean": [1.0], "deviation": [0.0]}, "deviation must be"),
        ({"mean": [math.nan], "deviation": [1.0]}, "mean"),
        ({"mean": 1.0, "deviation": [1.0]}, "list of numbers"),
        ({"mean": ["a"], "deviation": [1.0]}, "real number"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_state_of_something_else_is_refused(state: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        nn.Scaler.from_dict(state)
