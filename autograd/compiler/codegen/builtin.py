"""The LLVM function by which Python calls a kernel: it reads the arguments, runs the code and makes the result.

It is a function of Python's C interface, ``builtin(self, args)``; the same for every kernel, and made once in a process.
``self`` is a bytearray with a description of the kernel and of the calls that it is for. Every other call gives ``miss``.
"""

from __future__ import annotations

from collections.abc import Sequence

DESCRIPTION = (
    *("busy", "count", "arguments", "miss", "float", "scalar", "int", "array", "empty"),  # Python's and NumPy's types
    *("code", "context", "lanes", "most", "brief", "length", "rows.at", "row.count", "new.rows"),
    *("outputs", "means", "held", "expected", "steps", "results", "single"),
)
ARGUMENT = ("place", "dtype", "axes", "bytes", "shape", "strides")
STEP = ("what", "begins", "size", "in.shape")
NUMBERS = {"busy", "count", "lanes", "most", "brief", "row.count", "means", "results", "single"}  # all else: addresses
NUMBERS |= {"axes", "bytes", "what", "begins", "size"}

ONE_NUMBER, OF_NUMBERS, OF_ROWS, OF_LANES = range(4)  # what is made: a number, an array; the rows, the number of lanes
ADDRESS = -1  # in place of an array's bytes: not they are copied to its place, but where they are
UNKNOWN = -1  # lanes, before the first array that has them
LANES = -1  # in a shape: as many as there are lanes

HEAD = object.__basicsize__ // 8  # words of an object before its own; the last is its type's address

API = {
    "PyByteArray_AsString": "ptr (ptr)",
    "PyErr_Clear": "void ()",
    "PyErr_Occurred": "ptr ()",
    "PyEval_RestoreThread": "void (ptr)",
    "PyEval_SaveThread": "ptr ()",
    "PyFloat_AsDouble": "double (ptr)",
    "PyFloat_FromDouble": "ptr (double)",
    "PyLong_FromSsize_t": "ptr (i64)",
    "PyObject_CallFunction": "ptr (ptr, ptr, ...)",
    "PyObject_CallOneArg": "ptr (ptr, ptr)",
    "PyTuple_GetItem": "ptr (ptr, i64)",
    "PyTuple_New": "ptr (i64)",
    "PyTuple_SetItem": "i32 (ptr, i64, ptr)",
    "PyTuple_Size": "i64 (ptr)",
    "Py_DecRef": "void (ptr)",
    "Py_IncRef": "void (ptr)",
    "memmove": "ptr (ptr, ptr, i64)",
}


def _load(name: str, base: str, index: int | str, kind: str = "i64") -> str:
    """Text that loads word number ``index`` behind an address."""
    return f"  %{name}.in = getelementptr i64, ptr %{base}, i64 {index}\n  %{name} = load {kind}, ptr %{name}.in"


def _words(base: str, names: Sequence[str]) -> str:
    return "\n".join(_load(name, base, k, "i64" if name in NUMBERS else "ptr") for k, name in enumerate(names))


def builtin() -> str:
    """The text."""
    declarations = [f"declare {kind.replace('(', f'@{name}(', 1)}" for name, kind in API.items()]
    head = '@two = private constant [7 x i8] c"((nn))\\00"\ndefine ptr @builtin(ptr %self, ptr %args) nounwind {'
    return "\n".join([*declarations, head, BEGIN, READ_NUMBER, READ_ARRAY, RUN, MAKE, "}"])


BEGIN = f"""start:
  %words = call ptr @PyByteArray_AsString(ptr %self)
{_words("words", DESCRIPTION)}
  %given = call i64 @PyTuple_Size(ptr %args)
  %fits = icmp eq i64 %given, %count
  %free = icmp eq i64 %busy, 0
  %goes = and i1 %fits, %free
  br i1 %goes, label %begin, label %another
another:
  call void @PyErr_Clear()
  call void @Py_IncRef(ptr %miss)
  ret ptr %miss
begin:
  store i64 1, ptr %words
  br label %next
next:
  %k = phi i64 [ 0, %begin ], [ %k1, %argument ], [ %k1, %check ], [ %k1, %address ], [ %k1, %copy ]
  %n = phi i64 [ %lanes, %begin ], [ %n, %argument ], [ %n, %check ], [ %n.j, %address ], [ %n.j, %copy ]
  %more = icmp slt i64 %k, %count
  br i1 %more, label %read, label %ready
read:
  %x = call ptr @PyTuple_GetItem(ptr %args, i64 %k)
{_load("type", "x", HEAD - 1, "ptr")}
  %k1 = add i64 %k, 1
  %record = getelementptr [{len(ARGUMENT)} x i64], ptr %arguments, i64 %k
{_words("record", ARGUMENT)}
  %a.number = icmp eq ptr %dtype, null
  br i1 %a.number, label %kind, label %object"""

READ_NUMBER = """kind:
  %is.float = icmp eq ptr %type, %float
  %is.scalar = icmp eq ptr %type, %scalar
  %is.int = icmp eq ptr %type, %int
  %is.one = or i1 %is.float, %is.scalar
  %is.any = or i1 %is.one, %is.int
  br i1 %is.any, label %argument, label %missed
argument:
  %number = call double @PyFloat_AsDouble(ptr %x)
  store double %number, ptr %place
  %odd = fcmp oeq double %number, -1.0
  br i1 %odd, label %check, label %next
check:
  %error = call ptr @PyErr_Occurred()
  %none = icmp eq ptr %error, null
  br i1 %none, label %next, label %clear
clear:
  call void @PyErr_Clear()
  br label %missed"""

# An array's fields are read where NumPy's C interface has them, as in every extension that was compiled with NumPy.
READ_ARRAY = f"""object:
  %is.array = icmp eq ptr %type, %array
  br i1 %is.array, label %layout, label %missed
layout:
{_load("data", "x", HEAD, "ptr")}
{_load("nd", "x", HEAD + 1, "i32")}
{_load("dims", "x", HEAD + 2, "ptr")}
{_load("steps.of", "x", HEAD + 3, "ptr")}
{_load("descr", "x", HEAD + 5, "ptr")}
{_load("flags", "x", HEAD + 6, "i32")}
  %dimensions = sext i32 %nd to i64
  %right.axes = icmp eq i64 %dimensions, %axes
  %right.dtype = icmp eq ptr %descr, %dtype
  %right.both = and i1 %right.axes, %right.dtype
  %contiguous = trunc i32 %flags to i1
  %strided = icmp ne ptr %strides, null
  %lies.right = or i1 %contiguous, %strided
  %right = and i1 %right.both, %lies.right
  br i1 %right, label %axis, label %missed
axis:
  %j = phi i64 [ 0, %layout ], [ %j1, %same ]
  %n.j = phi i64 [ %n, %layout ], [ %n.here, %same ]
  %along = icmp slt i64 %j, %axes
  br i1 %along, label %long, label %put
long:
{_load("dim", "dims", "%j")}
{_load("wanted", "shape", "%j")}
  %is.lanes = icmp eq i64 %wanted, {LANES}
  %unknown = icmp eq i64 %n.j, {UNKNOWN}
  %first = and i1 %is.lanes, %unknown
  %n.here = select i1 %first, i64 %dim, i64 %n.j
  %right.dim = select i1 %is.lanes, i64 %n.here, i64 %wanted
  %as.long = icmp eq i64 %dim, %right.dim
  br i1 %as.long, label %apart, label %missed
apart:
  br i1 %strided, label %stride, label %same
stride:
{_load("step.of", "steps.of", "%j")}
{_load("right.step", "strides", "%j")}
  %as.far = icmp eq i64 %step.of, %right.step
  br i1 %as.far, label %same, label %missed
same:
  %j1 = add i64 %j, 1
  br label %axis
put:
  %in.place = icmp eq i64 %bytes, {ADDRESS}
  br i1 %in.place, label %address, label %copy
address:
  store ptr %data, ptr %place
  br label %next
copy:
  call ptr @memmove(ptr %place, ptr %data, i64 %bytes)
  br label %next"""

# The interpreter's lock is released as ctypes does it, but not for what is brief; means are taken four numbers at a time.
RUN = f"""ready:
  %some = icmp sgt i64 %n, 0
  %few = icmp sle i64 %n, %most
  %served = and i1 %some, %few
  br i1 %served, label %memory, label %missed
memory:
  store i64 %n, ptr %length
  %short = icmp sle i64 %n, %brief
  %totals.only = icmp eq i64 %row.count, 0
  br i1 %totals.only, label %lock, label %allocate
allocate:
  %maker = select i1 %short, ptr %empty, ptr %new.rows
  %made = call ptr (ptr, ptr, ...) @PyObject_CallFunction(ptr %maker, ptr @two, i64 %row.count, i64 %n)
  %no.memory = icmp eq ptr %made, null
  br i1 %no.memory, label %end, label %keep
keep:
{_load("made.data", "made", HEAD, "ptr")}
  store ptr %made.data, ptr %rows.at
  br label %lock
lock:
  %rows = phi ptr [ null, %memory ], [ %made, %keep ]
  br i1 %short, label %run, label %release
release:
  %released = call ptr @PyEval_SaveThread()
  br label %run
run:
  %thread = phi ptr [ null, %lock ], [ %released, %release ]
  call void %code(ptr %context, i64 0, i64 %n)
  br i1 %short, label %guards, label %restore
restore:
  call void @PyEval_RestoreThread(ptr %thread)
  br label %guards
guards:
  %holding = load double, ptr %held
  %must.hold = load double, ptr %expected
  %all.hold = fcmp oeq double %holding, %must.hold
  br i1 %all.hold, label %average, label %missed
average:
  %divisor = sitofp i64 %n to double
  %one = insertelement <4 x double> poison, double %divisor, i64 0
  %divisors = shufflevector <4 x double> %one, <4 x double> poison, <4 x i32> zeroinitializer
  br label %means.left
means.left:
  %m = phi i64 [ 0, %average ], [ %m4, %divide ]
  %undivided = icmp slt i64 %m, %means
  br i1 %undivided, label %divide, label %make.all
divide:
  %mean.at = getelementptr double, ptr %outputs, i64 %m
  %totals = load <4 x double>, ptr %mean.at, align 8
  %mean = fdiv <4 x double> %totals, %divisors
  store <4 x double> %mean, ptr %mean.at, align 8
  %m4 = add i64 %m, 4
  br label %means.left"""

MAKE = f"""make.all:
  %all = call ptr @PyTuple_New(i64 %results)
  %no.tuple = icmp eq ptr %all, null
  br i1 %no.tuple, label %end, label %make
make:
  %r = phi i64 [ 0, %make.all ], [ %r1, %put.it ]
  %unmade = icmp slt i64 %r, %results
  br i1 %unmade, label %make.it, label %made.all
make.it:
  %step = getelementptr [{len(STEP)} x i64], ptr %steps, i64 %r
{_words("step", STEP)}
  %from = getelementptr double, ptr %outputs, i64 %begins
  switch i64 %what, label %make.number [
    i64 {OF_NUMBERS}, label %make.array
    i64 {OF_ROWS}, label %give.rows
    i64 {OF_LANES}, label %make.count
  ]
make.number:
  %output = load double, ptr %from
  %new.number = call ptr @PyFloat_FromDouble(double %output)
  br label %new
make.array:
  %new.array = call ptr @PyObject_CallOneArg(ptr %empty, ptr %in.shape)
  %no.array = icmp eq ptr %new.array, null
  br i1 %no.array, label %new, label %fill
fill:
{_load("new.data", "new.array", HEAD, "ptr")}
  call ptr @memmove(ptr %new.data, ptr %from, i64 %size)
  br label %new
give.rows:
  call void @Py_IncRef(ptr %rows)
  br label %new
make.count:
  %new.count = call ptr @PyLong_FromSsize_t(i64 %n)
  br label %new
new:
  %it = phi ptr [ %new.number, %make.number ], [ null, %make.array ], [ %new.array, %fill ], [ %rows, %give.rows ],
    [ %new.count, %make.count ]
  %nothing = icmp eq ptr %it, null
  br i1 %nothing, label %failed, label %put.it
put.it:
  call i32 @PyTuple_SetItem(ptr %all, i64 %r, ptr %it)
  %r1 = add i64 %r, 1
  br label %make
made.all:
  %several = icmp eq i64 %single, 0
  br i1 %several, label %end, label %open
open:
  %only = call ptr @PyTuple_GetItem(ptr %all, i64 0)
  call void @Py_IncRef(ptr %only)
  br label %drop
failed:
  br label %drop
drop:
  %made.it = phi ptr [ %only, %open ], [ null, %failed ]
  call void @Py_DecRef(ptr %all)
  br label %end
missed:
  %unused = phi ptr [ null, %kind ], [ null, %clear ], [ null, %object ], [ null, %layout ], [ null, %long ],
    [ null, %stride ], [ null, %ready ], [ %rows, %guards ]
  call void @Py_IncRef(ptr %miss)
  br label %end
end:
  %result = phi ptr [ null, %allocate ], [ null, %make.all ], [ %all, %made.all ], [ %made.it, %drop ], [ %miss, %missed ]
  %used = phi ptr [ null, %allocate ], [ %rows, %make.all ], [ %rows, %made.all ], [ %rows, %drop ], [ %unused, %missed ]
  call void @Py_DecRef(ptr %used)
  store i64 0, ptr %words
  ret ptr %result"""
