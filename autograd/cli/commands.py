"""``autograd draw``, ``explain`` and ``check``: what each does with an expression and numbers for its names.

>>> draw("x**2", ["x=3"], out="/nowhere/g.svg")
Traceback (most recent call last):
OSError: can't write to /nowhere/g.svg: there is no folder /nowhere
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from unicodedata import normalize

from autograd.cli.expression import CONSTANTS, FUNCTIONS, ExpressionError, ParsedExpression, Scalar, cut, did_you_mean
from autograd.interop.plain import on_screen
from autograd.picture import draw as draw_graph
from autograd.symbolic.explain import explain as explain_derivative
from autograd.value import Value


def draw(expression: str, values: Sequence[str], out: str = "graph.svg", wrt: str | None = None) -> int:
    """Draw the graph of an expression, values and gradients in it, and print the path written."""
    root, leaves = _graph(expression, values)
    root.backward()
    drawing = draw_graph(root, wrt=_chosen(wrt, leaves)[0] if wrt else None)
    try:
        path = drawing.save(out)
    except OSError as error:
        raise OSError(f"can't write to {out}: {error.strerror}") from error
    _say(str(path))
    return 0


def explain(expression: str, values: Sequence[str], wrt: str | None = None, steps: bool = False, latex: bool = False) -> int:
    """Print the chain rule of the derivative by one name, or by each of them."""
    root, leaves = _graph(expression, values)
    explanations = [explain_derivative(root, leaf, steps=steps) for leaf in _chosen(wrt, leaves)]
    _say("\n\n".join(explanation.latex if latex else str(explanation) for explanation in explanations))
    return 0


def check(expression: str, values: Sequence[str], order: int = 1) -> int:
    """Check the derivatives by every name, print the report; 1 if one is wrong."""
    from autograd.testing import GradientError, check_gradients  # here: nothing else needs it

    function, numbers = _function(expression, values)
    try:
        report = check_gradients(function, *numbers, order=order)
    except GradientError as error:
        _say(str(error))
        return 1
    _say(str(report))
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{on_screen(text)}\n")


# -- an expression and its numbers ---------------------------------------------------------------------------


def _graph(text: str, values: Sequence[str]) -> tuple[Value, dict[str, Value]]:
    """The expression as a graph, and its leaves by name."""
    expression, numbers = _read(text, values)
    leaves = {name: Value(x, name) for name, x in numbers.items()}
    root = expression(leaves)
    if not isinstance(root, Value):
        raise ExpressionError(f"{cut(text)} is {root!r} whatever its names stand for; there is nothing to differentiate")
    return root, leaves


def _function(text: str, values: Sequence[str]) -> tuple[Callable[..., Scalar], list[float]]:
    """The expression as a function of its names, and the numbers they stand for."""
    expression, numbers = _read(text, values)
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in numbers]

    def function(*arguments: Scalar) -> Scalar:
        result = expression(dict(zip(numbers, arguments, strict=True)))
        return result if isinstance(result, Value) else Value(result)  # a branch that is a number: its derivatives are 0

    function.__name__ = cut(text)
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return function, list(numbers.values())


def _read(text: str, values: Sequence[str]) -> tuple[ParsedExpression, dict[str, float]]:
    expression = ParsedExpression(text)
    numbers = numbers_of(values, expression.names)
    expression.assert_known(numbers)
    unused = [name for name in numbers if name not in expression.names]
    if unused:
        raise ExpressionError(
            f"{unused[0]!r} isn't in the expression; leave it out{did_you_mean(unused[0], expression.names)}"
        )
    return expression, numbers


def numbers_of(values: Sequence[str], names: Sequence[str] = ()) -> dict[str, float]:
    """What ``x=1`` and the like say; ``names`` are those that want a number.

    >>> numbers_of(["x=1", "angle=pi/2"])
    {'x': 1.0, 'angle': 1.5707963267948966}

    Raises ExpressionError for anything else, for a name that is taken, and for one given twice.
    """
    numbers: dict[str, float] = {}
    for text in values:
        name, equals, number = text.partition("=")
        name = normalize("NFKC", name.strip())  # as Python reads names
        if not equals or not name.isidentifier():
            wanted = [name] if name in names else [x for x in names if not any(v.startswith(f"{x}=") for v in values)]
            instead = f"write {wanted[0]}=1" if wanted else "leave it out" if names else "write x=1"
            raise ExpressionError(f"{text!r} gives no name a number; {instead}")
        if name in numbers or name in FUNCTIONS:
            raise ExpressionError(
                f"{name!r} is {'given twice' if name in numbers else 'a function, not a name for a number'}"
            )
        numbers[name] = _number(name, number)
    return numbers


def _number(name: str, text: str) -> float:
    """What stands after ``name=``: a number, or arithmetic with numbers."""
    if re.fullmatch(r"\s*[+-]?\d+,\d+\s*", text):
        raise ExpressionError(f"the value of {name}: {text!r} has a comma; write {name}={text.strip().replace(',', '.')}")
    if not text.strip():
        raise ExpressionError(f"the value of {name}: the expression is empty; write {name}=1")
    try:
        expression = ParsedExpression(text)
        if not set(expression.names) <= set(CONSTANTS):
            unknown = next(each for each in expression.names if each not in CONSTANTS)
            hint = did_you_mean(unknown, CONSTANTS)
            raise ExpressionError(f"{unknown!r} has no value there; write a number, {name}=1 or {name}=pi/4{hint}")
        return float(expression({}))
    except ExpressionError as error:
        raise ExpressionError(f"the value of {name}: {error}") from None


def _chosen(wrt: str | None, leaves: Mapping[str, Value]) -> list[Value]:
    """The leaf that is named, or all of them."""
    if wrt is None:
        return list(leaves.values())
    name = normalize("NFKC", wrt)
    if name not in leaves:
        given = ", ".join(leaves) or "no names"
        raise ExpressionError(f"--wrt: the expression has {given}, not {wrt!r}{did_you_mean(name, leaves)}")
    return [leaves[name]]
