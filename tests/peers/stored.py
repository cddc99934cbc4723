"""The committed reference values: graphs, and what JAX and PyTorch gave for their gradients, in tests/data.

The file is gzipped text, a JSON object a line: first a header, then one for each graph. Floats are hexadecimal where they
are results. Reading runs no code but that of ``Expression``.

>>> header, rows = read()
>>> sorted(header)
['count', 'date', 'figures', 'seed', 'versions']
>>> rows[0].theirs.keys() == header["versions"].keys()
True
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from autograd.testing.expressions import Expression, Step
from autograd.testing.strategies import NAMES, _target
from tests.peers.comparison import Compared
from tests.peers.graphs import Graph
from tests.peers.verdicts import Kind

FILE = Path(__file__).parents[1] / "data" / "peer_graphs.jsonl.gz"


class Row(NamedTuple):
    """A graph, the size of its gradient's terms, each peer's gradient, and why some aren't to be equal to ours.

    ``exact`` is mpmath's gradient, there where a peer lost digits.
    """

    graph: Graph
    terms: list[float]
    theirs: dict[str, list[float]]
    excused: dict[str, str]
    exact: list[float] | None


def row_of(each: Compared) -> Row:
    """What is to be kept of a comparison."""
    verdicts = each.verdicts.items()
    excused = {
        peer: ": ".join(filter(None, [v.kind, ", ".join(v.operations)])) for peer, v in verdicts if v.kind is not Kind.EQUAL
    }
    exact = next(([float(x) for x in v.exact] for _, v in verdicts if v.kind is Kind.LOST), None)
    return Row(each.graph, each.own.terms, each.theirs, excused, exact)


def tells(row: Row) -> bool:
    """Whether the row has a gradient that ours must be equal to."""
    return row.exact is not None or len(row.excused) < len(row.theirs)


# -- as text -------------------------------------------------------------------------------------------------


def dumped(row: Row) -> dict[str, Any]:
    """A row as JSON. Left out are terms that are the gradient's own size, and a peer's gradient that is the last peer's."""
    line: dict[str, Any] = {"steps": [_dumped_step(step) for step in row.graph.expression.steps], "at": row.graph.point}
    last = ""
    for peer, gradient in row.theirs.items():
        line |= {} if _hexadecimal(gradient) == last else {peer: _hexadecimal(gradient)}
        last = _hexadecimal(gradient)
    if any(t > 1.01 * abs(g) for t, g in zip(row.terms, reference(row), strict=True)):
        line["terms"] = [float(f"{t:.2e}") for t in row.terms]
    line |= {"excused": row.excused} if row.excused else {}
    return line | ({"exact": _hexadecimal(row.exact)} if row.exact else {})


def _dumped_step(step: Step) -> list[Any]:
    return [step.operation if step.times == 1 else f"{step.operation}*{step.times}", *step.operands]


def _hexadecimal(numbers: Iterable[float]) -> str:
    return " ".join(x.hex() if x else "0" for x in numbers)


def reference(row: Row) -> list[float]:
    """The gradient that ours is to be equal to."""
    return row.exact or next(gradient for peer, gradient in row.theirs.items() if peer not in row.excused)


def loaded(line: dict[str, Any], peers: Iterable[str]) -> Row:
    """The row that a line of JSON says."""
    steps = tuple(_loaded_step(k, *step) for k, step in enumerate(line["steps"]))
    graph = Graph(Expression(tuple(NAMES[: len(line["at"])]), steps), tuple(line["at"]))
    theirs: dict[str, list[float]] = {}
    for peer in peers:
        theirs[peer] = _numbers(line[peer]) if peer in line else list(theirs.values())[-1]
    row = Row(graph, [], theirs, line.get("excused", {}), _numbers(line["exact"]) if "exact" in line else None)
    return row._replace(terms=line.get("terms") or [abs(g) for g in reference(row)])


def _loaded_step(k: int, operation: str, *operands: str | float) -> Step:
    name, _, times = operation.partition("*")
    return Step(_target(k), name, operands, int(times or 1))


def _numbers(text: str) -> list[float]:
    return [float.fromhex(word) for word in text.split()]


def read(file: Path = FILE) -> tuple[dict[str, Any], list[Row]]:
    """The header and the rows of a file."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        header: dict[str, Any] = json.loads(next(lines))
        return header, [loaded(json.loads(line), header["versions"]) for line in lines]


def write(header: dict[str, Any], rows: Iterable[Row], file: Path = FILE) -> None:
    """Keep the rows that have something to tell; the same rows make the same bytes."""
    lines = [header, *(dumped(row) for row in rows if tells(row))]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    file.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
