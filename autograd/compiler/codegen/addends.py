"""What is the same in all lanes, taken out of sums over lanes: Σ (aᵢ·bᵢ + u) is Σ aᵢ·bᵢ + n·u.

A penalty on weights is in every term of a loss's mean, and its derivative in every term of each weight's. Taken out it is
computed once, and what is left is a product, which the sum is fused with. Where it isn't one a term stays whole: x + u may
be exact in each lane and far smaller than x, whose sum would lose as many digits. A product has lost them by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from autograd.compiler.codegen.abi import Target
from autograd.program.instructions import Instruction, Instructions, pruned

SPLIT = ("add", "fma")


def apart(
    program: Instructions, summed: Sequence[bool], varies: bytearray, target: Target
) -> tuple[Instructions, list[int | None]]:
    """The program with summed outputs without what is the same in all lanes, which is a further output of it.

    Also the numbers of those, None for an output that isn't cut.
    """
    whole: list[int | None] = [None] * len(summed)
    outputs = list(zip(program.outputs, summed, strict=True))
    cuttable = [total and bool(varies[o]) and program.nodes[o].op in SPLIT for o, total in outputs]
    if not (target.contract and any(cuttable)):
        return program, whole
    sums = Sums(program, varies)
    pairs = [sums.parted(o) if cut else (o, None) for o, cut in zip(program.outputs, cuttable, strict=True)]
    found = [same for _, same in pairs if same is not None]
    numbers = count(len(pairs))
    places, names = [*(rest for rest, _ in pairs), *found], [*program.names, *[""] * len(found)]
    after = pruned(program.replaced(sums.nodes, outputs=places, names=names))
    return after, [None if same is None else next(numbers) for _, same in pairs]


class Sums:
    """The operations of a program, in which the terms of sums over lanes are cut."""

    def __init__(self, program: Instructions, varies: bytearray):
        self.nodes, self.varies, self.uses = list(program.nodes), varies, program.uses()

    def parted(self, place: int) -> tuple[int, int | None]:
        """What of a term differs from lane to lane, a product, and what doesn't."""
        rest, same = place, None
        while self.nodes[rest].op in SPLIT and self.uses[rest] == 1:
            left, more = self._cut(rest)
            if more is None:
                break
            same = more if same is None else self._new("add", same, more)
            rest = left
        return (rest, same) if self.nodes[rest].op == "mul" else (place, None)

    def _cut(self, place: int) -> tuple[int, int | None]:
        *factors, last = self.nodes[place].args
        varies = self.varies
        if not varies[last]:
            return (self._new("mul", *factors) if len(factors) == 2 else factors[0]), last
        if any(varies[a] for a in factors):
            return place, None
        return last, self._new("mul", *factors) if len(factors) == 2 else factors[0]

    def _new(self, op: str, *operands: int) -> int:
        self.nodes.append(Instruction(op, operands))
        return len(self.nodes) - 1
