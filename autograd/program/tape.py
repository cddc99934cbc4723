"""``Tape``: a program being recorded, by formulas that run on symbols.

The rule table is written against a namespace ``m``; run with a tape's own, a rule's formula records itself.

>>> tape = Tape(["x"])
>>> partials = RULES["log_sigmoid"].partials(tape.m, 0.0, tape.inputs[0])
>>> tape.program(partials, ["partial"]).size > 3
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from autograd.program.instructions import Instruction, Instructions, Scan, made, pruned
from autograd.program.operations import OPERATIONS, VECTOR_VALUED
from autograd.rules.composites import Splitter
from autograd.rules.operations import Operations
from autograd.rules.table import RULES, WHERE, Rule

Number: TypeAlias = "Symbol | float"
_new = object.__new__


def _operator(op: str) -> Callable[[Symbol, Number], Symbol]:
    """The method that records an operation on two."""

    def method(self: Symbol, other: Number) -> Any:
        tape = self.tape
        if other.__class__ is Symbol:  # nothing to simplify
            return tape.node(op, (self.place, other.place))
        return tape.apply(op, self, other)

    return method


def _reflected(op: str) -> Callable[[Symbol, float], Symbol]:
    """The same for a number on the left."""

    def method(self: Symbol, other: float) -> Any:
        return self.tape.apply(op, other, self)

    return method


def _negation(self: Symbol) -> Any:
    return self.tape.apply("neg", self)


def _comparison(op: str) -> Any:
    """The same for a comparison, which to a type checker gives a bool."""
    return lambda self, other: self.tape.apply(op, self, other)


class Symbol:
    """An instruction of a tape, as a number in formulas: arithmetic and comparisons record further ones."""

    __slots__ = ("place", "tape")

    def __init__(self, tape: Tape, place: int):
        self.tape, self.place = tape, place

    __neg__ = _negation
    __add__, __radd__ = _operator("add"), _reflected("add")
    __sub__, __rsub__ = _operator("sub"), _reflected("sub")
    __mul__, __rmul__ = _operator("mul"), _reflected("mul")
    __truediv__, __rtruediv__ = _operator("div"), _reflected("div")
    __mod__, __rmod__ = _operator("mod"), _reflected("mod")
    __pow__, __rpow__ = _operator("pow"), _reflected("pow")
    __lt__, __gt__ = _comparison("lt"), _comparison("gt")
    __le__, __ge__ = _comparison("le"), _comparison("ge")
    __eq__, __ne__ = _comparison("eq"), _comparison("ne")
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a rule must not branch on a number: it says m.where(condition, a, b)")


class Tape:
    """A program being recorded. The same operation on the same operands is recorded once.

    ``apply`` is the rule table's namespace ``m`` by name, ``self.m`` by attribute. A tape computes operations on floats,
    omits those that are exact identities, such as x·1, and records the formula of a composite operation in its place. With
    ``as_written`` it does none of this and records a rule just as it is written: to be printed, for ``interpreter``
    knows neither composites nor whole vectors.
    """

    def __init__(self, inputs: Sequence[str], rules: dict[str, Rule] | None = None, as_written: bool = False):
        self.names = list(inputs)
        self.nodes: list[Instruction] = [Instruction("input", ())] * len(self.names)
        self.constants: dict[int, float] = {}
        self.rules = {} if rules is None else rules
        self.as_written = as_written
        self.scans: dict[str, Scan] = {}
        self.tables: dict[str, tuple[float, ...]] = {}
        self.inputs = [Symbol(self, i) for i in range(len(self.names))]
        self._known: dict[object, int] = {}
        self._primitives = {rule: name for name, rule in self.rules.items()}
        self.m = Namespace(self)

    def apply(self, op: str, *operands: Number) -> Number:
        """The operation on symbols and floats: a symbol, or a float where that needs no instruction."""
        if not self.as_written:
            for x in operands:
                if x.__class__ is Symbol:
                    break
            else:
                return self._function(op)(*operands)
            identity = IDENTITIES.get(op)
            if identity is not None:
                known = identity(self, *operands)
                if known is not None:
                    return known
        places = tuple([x.place if isinstance(x, Symbol) else self.constant(x) for x in operands])
        return self.node(op, places)

    def node(self, op: str, places: tuple[int, ...]) -> Symbol:
        """The symbol for an operation on places."""
        symbol = _new(Symbol)  # half the time of a call of the class
        symbol.tape, symbol.place = self, self.place_of(op, places)
        return symbol

    def place_of(self, op: str, places: tuple[int, ...]) -> int:
        """Where an operation on places is."""
        nodes = self.nodes
        node = made((op, places))
        place = self._known.setdefault(node, len(nodes))
        if place == len(nodes):
            nodes.append(node)
        return place

    def constant(self, x: float) -> int:
        """The index of a constant; 0.0 and −0.0 have two, and so have Dekker's splitter and an equal number (see fusion)."""
        splits = isinstance(x, Splitter)
        key: object = (Splitter, x) if splits else x or str(x)
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = len(self.nodes)
            self.nodes.append(Instruction("constant", ()))
            self.constants[place] = x if splits else float(x)
        return place

    def place(self, x: Number) -> int:
        """Where a symbol or a float is."""
        return x.place if isinstance(x, Symbol) else self.constant(float(x))

    def _function(self, op: str) -> Callable[..., float]:
        return self.rules[op].value if op in self.rules else OPERATIONS[op]

    def rule(self, rule: Rule, *operands: Number) -> Number:
        """A rule of the table, or a primitive's, on symbols and floats."""
        if rule is WHERE:
            return operands[0]
        if rule.form is not None and not self.as_written:
            return rule.form(self.m, *operands)
        return self.apply(rule.name if rule.source is None else self._primitive(rule), *operands)

    def declare(self, rule: Rule, operands: Sequence[Number], symbol: Symbol) -> None:
        """Let this symbol stand for a rule on these operands from now on, but for the formula of a composite."""
        if rule.form is None and rule.source is None:
            self._known.setdefault(made((rule.name, tuple([self.place(x) for x in operands]))), symbol.place)

    def components(self, op: str, *xs: Number) -> list[Number]:
        """The results of a vector-valued operation."""
        if self.as_written:
            vector = self.apply(op, *xs)
            return [self.apply("item", vector, float(i)) for i in range(len(xs))]
        return [self.apply(op, float(i), *xs) for i in range(len(xs))]

    def _primitive(self, rule: Rule) -> str:
        """What a user's primitive is called here: its name and, as two may have one name, a number."""
        if rule not in self._primitives:
            namesakes = sum(other.name == rule.name for other in self.rules.values())
            name = self._primitives[rule] = f"{rule.name}#{namesakes + 1}"
            self.rules[name] = rule
        return self._primitives[rule]

    def scan(self, scan: Scan, operands: Sequence[Number]) -> Symbol:
        """A loop: a list of results."""
        name = f"scan#{len(self.scans) + 1}"
        self.scans[name] = scan
        return self.node(name, tuple([self.place(x) for x in operands]))

    def stack(self, numbers: Sequence[Number]) -> Symbol:
        """A list of numbers; a table where all of them are constants."""
        if any(isinstance(x, Symbol) for x in numbers):
            return self.node("stack", tuple([self.place(x) for x in numbers]))
        name = f"table#{len(self.tables) + 1}"
        self.tables[name] = tuple([x for x in numbers if not isinstance(x, Symbol)])
        return self.node(name, ())

    def item(self, numbers: Number, k: int) -> Symbol:
        """A number of a list."""
        return self.node("item", (self.place(numbers), self.constant(float(k))))

    def program(self, outputs: Sequence[Number], names: Sequence[str]) -> Instructions:
        """The program with these outputs, without what none of them needs."""
        places = [self.place(x) for x in outputs]
        code = Instructions(self.names, self.nodes, self.constants, places, names, self.rules, self.scans, self.tables)
        return pruned(code)

    def forget(self) -> None:
        """Let go of what was recorded.

        The tape and its ``m`` refer to each other, and the collector of such circles is paused while a program is made.
        """
        self.nodes, self.constants, self._known = [], {}, {}


class Namespace(Operations["Symbol | float"]):
    """``m`` on symbols: ``m.exp(x)`` records an ``exp``."""

    def __init__(self, tape: Tape):
        vectors = {op: partial(tape.components, op) for op in VECTOR_VALUED}
        super().__init__(where=partial(tape.apply, "where"), **vectors)
        self.tape = tape

    def __getattr__(self, name: str) -> Callable[..., Number]:
        function = partial(self.tape.rule, RULES[name])
        setattr(self, name, function)
        return function


# -- what needs no operation, or a simpler one: exact for every float ----------------------------------------


def _is(x: Number, number: float) -> bool:
    """Whether x is that very number, the sign of zero included."""
    return x.__class__ is not Symbol and x == number and (number != 0.0 or str(x) == str(number))


def _add(_: Tape, a: Number, b: Number) -> Number | None:
    return a if _is(b, -0.0) else b if _is(a, -0.0) else None


def _sub(_: Tape, a: Number, b: Number) -> Number | None:
    return a if _is(b, 0.0) else None


def _mul(tape: Tape, a: Number, b: Number) -> Number | None:
    if _is(a, 1.0) or _is(b, 1.0):
        return b if _is(a, 1.0) else a
    if _is(a, -1.0) or _is(b, -1.0):
        return tape.apply("neg", b if _is(a, -1.0) else a)
    return None


def _div(_: Tape, a: Number, b: Number) -> Number | None:
    return a if _is(b, 1.0) else None


def _neg(tape: Tape, a: Symbol) -> Number | None:
    node = tape.nodes[a.place]
    return Symbol(tape, node.args[0]) if node.op == "neg" else None


def _where(_: Tape, condition: Number, a: Number, b: Number) -> Number | None:
    if condition.__class__ is not Symbol:
        return a if condition else b
    return a if _same(a, b) else None


def _same(a: Number, b: Number) -> bool:
    if isinstance(a, Symbol):
        return isinstance(b, Symbol) and a.place == b.place
    return a.__class__ is b.__class__ is float and str(a) == str(b)


def _and(_: Tape, a: Number, b: Number) -> Number | None:
    known, other = (a, b) if a.__class__ is bool else (b, a)
    return None if known.__class__ is not bool else other if known else False


def _or(_: Tape, a: Number, b: Number) -> Number | None:
    known, other = (a, b) if a.__class__ is bool else (b, a)
    return None if known.__class__ is not bool else True if known else other


def _lt(tape: Tape, a: Number, b: Number) -> Number | None:
    """0 < x without a comparison, where x is 1 or 0 by conditions: what ``&``, ``|`` and ``~`` of conditions record."""
    if not _is(a, 0.0) or not isinstance(b, Symbol) or tape.nodes[b.place].op != "where":
        return None
    condition, *places = tape.nodes[b.place].args
    first, second = [_positive(tape, place) for place in places]
    return None if first is None or second is None else _choice(tape, Symbol(tape, condition), first, second)


def _positive(tape: Tape, place: int) -> Number | None:
    """Whether what is there is above 0: a constant, or a choice between two."""
    op, args = tape.nodes[place]
    if op != "where" or not tape.constants.keys() >= {*args[1:]}:
        return tape.constants[place] > 0.0 if op == "constant" else None
    return _choice(tape, Symbol(tape, args[0]), *[tape.constants[k] > 0.0 for k in args[1:]])


def _choice(tape: Tape, condition: Number, a: Number, b: Number) -> Number:
    """Of two conditions one, by a third."""
    if a is True:
        return tape.apply("or", condition, b)
    return tape.apply("or", tape.apply("and", condition, a), tape.apply("and", tape.apply("not", condition), b))


IDENTITIES: dict[str, Callable[..., Number | None]] = {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div, "neg": _neg, "where": _where, "lt": _lt, "and": _and, "or": _or,
    "identity": lambda _, x: x,
    "gt": lambda tape, a, b: tape.apply("lt", b, a),
    "ge": lambda tape, a, b: tape.apply("le", b, a),
}  # fmt: skip
