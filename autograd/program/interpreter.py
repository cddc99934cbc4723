"""A program run by plain Python, one operation after the other: the reference for every other way of running it.

>>> from autograd.program.tape import Tape
>>> tape = Tape(["x", "y"])
>>> x, y = tape.inputs
>>> run(tape.program([x * y + tape.apply("sin", x)], ["f"]), [0.0, 3.0])
[0.0]
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from autograd.program.instructions import Instructions, Scan
from autograd.program.loops import Item, Operation
from autograd.program.operations import OF_LISTS, OPERATIONS
from autograd.program.rolled import Rolled

Functions = Mapping[str, Callable[..., float]]
Memory = dict[Hashable, list[float]]


def run(program: Instructions | Rolled, inputs: Sequence[float]) -> list[float]:
    """The outputs for these inputs, to the last bit what eager evaluation gives; a rolled program runs as loops.

    Raises TypeError where there are more or fewer numbers than the program has inputs.
    """
    if len(inputs) != len(program.inputs):
        raise TypeError(f"run: expected a number for each of the program's {len(program.inputs)} inputs, got {len(inputs)}")
    functions: dict[str, Callable[..., Any]] = OPERATIONS | OF_LISTS
    functions |= {name: rule.value for name, rule in program.rules.items()}
    if isinstance(program, Rolled):
        return _run_rolled(program, list(map(float, inputs)), functions)
    functions |= {name: partial(_steps, scan) for name, scan in program.scans.items()}
    functions |= {name: partial(list, table) for name, table in program.tables.items()}
    values: list[Any] = [*map(float, inputs), *[0.0] * (len(program.nodes) - len(program.inputs))]
    for i, number in program.constants.items():
        values[i] = number
    for i, (op, args) in program.operations():
        values[i] = functions[op](*[values[a] for a in args])
    return [values[place] for place in program.outputs]


def _run_rolled(program: Rolled, inputs: list[float], functions: Functions) -> list[float]:
    memory: Memory = {"input": inputs, "constant": program.constants, "value": [0.0] * program.size}
    _run_items(program.items, (), 0, memory, functions)
    return [memory[place.kind][place.start] for place in program.outputs]


def _run_items(items: Sequence[Item], iterations: tuple[int, ...], shift: int, memory: Memory, functions: Functions) -> None:
    """Run these in these iterations of the loops around; ``shift`` is what those add to an operation's number."""
    for item in items:
        if isinstance(item, Operation):
            operands = [memory[kind][k] for place in item.operands for kind, k in place.all_at(iterations)]
            memory["value"][item.number + shift] = functions[item.op](*operands)
        else:
            for i in range(item.times):
                _run_items(item.body, (*iterations, i), shift + i * item.size, memory, functions)


def _steps(scan: Scan, *operands: Any) -> list[float]:
    """A loop's last states and stacks."""
    first = scan.states + scan.constants
    state, constants, lists = list(operands[: scan.states]), operands[scan.states : first], operands[first:]
    stacks: list[list[float]] = [[] for _ in scan.body.outputs[scan.states :]]
    reads = list(zip(lists, scan.strides, strict=True))
    for i in range(scan.times):
        outputs = run(scan.body, [*state, *constants, *[numbers[at + stride * i] for numbers, (at, stride) in reads]])
        state = outputs[: scan.states]
        for stack, number in zip(stacks, outputs[scan.states :], strict=True):
            stack.append(number)
    return [*state, *[number for stack in stacks for number in stack]]
