"""The passes from a program to what is emitted as text, in order.

>>> from autograd.program.tape import Tape
>>> tape = Tape(["x", "y"])
>>> x, y = tape.inputs
>>> print(apply_passes(tape.program([x * x + y], ["f"]), Target(4))["prune"])
program of 1 operation: 2 inputs, 1 output
  v2 = fma x x y
  f = v2
"""

from __future__ import annotations

from autograd.compiler.codegen.abi import Target
from autograd.compiler.codegen.dots import LONG, gather
from autograd.compiler.codegen.fusion import fuse
from autograd.compiler.codegen.products import one_error
from autograd.program.instructions import Instructions, pruned
from autograd.program.lowering import lowered


def lower(program: Instructions, _: Target) -> Instructions:
    """The program in the operations of the machine and of C's library, and long dot products."""
    return lowered(program, LONG)


def prune(program: Instructions, _: Target) -> Instructions:
    """The program without what no output needs."""
    return pruned(program)


PASSES = (
    lower,  # first: it writes powers, dot products and norms as the products and sums that can be fused
    one_error,  # before products are fused: it looks for those of its pattern
    fuse,  # before pruning: a product that every sum has taken in is still listed
    gather,  # after fusing: sums of products as chains, such as the derivative by what many neurons take in
    prune,  # last: drops those products
)


def apply_passes(program: Instructions, target: Target) -> dict[str, Instructions]:
    """The program after each pass, by the pass's name."""
    after = {}
    for each in PASSES:
        program = after[each.__name__] = each(program, target)
    return after
