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
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar, Self, SupportsFloat

from autograd import Value
from autograd.interop.coerce import describe, holds_objects
from autograd.interop.html import table
from nn.arguments import as_float, real
from nn.freezing import freeze, frozen_among, unfreeze
from nn.graphs import without_array
from nn.rebinding import with_parameters
from nn.summary import Part, Summary


class Module:
    """Something with parameters, to be trained, saved and loaded.

    >>> import nn
    >>> class Pair(nn.Module):
    ...     def __init__(self):
    ...         self.left = self.right = nn.Neuron(2, seed=0)  # shared: counted once
    >>> [name for name, _ in Pair().named_parameters()]
    ['left.w0', 'left.w1', 'left.b']

    A subclass keeps its Values and Modules as attributes, singly or in lists, tuples, dicts and NumPy's arrays. ``opened``
    says whether a summary shows what it is made of.
    """

    opened: ClassVar[bool] = True

    def __call__(self, x: Any) -> Any:  # noqa: ARG002
        """The module's output for x; a subclass computes it."""
        advice = "call its forward so" if hasattr(self, "forward") else "give it one"
        raise NotImplementedError(f"{type(self).__name__} has no __call__(self, x): {advice}")

    def parameters(self) -> list[Value]:
        """Every parameter once, in the order of the attributes."""
        found: list[Value] = []
        _collect(self, set(), found)
        once = dict(zip(map(id, found), found, strict=True))
        return [parameter for parameter in once.values() if parameter.op is None]

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Name and parameter: ``layer0.neuron1.w2`` is ``layers[0].neurons[1].w[2]``.

        Raises ValueError where two parameters would bear the same name.
        """
        named = _named_values(self)
        if len(dict(named)) < len(named):
            twice = [name for name, times in Counter(name for name, _ in named).items() if times > 1]
            raise ValueError(f"several parameters would be named {', '.join(twice)}: rename an attribute")
        return named

    def named_modules(self) -> list[tuple[str, Module]]:
        """Name and module of every module inside, once, whatever holds it: ``layer0`` and then ``layer0.neuron0``.

        >>> import nn
        >>> [name for name, _ in nn.MLP(2, [1], seed=0).named_modules()]
        ['layer0', 'layer0.neuron0']
        """
        return list(_modules(self, "", {id(self)}))

    def name_parameters(self) -> None:
        """Give every parameter its name here, for drawings and messages, and the group that drawings frame it in.

        A subclass that ends its ``__init__`` with this call is drawn as its attributes are called.
        """
        for name, parameter in self.named_parameters():
            parameter.name, parameter.scope = name, _groups(name.rpartition(".")[0])

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

    # -- freezing ------------------------------------------------------------------------------------

    def freeze(self, *names: str) -> None:
        """Keep parameters as they are in training: all, or those of the parts and parameters with these names.

        >>> import nn
        >>> model = nn.MLP(2, [3, 1], seed=0)
        >>> model.freeze("layer0")
        >>> len(model.parameters()), len(model.trainable_parameters())
        (13, 4)

        Optimisers and ``fit`` leave them alone; gradients reach them still. ``model.layers[0].freeze()`` does the same.
        Raises ValueError for a name that no part and no parameter has.
        """
        freeze(self._named(names))

    def unfreeze(self, *names: str) -> None:
        """Let training move them again; the reverse of ``freeze``."""
        unfreeze(self._named(names))

    def trainable_parameters(self) -> list[Value]:
        """The parameters that aren't frozen, in the order of ``parameters()``."""
        frozen = set(map(id, frozen_among(parameters := self.parameters())))
        return [parameter for parameter in parameters if id(parameter) not in frozen]

    def _named(self, names: tuple[str, ...]) -> list[Value]:
        """The parameters with one of these names, or in a part with one; all where no name is given."""
        named = self.named_parameters()
        for name in names:
            if not any(_lies_in(path, name) for path, _ in named):
                parts = dict.fromkeys(path.partition(".")[0] for path, _ in named)
                raise ValueError(f"no part and no parameter is named {name!r}; the parts are {_few(parts)}")
        return [p for path, p in named if not names or any(_lies_in(path, name) for name in names)]

    def __getstate__(self) -> dict[str, Any]:
        frozen = frozen_among(_leaves(self))  # not gone through where nothing is
        return {**vars(self), _STATE: frozen} if frozen else vars(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update({name: x for name, x in state.items() if name != _STATE})
        freeze(state.get(_STATE, ()))

    # -- with other numbers, and what it is made of ---------------------------------------------------

    def at(self, numbers: Iterable[SupportsFloat]) -> Self:
        """The model with other numbers or Values as its parameters, in the order of ``parameters()``.

        >>> import nn
        >>> from autograd import grad
        >>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
        >>> model.at([5.0, 1.0])([2.0]).data
        11.0
        >>> grad(lambda w: model.at(w)([2.0]))([5.0, 1.0])  # with Values it is a function of them
        [2.0, 1.0]

        A copy: the model itself stays as it is. Raises ValueError for another count, TypeError for what is no number.
        """
        parameters = self.parameters()
        given = without_array(numbers)
        if not isinstance(given, Iterable) or isinstance(given, str | Mapping):
            raise TypeError(f"at: numbers must be a list of one for each parameter, got {describe(numbers)}")
        given = list(given)
        if len(given) != len(parameters):
            raise ValueError(f"at: {self} has {len(parameters)} parameters, got {len(given)} numbers")
        others = [_in_place_of(p, x, i) for i, (p, x) in enumerate(zip(parameters, given, strict=True))]
        return with_parameters(self, parameters, others)

    def summary(self) -> Summary:
        """What the model is made of: each part, its parameters, and how many are frozen.

        >>> import nn
        >>> print(nn.MLP(2, [16, 1], seed=0).summary())
        part    what it is            parameters  frozen
        layer0  Layer(2 → 16 relu)            48       –
        layer1  Layer(16 → 1 linear)          17       –
        model   MLP                           65       –

        It prints as a table, and Jupyter shows one. What parts share is counted in each of them, and once in the model.
        """
        return Summary([*_rows(self, 0, {id(self)}), _row("model", 0, type(self).__name__, self)])

    def _repr_html_(self) -> str:
        """What Jupyter shows: each part with its parameters, and how large they and their gradients are."""
        rows = [[name, str(part), *_sizes(part)] for name, part in _parts(self)]
        return table(["part", "what it is", "parameters", "root mean square", "of their gradients"], rows, caption=str(self))


_STATE = "frozen parameters"  # no attribute can bear a name with a blank


def _lies_in(path: str, name: str) -> bool:
    return path == name or path.startswith(f"{name}.")


def _in_place_of(parameter: Value, x: Any, i: int) -> Value:
    """A Value as it is, a number as a Value that is drawn as the parameter is."""
    if isinstance(x, Value):
        return x
    value = Value(as_float(f"at: number {i}", x), parameter.name)
    value.scope = parameter.scope
    return value


def _rows(module: Module, depth: int, seen: set[int]) -> Iterator[Part]:
    """A row for each part, and for those in it; parameters of one attribute are one part."""
    for name, thing in _attributes(vars(module)):
        row = _row(name, depth, _kind(thing), thing)
        if row.parameters or isinstance(thing, Module):
            yield row
        if isinstance(thing, Module) and thing.opened and id(thing) not in seen:
            yield from _rows(thing, depth + 1, seen | {id(thing)})


def _attributes(held: dict[str, object]) -> Iterator[tuple[str, object]]:
    """What a module holds, by name; a list or dict that has modules in it is what it holds."""
    for name, thing in held.items():
        if isinstance(thing, list | tuple | dict) and any(isinstance(x, Module | dict) for _, x in _children(thing, "")):
            yield from _attributes(dict(_children(thing, name)))
        else:
            yield name, thing


def _row(name: str, depth: int, kind: str, thing: object) -> Part:
    parameters = list(_leaves(thing))
    return Part(name, depth, kind, len(parameters), len(frozen_among(parameters)))


def _kind(thing: object) -> str:
    """What a part is: a module as it prints, of a list of parameters how many there are, ``16 × 2`` in rows."""
    if isinstance(thing, Module):
        return type(thing).__name__ if type(thing).__repr__ is object.__repr__ else str(thing)
    if isinstance(thing, Value):
        return "a number"
    rows = list(thing) if isinstance(thing, list | tuple) else []
    widths = {len(row) if isinstance(row, list | tuple) else 0 for row in rows}
    width = widths.pop() if len(widths) == 1 else 0
    return f"{len(rows)} × {width} numbers" if width else "numbers"


def _parts(module: Module) -> list[tuple[str, Module | Value]]:
    """What the module is made of, named: Modules in it, and parameters of its own."""
    parts: list[tuple[str, Module | Value]] = []
    queue = list(_children(module, ""))
    while queue:
        name, thing = queue.pop(0)
        thing = thing.ravel().tolist() if holds_objects(thing) else thing
        if isinstance(thing, list | tuple | dict):
            queue = [*_children(thing, name), *queue]
        elif isinstance(thing, Module) or (isinstance(thing, Value) and thing.op is None):
            parts.append((name, thing))
    return parts


def _sizes(part: Module | Value) -> tuple[int, float | None, float | None]:
    """How many parameters there are, their root mean square and that of their gradients, as far as known."""
    parameters = list(_leaves(part))
    gradients = [p.grad_or_none for p in parameters if p.grad_or_none is not None]
    return len(parameters), _root_mean_square([p.data for p in parameters]), _root_mean_square(gradients)


def _root_mean_square(numbers: list[float]) -> float | None:
    return math.hypot(*numbers) / math.sqrt(len(numbers)) if numbers else None


def _some(what: str, names: set[str]) -> str:
    return f"{what} {_few(sorted(map(str, names))) or 'nothing'}"


def _few(names: Iterable[str]) -> str:
    some = list(names)
    return ", ".join(some[:5] + ["…"] * (len(some) > 5))


def _leaves(thing: object) -> Iterator[Value]:
    """The leaf Values inside, each once; none is looked for before the first is asked for."""
    yield from (value for _, value in _named_values(thing))


def _named_values(thing: object) -> list[tuple[str, Value]]:
    """The leaf Values inside ``thing`` with their names, a shared one once."""
    found: list[tuple[str, Value]] = [("", thing)] if isinstance(thing, Value) and thing.op is None else []
    thing = thing.ravel().tolist() if holds_objects(thing) else thing
    if isinstance(thing, CONTAINERS):
        _walk(thing, "", {id(thing)}, found)
    return found


def _walk(thing: object, path: str, seen: set[int], found: list[tuple[str, Value]]) -> None:
    for name, child in _children(thing, path):
        if isinstance(child, NAMED) and id(child) not in seen:
            seen.add(id(child))
            if not isinstance(child, Value):
                _walk(child, name, seen, found)
            elif child.op is None:
                found.append((name, child))
        elif type(child).__name__ == "ndarray" and holds_objects(child) and id(child) not in seen:
            seen.add(id(child))
            _walk(child.ravel().tolist(), name, seen, found)


def _collect(thing: Any, seen: set[int], found: list[Value]) -> None:
    """All Values inside, some more than once, without names: a quarter of the time of ``_walk``."""
    seen.add(id(thing))
    held = thing if isinstance(thing, list | tuple) else (thing if isinstance(thing, dict) else vars(thing)).values()
    for child in held:
        if isinstance(child, Value):
            found.append(child)
        elif isinstance(child, CONTAINERS) and id(child) not in seen:
            _collect(child, seen, found)
        elif type(child).__name__ == "ndarray" and holds_objects(child):
            _collect(child.ravel().tolist(), seen, found)


def _modules(thing: object, path: str, seen: set[int]) -> Iterator[tuple[str, Module]]:
    """The modules inside ``thing`` with their names, each before those in it."""
    for name, child in _children(thing, path):
        if isinstance(child, Module | list | tuple | dict) and id(child) not in seen:
            seen.add(id(child))
            if isinstance(child, Module):
                yield name, child
            yield from _modules(child, name, seen)


@lru_cache  # a neuron's parameters come one after the other: naming a net takes half the time
def _groups(name: str) -> tuple[str, ...]:
    """The groups of what has parameters: ``layer0.neuron1`` is "neuron 1" in "layer 0"."""
    stems = [(part.rstrip("0123456789"), part) for part in name.split(".") if part]
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


CONTAINERS = Module, list, tuple, dict  # what parameters are looked for in
NAMED = Value, *CONTAINERS
