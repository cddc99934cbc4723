"""The operations of one half of a program, what is uniform or what varies, as a sequence in which loops are found.

Every operand is of a kind that says how machine code gets it. Conditions aren't kept in memory: a copy of each comparison
stands before every operation that needs it, so that in a loop it belongs to the same iteration. One that takes many
comparisons is kept as a number, 1 where it holds and 0 elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import chain, groupby, pairwise
from typing import NamedTuple, TypeAlias

from autograd.compiler.codegen.abi import BOOLEAN, Layout, Outputs
from autograd.compiler.codegen.dots import DOTS, LONG
from autograd.compiler.codegen.places import Places, output_address
from autograd.compiler.codegen.straight import InLoop, Move, Straight
from autograd.program.instructions import Instructions
from autograd.program.loops import Item, Operation, Place, Several
from autograd.program.rolled import with_loops, with_more_loops
from autograd.program.scanned import (
    CONSTANT,
    COPIED,
    MASK,
    VALUE,
    Carried,
    Frame,
    LoopWriter,
    Numbers,
    Operands,
    Progression,
    Ref,
)


class Shared(NamedTuple):
    """The kind of an input that all lanes share, a number in this block."""

    block: int


class Row(NamedTuple):
    """The kind of an input with a number a lane, a row in this block."""

    block: int


UNIFORM = "uniform"  # a value of the other half, by its number there
MANY = 16  # outputs that no loop puts out
# 0.15 µs, else 0.4: a program of 10 000 operations takes a fifth less for its sequence.
PLACE: Callable[[tuple[object, ...]], Place] = partial(tuple.__new__, Place)
OPERATION: Callable[[tuple[object, ...]], Operation] = partial(tuple.__new__, Operation)

Pair: TypeAlias = "tuple[Place, Place]"


class Half(LoopWriter):
    """Steps and loops of one half, in ``items``; places of constants count ``constants``.

    ``number_of`` has the number of every value that it computes, by the value's place in the program, ``lists`` its lists;
    ``uniform`` is the half before, None in the first. Between the program's own loops, its scans, others are looked for.
    """

    def __init__(
        self,
        program: Instructions,
        layout: Layout,
        varies: bytearray,
        lanes: bool,
        contract: bool,
        uniform: Half | None,
    ):
        super().__init__()
        self.program, self.layout, self.contract, self.uniform = program, layout, contract, uniform
        self.number_of: dict[int, int] = {}
        self.lists: dict[int, Numbers] = {}
        self._parts: list[Straight | Frame] = []
        self._straight: Straight | None = None  # the part that is written
        self._constant_of = {place: k for k, place in enumerate(program.constants)}
        self._zero = len(program.constants)
        self._known_operands: list[Place | None] = [None] * len(program.nodes)  # found by now; no conditions
        self._lists = frozenset(("stack", "item", *program.scans, *program.tables))  # operations that compute nothing
        self._copied: dict[int, int] = {}  # of every condition how many operations a copy has
        self._write_all(varies, lanes)
        self.items, self.constants = self._found([*program.constants.values(), 0.0, 1.0])
        self._copies: dict[tuple[str, int], int] = {}  # of outputs, by kind and number
        self._copy_outputs(layout.outputs(lanes))

    # -- writing -------------------------------------------------------------------------------------

    def _write_all(self, varies: bytearray, lanes: bool) -> None:
        """Write what is of this half; most of it is plain operations."""
        if lanes and 1 not in varies:
            return
        known, number_of = self._known_operands, self.number_of
        special = self._lists | BOOLEAN | {"input", "constant", *DOTS}
        for i, (op, args) in enumerate(self.program.nodes):
            if op in special:
                self._add(i, op, varies[i] == lanes)
            elif varies[i] == lanes:
                known[i] = place = self._written(op, [known[a] or self.operand(a) for a in args])
                number_of[i] = place[1]

    def _add(self, i: int, op: str, mine: bool) -> None:
        """Write what is no plain operation, if it is of this half."""
        if op in BOOLEAN:
            self._add_condition(i, mine)
        elif mine and op in DOTS:
            self._known_operands[i] = place = self._write(i)
            self.number_of[i] = place.start
        elif mine and op == "item":
            place = self.operand(i)
            if place.kind == VALUE:
                self.number_of[i] = place.start
        elif mine and op in self._lists:
            self.lists[i] = self._list(i)

    def _add_condition(self, i: int, mine: bool) -> None:
        """A condition is written where it is needed; one of many operations here, as a number."""
        self._copied[i] = 1 + sum(self._copied.get(a, 0) for a in self.program.nodes[i].args)
        if self._copied[i] > COPIED:
            self._copied[i] = 1
            if mine:
                self.number_of[i] = self._keep(i)

    def _write(self, i: int) -> Place:
        """Write an operation after the conditions it needs; its place."""
        op, args = self.program.nodes[i]
        known = self._known_operands
        operands = [known[a] or self.operand(a) for a in args]
        if op not in DOTS:
            return self._written(op, operands)
        part = self._part()
        return self._outside(part, self._dot(part, part.local(operands)))

    def _dot(self, part: Straight | InLoop, operands: list[Place]) -> Place:
        """Write a sum of products: runs of factors of the same kinds as dot products, others as multiply-adds."""
        n = len(operands) // 2
        pairs, start = list(zip(operands[:n], operands[n : 2 * n], strict=True)), operands[2 * n :]
        total = start[0] if start else None
        runs = [list(run) for _, run in groupby(pairs, key=lambda pair: (pair[0].kind, pair[1].kind))]
        parts = [piece for run in runs for piece in _arithmetic(run)]
        if total is None and len(parts) > 1 and len(parts[0]) == 1:
            parts[:2] = [parts[0] + parts[1][:1], parts[1][1:]]  # the first product is fused with the second
        for terms in filter(None, parts):
            total = self._long_sum(part, terms, total) if len(terms) >= LONG else self._chain(part, terms, total)
        assert total is not None
        return total

    def _long_sum(self, part: Straight | InLoop, pairs: list[Pair], start: Place | None) -> Place:
        sides = [_several([pair[side] for pair in pairs]) for side in (0, 1)]
        return part.write("dot", sides) if start is None else part.write("dot_add", [*sides, start])

    def _chain(self, part: Straight | InLoop, pairs: list[Pair], total: Place | None) -> Place:
        """Write a chain of multiply-adds. Without a start the first product is fused with the second, as ``fuse`` does."""
        if total is None:
            pairs = [*pairs[1::-1], *pairs[2:]] if self.contract else pairs
            total = part.write("mul", pairs.pop(0))
        for a, b in pairs:
            if self.contract:
                total = part.write("fma", [a, b, total])
            else:
                total = part.write("add", [total, part.write("mul", [a, b])])
        return total

    def _written(self, op: str, operands: list[Place]) -> Place:
        """Write an operation outside of all loops; its place."""
        before, operations = part = self._straight or self._part()
        number = len(operations)
        operations.append(OPERATION((op, tuple(part.local(operands) if before else operands), number)))
        self.count = before + number + 1
        return PLACE((VALUE, before + number, (), None, -1))

    def _outside(self, part: Straight, place: Place) -> Place:
        """The place of what a part has written last, as the half counts it."""
        self.count = part.number + len(part.operations)
        return Place(VALUE, part.number + place.start) if part.number else place

    def _part(self) -> Straight:
        """The straight part that is written: what follows a loop is one of its own."""
        if self._straight is None:
            self._straight = Straight(self.count, [])
            self._parts.append(self._straight)
        return self._straight

    def write(self, op: str, operands: Operands) -> Ref:
        """Write an operation, in the innermost loop or outside of all."""
        if self.in_loop:
            return self._dot_in_loop(operands) if op in DOTS else super().write(op, operands)
        return Ref(VALUE, self._written(op, [Place(x.kind, x.start) for x in operands if isinstance(x, Ref)]).start)

    def _dot_in_loop(self, operands: Operands) -> Ref:
        """Write a sum of products; states are copied for it, once an iteration, as they are other numbers in the first."""
        refs = [self.latest(x) if isinstance(x, Carried) else x for x in operands]
        body = InLoop(super().write, self.own_value)
        return self.own_value(self._dot(body, [Place(ref._replace(start=0), ref.start) for ref in refs]).start)

    def _keep(self, i: int) -> int:
        """Write a condition as a number."""
        condition = Place(MASK, self._write(i).start)
        return self._written("where", [condition, Place(CONSTANT, self._zero + 1), Place(CONSTANT, self._zero)]).start

    def _list(self, i: int) -> Numbers:
        """Write a list: a scan, or what it reads."""
        op, args = self.program.nodes[i]
        if op in self.program.tables:
            return self.table(self.program.tables[op])
        if op == "stack":
            return self._inputs_in_a_row(args) or self.stack([Ref(*self.operand(a)[:2]) for a in args])
        scan = self.program.scans[op]
        first = scan.states + scan.constants
        operands = [Ref(*self.operand(a)[:2]) for a in args[:first]]
        numbers, frame = self.loop(scan, operands, [self._numbers(a) for a in args[first:]])
        self._parts.append(frame)
        self._straight = None
        return numbers

    def _inputs_in_a_row(self, args: Sequence[int]) -> Numbers | None:
        """A list of inputs with places in a row: in a hundredth of the time that it takes to look at each."""
        first, last, step = args[0], args[-1], args[1] - args[0] if len(args) > 1 else 1
        if max(first, last) >= len(self.program.inputs) or not step or args != tuple(range(first, last + step, step)):
            return None
        one, other = self.operand(first), self.operand(last)
        return Numbers([], [Progression(Ref(one.kind, one.start), step)], len(args)) if one.kind == other.kind else None

    # -- operands ------------------------------------------------------------------------------------

    def _numbers(self, a: int) -> Numbers:
        """A list of this half or the one before."""
        if a in self.lists:
            return self.lists[a]
        op = self.program.nodes[a].op
        if op in self.program.tables:  # each half has constants of its own
            self.lists[a] = self.table(self.program.tables[op])
            return self.lists[a]
        assert self.uniform is not None
        return self.uniform.lists[a].of_kind(UNIFORM)

    def operand(self, a: int) -> Place:
        """How this half gets the value at a place of the program."""
        op = self.program.nodes[a].op
        if op not in BOOLEAN:
            found = self._known_operands[a] = self._found_operand(a, op)
            return found
        known = self._known(a)
        holds = self._write(a) if known is None else self._written("ne", [known, Place(CONSTANT, self._zero)])
        return Place(MASK, holds.start)

    def _found_operand(self, a: int, op: str) -> Place:
        if a in self._constant_of:
            return Place(CONSTANT, self._constant_of[a])
        if op == "input":
            block, number = self.layout.input_at[a]
            return Place((Row if self.layout.blocks[block].lanes else Shared)(block), number)
        if op == "item":
            hub, index = self.program.nodes[a].args
            found = self._numbers(hub).at(int(self.program.constants[index]))
            return Place(found.kind, found.start)
        known = self._known(a)
        assert known is not None
        return known

    def _known(self, a: int) -> Place | None:
        """A value of this half or the one before."""
        if a in self.number_of:
            return Place(VALUE, self.number_of[a])
        return Place(UNIFORM, self.uniform.number_of[a]) if self.uniform and a in self.uniform.number_of else None

    # -- loops ---------------------------------------------------------------------------------------

    def _found(self, constants: list[float]) -> tuple[tuple[Item, ...], list[float]]:
        """All items, and the constants: the program's, tables of loops that were found, and those of scans."""
        parts: list[tuple[tuple[Item, ...], int] | Frame] = []
        for part in self._parts:
            if isinstance(part, Straight):
                items, constants = with_loops(part.operations, constants)
                parts.append((items, part.number))
            else:
                parts.append(part)
        if len(parts) == 1 and isinstance(parts[0], tuple) and not self.own:
            return parts[0][0], constants  # a program without scans
        move, constants = Move(len(constants)), [*constants, *self.own]
        found = [with_more_loops(items, constants) if loop else items for loop, items in map(move.items, parts)]
        return tuple(chain.from_iterable(found)), constants

    # -- outputs -------------------------------------------------------------------------------------

    def output_number(self, kind: str, k: int, place: int) -> int | None:
        """The number of the value that goes to an output, a place of the program; None where this half computes none."""
        return self._copies.get((kind, k), self.number_of.get(place))

    def _copy_outputs(self, outputs: Outputs) -> None:
        """Write copies of many outputs that no loop puts out, in their order, and look for loops in them.

        Such are last states of scans, sums over tokens of a gradient by weights, zeros for what isn't used. Each on its own,
        a recurrent net of 32 units took three times as long to compile, and a residual net of 16 layers twice as long.
        """
        alone = [each for kind, places in outputs for each in self._alone(kind, places)]
        if len(alone) < MANY:
            return
        self._straight = None
        operands = [self.operand(place) for *_, place in alone]
        part, nothing = self._part(), Place(CONSTANT, len(self.constants))  # x + (−0) is x for every float
        for (kind, k, _), operand in zip(alone, operands, strict=True):
            self._copies[kind, k] = self._written("add", [operand, nothing]).start
        items, self.constants = with_loops(part.operations, [*self.constants, -0.0])
        self.items += Move(0).items((items, part.number))[1]

    def _alone(self, kind: str, outputs: Sequence[int | None]) -> list[tuple[str, int, int]]:
        """Those of some outputs that no step computes, or single iterations, or iterations in an irregular order."""
        places = Places(self.items)
        found = [(k, place, self.number_of.get(place)) for k, place in enumerate(outputs) if place is not None]
        step_of = {k: places.find(number).step.number for k, _, number in found if number is not None}
        of_steps: dict[int, list[tuple[int, int]]] = {}  # numbers of values and of outputs, by the step's number
        for k, _, number in found:
            if number is not None:
                of_steps.setdefault(step_of[k], []).append((number, k))
        in_loops = {step for step, pairs in of_steps.items() if output_address(places.find(step).nest, step, pairs)}
        return [(kind, k, place) for k, place, _ in found if step_of.get(k) not in in_loops]


def _several(operands: Sequence[Place]) -> Place:
    """Operands of one kind as one."""
    kind, start, *_ = operands[0]
    return Place(Several(kind, tuple([place.start - start for place in operands])), start)


def _arithmetic(pairs: list[Pair]) -> list[list[Pair]]:
    """Pairs of factors, cut where the factors' places don't run on arithmetically; uncut where most parts would be short."""
    steps = [(b[0].start - a[0].start, b[1].start - a[1].start) for a, b in pairwise(pairs)]
    cuts = [k for k in range(1, len(steps)) if steps[k] != steps[k - 1]]
    parts = [pairs[a:b] for a, b in pairwise([0, *[k + 1 for k in cuts], len(pairs)])]
    return parts if max(map(len, parts)) >= len(pairs) - LONG else [pairs]


def kind_of(place: Place) -> Hashable:
    """The kind of an operand, or of each of several in one."""
    return place.kind.kind if isinstance(place.kind, Several) else place.kind


def offsets_of(place: Place) -> tuple[int, ...]:
    """Where several operands in one are, counted from the first."""
    assert isinstance(place.kind, Several)
    return place.kind.offsets
