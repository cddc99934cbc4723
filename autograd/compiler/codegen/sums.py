"""Where sums over lanes grow: in a vector of partial sums, or, of a loop's products in long programs, in one number.

A vector is 64 bytes a sum, which leave the caches where a net has thousands of weights: they are read and written for every
32 lanes. What is added up over the lanes of a tile at once is 8 bytes. It takes four registers of lanes: of fewer an
addition of lanes to each other costs more than the vector's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod

from autograd.compiler.codegen.partition import Partition
from autograd.compiler.codegen.places import Address, Nest
from autograd.compiler.codegen.summed import NUMBER, Output
from autograd.program.loops import Operation, operations_in

MANY_REGISTERS = 4
MOST_VALUES = 4  # in a tile: of 16 vectors of lanes, products take 22 µs in place of 31 of each 4 by themselves
TILE_NUMBERS = 2**18  # 2 MB


def place_sums(part: Partition) -> None:
    """Decide for every sum, and give those in vectors a place of their own, one after the other."""
    for step, nest, _ in part.steps if part.outputs else ():
        if step.number in part.outputs:
            kind = NUMBER if _in_numbers(part, nest) else "sum"
            part.outputs[step.number] = list(_placed(part, part.outputs[step.number], nest, kind))
    part.after = {n: [(kind, _single(part, kind, k), v) for kind, k, v in after] for n, after in part.after.items()}
    part.direct = [(kind, _single(part, kind, k), place) for kind, k, place in part.direct]


def tile_of(part: Partition) -> int:
    """How many values of lanes to compute before their products are summed: as many as leave room in the second cache."""
    if not any(whole(part, k) for k in range(len(part.functions))):
        return 1
    rows = part.slots.count + sum(block.size for block in part.layout.blocks if block.lanes)
    return max(1, min(MOST_VALUES, TILE_NUMBERS // (rows * part.target.width)))


def whole(part: Partition, function: int) -> bool:
    """Whether a function does nothing but to sum products over lanes: it goes through all of a tile by itself."""
    steps = [step.number for step, _ in operations_in(part.functions[function])]
    return bool(steps) and all(any(output.kind == NUMBER for output in part.outputs.get(n, ())) for n in steps)


def _in_numbers(part: Partition, nest: Nest) -> bool:
    """Whether a step is in a loop inside another, of products that are summed over lanes, and needed for nothing else."""
    inside = len(nest) > 1 and part.target.registers >= MANY_REGISTERS
    return inside and all(isinstance(each, Operation) and part.adds_up(each) for each in nest[-1].body)


def _placed(part: Partition, outputs: Iterable[Output], nest: Nest, kind: str) -> Iterator[Output]:
    """Outputs of a step whose sums are of this kind."""
    vectors = part.layout.vectors
    for output in outputs:
        if output.kind != "sum":
            yield output
        elif kind == NUMBER:
            yield Output(NUMBER, output.at)
        else:
            strides = [prod(loop.times for loop in nest[k + 1 :]) for k in range(len(nest))]
            yield Output(kind, Address(len(vectors), tuple(strides)))
            vectors += _all(output.at, nest)


def _all(at: Address, nest: Nest) -> list[int]:
    """Where an address leads in every iteration."""
    found = [at.start]
    for loop, stride in zip(nest, at.strides, strict=True):
        found = [k + i * stride for k in found for i in range(loop.times)]
    return found


def _single(part: Partition, kind: str, k: int) -> int:
    """Where the output number k grows, or where it goes."""
    if kind != "sum":
        return k
    part.layout.vectors.append(k)
    return len(part.layout.vectors) - 1
