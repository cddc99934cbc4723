"""``fit``: training in mini-batches.

>>> import nn
>>> model = nn.MLP(1, [8, 1], "tanh", seed=0)
>>> X = [[x / 10] for x in range(-10, 11)]
>>> history = fit(model, X, [x * x for (x,) in X], "mse", "adam", epochs=100, lr=0.02, seed=0, progress=False)
>>> history.loss[-1] < 0.01 < history.loss[0]
True
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd import Value
from autograd.graph import topological_order
from autograd.interop.coerce import describe
from nn.arguments import Seed, choose_function, function_name, generator, integer, real
from nn.callbacks import Callback, Callbacks
from nn.compiled_step import pays
from nn.course import Course
from nn.data import Labels, Rows, check_batch_size, held_out_of, permutation, permutations, skip_permutation
from nn.examples import Examples, check_examples, check_weights
from nn.history import History
from nn.inference import assert_fits, judge, predicted
from nn.losses import LOSSES, LossFunction
from nn.metrics import METRICS, Metric
from nn.module import Module
from nn.optimiser import Optimiser
from nn.progress import bar
from nn.trainer import Method, Schedule, Trainer

if TYPE_CHECKING:
    from autograd.compiler.executors import Executor

OnEpoch: TypeAlias = Callable[[int, History], Any]
Validation: TypeAlias = float | tuple[Rows, Labels] | None
Metrics: TypeAlias = str | Metric | Mapping[str, str | Metric] | Sequence[str | Metric]
FEW = "little work: compiling would take longer than it saves"


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
    compiled: bool | None = None,
    *,
    lr: float | None = None,
    schedule: Schedule | None = None,
    validation: Validation = None,
    weights: Sequence[float] | None = None,
    class_weights: Mapping[Any, float] | None = None,
    metrics: Metrics = (),
    callbacks: Sequence[Callback] | Callback = (),
    seed: Seed = None,
    progress: bool | None = None,
    on_epoch: OnEpoch | None = None,
    gradient: Method = "chain rule",
    trainer: Trainer | None = None,
    over: Executor | None = None,
) -> History:
    """Train ``model`` to map the rows of X to the targets y; the result is the history of losses.

    >>> import nn
    >>> model = nn.MLP(2, [4, 1], seed=0)
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]
    >>> optimiser = nn.Adam(model.parameters(), lr=0.05)
    >>> history = nn.fit(model, X, y, "hinge", optimiser, epochs=100, batch_size=None, seed=0, progress=False)
    >>> nn.accuracy(model, X, y)
    1.0

    model:         an ``nn.Module``; its parameters are trained in place.
    X:             a row of numbers for each example: lists, tuples, a NumPy array, a DataFrame, scipy's sparse rows.
    y:             as many targets: −1 or 1 for hinge, 0 or 1 for the binary cross-entropies, class indices for
                   cross_entropy, numbers or rows of numbers for the others. Whole numbers reach the loss as ints.
    loss:          a name or a function ``(prediction, target) -> Value``, or ``(model, row, target) -> Value``; its mean
                   over a batch is minimised. Where it is a plain number, as of ``max(0.0, 1 - t * s)`` once a margin holds,
                   its gradient is 0.
    optimiser:     an optimiser of the model's parameters, or a name. It counts steps and epochs: a training that is
                   continued with it, the same seed and data goes on as if it hadn't been interrupted, bit by bit; with
                   ``compiled=True`` or ``False``, for None a short part may go another way than the whole.
    lr:            the learning rate of an optimiser given by name, None for its own default.
    schedule:      a function of the number of the step, from 0, that gives its learning rate.
    epochs:        how often all examples are gone through.
    batch_size:    how many examples a step looks at, None for all; the last batch may be short.
    compiled:      None runs the steps as machine code where that pays and can be, else number by number, with a warning
                   where it would have paid; True raises ``UncompilableError`` where it can't be, False is the graph. The
                   numbers agree to rounding; see below.
    validation:    a fraction of the data to hold out, or (X, y); judged after every epoch.
    weights:       how much each row counts: the loss of a batch is Σ w·l / Σ w. Rows that count 0 are left out.
    class_weights: a factor of the weight for rows with this target, as a dict.
    metrics:       functions of (predictions, targets), or names of ``nn.METRICS``, as a list or a dict; computed after every
                   epoch on what is held out, or on all data where nothing is. The history has them by name.
    callbacks:     one or several, called with the epoch's number, from 1, and the history after every epoch; True ends
                   the training. See ``nn.EarlyStopping``.
    seed:          decides what is held out, the order of the examples and the noise; a ``random.Random`` goes on where it
                   is.
    progress:      show a bar with loss and accuracy; by itself in a terminal and in Jupyter, if tqdm is installed.
    on_epoch:      one more callback.
    gradient:      "chain rule", or "nudging": every parameter a little larger in turn, and a whole forward pass for each.
                   The history's ``passes`` says how often a row went through the net.
    trainer:       a ``Trainer`` of this model, whose code is used again; loss, optimiser, lr, schedule and compiled are then
                   those that it was made with.
    over:          an executor, of concurrent.futures say, that shares batches of many rows among its workers: the same
                   numbers to the last bit. What takes less than some milliseconds is computed here. See docs/over.md.

    Compiling needs llvmlite and NumPy, and pays from some thousand rows in all epochs together. Model and loss must be
    functions of the parameters, a row and its target alone, and of the noise of ``nn.Noise`` and ``nn.Dropout``: where their
    code draws other random numbers or leaves the graph by ``float(v)`` or ``.data``, and inside ``detect_anomaly()``, every
    step goes number by number, and the history's ``why`` says so. They are traced once: what they print or count is done
    once too. Some rows are computed both ways; where the two differ and nobody can say which is right, that is a
    DisagreementError. What no row reaches has gradient 0.

    Steps are taken many at a time in machine code, 30 ms of them, and a schedule is asked ahead for as many. Ctrl-C ends the
    training, not the program: the model stays as one of its last steps left it, those of the last 30 ms may be undone, and
    the history comes back with ``interrupted`` set. After any other exception the model is as its last completed step left
    it, and the exception's ``history`` has the epochs that were completed.

    Everything is checked before training starts. Raises TypeError or ValueError naming the argument and, in
    data, the row and column; DivergedError where loss or gradient stops being finite, which leaves the model
    with its last finite parameters; ImportError where ``progress`` is True and tqdm isn't installed.
    """
    if not isinstance(model, Module):
        raise TypeError(f"fit: model must be an nn.Module such as nn.MLP(2, [8, 1]), got {model!r:.60}")
    if on_epoch is not None and not callable(on_epoch):
        raise TypeError(f"fit: on_epoch must be a function of the epoch and the history, got {on_epoch!r:.60}")
    epochs, batch_size = integer("epochs", epochs, 0), check_batch_size(batch_size)
    several = [callbacks] if callable(callbacks) else callbacks
    heard, judged = Callbacks([*several, *([on_epoch] if on_epoch else [])]), _named(metrics)
    rng, chosen = generator(seed), {"over": over, "lr": lr, "schedule": schedule, "compiled": compiled, "gradient": gradient}
    trainer, is_new = _trainer(trainer, model, loss, optimiser, chosen), trainer is None
    examples, held_out = _parts(_weighted(check_examples(X, y), weights, class_weights), validation, rng)
    trainer.draw(assert_fits(model, trainer.loss, examples), rng)
    if held_out:
        assert_fits(model, trainer.loss, held_out, "validation ")
    passes = trainer.passes
    rows, parameters = epochs * len(examples), len(model.parameters())
    undecided = is_new and compiled is None and over is None and not trainer.nudges
    if undecided and not pays(rows, parameters, lambda: _nodes(trainer, examples)):
        trainer.wanted, trainer.why = False, FEW
    if not isinstance(seed, random.Random):  # which goes on by itself
        for _ in range(trainer.optimiser.epochs):  # the orders of the epochs that were completed before
            skip_permutation(len(examples), rng)
    run, start, steady = _Run(trainer, examples, held_out, judged, History()), perf_counter(), _is_steady(trainer)
    if not steady:
        trainer.recheck()
    try:
        with bar(epochs, progress) as show:
            heard.begin(model)
            while (done := len(run.history.loss)) < epochs:
                # Of a net and a loss of nn nothing changes by itself: 200 epochs on 30 rows take a third of the time without
                # being checked again. Of others something may, so at epochs 1, 2, 4, 8 … they are.
                unseen = epochs - done if steady else (1 << done.bit_length()) - done
                run.epochs(1 if heard.callbacks else min(unseen, epochs - done), rng, batch_size)
                epoch = len(run.history.loss)
                show(run.history, epoch - done)
                if heard.callbacks:
                    trainer.write()
                    if heard(epoch, run.history):
                        break
                if heard.may_change or (epoch.bit_count() == 1 and not steady):
                    trainer.recheck()
    except KeyboardInterrupt:
        run.history.interrupted = True
    except Exception as error:
        vars(error)["history"] = run.history  # what was done isn't lost
        error.add_note(f"nn.fit: {len(run.history.loss)} epochs were completed; this exception's .history has them")
        raise
    finally:
        run.record()
        trainer.write()
        heard.end(run.history)
        run.history.seconds, run.history.compiled = perf_counter() - start, trainer.compiled
        run.history.why, run.history.passes = trainer.why, trainer.passes - passes
    return run.history


class _Run:
    """A training that is under way."""

    def __init__(
        self,
        trainer: Trainer,
        examples: Examples,
        held_out: Examples | None,
        metrics: Mapping[str, Metric],
        history: History,
    ):
        self.trainer, self.examples, self.held_out, self.metrics = trainer, examples, held_out, metrics
        self.history, self.labels = history, examples.labels() | (held_out.labels() if held_out else set())
        self.judged = held_out is not None or bool(metrics) or hasattr(trainer.schedule, "observe")
        self.course, self.first, self.counted = Course(examples, [range(len(examples))], None), 0, 0

    def epochs(self, most: int, rng: random.Random, batch_size: int | None) -> None:
        """Go through all batches once, or several times where nobody looks in between; add the epochs to the history."""
        trainer, examples = self.trainer, self.examples
        several = not self.judged and type(rng) is random.Random and not trainer.has_noise
        count = min(most, trainer.epochs_at_once(examples)) if several else 1
        before = rng.getstate() if count > 1 else None
        orders = permutations(count, len(examples), rng)
        trainer.reseed(orders[0])
        course = Course(examples, orders, batch_size, trainer.loss.has_accuracy)
        self.course, self.first, self.counted = course, len(self.history.loss), 0
        try:
            trainer.run(course, self.labels)
        except FloatingPointError as error:
            self.record()
            cause = f"epoch {len(self.history.loss) + 1}: {error}; it was batch {trainer.batch} of the epoch"
            raise DivergedError(cause, self.history) from error
        finally:
            self.record()
            if before is not None and course.left:  # as if the orders of the epochs that weren't begun hadn't been drawn
                rng.setstate(before)
                permutations(len(course.progress.completed) + 1, len(examples), rng)
        if self.judged:
            self._judge(*course.progress.completed[0])

    def record(self) -> None:
        """Count the epochs that were completed, and add them to the history, unless they are to be judged first."""
        completed = self.course.progress.completed
        new = len(completed) - self.counted
        self.trainer.optimiser.epochs += new
        self.counted += new
        if not self.judged:
            self.history.extend(completed[len(self.history.loss) - self.first :])

    def _judge(self, loss: float, accuracy: float | None) -> None:
        """Add an epoch to the history, with its validation and metrics; a schedule that wants to know is told its loss."""
        history = self.history
        validated: tuple[float | None, float | None] = (None, None)
        if self.held_out:
            validated = judge(self.trainer, self.held_out)
        both = self._predicted if self.metrics else ()
        found = {name: _score(name, metric(*both)) for name, metric in self.metrics.items()}
        history.add(loss, accuracy, *validated, found)
        observe = getattr(self.trainer.schedule, "observe", None)
        if observe is not None:
            observe(history.val_loss[-1] if self.held_out else loss)

    @property
    def _predicted(self) -> tuple[Sequence[Any], Sequence[Any]]:
        """Predictions and targets of what metrics are computed on."""
        part = self.held_out or self.examples
        return predicted(self.trainer, part), part.lists.y


# -- before training starts ----------------------------------------------------------------------


def _trainer(
    given: Trainer | None, model: Module, loss: str | LossFunction, optimiser: str | Optimiser, chosen: dict[str, Any]
) -> Trainer:
    """The trainer that was given, or one as it is described."""
    if given is None:
        return Trainer(model, loss, optimiser, **chosen)
    if not isinstance(given, Trainer):
        raise TypeError(f"fit: trainer must be an nn.Trainer, got {describe(given)}")
    if given.model is not model:
        raise ValueError(
            f"fit: the trainer's model is another one; write nn.fit(trainer.model, …) to train {given.model!r:.60}"
        )
    defaults = {"loss": "mse", "optimiser": "adam", "lr": None, "schedule": None, "compiled": None, "over": None}
    defaults["gradient"] = "chain rule"
    for name, x in {"loss": loss, "optimiser": optimiser, **chosen}.items():
        if x != defaults[name]:
            raise ValueError(f"fit: {name} goes to nn.Trainer(…), which makes the trainer; got {describe(x)} besides")
    return given


def _is_steady(trainer: Trainer) -> bool:
    """Whether nothing that a compiled step has taken down can change by itself: model and loss are nn's own."""
    return trainer.wanted is not False and trainer.loss in LOSSES.values() and _is_own(trainer.model)


def _is_own(thing: object) -> bool:
    """Whether there is no code in it but nn's and autograd's; 2 ms for 2 410 parameters."""
    if isinstance(thing, Module):
        return type(thing).__module__.startswith("nn.") and all(map(_is_own, vars(thing).values()))
    if isinstance(thing, list | tuple):
        return all(map(_is_own, thing))
    module: str = getattr(thing, "__module__", "") or ""
    return isinstance(thing, Value | str | int | float | None) or module.startswith(("nn.", "autograd."))


def _score(name: str, x: Any) -> float:
    try:
        return float(x)
    except (TypeError, ValueError):
        raise TypeError(f"the metric {name} must give a number, got {describe(x)}") from None


def _named(metrics: Metrics) -> dict[str, Metric]:
    """Metrics by name."""
    given = [metrics] if isinstance(metrics, str) or callable(metrics) else metrics
    if not isinstance(given, Iterable):
        raise TypeError(f"fit: metrics must be names or functions of predictions and targets, got {describe(metrics)}")
    named = dict(given) if isinstance(given, Mapping) else {function_name(metric): metric for metric in given}
    return {name: choose_function("metric", metric, METRICS) for name, metric in named.items()}


def _weighted(examples: Examples, weights: Sequence[float] | None, class_weights: Mapping[Any, float] | None) -> Examples:
    """The examples with the weights of their rows and classes."""
    if weights is None and class_weights is None:
        return examples
    found = [1.0] * len(examples) if weights is None else check_weights(weights, len(examples))
    if class_weights is not None:
        if not isinstance(class_weights, Mapping):
            raise TypeError(f"class_weights must be a dict such as {{0: 1.0, 1: 5.0}}, got {describe(class_weights)}")
        targets = examples.lists.y
        unknown = set(class_weights) - set(targets)
        if unknown:
            raise ValueError(f"class_weights has {sorted(unknown)[0]!r}, which is no target in y")
        factors = {label: real(f"class_weights[{label!r}]", factor) for label, factor in class_weights.items()}
        found = [weight * factors.get(t, 1.0) for weight, t in zip(found, targets, strict=True)]
    checked = check_weights(found, len(examples))
    counting = None if all(checked) else [i for i, weight in enumerate(checked) if weight]  # else a batch might weigh 0
    return Examples(examples.store, counting, checked)


def _nodes(trainer: Trainer, examples: Examples) -> int:
    """How large the graph of a row is: in a solver of many steps a few parameters make many nodes."""
    first = examples.part([0]).lists
    value, _ = trainer.loss.of(trainer.model, first.X[0], first.y[0])
    return len(topological_order(value)) if isinstance(value, Value) else 0


def _parts(examples: Examples, validation: Validation, rng: random.Random) -> tuple[Examples, Examples | None]:
    """What is trained on and what is held out."""
    if validation is None:
        return examples, None
    if isinstance(validation, tuple | list):
        if len(validation) != 2:
            raise ValueError(f"validation must be a fraction or a pair (X, y), got {len(validation)} things")
        return examples, check_examples(validation[0], validation[1], "validation ")
    held_out = held_out_of(len(examples), validation, "validation: fraction")
    order = permutation(len(examples), rng)
    return examples.part(order[held_out:]), examples.part(order[:held_out])
