"""A model's numbers as arrays by name: w0, w1, w2 … of a neuron are one row.

>>> tensors = to_tensors({"neuron.w0": 1.0, "neuron.w1": 2.0, "neuron.b": 3.0})
>>> [(name, tensor.shape) for name, tensor in tensors.items()]
[('neuron.w', (2,)), ('neuron.b', ())]
>>> from_tensors(tensors)
{'neuron.w0': 1.0, 'neuron.w1': 2.0, 'neuron.b': 3.0}
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from nn.tensor_file import Tensor

NUMBERED = re.compile(r"(.*?)(0|[1-9][0-9]*)", re.DOTALL)


def to_tensors(state: Mapping[str, float]) -> dict[str, Tensor]:
    """The numbers in rows; each by itself where a row would be called as another parameter."""
    rows: dict[str, list[float]] = {}
    numbered: set[str] = set()
    for name, number in state.items():
        found = NUMBERED.fullmatch(name)
        stem, k = (found[1], int(found[2])) if found else (name, -1)
        last = next(reversed(rows), None)
        goes_on = stem in numbered and stem == last and k == len(rows[stem])
        if goes_on or (k == 0 and stem not in rows):
            numbered.add(stem)
            rows.setdefault(stem, []).append(number)
        elif name in rows:
            return {name: Tensor.of([float(number)], ()) for name, number in state.items()}
        else:
            rows[name] = [number]
    return {name: Tensor.of(list(map(float, row)), (len(row),) if name in numbered else ()) for name, row in rows.items()}


def from_tensors(tensors: Mapping[str, Tensor]) -> dict[str, float]:
    """The numbers by their names. Raises ValueError where two would have one name."""
    pairs = [pair for name, tensor in tensors.items() for pair in _named(name, tensor)]
    state = dict(pairs)
    if len(state) < len(pairs):
        raise ValueError("two parameters of one name")
    return state


def _named(name: str, tensor: Tensor) -> list[tuple[str, float]]:
    numbers = map(float, tensor.numbers)
    return [(f"{name}{k}", x) for k, x in enumerate(numbers)] if tensor.shape else [(name, next(numbers))]
