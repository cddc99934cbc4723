"""Fast paths that are builtin functions: for calls at points, and for arrays over lanes that lie as in the call before.

Python's share of a call falls from 1.1 µs to 0.4 for numbers, from 3 to 0.6 for an array at a point, and from 6 to 0.6 for a
step of the moons net. They are made for what is called so often that it pays.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autograd.compiler.branch import Branch
from autograd.compiler.clock import Clock
from autograd.compiler.codegen.abi import Layout
from autograd.compiler.codegen.builtin import LANES, UNKNOWN
from autograd.compiler.fastpath import Direct, Fastpath, Staged
from autograd.compiler.runtime.builtin import MISS, Argument, Builtin, as_builtin, pays, reads_arrays
from autograd.compiler.runtime.jit import BRIEF
from autograd.compiler.runtime.kernel import FIRST, TOTALS, CompiledLanes, Memory, code_address, point_memory
from autograd.compiler.signature import Leaf
from autograd.value import Value

Leaves: TypeAlias = Callable[[Sequence[Any]], Sequence[Any] | None]
SPARE = 3  # numbers, as means are taken of four at a time


def warming(
    fastpath: Fastpath, clock: Clock, quicker: Callable[[], Fastpath] | None, put: Callable[[Fastpath], None]
) -> Fastpath:
    """The fast path, which says at its first use that there was one, and after many makes way for a quicker one."""
    uses = 0

    def counted(args: Sequence[Any]) -> Any:
        nonlocal uses
        result, uses = fastpath(args), uses + 1
        if quicker and pays(uses):
            put(quicker())
        return result

    def noted(args: Sequence[Any]) -> Any:
        result = fastpath(args)
        if result is not MISS:
            clock.reused = True
            put(counted if quicker else fastpath)
        return result

    return noted


def quicker_at_points(fastpath: Fastpath, branches: Sequence[Branch]) -> Fastpath:
    """The builtins of these branches, then the fast path; that alone where there are none."""
    builtins = [builtin for builtin in map(_at_points, branches) if builtin]
    numbers = all(leaf.shape is None for leaf in branches[0].inputs.spec.leaves)
    return builtins[0] if numbers and len(builtins) == len(branches) == 1 else _first_of([*builtins, fastpath])


def builtin_over_lanes(way: Direct | Staged) -> Fastpath | None:
    """For leaves that lie so; None where there can be none."""
    return _in_place(way) if isinstance(way, Direct) else _staged(way)


def _first_of(fastpaths: Sequence[Fastpath]) -> Fastpath:
    """The first of them that doesn't miss."""

    def fastpath(args: Sequence[Any]) -> Any:
        result = MISS
        for each in fastpaths:
            result = each(args)
            if result is not MISS:
                return result
        return result

    return fastpath if len(fastpaths) > 1 else fastpaths[0]


def _whole(
    builtin: Builtin, read: Leaves | None, captured: Sequence[Value], finish: Callable[[Any], Any] | None
) -> Fastpath:
    """The builtin; where it isn't all, with what reads the leaves of a call, adds captured ones and finishes the result."""

    def fastpath(args: Sequence[Any]) -> Any:
        leaves = args if read is None else read(args)
        if leaves is None:
            return MISS
        made = builtin((*leaves, *[leaf._number for leaf in captured]) if captured else leaves)
        return made if made is MISS or finish is None else finish(made)

    return fastpath if read or captured or finish else builtin


def _at_points(branch: Branch) -> Fastpath | None:
    """For numbers, and arrays of float64 in C order. None where the code calls Python, which may call it again."""
    code, spec = branch.point.code, branch.inputs.spec
    if code is None or code.calls_python or not (all(leaf.shape is None for leaf in spec.leaves) or reads_arrays()):
        return None
    memory, guards = point_memory(branch.point.program, code.layout), ctypes.c_double(branch.guards.count)
    _, outputs, context, (_, table) = memory
    arguments, place = [], table[FIRST]
    for leaf in spec.leaves:
        arguments.append(_copied(leaf, place))
        place += 8 * (1 if leaf.shape is None else leaf.size)
    arguments += map(Argument, range(place, place + 8 * len(branch.inputs.captured), 8))
    fields = {"code": code_address(code.uniform), "context": context, "lanes": 1, "most": 1, "brief": int(code.size < BRIEF)}
    fields |= {"outputs": table[Layout.UNIFORM_OUT], "expected": ctypes.addressof(guards)}
    fields["held"] = table[Layout.UNIFORM_OUT] + len(outputs) - 8
    results = branch.assembly.by_builtin(lanes=False)
    builtin = as_builtin(arguments, results.made, results.single, fields, (branch.point, memory, guards))
    return builtin and _whole(builtin, spec.reader(), branch.inputs.captured, results.finish)


def _copied(leaf: Leaf, place: int) -> Argument:
    if leaf.shape is None:
        return Argument(place)
    import numpy as np

    return Argument(place, np.dtype(float), leaf.shape, None, 8 * leaf.size)


def _in_place(way: Direct) -> Fastpath | None:
    memory = way.kernel.new_memory()
    arrays = {}
    for k, shape, axis in way.arrays:
        arrays[k] = Argument(_place(memory.table, FIRST + k), way.double, shape if axis is None else (*shape, LANES))
    return _over_lanes(way, way.kernel, memory, arrays) if way.lanes_last else None


def _staged(way: Staged) -> Fastpath | None:
    import numpy as np

    memory = way.kernel.new_memory()
    lanes = [(*shape[:axis], LANES, *shape[axis + 1 :]) for shape, axis in way.shapes]
    arrays = {}
    for places, shapes, fields in ((memory.sources, lanes, way.lanes), (memory.table, way.shared_shapes, way.shared)):
        for (k, kind, prepare, strides, dtype, _, place), shape in zip(fields, shapes, strict=True):
            if prepare or kind is not np.ndarray:
                return None
            arrays[k] = Argument(_place(places, place), dtype, shape, strides)
    return _over_lanes(way, way.kernel, memory, arrays)


def _over_lanes(way: Direct | Staged, kernel: CompiledLanes, memory: Memory, arrays: dict[int, Argument]) -> Fastpath | None:
    """For so many lanes that they are one task."""
    import numpy as np

    code, call = kernel.code, way.call
    if code.calls_python or not reads_arrays():
        return None
    results = call.assembly.by_builtin(lanes=True)
    numbers, totals = np.zeros(len(call.floats) + len(call.captured)), np.zeros(kernel.sum_count + SPARE)
    places = range(numbers.ctypes.data, numbers.ctypes.data + numbers.nbytes, 8)
    memory.table[TOTALS] = totals.ctypes.data
    for k, place in zip([*call.floats, call.count][: len(places)], places, strict=False):
        memory.table[FIRST + k] = place
    given = arrays | dict(zip(call.floats, map(Argument, places), strict=False))
    arguments = [given[k] for k in range(call.count)] + [Argument(place) for place in places[len(call.floats) :]]
    fields = {"code": kernel.run_address, "context": memory.address, "lanes": UNKNOWN, "most": kernel.step}
    fields |= {"brief": BRIEF * code.width // max(1, code.size), "length": _place(memory.table, kernel.LENGTH)}
    fields |= {"rows.at": _place(memory.table, kernel.ROWS), "row.count": kernel.row_count, "new.rows": id(kernel.new_rows)}
    fields |= {"outputs": totals.ctypes.data, "means": results.means}
    builtin = as_builtin(arguments, results.made, results.single, fields, (kernel, memory, numbers, totals))
    return builtin and _whole(builtin, None, call.captured, results.finish)


def _place(table: ctypes.Array[ctypes.c_int64], entry: int) -> int:
    """The address of an entry."""
    return ctypes.addressof(table) + 8 * entry
