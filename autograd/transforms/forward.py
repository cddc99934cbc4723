"""Forward mode: tangents go from the inputs to the result, in topological order.

The same local derivatives as in the backward pass, multiplied in the other order: a check of that pass by another
algorithm. One pass gives the derivative of every output along one direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, overload

from autograd.graph import stale, topological_order
from autograd.interop.coerce import describe
from autograd.modes import context
from autograd.modes.anomaly import derivative_of, no_context, watch_tangent, watching
from autograd.transforms.call import calling, checked, holds_value
from autograd.transforms.trees import flatten_like
from autograd.transforms.types import Function, Scalar, ScalarFunction
from autograd.value import Value, as_operand


@overload
def jvp(f: ScalarFunction, primals: Sequence[float], tangents: Sequence[float]) -> tuple[float, float]: ...
@overload
def jvp(f: Function, primals: Sequence[object], tangents: Sequence[object]) -> tuple[Any, Any]: ...
def jvp(f: Function, primals: Sequence[object], tangents: Sequence[object]) -> tuple[Any, Any]:
    """f(*primals), and how fast it changes when the arguments move along ``tangents``.

    >>> jvp(lambda x, y: [x * y, x + y], (2.0, 3.0), (1.0, 10.0))
    ([6.0, 5.0], [23.0, 11.0])

    Primals and tangents are sequences with one entry for each argument, of the same shapes; both results have the shape
    of f's, and are made of Values where a primal or a tangent is one. Raises ValueError where shapes differ, TypeError
    for what isn't a number.
    Source: Wengert (1964).
    """
    for sequence, what in ((primals, "primals"), (tangents, "tangents")):
        if not isinstance(sequence, list | tuple):
            raise TypeError(f"jvp: {what} must be a tuple with one entry for each argument, got {describe(sequence)}")
    wanted = "jvp: the tangents need the primals' shapes, give one for each number; got {tree} in the place of {model}"
    directions = [as_operand(t, "jvp: tangent") for t in flatten_like(list(tangents), list(primals), wanted)]
    every = checked(f, range(len(primals)), "jvp")
    with calling(f, every, primals, {}, "jvp", create_graph=holds_value(directions)) as call:
        _, outputs, rebuild = call.outputs()
        start = dict(zip(call.leaves, directions, strict=True))
        moved = [
            push_forward(y, start, call.create_graph, call.nodes_behind(y)) if isinstance(y, Value) else 0.0 for y in outputs
        ]
    return rebuild([call.result(y) for y in outputs]), rebuild([call.result(tangent) for tangent in moved])


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
    return pushed(nodes, tangents, create_graph, root).get(root, 0.0)


def pushed(nodes: Iterable[Value], tangents: Mapping[Value, Scalar], create_graph: bool, root: Value) -> dict[Value, Scalar]:
    """The tangents of these nodes too, which come in topological order; ``root`` is what they are behind."""
    tangent_of = dict(tangents)
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
            locals_ = node.local_derivative_values if create_graph else node.local_derivatives
            for parent, local in zip(node.operands, locals_, strict=True):
                if isinstance(parent, float):
                    continue
                if parent._order > node._order:
                    raise stale(root, parent)
                if parent in tangent_of:
                    moved = local * tangent_of[parent]
                    tangent_of[node] = tangent_of[node] + moved if node in tangent_of else moved
                    if watch:
                        watch(node, parent, local, moved, tangent_of[node])
    return tangent_of
