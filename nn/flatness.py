"""Where activations are flat: on which sides, and how nearly, as a share of their greatest derivative.

>>> import autograd
>>> flatness(autograd.sigmoid), flatness(autograd.relu).dies, flatness(autograd.softplus).saturates
(Flatness(greatest=0.25, saturates=True, dies=False), True, False)
"""

from __future__ import annotations

import math
from typing import NamedTuple

from autograd import grad
from nn.activations import Activation
from nn.graphs import plain

FLAT = 0.05  # where the derivative is at most this share of the greatest, a unit is saturated
DEAD = 1e-3  # and where it is at most this for every row, the unit is dead
POINTS = [i / 4.0 for i in range(-120, 121)]


class Flatness(NamedTuple):
    """The greatest |derivative|; whether it is flat on both sides, as a sigmoid, or on one, as relu."""

    greatest: float
    saturates: bool
    dies: bool


def flatness(activation: Activation) -> Flatness:
    """What an activation is like from −30 to 30; one that is nan somewhere, or nowhere steep, is called flat nowhere."""
    sizes = [abs(plain(grad(activation)(z))) for z in POINTS]
    greatest = max(sizes)
    if not (math.isfinite(sum(sizes)) and greatest > 0.0):
        return Flatness(1.0, False, False)
    ends = sizes[0] / greatest, sizes[-1] / greatest
    saturates = max(ends) <= FLAT
    return Flatness(greatest, saturates, min(ends) <= DEAD and not saturates)
