"""``Program``: a function and its derivatives as a straight-line list of operations, to print, export, save and load.

>>> from autograd.program.tape import Tape
>>> tape = Tape(["x", "y"])
>>> x, y = tape.inputs
>>> print(Program.of(tape.program([x * y + tape.apply("sin", x)], ["f"])))
program of 3 operations: 2 inputs, 1 output
  v2 = mul x y
  v3 = sin x
  v4 = add v2 v3
  f = v4

An operation is one of the rule table, a comparison, or ``where`` with a condition; composite operations have been
written out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from autograd.interop.files import write_atomically
from autograd.program import export
from autograd.program.instructions import Instruction, Instructions, ProgramError
from autograd.program.operations import OPERATIONS

FORMAT, VERSION = "chainrule program", 1


class Program(Instructions):
    """Instructions that print in other languages and are stored as JSON; ``interpreter.run`` runs them."""

    @classmethod
    def of(cls, code: Instructions) -> Program:
        """The program of these instructions, which it shares."""
        return cls(code.inputs, code.nodes, code.constants, code.outputs, code.names, code.rules)

    def only(self, outputs: Iterable[int]) -> Program:
        """The program for some of the outputs, by their numbers."""
        return Program.of(super().only(outputs))

    def to_c(self, name: str = "f") -> str:
        """A C function of its own, see ``autograd.program.export``."""
        return export.to_c(self, name)

    def to_python(self, name: str = "f") -> str:
        """A Python function that needs the standard library alone."""
        return export.to_python(self, name)

    def to_numpy(self, name: str = "f") -> str:
        """A Python function on whole arrays."""
        return export.to_numpy(self, name)

    def to_latex(self) -> str:
        """Equations, one a line."""
        return export.to_latex(self)

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

    def save(self, path: str | Path) -> Path:
        """Write the program to a file, whole or not at all; its path."""
        return write_atomically(path, self.to_json())

    @property
    def digest(self) -> str:
        """A hash of all of it, the same in every process: SHA-256 of its text."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


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
        nodes = [Instruction("input", ())] * len(inputs)
        nodes += [Instruction(str(op), tuple(map(int, args))) for op, *args in content["nodes"]]
        names, outputs = list(content["outputs"]), list(map(int, content["outputs"].values()))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError, OverflowError) as error:
        raise error if isinstance(error, ProgramError) else ProgramError(f"this is no program: {error!r}") from None
    program = Program(inputs, nodes, constants, outputs, names)
    _check(program)
    return program


def _check(program: Program) -> None:
    """Raise ProgramError where an operation is unknown, or a place is out of range or of another kind."""
    nodes, constants = program.nodes, program.constants
    for i, node in enumerate(nodes):
        given = (node.op == "constant" and i in constants) or (node.op == "input" and i < len(program.inputs))
        known = given or node.op in OPERATIONS
        if not known or not all(0 <= a < i for a in node.args):
            raise ProgramError(f"this is no program: place {i} is {node.op!r} of {list(node.args)}")
    if any(not 0 <= i < len(nodes) or nodes[i].op != "constant" for i in constants):
        raise ProgramError("this is no program: a constant has no place")
    if not all(0 <= o < len(nodes) for o in program.outputs):
        raise ProgramError("this is no program: an output is out of range")
