"""Who is compared, a file a peer: how it compiles, is called and read."""

from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.rivals import by_hand, casadi, chainrule, jax, micrograd, scalar_c, torch
from benchmarks.rivals.rival import Cost, Form, MissingError, Ready, Setting, fresh


class Rival(NamedTuple):
    """``forms(workload)`` lists its forms; without ``threads`` it has one."""

    name: str
    forms: Callable[..., list[Form]]
    threads: bool = False


RIVALS = [
    Rival("chainrule", chainrule.forms, threads=True),
    Rival("C", scalar_c.forms),
    Rival("CasADi", casadi.forms),
    Rival("JAX", jax.forms, threads=True),
    Rival("numba", by_hand.with_numba),
    Rival("NumPy", by_hand.with_numpy),
    Rival("PyTorch", torch.forms, threads=True),
    Rival("micrograd", micrograd.forms),
]
PEERS = [rival.name for rival in RIVALS[1:]]


def forms(workload: Any, threads: int = 1, peers: list[str] = PEERS) -> tuple[list[Form], dict[str, str]]:
    """Everyone's forms, ours first, and what to install for those who are missing."""
    found: list[Form] = []
    missing: dict[str, str] = {}
    for rival in RIVALS:
        if (threads > 1 and not rival.threads) or rival.name not in ("chainrule", *peers):
            continue
        try:
            found += rival.forms(workload)
        except MissingError as error:
            missing[rival.name] = str(error)
    return found, missing


def ready(
    workload: Any, w: Any, d: Any, setting: Setting, peers: list[str] = PEERS
) -> tuple[dict[str, Ready], dict[str, str]]:
    """Everyone's forms by name, compiled; what it cost was measured in processes of their own, unless it's to be quick."""
    found, missing = forms(workload, setting.threads, peers)
    found = [form for form in found if not (form.late and setting.quick)]
    paid = {} if setting.quick else costs(workload.name, found, setting)
    made = {form.name: form.make(w, d, setting) for form in found if paid.get(form.name, True)}
    for name, cost in paid.items():
        if cost:
            made[name].cost = cost
    return made, missing


def costs(workload: str, found: list[Form], setting: Setting) -> dict[str, Cost | None]:
    """What compiling each form costs, the least of several times, in turns; None for who lasts longer than our patience."""
    paid = {form.name: fresh(workload, form.name, setting) for form in found if form.compiles}
    for _ in range(AGAIN):
        for name, cost in paid.items():
            if cost and cost.seconds < SHORT and (once_more := fresh(workload, name, setting)):
                paid[name] = Cost(*map(min, cost, once_more))
    return paid


AGAIN, SHORT = 2, 5.0  # how often more, and what takes too many seconds for that


__all__ = ["PEERS", "RIVALS", "Form", "MissingError", "Ready", "Setting", "forms", "ready"]
