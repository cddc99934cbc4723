"""The LLVM functions that drive a program's: over all vectors of lanes, for the last lanes, and for what is summed.

Two are the program's own, ``uniform`` and ``sweep``, of the file ``sweep``. All others are the same for every program and
are made once in a process: they find the program's in ``ctx``, under ``CODE``, and how much to copy and to sum, see
``description_of``. Made with each program they took three quarters of the time that a short one needs.

Those that sum are a text of their own, which LLVM optimises: else a call of the moons net with 100 points takes a fortieth
longer. The others run as fast without, and are made in 5 ms in place of 17.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.compiler.codegen.abi import Layout, Target

# What stands under ``CODE``.
UNIFORM, SWEEP, BEGIN, TOTALS, ROWS, SUMS, VECTORS, PLACES, WIDTH, MASKS, BLOCKS, FIRST_BLOCK = range(12)
SHARED = -1  # in the place of the number of rows of a block


class Functions(NamedTuple):
    """Addresses of what the driver calls: a program's own functions, and those that sum, 0 where there are no sums."""

    uniform: int
    sweep: int
    begin: int
    totals: int


def description_of(layout: Layout, target: Target, functions: Functions, places: int) -> list[int]:
    """What the driver has to know of a program.

    The functions' addresses, how many rows, sums and vectors of partial sums it has, the address of a list that says which
    sum each vector is of, lanes of a value, whether it masks lanes that don't count, and the rows of each block.
    """
    blocks = [block.size if block.lanes else SHARED for block in layout.blocks]
    masks = int(target.registers > 1)
    sums = [len(layout.rows), len(layout.sums), len(layout.vectors), places]
    return [*functions, *sums, target.width, masks, len(blocks), *blocks]


def driver() -> str:
    """The text of ``run``, ``lanes``, and both for arrays that lie otherwise."""
    summing = [
        SUMMING.format(name=name, entry=_entry("%code", k, "%f")) for name, k in (("begin", BEGIN), ("totals", TOTALS))
    ]
    functions = (COPY, TAIL, *summing, ALL, LANES, _staged(), RUN.format("", "lanes"))
    return "\n".join([*functions, RUN.format("_staged", "staged")])


def summing(width: int) -> str:
    """The text of ``begin`` and ``totals`` for sums of so many lanes."""
    return "\n".join([_begin(width), _totals(width)])


def _entry(table: str, entry: int, name: str, kind: str = "ptr") -> str:
    """Text that loads an entry of a table."""
    return f"  {name}.at = getelementptr ptr, ptr {table}, i64 {entry}\n  {name} = load {kind}, ptr {name}.at"


RUN = f"""define void @run{{0}}(ptr %ctx, i64 %start, i64 %stop) nounwind {{{{
{_entry("%ctx", Layout.CODE, "%code")}
{_entry("%code", UNIFORM, "%uniform")}
  call void %uniform(ptr %ctx)
  call void @{{1}}(ptr %ctx, i64 %start, i64 %stop)
  ret void
}}}}"""

# Calls what begins or ends the sums, if there are any.
SUMMING = f"""define internal void @{{name}}(ptr %ctx, i64 %lanes) noinline nounwind {{{{
entry:
{_entry("%ctx", Layout.CODE, "%code")}
{_entry("%code", SUMS, "%summed", "i64")}
{{entry}}
  %any = icmp slt i64 0, %summed
  br i1 %any, label %sums, label %done
sums:
  call void %f(ptr %ctx, i64 %lanes)
  br label %done
done:
  ret void
}}}}"""

LANES = """define void @lanes(ptr %ctx, i64 %start, i64 %stop) nounwind {
  %lanes = sub i64 %stop, %start
  call void @begin(ptr %ctx, i64 %lanes)
  %remainder = call i64 @all(ptr %ctx, i64 %start, i64 %stop)
  call void @totals(ptr %ctx, i64 %remainder)
  ret void
}"""

EIGHT = ", ".join(f"i64 {k}" for k in range(8))


def _eight(name: str, number: str, kind: str = "i64") -> str:
    """Text that has a number eight times in a vector."""
    return f"""  {name}.one = insertelement <8 x {kind}> poison, {kind} {number}, i64 0
  {name} = shufflevector <8 x {kind}> {name}.one, <8 x {kind}> poison, <8 x i32> zeroinitializer"""


# Copies rows of ``count`` numbers; in place of those from number ``live`` on it repeats the first.
COPY = f"""declare <8 x double> @llvm.masked.load.v8f64.p0(ptr, i32, <8 x i1>, <8 x double>)
declare void @llvm.masked.store.v8f64.p0(<8 x double>, ptr, i32, <8 x i1>)
define internal void @copy(
  ptr %from, i64 %from.lane, i64 %from.length, ptr %to, i64 %to.lane, i64 %to.length, i64 %rows, i64 %count, i64 %live
) noinline nounwind {{
entry:
  %any = icmp slt i64 0, %rows
  br i1 %any, label %row, label %done
row:
  %r = phi i64 [ 0, %entry ], [ %r1, %end ]
  %from.row = mul i64 %r, %from.length
  %from.first = add i64 %from.row, %from.lane
  %from.at = getelementptr double, ptr %from, i64 %from.first
  %to.row = mul i64 %r, %to.length
  %to.first = add i64 %to.row, %to.lane
  %to.at = getelementptr double, ptr %to, i64 %to.first
  br label %full
full:
  %i = phi i64 [ 0, %row ], [ %i1, %vector ]
  %i1 = add i64 %i, 8
  %fits = icmp sle i64 %i1, %live
  br i1 %fits, label %vector, label %rest
vector:
  %from.vector = getelementptr double, ptr %from.at, i64 %i
  %eight = load <8 x double>, ptr %from.vector, align 8
  %to.vector = getelementptr double, ptr %to.at, i64 %i
  store <8 x double> %eight, ptr %to.vector, align 8
  br label %full
rest:
  %j = phi i64 [ %i, %full ], [ %j1, %masked ]
  %more = icmp slt i64 %j, %count
  br i1 %more, label %masked, label %end
masked:
{_eight("%js", "%j")}
  %numbers = add <8 x i64> %js, <{EIGHT}>
{_eight("%lives", "%live")}
  %alive = icmp slt <8 x i64> %numbers, %lives
{_eight("%counts", "%count")}
  %counted = icmp slt <8 x i64> %numbers, %counts
  %first = load double, ptr %from.at
{_eight("%firsts", "%first", "double")}
  %from.some = getelementptr double, ptr %from.at, i64 %j
  %some = call <8 x double> @llvm.masked.load.v8f64.p0(ptr %from.some, i32 8, <8 x i1> %alive, <8 x double> %firsts)
  %to.some = getelementptr double, ptr %to.at, i64 %j
  call void @llvm.masked.store.v8f64.p0(<8 x double> %some, ptr %to.some, i32 8, <8 x i1> %counted)
  %j1 = add i64 %j, 8
  br label %rest
end:
  %r1 = add i64 %r, 1
  %again = icmp slt i64 %r1, %rows
  br i1 %again, label %row, label %done
done:
  ret void
}}"""


# All full values, then the lanes that don't fill one; gives how many those are.
ALL = f"""define internal i64 @all(ptr %ctx, i64 %start, i64 %stop) noinline nounwind {{
entry:
{_entry("%ctx", Layout.CODE, "%code")}
{_entry("%code", SWEEP, "%sweep")}
{_entry("%code", WIDTH, "%width", "i64")}
  %lanes = sub i64 %stop, %start
  %remainder = urem i64 %lanes, %width
  %end = sub i64 %stop, %remainder
  %any = icmp slt i64 %start, %end
  br i1 %any, label %vectors, label %last
vectors:
  call void %sweep(ptr %ctx, i64 %start, i64 %end)
  br label %last
last:
  %full = icmp eq i64 %remainder, 0
  br i1 %full, label %done, label %tail
tail:
  call void @tail(ptr %ctx, i64 %end, i64 %remainder)
  br label %done
done:
  ret i64 %remainder
}}"""


def _staged() -> str:
    """The same for arrays that lie otherwise: tiles of lanes, each copied to rows first, and its results from rows."""
    entries = [(Layout.LENGTH, "%length", "i64"), (Layout.STAGED, "%most", "i64"), (Layout.STAGE, "%stage", "ptr")]
    entries += [(Layout.ROWS, "%rows", "ptr"), (Layout.OUT, "%out", "ptr")]
    entries += [(Layout.COUNT, "%count", "i64"), (Layout.CODE, "%code", "ptr")]
    head = "\n".join(_entry("%ctx", entry, name, kind) for entry, name, kind in entries)
    source, target = "ptr %rows, i64 0, i64 %length", "ptr %out, i64 %lane, i64 %count"
    return f"""define void @staged(ptr %ctx, i64 %start, i64 %stop) nounwind {{
entry:
{head}
{_entry("%code", ROWS, "%results", "i64")}
  %lanes = sub i64 %stop, %start
  call void @begin(ptr %ctx, i64 %lanes)
  br label %tile
tile:
  %lane = phi i64 [ %start, %entry ], [ %next, %tile ]
  %left = sub i64 %stop, %lane
  %short = icmp slt i64 %left, %most
  %live = select i1 %short, i64 %left, i64 %most
  call void %stage(ptr %ctx, i64 %lane, i64 %live)
  %remainder = call i64 @all(ptr %ctx, i64 0, i64 %live)
  call void @copy({source}, {target}, i64 %results, i64 %live, i64 %live)
  %next = add i64 %lane, %live
  %more = icmp slt i64 %next, %stop
  br i1 %more, label %tile, label %done
done:
  call void @totals(ptr %ctx, i64 %remainder)
  ret void
}}"""


# The last lanes in a value of their own: dead lanes repeat the first of them and are left out of all results.
TAIL = f"""define internal void @tail(ptr %ctx, i64 %lane, i64 %live) noinline nounwind {{
entry:
{_entry("%ctx", Layout.TAIL, "%tail")}
{_entry("%ctx", Layout.LENGTH, "%length", "i64")}
{_entry("%ctx", Layout.CODE, "%code")}
{_entry("%code", SWEEP, "%sweep")}
{_entry("%code", WIDTH, "%width", "i64")}
{_entry("%code", ROWS, "%results", "i64")}
{_entry("%code", BLOCKS, "%blocks", "i64")}
{_entry("%ctx", Layout.UNIFORM_FRAME, "%frame")}
  %frame.to = getelementptr ptr, ptr %tail, i64 {Layout.UNIFORM_FRAME}
  store ptr %frame, ptr %frame.to
{_entry("%ctx", Layout.TOTALS, "%totals")}
  %totals.to = getelementptr ptr, ptr %tail, i64 {Layout.TOTALS}
  store ptr %totals, ptr %totals.to
  %live.to = getelementptr ptr, ptr %tail, i64 {Layout.LIVE}
  store i64 %live, ptr %live.to
  br label %next
next:
  %k = phi i64 [ 0, %entry ], [ %k1, %done ]
  %more = icmp slt i64 %k, %blocks
  br i1 %more, label %block, label %compute
block:
  %k1 = add i64 %k, 1
  %entry.number = add i64 %k, {Layout.FIRST}
  %from.at = getelementptr ptr, ptr %ctx, i64 %entry.number
  %from = load ptr, ptr %from.at
  %to.at = getelementptr ptr, ptr %tail, i64 %entry.number
  %size.number = add i64 %k, {FIRST_BLOCK}
  %size.at = getelementptr i64, ptr %code, i64 %size.number
  %size = load i64, ptr %size.at
  %shared = icmp eq i64 %size, {SHARED}
  br i1 %shared, label %share, label %rows.of.lanes
share:
  store ptr %from, ptr %to.at
  br label %done
rows.of.lanes:
  %to = load ptr, ptr %to.at
  call void @copy(ptr %from, i64 %lane, i64 %length, ptr %to, i64 0, i64 %width, i64 %size, i64 %width, i64 %live)
  br label %done
done:
  br label %next
compute:
  call void %sweep(ptr %tail, i64 0, i64 %width)
{_entry("%ctx", Layout.ROWS, "%rows")}
{_entry("%tail", Layout.ROWS, "%mine")}
  call void @copy(ptr %mine, i64 0, i64 %width, ptr %rows, i64 %lane, i64 %length, i64 %results, i64 %live, i64 %live)
  ret void
}}"""


def _begin(width: int) -> str:
    """Every total before the first lane: the lanes' number times a value that is the same in all of them, or 0."""
    kind, count = "double", "  %counts = fadd double -0.0, %count"
    if width > 1:
        kind = f"<{width} x double>"
        count = f"""  %count.one = insertelement {kind} poison, double %count, i64 0
  %counts = shufflevector {kind} %count.one, {kind} poison, <{width} x i32> zeroinitializer"""
    return f"""define void @begin(ptr %ctx, i64 %lanes) nounwind {{
entry:
{_entry("%ctx", Layout.UNIFORM_OUT, "%uniform")}
{_entry("%ctx", Layout.TOTALS, "%totals")}
{_entry("%ctx", Layout.CODE, "%code")}
{_entry("%code", SUMS, "%summed", "i64")}
  %count = sitofp i64 %lanes to double
{count}
  %rest = urem i64 %summed, {width}
  %end = sub i64 %summed, %rest
  br label %vectors
{_product("vector", "number", kind, "%counts", "%end", width)}
{_product("number", "done", "double", "%count", "%summed", 1)}
done:
  ret void
}}"""


def _product(name: str, then: str, kind: str, count: str, end: str, step: int) -> str:
    """A loop over the totals, so many at once; they go on where those before ended."""
    first = "0, %entry" if name == "vector" else "%vector.k, %vectors"
    return f"""{name}s:
  %{name}.k = phi i64 [ {first} ], [ %{name}.next, %{name} ]
  %{name}.more = icmp slt i64 %{name}.k, {end}
  br i1 %{name}.more, label %{name}, label %{then}{"s" if then != "done" else ""}
{name}:
  %{name}.from = getelementptr double, ptr %uniform, i64 %{name}.k
  %{name}.alike = load {kind}, ptr %{name}.from, align 8
  %{name}.all = fmul {kind} {count}, %{name}.alike
  %{name}.to = getelementptr double, ptr %totals, i64 %{name}.k
  store {kind} %{name}.all, ptr %{name}.to, align 8
  %{name}.next = add i64 %{name}.k, {step}
  br label %{name}s"""


def _totals(width: int) -> str:
    """Add the partial sums of the full vectors and of the last lanes to the totals.

    The last lanes' sums have those of dead lanes among them, if the program hasn't masked these itself. Where there were no
    last lanes the first of their sums, which is 0, is taken for all. The sums are set to 0 for the next run.
    """
    w, kind, zero, condition = width, "double", "0.0", "i1"
    declaration, mask = "", ["  %alive = icmp slt i64 0, %counting"]
    reduced = "  %reduced = fadd double -0.0, %sum"
    if w > 1:
        kind, zero, condition = f"<{w} x double>", "zeroinitializer", f"<{w} x i1>"
        declaration = f"declare double @llvm.vector.reduce.fadd.v{w}f64(double, {kind})\n"
        reduced = f"  %reduced = call reassoc double @llvm.vector.reduce.fadd.v{w}f64(double -0.0, {kind} %sum)"
        mask = [
            f"  %live.one = insertelement <{w} x i64> poison, i64 %counting, i64 0",
            f"  %live.all = shufflevector <{w} x i64> %live.one, <{w} x i64> poison, <{w} x i32> zeroinitializer",
            f"  %alive = icmp slt <{w} x i64> <{', '.join(f'i64 {k}' for k in range(w))}>, %live.all",
        ]
    head = [
        _entry("%ctx", Layout.SUMS, "%sums"),
        _entry("%ctx", Layout.TOTALS, "%totals"),
        _entry("%ctx", Layout.TAIL, "%tail"),
        _entry("%tail", Layout.SUMS, "%last"),
        _entry("%ctx", Layout.CODE, "%code"),
        _entry("%code", VECTORS, "%vectors", "i64"),
        _entry("%code", PLACES, "%places"),
        _entry("%code", MASKS, "%masks", "i64"),
        "  %masked = icmp ne i64 %masks, 0",
        f"  %counting = select i1 %masked, i64 {width}, i64 %live",
        *mask,
        "  %any.last = icmp ne i64 %live, 0",
        "  %step.last = zext i1 %any.last to i64",
    ]
    lines = "\n".join(head)
    return f"""{declaration}define void @totals(ptr %ctx, i64 %live) nounwind {{
entry:
{lines}
  %any = icmp slt i64 0, %vectors
  br i1 %any, label %next, label %done
next:
  %k = phi i64 [ 0, %entry ], [ %k1, %next ]
  %place.at = getelementptr i64, ptr %places, i64 %k
  %place = load i64, ptr %place.at
  %from = getelementptr {kind}, ptr %sums, i64 %k
  %most = load {kind}, ptr %from
  store {kind} {zero}, ptr %from
  %k.last = mul i64 %k, %step.last
  %from.last = getelementptr {kind}, ptr %last, i64 %k.last
  %some = load {kind}, ptr %from.last
  store {kind} {zero}, ptr %from.last
  %living = select {condition} %alive, {kind} %some, {kind} {zero}
  %sum = fadd {kind} %most, %living
{reduced}
  %to = getelementptr double, ptr %totals, i64 %place
  %before = load double, ptr %to
  %total = fadd double %reduced, %before
  store double %total, ptr %to
  %k1 = add i64 %k, 1
  %more = icmp slt i64 %k1, %vectors
  br i1 %more, label %next, label %done
done:
  ret void
}}"""
