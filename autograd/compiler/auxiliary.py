"""``has_aux``: transforms of functions that return a value and something beside it."""

from __future__ import annotations

from functools import wraps
from typing import Any, NamedTuple

from autograd.compiler.outputs import Tree
from autograd.compiler.signature import Spec
from autograd.compiler.transforms import HAS_AUX, TRANSFORMS, Options, Outputs, Returned, Transform, numbers_of
from autograd.interop.coerce import describe
from autograd.transforms.call import name_of
from autograd.transforms.trees import Rebuild
from autograd.transforms.types import Scalar
from autograd.value import Value


class Beside(NamedTuple):
    """How outputs make a result, how many they are, and how those behind them make what f returns beside its value."""

    rebuild: Any
    outputs: int
    rebuild_aux: Rebuild


def _with_aux(transform: Transform, in_tuple: bool) -> Transform:
    """The same for a function that returns (value, aux); aux stands behind the result, or ``in_tuple`` in it."""

    def run(options: Options, spec: Spec, leaves: list[Value]) -> Returned:
        found: list[object] = []

        @wraps(options.f, updated=())
        def value_alone(*args: object) -> object:
            value, aux = _pair(options, options.f(*args))
            found.append(aux)
            return value

        ys, rebuild = transform.run(options._replace(f=value_alone), spec, leaves)
        numbers, rebuild_aux = numbers_of(options, found[-1])
        return [*ys, *numbers], Beside(rebuild, len(ys), rebuild_aux)

    def result(outputs: Outputs, ys: list[Scalar], beside: Beside) -> Tree:
        made: Any = transform.result(outputs, ys[: beside.outputs], beside.rebuild)
        aux = beside.rebuild_aux([outputs.value(y, f"aux[{i}]") for i, y in enumerate(ys[beside.outputs :])])
        return (*made, aux) if in_tuple else (made, aux)

    return Transform(run, result)


def _pair(options: Options, result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(f"compile: with has_aux {name_of(options.f)} must return (value, aux), got {describe(result)}")
    return result


ALL_TRANSFORMS = TRANSFORMS | {
    f"{name}{HAS_AUX}": _with_aux(TRANSFORMS[name], in_tuple=name == "jvp")
    for name in ("grad", "jacobian", "hessian", "hvp", "jvp")
}
