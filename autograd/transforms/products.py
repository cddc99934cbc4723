"""Products in reverse mode: the Hessian times a vector, and weights times the Jacobian; neither matrix is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Literal, overload

from autograd.modes.anomaly import suspend_anomaly
from autograd.modes.context import enable_grad
from autograd.transforms.call import calling, checked, holds_value
from autograd.transforms.reverse import gradient_of
from autograd.transforms.transformed import Transformed
from autograd.transforms.trees import flatten, flatten_like
from autograd.transforms.types import Argnum, Argnums, Function, HessianProduct, Scalar, ScalarFunction
from autograd.value import VALUES, as_operand


@overload
def hvp(f: ScalarFunction, argnums: Argnum = 0, has_aux: Literal[False] = False) -> HessianProduct: ...
@overload
def hvp(f: ScalarFunction, argnums: Sequence[Argnum], has_aux: Literal[False] = False) -> Callable[..., tuple[Any, ...]]: ...
@overload
def hvp(f: Function, argnums: Argnums = 0, *, has_aux: bool) -> Callable[..., tuple[Any, Any]]: ...
def hvp(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """A function of f's arguments and then v that returns the Hessian of f there times v, without the Hessian.

    >>> hvp(lambda x: x[0] ** 2 * x[1])([1.0, 2.0], [1.0, 0.0])
    [4.0, 2.0]

    v has the shape of the argument that ``argnums`` names, and so has the result; of several v is a tuple, and the
    result too. What f takes by keyword comes by keyword:

    >>> hvp(lambda x, y, scale: scale * x ** 2 * y, argnums=(0, 1))(1.0, 2.0, (1.0, 0.0), scale=10.0)
    (40.0, 20.0)

    Costs two backward passes: it differentiates ∇f·v. With ``has_aux`` f returns (value, anything else), and this
    (product, anything else). Raises ValueError where the shapes differ, TypeError where v is missing.
    Source: Pearlmutter (1994).
    """
    return Transformed(f, _hessian_product, argnums=checked(f, argnums, "hvp"), has_aux=has_aux)


def _hessian_product(
    f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums, has_aux: bool
) -> Any:
    """The gradient of ∇f·v, where v is the last of the arguments."""
    gradient_of_f = gradient_of(f, argnums, "hvp", has_aux)
    weights: list[Scalar] = []

    @wraps(f, updated=())
    def along(*args: object, **kwargs: object) -> Any:
        found = gradient_of_f(*args, **kwargs)
        gradients, _ = flatten(found[0] if has_aux else found)
        moved = _weighted(gradients, weights) if gradients else 0.0
        return (moved, found[1]) if has_aux else moved

    if not args:
        raise TypeError("hvp: v is missing; give f's arguments and then v, of the shape of the one it is taken by")
    *given, v = args
    with calling(along, argnums, given, kwargs, "hvp", holds_value(v), has_aux) as call:
        wanted = "hvp: give v the shape of x; got {tree} in the place of {model}"
        weights += [as_operand(w, "hvp: v") for w in flatten_like(v, call.given, wanted)]
        return call.with_aux(call.shaped(call.gradients(call.single(call.run()))))


def _weighted(ys: Sequence[Scalar], weights: Sequence[Scalar]) -> Scalar:
    """Σ y·weight; only its derivatives are asked for, so it may overflow."""
    with enable_grad(), suspend_anomaly():
        return VALUES.dot(*ys, *weights)


@overload
def vjp(f: ScalarFunction, /, *primals: float) -> tuple[float, Callable[[float], tuple[float, ...]]]: ...
@overload
def vjp(f: Function, /, *primals: object, has_aux: Literal[True], **kwargs: object) -> tuple[Any, Function, Any]: ...
@overload
def vjp(
    f: Function, /, *primals: object, has_aux: Literal[False] = False, **kwargs: object
) -> tuple[Any, Callable[[object], tuple[Any, ...]]]: ...
def vjp(f: Function, /, *primals: object, has_aux: bool = False, **kwargs: object) -> Any:
    """f(*primals), and the function that pulls a weight for each output back to the arguments.

    >>> value, pull = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> value, pull([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))

    ``pull(weights)`` takes weights of the value's shape and returns a tuple with one gradient for each
    argument; all of them in one backward pass. Weights may be Values as arguments may, and then the gradients
    are. What f takes by keyword is constant. With ``has_aux`` f returns (value, anything else), and this
    (value, pull, anything else). Raises ValueError where the weights' shape differs.
    """
    every = checked(f, range(len(primals)), "vjp")
    with calling(f, every, primals, kwargs, "vjp", has_aux=has_aux) as call:
        value, outputs, rebuild = call.outputs()

    def pull(weights: object) -> Any:
        wanted = "vjp: the weights need the shape of f's value, give one for each output; got {tree} in the place of {model}"
        given = [as_operand(w, "vjp: weight") for w in flatten_like(weights, value, wanted)]
        with enable_grad():
            return call.shaped(call.gradients(_weighted(outputs, given), holds_value(given)))

    return call.with_aux(rebuild([call.result(y) for y in outputs]), pull)
