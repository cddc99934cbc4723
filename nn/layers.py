"""A layer of neurons, and the multi-layer perceptron.

>>> model = MLP(2, [16, 16, 1], seed=0)
>>> model
MLP(2 → 16 relu → 16 relu → 1 linear; 337 parameters)
>>> score = model([0.5, -1.0])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple, TypeAlias, Unpack

from autograd import Value
from autograd.transforms.types import Scalar
from nn.activations import Activation, choose_activation
from nn.arguments import Seed, function_name, generator, integer
from nn.neuron import Feedforward, Neuron, NeuronOptions, unbiased

Activations: TypeAlias = str | Activation | Sequence[str | Activation]


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
        return f"Layer({self.nin} → {_width_and_activation(self)}{unbiased(self.neurons[0])})"


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

    Hidden layers use ``activation``, a name or a function of a Value; the last layer is linear. A list has one for each
    layer, the last one too: ``MLP(8, [4, 8], ["tanh", "sigmoid"])``. Called with ``nin`` numbers or Values it returns **one
    Value where the last layer has one neuron, else a list**.

    ``seed`` is an int or a ``random.Random``; Python's global generator stays as it is. ``initialiser`` is
    the one that suits the activation (He for relu and its kin, Glorot for the others), a name or a function
    ``(rng, fan_in, fan_out) -> float``. ``bias=False`` leaves every b out, ``spelled_out=True`` builds each
    w·x + b of × and +, a node each.

    Raises ValueError for an unknown name, a width below 1, or a call with another number of inputs.
    """

    opened: ClassVar[bool] = True

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activations = "relu",
        seed: Seed = None,
        **options: Unpack[NeuronOptions],
    ):
        _check_options(options)
        if not isinstance(nouts, Sequence) or isinstance(nouts, str):
            raise TypeError(f"nouts must be a list of layer widths such as [16, 16, 1], got {nouts!r}")
        if not nouts:
            raise ValueError("nouts must name at least one layer's width, got none")
        self.nin, rng = integer("nin", nin, 1), generator(seed)
        self.layers = [
            Layer(fan_in, nout, g, seed=rng, **options)
            for (fan_in, nout), g in zip(pairwise([nin, *nouts]), _activations(activation, len(nouts)), strict=True)
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
        return f"MLP({widths}{unbiased(self.layers[0].neurons[0])}; {len(self.parameters())} parameters)"


def _activations(activation: Activations, layers: int) -> list[str | Activation]:
    """One for each layer."""
    if isinstance(activation, str) or not isinstance(activation, Sequence):
        choose_activation(activation)  # also where no layer is hidden
        return [*[activation] * (layers - 1), "linear"]
    if len(activation) != layers:
        raise ValueError(
            f"activation must have one for each of the {layers} layers, the last one too, got {len(activation)}: "
            f"{[function_name(g) for g in activation]}; a single name is that of the hidden layers, and the last is linear"
        )
    return list(activation)


def _check_options(options: NeuronOptions) -> None:
    known = NeuronOptions.__annotations__
    for name in options.keys() - known.keys():
        raise TypeError(f"unknown option {name!r}; known are activation, {', '.join(known)}, seed")


def _width_and_activation(layer: Layer) -> str:
    return f"{len(layer.neurons)} {layer.neurons[0].activation}"
