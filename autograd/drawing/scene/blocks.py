"""Blocks: nodes that share a box, with the edges between blocks. Folding merges blocks, the composer draws them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from autograd.drawing.scene.bundles import SOME, Bundle
from autograd.drawing.scene.groups import Path, path_of
from autograd.value import Value


@dataclass(eq=False, slots=True)
class NodeBlock:
    """Nodes that share a box. ``kind`` is node (a single one), group, sum, chain, alike, leaves or earlier.

    ``scope`` is the group that the box stands in; ``uses`` has the blocks of its operands, with the edges from each.
    """

    kind: str
    nodes: list[Value] = field(default_factory=list)
    scope: Path = ()
    title: str = ""
    summing: bool = False
    uses: dict[NodeBlock, Bundle] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Value) -> NodeBlock:
        """A block for one node."""
        return cls("node", [node], path_of(node.scope))

    @property
    def single(self) -> bool:
        """Whether it is one node, not folded."""
        return self.kind == "node"

    @property
    def leaf(self) -> bool:
        """Whether nothing flows into it."""
        return self.kind == "leaves" or (self.kind == "node" and self.nodes[0]._rule is None)

    @property
    def path(self) -> Path:
        """The group it is, or else stands in."""
        return (*self.scope, self.title) if self.kind == "group" else self.scope


def with_uses(blocks: list[NodeBlock], highlighted: Set[Value] = frozenset()) -> list[NodeBlock]:
    """The blocks, their ``uses`` filled in; a bundle is highlighted if one of its operands is.

    >>> x = Value(2.0); y = x * x
    >>> with_uses([NodeBlock.of(x), NodeBlock.of(y)])[1].uses.popitem()[1].count
    2
    """
    home = {node: block for block in blocks for node in block.nodes}
    for block in blocks:
        fill_uses(block, home, highlighted)
    return blocks


def fill_uses(block: NodeBlock, home: Mapping[Value, NodeBlock], highlighted: Set[Value]) -> None:
    """Fill in the ``uses`` of a block whose operands are at ``home`` in others."""
    uses = block.uses
    for node in block.nodes:
        for index, operand in enumerate(node.operands):
            if isinstance(operand, float) or (tail := home[operand]) is block:
                continue
            bundle = uses.get(tail)
            if bundle is None:
                bundle = uses[tail] = Bundle()
            bundle.count += 1
            if bundle.count <= SOME:
                bundle.some.append((operand, node, index))
            if highlighted and operand in highlighted:
                bundle.highlighted = True


def merged(blocks: Iterable[NodeBlock], into: Mapping[NodeBlock, NodeBlock]) -> list[NodeBlock]:
    """The blocks, after each key of ``into`` was merged into its value; nodes stay in order."""
    result: dict[NodeBlock, None] = {}
    for block in blocks:
        target = into.get(block, block)
        result[target] = None
        uses, block.uses = block.uses, {}
        if target is not block:
            target.nodes += block.nodes
        for tail, bundle in uses.items():
            source = into.get(tail, tail)
            if source is not target:
                if source in target.uses:
                    target.uses[source].merge(bundle)
                else:
                    target.uses[source] = bundle
    return list(result)


def copied(blocks: Iterable[NodeBlock]) -> list[NodeBlock]:
    """Blocks of the same nodes that use each other as these do."""
    twins = {block: replace(block, uses={}) for block in blocks}
    for block, twin in twins.items():
        twin.uses = {twins[tail]: bundle for tail, bundle in block.uses.items()}
    return list(twins.values())


def largest_gradients(block: NodeBlock, home: Mapping[Value, NodeBlock]) -> dict[NodeBlock, float]:
    """For each block that ``block`` uses the gradient largest in size that flows there; NaN counts as the largest."""
    largest: dict[NodeBlock, float] = {}
    for node in block.nodes:
        if node.grad_or_none is not None:
            for operand, partial in zip(node.operands, node.local_derivatives, strict=True):
                if not isinstance(operand, float) and home[operand] is not block:
                    gradient = node.grad_or_none * partial
                    known = largest.setdefault(home[operand], gradient)
                    if not abs(gradient) <= abs(known) and known == known:
                        largest[home[operand]] = gradient
    return largest
