"""The complex step: its table is the rule table continued to complex numbers, its bound holds, and it sees 1e-12."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest

import autograd as ag
from autograd import Value, primitive
from autograd.rules.table import RULES
from autograd.testing import GradientError, Report, Verdict, check_gradients
from autograd.testing.complex_functions import AMPLIFYING, FUNCTIONS, NO_COMPLEX_FORM, STEPS
from autograd.testing.complex_step import ComplexStep, complex_step
from autograd.testing.domains import DOMAINS
from tests.references import REFERENCES, derivative
from tests.testing.rules import Point, check, interior, operation
from tests.testing.test_power import broken, is_caught


def steps_at(name: str, point: Point, places: Iterable[int]) -> list[ComplexStep | None]:
    """The complex step of one operation by each of the operands at these places."""
    operands: list[Any] = [Value(x) if i in places else x for i, x in enumerate(point)]
    root = ag.value.apply(RULES[name], *operands)
    return [complex_step(root, operands[i]) for i in places]


# -- the table -----------------------------------------------------------------------------------------


def test_every_operation_is_in_the_table_or_has_a_reason_not_to_be() -> None:
    assert set(RULES) - set(FUNCTIONS) == STEPS | NO_COMPLEX_FORM
    assert set(FUNCTIONS) | AMPLIFYING <= set(RULES)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_on_the_real_axis_a_complex_function_is_the_operation(name: str) -> None:
    for point in interior(name, 100, seed=3):
        value = FUNCTIONS[name](*map(complex, point))
        assert value.real == pytest.approx(RULES[name].value(*point), rel=1e-13, abs=1e-15)
        assert value.imag == 0.0


def within_bounds(name: str, points: Iterable[Point]) -> list[float]:
    """Assert that steps are as near to 50-digit derivatives as they say; how near they say, relative."""
    reference, errors = REFERENCES[name], []
    for point in points:
        places = [i for i in range(len(point)) if i not in reference.constants]
        for place, step in zip(places, steps_at(name, point, places), strict=True):
            if step is not None:
                exact = derivative(reference.function, point, tuple(int(i == place) for i in range(len(point))))
                assert abs(step.value - exact) <= step.error, (point, place)
                errors.append(float(step.error / abs(exact)) if exact else 0.0)
    return errors


@pytest.mark.parametrize("name", FUNCTIONS)
def test_steps_agree_with_50_digit_derivatives(name: str) -> None:
    errors = within_bounds(name, interior(name, 8, seed=4))
    assert len(errors) >= 8
    assert max(errors) <= (1e-9 if name in AMPLIFYING else 2e-14)


@pytest.mark.long
@pytest.mark.parametrize("name", FUNCTIONS)
def test_steps_agree_with_50_digit_derivatives_over_the_whole_domain(name: str) -> None:
    random, reference = Random(name), REFERENCES[name]
    for sampler in filter(None, (reference.sampler, reference.hard)):
        within_bounds(name, [sampler(random) for _ in range(200)])


# -- what it finds -------------------------------------------------------------------------------------


def catch(monkeypatch: pytest.MonkeyPatch, name: str, error: float, count: int) -> Counter[bool]:
    """How often a relative error of a derivative is caught, at interior points where the step is good to 1e-13."""
    caught: Counter[bool] = Counter()
    for point in interior(name, count, seed=5):
        places = DOMAINS[name].places
        for place, step in zip(places, steps_at(name, point, places), strict=True):
            if step is not None and step.error <= 1e-13 * abs(step.value):
                with monkeypatch.context() as patch:
                    mutation = lambda partials, i: [d * (1.0 + error) if k == i else d for k, d in enumerate(partials)]  # noqa: E731
                    patch.setattr(RULES[name], "partials", broken(RULES[name], mutation, place))
                    caught[is_caught(name, point, place)] += 1
    return caught


VARYING = sorted(set(FUNCTIONS) - {"sign", "step"})  # a derivative of 0 has no relative error


@pytest.mark.parametrize("name", VARYING)
def test_a_relative_error_of_1e_12_is_caught(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    caught = catch(monkeypatch, name, 1e-12, 5)
    assert caught[True] >= 2
    assert caught[False] == 0


@pytest.mark.long
@pytest.mark.parametrize("name", VARYING)
def test_a_relative_error_of_1e_12_is_caught_at_100_points(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    caught = catch(monkeypatch, name, 1e-12, 100)
    assert caught[True] >= 10
    assert caught[False] == 0


UNSEEN = [(ag.tanh, 20.0), (ag.sigmoid, 40.0), (ag.sin, 1e11), (lambda x: 1e20 + ag.exp(x), 1.0)]


@pytest.mark.parametrize(("f", "x"), UNSEEN)
def test_an_error_is_caught_where_values_show_nothing_at_all(
    monkeypatch: pytest.MonkeyPatch, f: Callable[..., Any], x: float
) -> None:
    assert check_gradients(f, x).verdicts == {"x": Verdict.RIGHT}
    for name in ("tanh", "sigmoid", "sin", "exp"):
        monkeypatch.setattr(RULES[name], "partials", broken(RULES[name], lambda d, _: [d[0] * (1.0 + 1e-12)], 0))
    with pytest.raises(GradientError, match=r"the rule to blame, at .*, complex step .*, off by 1\.0e-12 of it"):
        check_gradients(f, x)


def test_the_derivatives_of_derivatives_have_steps_too() -> None:
    report = check_gradients(lambda x, y: ag.tanh(x * y) / ag.hypot(x, y) + ag.softplus(ag.gelu(x)), 0.4, 0.7, order=2)
    assert report
    assert all(one.complex_step for one in (*report.checks, *report.nodes))


def errors(report: Report) -> list[float]:
    return [one.complex_step.error / abs(one.reverse) for one in report.checks if one.complex_step]


def test_a_net_is_checked_to_the_last_digits() -> None:
    def loss(w: list[list[Any]], b: list[Any]) -> Any:
        hidden = [ag.tanh(ag.dot(row, [0.5, -1.0, 2.0]) + bias) for row, bias in zip(w, b, strict=True)]
        return ag.logsumexp(hidden) - hidden[0]

    random = Random(0)
    report = check_gradients(loss, [[random.gauss(0.0, 1.0) for _ in range(3)] for _ in range(4)], [0.1, 0.2, 0.3, 0.4])
    assert report
    assert len(errors(report)) == 16
    assert max(errors(report)) < 1e-12


# -- the graph -----------------------------------------------------------------------------------------


def test_through_a_deep_graph() -> None:
    x = y = Value(0.3)
    exact = 1.0
    for _ in range(3000):
        exact *= math.cos(y.data)
        y = ag.sin(y)
    step = complex_step(y, x)
    assert step is not None
    assert abs(step.value - exact) <= step.error < 1e-11 * exact


def test_leaves_used_often_once_and_never() -> None:
    x, y, z = Value(3.0), Value(2.0), Value(1.0)
    root = x * x * y - x
    assert [complex_step(root, leaf) for leaf in (x, y, z)] == [
        ComplexStep(11.0, pytest.approx(0.0, abs=1e-13)),  # type: ignore[arg-type]
        ComplexStep(9.0, pytest.approx(0.0, abs=1e-13)),  # type: ignore[arg-type]
        ComplexStep(0.0, 0.0),
    ]
    assert complex_step(x, x) == ComplexStep(1.0, pytest.approx(0.0, abs=1e-14))  # type: ignore[arg-type]


@pytest.mark.parametrize("scale", [1e-15, 1e-6, 1.0, 1e6, 1e15])
def test_steps_fit_numbers_of_any_size(scale: float) -> None:
    for f, exact in ((lambda x: ag.sqrt(x * x + scale * scale), math.sqrt(0.5)), (lambda x: (scale / x) ** 3, -3.0 / scale)):
        x = Value(scale)
        step = complex_step(f(x), x)
        assert step is not None
        assert abs(step.value - exact) <= step.error < 1e-13 * abs(exact)


@pytest.mark.parametrize(
    ("name", "point"), [("prod", (0.0, 0.0, 0.0)), ("prod", (0.0, 0.0, 1e-3)), ("pow", (1.0, 0.0)), ("xlogy", (0.0, 1.0))]
)
def test_a_derivative_of_0_is_not_mistaken_for_what_the_third_order_leaves(name: str, point: Point) -> None:
    assert set(check(name, point).verdicts.values()) == {Verdict.RIGHT}
    assert check_gradients(lambda t: operation(name, point)(*(x + t for x in point)), 0.0)


# -- where it isn't allowed ------------------------------------------------------------------------------

square_of = primitive(lambda y, x: 2.0 * x, name="square_of")(lambda x: x * x)

NOT_ALLOWED: list[tuple[Callable[..., Any], float]] = [
    *((ag.lgamma, 2.5), (ag.floor, 2.5), (square_of, 1.5), (lambda x: ag.sin(x) + x % 2.0, 0.7)),  # no complex function
    *((abs, 0.0), (ag.relu, 0.0), (lambda x: ag.maximum(x, 1.0), 1.0), (lambda x: ag.hypot(x, 0.0), 0.0)),  # kinks
    *((ag.sqrt, 0.0), (ag.log, 0.0), (ag.log, -1.0), (ag.asin, 1.0), (lambda x: x**2, 0.0)),  # ends, and 0 as a base
    *((lambda x: x * x, 1e60), (lambda x: 1.0 / x, 1e-60), (ag.exp, 800.0), (ag.sin, math.inf), (ag.tanh, math.nan)),
]


@pytest.mark.parametrize(("f", "x"), NOT_ALLOWED)
def test_elsewhere_differences_judge_alone(f: Callable[..., Any], x: float) -> None:
    leaf = Value(x)
    assert complex_step(f(leaf), leaf) is None
    report = check_gradients(f, x)
    assert "complex step" not in str(report)


def test_only_what_depends_on_the_leaf_has_to_allow_it() -> None:
    x, y = Value(0.5), Value(2.5)
    root = ag.sin(x) * ag.lgamma(y)
    assert complex_step(root, x) is not None
    assert complex_step(root, y) is None


def test_a_primitive_is_not_taken_for_an_operation_of_its_name() -> None:
    tripled = primitive(lambda y, x: 3.0, name="exp")(lambda x: 3.0 * x)
    assert check_gradients(tripled, 0.5)


def test_kinks_ends_and_cut_graphs_are_still_for_differences_to_find() -> None:
    assert check_gradients(lambda x: 1e6 + abs(x - 1.0), 1.0 + 1e-10).verdicts == {"x": Verdict.KINK}
    assert check_gradients(ag.asin, 1.0 - 1e-17).verdicts == {"x": Verdict.END}
    with pytest.raises(GradientError, match=r"complex step .*, differences .*, off by .*\nevery operation .* cut off"):
        check_gradients(lambda x: x * float(ag.sin(x)), 0.3)
