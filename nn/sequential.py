"""``Sequential``: modules and plain functions one after the other.

>>> import autograd
>>> from nn.layers import Layer
>>> model = Sequential(Layer(2, 8, "tanh", seed=0), Layer(8, 3, "linear", seed=1), autograd.softmax)
>>> round(sum(p.data for p in model([0.5, -1.0])), 12)
1.0
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, overload

from autograd import Value
from autograd.interop.coerce import describe
from nn.arguments import function_name
from nn.graphs import without_array
from nn.module import Module

Function: TypeAlias = Callable[[Any], Any]


class Sequential(Module):
    """Each part is called with what the one before it gives: modules, and functions of a list of Values.

    >>> import nn
    >>> model = Sequential(nn.Layer(2, 3, "tanh", seed=0), lambda a: [x * x for x in a], nn.Layer(3, 1, "linear", seed=1))
    >>> model([0.5, -1.0]).op
    '·'
    >>> [name for name, _ in model.named_parameters()][-1]
    'part2.neuron0.b'

    What a part gives as one Value is handed on as a list of it, and where the last gives a list of one, that **Value** is
    the result, as of ``nn.MLP``. ``model[0]`` is a part, ``model[:-1]`` the model without its last one, of the same
    parameters. Parameters that a function captures aren't found: those of a ``nn.Module`` are.

    Raises TypeError where a part can't be called, ValueError without parts.
    """

    def __init__(self, *parts: Module | Function):
        if not parts:
            raise ValueError("Sequential needs at least one part, such as nn.Layer(2, 16)")
        for i, part in enumerate(parts):
            if not callable(part) or isinstance(part, type):
                raise TypeError(f"Sequential: part {i} must be a module or a function, got {describe(part)}{_advice(part)}")
        self.parts = list(parts)

    def __call__(self, x: Any) -> Any:
        """The last part's output for x."""
        for part in self.parts:
            x = part([x] if isinstance(x, Value) else x)
        return x[0] if isinstance(x, list | tuple) and len(x) == 1 else x

    def __len__(self) -> int:
        return len(self.parts)

    @overload
    def __getitem__(self, k: int) -> Module | Function: ...
    @overload
    def __getitem__(self, k: slice) -> Sequential: ...
    def __getitem__(self, k: int | slice) -> Module | Function | Sequential:
        return Sequential(*self.parts[k]) if isinstance(k, slice) else self.parts[k]

    def __repr__(self) -> str:
        parts = [str(part) if isinstance(part, Module) else function_name(part) for part in self.parts]
        return f"Sequential({' → '.join(parts)}; {len(self.parameters())} parameters)"


def flatten(rows: Iterable[Any]) -> list[Any]:
    """The numbers of rows, one row after the other: what stands between an embedding of several indices and a layer.

    >>> flatten([[1.0, 2.0], [3.0]]), flatten([1.0, [2.0, [3.0]]])
    ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    """
    flat: list[Any] = []
    for row in rows:
        row = without_array(row)
        flat += flatten(row) if isinstance(row, list | tuple) else [row]
    return flat


def _advice(part: object) -> str:
    if isinstance(part, list | tuple):
        return "; write nn.Sequential(*parts)"
    return "; give autograd's function, or a layer with that activation" if isinstance(part, str) else ""
