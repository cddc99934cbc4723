"""The LLVM functions that drive the others: over all vectors of lanes, for the last lanes, and for what is summed."""

from __future__ import annotations

from collections.abc import Iterator

from autograd.compiler.codegen.abi import Layout

RUN = """define void @run{0}(ptr %ctx, i64 %start, i64 %stop) nounwind {{
  call void @uniform(ptr %ctx)
  call void @{1}(ptr %ctx, i64 %start, i64 %stop)
  ret void
}}"""

LANES = """define void @lanes(ptr %ctx, i64 %start, i64 %stop) nounwind {
  %remainder = call i64 @sweep(ptr %ctx, i64 %start, i64 %stop)
  %lanes = sub i64 %stop, %start
  call void @totals(ptr %ctx, i64 %lanes, i64 %remainder)
  ret void
}"""

# Copies rows of ``count`` numbers; in place of those from number ``live`` on it repeats the first.
COPY = """define internal void @copy(
  ptr %from, i64 %from.lane, i64 %from.length, ptr %to, i64 %to.lane, i64 %to.length, i64 %rows, i64 %count, i64 %live
) noinline nounwind {
entry:
  %any = icmp slt i64 0, %rows
  br i1 %any, label %row, label %done
row:
  %r = phi i64 [ 0, %entry ], [ %r1, %end ]
  %from.row = mul i64 %r, %from.length
  %from.first = add i64 %from.row, %from.lane
  %to.row = mul i64 %r, %to.length
  %to.first = add i64 %to.row, %to.lane
  br label %number
number:
  %i = phi i64 [ 0, %row ], [ %i1, %number ]
  %alive = icmp slt i64 %i, %live
  %j = select i1 %alive, i64 %i, i64 0
  %from.index = add i64 %from.first, %j
  %from.at = getelementptr double, ptr %from, i64 %from.index
  %x = load double, ptr %from.at
  %to.index = add i64 %to.first, %i
  %to.at = getelementptr double, ptr %to, i64 %to.index
  store double %x, ptr %to.at
  %i1 = add i64 %i, 1
  %more = icmp slt i64 %i1, %count
  br i1 %more, label %number, label %end
end:
  %r1 = add i64 %r, 1
  %again = icmp slt i64 %r1, %rows
  br i1 %again, label %row, label %done
done:
  ret void
}"""


class Driver:
    """What calls a program's functions for vectors of ``width`` lanes."""

    def __init__(self, layout: Layout, width: int, counts: tuple[int, int], declared: dict[str, str]):
        self.layout, self.width, self.declared = layout, width, declared
        self.type = f"<{width} x double>" if width > 1 else "double"
        self.uniform_functions, self.lane_functions = map(range, counts)

    def functions(self) -> Iterator[str]:
        """``uniform``, ``lanes``, ``run`` and their like for arrays that lie otherwise, and what they call."""
        yield from (COPY, self._uniform(), self._tail(), self._totals(), self._sweep(), LANES, self._staged())
        yield from (RUN.format("", "lanes"), RUN.format("_staged", "staged"))

    def _uniform(self) -> str:
        calls = "\n".join(f"  call void @uniform_{k}(ptr %ctx, i64 0)" for k in self.uniform_functions)
        return f"define void @uniform(ptr %ctx) nounwind {{\n{calls}\n  ret void\n}}"

    def _calls(self, ctx: str, lane: str) -> str:
        return "\n".join(f"  call void @lanes_{k}(ptr {ctx}, i64 {lane})" for k in self.lane_functions)

    def _sweep(self) -> str:
        """All full vectors, then the lanes that don't fill one; gives how many those are."""
        return f"""define internal i64 @sweep(ptr %ctx, i64 %start, i64 %stop) noinline nounwind {{
entry:
  %lanes = sub i64 %stop, %start
  %remainder = urem i64 %lanes, {self.width}
  %end = sub i64 %stop, %remainder
  %any = icmp slt i64 %start, %end
  br i1 %any, label %block, label %last
block:
  %lane = phi i64 [ %start, %entry ], [ %next, %block ]
{self._calls("%ctx", "%lane")}
  %next = add i64 %lane, {self.width}
  %more = icmp slt i64 %next, %end
  br i1 %more, label %block, label %last
last:
  %full = icmp eq i64 %remainder, 0
  br i1 %full, label %done, label %tail
tail:
  call void @tail(ptr %ctx, i64 %end, i64 %remainder)
  br label %done
done:
  ret i64 %remainder
}}"""

    def _staged(self) -> str:
        """The same for arrays that lie otherwise: tiles of lanes, each copied to rows first, and its results from rows."""
        layout = self.layout
        entries = [(layout.LENGTH, "%length", "i64"), (layout.STAGE, "%stage", "ptr"), (layout.ROWS, "%rows", "ptr")]
        entries += [(layout.OUT, "%out", "ptr"), (layout.COUNT, "%count", "i64")]
        head = "\n".join(self._entry("%ctx", entry, name, kind) for entry, name, kind in entries)
        source, target = "ptr %rows, i64 0, i64 %length", "ptr %out, i64 %lane, i64 %count"
        return f"""define void @staged(ptr %ctx, i64 %start, i64 %stop) nounwind {{
entry:
{head}
  br label %tile
tile:
  %lane = phi i64 [ %start, %entry ], [ %next, %tile ]
  %left = sub i64 %stop, %lane
  %short = icmp slt i64 %left, %length
  %live = select i1 %short, i64 %left, i64 %length
  call void %stage(ptr %ctx, i64 %lane, i64 %live)
  %remainder = call i64 @sweep(ptr %ctx, i64 0, i64 %live)
  call void @copy({source}, {target}, i64 {len(layout.rows)}, i64 %live, i64 %live)
  %next = add i64 %lane, %live
  %more = icmp slt i64 %next, %stop
  br i1 %more, label %tile, label %done
done:
  %lanes = sub i64 %stop, %start
  call void @totals(ptr %ctx, i64 %lanes, i64 %remainder)
  ret void
}}"""

    def _entry(self, table: str, entry: int, name: str, kind: str = "ptr") -> str:
        """Load an entry of a table."""
        return f"  {name}.at = getelementptr ptr, ptr {table}, i64 {entry}\n  {name} = load {kind}, ptr {name}.at"

    def _tail(self) -> str:
        """The last lanes in a vector of their own: dead lanes repeat the first of them and are left out of all results."""
        layout, w = self.layout, self.width
        lines = [self._entry("%ctx", layout.TAIL, "%tail"), self._entry("%ctx", layout.LENGTH, "%length", "i64")]
        shared = [layout.UNIFORM_FRAME, *(layout.FIRST + k for k, block in enumerate(layout.blocks) if not block.lanes)]
        for entry in shared:
            lines.append(self._entry("%ctx", entry, f"%e{entry}"))
            lines.append(f"  %to{entry} = getelementptr ptr, ptr %tail, i64 {entry}\n  store ptr %e{entry}, ptr %to{entry}")
        for entry, block in enumerate(layout.blocks, layout.FIRST):
            if block.lanes:
                lines += [self._entry("%ctx", entry, f"%e{entry}"), self._entry("%tail", entry, f"%t{entry}")]
                source, target = f"ptr %e{entry}, i64 %lane, i64 %length", f"ptr %t{entry}, i64 0, i64 {w}"
                lines.append(f"  call void @copy({source}, {target}, i64 {block.size}, i64 {w}, i64 %live)")
        lines += [self._calls("%tail", "0")]
        lines += [self._entry("%ctx", layout.ROWS, "%rows"), self._entry("%tail", layout.ROWS, "%mine")]
        source, target = f"ptr %mine, i64 0, i64 {w}", "ptr %rows, i64 %lane, i64 %length"
        lines.append(f"  call void @copy({source}, {target}, i64 {len(layout.rows)}, i64 %live, i64 %live)")
        text = "\n".join(lines)
        return f"define internal void @tail(ptr %ctx, i64 %lane, i64 %live) noinline nounwind {{\n{text}\n  ret void\n}}"

    def _totals(self) -> str:
        """Every sum over lanes: that of the full vectors and the last lanes, or the lanes' number times a uniform value.

        The sums are set to 0 for the next run.
        """
        layout, kind, w = self.layout, self.type, self.width
        zero, mask, reduced = "0.0", ["  %alive = icmp slt i64 0, %live"], "  %reduced = fadd double -0.0, %sum"
        if w > 1:
            self.declared["reduce"] = f"declare double @llvm.vector.reduce.fadd.v{w}f64(double, {kind})"
            reduced = f"  %reduced = call reassoc double @llvm.vector.reduce.fadd.v{w}f64(double -0.0, {kind} %sum)"
            mask = [
                f"  %live.one = insertelement <{w} x i64> poison, i64 %live, i64 0",
                f"  %live.all = shufflevector <{w} x i64> %live.one, <{w} x i64> poison, <{w} x i32> zeroinitializer",
                f"  %alive = icmp slt <{w} x i64> <{', '.join(f'i64 {k}' for k in range(w))}>, %live.all",
            ]
            zero = "zeroinitializer"
        condition = f"<{w} x i1>" if w > 1 else "i1"
        head = [
            self._entry("%ctx", layout.SUMS, "%sums"),
            self._entry("%ctx", layout.TOTALS, "%totals"),
            self._entry("%ctx", layout.UNIFORM_OUT, "%uniform"),
            self._entry("%ctx", layout.TAIL, "%tail"),
            self._entry("%tail", layout.SUMS, "%last"),
            *mask,
        ]
        lines = "\n".join(head)
        return f"""define internal void @totals(ptr %ctx, i64 %lanes, i64 %live) noinline nounwind {{
entry:
{lines}
  %count = sitofp i64 %lanes to double
  %any = icmp slt i64 0, {len(layout.sums)}
  br i1 %any, label %next, label %done
next:
  %k = phi i64 [ 0, %entry ], [ %k1, %next ]
  %from = getelementptr {kind}, ptr %sums, i64 %k
  %most = load {kind}, ptr %from
  store {kind} {zero}, ptr %from
  %from.last = getelementptr {kind}, ptr %last, i64 %k
  %some = load {kind}, ptr %from.last
  store {kind} {zero}, ptr %from.last
  %living = select {condition} %alive, {kind} %some, {kind} {zero}
  %sum = fadd {kind} %most, %living
{reduced}
  %alike.at = getelementptr double, ptr %uniform, i64 %k
  %alike = load double, ptr %alike.at
  %all = fmul double %count, %alike
  %total = fadd double %reduced, %all
  %to = getelementptr double, ptr %totals, i64 %k
  store double %total, ptr %to
  %k1 = add i64 %k, 1
  %more = icmp slt i64 %k1, {len(layout.sums)}
  br i1 %more, label %next, label %done
done:
  ret void
}}"""
