"""A lowered program as LLVM text: one vector of lanes a value, functions of bounded size, math from the C library.

The text holds two functions. ``uniform(ctx)`` computes once what depends on shared inputs alone; ``lanes(ctx, start,
stop)`` computes the rest, a block of ``width`` lanes at a time; ``whole`` does both. ``ctx`` is a table of addresses,
see ``Layout``. All is cut into functions of at most ``CHUNK`` operations, since code generation takes more than linear time
in a function's length; a value needed in a later one passes through memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd.compiler.codegen.abi import BOOLEAN, INTRINSICS, Block, Layout, Target, varying
from autograd.compiler.codegen.driver import Loops
from autograd.compiler.codegen.function import Chunk
from autograd.program.instructions import Instruction, Instructions, pruned
from autograd.program.lowering import LIBRARY, MACHINE, callback
from autograd.rules.composites import SPLIT

Places = list[int | None]
FUSED = {"add": ("fma", "fma"), "sub": ("fms", "fnma")}  # a·b + c, a·b − c, c − a·b
CHUNK = 384  # operations in a function
MODULE = 32  # functions in a module


def emit(
    program: Instructions, blocks: Sequence[Block], summed: Sequence[bool], target: Target
) -> tuple[Iterator[str], Layout]:
    """The LLVM text for a lowered program, module by module, and where it expects things."""
    in_lanes = any(block.lanes for block in blocks)
    rows: Places = [place for place, total in zip(program.outputs, summed, strict=True) if in_lanes and not total]
    totals = [place for place, total in zip(program.outputs, summed, strict=True) if total]
    varies = varying(program, blocks)
    sums: Places = [place if varies[place] else None for place in totals]
    uniform: Places = [None if varies[place] else place for place in totals]
    program = fused(program) if target.contract else program
    program, (rows, sums, uniform) = kept(program, rows, sums, uniform if in_lanes else program.outputs)
    varies = varying(program, blocks)
    layout = Layout(list(blocks), rows, sums, uniform)
    first = _Part(program, layout, Target(1, contract=target.contract), varies, False)
    lanes = _Part(program, layout, target, varies, True)
    return _modules(first, lanes), layout


def _modules(first: _Part, lanes: _Part) -> Iterator[str]:
    """Texts of at most ``MODULE`` functions, so that none takes much memory; the last has the loops that call them."""
    chunks = [(part, k) for part in (first, lanes) for k in range(len(part.chunks))]
    for start in range(0, len(chunks), MODULE):
        declared: dict[str, str] = {}
        texts = [part.function(k, declared) for part, k in chunks[start : start + MODULE]]
        if start + MODULE >= len(chunks):
            declared.update({f"{part.name}_{k}": f"declare void @{part.name}_{k}(ptr, i64)" for part, k in chunks[:start]})
            loops = Loops(lanes.layout, lanes.target.width, (len(first.chunks), len(lanes.chunks)), declared)
            texts += loops.functions()
        yield "\n".join([*texts, *declared.values(), "!0 = !{}"])


def fused(program: Instructions) -> Instructions:
    """Sums with a product as fused multiply-adds, whatever else the product is needed for: so a number has the same
    bits in every program that it is part of. Of two products the first is fused, but a·b − b·a stays 0."""
    nodes = list(program.nodes)
    whole = {i for i, x in program.constants.items() if x == SPLIT}  # what splits a number must round
    products = [node.op == "mul" and whole.isdisjoint(node.args) for node in nodes]
    for i, (op, args) in program.operations():
        if op in FUSED:
            a, b = args
            alike = products[a] and products[b] and sorted(nodes[a].args) == sorted(nodes[b].args)
            if products[a] and not alike:
                nodes[i] = Instruction(FUSED[op][0], (*nodes[a].args, b))
            elif products[b] and not alike:
                nodes[i] = Instruction(FUSED[op][1], (*nodes[b].args, a))
    return _with(program, nodes, program.outputs)


def kept(program: Instructions, *groups: Sequence[int | None]) -> tuple[Instructions, list[Places]]:
    """The program without what none of these places needs, and where they are in it."""
    wanted = [place for group in groups for place in group if place is not None]
    program = pruned(_with(program, program.nodes, wanted))
    found = iter(program.outputs)
    return program, [[None if place is None else next(found) for place in group] for group in groups]


def _with(program: Instructions, nodes: list[Instruction], outputs: Sequence[int]) -> Instructions:
    return Instructions(program.inputs, nodes, program.constants, outputs, [""] * len(outputs), program.rules)


class _Part:
    """The functions for the uniform or for the varying half of a program."""

    def __init__(self, program: Instructions, layout: Layout, target: Target, varies: bytearray, lanes: bool):
        self.program, self.layout, self.target, self.varies, self.lanes = program, layout, target, varies, lanes
        self.declared: dict[str, str] = {}  # what the module's functions call
        w = target.width
        self.type = f"<{w} x double>" if w > 1 else "double"
        self.bool = f"<{w} x i1>" if w > 1 else "i1"
        self.name = "lanes" if lanes else "uniform"
        mine = [i for i, node in program.operations() if varies[i] == lanes and node.op not in BOOLEAN]
        self.chunks = [mine[k : k + CHUNK] for k in range(0, len(mine), CHUNK)] or [[]]
        self.chunk_of = {i: k for k, chunk in enumerate(self.chunks) for i in chunk}
        self.slot_of = self._slots() if lanes else self._uniform_slots()
        self.stored_outputs = self._outputs()
        self.only_summed = self._only_summed() if lanes and target.contract else set()

    # -- memory ------------------------------------------------------------------------------------

    def _needs(self) -> dict[int, int]:
        """For every value the last chunk that needs it; comparisons are made again where they are needed."""
        last: dict[int, int] = {}
        nodes = self.program.nodes
        for k, chunk in enumerate(self.chunks):
            for i in chunk:
                stack = list(nodes[i].args)
                while stack:
                    a = stack.pop()
                    if nodes[a].op in BOOLEAN:
                        stack.extend(nodes[a].args)
                    else:
                        last[a] = k
        return last

    def _slots(self) -> dict[int, int]:
        """A place in the frame for every value that outlives its chunk; taken again once nobody needs it."""
        last = self._needs()
        free: list[int] = []
        expiring: dict[int, list[int]] = {}
        slot_of: dict[int, int] = {}
        for k, chunk in enumerate(self.chunks):
            free.extend(expiring.pop(k - 1, ()))
            for i in chunk:
                end = last.get(i, -1)
                if end > k:
                    slot = free.pop() if free else self.layout.lane_slots
                    self.layout.lane_slots = max(self.layout.lane_slots, slot + 1)
                    slot_of[i] = slot
                    expiring.setdefault(end, []).append(slot)
        return slot_of

    def _uniform_slots(self) -> dict[int, int]:
        """A place for every uniform value that the lanes need, or a later chunk."""
        needed = {i for i, last in self._needs().items() if last > self.chunk_of.get(i, last)}
        needed.update(self._needed_by_lanes())
        self.layout.uniform_slots = {i: k for k, i in enumerate(sorted(needed))}
        return self.layout.uniform_slots

    def _needed_by_lanes(self) -> Iterator[int]:
        for i, node in self.program.operations():
            if self.varies[i] or node.op in BOOLEAN:
                yield from (a for a in node.args if a in self.chunk_of)
        yield from (place for place in self.layout.rows if place in self.chunk_of)

    def _outputs(self) -> dict[int, list[tuple[str, int]]]:
        """For every place what is to be done with it: added to a sum, or stored in a row."""
        todo: dict[int, list[tuple[str, int]]] = {}
        layout = self.layout
        mine: dict[str, Sequence[int | None]] = {"uniform": layout.uniform}
        if self.lanes:
            mine = {"sum": layout.sums, "row": layout.rows}
        for kind, places in mine.items():
            for k, place in enumerate(places):
                if place is not None:
                    todo.setdefault(place, []).append((kind, k))
        return todo

    def _only_summed(self) -> set[int]:
        """Products that nothing needs but a sum over lanes, which is fused with every product."""
        products = {place for place in self.layout.sums if place is not None and self.program.nodes[place].op == "mul"}
        products.difference_update(*[node.args for _, node in self.program.operations()], self.layout.rows)
        return products

    # -- text --------------------------------------------------------------------------------------

    def function(self, k: int, declared: dict[str, str]) -> str:
        """The k-th chunk; what it calls is added to ``declared``."""
        self.declared = declared
        return "\n".join(Chunk(self, k, self.chunks[k]).lines())

    def callee(self, op: str, arity: int) -> tuple[str, bool]:
        """The function for an operation, and whether it takes whole vectors."""
        name = self.target.vector.get(op) if self.target.width > 1 else None
        vector = name is not None
        name = name or LIBRARY.get(op, callback(op, arity))
        kind = self.type if vector else "double"
        if op in LIBRARY or op not in MACHINE:
            pure = " memory(none) nounwind willreturn" if op in LIBRARY else " nounwind"
            self.declared[name] = f'declare {kind} @"{name}"({", ".join([kind] * arity)}){pure}'
        return f'@"{name}"', vector

    def intrinsic(self, op: str, arity: int) -> str:
        suffix = f"v{self.target.width}f64" if self.target.width > 1 else "f64"
        name = f"llvm.{INTRINSICS[op]}.{suffix}"
        self.declared[name] = f"declare {self.type} @{name}({', '.join([self.type] * arity)})"
        return f"@{name}"
