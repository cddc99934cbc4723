"""Derivatives from values alone: the textbook's quotient, and one with a bound of its error.

``difference`` takes difference quotients at steps that shrink, from about the size of x down to its last bits.
Seven of them in a row, a *window*, are extrapolated to step 0 (Richardson 1911; Ridders 1982), from the
right, from the left and from both sides. Where windows agree there is a derivative; how they disagree tells
a kink from a jump, the end of a domain and noise.

>>> difference(math.sin, 0.7)  # doctest: +ELLIPSIS
Difference(value=0.764842187..., error=4...e-13, shape=<Shape.SMOOTH: 'smooth'>, left=0.7..., right=0.7..., ...)
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

from autograd.interop.coerce import as_number
from autograd.modes import no_grad
from autograd.transforms.trees import flatten
from autograd.transforms.types import ScalarFunction
from autograd.value import Value

Tree = TypeVar("Tree")

EPS = sys.float_info.epsilon
INF, NAN = math.inf, math.nan

FIRST, RATIO = math.sqrt(2.0) - 1.0, math.log(6.0)  # first step, ratio of steps: irrational, lest they match a period
LEVELS, STRIDE = 7, 4  # quotients in a window, and how far the next window is shifted
AMPLIFIED = (0.0, 13.7, 2.6)  # by power of h: the noise of an extrapolation over that of its quotients
LARGE = 1e300  # steps and derivatives beyond it overflow
SHARP = 1e-9  # relative error below which no smaller step is tried
ULPS = 4.0  # the error of an elementary operation's value


def numerical_gradient(f: ScalarFunction, x: Tree, eps: float = 1e-4) -> Tree:
    """The gradient as a textbook estimates it: (f(x + eps) − f(x)) / eps, one forward pass for each number of x.

    >>> gradient = numerical_gradient(lambda p: p[0] ** 2 * p[1], [3.0, 2.0])
    >>> [round(d, 3) for d in gradient]
    [12.0, 9.0]

    x may be a number or nested lists, tuples, dicts, arrays; the result has its shape. Good to about half of the
    digits that eps has; ``difference`` is the precise one. Raises TypeError where x holds anything but numbers
    or f's value isn't one, ValueError where eps isn't positive.
    """
    if not eps > 0:
        raise ValueError(f"numerical_gradient: eps must be positive, got {eps!r}")
    leaves, rebuild = flatten(x)
    at = [as_number(leaf, "numerical_gradient: x") if not isinstance(leaf, Value) else leaf.data for leaf in leaves]

    def value(numbers: Sequence[float]) -> float:
        y = f(rebuild([Value(number) for number in numbers]))
        return y.data if isinstance(y, Value) else as_number(y, "numerical_gradient: f's value")

    with no_grad():
        start = value(at)
        gradient: Tree = rebuild([(value([*at[:i], at[i] + eps, *at[i + 1 :]]) - start) / eps for i in range(len(at))])
    return gradient


# -- what a difference can say -----------------------------------------------------------------------


class Shape(StrEnum):
    """What a function looks like around a point, from its values."""

    SMOOTH = "smooth"
    KINK = "kink"
    JUMP = "jump"
    ROUGH = "rough"
    END = "end of the domain"


class Difference(NamedTuple):
    """``value`` ± ``error``, and what was seen: the ``shape``, the one-sided derivatives ``left`` and ``right``, and of
    the quotients behind ``value`` the largest in magnitude, ``scale``, and the largest ``step``.

    At a kink ``value`` is the middle between the two derivatives, and ``value`` ± ``error`` reaches both.
    """

    value: float
    error: float
    shape: Shape = Shape.SMOOTH
    left: float = NAN
    right: float = NAN
    scale: float = 0.0
    step: float = 0.0


def difference(f: Callable[[float], float], x: float, rounding: Callable[[float], float] | None = None) -> Difference:
    """f′(x) from values of f, with a bound of its error and the shape of f there.

    >>> difference(abs, 0.0)  # doctest: +ELLIPSIS
    Difference(value=0.0, error=1.0..., shape=<Shape.KINK: 'kink'>, left=-1.0, right=1.0, scale=1.0, step=...)
    >>> difference(math.floor, 2.0).shape
    <Shape.JUMP: 'jump'>

    f answers nan or ±inf where it isn't defined; |x| ≥ 1e300 counts as an end of its domain too. ``rounding(t)``
    bounds the rounding error of f(t); without it that is 4 units in the last place of f(t). Sources: Ridders
    (1982), Fornberg (1981).
    """
    y = f(x)
    if not (abs(x) < LARGE and math.isfinite(y)):
        return Difference(NAN, INF, Shape.END)
    noise_at = rounding or (lambda t: ULPS * EPS * abs(f(t)))
    levels, windows = _survey(f, x, y, noise_at)
    if not windows:
        return Difference(NAN, INF)
    return _smooth(windows[-1]) if windows[-1].sharp else _verdict(levels, windows, noise_at(x))


def _survey(
    f: Callable[[float], float], x: float, y: float, rounding: Callable[[float], float]
) -> tuple[list[Level], list[Window]]:
    """Windows of ever smaller steps, until one is sharp or f is constant in it."""
    levels: list[Level] = []
    windows: list[Window] = []
    for h in steps(x):
        after, before = x + h, x - h
        levels.append(Level(f(after) - y, f(before) - y, after - x, x - before))
        if len(levels) >= LEVELS and (len(levels) - LEVELS) % STRIDE == 0:
            widest = levels[-LEVELS].ahead
            noise = max(r for r in map(rounding, (x, x + widest, x - widest)) if math.isfinite(r))
            windows.append(window(levels[-LEVELS:], noise))
            if windows[-1].sharp or windows[-1].constant:
                break
    return levels, windows


def steps(x: float) -> Iterator[float]:
    """Steps from 0.4·max(1, |x|), each 0.56 of the last, to 8 units in the last place."""
    h = FIRST * max(1.0, abs(x))
    last = 8.0 * math.ulp(x) if x else 2.0**-120
    while h >= last:
        yield h
        h /= RATIO


class Level(NamedTuple):
    """By how much f changes on the right and on the left, and how far away that is: x ± h, as it was rounded."""

    right: float
    left: float
    ahead: float
    behind: float


# -- one window ----------------------------------------------------------------------------------------


class Estimate(NamedTuple):
    """A derivative, and a bound of its error: twice the difference of the last extrapolations, plus rounding noise."""

    value: float = NAN
    error: float = INF
    noise: float = INF

    def plus(self, error: float) -> Estimate:
        return self._replace(error=self.error + error)


def extrapolate(hs: Sequence[float], quotients: Sequence[float], power: int, noise: float) -> Estimate:
    """The limit of the quotients as a polynomial in h**power, by Neville's scheme: its best entry on the diagonal."""
    if not all(map(math.isfinite, quotients)):
        return Estimate()
    best, above = Estimate(), [quotients[0]]
    for j in range(1, len(hs)):
        row = [quotients[j]]
        for k in range(j):
            row.append(row[k] + (row[k] - above[k]) / ((hs[j - k - 1] / hs[j]) ** power - 1.0))
        if j > 1:
            gap = max(abs(row[-1] - row[-2]), abs(row[-1] - above[-1]))
            rounding = AMPLIFIED[power] * 2.0 * noise / hs[j]
            best = _sharper(best, Estimate(row[-1], 2.0 * gap + rounding, rounding))
        above = row
    return best


def _sharper(a: Estimate, b: Estimate) -> Estimate:
    return b if b.error < a.error else a


class Window(NamedTuple):
    """What seven quotients say: the derivative from both sides and from each, the largest quotient and step."""

    both: Estimate
    left: Estimate
    right: Estimate
    scale: float
    step: float

    @property
    def sharp(self) -> bool:
        """Whether no smaller step can do better: the error is small and as small as the noise, and both sides agree."""
        at_the_noise = self.both.error <= 3.0 * self.both.noise + abs(self.right.value - self.left.value)
        return at_the_noise and self.both.error <= SHARP * abs(self.both.value)

    @property
    def constant(self) -> bool:
        return self.scale == 0.0 and math.isfinite(self.left.value) and math.isfinite(self.right.value)


def window(levels: Sequence[Level], noise: float) -> Window:
    """Extrapolate from each side and from both; the difference of the sides is added to the error of both."""
    ahead, behind = [level.ahead for level in levels], [level.behind for level in levels]
    rights = [level.right / level.ahead for level in levels]
    lefts = [-level.left / level.behind for level in levels]
    right, left = extrapolate(ahead, rights, 1, noise), extrapolate(behind, lefts, 1, noise)
    scale = max([abs(q) for q in (*rights, *lefts) if math.isfinite(q)], default=0.0)
    if not (math.isfinite(right.value) and math.isfinite(left.value)):
        return Window(_sharper(right, left)._replace(noise=0.0), left, right, scale, ahead[0])
    uneven = max(abs(a - b) * abs(r - q) for a, b, r, q in zip(ahead, behind, rights, lefts, strict=True))
    both = extrapolate(ahead, [0.5 * r + 0.5 * q for r, q in zip(rights, lefts, strict=True)], 2, noise + uneven)
    mean = Estimate(0.5 * (right.value + left.value), 0.5 * (right.error + left.error), 0.5 * (right.noise + left.noise))
    return Window(_sharper(both, mean).plus(abs(right.value - left.value)), left, right, scale, ahead[0])


# -- all windows ---------------------------------------------------------------------------------------


def _verdict(levels: Sequence[Level], windows: Sequence[Window], noise: float) -> Difference:
    """The derivative that the windows agree on, and the shape of f by all of them."""
    best, i, j = (_agreed([getattr(w, side) for w in windows]) for side in ("both", "left", "right"))
    left, right = windows[i].left, windows[j].right
    result = _smooth(windows[best])._replace(left=left.value, right=right.value)
    if not (math.isfinite(levels[-1].right) and math.isfinite(levels[-1].left)):
        return result._replace(shape=Shape.END)
    errors = right.error + left.error
    kinked = result.error > 1e-6 * result.scale and abs(right.value - left.value) > 4.0 * errors
    first = max(i, j) if kinked else best
    below = range(min(first * STRIDE + LEVELS - 1, len(levels) - 3), len(levels))
    stalled = [side for side in (0, 1) if any(_stalls(levels, k, side, noise) for k in below)]
    if stalled:
        return result._replace(shape=Shape.JUMP if any(_jumps(levels, side) for side in stalled) else Shape.ROUGH)
    if kinked:
        middle, half = 0.5 * right.value + 0.5 * left.value, abs(0.5 * right.value - 0.5 * left.value)
        return result._replace(shape=Shape.KINK, value=middle, error=half + errors)
    return result


def _agreed(estimates: Sequence[Estimate]) -> int:
    """The index of the sharpest estimate that agrees with all of smaller steps; larger steps reach other structure."""
    best, low, high = len(estimates) - 1, -INF, INF
    for i in reversed(range(len(estimates))):
        value, error, _ = estimates[i]
        if math.isfinite(error):
            low, high = max(low, value - error), min(high, value + error)
            if low > high:
                break
            best = i if error < estimates[best].error else best
    return best


def _stalls(levels: Sequence[Level], k: int, side: int, noise: float) -> bool:
    """Whether f(x ± h) − f(x) hardly shrank over the last eight steps: f jumps, or oscillates faster than h."""
    before = max((abs(level[side]) for level in levels[max(k - 8, 0) : max(k - 3, 0)]), default=INF)
    return abs(levels[k][side]) > max(0.25 * before, 16.0 * noise)


def _jumps(levels: Sequence[Level], side: int) -> bool:
    """Whether f(x ± h) − f(x) is the same for all the smallest steps."""
    last = [abs(level[side]) for level in levels[-4:]]
    return min(last) > 0.9 * max(last)


def _smooth(w: Window) -> Difference:
    return Difference(w.both.value, w.both.error, Shape.SMOOTH, w.left.value, w.right.value, w.scale, w.step)
