"""Blocks: nodes that share a box, and what flows between blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from autograd.drawing.scene.bundles import SOME, Bundle
from autograd.drawing.scene.groups import Path, path_of
from autograd.value import Value


@dataclass(eq=False, slots=True)
class Block:
    """Nodes that share a box: a ``node`` alone, a ``group``, ``sum``, ``chain``, what is ``alike``, ``leaves``, ``earlier``.

    ``scope`` is the group that its box stands in; ``uses`` are the blocks its operands are in, with the edges from there.
    """

    kind: str
    nodes: list[Value] = field(default_factory=list)
    scope: Path = ()
    title: str = ""
    summing: bool = False
    uses: dict[Block, Bundle] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Value) -> Block:
        """A block for one node."""
        return cls("node", [node], path_of(node.scope))

    @property
    def single(self) -> bool:
        """Whether it is an ordinary node."""
        return self.kind == "node"

    @property
    def leaf(self) -> bool:
        """Whether nothing flows into it."""
        return self.kind == "leaves" or (self.kind == "node" and self.nodes[0]._rule is None)

    @property
    def path(self) -> Path:
        """The group it stands in, or is."""
        return (*self.scope, self.title) if self.kind == "group" else self.scope


def with_uses(blocks: list[Block], lit: Set[Value] = frozenset()) -> list[Block]:
    """The blocks, each knowing which others it uses, and by which of these something of ``lit`` gets into it.

    >>> x = Value(2.0); y = x * x
    >>> with_uses([Block.of(x), Block.of(y)])[1].uses.popitem()[1].count
    2
    """
    home = {node: block for block in blocks for node in block.nodes}
    for block in blocks:
        uses = block.uses
        for node in block.nodes:
            for place, operand in enumerate(node.operands):
                if isinstance(operand, float) or (tail := home[operand]) is block:
                    continue
                bundle = uses.get(tail)
                if bundle is None:
                    bundle = uses[tail] = Bundle()
                bundle.count += 1
                if bundle.count <= SOME:
                    bundle.some.append((operand, node, place))
                if lit and operand in lit:
                    bundle.lit = True
    return blocks


def merged(blocks: Iterable[Block], into: Mapping[Block, Block]) -> list[Block]:
    """The blocks where those in ``into`` have become part of another; the nodes of one stay in order."""
    result: dict[Block, None] = {}
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


def largest_gradients(block: Block, home: Mapping[Value, Block]) -> dict[Block, float]:
    """The gradient largest in size of all that flow from ``block`` to each block it uses; NaN is larger than any."""
    largest: dict[Block, float] = {}
    for node in block.nodes:
        if node.grad is not None:
            for operand, slope in zip(node.operands, node.local_derivatives, strict=True):
                if not isinstance(operand, float) and home[operand] is not block:
                    gradient = float(node.grad) * slope
                    known = largest.setdefault(home[operand], gradient)
                    if not abs(gradient) <= abs(known) and known == known:
                        largest[home[operand]] = gradient
    return largest
