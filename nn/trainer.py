"""``Trainer``: steps of training, compiled where they can be; their code is kept from call to call.

>>> import nn
>>> model = nn.MLP(1, [8, 1], "tanh", seed=0)
>>> trainer = Trainer(model, "mse", nn.Adam(model.parameters(), lr=0.02))
>>> X, y = [[0.0], [0.5], [1.0]], [0.0, 0.25, 1.0]
>>> losses = [trainer.step(X, y) for _ in range(400)]
>>> losses[-1] < 0.01 < losses[0]
True
"""

from __future__ import annotations

import math
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from autograd import no_grad
from autograd.graph import set_leaves
from autograd.interop.coerce import describe
from nn.agreement import DisagreementError, batch_loss, noisy_losses
from nn.arguments import Seed, function_name, generator
from nn.compiled_step import CompiledStep, Step, installed
from nn.course import Course, EpochResult, StepResult, Sums
from nn.data import Labels, Rows
from nn.examples import Examples, check_batches, check_examples
from nn.freezing import frozen_among
from nn.graph_step import check_losses, graph_step
from nn.graphs import plain
from nn.hits import is_right
from nn.losses import LOSSES, LossFunction, as_loss
from nn.module import Module
from nn.noise import Batches, Kind, Source, kinds_of
from nn.nudging import nudged_step
from nn.optimiser import Optimiser
from nn.optimisers import as_optimiser
from nn.stretches import State, Stretch, Stretches
from nn.updates import Updates, is_compilable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from autograd.compiler.executors import Executor

Schedule: TypeAlias = Callable[[int], float]
Method: TypeAlias = Literal["chain rule", "nudging"]


class UncompiledWarning(UserWarning):
    """Training goes number by number, many times slower than compiled, though it would pay to compile it."""


class UncompilableError(RuntimeError):
    """A training that was to be compiled can't be; the message says why."""


class Trainer:
    """Trains a model in steps; its parameters, the optimiser's memories and the data are arrays while a call runs.

    >>> import nn
    >>> model = nn.MLP(2, [4, 1], seed=0)
    >>> trainer = nn.Trainer(model, "hinge", "adam", lr=0.05)
    >>> batches = [([[0, 0], [0, 1]], [-1, 1]), ([[1, 0], [1, 1]], [1, -1])]
    >>> epochs = [trainer.epoch(batches) for _ in range(100)]
    >>> epochs[-1].accuracy
    1.0

    model:      an ``nn.Module``; its parameters are trained in place.
    loss:       a name, or a function of (prediction, target) or of (model, row, target).
    optimiser:  an optimiser of the model's parameters, or a name.
    lr:         the learning rate of an optimiser given by name, None for its own default.
    schedule:   a function of the number of the step, from 0, that gives its learning rate.
    compiled:   None chooses, and warns where it must go number by number; True raises UncompilableError with the reason;
                False is the graph.
    gradient:   "chain rule", or "nudging", which runs the batch once for every parameter, number by number.
    seed:       of the noise that the model draws, if it does.
    over:       an executor that shares large batches among its workers, see docs/over.md: the same numbers to the last bit.

    ``compiled`` and ``why`` say which way it went, and why not the other. Raises TypeError or ValueError naming the
    argument.
    """

    def __init__(
        self,
        model: Module,
        loss: str | LossFunction = "mse",
        optimiser: str | Optimiser = "adam",
        *,
        lr: float | None = None,
        schedule: Schedule | None = None,
        compiled: bool | None = None,
        gradient: Method = "chain rule",
        seed: Seed = None,
        over: Executor | None = None,
    ):
        if not isinstance(model, Module):
            raise TypeError(f"Trainer: model must be an nn.Module such as nn.MLP(2, [8, 1]), got {model!r:.60}")
        if schedule is not None and not callable(schedule):
            raise TypeError(f"schedule must be a function of the number of the step, got {schedule!r:.60}")
        if compiled is not None and not isinstance(compiled, bool):
            raise TypeError(f"compiled must be None, True or False, got {describe(compiled)}")
        if gradient not in get_args(Method):
            raise ValueError(f"gradient must be 'chain rule' or 'nudging', got {gradient!r:.60}")
        if gradient == "nudging" and compiled:
            raise ValueError("gradient='nudging' goes number by number: leave out compiled=True")
        if over is not None and (compiled is False or gradient == "nudging" or not callable(getattr(over, "submit", None))):
            raise ValueError(f"over must be an executor, and needs compiled steps and the chain rule, got {describe(over)}")
        self.model, self.loss, self.over = model, as_loss(loss), over
        self.optimiser, self.schedule = as_optimiser(optimiser, lr, model), schedule
        self.nudges = gradient == "nudging"
        self.wanted, self.why = (False, "nudging") if self.nudges else (compiled, "")
        self.rng: random.Random = generator(seed)
        self._noise: Batches | None = None
        self._fast: CompiledStep | None = None
        self._updates: Updates | None = None
        self._stretches: Stretches | None = None
        self._places: list[int] | None = None  # of the optimiser's parameters among the model's; None where it has all
        self._state: State | None = None  # while it isn't in the model and the optimiser
        self._moving: NDArray[np.bool_] | None = None
        self._told = False
        self.batch = 0  # the number of the last one in the epoch, from 1
        self.passes = 0  # how often a row went forward through the net; by the chain rule it goes back as often

    def __repr__(self) -> str:
        way = "compiled" if self.compiled else f"number by number: {self.why:.200}" if self.why else "not used yet"
        return f"Trainer({self.model}, {function_name(self.loss.function)}, {self.optimiser}; {way})"

    def __getstate__(self) -> dict[str, Any]:
        self.write()  # a copy or a pickle has all but the code, which is made anew when it is first used
        return {**vars(self), "_fast": None, "_updates": None, "_stretches": None, "over": None}

    @property
    def compiled(self) -> bool:
        """Whether steps are machine code."""
        return self._fast is not None and self._fast.works

    def step(self, X: Rows, y: Labels, weights: Sequence[float] | None = None) -> float:  # noqa: N803
        """One step on these rows: the mean loss before it. ``weights`` say how much each row counts."""
        return self.advance([check_examples(X, y, "", weights)]).loss

    def epoch(self, batches: Iterable[Any]) -> EpochResult:
        """A step on each batch, a pair (X, y) or (X, y, weights); any iterable will do.

        Raises ValueError for an iterable that is empty: a generator runs dry when it was gone through once.
        """
        return self.advance(check_batches(batches))

    def advance(self, batches: Iterable[Examples]) -> EpochResult:
        """``epoch`` of what is checked already."""
        sums, self.batch, self._moving = Sums(), 0, self._unfrozen()
        try:
            for self.batch, batch in enumerate(batches, 1):
                step = self._step(batch)
                self.passes += len(batch)
                sums = sums.plus(step.loss, step.right, step.weight, len(batch))
        finally:
            self.write()
        if not sums.rows:
            raise ValueError("there was no batch: the iterable of batches is empty, or a generator gone through once before")
        return sums.result(self.loss.has_accuracy)

    def run(self, course: Course, labels: Iterable[int] = ()) -> None:
        """Take the steps of a course, many at once where that can be; ``labels`` are targets that other batches may have.

        The numbers stay in arrays afterwards, for the next course: ``write()`` must follow some time.
        """
        self._moving = self._unfrozen()
        while course.left:
            self.batch = course.batch
            sizes = course.sizes_in(self._stretches.rows(course.examples.store.columns) if self._stretches else 1)
            batches = course.ahead(len(sizes))
            found = self._stretch(batches, sizes)
            if found is not None:
                progress, rows = course.after(*found[1:]), sum(sizes[: len(found.losses)])
                # Nothing is called between these: an interrupt leaves all as it was before the stretch, or after it.
                self._state, course.progress, self.passes = found.state, progress, self.passes + rows
            else:
                batch, start = course.ahead(1), perf_counter()
                step = self._step(batch, labels)
                self.passes += len(batch)
                if self._stretches is not None:
                    self._stretches.took(perf_counter() - start, len(batch))
                course.progress = course.after([step.loss], [step.right], [step.weight])

    def epochs_at_once(self, examples: Examples) -> int:
        """How many epochs over these examples a stretch has at most."""
        return max(1, self._stretches.rows(examples.store.columns) // len(examples)) if self._stretches else 1

    def rows(self, examples: Examples) -> tuple[list[float], list[Any]] | None:
        """The loss and the prediction of every row by machine code; None where there is none."""
        if self._fast is None or not self._fast.works:
            return None
        return self._fast.rows(self._read().numbers, examples)

    def write(self) -> None:
        """Give the model and the optimiser their numbers, which lie in arrays while steps are taken."""
        interrupt: KeyboardInterrupt | None = None
        while self._state is not None:  # a Ctrl-C, or several, may come between two parameters: write all of them first
            try:
                self._write(self._state)
                self._state = None
            except KeyboardInterrupt as error:
                interrupt = error
        if interrupt:
            raise interrupt

    def _write(self, state: State) -> None:
        assert self._fast is not None
        if state.gradient is None:  # no step was taken
            return
        set_leaves(self._fast.parameters, state.numbers.tolist(), state.gradient.tolist())
        self.optimiser.remembered.set(state.memories)
        self.optimiser.steps = state.steps

    def recheck(self) -> None:
        """Compare compiled steps with the graph again: something may have changed."""
        if self._fast is not None:
            self._fast.recheck()

    def draw(self, kinds: Sequence[Kind], rng: random.Random) -> Batches:
        """Draw noise of these kinds for every row from this generator."""
        self._noise = Batches(kinds, rng)
        return self._noise

    @property
    def has_noise(self) -> bool:
        """Whether the model draws random numbers."""
        return self._noise is not None and bool(self._noise.kinds)

    def reseed(self, order: Sequence[int]) -> None:
        """Draw an epoch's noise, if there is any, from a generator that follows from the order of its rows."""
        if self.has_noise:
            assert self._noise is not None
            self.draw(self._noise.kinds, random.Random(sum(int(k) * 31**i for i, k in enumerate(order[:8]))))

    # -- steps ---------------------------------------------------------------------------------------

    def _stretch(self, examples: Examples, sizes: Sequence[int]) -> Stretch | None:
        """Steps on batches of these sizes in the examples, as far as they can be taken at once; None where not one can."""
        if self._stretches is None or self._noise is None or not self._stretches.is_ready(examples, sizes):
            return None
        noise = self._noise.draw_ahead(sizes)
        found = self._stretches.take(self._read(), examples, sizes, self._moving, self.schedule, noise)
        taken = 0 if found is None else len(found.losses)
        if taken < len(sizes):
            self._noise.take_back(sizes[:taken])
        return found

    def _step(self, batch: Examples, labels: Iterable[int] = ()) -> StepResult | Step:
        """What a batch's rows gave before the update, and the update."""
        random_numbers = self._noise or self.draw(self._kinds(batch), self.rng)
        if self.schedule is not None:
            self.optimiser.lr = self.schedule(self.optimiser.steps if self._state is None else self._state.steps)
        noise = random_numbers.draw(len(batch))
        if self.wanted is not False and not self.why and (self._fast is None or self._other_form(batch)):
            self._prepare(batch, labels)
        if self._fast is not None and self._fast.works:
            found = self._fast.gradient(self._read().numbers, batch, noise)
            if found is not None:
                if not math.isfinite(found.loss):
                    self._explain(found.loss, batch, random_numbers.sources(noise, len(batch)))
                self._update(self._read(), found)
                return found
        self._fall_back()
        weights = batch.weights_listed
        among = self.model, self.loss, self.optimiser, batch.lists, weights
        if self.nudges:
            value, predictions, passes = nudged_step(*among, lambda: random_numbers.sources(noise, len(batch)))
            self.passes += passes - len(batch)
        else:
            value, predictions = graph_step(*among, random_numbers.sources(noise, len(batch)))
        return StepResult(value, self._share(predictions, batch), len(batch) if weights is None else sum(weights))

    def _explain(self, compiled: float, batch: Examples, sources: Sequence[Source]) -> None:
        """Raise for a loss that isn't finite: what the graph raises, which knows the operation, or which row it was."""
        self.write()
        with no_grad():
            losses = plain(noisy_losses(self.model, self.loss, batch.lists, sources)[0])
            value = plain(batch_loss(losses, batch.weights_listed))
        if math.isfinite(value) and math.isfinite(sum(losses)):  # a mean may be finite whose sum isn't
            raise DisagreementError(
                f"the loss is {compiled!r} compiled and {value!r} node by node, and nothing was trained on it; "
                "compiled=False trains node by node"
            )
        check_losses(losses, self.optimiser)

    def _other_form(self, batch: Examples) -> bool:
        """Whether the batch has weights and earlier ones had none, or the other way round."""
        return self._fast is not None and self._fast.works and self._fast.weighted != (batch.weights is not None)

    def _kinds(self, batch: Examples) -> list[Kind]:
        """The random numbers that the model draws for the first row."""
        first = batch.part([0]).lists
        return kinds_of(lambda: self.loss.of(self.model, first.X[0], first.y[0]))

    def _share(self, predictions: list[Any], batch: Examples) -> float:
        if not self.loss.has_accuracy:
            return 0.0
        pairs = zip(predictions, batch.lists.y, strict=True)
        return sum(is_right(plain(p), t, self.loss.threshold) for p, t in pairs) / len(batch)

    def _prepare(self, batch: Examples, labels: Iterable[int]) -> None:
        """A compiled step, or why there is none."""
        self.write()
        optimised, parameters = self.optimiser.parameters, self.model.parameters()
        if not {id(p) for p in parameters}.issuperset(map(id, optimised)):
            self.why = "the optimiser has parameters that the model hasn't"
        elif not installed():
            self.why = "compiling needs llvmlite and NumPy: pip install '.[compile]' in a clone of chainrule"
        else:
            assert self._noise is not None
            known = sorted(set(labels) or batch.labels()) if self.loss not in LOSSES.values() else ()
            self._fast = CompiledStep(self.model, self.loss, known, batch.weights is not None, self._noise.kinds, self.over)
            place = {id(p): k for k, p in enumerate(self._fast.parameters)}
            places = [place[id(p)] for p in optimised]
            self._places = None if places == list(range(len(parameters))) else places
            self._updates = Updates(self.optimiser) if is_compilable(self.optimiser) else None
            self._stretches = Stretches(self._fast, self._updates, self._places) if self._updates else None

    def _read(self) -> State:
        """The parameters as an array, and the rest of the state."""
        if self._state is None:
            import numpy as np

            assert self._fast is not None
            numbers = np.array([parameter._number for parameter in self._fast.parameters])
            self._state = State(numbers, None, self.optimiser.remembered.arrays, self.optimiser.steps)
        return self._state

    def _update(self, state: State, found: Step) -> None:
        """The optimiser's step. The new state is there at once, so that an interrupt leaves one or the other."""
        if self._updates is not None:
            try:
                self._state = self._updated(self._updates, state, found)
                return
            except FloatingPointError:
                raise
            except Exception:  # whatever a rule may raise that meets Values where it expects numbers
                self._updates = self._stretches = None
        self._update_number_by_number(found)

    def _updated(self, updates: Updates, state: State, found: Step) -> State:
        """The state after a step by the compiled rule."""
        if self._places is None:
            moved, memories = updates.step(state.numbers, found.gradient, state.memories, self._moving)
        else:
            moved, some = state.numbers.copy(), self._places
            moved[some], memories = updates.step(moved[some], found.gradient[some], state.memories, self._moving)
        return State(moved, found.gradient, memories, state.steps + 1)

    def _unfrozen(self) -> NDArray[np.bool_] | None:
        """Which of the optimiser's parameters move; None: all of them."""
        frozen = set(map(id, frozen_among(self.optimiser.parameters)))
        if len(frozen) == len(self.optimiser.parameters):
            raise ValueError("all parameters of the optimiser are frozen, so nothing would be trained: model.unfreeze()")
        if not frozen or not installed():
            return None
        import numpy as np

        return np.array([id(parameter) not in frozen for parameter in self.optimiser.parameters])

    def _update_number_by_number(self, found: Step) -> None:
        """A step of an optimiser whose rule is no formula in autograd's functions."""
        assert self._fast is not None
        self.write()  # from then on the model is as it is after every step
        self._state = None
        self.optimiser.zero_grad()
        for parameter, partial in zip(self._fast.parameters, found.gradient.tolist(), strict=True):
            parameter._grad = partial
        self.optimiser.step()

    def _fall_back(self) -> None:
        """From here on the graph: the model gets its parameters, and it is said once why."""
        self.write()
        if self._fast is not None and not self._fast.works:
            self.why = self._fast.reason
        if not self.why or self._told or self.wanted is False:
            return
        self._told = True
        if self.wanted:
            raise UncompilableError(f"with compiled=True, training must be compiled, and can't be: {self.why}")
        warnings.warn(UncompiledWarning(f"training goes number by number: {self.why}"), stacklevel=_outside())


def _outside() -> int:
    """How many calls up the user's line is."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("nn."):
        level, frame = level + 1, frame.f_back
    return level
