"""``root`` and ``fixed_point``: against mpmath, by laws, at edges, and what they say where there is no solution."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import ConvergenceError, GraphCutError, Value, derivative, fixed_point, grad, hessian, jacobian, jvp, root

mp: Any = mpmath.mp.clone()
mp.dps = 60

# f(x, a), the same in mpmath, where to begin, at which a, a bracket.
EQUATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any], float, float, tuple[float, float]]] = {
    "Kepler": (lambda x, a: x - 0.6 * ag.sin(x) - a, lambda x, a: x - mp.mpf(0.6) * mp.sin(x) - a, 1.0, 1.25, (0.0, 4.0)),
    "Lambert": (lambda x, a: x * ag.exp(x) - a, lambda x, a: x * mp.exp(x) - a, 1.0, 2.5, (-0.5, 3.0)),
    "quintic": (lambda x, a: x**5 + x - a, lambda x, a: x**5 + x - a, 1.0, -3.0, (-5.0, 5.0)),
    "cosine": (lambda x, a: ag.cos(x) - a * x, lambda x, a: mp.cos(x) - a * x, 0.5, 1.5, (0.0, 2.0)),
    "far start": (lambda x, a: ag.atan(x) - a, lambda x, a: mp.atan(x) - a, 9.0, 0.4, (-9.0, 9.0)),
}


@pytest.mark.parametrize("bracketed", [False, True])
@pytest.mark.parametrize("name", EQUATIONS)
def test_five_derivatives_are_those_of_sixty_digits(name: str, bracketed: bool) -> None:
    f, same, x0, a, bracket = EQUATIONS[name]
    exact = float(mp.findroot(lambda x: same(x, mp.mpf(a)), 1 if a > 0 else -1)) if name != "far start" else math.tan(a)
    expected = mp.taylor(lambda b: mp.findroot(lambda x: same(x, b), exact), a, 5)
    for n, coefficient in enumerate(expected):
        found = derivative(lambda b: root(f, x0, b, bracket=bracket if bracketed else None), a, n)
        assert found == pytest.approx(float(coefficient * mp.factorial(n)), rel=1e-11)


def ring(x: Any, p: Any) -> Any:
    """n equations, each of two neighbours."""
    n = len(x)
    return [x[i] + 0.2 * ag.sin(x[(i + 1) % n]) - p[i % len(p)] for i in range(n)]


@pytest.mark.parametrize("n", range(2, 7))
def test_a_system_has_the_jacobian_of_the_theorem(n: int) -> None:
    p = [0.3, -0.7, 1.1]
    x = root(ring, [0.0] * n, p)
    by_x, by_p = np.array(jacobian(ring)(x, p)), np.array(jacobian(ring, 1)(x, p))
    found = jacobian(lambda p: root(ring, [0.0] * n, p))(p)
    np.testing.assert_allclose(found, -np.linalg.solve(by_x, by_p), rtol=1e-13, atol=1e-15)
    assert max(map(abs, ring(x, p))) < 1e-15


def test_forward_mode_is_the_backward_pass() -> None:
    p, v = [0.3, -0.7, 1.1], [1.0, 2.0, -1.0]

    def solved(p: Any) -> Any:
        return root(ring, [0.0] * 3, p)

    _, moved = jvp(solved, (p,), (v,))
    np.testing.assert_allclose(moved, np.array(jacobian(solved)(p)) @ v, rtol=1e-14)


@given(st.floats(-3.0, 3.0), st.floats(0.1, 2.0))
def test_a_derivative_is_that_of_differences(a: float, b: float) -> None:
    def solved(a: Any) -> Any:
        return root(lambda x: b * x + x**3 - a, 0.5)

    h = 1e-5
    assert grad(solved)(a) == pytest.approx((solved(a + h) - solved(a - h)) / (2 * h), rel=1e-6, abs=1e-8)


@given(st.floats(-1e6, 1e6), st.floats(0.1, 1e3), st.floats(-1e3, 1e3))
def test_a_linear_equation_is_solved_exactly_and_has_an_exact_derivative(a: float, b: float, x0: float) -> None:
    def solved(a: Any) -> Any:
        return root(lambda x: b * x - a, x0)

    assert solved(a) == pytest.approx(a / b, rel=1e-14, abs=1e-300)
    assert grad(solved)(a) == pytest.approx(1 / b, rel=1e-15)
    assert derivative(solved, a, 2) == 0.0


@given(st.floats(-20.0, 20.0), st.floats(-50.0, 50.0))
def test_within_a_bracket_every_monotonous_function_has_its_root(a: float, x0: float) -> None:
    def f(x: Any) -> Any:
        return ag.sinh(x) if isinstance(x, Value) else math.sinh(x)

    assert root(lambda x: f(x - a), x0, bracket=(-50.0, 50.0)) == pytest.approx(a, rel=1e-11, abs=1e-14)


def test_structures_come_back_as_they_were_given() -> None:
    def both(x: Any, s: Any) -> Any:
        return {"p": x["p"] + x["q"][0] - s, "q": [x["p"] * x["q"][0] - 2.0]}

    x = root(both, {"p": 3.0, "q": [0.1]}, 5.0)
    assert list(x) == ["p", "q"]
    assert x["p"] + x["q"][0] == pytest.approx(5.0)
    assert grad(lambda s: root(both, {"p": 3.0, "q": [0.1]}, s)["p"])(5.0) == pytest.approx(x["p"] / (x["p"] - x["q"][0]))


def test_an_array_is_an_unknown() -> None:
    a = np.array([[2.0, 1.0], [1.0, 3.0]])
    x = root(lambda x: a @ x - np.array([1.0, 2.0]), np.zeros(2))
    assert isinstance(x, np.ndarray)
    np.testing.assert_allclose(x, np.linalg.solve(a, [1.0, 2.0]))


def test_what_f_captures_counts_as_an_argument() -> None:
    w, a = Value(3.0), Value(12.0)
    x = root(lambda x: w * x * x - a, 1.0)
    x.backward()
    assert (x.data, w.grad, a.grad) == pytest.approx((2.0, -1.0 / 3.0, 1.0 / 12.0))
    inner: Any = grad(lambda b: root(lambda x: w * x * x - b, 1.0))(12.0)  # a function of w, as f captures it
    (by_w,) = ag.gradient(inner, [w])
    assert by_w == pytest.approx(-0.25 / math.sqrt(12.0 * 3.0**3))


def test_there_is_no_derivative_by_the_start_or_the_bracket() -> None:
    assert grad(lambda s: root(lambda x: x * x - 2.0, s))(1.0) == 0.0
    assert grad(lambda s: root(lambda x: x * x - s, s))(4.0) == 0.25
    assert grad(lambda s: root(lambda x: x * x - 2.0, None, bracket=(0.0, s)))(4.0) == 0.0


def test_a_root_within_a_root() -> None:
    def nested(a: Any) -> Any:
        return root(lambda x: x - root(lambda z: z**3 + z - x * 0.5 - a, 0.0), 0.0)

    x = nested(1.0)
    assert x**3 + x == pytest.approx(x * 0.5 + 1.0)
    assert grad(nested)(1.0) == pytest.approx(1.0 / (3 * x * x + 0.5))
    assert derivative(nested, 1.0, 2) == pytest.approx(-6 * x / (3 * x * x + 0.5) ** 3)


def test_under_no_grad_a_root_has_no_parents() -> None:
    a = Value(4.0)
    with ag.no_grad():
        x = root(lambda x: x * x - a, 1.0)
    assert (x, x.parents) == (2.0, ())


def test_intermediate_numbers_need_not_be_finite_where_anomalies_are_refused() -> None:
    a = Value(2.0)
    with ag.detect_anomaly():
        x = root(lambda x: ag.log(x) - a, 1.0)
    assert x.data == pytest.approx(math.exp(2.0))


# -- edges -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bracket", [None, (0.0, 4.0)])
def test_a_start_that_is_a_root_stays(bracket: tuple[float, float] | None) -> None:
    def solved(a: Any) -> Any:
        return root(lambda x: x * x - a, 2.0, bracket=bracket)

    assert (solved(4.0), grad(solved)(4.0), derivative(solved, 4.0, 2)) == (2.0, 0.25, -1.0 / 32.0)


@pytest.mark.parametrize(("end", "bracket"), [(1.0, (1.0, 3.0)), (3.0, (1.0, 3.0)), (2.0, (2.0, 2.0))])
def test_an_end_of_the_bracket_may_be_the_root(end: float, bracket: tuple[float, float]) -> None:
    assert root(lambda x: x - end, None, bracket=bracket) == end


def test_where_f_is_flat_at_its_root_the_derivative_is_infinite() -> None:
    assert grad(lambda a: root(lambda x: x**3 - a, 0.0))(0.0) == math.inf
    assert grad(lambda a: root(lambda x: x**3 + a, 0.0))(0.0) == -math.inf


def test_a_tiny_root_has_all_its_digits() -> None:
    assert root(lambda x: x * x - 1e-40, 1.0, max_steps=200) == pytest.approx(1e-20, rel=1e-14)


def test_rounding_that_stops_newton_is_no_failure() -> None:
    def noisy(x: Any) -> Any:
        return (x**3 - 3 * x * x + 3 * x - 1.0) + 1e-3 * (x - 1.0)

    assert root(noisy, 5.0) == pytest.approx(1.0, abs=1e-12)


def test_bisection_goes_on_where_newton_leaves_the_bracket() -> None:
    assert root(lambda x: ag.cbrt(x - 1.0), None, bracket=(-40.0, 11.0)) == pytest.approx(1.0)


# -- no solution -------------------------------------------------------------------------------------------


def above(x: Any) -> Any:
    return x * x + 1.0


def test_a_function_without_a_root_tells_the_last_iterate() -> None:
    with pytest.raises(
        ConvergenceError, match=r"root: no root of above found in \d+ steps; the last iterate is x = .* off by 1\.0"
    ) as e:
        root(above, 0.5)
    assert abs(e.value.x) < 1e-6
    assert e.value.residual == 1.0
    assert 1 < e.value.steps <= 100
    twin = pickle.loads(pickle.dumps(e.value))
    assert (twin.x, twin.residual, twin.steps, str(twin)) == (e.value.x, e.value.residual, e.value.steps, str(e.value))


def test_a_system_without_a_root_tells_it_in_the_structure_of_x0() -> None:
    with pytest.raises(ConvergenceError) as e:
        root(lambda x: {"a": x["a"] ** 2 + x["b"] ** 2 + 1.0, "b": x["a"] - x["b"]}, {"a": 1.0, "b": 2.0})
    assert e.value.x.keys() == e.value.residual.keys() == {"a", "b"}


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda _: 3.0, "doesn't depend on x there"),
        (lambda x: ag.sqrt(x - 5.0), "isn't finite there"),
        (lambda x: 1.0 / x, "more max_steps, another x0 or a bracket may help"),
        (above, "there may be no root, or ∂above/∂x is singular"),
    ],
)
def test_the_error_says_what_is_wrong(f: Callable[[Any], Any], said: str) -> None:
    with pytest.raises(ConvergenceError, match=said):
        root(f, 0.5)


@pytest.mark.parametrize("f", [lambda x: 1.0 / x, lambda x: ag.where(x > 0.3, 1.0, -1.0) + 0.0 * x])
def test_a_pole_or_a_jump_is_no_root(f: Callable[[Any], Any]) -> None:
    with pytest.raises(ConvergenceError):
        root(f, None, bracket=(-1.0, 2.0), max_steps=2000)


def test_steps_come_to_an_end() -> None:
    with pytest.raises(ConvergenceError, match="in 3 steps") as e:
        root(lambda x: x - ag.cos(x), 20.0, max_steps=3)
    assert e.value.steps == 3


def test_a_bracket_without_a_change_of_sign_is_refused() -> None:
    with pytest.raises(ValueError, match=r"root: above needs opposite signs .* \(-1\.0, 2\.0\), got 2\.0 and 5\.0"):
        root(above, None, bracket=(-1.0, 2.0))
    with pytest.raises(ValueError, match="got nan and nan"):
        root(lambda x: ag.log(x - 9.0), None, bracket=(-1.0, 2.0))


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: root(lambda x: [x[0]], [1.0, 2.0]), TypeError, "expected a list of 2, got a list of 1"),
        (
            lambda: root(lambda x: {"a": x["a"], "b": [1.0, 2.0]}, {"a": 1.0, "b": [2.0]}),
            TypeError,
            r"\(x\)\['b'\]: expected",
        ),
        (lambda: root(lambda _: None, 1.0), TypeError, "expected a number, got None"),
        (lambda: root(3.0, 1.0), TypeError, "root: f must be a function"),  # type: ignore[arg-type]
        (lambda: root(above, "1"), TypeError, "root: x0"),
        (lambda: root(above, []), ValueError, "x0 must hold a number"),
        (lambda: root(above, 1.0, tol=-1.0), ValueError, "tol must be"),
        (lambda: root(above, 1.0, max_steps=0), ValueError, "max_steps must be"),
        (lambda: root(above, 1.0, bracket=(2.0, 1.0)), ValueError, "with a ≤ b"),
        (lambda: root(above, 1.0, bracket=3.0), TypeError, "two numbers"),  # type: ignore[arg-type]
        (lambda: root(above, [1.0], bracket=(1.0, 2.0)), TypeError, "a bracket is for one unknown"),
        (lambda: root(lambda x: math.cos(x) - x, 1.0), GraphCutError, "root: math.cos"),
        (lambda: fixed_point(lambda x: [x[0]], [1.0, 2.0]), TypeError, "fixed_point: .* expected a list of 2"),
        (lambda: fixed_point(3.0, 1.0), TypeError, "fixed_point: g must be a function"),  # type: ignore[arg-type]
    ],
)
def test_bad_input_is_told(call: Callable[[], object], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call()


# -- fixed points ------------------------------------------------------------------------------------------


def test_a_fixed_point_is_where_iterates_settle() -> None:
    def g(x: Any, a: Any) -> Any:
        return [0.5 * ag.tanh(x[0] + a) - 0.2 * x[1], 0.3 * ag.sin(x[0])]

    x = [0.0, 0.0]
    for _ in range(200):
        x = g(x, 0.7)
    assert fixed_point(g, [0.0, 0.0], 0.7) == pytest.approx(x, rel=1e-14)


def test_the_derivative_of_a_fixed_point_is_that_of_the_iterates() -> None:
    def settles(a: Any) -> Any:
        x = 0.0
        for _ in range(60):
            x = 0.5 * ag.tanh(x + a)
        return x

    def solved(a: Any) -> Any:
        return fixed_point(lambda x: 0.5 * ag.tanh(x + a), 0.0)

    for n in range(3):
        assert derivative(solved, 0.7, n) == pytest.approx(derivative(settles, 0.7, n), rel=1e-12)


def test_a_function_without_a_fixed_point_is_told() -> None:
    with pytest.raises(ConvergenceError, match=r"fixed_point: no fixed point of <lambda> found"):
        fixed_point(lambda x: x + 1.0 + x * x, 0.5)


def test_hessians_of_fixed_points_agree_with_closed_forms() -> None:
    def heron(p: Any) -> Any:
        return fixed_point(lambda x: (x + p[0] * p[1] / x) / 2, 1.0)

    def formula(p: Any) -> Any:
        return ag.sqrt(p[0] * p[1])

    np.testing.assert_allclose(hessian(heron)([2.0, 3.0]), hessian(formula)([2.0, 3.0]), rtol=1e-12)
