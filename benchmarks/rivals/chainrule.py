"""We: ``compile``, value and gradient in one call; and the value alone."""

from time import perf_counter
from typing import Any

import numpy as np

import autograd
from autograd.compiler.runtime.jit import machine
from benchmarks.rivals.rival import Ready, Setting
from benchmarks.workloads import Workload

OURS, PRIMAL, AVX2 = "chainrule", "ours, f alone", "chainrule, AVX2"


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


def prepare(workload: Workload, w: Any, d: Any, setting: Setting) -> dict[str, Ready]:
    """Value and gradient, also with vectors of four lanes; and the value alone."""
    args = (w,) if d is None else (w, d)
    lanes = args[-1].shape[1]
    autograd.compile(lambda x: x + 1.0)(0.0)  # wakes LLVM
    start = perf_counter()
    f = compiled(workload, lanes, setting.threads)
    both = differentiated(workload, f)
    both(*args)
    compiling = perf_counter() - start
    start = perf_counter()
    f(*args)
    primal = perf_counter() - start

    def read(found: Any) -> Any:
        return (None, np.array(found)) if workload.outputs > 1 else found

    forms = {
        OURS: Ready(lambda: both(*args), lambda: read(both(*args)), compiling),
        PRIMAL: Ready(lambda: f(*args), lambda: (np.array(f(*args)), None), primal),
    }
    here = machine()
    if here.widest > 4:
        narrow = differentiated(workload, compiled(workload, lanes, setting.threads))
        here.vectors_of(4)
        narrow(*args)
        here.vectors_of(here.widest)
        forms[AVX2] = Ready(lambda: narrow(*args), lambda: read(narrow(*args)))
    return forms


def differentiated(workload: Workload, f: Any) -> Any:
    """Value and gradient; of several outputs the Jacobian."""
    return f.value_and_grad if workload.outputs == 1 else f.jacobian
