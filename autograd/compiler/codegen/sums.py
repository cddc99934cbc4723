"""Where sums over lanes grow: in a vector of partial sums, or, of a loop's products in long programs, in one number.

A vector is 64 bytes a sum, which leave the caches where a net has thousands of weights: they are read and written for every
32 lanes. What is added up over a value's lanes at once is 8 bytes: a step of a net 784-32-10 takes 88 µs at a batch of 32 in
place of 125, of 784-128-10 328 in place of 493, and 1.35 ms at 128 in place of 2.2. It takes four registers of lanes: of
fewer an addition of lanes to each other costs more than the vector's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod

from autograd.compiler.codegen.partition import NUMBER, Output, Partition
from autograd.compiler.codegen.places import Address, Nest
from autograd.program.loops import Operation

MANY_REGISTERS = 4


def place_sums(part: Partition) -> None:
    """Decide for every sum, and give those in vectors a place of their own, one after the other."""
    for step, nest, _ in part.steps if part.outputs else ():
        if step.number in part.outputs:
            kind = NUMBER if _in_numbers(part, nest) else "sum"
            part.outputs[step.number] = list(_placed(part, part.outputs[step.number], nest, kind))
    part.after = {n: [(kind, _single(part, kind, k), v) for kind, k, v in after] for n, after in part.after.items()}
    part.direct = [(kind, _single(part, kind, k), place) for kind, k, place in part.direct]


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
