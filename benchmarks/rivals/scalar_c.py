"""C written by hand: f alone, lane after lane, no derivative. What a gradient is measured by."""

import ctypes
from functools import partial
from typing import Any

import numpy as np

from benchmarks.rivals.rival import Form, Ready, Setting, Stopwatch, gcc, objective
from benchmarks.workloads import Workload

SCALAR_C = "C, f alone"

# A lane's numbers lie together, and f isn't mixed over lanes: one evaluation, then the next.
LOOP = """
#define _GNU_SOURCE
#include <math.h>
%s
#ifndef PREPARE
#define PREPARE
#endif
static void __attribute__((noinline)) one(const double *w, const double *d, double *out) { f(w, d, out); }
void run(const double *w, const double *d, double *out, long lanes) {
    PREPARE
    for (long i = 0; i < lanes; i++) one(w + (SHARES ? 0 : i * W), d + i * D, out + i * OUT);
}
"""


def forms(workload: Workload) -> list[Form]:
    """The one."""
    return [Form(SCALAR_C, partial(made, workload), compiles=False)]


def made(workload: Workload, w: Any, d: Any, setting: Setting) -> Ready:
    """f over all lanes."""
    watch = Stopwatch()
    source = LOOP.replace("SHARES", str(int(workload.shared))) % workload.c.replace(", SHARED = 1", "")
    library = ctypes.CDLL(str(gcc(f"{workload.name}-scalar", source)))
    cost = watch.cost()
    lanes = (w if d is None else d).shape[1]
    numbers, lane_data = np.ascontiguousarray(w.T), np.ascontiguousarray(d.T if d is not None else np.zeros(1))
    out = np.empty((lanes, workload.outputs))
    addresses = [ctypes.c_void_p(array.ctypes.data) for array in (numbers, lane_data, out)]
    call = lambda: library.run(*addresses, ctypes.c_long(lanes))  # noqa: E731

    def result() -> Any:
        call()
        values = out[:, 0] if workload.outputs == 1 else out.T
        return (objective(workload, values, w, lanes) if workload.mean else values.copy()), None

    return Ready(call, result, cost, kept=(numbers, lane_data))
