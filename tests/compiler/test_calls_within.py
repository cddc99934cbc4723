"""Compiled functions within functions, primitives that call back, threads, copies: nothing leaves the graph unseen."""

from __future__ import annotations

import copy
import math
import pickle
import threading
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, no_grad, primitive, sin, where

cube = compile(lambda x: x * x * x)


def test_within_a_derivative_it_is_differentiated() -> None:
    assert ag.grad(lambda x: cube(x) * x)(2.0) == 32.0
    assert ag.grad(lambda x: cube.grad(x) * x)(2.0) == 36.0
    x = Value(2.0)
    (cube(x) * x).backward()
    assert x.grad == 32.0


@pytest.mark.parametrize("transform", ["value", "grad"])
def test_within_a_derivative_by_what_it_captured_it_is_differentiated(transform: str) -> None:
    def f(x: Any) -> Any:
        inner = compile(lambda t: t**3 * x)
        return x * (inner(2.0) if transform == "value" else inner.grad(2.0))

    factor = {"value": 8.0, "grad": 12.0}[transform]
    assert [ag.grad(f)(3.0), ag.derivative(f, 3.0, 2)] == [6.0 * factor, 2.0 * factor]
    assert [ag.jvp(f, (3.0,), (1.0,))[1], compile(f).grad(3.0)] == [6.0 * factor] * 2
    w = Value(3.0)
    by_w = compile(lambda t: t * w)
    assert ag.grad(lambda x: x * by_w(2.0))(1.0) == 6.0  # w isn't what is differentiated


def test_within_a_derivative_by_what_it_captured_lanes_are_refused() -> None:
    def f(x: Any) -> Any:
        return x * compile(lambda t: t * x, in_axes=0, reduce="sum")(np.ones(3))

    with pytest.raises(TypeError, match="can't record what it does with Values"):
        ag.grad(f)(3.0)


def test_within_a_compiled_function_it_is_traced() -> None:
    g = compile(lambda x: cube(x) + x)
    assert [g(2.0), g(3.0), g.grad(3.0)] == [10.0, 30.0, 28.0]
    inner = compile(lambda a: compile(lambda x: x * a)(3.0))
    assert [inner(2.0), inner(5.0)] == [6.0, 15.0]


def test_over_lanes_it_refuses_what_would_cut_the_graph() -> None:
    f = compile(lambda w, x: w * x, in_axes=(None, 0), reduce="sum")
    with pytest.raises(TypeError, match="can't record what it does with Values"):
        ag.grad(lambda w: f(w, np.ones(3)) * w)(0.7)
    with pytest.raises(TypeError, match="can't record what it does with Values"):
        compile(lambda w: f(w, np.ones(3)) * w)(0.7)


@pytest.mark.parametrize("lanes", [False, True])
def test_a_primitive_may_call_the_function_that_calls_it(lanes: bool) -> None:
    @primitive(lambda *_: 1.0)
    def below(x: float) -> float:
        return x if x < 1.0 else float(f(np.array([x - 1.0]))[0] if lanes else f(x - 1.0))

    f = compile(lambda x: x * below(x), in_axes=0 if lanes else None)
    points = [0.0, 1.0, 1.5, 2.5, 3.5, 4.5]
    expected: dict[float, float] = {}
    for x in sorted({p - k for p in points for k in range(6)}):
        expected[x] = x * (x if x < 1.0 else expected[x - 1.0])
    found = f(np.array(points)).tolist() if lanes else [f(x) for x in points]
    assert found == [expected[x] for x in points]


def test_a_primitive_may_take_any_number_of_operands() -> None:
    total = primitive(lambda _, *xs: [1.0] * len(xs))(lambda *xs: math.fsum(xs))
    f = compile(lambda x, y, z: total(x, y) * 100 + total(x, y, z), in_axes=(0, 0, 0))
    assert f(*[np.arange(4.0)] * 3).tolist() == [0.0, 203.0, 406.0, 609.0]


def test_an_error_of_a_primitive_comes_out_in_its_own_thread() -> None:
    @primitive(lambda *_: 1.0)
    def touchy(x: float) -> float:
        if x > 5.0:
            raise KeyError(x)
        return x

    f = compile(lambda x: touchy(x) * 2.0, in_axes=0)
    outcomes: dict[float, set[Any]] = {1.0: set(), 7.0: set()}

    def work(x: float) -> None:
        for _ in range(100):
            try:
                outcomes[x].add(float(f(np.array([0.0, x]))[1]))
            except KeyError:
                outcomes[x].add("error")

    threads = [threading.Thread(target=work, args=(x,)) for x in outcomes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {1.0: {2.0}, 7.0: {"error"}}


def test_a_primitive_of_a_branch_not_taken_is_not_called() -> None:
    log = primitive(lambda _, x: 1.0 / x)(lambda x: math.log(x))
    f = compile(lambda x: log(x) if x > 0 else x)
    assert [f(1.0), f(-1.0), f(1.0)] == [0.0, -1.0, 0.0]


def test_nested_calls_over_many_lanes_do_not_wait_for_each_other() -> None:
    def long(x: Any) -> Any:
        for _ in range(1500):
            x = x * 0.999 + 0.001
        return x

    inner = compile(long, in_axes=0)
    many = np.full(3000, 1.0)
    apart = primitive(lambda *_: 1.0)(lambda x: x + 0.0 * float(inner(many)[0]) if x > 2999.5 else x)
    outer = compile(lambda x: long(x) * 0.0 + apart(x), in_axes=0, threads=2)
    assert outer(np.arange(3001.0))[-1] == 3000.0


def test_the_first_call_may_be_without_recording() -> None:
    with no_grad():
        assert compile(lambda x: x * x * sin(x)).grad(3.0) == ag.grad(lambda x: x * x * sin(x))(3.0)


def test_an_argument_that_only_a_condition_uses_has_derivative_0() -> None:
    assert compile(lambda x, y: where(x < y, y * y, 2.0)).value_and_grad(1.0, 3.0, argnums=(0, 1)) == (9.0, (0.0, 6.0))
    assert compile(lambda x: where(x < 0, 0.0, x)).hessian(1.0) == 0.0


def test_a_condition_that_is_known_only_to_the_machine_chooses() -> None:
    f = compile(lambda x: where(x**0.0 < 0.5, where(x < 1.0, x * x, x), x * 3.0))
    assert f.value_and_grad(2.0) == (6.0, 3.0)


def test_sums_of_lanes_and_shared_numbers_are_of_what_each_lane_has() -> None:
    f = compile(lambda x, w: x + w, in_axes=(0, None), reduce="sum")
    assert f(np.array([1e16, 1e16 + 2, 1e16 + 4]), -1e16) == 6.0
    assert f(np.full(4, 1e308), -1e308) == 0.0


@pytest.mark.parametrize("n", [3, 9, 49])
def test_the_mean_of_ones_is_1(n: int) -> None:
    assert compile(lambda x: x, in_axes=0, reduce="mean")(np.ones(n)) == 1.0
    assert compile(lambda w, _: w, in_axes=(None, 0), reduce="mean")(0.5, np.ones(n)) == 0.5


def square(x: Any) -> Any:
    return x * x


def test_copies_and_pickles_compile_anew() -> None:
    f = compile(square, in_axes=0, reduce="sum")
    f(np.ones(3))
    for other in (copy.deepcopy(f), pickle.loads(pickle.dumps(f))):
        assert other(np.ones(3)) == 3.0


@compile
def twice(x: Any) -> Any:
    return 2.0 * x


def test_what_a_decorator_compiled_is_pickled_by_its_name() -> None:
    assert pickle.loads(pickle.dumps(twice)) is twice
    assert copy.deepcopy(twice)(3.0) == 6.0
