"""Value and gradient written by hand: for numba, and for NumPy's arrays."""

from functools import partial
from typing import Any

from benchmarks.rivals.rival import Form, Ready, Setting, Stopwatch, needs
from benchmarks.workloads import Workload

NUMBA, NUMPY = "numba", "NumPy"


def with_numba(workload: Workload) -> list[Form]:
    """Where somebody has written the adjoint."""
    if workload.numba is None:
        return []
    needs("numba")
    return [Form(NUMBA, partial(jitted, workload.numba))]


def jitted(kernel_for: Any, w: Any, d: Any, setting: Setting) -> Ready:
    """The kernel, compiled."""
    import numba

    numba.njit(lambda x: x + 1.0)(0.0)  # wakes it
    watch = Stopwatch()
    kernel = kernel_for(partial(numba.njit, error_model="numpy", fastmath=True))
    kernel(w, d)
    return Ready(lambda: kernel(w, d), lambda: kernel(w, d), watch.cost())


def with_numpy(workload: Workload) -> list[Form]:
    """Nothing to compile."""
    by_hand: Any = workload.numpy
    if by_hand is None:
        return []
    return [Form(NUMPY, lambda w, d, _: Ready(lambda: by_hand(w, d), lambda: by_hand(w, d)), compiles=False)]
