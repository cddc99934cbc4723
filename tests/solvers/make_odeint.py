"""Solutions and gradients by JAX's odeint, written to odeint.json: ``python -m tests.solvers.make_odeint``."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("odeint.json")
TIMES = [0.0, 1.0, 2.5, 4.0]


def lotka_volterra(y: Any, _: Any, p: Any) -> Any:
    return [p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1]]


def van_der_pol(y: Any, _: Any, p: Any) -> Any:
    return [y[1], p[0] * (1.0 - y[0] * y[0]) * y[1] - p[1] * y[0]]


def driven(y: Any, t: Any, p: Any) -> Any:
    return [y[1], -p[0] * y[1] - p[1] * y[0] + t * t / (1.0 + t)]


SYSTEMS: dict[str, tuple[Any, list[float], list[float]]] = {
    "Lotka and Volterra": (lotka_volterra, [10.0, 5.0], [1.5, 1.0, 0.3, 1.1]),
    "van der Pol": (van_der_pol, [2.0, 0.0], [1.7, 1.0]),
    "driven": (driven, [1.0, -0.5], [0.3, 2.0]),
}


def main() -> None:
    """Write the file. JAX must be installed."""
    jax, jnp = import_module("jax"), import_module("jax.numpy")
    odeint = import_module("jax.experimental.ode").odeint

    jax.config.update("jax_enable_x64", True)
    found = {}
    for name, (f, start, parameters) in SYSTEMS.items():

        def last(y0: Any, p: Any, f: Any = f) -> Any:
            states = odeint(lambda y, t, p: jnp.stack(f(y, t, p)), y0, jnp.array(TIMES), p, rtol=1e-12, atol=1e-12)
            return states[-1, 0], states

        y0, p = jnp.array(start), jnp.array(parameters)
        (by_y0, by_p), states = jax.grad(last, argnums=(0, 1), has_aux=True)(y0, p)
        found[name] = {"states": states.tolist(), "by_y0": by_y0.tolist(), "by_p": by_p.tolist()}
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
