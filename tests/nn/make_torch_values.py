"""Writes ``data/torch_values.json``: what PyTorch makes of ``descents`` and of ``loss_points``.

python -m tests.nn.make_torch_values
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.nn.descents import EPOCH, OPTIONS, SCHEDULES, SEEN, STARTS, STEPS, Options, gradient, loss, schedules_of
from tests.nn.loss_points import Point, points

FILE = Path(__file__).parent / "data" / "torch_values.json"


def torch_module(name: str = "torch") -> Any:
    """PyTorch or a part of it: imported late, for tests read this file where it isn't installed."""
    return import_module(name)


def values() -> dict[str, Any]:
    """Everything that the file holds."""
    descents = {name: {each: descent(name, each)[1] for each in schedules_of(o)} for name, o in OPTIONS.items()}
    rates = {each: descent("sgd", each)[0] for each in SCHEDULES}
    return {"torch": torch_module().__version__.split("+")[0], "rates": rates, "descents": descents, "losses": losses()}


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


# -- losses --------------------------------------------------------------------------------------


def losses() -> list[list[Any]]:
    """Value and gradient at every point."""
    return [loss_at(point) for point in points()]


def loss_at(point: Point) -> list[Any]:
    """The loss there, and its partials by the numbers of the prediction."""
    torch = torch_module()
    prediction = point.prediction
    if point.loss == "gaussian_nll":
        prediction = above_the_floor(prediction, point.settings.get("eps", 1e-6))
    leaves = torch.tensor(prediction, dtype=torch.float64, requires_grad=True)
    value = FUNCTIONS[point.loss](torch, leaves, torch.tensor(point.target, dtype=torch.float64), point.settings)
    value.backward()
    gradient = leaves.grad.tolist()
    return [value.item(), gradient if isinstance(gradient, list) else [gradient]]


def above_the_floor(prediction: list[float], eps: float) -> list[float]:
    """PyTorch cuts variances at eps without telling the gradient, and nn their logarithms."""
    n = len(prediction) // 2
    return [*prediction[:n], *[max(s, math.log(eps)) for s in prediction[n:]]]


def gaussian(torch: Any, y: Any, t: Any, _: dict[str, Any]) -> Any:
    """PyTorch's, of the variance; cut far below where nn's logarithms are."""
    n = len(y) // 2
    return torch.nn.functional.gaussian_nll_loss(y[:n], t.reshape(n), torch.exp(y[n:]), eps=1e-300)


def quantiles(torch: Any, y: Any, t: Any, settings: dict[str, Any]) -> Any:
    """The pinball loss, which PyTorch hasn't got."""
    q = torch.tensor(settings["q"], dtype=torch.float64)
    return torch.maximum(q * (t - y), (q - 1.0) * (t - y)).mean()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "mse": lambda torch, y, t, _: torch.nn.functional.mse_loss(y, t),
    "half_squared_error": lambda torch, y, t, _: 0.5 * torch.nn.functional.mse_loss(y, t, reduction="sum"),
    "mae": lambda torch, y, t, _: torch.nn.functional.l1_loss(y, t),
    "huber": lambda torch, y, t, settings: torch.nn.functional.huber_loss(y, t, **settings),
    "quantile": quantiles,
    "gaussian_nll": gaussian,
    "poisson_nll": lambda torch, y, t, _: torch.nn.functional.poisson_nll_loss(y, t),
    "hinge": lambda torch, y, t, _: torch.relu(1.0 - t * y),
    "binary_cross_entropy": lambda torch, y, t, _: torch.nn.functional.binary_cross_entropy(y, t),
    "binary_cross_entropy_with_logits": lambda torch, y, t, _: torch.nn.functional.binary_cross_entropy_with_logits(y, t),
    "cross_entropy": lambda torch, y, t, settings: torch.nn.functional.cross_entropy(y, t.long(), **settings),
}


if __name__ == "__main__":
    FILE.write_text(json.dumps(values()) + "\n", encoding="utf-8")
