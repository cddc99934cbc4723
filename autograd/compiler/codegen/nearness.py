"""Operations moved up to the value that they alone need, so that it needn't be kept until then.

A derivative is written in the order of the arguments: all layers' adjoints, then what becomes of each. In machine code those
are two loops, and between them lies a row of numbers in memory.
"""

from __future__ import annotations

from autograd.compiler.codegen.abi import BOOLEAN
from autograd.compiler.codegen.dots import DOTS
from autograd.program.instructions import Instruction, Instructions, is_list


def near(program: Instructions, varies: bytearray) -> Instructions:
    """The program with every operation of the lanes right after the last of its operands, if no other needs that."""
    behind = _behind(program, varies)
    if not behind:
        return program
    moved = {i for group in behind.values() for i in group}
    order = [i for k in range(len(program.nodes)) if k not in moved for i in (k, *behind.get(k, ()))]
    place = [0] * len(order)
    for new, old in enumerate(order):
        place[old] = new
    nodes = [Instruction(op, tuple([place[a] for a in args])) for op, args in map(program.nodes.__getitem__, order)]
    constants = {place[i]: x for i, x in program.constants.items()}
    return program.replaced(nodes, constants, [place[o] for o in program.outputs])


def _behind(program: Instructions, varies: bytearray) -> dict[int, list[int]]:
    """What comes behind an operation that stays in its place, in order."""
    nodes, uses = program.nodes, program.uses()
    staying = [op in BOOLEAN or op in DOTS or is_list(program, op) for op, _ in nodes]
    root, behind = list(range(len(nodes))), dict[int, list[int]]()
    for i, (_, args) in enumerate(nodes):
        if not varies[i] or staying[i] or not args:
            continue
        last = max([(root[a], a) for a in args if varies[a]])[1]
        if nodes[last].args and uses[last] == 1 and not any(staying[a] for a in args):
            root[i] = root[last]
            behind.setdefault(root[i], []).append(i)
    return behind
