"""The rule table in JavaScript against the rule table in Python: values and local derivatives, operation by operation."""

from __future__ import annotations

import math
import struct
from random import Random

import pytest

from autograd.player.javascript import functions_of, key, number
from autograd.program.tape import Tape
from autograd.rules.table import FLOATS, RULES
from autograd.testing.domains import DOMAINS, Choice
from tests.player.browser import NodeProcess
from tests.support import bits

TOLERANCE, HUGE = 1e-12, 1.7976931348623157e308
INTERIOR, ANYWHERE = 100, 300
MANY = ("sum", "mean", "prod", "dot", "max", "min", "hypot", "norm", "logsumexp", "softmax", "log_softmax")
Row = tuple[str, tuple[float, ...]]

CALL = """
const text = (x) => Object.is(x, -0) ? "-0" : String(x);
return data.map(([key, xs]) => {
  const [value, partials] = operations[key];
  const y = value(...xs.map(Number));
  return [y, ...partials(y, ...xs.map(Number))].map(text);
});
"""


def source(rows: list[Row]) -> str:
    return functions_of({(RULES[name], len(x)) for name, x in rows}) + CALL


def in_python(name: str, x: tuple[float, ...]) -> list[float]:
    """The value, and the local derivatives by what the operation is differentiated by."""
    y = RULES[name].value(*x)
    return [y, *RULES[name].partials(FLOATS, y, *x)]


def error(actual: float, expected: float) -> float:
    """The relative difference; inf where one is nan or a zero of another sign and the other isn't.

    Below the normal range a float has fewer digits: there the last one counts as none. So does the step to inf.
    """
    if bits(actual) == bits(expected) or 0.0 < abs(actual - expected) <= 2 * 5e-324:
        return 0.0
    if math.isnan(actual) or math.isnan(expected) or actual == expected:
        return math.inf
    a, e = (max(-HUGE, min(HUGE, x)) for x in (actual, expected))
    return abs(a / 2 - e / 2) / max(abs(e / 2), 5e-324)


def compare(node: NodeProcess, rows: list[Row]) -> None:
    results = node.call(source(rows), [[key(RULES[name], len(x)), list(map(number, x))] for name, x in rows])
    for (name, x), result in zip(rows, results, strict=True):
        for place, (text, expected) in enumerate(zip(result, in_python(name, x), strict=True)):
            actual = float(text.replace("Infinity", "inf"))
            what = f"partial {place}" if place else "value"
            assert error(actual, expected) <= TOLERANCE, f"{what} of {name}{x}: {actual!r}, in Python {expected!r}"


@pytest.mark.parametrize("name", sorted(RULES))
def test_javascript_agrees_with_python_at_interior_points(name: str, node: NodeProcess) -> None:
    random = Random(name)
    compare(node, [(name, tuple(x.draw(random) for x in DOMAINS[name].interior)) for _ in range(INTERIOR)])


@pytest.mark.parametrize("name", sorted(RULES))
def test_javascript_agrees_with_python_at_the_edges_and_at_numbers_of_any_size(name: str, node: NodeProcess) -> None:
    random, operands = Random(name), DOMAINS[name].whole
    rows = [tuple(x.draw_anywhere(random) for x in operands) for _ in range(ANYWHERE)]
    edges = [[*x.edges(), *(() if isinstance(x, Choice) else (math.nan, math.inf, -math.inf, -1.5))] for x in operands]
    corners = [tuple(random.choice(x) for x in edges) for _ in range(ANYWHERE)]
    corners += [(x,) for x in edges[0]] if len(edges) == 1 else []
    compare(node, [(name, x) for x in rows + corners])


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("count", [2, 4, 10])
def test_operations_of_many_are_made_for_their_number_of_operands(name: str, count: int, node: NodeProcess) -> None:
    random = Random(count)
    compare(node, [(name, tuple(random.uniform(-3.0, 3.0) for _ in range(count))) for _ in range(20)])


def test_a_number_keeps_its_bits(node: NodeProcess) -> None:
    random = Random(1)
    numbers = [0.0, -0.0, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 1e22, 123456789.0]
    numbers += [math.ldexp(random.uniform(-1, 1), random.randint(-1070, 1020)) for _ in range(1000)]
    read = "return data.map((text) => String(new BigUint64Array(new Float64Array([Number(text)]).buffer)[0]));"
    sent = [str(struct.unpack("<Q", struct.pack("<d", x))[0]) for x in numbers]
    assert node.call(read, list(map(number, numbers))) == sent
    assert number(math.nan) == "NaN"


def test_a_rule_that_branches_is_refused() -> None:
    with pytest.raises(TypeError, match=r"m\.where"):
        _ = 1.0 if Tape(["x"]).inputs[0] > 0.0 else 2.0
