"""What losses take: numbers or lists of them, labels; and what is said of anything else."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeAlias, TypeVar

from autograd import Value
from autograd.interop.coerce import has_axes
from autograd.transforms.types import Scalar
from nn.arguments import as_float
from nn.graphs import without_array

LossFunction: TypeAlias = Callable[..., Scalar]  # of a prediction and a target
Prediction: TypeAlias = Scalar | list[Value] | list[float] | tuple[Scalar, ...]
Target: TypeAlias = float | list[float] | tuple[float, ...]
Number = TypeVar("Number", Value, float)  # a Value's loss is a Value, a number's a number
Numbers: TypeAlias = list[Number] | tuple[Number, ...]

SIGNS, BITS = (-1.0, 1.0), (0.0, 1.0)
NUMBERS = (Value, float)

# What to write where one is a list and the other isn't, by their lengths: None for one number.
LENGTHS_ADVICE: dict[tuple[int | None, int | None], str] = {
    (None, 1): "; write [t for (t,) in y] for a column of targets, and table['name'] for one of a table",
    (1, None): "; a Layer's prediction is a list, and that of nn.MLP(inputs, [1]) its one number",
}


def check_label(loss: str, target: object, labels: Collection[float], name: str = "the target") -> None:
    """Raise ValueError for a number that is no label; a target that is itself a Value passes."""
    target = without_array(target) if has_axes(target) else target
    if not isinstance(target, Value) and target not in labels:
        known = f"0 … {len(labels) - 1}" if isinstance(labels, range) else " or ".join(f"{label:g}" for label in labels)
        raise ValueError(f"{loss} takes {known} as target, but {name} is {target!r}{_advice(target, labels)}")


def _advice(target: object, labels: Collection[float]) -> str:
    """How to make labels of what came, where that can be told."""
    if isinstance(target, list | tuple):
        return "; give each row one label"
    if labels == SIGNS and target == 0:
        return "; 2 * t - 1 makes them of 0 and 1"
    return "; t > 0 makes them of -1 and 1" if labels == BITS and target == -1 else ""


def check_number(name: str, x: object) -> None:
    """Raise TypeError for anything but a Value or a number."""
    if not isinstance(x, NUMBERS):
        as_float(name, x)


def pairs(loss: str, prediction: Number | Numbers[Number], target: Target) -> list[tuple[Number, Number]]:
    """A prediction and its target, or those of two lists or arrays one by one.

    Raises ValueError where one is a list and the other not, or of another length; TypeError for what is no number.
    """
    lengths = _length(prediction), _length(target)
    if lengths[0] != lengths[1]:
        advice = LENGTHS_ADVICE.get(lengths, "")
        raise ValueError(f"{loss}: the prediction is {shape(prediction)}, the target {shape(target)}{advice}")
    both = [(y, _plain(t)) for y, t in zip(items(prediction), items(target), strict=True)]
    for y, t in both:
        check_number(f"{loss}: the prediction", y)
        check_number(f"{loss}: the target", t)
    return both


def items(x: Number | Numbers[Number]) -> list[Number]:
    """What a list, a tuple or an array holds; a number alone."""
    x = without_array(x)
    return list(x) if isinstance(x, list | tuple) else [x]


def shape(x: object) -> str:
    """ "one number" or "a list of 3"."""
    n = _length(x)
    return "one number" if n is None else f"a list of {n}"


def _length(x: object) -> int | None:
    x = without_array(x)
    return len(x) if isinstance(x, list | tuple) else None


def _plain(target: object) -> Any:
    return int(target) if isinstance(target, bool) else target
