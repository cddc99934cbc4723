"""How a function is called to be differentiated: on fresh Values, its arguments chosen, its result checked.

>>> with calling(lambda x, y: x * y, 0, (2.0, 3.0), {}, "grad") as call:
...     y = call.single(call.run())
...     y.data, call.gradients(y)
(6.0, [3.0])
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Real
from typing import Any

from autograd.backward import gradients
from autograd.interop.coerce import describe, has_axes, holds_objects
from autograd.modes.context import enable_grad
from autograd.rules import table as rules
from autograd.transforms.trees import Rebuild, flatten, opened
from autograd.transforms.types import Argnum, Argnums, Function, Scalar
from autograd.value import Value, as_operand, record

# How many derivatives of functions are being taken around this one: an inner one must keep its graph.
_depth: ContextVar[int] = ContextVar("depth", default=0)


def differentiating() -> bool:
    """Whether this thread is inside the derivative of a function."""
    return _depth.get() > 0


@contextmanager
def calling(
    f: Function, argnums: Argnums, args: Sequence[object], kwargs: Mapping[str, object], who: str, create_graph: bool = False
) -> Iterator[Call]:
    """A ``Call`` and the context to make it in. With ``create_graph`` its results can be differentiated again."""
    create_graph = create_graph or differentiating()
    token = _depth.set(_depth.get() + 1)
    try:
        with enable_grad():
            yield Call(f, argnums, args, kwargs, who, create_graph)
    finally:
        _depth.reset(token)


class Call:
    """One call of f with the arguments at ``argnums`` replaced by fresh nodes, its ``leaves``.

    Fresh ones even for Values: what f has captured of them is not its argument (no perturbation confusion).
    Where any argument holds a Value, the results are Values too: functions of all that was passed in.
    """

    def __init__(
        self,
        f: Function,
        argnums: Argnums,
        args: Sequence[object],
        kwargs: Mapping[str, object],
        who: str,
        create_graph: bool,
    ):
        self.f, self.args, self.kwargs, self.who = f, list(args), dict(kwargs), who
        self.alone = _alone(argnums)
        self.create_graph = create_graph or holds_value(self.args) or holds_value(self.kwargs)
        self.chosen = [self._index(argnum) for argnum in _as_list(argnums)]
        if len(set(self.chosen)) < len(self.chosen):
            raise ValueError(f"{who}: argnums {argnums!r} names an argument twice; name each once")
        self.parts: list[tuple[list[Value], Rebuild]] = []
        for index in self.chosen:
            numbers, rebuild = flatten(self.kwargs[index] if isinstance(index, str) else self.args[index])
            self.parts.append(([_fresh(x, f"{who}: argument {index!r}") for x in numbers], rebuild))
        self.leaves = [leaf for leaves, _ in self.parts for leaf in leaves]

    def _index(self, argnum: Argnum) -> Argnum:
        """Which argument of this call it names: an index, or a keyword."""
        count = len(self.args)
        if isinstance(argnum, str):
            if argnum in self.kwargs:
                return argnum
            names = _positional(self.f)[:count]
            if argnum in names:
                return names.index(argnum)
        elif -count <= argnum < count:
            return operator.index(argnum) % count
        given = ", ".join([*map(str, range(count)), *map(repr, self.kwargs)]) or "none"
        raise ValueError(f"{self.who}: argnums names argument {argnum!r}, but the call has {given}")

    def run(self) -> Any:
        """What f returns for its leaves instead of the numbers."""
        for index, (leaves, rebuild) in zip(self.chosen, self.parts, strict=True):
            if isinstance(index, str):
                self.kwargs[index] = rebuild(leaves)
            else:
                self.args[index] = rebuild(leaves)
        return self.f(*self.args, **self.kwargs)

    def single(self, y: object) -> Value:
        """f's result, if it is one Value."""
        return single(y, self.f, self.who)

    def with_aux(self, result: object) -> tuple[Any, Any]:
        """f's result, if it is a value and something else."""
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(f"{self.who}: with has_aux {name_of(self.f)} must return (value, aux), got {describe(result)}")
        return result

    def outputs(self) -> tuple[object, list[Scalar], Rebuild]:
        """What f returns, its numbers, and how they are put together."""
        result = self.run()
        outputs, rebuild = flatten(result)
        if outputs and self.leaves and not holds_value(outputs):
            raise _no_value(result, self.f, self.who)
        return result, [as_operand(y, f"{self.who}: each output of {name_of(self.f)}") for y in outputs], rebuild

    def gradients(self, y: Scalar, create_graph: bool = False) -> list[Value] | list[float]:
        """d y / d leaf for every leaf, 0 for those that y doesn't depend on."""
        if self.create_graph or create_graph:
            nodes = gradients(y, Value(1.0)) if isinstance(y, Value) else {}
            zero = Value(0.0)
            return [nodes.get(leaf, zero) for leaf in self.leaves]
        numbers = gradients(y, 1.0) if isinstance(y, Value) else {}
        return [numbers.get(leaf, 0.0) for leaf in self.leaves]

    def result(self, y: Scalar) -> Scalar:
        """y as a Value where derivatives of derivatives are taken, else its number."""
        if isinstance(y, Value):
            return y if self.create_graph else y._data
        return Value(y) if self.create_graph else y

    def shaped(self, numbers: Sequence[Scalar]) -> Any:
        """One number for each leaf, in the shape of the arguments."""
        results, start = [], 0
        for leaves, rebuild in self.parts:
            results.append(rebuild(numbers[start : start + len(leaves)]))
            start += len(leaves)
        return results[0] if self.alone else tuple(results)


# -- arguments -----------------------------------------------------------------------------------------


def checked(f: object, argnums: Argnums, who: str) -> Argnums:
    """``argnums``, once it is sure that f is a function and that they can name its arguments; else TypeError."""
    if not callable(f):
        way_out = "for nodes that exist already take gradient(y, xs)" if isinstance(f, Value) else "not its result"
        raise TypeError(f"{who}: f must be a function, got {describe(f)}; give the function itself, {way_out}")
    chosen = _as_list(argnums)
    for argnum in chosen:
        if not isinstance(argnum, str) and (isinstance(argnum, bool) or not hasattr(argnum, "__index__")):
            raise TypeError(
                f"{who}: argnums must be a place, a keyword or several of them, got {describe(argnum)}; "
                f"the arguments themselves go to what {who} returns: {who}(f)(x)"
            )
    return argnums if _alone(argnums) else chosen


def _alone(argnums: Argnums) -> bool:
    return isinstance(argnums, str) or not isinstance(argnums, Iterable)


def _as_list(argnums: Argnums) -> list[Argnum]:
    return [argnums] if isinstance(argnums, str) or not isinstance(argnums, Iterable) else list(argnums)


def _positional(f: Function) -> list[str]:
    """The names of f's positional arguments; none of a builtin that doesn't say."""
    try:
        import inspect  # 4 ms of `import autograd`

        parameters = inspect.signature(f).parameters.values()
    except ValueError:
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _fresh(x: object, where: str) -> Value:
    number = as_operand(x, where)
    return record(rules.IDENTITY, number._data, number) if isinstance(number, Value) else Value(number)


def holds_value(tree: object) -> bool:
    """Whether this is a Value, or a nested structure of lists, tuples, dicts and arrays that holds one."""
    if tree.__class__ is float:
        return False
    container = opened(tree)
    if container is not None:
        return any(map(holds_value, container.children))
    return isinstance(tree, Value) or (holds_objects(tree) and any(map(holds_value, tree.ravel().tolist())))


# -- results -------------------------------------------------------------------------------------------


def single(y: object, f: Function, who: str = "") -> Value:
    """f's result, if it is one Value; else a TypeError that says what to write instead."""
    if isinstance(y, Value):
        return y
    if isinstance(y, list | tuple | Mapping) or has_axes(y):
        raise TypeError(
            f"{_before(who)}{name_of(f)} must return a single Value, got {describe(y)}; use jacobian for several outputs"
        )
    raise _no_value(y, f, who)


def _no_value(result: object, f: Function, who: str) -> TypeError:
    return TypeError(f"{_before(who)}{name_of(f)} must return a Value, got {describe(result)}; {advice(result)}")


def advice(result: object) -> str:
    """What to write for a result that is no Value."""
    if result is None:
        return "a return is missing, or it is empty"
    if isinstance(result, bool):
        return "True and False have no derivative; where(condition, a, b) chooses between two numbers that have one"
    if isinstance(result, Real | list | tuple | Mapping) or has_axes(result):
        return _CUT
    return "compute it from the arguments with operators and autograd's functions"


_CUT = (
    "a plain number has no graph: was it cut by float(v), v.data, int(v) or a math function? "
    "Write autograd.sin(v) or v.sin() instead of math.sin(v)"
)


def _before(who: str) -> str:
    return f"{who}: " if who else ""


def name_of(f: Function) -> str:
    """What a message calls f."""
    return str(getattr(f, "__name__", f))
