"""``value_and_grad(…, has_aux=True)``: numbers beside the value, from the same program."""

from typing import Any

import numpy as np
import pytest

from autograd import compile, value_and_grad, where


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
