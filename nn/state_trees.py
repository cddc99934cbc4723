"""States, nested dicts and lists of numbers and words, as what JSON has and arrays: long rows of numbers are kept raw.

>>> tensors = {}
>>> tree = encoded({"lr": 0.1, "betas": (0.9, 0.999), "counts": [1] * 100}, "state", tensors)
>>> tree
{'lr': 0.1, 'betas': {'$tuple': [0.9, 0.999]}, 'counts': {'$array': 'state.counts'}}
>>> decoded(tree, tensors)["betas"]
(0.9, 0.999)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import chain
from typing import Any, TypeAlias

from autograd.interop.coerce import describe, out_of_array
from nn.graphs import without_array
from nn.tensor_file import Tensor

Tensors: TypeAlias = dict[str, Tensor]
SHORT = 16  # numbers: shorter rows stay in the tree, where a reader sees them


def encoded(x: Any, path: str, tensors: Tensors) -> Any:
    """x as JSON can hold it; long rows of numbers go to ``tensors``, by their path.

    Raises TypeError for anything but None, bools, numbers, words, lists, tuples, dicts and arrays.
    """
    x = out_of_array(x)
    x = without_array(x)
    if isinstance(x, float) and not math.isfinite(x):
        return {"$float": repr(float(x))}
    if x is None or isinstance(x, bool | int | float | str):
        return x
    if isinstance(x, Mapping):
        return _encoded_dict(x, path, tensors)
    if not isinstance(x, list | tuple):
        raise TypeError(f"{path}: a checkpoint keeps numbers, words and lists and dicts of them, got {describe(x)}")
    tensor = _tensor(x) if isinstance(x, list) else None
    if tensor is not None:
        while path in tensors:  # a key with a dot, say
            path += "'"
        tensors[path] = tensor
        return {"$array": path}
    items = [encoded(item, f"{path}.{i}", tensors) for i, item in enumerate(x)]
    return items if isinstance(x, list) else {"$tuple": items}


def _encoded_dict(x: Mapping[Any, Any], path: str, tensors: Tensors) -> dict[str, Any]:
    items = {key: encoded(item, f"{path}.{key}", tensors) for key, item in x.items()}
    if all(isinstance(key, str) and not key.startswith("$") for key in items):
        return items
    return {"$dict": [[encoded(key, path, tensors), item] for key, item in items.items()]}


def _tensor(x: list[Any]) -> Tensor | None:
    """A long row of floats, or of ints; or rows of them, all of one length."""
    are_rows = bool(x) and all(isinstance(row, list) and len(row) == len(x[0]) > 0 for row in x)
    numbers: list[Any] = list(chain.from_iterable(x)) if are_rows else x
    kinds = set(map(type, numbers)) if len(numbers) >= SHORT else set()
    fits = kinds == {float} or (kinds == {int} and all(-(2**63) <= n < 2**63 for n in numbers))
    return Tensor.of(numbers, (len(x), len(x[0])) if are_rows else None) if fits else None


def decoded(tree: Any, tensors: Tensors) -> Any:
    """What ``encoded`` was given. Raises KeyError, TypeError or ValueError for any other tree.

    Arrays are taken out of ``tensors``: each is in one place, or a small tree could ask for more memory than there is.
    """
    if isinstance(tree, list):
        return [decoded(item, tensors) for item in tree]
    if not isinstance(tree, dict):
        return tree
    match list(tree.items()):
        case [("$array", name)]:
            return _rows(tensors.pop(name))
        case [("$dict", pairs)]:
            return {decoded(key, tensors): decoded(item, tensors) for key, item in pairs}
        case [("$float", text)]:
            return float(text)
        case [("$tuple", items)]:
            return tuple([decoded(item, tensors) for item in items])
    return {key: decoded(item, tensors) for key, item in tree.items()}


def _rows(tensor: Tensor) -> list[Any]:
    numbers, width = tensor.numbers.tolist(), tensor.shape[-1]
    if len(tensor.shape) == 1:
        return numbers
    return [numbers[k : k + width] for k in range(0, len(numbers), width)]
