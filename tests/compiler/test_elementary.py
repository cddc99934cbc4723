"""Functions that compiled code computes itself: within 2 ulp, C's answers at special points, one set of bits."""

from __future__ import annotations

import math
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd
from autograd import compile
from autograd.compiler.runtime.jit import machine
from autograd.elementary import functions
from autograd.elementary.functions import BINARY, FUNCTIONS, inlined, length, module
from autograd.rules.table import FLOATS
from autograd.testing import strategies
from docs.lane_functions import FURTHEST, on_page, ours, worst
from tests.imports import ROOT
from tests.references import REFERENCES, derivative, ulps

pytestmark = pytest.mark.skipif(not machine().fuses, reason="this machine has no fused multiply-add: C's library is called")

WIDTHS = [width for width in (2, 4, 8, 16, 24, 32, 64) if width <= 8 * machine().widest]
each_function = pytest.mark.parametrize("name", sorted(FUNCTIONS))
special = [0.0, 5e-324, 1e-310, 2.0**-1022, 1e-200, 1e-20, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 6.0, 27.3, 710.0, 746.0]
special += [709.782712893384, 709.782712893385, 745.1332191019411, 1024.0, 1075.0, 2.0**22, 2.0**52 + 1, 1e22, 1e300]
SPECIAL = [sign * x for x in (*special, math.pi, math.pi / 2, math.nextafter(1.0, 2.0), 1.7976931348623157e308, math.inf)
           for sign in (1.0, -1.0)] + [math.nan]  # fmt: skip


@pytest.fixture(autouse=True)
def _full_width() -> Iterator[None]:
    yield
    machine().vectors_of(machine().widest)


@cache
def kernel(name: str, width: int, longest: int) -> Any:
    """An operation in lanes, by machine code."""
    return compile(getattr(autograd, name), in_axes=0)


def computed(name: str, *rows: Any) -> Any:
    """Its results on rows of lanes."""
    return kernel(name, machine().width, functions.LONGEST)(*[np.asarray(row, float) for row in rows])


def bits(x: Any) -> Any:
    return np.where(np.isnan(x), np.nan, x).view(np.int64)


def points(name: str, count: int) -> list[tuple[float, ...]]:
    """From the suite's domains of the operation, and floats of any bits."""
    random, reference = Random(name), REFERENCES[name]
    samplers = [sampler for sampler in (reference.whole, reference.sampler, reference.hard) if sampler]
    arity = 1 + (name in BINARY)
    chosen = [samplers[i % len(samplers)](random)[:arity] for i in range(count)]
    return chosen + [tuple(struct.unpack("<d", random.randbytes(8))[0] for _ in range(arity)) for _ in range(count // 4)]


# -- accuracy ------------------------------------------------------------------------------------------


@each_function
def test_every_function_is_within_two_ulp_over_its_whole_domain(name: str) -> None:
    at = points(name, 400)
    for x, found in zip(at, computed(name, *zip(*at, strict=True)), strict=True):
        by_rule = getattr(FLOATS, name)(*x)
        if math.isfinite(by_rule) and by_rule != 0.0 and all(map(math.isfinite, x)):
            exact = derivative(REFERENCES[name].function, x, (0,) * len(x))
            assert ulps(float(found), exact) <= 2.0, (name, x, float(found))
        else:
            assert (bits(found) == bits(np.float64(by_rule))).all(), (name, x, float(found))


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_angles_next_to_multiples_of_a_quarter_turn_keep_their_digits(name: str) -> None:
    at = [float(k * mp.pi / 2) for k in [*range(1, 4000, 7), *range(10**6, 2670000, 9973), 2670176, 2670177, 2670178]]
    for x, found in zip(at, computed(name, at), strict=True):
        with mp.workdps(60):
            assert ulps(float(found), getattr(mp, name)(mpf(x))) <= 2.0


@each_function
def test_special_points_have_what_eager_mode_has(name: str) -> None:
    at = [(x,) for x in SPECIAL] if name not in BINARY else [(x, y) for x in SPECIAL for y in SPECIAL]
    for x, found in zip(at, computed(name, *zip(*at, strict=True)), strict=True):
        expected = getattr(FLOATS, name)(*x)
        if not math.isfinite(expected) or expected == 0.0:
            assert np.array_equal(bits(found), bits(np.float64(expected))), (name, x, float(found), expected)
        else:
            assert abs(found - expected) <= 3.0 * math.ulp(expected), (name, x, float(found), expected)


# -- the same bits -------------------------------------------------------------------------------------


@each_function
def test_the_bits_are_the_same_in_vectors_of_every_width(name: str) -> None:
    at = [*points(name, 300), *[(x,) * (1 + (name in BINARY)) for x in SPECIAL]]
    rows = np.array(at).T
    expected = bits(computed(name, *rows))
    for width in WIDTHS:
        machine().vectors_of(width)
        assert (bits(computed(name, *rows)) == expected).all(), width


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_programs_have_the_same_bits_in_vectors_of_every_width(data: st.DataObject) -> None:
    f = data.draw(strategies.expressions(max_times=12))
    points = [data.draw(strategies.points_of(f)) for _ in range(5)]
    rows, found = np.array(points).T, []
    for width in (2, 4, 8):
        machine().vectors_of(min(width, machine().widest))
        value, gradient = compile(f, in_axes=0).value_and_grad(*rows, argnums=tuple(range(len(rows))))
        found.append(bits(np.array([value, *gradient])))
    assert (found[0] == found[1]).all()
    assert (found[0] == found[2]).all()


@each_function
def test_the_bits_are_the_same_in_line_and_called(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.array(points(name, 100)).T
    found = []
    for longest in (0, 1000):
        monkeypatch.setattr(functions, "LONGEST", longest)
        found.append(bits(computed(name, *rows)))
    assert (found[0] == found[1]).all()


def test_short_functions_are_written_in_line_in_a_short_program_only() -> None:
    assert "exp" in inlined(["exp"])
    assert "exp" not in inlined(["exp"] * 1000)
    assert all(length(name) > functions.LONGEST for name in FUNCTIONS.keys() - inlined(["exp"]))


@each_function
def test_text_for_arm_has_an_instruction_for_everything_but_huge_angles(name: str) -> None:
    llvm = machine().llvm
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    arm = llvm.Target.from_triple("aarch64-linux-gnu").create_target_machine(cpu="generic", opt=1)
    text = arm.emit_assembly(llvm.parse_assembly(module([name], 2, exponents=False)))
    assert "fmla" in text
    assert {called.removeprefix("each.") for called in re.findall(r"\tbl\t(\S+)", text)} <= {"sin", "cos", "tan"}


# -- laws ----------------------------------------------------------------------------------------------


anything = st.lists(st.floats(), min_size=1, max_size=40)


@pytest.mark.parametrize("name", ["sin", "tan", "asin", "atan", "sinh", "tanh", "erf"])
@given(x=anything)
def test_odd_functions_are_odd_to_the_last_bit(name: str, x: list[float]) -> None:
    assert (bits(computed(name, np.negative(x))) == bits(-computed(name, x))).all()


@pytest.mark.parametrize("name", ["cos", "cosh"])
@given(x=anything)
def test_even_functions_are_even_to_the_last_bit(name: str, x: list[float]) -> None:
    assert (bits(computed(name, np.negative(x))) == bits(computed(name, x))).all()


@pytest.mark.parametrize("name", ["tanh", "sin", "cos", "erf"])
@given(x=anything)
def test_what_is_bounded_by_one_stays_within(name: str, x: list[float]) -> None:
    y = computed(name, x)
    assert (np.isnan(y) | (abs(y) <= 1.0)).all()


@given(x=st.floats(min_value=0.0, allow_infinity=False))
def test_logarithms_of_powers_of_two_and_ten_are_whole(x: float) -> None:
    k = int(x) % 300
    assert computed("log2", [2.0**k, 2.0**-k]).tolist() == [k, -k]
    assert computed("log10", [float(f"1e{k % 23}")]).tolist() == [k % 23]
    assert computed("exp2", [float(k), float(-k)]).tolist() == [2.0**k, 2.0**-k]


# -- what is written of them ---------------------------------------------------------------------------


def test_the_page_of_accuracy_has_the_worst_error_of_every_function() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d\.\d\d) \|", on_page(), re.MULTILINE))
    assert sorted(rows) == sorted(FUNCTIONS)
    assert all(float(error) <= 2.0 for error in rows.values())


def test_the_page_has_no_less_than_the_worst_points_that_are_known() -> None:
    rows = {name: float(error) for name, error in re.findall(r"^\| `(\w+)` \| (\d\.\d\d) \|", on_page(), re.MULTILINE)}
    for name, known in FURTHEST.items():
        for x in known:
            assert worst(name, ours(name), np.full((1, 64), x)).error <= rows[name] + 0.005


@pytest.mark.parametrize("width", WIDTHS)
def test_atan2_has_the_bits_of_c_on_the_axes_and_at_the_ends(width: int) -> None:
    numbers = [0.0, 5e-324, 1.0, 1e308, math.inf]
    points = [(s * y, t * x) for s in (1, -1) for t in (1, -1) for y in numbers for x in numbers if {y, x} & {0.0, math.inf}]
    machine().vectors_of(min(width, machine().widest))
    y, x = np.array(points).T
    expected = np.array([math.atan2(*point) for point in points])
    np.testing.assert_array_equal(compile(autograd.atan2, in_axes=0)(y, x).view(np.int64), expected.view(np.int64))


def test_the_coefficients_are_what_the_script_makes_and_prove_half_an_ulp_at_most() -> None:
    text = (ROOT / "autograd/elementary/coefficients.py").read_text(encoding="utf-8")
    bounds = {name: float(bound) for bound, name in re.findall(r": ([\d.e+-]+)\n(\w+) = \(", text)}
    del bounds["CBRT"]  # before its digits are tripled
    assert len(bounds) >= 13
    assert max(bounds.values()) <= 0.5  # in units of 2⁻⁵³, half an ulp at the least
    made = [sys.executable, "scripts/make_vector_math.py", "--check"]
    done = subprocess.run(made, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0
