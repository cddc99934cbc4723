"""What ``check_gradients`` says: right, wrong, kink, end of the domain, too noisy; and how it refuses bad input."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import pytest

import autograd as ag
from autograd import Value, primitive
from autograd.testing import GradientError, Verdict, check_gradients
from autograd.testing.domains import DOMAINS
from tests.testing.kinks import KINKS
from tests.testing.rules import check, operation


@pytest.mark.parametrize(("name", "point", "place"), KINKS)
def test_every_kink_is_called_a_kink(name: str, point: tuple[float, ...], place: int) -> None:
    report = check_gradients(operation(name, point), *(point[i] for i in DOMAINS[name].places))
    assert report.checks[DOMAINS[name].places.index(place)].verdict is Verdict.KINK
    assert "kink" in str(report)


COMPOSED_KINKS: list[tuple[Any, tuple[float, ...]]] = [
    (lambda x: ag.where(x > 0, x, 0.0), (0.0,)),
    (lambda x: ag.where(x > 1, x * x, 2 * x), (1.0,)),
    (lambda x: ag.where(x > 0, 1.0, x * 0.0), (0.0,)),
    (lambda x: ag.where(x >= 3, x, -x), (3.0,)),
    (lambda x: ag.sqrt(x**2), (0.0,)),
    (lambda x, y: ag.sqrt(x * x + y * y), (0.0, 0.0)),
    (lambda x: ag.relu(x) - ag.relu(-x), (0.0,)),
    (lambda x: abs(ag.sin(x)), (0.0,)),
    (lambda x: 1e6 + abs(x - 1), (1 + 1e-10,)),
    (lambda x: ag.maximum(x * x, 2 * x), (2.0,)),
]


@pytest.mark.parametrize("case", COMPOSED_KINKS, ids=range(len(COMPOSED_KINKS)))
def test_kinks_of_compositions(case: tuple[Any, tuple[float, ...]]) -> None:
    f, point = case
    assert set(check_gradients(f, *point).verdicts.values()) == {Verdict.KINK}


ENDS = [
    *(("sqrt", (0.0,)), ("sqrt", (-1.0,)), ("rsqrt", (0.0,)), ("log", (0.0,)), ("log", (-1.0,)), ("log1p", (-1.0,))),
    *(("asin", (1.0,)), ("acos", (-1.0,)), ("acosh", (1.0,)), ("atanh", (1.0,)), ("atanh", (2.0,)), ("reciprocal", (0.0,))),
    *(("lgamma", (-1.0,)), ("digamma", (0.0,)), ("power", (0.0, 1.5)), ("power", (0.0, -1.0)), ("div", (1.0, 0.0))),
    *(("exp", (710.0,)), ("sin", (math.inf,)), ("tanh", (math.nan,)), ("add", (math.inf, -math.inf))),
]


@pytest.mark.parametrize(("name", "point"), ENDS)
def test_the_end_of_a_domain(name: str, point: tuple[float, ...]) -> None:
    assert set(check(name, point).verdicts.values()) == {Verdict.END}


@pytest.mark.parametrize(("f", "x"), [(ag.sqrt, 1e-300), (ag.log, 1e-12), (ag.asin, 1 - 1e-6), (ag.acosh, 1 + 1e-6)])
def test_close_to_the_end_of_a_domain_a_derivative_is_still_judged(f: Any, x: float) -> None:
    assert check_gradients(f, x).verdicts == {"x": Verdict.RIGHT}


HIDDEN: list[tuple[Any, float]] = [
    *((primitive(lambda y, x: 1.0 - y * y)(math.tanh), 20.0), (lambda x: 1e20 + ag.lgamma(x), 1.5), (ag.sin, 1e77)),
    (lambda x: (x**-1.0) ** -1.0, 1e-200),
]


@pytest.mark.parametrize(("f", "x"), HIDDEN)
def test_where_rounding_hides_the_derivative_it_is_too_noisy_to_say(f: Any, x: float) -> None:
    report = check_gradients(f, x)
    assert report.verdicts == {"x": Verdict.NOISY}
    assert not report


@pytest.mark.parametrize(
    ("f", "x"), [(ag.tanh, 20.0), (ag.sigmoid, 40.0), (ag.erf, 6.5), (ag.sin, 1e40), (lambda x: 1e20 + x, 1.0)]
)
def test_where_rounding_hides_the_derivative_the_complex_step_may_see_it(f: Any, x: float) -> None:
    assert check_gradients(f, x).verdicts == {"x": Verdict.RIGHT}


def test_a_step_close_by_is_no_kink() -> None:
    for x in (0.3, 2.0 + 1e-6, 1e6 + 0.3):
        assert check_gradients(ag.floor, x).verdicts == {"x": Verdict.RIGHT}
    assert check_gradients(ag.floor, 1e18).verdicts == {"x": Verdict.NOISY}


def test_a_kink_excuses_higher_derivatives_too() -> None:
    for f in (lambda x: abs(x**2), lambda x: ag.relu(x) * x, lambda x: ag.maximum(x, 0.0) ** 2 + x):
        assert check_gradients(f, 0.0, order=2).verdicts == {"x": Verdict.RIGHT, "x and x": Verdict.KINK}


def test_breaks_in_a_higher_derivative_are_no_kinks() -> None:
    for f in (lambda x: x * abs(x), ag.softsign, lambda x: ag.elu(x, 1.0), lambda x: ag.relu(x) ** 2, ag.sinc):
        assert check_gradients(f, 0.0)
    assert check_gradients(lambda x: ag.relu(x) ** 2, 0.0, order=2).verdicts == {"x": Verdict.RIGHT, "x and x": Verdict.KINK}


# -- wrong ---------------------------------------------------------------------------------------------


@primitive(lambda y, x: 1.0000001 * ag.cos(x))
def slightly_wrong(x: float) -> float:
    return math.sin(x)


@primitive(lambda y, x: math.cos(float(x)))
def cut_off(x: float) -> float:
    return math.sin(x)


def test_the_message_names_argument_numbers_error_and_rule() -> None:
    with pytest.raises(GradientError) as caught:
        check_gradients(lambda x, p: x * slightly_wrong(p["w"][1] * x), 0.3, {"w": [1.0, 2.0]})
    numbers = r"reverse mode \d\.\d+, differences \d\.\d+ ± \d\.\de-1\d"
    assert re.match(
        rf"the derivative of <lambda> by x is wrong: {numbers}, off by 4\.\de-08 of it\n"
        rf"the derivative of <lambda> by p\['w'\]\[1\] is wrong: {numbers}, off by 1\.0e-07 of it\n"
        rf"the rule to blame, at slightly_wrong\(0\.6\), operand 1: {numbers}, off by 1\.0e-07 of it$",
        str(caught.value),
    )
    assert [check.name for check in caught.value.report.wrong] == ["x", "p['w'][1]", "slightly_wrong(0.6), operand 1"]


def test_an_error_is_found_however_the_graph_dilutes_it() -> None:
    with pytest.raises(GradientError, match=r"^a rule that <lambda> uses is wrong.*\nthe rule to blame, at slightly_wrong"):
        check_gradients(lambda x: 1e6 * x + slightly_wrong(x), 0.5)


def test_a_graph_that_is_cut_is_told_from_a_wrong_rule() -> None:
    with pytest.raises(
        GradientError, match=r"by x is wrong: reverse mode 0\.2955.*\nevery operation .* is right by itself.*cut off"
    ):
        check_gradients(lambda x: x * math.sin(x), 0.3)


def test_a_constant_exponent_excuses_nothing() -> None:
    with pytest.raises(GradientError, match=r"by x is wrong"):
        check_gradients(lambda x: 2.0 * (x**2 * math.sin(x)), 0.3)


def test_a_derivative_that_has_lost_its_graph_shows_at_order_two() -> None:
    assert check_gradients(lambda x: cut_off(2 * x), 0.3)
    with pytest.raises(
        GradientError, match=r"by x and x is wrong: reverse mode 0\.0.*\n.*blame, at cut_off\(0\.6\), operand 1 and"
    ):
        check_gradients(lambda x: cut_off(2 * x), 0.3, order=2)


def test_a_number_outside_the_one_sided_derivatives_of_a_kink_is_wrong() -> None:
    steep = primitive(lambda y, x: 1.5, name="steep")(abs)
    with pytest.raises(GradientError, match=r"derivative -1 from the left, 1 from the right"):
        check_gradients(steep, 0.0)


@pytest.mark.parametrize("derivative", [math.nan, math.inf, 0.0, -1.0, 1e10])
def test_a_derivative_far_from_the_truth_is_wrong(derivative: float) -> None:
    with pytest.raises(GradientError, match="the rule to blame, at wild"):
        check_gradients(primitive(lambda y, x: derivative, name="wild")(math.exp), 0.5)


def test_a_long_message_is_cut() -> None:
    with pytest.raises(GradientError) as caught:
        check_gradients(lambda *xs: ag.sum(slightly_wrong(x) for x in xs), *map(float, range(1, 30)))
    assert str(caught.value).count("\n… and 23 more") == 2


# -- what it takes -------------------------------------------------------------------------------------------


def test_arguments_of_all_shapes_and_their_names() -> None:
    np = pytest.importorskip("numpy")

    def f(a: Any, b: Any, *c: Any) -> Any:
        return a[0][1] * b["k"] + c[0] * c[1][0, 1] - a[1]

    report = check_gradients(f, [(1.0, 2.0), 3], {"k": Value(4.0)}, 5, np.ones((1, 2)))
    assert list(report.verdicts) == ["a[0][0]", "a[0][1]", "a[1]", "b['k']", "c[0]", "c[1][0][0]", "c[1][0][1]"]
    assert report  # also a[0][0], which f doesn't use


def test_orders_one_to_three() -> None:
    report = check_gradients(lambda x, y: ag.exp(ag.sin(x * y)) / (x + 2), 0.4, 0.7, order=3)
    assert report
    assert len(report.checks) == 2 + 4 + 8
    assert {"x", "y and x", "y and x and y"} < set(report.verdicts)


def test_the_report_reads_well() -> None:
    report = check_gradients(lambda x: x * x, 3.0)
    head, line = str(report).splitlines()
    assert head == "<lambda>: 1 of 1 derivatives right, 2 local derivatives checked"
    assert re.match(r"  x: right; reverse mode 6\.0, complex step 6\.0 ± 3\.2e-14, differences \d\.\d+ ± \d\.\de-1\d$", line)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_gradients(lambda: Value(1.0)), ValueError, "at least one number"),
        (lambda: check_gradients(ag.sin, 1.0, order=0), ValueError, "order must be an int ≥ 1, got int 0"),
        (lambda: check_gradients(ag.sin, 1.0, order=True), ValueError, "order must be an int ≥ 1"),
        (lambda: check_gradients(ag.sin, "1"), TypeError, "check_gradients: x must be a real number, got str '1'"),
        (lambda: check_gradients(lambda p: p["w"], {"w": None}), TypeError, r"p\['w'\] must be a real number, got None"),
        (lambda: check_gradients(lambda x: math.sin(x), 1.0), AssertionError, "cut off by float"),
        (lambda: check_gradients(lambda x: [x, x], 1.0), TypeError, "single Value"),  # type: ignore[arg-type, return-value]
    ],
)
def test_bad_input(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_function_that_changes_from_call_to_call_is_refused() -> None:
    noise = itertools.count()
    with pytest.raises(ValueError, match="fix its random seed"):
        check_gradients(lambda x: x * next(noise), 1.0)


def test_no_grad_and_anomalies_around_it_change_nothing() -> None:
    with ag.no_grad():
        assert check_gradients(ag.sin, 1.0)
    with ag.detect_anomaly():
        assert check_gradients(ag.log, 0.3)


# -- what a report says at a kink ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "at", "head"),
    [
        (abs, [0.0], "1 of 1 derivatives at a kink, 1 local derivatives checked"),
        (lambda x, y: x * abs(y), [2.0, 0.0], "1 of 2 derivatives right, 1 at a kink, "),
        (lambda x, y: ag.relu(x) + ag.sqrt(y), [0.0, 0.0], "1 of 2 derivatives at a kink, 1 at an end of the domain, "),
    ],
)
def test_a_kink_is_neither_right_nor_wrong(f: Any, at: list[float], head: str) -> None:
    report = check_gradients(f, *at)
    assert str(report).split(": ", 1)[1].startswith(head)


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (abs, "derivative -1 from the left, 1 from the right; 0 is chosen"),
        (lambda x: -ag.relu(x), "derivative 0 from the left, -1 from the right; 0 is chosen"),
        (lambda x: ag.maximum(x, 3.0 * x), "derivative 1 from the left, 3 from the right; 2 is chosen"),
    ],
)
def test_a_kink_says_what_is_chosen_of_both_sides(f: Any, reason: str) -> None:
    (check,) = check_gradients(f, 0.0).checks
    assert check.reason == reason
    assert "-0.0" not in str(check)
