"""``Module``: something with parameters. They are the leaf ``Value``s among its attributes, at any depth.

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
from autograd.interop.coerce import describe
from autograd.interop.html import table
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

    def __call__(self, x: Any) -> Any:  # noqa: ARG002
        """The module's output for x; a subclass computes it."""
        advice = "call its forward so" if hasattr(self, "forward") else "give it one"
        raise NotImplementedError(f"{type(self).__name__} has no __call__(self, x): {advice}")

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
        """Give every parameter its name here, for drawings and messages, and the group that drawings frame it in.

        A subclass that ends its ``__init__`` with this call is drawn as its attributes are called.
        """
        for name, parameter in self.named_parameters():
            parameter.name, parameter.scope = name, _groups(name)

    def zero_grad(self) -> None:
        """Forget all gradients: ``grad`` is 0.0 again, as before the first ``backward()``."""
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

        Raises ValueError naming the missing and the unexpected names, or a number that isn't finite, TypeError for
        anything but a dict of numbers.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict: state must be a dict such as state_dict() gives, got {describe(state)}")
        named = dict(self.named_parameters())
        missing, unexpected = named.keys() - state.keys(), state.keys() - named.keys()
        if missing or unexpected:
            raise ValueError(f"the state doesn't fit: {_some('missing', missing)}, {_some('unexpected', unexpected)}")
        numbers = [real(name, state[name], least=-math.inf) for name in named]
        for parameter, number in zip(named.values(), numbers, strict=True):
            parameter.data = number

    def _repr_html_(self) -> str:
        """What Jupyter shows: each part with its parameters, and how large they and their gradients are."""
        rows = [[name, str(part), *_sizes(part)] for name, part in _parts(self)]
        return table(["part", "what it is", "parameters", "root mean square", "of their gradients"], rows, caption=str(self))


def _parts(module: Module) -> list[tuple[str, Module | Value]]:
    """What the module is made of, named: Modules in it, and parameters of its own."""
    parts: list[tuple[str, Module | Value]] = []
    queue = list(_children(module, ""))
    while queue:
        name, thing = queue.pop(0)
        if isinstance(thing, list | tuple | dict):
            queue = [*_children(thing, name), *queue]
        elif isinstance(thing, Module) or (isinstance(thing, Value) and thing.op is None):
            parts.append((name, thing))
    return parts


def _sizes(part: Module | Value) -> tuple[int, float | None, float | None]:
    """How many parameters there are, their root mean square and that of their gradients, as far as known."""
    parameters = [parameter for _, parameter in _walk(part, "", set())]
    gradients = [p.grad_or_none for p in parameters if p.grad_or_none is not None]
    return len(parameters), _root_mean_square([p.data for p in parameters]), _root_mean_square(gradients)


def _root_mean_square(numbers: list[float]) -> float | None:
    return math.hypot(*numbers) / math.sqrt(len(numbers)) if numbers else None


def _some(what: str, names: set[str]) -> str:
    some = sorted(map(str, names))[:5] + ["…"] * (len(names) > 5)
    return f"{what} {', '.join(some) if some else 'nothing'}"


def _walk(thing: object, path: str, seen: set[int]) -> Iterator[tuple[str, Value]]:
    """The leaf Values inside ``thing`` with their names. ``seen`` are ids, for a shared one counts once."""
    if not isinstance(thing, Value | Module | list | tuple | dict) or id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, Value):
        if thing.op is None:
            yield path, thing
        return
    for name, child in _children(thing, path):
        yield from _walk(child, name, seen)


def _groups(name: str) -> tuple[str, ...]:
    """The groups of a parameter: ``layer0.neuron1.w2`` belongs to "neuron 1" in "layer 0"."""
    stems = [(part.rstrip("0123456789"), part) for part in name.split(".")[:-1] if part]
    return tuple(f"{stem} {part.removeprefix(stem)}".strip() for stem, part in stems)


def _children(thing: object, path: str) -> Iterator[tuple[str, object]]:
    """What ``thing`` holds, named: attributes and keys after a dot, elements by number (layers → layer0)."""
    if isinstance(thing, list | tuple):
        stem = f"{path}." if path[-1:].isdigit() else path.removesuffix("s")
        yield from ((f"{stem}{i}", child) for i, child in enumerate(thing))
    else:
        prefix = f"{path}." if path else ""
        children = thing if isinstance(thing, dict) else vars(thing)
        yield from ((f"{prefix}{name}", child) for name, child in children.items())
