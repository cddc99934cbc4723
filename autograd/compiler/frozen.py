"""``frozen``: what a function computes as a program, in which all that it has captured is constant: to be exported.

>>> from autograd import Value
>>> w = Value(2.0)
>>> print(frozen(lambda x: w * x + 1.0, 3.0))
program of 2 operations: 1 input, 1 output
  v2 = mul 2.0 x
  v4 = add v2 1.0
  f = v4
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.compiler.binding import Parameters
from autograd.compiler.branch import Guards, branch_at
from autograd.compiler.clock import Clock
from autograd.compiler.conditions import BranchError
from autograd.compiler.signature import Spec
from autograd.compiler.transforms import Options
from autograd.program.instructions import Instruction, Instructions
from autograd.program.lowering import lowered
from autograd.program.program import Program
from autograd.transforms.call import name_of
from autograd.transforms.types import Function


def frozen(f: Function, *args: object) -> Program:
    """The program of f's value for arguments shaped like these: their numbers are its inputs.

    Values that f has captured, a model's parameters say, are constants with the numbers they have now.
    ``frozen(model, row).to_c()`` is the model in C; ``nn.to_c`` says more about that.

    Raises BranchError where f branches on its arguments' numbers by ``if`` or ``while``: a program has one way through;
    TypeError where what f gives is no number or nested numbers.
    """
    form = Parameters(f).form(len(args), ())
    spec = Spec.of(args, form.axes, form.names)
    branch = branch_at(spec, Options(f, "value", (), None, True, None, 1, Clock()), spec.point(spec.parts(args), 0))
    captured = [leaf._number for leaf in branch.inputs.captured]
    if _reads_arguments(branch.guards, sum(leaf.size for leaf in spec.leaves)):
        raise BranchError(
            f"frozen: {name_of(f)} branches on its arguments' numbers, and a program has one way through; choose with "
            "where(condition, a, b), maximum, minimum or relu"
        )
    # Lowered first: with constants a weight of 1 would need no product, and its neuron would fall out of the loop.
    return Program.of(with_constants(lowered(branch.program), captured))


def _reads_arguments(guards: Guards, count: int) -> bool:
    """Whether a branch depends on one of the first so many inputs."""
    return guards.any and any(a < count for node in guards.program.nodes for a in node.args)


def with_constants(program: Instructions, numbers: Sequence[float]) -> Instructions:
    """The program with numbers for its last inputs."""
    first = len(program.inputs) - len(numbers)
    nodes = [*program.nodes[:first], *[Instruction("constant", ())] * len(numbers), *program.nodes[len(program.inputs) :]]
    constants = {**dict(enumerate(numbers, first)), **program.constants}
    bound = program.replaced(nodes, constants)
    bound.inputs = program.inputs[:first]
    return bound
