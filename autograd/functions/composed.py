"""Functions that other libraries have, as short formulas of ours: each is a graph of the operations it is written in.

A formula stands here where it keeps the digits of its value and of its gradient over the whole domain; where it would lose
some, the function is an operation of the rule table.

>>> y = sec(Value(0.0)); y.data, [parent.op for parent in y.parents]
(1.0, ['cos'])
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from itertools import accumulate
from typing import Any, SupportsFloat, overload

from autograd import functions as f
from autograd.functions.signatures import Binary, Unary, as_list
from autograd.interop.coerce import describe, is_number
from autograd.rules.ieee import INF
from autograd.rules.table import DIGAMMA, POLYGAMMA
from autograd.value import Value, apply, as_operand, where

__all__ = ["cot", "csc", "cumprod", "cumsum", "deg2rad", "exp10", "expit", "fmax", "fmin", "lerp", "nan_to_num", "ndtr"]
__all__ += ["norm_ppf", "polygamma"]
__all__ += ["rad2deg", "relu6", "sec", "std", "var"]

LARGEST = sys.float_info.max


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, of which every argument must be a number or a Value."""

    @wraps(function)
    def checked(*operands: Any) -> Any:
        named = [as_operand(x, f"{function.__name__}: argument {i}") for i, x in enumerate(operands, 1)]
        return function(*named)

    return checked


def of_one(function: Callable[[Any], Any]) -> Unary:
    """A formula in one number as a public function."""
    result: Unary = _checked(function)
    return result


def of_two(function: Callable[[Any, Any], Any]) -> Binary:
    """A formula in two numbers as a public function."""
    result: Binary = _checked(function)
    return result


# -- other names ------------------------------------------------------------------------------------------

expit = f.sigmoid
ndtr = f.norm_cdf
norm_ppf = f.ndtri

# -- powers, circular functions, angles -------------------------------------------------------------------


@of_one
def exp10(x: Any) -> Any:
    """10ˣ.

    >>> exp10(3.0)
    1000.0

    A number for a number, a Value for a Value. Raises TypeError for anything but real numbers and Values.
    """
    return f.pow(10.0, x)


@of_one
def sec(x: Any) -> Any:
    """1/cos x, x in radians.

    >>> sec(0.0)
    1.0

    A number for a number, a Value for a Value. Raises TypeError for anything but real numbers and Values.
    """
    return f.reciprocal(f.cos(x))


@of_one
def csc(x: Any) -> Any:
    """1/sin x, x in radians; ±inf at 0.

    >>> csc(1.0)
    1.1883951057781212

    A number for a number, a Value for a Value. Raises TypeError for anything but real numbers and Values.
    """
    return f.reciprocal(f.sin(x))


@of_one
def cot(x: Any) -> Any:
    """1/tan x, x in radians; ±inf at 0.

    >>> cot(1.0)
    0.6420926159343306

    A number for a number, a Value for a Value. Raises TypeError for anything but real numbers and Values.
    """
    return f.reciprocal(f.tan(x))


@of_one
def deg2rad(x: Any) -> Any:
    """An angle in degrees as radians: x·π/180.

    >>> deg2rad(180.0)
    3.141592653589793

    A number for a number, a Value for a Value. Raises TypeError for anything but real numbers and Values.
    """
    return f.mul(x, math.pi / 180.0)


@of_one
def rad2deg(x: Any) -> Any:
    """An angle in radians as degrees: x·180/π.

    >>> rad2deg(1.0)
    57.29577951308232

    A number for a number, a Value for a Value. Raises TypeError for anything but real numbers and Values.
    """
    return f.mul(x, 180.0 / math.pi)


# -- the gamma function's kin ------------------------------------------------------------------------------


@overload
def polygamma(n: float, x: Value) -> Value: ...
@overload
def polygamma(n: float, x: float) -> float: ...
def polygamma(n: float, x: SupportsFloat) -> Value | float:
    """ψ⁽ⁿ⁾(x), the n-th derivative of ``digamma``; nan at the poles 0, −1, −2, …

    >>> polygamma(1, 1.0)
    1.6449340668482264

    n:  a whole number from 0 on, and no Value: there is no derivative by it.
    x:  a number or a Value.

    Raises ValueError for another n, TypeError for an x that is no real number and no Value.
    """
    if not is_number(n) or not float(n).is_integer() or n < 0:
        raise ValueError(f"polygamma: n must be a whole number from 0 on, got {describe(n)}")
    operand = as_operand(x, "polygamma: x")
    return apply(POLYGAMMA, float(n), operand) if n else apply(DIGAMMA, operand)


# -- choice -----------------------------------------------------------------------------------------------


@of_two
def fmax(a: Any, b: Any) -> Any:
    """The larger of two, or the one that isn't nan; a tie shares its derivative equally, a nan has none.

    >>> fmax(float("nan"), 2.0)
    2.0

    A number for numbers, a Value where one is given. Raises TypeError for anything but real numbers and Values.
    """
    return where(a != a, b, where(b != b, a, f.maximum(a, b)))


@of_two
def fmin(a: Any, b: Any) -> Any:
    """The smaller of two, or the one that isn't nan; a tie shares its derivative equally, a nan has none.

    >>> fmin(float("nan"), 2.0)
    2.0

    A number for numbers, a Value where one is given. Raises TypeError for anything but real numbers and Values.
    """
    return where(a != a, b, where(b != b, a, f.minimum(a, b)))


@of_one
def relu6(x: Any) -> Any:
    """x clipped to 0 … 6; its derivative at both is 0 (Krizhevsky 2010).

    >>> relu6(7.5)
    6.0

    A number for a number, a Value for a Value. Raises TypeError for anything but real numbers and Values.
    """
    return f.clip(x, 0.0, 6.0)


@overload
def nan_to_num(
    x: Value, nan: SupportsFloat = ..., posinf: SupportsFloat | None = ..., neginf: SupportsFloat | None = ...
) -> Value: ...
@overload
def nan_to_num(x: float, nan: float = ..., posinf: float | None = ..., neginf: float | None = ...) -> float: ...
def nan_to_num(
    x: SupportsFloat, nan: SupportsFloat = 0.0, posinf: SupportsFloat | None = None, neginf: SupportsFloat | None = None
) -> Value | float:
    """x, or another number in place of nan and ±inf, as in NumPy; what is replaced has derivative 0.

    >>> nan_to_num(float("nan")), nan_to_num(float("inf"), posinf=1e9), nan_to_num(2.0)
    (0.0, 1000000000.0, 2.0)

    x:       a number or a Value.
    nan:     what stands for nan.
    posinf:  what stands for inf; if None the largest float.
    neginf:  what stands for −inf; if None its negative.

    Raises TypeError for anything but real numbers and Values.
    """
    operand = as_operand(x, "nan_to_num: x")
    top = as_operand(LARGEST if posinf is None else posinf, "nan_to_num: posinf")
    bottom = as_operand(-LARGEST if neginf is None else neginf, "nan_to_num: neginf")
    finite = where(operand == INF, top, where(operand == -INF, bottom, operand))
    return where(operand != operand, as_operand(nan, "nan_to_num: nan"), finite)


@overload
def lerp(a: Value, b: SupportsFloat, t: SupportsFloat) -> Value: ...
@overload
def lerp(a: float, b: float, t: float) -> float: ...
@overload
def lerp(a: SupportsFloat, b: SupportsFloat, t: SupportsFloat) -> Value | float: ...
def lerp(a: SupportsFloat, b: SupportsFloat, t: SupportsFloat) -> Value | float:
    """a + t·(b − a): a for t = 0, b for t = 1, and both exactly.

    >>> lerp(2.0, 4.0, 0.25)
    2.5

    Numbers and Values; t may lie outside of 0 … 1. Raises TypeError for anything but real numbers and Values.
    Source: from t = ½ on b − (1 − t)·(b − a), as in PyTorch.
    """
    start, end, share = (as_operand(x, f"lerp: {name}") for name, x in (("a", a), ("b", b), ("t", t)))
    way = end - start
    return where(share < 0.5, start + share * way, end - (1.0 - share) * way)


# -- of many ----------------------------------------------------------------------------------------------


@overload
def cumsum(values: Iterable[Value]) -> list[Value]: ...
@overload
def cumsum(values: Iterable[float]) -> list[float]: ...
@overload
def cumsum(values: Iterable[Value | float]) -> list[Value] | list[float]: ...
def cumsum(values: Iterable[Any]) -> Any:
    """The sums of the first one, two, three … numbers.

    >>> cumsum([1.0, 2.0, 3.0])
    [1.0, 3.0, 6.0]

    A list as long as ``values``, of Values where one of them is. Raises TypeError for anything but real numbers and Values.
    """
    return list(accumulate(_of_one_kind(values, "cumsum"), f.add))


@overload
def cumprod(values: Iterable[Value]) -> list[Value]: ...
@overload
def cumprod(values: Iterable[float]) -> list[float]: ...
@overload
def cumprod(values: Iterable[Value | float]) -> list[Value] | list[float]: ...
def cumprod(values: Iterable[Any]) -> Any:
    """The products of the first one, two, three … numbers; derivatives divide by nothing, so zeros are no matter.

    >>> cumprod([1.0, 2.0, 3.0])
    [1.0, 2.0, 6.0]

    A list as long as ``values``, of Values where one of them is. Raises TypeError for anything but real numbers and Values.
    """
    return list(accumulate(_of_one_kind(values, "cumprod"), f.mul))


@overload
def var(values: Iterable[Value], ddof: int = ...) -> Value: ...
@overload
def var(values: Iterable[float], ddof: int = ...) -> float: ...
@overload
def var(values: Iterable[Value | float], ddof: int = ...) -> Value | float: ...
def var(values: Iterable[Any], ddof: int = 0) -> Any:
    """The variance: the squares of the deviations from the mean, added up, over n − ddof.

    >>> var([1.0, 2.0, 3.0, 4.0]), var([1.0, 2.0, 3.0], ddof=1)
    (1.25, 1.0)

    values:  n numbers and Values.
    ddof:    0 for that of a population, as in NumPy; 1 for an estimate from a sample, as in ``statistics.variance``.

    Raises ValueError where there are no more than ``ddof`` values, TypeError for anything but real numbers and Values.
    """
    deviations, freedom = _deviations(values, ddof, "var")
    return f.div(f.dot(deviations, deviations), freedom)


@overload
def std(values: Iterable[Value], ddof: int = ...) -> Value: ...
@overload
def std(values: Iterable[float], ddof: int = ...) -> float: ...
@overload
def std(values: Iterable[Value | float], ddof: int = ...) -> Value | float: ...
def std(values: Iterable[Any], ddof: int = 0) -> Any:
    """The standard deviation, the root of ``var``, without overflow; its derivatives are 0 where all values are equal.

    >>> std([1.0, 1.0, 3.0, 3.0])
    1.0

    values:  n numbers and Values.
    ddof:    0 for that of a population, as in NumPy; 1 for an estimate from a sample, as in ``statistics.stdev``.

    Raises ValueError where there are no more than ``ddof`` values, TypeError for anything but real numbers and Values.
    """
    deviations, freedom = _deviations(values, ddof, "std")
    return f.div(f.norm(deviations), math.sqrt(freedom))


def _deviations(values: Iterable[Any], ddof: int, name: str) -> tuple[list[Any], float]:
    """Each value less the mean, and less the mean of that, which rounding has left; and n − ddof."""
    xs = _of_one_kind(values, name)
    if len(xs) <= ddof:
        raise ValueError(f"{name}: needs more values than ddof, got {len(xs)} and ddof {ddof}")
    middle = f.mean(xs)
    first = [f.sub(x, middle) for x in xs]
    rest = f.mean(first)
    return [f.sub(x, rest) for x in first], float(len(xs) - ddof)


def _of_one_kind(values: Iterable[Any], name: str) -> list[Any]:
    """Floats, or where one is a Value all as Values."""
    xs = [as_operand(x, f"{name}: values[{i}]") for i, x in enumerate(as_list(values, f"{name}: values"))]
    return [Value(x) if isinstance(x, float) else x for x in xs] if any(isinstance(x, Value) for x in xs) else xs
