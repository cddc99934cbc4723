"""``no_grad`` and ``detect_anomaly``: what they do, for whom, and that they end."""

from __future__ import annotations

import math
import random
import re
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import autograd as ag
from autograd import AnomalyError, Value, derivative, detect_anomaly, grad, hessian, hvp, jacobian, jvp, no_grad, vjp
from autograd.modes import anomaly, context


def in_threads(functions: list[Callable[[], Any]]) -> list[Any]:
    """The results of functions run at the same time."""
    results: list[Any] = [None] * len(functions)

    def run(i: int) -> None:
        results[i] = functions[i]()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# -- no_grad -----------------------------------------------------------------------------------------


def test_without_grad_there_are_values_and_no_parents() -> None:
    x = Value(2.0)
    with no_grad():
        results = [x * x, x + 1.0, x.tanh(), ag.dot([x], [x]), ag.where(True, x, 1.0), ag.softmax([x, x])[0]]
    assert [y.parents for y in results] == [()] * 6
    assert results[0].data == 4.0
    assert (x * x).parents == (x, x)


@pytest.mark.parametrize("mode", [no_grad, detect_anomaly])
def test_a_mode_ends_with_an_exception_too(mode: Callable[[], Any]) -> None:
    """Pitfall 43: exceptions leave a global mode switched."""
    with pytest.raises(KeyError), mode():
        raise KeyError
    assert not context.active
    assert context.recording()
    assert not anomaly.watching()


def test_modes_nest_and_are_left_as_they_were_found() -> None:
    x = Value(2.0)
    with no_grad():
        with no_grad(), detect_anomaly():
            pass
        assert (x * x).parents == ()
    assert (x * x).parents == (x, x)
    assert not context.active


def test_a_mode_belongs_to_the_thread_that_entered_it() -> None:
    """Pitfall 43: a mode in a class attribute is everybody's."""
    inside, done = threading.Barrier(2), threading.Barrier(2)

    def switched() -> tuple[int, bool]:
        x = Value(0.0)
        with no_grad(), detect_anomaly():
            inside.wait()
            done.wait()
            return len((x * x).parents), anomaly.watching()

    def free() -> tuple[int, bool]:
        x = Value(0.0)
        inside.wait()
        parents = len((x * x).parents)
        watching = anomaly.watching()
        assert ag.log(x).data == -math.inf
        done.wait()
        return parents, watching

    assert in_threads([switched, free]) == [(0, True), (2, False)]
    assert not context.active


def test_many_threads_that_enter_and_leave_end_with_no_mode_on() -> None:
    def enter_and_leave() -> None:
        for _ in range(300):
            with no_grad():
                assert (Value(1.0) + 1.0).parents == ()

    in_threads([enter_and_leave] * 8)
    assert not context.active


def computed(seed: int) -> list[str]:
    """Gradients of a random graph of 2000 nodes."""
    dice = random.Random(seed)
    leaves = [Value(dice.uniform(-1.0, 1.0)) for _ in range(20)]
    nodes = list(leaves)
    for _ in range(2000):
        a, b = dice.choice(nodes), dice.choice(nodes[-20:])
        nodes.append(dice.choice((lambda a=a, b=b: a * b, lambda a=a, b=b: (a - b).tanh(), lambda a=a, b=b: a + b))())
    ag.sum(nodes[-20:]).tanh().backward()
    return [leaf.grad.hex() for leaf in leaves]


def test_8_threads_with_their_own_graphs_get_the_bits_of_a_serial_run() -> None:
    """Pitfall 43."""
    serial = [computed(seed) for seed in range(8)]
    assert in_threads([partial(computed, seed) for seed in range(8)]) == serial
    assert any(any(gradients) for gradients in serial)


# -- detect_anomaly ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda x: ag.log(x), "log(x = 0.0) is -inf"),
        (lambda x: 1.0 / x, "div(1.0, x = 0.0) is inf"),
        (lambda x: x / x, "div(x = 0.0, x = 0.0) is nan"),
        (lambda x: ag.exp(x + 1000.0), "exp(1000.0) is inf"),
        (lambda x: (x - 1.0) ** 0.5, "power(-1.0, 0.5) is nan"),
        (lambda x: ag.prod([x + 1e300] * 8), "prod(1e+300, 1e+300, 1e+300, 1e+300, 1e+300, 1e+300, …) is inf"),
    ],
)
def test_the_first_value_that_isnt_finite_is_an_error_with_operation_operands_and_line(
    operation: Callable[[Value], Value], message: str
) -> None:
    x = Value(0.0, "x")
    line = operation.__code__.co_firstlineno
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        operation(x)
    assert str(caught.value) == f"{message}, at {__file__}:{line}"
    operation(x)


def test_the_first_gradient_that_isnt_finite_names_the_line_of_the_forward_pass() -> None:
    x = Value(0.0, "x")
    with detect_anomaly():
        y = ag.sqrt(x) * 2.0
        line = test_the_first_gradient_that_isnt_finite_names_the_line_of_the_forward_pass.__code__.co_firstlineno + 3
        with pytest.raises(AnomalyError) as caught:
            y.backward()
    assert str(caught.value) == (
        f"the gradient through sqrt(x = 0.0) to x = 0.0 is inf (local derivative inf); computed at {__file__}:{line}"
    )
    assert (x.grad_or_none, y.grad_or_none) == (None, None)


def test_a_gradient_found_of_a_graph_built_outside_says_so() -> None:
    y = ag.sqrt(Value(0.0))
    with detect_anomaly(), pytest.raises(AnomalyError, match="computed at a line outside detect_anomaly"):
        y.backward()


def test_where_nothing_is_wrong_the_bits_are_the_same_with_the_mode_on() -> None:
    plain = computed(3)
    with detect_anomaly():
        assert computed(3) == plain


def test_the_poisoned_input_of_a_thousand_is_named() -> None:
    dice = random.Random(5)
    for _ in range(20):
        bad = dice.randrange(1000)
        xs = [Value(0.0 if i == bad else 1.0, f"x{i}") for i in range(1000)]
        with detect_anomaly(), pytest.raises(AnomalyError, match=re.escape(f"log(x{bad} = 0.0) is -inf")):
            ag.sum([x.log() for x in xs])


def test_second_derivatives_work_under_the_mode() -> None:
    x = Value(0.5)
    with detect_anomaly():
        (x**3).backward(create_graph=True)
        dydx, x.grad = x.grad, None
        dydx.backward()  # type: ignore[attr-defined]
    assert x.grad == 3.0


# -- … in derivatives of functions: what is named is the user's own line ---------------------------------


def root(x: Any) -> Any:
    doubled = x * 2.0
    return ag.sqrt(doubled)


HERE = f"{__file__}:{root.__code__.co_firstlineno + 2}"


@pytest.mark.parametrize(
    "take",
    [
        lambda: grad(root)(0.0),
        lambda: grad(root)(Value(0.0)),
        lambda: jacobian(lambda x: [root(x)])(0.0),
        lambda: hessian(root)(0.0),
        lambda: hvp(root)(0.0, 1.0),
        lambda: vjp(root, 0.0)[1](1.0),
        lambda: derivative(root, 0.0, 3),
        lambda: root(Value(0.0)).backward(create_graph=True),
    ],
)
def test_the_first_gradient_that_isnt_finite_names_operation_and_line_in_every_way_of_taking_it(take: Any) -> None:
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        take()
    assert str(caught.value) == (f"the gradient through sqrt(0.0) to 0.0 is inf (local derivative inf); computed at {HERE}")


@pytest.mark.parametrize(
    "take",
    [
        lambda: jvp(root, (0.0,), (1.0,)),
        lambda: jvp(root, (Value(0.0),), (1.0,)),
        lambda: jvp(root, (0.0,), (Value(1.0),)),
        lambda: grad(lambda x: jvp(root, (x,), (1.0,))[1])(0.0),
    ],
)
def test_the_first_tangent_that_isnt_finite_names_operation_and_line(take: Any) -> None:
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        take()
    assert str(caught.value) == (f"the tangent through sqrt(0.0) from 0.0 is inf (local derivative inf); computed at {HERE}")


def steep(x: Any) -> Any:
    return x**1.5


@pytest.mark.parametrize(
    "take",
    [
        lambda: hessian(steep)(0.0),
        lambda: hessian(steep)(Value(0.0)),
        lambda: derivative(steep, 0.0, 2),
        lambda: jvp(grad(steep), (0.0,), (1.0,)),
        lambda: grad(lambda x: jvp(steep, (x,), (1.0,))[1])(0.0),
        lambda: jvp(lambda x: jvp(steep, (x,), (1.0,))[1], (0.0,), (1.0,)),
        lambda: derivative(lambda x: x * steep(x), 0.0, 3),
    ],
)
def test_a_node_of_a_derivative_has_the_line_of_what_it_is_the_derivative_of(take: Any) -> None:
    """x**1.5 has derivative 0 at 0, and the derivative of that is infinite."""
    line = f"{__file__}:{steep.__code__.co_firstlineno + 1}"
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        take()
    assert re.match(
        r"the (gradient|tangent) through pow\(0\.0, 0\.5\) .* is (inf|nan) \(local derivative inf\)", str(caught.value)
    )
    assert str(caught.value).endswith(f"; computed in a derivative of {line}")


def test_a_derivative_of_a_graph_built_outside_says_so() -> None:
    x = Value(0.0)
    dydx = ag.gradient(steep(x), x, create_graph=True)
    with detect_anomaly(), pytest.raises(AnomalyError, match="computed at a line outside detect_anomaly"):
        dydx.backward()
    y = steep(x)
    with detect_anomaly():
        dydx = ag.gradient(y, x, create_graph=True)
        with pytest.raises(AnomalyError, match="computed in a derivative of a line outside detect_anomaly"):
            dydx.backward()


def test_a_sum_of_finite_gradients_that_isnt_finite_is_an_anomaly() -> None:
    x = Value(0.1, "x")
    with detect_anomaly():
        y = x * 1e308 + 1e308 * x
        with pytest.raises(
            AnomalyError, match=r"through mul\(x = 0\.1, 1e\+308\) to x = 0\.1 is 1e\+308 .* and brings the sum to inf"
        ):
            y.backward()
        with pytest.raises(AnomalyError, match=r"tangent through add\(.*brings the sum to inf"):
            jvp(lambda x: x * 1e308 + 1e308 * x, (0.1,), (1.0,))
    assert x.grad_or_none is None


def test_a_rule_may_pass_through_infinity_on_its_way_and_so_may_a_primitive() -> None:
    """logaddexp's derivative has an overflow that it divides by; the primitive takes a derivative of its own inside."""
    inner = lambda x: 1.0 / (1.0 + ag.exp(x * 1000.0))  # noqa: E731
    own = ag.primitive(lambda y, x: 0.0 * x if x > 0.5 else grad(inner)(x), name="own")(lambda x: x)
    with detect_anomaly():
        assert hessian(lambda p: ag.logaddexp(p[0], p[1]))([0.0, 800.0]) == [[0.0, 0.0], [0.0, 0.0]]
        assert hessian(own)(1.0) == 0.0


def test_an_inner_detect_anomaly_knows_the_lines_of_the_outer() -> None:
    with detect_anomaly():
        y = root(Value(0.0))
        with detect_anomaly(), pytest.raises(AnomalyError, match=re.escape(f"computed at {HERE}")):
            y.backward()


def test_without_the_mode_nothing_is_noted() -> None:
    """Every context that only the mode needs is the same empty one."""
    y = root(Value(1.0))
    assert anomaly.derivative_of(y) is anomaly.suspend_anomaly() is anomaly.derivative_of(y)
    assert not context.active
    with no_grad():
        assert not anomaly.watching()
