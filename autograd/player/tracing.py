"""A rule of the table as a straight-line program: the rule is run on symbols, which write down what is done to them.

>>> from autograd.rules.table import RULES
>>> for step in trace(RULES["sigmoid"].form, 1).steps:
...     print(step.operation, *step.operands)
input
abs #0
neg #1
exp #2
> #0 0.0
where #4 1.0 #3
+ 1.0 #3
div #5 #6

The rules branch nowhere and name every operation through their namespace ``m``, so one run shows all of a rule; what
is computed twice is written down once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

from autograd.rules.table import FLOATS

LISTS = ("directions", "softmaxes")  # operations with one result for each operand


class Step(NamedTuple):
    """An operation (a sign such as ``+``, ``where``, ``item``, or a name of the rule table) on symbols and numbers."""

    operation: str
    operands: tuple[Any, ...]


def _operator(sign: str) -> tuple[Callable[..., Symbol], Callable[..., Symbol]]:
    def forward(self: Symbol, other: Any) -> Symbol:
        return self.program.record(sign, self, other)

    def reflected(self: Symbol, other: Any) -> Symbol:
        return self.program.record(sign, other, self)

    return forward, reflected


class Symbol:
    """The result of a program's step number ``index``; arithmetic and comparisons on it are further steps.

    >>> program = Program(1)
    >>> x = program.inputs[0]
    >>> 2.0 * x + 1.0, program.steps[-2:]
    (#2, [Step(operation='*', operands=(2.0, #0)), Step(operation='+', operands=(#1, 1.0))])
    """

    __slots__ = ("index", "program")

    def __init__(self, program: Program, index: int):
        self.program, self.index = program, index

    __add__, __radd__ = _operator("+")
    __sub__, __rsub__ = _operator("-")
    __mul__, __rmul__ = _operator("*")
    __truediv__, __rtruediv__ = _operator("/")
    __lt__, __gt__ = _operator("<")[0], _operator(">")[0]
    __le__, __ge__ = _operator("<=")[0], _operator(">=")[0]
    __eq__ = _operator("==")[0]  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __neg__(self) -> Symbol:
        return self.program.record("neg", self)

    def __bool__(self) -> bool:
        raise TypeError("a rule must not branch on a number: it says m.where(condition, a, b)")

    def __repr__(self) -> str:
        return f"#{self.index}"


class Program:
    """Steps in the order they are done, the inputs first; ``namespace`` is the ``m`` that writes them down."""

    def __init__(self, inputs: int):
        self.steps: list[Step] = []
        self.results: list[Any] = []
        self._known: dict[Any, Symbol] = {}
        self.inputs = [self._new(Step("input", ())) for _ in range(inputs)]
        self.namespace = SimpleNamespace(**{name: partial(self.record, name) for name in vars(FLOATS)})
        vars(self.namespace).update({name: partial(self._list, name) for name in LISTS})

    def record(self, operation: str, *operands: Any) -> Symbol:
        """The symbol of a step, a new one unless the same was done before."""
        key = (operation, *(("symbol", x.index) if isinstance(x, Symbol) else repr(float(x)) for x in operands))
        if key not in self._known:
            self._known[key] = self._new(Step(operation, operands))
        return self._known[key]

    def _list(self, operation: str, *operands: Any) -> list[Symbol]:
        whole = self.record(operation, *operands)
        return [self.record("item", whole, i) for i in range(len(operands))]

    def _new(self, step: Step) -> Symbol:
        self.steps.append(step)
        return Symbol(self, len(self.steps) - 1)

    def uses(self) -> list[int]:
        """How often the program needs the result of each step; 0 for one that may be left out.

        >>> program = trace(lambda m, x: (m.exp(x), m.tanh(x))[0] * x, 1)
        >>> [step.operation for step in program.steps], program.uses()
        (['input', 'exp', 'tanh', '*'], [2, 1, 0, 1])
        """
        uses = [0] * len(self.steps)
        for result in filter(_is_symbol, self.results):
            uses[result.index] += 1
        for index in reversed(range(len(self.steps))):
            for operand in filter(_is_symbol, self.steps[index].operands) if uses[index] else ():
                uses[operand.index] += 1
        return uses


def _is_symbol(x: Any) -> bool:
    return isinstance(x, Symbol)


def trace(function: Callable[..., Any], inputs: int) -> Program:
    """The program of ``function(m, *inputs)``, which returns one number or several.

    >>> trace(lambda m, a, b: (b, a), 2).results
    [#1, #0]
    """
    program = Program(inputs)
    results = function(program.namespace, *program.inputs)
    program.results = list(results) if isinstance(results, Sequence) else [results]
    return program
