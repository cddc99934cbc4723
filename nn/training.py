"""``fit``: training in mini-batches.

>>> import nn
>>> model = nn.MLP(1, [8, 1], "tanh", seed=0)
>>> X = [[x / 10] for x in range(-10, 11)]
>>> history = fit(model, X, [x * x for (x,) in X], "mse", "adam", epochs=100, lr=0.02, seed=0, progress=False)
>>> history.loss[-1] < 0.01 < history.loss[0]
True
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter
from typing import Any, TypeAlias

from autograd import Value, mean, no_grad
from autograd.interop.coerce import describe
from autograd.interop.packages import found
from autograd.modes.context import recording
from autograd.transforms.types import Scalar
from nn.arguments import Seed, choose, generator, integer
from nn.compiled_step import CompiledStep, installed, pays
from nn.data import Data, Labels, Rows, as_data, batches, check_batch_size, check_data, split_data
from nn.graphs import leaves_behind, plain, with_parameters
from nn.history import History
from nn.inference import assert_fits, hits, judge
from nn.losses import LOSSES, Loss, LossFunction, as_loss, loss_of
from nn.module import Module
from nn.optimisers import OPTIMISERS, Optimiser

NUDGE = 1e-6  # parameters moved by so much change a loss that depends on them
OnEpoch: TypeAlias = Callable[[int, History], None]
Validation: TypeAlias = float | tuple[Rows, Labels] | None


class DivergedError(FloatingPointError):
    """Training met a number that isn't finite. The model is as before that step; ``history`` has the earlier epochs."""

    def __init__(self, message: str, history: History):
        super().__init__(message)
        self.history = history


def fit(
    model: Module,
    X: Rows,  # noqa: N803
    y: Labels,
    loss: str | LossFunction = "mse",
    optimiser: str | Optimiser = "adam",
    epochs: int = 100,
    batch_size: int | None = 32,
    compiled: bool = True,
    *,
    lr: float | None = None,
    validation: Validation = None,
    seed: Seed = None,
    progress: bool | None = None,
    on_epoch: OnEpoch | None = None,
) -> History:
    """Train ``model`` to map the rows of X to the targets y; the result is the history of losses.

    >>> import nn
    >>> model = nn.MLP(2, [4, 1], seed=0)
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]
    >>> optimiser = nn.Adam(model.parameters(), lr=0.05)
    >>> history = nn.fit(model, X, y, "hinge", optimiser, epochs=100, batch_size=None, seed=0, progress=False)
    >>> nn.accuracy(model, X, y)
    1.0

    model:       an ``nn.Module``; its parameters are trained in place.
    X:           a row of numbers for each example: lists, tuples or a NumPy array.
    y:           as many targets: −1 or 1 for hinge, 0 or 1 for the binary cross-entropies, class indices for
                 cross_entropy, numbers or rows of numbers for the others. Whole numbers reach the loss as ints.
    loss:        a name or a function ``(prediction, target) -> Value``; the mean over a batch is minimised. Where it is a
                 plain number, as of ``max(0.0, 1 - t * s)`` once a margin holds, its gradient is 0.
    optimiser:   an optimiser of the model's parameters, or a name.
    lr:          the learning rate of an optimiser given by name, None for its own default.
    epochs:      how often all examples are gone through.
    batch_size:  how many examples a step looks at, None for all; the last batch may be short.
    compiled:    run the steps as machine code where that pays and can be, else node by node. The numbers agree to
                 rounding; see below.
    validation:  a fraction of the data to hold out, or (X, y); judged after every epoch.
    seed:        decides what is held out and the order of the examples; a ``random.Random`` goes on where it is.
    progress:    show a bar with loss and accuracy; by itself in a terminal and in Jupyter, if tqdm is installed.
    on_epoch:    called with the epoch's number, from 1, and the history after every epoch.

    Compiling needs llvmlite and NumPy, and pays from some thousand rows in all epochs together. Model and loss must be
    functions of the parameters, a row and its target alone: where their code draws random numbers, leaves the graph
    by ``float(v)`` or ``.data`` or captures a parameter, and inside ``detect_anomaly()``, every step goes node by
    node, and the history says why. They are traced once: what they print or count is done once too. Some rows are
    computed both ways; where the two differ and nobody can say which is right, that is a DisagreementError.

    Ctrl-C ends the training, not the program: the model stays as its last completed step left it, and the
    history comes back with ``interrupted`` set. After any other exception the model is as its last completed step left it
    too, and the exception's ``history`` has the epochs that were completed.

    Everything is checked before training starts. Raises TypeError or ValueError naming the argument and, in
    data, the row and column; DivergedError where loss or gradient stops being finite, which leaves the model
    with its last finite parameters; ImportError where ``progress`` is True and tqdm isn't installed.
    """
    if not isinstance(model, Module):
        raise TypeError(f"fit: model must be an nn.Module such as nn.MLP(2, [8, 1]), got {model!r:.60}")
    if on_epoch is not None and not callable(on_epoch):
        raise TypeError(f"fit: on_epoch must be a function of the epoch and the history, got {on_epoch!r:.60}")
    criterion, rng = as_loss(loss), generator(seed)
    epochs, batch_size = integer("epochs", epochs, 0), check_batch_size(batch_size)
    optimiser = _optimiser(optimiser, lr, model)
    data, held_out = _parts(check_data(X, y), validation, rng)
    for part in (data, held_out):
        if part:
            assert_fits(model, criterion, part, "validation " if part is held_out else "")
    fast, reason = _fast(model, criterion, optimiser, [data, held_out], epochs) if compiled else (None, "")
    history, start, bar = History(), perf_counter(), _bar(epochs, progress)
    try:
        with bar as show:
            for epoch in range(1, epochs + 1):
                _epoch(model, criterion, optimiser, fast, batches(data, batch_size, rng), held_out, history)
                show(history)
                if on_epoch:
                    on_epoch(epoch, history)
                if fast and (on_epoch or epoch.bit_count() == 1):  # 1, 2, 4, 8 …: what a loss reads may change by itself
                    fast.recheck()
    except KeyboardInterrupt:
        history.interrupted = True
    except Exception as error:
        vars(error)["history"] = history  # what was done isn't lost
        error.add_note(f"nn.fit: {len(history.loss)} epochs were completed; this exception's .history has them")
        raise
    finally:
        history.seconds, history.uncompiled = perf_counter() - start, fast.reason if fast else reason
    return history


# -- one epoch, one step -----------------------------------------------------------------------


def _epoch(
    model: Module,
    loss: Loss,
    optimiser: Optimiser,
    fast: CompiledStep | None,
    parts: Iterable[Data],
    held_out: Data | None,
    history: History,
) -> None:
    """Go through all batches once and add the epoch to ``history``."""
    losses, right, n = 0.0, 0, 0
    for batch in parts:
        try:
            value, predictions = (fast and _fast_step(fast, loss, optimiser, batch)) or train_step(
                model, loss.function, optimiser, batch
            )
        except FloatingPointError as error:
            raise DivergedError(f"epoch {len(history.loss) + 1}: {error}", history) from error
        losses, n = losses + value * len(batch.y), n + len(batch.y)
        right += hits(loss, predictions, batch.y)
    validated = judge(model, loss, held_out, fast) if held_out else (None, None)
    accuracy = right / n if loss.has_accuracy else None
    history.add(loss=losses / n, accuracy=accuracy, val_loss=validated[0], val_accuracy=validated[1])


def train_step(model: Module, loss: LossFunction, optimiser: Optimiser, batch: Data) -> tuple[float, list[Value | Any]]:
    """Forward, backward, update: the mean loss of the batch before the update, and the predictions.

    >>> import nn
    >>> model = nn.MLP(1, [1], seed=0)
    >>> value, predictions = train_step(model, nn.mse, nn.SGD(model.parameters()), nn.Data([[1.0]], [2.0]))
    >>> value == (predictions[0].data - 2.0) ** 2
    True

    Raises FloatingPointError where loss or gradient isn't finite; the parameters stay as they were then. Raises
    TypeError where ``loss`` isn't a function or ``optimiser`` no Optimiser, ValueError for an empty batch.
    """
    if not callable(loss):
        raise TypeError(f"train_step: loss must be a function such as nn.mse, got {describe(loss)}")
    if not isinstance(optimiser, Optimiser):
        raise TypeError(f"train_step: optimiser must be one such as nn.SGD(model.parameters()), got {describe(optimiser)}")
    batch = as_data(batch, "train_step: batch")
    if not len(batch.X):
        raise ValueError("train_step: the batch is empty")
    predictions = [model(x) for x in batch.X]
    losses = [loss_of(loss, prediction, t) for prediction, t in zip(predictions, batch.y, strict=True)]
    value = mean(losses)
    _check_finite(plain(value), optimiser)
    optimiser.zero_grad()
    if isinstance(value, Value):
        value.backward()
    if recording():
        _complete_gradient(model, loss, optimiser, batch, predictions, losses)
    optimiser.step()
    return plain(value), predictions


def _complete_gradient(
    model: Module, loss: LossFunction, optimiser: Optimiser, batch: Data, predictions: Sequence[object], losses: list[Scalar]
) -> None:
    """A loss that is a plain number has derivative 0 by all that its prediction depends on."""
    missing = {p for p in optimiser.parameters if p._grad is None}
    if len(missing) == len(optimiser.parameters):
        _assert_not_cut(model, loss, batch, losses)
    if missing:
        constant = [
            prediction for prediction, value in zip(predictions, losses, strict=True) if not isinstance(value, Value)
        ]
        for parameter in missing & leaves_behind(constant):
            parameter._grad = 0.0


def _assert_not_cut(model: Module, loss: LossFunction, batch: Data, losses: list[Scalar]) -> None:
    """Raise TypeError where losses depend on no parameter by their graph, and change with the parameters' numbers."""
    # A loss of steps, 1 for a wrong answer and 0 for a right one, may jump at the very parameters: so not at these.
    try:
        one, other = (_losses_beside(model, loss, batch, nudge) for nudge in (NUDGE, 2.0 * NUDGE))
    except TypeError:  # a model that holds a lock or an open file can't be copied: then nothing is known
        return
    changed = [value for value, a, b in zip(losses, one, other, strict=True) if a != b]
    if changed:
        raise TypeError(
            f"the loss of the model's output must be a Value, got {describe(changed[0])} that depends on no parameter by "
            "its graph and changes with them: compute model and loss with autograd's functions, not float(), .data or math"
        )


def _losses_beside(model: Module, loss: LossFunction, batch: Data, nudge: float) -> list[float]:
    """The losses with all parameters a little larger."""
    parameters = model.parameters()
    moved = [Value(p.data + nudge * (1.0 + abs(p.data))) for p in parameters]
    model, loss = with_parameters((model, loss), parameters, moved)
    with no_grad():
        return plain([loss_of(loss, model(x), t) for x, t in zip(*batch, strict=True)])


def _fast_step(fast: CompiledStep, loss: Loss, optimiser: Optimiser, batch: Data) -> tuple[float, list[float | Any]] | None:
    """``train_step`` by machine code; None, and nothing done, where there is none."""
    computed, rows = fast.gradient(batch), fast.rows(batch) if loss.has_accuracy else ([], [])
    if computed is None or rows is None:
        return None
    value, partials = computed
    _check_finite(value, optimiser)
    optimiser.zero_grad()
    for parameter, partial in zip(fast.parameters, partials, strict=True):
        parameter._grad = partial if parameter._grad is None else parameter._grad + partial
    optimiser.step()
    return value, rows[1]


def _check_finite(loss: float, optimiser: Optimiser) -> None:
    if not math.isfinite(loss):
        raise FloatingPointError(
            f"the loss is {loss!r}; the parameters are those before this step. A smaller learning rate "
            f"than {optimiser.lr:g} often helps, and autograd.detect_anomaly() finds the operation where it began"
        )


# -- before training starts ----------------------------------------------------------------------


def _optimiser(optimiser: str | Optimiser, lr: float | None, model: Module) -> Optimiser:
    parameters = model.parameters()
    if isinstance(optimiser, str):
        make = choose("optimiser", optimiser, OPTIMISERS)
        return make(parameters) if lr is None else make(parameters, lr)
    if not isinstance(optimiser, Optimiser):
        raise TypeError(
            f"optimiser must be a name ({', '.join(OPTIMISERS)}) or an Optimiser such as nn.Adam(…), "
            f"got {describe(optimiser)}"
        )
    if lr is not None:
        raise ValueError(f"lr goes with an optimiser's name; set optimiser.lr of {optimiser!r} instead")
    if not {id(p) for p in parameters} & {id(p) for p in optimiser.parameters}:
        raise ValueError("the optimiser holds none of the model's parameters: build it from model.parameters()")
    return optimiser


def _fast(
    model: Module, loss: Loss, optimiser: Optimiser, parts: Sequence[Data | None], epochs: int
) -> tuple[CompiledStep | None, str]:
    """The compiled step for these data, or why there is none, "" where it wouldn't pay."""
    parameters, rows = model.parameters(), epochs * len(parts[0].y) if parts[0] else 0
    if not pays(rows, len(parameters)):
        return None, ""
    if not {id(p) for p in parameters}.issuperset(map(id, optimiser.parameters)):
        return None, "the optimiser has parameters that the model hasn't"
    if not installed():
        return None, "compiling needs llvmlite and NumPy: pip install '.[compile]' in a clone of chainrule"
    labels = {t for part in parts if part for t in part.y if isinstance(t, int)}
    each = loss not in LOSSES.values() and pays(rows // max(1, len(labels)), len(parameters))  # ours take a Value as target
    return CompiledStep(model, loss.function, sorted(labels) if each else ()), ""


def _parts(data: Data, validation: Validation, rng: random.Random) -> tuple[Data, Data | None]:
    """What is trained on and what is held out."""
    if validation is None:
        return data, None
    if isinstance(validation, tuple | list):
        if len(validation) != 2:
            raise ValueError(f"validation must be a fraction or a pair (X, y), got {len(validation)} things")
        return data, check_data(validation[0], validation[1], "validation ")
    return split_data(data, validation, rng, "validation: fraction")


def _bar(epochs: int, progress: bool | None) -> AbstractContextManager[Callable[[History], None]]:
    """A progress bar that shows the last epoch's numbers, or nothing."""
    if progress and not found("tqdm"):
        raise ImportError("fit: progress=True needs the package tqdm: pip install tqdm")
    shown = _is_watched() and found("tqdm") is not None if progress is None else progress
    return _tqdm_bar(epochs) if shown else nullcontext(lambda _: None)


def _is_watched() -> bool:
    """Whether a person sees what is written to stderr: in a terminal or in Jupyter, and not in a file or a pipe."""
    return getattr(sys.stderr, "isatty", bool)() or type(sys.stderr).__module__.startswith("ipykernel")


@contextmanager
def _tqdm_bar(epochs: int) -> Iterator[Callable[[History], None]]:
    from tqdm import tqdm

    with tqdm(total=epochs, unit=" epochs", dynamic_ncols=True) as bar:

        def show(history: History) -> None:
            bar.set_postfix({name: f"{number:.3g}" for name, number in history.last().items()}, refresh=False)
            bar.update()

        yield show
