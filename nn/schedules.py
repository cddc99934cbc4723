"""Schedules: the learning rate of each step, with PyTorch's names and formulas.

A schedule is a function of the number of steps before this one, ``optimiser.steps``: 0 at the first. Any function will do,
``lambda step: 0.1 / (1 + step)`` say. These here are plain objects, which print and can be saved:

>>> cosine = Cosine(0.1, T_max=100)
>>> cosine, cosine(0), round(cosine(50), 6)
(Cosine(lr=0.1, T_max=100, eta_min=0.0), 0.1, 0.05)

| schedule                      | learning rate of step t                                                        |
|-------------------------------|--------------------------------------------------------------------------------|
| `Constant(lr)`                | lr                                                                             |
| `StepDecay(lr, step_size)`    | lr·gamma^⌊t/step_size⌋                                                          |
| `MultiStep(lr, milestones)`   | lr·gamma^(how many milestones t has reached)                                    |
| `Exponential(lr, gamma)`      | lr·gamma^t                                                                      |
| `Linear(lr, total_iters)`     | lr times a factor from start_factor to end_factor                               |
| `Cosine(lr, T_max)`           | eta_min + (lr − eta_min)·(1 + cos(π·t/T_max))/2                                 |
| `OneCycle(max_lr, total_steps)` | up from max_lr/div_factor to max_lr, then down to a small part of where it began |
| `Warmup(then, steps)`         | rises to then(0) in that many steps; after them then(t − steps)                 |
| `Plateau(lr)`                 | lr, times factor whenever the loss has not got better for patience epochs       |

They count steps, not epochs: an epoch of n rows has ⌈n/batch_size⌉ of them. Parameters of a group with a learning rate of
its own keep that.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from autograd.interop.coerce import describe
from nn.arguments import as_float, integer, real

Schedule: TypeAlias = Callable[[int], float]


@dataclass
class Constant:
    """The same learning rate for every step.

    >>> Constant(0.1)(1000)
    0.1
    """

    lr: float

    def __post_init__(self) -> None:
        self.lr = real("lr", self.lr)

    def __call__(self, step: int) -> float:  # noqa: ARG002
        """lr."""
        return self.lr


@dataclass
class StepDecay:
    """lr, times ``gamma`` after every ``step_size`` steps: PyTorch's StepLR.

    >>> [StepDecay(1.0, step_size=2, gamma=0.5)(step) for step in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]

    Raises ValueError for a negative lr or gamma and a step_size below 1.
    """

    lr: float
    step_size: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        self.lr, self.gamma = real("lr", self.lr), real("gamma", self.gamma)
        self.step_size = integer("step_size", self.step_size, 1)

    def __call__(self, step: int) -> float:
        """lr·gamma^⌊step/step_size⌋."""
        return self.lr * self.gamma ** (step // self.step_size)


@dataclass
class MultiStep:
    """lr, times ``gamma`` at each of the ``milestones``, which are numbers of steps: PyTorch's MultiStepLR.

    >>> [MultiStep(1.0, [1, 4], gamma=0.5)(step) for step in range(5)]
    [1.0, 0.5, 0.5, 0.5, 0.25]

    Raises ValueError for a negative lr, gamma or milestone, TypeError for milestones that are no whole numbers.
    """

    lr: float
    milestones: Sequence[int]
    gamma: float = 0.1

    def __post_init__(self) -> None:
        self.lr, self.gamma = real("lr", self.lr), real("gamma", self.gamma)
        if not isinstance(self.milestones, Iterable) or isinstance(self.milestones, str):
            raise TypeError(f"milestones must be a list of numbers of steps, got {describe(self.milestones)}")
        self.milestones = sorted(integer("a milestone", milestone, 0) for milestone in self.milestones)

    def __call__(self, step: int) -> float:
        """lr·gamma^(how many milestones are reached)."""
        return self.lr * self.gamma ** bisect_right(self.milestones, step)


@dataclass
class Exponential:
    """lr, times ``gamma`` at every step: PyTorch's ExponentialLR.

    >>> [Exponential(1.0, gamma=0.5)(step) for step in range(4)]
    [1.0, 0.5, 0.25, 0.125]

    Raises ValueError for a negative lr or gamma.
    """

    lr: float
    gamma: float

    def __post_init__(self) -> None:
        self.lr, self.gamma = real("lr", self.lr), real("gamma", self.gamma)

    def __call__(self, step: int) -> float:
        """lr·gamma^step."""
        return self.lr * self.gamma**step


@dataclass
class Linear:
    """lr times a factor that goes from ``start_factor`` to ``end_factor`` in ``total_iters`` steps: PyTorch's LinearLR.

    >>> [Linear(1.0, total_iters=4, start_factor=1.0, end_factor=0.0)(step) for step in range(6)]
    [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]

    Raises ValueError for a negative lr or factor and for total_iters below 1.
    """

    lr: float
    total_iters: int = 5
    start_factor: float = 1.0 / 3.0
    end_factor: float = 1.0

    def __post_init__(self) -> None:
        self.lr, self.total_iters = real("lr", self.lr), integer("total_iters", self.total_iters, 1)
        self.start_factor, self.end_factor = real("start_factor", self.start_factor), real("end_factor", self.end_factor)

    def __call__(self, step: int) -> float:
        """lr times the factor."""
        way = self.end_factor - self.start_factor
        return self.lr * (self.start_factor + way * min(self.total_iters, step) / self.total_iters)


@dataclass
class Cosine:
    """From lr down to ``eta_min`` in ``T_max`` steps, as a cosine falls (Loshchilov & Hutter 2017): CosineAnnealingLR.

    >>> [round(Cosine(1.0, T_max=4)(step), 6) for step in range(6)]
    [1.0, 0.853553, 0.5, 0.146447, 0.0, 0.146447]

    After T_max steps it rises again, as PyTorch's does. Raises ValueError for a negative lr or eta_min, or T_max below 1.
    """

    lr: float
    T_max: int
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        self.lr, self.eta_min = real("lr", self.lr), real("eta_min", self.eta_min)
        self.T_max = integer("T_max", self.T_max, 1)

    def __call__(self, step: int) -> float:
        """eta_min + (lr − eta_min)·(1 + cos(π·step/T_max))/2."""
        return self.eta_min + (self.lr - self.eta_min) * (1.0 + math.cos(math.pi * step / self.T_max)) / 2.0


@dataclass
class OneCycle:
    """Up to ``max_lr`` and down again, once (Smith & Topin 2018): PyTorch's OneCycleLR, its learning rate alone.

    >>> one_cycle = OneCycle(1.0, total_steps=10)
    >>> [round(one_cycle(step), 4) for step in range(10)]
    [0.04, 0.52, 1.0, 0.9505, 0.8117, 0.6113, 0.3887, 0.1883, 0.0495, 0.0]

    max_lr:           the largest learning rate.
    total_steps:      steps of the whole cycle; after them the last learning rate holds.
    pct_start:        the share of the steps that goes up.
    anneal_strategy:  "cos" or "linear": how it goes.
    div_factor:       it begins at max_lr/div_factor
    final_div_factor: and ends at that by final_div_factor.
    three_phase:      whether it goes down to where it began in as many steps as it went up, and then to the end.

    Raises ValueError for a number that can't be one of these.
    """

    max_lr: float
    total_steps: int
    pct_start: float = 0.3
    anneal_strategy: Literal["cos", "linear"] = "cos"
    div_factor: float = 25.0
    final_div_factor: float = 1e4
    three_phase: bool = False

    def __post_init__(self) -> None:
        self.max_lr, self.total_steps = real("max_lr", self.max_lr), integer("total_steps", self.total_steps, 1)
        self.pct_start = real("pct_start", self.pct_start)
        if self.pct_start > 1.0:
            raise ValueError(f"pct_start must be at least 0 and at most 1, got {self.pct_start!r}")
        self.div_factor = real("div_factor", self.div_factor, least=math.ulp(0.0))
        self.final_div_factor = real("final_div_factor", self.final_div_factor, least=math.ulp(0.0))
        if self.anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be 'cos' or 'linear', got {self.anneal_strategy!r}")

    def __call__(self, step: int) -> float:
        """The learning rate on the way from one corner of the cycle to the next."""
        for (start, from_lr), (end, to_lr) in pairwise(self._corners()):
            if step <= end:
                return self._between(from_lr, to_lr, (step - start) / (end - start) if end > start else 1.0)
        return to_lr

    def _corners(self) -> list[tuple[float, float]]:
        """Steps, and the learning rates there."""
        up, first = self.pct_start * self.total_steps - 1.0, self.max_lr / self.div_factor
        corners = [(0.0, first), (up, self.max_lr), (self.total_steps - 1.0, first / self.final_div_factor)]
        return (
            [*corners[:2], (2.0 * self.pct_start * self.total_steps - 2.0, first), corners[2]]
            if self.three_phase
            else corners
        )

    def _between(self, start: float, end: float, share: float) -> float:
        if self.anneal_strategy == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1.0)


@dataclass
class Warmup:
    """Rises in ``steps`` steps to the learning rate that ``then`` begins with, and goes on with ``then`` from its beginning.

    >>> [Warmup(Exponential(1.0, gamma=0.5), steps=2, start_factor=0.5)(step) for step in range(5)]
    [0.5, 0.75, 1.0, 0.5, 0.25]

    then:         a schedule, or a learning rate that stays.
    start_factor: the share of it to begin with.

    PyTorch's LinearLR, then another by SequentialLR. Raises ValueError for steps below 1 or a negative factor, TypeError
    where ``then`` is neither a function nor a number.
    """

    then: Schedule | float
    steps: int
    start_factor: float = 1.0 / 3.0

    def __post_init__(self) -> None:
        self.steps, self.start_factor = integer("steps", self.steps, 1), real("start_factor", self.start_factor)
        if not callable(self.then):
            self.then = real("then", self.then)

    def __call__(self, step: int) -> float:
        """A share of the first learning rate, or the one that ``then`` has."""
        then = self.then if callable(self.then) else Constant(self.then)
        if step >= self.steps:
            return then(step - self.steps)
        return Linear(then(0), self.steps, self.start_factor)(step)

    def observe(self, loss: float) -> None:
        """Tell ``then``, if it wants to know."""
        if hasattr(self.then, "observe"):
            self.then.observe(loss)

    def state_dict(self) -> dict[str, Any]:
        """The state of ``then``; {} where it has none."""
        return dict(self.then.state_dict()) if hasattr(self.then, "state_dict") else {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a ``state_dict``."""
        if hasattr(self.then, "load_state_dict"):
            self.then.load_state_dict(state)


@dataclass
class Plateau:
    """lr, times ``factor`` whenever the loss has not got better for more than ``patience`` epochs: ReduceLROnPlateau.

    >>> plateau = Plateau(1.0, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     plateau.observe(loss)
    >>> plateau(0)
    0.5

    lr:             the learning rate to begin with.
    factor:         what it is multiplied by, below 1.
    patience:       epochs without progress that are allowed.
    threshold:      progress is a loss below best·(1 − threshold), or with ``threshold_mode="abs"`` below best − threshold.
    cooldown:       epochs after a reduction in which none is counted.
    min_lr:         it gets no smaller.
    eps:            a reduction by no more than this isn't made.
    mode:           "max" for numbers that are to grow, an accuracy say.

    ``fit`` gives the validation loss, or the training loss without validation, to ``observe`` after every epoch. Raises
    ValueError for a number that can't be one of these.
    """

    lr: float
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    threshold_mode: Literal["rel", "abs"] = "rel"
    cooldown: int = 0
    min_lr: float = 0.0
    eps: float = 1e-8
    mode: Literal["min", "max"] = "min"
    _now: float = field(init=False, repr=False)
    _best: float | None = field(init=False, repr=False, default=None)  # None: nothing seen yet
    _bad_epochs: int = field(init=False, repr=False, default=0)
    _cooling: int = field(init=False, repr=False, default=0)

    def __post_init__(self) -> None:
        self._now = self.lr = real("lr", self.lr)
        self.factor, self.threshold = real("factor", self.factor, below=1.0), real("threshold", self.threshold)
        self.patience, self.cooldown = integer("patience", self.patience, 0), integer("cooldown", self.cooldown, 0)
        self.min_lr, self.eps = real("min_lr", self.min_lr), real("eps", self.eps)
        for name, known in (("mode", ("min", "max")), ("threshold_mode", ("rel", "abs"))):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be {known[0]!r} or {known[1]!r}, got {getattr(self, name)!r}")

    def __call__(self, step: int) -> float:  # noqa: ARG002
        """The learning rate now, whatever the step."""
        return self._now

    def observe(self, loss: float) -> None:
        """Count an epoch with that loss; one of nan is without progress."""
        loss = as_float("the observed loss", loss)
        better = self._is_better(loss)
        self._best, self._bad_epochs = (loss, 0) if better else (self._best, self._bad_epochs + 1)
        if self._cooling:
            self._cooling, self._bad_epochs = self._cooling - 1, 0
        if self._bad_epochs > self.patience:
            self._reduce()

    def _is_better(self, loss: float) -> bool:
        sign = 1.0 if self.mode == "max" else -1.0
        if self._best is None:
            return sign * loss > -math.inf
        goal = self._best + sign * self.threshold
        return sign * loss > sign * (self._best * (1.0 + sign * self.threshold) if self.threshold_mode == "rel" else goal)

    def _reduce(self) -> None:
        reduced = max(self._now * self.factor, self.min_lr)
        if self._now - reduced > self.eps:
            self._now = reduced
        self._cooling, self._bad_epochs = self.cooldown, 0

    def state_dict(self) -> dict[str, float | None]:
        """What it knows of the training so far."""
        return {"lr": self._now, "best": self._best, "bad_epochs": self._bad_epochs, "cooling": self._cooling}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a ``state_dict``. Raises ValueError or TypeError where it is none, and changes nothing then."""
        names = ("lr", "best", "bad_epochs", "cooling")
        if not isinstance(state, Mapping) or set(state) != set(names):
            raise ValueError(f"the state of a Plateau has {', '.join(names)}, got {describe(state)}")
        now, best = real("lr", state["lr"]), state["best"]
        counts = [integer(name, state[name], 0) for name in names[2:]]
        self._best = None if best is None else as_float("best", best)
        self._now, (self._bad_epochs, self._cooling) = now, counts


SCHEDULES: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Constant, StepDecay, MultiStep, Exponential, Linear, Cosine, OneCycle, Warmup, Plateau)
}
