"""Walks of the graph: order, reachability, size, and nothing that recurses or repeats itself."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from typing import Any

import pytest

import autograd as ag
from autograd import Value
from autograd.graph import reverse_topological_order, set_leaves, topological_order


def chain(length: int) -> tuple[Value, Value]:
    x = y = Value(1.0)
    for _ in range(length):
        y = y + 1.0
    return x, y


def test_every_node_comes_once_and_after_its_parents() -> None:
    a, b = Value(1.0), Value(2.0)
    c = a * b
    d = c + a
    e = ag.sum(d, c, b, 3.0)
    order = topological_order(e)
    assert order == [a, b, c, d, e]
    assert [id(node) for node in order] == [id(node) for node in (a, b, c, d, e)]
    assert reverse_topological_order(e) == order[::-1]


def test_nodes_that_a_root_doesnt_need_are_not_visited() -> None:
    a = Value(1.0)
    b = a * 2.0
    _ = b + 5.0
    assert len(topological_order(b)) == 2


@pytest.mark.parametrize(
    ("made", "count"),
    [
        (lambda x: x, 1),
        (lambda x: x * x, 2),
        (lambda x: ag.dot([x, x], [x, x]), 2),
        (lambda x: ag.where(True, x, 1.0), 2),
        (lambda x: ag.where(False, x, 1.0), 1),
        (lambda x: x.tanh().tanh(), 3),
    ],
)
def test_node_counts(made: Any, count: int) -> None:
    assert len(topological_order(made(Value(0.5)))) == count


def test_an_operation_of_many_is_one_node_with_every_operand_as_a_parent() -> None:
    xs = [Value(float(i)) for i in range(5)]
    for y in (ag.sum(xs), ag.prod(xs), ag.norm(xs), ag.logsumexp(xs), ag.max(xs), ag.mean(xs), ag.softmax(xs)[0]):
        assert y.parents == tuple(xs)
    assert ag.dot(xs, xs[::-1]).parents == (*xs, *xs[::-1])


# -- memory ------------------------------------------------------------------------------------------


def test_a_node_takes_at_most_200_bytes_before_and_after_the_backward_pass() -> None:
    """Pitfall 28: a closure over its own output took 758."""
    count = 50_000
    tracemalloc.start()
    try:
        x = y = Value(1.0000001)
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(count // 4):
            y = ((y * x + 1.0) / x).tanh()
        built = tracemalloc.get_traced_memory()[0] - before
        y.backward()
        after = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(topological_order(y)) == count + 1
    assert built / count <= 200
    assert after / count <= 200


def test_nothing_is_left_for_the_collector() -> None:
    """Pitfall 28: cycles node → closure → node; 30 objects survived of each tiny graph."""
    while gc.collect():  # what other tests have left: objects, then their types
        pass
    gc.disable()
    try:
        x, y = chain(100)
        z = ag.dot([y, x.tanh()], [x, y]) + ag.softmax([x, y])[1]
        z.backward()
        inner, root = weakref.ref(y), weakref.ref(z)
        del y, z
        assert (inner(), root()) == (None, None)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_thousand_training_steps_leave_no_object_behind() -> None:
    """Pitfalls 28 and 44: graphs that grow from step to step."""
    w, b = Value(0.5, "w"), Value(0.1, "b")

    def step() -> int:
        loss = ((w * 2.0 + b).tanh() - 0.3) ** 2
        w.grad = b.grad = None
        loss.backward()
        w.data -= 0.01 * w.grad
        b.data -= 0.01 * b.grad
        return len(topological_order(loss))

    gc.collect()
    gc.disable()
    try:
        step()
        objects = len(gc.get_objects())
        counts = {step() for _ in range(1000)}
        assert len(gc.get_objects()) - objects <= 5
        assert counts == {7}
    finally:
        gc.enable()


def test_ten_thousand_rounds_take_no_more_memory_than_one_hundred() -> None:
    """Pitfall 44: a tape that remembers every round."""
    x = Value(0.5)

    def rounds(count: int) -> int:
        for _ in range(count):
            x.grad = None
            (x.sin() * x).backward()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        few = rounds(100)
        many = rounds(10_000)
    finally:
        tracemalloc.stop()
    assert many <= few + 1000


def test_second_derivatives_in_a_loop_take_no_more_memory_each_round() -> None:
    """Pitfall 42: a gradient that is a Value keeps its graph; dropping it must drop the graph."""
    x = Value(0.5)

    def curvature() -> float:
        x.grad = None
        (x.tanh() * x).backward(create_graph=True)
        dydx, x.grad = x.grad, None
        dydx.backward()  # type: ignore[attr-defined]
        result, x.grad = x.grad, None
        return float(result)

    gc.collect()
    gc.disable()
    try:
        first = curvature()
        objects = len(gc.get_objects())
        assert {curvature() for _ in range(300)} == {first}
        assert len(gc.get_objects()) - objects <= 5
    finally:
        gc.enable()


def test_leaves_that_are_set_at_once_make_their_graphs_stale() -> None:
    leaves = [Value(1.0), Value(2.0)]
    y = leaves[0] * leaves[1]
    set_leaves(leaves, [3.0, 4.0], [0.5, 0.0])
    assert [(x.data, x.grad_or_none) for x in leaves] == [(3.0, 0.5), (4.0, 0.0)]
    with pytest.raises(ag.StaleGraphError):
        y.backward()
    (leaves[0] * leaves[1]).backward()
    assert [x.grad for x in leaves] == [4.5, 3.0]
