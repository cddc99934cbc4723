"""Derivatives of functions and of nodes: gradient, grad, jacobian, hessian, hvp, vjp, derivative.

All of them run the backward pass of ``autograd.backward``; higher orders run it on its own graph. A
function's arguments may be numbers, lists, tuples, dicts, nested, or NumPy arrays; results have their shape. They are
floats where all arguments are plain numbers, and Values where one of them is a Value: see ``grad``.

>>> grad(lambda x, y: x * y)(2.0, 3.0)
3.0
>>> hessian(lambda x: x[0] ** 2 * x[1])([1.0, 2.0])
[[4.0, 2.0], [2.0, 0.0]]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper
from types import MethodType
from typing import Any, Literal, TypeVar, overload

from autograd.backward import gradients
from autograd.interop.coerce import describe
from autograd.modes import context
from autograd.modes.anomaly import suspend_anomaly
from autograd.modes.context import enable_grad
from autograd.modes.graph_cut import differentiated_by, differentiating
from autograd.transforms.call import advice, calling, checked, global_name, holds_value, name_of
from autograd.transforms.taylor import expanded, order_of
from autograd.transforms.trees import flatten, flatten_like
from autograd.transforms.types import (
    Argnum,
    Argnums,
    Function,
    Gradient,
    Hessian,
    HessianProduct,
    JacobianOfList,
    Scalar,
    ScalarFunction,
    ValueAndGradient,
)
from autograd.value import VALUES, Value, as_operand

Key = TypeVar("Key")


@overload
def gradient(y: Value, xs: Value, create_graph: Literal[True]) -> Value: ...
@overload
def gradient(y: Value, xs: Value, create_graph: Literal[False] = False) -> float: ...
@overload
def gradient(y: Value, xs: list[Value], create_graph: Literal[True]) -> list[Value]: ...
@overload
def gradient(y: Value, xs: list[Value], create_graph: Literal[False] = False) -> list[float]: ...
@overload
def gradient(y: Value, xs: tuple[Value, ...], create_graph: bool = False) -> tuple[Scalar, ...]: ...
@overload
def gradient(y: Value, xs: dict[Key, Value], create_graph: bool = False) -> dict[Key, Scalar]: ...
@overload
def gradient(y: Value, xs: object, create_graph: bool = False) -> Any: ...
def gradient(y: Value, xs: object, create_graph: bool = False) -> Any:
    """d y / d x for nodes that exist already: one, or a list, tuple, dict or array of them.

    >>> a, b = Value(2.0), Value(3.0)
    >>> gradient(a * b, [a, b])
    [3.0, 2.0]

    Nothing is written to ``.grad``. With ``create_graph``, and inside a derivative of a function, the results
    are Values that can be differentiated again. Raises TypeError where ``y`` or an x isn't a Value, ValueError
    where y doesn't depend on an x.
    """
    if isinstance(y, list | tuple | dict):
        raise TypeError(f"gradient: y must be a single Value, got {describe(y)}; take the gradient of each in turn")
    if not isinstance(y, Value):
        hint = ". And a derivative is a Value where it depends on one" if isinstance(y, float) else ""
        raise TypeError(f"gradient: y must be a Value, got {describe(y)}; {advice(y)}{hint}")
    nodes, rebuild = flatten(xs)
    for i, x in enumerate(nodes):
        if not isinstance(x, Value):
            raise TypeError(f"gradient: x[{i}] must be a Value of y's graph, got {describe(x)}")
    create_graph = create_graph or differentiating() or context.tracer() is not None or bool(differentiated_by(y))
    by_node = gradients(y, Value(1.0) if create_graph else 1.0)
    for i, x in enumerate(nodes):
        if x not in by_node:
            raise ValueError(
                f"gradient: y doesn't depend on x[{i}] = {x!r}; compute y from that very node, or use grad(f), "
                "which gives 0 for an argument that isn't used"
            )
    return rebuild([_as_node(by_node[x]) if create_graph else by_node[x] for x in nodes])


def _as_node(x: Scalar) -> Value:
    return x if isinstance(x, Value) else Value(x)


# -- derivatives of functions ------------------------------------------------------------------------


class Transformed:
    """A derivative of a function: called like f, bound to objects like a method, and pickled as f and its options."""

    __name__: str

    def __init__(self, f: Function, transform: Callable[..., Any], **options: object):
        self.f, self.transform, self.options = f, transform, options
        update_wrapper(self, f, updated=())

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self.transform(self.f, args, kwargs, **self.options)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<{self.options.get('who', 'derivative')} of {name_of(self.f)}>"

    def __reduce__(self) -> str | tuple[object, ...]:
        return global_name(self, self.f) or (_transformed, (self.f, self.transform, self.options))


def _transformed(f: Function, transform: Callable[..., Any], options: Mapping[str, object]) -> Transformed:
    return Transformed(f, transform, **options)


@overload
def value_and_grad(f: ScalarFunction, argnums: Argnum = 0, has_aux: Literal[False] = False) -> ValueAndGradient: ...
@overload
def value_and_grad(
    f: ScalarFunction, argnums: Sequence[Argnum], has_aux: Literal[False] = False
) -> Callable[..., tuple[Any, tuple[Any, ...]]]: ...
@overload
def value_and_grad(f: Function, argnums: Argnums, has_aux: bool) -> Callable[..., tuple[tuple[Any, Any], Any]]: ...
@overload
def value_and_grad(f: Function, argnums: Argnums = 0, *, has_aux: bool) -> Callable[..., tuple[tuple[Any, Any], Any]]: ...
def value_and_grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """A function that returns f's value and its gradient.

    >>> value_and_grad(lambda x: x ** 3)(2.0)
    (8.0, 12.0)

    ``argnums`` names the arguments to differentiate by: an index, a keyword, or several of them (then a tuple
    of gradients comes back). With ``has_aux`` f returns (value, anything else) and so does this:
    ((value, anything else), gradient). Raises TypeError where f's value isn't a single Value.
    """
    argnums = checked(f, argnums, "value_and_grad")
    return Transformed(f, _value_and_gradient, argnums=argnums, who="value_and_grad", has_aux=has_aux)


def _value_and_gradient(
    f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums, who: str, has_aux: bool = False
) -> tuple[Any, Any]:
    with calling(f, argnums, args, kwargs, who) as call:
        result = call.run()
        result, aux = call.with_aux(result) if has_aux else (result, None)
        y = call.single(result)
        value, dydx = call.result(y), call.shaped(call.gradients(y))
    return ((value, aux), dydx) if has_aux else (value, dydx)


@overload
def grad(f: ScalarFunction, argnums: Argnum = 0) -> Gradient: ...
@overload
def grad(f: ScalarFunction, argnums: Sequence[Argnum]) -> Callable[..., tuple[Any, ...]]: ...
def grad(f: ScalarFunction, argnums: Argnums = 0) -> Function:
    """A function that returns the gradient of f: the same shape as the argument it is taken by.

    >>> grad(lambda p: p["w"] * 2.0 + p["b"] ** 2)({"w": 1.0, "b": 3.0})
    {'w': 2.0, 'b': 6.0}

    Plain numbers in, floats out. Where any argument is a Value or holds one, named by ``argnums`` or not, the
    gradient is made of Values: functions of all that was passed in, to be differentiated again.

    >>> x, w = Value(2.0), Value(3.0)
    >>> dydx = grad(lambda x, w: w * x ** 2)(x, w)  # 2·w·x
    >>> dydx, gradient(dydx, [x, w])
    (Value(12.0), [6.0, 4.0])

    Inside another derivative the same holds for that one's variables, where f captures them. Any other Value that f
    captures is a constant; pass it as an argument to differentiate by it. See ``value_and_grad`` for ``argnums`` and
    errors.
    """
    return _grad(f, argnums, "grad")


def _grad(f: Function, argnums: Argnums, who: str) -> Function:
    return Transformed(f, _gradient, argnums=checked(f, argnums, who), who=who)


def _gradient(f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums, who: str) -> Any:
    return _value_and_gradient(f, args, kwargs, argnums, who)[1]


@overload
def jacobian(f: Callable[..., list[Any]], argnums: Argnum = 0) -> JacobianOfList: ...
@overload
def jacobian(f: ScalarFunction, argnums: Argnum = 0) -> Gradient: ...
@overload
def jacobian(f: Function, argnums: Argnums = 0) -> Function: ...
def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """A function that returns every derivative of every output of f: the outputs' shape, then the argument's.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]

    The outputs' structure is outermost; instead of each output it holds that output's gradient, as ``grad`` gives it:

    >>> f = lambda w, b: {"product": w[0] * w[1], "sum": w[0] + b}
    >>> jacobian(f, argnums=(0, 1))([2.0, 3.0], 5.0)
    {'product': ([3.0, 2.0], 0.0), 'sum': ([1.0, 0.0], 1.0)}

    One forward pass, and one backward pass for each output. Raises TypeError where an output isn't a number.
    """
    return _jacobian(f, argnums, "jacobian")


def _jacobian(f: Function, argnums: Argnums, who: str) -> Function:
    return Transformed(f, _rows, argnums=checked(f, argnums, who), who=who)


def _rows(f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums, who: str) -> Any:
    with calling(f, argnums, args, kwargs, who) as call:
        _, outputs, rebuild = call.outputs()
        return rebuild([call.shaped(call.gradients(y)) for y in outputs])


@overload
def hessian(f: ScalarFunction, argnums: Argnum = 0) -> Hessian: ...
@overload
def hessian(f: ScalarFunction, argnums: Sequence[Argnum]) -> Callable[..., tuple[Any, ...]]: ...
def hessian(f: ScalarFunction, argnums: Argnums = 0) -> Function:
    """A function that returns the second derivatives of f: the argument's shape, twice.

    >>> hessian(lambda x: x ** 3)(2.0)
    12.0

    One backward pass, and one over its graph for each number of the argument. Errors as ``grad``.
    """
    return Transformed(f, _hessian, argnums=checked(f, argnums, "hessian"))


def _hessian(f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums) -> Any:
    return _rows(_grad(f, argnums, "hessian"), args, kwargs, argnums, "hessian")


def hvp(f: ScalarFunction) -> HessianProduct:
    """A function of (x, v) that returns the Hessian of f at x times v, without the Hessian.

    >>> hvp(lambda x: x[0] ** 2 * x[1])([1.0, 2.0], [1.0, 0.0])
    [4.0, 2.0]

    Costs two backward passes: it differentiates ∇f·v. x and v have the same shape, and so has the result.
    Raises ValueError where their shapes differ. Source: Pearlmutter (1994).
    """
    checked(f, 0, "hvp")
    return Transformed(f, _hessian_product)


def _hessian_product(f: Function, args: Sequence[object], kwargs: Mapping[str, object]) -> Any:
    """The gradient of ∇f·v, at arguments x and v."""
    gradient_of_f = _grad(f, 0, "hvp")

    def along(x: object, direction: list[Scalar]) -> Scalar:
        gradients, _ = flatten(gradient_of_f(x))
        return _weighted(gradients, direction) if gradients else 0.0

    def product(x: object, v: object) -> Any:
        wanted = "hvp: give v the shape of x; got {tree} in the place of {model}"
        weights = [as_operand(w, "hvp: v") for w in flatten_like(v, x, wanted)]
        return _gradient(along, (x, weights), {}, 0, "hvp")

    return product(*args, **kwargs)


def _weighted(ys: Sequence[Scalar], weights: Sequence[Scalar]) -> Scalar:
    """Σ y·weight; only its derivatives are asked for, so it may overflow."""
    with enable_grad(), suspend_anomaly():
        return VALUES.dot(*ys, *weights)


@overload
def vjp(f: ScalarFunction, *primals: float) -> tuple[float, Callable[[float], tuple[float, ...]]]: ...
@overload
def vjp(f: Function, *primals: object) -> tuple[Any, Callable[[object], tuple[Any, ...]]]: ...
def vjp(f: Function, *primals: object) -> tuple[Any, Function]:
    """f(*primals), and the function that pulls a weight for each output back to the arguments.

    >>> value, pull = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> value, pull([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))

    ``pull(weights)`` takes weights of the value's shape and returns a tuple with one gradient for each
    argument; all of them in one backward pass. Weights may be Values as arguments may, and then the gradients
    are. Raises ValueError where the weights' shape differs.
    """
    every = checked(f, range(len(primals)), "vjp")
    with calling(f, every, primals, {}, "vjp") as call:
        value, outputs, rebuild = call.outputs()

    def pull(weights: object) -> Any:
        wanted = "vjp: the weights need the shape of f's value, give one for each output; got {tree} in the place of {model}"
        given = [as_operand(w, "vjp: weight") for w in flatten_like(weights, value, wanted)]
        with enable_grad():
            return call.shaped(call.gradients(_weighted(outputs, given), holds_value(given)))

    return rebuild([call.result(y) for y in outputs]), pull


@overload
def derivative(f: ScalarFunction, x: Value, n: int = 1) -> Value: ...
@overload
def derivative(f: ScalarFunction, x: float, n: int = 1) -> float: ...
def derivative(f: ScalarFunction, x: Scalar, n: int = 1) -> Scalar:
    """The n-th derivative of a function of one number, at x.

    >>> derivative(lambda x: x ** 4, 2.0, 3)
    48.0

    The first by the backward pass, higher ones by the power series of ``taylor``: n! times its last coefficient. Raises
    ValueError for n < 0, TypeError where f(x) isn't a single Value.
    """
    n = order_of(n, "derivative")
    if n > 1:
        coefficient = expanded(f, x, n, "derivative")[-1]
        for k in range(2, n + 1):  # n! itself may be more than a float
            coefficient = coefficient * k
        return coefficient
    with calling(f, checked(f, 0, "derivative"), (as_operand(x, "derivative: x"),), {}, "derivative") as call:
        y: Scalar = call.single(call.run())
        return call.result(call.gradients(y)[0] if n else y)
