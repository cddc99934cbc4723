"""Gradients cut to a size, between ``backward()`` and an optimiser's step; as PyTorch's ``clip_grad_value_`` and ``…norm_``.

``fit`` and ``Trainer`` do it by the optimiser's own ``clip_value=`` and ``clip_norm=``; these are for a loop of one's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value
from nn.arguments import real
from nn.optimiser import clipped, share_of_norm
from nn.settings import leaves_of

LEAST = math.ulp(0.0)  # the smallest number above 0


def clip_value(parameters: Iterable[Value], limit: float) -> None:
    """Cut the gradient of each parameter to −limit … limit.

    >>> x = Value(3.0)
    >>> (x * x).backward()
    >>> clip_value([x], 0.5); x.grad
    0.5

    A gradient of nan stays one, and what no pass has reached stays without. Raises ValueError for a limit of 0 or less,
    TypeError for parameters that are no Values.
    """
    limit = real("clip_value: limit", limit, LEAST)
    for parameter in leaves_of(parameters):
        if parameter.grad_or_none is not None:
            parameter.grad = clipped(parameter.grad, limit)


def clip_norm(parameters: Iterable[Value], limit: float) -> float:
    """Scale all gradients where their norm together is above ``limit``, so that it is that; the result is the norm before.

    >>> x, y = Value(3.0), Value(4.0)
    >>> (x * x + y * y).backward()
    >>> clip_norm([x, y], 5.0), round(x.grad, 5), round(y.grad, 5)
    (10.0, 3.0, 4.0)

    They are multiplied by limit/(norm + 1e-6), as PyTorch has it. Where the norm isn't finite they stay as they are, and the
    optimiser's step says which parameter it was. Raises ValueError for a limit of 0 or less, TypeError for parameters that
    are no Values.
    """
    limit = real("clip_norm: limit", limit, LEAST)
    reached = [parameter for parameter in leaves_of(parameters) if parameter.grad_or_none is not None]
    norm = math.hypot(*[parameter.grad for parameter in reached])
    factor = share_of_norm(norm, limit)
    for parameter in reached if factor < 1.0 and math.isfinite(norm) else ():
        parameter.grad = factor * parameter.grad
    return norm
