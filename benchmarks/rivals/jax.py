"""JAX: ``jit`` of value and gradient in float64, as scan or matrices where that suits, else f itself on arrays of lanes."""

import os
import subprocess
import sys
from functools import cache
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.rivals.rival import Ready, Setting, needs
from benchmarks.workloads import ALL, Workload
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
        exp=jnp.exp, log=jnp.log, sqrt=jnp.sqrt, sin=jnp.sin, cos=jnp.cos, erf=jax.scipy.special.erf,
        maximum=jnp.maximum, relu=lambda x: jnp.maximum(x, 0.0), logsumexp=log_sum_exp(jnp), dot=jnp.dot,
    )  # fmt: skip


def prepare(workload: Workload, w: Any, d: Any, setting: Setting) -> dict[str, Ready]:
    """Every form that is compiled within the setting's patience."""
    needs("jax")
    jax = loaded()
    forms = {name: lambda w, d, form=form: form(jax, w, d) for name, form in workload.jax.items()}
    if workload.unrolled and (not forms or (not setting.quick and compiles(workload, setting.patience))):
        forms[UNROLLED] = workload.whole(functions(jax), workload.lanes)
    return {f"{NAME}, {name}": made(jax, workload, form, w, d) for name, form in forms.items()}


def made(jax: Any, workload: Workload, form: Any, w: Any, d: Any) -> Ready:
    """The form's value and gradient, compiled."""
    start = perf_counter()
    args = [jax.numpy.asarray(array) for array in (w, d) if array is not None]
    call = differentiated(jax, workload, form)
    jax.block_until_ready(call(*args))

    def result() -> Any:
        value, gradient = call(*args)
        return (None if value is None else np.array(value)), np.array(gradient)

    return Ready(lambda: jax.block_until_ready(call(*args)), result, perf_counter() - start)


def differentiated(jax: Any, workload: Workload, form: Any) -> Any:
    """(w, d) → value and gradient: the mean's, or of every lane."""
    jnp = jax.numpy

    def mean(w: Any, d: Any) -> Any:
        return form(w, d).mean()

    def total(w: Any, d: Any, output: int) -> Any:
        values = form(w, d)
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


def compiles(workload: Workload, patience: float) -> bool:
    """Whether f itself is compiled in time, tried in another process, which can be stopped."""
    command = [sys.executable, "-m", "benchmarks.rivals.jax", workload.name]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=patience)
    except subprocess.TimeoutExpired:
        print(f"{workload.name}: JAX, unrolled, isn't compiled after {patience:.0f} s, so left out")
        return False
    return True


def main() -> None:
    """Compile the workload whose name is given, unrolled."""
    (workload,) = (one for one in ALL if one.name == sys.argv[1])
    jax = loaded()
    made(jax, workload, workload.whole(functions(jax), workload.lanes), *workload.data(workload.lanes))


if __name__ == "__main__":
    main()
