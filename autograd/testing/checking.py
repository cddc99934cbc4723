"""``check_gradients``: is every derivative of a function what its values say?

Four opinions on each derivative: the backward pass, the forward pass, ``difference`` on the function's values and,
where the operations allow it, the complex step through the graph. Differences see kinks, ends of the domain and a
graph that isn't the function; the complex step sees the last digits. Both are judged by their own error bounds,
which know how rounding errors travel through the graph: each node's error reaches the result times the node's
gradient, so a backward pass adds them up (Linnainmaa 1976). Then every node is checked in the same way, as a
function of its operands alone. So an error in a rule isn't diluted by the rest of the graph, and the rule to blame
is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from autograd.backward import gradients
from autograd.graph import number_of, topological_order
from autograd.interop.coerce import as_number, describe
from autograd.interop.text import number
from autograd.modes.anomaly import call, without_anomaly
from autograd.modes.context import enable_grad
from autograd.rules.table import Rule
from autograd.testing.arguments import names as names_of
from autograd.testing.complex_step import ComplexStep, complex_step
from autograd.testing.numerical import EPS, LARGE, ULPS, Difference, Shape, difference
from autograd.testing.report import RESOLUTION, Check, GradientError, Report, Verdict
from autograd.testing.rounding import TINY, extreme, finite, magnitudes, out_of_range, rounding
from autograd.transforms.call import single
from autograd.transforms.forward import push_forward
from autograd.transforms.trees import flatten
from autograd.transforms.types import Scalar, ScalarFunction
from autograd.value import Value, apply

# Operations that step or swing about once in a unit of x, or of a/b: at many units differences pass over it.
UNITS = frozenset({"floor", "ceil", "round", "trunc", "sin", "cos", "tan", "sinpi", "cospi", "sinc", "sinc_derivative"})
QUOTIENTS = frozenset({"floordiv", "mod", "fmod", "floor_quotient", "trunc_quotient"})
POLES = frozenset({"gamma", "lgamma", "digamma", "polygamma"})  # one in a unit below 0
MANY, HIDDEN = 1e10, "steps, waves or poles too close for differences to see"
OUT_OF_RANGE, SMALLEST = "a product on its way over- or underflows", 1e-300

ValueFunction: TypeAlias = Callable[[list[Value]], Value]


def check_gradients(f: ScalarFunction, *args: object, order: int = 1) -> Report:
    """Check the derivatives of f at these arguments, by forward mode, the complex step and differences of f's values.

    >>> from autograd import sin
    >>> print(check_gradients(lambda x, y: sin(x) + abs(y), 0.5, 0.0))  # doctest: +ELLIPSIS
    <lambda>: 1 of 2 derivatives right, 1 at a kink, 4 local derivatives checked
      x: right; reverse mode 0.8775825618903728, complex step 0.87758256189037... ± ..., differences 0.877... ± ...
      y: kink (derivative -1 from the left, 1 from the right; 0 is chosen); reverse mode 0.0, differences 0.0 ± 1.0e+00
      at abs(y = 0.0), operand 1: kink (derivative -1 from the left, 1 from the right; 0 is chosen); reverse mode 0.0, ...

    Each verdict is ``right``, ``wrong``, ``kink``, ``end of the domain`` or ``too noisy to say``; a relative error
    of 1e-7 in the local derivative of any operation is found wherever float64 values can show it, one of 1e-12 where
    ``complex_step`` may be taken. With ``order`` n the derivatives up to the n-th are checked. Arguments may be nested
    lists, tuples, dicts and arrays; each number among them costs some twenty to a hundred forward passes, a few
    hundred at 0.

    Raises GradientError, an AssertionError, where a derivative is wrong: it names the argument, both numbers, the
    estimated error and the rule to blame. Raises TypeError where an argument isn't a number or f's value isn't a
    Value, ValueError without arguments, for an order below 1, or where f's value changes from call to call.
    Sources: Ridders (1982), Linnainmaa (1976), Squire & Trapp (1998).
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ValueError(f"check_gradients: order must be an int ≥ 1, got {describe(order)}")
    leaves, rebuild = flatten(list(args))
    names = list(names_of(f, args))
    if not names:
        raise ValueError("check_gradients: f needs at least one number to differentiate by")
    at = [_number(leaf, f"check_gradients: {name}") for name, leaf in zip(names, leaves, strict=True)]
    with enable_grad(), without_anomaly():
        point = FunctionAt(lambda values: root_of(single(f(*rebuild(values)), f)), at, names)
        point.assert_deterministic()
        report = Report(str(getattr(f, "__name__", f)), *checked(point, order))
    if report.wrong:
        raise GradientError(report)
    return report


def root_of(y: Scalar) -> Value:
    """What a function returned, as the root of a graph; a plain number is a graph of its own."""
    return y if isinstance(y, Value) else Value(y)


def _number(x: object, where: str) -> float:
    return x.data if isinstance(x, Value) else as_number(x, where)


class FunctionAt:
    """A function of several numbers, the point it is checked at, and its graph there."""

    def __init__(self, run: ValueFunction, at: Sequence[float], names: Sequence[str]):
        self.run, self.at, self.names = run, at, names
        self.leaves = [Value(x, name) for x, name in zip(at, names, strict=True)]
        self.root = run(self.leaves)
        self.reverse = gradients(self.root, 1.0)
        self.weights = magnitudes(self.root)

    def moved(self, i: int, t: float) -> Value:
        """The function where the i-th number is t."""
        return self.run([Value(t if k == i else x) for k, x in enumerate(self.at)])

    def assert_deterministic(self) -> None:
        first, again = self.root.data, self.moved(0, self.at[0]).data
        if first != again and (first == first or again == again):
            raise ValueError(f"check_gradients: f gives {first!r}, and {again!r} when called again; fix its random seed")

    def check(self, i: int, before: str = "") -> Check:
        """The derivative by the i-th number, judged."""
        leaf = self.leaves[i]
        reverse, forward = self.reverse.get(leaf, 0.0), push_forward(self.root, {leaf: 1.0})
        by_values = difference(lambda t: self.moved(i, t).data, self.at[i], lambda t: rounding(self.moved(i, t)))
        slack = 2.0 * ULPS * EPS * len(self.weights) * finite(self.weights.get(leaf, 0.0)) + 16.0 * TINY
        verdict, reason = _verdict(reverse, by_values, slack)
        if verdict is Verdict.WRONG:
            verdict, reason = self._excuse(i, reverse, by_values) or (verdict, reason)
        step = self._complex_step(leaf, slack)
        check = with_complex_step(Check(before + self.names[i], verdict, reverse, forward, by_values, reason, step))
        if abs(forward - reverse) > slack and reason != OUT_OF_RANGE:
            return replace(check, verdict=Verdict.WRONG, reason=f"forward mode says {forward!r}")
        return check

    def _complex_step(self, leaf: Value, slack: float) -> ComplexStep | None:
        """None also where reverse mode itself can't be trusted."""
        step = None if out_of_range(self.weights) else complex_step(self.root, leaf, self.weights)
        return step and step.plus(slack)

    def _excuse(self, i: int, reverse: float, by_values: Difference) -> tuple[Verdict, str] | None:
        """The verdict instead of WRONG where float64 itself explains the disagreement, with the reason."""
        if not all(map(math.isfinite, self.at)):
            return Verdict.END, "beside an infinite number"
        if out_of_range(self.weights) or max(abs(reverse), abs(by_values.value)) < SMALLEST:
            return Verdict.NOISY, OUT_OF_RANGE
        steeper = abs(reverse) > 8.0 * max(abs(by_values.value), by_values.scale)
        if steeper and 0.0 < 8.0 * abs(self.at[i]) < by_values.step and abs(reverse * self.at[i]) <= rounding(self.root):
            return Verdict.NOISY, "so steep only within the rounding"
        return None

    def partial(self, i: int) -> FunctionAt:
        """The derivative by the i-th number as a function of all of them."""
        return FunctionAt(partial(_partial, self.run, i), self.at, self.names)


def _partial(run: ValueFunction, i: int, values: list[Value]) -> Value:
    return gradients(run(values), Value(1.0)).get(values[i], Value(0.0))


# -- verdicts --------------------------------------------------------------------------------------------


def _verdict(reverse: float, by_values: Difference, slack: float) -> tuple[Verdict, str]:
    """The verdict by differences on a derivative that may be off by its own rounding, ``slack``."""
    agrees = abs(reverse - by_values.value) <= by_values.error + slack
    if by_values.shape is Shape.END:
        sure = math.isfinite(reverse) and by_values.error <= 1e-6 * abs(by_values.value)
        return (Verdict.WRONG if sure and not agrees else Verdict.END), ""
    if by_values.shape is Shape.JUMP:
        return Verdict.KINK, "a jump"
    if by_values.shape is Shape.KINK:
        left, right, chosen = (number(x, 6) for x in (by_values.left, by_values.right, reverse))
        sides = f"derivative {left} from the left, {right} from the right; {chosen} is chosen"
        return (Verdict.KINK if agrees or not math.isfinite(reverse) else Verdict.WRONG), sides
    seen = max(abs(by_values.value), by_values.scale)
    if by_values.shape is Shape.ROUGH or seen > LARGE:
        return Verdict.NOISY, ""
    if not agrees:
        sure = by_values.error <= (1e-2 * seen or 0.1 * finite(reverse))
        return (Verdict.WRONG if sure else Verdict.NOISY), ""
    exact = by_values.error + slack <= RESOLUTION * seen or reverse == by_values.value
    return (Verdict.RIGHT if exact else Verdict.NOISY), ""


def with_complex_step(check: Check, hidden: bool = False) -> Check:
    """The check with what the complex step says: smaller errors, and a verdict where differences are too noisy.

    It sees neither kinks nor ends of a domain, nor that a graph isn't the function: there differences decide.
    """
    by_values, by_step = check.difference, check.by_step
    if by_step is None or not (hidden or by_values.shape in (Shape.SMOOTH, Shape.ROUGH)):
        return check
    if by_step is Verdict.WRONG:
        return replace(check, verdict=Verdict.WRONG, reason="")
    blind = hidden or by_values.shape is Shape.ROUGH or abs(check.reverse - by_values.value) <= by_values.error
    return replace(check, verdict=by_step) if check.verdict is Verdict.NOISY and blind else check


# -- all that is checked -----------------------------------------------------------------------------------


def checked(
    point: FunctionAt, order: int, before: str = "", known: Sequence[Sequence[Check]] = ()
) -> tuple[tuple[Check, ...], tuple[Check, ...]]:
    """The derivatives up to the order, and the local ones of their graphs; ``known`` are excuses of lower orders."""
    local = list(node_checks(point.root))
    nodes = [check for _, check in local]
    excuses = [[*_excuses(leaf, local), *(known[i] if known else ())] for i, leaf in enumerate(point.leaves)]
    in_range = _any_wrong(nodes) or not extreme(point.root)
    checks = [_excused(point.check(i, before), excuses[i], in_range) for i in range(len(point.at))]
    if order > 1:
        for i, name in enumerate(point.names):
            more, deeper = checked(point.partial(i), order - 1, f"{before}{name} and ", excuses)
            checks += more
            nodes += deeper
        if _any_wrong(checks) and not _any_wrong(nodes):  # a derivative that has lost its own graph
            nodes += [check for _, check in node_checks(point.root, order)]
    return tuple(checks), tuple(nodes)


def _any_wrong(checks: Sequence[Check]) -> bool:
    return any(check.verdict is Verdict.WRONG for check in checks)


def _excuses(leaf: Value, local: Sequence[tuple[Value, Check]]) -> list[Check]:
    """The nodes at a kink, at the end of their domain or hidden, that depend on the leaf."""
    return [check for node, check in local if _excusing(check) and leaf in topological_order(node)]


def _excusing(check: Check) -> bool:
    return check.reason == HIDDEN or check.verdict in (Verdict.KINK, Verdict.END)


def _excused(check: Check, excuses: Sequence[Check], in_range: bool) -> Check:
    """The check, not WRONG where a node it depends on is at a kink, at an end or hidden, nor after an overflow."""
    if check.verdict is not Verdict.WRONG and check.reason != OUT_OF_RANGE:
        return check
    if not excuses:
        return check if in_range else replace(check, verdict=Verdict.NOISY, reason=OUT_OF_RANGE)
    other = excuses[0]
    if other.reason == HIDDEN:
        return with_complex_step(replace(check, verdict=Verdict.NOISY, reason=f"at {other.name}"), hidden=True)
    return replace(check, verdict=other.verdict, reason=f"at {other.name}")


def node_checks(root: Value, order: int = 1) -> Iterator[tuple[Value, Check]]:
    """Each node's local derivatives, checked as derivatives of its operation alone; like nodes once."""
    seen = set()
    for node in topological_order(root):
        key = (node._rule, *((number_of(x), x.__class__) for x in node.operands))
        if node.parents and key not in seen:
            seen.add(key)
            for check in _node_checks(node, order):
                yield node, check


def _node_checks(node: Value, order: int) -> list[Check]:
    rule, operands = node._rule, node.operands
    assert rule is not None
    varied = [i for i, x in enumerate(operands) if isinstance(x, Value)]
    names = [f"operand {i + 1}" for i in varied]
    run = partial(_operation, rule, [number_of(x) for x in operands], varied)
    point = FunctionAt(run, [number_of(operands[i]) for i in varied], names)
    checks = _derivatives(point, order, f"{call(rule, operands)}, ")
    if _hidden(rule.name, *map(number_of, operands)):
        checks = [with_complex_step(replace(c, verdict=Verdict.NOISY, reason=HIDDEN), hidden=True) for c in checks]
    return checks


def _hidden(name: str, a: float, *more: float) -> bool:
    x = more[-1] if more else a
    by_unit = abs(x) > MANY and (name in UNITS or (name in POLES and x < 0.0))
    return by_unit or (name in QUOTIENTS and max(1.0, abs(a)) > MANY * abs(x))


def _derivatives(point: FunctionAt, order: int, before: str) -> list[Check]:
    """The derivatives up to the order, nothing else."""
    checks = [point.check(i, before) for i in range(len(point.at))]
    if order > 1:
        for i, name in enumerate(point.names):
            checks += _derivatives(point.partial(i), order - 1, f"{before}{name} and ")
    return checks


def _operation(rule: Rule, operands: Sequence[float], varied: Sequence[int], values: list[Value]) -> Value:
    """The rule on these operands, those at the indices ``varied`` replaced by the values."""
    replaced: list[Value | float] = list(operands)
    for i, value in zip(varied, values, strict=True):
        replaced[i] = value
    result = apply(rule, *replaced)
    assert isinstance(result, Value)
    return result
