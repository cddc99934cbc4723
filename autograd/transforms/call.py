"""How a function is called to be differentiated: on fresh Values, its arguments chosen, its result checked.

>>> with calling(lambda x, y: x * y, 0, (2.0, 3.0), {}, "grad") as call:
...     y = call.single(call.run())
...     y.data, call.gradients(y)
(6.0, [3.0])
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from numbers import Real
from typing import Any

from autograd.backward import gradients
from autograd.graph import created_since, next_order
from autograd.interop.coerce import describe, has_axes, holds_objects, is_number, out_of_array
from autograd.modes import context
from autograd.modes.context import enable_grad
from autograd.modes.graph_cut import call_differentiated
from autograd.rules import table as rules
from autograd.transforms.trees import DEEPEST, NestingError, Rebuild, flatten, opened
from autograd.transforms.types import Argnum, Argnums, Function, Scalar
from autograd.value import Value, as_operand, record


@contextmanager
def calling(
    f: Function,
    argnums: Argnums,
    args: Sequence[object],
    kwargs: Mapping[str, object],
    who: str,
    create_graph: bool = False,
    has_aux: bool = False,
) -> Iterator[Call]:
    """A ``Call`` and the context to make it in. With ``create_graph`` its results can be differentiated again.

    With ``has_aux`` f returns a pair, of which the second part is left alone.
    """
    recorded = context.recording()
    with enable_grad():
        yield Call(f, argnums, args, kwargs, who, create_graph, recorded, has_aux)


class Call:
    """One call of f with the arguments at ``argnums`` replaced by fresh nodes, its ``leaves``.

    Fresh ones even for Values: what f has captured of them is not its argument (no perturbation confusion).
    The results are Values, functions of all they depend on, where any argument holds a Value or f's value depends on
    Values older than the call: those of an enclosing derivative, of a function that is traced, or of a model.
    """

    def __init__(
        self,
        f: Function,
        argnums: Argnums,
        args: Sequence[object],
        kwargs: Mapping[str, object],
        who: str,
        create_graph: bool,
        recorded: bool,
        has_aux: bool,
    ):
        self.f, self.args, self.kwargs, self.who = f, list(args), dict(kwargs), who
        self.alone, self.recorded = _alone(argnums), recorded
        self.has_aux, self.aux = has_aux, None
        self.values = create_graph or self._given_values()
        self.create_graph = self.values and recorded
        self.start = next_order()  # nodes created since are this call's
        self.chosen = [self._index(argnum) for argnum in _as_list(argnums)]
        if len(set(self.chosen)) < len(self.chosen):
            raise ValueError(f"{who}: argnums {argnums!r} names an argument twice; name each once")
        given = [self.kwargs[index] if isinstance(index, str) else self.args[index] for index in self.chosen]
        self.given = given[0] if self.alone else tuple(given)
        self.parts: list[tuple[list[Value], Rebuild]] = []
        for index, argument in zip(self.chosen, given, strict=True):
            numbers, rebuild = flatten(argument)
            self.parts.append(([_fresh(x, f"{who}: argument {index!r}") for x in numbers], rebuild))
        self.leaves = [leaf for leaves, _ in self.parts for leaf in leaves]

    def _given_values(self) -> bool:
        try:
            return holds_value(self.args) or holds_value(self.kwargs)
        except NestingError:
            named = [(f"argument {index!r}", arg) for index, arg in [*enumerate(self.args), *self.kwargs.items()]]
            raise deep_argument(named, self.who) from None

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
        has = [*map(str, range(count)), *map(repr, self.kwargs)]
        given = f"only {has[0]}" if len(has) == 1 else ", ".join(has) or "none"  # "has 0" alone reads as has none
        raise ValueError(f"{self.who}: argnums names argument {argnum!r}, but the call has {given}")

    def run(self) -> Any:
        """What f returns for its leaves instead of the numbers, but for what it returns beside its value."""
        for index, (leaves, rebuild) in zip(self.chosen, self.parts, strict=True):
            if isinstance(index, str):
                self.kwargs[index] = rebuild(leaves)
            else:
                self.args[index] = rebuild(leaves)
        result = call_differentiated(lambda: self.f(*self.args, **self.kwargs), self.who, self.start, self.leaves)
        if not self.has_aux:
            return result
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(f"{self.who}: with has_aux {name_of(self.f)} must return (value, aux), got {describe(result)}")
        value, self.aux = result
        return value

    def with_aux(self, *results: Any) -> Any:
        """These results, and with ``has_aux`` what f returned beside its value."""
        every = (*results, self.aux) if self.has_aux else results
        return every if len(every) > 1 else every[0]

    def single(self, y: object) -> Scalar:
        """f's result, if it is one number."""
        number = single(y, self.f, self.who)
        self._look([number])
        return number

    def _look(self, ys: Sequence[Scalar]) -> None:
        """Find this call's nodes, and whether f's value depends on others: then so do the results."""
        self.roots = [y for y in ys if isinstance(y, Value)]
        self.order, captures = created_since(self.start, *self.roots)
        self.values = self.values or captures
        self.create_graph = self.create_graph or (captures and self.recorded)

    def nodes_behind(self, y: Value) -> Sequence[Value]:
        """This call's nodes that y depends on, in reverse topological order."""
        return self.order if len(self.roots) == 1 and self.roots[0] is y else created_since(self.start, y)[0]

    def outputs(self) -> tuple[object, list[Scalar], Rebuild]:
        """What f returns, its numbers, and how they are put together."""
        result = self.run()
        flat, rebuild = flatten(result)
        if flat and not any(map(is_scalar, flat)):
            raise _no_number(result, self.f, self.who)
        outputs = [as_operand(y, f"{self.who}: each output of {name_of(self.f)}") for y in flat]
        self._look(outputs)
        return result, outputs, rebuild

    def gradients(self, y: Scalar, create_graph: bool = False) -> list[Value] | list[float]:
        """d y / d leaf for every leaf, 0 for those that y doesn't depend on."""
        totals = self._totals(y, self.create_graph or create_graph) if isinstance(y, Value) else {}
        found = [totals.get(leaf, 0.0) for leaf in self.leaves]
        if self.values or create_graph:
            return [x if isinstance(x, Value) else Value(x) for x in found]
        return [x._number if isinstance(x, Value) else x for x in found]

    def _totals(self, y: Value, create_graph: bool) -> Mapping[Value, Scalar]:
        seed = Value(1.0) if create_graph or context.tracer() else 1.0  # a trace has masks, which numbers can't pass
        return gradients(y, seed, self.nodes_behind(y))

    def result(self, y: Scalar) -> Scalar:
        """y as a Value where derivatives of derivatives are taken, else its number."""
        if isinstance(y, Value):
            return y if self.create_graph else Value(y._number) if self.values else y._number
        return Value(y) if self.values else y

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
        if not isinstance(argnum, str) and (isinstance(argnum, bool | Value) or not hasattr(argnum, "__index__")):
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
    return record(rules.IDENTITY, number._number, number) if isinstance(number, Value) else Value(number)


def _numbers_of(array: Any) -> list[Any]:
    """Of an array or a column of objects."""
    numbers: list[Any] = (array.ravel() if hasattr(array, "ravel") else array).tolist()
    return numbers


def holds_value(tree: object, depth: int = DEEPEST + 1) -> bool:
    """Whether this is a Value, or a nested structure of lists, tuples, dicts and arrays that holds one."""
    if tree.__class__ is float:
        return False
    container = opened(tree)
    if container is None:
        return isinstance(tree, Value) or (holds_objects(tree) and any(map(holds_value, _numbers_of(tree))))
    if depth <= 0:
        raise NestingError
    return any(map(holds_value, container.children, repeat(depth - 1)))


def deep_argument(args: Iterable[tuple[str, object]], who: str) -> NestingError:
    """The error for a call that has an argument nested too deep."""
    for name, arg in args:
        try:
            flatten(arg)
        except NestingError:
            return NestingError(f"{who}: {name}")
    return NestingError(f"{who}: an argument")


# -- results -------------------------------------------------------------------------------------------


def single(y: object, f: Function, who: str = "") -> Scalar:
    """f's result, if it is one number; else a TypeError that says what to write instead. A plain one has derivative 0."""
    if isinstance(y, Value):
        return y
    if is_scalar(y):
        return as_operand(y, name_of(f))
    if isinstance(y, list | tuple | Mapping) or has_axes(y):
        raise TypeError(
            f"{_before(who)}{name_of(f)} must return a single Value, got {describe(y)}; use jacobian for several outputs"
        )
    raise _no_number(y, f, who)


def is_scalar(y: object) -> bool:
    """Whether it is a Value or a plain number, also in an array without axes."""
    y = out_of_array(y)
    return isinstance(y, Value) or is_number(y)


def _no_number(result: object, f: Function, who: str) -> TypeError:
    return TypeError(f"{_before(who)}{name_of(f)} must return a Value, got {describe(result)}; {advice(result)}")


def advice(result: object) -> str:
    """What to write for a result that is no Value."""
    if result is None:
        return "a return is missing, or it is empty"
    if isinstance(out_of_array(result), bool):
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


def global_name(decorated: object, f: Function) -> str | None:
    """f's name in its module, if ``decorated`` is what stands there, as after a decorator: pickle takes it by that name."""
    name = getattr(f, "__qualname__", "")
    return name if getattr(sys.modules.get(getattr(f, "__module__", "")), name, None) is decorated else None
