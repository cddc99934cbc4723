"""The loops that a program's scans are: each operation of a step once, with operands that run with the iterations.

The numbers of a loop's values are known as it is written, in the first iteration of the loops around; by how much they move
from iteration to iteration only once the loops' bodies are complete. So operands are written as what they are of, and become
places at the end.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from autograd.program.instructions import Instructions, Scan
from autograd.program.loops import Item, Loop, Operation, Place, Several
from autograd.program.operations import COMPARISONS, LOGIC

VALUE, MASK, CONSTANT, INPUT = "value", "mask", "constant", "input"
OWN = "own"  # the kind of a constant of a loop, by its number among these; they come after those of the program
BOOLEAN = frozenset(COMPARISONS) | frozenset(LOGIC)
COPIED = 3  # comparisons and logic that are copied together; more are kept


@dataclass(eq=False)
class Frame:
    """A loop that is being written: its steps and loops, where its numbers start, what a state is at first and later."""

    times: int
    base: int
    initial: list[Operand] = field(default_factory=list)
    states: list[Ref] = field(default_factory=list)
    body: list[Written | Frame] = field(default_factory=list)
    copies: dict[Carried, Ref] = field(default_factory=dict)  # of states as an iteration gets them
    size: int = 0


class Ref(NamedTuple):
    """A value, or another kind of number, in the first iteration of all loops; it moves with ``frames``, by their sizes.

    ``moved`` are loops in which it is read elsewhere in every iteration, and by how much further.
    """

    kind: Hashable
    start: int
    frames: tuple[Frame, ...] = ()
    moved: tuple[tuple[Frame, int], ...] = ()


class Carried(NamedTuple):
    """A state of a loop, as an iteration gets it."""

    frame: Frame
    k: int


Operand: TypeAlias = "Ref | Carried"
Operands: TypeAlias = Sequence[Operand]


class Written(NamedTuple):
    """An operation of a loop's body."""

    op: str
    operands: tuple[Operand, ...]
    number: int


class Progression(NamedTuple):
    """Numbers of a list in a row: the first, and by how much the next is further."""

    first: Ref
    step: int

    def at(self, k: int) -> Ref:
        """The k-th of them."""
        return self.first._replace(start=self.first.start + self.step * k)


class Numbers(NamedTuple):
    """A list: single numbers, then runs of ``times`` each."""

    singles: list[Ref]
    runs: list[Progression]
    times: int

    def at(self, k: int) -> Ref:
        """Its k-th number."""
        if k < len(self.singles):
            return self.singles[k]
        run, i = divmod(k - len(self.singles), self.times)
        return self.runs[run].at(i)

    def read(self, first: int, stride: int, frame: Frame) -> Ref:
        """The numbers from the ``first`` on, one in each iteration of a loop."""
        step = self.runs[(first - len(self.singles)) // self.times].step
        return self.at(first)._replace(moved=((frame, step * stride),))

    def of_kind(self, kind: Hashable) -> Numbers:
        """The same numbers, where values are of this kind."""
        singles, firsts = self.singles, [run.first for run in self.runs]
        moved = [[ref._replace(kind=kind) if ref.kind == VALUE else ref for ref in refs] for refs in (singles, firsts)]
        runs = [Progression(first, run.step) for first, run in zip(moved[1], self.runs, strict=True)]
        return Numbers(moved[0], runs, self.times)


class LoopWriter:
    """Writes loops; ``count`` is the number of the next value, ``own`` has the loops' constants.

    With ``copies`` a condition isn't a value: a copy of it is written before each operation that needs it.
    """

    def __init__(self, copies: bool = True) -> None:
        self.copies = copies
        self.count = 0
        self.own: list[float] = []
        self._frames: list[Frame] = []
        self._number_of: dict[str, int] = {}  # by the bits

    def loop(self, scan: Scan, operands: Operands, lists: Sequence[Numbers]) -> tuple[Numbers, Frame]:
        """Write a scan; the list of its results, and the loop."""
        frame = Frame(scan.times, self.count)
        frame.initial = [self.copied(x) if isinstance(x, Carried) else x for x in operands[: scan.states]]
        frame.base = self.count
        xs = [numbers.read(*stride, frame) for numbers, stride in zip(lists, scan.strides, strict=True)]
        self._frames.append(frame)
        states = [Carried(frame, k) for k in range(scan.states)]
        outputs = [self._own(y) for y in LoopBody(self, scan.body, [*states, *operands[scan.states :], *xs]).outputs()]
        self._frames.pop()
        frame.states, frame.size = outputs[: scan.states], self.count - frame.base
        self.count = frame.base + frame.times * frame.size
        if self._frames:
            self._frames[-1].body.append(frame)
        outer = tuple(self._frames)
        last = [ref._replace(start=ref.start + frame.size * (frame.times - 1), frames=outer) for ref in frame.states]
        runs = [Progression(ref._replace(frames=outer), frame.size) for ref in outputs[scan.states :]]
        return Numbers(last, runs, frame.times), frame

    def _own(self, y: Operand) -> Ref:
        """An output of the loop that is being written as a value of each of its iterations."""
        own = isinstance(y, Ref) and y.kind == VALUE and y.frames[-1:] == (self._frames[-1],) and not y.moved
        if isinstance(y, Carried):
            return self.latest(y)
        return y if own else self.copied(y)

    def latest(self, state: Carried) -> Ref:
        """A value that is a state of the loop, or of one around it, as an iteration got it: one copy serves all."""
        copies = self._frames[-1].copies
        if state not in copies:
            copies[state] = self.copied(state)
        return copies[state]

    def own_value(self, number: int, kind: Hashable = VALUE) -> Ref:
        """A value of the innermost loop."""
        return Ref(kind, number, tuple(self._frames))

    def copied(self, x: Operand) -> Ref:
        """A value that is x: x + (−0) for every float."""
        return self.write("add", [x, self.constant(-0.0)])

    def write(self, op: str, operands: Operands) -> Ref:
        """Write an operation in the innermost loop."""
        number, self.count = self.count, self.count + 1
        self._frames[-1].body.append(Written(op, tuple(operands), number))
        return self.own_value(number, MASK if op in BOOLEAN and self.copies else VALUE)

    @property
    def in_loop(self) -> bool:
        """Whether a loop is being written."""
        return bool(self._frames)

    def constant(self, x: float) -> Ref:
        """A constant of the loops' own; 0.0 is not −0.0."""
        number = self._number_of.setdefault(x.hex(), len(self.own))
        if number == len(self.own):
            self.own.append(x)
        return Ref(OWN, number)

    def table(self, numbers: Sequence[float]) -> Numbers:
        """Constants in a row."""
        first = Ref(OWN, len(self.own))
        self.own += numbers
        return Numbers([], [Progression(first, 1)], len(numbers))

    def stack(self, operands: Operands) -> Numbers:
        """Operands as a list: as they are where their places are in a row, else copies, which are."""
        refs = [x for x in operands if isinstance(x, Ref) and not x.moved and x.kind != MASK]
        step = refs[1].start - refs[0].start if len(refs) > 1 else 1
        expected = [refs[0]._replace(start=refs[0].start + step * k) for k in range(len(refs))] if refs else []
        if len(refs) < len(operands) or refs != expected:
            refs, step = [self.copied(x) for x in operands], 1
        return Numbers([], [Progression(refs[0], step)], len(refs))


class LoopBody:
    """A loop's step, written in the innermost loop of a writer."""

    def __init__(self, writer: LoopWriter, code: Instructions, inputs: Operands):
        self.writer, self.code = writer, code
        self.known: dict[int, Operand] = dict(enumerate(inputs))
        self.lists: dict[int, Numbers] = {}
        self.copies: dict[int, int] = {}  # of every condition how many operations a copy has

    def outputs(self) -> list[Operand]:
        """Write all of it."""
        for i, (op, args) in self.code.operations():
            if op in BOOLEAN and self.writer.copies:
                self.copies[i] = 1 + sum(self.copies.get(a, 0) for a in args)
                if self.copies[i] > COPIED:
                    self.copies[i] = 1
                    numbers = [self._condition(i), self.writer.constant(1.0), self.writer.constant(0.0)]
                    self.known[i] = self.writer.write("where", numbers)
            elif op in self.code.scans:
                self.lists[i] = self._loop(self.code.scans[op], args)
            elif op == "stack":
                self.lists[i] = self.writer.stack([self.operand(a) for a in args])
            elif op in self.code.tables:
                self.lists[i] = self.writer.table(self.code.tables[op])
            elif op == "item":
                self.known[i] = self.lists[args[0]].at(int(self.code.constants[args[1]]))
            else:
                self.known[i] = self.writer.write(op, [self.operand(a) for a in args])
        return [self.operand(o) for o in self.code.outputs]

    def _loop(self, scan: Scan, args: Sequence[int]) -> Numbers:
        first = scan.states + scan.constants
        operands, lists = [self.operand(a) for a in args[:first]], [self.lists[a] for a in args[first:]]
        return self.writer.loop(scan, operands, lists)[0]

    def operand(self, a: int) -> Operand:
        """A value; a condition is written again for each operation that needs it."""
        if a in self.code.constants:
            return self.writer.constant(self.code.constants[a])
        if self.code.nodes[a].op not in BOOLEAN or not self.writer.copies:
            return self.known[a]
        return self.writer.write("ne", [self.known[a], self.writer.constant(0.0)]) if a in self.known else self._condition(a)

    def _condition(self, i: int) -> Ref:
        op, args = self.code.nodes[i]
        return self.writer.write(op, [self.operand(a) for a in args])


class ProgramWriter(LoopWriter):
    """A whole program with its scans as loops: inputs and constants are kinds of their own, all else is a value."""

    def __init__(self, program: Instructions):
        super().__init__(copies=False)
        self.items: list[Written | Frame] = []
        inputs = [Ref(INPUT, k) for k in range(len(program.inputs))]
        self.outputs = LoopBody(self, program, inputs).outputs()

    def write(self, op: str, operands: Operands) -> Ref:
        """Write an operation, in the innermost loop or outside of all."""
        if self.in_loop:
            return super().write(op, operands)
        self.items.append(Written(op, tuple(operands), self.count))
        self.count += 1
        return Ref(VALUE, self.count - 1)

    def loop(self, scan: Scan, operands: Operands, lists: Sequence[Numbers]) -> tuple[Numbers, Frame]:
        """Write a scan."""
        numbers, frame = super().loop(scan, operands, lists)
        if not self.in_loop:
            self.items.append(frame)
        return numbers, frame


# -- from what is written to places --------------------------------------------------------------------


def as_item(written: Written | Frame, constants: int, nest: tuple[Frame, ...] = ()) -> Item:
    """What was written in these loops; ``constants`` is how many the program has before the loops' own."""
    if isinstance(written, Frame):
        return as_loop(written, constants, nest)
    return Operation(written.op, tuple([as_place(x, constants, nest) for x in written.operands]), written.number)


def as_loop(frame: Frame, constants: int, nest: tuple[Frame, ...] = ()) -> Loop:
    """The loop that was written."""
    inner = (*nest, frame)
    return Loop(frame.times, frame.size, frame.base, tuple([as_item(each, constants, inner) for each in frame.body]))


def as_place(x: Operand, constants: int, nest: tuple[Frame, ...]) -> Place:
    """Where an operand is, for an operation in these loops."""
    if isinstance(x, Ref):
        start, kind = _counted(x.kind, x.start, constants)
        moved = dict(x.moved)
        return Place(kind, start, tuple([frame.size if frame in x.frames else moved.get(frame, 0) for frame in nest]))
    later = as_place(x.frame.states[x.k], constants, nest)
    first = as_place(x.frame.initial[x.k], constants, nest)
    return later._replace(start=later.start - x.frame.size, first=first, level=nest.index(x.frame))


def _counted(kind: Hashable, start: int, constants: int) -> tuple[int, Hashable]:
    """A place and its kind, where constants of the loops' own come after so many others."""
    if isinstance(kind, Several):
        start, inner = _counted(kind.kind, start, constants)
        return start, kind._replace(kind=inner)
    return (start + constants, CONSTANT) if kind == OWN else (start, kind)
