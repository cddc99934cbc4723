"""A program with loops as lines of a language: what ``export`` puts into a function.

>>> from autograd.program.languages import PYTHON
>>> from autograd.program.rolled import roll
>>> from autograd.program.syntax import PYTHON_SYNTAX
>>> from autograd.program.tape import Tape
>>> tape = Tape([f"x{k}" for k in range(100)])
>>> total = tape.inputs[0]
>>> for x in tape.inputs[1:]:
...     total = total + x
>>> rolled = roll(tape.program([total], ["total"]))
>>> body = function_text(rolled, PYTHON, PYTHON_SYNTAX, rolled.inputs)
>>> print("\\n".join(body.lines[1:]), body.results)
v100 = x0
for i in range(99):
    v100 = v100 + x[i + 1] ['v100']
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from autograd.program.listing import (
    Assign,
    AtFirst,
    Cell,
    For,
    FromInput,
    FromTable,
    Initial,
    Listing,
    Reading,
    Statement,
    flat,
)
from autograd.program.printer import COMPARISON, Language, Printed, write
from autograd.program.rolled import Rolled
from autograd.program.spelling import row, unless_taken, words
from autograd.program.storage import Index, grid
from autograd.program.syntax import FunctionText, Syntax

LETTERS = "ijklmn"
LINE = 100  # characters of a table


INDEX = re.compile(r"(?<=[\[{ ])(\d+)(?=[\]},])")
ROW = 4  # lines in a row that are gathered
LARGE = 1 << 15  # numbers: longer arrays don't go on the stack


def function_text(
    program: Rolled, language: Language, syntax: Syntax, inputs: Sequence[str], array: str = ""
) -> FunctionText:
    """The body of a function; the inputs are all of one array where ``array`` is its name."""
    kind = FunctionalCode if syntax.is_functional else SourceCode
    source = kind(Listing(program, variables=True), language, syntax, inputs, array)
    outputs = (
        source.gathered([syntax.output.format(k, text) for k, text in enumerate(source.results)]) if syntax.output else []
    )
    return FunctionText([*source.lines, *outputs], source.results, source.ops, source.last)


class SourceCode:
    """A listing in a language: ``lines``, the outputs as ``results``, and the ``ops`` that occur.

    ``inputs`` are their texts, all of one array where ``array`` is its name.
    """

    def __init__(
        self,
        listing: Listing,
        language: Language,
        syntax: Syntax,
        inputs: Sequence[str],
        array: str = "",
    ):
        self.listing, self.language, self.syntax, self.inputs = listing, language, syntax, inputs
        self.taken = language.words() | words(" ".join(inputs)) | {array}
        self.array = array or self.free("x")
        self.letters: list[str] = []
        self.lists_inputs = False  # whether one is read by an index that runs through several arrays
        self.by_name = {listing.name(family): family for family in listing.families()}
        self.extents = {name: listing.extents(family) for name, family in self.by_name.items()}
        self.tables = {start: self.free(f"c{start}") for start in sorted(listing.tables)}
        self.ops = {operation.op for operation in listing.storage.operations}
        body = list(self._body(listing.statements, ""))
        self.results = [self._printed(reading).text for reading in listing.outputs]
        self.lines = [*self._head(), *body]
        self.last = [syntax.free.format(name) for name in self.by_name if self._is_large(name)]

    def free(self, word: str) -> str:
        """The word or one like it that isn't taken, from now on taken."""
        found = unless_taken(word, self.taken)
        self.taken.add(found)
        return found

    def _head(self) -> Iterator[str]:
        syntax = self.syntax
        if self.lists_inputs:
            yield syntax.inputs.format(self.array, ", ".join(self.inputs))
        for start, name in self.tables.items() if syntax.table else ():
            numbers = self.listing.program.constants[start : start + self.listing.tables[start]]
            yield from syntax.table.format(name, in_lines(list(map(self.language.number_text, numbers)))).split("\n")
        for name, family in self.by_name.items() if syntax.array else ():
            if self._is_large(name):
                yield from syntax.large_array.format(name, math.prod(self.extents[name])).split("\n")
            elif self.extents[name]:
                template = syntax.condition_array if family.is_condition else syntax.array
                yield template.format(name, math.prod(self.extents[name]))
            elif syntax.variable:
                yield (syntax.condition if family.is_condition else syntax.variable).format(name)

    def gathered(self, lines: Sequence[str]) -> list[str]:
        """Lines of outputs as loops."""
        letter = self._letter(0)
        return list(
            gathered(lines, lambda n: self.syntax.loop.format(letter, n), self.syntax.end, self.syntax.indent, letter)
        )

    def _is_large(self, name: str) -> bool:
        return bool(self.syntax.large_array) and math.prod(self.extents[name]) > LARGE

    # -- statements --------------------------------------------------------------------------------

    def _body(self, statements: Sequence[Statement], indent: str) -> Iterator[str]:
        for statement in statements:
            yield from self._lines(statement, indent)

    def _lines(self, statement: Statement, indent: str) -> Iterator[str]:
        if isinstance(statement, For):
            yield indent + self.syntax.loop.format(self._letter(statement.level), statement.times)
            yield from self._body(statement.body, indent + self.syntax.indent)
            if self.syntax.end:
                yield indent + self.syntax.end
        elif isinstance(statement, Initial):
            yield indent + self._put(statement.target, self._printed(statement.source).text)
        else:
            yield indent + self._assigned(statement)

    def _assigned(self, statement: Assign) -> str:
        text = self.language.write(statement.op, list(self._operands(statement))).text
        if statement.target.name in self.by_name:
            return self._put(statement.target, text)
        return self.syntax.assigned(self._printed(statement.target).text, statement.op, text)

    def _put(self, target: Cell, text: str) -> str:
        return self.syntax.assign.format(self._printed(target).text, text)

    def _operands(self, statement: Assign) -> Iterator[Printed]:
        for each in statement.operands:
            yield from map(self._printed, each if isinstance(each, list) else [each])

    # -- expressions -------------------------------------------------------------------------------

    def _printed(self, reading: Reading) -> Printed:
        if isinstance(reading, float):
            return self.language.number(reading)
        if isinstance(reading, FromInput):
            return self._input(reading) if any(reading.place.strides) else Printed(self.inputs[reading.place.start])
        if isinstance(reading, FromTable):
            return self._cell(self.tables[reading.start], (reading.place,))
        if isinstance(reading, AtFirst):
            is_first = Printed(f"{self._letter(reading.level)} == 0", COMPARISON)
            operands = [is_first, self._printed(reading.first), self._printed(reading.then)]
            return write(self.syntax.choice, operands, self.language.least)
        return self._cell(reading.name, reading.indices) if reading.indices else self._variable(reading.name)

    def _variable(self, name: str) -> Printed:
        return Printed(name)

    def _cell(self, name: str, indices: tuple[Index, ...]) -> Printed:
        """An item of an array or a table."""
        index = flat(indices, self.extents.get(name, [1]))
        return Printed(f"{name}[{index_text(index, self._letter)}]")

    def _input(self, reading: FromInput) -> Printed:
        """An input by an index that runs: an item of the array that it is in, or of a list of all inputs."""
        place = reading.place
        numbers = grid(place.start, place.strides, reading.within)
        (name, first), (other, _) = [self._item(self.inputs[int(k)]) for k in (numbers.min(), numbers.max())]
        if first is not None and name == other:
            return self._cell(name, (place._replace(start=place.start - int(numbers.min()) + first),))
        self.lists_inputs = True
        return self._cell(self.array, (place,))

    @staticmethod
    def _item(text: str) -> tuple[str, int | None]:
        """An array and the place in it, or a name alone."""
        name, bracket, index = text.partition("[")
        return name, int(index[:-1]) if bracket else None

    def _letter(self, level: int) -> str:
        while len(self.letters) <= level:
            k = len(self.letters)
            self.letters.append(self.free(LETTERS[k] if k < len(LETTERS) else f"i{k}"))
        return self.letters[level]


class FunctionalCode(SourceCode):
    """The same where nothing is replaced: a loop is a function of the iteration and of what is carried."""

    def _lines(self, statement: Statement, indent: str) -> Iterator[str]:
        if not isinstance(statement, For):
            yield from super()._lines(statement, indent)
            return
        carried, inner = row(self._assigned_in(statement)), indent + self.syntax.indent
        words = self._letter(statement.level), statement.times, self.free("loop"), carried
        yield indent + self.syntax.loop.format(*words)
        yield f"{inner}{carried} = carried"
        yield from self._body(statement.body, inner)
        yield f"{inner}return {carried}"
        yield indent + self.syntax.end.format(*words)

    def _assigned_in(self, loop: For) -> list[str]:
        """The variables and arrays that a loop assigns, but for those of a single iteration."""
        inner = [self._assigned_in(each) if isinstance(each, For) else [each.target.name] for each in loop.body]
        return [name for name in dict.fromkeys(chain.from_iterable(inner)) if name in self.by_name]

    def _put(self, target: Cell, text: str) -> str:
        if not target.indices:
            return super()._put(target, text)
        item = self._printed(target).text.removeprefix(target.name)
        return self.syntax.assign_item.format(target.name, item, text)


def gathered(
    lines: Sequence[str], loop: Callable[[int], str], end: str, indent: str, letter: str, times: str = " * "
) -> Iterator[str]:
    """Lines that differ in indices alone, which run arithmetically, as loops of one line.

    >>> outputs = [f"y[{k + 1}] = v9[{20 - 2 * k}]" for k in range(9)]
    >>> print("\\n".join(gathered(["y[0] = v5", *outputs], "for i in range({}):".format, "", "  ", "i")))
    y[0] = v5
    for i in range(9):
      y[i + 1] = v9[20 - 2 * i]
    """
    at = 0
    while at < len(lines):
        pieces = INDEX.split(lines[at])
        starts, stop = list(map(int, pieces[1::2])), at + 1
        steps: list[int] | None = None
        while stop < len(lines) and (other := INDEX.split(lines[stop]))[::2] == pieces[::2]:
            differences = [int(k) - start for k, start in zip(other[1::2], starts, strict=True)]
            steps = differences if steps is None else steps
            if differences != [(stop - at) * step for step in steps]:
                break
            stop += 1
        if steps is None or stop - at < ROW:
            yield from lines[at : at + 1]
            at += 1
            continue
        pieces[1::2] = [index_text(Index(k, (s,)), lambda _: letter, times) for k, s in zip(starts, steps, strict=True)]
        yield loop(stop - at)
        yield indent + "".join(pieces)
        if end:
            yield end
        at = stop


def index_text(index: Index, letter: Callable[[int], str], times: str = " * ") -> str:
    """The index as text.

    >>> [index_text(Index(*index), "ij".__getitem__) for index in ((3, ()), (3, (0, 2)), (9, (-1, 0)), (-1, (10, 1)))]
    ['3', '2 * j + 3', '9 - i', '10 * i + j - 1']
    """
    terms = [
        (s, letter(level) if abs(s) == 1 else f"{abs(s)}{times}{letter(level)}")
        for level, s in enumerate(index.strides)
        if s
    ]
    if index.start or not terms:
        terms.append((index.start, str(abs(index.start))))
    (sign, text), *others = sorted(terms, key=lambda term: term[0] < 0)  # positive ones first
    return "-" * (sign < 0) + text + "".join(f" {'-' if s < 0 else '+'} {other}" for s, other in others)


def in_lines(items: Sequence[str]) -> str:
    """The items of a table, in lines where there are many: some compilers for small machines read no longer ones.

    >>> print(in_lines(["10.0"] * 20))
    <BLANKLINE>
        10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0,
        10.0, 10.0, 10.0, 10.0
    <BLANKLINE>
    """
    text = ", ".join(items)
    if len(text) <= LINE:
        return text
    lines = textwrap.wrap(text, LINE, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
    return "\n".join(["", *lines, ""])
