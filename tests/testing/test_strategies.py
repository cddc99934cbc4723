"""The strategies reach what they promise, and shrink to what one can read."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value
from autograd.graph import topological_order
from autograd.rules.table import RULES
from autograd.testing import assert_derivative, strategies
from autograd.testing.domains import DOMAINS, Interval
from autograd.testing.expressions import Expression, Step
from autograd.testing.strategies import expressions, floats_of, points_of
from nn.testing import mlps
from tests.support import bits

QUIET = settings(max_examples=20_000, database=None, derandomize=True, suppress_health_check=list(HealthCheck))


def reach(strategy: Any, condition: Callable[[Any], bool]) -> Any:
    """The simplest example, of which there must be one."""
    return find(strategy, condition, settings=QUIET)


# -- expressions -----------------------------------------------------------------------------------------


def graph(f: Expression) -> tuple[Value, list[Value]]:
    leaves = [Value(0.5) for _ in f.variables]
    return f(*leaves), leaves


def has_diamond(f: Expression) -> bool:
    """A node reaches another by two ways that part and meet."""
    return any(
        len(set(node.parents)) == 2
        and any(p.op and q.op and set(p.parents) & set(q.parents) for p in node.parents for q in node.parents if p is not q)
        for node in topological_order(graph(f)[0])
    )


def has_repeated_leaf(f: Expression) -> bool:
    root, leaves = graph(f)
    return any(sum(parent is leaf for parent in node.parents) > 1 for node in topological_order(root) for leaf in leaves)


def has_constant_subgraph(f: Expression) -> bool:
    """An operation behind the root that depends on no variable."""
    root, leaves = graph(f)
    return any(node.op and not set(leaves) & set(topological_order(node)) for node in topological_order(root))


def depth(f: Expression) -> int:
    deep: dict[Value, int] = {}
    for node in topological_order(graph(f)[0]):
        deep[node] = 1 + max((deep[parent] for parent in node.parents), default=0)
    return max(deep.values())


def test_a_diamond() -> None:
    assert len(reach(expressions(1, 4, 1), has_diamond).steps) == 3


def test_a_repeated_leaf() -> None:
    assert str(reach(expressions(), has_repeated_leaf)) == "def f(x):\n    return x + x"


def test_a_subgraph_of_constants() -> None:
    assert str(reach(expressions(), has_constant_subgraph)) == "def f(x):\n    return sin(Value(0.0))"


def test_depth_beyond_1000() -> None:
    deep = reach(expressions(max_steps=3), lambda f: depth(f) >= 1000)
    assert str(deep) == "def f(x):\n    a = x\n    for _ in range(999):\n        a = sin(a)\n    return a"


@pytest.mark.parametrize("text", ["pow(", " - x", "atan2(", "logsumexp(", "x ** (-1.0)"])
def test_operations_with_constants_on_either_side(text: str) -> None:
    assert text in str(reach(expressions(max_steps=2, max_times=1), lambda f: text in str(f)))


def test_several_variables_used_at_once() -> None:
    f = reach(
        expressions(max_steps=2, max_times=1),
        lambda f: len(f.variables) == 3 and all(v in f.steps[-1].operands for v in f.variables),
    )
    assert len(f.steps) == 1


def same_bits(a: Any, b: Any) -> bool:
    return bits(a) == bits(b)


@settings(max_examples=300)
@given(st.data())
def test_the_source_is_the_function(data: st.DataObject) -> None:
    f = data.draw(expressions(max_times=50))
    point = data.draw(points_of(f, edges=True))
    values = [Value(x) for x in point]
    again = f.function()(*values)
    assert same_bits(f(*point), again)
    assert same_bits(f(*values), again)
    assert str(f) == f.source
    assert len(topological_order(f(*values))) == len(topological_order(again))


def test_steps_that_are_not_needed_are_dropped() -> None:
    f = Expression(("x",), (Step("a", "sin", ("x",)), Step("b", "cos", ("x",)), Step("c", "mul", ("b", 2.0))))
    assert str(f) == "def f(x):\n    return cos(x) * 2.0"
    with pytest.raises(TypeError, match="takes 1 numbers, got 2"):
        f(1.0, 2.0)


def test_negative_constants_and_operators_are_grouped() -> None:
    f = Expression(("x",), (Step("a", "add", ("x", -1.0)), Step("b", "power", ("a", 2.0)), Step("c", "sub", (-3.0, "b"))))
    assert str(f) == "def f(x):\n    return (-3.0) - ((x + (-1.0)) ** 2.0)"
    assert f(3.0) == -7.0


# -- points and floats -----------------------------------------------------------------------------------

SPECIAL: dict[str, Callable[[float], bool]] = {
    "nan": math.isnan,
    "inf": lambda x: x == math.inf,
    "minus inf": lambda x: x == -math.inf,
    "minus zero": lambda x: x == 0 and math.copysign(1.0, x) < 0,
    "subnormal": lambda x: 0 < abs(x) < 2.2250738585072014e-308,
    "huge": lambda x: 1e300 < abs(x) < math.inf,
}


@pytest.mark.parametrize("kind", SPECIAL)
def test_special_points(kind: str) -> None:
    f = Expression(("x",), (Step("a", "sin", ("x",)),))
    assert reach(points_of(f, edges=True), lambda point: SPECIAL[kind](point[0]))
    reach(floats_of("sin"), SPECIAL[kind])


@pytest.mark.parametrize("name", RULES)
def test_floats_of_an_operation_lie_in_its_domain(name: str) -> None:
    domain = DOMAINS[name]

    @settings(max_examples=40)
    @given(floats_of(name), floats_of(name, edges=False))
    def within(edge: Any, inside: Any) -> None:
        for point, ranges in ((edge, domain.whole), (inside, domain.interior)):
            for x, operand in zip(point if isinstance(point, tuple) else (point,), ranges, strict=True):
                assert not isinstance(operand, Interval) or operand.low <= x <= operand.high or x != x
        assert math.isfinite(RULES[name].value(*(inside if isinstance(inside, tuple) else (inside,))))

    within()


def test_floats_of_takes_names_rules_and_functions() -> None:
    for operation in ("log", RULES["log"], ag.log):
        assert reach(floats_of(operation), lambda x: x == 0.0) == 0.0
    with pytest.raises(ValueError, match="no operation 'nonsense' in the rule table"):
        floats_of("nonsense")


# -- without hypothesis ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [expressions, mlps, lambda: floats_of("sin"), lambda: assert_derivative(ag.sin, ag.cos)],
    ids=["expressions", "mlps", "floats_of", "assert_derivative"],
)
def test_without_hypothesis_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, call: Callable[[], Any]
) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.setitem(sys.modules, "hypothesis.strategies", None)
    with pytest.raises(
        ImportError, match=r"needs the package hypothesis: pip install '\.\[prove\]' in a clone of chainrule"
    ):
        call()


def test_importing_the_package_needs_no_hypothesis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    for name in [name for name in sys.modules if name.startswith("autograd.testing")]:
        monkeypatch.delitem(sys.modules, name)
    assert importlib.import_module("autograd.testing").check_gradients(ag.sin, 1.0)


def test_who_looks_for_nets_here_is_told_where_they_are() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'mlps'; nn\.testing\.mlps is it$"):
        strategies.mlps()
    with pytest.raises(AttributeError, match=r"has no attribute 'mlp'$"):
        strategies.mlp()
