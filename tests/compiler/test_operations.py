"""Every operation of the table, compiled, at the points that its accuracy is judged by: within 4 ulp of eager mode."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd import compile
from autograd.rules.table import RULES
from autograd.value import VALUES
from tests.references import REFERENCES, terms
from tests.rules.test_table import points

ULPS = 4.0  # 2 of our own function, 1 of C's, and a few operations around them
# Eager mode scales where a partial result leaves the range of floats; compiled code adds and multiplies in order.
OUT_OF_RANGE = {"dot", "mean", "prod", "sum"}
OPERATIONS = sorted(REFERENCES.keys() - {"where"})


def columns(name: str) -> list[tuple[float, ...]]:
    """Points of one length, with the same constants in all of them."""
    first, *others = points(name)
    constants = REFERENCES[name].constants
    return [first, *[x for x in others if len(x) == len(first) and all(x[i] == first[i] for i in constants)]]


def compiled(name: str, first: tuple[float, ...], in_axes: int | None) -> Any:
    constants, operation = REFERENCES[name].constants, getattr(VALUES, name)
    return compile(lambda *xs: operation(*[first[i] if i in constants else x for i, x in enumerate(xs)]), in_axes)


def far(name: str, x: tuple[float, ...], found: float) -> bool:
    expected = RULES[name].value(*x)
    if found == expected or (math.isnan(found) and math.isnan(expected)):
        return False
    if name in OUT_OF_RANGE and (found == 0.0 or not math.isfinite(found)):
        return False
    size = max(abs(expected), abs(float(terms(name, x, (0,) * len(x)))))
    return not abs(found - expected) <= ULPS * math.ulp(size)


@pytest.mark.parametrize("name", OPERATIONS)
def test_lanes_are_within_4_ulp(name: str) -> None:
    table = columns(name)
    found = compiled(name, table[0], 0)(*[np.array(column) for column in zip(*table, strict=True)])
    assert [(x, y) for x, y in zip(table, found.tolist(), strict=True) if far(name, x, y)] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_single_points_are_within_4_ulp(name: str) -> None:
    table = columns(name)
    f = compiled(name, table[0], None)
    assert [(x, y) for x in table if far(name, x, y := f(*x))] == []
