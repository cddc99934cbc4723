"""Whether a prediction is right: of numbers, and of Values, where it is a formula that can be compiled.

>>> from nn.losses import LOSSES
>>> right(LOSSES["hinge"], 0.5, 1.0), is_right(0.5, 1.0), is_right([0.1, 0.7, 0.7], 2)
(1.0, True, False)
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import ne
from typing import Any

from autograd import where
from autograd.transforms.types import Scalar
from nn.graphs import without_array
from nn.losses import Loss


def is_right(prediction: Any, target: float, threshold: float = 0.0) -> bool:
    """Whether one output is on its target's side of the threshold, or of several the target is the first largest."""
    prediction = without_array(prediction)
    if isinstance(prediction, list | tuple) and len(prediction) > 1:
        return not any(map(ne, prediction, prediction)) and list(prediction).index(max(prediction)) == target
    score = prediction[0] if isinstance(prediction, list | tuple) else prediction
    return score == score and bool(score > threshold) == (target > 0)


def right(loss: Loss, prediction: Any, target: Any) -> Scalar:
    """``is_right`` as 1 or 0, in autograd's functions."""
    prediction = without_array(prediction)
    if isinstance(prediction, list | tuple) and len(prediction) > 1:
        return _is_largest(prediction, target)
    score = prediction[0] if isinstance(prediction, list | tuple) else prediction
    above, below = where(score > loss.threshold, 1.0, 0.0), where(score <= loss.threshold, 1.0, 0.0)
    hit: Scalar = where(target > 0, above, below)
    return hit


def _is_largest(scores: Sequence[Any], target: Any) -> Scalar:
    """1 where the score of the target is the first of the largest; with a nan among them none is."""
    chosen: Any = scores[-1]
    for j, score in enumerate(scores[:-1]):
        chosen = where(target == j, score, chosen)
    found: Any = 1.0
    for j, score in enumerate(scores):
        beaten = where(target > j, where(chosen > score, 1.0, 0.0), where(chosen >= score, 1.0, 0.0))
        found = found * beaten
    hit: Scalar = found
    return hit
