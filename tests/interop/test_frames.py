"""Columns and tables of pandas and polars as lanes; stand-ins with their methods where they aren't installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograd import compile, grad, hvp, jacobian, sin
from autograd.interop.frames import as_array, is_table

RNG = np.random.default_rng(4)
DATA = RNG.normal(size=(11, 3))


# -- stand-ins ---------------------------------------------------------------------------------------------


class ExtensionType:
    """A dtype of pandas' own: nullable, categories."""

    na_value = None

    def __init__(self, name: str):
        self.name = name

    def __str__(self) -> str:
        return self.name


class PandasColumn:
    """What of a pandas Series is used."""

    def __init__(self, numbers: Any, dtype: object = None):
        self.numbers = np.asarray(numbers)
        self.dtype = dtype or self.numbers.dtype
        self.shape = self.numbers.shape

    def to_numpy(self) -> Any:
        view = self.numbers.view()
        view.flags.writeable = False  # as pandas gives it
        return view

    def tolist(self) -> list[Any]:
        return list(self.numbers.tolist())

    def isna(self) -> Any:
        return np.array([each is None or each != each for each in self.numbers])

    @property
    def iloc(self) -> Any:
        raise AssertionError("a column has no columns")


class Places:
    """``table.iloc``."""

    def __init__(self, columns: Sequence[Any]):
        self.of = columns

    def __getitem__(self, key: tuple[slice, int]) -> Any:
        return self.of[key[1]]


class PandasTable:
    """What of a pandas DataFrame is used."""

    def __init__(self, columns: dict[str, PandasColumn]):
        self.series = list(columns.values())
        self._names = list(columns)
        self.shape = len(self.series[0].numbers), len(self.series)

    @property
    def columns(self) -> list[str]:
        return self._names

    @property
    def dtypes(self) -> list[Any]:
        return [each.dtype for each in self.series]

    @property
    def iloc(self) -> Places:
        return Places(self.series)

    def to_numpy(self) -> Any:
        return np.stack([each.numbers for each in self.series], axis=1)


class PolarsColumn:
    """What of a polars Series is used."""

    def __init__(self, numbers: Any, dtype: str = "Float64"):
        self.values, self.dtype = list(numbers), dtype
        self.shape = (len(self.values),)

    def null_count(self) -> int:
        return self.values.count(None)

    def to_numpy(self) -> Any:
        return np.array([np.nan if each is None else each for each in self.values])

    def cast(self, kind: type) -> PolarsColumn:
        return PolarsColumn(map(kind, self.values))

    def fill_null(self, value: float) -> PolarsColumn:
        return PolarsColumn([value if each is None else each for each in self.values])


class Row:
    """A table of one row."""

    def __init__(self, numbers: Sequence[int]):
        self.numbers = tuple(numbers)

    def row(self, k: int) -> tuple[int, ...]:
        assert k == 0
        return self.numbers


class PolarsTable:
    """What of a polars DataFrame is used."""

    def __init__(self, columns: dict[str, PolarsColumn]):
        self.series, self._names = list(columns.values()), list(columns)
        self.shape = self.series[0].shape[0], len(self.series)

    @property
    def columns(self) -> list[str]:
        return self._names

    def null_count(self) -> Row:
        return Row([each.null_count() for each in self.series])

    def to_series(self, k: int) -> PolarsColumn:
        return self.series[k]

    def to_numpy(self) -> Any:
        return np.asfortranarray(np.stack([each.to_numpy() for each in self.series], axis=1))


class StandIns:
    """The makers of one library."""

    def __init__(self, column: Callable[..., Any], table: Callable[..., Any]):
        self.column, self.table = column, table


PANDAS, POLARS = StandIns(PandasColumn, PandasTable), StandIns(PolarsColumn, PolarsTable)


@pytest.fixture(params=["stand-ins of pandas", "stand-ins of polars", "pandas", "polars"])
def library(request: pytest.FixtureRequest) -> Any:
    """What makes columns and tables of a dict of columns."""
    if request.param.startswith("stand-ins"):
        return PANDAS if request.param.endswith("pandas") else POLARS
    module = pytest.importorskip(request.param)
    return StandIns(module.Series, module.DataFrame)


def column(library: Any, numbers: Any) -> Any:
    return library.column(numbers)


def table(library: Any, numbers: Any = DATA) -> Any:
    return library.table({name: library.column(numbers[:, k].copy()) for k, name in enumerate("abc")})


# -- lanes -------------------------------------------------------------------------------------------------


def test_a_column_is_lanes_as_its_array_is(library: Any) -> None:
    f = compile(lambda w, x: w * sin(x), (None, 0))
    x = DATA[:, 0].copy()
    expected = f(2.0, x), f.value_and_grad(2.0, x, argnums=(0, 1))
    for _ in range(4):  # traced, remembered, by the fast path
        np.testing.assert_equal(
            (f(2.0, column(library, x)), f.value_and_grad(2.0, column(library, x), argnums=(0, 1))), expected
        )
        assert type(f(2.0, column(library, x))) is np.ndarray


def test_a_table_is_a_lane_for_each_row(library: Any) -> None:
    f = compile(lambda w, x: (w[0] * x[0] + w[1] * x[1] * x[2]) ** 2, (None, 0), "mean")
    w = np.array([1.0, 2.0])
    expected = f.value_and_grad(w, DATA, argnums=(0, 1))
    for _ in range(4):
        found = f.value_and_grad(w, table(library), argnums=(0, 1))
        np.testing.assert_equal(found, expected)
        assert type(found[1][1]) is np.ndarray


def test_columns_by_name_are_a_dict_of_them(library: Any) -> None:
    f = compile(lambda w, row: w * row["a"] + row["c"], (None, 0))
    row = {name: column(library, DATA[:, k].copy()) for k, name in enumerate("abc")}
    for _ in range(3):
        np.testing.assert_allclose(f(2.0, row), 2.0 * DATA[:, 0] + DATA[:, 2], rtol=1e-14)


def test_a_column_that_all_lanes_share_is_an_array(library: Any) -> None:
    f = compile(lambda w, x: w @ x, (None, 0))
    w = DATA[0].copy()
    for _ in range(3):
        np.testing.assert_array_equal(f(column(library, w), DATA), f(w, DATA))


def test_another_length_is_another_number_of_lanes(library: Any) -> None:
    f = compile(lambda x: x * x, 0)
    for n in (3, 7, 0, 0, 5, 1):
        for _ in range(2):
            assert f(column(library, np.arange(float(n)))).tolist() == [float(k * k) for k in range(n)]


def test_nan_in_a_column_of_floats_is_a_number(library: Any) -> None:
    x = np.array([1.0, np.nan, 3.0])
    assert np.isnan(compile(lambda x: x * x, 0)(column(library, x))).tolist() == [False, True, False]


def test_empty_arrays_are_no_lanes_however_they_lie() -> None:
    f = compile(lambda x: x * x, 0)
    for n in (4, 4, 4, 0, 0, 3, 0, 0):
        assert f(np.ones(2 * n)[::2]).tolist() == [1.0] * n


# -- what is no number -------------------------------------------------------------------------------------

MISSING = r"x must not have missing values, which would be nan, got .*Column of shape \(3,\) with 1; give x\."
BAD: dict[str, tuple[Any, str]] = {
    "nullable floats with one missing": (PandasColumn([1.0, np.nan, 3.0], ExtensionType("Float64")), MISSING + "fillna"),
    "nullable ints with one missing": (PandasColumn([1, None, 3], ExtensionType("Int64")), MISSING + "fillna"),
    "a null": (PolarsColumn([1.0, None, 3.0]), MISSING + r"fill_null\(value\), or the rows without any, x.drop_nulls"),
    "categories of numbers": (
        PandasColumn([1, 2, 3], ExtensionType("category")),
        r"got categories .*; give x.astype\(float\)",
    ),
    "categories": (
        PolarsColumn(["a", "b"], "Categorical(ordering='physical')"),
        r"their codes: .* x.to_physical\(\) in polars",
    ),
    "an enum": (PolarsColumn(["a", "b"], "Enum(categories=['a', 'b'])"), "got categories"),
    "text": (
        PandasColumn(np.array(["1", "2"], dtype=object), ExtensionType("str")),
        r"got text \(dtype str\); give x.astype",
    ),
    "text of polars": (PolarsColumn(["1", "2"], "String"), r"got text \(dtype String\); give x.cast\(float\)"),
    "an object that is None": (
        PandasColumn(np.array([1.0, None], dtype=object)),
        "a number of x must be a real number, got None",
    ),
    "bools": (PandasColumn([True, False]), "got dtype bool; give x.astype"),
    "dates": (PandasColumn(np.array(["2020-01-01"], dtype="datetime64[D]")), "got dtype datetime64"),
    "a table with a text": (
        PandasTable({"a": PandasColumn([1.0, 2.0]), "b": PandasColumn(np.array(["x", "y"], dtype=object))}),
        r"x\['b'\] must be a column of numbers, got text",
    ),
    "a table with a missing value": (
        PandasTable({"a": PandasColumn([1.0, 2.0]), "b": PandasColumn([1.0, np.nan], ExtensionType("double[pyarrow]"))}),
        r"x\['b'\] must not have missing values",
    ),
    "a table with categories": (
        PandasTable({"a": PandasColumn([1, 2], ExtensionType("category")), "b": PandasColumn([1.0, 2.0])}),
        r"x\['a'\] must be a column of numbers, got categories",
    ),
    "a table of polars with a null": (
        PolarsTable({"a": PolarsColumn([1.0, 2.0]), "b": PolarsColumn([1.0, None])}),
        r"x\['b'\] must not have missing values",
    ),
    "a table of polars with a text": (
        PolarsTable({"a": PolarsColumn([1.0, 2.0]), "b": PolarsColumn(["x", "y"], "String")}),
        r"x\['b'\] must be a column of numbers, got text",
    ),
}


@pytest.mark.parametrize(("x", "message"), BAD.values(), ids=BAD)
def test_what_is_no_number_is_refused_with_what_to_give(x: Any, message: str) -> None:
    size = len(x.shape)
    f = compile(lambda x: x * 2.0 if size == 1 else x[0] * x[1], 0)
    for _ in range(2):
        with pytest.raises(TypeError, match=message):
            f(x)


@pytest.mark.parametrize("good", [PandasColumn([1.0, 2.0, 3.0], ExtensionType("Float64")), PolarsColumn([1.0, 2.0, 3.0])])
def test_a_missing_value_is_refused_by_the_fast_path_too(good: Any) -> None:
    f = compile(lambda x: x * 2.0, 0)
    for _ in range(4):
        assert f(good).tolist() == [2.0, 4.0, 6.0]
    bad = type(good)([1.0, None if isinstance(good, PolarsColumn) else np.nan, 3.0], good.dtype)
    with pytest.raises(TypeError, match="missing values"):
        f(bad)
    assert f(good).tolist() == [2.0, 4.0, 6.0]


def test_nullable_and_object_columns_without_a_missing_value_are_numbers() -> None:
    f = compile(lambda x: x * 2.0, 0)
    for each in (
        PandasColumn([1, 2], ExtensionType("Int64")),
        PandasColumn(np.array([1, 2.0], dtype=object)),
        PolarsColumn([1, 2], "Int64"),
    ):
        for _ in range(3):
            assert f(each).tolist() == [2.0, 4.0]


class Collected:
    """A table that is computed when asked for, as polars' LazyFrame; it has no shape."""

    __hash__ = None  # type: ignore[assignment]

    def collect(self) -> Any: ...


class ArrowColumn:
    """A column without a shape, as pyarrow has it."""

    __hash__ = None  # type: ignore[assignment]

    def to_numpy(self) -> Any: ...


@pytest.mark.parametrize(("x", "way"), [(Collected(), "collect"), (ArrowColumn(), "to_numpy")])
def test_what_isnt_a_table_yet_says_how_it_becomes_one(x: Any, way: str) -> None:
    with pytest.raises(TypeError, match=rf"got {type(x).__name__} .*; give x.{way}\(\)"):
        compile(lambda x: x, 0)(x)


def test_arrays_and_numbers_are_no_tables() -> None:
    assert not any(map(is_table, (np.ones(3), 2.0, [1.0], np.ndarray, float)))
    assert is_table(PandasColumn([1.0]))
    assert is_table(PolarsColumn)


# -- live: what the libraries themselves do --------------------------------------------------------------------


def test_types_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    f = compile(lambda x: x * 2.0, 0)
    for dtype in ("float64", "float32", "int8", "uint16", "Int64", "Float32", "object"):
        for _ in range(3):
            assert f(pandas.Series([1, 2, 3], dtype=dtype)).tolist() == [2.0, 4.0, 6.0]
    for dtype in ("Int64", "Float64"):
        with pytest.raises(TypeError, match=r"x must not have missing values, .* with 1; give x.fillna"):
            f(pandas.Series([1, None, 3], dtype=dtype))
    with pytest.raises(TypeError, match="got categories"):
        f(pandas.Series([1, 2, 3], dtype="category"))
    with pytest.raises(TypeError, match="got text"):
        f(pandas.Series(["1", "2"]))
    assert f(pandas.Series([1.0, 2.0, 3.0], index=[7, 8, 9])[1:]).tolist() == [4.0, 6.0]


def test_tables_of_pandas_name_the_column() -> None:
    pandas = pytest.importorskip("pandas")
    g = compile(lambda x: x[0] * x[1], 0)
    good = pandas.DataFrame({"a": [1, 2], "b": [1.5, 2.5]})
    for _ in range(3):
        assert g(good).tolist() == [1.5, 5.0]
        assert g(good[["b", "a"]]).tolist() == [1.5, 5.0]
    for column, message in (
        (pandas.array([1, None], dtype="Int64"), r"x\['b'\] must not have missing"),
        (pandas.Categorical([1, 2]), r"x\['b'\] must be a column of numbers, got categories"),
        (["x", "y"], r"x\['b'\] must be a column of numbers, got text"),
    ):
        with pytest.raises(TypeError, match=message):
            g(pandas.DataFrame({"a": [1.0, 2.0], "b": column}))


def test_types_of_polars() -> None:
    polars = pytest.importorskip("polars")
    f = compile(lambda x: x * 2.0, 0)
    for dtype in (polars.Float64, polars.Float32, polars.Int8, polars.UInt32, polars.Decimal(10, 2)):
        for _ in range(3):
            assert f(polars.Series([1, 2, 3]).cast(dtype)).tolist() == [2.0, 4.0, 6.0]
    chunks = polars.concat([polars.Series([1.0]), polars.Series([2.0])], rechunk=False)
    assert f(chunks).tolist() == [2.0, 4.0]
    for column, message in (
        (polars.Series([1, None, 3]), r"x must not have missing values, .* with 1; give x.fill_null"),
        (polars.Series(["a", "b"], dtype=polars.Categorical), "got categories"),
        (polars.Series(["1", "2"]), r"got text \(dtype String\); give x.cast\(float\)"),
        (polars.Series([True, False]), "got dtype bool"),
    ):
        with pytest.raises(TypeError, match=message):
            f(column)


def test_tables_of_polars_name_the_column() -> None:
    polars = pytest.importorskip("polars")
    g = compile(lambda x: x[0] * x[1], 0)
    for _ in range(3):
        assert g(polars.DataFrame({"a": [1, 2], "b": [1.5, 2.5]})).tolist() == [1.5, 5.0]
    for column, message in (([1.0, None], r"x\['b'\] must not have missing"), (["x", "y"], r"x\['b'\] must be .* got text")):
        with pytest.raises(TypeError, match=message):
            g(polars.DataFrame({"a": [1.0, 2.0], "b": column}))
    with pytest.raises(TypeError, match=r"give x.collect\(\)"):
        g(polars.DataFrame({"a": [1.0]}).lazy())


def test_a_column_is_read_in_place_where_its_memory_is_one_piece() -> None:
    pandas = pytest.importorskip("pandas")
    x = np.arange(5.0)
    assert np.shares_memory(as_array(pandas.Series(x, copy=False), "x"), x)


def test_a_column_by_name_of_a_table_given_whole_says_what_to_give(library: Any) -> None:
    f = compile(lambda r: r["a"] * r["b"], in_axes=0)
    with pytest.raises(IndexError) as caught:
        f(table(library))
    assert caught.value.__notes__[-1].startswith("r is a table, an array of rows in f; for columns by name, r['x'], give ")
    with pytest.raises(IndexError) as caught:
        f(DATA)
    assert not any("table" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("column", [PandasColumn, np.asarray])
def test_eager_derivatives_take_a_column_as_the_array_that_it_is(column: Any) -> None:
    x = column(np.array([0.5, 1.0, 2.0]))
    assert grad(lambda x: sum(v**3 for v in x))(x).tolist() == [0.75, 3.0, 12.0]
    assert np.array(jacobian(lambda x: [x[0] * x[1], x[2]])(x)).tolist() == [[1.0, 0.5, 0.0], [0.0, 0.0, 1.0]]
    assert hvp(lambda x: sum(v**3 for v in x))(x, x).tolist() == [1.5, 6.0, 24.0]


def test_an_eager_derivative_by_a_table_is_an_array_of_its_rows() -> None:
    table: Any = PandasTable({"a": PandasColumn([1.0, 2.0]), "b": PandasColumn([3.0, 4.0])})
    assert grad(lambda rows: sum(row[0] * row[1] for row in rows))(table).tolist() == [[3.0, 1.0], [4.0, 2.0]]


def test_an_eager_derivative_refuses_missing_values() -> None:
    with pytest.raises(TypeError, match="a column or table must not have missing values"):
        grad(lambda x: x[0])(PandasColumn([1.0, None], ExtensionType("Float64")))
