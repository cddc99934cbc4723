"""A program with loops as the straight line that they stand for: what every other way of running them is held to.

>>> from autograd.program.instructions import Scan
>>> body = Instructions(["s", "x"], [Instruction("input", ())] * 2 + [Instruction("add", (0, 1))], {}, [2], ["s"])
>>> nodes = [Instruction("input", ())] * 2 + [Instruction("stack", (0, 1)), Instruction("scan#1", (0, 2))]
>>> nodes += [Instruction("constant", ()), Instruction("item", (3, 4))]
>>> print(unrolled(Instructions(["a", "b"], nodes, {4: 0.0}, [5], ["f"], scans={"scan#1": Scan(body, 2, 1, ((0, 1),))})))
program of 2 operations: 2 inputs, 1 output
  v2 = add a a
  v3 = add v2 b
  f = v3
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.program.instructions import Instruction, Instructions, Scan


def unrolled(program: Instructions) -> Instructions:
    """The same operations, those of a loop as often as it runs."""
    return Unrolling(program).result() if program.scans else program


class Unrolling:
    """A straight line that grows; ``places`` has where a number is, or each number of a list."""

    def __init__(self, program: Instructions):
        self.program, self.constants = program, dict[int, float]()
        self.nodes: list[Instruction] = program.nodes[: len(program.inputs)]
        self.places: list[Any] = list(range(len(program.inputs)))

    def result(self) -> Instructions:
        """The program; no list is left."""
        program = self.program
        for i in range(len(program.inputs), len(program.nodes)):
            self.places.append(self._written(i, *program.nodes[i]))
        code = program.replaced(self.nodes, self.constants, [self.places[o] for o in program.outputs], scans={})
        code.tables = {}
        return code

    def _written(self, i: int, op: str, args: tuple[int, ...]) -> Any:
        program, operands = self.program, [self.places[a] for a in args]
        if op == "constant":
            return self._constant(program.constants[i])
        if op in program.tables:
            return list(map(self._constant, program.tables[op]))
        if op == "stack":
            return operands
        if op == "item":
            return operands[0][int(program.constants[args[1]])]
        return self._steps(program.scans[op], operands) if op in program.scans else self._node(op, operands)

    def _node(self, op: str, places: Sequence[int]) -> int:
        self.nodes.append(Instruction(op, tuple(places)))
        return len(self.nodes) - 1

    def _constant(self, x: float) -> int:
        place = self._node("constant", ())
        self.constants[place] = x
        return place

    def _steps(self, scan: Scan, operands: list[Any]) -> list[int]:
        """A loop's last states and stacks."""
        body, first = unrolled(scan.body), scan.states + scan.constants
        states, constants, lists = operands[: scan.states], operands[scan.states : first], operands[first:]
        known = {i: self._constant(x) for i, x in body.constants.items()}
        stacks: list[list[int]] = [[] for _ in body.outputs[scan.states :]]
        for i in range(scan.times):
            xs = [numbers[at + stride * i] for numbers, (at, stride) in zip(lists, scan.strides, strict=True)]
            outputs = self._step(body, [*states, *constants, *xs], known)
            states = outputs[: scan.states]
            for stack, place in zip(stacks, outputs[scan.states :], strict=True):
                stack.append(place)
        return [*states, *[place for stack in stacks for place in stack]]

    def _step(self, body: Instructions, inputs: Sequence[int], known: dict[int, int]) -> list[int]:
        places = [*inputs]
        for i, (op, args) in enumerate(body.nodes[len(inputs) :], len(inputs)):
            places.append(known[i] if i in known else self._node(op, [places[a] for a in args]))
        return [places[o] for o in body.outputs]
