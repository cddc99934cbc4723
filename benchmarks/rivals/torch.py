"""PyTorch: tensors over all lanes, eager and by ``torch.compile``, one thread where we have one."""

import os
from functools import cache, partial
from typing import Any

from benchmarks.rivals.rival import Form, Ready, Setting, Stopwatch, needs
from benchmarks.workloads import Workload

TORCH, COMPILED = "PyTorch", "PyTorch compiled"


def forms(workload: Workload) -> list[Form]:
    """Every one the workload has; the first also compiled."""
    if not workload.torch:
        return []
    needs("torch")
    found = [Form(f"{TORCH}, {name}", partial(eager, form), compiles=False) for name, form in workload.torch.items()]
    return [*found, Form(COMPILED, partial(compiled, next(iter(workload.torch.values()))), late=True)]


@cache
def loaded(threads: int) -> Any:
    """PyTorch with so many threads; its compiler starts no processes, which would fight for the one processor."""
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    import torch

    torch.set_num_threads(threads)
    return torch


def eager(form: Any, w: Any, d: Any, setting: Setting) -> Ready:
    """The loss, and its gradient by backward()."""
    torch = loaded(setting.threads)
    return made(torch, lambda w, d: form(torch, w, d), w, d)


def compiled(form: Any, w: Any, d: Any, setting: Setting) -> Ready:
    """Forward and backward as machine code."""
    torch = loaded(setting.threads)
    made(torch, torch.compile(lambda w, d: (w * w).sum() + d.sum()), w[:2], d[:2])  # wakes it
    torch._dynamo.reset()
    return made(torch, torch.compile(lambda w, d: form(torch, w, d)), w, d)


def made(torch: Any, form: Any, w: Any, d: Any) -> Ready:
    """The form's value and gradient."""
    watch = Stopwatch()
    weights, points = torch.tensor(w, requires_grad=True), torch.tensor(d)

    def step() -> Any:
        loss = form(weights, points)
        (gradient,) = torch.autograd.grad(loss, weights)
        return loss, gradient

    def result() -> Any:
        loss, gradient = step()
        return loss.detach().numpy(), gradient.numpy()

    step()
    return Ready(step, result, watch.cost())
