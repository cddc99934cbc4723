"""What counts as a real number, and the sentence that says so when something else comes."""

import numbers
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol, TypeGuard

from autograd.rules.ieee import INF


class Array(Protocol):
    """A NumPy array or a tensor, as far as types tell it from a number."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def ravel(self) -> Any: ...


def as_number(x: object, where: str) -> float:
    """``x`` as a float.

    >>> as_number(2, "exp(x)")
    2.0

    Takes ints, floats, fractions, decimals, NumPy scalars and 0-d arrays or tensors; an int too large for a
    float is ±inf. Raises TypeError, naming ``where`` and what came, for bool, str, complex, None and arrays.
    """
    if type(x) is float:
        return x
    x = out_of_array(x)
    if is_number(x):
        try:
            return float(x)
        except OverflowError:
            return -INF if x < 0 else INF
    raise TypeError(f"{where} must be a real number, got {describe(x)}{_way_out(x)}")


def is_number(x: object) -> TypeGuard[Any]:
    """Whether x is a real number of Python's or NumPy's, and no bool."""
    return isinstance(x, numbers.Real | Decimal) and not isinstance(x, bool)


def _way_out(x: object) -> str:
    if has_axes(x) or isinstance(x, list | tuple):
        return "; give x.toarray()" if hasattr(x, "toarray") else "; give one number at a time"
    if is_masked(x):
        return "; give x.filled(value)"
    if isinstance(x, bool):
        return "; float(x) makes 1.0 of True, where(condition, a, b) chooses"
    if isinstance(x, str) and _reads_as_number(x):
        return "; float(text) reads it"
    if hasattr(x, "way_out"):  # a condition
        return f"; {x.way_out}"
    return "; take its .data" if hasattr(x, "backward") else ""


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def out_of_array(x: object) -> object:
    """What a NumPy scalar, a 0-d array or tensor holds; anything else as it is."""
    return x.item() if getattr(x, "ndim", None) == 0 and hasattr(x, "item") and not is_masked(x) else x


def is_masked(x: Any) -> bool:
    """Whether x is one of NumPy's masked arrays with an element that is masked, or ``np.ma.masked`` itself."""
    return hasattr(x, "filled") and hasattr(x, "mask") and bool(x.mask.any())


def check_unmasked(x: object, where: str) -> None:
    """Raise TypeError where a mask would be lost."""
    if is_masked(x):
        raise TypeError(
            f"{where} must not have masked elements, got {describe(x)}: the mask would be lost; give x.filled(value), or "
            "x.compressed() for those that aren't masked"
        )


def as_bool(x: object, where: str) -> bool:
    """A bool, NumPy's too, as it is; TypeError for anything else, as ~True is −2 and a list has many answers."""
    answer = x if x.__class__ is bool else out_of_array(x)
    if isinstance(answer, bool):
        return answer
    if has_axes(x) or isinstance(x, list | tuple):
        raise TypeError(f"{where} must be one bool, got {describe(x)}; choose element by element")
    inverted = isinstance(x, int) and x in (-1, -2)
    instead = f"not c for ~c, which is {x} of a bool" if inverted else "a comparison, such as x != 0"
    raise TypeError(f"{where} must be a bool, got {describe(x)}; write {instead}")


def has_axes(x: object) -> TypeGuard[Array]:
    """Whether x is an array or tensor with at least one axis."""
    shape = getattr(x, "shape", ())
    return bool(shape) and hasattr(shape, "__len__")  # of a class or a module, numpy.float64 or numpy, it is a function


def is_array(x: object) -> bool:
    """Whether x is a NumPy array with an axis, or of objects: operators leave those to NumPy, element by element."""
    return hasattr(x, "__array_ufunc__") and (has_axes(x) or holds_objects(x))


def holds_objects(x: object) -> TypeGuard[Array]:
    """Whether x is a NumPy array of objects, which may be Values."""
    return getattr(getattr(x, "dtype", None), "hasobject", False) is True


def describe(x: object) -> str:
    """Type and value in a few words: ``str 'x'``, ``array of shape (2, 3)``."""
    if x is None:
        return "None"
    if has_axes(x):
        return f"{type(x).__name__} of shape {tuple(x.shape)}"
    kind, text = type(x).__name__, repr(x)
    text = text if len(text) <= 40 else text[:37] + "…"
    return text if text.startswith(f"{kind}(") else f"{kind} {text}"
