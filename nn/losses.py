"""Losses: how far one prediction is from its target. ``fit`` takes the mean over a batch.

Each is a function of Values or numbers, and so may be a loss of your own: ``loss(prediction, target)``. Those of labels are
here, those of numbers in ``nn.regression_losses``. ``LOSSES`` adds what ``fit`` has to know: the outputs and targets a loss
takes, and which score means yes.

| name                               | model                | targets   | of a score z and its target                   |
|------------------------------------|----------------------|-----------|-----------------------------------------------|
| `hinge`                            | one output           | −1 and 1  | max(0, 1 − t·z)                               |
| `binary_cross_entropy_with_logits` | one output, linear   | 0 and 1   | −log σ(z) or −log(1 − σ(z))                   |
| `binary_cross_entropy`             | one output in 0 … 1  | 0 and 1   | −log p or −log(1 − p)                         |
| `cross_entropy`                    | an output each class | 0, 1, 2 … | −log softmax(z)ₖ; `softmax_cross_entropy` too |
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from inspect import Parameter, signature
from typing import Any, NamedTuple, overload

from autograd import Value, log, log1p, logsumexp, mean, relu, softplus, where
from autograd.interop.coerce import as_number, describe, out_of_array
from autograd.transforms.types import Scalar
from nn.arguments import choose_function, function_name, real
from nn.graphs import without_array
from nn.loss_arguments import (
    BITS,
    SIGNS,
    LossFunction,
    Number,
    Prediction,
    Target,
    check_label,
    check_number,
    items,
)
from nn.regression_losses import gaussian_nll, half_squared_error, huber, mae, mse, poisson_nll, quantile

__all__ = ["LOSSES", "Loss", "LossFunction", "Prediction", "Target", "as_loss", "check_labels", "checked_loss", "loss_of"]
__all__ += ["binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "hinge", "softmax_cross_entropy"]
__all__ += ["gaussian_nll", "half_squared_error", "huber", "mae", "mse", "poisson_nll", "quantile"]


def hinge(score: Number, target: float) -> Number:
    """max(0, 1 − t·s) of a score s, for a target t of −1 or 1 (Cortes & Vapnik 1995).

    >>> hinge(0.25, 1), hinge(3.0, 1), hinge(0.25, -1)
    (0.75, 0.0, 1.25)

    Raises ValueError for any other target.
    """
    check_label("hinge", target, SIGNS)
    check_number("hinge: the score", score)
    return relu(1.0 - target * score)


def binary_cross_entropy(probability: Number, target: float) -> Number:
    """−log p for target 1, −log(1 − p) for target 0; infinite for a certain and wrong p.

    >>> binary_cross_entropy(1.0, 1), binary_cross_entropy(0.0, 1)
    (0.0, inf)

    Raises ValueError for any other target, and for a p outside [0, 1]: a net with linear output gives
    logits, which ``binary_cross_entropy_with_logits`` takes.
    """
    check_label("binary_cross_entropy", target, BITS)
    check_number("binary_cross_entropy: the probability", probability)
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
    check_label("binary_cross_entropy_with_logits", target, BITS)
    check_number("binary_cross_entropy_with_logits: the logit", logit)
    return softplus((1.0 - 2.0 * target) * logit)


@overload
def cross_entropy(logits: Sequence[Value], target: Scalar, label_smoothing: float = 0.0) -> Value: ...
@overload
def cross_entropy(logits: Sequence[float], target: float, label_smoothing: float = 0.0) -> float: ...
def cross_entropy(logits: Sequence[Scalar], target: Scalar, label_smoothing: float = 0.0) -> Scalar:
    """−log softmax(z)[k] of a list of logits z, for the class index k (Bridle 1990).

    >>> round(cross_entropy([1.0, 3.0], 1), 6), cross_entropy([0.0, 800.0], 0)
    (0.126928, 800.0)

    As log Σ exp(zⱼ − z_k) it keeps its digits where the softmax is almost 1. A k that is a Value is compared with
    every index, so that the loss can be compiled; nan where it is no index. ``label_smoothing`` is the share of the target
    that is spread over all classes alike (Szegedy et al. 2016). Raises ValueError where a number k is no index, there is
    only one logit, or the share isn't in [0, 1).
    """
    if not hasattr(logits, "__len__") or len(logits) < 2:
        raise ValueError(f"cross_entropy needs a list of at least two logits, one for each class, got {describe(logits)}")
    check_label("cross_entropy", target, range(len(logits)))
    if isinstance(target, Value):
        chosen: Scalar = math.nan
        for j, z in enumerate(logits):
            chosen = where(target == j, z, chosen)
        hard: Scalar = logsumexp(where(target == j, 0.0, z - chosen) for j, z in enumerate(logits))
    else:
        chosen = logits[int(target)]
        hard = logsumexp(0.0 if j == target else z - chosen for j, z in enumerate(logits))
    share = real("cross_entropy: label_smoothing", label_smoothing, below=1.0)
    return hard + share * (chosen - mean(logits)) if share else hard


softmax_cross_entropy = cross_entropy  # what it is called elsewhere


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
        for i, target in enumerate(() if all(map(range(outputs).__contains__, targets)) else targets):
            check_label(what, target, range(outputs), f"{name}[{i}]")
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


# -- what fit has to know ------------------------------------------------------------------------


class Loss(NamedTuple):
    """A loss ``function`` and the targets it takes.

    Either one of its ``labels``, for a model with one output: a score above ``threshold`` means the larger. Or, with
    ``classes``, the index of one of several outputs. Where neither is given any target from ``least`` on will do.
    """

    function: LossFunction
    labels: tuple[float, ...] = ()
    threshold: float = 0.0
    classes: bool = False
    least: float = -math.inf
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
                check_label(loss, target, labels, f"{name}[{i}]")
        for i, target in enumerate(targets if self.least > -math.inf else ()):
            if any(t < self.least for t in items(target)):
                raise ValueError(f"{loss} takes targets from {self.least:g} on, but {name}[{i}] is {target!r}")
        return self.function(prediction, targets[0])  # says itself what else doesn't fit


LOSSES: dict[str, Loss] = {
    "binary_cross_entropy": Loss(binary_cross_entropy, BITS, 0.5),
    "binary_cross_entropy_with_logits": Loss(binary_cross_entropy_with_logits, BITS),
    "cross_entropy": Loss(cross_entropy, classes=True),
    "gaussian_nll": Loss(gaussian_nll),
    "half_squared_error": Loss(half_squared_error),
    "hinge": Loss(hinge, SIGNS),
    "huber": Loss(huber),
    "mae": Loss(mae),
    "mse": Loss(mse),
    "poisson_nll": Loss(poisson_nll, least=0.0),
    "quantile": Loss(quantile),
    "softmax_cross_entropy": Loss(softmax_cross_entropy, classes=True),
}


def as_loss(loss: str | LossFunction) -> Loss:
    """The loss of that name, or of that function: one of ours, with settings too, or one of your own.

    >>> as_loss("hinge") == as_loss(hinge)
    True
    >>> as_loss(partial(cross_entropy, label_smoothing=0.1)).classes
    True

    Raises ValueError listing the known names for an unknown one.
    """
    chosen = choose_function("loss", loss, LOSSES)
    if isinstance(chosen, Loss):
        return chosen
    function = chosen.func if isinstance(chosen, partial) and not chosen.args else chosen
    ours = [entry for entry in LOSSES.values() if entry.function is function]
    return ours[0]._replace(function=chosen) if ours else Loss(chosen, of_model=_takes_three(chosen))


def _takes_three(function: LossFunction) -> bool:
    """Whether a function must be given three arguments: a model, a row and its target."""
    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):  # one of C
        return False
    positional = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in positional and p.default is Parameter.empty for p in parameters) == 3
