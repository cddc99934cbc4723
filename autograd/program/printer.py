"""Expressions as text: an operation and its printed operands, with the parentheses that precedence needs.

>>> product, total = Form("{0} * {1}", PRODUCT, (PRODUCT, SIGN)), Form("{0} + {1}", SUM, (SUM, PRODUCT))
>>> x = Printed("x")
>>> write(product, [x, write(total, [x, Printed("1")])])
Printed(text='x * (x + 1)', level=5)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from autograd.program.instructions import Instructions, ProgramError
from autograd.program.spelling import words

# How tightly an expression binds. Languages differ in which of these levels they have.
CHOICE, LOGIC, COMPARISON, SUM, QUOTIENT, PRODUCT, SIGN, POWER, ATOM = range(9)


class Printed(NamedTuple):
    """An expression, and how tightly it binds."""

    text: str
    level: int = ATOM


class Form(NamedTuple):
    """How an operation is written: a template in which ``{0}``, ``{1}``, … are the operands.

    ``{all}`` is all of them in a row, ``{left}`` and ``{right}`` are the first half and the second.
    """

    template: str
    level: int = ATOM
    least: tuple[int, ...] = (
        CHOICE,
    )  # operands that bind less tightly stand in parentheses; the last counts for the others
    separator: str = ", "


def parenthesised(text: str) -> str:
    return f"({text})"


def write(
    form: Form, operands: Sequence[Printed], least: int = CHOICE, group: Callable[[str], str] = parenthesised
) -> Printed:
    """The operation on these operands, all of which must bind at least as tightly as ``least``."""
    last = len(form.least) - 1
    texts = [x.text if x.level >= max(form.least[min(i, last)], least) else group(x.text) for i, x in enumerate(operands)]
    join, half = form.separator.join, len(texts) // 2
    text = form.template.format(*texts, all=join(texts), left=join(texts[:half]), right=join(texts[half:]))
    return Printed(text, form.level)


class Language(NamedTuple):
    """How a language writes operations and numbers, and the helpers that some of its operations call."""

    name: str
    forms: dict[str, Form]
    number_text: Callable[[float], str]
    helpers: Mapping[str, str] = MappingProxyType({})  # the text that defines a helper, by the operation that calls it
    least: int = CHOICE  # how tightly every operand must bind: ATOM puts each negative number in parentheses
    call: Callable[[str], Form] | None = None  # the form of an operation that has none
    head: str = ""  # what stands before a function
    taken: frozenset[str] = frozenset()  # words that no function may be called

    def write(self, op: str, operands: Sequence[Printed]) -> Printed:
        """The operation on these operands. Raises ProgramError where the language has no form for it."""
        form = self.forms.get(op)
        if form is None:
            if self.call is None:
                name = op.rpartition("#")[0] or op  # without the number of a user's primitive
                raise ProgramError(f"the operation {name!r} has no form in {self.name}; the program runs here all the same")
            form = self.call(op)
        return write(form, operands, self.least)

    def number(self, x: float) -> Printed:
        text = self.number_text(x)
        return Printed(text, SIGN if text.startswith("-") else ATOM)

    def words(self) -> set[str]:
        """All words that its text may use, which a name in it must not shadow."""
        templates = words(" ".join([self.number_text(math.nan), *(form.template for form in self.forms.values())]))
        return templates | self.taken

    def helpers_of(self, ops: Iterable[str]) -> list[str]:
        """The definitions that these operations need."""
        used = set(ops)
        return [text for op, text in self.helpers.items() if op in used]


class Statement(NamedTuple):
    """``target = text``, where the text computes ``op``."""

    target: str
    op: str
    text: str


def statements(
    code: Instructions, language: Language, inputs: Sequence[str], target: Callable[[int, int], str | None]
) -> tuple[list[Statement], list[str]]:
    """The program's statements, and its outputs as expressions.

    ``target`` is given an operation's place and the number of statements so far, and gives what the result is assigned
    to; None where it is written where it is used.
    """
    printed = [Printed(name) for name in inputs]
    lines: list[Statement] = []
    for i, (op, args) in enumerate(code.nodes[len(inputs) :], len(inputs)):
        if op == "constant":
            printed.append(language.number(code.constants[i]))
            continue
        expression = language.write(op, [printed[a] for a in args])
        name = target(i, len(lines))
        if name is not None:
            lines.append(Statement(name, op, expression.text))
        printed.append(expression if name is None else Printed(name))
    return lines, [printed[place].text for place in code.outputs]
