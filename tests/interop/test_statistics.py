"""Python's ``statistics`` of Values: its mean, variance and deviations are Values with their gradients."""

from __future__ import annotations

import math
import random
import statistics as typed_statistics
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import autograd as ag
from autograd import Value
from autograd.interop.statistics import SquareRoot

statistics: Any = typed_statistics  # typeshed has its functions take numbers it knows alone

DATA = [1.0, 2.5, 4.0, 7.0, -3.25]
MEAN, N = statistics.mean(DATA), len(DATA)
DEVIATION, P_DEVIATION = statistics.stdev(DATA), statistics.pstdev(DATA)
HARMONIC = [1.0, 2.5, 4.0]

# what it is of, the function, and its derivative by x, by hand
FUNCTIONS: list[tuple[Callable[..., Any], list[float], Callable[[float], float]]] = [
    (statistics.mean, DATA, lambda _: 1 / N),
    (statistics.variance, DATA, lambda x: 2 * (x - MEAN) / (N - 1)),
    (statistics.pvariance, DATA, lambda x: 2 * (x - MEAN) / N),
    (statistics.stdev, DATA, lambda x: (x - MEAN) / (N - 1) / DEVIATION),
    (statistics.pstdev, DATA, lambda x: (x - MEAN) / N / P_DEVIATION),
    (statistics.harmonic_mean, HARMONIC, lambda x: statistics.harmonic_mean(HARMONIC) ** 2 / (3 * x**2)),
    (statistics.median, DATA, lambda x: float(x == 2.5)),
    (lambda data: statistics.variance(data, 2.0), DATA, lambda x: 2 * (x - 2.0) / (N - 1)),
    (lambda data: statistics.pvariance(data, 2.0), DATA, lambda x: 2 * (x - 2.0) / N),
    (lambda data: statistics.stdev(iter(data)), DATA, lambda x: (x - MEAN) / (N - 1) / DEVIATION),
]
each = pytest.mark.parametrize(("function", "data", "derivative"), FUNCTIONS)


@each
def test_a_moment_of_values_is_a_value_with_its_gradient(function: Any, data: Any, derivative: Any) -> None:
    values = [Value(x) for x in data]
    y = function(values)
    assert isinstance(y, Value)
    assert y.data == pytest.approx(function(data), rel=1e-14)
    y.backward()
    assert [v.grad for v in values] == pytest.approx([derivative(x) for x in data], rel=1e-13, abs=1e-15)


@each
def test_it_is_differentiated_by_grad_and_compiled(function: Any, data: Any, derivative: Any) -> None:
    expected = [derivative(x) for x in data]
    assert ag.grad(function)(data) == pytest.approx(expected, rel=1e-13, abs=1e-15)
    if function is not statistics.median:  # its order is a guard for each pair
        assert ag.compile(function).grad(data) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_a_variance_is_differentiated_twice() -> None:
    hessian = ag.hessian(statistics.variance)([1.0, 2.0, 6.0])
    expected = [2 / 3 if i == j else -1 / 3 for i in range(3) for j in range(3)]  # 2 (δᵢⱼ − 1/n) / (n − 1)
    assert [number for row in hessian for number in row] == pytest.approx(expected, rel=1e-13)


def test_a_variance_far_from_zero_keeps_its_digits() -> None:
    data = [1e9 + x for x in (1.0, 2.0, 4.0)]
    assert statistics.variance([Value(x) for x in data]).data == pytest.approx(statistics.variance(data), rel=1e-12)


def test_random_data_agree_with_those_of_floats() -> None:
    dice = random.Random(5)
    for _ in range(50):
        data = [dice.gauss(3.0, 2.0) for _ in range(dice.randint(2, 30))]
        values = [Value(x) for x in data]
        for function in (statistics.mean, statistics.variance, statistics.stdev):
            assert function(values).data == pytest.approx(function(data), rel=1e-12)


def test_a_value_given_twice_counts_twice() -> None:
    x, z = Value(1.0), Value(4.0)
    y: Any = statistics.mean([x, x, z])
    y.backward()
    assert (y.data, x.grad, z.grad) == (2.0, 2 / 3, 1 / 3)


@pytest.mark.parametrize("function", [statistics.mean, statistics.variance, statistics.pvariance, statistics.stdev])
@pytest.mark.parametrize("other", [2, 2.0, True, math.inf, Fraction(1, 3)], ids=repr)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_plain_numbers_among_values_are_an_error_and_never_left_out(function: Any, other: Any, place: int) -> None:
    data: list[Any] = [Value(1.0), Value(2.0), Value(6.0)]
    data.insert(place, other)
    with pytest.raises(TypeError, match="statistics: the data are Values and plain numbers together.*make Values of all"):
        function(data)


@pytest.mark.parametrize(("middle", "kind"), [(2.0, float), (Value(2.0), Value)])
def test_the_median_of_values_and_plain_numbers_is_the_one_in_the_middle(middle: Any, kind: type) -> None:
    assert type(statistics.median([Value(1.0), middle, 3.0])) is kind


def test_too_few_data_are_statistics_own_error() -> None:
    with pytest.raises(statistics.StatisticsError, match="at least two data points"):
        statistics.variance([Value(1.0)])


def test_a_root_taken_another_way_is_an_error_and_no_number() -> None:
    root: Any = SquareRoot(Value(4.0))
    uses: list[Callable[[Any], Any]] = [bool, float, int, math.isqrt, lambda r: r + 1, lambda r: r * r]
    for use in uses:
        with pytest.raises(TypeError):
            use(root)
