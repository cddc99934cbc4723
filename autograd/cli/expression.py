"""``ParsedExpression``: arithmetic as a person types it, read by ``ast`` and never by ``eval``.

>>> f = ParsedExpression("(x + y)**2 + sin(0)")
>>> f.names, f({"x": 1.0, "y": 2.0})
(('x', 'y'), 9.0)
>>> ParsedExpression("sine(x)")
Traceback (most recent call last):
autograd.cli.expression.ExpressionError: there is no function 'sine'; did you mean sin, sinh, sinc?

An expression holds numbers, names, + - * / // % **, comparisons, ``a if c else b``, lists and the operations of
autograd's rule table. Everything else is refused before anything is computed.
"""

from __future__ import annotations

import ast
import inspect
import math
import operator
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

from autograd import functions
from autograd.interop.coerce import as_number
from autograd.rules.table import RULES
from autograd.value import Value

LONGEST = 5000  # characters
SHOWN = 40  # of a part in a message

Scalar: TypeAlias = Value | float
Result: TypeAlias = Scalar | bool | list[Scalar]
Results: TypeAlias = dict[ast.expr, Result]
Values: TypeAlias = Mapping[str, Scalar]

FUNCTIONS: dict[str, Callable[..., Result]] = {name: getattr(functions, name) for name in RULES if hasattr(functions, name)}
CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau, "inf": math.inf, "nan": math.nan}


def _power(a: Scalar, b: Scalar) -> Scalar:
    return a**b if isinstance(a, Value) else functions.pow(a, b)


OPERATORS: dict[type[ast.AST], Callable[..., Result]] = {
    ast.Add: functions.add,
    ast.Sub: functions.sub,
    ast.Mult: functions.mul,
    ast.Div: functions.div,
    ast.FloorDiv: functions.floordiv,
    ast.Mod: functions.mod,
    ast.Pow: _power,
    ast.USub: functions.neg,
    ast.UAdd: lambda x: x,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
HINTS: dict[type[ast.AST], str] = {
    ast.BitXor: "write ** for a power",
    ast.And: "nest one 'a if c else b' in another",
    ast.Or: "nest one 'a if c else b' in another",
}
ALLOWED = "numbers, names, + - * / // % **, comparisons, 'a if c else b' and autograd's functions are"


class ExpressionError(ValueError):
    """What is typed isn't an expression, or can't be computed; the message is one line."""


class ParsedExpression:
    """A function of its ``names``, called with a number or Value for each: numbers give a number, Values a Value."""

    def __init__(self, text: str):
        self.text = text
        self._nodes = _in_order(_parsed(text))
        for node in self._nodes:
            _check(node, text)
        called = {id(node.func) for node in self._nodes if isinstance(node, ast.Call)}
        self._nodes = [node for node in self._nodes if id(node) not in called]
        self.names = tuple(dict.fromkeys(node.id for node in self._nodes if isinstance(node, ast.Name)))

    def assert_known(self, names: Collection[str]) -> None:
        """Raise ExpressionError where a name is neither among these nor a constant."""
        unknown = [name for name in self.names if name not in names and name not in CONSTANTS]
        functions_ = [name for name in unknown if name in FUNCTIONS]
        if functions_:
            raise ExpressionError(
                f"{functions_[0]} is a function; write {functions_[0]}(…), such as {self._example(functions_[0])}"
            )
        if unknown:
            shown, have = " and ".join(repr(cut(name)) for name in unknown), "has" if len(unknown) == 1 else "have"
            hint = did_you_mean(unknown[0], [*names, *CONSTANTS])
            numbers = " ".join(f"{name}=1" for name in unknown)
            raise ExpressionError(f"{shown} {have} no value; add {numbers}, or another number{hint}")

    def __call__(self, values: Values) -> Scalar:
        self.assert_known(values)
        results: Results = {}
        for node in self._nodes:
            results[node] = _COMPUTED[type(node)](node, results, values)
        return self._single(results[self._nodes[-1]])

    def _single(self, result: Result) -> Scalar:
        if isinstance(result, bool):
            side = next((name for name in self.names if name not in CONSTANTS), "1")
            choice = f"where({' '.join(self.text.split())}, {side}, -{side})"
            raise ExpressionError(f"{cut(self.text)} is a comparison; expected a number, such as {choice}")
        if isinstance(result, list):
            shown = " ".join(self.text.split())
            bare = isinstance(self._nodes[-1], ast.Tuple) and not shown.startswith("(")
            one = (f"({shown})[0]" if bare else f"{shown}[0]") if result else "1"
            raise ExpressionError(f"{cut(self.text)} gives {len(result)} numbers; pick one, such as {one}")
        return result

    def _example(self, function: str) -> str:
        """A call of a function, by the first of the names that is none."""
        needed = [p for p in inspect.signature(FUNCTIONS[function]).parameters.values() if p.default is p.empty]
        argument = next((name for name in self.names if name not in FUNCTIONS), "x")
        more = "" if argument in self.names else " with x=1"
        return f"{function}({', '.join([argument] * len(needed))}){more}"


# -- reading -----------------------------------------------------------------------------------------------


def _parsed(text: str) -> ast.expr:
    if not text.strip():
        raise ExpressionError("the expression is empty; write one, such as 'x**2'")
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression has {len(text)} characters; at most {LONGEST} are read")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on the expression as a program
            return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        where = f" at character {error.offset}" if error.offset else ""
        raise ExpressionError(f"can't read {cut(text)!r}: {error.msg}{where}") from None
    except (MemoryError, RecursionError):
        raise ExpressionError("the expression is nested too deeply") from None
    except ValueError as error:
        raise ExpressionError(f"can't read {cut(text)!r}: {error}") from None


def _in_order(tree: ast.expr) -> list[ast.expr]:
    """Every part of an expression, each after its own parts, from left to right. A loop: depth costs nothing."""
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return found[::-1]


def _check(node: ast.expr, text: str) -> None:
    """Refuse a part that isn't arithmetic."""
    if type(node) not in _COMPUTED or not _CHECKS.get(type(node), bool)(node):
        part = cut(ast.get_source_segment(text.strip(), node) or text)
        operation: ast.AST = getattr(node, "op", node)
        hint = _as_call(node, text, part) if isinstance(node, ast.Attribute) else HINTS.get(type(operation), ALLOWED)
        raise ExpressionError(f"{part!r} isn't part of an expression; {hint}")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in FUNCTIONS:
        raise ExpressionError(f"there is no function {cut(node.func.id)!r}{did_you_mean(node.func.id, FUNCTIONS)}")


def _as_call(node: ast.Attribute, text: str, part: str) -> str:
    """How to write a method's call, with what is called here where that is a function."""
    owner = ast.get_source_segment(text.strip(), node.value) or ""
    known = node.attr in FUNCTIONS and len(owner) < SHOWN
    return f"write {node.attr}({owner}) instead of {part}()" if known else "write sin(x) instead of x.sin()"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint at names that look alike, empty where none does.

    >>> did_you_mean("logg", ["log", "exp"])
    '; did you mean log?'
    """
    near = get_close_matches(name[:SHOWN], known)
    return f"; did you mean {', '.join(near)}?" if near else ""


def cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


_CHECKS: dict[type[ast.expr], Callable[..., bool]] = {
    ast.Constant: lambda node: type(node.value) in (int, float),
    ast.Call: lambda node: isinstance(node.func, ast.Name) and not node.keywords,
    ast.Compare: lambda node: len(node.ops) == 1 and type(node.ops[0]) in OPERATORS,
    ast.BinOp: lambda node: type(node.op) in OPERATORS,
    ast.UnaryOp: lambda node: type(node.op) in OPERATORS,
    ast.Subscript: lambda node: isinstance(node.slice, ast.Constant) and type(node.slice.value) is int,
}

# -- computing ---------------------------------------------------------------------------------------------


def _number(node: ast.expr, results: Results) -> Any:
    """What a part is, where no comparison can stand."""
    if isinstance(results[node], bool):
        written = ast.unparse(node)
        raise ExpressionError(f"{cut(written)} is a comparison; expected a number, such as where({written}, 1, 0)")
    return results[node]


def _call(node: ast.Call, results: Results, _: Values) -> Result:
    name = ast.unparse(node.func)
    function, first = FUNCTIONS[name], int(name == "where")  # of which the first argument is a condition
    arguments = [results[argument] for argument in node.args[:first]] + [_number(x, results) for x in node.args[first:]]
    try:
        inspect.signature(function).bind(*arguments)
        result: Result = function(*arguments)
    except (TypeError, ValueError) as error:
        raise ExpressionError(f"{name}: {str(error).removeprefix(f'{name}: ')}") from None
    return result


def _operation(node: ast.AST, *operands: Result) -> Result:
    try:
        return OPERATORS[type(node)](*operands)
    except TypeError as error:
        raise ExpressionError(str(error)) from None


def _choice(node: ast.IfExp, results: Results) -> Result:
    test = results[node.test]
    condition = test != 0 if isinstance(test, Value | float | int) and not isinstance(test, bool) else test  # as if does
    try:
        result: Result = functions.where(condition, _number(node.body, results), _number(node.orelse, results))
    except TypeError as error:
        raise ExpressionError(str(error)) from None
    return result


def _item(node: ast.Subscript, results: Results, _: Values) -> Result:
    items, index = results[node.value], int(ast.literal_eval(node.slice))
    if isinstance(items, list) and -len(items) <= index < len(items):
        return items[index]
    has = f"has {len(items)} numbers" if isinstance(items, list) else "is a number"
    raise ExpressionError(f"there is no [{index}]: what stands before it {has}")


_COMPUTED: dict[type[ast.expr], Callable[..., Result]] = {
    ast.Constant: lambda node, *_: as_number(node.value, "a number"),
    ast.Name: lambda node, _, values: values[node.id] if node.id in values else CONSTANTS[node.id],
    ast.BinOp: lambda node, results, _: _operation(node.op, _number(node.left, results), _number(node.right, results)),
    ast.UnaryOp: lambda node, results, _: _operation(node.op, _number(node.operand, results)),
    ast.Compare: lambda node, results, _: _operation(
        node.ops[0], _number(node.left, results), _number(node.comparators[0], results)
    ),
    ast.IfExp: lambda node, results, _: _choice(node, results),
    ast.Call: _call,
    ast.List: lambda node, results, _: [_number(item, results) for item in node.elts],
    ast.Tuple: lambda node, results, _: [_number(item, results) for item in node.elts],
    ast.Subscript: _item,
}
