"""A neuron: activation(w·x + b).

>>> Neuron(2, "tanh", initialiser=lambda rng, fan_in, fan_out: 0.5)([1.0, 1.0])
Value(0.7615941559557649)
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import reduce
from typing import ClassVar, Generic, TypedDict, TypeVar

from autograd import Value, dot, scope
from autograd.transforms.types import Scalar
from nn.activations import ACTIVATIONS, Activation, choose_activation
from nn.arguments import Seed, as_float, choose_function, function_name, generator, integer
from nn.initialisers import INITIALISERS, Initialiser, suited_to
from nn.module import Module

READY = {Value, float}  # types of inputs that need no conversion
Output = TypeVar("Output")


class NeuronOptions(TypedDict, total=False):
    """The options of a neuron that layers and nets pass on."""

    bias: bool
    initialiser: str | Initialiser | None
    spelled_out: bool


class Feedforward(Module, Generic[Output]):
    """A module that takes ``nin`` numbers: a subclass says in ``forward`` what it makes of them."""

    opened: ClassVar[bool] = False

    nin: int

    def forward(self, x: Sequence[Scalar]) -> Output:
        """The output for ``nin`` inputs, unchecked."""
        raise NotImplementedError

    def __call__(self, x: Iterable[Scalar]) -> Output:
        """The output for a list, tuple or array of ``nin`` numbers or Values.

        Raises ValueError for any other length, TypeError for anything else.
        """
        return self.forward(self.inputs(x))

    def inputs(self, x: Iterable[Scalar]) -> list[Scalar]:
        """``x`` as a list of Values and floats, if it has the right length."""
        if not isinstance(x, Iterable) or isinstance(x, str | Mapping):
            raise TypeError(f"{self} takes a list of {_inputs(self.nin)}, got {x!r}: write [x] for a single one")
        inputs: list[Scalar] = getattr(x, "tolist", lambda: list(x))()
        if not set(map(type, inputs)) <= READY:
            inputs = self._ready(inputs)
        if len(inputs) != self.nin:
            raise ValueError(f"{self} takes {_inputs(self.nin)}, got {len(inputs)}")
        return inputs

    def _ready(self, inputs: list[Scalar]) -> list[Scalar]:
        if isinstance(inputs[0], list | tuple):
            raise TypeError(f"{self} takes one row of {_inputs(self.nin)}, got several: write [model(row) for row in X]")
        try:
            return [x if isinstance(x, Value) else as_float(f"input {i}", x) for i, x in enumerate(inputs)]
        except TypeError as error:
            raise TypeError(f"{self}: {error}") from None


class Neuron(Feedforward[Value]):
    """activation(w·x + b).

    >>> neuron = Neuron(2, "tanh", initialiser=lambda rng, fan_in, fan_out: 0.5)
    >>> neuron, neuron([1.0, 1.0])
    (Neuron(2 → 1 tanh), Value(0.7615941559557649))

    w·x + b is one ``dot`` node; with ``spelled_out`` it is built of × and +, a node each. Without ``bias``
    there is no b. The arguments are those of ``MLP``; ``fan_out`` is how many neurons its layer has.
    """

    def __init__(
        self,
        nin: int,
        activation: str | Activation = "relu",
        *,
        bias: bool = True,
        spelled_out: bool = False,
        initialiser: str | Initialiser | None = None,
        fan_out: int = 1,
        seed: Seed = None,
    ):
        self.nin = integer("nin", nin, 1)
        self.activation = function_name(activation)
        self.activate = choose_activation(activation)
        self._activation_is_one_node = self.activate in ACTIVATIONS.values()
        self.spelled_out = spelled_out
        weight = choose_function("initialiser", initialiser or suited_to(activation), INITIALISERS)
        rng = generator(seed)
        drawn = [as_float("what the initialiser gives", weight(rng, nin, fan_out)) for _ in range(nin)]
        self.w = [Value(x, f"w{i}") for i, x in enumerate(drawn)]
        self.b = Value(0.0, "b") if bias else None
        for parameter in self.parameters():
            parameter.scope = ("neuron",)  # until a layer knows which one

    def preactivation(self, x: Sequence[Scalar]) -> Value:
        """z = w·x + b."""
        group = self.w[0].scope
        if self.spelled_out:
            with _within(group):
                products = reduce(operator.add, (w * x_i for w, x_i in zip(self.w, x, strict=True)))
                return products if self.b is None else products + self.b
        z: Value = dot(self.w, x) if self.b is None else dot([*self.w, self.b], [*x, 1.0])
        if group:  # what ``with scope`` does, at 30 ns instead of 2 µs
            z.scope = group if z.scope is None else z.scope + group
        return z

    def postactivation(self, z: Value) -> Value:
        """activation(z)."""
        if self._activation_is_one_node:
            a = self.activate(z)
            a.scope = z.scope
            return a
        with _within(self.w[0].scope):
            return self.activate(z)

    def forward(self, x: Sequence[Scalar]) -> Value:
        """activation(w·x + b)."""
        return self.postactivation(self.preactivation(x))

    def __repr__(self) -> str:
        return f"Neuron({self.nin} → 1 {self.activation}{unbiased(self)})"


def _within(group: tuple[str, ...] | None) -> AbstractContextManager[None]:
    """A context whose nodes are drawn in ``group``."""
    return scope(*group) if group else nullcontext()


def _inputs(n: int) -> str:
    return "1 input" if n == 1 else f"{n} inputs"


def unbiased(neuron: Neuron) -> str:
    return ", no bias" if neuron.b is None else ""
