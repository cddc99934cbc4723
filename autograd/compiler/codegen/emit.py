"""A program as LLVM text: one vector of lanes a value, functions of bounded size, math from the C library.

The text has two functions to call. ``uniform(ctx)`` computes once what depends on shared inputs alone; ``sweep(ctx,
start, stop)`` what varies, a vector of ``width`` lanes at a time; ``driver`` has what calls them. ``ctx`` is a table of
addresses, see ``Layout``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograd.compiler.codegen.abi import Block, Layout, Target, varying
from autograd.compiler.codegen.addends import apart
from autograd.compiler.codegen.addresses import ModuleTables
from autograd.compiler.codegen.function import Function
from autograd.compiler.codegen.nearness import near
from autograd.compiler.codegen.partition import Partition
from autograd.compiler.codegen.sums import place_sums, tile_of, whole
from autograd.compiler.codegen.sweep import own_functions
from autograd.elementary.functions import FUNCTIONS, inlined
from autograd.program.instructions import Instructions
from autograd.program.loops import loops_in

MODULE_SIZE = 32  # functions: a module's text is freed before the next is made


def emit(
    program: Instructions, blocks: Sequence[Block], summed: Sequence[bool], target: Target
) -> tuple[Iterator[str], Layout, Target]:
    """The LLVM text for a program that the passes have been through, module by module, and where it expects things.

    The target that is given back has as many registers for a value as are good for this program.
    """
    program, same = apart(program, summed, varying(program, blocks), target)
    program = near(program, varying(program, blocks))
    varies = varying(program, blocks)
    layout = _layout(program, blocks, summed, varies, same)
    first = Partition(program, layout, replace(target, width=1), varies, None)
    lanes = Partition(program, layout, target, varies, first)
    first.give_slots()
    lanes.give_slots()
    layout.uniform_slots, layout.lane_slots = first.slots.count, lanes.slots.count
    layout.written = first.written + lanes.written
    layout.loops = sum(loops_in(half.sequence.items) for half in (first, lanes))
    operations = [step.op for step, _, _ in lanes.steps]
    ours = frozenset(FUNCTIONS.keys() & operations if target.fuses and target.width > 1 else ())
    lanes.widen(lanes.registers())
    place_sums(lanes)
    layout.tile = tile_of(lanes)
    lanes.target = replace(lanes.target, inlined=inlined(operations, lanes.target.width // target.width) & ours)
    layout.called = ours - lanes.target.inlined
    return _modules(first, lanes), layout, lanes.target


def _layout(
    program: Instructions, blocks: Sequence[Block], summed: Sequence[bool], varies: bytearray, same: Sequence[int | None]
) -> Layout:
    """The outputs sorted by where they go."""
    if not any(block.lanes for block in blocks):
        return Layout(list(blocks), [], [None for total in summed if total], list(program.outputs))
    outputs = list(zip(program.outputs, summed, same, strict=False))
    totals = [(index, None if part is None else program.outputs[part]) for index, total, part in outputs if total]
    return Layout(
        list(blocks),
        [index for index, total, _ in outputs if not total],
        [index if varies[index] else None for index, _ in totals],
        [part if varies[index] else index for index, part in totals],
    )


def _modules(first: Partition, lanes: Partition) -> Iterator[str]:
    """Texts of at most ``MODULE_SIZE`` functions, so that none takes much memory; the last has those for the driver."""
    parts = (first, lanes) if any(block.lanes for block in lanes.layout.blocks) else (first,)
    functions = [  # without the uniform half where nothing is uniform
        (part, k) for part in parts for k, items in enumerate(part.functions) if items or part.direct or part is parts[-1]
    ]
    for start in range(0, len(functions), MODULE_SIZE):
        declared: dict[str, str] = {}
        tables = ModuleTables()
        texts = [Function(part, k, declared, tables).text() for part, k in functions[start : start + MODULE_SIZE]]
        if start + MODULE_SIZE >= len(functions):
            names = [f"{part.name}_{k}" for part, k in functions]
            declared.update({name: f"declare void @{name}(ptr, i64, i64, i64)" for name in names[:start]})
            uniform = [f"{part.name}_{k}" for part, k in functions if part is first]
            of_lanes = [(f"{part.name}_{k}", whole(part, k)) for part, k in functions if part is lanes]
            texts += own_functions(uniform, of_lanes, lanes.target.width, lanes.layout.tile)
        yield "\n".join([*tables.lines, *texts, *declared.values(), "!0 = !{}"])
