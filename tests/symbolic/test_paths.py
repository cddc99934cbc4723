"""Paths counted, found and summed without walking them all, against walking them all."""

import math
import random
from collections.abc import Iterator
from typing import Any

import pytest

from autograd import Value, gradient
from autograd.graph import topological_order
from autograd.symbolic.explain import explain
from autograd.symbolic.paths import Link, count_paths, edges, largest_paths, links, nodes_between

SEEDS = range(40)


def random_graph(seed: int, named: float = 0.4) -> tuple[Value, Value]:
    """A small graph of shared nodes, some of them named, and one of its leaves that the root depends on."""
    draw = random.Random(seed)
    leaves = [Value(draw.uniform(0.2, 1.5), name=f"x{i}") for i in range(3)]
    pool = list(leaves)
    for i in range(draw.randint(4, 14)):
        a, b = draw.choice(pool[-5:]), draw.choice(pool)
        node = draw.choice([a * b, a + b, a - b, a.tanh(), a * 3, a * a, b.sin()])
        node.name = f"n{i}" if draw.random() < named else None
        pool.append(node)
    root = pool[-1]
    return root, draw.choice([leaf for leaf in leaves if leaf in topological_order(root)])


def every_path(node: Value, wrt: Value, all_links: dict[Value, list[Link]]) -> Iterator[Any]:
    """The products of all paths, one by one."""
    if node is wrt:
        yield 1.0
        return
    for link in all_links[node]:
        for product in every_path(link.parent, wrt, all_links):
            yield link.value * product


@pytest.mark.parametrize("seed", SEEDS)
def test_edges_paths_are_counted_as_walking_them_counts(seed: int) -> None:
    root, wrt = random_graph(seed)
    between = nodes_between(topological_order(root), wrt)
    products = list(every_path(root, wrt, edges(between)))
    assert count_paths(between) == len(products) == largest_paths(between, edges(between)).total


@pytest.mark.parametrize("seed", SEEDS)
def test_the_largest_paths_are_the_largest_of_all(seed: int) -> None:
    root, wrt = random_graph(seed)
    between = nodes_between(topological_order(root), wrt)
    products = sorted(every_path(root, wrt, edges(between)), key=abs, reverse=True)
    paths = largest_paths(between, edges(between), most=4)
    assert [abs(path.product) for path in paths.largest] == pytest.approx(list(map(abs, products[:4])), rel=1e-12)
    total = math.fsum(path.product for path in paths.largest)
    size = max(map(abs, products))
    assert total + paths.rest == pytest.approx(math.fsum(products), rel=1e-12, abs=1e-12 * size)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("steps", [False, True])
def test_the_paths_and_the_rest_add_up_to_the_derivative(seed: int, steps: bool) -> None:
    root, wrt = random_graph(seed)
    explanation = explain(root, wrt, steps=steps, max_paths=3)
    products = [math.prod(path) for path in explanation.paths]
    assert explanation.value == gradient(root, wrt)
    size = sum(map(abs, products)) + abs(explanation.rest)
    assert math.fsum([*products, explanation.rest]) == pytest.approx(explanation.value, abs=1e-12 * size + 1e-300)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_factor_is_the_derivative_along_the_ways_that_pass_no_other_name(seed: int) -> None:
    root, wrt = random_graph(seed)
    between = nodes_between(topological_order(root), wrt)
    shown = {node for node in between if node.name} | {root, wrt}
    all_edges = edges(between)

    def ways(node: Value, goal: Value) -> Iterator[float]:
        for link in all_edges.get(node, []):
            if link.parent is goal:
                yield link.value
            elif link.parent not in shown:
                yield from (link.value * rest for rest in ways(link.parent, goal))

    for own in links(between, shown).values():
        for link in own:
            assert link.value == pytest.approx(math.fsum(ways(link.node, link.parent)), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_factor_starts_where_the_one_before_it_ends(seed: int) -> None:
    root, wrt = random_graph(seed)
    for path in explain(root, wrt).paths:
        nodes = [factor.node for factor in path] + [wrt]
        assert nodes[0] is root
        assert [factor.parent for factor in path] == nodes[1:]


def test_the_order_of_equal_paths_is_that_of_the_operands() -> None:
    x = Value(2.0, name="x")
    a, b = x * 1.0, x * 1.0
    a.name, b.name = "a", "b"
    assert [path[0].parent.name for path in explain(a + b, x).paths] == ["a", "b"]


def test_a_path_of_undefined_size_comes_first() -> None:
    x = Value(0.0, name="x")
    a, b = x.log(), x * 5.0
    a.name, b.name = "a", "b"
    paths = explain(a * 0.0 + b, x).paths
    assert [path[0].parent.name for path in paths] == ["a", "b"]
    assert math.isnan(math.prod(paths[0]))
