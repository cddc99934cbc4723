"""Strategies for hypothesis: floats of any operation's domain, random expressions.

>>> from hypothesis import find
>>> find(expressions(), lambda f: "log(" in f.source)
def f(x):
    return log(x)

Hypothesis is needed only where a strategy is made; each function raises ImportError, saying what to install,
where it isn't there.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

from autograd.rules.table import Rule
from autograd.testing.domains import DOMAINS, Choice, Interval, OperandDomain
from autograd.testing.expressions import Expression, Step
from autograd.transforms.types import Function

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

# Operations by their number of operands; the first of each is what examples shrink to.
__all__ = ["expressions", "floats_in", "floats_of", "points_of"]
ONE = (
    *("sin", "exp", "log", "tanh", "sqrt", "square", "neg", "abs", "reciprocal", "cos", "tan", "atan", "cbrt", "erf"),
    *("expm1", "log1p", "sinh", "asinh", "sigmoid", "softplus", "relu", "gelu", "silu", "mish", "selu", "softsign"),
    *("hard_tanh", "floor", "sign", "sinc", "norm_cdf", "sech"),
)
TWO = ("add", "mul", "sub", "div", "maximum", "minimum", "pow", "atan2", "hypot", "logaddexp", "mod", "xlogy")
THREE = ("sum", "prod", "logsumexp", "max", "norm", "mean", "clip")
EXPONENTS = (2.0, 3.0, -1.0, 0.5, 0.0, 1.0)
NAMES = "xyzuvw"


def hypothesis_strategies(what: str) -> ModuleType:
    """The module ``hypothesis.strategies``; ImportError with what to do where it isn't installed."""
    try:
        return importlib.import_module("hypothesis.strategies")
    except ImportError as error:
        raise ImportError(f"{what} needs the package hypothesis: pip install '.[prove]' in a clone of chainrule") from error


def floats_of(
    operation: str | Rule | Function, edges: bool = True
) -> SearchStrategy[float] | SearchStrategy[tuple[float, ...]]:
    """Floats that an operation of the rule table is defined for: a float for one operand, a tuple for several.

    >>> from hypothesis import find
    >>> find(floats_of("log"), lambda x: x > 0.5)
    1.0

    The operation is named, or given as its rule or its public function. With ``edges`` the ends of the domain come
    often, as do ±0, ±1, tiny, huge and subnormal numbers, ±inf and, where every number is taken, nan; without,
    only points well inside, where values show the derivative to 7 digits and more. Operations of many take three
    operands, ``dot`` four. Raises ValueError for a name that isn't in the table.
    """
    st = hypothesis_strategies("floats_of")
    name = (
        operation if isinstance(operation, str) else getattr(operation, "name", None) or getattr(operation, "__name__", "")
    )
    if name not in DOMAINS:
        raise ValueError(
            f"floats_of: there is no operation {name!r} in the rule table; the names are those of autograd.rules.RULES"
        )
    domains = DOMAINS[name].whole if edges else DOMAINS[name].interior
    operands = [_floats(st, domain, edges) for domain in domains]
    several: SearchStrategy[tuple[float, ...]] = st.tuples(*operands)
    return operands[0] if len(operands) == 1 else several


def _floats(st: ModuleType, domain: OperandDomain, edges: bool) -> SearchStrategy[float]:
    if isinstance(domain, Choice):
        choice: SearchStrategy[float] = st.sampled_from(domain.values)
        return choice
    everything = not (math.isfinite(domain.low) or math.isfinite(domain.high))
    return floats_in(st, domain, edges, nan=edges and everything)


def floats_in(st: ModuleType, interval: Interval, edges: bool = True, nan: bool = False) -> SearchStrategy[float]:
    """Floats of an interval, its edges often."""
    low, high = (x if math.isfinite(x) else None for x in interval)
    within: SearchStrategy[float] = st.floats(low, high, allow_nan=nan)
    with_edges: SearchStrategy[float] = st.one_of(within, st.sampled_from(interval.edges()))
    return with_edges if edges else within


# -- expressions -----------------------------------------------------------------------------------------


def expressions(max_variables: int = 3, max_steps: int = 10, max_times: int = 2000) -> SearchStrategy[Expression]:
    """Random functions as ``Expression``s: shared parts, diamonds, constants, nodes that depend on no variable, depth.

    >>> from hypothesis import find
    >>> find(expressions(), lambda f: len(f.steps) == 2 and f.steps[1].operands == ("a", "a"))
    def f(x):
        a = sin(x)
        return a + a

    An expression is called with as many numbers as it has ``variables`` (see ``points_of``) and prints as a Python
    function. Some steps are repeated up to ``max_times``; with 1 none is, and expressions stay small.
    """
    st = hypothesis_strategies("expressions")
    strategy: SearchStrategy[Expression] = st.composite(_expression)(st, max_variables, max_steps, max_times)
    return strategy


def _expression(draw: DrawFn, st: ModuleType, max_variables: int, max_steps: int, max_times: int) -> Expression:
    variables = tuple(NAMES[: draw(st.integers(1, max_variables))])
    steps: list[Step] = []
    for k in range(draw(st.integers(1, max_steps))):
        newest_first = [*(step.target for step in reversed(steps)), *variables]
        steps.append(_step(draw, st, _target(k), newest_first, max_times))
    return Expression(variables, tuple(steps))


def _target(k: int) -> str:
    return "abcdeghijk"[k] if k < 10 else f"t{k}"


def _step(draw: DrawFn, st: ModuleType, target: str, known: Sequence[str], max_times: int) -> Step:
    constants = st.floats(-4.0, 4.0, allow_subnormal=False)
    node, operand = st.sampled_from(known), st.one_of(st.sampled_from(known), constants)
    kind = draw(st.sampled_from(["one", "two", "power", "three", "left", "constant"]))
    if kind == "constant":
        return Step(target, "Value", (draw(constants),))
    if kind == "left":
        return Step(target, draw(st.sampled_from(TWO)), (draw(constants), draw(node)))
    times = draw(st.integers(1, max_times)) if max_times > 1 and draw(st.integers(0, 30)) == 30 else 1
    if kind == "power":
        return Step(target, "power", (draw(node), draw(st.sampled_from(EXPONENTS))), min(times, 3))
    operations, others = {"one": (ONE, 0), "two": (TWO, 1), "three": (THREE, 2)}[kind]
    operation = draw(st.sampled_from(operations))
    return Step(target, operation, (draw(node), *(draw(operand) for _ in range(others))), times)


def points_of(expression: Expression, edges: bool = False) -> SearchStrategy[tuple[float, ...]]:
    """A number for each of an expression's variables: moderate ones, with ``edges`` any float, nan and inf too.

    >>> from hypothesis import find
    >>> find(points_of(Expression(("x", "y"), (Step("a", "add", ("x", "y")),))), lambda p: p[0] > p[1] >= 0)
    (1.0, 0.0)
    """
    st = hypothesis_strategies("points_of")
    number = st.floats() if edges else st.floats(-4.0, 4.0, allow_subnormal=False)
    strategy: SearchStrategy[tuple[float, ...]] = st.tuples(*[number] * len(expression.variables))
    return strategy


def __getattr__(name: str) -> NoReturn:
    """Tell where the strategies for nets are."""
    moved = f"; nn.testing.{name} is it" if name in ("Problem", "mlps") else ""
    raise AttributeError(f"module 'autograd.testing.strategies' has no attribute {name!r}{moved}")


def __dir__() -> list[str]:
    return sorted(__all__)
