"""What ``nn.Classifier`` and ``nn.Regressor`` share: their parameters, how they are trained and how that goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy, deepcopy
from dataclasses import KW_ONLY, dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeAlias, TypeVar

from autograd import Value
from autograd.interop.coerce import describe
from autograd.interop.packages import needed
from nn.activations import Activation
from nn.arguments import choose_function, integer, real
from nn.callbacks import EarlyStopping
from nn.data import Labels, Rows
from nn.estimator_data import Sample, batch_rows, checked_weights, held_out, scaled, scaler_of, written_out
from nn.history import History
from nn.inference import predict
from nn.layers import MLP
from nn.lbfgs import minimised
from nn.losses import LossFunction
from nn.memories import Memories
from nn.module import Module
from nn.objective import Objective, objective
from nn.optimiser import Optimiser
from nn.optimisers import OPTIMISERS
from nn.trainer import Schedule, Trainer
from nn.trainer_pool import borrowed
from nn.training import fit

with needed("nn.Classifier and nn.Regressor", "sklearn", "sklearn"):
    import numpy as np
    from sklearn.base import BaseEstimator
    from sklearn.utils import check_random_state
    from sklearn.utils.metaestimators import available_if
    from sklearn.utils.validation import check_is_fitted, validate_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

Method = TypeVar("Method", bound=Callable[..., Any])
Solver: TypeAlias = Callable[..., Optimiser]  # of parameters and a learning rate
SKLEARN_ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid"}  # its names for two of ours
LBFGS = "lbfgs"  # the solver that makes no steps, but all of the training at once
SOLVERS: dict[str, Any] = {**OPTIMISERS, LBFGS: None}
CHECKS = {"dtype": np.float64, "accept_sparse": "csr", "accept_large_sparse": False}

# Rows times parameters from which training is compiled. Less than nn.fit asks for: the code is kept for later nets of the
# same shape, and 50 000 take as long number by number as compiling, 0.2 s.
LEAST_WORK = 50_000


def by_steps(method: Method) -> Method:
    """The method of an estimator whose solver makes steps; another estimator has none, as in scikit-learn."""
    available: Method = available_if(_makes_steps)(method)
    return available


def _makes_steps(estimator: Estimator) -> bool:
    if estimator.solver == LBFGS:
        raise AttributeError("partial_fit needs a solver that makes steps, and 'lbfgs' looks at all rows at once")
    return True


@dataclass(eq=False, repr=False)
class Estimator(BaseEstimator):
    """A net as an estimator of scikit-learn; a subclass says what its targets and its outputs are.

    The parameters are explained in ``nn.Regressor``.
    """

    hidden_layer_sizes: int | tuple[int, ...] = (32,)
    activation: str | Activation = "relu"
    _: KW_ONLY
    solver: str | Solver = "adam"
    alpha: float = 0.02
    batch_size: int | str | None = "auto"
    learning_rate_init: float | None = 0.01
    schedule: Schedule | None = None
    max_iter: int = 200
    max_fun: int = 15_000
    random_state: Any = None
    tol: float = 1e-4
    n_iter_no_change: int | None = 20
    early_stopping: bool = False
    validation_fraction: float = 0.1
    warm_start: bool = False
    scale: bool = True
    verbose: bool = False

    # -- what a subclass says ------------------------------------------------------------------------

    def _loss(self) -> str | LossFunction:
        """What is minimised."""
        raise NotImplementedError

    def _read(self, X: Rows, y: Labels, begun: bool) -> tuple[Any, NDArray[Any]]:  # noqa: N803
        """Rows and targets as arrays; y has labels, if it has, as they came."""
        raise NotImplementedError

    def _begin_targets(self, examples: Sample, known: Any) -> None:
        """Take from the targets, and from what is known of them, what there is to know, when a training begins."""
        raise NotImplementedError

    def _learnable(self, y: NDArray[Any]) -> NDArray[Any]:
        """Targets as the net's loss takes them."""
        raise NotImplementedError

    def _factors(self, y: NDArray[Any]) -> Floats | None:  # noqa: ARG002
        """How much more rows count for their targets' sake."""
        return None

    def _labels(self, y: NDArray[Any]) -> NDArray[Any] | None:  # noqa: ARG002
        """By what the part that is held out has to be like the rest."""
        return None

    def _width(self) -> int:
        """How many outputs the net has."""
        raise NotImplementedError

    # -- training ------------------------------------------------------------------------------------

    def fit(self, X: Rows, y: Labels, sample_weight: Any = None) -> Self:  # noqa: N803
        """Train the net to map rows X to targets y; gives the estimator itself.

        ``sample_weight`` has a number for each row: how much it counts. A row of weight 0 is as if it weren't there.
        With ``warm_start`` a training goes on where the last one ended, its optimiser too: 50 epochs twice are 100.
        Raises ValueError for rows and targets that no training can be made of, ValueError or TypeError for a parameter.
        """
        begun, epochs = self.warm_start and hasattr(self, "model_"), integer("max_iter", self.max_iter, 1)
        examples = self._examples(X, y, sample_weight, begun)
        if not begun:
            self._begin(examples)
        if self.solver == LBFGS:
            self.history_ = self._minimised(self._prepared(examples), epochs)
            return self
        examples, kept_back = self._parts(examples)
        examples = self._prepared(examples)
        with self._training(epochs * len(examples.y), examples.weights is not None) as trainer:
            self.history_ = fit(
                trainer.model,
                examples.X,
                examples.y,
                epochs=epochs,
                batch_size=batch_rows(self.batch_size, len(examples.y)),
                weights=None if examples.weights is None else examples.weights.tolist(),
                validation=self._prepared(kept_back)[:2] if kept_back else None,
                callbacks=self._callbacks(),
                seed=self._seed,
                progress=bool(self.verbose),
                trainer=trainer,
            )
        self._add(self.history_.loss)
        return self

    def _minimised(self, examples: Sample, iterations: int) -> History:
        """Train on all rows at once, by L-BFGS."""
        weights, start = None if examples.weights is None else examples.weights.tolist(), perf_counter()
        alpha, calls, tol = real("alpha", self.alpha), integer("max_fun", self.max_fun, 1), real("tol", self.tol)
        loss, compiled = self._loss(), self._compiled(iterations * len(examples.y))

        def make() -> Objective:
            return objective(deepcopy(self.model_), examples.X, examples.y, loss, weights=weights, compiled=compiled)

        with borrowed((LBFGS, self._shape, loss, compiled), make) as f:
            _copy_numbers(self.model_, f.model)
            f.use(examples.X, examples.y, weights)
            decays = [0.0 if name.endswith(".b") else alpha for name, _ in f.model.named_parameters()]
            losses = minimised(f, decays, iterations=iterations, calls=calls, tol=tol)
            _copy_numbers(f.model, self.model_)
        self._progress = Progress()
        self._add(losses)
        return History(losses, seconds=perf_counter() - start, compiled=f.compiled, why=f.why)

    def _partial_fit(self, X: Rows, y: Labels, sample_weight: Any, known: Any = None) -> Self:  # noqa: N803
        """Go through these rows once, in their order."""
        begun = hasattr(self, "model_")
        examples = self._examples(X, y, sample_weight, begun)
        if not begun:
            self._begin(examples, known)
        examples = self._prepared(examples)
        self._seen += len(examples.y)
        with self._training(self._seen, examples.weights is not None) as trainer:
            result = trainer.epoch(examples.batches(batch_rows(self.batch_size, len(examples.y))))
            trainer.optimiser.epochs += 1
        self._add([result.loss])
        return self

    def _examples(self, X: Rows, y: Labels, sample_weight: Any, begun: bool) -> Sample:  # noqa: N803
        """What came, checked; of the rows those that count."""
        self._check(begun)
        rows, targets = self._read(X, y, begun)
        examples, factors = Sample(rows, targets, checked_weights(sample_weight, rows.shape[0])), self._factors(targets)
        return (examples if factors is None else examples.times(factors)).counted()

    def _begin(self, examples: Sample, known: Any = None) -> None:
        """A new net, and scales for what goes in."""
        source = check_random_state(self.random_state)
        self._seed = int(self.random_state if isinstance(self.random_state, int | np.integer) else source.randint(2**31 - 1))
        self._begin_targets(examples, known)
        self.scaler_ = scaler_of(examples.X, examples.weights) if self.scale else None
        self.model_ = self._net()
        self._progress = Progress()
        self.loss_curve_: list[float] = []
        self.n_iter_ = self._seen = 0

    def _check(self, begun: bool) -> None:
        """Raise where parameters can't be, or don't fit the net that goes on."""
        if self.schedule is not None and not callable(self.schedule):
            raise TypeError(f"schedule must be a function of the number of the step, got {describe(self.schedule)}")
        if begun and self._hidden() != self._shape[1][:-1]:
            raise ValueError(
                f"hidden_layer_sizes is {self.hidden_layer_sizes} now, and the net that goes on has {self._shape[1][:-1]}: "
                "make a new estimator, with sklearn.base.clone say"
            )

    def _hidden(self) -> tuple[int, ...]:
        """How many neurons each hidden layer has."""
        sizes = self.hidden_layer_sizes
        each = sizes if isinstance(sizes, list | tuple | np.ndarray) else [sizes]
        return tuple(integer(f"hidden_layer_sizes[{i}]", size, 1) for i, size in enumerate(each))

    def _parts(self, examples: Sample) -> tuple[Sample, Sample | None]:
        """What is trained on and what is held out, the same in every training that goes on."""
        if not self.early_stopping:
            return examples, None
        fraction = real("validation_fraction", self.validation_fraction, below=1.0)
        return held_out(examples, fraction, self._seed, self._labels(examples.y))

    def _prepared(self, examples: Sample) -> Sample:
        return examples._replace(X=scaled(self.scaler_, examples.X), y=self._learnable(examples.y))

    def _net(self) -> MLP:
        """The net before its training."""
        activation = self.activation
        if isinstance(activation, str):
            activation = SKLEARN_ACTIVATIONS.get(activation, activation)
        return MLP(self.n_features_in_, [*self._hidden(), self._width()], activation, self._seed)

    def _callbacks(self) -> list[EarlyStopping]:
        """What ends the training where it no longer gets better."""
        if self.n_iter_no_change is None:
            return []
        patience, least = integer("n_iter_no_change", self.n_iter_no_change, 1), real("tol", self.tol)
        return [EarlyStopping(patience, restore_best=bool(self.early_stopping), min_delta=least)]

    def _add(self, losses: list[float]) -> None:
        self.loss_curve_ = [*self.loss_curve_, *losses]
        self.n_iter_ = len(self.loss_curve_)

    # -- code that is kept from fit to fit -----------------------------------------------------------

    @contextmanager
    def _training(self, rows: int, weighted: bool) -> Iterator[Trainer]:
        """A trainer that has the net's numbers and the optimiser's state; what they are at the end is the net's."""
        compiled, loss = self._compiled(rows), self._loss()

        def make() -> Trainer:
            model = deepcopy(self.model_)
            named = model.named_parameters()
            weights, biases = ([p for name, p in named if name.endswith(".b") == are_biases] for are_biases in (False, True))
            return Trainer(model, loss, self._optimiser(weights, biases), compiled=compiled)

        today = self._optimiser([Value(0.0)], [Value(0.0)])  # for its settings alone
        kind = type(today) if type(today) in OPTIMISERS.values() else self.solver  # ours differ by settings alone
        with borrowed((self._shape, loss, kind, today.remembered.names, weighted, compiled), make) as trainer:
            _copy_numbers(self.model_, trainer.model)
            self._progress.lend(trainer.optimiser, today)
            trainer.schedule = self.schedule
            try:
                yield trainer
            finally:
                _copy_numbers(trainer.model, self.model_)
                self._progress = Progress.of(trainer.optimiser)

    def _compiled(self, rows: int) -> bool | None:
        """Whether so many rows are too few to be worth compiling for."""
        return None if rows * len(self.model_.parameters()) >= LEAST_WORK else False

    def _optimiser(self, weights: list[Value], biases: list[Value]) -> Optimiser:
        """An optimiser in which weights decay and biases don't."""
        groups = [{"params": weights, "weight_decay": real("alpha", self.alpha)}, {"params": biases, "weight_decay": 0.0}]
        make: Solver = choose_function("solver", self.solver, SOLVERS)
        rate = self.learning_rate_init
        made = make(groups) if rate is None else make(groups, lr=real("learning_rate_init", rate))
        if not isinstance(made, Optimiser):
            raise TypeError(f"solver must make an nn.Optimiser of parameters and lr=, got {describe(made)} from it")
        return made

    @property
    def _shape(self) -> tuple[int, tuple[int, ...], Activation]:
        """All of the net but its numbers."""
        first = self.model_.layers[0].neurons[0]
        return self.model_.nin, tuple(len(layer.neurons) for layer in self.model_.layers), first.activate

    def _outputs(self, X: Rows) -> Floats:  # noqa: N803
        """The net's output for every row: an array of one axis where it has one output, else of two."""
        check_is_fitted(self)
        rows = scaled(self.scaler_, validate_data(self, X, reset=False, **CHECKS))
        with borrowed(self._shape, lambda: deepcopy(self.model_)) as model:
            _copy_numbers(self.model_, model)
            parts = [np.array(predict(model, part)) for part in written_out(rows)]
        outputs: Floats = np.concatenate(parts)
        return outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class Progress(NamedTuple):
    """How far an optimiser has come. Lent as it is: as dicts it takes two thirds of a ``partial_fit``."""

    kind: type[Optimiser] | None = None
    steps: int = 0
    epochs: int = 0
    remembered: Memories | None = None

    @classmethod
    def of(cls, optimiser: Optimiser) -> Progress:
        """What this optimiser has done."""
        return cls(type(optimiser), optimiser.steps, optimiser.epochs, optimiser.remembered)

    def lend(self, optimiser: Optimiser, today: Optimiser) -> None:
        """Make an optimiser go on from here, with the settings of ``today``; anew where it is of another kind."""
        for group, settings in zip(optimiser.groups, today.groups, strict=True):
            group.settings.update(settings.settings)
        optimiser.clip_value, optimiser.clip_norm = today.clip_value, today.clip_norm
        names, begun = today.remembered.names, Progress()
        if self.remembered is not None and self.kind is type(today) and self.remembered.names == names:
            begun = self
        optimiser.steps, optimiser.epochs = begun.steps, begun.epochs
        optimiser.remembered = copy(begun.remembered) if begun.remembered else Memories(len(optimiser.parameters), names)


def _copy_numbers(source: Module, target: Module) -> None:
    for mine, parameter in zip(target.parameters(), source.parameters(), strict=True):
        mine.data = parameter.data
