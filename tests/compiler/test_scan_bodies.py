"""Steps of ``scan`` with vectors in them: loops in their bodies, dot products as one operation, a slot for each sum."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import autograd as ag
from autograd import compile, cos, dot, scan, sin, tanh, value_and_grad, where
from autograd.compiler.codegen.abi import Block, Layout
from autograd.compiler.codegen.emit import emit
from autograd.compiler.codegen.passes import apply_passes
from autograd.compiler.runtime.jit import machine
from autograd.program.program import Program

Array = NDArray[np.float64]
Vector = list[Any]


def recurrent(w: Any, u: Any, b: Any, xs: Any) -> Any:
    def step(h: Vector, x: Any) -> tuple[Vector, None]:
        return [tanh(dot(row, h) + v * x + c) for row, v, c in zip(w, u, b, strict=True)], None

    h, _ = scan(step, [0.0] * len(u), xs)
    return dot(h, h)


def recurrent_by_hand(w: Array, u: Array, b: Array, xs: Array) -> tuple[float, list[Array]]:
    states = [np.zeros(len(u))]
    for x in xs:
        states.append(np.tanh(w @ states[-1] + u * x + b))
    gradient, totals = 2 * states[-1], [np.zeros_like(w), np.zeros_like(u), np.zeros_like(b)]
    for x, before, after in zip(xs[::-1], states[-2::-1], states[:0:-1], strict=True):
        inner = gradient * (1 - after**2)
        for total, each in zip(totals, (np.outer(inner, before), inner * x, inner), strict=True):
            total += each
        gradient = inner @ w
    return float(states[-1] @ states[-1]), totals


def weights(units: int, times: int) -> tuple[Array, Array, Array, Array]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(units, units)) / units, rng.normal(size=units), rng.normal(size=units), rng.normal(size=times)


def layout_of(units: int, times: int) -> Layout:
    """Where a recurrent net's machine code, of value and gradient, keeps things."""
    f = compile(recurrent)
    w, u, b, xs = weights(units, times)
    f.value_and_grad(w, u, b, xs, argnums=(0, 1, 2))
    return layout_with(f.program, times)


def layout_with(program: Program, lanes: int) -> Layout:
    """That of a program whose last inputs, so many, have lanes."""
    target = machine().target(strict=False)
    last = list(apply_passes(program, target).values())[-1]
    blocks = [Block(len(program.inputs) - lanes, False), Block(lanes, True)]
    texts, layout, _ = emit(last, blocks, [True] * len(program.outputs), target)
    list(texts)
    return layout


@pytest.mark.parametrize("units", [3, 9, 20])
def test_a_recurrent_net_is_what_it_is_by_hand(units: int) -> None:
    args = weights(units, 7)
    value, gradients = recurrent_by_hand(*args)
    for f in (compile(recurrent), compile(recurrent, strict=True)):
        found, parts = f.value_and_grad(*args, argnums=(0, 1, 2))
        assert np.isclose(found, value, rtol=1e-12)
        for part, right in zip(parts, gradients, strict=True):
            np.testing.assert_allclose(part, right, rtol=1e-10, atol=1e-13)


def test_a_net_of_any_width_is_few_operations_as_text() -> None:
    narrow, wide = layout_of(24, 5).written, layout_of(36, 5).written
    assert narrow < 80
    assert wide - narrow <= 12  # the derivatives of the last states' squares


def test_derivatives_by_what_a_step_reads_are_as_little_text_for_any_number_of_steps() -> None:
    def f(x: Any, w: Any) -> Any:
        return scan(lambda s, pair: (tanh(s * pair[0] + pair[1]), None), x, w)[0]

    def text(times: int) -> int:
        compiled = compile(f)
        compiled.value_and_grad(0.3, np.linspace(-1.0, 1.0, 2 * times).reshape(times, 2), argnums=(0, 1))
        return layout_with(compiled.program, 0).written

    assert text(30) == text(200) < 40


def test_sums_that_a_scan_carries_take_no_more_memory_for_more_steps() -> None:
    few, many = layout_of(20, 10).lane_slots, layout_of(20, 110).lane_slots
    assert many - few <= 100 * 41  # states and what is kept of a step; the derivatives by 440 parameters take a slot each


def test_tables_of_slots_are_as_long_for_any_number_of_steps() -> None:
    w, u, b, xs = weights(9, 3000)
    f = compile(recurrent)
    found, parts = f.value_and_grad(w, u, b, xs, argnums=(0, 1, 2))
    value, gradients = recurrent_by_hand(w, u, b, xs)
    assert np.isclose(found, value, rtol=1e-10)
    np.testing.assert_allclose(parts[0], gradients[0], rtol=1e-8, atol=1e-10)


# -- random steps ------------------------------------------------------------------------------------


def dense(h: Vector, x: Vector, total: Any, w: Any, u: Any, b: Any) -> tuple[Vector, Any]:
    return [tanh(dot(row, h) + v * x[k % len(x)]) for k, (row, v) in enumerate(zip(w, u, strict=True))], total


def shifted(h: Vector, x: Vector, total: Any, w: Any, u: Any, b: Any) -> tuple[Vector, Any]:
    return [x[0], *h[:-1]], total


def rotated(h: Vector, x: Vector, total: Any, w: Any, u: Any, b: Any) -> tuple[Vector, Any]:
    return [*h[2:], *h[:2]], total


def chosen(h: Vector, x: Vector, total: Any, w: Any, u: Any, b: Any) -> tuple[Vector, Any]:
    return [where(v > c, sin(v) * c, v * 0.5 + c) for v, c in zip(h, u, strict=True)], total


def summed(h: Vector, x: Vector, total: Any, w: Any, u: Any, b: Any) -> tuple[Vector, Any]:
    for v in h:
        total = total * 0.9 + v * v
    return h, total


def scanned(h: Vector, x: Vector, total: Any, w: Any, u: Any, b: Any) -> tuple[Vector, Any]:
    last, ys = scan(lambda s, z: (s * 0.5 + z * total * 0.1, s + z), total, h)
    return [tanh(y) for y in ys], cos(last)


def correlated(h: Vector, x: Vector, total: Any, w: Any, u: Any, b: Any) -> tuple[Vector, Any]:
    return [v + dot(h, x if len(x) == len(h) else h) * 0.01 for v in h], total


def outer(h: Vector, x: Vector, total: Any, w: Any, u: Any, b: Any) -> tuple[Vector, Any]:
    return [ag.sum([v * z * 0.01 for z in h]) + c for v, c in zip(h, b, strict=True)], total


PARTS = [dense, shifted, rotated, chosen, summed, scanned, correlated, outer]


def random_scan(seed: int) -> tuple[Callable[..., Any], tuple[Array, ...]]:
    """A function of matrix, two vectors and xs, which are numbers or vectors, and where to evaluate it."""
    r, rng = random.Random(seed), np.random.default_rng(seed)
    units, times, parts = r.choice([3, 8, 9, 12]), r.choice([2, 3, 5]), r.choices(PARTS, k=r.randint(1, 3))
    zero, ys_of = r.random() < 0.5, r.choice([lambda old, new: None, lambda old, new: old, lambda old, new: dot(new, new)])

    def f(w: Any, u: Any, b: Any, xs: Any) -> Any:
        def step(state: tuple[Vector, Any], x: Any) -> tuple[tuple[Vector, Any], Any]:
            h, total = state
            for part in parts:
                h, total = part(list(h), list(x) if hasattr(x, "__len__") else [x], total, w, u, b)
            return (h, total), ys_of(state[0], h)

        (h, total), ys = scan(step, ([0.0] * units if zero else list(b), 0.3), xs)
        rows = [y if isinstance(y, list) else [y] for y in ys or ()]
        return dot(h, u) + total + ag.sum([tanh(y) for row in rows for y in row])

    args = rng.normal(size=(units, units)) / units, rng.normal(size=units) / 2, rng.normal(size=units) / 2
    return f, (*args, rng.normal(size=(times, units)) if r.random() < 0.5 else rng.normal(size=times))


def flat(tree: Any) -> list[float]:
    return [x for part in tree for x in flat(part)] if isinstance(tree, (list, tuple)) else np.asarray(tree).ravel().tolist()


@pytest.mark.parametrize("seed", range(40))
def test_random_steps_on_vectors_are_the_loop(seed: int) -> None:
    f, args = random_scan(seed)
    right = np.array(flat(value_and_grad(f, argnums=(0, 1, 2, 3))(*[x.tolist() for x in args])))
    near = 1e-10 * max(1.0, float(np.abs(right).max()))
    point = compile(f, strict=seed % 2 == 1).value_and_grad(*args, argnums=(0, 1, 2, 3))
    np.testing.assert_allclose(flat(point), right, rtol=1e-9, atol=near)
    lanes = compile(f, in_axes=(None, None, None, 0), reduce="sum", strict=seed % 2 == 1)
    value, parts = lanes.value_and_grad(*args[:3], np.stack([args[3]] * 11), argnums=(0, 1, 2, 3))
    shared = np.array(flat([value, *parts[:3]])) / 11
    np.testing.assert_allclose(flat([*shared, parts[3][10]]), right, rtol=1e-9, atol=near)
