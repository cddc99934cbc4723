"""A program run by plain Python, one operation after the other: the reference for every other way of running it.

>>> from autograd.program.tape import Tape
>>> tape = Tape(["x", "y"])
>>> x, y = tape.inputs
>>> run(tape.program([x * y + tape.apply("sin", x)], ["f"]), [0.0, 3.0])
[0.0]
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.program.instructions import Instructions
from autograd.program.operations import OPERATIONS


def run(program: Instructions, inputs: Sequence[float]) -> list[float]:
    """The outputs for these inputs, to the last bit what eager evaluation gives.

    Raises TypeError where there are more or fewer numbers than the program has inputs.
    """
    if len(inputs) != len(program.inputs):
        raise TypeError(f"run: expected a number for each of the program's {len(program.inputs)} inputs, got {len(inputs)}")
    functions = OPERATIONS | {name: rule.value for name, rule in program.rules.items()}
    values: list[float] = [*map(float, inputs), *[0.0] * (len(program.nodes) - len(program.inputs))]
    for i, number in program.constants.items():
        values[i] = number
    for i, (op, args) in program.operations():
        values[i] = functions[op](*[values[a] for a in args])
    return [values[place] for place in program.outputs]
