"""A ``dot`` in a drawing: its products, then their sum, so that one sees which weight meets which input.

>>> from autograd import Value, dot
>>> w, x, b = Value(2.0, name="w"), Value(3.0, name="x"), Value(1.0, name="b")
>>> y = dot([w, b], [x, 1.0])
>>> [(part.op, part.data) for part in parts_of(y)]
[('×', 6.0), ('+', 7.0)]

A bias, which is b times 1 in a neuron's dot, is a term of the sum as it is.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from autograd.drawing.scene.blocks import NodeBlock, copied, fill_uses
from autograd.drawing.scene.folding import MANY
from autograd.drawing.scene.parameters import is_bias
from autograd.rules.table import DOT, RULES, Rule
from autograd.value import Value

Parts = dict[Value, tuple[Value, ...]]  # for each dot its products, and at last their sum


def spelled_out(blocks: list[NodeBlock], highlighted: Set[Value] = frozenset()) -> tuple[list[NodeBlock], Parts]:
    """The blocks with each dot that isn't folded in parts, and these parts. The given blocks stay as they are."""
    parts = {block.nodes[0]: parts_of(block.nodes[0]) for block in blocks if _is_dot(block)}
    if not parts:
        return blocks, {}
    spelled: list[NodeBlock] = []
    for block in copied(blocks):
        of = parts.get(block.nodes[0]) if block.single else None
        spelled += _put_apart(block, of, highlighted) if of else [block]
    return spelled, parts


def _is_dot(block: NodeBlock) -> bool:
    """Whether it is a single dot whose operands can be told apart: those from a folded box as far as they are few."""
    if not block.single or block.nodes[0]._rule is not DOT:
        return False
    return all(b.count == len(b.some) if tail.single else b.count <= MANY for tail, b in block.uses.items())


def parts_of(node: Value) -> tuple[Value, ...]:
    """The products of a dot, and their sum, which stands for the dot: nodes with its gradient, for the drawing alone."""
    half = len(node.operands) // 2
    pairs = list(zip(node.operands[:half], node.operands[half:], strict=True))
    if len(pairs) == 1:
        return (_part(node, RULES["mul"], pairs[0], node._number, node.name),)
    terms = [_term(node, a, b) for a, b in pairs]
    products = [x for x, pair in zip(terms, pairs, strict=True) if isinstance(x, Value) and all(x is not y for y in pair)]
    return (*products, _part(node, RULES["add" if len(terms) == 2 else "sum"], terms, node._number, node.name))


def _term(node: Value, a: Value | float, b: Value | float) -> Value | float:
    """a·b: a product of its own, or a bias, or the number that two numbers make."""
    if isinstance(a, float) and isinstance(b, float):
        return a * b
    for bias, one in ((a, b), (b, a)):
        if isinstance(bias, Value) and isinstance(one, float) and one == 1.0 and is_bias(bias):
            return bias
    return _part(node, RULES["mul"], (a, b), _number(a) * _number(b))


def _number(x: Value | float) -> float:
    return x if isinstance(x, float) else x._number


def _part(node: Value, rule: Rule, operands: Sequence[Value | float], data: float, name: str | None = None) -> Value:
    """A node in the place of ``node``: as old, in its group, with its gradient."""
    part = Value(data, name)
    part._connect(rule, operands)
    part._order, part._grad, part.scope = node._order, node._grad, node.scope
    return part


def _put_apart(block: NodeBlock, parts: tuple[Value, ...], highlighted: Set[Value]) -> list[NodeBlock]:
    """A block for each of ``parts``; that of the sum is ``block`` itself, which others use."""
    home = {operand: tail for tail, bundle in block.uses.items() for operand, _, _ in bundle.some}
    *products, total = parts
    made = [NodeBlock("node", [product], block.scope) for product in products]
    block.nodes, block.uses = [total], {}
    home.update(zip(products, made, strict=True))
    for part in (*made, block):
        fill_uses(part, home, highlighted)
    return [*made, block]
