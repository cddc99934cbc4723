"""Python functions that machine code calls, for the operations that no library has: a user's primitives among them.

The code calls them as a C extension does, through Python's C interface: after an error it calls no other, and the error is
raised when the code ends. A callback by ctypes would print an interrupt that comes before the function's first line and go
on with a wrong number; and it takes three times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from autograd.compiler.codegen.dots import DOTS
from autograd.program.instructions import Instructions, is_list
from autograd.program.lowering import LIBRARY, MACHINE, callback
from autograd.program.operations import OPERATIONS

PYTHON = ("PyErr_Occurred", "PyFloat_AsDouble", "PyObject_CallFunction", "Py_DecRef")


class Callback(NamedTuple):
    """An operation's function on floats."""

    op: str
    arity: int
    function: Callable[..., float]


def callbacks(program: Instructions) -> list[Callback]:
    """The operations of a lowered program that neither the machine nor a library has; dot products are loops of ours."""
    rules = {name: rule for code in program.codes() for name, rule in code.rules.items()}
    used = {
        (node.op, len(node.args)) for code in program.codes() for _, node in code.operations() if not is_list(code, node.op)
    }
    return [
        Callback(op, arity, rules[op].value if op in rules else OPERATIONS[op])
        for op, arity in sorted(used)
        if op not in MACHINE and op not in LIBRARY and op not in DOTS
    ]


def text_of(each: Callback) -> str:
    """LLVM text of the function that calls it: nan after an error."""
    parameters = ", ".join(f"double %{k}" for k in range(each.arity))
    return f"""@numbers = private constant [{each.arity + 1} x i8] c"{"d" * each.arity}\\00"
declare ptr @PyErr_Occurred()
declare ptr @PyObject_CallFunction(ptr, ptr, ...)
declare double @PyFloat_AsDouble(ptr)
declare void @Py_DecRef(ptr)
define double @"{callback(each.op, each.arity)}"({parameters}) nounwind {{
entry:
  %error = call ptr @PyErr_Occurred()
  %fine = icmp eq ptr %error, null
  br i1 %fine, label %call, label %failed
call:
  %function = inttoptr i64 {id(each.function)} to ptr
  %result = call ptr (ptr, ptr, ...) @PyObject_CallFunction(ptr %function, ptr @numbers, {parameters})
  %returned = icmp ne ptr %result, null
  br i1 %returned, label %read, label %failed
read:
  %number = call double @PyFloat_AsDouble(ptr %result)
  call void @Py_DecRef(ptr %result)
  ret double %number
failed:
  ret double 0x7FF8000000000000
}}"""
