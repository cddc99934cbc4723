"""``compile``: the same numbers as eager mode, in the shapes of the arguments, for points and for lanes."""

from __future__ import annotations

import itertools
import math
import threading
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, dot, exp, grad, hessian, hvp, jacobian, log, sin, tanh, value_and_grad, where
from autograd.compiler import TraceError
from autograd.compiler.runtime.jit import machine


def wave(x: Any, y: Any) -> Any:
    return x * sin(y) + exp(-x * y) / (1.0 + y * y)


def energy(p: dict[str, Any], x: Any) -> Any:
    return dot(p["w"], x) ** 2 + p["b"] * tanh(x[0])


# -- single points -----------------------------------------------------------------------------------------


def test_value_gradient_hessian_and_hvp_at_a_point_are_those_of_eager_mode() -> None:
    f = compile(wave, strict=True)
    assert f(0.7, 0.3) == wave(0.7, 0.3)
    value, derivatives = f.value_and_grad(0.7, 0.3, argnums=(0, 1))
    assert (value, *derivatives) == pytest.approx((wave(0.7, 0.3), *grad(wave, (0, 1))(0.7, 0.3)), rel=1e-15)
    assert f.grad(0.7, 0.3, argnums=1) == pytest.approx(grad(wave, 1)(0.7, 0.3), rel=1e-15)
    ours, theirs = f.hessian(0.7, 0.3, argnums=(0, 1)), hessian(wave, (0, 1))(0.7, 0.3)
    assert np.array(ours) == pytest.approx(np.array(theirs), rel=1e-13)
    bowl = lambda v: v[0] ** 2 * v[1] + sin(v[1])  # noqa: E731
    assert compile(bowl).hvp([1.0, 2.0], [0.5, -1.0]) == pytest.approx(hvp(bowl)([1.0, 2.0], [0.5, -1.0]), rel=1e-14)


def test_nested_arguments_come_back_in_their_shape() -> None:
    p, x = {"w": [1.0, 2.0], "b": 3.0}, np.array([0.5, -1.0])
    value, (dp, dx) = compile(energy).value_and_grad(p, x, argnums=(0, 1))
    expected, (dp0, dx0) = value_and_grad(energy, (0, 1))(p, x)
    assert value == pytest.approx(expected, rel=1e-15)
    assert dp == {"w": pytest.approx(dp0["w"], rel=1e-15), "b": pytest.approx(dp0["b"], rel=1e-15)}
    assert isinstance(dx, np.ndarray)
    assert dx == pytest.approx(dx0, rel=1e-15)


def test_a_jacobian_is_one_program() -> None:
    f = lambda x: [x[0] * x[1], sin(x[0]), 2.0]  # noqa: E731
    assert compile(f).jacobian([2.0, 3.0]) == [[3.0, 2.0], pytest.approx([math.cos(2.0), 0.0]), [0.0, 0.0]]
    assert jacobian(lambda x: f(x)[:2])([2.0, 3.0]) == compile(lambda x: f(x)[:2]).jacobian([2.0, 3.0])


def test_integers_numpy_scalars_and_values_are_numbers() -> None:
    f = compile(wave)
    assert f(1, np.float32(0.5)) == f(Value(1.0), 0.5) == f(1.0, 0.5)


def test_it_is_a_decorator_with_and_without_arguments() -> None:
    @compile
    def double(x: Any) -> Any:
        """Twice x."""
        return 2.0 * x

    @compile(in_axes=0, reduce="sum")
    def total(x: Any) -> Any:
        return 2.0 * x

    assert (double(3.0), double.__name__, double.__doc__) == (6.0, "double", "Twice x.")
    assert total(np.array([1.0, 2.0])) == 6.0


def test_a_method_can_be_compiled() -> None:
    class Line:
        factor = 2.0

        def at(self, x: Any) -> Any:
            return x * self.factor

    assert compile(Line().at).value_and_grad(4.0) == (8.0, 2.0)


def test_a_constant_function_has_a_value_and_zero_derivatives() -> None:
    assert compile(lambda _: 3.0).value_and_grad(1.0) == (3.0, 0.0)
    value, derivative = compile(lambda _: 3.0, in_axes=0).value_and_grad(np.ones(3))
    assert value.tolist() == [3.0] * 3
    assert derivative.tolist() == [0.0] * 3


# -- lanes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9, 15, 16, 17, 100])
def test_every_number_of_lanes_gives_each_lane_its_own_numbers(n: int) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=n), rng.normal(size=n)
    values, (dx, dy) = compile(wave, in_axes=(0, 0), strict=True).value_and_grad(x, y, argnums=(0, 1))
    point = compile(wave, strict=True)
    for lane in range(n):
        value, derivatives = point.value_and_grad(x[lane], y[lane], argnums=(0, 1))
        assert (values[lane], dx[lane], dy[lane]) == pytest.approx((value, *derivatives), rel=1e-14)


@pytest.mark.parametrize(("shape", "axis"), [((2, 5), 1), ((5, 2), 0), ((5, 2), -2), ((2, 5), -1)])
def test_any_axis_may_run_over_lanes_and_gradients_keep_it(shape: tuple[int, int], axis: int) -> None:
    x = np.arange(10.0).reshape(shape)
    value, derivative = compile(lambda v: v[0] * v[1] ** 2, in_axes=axis).value_and_grad(x)
    rows = np.moveaxis(x, axis, -1)
    assert value == pytest.approx(rows[0] * rows[1] ** 2)
    assert derivative.shape == x.shape
    assert np.moveaxis(derivative, axis, -1) == pytest.approx(np.array([rows[1] ** 2, 2 * rows[0] * rows[1]]))


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_reduced_results_are_sums_over_lanes(reduce: str) -> None:
    rng = np.random.default_rng(1)
    w, x = rng.normal(size=3), rng.normal(size=(3, 21))
    value, (dw, dx) = compile(lambda w, x: tanh(dot(w, x)), (None, 1), reduce).value_and_grad(w, x, argnums=(0, 1))  # type: ignore[call-overload]
    scale = 1.0 if reduce == "sum" else 1.0 / 21
    z = w @ x
    assert value == pytest.approx(scale * np.tanh(z).sum(), rel=1e-13)
    assert dw == pytest.approx(scale * (x / np.cosh(z) ** 2).sum(axis=1), rel=1e-12)
    assert dx == pytest.approx(scale * np.outer(w, 1 / np.cosh(z) ** 2), rel=1e-12)


def test_without_reduce_a_shared_argument_has_a_gradient_for_every_lane() -> None:
    x = np.linspace(0.0, 1.0, 5)
    value, derivative = compile(lambda w, x: w[0] * x + w[1], (None, 0)).value_and_grad([2.0, 1.0], x)
    assert value == pytest.approx(2.0 * x + 1.0)
    assert [row.tolist() for row in derivative] == [x.tolist(), [1.0] * 5]
    (matrix,) = (compile(lambda w, x: dot(w, [x, 1.0]), (None, 0)).grad(np.array([2.0, 1.0]), x),)
    assert matrix.shape == (2, 5)


def test_outputs_that_are_the_same_in_all_lanes_fill_or_sum_up() -> None:
    x = np.zeros(4)
    assert compile(lambda w, x: [w * 2.0, x], (None, 0))(3.0, x)[0].tolist() == [6.0] * 4
    assert compile(lambda w, x: w * 2.0 + 0.0 * x[0], (None, None), "sum")(3.0, [1.0]) == 6.0
    assert compile(lambda w, _: w * 2.0, (None, 0), "sum").value_and_grad(3.0, x) == (24.0, 8.0)
    assert compile(lambda w, _: w * 2.0, (None, 0), "mean").value_and_grad(3.0, x) == (6.0, 2.0)


def test_a_hessian_has_the_arguments_shape_twice_and_then_the_lanes() -> None:
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    found = compile(lambda v: v[0] ** 2 * v[1], in_axes=1).hessian(x)
    assert found.shape == (2, 2, 3)
    assert found[0, 0].tolist() == (2 * x[1]).tolist()
    assert found[0, 1].tolist() == found[1, 0].tolist() == (2 * x[0]).tolist()


def test_arrays_in_any_order_and_of_any_kind_of_number_give_the_same() -> None:
    f = compile(lambda x: x[0] * x[1], in_axes=1)
    x = np.arange(12.0).reshape(2, 6)
    expected = f(x).tolist()
    for other in (
        np.asfortranarray(x),
        x.astype(np.int64),
        x.astype(np.float32),
        x.astype(object),
        np.repeat(x, 2, 1)[:, ::2],
    ):
        assert f(other).tolist() == expected


def test_zero_lanes_give_an_empty_result() -> None:
    value, derivative = compile(wave, in_axes=(0, None)).value_and_grad(np.ones(0), 1.0)
    assert value.shape == derivative.shape == (0,)
    assert compile(wave, in_axes=(0, None), reduce="sum").value_and_grad(np.ones(0), 1.0, argnums=1) == (0.0, 0.0)


def test_results_do_not_depend_on_the_number_of_threads() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 300_000))
    sums = []
    for threads in (1, 2, 3):
        f = compile(lambda w, v: sin(v[0] * w) * exp(-v[1] * v[1]), (None, 1), "sum", threads=threads)
        sums.append(f.value_and_grad(0.3, x))
    assert sums[0] == sums[1] == sums[2]
    assert sums[0][0] == pytest.approx((np.sin(x[0] * 0.3) * np.exp(-(x[1] ** 2))).sum(), rel=1e-9)


def test_two_threads_may_call_the_same_function() -> None:
    f = compile(wave)
    lanes = compile(wave, in_axes=(0, None), reduce="sum")
    expected = [f(i / 10.0, 0.5) for i in range(100)]
    x = np.linspace(0.0, 1.0, 37)
    total = lanes.value_and_grad(x, 0.5)[0]
    wrong: list[int] = []

    def work() -> None:
        for _ in range(50):
            wrong.extend(i for i in range(100) if f(i / 10.0, 0.5) != expected[i])
            wrong.extend([-1] * (lanes.value_and_grad(x, 0.5)[0] != total))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_where_chooses_lane_by_lane_and_the_other_side_poisons_nothing() -> None:
    x = np.array([-1.0, 0.0, 1.0, 4.0])
    value, derivative = compile(lambda x: where(x > 0, log(x), 0.0), in_axes=0).value_and_grad(x)
    assert value.tolist() == [0.0, 0.0, 0.0, math.log(4.0)]
    assert derivative.tolist() == [0.0, 0.0, 1.0, 0.25]


def test_non_finite_numbers_flow_as_in_eager_mode() -> None:
    f = compile(lambda x: 1.0 / x + log(x), in_axes=0)
    with np.errstate(all="raise"):
        value, derivative = f.value_and_grad(np.array([0.0, -1.0, math.inf, math.nan]))
    for lane, x in enumerate([0.0, -1.0, math.inf, math.nan]):
        eager = value_and_grad(lambda x: 1.0 / x + log(x))(x)
        assert (value[lane], derivative[lane]) == pytest.approx(eager, nan_ok=True)


# -- what is captured ----------------------------------------------------------------------------------------


def test_a_captured_leaf_is_read_anew_at_every_call() -> None:
    w = Value(3.0, name="w")
    f, lanes = compile(lambda x: w * x), compile(lambda x: w * x, in_axes=0)
    assert f(2.0) == 6.0
    assert lanes(np.ones(2)).tolist() == [3.0, 3.0]
    w.data = 5.0
    assert f.value_and_grad(2.0) == (10.0, 5.0)
    assert lanes(np.ones(2)).tolist() == [5.0, 5.0]


def test_a_leaf_made_inside_is_a_constant() -> None:
    assert compile(lambda x: x * Value(2.0)).value_and_grad(3.0) == (6.0, 2.0)


@pytest.mark.parametrize(
    "leave",
    [float, int, lambda v: v.data, math.sin, lambda v: round(v, 2), math.exp],
)
def test_leaving_the_graph_raises_and_says_what_to_write(leave: Any) -> None:
    with pytest.raises(TraceError, match="leaves the graph"):
        compile(lambda x: leave(x) * x)(0.5)


def test_no_grad_inside_raises() -> None:
    def f(x: Any) -> Any:
        with ag.no_grad():
            y = x * 2.0
        return y * x

    with pytest.raises(TraceError, match="no_grad"):
        compile(f)(1.0)


def test_derivatives_inside_are_traced_too() -> None:
    f = compile(lambda x: ag.derivative(lambda y: y**3 * x, x, 2))
    assert f.value_and_grad(2.0) == (24.0, 24.0)  # 6x² with y = x


def test_a_primitive_is_called_back_in_python() -> None:
    @ag.primitive(lambda _, x: 3.0 * x * x)
    def cube(x: float) -> float:
        return x**3

    f = compile(lambda x: cube(x) + 1.0, in_axes=0)
    value, derivative = f.value_and_grad(np.array([1.0, 2.0, 3.0]))
    assert (value.tolist(), derivative.tolist()) == ([2.0, 9.0, 28.0], [3.0, 12.0, 27.0])


# -- bad input -------------------------------------------------------------------------------------------------


def test_lane_counts_that_differ_name_both_arguments() -> None:
    with pytest.raises(ValueError, match="x has 3 lanes along axis 0, but y has 4"):
        compile(lambda x, y: x * y, in_axes=(0, 0))(np.ones(3), np.ones(4))


@pytest.mark.parametrize("x", [2.0, [1.0, 2.0], 1j])
def test_an_argument_with_lanes_must_be_an_array(x: Any) -> None:
    with pytest.raises(ValueError, match="needs an array with that axis"):
        compile(lambda x: x, in_axes=0)(x)


@pytest.mark.parametrize(("axes", "error"), [((0, 0), "2 entries for 1"), ((3,), "hasn't"), (({"a": 0},), "shaped like")])
def test_axes_that_do_not_fit_are_named(axes: Any, error: str) -> None:
    argument = [np.ones(2)] if isinstance(axes[0], dict) else np.ones(2)
    with pytest.raises(ValueError, match=error):
        compile(lambda x: x, in_axes=axes)(argument)


@pytest.mark.parametrize("x", ["a", None, 1j, object(), np.datetime64("2020-01-01")])
def test_what_is_no_number_is_refused(x: Any) -> None:
    with pytest.raises(TypeError, match="x"):
        compile(lambda x: x * 2.0)(x)


@pytest.mark.parametrize("result", ["a", None, {1: "b"}, [1.0, "c"]])
def test_a_function_must_return_numbers(result: Any) -> None:
    with pytest.raises(TypeError, match="must return"):
        compile(lambda _: result)(1.0)


def test_a_gradient_needs_a_single_output() -> None:
    with pytest.raises(TypeError, match="use jacobian"):
        compile(lambda x: [x, x]).value_and_grad(1.0)


@pytest.mark.parametrize(
    "options", [{"reduce": "max"}, {"max_branches": 0}, {"threads": 0}, {"threads": 1.5}, {"max_branches": True}]
)
def test_options_are_checked_at_once(options: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        compile(lambda x: x, **options)


def test_argnums_out_of_range_are_named() -> None:
    for argnums in (2, -3, "z", True):
        with pytest.raises(ValueError, match="argnums"):
            compile(wave).grad(1.0, 2.0, argnums=argnums)


def test_f_must_be_callable() -> None:
    with pytest.raises(TypeError, match="f must be a function"):
        compile(3.0)  # type: ignore[call-overload]


def test_a_second_call_of_the_same_shape_traces_nothing() -> None:
    calls = itertools.count()

    def f(x: Any) -> Any:
        next(calls)
        return x * x

    compiled = compile(f, in_axes=0)
    compiled(np.ones(3))
    compiled(np.ones(5))
    assert next(calls) == 1


# -- fused multiply-adds -----------------------------------------------------------------------------------


def winding(x: Any, y: Any) -> Any:
    h = x
    for _ in range(200):
        h = h * 0.5 + x * y * 0.1 - 0.3 * h * h * y
    return h


def test_a_value_has_the_same_bits_alone_beside_its_gradient_and_in_lanes() -> None:
    points = np.random.default_rng(0).uniform(-1.0, 1.0, (2, 101))
    f, lanes = compile(winding), compile(winding, in_axes=0)
    alone = [f(*point) for point in points.T.tolist()]
    beside = [f.value_and_grad(*point, argnums=(0, 1))[0] for point in points.T.tolist()]
    assert alone == beside == lanes(*points).tolist() == lanes.value_and_grad(*points)[0].tolist()  # type: ignore[attr-defined]


def test_a_sum_over_lanes_has_the_same_bits_alone_and_beside_its_gradient() -> None:
    x = np.random.default_rng(0).uniform(-1.0, 1.0, 101)
    f = compile(lambda w, x: x * exp(w * x), in_axes=(None, 0), reduce="sum")  # the derivative is x times the value
    for w in np.linspace(0.1, 2.0, 40).tolist():
        assert f(w, x) == f.value_and_grad(w, x)[0]


def test_differences_of_like_products_stay_0() -> None:
    x, y = np.random.default_rng(0).uniform(-1.0, 1.0, (2, 101))
    assert not compile(lambda x, y: x * y - y * x, in_axes=0)(x, y).any()


SMOOTH = [
    *("celu", "cos", "elu", "erf", "exp", "gelu", "log1p", "mish", "selu", "sigmoid"),
    *("silu", "sin", "sinh", "softplus", "softsign", "tanh"),
]


@pytest.mark.parametrize("name", SMOOTH)
def test_strict_lanes_have_the_bits_of_eager_mode(name: str) -> None:
    """And so does ``nn.predict`` of many rows."""
    f = getattr(ag, name)
    x = np.random.default_rng(0).uniform(-0.9, 5.0, 1001)
    assert compile(lambda x: f(x) * 3.0 - x, in_axes=0, strict=True)(x).tolist() == [
        f(each) * 3.0 - each for each in x.tolist()
    ]


@pytest.mark.skipif(not machine().fuses, reason="this machine has no fused multiply-add")
def test_a_product_is_fused_with_a_sum_unless_strict() -> None:
    x, y = 1.0 + 2.0**-30, 1.0 - 2.0**-30
    assert compile(lambda x, y: x * y - 1.0)(x, y) == -(2.0**-60)
    assert compile(lambda x, y: x * y - 1.0, strict=True)(x, y) == x * y - 1.0 == 0.0
