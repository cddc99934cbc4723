"""Arguments of compiled functions: by keyword, left out, static; and what the derivatives by them are called."""

from __future__ import annotations

import enum
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Value, compile, cos, exp, grad, hessian, sin, value_and_grad
from autograd.compiler import TraceError


def wave(x: Any, y: Any = 2.0, *, mode: str = "sin", scale: Any = 1.0, **more: Any) -> Any:
    return {"sin": sin, "cos": cos}[mode](x) * y * y * scale * more.get("k", 1.0)


class Mode(enum.Enum):
    SIN = 1
    COS = 2


# -- by keyword --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((0.5,), {}),
        ((), {"x": 0.5}),
        ((0.5,), {"y": 3.0}),
        ((), {"y": 3.0, "x": 0.5}),
        ((0.5, 3.0), {"scale": 2.0}),
        ((0.5,), {"scale": 2.0, "mode": "cos", "y": 3.0}),
        ((0.5,), {"k": 4.0, "scale": 2.0}),
    ],
)
@pytest.mark.parametrize("calls", [1, 3])
def test_a_call_by_keywords_is_the_call_of_the_function(args: Any, kwargs: Any, calls: int) -> None:
    f = compile(wave, strict=True)
    for _ in range(calls):
        assert f(*args, **kwargs) == pytest.approx(wave(*args, **kwargs), rel=1e-15)
        assert f.value_and_grad(*args, **kwargs)[1] == pytest.approx(f.grad(*args, **kwargs), rel=1e-15)
    derivative = grad(wave, 0 if args else "x")(*args, **kwargs)
    assert f.grad(*args, **kwargs) == pytest.approx(derivative, rel=1e-15)
    second = hessian(wave, 0 if args else "x")(*args, **kwargs)
    assert f.hessian(*args, **kwargs) == pytest.approx(second, rel=1e-15)
    assert f.jacobian(*args, **kwargs) == pytest.approx(derivative, rel=1e-15)


def test_arguments_by_place_and_by_keyword_share_what_was_compiled() -> None:
    runs = []

    def f(x: Any, y: Any = 2.0) -> Any:
        runs.append(1)
        return x * y

    compiled = compile(f)
    assert [compiled(3.0, 4.0), compiled(3.0, y=4.0), compiled(y=4.0, x=3.0)] == [12.0] * 3
    assert len(runs) == 1


def test_argnums_name_arguments_by_their_place_among_the_parameters_or_by_name() -> None:
    f = compile(wave)
    dx, dy, ds = value_and_grad(wave, ("x", "y", "scale"))(x=0.5, y=3.0, scale=2.0)[1]
    at = {"x": 0.5, "y": 3.0, "scale": 2.0}
    assert f.grad(**at, argnums=("x", "y", "scale")) == pytest.approx((dx, dy, ds))
    assert f.grad(**at, argnums=(1, "scale")) == pytest.approx((dy, ds))
    assert f.grad(0.5, 3.0, scale=2.0, argnums="y") == pytest.approx(dy)
    assert f.grad(0.5, 3.0, scale=2.0, argnums=-1) == pytest.approx(dy)


def test_argnums_that_name_no_argument_of_the_call_say_which_there_are() -> None:
    for argnums in ("y", "z", 1):
        with pytest.raises(ValueError, match="argnums must name arguments from 0 to 0, or by name x, scale, got"):
            compile(wave).grad(0.5, scale=2.0, argnums=argnums)


def test_a_parameter_named_argnums_is_given_by_place() -> None:
    assert compile(lambda x, argnums: x * argnums).grad(2.0, 3.0) == 3.0


def test_arguments_that_python_would_refuse_are_refused() -> None:
    for args, kwargs, message in (
        ((), {"y": 1.0}, "missing a required argument: 'x'"),
        ((1.0,), {"x": 1.0}, "multiple values for argument 'x'"),
        ((1.0, 2.0, 3.0), {"mode": "sin"}, "too many positional arguments"),
    ):
        with pytest.raises(TypeError, match=message):
            compile(wave)(*args, **kwargs)
    with pytest.raises(TypeError, match=r"compile: <lambda>\(\): got an unexpected keyword argument 'z'"):
        compile(lambda x: x)(1.0, z=2.0)
    with pytest.raises(TypeError, match="compile: <lambda>.*positional"):
        compile(lambda x, /: x)(x=1.0)


def test_a_function_that_takes_any_arguments_gets_them() -> None:
    f = compile(lambda *xs, **more: xs[0] * xs[1] * more["a"] + more["b"])
    assert f(2.0, 3.0, a=4.0, b=5.0) == 29.0
    assert f.grad(2.0, 3.0, b=5.0, a=4.0, argnums=(1, "a")) == (8.0, 6.0)
    assert compile(max)(1.0, 2.0) == 2.0


def test_a_hessian_times_a_vector_takes_the_other_arguments_by_keyword() -> None:
    f = compile(wave)
    assert f.hvp(0.5, 2.0, scale=3.0, mode="cos") == pytest.approx(2.0 * f.hessian(0.5, scale=3.0, mode="cos"))
    x: Any = Value(0.5)
    product = f.hvp(x, 2.0, mode="cos")
    assert product.data == pytest.approx(2.0 * f.hessian(0.5, mode="cos"))
    lanes = compile(lambda x, w=1.0: x**3 * w, in_axes={"x": 0})
    assert lanes.hvp(np.array([1.0, 2.0]), np.ones(2), w=2.0).tolist() == [12.0, 24.0]
    named = compile(lambda w, x, v=1.0, primals=1.0: w * w * x * v * primals)  # whatever the others are called
    assert named.hvp(3.0, 1.0, x=2.0, v=5.0) == 20.0
    assert named.jvp((3.0,), (1.0,), x=2.0, primals=5.0) == (90.0, 60.0)


@pytest.mark.parametrize("axes", [{"x": 0, "k": 0}, (0, None, 0)])
def test_axes_of_arguments_by_keyword(axes: Any) -> None:
    f = compile(lambda x, y=1.0, *, k=2.0: x * y * k, in_axes=axes)
    x = np.arange(3.0)
    assert f(x, k=x).tolist() == [0.0, 1.0, 4.0]
    assert f(k=x, x=x, y=2.0).tolist() == [0.0, 2.0, 8.0]
    assert f(x).tolist() == [0.0, 2.0, 4.0]
    assert f.grad(x, k=x, argnums="k").tolist() == [0.0, 1.0, 2.0]


def test_axes_that_name_no_parameter_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="in_axes names 'z', but wave1 has the parameters x, y"):

        @compile(in_axes={"z": 0})
        def wave1(x: Any, y: Any) -> Any:
            return x * y


def test_values_and_outer_traces_take_keywords_too() -> None:
    f = compile(wave)
    x = Value(0.5)
    y = f(x, y=3.0, mode="cos")
    y.backward()
    assert x.grad == pytest.approx(f.grad(0.5, y=3.0, mode="cos"))
    slope = f.grad(x, y=3.0, argnums="y")
    assert slope.data == pytest.approx(f.grad(0.5, y=3.0, argnums="y"))
    assert compile(lambda t: f(t, mode="cos") * f.grad(t, y=t, argnums="y"))(0.5) == pytest.approx(
        f(0.5, mode="cos") * f.grad(0.5, y=0.5, argnums="y")
    )


def test_a_program_of_a_call_by_keywords_has_their_names() -> None:
    f = compile(wave)
    f(0.5, scale=2.0, mode="cos")
    assert f.program.inputs == ["x", "scale"]
    assert f.program.names == ["f", "df/dx", "df/dscale"]
    assert compile(lambda x, *, k: x * k).program.names == ["f", "df/dx", "df/dk"]


# -- static ------------------------------------------------------------------------------------------------


def total(x: Any, n: int) -> Any:
    return sum([x * k for k in range(n)], 0.0) * [1.0, 2.0, 3.0, 4.0, 5.0][n]


@pytest.mark.parametrize(
    "options",
    [{"static_argnums": 1}, {"static_argnums": (-1,)}, {"static_argnames": "n"}, {"static_argnames": ["n"]}],
)
def test_static_arguments_are_plain_numbers_in_the_function(options: Any) -> None:
    f = compile(total, **options)
    for n in (3, 4, 3):
        expected = value_and_grad(total)(2.0, n)
        assert f.value_and_grad(2.0, n) == f.value_and_grad(2.0, n=n) == f.value_and_grad(n=n, x=2.0) == expected
    lanes = compile(total, in_axes=0, **options)
    assert lanes(np.array([1.0, 2.0]), 3).tolist() == [12.0, 24.0]
    assert lanes(np.array([1.0, 2.0]), n=4).tolist() == [30.0, 60.0]


@pytest.mark.parametrize("value", ["cos", None, cos, Mode.COS, True, np.True_, frozenset({1}), np.float32, np])
@pytest.mark.parametrize("calls", [1, 3])
def test_what_is_no_number_is_static_by_itself(value: Any, calls: int) -> None:
    def f(x: Any, how: Any) -> Any:
        return exp(x) * 2.0 if how == value else x

    at_point, lanes = compile(f), compile(f, in_axes=(0, None), reduce="sum")
    for _ in range(calls):
        assert at_point.value_and_grad(0.5, value) == value_and_grad(f)(0.5, value)
        assert at_point.value_and_grad(0.5, "other") == (0.5, 1.0)
        assert lanes(np.array([0.5, 0.5]), value) == pytest.approx(2 * at_point(0.5, value))
        assert lanes(np.array([0.5, 0.5]), how="other") == 1.0


def test_parts_of_a_structure_may_be_static() -> None:
    def f(p: Any, x: Any) -> Any:
        y = p["w"] * x if p["b"] is None else p["w"] * x + p["b"]
        return {"sin": sin, "cos": cos}[p["how"]](y)

    compiled = compile(f)
    for p in (
        {"w": 0.5, "b": None, "how": "sin"},
        {"w": 0.5, "b": 0.1, "how": "cos"},
        {"w": 0.5, "b": None, "how": "cos"},
    ) * 2:
        assert compiled(p, 0.3) == pytest.approx(f(p, 0.3))
        assert compiled.grad(p, 0.3, argnums=1) == pytest.approx(grad(f, 1)(p, 0.3))


def test_static_numbers_are_told_apart_to_the_sign_of_zero() -> None:
    f = compile(lambda x, how: x * (np.copysign(1.0, how) if how == 0.0 else float(isinstance(how, bool))), static_argnums=1)
    assert [f(2.0, how) for how in (0.0, -0.0, 1, True, 1.0, 0.0, -0.0)] == [2.0, -2.0, 0.0, 2.0, 0.0, 2.0, -2.0]
    nan = compile(lambda x, how: x * float(how != how), static_argnums=1)
    assert [nan(2.0, float("nan")), nan(2.0, float("nan")), len(nan._specialisations)] == [2.0, 2.0, 1]
    nested = compile(lambda x, sizes: x * sum(isinstance(n, bool) for n in sizes), static_argnames="sizes")
    assert [nested(2.0, (1, 1)), nested(2.0, (True, 1)), nested(2.0, sizes=(1, 1))] == [0.0, 2.0, 0.0]


def test_two_static_values_are_two_specialisations_and_no_more() -> None:
    f = compile(lambda x, n: x**n, static_argnames="n")
    assert [f(2.0, n) for n in (2, 3, 2, 3)] == [4.0, 8.0, 4.0, 8.0]
    assert len(f._specialisations) == 2


def test_calls_with_the_same_static_argument_take_the_fast_path() -> None:
    f = compile(lambda x, how: sin(x) if how == "sin" else x)
    f(0.5, "sin")
    (fastpath,) = f.fastpaths.values()
    assert fastpath((0.5, "sin")) == f(0.5, "sin")
    assert f(0.5, "cos") == 0.5
    lanes = compile(lambda x, how: sin(x) if how == "sin" else x, in_axes=(0, None))
    x = np.array([0.5, 0.25])
    for how, expected in (("sin", np.sin(x)), ("cos", x), ("sin", np.sin(x)), ("sin", np.sin(x))):
        assert lanes(x, how) == pytest.approx(expected)


@pytest.mark.parametrize("where", ["n", ("x", "n")])
def test_there_is_no_derivative_by_a_static_argument(where: Any) -> None:
    f = compile(total, static_argnames="n")
    for way in (f.grad, f.value_and_grad, f.jacobian, f.hessian):
        with pytest.raises(TypeError, match="n is static, got int 3, so there is no derivative by it"):
            way(2.0, 3, argnums=where)
    with pytest.raises(TypeError, match=r"p\['how'\] is static, got str 'sin', so there is no derivative by it"):
        compile(lambda p: p["w"] * 2.0).grad({"w": 1.0, "how": "sin"})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({1, 2}, "n must be a number, an array, a list, tuple or dict of them, or else it is static and must have a hash"),
        (bytearray(b"x"), "n must be a number, .* got bytearray"),
        (iter([1, 2]), "n would be used up while f is traced, got list_iterator .*; give a list"),
        (1j, "n must be a real number, got complex 1j"),
    ],
)
def test_what_can_be_neither_traced_nor_static_is_named(value: Any, message: str) -> None:
    for call in (lambda f: f(2.0, value), lambda f: f.grad(2.0, n=value)):
        with pytest.raises(TypeError, match=message):
            call(compile(lambda x, n: x))


def test_a_static_list_says_tuple() -> None:
    f = compile(lambda x, sizes: x * len(sizes), static_argnames="sizes")
    with pytest.raises(TypeError, match=r"sizes is static and must have a hash, got list \[1, 2\]; give a tuple"):
        f(2.0, sizes=[1, 2])
    assert f(2.0, sizes=(1, 2)) == 4.0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"static_argnames": "m"}, ValueError, "static_argnames names 'm', but total has the parameters x, n"),
        ({"static_argnums": 2}, ValueError, "static_argnums has place 2, but total has the parameters x, n"),
        ({"static_argnums": "n"}, TypeError, "static_argnums must be a place or several, got str 'n'"),
        ({"static_argnums": True}, TypeError, "static_argnums must be a place or several, got bool True"),
        ({"static_argnames": 1}, TypeError, "static_argnames must be a name or several, got int 1"),
    ],
)
def test_static_options_are_checked_at_once(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        compile(total, **options)


def test_a_static_argument_has_no_lanes() -> None:
    with pytest.raises(ValueError, match="n is static, so its in_axes must be None, got 0"):
        compile(total, in_axes=(0, 0), static_argnames="n")(np.ones(2), 3)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, n: sum([x for _ in range(n)]),
        lambda x, n: [x, 2.0 * x, x, x][n],
        lambda x, n: (x, 2.0 * x, x, x)[n - 1],
        lambda x, n: np.ones(4)[n] * x,
        lambda x, n: x * np.zeros(n)[0],
        lambda x, n: x * sum([x for _ in range(int(n))]),
        lambda x, n: [x, x, x][:n][0],
    ],
)
def test_a_traced_number_as_an_index_says_static(f: Callable[..., Any]) -> None:
    with pytest.raises(TraceError, match=r"declare n static: compile\(f, static_argnames=\('n',\)\)"):
        compile(f)(2.0, 3)
    assert compile(f, static_argnames=("n",))(2.0, 3) == grad_free(f(2.0, 3))


def grad_free(x: Any) -> float:
    return float(x)


def test_the_argument_is_named_wherever_the_index_comes_from() -> None:
    with pytest.raises(TraceError, match=r"static_argnames=\('a', 'p'\)\)"):
        compile(lambda x, a, p: [x, x][a - p["k"][0]])(1.0, 2, {"k": [1]})
    for several in ([1, 2], np.array([1, 2])):
        with pytest.raises(TraceError, match=r"declare n static, given as a tuple: compile\(f, static_argnames=\('n',\)\)"):
            compile(lambda x, n: [x, x][n[0]])(1.0, several)
    captured: Any = Value(1.0)
    with pytest.raises(TraceError, match="take a plain int in place of a Value that f captures"):
        compile(lambda x: [x, x][captured])(1.0)


def test_in_eager_mode_a_value_as_an_index_says_int() -> None:
    v: Any = Value(2.0)
    for use in (lambda: range(v), lambda: [1.0, 2.0, 3.0][v], lambda: "abc"[:v]):
        with pytest.raises(
            TypeError, match=r"Value\(2.0\) is no index and no length, .*; write autograd.take\(.*, int\(v.data\)"
        ):
            use()


# -- options and methods -----------------------------------------------------------------------------------


@compile(static_argnames="n", in_axes={"x": 0})
def decorated(x: Any, n: int = 2) -> Any:
    return x**n


def test_a_decorator_takes_static_arguments_and_pickles() -> None:
    assert decorated(np.array([2.0, 3.0]), n=3).tolist() == [8.0, 27.0]
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    f = pickle.loads(pickle.dumps(compile(total, static_argnums=1, static_argnames="n", strict=True)))
    assert (f.static_argnums, f.static_argnames, f.strict, f(2.0, 3)) == (1, "n", True, 24.0)


class Line:
    def __init__(self, w: float):
        self.w = Value(w)

    @compile
    def at(self, x: Any, y: Any = 1.0) -> Any:
        return self.w * x * y


def test_a_method_is_compiled_for_each_object_and_reads_its_values_anew() -> None:
    a, b = Line(2.0), Line(5.0)
    assert [a.at(3.0), b.at(x=3.0, y=2.0), a.at(3.0, y=4.0)] == [6.0, 30.0, 24.0]
    a.w.data = 7.0
    assert a.at(3.0) == 21.0
    assert Line.at.grad(a, 3.0, y=2.0, argnums="x") == 14.0


class Scaled:
    """Methods that are compiled, over lanes and with a static argument."""

    def __init__(self, w: float):
        self.w = w

    @compile(in_axes=(None, 0, None), static_argnums=2)
    def power(self, x: Any, n: Any) -> Any:
        return self.w * x**n

    @compile(in_axes={"x": 0}, static_argnames=("self", "n"), reduce="sum")
    def total(self, x: Any, n: int = 2) -> Any:
        return self.w * sum([x**k for k in range(n)])


class NoHash(Scaled):
    """As a dataclass that can be changed."""

    __hash__ = None  # type: ignore[assignment]


def test_a_method_of_an_object_has_all_transforms() -> None:
    a = Line(2.0)
    assert (a.at.grad(3.0, y=2.0), a.at.value_and_grad(3.0, 2.0, argnums="y")) == (4.0, (12.0, 6.0))
    assert a.at.jvp((3.0, 2.0), (1.0, 0.5)) == (12.0, 7.0)
    assert a.at.hvp(3.0, 1.0) == 0.0
    assert a.at.explain().name == "at"
    assert a.at is a.at
    assert a.at is not Line(2.0).at


def test_options_of_a_method_count_its_object_as_the_first_argument() -> None:
    x = np.array([1.0, 2.0, 3.0])
    a, b = Scaled(2.0), Scaled(5.0)
    for each in (a, b, a):
        assert each.power(x, 3).tolist() == (each.w * x**3).tolist()
        assert each.power.grad(x, 2).tolist() == (2.0 * each.w * x).tolist()
        assert each.total(x, 3) == pytest.approx(each.w * (3.0 + 6.0 + 14.0))
        assert each.total.grad(x).tolist() == [each.w] * 3
    assert Scaled.power.grad(a, x, 2, argnums="x").tolist() == (4.0 * x).tolist()


def test_a_method_is_pickled_as_that_of_its_object() -> None:
    again = pickle.loads(pickle.dumps(Scaled(4.0).power))
    assert again.grad(np.ones(2), 3).tolist() == [12.0, 12.0]
    assert again is again.f.__self__.power


def test_a_method_of_an_object_without_a_hash_is_refused_by_the_call() -> None:
    x = NoHash(2.0)
    with pytest.raises(TypeError, match=r"self must be a number.* must have a hash, got NoHash"):
        x.power(np.ones(2), 2)
