"""A lowered program as LLVM text: one vector of lanes a value, functions of bounded size, math from the C library.

The text holds two functions. ``uniform(ctx)`` computes once what depends on shared inputs alone; ``lanes(ctx, start,
stop)`` computes the rest, a block of ``width`` lanes at a time; ``whole`` does both. ``ctx`` is a table of addresses,
see ``Layout``. All is cut into functions of at most ``CHUNK`` operations, since code generation takes more than linear time
in a function's length; a value needed in a later one passes through memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd.compiler.chunk import Chunk
from autograd.compiler.layout import BOOLEAN, INTRINSICS, Block, Layout, Target, varying
from autograd.compiler.lowering import LIBRARY, MACHINE
from autograd.compiler.program import Program

CHUNK = 512  # operations in a function


def emit(program: Program, blocks: Sequence[Block], summed: Sequence[bool], target: Target) -> tuple[str, Layout]:
    """The LLVM text for a lowered program, and where it expects things."""
    varies = varying(program, blocks)
    in_lanes = any(block.lanes for block in blocks)
    rows = [k for k, total in enumerate(summed) if in_lanes and not total]
    sums = [k for k, total in enumerate(summed) if total and varies[program.outputs[k]]]
    constants = [k for k, total in enumerate(summed) if not varies[program.outputs[k]] and (total or not in_lanes)]
    layout = Layout(list(blocks), sums, rows, constants)
    declared: dict[str, str] = {}
    uniform = _Part(program, layout, Target(1, contract=target.contract), varies, False, declared)
    lanes = _Part(program, layout, target, varies, True, declared)
    functions = [*uniform.functions(), *lanes.functions(), _loop(lanes), _totals(lanes), WHOLE]
    return "\n".join([*functions, *declared.values(), "!0 = !{}"]), layout


WHOLE = """define void @whole(ptr %ctx, i64 %start, i64 %stop) {
  call void @uniform(ptr %ctx)
  call void @lanes(ptr %ctx, i64 %start, i64 %stop)
  ret void
}"""


class _Part:
    """The functions for the uniform or for the varying half of a program."""

    def __init__(
        self, program: Program, layout: Layout, target: Target, varies: bytearray, lanes: bool, declared: dict[str, str]
    ):
        self.program, self.layout, self.target, self.varies, self.lanes = program, layout, target, varies, lanes
        self.declared = declared
        w = target.width
        self.type = f"<{w} x double>" if w > 1 else "double"
        self.bool = f"<{w} x i1>" if w > 1 else "i1"
        self.size = 8 * w
        self.flags = " contract" if target.contract else ""
        self.name = "lanes" if lanes else "uniform"
        mine = [i for i, node in program.operations() if varies[i] == lanes and node.op not in BOOLEAN]
        self.chunks = [mine[k : k + CHUNK] for k in range(0, len(mine), CHUNK)] or [[]]
        self.chunk_of = {i: k for k, chunk in enumerate(self.chunks) for i in chunk}
        self.slot_of = self._slots() if lanes else self._uniform_slots()
        self.stored_outputs = self._outputs()

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
        yield from (place for k in self.layout.rows if (place := self.program.outputs[k]) in self.chunk_of)

    def _outputs(self) -> dict[int, list[tuple[str, int]]]:
        """For every place what is to be done with it: added to a sum, or stored in a row."""
        todo: dict[int, list[tuple[str, int]]] = {}
        layout = self.layout
        mine = {"sum": layout.sums, "row": layout.rows} if self.lanes else {"uniform": layout.constants}
        for kind, outputs in mine.items():
            for k, output in enumerate(outputs):
                todo.setdefault(self.program.outputs[output], []).append((kind, k))
        return todo

    # -- text --------------------------------------------------------------------------------------

    def functions(self) -> Iterator[str]:
        """One function a chunk; for the uniform half also the one that calls them."""
        for k, chunk in enumerate(self.chunks):
            yield "\n".join(Chunk(self, k, chunk).lines())
        if not self.lanes:
            calls = "\n".join(f"  call void @uniform_{k}(ptr %ctx, i64 0, i64 0)" for k in range(len(self.chunks)))
            yield f"define void @uniform(ptr %ctx) {{\n{calls}\n  ret void\n}}"

    def callee(self, op: str, arity: int) -> tuple[str, bool]:
        """The function for an operation, and whether it takes whole vectors."""
        name = self.target.vector.get(op) if self.target.width > 1 else None
        vector = name is not None
        name = name or LIBRARY.get(op, f"python.{op}")
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


def _loop(part: _Part) -> str:
    """The function that goes through the lanes block by block."""
    calls = "\n".join(f"  call void @lanes_{k}(ptr %ctx, i64 %lane, i64 %live)" for k in range(len(part.chunks)))
    return f"""define void @lanes(ptr %ctx, i64 %start, i64 %stop) {{
entry:
  %any = icmp slt i64 %start, %stop
  br i1 %any, label %block, label %done
block:
  %lane = phi i64 [ %start, %entry ], [ %next, %block ]
  %live = sub i64 %stop, %lane
{calls}
  %next = add i64 %lane, {part.target.width}
  %more = icmp slt i64 %next, %stop
  br i1 %more, label %block, label %done
done:
  call void @totals(ptr %ctx)
  ret void
}}"""


def _totals(part: _Part) -> str:
    """The function that adds up the lanes of every sum, from the first lane to the last, and clears it."""
    layout, kind, w = part.layout, part.type, part.target.width
    if w > 1:
        part.declared["reduce"] = f"declare double @llvm.vector.reduce.fadd.v{w}f64(double, {kind})"
        total = f"call double @llvm.vector.reduce.fadd.v{w}f64(double -0.0, {kind} %sum)"
    else:
        total = "fadd double -0.0, %sum"
    return f"""define internal void @totals(ptr %ctx) noinline {{
entry:
  %sums.at = getelementptr ptr, ptr %ctx, i64 {layout.SUMS}
  %sums = load ptr, ptr %sums.at
  %totals.at = getelementptr ptr, ptr %ctx, i64 {layout.TOTALS}
  %totals = load ptr, ptr %totals.at
  %any = icmp slt i64 0, {len(layout.sums)}
  br i1 %any, label %next, label %done
next:
  %k = phi i64 [ 0, %entry ], [ %k1, %next ]
  %from = getelementptr {kind}, ptr %sums, i64 %k
  %sum = load {kind}, ptr %from
  store {kind} {"zeroinitializer" if w > 1 else "0.0"}, ptr %from
  %total = {total}
  %to = getelementptr double, ptr %totals, i64 %k
  store double %total, ptr %to
  %k1 = add i64 %k, 1
  %more = icmp slt i64 %k1, {len(layout.sums)}
  br i1 %more, label %next, label %done
done:
  ret void
}}"""
