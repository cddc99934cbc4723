"""Random networks with data to learn, for tests with hypothesis.

>>> from hypothesis import find
>>> problem = find(mlps(), lambda problem: True)
>>> problem.model, problem.inputs, problem.targets
(MLP(1 → 1 linear; 2 parameters), [[0.0]], [[0.0]])
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from autograd import Value
from autograd.testing.strategies import hypothesis_strategies
from nn.layers import MLP
from nn.losses import mse

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ["Problem", "mlps"]


class Problem(NamedTuple):
    """A network, and inputs and targets for it."""

    model: MLP
    inputs: list[list[float]]
    targets: list[list[float]]

    def loss(self) -> Value:
        """The mean of the squared errors, as one Value."""
        outputs = [self.model.layerwise(row)[-1].a for row in self.inputs]
        losses = [mse(output, targets) for output, targets in zip(outputs, self.targets, strict=True)]
        return reduce(operator.add, losses) / len(self.inputs)


def mlps(max_inputs: int = 3, max_layers: int = 3, max_width: int = 4, max_rows: int = 4) -> SearchStrategy[Problem]:
    """Random multi-layer perceptrons, each with data to learn.

    >>> from hypothesis import find
    >>> find(mlps(max_layers=1), lambda problem: len(problem.inputs) > 1).targets
    [[0.0], [0.0]]

    Raises ImportError, saying what to install, where hypothesis isn't there.
    """
    st = hypothesis_strategies("mlps")

    def problem(draw: DrawFn) -> Problem:
        inputs = draw(st.integers(1, max_inputs))
        widths = draw(st.lists(st.integers(1, max_width), min_size=1, max_size=max_layers))
        activation = draw(st.sampled_from(["tanh", "relu", "sigmoid", "gelu"]))
        model = MLP(inputs, widths, activation=activation, seed=draw(st.integers(0, 2**32 - 1)))
        number = st.floats(-2.0, 2.0, allow_subnormal=False)
        row = st.tuples(
            st.lists(number, min_size=inputs, max_size=inputs), st.lists(number, min_size=widths[-1], max_size=widths[-1])
        )
        rows = draw(st.lists(row, min_size=1, max_size=max_rows))
        return Problem(model, [x for x, _ in rows], [y for _, y in rows])

    strategy: SearchStrategy[Problem] = st.composite(problem)()
    return strategy


def __dir__() -> list[str]:
    return sorted(__all__)
