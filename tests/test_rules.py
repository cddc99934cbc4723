"""The rule table against mpmath: every value, every local derivative, every second derivative."""

from __future__ import annotations

import math
from functools import cache
from random import Random
from typing import Any

import pytest
from mpmath import mpf

from autograd import Value
from autograd.rules import FLOATS, RULES
from autograd.value import apply
from tests.references import REFERENCES, TERMS, derivative, terms, ulps
from tests.support import bits, close

POINTS, HARD_POINTS, SECOND_DERIVATIVE_POINTS = 60, 40, 8
VALUE_ULPS, PARTIAL_ULPS = 4.0, 8.0

CANCELLED_ULPS = 8.0  # of the larger terms where a value passes through 0
LOOSER_VALUES = {"gelu": 6.0}  # below −37 from two half powers, each with an error of its own
# Entries of a Hessian that are a difference of larger ones; these are held to 1e-15 of the largest entry.
CANCELLING_HESSIANS = ("log_softmax", "logsumexp", "softmax")

FLAT = ("ceil", "floor", "floor_quotient", "floordiv", "round", "sign", "step", "trunc", "trunc_quotient")

every_rule = pytest.mark.parametrize("name", sorted(RULES))


@cache
def points(name: str) -> list[tuple[float, ...]]:
    """First those of the sampler, then the hard ones."""
    random, reference = Random(name), REFERENCES[name]
    interior = [reference.sampler(random) for _ in range(POINTS)]
    return interior + [reference.hard(random) for _ in range(HARD_POINTS)] if reference.hard else interior


def variables(name: str, x: tuple[float, ...]) -> list[int]:
    """The places of the operands a rule is differentiated by."""
    return [i for i in range(len(x)) if i not in REFERENCES[name].constants]


@cache
def exact_partials(name: str) -> list[list[Any]]:
    function = REFERENCES[name].function
    return [
        [derivative(function, x, tuple(int(i == j) for j in range(len(x)))) for i in variables(name, x)]
        for x in points(name)
    ]


def worst_value(name: str) -> tuple[float, tuple[float, ...]]:
    """The largest error of a value in ulp, and where."""
    function, value = REFERENCES[name].function, RULES[name].value
    return max((ulps(value(*x), derivative(function, x, (0,) * len(x)), terms(name, x, 0)), x) for x in points(name))


def worst_partial(name: str, factor: float = 1.0) -> tuple[float, tuple[float, ...]]:
    """The largest error of a partial in ulp, and where; every partial is scaled by ``factor`` first."""
    errors = []
    for x, exact in zip(points(name), exact_partials(name), strict=True):
        partials, size = RULES[name].partials(FLOATS, RULES[name].value(*x), *x), terms(name, x, 1)
        errors += [(ulps(factor * partials[i], n, size), x) for i, n in zip(variables(name, x), exact, strict=True)]
    return max(errors)


def test_every_rule_has_a_reference_and_every_reference_a_rule() -> None:
    assert sorted(RULES) == sorted(REFERENCES)


def test_every_looser_bound_and_every_cancellation_is_for_a_rule() -> None:
    assert {*LOOSER_VALUES, *TERMS} <= set(RULES)


@every_rule
def test_values_are_within_4_ulp_of_mpmath(name: str) -> None:
    error, x = worst_value(name)
    assert error <= LOOSER_VALUES.get(name, CANCELLED_ULPS if name in TERMS else VALUE_ULPS), f"{name}{x}"


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
def test_the_slope_of_a_step_is_0_itself(name: str) -> None:
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
def test_second_derivatives_are_within_1e9_of_mpmath(name: str) -> None:
    function = REFERENCES[name].function
    for x in points(name)[:SECOND_DERIVATIVE_POINTS]:
        at = variables(name, x)
        hessian = second_derivatives(name, x)
        exact = [derivative(function, x, orders(len(x), i, j)) for i in at for j in at]
        slack = 1e-15 * max(map(abs, exact)) if name in CANCELLING_HESSIANS else 0
        for actual, expected in zip(hessian, exact, strict=True):
            assert abs(mpf(actual) - expected) <= max(1e-9 * abs(expected), slack, 5e-324), f"{name}{x}"


def orders(count: int, i: int, j: int) -> tuple[int, ...]:
    return tuple((k == i) + (k == j) for k in range(count))


def second_derivatives(name: str, x: tuple[float, ...]) -> list[float]:
    """The Hessian, row after row: the gradient recorded by ``create_graph``, differentiated once more."""
    operands = [number if i in REFERENCES[name].constants else Value(number) for i, number in enumerate(x)]
    leaves = [operands[i] for i in variables(name, x)]
    apply(RULES[name], *operands).backward(create_graph=True)
    gradients = [leaf.grad for leaf in leaves]
    entries: list[float] = []
    for gradient in gradients:
        for leaf in leaves:
            leaf.grad = None
        gradient.backward()
        entries += [0.0 if leaf.grad is None else leaf.grad for leaf in leaves]
    return entries


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
