r"""A program with loops in LaTeX: a sum where a loop adds up and does nothing else, else ``for i = 0, …``.

>>> from autograd.program.rolled import roll
>>> from autograd.program.tape import Tape
>>> tape = Tape([f"x[{k}]" for k in range(100)])
>>> total = tape.inputs[0]
>>> for x in tape.inputs[1:]:
...     total = total + x * x
>>> print("\n".join(lines(roll(tape.program([total], ["total"])), str)))
v_{101, 99} &= x[0] + \sum_{i=0}^{98} x[i + 1] \cdot x[i + 1] \\
total &= v_{101, 99} \\
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from autograd.program.languages import LATEX
from autograd.program.listing import Assign, AtFirst, Cell, For, Initial, Listing, Reading, Statement
from autograd.program.on_paper import FEW, Paper
from autograd.program.printer import ATOM, CHOICE, PRODUCT, SUM, Form, Printed, write
from autograd.program.rolled import Rolled
from autograd.program.source import gathered, index_text
from autograd.program.storage import Index
from autograd.program.syntax import Syntax

SYNTAX = Syntax(
    local=r"{0} &= {1} \\",
    local_condition=r"{0} &= {1} \\",
    assign=r"{0} &= {1} \\",
    loop=r"&\text{{for }} {0} = 0, \dots, {1}\text{{:}} \\",
    end="",
    array="",
    condition_array="",
    variable="",
    condition="",
    table="",
    indent=r"\quad ",
    choice=Form(r"\begin{{cases}} {1} & {0} \\ {2} & \text{{else}} \end{{cases}}", ATOM),
)


def lines(program: Rolled, name: Callable[[str], str]) -> Iterator[str]:
    """The equations of a program with loops; ``name`` is how a name is written. Of long tables the ends are shown."""
    equations = Equations(Listing(program, variables=False), name)
    for start, table in equations.tables.items():
        numbers = list(map(LATEX.number_text, program.constants[start : start + equations.listing.tables[start]]))
        shown = numbers if len(numbers) <= FEW else [*numbers[:3], r"\dots", numbers[-1]]
        yield SYNTAX.assign.format(_subscripted(table), f"({', '.join(shown)})")
    yield from equations.lines
    yield from equations.gathered(
        [SYNTAX.assign.format(name(y), text) for y, text in zip(program.names, equations.results, strict=True)]
    )


class Equations(Paper):
    """A listing as equations."""

    def __init__(self, listing: Listing, name: Callable[[str], str]):
        self.name = name
        self.cells: dict[str, list[Cell]] = {}  # all that is read, by the names
        for cell in _cells([*_readings(listing.statements), *listing.outputs]):
            self.cells.setdefault(cell.name, []).append(cell)
        self.inlined: dict[str, Printed] = {}
        super().__init__(listing, LATEX, SYNTAX, list(map(name, listing.program.inputs)), "inputs")

    def _body(self, statements: Sequence[Statement], indent: str) -> Iterator[str]:
        sums = {id(each): found for each in statements if isinstance(each, For) and (found := self._total(each, statements))}
        dropped = {id(initial) for initial, _ in sums.values()}
        for statement in statements:
            if id(statement) in sums and isinstance(statement, For):
                yield indent + self._sum(statement, *sums[id(statement)])
            elif isinstance(statement, For):
                yield indent + self.syntax.loop.format(self._letter(statement.level), statement.times - 1)
                yield from self._body(statement.body, indent + self.syntax.indent)
            elif id(statement) not in dropped:
                yield from self._lines(statement, indent)

    def gathered(self, lines: Sequence[str]) -> list[str]:
        """Equations of outputs as loops."""
        letter = self._letter(0)

        def loop(times: int) -> str:
            return self.syntax.loop.format(letter, times - 1)

        return list(gathered(lines, loop, self.syntax.end, self.syntax.indent, letter, " "))

    # -- sums --------------------------------------------------------------------------------------

    def _total(self, loop: For, statements: Sequence[Statement]) -> tuple[Initial, Cell] | None:
        """The initial value and the last of a sum, if the loop adds to it and does nothing else that is needed elsewhere."""
        *others, last = loop.body
        if not isinstance(last, Assign) or last.op != "add" or not last.target.indices:
            return None
        initial = next((s for s in statements if isinstance(s, Initial) and s.target.name == last.target.name), None)
        once = all(isinstance(s, Assign) and not s.target.indices and len(self.cells[s.target.name]) == 1 for s in others)
        axes = [k for k, index in enumerate(last.target.indices) if index.strides[loop.level]]
        before = _stripped(_moved(last.target, loop.level))
        reads = [_stripped(cell) for cell in self.cells[last.target.name]]
        if not initial or not once or len(axes) != 1 or [x for x in map(_plain, last.operands) if x == before] != [before]:
            return None
        end, (axis,) = _at(last.target, loop.level, loop.times - 1), axes
        reads.remove(before)
        return (initial, end) if all(cell.indices[axis] == end.indices[axis] for cell in reads) else None

    def _sum(self, loop: For, initial: Initial, end: Cell) -> str:
        *others, last = [each for each in loop.body if isinstance(each, Assign)]
        for each in others:
            self.inlined[each.target.name] = self._written(each)
        (term,) = [x for x in last.operands if not (isinstance(x, Cell) and x.name == end.name)]
        printed = self._printed(term) if not isinstance(term, list) else Printed("")
        text = printed.text if printed.level >= PRODUCT else _grouped(printed.text)
        total = rf"\sum_{{{self._letter(loop.level)}=0}}^{{{loop.times - 1}}} {text}"
        if initial.source != 0.0:
            first = self._printed(initial.source)
            total = f"{first.text if first.level >= SUM else _grouped(first.text)} + {total}"
        return self.syntax.assign.format(self._printed(end).text, total)

    def _written(self, statement: Assign) -> Printed:
        return write(LATEX.forms[statement.op], list(self._operands(statement)), CHOICE, _grouped)

    # -- names -------------------------------------------------------------------------------------

    def _variable(self, name: str) -> Printed:
        return self.inlined.get(name) or Printed(_subscripted(name))

    def _cell(self, name: str, indices: tuple[Index, ...]) -> Printed:
        return Printed(_subscripted(name, [self._index(index) for index in indices]))

    def _index(self, index: Index) -> str:
        return index_text(index, self._letter, " ")

    def _named(self, text: str, indices: list[Index]) -> Printed:
        return Printed(self.name(text.format(*map(self._index, indices))))


def _grouped(text: str) -> str:
    return rf"\left({text}\right)"


def _subscripted(name: str, indices: Iterable[str] = ()) -> str:
    """A name as v12 with its number and indices as subscripts."""
    word = name.rstrip("0123456789")
    subscripts = ", ".join([*[name[len(word) :]][: len(name) - len(word)], *indices])
    return f"{word}_{{{subscripts}}}" if len(word) == 1 else rf"\text{{{word}}}_{{{subscripts}}}"


def _readings(statements: Iterable[Statement]) -> Iterator[Reading]:
    for statement in statements:
        if isinstance(statement, For):
            yield from _readings(statement.body)
        elif isinstance(statement, Initial):
            yield statement.source
        else:
            yield from (x for each in statement.operands for x in (each if isinstance(each, list) else [each]))


def _cells(readings: Iterable[Reading]) -> Iterator[Cell]:
    for reading in readings:
        if isinstance(reading, Cell):
            yield reading
        elif isinstance(reading, AtFirst):
            yield from _cells([reading.first, reading.then])


def _at(cell: Cell, level: int, iteration: int) -> Cell:
    """What a cell is in an iteration of the innermost loop around it."""
    indices = [Index(i.start + i.strides[level] * iteration, i.strides[:level]) for i in cell.indices]
    return _stripped(cell._replace(indices=tuple(indices)))


def _moved(cell: Cell, level: int) -> Cell:
    """The cell of the iteration before."""
    return cell._replace(indices=tuple([i._replace(start=i.start - i.strides[level]) for i in cell.indices]))


def _stripped(cell: Cell) -> Cell:
    """The cell without strides of 0 at the end, whichever loops it is read in."""
    return cell._replace(indices=tuple([Index(i.start, _without_zeros(i.strides)) for i in cell.indices]))


def _plain(operand: Reading | list[Reading]) -> Cell | None:
    return _stripped(operand) if isinstance(operand, Cell) else None


def _without_zeros(strides: tuple[int, ...]) -> tuple[int, ...]:
    return strides[: max((k + 1 for k, stride in enumerate(strides) if stride), default=0)]
