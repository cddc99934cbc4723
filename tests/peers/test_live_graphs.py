"""Our gradients equal those of the JAX and the PyTorch installed here, on ten thousand random graphs: ``-m peers``."""

from __future__ import annotations

import pytest

from autograd.testing.expressions import Expression, Step
from autograd.testing.strategies import ONE, THREE, TWO
from tests.peers.comparison import compare, counts, summary, wrong
from tests.peers.graphs import AT_HARD_POINTS, COUNT, SEED, Graph, all_graphs
from tests.peers.libraries import LIBRARIES, Library, library
from tests.peers.verdicts import OTHER_CONVENTIONS, Kind, differ, ours

pytestmark = [pytest.mark.peers, pytest.mark.parametrize("name", LIBRARIES)]

# Operations on their kinks, and on jumps.
KINKS: dict[tuple[float, ...], str] = {
    (0.0,): "abs relu selu sign",
    (1.0,): "hard_tanh",
    (2.0,): "floor ceil trunc",
    (2.5,): "round",
    (3.0,): "hard_sigmoid",
    (0.0, 0.0): "atan2 hypot maximum minimum pow",
    (0.0, -1.0): "atan2",
    (0.0, 0.3): "elu leaky_relu",
    (0.0, 1.0): "copysign mod",
    (0.0, 3.0): "elu leaky_relu",
    (-3.0, 1.5): "floordiv fmod mod",
    (0.0, 0.0, 0.0): "max min norm",
    (1.0, 1.0, 0.0): "max",
    (1.0, 1.0, 2.0): "clip min",
    (2.0, 1.0, 2.0): "clip max",
}


def installed(name: str) -> Library:
    pytest.importorskip(name)
    return library(name)


def alone(operation: str, at: tuple[float, ...]) -> Graph:
    variables = tuple("xyz"[: len(at)])
    return Graph(Expression(variables, (Step("a", operation, variables),)), at)


def test_every_operation_has_its_function(name: str) -> None:
    assert not {*ONE, *TWO, *THREE, "power", "Value", *AT_HARD_POINTS} - installed(name).operations.keys()


def test_gradients_are_equal_on_ten_thousand_graphs(name: str) -> None:
    compared = list(compare(all_graphs(SEED, COUNT), [installed(name)]))
    found, figures = counts(compared, name), summary(compared)
    assert not wrong(compared), "\n".join([figures, *wrong(compared)])
    assert found[Kind.EQUAL] > 10_000, figures
    assert found[Kind.LOST] + found[Kind.KINK] + found[Kind.ILL] + found[Kind.RANGE] < 300, figures


def test_the_other_conventions_told_are_those_the_library_has(name: str) -> None:
    peer = installed(name)
    on_kinks = [alone(operation, at) for at, operations in KINKS.items() for operation in operations.split()]
    other = {graph.expression.steps[0].operation for graph in on_kinks if another(peer, graph)}
    assert other == OTHER_CONVENTIONS[name].keys()


def another(peer: Library, graph: Graph) -> bool:
    own = ours(graph)
    return differ(own.gradient, peer.gradient(graph), own.terms)
