"""A trained model in C, for machines that have no Python: ``nn.to_c``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

import autograd
from autograd import Value
from autograd.interop.coerce import describe
from autograd.interop.files import write_atomically
from nn.arguments import integer
from nn.arguments import real as as_real
from nn.checkpoints import Checkpoint
from nn.module import Module
from nn.noise import Dropout, Noise
from nn.scaler import Scaler, scaled, unscaled
from nn.sequential import Sequential

LARGEST_SINGLE = 3.4028235677973366e38  # where numbers round to the infinity of single precision

HEAD = """\
/* {model}: {inputs} in, {outputs} out.
   C99 with libm. Compilers that fuse products and sums change last bits: -ffp-contract=off where these lines don't. */
#if defined __clang__
#pragma STDC FP_CONTRACT OFF
#elif defined __GNUC__ && defined __FP_FAST_FMA
#pragma GCC optimize ("fp-contract=off")
#endif

/* The outputs, as nn.predict gives them{bits}. */
void {name}(const {real} *x, {real} *y);
/* The class: {rule}, and -1 where an output is nan. */
int {name}_class(const {real} *x);

"""
CLASS_OF_SEVERAL = """
int {name}_class(const {real} *x) {{
    {real} y[{outputs}];
    int best = 0;
    {name}(x, y);
    for (int i = 0; i < {outputs}; i++) {{
        if (y[i] != y[i]) return -1;
        if (y[i] > y[best]) best = i;
    }}
    return best;
}}
"""
CLASS_OF_ONE = """
int {name}_class(const {real} *x) {{
    {real} y;
    {name}(x, &y);
    return y != y ? -1 : y > {threshold};
}}
"""


def to_c(
    model: Module,
    real: str = "double",
    *,
    name: str = "predict",
    scaler: Scaler | Sequence[Scaler] | None = None,
    threshold: float = 0.0,
    inputs: int | None = None,
    path: str | PathLike[str] | None = None,
) -> str:
    """The model as C99 that needs nothing but libm: weights are tables of constants, layers are loops.

    >>> import nn
    >>> model = nn.MLP(2, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
    >>> print(to_c(model, name="line").partition("#endif\\n")[2])
    <BLANKLINE>
    /* The outputs, as nn.predict gives them to the last bit. */
    void line(const double *x, double *y);
    /* The class: 1 above 0.0, and -1 where an output is nan. */
    int line_class(const double *x);
    <BLANKLINE>
    #include <math.h>
    <BLANKLINE>
    /* x: x[0], x[1]
       y: f */
    void line(const double *x, double *y) {
        (void)x;
        const double v5 = 2.0 * x[0];
        const double v6 = 2.0 * x[1];
        const double v7 = v5 + v6;
        const double v8 = v7 + 0.0;
        y[0] = v8;
    }
    <BLANKLINE>
    int line_class(const double *x) {
        double y;
        line(x, &y);
        return y != y ? -1 : y > 0.0;
    }
    <BLANKLINE>

    model:     any ``nn.Module`` that computes with autograd's functions; it is traced as for compiling.
    real:      "double", which has the bits of ``nn.predict``, or "float", in half the memory and to about 6 digits.
    name:      what the function is called; ``<name>_class`` gives the index of the largest output or, of one output,
               whether it is above ``threshold``, as ``nn.accuracy`` counts.
    scaler:    an ``nn.Scaler`` that the inputs go through first; in a pair the second is that of the targets, and the
               outputs are undone by it.
    inputs:    how many numbers a row has, for a model that has no ``nin``.
    path:      a file to write the text to, besides.

    64-32-10 with relu is 19.7 kB of code and tables at -Os, in floats 10.1. A ``dot`` whose sum overflows on the way is inf
    in C. It needs nothing here either; without NumPy loops are written out.

    Raises ValueError for another ``real``, a parameter that isn't finite or beyond ``real``, and for a model that gives
    another program when it is traced again, as one does that draws random numbers; ``autograd.compiler.BranchError`` for
    one that branches on its inputs by ``if``.
    """
    if not isinstance(model, Module):
        raise TypeError(f"to_c: model must be an nn.Module such as nn.MLP(2, [8, 1]), got {describe(model)}")
    model = model.model if isinstance(model, Checkpoint) else model
    if not isinstance(name, str):
        raise TypeError(f"to_c: name must be what the function is to be called, got {describe(name)}")
    before, after = _pair(scaler)
    size, cut = _inputs(model, before, inputs), as_real("threshold", threshold, least=-math.inf)
    if isinstance(real, PathLike) or str(real).endswith((".c", ".h")):
        raise TypeError(f"to_c: the second argument is a type of numbers, and {real!s:.200} a file: nn.to_c(model, path=…)")
    _check_range(model, real)
    function = _function(model, before, after)
    program, again = (autograd.compiler.frozen(function, [x] * size) for x in (0.0, 1.0))
    text = program.to_c(name, real)
    if text != again.to_c(name, real):
        raise ValueError(
            f"to_c: {model!s:.100} is another program each time it is traced: it draws random numbers, or keeps numbers of "
            "earlier calls; C has one program"
        )
    code = _with_class(text, str(model), real, (size, len(program.outputs)), cut)
    if path is not None:
        write_atomically(path, code)
    return code


def _pair(scaler: Any) -> tuple[Scaler | None, Scaler | None]:
    """The scalers of inputs and of targets."""
    scalers = [scaler] if isinstance(scaler, Scaler | None) else scaler
    if (
        not isinstance(scalers, list | tuple)
        or len(scalers) not in (1, 2)
        or not all(isinstance(s, Scaler | None) for s in scalers)
    ):
        raise TypeError(f"to_c: scaler must be an nn.Scaler, or a pair of them, got {describe(scaler)}")
    before, after = (*scalers, None)[:2]
    return before, after


def _inputs(model: Module, scaler: Scaler | None, inputs: int | None) -> int:
    """How many numbers a row has."""
    columns = len(scaler.mean) if scaler else None
    known = next((n for n in (inputs, _nin(model), columns) if n is not None), None)
    if known is None:
        raise TypeError(f"to_c: how many numbers does {model!s:.60} take? Say so: nn.to_c(model, inputs=2)")
    size = integer("inputs", known, 1)
    if scaler:
        scaler.check_columns("to_c", size)
    return size


def _nin(part: object) -> int | None:
    """How many numbers a module says that it takes; of several in a row the first that isn't noise."""
    if isinstance(part, Sequential):
        return next((_nin(each) for each in part.parts if not isinstance(each, Noise | Dropout)), None)
    return getattr(part, "nin", None)


def _check_range(model: Module, real: str) -> None:
    """Raise ValueError where a parameter isn't finite, in single precision either."""
    for name, parameter in model.named_parameters():
        if not math.isfinite(parameter.data):
            raise ValueError(f"to_c: the parameter {name} is {parameter.data!r}")
        if real == "float" and abs(parameter.data) >= LARGEST_SINGLE:
            raise ValueError(f"to_c: the parameter {name} is {parameter.data!r}, beyond C's float; take real='double'")


def _function(model: Module, before: Scaler | None, after: Scaler | None) -> Callable[[list[Any]], list[Any]]:
    """The model with its scalers around it. Their numbers are Values that it captures: of constants 0 and 1 would vanish."""
    shifts, unshifts = _values(before), _values(after)

    def predicted(x: list[Any]) -> list[Any]:
        outputs: Any = model(list(map(scaled, x, *shifts)) if before else x)
        rows = outputs if isinstance(outputs, list | tuple) else [outputs]
        if after is None:
            return list(rows)
        after.check_columns("to_c: the scaler of the targets", len(rows))
        return list(map(unscaled, rows, *unshifts))

    predicted.__name__ = type(model).__name__  # for messages
    return predicted


def _values(scaler: Scaler | None) -> tuple[list[Value], list[Value]]:
    return (list(map(Value, scaler.mean)), list(map(Value, scaler.deviation))) if scaler else ([], [])


def _with_class(text: str, model: str, real: str, sizes: tuple[int, int], threshold: float) -> str:
    """The text with a head and the function for the class."""
    found = re.search(r"^void (\w+)\(", text, re.MULTILINE)
    assert found is not None
    inputs, outputs = sizes
    template, rule = (
        (CLASS_OF_SEVERAL, "the number of the largest") if outputs > 1 else (CLASS_OF_ONE, f"1 above {threshold!r}")
    )
    limit = f"{threshold!r}{'f' * (real == 'float')}"
    known = {"name": found[1], "real": real, "inputs": inputs, "outputs": outputs, "threshold": limit, "rule": rule}
    shown = re.sub(r"[^ -~]|[*/\\?]", "_", model.replace("\u2192", "->"))  # nothing that ends a comment
    bits = " to the last bit" if real == "double" else ""
    return HEAD.format(model=shown[:80], bits=bits, **known) + text + template.format(**known)
