"""One half of a program, what is uniform or what varies, cut into functions, and the memory that they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import prod

from autograd.compiler.codegen.abi import BOOLEAN, Layout, Target
from autograd.compiler.codegen.dots import DOTS
from autograd.compiler.codegen.places import Address, Nest, Places, Slots, output_address
from autograd.compiler.codegen.reach import Reach
from autograd.compiler.codegen.sequence import UNIFORM, Half, offsets_of
from autograd.compiler.codegen.summed import Output, SummedProducts, elements, later
from autograd.program.instructions import Instructions
from autograd.program.loops import Item, Loop, Operation, Place, Several, operations_in
from autograd.program.scanned import MASK, VALUE

LONG_SUMS = 16  # products in one: shorter ones gain a twentieth by four registers, and lose where there are few lanes
MANY_SLOTS = 2**18  # 16 MB for 8 lanes
MANY_STRAIGHT = 1000  # operations outside of loops
FUNCTION_SIZE = 384  # operations: code generation takes more than linear time in a function's length


class Partition:
    """The functions for one half of a program, and what each value is needed for.

    Most values stay in registers. ``slots`` has those that a later function needs, or a loop in another iteration.
    """

    def __init__(self, program: Instructions, layout: Layout, target: Target, varies: bytearray, uniform: Partition | None):
        self.layout, self.target = layout, target
        self.uniform: Partition | None = uniform
        self.lanes = uniform is not None
        self.name = "lanes" if self.lanes else "uniform"
        self.sequence: Half = Half(
            program, layout, varies, self.lanes, target.contract, uniform.sequence if uniform else None
        )
        self.constants = self.sequence.constants
        self.places = Places(self.sequence.items)
        self.outputs: dict[int, list[Output]] = {}  # of a step, by its number
        self.summed_products = SummedProducts(self.outputs, target.contract)
        self.after: dict[int, list[tuple[str, int, int]]] = {}  # of a loop: outputs of single iterations
        self.direct: list[tuple[str, int, Place]] = []  # outputs that aren't computed in this half
        self._sort_outputs()
        self.functions: list[list[Item]] = [[]]
        self.written = 0  # operations as text
        items, others = self.summed_products.apart(self.sequence.items)
        self.places = Places(others)
        self._cut(items)
        self.function_of: dict[int, int] = {}  # of every step, by its number
        self.single: set[int] = set()  # steps that are in no loop
        self.last: dict[int, int] = {}  # the last function that reads a step's value from memory
        self.used: set[int] = set()  # steps whose value is an operand
        self.slots = Slots()
        self.reach = Reach(self.places)
        self.folded: set[int] = set()  # loops in which a slot is used again in the next iteration
        self.steps = [(step, nest, k) for k, items in enumerate(self.functions) for step, nest in operations_in(items)]
        for step, nest, k in self.steps:
            self.function_of[step.number] = k
            if nest:
                self.reach.nests[step.number] = nest
            else:
                self.single.add(step.number)
        self._read_all()

    def _cut(self, items: Iterable[Item]) -> None:
        """Put items in functions of a bounded number of operations; a condition stays with the operation that needs it.

        Products that are only summed have functions of their own, which many vectors of lanes share, see ``sums``.
        """
        size = 0
        for item in items:
            if self.functions[-1] and self.summed_products.alone(item) != self.summed_products.alone(self.functions[-1][-1]):
                self.functions.append([])
                self.written, size = self.written + size, 0
            self.functions[-1].append(item)
            size += 1 if isinstance(item, Operation) else written(item)
            if size >= FUNCTION_SIZE and not (isinstance(item, Operation) and item.op in BOOLEAN):
                self.functions.append([])
                self.written, size = self.written + size, 0
        self.written += size
        if not self.functions[-1] and len(self.functions) > 1:
            self.functions.pop()

    def registers(self) -> int:
        """How many registers' lanes to compute at once.

        Long sums of products need four: a weight that is loaded is good for four (a step of a net 64-64-10: 75 µs in place
        of 124). A long chain waits four cycles for a multiply-add, so two take hardly longer than one: 181 ns a lane of 50
        steps of Runge and Kutta in place of 240, with four 237, as registers run out. Text without loops hardly runs faster
        (Black and Scholes 14.9 ns in place of 16.0), but takes LLVM twice the time. A long scan's states would take twice
        the memory. LLVM takes up to 40 times as long for straight text of loads at two registers, so where much is outside
        of loops, little is gained and a program of 44 000 operations compiles in 2 s in place of 10.
        """
        if self.target.width == 1 or self.slots.count > MANY_SLOTS:
            return 1
        straight = sum([isinstance(item, Operation) for item in self.sequence.items])
        if straight > MANY_STRAIGHT:
            return 1
        steps = [(step, prod([loop.times for loop in nest])) for step, nest, _ in self.steps]
        if 4 * straight > sum([times for _, times in steps]):
            return 1
        sums = [(times, len(offsets_of(step.operands[0]))) for step, times in steps if step.op in DOTS]
        products = sum(times * length for times, length in sums)
        long = products >= LONG_SUMS * sum(times for times, _ in sums)
        return 4 if long and 2 * products > sum(times for _, times in steps) else 2

    def widen(self, registers: int) -> None:
        """Compute so many registers' lanes at once."""
        self.target = replace(self.target, width=registers * self.target.width, registers=registers)

    # -- what is read from memory --------------------------------------------------------------------

    def _read_all(self) -> None:
        """The operands of all steps, none of an earlier function."""
        single, used, function_of, last = self.single, self.used, self.function_of, self.last
        for step, nest, function in self.steps:
            if len(nest) > 1 and self.summed_products.fill(nest[-1]):
                for place in step.operands:
                    self._keep_value(place, nest, function, step.number)
                continue
            for place in step[1]:
                kind, number = place[:2]
                if nest or number not in single or (kind != VALUE and kind != MASK):
                    self.need(place, nest, function, step.number)
                    continue
                used.add(number)  # in most programs all are like this
                if function_of[number] != function:
                    last[number] = function
        for _, _, place in self.direct:
            self.need(place, (), 0)
        for pairs in self.after.values():
            for _, _, number in pairs:
                self.need(Place(VALUE, number), (), function_of[self.places.find(number).step.number])

    def need(self, place: Place, nest: Nest, function: int, reader: int = -1) -> None:
        """An operand of a step in this nest; without a reader one that it is before the loop, or in a first iteration."""
        if isinstance(place.kind, Several):
            for part, around in elements(place, nest):
                self._keep_value(part, around, function, reader)
            return
        if place.kind not in (VALUE, MASK, UNIFORM):
            return
        level = self.register_loop(place, nest, function)
        for initial, outer in self.initial(place, nest, level):
            self.need(initial, outer, function)
        if level is not None:
            self.used.add(self.places.origin(place, nest)[0].step.number)
        else:
            self._keep_value(place, nest, function, reader)

    def _keep_value(self, place: Place, nest: Nest, function: int, reader: int) -> None:
        """A value of either half that is read from memory."""
        usual = later(place, nest)
        if place.kind == UNIFORM:
            assert self.uniform is not None
            self.uniform.reach.read(place, nest, usual, reader)
            self.uniform.keep(*usual, len(self.uniform.functions))
        elif place.kind == VALUE:
            self.reach.read(place, nest, usual, reader)
            self.keep(*usual, function)

    def initial(self, place: Place, nest: Nest, level: int | None) -> Iterator[tuple[Place, Nest]]:
        """What an operand is in the first iteration, where that is another, and the loops around the place to read it."""
        if level is None and place.first is not None:
            yield place.first, nest
        elif level is not None and level >= 0:
            yield before(place.first or place, level), nest[:level]

    def carried(self, loop: Loop, outer: Nest, function: int) -> Iterator[Place]:
        """Operands that a loop carries from iteration to iteration, as its body sees them."""
        for step, inner in operations_in((loop,)):
            todo = [(place, (*outer, *inner)) for place in step.operands]
            while todo:
                place, around = todo.pop()
                level = self.register_loop(place, around, function)
                if level == len(outer):
                    yield seen_from(place, level)
                elif level is None or level > len(outer):
                    todo.extend(self.initial(place, around, level))

    def register_loop(self, place: Place, nest: Nest, function: int) -> int | None:
        """How an operand is in a register: as ``Places.origin`` says, in the same function; None if it isn't.

        One that is another in the first iteration is in a register if it is carried in just that loop.
        """
        if place.kind not in (VALUE, MASK):
            return None
        found, level = self.places.origin(place, nest)
        if self.function_of[found.step.number] != function:
            return None
        if place.first is not None and (level != place.level or any(place.first.strides[level:])):
            return None
        return level

    def keep(self, place: Place, nest: Nest, function: int) -> None:
        """An operand that is read from memory, last by this function."""
        for step in self.places.touched(place, nest):
            self.used.add(step.number)
            self.last[step.number] = max(self.last.get(step.number, 0), function)

    # -- outputs -------------------------------------------------------------------------------------

    def _sort_outputs(self) -> None:
        for kind, places in self.layout.outputs(self.lanes):
            of_steps: dict[int, list[tuple[int, int]]] = {}  # numbers of values and of outputs, by the step's number
            for k, place in enumerate(places):
                if place is None:
                    continue
                number = self.sequence.output_number(kind, k, place)
                if number is None:
                    self.direct.append((kind, k, Place(*self.sequence.operand(place))))
                else:
                    of_steps.setdefault(self.places.find(number).step.number, []).append((number, k))
            for step_number, pairs in of_steps.items():
                self._output(kind, step_number, pairs)

    def _output(self, kind: str, step_number: int, pairs: list[tuple[int, int]]) -> None:
        """The outputs of a step: in the loop if every iteration has one, and they run arithmetically; else after it."""
        found = self.places.find(pairs[0][0])
        address = output_address(found.nest, step_number, pairs)
        if address is not None:
            self.outputs.setdefault(step_number, []).append(Output(kind, address))
        elif not found.nest:
            self.outputs.setdefault(step_number, []).extend([Output(kind, Address(k, ())) for _, k in pairs])
        else:
            self.after.setdefault(found.nest[0].number, []).extend([(kind, k, number) for number, k in pairs])

    def only_summed(self, step: Operation) -> bool:
        """Whether a value is a product that nothing needs but a sum over lanes, which it is fused into."""
        return step.op == "mul" and self.adds_up(step)

    def adds_up(self, step: Operation) -> bool:
        """The same, or with something added in each lane."""
        return step.number not in self.used and self.summed_products.has(step)

    # -- slots ---------------------------------------------------------------------------------------

    def give_slots(self) -> None:
        """Slots for what is kept. A single value's is free again after the last function that needs it.

        Those of the uniform half are given once it is known what the lanes need.
        """
        free: list[int] = []
        expiring: dict[int, list[int]] = {}
        slots = self.slots
        for k, items in enumerate(self.functions):
            free.extend(expiring.pop(k - 1, ()))
            for item in items:
                if isinstance(item, Loop):
                    slots.count += item.times * self._slots_of_loop(item, slots.count, ())
                    self._reused_slots(item)
                elif item.number in self.last:
                    if not free:
                        free.append(slots.count)
                        slots.count += 1
                    slots.first[item.number] = free[-1]
                    expiring.setdefault(self.last[item.number], []).append(free.pop())

    def _slots_of_loop(self, loop: Loop, start: int, outer: tuple[int, ...]) -> int:
        """Slots for one iteration: those of all iterations follow each other; how many they are."""
        sizes = {item.number: self._slots_within(item) for item in loop.body}
        size = sum(sizes.values())
        for item in loop.body:
            if isinstance(item, Loop):
                self._slots_of_loop(item, start, (*outer, size))
            elif sizes[item.number]:
                self.slots.first[item.number], self.slots.steps[item.number] = start, (*outer, size)
            start += sizes[item.number]
        return size

    def _slots_within(self, item: Item) -> int:
        if isinstance(item, Loop):
            return item.times * sum(map(self._slots_within, item.body))
        return int(item.number in self.last and not any(self.reach.reused(item.number)))

    def _reused_slots(self, loop: Loop) -> None:
        """Slots of steps for which iterations share one: a block for each step."""
        for step, nest in operations_in((loop,)):
            reused = self.reach.reused(step.number)
            if step.number in self.last and any(reused):
                times = [1 if again else around.times for again, around in zip(reused, nest, strict=True)]
                steps = [0 if again else prod(times[k + 1 :]) for k, again in enumerate(reused)]
                self.slots.first[step.number], self.slots.steps[step.number] = self.slots.count, tuple(steps)
                self.slots.count += prod(times)
                self.folded.update(around.number for again, around in zip(reused, nest, strict=True) if again)


def before(place: Place, level: int) -> Place:
    """Where an operand is in the first iteration of the loop number ``level``, seen from before that loop."""
    return place._replace(strides=place.strides[:level], first=place.first and before(place.first, level))


def seen_from(place: Place, level: int) -> Place:
    """A carried operand without the loops inside of the one that carries it."""
    return place._replace(strides=place.strides[: level + 1], first=place.first and before(place.first, level))


def written(item: Item) -> int:
    """How many operations an item is as text."""
    return sum(map(written, item.body)) if isinstance(item, Loop) else 1
