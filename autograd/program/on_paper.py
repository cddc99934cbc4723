"""``print(program)`` of a program with loops: a name with its indices stands for one number, and nothing is replaced.

>>> from autograd.program.rolled import roll
>>> from autograd.program.tape import Tape
>>> tape = Tape([f"x[{k}]" for k in range(100)])
>>> total = tape.inputs[0]
>>> for x in tape.inputs[1:]:
...     total = total + x
>>> print("\\n".join(lines(roll(tape.program([total], ["total"])))))
  v100[0] = x[0]
  for i in range(99):
    v100[i + 1] = add v100[i] x[i + 1]
  total = v100[99]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from autograd.interop.text import printable
from autograd.program.listing import Assign, FromInput, Listing
from autograd.program.printer import ATOM, Form, Language, Printed
from autograd.program.rolled import Rolled
from autograd.program.source import SourceCode, index_text
from autograd.program.storage import Index, affine, grid
from autograd.program.syntax import Syntax

FEW = 8  # numbers of a table, or operands in a row, that are all printed
WORDS = Language("print", {}, repr, call=lambda op: Form(f"{printable(op)} {{all}}", ATOM, separator=" "))
SYNTAX = Syntax(
    local="{0} = {1}",
    local_condition="{0} = {1}",
    assign="{0} = {1}",
    loop="for {0} in range({1}):",
    end="",
    array="",
    condition_array="",
    variable="",
    condition="",
    table="",
    indent="  ",
    choice=Form("({1} if {0} else {2})"),
)


def lines(program: Rolled) -> Iterator[str]:
    """The lines of a program with loops: its tables of constants, its operations, its outputs."""
    paper = Paper(Listing(program, variables=False), WORDS, SYNTAX, list(map(printable, program.inputs)), "inputs")
    for start, name in paper.tables.items():
        yield f"  {name} = {_row(program.constants[start : start + paper.listing.tables[start]])}"
    yield from (f"  {line}" for line in paper.lines)
    outputs = [f"{printable(name)} = {result}" for name, result in zip(program.names, paper.results, strict=True)]
    yield from (f"  {line}" for line in paper.gathered(outputs))


def _row(numbers: list[float]) -> str:
    if len(numbers) <= FEW:
        return " ".join(map(repr, numbers))
    return f"{' '.join(map(repr, numbers[:3]))} … {numbers[-1]!r} ({len(numbers)} numbers)"


class Paper(SourceCode):
    """A listing as it is printed: inputs by the names they have, arrays with an index for each loop."""

    def _cell(self, name: str, indices: tuple[Index, ...]) -> Printed:
        return Printed(f"{name}[{', '.join(self._index(index) for index in indices)}]")

    def _index(self, index: Index) -> str:
        return index_text(index, self._letter, "·")

    def _input(self, reading: FromInput) -> Printed:
        """The common name of the inputs that an operand runs through; their numbers among all inputs if they have none."""
        names = self._numbered
        numbers = grid(reading.place.start, reading.place.strides, reading.within)
        text, counts = names[int(numbers.flat[0])]
        parts = [names[k] for k in numbers.ravel().tolist()]
        indices = [
            affine(np.array([each[column] for _, each in parts]).reshape(numbers.shape), reading.within)
            for column in range(len(counts))
            if all(other == text for other, _ in parts)
        ]
        if len(indices) < len(counts) or None in indices or not counts:
            return self._cell(self.array, (reading.place,))
        return self._named(text, [index for index in indices if index is not None])

    def _named(self, text: str, indices: list[Index]) -> Printed:
        """A name with places for its indices."""
        return Printed(text.format(*map(self._index, indices)))

    @cached_property
    def _numbered(self) -> list[tuple[str, list[int]]]:
        """Of every input's name the text with places for the numbers in it, and the numbers."""
        return [
            (re.sub(r"\d+", "{}", name.replace("{", "{{").replace("}", "}}")), list(map(int, re.findall(r"\d+", name))))
            for name in map(printable, self.listing.program.inputs)
        ]

    def _operands(self, statement: Assign) -> Iterator[Printed]:
        for each in statement.operands:
            if not isinstance(each, list):
                yield self._printed(each)
                continue
            texts = [self._printed(x) for x in each]
            yield from texts if len(texts) <= FEW else (texts[0], Printed("…"), texts[-1])
