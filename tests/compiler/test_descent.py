"""Steps of descent in one call of machine code, against the same steps by calls of the compiled functions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import primitive, sqrt, tanh
from autograd.compiler.descent import Batches, Descended, Update, descend, most_lanes

pytest.importorskip("llvmlite")

COUNT = 19  # parameters: more than two vectors, and not a multiple of one
DRAW = np.random.default_rng(3)
ROWS, TARGETS = DRAW.normal(size=(60, 4)), DRAW.normal(size=60)
START = np.array([DRAW.normal(size=COUNT), np.zeros(COUNT)])


def loss_of(w: Any, row: Any, target: Any) -> Any:
    hidden = [tanh(sum(w[4 * k + j] * row[j] for j in range(4))) for k in range(4)]
    error = sum(w[16 + k % 3] * each for k, each in enumerate(hidden)) - target
    return error * error, 0.25 * target * target


def rule_of(numbers: Any, w: Any, gradient: Any, mean: Any) -> Any:
    rate, keep = numbers
    mean = keep * mean + gradient * gradient
    return [w - rate * gradient / (sqrt(mean) + 1e-3), mean]


LOSS = autograd.compile(loss_of, (None, 0, 0), reduce="mean")
RULE = autograd.compile(rule_of, (None, 0, 0, 0), strict=True)


def by_calls(lanes: Sequence[int], numbers: Any, spans: Sequence[tuple[int, int]], loss_and: Any = LOSS) -> Descended:
    """The same steps, one after the other."""
    state, at, gradient = START.copy(), 0, np.empty(COUNT)
    losses, hits = list[float](), list[float]()
    for n, each in zip(lanes, numbers, strict=True):
        (loss, hit), gradient = loss_and.value_and_grad(state[0], ROWS[at : at + n], TARGETS[at : at + n], has_aux=True)
        after = state.copy()
        for start, stop in spans:
            some = slice(start, stop)
            after[:, some] = RULE(np.array(each), state[0, some].copy(), gradient[some], state[1, some].copy())
        state, at, losses, hits = after, at + n, [*losses, loss], [*hits, hit]
    return Descended(len(lanes), np.array(losses), np.array(hits), gradient, state)


def in_one(
    lanes: Sequence[int], numbers: Any, spans: Sequence[tuple[int, int]], loss: Any = LOSS, rule: Any = RULE
) -> Descended | None:
    n, settings = sum(lanes), np.array(numbers, float)
    batches = Batches(loss, [ROWS[:n], TARGETS[:n]], np.array(lanes), np.array(lanes, float))
    return descend(batches, [Update(rule, settings, *span) for span in spans], START)


def assert_same(found: Descended | None, expected: Descended) -> None:
    assert found is not None
    assert found.steps == expected.steps
    for one, other in zip(found[1:], expected[1:], strict=True):
        assert np.array_equal(one, other)


steps = st.lists(st.tuples(st.integers(1, 12), st.floats(0.0, 0.5), st.floats(0.0, 1.0)), min_size=1, max_size=5)
cuts = st.lists(st.integers(1, COUNT - 1), max_size=3, unique=True).map(sorted)


@settings(max_examples=60, deadline=None)
@given(steps=steps, cuts=cuts, skipped=st.integers(0, 3))
def test_one_call_gives_the_bits_of_many(steps: list[Any], cuts: list[int], skipped: int) -> None:
    lanes, numbers = [n for n, *_ in steps], [list(each) for _, *each in steps]
    ends = [0, *cuts, COUNT]
    spans = list(pairwise(ends))
    spans = [span for k, span in enumerate(spans) if k != skipped] or spans  # what no rule is for stays
    by_calls([8, 3, 5], [[0.1, 0.5]] * 3, [(0, COUNT)])  # now both know how arrays lie
    assert_same(in_one(lanes, numbers, spans), by_calls(lanes, numbers, spans))


@pytest.mark.parametrize("step", [0, 1, 4])
@pytest.mark.parametrize("numbers", [[float("inf"), 0.5], [0.1, float("nan")]])
def test_it_ends_before_a_step_that_makes_no_finite_number(step: int, numbers: list[float]) -> None:
    lanes, settings = [5, 8, 3, 7, 5, 2], [[0.1, 0.5]] * 6
    by_calls(lanes, settings, [(0, COUNT)])
    expected = by_calls(lanes[:step], settings[:step], [(0, COUNT)])
    found = in_one(lanes, [*settings[:step], numbers, *settings[step + 1 :]], [(0, COUNT)])
    assert found is not None
    assert found.steps == step
    assert np.array_equal(found.state, expected.state)
    assert step == 0 or np.array_equal(found.gradient, expected.gradient)


@pytest.mark.parametrize("row", [0, 22])
def test_it_ends_before_a_gradient_that_is_not_finite(row: int) -> None:
    lanes, settings = [10, 10, 10], [[0.1, 0.5]] * 3
    by_calls(lanes, settings, [(0, COUNT)])
    targets = TARGETS[:30].copy()
    targets[row] = 1e200
    batches = Batches(LOSS, [ROWS[:30], targets], np.array(lanes), np.array(lanes, float))
    found = descend(batches, [Update(RULE, np.array(settings), 0, COUNT)], START)
    assert found is not None
    assert found.steps == row // 10
    assert found.losses.tolist() == by_calls(lanes[: found.steps], settings[: found.steps], [(0, COUNT)]).losses.tolist()


def called(loss: Any, rule: Any = RULE, times: int = 3, threads: int | None = None) -> int:
    """Call a loss as often as it takes to know how its arrays lie; gives the lanes that it may have then."""
    compiled = autograd.compile(loss, (None, 0, 0), reduce="mean", threads=threads)
    for _ in range(times):
        _, gradient = compiled.value_and_grad(START[0], ROWS, TARGETS, has_aux=True)
        rule(np.array([0.1, 0.5]), START[0].copy(), gradient, START[1].copy())
    most = most_lanes(compiled, 3)
    assert (most == 0) == (in_one([5, 5], [[0.1, 0.5]] * 2, [(0, COUNT)], compiled, rule) is None)
    return most


def test_a_plain_loss_is_ready_after_three_calls() -> None:
    assert [called(lambda *arguments: loss_of(*arguments), times=n) > 0 for n in (1, 2, 3)] == [False, False, True]


def test_a_loss_with_branches_or_python_in_it_is_never_ready() -> None:
    own = primitive(lambda _, x: 2.0 * x)(lambda x: x * x)
    assert called(lambda w, row, t: loss_of(w, row, t) if row[0] > 0.0 else (own(w[0]), 0.0)) == 0
    assert called(lambda w, row, t: (own(w[0] * row[0] - t), 0.0)) == 0


@pytest.mark.parametrize("threads", [1, 2])
def test_batches_that_threads_would_share_are_refused(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.compiler.runtime.kernel.TASK", 1_000)
    monkeypatch.setattr("autograd.compiler.runtime.kernel.FEWEST", 8)
    most = called(lambda *arguments: loss_of(*arguments), threads=threads)
    assert most == (24 if threads == 1 else 12)  # of tasks of eight lanes


def test_batches_of_several_parts_have_the_bits_of_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.compiler.runtime.kernel.TASK", 1_000)
    monkeypatch.setattr("autograd.compiler.runtime.kernel.FEWEST", 8)
    loss = autograd.compile(loss_of, (None, 0, 0), reduce="mean", threads=1)
    lanes, settings = [20, 9, 16, 15], [[0.1, 0.5]] * 4
    expected = by_calls(lanes, settings, [(0, COUNT)], loss)
    assert_same(in_one(lanes, settings, [(0, COUNT)], loss), expected)


def test_a_rule_with_other_results_is_refused() -> None:
    other = autograd.compile(lambda numbers, w, g, mean: [w - numbers[0] * g + mean * 0.0], (None, 0, 0, 0), strict=True)
    for _ in range(3):
        by_calls([5, 5], [[0.1, 0.5]] * 2, [(0, COUNT)])
        other(np.array([0.1, 0.5]), START[0].copy(), START[0].copy(), START[1].copy())
    assert in_one([5, 5], [[0.1, 0.5]] * 2, [(0, COUNT)], rule=other) is None
    assert in_one([5, 5], [[0.1, 0.5]] * 2, [(0, COUNT)]) is not None


def test_captured_numbers_are_read_anew() -> None:
    scale = autograd.Value(1.0)
    loss = autograd.compile(lambda w, row, t: (scale * loss_of(w, row, t)[0], 0.0), (None, 0, 0), reduce="mean")
    for _ in range(3):
        loss.value_and_grad(START[0], ROWS, TARGETS, has_aux=True)
        by_calls([5], [[0.1, 0.5]], [(0, COUNT)])
    losses = []
    for scale.data in (1.0, 3.0):
        found = in_one([5], [[0.1, 0.5]], [(0, COUNT)], loss)
        assert found is not None
        losses.append(found.losses[0])
    assert losses[1] == pytest.approx(3.0 * losses[0], rel=1e-14)
