"""The nodes of a graph as a line that is searched for loops: see ``program.runs``.

A node of up to four operands, as a ``where`` has, has a column for each; those of longer ones, a ``dot``'s say, are spans.

>>> from autograd.graph import topological_order
>>> x = y = Value(0.5)
>>> for _ in range(10):
...     y = y * x - 1.0
>>> nodes = [node for node in topological_order(y) if node.op]
>>> GraphLine(nodes).runs(least=12)
[Run(start=0, size=2, times=10)]
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from autograd.compiler.scans import ITEM
from autograd.graph import number_of
from autograd.program.loops import Place, Several
from autograd.program.periods import LEAST
from autograd.program.rolled import in_spans
from autograd.program.runs import Line, Run, Search, Traits
from autograd.transforms.types import Scalar
from autograd.value import Value

KINDS = NONE, VALUE, CONSTANT = "none", "value", "constant"
OF_NONE, OF_VALUE, OF_CONSTANT = range(3)  # features of operands
FEW = 4  # operands with a column for each
ELSEWHERE = -(1 << 40)
LONG = 1_000  # nodes of a block whose own loops are worth a search: a scan takes 10 ms, more than shorter ones save


def _outside(x: Value) -> Place:
    """Where a leaf is, or a result of a scan."""
    if x._rule is ITEM:
        hub, k = x.operands
        return Place(("result of", id(hub)), int(number_of(k)))  # a Value itself would be compared by its number
    return Place("leaf", x._order)


class GraphLine:
    """Recorded nodes in topological order, but for results of scans, which are read like leaves.

    ``line`` has them as arrays; for each operand that is one of them, ``read`` has its number, and ``reader`` that of the
    node whose operand it is.
    """

    def __init__(self, nodes: Sequence[Value]):
        self.nodes = nodes
        self.number = dict(zip(nodes, range(len(nodes)), strict=True))
        self._features: dict[Hashable, int] = {kind: k for k, kind in enumerate(KINDS)}
        self._constants: list[float] = []  # those in spans, a row after the other
        self._rows: dict[tuple[int, ...], int] = {}
        codes: dict[tuple[object, int], int] = {}
        code = [codes.setdefault((node._rule, len(node.operands)), len(codes)) for node in nodes]
        counts, features, places = map(np.array, self._operands())
        there = np.arange(counts.max(initial=0)) < counts[:, None]
        feature, place = np.full(there.shape, OF_NONE), np.zeros(there.shape, np.int64)
        feature[there], place[there] = features, places
        self.line = Line(0, np.array(code, np.int64), feature, place[:, :, None])
        single = features == OF_VALUE
        in_spans = np.array(self._in_spans, np.int64).reshape(-1, 2)
        self.reader = np.append(np.repeat(np.arange(len(counts)), counts)[single], in_spans[:, 0])
        self.read = np.append(places[single], in_spans[:, 1])

    def at(self, x: Scalar) -> int:
        """Where a node is; far before all of them for leaves and numbers."""
        return self.number.get(x, ELSEWHERE) if isinstance(x, Value) else ELSEWHERE

    def runs(self, least: int, fewest: int = LEAST) -> list[Run]:
        """Runs of equal blocks that save so many operations, in order; between them others are looked for.

        Those of fewer blocks than ``fewest`` are left, but for the loops in their blocks, if these are long.
        """
        found, parts = list[Run](), [(0, len(self.nodes))]
        while parts:
            start, stop = parts.pop()
            runs = list(self._runs(start, stop, least))
            ends = [start, *[end for run in runs for end in (run.start, run.stop)], stop] if runs else []
            left = list(zip(ends[::2], ends[1::2], strict=True))
            for run in runs:
                if run.times >= fewest:
                    found.append(run)
                elif run.size >= LONG:
                    left += [(at, at + run.size) for at in range(run.start, run.stop, run.size)]
            parts += [pair for pair in left if pair[1] - pair[0] >= least]
        return sorted(found)

    def _runs(self, start: int, stop: int, least: int) -> Iterator[Run]:
        for run in Search(self.line.part(start, stop), self._traits(), np.empty(0, np.int64)).runs():
            if run.saved >= least:
                yield run._replace(start=run.start + start)

    def _operands(self) -> tuple[array[int], array[int], array[int]]:
        """How many columns every node has, and their features and places."""
        counts, features, places, get = array("q"), array("q"), array("q"), self.number.get
        self._in_spans: list[tuple[int, int]] = []
        for k, node in enumerate(self.nodes):
            operands = node.operands
            if len(operands) > FEW:
                spans = self._spans(k, node)
                features.extend([self._feature(place.kind) for place in spans])
                places.extend([0 if place.kind == CONSTANT else place.start for place in spans])
                counts.append(len(spans))
                continue
            counts.append(len(operands))
            for x in operands:  # written out, in a third of the time of a ``Place`` for each
                if not isinstance(x, Value):
                    features.append(OF_CONSTANT)
                    places.append(0)
                elif (number := get(x)) is not None:
                    features.append(OF_VALUE)
                    places.append(number)
                else:
                    place = _outside(x)
                    features.append(self._feature(place.kind))
                    places.append(place.start)
        return counts, features, places

    def _spans(self, k: int, node: Value) -> list[Place]:
        places = []
        for x in node.operands:
            if not isinstance(x, Value):
                places.append(Place(CONSTANT, len(self._constants)))
                self._constants.append(x)
            elif x in self.number:
                places.append(Place(VALUE, self.number[x]))
                self._in_spans.append((k, self.number[x]))
            else:
                places.append(_outside(x))
        assert node._rule is not None
        return in_spans(node._rule.name, places, self._constants, self._rows)

    def _feature(self, kind: Hashable) -> int:
        return self._features.setdefault(kind, len(self._features))

    def _traits(self) -> Traits:
        features = list(self._features)
        return Traits(
            np.array([kind == VALUE or (isinstance(kind, Several) and kind.kind == VALUE) for kind in features]),
            np.array([kind == VALUE for kind in features]),
            np.array([not isinstance(kind, Several) for kind in features]),
            np.zeros(len(features), bool),
        )
