"""The optimisers by name, with PyTorch's names and formulas.

>>> from autograd import Value
>>> x = Value(3.0)
>>> optimiser = SGD([x], lr=0.1)
>>> (x * x).backward()
>>> optimiser.step()
>>> round(x.data, 6)
2.4

The arithmetic is done in PyTorch's order too, so that the numbers of both differ by rounding alone, if at all.

| name      | class     | next w, with g the gradient (plus weight_decay·w)                                  |
|-----------|-----------|------------------------------------------------------------------------------------|
| "sgd"     | `SGD`     | w − lr·v, v ← momentum·v + (1 − dampening)·g; nesterov: w − lr·(g + momentum·v)     |
| "rmsprop" | `RMSprop` | w − lr·g/(√s + eps), s ← alpha·s + (1 − alpha)·g²; centered: s − mean², momentum    |
| "adagrad" | `Adagrad` | w − lr/(1 + t·lr_decay)·g/(√s + eps), s ← s + g²                                    |
| "adam"    | `Adam`    | w − lr·m/(√s + eps), m and s running means of g and g²; amsgrad: the largest s      |
| "adamw"   | `AdamW`   | Adam on (1 − lr·weight_decay)·w, without weight_decay in g                          |
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from autograd import Value, maximum, sqrt
from autograd.interop.coerce import describe
from nn.arguments import choose, real
from nn.module import Module
from nn.optimiser import Optimiser, OptimiserState
from nn.settings import Group, Setting

__all__ = ["OPTIMISERS", "SGD", "Adagrad", "Adam", "AdamW", "Optimiser", "OptimiserState", "RMSprop", "as_optimiser"]

Parameters: TypeAlias = Iterable[Value] | Iterable[Mapping[str, Any]]


def fraction(name: str, x: object) -> float:
    """A number in [0, 1)."""
    return real(name, x, below=1.0)


def positive(name: str, x: object) -> float:
    """A number above 0."""
    return real(name, x, least=math.ulp(0.0))


def finite(name: str, x: object) -> float:
    """A finite number."""
    return real(name, x, least=-math.inf)


def two_fractions(name: str, x: object) -> tuple[float, float]:
    """Two numbers in [0, 1)."""
    if not isinstance(x, list | tuple) or len(x) != 2:
        raise TypeError(f"{name} must be two numbers such as (0.9, 0.999), got {describe(x)}")
    return fraction(f"{name}[0]", x[0]), fraction(f"{name}[1]", x[1])


def flag(name: str, x: object) -> bool:
    """True or False."""
    if not isinstance(x, bool):
        raise TypeError(f"{name} must be True or False, got {describe(x)}")
    return x


def running_mean(mean: Any, x: Any, keep: Any, slow: bool) -> Any:
    """keep·mean + (1 − keep)·x as PyTorch's ``lerp`` has it: from the end that is nearer, so ``slow`` for keep > ½."""
    return mean + (1.0 - keep) * (x - mean) if slow else x - (x - mean) * keep


class SGD(Optimiser):
    """Stochastic gradient descent: w ← w − lr·v with v ← momentum·v + gradient (Polyak 1964).

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> optimiser = SGD([x], lr=0.1, momentum=0.9)
    >>> for _ in range(100):
    ...     optimiser.zero_grad()
    ...     (x * x).backward()
    ...     optimiser.step()
    >>> abs(x.data) < 0.05
    True

    ``nesterov`` looks one step ahead: gradient + momentum·v (Sutskever et al. 2013). ``dampening`` takes its share off the
    gradient in v, after the first step. ``weight_decay`` adds its multiple of w to the gradient. The other arguments are
    those of ``Optimiser``. Raises ValueError for a negative lr or weight_decay, for a momentum outside [0, 1), and for
    nesterov without momentum or with dampening.
    """

    MEMORIES = ("velocity",)
    momentum = Setting(fraction)
    nesterov = Setting(flag)
    dampening = Setting(finite)

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        *,
        dampening: float = 0.0,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ):
        own = {"momentum": momentum, "nesterov": nesterov, "dampening": dampening}
        super().__init__(parameters, lr, weight_decay, clip_value=clip_value, clip_norm=clip_norm, **own)

    def check(self, group: Group) -> None:
        """``nesterov`` needs a momentum and no dampening."""
        if group.settings["nesterov"] and not group.settings["momentum"]:
            raise ValueError("nesterov needs a momentum above 0")
        if group.settings["nesterov"] and group.settings["dampening"]:
            raise ValueError(f"nesterov needs a dampening of 0, got {group.settings['dampening']!r}")

    def settings(self, group: Group, count: int) -> tuple[float | bool, ...]:
        """lr, momentum, the gradient's share in v, and which formula."""
        lr, momentum, nesterov = (group.settings[name] for name in ("lr", "momentum", "nesterov"))
        share = 1.0 if count == 1 else 1.0 - group.settings["dampening"]
        return lr, momentum, share, bool(momentum), nesterov

    def update(self, data: Any, gradient: Any, memory: Any, *settings: Any) -> tuple[Any, Any]:
        """w − lr·v."""
        lr, momentum, share, moves_on, nesterov = settings
        if not moves_on:
            return data - lr * gradient, memory
        velocity = momentum * memory[0] + share * gradient
        ahead = gradient + momentum * velocity if nesterov else velocity
        return data - lr * ahead, (velocity,)


class RMSprop(Optimiser):
    """The gradient over the root of its running mean square (Tieleman & Hinton 2012).

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> optimiser = RMSprop([x], lr=0.1)
    >>> (1000.0 * x * x).backward()
    >>> optimiser.step()
    >>> round(x.data, 6)
    2.0

    ``alpha`` says how slowly the mean forgets, ``eps`` keeps the division finite. ``centered`` divides by the root of the
    gradient's variance instead (Graves 2013); ``momentum`` makes v ← momentum·v + step of the steps. ``weight_decay`` adds
    its multiple of w to the gradient. The other arguments are those of ``Optimiser``. Raises ValueError for a negative lr or
    weight_decay, alpha or momentum outside [0, 1), eps of 0 or less.
    """

    MEMORIES = ("mean_square", "mean", "velocity")
    alpha = Setting(fraction)
    eps = Setting(positive)
    momentum = Setting(fraction)
    centered = Setting(flag)

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ):
        own = {"alpha": alpha, "eps": eps, "momentum": momentum, "centered": centered}
        super().__init__(parameters, lr, weight_decay, clip_value=clip_value, clip_norm=clip_norm, **own)

    def settings(self, group: Group, count: int) -> tuple[float | bool, ...]:  # noqa: ARG002
        """lr, alpha, eps, momentum, and which formula."""
        lr, alpha, eps, momentum = (group.settings[name] for name in ("lr", "alpha", "eps", "momentum"))
        return lr, alpha, eps, momentum, bool(momentum), group.settings["centered"], alpha > 0.5

    def update(self, data: Any, gradient: Any, memory: Any, *settings: Any) -> tuple[Any, Any]:
        """w − lr·g/(√s + eps)."""
        lr, alpha, eps, momentum, moves_on, centered, slow = settings
        square, mean, velocity = memory
        square = alpha * square + (1.0 - alpha) * gradient * gradient
        variance = square
        if centered:
            mean = running_mean(mean, gradient, alpha, slow)
            variance = maximum(square - mean * mean, 0.0)  # rounding may take it below 0, and PyTorch's step is nan then
        deviation = sqrt(variance) + eps
        if not moves_on:
            return data - lr * gradient / deviation, (square, mean, velocity)
        velocity = momentum * velocity + gradient / deviation
        return data - lr * velocity, (square, mean, velocity)


class Adagrad(Optimiser):
    """The gradient over the root of the sum of all its squares so far (Duchi et al. 2011).

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> optimiser = Adagrad([x], lr=0.1)
    >>> (1000.0 * x * x).backward()
    >>> optimiser.step()
    >>> round(x.data, 6)
    2.9

    ``lr_decay`` divides lr by 1 + lr_decay·(steps before this one); the sum begins at ``initial_accumulator_value``, and
    ``eps`` keeps the division finite. ``weight_decay`` adds its multiple of w to the gradient. The other arguments are those
    of ``Optimiser``. Raises ValueError for a negative lr, lr_decay, weight_decay or sum, eps of 0 or less.
    """

    MEMORIES = ("sum_of_squares",)
    lr_decay = Setting(real)
    initial_accumulator_value = Setting(real)
    eps = Setting(positive)

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.01,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ):
        own = {"lr_decay": lr_decay, "initial_accumulator_value": initial_accumulator_value, "eps": eps}
        super().__init__(parameters, lr, weight_decay, clip_value=clip_value, clip_norm=clip_norm, **own)

    def settings(self, group: Group, count: int) -> tuple[float | bool, ...]:
        """lr as it has decayed, eps, and what the sum begins with: added at the first step."""
        own = group.settings
        lr = own["lr"] / (1.0 + (count - 1) * own["lr_decay"])
        return lr, own["eps"], own["initial_accumulator_value"] if count == 1 else 0.0

    def update(self, data: Any, gradient: Any, memory: Any, *settings: Any) -> tuple[Any, Any]:
        """w − lr·g/(√s + eps)."""
        lr, eps, start = settings
        total = memory[0] + start + gradient * gradient
        return data - lr * gradient / (sqrt(total) + eps), (total,)


class Adam(Optimiser):
    """Steps of about lr, whatever the gradient's size: its mean over the root of its mean square (Kingma & Ba 2015).

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> optimiser = Adam([x], lr=0.1)
    >>> (1000.0 * x * x).backward()
    >>> optimiser.step()
    >>> round(x.data, 6)
    2.9

    ``betas`` say how slowly the two means forget, ``eps`` keeps the division finite; ``amsgrad`` divides by the largest mean
    square so far (Reddi et al. 2018). ``weight_decay`` adds its multiple of w to the gradient. The other arguments are those
    of ``Optimiser``. Raises ValueError for a negative lr or weight_decay, betas outside [0, 1), eps of 0 or less.
    """

    MEMORIES = ("mean", "mean_square")
    betas = Setting(two_fractions)
    eps = Setting(positive)
    amsgrad = Setting(flag)

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ):
        own = {"betas": betas, "eps": eps, "amsgrad": amsgrad}
        super().__init__(parameters, lr, weight_decay, clip_value=clip_value, clip_norm=clip_norm, **own)

    def memories(self) -> tuple[str, ...]:
        """A third number for ``amsgrad`` alone: the two are enough for most, and what is remembered costs time and space."""
        return (*self.MEMORIES, *["largest_mean_square"] * any(group.settings["amsgrad"] for group in self.groups))

    def settings(self, group: Group, count: int) -> tuple[float | bool, ...]:
        """The step, betas, eps, the correction of √s for having begun at 0, and which formula."""
        (beta1, beta2), amsgrad = group.settings["betas"], group.settings["amsgrad"]
        if amsgrad and self.remembered.names == self.MEMORIES:
            raise ValueError(
                f"amsgrad can't be set later: nn.{type(self).__name__}(parameters, amsgrad=True) is to begin with it"
            )
        lr, step, begun = group.settings["lr"], group.settings["lr"] / (1.0 - beta1**count), (1.0 - beta2**count) ** 0.5
        return lr, step, beta1, beta2, group.settings["eps"], begun, beta1 > 0.5, amsgrad

    def update(self, data: Any, gradient: Any, memory: Any, *settings: Any) -> tuple[Any, Any]:
        """w − lr·m/(√s + eps), both means corrected for having begun at 0."""
        _, step, beta1, beta2, eps, begun, slow, amsgrad = settings
        m = running_mean(memory[0], gradient, beta1, slow)
        s = beta2 * memory[1] + (1.0 - beta2) * gradient * gradient
        if not amsgrad:
            return data - step * m / (sqrt(s) / begun + eps), (m, s, *memory[2:])
        largest = maximum(memory[2], s)
        return data - step * m / (sqrt(largest) / begun + eps), (m, s, largest)


class AdamW(Adam):
    """Adam whose ``weight_decay`` makes w smaller by itself: lr·weight_decay·w a step (Loshchilov & Hutter 2019).

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> optimiser = AdamW([x], lr=0.1, weight_decay=0.5)
    >>> (1000.0 * x * x).backward()
    >>> optimiser.step()
    >>> round(x.data, 6)
    2.75

    The arguments are those of ``Adam``; the gradient and its means know nothing of the decay.
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
        *,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ):
        super().__init__(parameters, lr, betas, eps, weight_decay, amsgrad, clip_value=clip_value, clip_norm=clip_norm)

    def move(self, data: Any, gradient: Any, memory: Any, weight_decay: Any, scale: Any, *settings: Any) -> tuple[Any, Any]:
        """``update`` of what the decay leaves of w."""
        return super().move(data * (1.0 - settings[0] * weight_decay), gradient, memory, 0.0, scale, *settings)


OptimiserKind: TypeAlias = type[SGD] | type[RMSprop] | type[Adagrad] | type[Adam] | type[AdamW]
OPTIMISERS: dict[str, OptimiserKind] = {"adagrad": Adagrad, "adam": Adam, "adamw": AdamW, "rmsprop": RMSprop, "sgd": SGD}


def as_optimiser(optimiser: str | Optimiser, lr: float | None, model: Module) -> Optimiser:
    """An optimiser of a model's parameters, or the one of that name."""
    parameters = model.parameters()
    if isinstance(optimiser, str):
        make = choose("optimiser", optimiser, OPTIMISERS)
        return make(parameters) if lr is None else make(parameters, lr)
    if not isinstance(optimiser, Optimiser):
        raise TypeError(
            f"optimiser must be a name ({', '.join(OPTIMISERS)}) or an Optimiser such as nn.Adam(…), "
            f"got {describe(optimiser)}"
        )
    if lr is not None:
        raise ValueError(f"lr goes with an optimiser's name; set optimiser.lr of {optimiser!r} instead")
    if not {id(p) for p in parameters} & {id(p) for p in optimiser.parameters}:
        raise ValueError("the optimiser holds none of the model's parameters: build it from model.parameters()")
    return optimiser
