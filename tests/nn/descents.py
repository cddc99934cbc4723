"""Descents of 200 steps for every optimiser's options and every schedule: what PyTorch and nn are compared on.

The gradients are sums and products of numbers that are exact in binary, so that both get the same bits from the same
parameters: what differs is the optimiser's and the schedule's doing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

STEPS = 200
EPOCH = 10  # steps after which a plateau schedule is told a loss
SEEN = (0, 49, 199)  # steps after which the parameters are compared
STARTS = (3.0, -2.0, 1.5, 4.0, -2.5)
GOALS = (1.0, -1.0, 2.0, 1.25, -3.0)
CURVATURES = (1.0, 0.25, 2.0, 0.5, 1.5)


class Options(NamedTuple):
    """An optimiser by PyTorch's name, its settings, and how gradients are clipped."""

    kind: str
    settings: dict[str, Any]
    clip_value: float | None = None
    clip_norm: float | None = None
    second: dict[str, Any] | None = None  # settings of the last two parameters, where they are a group of their own


OPTIONS: dict[str, Options] = {
    "sgd": Options("SGD", {"lr": 0.05}),
    "sgd with decay": Options("SGD", {"lr": 0.05, "weight_decay": 0.1}),
    "sgd with momentum": Options("SGD", {"lr": 0.02, "momentum": 0.9}),
    "sgd with dampening": Options("SGD", {"lr": 0.02, "momentum": 0.9, "dampening": 0.25, "weight_decay": 0.1}),
    "sgd, nesterov": Options("SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "sgd, cut": Options("SGD", {"lr": 0.05, "momentum": 0.5}, clip_value=0.5),
    "sgd, scaled": Options("SGD", {"lr": 0.05}, clip_norm=1.0),
    "rmsprop": Options("RMSprop", {"lr": 0.02}),
    "rmsprop with momentum": Options(
        "RMSprop", {"lr": 0.01, "alpha": 0.9, "eps": 1e-6, "momentum": 0.5, "weight_decay": 0.1}
    ),
    "rmsprop, centered": Options("RMSprop", {"lr": 0.01, "alpha": 0.9, "centered": True}),
    "rmsprop, centered, fast": Options(
        "RMSprop", {"lr": 0.01, "alpha": 0.25, "eps": 0.1, "centered": True, "momentum": 0.25}
    ),
    "adagrad": Options("Adagrad", {"lr": 0.5}),
    "adagrad with all": Options(
        "Adagrad", {"lr": 0.5, "lr_decay": 0.01, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-6}
    ),
    "adam": Options("Adam", {"lr": 0.05}),
    "adam with all": Options("Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}),
    "adam, fast": Options("Adam", {"lr": 0.05, "betas": (0.25, 0.5), "eps": 0.1}),
    "adam, amsgrad": Options("Adam", {"lr": 0.05, "betas": (0.9, 0.9), "amsgrad": True}),
    "adam, cut and scaled": Options("Adam", {"lr": 0.05}, clip_value=1.0, clip_norm=0.75),
    "adamw": Options("AdamW", {"lr": 0.05}),
    "adamw, amsgrad": Options("AdamW", {"lr": 0.05, "betas": (0.5, 0.9), "weight_decay": 0.5, "amsgrad": True}),
    "groups": Options("Adam", {"lr": 0.05}, second={"weight_decay": 0.1, "betas": (0.5, 0.75)}),
    "groups of different rates": Options("SGD", {"lr": 0.05}, second={"lr": 0.01, "momentum": 0.5}),
}

# nn's schedules by their class and arguments besides the learning rate, which is the optimiser's own
SCHEDULES: dict[str, tuple[str, dict[str, Any]]] = {
    "constant": ("Constant", {}),
    "steps": ("StepDecay", {"step_size": 30, "gamma": 0.5}),
    "milestones": ("MultiStep", {"milestones": [20, 20, 100], "gamma": 0.75}),
    "exponential": ("Exponential", {"gamma": 0.99}),
    "linear": ("Linear", {"total_iters": 150, "start_factor": 1.0, "end_factor": 0.125}),
    "cosine": ("Cosine", {"T_max": 200}),
    "cosine, twice": ("Cosine", {"T_max": 60, "eta_min": 0.001}),
    "one cycle": ("OneCycle", {"total_steps": 200}),
    "one cycle of three lines": (
        "OneCycle",
        {"total_steps": 200, "pct_start": 0.4, "anneal_strategy": "linear", "three_phase": True, "div_factor": 10.0},
    ),
    "warm-up": ("Warmup", {"steps": 20}),
    "warm-up, then cosine": ("Warmup", {"steps": 20, "start_factor": 0.1, "then": ("Cosine", {"T_max": 180})}),
    "plateau": ("Plateau", {"factor": 0.5, "patience": 2, "cooldown": 1, "min_lr": 0.001}),
}


def schedules_of(options: Options) -> list[str]:
    """Those that both can run: PyTorch scales a group's own learning rate, which in nn stays as it is."""
    return ["constant"] if "lr" in (options.second or {}) else list(SCHEDULES)


def gradient(step: int, numbers: list[float]) -> list[float]:
    """The gradient of a bowl around ``GOALS``, with a disturbance that differs from step to step."""
    return [
        curvature * (x - goal) + ((37 * step + 11 * k) % 17 - 8) / 16
        for k, (x, goal, curvature) in enumerate(zip(numbers, GOALS, CURVATURES, strict=True))
    ]


def loss(epoch: int) -> float:
    """What a plateau schedule is told: falling for six epochs, then at rest."""
    return 8.0 / min(epoch + 1, 6)
