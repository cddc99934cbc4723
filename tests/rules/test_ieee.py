"""The float functions under the rules: C's answers where ``math`` raises, and the same bits on every Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.rules import ieee as floats
from tests.support import bits, close

INF, NAN = math.inf, math.nan
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, 5e-324, 1.7976931348623157e308, INF, -INF, NAN]


def c_pow(a: float, b: float) -> float:
    """The table of C99 F.9.4.4, written out."""
    if b == 0.0 or a == 1.0:
        return 1.0
    if a != a or b != b:
        return NAN
    odd = math.isfinite(b) and b % 2.0 == 1.0
    if a == 0.0:
        size = 0.0 if b > 0 else INF
        return math.copysign(size, a) if odd else size
    if math.isinf(b):
        return 1.0 if abs(a) == 1.0 else (INF if (abs(a) > 1) == (b > 0) else 0.0)
    if math.isinf(a):
        size = INF if b > 0 else 0.0
        return -size if odd and a < 0 else size
    if a < 0 and b != math.floor(b):
        return NAN
    try:
        size = abs(a) ** b
    except OverflowError:
        size = INF
    return -size if odd and a < 0 else size


@pytest.mark.parametrize(("a", "b"), list(product(SPECIAL, SPECIAL)))
def test_pow_is_c99s_at_every_special_pair(a: float, b: float) -> None:
    assert bits(floats.pow(a, b)) == bits(c_pow(a, b))


def test_pow_keeps_the_sign_of_an_overflow() -> None:
    assert [floats.pow(-1e200, 3.0), floats.pow(-1e200, 2.0), floats.pow(1e200, 3.0)] == [-INF, INF, INF]


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (floats.exp, 710.0, INF),
        (floats.exp, -746.0, 0.0),
        (floats.exp2, 1024.0, INF),
        (floats.expm1, 710.0, INF),
        (floats.sinh, -711.0, -INF),
        (floats.sinh, 711.0, INF),
        (floats.cosh, -711.0, INF),
        (floats.log, 0.0, -INF),
        (floats.log, -0.0, -INF),
        (floats.log, -1.0, NAN),
        (floats.log2, 0.0, -INF),
        (floats.log10, -1.0, NAN),
        (floats.log1p, -1.0, -INF),
        (floats.log1p, -1.5, NAN),
        (floats.sqrt, -1.0, NAN),
        (floats.sqrt, -0.0, -0.0),
        (floats.sin, INF, NAN),
        (floats.cos, -INF, NAN),
        (floats.tan, INF, NAN),
        (floats.asin, 1.5, NAN),
        (floats.acos, -1.5, NAN),
        (floats.acosh, 0.5, NAN),
        (floats.atanh, 1.0, INF),
        (floats.atanh, -1.0, -INF),
        (floats.atanh, 1.5, NAN),
        (floats.cbrt, -27.0, -3.0),
        (floats.floor, -0.5, -1.0),
        (floats.ceil, -0.5, -0.0),
        (floats.trunc, -0.5, -0.0),
        (floats.round_half_even, 2.5, 2.0),
        (floats.round_half_even, -0.5, -0.0),
        (floats.floor, INF, INF),
        (floats.ceil, NAN, NAN),
    ],
)
def test_where_math_raises_we_answer_as_c_does(function: Callable[[float], float], x: float, expected: float) -> None:
    assert close(function(x), expected, 1e-15)


@given(st.floats(), st.floats())
def test_remainders_are_maths_or_nan(a: float, b: float) -> None:
    assert bits(floats.mod(a, b)) == (bits(a % b) if b else "nan")
    if math.isfinite(a) and b and b == b:
        assert bits(floats.fmod(a, b)) == bits(math.fmod(a, b))


@given(st.lists(st.floats(), min_size=1, max_size=6))
def test_extremes_are_nan_if_any_is_and_know_the_signs_of_zeros(xs: list[float]) -> None:
    top, bottom = floats.maximum(*xs), floats.minimum(*xs)
    if any(x != x for x in xs):
        assert [bits(top), bits(bottom)] == ["nan", "nan"]
    else:
        ordered = sorted(xs, key=lambda x: (x, math.copysign(1.0, x)))
        assert [bits(top), bits(bottom)] == [bits(ordered[-1]), bits(ordered[0])]
        assert bits(floats.maximum(*xs[::-1])) == bits(top)


def test_a_sum_is_taken_from_left_to_right_on_every_python() -> None:
    """Pitfall 45: the builtin compensates from Python 3.12 on."""
    numbers = [1e16, 1.0, -1e16, 1.0]
    assert floats.sum(*numbers) == 1.0
    assert floats.sum(*[0.1] * 10) == 0.9999999999999999
    assert floats.dot(*numbers, 1.0, 1.0, 1.0, 1.0) == 1.0
    assert (floats.sum(), floats.dot(), floats.prod()) == (0.0, 0.0, 1.0)
    assert bits(floats.sum(-0.0, -0.0)) == bits(-0.0)


@given(st.lists(st.floats(-1e308, 1e308), min_size=1, max_size=5))
def test_directions_have_length_1_at_every_scale(xs: list[float]) -> None:
    length = math.hypot(*floats.directions(*xs))
    assert length == 0.0 if all(x == 0 for x in xs) else abs(length - 1.0) < 1e-15


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e-160, 1.0, 1e160, 1e308])
def test_directions_dont_depend_on_scale(scale: float) -> None:
    assert floats.directions(scale, -scale) == pytest.approx([math.sqrt(0.5), -math.sqrt(0.5)], rel=3e-16)


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=6))
def test_softmaxes_sum_to_1_and_log_softmax_is_their_logarithm(xs: list[float]) -> None:
    shares = floats.softmaxes(*xs)
    assert math.fsum(shares) == pytest.approx(1.0, rel=1e-15)
    for i, share in enumerate(shares):
        logarithm = floats.log_softmax(xs[i], *xs[:i], *xs[i + 1 :])
        assert math.exp(logarithm) == pytest.approx(share, rel=1e-10, abs=1e-300)
