"""Writes ``data/torch_values.json``: what PyTorch makes of ``descents``.

python -m tests.nn.make_torch_values
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.nn.descents import EPOCH, OPTIONS, SCHEDULES, SEEN, STARTS, STEPS, Options, gradient, loss, schedules_of

FILE = Path(__file__).parent / "data" / "torch_values.json"


def torch_module(name: str = "torch") -> Any:
    """PyTorch or a part of it: imported late, for tests read this file where it isn't installed."""
    return import_module(name)


def values() -> dict[str, Any]:
    """Everything that the file holds."""
    descents = {name: {each: descent(name, each)[1] for each in schedules_of(o)} for name, o in OPTIONS.items()}
    rates = {each: descent("sgd", each)[0] for each in SCHEDULES}
    return {"torch": torch_module().__version__.split("+")[0], "rates": rates, "descents": descents}


def descent(options: str, schedule: str) -> tuple[list[float], list[list[float]]]:
    """The learning rate of every step, and the parameters after some."""
    torch = torch_module()
    chosen = OPTIONS[options]
    parameters = [torch.tensor([x], dtype=torch.float64, requires_grad=True) for x in STARTS]
    optimiser = optimiser_of(chosen, parameters)
    scheduler = scheduler_of(*SCHEDULES[schedule], optimiser)
    plateau = isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau)
    rates, seen = [], []
    for step in range(STEPS):
        rates.append(optimiser.param_groups[0]["lr"])
        for parameter, number in zip(parameters, gradient(step, [p.item() for p in parameters]), strict=True):
            parameter.grad = torch.tensor([number], dtype=torch.float64)
        if chosen.clip_value is not None:
            torch.nn.utils.clip_grad_value_(parameters, chosen.clip_value)
        if chosen.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(parameters, chosen.clip_norm)
        optimiser.step()
        if not plateau:
            scheduler.step()
        elif (step + 1) % EPOCH == 0:
            scheduler.step(loss(step // EPOCH))
        if step in SEEN:
            seen.append([p.item() for p in parameters])
    return rates, seen


def optimiser_of(options: Options, parameters: list[Any]) -> Any:
    """PyTorch's optimiser; the simple loop over tensors, whose arithmetic is written in one place."""
    torch = torch_module()
    kind, settings = getattr(torch.optim, options.kind), {**options.settings, "foreach": False}
    if options.second is None:
        return kind(parameters, **settings)
    return kind([{"params": parameters[:3]}, {"params": parameters[3:], **options.second}], **settings)


def scheduler_of(name: str, arguments: dict[str, Any], optimiser: Any) -> Any:
    """PyTorch's class for one of ours; learning rates of groups are the optimiser's own in both."""
    torchs = torch_module("torch.optim.lr_scheduler")
    if name == "Constant":
        return torchs.LambdaLR(optimiser, lambda _: 1.0)
    if name == "OneCycle":
        rates = [group["lr"] for group in optimiser.param_groups]
        return torchs.OneCycleLR(optimiser, rates, cycle_momentum=False, **arguments)
    if name == "Warmup":
        start = torchs.LinearLR(optimiser, arguments.get("start_factor", 1.0 / 3.0), total_iters=arguments["steps"])
        kind, own = arguments.get("then", ("Constant", {}))
        then = scheduler_of(kind, own, optimiser)
        return torchs.SequentialLR(optimiser, [start, then], [arguments["steps"]])
    names = {"StepDecay": "StepLR", "MultiStep": "MultiStepLR", "Exponential": "ExponentialLR", "Linear": "LinearLR"}
    names |= {"Cosine": "CosineAnnealingLR", "Plateau": "ReduceLROnPlateau"}
    return getattr(torchs, names[name])(optimiser, **arguments)


if __name__ == "__main__":
    FILE.write_text(json.dumps(values()) + "\n", encoding="utf-8")
