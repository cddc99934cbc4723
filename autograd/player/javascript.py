"""The rule table in JavaScript: formulas are printed from the table, float functions are in floats.js and special.js.

>>> from autograd.rules.table import RULES
>>> print(partials_source(RULES["tanh"], 1))
(y, x0) => [square(sech(x0))]
>>> print(value_source(RULES["sech"]))
(x0) => {
  const t1 = exp(-abs(x0));
  return div(2 * t1, 1 + t1 * t1);
}
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Sequence
from importlib import resources
from math import isinf, isnan
from typing import Any

from autograd.player.tracing import Program, Symbol, trace
from autograd.rules import special
from autograd.rules.table import RULES, Rule

CONSTANTS = ("BERNOULLI", "LGAMMA_AT_2", "DIGAMMA_ROOT", "DIGAMMA_ROOT_LOW", "DIGAMMA_AT_ROOT")  # of special.py

_PRECEDENCE = {"where": 0, "==": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "neg": 4}
_ATOM = 5


def number(x: float) -> str:
    """A float as a literal that JavaScript reads back to the last bit, and ``Number()`` too.

    >>> [number(x) for x in (2.0, -0.0, 1e-320, float("nan"), -float("inf"))]
    ['2', '-0', '1e-320', 'NaN', '-Infinity']
    """
    if isnan(x):
        return "NaN"
    return ("-" * (x < 0.0) + "Infinity") if isinf(x) else repr(float(x)).removesuffix(".0")


# -- programs ------------------------------------------------------------------------------------


def function_source(program: Program, names: Sequence[str], many: bool) -> str:
    """A program as an arrow function of its inputs' ``names``; with ``many`` results an array of them.

    What is used once stands where it is used.
    """
    uses = program.uses()
    texts: list[tuple[str, int]] = []  # of every step, and how tightly it binds
    lines: list[str] = []
    for i, step in enumerate(program.steps):
        if step.operation == "input":
            texts.append((names[i], _ATOM))
            continue
        text = _expression(step.operation, step.operands, texts)
        if uses[i] > 1:
            lines.append(f"  const t{len(lines) + 1} = {text[0]};\n")
            text = f"t{len(lines)}", _ATOM
        texts.append(text)
    results = [_written(result, texts, 0) for result in program.results]
    result = f"[{', '.join(results)}]" if many else results[0]
    head = f"({', '.join(names)}) =>"
    return f"{head} {{\n{''.join(lines)}  return {result};\n}}" if lines else f"{head} {result}"


def _expression(operation: str, operands: Sequence[Any], texts: list[tuple[str, int]]) -> tuple[str, int]:
    """A step as an expression and its precedence."""
    own = _PRECEDENCE.get(operation, _ATOM)
    if operation == "neg":
        return f"-{_written(operands[0], texts, own + 1)}", own
    if operation == "item":
        return f"{_written(operands[0], texts, _ATOM)}[{operands[1]}]", _ATOM
    if operation == "where":
        condition, a, b = (_written(x, texts, least) for x, least in zip(operands, (own + 1, own + 1, own), strict=True))
        return f"{condition} ? {a} : {b}", own
    if operation in _PRECEDENCE:
        sign = "===" if operation == "==" else operation
        return f"{_written(operands[0], texts, own)} {sign} {_written(operands[1], texts, own + 1)}", own
    return f"{operation}({', '.join(_written(x, texts, 0) for x in operands)})", _ATOM


def _written(operand: Any, texts: list[tuple[str, int]], least: int) -> str:
    """A symbol or a number where only what binds at least so tightly may stand, else in parentheses."""
    if isinstance(operand, Symbol):
        text, precedence = texts[operand.index]
    else:
        text = number(operand)
        precedence = 4 if text.startswith("-") else _ATOM
    return text if precedence >= least else f"({text})"


# -- rules ---------------------------------------------------------------------------------------


def value_source(rule: Rule) -> str:
    """The value of a composite operation as an arrow function."""
    assert rule.form is not None
    arity = len(inspect.signature(rule.form).parameters) - 1  # without m
    return function_source(trace(rule.form, arity), _operands(arity), many=False)


def partials_source(rule: Rule, arity: int) -> str:
    """The local derivatives of an operation on ``arity`` operands as an arrow function of its result and them."""
    return function_source(trace(rule.partials, 1 + arity), ("y", *_operands(arity)), many=True)


def _operands(arity: int) -> tuple[str, ...]:
    return tuple(f"x{i}" for i in range(arity))


def key(rule: Rule, arity: int) -> str:
    """What an operation on so many operands is called: ``dot/4``."""
    return f"{rule.name}/{arity}"


def functions_of(operations: Iterable[tuple[Rule, int]]) -> str:
    """An object ``operations``: for each key [value, local derivatives]. Before it all functions that these need.

    >>> source = functions_of([(RULES["tanh"], 1), (RULES["sum"], 3)])
    >>> print(source[source.index("const sech") :])
    const sech = (x0) => {
      const t1 = exp(-abs(x0));
      return div(2 * t1, 1 + t1 * t1);
    };
    const square = (x0) => x0 * x0;
    const operations = {
      "tanh/1": [tanh, (y, x0) => [square(sech(x0))]],
      "sum/3": [sum, (y, x0, x1, x2) => [1, 1, 1]],
    };
    <BLANKLINE>
    """
    rows = {key(rule, n): f"[{rule.name}, {partials_source(rule, n)}]" for rule, n in operations}
    table = "".join(f"  {json.dumps(name)}: {row},\n" for name, row in rows.items())
    values, words = _values(table)
    special_functions = file("special.js")
    if words.isdisjoint(re.findall(r"^(?:const|function) (\w+)", special_functions, re.MULTILINE)):
        special_functions = ""
    else:
        values[:0] = [f"const {name} = {json.dumps(getattr(special, name))};\n" for name in CONSTANTS]
    return f"{file('floats.js')}{''.join(values)}{special_functions}const operations = {{\n{table}}};\n"


def _values(source: str) -> tuple[list[str], set[str]]:
    """The composite values that a source calls, directly or not, in the order of their names; and all words in them."""
    values: dict[str, str] = {}
    words = set(re.findall(r"\w+", source))
    while missing := sorted(name for name in words - set(values) if name in RULES and RULES[name].form):
        values |= {name: f"const {name} = {value_source(RULES[name])};\n" for name in missing}
        words.update(re.findall(r"\w+", "".join(values.values())))
    return [values[name] for name in sorted(values)], words


def file(name: str) -> str:
    """A file of this package, as text."""
    return resources.files("autograd.player").joinpath("assets", name).read_text(encoding="utf-8")
