"""``Program``: a function and its derivatives as a straight-line list of operations.

>>> from autograd.program.tape import Tape
>>> tape = Tape(["x", "y"])
>>> x, y = tape.inputs
>>> print(tape.program([x * y + tape.apply("sin", x)], ["f"]))
program of 3 operations: 2 inputs, 1 output
  v2 = mul x y
  v3 = sin x
  v4 = add v2 v3
  f = v4

A node is an operation of the rule table, a comparison, or ``where`` with a condition; composite operations have
been written out. The list prints, says its size, is saved and loaded as JSON, and is run by ``interpreter.run``.
"""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from autograd.rules.ieee import directions, softmaxes, where
from autograd.rules.table import RULES, Rule

FORMAT, VERSION = "chainrule program", 1
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "lt": operator.lt, "le": operator.le, "eq": operator.eq, "ne": operator.ne
}  # fmt: skip
LOGIC: dict[str, Callable[..., Any]] = {"and": lambda a, b: a and b, "or": lambda a, b: a or b, "not": operator.not_}


class ProgramError(ValueError):
    """A file that isn't a program, or a program that can't be stored."""


class Node(NamedTuple):
    """An operation and the places of its operands."""

    op: str
    args: tuple[int, ...]


class Program:
    """Inputs, constants and operations in order, and which of them are the outputs.

    A place counts inputs first, then everything else in the order of computation. ``constants`` maps places to
    numbers; ``rules`` has the user's primitives among the operations.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        nodes: list[Node],
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

    def only(self, outputs: Iterable[int]) -> Program:
        """The program for some of the outputs, by their numbers."""
        chosen = [(self.outputs[k], self.names[k]) for k in outputs]
        places, names = [place for place, _ in chosen], [name for _, name in chosen]
        return pruned(Program(self.inputs, self.nodes, self.constants, places, names, self.rules))

    def operations(self) -> Iterator[tuple[int, Node]]:
        """Place and node of everything that is computed, in order."""
        for i, node in enumerate(self.nodes):
            if node.op not in ("input", "constant"):
                yield i, node

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        return f"<program of {_count(self.size, 'operation')}>"

    def _lines(self) -> Iterator[str]:
        counts = _count(len(self.inputs), "input"), _count(len(self.outputs), "output")
        yield f"program of {_count(self.size, 'operation')}: {', '.join(counts)}"
        words = [self._word(i) for i in range(len(self.nodes))]
        for i, node in self.operations():
            yield f"  {words[i]} = {node.op} {' '.join(words[a] for a in node.args)}"
        for name, place in zip(self.names, self.outputs, strict=True):
            yield f"  {name} = {words[place]}"

    def _word(self, i: int) -> str:
        if i < len(self.inputs):
            return self.inputs[i]
        return repr(self.constants[i]) if i in self.constants else f"v{i}"

    # -- files ---------------------------------------------------------------------------------------

    def to_json(self) -> str:
        """The program as text: numbers in hexadecimal, so that none loses a bit."""
        if self.rules:
            raise ProgramError(f"a program with the user's primitive {min(self.rules)!r} can't be stored: it holds code")
        content = {
            "format": FORMAT,
            "version": VERSION,
            "inputs": self.inputs,
            "constants": {str(i): x.hex() for i, x in self.constants.items()},
            "nodes": [[node.op, *node.args] for node in self.nodes[len(self.inputs) :]],
            "outputs": dict(zip(self.names, self.outputs, strict=True)),
        }
        return json.dumps(content, separators=(",", ":"))

    def to_c(self, name: str = "f") -> str:
        """A C function of its own, see ``autograd.program.export``."""
        return str(_export().to_c(self, name))

    def to_python(self, name: str = "f") -> str:
        """A Python function that needs the standard library alone."""
        return str(_export().to_python(self, name))

    def to_numpy(self, name: str = "f") -> str:
        """A Python function on whole arrays."""
        return str(_export().to_numpy(self, name))

    def to_latex(self) -> str:
        """Equations, one a line."""
        return str(_export().to_latex(self))

    def save(self, path: str | Path) -> Path:
        """Write the program to a file; its path."""
        file = Path(path)
        file.write_text(self.to_json(), encoding="utf-8")
        return file

    @property
    def digest(self) -> str:
        """A hash of all of it, the same in every process: SHA-256 of its text."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _export() -> Any:
    """The room that writes other languages; it reads programs, and is read only when asked for."""
    return import_module("autograd.program.export")


def load(path: str | Path) -> Program:
    """The program in a file. Nothing in the file is executed; raises ProgramError where it isn't a program."""
    return from_json(Path(path).read_text(encoding="utf-8"))


def from_json(text: str) -> Program:
    """The program that ``Program.to_json`` wrote, checked in every part."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT or content["version"] != VERSION:
            found = f"{content['format']!r} version {content['version']!r}"
            raise ProgramError(f"expected {FORMAT} version {VERSION}, got {found}")
        inputs = [str(name) for name in content["inputs"]]
        constants = {int(i): float.fromhex(x) for i, x in content["constants"].items()}
        nodes = [Node("input", ())] * len(inputs) + [Node(str(op), tuple(map(int, args))) for op, *args in content["nodes"]]
        names, outputs = list(content["outputs"]), list(map(int, content["outputs"].values()))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError, OverflowError) as error:
        raise error if isinstance(error, ProgramError) else ProgramError(f"this is no program: {error!r}") from None
    _check(inputs, nodes, constants, outputs)
    return Program(inputs, nodes, constants, outputs, names)


def _check(inputs: list[str], nodes: list[Node], constants: dict[int, float], outputs: list[int]) -> None:
    for i, node in enumerate(nodes):
        given = (node.op == "constant" and i in constants) or (node.op == "input" and i < len(inputs))
        known = given or node.op in OPERATIONS
        if not known or not all(0 <= a < i for a in node.args):
            raise ProgramError(f"this is no program: place {i} is {node.op!r} of {list(node.args)}")
    if any(not 0 <= i < len(nodes) or nodes[i].op != "constant" for i in constants):
        raise ProgramError("this is no program: a constant has no place")
    if not all(0 <= o < len(nodes) for o in outputs):
        raise ProgramError("this is no program: an output is out of range")


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


# What a node computes, on floats; a comparison gives a bool.
OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: rule.value for name, rule in RULES.items() if rule.form is None and name != "where"},
    **COMPARISONS,
    **LOGIC,
    "where": where,
    "directions": lambda i, *xs: directions(*xs)[int(i)],
    "softmaxes": lambda i, *xs: softmaxes(*xs)[int(i)],
}


def pruned(program: Program) -> Program:
    """The program without the nodes that no output needs; inputs stay."""
    needed = bytearray(len(program.nodes))
    for output in program.outputs:
        needed[output] = 1
    for i in range(len(program.nodes) - 1, len(program.inputs) - 1, -1):
        if needed[i]:
            for a in program.nodes[i].args:
                needed[a] = 1
    needed[: len(program.inputs)] = b"\1" * len(program.inputs)
    if all(needed):
        return program
    place, count = [-1] * len(program.nodes), 0
    for i, need in enumerate(needed):
        if need:
            place[i] = count
            count += 1
    first = needed.index(0)  # up to there nothing moves
    kept = [node for node, need in zip(program.nodes[first:], needed[first:], strict=True) if need]
    nodes = program.nodes[:first] + [
        Node(op, tuple([place[a] for a in args])) if args else Node(op, args) for op, args in kept
    ]
    constants = {place[i]: x for i, x in program.constants.items() if needed[i]}
    used = {node.op for node in nodes}
    rules = {name: rule for name, rule in program.rules.items() if name in used}
    return Program(program.inputs, nodes, constants, [place[o] for o in program.outputs], program.names, rules)
