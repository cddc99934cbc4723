"""Points on the very edge of a guard: the machine's arithmetic decides, and a function has no more branches than it has.

``max_branches`` is the number of ways through each function, so one branch too many is a ``BranchError``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import compile, cos, exp, sin, where
from autograd.compiler import BranchError
from autograd.compiler.runtime.jit import machine

N = 10_007  # a tail for every width
RNG = np.random.default_rng(11)
ANGLE, AREA = RNG.uniform(0.0, 2.0 * np.pi, N), RNG.uniform(0.1, 10.0, N)
CIRCLE, ROOTS = (np.cos(ANGLE), np.sin(ANGLE)), (np.sqrt(AREA), AREA)
POWERS = (ANGLE - 3.0, np.exp(ANGLE - 3.0))

Edge = tuple[Callable[..., Any], tuple[Any, Any], int]  # a function, points on its edge, the ways through it


def masked(x: Any, y: Any) -> Any:
    """A body that asks again what its guard asked."""
    if x * x + y * y <= 1.0:
        return where(x * x + y * y <= 1.0, x, -5.0)
    return where(x * x + y * y <= 1.0, -7.0, y + 3.0)


def newton(x: Any, a: Any) -> Any:
    """√a: about as many rounds at every point, and the last step about as long as asked for."""
    step = 1.0
    while abs(step) > 1e-15:
        step = (x * x - a) / (2.0 * x)
        x = x - step
    return x


EDGES: dict[str, Edge] = {
    "circle": (lambda x, y: x if x * x + y * y <= 1.0 else y * 2.0, CIRCLE, 2),
    "asked twice": (lambda x, y: x if x * x + y * y <= 1.0 and y * y + x * x <= 1.0 else y * 2.0, CIRCLE, 3),
    "square less area": (lambda x, c: x * 2.0 if x * x - c == 0 else x * 3.0, ROOTS, 2),
    "truth of a number": (lambda x, c: x * 2.0 if x * x - c else x * 3.0, ROOTS, 2),
    "exponential": (lambda x, e: x if exp(x) >= e else x * 2.0, POWERS, 2),
    "sine and cosine": (lambda x, _: x if sin(x) * sin(x) + cos(x) * cos(x) <= 1 else x * 2.0, POWERS, 2),
    "inside, on or outside": (
        lambda x, y: 1.0 * x if x * x + y * y < 1.0 else 2.0 * x if x * x + y * y == 1.0 else 3.0 * x,
        CIRCLE,
        3,
    ),
    "masked": (masked, CIRCLE, 2),
}
each_edge = pytest.mark.parametrize("name", EDGES)


@pytest.fixture(params=[(1, False), (2, True), (4, False), (8, False), (8, True)])
def each_machine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Machines with vectors of every length, that fuse or don't."""
    (width, fused), here = request.param, machine()
    if width > here.widest:
        pytest.skip(f"this machine's vectors have {here.widest} lanes")
    here.vectors_of(width)
    fuses, here.fuses = here.fuses, here.fuses and fused
    yield
    here.vectors_of(here.widest)
    here.fuses = fuses


@each_edge
@pytest.mark.usefixtures("each_machine")
@pytest.mark.parametrize(("strict", "threads"), [(False, 1), (True, 2)])
def test_ten_thousand_lanes_on_an_edge_take_the_functions_own_branches(name: str, strict: bool, threads: int) -> None:
    f, points, ways = EDGES[name]
    compiled = compile(f, in_axes=0, strict=strict, threads=threads, max_branches=ways)
    value, gradient = compiled.value_and_grad(*points, argnums=(0, 1))
    back, backwards = compiled.value_and_grad(*[x[::-1].copy() for x in points], argnums=(0, 1))
    assert (value == back[::-1]).all()  # the branch that a lane takes depends on the lane alone
    assert all((one == other[::-1]).all() for one, other in zip(gradient, backwards, strict=True))
    for start, end in ((0, 1), (1, 6), (6, 19), (19, 40)):  # in a tail or not
        assert (compiled(*[x[start:end] for x in points]) == value[start:end]).all()


@each_edge
@pytest.mark.parametrize("strict", [False, True])
def test_ten_thousand_points_on_an_edge_take_the_functions_own_branches(name: str, strict: bool) -> None:
    f, (x, y), ways = EDGES[name]
    compiled = compile(f, strict=strict, max_branches=ways)
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    values = [compiled(*point) for point in points]
    assert values[:100] == [compiled(*point) for point in points[:100]]


@pytest.mark.usefixtures("each_machine")
@pytest.mark.parametrize("strict", [False, True])
def test_a_mask_agrees_with_the_guard_that_asked_the_same(strict: bool) -> None:
    value = compile(masked, in_axes=0, strict=strict)(*CIRCLE)
    assert not np.isin(value, [-5.0, -7.0]).any()


def test_strict_takes_the_branch_that_python_takes() -> None:
    f = EDGES["circle"][0]
    value = compile(f, in_axes=0, strict=True)(*CIRCLE)
    assert value.tolist() == [f(x, y) for x, y in zip(*map(np.ndarray.tolist, CIRCLE), strict=True)]


@pytest.mark.parametrize("lanes", [False, True])
def test_loops_whose_last_step_is_on_the_edge_end(lanes: bool) -> None:
    start = ROOTS[0] * RNG.uniform(0.99, 1.01, N)
    if lanes:
        found = compile(newton, in_axes=0, max_branches=8)(start, AREA)
    else:
        root = compile(newton, max_branches=8)
        found = np.array([root(*point) for point in zip(start.tolist(), AREA.tolist(), strict=True)])
    assert found == pytest.approx(ROOTS[0], rel=1e-15)


# -- runs of f that the machine wouldn't make ------------------------------------------------------------


def one_of_two(x: Any, c: Any) -> Any:
    """Python calls it an error where the comparisons contradict each other."""
    if x * x - c == 0:
        y = x * 2.0
    if x * x - c != 0:
        y = x * 3.0
    return y


def never_zero(x: Any, c: Any) -> Any:
    """In Python's arithmetic half of the points are refused."""
    if x * x - c == 0:
        raise ZeroDivisionError("x is √c")
    return 1.0 / (x * x - c)


needs_fma = pytest.mark.skipif(not machine().fuses, reason="this machine has no fused multiply-add")


@needs_fma
@pytest.mark.parametrize("lanes", [False, True])
def test_an_error_of_a_run_that_the_machine_would_not_make_does_not_count(lanes: bool) -> None:
    python_says_zero = ROOTS[0] * ROOTS[0] == AREA
    x, c = ROOTS[0][python_says_zero][:100], AREA[python_says_zero][:100]
    for f, ways in ((one_of_two, 2), (never_zero, 1)):
        compiled = compile(f, in_axes=0 if lanes else None, max_branches=ways)
        arguments = [(x, c)] if lanes else list(zip(x.tolist(), c.tolist(), strict=True))
        assert all(np.isfinite(compiled(*point)).all() for point in arguments)


@pytest.mark.parametrize("in_axes", [None, 0])
def test_an_error_of_a_run_that_the_machine_makes_is_raised(in_axes: Any) -> None:
    x, c = (2.0, 4.0) if in_axes is None else (np.array([2.0]), np.array([4.0]))
    with pytest.raises(ZeroDivisionError, match="x is √c"):
        compile(never_zero, in_axes)(x, c)


def tenths(x: Any) -> Any:
    """Ends where ten tenths are 1: not where they are computed to the last bit."""
    while x * 0.1 - 1.0 != 0:
        x = x + 1.0
    return x


@needs_fma
@pytest.mark.parametrize(("in_axes", "x"), [(None, 1.0), (0, np.array([1.0, 2.0]))])
def test_a_loop_that_ends_in_pythons_arithmetic_alone_is_an_error(in_axes: Any, x: Any) -> None:
    with pytest.raises(BranchError, match="compare with a tolerance, or compile with strict=True"):
        compile(tenths, in_axes)(x)
    assert (compile(tenths, in_axes, strict=True)(x) == 10.0 + 0.0 * x).all() if in_axes == 0 else True


# -- random functions ------------------------------------------------------------------------------------

ONE, TWO = ("exp", "sin", "tanh", "square", "log1p"), ("add", "sub", "mul", "div")
Step = tuple[str, int, int]
steps = st.lists(st.tuples(st.sampled_from(ONE + TWO * 2), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6)
guards = st.lists(st.tuples(steps, st.sampled_from(("<", "<=", "==", "!=", ">", ">="))), min_size=1, max_size=3)
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def formula(program: list[Step], x: Any, y: Any) -> Any:
    """The last step's result."""
    numbers = [x, y]
    for name, a, b in program:
        operands = [numbers[a % len(numbers)], numbers[b % len(numbers)]]
        numbers.append(getattr(ag, name)(*operands[: 1 if name in ONE else 2]))
    return numbers[-1]


@settings(max_examples=40, deadline=None)
@given(guards=guards, body=steps, strict=st.booleans(), threads=st.integers(1, 2), seed=st.integers(0, 99))
def test_random_functions_have_no_more_branches_than_ways(
    guards: list[tuple[list[Step], str]], body: list[Step], strict: bool, threads: int, seed: int
) -> None:
    """Every threshold is what Python's arithmetic makes of the guard's formula at that lane."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0.1, 2.0, (2, 203))
    edges = [
        np.array([formula(program, *point) for point in zip(x.tolist(), y.tolist(), strict=True)]) for program, _ in guards
    ]

    def f(x: Any, y: Any, *thresholds: Any) -> Any:
        total = formula(body, x, y)
        for (program, sign), threshold in zip(guards, thresholds, strict=True):
            if COMPARE[sign](formula(program, x, y), threshold):
                total = total * x + 1.0
            else:
                total = where(COMPARE[sign](formula(program, x, y), threshold), -1e300, total - y)
        return total

    lanes = compile(f, in_axes=0, strict=strict, threads=threads, max_branches=2 ** len(guards))
    value = lanes(x, y, *edges)
    assert not (value <= -1e299).any()
    np.testing.assert_array_equal(lanes(*[a[::-1].copy() for a in (x, y, *edges)])[::-1], value)
    points = compile(f, strict=strict, max_branches=2 ** len(guards))
    for lane in range(0, 203, 7):
        points(*[float(a[lane]) for a in (x, y, *edges)])
