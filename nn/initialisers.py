"""Where weights start: small random numbers whose spread keeps signals alive through many layers.

An initialiser draws one weight: ``he(rng, fan_in, fan_out)``, with the number of inputs of the neuron and
of neurons in its layer. It is given by name, as a function, or as a ``functools.partial`` with settings.

| name                                  | distribution | variance                                            |
|---------------------------------------|--------------|-----------------------------------------------------|
| `glorot`, also `xavier_uniform`       | uniform      | gain²·2/(fan_in + fan_out), gain 1                  |
| `xavier_normal`                       | normal       | the same                                            |
| `he`, also `kaiming_normal`           | normal       | gain²/fan, gain √2, fan_in (or `mode="fan_out"`)    |
| `kaiming_uniform`                     | uniform      | the same                                            |
| `lecun`                               | normal       | 1/fan_in                                            |
| `unit`                                | uniform      | 1/3: between −1 and 1                               |
| `zeros`; `constant(x)`                | none         | 0                                                   |

Given none, a neuron takes what suits its activation: he for the kinds of relu, lecun for selu, glorot for all others. An
initialiser of whole matrices, orthogonal ones say, isn't of one weight: set the numbers of ``model.parameters()``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import partial
from typing import Literal

from nn.arguments import choose_function, function_name, real

Initialiser = Callable[[random.Random, int, int], float]


def xavier_uniform(rng: random.Random, fan_in: int, fan_out: int, gain: float = 1.0) -> float:
    """Uniform with variance gain²·2/(fan_in + fan_out), for symmetric activations (Glorot & Bengio 2010).

    >>> import random
    >>> abs(xavier_uniform(random.Random(0), 8, 16)) <= 0.5
    True
    """
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(-bound, bound)


def xavier_normal(rng: random.Random, fan_in: int, fan_out: int, gain: float = 1.0) -> float:
    """Normal with variance gain²·2/(fan_in + fan_out), for symmetric activations (Glorot & Bengio 2010).

    >>> import random
    >>> round(xavier_normal(random.Random(0), 8, 16), 4)
    0.2718
    """
    return rng.gauss(0.0, gain * math.sqrt(2.0 / (fan_in + fan_out)))


def glorot(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """``xavier_uniform``: uniform with variance 2/(fan_in + fan_out).

    >>> import random
    >>> abs(glorot(random.Random(0), 8, 16)) <= 0.5
    True
    """
    return xavier_uniform(rng, fan_in, fan_out)


Mode = Literal["fan_in", "fan_out"]


def kaiming_normal(
    rng: random.Random, fan_in: int, fan_out: int, gain: float = math.sqrt(2.0), mode: Mode = "fan_in"
) -> float:
    """Normal with variance gain²/fan, for activations that are flat on one side (He et al. 2015).

    >>> import random
    >>> round(kaiming_normal(random.Random(0), 8, 16), 4)
    0.4709

    ``mode`` says which fan: "fan_in" keeps the size of signals, "fan_out" that of gradients. Raises ValueError for another.
    """
    return rng.gauss(0.0, gain * math.sqrt(1.0 / _fan(fan_in, fan_out, mode)))


def kaiming_uniform(
    rng: random.Random, fan_in: int, fan_out: int, gain: float = math.sqrt(2.0), mode: Mode = "fan_in"
) -> float:
    """Uniform with variance gain²/fan, for activations that are flat on one side (He et al. 2015).

    >>> import random
    >>> abs(kaiming_uniform(random.Random(0), 6, 16)) <= 1.0
    True

    ``mode`` is as of ``kaiming_normal``.
    """
    bound = gain * math.sqrt(3.0 / _fan(fan_in, fan_out, mode))
    return rng.uniform(-bound, bound)


def _fan(fan_in: int, fan_out: int, mode: str) -> int:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"initialiser: mode must be 'fan_in' or 'fan_out', got {mode!r}")
    return fan_in if mode == "fan_in" else fan_out


def he(rng: random.Random, fan_in: int, fan_out: int) -> float:  # noqa: ARG001
    """``kaiming_normal``: normal with variance 2/fan_in.

    >>> import random
    >>> round(he(random.Random(0), 8, 16), 4)
    0.4709
    """
    return rng.gauss(0.0, math.sqrt(2.0 / fan_in))


def lecun(rng: random.Random, fan_in: int, fan_out: int) -> float:  # noqa: ARG001
    """Normal with variance 1/fan_in, which selu needs to normalise itself (Klambauer et al. 2017).

    >>> import random
    >>> round(lecun(random.Random(0), 8, 16), 4)
    0.3329
    """
    return rng.gauss(0.0, math.sqrt(1.0 / fan_in))


def unit(rng: random.Random, fan_in: int, fan_out: int) -> float:  # noqa: ARG001
    """Uniform between −1 and 1, as in micrograd.

    >>> import random
    >>> -1.0 <= unit(random.Random(0), 8, 16) <= 1.0
    True
    """
    return rng.uniform(-1.0, 1.0)


def zeros(rng: random.Random, fan_in: int, fan_out: int) -> float:  # noqa: ARG001
    """0: for a last layer that is to begin with no opinion. Neurons of a hidden layer would all stay alike.

    >>> import random
    >>> zeros(random.Random(0), 8, 16)
    0.0
    """
    return 0.0


def constant(x: float) -> Initialiser:
    """An initialiser that gives x to every weight.

    >>> import random
    >>> constant(0.5)(random.Random(0), 8, 16)
    0.5

    Raises TypeError for what is no number, ValueError for one that isn't finite.
    """
    number = real("constant: x", x, -math.inf)
    return lambda rng, fan_in, fan_out: number  # noqa: ARG005


INITIALISERS: dict[str, Initialiser] = {
    each.__name__: each
    for each in (glorot, he, kaiming_normal, kaiming_uniform, lecun, unit, xavier_normal, xavier_uniform, zeros)
}

_BY_ACTIVATION = {
    **dict.fromkeys(("relu", "leaky_relu", "elu", "celu", "gelu", "silu", "mish", "softplus"), "he"),
    "selu": "lecun",
}

# PyTorch's calculate_gain: what makes up for the size that an activation takes from its inputs.
_GAINS = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5.0 / 3.0, "relu": math.sqrt(2.0), "selu": 0.75}


def suited_to(activation: object) -> str:
    """The name of the initialiser that suits an activation, given by name or as the function of that name.

    >>> import autograd
    >>> suited_to("relu"), suited_to(autograd.relu), suited_to(autograd.Value.relu), suited_to("tanh")
    ('he', 'he', 'he', 'glorot')

    A function with a parameter fixed by ``functools.partial`` counts as the function. Any other, a lambda say, gets
    Glorot: what it does can't be told from outside.
    """
    return _BY_ACTIVATION.get(function_name(activation), "glorot")


def gain_of(activation: str | Callable[..., object]) -> float:
    """The gain of an activation, by name or as a function: PyTorch's ``calculate_gain``.

    >>> from functools import partial
    >>> import autograd
    >>> gain_of("tanh"), gain_of(autograd.relu) ** 2, gain_of(partial(autograd.leaky_relu, parameter=1.0))
    (1.6666666666666667, 2.0000000000000004, 1.0)

    It goes to an initialiser: ``partial(nn.xavier_normal, gain=nn.gain_of("tanh"))``. Raises ValueError for an activation
    without one, TypeError for what is none.
    """
    if function_name(activation) == "leaky_relu":
        leak = activation.keywords.get("parameter", 0.01) if isinstance(activation, partial) else 0.01
        return math.sqrt(2.0 / (1.0 + leak * leak))
    name = activation if isinstance(activation, str) or not callable(activation) else function_name(activation)
    gain: float = choose_function("activation with a gain", name, {**_GAINS, "leaky_relu": 0.0})
    return gain
