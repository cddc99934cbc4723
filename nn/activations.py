"""The activations by name. Each is one operation of autograd; any function from Value to Value will do as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import autograd
from autograd import Value
from nn.arguments import choose_function, function_name

Activation: TypeAlias = Callable[[Value], Value]
Number = TypeVar("Number", Value, float)


def linear(z: Number) -> Number:
    """z itself: the activation of an output layer.

    >>> linear(2.0)
    2.0
    """
    return z


NAMES = "celu elu gelu hard_sigmoid hard_tanh leaky_relu mish relu selu sigmoid silu softplus softsign tanh"
ACTIVATIONS: dict[str, Activation] = {"linear": linear, **{name: getattr(autograd, name) for name in NAMES.split()}}


def choose_activation(activation: str | Activation) -> Activation:
    """The activation of that name, or one's own function.

    >>> choose_activation("tanh") is autograd.tanh
    True

    Raises ValueError for an unknown name, TypeError for no function and for one of ``math``.
    """
    function = choose_function("activation", activation, ACTIVATIONS)
    if getattr(function, "__module__", None) == "math":
        name = function_name(function)
        raise TypeError(f"activation math.{name} makes plain numbers, and no gradient gets through; use autograd.{name}")
    return function
