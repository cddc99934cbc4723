"""The rank of each box: its column, or its row from top to bottom. Edges lead to higher ranks only.

The boxes of an edge are at least two ranks apart, to leave a rank for its labels. A group starts after all that leads
into it, so that edges enter it from the left, not through its top or bottom.

>>> from autograd import Value
>>> from autograd.drawing.level_of_detail import compose
>>> x = Value(2.0, name="x")
>>> scene = compose(x * x.exp())
>>> list(zip([box.label for box in scene.boxes], ranks(scene)))
[('x', 0), ('exp', 2), ('×', 4), ('output', 6)]
"""

from __future__ import annotations

from autograd.drawing.scene.groups import Path, groups
from autograd.drawing.scene.model import Scene

Graph = list[list[int]]  # for every vertex its predecessors, or its successors


def ranks(scene: Scene) -> list[int]:
    """The rank of every box, from 0."""
    n = len(scene.boxes)
    operands: Graph = [[] for _ in scene.boxes]
    for edge in scene.edges:
        operands[edge.head].append(edge.tail)
    before = _gated(scene, operands)
    order = _sorted(before)
    rank = [0] * len(before)
    for v in order:
        rank[v] = max((rank[u] + _length(u, v, n) for u in before[v]), default=0)
    _pull_together(rank, order, before, operands)
    first = min(rank[:n])
    return [r - first for r in rank[:n]]


def _length(u: int, v: int, boxes: int) -> int:
    """The least number of ranks between two vertices: 2 between boxes, 1 to and from the gate of a group."""
    return 2 if u < boxes and v < boxes else 1


def _gated(scene: Scene, operands: Graph) -> Graph:
    """``operands`` and a gate for every group: an extra vertex after all that leads into the group, before all in it.

    Where groups lead into each other, gates that would close a cycle are left out.
    """
    paths = [box.scope for box in scene.boxes]
    gates = [_gate(group, paths, operands) for group in groups(paths)]
    graph = _with_gates(operands, gates)
    if _acyclic(graph):
        return graph
    accepted: list[tuple[list[int], list[int]]] = []
    for gate in gates:
        if _acyclic(_with_gates(operands, [*accepted, gate])):
            accepted.append(gate)
    return _with_gates(operands, accepted)


def _acyclic(before: Graph) -> bool:
    return len(_sorted(before)) == len(before)


def _gate(group: Path, paths: list[Path], operands: Graph) -> tuple[list[int], list[int]]:
    """The boxes outside of ``group`` that lead into it, and its own that no other of its boxes leads to."""
    members = [i for i, path in enumerate(paths) if path[: len(group)] == group]
    inside = set(members)
    entering = sorted({tail for i in members for tail in operands[i]} - inside)
    return entering, [i for i in members if inside.isdisjoint(operands[i])]


def _with_gates(operands: Graph, gates: list[tuple[list[int], list[int]]]) -> Graph:
    before = [list(tails) for tails in operands]
    for entering, first in gates:
        if entering:
            for i in first:
                before[i].append(len(before))
            before.append(entering)
    return before


def _after(before: Graph) -> Graph:
    after: Graph = [[] for _ in before]
    for v, earlier in enumerate(before):
        for u in earlier:
            after[u].append(v)
    return after


def _sorted(before: Graph) -> list[int]:
    """The vertices in topological order, without those on cycles and after them."""
    after, waiting = _after(before), [len(earlier) for earlier in before]
    order = [v for v, n in enumerate(waiting) if not n]
    for v in order:
        for w in after[v]:
            waiting[w] -= 1
            if not waiting[w]:
                order.append(w)
    return order


def _pull_together(rank: list[int], order: list[int], before: Graph, operands: Graph) -> None:
    """Move vertices towards their users where that shortens edges: leaves, and what depends on leaves alone."""
    n, after = len(operands), _after(before)
    users = _after(operands)
    drag = [0] * len(before)  # edges that get longer if the vertex moves, with all operands that can move along
    for v in order:
        if v < n:
            drag[v] = sum(min(1, drag[u]) if len(users[u]) == 1 else 1 for u in operands[v])
    for v in reversed(order):
        if after[v] and (v >= n or drag[v] < len(users[v])):
            rank[v] = min(rank[w] - _length(v, w, n) for w in after[v])
