"""``has_aux=True``: numbers beside the value, from the same program; the product with the Hessian by several arguments."""

from typing import Any

import numpy as np
import pytest

from autograd import Value, compile, grad, hessian, hvp, jacobian, jvp, value_and_grad, where


def loss(w: Any, x: Any, t: Any) -> Any:
    y = w[0] * x + w[1]
    return (y - t) ** 2, {"right": where(y > 0.0, 1.0, 0.0), "outputs": [y, 2.0 * y]}


def test_at_a_point_it_is_what_the_uncompiled_function_gives() -> None:
    args = [0.5, -1.0], 3.0, 0.25
    assert compile(loss).value_and_grad(*args, has_aux=True) == value_and_grad(loss, has_aux=True)(*args)


def test_over_lanes_every_output_has_a_number_a_lane() -> None:
    w, x = np.array([0.5, -1.0]), np.array([1.0, 2.0, 5.0])
    (value, aux), gradient = compile(loss, (None, 0, None)).value_and_grad(w, x, 0.25, has_aux=True)
    y = 0.5 * x - 1.0
    assert value.tolist() == ((y - 0.25) ** 2).tolist()
    assert aux["right"].tolist() == [0.0, 0.0, 1.0]
    assert [row.tolist() for row in aux["outputs"]] == [y.tolist(), (2.0 * y).tolist()]
    assert gradient.tolist() == [(2.0 * (y - 0.25) * x).tolist(), (2.0 * (y - 0.25)).tolist()]


@pytest.mark.parametrize(("reduce", "share"), [("sum", 1.0), ("mean", 1.0 / 3.0)])
def test_reduced_all_outputs_are(reduce: Any, share: float) -> None:
    w, x = np.array([0.5, -1.0]), np.array([1.0, 2.0, 5.0])
    f = compile(loss, (None, 0, None), reduce)
    for _ in range(3):  # by the fast path too
        (value, aux), gradient = f.value_and_grad(w, x, 0.25, has_aux=True)
        assert aux["right"] == pytest.approx(share)
        assert aux["outputs"] == pytest.approx([share * 1.0, share * 2.0])
        alone = compile(lambda *args: loss(*args)[0], (None, 0, None), reduce)
        expected, partials = alone.value_and_grad(w, x, 0.25)
        assert (value, gradient.tolist()) == (expected, partials.tolist())


@pytest.mark.parametrize("result", [lambda x: x, lambda x: (x, x, x), lambda x: ([x], x), lambda x: [x, x]])
def test_what_is_no_pair_of_value_and_others_is_refused(result: Any) -> None:
    with pytest.raises(TypeError, match=r"with has_aux .* must return \(value, aux\)"):
        compile(lambda x: result(x * 2.0)).value_and_grad(1.0, has_aux=True)


def noted(x: Any, y: Any, scale: float = 1.0) -> Any:
    return scale * x**2 * y, {"thrice": [3.0 * x]}


def test_every_transform_gives_aux_beside_its_result() -> None:
    f, both = compile(noted), (0, 1)
    assert f.grad(3.0, 2.0, scale=10.0, has_aux=True) == grad(noted, has_aux=True)(3.0, 2.0, scale=10.0)
    assert f.grad(3.0, 2.0, argnums=both, has_aux=True) == grad(noted, both, has_aux=True)(3.0, 2.0)
    assert f.hessian(3.0, 2.0, argnums=both, has_aux=True) == hessian(noted, both, has_aux=True)(3.0, 2.0)
    assert f.jvp((3.0, 2.0), (1.0, 10.0), scale=2.0, has_aux=True) == jvp(
        noted, (3.0, 2.0), (1.0, 10.0), scale=2.0, has_aux=True
    )
    v = (1.0, 10.0)
    assert f.hvp(3.0, 2.0, v, argnums=both, scale=2.0, has_aux=True) == hvp(noted, both, has_aux=True)(
        3.0, 2.0, v, scale=2.0
    )
    pair = lambda x: ([x, x * x], 3.0 * x)  # noqa: E731
    assert compile(pair).jacobian(2.0, has_aux=True) == jacobian(pair, has_aux=True)(2.0) == ([1.0, 4.0], 6.0)


def test_over_lanes_aux_has_a_number_a_lane() -> None:
    x = np.array([1.0, 2.0])
    gradient, aux = compile(noted, (0, None)).grad(x, 3.0, has_aux=True)
    assert (gradient.tolist(), aux["thrice"][0].tolist()) == ([6.0, 12.0], [3.0, 6.0])
    value, moved, aux = compile(noted, (0, None)).jvp((x, 3.0), (np.ones(2), 0.0), has_aux=True)
    assert (value.tolist(), moved.tolist(), aux["thrice"][0].tolist()) == ([3.0, 12.0], [6.0, 12.0], [3.0, 6.0])


def test_of_a_value_f_itself_is_called() -> None:
    x = Value(3.0)
    assert compile(noted).grad(x, 2.0, has_aux=True) == grad(noted, has_aux=True)(x, 2.0)
    assert compile(noted).jvp((x, 2.0), (1.0, 0.0), has_aux=True) == jvp(noted, (x, 2.0), (1.0, 0.0), has_aux=True)
    assert compile(noted).hvp(x, 2.0, 1.0, has_aux=True) == hvp(noted, has_aux=True)(x, 2.0, 1.0)


@pytest.mark.parametrize("transform", ["grad", "jacobian", "hessian"])
def test_every_transform_refuses_what_is_no_pair(transform: str) -> None:
    with pytest.raises(TypeError, match=r"^compile: with has_aux <lambda> must return \(value, aux\), got "):
        getattr(compile(lambda x: x * 2.0), transform)(1.0, has_aux=True)
    with pytest.raises(TypeError, match="must return Values or numbers, got str 'a'"):
        getattr(compile(lambda x: (x * 2.0, "a")), transform)(1.0, has_aux=True)


def test_sparse_and_aux_dont_go_together() -> None:
    with pytest.raises(TypeError, match="jacobian takes sparse or has_aux, not both; call f itself for the others"):
        compile(lambda x: ([x], x)).jacobian(1.0, has_aux=True, sparse=True)


# -- hvp by any argument, and by several -------------------------------------------------------------------------


def energy(x: Any, p: Any, scale: float = 1.0) -> Any:
    return scale * x[0] ** 2 * p["a"] * x[1] + p["b"] ** 3


def test_the_product_by_several_arguments_is_that_of_eager_mode() -> None:
    x, p, v = [1.0, 2.0], {"a": 3.0, "b": 4.0}, ([1.0, 0.5], {"b": 2.0, "a": -1.0})
    f = compile(energy)
    assert f.hvp(x, p, v, argnums=(0, 1)) == hvp(energy, (0, 1))(x, p, v)
    assert f.hvp(x, p, v, argnums=("x", "p"), scale=2.0) == hvp(energy, (0, 1))(x, p, v, scale=2.0)
    assert f.hvp(x, p, v[1], argnums=1) == hvp(energy, 1)(x, p, v[1])
    assert f.hvp(x, v[1], p=p, argnums="p") == hvp(energy, "p")(x, v[1], p=p)
    lanes = compile(lambda x, w: x**2 * w, in_axes=(0, None))
    by_x, by_w = lanes.hvp(np.array([3.0, 4.0]), 2.0, (np.ones(2), 1.0), argnums=(0, 1))
    assert (by_x.tolist(), by_w.tolist()) == ([10.0, 12.0], [6.0, 8.0])


def test_a_product_says_what_v_must_be() -> None:
    f = compile(energy)
    with pytest.raises(TypeError, match="v is missing; give the arguments and then v"):
        f.hvp()
    with pytest.raises(ValueError, match="v must have the shape of list"):
        f.hvp([1.0, 2.0], {"a": 1.0, "b": 1.0}, [1.0, 2.0], argnums=(0, 1))
