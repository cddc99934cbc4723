"""Loops of Python's that become scans: which ones do, and that value and derivatives are those of the steps one by one."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, compile, dot, exp, maximum, scan, sigmoid, sin, sqrt, tanh, where
from autograd.compiler import graph_loops
from autograd.compiler.graph_loops import as_scans
from autograd.graph import topological_order
from autograd.testing import strategies

STEPS = 60


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on no loop becomes a scan."""
    return lambda: monkeypatch.setattr(graph_loops, "RECURRENCE", math.inf)


def every_loop_is_a_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_loops, "RECURRENCE", 24)
    monkeypatch.setattr(graph_loops, "INDEPENDENT", 24)
    monkeypatch.setattr(graph_loops, "TERM", 0)


# -- which ones ----------------------------------------------------------------------------------------


def carried(x: Any, c: Any) -> Any:
    for k in range(STEPS):
        x = x * c + sin(x) * 0.1 + 0.01 * k
    return x


def two_steps_back(x: Any, c: Any) -> Any:
    before, now = c * 0.5, x
    for _ in range(STEPS):
        before, now = now, tanh(now * c) - before * 0.3 + 0.1
    return now


def three_steps_back(x: Any, c: Any) -> Any:
    a, b, d = x, c, x * c
    for _ in range(STEPS):
        a, b, d = b, d, sin(a * 0.9) + d * c * 0.1 + b * 0.05
    return a + d


def first_step_is_another(x: Any, c: Any) -> Any:
    state, total = 0.0, 0.0
    for k in range(STEPS):
        state = tanh(state * c + x * (k % 3))
        total = total + state * state
    return total


def every_state_is_read(x: Any, c: Any) -> Any:
    states = [x]
    for _ in range(STEPS):
        states.append(states[-1] * c + 0.01 * exp(-states[-1] * states[-1]))
    return sum((state * (k % 4) for k, state in enumerate(states)), 0.0)


def read_backwards(x: Any, c: Any) -> Any:
    states = [x]
    for _ in range(STEPS):
        states.append(states[-1] * c + 0.01)
    total = 0.0
    for state in reversed(states):
        total = tanh(total * 0.5) + exp(state * 0.1) * state
    return total


def chooses(x: Any, c: Any) -> Any:
    for k in range(STEPS):
        x = where(x > 0.3, x * 0.7 - 0.1, x * c + 0.2 * k) + maximum(x, 0.0) * 0.1
    return x


def a_root_of_what_may_be_0(x: Any, c: Any) -> Any:
    v = x
    for k in range(STEPS):
        up = maximum(v, 1e-12)
        v = v + 0.1 * (c - up) + 0.1 * sqrt(up) * math.sin(5 * k)
    return v


def nested(x: Any, c: Any) -> Any:
    for _ in range(12):
        y = x
        for k in range(8):
            y = sin(y) * c + 0.1 * k
        x = x * 0.5 + y
    return x


def recurrent(x: Any, c: Any) -> Any:
    h = [0.0] * 4
    for t in range(STEPS):
        h = [tanh(dot([x, c, 0.3, x], h) + c * math.sin(t + j)) for j in range(4)]
    return h[0] + h[3] * h[1]


def quotients(x: Any, c: Any) -> Any:
    y = x * x + 1.0
    for _ in range(STEPS):
        y = 0.5 * (y + (x * x + c * c) / y) + 0.01 * sigmoid(y)
    return y


def first_value_is_read_for_ever(x: Any, c: Any) -> Any:
    values = [x]
    for _ in range(STEPS):
        values.append(tanh(values[-1] * c) + sin(values[min(1, len(values) - 1)]))
    return values[-1]


FUNCTIONS = [
    carried, two_steps_back, three_steps_back, first_step_is_another, every_state_is_read, read_backwards, chooses,
    a_root_of_what_may_be_0, nested, recurrent, quotients,
    first_value_is_read_for_ever,
]  # fmt: skip
of_functions = pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)


def scans_of(f: Callable[..., Any], *args: Any) -> int:
    """How many scans the function becomes."""
    compiled = compile(f)
    compiled(*args)
    return len(compiled.program.scans)


@of_functions
def test_a_loop_whose_steps_need_those_before_is_a_scan(f: Callable[..., Any]) -> None:
    assert scans_of(f, 0.4, 0.8) >= 1


def test_its_program_is_as_long_for_any_number_of_steps() -> None:
    def f(x: Any, times: int) -> Any:
        for _ in range(times):
            x = x * 0.9 + sin(x) * 0.1
        return x

    compiled = compile(f, static_argnums=1)
    sizes = []
    for times in (50, 5_000):
        compiled.value_and_grad(0.4, times)
        sizes.append(len(compiled.program.nodes))
    assert sizes[0] == sizes[1] < 60


def loss_of_rows(w: Any, rows: Any) -> Any:
    """A small net's squared error, row by row, as a loop over data is written."""
    total = 0.0
    for row in rows:
        hidden = [tanh(dot(w[4 * j : 4 * j + 3], row[:3]) + w[4 * j + 3]) for j in range(6)]
        total = total + (dot(w[24:30], hidden) + w[30] - row[3]) ** 2
    return total


def test_a_sum_of_long_terms_over_rows_of_data_is_a_scan() -> None:
    rng = np.random.default_rng(0)
    w, rows = rng.normal(size=31), rng.normal(size=(50, 4))
    compiled = compile(loss_of_rows)
    value, gradient = compiled.value_and_grad(w, rows)
    assert len(compiled.program.scans) == 2
    expected, partials = autograd.value_and_grad(loss_of_rows)(w, rows)
    assert_close([value, *gradient], [expected, *partials], 1e-12)


def independent(x: Any, c: Any) -> Any:
    return sum((sin(x * k) * c for k in range(200)), 0.0)


def far_back(x: Any, c: Any) -> Any:
    values = [x + 0.1 * k for k in range(10)]
    for _ in range(STEPS):
        values.append(tanh(values[-1] * c) - values[-9] * 0.1)
    return values[-1]


def cells_of_a_grid(x: Any, c: Any) -> Any:
    u = [x * (i % 7) for i in range(100)]
    for _ in range(20):
        u = [u[0], *[u[i] + c * (u[i - 1] - 2.0 * u[i] + u[i + 1]) for i in range(1, 99)], u[-1]]
    return sum((each * each for each in u), 0.0)


@pytest.mark.parametrize("f", [independent, far_back, cells_of_a_grid], ids=lambda f: f.__name__)
def test_what_a_scan_could_not_carry_or_would_slow_down_stays_as_it_is(f: Callable[..., Any]) -> None:
    assert scans_of(f, 0.4, 0.8) == 0
    assert compile(f).value_and_grad(0.4, 0.8) == pytest.approx(autograd.value_and_grad(f)(0.4, 0.8), rel=1e-13)


def test_few_iterations_stay_as_they_are_however_long_they_are() -> None:
    def f(x: Any, times: int) -> Any:
        h = [x * (0.1 * j) for j in range(30)]
        for _ in range(times):
            h = [tanh(dot(h, [math.sin(j + k) for k in range(30)])) for j in range(30)]
        return sum(h)

    assert scans_of(lambda x: f(x, graph_loops.FEWEST - 1), 0.4) == 0
    assert scans_of(lambda x: f(x, graph_loops.FEWEST + 1), 0.4) == 2


def test_of_few_long_iterations_the_loops_in_them_are_scans() -> None:
    def f(x: Any) -> Any:
        for _ in range(4):
            for k in range(400):
                x = tanh(x * 0.9) + 0.01 * k
            x = exp(x * -0.5)
        return x

    assert scans_of(f, 0.4) == 8  # with those of the gradient
    assert_close(compile(f).value_and_grad(0.4), autograd.value_and_grad(f)(0.4), 1e-12)


def test_nothing_is_recorded_anew_where_there_is_no_loop() -> None:
    y, rng = Value(0.5), random.Random(0)
    for _ in range(300):
        y = sin(y) if rng.random() < 0.5 else exp(y) * (0.5 if rng.random() < 0.5 else y)
    assert as_scans([y]) == {}


def test_what_is_no_part_of_a_loop_stays_the_node_it_was() -> None:
    x = Value(0.5)
    before = exp(x)
    y = before
    for _ in range(100):
        y = y * x + sin(y)
    after = as_scans([y, before])
    assert set(after) == {y}
    (renewed,) = after.values()
    assert isinstance(renewed, Value)
    assert before in topological_order(renewed)


# -- what it computes ----------------------------------------------------------------------------------


def assert_close(found: Any, expected: Any, rtol: float) -> None:
    np.testing.assert_allclose(np.ravel(found), np.ravel(expected), rtol=rtol, atol=rtol)


@of_functions
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("x", [-0.7, 0.0, 0.4])
def test_value_and_gradient_are_those_of_the_graph(f: Callable[..., Any], x: float, strict: bool) -> None:
    value, gradient = compile(f, strict=strict).value_and_grad(x, 0.8, argnums=(0, 1))
    expected, partials = autograd.value_and_grad(f, argnums=(0, 1))(x, 0.8)
    assert_close([value, *gradient], [expected, *partials], 1e-11)
    if strict:
        assert value == expected


@of_functions
def test_lanes_are_points(f: Callable[..., Any]) -> None:
    x = np.linspace(-0.9, 1.1, 37)
    values, (by_x, by_c) = compile(f, in_axes=(0, None)).value_and_grad(x, 0.8, argnums=(0, 1))
    points = [autograd.value_and_grad(f, argnums=(0, 1))(float(each), 0.8) for each in x]
    assert_close(values, [value for value, _ in points], 1e-10)
    assert_close([by_x, by_c], np.array([partials for _, partials in points]).T, 1e-9)


@of_functions
def test_second_derivatives_and_directions_are_those_of_the_steps_one_by_one(
    f: Callable[..., Any], one_by_one: Callable[[], None]
) -> None:
    def of_pair(p: Any) -> Any:
        return f(p[0], p[1])

    point, direction = [0.4, 0.8], [0.3, -1.0]

    def all_of() -> list[Any]:
        compiled = compile(of_pair)
        hessian, product = compiled.hessian(point), compiled.hvp(point, direction)
        return [hessian, product, compiled.jvp((point,), (direction,)), compiled.jacobian(point)]

    scanned = all_of()
    one_by_one()
    for found, expected in zip(scanned, all_of(), strict=True):
        assert_close(np.hstack(list(map(np.ravel, found))), np.hstack(list(map(np.ravel, expected))), 1e-9)


def test_outputs_from_the_middle_of_a_loop_have_their_gradients() -> None:
    def f(x: Any) -> Any:
        states = [x]
        for _ in range(STEPS):
            states.append(tanh(states[-1] * 1.1) + 0.05 * x)
        return [states[3], states[-1], states[30], states[-2]]

    assert_close(compile(f).jacobian(0.4), autograd.jacobian(f)(0.4), 1e-12)


def test_branches_on_what_a_loop_computes_are_guarded() -> None:
    def f(x: Any) -> Any:
        y = x
        for _ in range(STEPS):
            y = sin(y) + 0.1 * x
            if y > 5.0:
                return y * 1e6
        return y * 2.0 if y > 0.5 else -y

    compiled = compile(f)
    for x in (0.4, -0.4, 60.0, 3.0, 0.41):
        assert_close(compiled.value_and_grad(x), autograd.value_and_grad(f)(x), 1e-12)


def test_a_loop_of_python_reads_what_a_scan_has_stacked() -> None:
    def f(x: Any) -> Any:
        _, ys = scan(lambda s, _: (s * 0.9 + sin(s),) * 2, x, length=STEPS)
        total = x
        for k in range(STEPS // 2):
            total = tanh(total) + ys[2 * k] * 0.1
        return total

    assert scans_of(f, 0.4) == 2
    assert_close(compile(f).value_and_grad(0.4), autograd.value_and_grad(f)(0.4), 1e-12)


def test_columns_that_a_loop_computes_and_a_scan_reads_are_lists_still() -> None:
    def f(x: Any) -> Any:
        columns, y = [], x
        for _ in range(STEPS):
            y = tanh(y * 0.9 + 0.1)
            columns.append([y * k for k in range(6)])
        return scan(lambda s, row: (tanh(s + sum(row) * 0.1), None), x, tuple(columns))[0]

    assert_close(compile(f).value_and_grad(0.4), autograd.value_and_grad(f)(0.4), 1e-12)


def test_the_only_output_may_be_a_result_of_a_scan() -> None:
    def f(x: Any) -> Any:
        states = [x]
        for _ in range(STEPS):
            states.append(tanh(states[-1] * 0.9 + 0.1))
        return scan(lambda s, y: (tanh(s + y * 0.1), None), x, states)[0]

    assert scans_of(f, 0.4) == 4
    assert_close(compile(f).value_and_grad(0.4), autograd.value_and_grad(f)(0.4), 1e-12)


def test_captured_parameters_are_read_anew_at_each_call() -> None:
    w = Value(0.9, name="w")

    def f(x: Any) -> Any:
        for _ in range(STEPS):
            x = tanh(x * w) + 0.1
        return x

    compiled = compile(f)
    before = compiled(0.3)
    w.data = 0.5
    after = compiled(0.3)
    assert before != after
    assert_close(after, f(Value(0.3)).data, 1e-13)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_programs_are_those_of_their_steps_one_by_one(data: st.DataObject) -> None:
    f = data.draw(strategies.expressions(max_times=20))
    point = data.draw(strategies.points_of(f))
    numbers = tuple(range(len(point)))
    expected, partials = compile(f, strict=True).value_and_grad(*point, argnums=numbers)
    with pytest.MonkeyPatch.context() as monkeypatch:
        every_loop_is_a_scan(monkeypatch)
        value, gradient = compile(f, strict=True).value_and_grad(*point, argnums=numbers)
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_allclose(gradient, partials, rtol=1e-9, atol=1e-300)


# -- what is stored for the way back --------------------------------------------------------------------


def stored_of(step: Callable[..., Any], states: int) -> int:
    """Numbers a step of a user's scan that the way back has stored."""

    def f(x: Any) -> Any:
        last, _ = scan(step, [x * (1 + k) for k in range(states)], length=50)
        return sum(last, 0.0)

    compiled = compile(f)
    compiled.value_and_grad(0.1)
    outputs = [scan.body.outputs for scan in compiled.program.scans.values()]
    return len(outputs[0]) - states


def test_of_a_scan_the_states_and_at_most_two_numbers_for_each_are_stored() -> None:
    def step(s: Any, _: Any) -> Any:
        return [exp(sin(tanh(sin(exp(s[0] * 0.1)) * s[0]) * s[0]) * s[0])], None

    assert stored_of(step, 1) == 3


def test_what_is_as_cheap_as_loading_it_is_computed_again() -> None:
    def step(s: Any, _: Any) -> Any:
        return [s[0] * s[1] * 0.5 + s[1] * s[1] * s[0] - s[0], s[1] * 0.9 + s[0] * s[0] * s[0]], None

    assert stored_of(step, 2) == 2


@pytest.mark.parametrize(
    ("f", "stored"),
    [
        (lambda x, c: x * (1.5 - c * x), []),  # a multiply-add of the state
        (lambda x, c: x * exp(1.5 - c * x), ["exp"]),
        (lambda x, c: x * (1.5 - (x * x) * x), ["sub"]),  # two products and a difference
        (lambda x, c: x * (1.5 - c * (0.1 * x + 0.2 * (x * c))), ["add"]),
    ],
)
def test_a_loop_stores_what_is_more_than_a_multiply_add_of_what_is_stored(f: Callable[..., Any], stored: list[str]) -> None:
    def steps(x: Any, c: Any) -> Any:
        for _ in range(100):
            x = f(x, c)
        return x

    compiled = compile(steps)
    compiled.value_and_grad(0.3, 0.5, argnums=(0, 1))
    body = next(iter(compiled.program.scans.values())).body
    assert [body.nodes[o].op for o in body.outputs[1:-1]] == stored


def test_what_a_step_reads_twice_is_read_once() -> None:
    """Else a weight has a derivative for each of the tokens that it meets, and they are summed outside of the loop."""

    def f(w: Any, x: Any, y: Any) -> Any:
        for each in w:
            x, y = tanh(x * each) + x * 0.5, tanh(y * each) + y * 0.5
        return x * y

    compiled, args = compile(f), (np.linspace(0.1, 0.9, STEPS), 0.3, 0.7)
    assert_close(compiled.value_and_grad(*args)[1], autograd.grad(f)(*args), 1e-13)
    forward, back = compiled.program.scans.values()
    assert len(forward.strides) == 1
    assert len([y for y in back.body.outputs if y not in back.body.outputs[: back.states]]) == 1


def layers(times: int, tokens: int, units: int) -> Callable[..., Any]:
    """A net of so many layers with their own weights, over tokens."""

    def f(w: Any, xs: Any) -> Any:
        for k in range(times):
            rows = [w[(k * units + i) * units : (k * units + i + 1) * units] for i in range(units)]
            xs = [
                [x + tanh(sum(a * b for a, b in zip(row, token, strict=True))) for x, row in zip(token, rows, strict=True)]
                for token in xs
            ]
        return sum(x * x for token in xs for x in token)

    return f


@pytest.mark.parametrize(("tokens", "scans"), [(1, 0), (5, 2)])
def test_few_layers_are_a_scan_where_a_weight_is_read_by_many_tokens(tokens: int, scans: int) -> None:
    compiled = compile(layers(12, tokens, 4))
    compiled.value_and_grad(np.linspace(-0.5, 0.5, 12 * 4 * 4), np.linspace(0.1, 0.9, 4 * tokens).reshape(tokens, 4))
    assert len(compiled.program.scans) == scans
