"""Value and gradient written by hand: for numba, and for NumPy's arrays."""

from functools import partial
from time import perf_counter
from typing import Any

from benchmarks.rivals.rival import Ready, Setting, needs
from benchmarks.workloads import Workload

NUMBA, NUMPY = "numba", "NumPy"


def prepare_numba(workload: Workload, w: Any, d: Any, setting: Setting) -> dict[str, Ready]:
    """Where somebody has written the adjoint."""
    if workload.numba is None:
        return {}
    needs("numba")
    import numba

    numba.njit(lambda x: x + 1.0)(0.0)  # wakes it
    start = perf_counter()
    kernel = workload.numba(partial(numba.njit, error_model="numpy", fastmath=True))
    kernel(w, d)
    compiling = perf_counter() - start
    return {NUMBA: Ready(lambda: kernel(w, d), lambda: kernel(w, d), compiling)}


def prepare_numpy(workload: Workload, w: Any, d: Any, setting: Setting) -> dict[str, Ready]:
    """Nothing to compile."""
    by_hand = workload.numpy
    if by_hand is None:
        return {}
    return {NUMPY: Ready(lambda: by_hand(w, d), lambda: by_hand(w, d))}
