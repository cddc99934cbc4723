"""The ways of calling a compiled function: what is traced for each, and what its outputs make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd.compiler.masks import recorded_gradients
from autograd.compiler.outputs import Item, Stack, Tree
from autograd.compiler.signature import Leaf, Spec
from autograd.compiler.trace import Trace
from autograd.interop.coerce import describe, has_axes
from autograd.transforms.trees import flatten
from autograd.value import Value


class Options(NamedTuple):
    """How a function is to be compiled."""

    f: Callable[..., Any]
    kind: str
    argnums: Any
    reduce: str | None
    strict: bool
    threads: int | None
    max_branches: int


class Outputs:
    """The outputs of a trace in order, whether each is summed over lanes, and the result they are put together to."""

    def __init__(self, trace: Trace, spec: Spec, options: Options):
        self.trace, self.spec, self.options = trace, spec, options
        self.symbols: list[Any] = []
        self.names: list[str] = []
        self.summed: list[bool] = []
        self.reduced = options.reduce is not None

    def value(self, y: Any, name: str) -> Item:
        """An output of f itself."""
        return self._item([self.trace.symbol(y)], [name], self.reduced, None)

    def gradients(self, y: Any, of: str, places: Sequence[int]) -> list[Tree]:
        """The gradients of y by the arguments at these places, each shaped like its argument."""
        found = self.trace.gradients(y, self.trace.inputs)
        items, start = [], 0
        for leaf in self.spec.leaves:
            names = [f"d{of}/d{name}" for name in leaf.names()]
            chosen = leaf.argument in places
            slopes = found[start : start + leaf.size]
            start += leaf.size
            items.append(self._item(slopes, names, self.reduced and leaf.axis is None, leaf) if chosen else None)
        return [self._argument(items, place) for place in places]

    def _argument(self, items: list[Item | None], place: int) -> Tree:
        first, last, rebuild = self.spec.of_argument(place)
        return rebuild(items[first:last])

    def _item(self, symbols: list[Any], names: list[str], summed: bool, leaf: Leaf | None) -> Item:
        item = Item(len(self.symbols), len(symbols), leaf)
        self.symbols += symbols
        self.names += names
        self.summed += [summed] * len(symbols)
        return item


class Kind(NamedTuple):
    """How f is run while it is traced, and how its outputs are put together."""

    run: Callable[[Options, Spec, list[Value]], tuple[list[Any], Any]]
    result: Callable[[Outputs, list[Any], Any], Tree]


def _called(options: Options, arguments: Sequence[Any], spec: Spec) -> Any:
    """What f returns; its errors tell what it was traced with."""
    try:
        y = options.f(*arguments)
    except Exception as error:
        if any(leaf.shape is not None for leaf in spec.leaves):
            error.add_note(f"while compile traced {name_of(options.f)} with, for each lane, {spec}")
        raise
    spec.check_returned(y, name_of(options.f))
    return y


def _run(options: Options, spec: Spec, leaves: list[Value]) -> tuple[list[Any], Any]:
    """f's outputs, and how they are put together."""
    y = _called(options, spec.arguments(leaves), spec)
    outputs, rebuild = flatten(y)
    for output in outputs:
        if not isinstance(output, Value) and (isinstance(output, bool) or not isinstance(output, int | float)):
            raise TypeError(f"compile: {name_of(options.f)} must return Values or numbers, got {describe(output)}")
    return outputs, rebuild


def _run_single(options: Options, spec: Spec, leaves: list[Value]) -> tuple[list[Any], Any]:
    """f's one output."""
    return [_single(options, spec, spec.arguments(leaves))], None


def _single(options: Options, spec: Spec, arguments: Sequence[Any]) -> Any:
    """What f returns, if it is a number."""
    y = _called(options, arguments, spec)
    if isinstance(y, list | tuple | dict) or has_axes(y):
        raise TypeError(
            f"compile: {name_of(options.f)} must return a single Value for a gradient, got {describe(y)}; "
            "use jacobian for several outputs"
        )
    if not isinstance(y, Value) and (isinstance(y, bool) or not isinstance(y, int | float)):
        raise TypeError(f"compile: {name_of(options.f)} must return a Value, got {describe(y)}")
    return y


def _slopes(y: Any, leaves: list[Value]) -> list[Any]:
    """The gradient as Values that can be differentiated again."""
    return recorded_gradients(y, leaves) if isinstance(y, Value) else [0.0] * len(leaves)


def _run_gradient(options: Options, spec: Spec, leaves: list[Value]) -> tuple[list[Any], Any]:
    """The gradient of f by the chosen arguments, number by number."""
    (y,), _ = _run_single(options, spec, leaves)
    places = _places(options, spec)
    slopes, chosen, start = _slopes(y, leaves), [], 0
    for leaf in spec.leaves:
        if leaf.argument in places:
            chosen += slopes[start : start + leaf.size]
        start += leaf.size
    return chosen, None


def _run_hvp(options: Options, spec: Spec, leaves: list[Value]) -> tuple[list[Any], Any]:
    """∇f(x)·v, of arguments x and v."""
    half = len(leaves) // 2
    y = _single(options, spec, spec.arguments(leaves)[:1])
    slopes = _slopes(y, leaves[:half])
    total: Any = 0.0
    for slope, weight in zip(slopes, leaves[half:], strict=True):
        total = total + slope * weight
    return [total], None


def _value(outputs: Outputs, ys: list[Any], rebuild: Any) -> Tree:
    names = ["f"] if len(ys) == 1 else [f"f[{i}]" for i in range(len(ys))]
    return rebuild([outputs.value(y, name) for y, name in zip(ys, names, strict=True)])


def _value_and_grad(outputs: Outputs, ys: list[Any], _: Any) -> Tree:
    return outputs.value(ys[0], "f"), _grad(outputs, ys, None)


def _grad(outputs: Outputs, ys: list[Any], _: Any) -> Tree:
    return _single_or_all(outputs, outputs.gradients(ys[0], "f", _places(outputs.options, outputs.spec)))


def _jacobian(outputs: Outputs, ys: list[Any], rebuild: Any) -> Tree:
    places = _places(outputs.options, outputs.spec)
    return rebuild([_single_or_all(outputs, outputs.gradients(y, f"f[{i}]", places)) for i, y in enumerate(ys)])


def _hessian(outputs: Outputs, ys: list[Any], _: Any) -> Tree:
    """For every number of the chosen arguments the gradient of the slope by it."""
    spec, places = outputs.spec, _places(outputs.options, outputs.spec)
    names = iter([name for leaf in spec.leaves if leaf.argument in places for name in leaf.names()])
    slopes = iter([_single_or_all(outputs, outputs.gradients(y, f"f/d{next(names)}", places)) for y in ys])
    rows: list[Tree] = []
    for leaf in spec.leaves:
        if leaf.argument not in places:
            rows.append(None)
        elif not leaf.shape:
            rows.append(next(slopes))
        else:
            rows.append(Stack([next(slopes) for _ in range(leaf.size)], leaf.shape))
    return _single_or_all(outputs, [outputs._argument(rows, place) for place in places])


def _hvp(outputs: Outputs, ys: list[Any], _: Any) -> Tree:
    return outputs.gradients(ys[0], "(∇f·v)", (0,))[0]


KINDS = {
    "value": Kind(_run, _value),
    "value_and_grad": Kind(_run_single, _value_and_grad),
    "grad": Kind(_run_single, _grad),
    "jacobian": Kind(_run, _jacobian),
    "hessian": Kind(_run_gradient, _hessian),
    "hvp": Kind(_run_hvp, _hvp),
}


def _places(options: Options, spec: Spec) -> tuple[int, ...]:
    """The arguments to differentiate by, counted from 0."""
    count = 1 + max((leaf.argument for leaf in spec.leaves), default=-1)
    chosen = options.argnums if isinstance(options.argnums, tuple) else (options.argnums,)
    if not count:
        raise ValueError(f"compile: {name_of(options.f)} has no arguments to differentiate by")
    for place in chosen:
        if isinstance(place, bool) or not isinstance(place, int) or not -count <= place < count:
            raise ValueError(f"compile: argnums must name arguments from 0 to {count - 1}, got {options.argnums!r}")
    return tuple(place % count for place in chosen)


def _single_or_all(outputs: Outputs, slopes: list[Tree]) -> Tree:
    return tuple(slopes) if isinstance(outputs.options.argnums, tuple) else slopes[0]


def name_of(f: Any) -> str:
    return str(getattr(f, "__name__", f))
