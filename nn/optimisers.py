"""The optimisers by name, with PyTorch's names and formulas.

>>> from autograd import Value
>>> x = Value(3.0)
>>> optimiser = SGD([x], lr=0.1)
>>> (x * x).backward()
>>> optimiser.step()
>>> round(x.data, 6)
2.4
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from autograd import Value, sqrt
from autograd.interop.coerce import describe
from nn.arguments import real
from nn.optimiser import Optimiser, OptimiserState
from nn.settings import Group, Setting

__all__ = ["OPTIMISERS", "SGD", "Adam", "Optimiser", "OptimiserState"]


def fraction(name: str, x: object) -> float:
    """A number in [0, 1)."""
    return real(name, x, below=1.0)


def positive(name: str, x: object) -> float:
    """A number above 0."""
    return real(name, x, least=math.ulp(0.0))


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

    ``nesterov`` looks one step ahead: gradient + momentum·v (Sutskever et al. 2013). ``weight_decay`` adds
    its multiple of w to the gradient. The other arguments are those of ``Optimiser``. Raises ValueError for a negative lr or
    weight_decay, for a momentum outside [0, 1), and for nesterov without momentum.
    """

    MEMORIES = ("velocity",)
    momentum = Setting(fraction)
    nesterov = Setting(flag)

    def __init__(
        self,
        parameters: Iterable[Value] | Iterable[Mapping[str, Any]],
        lr: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        *,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ):
        limits = {"clip_value": clip_value, "clip_norm": clip_norm}
        super().__init__(parameters, lr, weight_decay, momentum=momentum, nesterov=nesterov, **limits)

    def check(self, group: Group) -> None:
        """``nesterov`` needs a momentum."""
        if group.settings["nesterov"] and not group.settings["momentum"]:
            raise ValueError("nesterov needs a momentum above 0")

    def settings(self, group: Group, count: int) -> tuple[float | bool, ...]:  # noqa: ARG002
        """lr, momentum, and which formula."""
        return group.settings["lr"], group.settings["momentum"], group.settings["nesterov"]

    def update(self, data: Any, gradient: Any, memory: Any, *settings: Any) -> tuple[Any, Any]:
        """w − lr·v."""
        lr, momentum, nesterov = settings
        (velocity,) = memory
        velocity = momentum * velocity + gradient
        ahead = gradient + momentum * velocity if nesterov else velocity
        return data - lr * ahead, (velocity,)


class Adam(Optimiser):
    """Steps of about lr, whatever the gradient's size: its mean over the root of its mean square (Kingma & Ba 2015).

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> optimiser = Adam([x], lr=0.1)
    >>> (1000.0 * x * x).backward()
    >>> optimiser.step()
    >>> round(x.data, 6)
    2.9

    ``betas`` say how slowly the two means forget, ``eps`` keeps the division finite; ``weight_decay`` adds
    its multiple of w to the gradient. The other arguments are those of ``Optimiser``. Raises ValueError for a negative lr or
    weight_decay, betas outside [0, 1), eps of 0 or less.
    """

    MEMORIES = ("mean", "mean_square")
    betas = Setting(two_fractions)
    eps = Setting(positive)

    def __init__(
        self,
        parameters: Iterable[Value] | Iterable[Mapping[str, Any]],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ):
        limits = {"clip_value": clip_value, "clip_norm": clip_norm}
        super().__init__(parameters, lr, weight_decay, betas=betas, eps=eps, **limits)

    def settings(self, group: Group, count: int) -> tuple[float | bool, ...]:
        """lr, betas, eps, and the corrections of the means for having begun at 0."""
        beta1, beta2 = group.settings["betas"]
        return group.settings["lr"], beta1, beta2, group.settings["eps"], 1.0 - beta1**count, 1.0 - beta2**count

    def update(self, data: Any, gradient: Any, memory: Any, *settings: Any) -> tuple[Any, Any]:
        """w − lr·m/(√s + eps), both means corrected for having begun at 0."""
        lr, beta1, beta2, eps, begun1, begun2 = settings
        m, s = memory
        m = beta1 * m + (1.0 - beta1) * gradient
        s = beta2 * s + (1.0 - beta2) * gradient * gradient
        return data - lr * (m / begun1) / (sqrt(s / begun2) + eps), (m, s)


OPTIMISERS: dict[str, type[SGD] | type[Adam]] = {"adam": Adam, "sgd": SGD}
