"""Folding: which nodes share a box where there are too many for a box each.

Each group becomes a box, the innermost first; so do sums (Σ), other long chains, and nodes of one operation on operands
from the same boxes. Each step is one walk over nodes or blocks: 10⁶ nodes take about 10 s.

>>> from autograd import Value
>>> from autograd.graph import reverse_topological_order
>>> total = Value(0.0)
>>> for i in range(100):
...     total = total + Value(float(i)).exp()
>>> for blocks in foldings(reverse_topological_order(total), 50):
...     print([(block.kind, len(block.nodes)) for block in blocks])
[('leaves', 101), ('alike', 100), ('sum', 100)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from itertools import chain
from operator import attrgetter

from autograd.drawing.scene.blocks import NodeBlock, merged, with_uses
from autograd.drawing.scene.components import components
from autograd.drawing.scene.groups import DEEPEST, Path, shared
from autograd.rules.table import RULES
from autograd.value import Value

MANY = 6  # sums, chains and sets of like nodes are folded if they have more nodes
LARGEST = 100_000  # blocks; with more only the last nodes are shown
PLUS = frozenset([RULES["add"], RULES["sum"]])


def unfolded(order: Sequence[Value]) -> list[NodeBlock]:
    """A block for every node, operands first; ``order`` has the root first."""
    return with_uses([NodeBlock.of(node) for node in reversed(order)])


def foldings(order: list[Value], most: int, highlighted: Set[Value] = frozenset()) -> Iterator[list[NodeBlock]]:
    """Foldings, each coarser than the one before, operands first; none where even the first has over ``LARGEST`` blocks."""
    scopes = set(map(attrgetter("scope"), order))
    deepest = min(max((len(scope) for scope in scopes if scope), default=0), DEEPEST)
    depth = max((d for d in range(1, deepest + 1) if _groups_at(d, scopes) <= most), default=1)
    blocks = _joined(order, depth)
    if blocks is None:
        return
    blocks = _alike(_sorted(with_uses(_short_ones_apart(blocks), highlighted)))
    yield blocks
    for shallower in range(depth - 1, 0, -1):
        blocks = _alike(_sorted(_grouped(blocks, shallower)))
        yield blocks


def _groups_at(depth: int, scopes: set[Path | None]) -> int:
    return len({scope[:depth] for scope in scopes if scope})


# -- groups, sums and chains: one walk from the root ------------------------------------------------


def _joined(order: list[Value], depth: int) -> list[NodeBlock] | None:
    """Blocks of groups at ``depth``, of sums and of chains, however short, users first; None if more than ``LARGEST``."""
    users = _users(order)
    into: dict[Value, NodeBlock] = {}
    groups: dict[Path, NodeBlock] = {}
    blocks: list[NodeBlock] = []
    for node in order:
        scope = node.scope
        if scope is not None and len(scope) >= depth:
            block = groups.get(scope)
            if block is None:
                block = groups[scope] = _group_at(depth, scope, groups, blocks)
            block.nodes.append(node)
            continue
        block = into.pop(node, None)
        if block is None:
            block = NodeBlock.of(node)
            blocks.append(block)
            if len(blocks) > LARGEST:
                return None
        else:
            block.nodes.append(node)
        for operand in _joining(node, block, users) if node._rule is not None else ():
            into[operand] = block
    return blocks


def _group_at(depth: int, scope: Path, groups: dict[Path, NodeBlock], blocks: list[NodeBlock]) -> NodeBlock:
    """The block of the group at ``depth`` around ``scope``."""
    path = scope[:depth]
    if path not in groups:
        groups[path] = NodeBlock("group", [], path[:-1], path[-1])
        blocks.append(groups[path])
    return groups[path]


def _users(order: list[Value]) -> Counter[object]:
    """How often each node is an operand. Constants and None are counted too: filtering them would cost more."""
    first = list(map(attrgetter("_a"), order))
    users: Counter[object] = Counter(map(attrgetter("_b"), order))
    users.update([a for a in first if a.__class__ is not tuple])
    users.update(chain.from_iterable(a for a in first if a.__class__ is tuple))
    return users


def _joining(node: Value, block: NodeBlock, users: Counter[object]) -> Sequence[Value]:
    """The operands that join the block of ``node``, their only user: terms of its sum, or its one that is computed."""
    operands = node.operands
    computed = [x for x in operands if not isinstance(x, float) and x._rule is not None]
    if not computed:
        return ()
    if node._rule in PLUS:
        terms = [x for x in computed if x._rule in PLUS and users[x] == 1 and x.scope == node.scope]
        block.summing = block.summing or bool(terms)
        if block.summing:
            return terms
    only = computed[0]
    if users[only] != len(computed) or any(x is not only for x in computed) or only.scope != node.scope:
        return ()
    if only._rule in PLUS and any(x._rule in PLUS for x in only.parents):
        return ()  # it starts a sum, which is a block of its own
    return (only,)


def _short_ones_apart(blocks: list[NodeBlock]) -> list[NodeBlock]:
    """The blocks with their kinds, operands first; sums and chains of up to ``MANY`` nodes are taken apart."""
    apart: list[NodeBlock] = []
    for block in blocks:
        if block.kind == "group" or len(block.nodes) == 1:
            apart.append(block)
        elif len(block.nodes) <= MANY:
            apart += map(NodeBlock.of, block.nodes)
        else:
            block.kind = "sum" if block.summing else "chain"
            apart.append(block)
    apart.sort(key=lambda block: block.nodes[0]._order)
    return apart


# -- order: blocks on a cycle are one block ------------------------------------------------------------


def _sorted(blocks: list[NodeBlock]) -> list[NodeBlock]:
    """The same blocks, operands first; each cycle among them becomes one block."""
    parts = components(blocks, lambda block: block.uses)
    into = {block: cycle for part in parts if len(part) > 1 for cycle in [_cycle(part)] for block in part}
    return merged([block for part in parts for block in part], into)


def _cycle(blocks: list[NodeBlock]) -> NodeBlock:
    """An empty block for ``blocks``, in the innermost group around all of them."""
    scope, names = blocks[0].scope, sorted(block.title for block in blocks if block.title)
    for block in blocks:
        scope = shared(scope, block.scope)
    return NodeBlock("group", [], scope, f"{next(iter(names), '')} …")


def _grouped(blocks: list[NodeBlock], depth: int) -> list[NodeBlock]:
    """The blocks, those in each group at ``depth`` merged into one."""
    groups: dict[Path, NodeBlock] = {}
    into = {}
    for block in blocks:
        path = block.path[:depth]
        if len(path) == depth:
            into[block] = groups.setdefault(path, NodeBlock("group", [], path[:-1], path[-1]))
    return merged(blocks, into)


# -- nodes of one operation ----------------------------------------------------------------------------


def _alike(blocks: list[NodeBlock]) -> list[NodeBlock]:
    """The blocks, nodes of one operation on operands from the same classes of blocks merged if there are many."""
    names = Counter(block.nodes[0].name for block in blocks if block.leaf)
    numbers: dict[object, int] = {}
    likeness: dict[NodeBlock, int] = {}
    classes: list[list[NodeBlock]] = []
    for block in blocks:
        number = likeness[block] = numbers.setdefault(_key(block, likeness, names), len(numbers))
        if number == len(classes):
            classes.append([])
        classes[number].append(block)
    into = {block: union for alike in classes if _many(alike) for union in [_union(alike)] for block in alike}
    return _sorted(merged(blocks, into)) if into else blocks


def _key(block: NodeBlock, likeness: dict[NodeBlock, int], names: Counter[str | None]) -> object:
    """Equal for blocks that are alike; ``likeness`` has the class of each block that is an operand."""
    node = block.nodes[0]
    if block.kind in ("sum", "chain"):
        return block.kind, block.scope, tuple(sorted({likeness[operand] for operand in block.uses}))
    if block.kind not in ("node", "alike"):
        return block
    if block.leaf:
        return "leaf", block.scope, node.name if names[node.name] > MANY else _stem(node.name)
    operands = {(index, likeness[operand]) for operand, bundle in block.uses.items() for _, _, index in bundle.some}
    return node._rule, block.scope, len(node.operands), frozenset(operands)


def _stem(name: str | None) -> str:
    """A name without the number at its end."""
    return (name or "").rstrip("0123456789")


def _many(alike: list[NodeBlock]) -> bool:
    """Whether they are enough to be merged."""
    if alike[0].kind in ("sum", "chain"):
        return len(alike) > MANY
    return len(alike) > 1 and sum(len(block.nodes) for block in alike) > MANY


def _union(alike: list[NodeBlock]) -> NodeBlock:
    """An empty block for those that are alike."""
    first = alike[0]
    if first.kind in ("sum", "chain"):
        return NodeBlock("alike", [], first.scope, "Σ" if first.kind == "sum" else "")
    if not first.leaf:
        return NodeBlock("alike", [], first.scope, first.nodes[0].op or "")
    names = {block.nodes[0].name for block in alike}
    name = first.nodes[0].name or ""
    return NodeBlock("leaves", [], first.scope, name if len(names) == 1 else f"{_stem(name)}…")


# -- last resort: only the latest nodes ------------------------------------------------------------------


def without_the_earliest(blocks: list[NodeBlock], latest: int) -> list[NodeBlock]:
    """The last ``latest`` blocks of operations, leaves that only they use, and one block for all others."""
    operations = [block for block in blocks if not block.leaf]
    early, late = operations[:-latest], operations[-latest:]
    elsewhere = {operand for block in early for operand in block.uses}
    own = dict.fromkeys(x for block in late for x in block.uses if x.leaf and x not in elsewhere)
    shown = {*late, *list(own)[: max(latest - len(late), MANY)]}
    earlier = NodeBlock("earlier")
    return merged(blocks, {block: earlier for block in blocks if block not in shown})


def last_nodes(order: list[Value], latest: int, highlighted: Set[Value] = frozenset()) -> list[NodeBlock]:
    """The last ``latest`` nodes, and one block for all earlier ones: for graphs of more than ``LARGEST`` blocks."""
    return with_uses(
        [NodeBlock("earlier", order[latest:]), *(NodeBlock.of(node) for node in reversed(order[:latest]))], highlighted
    )
