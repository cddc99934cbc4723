"""Fixtures of drawings: how to read one, the engines, random graphs."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from autograd import Value
from tests.drawing.graphs import random_graph, scoped_graph
from tests.drawing.picture import Picture
from tests.player.browser import running_browser as running_browser


@pytest.fixture
def read() -> type[Picture]:
    """A drawing's SVG as a Picture."""
    return Picture


@pytest.fixture(params=["wasi", "dot"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each of the two engines, the program ``dot`` only where it is installed."""
    if request.param == "dot" and not shutil.which("dot"):
        pytest.skip("the program dot isn't installed")
    return str(request.param)


@pytest.fixture
def random_root() -> Callable[[int, int], Value]:
    """Makes random graphs."""
    return random_graph


@pytest.fixture
def scoped_root() -> Callable[[int, int], Value]:
    """Makes random graphs with groups."""
    return scoped_graph
