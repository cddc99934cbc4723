"""What counts as a real number, and the sentence that says so when something else comes."""

import numbers
from decimal import Decimal
from typing import Any

from autograd.floats import INF


def as_number(x: Any, where: str) -> float:
    """``x`` as a float.

    >>> as_number(2, "exp(x)")
    2.0

    Takes ints, floats, fractions, decimals, NumPy scalars and 0-d arrays or tensors; an int too large for a
    float is ±inf. Raises TypeError, naming ``where`` and what came, for bool, str, complex, None and arrays.
    """
    if x.__class__ is float:
        return float(x)
    if getattr(x, "ndim", None) == 0 and hasattr(x, "item"):
        x = x.item()  # a NumPy scalar, a 0-d array or tensor
    if isinstance(x, numbers.Real | Decimal) and not isinstance(x, bool):
        try:
            return float(x)
        except OverflowError:
            return INF if x > 0 else -INF  # type: ignore[operator]
    raise TypeError(f"{where} must be a real number, got {described(x)}")


def has_axes(x: Any) -> bool:
    """Whether x is an array or tensor with at least one axis."""
    return bool(getattr(x, "shape", ()))


def is_array(x: Any) -> bool:
    """Whether x is a NumPy array with an axis: operators leave those to NumPy, element by element."""
    return has_axes(x) and hasattr(x, "__array_ufunc__")


def described(x: Any) -> str:
    """Type and value in a few words: ``str 'x'``, ``array of shape (2, 3)``."""
    if x is None:
        return "None"
    if has_axes(x):
        return f"{type(x).__name__} of shape {x.shape}: apply it element by element"
    text = repr(x)
    return f"{type(x).__name__} {text if len(text) <= 40 else text[:37] + '…'}"
