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

from autograd.program.instructions import Instruction, Instructions, ProgramError
from autograd.program.operations import COMPARISONS, LOGIC, OPERATIONS, VECTOR_VALUED
from autograd.rules.table import RULES

NUMBER, CONDITION = "number", "condition"


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
    _, _, *operands = inspect.signature(RULES[op].partials).parameters.values()  # m, y, and what it is applied to
    repeats = any(operand.kind is operand.VAR_POSITIONAL for operand in operands)
    return Takes((NUMBER,) * max(len(operands) - repeats, 1), NUMBER, repeats)


def check(program: Instructions) -> None:
    """Raise ProgramError where an instruction isn't what its operation takes, or an output is no number."""
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
    if op not in OPERATIONS and op not in program.rules:
        raise ProgramError(f"this is no program: at place {i}, {op!r} is no operation")
    if not all(0 <= a < i for a in args):
        raise ProgramError(f"this is no program: at place {i}, {op} is of places that don't all come before it")
    if op in program.rules:
        return NUMBER
    expected = takes(op)
    _check_count(op, i, len(args), expected)
    for k, a in enumerate(args):
        kind = expected.kinds[min(k, len(expected.kinds) - 1)]
        if kinds[a] != kind:
            raise ProgramError(f"this is no program: at place {i}, {op} takes a {kind}, and place {a} is a {kinds[a]}")
    if op in VECTOR_VALUED and program.constants.get(args[0]) not in range(len(args) - 1):
        raise ProgramError(f"this is no program: at place {i}, {op} takes the number of one of its operands first")
    return expected.result


def _check_count(op: str, i: int, count: int, expected: Takes) -> None:
    least = len(expected.kinds)
    if count < least or (count > least and not expected.repeats) or (op == "dot" and count % 2):
        more = " or more" * expected.repeats + ", in pairs" * (op == "dot")
        raise ProgramError(f"this is no program: at place {i}, {op} takes {least}{more} operands, and has {count}")
