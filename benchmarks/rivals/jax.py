"""JAX: ``jit`` of value and gradient in float64, as scan or matrices where that suits, else f itself on arrays of lanes."""

import os
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.rivals.rival import Form, Ready, Setting, Stopwatch, needs
from benchmarks.workloads import Workload
from benchmarks.workloads.workload import log_sum_exp

NAME, UNROLLED = "JAX", "unrolled"


@cache
def loaded() -> Any:
    """JAX with float64, awake."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.jit(lambda x: x + 1.0)(0.0).block_until_ready()
    return jax


def functions(jax: Any) -> SimpleNamespace:
    """m for JAX's arrays."""
    jnp = jax.numpy
    return SimpleNamespace(
        exp=jnp.exp, log=jnp.log, sqrt=jnp.sqrt, sin=jnp.sin, cos=jnp.cos, tanh=jnp.tanh, erf=jax.scipy.special.erf,
        maximum=jnp.maximum, relu=lambda x: jnp.maximum(x, 0.0), logsumexp=log_sum_exp(jnp), dot=jnp.dot,
    )  # fmt: skip


def forms(workload: Workload) -> list[Form]:
    """The workload's own, and f itself where that may be tried."""
    needs("jax")
    found = [Form(f"{NAME}, {name}", partial(made, workload, form)) for name, form in workload.jax.items()]
    if workload.unrolled:
        unrolled = lambda jax, w, d: workload.whole(functions(jax), workload.lanes)(w, d)  # noqa: E731
        found.append(Form(f"{NAME}, {UNROLLED}", partial(made, workload, unrolled), late=bool(found)))
    return found


def made(workload: Workload, form: Any, w: Any, d: Any, setting: Setting) -> Ready:
    """The form's value and gradient, compiled."""
    jax = loaded()
    watch = Stopwatch()
    args = [jax.numpy.asarray(array) for array in (w, d) if array is not None]
    call = differentiated(jax, workload, form)
    jax.block_until_ready(call(*args))

    def result() -> Any:
        value, gradient = call(*args)
        return (None if value is None else np.array(value)), np.array(gradient)

    return Ready(lambda: jax.block_until_ready(call(*args)), result, watch.cost())


def differentiated(jax: Any, workload: Workload, form: Any) -> Any:
    """(w, d) → value and gradient: the mean's, or of every lane."""
    jnp = jax.numpy

    def mean(w: Any, d: Any) -> Any:
        return form(jax, w, d).mean()

    def total(w: Any, d: Any, output: int) -> Any:
        values = form(jax, w, d)
        values = values[output] if workload.outputs > 1 else values
        return values.sum(), values

    def each(w: Any, d: Any = None) -> Any:
        # Lanes don't touch each other: the gradient of their sum has every lane's own.
        w = jnp.broadcast_to(w[:, None], (w.shape[0], d.shape[1])) if workload.shared else w
        found = [jax.value_and_grad(total, has_aux=True)(w, d, i) for i in range(workload.outputs)]
        if workload.outputs > 1:
            return None, jnp.stack([gradient for _, gradient in found])
        ((_, values), gradient) = found[0]
        return values, gradient

    return jax.jit(jax.value_and_grad(mean) if workload.mean else each)
