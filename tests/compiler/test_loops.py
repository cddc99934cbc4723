"""Loops in machine code: the same bits as the straight line that they stand for, whatever is carried, walked or summed."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import Value, compile, dot, exp, relu, sin, tanh, where
from autograd.compiler.codegen import dots, passes, sequence
from autograd.compiler.codegen.abi import Block
from autograd.compiler.codegen.emit import emit
from autograd.compiler.runtime.jit import machine
from autograd.program.loops import Operation, Place, operations_in
from autograd.program.rolled import with_loops
from autograd.testing import strategies


def written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nothing is a loop."""
    monkeypatch.setattr(sequence, "with_loops", lambda operations, constants: (tuple(operations), constants))
    monkeypatch.setattr(passes, "LONG", math.inf)
    monkeypatch.setattr(dots, "LONG", math.inf)


def results(f: Callable[..., Any], in_axes: Any, args: tuple[Any, ...], **options: Any) -> list[np.ndarray[Any, Any]]:
    """Value and gradients over lanes, and at the first lane's point."""
    numbers = tuple(range(len(args)))
    value, gradient = compile(f, in_axes, **options).value_and_grad(*args, argnums=numbers)
    axes = in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(args)
    point = [a if axis is None else np.take(a, 0, axis) for a, axis in zip(args, axes, strict=True)]
    at_point = compile(f, **options).value_and_grad(
        *[p if p.shape else float(p) for p in map(np.asarray, point)], argnums=numbers
    )
    return [*map(np.asarray, (value, *gradient, at_point[0], *at_point[1]))]


def assert_equal_bits(found: list[np.ndarray[Any, Any]], expected: list[np.ndarray[Any, Any]]) -> None:
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(np.signbit(a[a == 0]), np.signbit(b[b == 0]))


def has_loops(f: Callable[..., Any], in_axes: Any, *args: Any) -> int:
    compiled = compile(f, in_axes)
    compiled.value_and_grad(*args)
    return compiled.explain().loops


# -- programs ------------------------------------------------------------------------------------------


def carried(x: Any, c: Any) -> Any:
    for _ in range(30):
        x = x * c + sin(x) * 0.1
    return x


def two_carried_crosswise(x: Any, c: Any) -> Any:
    a, b = x, c
    for _ in range(40):
        a, b = b, a + b * 0.5
    return a * b


def summed_with_a_table(x: Any, c: Any) -> Any:
    total = 0.0
    for k in range(50):
        total = total + (x - 0.1 * k) * (x - 0.1 * k) * c
    return total


def nested(x: Any, c: Any) -> Any:
    total = c * 0.5
    for k in range(12):
        inner = x
        for _ in range(9):
            inner = inner * 0.9 + tanh(inner) * 0.1 * (k + 1)
        total = total * 0.7 + inner
    return total


def all_states_read_backwards(x: Any, c: Any) -> Any:
    states = [x]
    for _ in range(25):
        states.append(states[-1] * c + 0.01)
    total = 0.0
    for state in reversed(states):
        total = total * 0.5 + exp(state * 0.1) * state
    return total


def choices(x: Any, c: Any) -> Any:
    for k in range(30):
        x = where(x > 0.3, x * 0.7 - 0.1, x * c + 0.2 * k)
    return x


def every_third_is_read(x: Any, c: Any) -> Any:
    states = [x]
    for _ in range(30):
        states.append(states[-1] * 0.95 + c * 0.1)
    return sum((state * state * sin(state) for state in states[::3]), 0.0)


PROGRAMS = [
    carried,
    two_carried_crosswise,
    summed_with_a_table,
    nested,
    all_states_read_backwards,
    choices,
    every_third_is_read,
]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0)])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_a_loop_has_the_bits_of_its_straight_line(f: Any, axes: Any, strict: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    lanes = np.linspace(-1.0, 1.2, 37)
    args = tuple(lanes if axis == 0 else np.float64(0.8) for axis in axes)
    assert has_loops(f, axes, *args)
    found = results(f, axes, args, strict=strict)
    written_out(monkeypatch)
    assert_equal_bits(found, results(f, axes, args, strict=strict))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_programs_have_the_bits_of_their_straight_lines(data: st.DataObject) -> None:
    f = data.draw(strategies.expressions(max_times=20))
    point = data.draw(strategies.points_of(f))
    args = tuple(np.full(3, x) for x in point)
    found = results(f, 0, args)
    with pytest.MonkeyPatch.context() as monkeypatch:
        written_out(monkeypatch)
        assert_equal_bits(found, results(f, 0, args))


# -- sums of products ----------------------------------------------------------------------------------


def dense(sizes: tuple[int, ...]) -> Callable[..., Any]:
    def f(w: Any, x: Any) -> Any:
        at, h = 0, list(x)
        for inputs, outputs in pairwise(sizes):
            h = [
                relu(dot(list(w[k : k + inputs]), h) + w[k + inputs])
                for k in range(at, at + outputs * (inputs + 1), inputs + 1)
            ]
            at += outputs * (inputs + 1)
        return sum((v * v for v in h), 0.0)

    return f


def weights(sizes: tuple[int, ...]) -> int:
    return sum((a + 1) * b for a, b in pairwise(sizes))


def convolution(w: Any, x: Any) -> Any:
    """A picture of 8 × 8, a kernel of 3 × 3: the operands of a sum lie in three runs."""
    total = 0.0
    for i in range(6):
        for j in range(6):
            patch = [x[8 * (i + a) + j + b] for a in range(3) for b in range(3)]
            total = total + tanh(dot(list(w[:9]), patch))
    return total


def by_hand(w: Any, x: Any) -> Any:
    """A layer by plain sums of products, without ``dot``."""
    h = []
    for j in range(9):
        total = w[8 * j] * x[0]
        for i in range(1, 8):
            total = total + w[8 * j + i] * x[i]
        h.append(tanh(total))
    return sum((h[j] * h[(j + 1) % 9] for j in range(9)), 0.0)


def paths_through_a_grid(w: Any, x: Any) -> Any:
    """Sums along paths: on the way back one number is a factor of a whole chain, in every iteration another."""
    before: list[Any] = []
    for t in range(12):
        row: list[Any] = []
        for j in range(8):
            start = before[j] if t else row[j - 1] if j else x[0]
            row.append(start + (w[2 * j] * x[t] + w[2 * j + 1] * x[t + 1]))
        before = row
    return sum((v * v for v in before), 0.0)


def fed_back(w: Any, x: Any) -> Any:
    """Sums of what came in and out before: an iteration needs some values of its own, and some of those before it."""
    seen = [x[k] * 0.1 for k in range(16)]
    for t in range(40):
        seen.append(w[t] * x[t])
        seen.append(dot(list(w[60:72]), seen[:-13:-1]))
    return sum(seen, 0.0)


def heat(w: Any, x: Any) -> Any:
    """Both neighbours, and ends that stay: what an inner loop carries is another in the first outer iteration."""
    u = list(x[:9])
    for _ in range(8):
        u = [u[0], *[u[i] + 0.1 * w[i] * (u[i - 1] - 2 * u[i] + u[i + 1]) for i in range(1, 8)], u[8]]
    return sum(u, 0.0)


NETS = [((5, 8, 3), 37), ((9, 7, 8, 2), 5), ((12, 16, 1), 64), ((3, 10, 10, 10, 3), 19)]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("sizes", "lanes"), NETS)
def test_nets_of_any_width(sizes: tuple[int, ...], lanes: int, strict: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(1)
    args = draw.normal(size=weights(sizes)), draw.normal(size=(sizes[0], lanes))
    found = results(dense(sizes), (None, 1), args, strict=strict)
    written_out(monkeypatch)
    assert_equal_bits(found, results(dense(sizes), (None, 1), args, strict=strict))


@pytest.mark.parametrize("f", [convolution, by_hand, paths_through_a_grid, fed_back, heat], ids=lambda f: f.__name__)
@pytest.mark.parametrize("axes", [(None, 1), (1, None), (1, 1)])
def test_sums_of_products_whose_operands_lie_elsewhere(f: Any, axes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(2)
    args = tuple(draw.normal(size=(n, 11) if axis else n) for n, axis in zip((72, 64), axes, strict=True))
    found = results(f, axes, args)
    written_out(monkeypatch)
    assert_equal_bits(found, results(f, axes, args))


@pytest.mark.parametrize("width", [1, 2, 4, 8])
@pytest.mark.parametrize("lanes", [1, 7, 31, 32, 33, 130])
@pytest.mark.parametrize("sizes", [(16, 16, 16, 1), (17, 6, 19, 3, 2)])
def test_sums_over_lanes_leave_out_what_fills_up_the_last_vector(
    width: int, lanes: int, sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    if width > machine().widest:
        pytest.skip("the machine's vectors are narrower")
    monkeypatch.setattr(machine(), "width", width)
    draw = np.random.default_rng(3)
    w, x = draw.normal(size=weights(sizes)) * 0.3, draw.normal(size=(sizes[0], lanes))
    value, gradient = compile(dense(sizes), (None, 1), "sum").value_and_grad(w, x)
    rows = compile(dense(sizes), (1, 1)).value_and_grad(np.repeat(w[:, None], lanes, 1), x)
    np.testing.assert_allclose(value, rows[0].sum(), rtol=1e-13)
    np.testing.assert_allclose(gradient, rows[1].sum(1), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("lanes", [3, 32, 77])
def test_sums_over_lanes_of_a_loss_with_a_penalty(lanes: int) -> None:
    sizes = (16, 18, 16, 1)

    def loss(w: Any, x: Any) -> Any:
        return dense(sizes)(w, x) + 0.1 * dot(list(w), list(w))

    draw = np.random.default_rng(7)
    w, x = draw.normal(size=weights(sizes)) * 0.3, draw.normal(size=(16, lanes))
    f = compile(loss, (None, 1), "sum")
    value, gradient = f.value_and_grad(w, x)
    rows = compile(loss, (1, 1)).value_and_grad(np.repeat(w[:, None], lanes, 1), x)
    np.testing.assert_allclose(value, rows[0].sum(), rtol=1e-13)
    np.testing.assert_allclose(gradient, rows[1].sum(1), rtol=1e-12, atol=1e-13)
    (found,) = f._specialisations.values()
    code = found.branches[0].lanes.code
    assert code is not None
    assert len(code.layout.vectors) < len(w) // 5  # most weights' derivatives grow in one number


def test_a_product_with_infinity_in_a_lane_that_fills_up_does_no_harm() -> None:
    f = compile(dense((8, 16, 1)), (None, 1), "sum")
    x = np.zeros((8, 3))
    x[:, 0] = np.inf  # lanes that fill up the vector repeat the first
    value, gradient = f.value_and_grad(np.full(weights((8, 16, 1)), 0.5), x[:, 1:])
    again, other = f.value_and_grad(np.full(weights((8, 16, 1)), 0.5), np.zeros((8, 2)))
    assert value == again
    assert gradient.tolist() == other.tolist()


@pytest.mark.parametrize("odd", [0, 1, 5, 11])
def test_a_factor_of_another_kind_changes_no_bits(odd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def f(w: Any, x: Any) -> Any:
        return dot(list(w), [x if k == odd else tanh(x * (k + 1) * 0.1) for k in range(12)])

    args = np.random.default_rng(4).normal(size=12), np.linspace(-2.0, 2.0, 300)
    found = results(f, (None, 0), args)
    written_out(monkeypatch)
    assert_equal_bits(found, results(f, (None, 0), args))


# -- what is written -----------------------------------------------------------------------------------


def test_a_row_of_neurons_is_one_loop() -> None:
    f = compile(dense((16, 32, 16, 1)), (None, 1), "sum")
    f.value_and_grad(np.ones(weights((16, 32, 16, 1))), np.ones((16, 8)))
    program = passes.apply_passes(f.program.only(range(2 + weights((16, 32, 16, 1)) - 1)), machine().target(False))["prune"]
    assert sum(op == "dot" for _, (op, _) in program.operations()) == 32 + 16 + 1 + 32  # neurons; what 32 give to 16
    assert f.explain().loops >= 4


def test_the_sum_of_a_weights_derivative_over_lanes_is_one_number() -> None:
    f = compile(dense((16, 32, 16, 1)), (None, 1), "sum")
    x = np.random.default_rng(5).normal(size=(16, 70))
    w = np.random.default_rng(6).normal(size=weights((16, 32, 16, 1)))
    _, gradient = f.value_and_grad(w, x)
    (found,) = f._specialisations.values()
    code = found.branches[0].lanes.code
    assert code is not None
    assert len(code.layout.sums) == 1 + len(w)
    assert len(code.layout.vectors) <= 1 + 32 + 16 + 1 + 16  # the value, biases, the last neuron's weights
    assert f.value_and_grad(w, x.T.copy().T)[1].tolist() == gradient.tolist()  # lanes that lie otherwise: the same order


def test_a_dot_product_calls_no_python() -> None:
    f = compile(dense((16, 32, 1)), (None, 1), "sum")
    f.value_and_grad(np.ones(weights((16, 32, 1))), np.ones((16, 8)))
    (found,) = f._specialisations.values()
    code = found.branches[0].lanes.code
    assert code is not None
    assert not code.calls_python  # or it would run on one thread and hold the interpreter's lock


def test_the_text_of_a_loop_does_not_grow_with_its_rounds() -> None:
    def rounds(n: int) -> int:
        def f(x: Any) -> Any:
            for _ in range(n):
                x = x * 0.9 + sin(x)
            return x

        compiled = compile(f, 0)
        compiled.value_and_grad(np.ones(4))
        (found,) = compiled._specialisations.values()
        code = found.branches[0].lanes.code
        assert code is not None
        return code.layout.written

    assert rounds(400) == rounds(100) < 40


def lines_of_gradient(f: Any, w: int) -> int:
    """How many lines of LLVM the gradient by so many weights over lanes has."""
    compiled = compile(f, (None, 0), "sum")
    compiled.value_and_grad(np.linspace(0.1, 0.5, w), np.linspace(0.1, 1.0, 16))
    target, program = machine().target(False), compiled.program
    last = passes.apply_passes(program, target)["prune"]
    texts, *_ = emit(last, [Block(w, False), Block(1, True)], [True] * len(program.outputs), target)
    return sum(text.count("\n") for text in texts)


def test_the_text_does_not_grow_with_the_weights_that_nothing_uses() -> None:
    assert lines_of_gradient(lambda w, x: sin(w[0] * x), 2000) < lines_of_gradient(lambda w, x: sin(w[0] * x), 20) + 5


def test_the_text_does_not_grow_with_outputs_of_single_iterations() -> None:
    """A derivative by weights that a scan's step reads for five tokens ends in the last of five iterations."""

    def f(w: Any, x: Any) -> Any:
        xs = [x * 0.1 * k for k in range(5)]
        for each in w:
            xs = [tanh(y * each) + y for y in xs]
        return sum(xs)

    assert lines_of_gradient(f, 400) == lines_of_gradient(f, 100)


def test_captured_values_are_read_anew_in_loops() -> None:
    rate = Value(0.5)

    def f(x: Any) -> Any:
        for _ in range(20):
            x = x * rate + 1.0
        return x

    compiled = compile(f, 0)
    first = compiled(np.array([0.0, 1.0]))
    rate.data = 0.25
    assert compiled(np.array([0.0, 1.0])).tolist() == pytest.approx([4 / 3, 4 / 3])
    assert first.tolist() == pytest.approx([2.0, 2.0], abs=1e-5)


def test_operations_in_loops_are_those_of_the_straight_line() -> None:
    x, y = Place("input", 0), Place("input", 1)
    operations = [Operation("mul", (x, y), 0)]
    for k in range(0, 60, 2):
        last = Place("value", k)
        operations += [Operation("fma", (last, x, last), k + 1), Operation("sqrt", (Place("value", k + 1),), k + 2)]
    items, _ = with_loops(operations, [])
    assert [op.op for op, nest in operations_in(items) if nest] == ["fma", "sqrt"]


def test_what_is_mostly_straight_is_computed_in_one_register() -> None:
    """At two, LLVM takes up to 40 times as long for straight text."""

    def f(x: Any, w: Any) -> Any:
        for k in range(400):
            x = [tanh(x) + w[k], x * w[k] + 0.1, x - w[k] * x * x, exp(x * 0.1) * w[k]][hash((k, k * k)) % 4]
        for k in range(20):
            x = x * w[k]
        return x

    compiled = compile(f, (0, None))
    compiled.value_and_grad(np.ones(40), np.linspace(0.1, 0.3, 400))
    (found,) = compiled._specialisations.values()
    code = found.branches[0].lanes.code
    assert code is not None
    assert code.width == code.sum_width
