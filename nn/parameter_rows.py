"""A model's numbers as arrays by name: w0, w1, w2 … of a neuron are one row.

>>> tensors = to_tensors({"neuron.w0": 1.0, "neuron.w1": 2.0, "neuron.b": 3.0})
>>> [(name, tensor.shape) for name, tensor in tensors.items()]
[('neuron.w', (2,)), ('neuron.b', ())]
>>> from_tensors(tensors)
{'neuron.w0': 1.0, 'neuron.w1': 2.0, 'neuron.b': 3.0}
"""

from __future__ import annotations

from collections.abc import Mapping

from nn.tensor_file import Tensor


def to_tensors(state: Mapping[str, float]) -> dict[str, Tensor]:
    """The numbers in rows; each by itself where a row would be called as another parameter."""
    rows: dict[str, list[float]] = {}
    numbered: set[str] = set()
    stem, row, following = "", list[float](), None  # the last row, and the name of the parameter that continues it
    for name, number in state.items():
        if name != following:
            stem, k = _numbered(name)
            if k == 0 and stem not in rows:
                numbered.add(stem)
                row = rows[stem] = []
            elif name in rows:
                return {name: Tensor.of([float(number)], ()) for name, number in state.items()}
            else:
                rows[name], following = [number], None
                continue
        row.append(number)
        following = f"{stem}{len(row)}"
    return {name: Tensor.of(list(map(float, row)), (len(row),) if name in numbered else ()) for name, row in rows.items()}


def _numbered(name: str) -> tuple[str, int]:
    """``w12`` as w and 12; −1 where there is no number. Zeros before a number belong to the name."""
    digits = name[len(name.rstrip("0123456789")) :]
    number = digits.lstrip("0") or digits[-1:]
    return (name.removesuffix(number), int(number)) if number else (name, -1)


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
