"""Operations moved up to the value that they alone need, so that it needn't be kept until then.

A derivative is written in the order of the arguments: all layers' adjoints, then what becomes of each. In machine code those
are two loops, and between them lies a row of numbers in memory.
"""

from __future__ import annotations

from autograd.compiler.codegen.abi import BOOLEAN
from autograd.compiler.codegen.dots import DOTS
from autograd.program.instructions import Instruction, Instructions, is_list


def near(program: Instructions, varies: bytearray) -> Instructions:
    """The program with every operation of the lanes right after the last of its operands, if no other needs that.

    In the steps of loops, what is computed of inputs alone comes right before its first use.
    """
    if program.scans:
        scans = {name: scan._replace(body=late(scan.body)) for name, scan in program.scans.items()}
        program = program.replaced(program.nodes, scans=scans)
    behind = _behind(program, varies)
    moved = {i for group in behind.values() for i in group}
    return _ordered(program, [i for k in range(len(program.nodes)) if k not in moved for i in (k, *behind.get(k, ()))])


def late(body: Instructions) -> Instructions:
    """The same operations; those on inputs and constants alone come right before their first use.

    A derivative begins with what its step computes anew: all of that at once would be kept until its turn comes.
    """
    if body.scans:
        scans = {name: scan._replace(body=late(scan.body)) for name, scan in body.scans.items()}
        body = body.replaced(body.nodes, scans=scans)
    before = _before(body)
    moved = {i for group in before.values() for i in group}
    return _ordered(body, [i for k in range(len(body.nodes)) if k not in moved for i in (*before.get(k, ()), k)])


def _ordered(program: Instructions, order: list[int]) -> Instructions:
    """The program with its nodes in this order."""
    place = [0] * len(order)
    for new, old in enumerate(order):
        place[old] = new
    nodes = [Instruction(op, tuple([place[a] for a in args])) for op, args in map(program.nodes.__getitem__, order)]
    constants = {place[i]: x for i, x in program.constants.items()}
    return program.replaced(nodes, constants, [place[o] for o in program.outputs])


def _before(body: Instructions) -> dict[int, list[int]]:
    """What comes before an operation that stays in its place."""
    nodes, first = body.nodes, dict[int, int]()
    for k, (_, args) in enumerate(nodes):
        for a in args:
            first.setdefault(a, k)
    before = dict[int, list[int]]()
    for i, (op, args) in enumerate(nodes):
        if args and not any(nodes[a].args for a in args) and i in first and i not in body.outputs and not _stays(body, op):
            before.setdefault(first[i], []).append(i)
    return before


def _stays(program: Instructions, op: str) -> bool:
    """Whether an operation is written elsewhere or in a way of its own."""
    return op in BOOLEAN or op in DOTS or is_list(program, op)


def _behind(program: Instructions, varies: bytearray) -> dict[int, list[int]]:
    """What comes behind an operation that stays in its place, in order."""
    nodes, uses = program.nodes, program.uses()
    staying = [_stays(program, op) for op, _ in nodes]
    root, behind = list(range(len(nodes))), dict[int, list[int]]()
    for i, (_, args) in enumerate(nodes):
        if not varies[i] or staying[i] or not args:
            continue
        last = max([(root[a], a) for a in args if varies[a]])[1]
        if nodes[last].args and uses[last] == 1 and not any(staying[a] for a in args):
            root[i] = root[last]
            behind.setdefault(root[i], []).append(i)
    return behind
