"""Products that are summed over lanes, weights' derivatives: tiles of lanes, blocks of four by four, what is left over."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import autograd
from autograd.compiler.codegen.abi import Target
from autograd.compiler.codegen.emit import emit
from autograd.compiler.codegen.passes import apply_passes
from autograd.compiler.fastpath import ArraysFastpath, Staged
from autograd.compiler.runtime import kernel
from autograd.compiler.runtime.jit import machine
from autograd.compiler.runtime.kernel import CompiledLanes

RNG = np.random.default_rng(5)
SIZES = (35, 22, 19, 3)  # blocks of four, and one, two or three neurons and inputs left over
WEIGHTS = RNG.normal(0.0, 0.2, sum((nin + 1) * nout for nin, nout in pairwise(SIZES)))
POINTS = RNG.normal(size=(SIZES[0], 640))


def net(w: Any, x: Any, penalty: float = 0.0) -> Any:
    layer, place = list(x), 0
    for nin, nout in pairwise(SIZES):
        rows = [w[place + j * (nin + 1) : place + (j + 1) * (nin + 1)] for j in range(nout)]
        layer = [autograd.relu(autograd.dot(row[:nin], layer) + row[nin]) for row in rows]
        place += nout * (nin + 1)
    loss = layer[0] - layer[1] * layer[2]
    return loss + penalty * autograd.dot(w, w) if penalty else loss


def by_hand(w: Any, x: Any, penalty: float = 0.0) -> Any:
    """The gradient of the sum over points, by matrices."""
    outputs, matrices, place = [x], [], 0
    for nin, nout in pairwise(SIZES):
        matrices.append(w[place : place + nout * (nin + 1)].reshape(nout, nin + 1))
        outputs.append(np.maximum(matrices[-1][:, :-1] @ outputs[-1] + matrices[-1][:, -1:], 0.0))
        place += nout * (nin + 1)
    back = np.array([np.ones(x.shape[1]), -outputs[-1][2], -outputs[-1][1]])
    gradients = []
    for k in reversed(range(len(matrices))):
        back = np.where(outputs[k + 1] > 0.0, back, 0.0)
        gradients.append(np.hstack([back @ outputs[k].T, back.sum(1)[:, None]]).ravel())
        back = matrices[k][:, :-1].T @ back
    return np.concatenate(gradients[::-1]) + 2.0 * penalty * x.shape[1] * w


def gradient_at(n: int, compiled: Any, penalty: float = 0.0) -> Any:
    x = POINTS[:, :n].copy()
    found = compiled.grad(WEIGHTS, x)
    np.testing.assert_allclose(found, by_hand(WEIGHTS, x, penalty), rtol=1e-11, atol=1e-12)
    return found


@pytest.fixture(scope="module", params=[2, 4, 8])
def of_width(request: pytest.FixtureRequest) -> Any:
    """The net compiled for vectors of so many lanes, of which a value has four."""
    here = machine()
    if request.param > here.widest:
        pytest.skip(f"this machine's vectors have {here.widest} lanes")
    here.vectors_of(request.param)
    compiled = autograd.compile(net, (None, 1), reduce="sum")
    compiled.grad(WEIGHTS, POINTS)
    here.vectors_of(here.widest)
    return compiled


def fastpath_of(compiled: Any, x: Any) -> ArraysFastpath:
    """That of the gradient, which takes over after some calls."""
    for _ in range(4):
        compiled.grad(WEIGHTS if x.ndim > 1 else 0.5, x)
    (fastpath,) = compiled.fastpaths.values()
    assert isinstance(fastpath, ArraysFastpath)
    return fastpath


def kernel_of(compiled: Any) -> CompiledLanes:
    return fastpath_of(compiled, POINTS[:, :8].copy()).call.kernel


def tile(compiled: Any) -> int:
    """Lanes in a tile."""
    code = kernel_of(compiled).code
    return int(code.width * code.layout.tile)


def test_a_tile_is_of_several_values_where_products_are_summed(of_width: Any) -> None:
    layout = kernel_of(of_width).code.layout
    assert layout.tile > 1
    assert layout.slot_size % 2 == 1


@pytest.mark.parametrize("tiles", [0, 1, 2])
@pytest.mark.parametrize("more", [1, 8, 9, 31, 33])
def test_any_number_of_lanes_has_the_gradient_of_matrices(tiles: int, more: int, of_width: Any) -> None:
    gradient_at(tiles * tile(of_width) + more, of_width)


def test_full_tiles_have_the_gradient_of_matrices(of_width: Any) -> None:
    for tiles in (1, 2, 3):
        gradient_at(tiles * tile(of_width), of_width)


def test_a_penalty_is_added_in_every_lane() -> None:
    compiled = autograd.compile(lambda w, x: net(w, x, 0.25), (None, 1), reduce="sum")
    for n in (3, 32, 200):
        gradient_at(n, compiled, 0.25)


@pytest.mark.parametrize("lie", [lambda x: x, np.asfortranarray, lambda x: np.repeat(x, 2, axis=1)[:, ::2]])
@pytest.mark.parametrize("n", [31, 128, 200, 512])
def test_arrays_that_lie_otherwise_have_the_same_bits(n: int, lie: Any) -> None:
    compiled = autograd.compile(net, (None, 1), reduce="mean")
    expected = compiled.grad(WEIGHTS, POINTS[:, :n].copy())
    for _ in range(4):
        assert compiled.grad(WEIGHTS, lie(POINTS[:, :n].copy())).tolist() == expected.tolist()


@pytest.mark.parametrize(("n", "copied"), [(512, True), (511, False), (500, False)])
def test_rows_on_the_same_sets_of_a_cache_are_copied_to_tiles(n: int, copied: bool) -> None:
    compiled = autograd.compile(net, (None, 1), reduce="sum")
    fastpath = fastpath_of(compiled, POINTS[:, :n].copy())
    gradient_at(n, compiled)
    assert isinstance(fastpath.way, Staged) == copied


def test_few_rows_are_read_in_place() -> None:
    compiled = autograd.compile(lambda w, x: autograd.exp(w * x), (None, 0), reduce="sum")
    fastpath = fastpath_of(compiled, POINTS[0, :512].copy())
    assert fastpath.way is fastpath.direct


def test_tasks_smaller_than_a_tile_have_the_same_bits_by_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "TASK", 1)
    x = POINTS[:, :600].copy()
    found = [autograd.compile(net, (None, 1), reduce="sum", threads=threads).grad(WEIGHTS, x) for threads in (1, 2, 3)]
    np.testing.assert_allclose(found[0], by_hand(WEIGHTS, x), rtol=1e-11, atol=1e-12)
    assert found[0].tolist() == found[1].tolist() == found[2].tolist()


def test_products_in_a_loop_with_other_steps_are_summed_apart_from_them() -> None:
    def one_of_many(w: Any, x: Any) -> Any:
        return autograd.sum([autograd.tanh(autograd.dot(w[j], x)) for j in range(20)])

    w, x = WEIGHTS[: 20 * 35].reshape(20, 35), POINTS[:, :150].copy()
    found = autograd.compile(one_of_many, (None, 1), reduce="sum").grad(w, x)
    np.testing.assert_allclose(found, (1.0 - np.tanh(w @ x) ** 2) @ x.T, rtol=1e-11, atol=1e-12)


def test_a_product_that_something_else_needs_is_not_put_off() -> None:
    """Its sum is an output, and so is the sum of its square."""

    def products(w: Any, x: Any) -> Any:
        terms = [[w[j] * x[i] for i in range(12)] for j in range(16)]
        return [term for row in terms for term in row], autograd.sum([autograd.dot(row, row) for row in terms])

    w, x = WEIGHTS[:16].copy(), POINTS[:12, :70].copy()
    found, squares = autograd.compile(products, (None, 1), reduce="sum")(w, x)
    each = w[:, None, None] * x
    np.testing.assert_allclose(np.array(found).ravel(), each.sum(-1).ravel(), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(squares, (each**2).sum(), rtol=1e-12)


def test_many_sums_make_tasks_of_more_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "TASK", 100_000)
    steps = []
    for many in (1_000_000, 400, 200):
        monkeypatch.setattr(kernel, "TASK_OUTPUTS", many)
        steps.append(kernel_of(autograd.compile(net, (None, 1), reduce="sum")).step)
    assert steps[0] < steps[1] < steps[2]


def test_products_have_functions_of_their_own_which_are_called_once_a_tile() -> None:
    lanes = kernel_of(autograd.compile(net, (None, 1), reduce="sum"))
    ready = apply_passes(lanes.program, Target(8))["prune"]
    modules, layout, target = emit(ready, lanes.blocks, lanes.summed, Target(8))
    text = "\n".join(modules)
    assert (target.width, layout.tile) == (32, 4)
    assert text.count("i64 %first, i64 0, i64 %count)") == 2  # of the hidden layers: there are but three outputs
