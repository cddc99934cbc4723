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
written out. Loops that were written out are found again to print and to export.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from autograd.interop.files import write_atomically
from autograd.program import array_export, export
from autograd.program.checks import check
from autograd.program.instructions import Instruction, Instructions, ProgramError, Scan
from autograd.program.loops import operations_in
from autograd.program.rolled import looped

T = TypeVar("T")
# Version 1 had no digest: a changed file could be another program. Version 3 has loops; without any it is version 2.
FORMAT, VERSIONS = "chainrule program", (2, 3)
PARTS = ("inputs", "nodes", "constants", "outputs", "names", "rules", "scans", "tables")
NO_PROGRAM = "this is no program: {}"


class Program(Instructions):
    """Instructions that print in other languages and are stored as JSON; ``interpreter.run`` runs them."""

    @classmethod
    def of(cls, code: Instructions) -> Program:
        """The program of these instructions, which it shares."""
        return cls(*[getattr(code, part) for part in PARTS])

    def only(self, outputs: Iterable[int]) -> Program:
        """The program for some of the outputs, by their numbers."""
        return Program.of(super().only(outputs))

    def _lines(self) -> Iterator[str]:
        """Loops are printed as loops, where there are some."""
        rolled = looped(self)
        if rolled is None:
            yield from super()._lines()
            return
        from autograd.program import on_paper  # needs NumPy

        written = sum(1 for _ in operations_in(rolled.items))
        yield self._head(f", {written} as written with {rolled.loops} loop{'s' * (rolled.loops > 1)}")
        yield from on_paper.lines(rolled)

    def to_c(self, name: str = "f", real: str = "double") -> str:
        """A C function of its own, of doubles or floats, see ``autograd.program.export``."""
        return export.to_c(self, name, real)

    def to_python(self, name: str = "f") -> str:
        """A Python function that needs the standard library alone."""
        return export.to_python(self, name)

    def to_numpy(self, name: str = "f") -> str:
        """A Python function on whole arrays."""
        return export.to_numpy(self, name)

    def to_jax(self, name: str = "f") -> str:
        """A function for ``jax.jit`` and ``jax.vmap`` of the traced arguments, see ``autograd.program.array_export``."""
        return array_export.to_jax(self, name)

    def to_numba(self, name: str = "f") -> str:
        """The same for Numba."""
        return array_export.to_numba(self, name)

    def to_javascript(self, name: str = "f") -> str:
        """A JavaScript function that needs no library."""
        return export.to_javascript(self, name)

    def to_latex(self) -> str:
        """Equations, one a line."""
        return export.to_latex(self)

    def to_json(self) -> str:
        """The program as text: numbers in hexadecimal, so that none loses a bit, and a digest of the rest of it."""
        content = self._content()
        return _dumped({**content, "digest": _digest(content)})

    def _content(self) -> dict[str, object]:
        if rules := [name for code in self.codes() for name in code.rules]:
            raise ProgramError(f"a program with the user's primitive {min(rules)!r} can't be stored: it holds code")
        check(self)  # or it couldn't be loaded again
        return {"format": FORMAT, "version": VERSIONS[self.has_lists], **_stored(self)}

    def save(self, path: str | Path) -> Path:
        """Write the program to a file, whole or not at all; its path. ``autograd.compiler.load(path)`` reads it again."""
        return write_atomically(path, self.to_json())

    @property
    def digest(self) -> str:
        """A hash of all of it, the same in every process: SHA-256 of its text."""
        return _digest(self._content())


def load(path: str | Path) -> Program:
    """The program in a file. Nothing in the file is executed; raises ProgramError where it isn't a program.

    A file in which anything was changed is no program, except white space and ways of writing the same text.
    """
    try:
        return from_json(Path(path).read_bytes())
    except ProgramError as error:
        raise ProgramError(f"{path}: {error}") from None


def from_json(text: str | bytes) -> Program:
    """The program that ``Program.to_json`` wrote, checked in every part; raises ProgramError where it is anything else."""
    try:
        words = text.decode() if isinstance(text, bytes) else text
        content = json.loads(words, object_pairs_hook=_without_duplicates)
        _check_version(content)
        digest = content.pop("digest")
        if digest != _digest(content):
            raise ProgramError("this was a program, and was changed or damaged since: its digest is that of another text")
        program = _program(**content)
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise error if isinstance(error, ProgramError) else ProgramError(NO_PROGRAM.format(repr(error))) from None
    check(program)
    return program


def _stored(code: Instructions) -> dict[str, object]:
    """Instructions as lists and words; loops and tables only where there are some."""
    nodes = enumerate(code.nodes[len(code.inputs) :], len(code.inputs))
    content: dict[str, object] = {
        "inputs": code.inputs,
        "nodes": [[op, *args] if op != "constant" else [op, code.constants[i].hex()] for i, (op, args) in nodes],
        "outputs": list(zip(code.names, code.outputs, strict=True)),
    }
    if code.has_lists:
        content["scans"] = {
            name: {"times": scan.times, "states": scan.states, "strides": scan.strides, **_stored(scan.body)}
            for name, scan in code.scans.items()
        }
        content["tables"] = {name: [x.hex() for x in table] for name, table in code.tables.items()}
    return content


def _dumped(content: Mapping[str, object]) -> str:
    return json.dumps(content, separators=(",", ":"))


def _digest(content: Mapping[str, object]) -> str:
    return hashlib.sha256(_dumped(content).encode()).hexdigest()


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ProgramError(NO_PROGRAM.format("a key occurs twice"))
    return dict(pairs)


def _check_version(content: Mapping[str, object]) -> None:
    if content["format"] != FORMAT:
        raise ProgramError(NO_PROGRAM.format(f"its format is {content['format']!r:.60}, not {FORMAT!r}"))
    version = content["version"]
    if version.__class__ is not int or version not in VERSIONS:
        raise ProgramError(
            f"this is a program of version {version!r:.60}, and versions {VERSIONS[0]} and {VERSIONS[1]} can be read:"
            " compile its function again and save that"
        )


def _program(format: str, version: int, **parts: Any) -> Program:
    """The program of a file's parts."""
    del format
    if (version == VERSIONS[1]) != ("scans" in parts):
        raise ProgramError(NO_PROGRAM.format(f"version {version} has {'no' * (version == VERSIONS[0])} loops"))
    return Program.of(_read(**parts))


def _read(inputs: Any, nodes: Any, outputs: Any, scans: Any = None, tables: Any = None) -> Instructions:
    """Instructions, of parts that must be of exactly their type: True is no place, and "1" neither."""
    names = [_typed(name, str) for name in _typed(inputs, list)]
    made, constants = [Instruction("input", ())] * len(names), dict[int, float]()
    for i, (op, *args) in enumerate(_typed(nodes, list), len(names)):
        if op == "constant":
            (number,) = args
            constants[i] = float.fromhex(_typed(number, str))
        made.append(Instruction(_typed(op, str), () if op == "constant" else tuple([_typed(a, int) for a in args])))
    pairs = [(_typed(name, str), _typed(place, int)) for name, place in _typed(outputs, list)]
    loops = {name: _read_scan(**_typed(scan, dict)) for name, scan in _typed(scans or {}, dict).items()}
    rows = {
        name: tuple([float.fromhex(_typed(x, str)) for x in table]) for name, table in _typed(tables or {}, dict).items()
    }
    return Instructions(
        names, made, constants, [place for _, place in pairs], [name for name, _ in pairs], None, loops, rows
    )


def _read_scan(times: Any, states: Any, strides: Any, **parts: Any) -> Scan:
    """A loop of its parts."""
    pairs = [(_typed(first, int), _typed(stride, int)) for first, stride in _typed(strides, list)]
    return Scan(_read(**parts), _typed(times, int), _typed(states, int), tuple(pairs))


def _typed(x: Any, kind: type[T]) -> T:
    if type(x) is not kind:
        raise ProgramError(NO_PROGRAM.format(f"{x!r:.60} is no {kind.__name__}"))
    return x
