"""Finding loops in a straight line of operations: runs of equal blocks whose operands' places are arithmetic progressions.

P operations are a block, n blocks in a row are a loop if every operation is the same in all blocks and each operand's place
runs arithmetically with the block: c + s·i. s = P is a value of the same or of the previous iteration, s = 0 an invariant,
any other s an array walked with a stride, backwards where s < 0. Constants may differ: they make a table. In the first
iteration an operand may be any other where later ones are carried from the iteration before: a sum's first term, the
initial state. The body of a loop is searched again, and so loops nest.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from autograd.program.loops import Item, Loop, Operation, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]
    Bools: TypeAlias = NDArray[np.bool_]

Loops: TypeAlias = "tuple[tuple[int, int], ...]"  # times and size of the loops around, the outermost first
DEPTH = 3  # places an operand may have: its own, that of the first iteration, and of that one's
LEAST = 3  # iterations: two can't show that a place runs arithmetically
CANDIDATES = 32  # periods that are tried
GRAMS = (1, 2, 4, 16, 64)  # lengths of the strings of operations whose distances suggest a period
SHORT = 16  # operations that a loop must save, or it is written out


class Feature(NamedTuple):
    """Of an operand what is equal in all iterations: everything but the place."""

    kind: Hashable
    strides: tuple[int, ...] = ()
    first: int = -1  # the feature of the operand of the first iteration, −1 where there is none
    level: int = -1


class Line(NamedTuple):
    """Operations in a row: their codes, features and places of their operands, their numbers in the straight line."""

    code: Ints  # (n,)
    feature: Ints  # (n, arity)
    place: Ints  # (n, arity, DEPTH)
    number: Ints  # (n,)

    def part(self, start: int, stop: int) -> Line:
        return Line(*(a[start:stop] for a in self))


class Run(NamedTuple):
    """Equal blocks: where the first starts, operations of a block, how many blocks."""

    start: int
    size: int
    times: int

    @property
    def saved(self) -> int:
        return self.size * (self.times - 1)

    @property
    def stop(self) -> int:
        return self.start + self.size * self.times


class Roller:
    def __init__(self, operations: Sequence[tuple[str, Sequence[tuple[Hashable, int]]]], constants: Sequence[float]):
        import numpy as np

        self.np = np
        self.tables = Tables(constants)
        self.features: list[Feature] = []
        self.known: dict[Feature, int] = {}
        n = len(operations)
        arity = max((len(args) for _, args in operations), default=0)
        codes: dict[tuple[str, int], int] = {}
        self.ops: list[str] = []
        code = []
        none = self.feature(Feature("none"))
        self.constant = self.feature(Feature("constant"))
        feature, place = [], []
        for op, args in operations:
            key = (op, len(args))
            if key not in codes:
                codes[key] = len(codes)
                self.ops.append(op)
            code.append(codes[key])
            pad = arity - len(args)
            feature += [self.feature(Feature(kind)) for kind, _ in args] + [none] * pad
            place += [k for _, k in args] + [0] * pad
        self.arities = [k[1] for k in codes]
        feature_a = np.array(feature, np.int64).reshape(n, arity)
        self.original = np.array(place, np.int64).reshape(n, arity)
        places = np.zeros((n, arity, DEPTH), np.int64)
        places[:, :, 0] = np.where(feature_a == self.constant, 0, self.original)
        self.line = Line(np.array(code, np.int64), feature_a, places, np.arange(n))

    def feature(self, feature: Feature) -> int:
        k = self.known.get(feature)
        if k is None:
            k = self.known[feature] = len(self.features)
            self.features.append(feature)
        return k

    # -- search ----
    def candidates(self, code: Ints) -> Ints:
        np = self.np
        n = len(code)
        counts = np.zeros(n + 1, np.int64)
        grams = code.astype(np.uint64)
        length = 1
        for wanted in GRAMS:
            while length < wanted and len(grams) > length:
                factor = np.uint64(pow(0x9E3779B97F4A7C15, length, 1 << 64))
                grams = grams[:-length] * factor + grams[length:]
                length *= 2
            if length < wanted:
                break
            order = np.argsort(grams, kind="stable")
            ranked = grams[order]
            again = np.flatnonzero(ranked[1:] == ranked[:-1])
            counts += np.bincount(order[again + 1] - order[again], minlength=n + 1)
        periods = np.flatnonzero(counts[: n // LEAST + 1])
        best: Ints = periods[np.argsort(-counts[periods], kind="stable")][:CANDIDATES]
        return best

    def runs(self, line: Line, size: int) -> Iterator[Run]:
        np = self.np
        n = len(line.code) - 2 * size
        same = line.code[size:] == line.code[:-size]
        if np.count_nonzero(same) < size * (LEAST - 1):
            return
        alike = line.feature[size:] == line.feature[:-size]
        step = line.place[size:] - line.place[:-size]
        regular = alike[:n] & alike[size:] & (step[size:] == step[:n]).all(2)
        same2 = same[:n] & same[size:]
        steady = same2 & regular.all(1)
        carried = regular | (alike[size:] & self.plain[line.feature[size : size + n]] & (step[size:, :, 0] == size))
        first = same2 & carried.all(1)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], steady.view(np.int8), [0]])))
        for start, stop in edges.reshape(-1, 2).tolist():
            length = stop - start
            if length + size < size * (LEAST - 2):
                continue
            # how far back
            back = first[max(0, start - size) : start][::-1]
            more = int(np.argmin(back)) if len(back) and not back.all() else len(back)
            if length < size and more + length < size:
                continue
            begin = self.begin(line, regular, start, more, size)
            times = (stop - begin) // size + 2
            if times >= LEAST:
                yield Run(begin, size, times)

    def begin(self, line: Line, regular: Bools, start: int, more: int, size: int) -> int:
        """Where a run whose steady part begins at ``start`` may begin: exceptions are carried from the iteration before."""
        np = self.np
        begin = start - more
        rows, columns = np.nonzero(~regular[begin:start])
        distance = line.number[begin + size + rows] - line.place[begin + size + rows, columns, 0]
        initial = line.place[begin + rows, columns, 0]
        own = self.own[line.feature[begin + rows, columns]]
        ok = (rows < distance) & (distance <= size + rows) & (~own | (initial < line.number[begin]))
        return begin if ok.all() else start

    def found(self, line: Line) -> list[Run]:
        np = self.np
        n = len(line.code)
        if n < 4:
            return []
        self.own = np.array([f.kind in ("value", "mask") for f in self.features])
        self.plain = np.array([f.kind == "value" and f.first < 0 for f in self.features])
        heap = [
            (-run.saved, run.size, run.start, run)
            for size in self.candidates(line.code).tolist()
            for run in self.runs(line, size)
        ]
        heapq.heapify(heap)
        taken = np.zeros(n, bool)
        chosen = []
        while heap:
            _, _, _, run = heapq.heappop(heap)
            if run.saved < SHORT:
                break
            busy = taken[run.start : run.stop]
            if not busy.any():
                taken[run.start : run.stop] = True
                chosen.append(run)
                continue
            # the longest free stretch
            edges = np.flatnonzero(np.diff(np.concatenate([[1], busy.view(np.int8), [1]])))
            if not len(edges):
                continue
            spans = edges.reshape(-1, 2)
            a, b = spans[np.argmax(spans[:, 1] - spans[:, 0])].tolist()
            times = (b - a) // run.size
            if times >= LEAST:
                shorter = Run(run.start + a, run.size, times)
                heapq.heappush(heap, (-shorter.saved, shorter.size, shorter.start, shorter))
        return sorted(chosen)

    # -- loops ----
    def items(self, line: Line, loops: tuple[tuple[int, int], ...] = ()) -> tuple[Item, ...]:
        made: list[Item] = []
        at = 0
        for run in self.found(line):
            made += self.steps(line.part(at, run.start), loops)
            made.append(self.loop(line, run, loops))
            at = run.stop
        made += self.steps(line.part(at, len(line.code)), loops)
        return tuple(made)

    def loop(self, line: Line, run: Run, loops: Loops) -> Loop:
        np = self.np
        zero, one, two = (line.part(run.start + k * run.size, run.start + (k + 1) * run.size) for k in range(3))
        stride = two.place - one.place
        base = one.place - stride
        level = len(loops)
        odd = (zero.feature != one.feature) | (zero.place != base).any(2)
        feature = np.empty_like(one.feature)
        place = base.copy()
        flat = feature.reshape(-1)
        cache: dict[object, int] = {}
        for k, (f, s, o, g) in enumerate(
            zip(
                one.feature.reshape(-1).tolist(),
                map(tuple, stride.reshape(-1, DEPTH).tolist()),
                odd.reshape(-1).tolist(),
                zero.feature.reshape(-1).tolist(),
                strict=True,
            )
        ):
            key = (f, s, g if o else -1)
            made = cache.get(key)
            if made is None:
                made = self.deeper(f, s)
                if o:
                    plain = self.features[made]
                    made = self.feature(plain._replace(first=self.deeper(g, (0,) * DEPTH), level=level))
                cache[key] = made
            flat[k] = made
        place[odd, 1:] = zero.place[odd, :-1]
        body = Line(one.code, feature, place, zero.number)
        return Loop(run.times, run.size, int(zero.number[0]), self.items(body, (*loops, (run.times, run.size))))

    def deeper(self, feature: int, strides: tuple[int, ...]) -> int:
        """The feature inside one loop more."""
        kind, outer, first, level = self.features[feature]
        inner = self.deeper(first, strides[1:]) if first >= 0 else -1
        return self.feature(Feature(kind, (*outer, strides[0]), inner, level))

    def steps(self, line: Line, loops: Loops) -> Iterator[Operation]:
        columns = line.code.tolist(), line.feature.tolist(), line.place.tolist(), line.number.tolist()
        for code, features, places, number in zip(*columns, strict=True):
            operands = [self.operand(features[c], places[c], number, c, loops) for c in range(self.arities[code])]
            yield Operation(self.ops[code], tuple(operands), number)

    def operand(self, feature: int, places: list[int], number: int, column: int, loops: Loops) -> Place:
        kind, strides, first, level = self.features[feature]
        if kind == "constant":
            return self.tables.place(self.original[number + _numbers(loops), column])
        if first < 0:
            return Place(kind, places[0], strides)
        once = (*loops[:level], (1, loops[level][1]), *loops[level + 1 :])  # it is read in the first iteration alone
        return Place(kind, places[0], strides, self.operand(first, places[1:], number, column, once), level)


def _numbers(loops: Loops) -> Ints:
    """What is added to an operation's number in all iterations of the loops around it, an axis for each."""
    import numpy as np

    grids = np.ix_(*[np.arange(times) * size for times, size in loops])
    return sum(grids[1:], grids[0]) if grids else np.zeros((), np.int64)


class Tables:
    """Constants, and after them the tables of those that differ from iteration to iteration; equal tables are one."""

    def __init__(self, constants: Sequence[float]):
        import numpy as np

        self.constants = list(constants)
        self.starts: dict[bytes, int] = {}
        bits = np.array(self.constants, np.float64).view(np.int64)
        _, first, which = np.unique(bits, return_index=True, return_inverse=True)
        self.equal = first[which]  # for each constant the first of the same bits

    def place(self, which: Ints) -> Place:
        """The place of the constants with these indices, which has an axis for every loop."""
        table = self.equal[which]
        for axis in range(table.ndim):
            start = table.take([0], axis)
            if (table == start).all():
                table = start
        return Place("constant", self.start(table), _strides(table.shape))

    def start(self, table: Ints) -> int:
        """Where the table starts among the constants."""
        if table.size == 1:
            return int(table.item())
        key = table.tobytes()
        if key not in self.starts:
            self.starts[key] = len(self.constants)
            self.constants += [self.constants[k] for k in table.ravel().tolist()]
        return self.starts[key]


def _strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """How far an index in a table goes with each axis; not at all where there is but one place along it."""
    strides = [math.prod(shape[k + 1 :]) for k in range(len(shape))]
    return tuple([stride if length > 1 else 0 for stride, length in zip(strides, shape, strict=True)])


def rolled(
    operations: Sequence[tuple[str, Sequence[tuple[Hashable, int]]]], constants: Sequence[float]
) -> tuple[tuple[Item, ...], list[float]]:
    """Items, which are steps and loops, and the constants with the tables of those that differ between iterations."""
    roller = Roller(operations, constants)
    return roller.items(roller.line), roller.tables.constants
