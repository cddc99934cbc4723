"""``Classifier`` and ``Regressor``: nets as estimators of scikit-learn.

>>> from sklearn.datasets import load_iris
>>> from sklearn.model_selection import cross_val_score
>>> X, y = load_iris(return_X_y=True)
>>> scores = cross_val_score(Classifier(random_state=0), X, y)
>>> bool(scores.mean() > 0.9)
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from autograd import Value
from autograd.interop.packages import needed
from nn.data import Labels, Rows
from nn.estimator_base import CHECKS, Estimator, by_steps
from nn.estimator_data import Sample, scaled, scaler_of
from nn.losses import LossFunction, binary_cross_entropy_with_logits

with needed("nn.Classifier and nn.Regressor", "sklearn", "sklearn"):
    import numpy as np
    from scipy.sparse import issparse
    from scipy.special import expit, softmax
    from sklearn.base import ClassifierMixin, RegressorMixin
    from sklearn.utils import column_or_1d, compute_sample_weight
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import validate_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]


def of_labels(logits: Sequence[Value], targets: Sequence[float]) -> Value:
    """The binary cross-entropies of several labels, added."""
    return sum([binary_cross_entropy_with_logits(z, t) for z, t in zip(logits, targets, strict=True)], Value(0.0))


@dataclass(eq=False, repr=False)
class Classifier(ClassifierMixin, Estimator):
    """A net that tells classes apart, as an estimator of scikit-learn.

    >>> import nn
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import train_test_split
    >>> X, X_test, y, y_test = train_test_split(*load_breast_cancer(return_X_y=True), random_state=0)
    >>> classifier = nn.Classifier(hidden_layer_sizes=(16,), random_state=0).fit(X, y)
    >>> bool(classifier.score(X_test, y_test) > 0.95)
    True
    >>> classifier.predict_proba(X_test[:3]).shape, classifier.model_
    ((3, 2), MLP(30 → 16 relu → 1 linear; 513 parameters))

    Labels may be anything that NumPy sorts: numbers, strings, bools. The loss is cross-entropy, on one logit where there are
    two classes. Where y has several columns of 0 and 1, each is a label of its own with a logit of its own: ``predict``
    gives such columns, ``predict_proba`` the probability of a 1 in each, and their losses are added. ``class_weight`` is a
    dict of a factor for each label, or "balanced"; the other parameters are those of ``nn.Regressor``.

    After ``fit`` there are ``classes_``, ``model_`` (an ``nn.MLP`` of scaled rows), ``scaler_`` (an ``nn.Scaler`` or None),
    ``loss_curve_``, ``n_iter_``, ``history_`` (of the last ``fit``), ``n_features_in_`` and ``feature_names_in_``.
    ``nn.save(path, c.model_, scaler=c.scaler_)`` keeps the net, ``nn.to_c(c.model_, scaler=c.scaler_)`` writes it in C.

    Nets of one shape share their machine code from fit to fit: only the first of a grid search compiles.
    """

    _: KW_ONLY
    class_weight: Mapping[Any, float] | str | None = None

    @by_steps
    def partial_fit(self, X: Rows, y: Labels, classes: Any = None, sample_weight: Any = None) -> Self:  # noqa: N803
        """Go through these rows once, in their order: a training that goes on as rows come in.

        >>> import numpy as np
        >>> classifier = Classifier(random_state=0)
        >>> for start in range(0, 90, 30):
        ...     X = np.arange(start, start + 30.0)[::-1, None] % 7
        ...     classifier = classifier.partial_fit(X, np.where(X[:, 0] > 3, "many", "few"), classes=["few", "many"])
        >>> classifier.n_iter_
        3

        The first call needs ``classes``, all labels that may come; its rows also decide the scale of the columns. Raises
        ValueError for a label that is none of them.
        """
        if classes is None and not hasattr(self, "model_"):
            raise ValueError("partial_fit: the first call needs classes=, all the labels that may come")
        if classes is not None and hasattr(self, "model_") and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(f"partial_fit: classes are {self.classes_} since the first call, got {classes}")
        return self._partial_fit(X, y, sample_weight, classes)

    def decision_function(self, X: Rows) -> Floats:  # noqa: N803
        """The net's outputs: for two classes one number a row, above 0 for the second of ``classes_``; else one a class."""
        return self._outputs(X)

    def predict_proba(self, X: Rows) -> Floats:  # noqa: N803
        """The probability of every class, a column each, in the order of ``classes_``."""
        outputs = self._outputs(X)
        if outputs.ndim == 1:
            return np.column_stack([expit(-outputs), expit(outputs)])
        probabilities: Floats = expit(outputs) if self._multilabel else softmax(outputs, axis=1)
        return probabilities

    def predict(self, X: Rows) -> NDArray[Any]:  # noqa: N803
        """The most probable class of every row; of several labels a row of 0 and 1."""
        outputs = self._outputs(X)
        if self._multilabel:
            return (outputs > 0.0).astype(int)
        chosen: NDArray[Any] = self.classes_[(outputs > 0.0).astype(int) if outputs.ndim == 1 else outputs.argmax(axis=1)]
        return chosen

    # -- what the base asks for ----------------------------------------------------------------------

    def _loss(self) -> str | LossFunction:
        if self._multilabel:
            return of_labels
        return "binary_cross_entropy_with_logits" if len(self.classes_) == 2 else "cross_entropy"

    def _width(self) -> int:
        return 1 if len(self.classes_) == 2 and not self._multilabel else len(self.classes_)

    def _read(self, X: Rows, y: Labels, begun: bool) -> tuple[Any, NDArray[Any]]:  # noqa: N803
        rows, labels = validate_data(self, X, y, reset=not begun, multi_output=True, **CHECKS)
        labels = labels.toarray() if issparse(labels) else labels
        check_classification_targets(labels)
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = column_or_1d(labels, warn=True)
        if labels.ndim == 2 and not np.isin(labels, (0, 1)).all():
            raise ValueError(
                "y has several columns, which must be of 0 and 1, a label each; of other classes take "
                "sklearn.multioutput.MultiOutputClassifier(nn.Classifier())"
            )
        if begun and labels.shape[1:] != ((len(self.classes_),) if self._multilabel else ()):
            raise ValueError(f"y has the shape {labels.shape}, and at the beginning it had {self._shape_of_y()}")
        return rows, labels

    def _shape_of_y(self) -> str:
        return f"{len(self.classes_)} columns of 0 and 1" if self._multilabel else "one label a row"

    def _factors(self, y: NDArray[Any]) -> Floats | None:
        return None if self.class_weight is None else compute_sample_weight(self.class_weight, y)

    def _labels(self, y: NDArray[Any]) -> NDArray[Any] | None:
        return None if self._multilabel else y

    def _begin_targets(self, examples: Sample, known: Any) -> None:
        self._multilabel = examples.y.ndim == 2
        if self._multilabel:
            self.classes_ = np.arange(examples.y.shape[1])
            if known is not None and not np.array_equal(np.unique(known), self.classes_):
                raise ValueError(f"classes of several labels are the columns of y, {self.classes_}, got {known}")
            return
        classes = np.unique(examples.y if known is None else known)
        if len(classes) < 2:
            raise ValueError(f"nn.Classifier needs rows of at least two classes, got one class: {classes.tolist()[0]!r}")
        self.classes_ = classes

    def _learnable(self, y: NDArray[Any]) -> NDArray[Any]:
        if self._multilabel:
            return y.astype(float)
        places = np.searchsorted(self.classes_, y).clip(max=len(self.classes_) - 1)
        strange = y[self.classes_[places] != y]
        if len(strange):
            raise ValueError(f"y has the label {strange[:1].tolist()[0]!r}, which is none of the classes {self.classes_}")
        return places

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@dataclass(eq=False, repr=False)
class Regressor(RegressorMixin, Estimator):
    """A net that predicts numbers, one or several a row, as an estimator of scikit-learn.

    >>> import nn
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import train_test_split
    >>> X, X_test, y, y_test = train_test_split(*load_diabetes(return_X_y=True), random_state=4)
    >>> regressor = nn.Regressor(random_state=0).fit(X, y)
    >>> bool(regressor.score(X_test, y_test) > 0.4)
    True

    The parameters bear the names that they have in ``sklearn.neural_network``, and mean the same unless it is said.

    hidden_layer_sizes:  how many neurons each hidden layer has; one number for one layer, () for none.
    activation:          of the hidden layers: a name of ``nn.ACTIVATIONS``, "identity", "logistic", or a function.
    solver:              a name of ``nn.OPTIMISERS``, or what makes one: ``functools.partial(nn.SGD, momentum=0.9)``; or
                         "lbfgs": scipy's L-BFGS-B on all rows at once, often the best for few rows. It ends after
                         ``max_iter`` iterations, ``max_fun`` calls of the loss, or where no part of the gradient is above
                         ``tol``, and doesn't look at what is said of steps and of early stopping.
    alpha:               the optimiser's weight decay: this multiple of a weight is added to its gradient, biases
                         excepted. scikit-learn divides it by the number of rows in the batch.
    batch_size:          rows to a step: "auto" for all of them, but 200 at most; None for all.
    learning_rate_init:  the learning rate, None for the optimiser's own.
    schedule:            a function of the number of the step, from 0, that gives its learning rate; see ``nn.schedules``.
    max_iter:            the most epochs, for "lbfgs" iterations.
    random_state:        decides where weights start, the order of rows and what is held out: an int, a ``RandomState``, or
                         None for NumPy's own.
    tol, n_iter_no_change: a training ends when its loss hasn't become less by ``tol`` for so many epochs; None: never before
                         ``max_iter``. Reaching ``max_iter`` is no warning.
    early_stopping:      judge by the loss of a part that is held out, ``validation_fraction`` of the rows, and keep the net
                         of the best epoch.
    warm_start:          ``fit`` goes on where the last one ended, the optimiser's memories included.
    scale:               bring the columns of X to mean 0 and deviation 1 first, as ``sklearn.preprocessing.StandardScaler``
                         does; sparse rows are only divided, so that a zero stays one.
    verbose:             show a progress bar.
    loss:                a name of ``nn.LOSSES`` that takes any number, or a function of (prediction, target). With ``scale``
                         the targets are brought to mean 0 and deviation 1, and predictions back.

    After ``fit`` there are ``model_`` (an ``nn.MLP``), ``scaler_`` and ``target_scaler_`` (an ``nn.Scaler`` or None),
    ``loss_curve_``, ``n_iter_``, ``history_`` (of the last ``fit``), ``n_features_in_`` and ``feature_names_in_``.
    """

    _: KW_ONLY
    loss: str | LossFunction = "mse"

    @by_steps
    def partial_fit(self, X: Rows, y: Labels, sample_weight: Any = None) -> Self:  # noqa: N803
        """Go through these rows once, in their order: a training that goes on as rows come in.

        The first call's rows also decide the scales of columns and targets.
        """
        return self._partial_fit(X, y, sample_weight)

    def predict(self, X: Rows) -> Floats:  # noqa: N803
        """What is predicted for every row: a number, or a row of numbers where the targets were rows."""
        outputs = self._outputs(X)
        if len(self._target_shape) and outputs.ndim == 1:
            outputs = outputs[:, None]
        predicted: Floats = outputs if self.target_scaler_ is None else self.target_scaler_.undo(outputs)
        return predicted

    # -- what the base asks for ----------------------------------------------------------------------

    def _loss(self) -> str | LossFunction:
        return "mse" if self.loss == "squared_error" else self.loss

    def _width(self) -> int:
        return self._target_shape[0] if self._target_shape else 1

    def _read(self, X: Rows, y: Labels, begun: bool) -> tuple[Any, NDArray[Any]]:  # noqa: N803
        rows, targets = validate_data(self, X, y, reset=not begun, multi_output=True, y_numeric=True, **CHECKS)
        if begun and targets.shape[1:] != self._target_shape:
            raise ValueError(f"y has the shape {targets.shape}, and at the beginning a row had {self._target_shape}")
        return rows, targets.astype(float)

    def _begin_targets(self, examples: Sample, known: Any) -> None:  # noqa: ARG002
        self._target_shape = examples.y.shape[1:]
        self.target_scaler_ = scaler_of(examples.y, examples.weights) if self.scale else None

    def _learnable(self, y: NDArray[Any]) -> NDArray[Any]:
        targets: Floats = scaled(self.target_scaler_, y)
        return targets[:, 0] if targets.shape[1:] == (1,) else targets

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
