"""The transforms of a compiled function: what is traced for its value, gradient, Hessian …, and what the outputs make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, islice
from typing import Any, NamedTuple, TypeAlias

from autograd.compiler.clock import Clock
from autograd.compiler.conditions import TraceError
from autograd.compiler.dependence import hessian_groups_of, jacobian_groups_of
from autograd.compiler.outputs import Item, Stack, Tree
from autograd.compiler.recorded import recorded_gradients
from autograd.compiler.signature import Leaf, Spec
from autograd.compiler.trace import Trace
from autograd.compiler.tracer import Tracer
from autograd.interop.coerce import describe, has_axes
from autograd.modes import context
from autograd.program.tape import Number
from autograd.sparsity.groups import Groups
from autograd.transforms.call import advice, is_scalar, name_of
from autograd.transforms.trees import Rebuild, flatten
from autograd.transforms.types import Function, Scalar
from autograd.value import VALUES, Value, as_operand


class Options(NamedTuple):
    """How a function is to be compiled."""

    f: Function
    transform: str
    argnums: int | tuple[int, ...]
    reduce: str | None
    strict: bool
    threads: int | None
    max_branches: int
    clock: Clock
    places: int = 0  # how many arguments come by place, before v of an hvp


class Outputs:
    """The outputs of a trace in order, whether each is summed over lanes, and the result they are put together to."""

    def __init__(self, trace: Trace, spec: Spec, options: Options):
        self.trace, self.spec, self.options = trace, spec, options
        self.symbols: list[Number] = []
        self.names: list[str] = []
        self.summed: list[bool] = []
        self.reduced = options.reduce is not None
        self.groups: Groups | None = None  # of a sparse derivative

    def value(self, y: Scalar, name: str) -> Item:
        """An output of f itself."""
        return self._item([self.trace.symbol(y)], [name], self.reduced, None)

    def tangent(self, symbol: Number, name: str) -> Item:
        """How fast an output of f moves."""
        return self._item([symbol], [name], self.reduced, None)

    def by(self, arguments: Sequence[int]) -> list[Value]:
        """The numbers of these arguments, in the order of all leaves."""
        return [x for x, k in zip(self.trace.inputs, self.spec.arguments_of_numbers(), strict=True) if k in arguments]

    def gradients(self, y: Scalar, of: str, arguments: Sequence[int]) -> list[Tree]:
        """The gradients of y by these arguments, each shaped like its argument."""
        return self.shaped(self.trace.gradients(y, self.by(arguments)), of, arguments)

    def shaped(self, partials: Sequence[Number], of: str, arguments: Sequence[int]) -> list[Tree]:
        """The same, of the partial by each number."""
        ends = list(accumulate(leaf.size for leaf in self.spec.leaves))
        chosen = [(leaf, end) for leaf, end in zip(self.spec.leaves, ends, strict=True) if leaf.argument in arguments]
        totals = iter(partials)
        items: list[Item | None] = [None] * len(ends)
        for leaf, end in chosen:
            names = [f"d{of}/d{name}" for name in leaf.names()]
            symbols = list(islice(totals, leaf.size))
            items[ends.index(end)] = self._item(symbols, names, self.reduced and leaf.axis is None, leaf)
        return [self.like_argument(items, k) for k in arguments]

    def like_argument(self, parts: Sequence[Tree], k: int) -> Tree:
        """The parts for the leaves of the k-th argument, put together like it."""
        first, end, rebuild = self.spec.of_argument(k)
        gradient: Tree = rebuild(parts[first:end])
        return gradient

    def _item(self, symbols: list[Number], names: list[str], summed: bool, leaf: Leaf | None) -> Item:
        item = Item(len(self.symbols), len(symbols), leaf)
        self.symbols += symbols
        self.names += names
        self.summed += [summed] * len(symbols)
        return item


Returned: TypeAlias = tuple[list[Scalar], Any]  # the outputs, and most often the function that rebuilds their structure


class Transform(NamedTuple):
    """How f is run while it is traced, and how its outputs are put together."""

    run: Callable[[Options, Spec, list[Value]], Returned]
    result: Callable[[Outputs, list[Scalar], Any], Tree]


def _called(options: Options, arguments: Sequence[object], spec: Spec) -> Any:
    """What f returns; its errors say what it was traced with."""
    try:
        y = options.f(*arguments)
    except Exception as error:
        refused = getattr(context.tracer(), "refused_index", None)
        if refused and isinstance(
            error, IndexError | TypeError
        ):  # NumPy has asked a Value for an index, and speaks of arrays
            raise refused from None
        _annotate(error, options, spec)
        raise
    spec.check_returned(y, name_of(options.f))
    return y


def _annotate(error: Exception, options: Options, spec: Spec) -> None:
    """Say what f was traced with, where that isn't just what the call gave."""
    if spec.static or any(leaf.shape is not None for leaf in spec.leaves):
        error.add_note(f"while compile traced {name_of(options.f)} with, for each lane, {spec}")
    elif isinstance(error, TypeError) and "Value" in str(error) and not isinstance(error, TraceError):
        error.add_note(
            f"while compile traced {name_of(options.f)} its numbers were Values; declare one that must be a plain number, "
            "a length say, by static_argnames"
        )


def _run(options: Options, spec: Spec, leaves: list[Value]) -> Returned:
    """f's outputs, and how they are put together."""
    return _outputs(options, spec, spec.arguments(leaves))


def _outputs(options: Options, spec: Spec, arguments: Sequence[object]) -> Returned:
    return numbers_of(options, _called(options, arguments, spec))


def numbers_of(options: Options, y: object) -> Returned:
    """The outputs in what f returns."""
    outputs, rebuild = flatten(y)
    for output in outputs:
        if not is_scalar(output):
            raise TypeError(
                f"compile: {name_of(options.f)} must return Values or numbers, got {describe(output)}; {advice(output)}"
            )
    return _with_scans([as_operand(output, name_of(options.f)) for output in outputs]), rebuild


def _with_scans(outputs: list[Scalar]) -> list[Scalar]:
    tracer = context.tracer()
    assert isinstance(tracer, Tracer)
    return tracer.with_scans(outputs)


def _run_single(options: Options, spec: Spec, leaves: list[Value]) -> Returned:
    """f's one output."""
    return [_single(options, spec, spec.arguments(leaves))], list


def _single(options: Options, spec: Spec, arguments: Sequence[object]) -> Scalar:
    """What f returns, if it is a number."""
    y = _called(options, arguments, spec)
    if isinstance(y, list | tuple | dict) or has_axes(y):
        raise TypeError(
            f"compile: {name_of(options.f)} must return a single Value for a gradient, got {describe(y)}; "
            "use jacobian for several outputs"
        )
    if not is_scalar(y):
        raise TypeError(f"compile: {name_of(options.f)} must return a Value, got {describe(y)}; {advice(y)}")
    (output,) = _with_scans([as_operand(y, name_of(options.f))])
    return output


def _run_with_aux(options: Options, spec: Spec, leaves: list[Value]) -> Returned:
    """f's value, and what it returns beside it."""
    ys, rebuild = _run(options, spec, leaves)
    result = rebuild(list(range(len(ys))))
    if not isinstance(result, tuple) or len(result) != 2 or result[0] != 0:
        shown = describe(rebuild(ys))
        raise TypeError(
            f"compile: with has_aux {name_of(options.f)} must return (value, aux), value one number; got {shown}"
        )
    return ys, rebuild


def _gradient(y: Scalar, leaves: list[Value]) -> list[Scalar]:
    """The gradient as Values that can be differentiated again."""
    totals = recorded_gradients(y, Value(1.0)) if isinstance(y, Value) else {}
    return [totals.get(leaf, 0.0) for leaf in leaves]


def _run_gradient(options: Options, spec: Spec, leaves: list[Value]) -> Returned:
    """The gradient of f by the chosen arguments, number by number."""
    (y,), _ = _run_single(options, spec, leaves)
    arguments = _arguments(options, spec)
    gradient, start = _gradient(y, leaves), 0
    chosen: list[Scalar] = []
    for leaf in spec.leaves:
        if leaf.argument in arguments:
            chosen += gradient[start : start + leaf.size]
        start += leaf.size
    return chosen, list


def _run_hvp(options: Options, spec: Spec, leaves: list[Value]) -> Returned:
    """∇f·v, of f's arguments by place, v, and those by keyword."""
    arguments, chosen, weights = spec.arguments(leaves), _chosen(options, spec, leaves), spec.numbers_at(options.places)
    del arguments[options.places]
    y = _single(options, spec, arguments)
    total: Scalar = 0.0
    for derivative, weight in zip(_gradient(y, chosen), leaves[weights], strict=True):
        total = total + derivative * weight
    return [total], list


def _run_jvp(options: Options, spec: Spec, leaves: list[Value]) -> Returned:
    """f of the primals, and of others that it takes by keyword; the tangents come in once it is traced."""
    count = len(_several(options.argnums))
    arguments = spec.arguments(leaves)
    return _outputs(options, spec, [*arguments[:count], *arguments[2 * count :]])


def _run_coloured_jvp(options: Options, spec: Spec, leaves: list[Value]) -> Returned:
    """f of all arguments but the seeds."""
    ys, _ = _outputs(options, spec, spec.arguments(leaves)[:-1])
    return ys, lambda _: jacobian_groups_of(_chosen(options, spec, leaves), ys)


def _run_coloured_vjp(options: Options, spec: Spec, leaves: list[Value]) -> Returned:
    """Σ seed·output."""
    ys, _ = _outputs(options, spec, spec.arguments(leaves)[:-1])
    return [_along(ys, _seeds(spec, leaves))], lambda _: jacobian_groups_of(_chosen(options, spec, leaves), ys)


def _run_coloured_hvp(options: Options, spec: Spec, leaves: list[Value]) -> Returned:
    """∇f·seeds."""
    y = _single(options, spec, spec.arguments(leaves)[:-1])
    chosen = _chosen(options, spec, leaves)
    return [_along(_gradient(y, chosen), _seeds(spec, leaves))], lambda _: hessian_groups_of(chosen, y)


def _along(ys: Sequence[Scalar], seeds: Sequence[Value]) -> Scalar:
    return VALUES.dot(*ys, *seeds) if ys else 0.0


def _chosen(options: Options, spec: Spec, leaves: Sequence[Value]) -> list[Value]:
    """The numbers to differentiate by, argument by argument."""
    return [x for k in _arguments(options, spec) for x in leaves[spec.numbers_at(k)]]


def _seeds(spec: Spec, leaves: Sequence[Value]) -> Sequence[Value]:
    return leaves[spec.numbers_at(spec.count - 1)]


def _coloured_jvp(outputs: Outputs, ys: list[Scalar], groups: Rebuild) -> Tree:
    outputs.groups, inputs = groups(()), outputs.trace.inputs
    chosen, seeds = _chosen(outputs.options, outputs.spec, inputs), _seeds(outputs.spec, inputs)
    tangents = outputs.trace.tangents(ys, dict(zip(chosen, seeds, strict=True)))
    return [outputs.tangent(x, f"df[{i}]") for i, x in enumerate(tangents)]


def _coloured_gradient(outputs: Outputs, ys: list[Scalar], groups: Rebuild) -> Tree:
    outputs.groups = groups(())
    totals = outputs.trace.gradients(ys[0], _chosen(outputs.options, outputs.spec, outputs.trace.inputs))
    return [outputs.tangent(x, f"d[{j}]") for j, x in enumerate(totals)]


def _value(outputs: Outputs, ys: list[Scalar], rebuild: Rebuild) -> Tree:
    names = ["f"] if len(ys) == 1 else [f"f[{i}]" for i in range(len(ys))]
    value: Tree = rebuild([outputs.value(y, name) for y, name in zip(ys, names, strict=True)])
    return value


def _jvp(outputs: Outputs, ys: list[Scalar], rebuild: Rebuild) -> Tree:
    trace, spec, primals = outputs.trace, outputs.spec, _several(outputs.options.argnums)
    moving: dict[Value, Value] = {}
    for k in primals:
        of_x, of_dx = spec.numbers_at(k), spec.numbers_at(k + len(primals))
        moving |= zip(trace.inputs[of_x], trace.inputs[of_dx], strict=True)
    names = ["df"] if len(ys) == 1 else [f"df[{i}]" for i in range(len(ys))]
    pairs = zip(trace.tangents(ys, moving), names, strict=True)
    return _value(outputs, ys, rebuild), rebuild([outputs.tangent(each, name) for each, name in pairs])


def _value_and_grad(outputs: Outputs, ys: list[Scalar], rebuild: Rebuild) -> Tree:
    return outputs.value(ys[0], "f"), _grad(outputs, ys, rebuild)


def _value_and_grad_with_aux(outputs: Outputs, ys: list[Scalar], rebuild: Rebuild) -> Tree:
    return _value(outputs, ys, rebuild), _grad(outputs, ys, rebuild)


def _grad(outputs: Outputs, ys: list[Scalar], _: Rebuild) -> Tree:
    return _single_or_all(outputs, outputs.gradients(ys[0], "f", _arguments(outputs.options, outputs.spec)))


def _jacobian(outputs: Outputs, ys: list[Scalar], rebuild: Rebuild) -> Tree:
    """A pass for each output, or for each number to differentiate by where these are fewer."""
    arguments, trace = _arguments(outputs.options, outputs.spec), outputs.trace
    wrt = outputs.by(arguments)
    if len(wrt) < len(ys) and trace.forward_masks:
        rows = list(zip(*[trace.tangents(ys, {x: 1.0}) for x in wrt], strict=True)) if wrt else [()] * len(ys)
    else:
        rows = [tuple(trace.gradients(y, wrt)) for y in ys]
    shaped = [outputs.shaped(row, f"f[{i}]", arguments) for i, row in enumerate(rows)]
    matrix: Tree = rebuild([_single_or_all(outputs, row) for row in shaped])
    return matrix


def _hessian(outputs: Outputs, ys: list[Scalar], _: Rebuild) -> Tree:
    """For every number of the chosen arguments the gradient of the derivative by it."""
    spec, arguments = outputs.spec, _arguments(outputs.options, outputs.spec)
    names = [name for leaf in spec.leaves if leaf.argument in arguments for name in leaf.names()]
    pairs = zip(names, ys, strict=True)
    gradients = iter([_single_or_all(outputs, outputs.gradients(y, f"f/d{name}", arguments)) for name, y in pairs])
    rows: list[Tree] = []
    for leaf in spec.leaves:
        if leaf.argument not in arguments:
            rows.append(None)
        elif not leaf.shape:
            rows.append(next(gradients))
        else:
            rows.append(Stack([next(gradients) for _ in range(leaf.size)], leaf.shape))
    return _single_or_all(outputs, [outputs.like_argument(rows, k) for k in arguments])


def _hvp(outputs: Outputs, ys: list[Scalar], _: Rebuild) -> Tree:
    return _single_or_all(outputs, outputs.gradients(ys[0], "(∇f·v)", _arguments(outputs.options, outputs.spec)))


HAS_AUX = " with has_aux"
WITH_AUX = f"value_and_grad{HAS_AUX}"
TRANSFORMS = {
    "value": Transform(_run, _value),
    "value_and_grad": Transform(_run_single, _value_and_grad),
    WITH_AUX: Transform(_run_with_aux, _value_and_grad_with_aux),
    "grad": Transform(_run_single, _grad),
    "jacobian": Transform(_run, _jacobian),
    "hessian": Transform(_run_gradient, _hessian),
    "hvp": Transform(_run_hvp, _hvp),
    "jvp": Transform(_run_jvp, _jvp),
    "jvp in colours": Transform(_run_coloured_jvp, _coloured_jvp),
    "vjp in colours": Transform(_run_coloured_vjp, _coloured_gradient),
    "hvp in colours": Transform(_run_coloured_hvp, _coloured_gradient),
}


def _arguments(options: Options, spec: Spec) -> tuple[int, ...]:
    """The arguments to differentiate by, counted from 0."""
    chosen = _several(options.argnums)
    for k in chosen:
        spec.check_differentiable(k)
    return chosen


def _several(argnums: int | tuple[int, ...]) -> tuple[int, ...]:
    return argnums if isinstance(argnums, tuple) else (argnums,)


def _single_or_all(outputs: Outputs, gradients: list[Tree]) -> Tree:
    return tuple(gradients) if isinstance(outputs.options.argnums, tuple) else gradients[0]
