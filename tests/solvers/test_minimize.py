"""``minimize``: SciPy's methods, the derivative of an optimum, bounds, and what is no minimum."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import ConvergenceError, Value, compile, derivative, grad, hessian, jacobian, minimize, root

pytest.importorskip("scipy")


def valley(p: Any, a: Any) -> Any:
    """Least where p = (a, a²)."""
    return (a - p[0]) ** 2 + 100.0 * (p[1] - p[0] ** 2) ** 2


METHODS = ["BFGS", "CG", "Newton-CG", "L-BFGS-B", "TNC", "SLSQP", "trust-ncg", "trust-exact", "trust-krylov", "dogleg"]
METHODS += ["trust-constr", "Nelder-Mead", "Powell"]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_ends_at_the_minimum_to_rounding(method: str) -> None:
    start = [1.2, 1.3] if method == "dogleg" else [0.5, 1.0]  # dogleg is for positive Hessians alone
    best = minimize(valley, start, 1.5, method=method)
    assert best.x == pytest.approx([1.5, 2.25], rel=1e-13)
    assert best.fun < 1e-25
    assert best.steps > 1
    assert best.evaluations > 1


def test_the_optimum_is_a_function_of_the_arguments() -> None:
    found = [derivative(lambda a: minimize(valley, [0.5, 1.0], a).x[1], 1.5, n) for n in range(4)]
    assert found == pytest.approx([2.25, 3.0, 2.0, 0.0], rel=1e-10, abs=1e-10)
    assert jacobian(lambda a: minimize(valley, [0.5, 1.0], a).x)(1.5) == pytest.approx([1.0, 3.0], rel=1e-12)


def ridge(w: Any, penalty: Any) -> Any:
    rows, ys = [(1.0, 0.5), (0.3, -1.0), (2.0, 1.5)], [1.0, 0.2, 2.5]
    errors = [w["a"] * x[0] + w["b"] * x[1] - y for x, y in zip(rows, ys, strict=True)]
    return ag.sum([e * e for e in errors]) + penalty * (w["a"] ** 2 + w["b"] ** 2)


def test_a_regression_has_the_derivatives_of_its_formula() -> None:
    x, y = np.array([(1.0, 0.5), (0.3, -1.0), (2.0, 1.5)]), np.array([1.0, 0.2, 2.5])

    def solved(penalty: Any) -> Any:
        return minimize(ridge, {"a": 0.0, "b": 0.0}, penalty).x

    inverse = np.linalg.inv(x.T @ x + 0.7 * np.eye(2))
    w = inverse @ x.T @ y
    assert list(solved(0.7).values()) == pytest.approx(list(w), rel=1e-13)
    assert list(jacobian(solved)(0.7).values()) == pytest.approx(list(-inverse @ w), rel=1e-12)
    assert hessian(lambda p: solved(p)["a"])(0.7) == pytest.approx(2 * (inverse @ inverse @ w)[0], rel=1e-11)


def test_the_derivative_of_the_least_value_is_the_partial_by_the_argument() -> None:
    w = minimize(ridge, {"a": 0.0, "b": 0.0}, 0.7).x
    assert grad(lambda p: minimize(ridge, {"a": 0.0, "b": 0.0}, p).fun)(0.7) == pytest.approx(
        w["a"] ** 2 + w["b"] ** 2, rel=1e-12
    )


def test_an_unknown_at_its_bound_moves_with_the_bound() -> None:
    a, bound = Value(1.5), Value(1.0)
    best = minimize(valley, [-0.5, 0.5], a, bounds=[(None, bound), (0.0, None)])
    best.x[1].backward()
    assert (best.x[0], best.x[1], a.grad, bound.grad) == pytest.approx((1.0, 1.0, 0.0, 2.0))


def test_a_bound_that_is_not_reached_takes_no_part() -> None:
    bound = Value(9.0)
    best = minimize(valley, [-0.5, 0.5], Value(1.5), bounds=[(None, bound), (None, None)])
    best.x[1].backward()
    assert (best.x[1].data, bound.grad) == (pytest.approx(2.25), 0.0)


def test_arrays_keep_their_shape() -> None:
    best = minimize(lambda x: ag.sum([(a - i) ** 2 for i, a in enumerate(x.ravel())]), np.zeros((2, 2)))
    np.testing.assert_allclose(best.x, [[0.0, 1.0], [2.0, 3.0]])


def test_a_compiled_function_solves_for_the_gradient_instead() -> None:
    with pytest.raises(TypeError, match=r"minimize\(f, x0\), which calls SciPy, .* write root\(grad\(f\), x0, \*args\)"):
        compile(lambda a: minimize(valley, [0.5, 1.0], a).fun)(1.5)
    f = compile(lambda a: root(grad(valley), [1.2, 1.3], a)[1], in_axes=0)
    a = np.array([1.5, 2.0])
    np.testing.assert_allclose(f(a), a**2, rtol=1e-13)
    np.testing.assert_allclose(f.grad(a), 2 * a, rtol=1e-12)


@pytest.mark.parametrize(
    ("f", "x0", "said"),
    [
        (lambda x: -x * x, 0.0, "a saddle or a maximum"),
        (lambda p: p[0] ** 2 - p[1] ** 2, [1.0, 0.0], "a saddle or a maximum"),
        (lambda x: ag.log(x), -1.0, "NaN"),
        (lambda x: x**4, 3.0, "Maximum number of iterations"),
    ],
)
def test_what_is_no_minimum_is_told(f: Callable[..., Any], x0: Any, said: str) -> None:
    with pytest.raises(
        ConvergenceError, match=f"minimize: no minimum of <lambda> found in . steps?: .*{said}.* the last iterate is"
    ) as e:
        minimize(f, x0, method="CG", options={"maxiter": 1} if said.startswith("Max") else None)
    assert np.shape(e.value.x) == np.shape(e.value.residual) == np.shape(x0)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: minimize(lambda x: [x], 1.0), TypeError, "minimize: <lambda> must return a single Value"),
        (lambda: minimize(3.0, 1.0), TypeError, "minimize: f must be a function"),  # type: ignore[arg-type]
        (
            lambda: minimize(valley, [1.0, 2.0], 1.0, bounds=[(0.0, 1.0)]),
            ValueError,
            "for each of the 2 numbers of x0, got 1",
        ),
        (lambda: minimize(valley, [1.0, 2.0], 1.0, bounds=[0.0, 1.0]), TypeError, "bounds must be a list"),  # type: ignore[list-item]
    ],
)
def test_bad_input_is_told(call: Callable[[], object], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call()


def test_without_scipy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(ImportError, match=r"minimize needs the package scipy: pip install '\.\[scipy\]'"):
        minimize(valley, [1.0, 2.0], 1.0)
