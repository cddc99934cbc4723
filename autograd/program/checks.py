"""What instructions must be to be a program: each operation known, its operands in number and kind what it takes.

>>> check(Instructions(["x"], [Instruction("input", ()), Instruction("where", (0, 0, 0))], {}, [1], ["f"]))
Traceback (most recent call last):
autograd.program.instructions.ProgramError: this is no program: at place 1, where takes a condition, and place 0 is a number
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from autograd.program.instructions import Instruction, Instructions, ProgramError, Scan
from autograd.program.operations import COMPARISONS, LOGIC, OF_LISTS, OPERATIONS, VECTOR_VALUED
from autograd.rules.table import RULES

NUMBER, CONDITION, LIST = "number", "condition", "list"


class Takes(NamedTuple):
    """The kinds of an operation's operands, and of its result; ``repeats`` where the last may come any number of times."""

    kinds: tuple[str, ...]
    result: str
    repeats: bool = False


@cache
def takes(op: str) -> Takes:
    """What an operation takes. The number of operands of a rule is that of its local derivatives' arguments.

    >>> takes("lt").kinds, takes("lt").result, takes("sum").repeats
    (('number', 'number'), 'condition', True)
    """
    if op in COMPARISONS:
        return Takes((NUMBER, NUMBER), CONDITION)
    if op in LOGIC:
        return Takes((CONDITION,) * (1 if op == "not" else 2), CONDITION)
    if op == "where":
        return Takes((CONDITION, NUMBER, NUMBER), NUMBER)
    if op in VECTOR_VALUED:
        return Takes((NUMBER, NUMBER), NUMBER, repeats=True)
    if op in OF_LISTS:
        return Takes((NUMBER,), LIST, repeats=True) if op == "stack" else Takes((LIST, NUMBER), NUMBER)
    _, _, *operands = inspect.signature(RULES[op].partials).parameters.values()  # m, y, and what it is applied to
    repeats = any(operand.kind is operand.VAR_POSITIONAL for operand in operands)
    return Takes((NUMBER,) * max(len(operands) - repeats, 1), NUMBER, repeats)


def check(program: Instructions) -> None:
    """Raise ProgramError where an instruction isn't what its operation takes, or an output is no number."""
    for name, scan in program.scans.items():
        _check_scan(name, scan)
    kinds: list[str] = []
    for i, node in enumerate(program.nodes):
        if (node.op == "input") != (i < len(program.inputs)) or (node.op == "constant") != (i in program.constants):
            raise ProgramError(f"this is no program: place {i} is {node.op!r}")
        kinds.append(NUMBER if node.op in ("input", "constant") else _result(program, node, kinds))
    for name, place in zip(program.names, program.outputs, strict=True):
        if not 0 <= place < len(kinds) or kinds[place] != NUMBER:
            raise ProgramError(f"this is no program: the output {name!r} is place {place}, which is no number")


def _result(program: Instructions, node: Instruction, kinds: Sequence[str]) -> str:
    """The kind of a node's result; ``kinds`` has those of the places before it."""
    op, args, i = node.op, node.args, len(kinds)
    named = op in program.rules or op in program.scans or op in program.tables
    if op not in OPERATIONS and op not in OF_LISTS and not named:
        raise ProgramError(f"this is no program: at place {i}, {op!r} is no operation")
    if not all(0 <= a < i for a in args):
        raise ProgramError(f"this is no program: at place {i}, {op} is of places that don't all come before it")
    if op in program.rules:
        return NUMBER
    expected = takes(op) if not named else _takes_of_lists(program, op)
    _check_count(op, i, len(args), expected)
    for k, a in enumerate(args):
        kind = expected.kinds[min(k, len(expected.kinds) - 1)]
        if kinds[a] != kind:
            raise ProgramError(f"this is no program: at place {i}, {op} takes a {kind}, and place {a} is a {kinds[a]}")
    if op in VECTOR_VALUED and program.constants.get(args[0]) not in range(len(args) - 1):
        raise ProgramError(f"this is no program: at place {i}, {op} takes the number of one of its operands first")
    _check_lists(program, node, i)
    return expected.result


def _takes_of_lists(program: Instructions, op: str) -> Takes:
    """What a scan takes, or a table."""
    if op in program.tables:
        return Takes((), LIST)
    scan = program.scans[op]
    return Takes((NUMBER,) * (scan.states + scan.constants) + (LIST,) * len(scan.strides), LIST)


def _check_scan(name: str, scan: Scan) -> None:
    """Raise ProgramError where a scan's step doesn't fit to it."""
    check(scan.body)
    inputs = scan.states + len(scan.strides)
    if scan.times < 1 or not 0 <= scan.states <= len(scan.body.outputs) or inputs > len(scan.body.inputs):
        raise ProgramError(
            f"this is no program: {name} has {scan.times} steps and {scan.states} states, which its step hasn't"
        )


def _check_lists(program: Instructions, node: Instruction, i: int) -> None:
    """Raise ProgramError where a number is read that a list hasn't."""
    op, args = node
    if op == "item" and program.constants.get(args[1]) not in range(_length(program, args[0])):
        raise ProgramError(f"this is no program: at place {i}, item takes the number of one in the list")
    scan = program.scans.get(op)
    for place, (first, stride) in zip(args[len(args) - len(scan.strides) :], scan.strides, strict=True) if scan else ():
        last, length = first + stride * (scan.times - 1 if scan else 0), _length(program, place)
        if not (0 <= first < length and 0 <= last < length):
            raise ProgramError(f"this is no program: at place {i}, {op} reads {first} to {last} of {length} numbers")


def _length(program: Instructions, place: int) -> int:
    """How many numbers a list has."""
    op, args = program.nodes[place]
    if op == "stack":
        return len(args)
    if op in program.tables:
        return len(program.tables[op])
    scan = program.scans[op]
    return scan.first_of(len(scan.body.outputs))


def _check_count(op: str, i: int, count: int, expected: Takes) -> None:
    least = len(expected.kinds)
    if count < least or (count > least and not expected.repeats) or (op == "dot" and count % 2):
        more = " or more" * expected.repeats + ", in pairs" * (op == "dot")
        raise ProgramError(f"this is no program: at place {i}, {op} takes {least}{more} operands, and has {count}")
