"""Arrays over lanes however they lie: the same bits as rows of float64 in C order, and about the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value, compile, exp, primitive, sin
from autograd.compiler.runtime.builtin import MISS
from autograd.compiler.runtime.jit import machine
from benchmarks import measure

RNG = np.random.default_rng(5)


def loss(w: Any, x: Any, y: Any) -> Any:
    """Of a row x, which an array of any shape may be."""
    total = 0.0
    for k, number in enumerate(x.ravel()):
        total = total + w[k % 3] * number
    return (sin(total) - y) ** 2


def is_fast(compiled: Any, *arguments: Any) -> bool:
    """Whether the call that was just made would take the fast path."""
    (fastpath,) = compiled.fastpaths.values()
    return fastpath(arguments) is not MISS


def assert_same(found: Any, expected: Any) -> None:
    """The same structure and bits."""
    if isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, dict):
        assert_same([found[key] for key in expected], list(expected.values()))
    else:
        np.testing.assert_array_equal(found, expected)


# -- every way to lie --------------------------------------------------------------------------------------


def whole(kind: str, x: Any) -> Any:
    """Whole numbers."""
    return (10 * x).astype(kind)


LIES: dict[str, Callable[[Any], Any]] = {
    "C order": lambda x: x,
    "Fortran order": np.asfortranarray,
    "every other row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "some columns": lambda x: np.concatenate([x[:, :1], x, x], axis=1)[:, 1 : 1 + x.shape[1]],
    "backwards": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "read-only": lambda x: np.frombuffer(x.tobytes()).reshape(x.shape),
    "not aligned": lambda x: np.frombuffer(b"." + x.tobytes(), offset=1).reshape(x.shape),
    "in records": lambda x: np.array([(1, row) for row in x], dtype=[("a", "i1"), ("x", float, x.shape[1:])])["x"],
    "float32": lambda x: x.astype(np.float32),
    "float16": lambda x: x.astype(np.float16),
    "long double": lambda x: x.astype(np.longdouble),
    "the other byte order": lambda x: x.astype(">f8"),
    "of a subclass": lambda x: x.view(np.recarray),
    **{kind: partial(whole, kind) for kind in ("i1", "i2", "i4", "i8", "q", "u1", "u2", "u4", "u8", ">i4")},
}
each_lie = pytest.mark.parametrize("lie", LIES)


@each_lie
@pytest.mark.parametrize(("columns", "n"), [(1, 7), (2, 203), (3, 1), (10, 8), (15, 203)])
def test_rows_that_lie_in_any_way_give_the_same_bits(lie: str, columns: int, n: int) -> None:
    w, x, y = RNG.uniform(0.1, 1.0, 3), RNG.uniform(0.0, 9.0, (n, columns)), RNG.uniform(0.0, 1.0, n)
    table = LIES[lie](x)
    rows = np.ascontiguousarray(np.asarray(table, dtype=float).T)
    for reduce in (None, "mean"):
        expected = compile(loss, (None, 1, 0), reduce).value_and_grad(w, rows, y, argnums=(0, 1, 2))
        compiled = compile(loss, (None, 0, 0), reduce)
        for _ in range(3):
            value, (dw, dx, dy) = compiled.value_and_grad(w, table, y, argnums=(0, 1, 2))
            assert dx.shape == table.shape
            assert_same((value, (dw, dx.T, dy)), expected)
        assert is_fast(compiled, w, table, y)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("order", ["C", "F", "A"])
def test_lanes_along_any_axis_of_a_block(axis: int, order: Any) -> None:
    block = np.array(RNG.uniform(size=(4, 5, 6)).transpose(1, 0, 2), order=order)
    n = block.shape[axis]
    w, y = RNG.uniform(size=3), RNG.uniform(size=n)
    last = np.ascontiguousarray(np.moveaxis(block, axis, -1))
    value, (dw, dx) = compile(loss, (None, 2, 0), "mean").value_and_grad(w, last, y, argnums=(0, 1))
    compiled = compile(loss, (None, axis, 0), "mean")
    for _ in range(2):
        found, (by_w, by_x) = compiled.value_and_grad(w, block, y, argnums=(0, 1))
        assert_same((found, by_w, np.moveaxis(by_x, axis, -1)), (value, dw, dx))
    assert is_fast(compiled, w, block, y)


def test_lanes_and_shared_arrays_that_are_broadcast_or_turned() -> None:
    w, x, y = RNG.uniform(size=(3, 2)), np.broadcast_to(RNG.uniform(size=2), (50, 2)), np.broadcast_to(0.5, 50)
    compiled = compile(lambda w, x, y: (w @ x).sum() * y, (None, 0, 0))
    expected = compiled.value_and_grad(w.copy(), x.copy(), y.copy())
    for turned in (w, np.asfortranarray(w), w.astype(np.longdouble), w[::-1][::-1]):
        assert_same(compiled.value_and_grad(turned, x, y), expected)
        assert is_fast(compiled, turned, x, y)


def test_batches_of_any_size_take_the_fast_path() -> None:
    w, x, y = RNG.uniform(size=3), RNG.uniform(size=(64, 2)), RNG.uniform(size=64)
    compiled, plain = compile(loss, (None, 0, 0), "sum"), compile(loss, (None, 1, 0), "sum")
    for n in (64, 64, 10, 3, 33, 1, 64):
        rows = np.ascontiguousarray(x[:n].T)
        assert_same(compiled.value_and_grad(w, x[:n], y[:n]), plain.value_and_grad(w, rows, y[:n]))
    for n in range(1, 65):
        assert is_fast(compiled, w, x[:n], y[:n])
    with pytest.raises(ValueError, match="x has 3 lanes along axis 0, but y has 4"):
        compiled.value_and_grad(w, x[:3], y[:4])


def test_layouts_in_turns_and_other_numbers_of_lanes() -> None:
    w, y = RNG.uniform(size=3), RNG.uniform(size=64)
    compiled, plain = compile(loss, (None, 0, 0), "sum"), compile(loss, (None, 1, 0), "sum")
    for n in (64, 10, 64, 1, 33, 64):
        x = RNG.uniform(size=(n, 2))
        for table in (x, np.asfortranarray(x), x.astype(np.float32).astype(float), x.astype(np.float32)):
            rows = np.ascontiguousarray(np.asarray(table, dtype=float).T)
            assert_same(compiled.value_and_grad(w, table, y[:n]), plain.value_and_grad(w, rows, y[:n]))


@pytest.mark.parametrize("threads", [1, 2])
def test_many_lanes_in_tasks(threads: int) -> None:
    n = 700_001
    w, x, y = RNG.uniform(size=3), RNG.uniform(size=(n, 3)), RNG.uniform(size=n)
    expected = compile(loss, (None, 1, 0)).value_and_grad(w, np.ascontiguousarray(x.T), y)
    total = compile(loss, (None, 1, 0), "sum").value_and_grad(w, np.ascontiguousarray(x.T), y)
    for table in (x, np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]):
        lanes, summed = compile(loss, (None, 0, 0), threads=threads), compile(loss, (None, 0, 0), "sum", threads=threads)
        for _ in range(2):
            assert_same(lanes.value_and_grad(w, table, y), expected)
            assert_same(summed.value_and_grad(w, table, y), total)


@pytest.fixture(params=[1, 2, 4])
def narrow(request: pytest.FixtureRequest) -> Iterator[None]:
    """A machine with vectors of fewer lanes."""
    here = machine()
    if request.param > here.widest:
        pytest.skip(f"this machine's vectors have {here.widest} lanes")
    here.vectors_of(request.param)
    yield
    here.vectors_of(here.widest)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("lie", ["C order", "Fortran order", "float32", "i8", "backwards"])
def test_vectors_of_any_width(lie: str) -> None:
    test_rows_that_lie_in_any_way_give_the_same_bits(lie, 10, 203)


# -- what can't be read so ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.zeros((5, 2)) > 1, "must be an array of numbers, got dtype bool"),
        (np.zeros((5, 2), complex), "must be an array of numbers, got dtype complex128"),
        (np.array([["a", "b"]] * 5), "must be an array of numbers, got dtype <U1"),
        (np.zeros((5, 2), "m8[s]"), "must be an array of numbers, got dtype timedelta64"),
        (np.array([[None, 1.0]] * 5), "a number of x must be a real number, got None"),
        (np.zeros((4, 2)), "x has 4 lanes along axis 0, but y has 5"),
        (np.array(1.0), "needs an array with that axis"),
        ([[0.0, 1.0]] * 5, "needs an array with that axis"),
    ],
)
def test_what_is_no_array_of_numbers_is_an_error_after_a_call_too(table: Any, message: str) -> None:
    compiled = compile(loss, (None, 0, 0))
    w, x, y = np.ones(3), np.ones((5, 2)), np.ones(5)
    for _ in range(2):
        with pytest.raises((TypeError, ValueError), match=message):
            compiled(w, table, y)
        compiled(w, x, y)


def test_arrays_of_objects_and_no_lanes_at_all() -> None:
    compiled = compile(loss, (None, 0, 0))
    w, x, y = np.ones(3), RNG.uniform(size=(5, 2)), np.ones(5)
    expected = compiled(w, x, y)
    assert_same(compiled(w, x.astype(object), y), expected)
    assert compiled(w, np.empty((0, 2)), np.empty(0)).shape == (0,)
    assert compiled.grad(w, np.empty((0, 2)), np.empty(0), argnums=1).shape == (0, 2)
    assert compile(lambda x, y: y + x.sum(), (0, 0))(np.empty((5, 0)), y).tolist() == y.tolist()
    assert_same(compiled(w, x, y), expected)


class Table:
    """What pandas' tables have that matters here."""

    def __init__(self, array: Any):
        self.array, self.shape, self.dtype = array, array.shape, array.dtype

    def to_numpy(self) -> Any:
        return self.array

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.array, dtype=dtype)


def test_tables_are_read_by_their_own_method() -> None:
    w, x, y = RNG.uniform(size=3), RNG.uniform(size=(20, 2)), RNG.uniform(size=20)
    compiled = compile(loss, (None, 0, 0), "mean")
    expected = compiled.value_and_grad(w, x, y)
    for table in (Table(np.asfortranarray(x)), Table(x), Table(x)):
        assert_same(compiled.value_and_grad(w, table, y), expected)
    assert is_fast(compiled, w, Table(x), y)


def test_a_table_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    w, x, y = RNG.uniform(size=3), RNG.uniform(size=(20, 2)), RNG.uniform(size=20)
    compiled = compile(loss, (None, 0, 0), "mean")
    expected = compiled.value_and_grad(w, x, y)
    mixed = pandas.DataFrame({"a": x[:, 0], "b": x[:, 1].astype(object)})
    for table in (pandas.DataFrame(x), pandas.DataFrame({"a": x[:, 0], "b": x[:, 1]}), mixed):
        for _ in range(2):
            assert_same(compiled.value_and_grad(w, table, pandas.Series(y)), expected)


# -- nested arguments --------------------------------------------------------------------------------------


class Layer(NamedTuple):
    """Arrays and a number by name."""

    w: Any
    b: Any


def net(parameters: Any, x: Any, y: Any) -> Any:
    """A small net whose parameters are nested."""
    first, (second, scale) = parameters["layers"]
    hidden = [exp(-((row @ x + first.b) ** 2)) for row in first.w]
    return (sum(a * b for a, b in zip(second, hidden, strict=True)) * scale - y) ** 2


def nested(scale: Any = 2.0) -> Any:
    return {"layers": [Layer(RNG.uniform(size=(4, 2)), 0.5), ([0.1, 0.2, 0.3, 0.4], scale)]}


def test_nested_arguments_take_the_fast_path_and_keep_their_structure() -> None:
    parameters, x, y = nested(), RNG.uniform(size=(30, 2)), RNG.uniform(size=30)
    fast, slow = compile(net, (None, 0, 0), "mean"), compile(net, (None, 0, 0), "mean")
    expected = slow.value_and_grad(parameters, x, y)
    for _ in range(3):
        value, gradient = fast.value_and_grad(parameters, x, y)
        assert_same((value, gradient), expected)
        assert isinstance(gradient["layers"][0], Layer)
    assert is_fast(fast, parameters, x, y)
    assert is_fast(fast, nested(3), x, y)  # an int is a number
    parameters["layers"][1][0][2] = 7.5
    assert fast(parameters, x, y) != expected[0]
    assert fast(parameters, x, y) == compile(net, (None, 0, 0), "mean")(parameters, x, y)


def test_arguments_of_another_structure_are_never_taken_for_those_before() -> None:
    x = np.arange(8.0)  # its products are exact, so fused ones are too
    compiled = compile(lambda p, x: sum(p["a"]) * x + p["b"], (None, 0))
    assert_same(compiled({"a": [1.0, 2.0], "b": 3.0}, x), 3.0 * x + 3.0)
    others: list[tuple[Any, float, float]] = [
        ({"a": [1.0, 2.0, 3.0], "b": 3.0}, 6.0, 3.0),
        ({"b": 1.0, "a": [1.0, 2.0]}, 3.0, 1.0),
        ({"a": (1.0, 4.0), "b": 3.0}, 5.0, 3.0),
        ({"a": np.array([1.0, 5.0]), "b": 3.0}, 6.0, 3.0),
        ({"a": [1.0, 2.0], "b": 3.0, "c": 0.0}, 3.0, 3.0),
        ({"a": [np.float64(1.0), 2], "b": 3}, 3.0, 3.0),
    ]
    for parameters, factor, term in others:
        for _ in range(2):
            np.testing.assert_allclose(compiled(parameters, x), factor * x + term, rtol=1e-15)
    with pytest.raises(TypeError, match="must be a real number, got bool True"):
        compiled({"a": [1.0, True], "b": 3.0}, x)
    with pytest.raises(TypeError, match="runs over lanes, so it can't record"):
        compiled({"a": [1.0, Value(2.0)], "b": 3.0}, x)
    assert list(compiled.grad({"b": 1.0, "a": [1.0, 2.0]}, x)) == ["b", "a"]


def test_a_call_within_a_call_has_memory_of_its_own() -> None:
    x = RNG.uniform(size=(20, 2))
    within: list[Any] = [None]  # not while it is traced

    @primitive(lambda y, v: 1.0)
    def same(v: Any) -> Any:
        if not within:
            within.append(None)
            within[0] = compiled(x[::-1])
        return v

    compiled = compile(lambda row: same(row[0]) * row[1], 0)
    expected = x[:, 0] * x[:, 1]
    assert_same(compiled(x), expected)
    within.clear()
    assert_same(compiled(x), expected)
    assert_same(within[0], expected[::-1])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_random_views_of_random_arrays(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    kind = data.draw(st.sampled_from(["f8", "f4", "i4", "u1", ">f8"]))
    array = RNG.integers(0, 100, [2 * size + 1 for size in shape]).astype(kind)
    steps = [data.draw(st.sampled_from([1, 2, -1, -2])) for _ in shape]
    view = array[tuple(slice(None, None, step) for step in steps)].transpose(data.draw(st.permutations(range(len(shape)))))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    last = np.ascontiguousarray(np.moveaxis(view, axis, -1), dtype=float)
    w, y = np.array([0.5, 0.25, 0.125]), np.zeros(last.shape[-1])
    expected = compile(loss, (None, len(shape) - 1, 0)).value_and_grad(w, last, y)
    compiled = compile(loss, (None, axis, 0))
    for _ in range(2):
        assert_same(compiled.value_and_grad(w, view, y), expected)


# -- time --------------------------------------------------------------------------------------------------


def test_a_call_takes_about_as_long_as_with_the_fast_layout() -> None:
    """A small function: nearly all of it is Python's share, 40 µs on the long way; nested ones take 2.2 times as long."""
    w, rows, y = RNG.uniform(size=3), RNG.uniform(size=(104, 2)), RNG.uniform(size=104)
    last, over_rows = compile(loss, (None, 1, 0), "mean"), compile(loss, (None, 0, 0), "mean")
    calls: dict[str, Callable[[], Any]] = {"fast": partial(last.value_and_grad, w, np.ascontiguousarray(rows.T), y)}
    for name in ("C order", "Fortran order", "float32", "i8"):
        calls[name] = partial(over_rows.value_and_grad, w, LIES[name](rows), y)
    model = compile(lambda p, x, y: loss(p[0], x, y) + p[1]["b"] ** 2, (None, 0, 0), "mean")
    calls["nested"] = partial(model.value_and_grad, [w, {"b": 0.5}], rows, y)
    times = measure.best(calls, 30, span=0.003)
    assert {name: time for name, time in times.items() if time > 4.0 * times["fast"]} == {}
