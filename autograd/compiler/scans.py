"""``scan`` in a trace: its step runs once, on leaves that stand for the state and the x of any step, and makes one node.

That node, the *hub*, has many results: the last states, then for each number of y, and for each state as a step got it, one
for each step. An *item* node is one of them. A *stack* is a node of many operands that a scan reads an entry a step of; it
reads another hub's results in the same way. So a graph has a handful of nodes for a scan, whatever its length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import Any, NamedTuple, TypeAlias

from autograd.compiler.conditions import COMPARISON_OF
from autograd.graph import next_order, number_of, reverse_topological_order
from autograd.interop.coerce import has_axes
from autograd.interop.stacked import Stacked
from autograd.modes import context
from autograd.rules.table import Rule
from autograd.transforms.replay import recorded_anew, renewed
from autograd.transforms.scan import CheckedStep, Column, Entries, difference
from autograd.transforms.trees import Rebuild, array_of, flatten, flatten_like
from autograd.transforms.types import Scalar
from autograd.value import Value, as_operand, record

RESIDUALS = 2  # a state, at most
CHEAP = {"add", "sub", "mul", "neg", "identity", "abs", "square", "maximum", "minimum", "item", "stack", "stop_gradient"}
LINEAR = {"add", "sub", "neg"}
MIDDLING = {"div", "sqrt", "dot", "sum"}
PLAIN = {float, int, Value}
Run: TypeAlias = "Callable[[list[Value], list[Value]], list[Scalar]]"  # states and xs to new states and what is stacked


def _many(name: str) -> Rule:
    """The rule of a node without a number of its own."""
    return Rule(name, lambda *_: 0.0, lambda *_: (), name)


ITEM = _many("item")  # of a hub and a number: one of its results
STACK = _many("stack")
ALL = _many("all")  # of a step's outputs: the root that their adjoints start from


class Read(NamedTuple):
    """A number for each step: the one at ``first + stride · i`` of a stack or of a hub's results in step i."""

    source: Value
    first: int
    stride: int

    def at(self, i: int) -> Scalar:
        """That of a step."""
        return component(self.source, self.first + self.stride * i)

    def backwards(self, times: int) -> Read:
        """The first so many in reverse."""
        return Read(self.source, self.first + self.stride * (times - 1), -self.stride)


class Body(NamedTuple):
    """A step as a graph: its leaves, what it takes from outside, its own nodes in order, and what it gives.

    Its outputs are the new states, then what is stacked: the numbers of y, ``residuals``, the nodes that the way back
    rather loads than computes again, and the states that it got.
    """

    states: list[Value]
    xs: list[Value]
    constants: list[Value]
    order: list[Value]
    residuals: list[Value]
    outputs: list[Scalar]


class ScanRule(Rule):
    """The rule of one hub: its operands are the initial states, the body's constants, and what it reads from."""

    __slots__ = ("body", "strides", "times")

    def __init__(self, body: Body, times: int, strides: Sequence[tuple[int, int]]):
        super().__init__("scan", lambda *_: 0.0, lambda *_: (), "scan")
        self.body, self.times, self.strides = body, times, list(strides)

    def number(self, k: int) -> float:
        """A number of the k-th result, as the first step has it: that of the last would take as long as the loop."""
        states = len(self.body.states)
        return number_of(self.body.outputs[k if k < states else states + (k - states) // self.times])

    def first_of(self, j: int) -> int:
        """Where the results of the j-th thing that is stacked begin."""
        return len(self.body.states) + j * self.times


def constants_of(hub: Value, rule: ScanRule) -> list[Scalar]:
    """What stands for the constants of a hub's body: others than those, where the hub was recorded anew."""
    first = len(rule.body.states)
    return list(hub.operands[first : first + len(rule.body.constants)])


def reads_of(hub: Value, rule: ScanRule) -> list[Read]:
    """What a hub reads, an entry a step."""
    sources = hub.operands[len(hub.operands) - len(rule.strides) :]
    pairs = zip(sources, rule.strides, strict=True)
    return [Read(source, *stride) for source, stride in pairs if isinstance(source, Value)]


def component(source: Value, k: int) -> Scalar:
    """One of a hub's results, or of the operands of a stack."""
    rule = source._rule
    if rule is STACK:
        return source.operands[k]
    assert isinstance(rule, ScanRule)
    return record(ITEM, rule.number(k), source, float(k))


def body_of(
    run: Run, states: Sequence[float], xs: Sequence[float], names: Sequence[str] = (), store_all: bool = False
) -> Body:
    """A step as a graph, run on new leaves with these numbers.

    Of its nodes as many are residuals as make the memory of three states a step, or all of them.
    """
    start = next_order()
    numbers = [*states, *xs]
    leaves = [Value(x, name) for x, name in zip_longest(numbers, names)]
    ours, theirs = leaves[: len(states)], leaves[len(states) :]
    outputs = run(ours, theirs)
    order = inner_nodes(outputs, leaves, start)
    inner = {*leaves, *order}
    used = [x for node in order for x in node.operands] + outputs
    constants = dict.fromkeys(x for x in used if isinstance(x, Value) and x not in inner)
    residuals = dear(order, leaves) if store_all else worth_storing(order, RESIDUALS * len(ours))
    first = len(outputs) - len(ours)
    return Body(ours, theirs, list(constants), order, residuals, [*outputs[:first], *residuals, *outputs[first:]])


def worth_storing(order: Sequence[Value], most: int) -> list[Value]:
    """The nodes that cost most to compute, in order: so many, and none of those that cost no more than to load them."""
    dearest = sorted(order, key=lambda node: -cost(node))[:most]
    chosen = {node for node in dearest if cost(node)}
    return [node for node in order if node in chosen]


def dear(order: Sequence[Value], leaves: Sequence[Value]) -> list[Value]:
    """The nodes, but for those that are one multiply-add of what derivatives need too: that is sooner done than loaded."""
    needed, own = set(_factors(order)), {*leaves, *order}
    stored, products, residuals = set(leaves), set[Value](), list[Value]()
    for node in order:
        name = _name(node)
        operands = {x for x in node.operands if isinstance(x, Value) and x in own} - stored  # never ==, which is recorded
        if not operands and name == "mul":
            products.add(node)
        elif name not in LINEAR or len(operands) > 1 or not operands <= products:
            residuals.append(node)
            stored |= {node} & needed
    return residuals


def _factors(order: Sequence[Value]) -> Iterator[Value]:
    """What local derivatives are computed of."""
    for node in order:
        values = [x for x in node.operands if isinstance(x, Value)]
        if _name(node) == "mul":
            yield from values if len(values) == 2 else ()
        elif _name(node) not in LINEAR:
            yield from (*values, node)


def _name(node: Value) -> str:
    return node._rule.name if node._rule else ""


def cost(node: Value) -> int:
    """2 for functions, 1 for quotients, roots and long sums, 0 for what is computed as fast as it is loaded."""
    rule = node._rule
    if rule is None or rule.name in CHEAP or rule in COMPARISON_OF or isinstance(rule, ScanRule):
        return 0
    return 1 if rule.name in MIDDLING else 2


def inner_nodes(outputs: Sequence[Scalar], leaves: Sequence[Value], start: int) -> list[Value]:
    """The nodes that depend on these leaves, made at ``start`` or later; the others are the same in all steps.

    A stack is always one of them: so what is taken from outside is numbers, whose adjoints add up over the steps.
    """
    depends = set(leaves)
    nodes = []
    for node in reversed(reverse_topological_order(*[y for y in outputs if isinstance(y, Value)], since=start)):
        new = node._rule is STACK or not depends.isdisjoint(x for x in node.operands if isinstance(x, Value))
        if new and node not in depends and node._order >= start:
            depends.add(node)
            nodes.append(node)
    return nodes


class Replayed(NamedTuple):
    """A step recorded anew: its leaves, its constants, its nodes in order, its outputs."""

    leaves: list[Value]
    constants: list[Value]
    order: list[Value]
    residuals: list[Value]
    outputs: list[Scalar]


def replayed(body: Body, numbers: Sequence[Scalar], constants: Sequence[Scalar]) -> Replayed:
    """A step on other numbers, its states and then its xs. All are nodes of their own, for two may be one number."""
    values = [renewed(x) for x in (*numbers, *constants)]
    leaves, known = values[: len(numbers)], known_numbers()
    new: dict[Value, Value] = dict(zip([*body.states, *body.xs, *body.constants], values, strict=True))
    order = []
    for node in body.order:
        new[node] = recorded_anew(node, [new.get(x, x) if isinstance(x, Value) else x for x in node.operands])
        order.append(new[node])
        if node in known and known[node] in new:
            known[new[node]] = new[known[node]]
    outputs = [new.get(y, y) if isinstance(y, Value) else y for y in body.outputs]
    return Replayed(leaves, values[len(numbers) :], order, [new[node] for node in body.residuals], outputs)


def known_numbers() -> dict[Value, Value]:
    """For nodes of the trace those that have their numbers already, as results of an earlier scan: see ``GraphWriter``."""
    tracer: Any = context.tracer()
    known: dict[Value, Value] = tracer.known
    return known


def depends(nodes: Sequence[Scalar], leaves: Sequence[Value], start: int) -> bool:
    """Whether one of them depends on one of these leaves."""
    roots = [node for node in nodes if isinstance(node, Value)]
    return not set(leaves).isdisjoint(reverse_topological_order(*roots, since=start))


def hub_of(body: Body, times: int, initial: Sequence[Scalar], reads: Sequence[Read]) -> Value:
    """The node for so many steps."""
    rule = ScanRule(body, times, [read[1:] for read in reads])
    return record(rule, 0.0, (*initial, *body.constants, *[read.source for read in reads]))


def stack_of(numbers: Sequence[Scalar]) -> Read:
    """NumbersOf that are read one a step."""
    return Read(record(STACK, 0.0, tuple(numbers)), 0, 1)


def total_of(read: Read, times: int) -> Scalar:
    """The sum of what is read, from the first to the last: −0 + x is x."""
    body = body_of(lambda states, xs: [states[0] + xs[0], *states], [-0.0], [number_of(read.at(0))], ["total", "x"])
    return component(hub_of(body, times, [-0.0], [read]), 0)


# -- the user's step ---------------------------------------------------------------------------------------


class NumbersOf(NamedTuple):
    """The numbers of a structure, and what makes it of others; None in it is left alone."""

    numbers: list[Scalar]
    rebuild: Rebuild

    @classmethod
    def of(cls, tree: Any, name: str) -> NumbersOf:
        leaves, rebuild = flatten(tree)
        some = [leaf is not None for leaf in leaves]
        numbers = [as_operand(leaf, f"scan: a number of {name}") for leaf in leaves if leaf is not None]
        if all(some):
            return cls(numbers, rebuild)
        return cls(numbers, lambda xs: rebuild([next(left) if each else None for left in [iter(xs)] for each in some]))


class Taken(NamedTuple):
    """What a step reads of one list or array: a number for each of an entry's, and how an entry is made of them."""

    reads: list[Read]
    rebuild: Rebuild


def _taken(column: Column, since: int) -> Taken:
    """Entries as numbers, an entry like the first in each step; results of a scan from before ``since`` one by one."""
    if column.entries is None:
        return Taken([], lambda _: None)
    if isinstance(column.entries, Stacked) and column.entries.source is not None:
        whole: Taken = column.entries.source
        count, old = len(column.entries), [read.source._order < since for read in whole.reads]
        reads = [
            stack_of([read.at(i) for i in range(count)]) if each else read
            for read, each in zip(whole.reads, old, strict=True)
        ]
        return Taken(reads, whole.rebuild)
    entries, model = column.entries, column.entries[0]
    first = NumbersOf.of(model, column.name)
    return Taken([stack_of(numbers) for numbers in _columns(entries, model, column.name)], first.rebuild)


def _columns(entries: Any, model: Any, name: str) -> list[list[Scalar]]:
    """For each number of an entry those of all entries."""
    if getattr(getattr(entries, "dtype", None), "kind", "") in ("f", "i", "u"):
        floats: list[list[Scalar]] = entries.reshape(len(entries), -1).T.astype(float).tolist()
        return floats
    if (plain := _plain_rows(entries)) is not None:
        return [[float(x) if x.__class__ is int else x for x in column] for column in zip(*plain, strict=True)]
    rows = []
    for i, entry in enumerate(entries):
        if problem := difference(entry, model, f"{name}[{i}]"):
            raise TypeError(f"scan: {problem}; while a function is compiled all entries need the structure of the first")
        rows.append([as_operand(x, f"scan: {name}[{i}]") for x in flatten_like(entry, model, "") if x is not None])
    return [list(column) for column in zip(*rows, strict=True)]


def _plain_rows(entries: Any) -> Sequence[Sequence[Scalar]] | None:
    """Entries as rows, if all are numbers, or rows of as many: looking at each entry's structure takes ten times as long."""
    types = set(map(type, entries))
    if hasattr(entries, "reshape"):
        rows = entries.reshape(len(entries), -1).tolist()
    else:
        rows = [(x,) for x in entries] if types <= PLAIN else entries if types in ({list}, {tuple}) else ()
    plain = len(set(map(len, rows))) == 1 and set(map(type, chain.from_iterable(rows))) <= PLAIN
    return rows if plain else None


class PartOfY(NamedTuple):
    """One part of y, a number or a list or an array of them, for every step in a list or array of results."""

    numbers: NumbersOf
    model: Any

    def stacked(self, hub: Value, first: int, times: int) -> Any:
        """All of them, of which the first number is the hub's ``first``-th stack."""
        if self.model is None:
            return None
        rule = hub._rule
        assert isinstance(rule, ScanRule)
        reads = [Read(hub, rule.first_of(first + k), 1) for k in range(len(self.numbers.numbers))]
        rebuild = self.numbers.rebuild
        total = (lambda: total_of(reads[0], times)) if isinstance(self.model, Value | float | int) else None
        entries = Stacked(times, lambda i: rebuild([read.at(i) for read in reads]), Taken(reads, rebuild), total)
        return array_of(list(entries), (times,)) if has_axes(self.model) else entries


class UserStep:
    """A user's step on numbers: of the states and of x to the new states and y."""

    def __init__(self, step: CheckedStep, state: NumbersOf, taken: Sequence[Taken], entries: Entries):
        self.step, self.state, self.taken, self.entries = step, state, taken, entries
        self.parts: list[PartOfY] = []
        self.join: Rebuild = list

    def __call__(self, states: list[Value], xs: list[Value]) -> list[Scalar]:
        """The numbers of the new state, those of y, and the states that came."""
        left = iter(xs)
        x = self.entries.rebuild([each.rebuild([next(left) for _ in each.reads]) for each in self.taken])
        state, y = self.step(self.state.rebuild(states), x)
        like = [leaf for leaf in flatten_like(state, self.step.state, "") if leaf is not None]
        parts, self.join = flatten(y, arrays=False, lists=False)
        self.parts = [PartOfY(NumbersOf.of(part, "y"), part) for part in parts]
        new = [as_operand(leaf, "scan: a number of the state") for leaf in like]
        return [*new, *[y for part in self.parts for y in part.numbers.numbers], *states]


def traced_scan(
    step: CheckedStep, state: Any, entries: Entries, times: int, within: Callable[[Run], Run], since: int
) -> tuple[Any, Any]:
    """What ``scan`` returns in a trace.

    ``within(run)`` is run, watched for branches on what differs from step to step; lists from before ``since`` are those of
    an outer scan's every step.
    """
    initial, taken = NumbersOf.of(state, "the state"), [_taken(column, since) for column in entries.parts]
    reads = [read for each in taken for read in each.reads]
    user = UserStep(step, initial, taken, entries)
    names = _names("state", len(initial.numbers)) + _names(step.name_of_x(), len(reads))
    body = body_of(within(user), list(map(number_of, initial.numbers)), [number_of(read.at(0)) for read in reads], names)
    hub = hub_of(body, times, initial.numbers, reads)
    last = [
        start if new is leaf else component(hub, k)
        for k, (start, leaf, new) in enumerate(zip(initial.numbers, body.states, body.outputs, strict=False))
    ]
    counts = [len(part.numbers.numbers) for part in user.parts]
    starts = [sum(counts[:k]) for k in range(len(counts))]
    pairs = zip(user.parts, starts, strict=True)
    return initial.rebuild(last), user.join([part.stacked(hub, first, times) for part, first in pairs])


def _names(word: str, count: int) -> list[str]:
    return [word] if count == 1 else [f"{word}{k}" for k in range(count)]
