"""A ``dask.distributed.Client`` as an executor: arrays lie in pieces in the memories of its workers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from autograd.compiler.executors import ANEW, Future, Pool
from autograd.compiler.recent import Recent
from autograd.compiler.shards import Cuts, Sharded, as_array, cuts, lanes_of
from autograd.interop.coerce import describe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REMEMBERED = 8  # arrays of Dask's, and ways to cut one: the last ones used


def is_client(executor: object) -> bool:
    """Whether it is a client of a cluster of Dask."""
    distributed = sys.modules.get("distributed")
    return distributed is not None and isinstance(executor, distributed.Client)


class DaskCluster(Pool):
    """The workers of a cluster of Dask, which runs a call again where its worker has died."""

    def __init__(self, client: Any):
        super().__init__(client)
        if client.asynchronous:
            raise TypeError("over: the client is asynchronous; give a Client(…) without asynchronous=True")
        self.client = client
        self._known = Recent[OnCluster](REMEMBERED)

    @property
    def count(self) -> int:
        """Threads of all workers."""
        self._check()
        threads: list[int] = list(self.client.nthreads().values())
        return max(1, sum(threads))

    def submit(self, function: Callable[..., Any], *args: Any) -> Future:
        """A future of a call. RuntimeError where the client is closed."""
        self._check()
        future: Future = self.client.submit(function, *args, pure=False)
        return future

    def _check(self) -> None:
        if self.client.status != "running":
            raise RuntimeError(f"over: the client is {self.client.status}; {ANEW}")

    def shared(self, x: Any, axis: int, name: str, workers: int) -> Sharded:
        """An array in pieces, one for each of so many workers."""
        array = as_array(x, axis, name)
        axis %= array.ndim
        return OnCluster.of(self.client, array, axis, cuts(array.shape[axis], workers))

    def as_shared(self, x: Any, axis: int, workers: int) -> Sharded | None:
        """Dask's arrays, and futures of arrays in the order of their lanes; None for anything else."""
        key = _key(x)
        return None if key is None else self._known.get((key, axis), partial(self._even, x, axis, workers))

    def _even(self, x: Any, axis: int, workers: int) -> OnCluster:
        there = OnCluster.of_futures(self.client, _futures(self.client, x, axis), axis)
        return there.cut(cuts(there.shape[there.axis], workers))


def _key(x: Any) -> Hashable | None:
    """What tells apart what is on the cluster already; None for what isn't."""
    from distributed import Future as OfDask

    if isinstance(x, OfDask):
        return (x.key,)
    if isinstance(x, list | tuple) and x and all(isinstance(each, OfDask) for each in x):
        return tuple([each.key for each in x])
    return x.name if x.__class__.__module__.startswith("dask.array") and x.shape else None


def _futures(client: Any, x: Any, axis: int) -> list[Any]:
    """The pieces of what is on the cluster, in the order of their lanes."""
    if not hasattr(x, "rechunk"):
        return list(x) if isinstance(x, list | tuple) else [x]
    whole = x.rechunk({k: -1 for k in range(x.ndim) if k != axis % x.ndim})
    return list(client.compute(whole.to_delayed().ravel().tolist()))


class OnCluster(Sharded):
    """An array in pieces in the memories of workers: futures of arrays, each of some lanes in a row."""

    def __init__(self, client: Any, like: NDArray[Any], lanes: int, axis: int, where: Cuts, futures: Sequence[Any]):
        super().__init__((*like.shape[:axis], lanes, *like.shape[axis + 1 :]), like.dtype, axis, like)
        self.client, self.where, self.futures = client, list(where), list(futures)
        self._otherwise = Recent[OnCluster](REMEMBERED)

    @classmethod
    def of(cls, client: Any, array: NDArray[Any], axis: int, where: Cuts) -> OnCluster:
        """An array of this process, whose pieces are sent to the workers in turn."""
        import numpy as np

        addresses = [address for address, threads in client.nthreads().items() for _ in range(threads)] or [None]
        futures = []
        for k, shard in enumerate(where):
            piece = np.array(lanes_of(array, axis, *shard), order="K")
            to = addresses[k % len(addresses)]
            futures.append(client.scatter(piece, workers=None if to is None else [to], hash=False))
        return cls(client, lanes_of(array, axis, 0, 1), array.shape[axis], axis, where, futures)

    @classmethod
    def of_futures(cls, client: Any, futures: Sequence[Any], axis: int) -> OnCluster:
        """Pieces that are there. ValueError where they don't fit together."""
        facts = client.gather([client.submit(_facts, future, axis, pure=False) for future in futures])
        (shape, dtype), axis = facts[0], axis % max(1, len(facts[0][0]))
        for k, (other, kind) in enumerate(facts):
            if kind != dtype or other[:axis] + other[axis + 1 :] != shape[:axis] + shape[axis + 1 :]:
                raise ValueError(
                    f"over: the pieces of an array must have one dtype and one shape but for axis {axis}: piece 0 has "
                    f"{dtype} and shape {shape}, piece {k} {kind} and {other}"
                )
        like = client.submit(lanes_of, futures[0], axis, 0, 1, pure=False).result()
        ends = list(accumulate(other[axis] for other, _ in facts))
        return cls(client, like, ends[-1], axis, list(pairwise([0, *ends])), futures)

    def pieces(self, where: Cuts) -> list[Any]:
        """A future for each shard."""
        if self.where == list(where):
            return self.futures
        return self._otherwise.get(tuple(where), partial(self.cut, where)).futures

    def cut(self, where: Cuts) -> OnCluster:
        """The same in other pieces, which the workers put together."""
        if self.where == list(where):
            return self
        futures = [self._piece(*each) for each in where]
        return OnCluster(self.client, self.first, self.shape[self.axis], self.axis, where, futures)

    def _piece(self, start: int, stop: int) -> Any:
        """These lanes, of all pieces that have some of them."""
        spans, futures = list[tuple[int, int]](), []
        for (a, b), future in zip(self.where, self.futures, strict=True):
            if (a, b) == (start, stop):
                return future
            if max(start, a) < min(stop, b):
                spans.append((max(start, a) - a, min(stop, b) - a))
                futures.append(future)
        return self.client.submit(_concatenated, futures, spans, self.axis, pure=False)


def _facts(piece: Any, axis: int) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and dtype of a piece. TypeError or ValueError where it is no array of numbers with this axis."""
    array = as_array(piece, axis, f"a piece, {describe(piece)},")
    return array.shape, array.dtype


def _concatenated(pieces: Sequence[NDArray[Any]], spans: Cuts, axis: int) -> NDArray[Any]:
    """These lanes of these pieces in a row."""
    import numpy as np

    return np.concatenate([lanes_of(piece, axis, *span) for piece, span in zip(pieces, spans, strict=True)], axis=axis)
