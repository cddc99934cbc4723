"""Results in arrays without axes, and derivatives as objects: pickled, sent to processes, bound to objects."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pytest

from autograd import compile, derivative, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

WITHOUT_AXES: dict[str, Callable[[Any], Any]] = {
    "tensordot": lambda x: np.tensordot([x, x], [x, 1.0], 1),
    "squeeze": lambda x: np.squeeze(np.array([x * x + x], dtype=object)),
    "asarray": lambda x: np.asarray(x * x + x),
}


@pytest.mark.parametrize("f", WITHOUT_AXES.values(), ids=WITHOUT_AXES)
def test_a_result_in_an_array_without_axes_is_a_number(f: Any) -> None:
    assert (grad(f)(2.0), value_and_grad(f)(2.0), jacobian(f)(2.0), hessian(f)(2.0)) == (5.0, (6.0, 5.0), 5.0, 2.0)
    assert (derivative(f, 2.0), jvp(f, (2.0,), (1.0,)), hvp(f)(2.0, 3.0)) == (5.0, (6.0, 5.0), 6.0)
    assert vjp(f, 2.0)[1](1.0) == (5.0,)
    compiled = compile(f)
    assert (compiled(2.0), compiled.value_and_grad(2.0), compiled.jacobian(2.0)) == (6.0, (6.0, 5.0), 5.0)
    assert compile(f, in_axes=0).grad(np.array([2.0, 3.0])).tolist() == [5.0, 7.0]


@pytest.mark.parametrize("result", [3, np.float32(3.0), np.array(3.0), np.int64(3)], ids=repr)
def test_a_compiled_function_may_return_any_real_number(result: Any) -> None:
    f = compile(lambda x: result if x < 5.0 else x)
    assert (f(2.0), f.grad(2.0), f.value_and_grad(6.0)) == (3.0, 0.0, (6.0, 1.0))


def cube(x: Any) -> Any:
    return x * x * x


@grad
def squared_thrice(x: Any) -> Any:
    return x * x * x


class Spring:
    def energy(self, x: Any) -> Any:
        return 0.5 * x * x

    force = grad(energy, 1)


DERIVATIVES: dict[str, tuple[Any, tuple[float, ...], Any]] = {
    "grad": (grad(cube), (2.0,), 12.0),
    "argnums": (grad(cube, (0,)), (2.0,), (12.0,)),
    "value_and_grad": (value_and_grad(cube), (2.0,), (8.0, 12.0)),
    "jacobian": (jacobian(cube), (2.0,), 12.0),
    "hessian": (hessian(cube), (2.0,), 12.0),
    "twice": (grad(grad(cube)), (2.0,), 12.0),
    "hvp": (hvp(cube), (2.0, 0.5), 6.0),
    "decorator": (squared_thrice, (2.0,), 12.0),
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_a_derivative_of_a_modules_function_is_pickled(name: str) -> None:
    made, at, expected = DERIVATIVES[name]
    assert pickle.loads(pickle.dumps(made))(*at) == expected


def test_derivatives_go_to_other_processes() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(grad(cube), [1.0, 2.0])) == [3.0, 12.0]


def test_a_derivative_is_bound_like_a_method_and_named_like_its_function() -> None:
    assert Spring().force(3.0) == 3.0
    assert (grad(cube).__name__, repr(grad(cube))) == ("cube", "<grad of cube>")
