"""What scipy.optimize calls: eager functions and compiled ones as they are, with no conversion between."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd import compile, cos, exp, grad, hessian, hvp, jacobian, value_and_grad

optimize = pytest.importorskip("scipy.optimize")

START, TIMES = np.array([1.3, 0.7, 0.8, 1.9, 1.2]), np.linspace(0.0, 2.0, 9)
DECAY = 2.5 * np.exp(-1.3 * TIMES)
WITH_GRADIENT = ("BFGS", "L-BFGS-B", "CG", "TNC", "SLSQP")
WITH_PRODUCTS = ("Newton-CG", "trust-ncg", "trust-krylov", "trust-constr")
WITH_HESSIAN = ("trust-exact", "dogleg", "Newton-CG")


class Form(NamedTuple):
    """A function and its derivatives, eager or compiled."""

    f: Any
    value_and_grad: Any
    grad: Any
    hvp: Any
    hessian: Any
    jacobian: Any


def rosenbrock(x: Any) -> Any:
    return sum(100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x))


def residuals(p: Any) -> list[Any]:
    return [p[0] * exp(-p[1] * t) - y for t, y in zip(TIMES, DECAY, strict=True)]


def system(v: Any) -> list[Any]:
    return [v[0] + 0.5 * (v[0] - v[1]) ** 3 - 1.0, 0.5 * (v[1] - v[0]) ** 3 + v[1]]


def eager(f: Any) -> Form:
    return Form(f, value_and_grad(f), grad(f), hvp(f), hessian(f), jacobian(f))


def compiled(f: Any) -> Form:
    g = compile(f)
    return Form(g, g.value_and_grad, g.grad, g.hvp, g.hessian, g.jacobian)


forms = pytest.mark.parametrize("form", [eager, compiled], ids=lambda form: form.__name__)


@forms
@pytest.mark.parametrize("method", WITH_GRADIENT)
def test_minimize_takes_value_and_gradient_as_they_are(form: Any, method: str) -> None:
    found = optimize.minimize(form(rosenbrock).value_and_grad, START, jac=True, method=method)
    assert found.success
    assert found.x == pytest.approx(np.ones(5), abs=2e-3)


@forms
@pytest.mark.parametrize("method", WITH_PRODUCTS)
def test_minimize_takes_hessian_vector_products(form: Any, method: str) -> None:
    of = form(rosenbrock)
    found = optimize.minimize(of.value_and_grad, START, jac=True, hessp=of.hvp, method=method)
    assert found.success
    assert found.x == pytest.approx(np.ones(5), abs=2e-3)


@forms
@pytest.mark.parametrize("method", WITH_HESSIAN)
def test_minimize_takes_hessians(form: Any, method: str) -> None:
    of = form(rosenbrock)
    found = optimize.minimize(of.value_and_grad, [1.1, 1.2, 1.3], jac=True, hess=of.hessian, method=method)
    assert found.success
    assert found.x == pytest.approx(np.ones(3), abs=2e-3)


@forms
@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares_takes_jacobians(form: Any, method: str) -> None:
    of = form(residuals)
    found = optimize.least_squares(of.f, [1.0, 1.0], jac=of.jacobian, method=method)
    assert found.x == pytest.approx([2.5, 1.3], rel=1e-7)


@pytest.mark.parametrize("method", ["trf", "dogbox"])
def test_least_squares_takes_sparse_jacobians(method: str) -> None:
    chain = lambda x: [10.0 * (b - a * a) for a, b in pairwise(x)] + [1.0 - a for a in x]  # noqa: E731
    rows = jacobian(chain, sparse=True)
    assert rows(np.zeros(12)).nnz <= 34
    found = optimize.least_squares(chain, np.full(12, 0.5), jac=rows, method=method)
    assert found.x == pytest.approx(np.ones(12), rel=1e-6)


@forms
@pytest.mark.parametrize("method", ["hybr", "lm"])
def test_root_takes_jacobians(form: Any, method: str) -> None:
    of = form(system)
    found = optimize.root(of.f, [0.0, 0.0], jac=of.jacobian, method=method)
    assert found.success
    assert np.abs(found.fun).max() < 1e-12


@forms
def test_root_of_one_number_takes_its_derivative(form: Any) -> None:
    found = optimize.root_scalar(form(lambda x: cos(x) - x).value_and_grad, x0=1.0, fprime=True)
    assert found.root == pytest.approx(0.7390851332151607, rel=1e-14)


@forms
def test_a_constraint_takes_its_gradient(form: Any) -> None:
    circle = form(lambda x: x[0] ** 2 + x[1] ** 2 - 2.0)
    of = form(lambda x: x[0] + x[1])
    constraint = {"type": "eq", "fun": circle.f, "jac": circle.grad}
    found = optimize.minimize(of.value_and_grad, [-1.0, -0.5], jac=True, constraints=constraint, method="SLSQP")
    assert found.x == pytest.approx([-1.0, -1.0], rel=1e-5)


@forms
def test_arguments_behind_the_first_are_passed_on(form: Any) -> None:
    of = form(lambda x, a, b: (x[0] - a) ** 4 + (x[1] - b) ** 2)
    found = optimize.minimize(of.value_and_grad, [0.5, 0.5], args=(1.0, 2.0), jac=True, tol=1e-10)
    assert found.x == pytest.approx([1.0, 2.0], abs=1e-2)


@forms
def test_what_scipy_gets_are_floats_and_arrays_of_floats(form: Any) -> None:
    of = form(rosenbrock)
    value, gradient = of.value_and_grad(START)
    assert type(value) is float
    for array, shape in (
        (gradient, (5,)),
        (of.grad(START), (5,)),
        (of.hvp(START, START), (5,)),
        (of.hessian(START), (5, 5)),
    ):
        assert type(array) is np.ndarray
        assert (array.dtype, array.shape) == (np.dtype(float), shape)
