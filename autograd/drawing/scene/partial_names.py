"""Names the gradient of every edge: ∂L/∂w, beside its number.

>>> from autograd import Value
>>> from autograd.drawing.level_of_detail import compose
>>> w, x = Value(3.0, name="w"), Value(2.0, name="x")
>>> L = (w * x).square(); L.name = "L"
>>> L.backward()
>>> [edge.gradient_text for edge in with_partial_names(compose(L)).edges]
['∂L/∂w = 24', '∂L/∂x = 36', '∂L/∂(w·x) = 12', '∂L/∂L = 1']

A node without a name is called by its formula, in which … stands for what is long.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from autograd.drawing.scene.labels import power
from autograd.drawing.scene.model import Edge, Scene
from autograd.interop.text import number
from autograd.value import Value

LONGEST, LONG = 16, 5  # characters of a formula; of an operand, where the formula is too long otherwise
MANY_ROOTS = 3  # outputs that are written as a sum; of more it is Σ
TERM, FACTOR, ATOM = range(3)  # how firmly a formula holds together, as what follows + and − or · and / must
_AROUND = {"−": "(−{})", "x²": "{}²", "1/x": "(1/{})", "|·|": "|{}|", "⌊·⌋": "⌊{}⌋", "⌈·⌉": "⌈{}⌉"}
_INFIX = {"+": (" + ", TERM), "−": (" − ", TERM), "×": ("·", FACTOR), "÷": ("/", FACTOR), "Σ": (" + ", TERM)}

Formula = tuple[str, int]  # its text, and how firmly it holds together
_CUT: Formula = ("…", ATOM)


def with_partial_names(scene: Scene) -> Scene:
    """The scene, each gradient with the name of its partial.

    ``∂L/∂x = 3`` where all of x's gradient comes along one edge, ``∂L/∂x += 3`` where several meet, and a bundle's
    none. With several outputs what flows along an edge is of those it leads to, ``∂(a + b)/∂x``.
    """
    formulas = _formulas(scene)
    outputs = _outputs(scene)
    edges = Counter(edge.tail for edge in scene.edges)

    def named(edge: Edge) -> Edge:
        node = _source(edge, scene)
        if node is None or not edge.gradient:
            return edge
        sign = "=" if edges[edge.tail] == 1 else "+="
        return replace(edge, partial=f"∂{outputs[edge.head]}/∂{_atom(formulas.get(node) or _formula(node, {}))} {sign} ")

    return replace(scene, edges=[named(edge) for edge in scene.edges])


def _source(edge: Edge, scene: Scene) -> Value | None:
    """The node whose gradient flows along an edge; None for a bundle."""
    if scene.boxes[edge.head].kind == "output":
        return scene.boxes[edge.head].node
    if edge.user is None or edge.index is None:
        return None
    operand = edge.user.operands[edge.index]
    return None if isinstance(operand, float) else operand


def _outputs(scene: Scene) -> list[str]:
    """For each box the outputs behind it, as one name or a sum in brackets."""
    behind: list[set[int]] = [{i} if box.kind == "output" else set() for i, box in enumerate(scene.boxes)]
    for edge in reversed(scene.edges):  # operands first, so users are complete before what they use
        behind[edge.tail] |= behind[edge.head]
    return [_sum([scene.boxes[i].label for i in sorted(outputs)]) for outputs in behind]


def _sum(names: list[str]) -> str:
    if len(names) > MANY_ROOTS:
        return "Σ"
    return names[0] if len(names) == 1 else f"({' + '.join(names)})"


def _formulas(scene: Scene) -> dict[Value, Formula]:
    """The formula of each node that has a box of its own; a leaf goes by the name in its box."""
    formulas: dict[Value, Formula] = {}
    dot_of = {parts[-1]: dot for dot, parts in scene.dots.items()}
    for box in scene.boxes:
        if box.node is not None and box.kind in ("leaf", "operation"):
            formula = (box.label, ATOM) if box.kind == "leaf" else _formula(box.node, formulas)
            formulas[box.node] = formulas[dot_of.get(box.node, box.node)] = formula
        elif box.node is not None and box.kind == "output":
            formulas[box.node] = (box.label, ATOM)
    return formulas


def _formula(node: Value, known: dict[Value, Formula]) -> Formula:
    """A node's name, or its operation on those of its operands, as short as it must be."""
    if node.name or node.op is None:
        return node.name or number(node.data), ATOM
    operands = [(number(x), ATOM) if isinstance(x, float) else _whole(known.get(x, _CUT)) for x in node.operands]
    formula = _applied(node.op, operands)
    if len(formula[0]) <= LONGEST:
        return formula
    short = _applied(node.op, [operand if len(operand[0]) < LONG else _cut(operand) for operand in operands])
    return short if len(short[0]) <= LONGEST else (node.op, ATOM)


def _applied(symbol: str, operands: list[Formula]) -> Formula:
    """The operation ``symbol`` on operands, as it is written by hand."""
    if symbol in _INFIX and len(operands) > 1:
        sign, firmness = _INFIX[symbol]
        strict = firmness + (symbol in "−÷")  # x − (y − z): what is right of these must hold together more firmly
        first, *others = operands
        return sign.join([_bracketed(first, firmness), *(_bracketed(x, strict) for x in others)]), firmness
    if symbol == "**":
        base, exponent = map(_atom, operands)
        return power(base, exponent), ATOM
    if symbol in _AROUND:
        return _AROUND[symbol].format(operands[0][0] if symbol[0] in "|⌊⌈" else _atom(operands[0])), ATOM
    return f"{symbol}({', '.join(text for text, _ in operands)})", ATOM


def _whole(formula: Formula) -> Formula:
    """A sum or product without some of its operands says no more than … alone."""
    return _CUT if "…" in formula[0] and formula[1] < ATOM else formula


def _cut(formula: Formula) -> Formula:
    """tanh(…) for tanh(w·x + b), else … alone."""
    function = re.match(r"[^\W\d]\w*(?=\()", formula[0])
    return (f"{function[0]}(…)", ATOM) if function and formula[1] == ATOM else _CUT


def _bracketed(formula: Formula, firmness: int) -> str:
    return formula[0] if formula[1] >= firmness else f"({formula[0]})"


def _atom(formula: Formula) -> str:
    return _bracketed(formula, ATOM)
