"""What a gradient costs at least: its operations, each at what this processor needs for it, nothing for
memory, comparisons and choices; every addition fused with a multiplication.

The costs are those of loops that gcc makes vectors of, with libmvec's functions; the operations are those of the
program that ``compile`` runs, as far as they depend on the lane.
"""

import ctypes
from collections import Counter
from functools import cache
from typing import Any

import numpy as np

from autograd import Value
from autograd.graph import topological_order
from autograd.program.lowering import lowered
from benchmarks.measure import best
from benchmarks.rivals import chainrule
from benchmarks.rivals.rival import MissingError, gcc
from benchmarks.workloads import Workload

LIBRARY = ("exp", "log", "sin", "cos", "tanh", "erf", "pow")
LANES = 1024
# Eight chains at a time: throughput, not latency, is what counts. gcc makes a sum and a product of a·u + u: (a + 1)·u.
SOURCE = """
#include <math.h>
typedef double vector __attribute__((vector_size(64)));
void fma_(vector *x, vector *y) {
    for (int i = 0; i < 128; i += 8) {
        vector a = x[i], b = x[i + 1], c = x[i + 2], d = x[i + 3], u = y[i] * 1e-9, v = y[i + 1] * 1e-9;
        vector e = x[i + 4], f = x[i + 5], g = x[i + 6], h = x[i + 7];
        for (int k = 0; k < 32; k++)
            a = a * u + v, b = b * u + v, c = c * u + v, d = d * u + v,
            e = e * u + v, f = f * u + v, g = g * u + v, h = h * u + v;
        y[i] = a, y[i + 1] = b, y[i + 2] = c, y[i + 3] = d, y[i + 4] = e, y[i + 5] = f, y[i + 6] = g, y[i + 7] = h;
    }
}
void div(double *x, double *y) { for (int i = 0; i < 1024; i++) y[i] = 1.1 / x[i]; }
void root(double *x, double *y) { for (int i = 0; i < 1024; i++) y[i] = sqrt(x[i]); }
void fpow(double *x, double *y) { for (int i = 0; i < 1024; i++) y[i] = pow(x[i], 1.37); }
"""
FUNCTION = "void f%s(double *x, double *y) { for (int i = 0; i < 1024; i++) y[i] = %s(x[i]); }\n"


@cache
def costs() -> dict[str, float]:
    """Operation → seconds a lane."""
    source = SOURCE + "".join(FUNCTION % (name, name) for name in LIBRARY if name != "pow")
    flags = ("-O3", "-ffast-math", "-mprefer-vector-width=512", "-mrecip=none", "-funroll-loops")
    library = ctypes.CDLL(str(gcc("roofline", source, flags)))
    x, y = aligned(np.linspace(0.5, 1.5, LANES)), aligned(np.ones(LANES))
    places = ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(y.ctypes.data)
    named = {"fma": "fma_", "div": "div", "sqrt": "root", **{name: f"f{name}" for name in LIBRARY}}
    loops = {op: _repeated(getattr(library, name), places) for op, name in named.items()}
    taken = {op: time / (LANES * REPEATS) for op, time in best(loops, 40, 2e-3).items()}
    taken["fma"] /= 32
    return taken


def aligned(numbers: Any) -> Any:
    """The numbers where vectors of 64 bytes may begin."""
    room = np.empty(len(numbers) + 8)
    start = -room.ctypes.data // 8 % 8
    room[start : start + len(numbers)] = numbers
    return room[start : start + len(numbers)]


REPEATS = 20


def _repeated(f: Any, places: Any) -> Any:
    def loop() -> None:
        for _ in range(REPEATS):
            f(*places)

    return loop


def seconds(workload: Workload, lanes: int) -> float | None:
    """The sum over the operations of a lane's value and gradient; None without a C compiler."""
    try:
        prices = costs()
    except MissingError:
        return None
    counts = operations(workload, lanes)
    fused = max(counts.get("mul", 0), counts.get("add", 0) + counts.get("sub", 0))
    return fused * prices["fma"] + sum(count * prices[op] for op, count in counts.items() if op in prices)


def operations(workload: Workload, lanes: int) -> dict[str, int]:
    """How often each operation occurs, of those that differ from lane to lane."""
    program = lane_program(workload, lanes)
    return dict(counted(program, [name.startswith("d") or not workload.shared for name in program.inputs]))


def counted(program: Any, varies: list[bool]) -> Counter[str]:
    """The same of a program whose inputs vary, or don't; a loop's as often as it runs, its states vary if anything does."""
    counts: Counter[str] = Counter()
    for op, args in program.nodes[len(program.inputs) :]:
        varies.append(any(varies[a] for a in args))
        scan = program.scans.get(op)
        if scan and varies[-1]:
            step = counted(scan.body, [True] * scan.states + [varies[a] for a in args[scan.states :]])
            counts.update({op: count * scan.times for op, count in step.items()})
        elif varies[-1]:
            counts[op] += 1
    return counts


def lane_program(workload: Workload, lanes: int) -> Any:
    """The program that is timed, in the machine's operations. (``program`` shows that by all arguments.)"""
    f = chainrule.compiled(workload, lanes)
    args = tuple(array for array in workload.data(2) if array is not None)
    form = f._parameters.form(len(args), ())
    return lowered(f.specialisation("jacobian" if workload.outputs > 1 else "value_and_grad", 0, args, form).program(args))


def nodes(workload: Workload) -> int:
    """The operations of f in eager mode: what a trace has to record."""
    import autograd

    w, d = workload.data(2)
    first = lambda array, shared: [Value(x) for x in (array if shared else array[:, 0])]  # noqa: E731
    numbers = np.array(first(w, workload.shared), dtype=object)
    y = workload.whole(autograd, workload.lanes)(numbers, () if d is None else first(d, False))
    found = {id(node) for root in (y if isinstance(y, list) else [y]) for node in topological_order(root) if node.op}
    return len(found)
