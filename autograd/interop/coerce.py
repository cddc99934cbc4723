"""What counts as a real number, and the sentence that says so when something else comes."""

import numbers
from decimal import Decimal
from typing import Any

from autograd.rules.ieee import INF


def as_number(x: Any, where: str) -> float:
    """``x`` as a float.

    >>> as_number(2, "exp(x)")
    2.0

    Takes ints, floats, fractions, decimals, NumPy scalars and 0-d arrays or tensors; an int too large for a
    float is ±inf. Raises TypeError, naming ``where`` and what came, for bool, str, complex, None and arrays.
    """
    if x.__class__ is float:
        return float(x)
    x = out_of_array(x)
    if isinstance(x, numbers.Real | Decimal) and not isinstance(x, bool):
        try:
            return float(x)
        except OverflowError:
            return INF if x > 0 else -INF  # type: ignore[operator]
    raise TypeError(f"{where} must be a real number, got {describe(x)}{_way_out(x)}")


def _way_out(x: Any) -> str:
    if has_axes(x) or isinstance(x, list | tuple):
        return "; give one number at a time"
    if isinstance(x, bool):
        return "; float(x) makes 1.0 of True"
    if isinstance(x, str) and _reads_as_number(x):
        return "; float(text) reads it"
    return "; take its .data" if hasattr(x, "backward") else ""


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def out_of_array(x: Any) -> Any:
    """What a NumPy scalar, a 0-d array or tensor holds; anything else as it is."""
    return x.item() if getattr(x, "ndim", None) == 0 and hasattr(x, "item") else x


def as_bool(x: Any, where: str) -> bool:
    """Whether x is true; TypeError for a list or an array, which have as many answers as elements."""
    if x.__class__ is not bool and (has_axes(x) or isinstance(x, list | tuple)):
        raise TypeError(f"{where} must be one truth value, got {describe(x)}; choose element by element")
    return bool(x)


def has_axes(x: Any) -> bool:
    """Whether x is an array or tensor with at least one axis."""
    return bool(getattr(x, "shape", ()))


def is_array(x: Any) -> bool:
    """Whether x is a NumPy array with an axis, or of objects: operators leave those to NumPy, element by element."""
    return hasattr(x, "__array_ufunc__") and (has_axes(x) or holds_objects(x))


def holds_objects(x: Any) -> bool:
    """Whether x is a NumPy array of objects, which may be Values."""
    return bool(getattr(getattr(x, "dtype", None), "hasobject", False))


def describe(x: Any) -> str:
    """Type and value in a few words: ``str 'x'``, ``array of shape (2, 3)``."""
    if x is None:
        return "None"
    if has_axes(x):
        return f"{type(x).__name__} of shape {tuple(x.shape)}"
    kind, text = type(x).__name__, repr(x)
    text = text if len(text) <= 40 else text[:37] + "…"
    return text if text.startswith(f"{kind}(") else f"{kind} {text}"
