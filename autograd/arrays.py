"""NumPy's side of the operators: ``array * v``, ``np.float64(2) * v``, ``np.exp(v)``. NumPy is loaded already then."""

from __future__ import annotations

from typing import Any

# NumPy functions that its arrays of objects don't know, or know by comparing alone, and our names for them.
OPERATIONS = {
    **{name: name for name in ("copysign", "fmod", "hypot", "logaddexp", "maximum", "minimum", "sign")},
    "arctan2": "atan2",
}


def array_ufunc(_: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Apply a NumPy function to Values and arrays, element by element, in arrays of objects.

    >>> import numpy as np
    >>> from autograd import Value
    >>> (np.array([1.0, 2.0]) * Value(3.0)).tolist()
    [Value(3.0), Value(6.0)]
    """
    import numpy as np

    from autograd.value import VALUES

    # .item(): a NumPy scalar in an array of objects would call us again
    objects = [np.asarray(x.item() if isinstance(x, np.generic) else x, dtype=object) for x in inputs]
    if method != "__call__":
        return getattr(ufunc, method)(*objects, **kwargs)
    if ufunc.__name__ in OPERATIONS:
        ufunc = np.frompyfunc(getattr(VALUES, OPERATIONS[ufunc.__name__]), ufunc.nin, ufunc.nout)
    with np.errstate(all="ignore"):  # inf and nan are answers, here as everywhere
        result = ufunc(*objects, **kwargs)
    return result[()] if isinstance(result, np.ndarray) and result.ndim == 0 else result
