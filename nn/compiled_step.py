"""``CompiledStep``: a batch's loss, gradient and predictions by machine code, a lane for every row.

>>> import numpy as np
>>> import nn
>>> model = nn.MLP(1, [1], initialiser=lambda rng, fan_in, fan_out: 2.0)
>>> step = CompiledStep(model, nn.mse)
>>> examples = check_examples([[1.0], [3.0]], [0.0, 6.0])
>>> found = step.gradient(np.array([2.0, 0.0]), examples)  # at these w and b; None where it can't be compiled
>>> found.loss, found.gradient.tolist()
(2.0, [2.0, 2.0])

What isn't a Value is traced once and frozen then: a random number, say, or a weight of the loss that changes between
epochs. So some rows are also computed node by node: at the beginning, whenever something was traced, and after everything
that could have changed something. Where tracing fails, or what differs is known to be frozen, there is no compiled step
from then on; where nobody can tell which of the two is right, that is an error.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import autograd
from autograd import Value
from autograd.modes.anomaly import watching
from autograd.modes.context import recording
from autograd.transforms.trees import leaves_of
from autograd.transforms.types import Scalar
from nn.agreement import NUDGE, DisagreementError, Numbers, agree, disagreement, graph_numbers
from nn.arguments import function_name
from nn.data import Row
from nn.examples import Examples, check_examples
from nn.graphs import by_row
from nn.hits import right
from nn.losses import Loss, LossFunction, Prediction, as_loss
from nn.module import Module
from nn.noise import Kind, drawing, source_of
from nn.rebinding import with_parameters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from autograd.compiler.executors import Executor

__all__ = ["CompiledStep", "NotTraceableError", "Step", "check_examples", "installed", "pays"]

TRIED = 8  # rows that are computed both ways
FEWEST_BRANCHES, MOST_BRANCHES = 4, 16  # of Python's ``if``s, in model and loss; each is a program of its own …
BRANCHING = 1_000  # … so that there may be so many parameters in all of them: compiling in vain takes no more than 5 s
MOST_LABELS = 16  # for which a loss that takes them as an index is compiled

# Compiling costs 0.2 s for llvmlite's import and about what some hundred rows cost; a row costs 1 µs a parameter, or node.
ROWS_TO_COMPILE = 300
LEAST_WORK = 200_000

Computed = TypeVar("Computed")


def pays(rows: int, parameters: int, nodes: Callable[[], int] = lambda: 0) -> bool:
    """Whether compiling takes less time than it saves, for that many rows in all epochs together.

    ``nodes`` counts those of a row's graph, and is asked only where parameters alone don't decide.

    >>> pays(100 * 100, 337), pays(4 * 100, 33)
    (True, False)
    """
    left = rows - ROWS_TO_COMPILE
    return left > 0 and (left * parameters >= LEAST_WORK or left * (parameters + nodes()) >= LEAST_WORK)


def most_branches(parameters: int) -> int:
    """How many branches are compiled of a model with so many parameters.

    >>> most_branches(40), most_branches(100), most_branches(10_000)
    (16, 10, 4)
    """
    return max(FEWEST_BRANCHES, min(MOST_BRANCHES, BRANCHING // max(1, parameters)))


def installed() -> bool:
    """Whether the packages are there that compiling needs."""
    try:
        import llvmlite  # noqa: F401
        import numpy  # noqa: F401
    except ImportError:
        return False
    return True


class NotTraceableError(RuntimeError):
    """Why a step can't be compiled, though nothing is wrong with it."""


class Step(NamedTuple):
    """A batch's mean loss, its gradient by the parameters, the share of right rows, 0 without labels, and its weight."""

    loss: float
    gradient: NDArray[np.float64]
    right: float
    weight: float


class CompiledStep:
    """Model and loss as programs of the parameters, a row and its target. All methods give None where that fails.

    ``labels`` are the targets where those are a few whole numbers: a loss that takes them as an index is traced for each.
    ``kinds`` are the random numbers that a row of the model needs, None: it is used without noise. Gradients are computed
    ``over`` an executor, if there is one. ``reason`` says why there is no compiled step. Raises DisagreementError where one
    can't be trusted, nor the graph.
    """

    def __init__(
        self,
        model: Module,
        loss: Loss | LossFunction,
        labels: Sequence[int] = (),
        weighted: bool = False,
        kinds: Sequence[Kind] | None = (),
        over: Executor | None = None,
    ):
        self.over = over
        self.model, self.loss, self.parameters = model, loss if isinstance(loss, Loss) else as_loss(loss), model.parameters()
        self.labels = labels if len(labels) <= MOST_LABELS else ()
        self.weighted, self.kinds = weighted, kinds
        self.works, self.checked, self.reason = True, False, ""
        self._gives_rows = False  # once they were asked for: their program is compiled only then
        self._compile(())

    def __getstate__(self) -> dict[str, Any]:
        """What a worker needs to trace the same functions."""
        return {name: getattr(self, name) for name in ("model", "loss", "labels", "weighted", "kinds", "_labels")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        labels = state.pop("_labels")
        self.__init__(**state)  # type: ignore[misc]
        self._compile(labels)

    def _compile(self, labels: Sequence[int]) -> None:
        """Begin anew, with targets that are compared with each of ``labels``, or that are Values."""
        self._labels = labels
        self._traced: list[tuple[Row, float | Row]] = []  # the rows that tracing took its numbers from
        branches = most_branches(len(self.parameters)) + len(labels)
        # autograd.compile and not a name imported above: the compiler loads only now
        axes = (None, 0, 0) + (0,) * (self.weighted + bool(self.kinds))
        reduce: Literal["sum", "mean"] = "sum" if self.weighted else "mean"
        self.objective = autograd.compile(self._loss_of_a_row, axes, reduce, max_branches=branches)
        self._shared = self.objective if self.over is None else self.objective.over(self.over)
        self._value = autograd.compile(self._weighted_loss, axes[: 3 + self.weighted], reduce, max_branches=branches)
        self._rows = autograd.compile(self._loss_and_prediction, (None, 0, 0), max_branches=branches)

    def gradient(self, numbers: NDArray[np.float64], examples: Examples, noise: Any = None) -> Step | None:
        """The batch's mean loss at these parameters, and its gradient by them."""
        return self._attempt(lambda: self._shared_gradient(numbers, examples, noise), numbers, examples, noise)

    def along(
        self, numbers: NDArray[np.float64], direction: NDArray[np.float64], examples: Examples
    ) -> NDArray[np.float64] | None:
        """The Hessian of the batch's mean loss at these parameters, times a direction, without noise."""
        return self._attempt(lambda: self._along(numbers, direction, examples), numbers, examples, None)

    def rows(self, numbers: NDArray[np.float64], examples: Examples) -> tuple[list[float], list[float | Any]] | None:
        """The loss and the prediction of every row, without noise."""
        self.checked = self.checked and self._gives_rows
        self._gives_rows = True
        noise = self._any_noise(len(examples))
        return self._attempt(lambda: self._losses_and_predictions(numbers, examples), numbers, examples, noise)

    def is_ready(self, examples: Examples) -> bool:
        """Whether ``objective`` can be called as it is, with what ``arguments`` gives."""
        fits = self.weighted == (examples.weights is not None)
        return fits and self.works and self.checked and not watching() and recording()

    def arguments(self, examples: Examples, noise: NDArray[np.float64] | None) -> list[NDArray[np.float64]]:
        """What ``objective`` is called with, beside the numbers."""
        rows, targets, weights = examples.arrays
        return [rows, targets, *[each for each in (weights, noise) if each is not None]]

    def recheck(self) -> None:
        """Compare with the graph again before the next use: something may have changed."""
        self.checked = False

    def _attempt(
        self, compute: Callable[[], Computed], numbers: NDArray[np.float64], examples: Examples, noise: Any
    ) -> Computed | None:
        if not self.works or watching() or not recording():
            return None
        try:
            return self._checked(compute, numbers, examples, noise)
        except Exception as error:  # whatever a function may raise that meets Values where it expects numbers
            if self.labels and not self._labels:
                self._compile(self.labels)
                self.checked = False
                return self._attempt(compute, numbers, examples, noise)
            if isinstance(error, DisagreementError) or _of_executor(error):
                raise
            self.works = False
            self.reason = _reason(error)
            return None

    def _checked(
        self, compute: Callable[[], Computed], numbers: NDArray[np.float64], examples: Examples, noise: Any
    ) -> Computed:
        """What ``compute`` gives, once all that was traced for it agrees with the graph."""
        few = range(min(TRIED, len(examples)))
        result = compute()  # first, as all rows together say soonest that there are too many branches
        while self._traced or not self.checked:
            known = list(zip(*examples.part(few).lists, strict=True))
            new = [example for example in self._traced if example not in known]
            # Rows that took a branch for the first time: check it on them.
            rows = [i for i, example in enumerate(zip(*examples.lists, strict=True)) if example in new] if new else []
            self._check(numbers, examples, [*rows[:TRIED], *few], noise)
            self.checked = True
            result = compute()
        return result

    # -- the functions that are traced -------------------------------------------------------------

    def _traced_loss(
        self, numbers: Sequence[Value], row: Sequence[Value], target: Value | Sequence[Value]
    ) -> tuple[Scalar, Prediction, Any]:
        """Loss, prediction and target of one row, by a twin of the model that has ``numbers`` as its parameters."""
        self._traced.append(
            ([x._number for x in row], target._number if isinstance(target, Value) else [t._number for t in target])
        )
        model, loss = with_parameters((self.model, self.loss), self.parameters, numbers)
        known = self._as_label(target)
        value, prediction = loss.of(model, list(row), known)
        return value, prediction, known

    def _as_label(self, target: Value | Sequence[Value]) -> Value | int | list[Value]:
        """The target; as an int where it is to be one of the labels: each comparison makes a branch of its own."""
        if isinstance(target, Value):
            return next((label for label in self._labels if target == label), target)
        return list(target)

    def _loss_and_prediction(
        self, numbers: Sequence[Value], row: Sequence[Value], target: Value | Sequence[Value]
    ) -> tuple[Scalar, Prediction]:
        value, prediction, _ = self._traced_loss(numbers, row, target)
        return value, () if prediction is None else prediction

    def _weighted_loss(
        self, numbers: Sequence[Value], row: Sequence[Value], target: Value | Sequence[Value], weight: Scalar = 1.0
    ) -> Scalar:
        """The loss alone, times the row's weight."""
        with drawing(source_of(self.kinds, ())):
            return weight * self._traced_loss(numbers, row, target)[0]

    def _loss_of_a_row(
        self, numbers: Sequence[Value], row: Sequence[Value], target: Value | Sequence[Value], *others: Any
    ) -> tuple[Scalar, Scalar]:
        """The loss, and 1 where the prediction is right, both times the row's weight where rows have one."""
        weight, noise = others[0] if self.weighted else 1.0, others[-1] if self.kinds else ()
        with drawing(source_of(self.kinds, list(noise))):
            value, prediction, known = self._traced_loss(numbers, row, target)
        hit = right(self.loss, prediction, known) if self.loss.has_accuracy else 0.0
        return (weight * value, hit) if self.weighted else (value, hit)

    # -- batches -----------------------------------------------------------------------------------

    def _shared_gradient(self, numbers: NDArray[np.float64], examples: Examples, noise: Any) -> Step:
        """The same by the executor, if there is one: what workers have traced was traced for the first time as well."""
        step, (rows, targets, _) = self._gradient(numbers, examples, noise, self._shared), examples.arrays
        self._traced += [(rows[k].tolist(), targets[k].tolist()) for k in getattr(self._shared, "traced", ())]
        return step

    def _gradient(self, numbers: NDArray[np.float64], examples: Examples, noise: Any, objective: Any = None) -> Step:
        weights = examples.arrays.weights
        compute = (objective or self.objective).value_and_grad
        (value, hits), gradient = compute(numbers, *self.arguments(examples, noise), has_aux=True)
        if weights is None:
            return Step(value, gradient, hits, len(examples))
        total = float(weights.sum())
        return Step(value / total, gradient / total, hits / len(weights), total)

    def _along(
        self, numbers: NDArray[np.float64], direction: NDArray[np.float64], examples: Examples
    ) -> NDArray[np.float64]:
        rows, targets, weights = examples.arrays
        others = {"row": rows, "target": targets} | ({} if weights is None else {"weight": weights})
        product: NDArray[np.float64] = self._value.hvp(numbers, direction, **others)
        return product if weights is None else product / weights.sum()

    def _losses_and_predictions(
        self, numbers: NDArray[np.float64], examples: Examples
    ) -> tuple[list[float], list[float | Any]]:
        losses, predictions = self._rows(numbers, examples.arrays.X, examples.arrays.y)
        return losses.tolist(), by_row(predictions, len(losses))

    def _any_noise(self, rows: int) -> NDArray[np.float64] | None:
        """Noise for the gradients that are checked beside results without noise; a view of one number."""
        import numpy as np

        return np.broadcast_to(0.5, (rows, len(self.kinds))) if self.kinds else None

    # -- agreement with the graph ------------------------------------------------------------------

    def _check(self, numbers: NDArray[np.float64], examples: Examples, some: Sequence[int], noise: Any) -> None:
        """Raise unless loss, gradient and predictions are those of the graph, and the parameters still the model's."""
        if [id(p) for p in self.parameters] != [id(p) for p in self.model.parameters()]:
            raise NotTraceableError("the model has other parameters than at the beginning")
        before = [parameter.data for parameter in self.parameters]
        try:
            self._write(numbers.tolist())
            self._compare(numbers, examples.part(some), None if noise is None else noise[list(some)])
        finally:
            self._write(before)

    def _write(self, numbers: Sequence[float]) -> None:
        for parameter, number in zip(self.parameters, numbers, strict=True):
            parameter.data = number

    def _compare(self, numbers: NDArray[np.float64], few: Examples, noise: Any) -> None:
        compiled, graph = self._numbers(numbers, few, noise), self._graph(self.model, self.loss, self.parameters, few, noise)
        self._traced = []
        if not agree(compiled, graph):
            self._explain(numbers, few, noise, compiled, graph)

    def _numbers(self, numbers: NDArray[np.float64], examples: Examples, noise: Any) -> Numbers:
        step = self._gradient(numbers, examples, noise)
        outputs = self._losses_and_predictions(numbers, examples)[1] if self._gives_rows else []
        return Numbers(step.loss, step.gradient.tolist(), leaves_of(outputs))

    def _graph(self, model: Module, loss: Loss, parameters: Sequence[Value], examples: Examples, noise: Any) -> Numbers:
        rows = [None] * len(examples) if noise is None else noise.tolist()
        sources = [source_of(self.kinds, row or ()) for row in rows]
        found = graph_numbers(model, loss, parameters, examples.lists, examples.weights_listed, sources)
        return found if self._gives_rows else found._replace(outputs=[])

    def _nudged(self, numbers: NDArray[np.float64], examples: Examples, noise: Any) -> list[Numbers]:
        """The graph's numbers where every parameter is a little larger or smaller, six times."""
        rng, data = random.Random(0), numbers.tolist()
        typical = math.hypot(*data) / math.sqrt(len(data))
        ways = [[rng.choice((-NUDGE, NUDGE)) * max(abs(x), typical) for x in data] for _ in range(3)]
        ways += [[-step for step in way] for way in ways]  # a kink lies between the one and the other
        return [self._twin(list(map(operator.add, data, way)), examples, noise) for way in ways]

    def _twin(self, numbers: Sequence[float], examples: Examples, noise: Any) -> Numbers:
        """What the graph of a twin of the model gives, with other numbers as its parameters."""
        parameters = list(map(Value, numbers))
        model, loss = with_parameters((self.model, self.loss), self.parameters, parameters)
        return self._graph(model, loss, parameters, examples, noise)

    def _explain(
        self, numbers: NDArray[np.float64], examples: Examples, noise: Any, compiled: Numbers, graph: Numbers
    ) -> None:
        """Raise unless it is rounding: NotTraceableError where the graph is right, DisagreementError where nobody knows."""
        twins = [self._twin(numbers.tolist(), examples, noise) for _ in range(3)]  # chance may hide in one
        if not all(agree(twin, graph) for twin in twins):
            raise NotTraceableError(
                "model and loss draw random numbers, change something at each call or capture a parameter"
            )
        if agree(compiled, graph, self._nudged(numbers, examples, noise)):
            return
        for k in range(len(examples)):
            row, drawn = examples.part([k]), None if noise is None else noise[[k]]
            expected = self._graph(self.model, self.loss, self.parameters, row, drawn)
            if not agree(self._numbers(numbers, row, drawn), expected):
                anew = CompiledStep(self.model, self.loss, (), self.weighted, self.kinds)
                anew._compile(self._labels)
                anew._gives_rows = self._gives_rows
                if agree(anew._numbers(numbers, row, drawn), expected):
                    raise NotTraceableError("a number that isn't a Value is another one at each row or between epochs")
                break
        else:
            if math.isinf(compiled.loss):  # each row agrees, and their sum overflows, as their mean need not
                return
        name = function_name(self.loss.function)
        raise disagreement(self.model, name, self.parameters, compiled, graph, len(examples))


def _of_executor(error: Exception) -> bool:
    """Whether it says that something can't be sent, or that nobody is there to compute it: the graph is no way out then."""
    return isinstance(error, BrokenExecutor) or str(error).startswith("over: ")


def _reason(error: Exception) -> str:
    """Why there is no compiled step."""
    if isinstance(error, autograd.compiler.BranchError) and error.line:
        return (
            f"rows go too many different ways through Python's max, min or if, first at {error.line}; write "
            "autograd.maximum(a, b), autograd.minimum(a, b) or autograd.where(condition, a, b), which need no branches"
        )
    return str(error) if isinstance(error, NotTraceableError) else f"{type(error).__name__}: {error}"
