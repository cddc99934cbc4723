"""The rule table against mpmath: every value, every local derivative, every second derivative."""

from __future__ import annotations

import math
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from mpmath import mp, mpf

from autograd import Value
from autograd.rules.table import FLOATS, RULES
from autograd.value import apply
from tests.references import BEYOND, REFERENCES, TERMS, beyond, derivative, terms, ulps
from tests.support import ROOT, bits, close

POINTS, HARD_POINTS, SECOND_DERIVATIVE_POINTS = 60, 40, 16
VALUE_ULPS, PARTIAL_ULPS, SECOND_DERIVATIVE_ULPS = 4.0, 8.0, 64.0
CANCELLED_ULPS = 8.0  # of the larger terms where a value passes through 0

# Where a value or a derivative was wrong once.
PAST: dict[str, list[tuple[float, ...]]] = {
    "atan2": [
        *[(-9e-60, -1.8e66), (-4.6625e-320, 1.98376266725e-312), (-3.6e-129, -7.4e-131), (5.7721867e-317, 7.7e-5)],
        *[(3.595579275237948e-174, 4.009469937245867e-156), (1e-153, 1e-250), (1e107, -1.5e-212), (1e-195, 1e100)],
    ],
    "cbrt": [(4.930122924309262e-288,), (-6.5e-286,), (1.2e305,), (5e-324,)],
    "celu": [
        *[(-6.391498271879674e-260, 2.4487838128554492e301), (-2.0990478899e-313, 3.21654794e-316), (-5e-324, 2.0)],
        *[(-2.362994387380934e305, 3.476803278938315e302), (-58.77607997640324, -0.08379691228878659), (-7e-10, -3e-11)],
        *[(-1.8717978843015715e-304, 2.851514958298134e-307), (-6.3e214, 3.2e-226), (-6.7e-321, 1e-323)],
        *[(-77.06217895446316, -0.10840112902661486), (-1.2302773163411199e-279, 9.570764803782484e-114), (-1e-310, 1e-312)],
    ],
    "digamma": [(1.4616321449683622,), (1.4616321449,), (2.0,), (-0.50408300826,), (-12.3,)],
    "direction": [
        *[(7.579179995738361e-05, -1.9381968633446276e-193, -1.14e-322), (8.35534e-319, 5e-324), (3e-82, 1.6e-263)],
        *[(1e-195, 1e100), (1e100, 1e-195), (2.2528234806023405e-292, -3.613025539690638e102)],
        *[(-3.613025539690638e102, 2.2528234806023405e-292)],
    ],
    "div": [
        (8.049814018808104e217, -3.010904922435867e164),
        (3e-200, -1e308),
        (2.1738429020696837e-179, -7.164084559037661e142),
        (0.0, 3e-173),
        (1e300, 1e-300),
        (1e-300, 1e-10),
    ],
    "dot": [(2e200, -1e200, 1e108, 1e108)],
    "elu": [(-743.9463896, 1.8043475358078071e165), (-1.0, 1.7e308)],
    "exp2": [(1024.5,), (1024.9244720736,)],
    "expm1_rest": [(702.0,), (-745.1000001148036,), (0.75,)],
    "gelu": [(-37.16,), (-37.34189821391849,), (-38.3,), (-0.7517915246935645,), (-0.7518,)],
    "hypot": [(2.67e-322, -4.4e-7, 2.3e-15), (1.7e308, 1.7e308), (2.9292542909420887e-222, 7.305404333831345e-49)],
    "lgamma": [(2.5076192411971037,), (1.4616321449676846,), (1.4999999999999996,), (-2.457024738220801,), (-0.5,), (9.99,)],
    "log_softmax": [(-373.8886559134907, 306.09648490341044, 53.34466540096389), (40.0, 0.0, 1.0)],
    "logaddexp": [(1e-17, -30.123), (-36.62604739766621, 1e-17), (-0.03, -3.5)],
    "mean": [(1.7e308, 1.5e308, -1e300)],
    "mish": [(-1.1925,), (-1.1924312145154952,), (33.38364940441004,), (0.0,), (-1.7e308,)],
    "norm": [
        (1.0801830149818382e104, -1.0987547085200768e-202, 1.2274266924345031e-293),
        (1.5586060943337366e-09, 1.5e-323, 1.8814942425535172e-281),
        (1.5e308, -1.5e308, 1.5e308),
    ],
    "polygamma": [
        *[(40.0, 1e9), (3.0, -2.4934319743525126), (4.0, -2.51), (40.0, -3.5), (2.0, 1e155), (40.0, 31.86414972180089)],
        *[(100.0, -17.328397019872884), (100.0, -3.4503151043450107), (8.0, 15.576036211086732), (101.0, -0.49999955)],
    ],
    "pow": [
        *[(1.0000000000000018, -4.1978562211010765e17), (3.39832e-318, 0.9671659066575862), (1.7e-310, -1.3e-59)],
        *[(1.5160446312774342e107, 2.8772244530988287), (1e-300, 2.5), (0.3, 0.1), (5e-20, 1e-17), (7e4, -0.3)],
    ],
    "power": [
        (1.0000000000000093, -7.992879736428907e16),
        (6.84e-320, -2.1e-180),
        (-1.0, 1e17),
        (-1.0000000000000002, 1e16),
    ],
    "prod": [(1e200, 1e200, 1e-300), (1e-200, 1e-200, 1e300), (-3e-310, 2e200, 5e150), (2.0, 1e-300, 1e200, 1e200)],
    "rsqrt": [(2.1347951188940692e-206,)],
    "scaled_softplus": [(1971801468682.9297, 3.7247782638213776e-10), (-1971801468682.9297, 3.7247782638213776e-10)],
    "silu": [(-1.2785,), (-1.2784645427610737,), (0.0,), (-740.0,)],
    "softmax": [(40.0, 0.0, 1.0), (0.0, 0.0, 40.0)],
    "sum": [(1.5e308, 1.5e308, -1.7e308)],
}

FLAT = ("ceil", "floor", "floor_quotient", "floordiv", "round", "sign", "step", "trunc", "trunc_quotient")

every_rule = pytest.mark.parametrize("name", sorted(RULES))


@cache
def points(name: str) -> list[tuple[float, ...]]:
    """Of the past, of the sampler, hard ones, and of the whole domain."""
    random, reference = Random(name), REFERENCES[name]
    interior = [reference.sampler(random) for _ in range(POINTS)]
    others = [s(random) for s in (reference.hard, reference.whole) if s for _ in range(HARD_POINTS)]
    return [*PAST.get(name, []), *interior, *others]


def variables(name: str, x: tuple[float, ...]) -> list[int]:
    """The places of the operands a rule is differentiated by."""
    return [i for i in range(len(x)) if i not in REFERENCES[name].constants]


@cache
def exact_partials(name: str) -> list[list[Any]]:
    function = REFERENCES[name].function
    return [[derivative(function, x, once(len(x), i)) for i in variables(name, x)] for x in points(name)]


def worst_value(name: str) -> tuple[float, tuple[float, ...]]:
    """The largest error of a value as a share of what it may be, and where."""
    function, value = REFERENCES[name].function, RULES[name].value
    errors = []
    for x in points(name):
        exact, size = derivative(function, x, (0,) * len(x)), terms(name, x, (0,) * len(x))
        bound = VALUE_ULPS if size <= abs(exact) else CANCELLED_ULPS
        errors.append((ulps(value(*x), exact, size) / bound, x))
    return max(errors)


def worst_partial(name: str, factor: float = 1.0) -> tuple[float, tuple[float, ...]]:
    """The largest error of a partial in ulp, and where; every partial is scaled by ``factor`` first."""
    errors = []
    for x, exact in zip(points(name), exact_partials(name), strict=True):
        partials = RULES[name].partials(FLOATS, RULES[name].value(*x), *x)
        for i, number in zip(variables(name, x), exact, strict=True):
            errors.append((ulps(factor * partials[i], number, terms(name, x, once(len(x), i))), x))
    return max(errors)


def once(count: int, *places: int) -> tuple[int, ...]:
    """The orders of a derivative by the operands at these places, a second one if twice by the same."""
    return tuple(places.count(i) for i in range(count))


def test_every_rule_has_a_reference_and_every_reference_a_rule() -> None:
    assert sorted(RULES) == sorted(REFERENCES)


def test_every_cancellation_and_every_limit_is_of_a_rule() -> None:
    assert {*TERMS, *BEYOND, *PAST} <= set(RULES)


def test_the_accuracy_page_has_every_rule() -> None:
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert [name for name in RULES if f"| `{name}`" not in page] == []


@every_rule
def test_values_are_within_4_ulp_of_mpmath(name: str) -> None:
    """Where the result passes through 0, within 8 ulp of the terms that cancel."""
    error, x = worst_value(name)
    assert error <= 1.0, f"{name}{x}"


@every_rule
def test_local_derivatives_are_within_8_ulp_of_mpmath(name: str) -> None:
    error, x = worst_partial(name)
    assert error <= PARTIAL_ULPS, f"{name}{x}"


@every_rule
def test_a_factor_of_16_ulp_in_a_local_derivative_is_caught(name: str) -> None:
    """The bounds above are tight enough to tell a wrong rule from a rounded one."""
    if any(number for exact in exact_partials(name) for number in exact):
        assert worst_partial(name, 1.0 + 2.0**-48)[0] > PARTIAL_ULPS


@pytest.mark.parametrize("name", FLAT)
def test_the_derivative_of_a_step_is_0_itself(name: str) -> None:
    """And not −0, whatever the sides of the step."""
    for x in points(name):
        assert set(map(bits, RULES[name].partials(FLOATS, RULES[name].value(*x), *x))) == {bits(0.0)}


@every_rule
def test_a_rule_gives_one_local_derivative_an_operand(name: str) -> None:
    """Pitfall 18: a rule with the wrong number of derivatives."""
    x = points(name)[0]
    y = RULES[name].value(*x)
    assert type(y) is float
    assert len(RULES[name].partials(FLOATS, y, *x)) == len(x)
    root = apply(RULES[name], *map(Value, x))
    assert len(root.parents) == len(root.local_derivatives) == len(x)


@pytest.mark.parametrize("name", sorted(name for name in RULES if not REFERENCES[name].constants))
def test_an_operand_used_in_every_place_gets_the_sum_of_the_derivatives(name: str) -> None:
    """Pitfalls 6 and 11: the same node twice, and assigning a gradient where it must be added."""
    x = abs(points(name)[0][0]) % 0.75 + (1.125 if name == "acosh" else 0.125)
    count = len(points(name)[0])
    partials = RULES[name].partials(FLOATS, RULES[name].value(*[x] * count), *[x] * count)
    leaf = Value(x)
    apply(RULES[name], *[leaf] * count).backward()
    assert close(leaf.grad, math.fsum(partials), 1e-15)
    twice = Value(x)
    (apply(RULES[name], *[twice] * count) + apply(RULES[name], *[twice] * count)).backward()
    assert close(twice.grad, 2.0 * leaf.grad, 1e-15)


@every_rule
def test_second_derivatives_are_within_64_ulp_of_mpmath(name: str) -> None:
    """By every two operands, where ``BEYOND`` doesn't say why not."""
    function, table = REFERENCES[name].function, points(name)
    past, step = len(PAST.get(name, [])), len(table) // SECOND_DERIVATIVE_POINTS
    for x in table[:past] + table[past::step]:
        at = variables(name, x)
        pairs = [once(len(x), i, j) for i in at for j in at]
        for actual, orders in zip(second_derivatives(name, x), [] if beyond(name, x) else pairs, strict=False):
            error = ulps(actual, derivative(function, x, orders), terms(name, x, orders))
            assert error <= SECOND_DERIVATIVE_ULPS, f"{name}{x} by {orders}: {error} ulp"


def second_derivatives(name: str, x: tuple[float, ...]) -> list[float]:
    """The Hessian, row after row: the gradient recorded by ``create_graph``, differentiated once more."""
    operands: list[Any] = [n if i in REFERENCES[name].constants else Value(n) for i, n in enumerate(x)]
    leaves = [operands[i] for i in variables(name, x)]
    y: Any = apply(RULES[name], *operands)
    y.backward(create_graph=True)
    gradients = [leaf.grad for leaf in leaves]
    entries: list[float] = []
    for gradient in gradients:
        for leaf in leaves:
            leaf.grad = None
        gradient.backward()
        entries += [leaf.grad for leaf in leaves]
    return entries


@pytest.mark.parametrize(
    ("x", "p", "value", "partials"),
    [
        (math.inf, -1e8, 0.0, (-0.0, 0.0)),
        (math.inf, 0.3, math.inf, (0.0, math.inf)),
        (math.inf, -0.3, 0.0, (-0.0, 0.0)),
        (math.inf, 0.7, math.inf, (0.0, math.inf)),
        (0.5, math.inf, 0.0, (math.nan, -0.0)),
        (2.0, -math.inf, 0.0, (math.nan, 0.0)),
        (-0.5, 1e17, -0.0 + 0.0, (-0.0, math.nan)),
        (-1.0, 1e17, 1.0, (-1e17, math.nan)),
        (-2.0, 0.1, math.nan, (math.nan, math.nan)),
    ],
)
def test_powers_have_the_limits_of_their_derivatives(
    x: float, p: float, value: float, partials: tuple[float, float]
) -> None:
    y = RULES["pow"].value(x, p)
    actual = RULES["pow"].partials(FLOATS, y, x, p)
    assert list(map(bits, (y, *actual))) == list(map(bits, (value, *partials)))


@pytest.mark.parametrize("count", [32, 33, 50])
def test_the_derivatives_of_a_product_of_many_are_the_products_of_the_others(count: int) -> None:
    random = Random(count)
    xs = [random.uniform(0.5, 2.0) for _ in range(count)]
    exact = [mp.fprod(mpf(x) for j, x in enumerate(xs) if j != i) for i in range(count)]
    for partials in (RULES["prod"].partials(FLOATS, 1.0, *xs), apply(RULES["prod"], *map(Value, xs)).local_derivatives):
        assert all(ulps(partial, number) <= count for partial, number in zip(partials, exact, strict=True))


@pytest.mark.parametrize("x", [50.0, -50.0, 745.0, -745.0, 1e308, -1e308])
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "log_sigmoid", "logsumexp", "log_softmax", "logaddexp"])
def test_nothing_overflows_far_out(name: str, x: float) -> None:
    """Pitfall 23: the naive sigmoid, softplus, logsumexp and cross-entropy die above 400."""
    operands = (x, 0.0) if name in ("logsumexp", "log_softmax", "logaddexp") else (x,)
    function = REFERENCES[name].function
    leaves = [Value(number) for number in operands]
    y = apply(RULES[name], *leaves)
    y.backward()
    if abs(x) > 1e4:  # mpmath would need 10³⁰⁸ digits; what is left is exact
        assert all(leaf.grad in (-1.0, 0.0, 1.0) for leaf in leaves)
        assert y.data in (-1.0, 0.0, 1.0, x, -x)
        return
    assert ulps(y.data, derivative(function, operands, (0,) * len(operands))) <= 4.0
    for i, leaf in enumerate(leaves):
        if operands[i]:
            assert ulps(leaf.grad, derivative(function, operands, tuple(int(i == j) for j in range(len(operands))))) <= 4.0


@pytest.mark.parametrize("name", ["log", "log2", "log10", "log1p", "exp", "sin", "cos", "sqrt", "tanh", "erf"])
def test_a_function_that_math_has_is_equal_to_it_bit_for_bit(name: str) -> None:
    """Pitfall 24: log(x + eps) is biased, silently."""
    for x in (1e-300, 1e-9, 0.3, 1.0, 2.5, 30.0):
        assert apply(RULES[name], Value(x)).data == getattr(math, name)(x)


@pytest.mark.parametrize("n", [-1.0, 0.0, 0.5, 2.0, 3.0])
def test_the_derivative_of_a_simple_power_needs_no_power(n: float) -> None:
    namespace: Any = SimpleNamespace(div=FLOATS.div, square=FLOATS.square)
    partial, _ = RULES["power"].partials(namespace, 0.7**n, 0.7, n)
    assert partial == pytest.approx(n * 0.7 ** (n - 1.0), rel=1e-15)
