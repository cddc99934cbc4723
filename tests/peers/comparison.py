"""Many graphs on us and on the peers, and the figures of it: how many are equal, how many not and why, and where."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from tests.peers.graphs import Graph
from tests.peers.libraries import Library
from tests.peers.verdicts import Kind, Ours, Verdict, differ, judge, ours

# Words for the kinds that the figures show, in the order they do.
MEANING = {
    Kind.EQUAL: "to 1e-12 of the terms",
    Kind.LOST: "the peer lost digits, ours are mpmath's",
    Kind.KINK: "on a kink, where conventions differ",
    Kind.ILL: "rounding explains the difference",
    Kind.RANGE: "ours aren't mpmath's, a product leaves the floats",
    Kind.SINGULAR: "a derivative isn't finite",
    Kind.BEHIND: "ours isn't finite, the peer's is mpmath's",
    Kind.UNDEFINED: "a step is outside its domain: nan",
    Kind.WRONG: "ours aren't mpmath's",
}


class Compared(NamedTuple):
    """A graph, our gradient, each peer's and the verdict on it by the peer's name."""

    graph: Graph
    own: Ours
    theirs: dict[str, list[float]]
    verdicts: dict[str, Verdict]


def compare(graphs: Iterable[Graph], libraries: Sequence[Library]) -> Iterator[Compared]:
    """Differentiate every graph by us and by each peer, and judge."""
    for graph in graphs:
        own = ours(graph)
        theirs = {peer.name: peer.gradient(graph) for peer in libraries}
        yield Compared(graph, own, theirs, {peer.name: judge(graph, own, theirs[peer.name], peer) for peer in libraries})


def counts(compared: Iterable[Compared], peer: str) -> Counter[Kind]:
    """How many graphs there are of each kind."""
    return Counter(each.verdicts[peer].kind for each in compared)


def wrong(compared: Iterable[Compared]) -> list[str]:
    """The graphs on which we aren't mpmath's, printed with all that is known of them."""
    return [described(each) for each in compared if any(v.kind is Kind.WRONG for v in each.verdicts.values())]


def described(each: Compared) -> str:
    """A graph, the point and all gradients."""
    exact = [[float(x) for x in v.exact] or v.operations for v in each.verdicts.values()]
    return f"{each.graph.expression}\nat {each.graph.point}: ours {each.own.gradient}, {each.theirs}, mpmath {exact}"


# -- figures -----------------------------------------------------------------------------------------------


def summary(compared: Iterable[Compared]) -> str:
    """A table of the verdicts, and for each peer the operations that lost digits or have other conventions."""
    every = list(compared)
    peers = list(every[0].verdicts)
    found = {peer: counts(every, peer) for peer in peers}
    rows = [(f"{len(every)} graphs", *peers)]
    rows += [(f"{kind}: {words}", *(str(found[peer][kind]) for peer in peers)) for kind, words in MEANING.items()]
    rows.append(
        ("of the equal ones: the gradient isn't 0", *(str(found_of(every, peer, Kind.EQUAL, moves)) for peer in peers))
    )
    rows.append(
        ("of the singular ones: the same inf and nan", *(str(found_of(every, peer, Kind.SINGULAR, alike)) for peer in peers))
    )
    table = [f"{first:<64}" + "".join(f"{cell:>8}" for cell in rest) for first, *rest in rows]
    return "\n".join([*table, *(line for peer in peers for line in reasons(every, peer))])


def found_of(compared: Iterable[Compared], peer: str, kind: Kind, holds: Callable[[Compared, str], bool]) -> int:
    """Of how many graphs of a kind something holds."""
    return sum(holds(each, peer) for each in compared if each.verdicts[peer].kind is kind)


def moves(each: Compared, _peer: str) -> bool:
    """Whether any derivative isn't 0."""
    return any(each.own.gradient)


def alike(each: Compared, peer: str) -> bool:
    """Whether a peer's gradient is ours, inf and nan where ours is."""
    pairs = zip(each.own.gradient, each.theirs[peer], each.own.terms, strict=True)
    return all(a == b or (a != a and b != b) or not differ([a], [b], [t]) for a, b, t in pairs)


def reasons(compared: Iterable[Compared], peer: str) -> list[str]:
    """Where a peer lost digits, by operation and how badly; then the kinks where it has another convention."""
    losses: defaultdict[str, list[float]] = defaultdict(list)
    kinks: Counter[str] = Counter()
    for each in compared:
        verdict = each.verdicts[peer]
        if verdict.kind is Kind.LOST:
            losses[", ".join(verdict.operations) or "no single operation"].append(loss(each, peer))
        kinks.update(verdict.operations if verdict.kind is Kind.KINK else ())
    lines = [f"  {name}: {len(found)}, the worst by {worst(found)}" for name, found in sorted(losses.items())]
    told = ", ".join(f"{name} {count}" for name, count in sorted(kinks.items()))
    return ["", f"{peer} lost digits in", *lines, f"{peer} has another convention at kinks of: {told or 'nothing'}"]


def loss(each: Compared, peer: str) -> float:
    """The largest error of a peer's gradient relative to the terms, nan and inf as infinite."""
    triples: Any = zip(each.theirs[peer], each.verdicts[peer].exact, each.own.terms, strict=True)
    errors = [float(abs(g - e)) / (t or 5e-324) if math.isfinite(g) else math.inf for g, e, t in triples]
    return max(errors)


def worst(losses: Sequence[float]) -> str:
    """The largest loss in words.

    >>> worst([1e-9, 0.3]), worst([1.0]), worst([float("inf")])
    ('3e-01', 'all digits', 'nan or inf')
    """
    largest = max(losses)
    return "nan or inf" if math.isinf(largest) else "all digits" if largest >= 1.0 else f"{largest:.0e}"
