"""Numbers that leave the graph: an error in a derivative and in a trace, else a warning; never nothing."""

from __future__ import annotations

import copy
import dataclasses
import logging
import math
import pickle
import statistics
import time
import warnings
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import *  # noqa: F403 - as a user does, after autograd's functions
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    GraphCutError,
    GraphCutWarning,
    Value,
    compile,
    derivative,
    detect_anomaly,
    grad,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    primitive,
    stop_gradient,
    value_and_grad,
    vjp,
)
from autograd.compiler.conditions import TraceError
from tests.support import python


def stored(x: Any) -> Any:
    r = np.zeros(2)
    r[0] = x
    return np.sum(r) + x * x


def of_a_table(x: Any) -> Any:
    table = np.array([[1.0, 2.0], [3.0, 4.0]])
    table[:, 0] = [x, x]
    return table.sum() + x


CUTS: dict[str, Callable[[Any], Any]] = {
    "float(x)": lambda x: x * float(x),
    "math.sin(x)": lambda x: x * math.sin(x),
    "exp(x)": lambda x: exp(x) * x,  # noqa: F405
    "int(x)": lambda x: x * int(x),
    "math.hypot(x, 1.0)": lambda x: x * math.hypot(x, 1.0),
    "statistics.fmean([x, 1.0])": lambda x: x * statistics.fmean([x, 1.0]),
    "np.float64(x)": lambda x: x * np.float64(x),
    "np.asarray([x, x], float)": lambda x: x * np.asarray([x, x], float)[0],
    "np.array([x, 1.0]).astype(float)": lambda x: x * np.array([x, 1.0]).astype(float)[0],
    "np.random.default_rng(0).normal(x)": lambda x: x * np.random.default_rng(0).normal(x),
    "array('d', [x])": lambda x: x * array("d", [x])[0],
    "complex(x)": lambda x: x * complex(x).real,
    "an element": stored,
    "a column": of_a_table,
}
TAKEN: dict[str, Callable[[Any], Any]] = {
    "grad": lambda f: grad(f)(2.0),
    "value_and_grad": lambda f: value_and_grad(f)(2.0),
    "jacobian": lambda f: jacobian(f)(2.0),
    "hessian": lambda f: hessian(f)(2.0),
    "hvp": lambda f: hvp(f)(2.0, 1.0),
    "derivative": lambda f: derivative(f, 2.0, 2),
    "jvp": lambda f: jvp(f, (2.0,), (1.0,)),
    "vjp": lambda f: vjp(f, 2.0),
}


@pytest.mark.parametrize("who", TAKEN)
@pytest.mark.parametrize("cut", CUTS)
def test_a_number_that_leaves_the_graph_of_a_derivative_is_an_error_that_names_the_line(who: str, cut: str) -> None:
    with pytest.raises(GraphCutError) as caught:
        TAKEN[who](CUTS[cut])
    message = str(caught.value)
    assert message.startswith(f"{who}: ")
    assert f"{__file__}:" in message
    assert "v.data or stop_gradient(v) where a constant is meant" in message


@pytest.mark.parametrize("cut", CUTS)
def test_a_number_that_leaves_the_graph_of_a_trace_is_an_error_that_names_the_line(cut: str) -> None:
    with pytest.raises(TraceError, match="leaves the graph") as caught:
        compile(CUTS[cut])(2.0)
    assert f"{__file__}:" in str(caught.value)


@pytest.mark.parametrize("cut", CUTS)
def test_elsewhere_it_is_a_warning_at_the_line(cut: str) -> None:
    with pytest.warns(GraphCutWarning, match="leaves the graph: backward.. won't go through") as caught:
        CUTS[cut](Value(2.0))
    assert {warning.filename for warning in caught} == {__file__}


def test_the_warning_comes_once_a_line() -> None:
    x = Value(2.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            float(x)
        math.sin(x)
    assert [str(w.message).split(" leaves")[0] for w in caught] == ["float(x)", "math.sin(x)"]


@pytest.mark.parametrize(
    ("cut", "instead"),
    [
        ("math.sin(x)", "math.sin(x) leaves the graph at {file}:{line}, `{source}`"),
        ("math.sin(x)", "write autograd.sin for math.sin, or v.data"),
        ("exp(x)", "write autograd.exp for exp (a star import has replaced autograd's)"),
        ("int(x)", "write autograd.trunc(v), which stays a Value, or int(v.data) for an index"),
        ("an element", "make the array with dtype=object, as one of floats can't hold Values, or take a list"),
        ("float(x)", "compute with the Value itself, by operators and autograd's functions"),
    ],
)
def test_the_error_says_what_to_write(cut: str, instead: str) -> None:
    code = CUTS[cut].__code__
    with open(__file__, encoding="utf-8") as file:
        source = file.read().splitlines()[code.co_firstlineno - 1].strip()
    for _ in range(20):  # also where the interpreter has specialised the code
        with pytest.raises(GraphCutError) as caught:
            grad(CUTS[cut])(2.0)
    assert instead.format(file=__file__, line=code.co_firstlineno, source=source) in str(caught.value)


def test_the_call_is_named_without_the_text_of_the_program_too() -> None:
    out = python(
        "import math, autograd as ag\ntry:\n    ag.grad(lambda x: x * math.cos(x))(1.0)\n"
        "except ag.GraphCutError as e:\n    print(e)\nassert not math.isnan(ag.Value(1.0))\nprint('%.1f' % ag.Value(1.0))"
    )
    assert "math.cos(v) leaves the graph at <string>:3: " in out
    assert out.rstrip().endswith("1.0")


of_a_sine = grad(math.sin)


def test_a_builtin_given_as_the_function_is_an_error_at_the_call() -> None:
    with pytest.raises(GraphCutError, match=r"^grad: float\(v\) leaves the graph at .*, `of_a_sine\(2.0\)`"):
        of_a_sine(2.0)


# -- what depends on nothing that is differentiated ----------------------------------------------------------


def test_a_number_of_what_is_not_differentiated_is_a_warning_in_a_derivative_too() -> None:
    w = Value(2.0)
    with pytest.warns(GraphCutWarning):
        assert grad(lambda x: x * float(w * w))(3.0) == 4.0


def test_a_number_of_an_outer_derivatives_variable_is_an_error_in_an_inner_one() -> None:
    with pytest.raises(GraphCutError, match=r"float\(x\) leaves the graph"):
        grad(lambda x: grad(lambda y: y * float(x))(2.0))(3.0)


def test_the_graph_behind_the_arguments_is_not_differentiated() -> None:
    x = Value(3.0) * 1.0
    with pytest.warns(GraphCutWarning):
        assert grad(lambda y: y * float(x))(x).data == 3.0


# -- said on purpose -----------------------------------------------------------------------------------------

ON_PURPOSE: dict[str, Callable[[Any], Any]] = {
    "data": lambda x: x * x.data,
    "item": lambda x: x * x.item(),
    "stop_gradient": lambda x: x * stop_gradient(x),
    "its float": lambda x: x * float(stop_gradient(x).data),
}


@pytest.mark.parametrize("how", ON_PURPOSE)
def test_a_constant_that_is_meant_is_silent(how: str) -> None:
    assert grad(ON_PURPOSE[how])(3.0) == 3.0
    x = Value(3.0)
    ON_PURPOSE[how](x).backward()
    assert x.grad == 3.0


def test_a_stopped_value_is_a_number_that_may_leave() -> None:
    with pytest.warns(GraphCutWarning):
        assert grad(lambda x: x * float(stop_gradient(x * x)))(3.0) == 9.0


READ: dict[str, Callable[[Any], Any]] = {
    "f-string": lambda x: f"{x:.3f} {x} {x!r}",
    "format": lambda x: format(x, ".3f"),
    "str.format": lambda x: "{:.3f} {}".format(x, x),  # noqa: UP032
    "percent": lambda x: "%.3f %s" % (x, x),  # noqa: UP031
    "percent alone": lambda x: "%.3f" % x,  # noqa: UP031
    "str and repr": lambda x: str(x) + repr(x),
    "compared": lambda x: (x < 1, x <= 1.0, x == 2, x != 2, x > np.float64(1.0)),
    "sorted": lambda x: sorted([x, 1.0, Value(0.5)]),
    "true": bool,
    "not": lambda x: not x,
    "max and min": lambda x: max(x, 1.0) + min(x, 3.0),
    "rounded": lambda x: round(x, 2) + round(x) + math.floor(x) + math.ceil(x) + math.trunc(x),
    "hashed": lambda x: {x: 1}[x],
}


@pytest.mark.parametrize("how", READ)
def test_reading_and_comparing_is_silent_everywhere(how: str) -> None:
    READ[how](Value(2.0))
    assert grad(lambda x: (READ[how](x), x * x)[1])(3.0) == 6.0


@pytest.mark.parametrize("question", [math.isnan, math.isinf, math.isfinite, lambda x: math.isclose(x, 3.0)])
def test_questions_about_a_number_are_silent_but_in_a_trace(question: Any) -> None:
    if question is not math.isnan:
        assert grad(lambda x: (math.isfinite(x), math.isclose(x, 3.0), x * x)[2])(3.0) == 6.0
    assert not math.isnan(Value(2.0))
    with pytest.raises(TraceError, match="compare the Value itself: x != x where it is nan"):
        compile(lambda x: x if math.isnan(x) else x * x)(2.0)


def test_what_records_nothing_may_leave() -> None:
    with no_grad():
        assert float(Value(2.0) * 3.0) == 6.0


def test_detect_anomaly_changes_nothing_about_it() -> None:
    with detect_anomaly(), pytest.raises(GraphCutError):
        grad(lambda x: x * float(x))(2.0)


# -- gradients as numbers ------------------------------------------------------------------------------------


def by_a_pass(x: Any) -> Any:
    y = Value(2.0)
    z = y * y * x
    z.backward()
    return y.grad * x


def by_a_pass_with_a_graph(x: Any) -> Any:
    y = Value(2.0)
    z = y * y * x
    z.backward(create_graph=True)
    return y.grad * x


def test_a_backward_pass_inside_a_derivative_must_keep_its_graph() -> None:
    with pytest.raises(GraphCutError, match=r"^grad: v.backward\(\) leaves the graph at .*create_graph=True"):
        grad(by_a_pass)(3.0)
    with pytest.raises(TraceError, match="v.backward"):
        compile(by_a_pass)(3.0)
    assert grad(by_a_pass_with_a_graph)(3.0) == 24.0
    compiled = compile(by_a_pass_with_a_graph)
    assert (compiled(1.0), compiled(3.0), compiled.grad(3.0)) == (4.0, 36.0, 24.0)


def test_a_backward_pass_of_what_isnt_differentiated_is_nobodys_business() -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        w.grad = 0.0
        (w * w).backward()
        return x * w.grad

    assert grad(f)(3.0) == 4.0


# -- programs ------------------------------------------------------------------------------------------------


def test_an_array_of_floats_in_a_fit_is_an_error_and_one_of_objects_right() -> None:
    x, y = np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.7, 0.5])

    def loss(p: Any, kind: Any) -> Any:
        r = np.zeros(3, dtype=kind)
        for i in range(3):
            r[i] = p[0] * autograd.exp(-p[1] * x[i]) - y[i]
        return np.sum(r**2) + 1e-3 * (p[0] ** 2 + p[1] ** 2)

    with pytest.raises(GraphCutError, match="dtype=object"):
        grad(loss)([1.0, 0.5], float)
    found = grad(loss)([1.0, 0.5], object)
    e = np.exp(-0.5 * x)
    assert found == pytest.approx([np.sum(2 * (e - y) * e) + 2e-3, np.sum(2 * (e - y) * -x * e) + 1e-3], rel=1e-14)


def test_a_primitives_own_functions_get_floats() -> None:
    square = primitive(lambda y, x: 2.0 * x)(lambda x: math.pow(x, 2.0))
    assert grad(lambda x: square(x) * x)(3.0) == 27.0


def test_the_graph_behind_older_values_is_not_walked() -> None:
    chain = Value(1.0)
    for _ in range(20_000):
        chain = chain * 1.0

    def seconds(number: Value) -> float:
        start = time.perf_counter()
        grad(lambda x: (x, *(float(number) for _ in range(200)))[0])(1.0)
        return time.perf_counter() - start

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GraphCutWarning)
        assert min(seconds(chain) for _ in range(3)) < 5.0 * min(seconds(Value(1.0)) for _ in range(3))


def test_gradient_inside_a_derivative_is_made_of_values() -> None:
    def f(x: Any) -> Any:
        y = x * x
        return x * gradient(y, x)

    assert grad(f)(3.0) == 12.0
    compiled = compile(f)
    assert (compiled(1.0), compiled(3.0), compiled.grad(3.0)) == (2.0, 18.0, 12.0)


# -- formatting by others, copies, pickles, other threads -------------------------------------------------------


def test_a_logger_formats_silently(caplog: pytest.LogCaptureFixture) -> None:
    def f(x: Any) -> Any:
        logging.getLogger("steps").warning("loss %.4f, step %d", x, 3)
        return x * x

    assert [grad(f)(2.0), compile(f)(2.0), f(Value(2.0)).data] == [4.0, 4.0, 4.0]
    assert caplog.messages == ["loss 2.0000, step 3"] * 3


def test_the_warning_comes_where_the_module_has_no_name_too() -> None:
    with pytest.warns(GraphCutWarning, match=r"math.sin\(v\)"):
        exec("import math\nmath.sin(x)", {"x": Value(2.0)})


@dataclasses.dataclass
class Pair:
    a: Any
    b: Any


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "of a list": lambda x: copy.deepcopy([x, 1.0])[0],
    "of an array": lambda x: copy.deepcopy(np.array([x, 1.0]))[0],
    "dataclasses.asdict": lambda x: dataclasses.asdict(Pair(x, 2.0))["a"],
    "dataclasses.astuple": lambda x: dataclasses.astuple(Pair(2.0, x))[1],
    "of what is computed": lambda x: copy.deepcopy(x * 1.0),
}


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_of_what_is_differentiated_or_traced_depends_on_it(kind: str) -> None:
    def f(x: Any) -> Any:
        return COPIES[kind](x) * x * x

    compiled = compile(f)
    assert (compiled(1.0), compiled.grad(1.0)) == (1.0, 3.0)
    assert [grad(f)(2.0), derivative(f, 2.0, 2), jvp(f, (2.0,), (1.0,))[1]] == [12.0, 12.0, 12.0]
    assert [compiled(2.0), compiled.grad(2.0), compile(grad(f))(2.0)] == [8.0, 12.0, 12.0]


def test_elsewhere_a_copy_is_a_graph_of_its_own() -> None:
    w = Value(3.0)
    assert grad(lambda x: x * copy.deepcopy(w))(2.0) == 3.0
    with no_grad():
        assert copy.deepcopy(w).parents == ()
    (copy.deepcopy(w) * w).backward()
    assert w.grad == 3.0


def pickled(x: Any) -> Any:
    return pickle.loads(pickle.dumps(x)) * x


def test_a_pickle_of_what_is_differentiated_or_traced_is_an_error() -> None:
    with pytest.raises(GraphCutError, match=r"^grad: pickling v leaves the graph at .*test_graph_cut.py:.*pickle v.data"):
        grad(pickled)(2.0)
    with pytest.raises(TraceError, match=r"pickling v, at .*test_graph_cut.py:.*, leaves the graph"):
        compile(pickled)(2.0)
    w = Value(3.0)
    assert grad(lambda x: x * pickled(w).data)(2.0) == 9.0


def in_a_thread(f: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(f).result()


def test_a_cut_in_another_thread_is_one_too() -> None:
    with pytest.raises(GraphCutError, match=r"^grad: math.sin\(x\) leaves the graph at"):
        grad(lambda x: x * in_a_thread(lambda: math.sin(x)))(2.0)
    with pytest.raises(GraphCutError, match=r"^hessian: v.backward\(\) leaves the graph at"):
        hessian(lambda x: x * in_a_thread(lambda: (x * x).backward()))(2.0)
    assert grad(lambda x: x * in_a_thread(lambda: gradient(x * x * x, x)))(2.0) == 36.0


def test_a_thread_beside_a_derivative_is_left_alone() -> None:
    def f(x: Any) -> Any:
        with pytest.warns(GraphCutWarning):
            in_a_thread(lambda: math.sin(Value(1.0)))
        return x * in_a_thread(lambda: gradient(w * w, w))

    w = Value(3.0)
    assert grad(f)(2.0) == 6.0


def unread(x: Any) -> Any:
    return x * x.data


def rounded(x: Any) -> Any:
    return x * round(x, 2)


def unrecorded(x: Any) -> Any:
    with no_grad():
        return x * x


@pytest.mark.parametrize("cut", [unread, rounded, unrecorded, by_a_pass])
def test_every_error_of_a_trace_names_the_line(cut: Callable[[Any], Any]) -> None:
    with pytest.raises(TraceError, match=r", at .*test_graph_cut.py:\d+, leaves the graph"):
        compile(cut)(2.0)
