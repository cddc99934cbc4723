"""nn.Classifier and nn.Regressor: estimators of scikit-learn, in all that scikit-learn does with estimators."""

import os
import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn

pytest.importorskip("sklearn")

from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, make_multilabel_classification
from sklearn.ensemble import BaggingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

IRIS = load_iris(return_X_y=True)
BEST = "versicolor"
NAMES = np.array(["setosa", BEST, "virginica"])[IRIS[1]]
ROOT = Path(__file__).parents[2]
FEW: dict[str, Any] = {"hidden_layer_sizes": (8,), "max_iter": 30, "random_state": 0}
LONGER: dict[str, Any] = {**FEW, "max_iter": 100}

# -- scikit-learn's own checks -----------------------------------------------------------------

CHECKS = """
import sys, warnings
from collections import Counter
import nn
from sklearn.utils.estimator_checks import check_estimator
warnings.simplefilter("ignore")  # of the checks: fits that are stopped early, labels in columns
checks = check_estimator(getattr(nn, sys.argv[1])(**eval(sys.argv[2])), on_fail=None, on_skip=None)
for each in checks:
    if each["status"] != "passed" or each["expected_to_fail"]:
        print(each["check_name"], each["status"], each["exception"])
print(Counter(each["status"] for each in checks)["passed"] == len(checks) > 50)
"""


# Of a net with hidden layers L-BFGS magnifies rounding from iteration to iteration: rows that weigh 2 and rows that are
# there twice agree to some digits only. Without hidden layers there is one minimum, and it is found.
CONVEX = {"solver": "lbfgs", "hidden_layer_sizes": (), "alpha": 0.1, "tol": 1e-11, "max_iter": 2000}


@pytest.mark.parametrize("options", [{}, CONVEX], ids=["default", "lbfgs"])
@pytest.mark.parametrize("name", ["Classifier", "Regressor"])
def test_every_check_of_scikit_learn_is_run_and_passed(name: str, options: dict[str, Any]) -> None:
    pytest.importorskip("pandas")  # without it some checks are skipped
    # SciPy reads the variable when it is imported: without it scikit-learn skips its check of array API input.
    environment = {**os.environ, "SCIPY_ARRAY_API": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CHECKS, name, repr(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("True\n", "")


# -- what they reach with default settings -----------------------------------------------------


@pytest.mark.parametrize(
    ("load", "kind", "split", "least"),
    [
        (load_digits, "Classifier", 0, 0.96),
        (load_breast_cancer, "Classifier", 0, 0.95),
        (load_iris, "Classifier", 0, 0.95),
        (load_diabetes, "Regressor", 4, 0.4),
    ],
)
def test_default_settings_do_well_on_the_test_part(load: Any, kind: str, split: int, least: float) -> None:
    X, X_test, y, y_test = train_test_split(*load(return_X_y=True), random_state=split)  # noqa: N806
    assert getattr(nn, kind)(random_state=0).fit(X, y).score(X_test, y_test) >= least


# -- labels, targets, rows ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "labels", [NAMES, NAMES.astype(object), IRIS[1] * 10 - 3, IRIS[1] + 0.0, IRIS[1] == 1, NAMES == BEST]
)
def test_labels_of_any_type_come_back(labels: Any) -> None:
    classifier = nn.Classifier(**{**FEW, "max_iter": 200}).fit(IRIS[0], labels)
    assert classifier.classes_.tolist() == sorted(set(labels.tolist()))
    assert classifier.predict(IRIS[0]).dtype == labels.dtype
    assert classifier.score(IRIS[0], labels) > 0.9
    assert np.allclose(classifier.predict_proba(IRIS[0]).sum(axis=1), 1.0)
    assert classifier.decision_function(IRIS[0]).shape == ((150,) if len(classifier.classes_) == 2 else (150, 3))


def test_several_targets_are_predicted_at_once() -> None:
    X = IRIS[0][:, :2]  # noqa: N806
    regressor = nn.Regressor(**{**FEW, "max_iter": 200}).fit(X, IRIS[0][:, 2:])
    assert regressor.predict(X).shape == (150, 2)
    assert regressor.score(X, IRIS[0][:, 2:]) > 0.8
    assert regressor.fit(X, IRIS[0][:, 2:3]).predict(X).shape == (150, 1)
    assert regressor.fit(X, IRIS[0][:, 2]).predict(X).shape == (150,)


@pytest.mark.parametrize("scale", [True, False])
def test_sparse_rows_are_as_good_as_dense_ones(scale: bool) -> None:
    X, y = load_digits(n_class=3, return_X_y=True)  # noqa: N806
    sparse = nn.Classifier(**FEW, scale=scale).fit(csr_matrix(X), y)
    assert sparse.score(X, y) > 0.95
    assert np.allclose(sparse.predict_proba(csr_matrix(X)), sparse.predict_proba(X), atol=1e-12)
    if not scale:
        assert np.array_equal(nn.Classifier(**FEW, scale=False).fit(X, y).predict_proba(X), sparse.predict_proba(X))


def test_names_of_columns_are_known_and_checked() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(IRIS[0], columns=list("abcd"))
    classifier = nn.Classifier(**FEW).fit(table, pandas.Series(NAMES))
    assert (classifier.n_features_in_, classifier.feature_names_in_.tolist()) == (4, list("abcd"))
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(table[list("dcba")])


# -- several labels a row ------------------------------------------------------------------------


LABELS = make_multilabel_classification(n_samples=200, n_classes=4, n_labels=2, random_state=0)


@pytest.mark.parametrize("kind", [np.asarray, csr_matrix, lambda y: y.astype(bool), lambda y: y.tolist()])
def test_columns_of_0_and_1_are_labels_of_their_own(kind: Any) -> None:
    X, y = LABELS  # noqa: N806
    classifier = nn.Classifier(**LONGER).fit(X, kind(y))
    probabilities = classifier.predict_proba(X)
    assert classifier.classes_.tolist() == [0, 1, 2, 3]
    assert (probabilities.sum(axis=1) > 1.0).any()
    assert np.array_equal(classifier.predict(X), probabilities > 0.5)
    assert np.allclose(probabilities, expit(classifier.decision_function(X)))
    assert (classifier.predict(X) == y).mean() > 0.85
    assert classifier.score(X, y) == (classifier.predict(X) == y).all(axis=1).mean()


def test_each_label_is_learned_as_if_alone() -> None:
    X, y = LABELS  # noqa: N806
    options: dict[str, Any] = {"hidden_layer_sizes": (), "solver": "lbfgs", "alpha": 0.1, "tol": 1e-8, "max_iter": 1000}
    together = nn.Classifier(**options).fit(X, y).predict_proba(X)
    for k in range(4):
        assert np.allclose(together[:, k], nn.Classifier(**options).fit(X, y[:, k]).predict_proba(X)[:, 1], atol=1e-6)


def test_several_labels_are_trained_early_stopped_weighted_and_in_parts() -> None:
    X, y = LABELS  # noqa: N806
    stopped = nn.Classifier(**FEW, early_stopping=True).fit(X, y)
    assert len(stopped.history_.val_loss) == stopped.n_iter_
    balanced = nn.Classifier(**FEW, class_weight="balanced").fit(X, y, sample_weight=np.ones(200))
    assert not np.allclose(balanced.predict_proba(X), nn.Classifier(**FEW).fit(X, y).predict_proba(X))
    begun = nn.Classifier(**FEW)
    for _ in range(60):
        begun.partial_fit(X, y, classes=[0, 1, 2, 3])
    assert (begun.predict(X) == y).mean() > 0.8
    chain = ClassifierChain(nn.Classifier(**FEW)).fit(X, y)
    assert chain.predict(X).shape == y.shape


def test_other_columns_than_those_of_the_beginning_are_refused() -> None:
    X, y = LABELS  # noqa: N806
    refused: list[tuple[Any, str]] = [
        (y[:, :3], r"y has the shape \(200, 3\), and at the beginning it had 4 columns of 0 and 1"),
        (y[:, 0], r"y has the shape \(200,\), and at the beginning it had 4 columns of 0 and 1"),
        (y + 1 + (X[:, :4] > 7), "several columns, which must be of 0 and 1.*MultiOutputClassifier"),
        (2 * y - 1, "several columns, which must be of 0 and 1"),
    ]
    begun = nn.Classifier(**FEW).partial_fit(X, y, classes=range(4))
    for labels, message in refused:
        with pytest.raises(ValueError, match=message):
            begun.partial_fit(X, labels)
    with pytest.raises(ValueError, match="at the beginning it had one label a row"):
        nn.Classifier(**FEW).partial_fit(X, y[:, 0], classes=[0, 1]).partial_fit(X, y)
    with pytest.raises(ValueError, match=r"classes of several labels are the columns of y, \[0 1 2 3\], got \[1, 2\]"):
        nn.Classifier(**FEW).partial_fit(X, y, classes=[1, 2])


# -- L-BFGS --------------------------------------------------------------------------------------


def test_lbfgs_finds_the_minimum_that_is_known_in_closed_form() -> None:
    X, y = load_diabetes(return_X_y=True)  # noqa: N806
    X, y, alpha = 10.0 * X, y / 100.0, 0.1  # noqa: N806
    options: dict[str, Any] = {"alpha": alpha, "scale": False, "solver": "lbfgs", "tol": 1e-9}
    found = nn.Regressor((), **options).fit(X, y)
    expected = Ridge(alpha=alpha * len(y) / 2).fit(X, y)  # the mean of squares is their sum over the rows
    assert found.predict(X) == pytest.approx(expected.predict(X), abs=1e-6)
    assert found.n_iter_ == len(found.loss_curve_) < 200
    weights = np.arange(len(y)) % 3
    weighted = nn.Regressor((), **options).fit(X, y, sample_weight=weights)
    expected = Ridge(alpha=alpha * weights.sum() / 2).fit(X, y, sample_weight=weights)
    assert weighted.predict(X) == pytest.approx(expected.predict(X), abs=1e-6)


def test_lbfgs_of_labels_is_logistic_regression_where_no_layer_is_hidden() -> None:
    options: dict[str, Any] = {"alpha": 0.01, "scale": False, "solver": "lbfgs", "tol": 1e-8, "max_iter": 1000}
    found = nn.Classifier((), **options).fit(*IRIS)
    expected = LogisticRegression(C=1 / (0.01 * 150), tol=1e-10, max_iter=10_000).fit(*IRIS)
    assert np.allclose(found.predict_proba(IRIS[0]), expected.predict_proba(IRIS[0]), atol=1e-6)


def test_lbfgs_ends_by_iterations_calls_or_gradient_and_goes_on_with_a_warm_start() -> None:
    options: dict[str, Any] = {**FEW, "solver": "lbfgs"}
    short = nn.Classifier(**{**options, "max_iter": 3}, warm_start=True).fit(*IRIS)
    assert short.n_iter_ == 3
    losses = short.fit(*IRIS).loss_curve_
    assert len(losses) == 6
    assert losses == sorted(losses, reverse=True)
    assert nn.Classifier(**options, max_fun=4).fit(*IRIS).n_iter_ < 5
    assert nn.Classifier(**options, tol=1.0).fit(*IRIS).n_iter_ < nn.Classifier(**options).fit(*IRIS).n_iter_
    assert short.set_params(solver="adam").fit(*IRIS).n_iter_ == 9


def test_nets_that_lbfgs_trains_share_their_code(monkeypatch: pytest.MonkeyPatch) -> None:
    make, made = nn.objective, list[Any]()

    def counted(*arguments: Any, **options: Any) -> Any:
        made.append(make(*arguments, **options))
        return made[-1]

    monkeypatch.setattr("nn.estimator_base.objective", counted)
    options: dict[str, Any] = {"hidden_layer_sizes": (17,), "solver": "lbfgs", "random_state": 0}
    alone = nn.Classifier(**options).fit(*IRIS)
    assert alone.history_.compiled
    nn.Classifier(**options, alpha=1.0).fit(IRIS[0][::2], IRIS[1][::2], sample_weight=np.arange(75))
    assert nn.Classifier(**options).fit(*IRIS).loss_curve_ == alone.loss_curve_
    assert len(made) == 1


def test_lbfgs_has_no_partial_fit() -> None:
    assert hasattr(nn.Classifier(), "partial_fit")
    for estimator in (nn.Classifier(solver="lbfgs"), nn.Regressor(solver="lbfgs")):
        assert not hasattr(estimator, "partial_fit")


# -- weights -----------------------------------------------------------------------------------


def test_a_weight_is_as_good_as_so_many_rows() -> None:
    X, y = IRIS[0][::5], IRIS[1][::5]  # noqa: N806
    weights = np.arange(30) % 3
    weighted = nn.Classifier(**FEW).fit(X, y, sample_weight=weights)
    repeated = nn.Classifier(**FEW).fit(X.repeat(weights, axis=0), y.repeat(weights))
    assert np.allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-9)


def test_class_weights_move_the_border() -> None:
    rare = nn.Classifier(**FEW, class_weight={BEST: 100.0}).fit(IRIS[0], NAMES)
    plain = nn.Classifier(**FEW).fit(IRIS[0], NAMES)
    assert (rare.predict(IRIS[0]) == BEST).sum() > (plain.predict(IRIS[0]) == BEST).sum()
    balanced = nn.Classifier(**FEW, class_weight="balanced").fit(IRIS[0], NAMES)  # they are balanced already
    assert np.allclose(balanced.predict_proba(IRIS[0]), plain.predict_proba(IRIS[0]), atol=1e-9)


# -- training that goes on, and that stops -----------------------------------------------------


@pytest.mark.parametrize("kind", ["Classifier", "Regressor"])
def test_two_warm_starts_are_one_training_bit_by_bit(kind: str) -> None:
    options = {**FEW, "hidden_layer_sizes": (32,), "batch_size": 32, "n_iter_no_change": None}
    once = getattr(nn, kind)(**{**options, "max_iter": 60}).fit(*IRIS)
    twice = getattr(nn, kind)(**options, warm_start=True).fit(*IRIS).fit(*IRIS)
    assert (twice.n_iter_, twice.loss_curve_) == (60, once.loss_curve_)
    assert twice.model_.state_dict() == once.model_.state_dict()


def test_a_warm_start_survives_a_pickle_and_takes_new_settings() -> None:
    started = nn.Classifier(**FEW, warm_start=True).fit(*IRIS)
    resumed = pickle.loads(pickle.dumps(started))
    assert np.array_equal(resumed.predict_proba(IRIS[0]), started.predict_proba(IRIS[0]))
    assert resumed.fit(*IRIS).model_.state_dict() == started.fit(*IRIS).model_.state_dict()
    before = started.model_.state_dict()
    assert started.set_params(learning_rate_init=0.0).fit(*IRIS).model_.state_dict() == before
    with pytest.raises(ValueError, match=r"hidden_layer_sizes is 4 now, and the net that goes on has \(8,\)"):
        started.set_params(hidden_layer_sizes=4).fit(*IRIS)


def test_settings_that_change_what_is_remembered_have_code_of_their_own() -> None:
    options = {**LONGER, "hidden_layer_sizes": (16,), "n_iter_no_change": None}
    nets = [nn.Classifier(**options, solver=s).fit(*IRIS) for s in ("adam", partial(nn.Adam, amsgrad=True), "adam")]
    first, amsgrad, last = (net.model_.state_dict() for net in nets)
    assert first == last != amsgrad
    changed = nn.Classifier(**options, warm_start=True).fit(*IRIS).set_params(solver="sgd").fit(*IRIS)
    assert changed.n_iter_ == 200


def test_partial_fits_learn_from_rows_as_they_come() -> None:
    classifier = nn.Classifier(**FEW)
    order = np.random.default_rng(0).permutation(150)
    for _ in range(60):
        for part in np.array_split(order, 3):
            classifier.partial_fit(IRIS[0][part], NAMES[part], classes=np.unique(NAMES))
    assert classifier.score(IRIS[0], NAMES) > 0.9
    assert classifier.n_iter_ == len(classifier.loss_curve_) == 180


def test_a_training_ends_early_with_the_best_net_of_its_validation() -> None:
    stopped = nn.Classifier(hidden_layer_sizes=(32,), early_stopping=True, alpha=0.0, random_state=0, n_iter_no_change=5)
    stopped.set_params(max_iter=1000).fit(*IRIS)
    losses = stopped.history_.val_loss
    assert stopped.n_iter_ == len(losses) < 1000
    assert min(losses) < losses[-1]


def test_a_schedule_decides_the_learning_rate() -> None:
    options = {**FEW, "random_state": 1}
    still = nn.Classifier(**options, schedule=lambda step: 0.0 if step else 1e-9).fit(*IRIS)
    moved = nn.Classifier(**options).fit(*IRIS)
    assert still.loss_curve_[-1] == pytest.approx(still.loss_curve_[0], rel=1e-6)
    assert moved.loss_curve_[-1] < 0.8 * moved.loss_curve_[0]


# -- in scikit-learn's company -----------------------------------------------------------------


def test_a_grid_search_finds_the_better_settings() -> None:
    pipeline = make_pipeline(PolynomialFeatures(2), StandardScaler(), nn.Classifier(**FEW, scale=False))
    grid = {"classifier__learning_rate_init": [0.0, 0.03], "classifier__hidden_layer_sizes": [(4,), (8, 4)]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(IRIS[0], NAMES)
    assert search.best_params_["classifier__learning_rate_init"] == 0.03
    assert search.best_score_ > 0.9
    assert search.predict(IRIS[0]).tolist().count("setosa") == 50


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_parallel_fits_are_the_same_as_one_after_the_other(backend: str) -> None:
    joblib = pytest.importorskip("joblib")
    alone = cross_val_score(nn.Classifier(**FEW), *IRIS, cv=4)
    with joblib.parallel_backend(backend, n_jobs=2):
        together = cross_val_score(nn.Classifier(**FEW), *IRIS, cv=4)
    assert together.tolist() == alone.tolist()


def test_probabilities_can_be_calibrated() -> None:
    calibrated = CalibratedClassifierCV(nn.Classifier(**LONGER), cv=3).fit(IRIS[0], NAMES)
    assert calibrated.score(IRIS[0], NAMES) > 0.9


def test_an_ensemble_is_made_of_them() -> None:
    bag = BaggingClassifier(nn.Classifier(**LONGER), n_estimators=4, random_state=0).fit(IRIS[0], NAMES)
    assert len({str(member.loss_curve_) for member in bag.estimators_}) == 4
    vote = VotingClassifier([(f"net{k}", nn.Classifier(**{**LONGER, "random_state": k})) for k in range(3)], voting="soft")
    assert min(bag.score(IRIS[0], NAMES), vote.fit(IRIS[0], NAMES).score(IRIS[0], NAMES)) > 0.9


def test_parameters_are_those_of_the_constructor_and_clones_have_them() -> None:
    regressor = nn.Regressor((4, 2), "tanh", solver=partial(nn.SGD, momentum=0.9), loss="huber", random_state=3)
    copied = clone(regressor)
    assert {**copied.get_params(), "solver": None} == {**regressor.get_params(), "solver": None}
    assert (copied.solver.func, copied.solver.keywords) == (nn.SGD, {"momentum": 0.9})
    assert repr(copied).startswith("Regressor(activation='tanh', hidden_layer_sizes=(4, 2), loss='huber'")
    first, second = (each.fit(IRIS[0][:, :3], IRIS[0][:, 3]).predict(IRIS[0][:, :3]) for each in (regressor, copied))
    assert np.array_equal(first, second)


def test_the_net_and_its_scaler_are_nn_s_own(tmp_path: Path) -> None:
    classifier = nn.Classifier(**FEW).fit(*IRIS)
    nn.save(tmp_path / "iris.safetensors", classifier.model_, scaler=classifier.scaler_)
    loaded = nn.load(tmp_path / "iris.safetensors")
    assert loaded.scaler is not None
    outputs = nn.predict(loaded.model, loaded.scaler.apply(IRIS[0]))
    assert np.array_equal(outputs, classifier.decision_function(IRIS[0]))


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_iter": 0}, "max_iter must be at least 1, got 0"),
        ({"hidden_layer_sizes": (8, 0)}, r"hidden_layer_sizes[1] must be at least 1, got 0"),
        ({"activation": "rleu"}, "unknown activation 'rleu'"),
        ({"solver": "newton"}, "unknown solver 'newton'; known are adagrad, adam, adamw, lbfgs, rmsprop, sgd"),
        ({"solver": "lbfgs", "max_fun": 0}, "max_fun must be at least 1, got 0"),
        ({"alpha": -1.0}, "alpha must be at least 0, got -1.0"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"learning_rate_init": -1.0}, "learning_rate_init must be at least 0, got -1.0"),
        ({"n_iter_no_change": 0}, "n_iter_no_change must be at least 1, got 0"),
        (
            {"early_stopping": True, "validation_fraction": 1.5},
            "validation_fraction must be at least 0 and below 1, got 1.5",
        ),
        ({"class_weight": "even"}, "class_weight"),
    ],
)
def test_a_parameter_that_says_nothing_is_refused_by_its_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        nn.Classifier(**options).fit(*IRIS)
    assert message in str(caught.value)


def test_labels_and_weights_that_no_training_can_be_made_of_are_refused() -> None:
    X, y = IRIS  # noqa: N806
    refused: list[tuple[Any, dict[str, Any], str]] = [
        (np.zeros(150), {}, "at least two classes, got one class"),
        (y, {"sample_weight": y == 1}, "at least two classes, got one class"),
        (y, {"sample_weight": -1.0 * y}, r"sample_weight must not be negative, got sample_weight\[50\] = -1.0"),
        (y, {"sample_weight": [1.0, 2.0]}, "sample_weight must have one number for each of 150 rows"),
        (y, {"sample_weight": 0 * y}, "all weights are zero"),
        (np.random.default_rng(0).normal(size=150), {}, "continuous"),
    ]
    for labels, options, message in refused:
        with pytest.raises(ValueError, match=message):
            nn.Classifier(**FEW).fit(X, labels, **options)
    with pytest.raises(ValueError, match="the first call needs classes="):
        nn.Classifier(**FEW).partial_fit(X, y)
    begun = nn.Classifier(**FEW).partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="the label 7, which is none of the classes"):
        begun.partial_fit(X, y + 7 * (y == 1) - (y == 1))
    with pytest.raises(ValueError, match="classes are"):
        begun.partial_fit(X, y, classes=[0, 1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden_layer_sizes": "32"}, r"hidden_layer_sizes\[0\] must be a whole number, got '32'"),
        ({"solver": lambda parameters, lr: 3}, "solver must make an nn.Optimiser of parameters and lr=, got int 3"),
        ({"schedule": 3}, "schedule must be a function of the number of the step, got int 3"),
    ],
)
def test_a_parameter_of_another_type_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        nn.Regressor(**options).fit(*IRIS)


def test_an_estimator_that_is_not_fitted_says_so() -> None:
    with pytest.raises(NotFittedError):
        nn.Classifier().predict(IRIS[0])


def test_nn_needs_scikit_learn_only_for_its_estimators() -> None:
    code = """
import sys
sys.modules["sklearn"] = None
import nn
assert "Classifier" in dir(nn)
try:
    nn.Classifier
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == (
        "nn.Classifier and nn.Regressor needs the package sklearn: pip install '.[sklearn]' in a clone of chainrule"
    )
