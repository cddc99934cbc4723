"""``Tape``: a program being written, by formulas that run on symbols.

The rule table is written against a namespace ``m``; with a tape's own, a rule's formula writes itself down.

>>> tape = Tape(["x"])
>>> slope = RULES["log_sigmoid"].partials(tape.m, None, tape.inputs[0])
>>> tape.program(slope, ["slope"]).size > 3
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd.program.instructions import Instruction, Instructions, pruned
from autograd.program.operations import OPERATIONS
from autograd.rules.operations import Operations
from autograd.rules.table import RULES, WHERE, Rule


def _operator(op: str, flipped: bool = False) -> Any:
    """The method that writes an operation on two."""

    def method(self: Symbol, other: Any) -> Any:
        tape = self.tape
        if other.__class__ is Symbol:  # nothing to simplify
            return tape.node(op, (other.place, self.place) if flipped else (self.place, other.place))
        return tape.apply(op, other, self) if flipped else tape.apply(op, self, other)

    return method


class Symbol:
    """A place of a tape, as a number in formulas: arithmetic and comparisons write nodes."""

    __slots__ = ("place", "tape")

    def __init__(self, tape: Tape, place: int):
        self.tape, self.place = tape, place

    def __neg__(self) -> Any:
        return self.tape.apply("neg", self)

    __add__, __radd__ = _operator("add"), _operator("add", flipped=True)
    __sub__, __rsub__ = _operator("sub"), _operator("sub", flipped=True)
    __mul__, __rmul__ = _operator("mul"), _operator("mul", flipped=True)
    __truediv__, __rtruediv__ = _operator("div"), _operator("div", flipped=True)
    __mod__, __rmod__ = _operator("mod"), _operator("mod", flipped=True)
    __pow__, __rpow__ = _operator("pow"), _operator("pow", flipped=True)
    __lt__, __gt__ = _operator("lt"), _operator("lt", flipped=True)
    __le__, __ge__ = _operator("le"), _operator("le", flipped=True)
    __eq__, __ne__ = _operator("eq"), _operator("ne")
    __hash__ = object.__hash__


class Tape:
    """A program being written. The same operation on the same operands is written once.

    ``apply`` is the rule table's namespace ``m`` by name, ``self.m`` by attribute: so a rule's formula, run on
    symbols, writes itself down.
    """

    def __init__(self, inputs: Sequence[str], rules: dict[str, Rule] | None = None):
        self.names = list(inputs)
        self.nodes: list[Instruction] = [Instruction("input", ())] * len(self.names)
        self.constants: dict[int, float] = {}
        self.rules = {} if rules is None else rules
        self.inputs = [Symbol(self, i) for i in range(len(self.names))]
        self._known: dict[Any, int] = {}
        self.m = Namespace(self)

    def apply(self, op: str, *operands: Any) -> Any:
        """The operation on symbols and floats: a symbol, or a float where all are floats."""
        for x in operands:
            if x.__class__ is Symbol:
                break
        else:
            return self._function(op)(*operands)
        simple = SIMPLER.get(op)
        if simple is not None:
            known = simple(self, *operands)
            if known is not None:
                return known
        places = tuple([x.place if x.__class__ is Symbol else self.constant(x) for x in operands])
        return self.node(op, places)

    def node(self, op: str, places: tuple[int, ...]) -> Symbol:
        """The symbol for an operation on places."""
        found = self._known.get((op, places))
        if found is None:
            node = Instruction(op, places)
            found = self._known[node] = len(self.nodes)
            self.nodes.append(node)
        return Symbol(self, found)

    def constant(self, x: float) -> int:
        """The place of a number; 0.0 and −0.0 are two."""
        key = x or str(x)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.nodes)
            self.nodes.append(Instruction("constant", ()))
            self.constants[found] = float(x)
        return found

    def place(self, x: Any) -> int:
        """Where a symbol or a float is."""
        return x.place if x.__class__ is Symbol else self.constant(float(x))

    def _function(self, op: str) -> Callable[..., Any]:
        return self.rules[op].value if op in self.rules else OPERATIONS[op]

    def rule(self, rule: Rule, *operands: Any) -> Any:
        """A rule of the table, or a primitive's, on symbols and floats."""
        if rule is WHERE:
            return operands[0]
        if rule.form is not None:
            return rule.form(self.m, *operands)
        if rule.source is not None:
            name = f"{rule.name}#{id(rule)}"
            self.rules[name] = rule
            return self.apply(name, *operands)
        return self.apply(rule.name, *operands)

    def program(self, outputs: Sequence[Any], names: Sequence[str]) -> Instructions:
        """The program with these outputs, without what none of them needs."""
        places = [self.place(x) for x in outputs]
        return pruned(Instructions(self.names, self.nodes, self.constants, places, names, self.rules))


class Namespace(Operations["Symbol | float"]):
    """``m`` on symbols: ``m.exp(x)`` writes an ``exp``; composite operations write out their formula."""

    def __init__(self, tape: Tape):
        self._tape = tape

    def __getattr__(self, name: str) -> Callable[..., Any]:
        tape = self._tape
        function: Callable[..., Any]
        if name in ALL_AT_ONCE:
            function = partial(_all, name, tape)
        elif name == "where":
            function = partial(tape.apply, "where")
        else:
            function = partial(tape.rule, RULES[name])
        setattr(self, name, function)
        return function


def _all(name: str, tape: Tape, *xs: Any) -> list[Any]:
    """An operation that gives one result for each of its operands."""
    return [tape.apply(name, float(i), *xs) for i in range(len(xs))]


ALL_AT_ONCE = ("directions", "softmaxes")


# -- what needs no operation: exact for every float ---------------------------------------------------------


def _is(x: Any, number: float) -> bool:
    """Whether x is that very number, the sign of zero included."""
    return x.__class__ is not Symbol and x == number and (number != 0.0 or str(x) == str(number))


def _add(_: Tape, a: Any, b: Any) -> Any:
    return a if _is(b, -0.0) else b if _is(a, -0.0) else None


def _sub(_: Tape, a: Any, b: Any) -> Any:
    return a if _is(b, 0.0) else None


def _mul(tape: Tape, a: Any, b: Any) -> Any:
    if _is(a, 1.0) or _is(b, 1.0):
        return b if _is(a, 1.0) else a
    if _is(a, -1.0) or _is(b, -1.0):
        return tape.apply("neg", b if _is(a, -1.0) else a)
    return None


def _div(_: Tape, a: Any, b: Any) -> Any:
    return a if _is(b, 1.0) else None


def _neg(tape: Tape, a: Symbol) -> Any:
    node = tape.nodes[a.place]
    return Symbol(tape, node.args[0]) if node.op == "neg" else None


def _where(_: Tape, condition: Any, a: Any, b: Any) -> Any:
    if condition.__class__ is not Symbol:
        return a if condition else b
    same = a.place == b.place if a.__class__ is b.__class__ is Symbol else _same(a, b)
    return a if same else None


def _and(_: Tape, a: Any, b: Any) -> Any:
    known, other = (a, b) if a.__class__ is bool else (b, a)
    return None if known.__class__ is not bool else other if known else False


def _or(_: Tape, a: Any, b: Any) -> Any:
    known, other = (a, b) if a.__class__ is bool else (b, a)
    return None if known.__class__ is not bool else True if known else other


def _same(a: Any, b: Any) -> bool:
    return a.__class__ is b.__class__ is float and (str(a) == str(b))


SIMPLER: dict[str, Callable[..., Any]] = {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div, "neg": _neg, "where": _where,
    "and": _and,
    "or": _or, "identity": lambda _, x: x
}  # fmt: skip
