"""A graph as Python: what evaluates to the same number, to the last bit.

>>> from autograd import Value, sin
>>> x = Value(2.0, name="x")
>>> y = (x + 1.0) ** 2
>>> python_source(sin(y) / y)[0]
'(\\n    t1 := (x + 1.0) ** 2.0,\\n    sin(t1) / t1,\\n)[-1]'
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from keyword import kwlist
from unicodedata import normalize

from autograd.graph import topological_order
from autograd.rules.table import RULES, Rule
from autograd.symbolic.names import Names
from autograd.value import Value

WIDTH = 70  # characters of a step that is written where it is used
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # how tightly an expression holds together
# Symbol, the least its left and right operands must hold together, and what it does itself.
INFIX = {
    "add": ("+", SUM, PRODUCT, SUM),
    "sub": ("-", SUM, PRODUCT, SUM),
    "mul": ("*", PRODUCT, SIGN, PRODUCT),
    "div": ("/", PRODUCT, SIGN, PRODUCT),
    "floordiv": ("//", PRODUCT, SIGN, PRODUCT),
    "mod": ("%", PRODUCT, SIGN, PRODUCT),
    "pow": ("**", ATOM, SIGN, POWER),
    "power": ("**", ATOM, SIGN, POWER),
}
RAISING = ("div", "floordiv", "mod", "pow", "power")  # on plain numbers Python raises where ours follow IEEE 754

Piece = tuple[str, int]


def python_source(root: Value) -> tuple[str, dict[str, Value]]:
    """A Python expression for ``root``, and the Values that its names stand for.

    Evaluate it with those names, autograd's functions and your own primitives' bound. Shared and long parts are
    named with ``:=`` on lines of their own.
    """
    order = topological_order(root)
    functions = {identifier(node._rule.name) for node in order if node._rule is not None}
    names = Names(order, identifier, {*kwlist, *RULES, *functions, "float"})
    uses = Counter(parent for node in order for parent in node.parents)
    pieces: dict[Value, Piece] = {}
    lines: list[str] = []
    constant: set[Value] = set()  # what depends on no named leaf is a plain number in Python
    for node in order:
        if _is_constant(node, constant):
            constant.add(node)
        piece = _piece(node, pieces, names, node in constant)
        if node.op and node is not root and (node.name or uses[node] > 1 or len(piece[0]) > WIDTH) and _is_compound(piece):
            lines.append(f"{names.automatic(node)} := {piece[0]}")
            piece = names[node], ATOM
        pieces[node] = piece
    variables = {names[node]: node for node in order if not node.op and node.name}
    last = pieces[root][0]
    return ("(\n    " + ",\n    ".join([*lines, last]) + ",\n)[-1]" if lines else last), variables


def _is_constant(node: Value, constant: set[Value]) -> bool:
    return all(parent in constant for parent in node.parents) if node.op else not node.name


def _is_compound(piece: Piece) -> bool:
    return piece[1] != ATOM or "(" in piece[0]


def _piece(node: Value, pieces: dict[Value, Piece], names: Names, constant: bool) -> Piece:
    if node._rule is None:
        return (names[node], ATOM) if node.name else literal(node.data)
    operands = [literal(x) if x.__class__ is float else pieces[x] for x in node.operands]
    return applied(node._rule, operands, constant)


def applied(rule: Rule, operands: Sequence[Piece], constant: bool = False) -> Piece:
    """An operation on expressions; ``constant`` where all of them are plain numbers."""
    texts = [text for text, _ in operands]
    if rule.source:
        return _called(rule.name, texts), ATOM
    if rule.name in ("where", "identity"):
        return operands[0]
    if rule.name == "neg":
        return f"-{_grouped(operands[0], SIGN)}", SIGN
    if rule.name in INFIX and not (constant and rule.name in RAISING):
        symbol, left, right, own = INFIX[rule.name]
        return f"{_grouped(operands[0], left)} {symbol} {_grouped(operands[1], right)}", own
    return f"{_FUNCTIONS.get(rule.name, _called)(rule.name, texts)}", ATOM


def _called(name: str, texts: list[str]) -> str:
    return f"{identifier(name)}({', '.join(texts)})"


def _dot(_: str, texts: list[str]) -> str:
    half = len(texts) // 2
    return f"dot([{', '.join(texts[:half])}], [{', '.join(texts[half:])}])"


_FUNCTIONS = {
    "power": lambda _, texts: _called("pow", texts),
    "softmax": lambda name, texts: f"{name}([{', '.join(texts)}])[0]",
    "log_softmax": lambda name, texts: f"{name}([{', '.join(texts)}])[0]",
    "dot": _dot,
}


def _grouped(piece: Piece, level: int) -> str:
    return piece[0] if piece[1] >= level else f"({piece[0]})"


def literal(x: float) -> Piece:
    """A float that Python reads as the same float.

    >>> literal(-0.0), literal(float("inf"))
    (('-0.0', 2), ('float("inf")', 4))
    """
    if not math.isfinite(x):
        return f'float("{x}")', ATOM
    return repr(x), SIGN if repr(x).startswith("-") else ATOM


def identifier(name: str) -> str:
    """A name as Python allows it.

    >>> identifier("layer0.w[1]"), identifier("2nd"), identifier("ŷ")
    ('layer0_w_1_', '_2nd', 'ŷ')
    """
    word = re.sub(r"\W", "_", normalize("NFKC", name))
    return word if word.isidentifier() else f"_{word}" if f"_{word}".isidentifier() else "_"
