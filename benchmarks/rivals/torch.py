"""PyTorch, eager: tensors over all lanes, one thread where we have one."""

from typing import Any

from benchmarks.rivals.rival import Ready, Setting, needs
from benchmarks.workloads import Workload

TORCH = "PyTorch"


def prepare(workload: Workload, w: Any, d: Any, setting: Setting) -> dict[str, Ready]:
    """The loss, and its gradient by backward()."""
    form = workload.torch
    if form is None:
        return {}
    needs("torch")
    import torch

    torch.set_num_threads(setting.threads)
    weights, points = torch.tensor(w, requires_grad=True), torch.tensor(d)

    def step() -> Any:
        loss = form(torch, weights, points)
        (gradient,) = torch.autograd.grad(loss, weights)
        return loss, gradient

    def result() -> Any:
        loss, gradient = step()
        return loss.detach().numpy(), gradient.numpy()

    return {TORCH: Ready(step, result)}
