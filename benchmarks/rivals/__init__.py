"""Who is compared, a file a peer: how it compiles, is called and read."""

from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.rivals import by_hand, casadi, chainrule, jax, micrograd, scalar_c, torch
from benchmarks.rivals.rival import MissingError, Ready, Setting


class Rival(NamedTuple):
    """``prepare(workload, w, d, setting)`` gives its forms by name; without ``threads`` it has one."""

    name: str
    prepare: Callable[..., dict[str, Ready]]
    threads: bool = False


RIVALS = [
    Rival("chainrule", chainrule.prepare, threads=True),
    Rival("scalar C", scalar_c.prepare),
    Rival("CasADi", casadi.prepare),
    Rival("JAX", jax.prepare, threads=True),
    Rival("numba", by_hand.prepare_numba),
    Rival("NumPy", by_hand.prepare_numpy),
    Rival("PyTorch", torch.prepare, threads=True),
    Rival("micrograd", micrograd.prepare),
]


def ready(workload: Any, w: Any, d: Any, setting: Setting) -> tuple[dict[str, Ready], dict[str, str]]:
    """Everyone's forms by name, and what to install for those who are missing."""
    forms: dict[str, Ready] = {}
    missing: dict[str, str] = {}
    for rival in RIVALS:
        if setting.threads > 1 and not rival.threads:
            continue
        try:
            forms |= rival.prepare(workload, w, d, setting)
        except MissingError as error:
            missing[rival.name] = str(error)
    return forms, missing


__all__ = ["RIVALS", "MissingError", "Ready", "Setting", "ready"]
