"""The LLVM function that takes many steps of gradient descent in one call: ``descend(table, steps)``.

A step is: the gradient's kernel on the lanes of a batch; its totals, divided by the batch's divisor; the kernels of the
update rules; and then every address that changes from step to step is moved on. It ends before the first step that makes a
number that isn't finite, and gives how many steps were taken. It is the same for every program.

``table`` has the fields below. ``TOTALS`` are a batch's loss, a number of hits and the gradient, ``COUNT`` numbers; ``NEXT``
is the state that the rules write, ``SIZE`` numbers. Of more than ``PART`` lanes so many at a time are computed, as calls do
it: by ``UNIFORM`` and ``PARTLY``, the halves of ``GRADIENT``, with totals in ``MORE`` that are added then.

A call, of which there are ``CALLS``, is a kernel's function, its table, its first lane and the lane after its last. A move,
of which there are ``MOVES``, is where an address stands, the bytes that are added to it for each lane of the batch and for
the step, and the factor that those for the step are multiplied by then: −1 for what goes back and forth.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.compiler.codegen.abi import Layout

GRADIENT, CONTEXT, TOTALS, COUNT, LANES, DIVISORS, LOSSES, HITS = range(8)
CALLS, CALL, MOVES, MOVE, NEXT, SIZE, UNIFORM, PARTLY, PART, MORE = range(8, 18)
FIELDS = 18
OF_A_CALL = OF_A_MOVE = 4

AT_ONCE = 8  # numbers
VECTOR = f"<{AT_ONCE} x double>"


def descent() -> str:
    """The text of ``descend``."""
    return "\n".join([_add(), PARTS, _divide(), _finite(), EACH_CALL, EACH_MOVE, _descend()])


def _field(field: int, name: str, kind: str = "i64") -> str:
    """Text that loads a field of the table."""
    return f"  {name}.at = getelementptr i64, ptr %table, i64 {field}\n  {name} = load {kind}, ptr {name}.at"


def _of_step(array: str, name: str, kind: str) -> str:
    """Text for the place of the step's number in an array."""
    return f"  {name}.at = getelementptr {kind}, ptr {array}, i64 %k"


def _descend() -> str:
    addresses = {GRADIENT: "%gradient", CONTEXT: "%context", LANES: "%lanes", DIVISORS: "%divisors"}
    addresses |= {LOSSES: "%losses", HITS: "%hits"}
    head = [_field(field, name, "ptr") for field, name in addresses.items()]
    head += [_field(COUNT, "%count"), _field(SIZE, "%size"), _field(PART, "%part")]
    lines = "\n".join(head)
    return f"""define i64 @descend(ptr %table, i64 %steps) nounwind {{
entry:
{lines}
  br label %step
step:
  %k = phi i64 [ 0, %entry ], [ %k1, %taken ]
  %more = icmp slt i64 %k, %steps
  br i1 %more, label %batch, label %done
batch:
{_of_step("%lanes", "%n", "i64")}
  %n = load i64, ptr %n.at
  %whole = icmp sle i64 %n, %part
  br i1 %whole, label %at.once, label %in.parts
at.once:
  call void %gradient(ptr %context, i64 0, i64 %n)
  br label %found
in.parts:
  call void @parts(ptr %table, i64 %n)
  br label %found
found:
{_field(TOTALS, "%totals", "ptr")}
  %right.at = getelementptr double, ptr %totals, i64 1
  %right = load double, ptr %right.at
  %all = sitofp i64 %n to double
  %share = fdiv double %right, %all
{_of_step("%hits", "%hit", "double")}
  store double %share, ptr %hit.at
{_of_step("%divisors", "%divisor", "double")}
  %divisor = load double, ptr %divisor.at
  call void @divide(ptr %totals, i64 %count, double %divisor)
  %loss = load double, ptr %totals
{_of_step("%losses", "%loss", "double")}
  store double %loss, ptr %loss.at
  %sound = call i1 @finite(ptr %totals, i64 %count)
  br i1 %sound, label %update, label %done
update:
  call void @calls(ptr %table)
{_field(NEXT, "%next", "ptr")}
  %moved = call i1 @finite(ptr %next, i64 %size)
  br i1 %moved, label %taken, label %done
taken:
  call void @moves(ptr %table, i64 %n)
  %k1 = add i64 %k, 1
  br label %step
done:
  ret i64 %k
}}"""


# The totals of parts are added in their order, as calls add them.
PARTS = f"""define internal void @parts(ptr %table, i64 %n) noinline nounwind {{
entry:
{_field(CONTEXT, "%context", "ptr")}
{_field(UNIFORM, "%uniform", "ptr")}
{_field(PARTLY, "%partly", "ptr")}
{_field(PART, "%part")}
{_field(TOTALS, "%totals", "ptr")}
{_field(MORE, "%more", "ptr")}
{_field(COUNT, "%count")}
  call void %uniform(ptr %context)
  call void %partly(ptr %context, i64 0, i64 %part)
  %to = getelementptr ptr, ptr %context, i64 {Layout.TOTALS}
  store ptr %more, ptr %to
  br label %next
next:
  %start = phi i64 [ %part, %entry ], [ %stop, %next ]
  %end = add i64 %start, %part
  %last = icmp sge i64 %end, %n
  %stop = select i1 %last, i64 %n, i64 %end
  call void %partly(ptr %context, i64 %start, i64 %stop)
  call void @add(ptr %totals, ptr %more, i64 %count)
  br i1 %last, label %done, label %next
done:
  store ptr %totals, ptr %to
  ret void
}}"""


def _each(function: str, parameters: str, records: tuple[int, int, int], words: Sequence[tuple[str, str]], body: str) -> str:
    """A function that goes through records of some words: where their number and their address are, how long each is."""
    count, address, length = records
    names = [name for name, _ in words]
    places = [f"  %{name}.at = getelementptr i64, ptr %{names[0]}.at, i64 {k}" for k, name in enumerate(names) if k]
    loads = [f"  %{name} = load {kind}, ptr %{name}.at" for name, kind in words]
    return f"""define internal void @{function}({parameters}) noinline nounwind {{
entry:
{_field(count, "%count")}
{_field(address, "%first", "ptr")}
  br label %next
next:
  %i = phi i64 [ 0, %entry ], [ %i1, %each ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %each, label %done
each:
  %place = mul i64 %i, {length}
  %{names[0]}.at = getelementptr i64, ptr %first, i64 %place
{chr(10).join([*places, *loads])}
{body}
  %i1 = add i64 %i, 1
  br label %next
done:
  ret void
}}"""


EACH_CALL = _each(
    "calls",
    "ptr %table",
    (CALLS, CALL, OF_A_CALL),
    [("function", "ptr"), ("context", "ptr"), ("start", "i64"), ("stop", "i64")],
    "  call void %function(ptr %context, i64 %start, i64 %stop)",
)

EACH_MOVE = _each(
    "moves",
    "ptr %table, i64 %n",
    (MOVES, MOVE, OF_A_MOVE),
    [("word", "ptr"), ("lane", "i64"), ("step", "i64"), ("factor", "i64")],
    """  %before = load i64, ptr %word
  %of.lanes = mul i64 %lane, %n
  %further = add i64 %of.lanes, %step
  %after = add i64 %before, %further
  store i64 %after, ptr %word
  %turned = mul i64 %step, %factor
  store i64 %turned, ptr %step.at""",
)


def _add() -> str:
    """Numbers plus others, in place."""
    return f"""define internal void @add(ptr %numbers, ptr %others, i64 %count) noinline nounwind {{
entry:
{_loops()}
vector:
  %ys.at = getelementptr double, ptr %others, i64 %i
  %xs = load {VECTOR}, ptr %xs.at, align 8
  %ys = load {VECTOR}, ptr %ys.at, align 8
  %sums = fadd {VECTOR} %xs, %ys
  store {VECTOR} %sums, ptr %xs.at, align 8
  br label %vectors.next
number:
  %y.at = getelementptr double, ptr %others, i64 %j
  %x = load double, ptr %x.at
  %y = load double, ptr %y.at
  %sum = fadd double %x, %y
  store double %sum, ptr %x.at
  br label %numbers.next
done:
  ret void
}}"""


def _divide() -> str:
    """Numbers by a divisor, in place: as NumPy divides an array."""
    return f"""define internal void @divide(ptr %numbers, i64 %count, double %divisor) noinline nounwind {{
entry:
  %one = insertelement {VECTOR} poison, double %divisor, i64 0
  %divisors = shufflevector {VECTOR} %one, {VECTOR} poison, <{AT_ONCE} x i32> zeroinitializer
{_loops()}
vector:
  %xs = load {VECTOR}, ptr %xs.at, align 8
  %quotients = fdiv {VECTOR} %xs, %divisors
  store {VECTOR} %quotients, ptr %xs.at, align 8
  br label %vectors.next
number:
  %x = load double, ptr %x.at
  %quotient = fdiv double %x, %divisor
  store double %quotient, ptr %x.at
  br label %numbers.next
done:
  ret void
}}"""


def _finite() -> str:
    """Whether numbers are: x − x is 0 then, else nan, and a sum with nan in it is nan."""
    many = f"  %many = phi {VECTOR} [ zeroinitializer, %entry ], [ %sums, %vectors.next ]\n"
    few = "  %few = phi double [ 0.0, %numbers.first ], [ %sum, %numbers.next ]\n"
    return f"""declare double @llvm.vector.reduce.fadd.v{AT_ONCE}f64(double, {VECTOR})
define internal i1 @finite(ptr %numbers, i64 %count) noinline nounwind {{
entry:
{_loops(many, few)}
vector:
  %xs = load {VECTOR}, ptr %xs.at, align 8
  %differences = fsub {VECTOR} %xs, %xs
  %sums = fadd {VECTOR} %many, %differences
  br label %vectors.next
number:
  %x = load double, ptr %x.at
  %difference = fsub double %x, %x
  %sum = fadd double %few, %difference
  br label %numbers.next
done:
  %total = call double @llvm.vector.reduce.fadd.v{AT_ONCE}f64(double %few, {VECTOR} %many)
  %sound = fcmp oeq double %total, 0.0
  ret i1 %sound
}}"""


def _loops(many: str = "", few: str = "") -> str:
    """Text that goes along numbers, ``AT_ONCE`` and then one by one; ``many`` and ``few`` are values it carries along."""
    return f"""  %rest = urem i64 %count, {AT_ONCE}
  %end = sub i64 %count, %rest
  br label %vectors
vectors:
  %i = phi i64 [ 0, %entry ], [ %i1, %vectors.next ]
{many}  %xs.at = getelementptr double, ptr %numbers, i64 %i
  %more.vectors = icmp slt i64 %i, %end
  br i1 %more.vectors, label %vector, label %numbers.first
vectors.next:
  %i1 = add i64 %i, {AT_ONCE}
  br label %vectors
numbers.first:
  br label %next
next:
  %j = phi i64 [ %end, %numbers.first ], [ %j1, %numbers.next ]
{few}  %x.at = getelementptr double, ptr %numbers, i64 %j
  %more.numbers = icmp slt i64 %j, %count
  br i1 %more.numbers, label %number, label %done
numbers.next:
  %j1 = add i64 %j, 1
  br label %next"""
