"""Forward mode: tangents go from the inputs to the result, in topological order.

The same local derivatives as in the backward pass, multiplied in the other order: a check of that pass by another
algorithm. One pass gives the derivative of every output along one direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Literal, TypeAlias, overload

from autograd.graph import stale, topological_order
from autograd.interop.coerce import describe
from autograd.modes import context
from autograd.modes.anomaly import derivative_of, no_context, watch_tangent, watching
from autograd.modes.context import enable_grad
from autograd.transforms.call import Call, calling, checked, holds_value
from autograd.transforms.transformed import Transformed
from autograd.transforms.trees import flatten_like
from autograd.transforms.types import Argnum, Argnums, Function, Gradient, JacobianOfList, Scalar, ScalarFunction
from autograd.value import Value, as_operand

Locals: TypeAlias = Callable[[Value], Sequence[Any]]  # of a node its local derivatives, one an operand


@overload
def jvp(f: ScalarFunction, primals: Sequence[float], tangents: Sequence[float]) -> tuple[float, float]: ...
@overload
def jvp(
    f: Function, primals: Sequence[object], tangents: Sequence[object], has_aux: Literal[False] = False, **kwargs: object
) -> tuple[Any, Any]: ...
@overload
def jvp(
    f: Function, primals: Sequence[object], tangents: Sequence[object], has_aux: Literal[True], **kwargs: object
) -> tuple[Any, Any, Any]: ...
def jvp(f: Function, primals: Sequence[object], tangents: Sequence[object], has_aux: bool = False, **kwargs: object) -> Any:
    """f(*primals), and how fast it changes when the arguments move along ``tangents``.

    >>> jvp(lambda x, y: [x * y, x + y], (2.0, 3.0), (1.0, 10.0))
    ([6.0, 5.0], [23.0, 11.0])

    Primals and tangents are sequences with one entry for each argument, of the same shapes; both results have the shape
    of f's, and are made of Values where a primal or a tangent is one. One pass for all outputs. What f takes by keyword
    doesn't move. With ``has_aux`` f returns (value, anything else), and this (value, tangent, anything else). Raises
    ValueError where shapes differ, TypeError for what isn't a number.
    Source: Wengert (1964).
    """
    for sequence, what in ((primals, "primals"), (tangents, "tangents")):
        if not isinstance(sequence, list | tuple):
            raise TypeError(f"jvp: {what} must be a tuple with one entry for each argument, got {describe(sequence)}")
    directions = _directions(tangents, primals, "jvp")
    every = checked(f, range(len(primals)), "jvp")
    with calling(f, every, primals, kwargs, "jvp", holds_value(directions), has_aux) as call:
        _, outputs, rebuild = call.outputs()
        moved = _moved(call, outputs, dict(zip(call.leaves, directions, strict=True)))
        return call.with_aux(rebuild([call.result(y) for y in outputs]), rebuild(moved))


def _directions(tangents: Sequence[object], primals: Sequence[object], who: str) -> list[Scalar]:
    """A number for each of the primals'."""
    wanted = (
        f"{who}: the tangents need the primals' shapes, give one for each number; got {{tree}} in the place of {{model}}"
    )
    return [as_operand(t, f"{who}: tangent") for t in flatten_like(list(tangents), list(primals), wanted)]


def _moved(
    call: Call, outputs: Sequence[Scalar], start: Mapping[Value, Scalar], derivatives: Locals | None = None
) -> list[Scalar]:
    """How fast each output moves where the leaves move so."""
    tangent_of = pushed(reversed(call.order), start, call.create_graph, derivatives)
    return [call.result(tangent_of.get(y, 0.0) if isinstance(y, Value) else 0.0) for y in outputs]


@overload
def linearize(
    f: Function, /, *primals: object, has_aux: Literal[True], **kwargs: object
) -> tuple[Any, Callable[..., Any], Any]: ...
@overload
def linearize(
    f: Function, /, *primals: object, has_aux: Literal[False] = False, **kwargs: object
) -> tuple[Any, Callable[..., Any]]: ...
def linearize(f: Function, /, *primals: object, has_aux: bool = False, **kwargs: object) -> Any:
    """f(*primals), and f's linear approximation there: the function of tangents that ``jvp`` computes.

    >>> value, moved = linearize(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> value, moved(1.0, 10.0), moved(0.0, 1.0)
    ([6.0, 5.0], [23.0, 11.0], [2.0, 1.0])

    ``moved(*tangents)`` takes a tangent for each argument, of its shape, and returns how fast each output changes. f runs
    once and its local derivatives are computed once, for all directions: another takes one multiplication an edge of the
    graph. Tangents may be Values. What f takes by keyword doesn't move. With ``has_aux`` f returns (value, anything else),
    and this (value, moved, anything else). Raises ValueError where shapes differ, TypeError for what isn't a number.
    """
    every = checked(f, range(len(primals)), "linearize")
    with calling(f, every, primals, kwargs, "linearize", has_aux=has_aux) as call:
        _, outputs, rebuild = call.outputs()
    derivatives = cache(_locals(call.create_graph))

    def moved(*tangents: object) -> Any:
        directions = _directions(tangents, primals, "linearize")
        start = dict(zip(call.leaves, directions, strict=True))
        with enable_grad():
            found = pushed(reversed(call.order), start, call.create_graph, derivatives)
            tangent = [found.get(y, 0.0) if isinstance(y, Value) else 0.0 for y in outputs]
        if not holds_value(directions):
            return rebuild([call.result(x) for x in tangent])
        return rebuild([x if isinstance(x, Value) else Value(x) for x in tangent])

    return call.with_aux(rebuild([call.result(y) for y in outputs]), moved)


@overload
def jacfwd(f: Callable[..., list[Any]], argnums: Argnum = 0) -> JacobianOfList: ...
@overload
def jacfwd(f: ScalarFunction, argnums: Argnum = 0) -> Gradient: ...
@overload
def jacfwd(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function: ...
def jacfwd(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """``jacobian`` by forward mode: every derivative of every output, one pass for each number of the argument.

    >>> jacfwd(lambda x: [x ** 2, x ** 3, x ** 4])(2.0)
    [4.0, 12.0, 32.0]

    Choose it where there are fewer numbers to differentiate by than outputs. Arguments, results and errors are those of
    ``jacobian``.
    """
    return Transformed(f, _columns, argnums=checked(f, argnums, "jacfwd"), who="jacfwd", has_aux=has_aux)


def _columns(
    f: Function, args: Sequence[object], kwargs: Mapping[str, object], argnums: Argnums, who: str, has_aux: bool
) -> Any:
    with calling(f, argnums, args, kwargs, who, has_aux=has_aux) as call:
        _, outputs, rebuild = call.outputs()
        derivatives = cache(_locals(call.create_graph))
        columns = [_moved(call, outputs, {leaf: 1.0}, derivatives) for leaf in call.leaves]
        rows = zip(*columns, strict=True) if columns else [()] * len(outputs)
        return call.with_aux(rebuild([call.shaped(row) for row in rows]))


@overload
def push_forward(root: Value, tangents: Mapping[Value, float], create_graph: Literal[False] = False) -> float: ...
@overload
def push_forward(
    root: Value, tangents: Mapping[Value, Scalar], create_graph: bool = False, order: Sequence[Value] | None = None
) -> Scalar: ...
def push_forward(
    root: Value, tangents: Mapping[Value, Scalar], create_graph: bool = False, order: Sequence[Value] | None = None
) -> Scalar:
    """The tangent of ``root``: Σ local derivative × tangent over its operands, from the leaves up.

    ``order`` has the nodes to go through in reverse, where those are only some.

    >>> x = Value(3.0)
    >>> push_forward(x * x, {x: 1.0})
    6.0
    """
    nodes = topological_order(root) if order is None else reversed(order)
    return pushed(nodes, tangents, create_graph).get(root, 0.0)


def _locals(create_graph: bool) -> Locals:
    """The local derivatives of a node: as numbers, or as nodes to be differentiated again."""
    return attrgetter("local_derivative_values" if create_graph else "local_derivatives")


def pushed(
    nodes: Iterable[Value], tangents: Mapping[Value, Scalar], create_graph: bool, derivatives: Locals | None = None
) -> dict[Value, Scalar]:
    """The tangents of these nodes too, which come in topological order; ``derivatives`` gives a node's local ones."""
    tangent_of, derivatives = dict(tangents), derivatives or _locals(create_graph)
    watch = watch_tangent if watching() else None
    within = derivative_of if create_graph else no_context
    tracer = context.tracer()
    for node in nodes:
        if node in tangent_of or not any(parent in tangent_of for parent in node.parents):
            continue
        chosen = tracer.tangent(node, tangent_of) if tracer else None
        if chosen is not None:
            tangent_of[node] = chosen
            continue
        with within(node):
            for parent, local in zip(node.operands, derivatives(node), strict=True):
                if isinstance(parent, float):
                    continue
                if parent._order > node._order:
                    raise stale(node, parent)
                if parent in tangent_of:
                    moved = local * tangent_of[parent]
                    tangent_of[node] = tangent_of[node] + moved if node in tangent_of else moved
                    if watch:
                        watch(node, parent, local, moved, tangent_of[node])
    return tangent_of
