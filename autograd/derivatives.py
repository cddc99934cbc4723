"""Derivatives of functions and of nodes: gradient, grad, jacobian, hessian, hvp, vjp, derivative.

All of them run the backward pass of ``autograd.backward``; higher orders run it on its own graph. A
function's arguments may be numbers, lists, tuples, dicts, nested, or NumPy arrays; results have their shape.

>>> grad(lambda x, y: x * y)(2.0, 3.0)
3.0
>>> hessian(lambda x: x[0] ** 2 * x[1])([1.0, 2.0])
[[4.0, 2.0], [2.0, 0.0]]
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeAlias

from autograd import rules
from autograd.convert import as_number, described, has_axes
from autograd.modes import enable_grad, unwatched
from autograd.trees import Rebuild, flatten, flatten_like
from autograd.value import VALUES, Value, gradients, record

Argnums: TypeAlias = int | str | Sequence[int | str]

# How many derivatives of functions are being taken around this one: an inner one must keep its graph.
_depth: ContextVar[int] = ContextVar("depth", default=0)


def gradient(y: Value, xs: Any, create_graph: bool = False) -> Any:
    """d y / d x for nodes that exist already: one, or a list, tuple, dict or array of them.

    >>> a, b = Value(2.0), Value(3.0)
    >>> gradient(a * b, [a, b])
    [3.0, 2.0]

    Nothing is written to ``.grad``. With ``create_graph``, and inside a derivative of a function, the results
    are Values that can be differentiated again. Raises TypeError where ``y`` or an x isn't a Value, ValueError
    where y doesn't depend on an x.
    """
    if not isinstance(y, Value):
        raise TypeError(f"gradient: y must be a Value, got {described(y)}; {_CUT}")
    nodes, rebuild = flatten(xs)
    for i, x in enumerate(nodes):
        if not isinstance(x, Value):
            raise TypeError(f"gradient: x[{i}] must be a Value of y's graph, got {described(x)}")
    found = gradients(y, 1.0, create_graph or _depth.get() > 0)
    for i, x in enumerate(nodes):
        if x not in found:
            raise ValueError(
                f"gradient: y doesn't depend on x[{i}] = {x!r}; compute y from that very node, or use grad(f), "
                "which gives 0 for an argument that isn't used"
            )
    return rebuild([found[x] for x in nodes])


_CUT = (
    "a plain number has no graph: was it cut by float(v), v.data, int(v) or a math function? "
    "Write autograd.sin(v) or v.sin() instead of math.sin(v)"
)


# -- derivatives of functions ------------------------------------------------------------------------


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns f's value and its gradient.

    >>> value_and_grad(lambda x: x ** 3)(2.0)
    (8.0, 12.0)

    ``argnums`` names the arguments to differentiate by: a place, a keyword, or several of them (then a tuple
    of gradients comes back). With ``has_aux`` f returns (value, anything else) and so does this:
    ((value, anything else), gradient). Raises TypeError where f's value isn't a single Value.
    """

    @wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        with _differentiating() as inner:
            call = _Call(f, argnums, args, kwargs, "grad", inner)
            result = call.run()
            result, aux = _value_and_aux(result, f) if has_aux else (result, None)
            y = _single(result, f, "grad")
            slopes = call.shaped(call.slopes(y))
        value = call.kept(y)
        return ((value, aux), slopes) if has_aux else (value, slopes)

    return value_and_gradient


def grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that returns the gradient of f: the same shape as the argument it is taken by.

    >>> grad(lambda p: p["w"] * 2.0 + p["b"] ** 2)({"w": 1.0, "b": 3.0})
    {'w': 2.0, 'b': 6.0}

    Numbers in, numbers out; where an argument is a Value, or inside another derivative, the gradient is made
    of Values and can be differentiated again. See ``value_and_grad`` for ``argnums`` and errors.
    """
    with_value = value_and_grad(f, argnums)

    @wraps(f)
    def gradient_of_f(*args: Any, **kwargs: Any) -> Any:
        return with_value(*args, **kwargs)[1]

    return gradient_of_f


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that returns every derivative of every output of f: the outputs' shape, then the argument's.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]

    One forward pass, and one backward pass for each output. Raises TypeError where an output isn't a number.
    """

    @wraps(f)
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        with _differentiating() as inner:
            call = _Call(f, argnums, args, kwargs, "jacobian", inner)
            _, outputs, rebuild = call.outputs()
            return rebuild([call.shaped(call.slopes(y)) for y in outputs])

    return jacobian_of_f


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that returns the second derivatives of f: the argument's shape, twice.

    >>> hessian(lambda x: x ** 3)(2.0)
    12.0

    One backward pass, and one over its graph for each number of the argument. Errors as ``grad``.
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function of (x, v) that returns the Hessian of f at x times v, without the Hessian.

    >>> hvp(lambda x: x[0] ** 2 * x[1])([1.0, 2.0], [1.0, 0.0])
    [4.0, 2.0]

    Costs two backward passes: it differentiates ∇f·v. x and v have the same shape, and so has the result.
    Raises ValueError where their shapes differ. Source: Pearlmutter (1994).
    """
    slope = grad(f)

    @wraps(f)
    def hessian_times_v(x: Any, v: Any) -> Any:
        direction = [_number(w, "hvp: v") for w in flatten_like(v, x, "hvp: give v the shape of x")]

        def along(point: Any) -> Any:
            slopes, _ = flatten(slope(point))
            return _weighted(slopes, direction) if slopes else Value(0.0)

        return grad(along)(x)

    return hessian_times_v


def _weighted(ys: list[Any], weights: list[Any]) -> Any:
    """Σ y·weight; only its derivatives are asked for, so it may overflow."""
    with enable_grad(), unwatched():
        return VALUES.dot(*ys, *weights)


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], Any]]:
    """f(*primals), and the function that pulls a weight for each output back to the arguments.

    >>> value, pull = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> value, pull([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))

    ``pull(weights)`` takes weights of the value's shape and returns a tuple with one gradient for each
    argument; all of them in one backward pass. Raises ValueError where the weights' shape differs.
    """
    with _differentiating() as inner:
        call = _Call(f, range(len(primals)), primals, {}, "vjp", inner)
        value, outputs, rebuild = call.outputs()

    def pull(weights: Any) -> Any:
        advice = "vjp: the weights need the shape of f's value, give one for each output"
        given = [_number(w, "vjp: weight") for w in flatten_like(weights, value, advice)]
        with enable_grad():
            return call.shaped(call.slopes(_weighted(outputs, given), _any_value(given)))

    return rebuild([call.kept(y) for y in outputs]), pull


def derivative(f: Callable[[Any], Any], x: Any, n: int = 1) -> Any:
    """The n-th derivative of a function of one number, at x.

    >>> derivative(lambda x: x ** 4, 2.0, 3)
    48.0

    Each order differentiates the backward pass of the one before. Raises ValueError for n < 0, TypeError
    where f(x) isn't a single Value.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        raise ValueError(f"derivative: n must be an int ≥ 0, got {described(n)}")
    with _differentiating() as inner:
        call = _Call(f, 0, (_number(x, "derivative: x"),), {}, "derivative", inner)
        y = _single(call.run(), f, "derivative")
        for order in range(n):
            (y,) = call.slopes(y, create_graph=order < n - 1)
    return call.kept(y)


# -- how a function is called ------------------------------------------------------------------------


@contextmanager
def _differentiating() -> Iterator[bool]:
    """Counts the derivative being taken; yields whether it is inside another one."""
    depth = _depth.get()
    token = _depth.set(depth + 1)
    try:
        with enable_grad():
            yield depth > 0
    finally:
        _depth.reset(token)


class _Call:
    """One call of f with the arguments at ``argnums`` replaced by fresh nodes, its ``leaves``.

    Fresh ones even for Values: what f has captured of them is not its argument (no perturbation confusion).
    """

    def __init__(
        self, f: Callable[..., Any], argnums: Argnums, args: Sequence[Any], kwargs: dict[str, Any], who: str, inner: bool
    ):
        self.f, self.args, self.kwargs, self.who = f, list(args), dict(kwargs), who
        self.single = isinstance(argnums, str) or not isinstance(argnums, Iterable)
        chosen: list[Any] = list(argnums) if not self.single else [argnums]  # type: ignore[arg-type]
        self.places = [_place(f, a, self.args, self.kwargs, who) for a in chosen]
        if len(set(self.places)) < len(self.places):
            raise ValueError(f"{who}: argnums {argnums!r} names an argument twice; name each once")
        trees = [flatten(self._holder(p)[p]) for p in self.places]
        self.keep = inner or any(_any_value(leaves) for leaves, _ in trees)
        self.parts = [
            ([_fresh(x, f"{who}: argument {p!r}") for x in leaves], make)
            for p, (leaves, make) in zip(self.places, trees, strict=True)
        ]
        self.leaves = [leaf for leaves, _ in self.parts for leaf in leaves]

    def _holder(self, place: int | str) -> Any:
        return self.kwargs if isinstance(place, str) else self.args

    def run(self) -> Any:
        for place, (leaves, make) in zip(self.places, self.parts, strict=True):
            self._holder(place)[place] = make(leaves)
        return self.f(*self.args, **self.kwargs)

    def outputs(self) -> tuple[Any, list[Any], Rebuild]:
        """What f returns, its numbers, and how they are put together."""
        result = self.run()
        outputs, rebuild = flatten(result)
        if outputs and self.leaves and not _any_value(outputs):
            raise TypeError(f"{self.who}: {_name(self.f)} must return a Value, got {described(result)}; {_CUT}")
        return result, [_number(y, f"{self.who}: each output of f") for y in outputs], rebuild

    def slopes(self, y: Any, create_graph: bool = False) -> list[Any]:
        """d y / d leaf for every leaf, 0 for those that y doesn't depend on."""
        found = gradients(y, 1.0, self.keep or create_graph) if isinstance(y, Value) else {}
        zero = Value(0.0) if self.keep or create_graph else 0.0
        return [found.get(leaf, zero) for leaf in self.leaves]

    def kept(self, y: Any) -> Any:
        """y as a Value where derivatives of derivatives are taken, else its number."""
        if not self.keep:
            return float(y)
        return y if isinstance(y, Value) else Value(y)

    def shaped(self, numbers: list[Any]) -> Any:
        """One number for each leaf, in the shape of the arguments."""
        results, start = [], 0
        for leaves, make in self.parts:
            results.append(make(numbers[start : start + len(leaves)]))
            start += len(leaves)
        return results[0] if self.single else tuple(results)


def _place(f: Callable[..., Any], argnum: int | str, args: list[Any], kwargs: dict[str, Any], who: str) -> int | str:
    """Where the argument stands in this call: an index, or a keyword."""
    if isinstance(argnum, str):
        if argnum in kwargs:
            return argnum
        places = {name: i for i, name in enumerate(_positional(f)[: len(args)])}
        if argnum in places:
            return places[argnum]
    elif isinstance(argnum, bool) or not hasattr(argnum, "__index__"):
        raise TypeError(f"{who}: argnums must be a place, a keyword or several of them, got {described(argnum)}")
    elif -len(args) <= argnum < len(args):
        return operator.index(argnum) % len(args)
    given = ", ".join([*map(str, range(len(args))), *map(repr, kwargs)]) or "none"
    raise ValueError(f"{who}: argnums names argument {argnum!r}, but the call has {given}")


def _positional(f: Callable[..., Any]) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [name for name, p in inspect.signature(f).parameters.items() if p.kind in kinds]


def _number(x: Any, where: str) -> Any:
    return x if isinstance(x, Value) else as_number(x, where)


def _fresh(x: Any, where: str) -> Value:
    return record(rules.IDENTITY, x.data, x) if isinstance(x, Value) else Value(as_number(x, where))


def _any_value(leaves: Sequence[Any]) -> bool:
    return any(isinstance(leaf, Value) for leaf in leaves)


def _value_and_aux(result: Any, f: Callable[..., Any]) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(f"grad: with has_aux {_name(f)} must return (value, aux), got {described(result)}")
    return result


def _single(y: Any, f: Callable[..., Any], who: str = "grad") -> Value:
    """f's result, if it is one Value."""
    if isinstance(y, Value):
        return y
    if isinstance(y, list | tuple | dict) or has_axes(y):
        raise TypeError(
            f"{who}: {_name(f)} must return a single Value, got {described(y)}; use jacobian for several outputs"
        )
    raise TypeError(f"{who}: {_name(f)} must return a Value, got {described(y)}; {_CUT}")


def _name(f: Callable[..., Any]) -> str:
    return str(getattr(f, "__name__", f))
