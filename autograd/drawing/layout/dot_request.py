"""What Graphviz is asked: the bare graph of boxes and stops, all sizes given, every edge one rank long, groups as clusters.

Its answer says what stands above what, and how far apart. Nothing of the user's own text is in it.

>>> from autograd import Value
>>> from autograd.drawing.level_of_detail import compose
>>> from autograd.drawing.layout.waypoints import plan
>>> scene = compose(Value(2.0, name="a").exp())
>>> for line in skeleton(scene, plan(scene, [0, 2, 4])).splitlines()[3:8]:
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
from itertools import pairwise
from math import ceil

from autograd.drawing.layout.sizes import SMALL, TITLE, sizes
from autograd.drawing.layout.waypoints import Plan
from autograd.drawing.scene.groups import Path, nested
from autograd.drawing.scene.model import Box, Scene
from autograd.interop.text import shortened, width

COMMUTATIVE = frozenset(["+", "×", "Σ", "mean", "Π", "·", "‖·‖", "max", "min", "hypot", "logaddexp", "logsumexp", "softmax"])
APART = 10.0  # pixels between neighbours in a column
LEAF, SPINE, LONG = 1, 3, 200  # how straight an edge wants to be; a cluster wants to be small with 128


def skeleton(scene: Scene, planned: Plan) -> str:
    """The graph in the DOT language, for positions alone."""
    members: dict[Path, list[str]] = defaultdict(list)
    for i, (box, extent) in enumerate(zip(scene.boxes, sizes(scene), strict=True)):
        members[box.scope].append(_node(f"n{i}", extent, " ordering=in" if ordered(box) else ""))
    for stops in planned.stops:
        for stop in stops:
            members[stop.scope].append(_node(stop.name, stop.extent))
    lines = [
        "digraph {",
        f"rankdir={scene.rankdir} newrank=true splines=none nodesep={APART / 72:.3f} ranksep=0.3 "
        f"nslimit={_patience(scene, planned):.2f}",
        'node [shape=box fixedsize=true label=""]',
        *_pieces(scene, planned),  # first, so that Graphviz starts with operands in their order
        *_clusters(members, scene.rankdir, list(planned.spans)),
        "}",
    ]
    return "\n".join(lines)


def _node(name: str, extent: tuple[float, float], more: str = "") -> str:
    return f"{name} [width={extent[0] / 72:.4f} height={extent[1] / 72:.4f}{more}]"


def ordered(box: Box) -> bool:
    """Whether the first operand belongs above the second."""
    return box.kind == "operation" and box.node is not None and box.node.op not in COMMUTATIVE


def _pieces(scene: Scene, planned: Plan) -> Iterator[str]:
    """Every edge from stop to stop; the last pieces come at the end, for the order of operands.

    Those into a cluster come backwards: Graphviz turns left to right over for the whole alone. From top to bottom
    all do: there Graphviz starts from the right, and the picture is seen in a mirror afterwards.
    """
    users = Counter(edge.head for edge in scene.edges)
    last = []
    for i, (edge, stops) in enumerate(zip(scene.edges, planned.stops, strict=True)):
        spine = LEAF if scene.boxes[edge.tail].kind in ("leaf", "constant") else SPINE
        for a, b in pairwise([f"n{edge.tail}", *(stop.name for stop in stops)]):
            yield f"{a} -> {b} [weight={LONG if a[0] == 'w' else spine + 1}]"
        last.append(f"e{i} -> n{edge.head} [weight={SPINE + 2 if users[edge.head] == 1 else spine}]")
    turned = [scene.rankdir == "TB" or bool(scene.boxes[edge.head].scope) for edge in scene.edges]
    yield from (piece for piece, backwards in zip(last, turned, strict=True) if not backwards)
    yield from (piece for piece, backwards in zip(last[::-1], turned[::-1], strict=True) if backwards)


def cluster(i: int) -> str:
    """What Graphviz calls the group number ``i`` of a plan."""
    return f"cluster_{i}"


def _clusters(members: dict[Path, list[str]], rankdir: str, paths: list[Path]) -> Iterator[str]:
    """The nodes, those of a group between the lines that open and close its cluster."""
    number = {path: i for i, path in enumerate(paths)}
    inside = nested(paths)
    yield from members[()]
    todo: list[Path | None] = [*inside[()][::-1]]
    while todo:  # a loop, as in every walk of this package
        path = todo.pop()
        if path is None:
            yield "}"
            continue
        yield f"subgraph {cluster(number[path])} {{ {_title(path[-1], rankdir)}"
        yield from members[path]
        todo += [None, *inside[path][::-1]]


def _title(name: str, rankdir: str) -> str:
    """Room for a title: its height from left to right, from top to bottom its width."""
    letters = ceil(width(shortened(name), SMALL) / (0.6 * SMALL)) if rankdir == "TB" else 1
    return f'label="{"x" * letters}" fontname=Courier fontsize={TITLE - 4.0:g} margin=8'


def _patience(scene: Scene, planned: Plan) -> float:
    """How often a node may be moved (Graphviz's nslimit), less where edges pass many columns.

    Without it 100 uses of one variable along a chain take Graphviz a minute, and 150 four.
    """
    passed = 1 + sum(map(len, planned.stops))
    return max(0.01, min(100.0, 3e6 / passed / (passed + len(scene.boxes))))
