"""``Instructions``: inputs, constants and operations in order, the part of a program that others rewrite and compile.

>>> square = Instructions(["x"], [Instruction("input", ()), Instruction("mul", (0, 0))], {}, [1], ["f"])
>>> print(square)
program of 1 operation: 1 input, 1 output
  v1 = mul x x
  f = v1
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


class Instructions:
    """Inputs, constants and operations in order, and which of them are the outputs.

    A place is an index in ``nodes``: inputs first, then everything else in the order of computation. ``constants`` maps
    places to numbers; ``rules`` has the user's primitives among the operations.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        nodes: list[Instruction],
        constants: dict[int, float],
        outputs: Sequence[int],
        names: Sequence[str],
        rules: dict[str, Rule] | None = None,
    ):
        self.inputs, self.nodes, self.constants = list(inputs), nodes, constants
        self.outputs, self.names, self.rules = list(outputs), list(names), rules or {}

    @property
    def size(self) -> int:
        """How many operations there are."""
        return len(self.nodes) - len(self.inputs) - len(self.constants)

    def only(self, outputs: Iterable[int]) -> Instructions:
        """What some of the outputs need, by their numbers."""
        chosen = list(outputs)
        places, names = [self.outputs[k] for k in chosen], [self.names[k] for k in chosen]
        return pruned(Instructions(self.inputs, self.nodes, self.constants, places, names, self.rules))

    def operations(self) -> Iterator[tuple[int, Instruction]]:
        """Place and instruction of everything that is computed, in order."""
        for i, node in enumerate(self.nodes):
            if node.op not in ("input", "constant"):
                yield i, node

    def __str__(self) -> str:
        return on_screen("\n".join(self._lines()))

    def __repr__(self) -> str:
        return f"<program of {_count(self.size, 'operation')}>"

    def _lines(self) -> Iterator[str]:
        counts = _count(len(self.inputs), "input"), _count(len(self.outputs), "output")
        yield f"program of {_count(self.size, 'operation')}: {', '.join(counts)}"
        words = [self._word(i) for i in range(len(self.nodes))]
        for i, node in self.operations():
            yield f"  {words[i]} = {printable(node.op)} {' '.join(words[a] for a in node.args)}"
        for name, place in zip(self.names, self.outputs, strict=True):
            yield f"  {printable(name)} = {words[place]}"

    def _word(self, i: int) -> str:
        if i < len(self.inputs):
            return printable(self.inputs[i])
        return repr(self.constants[i]) if i in self.constants else f"v{i}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def pruned(program: Instructions) -> Instructions:
    """The instructions that an output needs, and the inputs."""
    needed = _needed(program)
    if all(needed):
        return program
    place, count = [-1] * len(program.nodes), 0
    for i, need in enumerate(needed):
        if need:
            place[i] = count
            count += 1
    first = needed.index(0)  # before it all places stay
    remaining = [node for node, need in zip(program.nodes[first:], needed[first:], strict=True) if need]
    nodes = program.nodes[:first] + [
        Instruction(op, tuple([place[a] for a in args])) if args else Instruction(op, args) for op, args in remaining
    ]
    constants = {place[i]: x for i, x in program.constants.items() if needed[i]}
    used = {node.op for node in nodes}
    rules = {name: rule for name, rule in program.rules.items() if name in used}
    return Instructions(program.inputs, nodes, constants, [place[o] for o in program.outputs], program.names, rules)


def _needed(program: Instructions) -> bytearray:
    """For every place 1 where it is an input or some output depends on it, else 0."""
    needed = bytearray(len(program.nodes))
    for output in program.outputs:
        needed[output] = 1
    for i in range(len(program.nodes) - 1, len(program.inputs) - 1, -1):
        if needed[i]:
            for a in program.nodes[i].args:
                needed[a] = 1
    needed[: len(program.inputs)] = b"\1" * len(program.inputs)
    return needed
