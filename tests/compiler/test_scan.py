"""``scan`` in compiled functions: its step is traced once, and value and derivatives are those of the loop."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, compile, grad, primitive, scan, sin, sqrt, stop_gradient, tanh, where
from autograd.compiler import TraceError
from autograd.program.interpreter import run
from autograd.program.lowering import lowered
from autograd.program.unrolling import unrolled
from tests.support import bits, close

XS = [0.3, -0.2, 0.9, 0.4, -0.7, 0.1]


def power(x: Any) -> Any:
    return scan(lambda s, _: (s * x, None), 1.0, length=6)[0]


def sum_of_ys(w: Any) -> Any:
    return ag.sum(scan(lambda s, x: (tanh(s * w + x), s * s), w, XS)[1])


def ys_and_state(w: Any) -> Any:
    s, ys = scan(lambda s, x: (tanh(s * w + x), s * s), w, XS)
    return ag.sum(ys) * s


def mean_of_ys(w: Any) -> Any:
    s, ys = scan(lambda s, x: (tanh(s * w + x), s * s), w, XS)
    inner = scan(lambda t, _: (t + ag.sum(ys) * t, None), w, length=3)[0]
    return ag.mean(ys) * s + inner


def some_ys(w: Any) -> Any:
    ys = scan(lambda s, x: (tanh(s * w + x), s * s), w, XS)[1]
    return ys[-1] * ys[2] - ys[0]


def two_states(a: Any, b: Any) -> Any:
    (p, q), _ = scan(lambda s, _: ((s[1], s[0] + s[1] * a), None), (a, b), length=6)
    return p * q


def dead_end(a: Any, b: Any) -> Any:
    """The last root isn't used: at 0 its derivative is inf, and must not make nan of a 0."""
    return scan(lambda s, _: ((sqrt(s[0]), s[1] + s[0]), None), (a, b), length=6)[0][1]


def choice(a: Any) -> Any:
    return scan(lambda s, x: (where(s > x, sqrt(abs(s)) * a, s - x * a), None), a, XS)[0]


def masked_root(a: Any) -> Any:
    return scan(lambda s, x: (s + where(a > 0, sqrt(a), 0.0) * x, None), a, XS)[0]


def by_its_inputs(*a: Any) -> Any:
    return scan(lambda s, x: (s * x + x, None), 0.5, list(a))[0]


def chained(a: Any) -> Any:
    _, ys = scan(lambda s, x: (sin(s * a + x), s * a), a, XS)
    _, zs = scan(lambda s, y: (s + y, s * y), 0.0, ys)
    return scan(lambda s, z: (s * a + z * z, None), 0.0, zs)[0] + ys[1] * zs[-1]


def nested(a: Any) -> Any:
    inner = lambda s, x: scan(lambda t, _: (sin(t) * a + x, None), s, length=3)[0]  # noqa: E731
    return scan(lambda s, x: (inner(s, x), None), a, XS)[0]


def nested_capturing_x(a: Any) -> Any:
    inner = lambda s, x: scan(lambda t, _: (sin(t * x) * s + t * x, None), s, length=3)[0]  # noqa: E731
    return scan(lambda s, x: (inner(s, x), None), a, XS)[0]


def nested_capturing_its_state(a: Any) -> Any:
    return scan(lambda s, _: (scan(lambda t, _: (tanh(t * s), None), s, length=3)[0] + s, s), a, length=2)[0]


def nested_over_captured(a: Any, b: Any, c: Any) -> Any:
    return scan(lambda s, x: (scan(lambda t, w: (sin(t) * w + x * s, None), s, [a, b, c])[0], None), a, XS)[0]


def nested_over_ys(a: Any) -> Any:
    _, ys = scan(lambda s, x: (s * a, s + x), a, [0.1, 0.2, 0.3])
    return scan(lambda s, x: (scan(lambda t, w: (sin(t) * w + x * s, None), s, ys)[0], None), a, XS)[0]


def nested_over_rows(a: Any, b: Any, c: Any) -> Any:
    rows = [[a, b], [c, a], [b, c]]
    return scan(lambda s, x: (scan(lambda t, w: (sin(t) * w + s, None), s, x)[0], None), a, rows)[0]


def invariant_inside(a: Any) -> Any:
    return scan(lambda s, x: (s * ag.exp(a) + x if a > 0 else s - x, None), a, XS)[0]


def branch_after(a: Any) -> Any:
    s = scan(lambda s, x: (s * a + x, None), a, XS)[0]
    return s * a if s > 0.5 else s - a


def constant_state(a: Any, b: Any) -> Any:
    return scan(lambda s, _: (b, s * a), a, XS)[0] * a + scan(lambda s, _: (s, s * a), a, XS)[1][3]


def stopped(a: Any) -> Any:
    return scan(lambda s, x: (stop_gradient(s * a) + x, None), a, XS)[0] * a


def softmaxes(a: Any, b: Any) -> Any:
    last, _ = scan(lambda s, x: (ag.softmax([s[0] * x, s[1], a]), None), [a, b, a], XS)
    return last[0] * a - last[2]


def derivative_inside(a: Any) -> Any:
    return scan(lambda s, x: (s + grad(lambda t: sin(t * s) * a)(x), None), a, XS)[0]


def derivative_of_it(a: Any) -> Any:
    return grad(lambda t: scan(lambda s, x: (sin(s * t) + x, s * s), t, XS)[0])(a)


def third_derivative(a: Any) -> Any:
    return grad(grad(grad(lambda t: ys_and_state(t))))(a)


def second_by_choice(a: Any) -> Any:
    return grad(lambda t: scan(lambda s, x: (where(s > x, s * s * t, s - x * t), None), t, XS)[0])(a)


def second_nested(a: Any) -> Any:
    return grad(nested)(a)


def forward_mode(a: Any) -> Any:
    return ag.jvp(chained, (a,), (1.0,))[1] + ag.jvp(nested_capturing_x, (a,), (a,))[1] + ag.jvp(choice, (a,), (a,))[1]


def forward_from_rest(a: Any) -> Any:
    """No root of 0 moves in the first step: its derivative is inf, and must not make nan of a 0."""
    moved = lambda t: scan(lambda s, x: (sqrt(s) + t * t * abs(x), sqrt(s)), 0.0, XS)  # noqa: E731
    again = lambda t: scan(lambda s, y: (s * t + y * y, None), t, moved(t)[1])[0]  # noqa: E731
    return ag.jvp(lambda t: moved(t)[0] * moved(t)[1][2], (a,), (1.0,))[1] + ag.jvp(again, (a,), (a,))[1]


WORKLOADS: list[Callable[..., Any]] = [
    *(
        power,
        sum_of_ys,
        mean_of_ys,
        ys_and_state,
        some_ys,
        two_states,
        dead_end,
        choice,
        masked_root,
        by_its_inputs,
        chained,
        nested,
    ),
    *(
        nested_capturing_x,
        nested_capturing_its_state,
        nested_over_captured,
        nested_over_ys,
        nested_over_rows,
        invariant_inside,
        branch_after,
        constant_state,
        stopped,
    ),
    *(
        softmaxes,
        derivative_inside,
        derivative_of_it,
        third_derivative,
        second_by_choice,
        second_nested,
        forward_mode,
        forward_from_rest,
    ),
]
POINTS = [[0.4, 0.3, -0.6], [-0.4, 1.2, 0.2], [0.0, 0.7, 0.5], [1.1, -0.3, 0.4]]


def arity(f: Callable[..., Any]) -> int:
    return f.__code__.co_argcount or 3


def expected(f: Callable[..., Any], point: list[float]) -> list[float]:
    n = len(point)
    return [float(f(*point)), *grad(f, argnums=range(n))(*point)]


def agree(found: list[float], right: list[float]) -> bool:
    return all(close(x, y, 1e-9) for x, y in zip(found, right, strict=True))


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "fused"])
@pytest.mark.parametrize("f", WORKLOADS, ids=lambda f: f.__name__)
def test_it_is_the_loop_at_points(f: Callable[..., Any], strict: bool) -> None:
    n = arity(f)
    compiled = compile(f, strict=strict)
    for point in POINTS:
        value, gradient = compiled.value_and_grad(*point[:n], argnums=tuple(range(n)))
        assert agree([value, *gradient], expected(f, point[:n])), point


@pytest.mark.parametrize("f", WORKLOADS, ids=lambda f: f.__name__)
def test_it_is_the_loop_over_lanes(f: Callable[..., Any]) -> None:
    n = arity(f)
    lanes = np.array([[x * scale for x in point[:n]] for point in POINTS for scale in (1.0, 0.9, -0.5)]).T
    value, gradient = compile(f, in_axes=0).value_and_grad(*lanes, argnums=tuple(range(n)))
    for k, point in enumerate(lanes.T.tolist()):
        assert agree([value[k], *[g[k] for g in gradient]], expected(f, point)), point


# -- all transforms ----------------------------------------------------------------------------------------


def of_list(v: Any) -> Any:
    last, ys = scan(lambda s, x: (tanh(s * v[0] + x * v[1]), s), v[0], XS)
    return last * ys[2]


def test_every_transform_is_that_of_the_loop() -> None:
    f, at, along = compile(of_list), [0.5, 0.7], [1.0, 2.0]
    assert agree(f.grad(at), grad(of_list)(at))
    assert agree(f.hvp(at, along), ag.hvp(of_list)(at, along))
    value, tangent = f.jvp((at,), (along,))
    assert agree([value, tangent], [*ag.jvp(of_list, (at,), (along,))])
    for row, right in zip(f.hessian(at), ag.hessian(of_list)(at), strict=True):
        assert agree(row, right)
    states = compile(lambda v: scan(lambda s, x: (s * v[0] + x * v[1], s), v[0], XS), strict=True)
    last, ys = states(at)
    assert isinstance(ys, list)
    assert (last, ys) == scan(lambda s, x: (s * at[0] + x * at[1], s), at[0], XS)
    jacobian = compile(lambda v: scan(lambda s, x: (s * v[0] + x * v[1], s), v[0], XS)[1]).jacobian(at)
    right = ag.jacobian(lambda v: scan(lambda s, x: (s * v[0] + x * v[1], s), v[0], XS)[1])(at)
    assert all(agree(row, other) for row, other in zip(jacobian, right, strict=True))


def test_arrays_and_structures_go_in_and_come_out() -> None:
    def f(state: Any, rows: Any) -> Any:
        def step(s: Any, x: Any) -> Any:
            v = s["v"] * 0.5 + x
            return {"v": v, "n": s["n"] + 1.0}, (v, {"first": v[0]}, [s["n"], v[1]])

        return scan(step, state, rows)

    rows = np.arange(8.0).reshape(4, 2)
    start = {"v": np.array([1.0, 2.0]), "n": 0.0}
    found, expected_ = compile(f)(start, rows), f(start, rows)
    assert np.array_equal(found[0]["v"], expected_[0]["v"])
    assert found[0]["n"] == 4.0
    assert np.array_equal(np.asarray(found[1][0], float), expected_[1][0])
    assert found[1][1:] == expected_[1][1:]


def test_captured_values_are_read_anew() -> None:
    w = Value(0.7)
    f = compile(lambda a: scan(lambda s, x: (tanh(s * w + x), None), a, XS)[0])
    before = f(0.5)
    w.data = 0.1
    assert f(0.5) == scan(lambda s, x: (tanh(s * w + x), None), 0.5, XS)[0].data != before


@primitive(lambda _, x: ag.cos(x))
def sine(x: float) -> float:
    return math.sin(x)


@primitive(lambda _, x: math.cos(float(x)))
def sine_by_floats(x: float) -> float:
    return math.sin(x)


@pytest.mark.parametrize("of", [sine, sine_by_floats])
@pytest.mark.parametrize("lanes", [False, True])
def test_primitives_are_called_back_in_steps(of: Any, lanes: bool) -> None:
    f = lambda a: scan(lambda s, x: (of(s) * a + x, None), a, XS)[0]  # noqa: E731
    right = expected(f, [0.4])
    if lanes:
        value, gradient = compile(f, in_axes=0).value_and_grad(np.array([0.4, 0.4]))
        assert agree([value[1], gradient[1]], right)
    else:
        assert agree([*compile(f).value_and_grad(0.4)], right)


def test_derivatives_that_call_back_are_not_differentiated_again() -> None:
    f = compile(lambda a: scan(lambda s, x: (sine_by_floats(s) * a + x, None), a, XS)[0])
    with pytest.raises(TypeError, match="sine_by_floats: its derivatives can't be"):
        f.hessian(0.4)
    traced = lambda a: scan(lambda s, x: (sine(s) * a, x), a, XS)[0]  # noqa: E731
    assert agree([compile(traced).hessian(0.4)], [ag.hessian(traced)(0.4)])


# -- what can't be traced ----------------------------------------------------------------------------------


def branching(s: Any, x: Any) -> Any:
    return (s * 2.0 if s > x else s), None


def test_a_branch_on_what_differs_from_step_to_step_is_refused() -> None:
    with pytest.raises(
        TraceError, match=r"scan: a branch on Condition\(x < state\), at .*test_scan.py:\d+, differs"
    ) as error:
        compile(lambda a: scan(branching, a, XS)[0])(0.5)
    assert "where(condition, a, b)" in str(error.value)
    assert f":{branching.__code__.co_firstlineno + 1}," in str(error.value)


def test_an_index_by_x_says_what_reads_a_table() -> None:
    f = compile(lambda a: scan(lambda s, k: (s * XS[k], None), a, range(3))[0])
    with pytest.raises(TraceError, match=re.escape("as one of xs: scan(step, state, (xs, table))")):
        f(0.5)


class Stepper:
    def step(self, s: Any, day: Any) -> Any:
        return s * XS[day], None


def three(_s: Any, _: Any) -> Any:
    return XS[_], None


@pytest.mark.parametrize(
    ("step", "name"),
    [(lambda s, k: (s * XS[k], None), "k"), (Stepper().step, "day"), (three, "x"), (lambda *both: three(*both), "x")],
)
def test_an_x_is_named_as_the_step_names_it(step: Callable[..., Any], name: str) -> None:
    with pytest.raises(TraceError, match=f"name='{name}'"):
        compile(lambda x: scan(step, x, range(3))[0])(0.5)


def test_entries_of_other_structures_are_refused() -> None:
    f = compile(lambda a: scan(lambda s, x: (s + x[0], None), a, [[1.0], [1.0, 2.0]])[0])
    with pytest.raises(TypeError, match=re.escape("scan: xs[1]: expected a list of 1, got a list of 2")):
        f(0.5)


def test_a_step_that_changes_its_state_is_refused() -> None:
    f = compile(lambda a: scan(lambda s, _: ([s, s], None), a, XS)[0])
    with pytest.raises(TypeError, match="changes the structure of its state: state: expected a number, got a list of 2"):
        f(0.5)


# -- loops -------------------------------------------------------------------------------------------------


def long(times: int) -> Callable[[Any], Any]:
    return lambda a: scan(lambda s, _: (s * a + sin(s), s), a, length=times)[0]


def test_a_program_is_as_long_for_any_number_of_steps() -> None:
    programs = [compile(long(times)).program for times in (10, 10_000, 1_000_000)]
    assert len({len(program.nodes) for program in programs}) == 1
    assert programs[1].size > 900 * programs[0].size
    assert [max(scan.times for scan in program.scans.values()) for program in programs] == [10, 10_000, 1_000_000]


def test_the_mean_of_all_ys_is_as_long_for_any_number_of_steps() -> None:
    mean = lambda n: lambda a: ag.mean(scan(lambda s, _: (s * a + sin(s), s), a, length=n)[1])  # noqa: E731
    programs = [compile(mean(n)).program for n in (10, 100_000)]
    assert len({len(program.nodes) for program in programs}) == 1
    assert close(compile(mean(1000))(0.5), mean(1000)(0.5), 1e-12)


def test_a_step_is_traced_once() -> None:
    calls = []

    def step(s: Any, x: Any) -> Any:
        calls.append(x)
        return s * x, s

    f = compile(lambda a: scan(step, a, [1.0, 2.0, 3.0] * 100)[0])
    f.value_and_grad(0.5)
    f.value_and_grad(0.6)
    assert len(calls) == 1


def test_a_million_steps_there_and_back() -> None:
    value, gradient = compile(long(1_000_000)).value_and_grad(0.5)
    fixed = value  # s = s·a + sin s: there the derivative is s / (1 − a − cos s)
    assert close(gradient, fixed / (1.0 - 0.5 - math.cos(fixed)), 1e-9)


@st.composite
def steps(draw: st.DrawFn) -> Callable[..., Any]:
    """A function of two numbers by a scan of a random step on up to three states and two xs, maybe nested."""
    states, reads = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    count = states + reads + 2
    lines: list[tuple[str, int, int]] = []
    for _ in range(draw(st.integers(1, 6))):
        op = draw(st.sampled_from(["add", "sub", "mul", "tanh", "sin", "where", "max", "inner"]))
        lines.append((op, draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))))
        count += 1
    results = draw(st.lists(st.integers(0, count - 1), min_size=states + 1, max_size=states + 1))
    start = draw(st.lists(st.sampled_from([0, 1, 0.5, -0.25]), min_size=states, max_size=states))
    times, used = draw(st.integers(2, 6)), draw(st.sampled_from(["last", "ys", "both", "one"]))
    numbers = draw(st.lists(st.sampled_from([-1.5, -0.5, 0.25, 1.0]), min_size=times * 2, max_size=times * 2))

    def apply(op: str, a: Any, b: Any) -> Any:
        if op == "inner":
            return scan(lambda t, _: (tanh(t * b), None), a, length=3)[0]
        unary = {"tanh": lambda: tanh(a), "sin": lambda: sin(a), "max": lambda: ag.maximum(a, b)}
        plain = {"add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b, "where": lambda: where(a > b, a, sqrt(b))}
        return (unary | plain)[op]()

    def f(p: Any, q: Any) -> Any:
        def step(s: Any, x: Any) -> Any:
            known = [*s, *(x or ()), p, q]
            for op, i, j in lines:
                known.append(apply(op, known[i], known[j]))
            return tuple(known[k] for k in results[:states]), known[results[states]]

        first = tuple((p, q)[c] if isinstance(c, int) else c for c in start)
        xs = tuple([p * x for x in numbers[:times]] if k else numbers[times:] for k in range(reads)) or None
        last, ys = scan(step, first, xs, times)
        chosen = {"last": list(last), "ys": list(ys), "both": [*last, *ys], "one": [ys[times // 2]]}[used]
        return ag.sum(chosen) + 0.0 * p

    f.__qualname__ = f"{lines} -> {results}, from {start} with {reads} of {numbers}, {times} times, {used}"
    return f


def eager(f: Callable[..., Any], at: list[float]) -> list[float]:
    return [ag.stop_gradient(ag.Value(0.0) + f(*at)).data, *grad(f, argnums=(0, 1))(*at)]


@settings(max_examples=60, deadline=None)
@given(steps(), st.sampled_from([[0.5, -0.75], [0.0, 1.0], [-1.0, 0.25]]))
def test_random_steps_are_the_loop(f: Callable[..., Any], at: list[float]) -> None:
    right = eager(f, at)
    for strict in (True, False):
        value, gradient = compile(f, strict=strict).value_and_grad(*at, argnums=(0, 1))
        assert agree([value, *gradient], right), f.__qualname__


@settings(max_examples=60, deadline=None)
@given(steps(), st.sampled_from([[0.5, -0.75], [0.0, 1.0], [-1.0, 0.25]]))
def test_random_steps_are_the_straight_line_to_the_last_bit(f: Callable[..., Any], at: list[float]) -> None:
    compiled = compile(f, strict=True)
    compiled(*at)
    code = lowered(compiled.program)
    assert list(map(bits, run(code, at))) == list(map(bits, run(unrolled(code), at)))
    machine = compiled.value_and_grad(*at, argnums=(0, 1))
    if not any(node.op in ("tanh", "sin", "exp") for each in code.codes() for node in each.nodes):
        assert list(map(bits, [machine[0], *machine[1]])) == list(map(bits, run(code, at)))


@pytest.mark.parametrize("axis", [0, 1])
def test_arrays_are_read_along_their_first_axis_in_lanes(axis: int) -> None:
    def f(w: Any, xs: Any, rows: Any) -> Any:
        step = lambda s, x: (tanh(s * w + x[0] * x[1][0] - x[1][2]), s)  # noqa: E731
        s, ys = scan(step, 0.0, (xs, rows))
        return s * ys[3]

    random = np.random.default_rng(3)
    xs, rows, lanes = random.normal(size=(5, 7)), random.normal(size=(5, 3)), 7
    given = xs if axis else np.ascontiguousarray(xs.T)
    compiled = compile(f, in_axes=(None, axis, None))
    value, gradients = compiled.value_and_grad(0.5, given, rows, argnums=(0, 1, 2))
    for k in range(lanes):
        right, (dw, dxs, drows) = ag.value_and_grad(f, argnums=(0, 1, 2))(0.5, xs[:, k], rows)
        assert agree([value[k], gradients[0][k]], [right, dw])
        assert np.allclose(gradients[1].take(k, axis=axis), dxs, rtol=1e-12, atol=1e-15)
        assert np.allclose(gradients[2][..., k], drows, rtol=1e-12, atol=1e-15)


def keeping(seen: list[Any], kept: Callable[[Any], Any], new: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """A step that puts something into a list outside of it."""

    def step(state: Any, _: Any) -> tuple[Any, None]:
        seen.append(kept(state))
        return new(state), None

    return step


def test_what_leaks_out_of_a_step_is_an_error() -> None:
    def state_in_a_list(x: Any) -> Any:
        seen: list[Any] = []
        last, _ = scan(keeping(seen, lambda s: s, lambda s: s * x), 1.0, length=3)
        return last + sum(seen)

    def computed_and_alone(x: Any) -> Any:
        seen: list[Any] = []
        scan(keeping(seen, lambda s: s * x, lambda s: s), x, length=3)
        return seen[-1]

    def into_another(x: Any) -> Any:
        seen: list[Any] = []
        scan(keeping(seen, lambda s: s, lambda s: s * x), x, length=3)
        return scan(lambda s, _: (s * seen[0], None), x, length=3)[0]

    for f in (state_in_a_list, computed_and_alone, into_another):
        with pytest.raises(TraceError, match="state of a step, or what was computed from it, is used outside"):
            compile(f).grad(2.0)


@pytest.mark.parametrize("row", [list, tuple, np.array])
def test_rows_are_read_number_by_number(row: Callable[[list[Any]], Any]) -> None:
    def f(a: Any, rows: Any) -> Any:
        return scan(lambda s, x: (s * a + x[0] * x[1], None), 0.5, [row([r, 2]) for r in rows])[0]

    assert close(compile(f).grad(0.3, XS, argnums=(0, 1))[0], grad(f)(0.3, XS))
    with pytest.raises(TypeError, match=r"xs\[1\]: expected a list of 2, got a list of 1"):
        compile(lambda a: scan(lambda s, x: (s + x[0], None), a, [[a, 1], [a]])[0])(0.5)
