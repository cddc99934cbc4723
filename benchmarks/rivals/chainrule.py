"""We: ``compile``, value and gradient in one call; and the value alone."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

import autograd
from autograd.compiler.runtime.jit import machine
from benchmarks.rivals.rival import Form, Ready, Setting, Stopwatch
from benchmarks.workloads import Workload

OURS, PRIMAL, AVX2 = "chainrule", "ours, f alone", "chainrule, AVX2"
ROWS, SCAN = "chainrule, data as rows", "chainrule, scan"
WAKE = autograd.compile(lambda x: x + 1.0)  # its first call loads LLVM, later ones cost nothing


def compiled(workload: Workload, lanes: int, threads: int = 1) -> Any:
    """The workload compiled, not yet traced."""
    f = workload.whole(autograd, lanes)
    if has_data(workload):
        return autograd.compile(f, in_axes=workload.in_axes, reduce=reduction(workload), threads=threads)
    return autograd.compile(lambda w: f(w, ()), in_axes=workload.in_axes[:1], reduce=reduction(workload), threads=threads)


def has_data(workload: Workload) -> bool:
    """Whether lanes have numbers that nothing is differentiated by."""
    return workload.data(1)[1] is not None


def reduction(workload: Workload) -> str | None:
    """compile's ``reduce``."""
    return "mean" if workload.mean else None


def forms(workload: Workload) -> list[Form]:
    """Value and gradient, also with vectors of four lanes where there are wider ones; and the value alone."""
    found = [Form(OURS, partial(gradient, workload)), Form(PRIMAL, partial(alone, workload), compiles=False)]
    if workload.scanned:
        found.append(Form(SCAN, partial(gradient, replace(workload, f=workload.scanned))))
    if workload.rows:
        found.append(Form(ROWS, partial(of_rows, workload), compiles=False))
    if machine().widest > 4:
        found.append(Form(AVX2, partial(gradient, workload, width=4), compiles=False))
    return found


def gradient(workload: Workload, w: Any, d: Any, setting: Setting, width: int | None = None) -> Ready:
    """In one call; compiled for vectors of ``width`` lanes."""
    call, args = differentiated(workload, woken(workload, w, d, setting)), given(w, d)
    here = machine()
    here.vectors_of(width or here.widest)
    watch = Stopwatch()
    call(*args)
    cost = watch.cost()
    here.vectors_of(here.widest)

    def read(found: Any) -> Any:
        return (None, np.array(found)) if workload.outputs > 1 else found

    return Ready(lambda: call(*args), lambda: read(call(*args)), cost)


def of_rows(workload: Workload, w: Any, d: Any, setting: Setting) -> Ready:
    """The same of an array with a row a lane."""
    rows = np.ascontiguousarray(d.T)
    f = autograd.compile(
        workload.whole(autograd, len(rows)), in_axes=(None, 0), reduce=reduction(workload), threads=setting.threads
    )
    f.value_and_grad(w, rows)
    return Ready(lambda: f.value_and_grad(w, rows), lambda: f.value_and_grad(w, rows))


def alone(workload: Workload, w: Any, d: Any, setting: Setting) -> Ready:
    """f without its gradient."""
    f, args = woken(workload, w, d, setting), given(w, d)
    watch = Stopwatch()
    f(*args)
    return Ready(lambda: f(*args), lambda: (np.array(f(*args)), None), watch.cost())


def woken(workload: Workload, w: Any, d: Any, setting: Setting) -> Any:
    """The workload compiled, not yet traced; LLVM has compiled something else."""
    WAKE(0.0)
    return compiled(workload, given(w, d)[-1].shape[1], setting.threads)


def given(w: Any, d: Any) -> tuple[Any, ...]:
    """The arguments."""
    return (w,) if d is None else (w, d)


def differentiated(workload: Workload, f: Any) -> Any:
    """Value and gradient; of several outputs the Jacobian."""
    return f.value_and_grad if workload.outputs == 1 else f.jacobian
