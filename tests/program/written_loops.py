"""A strategy that writes loops: straight-line programs, recorded while random loops ran in Python.

Loops nest, carry sums and states, fill arrays and read them with strides and backwards, have constants that differ between
iterations, break off, and have other operations between them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from autograd.program.instructions import Instructions
from autograd.program.tape import Number, Tape

INPUTS = 12
BINARY = ("add", "sub", "mul", "maximum", "minimum", "hypot", "div")
UNARY = ("sin", "tanh", "neg", "abs", "exp")
WIDE = ("sum", "dot", "logsumexp")


class State:
    """What a program that runs has computed: arrays, the carried value, and the iterations of the loops around."""

    def __init__(self) -> None:
        self.tape = Tape([f"x[{k}]" for k in range(INPUTS)])
        self.arrays: list[list[Number]] = [list(self.tape.inputs)]
        self.carried: Number = self.tape.inputs[0]
        self.iterations: list[int] = []


Expression = Callable[[State], Number]
Statement = Callable[[State], None]


class Reference(NamedTuple):
    """An operand: an item of an array, walked with a stride; what is carried; a constant that may run."""

    kind: str
    which: int
    start: int
    stride: int

    def __call__(self, state: State) -> Number:
        i = state.iterations[-1 - self.which % len(state.iterations)] if state.iterations else 0
        if self.kind == "carried":
            return state.carried
        if self.kind == "constant":
            return 0.5 * self.start + 0.25 * self.stride * i
        array = state.arrays[self.which % len(state.arrays)]
        return array[(self.start + self.stride * i) % len(array)]


references = st.builds(
    Reference,
    st.sampled_from(["array", "array", "carried", "constant"]),
    st.integers(0, 3),
    st.integers(-2, 3),
    st.integers(-2, 2),
)


class Applied(NamedTuple):
    """Operations on operands, the first on two of them, each further one on the result before."""

    ops: Sequence[tuple[str, Reference, Reference]]

    def __call__(self, state: State) -> Number:
        y: Number | None = None
        for op, a, b in self.ops:
            left = a(state) if y is None else y
            operands = [left] if op in UNARY else [left, b(state)]
            if op in WIDE:
                operands += [*state.arrays[0][:4], b(state), left]
            y = state.tape.apply(op, *operands)
        assert y is not None
        return y


expressions = st.builds(
    Applied, st.lists(st.tuples(st.sampled_from((*BINARY, *UNARY, *WIDE)), references, references), min_size=1, max_size=5)
)


class Assigned(NamedTuple):
    """``carried = expression`` or ``array.append(expression)``, or where there is a condition one of two."""

    expression: Expression
    carries: bool
    condition: tuple[Reference, Reference] | None

    def __call__(self, state: State) -> None:
        y = self.expression(state)
        if self.condition is not None:
            a, b = self.condition
            y = state.tape.apply("where", state.tape.apply("lt", a(state), b(state)), y, state.carried)
        if self.carries:
            state.carried = y
        else:
            state.arrays[-1].append(y)


class Written(NamedTuple):
    """A loop; it breaks off early, ever earlier in a loop around it, by ``shrinks`` iterations a time."""

    times: int
    shrinks: int
    body: Sequence[Statement]

    def __call__(self, state: State) -> None:
        times = self.times - self.shrinks * (state.iterations[-1] if state.iterations else 0)
        state.arrays.append([state.carried])
        for i in range(times):
            state.iterations.append(i)
            for statement in self.body:
                statement(state)
            state.iterations.pop()


assignments: st.SearchStrategy[Any] = st.builds(
    Assigned, expressions, st.booleans(), st.none() | st.tuples(references, references)
)


def _loops(inner: st.SearchStrategy[Any], times: int) -> st.SearchStrategy[Any]:
    return st.builds(Written, st.integers(3, times), st.sampled_from([0, 0, 0, 1]), st.lists(inner, min_size=1, max_size=3))


statements = _loops(assignments, 40) | _loops(st.recursive(assignments, lambda inner: _loops(inner, 8), max_leaves=6), 12)


@st.composite
def programs(draw: st.DrawFn) -> Instructions:
    """A program in which loops were written out."""
    state = State()
    for statement in draw(st.lists(statements | assignments, min_size=2, max_size=5)):
        if len(state.tape.nodes) < 3000:
            statement(state)
    outputs = [state.carried, *[x for array in state.arrays[1:] for x in array]]
    return state.tape.program(outputs, [f"y{k}" for k in range(len(outputs))])


points = st.lists(st.floats(-2.0, 2.0), min_size=INPUTS, max_size=INPUTS)
