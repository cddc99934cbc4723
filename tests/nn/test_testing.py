"""Random networks with data: what they hold, and what they shrink to."""

from __future__ import annotations

from hypothesis import HealthCheck, find, given, settings

import nn
from nn.testing import Problem, mlps

QUIET = settings(max_examples=20_000, database=None, derandomize=True, suppress_health_check=list(HealthCheck))


@settings(max_examples=25)
@given(mlps())
def test_networks_with_data(problem: Problem) -> None:
    problem.loss().backward()
    assert all(p.grad_or_none is not None for p in problem.model.parameters())
    assert len(problem.inputs) == len(problem.targets)


def test_networks_of_several_layers() -> None:
    problem = find(mlps(1, 3, 1, 2), lambda p: len(p.model.layers) == 3 and len(p.inputs) == 2, settings=QUIET)
    assert problem.inputs == [[0.0], [0.0]]


def test_pictures_and_tests_are_attributes() -> None:
    assert nn.testing.mlps is mlps
    assert nn.plots.loss_curve.__name__ == "loss_curve"
