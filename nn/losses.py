"""Losses: how far one prediction is from its target. ``fit`` takes the mean over a batch.

Each is a function of Values or numbers, and so may be a loss of your own: ``loss(prediction, target)``.
``LOSSES`` adds what ``fit`` has to know: the outputs and labels a loss takes, and which score means yes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from inspect import Parameter, signature
from typing import Any, NamedTuple, TypeAlias, TypeVar, overload

from autograd import Value, log, log1p, logsumexp, mean, relu, softplus, square, where
from autograd import sum as total
from autograd.interop.coerce import as_number, describe, out_of_array
from autograd.transforms.types import Scalar
from nn.arguments import as_float, choose_function, function_name
from nn.graphs import without_array

LossFunction: TypeAlias = Callable[..., Scalar]  # of a prediction and a target
Prediction: TypeAlias = Scalar | list[Value] | list[float] | tuple[Scalar, ...]
Target: TypeAlias = float | list[float] | tuple[float, ...]
Number = TypeVar("Number", Value, float)  # a Value's loss is a Value, a number's a number

SIGNS, BITS = (-1.0, 1.0), (0.0, 1.0)
NUMBERS = (Value, float)


def hinge(score: Number, target: float) -> Number:
    """max(0, 1 − t·s) of a score s, for a target t of −1 or 1 (Cortes & Vapnik 1995).

    >>> hinge(0.25, 1), hinge(3.0, 1), hinge(0.25, -1)
    (0.75, 0.0, 1.25)

    Raises ValueError for any other target.
    """
    _check_label("hinge", target, SIGNS)
    _check_number("hinge: the score", score)
    return relu(1.0 - target * score)


def mse(prediction: Number | list[Number] | tuple[Number, ...], target: Target) -> Number:
    """(y − t)² of a number, the mean of them for two lists of the same length.

    >>> mse(3.0, 1.0), mse([3.0, 1.0], [1.0, 1.0])
    (4.0, 2.0)

    Raises ValueError for different lengths.
    """
    squares = _squares("mse", prediction, target)
    return squares[0] if len(squares) == 1 else mean(squares)


def half_squared_error(prediction: Number | list[Number] | tuple[Number, ...], target: Target) -> Number:
    """½(y − t)², whose derivative is y − t; summed for two lists of the same length.

    >>> half_squared_error(3.0, 1.0), half_squared_error([3.0, 1.0], [1.0, 1.0])
    (2.0, 2.0)

    Raises ValueError for different lengths.
    """
    squares = _squares("half_squared_error", prediction, target)
    return 0.5 * (squares[0] if len(squares) == 1 else total(squares))


def binary_cross_entropy(probability: Number, target: float) -> Number:
    """−log p for target 1, −log(1 − p) for target 0; infinite for a certain and wrong p.

    >>> binary_cross_entropy(1.0, 1), binary_cross_entropy(0.0, 1)
    (0.0, inf)

    Raises ValueError for any other target, and for a p outside [0, 1]: a net with linear output gives
    logits, which ``binary_cross_entropy_with_logits`` takes.
    """
    _check_label("binary_cross_entropy", target, BITS)
    _check_number("binary_cross_entropy: the probability", probability)
    if not 0.0 <= probability <= 1.0:
        plain = probability.data if isinstance(probability, Value) else float(probability)
        raise ValueError(
            f"binary_cross_entropy takes probabilities, got {plain!r}; "
            "use binary_cross_entropy_with_logits for the output of a linear layer"
        )
    return 0.0 - (log(probability) if target == 1 else log1p(-probability))  # 0 −: the least loss is +0


def binary_cross_entropy_with_logits(logit: Number, target: float) -> Number:
    """Binary cross-entropy of p = σ(z), for a target of 0 or 1; stable for every logit z.

    >>> binary_cross_entropy_with_logits(float("inf"), 1), binary_cross_entropy_with_logits(-800.0, 1)
    (0.0, 800.0)

    −log σ(z) is softplus(−z), and −log(1 − σ(z)) is softplus(z). Raises ValueError for any other target.
    """
    _check_label("binary_cross_entropy_with_logits", target, BITS)
    _check_number("binary_cross_entropy_with_logits: the logit", logit)
    return softplus((1.0 - 2.0 * target) * logit)


@overload
def cross_entropy(logits: Sequence[Value], target: Scalar) -> Value: ...
@overload
def cross_entropy(logits: Sequence[float], target: float) -> float: ...
def cross_entropy(logits: Sequence[Scalar], target: Scalar) -> Scalar:
    """−log softmax(z)[k] of a list of logits z, for the class index k (Bridle 1990).

    >>> round(cross_entropy([1.0, 3.0], 1), 6), cross_entropy([0.0, 800.0], 0)
    (0.126928, 800.0)

    As log Σ exp(zⱼ − z_k) it keeps its digits where the softmax is almost 1. A k that is a Value is compared with
    every index, so that the loss can be compiled; nan where it is no index. Raises ValueError where a number k is no
    index, or there is only one logit.
    """
    if not hasattr(logits, "__len__") or len(logits) < 2:
        raise ValueError(f"cross_entropy needs a list of at least two logits, one for each class, got {describe(logits)}")
    _check_label("cross_entropy", target, range(len(logits)))
    if isinstance(target, Value):
        chosen: Scalar = math.nan
        for j, z in enumerate(logits):
            chosen = where(target == j, z, chosen)
        return logsumexp(where(target == j, 0.0, z - chosen) for j, z in enumerate(logits))
    k = int(target)
    return logsumexp(0.0 if j == k else z - logits[k] for j, z in enumerate(logits))


def loss_of(loss: LossFunction, prediction: object, target: object) -> Scalar:
    """The loss of one prediction: a Value, or a number where it depends on nothing, ``max(0.0, 1 - t * s)`` say.

    >>> loss_of(lambda s, t: max(0, 1 - t * s), 3.0, 1.0)
    0.0

    Raises TypeError for anything else.
    """
    return checked_loss(loss, loss(prediction, target))


def checked_loss(loss: LossFunction, outcome: object) -> Scalar:
    """What a loss has returned, if it is a Value or a number; raises TypeError for anything else."""
    outcome = out_of_array(outcome)
    return outcome if isinstance(outcome, Value) else as_number(outcome, f"what the loss {function_name(loss)} returns")


def check_labels(what: str, prediction: Prediction, targets: Sequence[float], name: str = "y") -> None:
    """Raise ValueError where a target is no label: 0 and 1, or −1 and 1, for one output, else a number of an output.

    >>> check_labels("accuracy", 0.5, [1, 2])
    Traceback (most recent call last):
    ValueError: accuracy takes 0 and 1, or -1 and 1, as labels of one output, but y has 1, 2; write [t == 2 for t in y]
    """
    outputs = _outputs(prediction)
    if outputs > 1:
        for i, target in enumerate(targets):
            _check_label(what, target, range(outputs), f"{name}[{i}]")
    elif not any(all(t in labels for t in targets) for labels in (BITS, SIGNS)):
        labels = sorted(set(targets))
        some = ", ".join([f"{t:g}" for t in labels[:5]] + ["…"] * (len(labels) > 5))
        raise ValueError(
            f"{what} takes 0 and 1, or -1 and 1, as labels of one output, but {name} has {some}; "
            f"write [t == {labels[-1]:g} for t in {name}]"
        )


def _outputs(prediction: object) -> int:
    prediction = without_array(prediction)
    return len(prediction) if isinstance(prediction, list | tuple) else 1


def _check_label(loss: str, target: object, labels: Collection[float], name: str = "the target") -> None:
    """Raise ValueError for a number that is no label; a target that is itself a Value passes."""
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


def _check_number(name: str, x: object) -> None:
    """Raise TypeError for anything but a Value or a number."""
    if not isinstance(x, NUMBERS):
        as_float(name, x)


_LENGTHS_ADVICE: dict[tuple[int | None, int | None], str] = {
    (None, 1): "; write [t for (t,) in y] for a column of targets, and table['name'] for one of a table",
    (1, None): "; a Layer's prediction is a list, and that of nn.MLP(inputs, [1]) its one number",
}


def _squares(loss: str, prediction: Number | list[Number] | tuple[Number, ...], target: Target) -> list[Number]:
    """(y − t)² of two numbers, or pair by pair of two lists or arrays."""
    prediction, target = without_array(prediction), without_array(target)
    target = int(target) if isinstance(target, bool) else target
    if isinstance(prediction, list | tuple):
        if isinstance(target, list | tuple) and len(target) == len(prediction):
            return [square(y - t) for y, t in zip(prediction, target, strict=True)]
    elif not isinstance(target, list | tuple):
        _check_number(f"{loss}: the prediction", prediction)
        _check_number(f"{loss}: the target", target)
        return [square(prediction - target)]
    lengths = [len(x) if isinstance(x, list | tuple) else None for x in (prediction, target)]
    shapes = ["one number" if n is None else f"a list of {n}" for n in lengths]
    advice = _LENGTHS_ADVICE.get((lengths[0], lengths[1]), "")
    raise ValueError(f"{loss}: the prediction is {shapes[0]}, the target {shapes[1]}{advice}")


# -- what fit has to know ------------------------------------------------------------------------


class Loss(NamedTuple):
    """A loss ``function`` and the targets it takes.

    Either one of its ``labels``, for a model with one output: a score above ``threshold`` means the larger. Or, with
    ``classes``, the index of one of several outputs. Where neither is given any target will do.
    """

    function: LossFunction
    labels: tuple[float, ...] = ()
    threshold: float = 0.0
    classes: bool = False
    of_model: bool = False  # the function takes (model, x, target)

    @property
    def has_accuracy(self) -> bool:
        """Whether a prediction is right or wrong."""
        return self.classes or bool(self.labels)

    def of(self, model: Callable[[Any], Any], x: Any, target: Any) -> tuple[Scalar, Any]:
        """The loss of a row and the prediction; None where the function makes its own."""
        if self.of_model:
            return checked_loss(self.function, self.function(model, x, target)), None
        prediction = model(x)
        return loss_of(self.function, prediction, target), prediction

    def check(self, prediction: Prediction, targets: Sequence[Target], name: str = "y") -> Scalar:
        """The loss of the first target, once it is sure that the model and all targets fit it; else ValueError."""
        loss = function_name(self.function)
        outputs = _outputs(prediction)
        if self.has_accuracy and self.classes != (outputs > 1):
            wanted = "at least two outputs, one for each class" if self.classes else "one output"
            raise ValueError(f"{loss} needs a model with {wanted}; this one has {outputs}")
        if self.has_accuracy:
            labels = range(outputs) if self.classes else self.labels
            for i, target in enumerate(targets):
                _check_label(loss, target, labels, f"{name}[{i}]")
        return self.function(prediction, targets[0])  # says itself what else doesn't fit


LOSSES: dict[str, Loss] = {
    "binary_cross_entropy": Loss(binary_cross_entropy, BITS, 0.5),
    "binary_cross_entropy_with_logits": Loss(binary_cross_entropy_with_logits, BITS),
    "cross_entropy": Loss(cross_entropy, classes=True),
    "half_squared_error": Loss(half_squared_error),
    "hinge": Loss(hinge, SIGNS),
    "mse": Loss(mse),
}


def as_loss(loss: str | LossFunction) -> Loss:
    """The loss of that name, or of that function: one of ours, or one of your own.

    >>> as_loss("hinge") == as_loss(hinge)
    True

    Raises ValueError listing the known names for an unknown one.
    """
    chosen = choose_function("loss", loss, LOSSES)
    if isinstance(chosen, Loss):
        return chosen
    ours = {entry.function: entry for entry in LOSSES.values()}
    return ours.get(chosen, Loss(chosen, of_model=_takes_three(chosen)))


def _takes_three(function: LossFunction) -> bool:
    """Whether a function must be given three arguments: a model, a row and its target."""
    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):  # one of C
        return False
    positional = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in positional and p.default is Parameter.empty for p in parameters) == 3
