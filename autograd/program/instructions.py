"""``Instructions``: inputs, constants and operations in order, the part of a program that others rewrite and compile.

>>> square = Instructions(["x"], [Instruction("input", ()), Instruction("mul", (0, 0))], {}, [1], ["f"])
>>> print(square)
program of 1 operation: 1 input, 1 output
  v1 = mul x x
  f = v1
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, compress, islice
from typing import NamedTuple

from autograd.interop.plain import on_screen
from autograd.interop.text import printable
from autograd.rules.table import Rule


class ProgramError(ValueError):
    """A file that isn't a program, or a program that can't be stored or written in a language."""


class Instruction(NamedTuple):
    """An operation and the places of its operands; also ``input`` and ``constant``, which have none."""

    op: str
    args: tuple[int, ...]


made: Callable[[tuple[str, tuple[int, ...]]], Instruction] = partial(tuple.__new__, Instruction)  # 0.15 µs, else 0.28


class Scan(NamedTuple):
    """A loop: so many steps, each of which computes ``body`` on the states, constants and a number of each list it reads.

    The body's inputs are ``states`` states, then constants, then the numbers that are read: in step i the one at
    ``first + stride · i`` of each list. Its outputs are the new states, then what is stacked. An instruction has the initial
    states, the constants and the lists as operands; its result is a list: the last states, then each stack, a number a step.
    """

    body: Instructions
    times: int
    states: int
    strides: tuple[tuple[int, int], ...]

    @property
    def constants(self) -> int:
        """How many of the body's inputs are the same in all steps."""
        return len(self.body.inputs) - self.states - len(self.strides)

    def output_of(self, k: int) -> int:
        """Which of the body's outputs the k-th number of the result comes from."""
        return k if k < self.states else self.states + (k - self.states) // self.times

    def first_of(self, output: int) -> int:
        """Where the results begin that come from one of the body's outputs."""
        return output if output < self.states else self.states + (output - self.states) * self.times


class Instructions:
    """Inputs, constants and operations in order, and which of them are the outputs.

    A place is an index in ``nodes``: inputs first, then everything else in the order of computation. ``constants`` maps
    places to numbers; ``rules`` has the user's primitives among the operations, ``scans`` the loops and ``tables`` the
    lists of constants that loops read. Lists are also made by ``stack``, of its operands; ``item`` is a number of one.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        nodes: list[Instruction],
        constants: dict[int, float],
        outputs: Sequence[int],
        names: Sequence[str],
        rules: dict[str, Rule] | None = None,
        scans: dict[str, Scan] | None = None,
        tables: dict[str, tuple[float, ...]] | None = None,
    ):
        self.inputs, self.nodes, self.constants = list(inputs), nodes, constants
        self.outputs, self.names, self.rules = list(outputs), list(names), rules or {}
        self.scans, self.tables = scans or {}, tables or {}

    @property
    def size(self) -> int:
        """How many operations a run takes: those of a loop as often as it runs."""
        if not self.has_lists:
            return len(self.nodes) - len(self.inputs) - len(self.constants)
        loops = [self.scans[op] for _, (op, _) in self.operations() if op in self.scans]
        once = sum(not is_list(self, op) for _, (op, _) in self.operations())
        return once + sum(scan.times * scan.body.size for scan in loops)

    @property
    def has_lists(self) -> bool:
        """Whether there are loops, or lists that these would read."""
        return bool(self.scans or self.tables) or any(node.op == "stack" for node in self.nodes)

    def codes(self) -> Iterator[Instructions]:
        """This program and the bodies of its loops, those of loops in them too."""
        yield self
        for scan in self.scans.values():
            yield from scan.body.codes()

    def only(self, outputs: Iterable[int]) -> Instructions:
        """What some of the outputs need, by their numbers."""
        chosen = list(outputs)
        places, names = [self.outputs[k] for k in chosen], [self.names[k] for k in chosen]
        return pruned(self.replaced(self.nodes, outputs=places, names=names))

    def replaced(
        self,
        nodes: list[Instruction],
        constants: dict[int, float] | None = None,
        outputs: Sequence[int] | None = None,
        names: Sequence[str] | None = None,
        scans: dict[str, Scan] | None = None,
    ) -> Instructions:
        """The same inputs with other nodes, and other parts where they are given."""
        constants = self.constants if constants is None else constants
        outputs, names = self.outputs if outputs is None else outputs, self.names if names is None else names
        scans = self.scans if scans is None else scans
        return Instructions(self.inputs, nodes, constants, outputs, names, self.rules, scans, self.tables)

    def operations(self) -> Iterator[tuple[int, Instruction]]:
        """Place and instruction of everything that is computed, in order."""
        for i, node in enumerate(self.nodes):
            if node.op not in ("input", "constant"):
                yield i, node

    def uses(self) -> list[int]:
        """How often each place is an operand or an output."""
        uses = [0] * len(self.nodes)
        for place in self.outputs:
            uses[place] += 1
        for _, args in self.nodes:
            for a in args:
                uses[a] += 1
        return uses

    def __str__(self) -> str:
        return on_screen("\n".join(self._lines()))

    def __repr__(self) -> str:
        return f"<program of {_count(self.size, 'operation')}>"

    def _lines(self) -> Iterator[str]:
        yield self._head("")
        words = [self._word(i) for i in range(len(self.nodes))]
        for i, node in self.operations():
            yield f"  {words[i]} = {printable(node.op)} {' '.join(words[a] for a in node.args)}"
        for name, place in zip(self.names, self.outputs, strict=True):
            yield f"  {printable(name)} = {words[place]}"

    def _head(self, written: str) -> str:
        """The first line, which counts, and says how the operations are written."""
        counts = f"{_count(len(self.inputs), 'input')}, {_count(len(self.outputs), 'output')}"
        return f"program of {_count(self.size, 'operation')}{written}: {counts}"

    def _word(self, i: int) -> str:
        if i < len(self.inputs):
            return printable(self.inputs[i])
        return repr(self.constants[i]) if i in self.constants else f"v{i}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def is_list(program: Instructions, op: str) -> bool:
    """Whether an operation makes a list, or takes a number of one: it computes nothing."""
    return op in ("stack", "item") or op in program.scans or op in program.tables


def pruned(program: Instructions) -> Instructions:
    """The instructions that an output needs, and the inputs; of a loop what is needed of its result."""
    if program.scans:
        return Pruning(program).result()
    needed = _needed(program)
    first = needed.find(0)  # before it all places stay
    if first < 0:
        return program
    place = list(accumulate(needed, initial=0))  # of what is needed: how much of that comes before it
    nodes, at = program.nodes[:first], place.__getitem__
    for node in compress(islice(program.nodes, first, None), needed[first:]):
        nodes.append(made((node[0], tuple(map(at, node[1])))) if node[1] else node)
    constants = {place[i]: x for i, x in program.constants.items() if needed[i]}
    return _with_used(program.replaced(nodes, constants, [place[o] for o in program.outputs]))


def _with_used(program: Instructions) -> Instructions:
    """The program with the rules and tables that it uses."""
    if not (program.rules or program.tables):
        return program
    used = {node.op for node in program.nodes}
    program.rules = {name: rule for name, rule in program.rules.items() if name in used}
    program.tables = {name: table for name, table in program.tables.items() if name in used}
    return program


def _needed(program: Instructions) -> bytearray:
    """For every place 1 where it is an input or some output depends on it, else 0."""
    needed = _behind(program, program.outputs)
    needed[: len(program.inputs)] = b"\1" * len(program.inputs)
    return needed


def _behind(program: Instructions, places: Iterable[int]) -> bytearray:
    """For every place 1 where one of these depends on it, else 0; of a program without loops."""
    needed = bytearray(len(program.nodes))
    for place in places:
        needed[place] = 1
    for i, (_, args) in zip(range(len(program.nodes) - 1, -1, -1), reversed(program.nodes), strict=True):
        if needed[i]:
            for a in args:
                needed[a] = 1
    return needed


# -- what is needed of loops -------------------------------------------------------------------------------


class Narrowed(NamedTuple):
    """A loop with some of its states, operands and outputs: the numbers that those it keeps had before, in order."""

    scan: Scan
    operands: list[int]
    outputs: list[int]

    def moved(self, before: Scan, k: int) -> int:
        """Where the k-th number of the result is now."""
        output = before.output_of(k)
        return self.scan.first_of(bisect_left(self.outputs, output)) + k - before.first_of(output)


def narrowed(scan: Scan, used: Iterable[int]) -> Narrowed:
    """A loop without what these outputs of its body don't need, in this step or a later one."""
    outputs, found = set(used), set[int]()
    while outputs != found:  # a state that an output needs is an output of the step before
        found = set(outputs)
        outputs |= {k for k in _inputs_of(scan.body, outputs) if k < scan.states}
    states = sorted(k for k in outputs if k < scan.states)
    others = [k for k in _inputs_of(scan.body, outputs) if k >= scan.states]
    first = scan.states + scan.constants
    strides = tuple(scan.strides[k - first] for k in others if k >= first)
    operands, ordered = states + others, sorted(outputs)
    return Narrowed(Scan(_restricted(scan.body, operands, ordered), scan.times, len(states), strides), operands, ordered)


def _inputs_of(body: Instructions, outputs: Iterable[int]) -> list[int]:
    """The inputs that some of a body's outputs depend on."""
    places = [body.outputs[k] for k in outputs]
    needed = Pruning(body.replaced(body.nodes, outputs=places)).needed if body.scans else _behind(body, places)
    return [k for k in range(len(body.inputs)) if needed[k]]


def _restricted(body: Instructions, inputs: Sequence[int], outputs: Sequence[int]) -> Instructions:
    """A body with some of its inputs, on which these outputs depend."""
    some = body.only(outputs)
    place = {k: i for i, k in enumerate(inputs)}
    place.update({k: k + len(inputs) - len(body.inputs) for k in range(len(body.inputs), len(some.nodes))})
    nodes = [Instruction("input", ())] * len(inputs)
    nodes += [Instruction(op, tuple([place[a] for a in args])) for op, args in some.nodes[len(body.inputs) :]]
    constants = {place[i]: x for i, x in some.constants.items()}
    code = some.replaced(nodes, constants, [place[i] for i in some.outputs])
    code.inputs = [body.inputs[k] for k in inputs]
    return code


class Pruning:
    """A program with loops without what its outputs don't need."""

    def __init__(self, program: Instructions):
        self.program = program
        self.nodes: list[Instruction] = list(program.nodes[: len(program.inputs)])
        self.constants: dict[int, float] = {}
        self.place: dict[int, int] = {i: i for i in range(len(program.inputs))}
        self.scans: dict[str, Scan] = {}
        self.narrowed: dict[int, Narrowed] = {}
        self.needed = self._needed()

    def _needed(self) -> bytearray:
        """What is needed, a loop as narrow as can be."""
        program = self.program
        needed, used = bytearray(len(program.nodes)), dict[int, set[int]]()
        for output in program.outputs:
            needed[output] = 1
        for i in range(len(program.nodes) - 1, len(program.inputs) - 1, -1):
            op, args = program.nodes[i]
            if not needed[i]:
                continue
            if op in program.scans:
                args = self._narrow(i, program.scans[op], used)
            elif op == "item":
                self._use(used, args[0], int(program.constants[args[1]]))
                args = args[:1]
            for a in args:
                needed[a] = 1
        return needed

    def _use(self, used: dict[int, set[int]], place: int, k: int) -> None:
        scan = self.program.scans.get(self.program.nodes[place].op)
        if scan:
            used.setdefault(place, set()).add(scan.output_of(k))

    def _narrow(self, i: int, scan: Scan, used: dict[int, set[int]]) -> tuple[int, ...]:
        """The operands that are needed of the loop there."""
        self.narrowed[i] = each = narrowed(scan, used.get(i, ()))
        args = self.program.nodes[i].args
        operands = tuple([args[k] for k in each.operands])
        for place, (first, _) in zip(operands[len(operands) - len(each.scan.strides) :], each.scan.strides, strict=True):
            self._use(used, place, first)
        return operands

    def result(self) -> Instructions:
        """The program."""
        program = self.program
        for i in range(len(program.inputs), len(program.nodes)):
            if self.needed[i]:
                self.place[i] = self._moved(i, *program.nodes[i])
        outputs = [self.place[o] for o in program.outputs]
        return _with_used(program.replaced(self.nodes, self.constants, outputs, scans=self.scans))

    def _moved(self, i: int, op: str, args: tuple[int, ...]) -> int:
        if op == "constant":
            return self._constant(self.program.constants[i])
        places = [self.place[a] for a in args if a in self.place]
        if op == "item":
            places = [places[0], self._constant(float(self._moved_number(args[0], int(self.program.constants[args[1]]))))]
        elif op in self.program.scans:
            op, places = self._scan(i, args)
        return self._node(Instruction(op, tuple(places)))

    def _node(self, node: Instruction) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _constant(self, x: float) -> int:
        place = self._node(Instruction("constant", ()))
        self.constants[place] = x
        return place

    def _moved_number(self, place: int, k: int) -> int:
        """Where the k-th number of a list is."""
        before = self.program.scans.get(self.program.nodes[place].op)
        return self.narrowed[place].moved(before, k) if before else k

    def _scan(self, i: int, args: tuple[int, ...]) -> tuple[str, list[int]]:
        each = self.narrowed[i]
        operands = [args[k] for k in each.operands]
        lists = operands[len(operands) - len(each.scan.strides) :]
        pairs = zip(lists, each.scan.strides, strict=True)
        strides = tuple([(self._moved_number(place, first), stride) for place, (first, stride) in pairs])
        name = f"scan#{len(self.scans) + 1}"
        self.scans[name] = each.scan._replace(strides=strides)
        return name, [self.place[a] for a in operands]
