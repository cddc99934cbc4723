"""A graph as Python: what evaluates to the same number, to the last bit.

>>> from autograd import Value, sin
>>> x = Value(2.0, name="x")
>>> y = (x + 1.0) ** 2
>>> python_source(sin(y) / y)[0]
'(\\n    t1 := (x + 1.0) ** 2.0,\\n    sin(t1) / t1,\\n)[-1]'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd.graph import topological_order
from autograd.program.languages import AUTOGRAD, call
from autograd.program.printer import ATOM, Form, Printed, write
from autograd.program.spelling import RESERVED, identifier
from autograd.rules.table import RULES, Digits, Rule
from autograd.symbolic.names import Names
from autograd.value import Value

WIDTH = 70  # characters of a step that is written where it is used
# On plain numbers Python raises where ours follow IEEE 754, so these are called by name.
RAISING = {"div": "div", "floordiv": "floordiv", "mod": "mod", "pow": "pow", "power": "pow"}


def python_source(root: Value) -> tuple[str, dict[str, Value]]:
    """A Python expression for ``root``, and the Values that its names stand for.

    Evaluate it with those names, autograd's functions and your own primitives' bound. Shared and long parts are
    named with ``:=`` on lines of their own.
    """
    order = topological_order(root)
    functions = {identifier(node._rule.name) for node in order if node._rule is not None}
    names = Names(order, identifier, {*RESERVED, *RULES, *functions, "float"})
    uses = Counter(parent for node in order for parent in node.parents)
    pieces: dict[Value, Printed] = {}
    lines: list[str] = []
    constant: set[Value] = set()  # what depends on no named leaf is a plain number in Python
    for node in order:
        if _is_constant(node, constant):
            constant.add(node)
        piece = _piece(node, pieces, names, node in constant)
        if node.op and node is not root and (node.name or uses[node] > 1 or len(piece.text) > WIDTH) and _is_compound(piece):
            lines.append(f"{names.automatic(node)} := {piece.text}")
            piece = Printed(names[node])
        pieces[node] = piece
    variables = {names[node]: node for node in order if not node.op and node.name}
    last = pieces[root].text
    return ("(\n    " + ",\n    ".join([*lines, last]) + ",\n)[-1]" if lines else last), variables


def _is_constant(node: Value, constant: set[Value]) -> bool:
    return all(parent in constant for parent in node.parents) if node.op else not node.name


def _is_compound(piece: Printed) -> bool:
    return piece.level != ATOM or "(" in piece.text


def _piece(node: Value, pieces: dict[Value, Printed], names: Names, constant: bool) -> Printed:
    if node._rule is None:
        return Printed(names[node]) if node.name else AUTOGRAD.number(node.data)
    operands = [AUTOGRAD.number(x) if isinstance(x, float) else pieces[x] for x in node.operands]
    return _applied(node._rule, operands, constant)


def _applied(rule: Rule, operands: Sequence[Printed], constant: bool) -> Printed:
    """An operation on expressions; ``constant`` where all of them are plain numbers."""
    if isinstance(rule.source, Digits):  # not by a name: autograd's round takes no digits
        return write(Form(f"{{0}}.__round__({rule.source.digits})", ATOM, (ATOM,)), operands)
    if rule.source:
        return write(call(identifier(rule.name)), operands)
    if rule.name in ("where", "identity"):
        return operands[0]
    if constant and rule.name in RAISING:
        return write(call(RAISING[rule.name]), operands)
    return AUTOGRAD.write(rule.name, operands)
