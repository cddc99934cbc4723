"""A neuron, a layer of neurons, and the multi-layer perceptron.

>>> model = MLP(2, [16, 16, 1], seed=0)
>>> model
MLP(2 → 16 relu → 16 relu → 1 linear; 337 parameters)
>>> score = model([0.5, -1.0])
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import reduce
from itertools import pairwise
from typing import Any, Generic, NamedTuple, TypedDict, TypeVar, Unpack

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
        self.w = [Value(as_float("what the initialiser gives", weight(rng, nin, fan_out))) for _ in range(nin)]
        self.b = Value(0.0) if bias else None
        self.name_parameters()
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
        return f"Neuron({self.nin} → 1 {self.activation}{_unbiased(self)})"


class Layer(Feedforward[list[Value]]):
    """``nout`` neurons side by side, on the same ``nin`` inputs.

    >>> layer = Layer(3, 2, "sigmoid", seed=0)
    >>> layer
    Layer(3 → 2 sigmoid)
    >>> len(layer([1.0, 2.0, 3.0]))
    2

    Its output is always a list of ``nout`` Values. The options are those of ``Neuron``.
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: str | Activation = "relu",
        *,
        seed: Seed = None,
        **options: Unpack[NeuronOptions],
    ):
        _check_options(options)
        self.nin = integer("nin", nin, 1)
        fan_out, rng = integer("nout", nout, 1), generator(seed)
        self.neurons = [Neuron(nin, activation, fan_out=fan_out, seed=rng, **options) for _ in range(nout)]
        self.name_parameters()

    def through(self, x: Sequence[Scalar]) -> LayerPass:
        """z and activation(z) of every neuron."""
        z = [neuron.preactivation(x) for neuron in self.neurons]
        return LayerPass(z, [neuron.postactivation(z_i) for neuron, z_i in zip(self.neurons, z, strict=True)])

    def forward(self, x: Sequence[Scalar]) -> list[Value]:
        """activation(z) of every neuron."""
        return self.through(x).a

    def __repr__(self) -> str:
        return f"Layer({self.nin} → {_width_and_activation(self)}{_unbiased(self.neurons[0])})"


class LayerPass(NamedTuple):
    """What went through one layer: ``z`` before, ``a`` after the activation."""

    z: list[Value]
    a: list[Value]


class MLP(Feedforward[Value | Any]):  # Any stands for list[Value]: which of the two, only the last width says
    """A multi-layer perceptron: ``nin`` inputs, then a layer for every width in ``nouts``.

    >>> net = MLP(2, [3, 1], activation="tanh", seed=0)
    >>> net
    MLP(2 → 3 tanh → 1 linear; 13 parameters)
    >>> net([1.0, 2.0]).backward()
    >>> [p.name for p in net.parameters() if p.grad_or_none is not None][-1]
    'layer1.neuron0.b'

    Hidden layers use ``activation``, a name or a function of a Value; the last layer is linear. Called with
    ``nin`` numbers or Values it returns **one Value where the last layer has one neuron, else a list**.

    ``seed`` is an int or a ``random.Random``; Python's global generator stays as it is. ``initialiser`` is
    the one that suits the activation (He for relu and its kin, Glorot for the others), a name or a function
    ``(rng, fan_in, fan_out) -> float``. ``bias=False`` leaves every b out, ``spelled_out=True`` builds each
    w·x + b of × and +, a node each.

    Raises ValueError for an unknown name, a width below 1, or a call with another number of inputs.
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: str | Activation = "relu",
        seed: Seed = None,
        **options: Unpack[NeuronOptions],
    ):
        if not isinstance(nouts, Sequence) or isinstance(nouts, str):
            raise TypeError(f"nouts must be a list of layer widths such as [16, 16, 1], got {nouts!r}")
        if not nouts:
            raise ValueError("nouts must name at least one layer's width, got none")
        choose_activation(activation)  # also where no layer is hidden
        self.nin, rng = integer("nin", nin, 1), generator(seed)
        activations = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [
            Layer(fan_in, nout, g, seed=rng, **options)
            for (fan_in, nout), g in zip(pairwise([nin, *nouts]), activations, strict=True)
        ]
        self.name_parameters()

    def forward(self, x: Sequence[Scalar]) -> Value | Any:
        """The last layer's output, unpacked where it is a single one."""
        a = self._passes(x)[-1].a
        return a[0] if len(a) == 1 else a

    def _passes(self, x: Sequence[Scalar]) -> list[LayerPass]:
        passes: list[LayerPass] = []
        for layer in self.layers:
            passes.append(layer.through(x))
            x = passes[-1].a
        return passes

    def layerwise(self, x: Iterable[Scalar]) -> list[LayerPass]:
        """z and a of every layer. After ``backward()`` of a loss on the last a, the gradients of z are its δ.

        >>> net = MLP(2, [3, 1], "tanh", seed=0)
        >>> hidden, last = net.layerwise([1.0, 2.0])
        >>> (last.a[0] - 1.0).square().backward()
        >>> len([z.grad for z in hidden.z])
        3
        """
        return self._passes(self.inputs(x))

    def __repr__(self) -> str:
        widths = " → ".join([str(self.nin), *map(_width_and_activation, self.layers)])
        return f"MLP({widths}{_unbiased(self.layers[0].neurons[0])}; {len(self.parameters())} parameters)"


def _check_options(options: NeuronOptions) -> None:
    known = NeuronOptions.__annotations__
    for name in options.keys() - known.keys():
        raise TypeError(f"unknown option {name!r}; known are activation, {', '.join(known)}, seed")


def _within(group: tuple[str, ...] | None) -> AbstractContextManager[None]:
    """A context whose nodes are drawn in ``group``."""
    return scope(*group) if group else nullcontext()


def _inputs(n: int) -> str:
    return "1 input" if n == 1 else f"{n} inputs"


def _width_and_activation(layer: Layer) -> str:
    return f"{len(layer.neurons)} {layer.neurons[0].activation}"


def _unbiased(neuron: Neuron) -> str:
    return ", no bias" if neuron.b is None else ""
