"""``compiled.over(executor)``: the bits of one process, over threads and processes, and what is refused."""

import os
import pickle
import re
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, compile, tanh
from autograd.compiler.compiled import Compiled
from autograd.compiler.runtime.kernel import lanes_in_task
from autograd.compiler.runtime.sums import joined, subtotals, total
from autograd.compiler.shards import InMemory, cuts
from autograd.transforms.trees import leaves_of
from tests.compiler import shared_functions
from tests.compiler.shared_functions import (
    branching,
    capturing,
    compilations,
    dying,
    failing,
    gain,
    loss,
    mixed,
    nested,
    with_version,
)

pytest.importorskip("llvmlite")

RNG = np.random.default_rng(14)
N = 8_003
W, X, Y = RNG.uniform(0.9, 1.0, size=3), RNG.normal(size=(N, 2)), RNG.normal(size=N)


def bits(result: Any) -> list[tuple[tuple[int, ...], bytes]]:
    return [(np.shape(x), np.asarray(x).tobytes()) for x in leaves_of(result)]


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as pool:
        yield pool


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


# -- sums ------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40),
    st.lists(st.integers(0, 40), max_size=5),
)
def test_a_sum_has_the_same_bits_wherever_its_tasks_are_cut(numbers: list[float], where: list[int]) -> None:
    rows = np.array(numbers)[:, None]
    ends = sorted({0, len(rows), *[k for k in where if k < len(rows)]})
    apart = [each for start, stop in pairwise(ends) for each in subtotals(rows[start:stop], start)]
    assert total(apart).tobytes() == total(subtotals(rows, 0)).tobytes()
    assert [each[:2] for each in joined(apart)] == [each[:2] for each in subtotals(rows, 0)]


def test_a_sum_of_eight_tasks_is_a_tree() -> None:
    a, b, c, d, e, f, g, h = x = RNG.normal(size=8)
    assert total(subtotals(x[:, None], 0))[0] == ((a + b) + (c + d)) + ((e + f) + (g + h))
    assert total(subtotals(x[:7, None], 0))[0] == ((a + b) + (c + d)) + ((e + f) + g)


@given(st.integers(1, 10**9), st.integers(1, 1000), st.integers(5, 20))
def test_shards_begin_with_tasks_cover_all_lanes_and_are_about_as_long(lanes: int, workers: int, power: int) -> None:
    found = cuts(lanes, workers, 2**power)
    assert [0, *[stop for _, stop in found]] == [*[start for start, _ in found], lanes]
    assert all(start % 2**power == 0 and start < stop for start, stop in found)
    assert len(found) <= workers
    longest = max(stop - start for start, stop in found)
    assert longest <= max(2**power, lanes / workers) * 1.25 + 2**power


# -- the bits of one process -------------------------------------------------------------------------------


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
@pytest.mark.parametrize("f", [loss, branching])
def test_results_have_the_bits_of_one_process(f: Callable[..., Any], reduce: Any, threads: ThreadPoolExecutor) -> None:
    alone = compile(f, (None, 0, 0), reduce)
    expected = bits(alone.value_and_grad(W, X, Y))
    turned = compile(f, (None, 0, 0), reduce)
    turned.grad(W, X[::-1], Y)  # other branches come first
    for workers in (1, 2, 3, 7):
        shared = turned.over(threads, workers)
        assert bits(shared.value_and_grad(W, X, Y)) == expected
        assert bits(shared.value_and_grad(W, *shared.scatter(X, Y))) == expected


@pytest.mark.parametrize("threads_of_one", [1, 2])
def test_branches_give_the_same_bits_whichever_was_traced_first(threads_of_one: int) -> None:
    first, second = (compile(branching, (None, 0, 0), "sum", threads=threads_of_one) for _ in range(2))
    second(W, X[::-1].copy(), Y)
    assert bits(first.value_and_grad(W, X, Y)) == bits(second.value_and_grad(W, X, Y))


def test_all_transforms_over_processes(processes: ProcessPoolExecutor) -> None:
    alone = compile(loss, (None, -1, 0), "sum")
    columns, direction = np.asfortranarray(X).T, RNG.normal(size=3)
    shared = alone.over(processes)
    x, y = shared.scatter(columns, axis=-1), shared.scatter(Y)
    for data in ((columns, Y), (x, y)):
        assert bits(shared(W, *data)) == bits(alone(W, columns, Y))
        assert bits(shared.grad(W, *data, argnums=(0, 1))) == bits(alone.grad(W, columns, Y, argnums=(0, 1)))
    assert bits(shared.hessian(W, x, y)) == bits(alone.hessian(W, columns, Y))
    assert bits(shared.hvp(W, direction, x=x, y=y)) == bits(alone.hvp(W, direction, x=columns, y=Y))
    moved = (direction, np.zeros((2, N)), np.ones(N))
    assert bits(shared.jvp((W, x, y), moved)) == bits(alone.jvp((W, columns, Y), moved))
    rows = compile(gain, (None, 0))
    assert bits(rows.over(processes).jacobian(0.999, Y)) == bits(rows.jacobian(0.999, Y))


def test_branches_over_processes(processes: ProcessPoolExecutor) -> None:
    alone, shared = (compile(branching, (None, 0, 0), "mean") for _ in range(2))
    expected = bits(alone.value_and_grad(W, X, Y))
    assert bits(shared.over(processes, 3).value_and_grad(W, X, Y)) == expected


def test_nested_arguments_keywords_and_static_ones(processes: ProcessPoolExecutor) -> None:
    alone = compile(nested, {"row": {"x": [0, 0], "y": 0}}, "mean", static_argnames="rounds")
    net, row = {"b": 0.5, "w": [[0.9], [0.1]]}, {"x": [X[:, 0], X[:, 1].astype(np.float32)], "y": Y}
    shared = alone.over(processes)
    there = shared.scatter(row)
    assert there["x"][1].shape == (N,)
    for rounds in (2_000, 1_900):
        expected = bits(alone.value_and_grad(net, row, scale=2.0, rounds=rounds))
        assert bits(shared.value_and_grad(net, row, scale=2.0, rounds=rounds)) == expected
        assert bits(shared.value_and_grad(net, there, 2.0, rounds=rounds)) == expected


def test_no_lanes_one_and_as_many_as_a_task(threads: ThreadPoolExecutor) -> None:
    alone = compile(loss, (None, 0, 0), "mean")
    shared = alone.over(threads)
    alone.value_and_grad(W, X, Y)
    step = lanes_in_task(alone.program.only([0, 1, 2, 3]))  # value, and gradient by W
    assert 3 * step < N
    for n in (0, 1, step - 1, step, step + 1, 3 * step):
        x, y = shared.scatter(X[:n], Y[:n])
        expected = bits(alone.value_and_grad(W, X[:n], Y[:n]))
        assert bits(shared.value_and_grad(W, X[:n], Y[:n])) == bits(shared.value_and_grad(W, x, y)) == expected


def test_a_table_of_pandas_is_shared(threads: ThreadPoolExecutor) -> None:
    pandas = pytest.importorskip("pandas")
    alone = compile(loss, (None, 0, 0), "sum")
    shared = alone.over(threads)
    table = pandas.DataFrame(X)
    assert bits(shared.grad(W, table, Y)) == bits(shared.grad(W, shared.scatter(table), Y)) == bits(alone.grad(W, X, Y))


# -- what travels ----------------------------------------------------------------------------------------------


class Counting:
    """An executor that pickles what it is given, as one of processes does, and counts the bytes; it computes at once."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def submit(self, function: Callable[..., Any], *args: Any) -> Any:
        call = pickle.dumps((function, *args))
        self.sent.append(len(call))
        function, *args = pickle.loads(call)
        future: Future[Any] = Future()
        future.set_result(function(*args))
        return future


def layer(w: Any, x: Any) -> Any:
    return sum([tanh(weights @ x) for weights in w])


def test_a_step_on_shared_data_sends_the_parameters_and_a_tenth_at_most() -> None:
    w, x = RNG.normal(size=(60, 20)), RNG.normal(size=(6_000, 20))
    alone, counting = compile(layer, (None, 0), "sum"), Counting()
    shared = alone.over(counting, 2)
    there = shared.scatter(x)
    results = [shared.grad(w, there) for _ in range(2)]
    assert bits(results[1]) == bits(alone.grad(w, x))
    assert len(counting.sent) == 4
    assert max(counting.sent[2:]) <= 1.1 * w.nbytes


def test_the_second_round_compiles_nothing(processes: ProcessPoolExecutor) -> None:
    shared = compile(loss, (None, 0, 0), "sum").over(processes, 4)
    for _ in range(3):  # both workers have computed
        shared.grad(W, X, Y)
        before = dict(processes.map(compilations, [0.1] * 4))
        if len(before) == 2 and all(before.values()):
            break
    for w in (W, 2 * W):
        shared.grad(w, X, Y)
        compile(loss, (None, 0, 0), "sum").over(processes, 3).grad(w, X, Y)  # another function of the same content
    assert dict(processes.map(compilations, [0.1] * 4)) == before


def test_a_pickled_compiled_function_finds_its_machine_code() -> None:
    f = compile(loss, (None, 0, 0), "sum")
    copies = [pickle.loads(pickle.dumps(f)) for _ in range(2)]
    assert copies[0] is copies[1]
    assert copies[0] is not f
    other = pickle.loads(pickle.dumps(compile(loss, (None, 0, 0), "mean")))
    assert other.reduce == "mean"
    assert pickle.loads(pickle.dumps(shared_functions.decorated)) is shared_functions.decorated


def test_a_worker_that_has_forgotten_a_function_is_sent_it_again() -> None:
    from autograd.compiler.worker import FUNCTIONS

    counting = Counting()
    shared = compile(loss, (None, 0, 0), "sum").over(counting, 2)
    expected = bits(shared.grad(W, X, Y))
    FUNCTIONS.found.clear()
    assert bits(shared.grad(W, X, Y)) == expected
    assert len(counting.sent) == 2 + 4


def test_a_worker_copies_no_lanes_from_its_third_call_on(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = compile(loss, (None, 0, 0), "sum").over(Counting(), 1)
    x, y = shared.scatter(X, Y)
    expected = [bits(shared.grad(W, x, y)) for _ in range(3)]
    monkeypatch.setattr("autograd.compiler.specialisation.Batch.of", None)
    assert bits(shared.grad(W, x, y)) == expected[0] == expected[2]


def test_a_lambda_travels_by_cloudpickle(processes: ProcessPoolExecutor) -> None:
    pytest.importorskip("cloudpickle")
    factor = 0.999
    alone = compile(lambda w, x: gain(w, x)[0] * factor, (None, 0), "sum")
    assert bits(alone.over(processes).grad(0.999, Y)) == bits(alone.grad(0.999, Y))


def test_files_of_shared_arrays_go_with_them(processes: ProcessPoolExecutor) -> None:
    there = InMemory(X, 0)
    path = Path(there.file.path)
    assert path.exists()
    del there
    assert not path.exists()
    shared = compile(loss, (None, 0, 0), "sum").over(processes)
    x, y = shared.scatter(X, Y)
    os.unlink(x.file.path)
    with pytest.raises(FileNotFoundError, match="keep what scatter gave"):
        shared(W, x, y)


# -- what goes wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda f, pool: f.over(4), TypeError, "the executor must have submit, as .* got"),
        (lambda f, pool: f.over(ProcessPoolExecutor), TypeError, "the executor must have submit"),
        (lambda f, pool: f.over(pool, 0), ValueError, "workers must be None or an int of at least 1, got 0"),
        (lambda f, pool: compile(gain).over(pool), ValueError, "has no lanes to share; give in_axes to compile"),
        (lambda f, pool: pickle.dumps(f.over(pool)), TypeError, "has an executor, which is this process's"),
        (lambda f, pool: f.over(pool).scatter(1.0), ValueError, "array 0 must be an array with axis 0, got float"),
        (lambda f, pool: f.over(pool).scatter([X, "x"]), ValueError, "a part of array 0 must be an array"),
        (lambda f, pool: f.over(pool).scatter(X > 0), TypeError, "must be an array of numbers, got dtype bool"),
        (lambda f, pool: f.over(pool).scatter(X, axis=2), ValueError, "an array with axis 2"),
        (lambda f, pool: f.over(pool)(W, f.over(pool).scatter(X.T, axis=1), Y), ValueError, "in_axes 0, .* along axis 1"),
        (lambda f, pool: f.over(pool)(W, X, Y[1:]), ValueError, "8003 lanes along axis 0, but y has 8002"),
        (lambda f, pool: f.over(pool)([Value(1.0)] * 3, X, Y), TypeError, "so it can't record what it does"),
        (lambda f, pool: f.over(pool)(W, X), ValueError, "in_axes has 3 entries for 2 arguments"),
    ],
)
def test_what_cannot_be_shared_is_refused(
    make: Callable[..., Any], error: type[Exception], message: str, threads: ThreadPoolExecutor
) -> None:
    with pytest.raises(error, match=message):
        make(compile(loss, (None, 0, 0), "sum"), threads)


def test_an_error_says_which_lanes_it_had(processes: ProcessPoolExecutor) -> None:
    x = np.linspace(0.0, 1.0, N)
    x[6_000] = 6.0
    with pytest.raises(ZeroDivisionError, match="no such x") as caught:
        compile(failing, (None, 0)).over(processes, 4)(0.999, x)
    (note,) = [note for note in caught.value.__notes__ if note.startswith("over")]
    first, last = map(int, re.findall(r"\d+", note))
    assert first <= 6_000 <= last < N


def test_results_of_different_structures_are_refused(threads: ThreadPoolExecutor) -> None:
    x = np.where(np.arange(N) < N // 2, 1.0, -1.0)
    f = compile(mixed, (None, 0))
    with pytest.raises(TypeError, match="another structure"):
        f.over(threads, 4)(0.999, x)


def test_a_captured_value_is_refused_in_another_process_and_read_in_this_one(
    threads: ThreadPoolExecutor, processes: ProcessPoolExecutor
) -> None:
    f = compile(capturing, (None, 0), "sum")
    assert bits(f.over(threads)(0.999, Y)) == bits(f(0.999, Y))
    with pytest.raises(TypeError, match="has captured Value.*pass it as an argument"):
        f.over(processes)(0.999, Y)


def test_what_does_not_pickle_says_so_without_cloudpickle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cloudpickle", None)
    f = compile(lambda w, x: gain(w, x)[0], (None, 0))
    with pytest.raises(TypeError, match="define the function at the top level of a module, or pip install cloudpickle"):
        f.over(Counting(), 2)(0.999, Y)


def test_what_cloudpickle_cannot_send_says_so() -> None:
    pytest.importorskip("cloudpickle")
    generator = (k for k in range(3))
    f = compile(lambda w, x: gain(w, x)[0] * len([generator]), (None, 0))
    with pytest.raises(TypeError, match="not by cloudpickle either: .*pass as an argument"):
        f.over(Counting(), 2)(0.999, Y)


def test_a_worker_of_another_version_is_refused(processes: ProcessPoolExecutor) -> None:
    class Older:
        def submit(self, function: Callable[..., Any], *args: Any) -> Any:
            return processes.submit(with_version, "0.0.1", function, *args)

    with pytest.raises(RuntimeError, match=r"a worker has chainrule 0\.0\.1, and this process"):
        compile(loss, (None, 0, 0), "sum").over(Older(), 2)(W, X, Y)


def test_a_worker_without_the_package_says_what_to_install() -> None:
    class Without:
        def submit(self, *_: Any) -> Any:
            future: Future[Any] = Future()
            future.set_exception(ModuleNotFoundError("No module named 'autograd'", name="autograd.compiler"))
            return future

    with pytest.raises(ModuleNotFoundError, match="a worker can't import autograd.compiler: install chainrule"):
        compile(loss, (None, 0, 0), "sum").over(Without(), 2)(W, X, Y)


def test_an_executor_that_is_shut_down_says_so() -> None:
    pool = ThreadPoolExecutor(1)
    shared = compile(loss, (None, 0, 0), "sum").over(pool)
    pool.shutdown()
    with pytest.raises(RuntimeError, match="no calls any more: cannot schedule new futures after shutdown; make a new"):
        shared(W, X, Y)


def test_a_worker_that_dies_in_a_step_is_one_error_that_names_its_lanes(tmp_path: Path) -> None:
    flag = tmp_path / "die"
    f = compile(dying, (None, 0, 0, None), "sum")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        flag.write_text(str(os.getpid()))
        shared = f.over(pool, 2)
        with pytest.raises(BrokenExecutor, match=r"a worker died while lanes 0 to \d+ were computed .*; make a new one"):
            shared(W, X, Y, str(flag))
        with pytest.raises(BrokenExecutor, match="takes no calls any more"):
            shared(W, X, Y, str(flag))


# -- all of them, over 200 003 rows -----------------------------------------------------------------------------


def loky(workers: int) -> Any:
    return pytest.importorskip("joblib.externals.loky").get_reusable_executor(workers)


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "executor", [ThreadPoolExecutor, lambda k: ProcessPoolExecutor(k, mp_context=get_context("spawn")), loky]
)
@pytest.mark.parametrize("f", [loss, branching])
def test_200_003_rows(executor: Callable[[int], Any], workers: int, f: Callable[..., Any]) -> None:
    n = 200_003
    x, y = RNG.normal(size=(n, 2)), RNG.normal(size=n)
    alone: Compiled[..., Any] = compile(f, (None, 0, 0), "mean")
    expected = bits(alone.value_and_grad(W, x, y))
    with executor(workers) as pool:
        shared = compile(f, (None, 0, 0), "mean").over(pool)
        assert shared.workers == workers
        assert bits(shared.value_and_grad(W, x, y)) == expected
        assert bits(shared.value_and_grad(W, *shared.scatter(x, y))) == expected
