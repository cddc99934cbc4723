"""Fast paths that are builtin functions: the results of the other ways, to type and bit, and no call that isn't theirs."""

from __future__ import annotations

import gc
import os
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal

import numpy as np
import pytest

from autograd import Value, compile, exp, primitive, sin
from autograd.compiler import builtins
from autograd.compiler.codegen.builtin import DESCRIPTION
from autograd.compiler.fastpath import ArraysFastpath
from autograd.compiler.runtime import builtin, kernel
from autograd.compiler.runtime.builtin import MISS
from autograd.compiler.runtime.jit import DROPPED

RNG = np.random.default_rng(3)
X, Y, Z = RNG.normal(size=(50, 2)), RNG.normal(size=50), np.linspace(0.0, 1.0, 17)
A = np.array([0.5, 0.25])
W = Value(2.0)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builtins are made at the second use of a fast path."""
    monkeypatch.setattr(builtin, "MANY", 0)
    monkeypatch.setattr(builtin, "FEW", 0)


def rosenbrock(x: Any) -> Any:
    return (1.0 - x[0]) ** 2 + 100.0 * (x[1] - x[0] ** 2) ** 2


def branching(x: Any) -> Any:
    return x * x if x > 1.0 else exp(x) if x > 0.0 else 3.0 * x


def residual(a: Any, x: Any, y: Any) -> Any:
    return (a[0] * x[0] + a[1] * x[1] - y) ** 2


def nested(p: Any, k: Any) -> Any:
    return {"a": [p["w"][0] * k, p["b"][1]], "c": p["w"][1] * k}


def over(axis: int, reduce: Literal["sum", "mean"] | None = "mean") -> Any:
    return compile(residual, (None, axis, 0), reduce)


PARAMETERS = {"w": [1.0, 2.0], "b": np.array([3.0, 4.0])}
CALLS: dict[str, Callable[[], partial[Any]]] = {
    "a number": lambda: partial(compile(lambda x, y: x * sin(y)), 1.0, 2.0),
    "an int": lambda: partial(compile(lambda x, y: x * sin(y)), 1, -1),
    "a float64": lambda: partial(compile(lambda x, y: x * sin(y)), np.float64(1.0), 2.0),
    "two gradients": lambda: partial(compile(lambda x, y: x * sin(y)).grad, 1.0, 2.0, argnums=(0, 1)),
    "one gradient of a tuple": lambda: partial(compile(lambda x, y: x * sin(y)).grad, 1.0, 2.0, argnums=(0,)),
    "an array": lambda: partial(compile(rosenbrock).value_and_grad, A),
    "a Hessian": lambda: partial(compile(rosenbrock).hessian, A),
    "a list": lambda: partial(compile(rosenbrock).value_and_grad, [0.5, 0.25]),
    "nested": lambda: partial(compile(nested), PARAMETERS, 2.0),
    "a nested Jacobian": lambda: partial(compile(nested).jacobian, PARAMETERS, 2.0),
    "a captured leaf": lambda: partial(compile(lambda x: x * x * W).grad, 1.5),
    "a branch": lambda: partial(compile(branching).grad, 1.5),
    "rows": lambda: partial(over(0).value_and_grad, A, X, Y),
    "rows, summed": lambda: partial(over(0, "sum").value_and_grad, A, X, Y),
    "columns": lambda: partial(over(1).value_and_grad, A, np.ascontiguousarray(X.T), Y),
    "columns of Fortran": lambda: partial(over(0).value_and_grad, A, np.asfortranarray(X), Y),
    "float32": lambda: partial(over(0).value_and_grad, A, X.astype("f4"), Y),
    "backwards": lambda: partial(over(0).value_and_grad, A[::-1].copy(), X[::-1, ::-1], Y[::-1]),
    "a result for each lane": lambda: partial(over(0, None).value_and_grad, A, X, Y),
    "gradients by lanes": lambda: partial(over(0).grad, A, X, Y, argnums=(1, 2)),
    "captured, over lanes": lambda: partial(compile(lambda a, x: a * x * W, (None, 0), "sum").grad, 2, Z),
}


def bits(x: Any) -> Any:
    """Types, shapes and bits."""
    if isinstance(x, dict):
        return [(key, bits(part)) for key, part in x.items()]
    if isinstance(x, list | tuple):
        return type(x), [bits(part) for part in x]
    return type(x), np.shape(x), np.asarray(x).dtype, np.asarray(x).tobytes()


def fastpath_of(call: Any) -> Any:
    """That of a partial call, which was called often enough."""
    compiled = getattr(call.func, "__self__", call.func)
    (fastpath,) = compiled.fastpaths.values()
    return fastpath


def is_builtin(fastpath: Any) -> bool:
    """Whether it is one, or asks one first."""
    if isinstance(fastpath, ArraysFastpath):
        return bool(fastpath.builtins)
    cells = [cell.cell_contents for cell in getattr(fastpath, "__closure__", None) or ()]
    within = [part for cell in cells for part in (cell if isinstance(cell, list) else [cell])]
    return is_kernel(fastpath) or any(map(is_builtin, within))


def is_kernel(fastpath: Any) -> bool:
    return type(fastpath) is type(len) and fastpath.__name__ == "kernel"


@pytest.mark.parametrize("name", CALLS)
def test_results_are_those_of_the_other_ways(name: str) -> None:
    call = CALLS[name]()
    results = [bits(call()) for _ in range(6)]
    assert is_builtin(fastpath_of(call))
    assert results == [results[0]] * 6


def made(f: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """The fast path of a compiled function that was called so often that it is a builtin."""
    call = partial(compile(f, **options), *args)
    for _ in range(6):
        call()
    fastpath = fastpath_of(call)
    assert is_builtin(fastpath)
    return fastpath


OTHERS = [np.float32(1.0), True, None, "1", 2**2000, Value(1.0), np.zeros(2), [1.0]]


@pytest.mark.parametrize("x", OTHERS, ids=lambda x: type(x).__name__)
def test_what_is_no_number_misses(x: Any) -> None:
    fastpath = made(lambda x, y: x * sin(y), 1.0, 2.0)
    assert fastpath((x, 1.0)) is fastpath((1.0, x)) is MISS
    assert fastpath((1.0,)) is fastpath([1.0, 1.0]) is MISS
    assert fastpath((3.0, 0.5)) == fastpath((3, np.float64(0.5))) != MISS


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(
    "change",
    [
        lambda x: x[:-1],
        lambda x: x[:, :1],
        lambda x: x[None],
        lambda x: x[0],
        lambda x: x[:0],
        lambda x: x.astype(complex),
        lambda x: x.astype(object),
        lambda x: x.tolist(),
        lambda x: 1.0,
        lambda x: np.ma.masked_array(x),
    ],
    ids=["fewer", "narrower", "three axes", "one axis", "none", "complex", "objects", "list", "number", "masked"],
)
def test_other_arrays_miss(axis: int, change: Callable[[Any], Any]) -> None:
    x = X if axis == 0 else np.ascontiguousarray(X.T)
    fastpath = made(residual, A, x, Y, in_axes=(None, axis, 0), reduce="mean")
    ((_, one),) = fastpath.builtins
    assert one((A, change(x), Y)) is MISS
    assert one((A, x, Y)) == fastpath((A, x, Y))


def test_another_number_of_lanes_is_served_by_the_same() -> None:
    ((_, one),) = made(residual, A, X, Y, in_axes=(None, 0, 0), reduce="mean").builtins
    for n in (1, 7, 8, 33):
        assert one((A, X[:n], Y[:n])) == compile(residual, (None, 0, 0), "mean")(A, X[:n], Y[:n])


def test_lanes_of_several_tasks_go_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = over(0, "sum").value_and_grad(A, X, Y)
    monkeypatch.setattr(kernel, "TASK", 1)
    call = partial(over(0, "sum").value_and_grad, A, X, Y)
    for _ in range(6):
        found = call()
    ((_, one),) = fastpath_of(call).builtins
    assert one((A, X, Y)) is MISS
    np.testing.assert_allclose(np.append(found[1], found[0]), np.append(expected[1], expected[0]), rtol=1e-14)


def test_arrays_that_lie_in_turns_have_a_builtin_each() -> None:
    compiled = over(0)
    lies = [X, np.asfortranarray(X), X.astype("f4")]
    for _ in range(6):
        for x in lies:
            for _ in range(3):
                compiled.value_and_grad(A, x, Y)
    (fastpath,) = compiled.fastpaths.values()
    assert len(fastpath.builtins) == 3


def test_branches_have_a_builtin_each() -> None:
    compiled = compile(branching)
    expected = [compiled(x) for x in (2.0, 0.5, -1.0)]
    for _ in range(6):
        assert [compiled(x) for x in (2.0, 0.5, -1.0)] == expected
    (fastpath,) = compiled.fastpaths.values()
    assert [fastpath((x,)) for x in (2.0, 0.5, -1.0)] == expected


def test_code_that_calls_python_has_none() -> None:
    @primitive(lambda _, x: x * 0.0 + 1.0)
    def same(x: float) -> float:
        return x

    points, lanes = compile(lambda x: same(x)), compile(lambda x: same(x), 0)
    for _ in range(6):
        points(1.0), lanes(Z)
    assert [is_builtin(next(iter(f.fastpaths.values()))) for f in (points, lanes)] == [False, False]


@pytest.mark.parametrize("supported", ["_is_supported", "reads_arrays"])
def test_without_support_the_fast_path_stays(supported: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin, supported, lambda: False)
    monkeypatch.setattr(builtins, supported, lambda: False, raising=False)
    for name in ("an array", "rows"):
        call = CALLS[name]()
        results = [bits(call()) for _ in range(6)]
        assert not is_builtin(fastpath_of(call))
        assert results == [results[0]] * 6


# -- errors, references, calls in the middle of calls ------------------------------------------------------------


@pytest.mark.parametrize("name", ["an array", "rows", "a result for each lane", "a nested Jacobian"])
def test_no_memory_is_an_error_and_the_next_call_works(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    empty, fails = np.empty, [False]

    def refusing(*args: Any, **kwargs: Any) -> Any:
        if fails[0]:
            raise MemoryError
        return empty(*args, **kwargs)

    monkeypatch.setattr(np, "empty", refusing)
    call = CALLS[name]()
    for _ in range(6):
        expected = bits(call())
    for fails[0] in (True, False, True):
        if fails[0]:
            with pytest.raises(MemoryError):
                call()
        else:
            assert bits(call()) == expected


@pytest.mark.parametrize("name", ["an array", "rows", "a result for each lane"])
def test_a_call_in_the_middle_of_a_call_has_memory_of_its_own(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the collector say, which may run when an object is made."""
    empty, depth, within = np.empty, [0], []

    def calling(*args: Any, **kwargs: Any) -> Any:
        if depth[0]:
            depth[0] -= 1
            within.append(bits(call()))
        return empty(*args, **kwargs)

    monkeypatch.setattr(np, "empty", calling)
    call = CALLS[name]()
    expected = [bits(call()) for _ in range(6)][-1]
    depth[0] = 2
    assert bits(call()) == expected
    assert within[:1] == [expected]
    assert within == within[:1] * len(within)
    assert bits(call()) == expected


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_leaked(name: str) -> None:
    call = CALLS[name]()
    for _ in range(50):
        call()
    gc.collect()
    arguments = [*call.args, MISS, call.func]
    before, blocks = [sys.getrefcount(x) for x in arguments], sys.getallocatedblocks()
    for _ in range(1000):
        call()
    gc.collect()
    assert [sys.getrefcount(x) for x in arguments] == before
    assert sys.getallocatedblocks() - blocks < 100


def test_misses_leak_nothing() -> None:
    ((_, one),) = made(residual, A, X, Y, in_axes=(None, 0, 0), reduce="mean").builtins
    others: list[Any] = [X[:-1], X.astype("f4")[::2], object(), {}]
    before = [sys.getrefcount(x) for x in [*others, A, Y]]
    for _ in range(1000):
        assert [one((A, other, Y)) for other in others] == [MISS] * len(others)
    assert [sys.getrefcount(x) for x in [*others, A, Y]] == before


@pytest.mark.parametrize("name", ["a number", "an array", "rows", "a result for each lane"])
def test_a_function_that_is_dropped_is_freed_at_once(name: str) -> None:
    call = CALLS[name]()
    for _ in range(6):
        call()
    gc.collect()
    gc.disable()
    kept = len(DROPPED)
    try:
        del call
        assert len(DROPPED) > kept
    finally:
        gc.enable()


def test_threads_call_at_once() -> None:
    calls = [make() for make in CALLS.values()]
    expected = [bits([call() for _ in range(6)][-1]) for call in calls]
    wrong: list[int] = []

    def work() -> None:
        for _ in range(60):
            wrong.extend(k for k, call in enumerate(calls) if bits(call()) != expected[k])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.fixture
def at_work() -> Iterator[Callable[[], Any]]:
    """A call that another thread makes all the time."""
    call, stop = CALLS["rows"](), threading.Event()
    thread = threading.Thread(target=lambda: [call() for _ in iter(stop.is_set, True)])
    thread.start()
    yield call
    stop.set()
    thread.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_the_child_of_a_fork_calls_too(at_work: Callable[[], Any]) -> None:
    expected = bits(at_work())
    for _ in range(20):
        child = os.fork()
        if not child:
            os._exit(0 if bits(at_work()) == expected else 1)
        assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("step", [1, 2])  # rows as they are, and copied to tiles
def test_many_rows_of_results_begin_at_a_cache_line(step: int) -> None:
    squares = compile(lambda x: [each * each for each in x], in_axes=1)
    for n in (2000, 2001, 4096):  # no brief calls
        x = np.ones((8, step * n))[:, ::step]
        assert [squares(x)[0].ctypes.data % 64 for _ in range(4)] == [0] * 4  # the last of them by a builtin


@pytest.mark.parametrize(("lanes", "released"), [(1, False), (100_000, True)])
def test_the_lock_is_released_but_for_what_is_brief(lanes: int, released: bool) -> None:
    ((_, one),) = made(lambda x: sin(x) * exp(x), Z, in_axes=0, reduce="sum").builtins
    words = dict(zip(DESCRIPTION, struct.unpack(f"{len(DESCRIPTION)}q", one.__self__), strict=True))
    assert (lanes > words["brief"]) is released
