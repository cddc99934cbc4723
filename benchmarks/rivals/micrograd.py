"""micrograd: one step of its demo."""

from typing import Any

from benchmarks.rivals.rival import Ready, Setting, needs
from benchmarks.workloads import Workload

MICROGRAD = "micrograd"


def prepare(workload: Workload, w: Any, d: Any, setting: Setting) -> dict[str, Ready]:
    """Nothing to compile."""
    step = workload.micrograd
    if step is None:
        return {}
    needs("micrograd")
    return {MICROGRAD: Ready(lambda: step(w, d), lambda: step(w, d))}
