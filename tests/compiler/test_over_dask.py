"""``compiled.over(client)``: a cluster of Dask on this machine, whose workers hold the lanes."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import compile
from tests.compiler.shared_functions import branching, compilations, dying, failing, loss
from tests.compiler.test_over import N, W, X, Y, bits, layer

pytest.importorskip("llvmlite")
distributed = pytest.importorskip("distributed")
da = pytest.importorskip("dask.array")

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of a cluster that is closing


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two workers, on loopback."""
    with (
        distributed.LocalCluster(
            2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", worker_dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.parametrize("f", [loss, branching])
def test_results_have_the_bits_of_one_process(f: Any, client: Any) -> None:
    alone = compile(f, (None, 0, 0), "mean")
    expected = bits(alone.value_and_grad(W, X, Y))
    shared = alone.over(client)
    assert shared.workers == 2
    assert bits(shared.value_and_grad(W, X, Y)) == expected
    assert bits(alone.over(client, 3).value_and_grad(W, *shared.scatter(X, Y))) == expected
    pieces = [client.scatter(X[start : start + 3_000]) for start in range(0, N, 3_000)]
    columns = da.from_array(X, chunks=(1_000, 1))
    for x in (pieces, columns, shared.scatter(pieces), shared.scatter(columns)):
        assert bits(shared.value_and_grad(W, x, Y)) == expected
    assert bits(alone.over(client.get_executor()).value_and_grad(W, X, Y)) == expected


def test_the_second_round_compiles_nothing_and_sends_the_parameters(client: Any) -> None:
    w, x = np.ones((60, 20)), np.ones((6_000, 20))
    shared = compile(layer, (None, 0), "sum").over(client)
    there = shared.scatter(x)
    shared.grad(w, there)
    before = client.run(compilations)
    calls: list[int] = []

    def counting(function: Any, *args: Any, **options: Any) -> Any:
        calls.append(sum(len(part) for part in distributed.protocol.dumps((function, args))))
        return submit(function, *args, **options)

    submit = client.submit
    client.submit = counting
    try:
        shared.grad(w, there)
    finally:
        del client.submit
    assert client.run(compilations) == before
    assert len(calls) == 2
    assert max(calls) <= 1.1 * w.nbytes


def test_dask_arrays_in_nested_arguments(client: Any) -> None:
    alone = compile(lambda w, data: loss(w, data["x"], data["y"][0]), (None, 0), "sum")
    data = {"x": X, "y": [Y]}
    there = {"x": da.from_array(X, chunks=2_000), "y": [da.from_array(Y, chunks=3_000)]}
    assert bits(alone.over(client).grad(W, there)) == bits(alone.grad(W, data))


def test_pieces_that_do_not_fit_are_refused(client: Any) -> None:
    shared = compile(loss, (None, 0, 0), "sum").over(client)
    for other, what in ((X.astype(np.float32), "float32"), (X[:, :1], r"\(8003, 1\)")):
        with pytest.raises(ValueError, match=f"piece 0 has float64 .*, piece 1 .*{what}"):
            shared.scatter([client.scatter(X, hash=False), client.scatter(other)])
    with pytest.raises(TypeError, match="must be an array of numbers, got dtype bool"):
        shared.scatter([client.scatter(X > 0)])


def test_an_error_says_which_lanes_it_had(client: Any) -> None:
    x = np.ones(N)
    x[6_000] = 6.0
    with pytest.raises(ZeroDivisionError, match="no such x") as caught:
        compile(failing, (None, 0)).over(client)(0.999, x)
    assert any("over: it was raised for lanes" in note for note in caught.value.__notes__)


def test_a_worker_that_dies_in_a_step_is_replaced(client: Any, tmp_path: Path) -> None:
    alone = compile(dying, (None, 0, 0, None), "sum")
    flag = tmp_path / "die"
    expected = bits(alone.grad(W, X, Y, str(flag)))
    flag.write_text(str(os.getpid()))
    assert bits(alone.over(client).grad(W, X, Y, str(flag))) == expected
    assert not flag.exists()


def test_a_client_that_is_closed_says_so(client: Any) -> None:
    other = distributed.Client(client.cluster.scheduler_address)
    shared = compile(loss, (None, 0, 0), "sum").over(other)
    other.close()
    with pytest.raises(RuntimeError, match="the client is closed; make a new one"):
        shared(W, X, Y)


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 2, 3, 4])
@pytest.mark.parametrize("f", [loss, branching])
def test_200_003_rows(client: Any, workers: int, f: Any) -> None:
    rng = np.random.default_rng(workers)
    x, y = rng.normal(size=(200_003, 2)), rng.normal(size=200_003)
    alone = compile(f, (None, 0, 0), "mean")
    expected, shared = bits(alone.value_and_grad(W, x, y)), alone.over(client, workers)
    assert bits(shared.value_and_grad(W, x, y)) == expected
    assert bits(shared.value_and_grad(W, *shared.scatter(x, y))) == expected
