"""Derivatives of functions and of nodes: gradient, grad, jacobian, hessian, derivative.

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
from typing import Any, Literal, TypeVar, overload

from autograd.backward import gradients
from autograd.interop.coerce import describe
from autograd.modes import context
from autograd.modes.graph_cut import differentiated_by, differentiating
from autograd.transforms.call import advice, calling, checked
from autograd.transforms.sparse import sparse_hessian, sparse_rows
from autograd.transforms.taylor import expanded, order_of
from autograd.transforms.transformed import Transformed
from autograd.transforms.trees import flatten
from autograd.transforms.types import (
    Argnum,
    Argnums,
    Function,
    Gradient,
    Hessian,
    JacobianOfList,
    Scalar,
    ScalarFunction,
    ValueAndGradient,
)
from autograd.value import Value, as_operand

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
    with calling(f, argnums, args, kwargs, who, has_aux=has_aux) as call:
        y = call.single(call.run())
        return call.with_aux(call.result(y)), call.shaped(call.gradients(y))


@overload
def grad(f: ScalarFunction, argnums: Argnum = 0, has_aux: Literal[False] = False) -> Gradient: ...
@overload
def grad(
    f: ScalarFunction, argnums: Sequence[Argnum], has_aux: Literal[False] = False
) -> Callable[..., tuple[Any, ...]]: ...
@overload
def grad(f: Function, argnums: Argnums = 0, *, has_aux: bool) -> Callable[..., tuple[Any, Any]]: ...
def grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
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
    captures is a constant; pass it as an argument to differentiate by it.

    With ``has_aux`` f returns (value, anything else), and this (gradient, anything else). See ``value_and_grad`` for
    ``argnums`` and errors.
    """
    return gradient_of(f, argnums, "grad", has_aux)


def gradient_of(f: Function, argnums: Argnums, who: str, has_aux: bool = False) -> Function:
    """``grad``, for the function that the user has called."""
    return Transformed(f, _gradient, argnums=checked(f, argnums, who), who=who, has_aux=has_aux)


def _gradient(
    f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums, who: str, has_aux: bool = False
) -> Any:
    with calling(f, argnums, args, kwargs, who, has_aux=has_aux) as call:
        return call.with_aux(call.shaped(call.gradients(call.single(call.run()))))


@overload
def jacobian(f: Callable[..., list[Any]], argnums: Argnum = 0) -> JacobianOfList: ...
@overload
def jacobian(f: ScalarFunction, argnums: Argnum = 0) -> Gradient: ...
@overload
def jacobian(f: Function, argnums: Argnums = 0, has_aux: bool = False, sparse: bool = False) -> Function: ...
def jacobian(f: Function, argnums: Argnums = 0, has_aux: bool = False, sparse: bool = False) -> Function:
    """A function that returns every derivative of every output of f: the outputs' shape, then the argument's.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]

    The outputs' structure is outermost; instead of each output it holds that output's gradient, as ``grad`` gives it:

    >>> f = lambda w, b: {"product": w[0] * w[1], "sum": w[0] + b}
    >>> jacobian(f, argnums=(0, 1))([2.0, 3.0], 5.0)
    {'product': ([3.0, 2.0], 0.0), 'sum': ([1.0, 0.0], 1.0)}

    One backward pass for each output; ``jacfwd`` gives the same by one pass for each number of the argument. With
    ``has_aux`` f returns (outputs, anything else), and this (Jacobian, anything else).

    With ``sparse`` it is a ``scipy.sparse.csr_array``, a row for each output and a column for each number of the argument,
    both in order; of several arguments a tuple of them:

    >>> f = lambda x: [x[i + 1] - x[i] ** 2 for i in range(999)]
    >>> matrix = jacobian(f, sparse=True)([0.5] * 1000)
    >>> matrix.shape, matrix.nnz, float(matrix[0, 0])
    ((999, 1000), 1998, -1.0)

    Entries are those that a path of f's operations leads to, in the branches that it takes at this point: other points may
    have others. Columns, or rows, without a common row are computed together: here two passes do for all thousand. A step
    as ``floor`` counts as a path, though its derivative is 0.

    Raises TypeError where an output isn't a number, and with ``sparse`` where the result would be made of Values;
    ImportError where SciPy is missing.
    Source: Curtis, Powell & Reid (1974); Gebremedhin, Manne & Pothen, *What color is your Jacobian?* (2005).
    """
    options: dict[str, Any] = {"argnums": checked(f, argnums, "jacobian"), "who": "jacobian", "has_aux": has_aux}
    return Transformed(f, sparse_rows if sparse else _rows, **options)


def _rows(
    f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums, who: str, has_aux: bool = False
) -> Any:
    with calling(f, argnums, args, kwargs, who, has_aux=has_aux) as call:
        _, outputs, rebuild = call.outputs()
        return call.with_aux(rebuild([call.shaped(call.gradients(y)) for y in outputs]))


@overload
def hessian(f: ScalarFunction, argnums: Argnum = 0) -> Hessian: ...
@overload
def hessian(f: ScalarFunction, argnums: Sequence[Argnum]) -> Callable[..., tuple[Any, ...]]: ...
@overload
def hessian(f: Function, argnums: Argnums = 0, has_aux: bool = False, *, sparse: bool) -> Function: ...
@overload
def hessian(f: Function, argnums: Argnums = 0, *, has_aux: bool) -> Callable[..., tuple[Any, Any]]: ...
def hessian(f: Function, argnums: Argnums = 0, has_aux: bool = False, sparse: bool = False) -> Function:
    """A function that returns the second derivatives of f: the argument's shape, twice.

    >>> hessian(lambda x: x ** 3)(2.0)
    12.0

    One backward pass, and one over its graph for each number of the argument. With ``has_aux`` f returns
    (value, anything else), and this (Hessian, anything else).

    With ``sparse`` it is a ``scipy.sparse.csr_array`` with a row and a column for each number of the argument, exactly
    symmetric; of several arguments a tuple of tuples of them, one for each pair:

    >>> f = lambda x: sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(999))
    >>> matrix = hessian(f, sparse=True)([0.5] * 1000)
    >>> matrix.shape, matrix.nnz  # tridiagonal
    ((1000, 1000), 2998)

    Entries are those of the inputs that meet in an operation that is curved in them, in the branches that f takes at this
    point; max, abs and relu aren't curved. Columns are coloured as stars, so that each entry or its mirror image is the only
    one of its row in its pass: here three passes, forwards and back, do for all thousand. Errors as ``grad``; ImportError
    where SciPy is missing.
    Source: Walther (2008) for the pattern; Gebremedhin, Manne & Pothen (2005) for the colouring.
    """
    options: dict[str, Any] = {"argnums": checked(f, argnums, "hessian"), "who": "hessian", "has_aux": has_aux}
    return Transformed(f, sparse_hessian if sparse else _hessian, **options)


def _hessian(
    f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums, who: str, has_aux: bool = False
) -> Any:
    return _rows(gradient_of(f, argnums, who, has_aux), args, kwargs, argnums, who, has_aux)


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
