"""Long sums of products as one operation each, which machine code computes in a loop.

``dot`` has the factors a₁ … aₙ, b₁ … bₙ for operands; ``dot_add`` has a number more, to which the products are added. Each
is the chain of fused multiply-adds that it stands for. A chain that is gathered keeps its bits; a ``dot`` that stays one
operation fuses all its products, while sums written out take x for x·1 and compute what is constant before they are fused:
where a factor is 1 or both are constants, the last bit may be another.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.compiler.codegen.abi import Target
from autograd.program.instructions import Instruction, Instructions

LONG = 8  # products: fewer are faster written out
DOTS = ("dot", "dot_add")


def gather(program: Instructions, target: Target) -> Instructions:
    """Chains of multiply-adds, each needed by the next alone, as dot products."""
    if not target.contract:
        return program
    if program.scans:
        scans = {name: scan._replace(body=gather(scan.body, target)) for name, scan in program.scans.items()}
        program = program.replaced(program.nodes, scans=scans)
    nodes, uses = program.nodes, program.uses()
    # Factors that are needed often lie in memory anyway; others would be stored only to be added up later.
    often = [n >= LONG or not node[1] for node, n in zip(nodes, uses, strict=True)]
    length = [0] * len(nodes)  # of the chain that ends here
    inside = bytearray(len(nodes))  # the next takes it in
    for i, (op, args) in enumerate(nodes):
        if (op == "fma" or op == "mul") and often[args[0]] and often[args[1]]:
            length[i] = 1
            before = args[-1]
            if op == "fma" and uses[before] == 1 and length[before]:
                length[i] += length[before]
                inside[before] = 1
    ends = [i for i, n in enumerate(length) if n >= LONG and not inside[i]]
    if not ends:
        return program
    nodes = list(nodes)
    for end in ends:
        nodes[end] = _chain(program.nodes, end, length[end])
    return program.replaced(nodes)


def _chain(nodes: Sequence[Instruction], end: int, length: int) -> Instruction:
    """The multiply-adds up to this one. A product that they begin with is the second term: ``fuse`` takes the first in."""
    terms, at = [], end
    for _ in range(length):
        terms.append(nodes[at].args)
        at = terms[-1][-1]
    left, right = [term[0] for term in terms[::-1]], [term[1] for term in terms[::-1]]
    if len(terms[-1]) == 3:
        return Instruction("dot_add", (*left, *right, at))
    left[:2], right[:2] = left[1::-1], right[1::-1]
    return Instruction("dot", (*left, *right))
