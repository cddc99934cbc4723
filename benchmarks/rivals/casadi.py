"""CasADi: SX graphs of a lane, ``map`` over lanes, or matrices and loops of its own over all lanes; called on buffers,
by its virtual machine and as the C it generates."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.rivals.rival import Form, Ready, Setting, Stopwatch, gcc, needs
from benchmarks.workloads import Workload

VM, GENERATED = "CasADi VM", "CasADi C"


def functions(ca: Any) -> SimpleNamespace:
    """m for CasADi's symbols."""
    return SimpleNamespace(
        exp=ca.exp, log=ca.log, sqrt=ca.sqrt, sin=ca.sin, cos=ca.cos, tanh=ca.tanh, erf=ca.erf, maximum=ca.fmax,
        sigmoid=lambda x: 1.0 / (1.0 + ca.exp(-x)), relu=lambda x: ca.fmax(x, 0.0),
        logsumexp=lambda xs: ca.logsumexp(ca.vertcat(*xs)),
        dot=lambda xs, ys: ca.dot(ca.vertcat(*listed(xs)), ca.vertcat(*listed(ys))),
    )  # fmt: skip


def forms(workload: Workload) -> list[Form]:
    """Of each way to build the function two: interpreted, and as C."""
    needs("casadi")
    ways = {"": mapped} if workload.mapped else {}
    ways |= {", matrices": whole} if workload.casadi else {}
    return [
        Form(name + way, partial(made, build, workload, name == GENERATED))
        for way, build in ways.items()
        for name in (VM, GENERATED)
    ]


def made(build: Any, workload: Workload, generate: bool, w: Any, d: Any, setting: Setting) -> Ready:
    """The function built for so many lanes, and compiled by gcc if it is to be C."""
    import casadi as ca

    ca.Function("wakes", [ca.SX.sym("x")], [1.0])
    watch = Stopwatch()
    function = build(ca, workload, w.shape[0], 0 if d is None else d.shape[0], (w if d is None else d).shape[1])
    function = external(ca, workload, function) if generate else function
    return on_buffers(workload, function, w, d, watch)


def whole(ca: Any, workload: Workload, size: int, more: int, lanes: int) -> Any:
    """(w, d) → value and gradient, by matrices of all lanes."""
    W, D = ca.MX.sym("w", size, 1 if workload.shared else lanes), ca.MX.sym("d", more, lanes)
    value = workload.casadi(ca, W, D)  # of the mean, or of each lane: lanes don't touch each other, their sum will do
    return ca.Function("whole", [W, D], [value, ca.gradient(ca.sum2(value), W)])


def mapped(ca: Any, workload: Workload, size: int, more: int, lanes: int) -> Any:
    """(w, d) → value and gradient over all lanes."""
    m = functions(ca)
    w, d = ca.SX.sym("w", size), ca.SX.sym("d", more)
    derived = ca.vertcat(*listed(workload.prepare(m, w)))
    inner = ca.SX.sym("inner", derived.numel())
    ys = workload.f(m, elements(inner), elements(d))
    ys = ys if isinstance(ys, list) else [ys]
    gradients = ca.vertcat(*[ca.gradient(y, inner) for y in ys])
    lane = ca.Function("lane", [inner, d], [*([ys[0]] if len(ys) == 1 else []), gradients])
    if not workload.mean:
        return lane.map("whole", "serial", lanes, [0] if workload.shared else [], [])
    total = lane.map("total", "serial", lanes, [0], [0, 1])
    W, D = ca.MX.sym("w", size), ca.MX.sym("d", more, lanes)
    once = ca.Function("once", [w], [derived])
    value, gradient = total(once(W), D)
    back = ca.Function("back", [w, inner], [ca.jtimes(derived, w, inner, True)])
    rest = workload.rest(m, w, lanes) if workload.rest else ca.SX(0.0)
    added = ca.Function("rest", [w], [rest, ca.gradient(rest, w)])(W)
    return ca.Function("whole", [W, D], [value / lanes + added[0], back(W, gradient / lanes) + added[1]])


def elements(x: Any) -> list[Any]:
    """A symbol's numbers."""
    return [x[i] for i in range(x.numel())]


def listed(x: Any) -> list[Any]:
    """The same of a symbol or a list."""
    return x if isinstance(x, list) else elements(x)


def external(ca: Any, workload: Workload, whole: Any) -> Any:
    """The function as C, compiled and loaded."""
    generator = ca.CodeGenerator("whole")
    generator.add(whole)
    return ca.external("whole", str(gcc(f"{workload.name}-casadi", generator.dump())))


def on_buffers(workload: Workload, f: Any, w: Any, d: Any, watch: Stopwatch) -> Ready:
    """The function on its own layout: a lane's numbers lie together."""
    lanes = (w if d is None else d).shape[1]
    buffers, trigger = f.buffer()
    given = [np.ascontiguousarray(array.T) for array in (w, d) if array is not None]
    for i, array in enumerate(given):
        buffers.set_arg(i, memoryview(array.ravel()))
    taken = [np.zeros(f.nnz_out(i)) for i in range(f.n_out())]
    for i, array in enumerate(taken):
        buffers.set_res(i, memoryview(array))

    def result() -> Any:
        trigger()
        *value, gradient = taken
        if workload.mean:
            return np.array(value[0][0]), gradient.copy()
        gradient = gradient.reshape(lanes, workload.outputs, -1).transpose(1, 2, 0)
        return (value[0].copy() if value else None), (gradient[0] if workload.outputs == 1 else gradient)

    trigger()
    return Ready(trigger, result, watch.cost(), kept=(f, buffers, given, taken))
