"""How a function is called to be differentiated: on fresh Values, its arguments chosen, its result checked.

>>> with calling(lambda x, y: x * y, 0, (2.0, 3.0), {}, "grad") as call:
...     y = call.single(call.run())
...     y.data, call.slopes(y)
(6.0, [3.0])
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Real
from typing import Any, TypeAlias

from autograd.backward import gradients
from autograd.interop.coerce import described, has_axes, holds_objects
from autograd.modes.context import enable_grad
from autograd.rules import table as rules
from autograd.transforms.trees import Rebuild, flatten
from autograd.value import Value, as_operand, record

Argnums: TypeAlias = int | str | Sequence[int | str]

# How many derivatives of functions are being taken around this one: an inner one must keep its graph.
_depth: ContextVar[int] = ContextVar("depth", default=0)


def differentiating() -> bool:
    """Whether this thread is inside the derivative of a function."""
    return _depth.get() > 0


@contextmanager
def calling(
    f: Callable[..., Any],
    argnums: Argnums,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    who: str,
    keep: bool = False,
) -> Iterator[Call]:
    """A ``Call`` and the context to make it in. ``keep`` asks for results that can be differentiated again."""
    keep = keep or differentiating()
    token = _depth.set(_depth.get() + 1)
    try:
        with enable_grad():
            yield Call(f, argnums, args, kwargs, who, keep)
    finally:
        _depth.reset(token)


class Call:
    """One call of f with the arguments at ``argnums`` replaced by fresh nodes, its ``leaves``.

    Fresh ones even for Values: what f has captured of them is not its argument (no perturbation confusion).
    Where any argument holds a Value, the results are Values too: functions of all that was passed in.
    """

    def __init__(
        self, f: Callable[..., Any], argnums: Argnums, args: Sequence[Any], kwargs: dict[str, Any], who: str, keep: bool
    ):
        self.f, self.args, self.kwargs, self.who = f, list(args), dict(kwargs), who
        self.alone = _alone(argnums)
        self.keep = keep or holds_value(self.args) or holds_value(self.kwargs)
        self.places = [self._place(argnum) for argnum in _listed(argnums)]
        if len(set(self.places)) < len(self.places):
            raise ValueError(f"{who}: argnums {argnums!r} names an argument twice; name each once")
        self.parts = []
        for place in self.places:
            numbers, make = flatten(self._holder(place)[place])
            self.parts.append(([_fresh(x, f"{who}: argument {place!r}") for x in numbers], make))
        self.leaves = [leaf for leaves, _ in self.parts for leaf in leaves]

    def _holder(self, place: int | str) -> Any:
        return self.kwargs if isinstance(place, str) else self.args

    def _place(self, argnum: int | str) -> int | str:
        """Where the argument stands in this call: an index, or a keyword."""
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
        """What f returns for its leaves in the places of the numbers."""
        for place, (leaves, make) in zip(self.places, self.parts, strict=True):
            self._holder(place)[place] = make(leaves)
        return self.f(*self.args, **self.kwargs)

    def single(self, y: Any) -> Value:
        """f's result, if it is one Value."""
        return single(y, self.f, self.who)

    def with_aux(self, result: Any) -> tuple[Any, Any]:
        """f's result, if it is a value and something else."""
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(f"{self.who}: with has_aux {name_of(self.f)} must return (value, aux), got {described(result)}")
        return result

    def outputs(self) -> tuple[Any, list[Any], Rebuild]:
        """What f returns, its numbers, and how they are put together."""
        result = self.run()
        outputs, rebuild = flatten(result)
        if outputs and self.leaves and not holds_value(outputs):
            raise _no_value(result, self.f, self.who)
        return result, [as_operand(y, f"{self.who}: each output of {name_of(self.f)}") for y in outputs], rebuild

    def slopes(self, y: Any, create_graph: bool = False) -> list[Any]:
        """d y / d leaf for every leaf, 0 for those that y doesn't depend on."""
        found = gradients(y, Value(1.0) if self.keep or create_graph else 1.0) if isinstance(y, Value) else {}
        zero = Value(0.0) if self.keep or create_graph else 0.0
        return [found.get(leaf, zero) for leaf in self.leaves]

    def kept(self, y: Any) -> Any:
        """y as a Value where derivatives of derivatives are taken, else its number."""
        if isinstance(y, Value):
            return y if self.keep else y._data
        return Value(y) if self.keep else y

    def shaped(self, numbers: list[Any]) -> Any:
        """One number for each leaf, in the shape of the arguments."""
        results, start = [], 0
        for leaves, make in self.parts:
            results.append(make(numbers[start : start + len(leaves)]))
            start += len(leaves)
        return results[0] if self.alone else tuple(results)


# -- arguments -----------------------------------------------------------------------------------------


def checked(f: Any, argnums: Any, who: str) -> Argnums:
    """``argnums``, once it is sure that f is a function and that they can name its arguments; else TypeError."""
    if not callable(f):
        way_out = "for nodes that exist already take gradient(y, xs)" if isinstance(f, Value) else "not its result"
        raise TypeError(f"{who}: f must be a function, got {described(f)}; give the function itself, {way_out}")
    chosen = _listed(argnums)
    for argnum in chosen:
        if not isinstance(argnum, str) and (isinstance(argnum, bool) or not hasattr(argnum, "__index__")):
            raise TypeError(
                f"{who}: argnums must be a place, a keyword or several of them, got {described(argnum)}; "
                f"the arguments themselves go to what {who} returns: {who}(f)(x)"
            )
    return argnums if _alone(argnums) else chosen


def _alone(argnums: Any) -> bool:
    return isinstance(argnums, str) or not isinstance(argnums, Iterable)


def _listed(argnums: Any) -> list[Any]:
    return [argnums] if _alone(argnums) else list(argnums)


def _positional(f: Callable[..., Any]) -> list[str]:
    """The names of f's arguments by place; of a builtin that doesn't tell them none."""
    try:
        import inspect  # 4 ms of `import autograd`

        parameters = inspect.signature(f).parameters.values()
    except ValueError:
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _fresh(x: Any, where: str) -> Value:
    x = as_operand(x, where)
    return record(rules.IDENTITY, x._data, x) if isinstance(x, Value) else Value(x)


def holds_value(tree: Any) -> bool:
    """Whether a Value is in a nested structure of lists, tuples, dicts and arrays, or is all of it."""
    if tree.__class__ is float:
        return False
    if isinstance(tree, list | tuple):
        return any(map(holds_value, tree))
    if isinstance(tree, Mapping):
        return any(map(holds_value, tree.values()))
    if holds_objects(tree):
        return any(map(holds_value, tree.ravel().tolist()))
    return isinstance(tree, Value)


# -- results -------------------------------------------------------------------------------------------


def single(y: Any, f: Callable[..., Any], who: str = "") -> Value:
    """f's result, if it is one Value; else a TypeError that says what to write instead."""
    if isinstance(y, Value):
        return y
    if isinstance(y, list | tuple | Mapping) or has_axes(y):
        raise TypeError(
            f"{_before(who)}{name_of(f)} must return a single Value, got {described(y)}; use jacobian for several outputs"
        )
    raise _no_value(y, f, who)


def _no_value(result: Any, f: Callable[..., Any], who: str) -> TypeError:
    return TypeError(f"{_before(who)}{name_of(f)} must return a Value, got {described(result)}; {advice(result)}")


def advice(result: Any) -> str:
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


def name_of(f: Callable[..., Any]) -> str:
    """What a message calls f."""
    return str(getattr(f, "__name__", f))
