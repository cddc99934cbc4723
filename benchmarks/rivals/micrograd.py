"""micrograd: one step of its demo."""

from typing import Any

from benchmarks.rivals.rival import Form, Ready, needs
from benchmarks.workloads import Workload

MICROGRAD = "micrograd"


def forms(workload: Workload) -> list[Form]:
    """Nothing to compile."""
    step: Any = workload.micrograd
    if step is None:
        return []
    needs("micrograd")
    return [Form(MICROGRAD, lambda w, d, _: Ready(lambda: step(w, d), lambda: step(w, d)), compiles=False)]
