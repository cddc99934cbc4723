"""Where weights start: small random numbers whose spread keeps signals alive through many layers.

An initialiser draws one weight: ``he(rng, fan_in, fan_out)``, with the number of inputs of the neuron and
of neurons in its layer.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from nn.arguments import function_name

Initialiser = Callable[[random.Random, int, int], float]


def he(rng: random.Random, fan_in: int, fan_out: int) -> float:  # noqa: ARG001
    """Normal with variance 2/fan_in, for activations that are flat on one side (He et al. 2015).

    >>> import random
    >>> round(he(random.Random(0), 8, 16), 4)
    0.4709
    """
    return rng.gauss(0.0, math.sqrt(2.0 / fan_in))


def glorot(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Uniform with variance 2/(fan_in + fan_out), for symmetric activations (Glorot & Bengio 2010).

    >>> import random
    >>> abs(glorot(random.Random(0), 8, 16)) <= 0.5
    True
    """
    bound = math.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(-bound, bound)


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


INITIALISERS: dict[str, Initialiser] = {"glorot": glorot, "he": he, "lecun": lecun, "unit": unit}

_BY_ACTIVATION = {
    **dict.fromkeys(("relu", "leaky_relu", "elu", "celu", "gelu", "silu", "mish", "softplus"), "he"),
    "selu": "lecun",
}


def suited_to(activation: object) -> str:
    """The name of the initialiser that suits an activation, given by name or as the function of that name.

    >>> import autograd
    >>> suited_to("relu"), suited_to(autograd.relu), suited_to(autograd.Value.relu), suited_to("tanh")
    ('he', 'he', 'he', 'glorot')

    A function with a parameter fixed by ``functools.partial`` counts as the function. Any other, a lambda say, gets
    Glorot: what it does can't be told from outside.
    """
    return _BY_ACTIVATION.get(function_name(activation), "glorot")
