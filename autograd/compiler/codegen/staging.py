"""The LLVM function that copies lanes of arrays that lie in any way, and of any type, to rows of doubles.

It is the same for every program. What it copies stands in ``sources``: their number, then for each its entry in the
table, where its address stands, the bytes from lane to lane, where the offsets of its rows stand, how many those are, the
function for its type and its first row in the block.
"""

from __future__ import annotations

from autograd.compiler.codegen.abi import Layout

FIELDS = 7  # of a source
ENTRY, ADDRESS, STRIDE, OFFSETS, ROWS, LOADER, FIRST_ROW = range(FIELDS)

# NumPy's name of a type, LLVM's, and the conversion.
TYPES = {
    "float64": ("double", ""),
    "float32": ("float", "fpext"),
    **{f"int{bits}": (f"i{bits}", "sitofp") for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (f"i{bits}", "uitofp") for bits in (8, 16, 32, 64)},
}
TRANSPOSED = ("float64", "float32", "int64", "int32")  # where a lane's numbers are side by side: a third of the time
SQUARES = (8, 4, 2)  # rows
AT_ONCE = 8  # lanes
LATER = 8  # rows ahead that are fetched of many
AHEAD = 12_288  # bytes to prefetch: with none, or with the hardware's own, five times as slow from memory


def staging(name: str) -> str:
    """The text for numbers of one type: ``stage(ctx, lane, count)``, ``load`` and ``transpose8``, ``4`` and ``2``."""
    transposers = [_transposer(*TYPES[name], rows) for rows in SQUARES if name in TRANSPOSED]
    return "\n".join([STAGE, "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)", _loader(*TYPES[name]), *transposers])


STAGE = f"""define void @stage(ptr %ctx, i64 %lane, i64 %count) nounwind {{
entry:
  %sources.at = getelementptr ptr, ptr %ctx, i64 {Layout.SOURCES}
  %sources = load ptr, ptr %sources.at
  %length.at = getelementptr i64, ptr %ctx, i64 {Layout.LENGTH}
  %length = load i64, ptr %length.at
  %n = load i64, ptr %sources
  %any = icmp slt i64 0, %n
  br i1 %any, label %source, label %done
source:
  %k = phi i64 [ 0, %entry ], [ %k1, %source ]
  %place = mul i64 %k, {FIELDS}
  %first = getelementptr i64, ptr %sources, i64 1
  %this = getelementptr i64, ptr %first, i64 %place
  %entry.number = load i64, ptr %this
  %word.at = getelementptr i64, ptr %this, i64 {ADDRESS}
  %word = load ptr, ptr %word.at
  %address = load ptr, ptr %word
  %stride.at = getelementptr i64, ptr %this, i64 {STRIDE}
  %stride = load i64, ptr %stride.at
  %offsets.at = getelementptr i64, ptr %this, i64 {OFFSETS}
  %offsets = load ptr, ptr %offsets.at
  %rows.at = getelementptr i64, ptr %this, i64 {ROWS}
  %rows = load i64, ptr %rows.at
  %loader.at = getelementptr i64, ptr %this, i64 {LOADER}
  %loader = load ptr, ptr %loader.at
  %first.row.at = getelementptr i64, ptr %this, i64 {FIRST_ROW}
  %first.row = load i64, ptr %first.row.at
  %to.at = getelementptr ptr, ptr %ctx, i64 %entry.number
  %to.block = load ptr, ptr %to.at
  %to.skipped = mul i64 %first.row, %length
  %to = getelementptr double, ptr %to.block, i64 %to.skipped
  %skipped = mul i64 %lane, %stride
  %from = getelementptr i8, ptr %address, i64 %skipped
  call void %loader(ptr %from, i64 %stride, ptr %offsets, i64 %rows, ptr %to, i64 %length, i64 %count)
  %k1 = add i64 %k, 1
  %more = icmp slt i64 %k1, %n
  br i1 %more, label %source, label %done
done:
  ret void
}}"""

# Rows of ``count`` lanes, each ``length`` numbers after the last; ``offsets`` says where each begins in the first lane.
LOAD = """define void @load(
  ptr %from, i64 %stride, ptr %offsets, i64 %rows, ptr %to, i64 %length, i64 %count
) nounwind {{
entry:
{multiples}
  %step = mul i64 %stride, {w}
  %remainder = urem i64 %count, {w}
  %end = sub i64 %count, %remainder
  %close = icmp eq i64 %stride, {size}
  %any = icmp slt i64 0, %rows
  br i1 %any, label %row, label %done
row:
  %r = phi i64 [ 0, %entry ], [ %r1, %next ]
  %offset.at = getelementptr i64, ptr %offsets, i64 %r
  %offset = load i64, ptr %offset.at
  %first = getelementptr i8, ptr %from, i64 %offset
  %r.later = add i64 %r, {later}
  %few = icmp sle i64 %rows, %r.later
  %r.next = select i1 %few, i64 %r, i64 %r.later
  %later.at = getelementptr i64, ptr %offsets, i64 %r.next
  %later.offset = load i64, ptr %later.at
  %later = getelementptr i8, ptr %from, i64 %later.offset
  %near = getelementptr i8, ptr %first, i64 {near}
  %soon = select i1 %few, ptr %near, ptr %later
  %to.row = mul i64 %r, %length
  %to.first = getelementptr double, ptr %to, i64 %to.row
  %full = icmp slt i64 0, %end
  br i1 %full, label %which, label %rest
which:
  br i1 %close, label %vector, label %gather
vector:
  %i.v = phi i64 [ 0, %which ], [ %i1.v, %vector ]
  %at.v = getelementptr {kind}, ptr %first, i64 %i.v
  %ahead.v = getelementptr {kind}, ptr %soon, i64 %i.v
  call void @llvm.prefetch.p0(ptr %ahead.v, i32 0, i32 2, i32 1)
  %these = load <{w} x {kind}>, ptr %at.v, align 1
{converted}
  %to.v = getelementptr double, ptr %to.first, i64 %i.v
  store <{w} x double> {vector}, ptr %to.v, align 8
  %i1.v = add i64 %i.v, {w}
  %more.v = icmp slt i64 %i1.v, %end
  br i1 %more.v, label %vector, label %rest
gather:
  %i.g = phi i64 [ 0, %which ], [ %i1.g, %gather ]
  %at.g = phi ptr [ %first, %which ], [ %at1.g, %gather ]
{gathered}
  %to.g = getelementptr double, ptr %to.first, i64 %i.g
  store <{w} x double> %gathered, ptr %to.g, align 8
  %at1.g = getelementptr i8, ptr %at.g, i64 %step
  %i1.g = add i64 %i.g, {w}
  %more.g = icmp slt i64 %i1.g, %end
  br i1 %more.g, label %gather, label %rest
rest:
  %over = icmp slt i64 %end, %count
  br i1 %over, label %lane, label %next
lane:
  %i = phi i64 [ %end, %rest ], [ %i1, %lane ]
  %skipped = mul i64 %i, %stride
  %at = getelementptr i8, ptr %first, i64 %skipped
  %one = load {kind}, ptr %at, align 1
{single}
  %to.at = getelementptr double, ptr %to.first, i64 %i
  store double {number}, ptr %to.at
  %i1 = add i64 %i, 1
  %more = icmp slt i64 %i1, %count
  br i1 %more, label %lane, label %next
next:
  %r1 = add i64 %r, 1
  %again = icmp slt i64 %r1, %rows
  br i1 %again, label %row, label %done
done:
  ret void
}}"""

# The same where a lane's numbers are side by side: {rows} of them at a time.
TRANSPOSE = """define void @transpose{rows}(
  ptr %from, i64 %stride, ptr %offsets, i64 %rows, ptr %to, i64 %length, i64 %count
) nounwind {{
entry:
{multiples}
  %offset = load i64, ptr %offsets
  %first = getelementptr i8, ptr %from, i64 %offset
  %remainder = urem i64 %count, {w}
  %end = sub i64 %count, %remainder
  %full = icmp slt i64 0, %end
  br i1 %full, label %lanes, label %rest
lanes:
  %i = phi i64 [ 0, %entry ], [ %i1, %after ]
  %skipped = mul i64 %i, %stride
  %here = getelementptr i8, ptr %first, i64 %skipped
  br label %block
block:
  %r = phi i64 [ 0, %lanes ], [ %r1, %block ]
  %corner = getelementptr {kind}, ptr %here, i64 %r
{text}
  %r1 = add i64 %r, {rows}
  %again = icmp slt i64 %r1, %rows
  br i1 %again, label %block, label %after
after:
  %i1 = add i64 %i, {w}
  %more = icmp slt i64 %i1, %end
  br i1 %more, label %lanes, label %rest
rest:
  %over = icmp slt i64 %end, %count
  br i1 %over, label %few, label %done
few:
  %few.skipped = mul i64 %end, %stride
  %few.from = getelementptr i8, ptr %from, i64 %few.skipped
  %few.to = getelementptr double, ptr %to, i64 %end
  call void @load(
    ptr %few.from, i64 %stride, ptr %offsets, i64 %rows, ptr %few.to, i64 %length, i64 %remainder
  )
  br label %done
done:
  ret void
}}"""


def _loader(kind: str, conversion: str) -> str:
    """For one type. ``AT_ONCE`` lanes together, loaded as a vector where they are side by side, and the rest one by one."""
    w, size = AT_ONCE, int(kind[1:]) // 8 if kind[0] == "i" else {"double": 8, "float": 4}[kind]
    return LOAD.format(
        kind=kind,
        w=w,
        size=size,
        near=AHEAD // 4,
        later=LATER,
        multiples=_multiples(),
        gathered=_gathered(kind, conversion),
        converted=f"  %xs = {conversion} <{w} x {kind}> %these to <{w} x double>" if conversion else "",
        vector="%xs" if conversion else "%these",
        single=f"  %x = {conversion} {kind} %one to double" if conversion else "",
        number="%x" if conversion else "%one",
    )


def _multiples() -> str:
    """The distances of eight lanes."""
    return "\n".join(f"  %s{k} = mul i64 %stride, {k}" for k in range(AT_ONCE))


def _gathered(kind: str, conversion: str) -> str:
    """Single numbers put together to a vector."""
    lines, result = [], "poison"
    for k in range(AT_ONCE):
        lines += [f"  %g{k}.at = getelementptr i8, ptr %at.g, i64 %s{k}", f"  %g{k} = load {kind}, ptr %g{k}.at, align 1"]
        lines += [f"  %g{k}.ahead = getelementptr i8, ptr %g{k}.at, i64 {AHEAD}"]
        lines += [f"  call void @llvm.prefetch.p0(ptr %g{k}.ahead, i32 0, i32 2, i32 1)"]
        name = f"%v{k}" if k < AT_ONCE - 1 or conversion else "%gathered"
        lines.append(f"  {name} = insertelement <{AT_ONCE} x {kind}> {result}, {kind} %g{k}, i64 {k}")
        result = name
    if conversion:
        lines.append(f"  %gathered = {conversion} <{AT_ONCE} x {kind}> {result} to <{AT_ONCE} x double>")
    return "\n".join(lines)


def _transposer(kind: str, conversion: str, rows: int) -> str:
    """The same for rows whose numbers are side by side in each lane: so many of them at a time, of eight lanes."""
    loads, vectors = _loaded(kind, conversion, rows)
    shuffles, vectors = _transposed(vectors)
    stores = [line for k in range(rows) for line in _stored(k, vectors[k])]
    text = "\n".join([*loads, *shuffles, *stores])
    return TRANSPOSE.format(kind=kind, w=AT_ONCE, rows=rows, multiples=_multiples(), text=text)


def _stored(k: int, vector: str) -> list[str]:
    """Eight lanes of the k-th row."""
    return [
        f"  %row{k} = add i64 %r, {k}",
        f"  %to{k}.row = mul i64 %row{k}, %length",
        f"  %to{k}.place = add i64 %to{k}.row, %i",
        f"  %to{k}.at = getelementptr double, ptr %to, i64 %to{k}.place",
        f"  store <{AT_ONCE} x double> {vector}, ptr %to{k}.at, align 8",
    ]


def _loaded(kind: str, conversion: str, rows: int) -> tuple[list[str], dict[int, str]]:
    """What stands side by side in each of eight lanes, and vectors filled with that of lanes two or four apart."""
    lines, w = [], AT_ONCE
    for k in range(w):
        lines += [f"  %l{k}.at = getelementptr i8, ptr %corner, i64 %s{k}"]
        for end, distance in enumerate((AHEAD, AHEAD + 56)[: 1 + rows // 8]):
            lines += [f"  %ahead{k}.{end} = getelementptr i8, ptr %l{k}.at, i64 {distance}"]
            lines += [f"  call void @llvm.prefetch.p0(ptr %ahead{k}.{end}, i32 0, i32 2, i32 1)"]
        raw = f"%c{k}" if conversion else f"%l{k}"
        lines += [f"  {raw} = load <{rows} x {kind}>, ptr %l{k}.at, align 1"]
        if conversion:
            lines.append(f"  %l{k} = {conversion} <{rows} x {kind}> {raw} to <{rows} x double>")
    vectors, size = {k: f"%l{k}" for k in range(w)}, rows
    while size < w:
        places = ", ".join(f"i32 {j}" for j in range(2 * size))
        for k in [k for k in vectors if not k & size]:
            operands = f"<{size} x double> {vectors[k]}, <{size} x double> {vectors.pop(k + size)}"
            vectors[k] = f"%j{2 * size}.{k}"
            lines.append(f"  {vectors[k]} = shufflevector {operands}, <{2 * size} x i32> <{places}>")
        size *= 2
    return lines, vectors


def _transposed(vectors: dict[int, str]) -> tuple[list[str], dict[int, str]]:
    """A vector for each row: halves, then quarters, then eighths change places between two."""
    lines: list[str] = []
    w, half = AT_ONCE, len(vectors) // 2
    while half:
        new = {}
        for k in vectors:
            sources = [j | half if k & half else j & ~half for j in range(w)]
            chosen = ", ".join(f"i32 {j + w if i & half else j}" for i, j in enumerate(sources))
            operands = f"<{w} x double> {vectors[k & ~half]}, <{w} x double> {vectors[k | half]}"
            new[k] = f"%a{half}.{k}"
            lines.append(f"  {new[k]} = shufflevector {operands}, <{w} x i32> <{chosen}>")
        vectors, half = new, half // 2
    return lines, vectors
