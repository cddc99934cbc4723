"""What NumPy calls for ``array * v``, ``np.float64(2) * v`` and ``np.exp(v)``. NumPy is loaded already then.

It calls us where an operand is a Value itself. Arrays of Values it handles alone, by their elements' operators, methods
named like the function (``sin``, ``hypot``, ``conjugate``) and comparisons. So ``np.clip(array, 0, 1)``, ``np.maximum``
and ``np.sign`` return some of the elements and bounds they were given: each has a gradient of 1 or 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.interop.coerce import holds_objects
from autograd.rules.operations import Operations

# NumPy functions that arrays of objects don't have, or have by comparing elements alone, and our names for them.
OPERATIONS = {
    **{
        name: name for name in ("clip", "copysign", "fmod", "hypot", "logaddexp", "logaddexp2", "maximum", "minimum", "sign")
    },
    "arctan2": "atan2",
    "float_power": "pow",
    # of scipy.special, whose functions are NumPy's to call
    **{name: name for name in ("entr", "erf", "erfc", "erfcinv", "erfcx", "erfinv", "gamma", "log_ndtr")},
    **{name: name for name in ("logit", "ndtri", "xlog1py", "xlogy")},
    "expit": "sigmoid",
    "gammaln": "lgamma",
    "log_expit": "log_sigmoid",
    "ndtr": "norm_cdf",
    "psi": "digamma",
}
QUESTIONS = ("isfinite", "isinf", "isnan", "signbit")  # about numbers, which record nothing


def _numbers(x: Any) -> Any:
    """The numbers of Values and arrays of them, to be looked at."""
    import numpy as np

    return np.asarray(np.frompyfunc(lambda each: each.item() if hasattr(each, "item") else each, 1, 1)(x), dtype=float)


def _check_out(name: str, out: object) -> None:
    """TypeError where the result is to be written to arrays of numbers."""
    for array in out if isinstance(out, tuple) else ():
        if array is not None and not holds_objects(array):
            raise TypeError(
                f"np.{name}: an array of {array.dtype} can't hold Values; write a = a * v in place of a *= v, or make the "
                "array with dtype=object"
            )


def array_ufunc(values: Operations[Any]) -> Callable[..., object]:
    """The method that NumPy calls; ``values`` is the namespace that has our operations on Values by name."""

    def apply(_: object, ufunc: Any, method: str, *inputs: object, **kwargs: object) -> object:
        """Apply a NumPy function to Values and arrays, element by element, in arrays of objects.

        >>> import numpy as np
        >>> from autograd import Value
        >>> (np.array([1.0, 2.0]) * Value(3.0)).tolist()
        [Value(3.0), Value(6.0)]
        """
        import numpy as np

        name = ufunc.__name__
        if name in QUESTIONS:
            return getattr(ufunc, method)(*map(_numbers, inputs), **kwargs)
        _check_out(name, kwargs.get("out"))
        # .item(): a NumPy scalar in an array of objects would call us again
        objects = [np.asarray(x.item() if isinstance(x, np.generic) else x, dtype=object) for x in inputs]
        if method != "__call__":
            return getattr(ufunc, method)(*objects, **kwargs)
        if name in OPERATIONS:
            ufunc = np.frompyfunc(getattr(values, OPERATIONS[name]), ufunc.nin, ufunc.nout)
        elif name == "divmod":
            ufunc = np.frompyfunc(divmod, 2, 2)
        with np.errstate(all="ignore"):  # inf and nan are answers, here as everywhere
            result = ufunc(*objects, **kwargs)
        return result[()] if isinstance(result, np.ndarray) and result.ndim == 0 else result

    return apply
