"""Losses of numbers: how far a prediction is from a target that may be any number.

Each takes a number and its target, or two lists of the same length and then the mean of them. Values for Values, numbers for
numbers; the target may be a Value too. Settings are keyword arguments with PyTorch's names and defaults, fixed for ``fit``
by ``functools.partial(nn.huber, delta=0.1)``.

| name                 | of a prediction y and a target t                                              |
|----------------------|-------------------------------------------------------------------------------|
| `mse`                | (y − t)²                                                                      |
| `half_squared_error` | ½(y − t)², summed over a list                                                 |
| `mae`                | \\|y − t\\|                                                                     |
| `huber`              | ½(y − t)² up to a distance of delta, then delta·(\\|y − t\\| − ½delta)          |
| `quantile`           | q·(t − y) below the target, (1 − q)·(y − t) above it                          |
| `gaussian_nll`       | ½(s + (y − t)²·e⁻ˢ) of a mean y and a logarithm s of the variance             |
| `poisson_nll`        | eᶻ − t·z of a logarithm z of the rate                                         |
"""

from __future__ import annotations

import math

from autograd import Value, exp, mean, relu, square, stop_gradient, where
from autograd import sum as total
from nn.arguments import real
from nn.loss_arguments import Number, Numbers, Target, check_number, items, pairs, shape

LEAST = math.ulp(0.0)  # the smallest number above 0


def mse(prediction: Number | Numbers[Number], target: Target) -> Number:
    """(y − t)² of a number, the mean of them for two lists of the same length.

    >>> mse(3.0, 1.0), mse([3.0, 1.0], [1.0, 1.0])
    (4.0, 2.0)

    Raises ValueError for different lengths.
    """
    return _mean([square(y - t) for y, t in pairs("mse", prediction, target)])


def half_squared_error(prediction: Number | Numbers[Number], target: Target) -> Number:
    """½(y − t)², whose derivative is y − t; summed for two lists of the same length.

    >>> half_squared_error(3.0, 1.0), half_squared_error([3.0, 1.0], [1.0, 1.0])
    (2.0, 2.0)

    Raises ValueError for different lengths.
    """
    squares = [square(y - t) for y, t in pairs("half_squared_error", prediction, target)]
    return 0.5 * (squares[0] if len(squares) == 1 else total(squares))


def mae(prediction: Number | Numbers[Number], target: Target) -> Number:
    """|y − t|, the mean of them for two lists of the same length; the median is its best constant.

    >>> mae(3.0, 1.0), mae([3.0, 1.0], [1.0, 1.0])
    (2.0, 1.0)

    Its derivative at 0 is 0. Raises ValueError for different lengths.
    """
    return _mean([abs(y - t) for y, t in pairs("mae", prediction, target)])


def huber(prediction: Number | Numbers[Number], target: Target, delta: float = 1.0) -> Number:
    """½(y − t)² up to a distance of ``delta``, straight beyond: outliers pull no harder than delta (Huber 1964).

    >>> huber(1.5, 1.0), huber(4.0, 1.0), huber(4.0, 1.0, delta=2.0)
    (0.125, 2.5, 4.0)

    The mean of them for two lists of the same length. Raises ValueError for different lengths and a delta of 0 or less.
    """
    delta = real("huber: delta", delta, LEAST)
    return _mean([_huber(y - t, delta) for y, t in pairs("huber", prediction, target)])


def _huber(difference: Number, delta: float) -> Number:
    distance = abs(difference)
    return where(distance <= delta, 0.5 * difference * difference, delta * (distance - 0.5 * delta))


def quantile(prediction: Number | Numbers[Number], target: Target, q: Target = 0.5) -> Number:
    """q·(t − y) for a prediction below the target, (1 − q)·(y − t) above it (Koenker & Bassett 1978).

    >>> quantile(1.0, 3.0, q=0.9), quantile(3.0, 1.0, q=0.9)
    (1.8, 0.19999999999999996)
    >>> quantile([1.0, 2.0, 4.0], 2.0, q=(0.25, 0.5, 0.75))  # a prediction for each q; the mean
    0.25

    The best constant is the q-quantile of the targets, for q = ½ the median. Raises ValueError for a q that isn't
    between 0 and 1, and for different lengths.
    """
    levels = [real("quantile: q", level, LEAST, 1.0) for level in items(q)]
    if len(levels) > 1:
        return _mean(list(map(_pinball, _of_levels(prediction, target, len(levels)), levels)))
    return _mean([_pinball(y - t, levels[0]) for y, t in pairs("quantile", prediction, target)])


def _of_levels(prediction: Number | Numbers[Number], target: Target, n: int) -> list[Number]:
    """The differences of n predictions from one target."""
    each, one = items(prediction), items(target)
    if len(each) != n or len(one) != 1:
        raise ValueError(
            f"quantile: {n} levels q take a list of {n}, a prediction for each, and one target, got {shape(prediction)} "
            f"and {shape(target)}"
        )
    return [y - t for y, t in pairs("quantile", each, one * n)]


def _pinball(difference: Number, level: float) -> Number:
    return level * relu(-difference) + (1.0 - level) * relu(difference)


def gaussian_nll(prediction: Numbers[Number], target: Target, eps: float = 1e-6) -> Number:
    """½(s + (y − t)²·e⁻ˢ) of a prediction [y, s]: −log of the normal density at t, less ½log 2π (Nix & Weigend 1994).

    >>> gaussian_nll([3.0, 0.0], 1.0), round(gaussian_nll([3.0, 1.0], 1.0), 6)
    (2.0, 1.235759)

    y is the mean and s the logarithm of the variance: a linear layer of two outputs, whatever their signs. PyTorch's has the
    variance e^s in place of s. For a target of n numbers: n means, then n logarithms; the loss is the mean of n. A variance
    below ``eps`` counts as eps, and s is moved as it would be there, as PyTorch does: it comes back once the errors
    are larger. Raises ValueError for a prediction of another length and an eps of 0 or less.
    """
    numbers, targets = items(prediction), items(target)
    n, floor = len(targets), math.log(real("gaussian_nll: eps", eps, LEAST))
    if len(numbers) != 2 * n:
        raise ValueError(
            f"gaussian_nll: the prediction is {shape(prediction)}, the target {shape(target)}: it takes a mean and "
            f"a logarithm of the variance for each target, as of a layer with {2 * n} outputs"
        )
    differences = [y - t for y, t in pairs("gaussian_nll", numbers[:n], targets)]
    return _mean([_gaussian(d, s, floor) for d, s in zip(differences, numbers[n:], strict=True)])


def _gaussian(difference: Number, logarithm: Number, floor: float) -> Number:
    check_number("gaussian_nll: the logarithm of the variance", logarithm)
    s = where(logarithm > floor, logarithm, floor + (logarithm - stop_gradient(logarithm)))
    return 0.5 * (s + square(difference * exp(-0.5 * s)))  # d²·e⁻ˢ would overflow sooner


def poisson_nll(prediction: Number | Numbers[Number], target: Target) -> Number:
    """eᶻ − t·z of the logarithm z of a rate, for a count t: −log of Poisson's probability, less log t!.

    >>> poisson_nll(0.0, 3), round(poisson_nll(1.0, 3), 6)
    (1.0, -0.281718)

    z is the output of a linear layer, as PyTorch's ``log_input=True`` has it; the least is at z = log t. The mean of them
    for two lists of the same length. Raises ValueError for a negative target and for different lengths.
    """
    both = pairs("poisson_nll", prediction, target)
    for _, t in both:
        if not isinstance(t, Value) and t < 0.0:
            raise ValueError(f"poisson_nll takes counts as targets, 0 or more, but the target is {t!r}")
    return _mean([exp(z) - t * z for z, t in both])


def _mean(losses: list[Number]) -> Number:
    return losses[0] if len(losses) == 1 else mean(losses)
