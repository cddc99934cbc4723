"""``Module``: whatever has parameters. They are the leaf ``Value``s among its attributes, at any depth.

>>> from autograd import Value
>>> class Line(Module):
...     def __init__(self):
...         self.slope, self.offset = Value(2.0), Value(1.0)
...     def __call__(self, x):
...         return self.slope * x + self.offset
>>> Line().parameters()
[Value(2.0), Value(1.0)]
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from autograd import Value
from nn.arguments import real


class Module:
    """Something with parameters, to be trained, saved and loaded.

    >>> import nn
    >>> class Pair(nn.Module):
    ...     def __init__(self):
    ...         self.left = self.right = nn.Neuron(2, seed=0)  # shared: counted once
    >>> [name for name, _ in Pair().named_parameters()]
    ['left.w0', 'left.w1', 'left.b']

    A subclass keeps its Values and Modules as attributes, singly or in lists, tuples and dicts.
    """

    def __call__(self, x: Any) -> Any:
        """What the module makes of x; a subclass says it."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__")

    def parameters(self) -> list[Value]:
        """Every parameter once, in the order of the attributes."""
        return [parameter for _, parameter in _walk(self, "", set())]

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Name and parameter: ``layer0.neuron1.w2`` is ``layers[0].neurons[1].w[2]``.

        Raises ValueError where two parameters would bear the same name.
        """
        named = list(_walk(self, "", set()))
        twice = [name for name, times in Counter(name for name, _ in named).items() if times > 1]
        if twice:
            raise ValueError(f"several parameters would be named {', '.join(twice)}: rename an attribute")
        return named

    def name_parameters(self) -> None:
        """Give every parameter its name here, for drawings and messages."""
        for name, parameter in self.named_parameters():
            parameter.name = name

    def zero_grad(self) -> None:
        """Forget all gradients: ``grad`` is None again, as before the first ``backward()``."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, float]:
        """The parameters' numbers by name.

        >>> import nn
        >>> nn.Neuron(1, initialiser=lambda rng, fan_in, fan_out: 0.5).state_dict()
        {'w0': 0.5, 'b': 0.0}
        """
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter to its number in ``state``; all of them or, if anything is wrong, none.

        >>> import nn
        >>> old, new = nn.MLP(2, [3, 1], seed=1), nn.MLP(2, [3, 1], seed=2)
        >>> new.load_state_dict(old.state_dict())
        >>> new([1.0, 2.0]).data == old([1.0, 2.0]).data
        True

        Raises ValueError naming the missing and the unexpected names, or a number that isn't finite.
        """
        named = dict(self.named_parameters())
        missing, unexpected = named.keys() - state.keys(), state.keys() - named.keys()
        if missing or unexpected:
            raise ValueError(f"the state doesn't fit: {_listed('missing', missing)}, {_listed('unexpected', unexpected)}")
        numbers = [real(name, state[name], least=-math.inf) for name in named]
        for parameter, number in zip(named.values(), numbers, strict=True):
            parameter.data = number


def _listed(what: str, names: set[str]) -> str:
    shown = sorted(names)[:5] + ["…"] * (len(names) > 5)
    return f"{what} {', '.join(shown) if shown else 'nothing'}"


def _walk(thing: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Value]]:
    """The leaf Values inside ``thing`` with their names. ``seen`` keeps shared ones from counting twice."""
    if not isinstance(thing, Value | Module | list | tuple | dict) or id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, Value):
        if thing.op is None:
            yield path, thing
        return
    for name, child in _children(thing, path):
        yield from _walk(child, name, seen)


def _children(thing: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What ``thing`` holds, named: attributes and keys after a dot, elements by number (layers → layer0)."""
    if isinstance(thing, list | tuple):
        stem = f"{path}." if path[-1:].isdigit() else path.removesuffix("s")
        yield from ((f"{stem}{i}", child) for i, child in enumerate(thing))
    else:
        prefix = f"{path}." if path else ""
        children = thing if isinstance(thing, dict) else vars(thing)
        yield from ((f"{prefix}{name}", child) for name, child in children.items())
