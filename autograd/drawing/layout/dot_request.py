"""The request to Graphviz: boxes and waypoints with their sizes, every edge one rank long, groups as clusters.

Only the positions on the cross axis are used of its answer. None of the user's own text is sent.

>>> from autograd import Value
>>> from autograd.drawing.level_of_detail import compose
>>> from autograd.drawing.layout.waypoints import proper_layering
>>> scene = compose(Value(2.0, name="a").exp())
>>> for line in dot_request(scene, proper_layering(scene, [0, 2, 4])).splitlines()[3:8]:
...     print(line)
n0 -> e0 [weight=2]
n1 -> e1 [weight=4]
e0 -> n1 [weight=5]
e1 -> n2 [weight=5]
n0 [width=0.4722 height=0.3889]
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from autograd.drawing.layout.reading_order import columns
from autograd.drawing.layout.sizes import SMALL, TITLE, sizes, text_width
from autograd.drawing.layout.waypoints import Layering
from autograd.drawing.scene.groups import Path, nested
from autograd.drawing.scene.model import Box, Scene
from autograd.interop.text import shortened

COMMUTATIVE = frozenset(["+", "×", "Σ", "mean", "Π", "·", "‖·‖", "max", "min", "hypot", "logaddexp", "logsumexp", "softmax"])


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What the request says of the order in columns.

    ``operands`` has Graphviz keep operands in order, of all operations or of those alone whose order matters; ``chained``
    all vertices of each group, in one pass, as a second one would turn them round; ``step`` -1 lists edges and groups from
    the last to the first, which turns the order of groups round.
    """

    operands: bool = False
    chained: bool = False
    step: int = 1

    def orders(self, box: Box) -> bool:
        """Whether the operands of ``box`` are kept in order."""
        return not self.chained and (ordered(box) or (self.operands and box.kind == "operation"))


FREE = Arrangement()
NODE_GAP = 10.0  # pixels between neighbours in a column
# Weights with which Graphviz straightens edges: from leaves, from operations, between waypoints. It pulls the sides of
# a cluster together with 128.
LEAF, SPINE, LONG = 1, 3, 200


def dot_request(scene: Scene, layering: Layering, arrangement: Arrangement = FREE) -> str:
    """The request in the DOT language."""
    members: dict[Path, list[str]] = defaultdict(list)
    for i, (box, extent) in enumerate(zip(scene.boxes, sizes(scene), strict=True)):
        members[box.scope].append(_node(f"n{i}", extent, " ordering=in" if arrangement.orders(box) else ""))
    for waypoints in layering.waypoints:
        for waypoint in waypoints:
            members[waypoint.scope].append(_node(waypoint.name, waypoint.extent))
    if arrangement.chained:
        for path, chain in _chains(scene, layering):
            members[path].append(chain)
    lines = [
        "digraph {",
        f"rankdir={scene.rankdir} newrank=true splines=none nodesep={NODE_GAP / 72:.3f} ranksep=0.3 "
        f"nslimit={_nslimit(scene, layering):.2f}{' remincross=false' * arrangement.chained}",
        'node [shape=box fixedsize=true label=""]',
        *_segments(scene, layering)[:: arrangement.step],  # first: Graphviz's initial order is that of first mention
        *_tie(scene, layering),
        *_clusters(members, scene.rankdir, list(layering.spans), arrangement.step),
        "}",
    ]
    return "\n".join(lines)


def _node(name: str, extent: tuple[float, float], more: str = "") -> str:
    return f"{name} [width={extent[0] / 72:.4f} height={extent[1] / 72:.4f}{more}]"


def ordered(box: Box) -> bool:
    """Whether the first operand belongs above the second."""
    return box.kind == "operation" and box.node is not None and box.node.op not in COMMUTATIVE


def _chains(scene: Scene, layering: Layering) -> Iterator[tuple[Path, str]]:
    """An edge between neighbours in a column of a group, in reading order, which Graphviz keeps.

    Left to right it turns the order inside of groups round.
    """
    for column in columns(scene, layering):
        alike: dict[Path, list[str]] = defaultdict(list)
        for name, path in column:
            alike[path].append(name)
        for path, names in alike.items():
            for a, b in pairwise(names[::-1] if path and scene.rankdir == "LR" else names):
                yield path, f"{a} -> {b} [minlen=0]"


def _segments(scene: Scene, layering: Layering) -> list[str]:
    """Every edge in segments of one rank. The last segments, into the heads, are listed at the end, in operand order.

    Graphviz's initial order of operands follows theirs. It is reversed for heads in a cluster, as left to right Graphviz
    flips the root graph alone, and for all from top to bottom, where the picture is mirrored afterwards.
    """
    users = Counter(edge.head for edge in scene.edges)
    first: list[str] = []
    last: list[str] = []
    for i, (edge, waypoints) in enumerate(zip(scene.edges, layering.waypoints, strict=True)):
        spine = LEAF if scene.boxes[edge.tail].kind in ("leaf", "constant") else SPINE
        for a, b in pairwise([f"n{edge.tail}", *(waypoint.name for waypoint in waypoints)]):
            first.append(f"{a} -> {b} [weight={LONG if a[0] == 'w' else spine + 1}]")
        last.append(f"e{i} -> n{edge.head} [weight={SPINE + 2 if users[edge.head] == 1 else spine}]")
    reverse = [scene.rankdir == "TB" or bool(scene.boxes[edge.head].scope) for edge in scene.edges]
    first += (segment for segment, backwards in zip(last, reverse, strict=True) if not backwards)
    first += (segment for segment, backwards in zip(last[::-1], reverse[::-1], strict=True) if backwards)
    return first


def _tie(scene: Scene, layering: Layering) -> Iterator[str]:
    """Edges from several outputs to one more vertex: else Graphviz would place graphs that share nothing by themselves."""
    outputs = [i for i, box in enumerate(scene.boxes) if box.kind == "output"]
    end = max(layering.columns) + 1
    for i in outputs if len(outputs) > 1 else ():
        yield f"n{i} -> tie [minlen={end - layering.columns[i]} weight=0]"


def cluster_name(i: int) -> str:
    """Graphviz's name of group number ``i``; "cluster" makes it draw a subgraph as a rectangle."""
    return f"cluster_{i}"


def _clusters(members: dict[Path, list[str]], rankdir: str, paths: list[Path], step: int) -> Iterator[str]:
    """The lines of the nodes, those of each group inside its cluster; clusters from the last on if ``step`` is -1."""
    number = {path: i for i, path in enumerate(paths)}
    children = nested(paths)
    yield from members[()]
    todo: list[Path | None] = [*children[()][::-step]]
    while todo:  # a loop, not recursion, as in every walk of this package
        path = todo.pop()
        if path is None:
            yield "}"
            continue
        yield f"subgraph {cluster_name(number[path])} {{ {_title(path[-1], rankdir)}"
        yield from members[path]
        todo += [None, *children[path][::-step]]


def _title(name: str, rankdir: str) -> str:
    """A dummy label that reserves room for a title: its height from left to right, its width from top to bottom."""
    letters = ceil(text_width(shortened(name), SMALL) / (0.6 * SMALL)) if rankdir == "TB" else 1
    return f'label="{"x" * letters}" fontname=Courier fontsize={TITLE - 4.0:g} margin=8'


def _nslimit(scene: Scene, layering: Layering) -> float:
    """The limit on network simplex iterations (nslimit), lower where there are many waypoints.

    Without it 100 uses of one variable along a chain take Graphviz a minute, and 150 uses four.
    """
    passed = 1 + sum(map(len, layering.waypoints))
    return max(0.01, min(100.0, 3e6 / passed / (passed + len(scene.boxes))))
